/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM or
    CASE_RR "or/zeros", or, 0, 0, 0
    CASE_RR "or/with-ones", or, -1, 0x12345678, -1
    CASE_RR "or/with-zero", or, 0x12345678, 0x12345678, 0
    CASE_RR "or/alternating", or, -1, 0x55555555, 0xaaaaaaaa
    CASE_RR "or/nibbles", or, 0xff0fff0f, 0xff00ff00, 0x0f0f0f0f
    FORMS_RR or, 0x13355779, 0x12345678, 0x11111111, 0x12345678, 0x11111111, 0x12345678
END
