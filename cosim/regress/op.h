/* One operation of a regression, and what a target showed when it was done. */
#ifndef QOSIM_COSIM_REGRESS_OP_H
#define QOSIM_COSIM_REGRESS_OP_H

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>
#include <qosim/qosim.h>

typedef enum OpKind {
    OP_READ,
    OP_WRITE,
    OP_LINE,    /* somebody outside drives an input line, or lets it go */
    OP_INPUT,   /* another block drives a line of one of the device's named input lists */
    OP_RESET,   /* the device's reset; what is outside stays */
    OP_ADVANCE, /* time passes */
    OP_KINDS,
} OpKind;

/* Of OP_LINE: nobody drives the line. */
#define OP_RELEASED (-1)

/* A clock has so many phases; phase 0 begins with the active edge. */
#define OP_PHASES 4u

/* How an access uses its bus: both bits, one, or none, as fast as the bus can. */
typedef enum OpPace {
    OP_PACE_LATE_REQUEST =
        1, /* what is to be announced waits, now and then, on each of the bus's channels by itself */
    OP_PACE_LATE_ANSWER = 2, /* and answers are not taken at once */
} OpPace;

/*
 * Members that an operation does not have are 0. A target without a clock takes no notice of @phase, and one that answers when all
 * is settled none of @unsettled.
 */
typedef struct Op {
    uint8_t kind; /* OpKind */
    uint8_t size; /* of an access: bytes, 1, 2, 4 or 8 */
    uint8_t line; /* OP_LINE, OP_INPUT: which */
    int8_t level; /* OP_LINE: 0, 1 or OP_RELEASED; OP_INPUT: 0 or 1 */
    uint8_t list; /* OP_INPUT: which of the device's lists */
    /*
     * 0 to OP_PHASES - 1. OP_LINE, OP_INPUT: when within a clock the change comes. OP_RESET: 0: between accesses, else so many clocks into
     * one. Accesses: OpPace.
     */
    uint8_t phase;
    /*
     * OP_LINE, OP_INPUT, OP_ADVANCE: if the next operation is one of these, too, it follows at once, without time to settle. Levels are
     * not compared after this one.
     */
    bool unsettled;
    bool
        by_strobes; /* OP_WRITE of 4 bytes: only those bytes whose bit of @strobes is set, maybe none */
    uint8_t strobes;
    uint32_t offset; /* of an access, in the device; a multiple of the size */
    uint64_t value;  /* OP_WRITE: the data; OP_ADVANCE: ns */
} Op;

/* What not every target takes. */
typedef enum OpFeature {
    OP_TAKES_INPUTS = 1,  /* OP_INPUT */
    OP_TAKES_STROBES = 2, /* Op.by_strobes */
    OP_TAKES_ALL = 3,
} OpFeature;

/* Levels after an operation, settled; bit i is line i's. */
typedef struct Levels {
    uint32_t irq;
    uint32_t out; /* of a line that is not driven: 0 */
    uint32_t
        driven; /* output lines that have a level; all of them, where the device always drives */
} Levels;

/*
 * How an access ended: a qosim_bus, or one of these, which are what is wrong with a bus (after an operation that is no access, too). They
 * differ from everything, whatever else is compared.
 */
typedef enum OpBus {
    OP_BUS_STUCK = 16, /* no answer in time */
    OP_BUS_VIOLATION,  /* a rule of the bus was broken */
} OpBus;

typedef struct Outcome {
    uint64_t data; /* OP_READ: what was read, as wide as the access */
    int bus;       /* qosim_bus or OpBus; QOSIM_BUS_OK of what is no access */
    Levels levels;
} Outcome;

/* What can be known of an outcome. */
typedef enum Observed {
    OBSERVED_DATA = 1,
    OBSERVED_BUS = 2,
    OBSERVED_IRQ = 4,
    OBSERVED_OUT = 8,
    OBSERVED_DRIVEN = 16,
    OBSERVED_LEVELS = 28,
    OBSERVED_ALL = 31,
} Observed;

/* An operation as a file has it, with what the file says about its outcome. */
typedef struct Step {
    Op op;
    unsigned known; /* members of the outcome that the file tells: Observed */
    unsigned source_line;
    Outcome outcome;
} Step;

/* All ones in the lowest @size bytes. */
static inline uint64_t op_size_mask(unsigned size)
{
    return size >= 8 ? UINT64_MAX : (UINT64_C(1) << (8 * size)) - 1;
}

/* Whether the operation changes nothing but lines or time, so that others may follow it at once. */
static inline bool op_may_be_unsettled(const Op *op)
{
    return op->kind == OP_LINE || op->kind == OP_INPUT || op->kind == OP_ADVANCE;
}

/* What a target must be able to take for the operation: OpFeature. */
static inline unsigned op_needs(const Op *op)
{
    return op->kind == OP_INPUT ? OP_TAKES_INPUTS : op->by_strobes ? OP_TAKES_STROBES : 0;
}

static inline bool op_equal(const Op *a, const Op *b)
{
    return a->kind == b->kind && a->size == b->size && a->line == b->line && a->level == b->level &&
           a->list == b->list && a->phase == b->phase && a->unsettled == b->unsettled &&
           a->by_strobes == b->by_strobes && a->strobes == b->strobes && a->offset == b->offset &&
           a->value == b->value;
}

#endif
