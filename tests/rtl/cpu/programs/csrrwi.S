/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM csrrwi
    csrwi mscratch, 31
    csrr a5, mscratch
    CHECK "csrrwi/largest-immediate-is-not-sign-extended", a5, 31
    csrrwi a5, mscratch, 1
    CHECK "csrrwi/returns-the-old-value", a5, 31
    csrr a5, mscratch
    CHECK "csrrwi/leaves-the-new-value", a5, 1
    csrrwi a5, mscratch, 0
    csrr a5, mscratch
    CHECK "csrrwi/zero-writes-zero", a5, 0
    li a3, -1
    csrw mscratch, a3
    csrrwi x0, mscratch, 16
    csrr a5, mscratch
    CHECK "csrrwi/clears-the-upper-bits", a5, 16
    mv a5, x0
    CHECK "csrrwi/rd-x0-stays-zero", a5, 0
/* The immediate sits where rs1 would be: x10 here holds something else. */
    li a0, 0x12345678
    csrwi mscratch, 10
    csrr a5, mscratch
    CHECK "csrrwi/immediate-is-no-register-number", a5, 10
END
