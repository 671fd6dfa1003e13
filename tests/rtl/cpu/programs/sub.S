/* SPDX-License-Identifier: MIT */
#include "test.inc"

PROGRAM sub
    CASE_RR "sub/zeros", sub, 0, 0, 0
    CASE_RR "sub/small", sub, 1, 3, 2
    CASE_RR "sub/below-zero", sub, -1, 2, 3
    CASE_RR "sub/zero-minus-smallest-overflows", sub, 0x80000000, 0, 0x80000000
    CASE_RR "sub/smallest-minus-one-overflows", sub, 0x7fffffff, 0x80000000, 1
    CASE_RR "sub/largest-minus-minus-one-overflows", sub, 0x80000000, 0x7fffffff, -1
    CASE_RR "sub/borrow-through-all-bytes", sub, 0x00ffffff, 0x01000000, 1
    FORMS_RR sub, 0x01234567, 0x12345678, 0x11111111, 0, 0xeeeeeeef, 0x12345678
END
