/*
 * Fuzz entry: a hostile driver. The input is a programme of register accesses, ring contents and things that the device
 * does meanwhile, on the shipped virtqueues behind virtio-mmio. Whatever it did, after a reset everything is given back and
 * a driver that means well is served.
 *
 * The first byte chooses the machine (see machine_for()); then operations, a byte each and their operands, until the input
 * ends. Operands that the input has no bytes for are 0.
 */
#include <string.h>

#include "models/core/log.h"
#include "models/virtio/virtio_ring.h"
#include "models/virtio/virtqueue_internal.h"
#include "tests/lib/test_virtio.h"

/* All of a driver's memory that operations write to. */
#define AREA TEST_VIRTIO_RAM
#define AREA_SIZE 0x10000u
/* Operations of one input: libFuzzer's inputs may be long. */
#define MAX_OPERATIONS 400u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Where the driver put a queue last. */
typedef struct FuzzQueue {
    uint64_t desc, avail, used;
    uint16_t num;
    uint16_t idx; /* the next available index; packed: position */
    bool wrap;
} FuzzQueue;

typedef struct Fuzz {
    TestVirtIO *t;
    FuzzQueue queues[2];
    const uint8_t *data;
    size_t left;
    uint32_t push_len; /* what the device says it wrote */
    uint64_t sum;      /* of what it read, so that it has to read */
} Fuzz;

/* --- Operands --- */

static uint64_t take(Fuzz *f, unsigned bytes)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < bytes && f->left; i++, f->left--) {
        value |= (uint64_t)*f->data++ << (8 * i);
    }
    return value;
}

/* An address: most of them in the area, some where it hurts. */
static uint64_t take_address(Fuzz *f)
{
    unsigned kind = (unsigned)take(f, 1);
    uint64_t offset = take(f, 2);

    switch (kind % 16) {
    case 0:
        return TEST_VIRTIO_RAM + TEST_VIRTIO_RAM_SIZE - offset % 256;
    case 1:
        return TEST_VIRTIO_HOLE + offset;
    case 2:
        return TEST_VIRTIO_MMIO + offset % VIRTIO_MMIO_SIZE;
    case 3:
        return UINT64_MAX - offset;
    case 4:
        return take(f, 8);
    case 5:
        return offset;
    case 6:
        return TEST_VIRTIO_RAM - offset % 64;
    default:
        return AREA + offset / 2 * 2;
    }
}

static uint32_t take_length(Fuzz *f)
{
    unsigned kind = (unsigned)take(f, 1);

    switch (kind % 8) {
    case 0:
        return 0;
    case 1:
        return UINT32_MAX - (uint32_t)take(f, 1);
    case 2:
        return (uint32_t)take(f, 4);
    case 3:
        return 16 * (uint32_t)take(f, 2); /* whole descriptors */
    case 4:
        return 4090 + (uint32_t)take(f, 1) % 16;
    default:
        return kind / 8 + 1;
    }
}

static unsigned take_queue(Fuzz *f)
{
    unsigned n = (unsigned)take(f, 1);

    return n < 250 ? n % 2 : n * 7; /* some that are not there */
}

/* --- The device's half --- */

/* The first and the last byte of each segment: that is where a wrong length shows. */
static void touch(Fuzz *f, const VirtQueueElement *elem)
{
    for (unsigned i = 0; i < elem->out_num; i++) {
        const uint8_t *bytes = elem->out_sg[i].iov_base;

        f->sum += bytes[0] + bytes[elem->out_sg[i].iov_len - 1];
    }
    for (unsigned i = 0; i < elem->in_num; i++) {
        uint8_t *bytes = elem->in_sg[i].iov_base;

        bytes[0] = (uint8_t)f->sum;
        bytes[elem->in_sg[i].iov_len - 1] = (uint8_t)(f->sum >> 8);
    }
}

static void on_kick(TestVirtIODevice *dev, VirtQueue *vq)
{
    Fuzz *f = dev->opaque;
    VirtQueueElement *elem;

    while ((elem = virtqueue_pop(vq))) {
        touch(f, elem);
        if (dev->hold && dev->held.length < 64) {
            g_queue_push_tail(&dev->held, elem);
            continue;
        }
        virtqueue_push(vq, elem, f->push_len);
        virtqueue_element_free(elem);
    }
    virtio_notify(VIRTIO_DEVICE(dev), vq);
}

