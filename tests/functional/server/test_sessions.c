/* Sessions with a real qosimd, the same cases over ipc, tcp and ws. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <nanomsg/nn.h>
#include <nanomsg/reqrep.h>

#include "proto/codec.h"
#include "tests/lib/daemon.h"
#include "tests/lib/raw_client.h"

#define GPIO 0x10012000u
#define INPUT_EN (GPIO + 0x04)
#define OUTPUT_EN (GPIO + 0x08)
#define PORT (GPIO + 0x0c)
#define RISE_IE (GPIO + 0x18)
#define RISE_IP (GPIO + 0x1c)
#define PINS "/machine/soc"

typedef struct Fixture {
    Daemon *daemon;
    const char *url;
} Fixture;

/* Where nanomsg finds the server: a unix socket at which shared memory is agreed on takes it as well. */
static const char *nanomsg_url(const Fixture *f)
{
    static char url[256];

    g_snprintf(url, sizeof(url), "%s%s", g_str_has_prefix(f->url, "shm:") ? "ipc" : "",
               f->url + (g_str_has_prefix(f->url, "shm:") ? 3 : 0));
    return url;
}

static void set_up(Fixture *f, gconstpointer scheme)
{
    f->daemon = daemon_start("-M sifive_e", scheme);
    f->url = f->daemon->url;
}

static void tear_down(Fixture *f, gconstpointer scheme G_GNUC_UNUSED)
{
    g_assert_true(daemon_is_alive(f->daemon));
    daemon_free(f->daemon);
}

/* A client whose pin 3 raises an interrupt when it rises: the machine as most tests want it. */
static RawClient *open_with_interrupt(const Fixture *f, bool push)
{
    RawClient *client = raw_client_open(f->url, QS_ROLE_DRIVER, push);

    raw_client_write32(client, INPUT_EN, 0xff);
    raw_client_write32(client, RISE_IE, 0xff);
    return client;
}

static void assert_events(RawClient *client, const char *expected)
{
    g_autofree char *events = raw_client_print_events(client);

    g_assert_cmpstr(events, ==, expected);
    raw_client_clear_events(client);
}

static void test_hello(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(RawClient) client = raw_client_new(f->url);
    QsOperation hello = raw_hello(QS_ROLE_DRIVER, true);
    const QsReply *reply = raw_client_try_hello(client, &hello);
    const QsResult *result = &reply->results[0];
    bool push = false;

    for (size_t i = 0; i < result->hello.n_capabilities; i++) {
        push |= strcmp(result->hello.capabilities[i], "push") == 0;
    }
    g_assert_true(push);
    g_assert_cmpuint(result->hello.version, ==, 1);
    g_assert_cmpstr(result->hello.machine, ==, "sifive_e");
    g_assert_cmpstr(result->hello.machine_type, ==, "sifive_e");
    g_assert_true(g_str_has_prefix(result->hello.server, "qosimd "));
    g_assert_cmpuint(result->hello.max_frame_bytes, ==, QS_MAX_FRAME_BYTES);
    g_assert_cmpuint(result->hello.max_operations, ==, QS_MAX_OPERATIONS);
    g_assert_cmpuint(result->hello.max_block_bytes, ==, QS_MAX_BLOCK_BYTES);
    g_assert_cmpuint(result->hello.n_raised, ==, 0);
    g_assert_cmpint(result->hello.role, ==, QS_ROLE_DRIVER);
    g_assert_cmpuint(result->hello.server_instance, !=, 0);
    g_assert_cmpuint(client->frame.sequence, ==, 1);
    g_assert_cmpuint(reply->now_ns, ==, 0);
    g_assert_false(reply->has_deadline);
}

static void refused(Fixture *f, const QsOperation *hello, QsStatusCode code, const char *text)
{
    g_autoptr(RawClient) client = raw_client_new(f->url);
    const QsReply *reply = raw_client_try_hello(client, hello);

    g_assert_cmpint(reply->status.code, ==, code);
    g_assert_cmpstr(reply->status.text, ==, text);
    g_assert_cmpuint(reply->n_results, ==, 0);
}

