/* The waveform of the end of a sequence, as a file: made by running the sequence again, so that a run itself is not slowed down. */
#ifndef QOSIM_COSIM_REGRESS_REPORT_TRACE_H
#define QOSIM_COSIM_REGRESS_REPORT_TRACE_H

#include "cosim/regress/lockstep.h"

G_BEGIN_DECLS

/* The side whose waveform can be written: what is tested, if it has a clock, else the reference; NULL when neither has one. */
Target *trace_target(const Pair *pair);

/*
 * Runs the @n operations on a fresh trace_target() and writes the waveform of the last @window ones to the FST @path. This happens in a
 * process of its own: writers of FSTs do not tell of a full disk, and may die of it. False with REGRESS_ERROR_TARGET; there is no new file
 * then.
 */
bool trace_write(const Pair *pair, const char *path, const Op *ops, size_t n, size_t window,
                 GError **error);

G_END_DECLS

#endif
