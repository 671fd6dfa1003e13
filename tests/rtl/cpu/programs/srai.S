/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM srai
    CASE_RI "srai/by-0", srai, 0x80000001, 0x80000001, 0
    CASE_RI "srai/by-1-keeps-the-sign", srai, 0xc0000000, 0x80000001, 1
    CASE_RI "srai/by-1-of-positive", srai, 0x3fffffff, 0x7fffffff, 1
    CASE_RI "srai/by-16", srai, 0xffff8765, 0x87654321, 16
    CASE_RI "srai/by-31-of-negative-is-minus-one", srai, -1, 0x80000000, 31
    CASE_RI "srai/by-31-of-positive-is-zero", srai, 0, 0x7fffffff, 31
    FORMS_RI srai, 0xf8765432, 0x87654321, 4, 0
END
