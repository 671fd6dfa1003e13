/* The machine's way out: what it tells of its own accord goes into the queues of the sessions that it concerns. */
#ifndef QOSIM_SERVER_OUTBOX_H
#define QOSIM_SERVER_OUTBOX_H

#include "models/chardev/rpc.h"
#include "models/core/machine.h"

/* A MachineEventSink whose @opaque is the MachineHost. Only queues and sends; never calls the machine. */
void outbox_take(void *opaque, const MachineEvent *event);

/* The same for what an rpc chardev tells. */
void outbox_take_chardev(void *opaque, Chardev *chr, RpcChardevNotice notice);

#endif
