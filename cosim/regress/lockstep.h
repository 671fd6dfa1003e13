/* Two targets that get the same operations, and whose outcomes must be the same. */
#ifndef QOSIM_COSIM_REGRESS_LOCKSTEP_H
#define QOSIM_COSIM_REGRESS_LOCKSTEP_H

#include "cosim/regress/target.h"

G_BEGIN_DECLS

typedef struct Pair {
    const RegressDevice *device;
    Target *ref;       /* owned */
    Target *dut;       /* owned */
    uint32_t *masks;   /* by register: bits that are compared; owned */
    unsigned compared; /* Observed: what both can tell */
    unsigned takes;    /* OpFeature: what both take */
    unsigned n_lines;  /* of both */

    /* Time that each side took in pair_run(), and operations in it; for whoever wants to know */
    uint64_t ref_ns;
    uint64_t dut_ns;
    uint64_t ops_run;

    /*
     * Told of all operations that pair_run() ran and that did not come after a divergence. NULL: nobody. A Run sets it while it runs
     * (run.h has the listeners), so shrinking and dumps of registers are not told of.
     */
    void (*ran)(void *opaque, const Op *ops, const Outcome *ref, const Outcome *dut, size_t n);
    void *ran_opaque;

    /* A sign of life: operations were run, of which @n are the run's own, which *ran* is told of. NULL: for nobody. */
    void (*beat)(void *opaque, size_t n);
    void *beat_opaque;
} Pair;

/* Where two targets went apart. */
typedef struct Divergence {
    size_t index;     /* of the operation */
    unsigned differs; /* Observed */
    Outcome ref;
    Outcome dut;
    char note[240]; /* what the targets have to say about it, each with a newline; "" if nothing */
} Divergence;

typedef enum Verdict {
    VERDICT_SAME,
    VERDICT_DIVERGED,
    VERDICT_TROUBLE, /* a target did not do its part; the call's error tells */
} Verdict;

/* Opens both targets; NULL with an error as target_open() gives it. */
Pair *pair_open(const char *ref, const char *dut, const RegressDevice *device, GError **error);

/* Takes two open targets, which have as many lines as each other. */
Pair *pair_new(Target *ref, Target *dut);
void pair_free(Pair *pair);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Pair, pair_free)

/* Compares only @bits of what is read of register @name. REGRESS_ERROR_USAGE when there is no such register. */
bool pair_mask(Pair *pair, const char *name, uint32_t bits, GError **error);

/* Operations that are best given to pair_run() at a time. */
size_t pair_batch(const Pair *pair);

/* Both as if they had just been opened, as far as their kinds can. */
bool pair_restart(Pair *pair, GError **error);

/* Brings both targets to the state that sequences start from. */
bool pair_begin(Pair *pair, GError **error);

/*
 * Runs @n operations on both sides. When they diverge, *@divergence tells about the first operation that differs; both sides
 * have then run on to the end of the batch.
 */
Verdict pair_run(Pair *pair, const Op *ops, size_t n, Divergence *divergence, GError **error);

/* The same, from the state that sequences start from. */
Verdict pair_run_from_start(Pair *pair, const Op *ops, size_t n, Divergence *divergence,
                            GError **error);

/* What differs in the two outcomes of @op, of what the pair compares: Observed. */
unsigned pair_compare(const Pair *pair, const Op *op, const Outcome *ref, const Outcome *dut);

G_END_DECLS

#endif
