#include "models/virtio/virtio.h"

#include <errno.h>
#include <string.h>

#include "models/core/log.h"
#include "models/core/machine.h"
#include "models/virtio/virtio_bus.h"
#include "models/virtio/virtqueue_internal.h"

/* --- Status, features, reset --- */

static int check_features(VirtIODevice *vdev)
{
    return virtio_host_has_feature(vdev, VIRTIO_F_IOMMU_PLATFORM) &&
                   !virtio_vdev_has_feature(vdev, VIRTIO_F_IOMMU_PLATFORM)
               ? -EFAULT
               : 0;
}

int virtio_set_status(VirtIODevice *vdev, uint8_t status)
{
    VirtioDeviceClass *vdc = VIRTIO_DEVICE_GET_CLASS(vdev);
    uint8_t changed = vdev->status ^ status;

    if (virtio_vdev_has_feature(vdev, VIRTIO_F_VERSION_1) &&
        (changed & status & VIRTIO_CONFIG_S_FEATURES_OK)) {
        int ret = check_features(vdev);

        if (ret) {
            return ret;
        }
    }
    if (changed & VIRTIO_CONFIG_S_DRIVER_OK) {
        vdev->started = status & VIRTIO_CONFIG_S_DRIVER_OK;
        vdev->start_on_kick = vdev->start_on_kick && !vdev->started;
    }
    if (vdc->set_status) {
        vdc->set_status(vdev, status);
    }
    vdev->status = status;
    return 0;
}

int virtio_set_features(VirtIODevice *vdev, uint64_t features)
{
    VirtioDeviceClass *vdc = VIRTIO_DEVICE_GET_CLASS(vdev);
    bool refused = features & ~vdev->host_features;

    if (vdev->status & VIRTIO_CONFIG_S_FEATURES_OK) {
        return -EINVAL;
    }
    if (virtio_has_feature(features, VIRTIO_F_BAD_FEATURE)) {
        log_guest_error(OBJECT(vdev), "%s: guest driver for %s has enabled UNUSED(30) feature bit!",
                        __func__, vdev->name);
    }
    vdev->guest_features = features & vdev->host_features;
    if (virtio_vdev_has_feature(vdev, VIRTIO_RING_F_EVENT_IDX)) {
        virtio_queues_check(vdev); /* it makes two of the areas larger */
    }
    if (vdc->set_features) {
        vdc->set_features(vdev, vdev->guest_features);
    }
    if (!refused && !vdev->started && !virtio_vdev_has_feature(vdev, VIRTIO_F_VERSION_1)) {
        vdev->start_on_kick = true;
    }
    return refused ? -1 : 0;
}

void virtio_reset(VirtIODevice *vdev)
{
    VirtioDeviceClass *vdc = VIRTIO_DEVICE_GET_CLASS(vdev);

    virtio_set_status(vdev, 0);
    if (vdc->reset) {
        vdc->reset(vdev);
    }
    vdev->start_on_kick = false;
    vdev->started = false;
    vdev->broken = false;
    vdev->memory_failed = false;
    vdev->guest_features = 0;
    vdev->queue_sel = 0;
    vdev->status = 0;
    vdev->isr = 0;
    vdev->work_left = VIRTQUEUE_MAX_WORK;
    virtio_queues_stop(vdev);
    virtio_bus_notify(vdev);
    for (unsigned i = 0; i < VIRTIO_QUEUE_MAX; i++) {
        virtqueue_reset(&vdev->vq[i]);
    }
}

bool virtio_device_started(const VirtIODevice *vdev)
{
    return vdev->started;
}

/* --- Configuration space --- */

uint32_t virtio_config_read(VirtIODevice *vdev, uint32_t addr, unsigned size)
{
    VirtioDeviceClass *vdc = VIRTIO_DEVICE_GET_CLASS(vdev);
    uint32_t value = 0;

    if ((uint64_t)addr + size > vdev->config_len) {
        return UINT32_MAX;
    }
    if (vdc->get_config) {
        vdc->get_config(vdev, vdev->config);
    }
    memcpy(&value, vdev->config + addr, size);
    return GUINT32_FROM_LE(value);
}

void virtio_config_write(VirtIODevice *vdev, uint32_t addr, uint32_t data, unsigned size)
{
    VirtioDeviceClass *vdc = VIRTIO_DEVICE_GET_CLASS(vdev);

    if ((uint64_t)addr + size > vdev->config_len) {
        return;
    }
    data = GUINT32_TO_LE(data);
    memcpy(vdev->config + addr, &data, size);
    if (vdc->set_config) {
        vdc->set_config(vdev, vdev->config);
    }
}

