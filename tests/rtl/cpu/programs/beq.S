/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM beq
    CASE_BRANCH "beq/equal", beq, 1, 5, 5
    CASE_BRANCH "beq/zeros", beq, 1, 0, 0
    CASE_BRANCH "beq/minus-ones", beq, 1, -1, -1
    CASE_BRANCH "beq/different", beq, 0, 5, 6
    CASE_BRANCH "beq/differ-in-the-top-bit", beq, 0, 0x80000000, 0
    CASE_BRANCH "beq/differ-in-the-low-bit", beq, 0, 0x80000000, 0x80000001
    CASE_BRANCH_BACK "beq/backwards-equal", beq, 1, 7, 7
    CASE_BRANCH_BACK "beq/backwards-different", beq, 0, 7, 8
END
