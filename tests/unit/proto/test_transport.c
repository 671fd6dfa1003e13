/* One suite that every URL scheme passes; a new transport adds a row to schemes[]. */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <glib.h>
#include <glib/gstdio.h>
#include <nanomsg/nn.h>
#include <nanomsg/reqrep.h>

#include "proto/transport.h"

/* Generous: what is waited for comes in milliseconds, and on a loaded machine still comes. */
#define SOON_MS 20000

typedef struct Fixture {
    const char *scheme;
    char *directory;
    char *path; /* of the unix socket */
    char *url;
    const QsTransport *t;
} Fixture;

static unsigned free_port(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof(address);
    int s = socket(AF_INET, SOCK_STREAM, 0);

    g_assert_cmpint(bind(s, (struct sockaddr *)&address, sizeof(address)), ==, 0);
    g_assert_cmpint(getsockname(s, (struct sockaddr *)&address, &len), ==, 0);
    close(s);
    return ntohs(address.sin_port);
}

static void set_up(Fixture *f, const char *scheme)
{
    f->scheme = scheme;
    f->directory = g_dir_make_tmp("qosim-XXXXXX", NULL);
    f->path = g_build_filename(f->directory, "socket", NULL);
    f->url = strcmp(scheme, "ipc") == 0 ? g_strdup_printf("ipc://%s", f->path)
                                        : g_strdup_printf("%s://127.0.0.1:%u", scheme, free_port());
    f->t = qs_transport_for_url(f->url, NULL);
    g_assert_nonnull(f->t);
}

static void tear_down(Fixture *f)
{
    g_unlink(f->path);
    g_assert_cmpint(g_rmdir(f->directory), ==, 0);
    g_free(f->directory);
    g_free(f->path);
    g_free(f->url);
}

static QsEndpoint *listen_at(Fixture *f)
{
    QsError error = { 0 };
    QsEndpoint *e = f->t->listen(f->url, &error);

    if (!e) {
        g_error("%s", error.text);
    }
    return e;
}

static QsEndpoint *connect_to(Fixture *f)
{
    QsError error = { 0 };
    QsEndpoint *e = f->t->connect(f->url, &error);

    if (!e) {
        g_error("%s", error.text);
    }
    return e;
}

static void send_text(Fixture *f, QsEndpoint *e, const char *text, const QsPeer *peer)
{
    g_assert_cmpint(f->t->send(e, SOON_MS, (const uint8_t *)text, strlen(text), peer), ==,
                    QS_IO_OK);
}

static void expect_text(Fixture *f, QsEndpoint *e, const char *text, QsPeer *peer)
{
    uint8_t *data;
    size_t len;

    g_assert_cmpint(f->t->receive(e, SOON_MS, &data, &len, peer), ==, QS_IO_OK);
    g_assert_cmpmem(data, len, text, strlen(text));
    f->t->release(e, data);
}

static void expect_nothing(Fixture *f, QsEndpoint *e, int timeout_ms)
{
    uint8_t *data;
    size_t len;
    QsPeer peer;

    g_assert_cmpint(f->t->receive(e, timeout_ms, &data, &len, &peer), ==, QS_IO_AGAIN);
}

static void test_request_and_reply(Fixture *f)
{
    QsEndpoint *server = listen_at(f);
    QsEndpoint *client = connect_to(f);
    QsPeer peer = { 0 };

    for (int i = 0; i < 100; i++) {
        g_autofree char *text = g_strdup_printf("request %d", i);

        send_text(f, client, text, NULL);
        expect_text(f, server, text, &peer);
        send_text(f, server, "reply", &peer);
        expect_text(f, client, "reply", NULL);
    }
    g_assert_true(f->t->connected(client));
    f->t->close(client);
    f->t->close(server);
}

static void test_empty_frame(Fixture *f)
{
    QsEndpoint *server = listen_at(f);
    QsEndpoint *client = connect_to(f);
    QsPeer peer = { 0 };

    send_text(f, client, "", NULL);
    expect_text(f, server, "", &peer);
    send_text(f, server, "", &peer);
    expect_text(f, client, "", NULL);
    f->t->close(client);
    f->t->close(server);
}

