#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cosim/cli/number.h"
#include "cosim/regress/command.h"
#include "cosim/regress/error.h"
#include "cosim/regress/mask_file.h"
#include "cosim/regress/parallel.h"
#include "cosim/regress/qreg.h"
#include "cosim/regress/report.h"
#include "cosim/regress/run.h"
#include "cosim/regress/run_coverage.h"
#include "cosim/regress/run_options.h"
#include "cosim/regress/run_report.h"
#include "cosim/regress/worker_progress.h"

/* Those of the file first, so that an option can change one of them. */
static bool apply_masks(const RunOptions *options, Pair *pair, GError **error)
{
    if (options->mask_file && !mask_file_load(options->mask_file, pair, error)) {
        return false;
    }
    for (unsigned i = 0; options->masks && options->masks[i]; i++) {
        g_auto(GStrv) parts = g_strsplit(options->masks[i], "=", 2);
        uint64_t bits = 0;

        if (!parts[0] || !parts[1] || !cli_number(parts[1], &bits) || bits > UINT32_MAX) {
            regress_usage(error, "--mask wants REGISTER=BITS, not \"%s\"", options->masks[i]);
            return false;
        }
        if (!pair_mask(pair, parts[0], (uint32_t)bits, error)) {
            return false;
        }
    }
    return true;
}

/* What of --compare's list both targets can tell. */
static bool apply_compare(const RunOptions *options, Pair *pair, GError **error)
{
    g_auto(GStrv) words = g_strsplit(options->compare ? options->compare : "", ",", -1);
    unsigned wanted = 0;

    for (unsigned i = 0; words[i]; i++) {
        unsigned one = report_parse_observed(words[i]);

        if (!one) {
            regress_usage(error, "--compare knows data, bus, irq, out and driven, not \"%s\"",
                          words[i]);
            return false;
        }
        wanted |= one;
    }
    pair->compared &= options->compare ? wanted : OBSERVED_ALL;
    if (!pair->compared) {
        regress_usage(error, "nothing is left to compare");
        return false;
    }
    return true;
}

static Pair *open_pair(const RunOptions *options, const RegressDevice *device, GError **error)
{
    const char *ref;
    const char *dut;
    g_autoptr(Pair) pair = regress_take_target("ref", options->ref, device, &ref, error) &&
                                   regress_take_target("dut", options->dut, device, &dut, error)
                               ? pair_open(ref, dut, device, error)
                               : NULL;

    return pair && apply_masks(options, pair, error) && apply_compare(options, pair, error)
               ? g_steal_pointer(&pair)
               : NULL;
}

/* What every run has. */
static void begin_run(Run *run, Pair *pair, RunReport *report)
{
    run_init(run, pair);
    run_listen(run, &report->listener);
    run_listen(run, &report->coverage->listener);
}

static Verdict run_random_case(const RunOptions *options, Pair *pair, RunReport *report,
                               GError **error)
{
    Run run;
    Verdict verdict;

    printf("seed 0x%" PRIx64 ", %" PRIu64 " operations\n", options->seed, options->count);
    fflush(stdout);
    begin_run(&run, pair, report);
    run.until_covered = options->until_covered;
    verdict = run_random(&run, options->count, options->seed, options->quiet, error);
    verdict = run_report_add(report, &run, verdict, error);
    run_clear(&run);
    return verdict;
}

static Verdict run_steps_case(const RunOptions *options, Pair *pair, const GArray *steps,
                              const char *from, RunReport *report, GError **error)
{
    Run run;
    Verdict verdict;

    begin_run(&run, pair, report);
    verdict = run_steps(&run, steps, from, options->quiet, error);
    verdict = run_report_add(report, &run, verdict, error);
    run_clear(&run);
    return verdict;
}

static Verdict run_file(const RunOptions *options, Pair *pair, const char *file, RunReport *report,
                        GError **error)
{
    g_autoptr(GArray) steps = qreg_load(file, pair->device, error);

    if (!steps) {
        run_report_trouble(report, file, (*error)->message);
        return VERDICT_TROUBLE;
    }
    return run_steps_case(options, pair, steps, file, report, error);
}

