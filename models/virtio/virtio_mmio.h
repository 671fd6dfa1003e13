/* virtio-mmio: a transport of memory-mapped registers (virtio 1.2, section 4.2), legacy or modern. */
#ifndef QOSIM_MODELS_VIRTIO_VIRTIO_MMIO_H
#define QOSIM_MODELS_VIRTIO_VIRTIO_MMIO_H

#include "models/core/sysbus.h"
#include "models/virtio/virtio_bus.h"

#define TYPE_VIRTIO_MMIO_BUS "virtio-mmio-bus"

#define TYPE_VIRTIO_MMIO "virtio-mmio"
OBJECT_DECLARE_SIMPLE_TYPE(VirtIOMMIOProxy, VIRTIO_MMIO)

#define VIRTIO_MMIO_SIZE 0x200

/* What a modern driver has latched for one queue; it takes effect with QueueReady. */
typedef struct VirtIOMMIOQueue {
    uint32_t num;
    bool enabled;
    uint32_t desc[2]; /* low, high */
    uint32_t avail[2];
    uint32_t used[2];
} VirtIOMMIOQueue;

struct VirtIOMMIOProxy {
    SysBusDevice parent_obj;

    /* Properties */
    bool legacy;
    bool ioeventfd; /* accepted as QEMU has it; a kick is always handled at once here */
    bool format_transport_address;

    /* Parts */
    MemoryRegion iomem;
    qemu_irq irq;
    VirtioBusState bus;

    /* State */
    uint32_t host_features_sel;
    uint32_t guest_features_sel;
    uint32_t guest_page_shift;
    uint32_t guest_features[2];
    VirtIOMMIOQueue vqs[VIRTIO_QUEUE_MAX];
};

#endif
