/* What a driver can do wrong with a ring, and what it gets: the texts and the order of checks are QEMU 7.2's, measured. */
#include "models/virtio/virtio_ring.h"
#include "tests/lib/test_virtio.h"

#define BIT(n) (UINT64_C(1) << (n))
#define NUM 8u
#define BUFFER (TEST_VIRTIO_RAM + 0x10000)
#define TABLE (TEST_VIRTIO_RAM + 0x20000)
#define RAM_END (TEST_VIRTIO_RAM + TEST_VIRTIO_RAM_SIZE)

#define NEXT VRING_DESC_F_NEXT
#define WRITE VRING_DESC_F_WRITE
#define INDIRECT VRING_DESC_F_INDIRECT

/* --- Rings that are wrong --- */

typedef void Setup(TestVirtIO *t, VRingQueue *queue);

/* Descriptor @i, available in a packed ring's first round, where @next is the id. */
static void desc(VRingQueue *queue, unsigned i, uint64_t addr, uint32_t len, uint16_t flags,
                 uint16_t next)
{
    vring_queue_desc_at(queue, i, addr, len,
                        flags | (queue->packed ? VRING_PACKED_DESC_F_AVAIL : 0), next);
}

static void table(VRingQueue *queue, unsigned i, uint64_t addr, uint32_t len, uint16_t flags,
                  uint16_t next)
{
    vring_driver_desc(queue->driver, TABLE, i, addr, len, flags, next, queue->packed);
}

/* Makes the chain at descriptor 0 available. */
static void avail(VRingQueue *queue)
{
    if (!queue->packed) {
        vring_queue_avail_at(queue, 0, 0);
        vring_queue_set_avail_idx(queue, 1);
    }
}

static void head_out_of_range(TestVirtIO *t, VRingQueue *queue)
{
    (void)t;
    desc(queue, 0, BUFFER, 4, WRITE, 0);
    vring_queue_avail_at(queue, 0, NUM);
    vring_queue_set_avail_idx(queue, 1);
}

static void head_far_out_of_range(TestVirtIO *t, VRingQueue *queue)
{
    (void)t;
    vring_queue_avail_at(queue, 0, 0xffff);
    vring_queue_set_avail_idx(queue, 1);
}

static void zero_size(TestVirtIO *t, VRingQueue *queue)
{
    (void)t;
    desc(queue, 0, BUFFER, 0, WRITE, 0);
    avail(queue);
}

static void zero_size_second(TestVirtIO *t, VRingQueue *queue)
{
    (void)t;
    desc(queue, 0, BUFFER, 4, NEXT, 1);
    desc(queue, 1, BUFFER, 0, WRITE, 0);
    avail(queue);
}

static void next_out_of_range(TestVirtIO *t, VRingQueue *queue)
{
    (void)t;
    desc(queue, 0, BUFFER, 4, NEXT, NUM);
    avail(queue);
}

static void loop(TestVirtIO *t, VRingQueue *queue)
{
    (void)t;
    for (unsigned i = 0; i < NUM; i++) {
        desc(queue, i, BUFFER, 4, NEXT, (uint16_t)((i + 1) % NUM));
    }
    avail(queue);
}

static void wrong_order(TestVirtIO *t, VRingQueue *queue)
{
    (void)t;
    desc(queue, 0, BUFFER, 4, WRITE | NEXT, 1);
    desc(queue, 1, BUFFER, 4, 0, 0);
    avail(queue);
}

static void indirect_empty(TestVirtIO *t, VRingQueue *queue)
{
    (void)t;
    desc(queue, 0, TABLE, 0, INDIRECT, 0);
    avail(queue);
}

static void indirect_odd_size(TestVirtIO *t, VRingQueue *queue)
{
    (void)t;
    desc(queue, 0, TABLE, 24, INDIRECT, 0);
    avail(queue);
}

static void indirect_off_the_end(TestVirtIO *t, VRingQueue *queue)
{
    (void)t;
    desc(queue, 0, RAM_END - 16, 32, INDIRECT, 0);
    avail(queue);
}

static void indirect_off_all(TestVirtIO *t, VRingQueue *queue)
{
    (void)t;
    desc(queue, 0, UINT64_MAX - 15, 32, INDIRECT, 0);
    avail(queue);
}

static void indirect_of_4_gib(TestVirtIO *t, VRingQueue *queue)
{
    (void)t;
    desc(queue, 0, TABLE, 0xfffffff0, INDIRECT, 0);
    avail(queue);
}

static void indirect_nowhere(TestVirtIO *t, VRingQueue *queue)
{
    /* Where nothing answers a table reads as zeros. */
    (void)t;
    desc(queue, 0, TEST_VIRTIO_HOLE, 32, INDIRECT, 0);
    avail(queue);
}

