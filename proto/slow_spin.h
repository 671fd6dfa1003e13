/*
 * Spinning on a socket: each look is a system call, and a waiting thread's way out of its sleep still costs more than ten of them.
 *
 * Who spins on a processor that others want as well has it taken away for milliseconds when his share is used up, and who
 * sleeps gets it the moment he wakes up. So where the kernel has taken it away, the next waits are slept through, the more
 * of them the sooner it happens again.
 */
#ifndef QOSIM_PROTO_SLOW_SPIN_H
#define QOSIM_PROTO_SLOW_SPIN_H

#include <sys/resource.h>

#include "proto/spin.h"

/* Spells between two looks at what the kernel did; so many such stretches without a push, and all is forgotten. */
#define SLOW_SPIN_STRETCH 64u
#define SLOW_SPIN_CALM 16u
#define SLOW_SPIN_MAX_SHIFT 4u

typedef struct SlowSpin {
    Spin spin;
    unsigned spells; /* in this stretch */
    long switches;   /* away from this thread that it did not ask for, when the stretch began */
    unsigned pushes; /* stretches with more of them */
    unsigned calm;   /* stretches since */
} SlowSpin;

static inline long slow_spin_switches(void)
{
    struct rusage usage;

    return getrusage(RUSAGE_THREAD, &usage) == 0 ? usage.ru_nivcsw : 0;
}

static inline bool slow_spin_pays(SlowSpin *slow)
{
    if (!spin_pays(&slow->spin)) {
        slow->spells = 0;
        return false;
    }
    if (slow->spells++ == 0) {
        slow->switches = slow_spin_switches();
    }
    return true;
}

/* One turn of a spell; false when it is over. */
static inline bool slow_spin_turn(const SlowSpin *slow, SpinSpell *spell)
{
    return spin_goes_on(&slow->spin, spell);
}

static inline void slow_spin_end_stretch(SlowSpin *slow)
{
    unsigned shift = slow->pushes < SLOW_SPIN_MAX_SHIFT ? slow->pushes : SLOW_SPIN_MAX_SHIFT;

    slow->spells = 0;
    if (slow_spin_switches() != slow->switches) {
        slow->pushes++;
        slow->calm = 0;
        slow->spin.skip = SLOW_SPIN_STRETCH << shift;
    } else if (++slow->calm == SLOW_SPIN_CALM) {
        slow->pushes = 0;
    }
}

static inline void slow_spin_ends(SlowSpin *slow, bool in_vain)
{
    spin_ends(&slow->spin, in_vain);
    if (slow->spells >= SLOW_SPIN_STRETCH) {
        slow_spin_end_stretch(slow);
    }
}

#endif
