/* Command qtest: a machine behind QEMU's qtest protocol. */
#include "cosim/cli/command.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "cosim/cli/number.h"
#include "cosim/cli/qtest_loop.h"

/* The words of this command, told apart from those that describe a machine. */
typedef struct QtestWords {
    bool help;
    const char *socket;
    GString *machine; /* shell-quoted; empty: none given */
    bool listens;     /* the machine serves other clients too */
    bool lists;       /* "-M help" and the like */
} QtestWords;

/* Takes the word at *@word when it is this command's own, and its argument. */
static bool take_own_word(CliContext *cli, QtestWords *words, char ***word, CliExit *code)
{
    static const char *const names[] = { "-u", "--url", "--timeout", "--socket", NULL };
    const char *name = **word;
    const char *argument = (*word)[1];
    uint64_t timeout;

    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
        words->help = true;
        return true;
    }
    if (!g_strv_contains(names, name)) {
        return false;
    }
    if (!argument) {
        *code = cli_usage_error(cli, "option '%s' needs an argument", name);
        return true;
    }
    if (strcmp(name, "--socket") == 0) {
        words->socket = argument;
    } else if (strcmp(name, "--timeout") != 0) {
        g_free(cli->url);
        cli->url = g_strdup(argument);
    } else if (cli_number(argument, &timeout) && timeout <= INT_MAX) {
        cli->timeout_ms = (int)timeout;
    } else {
        *code = cli_usage_error(cli, "'--timeout %s': not a number of milliseconds", argument);
    }
    ++*word;
    return true;
}

static CliExit take_words(CliContext *cli, QtestWords *words, char **word)
{
    CliExit code = CLI_OK;

    for (; *word && code == CLI_OK; word++) {
        g_autofree char *quoted = NULL;

        if (take_own_word(cli, words, &word, &code)) {
            continue;
        }
        quoted = g_shell_quote(*word);
        g_string_append_printf(words->machine, "%s%s", words->machine->len > 0 ? " " : "", quoted);
        words->lists |= strcmp(*word, "help") == 0 || g_str_has_suffix(*word, ",help");
        words->listens |= strcmp(*word, "--listen") == 0 || strcmp(*word, "-listen") == 0;
    }
    if (code == CLI_OK && cli->url && words->machine->len > 0) {
        code = cli_usage_error(cli, "a server (-u %s) has its machine already: %s is too much",
                               cli->url, words->machine->str);
    }
    if (code == CLI_OK && words->lists) {
        code = cli_usage_error(cli, "lists are printed by qosimd: qosimd %s", words->machine->str);
    }
    return code;
}

/* Connects to the listening socket at @path. Returns -1 after a message. */
static int connect_socket(CliContext *cli, const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = -1;

    if (strlen(path) >= sizeof(address.sun_path)) {
        cli_refused(cli, "'%s': the path of a socket has at most %zu bytes", path,
                    sizeof(address.sun_path) - 1);
        return -1;
    }
    g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
        cli_refused(cli, "cannot connect to '%s': %s", path, g_strerror(errno));
        if (fd >= 0) {
            close(fd);
        }
        return -1;
    }
    return fd;
}

static CliExit exit_of(const CliContext *cli, QtestEnd end)
{
    switch (end) {
    case QTEST_END_IN_LINE:
        return cli_refused(cli, "the input ended within a line, which was not executed");
    case QTEST_END_INPUT_ERROR:
        return cli_refused(cli, "cannot read the input: %s", g_strerror(errno));
    case QTEST_END_SESSION:
        cli_refused(cli, "the server is gone");
        return CLI_NO_SERVER;
    default:
        return CLI_OK;
    }
}

static CliExit serve(CliContext *cli, const QtestWords *words)
{
    int fd = words->socket ? connect_socket(cli, words->socket) : -1;
    bool hosted = cli->url && g_str_has_prefix(cli->url, "inproc:");
    Qtest qtest;
    CliExit code;

    if (words->socket && fd < 0) {
        return CLI_NO_SERVER;
    }
    qtest_init(&qtest, cli->session);
    code = exit_of(cli, qtest_loop(&qtest, fd >= 0 ? fd : STDIN_FILENO,
                                   fd >= 0 ? fd : STDOUT_FILENO, !hosted || words->listens));
    qtest_clear(&qtest);
    if (fd >= 0) {
        close(fd);
    }
    return code;
}

static CliExit run_qtest(CliContext *cli, const CliCommand *self, char **argv)
{
    QtestWords words = { .machine = g_string_new(NULL) };
    CliExit code = take_words(cli, &words, argv);

    if (code == CLI_OK && words.help) {
        cli_print_command_help(self);
    } else if (code == CLI_OK) {
        if (!cli->url) {
            cli->url = g_strdup_printf("inproc:%s", words.machine->str);
        }
        code = cli_open(cli, cli->url);
        if (code == CLI_OK) {
            code = serve(cli, &words);
        }
    }
    g_string_free(words.machine, TRUE);
    return code;
}

static const CliOption qtest_options[] = {
    { "socket", 0, "PATH",
      "connect to this listening unix socket, as QEMU's -qtest unix:PATH does" },
    { NULL, 0, NULL, NULL },
};

const CliCommand cli_qtest_commands[] = {
    { .name = "qtest",
      .arguments = "[MACHINE OPTION...]",
      .summary = "Answer QEMU's qtest lines from standard input",
      .details = "Without -u, the machine is hosted by this program and described by the options "
                 "of qosimd:\n"
                 "-M TYPE, -device, -object, -global, -readconfig, -nodefaults, --listen URL.\n"
                 "Example: printf 'readl 0x10012000\\n' | qosim qtest -M sifive_e\n",
      .options = qtest_options,
      .run_words = run_qtest },
    { .name = NULL },
};
