/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM blt
    CASE_BRANCH "blt/less", blt, 1, 4, 5
    CASE_BRANCH "blt/equal", blt, 0, 5, 5
    CASE_BRANCH "blt/greater", blt, 0, 5, 4
    CASE_BRANCH "blt/negative-below-positive", blt, 1, -1, 1
    CASE_BRANCH "blt/positive-not-below-negative", blt, 0, 1, -1
    CASE_BRANCH "blt/smallest-below-largest", blt, 1, 0x80000000, 0x7fffffff
    CASE_BRANCH "blt/largest-not-below-smallest", blt, 0, 0x7fffffff, 0x80000000
    CASE_BRANCH_BACK "blt/backwards-taken", blt, 1, -2, -1
    CASE_BRANCH_BACK "blt/backwards-not-taken", blt, 0, -1, -2
END