static void test_hello_refused(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    static const char *const wanted[] = { "push", "telepathy", "clairvoyance" };
    QsOperation hello = raw_hello(QS_ROLE_OBSERVER, false);

    hello.hello.version = 2;
    refused(f, &hello, QS_STATUS_UNSUPPORTED,
            "the client speaks protocol version 2, this server version 1");
    hello.hello.version = 0;
    refused(f, &hello, QS_STATUS_UNSUPPORTED,
            "the client speaks protocol version 0, this server version 1");
    hello = raw_hello(QS_ROLE_OBSERVER, false);
    hello.hello.required = wanted;
    hello.hello.n_required = G_N_ELEMENTS(wanted);
    refused(
        f, &hello, QS_STATUS_UNSUPPORTED,
        "the client requires capabilities that this server does not have: telepathy, clairvoyance");
    hello = raw_hello(QS_ROLE_OBSERVER, false);
    hello.hello.machine = "mars";
    refused(f, &hello, QS_STATUS_NOT_FOUND, "there is no machine 'mars'; there are: sifive_e");
}

static void test_events_before_reply(const Fixture *f, bool push)
{
    g_autoptr(RawClient) client = open_with_interrupt(f, push);
    QsOperation ops[] = { raw_line_set(PINS, 3, 1), raw_write(RISE_IP, 4, 0xff),
                          raw_line_set(PINS, 3, 0), raw_line_set(PINS, 4, 1),
                          raw_read(RISE_IP, 4) };
    const QsReply *reply = raw_client_call(client, ops, G_N_ELEMENTS(ops));

    g_assert_cmphex(reply->results[4].mmio.data, ==, 0x10);
    for (guint i = 0; i < client->heard->len; i++) {
        g_assert_cmpuint(g_array_index(client->heard, uint64_t, i), ==, reply->request_id);
    }
    assert_events(client, "line 11=1, line 11=0, line 12=1");
    g_assert_false(client->gap);
}

static void test_events_before_reply_without_push(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    test_events_before_reply(f, false);
}

static void test_events_before_reply_with_push(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    test_events_before_reply(f, true);
}

static void test_two_clients(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(RawClient) driver = open_with_interrupt(f, true);
    g_autoptr(RawClient) button = raw_client_open(f->url, QS_ROLE_OBSERVER, false);

    raw_client_must(button, raw_line_set(PINS, 0, 1));
    assert_events(button, "line 8=1");
    raw_client_await_events(driver, 1); /* nothing was asked for: it was pushed */
    g_assert_false(driver->frame.has_reply);
    assert_events(driver, "line 8=1");
    raw_client_write32(driver, RISE_IP, 0xff);
    assert_events(driver, "line 8=0");
    g_assert_false(raw_client_receive(button, 50)); /* not to one that takes no pushes … */
    raw_client_must(button, raw_read(RISE_IP, 4));
    assert_events(button, "line 8=0"); /* … until it asks for something */
    g_assert_false(driver->gap || button->gap);
}

/* What the other process of test_killed_client() does until it is killed. */
static void write_for_ever(const char *url)
{
    RawClient *client = raw_client_open(url, QS_ROLE_DRIVER, true);
    QsOperation ops[64];

    for (size_t i = 0; i < G_N_ELEMENTS(ops); i++) {
        ops[i] = raw_write(PORT, 4, i);
    }
    for (;;) {
        raw_client_post(client, ops, G_N_ELEMENTS(ops));
        raw_client_call(client, ops, G_N_ELEMENTS(ops));
    }
}

static void test_killed_client(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    const char *argv[] = { "/proc/self/exe", "--write-for-ever", f->url, NULL };
    g_autoptr(RawClient) survivor = raw_client_open(f->url, QS_ROLE_OBSERVER, true);
    GPid pid;

    raw_client_write32(survivor, OUTPUT_EN, 0xffffffff);
    g_assert_true(g_spawn_async(NULL, (char **)argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL,
                                &pid, NULL));
    while (raw_client_stat(survivor, "operations.mmio-write") < 10000) {
        raw_client_read32(survivor, PORT);
    }
    g_assert_cmpint(kill(pid, SIGKILL), ==, 0);
    for (int i = 0; i < 200; i++) {
        raw_client_write32(survivor, INPUT_EN, (uint32_t)i);
        g_assert_cmphex(raw_client_read32(survivor, INPUT_EN), ==, i);
    }
    g_assert_false(survivor->gap);
}

