#include "models/virtio/virtqueue_internal.h"

#include <string.h>

#include "models/virtio/virtio_ring.h"

/* The transport's default for legacy rings. */
#define VRING_DEFAULT_ALIGN 4096

static const VirtQueueOps *ops_of(const VirtQueue *vq)
{
    return virtio_vdev_has_feature(vq->vdev, VIRTIO_F_RING_PACKED) ? &virtqueue_packed_ops
                                                                   : &virtqueue_split_ops;
}

/* --- Guest memory --- */

MemTxResult virtio_dma(VirtIODevice *vdev, hwaddr addr, void *buf, hwaddr len, bool is_write)
{
    MemReentrancyGuard *guard = vdev->transport_guard;
    bool engaged = guard && guard->engaged_in_io;
    MemTxResult result;

    if (guard) {
        guard->engaged_in_io = true;
    }
    result = address_space_rw(vdev->dma_as, addr, MEMTXATTRS_UNSPECIFIED, buf, len, is_write);
    if (guard) {
        guard->engaged_in_io = engaged;
    }
    return result;
}

/* The section at @addr; its mr is NULL when nothing answers there. */
static MemoryRegionSection section_at(VirtQueue *vq, hwaddr addr, hwaddr len)
{
    MemoryRegionSection section = memory_region_find(vq->vdev->dma_as->root, addr, len);

    if (section.mr && section.offset_within_address_space != addr) {
        section.mr = NULL;
    }
    return section;
}

/* A transfer between ring and device failed. Where there is no writable RAM that is what has to be expected. */
static void ring_failed(VirtQueue *vq, hwaddr addr)
{
    MemoryRegionSection section = section_at(vq, addr, 1);

    if (section.mr && memory_region_is_ram(section.mr) && !section.readonly && !vq->vdev->broken) {
        vq->vdev->memory_failed = true;
        virtio_error(vq->vdev, "virtio: no answer from the ring at 0x%" HWADDR_PRIx, addr);
    }
}

static void ring_access(VirtQueue *vq, hwaddr addr, void *buf, hwaddr len, bool is_write)
{
    if (virtio_dma(vq->vdev, addr, buf, len, is_write) != MEMTX_OK) {
        ring_failed(vq, addr);
    }
}

uint16_t virtqueue_ldw(VirtQueue *vq, hwaddr addr)
{
    uint16_t value = 0;

    ring_access(vq, addr, &value, sizeof(value), false);
    return GUINT16_FROM_LE(value);
}

void virtqueue_store(VirtQueue *vq, hwaddr addr, void *buf, hwaddr len)
{
    ring_access(vq, addr, buf, len, true);
}

void virtqueue_stw(VirtQueue *vq, hwaddr addr, uint16_t value)
{
    value = GUINT16_TO_LE(value);
    virtqueue_store(vq, addr, &value, sizeof(value));
}

bool virtqueue_read_desc(VirtQueue *vq, hwaddr table, unsigned i, bool packed, VRingDesc *desc)
{
    uint8_t raw[VRING_DESC_SIZE] = { 0 };
    uint16_t last[2];

    ring_access(vq, table + (hwaddr)i * VRING_DESC_SIZE, raw, sizeof(raw), false);
    memcpy(&desc->addr, raw, 8);
    memcpy(&desc->len, raw + 8, 4);
    memcpy(last, raw + 12, 4);
    desc->addr = GUINT64_FROM_LE(desc->addr);
    desc->len = GUINT32_FROM_LE(desc->len);
    desc->flags = GUINT16_FROM_LE(last[packed ? 1 : 0]);
    desc->next = GUINT16_FROM_LE(last[packed ? 0 : 1]);
    return !vq->vdev->broken;
}

bool virtqueue_area_fits(VirtQueue *vq, hwaddr addr, hwaddr len)
{
    MemoryRegionSection section = section_at(vq, addr, len);

    return section.mr ? section.size >= (hwsize)len : len - 1 <= HWADDR_MAX - addr;
}

/* --- What both kinds of ring check --- */

