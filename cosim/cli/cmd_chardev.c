/* Commands about chardevs: chardev, console. */
#include "cosim/cli/command.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cosim/cli/console.h"
#include "cosim/cli/table.h"
#include "cosim/cli/terminal.h"

#define ESCAPE 0x1d /* Ctrl-] */
#define DEFAULT_QUIET_MS 500
#define READ_BYTES ((size_t)65536)

/* --- chardev --- */

static CliExit list_chardevs(CliContext *cli)
{
    static const char *const headings[] = { "ID",   "BACKEND", "FILENAME", "GUEST",
                                            "HOST", "USED",    "WAITING",  NULL };
    g_autoptr(CliTable) table = cli_table_new(headings);
    qosim_chardev *list;
    size_t n;
    qosim_result result = qosim_chardev_list(cli->session, &list, &n);

    if (result != QOSIM_OK) {
        return cli_failed(cli, result);
    }
    for (size_t i = 0; i < n; i++) {
        cli_table_add(table, list[i].id);
        cli_table_add(table, list[i].backend);
        cli_table_add(table, list[i].filename);
        cli_table_add(table, list[i].frontend_open ? "open" : "closed");
        cli_table_add(table, list[i].host_open ? "open" : "closed");
        cli_table_add(table, list[i].used ? "yes" : "no");
        cli_table_addf(table, "%" PRIu64, list[i].pending);
    }
    qosim_free_chardevs(list, n);
    cli_table_print(table, stdout, cli_on_terminal());
    return CLI_OK;
}

/* "server" means server=on, "nowait" wait=off, as with -chardev. Free with g_free(). */
static char *complete_option(const char *option)
{
    if (strchr(option, '=')) {
        return g_strdup(option);
    }
    return g_str_has_prefix(option, "no") ? g_strdup_printf("%s=off", option + strlen("no"))
                                          : g_strdup_printf("%s=on", option);
}

static CliExit add_chardev(CliContext *cli, const char *text)
{
    g_auto(GStrv) parts = cli_split_options(text);
    g_autoptr(GPtrArray) options = g_ptr_array_new_with_free_func(g_free);
    const char *id = NULL;
    char *filename = NULL;
    qosim_result result;

    for (char **part = parts + 1; *part; part++) {
        if (g_str_has_prefix(*part, "id=")) {
            id = *part + strlen("id=");
        } else {
            g_ptr_array_add(options, complete_option(*part));
        }
    }
    g_ptr_array_add(options, NULL);
    if (!id || !id[0]) {
        return cli_usage_error(cli, "'%s': an id is missing (id=ID)", text);
    }
    result = qosim_chardev_add(cli->session, parts[0], id, (const char *const *)options->pdata,
                               &filename);
    if (result != QOSIM_OK) {
        return cli_failed(cli, result);
    }
    printf("%s\n", filename);
    qosim_free(filename);
    return CLI_OK;
}

static CliExit read_chardev(CliContext *cli, const char *id)
{
    g_autofree uint8_t *bytes = g_malloc(READ_BYTES);
    uint64_t pending;
    size_t n;

    do {
        qosim_result result = qosim_chardev_read(cli->session, id, bytes, READ_BYTES, &n, &pending);

        if (result != QOSIM_OK) {
            return cli_failed(cli, result);
        }
        (void)fwrite(bytes, 1, n, stdout);
    } while (n > 0 && pending > 0 && !ferror(stdout));
    return CLI_OK;
}

static CliExit run_chardev(CliContext *cli, const CliArgs *args)
{
    const char *action = cli_args_word(args, 0);
    const char *what = cli_args_word(args, 1);
    qosim_result result;

    action = action ? action : "list";
    if (strcmp(action, "list") == 0) {
        return what ? cli_usage_error(cli, "unexpected argument '%s'", what) : list_chardevs(cli);
    }
    if (strcmp(action, "add") != 0 && strcmp(action, "del") != 0 && strcmp(action, "read") != 0) {
        return cli_usage_error(cli, "'%s': expected 'list', 'add', 'del' or 'read'", action);
    }
    if (!what) {
        return cli_usage_error(cli, "too few arguments; expected: %s %s", action,
                               strcmp(action, "add") == 0 ? "BACKEND,id=ID" : "ID");
    }
    if (strcmp(action, "add") == 0) {
        return add_chardev(cli, what);
    }
    if (strcmp(action, "read") == 0) {
        return read_chardev(cli, what);
    }
    result = qosim_chardev_remove(cli->session, what);
    return result == QOSIM_OK ? CLI_OK : cli_failed(cli, result);
}

/* --- console --- */

