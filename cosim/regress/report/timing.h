/* Where the time of a target's operations goes, as far as it can be measured. */
#ifndef QOSIM_COSIM_REGRESS_REPORT_TIMING_H
#define QOSIM_COSIM_REGRESS_REPORT_TIMING_H

#include <stdint.h>

#include "cosim/regress/target.h"

G_BEGIN_DECLS

typedef struct ResultTiming {
    uint64_t operations; /* that were timed */
    uint64_t ns;         /* that the target took for them, all in all */
    uint64_t requests;   /* that its server counted in that time; 0: there is no server */
    double ping_ns;      /* an empty request and its answer, the median of those below */
    unsigned pings;      /* that were made; 0: there is no server, or it does not answer any more */
} ResultTiming;

/* Requests that the target's server has counted so far; 0 where there is none. */
uint64_t timing_requests(Target *target);

/* Adds a run. @requests is what timing_requests() grew by, with its own one. */
void timing_add(ResultTiming *timing, uint64_t operations, uint64_t ns, uint64_t requests);

/*
 * Measures empty requests, over the connection that the operations used: a thousand, or as many as a fifth of a second allows. The
 * target must not be in use; NULL, or one without server: nothing is done.
 */
void timing_measure(ResultTiming *timing, Target *target);

/* Per operation, in ns: all of it, and the part of it that empty requests would take as well. */
double timing_per_operation(const ResultTiming *timing);
double timing_wire(const ResultTiming *timing);

G_END_DECLS

#endif
