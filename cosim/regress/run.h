/* A whole run: operations for both targets, and what is to be known when they diverge. */
#ifndef QOSIM_COSIM_REGRESS_RUN_H
#define QOSIM_COSIM_REGRESS_RUN_H

#include "cosim/regress/lockstep.h"
#include "cosim/regress/progress.h"

G_BEGIN_DECLS

/*
 * Whoever wants to know what a run does: coverage, reports, traces. Calls may be NULL. Only what the run itself does is told of, not what
 * shrinking and explaining repeat, nor what brings the targets to the state that sequences start from.
 */
typedef struct RunListener {
    /* Both targets are in the state that sequences start from; operations begin with number 0. */
    void (*started)(void *opaque, Pair *pair);
    /* @n more operations, in order, and what each side came to. Behind one that diverges none are told of. */
    void (*ran)(void *opaque, const Op *ops, const Outcome *ref, const Outcome *dut, size_t n);
    /* How much of the goals is reached, in percent: for the progress line, and to end a run that is to end at 100 */
    double (*covered)(void *opaque);
    void *opaque;
} RunListener;

/* Most listeners of a run. */
#define RUN_LISTENERS_MAX 8u

/* Where operations come from, and those that there were so far. */
typedef struct Run {
    Pair *pair;
    const RunListener *listeners[RUN_LISTENERS_MAX];
    unsigned n_listeners;
    bool until_covered; /* random operations end when a listener says 100 */
    char *from;         /* for reports: "seed 0x1", or a file's name; owned */
    GArray *ops;        /* Op; after a divergence: up to the one that diverges; owned */
    Divergence divergence;
    double seconds;
} Run;

/* A run that has nothing yet. @pair must outlive it. */
void run_init(Run *run, Pair *pair);

/* One listener more, which must outlive the run. Listeners are called in the order in which they were added. */
void run_listen(Run *run, const RunListener *listener);

/* Random operations, @count of them at most; fewer with *until_covered*. Once per Run. */
Verdict run_random(Run *run, uint64_t count, uint64_t seed, bool quiet, GError **error);

/* The operations of @steps (an array of Step), which come from @from. Once per Run. */
Verdict run_steps(Run *run, const GArray *steps, const char *from, bool quiet, GError **error);

/*
 * The registers of both sides after a divergence, as text. The sequence is run again if the targets went on beyond it. "" where there
 * are none to be read; NULL with @error.
 */
char *run_registers(Run *run, GError **error);

void run_clear(Run *run);

G_END_DECLS

#endif