static void indirect_loop(TestVirtIO *t, VRingQueue *queue)
{
    (void)t;
    table(queue, 0, BUFFER, 4, NEXT, 1);
    table(queue, 1, BUFFER, 4, NEXT, 0);
    desc(queue, 0, TABLE, 32, INDIRECT, 0);
    avail(queue);
}

static void indirect_next_out_of_range(TestVirtIO *t, VRingQueue *queue)
{
    (void)t;
    table(queue, 0, BUFFER, 4, NEXT, 2);
    desc(queue, 0, TABLE, 32, INDIRECT, 0);
    avail(queue);
}

static void indirect_wrong_order(TestVirtIO *t, VRingQueue *queue)
{
    (void)t;
    table(queue, 0, BUFFER, 4, WRITE | NEXT, 1);
    table(queue, 1, BUFFER, 4, 0, 0);
    desc(queue, 0, TABLE, 32, INDIRECT, 0);
    avail(queue);
}

static void many(VRingQueue *queue, unsigned n, uint16_t flags)
{
    for (unsigned i = 0; i < n; i++) {
        table(queue, i, BUFFER, 1, flags | (i + 1 < n ? NEXT : 0), (uint16_t)(i + 1));
    }
    desc(queue, 0, TABLE, n * 16, INDIRECT, 0);
    avail(queue);
}

static void too_many_out(TestVirtIO *t, VRingQueue *queue)
{
    (void)t;
    many(queue, 1025, 0);
}

static void too_many_in(TestVirtIO *t, VRingQueue *queue)
{
    (void)t;
    many(queue, 1025, WRITE);
}

static void buffer_of_4_gib(TestVirtIO *t, VRingQueue *queue)
{
    (void)t;
    desc(queue, 0, TEST_VIRTIO_RAM, 0xffffffff, WRITE, 0);
    avail(queue);
}

static void buffer_nowhere_above_4_kib(TestVirtIO *t, VRingQueue *queue)
{
    (void)t;
    desc(queue, 0, TEST_VIRTIO_HOLE, 4097, WRITE, 0);
    avail(queue);
}

static void two_buffers_nowhere(TestVirtIO *t, VRingQueue *queue)
{
    (void)t;
    desc(queue, 0, TEST_VIRTIO_HOLE, 8, WRITE | NEXT, 1);
    desc(queue, 1, TEST_VIRTIO_HOLE, 8, WRITE, 0);
    avail(queue);
}

/* More than the ring has, the device keeping all. */
static void size_exceeded(TestVirtIO *t, VRingQueue *queue)
{
    t->dev->hold = true;
    for (unsigned i = 0; i < NUM; i++) {
        desc(queue, i, BUFFER, 4, WRITE, 0);
        vring_queue_avail_at(queue, (uint16_t)i, (uint16_t)i);
    }
    vring_queue_set_avail_idx(queue, NUM);
    vring_queue_kick(queue);
    if (queue->packed) {
        for (unsigned i = 0; i < NUM; i++) {
            vring_queue_desc_at(queue, i, BUFFER, 4, WRITE | VRING_PACKED_DESC_F_USED, 0);
        }
    } else {
        vring_queue_set_avail_idx(queue, NUM + 1);
    }
}

static void ring_grew(TestVirtIO *t, VRingQueue *queue)
{
    desc(queue, 0, BUFFER, 4, WRITE, 0);
    avail(queue);
    test_virtio_write(t, MMIO_QUEUE_NUM, NUM + 1);
}

typedef struct Case {
    const char *name;
    Setup *setup;
    const char *log; /* in order of QEMU's checks */
    enum { SPLIT = 1, PACKED = 2, BOTH = 3 } rings;
} Case;

#define ZERO_SIZED "virtio: zero sized buffers are not allowed"
#define INVALID_SIZE "Invalid size for indirect buffer table"
#define TOO_MANY "virtio: too many write descriptors in indirect table"
#define BOGUS "virtio: bogus descriptor or out of resources"
#define REJECTED_AT(addr)                                                                          \
    "Invalid read at addr 0x" addr ", size 4, region '(null)', reason: rejected"

