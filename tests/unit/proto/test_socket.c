/* Addresses, socket files, and bytes on the wire that are not the protocol. */
#include <arpa/inet.h>
#include <poll.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <glib.h>
#include <glib/gstdio.h>

#include "proto/sp_conn.h"
#include "proto/sp_server.h"
#include "tests/unit/proto/transport_ends.h"

static void check_bad_url(const char *url, const char *part)
{
    const QsTransport *t = qs_transport_for_url(url, NULL);
    QsError error = { 0 };

    g_assert_nonnull(t);
    g_assert_null(t->listen(url, NULL, &error));
    if (!strstr(error.text, part) || !strstr(error.text, url)) {
        g_error("\"%s\" does not say \"%s\"", error.text, part);
    }
    g_assert_null(t->connect(url, NULL, &error));
    g_assert_nonnull(strstr(error.text, part));
}

static void test_bad_urls(void)
{
    g_autofree char *filler = g_strnfill(101, 'x');
    g_autofree char *long_path = g_strdup_printf("ipc:///tmp/%s%s", filler, filler);
    g_autofree char *too_long = g_strdup_printf("ipc:///tmp/%sxx", filler);
    g_autofree char *long_host = g_strdup_printf("tcp://%s%s:80", filler, filler);

    check_bad_url("ipc://", "path is missing");
    check_bad_url(long_path, "at most 107");
    check_bad_url(too_long, "has 108 bytes");
    check_bad_url("tcp://", "HOST:PORT");
    check_bad_url("tcp://localhost", "HOST:PORT");
    check_bad_url("tcp://:80", "HOST:PORT");
    check_bad_url("tcp://localhost:", "HOST:PORT");
    check_bad_url("tcp://localhost:0", "1 to 65535");
    check_bad_url("tcp://localhost:65536", "1 to 65535");
    check_bad_url("tcp://localhost:4294967376", "1 to 65535");
    check_bad_url("tcp://localhost:http", "1 to 65535");
    check_bad_url("tcp://localhost:-1", "1 to 65535");
    check_bad_url("tcp://localhost:80/path", "only HOST:PORT");
    check_bad_url("tcp://lo;localhost:80", "only HOST:PORT");
    check_bad_url("tcp://::1:80", "brackets");
    check_bad_url(long_host, "longer than");
    check_bad_url("ws://localhost", "HOST:PORT");
}

static void test_bad_hosts(void)
{
    QsError error = { 0 };

    g_assert_null(qs_transport_nanomsg.listen("tcp://192.0.2.1:7777", NULL, &error));
    g_assert_nonnull(strstr(error.text, "no such local address"));
    g_assert_null(qs_transport_nanomsg.listen("tcp://no-such-host.invalid:7777", NULL, &error));
    g_assert_nonnull(strstr(error.text, "no such local address"));
    g_assert_null(qs_transport_nanomsg.listen("ipc:///no/such/directory/socket", NULL, &error));
    g_assert_nonnull(strstr(error.text, "No such file or directory"));
    g_assert_null(qs_transport_nanomsg.connect("tcp://!!:7777", NULL, &error));
    g_assert_nonnull(strstr(error.text, "tcp://!!:7777"));
}

static void test_unknown_scheme(void)
{
    static const char *const urls[] = { "", "ipc", "ipc:/x", "http://a:1", "inproc://x", "/tmp/x" };

    for (size_t i = 0; i < G_N_ELEMENTS(urls); i++) {
        QsError error = { 0 };

        g_assert_null(qs_transport_for_url(urls[i], &error));
        g_assert_nonnull(strstr(error.text, "ipc://"));
        g_assert_nonnull(strstr(error.text, "ws://"));
    }
}

static void test_localhost(void)
{
    g_autofree char *url = g_strdup_printf("tcp://localhost:%u", free_port());
    Fixture f = { .url = url, .at_server = &qs_transport_sp, .at_client = &qs_transport_sp };
    End server = listen_at(&f);
    End client = connect_to(&f);
    QsPeer peer = { 0 };

    send_text(client, "by name", NULL);
    expect_text(server, "by name", &peer);
    close_end(client);
    close_end(server);
}

static const QsTransport *const ipc_servers[] = { &qs_transport_sp, &qs_transport_nanomsg };

