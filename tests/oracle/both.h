/*
 * One qtest line at a time to QEMU and to ours, and what each side answers compared at once: what is returned is what both said.
 * At the first difference the last operations and both answers are printed, and the program ends with exit code 1.
 */
#ifndef QOSIM_TESTS_ORACLE_BOTH_H
#define QOSIM_TESTS_ORACLE_BOTH_H

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>
#include <qosim/qosim.h>

#include "tests/oracle/ours.h"
#include "cosim/regress/peer.h"

#define BOTH_SAME 0
#define BOTH_DIFFERENT 1
#define BOTH_TROUBLE 2

typedef enum Side { SIDE_QEMU, SIDE_OURS, SIDES } Side;

/* Differences that are planted on our side, to see that they are found. */
typedef enum Plant {
    PLANT_NOTHING,
    PLANT_REGISTER,    /* a bit of a register that is read */
    PLANT_USED_LENGTH, /* one more in the length of a used buffer */
    PLANT_CONTROL,     /* another value in a control message to the driver */
    PLANT_MEMORY,      /* a byte of a buffer that no ring tells of */
    PLANT_INTERRUPT,   /* a line that is not raised */
    PLANT_BYTE,        /* a byte of a chardev is lost */
    PLANT_ERROR,       /* another text of a refusal */
    PLANT_MISTAKE,     /* another name of a guest's mistake */
} Plant;

/* Called after a line whose effects may come later; to return when they have come. */
typedef struct Both Both;
typedef void BothSettle(void *opaque);

struct Both {
    Peer *peers[SIDES];
    Ours *ours;
    qosim_session *session; /* ours, for what qtest has no words for */
    char *directory;        /* sockets and pipes of this session */
    uint64_t seed;
    uint64_t ops;         /* compared in this session */
    uint64_t irq_changes; /* lines compared */
    bool trace;           /* print each operation */
    bool loose;           /* interrupt lines are collected, and compared by both_tighten() */
    GString *irqs[SIDES]; /* collected */
    GString *mistakes;    /* what ours said of the guest\'s mistakes, in lines */
    GQueue last;          /* char *: the last operations, with what both answered */
    Plant plant;          /* what is still to be planted */
    uint64_t plant_after; /* so many operations come before it */
    bool planted;         /* it has been */
    BothSettle *settle;   /* NULL: nothing to settle */
    void *settle_opaque;
    void (*clean_up)(void *opaque);
    void *clean_up_opaque;
};

void both_init(Both *both, const char *directory, uint64_t seed);

/* Ends both sides; ours must end by itself, with exit code 0. */
void both_clear(Both *both);

/* One line; the answer, without newline. Owned by the caller. */
char *both_ask(Both *both, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* A line on both sides whose answer must be OK and a number. */
uint64_t both_ask_value(Both *both, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Lets both sides' main loops go round @n times at least. */
void both_rounds(Both *both, unsigned n);

/* From now on interrupt lines are collected. */
void both_loosen(Both *both);

/* Whether both sides' collected interrupt lines are the same. */
bool both_irqs_agree(const Both *both);

/* The collected lines must be the same, and are forgotten. */
void both_tighten(Both *both);

/* Notes operation @what, which was not a qtest line, and its outcome, and counts it. */
void both_note(Both *both, const char *what, const char *outcome);

/* The outcomes of @what, which was not a qtest line, must be the same. */
void both_compare(Both *both, const char *what, const char *qemu, const char *ours);

/* For qosim_set_event_handler(), with a Both. */
void both_take_event(void *opaque, const qosim_event *event);

/* Compares what both sides said of the guest's mistakes so far; each thing counts once. */
void both_compare_mistakes(Both *both);

/* Whether @plant is to be planted now; then it is up to the caller. */
bool both_plants(Both *both, Plant plant);

void both_differ(Both *both, const char *what, const char *qemu, const char *ours) G_GNUC_NORETURN;

/* A side is gone or silent, or cannot be started. */
void both_trouble(Both *both, const char *format, ...) G_GNUC_PRINTF(2, 3) G_GNUC_NORETURN;

/* @error, which may not be NULL, is such a trouble. */
void both_check(Both *both, const GError *error);

#endif
