/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM bgeu
    CASE_BRANCH "bgeu/less", bgeu, 0, 4, 5
    CASE_BRANCH "bgeu/equal", bgeu, 1, 5, 5
    CASE_BRANCH "bgeu/greater", bgeu, 1, 5, 4
    CASE_BRANCH "bgeu/minus-one-is-largest", bgeu, 1, -1, 1
    CASE_BRANCH "bgeu/one-below-minus-one", bgeu, 0, 1, -1
    CASE_BRANCH "bgeu/sign-bit-is-large", bgeu, 1, 0x80000000, 0x7fffffff
    CASE_BRANCH "bgeu/below-the-sign-bit", bgeu, 0, 0x7fffffff, 0x80000000
    CASE_BRANCH_BACK "bgeu/backwards-taken", bgeu, 1, -1, -2
    CASE_BRANCH_BACK "bgeu/backwards-not-taken", bgeu, 0, -2, -1
END
