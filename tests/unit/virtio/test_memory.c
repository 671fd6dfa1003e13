/* Where buffers and rings may live: RAM here, in a file, or with a client; behind registers; nowhere. */
#include <string.h>

#include "models/virtio/virtio_ring.h"
#include "tests/lib/test_virtio.h"

#define BIT(n) (UINT64_C(1) << (n))
#define NUM 16u
#define BUFFER (TEST_VIRTIO_RAM + 0x10000)
#define RAM_END (TEST_VIRTIO_RAM + TEST_VIRTIO_RAM_SIZE)
#define BOGUS "virtio: bogus descriptor or out of resources"

typedef struct Bench {
    TestVirtIO *t;
    VRingQueue *queue;
    VirtQueue *vq;
} Bench;

static Bench bench_new(RAMHome home, bool packed)
{
    Bench b = { .t = test_virtio_new(packed ? TEST_VIRTIO_PACKED : 0, home) };

    b.queue = test_virtio_start(b.t, packed ? BIT(VIRTIO_F_RING_PACKED) : 0, 0, NUM);
    b.vq = virtio_get_queue(b.t->vdev, 0);
    return b;
}

static void bench_free(Bench *b)
{
    test_virtio_device_forget(b->t->dev);
    g_assert_cmpuint(b->t->vdev->copied_bytes, ==, 0);
    g_assert_false(b->t->vdev->bounce_in_use);
    vring_queue_free(b->queue);
    test_virtio_free(b->t);
}

/* Posts @n segments, which the device keeps; the element, or NULL. */
static VirtQueueElement *hold(Bench *b, const VRingSegment *segments, unsigned n)
{
    unsigned held = b->t->dev->held.length;

    b->t->dev->hold = true;
    g_assert_true(vring_queue_post(b->queue, segments, n, n > 1, NULL));
    vring_queue_kick(b->queue);
    return b->t->dev->held.length > held ? g_queue_peek_tail(&b->t->dev->held) : NULL;
}

static void fill(Bench *b, hwaddr addr, uint8_t c, size_t len)
{
    (void)address_space_set(b->t->machine->system_as, addr, c, len, MEMTXATTRS_UNSPECIFIED);
}

static void expect_bytes(Bench *b, hwaddr addr, const char *expected)
{
    char bytes[32];

    test_virtio_get(b->t, addr, bytes, strlen(expected));
    g_assert_cmpmem(bytes, strlen(expected), expected, strlen(expected));
}

/* --- The three homes --- */

static void test_home(const void *data)
{
    RAMHome home = GPOINTER_TO_UINT(data) & 3;
    Bench b = bench_new(home, GPOINTER_TO_UINT(data) & 4);
    VRingSegment segments[] = { { BUFFER, 4, false },
                                { BUFFER + 8, 4, false },
                                { BUFFER + 0x100, 3, true },
                                { BUFFER + 0x200, 5, true } };
    uint8_t *host = memory_region_get_ram_ptr(&b.t->ram);
    VirtQueueElement *elem;

    test_virtio_put(b.t, BUFFER, "abcd", 4);
    test_virtio_put(b.t, BUFFER + 8, "efgh", 4);
    fill(&b, BUFFER + 0x100, '.', 0x200);
    elem = hold(&b, segments, 4);
    g_assert_nonnull(elem);
    g_assert_cmpuint(elem->out_num, ==, 2);
    g_assert_cmpuint(elem->in_num, ==, 2);
    g_assert_cmpmem(elem->out_sg[0].iov_base, elem->out_sg[0].iov_len, "abcd", 4);
    g_assert_cmpmem(elem->out_sg[1].iov_base, elem->out_sg[1].iov_len, "efgh", 4);
    g_assert_cmpuint(elem->in_sg[0].iov_len, ==, 3);
    g_assert_cmpuint(elem->in_sg[1].iov_len, ==, 5);
    if (home == RAM_HOME_CLIENT) {
        g_assert_null(host);
        g_assert_cmpuint(b.t->vdev->copied_bytes, ==, 16);
    } else {
        /* No copy of what can be had directly. */
        g_assert_true(elem->out_sg[0].iov_base == host + (BUFFER - TEST_VIRTIO_RAM));
        g_assert_cmpuint(b.t->vdev->copied_bytes, ==, 0);
    }
    memcpy(elem->in_sg[0].iov_base, "ABC", 3);
    memcpy(elem->in_sg[1].iov_base, "DE", 2);
    g_assert_true(test_virtio_device_release(b.t->dev, b.vq, 5));
    expect_bytes(&b, BUFFER + 0x100, "ABC.");
    expect_bytes(&b, BUFFER + 0x200, "DE...");
    test_virtio_expect_log(b.t, "");
    bench_free(&b);
}

