/* The split ring: a descriptor table, the driver's ring of heads, the device's ring of used heads. */
#include <limits.h>
#include <stdatomic.h>

#include "models/virtio/virtio_ring.h"
#include "models/virtio/virtqueue_internal.h"

typedef enum ChainStep { CHAIN_ERROR = -1, CHAIN_DONE, CHAIN_MORE } ChainStep;

/* A walk along one chain: the table it is in, its length, and where the walk stands. */
typedef struct Chain {
    VirtQueue *vq;
    hwaddr table;
    unsigned max;
    VRingDesc desc;
} Chain;

static bool has_event_idx(const VirtQueue *vq)
{
    return virtio_vdev_has_feature(vq->vdev, VIRTIO_RING_F_EVENT_IDX);
}

static uint16_t read_avail_idx(VirtQueue *vq)
{
    vq->shadow_avail_idx = virtqueue_ldw(vq, vq->vring.avail + VRING_AVAIL_IDX);
    return vq->shadow_avail_idx;
}

static void write_avail_event(VirtQueue *vq, uint16_t value)
{
    if (vq->notification) {
        virtqueue_stw(
            vq, vq->vring.used + VRING_USED_RING + VRING_USED_ELEM_SIZE * (hwaddr)vq->vring.num,
            value);
    }
}

static bool split_empty(VirtQueue *vq)
{
    return vq->shadow_avail_idx == vq->last_avail_idx && read_avail_idx(vq) == vq->last_avail_idx;
}

/* How many heads wait from @idx on; -1 after an error. */
static int num_heads(VirtQueue *vq, uint16_t idx)
{
    uint16_t avail_idx = read_avail_idx(vq);
    uint16_t n = avail_idx - idx;

    if (n > vq->vring.num) {
        virtio_error(vq->vdev, "Guest moved used index from %u to %u", idx, avail_idx);
        return -1;
    }
    return n;
}

static bool read_head(VirtQueue *vq, uint16_t idx, unsigned *head)
{
    *head =
        virtqueue_ldw(vq, vq->vring.avail + VRING_AVAIL_RING + 2 * (hwaddr)(idx % vq->vring.num));
    if (*head >= vq->vring.num) {
        virtio_error(vq->vdev, "Guest says index %u is available", *head);
        return false;
    }
    return true;
}

/* Starts at descriptor @head, in the indirect table if it points to one. */
static bool chain_start(Chain *chain, VirtQueue *vq, unsigned head)
{
    *chain = (Chain){ vq, vq->vring.desc, vq->vring.num,
                      virtqueue_read_desc(vq, vq->vring.desc, head, false) };
    if (!(chain->desc.flags & VRING_DESC_F_INDIRECT)) {
        return true;
    }
    if (!chain->desc.len || chain->desc.len % VRING_DESC_SIZE) {
        virtio_error(vq->vdev, "Invalid size for indirect buffer table");
        return false;
    }
    if (!virtqueue_range_is_ram(vq, chain->desc.addr, chain->desc.len)) {
        virtio_error(vq->vdev, "Cannot map indirect buffer");
        return false;
    }
    chain->max = chain->desc.len / VRING_DESC_SIZE;
    chain->table = chain->desc.addr;
    chain->desc = virtqueue_read_desc(vq, chain->table, 0, false);
    return true;
}

static ChainStep chain_next(Chain *chain)
{
    unsigned next = chain->desc.next;

    if (!(chain->desc.flags & VRING_DESC_F_NEXT)) {
        return CHAIN_DONE;
    }
    if (next >= chain->max) {
        virtio_error(chain->vq->vdev, "Desc next is %u", next);
        return CHAIN_ERROR;
    }
    chain->desc = virtqueue_read_desc(chain->vq, chain->table, next, false);
    return CHAIN_MORE;
}

static bool collect_chain(ElementBuilder *builder, Chain *chain)
{
    ChainStep step;

    do {
        if (!element_builder_add(builder, &chain->desc)) {
            return false;
        }
        if (builder->in_num + builder->out_num > chain->max) {
            element_builder_drop(builder);
            virtio_error(chain->vq->vdev, "Looped descriptor");
            return false;
        }
        step = chain_next(chain);
    } while (step == CHAIN_MORE);
    if (step == CHAIN_ERROR) {
        element_builder_drop(builder);
    }
    return step == CHAIN_DONE;
}

static VirtQueueElement *split_pop(VirtQueue *vq)
{
    ElementBuilder builder;
    Chain chain;
    unsigned head;

    if (!read_head(vq, vq->last_avail_idx++, &head)) {
        return NULL;
    }
    if (has_event_idx(vq)) {
        write_avail_event(vq, vq->last_avail_idx);
    }
    builder.vq = vq;
    builder.out_num = builder.in_num = 0;
    builder.copied_bytes = 0;
    if (!chain_start(&chain, vq, head) || !collect_chain(&builder, &chain)) {
        return NULL;
    }
    vq->inuse++;
    return element_builder_finish(&builder, head, 1);
}

