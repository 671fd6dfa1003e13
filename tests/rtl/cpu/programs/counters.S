/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM counters
/* QEMU's counters follow the host's clock, so only what holds for any counter is printed; the exact counts are asked
 * of the RTL alone. */
    csrr a3, mcycle
    csrr a4, mcycle
    sltu a5, a3, a4
    CHECK_RTL "counters/mcycle-goes-forward", a5, 1
/* Each instruction counts one, whatever it takes; the reading one is not yet counted. */
    csrr a3, minstret
    csrr a4, minstret
    sub a5, a4, a3
    CHECK_RTL "counters/minstret-of-one", a5, 1
    csrr a3, minstret
    nop
    lw a5, 0(sp)
    sw a5, 0(sp)
    div a5, a3, a3
    mul a5, a3, a3
    beq x0, x0, 1f
1:  jal x0, 1f
1:  fence
    csrr a4, minstret
    sub a5, a4, a3
    CHECK_RTL "counters/minstret-of-nine", a5, 9
/* An instruction that traps does not retire: the handler's do, and they are as many for the first as for the second. */
    TRAP_ARM
    csrr a3, minstret
    nop
    csrr a4, minstret
    sub s1, a4, a3
    csrr a3, minstret
    ecall
    csrr a4, minstret
    sub a4, a4, a3
    csrr a3, minstret
    ecall
    csrr a2, minstret
    sub a2, a2, a3
    sub a5, a4, a2
    CHECK_RTL "counters/a-trap-costs-the-handler-only", a5, 0
/* What is written is what the next instruction reads. */
    li a3, 1000
    csrw minstret, a3
    csrr a5, minstret
    CHECK_RTL "counters/minstret-written", a5, 1000
    li a3, 1000
    csrw mcycle, a3
    csrr a5, mcycle
    addi a5, a5, -1000
    sltiu a5, a5, 500
    CHECK_RTL "counters/mcycle-written", a5, 1
/* Carry into the upper half. */
    csrw minstreth, x0
    li a3, -1
    csrw minstret, a3
    nop
    csrr a5, minstreth
    CHECK_RTL "counters/minstret-carries", a5, 1
    csrw mcycleh, x0
    li a3, -1
    csrw mcycle, a3
    nop
    nop
    csrr a5, mcycleh
    CHECK_RTL "counters/mcycle-carries", a5, 1
/* The read-only shadows. */
    csrr a3, minstret
    csrr a4, instret
    sub a5, a4, a3
    CHECK_RTL "counters/instret-is-minstret", a5, 1
    csrr a3, mcycle
    csrr a4, cycle
    sub a5, a4, a3
    sltiu a5, a5, 500
    CHECK_RTL "counters/cycle-is-mcycle", a5, 1
/* Held still. */
    csrwi mcountinhibit, 5
    csrr a5, mcountinhibit
    CHECK "counters/mcountinhibit-reads-back", a5, 5
    csrr a3, mcycle
    nop
    csrr a4, mcycle
    sub a5, a4, a3
    CHECK_RTL "counters/mcycle-held", a5, 0
    csrr a3, minstret
    nop
    csrr a4, minstret
    sub a5, a4, a3
    CHECK_RTL "counters/minstret-held", a5, 0
/* Written while they stand still, they stay as written. */
    li a3, 0x1234
    csrw mcycleh, a3
    csrr a5, mcycleh
    CHECK "counters/mcycleh-written", a5, 0x1234
    csrw minstreth, a3
    csrr a5, minstreth
    CHECK "counters/minstreth-written", a5, 0x1234
/* So do their read-only shadows. */
    csrr a5, cycleh
    CHECK "counters/cycleh-is-mcycleh", a5, 0x1234
    csrr a5, instreth
    CHECK "counters/instreth-is-minstreth", a5, 0x1234
    csrwi mcountinhibit, 1
    csrr a3, minstret
    nop
    csrr a4, minstret
    sub a5, a4, a3
    CHECK_RTL "counters/minstret-counts-while-mcycle-is-held", a5, 2
    csrwi mcountinhibit, 0
    csrr a5, mcountinhibit
    CHECK "counters/mcountinhibit-cleared", a5, 0
/* Counters that count nothing are there and zero. */
    TRAP_ARM
    csrr a5, mhpmcounter3
    csrr a4, mhpmcounter31
    or a5, a5, a4
    csrr a4, mhpmcounter31h
    or a5, a5, a4
    csrr a4, mhpmevent3
    or a5, a5, a4
    csrr a4, mhpmevent31
    or s1, a5, a4
    CHECK_RTL "counters/mhpmcounters-are-zero", s1, 0
    csrw mhpmcounter3, x0
    TRAP_GET t1, TRAP_COUNT
    CHECK_RTL "counters/mhpmcounters-do-not-trap", t1, 0
END
