/* SPDX-License-Identifier: MIT
 *
 * Sleeps for ever, with no case: only the watchdog ends it. */
#include "tests/rtl/cpu/programs/test.inc"

PROGRAM endless
    csrw mie, x0
1:  wfi
    j 1b
END
