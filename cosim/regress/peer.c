#include "cosim/regress/peer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define READ_SIZE 65536u
#define STOP_STEP_US 10000
#define STOP_STEPS 300

static bool fail(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

static bool fail(GError **error, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_propagate_error(error,
                      g_error_new_valist(g_quark_from_static_string("peer"), 0, format, args));
    va_end(args);
    return false;
}

/* Where a child's standard streams go; -1: nowhere new. */
typedef struct Streams {
    int in_out;
    int error;
} Streams;

/* In the child, which ends with its parent. */
static void G_GNUC_NORETURN become(const char *const *argv, const Streams *streams)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (streams->in_out >= 0) {
        dup2(streams->in_out, STDIN_FILENO);
        dup2(streams->in_out, STDOUT_FILENO);
    }
    if (streams->error >= 0) {
        dup2(streams->error, STDOUT_FILENO);
        dup2(streams->error, STDERR_FILENO);
    }
    execvp(argv[0], (char *const *)argv);
    _exit(127);
}

static pid_t spawn(const char *const *argv, const Streams *streams, GError **error)
{
    pid_t pid = fork();

    if (pid == 0) {
        become(argv, streams);
    }
    if (pid < 0) {
        fail(error, "cannot start %s: %s", argv[0], g_strerror(errno));
    }
    return pid;
}

pid_t peer_spawn(const char *const *argv, int log, GError **error)
{
    return spawn(argv, &(Streams){ -1, log }, error);
}

int peer_make_log(GError **error)
{
    int fd = memfd_create("log", MFD_CLOEXEC);

    if (fd < 0) {
        fail(error, "memfd_create: %s", g_strerror(errno));
    }
    return fd;
}

char *peer_read_log(const Peer *peer)
{
    GString *text = g_string_new(NULL);
    char bytes[4096];
    ssize_t n;

    while (peer->log >= 0 && (n = pread(peer->log, bytes, sizeof(bytes), (off_t)text->len)) > 0) {
        g_string_append_len(text, bytes, n);
    }
    return g_string_free(text, FALSE);
}

/* Waits for the end of @pid, which is killed when it takes too long. Returns the status as waitpid() gives it. */
static int wait_end(pid_t pid)
{
    int status = -1;

    for (unsigned i = 0; i < STOP_STEPS; i++) {
        if (waitpid(pid, &status, WNOHANG) != 0) {
            return status;
        }
        g_usleep(STOP_STEP_US);
    }
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
    return status;
}

int peer_stop_pid(pid_t pid)
{
    kill(pid, SIGTERM);
    return wait_end(pid);
}

Peer *peer_new(const char *name)
{
    Peer *peer = g_new0(Peer, 1);

    peer->name = g_strdup(name);
    peer->pid = -1;
    peer->fd = -1;
    peer->qmp = -1;
    peer->log = -1;
    peer->input = g_string_new(NULL);
    peer->qmp_input = g_string_new(NULL);
    peer->output = g_string_new(NULL);
    peer->answers = g_ptr_array_new_with_free_func(g_free);
    return peer;
}

void peer_stop(Peer *peer)
{
    if (!peer) {
        return;
    }
    if (peer->fd >= 0) {
        close(peer->fd);
    }
    if (peer->qmp >= 0) {
        close(peer->qmp);
    }
    if (peer->log >= 0) {
        close(peer->log);
    }
    if (peer->pid > 0) {
        kill(peer->pid, SIGKILL);
        waitpid(peer->pid, NULL, 0);
    }
    g_string_free(peer->input, TRUE);
    g_string_free(peer->qmp_input, TRUE);
    g_string_free(peer->output, TRUE);
    g_ptr_array_unref(peer->answers);
    g_free(peer->name);
    g_free(peer);
}

bool peer_finish(Peer *peer, GError **error)
{
    int status;

    close(peer->fd);
    peer->fd = -1;
    status = wait_end(peer->pid);
    peer->pid = -1;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        return fail(error, "%s: end of input was answered by status 0x%x, not by exit code 0",
                    peer->name, (unsigned)status);
    }
    return true;
}

