#include "tests/lib/vring_driver.h"

#include <string.h>

#include "models/virtio/virtio.h"
#include "models/virtio/virtio_ring.h"

#define LEGACY_PAGE 4096u

/* --- Registers and memory --- */

void vring_driver_init(VRingDriver *driver, const VRingOps *ops, void *opaque, uint64_t mmio,
                       uint64_t memory, uint64_t size)
{
    *driver = (VRingDriver){
        .ops = ops,
        .opaque = opaque,
        .mmio = mmio,
        .next_free = memory,
        .end = memory + size,
    };
    driver->legacy = vring_driver_read(driver, MMIO_VERSION) == 1;
}

uint32_t vring_driver_read(VRingDriver *driver, uint32_t offset)
{
    return driver->ops->read_register(driver->opaque, driver->mmio + offset, 4);
}

void vring_driver_write(VRingDriver *driver, uint32_t offset, uint32_t value)
{
    driver->ops->write_register(driver->opaque, driver->mmio + offset, value, 4);
}

uint64_t vring_driver_alloc(VRingDriver *driver, uint64_t size, uint64_t align)
{
    uint64_t addr = (driver->next_free + align - 1) / align * align;

    g_assert_cmpuint(addr + size, <=, driver->end);
    driver->next_free = addr + size;
    return addr;
}

void vring_driver_put(VRingDriver *driver, uint64_t addr, const void *buf, size_t len)
{
    driver->ops->write_memory(driver->opaque, addr, buf, len);
}

void vring_driver_get(VRingDriver *driver, uint64_t addr, void *buf, size_t len)
{
    driver->ops->read_memory(driver->opaque, addr, buf, len);
}

static uint16_t get16(VRingDriver *driver, uint64_t addr)
{
    uint16_t value;

    vring_driver_get(driver, addr, &value, sizeof(value));
    return GUINT16_FROM_LE(value);
}

static void put16(VRingDriver *driver, uint64_t addr, uint16_t value)
{
    value = GUINT16_TO_LE(value);
    vring_driver_put(driver, addr, &value, sizeof(value));
}

static void clear(VRingDriver *driver, uint64_t addr, uint64_t size)
{
    g_autofree uint8_t *zeros = g_malloc0(size);

    vring_driver_put(driver, addr, zeros, size);
}

/* --- Status --- */

uint64_t vring_driver_offered(VRingDriver *driver)
{
    uint64_t features;

    vring_driver_write(driver, MMIO_DEVICE_FEATURES_SEL, 1);
    features = (uint64_t)vring_driver_read(driver, MMIO_DEVICE_FEATURES) << 32;
    vring_driver_write(driver, MMIO_DEVICE_FEATURES_SEL, 0);
    return features | vring_driver_read(driver, MMIO_DEVICE_FEATURES);
}

bool vring_driver_negotiate(VRingDriver *driver, uint64_t features)
{
    uint8_t status = VIRTIO_CONFIG_S_ACKNOWLEDGE;

    vring_driver_reset(driver);
    vring_driver_write(driver, MMIO_STATUS, status);
    status |= VIRTIO_CONFIG_S_DRIVER;
    vring_driver_write(driver, MMIO_STATUS, status);
    driver->features = features & vring_driver_offered(driver);
    vring_driver_write(driver, MMIO_DRIVER_FEATURES_SEL, 0);
    vring_driver_write(driver, MMIO_DRIVER_FEATURES, (uint32_t)driver->features);
    if (driver->legacy) {
        vring_driver_write(driver, MMIO_GUEST_PAGE_SIZE, LEGACY_PAGE);
        return true;
    }
    vring_driver_write(driver, MMIO_DRIVER_FEATURES_SEL, 1);
    vring_driver_write(driver, MMIO_DRIVER_FEATURES, (uint32_t)(driver->features >> 32));
    vring_driver_write(driver, MMIO_STATUS, status | VIRTIO_CONFIG_S_FEATURES_OK);
    return vring_driver_read(driver, MMIO_STATUS) & VIRTIO_CONFIG_S_FEATURES_OK;
}

void vring_driver_start(VRingDriver *driver)
{
    vring_driver_write(driver, MMIO_STATUS,
                       vring_driver_read(driver, MMIO_STATUS) | VIRTIO_CONFIG_S_DRIVER_OK);
}