static void test_vanishing_client(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(RawClient) survivor = raw_client_open(f->url, QS_ROLE_OBSERVER, false);

    for (int i = 0; i < 20; i++) {
        RawClient *client = raw_client_open(f->url, QS_ROLE_OBSERVER, true);
        QsOperation read = { .kind = QS_OP_BLOCK_READ,
                             .block = { .address = 0x80000000, .length = 100000 } };
        QsClientFrame frame = { .request_id = client->last_id + 1,
                                .operations = &read,
                                .n_operations = 1 };

        raw_client_send(client, frame);
        raw_client_free(client); /* the reply finds nobody */
    }
    raw_client_write32(survivor, INPUT_EN, 1);
    g_assert_cmphex(raw_client_read32(survivor, INPUT_EN), ==, 1);
}

static void test_token_outlives_connection(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(RawClient) first = open_with_interrupt(f, true);
    g_autoptr(RawClient) second = raw_client_new(f->url);
    g_autoptr(RawClient) other = NULL;

    memcpy(second->token, first->token, sizeof(second->token));
    second->has_session = true;
    second->last_id = first->last_id;
    second->last_sequence = first->last_sequence;
    g_assert_cmphex(raw_client_read32(second, RISE_IE), ==, 0xff);
    g_assert_false(second->gap);
    other = raw_client_open(f->url, QS_ROLE_OBSERVER, false);
    raw_client_must(other, raw_line_set(PINS, 1, 1));
    raw_client_await_events(second, 1); /* pushed to where the session was seen last */
    assert_events(second, "line 9=1");
    g_assert_false(raw_client_receive(first, 50));
}

static void test_repeated_request(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(RawClient) client = raw_client_open(f->url, QS_ROLE_DRIVER, true);
    QsOperation advance = raw_advance_by(10);
    QsClientFrame frame = { .request_id = 7, .operations = &advance, .n_operations = 1 };
    uint64_t sequence;

    raw_client_send(client, frame);
    g_assert_cmpuint(raw_client_await(client, 7)->now_ns, ==, 10);
    sequence = client->frame.sequence;
    for (int i = 0; i < 3; i++) {
        raw_client_send(client, frame);
        g_assert_cmpuint(raw_client_await(client, 7)->now_ns, ==, 10);
        g_assert_cmpuint(client->frame.reply.results[0].advance.now_ns, ==, 10);
        g_assert_cmpuint(client->frame.sequence, ==, sequence);
    }
    /* The same id with something else in it is the same request. */
    advance = raw_advance_by(1000);
    raw_client_send(client, frame);
    g_assert_cmpuint(raw_client_await(client, 7)->now_ns, ==, 10);
    g_assert_cmpuint(raw_client_stat(client, "operations.advance"), ==, 1);
    g_assert_cmpuint(raw_client_stat(client, "repeated_frames"), ==, 4);
}

static void test_repeated_posted(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(RawClient) client = raw_client_open(f->url, QS_ROLE_DRIVER, true);
    QsOperation advance = raw_advance_by(10);
    QsClientFrame frame = {
        .request_id = 7, .operations = &advance, .n_operations = 1, .posted = true
    };

    raw_client_send(client, frame);
    raw_client_send(client, frame);
    raw_client_must(client, raw_read(PORT, 4));
    g_assert_cmpuint(client->frame.reply.now_ns, ==, 10);
    g_assert_cmpuint(client->frame.reply.n_posted_errors, ==, 0);
}

