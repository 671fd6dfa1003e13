/* The other process of the baselines. */
#include "cosim/bench/baseline.h"

#include <errno.h>
#include <linux/futex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>

#include <nanomsg/nn.h>
#include <nanomsg/reqrep.h>

static bool say_ready(void)
{
    return printf("ready\n") > 0 && fflush(stdout) == 0;
}

static bool echo_spin(const char *address, GError **error)
{
    SpinSegment *segment = spin_map(address, true, error);
    uint64_t number = 0;

    if (!segment || !say_ready()) {
        return false;
    }
    for (;;) {
        while (atomic_load_explicit(&segment->request.number, memory_order_acquire) == number) {
            if (!atomic_load_explicit(&segment->awake, memory_order_relaxed)) {
                (void)syscall(SYS_futex, &segment->awake, FUTEX_WAIT, 0, NULL, NULL, 0);
            }
#if defined(__x86_64__) || defined(__i386__)
            __builtin_ia32_pause();
#endif
        }
        number = atomic_load_explicit(&segment->request.number, memory_order_acquire);
        memcpy(segment->reply.bytes, segment->request.bytes, BASELINE_BYTES);
        atomic_store_explicit(&segment->reply.number, number, memory_order_release);
    }
}

/* Takes one connection at @fd, which listens, and echoes until its end. */
static bool echo_stream(int fd, GError **error)
{
    uint8_t bytes[BASELINE_BYTES];
    int on = 1;
    int client;

    if (listen(fd, 1) != 0 || !say_ready() || (client = accept(fd, NULL, NULL)) < 0) {
        return bench_fail(error, "no connection: %s", g_strerror(errno));
    }
    (void)setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    while (stream_receive(client, bytes) && stream_send(client, bytes)) {
        continue;
    }
    close(client);
    return true;
}

static bool echo_socket(const struct sockaddr *address, socklen_t len, GError **error)
{
    int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int on = 1;
    bool ok;

    if (fd < 0) {
        return bench_fail(error, "no socket: %s", g_strerror(errno));
    }
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    ok = bind(fd, address, len) == 0 ? echo_stream(fd, error)
                                     : bench_fail(error, "cannot bind: %s", g_strerror(errno));
    close(fd);
    return ok;
}

static bool echo_unix(const char *path, GError **error)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };

    g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
    return echo_socket((struct sockaddr *)&address, sizeof(address), error);
}

static bool echo_tcp(const char *port, GError **error)
{
    struct sockaddr_in address = { .sin_family = AF_INET };

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((uint16_t)strtoul(port, NULL, 10));
    return echo_socket((struct sockaddr *)&address, sizeof(address), error);
}

static bool echo_nanomsg(const char *url, GError **error)
{
    int s = nn_socket(AF_SP, NN_REP);
    uint8_t bytes[BASELINE_BYTES];

    if (s < 0 || nn_bind(s, url) < 0) {
        return bench_fail(error, "%s: %s", url, nn_strerror(nn_errno()));
    }
    if (!say_ready()) {
        return false;
    }
    while (nn_recv(s, bytes, sizeof(bytes), 0) >= 0 && nn_send(s, bytes, sizeof(bytes), 0) >= 0) {
        continue;
    }
    return true;
}

static const struct Echo {
    const char *name;
    bool (*run)(const char *address, GError **error);
} echoes[] = {
    { "spin", echo_spin },
    { "unix", echo_unix },
    { "tcp", echo_tcp },
    { "nanomsg-ipc", echo_nanomsg },
    { "nanomsg-tcp", echo_nanomsg },
    { "nanomsg-ws", echo_nanomsg },
};

static BenchExit run_peer(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;

    for (guint i = 0; argc == 3 && i < G_N_ELEMENTS(echoes); i++) {
        if (strcmp(echoes[i].name, argv[1]) == 0) {
            return echoes[i].run(argv[2], &error) ? BENCH_OK
                   : error                        ? bench_complain(&bench_peer, error)
                                                  : BENCH_FAILED;
        }
    }
    (void)fprintf(stderr,
                  "qosim-bench peer: expected KIND ADDRESS; other commands start this one\n");
    return BENCH_USAGE;
}

const BenchCommand bench_peer = {
    .name = "peer",
    .summary = "is the other process of a baseline",
    .run = run_peer,
};
