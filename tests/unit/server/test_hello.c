#include "server/hello.h"

#include <string.h>

#include <glib/gstdio.h>

#include "models/core/machine.h"
#include "server/listener.h"
#include "server/session.h"
#include "tests/lib/raw_client.h"
#include "tests/unit/server/harness.h"

static ExecuteOutcome hello(Harness *h, QsOperation op)
{
    QsClientFrame frame = { .request_id = 1, .operations = &op, .n_operations = 1 };
    FrameOrigin origin = { .peer = &(QsPeer){ .len = 0 } };

    qs_arena_reset(h->arena);
    return execute_frame(h->host, &origin, h->arena, &frame, &h->answer);
}

static void refused(Harness *h, QsOperation op, QsStatusCode code, const char *text)
{
    g_assert_null(hello(h, op).session);
    g_assert_cmpstr(h->answer.reply.status.text, ==, text);
    g_assert_cmpint(h->answer.reply.status.code, ==, code);
    g_assert_cmpuint(h->answer.reply.n_results, ==, 0);
}

static void test_answer(void)
{
    g_autoptr(Harness) h = harness_new(NULL);
    QsOperation op = raw_hello(QS_ROLE_OBSERVER, true);
    QsOperation raise = { 0 };
    const QsResult *result;
    ExecuteOutcome outcome;

    raise = raw_write(PROBER_BASE + 0x14, 4, 5);
    harness_frame(h, h->session, &raise, 1, false);
    raise = raw_advance_by(5);
    harness_frame(h, h->session, &raise, 1, false);
    outcome = hello(h, op);
    g_assert_nonnull(outcome.session);
    g_assert_true(outcome.session->push);
    result = &h->answer.reply.results[0];
    g_assert_cmpuint(result->hello.n_raised, ==, 1); /* the levels from which its events go on */
    g_assert_cmpuint(result->hello.raised[0], ==, PROBER_IRQ + 1);
    g_assert_cmpuint(h->answer.n_events, ==, 0);
    g_assert_cmpmem(result->hello.session.data, result->hello.session.len, outcome.session->token,
                    QS_TOKEN_BYTES);
    g_assert_cmpuint(h->answer.reply.now_ns, ==, 5);
}

static void test_version(void)
{
    g_autoptr(Harness) h = harness_new(NULL);
    static const char *const required[] = { "push",  "batch",  "posted",      "qom",
                                            "lines", "blocks", "virtual-time" };
    QsOperation op = raw_hello(QS_ROLE_OBSERVER, false);

    op.hello.required = required;
    op.hello.n_required = G_N_ELEMENTS(required);
    g_assert_nonnull(hello(h, op).session);
    op.hello.version = 3;
    refused(h, op, QS_STATUS_UNSUPPORTED,
            "the client speaks protocol version 3, this server version 1");
}

static void test_many_missing(void)
{
    g_autoptr(Harness) h = harness_new(NULL);
    g_autofree char *name = g_strnfill(60000, 'c');
    const char *required[] = { name, name, name };
    QsOperation op = raw_hello(QS_ROLE_OBSERVER, false);

    op.hello.required = required;
    op.hello.n_required = 3;
    g_assert_null(hello(h, op).session);
    g_assert_cmpint(h->answer.reply.status.code, ==, QS_STATUS_UNSUPPORTED);
    g_assert_cmpuint(strlen(h->answer.reply.status.text), <=, 1024);
}

static void test_driver_loses_role(void)
{
    g_autoptr(Harness) h = harness_new(NULL);
    QsOperation op = raw_hello(QS_ROLE_DRIVER, false);
    /* A driver in the process itself cannot vanish, one at a socket can. */
    Listener *listener = NULL;
    g_autoptr(GError) error = NULL;
    g_autofree char *directory = g_dir_make_tmp("qosim-test-XXXXXX", NULL);
    g_autofree char *url = g_strdup_printf("ipc://%s/s", directory);
    Session *newer;

    h->session->last_seen_us -= 2 * SERVER_GRACE_US;
    g_assert_null(hello(h, op).session);
    g_assert_cmpint(h->answer.reply.status.code, ==, QS_STATUS_NOT_ALLOWED);
    listener = listener_new(h->host, url, NULL, &error);
    g_assert_no_error(error);
    session_set_route(h->session, listener, &(QsPeer){ .len = 1 });
    newer = hello(h, op).session;
    g_assert_nonnull(newer);
    g_assert_true(h->host->driver == newer);
    g_assert_cmpint(h->session->role, ==, QS_ROLE_OBSERVER);
    session_set_route(newer, listener, &(QsPeer){ .len = 1 });
    refused(h, op, QS_STATUS_NOT_ALLOWED,
            "machine 'sifive_e' has a driver already: session 2, 'raw client', last seen 0.0 s "
            "ago");
    machine_host_end_session(h->host, newer);
    g_assert_nonnull(hello(h, op).session);
    g_rmdir(directory);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/server/hello/tells-the-levels-from-which-events-go-on", test_answer);
    g_test_add_func("/server/hello/other-version-is-refused", test_version);
    g_test_add_func("/server/hello/refusal-is-bounded", test_many_missing);
    g_test_add_func("/server/hello/silent-driver-makes-room-for-a-new-one", test_driver_loses_role);
    return g_test_run();
}
