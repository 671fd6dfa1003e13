/* SPDX-License-Identifier: MIT */
#include "test.inc"
#include "load_half.inc"

PROGRAM lh
    LOAD_HALF_CASES lh, 0x017f, 0xffff80ff, -1, 0xffff8000
END
