#include "cosim/bench/baseline.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>

#include <nanomsg/nn.h>
#include <nanomsg/reqrep.h>

typedef struct BaselineKind {
    const char *name;
    const char *address; /* for the peer */
    bool (*connect)(Baseline *baseline, const char *address, GError **error);
    BenchLoop loop;
} BaselineKind;

struct Baseline {
    const BaselineKind *kind;
    BenchProcess *peer;
    int fd; /* or the nanomsg socket */
    SpinSegment *segment;
    uint64_t number; /* of the last message of "spin" */
};

SpinSegment *spin_map(const char *path, bool create, GError **error)
{
    int fd = open(path, O_RDWR | O_CLOEXEC | (create ? O_CREAT | O_EXCL : 0), 0600);
    void *segment = MAP_FAILED;

    if (fd >= 0 && (!create || ftruncate(fd, sizeof(SpinSegment)) == 0)) {
        segment = mmap(NULL, sizeof(SpinSegment), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    }
    if (segment == MAP_FAILED) {
        bench_fail(error, "%s: %s", path, g_strerror(errno));
    }
    if (fd >= 0) {
        close(fd);
    }
    return segment == MAP_FAILED ? NULL : segment;
}

void spin_await(const SpinLine *line, uint64_t number)
{
    while (atomic_load_explicit(&line->number, memory_order_acquire) != number) {
#if defined(__x86_64__) || defined(__i386__)
        __builtin_ia32_pause();
#endif
    }
}

bool stream_send(int fd, const uint8_t *bytes)
{
    return send(fd, bytes, BASELINE_BYTES, MSG_NOSIGNAL) == (ssize_t)BASELINE_BYTES;
}

bool stream_receive(int fd, uint8_t *bytes)
{
    size_t got = 0;

    while (got < BASELINE_BYTES) {
        ssize_t n = recv(fd, bytes + got, BASELINE_BYTES - got, 0);

        if (n <= 0) {
            return false;
        }
        got += (size_t)n;
    }
    return true;
}

static bool run_spin(void *opaque, uint64_t n, GError **error G_GNUC_UNUSED)
{
    Baseline *b = opaque;
    uint8_t bytes[BASELINE_BYTES] = { 0 };

    for (uint64_t i = 0; i < n; i++) {
        memcpy(b->segment->request.bytes, bytes, sizeof(bytes));
        atomic_store_explicit(&b->segment->request.number, ++b->number, memory_order_release);
        spin_await(&b->segment->reply, b->number);
        memcpy(bytes, b->segment->reply.bytes, sizeof(bytes));
    }
    return true;
}

static void wake_spin(void *opaque)
{
    Baseline *b = opaque;

    atomic_store(&b->segment->awake, 1);
    (void)syscall(SYS_futex, &b->segment->awake, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

static void rest_spin(void *opaque)
{
    Baseline *b = opaque;

    atomic_store(&b->segment->awake, 0);
}

static bool run_stream(void *opaque, uint64_t n, GError **error)
{
    const Baseline *b = opaque;
    uint8_t bytes[BASELINE_BYTES] = { 0 };

    for (uint64_t i = 0; i < n; i++) {
        if (!stream_send(b->fd, bytes) || !stream_receive(b->fd, bytes)) {
            return bench_fail(error, "the other process is gone");
        }
    }
    return true;
}

static bool run_nanomsg(void *opaque, uint64_t n, GError **error)
{
    const Baseline *b = opaque;
    uint8_t bytes[BASELINE_BYTES] = { 0 };

    for (uint64_t i = 0; i < n; i++) {
        if (nn_send(b->fd, bytes, sizeof(bytes), 0) < 0 ||
            nn_recv(b->fd, bytes, sizeof(bytes), 0) < 0) {
            return bench_fail(error, "%s", nn_strerror(nn_errno()));
        }
    }
    return true;
}

static bool connect_spin(Baseline *b, const char *address, GError **error)
{
    b->segment = spin_map(address, false, error);
    return b->segment != NULL;
}

static bool connect_unix(Baseline *b, const char *address, GError **error)
{
    struct sockaddr_un to = { .sun_family = AF_UNIX };

    g_strlcpy(to.sun_path, address, sizeof(to.sun_path));
    b->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return (b->fd >= 0 && connect(b->fd, (struct sockaddr *)&to, sizeof(to)) == 0) ||
           bench_fail(error, "%s: %s", address, g_strerror(errno));
}

static bool connect_tcp(Baseline *b, const char *address, GError **error)
{
    struct sockaddr_in to = { .sin_family = AF_INET };
    int on = 1;

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons((uint16_t)strtoul(address, NULL, 10));
    b->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return (b->fd >= 0 && connect(b->fd, (struct sockaddr *)&to, sizeof(to)) == 0 &&
            setsockopt(b->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0) ||
           bench_fail(error, "port %s: %s", address, g_strerror(errno));
}

static bool connect_nanomsg(Baseline *b, const char *address, GError **error)
{
    int patience = 10000;

    b->fd = nn_socket(AF_SP, NN_REQ);
    return (b->fd >= 0 &&
            nn_setsockopt(b->fd, NN_SOL_SOCKET, NN_RCVTIMEO, &patience, sizeof(patience)) == 0 &&
            nn_connect(b->fd, address) >= 0) ||
           bench_fail(error, "%s: %s", address, nn_strerror(nn_errno()));
}

/* "%u" in an address stands for a free port. */
static const BaselineKind kinds[] = {
    { "spin",
      "$DIR/spin",
      connect_spin,
      { .run = run_spin, .begin = wake_spin, .end = rest_spin } },
    { "unix", "$DIR/unix", connect_unix, { .run = run_stream } },
    { "tcp", "%u", connect_tcp, { .run = run_stream } },
    { "nanomsg-ipc", "ipc://$DIR/nanomsg", connect_nanomsg, { .run = run_nanomsg } },
    { "nanomsg-tcp", "tcp://127.0.0.1:%u", connect_nanomsg, { .run = run_nanomsg } },
    { "nanomsg-ws", "ws://127.0.0.1:%u", connect_nanomsg, { .run = run_nanomsg } },
};

static const BaselineKind *find_kind(const char *name)
{
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (strcmp(kinds[i].name, name) == 0) {
            return &kinds[i];
        }
    }
    return NULL;
}

Baseline *baseline_open(const char *name, GError **error)
{
    g_autoptr(Baseline) b = g_new0(Baseline, 1);
    g_autofree char *self = g_file_read_link("/proc/self/exe", error);
    g_autoptr(GString) address = NULL;
    g_autofree char *port = g_strdup_printf("%u", bench_free_port());
    g_autofree char *connect_to = NULL;

    b->fd = -1;
    b->kind = find_kind(name);
    g_assert(b->kind);
    if (!self) {
        return NULL;
    }
    address = g_string_new(b->kind->address);
    g_string_replace(address, "%u", port, 0);
    b->peer = bench_process_start((const char *const[]){ self, "peer", name, address->str, NULL },
                                  1, NULL, error);
    if (!b->peer) {
        return NULL;
    }
    connect_to = bench_process_url(b->peer, address->str);
    return b->kind->connect(b, connect_to, error) ? g_steal_pointer(&b) : NULL;
}

void baseline_close(Baseline *b)
{
    if (!b) {
        return;
    }
    if (b->fd >= 0 && b->kind->connect == connect_nanomsg) {
        nn_close(b->fd);
    } else if (b->fd >= 0) {
        close(b->fd);
    }
    bench_process_stop(b->peer);
    if (b->segment) {
        munmap(b->segment, sizeof(*b->segment));
    }
    g_free(b);
}

BenchLoop baseline_loop(Baseline *b)
{
    BenchLoop loop = b->kind->loop;

    loop.name = b->kind->name;
    loop.opaque = b;
    loop.peer = b->peer->pid;
    loop.is_timed = true;
    return loop;
}
