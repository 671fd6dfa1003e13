/* The split ring: a descriptor table, the driver's ring of heads, the device's ring of used heads. */
#include <stdatomic.h>

#include "models/virtio/virtio_ring.h"
#include "models/virtio/virtqueue_internal.h"

/* A walk along one chain: the table it is in, its length, and where the walk stands. */
typedef struct Chain {
    VirtQueue *vq;
    hwaddr table;
    unsigned max;
    bool indirect;
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

    if (vq->vdev->broken) {
        return -1;
    }
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
    return !vq->vdev->broken;
}

/* Starts at descriptor @head, in the indirect table if it points to one. */
static bool chain_start(Chain *chain, VirtQueue *vq, unsigned head)
{
    *chain = (Chain){ .vq = vq, .table = vq->vring.desc, .max = vq->vring.num };
    if (!virtqueue_read_desc(vq, vq->vring.desc, head, false, &chain->desc)) {
        return false;
    }
    if (!(chain->desc.flags & VRING_DESC_F_INDIRECT)) {
        return true;
    }
    if (!virtqueue_check_indirect(vq, &chain->desc)) {
        return false;
    }
    chain->indirect = true;
    chain->max = chain->desc.len / VRING_DESC_SIZE;
    chain->table = chain->desc.addr;
    return virtqueue_read_desc(vq, chain->table, 0, false, &chain->desc);
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
    return virtqueue_read_desc(chain->vq, chain->table, next, false, &chain->desc) ? CHAIN_MORE
                                                                                   : CHAIN_ERROR;
}

static bool collect_chain(ElementBuilder *builder, Chain *chain)
{
    ChainStep step;

    do {
        if (!element_builder_add(builder, &chain->desc, chain->max)) {
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

    /* The index said that there is one; only now may the rest be read. */
    atomic_thread_fence(memory_order_acquire);
    if (!read_head(vq, vq->last_avail_idx++, &head)) {
        return NULL;
    }
    if (has_event_idx(vq)) {
        write_avail_event(vq, vq->last_avail_idx);
    }
    element_builder_init(&builder, vq);
    if (!virtqueue_check_desc_ring(vq) || !chain_start(&chain, vq, head) ||
        !collect_chain(&builder, &chain)) {
        return NULL;
    }
    vq->inuse++;
    return element_builder_finish(&builder, head, 1);
}

static bool split_publish(VirtQueue *vq, const VirtQueueElement *elem, unsigned len)
{
    hwaddr entry = vq->vring.used + VRING_USED_RING +
                   VRING_USED_ELEM_SIZE * (hwaddr)(vq->used_idx % vq->vring.num);
    uint32_t id_len[2] = { GUINT32_TO_LE(elem->index), GUINT32_TO_LE(len) };
    uint16_t new_idx = vq->used_idx + 1;

    if (!vq->vring.used) {
        return false;
    }
    virtqueue_store(vq, entry, id_len, sizeof(id_len));
    /* The entry must be there before the index says so. */
    atomic_thread_fence(memory_order_release);
    vq->used_idx = new_idx;
    virtqueue_stw(vq, vq->vring.used + VRING_USED_IDX, new_idx);
    if ((int16_t)(new_idx - vq->signalled_used) < 1) {
        vq->signalled_used_valid = false;
    }
    return true;
}

static void split_set_notification(VirtQueue *vq, bool enable)
{
    hwaddr flags = vq->vring.used + VRING_USED_FLAGS;
    uint16_t old;

    if (has_event_idx(vq)) {
        write_avail_event(vq, read_avail_idx(vq));
        atomic_thread_fence(memory_order_seq_cst);
        return;
    }
    old = virtqueue_ldw(vq, flags);
    virtqueue_stw(vq, flags, enable ? old & ~VRING_USED_F_NO_NOTIFY : old | VRING_USED_F_NO_NOTIFY);
    /* What the driver added before it saw this must be found by the look that follows. */
    atomic_thread_fence(memory_order_seq_cst);
}

static bool split_should_notify(VirtQueue *vq)
{
    uint16_t old, new_idx;
    bool valid;

    atomic_thread_fence(memory_order_seq_cst);
    if (virtio_vdev_has_feature(vq->vdev, VIRTIO_F_NOTIFY_ON_EMPTY) && !vq->inuse &&
        virtio_queue_empty(vq)) {
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

/*
 * Adds up the chain that starts at @head. @entries counts the entries that this and the chains before it take: more than
 * the ring has, and they share some.
 */
static bool count_chain(VirtQueue *vq, unsigned head, unsigned *entries, ByteCount *count,
                        bool *enough)
{
    ChainStep step;
    Chain chain;
    unsigned walked;

    if (!chain_start(&chain, vq, head) ||
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

static bool split_count_bytes(VirtQueue *vq, ByteCount *count)
{
    uint16_t idx = vq->last_avail_idx;
    unsigned entries = 0;
    bool enough = false;
    int waiting;

    while (!enough && (waiting = num_heads(vq, idx)) > 0) {
        unsigned head;

        if (!read_head(vq, idx++, &head) || !count_chain(vq, head, &entries, count, &enough)) {
            return false;
        }
    }
    return enough || waiting == 0;
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
    .count_bytes = split_count_bytes,
    .avail_size = split_avail_size,
    .used_size = split_used_size,
};