static const Case cases[] = {
    { "head-out-of-range", head_out_of_range, "Guest says index 8 is available", SPLIT },
    { "head-far-out-of-range", head_far_out_of_range, "Guest says index 65535 is available",
      SPLIT },
    { "zero-sized", zero_size, ZERO_SIZED, BOTH },
    { "zero-sized-second", zero_size_second, ZERO_SIZED, BOTH },
    { "next-out-of-range", next_out_of_range, "Desc next is 8", SPLIT },
    { "loop", loop, "Looped descriptor", BOTH },
    { "readable-after-writable", wrong_order, "Incorrect order for descriptors", BOTH },
    { "indirect-of-0", indirect_empty, INVALID_SIZE, BOTH },
    { "indirect-of-24", indirect_odd_size, INVALID_SIZE, BOTH },
    { "indirect-off-the-end-of-addresses", indirect_off_all, "Cannot map indirect buffer", BOTH },
    { "indirect-off-the-end-of-ram", indirect_off_the_end, "Cannot map indirect buffer", BOTH },
    { "indirect-of-4-gib", indirect_of_4_gib, "Cannot map indirect buffer", BOTH },
    { "indirect-where-nothing-is", indirect_nowhere, NULL, BOTH },
    { "indirect-loop", indirect_loop, "Looped descriptor", SPLIT },
    { "indirect-next-out-of-range", indirect_next_out_of_range, "Desc next is 2", SPLIT },
    { "indirect-readable-after-writable", indirect_wrong_order, "Incorrect order for descriptors",
      BOTH },
    { "1025-out-segments", too_many_out, TOO_MANY, BOTH },
    { "1025-in-segments", too_many_in, TOO_MANY, BOTH },
    { "buffer-of-4-gib", buffer_of_4_gib, BOGUS, BOTH },
    { "buffer-above-4-kib-where-nothing-is", buffer_nowhere_above_4_kib, BOGUS, BOTH },
    { "two-buffers-where-nothing-is", two_buffers_nowhere, BOGUS, BOTH },
    { "more-in-flight-than-the-ring-has", size_exceeded, "Virtqueue size exceeded", BOTH },
    { "ring-that-grew-after-it-was-ready", ring_grew, "Cannot map descriptor ring", BOTH },
};

/* --- What follows --- */

static void expect_broken(TestVirtIO *t, const Case *c)
{
    g_assert_true(t->vdev->broken);
    if (c->log) {
        test_virtio_expect_log(t, c->log);
    } else {
        g_assert_nonnull(strstr(t->log->str, ZERO_SIZED));
        g_string_truncate(t->log, 0);
    }
}

/* A driver that means well now: nothing comes of it. */
static void expect_nothing_more(TestVirtIO *t, VRingQueue *queue)
{
    int level = t->irq_level;
    unsigned kicks = t->dev->kicks;
    unsigned popped = t->dev->popped;
    uint8_t before[64], after[64];

    test_virtio_get(t, queue->used, before, sizeof(before));
    desc(queue, 0, BUFFER, 4, WRITE, 0);
    avail(queue);
    vring_queue_kick(queue);
    g_assert_cmpuint(t->dev->kicks, ==, kicks);
    test_virtio_device_echo(t->dev, virtio_get_queue(t->vdev, 0));
    g_assert_cmpuint(t->dev->popped, ==, popped);
    g_assert_true(virtio_queue_empty(virtio_get_queue(t->vdev, 0)));
    while (test_virtio_device_release(t->dev, virtio_get_queue(t->vdev, 0), 0)) {
    }
    test_virtio_get(t, queue->used, after, sizeof(after));
    g_assert_cmpmem(before, sizeof(before), after, sizeof(after));
    /* Nor does the line fall, whatever the driver acknowledges. */
    test_virtio_write(t, MMIO_INTERRUPT_ACK, 3);
    g_assert_cmphex(test_virtio_read(t, MMIO_INTERRUPT_STATUS), ==, 0);
    g_assert_cmpint(t->irq_level, ==, level);
    test_virtio_expect_log(t, "");
}

/* After a reset it is as good as new. */
static void expect_healed(TestVirtIO *t, uint64_t features)
{
    VRingQueue *queue;
    VRingSegment segment = { BUFFER, 4, true };
    VRingUsed used;

    t->dev->hold = false;
    queue = test_virtio_start(t, features, 0, NUM);
    g_assert_false(t->vdev->broken);
    g_assert_cmphex(test_virtio_read(t, MMIO_STATUS) & VIRTIO_CONFIG_S_NEEDS_RESET, ==, 0);
    g_assert_true(vring_queue_post(queue, &segment, 1, false, NULL));
    vring_queue_kick(queue);
    g_assert_true(vring_queue_collect(queue, &used));
    g_assert_cmphex(vring_driver_take_interrupt(&t->driver), ==, 1);
    test_virtio_expect_log(t, "");
    vring_queue_free(queue);
}

