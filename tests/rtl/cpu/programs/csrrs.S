/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM csrrs
    li a3, 0x0000ff00
    csrw mscratch, a3
    li a3, 0x000ff000
    csrrs a5, mscratch, a3
    CHECK "csrrs/returns-the-old-value", a5, 0x0000ff00
    csrr a5, mscratch
    CHECK "csrrs/sets-only", a5, 0x000fff00
    csrrs a5, mscratch, x0
    CHECK "csrrs/x0-only-reads", a5, 0x000fff00
    li a5, 0xf0000000
    csrrs a5, mscratch, a5
    CHECK "csrrs/rd-is-rs1", a5, 0x000fff00
    csrr a5, mscratch
    CHECK "csrrs/rd-is-rs1-sets", a5, 0xf00fff00
    li a3, 0x00000001
    csrrs x0, mscratch, a3
    csrr a5, mscratch
    CHECK "csrrs/rd-x0-still-sets", a5, 0xf00fff01
    li a3, 0
    csrrs a5, mscratch, a3
    CHECK "csrrs/zero-sets-nothing", a5, 0xf00fff01
END
