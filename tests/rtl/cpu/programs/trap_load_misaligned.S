/* SPDX-License-Identifier: MIT */
#include "test.inc"

/* The core traps where QEMU performs the access. Where it trapped, the programme does what a handler would, byte by
 * byte, and prints the value that both must arrive at; that it trapped, and how, is asked of the RTL alone. */
.macro CASE_LOAD_MISALIGNED op, offset, want
    la a4, data
    li a5, 77
    TRAP_ARM
.Linsn\@:
    \op a5, \offset(a4)
    TRAP_GET t1, TRAP_COUNT
    beqz t1, .Ldone\@
    mv s1, a5
    CHECK_RTL "load-misaligned/\op-at-\offset-writes-no-rd", s1, 77
    lbu a5, \offset(a4)
    lbu a3, \offset + 1(a4)
    slli a3, a3, 8
    or a5, a5, a3
.ifc \op, lw
    lbu a3, \offset + 2(a4)
    slli a3, a3, 16
    or a5, a5, a3
    lbu a3, \offset + 3(a4)
    slli a3, a3, 24
    or a5, a5, a3
.endif
.ifc \op, lh
    slli a5, a5, 16
    srai a5, a5, 16
.endif
.Ldone\@:
    CHECK "load-misaligned/\op-at-\offset", a5, \want
    TRAP_GET t1, TRAP_COUNT
    CHECK_RTL "load-misaligned/\op-at-\offset count", t1, 1
    TRAP_GET t1, TRAP_CAUSE
    CHECK_RTL "load-misaligned/\op-at-\offset mcause", t1, CAUSE_LOAD_MISALIGNED
    TRAP_GET t1, TRAP_EPC
    CHECK_RTL_ADDRESS "load-misaligned/\op-at-\offset mepc", t1, .Linsn\@
    TRAP_GET t1, TRAP_TVAL
    CHECK_RTL_ADDRESS "load-misaligned/\op-at-\offset mtval", t1, data + \offset
.endm

PROGRAM trap_load_misaligned
    CASE_LOAD_MISALIGNED lh, 1, 0xffff9a56
    CASE_LOAD_MISALIGNED lh, 3, 0xfffff1bc
    CASE_LOAD_MISALIGNED lhu, 1, 0x9a56
    CASE_LOAD_MISALIGNED lhu, 3, 0xf1bc
    CASE_LOAD_MISALIGNED lw, 1, 0xf1bc9a56
    CASE_LOAD_MISALIGNED lw, 2, 0xe2f1bc9a
    CASE_LOAD_MISALIGNED lw, 3, 0xd3e2f1bc
    CASE_LOAD_MISALIGNED lw, -1, 0x9a563400
    CASE_LOAD_MISALIGNED lw, -2, 0x56340000
/* Misalignment goes before the fault that the address would give. */
    li a4, HOLE
    TRAP_ARM
    lw a5, 2(a4)
    TRAP_GET t1, TRAP_COUNT
    CHECK "load-misaligned/in-a-hole count", t1, 1
    TRAP_GET t1, TRAP_CAUSE
    CHECK_RTL "load-misaligned/in-a-hole mcause", t1, CAUSE_LOAD_MISALIGNED
    TRAP_GET t1, TRAP_TVAL
    CHECK_RTL "load-misaligned/in-a-hole mtval", t1, HOLE + 2
/* Aligned ones do not trap. */
    la a4, data
    TRAP_ARM
    lw a5, 0(a4)
    lh a5, 2(a4)
    lhu a5, 2(a4)
    lb a5, 1(a4)
    lbu a5, 3(a4)
    CHECK_NO_TRAP "load-misaligned/aligned-ones"
    .section .rodata
    .balign 4
    .word 0
data:
    .word 0xbc9a5634, 0xc4d3e2f1
    .text
END