static void run_modern(const Case *c, bool packed)
{
    uint64_t features = packed ? BIT(VIRTIO_F_RING_PACKED) : 0;
    TestVirtIO *t = test_virtio_new(packed ? TEST_VIRTIO_PACKED : 0, test_virtio_home());
    VRingQueue *queue = test_virtio_start(t, features, 0, NUM);

    t->dev->keep_quiet = true;
    c->setup(t, queue);
    vring_queue_kick(queue);
    expect_broken(t, c);
    g_assert_cmphex(test_virtio_read(t, MMIO_STATUS), ==, 0x4f);
    g_assert_cmpuint(test_virtio_read(t, MMIO_CONFIG_GENERATION), ==, 1);
    g_assert_cmpuint(t->irq_raises, ==, 1);
    g_assert_cmphex(vring_driver_take_interrupt(&t->driver), ==, 3);
    g_assert_cmpint(t->irq_level, ==, 1);
    expect_nothing_more(t, queue);
    t->dev->keep_quiet = false;
    expect_healed(t, features);
    vring_queue_free(queue);
    test_virtio_free(t);
}

static void test_split(const void *data)
{
    run_modern(data, false);
}

static void test_packed(const void *data)
{
    run_modern(data, true);
}

/* A legacy driver is told nothing. */
static void test_legacy(const void *data)
{
    const Case *c = data;
    TestVirtIO *t = test_virtio_new(TEST_VIRTIO_LEGACY, test_virtio_home());
    VRingQueue *queue = test_virtio_start(t, 0, 0, NUM);

    t->dev->keep_quiet = true;
    c->setup(t, queue);
    vring_queue_kick(queue);
    expect_broken(t, c);
    g_assert_cmphex(test_virtio_read(t, MMIO_STATUS), ==, 7);
    g_assert_cmphex(test_virtio_read(t, MMIO_INTERRUPT_STATUS), ==, 0);
    g_assert_cmpuint(t->irq_raises, ==, 0);
    expect_nothing_more(t, queue);
    t->dev->keep_quiet = false;
    expect_healed(t, 0);
    vring_queue_free(queue);
    test_virtio_free(t);
}

static void test_before_driver_ok(gconstpointer data G_GNUC_UNUSED)
{
    TestVirtIO *t = test_virtio_new(0, test_virtio_home());
    VRingQueue *queue;

    test_virtio_negotiate(t, 0);
    queue = vring_queue_new(&t->driver, 0, NUM);
    t->dev->keep_quiet = true;
    head_out_of_range(t, queue);
    vring_queue_kick(queue);
    /* NEEDS_RESET shows, but there is no interrupt. */
    g_assert_cmphex(test_virtio_read(t, MMIO_STATUS), ==, 0x4b);
    g_assert_cmphex(test_virtio_read(t, MMIO_INTERRUPT_STATUS), ==, 0);
    g_assert_cmpuint(test_virtio_read(t, MMIO_CONFIG_GENERATION), ==, 0);
    g_assert_cmpuint(t->irq_raises, ==, 0);
    vring_queue_free(queue);
    test_virtio_free(t);
}

static void test_status_write_hides(gconstpointer data G_GNUC_UNUSED)
{
    TestVirtIO *t = test_virtio_new(0, test_virtio_home());
    VRingQueue *queue = test_virtio_start(t, 0, 0, NUM);

    head_out_of_range(t, queue);
    vring_queue_kick(queue);
    g_assert_cmphex(test_virtio_read(t, MMIO_STATUS), ==, 0x4f);
    /* The driver can overwrite the bit; the device is as broken as before. */
    test_virtio_write(t, MMIO_STATUS, 0xf);
    g_assert_cmphex(test_virtio_read(t, MMIO_STATUS), ==, 0xf);
    g_assert_true(t->vdev->broken);
    vring_queue_free(queue);
    test_virtio_free(t);
}

/* --- Chains that look wrong and are not --- */

static void expect_fine(bool packed, Setup *setup, unsigned n)
{
    TestVirtIO *t = test_virtio_new(packed ? TEST_VIRTIO_PACKED : 0, test_virtio_home());
    VRingQueue *queue = test_virtio_start(t, packed ? BIT(VIRTIO_F_RING_PACKED) : 0, 0, NUM);

    setup(t, queue);
    vring_queue_kick(queue);
    test_virtio_expect_log(t, "");
    g_assert_false(t->vdev->broken);
    g_assert_cmpuint(t->dev->popped, ==, n);
    vring_queue_free(queue);
    test_virtio_free(t);
}

static void index_jump(TestVirtIO *t, VRingQueue *queue)
{
    (void)t;
    desc(queue, 0, BUFFER, 4, WRITE, 0);
    vring_queue_set_avail_idx(queue, 100);
}

