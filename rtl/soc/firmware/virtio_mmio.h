/*
 * virtio over memory-mapped registers (virtio 1.2, section 4.2), modern (version 2) and legacy (version 1).
 */
#ifndef QOSIM_SOC_FIRMWARE_VIRTIO_MMIO_H
#define QOSIM_SOC_FIRMWARE_VIRTIO_MMIO_H

#include <stdbool.h>
#include <stdint.h>

#include "virtqueue.h"

/* The transports of the board; the first device that a machine gets is at the last one. */
#define VIRTIO_TRANSPORTS 8u
#define VIRTIO_BASE(n) (0x10001000u + (n)*0x1000u)
#define VIRTIO_SOURCE(n) (1u + (n))

#define VIRTIO_ID_CONSOLE 3u

#define VIRTIO_F_VERSION_1 (1ull << 32)

/* Bits of virtio_mmio_take_interrupt(). */
#define VIRTIO_INTERRUPT_USED 1u
#define VIRTIO_INTERRUPT_CONFIG 2u

typedef struct VirtioMmio {
    uint32_t base;
    unsigned source; /* at the interrupt controller */
    bool modern;
    uint32_t device_id; /* 0: no device */
    uint64_t features;  /* agreed on */
} VirtioMmio;

/* Looks at transport @n of the board; false if there is none, or none that we know. */
bool virtio_mmio_probe(VirtioMmio *v, unsigned n);

/*
 * Resets the device and agrees with it on those features of @wanted that it has (and VERSION_1, if modern). Then follow
 * the queues and virtio_mmio_ready(). Says what went wrong, NULL: nothing. After a failure the device is given up.
 */
const char *virtio_mmio_start(VirtioMmio *v, uint64_t wanted);

/* Sets queue @index up in @ring, empty, with up to VIRTQ_SIZE entries. As above. */
const char *virtio_mmio_add_queue(VirtioMmio *v, unsigned index, Virtqueue *q, VirtqRing *ring);

void virtio_mmio_ready(VirtioMmio *v);

/* Tells the device that it cannot be driven, until the next start. */
void virtio_mmio_give_up(VirtioMmio *v);

/* The device lets go of all buffers. */
void virtio_mmio_reset(VirtioMmio *v);

/* Tells the device of new buffers in queue @index, if it wants that. */
void virtio_mmio_kick(VirtioMmio *v, unsigned index, const Virtqueue *q);

/* Why the device interrupts, acknowledged. */
uint32_t virtio_mmio_take_interrupt(VirtioMmio *v);

/* Whether the device met a mistake and waits for a reset. */
bool virtio_mmio_is_broken(const VirtioMmio *v);

/* Fields of the configuration space; a pair of them is of one moment. */
uint32_t virtio_mmio_config32(const VirtioMmio *v, uint32_t offset);
void virtio_mmio_config16_pair(const VirtioMmio *v, uint32_t offset, uint16_t *first,
                               uint16_t *second);

#endif
