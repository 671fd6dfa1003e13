#include "cosim/regress/report/timing.h"

#include <stdlib.h>
#include <time.h>

#define PINGS 1000u
#define PING_NS 200e6

uint64_t timing_requests(Target *target)
{
    uint64_t n = 0;

    return target->ops->requests && target->ops->requests(target, &n, NULL) ? n : 0;
}

void timing_add(ResultTiming *timing, uint64_t operations, uint64_t ns, uint64_t requests)
{
    timing->operations += operations;
    timing->ns += ns;
    timing->requests += requests > 0 ? requests - 1 : 0;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return x < y ? -1 : x > y;
}

/* In ns; GLib's clock is too coarse for what takes less than a microsecond. */
static double now_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

void timing_measure(ResultTiming *timing, Target *target)
{
    double took[PINGS];
    double start = now_ns();
    double before = start;

    if (!target || !target->ops->ping) {
        return;
    }
    while (timing->pings < PINGS && before - start < PING_NS && target->ops->ping(target, NULL)) {
        double after = now_ns();

        took[timing->pings++] = after - before;
        before = after;
    }
    if (timing->pings > 0) {
        qsort(took, timing->pings, sizeof(took[0]), compare_doubles);
        timing->ping_ns = took[timing->pings / 2];
    }
}

double timing_per_operation(const ResultTiming *timing)
{
    return timing->operations > 0 ? (double)timing->ns / (double)timing->operations : 0;
}

double timing_wire(const ResultTiming *timing)
{
    double all = timing_per_operation(timing);
    double requests =
        timing->operations > 0 ? (double)timing->requests / (double)timing->operations : 0;

    return MIN(requests * timing->ping_ns, all);
}
