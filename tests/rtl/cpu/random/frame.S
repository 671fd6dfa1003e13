/* SPDX-License-Identifier: MIT
 *
 * What random programmes run in: data and interrupts are set up, the programme is entered, its exceptions are hashed
 * and skipped, timer interrupts strike it all along and must leave no trace, and at its end everything it can have
 * changed is printed. */
#include "tests/rtl/cpu/programs/test.inc"
#include "tests/rtl/cpu/random/layout.h"

/* Cycles from one interrupt to the next: more than the handler takes on the slowest bus. */
#define PERIOD 2000

PROGRAM random
    li x31, DATA_BASE
    /* The data: a congruential row. */
    li t0, DATA_BASE + DATA_LOW
    li t1, DATA_BASE + DATA_HIGH
    li t2, 0x2545f491
    li t3, 1664525
    li t4, 1013904223
1:  sw t2, 0(t0)
    mul t2, t2, t3
    add t2, t2, t4
    addi t0, t0, 4
    bltu t0, t1, 1b
    sw x0, TRAP_HASH(x31)
    sw x0, EXCEPTIONS(x31)
    sw x0, INTERRUPTS(x31)
    la t0, frame_trap
    csrw mtvec, t0
    csrw mscratch, x0
    sw x0, SAVE_T2(x31)
    li t0, MIE_TIMER
    csrw mie, t0
    li t0, CLINT_MTIMECMP
    sw x0, 4(t0)
    sw x0, 0(t0)
    csrsi mstatus, MSTATUS_MIE
    li t0, BODY_BASE
    jr t0

    .balign 4
frame_trap:
    sw t0, SAVE_T0(x31)
    sw t1, SAVE_T1(x31)
    sw t2, SAVE_T2(x31)
    csrr t0, mcause
    bltz t0, interrupt
    /* hash = hash * 33 + each of cause, pc and value; the value of a misaligned jump is not QEMU's strength. */
    lw t1, TRAP_HASH(x31)
    slli t2, t1, 5
    add t1, t1, t2
    add t1, t1, t0
    beqz t0, 1f
    csrr t0, mtval
    li t2, BODY_END
    beq t0, t2, body_done
    slli t2, t1, 5
    add t1, t1, t2
    add t1, t1, t0
1:  csrr t0, mepc
    slli t2, t1, 5
    add t1, t1, t2
    add t1, t1, t0
    sw t1, TRAP_HASH(x31)
    addi t0, t0, 4
    csrw mepc, t0
    lw t0, EXCEPTIONS(x31)
    addi t0, t0, 1
    sw t0, EXCEPTIONS(x31)
    j frame_return

interrupt:
    li t0, CLINT_MTIMECMP
    li t1, -1
    sw t1, 4(t0)
    li t1, CLINT_MTIME
    lw t2, 0(t1)
    lw t1, 4(t1)
    addi t2, t2, PERIOD
    sw t2, 0(t0)
    sltiu t2, t2, PERIOD
    add t1, t1, t2
    sw t1, 4(t0)
    lw t0, INTERRUPTS(x31)
    addi t0, t0, 1
    sw t0, INTERRUPTS(x31)

frame_return:
    lw t0, SAVE_T0(x31)
    lw t1, SAVE_T1(x31)
    lw t2, SAVE_T2(x31)
    mret

.macro SHOW text
    STRING_TO a0, "\text"
    call print
    mv a0, s1
    call print_hex
    li a0, '\n'
    call print_char
.endm

body_done:
    csrw mie, x0
    lw t0, SAVE_T0(x31)
    lw t1, SAVE_T1(x31)
    lw t2, SAVE_T2(x31)
.irp n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
    sw x\n, SAVED_REGISTERS + 4 * \n(x31)
.endr
    la sp, stack_top
    mv s0, x31
.irp n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
    lw s1, SAVED_REGISTERS + 4 * \n(s0)
    SHOW "x\n "
.endr
    csrr s1, mscratch
    SHOW "mscratch "
    lw s1, EXCEPTIONS(s0)
    SHOW "exceptions "
    lw s1, TRAP_HASH(s0)
    SHOW "exceptions-hash "
    li t0, DATA_BASE + DATA_LOW
    li t1, DATA_BASE + DATA_HIGH
    li s1, 0
1:  slli t2, s1, 5
    add s1, s1, t2
    lw t2, 0(t0)
    add s1, s1, t2
    addi t0, t0, 4
    bltu t0, t1, 1b
    SHOW "data-hash "
    /* On the RTL, where time is cycles, a run without a few interrupts has not been what it is for. */
    li s2, FINISHER_PASS
    csrr t0, mimpid
    li t1, MIMPID_QOSIM
    bne t0, t1, 2f
    lw s1, INTERRUPTS(s0)
    sltiu t0, s1, 3
    beqz t0, 2f
    SHOW "too few interrupts: "
    li s2, (1 << 16) | FINISHER_FAIL
2:  li t0, FINISHER_BASE
    sw s2, 0(t0)
3:  j 3b
END