static void test_socket_mode(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(ipc_servers); i++) {
        struct stat st;
        End server;
        Fixture f;

        transport_set_up(&f, "ipc", ipc_servers[i], &qs_transport_sp);
        server = listen_at(&f);
        g_assert_cmpint(lstat(f.path, &st), ==, 0);
        g_assert_true(S_ISSOCK(st.st_mode));
        g_assert_cmpint(st.st_mode & 0777, ==, 0600);
        close_end(server);
        g_assert_cmpint(lstat(f.path, &st), ==, -1);
        transport_tear_down(&f);
    }
}

/* What a killed server leaves: a socket file that nobody listens at. */
static void test_stale_socket(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(ipc_servers); i++) {
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int s = socket(AF_UNIX, SOCK_STREAM, 0);
        Fixture f;

        transport_set_up(&f, "ipc", ipc_servers[i], &qs_transport_sp);
        g_strlcpy(address.sun_path, f.path, sizeof(address.sun_path));
        g_assert_cmpint(bind(s, (struct sockaddr *)&address, sizeof(address)), ==, 0);
        close(s);
        g_assert_true(g_file_test(f.path, G_FILE_TEST_EXISTS));
        exchange_texts(&f);
        transport_tear_down(&f);
    }
}

static void test_file_is_not_removed(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(ipc_servers); i++) {
        QsError error = { 0 };
        g_autofree char *content = NULL;
        Fixture f;

        transport_set_up(&f, "ipc", ipc_servers[i], &qs_transport_sp);
        g_assert_true(g_file_set_contents(f.path, "precious", -1, NULL));
        g_assert_null(f.at_server->listen(f.url, NULL, &error));
        g_assert_nonnull(strstr(error.text, "no socket"));
        g_assert_true(g_file_get_contents(f.path, &content, NULL, NULL));
        g_assert_cmpstr(content, ==, "precious");
        transport_tear_down(&f);
    }
}

/* A server whose socket file was taken over by another one does not remove that one's. */
static void test_foreign_socket_stays(void)
{
    End first;
    End second;
    Fixture f;

    transport_set_up(&f, "ipc", &qs_transport_sp, &qs_transport_sp);
    first = listen_at(&f);
    g_unlink(f.path);
    second = listen_at(&f);
    close_end(first);
    g_assert_true(g_file_test(f.path, G_FILE_TEST_EXISTS));
    close_end(second);
    g_assert_false(g_file_test(f.path, G_FILE_TEST_EXISTS));
    transport_tear_down(&f);
}

static int raw_connection(const Fixture *f)
{
    union {
        struct sockaddr any;
        struct sockaddr_in in;
        struct sockaddr_un un;
    } address = { 0 };
    bool is_ipc = strcmp(f->scheme, "ipc") == 0;
    int s = socket(is_ipc ? AF_UNIX : AF_INET, SOCK_STREAM, 0);

    if (is_ipc) {
        address.un.sun_family = AF_UNIX;
        g_strlcpy(address.un.sun_path, f->path, sizeof(address.un.sun_path));
    } else {
        address.in.sin_family = AF_INET;
        address.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.in.sin_port = htons((uint16_t)strtoul(strrchr(f->url, ':') + 1, NULL, 10));
    }
    g_assert_cmpint(connect(s, &address.any, is_ipc ? sizeof(address.un) : sizeof(address.in)), ==,
                    0);
    return s;
}

#define GREETING "\0SP\0\0\x30\0\0"

/* The server is alive, and whatever came before was no frame. */
static void check_alive(End server, End client)
{
    QsPeer peer = { 0 };
    uint8_t *data;
    size_t len;
    QsIo io;

    send_text(client, "alive?", NULL);
    while ((io = receive(server, SOON_MS, &data, &len, &peer)) == QS_IO_BAD) {
    }
    g_assert_cmpint(io, ==, QS_IO_OK);
    g_assert_cmpmem(data, len, "alive?", 6);
    server.t->release(server.e, data);
}

