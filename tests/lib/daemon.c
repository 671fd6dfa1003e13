#include "tests/lib/daemon.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <glib/gstdio.h>

/* How long the program may take to start, or to end. */
#define PATIENCE_MS 30000

static void complain(const Daemon *daemon, const char *what)
{
    g_autofree char *said = NULL;

    (void)g_file_get_contents(daemon->errors, &said, NULL, NULL);
    g_error("qosimd %s; it said: %s", what, said ? said : "nothing");
}

/* Reads standard output until @n lines have come. */
static void await_lines(Daemon *daemon, unsigned n)
{
    struct pollfd p = { .fd = daemon->out, .events = POLLIN };

    while (n > 0) {
        char c;

        if (poll(&p, 1, PATIENCE_MS) <= 0 || read(daemon->out, &c, 1) <= 0) {
            complain(daemon, "does not listen");
        }
        n -= c == '\n';
    }
}

static unsigned count_listeners(char *const *words)
{
    unsigned n = 0;

    for (; *words; words++) {
        n += strcmp(*words, "--listen") == 0;
    }
    return n;
}

/* In the child: its complaints go to a file, so that none is lost when nobody reads them. A test that fails takes it along. */
static void set_up_child(gpointer path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    if (fd >= 0) {
        (void)dup2(fd, STDERR_FILENO);
        (void)close(fd);
    }
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static char *make_url(const char *scheme, const char *directory)
{
    if (strcmp(scheme, "ipc") == 0 || strcmp(scheme, "shm") == 0) {
        return g_strdup_printf("%s://%s/socket", scheme, directory);
    }
    return g_strdup_printf("%s://127.0.0.1:%u", scheme, daemon_free_port());
}

/* The program's words, "--listen URL" among them when there is a URL. */
static char **make_words(const Daemon *daemon, const char *arguments)
{
    g_autoptr(GString) line = g_string_new(QOSIMD_PATH " ");
    g_autoptr(GError) error = NULL;
    char **words;

    g_string_append(line, arguments);
    g_string_replace(line, "$DIR", daemon->directory, 0);
    if (daemon->url) {
        g_string_append_printf(line, " --listen %s", daemon->url);
    }
    g_assert_true(g_shell_parse_argv(line->str, NULL, &words, &error));
    return words;
}

Daemon *daemon_start(const char *arguments, const char *scheme)
{
    Daemon *daemon = g_new0(Daemon, 1);
    g_auto(GStrv) words = NULL;
    g_autoptr(GError) error = NULL;

    daemon->directory = g_dir_make_tmp("qosim-test-XXXXXX", &error);
    g_assert_no_error(error);
    daemon->errors = g_build_filename(daemon->directory, "stderr", NULL);
    daemon->url = scheme ? make_url(scheme, daemon->directory) : NULL;
    words = make_words(daemon, arguments);
    if (!g_spawn_async_with_pipes(daemon->directory, words, NULL, G_SPAWN_DO_NOT_REAP_CHILD,
                                  set_up_child, daemon->errors, &daemon->pid, NULL, &daemon->out,
                                  NULL, &error)) {
        g_error("cannot start %s: %s", words[0], error->message);
    }
    await_lines(daemon, count_listeners(words));
    return daemon;
}

unsigned daemon_free_port(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    socklen_t len = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    g_assert_cmpint(bind(fd, (struct sockaddr *)&address, sizeof(address)), ==, 0);
    g_assert_cmpint(getsockname(fd, (struct sockaddr *)&address, &len), ==, 0);
    close(fd);
    return ntohs(address.sin_port);
}

static int wait_for(Daemon *daemon)
{
    int status;

    for (int waited = 0; waitpid(daemon->pid, &status, WNOHANG) == 0; waited++) {
        if (waited == PATIENCE_MS) {
            complain(daemon, "does not end");
        }
        g_usleep(1000);
    }
    daemon->pid = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int daemon_stop(Daemon *daemon, int signal)
{
    g_assert_cmpint(kill(daemon->pid, signal), ==, 0);
    return wait_for(daemon);
}

bool daemon_is_alive(const Daemon *daemon)
{
    siginfo_t info = { .si_pid = 0 };

    return daemon->pid != 0 &&
           waitid(P_PID, (id_t)daemon->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == 0;
}

void daemon_free(Daemon *daemon)
{
    g_autoptr(GDir) entries = NULL;
    const char *name;

    if (!daemon) {
        return;
    }
    if (daemon->pid != 0) {
        int status = daemon_stop(daemon, SIGTERM);

        if (status != 0) {
            complain(daemon, "ended badly");
        }
    }
    close(daemon->out);
    entries = g_dir_open(daemon->directory, 0, NULL);
    while (entries && (name = g_dir_read_name(entries))) {
        g_autofree char *path = g_build_filename(daemon->directory, name, NULL);

        (void)g_remove(path);
    }
    (void)g_rmdir(daemon->directory);
    g_free(daemon->directory);
    g_free(daemon->errors);
    g_free(daemon->url);
    g_free(daemon);
}

int daemon_run(const char *const *arguments, const char *const *environment, char **output,
               char **errors)
{
    g_autoptr(GPtrArray) argv = g_ptr_array_new();
    g_autoptr(GError) error = NULL;
    int status;

    g_ptr_array_add(argv, (char *)QOSIMD_PATH);
    for (; *arguments; arguments++) {
        g_ptr_array_add(argv, (char *)*arguments);
    }
    g_ptr_array_add(argv, NULL);
    g_spawn_sync(NULL, (char **)argv->pdata, (char **)environment, G_SPAWN_DEFAULT, NULL, NULL,
                 output, errors, &status, &error);
    g_assert_no_error(error);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