static void device_operation(Fuzz *f)
{
    TestVirtIODevice *dev = f->t->dev;
    VirtQueue *vq = virtio_get_queue(f->t->vdev, (unsigned)take(f, 1) % 2);
    unsigned what = (unsigned)take(f, 1);
    unsigned in, out;

    switch (what % 9) {
    case 0:
        dev->hold = what & 0x80;
        break;
    case 1:
        f->push_len = take_length(f);
        break;
    case 2:
        (void)test_virtio_device_release(dev, vq, f->push_len);
        break;
    case 3:
        test_virtio_device_forget(dev);
        break;
    case 4:
        virtqueue_get_avail_bytes(vq, &in, &out, (unsigned)take(f, 2), (unsigned)take(f, 2));
        break;
    case 5:
        virtio_queue_set_notification(vq, what & 0x80);
        break;
    case 6:
        virtqueue_drop_all(vq);
        break;
    case 7:
        virtio_notify_config(f->t->vdev);
        break;
    default:
        on_kick(dev, vq);
    }
}

/* --- The driver's half --- */

static void put(Fuzz *f, uint64_t addr, const void *bytes, size_t len)
{
    /* Never into registers: that has operations of its own. */
    if (addr - TEST_VIRTIO_RAM < TEST_VIRTIO_RAM_SIZE - 64) {
        test_virtio_put(f->t, addr, bytes, len);
    }
}

static void put16(Fuzz *f, uint64_t addr, uint16_t value)
{
    value = GUINT16_TO_LE(value);
    put(f, addr, &value, 2);
}

static void set_up_legacy(Fuzz *f, FuzzQueue *queue)
{
    TestVirtIO *t = f->t;
    uint32_t align = 1u << take(f, 1) % 13;

    test_virtio_write(t, MMIO_GUEST_PAGE_SIZE, 16);
    test_virtio_write(t, MMIO_QUEUE_ALIGN, align);
    test_virtio_write(t, MMIO_QUEUE_PFN, (uint32_t)(queue->desc >> 4));
    queue->desc = queue->desc / 16 * 16;
    queue->avail = queue->desc + VRING_DESC_SIZE * (uint64_t)queue->num;
    queue->used =
        (queue->avail + VRING_AVAIL_RING + 2 * (uint64_t)queue->num + align - 1) / align * align;
}

static void set_up_modern(Fuzz *f, const FuzzQueue *queue)
{
    const uint64_t addrs[] = { queue->desc, queue->avail, queue->used };

    for (unsigned i = 0; i < G_N_ELEMENTS(addrs); i++) {
        test_virtio_write(f->t, MMIO_QUEUE_DESC + 0x10 * i, (uint32_t)addrs[i]);
        test_virtio_write(f->t, MMIO_QUEUE_DESC + 0x10 * i + 4, (uint32_t)(addrs[i] >> 32));
    }
    test_virtio_write(f->t, MMIO_QUEUE_READY, 1);
}

/* Mostly at places that do not overlap; else anywhere. */
static void set_up_queue(Fuzz *f)
{
    unsigned n = (unsigned)take(f, 1) % 2;
    unsigned where = (unsigned)take(f, 1);
    FuzzQueue *queue = &f->queues[n];

    *queue = (FuzzQueue){
        .desc = where & 1 ? take_address(f) : AREA + 0x2000 * (uint64_t)n,
        .avail = where & 2 ? take_address(f) : AREA + 0x2000 * (uint64_t)n + 0x1000,
        .used = where & 4 ? take_address(f) : AREA + 0x2000 * (uint64_t)n + 0x1800,
        .num = 1 + (uint16_t)take(f, 1) % 32,
        .wrap = true,
    };
    test_virtio_write(f->t, MMIO_QUEUE_SEL, n);
    test_virtio_write(f->t, MMIO_QUEUE_NUM, queue->num);
    if (f->t->proxy->legacy) {
        set_up_legacy(f, queue);
    } else {
        set_up_modern(f, queue);
    }
}

static bool is_packed(const Fuzz *f)
{
    return virtio_has_feature(f->t->driver.features, VIRTIO_F_RING_PACKED);
}

/* Flags that make an entry @after entries from here available in a packed ring. */
static uint16_t packed_flags(const FuzzQueue *queue, unsigned after)
{
    bool wrap = queue->wrap ^ (queue->idx + after >= queue->num);

    return wrap ? VRING_PACKED_DESC_F_AVAIL : VRING_PACKED_DESC_F_USED;
}

/*
 * @count descriptors in a row from entry @first of a table of @num, linked to each other unless the input says otherwise.
 */
