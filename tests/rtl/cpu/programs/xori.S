/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM xori
    CASE_RI "xori/zeros", xori, 0, 0, 0
    CASE_RI "xori/minus-one-complements", xori, 0xedcba987, 0x12345678, -1
    CASE_RI "xori/largest-immediate", xori, 0xfffff800, -1, 2047
    CASE_RI "xori/smallest-immediate", xori, 0x000007ff, -1, -2048
    CASE_RI "xori/with-itself-low-bits", xori, 0, 0x555, 0x555
    FORMS_RI xori, 0x12345769, 0x12345678, 0x111, 0x111
END
