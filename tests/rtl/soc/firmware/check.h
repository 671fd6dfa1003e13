/* What the directed firmwares are written with: a check that ends the simulation, with the line as its exit code. */
#ifndef TESTS_RTL_SOC_CHECK_H
#define TESTS_RTL_SOC_CHECK_H

#include "soc.h"

#define CHECK_EQUAL(got, want)                                                                     \
    do {                                                                                           \
        const uint32_t got_ = (got), want_ = (want);                                               \
        if (got_ != want_) {                                                                       \
            print("line %u: %s is 0x%x, want 0x%x\n", __LINE__, #got, (unsigned)got_,              \
                  (unsigned)want_);                                                                \
            fail(1, "a check failed");                                                             \
        }                                                                                          \
    } while (0)

/* The last trap and how many there were. An exception skips its instruction; all instructions are 4 bytes long. */
static volatile uint32_t trap_cause, trap_tval, traps;

static inline void forget_traps(void)
{
    traps = 0;
    trap_cause = 0;
    trap_tval = 0;
}

#define CHECK_TRAP(cause, tval)                                                                    \
    do {                                                                                           \
        CHECK_EQUAL(traps, 1);                                                                     \
        CHECK_EQUAL(trap_cause, cause);                                                            \
        CHECK_EQUAL(trap_tval, tval);                                                              \
        forget_traps();                                                                            \
    } while (0)

#endif
