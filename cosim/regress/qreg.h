/*
 * .qreg: a sequence of operations as text, one a line, that a person can write and read. docs/regress.md has the grammar:
 *
 *     # comment
 *     write output_en 0xff            # the whole register; also OFFSET, NAME+BYTES, and a size as the last word
 *     write pue 0xff00 strobes=0x2    # of a word, only these bytes
 *     line 3 high                     # or low, or released
 *     input iof0-oe 3 high            # or low: a line of one of the device's lists
 *     line 4 low phase=2 unsettled    # in the middle of a clock; the next change follows at once
 *     reset                           # phase=3: when an access began three clocks ago
 *     advance 100                     # ns
 *     read rise_ip => ok 0x8 irq=0x0 out=0xff driven=0xff
 *
 * What stands behind "=>" is what the operation came to, any part of it.
 */
#ifndef QOSIM_COSIM_REGRESS_QREG_H
#define QOSIM_COSIM_REGRESS_QREG_H

#include <glib.h>

#include "cosim/regress/device.h"
#include "cosim/regress/op.h"

/* Most bytes of a file. */
#define QREG_SIZE_MAX ((gsize)256 << 20)

/*
 * The steps of @text, an array of Step owned by the caller. NULL with REGRESS_ERROR_USAGE, which begins with @file and the line's number.
 */
GArray *qreg_parse(const char *file, const char *text, const RegressDevice *device, GError **error);

/* The same of a file's contents. */
GArray *qreg_load(const char *path, const RegressDevice *device, GError **error);

/* Appends the operation as a line has it, without newline. */
void qreg_print_op(GString *to, const RegressDevice *device, const Op *op);

/* Appends " => " and what @known (Observed) tells of the outcome of @op. */
void qreg_print_outcome(GString *to, const Op *op, const Outcome *outcome, unsigned known);

/* Name of an outcome on the bus (qosim_bus or OpBus): "ok", "error", "decode-error", "access-error", "stuck", "violation"; else NULL. */
const char *qreg_bus_name(int bus);

/* "rise_ip", "rise_ip+1", or "0x44" where no register is. Owned by the caller. */
char *qreg_place(const RegressDevice *device, uint32_t offset);

#endif
