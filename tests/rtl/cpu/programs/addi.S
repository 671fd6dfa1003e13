/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM addi
    CASE_RI "addi/zeros", addi, 0, 0, 0
    CASE_RI "addi/small", addi, 3, 1, 2
    CASE_RI "addi/largest-immediate", addi, 0x000007ff, 0, 2047
    CASE_RI "addi/smallest-immediate", addi, 0xfffff800, 0, -2048
    CASE_RI "addi/largest-overflows", addi, 0x80000000, 0x7fffffff, 1
    CASE_RI "addi/smallest-overflows", addi, 0x7fffffff, 0x80000000, -1
    CASE_RI "addi/minus-one-plus-one-wraps", addi, 0, -1, 1
    CASE_RI "addi/largest-plus-largest-immediate", addi, 0x800007fe, 0x7fffffff, 2047
    FORMS_RI addi, 0x12345789, 0x12345678, 0x111, 0x111
    /* Its rd = x0 form with every operand zero is NOP. */
    li a5, 77
    nop
    CHECK "addi/nop-changes-nothing", a5, 77
END
