/* What the two kinds of ring share; not for devices. */
#ifndef QOSIM_MODELS_VIRTIO_VIRTQUEUE_INTERNAL_H
#define QOSIM_MODELS_VIRTIO_VIRTQUEUE_INTERNAL_H

#include "models/virtio/virtio.h"

/* Where a queue lies and how large it is. */
typedef struct VRing {
    unsigned num;         /* size the driver chose */
    unsigned num_default; /* size the device has */
    unsigned align;
    hwaddr desc;
    hwaddr avail;   /* packed: the driver's event structure */
    hwaddr used;    /* packed: the device's event structure */
    hwaddr checked; /* bytes of the descriptors' area that are known to be there; 0: not set up */
} VRing;

struct VirtQueue {
    VRing vring;
    uint16_t last_avail_idx; /* next to be popped */
    bool last_avail_wrap_counter;
    uint16_t shadow_avail_idx; /* split: the driver's index as last read */
    uint16_t used_idx;
    bool used_wrap_counter;
    uint16_t signalled_used;
    bool signalled_used_valid;
    bool notification; /* the device wants kicks */
    bool paused;       /* there may be more than one go takes */
    unsigned inuse;
    uint16_t queue_index;
    VirtIOHandleOutput *handle_output;
    VirtIODevice *vdev;
};

typedef struct VRingDesc {
    uint64_t addr;
    uint32_t len;
    uint16_t flags;
    uint16_t next; /* packed: the buffer's id */
} VRingDesc;

/*
 * A transfer by the device. Its transport's registers do not answer meanwhile: no descriptor makes a device reset itself
 * while it handles that descriptor.
 */
MemTxResult virtio_dma(VirtIODevice *vdev, hwaddr addr, void *buf, hwaddr len, bool is_write);

/*
 * The ring, little-endian. RAM that does not answer (its owner has gone) makes the device broken; what is read then, and
 * where there is no RAM, is 0.
 */
uint16_t virtqueue_ldw(VirtQueue *vq, hwaddr addr);
void virtqueue_stw(VirtQueue *vq, hwaddr addr, uint16_t value);
void virtqueue_store(VirtQueue *vq, hwaddr addr, void *buf, hwaddr len);

/*
 * Copies descriptor @i of the table at @table; the two kinds of ring order its last two fields differently. False when the
 * device is broken now.
 */
bool virtqueue_read_desc(VirtQueue *vq, hwaddr table, unsigned i, bool packed, VRingDesc *desc);

/*
 * Whether a table or ring may lie at [@addr, @addr + @len), @len not 0: it must lie in the one region that it begins in, RAM
 * or not. Where it begins in a hole nothing is said before it is used, but it must end before addresses do.
 */
bool virtqueue_area_fits(VirtQueue *vq, hwaddr addr, hwaddr len);

/* Whether the descriptor @desc points to an indirect table that can be; false after virtio_error(). */
bool virtqueue_check_indirect(VirtQueue *vq, const VRingDesc *desc);

/* Whether the ring as it is now lies in what was checked; false after virtio_error(). */
bool virtqueue_check_desc_ring(VirtQueue *vq);

/* How a segment's memory is reached. */
typedef enum SegmentKind {
    SEGMENT_MAPPED, /* guest RAM itself */
    SEGMENT_COPY,   /* a copy of guest RAM that is not here */
    SEGMENT_BOUNCE, /* a copy of what registers, or nothing, answered */
} SegmentKind;

/* Collects the segments of one chain. */
typedef struct ElementBuilder {
    VirtQueue *vq;
    unsigned descs; /* descriptors so far; a segment may need several pieces */
    unsigned out_num;
    unsigned in_num;
    struct {
        struct iovec iov;
        hwaddr addr;
        SegmentKind kind;
    } sg[VIRTQUEUE_MAX_SIZE];
} ElementBuilder;

void element_builder_init(ElementBuilder *builder, VirtQueue *vq);
/*
 * Adds what @desc, one of a chain of at most @max, points to; false after virtio_error(), with everything released.
 */
bool element_builder_add(ElementBuilder *builder, const VRingDesc *desc, unsigned max);
/* Releases everything: the chain turned out to be wrong. */
void element_builder_drop(ElementBuilder *builder);
VirtQueueElement *element_builder_finish(ElementBuilder *builder, unsigned index, unsigned ndescs);

/*
 * Ends all segments of @elem; of what the device wrote to them, the first @len bytes reach guest memory. False when they
 * could not, and the device is broken.
 */
bool virtqueue_release_segments(VirtQueue *vq, VirtQueueElement *elem, size_t len);

/* Where a walk along a chain stands after a step; an error has been reported. */
typedef enum ChainStep { CHAIN_ERROR = -1, CHAIN_DONE, CHAIN_MORE } ChainStep;

/* What virtqueue_get_avail_bytes() has found so far, and where it may stop. */
typedef struct ByteCount {
    unsigned in;
    unsigned out;
    unsigned max_in;
    unsigned max_out;
} ByteCount;

/* Adds the bytes of @desc; returns whether both maxima are reached. */
bool byte_count_add(ByteCount *count, const VRingDesc *desc);

/*
 * Whether another descriptor fits in a walk of @walked so far along a chain of at most @max; false after virtio_error().
 */
bool virtqueue_check_walk(VirtQueue *vq, unsigned walked, unsigned max);

/* The operations of one kind of ring. */
typedef struct VirtQueueOps {
    bool (*empty)(VirtQueue *vq);
    VirtQueueElement *(*pop)(VirtQueue *vq);
    /* Shows @elem to the driver as used; false: it stays in flight, because there is nowhere to show it. */
    bool (*publish)(VirtQueue *vq, const VirtQueueElement *elem, unsigned len);
    void (*set_notification)(VirtQueue *vq, bool enable);
    bool (*should_notify)(VirtQueue *vq);
    /* False after virtio_error(). */
    bool (*count_bytes)(VirtQueue *vq, ByteCount *count);
    /* Sizes of the driver's and the device's areas. */
    hwaddr (*avail_size)(const VirtQueue *vq);
    hwaddr (*used_size)(const VirtQueue *vq);
} VirtQueueOps;

extern const VirtQueueOps virtqueue_split_ops;
extern const VirtQueueOps virtqueue_packed_ops;

/* Checks where all queues lie once more: their sizes depend on the features. */
void virtio_queues_check(VirtIODevice *vdev);

/* Takes back what was put off to the next round of the main loop. */
void virtio_queues_stop(VirtIODevice *vdev);

/* Whether the index moved past @event on its way from @old_idx to @new_idx (virtio 1.2, section 2.7.7.2). */
static inline bool vring_need_event(uint16_t event, uint16_t new_idx, uint16_t old_idx)
{
    return (uint16_t)(new_idx - event - 1) < (uint16_t)(new_idx - old_idx);
}

#endif
