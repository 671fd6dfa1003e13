/*
 * virtio-rpc: a transport without registers and without a line that has to be used. What a driver does by registers elsewhere
 * it does here by calls: whoever hosts the machine makes them for its clients. What the device has to tell becomes events
 * (MACHINE_EVENT_VIRTIO_USED, MACHINE_EVENT_VIRTIO_CONFIG). Rings and buffers are in the machine's memory, as always.
 *
 * It is a modern transport: VERSION_1 is offered, queues have three areas, the configuration space is little-endian.
 */
#ifndef QOSIM_MODELS_VIRTIO_VIRTIO_RPC_H
#define QOSIM_MODELS_VIRTIO_VIRTIO_RPC_H

#include "models/core/sysbus.h"
#include "models/virtio/virtio_bus.h"

#define TYPE_VIRTIO_RPC_BUS "virtio-rpc-bus"

#define TYPE_VIRTIO_RPC "virtio-rpc"
OBJECT_DECLARE_SIMPLE_TYPE(VirtIORPCProxy, VIRTIO_RPC)

/* A queue as the driver set it up. */
typedef struct VirtIORPCQueue {
    uint32_t index;
    uint32_t max_size; /* 0: there is no such queue */
    uint32_t size;
    hwaddr desc; /* split: descriptor table; packed: descriptor ring */
    hwaddr driver;
    hwaddr device;
    bool ready;
} VirtIORPCQueue;

struct VirtIORPCProxy {
    SysBusDevice parent_obj;

    /* Parts */
    qemu_irq irq; /* the level that an interrupt line would have: the interrupt status is not 0 */
    VirtioBusState bus;

    /* State */
    VirtIORPCQueue queues[VIRTIO_QUEUE_MAX]; /* without index and max_size */
    uint32_t generation;                     /* of the configuration, as last told */
};

/* The device that it carries, borrowed; NULL: none, and then what follows fails with "Device '%s' carries no virtio device". */
VirtIODevice *virtio_rpc_get_device(VirtIORPCProxy *proxy);

/* How many queues the device has. */
unsigned virtio_rpc_count_queues(VirtIORPCProxy *proxy);

/* The driver accepts @features. Fails for bits that are not offered, and once FEATURES_OK is set. */
bool virtio_rpc_set_features(VirtIORPCProxy *proxy, uint64_t features, GError **error);

/* Stores the status; 0 resets. Fails above 8 bits, and when the device does not take FEATURES_OK. */
bool virtio_rpc_set_status(VirtIORPCProxy *proxy, uint32_t status, GError **error);

/* Fails when there is no queue @index. */
bool virtio_rpc_get_queue(VirtIORPCProxy *proxy, uint32_t index, VirtIORPCQueue *queue,
                          GError **error);

/*
 * Makes the rings that @queue tells the ones of queue @queue->index. Fails when there is no such queue, when it takes no rings of
 * that size (1 to its maximum; in a split ring a power of two), or when its areas are not aligned as the specification has it.
 */
bool virtio_rpc_set_queue(VirtIORPCProxy *proxy, const VirtIORPCQueue *queue, GError **error);

/* Bytes of the configuration space. Fails when they are not all inside it. */
bool virtio_rpc_read_config(VirtIORPCProxy *proxy, uint32_t offset, uint8_t *buf, size_t len,
                            GError **error);
bool virtio_rpc_write_config(VirtIORPCProxy *proxy, uint32_t offset, const uint8_t *buf, size_t len,
                             GError **error);

/* The driver kicks queue @index. Fails when there is no such queue. */
bool virtio_rpc_notify(VirtIORPCProxy *proxy, uint32_t index, GError **error);

/* Clears bits of the interrupt status. */
bool virtio_rpc_acknowledge(VirtIORPCProxy *proxy, uint32_t bits, GError **error);

#endif
