/* How a client end waits: asleep, and not for ever for somebody who does not answer. */
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <glib.h>

#include "proto/clock.h"
#include "proto/seal.h"
#include "proto/sp_client_internal.h"
#include "tests/unit/proto/transport_ends.h"

static const QsKey key = { { 42 } };

/* --- Somebody who does not answer --- */

/* One that listens, and says nothing by itself. */
static int listen_mutely(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
    g_assert_cmpint(bind(listener, (struct sockaddr *)&address, sizeof(address)), ==, 0);
    g_assert_cmpint(listen(listener, 5), ==, 0);
    return listener;
}

/* Takes the next connection, which says 8 bytes at once. */
static int take_connection(int listener, uint8_t *greeting)
{
    int fd = accept(listener, NULL, NULL);

    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(recv(fd, greeting, 8, MSG_WAITALL), ==, 8);
    return fd;
}

static void test_no_answer_about_shm(void)
{
    uint8_t greeting[8];
    int listener;
    int asked;
    int plain;
    End client;
    Fixture f;

    transport_set_up(&f, "ipc", &qs_transport_sp, &qs_transport_shm);
    listener = listen_mutely(f.path);
    client = connect_to(&f);
    /* What is to be sent goes out on the connection after, which does without. */
    g_assert_cmpint(send_bytes(client, SOON_MS, "hello", 5, NULL), ==, QS_IO_OK);
    asked = take_connection(listener, greeting);
    g_assert_cmpmem(greeting, 7, "\0QS\1shm", 7);
    g_assert_cmpint(recv(asked, greeting, 1, 0), ==, 0);
    plain = take_connection(listener, greeting);
    g_assert_cmpmem(greeting, 8, "\0SP\0\0\60\0\0", 8);
    g_assert_cmpuint(client.t->connections(client.e), ==, 1);
    close(asked);
    close(plain);
    close_end(client);
    close(listener);
    transport_tear_down(&f);
}

static void test_shm_or_nothing(void)
{
    uint8_t greeting[8];
    g_autofree char *url = NULL;
    int listener;
    int fds[2];
    End client;
    Fixture f;

    transport_set_up(&f, "ipc", &qs_transport_sp, &qs_transport_shm);
    url = g_strdup_printf("shm://%s", f.path);
    listener = listen_mutely(f.path);
    client = (End){ &qs_transport_shm, qs_transport_shm.connect(url, NULL, NULL) };
    g_assert_cmpint(send_bytes(client, 4000, "hello", 5, NULL), ==, QS_IO_AGAIN);
    g_assert_nonnull(strstr(client.t->trouble(client.e), "does not answer the question"));
    for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) { /* it has asked again, for nothing else */
        fds[i] = take_connection(listener, greeting);
        g_assert_cmpmem(greeting, 7, "\0QS\1shm", 7);
    }
    close(fds[0]);
    close(fds[1]);
    close_end(client);
    close(listener);
    transport_tear_down(&f);
}

static void test_no_answer_to_opening(void)
{
    uint8_t greeting[8];
    int listener;
    int fds[2];
    End client;
    Fixture f;

    transport_set_up(&f, "ipc", &qs_transport_sp, &qs_transport_sp);
    listener = listen_mutely(f.path);
    client = (End){ &qs_transport_sp, qs_transport_sp.connect(f.url, &key, NULL) };
    g_assert_cmpint(send_bytes(client, 4000, "hello", 5, NULL), ==, QS_IO_AGAIN);
    g_assert_nonnull(strstr(client.t->trouble(client.e), "has not shown that it knows a key"));
    for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
        fds[i] = take_connection(listener, greeting);
    }
    close(fds[0]);
    close(fds[1]);
    close_end(client);
    close(listener);
    transport_tear_down(&f);
}

/* --- An address that takes no connection --- */

/*
 * Listens at a port of the loopback, in @address, whose queue is full: the kernel leaves further connections without an answer, as a host
 * that is not there does.
 */
