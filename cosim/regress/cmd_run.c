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
#include "cosim/regress/shrink.h"
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
    g_autoptr(Pair) pair =
        pair_open(options->ref ? options->ref : REGRESS_DEFAULT_TARGET,
                  options->dut ? options->dut : REGRESS_DEFAULT_TARGET, device, error);

    return pair && apply_masks(options, pair, error) && apply_compare(options, pair, error)
               ? g_steal_pointer(&pair)
               : NULL;
}

static void print_about(const Target *target)
{
    if (*target_about(target)) {
        printf("%s: %s\n", target->name, target_about(target));
    }
}

static void print_summary(const Pair *pair, const Run *run, Verdict verdict)
{
    g_autoptr(GString) compared = g_string_new(NULL);
    g_autoptr(GString) unseen = g_string_new(NULL);
    double rate = run->seconds > 0 ? (double)run->ops->len / run->seconds : 0;

    report_observed(compared, pair->compared);
    report_observed(unseen, OBSERVED_ALL & ~pair->compared);
    print_about(pair->ref);
    print_about(pair->dut);
    printf("qosim-regress: %s: %u operations of %s, %s and %s, compared %s",
           verdict == VERDICT_SAME ? "same" : "DIVERGED", run->ops->len, run->from, pair->ref->name,
           pair->dut->name, compared->str);
    if (unseen->len > 0) {
        printf(" (not %s)", unseen->str);
    }
    printf("; %.2f s, %.0f/s\n", run->seconds, rate);
}

/* Its text is added to @report, too. */
static bool write_reproducer(const RunOptions *options, const Run *run, const Shrunk *shrunk,
                             GString *report, GError **error)
{
    g_autofree char *text =
        report_reproducer(run->pair, run->from, (const Op *)shrunk->ops->data, &shrunk->divergence);
    g_autofree char *path = options->output
                                ? g_strdup(options->output)
                                : g_strdup_printf("regress-0x%" PRIx64 ".qreg", options->seed);
    g_autoptr(GError) cause = NULL;

    if (!g_file_set_contents(path, text, -1, &cause)) {
        regress_trouble(error, "%s", cause->message);
        return false;
    }
    g_string_append_printf(report, "reproducer:\n%s", text);
    printf("reproducer: %u operations of %u, after %u attempts with %" PRIu64
           " operations, in %s:\n%s",
           shrunk->ops->len, run->ops->len, shrunk->attempts, shrunk->ops_run, path, text);
    return true;
}

/* False with @error when a target or a file gave trouble. */
static bool reproduce(const RunOptions *options, const Run *run, GString *report, GError **error)
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
        ok = write_reproducer(options, run, &shrunk, report, error);
    }
    shrunk_clear(&shrunk);
    return ok;
}

/* Only targets that take any operation can be given fewer of them. */
static bool can_shrink(const RunOptions *options, const Pair *pair)
{
    return !options->no_shrink && !target_log_steps(pair->ref) && !target_log_steps(pair->dut);
}

/* Tells of the run. What a JUnit file is to say goes to *@text. */
static Verdict conclude(const RunOptions *options, Run *run, Verdict verdict, char **text,
                        GError **error)
{
    g_autoptr(GString) report = g_string_new(NULL);

    if (verdict == VERDICT_DIVERGED) {
        g_autofree char *explained = run_explain(run, error);

        if (!explained) {
            return VERDICT_TROUBLE;
        }
        fputs(explained, stdout);
        g_string_append(report, explained);
        if (can_shrink(options, run->pair) && !reproduce(options, run, report, error)) {
            return VERDICT_TROUBLE;
        }
        *text = g_strdup(report->str);
    }
    if (verdict != VERDICT_TROUBLE) {
        print_summary(run->pair, run, verdict);
    }
    return verdict;
}

typedef struct Cases {
    GArray *cases; /* JunitCase; strings are in @strings */
    GPtrArray *strings;
    RunCoverage *coverage;
} Cases;

static void add_case(Cases *cases, const Run *run, Verdict verdict, char *text, const GError *error)
{
    JunitCase one = { .verdict = verdict, .seconds = run->seconds };
    char *name = g_strdup(run->from);

    one.name = name;
    run_coverage_add_run(cases->coverage, run);
    one.text = text ? text : error ? error->message : NULL;
    g_ptr_array_add(cases->strings, name);
    if (text) {
        g_ptr_array_add(cases->strings, text);
    }
    g_array_append_val(cases->cases, one);
}

