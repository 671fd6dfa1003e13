/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM irq_priority
/* All three pending at once. The handler masks each as it comes, so their order is the order of priority. */
    csrw mie, x0
    csrci mstatus, MSTATUS_MIE
    li s2, CLINT_MSIP
    li s3, CLINT_MTIMECMP
    li s4, MIE_MASK
    li s5, UART_BASE
    li s6, PLIC_CLAIM
    ENABLE_UART_SOURCE
/* External pending in the controller. */
    li a3, UART_IER_THRI
    sb a3, UART_IER(s5)
    sb x0, UART_IER(s5)
/* Software and timer. */
    li a3, 1
    sw a3, 0(s2)
    sw x0, 4(s3)
    sw x0, 0(s3)
    csrr a5, mip
    and a5, a5, s4
    CHECK "irq-priority/all-pending", a5, MIE_MASK
    TRAP_ARM
    csrw mie, s4
    csrsi mstatus, MSTATUS_MIE
1:  nop
    csrci mstatus, MSTATUS_MIE
    TRAP_GET t1, TRAP_COUNT
    CHECK "irq-priority/all-three count", t1, 3
    TRAP_GET t1, TRAP_ORDER
    CHECK "irq-priority/external-software-timer", t1, (IRQ_EXTERNAL << 16) | (IRQ_SOFTWARE << 8) | IRQ_TIMER
    TRAP_GET t1, TRAP_EPC
    CHECK_ADDRESS "irq-priority/all-strike-the-same-instruction", t1, 1b
    csrr a5, mie
    CHECK "irq-priority/all-masked-now", a5, 0
    TRAP_ARM
    li a3, MIE_SOFTWARE | MIE_TIMER
    csrw mie, a3
    csrsi mstatus, MSTATUS_MIE
    nop
    csrci mstatus, MSTATUS_MIE
    TRAP_GET t1, TRAP_ORDER
    CHECK "irq-priority/software-timer", t1, (IRQ_SOFTWARE << 8) | IRQ_TIMER
    TRAP_ARM
    li a3, MIE_EXTERNAL | MIE_TIMER
    csrw mie, a3
    csrsi mstatus, MSTATUS_MIE
    nop
    csrci mstatus, MSTATUS_MIE
    TRAP_GET t1, TRAP_ORDER
    CHECK "irq-priority/external-timer", t1, (IRQ_EXTERNAL << 8) | IRQ_TIMER
    TRAP_ARM
    li a3, MIE_EXTERNAL | MIE_SOFTWARE
    csrw mie, a3
    csrsi mstatus, MSTATUS_MIE
    nop
    csrci mstatus, MSTATUS_MIE
    TRAP_GET t1, TRAP_ORDER
    CHECK "irq-priority/external-software", t1, (IRQ_EXTERNAL << 8) | IRQ_SOFTWARE
/* Back to silence. */
    sw x0, 0(s2)
    li a3, -1
    sw a3, 4(s3)
    lw s1, 0(s6)
    sw s1, 0(s6)
    csrr a5, mip
    and a5, a5, s4
    CHECK "irq-priority/none-pending", a5, 0
END
