/* Memory that this client owns: the server's requests, carried out by the program's callback. */
#include "cosim/lib/session.h"

#include <stdlib.h>

/* Frames that are taken before a posted one, so that a server that never stops does not keep that from being sent. */
#define MAX_FRAMES 64

static QsBusResult bus_result(int result)
{
    switch (result) {
    case 0:
    case QOSIM_BUS_OK:
        return QS_BUS_OK;
    case QOSIM_BUS_DECODE_ERROR:
    case QOSIM_BUS_ACCESS_ERROR:
        return (QsBusResult)result;
    default:
        return QS_BUS_ERROR;
    }
}

static QsBusResult run(qosim_session *session, const QsDmaRequest *request, void *data)
{
    int result = QOSIM_BUS_ERROR;

    if (session->dma && data) {
        session->in_handler = true;
        result = session->dma(session->dma_opaque, request->address, data, request->length,
                              request->is_write);
        session->in_handler = false;
    }
    return bus_result(result);
}

/* The answer to @request; its bytes stay until the next one. A request that comes again is not carried out again. */
static const QsDmaResponse *carry_out(qosim_session *session, const QsDmaRequest *request)
{
    QsDmaResponse *response = &session->dma_response;

    if (request->id == response->id) {
        return response;
    }
    if (!session->dma_buffer) {
        session->dma_buffer = malloc(QS_MAX_DMA_BYTES);
    }
    session->n_dma++;
    response->id = request->id;
    /* What a write brings is ours to use as we like: it lives in the frame that came. */
    response->result =
        run(session, request, request->is_write ? (void *)request->data.data : session->dma_buffer);
    response->data = request->is_write || response->result != QS_BUS_OK
                         ? (QsBytes){ NULL, 0 }
                         : (QsBytes){ session->dma_buffer, request->length };
    return response;
}

void dma_answer(qosim_session *session, const QsDmaRequest *request)
{
    QsClientFrame frame = { .session = { session->token, session->token_len },
                            .epoch = session->epoch,
                            .has_dma_response = true };

    if (request->id < session->dma_response.id) {
        return; /* it was answered, and others after it */
    }
    frame.dma_response = *carry_out(session, request);
    /* An answer that is lost is asked for again. */
    session->ops->answer(session->carrier, &frame, now_ms() + session->timeout_ms);
}

void dma_answer_embedded(void *opaque, const QsServerFrame *frame, QsDmaResponse *response)
{
    qosim_session *session = opaque;

    take_news(session, frame);
    *response = *carry_out(session, &frame->dma_request);
}

void dma_look(qosim_session *session)
{
    QsServerFrame frame;
    QsError error;

    for (int i = 0; session->dma && session->ops->is_lossy && i < MAX_FRAMES; i++) {
        qs_arena_reset(session->arena);
        if (session->ops->receive(session->carrier, session->arena, 0, &frame, &error) !=
            ARRIVAL_FRAME) {
            return;
        }
        take_frame(session, &frame);
    }
}

qosim_result qosim_set_dma_handler(qosim_session *session, qosim_dma_fn *handler, void *opaque)
{
    qosim_result rc = check_session(session);

    if (rc != QOSIM_OK) {
        return rc;
    }
    if (!session->has_dma) {
        return fail(session, QOSIM_ERR_INVALID_ARGUMENT,
                    "the session was opened without a DMA handler, and the server does not ask it");
    }
    session->dma = handler;
    session->dma_opaque = opaque;
    return QOSIM_OK;
}
