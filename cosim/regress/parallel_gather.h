/* What tasks came to, told as one. */
#ifndef QOSIM_COSIM_REGRESS_PARALLEL_GATHER_H
#define QOSIM_COSIM_REGRESS_PARALLEL_GATHER_H

#include "cosim/regress/parallel_task.h"
#include "cosim/regress/run_coverage.h"

/* Files in a task's folder, where they were asked for. */
#define TASK_JUNIT "junit.xml"
#define TASK_COVERAGE "coverage"
#define TASK_HTML "report.html"
#define TASK_TRACE "trace.fst"

/* Prints a line for each task, in order, and the whole report of the first that diverged. */
void gather_print(const GPtrArray *tasks);

/* Writes one JUnit XML with the suites of all tasks; of those that left none, what became of them. REGRESS_ERROR_TARGET. */
bool gather_junit(const char *path, const GPtrArray *tasks, GError **error);

/*
 * Writes a page with a row for each task, links to their own pages, and what of @coverage all of them exercised.
 * REGRESS_ERROR_TARGET.
 */
bool gather_html(const char *path, const GPtrArray *tasks, const RunCoverage *coverage,
                 GError **error);

/* Adds the coverage of all tasks that left some. REGRESS_ERROR_USAGE. */
bool gather_coverage(RunCoverage *coverage, const GPtrArray *tasks, GError **error);

/* In one line, what there is to know of a task. Owned by the caller. */
char *gather_describe(const Task *task);

#endif
