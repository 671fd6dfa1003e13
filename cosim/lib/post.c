/* Posted operations: gathered until something is to be waited for, or until they fill a frame. */
#include "cosim/lib/session.h"

#include <stdio.h>
#include <stdlib.h>

/* Operations of a frame. More in one would hardly be cheaper, and the server would begin later. */
#define GATHER 64u

static qosim_result send_posted(qosim_session *session, const QsClientFrame *frame)
{
    qosim_result rc = resume_keep(session, frame);

    if (rc == QOSIM_OK && (rc = call_send_frame(session, frame, session->timeout_ms)) != QOSIM_OK) {
        resume_drop_last(session);
    }
    return rc;
}

static void note_unsent(qosim_session *session, size_t n)
{
    if (session->n_posted_errors == 0) {
        snprintf(session->posted_text, sizeof(session->posted_text), "%.*s",
                 (int)sizeof(session->posted_text) - 1, session->error);
    }
    session->n_posted_errors += n;
}

static qosim_result send_gathered(qosim_session *session)
{
    bool time_is_new = session->time_is_new;
    size_t n = session->n_gathered;
    qosim_result rc = resume_make_room(session, n);
    QsClientFrame frame;

    if (rc == QOSIM_OK) {
        dma_look(session);
        frame = call_new_frame(session, session->gathered, n);
        frame.posted = true;
        frame.has_virtual_time = session->gathered_has_time;
        frame.virtual_time_ns = session->gathered_time_ns;
        if (!session->n_posted) {
            session->posted_connections = session->ops->connections(session->carrier);
        }
        rc = send_posted(session, &frame);
    }
    session->time_is_new =
        time_is_new; /* one that was set after these were posted is yet to travel */
    session->n_gathered = 0;
    if (rc == QOSIM_OK) {
        session->n_posted += n;
    } else {
        note_unsent(session, n);
    }
    return rc;
}

qosim_result post_flush(qosim_session *session)
{
    qosim_result rc;

    if (!session->n_gathered || session->is_flushing) {
        return QOSIM_OK;
    }
    session->is_flushing = true;
    rc = send_gathered(session);
    session->is_flushing = false;
    return rc;
}

static qosim_result post_here(qosim_session *session, const QsOperation *operation)
{
    QsClientFrame frame = call_new_frame(session, operation, 1);
    QsServerFrame answer;

    frame.posted = true;
    if (!session->n_posted) {
        session->posted_connections = session->ops->connections(session->carrier);
    }
    (void)session->ops->request(session->carrier, &frame, &answer);
    session->time_is_new = false;
    session->n_posted++;
    return QOSIM_OK;
}

static qosim_result gather(qosim_session *session, const QsOperation *operation)
{
    size_t max = session->max_operations < GATHER ? session->max_operations : GATHER;
    qosim_result rc = QOSIM_OK;

    if (!session->gathered && !(session->gathered = calloc(GATHER, sizeof(*session->gathered)))) {
        return no_memory(session);
    }
    if (session->time_is_new) {
        rc = post_flush(session);
    }
    if (rc != QOSIM_OK) {
        return rc;
    }
    if (!session->n_gathered) {
        session->gathered_has_time = session->time_is_new;
        session->gathered_time_ns = session->time_ns;
        session->time_is_new = false;
    }
    session->gathered[session->n_gathered++] = *operation;
    return session->n_gathered >= max ? post_flush(session) : QOSIM_OK;
}

qosim_result post(qosim_session *session, const QsOperation *operation)
{
    qosim_result rc = check_session(session);

    if (rc != QOSIM_OK) {
        return rc;
    }
    return session->ops->request ? post_here(session, operation) : gather(session, operation);
}

qosim_result qosim_flush(qosim_session *session)
{
    qosim_result rc = check_session(session);

    return rc == QOSIM_OK ? post_flush(session) : rc;
}