/* Whether @id is a chardev for a console; *@host_open tells the state of its host's side. */
static CliExit find_rpc(CliContext *cli, const char *id, bool *host_open)
{
    CliExit code = CLI_REFUSED;
    qosim_chardev *list;
    size_t n;
    size_t i = 0;
    qosim_result result = qosim_chardev_list(cli->session, &list, &n);

    if (result != QOSIM_OK) {
        return cli_failed(cli, result);
    }
    while (i < n && strcmp(list[i].id, id) != 0) {
        i++;
    }
    if (i == n) {
        cli_refused(cli, "Chardev '%s' not found", id);
    } else if (strcmp(list[i].backend, "rpc") != 0) {
        cli_refused(cli, "chardev '%s' is of backend '%s'; a console needs one of backend 'rpc'",
                    id, list[i].backend);
    } else {
        *host_open = list[i].host_open;
        code = CLI_OK;
    }
    qosim_free_chardevs(list, n);
    return code;
}

static CliExit end_console(CliContext *cli, const Console *console, ConsoleEnd end,
                           qosim_result result)
{
    switch (end) {
    case CONSOLE_CALL_FAILED:
        return cli_failed(cli, result);
    case CONSOLE_INPUT_FAILED:
        return cli_refused(cli, "cannot read the input: %s", g_strerror(console->error));
    case CONSOLE_OUTPUT_FAILED:
        return cli_refused(cli, "cannot write the output: %s", g_strerror(console->error));
    default:
        break;
    }
    if (console->n_input > 0) {
        return cli_refused(cli, "the guest did not take the last %zu bytes of the input",
                           console->n_input);
    }
    return CLI_OK;
}

/* Runs @console, in raw mode if its input is a terminal. */
static CliExit run_on_terminal(CliContext *cli, Console *console)
{
    ConsoleEnd end;
    qosim_result result;

    if (isatty(console->in)) {
        if (!cli_terminal_enter(console->in)) {
            return cli_refused(cli, "cannot set the terminal up: %s", g_strerror(errno));
        }
        console->escape = ESCAPE;
        fprintf(stderr, "Connected to chardev '%s'; Ctrl-] leaves.\r\n", console->id);
    }
    end = console_run(console, &result);
    cli_terminal_leave();
    if (console->escape >= 0) {
        fprintf(stderr, "\n");
    }
    return end_console(cli, console, end, result);
}

static CliExit run_console(CliContext *cli, const CliArgs *args)
{
    g_autofree Console *console = g_new0(Console, 1);
    g_autoptr(GError) error = NULL;
    const char *id = cli_args_word(args, 0);
    bool host_open = true;
    uint64_t for_ms;
    uint64_t quiet_ms;
    qosim_result result = QOSIM_OK;
    CliExit code;

    if (!cli_args_number(args, "for", INT32_MAX, 0, &for_ms, &error) ||
        !cli_args_number(args, "quiet", INT32_MAX, DEFAULT_QUIET_MS, &quiet_ms, &error)) {
        return cli_usage_error(cli, "%s", error->message);
    }
    cli_catch_signals();
    code = find_rpc(cli, id, &host_open);
    if (code == CLI_OK && !host_open) {
        result = qosim_chardev_set_open(cli->session, id, true);
        code = result == QOSIM_OK ? CLI_OK : cli_failed(cli, result);
    }
    if (code != CLI_OK) {
        return code;
    }
    console->session = cli->session;
    console->id = id;
    console->in = STDIN_FILENO;
    console->out = STDOUT_FILENO;
    console->escape = -1;
    console->for_ms = (int64_t)for_ms;
    console->quiet_ms = (int64_t)quiet_ms;
    console->interrupted = cli_interrupted;
    code = run_on_terminal(cli, console);
    if (!host_open && code != CLI_NO_SERVER) {
        (void)qosim_chardev_set_open(cli->session, id, false);
    }
    return code;
}

static const CliOption console_options[] = {
    { "for", 0, "MS", "end after MS milliseconds, whatever happens" },
    { "quiet", 0, "MS",
      "end when the input has ended and nothing moved for MS milliseconds (default 500)" },
    { NULL, 0, NULL, NULL },
};

const CliCommand cli_chardev_commands[] = {
    { .name = "chardev",
      .arguments = "[add|del|read WHAT]",
      .summary = "List chardevs, make or remove one, or print what an rpc or ringbuf one holds",
      .details = "add takes what the server's -chardev takes, and prints what the chardev is "
                 "connected to. Files, sockets\nand terminals of the server's host are for "
                 "clients at ipc:// (and inproc:).\n"
                 "Example: qosim chardev add socket,id=c1,path=/tmp/c1,server=on\n",
      .max_words = 2,
      .run = run_chardev },
    { .name = "console",
      .arguments = "CHARDEV",
      .summary = "Talk to the guest through a chardev of backend rpc",
      .details =
          "On a terminal every key goes to the guest, and Ctrl-] leaves. With other input: what is "
          "read goes to the\nguest, which gets all of it; the console ends when the input has "
          "ended and nothing has moved for a while.\n"
          "Example: echo help | qosim console c0\n",
      .options = console_options,
      .min_words = 1,
      .max_words = 1,
      .run = run_console },
    { .name = NULL },
};
