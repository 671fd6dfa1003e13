#include "models/virtio/virtio_bus.h"

VirtIODevice *virtio_bus_get_device(VirtioBusState *bus)
{
    const BusChild *first = bus->children ? bus->children->data : NULL;
    VirtIODevice *vdev = first ? VIRTIO_DEVICE(first->child) : NULL;

    /* One that is being plugged or unplugged has no queues. */
    return vdev && vdev->vq ? vdev : NULL;
}

void virtio_bus_reset(VirtioBusState *bus)
{
    VirtIODevice *vdev = virtio_bus_get_device(bus);

    if (vdev) {
        virtio_reset(vdev);
    }
}

static VirtioBusState *bus_of(VirtIODevice *vdev)
{
    BusState *bus = qdev_get_parent_bus(DEVICE(vdev));

    return bus ? VIRTIO_BUS(bus) : NULL;
}

bool virtio_bus_device_plugged(VirtIODevice *vdev, GError **error)
{
    VirtioBusState *bus = bus_of(vdev);
    VirtioDeviceClass *vdc = VIRTIO_DEVICE_GET_CLASS(vdev);
    VirtioBusClass *bc = VIRTIO_BUS_GET_CLASS(bus);

    if (bc->pre_plugged && !bc->pre_plugged(bus->parent, vdev, error)) {
        return false;
    }
    vdev->host_features = vdc->get_features(vdev, vdev->host_features);
    vdev->transport_guard = &bus->parent->mem_reentrancy_guard;
    if (bc->device_plugged) {
        bc->device_plugged(bus->parent, vdev);
    }
    return true;
}

void virtio_bus_device_unplugged(VirtIODevice *vdev)
{
    VirtioBusState *bus = bus_of(vdev);

    vdev->transport_guard = NULL;
    if (bus && VIRTIO_BUS_GET_CLASS(bus)->device_unplugged) {
        VIRTIO_BUS_GET_CLASS(bus)->device_unplugged(bus->parent, vdev);
    }
}

void virtio_bus_notify(VirtIODevice *vdev)
{
    VirtioBusState *bus = bus_of(vdev);

    if (bus) {
        VIRTIO_BUS_GET_CLASS(bus)->notify(bus->parent);
    }
}

void virtio_bus_queue_used(VirtIODevice *vdev, unsigned queue)
{
    VirtioBusState *bus = bus_of(vdev);

    if (bus && VIRTIO_BUS_GET_CLASS(bus)->queue_used) {
        VIRTIO_BUS_GET_CLASS(bus)->queue_used(bus->parent, queue);
    }
}

static void virtio_bus_class_init(ObjectClass *oc, void *data)
{
    (void)data;
    BUS_CLASS(oc)->max_dev = 1;
}

static const TypeInfo virtio_bus_types[] = {
    {
        .name = TYPE_VIRTIO_BUS,
        .parent = TYPE_BUS,
        .instance_size = sizeof(VirtioBusState),
        .abstract = true,
        .class_size = sizeof(VirtioBusClass),
        .class_init = virtio_bus_class_init,
    },
};

DEFINE_TYPES(virtio_bus_types)