/* Bytes that are not the protocol, straight onto the socket. */
static void check_garbage(const char *scheme)
{
    static const struct {
        const char *bytes;
        size_t len;
    } openings[] = {
        { "GET / HTTP/1.0\r\n\r\n", 18 },
        { "", 0 },
        { "\0S", 2 },
        { "\0SP\0\0\x10\0\0", 8 }, /* another protocol */
        { GREETING, 8 },
        { GREETING "\x02\0\0\0\0\0\0\0\x08\x80\0\0\1abcd", 8 + 17 }, /* ipc: unknown kind */
        { GREETING "\x01\xff\xff\xff\xff\xff\xff\xff\xff", 8 + 9 },  /* 2^64 - 1 bytes */
        { GREETING "\x01\0\0\0\0\0\0\0\x02zz", 8 + 11 }, /* too short for a request id */
        { GREETING "\x01\0\0\0\0\0\0\0\x08\0\0\0\1\0\0\0\2", 8 + 17 }, /* no end of the header */
        { GREETING "\x01\0\0\0\0\0\x40\0\0half", 8 + 13 }, /* 4 MiB announced, then gone */
    };
    End server;
    End client;
    Fixture f;

    transport_set_up(&f, scheme, &qs_transport_sp, &qs_transport_sp);
    server = listen_at(&f);
    client = connect_to(&f);
    for (size_t i = 0; i < G_N_ELEMENTS(openings); i++) {
        int s = raw_connection(&f);

        g_assert_cmpint(send(s, openings[i].bytes, openings[i].len, MSG_NOSIGNAL), ==,
                        (ssize_t)openings[i].len);
        check_alive(server, client);
        close(s);
        check_alive(server, client);
    }
    close_end(client);
    close_end(server);
    transport_tear_down(&f);
}

static void test_garbage_on_the_wire(void)
{
    check_garbage("ipc");
    check_garbage("tcp");
}

static void send_random_bytes(int s)
{
    uint8_t bytes[64];
    int n = g_test_rand_int_range(0, sizeof(bytes));

    for (int i = 0; i < n; i++) {
        /* Mostly zeros and ones, so that lengths and kinds are often plausible. */
        bytes[i] = (uint8_t)(g_test_rand_int() % 3 ? g_test_rand_int() % 9 / 7 : g_test_rand_int());
    }
    (void)!send(s, bytes, (size_t)n, MSG_NOSIGNAL);
}

static void test_random_bytes_on_the_wire(void)
{
    End server;
    End client;
    Fixture f;
    QsPeer peer;
    uint8_t *data;
    size_t len;

    transport_set_up(&f, "ipc", &qs_transport_sp, &qs_transport_sp);
    server = listen_at(&f);
    client = connect_to(&f);
    for (int i = 0; i < 2000; i++) {
        int s = raw_connection(&f);

        (void)!send(s, GREETING, 8, MSG_NOSIGNAL);
        for (int k = 0; k < 4; k++) {
            send_random_bytes(s);
        }
        if (receive(server, 0, &data, &len, &peer) == QS_IO_OK) {
            server.t->release(server.e, data);
        }
        close(s);
    }
    while (receive(server, 20, &data, &len, &peer) != QS_IO_AGAIN) {
    }
    check_alive(server, client);
    close_end(client);
    close_end(server);
    transport_tear_down(&f);
}

/* A server end that sends nonsense costs the client its connection, not its life. */
static void test_garbage_server(void)
{
    static const char *const greetings[] = { "HTTP/1.0 400 Bad\r\n", GREETING };
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    End client;
    Fixture f;

    transport_set_up(&f, "ipc", &qs_transport_sp, &qs_transport_sp);
    g_strlcpy(address.sun_path, f.path, sizeof(address.sun_path));
    g_assert_cmpint(bind(listener, (struct sockaddr *)&address, sizeof(address)), ==, 0);
    g_assert_cmpint(listen(listener, 5), ==, 0);
    client = connect_to(&f);
    for (size_t i = 0; i < G_N_ELEMENTS(greetings); i++) {
        int s = accept(listener, NULL, NULL);

        g_assert_cmpint(send(s, greetings[i], 8, MSG_NOSIGNAL), ==, 8);
        expect_nothing(client, 20); /* hangs up and connects anew */
        close(s);
        expect_nothing(client, 100);
    }
    close_end(client);
    close(listener);
    transport_tear_down(&f);
}

/* Takes a frame as a machine's thread does: spinning, then without waiting. */
static bool take_spinning(End server, const char *text)
{
    QsPeer peer;
    uint8_t *data;
    size_t len;
    bool is_it;

    do {
        (void)server.t->spin(server.e);
    } while (receive(server, 0, &data, &len, &peer) != QS_IO_OK);
    is_it = len == strlen(text) && memcmp(data, text, len) == 0;
    server.t->release(server.e, data);
    return is_it;
}

