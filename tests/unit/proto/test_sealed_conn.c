/* Two ends of a sealed connection with somebody in between who does as he likes with the bytes. */
#include <fcntl.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proto/seal.h"
#include "proto/sp_conn.h"

#define CLIENT 0
#define SERVER 1

typedef struct Line {
    SpConn *end[2];
    int tap[2]; /* where the bytes of that end come out and those for it go in */
} Line;

static const QsKey shared_key = { { 42 } };
static const uint8_t header[4] = { 0x80, 0, 0, 7 };

static Line line_new(const QsKey *server_key)
{
    Line l;

    for (int i = 0; i < 2; i++) {
        int fds[2];

        g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), ==,
                        0);
        l.end[i] = sp_conn_new(fds[0], false, i == CLIENT ? SP_REQ : SP_REP,
                               i == CLIENT ? SP_REP : SP_REQ);
        l.tap[i] = fds[1];
        g_assert_nonnull(l.end[i]);
    }
    g_assert_true(sp_conn_seal(l.end[SERVER], seal_new(server_key, true), false));
    g_assert_true(sp_conn_seal(l.end[CLIENT], seal_new(&shared_key, false), true));
    return l;
}

static void line_free(Line *l)
{
    for (int i = 0; i < 2; i++) {
        sp_conn_free(l->end[i]);
        close(l->tap[i]);
    }
}

/* What @from has sent since the last time. */
static GByteArray *listen_to(Line *l, int from)
{
    GByteArray *bytes = g_byte_array_new();
    uint8_t chunk[4096];
    ssize_t n;

    while ((n = recv(l->tap[from], chunk, sizeof(chunk), 0)) > 0) {
        g_byte_array_append(bytes, chunk, (guint)n);
    }
    return bytes;
}

static void say_to(Line *l, int to, const GByteArray *bytes)
{
    g_assert_cmpint(send(l->tap[to], bytes->data, bytes->len, MSG_NOSIGNAL), ==, bytes->len);
}

/* Passes on what each has sent, once. */
static void pass(Line *l)
{
    for (int from = 0; from < 2; from++) {
        g_autoptr(GByteArray) bytes = listen_to(l, from);

        if (bytes->len) {
            say_to(l, !from, bytes);
        }
    }
}

static SpRead read_end(Line *l, int end, GByteArray **message)
{
    uint8_t *data = NULL;
    size_t len = 0;
    SpRead r = sp_conn_read(l->end[end], &data, &len);

    *message = NULL;
    if (r == SP_READ_MESSAGE) {
        *message = g_byte_array_append(g_byte_array_new(), data, (guint)len);
        free(data);
    }
    return r;
}

static void assert_nothing(Line *l, int end)
{
    g_autoptr(GByteArray) message = NULL;

    g_assert_cmpint(read_end(l, end, &message), ==, SP_READ_NOTHING);
}

static void assert_closed(Line *l, int end, const char *trouble)
{
    g_autoptr(GByteArray) message = NULL;

    g_assert_cmpint(read_end(l, end, &message), ==, SP_READ_CLOSED);
    g_assert_cmpstr(l->end[end]->trouble, ==, trouble);
}

static Line new_open_line(void)
{
    Line l = line_new(&shared_key);

    for (int i = 0; i < 3; i++) {
        pass(&l);
        assert_nothing(&l, SERVER);
        assert_nothing(&l, CLIENT);
    }
    g_assert_true(sp_conn_is_open(l.end[CLIENT]) && sp_conn_is_open(l.end[SERVER]));
    return l;
}

static void send_text(Line *l, int from, const char *text)
{
    g_assert_cmpint(
        sp_conn_send(l->end[from], header, sizeof(header), (const uint8_t *)text, strlen(text)), ==,
        SP_SENT);
}

static void test_messages(void)
{
    Line l = new_open_line();

    for (int from = 0; from < 2; from++) {
        g_autoptr(GByteArray) message = NULL;
        g_autoptr(GByteArray) on_the_way = NULL;

        send_text(&l, from, "what nobody else may read");
        on_the_way = listen_to(&l, from);
        g_assert_null(g_strstr_len((const char *)on_the_way->data, on_the_way->len, "nobody"));
        say_to(&l, !from, on_the_way);
        g_assert_cmpint(read_end(&l, !from, &message), ==, SP_READ_MESSAGE);
        g_assert_cmpmem(message->data, message->len, "\x80\0\0\7what nobody else may read", 29);
    }
    line_free(&l);
}

static void test_byte_by_byte(void)
{
    Line l = line_new(&shared_key);
    g_autoptr(GByteArray) message = NULL;

    for (int round = 0; round < 4; round++) {
        for (int from = 0; from < 2; from++) {
            g_autoptr(GByteArray) bytes = listen_to(&l, from);

            for (guint i = 0; i < bytes->len; i++) {
                g_autoptr(GByteArray) byte =
                    g_byte_array_append(g_byte_array_new(), bytes->data + i, 1);

                say_to(&l, !from, byte);
                g_clear_pointer(&message, g_byte_array_unref);
                g_assert_cmpint(read_end(&l, !from, &message), !=, SP_READ_CLOSED);
            }
        }
        if (round == 2) {
            send_text(&l, CLIENT, "slow");
        }
    }
    g_assert_nonnull(message);
    g_assert_cmpmem(message->data + 4, message->len - 4, "slow", 4);
    line_free(&l);
}

