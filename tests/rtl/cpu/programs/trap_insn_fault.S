/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM trap_insn_fault
/* Execution where nothing answers: mepc and mtval are the address, not the jump's. */
    li a4, HOLE
    TRAP_ARM 1f
    jalr x0, 0(a4)
1:  CHECK_TRAP "insn-fault/jump-into-a-hole", CAUSE_INSN_FAULT, HOLE
    CHECK_TVAL "insn-fault/jump-into-a-hole", HOLE
/* The jump itself was completed: the link is there. */
    li a4, HOLE + 0x20
    li ra, 0
    TRAP_ARM 2f
1:  jalr ra, 4(a4)
2:  mv s1, ra
    CHECK_TRAP "insn-fault/call-into-a-hole", CAUSE_INSN_FAULT, HOLE + 0x24
    CHECK_TVAL "insn-fault/call-into-a-hole", HOLE + 0x24
    CHECK_ADDRESS "insn-fault/call-was-completed", s1, 2b
/* By mret. */
    li a4, HOLE + 0x100
    csrw mepc, a4
    TRAP_ARM 2f
    mret
2:  CHECK_TRAP "insn-fault/mret-into-a-hole", CAUSE_INSN_FAULT, HOLE + 0x100
    CHECK_TVAL "insn-fault/mret-into-a-hole", HOLE + 0x100
END
