/* What is bounded stays bounded. */
#include <string.h>

#include <glib/gstdio.h>

#include "server/listener.h"
#include "tests/lib/raw_client.h"
#include "tests/unit/server/harness.h"

static ExecuteOutcome hello(Harness *h)
{
    QsOperation op = raw_hello(QS_ROLE_OBSERVER, false);
    QsClientFrame frame = { .request_id = 1, .operations = &op, .n_operations = 1 };
    FrameOrigin origin = { .peer = &(QsPeer){ .len = 0 } };

    qs_arena_reset(h->arena);
    return execute_frame(h->host, &origin, h->arena, &frame, &h->answer);
}

static void test_sessions(void)
{
    g_autoptr(Harness) h = harness_new("none");
    g_autofree char *directory = g_dir_make_tmp("qosim-test-XXXXXX", NULL);
    g_autofree char *url = g_strdup_printf("ipc://%s/s", directory);
    Listener *listener = listener_new(h->host, url, NULL, NULL);
    Session *oldest = NULL;

    g_assert_nonnull(listener);
    while (h->host->sessions->len < SERVER_MAX_SESSIONS) {
        Session *session = hello(h).session;

        g_assert_nonnull(session);
        session_set_route(session, listener, &(QsPeer){ .len = 1 });
        oldest = oldest ? oldest : session;
    }
    g_assert_nonnull(oldest);
    g_assert_null(hello(h).session);
    g_assert_cmpint(h->answer.reply.status.code, ==, QS_STATUS_LIMIT);
    g_assert_cmpstr(h->answer.reply.status.text, ==, "there are 1024 sessions already");
    oldest->last_seen_us -= 2 * SERVER_GRACE_US; /* who was silent for long makes room */
    g_assert_nonnull(hello(h).session);
    g_assert_cmpuint(h->host->sessions->len, ==, SERVER_MAX_SESSIONS);
    g_assert_null(hello(h).session);
    g_rmdir(directory);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/server/limits/sessions-are-limited-and-silent-ones-make-room", test_sessions);
    return g_test_run();
}
