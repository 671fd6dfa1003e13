/*
 * A split virtqueue, the driver's side (virtio 1.2, section 2.7), for buffers of one descriptor each. The same code runs
 * on the SoC and in a test on the host, so it knows nothing of registers.
 */
#ifndef QOSIM_SOC_FIRMWARE_VIRTQUEUE_H
#define QOSIM_SOC_FIRMWARE_VIRTQUEUE_H

#include <stdbool.h>
#include <stdint.h>

/* Entries of a ring at most; what a ring needs then fits one page of this size, the used part aligned for a cache line. */
#define VIRTQ_SIZE 32u
#define VIRTQ_PAGE 1024u
#define VIRTQ_ALIGN 64u

typedef struct VirtqRing {
    uint8_t bytes[VIRTQ_PAGE];
} __attribute__((aligned(1024))) VirtqRing;

typedef struct VirtqDesc VirtqDesc;
typedef struct VirtqAvail VirtqAvail;
typedef struct VirtqUsed VirtqUsed;

typedef struct Virtqueue {
    uint16_t num; /* entries; 0: the device has no such queue */

    /* Shared with the device. */
    volatile VirtqDesc *desc;
    volatile VirtqAvail *avail;
    volatile VirtqUsed *used;

    /* What the device holds: by descriptor, what virtq_take() gives back; NULL: the descriptor is free. */
    void *token[VIRTQ_SIZE];
    uint16_t n_held;
    uint16_t next_avail;
    uint16_t last_used;

    /* What the device did that it may not do, from when on nothing is taken any more; NULL: nothing. */
    const char *error;
} Virtqueue;

/* An empty queue of @num entries in @ring, a power of 2 up to VIRTQ_SIZE. */
void virtq_init(Virtqueue *q, VirtqRing *ring, uint16_t num);

/* Gives the device @length bytes to read, or to fill. @token is not NULL. False if the ring is full. */
bool virtq_add(Virtqueue *q, void *bytes, uint32_t length, bool device_fills, void *token);

/*
 * Takes a buffer that the device is done with: its token, NULL if there is none or after an error. *@length is how many
 * bytes the device filled, never more than the buffer has: QEMU tells the whole length of a control message that it cut.
 */
void *virtq_take(Virtqueue *q, uint32_t *length);

/* Whether the device wants to be told of what was added. */
bool virtq_wants_kick(const Virtqueue *q);

#endif
