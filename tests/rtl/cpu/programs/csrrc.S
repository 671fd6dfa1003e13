/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM csrrc
    li a3, 0x00ffff00
    csrw mscratch, a3
    li a3, 0x000ff00f
    csrrc a5, mscratch, a3
    CHECK "csrrc/returns-the-old-value", a5, 0x00ffff00
    csrr a5, mscratch
    CHECK "csrrc/clears-only", a5, 0x00f00f00
    csrrc a5, mscratch, x0
    CHECK "csrrc/x0-only-reads", a5, 0x00f00f00
    li a5, 0x00f00000
    csrrc a5, mscratch, a5
    CHECK "csrrc/rd-is-rs1", a5, 0x00f00f00
    csrr a5, mscratch
    CHECK "csrrc/rd-is-rs1-clears", a5, 0x00000f00
    li a3, 0x00000100
    csrrc x0, mscratch, a3
    csrr a5, mscratch
    CHECK "csrrc/rd-x0-still-clears", a5, 0x00000e00
    li a3, -1
    csrrc a5, mscratch, a3
    csrr a5, mscratch
    CHECK "csrrc/all-ones-clears-everything", a5, 0
END
