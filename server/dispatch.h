/* One operation on a machine, and its result. All on the machine's thread. */
#ifndef QOSIM_SERVER_DISPATCH_H
#define QOSIM_SERVER_DISPATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/arena.h"
#include "proto/message.h"
#include "server/machine_host.h"

/* How many bytes, encoded, the results of one frame may take beyond their small fixed parts. */
#define DISPATCH_RESULTS_MAX ((size_t)2304 * 1024)

/* How many bytes the fills of one frame may write together: a few bytes on the wire must not stop a machine for long. */
#define DISPATCH_FILL_MAX ((uint64_t)16 * QS_MAX_BLOCK_BYTES)

/* What the operations of one frame share. */
typedef struct Dispatch {
    MachineHost *host;
    MachineState *machine;
    Session *session;
    QsArena *arena; /* where results live */
    size_t room;    /* bytes of results that still fit the reply */
    uint64_t fill;  /* bytes that may still be filled */
} Dispatch;

Dispatch dispatch_begin(MachineHost *host, Session *session, QsArena *arena);

/* Carries out @op. @result is zeroed, and filled in in every case: a failure is its status. */
void dispatch_operation(Dispatch *d, const QsOperation *op, QsResult *result);

/*
 * Moves the virtual time to @ns on behalf of the session. False with @status when the session may not or @ns lies in the past.
 * For the present nothing happens.
 */
bool dispatch_set_time(Dispatch *d, uint64_t ns, QsStatus *status);

/* "mmio-write"; for statistics and messages. */
const char *dispatch_operation_name(QsOpKind kind);

/* The machine's type as a user gives it ("sifive_e"), in @arena. */
const char *dispatch_machine_type(const MachineHost *host, QsArena *arena);

/* The lines of watch @watch that are not at level 0, in @arena. False when that is full. */
bool dispatch_raised_lines(const MachineHost *host, QsArena *arena, uint32_t watch,
                           const uint32_t **raised, size_t *n);

#endif
