/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM srl
    CASE_RR "srl/by-0", srl, 0x80000001, 0x80000001, 0
    CASE_RR "srl/by-1-brings-a-zero", srl, 0x40000000, 0x80000001, 1
    CASE_RR "srl/by-7", srl, 0x01ffffff, 0xffffffff, 7
    CASE_RR "srl/by-16", srl, 0x00001234, 0x12345678, 16
    CASE_RR "srl/by-31", srl, 1, 0x80000000, 31
    CASE_RR "srl/by-31-of-positive-is-zero", srl, 0, 0x7fffffff, 31
    CASE_RR "srl/by-32-is-by-0", srl, 0x87654321, 0x87654321, 32
    CASE_RR "srl/only-five-bits-count", srl, 0x08000000, 0x80000000, 0xffffffe4
    FORMS_RR srl, 0x08765432, 0x87654321, 4, 0x43b2a190, 0, 0x87654321
END
