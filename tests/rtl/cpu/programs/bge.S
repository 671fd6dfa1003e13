/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM bge
    CASE_BRANCH "bge/less", bge, 0, 4, 5
    CASE_BRANCH "bge/equal", bge, 1, 5, 5
    CASE_BRANCH "bge/greater", bge, 1, 5, 4
    CASE_BRANCH "bge/negative-below-positive", bge, 0, -1, 1
    CASE_BRANCH "bge/positive-above-negative", bge, 1, 1, -1
    CASE_BRANCH "bge/smallest-below-largest", bge, 0, 0x80000000, 0x7fffffff
    CASE_BRANCH "bge/largest-above-smallest", bge, 1, 0x7fffffff, 0x80000000
    CASE_BRANCH_BACK "bge/backwards-taken", bge, 1, -1, -2
    CASE_BRANCH_BACK "bge/backwards-not-taken", bge, 0, -2, -1
END
