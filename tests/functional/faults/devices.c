/*
 * Devices that notice when something is done twice, not at all, or out of order.
 *
 *   test-counter  a sysbus device: a write to offset 0 must be greater by one than the write before. Offset 0 reads the last one,
 *                 4 how many there were, 8 how many were wrong. The line follows bit 4 of the count. A write to offset 8 stops the
 *                 whole program (SIGSTOP).
 *   test-kicks    a virtio device with one queue: each kick must find one buffer, whose first word is greater by one than that of
 *                 the buffer before. Properties kicks and mistakes tell.
 */
#include <signal.h>
#include <string.h>

#include "models/core/sysbus.h"
#include "models/virtio/virtio.h"
#include "models/virtio/virtqueue.h"
#include "qom/module.h"

#define TYPE_TEST_COUNTER "test-counter"
#define TYPE_TEST_KICKS "test-kicks"
#define KICKS_QUEUE_SIZE 64

typedef struct Counter {
    SysBusDevice parent_obj;

    MemoryRegion mmio;
    qemu_irq irq;
    uint32_t last;
    uint32_t count;
    uint32_t mistakes;
} Counter;

DECLARE_INSTANCE_CHECKER(Counter, COUNTER, TYPE_TEST_COUNTER)

static uint64_t counter_read(void *opaque, hwaddr addr, unsigned size)
{
    const Counter *s = opaque;

    (void)size;
    return addr == 0 ? s->last : addr == 4 ? s->count : s->mistakes;
}

static void counter_write(void *opaque, hwaddr addr, uint64_t value, unsigned size)
{
    Counter *s = opaque;

    (void)size;
    if (addr == 8) {
        (void)raise(SIGSTOP);
        return;
    }
    s->mistakes += (uint32_t)value != s->last + 1;
    s->last = (uint32_t)value;
    s->count++;
    qemu_set_irq(s->irq, s->count >> 4 & 1);
}

static const MemoryRegionOps counter_ops = {
    .read = counter_read,
    .write = counter_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = { .min_access_size = 4, .max_access_size = 4 },
};

static void counter_init(Object *obj)
{
    Counter *s = COUNTER(obj);

    memory_region_init_io(&s->mmio, obj, &counter_ops, s, "counter", 12);
    sysbus_init_mmio(&s->parent_obj, &s->mmio);
    sysbus_init_irq(&s->parent_obj, &s->irq);
}

static void counter_class_init(ObjectClass *klass, void *data)
{
    (void)data;
    DEVICE_CLASS(klass)->user_creatable = true;
}

typedef struct Kicks {
    VirtIODevice parent_obj;

    uint32_t kicks;
    uint32_t last;
    uint32_t mistakes;
} Kicks;

DECLARE_INSTANCE_CHECKER(Kicks, KICKS, TYPE_TEST_KICKS)

static void kicks_handle_output(VirtIODevice *vdev, VirtQueue *vq)
{
    Kicks *s = KICKS(vdev);
    VirtQueueElement *elem = virtqueue_pop(vq);
    uint32_t word = 0;

    s->kicks++;
    if (!elem) {
        s->mistakes++;
        return;
    }
    if (elem->out_num > 0 && elem->out_sg[0].iov_len >= sizeof(word)) {
        memcpy(&word, elem->out_sg[0].iov_base, sizeof(word));
    }
    s->mistakes += word != s->last + 1;
    s->last = word;
    virtqueue_push(vq, elem, 0);
    virtqueue_element_free(elem);
    virtio_notify(vdev, vq);
}

static uint64_t kicks_get_features(VirtIODevice *vdev, uint64_t features)
{
    (void)vdev;
    return features;
}

static bool kicks_realize(DeviceState *dev, GError **error)
{
    (void)error;
    virtio_init(VIRTIO_DEVICE(dev), "test-kicks", 42, 0);
    virtio_add_queue(VIRTIO_DEVICE(dev), KICKS_QUEUE_SIZE, kicks_handle_output);
    return true;
}

static void kicks_unrealize(DeviceState *dev)
{
    virtio_delete_queues(VIRTIO_DEVICE(dev));
    virtio_cleanup(VIRTIO_DEVICE(dev));
}

static void kicks_reset(VirtIODevice *vdev)
{
    (void)vdev;
}

static void kicks_init(Object *obj)
{
    Kicks *s = KICKS(obj);

    object_property_add_uint32_ptr(obj, "kicks", &s->kicks, OBJ_PROP_FLAG_READ);
    object_property_add_uint32_ptr(obj, "mistakes", &s->mistakes, OBJ_PROP_FLAG_READ);
}

static void kicks_class_init(ObjectClass *klass, void *data)
{
    VirtioDeviceClass *vdc = VIRTIO_DEVICE_CLASS(klass);

    (void)data;
    vdc->realize = kicks_realize;
    vdc->unrealize = kicks_unrealize;
    vdc->get_features = kicks_get_features;
    vdc->reset = kicks_reset;
}

static const TypeInfo fault_device_types[] = {
    {
        .name = TYPE_TEST_COUNTER,
        .parent = TYPE_SYS_BUS_DEVICE,
        .instance_size = sizeof(Counter),
        .instance_init = counter_init,
        .class_init = counter_class_init,
    },
    {
        .name = TYPE_TEST_KICKS,
        .parent = TYPE_VIRTIO_DEVICE,
        .instance_size = sizeof(Kicks),
        .instance_init = kicks_init,
        .class_init = kicks_class_init,
    },
};

DEFINE_TYPES(fault_device_types)
