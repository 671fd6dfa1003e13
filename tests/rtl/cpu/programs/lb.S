/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM lb
    la a4, bytes
    lb a5, 0(a4)
    CHECK "lb/lane-0", a5, 0x7f
    lb a5, 1(a4)
    CHECK "lb/lane-1", a5, 1
    lb a5, 2(a4)
    CHECK "lb/lane-2-all-ones", a5, -1
    lb a5, 3(a4)
    CHECK "lb/lane-3-sign-bit", a5, -128
    lb a5, -1(a4)
    CHECK "lb/offset-minus-1", a5, 0x12
    lb a5, 4(a4)
    CHECK "lb/next-word", a5, 0
    la a4, bytes - 2044
    lb a5, 2047(a4)
    CHECK "lb/largest-offset", a5, -128
    la a4, bytes + 2048
    lb a5, -2048(a4)
    CHECK "lb/smallest-offset", a5, 0x7f
    la a4, bytes + 3
    lb a4, 0(a4)
    CHECK "lb/rd-is-rs1", a4, -128
    la a4, bytes
    lb x0, 3(a4)
    mv a5, x0
    CHECK "lb/rd-x0-stays-zero", a5, 0
    la a4, bytes
    lb a5, 2(a4)
    addi a5, a5, 1
    CHECK "lb/next-instruction-uses-it", a5, -1 + 1
    .section .rodata
    .balign 4
    .word 0x12345678
bytes:
    .word 0x80ff017f, 0x11223300
    .text
END
