#include "cosim/regress/run_report.h"

#include <inttypes.h>
#include <stdio.h>

#include "cosim/regress/error.h"
#include "cosim/regress/report.h"
#include "cosim/regress/report/html.h"
#include "cosim/regress/report/junit.h"
#include "cosim/regress/report/output.h"
#include "cosim/regress/report/timing.h"
#include "cosim/regress/report/trace.h"
#include "cosim/regress/shrink.h"

/* Asking costs a request, which is for nothing without a page. */
static uint64_t requests(const RunReport *report, Target *target)
{
    return report->options->html ? timing_requests(target) : 0;
}

static void on_started(void *opaque, Pair *pair)
{
    RunReport *report = opaque;

    report->ref_ns = pair->ref_ns;
    report->dut_ns = pair->dut_ns;
    report->ops_run = pair->ops_run;
    report->ref_requests = requests(report, pair->ref);
    report->dut_requests = requests(report, pair->dut);
}

/* Adds what the run took. Comes before anything else is done to the targets. */
static void take_times(RunReport *report)
{
    const Pair *pair = report->pair;
    Results *results = report->results;
    uint64_t operations = pair->ops_run - report->ops_run;

    timing_add(&results->ref_timing, operations, pair->ref_ns - report->ref_ns,
               requests(report, pair->ref) - report->ref_requests);
    timing_add(&results->dut_timing, operations, pair->dut_ns - report->dut_ns,
               requests(report, pair->dut) - report->dut_requests);
}

/* A waveform is a file of its own, not something that a device could take. */
static bool check_trace(const RunOptions *options, const Pair *pair, GError **error)
{
    char *temporary;

    if (!options->trace || !pair) {
        return true;
    }
    if (!trace_target(pair)) {
        regress_usage(error, "--trace wants a target with a clock, such as rtl:");
        return false;
    }
    temporary = output_begin(options->trace, error);
    if (temporary) {
        output_drop(temporary);
    }
    return temporary != NULL;
}

/* Files that cannot be made are told of before the work, not after it. */
static bool check_files(const RunOptions *options, GError **error)
{
    const char *const files[] = { options->output, options->junit, options->html,
                                  options->coverage };

    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        if (files[i] && !output_check(files[i], error)) {
            return false;
        }
    }
    return true;
}

RunReport *run_report_new(const RunOptions *options, const RegressDevice *device, Pair *pair,
                          RunCoverage *coverage, const char *command, GError **error)
{
    RunReport *report;

    if (!check_files(options, error) || !check_trace(options, pair, error)) {
        return NULL;
    }
    report = g_new0(RunReport, 1);
    report->options = options;
    report->pair = pair;
    report->results = results_new(device, pair);
    report->results->command = g_strdup(command);
    report->results->coverage = coverage->coverage;
    report->results->goals = coverage->goals;
    report->coverage = coverage;
    if (!options->files &&
        !(pair && (target_log_steps(pair->ref) || target_log_steps(pair->dut)))) {
        report->results->seed = g_strdup_printf("0x%" PRIx64, options->seed);
    }
    report->listener = (RunListener){ .started = on_started, .opaque = report };
    return report;
}

void run_report_free(RunReport *report)
{
    if (report) {
        results_free(report->results);
        g_clear_error(&report->file_error);
        g_free(report);
    }
}

static void print_about(const Target *target)
{
    if (*target_about(target)) {
        printf("%s: %s\n", target->name, target_about(target));
    }
}

static void print_summary(const Run *run, Verdict verdict)
{
    const Pair *pair = run->pair;
    g_autoptr(GString) compared = g_string_new(NULL);
    g_autoptr(GString) unseen = g_string_new(NULL);
    double rate = run->seconds > 0 ? (double)run->ops->len / run->seconds : 0;

    report_observed(compared, pair->compared);
    report_observed(unseen, OBSERVED_ALL & ~pair->compared);
    print_about(pair->ref);
    print_about(pair->dut);
    printf("%s: %s: %u operations of %s, %s and %s, compared %s", report_program(),
           verdict == VERDICT_SAME ? "same" : "DIVERGED", run->ops->len, run->from, pair->ref->name,
           pair->dut->name, compared->str);
    if (unseen->len > 0) {
        printf(" (not %s)", unseen->str);
    }
    printf("; %.2f s, %.0f/s\n", run->seconds, rate);
}

void run_report_file_error(RunReport *report, GError *cause)
{
    if (!report->file_error) {
        report->file_error = cause;
    } else {
        fprintf(stderr, "%s: %s\n", report_program(), cause->message);
        g_error_free(cause);
    }
}

/* What became of the last operations, for the page; by a repetition from the very start. False with @error. */
static bool look_closely(const RunReport *report, const GArray *ops, Examined **examined,
                         GError **error)
{
    if (!report->options->html) {
        return true;
    }
    *examined = pair_restart(report->pair, error)
                    ? examine(report->pair, (const Op *)ops->data, ops->len, REPORT_LAST_OPS, error)
                    : NULL;
    return *examined != NULL;
}

