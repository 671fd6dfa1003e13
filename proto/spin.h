/*
 * Whether it pays to spin for something that another processor is to write, and how long: no longer than a limit, and after
 * spells in vain less and less often, so that with more threads than processors nobody burns time that the other side needs.
 */
#ifndef QOSIM_PROTO_SPIN_H
#define QOSIM_PROTO_SPIN_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define SPIN_DEFAULT_US 50u
#define SPIN_MAX_US 10000u

/* After so many spells in vain one after the other, waits are slept through: 2, 4, 8 … before the next try. */
#define SPIN_PATIENCE 2u
#define SPIN_MAX_SHIFT 8u

typedef struct Spin {
    unsigned limit_us; /* 0: never */
    unsigned in_vain;  /* spells, one after the other */
    unsigned skip;     /* waits to be slept through */
} Spin;

static inline void spin_pause(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("isb" ::: "memory");
#endif
}

static inline bool spin_pays(Spin *spin)
{
    if (spin->skip > 0) {
        spin->skip--;
        return false;
    }
    return spin->limit_us > 0;
}

static inline void spin_ends(Spin *spin, bool in_vain)
{
    if (!in_vain) {
        spin->in_vain = 0;
        return;
    }
    spin->in_vain++;
    if (spin->in_vain >= SPIN_PATIENCE) {
        unsigned shift = spin->in_vain - SPIN_PATIENCE + 1;

        spin->skip = 1u << (shift < SPIN_MAX_SHIFT ? shift : SPIN_MAX_SHIFT);
    }
}

/* A spell: looks at the clock only now and then, and not before it has waited for longer than a quick answer takes. */
typedef struct SpinSpell {
    unsigned turns;
    int64_t end_ns;
} SpinSpell;

#define SPIN_TURNS_PER_LOOK 64u

static inline int64_t spin_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Whether the spell goes on, by the clock. */
static inline bool spin_goes_on(const Spin *spin, SpinSpell *spell)
{
    if (spell->end_ns == 0) {
        spell->end_ns = spin_now() + (int64_t)spin->limit_us * 1000;
        return true;
    }
    return spin_now() < spell->end_ns;
}

/* One turn of a spell; false when it is over. */
static inline bool spin_turn(const Spin *spin, SpinSpell *spell)
{
    spin_pause();
    return ++spell->turns % SPIN_TURNS_PER_LOOK != 0 || spin_goes_on(spin, spell);
}

#endif
