/* The random stream of operations on sifive_e's GPIO, its surroundings and its RAM: the same for the same seed. */
#ifndef QOSIM_TESTS_ORACLE_STIMULUS_H
#define QOSIM_TESTS_ORACLE_STIMULUS_H

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

typedef enum OpKind {
    OP_REGISTER_READ,
    OP_REGISTER_WRITE,
    OP_ODD_ACCESS,  /* any size at any offset, with the region's edges */
    OP_HOLE_ACCESS, /* where nothing is, and across the borders of it */
    OP_BLOCK,
    OP_RAM,
    OP_LINE,
    OP_RESET,
    OP_KINDS,
} OpKind;

typedef struct Op {
    OpKind kind;
    char *line; /* qtest line without newline; of OP_RESET: "system_reset" */
} Op;

typedef struct Stimulus {
    uint64_t state;
    uint64_t made;
    uint32_t hot; /* pins that most of the stream is about, for a while */
} Stimulus;

/* What the kinds are called in a summary. */
extern const char *const op_kind_names[OP_KINDS];

void stimulus_init(Stimulus *stimulus, uint64_t seed);

/* The next operation; free op->line with g_free(). */
void stimulus_next(Stimulus *stimulus, Op *op);

#endif