bool virtqueue_check_desc_ring(VirtQueue *vq)
{
    if (vq->vring.checked < VRING_DESC_SIZE * (hwaddr)vq->vring.num) {
        virtio_error(vq->vdev, "Cannot map descriptor ring");
        return false;
    }
    return true;
}

bool virtqueue_check_indirect(VirtQueue *vq, const VRingDesc *desc)
{
    if (!desc->len || desc->len % VRING_DESC_SIZE) {
        virtio_error(vq->vdev, "Invalid size for indirect buffer table");
        return false;
    }
    if (!virtqueue_area_fits(vq, desc->addr, desc->len)) {
        virtio_error(vq->vdev, "Cannot map indirect buffer");
        return false;
    }
    return true;
}

bool virtqueue_check_walk(VirtQueue *vq, unsigned walked, unsigned max)
{
    if (walked >= max) {
        virtio_error(vq->vdev, "Looped descriptor");
        return false;
    }
    /* No element may have so many; an indirect table has room for a quarter of 2^30 of them. */
    if (walked >= VIRTQUEUE_MAX_SIZE) {
        virtio_error(vq->vdev, "virtio: too many write descriptors in indirect table");
        return false;
    }
    return true;
}

bool byte_count_add(ByteCount *count, const VRingDesc *desc)
{
    unsigned *bytes = desc->flags & VRING_DESC_F_WRITE ? &count->in : &count->out;

    *bytes += desc->len;
    return count->in >= count->max_in && count->out >= count->max_out;
}

/* --- More than one go takes --- */

static gboolean resume(gpointer data)
{
    VirtIODevice *vdev = data;

    /* First, because a queue may pause again. */
    g_clear_pointer(&vdev->resume_source, g_source_unref);
    for (unsigned n = 0; n < VIRTIO_QUEUE_MAX; n++) {
        if (vdev->vq[n].paused) {
            virtio_queue_notify(vdev, n);
        }
    }
    return G_SOURCE_REMOVE;
}

static void pause_queue(VirtQueue *vq)
{
    VirtIODevice *vdev = vq->vdev;

    vq->paused = true;
    if (!vdev->resume_source) {
        vdev->resume_source = g_idle_source_new();
        g_source_set_priority(vdev->resume_source, G_PRIORITY_DEFAULT);
        g_source_set_callback(vdev->resume_source, resume, vdev, NULL);
        g_source_attach(vdev->resume_source, vdev->context);
    }
}

void virtio_queues_stop(VirtIODevice *vdev)
{
    if (vdev->resume_source) {
        g_source_destroy(vdev->resume_source);
        g_clear_pointer(&vdev->resume_source, g_source_unref);
    }
}

/* --- The device's side --- */

void virtio_begin_work(VirtIODevice *vdev)
{
    vdev->work_left = VIRTQUEUE_MAX_WORK;
}

VirtQueueElement *virtqueue_pop(VirtQueue *vq)
{
    VirtIODevice *vdev = vq->vdev;
    size_t copied_before = vdev->copied_bytes;
    VirtQueueElement *elem;
    size_t work;

    if (virtio_queue_empty(vq)) {
        return NULL;
    }
    if (vq->inuse >= vq->vring.num) {
        virtio_error(vdev, "Virtqueue size exceeded");
        return NULL;
    }
    if (!vdev->work_left) {
        pause_queue(vq);
        return NULL;
    }
    elem = ops_of(vq)->pop(vq);
    if (elem) {
        work = 1 + elem->out_num + elem->in_num;
        work += (vdev->copied_bytes - copied_before) / VIRTQUEUE_COPY_PER_WORK;
        vdev->work_left -= (unsigned)MIN(vdev->work_left, work);
    }
    return elem;
}

static void count_out(VirtQueue *vq, const VirtQueueElement *elem)
{
    /* A reset may have come between. */
    vq->inuse -= MIN(vq->inuse, elem->ndescs);
}