/* A device that wrote more than it says. */
static void test_only_claimed_bytes(void)
{
    Bench b = bench_new(RAM_HOME_CLIENT, false);
    VRingSegment segments[] = { { BUFFER, 4, true }, { BUFFER + 8, 4, true } };
    VirtQueueElement *elem;

    fill(&b, BUFFER, '.', 16);
    elem = hold(&b, segments, 2);
    memcpy(elem->in_sg[0].iov_base, "abcd", 4);
    memcpy(elem->in_sg[1].iov_base, "efgh", 4);
    g_assert_true(test_virtio_device_release(b.t->dev, b.vq, 5));
    expect_bytes(&b, BUFFER, "abcd....e...");
    /* And one that says more than it wrote, and than there is: zeros, nothing of the host. */
    elem = hold(&b, segments, 2);
    memcpy(elem->in_sg[0].iov_base, "xy", 2);
    g_assert_true(test_virtio_device_release(b.t->dev, b.vq, UINT_MAX));
    expect_bytes(&b, BUFFER, "xy");
    uint8_t byte = 1;
    test_virtio_get(b.t, BUFFER + 2, &byte, 1);
    g_assert_cmphex(byte, ==, 0);
    test_virtio_expect_log(b.t, "");
    bench_free(&b);
}

static void test_detached_writes_nothing(void)
{
    Bench b = bench_new(RAM_HOME_CLIENT, false);
    VRingSegment segment = { BUFFER, 4, true };
    VirtQueueElement *elem;

    fill(&b, BUFFER, '.', 4);
    elem = hold(&b, &segment, 1);
    memcpy(elem->in_sg[0].iov_base, "abcd", 4);
    test_virtio_device_forget(b.t->dev);
    expect_bytes(&b, BUFFER, "....");
    bench_free(&b);
}

/* --- Limits of copies --- */

static void test_budget(void)
{
    Bench b = bench_new(RAM_HOME_CLIENT, false);
    VRingSegment segments[9];
    unsigned n = VIRTQUEUE_MAX_COPY / TEST_VIRTIO_RAM_SIZE;

    g_assert_cmpuint(n, <, G_N_ELEMENTS(segments));
    for (unsigned i = 0; i <= n; i++) {
        segments[i] = (VRingSegment){ TEST_VIRTIO_RAM, TEST_VIRTIO_RAM_SIZE, true };
    }
    segments[n].len = 1;
    /* All of it, in two elements. */
    g_assert_nonnull(hold(&b, segments, n - 1));
    g_assert_nonnull(hold(&b, segments, 1));
    g_assert_cmpuint(b.t->vdev->copied_bytes, ==, VIRTQUEUE_MAX_COPY);
    g_assert_null(hold(&b, &segments[n], 1));
    test_virtio_expect_log(b.t, BOGUS);
    g_assert_true(b.t->vdev->broken);
    /* A reset gives everything back. */
    vring_driver_reset(&b.t->driver);
    g_assert_cmpuint(b.t->vdev->copied_bytes, ==, 0);
    vring_queue_free(b.queue);
    b.queue = test_virtio_start(b.t, 0, 0, NUM);
    g_assert_nonnull(hold(&b, segments, n));
    bench_free(&b);
}

static void test_budget_in_one_element(void)
{
    Bench b = bench_new(RAM_HOME_CLIENT, true);
    VRingSegment segments[9];

    for (unsigned i = 0; i < 9; i++) {
        segments[i] = (VRingSegment){ TEST_VIRTIO_RAM, TEST_VIRTIO_RAM_SIZE, true };
    }
    g_assert_null(hold(&b, segments, 9));
    test_virtio_expect_log(b.t, BOGUS);
    g_assert_cmpuint(b.t->vdev->copied_bytes, ==, 0);
    bench_free(&b);
}

