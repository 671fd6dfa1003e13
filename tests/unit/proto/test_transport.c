/* One suite that every transport passes; a new one adds rows to rows[]. */
#include <poll.h>
#include <string.h>

#include <glib.h>
#include <nanomsg/nn.h>
#include <nanomsg/reqrep.h>

#include "tests/unit/proto/transport_ends.h"

static void test_empty_frame(Fixture *f)
{
    End server = listen_at(f);
    End client = connect_to(f);
    QsPeer peer = { 0 };

    send_text(client, "", NULL);
    expect_text(server, "", &peer);
    send_text(server, "", &peer);
    expect_text(client, "", NULL);
    close_end(client);
    close_end(server);
}

static void test_several_clients(Fixture *f)
{
    enum { N = 5 };
    End server = listen_at(f);
    End clients[N];
    QsPeer peers[N];

    for (int i = 0; i < N; i++) {
        g_autofree char *text = g_strdup_printf("client %d", i);

        clients[i] = connect_to(f);
        send_text(clients[i], text, NULL);
        expect_text(server, text, &peers[i]);
    }
    for (int i = N - 1; i >= 0; i--) {
        g_autofree char *text = g_strdup_printf("for client %d", i);

        send_text(server, text, &peers[i]);
    }
    for (int i = 0; i < N; i++) {
        g_autofree char *text = g_strdup_printf("for client %d", i);

        expect_text(clients[i], text, NULL);
        expect_nothing(clients[i], 0);
        close_end(clients[i]);
    }
    close_end(server);
}

static void test_push(Fixture *f)
{
    End server = listen_at(f);
    End client = connect_to(f);
    QsPeer peer = { 0 };

    send_text(client, "hello", NULL);
    expect_text(server, "hello", &peer);
    for (int i = 0; i < 50; i++) {
        g_autofree char *text = g_strdup_printf("message %d", i);

        send_text(server, text, &peer);
    }
    for (int i = 0; i < 50; i++) {
        g_autofree char *text = g_strdup_printf("message %d", i);

        expect_text(client, text, NULL);
    }
    close_end(client);
    close_end(server);
}

static void test_many_outstanding(Fixture *f)
{
    End server = listen_at(f);
    End client = connect_to(f);
    QsPeer peer = { 0 };

    for (int i = 0; i < 50; i++) {
        g_autofree char *text = g_strdup_printf("request %d", i);

        send_text(client, text, NULL);
    }
    for (int i = 0; i < 50; i++) {
        g_autofree char *text = g_strdup_printf("request %d", i);

        expect_text(server, text, &peer);
    }
    close_end(client);
    close_end(server);
}

/* Takes a frame of @len bytes at @to. An end without threads of its own writes the rest of a long frame when it is called. */
static void expect_block(End from, End to, size_t len, QsPeer *peer)
{
    QsPeer nobody;
    uint8_t *data;
    size_t got;

    for (int i = 0; receive(to, 5, &data, &got, peer) != QS_IO_OK; i++) {
        g_assert_cmpint(i, <, SOON_MS / 5);
        g_assert_cmpint(receive(from, 0, &data, &got, &nobody), ==, QS_IO_AGAIN);
    }
    g_assert_cmpuint(got, ==, len);
    g_assert_cmpuint(data[0], ==, 0x5a);
    g_assert_cmpuint(data[len - 1], ==, 0x5a);
    to.t->release(to.e, data);
}

static void test_largest_frame(Fixture *f)
{
    End server = listen_at(f);
    End client = connect_to(f);
    g_autofree uint8_t *block = g_malloc(QS_MAX_FRAME_BYTES + 1);
    QsPeer peer = { 0 };

    memset(block, 0x5a, QS_MAX_FRAME_BYTES + 1);
    send_text(client, "first", NULL);
    expect_text(server, "first", &peer);
    g_assert_cmpint(send_bytes(client, 0, block, QS_MAX_FRAME_BYTES, NULL), ==, QS_IO_OK);
    expect_block(client, server, QS_MAX_FRAME_BYTES, &peer);
    g_assert_cmpint(send_bytes(server, 0, block, QS_MAX_FRAME_BYTES, &peer), ==, QS_IO_OK);
    expect_block(server, client, QS_MAX_FRAME_BYTES, NULL);
    g_assert_cmpint(send_bytes(client, 0, block, QS_MAX_FRAME_BYTES + 1, NULL), ==, QS_IO_BAD);
    g_assert_cmpint(send_bytes(server, 0, block, QS_MAX_FRAME_BYTES + 1, &peer), ==, QS_IO_BAD);
    close_end(client);
    close_end(server);
}

