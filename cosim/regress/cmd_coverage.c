#include <stdio.h>

#include "cosim/regress/command.h"
#include "cosim/regress/coverage_file.h"
#include "cosim/regress/error.h"
#include "cosim/regress/goals.h"

typedef struct CoverageOptions {
    char *goals;
    char *output;
    gboolean list;
    char **files;
} CoverageOptions;

static bool parse_options(int argc, char **argv, CoverageOptions *options, GError **error)
{
    const GOptionEntry entries[] = {
        { "goals", 'g', 0, G_OPTION_ARG_FILENAME, &options->goals,
          "what must be exercised (\"default\": the device's own); exit code 1 if it was not",
          "FILE" },
        { "output", 'o', 0, G_OPTION_ARG_FILENAME, &options->output,
          "where the databases go together", "FILE" },
        { "list", 'l', 0, G_OPTION_ARG_NONE, &options->list, "print the counts of all bins", NULL },
        { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options->files, NULL, NULL },
        { NULL },
    };

    if (!regress_take_options(&argc, &argv, entries, "FILE…",
                              "Adds up databases of coverage (run --coverage FILE), and tells "
                              "what was never exercised.",
                              error)) {
        return false;
    }
    if (!options->files) {
        regress_usage(error, "coverage wants databases");
        return false;
    }
    return true;
}

static void print_counts(const Coverage *coverage)
{
    for (size_t i = 0; i < coverage_n_points(coverage); i++) {
        const CoverPoint *point = coverage_point(coverage, i);

        for (unsigned bin = 0; bin < COVERAGE_BINS; bin++) {
            if (point->there >> bin & 1) {
                g_autofree char *name = coverage_bin_name(point, bin);

                printf("%5u %s\n", point->counts[bin], name);
            }
        }
    }
}

static Verdict add_up(const CoverageOptions *options, const RegressDevice *device, GError **error)
{
    g_autoptr(Coverage) coverage = coverage_new(device);
    g_autoptr(Goals) goals = goals_open(options->goals, coverage, error);
    g_autoptr(GPtrArray) runs = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GString) report = g_string_new(NULL);
    GoalsMet met;

    for (unsigned i = 0; goals && options->files[i]; i++) {
        if (!coverage_file_add(options->files[i], coverage, runs, error)) {
            return VERDICT_TROUBLE;
        }
    }
    if (!goals ||
        (options->output && !coverage_file_write(options->output, coverage, runs, error))) {
        return VERDICT_TROUBLE;
    }
    if (options->list) {
        print_counts(coverage);
    }
    goals_report(report, goals, coverage);
    printf("%s", report->str);
    met = goals_measure(goals, coverage);
    return options->goals && met.met < met.bins ? VERDICT_DIVERGED : VERDICT_SAME;
}

Verdict regress_command_coverage(int argc, char **argv, const RegressDevice *device, GError **error)
{
    CoverageOptions options = { .goals = NULL };
    Verdict verdict = VERDICT_TROUBLE;

    if (parse_options(argc, argv, &options, error)) {
        verdict = add_up(&options, device, error);
    }
    g_free(options.goals);
    g_free(options.output);
    g_strfreev(options.files);
    return verdict;
}
