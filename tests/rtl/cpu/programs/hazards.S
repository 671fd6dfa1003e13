/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM hazards
/* Results that are wanted at once, in every combination of producer and consumer. */
    la a4, words
    lw a3, 0(a4)
    add a5, a3, a3
    CHECK "hazards/load-then-both-operands", a5, 14
    lw a3, 0(a4)
    sw a3, 8(a4)
    lw a5, 8(a4)
    CHECK "hazards/load-then-store-data", a5, 7
    lw a3, 4(a4)
    lw a5, 0(a3)
    CHECK "hazards/load-then-load-address", a5, 7
    lw a3, 4(a4)
    li a5, 21
    sw a5, 8(a3)
    lw a5, 8(a4)
    CHECK "hazards/load-then-store-address", a5, 21
    lw a3, 0(a4)
    mul a5, a3, a3
    CHECK "hazards/load-then-multiply", a5, 49
    lw a3, 0(a4)
    div a5, a3, a3
    CHECK "hazards/load-then-divide", a5, 1
    li a3, 100
    div a3, a3, a3
    div a3, a3, a3
    addi a5, a3, 1
    CHECK "hazards/divide-divide-add", a5, 2
    li a3, 77
    li a2, 10
    divu a0, a3, a2
    remu a1, a3, a2
    mul a0, a0, a2
    add a5, a0, a1
    CHECK "hazards/quotient-and-remainder-rebuild", a5, 77
    li a3, 3
    mul a3, a3, a3
    mul a3, a3, a3
    mul a5, a3, a3
    CHECK "hazards/multiply-chain", a5, 6561
    li a3, 9
    div a3, a3, a3
    beqz a3, 1f
    li a5, 1
    j 2f
1:  li a5, 0
2:  CHECK "hazards/divide-then-branch", a5, 1
    csrw mscratch, a4
    csrr a3, mscratch
    lw a5, 0(a3)
    CHECK "hazards/csr-then-load-address", a5, 7
    lw a3, 0(a4)
    csrrw a2, mscratch, a3
    csrr a5, mscratch
    CHECK "hazards/load-then-csr", a5, 7
    sb x0, 0(a4)
    lw a5, 0(a4)
    CHECK "hazards/byte-store-then-word-load", a5, 0
    li a3, 7
    sw a3, 0(a4)
    lb a5, 0(a4)
    CHECK "hazards/word-store-then-byte-load", a5, 7
/* Fibonacci, each step depending on the one before. */
    li a0, 0
    li a1, 1
    li a2, 30
1:  add a3, a0, a1
    mv a0, a1
    mv a1, a3
    addi a2, a2, -1
    bnez a2, 1b
    mv a5, a0
    CHECK "hazards/fibonacci-30", a5, 832040
    .data
    .balign 4
words:
    .word 7, words, 0, 0
    .text
END