static void test_several_clients(Fixture *f)
{
    enum { N = 5 };
    QsEndpoint *server = listen_at(f);
    QsEndpoint *clients[N];
    QsPeer peers[N];

    for (int i = 0; i < N; i++) {
        g_autofree char *text = g_strdup_printf("client %d", i);

        clients[i] = connect_to(f);
        send_text(f, clients[i], text, NULL);
        expect_text(f, server, text, &peers[i]);
    }
    for (int i = N - 1; i >= 0; i--) {
        g_autofree char *text = g_strdup_printf("for client %d", i);

        send_text(f, server, text, &peers[i]);
    }
    for (int i = 0; i < N; i++) {
        g_autofree char *text = g_strdup_printf("for client %d", i);

        expect_text(f, clients[i], text, NULL);
        expect_nothing(f, clients[i], 0);
        f->t->close(clients[i]);
    }
    f->t->close(server);
}

static void test_push(Fixture *f)
{
    QsEndpoint *server = listen_at(f);
    QsEndpoint *client = connect_to(f);
    QsPeer peer = { 0 };

    send_text(f, client, "hello", NULL);
    expect_text(f, server, "hello", &peer);
    for (int i = 0; i < 50; i++) {
        g_autofree char *text = g_strdup_printf("message %d", i);

        send_text(f, server, text, &peer);
    }
    for (int i = 0; i < 50; i++) {
        g_autofree char *text = g_strdup_printf("message %d", i);

        expect_text(f, client, text, NULL);
    }
    f->t->close(client);
    f->t->close(server);
}

static void test_many_outstanding(Fixture *f)
{
    QsEndpoint *server = listen_at(f);
    QsEndpoint *client = connect_to(f);
    QsPeer peer = { 0 };

    for (int i = 0; i < 50; i++) {
        g_autofree char *text = g_strdup_printf("request %d", i);

        send_text(f, client, text, NULL);
    }
    for (int i = 0; i < 50; i++) {
        g_autofree char *text = g_strdup_printf("request %d", i);

        expect_text(f, server, text, &peer);
    }
    f->t->close(client);
    f->t->close(server);
}

static void send_block(Fixture *f, QsEndpoint *from, QsEndpoint *to, size_t len, QsPeer *peer)
{
    g_autofree uint8_t *block = g_malloc(len);
    uint8_t *data;
    size_t got;

    memset(block, 0x5a, len);
    g_assert_cmpint(f->t->send(from, SOON_MS, block, len, NULL), ==, QS_IO_OK);
    g_assert_cmpint(f->t->receive(to, SOON_MS, &data, &got, peer), ==, QS_IO_OK);
    g_assert_cmpmem(data, got, block, len);
    f->t->release(to, data);
}

static void test_largest_frame(Fixture *f)
{
    QsEndpoint *server = listen_at(f);
    QsEndpoint *client = connect_to(f);
    g_autofree uint8_t *block = g_malloc0(QS_MAX_FRAME_BYTES + 1);
    QsPeer peer = { 0 };
    uint8_t *data;
    size_t len;

    send_block(f, client, server, QS_MAX_FRAME_BYTES, &peer);
    g_assert_cmpint(f->t->send(server, SOON_MS, block, QS_MAX_FRAME_BYTES, &peer), ==, QS_IO_OK);
    g_assert_cmpint(f->t->receive(client, SOON_MS, &data, &len, NULL), ==, QS_IO_OK);
    g_assert_cmpuint(len, ==, QS_MAX_FRAME_BYTES);
    f->t->release(client, data);
    g_assert_cmpint(f->t->send(client, 0, block, QS_MAX_FRAME_BYTES + 1, NULL), ==, QS_IO_BAD);
    g_assert_cmpint(f->t->send(server, 0, block, QS_MAX_FRAME_BYTES + 1, &peer), ==, QS_IO_BAD);
    f->t->close(client);
    f->t->close(server);
}

static int cooked_request_socket(Fixture *f)
{
    int s = nn_socket(AF_SP, NN_REQ);
    int timeout = SOON_MS;
    int no_limit = -1;

    g_assert_cmpint(s, >=, 0);
    g_assert_cmpint(nn_setsockopt(s, NN_SOL_SOCKET, NN_RCVTIMEO, &timeout, sizeof(timeout)), ==, 0);
    g_assert_cmpint(nn_setsockopt(s, NN_SOL_SOCKET, NN_RCVMAXSIZE, &no_limit, sizeof(no_limit)), ==,
                    0);
    g_assert_cmpint(nn_connect(s, f->url), >=, 0);
    return s;
}