Peer *peer_start_stdio(const char *name, const char *const *argv, GError **error)
{
    Peer *peer = peer_new(name);
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
        fail(error, "socketpair: %s", g_strerror(errno));
        peer_stop(peer);
        return NULL;
    }
    peer->fd = pair[0];
    peer->pid = spawn(argv, &(Streams){ pair[1], -1 }, error);
    close(pair[1]);
    if (peer->pid < 0) {
        peer_stop(peer);
        return NULL;
    }
    fcntl(peer->fd, F_SETFL, O_NONBLOCK);
    return peer;
}

/* Takes what can be read without waiting. False when the peer is gone. */
static bool take_input(int fd, GString *to)
{
    gsize before = to->len;
    ssize_t n;

    g_string_set_size(to, before + READ_SIZE);
    n = read(fd, to->str + before, READ_SIZE);
    g_string_set_size(to, before + (gsize)MAX(n, 0));
    return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

/* Moves whole answers from the input to the list: an answer ends with the first line that is no IRQ line. */
static void take_answers(Peer *peer)
{
    size_t start = 0;
    const char *end;

    while ((end = memchr(peer->input->str + peer->parsed, '\n', peer->input->len - peer->parsed))) {
        bool is_irq = g_str_has_prefix(peer->input->str + peer->parsed, "IRQ ");

        peer->parsed = (size_t)(end - peer->input->str) + 1;
        if (!is_irq) {
            g_ptr_array_add(peer->answers,
                            g_strndup(peer->input->str + start, peer->parsed - start));
            start = peer->parsed;
        }
    }
    g_string_erase(peer->input, 0, (gssize)start);
    peer->parsed -= start;
}

static bool send_output(Peer *peer)
{
    ssize_t n = send(peer->fd, peer->output->str + peer->sent, peer->output->len - peer->sent,
                     MSG_NOSIGNAL);

    peer->sent += (size_t)MAX(n, 0);
    return n >= 0 || errno == EAGAIN || errno == EINTR;
}

static bool serve(Peer *peer, short events, GError **error)
{
    if ((events & POLLOUT) && !send_output(peer)) {
        return fail(error, "%s takes no more input", peer->name);
    }
    if (events & (POLLIN | POLLHUP | POLLERR)) {
        if (!take_input(peer->fd, peer->input)) {
            return fail(error, "%s ended after %u answers of this batch", peer->name,
                        peer->answers->len);
        }
        take_answers(peer);
    }
    return true;
}

/* Waits for one of @peers and serves it. */
static bool exchange_step(Peer *const *peers, unsigned n_peers, unsigned n_lines, bool *done,
                          GError **error)
{
    struct pollfd items[PEERS_MAX] = { 0 };

    *done = true;
    for (unsigned i = 0; i < n_peers; i++) {
        bool complete = peers[i]->answers->len >= n_lines;

        items[i].fd = complete ? -1 : peers[i]->fd;
        items[i].events = POLLIN | (peers[i]->sent < peers[i]->output->len ? POLLOUT : 0);
        *done &= complete;
    }
    if (*done) {
        return true;
    }
    if (poll(items, n_peers, PEER_WAIT_MS) == 0) {
        return fail(error, "no answer within %d ms", PEER_WAIT_MS);
    }
    for (unsigned i = 0; i < n_peers; i++) {
        if (!serve(peers[i], items[i].revents, error)) {
            return false;
        }
    }
    return true;
}

bool peers_exchange(Peer *const *peers, unsigned n_peers, const char *lines, unsigned n_lines,
                    GError **error)
{
    bool done = false;

    g_assert(n_peers <= PEERS_MAX);
    for (unsigned i = 0; i < n_peers; i++) {
        g_ptr_array_set_size(peers[i]->answers, 0);
        g_string_assign(peers[i]->output, lines);
        peers[i]->sent = 0;
    }
    while (!done) {
        if (!exchange_step(peers, n_peers, n_lines, &done, error)) {
            return false;
        }
    }
    for (unsigned i = 0; i < n_peers; i++) {
        if (peers[i]->answers->len != n_lines) {
            return fail(error, "%s: %u answers to %u lines", peers[i]->name, peers[i]->answers->len,
                        n_lines);
        }
    }
    return true;
}

char *peer_ask(Peer *peer, const char *line, GError **error)
{
    g_autofree char *text = g_strdup_printf("%s\n", line);

    if (!peers_exchange(&peer, 1, text, 1, error)) {
        return NULL;
    }
    return g_ptr_array_steal_index(peer->answers, 0);
}

static char *next_qmp_line(Peer *peer, GError **error)
{
    for (;;) {
        const char *end = strchr(peer->qmp_input->str, '\n');
        struct pollfd item = { .fd = peer->qmp, .events = POLLIN };

        if (end) {
            char *line = g_strndup(peer->qmp_input->str, (gsize)(end - peer->qmp_input->str));

            g_string_erase(peer->qmp_input, 0, end - peer->qmp_input->str + 1);
            return line;
        }
        if (poll(&item, 1, PEER_WAIT_MS) <= 0 || !take_input(peer->qmp, peer->qmp_input)) {
            fail(error, "%s: nothing more over QMP", peer->name);
            return NULL;
        }
    }
}

static bool qmp_send(Peer *peer, const char *json, GError **error)
{
    size_t len = strlen(json);

    if (send(peer->qmp, json, len, MSG_NOSIGNAL) != (ssize_t)len) {
        return fail(error, "%s takes nothing over QMP", peer->name);
    }
    return true;
}

char *peer_qmp_line(Peer *peer, const char *json, const char *event, GError **error)
{
    g_autofree char *member = g_strdup_printf("\"event\": \"%s\"", event ? event : "");
    g_autofree char *result = NULL;
    bool seen = !event;

    if (!qmp_send(peer, json, error)) {
        return NULL;
    }
    while (!result || !seen) {
        g_autofree char *line = next_qmp_line(peer, error);

        if (!line) {
            return NULL;
        }
        seen |= strstr(line, member) != NULL;
        if (g_str_has_prefix(line, "{\"error\"")) {
            return g_steal_pointer(&line);
        }
        if (g_str_has_prefix(line, "{\"return\"")) {
            g_free(result);
            result = g_steal_pointer(&line);
        }
    }
    return g_steal_pointer(&result);
}

char *peer_qmp(Peer *peer, const char *json, GError **error)
{
    g_autofree char *line = peer_qmp_line(peer, json, NULL, error);

    if (line && g_str_has_prefix(line, "{\"error\"")) {
        fail(error, "%s: %s: %s", peer->name, json, line);
        return NULL;
    }
    return g_steal_pointer(&line);
}

bool peer_qmp_reset(Peer *peer, GError **error)
{
    g_autofree char *line =
        peer_qmp_line(peer, "{\"execute\": \"system_reset\"}\n", "RESET", error);

    return line != NULL;
}

char *peer_qmp_find_child(Peer *peer, const char *path, const char *type, GError **error)
{
    g_autofree char *command =
        g_strdup_printf("{\"execute\": \"qom-list\", \"arguments\": {\"path\": \"%s\"}}\n", path);
    g_autofree char *list = peer_qmp(peer, command, error);
    g_autofree char *pattern =
        g_strdup_printf("\\{\"name\": \"([^\"]*)\", \"type\": \"child<%s>\"\\}", type);
    g_autoptr(GRegex) regex = g_regex_new(pattern, 0, 0, NULL);
    g_autoptr(GMatchInfo) match = NULL;
    g_autofree char *name = NULL;

    if (!list) {
        return NULL;
    }
    if (!g_regex_match(regex, list, 0, &match)) {
        fail(error, "%s: no %s in %s", peer->name, type, path);
        return NULL;
    }
    name = g_match_info_fetch(match, 1);
    return g_strdup_printf("%s/%s", path, name);
}
