/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM irq_timer
    csrw mie, x0
    csrci mstatus, MSTATUS_MIE
    li s2, CLINT_MTIMECMP
    li s3, CLINT_MTIME
    li s4, MIE_TIMER
/* Time passes. */
    lw a3, 0(s3)
1:  lw a4, 0(s3)
    beq a3, a4, 1b
    sltu a5, a3, a4
    CHECK "irq-timer/time-goes-forward", a5, 1
/* Comparison with the past: pending; with the far future: not. */
    sw x0, 4(s2)
    sw x0, 0(s2)
    csrr a5, mip
    and a5, a5, s4
    CHECK "irq-timer/past-is-pending", a5, MIE_TIMER
    TRAP_ARM
    csrsi mstatus, MSTATUS_MIE
    nop
    csrci mstatus, MSTATUS_MIE
    CHECK_NO_TRAP "irq-timer/masked-in-mie"
    TRAP_ARM
    csrs mie, s4
    csrsi mstatus, MSTATUS_MIE
1:  nop
    csrci mstatus, MSTATUS_MIE
    CHECK_TRAP "irq-timer/past", IRQ_FLAG | IRQ_TIMER, 1b
    CHECK_TVAL "irq-timer/past", 0
    li a3, -1
    sw a3, 4(s2)
    csrr a5, mip
    and a5, a5, s4
    CHECK "irq-timer/far-future-is-not-pending", a5, 0
/* In the middle of a loop that waits for it: the loop goes on unharmed. */
    TRAP_ARM
    SET_TIMER 300
    la t6, trap_log
    csrs mie, s4
    csrsi mstatus, MSTATUS_MIE
loop_start:
    lw a5, TRAP_COUNT(t6)
    beqz a5, loop_start
loop_end:
    csrci mstatus, MSTATUS_MIE
    mv s1, a5
    TRAP_GET t1, TRAP_CAUSE
    CHECK "irq-timer/strikes-a-loop mcause", t1, IRQ_FLAG | IRQ_TIMER
    CHECK "irq-timer/strikes-a-loop count", s1, 1
    TRAP_GET t1, TRAP_EPC
    la a3, loop_start
    la a4, loop_end
    sltu a3, t1, a3
    sltu a4, t1, a4
    xori a3, a3, 1
    and a5, a3, a4
    CHECK "irq-timer/strikes-inside-the-loop", a5, 1
/* Twenty times in a row, in the middle of divisions, loads and stores; their sum is right. */
    li s5, 20
    li s6, 0
1:  TRAP_ARM
    SET_TIMER 300
    la t6, trap_log
    csrs mie, s4
    csrsi mstatus, MSTATUS_MIE
    li a3, 1000
2:  div a4, a3, a3
    sw a4, TRAP_LOG_SIZE + 16(t6)
    lw a4, TRAP_LOG_SIZE + 16(t6)
    mul a4, a4, a4
    lw a5, TRAP_COUNT(t6)
    beqz a5, 2b
    csrci mstatus, MSTATUS_MIE
    add s6, s6, a4
    addi s5, s5, -1
    bnez s5, 1b
    CHECK "irq-timer/twenty-in-the-middle-of-work", s6, 20
    csrw mie, x0
    li a3, -1
    sw a3, 4(s2)
END
