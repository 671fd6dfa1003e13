/* The bus between a transport and the one device that it carries. */
#ifndef QOSIM_MODELS_VIRTIO_VIRTIO_BUS_H
#define QOSIM_MODELS_VIRTIO_VIRTIO_BUS_H

#include "models/core/bus.h"
#include "models/virtio/virtio.h"

#define TYPE_VIRTIO_BUS "virtio-bus"
typedef struct VirtioBusClass VirtioBusClass;
typedef BusState VirtioBusState;
DECLARE_OBJ_CHECKERS(VirtioBusState, VirtioBusClass, VIRTIO_BUS, TYPE_VIRTIO_BUS)

/* What a transport does for its device; @proxy is the bus's parent. All but notify are optional. */
struct VirtioBusClass {
    BusClass parent_class;

    /* The device's ISR changed, or an interrupt is due. */
    void (*notify)(DeviceState *proxy);
    /* Before and after the device's own features are known; the first may add the transport's. */
    bool (*pre_plugged)(DeviceState *proxy, VirtIODevice *vdev, GError **error);
    void (*device_plugged)(DeviceState *proxy, VirtIODevice *vdev);
    void (*device_unplugged)(DeviceState *proxy, VirtIODevice *vdev);
    /* A queue's used ring moved: for transports that tell the driver which. */
    void (*queue_used)(DeviceState *proxy, unsigned queue);
};

/* The device on @bus, borrowed; NULL: none. */
VirtIODevice *virtio_bus_get_device(VirtioBusState *bus);

/* Resets that device. */
void virtio_bus_reset(VirtioBusState *bus);

/* Called by the device when it is realized and before it is unrealized. */
bool virtio_bus_device_plugged(VirtIODevice *vdev, GError **error);
void virtio_bus_device_unplugged(VirtIODevice *vdev);

/* Called by the device. */
void virtio_bus_notify(VirtIODevice *vdev);
void virtio_bus_queue_used(VirtIODevice *vdev, unsigned queue);

#endif
