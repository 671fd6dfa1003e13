/* WebSockets that carry SP: openings good, bad and mutated, frames whole, in pieces and cut, and what a peer must not say. */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <glib.h>

#include "proto/sp_conn.h"
#include "proto/ws.h"

#define REQUEST_START                                                                              \
    "GET / HTTP/1.1\r\nHost: 127.0.0.1:7777\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
#define REQUEST_KEY "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define REQUEST_END                                                                                \
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: rep.sp.nanomsg.org\r\n\r\n"
#define REQUEST REQUEST_START REQUEST_KEY REQUEST_END

/* A request's word and "hello", masked by 0, 0, 0, 0. */
#define HELLO "\x82\x89\0\0\0\0\x80\0\0\1hello"
#define HELLO_LEN 15u
#define HELLO_BODY "\x80\0\0\1hello"

/* A server's end, and the socket that its client has. */
typedef struct Pair {
    SpConn *server;
    int client;
} Pair;

static void set_up(Pair *p)
{
    int fds[2];

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds), ==, 0);
    p->server = sp_conn_new_ws(fds[0], NULL);
    p->client = fds[1];
    g_assert_nonnull(p->server);
}

static void tear_down(Pair *p)
{
    sp_conn_free(p->server);
    close(p->client);
}

static void say(const Pair *p, const void *bytes, size_t len)
{
    g_assert_cmpint(send(p->client, bytes, len, MSG_NOSIGNAL), ==, (ssize_t)len);
}

/* Reads once; a message is compared with @text, of @len bytes. */
static SpRead hear(SpConn *conn, const void *text, size_t len)
{
    uint8_t *data;
    size_t got;
    SpRead r = sp_conn_read(conn, &data, &got);

    if (r == SP_READ_MESSAGE) {
        g_assert_cmpmem(data, got, text, len);
        g_free(data);
    }
    return r;
}

static size_t client_hears(const Pair *p, char *text, size_t size)
{
    ssize_t n = recv(p->client, text, size, MSG_DONTWAIT);

    return n > 0 ? (size_t)n : 0;
}

static void open_pair(Pair *p)
{
    char answer[WS_MAX_TEXT];

    set_up(p);
    say(p, REQUEST, strlen(REQUEST));
    g_assert_cmpint(hear(p->server, NULL, 0), ==, SP_READ_NOTHING);
    g_assert_true(sp_conn_is_open(p->server));
    g_assert_cmpuint(client_hears(p, answer, sizeof(answer)), >, 0);
}

/* --- Openings --- */

