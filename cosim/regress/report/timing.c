#include "cosim/regress/report/timing.h"

#define PINGS 1000u
#define PING_US 200000

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

void timing_measure(ResultTiming *timing, Target *target)
{
    gint64 start = g_get_monotonic_time();
    gint64 now = start;

    if (!target || !target->ops->ping) {
        return;
    }
    while (timing->pings < PINGS && now - start < PING_US && target->ops->ping(target, NULL)) {
        timing->pings++;
        now = g_get_monotonic_time();
    }
    if (timing->pings > 0) {
        timing->ping_ns = (double)(now - start) * 1000 / timing->pings;
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
