#include "tests/oracle/ours.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

#define START_STEP_US 20000
#define START_STEPS 500

struct Ours {
    char *name;
    char *cli;
    char **machine;    /* words that describe it */
    char *url;         /* NULL: the machine is inside the command line program */
    char *socket_path; /* of the daemon; NULL: none */
    char *qtest_path;  /* where qtest connects to; NULL: it uses standard input and output */
    pid_t daemon;      /* -1: none */
    int log;           /* what the daemon prints */
};

static bool fail(GError **error, const char *text, const char *what)
{
    g_set_error(error, g_quark_from_static_string("oracle"), 0, "%s: %s", what, text);
    return false;
}

static char *find_program(const char *bin, const char *name)
{
    g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *beside = self ? g_path_get_dirname(self) : g_strdup(".");

    return bin ? g_build_filename(bin, name, NULL)
               : g_build_filename(beside, "..", "bin", name, NULL);
}

/* A loopback port that nobody used a moment ago; 0: none. */
static unsigned free_port(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    unsigned port = 0;

    if (fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
        getsockname(fd, (struct sockaddr *)&address, &len) == 0) {
        port = ntohs(address.sin_port);
    }
    if (fd >= 0) {
        close(fd);
    }
    return port;
}

static bool choose_url(Ours *ours, const char *kind, const char *directory, GError **error)
{
    if (!kind || strcmp(kind, "inproc") == 0) {
        return true;
    }
    if (strcmp(kind, "socket") == 0) {
        ours->qtest_path = g_strdup_printf("%s/%s.qtest", directory, ours->name);
        return true;
    }
    if (strcmp(kind, "ipc") == 0) {
        ours->socket_path = g_strdup_printf("%s/%s.sock", directory, ours->name);
        ours->url = g_strdup_printf("ipc://%s", ours->socket_path);
        return true;
    }
    if (strcmp(kind, "tcp") == 0) {
        ours->url = g_strdup_printf("tcp://127.0.0.1:%u", free_port());
        return true;
    }
    return fail(error, "--url wants inproc, socket, ipc or tcp", kind);
}

/* Waits for a daemon's socket file; a tcp server is waited for by the client library. */
static bool wait_for_socket(const Ours *ours, GError **error)
{
    for (unsigned i = 0; ours->socket_path && i < START_STEPS; i++) {
        if (access(ours->socket_path, F_OK) == 0) {
            return true;
        }
        if (waitpid(ours->daemon, NULL, WNOHANG) != 0) {
            return fail(error, "qosimd ended at its start", ours->name);
        }
        g_usleep(START_STEP_US);
    }
    return ours->socket_path ? fail(error, "qosimd made no socket", ours->name) : true;
}

/* Appends @n words and those of the machine; all are borrowed. */
static void add_words(GPtrArray *words, const Ours *ours, const char *const *first, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        g_ptr_array_add(words, (char *)first[i]);
    }
    for (unsigned i = 0; ours->machine[i]; i++) {
        g_ptr_array_add(words, ours->machine[i]);
    }
    g_ptr_array_add(words, NULL);
}

static bool start_daemon(Ours *ours, const char *bin, GError **error)
{
    g_autofree char *program = find_program(bin, "qosimd");
    const char *const first[] = { program, "--listen", ours->url };
    g_autoptr(GPtrArray) words = g_ptr_array_new();

    add_words(words, ours, first, G_N_ELEMENTS(first));
    ours->log = peer_make_log(error);
    ours->daemon =
        ours->log < 0 ? -1 : peer_spawn((const char *const *)words->pdata, ours->log, error);
    return ours->daemon > 0 && wait_for_socket(ours, error);
}

Ours *ours_new(const char *name, const char *bin, const char *kind, const char *directory,
               const char *const *machine, GError **error)
{
    Ours *ours = g_new0(Ours, 1);

    ours->name = g_strdup(name);
    ours->cli = find_program(bin, "qosim");
    ours->machine = g_strdupv((char **)machine);
    ours->daemon = ours->log = -1;
    if (!choose_url(ours, kind, directory, error) ||
        (ours->url && !start_daemon(ours, bin, error))) {
        ours_free(ours);
        return NULL;
    }
    return ours;
}

const char *ours_url(const Ours *ours)
{
    return ours->url;
}

Peer *ours_connect(const Ours *ours, GError **error)
{
    const char *const hosted[] = { ours->cli, "qtest" };
    const char *const socket[] = { ours->cli, "qtest", "--socket", ours->qtest_path };
    const char *const remote[] = { ours->cli, "-u", ours->url, "qtest", NULL };
    g_autoptr(GPtrArray) words = g_ptr_array_new();

    if (ours->qtest_path) {
        add_words(words, ours, socket, G_N_ELEMENTS(socket));
        return peer_start_socket(ours->name, ours->qtest_path, (const char *const *)words->pdata,
                                 error);
    }
    add_words(words, ours, hosted, G_N_ELEMENTS(hosted));
    return peer_start_stdio(ours->name, ours->url ? remote : (const char *const *)words->pdata,
                            error);
}

bool ours_finish(Ours *ours, GError **error)
{
    int status = 0;

    if (ours->daemon > 0) {
        status = peer_stop_pid(ours->daemon);
        ours->daemon = -1;
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        return fail(error, "SIGTERM did not make qosimd exit with code 0", ours->name);
    }
    if (ours->socket_path && access(ours->socket_path, F_OK) == 0) {
        return fail(error, "qosimd left its socket", ours->name);
    }
    return true;
}

void ours_free(Ours *ours)
{
    if (!ours) {
        return;
    }
    if (ours->daemon > 0) {
        peer_stop_pid(ours->daemon);
    }
    if (ours->socket_path) {
        g_unlink(ours->socket_path);
    }
    if (ours->log >= 0) {
        close(ours->log);
    }
    g_free(ours->name);
    g_free(ours->cli);
    g_strfreev(ours->machine);
    g_free(ours->url);
    g_free(ours->socket_path);
    g_free(ours->qtest_path);
    g_free(ours);
}