static int cooked_request_socket(Fixture *f)
{
    int s = nn_socket(AF_SP, NN_REQ);
    int timeout = SOON_MS;
    int no_limit = -1;
    g_autofree char *ipc = g_strdup_printf("ipc://%s", f->path);

    g_assert_cmpint(s, >=, 0);
    g_assert_cmpint(nn_setsockopt(s, NN_SOL_SOCKET, NN_RCVTIMEO, &timeout, sizeof(timeout)), ==, 0);
    g_assert_cmpint(nn_setsockopt(s, NN_SOL_SOCKET, NN_RCVMAXSIZE, &no_limit, sizeof(no_limit)), ==,
                    0);
    g_assert_cmpint(nn_connect(s, strcmp(f->scheme, "shm") == 0 ? ipc : f->url), >=, 0);
    return s;
}

static void test_cooked_client(Fixture *f)
{
    End server = listen_at(f);
    int s = cooked_request_socket(f);
    QsPeer peer = { 0 };
    char reply[16];

    for (int i = 0; i < 20; i++) {
        g_assert_cmpint(nn_send(s, "plain", 5, 0), ==, 5);
        expect_text(server, "plain", &peer);
        send_text(server, "answer", &peer);
        g_assert_cmpint(nn_recv(s, reply, sizeof(reply), 0), ==, 6);
        g_assert_cmpmem(reply, 6, "answer", 6);
    }
    nn_close(s);
    close_end(server);
}

/* A peer that does not keep to the limit loses its connection; others do not notice. */
static void test_oversize_peer(Fixture *f)
{
    End server = listen_at(f);
    End client = connect_to(f);
    int s = cooked_request_socket(f);
    static const char block[QS_MAX_FRAME_BYTES + 100];
    QsPeer peer = { 0 };

    send_text(client, "before", NULL);
    expect_text(server, "before", &peer);
    g_assert_cmpint(nn_send(s, block, sizeof(block), 0), ==, (int)sizeof(block));
    expect_nothing(server, 300);
    send_text(server, "reply", &peer);
    expect_text(client, "reply", NULL);
    nn_close(s);
    close_end(client);
    close_end(server);
}

static void test_vanished_peer(Fixture *f)
{
    End server = listen_at(f);
    End gone = connect_to(f);
    End client = connect_to(f);
    g_autofree uint8_t *block = g_malloc0(100000);
    QsPeer lost = { 0 };
    QsPeer peer = { 0 };

    send_text(gone, "bye", NULL);
    expect_text(server, "bye", &lost);
    close_end(gone);
    for (int i = 0; i < 200; i++) {
        g_assert_cmpint(send_bytes(server, 0, block, 100000, &lost), ==, QS_IO_OK);
    }
    send_text(client, "still here", NULL);
    expect_text(server, "still here", &peer);
    send_text(server, "so am I", &peer);
    expect_text(client, "so am I", NULL);
    close_end(client);
    close_end(server);
}

/*
 * A client that takes nothing cannot hold up the server: what does not fit is refused (sp) or dropped (nanomsg, which does
 * not tell), and the client goes on after.
 */
static void test_slow_peer(Fixture *f)
{
    End server = listen_at(f);
    End slow = connect_to(f);
    g_autofree uint8_t *block = g_malloc0(100000);
    QsPeer peer = { 0 };
    uint8_t *data;
    size_t len;
    int sent = 0;
    int got = 0;

    send_text(slow, "subscribe", NULL);
    expect_text(server, "subscribe", &peer);
    for (int i = 0; i < 300; i++) {
        bool room = server.t->has_room(server.e, &peer);
        QsIo io = send_bytes(server, 0, block, 100000, &peer);

        g_assert_true(io == QS_IO_OK || (io == QS_IO_AGAIN && !room));
        sent += io == QS_IO_OK;
    }
    for (int idle = 0; idle < 20; idle++) {
        while (receive(slow, 10, &data, &len, NULL) == QS_IO_OK) {
            g_assert_cmpuint(len, ==, 100000);
            slow.t->release(slow.e, data);
            got++;
            idle = 0;
        }
        expect_nothing(server, 0); /* what waits is written when its turn comes */
    }
    g_test_message("of 300 frames of 100000 bytes %d were taken, %d arrived", sent, got);
    g_assert_cmpint(got, >, 0);
    if (f->at_server != &qs_transport_nanomsg) {
        g_assert_cmpint(sent, <, 300);
        g_assert_cmpint(got, ==, sent);
    }
    send_text(slow, "again", NULL);
    expect_text(server, "again", &peer);
    send_text(server, "reply", &peer);
    expect_text(slow, "reply", NULL);
    close_end(slow);
    close_end(server);
}

static void test_nobody_there(Fixture *f)
{
    End client = connect_to(f);

    g_assert_cmpint(send_bytes(client, 50, "x", 1, NULL), ==, QS_IO_AGAIN);
    expect_nothing(client, 20);
    g_assert_false(client.t->connected(client.e));
    close_end(client);
}

static void test_server_comes_late(Fixture *f)
{
    End client = connect_to(f);
    End server;
    QsPeer peer = { 0 };

    expect_nothing(client, 100);
    server = listen_at(f);
    send_text(client, "at last", NULL);
    expect_text(server, "at last", &peer);
    close_end(client);
    close_end(server);
}

