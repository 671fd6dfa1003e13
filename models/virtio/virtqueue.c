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

/* Guest memory */

static uint64_t load(VirtQueue *vq, hwaddr addr, unsigned size)
{
    uint64_t value = 0;

    address_space_read(vq->vdev->dma_as, addr, MEMTXATTRS_UNSPECIFIED, &value, size);
    return GUINT64_FROM_LE(value);
}

static void store(VirtQueue *vq, hwaddr addr, uint64_t value, unsigned size)
{
    value = GUINT64_TO_LE(value);
    address_space_write(vq->vdev->dma_as, addr, MEMTXATTRS_UNSPECIFIED, &value, size);
}

uint16_t virtqueue_ldw(VirtQueue *vq, hwaddr addr)
{
    return (uint16_t)load(vq, addr, 2);
}

uint32_t virtqueue_ldl(VirtQueue *vq, hwaddr addr)
{
    return (uint32_t)load(vq, addr, 4);
}

void virtqueue_stw(VirtQueue *vq, hwaddr addr, uint16_t value)
{
    store(vq, addr, value, 2);
}

void virtqueue_stl(VirtQueue *vq, hwaddr addr, uint32_t value)
{
    store(vq, addr, value, 4);
}

VRingDesc virtqueue_read_desc(VirtQueue *vq, hwaddr table, unsigned i, bool packed)
{
    uint8_t raw[VRING_DESC_SIZE] = { 0 };
    VRingDesc desc;
    uint16_t last[2];

    address_space_read(vq->vdev->dma_as, table + (hwaddr)i * VRING_DESC_SIZE,
                       MEMTXATTRS_UNSPECIFIED, raw, sizeof(raw));
    memcpy(&desc.addr, raw, 8);
    memcpy(&desc.len, raw + 8, 4);
    memcpy(last, raw + 12, 4);
    desc.addr = GUINT64_FROM_LE(desc.addr);
    desc.len = GUINT32_FROM_LE(desc.len);
    desc.flags = GUINT16_FROM_LE(last[packed ? 1 : 0]);
    desc.next = GUINT16_FROM_LE(last[packed ? 0 : 1]);
    return desc;
}

bool virtqueue_range_is_ram(VirtQueue *vq, hwaddr addr, hwaddr len)
{
    while (len) {
        MemoryRegionSection section = memory_region_find(vq->vdev->dma_as->root, addr, len);
        hwaddr size = (hwaddr)MIN(section.size, (hwsize)len);

        if (!section.mr || section.offset_within_address_space != addr ||
            !memory_region_is_ram(section.mr)) {
            return false;
        }
        addr += size;
        len -= size;
    }
    return true;
}

/* Elements */

static void unmap_segment(ElementBuilder *builder, unsigned i)
{
    struct iovec *iov = &builder->sg[i].iov;

    if (builder->sg[i].copied) {
        g_free(iov->iov_base);
    } else {
        address_space_unmap(builder->vq->vdev->dma_as, iov->iov_base, iov->iov_len,
                            i >= builder->out_num, 0);
    }
}

void element_builder_drop(ElementBuilder *builder)
{
    for (unsigned i = 0; i < builder->out_num + builder->in_num; i++) {
        unmap_segment(builder, i);
    }
    builder->out_num = builder->in_num = 0;
}

/* A copy of guest memory that cannot be mapped, as large as the budget of the element allows; NULL beyond. */
static void *copy_segment(ElementBuilder *builder, hwaddr addr, hwaddr len, bool is_write)
{
    void *copy;

    if (len > VIRTQUEUE_MAX_COPY - builder->copied_bytes ||
        !virtqueue_range_is_ram(builder->vq, addr, len)) {
        return NULL;
    }
    copy = g_try_malloc0(len);
    if (copy && !is_write &&
        address_space_read(builder->vq->vdev->dma_as, addr, MEMTXATTRS_UNSPECIFIED, copy, len) !=
            MEMTX_OK) {
        g_clear_pointer(&copy, g_free);
    }
    builder->copied_bytes += copy ? len : 0;
    return copy;
}

/* Adds the part at the start of [@addr, @addr + @left) that is contiguous here; its length, or 0. */
static hwaddr add_piece(ElementBuilder *builder, hwaddr addr, hwaddr left, bool is_write)
{
    unsigned i = builder->out_num + builder->in_num;
    hwaddr len = left;
    void *base =
        address_space_map(builder->vq->vdev->dma_as, addr, &len, is_write, MEMTXATTRS_UNSPECIFIED);

    builder->sg[i].copied = !base;
    if (!base) {
        len = left;
        base = copy_segment(builder, addr, len, is_write);
    }
    if (!base) {
        return 0;
    }
    builder->sg[i].iov = (struct iovec){ base, len };
    builder->sg[i].addr = addr;
    *(is_write ? &builder->in_num : &builder->out_num) += 1;
    return len;
}

static bool builder_error(ElementBuilder *builder, const char *text)
{
    element_builder_drop(builder);
    virtio_error(builder->vq->vdev, "%s", text);
    return false;
}

bool element_builder_add(ElementBuilder *builder, const VRingDesc *desc)
{
    bool is_write = desc->flags & VRING_DESC_F_WRITE;
    hwaddr addr = desc->addr;
    hwaddr left = desc->len;

    if (!is_write && builder->in_num) {
        return builder_error(builder, "Incorrect order for descriptors");
    }
    if (!left) {
        return builder_error(builder, "virtio: zero sized buffers are not allowed");
    }
    while (left) {
        hwaddr len;

        if (builder->out_num + builder->in_num == VIRTQUEUE_MAX_SIZE) {
            return builder_error(builder, "virtio: too many write descriptors in indirect table");
        }
        len = add_piece(builder, addr, left, is_write);
        if (!len) {
            return builder_error(builder, "virtio: bogus descriptor or out of resources");
        }
        addr += len;
        left -= len;
    }
    return true;
}

