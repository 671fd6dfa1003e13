/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM wfi
/* A software interrupt is pending and enabled, but not let in: WFI falls through and nothing traps. */
    csrw mie, x0
    csrci mstatus, MSTATUS_MIE
    li s2, CLINT_MSIP
    li a3, 1
    sw a3, 0(s2)
    csrsi mie, MIE_SOFTWARE
    TRAP_ARM
    li a5, 1
    wfi
    addi a5, a5, 1
    CHECK_NO_TRAP "wfi/pending-but-masked-in-mstatus"
    CHECK "wfi/falls-through", a5, 2
    sw x0, 0(s2)
    csrw mie, x0
/* The timer wakes it up with MIE clear: no trap, time has come. */
    SET_TIMER 2000
    TRAP_ARM
    li a3, MIE_TIMER
    csrs mie, a3
    wfi
    csrr a4, mip
    andi s1, a4, MIE_TIMER
    call timer_is_due
    CHECK_NO_TRAP "wfi/woken-with-mie-clear"
    CHECK "wfi/timer-is-pending", s1, MIE_TIMER
    CHECK "wfi/woke-not-before-the-time", a5, 1
    csrw mie, x0
/* With MIE set the interrupt is taken, and mepc is behind the WFI. */
    SET_TIMER 2000
    TRAP_ARM
    li a3, MIE_TIMER
    csrs mie, a3
    csrsi mstatus, MSTATUS_MIE
    wfi
1:  csrci mstatus, MSTATUS_MIE
    call timer_is_due
    mv s1, a5
    CHECK_TRAP "wfi/interrupt-taken", IRQ_FLAG | IRQ_TIMER, 1b
    CHECK "wfi/interrupt-not-before-the-time", s1, 1
/* Pending but not enabled in mie does not wake it: it sleeps on until the timer comes. */
    li a3, 1
    sw a3, 0(s2)
    SET_TIMER 2000
    li a3, MIE_TIMER
    csrw mie, a3
    wfi
    call timer_is_due
    CHECK "wfi/what-mie-masks-does-not-wake", a5, 1
    sw x0, 0(s2)
    csrw mie, x0
    li a3, CLINT_MTIMECMP
    li a4, -1
    sw a4, 4(a3)
    j 9f

/* a5 = 1 if mtime has reached mtimecmp. */
timer_is_due:
    li t0, CLINT_MTIMECMP
    lw t1, 0(t0)
    lw t2, 4(t0)
    li t0, CLINT_MTIME
    lw t3, 0(t0)
    lw t4, 4(t0)
    sltu a5, t3, t1
    sub t4, t4, t2
    sub t4, t4, a5
    slti a5, t4, 0
    xori a5, a5, 1
    ret
9:
END
