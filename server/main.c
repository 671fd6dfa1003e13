/* qosimd: hosts a machine and serves it until it is told to stop. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <glib-unix.h>
#include <glib.h>

#include "qom/module.h"
#include "server/listen_url.h"
#include "server/listener.h"
#include "server/options.h"
#include "server/server.h"

static gboolean stop(gpointer loop)
{
    g_main_loop_quit(loop);
    return G_SOURCE_CONTINUE;
}

/* A client takes a descriptor and a machine some: the 1024 that a shell gives by default are fewer than may come. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static int fail(const GError *error)
{
    (void)fprintf(stderr, "qosimd: %s\n", error->message);
    return EXIT_FAILURE;
}

/* One line for each listener, so that whoever started the daemon can wait for it. False when nobody takes them. */
static bool announce(const Server *server)
{
    const MachineHost *host = server->first;

    for (guint i = 0; i < host->listeners->len; i++) {
        printf("qosimd: listening on %s (machine %s)\n",
               listener_url(g_ptr_array_index(host->listeners, i)), host->name);
    }
    return fflush(stdout) == 0;
}

static void serve(Server *server)
{
    g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);

    g_unix_signal_add(SIGTERM, stop, loop);
    g_unix_signal_add(SIGINT, stop, loop);
    server_start(server);
    if (!announce(server)) {
        (void)fprintf(stderr, "qosimd: nobody reads standard output\n");
    }
    g_main_loop_run(loop);
}

static bool add_default_listener(ServerOptions *options, GError **error)
{
    char *url;

    if (options->listen->len > 0) {
        return true;
    }
    url = listen_url_default(error);
    if (!url) {
        return false;
    }
    g_ptr_array_add(options->listen, url);
    return true;
}

int main(int argc G_GNUC_UNUSED, char **argv)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(ServerOptions) options = NULL;
    Server *server;

    (void)signal(SIGPIPE, SIG_IGN);
    raise_descriptor_limit();
    (void)umask(S_IRWXG | S_IRWXO); /* sockets are for this user only */
    module_call_init(MODULE_INIT_QOM);
    options = options_parse((const char *const *)argv + 1, OPTIONS_DAEMON, &error);
    if (!options) {
        return fail(error);
    }
    if (options->print) {
        return fputs(options->print, stdout) < 0 || fflush(stdout) != 0 ? EXIT_FAILURE
                                                                        : EXIT_SUCCESS;
    }
    if (!add_default_listener(options, &error)) {
        return fail(error);
    }
    server = server_new("qosimd " QOSIM_VERSION, options, false, &error);
    if (!server) {
        return fail(error);
    }
    serve(server);
    server_free(server);
    return EXIT_SUCCESS;
}