void virtqueue_push(VirtQueue *vq, VirtQueueElement *elem, unsigned len)
{
    bool written = virtqueue_release_segments(vq, elem, len);

    if (written && !vq->vdev->broken && virtio_queue_ready(vq) &&
        !ops_of(vq)->publish(vq, elem, len)) {
        return;
    }
    count_out(vq, elem);
}

void virtqueue_detach_element(VirtQueue *vq, VirtQueueElement *elem)
{
    virtqueue_release_segments(vq, elem, 0);
    count_out(vq, elem);
}

unsigned virtqueue_drop_all(VirtQueue *vq)
{
    VirtQueueElement *elem;
    unsigned dropped = 0;

    while ((elem = virtqueue_pop(vq))) {
        virtqueue_push(vq, elem, 0);
        virtqueue_element_free(elem);
        dropped++;
    }
    return dropped;
}

void virtqueue_get_avail_bytes(VirtQueue *vq, unsigned *in_bytes, unsigned *out_bytes,
                               unsigned max_in, unsigned max_out)
{
    ByteCount count = { .max_in = max_in, .max_out = max_out };

    if (vq->vdev->broken || !virtio_queue_ready(vq) || !virtqueue_check_desc_ring(vq) ||
        !ops_of(vq)->count_bytes(vq, &count)) {
        count.in = count.out = 0;
    }
    if (in_bytes) {
        *in_bytes = count.in;
    }
    if (out_bytes) {
        *out_bytes = count.out;
    }
}

bool virtio_queue_ready(const VirtQueue *vq)
{
    return vq->vring.num && vq->vring.desc && vq->vring.avail;
}

bool virtio_queue_empty(VirtQueue *vq)
{
    /* Broken again at the end: looking may have failed. */
    return vq->vdev->broken || !virtio_queue_ready(vq) || ops_of(vq)->empty(vq) || vq->vdev->broken;
}

bool virtio_queue_should_notify(VirtQueue *vq)
{
    return virtio_queue_ready(vq) && !vq->vdev->memory_failed && ops_of(vq)->should_notify(vq);
}

void virtio_queue_set_notification(VirtQueue *vq, bool enable)
{
    vq->notification = enable;
    if (virtio_queue_ready(vq) && !vq->vdev->broken) {
        ops_of(vq)->set_notification(vq, enable);
    }
}

/* --- The driver's side --- */

VirtQueue *virtio_get_queue(VirtIODevice *vdev, unsigned n)
{
    return &vdev->vq[n];
}

unsigned virtio_get_queue_index(const VirtQueue *vq)
{
    return vq->queue_index;
}

VirtQueue *virtio_add_queue(VirtIODevice *vdev, unsigned size, VirtIOHandleOutput *handle_output)
{
    unsigned n = 0;

    while (n < VIRTIO_QUEUE_MAX && vdev->vq[n].vring.num_default) {
        n++;
    }
    g_assert(n < VIRTIO_QUEUE_MAX && size <= VIRTQUEUE_MAX_SIZE);
    vdev->vq[n].vring.num = size;
    vdev->vq[n].vring.num_default = size;
    vdev->vq[n].vring.align = VRING_DEFAULT_ALIGN;
    vdev->vq[n].handle_output = handle_output;
    return &vdev->vq[n];
}

void virtio_delete_queues(VirtIODevice *vdev)
{
    for (unsigned n = 0; n < VIRTIO_QUEUE_MAX; n++) {
        vdev->vq[n].handle_output = NULL;
        vdev->vq[n].vring = (VRing){ 0 };
    }
}

void virtio_queue_notify(VirtIODevice *vdev, unsigned n)
{
    VirtQueue *vq = &vdev->vq[n];

    vq->paused = false;
    if (!vq->vring.desc || vdev->broken || !vq->handle_output) {
        return;
    }
    virtio_begin_work(vdev);
    vq->handle_output(vdev, vq);
    if (vdev->start_on_kick) {
        vdev->started = true;
        vdev->start_on_kick = false;
    }
}

unsigned virtio_queue_get_num(VirtIODevice *vdev, unsigned n)
{
    return vdev->vq[n].vring.num;
}

