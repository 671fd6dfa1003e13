/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM jalr
    la a4, 2f
1:  jalr a5, 0(a4)
    li a5, 0
2:  la a4, 1b
    sub a5, a5, a4
    CHECK "jalr/links-the-next-address", a5, 4
/* rd = rs1: the old value is the target, the new one is the link. */
    la a5, 2f
1:  jalr a5, 0(a5)
    li a5, 0
2:  la a4, 1b
    sub a5, a5, a4
    CHECK "jalr/rd-is-rs1", a5, 4
    la a4, 2f - 2047
    li a5, 0
    jalr x0, 2047(a4)
    li a5, 100
2:  addi a5, a5, 1
    CHECK "jalr/largest-offset", a5, 1
    la a4, 2f + 2048
    li a5, 0
    jalr x0, -2048(a4)
    li a5, 100
2:  addi a5, a5, 1
    CHECK "jalr/smallest-offset", a5, 1
    la a4, 2f + 1
    li a5, 0
    jalr x0, 0(a4)
    li a5, 100
2:  addi a5, a5, 1
    CHECK "jalr/clears-bit-0-of-the-register", a5, 1
    la a4, 2f
    li a5, 0
    jalr x0, 1(a4)
    li a5, 100
2:  addi a5, a5, 1
    CHECK "jalr/clears-bit-0-of-the-sum", a5, 1
/* 3 + -3 carries: bit 0 goes only after the addition. */
    la a4, 2f + 3
    li a5, 0
    jalr x0, -3(a4)
    li a5, 100
2:  addi a5, a5, 1
    CHECK "jalr/odd-plus-odd", a5, 1
    la a4, 2f
    jalr x0, 0(a4)
2:  mv a5, x0
    CHECK "jalr/rd-x0-stays-zero", a5, 0
    li a5, 0
    call 3f
    addi a5, a5, 1
    j 4f
3:  addi a5, a5, 10
    ret
4:  CHECK "jalr/call-and-return", a5, 11
/* The target comes from memory by the instruction before. */
    la a4, jalr_table
    li a5, 0
    lw a4, 4(a4)
    jalr x0, 0(a4)
jalr_zero:
    addi a5, a5, 100
jalr_one:
    addi a5, a5, 1
    CHECK "jalr/target-just-loaded", a5, 1
    .section .rodata
    .balign 4
jalr_table:
    .word jalr_zero, jalr_one
    .text
END
