/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM mulhsu
    CASE_RR "mulhsu/by-zero", mulhsu, 0, 0x12345678, 0
    CASE_RR "mulhsu/small", mulhsu, 0, 1000, 1000
    CASE_RR "mulhsu/minus-one-by-one", mulhsu, -1, -1, 1
    CASE_RR "mulhsu/one-by-largest-unsigned", mulhsu, 0, 1, -1
    CASE_RR "mulhsu/minus-one-by-largest-unsigned", mulhsu, -1, -1, -1
    CASE_RR "mulhsu/smallest-by-largest-unsigned", mulhsu, 0x80000000, 0x80000000, -1
    CASE_RR "mulhsu/largest-by-largest-unsigned", mulhsu, 0x7ffffffe, 0x7fffffff, -1
    CASE_RR "mulhsu/largest-by-sign-bit", mulhsu, 0x3fffffff, 0x7fffffff, 0x80000000
    CASE_RR "mulhsu/smallest-by-sign-bit", mulhsu, 0xc0000000, 0x80000000, 0x80000000
    FORMS_RR mulhsu, 0x0000000f, 0x10000000, 0xf0, 0x01000000, 0, 0
END
