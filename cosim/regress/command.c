#include "cosim/regress/command.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cosim/cli/number.h"
#include "cosim/regress/error.h"
#include "cosim/regress/report.h"

static const char usage[] =
    "Usage: %s COMMAND [OPTIONS…]\n"
    "\n"
    "Gives two targets that have the same device the same operations, and finds where they "
    "differ.\n"
    "\n"
    "Commands:\n"
    "  run [FILE.qreg…]     compare two targets, with random operations or those of files\n"
    "  replay FILE.qreg     run a file's operations on one target and tell what each came to\n"
    "  generate             print the random operations of a seed\n"
    "  coverage FILE…       add up what runs have covered, and tell what was never exercised\n"
    "\n"
    "Targets:\n"
    "%s"
    "\n"
    "Exit code: 0 no difference, 1 a divergence, or goals that were not met, 2 wrong usage, 3 "
    "trouble with a target or a "
    "file.\n"
    "%s COMMAND --help tells each command's options.\n";

static const struct {
    const char *name;
    Verdict (*execute)(int argc, char **argv, const RegressDevice *device, GError **error);
} commands[] = {
    { "run", regress_command_run },
    { "replay", regress_command_replay },
    { "generate", regress_command_generate },
    { "coverage", regress_command_coverage },
};

bool regress_take_options(int *argc, char ***argv, const GOptionEntry *entries, const char *usage_,
                          const char *summary, GError **error)
{
    g_autoptr(GOptionContext) context = g_option_context_new(usage_);
    g_autoptr(GError) cause = NULL;

    g_option_context_add_main_entries(context, entries, NULL);
    g_option_context_set_summary(context, summary);
    if (!g_option_context_parse(context, argc, argv, &cause)) {
        regress_usage(error, "%s", cause->message);
        return false;
    }
    return true;
}

bool regress_take_number(const char *option, const char *text, uint64_t least, uint64_t *value,
                         GError **error)
{
    if (text && (!cli_number(text, value) || *value < least)) {
        regress_usage(error, "--%s wants a number%s, not \"%s\"", option,
                      least > 0 ? " above 0" : "", text);
        return false;
    }
    return true;
}

bool regress_take_target(const char *option, const char *name, const RegressDevice *device,
                         const char **target, GError **error)
{
    *target = name || !device->machine ? name : "model:";
    if (!*target) {
        regress_usage(error, "--%s is missing: which target?", option);
    }
    return *target;
}

uint64_t regress_new_seed(void)
{
    return (uint64_t)g_random_int() << 32 | g_random_int();
}

static Verdict execute(int argc, char **argv, const RegressDevice *device, GError **error)
{
    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++) {
        if (strcmp(argv[1], commands[i].name) == 0) {
            /* --help then shows both words */
            g_autofree char *name = g_strdup_printf("%s %s", report_program(), argv[1]);

            g_set_prgname(name);
            return commands[i].execute(argc - 1, argv + 1, device, error);
        }
    }
    regress_usage(error, "no command %s; it is run, replay, generate or coverage", argv[1]);
    return VERDICT_TROUBLE;
}

/* What was printed has to have arrived, or a full disk would look like success. */
static bool flush_output(GError **error)
{
    if (fflush(stdout) != 0 || ferror(stdout)) {
        if (error && !*error) {
            regress_trouble(error, "standard output: %s", g_strerror(errno));
        }
        return false;
    }
    return true;
}

static void print_usage(FILE *to, const RegressDevice *device)
{
    g_autoptr(GString) targets = g_string_new(NULL);

    target_list(targets, device);
    fprintf(to, usage, report_program(), targets->str, report_program());
}

/* Of the file, not of a link to it: workers are started by the former. Never freed. */
static const char *program_name(const char *argv0)
{
    g_autofree char *path = g_file_read_link("/proc/self/exe", NULL);

    return g_path_get_basename(path ? path : argv0);
}

int regress_main(int argc, char **argv, const RegressDevice *device)
{
    g_autoptr(GError) error = NULL;
    Verdict verdict;

    if (argc > 0) {
        report_set_program(program_name(argv[0]));
    }
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is like a full disk */
    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        print_usage(argc < 2 ? stderr : stdout, device);
        return argc < 2 ? REGRESS_ERROR_USAGE : 0;
    }
    verdict = execute(argc, argv, device, &error);
    if (!flush_output(&error)) {
        verdict = VERDICT_TROUBLE;
    }
    if (error) {
        fprintf(stderr, "%s: %s\n", report_program(), error->message);
        return error->domain == REGRESS_ERROR ? error->code : REGRESS_ERROR_TARGET;
    }
    return verdict == VERDICT_SAME ? 0 : verdict == VERDICT_DIVERGED ? 1 : REGRESS_ERROR_TARGET;
}
