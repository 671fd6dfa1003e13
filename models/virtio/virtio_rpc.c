#include "models/virtio/virtio_rpc.h"

#include <string.h>

#include "models/core/machine.h"
#include "qom/error.h"

/* Bits that a modern transport does not offer. */
#define VIRTIO_LEGACY_FEATURES                                                                     \
    ((UINT64_C(1) << VIRTIO_F_BAD_FEATURE) | (UINT64_C(1) << VIRTIO_F_NOTIFY_ON_EMPTY) |           \
     (UINT64_C(1) << VIRTIO_F_ANY_LAYOUT))

/* Configuration spaces are read and written in pieces that registers would have. */
#define CONFIG_PIECE 1u

VirtIODevice *virtio_rpc_get_device(VirtIORPCProxy *proxy)
{
    return virtio_bus_get_device(&proxy->bus);
}

/* The device, or NULL with @error. */
static VirtIODevice *need_device(VirtIORPCProxy *proxy, GError **error)
{
    VirtIODevice *vdev = virtio_rpc_get_device(proxy);

    if (!vdev) {
        g_autofree char *name = qdev_get_human_name(DEVICE(proxy));

        qom_error_set(error, "Device '%s' carries no virtio device", name);
    }
    return vdev;
}

/* The device if it has queue @index, or NULL with @error. */
static VirtIODevice *need_queue(VirtIORPCProxy *proxy, uint32_t index, GError **error)
{
    VirtIODevice *vdev = need_device(proxy, error);

    if (vdev && (index >= VIRTIO_QUEUE_MAX || !virtio_queue_get_max_num(vdev, index))) {
        qom_error_set(error, "there is no queue %u; device '%s' has %u", index, vdev->name,
                      virtio_rpc_count_queues(proxy));
        return NULL;
    }
    return vdev;
}

unsigned virtio_rpc_count_queues(VirtIORPCProxy *proxy)
{
    VirtIODevice *vdev = virtio_rpc_get_device(proxy);
    unsigned n = 0;

    while (vdev && n < VIRTIO_QUEUE_MAX && virtio_queue_get_max_num(vdev, n)) {
        n++;
    }
    return n;
}

static void virtio_rpc_update_irq(VirtIORPCProxy *proxy)
{
    VirtIODevice *vdev = virtio_rpc_get_device(proxy);

    qemu_set_irq(proxy->irq, vdev && vdev->isr);
}

/* --- The driver's side --- */

bool virtio_rpc_set_features(VirtIORPCProxy *proxy, uint64_t features, GError **error)
{
    VirtIODevice *vdev = need_device(proxy, error);

    if (!vdev) {
        return false;
    }
    if (features & ~vdev->host_features) {
        return qom_error_set(error,
                             "features 0x%" G_GINT64_MODIFIER
                             "x are not offered, which are 0x%" G_GINT64_MODIFIER "x",
                             features & ~vdev->host_features, vdev->host_features);
    }
    return virtio_set_features(vdev, features) == 0 ||
           qom_error_set(error, "features can't be set once FEATURES_OK is");
}

static void soft_reset(VirtIORPCProxy *proxy)
{
    virtio_bus_reset(&proxy->bus);
    memset(proxy->queues, 0, sizeof(proxy->queues));
}

bool virtio_rpc_set_status(VirtIORPCProxy *proxy, uint32_t status, GError **error)
{
    VirtIODevice *vdev = need_device(proxy, error);

    if (!vdev) {
        return false;
    }
    if (status > UINT8_MAX) {
        return qom_error_set(error, "a status has 8 bits, 0x%x has more", status);
    }
    if (virtio_set_status(vdev, (uint8_t)status) != 0) {
        return qom_error_set(error,
                             "device '%s' does not take FEATURES_OK: a feature that it needs was "
                             "not accepted",
                             vdev->name);
    }
    if (!status) {
        soft_reset(proxy);
    }
    return true;
}

bool virtio_rpc_get_queue(VirtIORPCProxy *proxy, uint32_t index, VirtIORPCQueue *queue,
                          GError **error)
{
    VirtIODevice *vdev = need_queue(proxy, index, error);

    if (!vdev) {
        return false;
    }
    *queue = proxy->queues[index];
    queue->index = index;
    queue->max_size = virtio_queue_get_max_num(vdev, index);
    queue->size = virtio_queue_get_num(vdev, index);
    return true;
}

