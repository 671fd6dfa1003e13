/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM registers
/* Every register is a destination and both sources, and no two are the same one. Kept in order by its own number. */
    mv s0, sp
    csrw mscratch, ra
    .irp n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
.if \n != 8
    li x\n, 0x1000 + \n
.endif
    .endr
/* The sum of each times its number, through rs1 and through rs2; x8 holds the stack and x31 sums up. */
    la x31, register_dump
    .irp n, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
    sw x\n, 4 * \n(x31)
    .endr
    .irp n, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
    addi x\n, x\n, 0x100
    .endr
    .irp n, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
    sw x\n, 128 + 4 * \n(x31)
    .endr
    mv sp, s0
    csrr ra, mscratch
    .irp n, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
    la t0, register_dump
    lw a5, 4 * \n(t0)
    CHECK "registers/x\n-keeps-its-value", a5, 0x1000 + \n
    la t0, register_dump
    lw a5, 128 + 4 * \n(t0)
    CHECK "registers/x\n-read-and-written", a5, 0x1100 + \n
    .endr
/* The two that were busy. */
    mv a4, s0
    li s0, 0x1008
    addi s0, s0, 0x100
    mv a5, s0
    mv s0, a4
    CHECK "registers/x8-read-and-written", a5, 0x1108
    li x31, 0x101f
    addi x31, x31, 0x100
    CHECK "registers/x31-read-and-written", x31, 0x111f
    li a5, 5
    add x0, a5, a5
    addi x0, x0, 7
    mv a5, x0
    CHECK "registers/x0-cannot-be-written", a5, 0
    .bss
    .balign 4
register_dump:
    .space 256
    .text
END
