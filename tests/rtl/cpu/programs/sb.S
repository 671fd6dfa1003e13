/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM sb
    la a4, buffer
    li a3, -1
    sw a3, 0(a4)
    li a3, 0x12345678
    sb a3, 0(a4)
    lw a5, 0(a4)
    CHECK "sb/lane-0", a5, 0xffffff78
    sb a3, 1(a4)
    lw a5, 0(a4)
    CHECK "sb/lane-1", a5, 0xffff7878
    sb a3, 2(a4)
    lw a5, 0(a4)
    CHECK "sb/lane-2", a5, 0xff787878
    sb a3, 3(a4)
    lw a5, 0(a4)
    CHECK "sb/lane-3", a5, 0x78787878
    sw x0, 4(a4)
    li a3, 0xffffff80
    sb a3, 4(a4)
    lw a5, 4(a4)
    CHECK "sb/upper-bits-of-the-register-do-not-count", a5, 0x00000080
    sw x0, -4(a4)
    sb a3, -1(a4)
    lw a5, -4(a4)
    CHECK "sb/offset-minus-1", a5, 0x80000000
    la a4, buffer - 2044
    sb x0, 2047(a4)
    la a4, buffer
    lw a5, 0(a4)
    CHECK "sb/largest-offset-and-x0", a5, 0x00787878
    la a4, buffer + 2048
    li a3, 0xab
    sb a3, -2048(a4)
    la a4, buffer
    lw a5, 0(a4)
    CHECK "sb/smallest-offset", a5, 0x007878ab
    lw a5, 4(a4)
    CHECK "sb/neighbour-stays", a5, 0x00000080
    li a3, 0x11
    sb a3, 8(a4)
    li a3, 0x22
    sb a3, 9(a4)
    li a3, 0x33
    sb a3, 10(a4)
    li a3, 0x44
    sb a3, 11(a4)
    lw a5, 8(a4)
    CHECK "sb/four-make-a-word", a5, 0x44332211
    .bss
    .balign 4
    .space 8
buffer:
    .space 16
    .text
END
