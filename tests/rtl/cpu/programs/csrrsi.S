/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM csrrsi
    csrwi mscratch, 0
    csrrsi a5, mscratch, 21
    CHECK "csrrsi/returns-the-old-value", a5, 0
    csrr a5, mscratch
    CHECK "csrrsi/sets", a5, 21
    csrrsi a5, mscratch, 10
    csrr a5, mscratch
    CHECK "csrrsi/keeps-what-was-set", a5, 31
    csrrsi a5, mscratch, 0
    CHECK "csrrsi/zero-only-reads", a5, 31
    li a3, 0xffffff00
    csrw mscratch, a3
    csrsi mscratch, 31
    csrr a5, mscratch
    CHECK "csrrsi/keeps-the-upper-bits", a5, 0xffffff1f
    mv a5, x0
    CHECK "csrrsi/rd-x0-stays-zero", a5, 0
END