VirtQueueElement *element_builder_finish(ElementBuilder *builder, unsigned index, unsigned ndescs)
{
    unsigned n = builder->out_num + builder->in_num;
    VirtQueueElement *elem = g_new0(VirtQueueElement, 1);

    elem->index = index;
    elem->ndescs = ndescs;
    elem->out_num = builder->out_num;
    elem->in_num = builder->in_num;
    elem->out_sg = g_new(struct iovec, n + 1);
    elem->in_sg = elem->out_sg + builder->out_num;
    elem->addr = g_new(hwaddr, n + 1);
    elem->copied = g_new(bool, n + 1);
    for (unsigned i = 0; i < n; i++) {
        elem->out_sg[i] = builder->sg[i].iov;
        elem->addr[i] = builder->sg[i].addr;
        elem->copied[i] = builder->sg[i].copied;
    }
    return elem;
}

/* Ends the mapping of all segments; of what the device wrote, the first @len bytes reach guest memory. */
static void release_segments(VirtQueue *vq, VirtQueueElement *elem, size_t len)
{
    AddressSpace *as = vq->vdev->dma_as;

    for (unsigned i = 0; i < elem->out_num + elem->in_num; i++) {
        struct iovec *iov = &elem->out_sg[i];
        bool is_write = i >= elem->out_num;
        size_t used = is_write ? MIN(len, iov->iov_len) : iov->iov_len;

        if (!iov->iov_base) {
            continue;
        }
        if (!elem->copied[i]) {
            address_space_unmap(as, iov->iov_base, iov->iov_len, is_write, used);
        } else {
            if (is_write && used) {
                address_space_write(as, elem->addr[i], MEMTXATTRS_UNSPECIFIED, iov->iov_base, used);
            }
            g_free(iov->iov_base);
        }
        iov->iov_base = NULL;
        len -= is_write ? used : 0;
    }
}

void virtqueue_element_free(VirtQueueElement *elem)
{
    if (!elem) {
        return;
    }
    g_free(elem->out_sg);
    g_free(elem->addr);
    g_free(elem->copied);
    g_free(elem);
}

/* The device's side */

VirtQueueElement *virtqueue_pop(VirtQueue *vq)
{
    if (vq->vdev->broken || !virtio_queue_ready(vq) || ops_of(vq)->empty(vq)) {
        return NULL;
    }
    if (vq->inuse >= vq->vring.num) {
        virtio_error(vq->vdev, "Virtqueue size exceeded");
        return NULL;
    }
    return ops_of(vq)->pop(vq);
}

void virtqueue_push(VirtQueue *vq, VirtQueueElement *elem, unsigned len)
{
    release_segments(vq, elem, len);
    vq->inuse -= MIN(vq->inuse, elem->ndescs);
    if (!vq->vdev->broken && virtio_queue_ready(vq)) {
        ops_of(vq)->publish(vq, elem, len);
    }
}

void virtqueue_detach_element(VirtQueue *vq, VirtQueueElement *elem)
{
    release_segments(vq, elem, 0);
    vq->inuse -= MIN(vq->inuse, elem->ndescs);
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
    unsigned in = 0, out = 0;

    if (!vq->vdev->broken && virtio_queue_ready(vq)) {
        ops_of(vq)->get_avail_bytes(vq, &in, &out, max_in, max_out);
    }
    if (in_bytes) {
        *in_bytes = in;
    }
    if (out_bytes) {
        *out_bytes = out;
    }
}

bool virtio_queue_ready(const VirtQueue *vq)
{
    return vq->vring.num && vq->vring.desc && vq->vring.avail;
}

bool virtio_queue_empty(VirtQueue *vq)
{
    return vq->vdev->broken || !virtio_queue_ready(vq) || ops_of(vq)->empty(vq);
}

bool virtio_queue_should_notify(VirtQueue *vq)
{
    return virtio_queue_ready(vq) && ops_of(vq)->should_notify(vq);
}

void virtio_queue_set_notification(VirtQueue *vq, bool enable)
{
    vq->notification = enable;
    if (virtio_queue_ready(vq) && !vq->vdev->broken) {
        ops_of(vq)->set_notification(vq, enable);
    }
}

/* The driver's side */

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

    if (!vq->vring.desc || vdev->broken || !vq->handle_output) {
        return;
    }
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

/* The three areas must be RAM for as long as the queue is used; where they are not is the driver's mistake. */
static void check_rings(VirtIODevice *vdev, unsigned n)
{
    VirtQueue *vq = &vdev->vq[n];
    const VirtQueueOps *ops = ops_of(vq);

    if (!vq->vring.desc) {
        return;
    }
    if (!virtqueue_range_is_ram(vq, vq->vring.desc, ops->desc_size(vq))) {
        virtio_error(vdev, "Cannot map desc");
    } else if (!virtqueue_range_is_ram(vq, vq->vring.used, ops->used_size(vq))) {
        virtio_error(vdev, "Cannot map used");
    } else if (!virtqueue_range_is_ram(vq, vq->vring.avail, ops->avail_size(vq))) {
        virtio_error(vdev, "Cannot map avail");
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
    check_rings(vdev, n);
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
    check_rings(vdev, n);
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
    vq->vring.desc = vq->vring.avail = vq->vring.used = 0;
    vq->last_avail_idx = vq->shadow_avail_idx = vq->used_idx = 0;
    vq->last_avail_wrap_counter = vq->used_wrap_counter = true;
    vq->signalled_used = 0;
    vq->signalled_used_valid = false;
    vq->notification = true;
    vq->inuse = 0;
}
