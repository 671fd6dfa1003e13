#include "server/resume.h"

#include "proto/codec.h"
#include "server/reply.h"

/* False when there is no room: the client will miss it, and ask again from there. */
static bool send_frame(MachineHost *host, const FrameOrigin *origin, const uint8_t *data,
                       size_t len)
{
    if (listener_send(origin->listener, host, origin->peer, data, len, false) != LISTENER_SENT) {
        return false;
    }
    host->stats.frames_sent++;
    host->stats.bytes_sent += len;
    return true;
}

/* The frame @sequence or the next one that is kept; NULL when there is none. */
static const SentFrame *find_frame(const Session *session, uint64_t sequence)
{
    const SentFrame *reply = kept_frames_from(&session->kept, sequence);
    const SentFrame *push = kept_frames_from(&session->pushed, sequence);

    if (!reply || !push) {
        return reply ? reply : push;
    }
    return reply->sequence < push->sequence ? reply : push;
}

/* From where on everything is kept, for a client that has all up to frame @last. */
static uint64_t first_kept(const Session *session, uint64_t last)
{
    uint64_t gone = MAX(session->kept.gone, session->pushed.gone);

    return MAX(gone, MIN(last, session->sequence)) + 1;
}

static QsResumed make_answer(const Session *session, const QsResume *resume)
{
    QsResumed resumed = { .last_sequence = resume->last_sequence,
                          .next_sequence = first_kept(session, resume->last_sequence),
                          .last_request_id = session->last_id };
    const SentFrame *next = find_frame(session, resumed.next_sequence);
    uint64_t before = next ? next->events_before : session->events_sent;

    if (resumed.next_sequence > resume->last_sequence + 1 && before > resume->events) {
        resumed.dropped = before - resume->events;
    }
    return resumed;
}

static void refuse(MachineHost *host, const FrameOrigin *origin, QsArena *arena,
                   const Session *session, bool is_taken)
{
    QsStatus status;

    if (session && !is_taken) {
        reply_fail(arena, &status, QS_STATUS_UNSUPPORTED,
                   "the session's Hello did not announce that it resumes: nothing was kept");
    } else {
        execute_no_session(arena, &status, session);
    }
    execute_send_refusal(host, origin, arena, 0, &status);
}

void resume_execute(MachineHost *host, const FrameOrigin *origin, QsArena *arena,
                    const QsClientFrame *frame)
{
    Session *session = machine_host_find_session(host, &frame->session);
    bool is_taken = session && frame->epoch != session->epoch;
    QsServerFrame answer = { .has_resumed = true };
    const SentFrame *kept;
    uint64_t next;
    uint8_t *data;
    size_t len;
    QsError error;

    host->stats.frames_received++;
    if (!session || is_taken || !session->resumes) {
        refuse(host, origin, arena, session, is_taken);
        return;
    }
    session_hear(session, origin->listener, origin->peer);
    answer.resumed = make_answer(session, &frame->resume);
    if (!qs_encode_server_frame(arena, &answer, &data, &len, &error) ||
        !send_frame(host, origin, data, len)) {
        return; /* to the client the answer was lost */
    }
    next = answer.resumed.next_sequence;
    while ((kept = find_frame(session, next)) && send_frame(host, origin, kept->data, kept->len)) {
        next = kept->sequence + 1;
    }
    host->events_wait = true; /* those that waited for the client to come back */
    execute_push_all(host);
}
