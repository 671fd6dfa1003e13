/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM bne
    CASE_BRANCH "bne/equal", bne, 0, 5, 5
    CASE_BRANCH "bne/zeros", bne, 0, 0, 0
    CASE_BRANCH "bne/different", bne, 1, 5, 6
    CASE_BRANCH "bne/differ-in-the-top-bit", bne, 1, 0x80000000, 0
    CASE_BRANCH "bne/differ-in-the-low-bit", bne, 1, 0x80000000, 0x80000001
    CASE_BRANCH_BACK "bne/backwards-equal", bne, 0, 7, 7
    CASE_BRANCH_BACK "bne/backwards-different", bne, 1, 7, 8
    /* A loop: the branch is taken nine times, then not. */
    li a3, 10
    li a5, 0
1:  addi a5, a5, 3
    addi a3, a3, -1
    bnez a3, 1b
    CHECK "bne/loop-of-ten", a5, 30
END
