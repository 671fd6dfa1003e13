/* Peers that connect to a listening socket of ours (QEMU, `qosim qtest --socket`), so that nothing has to be polled for. */
#include "cosim/regress/peer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define ACCEPT_STEP_MS 100

static int listen_at(const char *path, GError **error)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
        listen(fd, 1) != 0) {
        g_set_error(error, g_quark_from_static_string("peer"), 0, "%s: %s", path,
                    g_strerror(errno));
        if (fd >= 0) {
            close(fd);
        }
        return -1;
    }
    return fd;
}

/* Whether the process runs, be it that nobody has waited for it yet. */
static bool is_running(pid_t pid)
{
    siginfo_t info = { .si_pid = 0 };

    return pid > 0 && waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == 0;
}

/* Waits for process @pid to connect to @path, which is then removed. Takes @listener. */
static int accept_from(int listener, const char *path, const char *who, pid_t pid, GError **error)
{
    struct pollfd item = { .fd = listener, .events = POLLIN };
    gint64 end = g_get_monotonic_time() + (gint64)PEER_WAIT_MS * 1000;
    int ready = 0;
    int fd = -1;

    while (ready == 0 && is_running(pid) && g_get_monotonic_time() < end) {
        ready = poll(&item, 1, ACCEPT_STEP_MS);
    }
    if (ready > 0) {
        fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    }
    if (fd < 0) {
        g_set_error(error, g_quark_from_static_string("peer"), 0,
                    is_running(pid) ? "%s does not connect"
                                    : "%s ended before it connected; is it installed?",
                    who);
    }
    close(listener);
    unlink(path);
    return fd;
}

/* QEMU's command line; the words are borrowed. */
static GPtrArray *qemu_words(const char *program, const char *const *machine, const char *qtest,
                             const char *qmp)
{
    const char *const ours[] = { "-display", "none",       "-nodefaults", "-accel", "tcg", "-qtest",
                                 qtest,      "-qtest-log", "/dev/null",   "-qmp",   qmp,   NULL };
    GPtrArray *words = g_ptr_array_new();

    g_ptr_array_add(words, (char *)program);
    for (unsigned i = 0; machine[i]; i++) {
        g_ptr_array_add(words, (char *)machine[i]);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(ours); i++) {
        g_ptr_array_add(words, (char *)ours[i]);
    }
    return words;
}

static bool start(Peer *peer, const char *program, const char *const *machine,
                  const char *qtest_path, const char *qmp_path, GError **error)
{
    g_autofree char *qtest = g_strdup_printf("unix:%s", qtest_path);
    g_autofree char *qmp = g_strdup_printf("unix:%s", qmp_path);
    g_autofree char *greeting = NULL;
    g_autoptr(GPtrArray) words = qemu_words(program, machine, qtest, qmp);
    int listeners[2];

    listeners[0] = listen_at(qtest_path, error);
    listeners[1] = listeners[0] < 0 ? -1 : listen_at(qmp_path, error);
    if (listeners[1] < 0) {
        if (listeners[0] >= 0) {
            close(listeners[0]);
        }
        return false;
    }
    peer->pid = peer_spawn((const char *const *)words->pdata, peer->log, error);
    peer->fd = accept_from(listeners[0], qtest_path, peer->name, peer->pid, error);
    if (peer->fd < 0) {
        close(listeners[1]);
        unlink(qmp_path);
        return false;
    }
    peer->qmp = accept_from(listeners[1], qmp_path, peer->name, peer->pid, error);
    if (peer->qmp < 0) {
        return false;
    }
    fcntl(peer->fd, F_SETFL, O_NONBLOCK);
    greeting = peer_qmp(peer, "{\"execute\": \"qmp_capabilities\"}\n", error);
    return greeting != NULL;
}

Peer *peer_start_socket(const char *name, const char *path, const char *const *argv, GError **error)
{
    Peer *peer = peer_new(name);
    int listener = listen_at(path, error);

    if (listener >= 0) {
        peer->pid = peer_spawn(argv, -1, error);
        peer->fd = accept_from(listener, path, name, peer->pid, error);
    }
    if (peer->fd < 0) {
        peer_stop(peer);
        return NULL;
    }
    fcntl(peer->fd, F_SETFL, O_NONBLOCK);
    return peer;
}

Peer *peer_start_qemu(const char *name, const char *program, const char *const *machine,
                      const char *directory, GError **error)
{
    g_autofree char *qtest_path = g_strdup_printf("%s/%s.qtest", directory, name);
    g_autofree char *qmp_path = g_strdup_printf("%s/%s.qmp", directory, name);
    Peer *peer = peer_new(name);

    peer->log = peer_make_log(error);
    if (peer->log < 0 || !start(peer, program, machine, qtest_path, qmp_path, error)) {
        g_autofree char *log = peer_read_log(peer);

        g_prefix_error(error, "%s", log);
        peer_stop(peer);
        return NULL;
    }
    return peer;
}
