/* What a run has to say, as text for people. */
#ifndef QOSIM_COSIM_REGRESS_REPORT_H
#define QOSIM_COSIM_REGRESS_REPORT_H

#include "cosim/regress/lockstep.h"

/* Operations that a report shows before the one that diverged, and that one. */
#define REPORT_LAST_OPS 10u

/*
 * Appends the divergence of @ops at @divergence, with the last operations before it. @from names the source of the operations: a
 * seed, or a file.
 */
void report_divergence(GString *to, const Pair *pair, const char *from, const Op *ops,
                       const Divergence *divergence);

/* Reads all registers of both sides and appends them side by side. */
bool report_registers(GString *to, Pair *pair, GError **error);

/* The program's name for messages and command lines; "qosim-regress" unless one was set. @name is borrowed for ever. */
void report_set_program(const char *name);
const char *report_program(void);

/* Appends the numbers of the bits that are set, by ranges: "3, 8-15". */
void report_bits(GString *to, uint64_t bits);

/* Appends the names of what is in @observed, as in "data, irq". */
void report_observed(GString *to, unsigned observed);

/* The one that is called @name; 0 when none is. */
unsigned report_parse_observed(const char *name);

/* The reproducer as a .qreg file's text: comments, then the operations. */
char *report_reproducer(const Pair *pair, const char *from, const Op *ops,
                        const Divergence *divergence);

/* The command line that runs the operations of @file on the pair again, and compares the same. Owned by the caller. */
char *report_command(const Pair *pair, const char *file);

#endif
