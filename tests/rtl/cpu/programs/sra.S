/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM sra
    CASE_RR "sra/by-0", sra, 0x80000001, 0x80000001, 0
    CASE_RR "sra/by-1-keeps-the-sign", sra, 0xc0000000, 0x80000001, 1
    CASE_RR "sra/by-1-of-positive", sra, 0x3fffffff, 0x7fffffff, 1
    CASE_RR "sra/by-7-of-minus-one", sra, -1, -1, 7
    CASE_RR "sra/by-16", sra, 0xffff8765, 0x87654321, 16
    CASE_RR "sra/by-31-of-negative-is-minus-one", sra, -1, 0x80000000, 31
    CASE_RR "sra/by-31-of-positive-is-zero", sra, 0, 0x7fffffff, 31
    CASE_RR "sra/by-32-is-by-0", sra, 0x87654321, 0x87654321, 32
    CASE_RR "sra/only-five-bits-count", sra, 0xf8000000, 0x80000000, 0xffffffe4
    FORMS_RR sra, 0xf8765432, 0x87654321, 4, 0xc3b2a190, 0, 0x87654321
END