void vring_driver_reset(VRingDriver *driver)
{
    vring_driver_write(driver, MMIO_STATUS, 0);
    driver->features = 0;
}

uint32_t vring_driver_take_interrupt(VRingDriver *driver)
{
    uint32_t status = vring_driver_read(driver, MMIO_INTERRUPT_STATUS);

    if (status) {
        vring_driver_write(driver, MMIO_INTERRUPT_ACK, status);
    }
    return status;
}

static bool has_feature(const VRingDriver *driver, unsigned bit)
{
    return virtio_has_feature(driver->features, bit);
}

/* --- Queues --- */

static uint64_t avail_size(unsigned num)
{
    return VRING_AVAIL_RING + 2 * (uint64_t)num + 2;
}

static uint64_t used_size(unsigned num)
{
    return VRING_USED_RING + VRING_USED_ELEM_SIZE * (uint64_t)num + 2;
}

static void announce_address(VRingDriver *driver, uint32_t offset, uint64_t addr)
{
    vring_driver_write(driver, offset, (uint32_t)addr);
    vring_driver_write(driver, offset + 4, (uint32_t)(addr >> 32));
}

void vring_queue_announce(VRingQueue *queue)
{
    VRingDriver *driver = queue->driver;

    vring_driver_write(driver, MMIO_QUEUE_SEL, queue->index);
    vring_driver_write(driver, MMIO_QUEUE_NUM, queue->num);
    if (driver->legacy) {
        vring_driver_write(driver, MMIO_QUEUE_ALIGN, LEGACY_PAGE);
        vring_driver_write(driver, MMIO_QUEUE_PFN, (uint32_t)(queue->desc / LEGACY_PAGE));
        return;
    }
    announce_address(driver, MMIO_QUEUE_DESC, queue->desc);
    announce_address(driver, MMIO_QUEUE_DRIVER, queue->avail);
    announce_address(driver, MMIO_QUEUE_DEVICE, queue->used);
    vring_driver_write(driver, MMIO_QUEUE_READY, 1);
}

VRingQueue *vring_queue_new_at(VRingDriver *driver, unsigned index, unsigned num, uint64_t desc,
                               uint64_t avail, uint64_t used)
{
    VRingQueue *queue = g_new0(VRingQueue, 1);

    queue->driver = driver;
    queue->index = index;
    queue->num = queue->num_free = num;
    queue->packed = has_feature(driver, VIRTIO_F_RING_PACKED);
    queue->desc = desc;
    queue->avail = avail;
    queue->used = used;
    queue->avail_wrap = queue->used_wrap = true;
    queue->buffers = g_new0(VRingBuffer, num);
    queue->free_next = g_new0(uint16_t, num);
    for (unsigned i = 0; i < num; i++) {
        queue->free_next[i] = (uint16_t)(i + 1);
    }
    vring_queue_announce(queue);
    return queue;
}

VRingQueue *vring_queue_new(VRingDriver *driver, unsigned index, unsigned num)
{
    uint64_t desc_size = VRING_DESC_SIZE * (uint64_t)num;
    uint64_t desc = vring_driver_alloc(driver, desc_size + avail_size(num), LEGACY_PAGE);
    uint64_t used = vring_driver_alloc(driver, used_size(num), LEGACY_PAGE);

    /* Legacy rings lie so; for modern ones it is as good as any. */
    clear(driver, desc, desc_size + avail_size(num));
    clear(driver, used, used_size(num));
    return vring_queue_new_at(driver, index, num, desc, desc + desc_size, used);
}

void vring_queue_free(VRingQueue *queue)
{
    if (queue) {
        g_free(queue->buffers);
        g_free(queue->free_next);
        g_free(queue);
    }
}

/* --- By hand --- */

void vring_driver_desc(VRingDriver *driver, uint64_t table, unsigned i, uint64_t addr, uint32_t len,
                       uint16_t flags, uint16_t last, bool packed)
{
    uint8_t raw[VRING_DESC_SIZE];
    uint16_t words[2] = { GUINT16_TO_LE(packed ? last : flags),
                          GUINT16_TO_LE(packed ? flags : last) };

    addr = GUINT64_TO_LE(addr);
    len = GUINT32_TO_LE(len);
    memcpy(raw, &addr, 8);
    memcpy(raw + 8, &len, 4);
    memcpy(raw + 12, words, 4);
    vring_driver_put(driver, table + (uint64_t)i * VRING_DESC_SIZE, raw, sizeof(raw));
}