/* The example of RFC 6455, section 1.3. */
static void test_accept(void)
{
    char answer[WS_MAX_TEXT];
    const char *trouble;
    size_t len = ws_answer_request((const uint8_t *)REQUEST, strlen(REQUEST), answer, &trouble);

    g_assert_cmpstr(trouble, ==, NULL);
    g_assert_cmpuint(len, ==, strlen(answer));
    g_assert_true(g_str_has_prefix(answer, "HTTP/1.1 101 "));
    g_assert_nonnull(strstr(answer, "\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
    g_assert_nonnull(strstr(answer, "\r\nSec-WebSocket-Protocol: rep.sp.nanomsg.org\r\n"));
}

static void test_refusals(void)
{
    static const struct {
        const char *request;
        const char *status;
        const char *trouble;
    } cases[] = {
        { "\r\n\r\n", "400", "ask for a WebSocket" },
        { "GET / HTTP/1.1\r\n\r\n", "400", "ask for a WebSocket" },
        { "GET / HTTP/1.0\r\n" REQUEST_KEY REQUEST_END, "400", "ask for a WebSocket" },
        { "POST" REQUEST, "400", "ask for a WebSocket" },
        { REQUEST_START REQUEST_END, "400", "ask for a WebSocket" },
        { REQUEST_START "Sec-WebSocket-Key: short\r\n" REQUEST_END, "400", "ask for a WebSocket" },
        { REQUEST_START "Sec-WebSocket-Key: ++++++++++++++++++++++++\r\n" REQUEST_END, "400",
          "ask for a WebSocket" },
        { REQUEST_START REQUEST_KEY "Sec-WebSocket-Version: 8\r\n\r\n", "426", "another version" },
        { REQUEST_START REQUEST_KEY "Sec-WebSocket-Version: 13\r\n\r\n", "400", "subprotocol" },
        { REQUEST_START REQUEST_KEY "Origin: http://example.org\r\n" REQUEST_END, "403",
          "another host" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char answer[WS_MAX_TEXT];
        const char *trouble;
        size_t len = ws_answer_request((const uint8_t *)cases[i].request, strlen(cases[i].request),
                                       answer, &trouble);

        g_assert_cmpuint(len, ==, strlen(answer));
        g_assert_nonnull(strstr(trouble, cases[i].trouble));
        g_assert_cmpint(strncmp(answer + strlen("HTTP/1.1 "), cases[i].status, 3), ==, 0);
    }
}

/* A page of this host may connect, any other may not, whatever its name looks like. */
static void test_origins(void)
{
    static const struct {
        const char *origin;
        bool is_own;
    } cases[] = {
        { "http://localhost", true },
        { "http://localhost:8080", true },
        { "https://LOCALHOST:1", true },
        { "http://127.0.0.1:7777", true },
        { "http://127.1.2.3", true },
        { "http://[::1]:80", true },
        { "null", false },
        { "", false },
        { "http://", false },
        { "http://localhost.example.org", false },
        { "http://127.0.0.1.example.org", false },
        { "http://127.example.org:80", false },
        { "http://10.0.0.1", false },
        { "http://[::2]:80", false },
        { "http://example.org#http://localhost", false },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *request = g_strdup_printf("%s%sOrigin: %s\r\n%s", REQUEST_START,
                                                   REQUEST_KEY, cases[i].origin, REQUEST_END);
        char answer[WS_MAX_TEXT];
        const char *trouble;

        (void)ws_answer_request((const uint8_t *)request, strlen(request), answer, &trouble);
        if ((trouble == NULL) != cases[i].is_own) {
            g_error("Origin: %s", cases[i].origin);
        }
    }
}

static void test_lists_and_case(void)
{
    static const char request[] =
        "GET /any/path HTTP/1.1\r\nhost: x\r\nUPGRADE:WebSocket \r\nconnection: keep-alive "
        ",\tupgrade\r\n"
        "sec-websocket-key:\tdGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Protocol: a, rep.sp.nanomsg.org\r\n\r\n";
    char answer[WS_MAX_TEXT];
    const char *trouble;

    (void)ws_answer_request((const uint8_t *)request, strlen(request), answer, &trouble);
    g_assert_cmpstr(trouble, ==, NULL);
}

/* Bytes changed, left out and put in, one at a time: taken or refused, in pieces or not. */
static void test_mutated_openings(void)
{
    GRand *rand = g_rand_new_with_seed(1);
    unsigned taken = 0;

    for (size_t i = 0; i < 3 * strlen(REQUEST); i++) {
        g_autoptr(GByteArray) bytes = g_byte_array_new();
        guint at = (guint)i / 3;
        guint8 any = (guint8)g_rand_int(rand);
        SpRead r = SP_READ_NOTHING;
        Pair p;

        g_byte_array_append(bytes, (const guint8 *)REQUEST, at);
        if (i % 3 < 2) {
            g_byte_array_append(bytes, &any, 1);
        }
        g_byte_array_append(bytes, (const guint8 *)REQUEST + at + (i % 3 > 0),
                            (guint)strlen(REQUEST) - at - (i % 3 > 0));
        g_byte_array_append(bytes, (const guint8 *)HELLO, HELLO_LEN);
        set_up(&p);
        for (guint from = 0; from < bytes->len && r == SP_READ_NOTHING; from += 37) {
            say(&p, bytes->data + from, MIN(37, bytes->len - from));
            r = hear(p.server, HELLO_BODY, 9);
        }
        taken += r == SP_READ_MESSAGE;
        tear_down(&p);
    }
    g_test_message("%u of %zu were taken", taken, 3 * strlen(REQUEST));
    g_assert_cmpuint(taken, >, 0);
    g_assert_cmpuint(taken, <, 3 * strlen(REQUEST));
    g_rand_free(rand);
}

/* Refused with a word for the log, and an answer for the client where there is one. */
static void test_too_long_opening(void)
{
    g_autofree char *filler = g_strnfill(WS_MAX_OPENING, 'x');
    Pair p;

    set_up(&p);
    say(&p, filler, WS_MAX_OPENING - 1);
    g_assert_cmpint(hear(p.server, NULL, 0), ==, SP_READ_NOTHING);
    say(&p, filler, 1);
    g_assert_cmpint(hear(p.server, NULL, 0), ==, SP_READ_CLOSED);
    g_assert_nonnull(strstr(p.server->trouble, "too long"));
    tear_down(&p);
}

static void test_answers(void)
{
    static const struct {
        const char *replace;
        const char *with;
        const char *trouble; /* NULL: it opens */
    } cases[] = {
        { "x", "x", NULL },
        { "HTTP/1.1 101", "HTTP/1.1 200", "takes no WebSockets" },
        { "HTTP/1.1 101", "rubbish", "takes no WebSockets" },
        { "Upgrade: websocket", "Upgrade: h2c", "no WebSocket's" },
        { "Accept: ", "Accept: A", "no WebSocket's" },
        { "Accept: ", "Accepted: ", "no WebSocket's" },
        { "rep.sp", "req.sp", "does not speak rep.sp.nanomsg.org" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GString) text = g_string_new(NULL);
        char request[WS_MAX_TEXT];
        char answer[WS_MAX_TEXT];
        const char *trouble;
        SpConn *conn;
        size_t len;
        int fds[2];
        SpRead r;

        g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), ==, 0);
        conn = sp_conn_new_ws(fds[0], "127.0.0.1:7777/path");
        len = (size_t)recv(fds[1], request, sizeof(request), 0);
        g_assert_true(g_str_has_prefix(request, "GET /path HTTP/1.1\r\nHost: 127.0.0.1:7777\r\n"));
        len = ws_answer_request((const uint8_t *)request, len, answer, &trouble);
        g_assert_cmpstr(trouble, ==, NULL);
        g_string_append_len(text, answer, (gssize)len);
        g_string_replace(text, cases[i].replace, cases[i].with, 1);
        g_assert_cmpint(send(fds[1], text->str, text->len, 0), ==, (ssize_t)text->len);
        r = hear(conn, NULL, 0);
        g_assert_cmpint(r, ==, cases[i].trouble ? SP_READ_CLOSED : SP_READ_NOTHING);
        g_assert_true(sp_conn_is_open(conn) == !cases[i].trouble);
        if (cases[i].trouble) {
            g_assert_nonnull(strstr(conn->trouble, cases[i].trouble));
        }
        sp_conn_free(conn);
        close(fds[1]);
    }
}

static void test_long_address(void)
{
    g_autofree char *address = g_strnfill(WS_MAX_TEXT, 'x');
    char accept[WS_ACCEPT_SIZE];
    char text[WS_MAX_TEXT];

    g_assert_cmpuint(ws_make_request(address, text, accept), ==, 0);
}

/* --- Frames --- */

/* Whatever the length, both ways, by two ends of ours. */
static void test_lengths(void)
{
    static const size_t lengths[] = { 0, 1, 121, 122, 123, 65531, 65532, 65533, 200000 };
    SpConn *client;
    SpConn *server;
    int fds[2];
    int room = 1 << 20;

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), ==, 0);
    for (int i = 0; i < 2; i++) {
        g_assert_cmpint(setsockopt(fds[i], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room)), ==, 0);
    }
    client = sp_conn_new_ws(fds[0], "here:1");
    server = sp_conn_new_ws(fds[1], NULL);
    g_assert_cmpint(hear(server, NULL, 0), ==, SP_READ_NOTHING);
    g_assert_cmpint(hear(client, NULL, 0), ==, SP_READ_NOTHING);
    for (size_t i = 0; i < 2 * G_N_ELEMENTS(lengths); i++) {
        size_t len = lengths[i / 2];
        g_autofree uint8_t *text = g_malloc(4 + len);
        SpConn *from = i % 2 ? server : client;
        SpConn *to = i % 2 ? client : server;
        SpRead r;

        for (size_t k = 0; k < 4 + len; k++) {
            text[k] = (uint8_t)(k * 7 + i);
        }
        g_assert_cmpint(sp_conn_send(from, text, 4, text + 4, len), ==, SP_SENT);
        while ((r = hear(to, text, 4 + len)) == SP_READ_NOTHING) {
            g_assert_true(sp_conn_flush(from));
        }
        g_assert_cmpint(r, ==, SP_READ_MESSAGE);
    }
    sp_conn_free(client);
    sp_conn_free(server);
}

