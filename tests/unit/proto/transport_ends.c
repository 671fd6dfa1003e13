#include "tests/unit/proto/transport_ends.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <glib.h>
#include <glib/gstdio.h>

unsigned free_port(void)
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

void transport_set_up(Fixture *f, const char *scheme, const QsTransport *at_server,
                      const QsTransport *at_client)
{
    f->scheme = scheme;
    f->directory = g_dir_make_tmp("qosim-XXXXXX", NULL);
    f->path = g_build_filename(f->directory, "socket", NULL);
    f->url = strcmp(scheme, "ipc") == 0 || strcmp(scheme, "shm") == 0
                 ? g_strdup_printf("%s://%s", scheme, f->path)
                 : g_strdup_printf("%s://127.0.0.1:%u", scheme, free_port());
    f->at_server = at_server;
    f->at_client = at_client;
    g_assert_true(at_server->accepts(f->url));
    g_assert_true(at_client->accepts(f->url));
}

void transport_tear_down(Fixture *f)
{
    g_unlink(f->path);
    g_assert_cmpint(g_rmdir(f->directory), ==, 0);
    g_free(f->directory);
    g_free(f->path);
    g_free(f->url);
}

/* The server end of the test. One without threads of its own greets its clients when it is called. */
static End the_server;

static void pump_server(void)
{
    uint8_t *data;
    size_t len;
    QsPeer peer;

    if (the_server.e) {
        g_assert_cmpint(the_server.t->receive(the_server.e, 0, &data, &len, &peer), ==,
                        QS_IO_AGAIN);
    }
}

End listen_at(Fixture *f)
{
    QsError error = { 0 };
    End end = { f->at_server, f->at_server->listen(f->url, NULL, &error) };

    if (!end.e) {
        g_error("%s", error.text);
    }
    the_server = end;
    return end;
}

End connect_to(Fixture *f)
{
    QsError error = { 0 };
    End end = { f->at_client, f->at_client->connect(f->url, NULL, &error) };

    if (!end.e) {
        g_error("%s", error.text);
    }
    return end;
}

void close_end(End end)
{
    if (end.e == the_server.e) {
        the_server = (End){ NULL, NULL };
    }
    end.t->close(end.e);
}

QsIo send_bytes(End end, int timeout_ms, const void *data, size_t len, const QsPeer *peer)
{
    return end.t->send(end.e, timeout_ms, data, len, peer);
}

QsIo receive(End end, int timeout_ms, uint8_t **data, size_t *len, QsPeer *peer)
{
    return end.t->receive(end.e, timeout_ms, data, len, peer);
}

void send_text(End e, const char *text, const QsPeer *peer)
{
    for (int i = 0; send_bytes(e, 5, text, strlen(text), peer) != QS_IO_OK; i++) {
        g_assert_cmpint(i, <, SOON_MS / 5);
        pump_server();
    }
}

void expect_text(End e, const char *text, QsPeer *peer)
{
    uint8_t *data;
    size_t len;

    g_assert_cmpint(receive(e, SOON_MS, &data, &len, peer), ==, QS_IO_OK);
    g_assert_cmpmem(data, len, text, strlen(text));
    e.t->release(e.e, data);
}

void expect_nothing(End e, int timeout_ms)
{
    uint8_t *data;
    size_t len;
    QsPeer peer;

    g_assert_cmpint(receive(e, timeout_ms, &data, &len, &peer), ==, QS_IO_AGAIN);
}

void exchange_texts(Fixture *f)
{
    End server = listen_at(f);
    End client = connect_to(f);
    QsPeer peer = { 0 };

    for (int i = 0; i < 100; i++) {
        g_autofree char *text = g_strdup_printf("request %d", i);

        send_text(client, text, NULL);
        expect_text(server, text, &peer);
        send_text(server, "reply", &peer);
        expect_text(client, "reply", NULL);
    }
    g_assert_true(client.t->connected(client.e));
    close_end(client);
    close_end(server);
}
