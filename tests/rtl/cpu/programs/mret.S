/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM mret
/* A return without a trap: mepc is where it goes, MPIE becomes MIE and then 1. */
    csrw mie, x0
    li s1, MSTATUS_MPP | MSTATUS_MPIE
    csrw mstatus, s1
    la a3, 1f
    csrw mepc, a3
    li a5, 0
    mret
    li a5, 100
1:  addi a5, a5, 1
    CHECK "mret/goes-to-mepc", a5, 1
    csrr a5, mstatus
    andi a5, a5, MSTATUS_MIE | MSTATUS_MPIE
    CHECK "mret/mpie-becomes-mie", a5, MSTATUS_MIE | MSTATUS_MPIE
    li s1, MSTATUS_MPP | MSTATUS_MIE
    csrw mstatus, s1
    la a3, 1f
    csrw mepc, a3
    mret
    nop
1:  csrr a5, mstatus
    andi a5, a5, MSTATUS_MIE | MSTATUS_MPIE
    CHECK "mret/clear-mpie-clears-mie", a5, MSTATUS_MPIE
    csrr a5, mstatus
    li a4, MSTATUS_MPP
    and a5, a5, a4
    CHECK_RTL "mret/stays-in-machine-mode", a5, MSTATUS_MPP
    j 2f
1:  li a5, 8
    j 3f
2:  li s1, MSTATUS_MPP
    csrw mstatus, s1
    la a3, 1b
    csrw mepc, a3
    mret
3:  CHECK "mret/backwards", a5, 8
    csrw mstatus, s1
    la a3, 1f
    csrw mepc, a3
    li a4, 9
    csrw mcause, a4
    csrw mtval, a4
    mret
    nop
1:  csrr a5, mcause
    CHECK "mret/leaves-mcause", a5, 9
    csrr a5, mtval
    CHECK "mret/leaves-mtval", a5, 9
    csrr a5, mepc
    CHECK_ADDRESS "mret/leaves-mepc", a5, 1b
END
