/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM sltiu
    CASE_RI "sltiu/equal", sltiu, 0, 5, 5
    CASE_RI "sltiu/less", sltiu, 1, 4, 5
    CASE_RI "sltiu/zero-is-below-one", sltiu, 1, 0, 1
    CASE_RI "sltiu/only-zero-is-below-one", sltiu, 0, 0x80000000, 1
    CASE_RI "sltiu/minus-one-is-largest", sltiu, 1, 1, -1
    CASE_RI "sltiu/largest-not-below-itself", sltiu, 0, -1, -1
    CASE_RI "sltiu/immediate-is-sign-extended-then-unsigned", sltiu, 1, 0x80000000, -2048
    CASE_RI "sltiu/not-below-the-extended-immediate", sltiu, 0, 0xfffff800, -2048
    FORMS_RI sltiu, 1, 3, -5, 1
END
