#include "server/execute.h"

#include <inttypes.h>
#include <string.h>

#include "proto/codec.h"
#include "server/dispatch.h"
#include "server/hello.h"
#include "server/reply.h"
#include "server/resume.h"
#include "server/server.h"

/* How soon events that could not be sent are tried again, if nothing else happens. */
#define PUSH_RETRY_MS 5

void execute_refuse(uint64_t request_id, const QsStatus *status, QsServerFrame *answer)
{
    memset(answer, 0, sizeof(*answer));
    answer->has_reply = true;
    answer->reply.request_id = request_id;
    answer->reply.status = *status;
}

/* The machine is there: sessions end before it goes. */
void execute_reply(MachineHost *host, Session *session, QsArena *arena, uint64_t request_id,
                   const QsStatus *status, const QsResult *results, size_t n_results,
                   QsServerFrame *answer)
{
    int64_t deadline = virtual_clock_deadline(host->machine->clock);
    uint64_t now = machine_host_now(host);

    execute_refuse(request_id, status, answer);
    answer->sequence = session->sequence + 1;
    answer->reply.results = results;
    answer->reply.n_results = n_results;
    answer->reply.now_ns = now;
    answer->reply.has_deadline = deadline != VIRTUAL_CLOCK_NO_DEADLINE;
    answer->reply.next_deadline_ns = answer->reply.has_deadline ? (uint64_t)MAX(deadline, 0) : 0;
    if (!event_queue_is_empty(&session->events) &&
        !event_queue_peek(&session->events, arena, now, &answer->events, &answer->n_events)) {
        event_queue_lose(&session->events);
        (void)event_queue_peek(&session->events, arena, now, &answer->events, &answer->n_events);
    }
    if (session->posted_errors.count > 0 &&
        !posted_errors_peek(&session->posted_errors, arena, &answer->reply.posted_errors,
                            &answer->reply.n_posted_errors)) {
        reply_fail(arena, &answer->reply.status, QS_STATUS_LIMIT,
                   "the reply takes too much memory");
    }
}

/* What a client that resumes counts. */
static uint64_t count_events(const QsServerFrame *frame)
{
    uint64_t n = frame->n_events;

    if (n > 0 && frame->events[0].kind == QS_EVENT_LAGGED) {
        n += frame->events[0].lagged.dropped - 1;
    }
    return n;
}

void execute_commit(Session *session, const QsServerFrame *answer)
{
    session->sequence = answer->sequence;
    session->events_sent += count_events(answer);
    if (!event_queue_is_empty(&session->events)) {
        event_queue_take(&session->events);
    }
    if (answer->has_reply && session->posted_errors.count > 0) {
        posted_errors_clear(&session->posted_errors);
    }
}

void execute_keep(Session *session, const QsServerFrame *frame, uint8_t *data, size_t len)
{
    SentFrame kept = { .request_id = frame->has_reply ? frame->reply.request_id : 0,
                       .sequence = frame->sequence,
                       .events_before = session->events_sent - count_events(frame),
                       .data = data,
                       .len = len };

    if (frame->has_reply) {
        kept_frames_add(&session->kept, &kept);
    } else if (session->resumes) {
        kept_frames_add(&session->pushed, &kept);
    }
}

bool execute_events(MachineHost *host, Session *session, QsArena *arena, QsServerFrame *events)
{
    memset(events, 0, sizeof(*events));
    events->sequence = session->sequence + 1;
    return event_queue_peek(&session->events, arena, machine_host_now(host), &events->events,
                            &events->n_events) &&
           events->n_events > 0;
}

/* How the bus took the operation; QS_BUS_OK for operations that are no bus access. */
static QsBusResult bus_result(const QsResult *result)
{
    switch (result->kind) {
    case QS_OP_MMIO_READ:
    case QS_OP_MMIO_WRITE:
    case QS_OP_BLOCK_WRITE:
    case QS_OP_BLOCK_FILL:
        return result->mmio.result;
    case QS_OP_BLOCK_READ:
        return result->block_read.result;
    default:
        return QS_BUS_OK;
    }
}

static bool bus_failed(const QsResult *result)
{
    return result->status.code == QS_STATUS_OK && bus_result(result) != QS_BUS_OK;
}

static const char *bus_text(QsBusResult result)
{
    switch (result) {
    case QS_BUS_DECODE_ERROR:
        return "decode error";
    case QS_BUS_ACCESS_ERROR:
        return "access blocked";
    default:
        return "the device refused";
    }
}

