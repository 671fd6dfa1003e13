/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM slt
    CASE_RR "slt/equal", slt, 0, 5, 5
    CASE_RR "slt/less", slt, 1, 4, 5
    CASE_RR "slt/greater", slt, 0, 5, 4
    CASE_RR "slt/negative-below-positive", slt, 1, -1, 1
    CASE_RR "slt/positive-not-below-negative", slt, 0, 1, -1
    CASE_RR "slt/smallest-below-largest", slt, 1, 0x80000000, 0x7fffffff
    CASE_RR "slt/largest-not-below-smallest", slt, 0, 0x7fffffff, 0x80000000
    CASE_RR "slt/two-negatives", slt, 1, -2, -1
    FORMS_RR slt, 1, 0x80000000, 0x7fffffff, 0, 1, 1
END