/* The end may come anywhere: in the opening, in a head, in a message; nothing is made of the half. */
static void test_cut_anywhere(void)
{
    static const char bytes[] =
        REQUEST HELLO "\x02\x84\0\0\0\0abcd\x89\x82\0\0\0\0hi\x80\x82\0\0\0\0xy";
    const size_t len = sizeof(bytes) - 1;

    for (size_t cut = 0; cut <= len; cut++) {
        SpRead r = SP_READ_NOTHING;
        unsigned messages = 0;
        Pair p;

        set_up(&p);
        for (size_t at = 0; at < cut; at++) {
            say(&p, bytes + at, 1);
            r = messages ? hear(p.server, "abcdxy", 6) : hear(p.server, HELLO_BODY, 9);
            g_assert_cmpint(r, !=, SP_READ_CLOSED);
            messages += r == SP_READ_MESSAGE;
        }
        g_assert_cmpint(shutdown(p.client, SHUT_WR), ==, 0);
        g_assert_cmpint(hear(p.server, NULL, 0), ==, SP_READ_CLOSED);
        g_assert_cmpuint(messages, ==,
                         cut == len                           ? 2u
                         : cut >= strlen(REQUEST) + HELLO_LEN ? 1u
                                                              : 0u);
        tear_down(&p);
    }
}