static bool check_areas(const VirtIODevice *vdev, const VirtIORPCQueue *queue, GError **error)
{
    bool packed = virtio_vdev_has_feature(vdev, VIRTIO_F_RING_PACKED);

    if (queue->desc % 16 || queue->driver % (packed ? 4 : 2) || queue->device % 4) {
        return qom_error_set(error,
                             "queue %u: the areas of a %s ring are aligned to 16, %d and 4 bytes",
                             queue->index, packed ? "packed" : "split", packed ? 4 : 2);
    }
    return true;
}

static bool check_size(VirtIODevice *vdev, const VirtIORPCQueue *queue, GError **error)
{
    unsigned max = virtio_queue_get_max_num(vdev, queue->index);

    if (queue->size < 1 || queue->size > max) {
        return qom_error_set(error, "queue %u takes rings of 1 to %u entries, not %u", queue->index,
                             max, queue->size);
    }
    if (!virtio_vdev_has_feature(vdev, VIRTIO_F_RING_PACKED) && (queue->size & (queue->size - 1))) {
        return qom_error_set(error, "queue %u: the size of a split ring is a power of two, not %u",
                             queue->index, queue->size);
    }
    return true;
}

bool virtio_rpc_set_queue(VirtIORPCProxy *proxy, const VirtIORPCQueue *queue, GError **error)
{
    VirtIODevice *vdev = need_queue(proxy, queue->index, error);

    if (!vdev || !check_size(vdev, queue, error) || !check_areas(vdev, queue, error)) {
        return false;
    }
    proxy->queues[queue->index] = *queue;
    proxy->queues[queue->index].ready = true;
    virtio_queue_set_num(vdev, queue->index, queue->size);
    virtio_queue_set_rings(vdev, queue->index, queue->desc, queue->driver, queue->device);
    return true;
}

static bool check_config(const VirtIODevice *vdev, uint32_t offset, size_t len, GError **error)
{
    if (offset > vdev->config_len || len > vdev->config_len - offset) {
        return qom_error_set(error,
                             "bytes %u to %" G_GUINT64_FORMAT " are not inside the configuration "
                             "space, which has %zu",
                             offset, (uint64_t)offset + len, vdev->config_len);
    }
    return true;
}

bool virtio_rpc_read_config(VirtIORPCProxy *proxy, uint32_t offset, uint8_t *buf, size_t len,
                            GError **error)
{
    VirtIODevice *vdev = need_device(proxy, error);

    if (!vdev || !check_config(vdev, offset, len, error)) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        buf[i] = (uint8_t)virtio_config_read(vdev, offset + (uint32_t)i, CONFIG_PIECE);
    }
    return true;
}

/* The largest piece that a driver could write at once at @offset: fields are up to 4 bytes, aligned to their size. */
static unsigned piece_at(uint32_t offset, size_t left)
{
    unsigned piece = 4;

    while (offset % piece || piece > left) {
        piece /= 2;
    }
    return piece;
}

bool virtio_rpc_write_config(VirtIORPCProxy *proxy, uint32_t offset, const uint8_t *buf, size_t len,
                             GError **error)
{
    VirtIODevice *vdev = need_device(proxy, error);

    if (!vdev || !check_config(vdev, offset, len, error)) {
        return false;
    }
    for (size_t i = 0; i < len;) {
        unsigned piece = piece_at(offset + (uint32_t)i, len - i);
        uint32_t value = 0;

        memcpy(&value, buf + i, piece);
        virtio_config_write(vdev, offset + (uint32_t)i, GUINT32_FROM_LE(value), piece);
        i += piece;
    }
    return true;
}

bool virtio_rpc_notify(VirtIORPCProxy *proxy, uint32_t index, GError **error)
{
    VirtIODevice *vdev = need_queue(proxy, index, error);

    if (!vdev) {
        return false;
    }
    virtio_queue_notify(vdev, index);
    return true;
}

bool virtio_rpc_acknowledge(VirtIORPCProxy *proxy, uint32_t bits, GError **error)
{
    VirtIODevice *vdev = need_device(proxy, error);

    if (!vdev) {
        return false;
    }
    vdev->isr &= (uint8_t)~bits;
    virtio_rpc_update_irq(proxy);
    return true;
}

/* --- The bus --- */