/* Its text is added to @text, too. That it cannot be written is noted; it has been printed then. */
static void write_reproducer(RunReport *report, const Run *run, const Shrunk *shrunk,
                             ResultCase *one, GString *text)
{
    const RunOptions *options = report->options;
    ResultReproducer *small = g_new0(ResultReproducer, 1);
    GError *cause = NULL;

    one->reproducer = small;
    small->operations = shrunk->ops->len;
    small->path = options->output ? g_strdup(options->output)
                                  : g_strdup_printf("regress-0x%" PRIx64 ".qreg", options->seed);
    small->text =
        report_reproducer(run->pair, run->from, (const Op *)shrunk->ops->data, &shrunk->divergence);
    small->command = report_command(run->pair, small->path);
    g_string_append_printf(text, "reproducer:\n%s", small->text);
    printf("reproducer: %u operations of %u, after %u attempts with %" PRIu64
           " operations, in %s:\n%s",
           shrunk->ops->len, run->ops->len, shrunk->attempts, shrunk->ops_run, small->path,
           small->text);
    if (!output_write(small->path, small->text, -1, &cause)) {
        run_report_file_error(report, cause);
        g_clear_pointer(&small->path, g_free);
    }
}

/* False with @error when a target gave trouble. */
static bool reproduce(RunReport *report, const Run *run, ResultCase *one, GString *text,
                      GError **error)
{
    Shrunk shrunk;
    Verdict verdict = shrink(run->pair, (const Op *)run->ops->data, run->ops->len, &shrunk, error);
    bool ok = verdict != VERDICT_TROUBLE;

    if (verdict == VERDICT_SAME) {
        printf("no reproducer: the sequence does not diverge when it is repeated\n");
    } else if (ok) {
        if (shrunk.restarted) {
            printf("something outlives a reset: targets were restarted for each attempt\n");
        }
        write_reproducer(report, run, &shrunk, one, text);
        ok = look_closely(report, shrunk.ops, &one->reproducer->examined, error);
    }
    shrunk_clear(&shrunk);
    return ok;
}

/* Only targets that take any operation can be given fewer of them. */
static bool can_shrink(const RunReport *report)
{
    const Pair *pair = report->pair;

    return !report->options->no_shrink && !target_log_steps(pair->ref) &&
           !target_log_steps(pair->dut);
}

static void write_trace(RunReport *report, const Run *run)
{
    const RunOptions *options = report->options;
    GError *cause = NULL;

    if (!trace_write(run->pair, options->trace, (const Op *)run->ops->data, run->ops->len,
                     options->trace_ops, &cause)) {
        run_report_file_error(report, cause);
        return;
    }
    printf("waveform: the last %" PRIu64 " operations of %s, in %s\n",
           MIN(options->trace_ops, run->ops->len), trace_target(run->pair)->name, options->trace);
}

/* Tells of the divergence, then finds out more about it, as far as that goes. False with @error when a target gave trouble. */
static bool explain(RunReport *report, Run *run, ResultCase *one, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autofree char *registers = NULL;
    bool alive;

    report_divergence(text, run->pair, run->from, (const Op *)run->ops->data, &run->divergence);
    fputs(text->str, stdout);
    fflush(stdout);
    registers = run_registers(run, error);
    alive = registers != NULL;
    if (alive) {
        fputs(registers, stdout);
        g_string_append(text, registers);
    }
    alive = alive && (!can_shrink(report) || reproduce(report, run, one, text, error));
    alive = alive && look_closely(report, run->ops, &one->examined, error);
    if (alive && report->options->trace) {
        write_trace(report, run);
    }
    one->text = g_strdup(text->str);
    return alive;
}

Verdict run_report_add(RunReport *report, Run *run, Verdict verdict, GError **error)
{
    ResultCase *one = results_add(report->results, run->from, verdict);

    one->operations = run->ops->len;
    one->seconds = run->seconds;
    run_coverage_add_run(report->coverage, run);
    if (verdict == VERDICT_TROUBLE) {
        one->text = g_strdup(*error ? (*error)->message : NULL);
        return verdict;
    }
    take_times(report);
    if (verdict == VERDICT_DIVERGED && !explain(report, run, one, error)) {
        verdict = VERDICT_TROUBLE;
    }
    print_summary(run, one->verdict);
    return verdict;
}

void run_report_trouble(RunReport *report, const char *name, const char *message)
{
    results_add(report->results, name, VERDICT_TROUBLE)->text = g_strdup(message);
}

void run_report_goals(RunReport *report, bool met, const char *text)
{
    ResultCase *one = results_add(report->results, "goals", met ? VERDICT_SAME : VERDICT_DIVERGED);

    one->goals = true;
    one->text = g_strdup(text);
}

/* @text is freed. */
static void write_file(RunReport *report, const char *path, char *text)
{
    GError *cause = NULL;

    if (!output_write(path, text, -1, &cause)) {
        run_report_file_error(report, cause);
    }
    g_free(text);
}

bool run_report_write(RunReport *report, GError **error)
{
    const RunOptions *options = report->options;
    const Pair *pair = report->pair;

    if (options->junit) {
        write_file(report, options->junit, junit_text(report->results));
    }
    if (options->html) {
        timing_measure(&report->results->ref_timing, pair ? pair->ref : NULL);
        timing_measure(&report->results->dut_timing, pair ? pair->dut : NULL);
        write_file(report, options->html, html_page(report->results));
    }
    if (report->file_error) {
        g_propagate_error(error, g_steal_pointer(&report->file_error));
        return false;
    }
    return true;
}
