/*
 * What the command run says about its runs: on standard output at once, and at the end in the files that were asked for. A divergence is
 * on standard output before anything else is tried, whatever then becomes of targets and disks.
 */
#ifndef QOSIM_COSIM_REGRESS_RUN_REPORT_H
#define QOSIM_COSIM_REGRESS_RUN_REPORT_H

#include "cosim/regress/report/result.h"
#include "cosim/regress/run.h"
#include "cosim/regress/run_coverage.h"
#include "cosim/regress/run_options.h"

G_BEGIN_DECLS

typedef struct RunReport {
    const RunOptions *options;
    Pair *pair;
    RunCoverage *coverage;
    Results *results;
    GError *file_error;   /* of the first file that could not be written; owned */
    RunListener listener; /* every run is to have it: it takes times */

    /* When the run that goes on had started */
    uint64_t ref_ns;
    uint64_t dut_ns;
    uint64_t ops_run;
    uint64_t ref_requests;
    uint64_t dut_requests;
} RunReport;

/*
 * What is borrowed must outlive the report; @pair is NULL when the targets did not open. @command is the command line. NULL with
 * REGRESS_ERROR_TARGET when a file that is asked for cannot be made.
 */
RunReport *run_report_new(const RunOptions *options, const RegressDevice *device, Pair *pair,
                          RunCoverage *coverage, const char *command, GError **error);
void run_report_free(RunReport *report);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RunReport, run_report_free)

/*
 * The run is over, with @verdict, and *@error if that is trouble: tells of it, shrinks, writes the reproducer. Returns the verdict, which
 * becomes VERDICT_TROUBLE with @error when a target gives trouble on the way. Of files, run_report_write() tells.
 */
Verdict run_report_add(RunReport *report, Run *run, Verdict verdict, GError **error);

/* Trouble that is no run's: a case called @name in the files. */
void run_report_trouble(RunReport *report, const char *name, const char *message);

/* What the goals of coverage came to, as @text: a case of its own in the files. */
void run_report_goals(RunReport *report, bool met, const char *text);

/* A file could not be written, says @cause, which is taken. */
void run_report_file_error(RunReport *report, GError *cause);

/*
 * Writes the files that are still to be written. False with REGRESS_ERROR_TARGET for the first one of all that could not be written; people
 * are told of each.
 */
bool run_report_write(RunReport *report, GError **error);

G_END_DECLS

#endif
