#include "cosim/lib/session.h"

void deliver(qosim_session *session, const qosim_event *event)
{
    if (session->handler) {
        session->in_handler = true;
        session->handler(session->opaque, event);
        session->in_handler = false;
    }
}

static void deliver_lagged(qosim_session *session, uint64_t time_ns, uint64_t dropped)
{
    qosim_event event = { .kind = QOSIM_EVENT_LAGGED, .time_ns = time_ns, .dropped = dropped };

    session->irq_is_stale = true;
    deliver(session, &event);
}

/* Whether it was an event of a kind that this library knows. */
static bool take_event(qosim_session *session, const QsEvent *e)
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
    case QS_EVENT_LAGGED:
        deliver_lagged(session, e->time_ns, e->lagged.dropped);
        return true;
    default:
        return false;
    }
    deliver(session, &event);
    return true;
}

int take_events(qosim_session *session, const QsServerFrame *frame)
{
    int n = 0;

    /* Frames that never came had at least one event or reply each. */
    if (session->last_sequence && frame->sequence > session->last_sequence + 1) {
        deliver_lagged(session, session->now_ns, frame->sequence - session->last_sequence - 1);
        n++;
    }
    for (size_t i = 0; i < frame->n_events; i++) {
        n += take_event(session, &frame->events[i]);
    }
    return n;
}

void qosim_set_event_handler(qosim_session *session, qosim_event_fn *handler, void *opaque)
{
    session->handler = handler;
    session->opaque = opaque;
}

int qosim_poll(qosim_session *session, int timeout_ms)
{
    qosim_result rc = check_session(session);
    int64_t deadline = now_ms() + (timeout_ms > 0 ? timeout_ms : 0);
    QsServerFrame frame;
    QsError error;
    int n = 0;

    if (rc != QOSIM_OK) {
        return rc;
    }
    for (;;) {
        qs_arena_reset(session->arena);
        switch (session->ops->receive(session->carrier, session->arena, n ? 0 : deadline, &frame,
                                      &error)) {
        case ARRIVAL_FRAME:
            n += take_frame(session, &frame);
            break;
        case ARRIVAL_NOTHING:
            return finish(session, QOSIM_OK), n;
        case ARRIVAL_BAD:
            return fail(session, QOSIM_ERR_PROTOCOL, "%s does not speak Qosim's protocol: %s",
                        session->url, error.text);
        case ARRIVAL_GONE:
            return fail(session, QOSIM_ERR_DISCONNECTED, "%s: %s", session->url, error.text);
        }
    }
}