/* Files if there are any, else a record's operations, else random ones. */
static Verdict run_all(const RunOptions *options, Pair *pair, RunReport *report, GError **error)
{
    const GArray *recorded = target_log_steps(pair->ref);
    Verdict worst = VERDICT_SAME;

    recorded = recorded ? recorded : target_log_steps(pair->dut);
    if (!options->files) {
        return recorded ? run_steps_case(options, pair, recorded, "the record", report, error)
                        : run_random_case(options, pair, report, error);
    }
    for (unsigned i = 0; options->files[i] && worst != VERDICT_TROUBLE; i++) {
        Verdict verdict = run_file(options, pair, options->files[i], report, error);

        worst = MAX(worst, verdict);
    }
    return worst;
}

/* Goals are held against the run only where they were asked for. */
static Verdict conclude_coverage(const RunOptions *options, RunReport *report, Verdict verdict)
{
    const RunCoverage *coverage = report->coverage;
    GError *cause = NULL;
    GoalsMet met = goals_measure(coverage->goals, coverage->coverage);
    g_autoptr(GString) text = g_string_new(NULL);

    if (options->goals) {
        goals_report(text, coverage->goals, coverage->coverage);
        printf("%s", text->str);
        run_report_goals(report, met.met == met.bins, text->str);
    }
    if (options->coverage && !run_coverage_write(coverage, options->coverage, &cause)) {
        run_report_file_error(report, cause);
    }
    return options->goals && met.met < met.bins ? MAX(verdict, VERDICT_DIVERGED) : verdict;
}

/* Where there is an error already, people are told at once of what is wrong with files. */
static bool write_files(RunReport *report, GError **error)
{
    GError *cause = NULL;

    if (run_report_write(report, &cause)) {
        return true;
    }
    if (*error) {
        fprintf(stderr, "%s: %s\n", report_program(), cause->message);
        g_error_free(cause);
    } else {
        g_propagate_error(error, cause);
    }
    return false;
}

/* All runs, and the files that tell of them. */
static Verdict run_and_report(const RunOptions *options, Pair *pair, RunReport *report,
                              GError **error)
{
    WorkerProgress progress;
    Verdict verdict;

    if (!worker_progress_open(&progress, options->parallel.progress_file, error)) {
        return VERDICT_TROUBLE;
    }
    pair->beat = worker_progress_beat;
    pair->beat_opaque = &progress;
    verdict = run_all(options, pair, report, error);
    worker_progress_close(&progress);
    if (verdict != VERDICT_TROUBLE) {
        verdict = conclude_coverage(options, report, verdict);
    }
    return write_files(report, error) ? verdict : VERDICT_TROUBLE;
}

static Verdict run(const RunOptions *options, const RegressDevice *device, const char *command,
                   GError **error)
{
    g_autoptr(RunCoverage) coverage = run_coverage_new(device, options->goals, error);
    g_autoptr(Pair) pair = coverage ? open_pair(options, device, error) : NULL;
    g_autoptr(RunReport) report = NULL;

    if (!pair && (!coverage || g_error_matches(*error, REGRESS_ERROR, REGRESS_ERROR_USAGE))) {
        return VERDICT_TROUBLE;
    }
    report = run_report_new(options, device, pair, coverage, command, pair ? error : NULL);
    if (report && pair) {
        return run_and_report(options, pair, report, error);
    }
    if (report) {
        /* Targets that do not open are something to tell CI as well. */
        run_report_trouble(report, "targets", (*error)->message);
        write_files(report, error);
    }
    return VERDICT_TROUBLE;
}

/* As one would type it. */
static char *command_line(int argc, char **argv)
{
    GString *line = g_string_new(report_program());

    for (int i = 0; i < argc; i++) {
        bool plain = strspn(argv[i], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                     "0123456789-_./:=,+%@") == strlen(argv[i]);
        g_autofree char *quoted = plain && *argv[i] ? g_strdup(argv[i]) : g_shell_quote(argv[i]);

        g_string_append_printf(line, " %s", quoted);
    }
    return g_string_free(line, FALSE);
}

Verdict regress_command_run(int argc, char **argv, const RegressDevice *device, GError **error)
{
    g_autofree char *command = command_line(argc, argv);
    RunOptions options = { .ref = NULL };
    Verdict verdict = VERDICT_TROUBLE;

    if (run_options_parse(&options, argc, argv, error)) {
        verdict = parallel_is_wanted(&options.parallel) ? parallel_run(&options, device, error)
                                                        : run(&options, device, command, error);
    }
    run_options_clear(&options);
    return verdict;
}
