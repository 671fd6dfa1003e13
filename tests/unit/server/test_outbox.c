/* Which session hears of what, and in which order. */
#include "models/core/machine.h"
#include "server/dispatch.h"
#include "tests/lib/raw_client.h"
#include "tests/unit/server/harness.h"

#define P PROBER_BASE

static void events_are(Harness *h, const char *expected)
{
    g_autofree char *events = raw_print_events(h->answer.events, h->answer.n_events);

    g_assert_cmpstr(events, ==, expected);
}

static void test_order(void)
{
    g_autoptr(Harness) h = harness_new(NULL);
    QsOperation ops[] = { raw_write(P + 0x0c, 4, 1),
                          raw_write(P + 0x10, 4, 1),
                          { .kind = QS_OP_RESET },
                          { .kind = QS_OP_QOM_DELETE, .qom = { .path = "p" } } };

    harness_frame(h, h->session, ops, G_N_ELEMENTS(ops), false);
    events_are(h, "line 40=1, line 40=0, error /machine/peripheral/p: mistake 0, reset, "
                  "deleted p /machine/peripheral/p");
    harness_frame(h, h->session, NULL, 0, false);
    events_are(h, "");
}

static void test_every_session(void)
{
    g_autoptr(Harness) h = harness_new(NULL);
    Session *other = harness_session(h, QS_ROLE_OBSERVER);
    QsOperation op = raw_write(P + 0x0c, 4, 1);
    Session *late;

    harness_frame(h, h->session, &op, 1, false);
    events_are(h, "line 40=1, line 40=0");
    late = harness_session(h, QS_ROLE_OBSERVER);
    harness_frame(h, late, NULL, 0, false);
    events_are(h, ""); /* what was before it came is not its concern */
    harness_frame(h, other, NULL, 0, false);
    events_are(h, "line 40=1, line 40=0");
}

static void test_watches(void)
{
    g_autoptr(Harness) h = harness_new(NULL);
    Session *other = harness_session(h, QS_ROLE_OBSERVER);
    QsOperation watch = { .kind = QS_OP_LINE_WATCH,
                          .line_watch = { .path = "p", .direction = QS_LINE_OUT } };
    QsOperation unwatch = { .kind = QS_OP_LINE_UNWATCH, .line_get = { .watch = 0 } };
    QsOperation ops[] = { raw_line_set("p", 2, 1), raw_write(P + 0x0c, 4, 1) };

    harness_frame(h, other, &watch, 1, false);
    harness_frame(h, other, &unwatch, 1, false);
    harness_frame(h, h->session, ops, 2, false);
    events_are(h, "line 40=1, line 40=0");
    harness_frame(h, other, NULL, 0, false);
    events_are(h, "line 1.2=1");
}

static void test_time_stamps(void)
{
    g_autoptr(Harness) h = harness_new(NULL);
    QsOperation ops[] = { raw_write(P + 0x14, 4, 500), raw_advance_by(800) };

    harness_frame(h, h->session, ops, 2, false);
    events_are(h, "line 41=1");
    g_assert_cmpuint(h->answer.events[0].time_ns, ==,
                     500); /* when it happened, not when it is told */
    g_assert_cmpuint(h->answer.reply.now_ns, ==, 800);
}

static void test_posted_events_come_with_the_next_reply(void)
{
    g_autoptr(Harness) h = harness_new(NULL);
    QsOperation op = raw_write(P + 0x0c, 4, 1);

    g_assert_cmpint(harness_frame(h, h->session, &op, 1, true).answer, ==, EXECUTE_NOTHING);
    harness_frame(h, h->session, NULL, 0, false);
    events_are(h, "line 40=1, line 40=0");
}

static void test_lagging_session(void)
{
    g_autoptr(Harness) h = harness_new(NULL);
    Session *idle = harness_session(h, QS_ROLE_OBSERVER);
    QsOperation op = raw_write(P + 0x0c, 4, 1000);

    for (unsigned i = 0; i < 20; i++) {
        harness_frame(h, h->session, &op, 1, false);
        g_assert_cmpuint(h->answer.n_events, ==, 2000); /* who takes them misses none */
    }
    harness_frame(h, idle, NULL, 0, false);
    g_assert_cmpuint(h->answer.n_events, ==, EVENT_QUEUE_MAX_EVENTS + 1);
    g_assert_cmpint(h->answer.events[0].kind, ==, QS_EVENT_LAGGED);
    g_assert_cmpuint(h->answer.events[0].lagged.dropped, ==, 40000 - EVENT_QUEUE_MAX_EVENTS);
    g_assert_cmpuint(h->host->stats.events_dropped, ==, 40000 - EVENT_QUEUE_MAX_EVENTS);
}

static void test_flood_of_guest_errors(void)
{
    g_autoptr(Harness) h = harness_new(NULL);
    QsOperation op = raw_write(P + 0x10, 4, 100000);

    harness_frame(h, h->session, &op, 1, false);
    g_assert_cmpuint(h->answer.n_events, ==, 256); /* one operation may say so much */
    harness_frame(h, h->session, &op, 1, false);
    g_assert_cmpuint(h->answer.n_events, ==, 257); /* and the next tells what was swallowed */
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/server/outbox/events-keep-their-order", test_order);
    g_test_add_func("/server/outbox/every-session-hears-from-its-start-on", test_every_session);
    g_test_add_func("/server/outbox/lines-are-told-to-who-watches-them", test_watches);
    g_test_add_func("/server/outbox/events-bear-the-time-they-happened", test_time_stamps);
    g_test_add_func("/server/outbox/events-of-posted-frames-come-with-the-next-reply",
                    test_posted_events_come_with_the_next_reply);
    g_test_add_func("/server/outbox/lagging-session-is-told-how-much-it-missed",
                    test_lagging_session);
    g_test_add_func("/server/outbox/guest-errors-are-bounded-for-each-operation",
                    test_flood_of_guest_errors);
    return g_test_run();
}
