/* The operation on virtio devices and its result. */
#include "proto/codec_internal.h"

static Qosim__V1__VirtioQueue *put_queue(Codec *c, const QsVirtioQueue *queue)
{
    Qosim__V1__VirtioQueue *m = codec_new(c, &qosim__v1__virtio_queue__descriptor);

    if (m) {
        m->index = queue->index;
        m->max_size = queue->max_size;
        m->size = queue->size;
        m->descriptors = queue->descriptors;
        m->driver = queue->driver;
        m->device = queue->device;
        m->ready = queue->ready;
    }
    return m;
}

static QsVirtioQueue get_queue(const Qosim__V1__VirtioQueue *m)
{
    return (QsVirtioQueue){ m->index,  m->max_size, m->size, m->descriptors,
                            m->driver, m->device,   m->ready };
}

/* A number that travels in 32 bits. */
static uint32_t put_number(Codec *c, const char *what, uint64_t value)
{
    if (value > UINT32_MAX) {
        codec_fail(c, QS_STATUS_INVALID_ARGUMENT, "%s: more than 32 bits", what);
    }
    return (uint32_t)value;
}

static void put_config_read(Codec *c, const QsOperation *o, Qosim__V1__VirtioRequest *m)
{
    m->read_config = codec_new(c, &qosim__v1__virtio_config_read__descriptor);
    if (m->read_config) {
        m->read_config->offset = put_number(c, "offset", o->virtio.value);
        m->read_config->length = o->virtio.length;
    }
}

static void put_config_write(Codec *c, const QsOperation *o, Qosim__V1__VirtioRequest *m)
{
    m->write_config = codec_new(c, &qosim__v1__virtio_config_write__descriptor);
    if (m->write_config) {
        m->write_config->offset = put_number(c, "offset", o->virtio.value);
        m->write_config->data =
            codec_put_bytes(c, "configuration", o->virtio.data, QS_MAX_VIRTIO_CONFIG_BYTES);
    }
}

void codec_put_virtio(Codec *c, const QsOperation *o, void *message)
{
    Qosim__V1__VirtioRequest *m = message;

    m->transport = codec_put_text(c, "transport", o->virtio.transport);
    switch (o->virtio.action) {
    case QS_VIRTIO_STATE:
        break;
    case QS_VIRTIO_SET_FEATURES:
        m->action_case = QOSIM__V1__VIRTIO_REQUEST__ACTION_SET_FEATURES;
        m->set_features = o->virtio.value;
        break;
    case QS_VIRTIO_SET_STATUS:
        m->action_case = QOSIM__V1__VIRTIO_REQUEST__ACTION_SET_STATUS;
        m->set_status = put_number(c, "status", o->virtio.value);
        break;
    case QS_VIRTIO_GET_QUEUE:
        m->action_case = QOSIM__V1__VIRTIO_REQUEST__ACTION_GET_QUEUE;
        m->get_queue = put_number(c, "queue", o->virtio.value);
        break;
    case QS_VIRTIO_SET_QUEUE:
        m->action_case = QOSIM__V1__VIRTIO_REQUEST__ACTION_SET_QUEUE;
        m->set_queue = put_queue(c, &o->virtio.queue);
        break;
    case QS_VIRTIO_READ_CONFIG:
        m->action_case = QOSIM__V1__VIRTIO_REQUEST__ACTION_READ_CONFIG;
        put_config_read(c, o, m);
        break;
    case QS_VIRTIO_WRITE_CONFIG:
        m->action_case = QOSIM__V1__VIRTIO_REQUEST__ACTION_WRITE_CONFIG;
        put_config_write(c, o, m);
        break;
    case QS_VIRTIO_NOTIFY:
        m->action_case = QOSIM__V1__VIRTIO_REQUEST__ACTION_NOTIFY;
        m->notify = put_number(c, "queue", o->virtio.value);
        break;
    case QS_VIRTIO_ACKNOWLEDGE:
        m->action_case = QOSIM__V1__VIRTIO_REQUEST__ACTION_ACKNOWLEDGE;
        m->acknowledge = put_number(c, "interrupt status", o->virtio.value);
        break;
    default:
        codec_fail(c, QS_STATUS_INVALID_ARGUMENT, "virtio: no such action %d",
                   (int)o->virtio.action);
    }
}

