#include "cosim/regress/parallel.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cosim/regress/error.h"
#include "cosim/regress/report.h"
#include "cosim/regress/option_words.h"
#include "cosim/regress/parallel_gather.h"
#include "cosim/regress/report/output.h"

/* So many seeds are printed before the runs begin; after them each has a line anyway. */
#define SEEDS_SHOWN 64u

/* Options that a worker gets as its task has them, or that are for all tasks together. */
static const char *const replaced[] = { "seed",  "output",   "junit", "html",         "trace",
                                        "goals", "coverage", "quiet", "until-covered" };

static bool is_replaced(const char *word)
{
    for (size_t i = 0; i < G_N_ELEMENTS(replaced); i++) {
        if (option_is(word, replaced[i])) {
            return true;
        }
    }
    return parallel_is_option(word);
}

/* --- Tasks --- */

static void add_file_option(GPtrArray *words, const char *option, const char *directory,
                            const char *file)
{
    g_ptr_array_add(words, g_strdup_printf("--%s=%s/%s", option, directory, file));
}

/* This program again, in the folder @directory, for the seed @seed (as an option) or the file @file; one of them is NULL. */
static char **worker_words(const RunOptions *options, const char *directory, const char *seed,
                           const char *file)
{
    GPtrArray *words = g_ptr_array_new();

    g_ptr_array_add(words, g_file_read_link("/proc/self/exe", NULL));
    g_ptr_array_add(words, g_strdup("run"));
    for (unsigned i = 0; options->words[i]; i++) {
        if (!is_replaced(options->words[i])) {
            g_ptr_array_add(words, g_strdup(options->words[i]));
        }
    }
    g_ptr_array_add(words, g_strdup("--quiet"));
    add_file_option(words, "progress-file", directory, TASK_PROGRESS);
    add_file_option(words, "output", directory, TASK_REPRODUCER);
    if (options->junit) {
        add_file_option(words, "junit", directory, TASK_JUNIT);
    }
    if (options->html) {
        add_file_option(words, "html", directory, TASK_HTML);
    }
    if (options->trace) {
        add_file_option(words, "trace", directory, TASK_TRACE);
    }
    if (options->coverage || options->goals || options->html) {
        add_file_option(words, "coverage", directory, TASK_COVERAGE);
    }
    if (seed) {
        g_ptr_array_add(words, g_strdup_printf("--seed=%s", seed));
    } else {
        g_ptr_array_add(words, g_strdup("--"));
        g_ptr_array_add(words, g_strdup(file));
    }
    g_ptr_array_add(words, NULL);
    return (char **)g_ptr_array_free(words, FALSE);
}

static void add_seed(GPtrArray *tasks, const RunOptions *options, const char *results,
                     uint64_t seed)
{
    g_autofree char *text = g_strdup_printf("0x%" PRIx64, seed);
    g_autofree char *name = g_strdup_printf("seed %s", text);
    g_autofree char *directory = g_strdup_printf("%s/seed-%s", results, text);

    g_ptr_array_add(tasks, task_new(name, directory, worker_words(options, directory, text, NULL),
                                    options->count));
}

/* Files of the same name may come from several folders, hence the number. */
static void add_file(GPtrArray *tasks, const RunOptions *options, const char *results,
                     unsigned number)
{
    const char *file = options->files[number];
    g_autofree char *base = g_path_get_basename(file);
    g_autofree char *directory = g_strdup_printf("%s/file-%u-%s", results, number + 1, base);

    g_ptr_array_add(tasks,
                    task_new(file, directory, worker_words(options, directory, NULL, file), 0));
}

static GPtrArray *file_tasks(const RunOptions *options, const ParallelPlan *plan)
{
    GPtrArray *tasks = g_ptr_array_new_with_free_func((GDestroyNotify)task_free);
    unsigned n = g_strv_length(options->files);

    for (unsigned i = 0; i < n; i++) {
        if (share_has(&plan->share, i)) {
            add_file(tasks, options, plan->launch.directory, i);
        }
    }
    printf("%u of %u files\n", tasks->len, n);
    return tasks;
}

static GPtrArray *seed_tasks(const RunOptions *options, const ParallelPlan *plan, GError **error)
{
    const char *text = options->parallel.seeds;
    g_autoptr(GArray) seeds = parallel_seeds(text, options->seed, error);
    GPtrArray *tasks = NULL;

    if (!seeds) {
        return NULL;
    }
    tasks = g_ptr_array_new_with_free_func((GDestroyNotify)task_free);
    for (guint i = 0; i < seeds->len; i++) {
        if (share_has(&plan->share, i)) {
            add_seed(tasks, options, plan->launch.directory, g_array_index(seeds, uint64_t, i));
        }
    }
    printf("%u of %u seeds", tasks->len, seeds->len);
    if (parallel_seeds_are_derived(text)) {
        printf(" of --seeds %s --seed 0x%" PRIx64, text, options->seed);
    }
    printf(", %" PRIu64 " operations each%s\n", options->count, tasks->len > 0 ? ":" : "");
    for (guint i = 0; i < MIN(tasks->len, SEEDS_SHOWN); i++) {
        printf("%s%s", i > 0 ? " " : "  ", ((Task *)tasks->pdata[i])->name + strlen("seed "));
    }
    printf("%s", tasks->len > SEEDS_SHOWN ? " …\n" : tasks->len > 0 ? "\n" : "");
    return tasks;
}

