/* Coverage of a whole command: listens to its runs, and says at the end what the goals came to. */
#ifndef QOSIM_COSIM_REGRESS_RUN_COVERAGE_H
#define QOSIM_COSIM_REGRESS_RUN_COVERAGE_H

#include "cosim/regress/coverage.h"
#include "cosim/regress/goals.h"
#include "cosim/regress/run.h"

G_BEGIN_DECLS

typedef struct RunCoverage {
    Coverage *coverage;
    Goals *goals;
    GPtrArray *runs; /* a line for each run */
    RunListener listener;
} RunCoverage;

/* @goals: a file, "default" or NULL for the device's own. REGRESS_ERROR_USAGE. */
RunCoverage *run_coverage_new(const RegressDevice *device, const char *goals, GError **error);
void run_coverage_free(RunCoverage *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RunCoverage, run_coverage_free)

/* In percent of the goals. */
double run_coverage_percent(const RunCoverage *self);

/* The run is over: the database will tell that it is in there. */
void run_coverage_add_run(RunCoverage *self, const Run *run);

/* Writes the database of all runs; REGRESS_ERROR_TARGET. */
bool run_coverage_write(const RunCoverage *self, const char *path, GError **error);

G_END_DECLS

#endif
