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
    OP_RESET,   /* the device's reset; what is outside stays */
    OP_ADVANCE, /* time passes */
    OP_KINDS,
} OpKind;

/* Of OP_LINE: nobody drives the line. */
#define OP_RELEASED (-1)

typedef struct Op {
    uint8_t kind;    /* OpKind */
    uint8_t size;    /* of an access: bytes, 1, 2, 4 or 8 */
    uint8_t line;    /* OP_LINE: which */
    int8_t level;    /* OP_LINE: 0, 1 or OP_RELEASED */
    uint32_t offset; /* of an access, in the device; a multiple of the size */
    uint64_t value;  /* OP_WRITE: the data; OP_ADVANCE: ns */
} Op;

/* Levels after an operation, settled; bit i is line i's. */
typedef struct Levels {
    uint32_t irq;
    uint32_t out; /* of a line that is not driven: 0 */
    uint32_t
        driven; /* output lines that have a level; all of them, where the device always drives */
} Levels;

typedef struct Outcome {
    uint64_t data; /* OP_READ: what was read, as wide as the access */
    qosim_bus bus; /* of an access, else QOSIM_BUS_OK */
    Levels levels;
} Outcome;

/* What can be known of an outcome. */
typedef enum Observed {
    OBSERVED_DATA = 1,
    OBSERVED_BUS = 2,
    OBSERVED_IRQ = 4,
    OBSERVED_OUT = 8,
    OBSERVED_DRIVEN = 16,
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

#endif
