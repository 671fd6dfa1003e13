#include "cosim/cli/command.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "cosim/cli/nearest.h"

typedef struct Family {
    const char *title;
    const CliCommand *commands;
} Family;

static const Family families[] = {
    { "Server and machine", cli_server_commands },
    { "Objects", cli_object_commands },
    { "Types", cli_type_commands },
    { "Memory and registers", cli_memory_commands },
    { "Lines", cli_line_commands },
    { "Chardevs", cli_chardev_commands },
    { "Other protocols", cli_qtest_commands },
};

static const CliOption program_options[] = {
    { "version", 0, NULL, "print the version and exit" },
    { NULL, 0, NULL, NULL },
};

static void print_options(const CliOption *table)
{
    for (const CliOption *option = table; option && option->name; option++) {
        g_autofree char *left =
            g_strdup_printf("--%s%s%s", option->name, option->argument ? " " : "",
                            option->argument ? option->argument : "");

        if (option->letter) {
            printf("  -%c, %-20s %s\n", option->letter, left, option->help);
        } else {
            printf("      %-20s %s\n", left, option->help);
        }
    }
}

void cli_print_command_help(const CliCommand *command)
{
    bool has_options = command->options && command->options->name;

    printf("Usage: qosim [-u URL] [--timeout MS] %s%s%s%s\n\n%s.\n", command->name,
           command->arguments[0] ? " " : "", command->arguments, has_options ? " [OPTION...]" : "",
           command->summary);
    if (command->details) {
        printf("\n%s", command->details);
    }
    printf("\nOptions:\n");
    print_options(command->options);
    print_options(cli_global_options);
}

static void print_help(void)
{
    printf("Usage: qosim [-u URL] [--timeout MS] COMMAND [ARGUMENT...]\n\n"
           "Looks into a machine that Qosim hosts, and drives it.\n");
    for (guint f = 0; f < G_N_ELEMENTS(families); f++) {
        printf("\n%s:\n", families[f].title);
        for (const CliCommand *command = families[f].commands; command->name; command++) {
            g_autofree char *left = g_strdup_printf("%s %s", command->name, command->arguments);

            printf("  %-34s %s\n", left, command->summary);
        }
    }
    printf("\nOptions:\n");
    print_options(cli_global_options);
    print_options(program_options);
    printf("\n'qosim COMMAND --help' tells more about a command. Without -u the server is that of "
           "QOSIM_URL, else "
           "the\none that qosimd serves by default. Exit codes: 0 done, 1 refused by the server, 2 "
           "wrong command "
           "line,\n3 no server or no answer in time.\n");
}

static const CliCommand *find_command(const char *name)
{
    for (guint f = 0; f < G_N_ELEMENTS(families); f++) {
        for (const CliCommand *command = families[f].commands; command->name; command++) {
            if (strcmp(command->name, name) == 0) {
                return command;
            }
        }
    }
    return NULL;
}

static CliExit unknown_command(const CliContext *cli, const char *name)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    const char *nearest;

    for (guint f = 0; f < G_N_ELEMENTS(families); f++) {
        for (const CliCommand *command = families[f].commands; command->name; command++) {
            g_ptr_array_add(names, (gpointer)command->name);
        }
    }
    nearest = cli_nearest(name, names);
    if (nearest) {
        return cli_usage_error(cli, "unknown command '%s'; did you mean '%s'?", name, nearest);
    }
    return cli_usage_error(cli, "unknown command '%s'", name);
}

/* Takes the options that every command has. */
static bool take_global_options(CliContext *cli, const CliArgs *args, GError **error)
{
    const char *url = cli_args_text(args, "url", NULL);
    const char *transport = cli_args_text(args, "transport", NULL);
    uint64_t timeout;
    uint64_t spin;

    if (!cli_args_number(args, "timeout", INT_MAX, (uint64_t)cli->timeout_ms, &timeout, error) ||
        !cli_args_number(args, "spin-us", 10000, 0, &spin, error)) {
        return false;
    }
    if (cli_args_has(args, "spin-us")) {
        cli->spin_us = spin ? (int)spin : -1;
    }
    cli->timeout_ms = (int)timeout;
    if (transport) {
        cli->no_shm = strcmp(transport, "direct") == 0;
        cli->by_nanomsg = strcmp(transport, "nanomsg") == 0;
        if (!cli->no_shm && !cli->by_nanomsg) {
            g_set_error(error, g_quark_from_static_string("qosim-cli"), 0,
                        "--transport: there are 'direct' and 'nanomsg', not '%s'", transport);
            return false;
        }
    }
    if (cli_args_has(args, "auth-file")) {
        g_free(cli->auth_file);
        cli->auth_file = g_strdup(cli_args_text(args, "auth-file", NULL));
    }
    if (url) {
        g_free(cli->url);
        cli->url = g_strdup(url);
    }
    return true;
}

static CliExit run_command(CliContext *cli, const CliCommand *command, char **words)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(CliArgs) args = cli_args_parse(words, command->options, false, &error);
    CliExit code;

    if (!args) {
        return cli_usage_error(cli, "%s", error->message);
    }
    if (cli_args_has(args, "help")) {
        cli_print_command_help(command);
        return CLI_OK;
    }
    if (!take_global_options(cli, args, &error)) {
        return cli_usage_error(cli, "%s", error->message);
    }
    if (args->n_words < command->min_words) {
        return cli_usage_error(cli, "too few arguments; expected: %s", command->arguments);
    }
    if (args->n_words > command->max_words) {
        return cli_usage_error(cli, "unexpected argument '%s'",
                               cli_args_word(args, command->max_words));
    }
    code = cli_open(cli, cli->url ? cli->url : g_getenv("QOSIM_URL"));
    return code == CLI_OK ? command->run(cli, args) : code;
}

static CliExit run_program(CliContext *cli, char **words)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(CliArgs) args = cli_args_parse(words, program_options, true, &error);
    const CliCommand *command;
    char **rest;

    if (!args || !take_global_options(cli, args, &error)) {
        return cli_usage_error(cli, "%s", error->message);
    }
    if (cli_args_has(args, "version")) {
        printf("qosim %s\n", QOSIM_VERSION);
        return CLI_OK;
    }
    rest = (char **)args->words->pdata;
    if (cli_args_has(args, "help") || (rest[0] && strcmp(rest[0], "help") == 0 && !rest[1])) {
        print_help();
        return CLI_OK;
    }
    if (!rest[0]) {
        return cli_usage_error(cli, "a command is missing");
    }
    command = find_command(rest[strcmp(rest[0], "help") == 0 ? 1 : 0]);
    if (!command) {
        return unknown_command(cli, rest[strcmp(rest[0], "help") == 0 ? 1 : 0]);
    }
    cli->command = command->name;
    if (strcmp(rest[0], "help") == 0) {
        cli_print_command_help(command);
        return CLI_OK;
    }
    return command->run_words ? command->run_words(cli, command, rest + 1)
                              : run_command(cli, command, rest + 1);
}

int cli_main(int argc, char **argv)
{
    CliContext cli = { .timeout_ms = 0 };
    CliExit code = run_program(&cli, argv + MIN(argc, 1));

    qosim_close(cli.session);
    g_free(cli.url);
    g_free(cli.auth_file);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "qosim: cannot write the output: %s\n", g_strerror(errno));
        return code == CLI_OK ? CLI_REFUSED : code;
    }
    return code;
}
