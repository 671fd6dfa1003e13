/* Frames as a whole. */
#include <string.h>

#include "models/core/machine.h"
#include "proto/codec.h"
#include "server/dispatch.h"
#include "tests/lib/raw_client.h"
#include "tests/unit/server/harness.h"

#define P PROBER_BASE
#define RAM 0x80000000u

static void status_is(Harness *h, QsStatusCode code, const char *text)
{
    g_assert_cmpstr(h->answer.reply.status.text, ==, text);
    g_assert_cmpint(h->answer.reply.status.code, ==, code);
    g_assert_cmpuint(h->answer.reply.n_results, ==, 0);
}

static void test_batch(void)
{
    g_autoptr(Harness) h = harness_new(NULL);
    QsOperation ops[] = { raw_write(P + 4, 4, 0), raw_read(P, 3), raw_write(P + 4, 4, 0),
                          raw_read(P + 4, 4) };

    harness_frame(h, h->session, ops, 4, false);
    g_assert_cmpint(h->answer.reply.status.code, ==, QS_STATUS_OK);
    g_assert_cmpuint(h->answer.reply.n_results, ==, 4);
    g_assert_cmpint(h->answer.reply.results[1].status.code, ==, QS_STATUS_INVALID_ARGUMENT);
    g_assert_cmpuint(h->answer.reply.results[3].mmio.data, ==, 2); /* a failure stops nothing */
}

static void test_empty(void)
{
    g_autoptr(Harness) h = harness_new(NULL);

    harness_frame(h, h->session, NULL, 0, false);
    status_is(h, QS_STATUS_OK, "");
    g_assert_cmpuint(h->answer.sequence, ==, 1);
    harness_frame(h, h->session, NULL, 0, false);
    g_assert_cmpuint(h->answer.sequence, ==, 2);
}

static void test_alone(void)
{
    g_autoptr(Harness) h = harness_new(NULL);
    QsOperation ops[] = { raw_write(P + 4, 4, 0), { .kind = QS_OP_BYE } };
    QsOperation hello = raw_hello(QS_ROLE_OBSERVER, false);
    static const QsOperation many[QS_MAX_OPERATIONS + 1];

    harness_frame(h, h->session, ops, 2, false);
    status_is(h, QS_STATUS_MALFORMED, "a Bye stands alone in its frame");
    harness_frame(h, h->session, &hello, 1, false);
    status_is(h, QS_STATUS_MALFORMED, "a Hello stands alone, in a frame without a session");
    harness_frame(h, h->session, many, QS_MAX_OPERATIONS + 1, false);
    status_is(h, QS_STATUS_LIMIT, "4097 operations, the limit is 4096");
    ops[0] = raw_read(P + 4, 4);
    harness_frame(h, h->session, ops, 1, false);
    g_assert_cmpuint(h->answer.reply.results[0].mmio.data, ==, 0); /* nothing of them was done */
}

static void test_bye(void)
{
    g_autoptr(Harness) h = harness_new(NULL);
    Session *other = harness_session(h, QS_ROLE_OBSERVER);
    QsOperation bye = { .kind = QS_OP_BYE };
    ExecuteOutcome outcome = harness_frame(h, other, &bye, 1, false);

    g_assert_true(outcome.closing);
    g_assert_cmpint(h->answer.reply.results[0].kind, ==, QS_OP_BYE);
    g_assert_cmpint(h->answer.reply.results[0].status.code, ==, QS_STATUS_OK);
}

static void frame_at(Harness *h, Session *session, uint64_t ns, const QsOperation *ops, size_t n)
{
    QsClientFrame frame = { .session = { session->token, sizeof(session->token) },
                            .request_id = session->last_id + 1,
                            .has_virtual_time = true,
                            .virtual_time_ns = ns,
                            .operations = ops,
                            .n_operations = n };
    FrameOrigin origin = { .peer = &(QsPeer){ .len = 0 } };

    qs_arena_reset(h->arena);
    execute_frame(h->host, &origin, h->arena, &frame, &h->answer);
    execute_commit(session, &h->answer);
}

static void test_frame_time(void)
{
    g_autoptr(Harness) h = harness_new(NULL);
    Session *other = harness_session(h, QS_ROLE_OBSERVER);
    QsOperation arm = raw_write(P + 0x14, 4, 50);
    QsOperation count = raw_write(P + 4, 4, 0);

    frame_at(h, h->session, 100, &arm, 1); /* the time comes first, then the operations */
    g_assert_cmpuint(h->answer.reply.now_ns, ==, 100);
    g_assert_true(h->answer.reply.has_deadline);
    g_assert_cmpuint(h->answer.reply.next_deadline_ns, ==, 150);
    frame_at(h, h->session, 200, NULL, 0);
    g_assert_cmpuint(h->answer.n_events, ==, 1); /* the timer ran */
    g_assert_cmpuint(h->answer.events[0].time_ns, ==, 150);
    g_assert_false(h->answer.reply.has_deadline);
    frame_at(h, h->session, 199, &count, 1);
    status_is(h, QS_STATUS_INVALID_ARGUMENT, "virtual time 199 ns has passed, it is 200 ns now");
    frame_at(h, other, 201, &count, 1);
    status_is(h, QS_STATUS_NOT_ALLOWED,
              "virtual time belongs to the driver of machine 'sifive_e': session 1, 'test'");
    count = raw_read(P + 4, 4);
    frame_at(h, other, 200, &count, 1); /* the present is nobody's */
    g_assert_cmpuint(h->answer.reply.results[0].mmio.data, ==, 0);
    frame_at(h, h->session, UINT64_MAX, NULL, 0);
    g_assert_cmpint(h->answer.reply.status.code, ==, QS_STATUS_INVALID_ARGUMENT);
}

