/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM div
    CASE_RR "div/exact", div, 5, 20, 4
    CASE_RR "div/rounds-towards-zero", div, 3, 20, 6
    CASE_RR "div/negative-dividend-rounds-towards-zero", div, -3, -20, 6
    CASE_RR "div/negative-divisor", div, -3, 20, -6
    CASE_RR "div/both-negative", div, 3, -20, -6
    CASE_RR "div/zero-dividend", div, 0, 0, 7
    CASE_RR "div/smaller-than-divisor", div, 0, 6, 7
    CASE_RR "div/by-one", div, 0x12345678, 0x12345678, 1
    CASE_RR "div/by-minus-one", div, 0xedcba988, 0x12345678, -1
    CASE_RR "div/by-zero-is-minus-one", div, -1, 20, 0
    CASE_RR "div/negative-by-zero-is-minus-one", div, -1, -20, 0
    CASE_RR "div/zero-by-zero-is-minus-one", div, -1, 0, 0
    CASE_RR "div/smallest-by-zero-is-minus-one", div, -1, 0x80000000, 0
    CASE_RR "div/overflow-is-the-dividend", div, 0x80000000, 0x80000000, -1
    CASE_RR "div/smallest-by-one", div, 0x80000000, 0x80000000, 1
    CASE_RR "div/smallest-by-two", div, 0xc0000000, 0x80000000, 2
    CASE_RR "div/smallest-by-itself", div, 1, 0x80000000, 0x80000000
    CASE_RR "div/largest-by-smallest", div, 0, 0x7fffffff, 0x80000000
    CASE_RR "div/smallest-by-largest", div, -1, 0x80000000, 0x7fffffff
    FORMS_RR div, 0x01000000, 0x10000000, 0x10, 1, 0, -1
END
