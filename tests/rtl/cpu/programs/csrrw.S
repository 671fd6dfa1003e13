/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM csrrw
    li a3, 0x12345678
    csrw mscratch, a3
    csrr a5, mscratch
    CHECK "csrrw/written-and-read-back", a5, 0x12345678
    li a3, 0x87654321
    csrrw a5, mscratch, a3
    CHECK "csrrw/returns-the-old-value", a5, 0x12345678
    csrr a5, mscratch
    CHECK "csrrw/leaves-the-new-value", a5, 0x87654321
    li a5, 0x11111111
    csrrw a5, mscratch, a5
    CHECK "csrrw/rd-is-rs1-swaps", a5, 0x87654321
    csrrw a5, mscratch, a5
    CHECK "csrrw/swaps-back", a5, 0x11111111
    csrrw x0, mscratch, x0
    csrr a5, mscratch
    CHECK "csrrw/x0-writes-zero", a5, 0
    li a3, -1
    csrrw x0, mscratch, a3
    mv a5, x0
    CHECK "csrrw/rd-x0-stays-zero", a5, 0
    csrr a5, mscratch
    CHECK "csrrw/rd-x0-still-writes", a5, -1
END
