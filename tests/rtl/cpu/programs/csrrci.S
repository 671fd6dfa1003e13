/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM csrrci
    li a3, -1
    csrw mscratch, a3
    csrrci a5, mscratch, 21
    CHECK "csrrci/returns-the-old-value", a5, -1
    csrr a5, mscratch
    CHECK "csrrci/clears", a5, 0xffffffea
    csrrci a5, mscratch, 0
    CHECK "csrrci/zero-only-reads", a5, 0xffffffea
    csrci mscratch, 31
    csrr a5, mscratch
    CHECK "csrrci/keeps-the-upper-bits", a5, 0xffffffe0
    mv a5, x0
    CHECK "csrrci/rd-x0-stays-zero", a5, 0
END
