/* Carrying out frames: what a machine's thread does with a client's frame, wherever that came from. */
#ifndef QOSIM_SERVER_EXECUTE_H
#define QOSIM_SERVER_EXECUTE_H

#include <stdbool.h>

#include "proto/arena.h"
#include "proto/message.h"
#include "server/listener.h"
#include "server/machine_host.h"

/* Where a frame came from; no listener: an embedded client. */
typedef struct FrameOrigin {
    Listener *listener;
    const QsPeer *peer;
    bool late; /* it came while the machine was busy waiting for its driver */
} FrameOrigin;

/* What is to be sent back. */
typedef enum ExecuteAnswer {
    EXECUTE_NOTHING, /* the frame was posted */
    EXECUTE_FRAME,   /* the frame that was filled in */
    EXECUTE_KEPT,    /* the kept reply */
} ExecuteAnswer;

typedef struct ExecuteOutcome {
    ExecuteAnswer answer;
    const SentFrame *kept; /* borrowed */
    Session *session;      /* whose frame it was; NULL: nobody's, or it has ended */
    bool closing;          /* the reply is the session's last: nothing is kept */
} ExecuteOutcome;

/*
 * Carries out @frame on the thread of @host. The answer's memory lives in @arena. The events in it stay in the session's
 * queue until execute_commit(), so that nothing is lost when the answer cannot be sent.
 */
ExecuteOutcome execute_frame(MachineHost *host, const FrameOrigin *origin, QsArena *arena,
                             const QsClientFrame *frame, QsServerFrame *answer);

/* The reply to @request_id of @session, with the events and the posted errors that wait, into @answer. */
void execute_reply(MachineHost *host, Session *session, QsArena *arena, uint64_t request_id,
                   const QsStatus *status, const QsResult *results, size_t n_results,
                   QsServerFrame *answer);

/* Notes that @answer, which was made for @session, goes out. */
void execute_commit(Session *session, const QsServerFrame *answer);

/* Keeps @frame, which was committed and is sent as these bytes, for the case that it does not arrive. */
void execute_keep(Session *session, const QsServerFrame *frame, uint8_t *data, size_t len);

/* Why a frame's session cannot be used: there is none, or (@session) it is another client's now. */
void execute_no_session(QsArena *arena, QsStatus *status, const Session *session);

/* An answer to a frame that belongs to no session: @code and text as the status of the whole frame. */
void execute_refuse(uint64_t request_id, const QsStatus *status, QsServerFrame *answer);

/*
 * Carries out @frame and sends what is to be sent, then the events that others wait for. @bytes is the frame's size on
 * the wire.
 */
void execute_and_send(MachineHost *host, const FrameOrigin *origin, QsArena *arena,
                      const QsClientFrame *frame, size_t bytes);

/* Sends a refusal to @peer. */
void execute_send_refusal(MachineHost *host, const FrameOrigin *origin, QsArena *arena,
                          uint64_t request_id, const QsStatus *status);

/* The next frame of events for @session, which is to be committed; false when there is none. */
bool execute_events(MachineHost *host, Session *session, QsArena *arena, QsServerFrame *events);

/* Sends a frame of events to @session if it takes such. False when that has to be tried again; the events stay. */
bool execute_push(MachineHost *host, Session *session);

/* The same for all sessions that have some, now and again until all are sent. */
void execute_push_all(MachineHost *host);

#endif