static void test_stale_request(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(RawClient) client = raw_client_open(f->url, QS_ROLE_DRIVER, true);
    QsOperation advance = raw_advance_by(10);
    QsClientFrame frame = { .operations = &advance, .n_operations = 1 };
    const QsReply *reply;

    for (frame.request_id = 2; frame.request_id <= 80; frame.request_id++) {
        raw_client_send(client, frame);
        raw_client_await(client, frame.request_id);
    }
    frame.request_id = 2; /* 64 replies are kept */
    raw_client_send(client, frame);
    reply = raw_client_await(client, 2);
    g_assert_cmpint(reply->status.code, ==, QS_STATUS_STALE_REQUEST);
    g_assert_cmpstr(reply->status.text, ==,
                    "request 2 is not newer than request 80, and its reply is not kept; it was not "
                    "carried out now");
    g_assert_cmpuint(reply->now_ns, ==, 790);
    frame.request_id = 17;
    raw_client_send(client, frame);
    g_assert_cmpuint(raw_client_await(client, 17)->now_ns, ==, 160);
    g_assert_false(client->gap);
}

static void test_repeated_hello(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    /* As nanomsg's own resending does it: the very same request. */
    g_autoptr(RawClient) observer = raw_client_open(f->url, QS_ROLE_OBSERVER, false);
    QsOperation hello = raw_hello(QS_ROLE_DRIVER, false);
    QsClientFrame frame = { .request_id = 1, .operations = &hello, .n_operations = 1 };
    QsArena *arena = qs_arena_new(QS_ARENA_BYTES);
    int s = nn_socket(AF_SP, NN_REQ);
    int resend_ms = 50;
    uint8_t *bytes;
    size_t len;
    void *reply;

    g_assert_cmpint(nn_setsockopt(s, NN_REQ, NN_REQ_RESEND_IVL, &resend_ms, sizeof(resend_ms)), ==,
                    0);
    g_assert_cmpint(nn_connect(s, nanomsg_url(f)), >=, 0);
    g_assert_true(qs_encode_client_frame(arena, &frame, &bytes, &len, NULL));
    g_assert_cmpint(nn_send(s, bytes, len, 0), ==, len);
    while (raw_client_stat(observer, "repeated_frames") == 0 &&
           raw_client_stat(observer, "sessions") < 2) {
        g_usleep(1000);
    }
    g_usleep(G_USEC_PER_SEC / 5); /* time for it to be sent again and again */
    g_assert_cmpuint(raw_client_stat(observer, "sessions"), ==, 2);
    g_assert_cmpint(nn_recv(s, &reply, NN_MSG, 0), >, 0);
    nn_freemsg(reply);
    nn_close(s);
    qs_arena_free(arena);
}

static void exchange_cooked(int s, QsArena *arena, const QsClientFrame *frame,
                            QsServerFrame *answer)
{
    uint8_t *bytes;
    size_t len;
    void *reply;
    int n;

    g_assert_true(qs_encode_client_frame(arena, frame, &bytes, &len, NULL));
    g_assert_cmpint(nn_send(s, bytes, len, 0), ==, len);
    n = nn_recv(s, &reply, NN_MSG, 0);
    g_assert_cmpint(n, >, 0);
    g_assert_true(qs_decode_server_frame(arena, reply, (size_t)n, answer, NULL));
    nn_freemsg(reply);
}

static void test_cooked_client(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    QsOperation op = raw_hello(QS_ROLE_OBSERVER, false);
    QsClientFrame frame = { .request_id = 1, .operations = &op, .n_operations = 1 };
    g_autoptr(RawClient) driver = open_with_interrupt(f, true);
    QsArena *arena = qs_arena_new((size_t)2 * QS_ARENA_BYTES);
    int s = nn_socket(AF_SP, NN_REQ);
    QsServerFrame answer;

    g_assert_cmpint(nn_connect(s, nanomsg_url(f)), >=, 0);
    exchange_cooked(s, arena, &frame, &answer);
    g_assert_cmpint(answer.reply.status.code, ==, QS_STATUS_OK);
    frame.session = answer.reply.results[0].hello.session;
    raw_client_must(driver, raw_line_set(PINS, 5, 1));
    raw_client_write32(driver, RISE_IP, 0xff);
    op = raw_read(RISE_IE, 4);
    frame.request_id = 2;
    exchange_cooked(s, arena, &frame, &answer);
    g_assert_cmphex(answer.reply.results[0].mmio.data, ==, 0xff);
    g_assert_cmpuint(answer.n_events, ==, 2);
    g_assert_cmpuint(answer.events[0].line.line, ==, 13);
    g_assert_cmpint(answer.events[0].line.level, ==, 1);
    g_assert_cmpint(answer.events[1].line.level, ==, 0);
    nn_close(s);
    qs_arena_free(arena);
}

