/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM rem
    CASE_RR "rem/exact", rem, 0, 20, 4
    CASE_RR "rem/positive", rem, 2, 20, 6
    CASE_RR "rem/takes-the-dividends-sign", rem, -2, -20, 6
    CASE_RR "rem/ignores-the-divisors-sign", rem, 2, 20, -6
    CASE_RR "rem/both-negative", rem, -2, -20, -6
    CASE_RR "rem/zero-dividend", rem, 0, 0, 7
    CASE_RR "rem/smaller-than-divisor", rem, 6, 6, 7
    CASE_RR "rem/by-one", rem, 0, 0x12345678, 1
    CASE_RR "rem/by-zero-is-the-dividend", rem, 20, 20, 0
    CASE_RR "rem/negative-by-zero-is-the-dividend", rem, -20, -20, 0
    CASE_RR "rem/zero-by-zero", rem, 0, 0, 0
    CASE_RR "rem/smallest-by-zero-is-the-dividend", rem, 0x80000000, 0x80000000, 0
    CASE_RR "rem/overflow-is-zero", rem, 0, 0x80000000, -1
    CASE_RR "rem/smallest-by-largest", rem, -1, 0x80000000, 0x7fffffff
    CASE_RR "rem/largest-by-smallest", rem, 0x7fffffff, 0x7fffffff, 0x80000000
    FORMS_RR rem, 8, 0x12345678, 0x10, 0, 0, 0x12345678
END
