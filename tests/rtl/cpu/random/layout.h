/* SPDX-License-Identifier: MIT
 *
 * Where a random programme and its data lie. For the frame (assembly) and the generator (C). */
#ifndef TESTS_RTL_CPU_RANDOM_LAYOUT_H
#define TESTS_RTL_CPU_RANDOM_LAYOUT_H

#include "tests/rtl/cpu/programs/platform.h"

#define BODY_BASE 0x80004000
/* No instruction, and what tells the frame's handler that the programme is through. */
#define BODY_END 0xffffffff

/* x31. The programme's data lie from DATA_LOW to DATA_HIGH around it, what the handler needs above them. */
#define DATA_BASE 0x80030000
#define DATA_LOW -2048
#define DATA_HIGH 1536
#define SAVE_T0 1536
#define SAVE_T1 1540
#define SAVE_T2 1544
#define TRAP_HASH 1548
#define EXCEPTIONS 1552
#define INTERRUPTS 1556
#define SAVED_REGISTERS 1600

#endif
