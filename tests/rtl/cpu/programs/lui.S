/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM lui
    lui a5, 0
    CHECK "lui/zero", a5, 0
    lui a5, 1
    CHECK "lui/one", a5, 0x1000
    lui a5, 0x7ffff
    CHECK "lui/largest-positive", a5, 0x7ffff000
    lui a5, 0x80000
    CHECK "lui/sign-bit", a5, 0x80000000
    lui a5, 0xfffff
    CHECK "lui/all-ones", a5, 0xfffff000
    li a5, -1
    lui a5, 0x12345
    CHECK "lui/clears-the-low-bits", a5, 0x12345000
    lui x0, 0x12345
    mv a5, x0
    CHECK "lui/rd-x0-stays-zero", a5, 0
    lui a5, 0x12345
    addi a5, a5, 0x678
    CHECK "lui/next-instruction-uses-it", a5, 0x12345678
END