static void test_cooked_client(Fixture *f)
{
    QsEndpoint *server = listen_at(f);
    int s = cooked_request_socket(f);
    QsPeer peer = { 0 };
    char reply[16];

    for (int i = 0; i < 20; i++) {
        g_assert_cmpint(nn_send(s, "plain", 5, 0), ==, 5);
        expect_text(f, server, "plain", &peer);
        send_text(f, server, "answer", &peer);
        g_assert_cmpint(nn_recv(s, reply, sizeof(reply), 0), ==, 6);
        g_assert_cmpmem(reply, 6, "answer", 6);
    }
    nn_close(s);
    f->t->close(server);
}

/* A peer that does not keep to the limit loses its connection; others do not notice. */
static void test_oversize_peer(Fixture *f)
{
    QsEndpoint *server = listen_at(f);
    QsEndpoint *client = connect_to(f);
    int s = cooked_request_socket(f);
    static const char block[QS_MAX_FRAME_BYTES + 100];
    QsPeer peer = { 0 };

    send_text(f, client, "before", NULL);
    expect_text(f, server, "before", &peer);
    g_assert_cmpint(nn_send(s, block, sizeof(block), 0), ==, (int)sizeof(block));
    expect_nothing(f, server, 300);
    send_text(f, server, "reply", &peer);
    expect_text(f, client, "reply", NULL);
    nn_close(s);
    f->t->close(client);
    f->t->close(server);
}

static void test_vanished_peer(Fixture *f)
{
    QsEndpoint *server = listen_at(f);
    QsEndpoint *gone = connect_to(f);
    QsEndpoint *client = connect_to(f);
    g_autofree uint8_t *block = g_malloc0(100000);
    QsPeer lost = { 0 };
    QsPeer peer = { 0 };

    send_text(f, gone, "bye", NULL);
    expect_text(f, server, "bye", &lost);
    f->t->close(gone);
    for (int i = 0; i < 200; i++) {
        g_assert_cmpint(f->t->send(server, 0, block, 100000, &lost), ==, QS_IO_OK);
    }
    send_text(f, client, "still here", NULL);
    expect_text(f, server, "still here", &peer);
    send_text(f, server, "so am I", &peer);
    expect_text(f, client, "so am I", NULL);
    f->t->close(client);
    f->t->close(server);
}

/* A client that takes nothing cannot hold up the server: what does not fit is dropped, and the client goes on after. */
static void test_slow_peer(Fixture *f)
{
    QsEndpoint *server = listen_at(f);
    QsEndpoint *slow = connect_to(f);
    g_autofree uint8_t *block = g_malloc0(100000);
    QsPeer peer = { 0 };
    uint8_t *data;
    size_t len;
    int got = 0;

    send_text(f, slow, "subscribe", NULL);
    expect_text(f, server, "subscribe", &peer);
    for (int i = 0; i < 300; i++) {
        g_assert_cmpint(f->t->send(server, 0, block, 100000, &peer), ==, QS_IO_OK);
    }
    while (f->t->receive(slow, 300, &data, &len, NULL) == QS_IO_OK) {
        g_assert_cmpuint(len, ==, 100000);
        f->t->release(slow, data);
        got++;
    }
    g_test_message("%d of 300 frames of 100000 bytes arrived", got);
    g_assert_cmpint(got, >, 0);
    send_text(f, slow, "again", NULL);
    expect_text(f, server, "again", &peer);
    send_text(f, server, "reply", &peer);
    expect_text(f, slow, "reply", NULL);
    f->t->close(slow);
    f->t->close(server);
}

static void test_nobody_there(Fixture *f)
{
    QsEndpoint *client = connect_to(f);

    g_assert_cmpint(f->t->send(client, 50, (const uint8_t *)"x", 1, NULL), ==, QS_IO_AGAIN);
    expect_nothing(f, client, 20);
    g_assert_false(f->t->connected(client));
    f->t->close(client);
}

static void test_server_comes_late(Fixture *f)
{
    QsEndpoint *client = connect_to(f);
    QsEndpoint *server;
    QsPeer peer = { 0 };

    expect_nothing(f, client, 100);
    server = listen_at(f);
    send_text(f, client, "at last", NULL);
    expect_text(f, server, "at last", &peer);
    f->t->close(client);
    f->t->close(server);
}

static void test_server_comes_back(Fixture *f)
{
    QsEndpoint *server = listen_at(f);
    QsEndpoint *client = connect_to(f);
    QsPeer peer = { 0 };

    send_text(f, client, "one", NULL);
    expect_text(f, server, "one", &peer);
    f->t->close(server);
    for (int i = 0; i < SOON_MS / 10 && f->t->connected(client); i++) {
        g_usleep(10000);
    }
    g_assert_false(f->t->connected(client));
    server = listen_at(f);
    send_text(f, client, "two", NULL);
    expect_text(f, server, "two", &peer);
    f->t->close(client);
    f->t->close(server);
}

