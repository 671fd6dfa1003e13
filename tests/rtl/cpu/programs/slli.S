/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM slli
    CASE_RI "slli/by-0", slli, 0x80000001, 0x80000001, 0
    CASE_RI "slli/by-1-drops-the-top-bit", slli, 2, 0x80000001, 1
    CASE_RI "slli/by-16", slli, 0x56780000, 0x12345678, 16
    CASE_RI "slli/by-31", slli, 0x80000000, -1, 31
    CASE_RI "slli/by-31-of-even-is-zero", slli, 0, 0xfffffffe, 31
    FORMS_RI slli, 0x23456780, 0x12345678, 4, 0
END
