/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM and
    CASE_RR "and/zeros", and, 0, 0, 0
    CASE_RR "and/with-ones", and, 0x12345678, 0x12345678, -1
    CASE_RR "and/with-zero", and, 0, 0x12345678, 0
    CASE_RR "and/alternating", and, 0, 0x55555555, 0xaaaaaaaa
    CASE_RR "and/nibbles", and, 0x0f000f00, 0xff00ff00, 0x0f0f0f0f
    FORMS_RR and, 0x10101010, 0x12345678, 0x11111111, 0x12345678, 0, 0
END