static void next_with_indirect(TestVirtIO *t, VRingQueue *queue)
{
    (void)t;
    table(queue, 0, BUFFER, 4, WRITE, 0);
    desc(queue, 0, TABLE, 16, INDIRECT | NEXT, 1);
    vring_queue_desc_at(queue, 1, BUFFER, 0, 0, 0); /* would be an error if it were looked at */
    avail(queue);
}

static void indirect_inside(TestVirtIO *t, VRingQueue *queue)
{
    (void)t;
    table(queue, 0, BUFFER, 4, WRITE | INDIRECT, 0);
    desc(queue, 0, TABLE, 16, INDIRECT, 0);
    avail(queue);
}

static void indirect_not_first(TestVirtIO *t, VRingQueue *queue)
{
    (void)t;
    desc(queue, 0, BUFFER, 4, NEXT, 1);
    desc(queue, 1, TABLE, 16, INDIRECT, 0);
    avail(queue);
}

static void just_enough(TestVirtIO *t, VRingQueue *queue)
{
    (void)t;
    many(queue, 1024, WRITE);
}

static void full_chain(TestVirtIO *t, VRingQueue *queue)
{
    (void)t;
    for (unsigned i = 0; i < NUM; i++) {
        desc(queue, i, BUFFER, 4, i + 1 < NUM ? NEXT : 0, (uint16_t)(i + 1));
    }
    avail(queue);
}

static void test_not_wrong(gconstpointer data G_GNUC_UNUSED)
{
    expect_fine(false, index_jump, 100);
    for (unsigned packed = 0; packed < 2; packed++) {
        expect_fine(packed, next_with_indirect, 1);
        expect_fine(packed, indirect_inside, 1);
        expect_fine(packed, indirect_not_first, 1);
        expect_fine(packed, just_enough, 1);
        expect_fine(packed, full_chain, 1);
    }
}

static void test_packed_table_needs_no_next(gconstpointer data G_GNUC_UNUSED)
{
    TestVirtIO *t = test_virtio_new(TEST_VIRTIO_PACKED, test_virtio_home());
    VRingQueue *queue = test_virtio_start(t, BIT(VIRTIO_F_RING_PACKED), 0, NUM);
    VirtQueueElement *elem;

    t->dev->hold = true;
    table(queue, 0, BUFFER, 4, 0, 77);
    table(queue, 1, BUFFER, 5, WRITE, 78);
    desc(queue, 0, TABLE, 32, INDIRECT, 1234);
    vring_queue_kick(queue);
    elem = g_queue_peek_head(&t->dev->held);
    g_assert_nonnull(elem);
    g_assert_cmpuint(elem->out_num, ==, 1);
    g_assert_cmpuint(elem->in_num, ==, 1);
    g_assert_cmpuint(elem->index, ==, 1234);
    g_assert_cmpuint(elem->ndescs, ==, 1);
    vring_queue_free(queue);
    test_virtio_free(t);
}

static void test_packed_id(gconstpointer data G_GNUC_UNUSED)
{
    TestVirtIO *t = test_virtio_new(TEST_VIRTIO_PACKED, test_virtio_home());
    VRingQueue *queue = test_virtio_start(t, BIT(VIRTIO_F_RING_PACKED), 0, NUM);
    VirtQueueElement *elem;

    t->dev->hold = true;
    desc(queue, 1, BUFFER + 4, 4, 0, 2);
    desc(queue, 0, BUFFER, 4, NEXT, 3);
    vring_queue_kick(queue);
    elem = g_queue_peek_head(&t->dev->held);
    g_assert_nonnull(elem);
    g_assert_cmpuint(elem->index, ==, 2);
    g_assert_cmpuint(elem->ndescs, ==, 2);
    vring_queue_free(queue);
    test_virtio_free(t);
}

/* --- Where rings may lie --- */

typedef struct Place {
    const char *name;
    uint64_t desc, avail, used;
    const char *log;
    uint64_t features;
} Place;

#define R TEST_VIRTIO_RAM
#define FAR_HOLE UINT64_C(0x200000000)