static void test_posted_time_fails(void)
{
    g_autoptr(Harness) h = harness_new(NULL);
    QsClientFrame frame = { .session = { h->session->token, QS_TOKEN_BYTES },
                            .request_id = 1,
                            .has_virtual_time = true,
                            .virtual_time_ns = UINT64_MAX,
                            .posted = true };
    FrameOrigin origin = { .peer = &(QsPeer){ .len = 0 } };

    g_assert_cmpint(execute_frame(h->host, &origin, h->arena, &frame, &h->answer).answer, ==,
                    EXECUTE_NOTHING);
    harness_frame(h, h->session, NULL, 0, false);
    g_assert_cmpuint(h->answer.reply.n_posted_errors, ==, 1);
    g_assert_cmpuint(h->answer.reply.posted_errors[0].request_id, ==, 1);
    g_assert_cmpint(h->answer.reply.posted_errors[0].status.code, ==, QS_STATUS_INVALID_ARGUMENT);
}

static void test_unknown_session(void)
{
    g_autoptr(Harness) h = harness_new(NULL);
    uint8_t token[QS_TOKEN_BYTES] = { 1 };
    QsClientFrame frame = { .session = { token, sizeof(token) }, .request_id = 5 };
    FrameOrigin origin = { .peer = &(QsPeer){ .len = 0 } };

    execute_frame(h->host, &origin, h->arena, &frame, &h->answer);
    status_is(h, QS_STATUS_NO_SESSION,
              "the session is unknown: it has ended, or belongs to another server");
    g_assert_cmpuint(h->answer.reply.request_id, ==, 5);
    g_assert_cmpuint(h->answer.sequence, ==, 0);
    frame.posted = true;
    g_assert_cmpint(execute_frame(h->host, &origin, h->arena, &frame, &h->answer).answer, ==,
                    EXECUTE_NOTHING);
}

/* The worst that a frame can bring about must still be a frame. */
static void test_fullest_reply_can_be_encoded(void)
{
    g_autoptr(Harness) h = harness_new(NULL);
    g_autofree QsOperation *ops = g_new0(QsOperation, QS_MAX_OPERATIONS);
    g_autofree char *path = g_strnfill(1000, 'p'); /* about what fits a frame so often */
    uint8_t *data;
    size_t len;
    QsError error;

    for (size_t i = 0; i < 100; i++) {
        QsOperation fails = raw_line_set(path, 0, 1);

        harness_frame(h, h->session, &fails, 1, true);
    }
    ops[0] = (QsOperation){ .kind = QS_OP_BLOCK_READ,
                            .block = { .address = RAM, .length = QS_MAX_BLOCK_BYTES } };
    ops[1] = ops[0];
    for (size_t i = 2; i < QS_MAX_OPERATIONS; i++) {
        switch (i % 3) {
        case 0:
            ops[i] = raw_write(P + 0x10, 4, 256);
            break;
        case 1:
            ops[i] = raw_write(P + 0x0c, 4, 10000);
            break;
        default:
            ops[i] = (QsOperation){ .kind = QS_OP_QOM_GET, .qom = { .path = path } };
        }
    }
    h->session->events.dropped = 1;
    harness_frame(h, h->session, ops, 300, false);
    g_assert_cmpuint(h->answer.reply.n_posted_errors, ==, POSTED_ERRORS_MAX + 1);
    g_assert_true(qs_encode_server_frame(h->arena, &h->answer, &data, &len, &error));
    g_assert_cmpuint(len, >, (size_t)2 * QS_MAX_BLOCK_BYTES);
    for (size_t i = 0; i < QS_MAX_OPERATIONS; i++) {
        ops[i] = (QsOperation){ .kind = QS_OP_QOM_GET, .qom = { .path = path } };
    }
    harness_frame(h, h->session, ops, QS_MAX_OPERATIONS, false);
    g_assert_true(qs_encode_server_frame(h->arena, &h->answer, &data, &len, &error));
    for (size_t i = 0; i < QS_MAX_OPERATIONS; i++) {
        g_assert_cmpint(h->answer.reply.results[i].status.code, !=, QS_STATUS_OK);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/server/frame/batch-goes-on-after-a-failure", test_batch);
    g_test_add_func("/server/frame/without-operations-is-answered", test_empty);
    g_test_add_func("/server/frame/hello-and-bye-stand-alone", test_alone);
    g_test_add_func("/server/frame/bye-is-answered-and-ends-the-session", test_bye);
    g_test_add_func("/server/frame/time-moves-before-the-operations", test_frame_time);
    g_test_add_func("/server/frame/posted-time-that-fails-is-told", test_posted_time_fails);
    g_test_add_func("/server/frame/unknown-session-is-refused", test_unknown_session);
    g_test_add_func("/server/frame/fullest-reply-is-still-a-frame",
                    test_fullest_reply_can_be_encoded);
    return g_test_run();
}
