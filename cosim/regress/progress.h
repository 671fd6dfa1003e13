/* How far a run is: a line that changes on a terminal, a plain line for each tenth where none is. On standard error. */
#ifndef QOSIM_COSIM_REGRESS_PROGRESS_H
#define QOSIM_COSIM_REGRESS_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

typedef struct Progress {
    uint64_t total;
    double coverage; /* percent of the goals that are reached; below 0: nobody counts */
    gint64 start_us;
    gint64 shown_us; /* of a terminal */
    unsigned tenths; /* shown */
    bool terminal;
    bool quiet;
} Progress;

void progress_start(Progress *progress, uint64_t total, bool quiet);
void progress_show(Progress *progress, uint64_t done);

/* Whether progress_show() would show something now, for those who have to compute what it shows. */
bool progress_due(const Progress *progress, uint64_t done);

/* Removes the line from the terminal. Returns the seconds since the start. */
double progress_end(Progress *progress);

/*
 * The line for a terminal of @columns columns, of which it leaves the last one free, so that no terminal wraps it: a bar, operations,
 * operations per second, coverage if that is not below 0; in short where there is little room. Owned by the caller.
 */
char *progress_line(uint64_t done, uint64_t total, double rate, double coverage, unsigned columns);

#endif
