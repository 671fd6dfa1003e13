/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM lhu
    la a4, halves
    lhu a5, 0(a4)
    CHECK "lhu/low-half", a5, 0x017f
    lhu a5, 2(a4)
    CHECK "lhu/high-half-sign-bit", a5, 0x80ff
    lhu a5, 4(a4)
    CHECK "lhu/all-ones", a5, 0xffff
    lhu a5, 6(a4)
    CHECK "lhu/only-the-sign-bit", a5, 0x8000
    lhu a5, -2(a4)
    CHECK "lhu/offset-minus-2", a5, 0x1234
    lhu a5, -4(a4)
    CHECK "lhu/offset-minus-4", a5, 0x5678
    la a4, halves - 2044
    lhu a5, 2046(a4)
    CHECK "lhu/largest-offset", a5, 0x80ff
    la a4, halves + 2048
    lhu a5, -2048(a4)
    CHECK "lhu/smallest-offset", a5, 0x017f
    la a4, halves + 2
    lhu a4, 0(a4)
    CHECK "lhu/rd-is-rs1", a4, 0x80ff
    la a4, halves
    lhu x0, 2(a4)
    mv a5, x0
    CHECK "lhu/rd-x0-stays-zero", a5, 0
    la a4, halves
    lhu a5, 4(a4)
    addi a5, a5, 1
    CHECK "lhu/next-instruction-uses-it", a5, 0xffff + 1
    .section .rodata
    .balign 4
    .word 0x12345678
halves:
    .word 0x80ff017f, 0x8000ffff
    .text
END
