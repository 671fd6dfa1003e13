/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM mulhu
    CASE_RR "mulhu/by-zero", mulhu, 0, 0x12345678, 0
    CASE_RR "mulhu/small", mulhu, 0, 1000, 1000
    CASE_RR "mulhu/largest-by-one", mulhu, 0, -1, 1
    CASE_RR "mulhu/largest-squared", mulhu, 0xfffffffe, -1, -1
    CASE_RR "mulhu/sign-bit-squared", mulhu, 0x40000000, 0x80000000, 0x80000000
    CASE_RR "mulhu/sign-bit-by-largest", mulhu, 0x7fffffff, 0x80000000, -1
    CASE_RR "mulhu/largest-by-sign-bit", mulhu, 0x7fffffff, -1, 0x80000000
    CASE_RR "mulhu/largest-by-two", mulhu, 1, -1, 2
    FORMS_RR mulhu, 0x0000000f, 0x10000000, 0xf0, 0x01000000, 0, 0
END
