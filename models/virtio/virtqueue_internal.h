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
    hwaddr avail; /* packed: the driver's event structure */
    hwaddr used;  /* packed: the device's event structure */
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

/* Guest memory, little-endian. A read that fails gives 0: the ring was checked when it was set up. */
uint16_t virtqueue_ldw(VirtQueue *vq, hwaddr addr);
uint32_t virtqueue_ldl(VirtQueue *vq, hwaddr addr);
void virtqueue_stw(VirtQueue *vq, hwaddr addr, uint16_t value);
void virtqueue_stl(VirtQueue *vq, hwaddr addr, uint32_t value);

/* Descriptor @i of the table at @table, copied; the two kinds of ring order the last two fields differently. */
VRingDesc virtqueue_read_desc(VirtQueue *vq, hwaddr table, unsigned i, bool packed);

/* Whether all of [@addr, @addr + @len) is RAM, here or with the client. */
bool virtqueue_range_is_ram(VirtQueue *vq, hwaddr addr, hwaddr len);

/* Collects the segments of one chain. */
typedef struct ElementBuilder {
    VirtQueue *vq;
    unsigned out_num;
    unsigned in_num;
    size_t copied_bytes;
    struct {
        struct iovec iov;
        hwaddr addr;
        bool copied;
    } sg[VIRTQUEUE_MAX_SIZE];
} ElementBuilder;

/* Adds what @desc points to; false after virtio_error(), with everything released. */
bool element_builder_add(ElementBuilder *builder, const VRingDesc *desc);
/* Releases everything: the chain turned out to be wrong. */
void element_builder_drop(ElementBuilder *builder);
VirtQueueElement *element_builder_finish(ElementBuilder *builder, unsigned index, unsigned ndescs);

/* The operations of one kind of ring. */
typedef struct VirtQueueOps {
    bool (*empty)(VirtQueue *vq);
    VirtQueueElement *(*pop)(VirtQueue *vq);
    void (*publish)(VirtQueue *vq, const VirtQueueElement *elem, unsigned len);
    void (*set_notification)(VirtQueue *vq, bool enable);
    bool (*should_notify)(VirtQueue *vq);
    void (*get_avail_bytes)(VirtQueue *vq, unsigned *in_bytes, unsigned *out_bytes, unsigned max_in,
                            unsigned max_out);
    /* Sizes of the three areas. */
    hwaddr (*desc_size)(const VirtQueue *vq);
    hwaddr (*avail_size)(const VirtQueue *vq);
    hwaddr (*used_size)(const VirtQueue *vq);
} VirtQueueOps;

extern const VirtQueueOps virtqueue_split_ops;
extern const VirtQueueOps virtqueue_packed_ops;

/* Whether the index moved past @event on its way from @old_idx to @new_idx (virtio 1.2, section 2.7.7.2). */
static inline bool vring_need_event(uint16_t event, uint16_t new_idx, uint16_t old_idx)
{
    return (uint16_t)(new_idx - event - 1) < (uint16_t)(new_idx - old_idx);
}

#endif