static const Place places[] = {
    { "in-ram", R, R + 0x1000, R + 0x2000, "", 0 },
    { "at-odd-addresses", R + 1, R + 0x1001, R + 0x2001, "", 0 },
    { "desc-off-the-end", RAM_END - 64, R, R + 0x1000, "Cannot map desc", 0 },
    { "used-off-the-end", R, R + 0x1000, RAM_END - 8, "Cannot map used", 0 },
    { "avail-off-the-end", R, RAM_END - 8, R + 0x1000, "Cannot map avail", 0 },
    { "used-before-avail", R, RAM_END - 8, RAM_END - 8, "Cannot map used", 0 },
    { "desc-to-the-end", RAM_END - 128, R, R + 0x1000, "", 0 },
    { "avail-to-the-end", R, RAM_END - 20, R + 0x1000, "", 0 },
    { "used-to-the-end", R, R + 0x1000, RAM_END - 68, "", 0 },
    { "avail-to-the-end-with-event", R, RAM_END - 20, R + 0x1000, "Cannot map avail",
      BIT(VIRTIO_RING_F_EVENT_IDX) },
    { "used-to-the-end-with-event", R, R + 0x1000, RAM_END - 68, "Cannot map used",
      BIT(VIRTIO_RING_F_EVENT_IDX) },
    { "desc-where-nothing-is", FAR_HOLE, R, R + 0x1000, "", 0 },
    { "used-where-nothing-is", R, R + 0x1000, FAR_HOLE, "", 0 },
    { "avail-to-the-end-of-addresses", R, UINT64_MAX - 19, R + 0x1000, "", 0 },
    { "avail-off-the-end-of-addresses", R, UINT64_MAX - 18, R + 0x1000, "Cannot map avail", 0 },
    { "used-off-the-end-of-registers", R, R + 0x1000, TEST_VIRTIO_MMIO + VIRTIO_MMIO_SIZE - 4,
      "Cannot map used", 0 },
    { "used-before-ram", R + 0x2000, R + 0x1000, R - 4, "", 0 },
};

static void test_place(const void *data)
{
    const Place *p = data;
    TestVirtIO *t = test_virtio_new(0, test_virtio_home());
    VRingQueue *queue;

    test_virtio_negotiate(t, p->features);
    vring_driver_start(&t->driver);
    queue = vring_queue_new_at(&t->driver, 0, NUM, p->desc, p->avail, p->used);
    test_virtio_expect_log(t, p->log);
    g_assert_cmpint(t->vdev->broken, ==, p->log[0] != 0);
    g_assert_cmphex(test_virtio_read(t, MMIO_STATUS), ==, p->log[0] ? 0x4f : 0xf);
    g_assert_cmphex(vring_driver_take_interrupt(&t->driver), ==, p->log[0] ? 3 : 0);
    /* Nothing waits there. */
    vring_queue_kick(queue);
    g_assert_cmpuint(t->dev->popped, ==, 0);
    g_assert_false(strstr(t->log->str, "virtio") != NULL);
    vring_queue_free(queue);
    test_virtio_free(t);
}

static void test_packed_place(gconstpointer data G_GNUC_UNUSED)
{
    TestVirtIO *t = test_virtio_new(TEST_VIRTIO_PACKED, test_virtio_home());

    test_virtio_negotiate(t, BIT(VIRTIO_F_RING_PACKED) | BIT(VIRTIO_RING_F_EVENT_IDX));
    vring_queue_free(vring_queue_new_at(&t->driver, 0, NUM, R, RAM_END - 4, RAM_END - 4));
    test_virtio_expect_log(t, "");
    vring_queue_free(vring_queue_new_at(&t->driver, 0, NUM, R, RAM_END - 4, RAM_END - 3));
    test_virtio_expect_log(t, "Cannot map used");
    vring_queue_free(vring_queue_new_at(&t->driver, 0, NUM, R, RAM_END - 3, RAM_END - 4));
    test_virtio_expect_log(t, "Cannot map avail");
    test_virtio_free(t);
}

static void test_event_idx_after_queues(gconstpointer data G_GNUC_UNUSED)
{
    TestVirtIO *t = test_virtio_new(0, test_virtio_home());

    vring_driver_reset(&t->driver);
    vring_queue_free(vring_queue_new_at(&t->driver, 0, NUM, R, RAM_END - 20, R + 0x1000));
    test_virtio_expect_log(t, "");
    /* Now there is no room for used_event. */
    g_assert_cmpint(
        virtio_set_features(t->vdev, BIT(VIRTIO_RING_F_EVENT_IDX) | BIT(VIRTIO_F_VERSION_1)), ==,
        0);
    test_virtio_expect_log(t, "Cannot map avail");
    test_virtio_free(t);
}

static void test_no_address(const void *data)
{
    TestVirtIO *t = test_virtio_new(0, test_virtio_home());
    unsigned which = GPOINTER_TO_UINT(data);
    VRingQueue *queue;

    test_virtio_negotiate(t, 0);
    queue = vring_queue_new_at(&t->driver, 0, NUM, which == 0 ? 0 : R, which == 1 ? 0 : R + 0x1000,
                               R + 0x2000);
    vring_queue_desc_at(queue, 0, BUFFER, 4, WRITE, 0);
    vring_queue_set_avail_idx(queue, 1);
    g_string_truncate(t->log, 0);
    vring_queue_kick(queue);
    g_assert_cmpuint(t->dev->popped, ==, 0);
    test_virtio_expect_log(t, "");
    vring_queue_free(queue);
    test_virtio_free(t);
}