static void test_malformed(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    static const char garbage[] = "\xff\xff\xff\xffGET / HTTP/1.1\r\n\r\n";
    g_autoptr(RawClient) client = raw_client_open(f->url, QS_ROLE_DRIVER, true);
    QsOperation read = raw_read(PORT, 4);
    QsClientFrame frame = { .session = { client->token, sizeof(client->token) },
                            .request_id = 9,
                            .operations = &read,
                            .n_operations = 1 };
    uint64_t before = raw_client_stat(client, "malformed_frames");
    uint8_t *bytes;
    size_t len;

    raw_client_send_bytes(client, garbage, sizeof(garbage) - 1);
    g_assert_cmpint(raw_client_await(client, 0)->status.code, ==, QS_STATUS_MALFORMED);
    g_assert_cmpuint(client->frame.sequence, ==, 0);
    g_assert_cmpint(client->frame.reply.status.text[0], !=, '\0');
    g_assert_true(qs_encode_client_frame(client->arena, &frame, &bytes, &len, NULL));
    for (size_t cut = 1; cut < len; cut++) {
        raw_client_send_bytes(client, bytes, cut);
        g_assert_true(raw_client_receive(client, RAW_CLIENT_TIMEOUT_MS));
        g_assert_true(client->frame.has_reply);
        /* A cut between two fields leaves a frame, but one without its operation. */
        g_assert_cmpuint(client->frame.reply.n_results, ==, 0);
    }
    client->last_id = frame.request_id;
    g_assert_cmpuint(raw_client_stat(client, "malformed_frames"), >, before);
    g_assert_cmphex(raw_client_read32(client, PORT), ==, 0);
}

static void test_empty_frame(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(RawClient) client = raw_client_new(f->url);

    /* No bytes at all are a frame without a session. */
    raw_client_send_bytes(client, "", 0);
    g_assert_cmpint(raw_client_await(client, 0)->status.code, ==, QS_STATUS_NO_SESSION);
}

static void test_oversized(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(RawClient) survivor = raw_client_open(f->url, QS_ROLE_OBSERVER, false);
    g_autoptr(RawClient) again = NULL;
    size_t len = (size_t)QS_MAX_FRAME_BYTES + 4096;
    g_autofree uint8_t *bytes = g_malloc0(len);
    int s = nn_socket(AF_SP, NN_REQ);

    g_assert_cmpint(nn_connect(s, nanomsg_url(f)), >=, 0);
    g_assert_cmpint(nn_send(s, bytes, len, 0), ==, len);
    for (int i = 0; i < 50; i++) {
        raw_client_write32(survivor, INPUT_EN, (uint32_t)i);
    }
    nn_close(s);
    g_assert_cmphex(raw_client_read32(survivor, INPUT_EN), ==, 49);
    again = raw_client_open(f->url, QS_ROLE_OBSERVER, false);
    g_assert_true(again->has_session);
}

static void test_unknown_session(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(RawClient) client = raw_client_open(f->url, QS_ROLE_OBSERVER, false);
    QsOperation bye = { .kind = QS_OP_BYE };
    QsOperation read = raw_read(PORT, 4);
    QsClientFrame frame = { .request_id = 50, .operations = &read, .n_operations = 1 };

    raw_client_call(client, &bye, 1);
    raw_client_send(client, frame);
    g_assert_cmpint(raw_client_await(client, 50)->status.code, ==, QS_STATUS_NO_SESSION);
    client->token[3] ^= 1;
    frame.request_id = 51;
    raw_client_send(client, frame);
    g_assert_cmpint(raw_client_await(client, 51)->status.code, ==, QS_STATUS_NO_SESSION);
}