void vring_queue_desc_at(VRingQueue *queue, unsigned i, uint64_t addr, uint32_t len, uint16_t flags,
                         uint16_t next)
{
    vring_driver_desc(queue->driver, queue->desc, i, addr, len, flags, next, queue->packed);
}

void vring_queue_avail_at(VRingQueue *queue, uint16_t idx, uint16_t head)
{
    put16(queue->driver, queue->avail + VRING_AVAIL_RING + 2 * (uint64_t)(idx % queue->num), head);
}

void vring_queue_set_avail_idx(VRingQueue *queue, uint16_t idx)
{
    put16(queue->driver, queue->avail + VRING_AVAIL_IDX, idx);
}

uint16_t vring_queue_used_idx(VRingQueue *queue)
{
    return get16(queue->driver, queue->used + VRING_USED_IDX);
}

/* --- Posting --- */

static unsigned take_free(VRingQueue *queue)
{
    unsigned i = queue->free_head;

    g_assert_cmpuint(i, <, queue->num);
    queue->free_head = queue->free_next[i];
    return i;
}

static void give_free(VRingQueue *queue, unsigned i)
{
    queue->free_next[i] = (uint16_t)queue->free_head;
    queue->free_head = i;
}

/* Writes an indirect table of @segments for buffer @id; its address. */
static uint64_t write_table(VRingQueue *queue, unsigned id, const VRingSegment *segments,
                            unsigned n)
{
    VRingBuffer *buffer = &queue->buffers[id];

    if (buffer->table_size < n) {
        buffer->table =
            vring_driver_alloc(queue->driver, (uint64_t)n * VRING_DESC_SIZE, VRING_DESC_SIZE);
        buffer->table_size = n;
    }
    for (unsigned i = 0; i < n; i++) {
        uint16_t flags = segments[i].in ? VRING_DESC_F_WRITE : 0;

        /* In a packed ring's table order is all that counts. */
        flags |= !queue->packed && i + 1 < n ? VRING_DESC_F_NEXT : 0;
        vring_driver_desc(queue->driver, buffer->table, i, segments[i].addr, segments[i].len, flags,
                          queue->packed ? 0 : (uint16_t)(i + 1), queue->packed);
    }
    return buffer->table;
}

static void post_split(VRingQueue *queue, const VRingSegment *segments, unsigned n, unsigned head)
{
    unsigned desc = head;

    for (unsigned i = 0; i < n; i++) {
        uint16_t flags = segments[i].in ? VRING_DESC_F_WRITE : 0;
        unsigned next = 0;

        if (i + 1 < n) {
            flags |= VRING_DESC_F_NEXT;
            next = take_free(queue);
            queue->free_next[desc] = (uint16_t)next; /* to free the chain by */
        }
        vring_queue_desc_at(queue, desc, segments[i].addr, segments[i].len, flags, (uint16_t)next);
        desc = next;
    }
}

static void publish_split(VRingQueue *queue, unsigned head)
{
    vring_queue_avail_at(queue, queue->avail_idx, (uint16_t)head);
    vring_queue_set_avail_idx(queue, ++queue->avail_idx);
    queue->added++;
}

/* Flags that make an entry available in this round. */
static uint16_t packed_avail_flags(bool wrap)
{
    return wrap ? VRING_PACKED_DESC_F_AVAIL : VRING_PACKED_DESC_F_USED;
}

static void advance(const VRingQueue *queue, uint16_t *idx, bool *wrap, unsigned n)
{
    unsigned next = *idx + n;

    *wrap ^= next >= queue->num;
    *idx = (uint16_t)(next % queue->num);
}

