#include "cosim/lib/session.h"

#include <stdio.h>
#include <string.h>

/*
 * A request without an answer is sent again after this time, then after twice that, and so on: a connection may have
 * dropped it or its reply. The server knows the id and never executes it twice.
 */
#define FIRST_RESEND_MS 250

/*
 * A connection drops frames when its buffers are full, and a client that only takes events would not see that the last
 * ones are missing. Fewer events than this fit any buffer.
 */
#define CHECK_EVENTS 64
#define CHECK_MS 1000

/* Frames that are taken before the clock is looked at: a server that never stops must not keep a call from its deadline. */
#define MAX_QUICK_FRAMES 64

QsClientFrame call_new_frame(qosim_session *session, const QsOperation *operations, size_t n)
{
    QsClientFrame
        frame; /* of what it does not have, nothing is set: this is done for each access */

    frame.session = (QsBytes){ session->token, session->token_len };
    frame.request_id = ++session->last_request;
    frame.has_virtual_time = session->time_is_new;
    frame.virtual_time_ns = session->time_ns;
    frame.operations = operations;
    frame.n_operations = n;
    frame.posted = false;
    frame.has_dma_response = false;
    frame.after = resume_after(session);
    frame.epoch = session->epoch;
    frame.has_resume = false;
    return frame;
}

static qosim_result no_answer(qosim_session *session, int waited_ms)
{
    const char *trouble = session->ops->trouble ? session->ops->trouble(session->carrier) : NULL;

    if (trouble) {
        return fail(session, session->token_len ? QOSIM_ERR_DISCONNECTED : QOSIM_ERR_TIMEOUT,
                    "no answer from %s within %d ms: %s", session->url, waited_ms, trouble);
    }
    if (!session->token_len) {
        return fail(session, QOSIM_ERR_TIMEOUT,
                    "no answer from %s within %d ms; is qosimd running?", session->url, waited_ms);
    }
    if (!session->ops->is_connected(session->carrier)) {
        return fail(session, QOSIM_ERR_DISCONNECTED,
                    "the connection to %s is lost; no answer within %d ms", session->url,
                    waited_ms);
    }
    return fail(session, QOSIM_ERR_TIMEOUT, "no answer from %s within %d ms", session->url,
                waited_ms);
}

qosim_result call_send_frame(qosim_session *session, const QsClientFrame *frame, int wait_ms)
{
    QsError error = { .text = "" };
    qosim_result rc;

    resume_look(session);
    rc = session->ops->send(session->carrier, frame, false, now_ms() + wait_ms, &error);

    if (rc == QOSIM_ERR_TIMEOUT) {
        return no_answer(session, wait_ms);
    }
    if (rc != QOSIM_OK) {
        return fail(session, rc, "%s", error.text);
    }
    session->time_is_new = false;
    return QOSIM_OK;
}

static void note_posted_error(qosim_session *session, const QsPostedError *error)
{
    if (session->n_posted_errors++ == 0) {
        snprintf(session->posted_text, sizeof(session->posted_text), "%s",
                 *error->status.text ? error->status.text : "a posted write failed");
    }
}

/* A reply tells how the posted frames before it went, unless the connection broke in between. */
static void settle_posted(qosim_session *session, const QsReply *reply)
{
    for (size_t i = 0; i < reply->n_posted_errors; i++) {
        note_posted_error(session, &reply->posted_errors[i]);
    }
    if (session->n_posted && reply->request_id == session->awaited) {
        resume_settle(session, reply->request_id);
        if (!session->resumes &&
            session->ops->connections(session->carrier) != session->posted_connections &&
            session->n_posted_errors++ == 0) {
            snprintf(
                session->posted_text, sizeof(session->posted_text),
                "%s: the connection broke after %zu posted writes; some may not have been done",
                session->url, session->n_posted);
        }
        session->n_posted = 0;
    }
}

