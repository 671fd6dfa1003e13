#include "cosim/lib/session.h"

#include <string.h>

/* The state after @o, which is a virtio operation; it lives until the next call. */
static qosim_result act(qosim_session *session, QsOperation *o, const QsResult **result)
{
    qosim_result rc = check_session(session);

    o->kind = QS_OP_VIRTIO;
    rc = rc == QOSIM_OK ? check_text(session, "transport", o->virtio.transport, true) : rc;
    return rc == QOSIM_OK ? call_one(session, o, result) : rc;
}

qosim_result qosim_virtio_get_state(qosim_session *session, const char *transport,
                                    qosim_virtio_state *state)
{
    QsOperation o = { .virtio = { .transport = transport, .action = QS_VIRTIO_STATE } };
    const QsResult *result;
    qosim_result rc = act(session, &o, &result);

    if (rc == QOSIM_OK) {
        *state = (qosim_virtio_state){
            .device_id = result->virtio.device_id,
            .offered_features = result->virtio.offered,
            .accepted_features = result->virtio.accepted,
            .status = result->virtio.status,
            .interrupt_status = result->virtio.isr,
            .config_generation = result->virtio.generation,
            .config_size = result->virtio.config_size,
            .queues = result->virtio.queues,
        };
    }
    return finish(session, rc);
}

qosim_result qosim_virtio_set_features(qosim_session *session, const char *transport,
                                       uint64_t features)
{
    QsOperation o = {
        .virtio = { .transport = transport, .action = QS_VIRTIO_SET_FEATURES, .value = features }
    };
    const QsResult *result;

    return finish(session, act(session, &o, &result));
}

qosim_result qosim_virtio_set_status(qosim_session *session, const char *transport, uint32_t status,
                                     uint32_t *now)
{
    QsOperation o = {
        .virtio = { .transport = transport, .action = QS_VIRTIO_SET_STATUS, .value = status }
    };
    const QsResult *result;
    qosim_result rc = act(session, &o, &result);

    if (rc == QOSIM_OK && now) {
        *now = result->virtio.status;
    }
    return finish(session, rc);
}

qosim_result qosim_virtio_get_queue(qosim_session *session, const char *transport, uint32_t index,
                                    qosim_virtio_queue *queue)
{
    QsOperation o = { .virtio = {
                          .transport = transport, .action = QS_VIRTIO_GET_QUEUE, .value = index } };
    const QsResult *result;
    qosim_result rc = act(session, &o, &result);

    if (rc == QOSIM_OK && !result->virtio.has_queue) {
        rc = fail(session, QOSIM_ERR_PROTOCOL, "%s: an answer without the queue", session->url);
    }
    if (rc == QOSIM_OK) {
        const QsVirtioQueue *from = &result->virtio.queue;

        *queue = (qosim_virtio_queue){ from->max_size, from->size,   from->descriptors,
                                       from->driver,   from->device, from->ready };
    }
    return finish(session, rc);
}

qosim_result qosim_virtio_set_queue(qosim_session *session, const char *transport, uint32_t index,
                                    const qosim_virtio_queue *queue)
{
    QsOperation o = { .virtio = { .transport = transport,
                                  .action = QS_VIRTIO_SET_QUEUE,
                                  .queue = { .index = index,
                                             .size = queue->size,
                                             .descriptors = queue->descriptors,
                                             .driver = queue->driver,
                                             .device = queue->device } } };
    const QsResult *result;

    return finish(session, act(session, &o, &result));
}

static qosim_result check_config_length(qosim_session *session, size_t length)
{
    if (length < 1 || length > QS_MAX_VIRTIO_CONFIG_BYTES) {
        return fail(session, QOSIM_ERR_INVALID_ARGUMENT,
                    "1 to %u bytes of a configuration can be accessed, not %zu",
                    QS_MAX_VIRTIO_CONFIG_BYTES, length);
    }
    return QOSIM_OK;
}

qosim_result qosim_virtio_read_config(qosim_session *session, const char *transport,
                                      uint32_t offset, void *data, size_t length)
{
    QsOperation o = { .virtio = { .transport = transport,
                                  .action = QS_VIRTIO_READ_CONFIG,
                                  .value = offset,
                                  .length = (uint32_t)length } };
    const QsResult *result;
    qosim_result rc = check_session(session);

    rc = rc == QOSIM_OK ? check_config_length(session, length) : rc;
    rc = rc == QOSIM_OK ? act(session, &o, &result) : rc;
    if (rc == QOSIM_OK && result->virtio.config.len != length) {
        rc = fail(session, QOSIM_ERR_PROTOCOL, "%s: not as many bytes as were asked for",
                  session->url);
    }
    if (rc == QOSIM_OK) {
        memcpy(data, result->virtio.config.data, length);
    }
    return finish(session, rc);
}

qosim_result qosim_virtio_write_config(qosim_session *session, const char *transport,
                                       uint32_t offset, const void *data, size_t length)
{
    QsOperation o = { .virtio = { .transport = transport,
                                  .action = QS_VIRTIO_WRITE_CONFIG,
                                  .value = offset,
                                  .data = { data, length } } };
    const QsResult *result;
    qosim_result rc = check_session(session);

    rc = rc == QOSIM_OK ? check_config_length(session, length) : rc;
    rc = rc == QOSIM_OK ? act(session, &o, &result) : rc;
    return finish(session, rc);
}

qosim_result qosim_virtio_notify(qosim_session *session, const char *transport, uint32_t index)
{
    QsOperation o = { .virtio = {
                          .transport = transport, .action = QS_VIRTIO_NOTIFY, .value = index } };
    const QsResult *result;

    return finish(session, act(session, &o, &result));
}

qosim_result qosim_virtio_acknowledge(qosim_session *session, const char *transport, uint32_t bits,
                                      uint32_t *now)
{
    QsOperation o = {
        .virtio = { .transport = transport, .action = QS_VIRTIO_ACKNOWLEDGE, .value = bits }
    };
    const QsResult *result;
    qosim_result rc = act(session, &o, &result);

    if (rc == QOSIM_OK && now) {
        *now = result->virtio.isr;
    }
    return finish(session, rc);
}
