/*
 * Sessions whose connection has ended: they wait for their client to come back, for the time of grace, and end. A transport
 * shows the end of a connection at once; where it cannot (nanomsg), a client's promise to speak so often stands in for it.
 */
#ifndef QOSIM_SERVER_LIVENESS_H
#define QOSIM_SERVER_LIVENESS_H

#include "server/machine_host.h"

/* Looks after the sessions of @host from now on, as long as it has any. To be called whenever it gets one. */
void liveness_start(MachineHost *host);

/* No more. */
void liveness_stop(MachineHost *host);

#endif
