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
    unsigned takes;   /* OpFeature that may be used */
    unsigned n_lines; /* not more than the device's */
    uint64_t state;
    uint64_t made;
    uint32_t hot; /* lines and bits that most of it is about, for a while */

    /* What is left of the pattern under way */
    Op pattern[STIMULUS_PATTERN_MAX];
    unsigned length;
    unsigned next;
} RegressStimulus;

/* @takes (OpFeature) and @n_lines are those of the targets, 0: the device's. They are part of what makes a run, like the seed. */
void regress_stimulus_init(RegressStimulus *stimulus, const RegressDevice *device, unsigned takes,
                           unsigned n_lines, uint64_t seed);
Op regress_stimulus_next(RegressStimulus *stimulus);

/* --- For a device's own patterns (RegressDevice.patterns) --- */

/* A number below @limit, which is not 0. */
unsigned regress_stimulus_below(RegressStimulus *stimulus, unsigned limit);

/* A line, a hot one mostly. */
uint8_t regress_stimulus_line(RegressStimulus *stimulus);

/* Appends the operation to the pattern that is being made; beyond STIMULUS_PATTERN_MAX it is left out. */
void regress_stimulus_add(RegressStimulus *stimulus, Op op);

#endif
