/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM irq_vectored
/* mtvec in mode 1: interrupts enter at base + 4 * code, exceptions at the base. Each entry leaves its number in s7. */
    csrw mie, x0
    csrci mstatus, MSTATUS_MIE
    csrr s8, mtvec
    li s2, CLINT_MSIP
    li s3, CLINT_MTIMECMP
    la a3, vectors + 1
    csrw mtvec, a3
    csrr a5, mtvec
    CHECK_ADDRESS "irq-vectored/mode-reads-back", a5, vectors + 1
    li s7, 0
    TRAP_ARM
1:  ecall
    CHECK "irq-vectored/exception-goes-to-the-base", s7, 100
    CHECK_TRAP "irq-vectored/exception", CAUSE_ECALL_M, 1b
    li s7, 0
    TRAP_ARM
1:  .word 0
    CHECK "irq-vectored/exception-2-goes-to-the-base", s7, 100
    li a3, 1
    sw a3, 0(s2)
    li s7, 0
    TRAP_ARM
    csrsi mie, MIE_SOFTWARE
    csrsi mstatus, MSTATUS_MIE
1:  nop
    csrci mstatus, MSTATUS_MIE
    sw x0, 0(s2)
    CHECK "irq-vectored/software-goes-to-3", s7, 103
    CHECK_TRAP "irq-vectored/software", IRQ_FLAG | IRQ_SOFTWARE, 1b
    sw x0, 4(s3)
    sw x0, 0(s3)
    li s7, 0
    TRAP_ARM
    li a3, MIE_TIMER
    csrw mie, a3
    csrsi mstatus, MSTATUS_MIE
1:  nop
    csrci mstatus, MSTATUS_MIE
    li a3, -1
    sw a3, 4(s3)
    CHECK "irq-vectored/timer-goes-to-7", s7, 107
    CHECK_TRAP "irq-vectored/timer", IRQ_FLAG | IRQ_TIMER, 1b
    ENABLE_UART_SOURCE
    li a3, UART_BASE
    li a4, UART_IER_THRI
    sb a4, UART_IER(a3)
    sb x0, UART_IER(a3)
    li s7, 0
    TRAP_ARM
    li a3, MIE_EXTERNAL
    csrw mie, a3
    csrsi mstatus, MSTATUS_MIE
1:  nop
    csrci mstatus, MSTATUS_MIE
    li a3, PLIC_CLAIM
    lw a4, 0(a3)
    sw a4, 0(a3)
    CHECK "irq-vectored/external-goes-to-11", s7, 111
    CHECK_TRAP "irq-vectored/external", IRQ_FLAG | IRQ_EXTERNAL, 1b
/* The same interrupt in direct mode goes to the base. */
    la a3, vectors
    csrw mtvec, a3
    li a3, 1
    sw a3, 0(s2)
    li s7, 0
    TRAP_ARM
    csrw mie, x0
    csrsi mie, MIE_SOFTWARE
    csrsi mstatus, MSTATUS_MIE
    nop
    csrci mstatus, MSTATUS_MIE
    sw x0, 0(s2)
    CHECK "irq-vectored/direct-mode-goes-to-the-base", s7, 100
    csrw mie, x0
    csrw mtvec, s8
    j 9f
/* Not aligned to more than a word: an entry's address is a sum, not an or. */
    .balign 64
    nop
    nop
    nop
vectors:
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
    j vector_\n
    .endr
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
vector_\n:
    li s7, 100 + \n
    j trap_entry
    .endr
9:
END
