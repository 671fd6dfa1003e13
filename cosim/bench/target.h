/* A machine to be measured, reached by one transport: a qosimd of its own, unless it is in this process, and a session with it. */
#ifndef QOSIM_COSIM_BENCH_TARGET_H
#define QOSIM_COSIM_BENCH_TARGET_H

#include <qosim/qosim.h>

#include "cosim/bench/bench.h"

/* Registers of the sifive_e machine's GPIO: one to read, and one whose writing changes nothing as no pin is an output. */
#define TARGET_READ_ADDRESS UINT64_C(0x10012008)
#define TARGET_WRITE_ADDRESS UINT64_C(0x1001200c)

#define TARGET_BATCH 64u

/* How a transport is named on the command line, and had. */
typedef struct TransportInfo {
    const char *name;
    const char
        *listen; /* of qosimd; NULL: none is needed. "$DIR" and "%u" (a free port) are filled in */
    const char *url; /* of the client, where it is not @listen */
    const char *baseline;
    const char *carrier; /* what qosim_transport() must say */
} TransportInfo;

extern const TransportInfo bench_transports[];
extern const guint bench_n_transports;

/* The one called @name; NULL when there is none. */
const TransportInfo *bench_find_transport(const char *name);

typedef struct BenchTarget {
    const TransportInfo *info;
    BenchProcess *process; /* NULL: in this process */
    char *url;
    qosim_session *session;
} BenchTarget;

/* NULL with @error. */
BenchTarget *bench_target_open(const TransportInfo *info, const BenchOptions *options,
                               GError **error);
void bench_target_close(BenchTarget *target);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(BenchTarget, bench_target_close)

/* Loops on @target: one register read after the other, reads in batches of TARGET_BATCH, posted writes. */
BenchLoop bench_target_loop_reads(BenchTarget *target);
BenchLoop bench_target_loop_batches(BenchTarget *target);
BenchLoop bench_target_loop_posted(BenchTarget *target);

#endif
