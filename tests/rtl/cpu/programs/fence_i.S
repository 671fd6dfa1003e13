/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM fence_i
/* Code that is written, then run. */
    la a4, slot
    lw a3, patch_a
    sw a3, 0(a4)
    fence.i
    jalr ra, 0(a4)
    CHECK "fence_i/runs-what-was-stored", a5, 17
    la a4, slot
    lw a3, patch_b
    sw a3, 0(a4)
    fence.i
    jalr ra, 0(a4)
    CHECK "fence_i/runs-what-was-stored-over-it", a5, 42
/* One byte of an instruction, the immediate's top. */
    la a4, slot
    li a3, 0xff
    sb a3, 3(a4)
    fence.i
    jalr ra, 0(a4)
    CHECK "fence_i/one-byte-stored", a5, -6
/* The instruction behind the fence itself is patched. */
    la a4, 1f
    lw a3, patch_a
    li a5, 0
    sw a3, 0(a4)
    fence.i
1:  li a5, 99
    CHECK "fence_i/the-very-next-instruction", a5, 17
/* A loop that patches its own body: 3 + 4 + 5 ... */
    la a4, 1f
    lw a3, patch_add
    li t0, 5
    li t1, 1 << 20
    li a5, 0
2:  sw a3, 0(a4)
    fence.i
1:  nop
    add a3, a3, t1
    addi t0, t0, -1
    bnez t0, 2b
    CHECK "fence_i/loop-patches-its-body", a5, 3 + 4 + 5 + 6 + 7
    TRAP_ARM
    .word 0xffff9f8f
    CHECK_NO_TRAP "fence_i/reserved-fields-do-not-count"
    j 3f
    .balign 4
slot:
    li a5, 0
    ret
patch_a:
    li a5, 17
patch_b:
    li a5, 42
patch_add:
    addi a5, a5, 3
3:
END
