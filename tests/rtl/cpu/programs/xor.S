/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM xor
    CASE_RR "xor/zeros", xor, 0, 0, 0
    CASE_RR "xor/ones-with-ones", xor, 0, -1, -1
    CASE_RR "xor/complement", xor, 0xedcba987, 0x12345678, -1
    CASE_RR "xor/alternating", xor, -1, 0x55555555, 0xaaaaaaaa
    CASE_RR "xor/nibbles", xor, 0xf00ff00f, 0xff00ff00, 0x0f0f0f0f
    FORMS_RR xor, 0x03254769, 0x12345678, 0x11111111, 0, 0x11111111, 0x12345678
END
