/* SPDX-License-Identifier: MIT
 *
 * Three cases of which two are wrong: the tests' own machinery must say so. */
#include "tests/rtl/cpu/programs/test.inc"

PROGRAM wrong
    li a5, 1
    CHECK "wrong/first", a5, 2
    CHECK "wrong/second", a5, 1
    CHECK "wrong/third", a5, 3
END