/* Spinning on the only connection that has something to say all the time, a server still lets others in. */
static void test_newcomer_is_heard(const void *scheme)
{
    Fixture f;
    End server;
    End first;
    End second;
    QsPeer peer;
    int n = 0;

    transport_set_up(&f, scheme, &qs_transport_sp, &qs_transport_sp);
    server = listen_at(&f);
    server.t->set_spin(server.e, 10000);
    first = connect_to(&f);
    send_text(first, "first", NULL);
    expect_text(server, "first", &peer);
    second = connect_to(&f);
    send_text(second, "second", NULL);
    do {
        g_assert_cmpint(n++, <, 200);
        send_text(first, "first", NULL);
    } while (take_spinning(server, "first"));
    close_end(second);
    close_end(first);
    close_end(server);
    transport_tear_down(&f);
}

/* Without spinning the descriptor alone tells. */
static void test_no_spinning(const void *scheme)
{
    Fixture f;
    End server;
    End client;

    transport_set_up(&f, scheme, &qs_transport_sp, &qs_transport_sp);
    server = listen_at(&f);
    client = connect_to(&f);
    server.t->set_spin(server.e, 0);
    client.t->set_spin(client.e, 0);
    for (int i = 0; i < 100; i++) {
        QsPeer peer;

        send_text(client, "ask", NULL);
        g_assert_false(server.t->spin(server.e));
        expect_text(server, "ask", &peer);
        send_text(server, "answer", &peer);
        g_assert_false(client.t->spin(client.e));
        expect_text(client, "answer", NULL);
    }
    close_end(client);
    close_end(server);
    transport_tear_down(&f);
}

/*
 * With no descriptor left a server sleeps between its attempts to let somebody in, and lets them in when there is one. @connected: it has
 * another client meanwhile, which it serves.
 */
static void check_lack_of_descriptors(bool connected)
{
    struct rlimit limit;
    struct rlimit before;
    int64_t until;
    unsigned woken = 0;
    int waiting;
    End server;
    End client = { NULL, NULL };
    Fixture f;

    transport_set_up(&f, "tcp", &qs_transport_sp, &qs_transport_sp);
    server = listen_at(&f);
    if (connected) {
        client = connect_to(&f);
        check_alive(server, client);
    }
    waiting = raw_connection(&f);
    g_assert_cmpint(getrlimit(RLIMIT_NOFILE, &before), ==, 0);
    limit = before;
    limit.rlim_cur = (rlim_t)dup(waiting); /* the lowest that is free */
    close((int)limit.rlim_cur);
    g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &limit), ==, 0);
    if (connected) {
        check_alive(server, client);
    }
    until = g_get_monotonic_time() + G_TIME_SPAN_SECOND;
    while (g_get_monotonic_time() < until) {
        struct pollfd p = { .fd = server.t->fd(server.e), .events = POLLIN };

        woken += poll(&p, 1, 100) > 0;
        expect_nothing(server, 0);
    }
    g_assert_cmpuint(woken, <=, 20); /* the timer, and a failure each time */
    g_assert_cmpuint(server.t->connections(server.e), ==, connected ? 1 : 0);
    g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &before), ==, 0);
    while (server.t->connections(server.e) < (connected ? 2 : 1)) {
        expect_nothing(server, 10);
    }
    close(waiting);
    if (connected) {
        close_end(client);
    }
    close_end(server);
    transport_tear_down(&f);
}

/* As many connections as may be; the next one waits until one of them ends. */
static void test_most_connections(void)
{
    static int fds[SP_MAX_CONNECTIONS + 1];
    struct rlimit before;
    struct rlimit limit;
    End server;
    Fixture f;

    g_assert_cmpint(getrlimit(RLIMIT_NOFILE, &before), ==, 0);
    limit = before;
    limit.rlim_cur = MIN(before.rlim_max, (rlim_t)4 * SP_MAX_CONNECTIONS);
    g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &limit), ==, 0);
    transport_set_up(&f, "ipc", &qs_transport_sp, &qs_transport_sp);
    server = listen_at(&f);
    for (unsigned i = 0; i <= SP_MAX_CONNECTIONS; i++) {
        fds[i] = raw_connection(&f);
        while (server.t->connections(server.e) < MIN(i + 1, SP_MAX_CONNECTIONS)) {
            expect_nothing(server, 1);
        }
    }
    for (int i = 0; i < 20; i++) {
        expect_nothing(server, 5);
    }
    g_assert_cmpuint(server.t->connections(server.e), ==, SP_MAX_CONNECTIONS);
    close(fds[500]);
    while (server.t->connections(server.e) == SP_MAX_CONNECTIONS) {
        expect_nothing(server, 1);
    }
    fds[500] = fds[SP_MAX_CONNECTIONS];
    for (unsigned i = 0; i < SP_MAX_CONNECTIONS; i++) {
        close(fds[i]);
    }
    close_end(server);
    transport_tear_down(&f);
    g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &before), ==, 0);
}

