/* The packed ring: one ring of descriptors that both sides write, told apart by two wrap counters. */
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
    uint16_t id;
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

/* Starts at entry @pos, in the indirect table if it points to one. */
static bool chain_start(PackedChain *chain, VirtQueue *vq, unsigned pos)
{
    *chain = (PackedChain){ .vq = vq, .table = vq->vring.desc, .max = vq->vring.num, .pos = pos };
    if (!virtqueue_read_desc(vq, vq->vring.desc, pos, true, &chain->desc)) {
        return false;
    }
    chain->id = chain->desc.next;
    if (!(chain->desc.flags & VRING_DESC_F_INDIRECT)) {
        return true;
    }
    if (!virtqueue_check_indirect(vq, &chain->desc)) {
        return false;
    }
    chain->indirect = true;
    chain->max = chain->desc.len / VRING_DESC_SIZE;
    chain->table = chain->desc.addr;
    chain->pos = 0;
    return virtqueue_read_desc(vq, chain->table, 0, true, &chain->desc);
}

/* An indirect table is used to its end; a chain in the ring ends with the first descriptor without NEXT. */
static ChainStep chain_next(PackedChain *chain)
{
    if (!chain->indirect && !(chain->desc.flags & VRING_DESC_F_NEXT)) {
        return CHAIN_DONE;
    }
    if (++chain->pos == chain->max) {
        if (chain->indirect) {
            return CHAIN_DONE;
        }
        chain->pos = 0;
    }
    if (!virtqueue_read_desc(chain->vq, chain->table, chain->pos, true, &chain->desc)) {
        return CHAIN_ERROR;
    }
    if (!chain->indirect) {
        chain->id = chain->desc.next; /* the last descriptor has the id that counts */
    }
    return CHAIN_MORE;
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

static bool collect_chain(ElementBuilder *builder, PackedChain *chain, unsigned *walked)
{
    ChainStep step;

    *walked = 0;
    do {
        if (!element_builder_add(builder, &chain->desc, chain->max)) {
            return false;
        }
        ++*walked;
        step = chain_next(chain);
    } while (step == CHAIN_MORE);
    if (step == CHAIN_ERROR) {
        element_builder_drop(builder);
    }
    return step == CHAIN_DONE;
}

static VirtQueueElement *packed_pop(VirtQueue *vq)
{
    ElementBuilder builder;
    PackedChain chain;
    unsigned entries;

    /* The flags said that it is available; only now may the rest be read. */
    atomic_thread_fence(memory_order_acquire);
    element_builder_init(&builder, vq);
    if (!virtqueue_check_desc_ring(vq) || !chain_start(&chain, vq, vq->last_avail_idx) ||
        !collect_chain(&builder, &chain, &entries)) {
        return NULL;
    }
    entries = chain.indirect ? 1 : entries;
    vq->inuse += entries;
    advance(vq, &vq->last_avail_idx, &vq->last_avail_wrap_counter, entries);
    return element_builder_finish(&builder, chain.id, entries);
}

static bool packed_publish(VirtQueue *vq, const VirtQueueElement *elem, unsigned len)
{
    hwaddr desc = vq->vring.desc + VRING_DESC_SIZE * (hwaddr)vq->used_idx;
    uint16_t flags =
        vq->used_wrap_counter ? VRING_PACKED_DESC_F_AVAIL | VRING_PACKED_DESC_F_USED : 0;
    bool wrap = vq->used_wrap_counter;
    uint16_t len_id[] = { GUINT16_TO_LE((uint16_t)len), GUINT16_TO_LE((uint16_t)(len >> 16)),
                          GUINT16_TO_LE((uint16_t)elem->index) };

    virtqueue_store(vq, desc + 8, len_id, sizeof(len_id));
    /* The flags hand the descriptor over, so they come last. */
    atomic_thread_fence(memory_order_release);
    virtqueue_stw(vq, desc + 14, flags);
    advance(vq, &vq->used_idx, &wrap, elem->ndescs);
    if (wrap != vq->used_wrap_counter) {
        vq->used_wrap_counter = wrap;
        vq->signalled_used_valid = false;
    }
    return true;
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
    atomic_thread_fence(memory_order_seq_cst);
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

/* Adds up the chain at @pos. @entries is what this and the chains before it take, see virtqueue_split.c. */
static bool count_chain(VirtQueue *vq, unsigned pos, unsigned *entries, ByteCount *count,
                        bool *enough)
{
    ChainStep step;
    PackedChain chain;
    unsigned walked;

    if (!chain_start(&chain, vq, pos) ||
        (chain.indirect && !virtqueue_check_walk(vq, *entries, vq->vring.num))) {
        return false;
    }
    walked = chain.indirect ? 0 : *entries;
    do {
        if (!virtqueue_check_walk(vq, walked++, chain.max)) {
            return false;
        }
        *enough = byte_count_add(count, &chain.desc);
        step = *enough ? CHAIN_DONE : chain_next(&chain);
    } while (step == CHAIN_MORE);
    *entries = chain.indirect ? *entries + 1 : walked;
    return step == CHAIN_DONE;
}

static bool packed_count_bytes(VirtQueue *vq, ByteCount *count)
{
    uint16_t pos = vq->last_avail_idx;
    bool wrap = vq->last_avail_wrap_counter;
    unsigned entries = 0;
    bool enough = false;

    while (!enough && available_at(vq, pos, wrap)) {
        unsigned before = entries;

        if (!count_chain(vq, pos, &entries, count, &enough)) {
            return false;
        }
        advance(vq, &pos, &wrap, entries - before);
    }
    return !vq->vdev->broken;
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
    .count_bytes = packed_count_bytes,
    .avail_size = packed_event_size,
    .used_size = packed_event_size,
};