static void test_pieces_and_pings(void)
{
    static const char bytes[] = "\x02\x80\1\2\3\4"             /* the first piece is empty */
                                "\x00\x83\1\2\3\4\x60\x60\x60" /* "abc" */
                                "\x89\x84\0\0\0\0ping"
                                "\x8a\x80\0\0\0\0"
                                "\x80\x81\0\0\0\0d";
    char answer[64];
    Pair p;

    open_pair(&p);
    say(&p, bytes, sizeof(bytes) - 1);
    g_assert_cmpint(hear(p.server, "abcd", 4), ==, SP_READ_MESSAGE);
    g_assert_cmpmem(answer, client_hears(&p, answer, sizeof(answer)), "\x8a\x04ping", 6);
    tear_down(&p);
}

static void test_bad_frames(void)
{
    static const struct {
        const char *bytes;
        size_t len;
    } cases[] = {
        { "\x82\x09\x80\0\0\1hello", 11 },                          /* not masked */
        { "\x81\x89\0\0\0\0\x80\0\0\1hello", HELLO_LEN },           /* text */
        { "\xc2\x89\0\0\0\0\x80\0\0\1hello", HELLO_LEN },           /* a reserved bit */
        { "\x83\x89\0\0\0\0\x80\0\0\1hello", HELLO_LEN },           /* an unknown kind */
        { "\x8b\x80\0\0\0\0", 6 },                                  /* … of control frame */
        { "\x80\x81\0\0\0\0x", 7 },                                 /* nothing to continue */
        { "\x02\x81\0\0\0\0x\x82\x81\0\0\0\0x", 14 },               /* a message in a message */
        { "\x09\x80\0\0\0\0", 6 },                                  /* a ping in pieces */
        { "\x89\xfe\0\x7e\0\0\0\0", 8 },                            /* a ping of 126 bytes */
        { "\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0", 14 }, /* 2^64 - 1 bytes */
        { "\x02\x81\0\0\0\0x\x00\xff\0\0\0\0\0\x40\0\x24\0\0\0\0", 21 }, /* one too many together */
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        Pair p;

        open_pair(&p);
        say(&p, cases[i].bytes, cases[i].len);
        g_assert_cmpint(hear(p.server, NULL, 0), ==, SP_READ_CLOSED);
        g_assert_nonnull(p.server->trouble);
        tear_down(&p);
    }
}

/* The longest message there is is begun; its bytes cost nothing before they come. */
static void test_longest(void)
{
    static const char head[] = "\x82\xff\0\0\0\0\0\x40\0\x24\0\0\0\0";
    Pair p;

    G_STATIC_ASSERT(SP_MAX_MESSAGE == 0x400024);
    open_pair(&p);
    say(&p, head, sizeof(head) - 1);
    g_assert_cmpint(hear(p.server, NULL, 0), ==, SP_READ_NOTHING);
    say(&p, "some", 4);
    g_assert_cmpint(hear(p.server, NULL, 0), ==, SP_READ_NOTHING);
    g_assert_cmpuint(p.server->body_room, <=, 16384);
    tear_down(&p);
}

