/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM lbu
    la a4, bytes
    lbu a5, 0(a4)
    CHECK "lbu/lane-0", a5, 0x7f
    lbu a5, 1(a4)
    CHECK "lbu/lane-1", a5, 1
    lbu a5, 2(a4)
    CHECK "lbu/lane-2-all-ones", a5, 0xff
    lbu a5, 3(a4)
    CHECK "lbu/lane-3-sign-bit", a5, 0x80
    lbu a5, -1(a4)
    CHECK "lbu/offset-minus-1", a5, 0x12
    lbu a5, 4(a4)
    CHECK "lbu/next-word", a5, 0
    la a4, bytes - 2044
    lbu a5, 2047(a4)
    CHECK "lbu/largest-offset", a5, 0x80
    la a4, bytes + 2048
    lbu a5, -2048(a4)
    CHECK "lbu/smallest-offset", a5, 0x7f
    la a4, bytes + 3
    lbu a4, 0(a4)
    CHECK "lbu/rd-is-rs1", a4, 0x80
    la a4, bytes
    lbu x0, 3(a4)
    mv a5, x0
    CHECK "lbu/rd-x0-stays-zero", a5, 0
    la a4, bytes
    lbu a5, 2(a4)
    addi a5, a5, 1
    CHECK "lbu/next-instruction-uses-it", a5, 0xff + 1
    .section .rodata
    .balign 4
    .word 0x12345678
bytes:
    .word 0x80ff017f, 0x11223300
    .text
END