/* The first entry is handed over last. */
static void post_packed(VRingQueue *queue, const VRingSegment *segments, unsigned n, unsigned id,
                        uint16_t more_flags)
{
    for (unsigned i = n; i-- > 0;) {
        uint16_t idx = queue->avail_idx;
        bool wrap = queue->avail_wrap;
        uint16_t flags = more_flags;

        advance(queue, &idx, &wrap, i);
        flags |= packed_avail_flags(wrap);
        flags |= segments[i].in ? VRING_DESC_F_WRITE : 0;
        flags |= i + 1 < n ? VRING_DESC_F_NEXT : 0;
        vring_queue_desc_at(queue, idx, segments[i].addr, segments[i].len, flags, (uint16_t)id);
    }
    advance(queue, &queue->avail_idx, &queue->avail_wrap, n);
    queue->added = (uint16_t)(queue->added + n);
}

static uint64_t in_length(const VRingSegment *segments, unsigned n)
{
    uint64_t length = 0;

    for (unsigned i = 0; i < n; i++) {
        length += segments[i].in ? segments[i].len : 0;
    }
    return length;
}

bool vring_queue_post(VRingQueue *queue, const VRingSegment *segments, unsigned n, bool indirect,
                      void *token)
{
    unsigned ndescs = indirect ? 1 : n;
    uint16_t flags = indirect ? VRING_DESC_F_INDIRECT : 0;
    VRingSegment table;
    unsigned id;

    g_assert_cmpuint(n, >, 0);
    if (queue->num_free < ndescs) {
        return false;
    }
    id = take_free(queue);
    queue->num_free -= ndescs;
    queue->buffers[id].token = token;
    queue->buffers[id].ndescs = ndescs;
    queue->buffers[id].in_length = in_length(segments, n);
    if (indirect) {
        table = (VRingSegment){ write_table(queue, id, segments, n), n * VRING_DESC_SIZE, false };
        segments = &table;
    }
    if (queue->packed) {
        post_packed(queue, segments, ndescs, id, flags);
    } else if (indirect) {
        vring_queue_desc_at(queue, id, table.addr, table.len, flags, 0);
        publish_split(queue, id);
    } else {
        post_split(queue, segments, n, id);
        publish_split(queue, id);
    }
    return true;
}

/* --- Kicks --- */

/* Whether @event is among the last @added values before @new_idx. */
static bool need_event(uint16_t event, uint16_t new_idx, uint16_t added)
{
    return (uint16_t)(new_idx - event - 1) < added;
}

static bool packed_wants_kick(VRingQueue *queue)
{
    uint16_t off_wrap = get16(queue->driver, queue->used + VRING_PACKED_EVENT_OFF_WRAP);
    uint16_t flags = get16(queue->driver, queue->used + VRING_PACKED_EVENT_FLAGS);
    int event = off_wrap & ~VRING_PACKED_EVENT_WRAP;

    if (flags != VRING_PACKED_EVENT_F_DESC) {
        return flags == VRING_PACKED_EVENT_F_ENABLE;
    }
    event -= queue->avail_wrap == !!(off_wrap & VRING_PACKED_EVENT_WRAP) ? 0 : (int)queue->num;
    return need_event((uint16_t)event, queue->avail_idx, queue->added);
}

bool vring_queue_wants_kick(VRingQueue *queue)
{
    VRingDriver *driver = queue->driver;

    if (queue->packed) {
        return packed_wants_kick(queue);
    }
    if (has_feature(driver, VIRTIO_RING_F_EVENT_IDX)) {
        uint16_t event = get16(driver, queue->used + VRING_USED_RING +
                                           VRING_USED_ELEM_SIZE * (uint64_t)queue->num);

        return need_event(event, queue->avail_idx, queue->added);
    }
    return !(get16(driver, queue->used + VRING_USED_FLAGS) & VRING_USED_F_NO_NOTIFY);
}

void vring_queue_kick(VRingQueue *queue)
{
    queue->added = 0;
    queue->kicks++;
    vring_driver_write(queue->driver, MMIO_QUEUE_NOTIFY, queue->index);
}

bool vring_queue_kick_if_wanted(VRingQueue *queue)
{
    bool wanted = vring_queue_wants_kick(queue);

    /* An event that was passed without a kick is not passed again. */
    queue->added = 0;
    if (wanted) {
        vring_queue_kick(queue);
    }
    return wanted;
}

/* --- Collecting --- */