static void test_longest(void)
{
    Line l = new_open_line();
    g_autofree uint8_t *frame = g_malloc0(QS_MAX_FRAME_BYTES);
    g_autoptr(GByteArray) message = NULL;

    g_assert_cmpint(sp_conn_send(l.end[CLIENT], header, sizeof(header), frame, QS_MAX_FRAME_BYTES),
                    ==, SP_SENT);
    for (int i = 0; i < 100000 && !message; i++) {
        g_assert_true(sp_conn_flush(l.end[CLIENT]));
        pass(&l);
        g_assert_cmpint(read_end(&l, SERVER, &message), !=, SP_READ_CLOSED);
    }
    g_assert_nonnull(message);
    g_assert_cmpuint(message->len, ==, QS_MAX_FRAME_BYTES + sizeof(header));
    line_free(&l);
}

/* Not of the length itself: a wrong one is either too long or makes the next message wrong. */
static void test_altered(void)
{
    for (guint at = 8; at < 8 + 4 + 5 + SEAL_OVERHEAD; at++) {
        Line l = new_open_line();
        g_autoptr(GByteArray) bytes = NULL;

        send_text(&l, CLIENT, "hello");
        bytes = listen_to(&l, CLIENT);
        bytes->data[at] ^= 0x10;
        say_to(&l, SERVER, bytes);
        assert_closed(&l, SERVER, "a message was altered, repeated or left out on the way");
        line_free(&l);
    }
}

static void test_replayed(void)
{
    Line l = new_open_line();
    g_autoptr(GByteArray) bytes = NULL;
    g_autoptr(GByteArray) message = NULL;

    send_text(&l, CLIENT, "pay");
    bytes = listen_to(&l, CLIENT);
    say_to(&l, SERVER, bytes);
    say_to(&l, SERVER, bytes);
    g_assert_cmpint(read_end(&l, SERVER, &message), ==, SP_READ_MESSAGE);
    assert_closed(&l, SERVER, "a message was altered, repeated or left out on the way");
    line_free(&l);
}

static void test_left_out(void)
{
    Line l = new_open_line();
    g_autoptr(GByteArray) second = NULL;

    send_text(&l, SERVER, "stop");
    g_byte_array_unref(listen_to(&l, SERVER));
    send_text(&l, SERVER, "go");
    second = listen_to(&l, SERVER);
    say_to(&l, CLIENT, second);
    assert_closed(&l, CLIENT, "a message was altered, repeated or left out on the way");
    line_free(&l);
}

static void test_other_key(void)
{
    static const QsKey other = { { 43 } };
    Line l = line_new(&other);

    pass(&l);
    assert_nothing(&l, SERVER);
    pass(&l);
    assert_closed(&l, CLIENT, "the other end has another key, or none");
    g_assert_false(sp_conn_is_open(l.end[SERVER]));
    line_free(&l);
}

/* A message that is none of the opening's, of any length, ends the connection before it is read. */
static void test_stranger(void)
{
    static const size_t lengths[] = {
        0, 1, 39, 40, 41, SEAL_MAX_OPENING, SEAL_MAX_OPENING + 1, QS_MAX_FRAME_BYTES
    };

    for (size_t i = 0; i < G_N_ELEMENTS(lengths); i++) {
        Line l = line_new(&shared_key);
        g_autoptr(GByteArray) greeting = listen_to(&l, CLIENT);
        g_autoptr(GByteArray) words = g_byte_array_new();
        uint8_t length[8] = { 0 };

        for (int k = 0; k < 8; k++) {
            length[k] = (uint8_t)((uint64_t)lengths[i] >> (56 - 8 * k));
        }
        g_byte_array_append(words, greeting->data, 8);
        g_byte_array_append(words, length, sizeof(length));
        for (size_t k = 0; k < MIN(lengths[i], 64); k++) {
            g_byte_array_append(words, (const uint8_t *)"x", 1);
        }
        say_to(&l, SERVER, words);
        assert_closed(&l, SERVER,
                      lengths[i] <= SEAL_MAX_OPENING ? "the other end has another key, or none"
                                                     : NULL);
        line_free(&l);
    }
}

static void test_nothing_before(void)
{
    Line l = line_new(&shared_key);

    g_assert_cmpint(sp_conn_send(l.end[SERVER], header, 4, header, 4), ==, SP_BROKEN);
    g_assert_cmpint(sp_conn_send(l.end[CLIENT], header, 4, header, 4), ==, SP_BROKEN);
    line_free(&l);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sealed-conn/messages-pass-and-cannot-be-read-on-the-way", test_messages);
    g_test_add_func("/sealed-conn/it-opens-byte-by-byte-too", test_byte_by_byte);
    g_test_add_func("/sealed-conn/the-longest-frame-passes", test_longest);
    g_test_add_func("/sealed-conn/an-altered-message-ends-it", test_altered);
    g_test_add_func("/sealed-conn/a-repeated-message-ends-it", test_replayed);
    g_test_add_func("/sealed-conn/a-message-left-out-ends-it", test_left_out);
    g_test_add_func("/sealed-conn/another-key-ends-it", test_other_key);
    g_test_add_func("/sealed-conn/a-stranger-s-message-ends-it-before-it-is-read", test_stranger);
    g_test_add_func("/sealed-conn/nothing-is-sent-before-it-is-open", test_nothing_before);
    return g_test_run();
}