static void test_server_comes_back(Fixture *f)
{
    End server = listen_at(f);
    End client = connect_to(f);
    QsPeer peer = { 0 };

    send_text(client, "one", NULL);
    expect_text(server, "one", &peer);
    close_end(server);
    for (int i = 0; i < SOON_MS / 10 && client.t->connected(client.e); i++) {
        g_usleep(10000);
    }
    g_assert_false(client.t->connected(client.e));
    server = listen_at(f);
    send_text(client, "two", NULL);
    expect_text(server, "two", &peer);
    close_end(client);
    close_end(server);
}

static void test_address_in_use(Fixture *f)
{
    End server = listen_at(f);
    End client = connect_to(f);
    QsError error = { 0 };
    QsPeer peer = { 0 };

    g_assert_null(f->at_server->listen(f->url, NULL, &error));
    g_assert_nonnull(strstr(error.text, "address already in use"));
    g_assert_nonnull(strstr(error.text, f->url));
    send_text(client, "unharmed", NULL);
    expect_text(server, "unharmed", &peer);
    close_end(client);
    close_end(server);
}

/* Whether there is something to receive: by the descriptor, or read already. */
static bool is_told(End end, int timeout_ms)
{
    struct pollfd p = { .fd = end.t->fd(end.e), .events = POLLIN };

    return poll(&p, 1, 0) == 1 || (end.t->spin && end.t->spin(end.e)) ||
           poll(&p, 1, timeout_ms) == 1;
}

static void test_descriptor(Fixture *f)
{
    End server = listen_at(f);
    End client = connect_to(f);
    struct pollfd p = { .fd = server.t->fd(server.e), .events = POLLIN };
    QsPeer peer = { 0 };

    /* A connection shows as well; what matters is that it stops when there is nothing to do. */
    expect_nothing(server, 200);
    g_assert_cmpint(poll(&p, 1, 0), ==, 0);
    send_text(client, "one", NULL);
    send_text(client, "two", NULL);
    g_assert_true(is_told(server, SOON_MS));
    expect_text(server, "one", &peer);
    g_assert_true(is_told(server, SOON_MS));
    expect_text(server, "two", &peer);
    g_assert_cmpint(poll(&p, 1, 0), ==, 0);
    close_end(client);
    close_end(server);
}

static void test_listen_again(Fixture *f)
{
    for (int i = 0; i < 5; i++) {
        close_end(listen_at(f));
    }
}

static const struct {
    const char *name;
    void (*run)(Fixture *f);
} cases[] = {
    { "request-and-reply", exchange_texts },
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
/* Each client end with each server end that can be the other. */
static const struct {
    const char *name;
    const char *scheme;
    const QsTransport *server;
    const QsTransport *client;
} rows[] = {
    { "ipc", "ipc", &qs_transport_sp, &qs_transport_sp },
    { "tcp", "tcp", &qs_transport_sp, &qs_transport_sp },
    { "shm", "shm", &qs_transport_shm, &qs_transport_shm },
    { "ipc-shm-client", "ipc", &qs_transport_sp, &qs_transport_shm },
    { "ipc-nanomsg-server-shm-client", "ipc", &qs_transport_nanomsg, &qs_transport_shm },
    { "ws", "ws", &qs_transport_sp, &qs_transport_sp },
    { "ws-nanomsg-client", "ws", &qs_transport_sp, &qs_transport_nanomsg },
    { "ws-nanomsg-server", "ws", &qs_transport_nanomsg, &qs_transport_sp },
    { "ws-nanomsg", "ws", &qs_transport_nanomsg, &qs_transport_nanomsg },
    { "ipc-nanomsg-client", "ipc", &qs_transport_sp, &qs_transport_nanomsg },
    { "tcp-nanomsg-client", "tcp", &qs_transport_sp, &qs_transport_nanomsg },
    { "ipc-nanomsg-server", "ipc", &qs_transport_nanomsg, &qs_transport_sp },
    { "tcp-nanomsg-server", "tcp", &qs_transport_nanomsg, &qs_transport_sp },
    { "ipc-nanomsg", "ipc", &qs_transport_nanomsg, &qs_transport_nanomsg },
    { "tcp-nanomsg", "tcp", &qs_transport_nanomsg, &qs_transport_nanomsg },
};

typedef struct Run {
    size_t row;
    void (*run)(Fixture *f);
} Run;

static void run_case(gconstpointer data)
{
    const Run *run = data;
    Fixture f;

    transport_set_up(&f, rows[run->row].scheme, rows[run->row].server, rows[run->row].client);
    run->run(&f);
    transport_tear_down(&f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t r = 0; r < G_N_ELEMENTS(rows); r++) {
        for (size_t c = 0; c < G_N_ELEMENTS(cases); c++) {
            g_autofree char *path =
                g_strdup_printf("/transport/%s/%s", rows[r].name, cases[c].name);
            Run *run = g_new(Run, 1);

            *run = (Run){ r, cases[c].run };
            g_test_add_data_func_full(path, run, run_case, g_free);
        }
    }
    return g_test_run();
}
