/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM slti
    CASE_RI "slti/equal", slti, 0, 5, 5
    CASE_RI "slti/less", slti, 1, 4, 5
    CASE_RI "slti/greater", slti, 0, 5, 4
    CASE_RI "slti/negative-below-positive", slti, 1, -1, 1
    CASE_RI "slti/positive-not-below-negative", slti, 0, 1, -1
    CASE_RI "slti/smallest-below-smallest-immediate", slti, 1, 0x80000000, -2048
    CASE_RI "slti/largest-not-below-largest-immediate", slti, 0, 0x7fffffff, 2047
    CASE_RI "slti/immediate-is-sign-extended", slti, 0, 0xfffff800, -2048
    FORMS_RI slti, 1, -5, 3, 1
END