/* A connection takes frames while no more than 256 KiB wait to be sent, whatever their size. */
static void test_most_waiting(void)
{
    static uint8_t bytes[QS_MAX_FRAME_BYTES];
    SpConn *conn;
    size_t waiting;
    int fds[2];

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), ==, 0);
    conn = sp_conn_new(fds[0], true, SP_REP, SP_REQ);
    while (!sp_conn_is_waiting(conn)) {
        g_assert_cmpint(sp_conn_send(conn, NULL, 0, bytes, 1000), ==, SP_SENT);
    }
    waiting = conn->out_len - conn->out_at;
    g_assert_cmpuint(waiting, <, SP_MAX_WAITING - 9);
    g_assert_cmpint(sp_conn_send(conn, NULL, 0, bytes, SP_MAX_WAITING - waiting - 9), ==, SP_SENT);
    g_assert_cmpuint(conn->out_len - conn->out_at, ==, SP_MAX_WAITING);
    g_assert_true(sp_conn_has_room(conn));
    g_assert_cmpint(sp_conn_send(conn, NULL, 0, bytes, QS_MAX_FRAME_BYTES), ==, SP_SENT);
    g_assert_false(sp_conn_has_room(conn));
    g_assert_cmpint(sp_conn_send(conn, NULL, 0, bytes, 1), ==, SP_NO_ROOM);
    sp_conn_free(conn);
    close(fds[1]);
}

static void test_lack_of_descriptors(void)
{
    check_lack_of_descriptors(false);
    check_lack_of_descriptors(true);
}

static void test_error_text_is_cut(void)
{
    g_autofree char *filler = g_strnfill(510, 'x');
    g_autofree char *text = g_strconcat(filler, "é", NULL);
    QsError error;

    g_assert_false(qs_error(&error, QS_STATUS_GENERIC, "%s%s", text, "more"));
    g_assert_cmpint(error.code, ==, QS_STATUS_GENERIC);
    g_assert_cmpstr(error.text, ==, filler);
    g_assert_false(qs_error(NULL, QS_STATUS_GENERIC, "nobody listens"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/transport/url/bad-ones-say-what", test_bad_urls);
    g_test_add_func("/transport/url/bad-hosts-say-what", test_bad_hosts);
    g_test_add_func("/transport/url/unknown-scheme-names-the-known", test_unknown_scheme);
    g_test_add_func("/transport/url/localhost-can-be-bound", test_localhost);
    g_test_add_func("/transport/url/ipc-socket-is-private-and-removed", test_socket_mode);
    g_test_add_func("/transport/url/ipc-stale-socket-is-replaced", test_stale_socket);
    g_test_add_func("/transport/url/ipc-file-that-is-no-socket-stays", test_file_is_not_removed);
    g_test_add_func("/transport/url/ipc-socket-of-another-server-stays", test_foreign_socket_stays);
    g_test_add_func("/transport/wire/garbage-is-survived", test_garbage_on_the_wire);
    g_test_add_func("/transport/wire/random-bytes-are-survived", test_random_bytes_on_the_wire);
    g_test_add_func("/transport/wire/garbage-of-a-server-is-survived", test_garbage_server);
    g_test_add_data_func("/transport/spin/newcomer-is-heard/ipc", "ipc", test_newcomer_is_heard);
    g_test_add_data_func("/transport/spin/newcomer-is-heard/tcp", "tcp", test_newcomer_is_heard);
    g_test_add_data_func("/transport/spin/none-where-that-is-wanted/ipc", "ipc", test_no_spinning);
    g_test_add_data_func("/transport/spin/none-where-that-is-wanted/tcp", "tcp", test_no_spinning);
    g_test_add_func("/transport/server/as-many-connections-as-may-be", test_most_connections);
    g_test_add_func("/transport/server/as-many-bytes-wait-as-may", test_most_waiting);
    g_test_add_func("/transport/server/without-descriptors-it-sleeps", test_lack_of_descriptors);
    g_test_add_func("/transport/error/long-text-is-cut-at-a-character", test_error_text_is_cut);
    return g_test_run();
}