/* Without a used ring nothing comes back, and each element stays in flight. */
static void test_no_used_ring(gconstpointer data G_GNUC_UNUSED)
{
    TestVirtIO *t = test_virtio_new(0, test_virtio_home());
    VRingQueue *queue;

    test_virtio_negotiate(t, 0);
    queue = vring_queue_new_at(&t->driver, 0, NUM, R, R + 0x1000, 0);
    vring_queue_desc_at(queue, 0, BUFFER, 4, WRITE, 0);
    vring_queue_set_avail_idx(queue, NUM + 1);
    vring_queue_kick(queue);
    g_assert_cmpuint(t->dev->popped, ==, NUM);
    test_virtio_expect_log(t, "Virtqueue size exceeded");
    vring_queue_free(queue);
    test_virtio_free(t);
}

/* --- Counting bytes --- */

static void count(TestVirtIO *t, unsigned max_in, unsigned max_out, unsigned in, unsigned out)
{
    unsigned got_in = 1, got_out = 1;

    virtqueue_get_avail_bytes(virtio_get_queue(t->vdev, 0), &got_in, &got_out, max_in, max_out);
    g_assert_cmpuint(got_in, ==, in);
    g_assert_cmpuint(got_out, ==, out);
}

static void test_count(const void *data)
{
    bool packed = GPOINTER_TO_UINT(data) & TEST_VIRTIO_PACKED;
    TestVirtIO *t = test_virtio_new(GPOINTER_TO_UINT(data), test_virtio_home());
    VRingQueue *queue = test_virtio_start(t, packed ? BIT(VIRTIO_F_RING_PACKED) : 0, 0, NUM);
    VRingSegment mixed[] = { { BUFFER, 10, false }, { BUFFER, 20, false }, { BUFFER, 300, true } };
    VRingSegment in = { BUFFER, 4000, true };
    VRingSegment huge = { TEST_VIRTIO_RAM, 0xffffffff, true };

    count(t, 4096, 4096, 0, 0);
    g_assert_true(vring_queue_post(queue, mixed, 3, false, NULL));
    count(t, 4096, 4096, 300, 30);
    g_assert_true(vring_queue_post(queue, mixed, 3, true, NULL));
    count(t, 4096, 4096, 600, 60);
    g_assert_true(vring_queue_post(queue, &in, 1, false, NULL));
    count(t, 4096, 4096, 4600, 60);
    g_assert_true(vring_queue_post(queue, &in, 1, true, NULL));
    /* No further than asked for. */
    count(t, 4096, 0, 4600, 60);
    count(t, 300, 0, 300, 30);
    count(t, 301, 0, 600, 60);
    count(t, 1, 10, 300, 30);
    count(t, 0, 0, 0, 10);
    virtqueue_get_avail_bytes(virtio_get_queue(t->vdev, 0), NULL, NULL, 1, 1);
    g_assert_true(vring_queue_post(queue, &huge, 1, true, NULL));
    count(t, UINT_MAX, UINT_MAX, 8599, 60); /* modulo 2^32 */
    /* Counting is no popping. */
    g_assert_cmpuint(virtio_queue_get_last_avail_idx(t->vdev, 0), ==, 0);
    test_virtio_expect_log(t, "");
    vring_queue_free(queue);
    test_virtio_free(t);
}

static void expect_count_fails(unsigned flags, Setup *setup, const char *log)
{
    bool packed = flags & TEST_VIRTIO_PACKED;
    TestVirtIO *t = test_virtio_new(flags, test_virtio_home());
    VRingQueue *queue = test_virtio_start(t, packed ? BIT(VIRTIO_F_RING_PACKED) : 0, 0, NUM);

    setup(t, queue);
    count(t, 4096, 4096, 0, 0);
    if (log) {
        test_virtio_expect_log(t, log);
        g_assert_true(t->vdev->broken);
        /* And no more of it. */
        count(t, 4096, 4096, 0, 0);
        test_virtio_expect_log(t, "");
    }
    vring_queue_free(queue);
    test_virtio_free(t);
}

/* Two heads with the same three descriptors, in a ring of four. */
static void shared_chain(TestVirtIO *t, VRingQueue *queue)
{
    (void)t;
    for (unsigned i = 0; i < 6; i++) {
        desc(queue, i, BUFFER, 10, WRITE | (i < 5 ? NEXT : 0), (uint16_t)(i + 1));
    }
    vring_queue_avail_at(queue, 0, 0);
    vring_queue_avail_at(queue, 1, 0);
    vring_queue_set_avail_idx(queue, 2);
}