/* Keeps what went wrong with operation @i of a posted frame for the next reply. */
static void note_posted(MachineHost *host, Session *session, const QsClientFrame *frame, size_t i,
                        const QsResult *result)
{
    g_autofree char *text = NULL;
    const QsOperation *op = &frame->operations[i];

    if (result->status.code != QS_STATUS_OK) {
        posted_errors_add(&session->posted_errors, frame->request_id, (uint32_t)i,
                          result->status.code, 0, result->status.text);
    } else if (bus_failed(result)) {
        bool is_mmio = op->kind == QS_OP_MMIO_READ || op->kind == QS_OP_MMIO_WRITE;

        text = g_strdup_printf("%s at 0x%" PRIx64 ": %s", dispatch_operation_name(op->kind),
                               is_mmio ? op->mmio.address : op->block.address,
                               bus_text(bus_result(result)));
        posted_errors_add(&session->posted_errors, frame->request_id, (uint32_t)i,
                          QS_STATUS_GENERIC, bus_result(result), text);
    } else {
        return;
    }
    host->stats.posted_errors++;
}

/* What is wrong with the frame as a whole; true when nothing is. */
static bool check_frame(const QsClientFrame *frame, QsArena *arena, QsStatus *status)
{
    if (frame->n_operations > QS_MAX_OPERATIONS) {
        reply_fail(arena, status, QS_STATUS_LIMIT, "%zu operations, the limit is %u",
                   frame->n_operations, QS_MAX_OPERATIONS);
        return false;
    }
    for (size_t i = 0; i < frame->n_operations; i++) {
        QsOpKind kind = frame->operations[i].kind;

        if (kind == QS_OP_HELLO) {
            reply_fail(arena, status, QS_STATUS_MALFORMED,
                       "a Hello stands alone, in a frame without a session");
            return false;
        }
        if (kind == QS_OP_BYE && frame->n_operations > 1) {
            reply_fail(arena, status, QS_STATUS_MALFORMED, "a Bye stands alone in its frame");
            return false;
        }
    }
    return true;
}

/* Carries out the operations of a new frame. Returns their results, NULL when @status says why there are none. */
static QsResult *carry_out(MachineHost *host, Session *session, QsArena *arena,
                           const QsClientFrame *frame, QsStatus *status)
{
    Dispatch d = dispatch_begin(host, session, arena);
    QsResult *results;

    if (!check_frame(frame, arena, status)) {
        return NULL;
    }
    results = qs_arena_alloc(arena, (frame->n_operations + 1) * sizeof(*results));
    if (!results) {
        reply_fail(arena, status, QS_STATUS_LIMIT, "the frame takes too much memory");
        return NULL;
    }
    if (frame->has_virtual_time && !dispatch_set_time(&d, frame->virtual_time_ns, status)) {
        return NULL;
    }
    for (size_t i = 0; i < frame->n_operations; i++) {
        dispatch_operation(&d, &frame->operations[i], &results[i]);
        host->stats.bus_errors += bus_failed(&results[i]);
        if (frame->posted) {
            note_posted(host, session, frame, i, &results[i]);
        }
    }
    return results;
}

static bool is_bye(const QsClientFrame *frame)
{
    return frame->n_operations == 1 && frame->operations[0].kind == QS_OP_BYE;
}

static ExecuteOutcome execute_new(MachineHost *host, Session *session, QsArena *arena,
                                  const QsClientFrame *frame, QsServerFrame *answer)
{
    ExecuteOutcome outcome = { .session = session, .closing = is_bye(frame) };
    QsStatus status;
    const QsResult *results;

    reply_ok(&status);
    results = carry_out(host, session, arena, frame, &status);
    if (frame->posted) {
        host->stats.posted_frames++;
        if (!results) {
            posted_errors_add(&session->posted_errors, frame->request_id, 0, status.code, 0,
                              status.text);
            host->stats.posted_errors++;
        }
        return outcome;
    }
    execute_reply(host, session, arena, frame->request_id, &status, results,
                  results ? frame->n_operations : 0, answer);
    outcome.answer = EXECUTE_FRAME;
    return outcome;
}

