/* How far a run is: a line that changes on a terminal, a plain line for each tenth where none is. On standard error. */
#ifndef QOSIM_COSIM_REGRESS_PROGRESS_H
#define QOSIM_COSIM_REGRESS_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

typedef struct Progress {
    uint64_t total;
    gint64 start_us;
    gint64 shown_us; /* of a terminal */
    unsigned tenths; /* shown */
    bool terminal;
    bool quiet;
} Progress;

void progress_start(Progress *progress, uint64_t total, bool quiet);
void progress_show(Progress *progress, uint64_t done);

/* Removes the line from the terminal. Returns the seconds since the start. */
double progress_end(Progress *progress);

#endif
