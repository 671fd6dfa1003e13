/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM mulh
    CASE_RR "mulh/by-zero", mulh, 0, 0x12345678, 0
    CASE_RR "mulh/small", mulh, 0, 1000, 1000
    CASE_RR "mulh/negative-by-positive", mulh, -1, -1, 1
    CASE_RR "mulh/minus-one-squared", mulh, 0, -1, -1
    CASE_RR "mulh/smallest-squared", mulh, 0x40000000, 0x80000000, 0x80000000
    CASE_RR "mulh/largest-squared", mulh, 0x3fffffff, 0x7fffffff, 0x7fffffff
    CASE_RR "mulh/smallest-by-largest", mulh, 0xc0000000, 0x80000000, 0x7fffffff
    CASE_RR "mulh/largest-by-smallest", mulh, 0xc0000000, 0x7fffffff, 0x80000000
    CASE_RR "mulh/smallest-by-minus-one", mulh, 0, 0x80000000, -1
    FORMS_RR mulh, 0x0000000f, 0x10000000, 0xf0, 0x01000000, 0, 0
END
