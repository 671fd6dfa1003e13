/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM trap_store_fault
    .irp op, sb, sh, sw
    li a4, HOLE
    TRAP_ARM
1:  \op a4, 4(a4)
    CHECK_TRAP "store-fault/\op", CAUSE_STORE_FAULT, 1b
    CHECK_TVAL "store-fault/\op", HOLE + 4
    .endr
    li a4, HOLE
    TRAP_ARM
1:  sb x0, 7(a4)
    CHECK_TRAP "store-fault/lane-3", CAUSE_STORE_FAULT, 1b
    CHECK_TVAL "store-fault/lane-3", HOLE + 7
    TRAP_ARM
1:  sw a4, 0(a4)
    sw a4, 4(a4)
    TRAP_GET t1, TRAP_COUNT
    CHECK "store-fault/two-in-a-row", t1, 2
/* A faulting store is a store fault, a faulting load behind it a load fault. */
    TRAP_ARM
    sw a4, 0(a4)
1:  lw a5, 0(a4)
    TRAP_GET t1, TRAP_CAUSE
    CHECK "store-fault/then-a-load mcause", t1, CAUSE_LOAD_FAULT
    la a4, word
    li a3, 0x600df00d
    sw a3, 0(a4)
    lw a5, 0(a4)
    CHECK "store-fault/next-store-works", a5, 0x600df00d
    .bss
    .balign 4
word:
    .space 4
    .text
END
