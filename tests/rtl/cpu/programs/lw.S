/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM lw
    la a4, words
    lw a5, 0(a4)
    CHECK "lw/offset-0", a5, 0x80ff017f
    lw a5, 4(a4)
    CHECK "lw/offset-4", a5, 0x12345678
    lw a5, -4(a4)
    CHECK "lw/offset-minus-4", a5, 0xcafef00d
    la a4, words - 2044
    lw a5, 2044(a4)
    CHECK "lw/largest-offset", a5, 0x80ff017f
    la a4, words + 2048
    lw a5, -2048(a4)
    CHECK "lw/smallest-offset", a5, 0x80ff017f
    la a4, words
    lw a4, 4(a4)
    CHECK "lw/rd-is-rs1", a4, 0x12345678
    la a4, words
    lw x0, 4(a4)
    mv a5, x0
    CHECK "lw/rd-x0-stays-zero", a5, 0
    la a4, words
    lw a5, 4(a4)
    addi a5, a5, 1
    CHECK "lw/next-instruction-uses-it", a5, 0x12345679
    la a4, words
    lw a3, 0(a4)
    lw a5, 4(a4)
    xor a5, a5, a3
    CHECK "lw/two-in-a-row", a5, 0x92cb5707
    la a4, pointer
    lw a4, 0(a4)
    lw a5, 4(a4)
    CHECK "lw/address-just-loaded", a5, 0x12345678
    .section .rodata
    .balign 4
    .word 0xcafef00d
words:
    .word 0x80ff017f, 0x12345678
pointer:
    .word words
    .text
END
