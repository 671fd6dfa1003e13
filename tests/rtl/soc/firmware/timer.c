/* mtime, mtimecmp and msip. */
#include "check.h"

void handle_trap(uint32_t mcause, uint32_t *mepc, uint32_t mtval)
{
    (void)mepc;
    traps++;
    trap_cause = mcause;
    trap_tval = mtval;
    if (mcause == CAUSE_TIMER) {
        set_mtimecmp(UINT64_MAX);
    } else {
        write32(CLINT_MSIP, 0);
    }
}

static uint32_t cycles(void)
{
    uint32_t value;

    __asm__ volatile("csrr %0, mcycle" : "=r"(value));
    return value;
}

int main(void)
{
    const uint64_t start = mtime();
    const uint32_t start_cycle = cycles();

    while (mtime() < start + 20) {
    }
    const uint32_t took = cycles() - start_cycle;
    CHECK_EQUAL(took > 180 && took < 600, 1);
    print("mtime counts every ten cycles\n");

    set_mie(MIE_TIMER | MIE_SOFTWARE);
    interrupts_on();
    const uint64_t when = mtime() + 50;
    set_mtimecmp(when);
    wait_for_interrupt();
    CHECK_EQUAL(traps, 1);
    CHECK_EQUAL(trap_cause, CAUSE_TIMER);
    CHECK_EQUAL(mtime() >= when && mtime() < when + 50, 1);
    forget_traps();
    print("the timer interrupts at its time and wakes the core\n");

    write32(CLINT_MTIME + 4, 0);
    write32(CLINT_MTIME, 0xfffffff0);
    set_mtimecmp(0x100000004ull);
    wait_for_interrupt();
    CHECK_EQUAL(traps, 1);
    CHECK_EQUAL((uint32_t)(mtime() >> 32), 1);
    forget_traps();
    print("mtime carries into its upper half\n");

    write32(CLINT_MSIP, 0xffffffff);
    read32(CLINT_MSIP);
    CHECK_EQUAL(traps, 1);
    CHECK_EQUAL(trap_cause, CAUSE_SOFTWARE);
    CHECK_EQUAL(read32(CLINT_MSIP), 0);
    print("msip interrupts\n");
    return 0;
}
