/* A whole run: operations for both targets, and what is to be known when they diverge. */
#ifndef QOSIM_COSIM_REGRESS_RUN_H
#define QOSIM_COSIM_REGRESS_RUN_H

#include "cosim/regress/lockstep.h"
#include "cosim/regress/progress.h"

/* Where operations come from, and those that there were so far. */
typedef struct Run {
    Pair *pair;
    char *from;  /* for reports: "seed 0x1", or a file's name; owned */
    GArray *ops; /* Op; after a divergence: up to the one that diverges; owned */
    Divergence divergence;
    double seconds;
} Run;

/* Random operations, @count of them at most. */
Verdict run_random(Run *run, Pair *pair, uint64_t count, uint64_t seed, bool quiet, GError **error);

/* The operations of @steps (an array of Step), which come from @from. */
Verdict run_steps(Run *run, Pair *pair, const GArray *steps, const char *from, bool quiet,
                  GError **error);

/*
 * The report of a run that diverged: the divergence, and the registers of both sides. For these the sequence is run again if the
 * targets went on beyond it. NULL with @error.
 */
char *run_explain(Run *run, GError **error);

void run_clear(Run *run);

#endif