static void test_close(void)
{
    char answer[64];
    Pair p;

    open_pair(&p);
    say(&p, "\x88\x85\0\0\0\0\x03\xe8you", 11);
    g_assert_cmpint(hear(p.server, NULL, 0), ==, SP_READ_CLOSED);
    g_assert_null(p.server->trouble);
    g_assert_cmpmem(answer, client_hears(&p, answer, sizeof(answer)), "\x88\x02\x03\xe8", 4);
    tear_down(&p);
}

/* Pings, and pieces without an end, in a number that only keeps the server busy. */
static void check_flood(const char *frame, size_t len)
{
    g_autoptr(GByteArray) flood = g_byte_array_new();
    size_t at = 0;
    SpRead r = SP_READ_NOTHING;
    Pair p;
    int room = 1 << 20;

    for (unsigned i = 0; i < 8192; i++) {
        g_byte_array_append(flood, (const guint8 *)frame, (guint)len);
    }
    open_pair(&p);
    g_assert_cmpint(setsockopt(p.client, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room)), ==, 0);
    g_byte_array_prepend(flood, (const guint8 *)"\x02\x80\0\0\0\0", 6);
    while (r == SP_READ_NOTHING && at < flood->len) {
        ssize_t n = send(p.client, flood->data + at, flood->len - at, MSG_NOSIGNAL);

        g_assert_cmpint(n, >, 0);
        at += (size_t)n;
        r = hear(p.server, NULL, 0);
    }
    g_assert_cmpint(r, ==, SP_READ_CLOSED);
    g_assert_nonnull(strstr(p.server->trouble, "without an end"));
    tear_down(&p);
}

static void test_floods(void)
{
    check_flood("\x89\x80\0\0\0\0", 6);
    check_flood("\x00\x80\0\0\0\0", 6);
}

static void test_random_frames(void)
{
    GRand *rand = g_rand_new_with_seed(2);

    for (int i = 0; i < 3000; i++) {
        uint8_t bytes[64];
        size_t len = (size_t)g_rand_int_range(rand, 1, sizeof(bytes));
        SpRead r;
        Pair p;

        for (size_t k = 0; k < len; k++) {
            bytes[k] = (uint8_t)(g_rand_boolean(rand) ? 0x80 | g_rand_int_range(rand, 0, 11)
                                                      : g_rand_int_range(rand, 0, 4));
        }
        open_pair(&p);
        say(&p, bytes, len);
        do {
            uint8_t *data = NULL;
            size_t got;

            r = sp_conn_read(p.server, &data, &got);
            g_free(data);
        } while (r == SP_READ_MESSAGE);
        tear_down(&p);
    }
    g_rand_free(rand);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ws/opening/answers-the-example-of-the-standard", test_accept);
    g_test_add_func("/ws/opening/refusals-say-why", test_refusals);
    g_test_add_func("/ws/opening/pages-of-other-hosts-are-refused", test_origins);
    g_test_add_func("/ws/opening/names-in-any-case-and-lists", test_lists_and_case);
    g_test_add_func("/ws/opening/mutated-ones-are-survived", test_mutated_openings);
    g_test_add_func("/ws/opening/as-long-as-may-be-and-no-longer", test_too_long_opening);
    g_test_add_func("/ws/opening/a-client-checks-the-answer", test_answers);
    g_test_add_func("/ws/opening/an-address-that-is-too-long-fails", test_long_address);
    g_test_add_func("/ws/frames/of-any-length-pass", test_lengths);
    g_test_add_func("/ws/frames/may-be-cut-anywhere", test_cut_anywhere);
    g_test_add_func("/ws/frames/pieces-and-pings", test_pieces_and_pings);
    g_test_add_func("/ws/frames/bad-ones-end-the-connection", test_bad_frames);
    g_test_add_func("/ws/frames/longest-is-begun-without-its-room", test_longest);
    g_test_add_func("/ws/frames/end-is-answered", test_close);
    g_test_add_func("/ws/frames/floods-end-the-connection", test_floods);
    g_test_add_func("/ws/frames/random-ones-are-survived", test_random_frames);
    return g_test_run();
}
