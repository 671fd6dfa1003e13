/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM sltu
    CASE_RR "sltu/equal", sltu, 0, 5, 5
    CASE_RR "sltu/less", sltu, 1, 4, 5
    CASE_RR "sltu/greater", sltu, 0, 5, 4
    CASE_RR "sltu/minus-one-is-largest", sltu, 0, -1, 1
    CASE_RR "sltu/one-below-minus-one", sltu, 1, 1, -1
    CASE_RR "sltu/sign-bit-is-large", sltu, 0, 0x80000000, 0x7fffffff
    CASE_RR "sltu/below-the-sign-bit", sltu, 1, 0x7fffffff, 0x80000000
    CASE_RR "sltu/nothing-below-zero", sltu, 0, 0, 0
    FORMS_RR sltu, 1, 0x7fffffff, 0x80000000, 0, 1, 0
END