static void test_driver_role(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(RawClient) driver = raw_client_open(f->url, QS_ROLE_DRIVER, true);
    g_autoptr(RawClient) second = raw_client_new(f->url);
    g_autoptr(RawClient) observer = raw_client_open(f->url, QS_ROLE_OBSERVER, true);
    QsOperation hello = raw_hello(QS_ROLE_DRIVER, true);
    QsOperation bye = { .kind = QS_OP_BYE };
    const QsReply *reply = raw_client_try_hello(second, &hello);
    const QsResult *result;

    g_assert_cmpint(reply->status.code, ==, QS_STATUS_NOT_ALLOWED);
    g_assert_true(g_str_has_prefix(
        reply->status.text,
        "machine 'sifive_e' has a driver already: session 1, 'raw client', last seen "));
    result = raw_client_call_one(observer, raw_advance_by(1));
    g_assert_cmpint(result->status.code, ==, QS_STATUS_NOT_ALLOWED);
    raw_client_must(driver, raw_advance_by(5));
    raw_client_call(driver, &bye, 1);
    raw_client_must(observer, raw_advance_by(1)); /* nobody drives: anyone may */
    g_assert_cmpuint(observer->frame.reply.now_ns, ==, 6);
    reply = raw_client_try_hello(second, &hello);
    g_assert_cmpint(reply->status.code, ==, QS_STATUS_OK);
}

static void test_posted_errors(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(RawClient) client = raw_client_open(f->url, QS_ROLE_DRIVER, true);
    QsOperation ops[] = { raw_write(INPUT_EN, 4, 0x77), raw_write(0x50000000, 4, 1),
                          raw_write(INPUT_EN, 3, 1) };
    uint64_t id = raw_client_post(client, ops, G_N_ELEMENTS(ops));
    const QsPostedError *errors;

    g_assert_cmphex(raw_client_read32(client, INPUT_EN), ==, 0x77);
    g_assert_cmpuint(client->frame.reply.n_posted_errors, ==, 2);
    errors = client->frame.reply.posted_errors;
    g_assert_cmpuint(errors[0].request_id, ==, id);
    g_assert_cmpuint(errors[0].operation, ==, 1);
    g_assert_cmpint(errors[0].result, ==, QS_BUS_DECODE_ERROR);
    g_assert_cmpstr(errors[0].status.text, ==, "mmio-write at 0x50000000: decode error");
    g_assert_cmpuint(errors[1].operation, ==, 2);
    g_assert_cmpint(errors[1].status.code, ==, QS_STATUS_INVALID_ARGUMENT);
    raw_client_read32(client, INPUT_EN);
    g_assert_cmpuint(client->frame.reply.n_posted_errors, ==, 0);
}

static void test_flood_of_events(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    const guint turns = QS_MAX_OPERATIONS / 4;
    const guint frames = 3;
    const guint total = 2 * turns * frames;
    g_autoptr(RawClient) client = open_with_interrupt(f, true);
    g_autofree QsOperation *ops = g_new0(QsOperation, QS_MAX_OPERATIONS);

    for (size_t i = 0; i < turns; i++) {
        ops[4 * i] = raw_line_set(PINS, 3, 1);
        ops[4 * i + 1] = raw_write(RISE_IP, 4, 0xff);
        ops[4 * i + 2] = raw_line_set(PINS, 3, 0);
        ops[4 * i + 3] = raw_read(RISE_IP, 4);
    }
    for (guint frame = 0; frame < frames; frame++) {
        raw_client_call(client, ops, QS_MAX_OPERATIONS);
    }
    g_assert_cmpuint(client->events->len, ==, total);
    for (guint i = 0; i < client->events->len; i++) {
        const QsEvent *event = &g_array_index(client->events, QsEvent, i);

        g_assert_cmpint(event->kind, ==, QS_EVENT_LINE);
        g_assert_cmpint(event->line.level, ==, i % 2 == 0);
    }
    g_assert_false(client->gap);
}

/* One of many sessions that do what they like; each keeps to a register of its own. */
static void random_step(RawClient *client, GRand *random, uint64_t address, uint32_t *value)
{
    switch (g_rand_int_range(random, 0, 5)) {
    case 0:
        *value = g_rand_int(random);
        raw_client_write32(client, address, *value);
        break;
    case 1: {
        QsOperation op;

        *value = g_rand_int(random);
        op = raw_write(address, 4, *value);
        raw_client_post(client, &op, 1);
        break;
    }
    case 2:
        g_assert_cmphex(raw_client_read32(client, address), ==, *value);
        break;
    case 3:
        raw_client_must(client, raw_line_set(PINS, (uint32_t)g_rand_int_range(random, 0, 32),
                                             g_rand_int_range(random, -1, 2)));
        break;
    default:
        raw_client_stat(client, "sessions");
    }
}

