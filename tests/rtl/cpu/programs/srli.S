/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM srli
    CASE_RI "srli/by-0", srli, 0x80000001, 0x80000001, 0
    CASE_RI "srli/by-1-brings-a-zero", srli, 0x40000000, 0x80000001, 1
    CASE_RI "srli/by-16", srli, 0x00008765, 0x87654321, 16
    CASE_RI "srli/by-31", srli, 1, 0x80000000, 31
    CASE_RI "srli/by-31-of-positive-is-zero", srli, 0, 0x7fffffff, 31
    FORMS_RI srli, 0x08765432, 0x87654321, 4, 0
END