static void put_chain(Fuzz *f, uint64_t table, unsigned first, unsigned num, unsigned count,
                      const FuzzQueue *ring)
{
    unsigned twist = (unsigned)take(f, 1);

    for (unsigned i = 0; i < count; i++) {
        uint64_t addr = take_address(f);
        uint32_t len = take_length(f);
        bool write = i >= twist % 8;
        uint16_t flags = (i + 1 < count ? VRING_DESC_F_NEXT : 0) | (write ? VRING_DESC_F_WRITE : 0);
        uint16_t last = (uint16_t)((first + i + 1) % num);
        uint64_t at = table + VRING_DESC_SIZE * (uint64_t)((first + i) % num);

        if (twist >= 0xf0) {
            flags ^= (uint16_t)take(f, 1);
            last = (uint16_t)take(f, 1);
        }
        flags |= ring ? packed_flags(ring, i) : 0;
        if (at - TEST_VIRTIO_RAM < TEST_VIRTIO_RAM_SIZE - 64) {
            vring_driver_desc(&f->t->driver, at, 0, addr, len, flags, last, is_packed(f));
        }
    }
}

/* One chain in the ring, or one descriptor to an indirect table. */
static unsigned put_buffer(Fuzz *f, FuzzQueue *queue, unsigned head, bool indirect)
{
    unsigned count = 1 + (unsigned)take(f, 1) % 8;
    uint64_t table = AREA + 0x8000 + take(f, 1) * 64;
    uint32_t size = count * VRING_DESC_SIZE;
    uint16_t flags = VRING_DESC_F_INDIRECT;

    if (!indirect) {
        put_chain(f, queue->desc, head, queue->num, count, is_packed(f) ? queue : NULL);
        return count;
    }
    put_chain(f, table, 0, count, count, NULL);
    if (take(f, 1) >= 0xe0) {
        table = take_address(f);
        size = take_length(f);
    }
    flags |= is_packed(f) ? packed_flags(queue, 0) : 0;
    if (queue->desc - TEST_VIRTIO_RAM < TEST_VIRTIO_RAM_SIZE - 0x1000) {
        vring_driver_desc(&f->t->driver, queue->desc, head, table, size, flags, 0, is_packed(f));
    }
    return 1;
}

static void publish(Fuzz *f, FuzzQueue *queue, unsigned head, unsigned count)
{
    unsigned jump = (unsigned)take(f, 1);

    if (is_packed(f)) {
        unsigned next = queue->idx + count;

        queue->wrap ^= next >= queue->num;
        queue->idx = (uint16_t)(next % queue->num);
        return;
    }
    put16(f, queue->avail + VRING_AVAIL_RING + 2 * (uint64_t)(queue->idx % queue->num),
          (uint16_t)head);
    queue->idx += jump < 0xf8 ? 1 : jump;
    put16(f, queue->avail + VRING_AVAIL_IDX, queue->idx);
}

/* Makes a buffer available as a driver does it, and kicks. */
static void post(Fuzz *f, bool indirect)
{
    unsigned n = (unsigned)take(f, 1);
    FuzzQueue *queue = &f->queues[n % 2];
    unsigned head, count;

    if (!queue->num) {
        return;
    }
    head = is_packed(f) ? queue->idx : (unsigned)take(f, 1) % queue->num;
    count = put_buffer(f, queue, head, indirect);
    publish(f, queue, head, count);
    if (n & 2) {
        test_virtio_write(f->t, MMIO_QUEUE_NOTIFY, n % 2);
    }
}

/* Bytes at any place, or in the driver's area of a queue. */
static void put_words(Fuzz *f)
{
    unsigned where = (unsigned)take(f, 1);
    uint64_t offset = take(f, where & 3 ? 1 : 2) / 2 * 2;
    unsigned count = 1 + (unsigned)take(f, 1) % 8;
    uint64_t base = where & 3 ? f->queues[where & 1].avail : AREA;

    for (unsigned i = 0; i < count; i++) {
        put16(f, base + offset + 2 * (uint64_t)i, (uint16_t)take(f, i ? 1 : 2));
    }
}

/* Any register, any size, any place. */
static void access_register(Fuzz *f, bool is_write)
{
    static const unsigned sizes[] = { 4, 4, 4, 4, 1, 2, 8, 4 };
    unsigned size = sizes[take(f, 1) % 8];
    uint64_t offset = take(f, 1) * 2;
    uint64_t value = is_write ? take(f, 2) : 0;

    if (is_write) {
        (void)memory_access_write(f->t->machine->system_as, TEST_VIRTIO_MMIO + offset, value, size,
                                  MEMTXATTRS_UNSPECIFIED);
    } else {
        (void)memory_access_read(f->t->machine->system_as, TEST_VIRTIO_MMIO + offset, &value, size,
                                 MEMTXATTRS_UNSPECIFIED);
    }
}

static void negotiate(Fuzz *f)
{
    uint64_t features = take(f, 1) << 24 | take(f, 1) << 32 | 3;

    (void)vring_driver_negotiate(&f->t->driver, features | UINT64_C(1) << VIRTIO_F_VERSION_1);
    vring_driver_start(&f->t->driver);
}

static void refuse(Fuzz *f)
{
    f->t->refuse_from = take_address(f);
    f->t->refuse_to = f->t->refuse_from + take(f, 2);
}