/* A guest that has the same large buffer fetched again and again. */
static void test_copies_of_one_kick(void)
{
    Bench b = bench_new(RAM_HOME_CLIENT, false);
    unsigned per_go = VIRTQUEUE_MAX_COPY / TEST_VIRTIO_RAM_SIZE;

    vring_queue_desc_at(b.queue, 0, TEST_VIRTIO_RAM, TEST_VIRTIO_RAM_SIZE, VRING_DESC_F_WRITE, 0);
    vring_queue_set_avail_idx(b.queue, (uint16_t)(3 * per_go));
    for (unsigned go = 1; go <= 3; go++) {
        if (go == 1) {
            vring_queue_kick(b.queue);
        } else {
            g_assert_true(g_main_context_iteration(NULL, false));
        }
        g_assert_cmpuint(b.t->dev->popped, ==, (guint64)go * per_go);
    }
    /* The last go had no work left to see that the ring is empty with, and nothing to do either. */
    while (g_main_context_iteration(NULL, false)) {
    }
    g_assert_cmpuint(b.t->dev->popped, ==, (guint64)3 * per_go);
    test_virtio_expect_log(b.t, "");
    bench_free(&b);
}

/* --- A client that does not answer --- */

static void refuse(Bench *b, hwaddr addr, hwaddr len)
{
    b->t->refuse_from = addr;
    b->t->refuse_to = addr + len;
}

static void test_read_fails(const void *data)
{
    Bench b = bench_new(RAM_HOME_CLIENT, GPOINTER_TO_UINT(data));
    VRingSegment segments[] = { { BUFFER, 0x8000, false },
                                { BUFFER + 0x10000, 0x20000, false },
                                { BUFFER, 4, true } };

    /* In the middle of the second one. */
    refuse(&b, BUFFER + 0x28000, 4);
    g_assert_null(hold(&b, segments, 3));
    test_virtio_expect_log(b.t, BOGUS);
    g_assert_true(b.t->vdev->broken);
    g_assert_cmphex(test_virtio_read(b.t, MMIO_STATUS), ==, 0x4f);
    g_assert_cmpuint(b.t->vdev->copied_bytes, ==, 0);
    bench_free(&b);
}

static void test_write_fails(const void *data)
{
    Bench b = bench_new(RAM_HOME_CLIENT, GPOINTER_TO_UINT(data));
    VRingSegment segments[] = { { BUFFER, 8, true }, { BUFFER + 0x1000, 8, true } };
    VRingUsed used;

    g_assert_nonnull(hold(&b, segments, 2));
    refuse(&b, BUFFER + 0x1000, 1);
    g_assert_true(test_virtio_device_release(b.t->dev, b.vq, 16));
    test_virtio_expect_log(b.t, "virtio: guest memory does not take a buffer's contents");
    g_assert_true(b.t->vdev->broken);
    g_assert_cmpuint(b.t->vdev->copied_bytes, ==, 0);
    refuse(&b, 0, 0);
    g_assert_false(vring_queue_collect(b.queue, &used));
    bench_free(&b);
}

/* What is not written is not needed either. */
static void test_write_not_needed(void)
{
    Bench b = bench_new(RAM_HOME_CLIENT, false);
    VRingSegment segments[] = { { BUFFER, 8, true }, { BUFFER + 0x1000, 8, true } };

    g_assert_nonnull(hold(&b, segments, 2));
    refuse(&b, BUFFER + 0x1000, 8);
    g_assert_true(test_virtio_device_release(b.t->dev, b.vq, 8));
    test_virtio_expect_log(b.t, "");
    bench_free(&b);
}