static void make_deaf(int fds[3], struct sockaddr_in *address)
{
    socklen_t len = sizeof(*address);

    *address =
        (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    for (int i = 0; i < 3; i++) {
        fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        g_assert_cmpint(fds[i], >=, 0);
    }
    g_assert_cmpint(bind(fds[0], (struct sockaddr *)address, len), ==, 0);
    g_assert_cmpint(listen(fds[0], 0), ==, 0);
    g_assert_cmpint(getsockname(fds[0], (struct sockaddr *)address, &len), ==, 0);
    for (int i = 1; i < 3; i++) {
        (void)!connect(fds[i], (struct sockaddr *)address, len);
    }
}

/* A call keeps to its deadline; and another address is tried long before the kernel gives the first one up. */
static void test_deaf_address(void)
{
    struct sockaddr_in deaf;
    g_autofree char *url = NULL;
    uint8_t *bytes = NULL;
    SpClient *client;
    int64_t start;
    End server;
    Fixture f;
    int fds[3];
    size_t len;
    QsPeer peer;

    transport_set_up(&f, "tcp", &qs_transport_sp, &qs_transport_sp);
    server = listen_at(&f);
    make_deaf(fds, &deaf);
    url = g_strdup_printf("tcp://127.0.0.1:%u", ntohs(deaf.sin_port));
    client = sp_client_new(url, SP_SHM_NEVER, NULL, NULL);
    start = clock_now();
    g_assert_cmpint(sp_client_send(client, 200, (const uint8_t *)"x", 1), ==, QS_IO_AGAIN);
    g_assert_cmpint(clock_now() - start, >=, 200);
    g_assert_cmpint(clock_now() - start, <, 20000);
    g_assert_cmpint(client->connecting_fd, >=, 0);

    deaf.sin_port = htons((in_port_t)strtoul(strrchr(f.url, ':') + 1, NULL, 10));
    memcpy(&client->addresses[1], &deaf, sizeof(deaf));
    client->lengths[1] = sizeof(deaf);
    client->n_addresses = 2;
    g_assert_cmpint(sp_client_send(client, SOON_MS, (const uint8_t *)"hello", 5), ==, QS_IO_OK);
    g_assert_cmpint(receive(server, SOON_MS, &bytes, &len, &peer), ==, QS_IO_OK);
    g_assert_cmpmem(bytes, len, "hello", 5);
    server.t->release(server.e, bytes);
    sp_client_free(client);
    close_end(server);
    for (int i = 0; i < 3; i++) {
        close(fds[i]);
    }
    transport_tear_down(&f);
}

/* --- Asleep --- */

typedef struct Waiting {
    const char *scheme;
    const QsTransport *at_client;
    bool has_key;
} Waiting;

typedef struct Server {
    End end;
    int stop; /* atomic */
} Server;

/* Answers everything with itself. */
static gpointer serve(gpointer data)
{
    Server *server = data;

    while (!g_atomic_int_get(&server->stop)) {
        uint8_t *bytes;
        size_t len;
        QsPeer peer;

        if (receive(server->end, 50, &bytes, &len, &peer) == QS_IO_OK) {
            g_assert_cmpint(send_bytes(server->end, SOON_MS, bytes, len, &peer), ==, QS_IO_OK);
            server->end.t->release(server->end.e, bytes);
        }
    }
    return NULL;
}

static int64_t cpu_time_us(void)
{
    struct rusage usage;

    g_assert_cmpint(getrusage(RUSAGE_THREAD, &usage), ==, 0);
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * G_USEC_PER_SEC +
           usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

static void test_sleeps(gconstpointer data)
{
    const Waiting *w = data;
    const QsKey *own = w->has_key ? &key : NULL;
    Server server = { .stop = 0 };
    GThread *thread;
    uint8_t *bytes;
    size_t len;
    End client;
    Fixture f;
    int64_t cpu;

    transport_set_up(&f, w->scheme, &qs_transport_sp, w->at_client);
    server.end = (End){ f.at_server, f.at_server->listen(f.url, own, NULL) };
    thread = g_thread_new("server", serve, &server);
    client = (End){ f.at_client, f.at_client->connect(f.url, own, NULL) };
    g_assert_nonnull(client.e);
    g_assert_cmpint(send_bytes(client, SOON_MS, "hello", 5, NULL), ==, QS_IO_OK);
    g_assert_cmpint(receive(client, SOON_MS, &bytes, &len, NULL), ==, QS_IO_OK);
    g_assert_cmpmem(bytes, len, "hello", 5);
    client.t->release(client.e, bytes);
    cpu = cpu_time_us();
    g_assert_cmpint(receive(client, 1000, &bytes, &len, NULL), ==, QS_IO_AGAIN);
    g_assert_cmpint(cpu_time_us() - cpu, <, 200000);
    close_end(client);
    g_atomic_int_set(&server.stop, 1);
    g_thread_join(thread);
    close_end(server.end);
    transport_tear_down(&f);
}

static void add(const char *name, const Waiting *waiting)
{
    g_autofree char *path = g_strdup_printf("/transport/wait/%s/without-a-core", name);

    g_test_add_data_func(path, waiting, test_sleeps);
}

int main(int argc, char **argv)
{
    static const Waiting ipc = { "ipc", &qs_transport_sp, false };
    static const Waiting shm = { "ipc", &qs_transport_shm, false };
    static const Waiting tcp = { "tcp", &qs_transport_sp, false };
    static const Waiting sealed = { "tcp", &qs_transport_sp, true };

    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/transport/wait/nobody-answers-about-shared-memory", test_no_answer_about_shm);
    g_test_add_func("/transport/wait/shared-memory-or-nothing-says-what-is-wrong",
                    test_shm_or_nothing);
    g_test_add_func("/transport/wait/nobody-answers-an-opening", test_no_answer_to_opening);
    g_test_add_func("/transport/wait/address-that-takes-no-connection", test_deaf_address);
    add("ipc", &ipc);
    add("shm", &shm);
    add("tcp", &tcp);
    add("sealed", &sealed);
    return g_test_run();
}
