/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM andi
    CASE_RI "andi/zeros", andi, 0, 0, 0
    CASE_RI "andi/minus-one-changes-nothing", andi, 0x12345678, 0x12345678, -1
    CASE_RI "andi/largest-immediate", andi, 0x000007ff, -1, 2047
    CASE_RI "andi/smallest-immediate", andi, 0xfffff800, -1, -2048
    CASE_RI "andi/low-byte", andi, 0x00000078, 0x12345678, 0xff
    FORMS_RI andi, 0x00000010, 0x12345678, 0x111, 0
END
