/* SPDX-License-Identifier: MIT */
#include "test.inc"

/* As for loads: where the core trapped, the programme stores byte by byte. */
.macro CASE_STORE_MISALIGNED op, offset, want_low, want_high
    la a4, buffer
    sw x0, -4(a4)
    sw x0, 0(a4)
    sw x0, 4(a4)
    li a3, 0x89abcdef
    TRAP_ARM
.Linsn\@:
    \op a3, \offset(a4)
    TRAP_GET t1, TRAP_COUNT
    beqz t1, .Ldone\@
    lw a5, 0(a4)
    lw t1, 4(a4)
    or a5, a5, t1
    lw t1, -4(a4)
    or s1, a5, t1
    CHECK_RTL "store-misaligned/\op-at-\offset-stores-nothing", s1, 0
    sb a3, \offset(a4)
    srli a3, a3, 8
    sb a3, \offset + 1(a4)
.ifc \op, sw
    srli a3, a3, 8
    sb a3, \offset + 2(a4)
    srli a3, a3, 8
    sb a3, \offset + 3(a4)
.endif
.Ldone\@:
    lw a5, 0(a4)
    CHECK "store-misaligned/\op-at-\offset", a5, \want_low
    lw a5, 4(a4)
    CHECK "store-misaligned/\op-at-\offset-next-word", a5, \want_high
    TRAP_GET t1, TRAP_COUNT
    CHECK_RTL "store-misaligned/\op-at-\offset count", t1, 1
    TRAP_GET t1, TRAP_CAUSE
    CHECK_RTL "store-misaligned/\op-at-\offset mcause", t1, CAUSE_STORE_MISALIGNED
    TRAP_GET t1, TRAP_EPC
    CHECK_RTL_ADDRESS "store-misaligned/\op-at-\offset mepc", t1, .Linsn\@
    TRAP_GET t1, TRAP_TVAL
    CHECK_RTL_ADDRESS "store-misaligned/\op-at-\offset mtval", t1, buffer + \offset
.endm

PROGRAM trap_store_misaligned
    CASE_STORE_MISALIGNED sh, 1, 0x00cdef00, 0
    CASE_STORE_MISALIGNED sh, 3, 0xef000000, 0x000000cd
    CASE_STORE_MISALIGNED sw, 1, 0xabcdef00, 0x00000089
    CASE_STORE_MISALIGNED sw, 2, 0xcdef0000, 0x000089ab
    CASE_STORE_MISALIGNED sw, 3, 0xef000000, 0x0089abcd
    CASE_STORE_MISALIGNED sw, -1, 0x0089abcd, 0
    li a4, HOLE
    TRAP_ARM
    sw a4, 1(a4)
    TRAP_GET t1, TRAP_COUNT
    CHECK "store-misaligned/in-a-hole count", t1, 1
    TRAP_GET t1, TRAP_CAUSE
    CHECK_RTL "store-misaligned/in-a-hole mcause", t1, CAUSE_STORE_MISALIGNED
    TRAP_GET t1, TRAP_TVAL
    CHECK "store-misaligned/in-a-hole mtval", t1, HOLE + 1
    la a4, buffer
    TRAP_ARM
    sw a3, 0(a4)
    sh a3, 2(a4)
    sb a3, 1(a4)
    sb a3, 3(a4)
    CHECK_NO_TRAP "store-misaligned/aligned-ones"
    .bss
    .balign 4
    .space 4
buffer:
    .space 8
    .text
END
