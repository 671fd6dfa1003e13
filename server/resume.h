/* Going on after a connection broke: the client says what it has, and gets what it misses. */
#ifndef QOSIM_SERVER_RESUME_H
#define QOSIM_SERVER_RESUME_H

#include "server/execute.h"

/*
 * Answers @frame, a Resume: says from which frame on the session's stream is still there, and sends those that the client has not,
 * as they were sent before. Carries out nothing, so that it may come at any time.
 */
void resume_execute(MachineHost *host, const FrameOrigin *origin, QsArena *arena,
                    const QsClientFrame *frame);

#endif