static void split_publish(VirtQueue *vq, const VirtQueueElement *elem, unsigned len)
{
    hwaddr entry = vq->vring.used + VRING_USED_RING +
                   VRING_USED_ELEM_SIZE * (hwaddr)(vq->used_idx % vq->vring.num);
    uint16_t new_idx = vq->used_idx + 1;

    virtqueue_stl(vq, entry, elem->index);
    virtqueue_stl(vq, entry + 4, len);
    /* The entry must be there before the index says so. */
    atomic_thread_fence(memory_order_release);
    vq->used_idx = new_idx;
    virtqueue_stw(vq, vq->vring.used + VRING_USED_IDX, new_idx);
    if ((int16_t)(new_idx - vq->signalled_used) < 1) {
        vq->signalled_used_valid = false;
    }
}

static void split_set_notification(VirtQueue *vq, bool enable)
{
    hwaddr flags = vq->vring.used + VRING_USED_FLAGS;
    uint16_t old;

    if (has_event_idx(vq)) {
        write_avail_event(vq, read_avail_idx(vq));
        return;
    }
    old = virtqueue_ldw(vq, flags);
    virtqueue_stw(vq, flags, enable ? old & ~VRING_USED_F_NO_NOTIFY : old | VRING_USED_F_NO_NOTIFY);
}

static bool split_should_notify(VirtQueue *vq)
{
    uint16_t old, new_idx;
    bool valid;

    atomic_thread_fence(memory_order_seq_cst);
    if (virtio_vdev_has_feature(vq->vdev, VIRTIO_F_NOTIFY_ON_EMPTY) && !vq->inuse &&
        split_empty(vq)) {
        return true;
    }
    if (!has_event_idx(vq)) {
        return !(virtqueue_ldw(vq, vq->vring.avail + VRING_AVAIL_FLAGS) &
                 VRING_AVAIL_F_NO_INTERRUPT);
    }
    valid = vq->signalled_used_valid;
    vq->signalled_used_valid = true;
    old = vq->signalled_used;
    new_idx = vq->signalled_used = vq->used_idx;
    return !valid || vring_need_event(virtqueue_ldw(vq, vq->vring.avail + VRING_AVAIL_RING +
                                                            2 * (hwaddr)vq->vring.num),
                                      new_idx, old);
}

/* Adds up one chain; false after an error. */
static bool count_chain(Chain *chain, unsigned *in_bytes, unsigned *out_bytes, unsigned max_in,
                        unsigned max_out)
{
    unsigned walked = 0;
    ChainStep step;

    do {
        unsigned *bytes = chain->desc.flags & VRING_DESC_F_WRITE ? in_bytes : out_bytes;
        unsigned room = UINT_MAX - *bytes;

        if (++walked > chain->max) {
            virtio_error(chain->vq->vdev, "Looped descriptor");
            return false;
        }
        *bytes += MIN(room, chain->desc.len);
        if (*in_bytes >= max_in && *out_bytes >= max_out) {
            return true;
        }
        step = chain_next(chain);
    } while (step == CHAIN_MORE);
    return step == CHAIN_DONE;
}

static void split_get_avail_bytes(VirtQueue *vq, unsigned *in_bytes, unsigned *out_bytes,
                                  unsigned max_in, unsigned max_out)
{
    uint16_t idx = vq->last_avail_idx;
    int waiting = num_heads(vq, idx);
    unsigned head;
    Chain chain;

    while (waiting-- > 0) {
        if (!read_head(vq, idx++, &head) || !chain_start(&chain, vq, head) ||
            !count_chain(&chain, in_bytes, out_bytes, max_in, max_out)) {
            *in_bytes = *out_bytes = 0;
            return;
        }
        if (*in_bytes >= max_in && *out_bytes >= max_out) {
            return;
        }
    }
}

static hwaddr split_desc_size(const VirtQueue *vq)
{
    return VRING_DESC_SIZE * (hwaddr)vq->vring.num;
}

static hwaddr split_avail_size(const VirtQueue *vq)
{
    return VRING_AVAIL_RING + 2 * (hwaddr)vq->vring.num + (has_event_idx(vq) ? 2 : 0);
}

static hwaddr split_used_size(const VirtQueue *vq)
{
    return VRING_USED_RING + VRING_USED_ELEM_SIZE * (hwaddr)vq->vring.num +
           (has_event_idx(vq) ? 2 : 0);
}

const VirtQueueOps virtqueue_split_ops = {
    .empty = split_empty,
    .pop = split_pop,
    .publish = split_publish,
    .set_notification = split_set_notification,
    .should_notify = split_should_notify,
    .get_avail_bytes = split_get_avail_bytes,
    .desc_size = split_desc_size,
    .avail_size = split_avail_size,
    .used_size = split_used_size,
};