static void test_address_in_use(Fixture *f)
{
    QsEndpoint *server = listen_at(f);
    QsEndpoint *client = connect_to(f);
    QsError error = { 0 };
    QsPeer peer = { 0 };

    g_assert_null(f->t->listen(f->url, &error));
    g_assert_nonnull(strstr(error.text, "address already in use"));
    g_assert_nonnull(strstr(error.text, f->url));
    send_text(f, client, "unharmed", NULL);
    expect_text(f, server, "unharmed", &peer);
    f->t->close(client);
    f->t->close(server);
}

static void test_descriptor(Fixture *f)
{
    QsEndpoint *server = listen_at(f);
    QsEndpoint *client = connect_to(f);
    struct pollfd p = { .fd = f->t->fd(server), .events = POLLIN };
    QsPeer peer = { 0 };

    g_assert_cmpint(poll(&p, 1, 0), ==, 0);
    send_text(f, client, "one", NULL);
    send_text(f, client, "two", NULL);
    g_assert_cmpint(poll(&p, 1, SOON_MS), ==, 1);
    expect_text(f, server, "one", &peer);
    g_assert_cmpint(poll(&p, 1, SOON_MS), ==, 1);
    expect_text(f, server, "two", &peer);
    g_assert_cmpint(poll(&p, 1, 0), ==, 0);
    f->t->close(client);
    f->t->close(server);
}

static void test_listen_again(Fixture *f)
{
    for (int i = 0; i < 5; i++) {
        f->t->close(listen_at(f));
    }
}

static void check_bad_url(const char *url, const char *part)
{
    const QsTransport *t = qs_transport_for_url(url, NULL);
    QsError error = { 0 };

    g_assert_nonnull(t);
    g_assert_null(t->listen(url, &error));
    if (!strstr(error.text, part) || !strstr(error.text, url)) {
        g_error("\"%s\" does not say \"%s\"", error.text, part);
    }
    g_assert_null(t->connect(url, &error));
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

    g_assert_null(qs_transport_nanomsg.listen("tcp://192.0.2.1:7777", &error));
    g_assert_nonnull(strstr(error.text, "no such local address"));
    g_assert_null(qs_transport_nanomsg.listen("tcp://no-such-host.invalid:7777", &error));
    g_assert_nonnull(strstr(error.text, "no such local address"));
    g_assert_null(qs_transport_nanomsg.listen("ipc:///no/such/directory/socket", &error));
    g_assert_nonnull(strstr(error.text, "No such file or directory"));
    g_assert_null(qs_transport_nanomsg.connect("tcp://!!:7777", &error));
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
    Fixture f = { .url = url, .t = &qs_transport_nanomsg };
    QsEndpoint *server = listen_at(&f);
    QsEndpoint *client = connect_to(&f);
    QsPeer peer = { 0 };

    send_text(&f, client, "by name", NULL);
    expect_text(&f, server, "by name", &peer);
    f.t->close(client);
    f.t->close(server);
}

static void test_socket_mode(void)
{
    Fixture f;
    QsEndpoint *server;
    struct stat st;

    set_up(&f, "ipc");
    server = listen_at(&f);
    g_assert_cmpint(lstat(f.path, &st), ==, 0);
    g_assert_true(S_ISSOCK(st.st_mode));
    g_assert_cmpint(st.st_mode & 0777, ==, 0600);
    f.t->close(server);
    g_assert_cmpint(lstat(f.path, &st), ==, -1);
    tear_down(&f);
}

/* What a killed server leaves: a socket file that nobody listens at. */
static void test_stale_socket(void)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int s = socket(AF_UNIX, SOCK_STREAM, 0);
    Fixture f;

    set_up(&f, "ipc");
    g_strlcpy(address.sun_path, f.path, sizeof(address.sun_path));
    g_assert_cmpint(bind(s, (struct sockaddr *)&address, sizeof(address)), ==, 0);
    close(s);
    g_assert_true(g_file_test(f.path, G_FILE_TEST_EXISTS));
    test_request_and_reply(&f);
    tear_down(&f);
}

static void test_file_is_not_removed(void)
{
    QsError error = { 0 };
    g_autofree char *content = NULL;
    Fixture f;

    set_up(&f, "ipc");
    g_assert_true(g_file_set_contents(f.path, "precious", -1, NULL));
    g_assert_null(f.t->listen(f.url, &error));
    g_assert_nonnull(strstr(error.text, "no socket"));
    g_assert_true(g_file_get_contents(f.path, &content, NULL, NULL));
    g_assert_cmpstr(content, ==, "precious");
    tear_down(&f);
}

