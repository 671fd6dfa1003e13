/* SPDX-License-Identifier: MIT */
#include "test.inc"
#include "load_half.inc"

PROGRAM lhu
    LOAD_HALF_CASES lhu, 0x017f, 0x80ff, 0xffff, 0x8000
END
