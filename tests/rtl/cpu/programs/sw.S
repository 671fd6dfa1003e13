/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM sw
    la a4, buffer
    li a3, 0x12345678
    sw a3, 0(a4)
    lw a5, 0(a4)
    CHECK "sw/offset-0", a5, 0x12345678
    li a3, 0x87654321
    sw a3, 4(a4)
    lw a5, 4(a4)
    CHECK "sw/offset-4", a5, 0x87654321
    lw a5, 0(a4)
    CHECK "sw/neighbour-stays", a5, 0x12345678
    li a3, 0xcafef00d
    sw a3, -4(a4)
    lw a5, -4(a4)
    CHECK "sw/offset-minus-4", a5, 0xcafef00d
    la a4, buffer - 2044
    li a3, 0x11111111
    sw a3, 2044(a4)
    la a4, buffer
    lw a5, 0(a4)
    CHECK "sw/largest-offset", a5, 0x11111111
    la a4, buffer + 2048
    li a3, 0x22222222
    sw a3, -2048(a4)
    la a4, buffer
    lw a5, 0(a4)
    CHECK "sw/smallest-offset", a5, 0x22222222
    sw x0, 0(a4)
    lw a5, 0(a4)
    CHECK "sw/x0-stores-zero", a5, 0
    sw a4, 0(a4)
    lw a5, 0(a4)
    sub a5, a5, a4
    CHECK "sw/stores-its-own-address", a5, 0
    li a3, 0x33333333
    mv a5, a3
    sw a5, 0(a4)
    lw a5, 0(a4)
    CHECK "sw/data-from-the-instruction-before", a5, 0x33333333
    li a3, 0x44444444
    sw a3, 8(a4)
    lw a3, 8(a4)
    sw a3, 12(a4)
    lw a5, 12(a4)
    CHECK "sw/data-just-loaded", a5, 0x44444444
    li a3, 1
    sw a3, 0(a4)
    li a3, 2
    sw a3, 0(a4)
    lw a5, 0(a4)
    CHECK "sw/the-later-of-two-stays", a5, 2
    .bss
    .balign 4
    .space 8
buffer:
    .space 16
    .text
END