static bool next_used_split(VRingQueue *queue, uint32_t id_len[2])
{
    if (vring_queue_used_idx(queue) == queue->used_idx) {
        return false;
    }
    vring_driver_get(queue->driver,
                     queue->used + VRING_USED_RING +
                         VRING_USED_ELEM_SIZE * (uint64_t)(queue->used_idx % queue->num),
                     id_len, 8);
    id_len[0] = GUINT32_FROM_LE(id_len[0]);
    id_len[1] = GUINT32_FROM_LE(id_len[1]);
    queue->used_idx++;
    return true;
}

static bool next_used_packed(VRingQueue *queue, uint32_t id_len[2])
{
    uint64_t desc = queue->desc + VRING_DESC_SIZE * (uint64_t)queue->used_idx;
    uint16_t flags = get16(queue->driver, desc + 14);
    bool avail = flags & VRING_PACKED_DESC_F_AVAIL;
    bool used = flags & VRING_PACKED_DESC_F_USED;

    if (avail != used || used != queue->used_wrap) {
        return false;
    }
    id_len[0] = get16(queue->driver, desc + 12);
    vring_driver_get(queue->driver, desc + 8, &id_len[1], 4);
    id_len[1] = GUINT32_FROM_LE(id_len[1]);
    return true;
}

/* The descriptors of chain @head are free again. */
static void free_split(VRingQueue *queue, unsigned head, unsigned ndescs)
{
    while (ndescs--) {
        unsigned next = queue->free_next[head];

        give_free(queue, head);
        head = next;
    }
}

bool vring_queue_collect(VRingQueue *queue, VRingUsed *used)
{
    VRingBuffer *buffer;
    uint32_t id_len[2];

    if (!(queue->packed ? next_used_packed(queue, id_len) : next_used_split(queue, id_len))) {
        return false;
    }
    g_assert_cmpuint(id_len[0], <, queue->num);
    buffer = &queue->buffers[id_len[0]];
    g_assert_cmpuint(buffer->ndescs, >, 0);
    *used = (VRingUsed){ buffer->token, id_len[0], id_len[1], buffer->in_length };
    queue->num_free += buffer->ndescs;
    if (queue->packed) {
        advance(queue, &queue->used_idx, &queue->used_wrap, buffer->ndescs);
        give_free(queue, id_len[0]);
    } else {
        free_split(queue, id_len[0], buffer->ndescs);
    }
    buffer->ndescs = 0;
    return true;
}

/* --- Interrupts --- */

void vring_queue_set_interrupts(VRingQueue *queue, bool on)
{
    if (queue->packed) {
        put16(queue->driver, queue->avail + VRING_PACKED_EVENT_FLAGS,
              on ? VRING_PACKED_EVENT_F_ENABLE : VRING_PACKED_EVENT_F_DISABLE);
    } else {
        put16(queue->driver, queue->avail + VRING_AVAIL_FLAGS, on ? 0 : VRING_AVAIL_F_NO_INTERRUPT);
    }
}

void vring_queue_set_used_event(VRingQueue *queue, unsigned nth)
{
    uint16_t idx = queue->used_idx;
    bool wrap = queue->used_wrap;

    if (!queue->packed) {
        put16(queue->driver, queue->avail + VRING_AVAIL_RING + 2 * (uint64_t)queue->num,
              (uint16_t)(idx + nth));
        return;
    }
    advance(queue, &idx, &wrap, nth);
    put16(queue->driver, queue->avail + VRING_PACKED_EVENT_OFF_WRAP,
          idx | (wrap ? VRING_PACKED_EVENT_WRAP : 0));
    put16(queue->driver, queue->avail + VRING_PACKED_EVENT_FLAGS, VRING_PACKED_EVENT_F_DESC);
}

/* --- Shapes --- */

unsigned vring_cut(GRand *rand, uint64_t addr, uint32_t len, bool in, unsigned max,
                   VRingSegment *segments)
{
    unsigned n = 0;

    while (len) {
        bool last = n + 1 == max || g_rand_int_range(rand, 0, 3) == 0;
        uint32_t part = last ? len : 1 + g_rand_int(rand) % len;

        segments[n++] = (VRingSegment){ addr, part, in };
        addr += part;
        len -= part;
    }
    return n;
}