static Verdict run_random_case(const RunOptions *options, Pair *pair, Cases *cases, GError **error)
{
    Run run;
    Verdict verdict;
    char *text = NULL;

    printf("seed 0x%" PRIx64 ", %" PRIu64 " operations\n", options->seed, options->count);
    fflush(stdout);
    run_init(&run, pair);
    run_listen(&run, &cases->coverage->listener);
    verdict = run_random(&run, options->count, options->seed, options->quiet, error);
    verdict = conclude(options, &run, verdict, &text, error);
    add_case(cases, &run, verdict, text, *error);
    run_clear(&run);
    return verdict;
}

static Verdict run_steps_case(const RunOptions *options, Pair *pair, const GArray *steps,
                              const char *from, Cases *cases, GError **error)
{
    Run run;
    char *text = NULL;
    Verdict verdict;

    run_init(&run, pair);
    run_listen(&run, &cases->coverage->listener);
    verdict = run_steps(&run, steps, from, options->quiet, error);
    verdict = conclude(options, &run, verdict, &text, error);
    add_case(cases, &run, verdict, text, *error);
    run_clear(&run);
    return verdict;
}

static Verdict run_file(const RunOptions *options, Pair *pair, const char *file, Cases *cases,
                        GError **error)
{
    g_autoptr(GArray) steps = qreg_load(file, pair->device, error);

    return steps ? run_steps_case(options, pair, steps, file, cases, error) : VERDICT_TROUBLE;
}

/* Files if there are any, else a record's operations, else random ones. */
static Verdict run_all(const RunOptions *options, Pair *pair, Cases *cases, GError **error)
{
    const GArray *recorded = target_log_steps(pair->ref);
    Verdict worst = VERDICT_SAME;

    recorded = recorded ? recorded : target_log_steps(pair->dut);
    if (!options->files) {
        return recorded ? run_steps_case(options, pair, recorded, "the record", cases, error)
                        : run_random_case(options, pair, cases, error);
    }
    for (unsigned i = 0; options->files[i] && worst != VERDICT_TROUBLE; i++) {
        Verdict verdict = run_file(options, pair, options->files[i], cases, error);

        worst = MAX(worst, verdict);
    }
    return worst;
}

/* Goals are held against the run only where they were asked for. */
static Verdict conclude_coverage(const RunOptions *options, const RunCoverage *coverage,
                                 Verdict verdict, GError **error)
{
    GoalsMet met = goals_measure(coverage->goals, coverage->coverage);
    g_autoptr(GString) report = g_string_new(NULL);

    if (options->goals) {
        goals_report(report, coverage->goals, coverage->coverage);
        printf("%s", report->str);
    }
    if (options->coverage && !run_coverage_write(coverage, options->coverage, error)) {
        return VERDICT_TROUBLE;
    }
    return options->goals && met.met < met.bins ? MAX(verdict, VERDICT_DIVERGED) : verdict;
}

static Verdict run_and_report(const RunOptions *options, const RegressDevice *device,
                              GError **error)
{
    g_autoptr(RunCoverage) coverage = run_coverage_new(device, options->goals, error);
    g_autoptr(Pair) pair = coverage ? open_pair(options, device, error) : NULL;
    Cases cases = { .coverage = coverage };
    WorkerProgress progress;
    Verdict verdict = VERDICT_TROUBLE;

    cases.strings = g_ptr_array_new_with_free_func(g_free);
    cases.cases = g_array_new(FALSE, FALSE, sizeof(JunitCase));
    if (pair && worker_progress_open(&progress, options->parallel.progress_file, error)) {
        pair->beat = worker_progress_beat;
        pair->beat_opaque = &progress;
        verdict = run_all(options, pair, &cases, error);
        worker_progress_close(&progress);
        if (verdict != VERDICT_TROUBLE) {
            verdict = conclude_coverage(options, coverage, verdict, error);
        }
    }
    if (options->junit && cases.cases->len > 0 &&
        !report_junit(options->junit, (const JunitCase *)cases.cases->data, cases.cases->len,
                      *error ? NULL : error)) {
        verdict = VERDICT_TROUBLE;
    }
    g_array_unref(cases.cases);
    g_ptr_array_unref(cases.strings);
    return verdict;
}

Verdict regress_command_run(int argc, char **argv, const RegressDevice *device, GError **error)
{
    RunOptions options = { .ref = NULL };
    Verdict verdict = VERDICT_TROUBLE;

    if (run_options_parse(&options, argc, argv, error)) {
        verdict = parallel_is_wanted(&options.parallel) ? parallel_run(&options, device, error)
                                                        : run_and_report(&options, device, error);
    }
    run_options_clear(&options);
    return verdict;
}
