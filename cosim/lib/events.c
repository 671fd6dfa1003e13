#include "cosim/lib/session.h"

/* A server that never stops to tell things does not keep qosim_poll() from returning. */
#define MAX_FRAMES 1024

void deliver(qosim_session *session, const qosim_event *event)
{
    session->n_events++;
    if (session->handler) {
        session->in_handler = true;
        session->handler(session->opaque, event);
        session->in_handler = false;
    }
}

void deliver_lagged(qosim_session *session, uint64_t time_ns, uint64_t dropped)
{
    qosim_event event = { .kind = QOSIM_EVENT_LAGGED, .time_ns = time_ns, .dropped = dropped };

    session->irq_is_stale = true;
    deliver(session, &event);
}

static void take_event(qosim_session *session, const QsEvent *e)
{
    qosim_event event = { .time_ns = e->time_ns };

    switch (e->kind) {
    case QS_EVENT_LINE:
        event.kind = QOSIM_EVENT_LINE;
        event.watch = e->line.watch;
        event.line = e->line.line;
        event.level = e->line.level;
        if (event.watch == QOSIM_WATCH_IRQ) {
            irq_set(session, event.line, event.level != 0);
        }
        break;
    case QS_EVENT_GUEST_ERROR:
        event.kind = QOSIM_EVENT_GUEST_ERROR;
        event.path = e->guest_error.path;
        event.text = e->guest_error.text;
        break;
    case QS_EVENT_DEVICE_DELETED:
        event.kind = QOSIM_EVENT_DEVICE_DELETED;
        event.id = e->device_deleted.id;
        event.path = e->device_deleted.path;
        break;
    case QS_EVENT_RESET:
        event.kind = QOSIM_EVENT_RESET;
        break;
    case QS_EVENT_CHARDEV:
        event.kind = QOSIM_EVENT_CHARDEV;
        event.id = e->chardev.id;
        event.notice = (int)e->chardev.notice;
        break;
    case QS_EVENT_VSERPORT:
        event.kind = QOSIM_EVENT_VSERPORT;
        event.id = e->vserport.id;
        event.path = e->vserport.path;
        event.open = e->vserport.open;
        break;
    case QS_EVENT_VIRTIO:
        event.kind = QOSIM_EVENT_VIRTIO;
        event.path = e->virtio.path;
        event.notice = (int)e->virtio.notice;
        event.queue = e->virtio.queue;
        break;
    case QS_EVENT_LAGGED:
        deliver_lagged(session, e->time_ns, e->lagged.dropped);
        return;
    default: /* of a later version */
        return;
    }
    deliver(session, &event);
}

void take_events(qosim_session *session, const QsServerFrame *frame)
{
    /* Frames that never came had at least one event or reply each. */
    if (session->last_sequence && frame->sequence > session->last_sequence + 1) {
        deliver_lagged(session, session->now_ns, frame->sequence - session->last_sequence - 1);
    }
    for (size_t i = 0; i < frame->n_events; i++) {
        take_event(session, &frame->events[i]);
    }
}

void qosim_set_event_handler(qosim_session *session, qosim_event_fn *handler, void *opaque)
{
    session->handler = handler;
    session->opaque = opaque;
}

static int64_t earliest(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Nothing came until it was time to look: at the connection, and whether the server is there. */
static void look_around(qosim_session *session)
{
    resume_look(session);
    heartbeat_look(session);
}

/* No connection for longer than a call may take is told, rather than that nothing happens. */
static qosim_result check_connection(qosim_session *session)
{
    int64_t now = now_ms();

    if (session->ops->is_connected(session->carrier)) {
        session->down_since = 0;
    } else if (!session->down_since) {
        session->down_since = now;
    } else if (now - session->down_since > session->timeout_ms) {
        return fail(session, QOSIM_ERR_DISCONNECTED,
                    "the connection to %s is lost, and was not made again within %d ms",
                    session->url, session->timeout_ms);
    }
    return QOSIM_OK;
}

/* Takes what has come, waiting until @deadline for the first event. */
static qosim_result take_waiting(qosim_session *session, int64_t deadline)
{
    uint64_t before = session->n_events;
    int64_t until;
    QsServerFrame frame;
    QsError error;

    for (int i = 0; i < MAX_FRAMES; i++) {
        qs_arena_reset(session->arena);
        until = session->n_events == before
                    ? earliest(deadline, earliest(resume_due(session), heartbeat_due(session)))
                    : 0;
        switch (session->ops->receive(session->carrier, session->arena, until, &frame, &error)) {
        case ARRIVAL_FRAME:
            session->heard_at = now_ms();
            take_frame(session, &frame);
            if (session->loss != LOSS_NONE) {
                return check_session(session);
            }
            break;
        case ARRIVAL_NOTHING:
            look_around(session);
            if (session->n_events != before || now_ms() >= deadline) {
                return check_connection(session);
            }
            i--; /* there was no frame */
            break;
        case ARRIVAL_BAD:
            return fail(session, QOSIM_ERR_PROTOCOL, "%s does not speak Qosim's protocol: %s",
                        session->url, error.text);
        case ARRIVAL_GONE:
            return fail(session, QOSIM_ERR_DISCONNECTED, "%s: %s", session->url, error.text);
        }
    }
    return QOSIM_OK;
}

int qosim_poll(qosim_session *session, int timeout_ms)
{
    int64_t deadline = now_ms() + (timeout_ms > 0 ? timeout_ms : 0);
    qosim_result rc = check_session(session);
    uint64_t before;

    if (rc != QOSIM_OK) {
        return rc;
    }
    before = session->n_events;
    rc = post_flush(session);
    rc = rc == QOSIM_OK ? take_waiting(session, deadline) : rc;
    if (rc != QOSIM_OK) {
        return rc;
    }
    check_stream(session);
    (void)finish(session, QOSIM_OK);
    return (int)(session->n_events - before);
}
