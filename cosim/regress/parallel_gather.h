/* What tasks came to, told as one. */
#ifndef QOSIM_COSIM_REGRESS_PARALLEL_GATHER_H
#define QOSIM_COSIM_REGRESS_PARALLEL_GATHER_H

#include "cosim/regress/device.h"
#include "cosim/regress/parallel_task.h"

/* Files in a task's folder, where they were asked for. */
#define TASK_JUNIT "junit.xml"
#define TASK_COVERAGE "coverage"
#define TASK_HTML "report.html"
#define TASK_TRACE "trace.fst"

/* Prints a line for each task, in order, and the whole report of the first that diverged. */
void gather_print(const GPtrArray *tasks);

/* Writes one JUnit XML with the suites of all tasks; of those that left none, what became of them. REGRESS_ERROR_TARGET. */
bool gather_junit(const char *path, const GPtrArray *tasks, GError **error);

/* Writes a page with a row for each task and links to their own pages. REGRESS_ERROR_TARGET. */
bool gather_html(const char *path, const GPtrArray *tasks, GError **error);

/*
 * Adds up the coverage of all tasks that left some, prints what it came to if @goals (a file or "default") is there, and writes it to
 * @path if that is. *@met tells whether all goals are. NULL for either: it was not asked for.
 */
bool gather_coverage(const char *path, const char *goals, const GPtrArray *tasks,
                     const RegressDevice *device, bool *met, GError **error);

#endif
