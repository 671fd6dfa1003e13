/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM irq_external
/* The UART's transmitter-empty interrupt through the interrupt controller. Cases print through that very UART, so its
 * interrupt is off while they do. */
    csrw mie, x0
    csrci mstatus, MSTATUS_MIE
    li s2, UART_BASE
    li s3, PLIC_CLAIM
    li s4, MIE_EXTERNAL
    ENABLE_UART_SOURCE
    csrr a5, mip
    and a5, a5, s4
    CHECK "irq-external/not-pending", a5, 0
    li a3, UART_IER_THRI
    sb a3, UART_IER(s2)
    csrr s1, mip
    sb x0, UART_IER(s2)
    and s1, s1, s4
    CHECK "irq-external/pending-shows-in-mip", s1, MIE_EXTERNAL
/* The controller remembers the request although the UART has withdrawn its own: it has to be claimed. */
    TRAP_ARM
    csrs mie, s4
    csrsi mstatus, MSTATUS_MIE
1:  nop
    csrci mstatus, MSTATUS_MIE
    lw s1, 0(s3)
    csrr s5, mip
    and s5, s5, s4
    sw s1, 0(s3)
    CHECK_TRAP "irq-external/taken", IRQ_FLAG | IRQ_EXTERNAL, 1b
    CHECK_TVAL "irq-external/taken", 0
    CHECK "irq-external/claim-tells-the-source", s1, PLIC_UART_SOURCE
    CHECK "irq-external/claim-lowers-the-line", s5, 0
    lw s1, 0(s3)
    CHECK "irq-external/nothing-left-to-claim", s1, 0
    csrr a5, mip
    and a5, a5, s4
    CHECK "irq-external/line-is-low", a5, 0
/* Woken from WFI by it: already pending, so it falls through into the handler. */
    csrw mie, x0
    li a3, UART_IER_THRI
    sb a3, UART_IER(s2)
    TRAP_ARM
    csrs mie, s4
    wfi
    sb x0, UART_IER(s2)
    CHECK_NO_TRAP "irq-external/wfi-falls-through-with-mie-clear"
    csrsi mstatus, MSTATUS_MIE
1:  nop
    csrci mstatus, MSTATUS_MIE
    lw s1, 0(s3)
    sw s1, 0(s3)
    CHECK "irq-external/claimed-again", s1, PLIC_UART_SOURCE
    li a3, PLIC_ENABLE
    sw x0, 0(a3)
    csrw mie, x0
END
