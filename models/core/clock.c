/* Virtual clock: a sorted sequence of armed timers, and a loop that takes them off its head. */
#include "models/core/clock.h"

#include <inttypes.h>

#include "qom/error.h"

struct VirtualClock {
    grefcount refs; /* the owner's and one for each timer */
    int64_t now;
    GSequence *armed; /* of VirtualTimer, by deadline and then by arming; borrowed */
    int64_t next;     /* deadline of the first one; VIRTUAL_CLOCK_NO_DEADLINE */
    uint64_t armings;
    bool advancing;
};

struct VirtualTimer {
    VirtualClock *clock;
    VirtualTimerCallback *callback;
    void *opaque;
    GSequenceIter *place; /* NULL: disarmed */
    int64_t deadline;
    uint64_t arming;
};

VirtualClock *virtual_clock_new(void)
{
    VirtualClock *clock = g_new0(VirtualClock, 1);

    g_ref_count_init(&clock->refs);
    clock->armed = g_sequence_new(NULL);
    clock->next = VIRTUAL_CLOCK_NO_DEADLINE;
    return clock;
}

static void clock_unref(VirtualClock *clock)
{
    if (g_ref_count_dec(&clock->refs)) {
        g_sequence_free(clock->armed);
        g_free(clock);
    }
}

void virtual_clock_free(VirtualClock *clock)
{
    if (clock) {
        clock_unref(clock);
    }
}

int64_t virtual_clock_now(const VirtualClock *clock)
{
    return clock->now;
}

static VirtualTimer *first_timer(const VirtualClock *clock)
{
    GSequenceIter *first = g_sequence_get_begin_iter(clock->armed);

    return g_sequence_iter_is_end(first) ? NULL : g_sequence_get(first);
}

int64_t virtual_clock_deadline(const VirtualClock *clock)
{
    return clock->next;
}

/* Runs what is due by @ns; false when there still was something due after the limit. */
static bool run_due_timers(VirtualClock *clock, int64_t ns)
{
    for (unsigned i = 0; i < VIRTUAL_CLOCK_MAX_CALLBACKS; i++) {
        VirtualTimer *timer = first_timer(clock);

        if (!timer || timer->deadline > ns) {
            return true;
        }
        clock->now = MAX(clock->now, timer->deadline);
        virtual_timer_del(timer);
        timer->callback(timer->opaque);
    }
    return virtual_clock_deadline(clock) > ns || !first_timer(clock);
}

bool virtual_clock_advance_to(VirtualClock *clock, int64_t ns, GError **error)
{
    bool in_time;

    if (clock->advancing) {
        return qom_error_set(error, "The clock is being advanced already");
    }
    if (ns < clock->now) {
        return qom_error_set(error, "The clock can't go back from %" PRId64 " ns to %" PRId64 " ns",
                             clock->now, ns);
    }
    clock->advancing = true;
    in_time = run_due_timers(clock, ns);
    clock->advancing = false;
    if (!in_time) {
        return qom_error_set(error, "Timers still are due at %" PRId64 " ns after %u callbacks",
                             clock->now, VIRTUAL_CLOCK_MAX_CALLBACKS);
    }
    clock->now = ns;
    return true;
}

VirtualTimer *virtual_timer_new(VirtualClock *clock, VirtualTimerCallback *callback, void *opaque)
{
    VirtualTimer *timer = g_new0(VirtualTimer, 1);

    g_ref_count_inc(&clock->refs);
    timer->clock = clock;
    timer->callback = callback;
    timer->opaque = opaque;
    return timer;
}

void virtual_timer_free(VirtualTimer *timer)
{
    if (timer) {
        virtual_timer_del(timer);
        clock_unref(timer->clock);
        g_free(timer);
    }
}

static void note_next(VirtualClock *clock)
{
    const VirtualTimer *first = first_timer(clock);

    clock->next = first ? first->deadline : VIRTUAL_CLOCK_NO_DEADLINE;
}

static int compare_timers(const void *a, const void *b, void *unused)
{
    const VirtualTimer *x = a;
    const VirtualTimer *y = b;

    (void)unused;
    if (x->deadline != y->deadline) {
        return x->deadline < y->deadline ? -1 : 1;
    }
    return (x->arming > y->arming) - (x->arming < y->arming);
}

void virtual_timer_mod(VirtualTimer *timer, int64_t ns)
{
    VirtualClock *clock = timer->clock;

    virtual_timer_del(timer);
    timer->deadline = ns;
    timer->arming = clock->armings++;
    timer->place = g_sequence_insert_sorted(clock->armed, timer, compare_timers, NULL);
    note_next(clock);
}

void virtual_timer_del(VirtualTimer *timer)
{
    if (timer->place) {
        g_sequence_remove(timer->place);
        timer->place = NULL;
        note_next(timer->clock);
    }
}

bool virtual_timer_pending(const VirtualTimer *timer)
{
    return timer->place;
}

int64_t virtual_timer_deadline(const VirtualTimer *timer)
{
    return timer->place ? timer->deadline : VIRTUAL_CLOCK_NO_DEADLINE;
}
