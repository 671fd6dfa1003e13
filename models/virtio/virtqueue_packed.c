/* The packed ring: one ring of descriptors that both sides write, told apart by two wrap counters. */
#include <limits.h>
#include <stdatomic.h>

#include "models/virtio/virtio_ring.h"
#include "models/virtio/virtqueue_internal.h"

/* A walk along one chain of the ring or of an indirect table. */
typedef struct PackedChain {
    VirtQueue *vq;
    hwaddr table;
    unsigned max;
    unsigned pos;
    bool indirect;
    VRingDesc desc;
} PackedChain;

static bool has_event_idx(const VirtQueue *vq)
{
    return virtio_vdev_has_feature(vq->vdev, VIRTIO_RING_F_EVENT_IDX);
}

static bool is_available(uint16_t flags, bool wrap)
{
    bool avail = flags & VRING_PACKED_DESC_F_AVAIL;
    bool used = flags & VRING_PACKED_DESC_F_USED;

    return avail != used && avail == wrap;
}

static bool available_at(VirtQueue *vq, unsigned pos, bool wrap)
{
    return is_available(virtqueue_ldw(vq, vq->vring.desc + VRING_DESC_SIZE * (hwaddr)pos + 14),
                        wrap);
}

static bool packed_empty(VirtQueue *vq)
{
    return !available_at(vq, vq->last_avail_idx, vq->last_avail_wrap_counter);
}

static bool chain_start(PackedChain *chain, VirtQueue *vq, unsigned pos)
{
    *chain =
        (PackedChain){ vq,  vq->vring.desc, vq->vring.num,
                       pos, false,          virtqueue_read_desc(vq, vq->vring.desc, pos, true) };
    if (!(chain->desc.flags & VRING_DESC_F_INDIRECT)) {
        return true;
    }
    if (chain->desc.len % VRING_DESC_SIZE) {
        virtio_error(vq->vdev, "Invalid size for indirect buffer table");
        return false;
    }
    if (!chain->desc.len || !virtqueue_range_is_ram(vq, chain->desc.addr, chain->desc.len)) {
        virtio_error(vq->vdev, "Cannot map indirect buffer");
        return false;
    }
    chain->indirect = true;
    chain->max = chain->desc.len / VRING_DESC_SIZE;
    chain->table = chain->desc.addr;
    chain->pos = 0;
    chain->desc = virtqueue_read_desc(vq, chain->table, 0, true);
    return true;
}

/* An indirect table is used to its end; a chain in the ring ends with the first descriptor without NEXT. */
static bool chain_next(PackedChain *chain)
{
    if (!chain->indirect && !(chain->desc.flags & VRING_DESC_F_NEXT)) {
        return false;
    }
    if (++chain->pos == chain->max) {
        if (chain->indirect) {
            return false;
        }
        chain->pos = 0;
    }
    chain->desc = virtqueue_read_desc(chain->vq, chain->table, chain->pos, true);
    return true;
}

/* Moves a position of the ring on by @n entries, turning its wrap counter over at the end. */
static void advance(const VirtQueue *vq, uint16_t *idx, bool *wrap, unsigned n)
{
    unsigned next = *idx + n;

    if (next >= vq->vring.num) {
        next -= vq->vring.num;
        *wrap = !*wrap;
    }
    *idx = (uint16_t)next;
}

static VirtQueueElement *packed_pop(VirtQueue *vq)
{
    ElementBuilder builder;
    PackedChain chain;
    unsigned entries = 0;
    uint16_t id;

    /* The flags said that it is available; only now may the rest be read. */
    atomic_thread_fence(memory_order_acquire);
    builder.vq = vq;
    builder.out_num = builder.in_num = 0;
    builder.copied_bytes = 0;
    id = virtqueue_read_desc(vq, vq->vring.desc, vq->last_avail_idx, true).next;
    if (!chain_start(&chain, vq, vq->last_avail_idx)) {
        return NULL;
    }
    do {
        if (!element_builder_add(&builder, &chain.desc)) {
            return NULL;
        }
        if (builder.in_num + builder.out_num > chain.max) {
            element_builder_drop(&builder);
            virtio_error(vq->vdev, "Looped descriptor");
            return NULL;
        }
        entries++;
        id = chain.indirect ? id : chain.desc.next; /* the last descriptor has the id */
    } while (chain_next(&chain));
    if (chain.indirect) {
        entries = 1;
    }
    vq->inuse += entries;
    advance(vq, &vq->last_avail_idx, &vq->last_avail_wrap_counter, entries);
    return element_builder_finish(&builder, id, entries);
}

