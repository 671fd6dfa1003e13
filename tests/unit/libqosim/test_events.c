#include <string.h>

#include <glib.h>
#include <qosim/qosim.h>

#include "tests/unit/libqosim/fake_server.h"

/* Generous: what is waited for comes in milliseconds, and on a loaded machine still comes. */
#define SOON_MS 20000

typedef struct Fixture {
    FakeServer *fake;
    qosim_session *s;
    GString *seen; /* the events in words */
} Fixture;

static void note(void *opaque, const qosim_event *event)
{
    Fixture *f = opaque;

    switch (event->kind) {
    case QOSIM_EVENT_LINE:
        g_string_append_printf(f->seen, "line %u/%u=%d@%u;", event->watch, event->line,
                               event->level, (unsigned)event->time_ns);
        break;
    case QOSIM_EVENT_GUEST_ERROR:
        g_string_append_printf(f->seen, "guest %s: %s;", event->path, event->text);
        break;
    case QOSIM_EVENT_DEVICE_DELETED:
        g_string_append_printf(f->seen, "deleted %s %s;", event->id, event->path);
        break;
    case QOSIM_EVENT_RESET:
        g_string_append(f->seen, "reset;");
        break;
    case QOSIM_EVENT_LAGGED:
        g_string_append_printf(f->seen, "lagged %u;", (unsigned)event->dropped);
        break;
    default: /* of chardevs and virtio: not of this test */
        break;
    }
}

static void set_up(Fixture *f, FakeHook *hook)
{
    f->fake = fake_new(hook);
    f->seen = g_string_new(NULL);
    fake_start(f->fake);
    g_assert_cmpint(qosim_open(f->fake->url, NULL, &f->s), ==, QOSIM_OK);
    qosim_set_event_handler(f->s, note, f);
}

static void tear_down(Fixture *f)
{
    qosim_close(f->s);
    fake_free(f->fake);
    g_string_free(f->seen, TRUE);
}

static void read_once(Fixture *f)
{
    uint64_t data;

    g_assert_cmpint(qosim_read(f->s, FAKE_BASE, 4, &data, NULL), ==, QOSIM_OK);
}

static bool is_read(const QsClientFrame *frame)
{
    return frame->n_operations == 1 && frame->operations[0].kind == QS_OP_MMIO_READ;
}

static bool every_kind(FakeServer *fake, const QsClientFrame *frame, const QsPeer *peer)
{
    if (!is_read(frame)) {
        return false;
    }
    fake->now_ns = 77;
    fake_set_line(fake, 5, 1);
    fake_add_event(fake,
                   (QsEvent){ .kind = QS_EVENT_GUEST_ERROR, .guest_error = { "/gpio", "bad" } });
    fake_add_event(fake, (QsEvent){ .kind = QS_EVENT_RESET });
    fake_add_event(fake, (QsEvent){ .kind = QS_EVENT_LINE, .line = { 3, 900, -1 } });
    fake_push(fake, peer);
    fake_set_line(fake, 5, 0);
    fake_add_event(fake,
                   (QsEvent){ .kind = QS_EVENT_DEVICE_DELETED, .device_deleted = { "g0", "/g0" } });
    fake_answer(fake, frame, peer);
    return true;
}

static void test_order(void)
{
    Fixture f;

    set_up(&f, every_kind);
    read_once(&f);
    g_assert_cmpstr(f.seen->str, ==,
                    "line 0/5=1@77;guest /gpio: bad;reset;line 3/900=-1@77;"
                    "line 0/5=0@77;deleted g0 /g0;");
    tear_down(&f);
}

static bool toggle(FakeServer *fake, const QsClientFrame *frame, const QsPeer *peer)
{
    if (!is_read(frame)) {
        return false;
    }
    fake_set_line(fake, 5, fake->count++ % 2 == 0);
    fake_answer(fake, frame, peer);
    return true;
}

