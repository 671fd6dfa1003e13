/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM irq_software
    csrw mie, x0
    csrci mstatus, MSTATUS_MIE
    li s2, CLINT_MSIP
    csrr a5, mip
    andi a5, a5, MIE_SOFTWARE
    CHECK "irq-software/not-pending", a5, 0
    li a3, 1
    sw a3, 0(s2)
    csrr a5, mip
    andi a5, a5, MIE_SOFTWARE
    CHECK "irq-software/pending-shows-in-mip", a5, MIE_SOFTWARE
    TRAP_ARM
    csrsi mstatus, MSTATUS_MIE
    nop
    csrci mstatus, MSTATUS_MIE
    CHECK_NO_TRAP "irq-software/masked-in-mie"
    TRAP_ARM
    csrsi mie, MIE_SOFTWARE
    nop
    CHECK_NO_TRAP "irq-software/masked-in-mstatus"
/* Let in by mstatus: it strikes before the next instruction. */
    TRAP_ARM
    csrsi mstatus, MSTATUS_MIE
1:  nop
    csrci mstatus, MSTATUS_MIE
    CHECK_TRAP "irq-software/let-in-by-mstatus", IRQ_FLAG | IRQ_SOFTWARE, 1b
    CHECK_TVAL "irq-software/let-in-by-mstatus", 0
    TRAP_GET t1, TRAP_STATUS
    li t2, MSTATUS_MASK
    and t1, t1, t2
    CHECK "irq-software/entry-moves-mie-to-mpie", t1, MSTATUS_MPP | MSTATUS_MPIE
/* Let in by mie. */
    csrw mie, x0
    csrsi mstatus, MSTATUS_MIE
    TRAP_ARM
    csrsi mie, MIE_SOFTWARE
1:  nop
    csrci mstatus, MSTATUS_MIE
    CHECK_TRAP "irq-software/let-in-by-mie", IRQ_FLAG | IRQ_SOFTWARE, 1b
/* Let in by mret: it strikes at the target, before it. */
    csrw mie, x0
    csrsi mie, MIE_SOFTWARE
    li a3, MSTATUS_MPP | MSTATUS_MPIE
    csrw mstatus, a3
    la a3, 1f
    csrw mepc, a3
    TRAP_ARM
    mret
    nop
1:  nop
    csrci mstatus, MSTATUS_MIE
    CHECK_TRAP "irq-software/let-in-by-mret", IRQ_FLAG | IRQ_SOFTWARE, 1b
/* Before an instruction that would trap itself: first the interrupt, then, returned to, the exception. */
    csrw mie, x0
    csrsi mie, MIE_SOFTWARE
    TRAP_ARM
    csrsi mstatus, MSTATUS_MIE
1:  ecall
    csrci mstatus, MSTATUS_MIE
    TRAP_GET t1, TRAP_COUNT
    CHECK "irq-software/then-the-exception count", t1, 2
    TRAP_GET t1, TRAP_ORDER
    CHECK "irq-software/then-the-exception interrupts", t1, IRQ_SOFTWARE
    TRAP_GET t1, TRAP_CAUSE
    CHECK "irq-software/then-the-exception mcause", t1, CAUSE_ECALL_M
    TRAP_GET t1, TRAP_EPC
    CHECK_ADDRESS "irq-software/then-the-exception mepc", t1, 1b
/* Before an instruction whose doing twice would show: it is done after it, and once. */
    csrw mie, x0
    li a5, 5
    TRAP_ARM
    csrsi mie, MIE_SOFTWARE
    csrsi mstatus, MSTATUS_MIE
1:  add a5, a5, a5
    csrci mstatus, MSTATUS_MIE
    mv s1, a5
    CHECK_TRAP "irq-software/before-an-addition", IRQ_FLAG | IRQ_SOFTWARE, 1b
    CHECK "irq-software/addition-done-once", s1, 10
    csrw mie, x0
    csrsi mie, MIE_SOFTWARE
    TRAP_ARM
    csrsi mstatus, MSTATUS_MIE
1:  jal a5, 2f
2:  csrci mstatus, MSTATUS_MIE
    mv s1, a5
    CHECK_TRAP "irq-software/before-a-jump", IRQ_FLAG | IRQ_SOFTWARE, 1b
    CHECK_ADDRESS "irq-software/jump-done", s1, 2b
    csrw mie, x0
    csrsi mie, MIE_SOFTWARE
    csrwi mcountinhibit, 0
    TRAP_ARM
    csrsi mstatus, MSTATUS_MIE
1:  csrrwi a5, mcountinhibit, 1
    csrci mstatus, MSTATUS_MIE
    mv s1, a5
    csrrwi s3, mcountinhibit, 0
    CHECK_TRAP "irq-software/before-a-csr-swap", IRQ_FLAG | IRQ_SOFTWARE, 1b
    CHECK "irq-software/swap-read-the-old-value", s1, 0
    CHECK "irq-software/swap-wrote-the-new-one", s3, 1
/* The request withdrawn: nothing comes. */
    sw x0, 0(s2)
    csrr a5, mip
    andi a5, a5, MIE_SOFTWARE
    CHECK "irq-software/withdrawn-in-mip", a5, 0
    TRAP_ARM
    csrsi mie, MIE_SOFTWARE
    csrsi mstatus, MSTATUS_MIE
    nop
    csrci mstatus, MSTATUS_MIE
    CHECK_NO_TRAP "irq-software/withdrawn"
END