static ExecuteOutcome execute_stale(MachineHost *host, Session *session, QsArena *arena,
                                    const QsClientFrame *frame, QsServerFrame *answer)
{
    ExecuteOutcome outcome = { .session = session };
    QsStatus status;

    host->stats.stale_frames++;
    if (!frame->posted) {
        reply_fail(arena, &status, QS_STATUS_STALE_REQUEST,
                   "request %" PRIu64 " is not newer than request %" PRIu64
                   ", and its reply is not kept; it was not carried out now",
                   frame->request_id, session->last_id);
        execute_refuse(frame->request_id, &status, answer);
        answer->reply.now_ns = machine_host_now(host);
        outcome.answer = EXECUTE_FRAME;
    }
    return outcome;
}

static ExecuteOutcome refuse_early(const Session *session, QsArena *arena,
                                   const QsClientFrame *frame, QsServerFrame *answer)
{
    ExecuteOutcome outcome = { .answer = frame->posted ? EXECUTE_NOTHING : EXECUTE_FRAME };
    QsStatus status;

    reply_fail(arena, &status, QS_STATUS_MISSING_REQUEST,
               "request %" PRIu64 " comes after request %" PRIu64
               ", which has not arrived; the last one was %" PRIu64,
               frame->request_id, frame->after, session->last_id);
    execute_refuse(frame->request_id, &status, answer);
    return outcome;
}

/* @session: the one that was meant, which is another client's now; NULL: there is none. */
static ExecuteOutcome refuse_session(MachineHost *host, const Session *session, QsArena *arena,
                                     const QsClientFrame *frame, QsServerFrame *answer)
{
    ExecuteOutcome outcome = { .answer = frame->posted ? EXECUTE_NOTHING : EXECUTE_FRAME };
    QsStatus status;

    execute_no_session(arena, &status, session);
    execute_refuse(frame->request_id, &status, answer);
    answer->reply.server_instance = host->server->instance;
    return outcome;
}

void execute_no_session(QsArena *arena, QsStatus *status, const Session *session)
{
    if (session) {
        reply_fail(arena, status, QS_STATUS_TAKEN_OVER,
                   "another client, '%s', has taken the session over", session->client);
    } else {
        reply_fail(arena, status, QS_STATUS_NO_SESSION,
                   "the session is unknown: it has ended, or belongs to another server");
    }
}

/* A DMA response that nobody waits for (any more) still shows that its sender is alive. */
static void note_stray(MachineHost *host, Session *session)
{
    host->stats.dma_strays++;
    if (session) {
        session->last_seen_us = machine_host_clock_us();
        session->dma_silent = false;
    }
}

ExecuteOutcome execute_frame(MachineHost *host, const FrameOrigin *origin, QsArena *arena,
                             const QsClientFrame *frame, QsServerFrame *answer)
{
    ExecuteOutcome outcome = { .answer = EXECUTE_NOTHING };
    Session *session;

    host->stats.frames_received++;
    if (hello_is(frame)) {
        return hello_execute(host, origin, arena, frame, answer);
    }
    session = machine_host_find_session(host, &frame->session);
    if (frame->has_dma_response) {
        note_stray(host, session);
        return outcome;
    }
    if (!session || frame->epoch != session->epoch) {
        return refuse_session(host, session, arena, frame, answer);
    }
    session_hear(session, origin->listener, origin->peer);
    session->dma_silent = session->dma_silent && origin->late;
    switch (session_turn(session, frame->request_id, frame->after, &outcome.kept)) {
    case SESSION_TURN_NEW:
        return execute_new(host, session, arena, frame, answer);
    case SESSION_TURN_STALE:
        return execute_stale(host, session, arena, frame, answer);
    case SESSION_TURN_EARLY:
        return refuse_early(session, arena, frame, answer);
    case SESSION_TURN_REPEATED:
        host->stats.repeated_frames++;
        outcome.session = session;
        outcome.answer = frame->posted ? EXECUTE_NOTHING : EXECUTE_KEPT;
    }
    return outcome;
}

static void send_bytes(MachineHost *host, const FrameOrigin *origin, const uint8_t *data,
                       size_t len)
{
    host->stats.frames_sent++;
    host->stats.bytes_sent += len;
    /* A reply that finds no room is lost on the way like any other; the client asks again and gets the kept one. */
    (void)listener_send(origin->listener, host, origin->peer, data, len, true);
}

/* Encodes @answer; where it cannot be sent as it is, a refusal in its place. False when not even that can be made. */
static bool encode(QsArena *arena, QsServerFrame *answer, uint8_t **data, size_t *len)
{
    QsError error;
    QsStatus status;

    if (qs_encode_server_frame(arena, answer, data, len, &error)) {
        return true;
    }
    reply_fail(arena, &status, QS_STATUS_LIMIT, "the reply cannot be sent: %s", error.text);
    answer->reply.status = status;
    answer->reply.n_results = 0;
    answer->reply.n_posted_errors = 0;
    return qs_encode_server_frame(arena, answer, data, len, &error);
}

