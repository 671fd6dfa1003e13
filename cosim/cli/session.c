#include "cosim/cli/command.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void complain(const CliContext *cli, const char *format, va_list args)
{
    g_autofree char *text = g_strdup_vprintf(format, args);

    fflush(stdout);
    if (cli->command) {
        fprintf(stderr, "qosim: %s: %s\n", cli->command, text);
    } else {
        fprintf(stderr, "qosim: %s\n", text);
    }
}

CliExit cli_usage_error(const CliContext *cli, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    complain(cli, format, args);
    va_end(args);
    if (cli->command) {
        fprintf(stderr, "Try 'qosim %s --help'.\n", cli->command);
    } else {
        fprintf(stderr, "Try 'qosim --help'.\n");
    }
    return CLI_USAGE;
}

CliExit cli_refused(const CliContext *cli, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    complain(cli, format, args);
    va_end(args);
    return CLI_REFUSED;
}

static CliExit exit_code(qosim_result result)
{
    switch (result) {
    case QOSIM_OK:
        return CLI_OK;
    case QOSIM_ERR_TIMEOUT:
    case QOSIM_ERR_DISCONNECTED:
    case QOSIM_ERR_PROTOCOL:
        return CLI_NO_SERVER;
    default:
        return CLI_REFUSED;
    }
}

CliExit cli_failed(const CliContext *cli, qosim_result result)
{
    cli_refused(cli, "%s", qosim_last_error(cli->session));
    return exit_code(result);
}

const char *cli_bus_text(qosim_bus bus)
{
    switch (bus) {
    case QOSIM_BUS_OK:
        return "done";
    case QOSIM_BUS_ERROR:
        return "the device refused the access";
    case QOSIM_BUS_DECODE_ERROR:
        return "nothing there takes such an access (decode error)";
    case QOSIM_BUS_ACCESS_ERROR:
        return "the device is inside an access of its own (access error)";
    }
    return "unknown bus result";
}

char *cli_default_url(void)
{
    const char *runtime = g_getenv("XDG_RUNTIME_DIR");

    if (runtime && runtime[0] == '/') {
        return g_strdup_printf("ipc://%s/qosim/qosim.sock", runtime);
    }
    return g_strdup_printf("ipc:///tmp/qosim-%u/qosim.sock", (unsigned)getuid());
}

/* A connection to a socket file that is not there would only fail when the deadline has passed. */
static bool socket_is_missing(const char *url)
{
    const char *path = url + strlen("ipc://");

    return g_str_has_prefix(url, "ipc://") && path[0] == '/' && access(path, F_OK) != 0;
}

CliExit cli_open(CliContext *cli, const char *url)
{
    qosim_options options = { .timeout_ms = cli->timeout_ms,
                              .client = "qosim " QOSIM_VERSION,
                              .no_shm = cli->no_shm,
                              .auth_file = cli->auth_file,
                              .spin_us = cli->spin_us };
    g_autofree char *fallback = cli_default_url();
    g_autofree char *carried = NULL;
    qosim_result result;

    url = url ? url : fallback;
    if (socket_is_missing(url)) {
        cli_refused(cli, "no server at %s: there is no such socket (is qosimd running?)", url);
        return CLI_NO_SERVER;
    }
    if (cli->by_nanomsg && (g_str_has_prefix(url, "ipc://") || g_str_has_prefix(url, "tcp://") ||
                            g_str_has_prefix(url, "ws://"))) {
        carried = g_strconcat("nanomsg+", url, NULL);
        url = carried;
    }
    result = qosim_open(url, &options, &cli->session);
    if (result != QOSIM_OK) {
        cli_refused(cli, "%s", qosim_open_error());
        return result == QOSIM_ERR_INVALID_ARGUMENT ? CLI_USAGE : exit_code(result);
    }
    return CLI_OK;
}
