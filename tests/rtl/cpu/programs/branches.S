/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM branches
    /* What no single branch instruction shows: branches next to one another, their range, and x0. */
    li a5, 0
    li a3, 1
    beq x0, a3, 1f
    bne a3, x0, 2f
1:  li a5, 100
2:  addi a5, a5, 1
    CHECK "branches/not-taken-then-taken", a5, 1
    li a5, 0
    beq x0, x0, 1f
    li a5, 100
1:  beq x0, x0, 2f
    li a5, 100
2:  beq x0, x0, 3f
    li a5, 100
3:  addi a5, a5, 1
    CHECK "branches/three-taken-in-a-row", a5, 1
    li a5, 0
    bne x0, x0, 9f
    blt x0, x0, 9f
    bltu x0, x0, 9f
    bne a3, a3, 9f
    addi a5, a5, 1
9:  CHECK "branches/four-not-taken-in-a-row", a5, 1
    /* A branch to the very next instruction, taken and not. */
    li a5, 0
    beq x0, x0, 1f
1:  addi a5, a5, 1
    bne x0, x0, 1f
1:  addi a5, a5, 1
    CHECK "branches/to-the-next-instruction", a5, 2
    /* The result of the instruction before decides. */
    li a5, 0
    li a3, 5
    addi a3, a3, -5
    beqz a3, 1f
    li a5, 100
1:  addi a5, a5, 1
    CHECK "branches/decided-by-the-instruction-before", a5, 1
    li a5, 0
    la a4, word_of_zero
    lw a3, 0(a4)
    beqz a3, 1f
    li a5, 100
1:  addi a5, a5, 1
    CHECK "branches/decided-by-a-load", a5, 1
    /* A branch leaves registers alone. */
    li a3, 0x12345678
    beq a3, a3, 1f
    nop
1:  mv a5, a3
    CHECK "branches/operands-stay", a5, 0x12345678
    /* Furthest targets: +4094 would be misaligned, +4092 and -4096 are the ends. */
    li a5, 0
    la t0, far_forward
    jr t0
far_done:
    CHECK "branches/furthest", a5, 3
    j far_end
far_backward:
    addi a5, a5, 2
    j far_done
    .space 4096
far_forward:
    beq x0, x0, far_target
    .space 4092 - 4
far_target:
    addi a5, a5, 1
    la t0, far_branch_back
    jr t0
far_backward_pad:
    j far_backward
    .space 4096 - 4
far_branch_back:
    beq x0, x0, far_backward_pad
far_end:
    .section .rodata
    .balign 4
word_of_zero:
    .word 0
    .text
END