/* Each part of the ring in turn: one line in the log, and no more questions after that. */
static void test_ring_fails(const void *data)
{
    bool packed = GPOINTER_TO_UINT(data);

    for (unsigned part = 0; part < 4; part++) {
        Bench b = bench_new(RAM_HOME_CLIENT, packed);
        VRingSegment segment = { BUFFER, 8, true };
        hwaddr places[] = { b.queue->desc, b.queue->avail, b.queue->used,
                            b.queue->buffers[0].table };
        unsigned accesses;

        b.t->dev->claim = 1;
        g_assert_true(vring_queue_post(b.queue, &segment, 1, true, NULL));
        places[3] = b.queue->buffers[0].table;
        refuse(&b, places[part], 16);
        vring_queue_kick(b.queue);
        g_assert_true(b.t->vdev->broken || (packed && part == 2));
        if (b.t->vdev->broken) {
            g_assert_true(
                g_str_has_prefix(b.t->log->str, "virtio: no answer from the ring at 0x8"));
            g_assert_null(strchr(b.t->log->str, '|'));
            g_assert_cmphex(test_virtio_read(b.t, MMIO_STATUS), ==, 0x4f);
            accesses = b.t->client_accesses;
            vring_queue_kick(b.queue);
            test_virtio_device_echo(b.t->dev, b.vq);
            virtqueue_get_avail_bytes(b.vq, NULL, NULL, 1, 1);
            g_assert_cmpuint(b.t->client_accesses, ==, accesses);
        }
        bench_free(&b);
    }
}

/* --- Where there is no RAM --- */

/* Registers that count what happens to them. */
typedef struct Registers {
    MemoryRegion mr;
    unsigned reads;
    unsigned writes;
    uint8_t bytes[64];
} Registers;

static uint64_t registers_read(void *opaque, hwaddr addr, unsigned size)
{
    Registers *r = opaque;
    uint64_t value = 0;

    r->reads++;
    memcpy(&value, r->bytes + addr, size);
    return GUINT64_FROM_LE(value);
}

static void registers_write(void *opaque, hwaddr addr, uint64_t value, unsigned size)
{
    Registers *r = opaque;

    r->writes++;
    value = GUINT64_TO_LE(value);
    memcpy(r->bytes + addr, &value, size);
}

static const MemoryRegionOps registers_ops = {
    .read = registers_read,
    .write = registers_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
};

static void registers_add(Registers *r, Bench *b)
{
    memory_region_init_io(&r->mr, OBJECT(b->t->machine), &registers_ops, r, "registers",
                          sizeof(r->bytes));
    memory_region_add_subregion(b->t->machine->system_memory, TEST_VIRTIO_HOLE, &r->mr);
}

static void test_registers(void)
{
    Bench b = bench_new(RAM_HOME_RAM, false);
    Registers r = { .bytes = "0123456789" };
    VRingSegment out = { TEST_VIRTIO_HOLE + 2, 5, false };
    VRingSegment in = { TEST_VIRTIO_HOLE + 3, 9, true };
    VirtQueueElement *elem;

    registers_add(&r, &b);
    elem = hold(&b, &out, 1);
    g_assert_cmpmem(elem->out_sg[0].iov_base, elem->out_sg[0].iov_len, "23456", 5);
    g_assert_cmpuint(r.reads, ==, 3); /* 2, 2 and 1 bytes */
    g_assert_true(b.t->vdev->bounce_in_use);
    g_assert_true(test_virtio_device_release(b.t->dev, b.vq, 0));
    g_assert_cmpuint(r.writes, ==, 0);
    elem = hold(&b, &in, 1);
    g_assert_cmpuint(r.reads, ==, 3);
    memcpy(elem->in_sg[0].iov_base, "abcdefghi", 9);
    g_assert_true(test_virtio_device_release(b.t->dev, b.vq, 4));
    g_assert_cmpstr((char *)r.bytes, ==, "012abcd789");
    test_virtio_expect_log(b.t, "");
    bench_free(&b);
}

/* One element at a time may have such a buffer. */
static void test_one_bounce(void)
{
    Bench b = bench_new(RAM_HOME_RAM, false);
    VRingSegment in = { TEST_VIRTIO_HOLE, 4096, true };

    for (unsigned i = 0; i < 3; i++) {
        g_assert_nonnull(hold(&b, &in, 1));
        g_assert_true(test_virtio_device_release(b.t->dev, b.vq, 0));
    }
    g_assert_nonnull(hold(&b, &in, 1));
    g_assert_null(hold(&b, &in, 1));
    test_virtio_expect_log(b.t, BOGUS);
    bench_free(&b);
}