/* Bytes that are not nanomsg's protocol, straight onto the socket. */
static void test_garbage_on_the_wire(void)
{
    static const char *const openings[] = { "GET / HTTP/1.0\r\n\r\n",
                                            "\0SP\0\0\x30\0\0\x01\xff\xff\xff\xff\xff\xff\xff\xff",
                                            "\0SP\0\0\x30\0\0\x01\0\0\0\0\0\0\0\x02zz",
                                            "\0SP\0\0\x10\0\0", "\0S" };
    static const size_t lengths[] = { 18, 17, 19, 8, 2 };
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    QsEndpoint *server;
    QsEndpoint *client;
    QsPeer peer = { 0 };
    Fixture f;

    set_up(&f, "ipc");
    server = listen_at(&f);
    client = connect_to(&f);
    g_strlcpy(address.sun_path, f.path, sizeof(address.sun_path));
    for (size_t i = 0; i < G_N_ELEMENTS(openings); i++) {
        int s = socket(AF_UNIX, SOCK_STREAM, 0);

        g_assert_cmpint(connect(s, (struct sockaddr *)&address, sizeof(address)), ==, 0);
        g_assert_cmpint(send(s, openings[i], lengths[i], MSG_NOSIGNAL), ==, (ssize_t)lengths[i]);
        expect_nothing(&f, server, 50);
        close(s);
    }
    send_text(&f, client, "fine", NULL);
    expect_text(&f, server, "fine", &peer);
    f.t->close(client);
    f.t->close(server);
    tear_down(&f);
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

static const struct {
    const char *name;
    void (*run)(Fixture *f);
} cases[] = {
    { "request-and-reply", test_request_and_reply },
    { "empty-frame-is-a-frame", test_empty_frame },
    { "several-clients-get-their-own-replies", test_several_clients },
    { "several-messages-for-one-request", test_push },
    { "several-requests-outstanding", test_many_outstanding },
    { "largest-frame-passes-larger-is-refused-here", test_largest_frame },
    { "plain-req-client-works", test_cooked_client },
    { "oversize-peer-is-dropped-others-go-on", test_oversize_peer },
    { "sending-to-a-vanished-peer-does-not-block", test_vanished_peer },
    { "slow-peer-does-not-block-the-server", test_slow_peer },
    { "nobody-there-is-again-in-time", test_nobody_there },
    { "server-may-come-late", test_server_comes_late },
    { "server-may-come-back", test_server_comes_back },
    { "address-in-use-says-so", test_address_in_use },
    { "descriptor-polls-readable", test_descriptor },
    { "same-address-again-after-close", test_listen_again },
};
static const char *const schemes[] = { "ipc", "tcp", "ws" };

typedef struct Run {
    const char *scheme;
    void (*run)(Fixture *f);
} Run;

static void run_case(gconstpointer data)
{
    const Run *run = data;
    Fixture f;

    set_up(&f, run->scheme);
    run->run(&f);
    tear_down(&f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t s = 0; s < G_N_ELEMENTS(schemes); s++) {
        for (size_t c = 0; c < G_N_ELEMENTS(cases); c++) {
            g_autofree char *path = g_strdup_printf("/transport/%s/%s", schemes[s], cases[c].name);
            Run *run = g_new(Run, 1);

            *run = (Run){ schemes[s], cases[c].run };
            g_test_add_data_func_full(path, run, run_case, g_free);
        }
    }
    g_test_add_func("/transport/url/bad-ones-say-what", test_bad_urls);
    g_test_add_func("/transport/url/bad-hosts-say-what", test_bad_hosts);
    g_test_add_func("/transport/url/unknown-scheme-names-the-known", test_unknown_scheme);
    g_test_add_func("/transport/tcp/localhost-can-be-bound", test_localhost);
    g_test_add_func("/transport/ipc/socket-is-private-and-removed", test_socket_mode);
    g_test_add_func("/transport/ipc/stale-socket-is-replaced", test_stale_socket);
    g_test_add_func("/transport/ipc/file-that-is-no-socket-stays", test_file_is_not_removed);
    g_test_add_func("/transport/ipc/garbage-on-the-wire-is-survived", test_garbage_on_the_wire);
    g_test_add_func("/transport/error/long-text-is-cut-at-a-character", test_error_text_is_cut);
    return g_test_run();
}
