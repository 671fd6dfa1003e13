/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM lh
    la a4, halves
    lh a5, 0(a4)
    CHECK "lh/low-half", a5, 0x017f
    lh a5, 2(a4)
    CHECK "lh/high-half-sign-bit", a5, 0xffff80ff
    lh a5, 4(a4)
    CHECK "lh/all-ones", a5, -1
    lh a5, 6(a4)
    CHECK "lh/only-the-sign-bit", a5, 0xffff8000
    lh a5, -2(a4)
    CHECK "lh/offset-minus-2", a5, 0x1234
    lh a5, -4(a4)
    CHECK "lh/offset-minus-4", a5, 0x5678
    la a4, halves - 2044
    lh a5, 2046(a4)
    CHECK "lh/largest-offset", a5, 0xffff80ff
    la a4, halves + 2048
    lh a5, -2048(a4)
    CHECK "lh/smallest-offset", a5, 0x017f
    la a4, halves + 2
    lh a4, 0(a4)
    CHECK "lh/rd-is-rs1", a4, 0xffff80ff
    la a4, halves
    lh x0, 2(a4)
    mv a5, x0
    CHECK "lh/rd-x0-stays-zero", a5, 0
    la a4, halves
    lh a5, 4(a4)
    addi a5, a5, 1
    CHECK "lh/next-instruction-uses-it", a5, -1 + 1
    .section .rodata
    .balign 4
    .word 0x12345678
halves:
    .word 0x80ff017f, 0x8000ffff
    .text
END
