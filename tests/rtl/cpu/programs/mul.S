/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM mul
    CASE_RR "mul/by-zero", mul, 0, 0x12345678, 0
    CASE_RR "mul/by-one", mul, 0x12345678, 0x12345678, 1
    CASE_RR "mul/by-minus-one", mul, 0xedcba988, 0x12345678, -1
    CASE_RR "mul/minus-one-squared", mul, 1, -1, -1
    CASE_RR "mul/smallest-by-minus-one-overflows", mul, 0x80000000, 0x80000000, -1
    CASE_RR "mul/smallest-squared-low-half", mul, 0, 0x80000000, 0x80000000
    CASE_RR "mul/largest-squared-low-half", mul, 1, 0x7fffffff, 0x7fffffff
    CASE_RR "mul/low-half-of-a-wide-product", mul, 0xfffe0001, 0x0000ffff, 0x0000ffff
    CASE_RR "mul/sixteen-bits-overflow", mul, 0, 0x00010000, 0x00010000
    FORMS_RR mul, 0x000000f0, 0x10, 0xf, 0x100, 0, 0
END
