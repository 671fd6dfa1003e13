/*
 * A file of masks: which bits of what is read of a register are compared, a register a line.
 *
 *     input_val 0xffff0000     # the lower pins are not connected on the board
 *     ds        0              # not compared at all
 */
#ifndef QOSIM_COSIM_REGRESS_MASK_FILE_H
#define QOSIM_COSIM_REGRESS_MASK_FILE_H

#include "cosim/regress/lockstep.h"

G_BEGIN_DECLS

/*
 * Applies the masks of the file's @text to @pair. False with REGRESS_ERROR_USAGE, which begins with @file and a line's number: no such
 * register, one that was there before, no mask, no reason given; or when there is no mask at all.
 */
bool mask_file_parse(const char *file, const char *text, Pair *pair, GError **error);

/* The same of a file's contents. */
bool mask_file_load(const char *path, Pair *pair, GError **error);

G_END_DECLS

#endif
