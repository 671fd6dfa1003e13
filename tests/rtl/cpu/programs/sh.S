/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM sh
    la a4, buffer
    li a3, -1
    sw a3, 0(a4)
    li a3, 0x12345678
    sh a3, 0(a4)
    lw a5, 0(a4)
    CHECK "sh/low-half", a5, 0xffff5678
    sh a3, 2(a4)
    lw a5, 0(a4)
    CHECK "sh/high-half", a5, 0x56785678
    sw x0, 4(a4)
    li a3, 0xffff8001
    sh a3, 4(a4)
    lw a5, 4(a4)
    CHECK "sh/upper-bits-of-the-register-do-not-count", a5, 0x00008001
    sw x0, -4(a4)
    sh a3, -2(a4)
    lw a5, -4(a4)
    CHECK "sh/offset-minus-2", a5, 0x80010000
    la a4, buffer - 2044
    sh x0, 2046(a4)
    la a4, buffer
    lw a5, 0(a4)
    CHECK "sh/largest-offset-and-x0", a5, 0x00005678
    la a4, buffer + 2048
    li a3, 0xabcd
    sh a3, -2048(a4)
    la a4, buffer
    lw a5, 0(a4)
    CHECK "sh/smallest-offset", a5, 0x0000abcd
    lw a5, 4(a4)
    CHECK "sh/neighbour-stays", a5, 0x00008001
    li a3, 0x1111
    sh a3, 8(a4)
    li a3, 0x2222
    sh a3, 10(a4)
    lw a5, 8(a4)
    CHECK "sh/two-make-a-word", a5, 0x22221111
    .bss
    .balign 4
    .space 8
buffer:
    .space 16
    .text
END
