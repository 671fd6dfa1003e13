/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM add
    CASE_RR "add/zeros", add, 0, 0, 0
    CASE_RR "add/small", add, 3, 1, 2
    CASE_RR "add/largest-positive-overflows", add, 0x80000000, 0x7fffffff, 1
    CASE_RR "add/smallest-negative-overflows", add, 0x7fffffff, 0x80000000, -1
    CASE_RR "add/minus-one-plus-one-wraps", add, 0, -1, 1
    CASE_RR "add/both-smallest", add, 0, 0x80000000, 0x80000000
    CASE_RR "add/carry-through-all-bytes", add, 0x01000000, 0x00ffffff, 1
    CASE_RR "add/alternating-bits", add, -1, 0x55555555, 0xaaaaaaaa
    FORMS_RR add, 0x23456789, 0x12345678, 0x11111111, 0x2468acf0, 0x11111111, 0x12345678
END