unsigned virtio_queue_get_max_num(VirtIODevice *vdev, unsigned n)
{
    return vdev->vq[n].vring.num_default;
}

void virtio_queue_set_num(VirtIODevice *vdev, unsigned n, unsigned num)
{
    /* A queue that does not exist stays so, one that does cannot vanish, and rings are bounded. */
    if (!num || !vdev->vq[n].vring.num || num > VIRTQUEUE_MAX_SIZE) {
        return;
    }
    vdev->vq[n].vring.num = num;
}

void virtio_queue_set_align(VirtIODevice *vdev, unsigned n, unsigned align)
{
    if (align) {
        vdev->vq[n].vring.align = align;
        virtio_queue_update_rings(vdev, n);
    }
}

hwaddr virtio_queue_get_addr(VirtIODevice *vdev, unsigned n)
{
    return vdev->vq[n].vring.desc;
}

static void check_rings(VirtQueue *vq)
{
    const VirtQueueOps *ops = ops_of(vq);
    hwaddr desc_size = VRING_DESC_SIZE * (hwaddr)vq->vring.num;

    vq->vring.checked = 0;
    if (!vq->vring.desc) {
        return;
    }
    if (!virtqueue_area_fits(vq, vq->vring.desc, desc_size)) {
        virtio_error(vq->vdev, "Cannot map desc");
    } else if (!virtqueue_area_fits(vq, vq->vring.used, ops->used_size(vq))) {
        virtio_error(vq->vdev, "Cannot map used");
    } else if (!virtqueue_area_fits(vq, vq->vring.avail, ops->avail_size(vq))) {
        virtio_error(vq->vdev, "Cannot map avail");
    } else {
        vq->vring.checked = desc_size;
    }
}

void virtio_queues_check(VirtIODevice *vdev)
{
    for (unsigned n = 0; n < VIRTIO_QUEUE_MAX; n++) {
        if (vdev->vq[n].vring.num) {
            check_rings(&vdev->vq[n]);
        }
    }
}

void virtio_queue_update_rings(VirtIODevice *vdev, unsigned n)
{
    VRing *vring = &vdev->vq[n].vring;
    hwaddr used;

    if (!vring->num || !vring->desc || !vring->align) {
        return;
    }
    vring->avail = vring->desc + (hwaddr)vring->num * VRING_DESC_SIZE;
    used = vring->avail + VRING_AVAIL_RING + 2 * (hwaddr)vring->num;
    vring->used = (used + vring->align - 1) / vring->align * vring->align;
    check_rings(&vdev->vq[n]);
}

void virtio_queue_set_addr(VirtIODevice *vdev, unsigned n, hwaddr desc)
{
    if (!vdev->vq[n].vring.num) {
        return;
    }
    vdev->vq[n].vring.desc = desc;
    virtio_queue_update_rings(vdev, n);
}

void virtio_queue_set_rings(VirtIODevice *vdev, unsigned n, hwaddr desc, hwaddr avail, hwaddr used)
{
    VRing *vring = &vdev->vq[n].vring;

    if (!vring->num) {
        return;
    }
    vring->desc = desc;
    vring->avail = avail;
    vring->used = used;
    check_rings(&vdev->vq[n]);
}

unsigned virtio_queue_get_last_avail_idx(VirtIODevice *vdev, unsigned n)
{
    return vdev->vq[n].last_avail_idx;
}

unsigned virtio_queue_get_inuse(VirtIODevice *vdev, unsigned n)
{
    return vdev->vq[n].inuse;
}

void virtqueue_reset(VirtQueue *vq)
{
    vq->vring.num = vq->vring.num_default;
    vq->vring.desc = vq->vring.avail = vq->vring.used = vq->vring.checked = 0;
    vq->last_avail_idx = vq->shadow_avail_idx = vq->used_idx = 0;
    vq->last_avail_wrap_counter = vq->used_wrap_counter = true;
    vq->signalled_used = 0;
    vq->signalled_used_valid = false;
    vq->notification = true;
    vq->paused = false;
    vq->inuse = 0;
}