/* Why the server does not know the session, if that is what the frame says. */
static void look_for_loss(qosim_session *session, const QsReply *reply)
{
    if (reply->status.code == QS_STATUS_TAKEN_OVER) {
        session->loss = LOSS_TAKEN_OVER;
    } else if (reply->status.code == QS_STATUS_NO_SESSION) {
        session->loss = !reply->server_instance || !session->instance ? LOSS_UNKNOWN
                        : reply->server_instance != session->instance ? LOSS_RESTARTED
                                                                      : LOSS_ENDED;
    }
}

/* As the server counts them: those that it says were dropped are events too. */
static uint64_t count_events(const QsServerFrame *frame)
{
    uint64_t n = frame->n_events;

    if (n && frame->events[0].kind == QS_EVENT_LAGGED) {
        n += frame->events[0].lagged.dropped - 1;
    }
    return n;
}

bool take_news(qosim_session *session, const QsServerFrame *frame)
{
    /*
     * A reply that was asked for again comes with the number it had, perhaps after younger frames. What it brings beside
     * the results is news only if it is the first time that it comes.
     */
    bool is_new = !frame->sequence || frame->sequence > session->last_sequence;
    bool is_awaited = frame->has_reply && frame->reply.request_id == session->awaited;

    if (session->resumes && session->last_sequence &&
        frame->sequence > session->last_sequence + 1) {
        resume_begin(session);
        return false;
    }
    if (frame->has_resumed) {
        resume_take(session, &frame->resumed);
        return true;
    }
    if (frame->has_reply && session->token_len) {
        look_for_loss(session, &frame->reply);
    }
    if (is_new) {
        take_events(session, frame);
    }
    session->n_pushed = frame->has_reply ? 0 : session->n_pushed + frame->n_events;
    /* One outside of the stream refuses the request, and says nothing of those before it. */
    if (frame->has_reply && (is_new || is_awaited) && frame->sequence) {
        settle_posted(session, &frame->reply);
    }
    if (frame->sequence > session->last_sequence) {
        session->last_sequence = frame->sequence;
        session->stream_events += count_events(frame);
        if (frame->has_reply) {
            session->now_ns = frame->reply.now_ns;
            session->next_deadline_ns =
                frame->reply.has_deadline ? frame->reply.next_deadline_ns : NO_DEADLINE;
        }
    }
    return true;
}

bool take_frame(qosim_session *session, const QsServerFrame *frame)
{
    if (!take_news(session, frame)) {
        return false;
    }
    if (frame->has_dma_request) {
        dma_answer(session, &frame->dma_request);
    }
    return true;
}

static qosim_result status_failed(qosim_session *session, const QsStatus *status)
{
    if (session->loss != LOSS_NONE) {
        return check_session(session);
    }
    return fail(session, result_of_status(status->code), "%s",
                *status->text ? status->text : "the server refused and did not say why");
}

/* Whether the reply is one to what was asked. */
static qosim_result check_reply(qosim_session *session, const QsReply *reply,
                                const QsOperation *operations, size_t n)
{
    if (reply->status.code != QS_STATUS_OK) {
        return status_failed(session, &reply->status);
    }
    if (reply->n_results != n) {
        return fail(session, QOSIM_ERR_PROTOCOL, "%s: %zu results for %zu operations", session->url,
                    reply->n_results, n);
    }
    for (size_t i = 0; i < n; i++) {
        if (reply->results[i].status.code != QS_STATUS_OK) {
            return status_failed(session, &reply->results[i].status);
        }
        if (reply->results[i].kind != operations[i].kind) {
            return fail(session, QOSIM_ERR_PROTOCOL, "%s: the result of another operation",
                        session->url);
        }
    }
    return QOSIM_OK;
}

/* Our reply; a server that could not even read the request's id answers 0. */
static bool is_reply_to(const QsServerFrame *frame, uint64_t request)
{
    return frame->has_reply &&
           (frame->reply.request_id == request ||
            (frame->reply.request_id == 0 && frame->reply.status.code != QS_STATUS_OK));
}