/* The start of a buffer in RAM, its end beyond. */
static void test_across_the_end(const void *data)
{
    Bench b = bench_new(GPOINTER_TO_UINT(data), false);
    VRingSegment out = { RAM_END - 4, 8, false };
    VirtQueueElement *elem;

    /* Two pieces, and still one descriptor: no loop. */
    vring_queue_free(b.queue);
    b.queue = test_virtio_start(b.t, 0, 0, 1);
    test_virtio_put(b.t, RAM_END - 4, "wxyz", 4);
    elem = hold(&b, &out, 1);
    g_assert_nonnull(elem);
    g_assert_cmpuint(elem->out_num, ==, 2);
    g_assert_cmpmem(elem->out_sg[0].iov_base, elem->out_sg[0].iov_len, "wxyz", 4);
    g_assert_cmpmem(elem->out_sg[1].iov_base, elem->out_sg[1].iov_len, "\0\0\0\0", 4);
    bench_free(&b);
}

static void test_rom(void)
{
    Bench b = bench_new(RAM_HOME_RAM, false);
    MemoryRegion rom;
    VRingSegment segments[] = { { TEST_VIRTIO_HOLE, 4, false }, { TEST_VIRTIO_HOLE, 4, true } };
    VirtQueueElement *elem;

    memory_region_init_rom(&rom, OBJECT(b.t->machine), "rom", 4096, NULL);
    memory_region_add_subregion(b.t->machine->system_memory, TEST_VIRTIO_HOLE, &rom);
    memcpy(memory_region_get_ram_ptr(&rom), "safe", 4);
    elem = hold(&b, segments, 2);
    g_assert_cmpmem(elem->out_sg[0].iov_base, 4, "safe", 4);
    memcpy(elem->in_sg[0].iov_base, "evil", 4);
    g_assert_true(test_virtio_device_release(b.t->dev, b.vq, 4));
    g_assert_cmpmem(memory_region_get_ram_ptr(&rom), 4, "safe", 4);
    g_assert_false(b.t->vdev->broken);
    bench_free(&b);
}

/* The device's own Status register as a buffer, written while no access of the driver's is under way. */
static void test_own_registers(void)
{
    Bench b = bench_new(RAM_HOME_RAM, false);
    VRingSegment in = { TEST_VIRTIO_MMIO + MMIO_STATUS, 4, true };
    unsigned resets = b.t->dev->resets;
    VRingUsed used;

    g_assert_nonnull(hold(&b, &in, 1));
    g_string_truncate(b.t->log, 0);
    g_assert_true(test_virtio_device_release(b.t->dev, b.vq, 4));
    test_virtio_expect_log(b.t, "Blocked re-entrant IO on MemoryRegion: virtio-mmio at addr: 0x70");
    g_assert_cmpuint(b.t->dev->resets, ==, resets);
    g_assert_cmphex(test_virtio_read(b.t, MMIO_STATUS), ==, 0xf);
    g_assert_true(vring_queue_collect(b.queue, &used));
    bench_free(&b);
}

/* RAM that is unplugged while the device has a buffer there. */
static void test_ram_goes(const void *data)
{
    Bench b = bench_new(GPOINTER_TO_UINT(data), false);
    VRingSegment segments[] = { { BUFFER, 4, false }, { BUFFER, 4, true } };
    VirtQueueElement *elem = hold(&b, segments, 2);

    memory_region_del_subregion(b.t->machine->system_memory, &b.t->ram);
    memcpy(elem->in_sg[0].iov_base, "late", 4);
    g_assert_true(test_virtio_device_release(b.t->dev, b.vq, 4));
    /* What is left of the ring are zeros, which are no descriptor. */
    vring_queue_kick(b.queue);
    g_assert_true(b.t->vdev->broken);
    bench_free(&b);
}

/* --- Rings in strange places --- */

static void test_ring_of_registers(void)
{
    TestVirtIO *t = test_virtio_new(0, RAM_HOME_RAM);
    Bench b = { .t = t };
    Registers r = { 0 };
    uint16_t idx;

    registers_add(&r, &b);
    test_virtio_negotiate(t, 0);
    b.queue = vring_queue_new_at(&t->driver, 0, 4, TEST_VIRTIO_RAM, TEST_VIRTIO_RAM + 0x1000,
                                 TEST_VIRTIO_HOLE);
    vring_driver_start(&t->driver);
    vring_queue_desc_at(b.queue, 2, BUFFER, 4, VRING_DESC_F_WRITE, 0);
    vring_queue_avail_at(b.queue, 0, 2);
    vring_queue_set_avail_idx(b.queue, 1);
    vring_queue_kick(b.queue);
    memcpy(&idx, r.bytes + 2, 2);
    g_assert_cmpuint(GUINT16_FROM_LE(idx), ==, 1);
    g_assert_cmpuint(r.bytes[4], ==, 2);
    test_virtio_expect_log(t, "");
    bench_free(&b);
}