static void test_irq_cache(void)
{
    Fixture f;
    uint64_t generation;

    set_up(&f, toggle);
    qosim_set_event_handler(f.s, NULL, NULL);
    generation = qosim_irq_generation(f.s);
    g_assert_false(qosim_irq_level(f.s, 5));
    read_once(&f);
    g_assert_true(qosim_irq_level(f.s, 5));
    g_assert_cmpuint(qosim_irq_generation(f.s), !=, generation);
    generation = qosim_irq_generation(f.s);
    g_assert_cmpint(qosim_write(f.s, FAKE_BASE, 4, 0, NULL), ==, QOSIM_OK);
    g_assert_cmpuint(qosim_irq_generation(f.s), ==, generation);
    read_once(&f);
    g_assert_false(qosim_irq_level(f.s, 5));
    tear_down(&f);
}

static bool far_line(FakeServer *fake, const QsClientFrame *frame, const QsPeer *peer)
{
    if (!is_read(frame)) {
        return false;
    }
    fake_add_event(fake, (QsEvent){ .kind = QS_EVENT_LINE, .line = { 0, UINT32_MAX, 1 } });
    fake_add_event(fake, (QsEvent){ .kind = QS_EVENT_LINE, .line = { 0, 1000000, 1 } });
    fake_answer(fake, frame, peer);
    return true;
}

static void test_far_line(void)
{
    Fixture f;

    set_up(&f, far_line);
    read_once(&f);
    g_assert_false(qosim_irq_level(f.s, UINT32_MAX));
    g_assert_true(qosim_irq_level(f.s, 1000000));
    g_assert_false(qosim_irq_level(f.s, 999999));
    tear_down(&f);
}

static bool push_after(FakeServer *fake, const QsClientFrame *frame, const QsPeer *peer)
{
    if (!is_read(frame)) {
        return false;
    }
    fake_answer(fake, frame, peer);
    fake_set_line(fake, 1, 1);
    fake_set_line(fake, 2, 1);
    fake_push(fake, peer);
    return true;
}

static void test_poll(void)
{
    Fixture f;

    set_up(&f, push_after);
    g_assert_cmpint(qosim_poll(f.s, 0), ==, 0);
    g_assert_cmpint(qosim_poll(f.s, 10), ==, 0);
    read_once(&f);
    g_assert_cmpint(qosim_poll(f.s, SOON_MS), ==, 2);
    g_assert_cmpstr(f.seen->str, ==, "line 0/1=1@0;line 0/2=1@0;");
    g_assert_true(qosim_irq_level(f.s, 2));
    tear_down(&f);
}

static bool lose_a_frame(FakeServer *fake, const QsClientFrame *frame, const QsPeer *peer)
{
    if (!is_read(frame) || fake->count++) {
        return false;
    }
    fake->levels[4] = fake->levels[50] = 1; /* told in frames that never come */
    fake->sequence += 2;
    fake_answer(fake, frame, peer);
    return true;
}

static void test_gap(void)
{
    Fixture f;

    set_up(&f, lose_a_frame);
    read_once(&f);
    /* The levels were asked for before the call returned. */
    g_assert_cmpstr(f.seen->str, ==, "lagged 2;line 0/4=1@0;line 0/50=1@0;");
    g_assert_true(qosim_irq_level(f.s, 4));
    g_assert_true(qosim_irq_level(f.s, 50));
    g_string_truncate(f.seen, 0);
    read_once(&f);
    g_assert_cmpstr(f.seen->str, ==, "");
    tear_down(&f);
}

/* Many events, and then one that is lost with nothing behind it. */
static bool lose_the_last(FakeServer *fake, const QsClientFrame *frame, const QsPeer *peer)
{
    if (!is_read(frame)) {
        return false;
    }
    fake_answer(fake, frame, peer);
    for (int i = 0; i < 100; i++) {
        fake_set_line(fake, 3, i % 2 == 0);
        fake_push(fake, peer);
    }
    fake->levels[3] = 1;
    fake->sequence++;
    return true;
}