/* One arrival while waiting for @request: QOSIM_OK with *@is_reply telling whether that was it. */
static qosim_result take_arrival(qosim_session *session, uint64_t request, int64_t until,
                                 QsServerFrame *frame, bool *is_reply)
{
    QsError error;

    *is_reply = false;
    qs_arena_reset(session->arena);
    switch (session->ops->receive(session->carrier, session->arena, until, frame, &error)) {
    case ARRIVAL_FRAME:
        *is_reply = take_frame(session, frame) && is_reply_to(frame, request);
        if (*is_reply && frame->reply.status.code == QS_STATUS_MISSING_REQUEST &&
            session->resumes) {
            *is_reply = false; /* a posted frame was lost: it and the request are sent again */
            resume_begin(session);
        }
        return QOSIM_OK;
    case ARRIVAL_BAD:
        return fail(session, QOSIM_ERR_PROTOCOL, "%s does not answer in Qosim's protocol: %s",
                    session->url, error.text);
    case ARRIVAL_GONE:
        return fail(session, QOSIM_ERR_DISCONNECTED, "%s: %s", session->url, error.text);
    default:
        return QOSIM_OK;
    }
}

/*
 * Waits for the reply to @request, for @left_ms from now or @wait_ms from the last time that the server wanted memory meanwhile; in
 * *@frame the reply lives until the next frame.
 */
static qosim_result await_reply(qosim_session *session, const QsClientFrame *request, int left_ms,
                                int wait_ms, bool once, QsServerFrame *frame)
{
    bool again = !once && session->ops->is_lossy;
    uint64_t n_dma = session->n_dma;
    int64_t now = now_ms();
    int64_t deadline = now + left_ms;
    int64_t step = FIRST_RESEND_MS;
    int64_t resend = again ? now + step : INT64_MAX;
    bool is_reply = false;
    qosim_result rc = QOSIM_OK;

    for (;;) {
        int64_t until = resend < deadline ? resend : deadline;

        rc = take_arrival(session, request->request_id,
                          until < resume_due(session) ? until : resume_due(session), frame,
                          &is_reply);
        if (rc != QOSIM_OK || is_reply) {
            return rc;
        }
        resume_look(session);
        now = now_ms();
        if (session->n_dma != n_dma) { /* the server is at work on the request */
            n_dma = session->n_dma;
            deadline = now + wait_ms;
            step = FIRST_RESEND_MS;
            resend = again ? now + step : INT64_MAX;
        }
        if (now >= deadline) {
            return QOSIM_ERR_TIMEOUT;
        }
        if (now >= resend) {
            step *= 2;
            resend = now + step;
            resume_begin(session); /* the request is sent again when it is known what is missing */
            if (session->is_resuming) {
                continue;
            }
            /* No room now is no failure: the next turn tries again. */
            (void)session->ops->send(session->carrier, request, true, now, NULL);
        }
    }
}

/*
 * Sends @request, and takes what comes while it pays to spin for it: where the answer is a matter of a microsecond, a look at the
 * clock would cost as much. *@is_reply: the answer came; else it is to be waited for.
 */
static qosim_result exchange_quickly(qosim_session *session, const QsClientFrame *request,
                                     QsServerFrame *frame, bool *is_reply)
{
    qosim_result rc = QOSIM_OK;

    *is_reply = false;
    for (int i = 0; i < MAX_QUICK_FRAMES && rc == QOSIM_OK && !*is_reply &&
                    session->ops->spin(session->carrier);
         i++) {
        rc = take_arrival(session, request->request_id, 0, frame, is_reply);
    }
    return rc;
}