static void operation(Fuzz *f)
{
    switch (take(f, 1) % 16) {
    case 0:
        negotiate(f);
        break;
    case 1:
    case 2:
        set_up_queue(f);
        break;
    case 3:
    case 4:
    case 5:
        post(f, false);
        break;
    case 6:
    case 7:
        post(f, true);
        break;
    case 8:
        put_words(f);
        break;
    case 9:
        access_register(f, true);
        break;
    case 10:
        access_register(f, false);
        break;
    case 11:
    case 12:
        device_operation(f);
        break;
    case 13:
        (void)g_main_context_iteration(NULL, false);
        break;
    case 14:
        refuse(f);
        break;
    default:
        test_virtio_write(f->t, MMIO_QUEUE_NOTIFY, take_queue(f));
    }
}

/* --- What must hold --- */

static void check(const Fuzz *f)
{
    const VirtIODevice *vdev = f->t->vdev;

    g_assert_cmpuint(vdev->copied_bytes, <=, VIRTQUEUE_MAX_COPY);
    if (!vdev->broken) {
        g_assert_cmpint(f->t->irq_level, ==, vdev->isr != 0);
    }
    for (unsigned n = 0; n < 2; n++) {
        g_assert_cmpuint(vdev->vq[n].vring.num, <=, VIRTQUEUE_MAX_SIZE);
        g_assert_cmpuint(vdev->vq[n].vring.num, >, 0);
    }
}

static void check_well_meaning_driver(Fuzz *f)
{
    TestVirtIO *t = f->t;
    VRingSegment segments[] = { { AREA + 0x100, 5, false }, { AREA + 0x200, 3, true } };
    VRingQueue *queue;
    VRingUsed used;
    uint8_t bytes[4] = { 0 };

    t->dev->on_kick = NULL;
    t->dev->hold = false;
    t->driver.next_free = AREA + 0x1000;
    queue = test_virtio_start(t, ~UINT64_C(0), 1, 8);
    test_virtio_put(t, AREA + 0x100, "hello", 5);
    test_virtio_put(t, AREA + 0x200, "....", 4);
    g_assert_true(vring_queue_post(queue, segments, 2, true, f));
    g_assert_true(vring_queue_kick_if_wanted(queue));
    g_assert_true(vring_queue_collect(queue, &used));
    g_assert_true(used.token == f);
    g_assert_cmpuint(used.len, ==, 3);
    test_virtio_get(t, AREA + 0x200, bytes, 4);
    for (unsigned i = 0; i < 4; i++) {
        g_assert_cmphex(bytes[i], ==, i < 3 ? "hel"[i] ^ TEST_VIRTIO_ECHO : '.');
    }
    g_assert_cmphex(vring_driver_take_interrupt(&t->driver), ==, 1);
    vring_queue_free(queue);
}

static void check_after_reset(Fuzz *f)
{
    TestVirtIO *t = f->t;

    t->refuse_from = t->refuse_to = 0;
    machine_reset(t->machine);
    g_assert_cmpuint(t->vdev->copied_bytes, ==, 0);
    g_assert_false(t->vdev->bounce_in_use);
    g_assert_cmpint(t->irq_level, ==, 0);
    g_assert_false(g_main_context_iteration(NULL, false));
    for (unsigned n = 0; n < 2; n++) {
        g_assert_cmpuint(virtio_queue_get_inuse(t->vdev, n), ==, 0);
    }
}

/* --- Machines, made once --- */

static TestVirtIO *machine_for(uint8_t choice)
{
    static TestVirtIO *machines[6];
    unsigned i = choice % G_N_ELEMENTS(machines);

    if (!machines[i]) {
        unsigned flags = i % 2 ? TEST_VIRTIO_LEGACY : TEST_VIRTIO_PACKED;

        machines[i] = test_virtio_new(flags, (RAMHome)(i / 2));
    }
    return machines[i];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool ready;
    Fuzz f = { .data = data, .left = size };

    if (!ready) {
        module_call_init(MODULE_INIT_QOM);
        ready = true;
    }
    f.t = machine_for((uint8_t)take(&f, 1));
    f.t->dev->on_kick = on_kick;
    f.t->dev->hold = false;
    f.t->dev->opaque = &f;
    log_set_sink(f.t->machine->root, NULL, NULL);
    (void)address_space_set(f.t->machine->system_as, AREA, 0, AREA_SIZE, MEMTXATTRS_UNSPECIFIED);
    negotiate(&f);
    for (unsigned i = 0; i < MAX_OPERATIONS && f.left; i++) {
        operation(&f);
        check(&f);
    }
    check_after_reset(&f);
    check_well_meaning_driver(&f);
    vring_driver_reset(&f.t->driver);
    return 0;
}
