/* A model with a bug: a target around another one, which changes one thing of what goes through it. */
#ifndef QOSIM_TESTS_REGRESS_FAULTY_TARGET_H
#define QOSIM_TESTS_REGRESS_FAULTY_TARGET_H

#include "cosim/regress/target.h"

typedef struct Faulty Faulty;

/* A bug: either call may be NULL. */
typedef struct Fault {
    const char *name;
    /* Changes what the inner target is told. Adds operations by faulty_inject(). */
    void (*before)(Faulty *faulty, Op *op);
    /* Changes what it answered to @op, as it was asked for. */
    void (*after)(Faulty *faulty, const Op *op, Outcome *outcome);
    unsigned most; /* operations that a reproducer may have */
} Fault;

struct Faulty {
    Target parent;
    Target *inner;
    const Fault *fault;
    uint64_t memory[4]; /* of the bug; 0 when the target starts */
};

extern const Fault faults[];
extern const size_t n_faults;

/* Takes @inner. */
Target *faulty_target_new(Target *inner, const Fault *fault);

/* Has the inner target do something that it was not asked for. */
void faulty_inject(Faulty *faulty, Op op);

#endif