/* What cannot be meant. */
static bool check(const RunOptions *options, GError **error)
{
    const ParallelOptions *parallel = &options->parallel;

    if (!parallel->seeds == !options->files) {
        regress_usage(error, "a run in parallel wants either --seeds or files");
        return false;
    }
    if (options->output) {
        regress_usage(error, "--output is one file; each run's reproducer is in its folder "
                             "(--results)");
        return false;
    }
    if (options->until_covered) {
        regress_usage(error, "--until-covered is for one run; the goals of many are those of all "
                             "together");
        return false;
    }
    if (parallel->shard && parallel_seeds_are_derived(parallel->seeds) && !options->seed_text) {
        regress_usage(error, "--shard wants --seed too, or each share would have seeds of its own");
        return false;
    }
    return true;
}

/* Files that cannot be made are told of before the work, not after it. */
static bool check_files(const RunOptions *options, GError **error)
{
    const char *const files[] = { options->junit, options->html, options->coverage };

    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        if (files[i] && !output_check(files[i], error)) {
            return false;
        }
    }
    return true;
}

/* --- The end --- */

static Verdict worst_of(const GPtrArray *tasks)
{
    int worst = VERDICT_SAME;

    for (guint i = 0; i < tasks->len; i++) {
        const Task *task = (const Task *)tasks->pdata[i];

        worst = MAX(worst, task->state == TASK_ENDED  ? MIN(task->code, VERDICT_TROUBLE)
                           : task->state == TASK_DIED ? VERDICT_TROUBLE
                                                      : VERDICT_SAME);
    }
    return (Verdict)worst;
}

/* @met: the goals are, or there are none. */
static void print_summary(const GPtrArray *tasks, bool files, bool met, double seconds)
{
    guint same = tasks_with_code(tasks, VERDICT_SAME);
    guint diverged = tasks_with_code(tasks, VERDICT_DIVERGED);
    guint left = tasks_in_state(tasks, TASK_WAITING);
    guint trouble = tasks->len - same - diverged - left;
    uint64_t operations = tasks_operations(tasks);
    const char *outcome = trouble > 0 || (left > 0 && diverged == 0) ? "TROUBLE"
                          : diverged > 0                             ? "DIVERGED"
                          : met                                      ? "same"
                                                                     : "GOALS NOT MET";

    printf("%s: %s: %u %s, %u same, %u diverged, %u trouble, %u not run; %" PRIu64
           " operations; %.2f s, %.0f/s\n",
           report_program(), outcome, tasks->len, files ? "files" : "seeds", same, diverged,
           trouble, left, operations, seconds, seconds > 0 ? (double)operations / seconds : 0);
}

/* Tells what the goals came to, and whether they are met. */
static bool tell_goals(const RunCoverage *coverage)
{
    GoalsMet met = goals_measure(coverage->goals, coverage->coverage);
    g_autoptr(GString) report = g_string_new(NULL);

    goals_report(report, coverage->goals, coverage->coverage);
    fputs(report->str, stdout);
    return met.met == met.bins;
}

/* Files that were asked for, of all tasks together. */
static bool gather(const RunOptions *options, const GPtrArray *tasks, RunCoverage *coverage,
                   GError **error)
{
    return gather_coverage(coverage, tasks, error) &&
           (!options->coverage || run_coverage_write(coverage, options->coverage, error)) &&
           (!options->junit || gather_junit(options->junit, tasks, error)) &&
           (!options->html || gather_html(options->html, tasks, coverage, error));
}

/* What there is to complain of in the tasks themselves. */
static void complain(const GPtrArray *tasks, int interrupted, GError **error)
{
    guint left = tasks_in_state(tasks, TASK_WAITING);
    guint usage = tasks_with_code(tasks, REGRESS_ERROR_USAGE);
    guint trouble = tasks_with_code(tasks, REGRESS_ERROR_TARGET) + tasks_in_state(tasks, TASK_DIED);

    if (interrupted) {
        regress_trouble(error, "interrupted; %u of %u were not run", left, tasks->len);
    } else if (usage > 0) {
        regress_usage(error, "wrong usage: see above");
    } else if (trouble > 0) {
        regress_trouble(error, "%u of %u had trouble", trouble, tasks->len);
    }
}

static Verdict run_tasks(const RunOptions *options, const ParallelPlan *plan, GPtrArray *tasks,
                         RunCoverage *coverage, GError **error)
{
    gint64 begun = g_get_monotonic_time();
    int interrupted = 0;
    bool met = true;
    bool launched;
    g_autoptr(GError) cause = NULL;

    fflush(stdout);
    launched = launch(plan->launcher, tasks, &plan->launch, &interrupted, &cause);
    gather_print(tasks);
    if (gather(options, tasks, coverage, launched ? &cause : NULL) && options->goals) {
        met = tell_goals(coverage);
    }
    print_summary(tasks, options->files != NULL, met,
                  (double)(g_get_monotonic_time() - begun) / 1e6);
    if (!cause) {
        complain(tasks, interrupted, &cause);
    }
    if (cause) {
        g_propagate_error(error, g_steal_pointer(&cause));
        return VERDICT_TROUBLE;
    }
    return met ? worst_of(tasks) : MAX(worst_of(tasks), VERDICT_DIVERGED);
}

Verdict parallel_run(const RunOptions *options, const RegressDevice *device, GError **error)
{
    ParallelPlan plan = { .launcher = NULL };
    g_autoptr(RunCoverage) coverage = NULL;
    g_autoptr(GPtrArray) tasks = NULL;
    Verdict verdict = VERDICT_TROUBLE;

    if (check(options, error) && check_files(options, error)) {
        coverage = run_coverage_new(device, options->goals, error);
    }
    if (coverage && parallel_plan(&options->parallel, options->quiet, &plan, error)) {
        tasks = options->files ? file_tasks(options, &plan) : seed_tasks(options, &plan, error);
    }
    if (tasks) {
        verdict = run_tasks(options, &plan, tasks, coverage, error);
    }
    parallel_plan_clear(&plan);
    return verdict;
}
