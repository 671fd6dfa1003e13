/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM jal
/* The link is the address behind the jump, the target is relative to the jump itself. */
1:  jal a5, 2f
    li a5, 0
2:  la a4, 1b
    sub a5, a5, a4
    CHECK "jal/links-the-next-address", a5, 4
    li a5, 0
1:  jal a5, 2f
2:  la a4, 1b
    sub a5, a5, a4
    CHECK "jal/to-the-next-instruction", a5, 4
    j 2f
1:  li a5, 5
    j 3f
2:  li a5, 6
    jal x0, 1b
    li a5, 7
3:  CHECK "jal/backwards", a5, 5
    jal x0, 1f
1:  mv a5, x0
    CHECK "jal/rd-x0-stays-zero", a5, 0
    li a5, 0
    jal x0, 1f
    li a5, 100
1:  jal x0, 2f
    li a5, 100
2:  jal a4, 3f
    li a5, 100
3:  addi a5, a5, 1
    CHECK "jal/three-in-a-row", a5, 1
/* The link is used by the very next instruction. */
    jal a4, 1f
    li a5, 1
    j 2f
1:  jalr a3, 0(a4)
2:  CHECK "jal/link-used-at-once", a5, 1
/* Bits 19:12 and 11 of the offset sit apart in the encoding. */
    li a5, 0
    la t0, jal_far_back
    jr t0
jal_near:
    addi a5, a5, 1
    li a4, 2
    beq a5, a4, 1f
    la t0, jal_far_forward
    jr t0
1:  CHECK "jal/far-both-ways", a5, 2
    j jal_end
jal_far_forward:
    jal x0, jal_target
    .space 0x5ffc
jal_target:
    jal x0, jal_near
    .space 0x7804
jal_far_back:
    jal x0, jal_near
jal_end:
END
