/* Deadlines on the monotonic clock, in milliseconds. */
#ifndef QOSIM_PROTO_CLOCK_H
#define QOSIM_PROTO_CLOCK_H

#include <stdint.h>
#include <time.h>

#define CLOCK_NEVER INT64_MAX

static inline int64_t clock_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* When @timeout_ms from now are over; a negative timeout never is, and one of 0 costs no look at the clock. */
static inline int64_t clock_deadline(int timeout_ms)
{
    return timeout_ms < 0 ? CLOCK_NEVER : timeout_ms == 0 ? 0 : clock_now() + timeout_ms;
}

/* What is left until @deadline, for poll(): 0 when it is over, -1 when there is none. */
static inline int clock_left(int64_t deadline)
{
    int64_t left;

    if (deadline == CLOCK_NEVER) {
        return -1;
    }
    left = deadline ? deadline - clock_now() : 0;
    return left <= 0 ? 0 : left > INT32_MAX ? INT32_MAX : (int)left;
}

#endif
