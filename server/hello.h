/* Opening a session: version, capabilities, role. */
#ifndef QOSIM_SERVER_HELLO_H
#define QOSIM_SERVER_HELLO_H

#include <stdbool.h>

#include "server/execute.h"

/* Whether this server can talk to a client that says @hello; false with @status, whose text lives in @arena. */
bool hello_check(const QsOperation *hello, QsArena *arena, QsStatus *status);

/* Whether @frame is one that opens a session. */
bool hello_is(const QsClientFrame *frame);

/* Carries out a frame that hello_is(), on the thread of @host. As execute_frame(). */
ExecuteOutcome hello_execute(MachineHost *host, const FrameOrigin *origin, QsArena *arena,
                             const QsClientFrame *frame, QsServerFrame *answer);

#endif