/* --- Interrupts --- */

static void raise_interrupt(VirtIODevice *vdev, uint8_t cause)
{
    vdev->isr |= cause;
    if (!vdev->broken) {
        virtio_bus_notify(vdev);
    }
}

void virtio_ack_isr(VirtIODevice *vdev, uint8_t bits)
{
    vdev->isr &= (uint8_t)~bits;
    if (!vdev->broken) {
        virtio_bus_notify(vdev);
    }
}

void virtio_notify(VirtIODevice *vdev, VirtQueue *vq)
{
    if (virtio_queue_should_notify(vq)) {
        virtio_bus_queue_used(vdev, virtio_get_queue_index(vq));
        raise_interrupt(vdev, VIRTIO_ISR_QUEUE);
    }
}

void virtio_notify_config(VirtIODevice *vdev)
{
    if (vdev->status & VIRTIO_CONFIG_S_DRIVER_OK) {
        vdev->generation++;
        raise_interrupt(vdev, VIRTIO_ISR_QUEUE | VIRTIO_ISR_CONFIG);
    }
}

void virtio_error(VirtIODevice *vdev, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list args;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    log_guest_error(OBJECT(vdev), "%s", text);
    if (virtio_vdev_has_feature(vdev, VIRTIO_F_VERSION_1)) {
        vdev->status |= VIRTIO_CONFIG_S_NEEDS_RESET;
        virtio_notify_config(vdev);
    }
    vdev->broken = true;
}

/* --- Life --- */

void virtio_init(VirtIODevice *vdev, const char *name, uint16_t device_id, size_t config_size)
{
    MachineState *machine = qdev_get_machine(DEVICE(vdev));

    g_assert(machine);
    vdev->name = name;
    vdev->device_id = device_id;
    vdev->dma_as = machine->system_as;
    vdev->context = g_main_context_ref_thread_default();
    vdev->config_len = config_size;
    vdev->config = g_malloc0(config_size);
    vdev->work_left = VIRTQUEUE_MAX_WORK;
    vdev->vq = g_new0(VirtQueue, VIRTIO_QUEUE_MAX);
    for (unsigned i = 0; i < VIRTIO_QUEUE_MAX; i++) {
        vdev->vq[i].vdev = vdev;
        vdev->vq[i].queue_index = (uint16_t)i;
        virtqueue_reset(&vdev->vq[i]);
    }
}

void virtio_cleanup(VirtIODevice *vdev)
{
    virtio_queues_stop(vdev);
    g_clear_pointer(&vdev->context, g_main_context_unref);
    g_clear_pointer(&vdev->config, g_free);
    g_clear_pointer(&vdev->vq, g_free);
}

static bool virtio_device_realize(DeviceState *dev, GError **error)
{
    VirtIODevice *vdev = VIRTIO_DEVICE(dev);
    VirtioDeviceClass *vdc = VIRTIO_DEVICE_GET_CLASS(dev);

    if (vdc->realize && !vdc->realize(dev, error)) {
        return false;
    }
    if (!virtio_bus_device_plugged(vdev, error)) {
        if (vdc->unrealize) {
            vdc->unrealize(dev);
        }
        return false;
    }
    return true;
}

static void virtio_device_unrealize(DeviceState *dev)
{
    VirtioDeviceClass *vdc = VIRTIO_DEVICE_GET_CLASS(dev);

    virtio_bus_device_unplugged(VIRTIO_DEVICE(dev));
    if (vdc->unrealize) {
        vdc->unrealize(dev);
    }
}

static void virtio_device_finalize(Object *obj)
{
    g_free(VIRTIO_DEVICE(obj)->bus_name);
}

static void virtio_device_class_init(ObjectClass *oc, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(oc);

    (void)data;
    dc->bus_type = TYPE_VIRTIO_BUS;
    dc->realize = virtio_device_realize;
    dc->unrealize = virtio_device_unrealize;
}

static const TypeInfo virtio_types[] = {
    {
        .name = TYPE_VIRTIO_DEVICE,
        .parent = TYPE_DEVICE,
        .instance_size = sizeof(VirtIODevice),
        .instance_finalize = virtio_device_finalize,
        .abstract = true,
        .class_size = sizeof(VirtioDeviceClass),
        .class_init = virtio_device_class_init,
    },
};

DEFINE_TYPES(virtio_types)
