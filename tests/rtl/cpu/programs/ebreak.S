/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM ebreak
    TRAP_ARM
1:  ebreak
    CHECK_TRAP "ebreak/first", CAUSE_BREAKPOINT, 1b
    CHECK_TVAL "ebreak/first", 0
/* mtval is written by every trap, also by one that has nothing to tell. */
    li a3, -1
    csrw mtval, a3
    TRAP_ARM
1:  ebreak
    CHECK_TRAP "ebreak/second", CAUSE_BREAKPOINT, 1b
    CHECK_TVAL "ebreak/second-clears", 0
/* The three words around it mean a debugger's semihosting to some; to this core an ebreak is an ebreak. */
    TRAP_ARM
    slli x0, x0, 0x1f
1:  ebreak
    srai x0, x0, 7
    CHECK_TRAP "ebreak/semihosting-sequence", CAUSE_BREAKPOINT, 1b
END
