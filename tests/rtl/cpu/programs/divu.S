/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM divu
    CASE_RR "divu/exact", divu, 5, 20, 4
    CASE_RR "divu/rounds-down", divu, 3, 20, 6
    CASE_RR "divu/negative-looks-large", divu, 0x2aaaaaa7, -20, 6
    CASE_RR "divu/zero-dividend", divu, 0, 0, 7
    CASE_RR "divu/by-one", divu, 0x87654321, 0x87654321, 1
    CASE_RR "divu/largest-by-largest", divu, 1, -1, -1
    CASE_RR "divu/smaller-than-divisor", divu, 0, 0xfffffffe, 0xffffffff
    CASE_RR "divu/by-zero-is-all-ones", divu, -1, 20, 0
    CASE_RR "divu/zero-by-zero-is-all-ones", divu, -1, 0, 0
    CASE_RR "divu/sign-bit-by-minus-one-is-zero", divu, 0, 0x80000000, -1
    CASE_RR "divu/minus-one-by-sign-bit", divu, 1, -1, 0x80000000
    CASE_RR "divu/largest-by-two", divu, 0x7fffffff, -1, 2
    FORMS_RR divu, 0x0f000000, 0xf0000000, 0x10, 1, 0, -1
END
