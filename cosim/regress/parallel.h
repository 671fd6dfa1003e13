/* A run over many seeds or files: a worker process for each, and one result of all. */
#ifndef QOSIM_COSIM_REGRESS_PARALLEL_H
#define QOSIM_COSIM_REGRESS_PARALLEL_H

#include "cosim/regress/lockstep.h"
#include "cosim/regress/run_options.h"

G_BEGIN_DECLS

/*
 * Runs this program once for each seed or file, and says on standard output what all came to. The verdict is the worst of theirs;
 * VERDICT_TROUBLE, with @error, also when a worker died twice or not all were run. This process opens no targets.
 */
Verdict parallel_run(const RunOptions *options, const RegressDevice *device, GError **error);

G_END_DECLS

#endif
