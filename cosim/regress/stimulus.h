/*
 * Constrained-random operations, drawn from a device's register table: the same for the same seed and version. Besides single
 * accesses there are patterns, which are several operations that belong together.
 */
#ifndef QOSIM_COSIM_REGRESS_STIMULUS_H
#define QOSIM_COSIM_REGRESS_STIMULUS_H

#include "cosim/regress/device.h"
#include "cosim/regress/op.h"

/* Most operations of one pattern. */
#define STIMULUS_PATTERN_MAX 64u

typedef struct RegressStimulus {
    const RegressDevice *device;
    uint64_t state;
    uint64_t made;
    uint32_t hot; /* lines and bits that most of it is about, for a while */

    /* What is left of the pattern under way */
    Op pattern[STIMULUS_PATTERN_MAX];
    unsigned length;
    unsigned next;
} RegressStimulus;

void regress_stimulus_init(RegressStimulus *stimulus, const RegressDevice *device, uint64_t seed);
Op regress_stimulus_next(RegressStimulus *stimulus);

#endif