/* Rings that overlap each other and the buffers do what the bytes say, and no harm. */
static void test_overlap(const void *data)
{
    bool packed = GPOINTER_TO_UINT(data);
    TestVirtIO *t = test_virtio_new(packed ? TEST_VIRTIO_PACKED : 0, RAM_HOME_RAM);

    for (unsigned shift = 0; shift < 64; shift += 2) {
        VRingQueue *queue;

        test_virtio_negotiate(t, packed ? BIT(VIRTIO_F_RING_PACKED) : 0);
        queue = vring_queue_new_at(&t->driver, 0, 4, TEST_VIRTIO_RAM, TEST_VIRTIO_RAM + shift,
                                   TEST_VIRTIO_RAM + shift / 2);
        vring_driver_start(&t->driver);
        for (unsigned i = 0; i < 4; i++) {
            vring_queue_desc_at(queue, i, TEST_VIRTIO_RAM + i, 64, (uint16_t)(0x80 | (i & 3)), 1);
        }
        vring_queue_kick(queue);
        g_string_truncate(t->log, 0);
        vring_queue_free(queue);
    }
    test_virtio_free(t);
}

static void add_homes(void)
{
    static const char *const names[] = { "ram", "shm", "client" };

    for (unsigned home = RAM_HOME_RAM; home <= RAM_HOME_CLIENT; home++) {
        g_autofree char *split = g_strdup_printf("/virtio/memory/%s/split", names[home]);
        g_autofree char *packed = g_strdup_printf("/virtio/memory/%s/packed", names[home]);
        g_autofree char *across =
            g_strdup_printf("/virtio/memory/%s/buffer-across-its-end", names[home]);
        g_autofree char *goes =
            g_strdup_printf("/virtio/memory/%s/may-go-under-a-buffer", names[home]);

        g_test_add_data_func(split, GUINT_TO_POINTER(home), test_home);
        g_test_add_data_func(packed, GUINT_TO_POINTER(home | 4), test_home);
        g_test_add_data_func(across, GUINT_TO_POINTER(home), test_across_the_end);
        g_test_add_data_func(goes, GUINT_TO_POINTER(home), test_ram_goes);
    }
}

#define ADD_BOTH(path, test)                                                                       \
    g_test_add_data_func("/virtio/memory/" path "/split", GUINT_TO_POINTER(0), test);              \
    g_test_add_data_func("/virtio/memory/" path "/packed", GUINT_TO_POINTER(1), test)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    add_homes();
    g_test_add_func("/virtio/memory/copy/only-claimed-bytes-are-written", test_only_claimed_bytes);
    g_test_add_func("/virtio/memory/copy/let-go-of-is-not-written", test_detached_writes_nothing);
    g_test_add_func("/virtio/memory/copy/of-a-device-is-bounded", test_budget);
    g_test_add_func("/virtio/memory/copy/of-an-element-is-bounded", test_budget_in_one_element);
    g_test_add_func("/virtio/memory/copy/of-a-kick-is-bounded", test_copies_of_one_kick);
    ADD_BOTH("copy/read-that-fails-midway-breaks-the-device", test_read_fails);
    ADD_BOTH("copy/write-that-fails-breaks-the-device", test_write_fails);
    g_test_add_func("/virtio/memory/copy/only-what-is-written-can-fail", test_write_not_needed);
    ADD_BOTH("ring-that-does-not-answer-breaks-the-device", test_ring_fails);
    g_test_add_func("/virtio/memory/bounce/registers-are-read-and-written", test_registers);
    g_test_add_func("/virtio/memory/bounce/one-at-a-time", test_one_bounce);
    g_test_add_func("/virtio/memory/bounce/rom-stays-as-it-is", test_rom);
    g_test_add_func("/virtio/memory/bounce/not-to-ones-own-registers", test_own_registers);
    g_test_add_func("/virtio/memory/ring-of-registers", test_ring_of_registers);
    ADD_BOTH("rings-that-overlap", test_overlap);
    return g_test_run();
}
