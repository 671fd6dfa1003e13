#include "cosim/regress/run_options.h"

#include "cosim/regress/command.h"
#include "cosim/regress/error.h"
#include "cosim/regress/option_words.h"

#define DEFAULT_COUNT 100000u
#define DEFAULT_TRACE_OPS 1000u
/* Most operations of a run: they are kept for shrinking. */
#define COUNT_MAX 100000000u

bool run_options_parse(RunOptions *options, int argc, char **argv, GError **error)
{
    const GOptionEntry entries[] = {
        { "ref", 'r', 0, G_OPTION_ARG_STRING, &options->ref,
          "the reference (default model:, where there is one)", "TARGET" },
        { "dut", 'd', 0, G_OPTION_ARG_STRING, &options->dut,
          "what is tested (default model:, where there is one)", "TARGET" },
        { "count", 'n', 0, G_OPTION_ARG_STRING, &options->count_text,
          "number of random operations (default 100000)", "N" },
        { "seed", 's', 0, G_OPTION_ARG_STRING, &options->seed_text,
          "seed of the random operations (default: a new one, printed)", "S" },
        { "mask", 'm', 0, G_OPTION_ARG_STRING_ARRAY, &options->masks,
          "compare only these bits of what is read of a register", "REGISTER=BITS" },
        { "mask-file", 0, 0, G_OPTION_ARG_FILENAME, &options->mask_file,
          "the same by a file with a line REGISTER BITS  # why for each", "FILE" },
        { "compare", 'c', 0, G_OPTION_ARG_STRING, &options->compare,
          "compare only these of data, bus, irq, out, driven", "WHAT,..." },
        { "coverage", 0, 0, G_OPTION_ARG_FILENAME, &options->coverage,
          "where the database of coverage goes", "FILE" },
        { "goals", 'g', 0, G_OPTION_ARG_FILENAME, &options->goals,
          "what must be exercised (\"default\": the device's own); exit code 1 if it was not",
          "FILE" },
        { "until-covered", 0, 0, G_OPTION_ARG_NONE, &options->until_covered,
          "end random operations when all goals are met, --count is the most", NULL },
        { "output", 'o', 0, G_OPTION_ARG_FILENAME, &options->output,
          "where the smallest reproducer goes (default regress-SEED.qreg)", "FILE" },
        { "junit", 'j', 0, G_OPTION_ARG_FILENAME, &options->junit, "JUnit XML for CI", "FILE" },
        { "html", 0, 0, G_OPTION_ARG_FILENAME, &options->html,
          "a page that tells of the run: divergence, registers, waveform, times", "FILE" },
        { "trace", 't', 0, G_OPTION_ARG_FILENAME, &options->trace,
          "an FST of what an RTL target did before the divergence", "FILE" },
        { "trace-ops", 0, 0, G_OPTION_ARG_STRING, &options->trace_ops_text,
          "the last N operations of it (default 1000)", "N" },
        { "no-shrink", 0, 0, G_OPTION_ARG_NONE, &options->no_shrink,
          "do not look for the smallest reproducer", NULL },
        { "quiet", 'q', 0, G_OPTION_ARG_NONE, &options->quiet, "no progress", NULL },
        { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options->files, NULL, NULL },
        { NULL },
    };

    g_autofree GOptionEntry *for_workers = parallel_entries(&options->parallel);
    g_autofree GOptionEntry *all = option_join(entries, for_workers);

    options->count = DEFAULT_COUNT;
    options->trace_ops = DEFAULT_TRACE_OPS;
    options->seed = regress_new_seed();
    if (!regress_take_options(&argc, &argv, all, "[FILE.qreg…]",
                              "Compares two targets until the first divergence, and shrinks what "
                              "led to it.",
                              error) ||
        !regress_take_number("count", options->count_text, 1, &options->count, error) ||
        !regress_take_number("trace-ops", options->trace_ops_text, 1, &options->trace_ops, error) ||
        !regress_take_number("seed", options->seed_text, 0, &options->seed, error)) {
        return false;
    }
    if (options->count > COUNT_MAX) {
        regress_usage(error, "--count is at most %u", COUNT_MAX);
        return false;
    }
    options->words = option_words(all);
    return true;
}

void run_options_clear(RunOptions *options)
{
    g_free(options->ref);
    g_free(options->dut);
    g_strfreev(options->masks);
    g_free(options->mask_file);
    g_free(options->compare);
    g_free(options->goals);
    g_free(options->coverage);
    g_free(options->output);
    g_free(options->junit);
    g_free(options->html);
    g_free(options->trace);
    g_free(options->trace_ops_text);
    g_strfreev(options->files);
    g_free(options->count_text);
    g_free(options->seed_text);
    g_strfreev(options->words);
    parallel_options_clear(&options->parallel);
}
