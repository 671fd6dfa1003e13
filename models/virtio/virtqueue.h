/*
 * VirtQueue: the ring through which driver and device exchange buffers, split or packed.
 *
 * The device takes an element out with virtqueue_pop(), reads its out segments, writes its in segments, and gives it back
 * with virtqueue_push(). Descriptors are copied out of guest memory once, then checked; what the guest changes afterwards
 * has no effect. A driver that breaks a rule makes the device broken (virtio_error()), nothing worse.
 *
 * Segments are host memory: guest RAM itself where the machine has it mapped, a copy where it lives with the client.
 */
#ifndef QOSIM_MODELS_VIRTIO_VIRTQUEUE_H
#define QOSIM_MODELS_VIRTIO_VIRTQUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "models/core/hwaddr.h"

typedef struct VirtIODevice VirtIODevice;
typedef struct VirtQueue VirtQueue;

/* Largest ring, and most segments of an element. */
#define VIRTQUEUE_MAX_SIZE 1024

/* Most bytes that the elements of one device in flight hold as copies, because their memory cannot be mapped. */
#define VIRTQUEUE_MAX_COPY (64u << 20)

/*
 * Most bytes of a segment that lies where there is no RAM, and at most one such segment of a device is in flight: what a
 * device's registers (or nothing) answer is copied, as QEMU's bounce buffer does.
 */
#define VIRTQUEUE_MAX_BOUNCE 4096u

/*
 * Most work that a device takes in one go, that is, for one kick, or for what comes from the host at once: an element, a segment and VIRTQUEUE_COPY_PER_WORK bytes of
 * copies count as one each. A ring that still is not empty then (a guest can make one that never is) is looked at again in
 * the next round of the machine's main loop.
 */
#define VIRTQUEUE_MAX_WORK (1u << 18)
#define VIRTQUEUE_COPY_PER_WORK (VIRTQUEUE_MAX_COPY / VIRTQUEUE_MAX_WORK)

typedef struct VirtQueueElement {
    unsigned index;  /* head of its chain, or its buffer id */
    unsigned ndescs; /* ring entries it takes */
    unsigned out_num;
    unsigned in_num;
    struct iovec *out_sg; /* from the driver to the device */
    struct iovec *in_sg;  /* from the device to the driver */

    /* Not for devices: where the segments lie in guest memory, out before in, and how they were reached. */
    hwaddr *addr;
    uint8_t *kind;
} VirtQueueElement;

/* The driver kicked. */
typedef void VirtIOHandleOutput(VirtIODevice *vdev, VirtQueue *vq);

/* Adds the next queue of @vdev, with room for @size descriptors. */
VirtQueue *virtio_add_queue(VirtIODevice *vdev, unsigned size, VirtIOHandleOutput *handle_output);

/* Takes all queues away. */
void virtio_delete_queues(VirtIODevice *vdev);

VirtQueue *virtio_get_queue(VirtIODevice *vdev, unsigned n);
unsigned virtio_get_queue_index(const VirtQueue *vq);

/*
 * Begins a go that the host is the cause of. Whoever pops elements for bytes that are lost if there are none calls it first, so
 * that what was done before, perhaps without a kick for a long time, leaves it enough.
 */
void virtio_begin_work(VirtIODevice *vdev);

/*
 * The next element; NULL when there is none, the device is broken or it took VIRTQUEUE_MAX_WORK already. The device gives
 * it back with virtqueue_push() or lets go of it with virtqueue_detach_element(), and frees it after that.
 */
VirtQueueElement *virtqueue_pop(VirtQueue *vq);

/* Frees @elem, whose segments were released before; NULL is ignored. */
void virtqueue_element_free(VirtQueueElement *elem);

/* Gives @elem back with @len bytes written to its in segments, which end here. Does not free it. */
void virtqueue_push(VirtQueue *vq, VirtQueueElement *elem, unsigned len);

/* Lets go of @elem and its segments without giving it back: the driver does not get it before a reset. */
void virtqueue_detach_element(VirtQueue *vq, VirtQueueElement *elem);

/* Pops and gives back with length 0 all there is; how many. */
unsigned virtqueue_drop_all(VirtQueue *vq);

/*
 * Bytes that wait in in and in out segments, modulo 2^32 as in QEMU (0 after an error); the scan stops when both maxima are reached. Either
 * pointer may be NULL.
 */
void virtqueue_get_avail_bytes(VirtQueue *vq, unsigned *in_bytes, unsigned *out_bytes,
                               unsigned max_in, unsigned max_out);

/* Whether the queue is set up, and whether nothing waits in it. */
bool virtio_queue_ready(const VirtQueue *vq);
bool virtio_queue_empty(VirtQueue *vq);

/* Whether the driver wants to be told of used buffers now. */
bool virtio_queue_should_notify(VirtQueue *vq);

/* Whether the device wants to be kicked. */
void virtio_queue_set_notification(VirtQueue *vq, bool enable);

/* For transports. @n is below VIRTIO_QUEUE_MAX; a queue that does not exist has size 0. */
void virtio_queue_notify(VirtIODevice *vdev, unsigned n);
unsigned virtio_queue_get_num(VirtIODevice *vdev, unsigned n);
unsigned virtio_queue_get_max_num(VirtIODevice *vdev, unsigned n); /* size it was added with */
void virtio_queue_set_num(VirtIODevice *vdev, unsigned n, unsigned num);
void virtio_queue_set_align(VirtIODevice *vdev, unsigned n, unsigned align);
hwaddr virtio_queue_get_addr(VirtIODevice *vdev, unsigned n);
void virtio_queue_set_addr(VirtIODevice *vdev, unsigned n,
                           hwaddr desc); /* legacy: the other rings follow */
void virtio_queue_update_rings(VirtIODevice *vdev, unsigned n);
void virtio_queue_set_rings(VirtIODevice *vdev, unsigned n, hwaddr desc, hwaddr avail, hwaddr used);
/* Where the device stands in the ring and how much is in flight, for tools. */
unsigned virtio_queue_get_last_avail_idx(VirtIODevice *vdev, unsigned n);
unsigned virtio_queue_get_inuse(VirtIODevice *vdev, unsigned n);

/* As after power-on. */
void virtqueue_reset(VirtQueue *vq);

#endif
