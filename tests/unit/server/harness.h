/* A server without threads or sockets, and a device that does on demand whatever a test wants to see handled. */
#ifndef QOSIM_TESTS_UNIT_SERVER_HARNESS_H
#define QOSIM_TESTS_UNIT_SERVER_HARNESS_H

#include <glib.h>

#include "proto/message.h"
#include "server/execute.h"
#include "server/server.h"

/*
 * "prober": a sysbus device with a region of 0x100 bytes, 4 input lines, 4 output lines and 4 interrupt lines.
 *
 *   0x00  keeps what is written
 *   0x04  counts the writes to it
 *   0x08  every access fails with MEMTX_ERROR
 *   0x0c  a write of N raises and lowers interrupt line 0 N times (at most 100000)
 *   0x10  a write of N logs N guest errors (at most 100000)
 *   0x14  a write of N arms a timer that raises interrupt line 1 in N ns
 *   0x18  a read counts
 *   0x1c  a write reads the register itself through the bus, and keeps the result of that
 */
#define TYPE_PROBER "prober"

typedef struct Harness {
    Server *server;
    MachineHost *host;
    Session *session; /* a driver */
    QsArena *arena;
    QsServerFrame answer; /* of the last frame */
} Harness;

#define PROBER_BASE 0x20000000u
#define PROBER_IRQ 40u /* its interrupt line 0 is this input of /machine/plic */

/* A server with the machine that @options tell; NULL: a sifive_e with the prober "p" at PROBER_BASE and PROBER_IRQ. */
Harness *harness_new(const char *options);
void harness_free(Harness *harness);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Harness, harness_free)

/* A further session without a client. */
Session *harness_session(Harness *harness, QsRole role);

/* Carries out one operation on its own and gives its result; memory of earlier ones is reused. */
const QsResult *harness_op(Harness *harness, QsOperation op);

/* The same; it must fail with @code and say @text. */
void harness_fails(Harness *harness, QsOperation op, QsStatusCode code, const char *text);

/* Carries out a frame of @session under its next request id; harness->answer is what came of it, if anything. */
ExecuteOutcome harness_frame(Harness *harness, Session *session, const QsOperation *ops, size_t n,
                             bool posted);

#endif