/* The first try costs no look at the clock. *@left_ms is what is left of @wait_ms then. */
static qosim_result send_request(qosim_session *session, const QsClientFrame *request, int wait_ms,
                                 int *left_ms)
{
    int64_t end;
    int64_t left;
    qosim_result rc;

    *left_ms = wait_ms;
    resume_look(session);
    if (session->ops->spin &&
        session->ops->send(session->carrier, request, false, 0, NULL) == QOSIM_OK) {
        session->time_is_new = false;
        return QOSIM_OK;
    }
    end = now_ms() + wait_ms;
    rc = call_send_frame(session, request, wait_ms);
    left = end - now_ms();
    *left_ms = left > 0 ? (int)left : 0;
    return rc;
}

/* Sends @request and waits for the reply. */
static qosim_result exchange(qosim_session *session, const QsClientFrame *request, int wait_ms,
                             bool once, QsServerFrame *frame)
{
    bool is_reply = false;
    int left_ms;
    qosim_result rc = send_request(session, request, wait_ms, &left_ms);

    if (rc != QOSIM_OK) {
        return rc;
    }
    session->awaited = request->request_id;
    session->request = request;
    if (session->ops->spin) {
        rc = exchange_quickly(session, request, frame, &is_reply);
    }
    if (rc == QOSIM_OK && !is_reply) {
        rc = await_reply(session, request, left_ms, wait_ms, once, frame);
    }
    session->awaited = 0;
    session->request = NULL;
    return rc == QOSIM_ERR_TIMEOUT ? no_answer(session, wait_ms) : rc;
}

/* The same with a server in this process, which needs no time to be waited for, and so no clock. */
static qosim_result exchange_here(qosim_session *session, const QsClientFrame *request,
                                  QsServerFrame *frame)
{
    bool answered;

    session->awaited = request->request_id;
    answered = session->ops->request(session->carrier, request, frame);
    session->time_is_new = false;
    if (answered) {
        take_frame(session, frame);
    }
    session->awaited = 0;
    return answered && is_reply_to(frame, request->request_id)
               ? QOSIM_OK
               : fail(session, QOSIM_ERR_PROTOCOL, "%s: a request was left without an answer",
                      session->url);
}

qosim_result call_for(qosim_session *session, const QsOperation *operations, size_t n, int wait_ms,
                      bool once, const QsResult **results)
{
    QsServerFrame frame;
    QsClientFrame request;
    qosim_result rc = check_session(session);

    rc = rc == QOSIM_OK ? post_flush(session) : rc;
    if (rc != QOSIM_OK) {
        return rc;
    }
    request = call_new_frame(session, operations, n);
    rc = session->ops->request ? exchange_here(session, &request, &frame)
                               : exchange(session, &request, wait_ms, once, &frame);
    rc = rc == QOSIM_OK ? check_reply(session, &frame.reply, operations, n) : rc;
    if (rc == QOSIM_OK) {
        *results = frame.reply.results;
    }
    return rc;
}

qosim_result call(qosim_session *session, const QsOperation *operations, size_t n,
                  const QsResult **results)
{
    return call_for(session, operations, n, session->timeout_ms, false, results);
}

qosim_result call_one(qosim_session *session, const QsOperation *operation, const QsResult **result)
{
    return call(session, operation, 1, result);
}

void check_stream(qosim_session *session)
{
    int wait = session->timeout_ms < CHECK_MS ? session->timeout_ms : CHECK_MS;
    char error[sizeof(session->error)];
    const QsResult *results;

    if (!session->ops->is_lossy || session->n_pushed < CHECK_EVENTS) {
        return;
    }
    /* Whatever happens here is not the caller's error; a server that is gone shows in the next call. */
    memcpy(error, session->error, sizeof(error));
    session->n_pushed = 0;
    (void)call_for(session, NULL, 0, wait, false, &results);
    memcpy(session->error, error, sizeof(error));
}

qosim_result finish(qosim_session *session, qosim_result result)
{
    if (session && session->irq_is_stale && session->loss == LOSS_NONE &&
        result != QOSIM_ERR_TIMEOUT && result != QOSIM_ERR_DISCONNECTED) {
        irq_refresh(session);
    }
    return result;
}
