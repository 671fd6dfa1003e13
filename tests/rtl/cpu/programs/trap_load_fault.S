/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM trap_load_fault
    .irp op, lb, lh, lw, lbu, lhu
    li a4, HOLE
    li a5, 77
    TRAP_ARM
1:  \op a5, 4(a4)
    mv s1, a5
    CHECK_TRAP "load-fault/\op", CAUSE_LOAD_FAULT, 1b
    CHECK_TVAL "load-fault/\op", HOLE + 4
    CHECK "load-fault/\op-writes-no-rd", s1, 77
    .endr
    li a4, HOLE
    TRAP_ARM
1:  lbu a5, 7(a4)
    CHECK_TRAP "load-fault/lane-3", CAUSE_LOAD_FAULT, 1b
    CHECK_TVAL "load-fault/lane-3", HOLE + 7
    TRAP_ARM
1:  lw x0, 0(a4)
    CHECK_TRAP "load-fault/into-x0", CAUSE_LOAD_FAULT, 1b
    li a4, 77
    csrw mscratch, a4
    li a4, HOLE + 2048
    TRAP_ARM
1:  lh a4, -2048(a4)
    CHECK_TRAP "load-fault/rd-is-rs1", CAUSE_LOAD_FAULT, 1b
    CHECK "load-fault/rs1-stays", a4, HOLE + 2048
/* The next access is none the worse for it. */
    la a4, good_word
    lw a5, 0(a4)
    CHECK "load-fault/next-load-works", a5, 0x600df00d
    .section .rodata
    .balign 4
good_word:
    .word 0x600df00d
    .text
END
