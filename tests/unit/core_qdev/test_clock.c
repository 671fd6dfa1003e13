/* Virtual clock and its timers. */
#include "models/core/clock.h"

#include "qom/error.h"

typedef struct Fixture {
    VirtualClock *clock;
    GString *log;
} Fixture;

typedef struct Tick {
    Fixture *fixture;
    VirtualTimer *timer;
    char name;
    int64_t period; /* > 0: re-arms itself */
} Tick;

static void setup(Fixture *f, const void *unused)
{
    (void)unused;
    f->clock = virtual_clock_new();
    f->log = g_string_new(NULL);
}

static void teardown(Fixture *f, const void *unused)
{
    (void)unused;
    virtual_clock_free(f->clock);
    g_string_free(f->log, TRUE);
}

static void tick(void *opaque)
{
    Tick *t = opaque;

    g_string_append_printf(t->fixture->log, "%c%d ", t->name,
                           (int)virtual_clock_now(t->fixture->clock));
    if (t->period > 0) {
        virtual_timer_mod(t->timer, virtual_clock_now(t->fixture->clock) + t->period);
    }
}

static void arm(Fixture *f, Tick *t, char name, int64_t ns)
{
    *t = (Tick){ .fixture = f, .name = name };
    t->timer = virtual_timer_new(f->clock, tick, t);
    virtual_timer_mod(t->timer, ns);
}

static void advance(Fixture *f, int64_t ns)
{
    GError *error = NULL;

    g_assert_true(virtual_clock_advance_to(f->clock, ns, &error));
    g_assert_no_error(error);
    g_assert_cmpint(virtual_clock_now(f->clock), ==, ns);
}

static void test_starts_at_zero(Fixture *f, const void *unused)
{
    (void)unused;
    g_assert_cmpint(virtual_clock_now(f->clock), ==, 0);
    g_assert_cmpint(virtual_clock_deadline(f->clock), ==, VIRTUAL_CLOCK_NO_DEADLINE);
    advance(f, 0);
    advance(f, 7);
}

static void test_order(Fixture *f, const void *unused)
{
    Tick a, b, c, d;

    (void)unused;
    arm(f, &a, 'a', 20);
    arm(f, &b, 'b', 10);
    arm(f, &c, 'c', 20);
    arm(f, &d, 'd', 31);
    g_assert_cmpint(virtual_clock_deadline(f->clock), ==, 10);
    advance(f, 30);
    g_assert_cmpstr(f->log->str, ==, "b10 a20 c20 ");
    g_assert_cmpint(virtual_clock_deadline(f->clock), ==, 31);
    g_assert_false(virtual_timer_pending(a.timer));
    g_assert_cmpint(virtual_timer_deadline(a.timer), ==, VIRTUAL_CLOCK_NO_DEADLINE);
    g_assert_cmpint(virtual_timer_deadline(d.timer), ==, 31);
    virtual_timer_free(a.timer);
    virtual_timer_free(b.timer);
    virtual_timer_free(c.timer);
    virtual_timer_free(d.timer);
    g_assert_cmpint(virtual_clock_deadline(f->clock), ==, VIRTUAL_CLOCK_NO_DEADLINE);
}

static void test_rearm(Fixture *f, const void *unused)
{
    Tick a;

    (void)unused;
    arm(f, &a, 'a', 10);
    a.period = 10;
    advance(f, 35);
    g_assert_cmpstr(f->log->str, ==, "a10 a20 a30 ");
    virtual_timer_mod(a.timer, 36);
    virtual_timer_mod(a.timer, 50);
    advance(f, 40);
    virtual_timer_del(a.timer);
    advance(f, 60);
    g_assert_cmpstr(f->log->str, ==, "a10 a20 a30 ");
    virtual_timer_free(a.timer);
}

static void test_overdue(Fixture *f, const void *unused)
{
    Tick a;

    (void)unused;
    advance(f, 100);
    arm(f, &a, 'a', 40);
    g_assert_cmpint(virtual_clock_deadline(f->clock), ==, 40);
    g_assert_cmpstr(f->log->str, ==, "");
    advance(f, 100);
    g_assert_cmpstr(f->log->str, ==, "a100 ");
    virtual_timer_free(a.timer);
}

static void test_backwards(Fixture *f, const void *unused)
{
    GError *error = NULL;

    (void)unused;
    advance(f, 100);
    g_assert_false(virtual_clock_advance_to(f->clock, 99, &error));
    g_assert_cmpstr(error->message, ==, "The clock can't go back from 100 ns to 99 ns");
    g_error_free(error);
    g_assert_cmpint(virtual_clock_now(f->clock), ==, 100);
}

static void count(void *opaque)
{
    Tick *t = opaque;

    t->period++;
    virtual_timer_mod(t->timer, virtual_clock_now(t->fixture->clock));
}

static void test_bounded(Fixture *f, const void *unused)
{
    Tick t = { .fixture = f };
    GError *error = NULL;

    (void)unused;
    t.timer = virtual_timer_new(f->clock, count, &t);
    virtual_timer_mod(t.timer, 5);
    g_assert_false(virtual_clock_advance_to(f->clock, 10, &error));
    g_assert_cmpstr(error->message, ==, "Timers still are due at 5 ns after 1000000 callbacks");
    g_error_free(error);
    g_assert_cmpint(t.period, ==, VIRTUAL_CLOCK_MAX_CALLBACKS);
    g_assert_cmpint(virtual_clock_now(f->clock), ==, 5);
    virtual_timer_free(t.timer);
    advance(f, 10);
}

static void advance_inside(void *opaque)
{
    Tick *t = opaque;
    g_autoptr(GError) error = NULL;

    g_assert_false(virtual_clock_advance_to(t->fixture->clock, 1000, &error));
    g_assert_cmpstr(error->message, ==, "The clock is being advanced already");
    g_clear_pointer(&t->timer, virtual_timer_free);
    t->period = 1;
}

static void test_reentry(Fixture *f, const void *unused)
{
    Tick t = { .fixture = f };

    (void)unused;
    t.timer = virtual_timer_new(f->clock, advance_inside, &t);
    virtual_timer_mod(t.timer, 5);
    advance(f, 10);
    g_assert_cmpint(t.period, ==, 1);
    g_assert_null(t.timer);
}

static void test_timer_outlives_clock(void)
{
    VirtualClock *clock = virtual_clock_new();
    VirtualTimer *timer = virtual_timer_new(clock, tick, NULL);

    virtual_timer_mod(timer, 10);
    virtual_clock_free(clock);
    virtual_timer_mod(timer, 20);
    virtual_timer_free(timer);
    virtual_timer_free(NULL);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, func) g_test_add("/core/clock/" name, Fixture, NULL, setup, func, teardown)
    ADD("starts-at-zero-without-a-deadline", test_starts_at_zero);
    ADD("timers-run-by-deadline-then-by-arming-with-the-clock-at-it", test_order);
    ADD("timer-that-re-arms-itself-runs-again-in-the-same-advance", test_rearm);
    ADD("overdue-timer-waits-for-the-next-advance", test_overdue);
    ADD("never-goes-back", test_backwards);
    ADD("timer-that-never-ends-fails-the-advance", test_bounded);
    ADD("callback-may-free-its-timer-and-not-advance", test_reentry);
    g_test_add_func("/core/clock/timer-may-outlive-its-clock", test_timer_outlives_clock);
    return g_test_run();
}
