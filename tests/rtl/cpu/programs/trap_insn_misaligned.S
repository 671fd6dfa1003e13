/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM trap_insn_misaligned
/* A taken jump to an address with bit 1 set traps at the jump, and the link is not written. */
    li a5, 77
    la a4, target + 2
    TRAP_ARM
1:  jalr a5, 0(a4)
    mv s1, a5
    CHECK_TRAP "insn-misaligned/jalr", CAUSE_INSN_MISALIGNED, 1b
    TRAP_GET t1, TRAP_TVAL
    CHECK_ADDRESS "insn-misaligned/jalr mtval", t1, target + 2
    CHECK "insn-misaligned/jalr-writes-no-link", s1, 77
    la a4, target + 3
    TRAP_ARM
1:  jalr a5, 0(a4)
    CHECK_TRAP "insn-misaligned/jalr-to-3", CAUSE_INSN_MISALIGNED, 1b
    TRAP_GET t1, TRAP_TVAL
    CHECK_ADDRESS "insn-misaligned/jalr-to-3 mtval", t1, target + 2
/* jal a5, . + 6 */
    li a5, 77
    TRAP_ARM
1:  .word 0x006007ef
    mv s1, a5
    nop
    CHECK_TRAP "insn-misaligned/jal", CAUSE_INSN_MISALIGNED, 1b
    TRAP_GET t1, TRAP_TVAL
    CHECK_RTL_ADDRESS "insn-misaligned/jal mtval", t1, 1b + 6
    CHECK "insn-misaligned/jal-writes-no-link", s1, 77
/* beq x0, x0, . + 6 is taken; bne x0, x0, . + 6 is not and does not trap. */
    TRAP_ARM
1:  .word 0x00000363
    nop
    CHECK_TRAP "insn-misaligned/branch-taken", CAUSE_INSN_MISALIGNED, 1b
    TRAP_GET t1, TRAP_TVAL
    CHECK_RTL_ADDRESS "insn-misaligned/branch mtval", t1, 1b + 6
    TRAP_ARM
    .word 0x00001363
    nop
    CHECK_NO_TRAP "insn-misaligned/branch-not-taken"
/* Backwards: bge x0, x0, . - 2, in the middle of the word before. */
    TRAP_ARM
    nop
1:  .word 0xfe005fe3
    CHECK_TRAP "insn-misaligned/branch-backwards", CAUSE_INSN_MISALIGNED, 1b
    TRAP_GET t1, TRAP_TVAL
    CHECK_RTL_ADDRESS "insn-misaligned/branch-backwards mtval", t1, 1b - 2
    j 2f
    .balign 4
target:
    nop
    nop
2:
END