static void test_count_errors(gconstpointer data G_GNUC_UNUSED)
{
    expect_count_fails(0, index_jump, "Guest moved used index from 0 to 100");
    expect_count_fails(0, head_out_of_range, "Guest says index 8 is available");
    expect_count_fails(0, next_out_of_range, "Desc next is 8");
    expect_count_fails(0, shared_chain, "Looped descriptor");
    expect_count_fails(0, indirect_loop, "Looped descriptor");
    expect_count_fails(0, indirect_next_out_of_range, "Desc next is 2");
    for (unsigned flags = 0; flags <= TEST_VIRTIO_PACKED; flags += TEST_VIRTIO_PACKED) {
        expect_count_fails(flags, loop, "Looped descriptor");
        expect_count_fails(flags, indirect_empty, INVALID_SIZE);
        expect_count_fails(flags, indirect_odd_size, INVALID_SIZE);
        expect_count_fails(flags, indirect_off_the_end, "Cannot map indirect buffer");
        expect_count_fails(flags, ring_grew, "Cannot map descriptor ring");
        expect_count_fails(flags, too_many_in, TOO_MANY);
        expect_count_fails(flags, zero_size, NULL); /* counts as 0, popping is what fails */
    }
}

/* An indirect table does not change how long the chains after it may be. */
static void test_count_after_indirect(gconstpointer data G_GNUC_UNUSED)
{
    TestVirtIO *t = test_virtio_new(0, test_virtio_home());
    VRingQueue *queue = test_virtio_start(t, 0, 0, NUM);
    VRingSegment segments[3] = { { BUFFER, 10, true }, { BUFFER, 10, true }, { BUFFER, 10, true } };

    g_assert_true(vring_queue_post(queue, segments, 1, true, NULL));
    g_assert_true(vring_queue_post(queue, segments, 3, false, NULL));
    count(t, 4096, 4096, 40, 0);
    test_virtio_expect_log(t, "");
    vring_queue_free(queue);
    test_virtio_free(t);
}

static void add(const char *format, const char *name, const void *data, GTestDataFunc test)
{
    g_autofree char *path = g_strdup_printf("%s%s", format, name);

    test_virtio_add(path, data, test);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        if (cases[i].rings & SPLIT) {
            add("/virtio/broken-by/split/", cases[i].name, &cases[i], test_split);
        }
        if (cases[i].rings == BOTH && cases[i].setup != ring_grew) {
            add("/virtio/broken-by/legacy/", cases[i].name, &cases[i], test_legacy);
        }
        if (cases[i].rings & PACKED) {
            add("/virtio/broken-by/packed/", cases[i].name, &cases[i], test_packed);
        }
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(places); i++) {
        add("/virtio/rings/", places[i].name, &places[i], test_place);
    }
    test_virtio_add("/virtio/rings/packed-events-to-the-end", NULL, test_packed_place);
    test_virtio_add("/virtio/rings/are-checked-again-for-event-idx", NULL,
                    test_event_idx_after_queues);
    test_virtio_add("/virtio/rings/no-desc-is-no-queue", GUINT_TO_POINTER(0), test_no_address);
    test_virtio_add("/virtio/rings/no-avail-is-no-queue", GUINT_TO_POINTER(1), test_no_address);
    test_virtio_add("/virtio/rings/no-used-keeps-all-in-flight", NULL, test_no_used_ring);
    test_virtio_add("/virtio/broken/before-driver-ok-without-interrupt", NULL,
                    test_before_driver_ok);
    test_virtio_add("/virtio/broken/whatever-the-driver-writes-to-status", NULL,
                    test_status_write_hides);
    test_virtio_add("/virtio/chain/strange-but-accepted", NULL, test_not_wrong);
    test_virtio_add("/virtio/chain/packed-table-needs-no-next", NULL,
                    test_packed_table_needs_no_next);
    test_virtio_add("/virtio/chain/packed-id-is-that-of-the-last-descriptor", NULL, test_packed_id);
    test_virtio_add("/virtio/count/split", GUINT_TO_POINTER(0), test_count);
    test_virtio_add("/virtio/count/packed", GUINT_TO_POINTER(TEST_VIRTIO_PACKED), test_count);
    test_virtio_add("/virtio/count/errors-break-the-device", NULL, test_count_errors);
    test_virtio_add("/virtio/count/chain-after-indirect-table", NULL, test_count_after_indirect);
    return g_test_run();
}
