/* What two targets showed after each operation, as a Wave: for targets without a clock, and to see both sides together. */
#ifndef QOSIM_COSIM_REGRESS_REPORT_LEVELS_WAVE_H
#define QOSIM_COSIM_REGRESS_REPORT_LEVELS_WAVE_H

#include "cosim/regress/lockstep.h"
#include "cosim/regress/report/wave.h"

/*
 * A sample for each of @ops (Op), the first of which is number @first, with what both came to (Outcome): data, and levels as far as the
 * pair compares them; then lines of their own that differ or change, a few. NULL when there are no operations.
 */
Wave *levels_wave(const Pair *pair, const GArray *ops, const GArray *ref, const GArray *dut,
                  size_t first);

#endif
