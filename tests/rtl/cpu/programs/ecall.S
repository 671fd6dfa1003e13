/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM ecall
    li s1, MSTATUS_MPP | MSTATUS_MIE
    csrw mie, x0
    csrw mstatus, s1
    TRAP_ARM
1:  ecall
    CHECK_TRAP "ecall/first", CAUSE_ECALL_M, 1b
    CHECK_TVAL "ecall/first", 0
    TRAP_GET t1, TRAP_STATUS
    li t2, MSTATUS_MASK
    and t1, t1, t2
    CHECK "ecall/entry-moves-mie-to-mpie", t1, MSTATUS_MPP | MSTATUS_MPIE
    csrr a5, mstatus
    andi a5, a5, MSTATUS_MIE | MSTATUS_MPIE
    CHECK "ecall/mret-brings-mie-back", a5, MSTATUS_MIE | MSTATUS_MPIE
    li s1, MSTATUS_MPP | MSTATUS_MPIE
    csrw mstatus, s1
    TRAP_ARM
1:  ecall
    CHECK_TRAP "ecall/with-mie-clear", CAUSE_ECALL_M, 1b
    TRAP_GET t1, TRAP_STATUS
    li t2, MSTATUS_MASK
    and t1, t1, t2
    CHECK "ecall/entry-moves-a-clear-mie-to-mpie", t1, MSTATUS_MPP
    csrr a5, mstatus
    andi a5, a5, MSTATUS_MIE | MSTATUS_MPIE
    CHECK "ecall/mret-leaves-mie-clear-and-sets-mpie", a5, MSTATUS_MPIE
    TRAP_ARM
    ecall
    ecall
    ecall
    TRAP_GET t1, TRAP_COUNT
    CHECK "ecall/three-in-a-row", t1, 3
/* Registers live through a trap. */
    li a3, 0x12345678
    TRAP_ARM
    ecall
    CHECK "ecall/registers-stay", a3, 0x12345678
END