static void test_lost_tail(void)
{
    Fixture f;
    int n = 0;

    set_up(&f, lose_the_last);
    read_once(&f);
    g_string_truncate(f.seen, 0);
    while (n < 102) {
        int more = qosim_poll(f.s, SOON_MS);

        g_assert_cmpint(more, >, 0);
        n += more;
    }
    g_assert_cmpint(n, ==, 102);
    g_assert_true(g_str_has_suffix(f.seen->str, "line 0/3=0@0;lagged 1;line 0/3=1@0;"));
    g_assert_true(qosim_irq_level(f.s, 3));
    tear_down(&f);
}

static bool lag(FakeServer *fake, const QsClientFrame *frame, const QsPeer *peer)
{
    if (!is_read(frame) || fake->count++) {
        return false;
    }
    fake->levels[7] = 1;
    fake_add_event(fake, (QsEvent){ .kind = QS_EVENT_LAGGED, .lagged = { 1000 } });
    fake_answer(fake, frame, peer);
    return true;
}

static void test_lagged(void)
{
    Fixture f;

    set_up(&f, lag);
    read_once(&f);
    g_assert_cmpstr(f.seen->str, ==, "lagged 1000;line 0/7=1@0;");
    tear_down(&f);
}

static bool lag_then_refuse(FakeServer *fake, const QsClientFrame *frame, const QsPeer *peer)
{
    static const QsStatus busy = { QS_STATUS_GENERIC, "not now", "" };

    if (frame->operations[0].kind == QS_OP_INFO && fake->count++ == 1) {
        fake_reply(fake, frame, peer, &busy, NULL, 0);
        return true;
    }
    if (!is_read(frame) || fake->count++) {
        return false;
    }
    fake->levels[7] = 1;
    fake_add_event(fake, (QsEvent){ .kind = QS_EVENT_LAGGED, .lagged = { 1 } });
    fake_answer(fake, frame, peer);
    return true;
}

static void test_refresh_fails(void)
{
    Fixture f;

    set_up(&f, lag_then_refuse);
    read_once(&f);
    g_assert_cmpstr(f.seen->str, ==, "lagged 1;");
    g_assert_cmpstr(qosim_last_error(f.s), ==, "");
    read_once(&f); /* asks again */
    g_assert_cmpstr(f.seen->str, ==, "lagged 1;line 0/7=1@0;");
    tear_down(&f);
}

static void call_from_handler(void *opaque, const qosim_event *event)
{
    Fixture *f = opaque;
    uint64_t data;

    (void)event;
    g_assert_cmpint(qosim_read(f->s, FAKE_BASE, 4, &data, NULL), ==, QOSIM_ERR_INVALID_ARGUMENT);
    g_assert_cmpint(qosim_poll(f->s, 0), ==, QOSIM_ERR_INVALID_ARGUMENT);
    g_assert_nonnull(strstr(qosim_last_error(f->s), "handler"));
    qosim_close(f->s);
    g_string_append(f->seen, "called;");
}

static void test_call_in_handler(void)
{
    Fixture f;

    set_up(&f, toggle);
    qosim_set_event_handler(f.s, call_from_handler, &f);
    read_once(&f);
    g_assert_cmpstr(f.seen->str, ==, "called;");
    read_once(&f);
    tear_down(&f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/events/come-in-order-before-the-call-returns", test_order);
    g_test_add_func("/events/irq-levels-are-kept", test_irq_cache);
    g_test_add_func("/events/line-out-of-reason-costs-no-memory", test_far_line);
    g_test_add_func("/events/poll-takes-what-was-pushed", test_poll);
    g_test_add_func("/events/lost-frame-is-told-and-levels-asked-for", test_gap);
    g_test_add_func("/events/lost-tail-of-many-is-found", test_lost_tail);
    g_test_add_func("/events/lagging-is-told-and-levels-asked-for", test_lagged);
    g_test_add_func("/events/levels-are-asked-for-until-known", test_refresh_fails);
    g_test_add_func("/events/handler-cannot-call", test_call_in_handler);
    return g_test_run();
}