/* NULL path: the proxy is not realized yet, or not any more, and nobody knows it. */
static void emit(VirtIORPCProxy *proxy, MachineEventKind kind, unsigned queue)
{
    MachineState *machine = qdev_get_machine(DEVICE(proxy));
    const MachineEvent event = {
        .kind = kind,
        .path = DEVICE(proxy)->canonical_path,
        .line = queue,
    };

    if (machine && event.path) {
        machine_emit(machine, &event);
    }
}

static void virtio_rpc_queue_used(DeviceState *dev, unsigned queue)
{
    emit(VIRTIO_RPC(dev), MACHINE_EVENT_VIRTIO_USED, queue);
}

/* Called for used buffers too, which queue_used told before. */
static void virtio_rpc_bus_notify(DeviceState *dev)
{
    VirtIORPCProxy *proxy = VIRTIO_RPC(dev);
    VirtIODevice *vdev = virtio_rpc_get_device(proxy);

    if (vdev && vdev->generation != proxy->generation) {
        proxy->generation = vdev->generation;
        emit(proxy, MACHINE_EVENT_VIRTIO_CONFIG, 0);
    }
    virtio_rpc_update_irq(proxy);
}

static bool virtio_rpc_pre_plugged(DeviceState *dev, VirtIODevice *vdev, GError **error)
{
    (void)dev;
    (void)error;
    vdev->host_features |= UINT64_C(1) << VIRTIO_F_VERSION_1;
    return true;
}

static void virtio_rpc_device_plugged(DeviceState *dev, VirtIODevice *vdev)
{
    vdev->host_features &= ~VIRTIO_LEGACY_FEATURES;
    VIRTIO_RPC(dev)->generation = vdev->generation;
}

static void virtio_rpc_device_unplugged(DeviceState *dev, VirtIODevice *vdev)
{
    VirtIORPCProxy *proxy = VIRTIO_RPC(dev);

    (void)vdev;
    memset(proxy->queues, 0, sizeof(proxy->queues));
    qemu_irq_lower(proxy->irq);
}

static void virtio_rpc_bus_class_init(ObjectClass *oc, void *data)
{
    VirtioBusClass *bc = VIRTIO_BUS_CLASS(oc);

    (void)data;
    bc->notify = virtio_rpc_bus_notify;
    bc->queue_used = virtio_rpc_queue_used;
    bc->pre_plugged = virtio_rpc_pre_plugged;
    bc->device_plugged = virtio_rpc_device_plugged;
    bc->device_unplugged = virtio_rpc_device_unplugged;
}

/* --- Life --- */

static void virtio_rpc_reset(DeviceState *dev)
{
    soft_reset(VIRTIO_RPC(dev));
}

static bool virtio_rpc_realize(DeviceState *dev, GError **error)
{
    VirtIORPCProxy *proxy = VIRTIO_RPC(dev);

    (void)error;
    qbus_init(&proxy->bus, sizeof(proxy->bus), TYPE_VIRTIO_RPC_BUS, dev, NULL);
    /* Its own handler, with nothing to say: the device may come and go while the machine runs. */
    qbus_set_hotplug_handler(BUS(&proxy->bus), OBJECT(proxy));
    return true;
}

static void virtio_rpc_init(Object *obj)
{
    sysbus_init_irq(SYS_BUS_DEVICE(obj), &VIRTIO_RPC(obj)->irq);
}

static void virtio_rpc_class_init(ObjectClass *oc, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(oc);

    (void)data;
    dc->desc = "virtio transport whose driver is a client of the server";
    dc->user_creatable = true; /* it has nothing that a board must place */
    dc->realize = virtio_rpc_realize;
    dc->reset = virtio_rpc_reset;
}

static const TypeInfo virtio_rpc_types[] = {
    {
        .name = TYPE_VIRTIO_RPC_BUS,
        .parent = TYPE_VIRTIO_BUS,
        .instance_size = sizeof(VirtioBusState),
        .class_init = virtio_rpc_bus_class_init,
    },
    {
        .name = TYPE_VIRTIO_RPC,
        .parent = TYPE_SYS_BUS_DEVICE,
        .instance_size = sizeof(VirtIORPCProxy),
        .instance_init = virtio_rpc_init,
        .class_init = virtio_rpc_class_init,
        .interfaces = (InterfaceInfo[]){ { TYPE_HOTPLUG_HANDLER }, { NULL } },
    },
};

DEFINE_TYPES(virtio_rpc_types)
