/*
 * What a round trip costs at best: a message of BASELINE_BYTES to another process and one back, with nothing done in between, over
 * each of the ways that Qosim's transports go. The other process is "qosim-bench peer KIND ADDRESS".
 */
#ifndef QOSIM_COSIM_BENCH_BASELINE_H
#define QOSIM_COSIM_BENCH_BASELINE_H

#include <stdatomic.h>

#include "cosim/bench/bench.h"

/* About what a frame with one register read takes, or its reply. */
#define BASELINE_BYTES 48u

typedef struct Baseline Baseline;

/*
 * @name: "spin" (two cache lines of shared memory, both sides spin), "unix", "tcp" (blocking sockets), "nanomsg-ipc", "nanomsg-tcp",
 * "nanomsg-ws" (REQ and REP). NULL with @error.
 */
Baseline *baseline_open(const char *name, GError **error);
void baseline_close(Baseline *baseline);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Baseline, baseline_close)

/* The round trip as a loop, which must not outlive @baseline. */
BenchLoop baseline_loop(Baseline *baseline);

/* What both sides of "spin" map. A side writes its line and then the number of the message. */
typedef struct SpinLine {
    _Alignas(64) _Atomic uint64_t number;
    uint8_t bytes[BASELINE_BYTES];
} SpinLine;

typedef struct SpinSegment {
    SpinLine request;
    SpinLine reply;
    _Alignas(
        64) _Atomic uint32_t awake; /* a futex: 0 while nobody measures, and then the peer sleeps */
} SpinSegment;

SpinSegment *spin_map(const char *path, bool create, GError **error);

/* Waits for the line of message @number. */
void spin_await(const SpinLine *line, uint64_t number);

/* Whole messages over a blocking socket; false when the other end is gone. */
bool stream_send(int fd, const uint8_t *bytes);
bool stream_receive(int fd, uint8_t *bytes);

#endif
