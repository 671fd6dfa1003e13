/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM ori
    CASE_RI "ori/zeros", ori, 0, 0, 0
    CASE_RI "ori/minus-one", ori, -1, 0x12345678, -1
    CASE_RI "ori/largest-immediate", ori, 0x800007ff, 0x80000000, 2047
    CASE_RI "ori/smallest-immediate", ori, 0xfffff801, 1, -2048
    CASE_RI "ori/zero-changes-nothing", ori, 0x87654321, 0x87654321, 0
    FORMS_RI ori, 0x12345779, 0x12345678, 0x111, 0x111
END
