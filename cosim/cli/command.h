/*
 * What every command of the program `qosim` has in common: its row in a table, the options it takes, and the session that it
 * works on. A new command is one row and one function in the file of its family.
 */
#ifndef QOSIM_COSIM_CLI_COMMAND_H
#define QOSIM_COSIM_CLI_COMMAND_H

#include <stdbool.h>

#include <glib.h>
#include <qosim/qosim.h>

#include "cosim/cli/args.h"

/* Exit codes of the program; documented in docs/cli.md and in --help. */
typedef enum CliExit {
    CLI_OK = 0,
    CLI_REFUSED = 1,   /* the server or the machine refused */
    CLI_USAGE = 2,     /* the command line is wrong */
    CLI_NO_SERVER = 3, /* nobody there, the server went, or no answer in time */
} CliExit;

typedef struct CliContext {
    char *url; /* NULL: none was given, by option or environment */
    int timeout_ms;
    bool no_shm;         /* --transport direct */
    char *auth_file;     /* --auth-file; NULL: none */
    bool by_nanomsg;     /* --transport nanomsg */
    int spin_us;         /* as in qosim_options */
    const char *command; /* name of the running command, for messages */
    qosim_session *session;
} CliContext;

typedef struct CliCommand CliCommand;

struct CliCommand {
    const char *name; /* NULL ends a table */
    const char *arguments;
    const char *summary;
    const char *details; /* further help; may be NULL */
    const CliOption *options;
    unsigned min_words;
    unsigned max_words;
    /* Runs with an open session. */
    CliExit (*run)(CliContext *cli, const CliArgs *args);
    /* Instead of run: gets the words after the command's name as they are, and no session. */
    CliExit (*run_words)(CliContext *cli, const CliCommand *self, char **words);
};

/* One table per family. */
extern const CliCommand cli_server_commands[];
extern const CliCommand cli_object_commands[];
extern const CliCommand cli_type_commands[];
extern const CliCommand cli_memory_commands[];
extern const CliCommand cli_line_commands[];
extern const CliCommand cli_chardev_commands[];
extern const CliCommand cli_qtest_commands[];

/* Runs the program: @argv as main() gets it. Returns the exit code. */
int cli_main(int argc, char **argv);

/* Prints what `qosim COMMAND --help` prints. */
void cli_print_command_help(const CliCommand *command);

/* Opens the session at @url (NULL: the default one). On failure prints why and returns the exit code. */
CliExit cli_open(CliContext *cli, const char *url);

/* The URL at which qosimd listens unless told otherwise. Free with g_free(). */
char *cli_default_url(void);

/* Prints "qosim: COMMAND: text" on standard error. Returns CLI_USAGE resp. CLI_REFUSED, so that "return …" reads well. */
CliExit cli_usage_error(const CliContext *cli, const char *format, ...) G_GNUC_PRINTF(2, 3);
CliExit cli_refused(const CliContext *cli, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Prints the session's last error and returns the exit code that @result stands for. */
CliExit cli_failed(const CliContext *cli, qosim_result result);

/* Splits "TYPE,a=b,,c,d=e" as -device does: a doubled comma is a comma of the value. Free with g_strfreev(). */
char **cli_split_options(const char *text);

/* "decode error" and the like. */
const char *cli_bus_text(qosim_bus bus);

#endif
