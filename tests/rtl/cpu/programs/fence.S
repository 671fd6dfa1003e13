/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM fence
    la a4, buffer
    li a3, 0x12345678
    sw a3, 0(a4)
    fence
    lw a5, 0(a4)
    CHECK "fence/store-then-load", a5, 0x12345678
    TRAP_ARM
    fence rw, rw
    fence r, w
    fence w, r
    fence i, o
    fence iorw, iorw
    fence.tso
    CHECK_NO_TRAP "fence/every-set"
/* Reserved encodings are plain fences: fm, rd and rs1 set. */
    TRAP_ARM
    .word 0x4000000f
    .word 0x0ff00f8f
    .word 0x0ff7800f
    .word 0xfff78f8f
    CHECK_NO_TRAP "fence/reserved-fields-do-not-count"
    li t6, 1
    .word 0x0ff00f8f
    CHECK "fence/writes-no-register", t6, 1
    .bss
    .balign 4
    .space 8
buffer:
    .space 16
    .text
END