static void test_random_sessions(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    enum { SESSIONS = 50, STEPS = 2000 };
    guint32 seed = g_test_rand_int_range(0, G_MAXINT32);
    g_autoptr(GRand) random = g_rand_new_with_seed(seed);
    RawClient *clients[SESSIONS];
    uint32_t values[SESSIONS] = { 0 };

    g_test_message("seed %u", seed);
    for (int i = 0; i < SESSIONS; i++) {
        clients[i] = raw_client_open(f->url, QS_ROLE_OBSERVER, i % 2);
    }
    for (int step = 0; step < STEPS; step++) {
        int i = g_rand_int_range(random, 0, SESSIONS);

        random_step(clients[i], random, 0x80000000u + 4u * (unsigned)i, &values[i]);
        if (g_rand_int_range(random, 0, 100) == 0) {
            /* Vanishes without a word; what it posted must have arrived, or the socket takes it along. */
            raw_client_read32(clients[i], 0x80000000u);
            raw_client_free(clients[i]);
            clients[i] = raw_client_open(f->url, QS_ROLE_OBSERVER, i % 2);
        }
    }
    for (int i = 0; i < SESSIONS; i++) {
        g_assert_cmphex(raw_client_read32(clients[i], 0x80000000u + 4u * (unsigned)i), ==,
                        values[i]);
        g_assert_false(clients[i]->gap);
        raw_client_free(clients[i]);
    }
}

static const struct {
    const char *name;
    void (*run)(Fixture *f, gconstpointer data);
} cases[] = {
    { "hello/tells-versions-limits-and-levels", test_hello },
    { "hello/other-version-capability-or-machine-is-refused-by-name", test_hello_refused },
    { "hello/sent-again-by-the-transport-opens-one-session", test_repeated_hello },
    { "events/come-before-the-reply-that-they-belong-to", test_events_before_reply_with_push },
    { "events/come-in-the-reply-for-clients-without-push", test_events_before_reply_without_push },
    { "events/of-one-client-reach-the-other", test_two_clients },
    { "events/more-than-a-frame-holds-arrive-in-order", test_flood_of_events },
    { "client/killed-in-the-middle-leaves-the-other-unharmed", test_killed_client },
    { "client/vanishing-before-its-reply-harms-nobody", test_vanishing_client },
    { "client/plain-req-socket-gets-one-reply-a-request", test_cooked_client },
    { "session/goes-on-over-another-connection", test_token_outlives_connection },
    { "session/unknown-or-ended-is-refused", test_unknown_session },
    { "session/fifty-random-ones-do-not-mix", test_random_sessions },
    { "request/sent-twice-is-carried-out-once", test_repeated_request },
    { "request/posted-twice-is-carried-out-once", test_repeated_posted },
    { "request/too-old-to-be-known-is-refused", test_stale_request },
    { "request/posted-errors-come-with-the-next-reply", test_posted_errors },
    { "role/one-driver-owns-the-time", test_driver_role },
    { "bytes/garbage-and-truncated-frames-are-refused", test_malformed },
    { "bytes/no-bytes-are-a-frame-without-session", test_empty_frame },
    { "bytes/oversized-frame-harms-nobody", test_oversized },
};

int main(int argc, char **argv)
{
    static const char *const schemes[] = { "ipc", "shm", "tcp", "ws" };

    if (argc == 3 && strcmp(argv[1], "--write-for-ever") == 0) {
        write_for_ever(argv[2]);
    }
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(schemes); i++) {
        for (size_t j = 0; j < G_N_ELEMENTS(cases); j++) {
            g_autofree char *path = g_strdup_printf("/server/%s/%s", schemes[i], cases[j].name);

            g_test_add(path, Fixture, schemes[i], set_up, cases[j].run, tear_down);
        }
    }
    return g_test_run();
}
