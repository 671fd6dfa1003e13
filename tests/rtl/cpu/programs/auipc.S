/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM auipc
1:  auipc a5, 0
    la a4, 1b
    sub a5, a5, a4
    CHECK "auipc/zero-is-its-own-address", a5, 0
1:  auipc a5, 1
    la a4, 1b
    sub a5, a5, a4
    CHECK "auipc/one-is-a-page-on", a5, 0x1000
1:  auipc a5, 0xfffff
    la a4, 1b
    sub a5, a5, a4
    CHECK "auipc/all-ones-is-a-page-back", a5, -0x1000
1:  auipc a5, 0x80000
    la a4, 1b
    sub a5, a5, a4
    CHECK "auipc/wraps-around-the-address-space", a5, 0x80000000
1:  auipc a5, 0x7ffff
    la a4, 1b
    sub a5, a5, a4
    CHECK "auipc/largest-positive", a5, 0x7ffff000
    auipc x0, 1
    mv a5, x0
    CHECK "auipc/rd-x0-stays-zero", a5, 0
    auipc a3, 0
    auipc a4, 0
    sub a5, a4, a3
    CHECK "auipc/two-in-a-row-are-four-apart", a5, 4
END
