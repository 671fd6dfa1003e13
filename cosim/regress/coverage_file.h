/*
 * A database of coverage: a text file with the counts of every bin that there is, so that those of several runs can be added up.
 *
 *     qosim-coverage 1 gpio
 *     run "seed 0x1 …"                      a line for each run that is in it
 *     rise_ip.read.0-1 0 0 17 1 …           a point, and the counts of its bins
 */
#ifndef QOSIM_COSIM_REGRESS_COVERAGE_FILE_H
#define QOSIM_COSIM_REGRESS_COVERAGE_FILE_H

#include "cosim/regress/coverage.h"

G_BEGIN_DECLS

/*
 * Writes the database. @runs (strings of one line each) tell what is in it. False with REGRESS_ERROR_TARGET; what was there under
 * that name before is then still there.
 */
bool coverage_file_write(const char *path, const Coverage *coverage, const GPtrArray *runs,
                         GError **error);

/*
 * Adds the counts of a database to @coverage and its runs to @runs. False with REGRESS_ERROR_USAGE, which begins with @path and the
 * line's number: no database, of another device, or of a version with other bins.
 */
bool coverage_file_add(const char *path, Coverage *coverage, GPtrArray *runs, GError **error);

/* The same of a database's text. */
bool coverage_file_parse(const char *file, const char *text, Coverage *coverage, GPtrArray *runs,
                         GError **error);

/* The database's text, owned by the caller. */
char *coverage_file_print(const Coverage *coverage, const GPtrArray *runs);

G_END_DECLS

#endif