static void send_answer(MachineHost *host, const FrameOrigin *origin, QsArena *arena,
                        ExecuteOutcome *outcome, QsServerFrame *answer)
{
    Session *session = outcome->session;
    uint8_t *data;
    size_t len;

    if (!encode(arena, answer, &data, &len)) {
        return;
    }
    if (session && answer->sequence > 0) {
        execute_commit(session, answer);
    }
    if (outcome->closing) {
        /* Before the reply is out: whoever has it may count on the place that has become free. */
        machine_host_end_session(host, session);
        outcome->closing = false;
        session = NULL;
    }
    send_bytes(host, origin, data, len);
    if (session && answer->sequence > 0) {
        execute_keep(session, answer, data, len); /* while the client is at work on it already */
    }
}

void execute_and_send(MachineHost *host, const FrameOrigin *origin, QsArena *arena,
                      const QsClientFrame *frame, size_t bytes)
{
    QsServerFrame answer;
    ExecuteOutcome outcome;

    host->stats.bytes_received += bytes;
    if (frame->has_resume) {
        resume_execute(host, origin, arena, frame);
        return;
    }
    outcome = execute_frame(host, origin, arena, frame, &answer);
    switch (outcome.answer) {
    case EXECUTE_FRAME:
        send_answer(host, origin, arena, &outcome, &answer);
        break;
    case EXECUTE_KEPT:
        send_bytes(host, origin, outcome.kept->data, outcome.kept->len);
        break;
    case EXECUTE_NOTHING:
        break;
    }
    if (outcome.closing) {
        machine_host_end_session(host, outcome.session);
    }
    execute_push_all(host);
}

void execute_send_refusal(MachineHost *host, const FrameOrigin *origin, QsArena *arena,
                          uint64_t request_id, const QsStatus *status)
{
    QsServerFrame answer;
    uint8_t *data;
    size_t len;
    QsError error;

    execute_refuse(request_id, status, &answer);
    if (status->code == QS_STATUS_NO_SESSION || status->code == QS_STATUS_TAKEN_OVER) {
        answer.reply.server_instance = host->server->instance;
    }
    if (qs_encode_server_frame(arena, &answer, &data, &len, &error)) {
        send_bytes(host, origin, data, len);
    }
}

bool execute_push(MachineHost *host, Session *session)
{
    QsServerFrame frame;
    uint8_t *data;
    size_t len;
    QsError error;

    if (!session->push || !session->listener || event_queue_is_empty(&session->events)) {
        return true;
    }
    if (session->lost_us || listener_is_gone(session->listener, host, &session->peer)) {
        return true; /* they wait for the client */
    }
    if (!listener_has_room(session->listener, host, &session->peer)) {
        return false; /* whatever waits stays queued, and nothing is encoded in vain */
    }
    qs_arena_reset(host->push_arena);
    if (!execute_events(host, session, host->push_arena, &frame)) {
        return true;
    }
    if (!qs_encode_server_frame(host->push_arena, &frame, &data, &len, &error)) {
        event_queue_lose(&session->events);
        return true;
    }
    if (listener_send(session->listener, host, &session->peer, data, len, false) != LISTENER_SENT) {
        return false;
    }
    host->stats.frames_sent++;
    host->stats.bytes_sent += len;
    execute_commit(session, &frame);
    execute_keep(session, &frame, data, len);
    return true;
}

static gboolean retry_push(gpointer data)
{
    MachineHost *host = data;

    g_clear_pointer(&host->push_retry, g_source_unref);
    execute_push_all(host);
    return G_SOURCE_REMOVE;
}

void execute_push_all(MachineHost *host)
{
    if (!host->events_wait) {
        return;
    }
    host->events_wait = false;
    for (guint i = 0; i < host->sessions->len; i++) {
        if (!execute_push(host, g_ptr_array_index(host->sessions, i))) {
            host->events_wait = true;
        }
    }
    if (host->events_wait && !host->push_retry) {
        host->push_retry = g_timeout_source_new(PUSH_RETRY_MS);
        g_source_set_callback(host->push_retry, retry_push, host, NULL);
        g_source_attach(host->push_retry, host->context);
    }
}
