/* Files that the program writes: whole or not at all. */
#ifndef QOSIM_COSIM_REGRESS_REPORT_OUTPUT_H
#define QOSIM_COSIM_REGRESS_REPORT_OUTPUT_H

#include <stdbool.h>

#include <glib.h>

G_BEGIN_DECLS

/*
 * Writes @text (@length bytes; -1: to its NUL) to the file @path. A regular file appears under its name when all of it is on the
 * disk, and an older one stays until then; what is no regular file (a terminal, a pipe, a device) is written to as it is. False with
 * REGRESS_ERROR_TARGET, which names the file.
 */
bool output_write(const char *path, const char *text, gssize length, GError **error);

/*
 * For writers that want a name of their own: a new file beside @path, empty, whose name the caller owns. When it is complete,
 * output_finish() gives it its final name; output_drop() removes it. Both free the name. NULL or false with REGRESS_ERROR_TARGET.
 */
char *output_begin(const char *path, GError **error);
bool output_finish(char *temporary, const char *path, GError **error);
void output_drop(char *temporary);

/* What output_write() is going to need, found out before hours of work: that a file can be made where @path is. */
bool output_check(const char *path, GError **error);

G_END_DECLS

#endif
