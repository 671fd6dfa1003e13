/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM remu
    CASE_RR "remu/exact", remu, 0, 20, 4
    CASE_RR "remu/inexact", remu, 2, 20, 6
    CASE_RR "remu/negative-looks-large", remu, 2, -20, 6
    CASE_RR "remu/zero-dividend", remu, 0, 0, 7
    CASE_RR "remu/by-one", remu, 0, 0x87654321, 1
    CASE_RR "remu/largest-by-largest", remu, 0, -1, -1
    CASE_RR "remu/smaller-than-divisor", remu, 0xfffffffe, 0xfffffffe, 0xffffffff
    CASE_RR "remu/by-zero-is-the-dividend", remu, 20, 20, 0
    CASE_RR "remu/large-by-zero-is-the-dividend", remu, 0x87654321, 0x87654321, 0
    CASE_RR "remu/zero-by-zero", remu, 0, 0, 0
    CASE_RR "remu/sign-bit-by-minus-one", remu, 0x80000000, 0x80000000, -1
    CASE_RR "remu/minus-one-by-sign-bit", remu, 0x7fffffff, -1, 0x80000000
    FORMS_RR remu, 8, 0xf2345678, 0x10, 0, 0, 0xf2345678
END