void codec_get_virtio(Codec *c, const void *message, QsOperation *o)
{
    const Qosim__V1__VirtioRequest *m = message;

    o->virtio.transport = m->transport;
    switch (m->action_case) {
    case QOSIM__V1__VIRTIO_REQUEST__ACTION_SET_FEATURES:
        o->virtio.action = QS_VIRTIO_SET_FEATURES;
        o->virtio.value = m->set_features;
        break;
    case QOSIM__V1__VIRTIO_REQUEST__ACTION_SET_STATUS:
        o->virtio.action = QS_VIRTIO_SET_STATUS;
        o->virtio.value = m->set_status;
        break;
    case QOSIM__V1__VIRTIO_REQUEST__ACTION_GET_QUEUE:
        o->virtio.action = QS_VIRTIO_GET_QUEUE;
        o->virtio.value = m->get_queue;
        break;
    case QOSIM__V1__VIRTIO_REQUEST__ACTION_SET_QUEUE:
        o->virtio.action = QS_VIRTIO_SET_QUEUE;
        o->virtio.queue = get_queue(m->set_queue);
        break;
    case QOSIM__V1__VIRTIO_REQUEST__ACTION_READ_CONFIG:
        o->virtio.action = QS_VIRTIO_READ_CONFIG;
        o->virtio.value = m->read_config->offset;
        o->virtio.length = m->read_config->length;
        break;
    case QOSIM__V1__VIRTIO_REQUEST__ACTION_WRITE_CONFIG:
        o->virtio.action = QS_VIRTIO_WRITE_CONFIG;
        o->virtio.value = m->write_config->offset;
        o->virtio.data =
            codec_get_bytes(c, "configuration", m->write_config->data, QS_MAX_VIRTIO_CONFIG_BYTES);
        break;
    case QOSIM__V1__VIRTIO_REQUEST__ACTION_NOTIFY:
        o->virtio.action = QS_VIRTIO_NOTIFY;
        o->virtio.value = m->notify;
        break;
    case QOSIM__V1__VIRTIO_REQUEST__ACTION_ACKNOWLEDGE:
        o->virtio.action = QS_VIRTIO_ACKNOWLEDGE;
        o->virtio.value = m->acknowledge;
        break;
    default:
        o->virtio.action = QS_VIRTIO_STATE;
    }
}

void codec_put_virtio_state(Codec *c, const QsResult *r, void *message)
{
    Qosim__V1__VirtioResponse *m = message;

    m->device_id = r->virtio.device_id;
    m->offered_features = r->virtio.offered;
    m->accepted_features = r->virtio.accepted;
    m->status = r->virtio.status;
    m->interrupt_status = r->virtio.isr;
    m->config_generation = r->virtio.generation;
    m->config_size = r->virtio.config_size;
    m->queues = r->virtio.queues;
    if (r->virtio.has_queue) {
        m->queue = put_queue(c, &r->virtio.queue);
    }
    m->config = codec_put_bytes(c, "configuration", r->virtio.config, QS_MAX_VIRTIO_CONFIG_BYTES);
}

void codec_get_virtio_state(Codec *c, const void *message, QsResult *r)
{
    const Qosim__V1__VirtioResponse *m = message;

    r->virtio.device_id = m->device_id;
    r->virtio.offered = m->offered_features;
    r->virtio.accepted = m->accepted_features;
    r->virtio.status = m->status;
    r->virtio.isr = m->interrupt_status;
    r->virtio.generation = m->config_generation;
    r->virtio.config_size = m->config_size;
    r->virtio.queues = m->queues;
    r->virtio.has_queue = m->queue != NULL;
    if (m->queue) {
        r->virtio.queue = get_queue(m->queue);
    }
    r->virtio.config = codec_get_bytes(c, "configuration", m->config, QS_MAX_VIRTIO_CONFIG_BYTES);
}
