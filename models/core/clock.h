/*
 * A machine's virtual clock: nanoseconds since the machine was made, moved by its owner and by nothing else.
 *
 * Teach by case: with timers at 10 and 20 and the clock at 0, virtual_clock_advance_to(25) calls the first one while
 * virtual_clock_now() says 10, the second one while it says 20, and returns with the clock at 25. A timer that is armed
 * at or before the present does not run until the clock is advanced, even by zero.
 */
#ifndef QOSIM_MODELS_CORE_CLOCK_H
#define QOSIM_MODELS_CORE_CLOCK_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct VirtualClock VirtualClock;
typedef struct VirtualTimer VirtualTimer;

/* Runs when its timer's deadline is reached; may arm and disarm any timer, and must not advance the clock. */
typedef void VirtualTimerCallback(void *opaque);

/* What virtual_clock_deadline() says when no timer is armed. */
#define VIRTUAL_CLOCK_NO_DEADLINE INT64_MAX

/* How many callbacks one advance may run before it gives up on timers that keep re-arming themselves. */
#define VIRTUAL_CLOCK_MAX_CALLBACKS 1000000u

/* Makes a clock that stands at 0. */
VirtualClock *virtual_clock_new(void);

/* Drops the owner's reference: timers that are still allocated keep the clock's memory until they are freed. */
void virtual_clock_free(VirtualClock *clock);

/* The present, in ns. */
int64_t virtual_clock_now(const VirtualClock *clock);

/* When the next timer is due, in ns (in the past for an overdue one), or VIRTUAL_CLOCK_NO_DEADLINE. */
int64_t virtual_clock_deadline(const VirtualClock *clock);

/*
 * Moves the clock to @ns and runs, in order of deadline and then of arming, each timer that is due by then, with the
 * clock standing at its deadline. Fails, with the clock where it had come to, when @ns lies in the past, when a timer's
 * callback asks for it, or when timers still are due after VIRTUAL_CLOCK_MAX_CALLBACKS callbacks.
 */
bool virtual_clock_advance_to(VirtualClock *clock, int64_t ns, GError **error);

/* Makes a disarmed timer on @clock; @callback gets @opaque. Free with virtual_timer_free(). */
VirtualTimer *virtual_timer_new(VirtualClock *clock, VirtualTimerCallback *callback, void *opaque);

/* Disarms and frees @timer; NULL is ignored. Allowed inside its own callback. */
void virtual_timer_free(VirtualTimer *timer);

/* Arms @timer for @ns, in place of an earlier deadline if it had one. */
void virtual_timer_mod(VirtualTimer *timer, int64_t ns);

/* Disarms @timer. */
void virtual_timer_del(VirtualTimer *timer);

/* Whether @timer is armed. */
bool virtual_timer_pending(const VirtualTimer *timer);

/* The deadline of an armed timer; VIRTUAL_CLOCK_NO_DEADLINE when it is disarmed. */
int64_t virtual_timer_deadline(const VirtualTimer *timer);

#endif
