/* The driver's side of devices on virtio-rpc. */
#include "server/dispatch_internal.h"

#include <inttypes.h>

#include "models/virtio/virtio_rpc.h"
#include "qom/error.h"

/* The transport that the operation means, borrowed; NULL with the result failed. */
static VirtIORPCProxy *find_transport(Dispatch *d, const QsOperation *op, QsResult *result)
{
    GError *error = NULL;
    Object *obj = object_resolve_path_err(d->machine->root, op->virtio.transport, &error);

    if (!obj) {
        reply_fail_error(d->arena, &result->status, error, op->virtio.transport);
        return NULL;
    }
    if (!object_dynamic_cast(obj, TYPE_VIRTIO_RPC) || !DEVICE(obj)->realized) {
        reply_fail(d->arena, &result->status, QS_STATUS_INVALID_ARGUMENT,
                   "'%s' is no transport '" TYPE_VIRTIO_RPC "'", op->virtio.transport);
        return NULL;
    }
    return VIRTIO_RPC(obj);
}

static void tell_queue(const VirtIORPCQueue *queue, QsResult *result)
{
    result->virtio.has_queue = true;
    result->virtio.queue =
        (QsVirtioQueue){ queue->index,  queue->max_size, queue->size, queue->desc,
                         queue->driver, queue->device,   queue->ready };
}

static bool get_queue(VirtIORPCProxy *proxy, uint32_t index, QsResult *result, GError **error)
{
    VirtIORPCQueue queue;

    if (!virtio_rpc_get_queue(proxy, index, &queue, error)) {
        return false;
    }
    tell_queue(&queue, result);
    return true;
}

static bool set_queue(VirtIORPCProxy *proxy, const QsVirtioQueue *wanted, QsResult *result,
                      GError **error)
{
    VirtIORPCQueue queue = { .index = wanted->index,
                             .size = wanted->size,
                             .desc = wanted->descriptors,
                             .driver = wanted->driver,
                             .device = wanted->device };

    return virtio_rpc_set_queue(proxy, &queue, error) &&
           get_queue(proxy, wanted->index, result, error);
}

static bool check_config_length(size_t length, GError **error)
{
    return (length >= 1 && length <= QS_MAX_VIRTIO_CONFIG_BYTES) ||
           qom_error_set(error, "1 to %u bytes of a configuration space can be accessed, not %zu",
                         QS_MAX_VIRTIO_CONFIG_BYTES, length);
}

static bool read_config(Dispatch *d, VirtIORPCProxy *proxy, const QsOperation *op, QsResult *result,
                        GError **error)
{
    uint32_t length = op->virtio.length;
    uint8_t *data;

    if (!check_config_length(length, error)) {
        return false;
    }
    data = qs_arena_alloc(d->arena, length);
    if (!data) {
        return qom_error_set(error, "the reply takes too much memory");
    }
    result->virtio.config = (QsBytes){ data, length };
    return virtio_rpc_read_config(proxy, (uint32_t)op->virtio.value, data, length, error);
}

static bool act(Dispatch *d, VirtIORPCProxy *proxy, const QsOperation *op, QsResult *result,
                GError **error)
{
    uint32_t number = (uint32_t)op->virtio.value;

    switch (op->virtio.action) {
    case QS_VIRTIO_STATE:
        return true;
    case QS_VIRTIO_SET_FEATURES:
        return virtio_rpc_set_features(proxy, op->virtio.value, error);
    case QS_VIRTIO_SET_STATUS:
        return virtio_rpc_set_status(proxy, number, error);
    case QS_VIRTIO_GET_QUEUE:
        return get_queue(proxy, number, result, error);
    case QS_VIRTIO_SET_QUEUE:
        return set_queue(proxy, &op->virtio.queue, result, error);
    case QS_VIRTIO_READ_CONFIG:
        return read_config(d, proxy, op, result, error);
    case QS_VIRTIO_WRITE_CONFIG:
        return check_config_length(op->virtio.data.len, error) &&
               virtio_rpc_write_config(proxy, number, op->virtio.data.data, op->virtio.data.len,
                                       error);
    case QS_VIRTIO_NOTIFY:
        return virtio_rpc_notify(proxy, number, error);
    case QS_VIRTIO_ACKNOWLEDGE:
        return virtio_rpc_acknowledge(proxy, number, error);
    }
    return qom_error_set(error, "there is no such action");
}

static void tell_state(VirtIORPCProxy *proxy, QsResult *result)
{
    const VirtIODevice *vdev = virtio_rpc_get_device(proxy);

    if (!vdev) {
        return;
    }
    result->virtio.device_id = vdev->device_id;
    result->virtio.offered = vdev->host_features;
    result->virtio.accepted = vdev->guest_features;
    result->virtio.status = vdev->status;
    result->virtio.isr = vdev->isr;
    result->virtio.generation = vdev->generation;
    result->virtio.config_size = (uint32_t)vdev->config_len;
    result->virtio.queues = virtio_rpc_count_queues(proxy);
}

void dispatch_virtio(Dispatch *d, const QsOperation *op, QsResult *result)
{
    VirtIORPCProxy *proxy = find_transport(d, op, result);
    GError *error = NULL;

    if (!proxy) {
        return;
    }
    if (!act(d, proxy, op, result, &error)) {
        reply_fail_error(d->arena, &result->status, error, op->virtio.transport);
        return;
    }
    tell_state(proxy, result);
}
