/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM trap_illegal
/* Words that are no RV32IM + Zicsr + Zifencei instruction. A 16-bit encoding shows in mtval with its 16 bits. */
    TRAP_ARM
1:  .word 0x00000000
    CHECK_TRAP "illegal/all-zero", CAUSE_ILLEGAL, 1b
    CHECK_TVAL "illegal/all-zero", 0
    CASE_ILLEGAL "illegal/all-ones", 0xffffffff
    TRAP_ARM
1:  .word 0x12348082
    CHECK_TRAP "illegal/compressed", CAUSE_ILLEGAL, 1b
    CHECK_TVAL "illegal/compressed", 0x8082
    TRAP_ARM
1:  .word 0x12344501
    CHECK_TRAP "illegal/compressed-quadrant-1", CAUSE_ILLEGAL, 1b
    CHECK_TVAL "illegal/compressed-quadrant-1", 0x4501
    CASE_ILLEGAL "illegal/custom-0", 0x0000000b
    CASE_ILLEGAL "illegal/custom-1", 0x0000002b
    CASE_ILLEGAL "illegal/load-funct3-3", 0x00053503
    CASE_ILLEGAL "illegal/load-funct3-6", 0x00056503
    CASE_ILLEGAL "illegal/load-funct3-7", 0x00057503
    CASE_ILLEGAL "illegal/store-funct3-3", 0x00a53023
    CASE_ILLEGAL "illegal/store-funct3-4", 0x00a54023
    CASE_ILLEGAL "illegal/store-funct3-7", 0x00a57023
    CASE_ILLEGAL "illegal/branch-funct3-2", 0x00002063
    CASE_ILLEGAL "illegal/branch-funct3-3", 0x00003063
    CASE_ILLEGAL "illegal/jalr-funct3-1", 0x00001067
    CASE_ILLEGAL "illegal/jalr-funct3-7", 0x00007067
    CASE_ILLEGAL "illegal/slli-with-bit-25", 0x02051513
    CASE_ILLEGAL "illegal/slli-with-bit-30", 0x40051513
    CASE_ILLEGAL "illegal/srli-with-bit-25", 0x02055513
    CASE_ILLEGAL "illegal/srai-with-bit-25", 0x42055513
    CASE_ILLEGAL "illegal/srli-with-bit-31", 0x80055513
    CASE_ILLEGAL "illegal/op-funct7-2", 0x04b50533
    CASE_ILLEGAL "illegal/op-funct7-0x20-funct3-1", 0x40b51533
    CASE_ILLEGAL "illegal/op-funct7-0x20-funct3-7", 0x40b57533
    CASE_ILLEGAL "illegal/op-funct7-0x40", 0x80b50533
    CASE_ILLEGAL "illegal/misc-mem-funct3-2", 0x0000200f
    CASE_ILLEGAL "illegal/misc-mem-funct3-7", 0x0000700f
    CASE_ILLEGAL "illegal/system-funct3-4", 0x00004073
    CASE_ILLEGAL "illegal/op-imm-32", 0x0000001b
    CASE_ILLEGAL "illegal/op-32", 0x00b5053b
    CASE_ILLEGAL "illegal/amo", 0x00b5252f
    CASE_ILLEGAL "illegal/lr", 0x1005252f
    CASE_ILLEGAL "illegal/load-fp", 0x00052507
    CASE_ILLEGAL "illegal/store-fp", 0x00a52027
    CASE_ILLEGAL "illegal/op-fp", 0x00b50553
    CASE_ILLEGAL "illegal/madd", 0x00b50543
    CASE_ILLEGAL "illegal/op-v", 0x00b50057
    CASE_ILLEGAL "illegal/uret", 0x00200073
    CASE_ILLEGAL "illegal/sret", 0x10200073
    CASE_ILLEGAL "illegal/dret", 0x7b200073
    CASE_ILLEGAL "illegal/ecall-with-rd", 0x000000f3
    CASE_ILLEGAL "illegal/ecall-with-rs1", 0x00008073
    CASE_ILLEGAL "illegal/ebreak-with-rd", 0x001000f3
    CASE_ILLEGAL "illegal/mret-with-rd", 0x302000f3
    CASE_ILLEGAL "illegal/wfi-with-rs1", 0x10508073
    CASE_ILLEGAL "illegal/48-bit-encoding", 0x0000001f
/* Nothing is written: the register that the word names as rd stays. */
    li a0, 77
    TRAP_ARM
1:  .word 0x04b50533
    mv s1, a0
    CHECK_TRAP "illegal/add-with-a-wrong-funct7", CAUSE_ILLEGAL, 1b
    CHECK "illegal/rd-is-not-written", s1, 77
END
