/* SPDX-License-Identifier: MIT */
#include "test.inc"
#include "load_byte.inc"

PROGRAM lb
    LOAD_BYTE_CASES lb, 0x7f, 1, -1, -128
END
