/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM bltu
    CASE_BRANCH "bltu/less", bltu, 1, 4, 5
    CASE_BRANCH "bltu/equal", bltu, 0, 5, 5
    CASE_BRANCH "bltu/greater", bltu, 0, 5, 4
    CASE_BRANCH "bltu/minus-one-is-largest", bltu, 0, -1, 1
    CASE_BRANCH "bltu/one-below-minus-one", bltu, 1, 1, -1
    CASE_BRANCH "bltu/sign-bit-is-large", bltu, 0, 0x80000000, 0x7fffffff
    CASE_BRANCH "bltu/below-the-sign-bit", bltu, 1, 0x7fffffff, 0x80000000
    CASE_BRANCH_BACK "bltu/backwards-taken", bltu, 1, -2, -1
    CASE_BRANCH_BACK "bltu/backwards-not-taken", bltu, 0, -1, -2
END