static void packed_publish(VirtQueue *vq, const VirtQueueElement *elem, unsigned len)
{
    hwaddr desc = vq->vring.desc + VRING_DESC_SIZE * (hwaddr)vq->used_idx;
    uint16_t flags =
        vq->used_wrap_counter ? VRING_PACKED_DESC_F_AVAIL | VRING_PACKED_DESC_F_USED : 0;
    bool wrap = vq->used_wrap_counter;

    virtqueue_stl(vq, desc + 8, len);
    virtqueue_stw(vq, desc + 12, (uint16_t)elem->index);
    /* The flags hand the descriptor over, so they come last. */
    atomic_thread_fence(memory_order_release);
    virtqueue_stw(vq, desc + 14, flags);
    advance(vq, &vq->used_idx, &wrap, elem->ndescs);
    if (wrap != vq->used_wrap_counter) {
        vq->used_wrap_counter = wrap;
        vq->signalled_used_valid = false;
    }
}

static void packed_set_notification(VirtQueue *vq, bool enable)
{
    uint16_t off_wrap =
        vq->last_avail_idx | (vq->last_avail_wrap_counter ? VRING_PACKED_EVENT_WRAP : 0);
    uint16_t flags = VRING_PACKED_EVENT_F_DISABLE;

    if (enable && has_event_idx(vq)) {
        virtqueue_stw(vq, vq->vring.used + VRING_PACKED_EVENT_OFF_WRAP, off_wrap);
        atomic_thread_fence(memory_order_release);
        flags = VRING_PACKED_EVENT_F_DESC;
    } else if (enable) {
        flags = VRING_PACKED_EVENT_F_ENABLE;
    }
    virtqueue_stw(vq, vq->vring.used + VRING_PACKED_EVENT_FLAGS, flags);
}

static bool packed_should_notify(VirtQueue *vq)
{
    uint16_t off_wrap, flags, old, new_idx;
    bool valid;
    int off;

    atomic_thread_fence(memory_order_seq_cst);
    off_wrap = virtqueue_ldw(vq, vq->vring.avail + VRING_PACKED_EVENT_OFF_WRAP);
    flags = virtqueue_ldw(vq, vq->vring.avail + VRING_PACKED_EVENT_FLAGS);
    old = vq->signalled_used;
    new_idx = vq->signalled_used = vq->used_idx;
    valid = vq->signalled_used_valid;
    vq->signalled_used_valid = true;
    if (flags == VRING_PACKED_EVENT_F_DISABLE) {
        return false;
    }
    if (flags == VRING_PACKED_EVENT_F_ENABLE) {
        return true;
    }
    off = off_wrap & ~VRING_PACKED_EVENT_WRAP;
    if (vq->used_wrap_counter != !!(off_wrap & VRING_PACKED_EVENT_WRAP)) {
        off -= (int)vq->vring.num;
    }
    return !valid || vring_need_event((uint16_t)off, new_idx, old);
}

static void packed_get_avail_bytes(VirtQueue *vq, unsigned *in_bytes, unsigned *out_bytes,
                                   unsigned max_in, unsigned max_out)
{
    uint16_t idx = vq->last_avail_idx;
    bool wrap = vq->last_avail_wrap_counter;
    unsigned left = vq->vring.num;
    PackedChain chain;

    while (left && available_at(vq, idx, wrap)) {
        unsigned walked = 0;

        if (!chain_start(&chain, vq, idx)) {
            *in_bytes = *out_bytes = 0;
            return;
        }
        do {
            unsigned *bytes = chain.desc.flags & VRING_DESC_F_WRITE ? in_bytes : out_bytes;

            *bytes += MIN(UINT_MAX - *bytes, chain.desc.len);
            if (*in_bytes >= max_in && *out_bytes >= max_out) {
                return;
            }
            if (++walked > chain.max) {
                virtio_error(vq->vdev, "Looped descriptor");
                *in_bytes = *out_bytes = 0;
                return;
            }
        } while (chain_next(&chain));
        walked = chain.indirect ? 1 : walked;
        advance(vq, &idx, &wrap, walked);
        left -= MIN(left, walked);
    }
}

static hwaddr packed_desc_size(const VirtQueue *vq)
{
    return VRING_DESC_SIZE * (hwaddr)vq->vring.num;
}

static hwaddr packed_event_size(const VirtQueue *vq)
{
    (void)vq;
    return VRING_PACKED_EVENT_SIZE;
}

const VirtQueueOps virtqueue_packed_ops = {
    .empty = packed_empty,
    .pop = packed_pop,
    .publish = packed_publish,
    .set_notification = packed_set_notification,
    .should_notify = packed_should_notify,
    .get_avail_bytes = packed_get_avail_bytes,
    .desc_size = packed_desc_size,
    .avail_size = packed_event_size,
    .used_size = packed_event_size,
};
