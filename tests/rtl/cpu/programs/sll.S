/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM sll
    CASE_RR "sll/by-0", sll, 0x80000001, 0x80000001, 0
    CASE_RR "sll/by-1-drops-the-top-bit", sll, 2, 0x80000001, 1
    CASE_RR "sll/by-7", sll, 0x00000080, 1, 7
    CASE_RR "sll/by-16", sll, 0x56780000, 0x12345678, 16
    CASE_RR "sll/by-31", sll, 0x80000000, 0xffffffff, 31
    CASE_RR "sll/by-31-of-even-is-zero", sll, 0, 0xfffffffe, 31
    CASE_RR "sll/by-32-is-by-0", sll, 0x12345678, 0x12345678, 32
    CASE_RR "sll/only-five-bits-count", sll, 0x00000010, 1, 0xffffffe4
    FORMS_RR sll, 0x23456780, 0x12345678, 4, 0x78000000, 0, 0x12345678
END
