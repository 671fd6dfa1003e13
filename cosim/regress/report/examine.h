/* The last operations of a sequence, looked at closely: by running it again, so that a run itself need not keep anything. */
#ifndef QOSIM_COSIM_REGRESS_REPORT_EXAMINE_H
#define QOSIM_COSIM_REGRESS_REPORT_EXAMINE_H

#include "cosim/regress/lockstep.h"
#include "cosim/regress/report/wave.h"

G_BEGIN_DECLS

typedef struct Examined {
    size_t first; /* number of the first of these operations in the sequence */
    GArray *ops;  /* Op: the last ones */
    GArray *ref;  /* Outcome of each */
    GArray *dut;
    unsigned differs; /* Observed: in the last operation, this time; 0: it did not diverge again */
    char *ref_note;   /* what a target has to say about a bus that is stuck or broken; "" */
    char *dut_note;
    Outcome *
        ref_registers; /* reads of all registers, in the device's order; NULL: they cannot be had */
    Outcome *dut_registers;
    Wave *levels;   /* of both sides, a sample for each operation */
    Wave *ref_wave; /* of a side that has a clock; NULL */
    Wave *dut_wave;
} Examined;

/*
 * Runs the @n operations on both targets, from the state that sequences start from, and keeps what there is to know of the last
 * @window ones. NULL with REGRESS_ERROR_TARGET.
 */
Examined *examine(Pair *pair, const Op *ops, size_t n, size_t window, GError **error);
void examined_free(Examined *examined);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Examined, examined_free)

/* Where the last @window of @n operations begin, or a little earlier: not among those that follow each other at once. */
size_t examine_start(const Op *ops, size_t n, size_t window);

/* Runs operations on one side of the pair, as many as there are; @outcomes (of Outcome) may be NULL. False with REGRESS_ERROR_TARGET. */
bool examine_run(const Pair *pair, Target *target, const Op *ops, size_t n, GArray *outcomes,
                 GError **error);

/* What both came to in operation @i of those kept. */
const Op *examined_op(const Examined *examined, size_t i);
const Outcome *examined_outcome(const Examined *examined, bool dut, size_t i);

G_END_DECLS

#endif
