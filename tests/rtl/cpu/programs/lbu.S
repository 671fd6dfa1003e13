/* SPDX-License-Identifier: MIT */
#include "test.inc"
#include "load_byte.inc"

PROGRAM lbu
    LOAD_BYTE_CASES lbu, 0x7f, 1, 0xff, 0x80
END
