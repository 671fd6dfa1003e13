/*
 * The shortest sequence that still makes a pair diverge: delta debugging (Zeller and Hildebrandt, 2002) over the operations, then over
 * their values, until neither finds anything more. A reset stands before each attempt. If what is found that way does not diverge on
 * targets that were just started, something outlives resets, and all is done again with restarts, which take longer.
 */
#ifndef QOSIM_COSIM_REGRESS_SHRINK_H
#define QOSIM_COSIM_REGRESS_SHRINK_H

#include "cosim/regress/lockstep.h"

G_BEGIN_DECLS

typedef struct Shrunk {
    GArray *ops; /* Op; the last one diverges; owned */
    Divergence divergence;
    unsigned attempts; /* sequences that were tried */
    uint64_t ops_run;
    bool restarted; /* a reset before each attempt was not enough */
} Shrunk;

/*
 * Shrinks @ops, the last of which diverges. VERDICT_DIVERGED with *@shrunk; VERDICT_SAME when the whole sequence does not
 * diverge again, so that there is nothing to shrink; VERDICT_TROUBLE with @error.
 */
Verdict shrink(Pair *pair, const Op *ops, size_t n, Shrunk *shrunk, GError **error);

void shrunk_clear(Shrunk *shrunk);

G_END_DECLS

#endif
