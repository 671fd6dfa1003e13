/* Elements of a virtqueue: how the segments of a chain become host memory, and go back. */
#include "models/virtio/virtio_ring.h"
#include "models/virtio/virtqueue_internal.h"

/* --- Segments --- */

/* Ends a segment that was mapped or copied; what the device wrote to it is where it belongs, or lost. */
static void end_segment(VirtIODevice *vdev, const struct iovec *iov, SegmentKind kind,
                        bool is_write)
{
    switch (kind) {
    case SEGMENT_MAPPED:
        address_space_unmap(vdev->dma_as, iov->iov_base, iov->iov_len, is_write, iov->iov_len);
        return;
    case SEGMENT_COPY:
        vdev->copied_bytes -= iov->iov_len;
        break;
    case SEGMENT_BOUNCE:
        vdev->bounce_in_use = false;
        break;
    }
    g_free(iov->iov_base);
}

/* Guest memory at @addr that is RAM, but cannot be mapped: how much of the @left bytes; 0: it is something else. */
static hwaddr unmapped_ram(VirtIODevice *vdev, hwaddr addr, hwaddr left, bool is_write)
{
    MemoryRegionSection section = memory_region_find(vdev->dma_as->root, addr, left);

    if (!section.mr || section.offset_within_address_space != addr ||
        !memory_region_is_ram(section.mr) || (is_write && section.readonly)) {
        return 0;
    }
    return (hwaddr)MIN(section.size, (hwsize)left);
}

/* A copy of [@addr, @addr + *@len), of which *@len is what could be had; NULL: none, the budget is spent. */
static void *copy_segment(VirtIODevice *vdev, hwaddr addr, hwaddr *len, bool is_write,
                          SegmentKind *kind)
{
    hwaddr ram = unmapped_ram(vdev, addr, *len, is_write);
    MemTxResult result = MEMTX_OK;
    void *copy;

    *kind = ram ? SEGMENT_COPY : SEGMENT_BOUNCE;
    *len = ram ? ram : MIN(*len, VIRTQUEUE_MAX_BOUNCE);
    if (ram ? ram > VIRTQUEUE_MAX_COPY - vdev->copied_bytes : vdev->bounce_in_use) {
        return NULL;
    }
    /* Zeroed: of a device that claims more than it wrote, the guest sees nothing of the host. */
    copy = g_try_malloc0(*len);
    if (copy && !is_write) {
        result = virtio_dma(vdev, addr, copy, *len, false);
    }
    /* Registers that do not answer read as 0, as for everybody; RAM that does not is an error. */
    if (!copy || (ram && result != MEMTX_OK)) {
        vdev->memory_failed |= result != MEMTX_OK;
        g_free(copy);
        return NULL;
    }
    vdev->copied_bytes += ram;
    vdev->bounce_in_use |= !ram;
    return copy;
}

/* --- Building --- */

void element_builder_init(ElementBuilder *builder, VirtQueue *vq)
{
    builder->vq = vq;
    builder->out_num = 0;
    builder->in_num = 0;
    builder->descs = 0;
}

void element_builder_drop(ElementBuilder *builder)
{
    /* From the last one: that is where address_space_unmap() looks first. */
    for (unsigned i = builder->out_num + builder->in_num; i-- > 0;) {
        end_segment(builder->vq->vdev, &builder->sg[i].iov, builder->sg[i].kind,
                    i >= builder->out_num);
    }
    builder->out_num = builder->in_num = 0;
}

/* Adds the part at the start of [@addr, @addr + @left) that is in one piece; its length, or 0. */
static hwaddr add_piece(ElementBuilder *builder, hwaddr addr, hwaddr left, bool is_write)
{
    VirtIODevice *vdev = builder->vq->vdev;
    unsigned i = builder->out_num + builder->in_num;
    SegmentKind kind = SEGMENT_MAPPED;
    hwaddr len = left;
    void *base = address_space_map(vdev->dma_as, addr, &len, is_write, MEMTXATTRS_UNSPECIFIED);

    if (!base) {
        len = left;
        base = copy_segment(vdev, addr, &len, is_write, &kind);
    }
    if (!base) {
        return 0;
    }
    builder->sg[i].iov = (struct iovec){ base, len };
    builder->sg[i].addr = addr;
    builder->sg[i].kind = kind;
    *(is_write ? &builder->in_num : &builder->out_num) += 1;
    return len;
}

static bool builder_error(ElementBuilder *builder, const char *text)
{
    element_builder_drop(builder);
    virtio_error(builder->vq->vdev, "%s", text);
    return false;
}

bool element_builder_add(ElementBuilder *builder, const VRingDesc *desc, unsigned max)
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
    if (++builder->descs > max) {
        return builder_error(builder, "Looped descriptor");
    }
    return true;
}

VirtQueueElement *element_builder_finish(ElementBuilder *builder, unsigned index, unsigned ndescs)
{
    unsigned n = builder->out_num + builder->in_num;
    VirtQueueElement *elem =
        g_malloc(sizeof(*elem) + n * (sizeof(*elem->out_sg) + sizeof(*elem->addr) + 1));

    elem->index = index;
    elem->ndescs = ndescs;
    elem->out_num = builder->out_num;
    elem->in_num = builder->in_num;
    elem->out_sg = (struct iovec *)(elem + 1);
    elem->in_sg = elem->out_sg + builder->out_num;
    elem->addr = (hwaddr *)(elem->out_sg + n);
    elem->kind = (uint8_t *)(elem->addr + n);
    for (unsigned i = 0; i < n; i++) {
        elem->out_sg[i] = builder->sg[i].iov;
        elem->addr[i] = builder->sg[i].addr;
        elem->kind[i] = (uint8_t)builder->sg[i].kind;
    }
    return elem;
}

/* --- Giving back --- */

/* Brings the first @len bytes of the in segments that are copies to where they belong, in the driver's order. */
static bool write_copies(VirtIODevice *vdev, const VirtQueueElement *elem, size_t len)
{
    bool ok = true;

    for (unsigned i = 0; i < elem->in_num && len && ok; i++) {
        const struct iovec *iov = &elem->in_sg[i];
        SegmentKind kind = elem->kind[elem->out_num + i];
        size_t used = MIN(len, iov->iov_len);

        if (kind != SEGMENT_MAPPED) {
            MemTxResult result =
                virtio_dma(vdev, elem->addr[elem->out_num + i], iov->iov_base, used, true);
            ok = result == MEMTX_OK || kind == SEGMENT_BOUNCE;
        }
        len -= used;
    }
    return ok;
}

bool virtqueue_release_segments(VirtQueue *vq, VirtQueueElement *elem, size_t len)
{
    VirtIODevice *vdev = vq->vdev;
    bool ok = write_copies(vdev, elem, len);

    for (unsigned i = elem->out_num + elem->in_num; i-- > 0;) {
        end_segment(vdev, &elem->out_sg[i], elem->kind[i], i >= elem->out_num);
    }
    elem->out_num = elem->in_num = 0;
    vdev->memory_failed |= !ok;
    if (!ok && !vdev->broken) {
        virtio_error(vdev, "virtio: guest memory does not take a buffer's contents");
    }
    return ok;
}

void virtqueue_element_free(VirtQueueElement *elem)
{
    g_free(elem);
}
