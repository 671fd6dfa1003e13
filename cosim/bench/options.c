#include "cosim/bench/bench.h"

#include <stdio.h>
#include <string.h>

static const char *const placement_names[] = {
    [BENCH_ONE_CORE_EACH] = "one-core-each",
    [BENCH_SAME_CORE] = "same-core",
    [BENCH_FREE] = "free",
};

static const char *const load_names[] = {
    [BENCH_LOAD_NONE] = "none",
    [BENCH_LOAD_BUSY] = "busy",
};

G_DEFINE_QUARK(qosim - bench - error, bench_error)

bool bench_fail(GError **error, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_propagate_error(error, g_error_new_valist(bench_error_quark(), 0, format, args));
    va_end(args);
    return false;
}

const char *bench_placement_name(BenchPlacement placement)
{
    return placement_names[placement];
}

const char *bench_load_name(BenchLoad load)
{
    return load_names[load];
}

/* The index of @word among @names; false, and what there is, when it is none of them. */
static bool find_name(const char *const *names, guint n, const char *option, const char *word,
                      guint *index, GError **error)
{
    g_autoptr(GString) list = g_string_new(NULL);

    for (*index = 0; *index < n; (*index)++) {
        if (strcmp(names[*index], word) == 0) {
            return true;
        }
        g_string_append_printf(list, "%s%s", *index ? ", " : "", names[*index]);
    }
    return bench_fail(error, "%s: no such value '%s'; there are %s", option, word, list->str);
}

/* qosimd beside this program, else the one of the PATH. */
static char *find_qosimd(void)
{
    g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *directory = self ? g_path_get_dirname(self) : NULL;
    g_autofree char *beside = directory ? g_build_filename(directory, "qosimd", NULL) : NULL;

    if (beside && g_file_test(beside, G_FILE_TEST_IS_EXECUTABLE)) {
        return g_steal_pointer(&beside);
    }
    return g_strdup("qosimd");
}

static bool check(BenchOptions *options, const char *placement, const char *load, int argc,
                  char **argv, GError **error)
{
    guint index;

    if (argc > 1) {
        return bench_fail(error, "unexpected argument '%s'", argv[1]);
    }
    if (options->rounds < 1 || options->rounds > 1000) {
        return bench_fail(error, "--rounds: from 1 to 1000, not %d", options->rounds);
    }
    if (options->round_ms < 1 || options->round_ms > 60000) {
        return bench_fail(error, "--round-ms: from 1 to 60000, not %d", options->round_ms);
    }
    if (!find_name(placement_names, G_N_ELEMENTS(placement_names), "--placement",
                   placement ? placement : placement_names[0], &index, error)) {
        return false;
    }
    options->placement = (BenchPlacement)index;
    if (!find_name(load_names, G_N_ELEMENTS(load_names), "--load", load ? load : load_names[0],
                   &index, error)) {
        return false;
    }
    options->load = (BenchLoad)index;
    return true;
}

bool bench_options_parse(const BenchCommand *command, const GOptionEntry *entries, int argc,
                         char **argv, BenchOptions *options)
{
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_autofree char *placement = NULL;
    g_autofree char *load = NULL;
    g_autofree char *program = g_strdup_printf("qosim-bench %s", command->name);
    g_autoptr(GError) error = NULL;
    const GOptionEntry of_rounds[] = {
        { "rounds", 0, 0, G_OPTION_ARG_INT, &options->rounds, "rounds of each loop, in turns (11)",
          "N" },
        { "round-ms", 0, 0, G_OPTION_ARG_INT, &options->round_ms,
          "how long a loop runs in a round (50)", "MS" },
        { NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL },
    };
    const GOptionEntry common[] = {
        { "placement", 0, 0, G_OPTION_ARG_STRING, &placement,
          "one-core-each (default), same-core or free", "P" },
        { "load", 0, 0, G_OPTION_ARG_STRING, &load,
          "none (default) or busy: one process that never sleeps on each core", "L" },
        { "json", 0, 0, G_OPTION_ARG_FILENAME, &options->json, "write everything to FILE as well",
          "FILE" },
        { "qosimd", 0, 0, G_OPTION_ARG_FILENAME, &options->qosimd,
          "the server to measure (the one beside this program)", "PROGRAM" },
        { NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL },
    };

    *options = (BenchOptions){ .rounds = 11, .round_ms = 50 };
    g_set_prgname(program);
    g_option_context_set_summary(context, command->summary);
    g_option_context_set_description(context, command->details);
    if (command->has_rounds) {
        g_option_context_add_main_entries(context, of_rounds, NULL);
    }
    g_option_context_add_main_entries(context, common, NULL);
    if (entries) {
        g_option_context_add_main_entries(context, entries, NULL);
    }
    if (!g_option_context_parse(context, &argc, &argv, &error) ||
        !check(options, placement, load, argc, argv, &error)) {
        (void)fprintf(stderr, "%s: %s; see %s --help\n", program, error->message, program);
        bench_options_clear(options);
        return false;
    }
    if (!options->qosimd) {
        options->qosimd = find_qosimd();
    }
    return true;
}

void bench_options_clear(BenchOptions *options)
{
    g_clear_pointer(&options->json, g_free);
    g_clear_pointer(&options->qosimd, g_free);
}

BenchExit bench_complain(const BenchCommand *command, const GError *error)
{
    (void)fflush(stdout);
    (void)fprintf(stderr, "qosim-bench %s: %s\n", command->name, error->message);
    return BENCH_FAILED;
}
