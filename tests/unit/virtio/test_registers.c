/* The registers of virtio-mmio, one by one, legacy and modern. */
#include "tests/lib/test_virtio.h"

#define BIT(n) (UINT64_C(1) << (n))
#define OFFERED_MODERN                                                                             \
    (TEST_VIRTIO_FEATURES | BIT(VIRTIO_RING_F_INDIRECT_DESC) | BIT(VIRTIO_RING_F_EVENT_IDX) |      \
     BIT(VIRTIO_F_VERSION_1) | BIT(VIRTIO_F_RING_RESET))

#define READ_WO "virtio_mmio_read: read of write-only register (0x%x)"
#define WRITE_RO "virtio_mmio_write: write to read-only register (0x%x)"
#define READ_BAD "virtio_mmio_read: bad register offset (0x%x)"
#define WRITE_BAD "virtio_mmio_write: bad register offset (0x%x)"
#define READ_LEGACY "virtio_mmio_read: read from legacy register (0x%x) in non-legacy mode"
#define WRITE_LEGACY "virtio_mmio_write: write to legacy register (0x%x) in non-legacy mode"
#define READ_MODERN "virtio_mmio_read: read from non-legacy register (0x%x) in legacy mode"
#define WRITE_MODERN "virtio_mmio_write: write to non-legacy register (0x%x) in legacy mode"

/*
 * What each register reads as (with everything as after reset and queue 0 selected), and what the log says; NULL: nothing.
 * The texts are those of QEMU 7.2, measured.
 */
typedef struct Row {
    uint32_t offset;
    uint32_t value[2]; /* modern, legacy */
    const char *read_log[2];
    const char *write_log[2];
} Row;

static const Row rows[] = {
    { 0x000, { 0x74726976, 0x74726976 }, { NULL, NULL }, { WRITE_RO, WRITE_RO } },
    { 0x004, { 2, 1 }, { NULL, NULL }, { WRITE_RO, WRITE_RO } },
    { 0x008, { 42, 42 }, { NULL, NULL }, { WRITE_RO, WRITE_RO } },
    { 0x00c, { 0x554d4551, 0x554d4551 }, { NULL, NULL }, { WRITE_RO, WRITE_RO } },
    { 0x010, { 0x30000003, 0x39000003 }, { NULL, NULL }, { WRITE_RO, WRITE_RO } },
    { 0x014, { 0, 0 }, { READ_WO, READ_WO }, { NULL, NULL } },
    { 0x018, { 0, 0 }, { READ_BAD, READ_BAD }, { WRITE_BAD, WRITE_BAD } },
    { 0x01c, { 0, 0 }, { READ_BAD, READ_BAD }, { WRITE_BAD, WRITE_BAD } },
    { 0x020, { 0, 0 }, { READ_WO, READ_WO }, { NULL, NULL } },
    { 0x024, { 0, 0 }, { READ_WO, READ_WO }, { NULL, NULL } },
    { 0x028, { 0, 0 }, { READ_WO, READ_WO }, { WRITE_LEGACY, NULL } },
    { 0x02c, { 0, 0 }, { READ_BAD, READ_BAD }, { WRITE_BAD, WRITE_BAD } },
    { 0x030, { 0, 0 }, { READ_WO, READ_WO }, { NULL, NULL } },
    { 0x034, { 1024, 1024 }, { NULL, NULL }, { WRITE_RO, WRITE_RO } },
    { 0x038, { 0, 0 }, { READ_WO, READ_WO }, { NULL, NULL } },
    { 0x03c, { 0, 0 }, { READ_WO, READ_WO }, { WRITE_LEGACY, NULL } },
    { 0x040, { 0, 0 }, { READ_LEGACY, NULL }, { WRITE_LEGACY, NULL } },
    { 0x044, { 0, 0 }, { NULL, READ_MODERN }, { NULL, WRITE_MODERN } },
    { 0x048, { 0, 0 }, { READ_BAD, READ_BAD }, { WRITE_BAD, WRITE_BAD } },
    { 0x04c, { 0, 0 }, { READ_BAD, READ_BAD }, { WRITE_BAD, WRITE_BAD } },
    { 0x050, { 0, 0 }, { READ_WO, READ_WO }, { NULL, NULL } },
    { 0x054, { 0, 0 }, { READ_BAD, READ_BAD }, { WRITE_BAD, WRITE_BAD } },
    { 0x060, { 0, 0 }, { NULL, NULL }, { WRITE_RO, WRITE_RO } },
    { 0x064, { 0, 0 }, { READ_WO, READ_WO }, { NULL, NULL } },
    { 0x068, { 0, 0 }, { READ_BAD, READ_BAD }, { WRITE_BAD, WRITE_BAD } },
    { 0x070, { 0, 0 }, { NULL, NULL }, { NULL, NULL } },
    { 0x074, { 0, 0 }, { READ_BAD, READ_BAD }, { WRITE_BAD, WRITE_BAD } },
    { 0x080, { 0, 0 }, { READ_WO, READ_WO }, { NULL, WRITE_MODERN } },
    { 0x084, { 0, 0 }, { READ_WO, READ_WO }, { NULL, WRITE_MODERN } },
    { 0x088, { 0, 0 }, { READ_BAD, READ_BAD }, { WRITE_BAD, WRITE_BAD } },
    { 0x090, { 0, 0 }, { READ_WO, READ_WO }, { NULL, WRITE_MODERN } },
    { 0x094, { 0, 0 }, { READ_WO, READ_WO }, { NULL, WRITE_MODERN } },
    { 0x0a0, { 0, 0 }, { READ_WO, READ_WO }, { NULL, WRITE_MODERN } },
    { 0x0a4, { 0, 0 }, { READ_WO, READ_WO }, { NULL, WRITE_MODERN } },
    { 0x0ac, { 0, 0 }, { READ_BAD, READ_BAD }, { WRITE_BAD, WRITE_BAD } },
    { 0x0b0, { UINT32_MAX, UINT32_MAX }, { NULL, NULL }, { WRITE_BAD, WRITE_BAD } },
    { 0x0b4, { UINT32_MAX, UINT32_MAX }, { NULL, NULL }, { WRITE_BAD, WRITE_BAD } },
    { 0x0b8, { 0, 0 }, { READ_BAD, READ_BAD }, { WRITE_BAD, WRITE_BAD } },
    { 0x0bc, { 0, 0 }, { READ_BAD, READ_BAD }, { WRITE_BAD, WRITE_BAD } },
    { 0x0c0, { 0, 0 }, { READ_BAD, READ_BAD }, { WRITE_BAD, WRITE_BAD } },
    { 0x0fc, { 0, 0 }, { NULL, READ_MODERN }, { WRITE_RO, WRITE_RO } },
};

static void expect_text(TestVirtIO *t, const char *format, uint32_t offset)
{
    g_autofree char *text = NULL;

    if (!format) {
        test_virtio_expect_log(t, "");
        return;
    }
    /* The format is one of the above. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    text = g_strdup_printf(format, offset);
#pragma GCC diagnostic pop
    test_virtio_expect_log(t, text);
}

static void test_table(const void *data)
{
    bool legacy = GPOINTER_TO_UINT(data) & TEST_VIRTIO_LEGACY;
    TestVirtIO *t = test_virtio_new(GPOINTER_TO_UINT(data), test_virtio_home());

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        const Row *row = &rows[i];

        g_assert_cmphex(test_virtio_read(t, row->offset), ==, row->value[legacy]);
        expect_text(t, row->read_log[legacy], row->offset);
        test_virtio_write(t, row->offset, 0);
        expect_text(t, row->write_log[legacy], row->offset);
        g_assert_cmphex(test_virtio_read(t, row->offset), ==, row->value[legacy]);
        expect_text(t, row->read_log[legacy], row->offset);
    }
    test_virtio_free(t);
}

static uint64_t read_size(TestVirtIO *t, uint32_t offset, unsigned size)
{
    uint64_t value = 0;

    g_assert_cmpint(memory_access_read(t->machine->system_as, TEST_VIRTIO_MMIO + offset, &value,
                                       size, MEMTXATTRS_UNSPECIFIED),
                    ==, MEMTX_OK);
    return value;
}

static void write_size(TestVirtIO *t, uint32_t offset, uint64_t value, unsigned size)
{
    g_assert_cmpint(memory_access_write(t->machine->system_as, TEST_VIRTIO_MMIO + offset, value,
                                        size, MEMTXATTRS_UNSPECIFIED),
                    ==, MEMTX_OK);
}

static void test_wrong_size(gconstpointer data G_GNUC_UNUSED)
{
    TestVirtIO *t = test_virtio_new(0, test_virtio_home());

    g_assert_cmphex(read_size(t, MMIO_MAGIC, 1), ==, 0);
    test_virtio_expect_log(t, "virtio_mmio_read: wrong size access to register!");
    g_assert_cmphex(read_size(t, MMIO_MAGIC, 2), ==, 0);
    test_virtio_expect_log(t, "virtio_mmio_read: wrong size access to register!");
    /* Eight bytes are two registers. */
    g_assert_cmphex(read_size(t, MMIO_MAGIC, 8), ==, 0x274726976);
    test_virtio_expect_log(t, "");
    write_size(t, MMIO_STATUS, 1, 1);
    test_virtio_expect_log(t, "virtio_mmio_write: wrong size access to register!");
    write_size(t, MMIO_STATUS, 1, 2);
    test_virtio_expect_log(t, "virtio_mmio_write: wrong size access to register!");
    g_assert_cmphex(test_virtio_read(t, MMIO_STATUS), ==, 0);
    test_virtio_free(t);
}

static void test_no_device(const void *data)
{
    bool legacy = GPOINTER_TO_UINT(data) & TEST_VIRTIO_LEGACY;
    TestVirtIO *t =
        test_virtio_new(GPOINTER_TO_UINT(data) | TEST_VIRTIO_NO_DEVICE, test_virtio_home());

    for (uint32_t offset = 0; offset < VIRTIO_MMIO_SIZE; offset += 4) {
        uint32_t expected = 0;

        switch (offset) {
        case MMIO_MAGIC:
            expected = 0x74726976;
            break;
        case MMIO_VERSION:
            expected = legacy ? 1 : 2;
            break;
        case MMIO_VENDOR_ID:
            expected = 0x554d4551;
            break;
        }
        test_virtio_write(t, offset, 0xffffffff);
        g_assert_cmphex(test_virtio_read(t, offset), ==, expected);
    }
    test_virtio_expect_log(t, "");
    machine_reset(t->machine);
    test_virtio_free(t);
}

static void test_device_features_sel(gconstpointer data G_GNUC_UNUSED)
{
    TestVirtIO *t = test_virtio_new(TEST_VIRTIO_PACKED, test_virtio_home());

    g_assert_cmphex(vring_driver_offered(&t->driver), ==,
                    OFFERED_MODERN | BIT(VIRTIO_F_RING_PACKED));
    /* Whatever is not 0 selects the upper half. */
    test_virtio_write(t, MMIO_DEVICE_FEATURES_SEL, 0x80000000);
    g_assert_cmphex(test_virtio_read(t, MMIO_DEVICE_FEATURES), ==, 0x105);
    test_virtio_write(t, MMIO_DEVICE_FEATURES_SEL, 0);
    g_assert_cmphex(test_virtio_read(t, MMIO_DEVICE_FEATURES), ==, 0x30000003);
    test_virtio_free(t);

    t = test_virtio_new(TEST_VIRTIO_LEGACY | TEST_VIRTIO_PACKED, test_virtio_home());
    test_virtio_write(t, MMIO_DEVICE_FEATURES_SEL, 1);
    g_assert_cmphex(test_virtio_read(t, MMIO_DEVICE_FEATURES), ==, 0);
    test_virtio_free(t);
}

static void test_driver_features_sel(gconstpointer data G_GNUC_UNUSED)
{
    TestVirtIO *t = test_virtio_new(TEST_VIRTIO_LEGACY, test_virtio_home());

    test_virtio_write(t, MMIO_DRIVER_FEATURES_SEL, 7);
    test_virtio_write(t, MMIO_DRIVER_FEATURES, 1);
    test_virtio_expect_log(t, "virtio_mmio_write: attempt to write guest features with "
                              "guest_features_sel > 0 in legacy mode");
    g_assert_cmphex(t->vdev->guest_features, ==, 0);
    test_virtio_write(t, MMIO_DRIVER_FEATURES_SEL, 0);
    test_virtio_write(t, MMIO_DRIVER_FEATURES, 1);
    /* At once: a legacy driver has no FEATURES_OK. */
    g_assert_cmphex(t->vdev->guest_features, ==, 1);
    test_virtio_free(t);

    t = test_virtio_new(0, test_virtio_home());
    test_virtio_write(t, MMIO_DRIVER_FEATURES, 3);
    test_virtio_write(t, MMIO_DRIVER_FEATURES_SEL, 7);
    test_virtio_write(t, MMIO_DRIVER_FEATURES, 1);
    g_assert_cmphex(t->vdev->guest_features, ==, 0);
    test_virtio_write(t, MMIO_STATUS, 0x0b);
    g_assert_cmphex(t->vdev->guest_features, ==, BIT(VIRTIO_F_VERSION_1) | 3);
    test_virtio_free(t);
}

static void test_queue_sel(const void *data)
{
    TestVirtIO *t = test_virtio_new(GPOINTER_TO_UINT(data), test_virtio_home());

    test_virtio_write(t, MMIO_QUEUE_SEL, 1);
    g_assert_cmpuint(test_virtio_read(t, MMIO_QUEUE_NUM_MAX), ==, 1024);
    /* Beyond the end the old selection stays. */
    test_virtio_write(t, MMIO_QUEUE_SEL, 1024);
    g_assert_cmpuint(test_virtio_read(t, MMIO_QUEUE_NUM_MAX), ==, 1024);
    test_virtio_write(t, MMIO_QUEUE_SEL, UINT32_MAX);
    g_assert_cmpuint(test_virtio_read(t, MMIO_QUEUE_NUM_MAX), ==, 1024);
    /* There are two queues. */
    test_virtio_write(t, MMIO_QUEUE_SEL, 2);
    g_assert_cmpuint(test_virtio_read(t, MMIO_QUEUE_NUM_MAX), ==, 0);
    test_virtio_write(t, MMIO_QUEUE_SEL, 1023);
    g_assert_cmpuint(test_virtio_read(t, MMIO_QUEUE_NUM_MAX), ==, 0);
    test_virtio_expect_log(t, "");
    test_virtio_free(t);
}

static void test_queue_num(const void *data)
{
    TestVirtIO *t = test_virtio_new(GPOINTER_TO_UINT(data), test_virtio_home());

    g_assert_cmpuint(virtio_queue_get_num(t->vdev, 0), ==, TEST_VIRTIO_QUEUE_SIZE);
    test_virtio_write(t, MMIO_QUEUE_NUM, 0);
    test_virtio_write(t, MMIO_QUEUE_NUM, 1025);
    test_virtio_write(t, MMIO_QUEUE_NUM, UINT32_MAX);
    g_assert_cmpuint(virtio_queue_get_num(t->vdev, 0), ==, TEST_VIRTIO_QUEUE_SIZE);
    test_virtio_write(t, MMIO_QUEUE_NUM, 1024);
    g_assert_cmpuint(virtio_queue_get_num(t->vdev, 0), ==, 1024);
    /* One that is no power of two is the driver's own business. */
    test_virtio_write(t, MMIO_QUEUE_NUM, 7);
    g_assert_cmpuint(virtio_queue_get_num(t->vdev, 0), ==, 7);
    g_assert_cmpuint(virtio_queue_get_max_num(t->vdev, 0), ==, TEST_VIRTIO_QUEUE_SIZE);
    g_assert_cmpuint(test_virtio_read(t, MMIO_QUEUE_NUM_MAX), ==, 1024);
    /* A queue that does not exist gets no size. */
    test_virtio_write(t, MMIO_QUEUE_SEL, 5);
    test_virtio_write(t, MMIO_QUEUE_NUM, 8);
    g_assert_cmpuint(virtio_queue_get_num(t->vdev, 5), ==, 0);
    test_virtio_expect_log(t, "");
    test_virtio_free(t);
}

static void test_pfn(gconstpointer data G_GNUC_UNUSED)
{
    TestVirtIO *t = test_virtio_new(TEST_VIRTIO_LEGACY, test_virtio_home());

    test_virtio_write(t, MMIO_GUEST_PAGE_SIZE, 4096);
    test_virtio_write(t, MMIO_QUEUE_PFN, 0x80001);
    g_assert_cmphex(test_virtio_read(t, MMIO_QUEUE_PFN), ==, 0x80001);
    g_assert_cmphex(virtio_queue_get_addr(t->vdev, 0), ==, 0x80001000);
    /* The shift is the page size's lowest bit. */
    test_virtio_write(t, MMIO_GUEST_PAGE_SIZE, 0x600);
    g_assert_cmphex(test_virtio_read(t, MMIO_QUEUE_PFN), ==, 0x80001000 >> 9);
    test_virtio_write(t, MMIO_GUEST_PAGE_SIZE, 3);
    g_assert_cmphex(test_virtio_read(t, MMIO_QUEUE_PFN), ==, 0x80001000);
    test_virtio_write(t, MMIO_GUEST_PAGE_SIZE, 0x80000000);
    g_assert_cmphex(test_virtio_read(t, MMIO_QUEUE_PFN), ==, 1);
    test_virtio_write(t, MMIO_GUEST_PAGE_SIZE, 0);
    g_assert_cmphex(test_virtio_read(t, MMIO_QUEUE_PFN), ==, 0x80001000);
    test_virtio_write(t, MMIO_QUEUE_SEL, 1);
    g_assert_cmphex(test_virtio_read(t, MMIO_QUEUE_PFN), ==, 0);
    test_virtio_expect_log(t, "");
    test_virtio_free(t);
}

/* Where the used ring of queue 0 lies, found by an element that the device gives back. */
static void expect_used_at(TestVirtIO *t, hwaddr desc, unsigned num, hwaddr used)
{
    hwaddr avail = desc + 16 * (hwaddr)num;
    uint16_t one = GUINT16_TO_LE(1), idx = 0;

    vring_driver_desc(&t->driver, desc, 0, TEST_VIRTIO_RAM + 0x100000, 4, 2, 0, false);
    test_virtio_put(t, used + 2, &idx, 2);
    test_virtio_put(t, avail + 2, &one, 2);
    test_virtio_write(t, MMIO_QUEUE_NOTIFY, 0);
    test_virtio_get(t, used + 2, &idx, 2);
    g_assert_cmpuint(GUINT16_FROM_LE(idx), ==, 1);
    test_virtio_expect_log(t, "");
}

static void test_align(gconstpointer data G_GNUC_UNUSED)
{
    static const struct {
        uint32_t num, align;
        uint64_t used;
    } cases[] = {
        { 8, 4096, 0x1000 }, { 8, 64, 0xc0 }, { 8, 1, 0x94 },         { 8, 4, 0x94 },
        { 8, 3, 0x95 },      { 7, 2, 0x82 },  { 1024, 4096, 0x5000 },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        TestVirtIO *t = test_virtio_new(TEST_VIRTIO_LEGACY, test_virtio_home());
        hwaddr used = cases[i].used;

        if (cases[i].align == 3) {
            used = (TEST_VIRTIO_RAM + 0x94 + 2) / 3 * 3 - TEST_VIRTIO_RAM;
        }
        test_virtio_negotiate(t, 0);
        test_virtio_write(t, MMIO_QUEUE_ALIGN, cases[i].align);
        test_virtio_write(t, MMIO_QUEUE_NUM, cases[i].num);
        test_virtio_write(t, MMIO_QUEUE_PFN, TEST_VIRTIO_RAM >> 12);
        expect_used_at(t, TEST_VIRTIO_RAM, cases[i].num, TEST_VIRTIO_RAM + used);
        test_virtio_free(t);
    }
}

static void test_align_later(gconstpointer data G_GNUC_UNUSED)
{
    TestVirtIO *t = test_virtio_new(TEST_VIRTIO_LEGACY, test_virtio_home());

    test_virtio_negotiate(t, 0);
    test_virtio_write(t, MMIO_QUEUE_PFN, TEST_VIRTIO_RAM >> 12);
    test_virtio_write(t, MMIO_QUEUE_NUM, 8);
    test_virtio_write(t, MMIO_QUEUE_ALIGN, 64);
    test_virtio_write(t, MMIO_QUEUE_ALIGN, 0); /* means nothing */
    expect_used_at(t, TEST_VIRTIO_RAM, 8, TEST_VIRTIO_RAM + 0xc0);
    test_virtio_free(t);
}

static void test_pfn_zero_resets(gconstpointer data G_GNUC_UNUSED)
{
    TestVirtIO *t = test_virtio_new(TEST_VIRTIO_LEGACY, test_virtio_home());
    VRingQueue *queue = test_virtio_start(t, 0, 0, 8);
    unsigned resets = t->dev->resets;

    test_virtio_write(t, MMIO_QUEUE_SEL, 1);
    test_virtio_write(t, MMIO_QUEUE_PFN, 0);
    g_assert_cmpuint(t->dev->resets, ==, resets + 1);
    g_assert_cmphex(test_virtio_read(t, MMIO_STATUS), ==, 0);
    g_assert_cmpuint(t->vdev->queue_sel, ==, 0);
    g_assert_cmphex(test_virtio_read(t, MMIO_QUEUE_PFN), ==, 0);
    g_assert_cmpuint(virtio_queue_get_num(t->vdev, 0), ==, TEST_VIRTIO_QUEUE_SIZE);
    vring_queue_free(queue);
    test_virtio_free(t);
}

static void set_halves(TestVirtIO *t, uint32_t offset, uint64_t value)
{
    test_virtio_write(t, offset, (uint32_t)value);
    test_virtio_write(t, offset + 4, (uint32_t)(value >> 32));
}

static void test_queue_ready(gconstpointer data G_GNUC_UNUSED)
{
    TestVirtIO *t = test_virtio_new(0, test_virtio_home());

    test_virtio_negotiate(t, 0);
    test_virtio_write(t, MMIO_QUEUE_NUM, 16);
    set_halves(t, MMIO_QUEUE_DESC, TEST_VIRTIO_RAM);
    set_halves(t, MMIO_QUEUE_DRIVER, TEST_VIRTIO_RAM + 0x1000);
    set_halves(t, MMIO_QUEUE_DEVICE, TEST_VIRTIO_RAM + 0x2000);
    g_assert_cmphex(virtio_queue_get_addr(t->vdev, 0), ==, 0);
    test_virtio_write(t, MMIO_QUEUE_READY, 0x80000000);
    g_assert_cmpuint(test_virtio_read(t, MMIO_QUEUE_READY), ==, 1);
    g_assert_cmphex(virtio_queue_get_addr(t->vdev, 0), ==, TEST_VIRTIO_RAM);
    g_assert_cmpuint(virtio_queue_get_num(t->vdev, 0), ==, 16);
    /* 0 takes back the flag alone. */
    test_virtio_write(t, MMIO_QUEUE_READY, 0);
    g_assert_cmpuint(test_virtio_read(t, MMIO_QUEUE_READY), ==, 0);
    g_assert_cmphex(virtio_queue_get_addr(t->vdev, 0), ==, TEST_VIRTIO_RAM);
    /* A queue that does not exist has the flag too. */
    test_virtio_write(t, MMIO_QUEUE_SEL, 9);
    test_virtio_write(t, MMIO_QUEUE_READY, 1);
    g_assert_cmpuint(test_virtio_read(t, MMIO_QUEUE_READY), ==, 1);
    g_assert_cmphex(virtio_queue_get_addr(t->vdev, 9), ==, 0);
    test_virtio_expect_log(t, "");
    test_virtio_free(t);
}

/* What Status 0 leaves of the transport's state, and what a reset of the proxy does not. */
static void test_survivors(gconstpointer data G_GNUC_UNUSED)
{
    TestVirtIO *t = test_virtio_new(0, test_virtio_home());
    VRingQueue *queue = test_virtio_start(t, 0, 1, 16);
    VRingUsed used;
    VRingSegment segment = { TEST_VIRTIO_RAM, 4, false };

    test_virtio_write(t, MMIO_DEVICE_FEATURES_SEL, 1);
    test_virtio_write(t, MMIO_DRIVER_FEATURES_SEL, 1);
    test_virtio_write(t, MMIO_STATUS, 0);
    test_virtio_write(t, MMIO_QUEUE_SEL, 1);
    g_assert_cmpuint(test_virtio_read(t, MMIO_QUEUE_READY), ==, 0);
    g_assert_cmphex(test_virtio_read(t, MMIO_DEVICE_FEATURES), ==, 0x101);
    g_assert_cmpuint(virtio_queue_get_num(t->vdev, 1), ==, TEST_VIRTIO_QUEUE_SIZE);
    /* The latched features, addresses and size are still there. */
    test_virtio_write(t, MMIO_STATUS, 0x0f);
    g_assert_cmphex(t->vdev->guest_features, ==, BIT(VIRTIO_F_VERSION_1));
    test_virtio_write(t, MMIO_QUEUE_READY, 1);
    g_assert_cmpuint(virtio_queue_get_num(t->vdev, 1), ==, 16);
    g_assert_true(vring_queue_post(queue, &segment, 1, false, NULL));
    vring_queue_kick(queue);
    g_assert_true(vring_queue_collect(queue, &used));

    machine_reset(t->machine);
    g_assert_cmpuint(t->proxy->guest_features_sel, ==, 0);
    g_assert_cmphex(test_virtio_read(t, MMIO_DEVICE_FEATURES), ==, 0x30000003);
    test_virtio_write(t, MMIO_QUEUE_SEL, 1);
    g_assert_cmpuint(test_virtio_read(t, MMIO_QUEUE_READY), ==, 0);
    test_virtio_write(t, MMIO_STATUS, 0x0f);
    g_assert_cmphex(t->vdev->guest_features, ==, 0);
    test_virtio_write(t, MMIO_QUEUE_READY, 1);
    g_assert_cmphex(virtio_queue_get_addr(t->vdev, 1), ==, 0);
    vring_queue_free(queue);
    test_virtio_free(t);
}

static void test_legacy_page_shift(gconstpointer data G_GNUC_UNUSED)
{
    TestVirtIO *t = test_virtio_new(TEST_VIRTIO_LEGACY, test_virtio_home());

    test_virtio_write(t, MMIO_GUEST_PAGE_SIZE, 4096);
    test_virtio_write(t, MMIO_STATUS, 0);
    g_assert_cmpuint(t->proxy->guest_page_shift, ==, 12);
    machine_reset(t->machine);
    g_assert_cmpuint(t->proxy->guest_page_shift, ==, 0);
    test_virtio_free(t);
}

static void test_notify_out_of_range(const void *data)
{
    TestVirtIO *t = test_virtio_new(GPOINTER_TO_UINT(data), test_virtio_home());

    for (uint32_t n = 0; n < 1100; n++) {
        test_virtio_write(t, MMIO_QUEUE_NOTIFY, n);
    }
    test_virtio_write(t, MMIO_QUEUE_NOTIFY, UINT32_MAX);
    /* A kick of a queue without rings does not reach the device either. */
    g_assert_cmpuint(t->dev->kicks, ==, 0);
    test_virtio_expect_log(t, "");
    test_virtio_free(t);
}

static void test_interrupt_ack(const void *data)
{
    TestVirtIO *t = test_virtio_new(GPOINTER_TO_UINT(data), test_virtio_home());
    VRingQueue *queue = test_virtio_start(t, 0, 0, 8);

    virtio_notify_config(t->vdev);
    g_assert_cmphex(test_virtio_read(t, MMIO_INTERRUPT_STATUS), ==, 3);
    g_assert_cmpint(t->irq_level, ==, 1);
    test_virtio_write(t, MMIO_INTERRUPT_ACK, 1);
    g_assert_cmphex(test_virtio_read(t, MMIO_INTERRUPT_STATUS), ==, 2);
    g_assert_cmpint(t->irq_level, ==, 1);
    test_virtio_write(t, MMIO_INTERRUPT_ACK, 0xfffffffd);
    g_assert_cmphex(test_virtio_read(t, MMIO_INTERRUPT_STATUS), ==, 2);
    test_virtio_write(t, MMIO_INTERRUPT_ACK, 2);
    g_assert_cmphex(test_virtio_read(t, MMIO_INTERRUPT_STATUS), ==, 0);
    g_assert_cmpint(t->irq_level, ==, 0);
    g_assert_cmpuint(t->irq_raises, ==, 1);
    vring_queue_free(queue);
    test_virtio_free(t);
}

static void test_bus(gconstpointer data G_GNUC_UNUSED)
{
    TestVirtIO *t = test_virtio_new(0, test_virtio_home());
    GError *error = NULL;
    DeviceState *dev = qdev_new(TYPE_TEST_VIRTIO_DEVICE, OBJECT(t->machine));

    /* Named after its type, one device at most, none that comes later. */
    g_assert_cmpstr(t->proxy->bus.name, ==, "virtio-mmio-bus.0");
    g_assert_true(qbus_is_full(&t->proxy->bus));
    g_assert_false(qbus_is_hotpluggable(&t->proxy->bus));
    g_assert_false(qdev_realize(dev, &t->proxy->bus, &error));
    g_assert_nonnull(error);
    g_clear_error(&error);
    g_assert_false(qdev_realize(dev, NULL, &error));
    g_assert_cmpstr(error->message, ==,
                    "No 'virtio-bus' bus found for device 'test-virtio-device'");
    g_clear_error(&error);
    object_unref(dev);
    g_assert_true(virtio_bus_get_device(&t->proxy->bus) == t->vdev);
    test_virtio_free(t);
}

static void test_device_that_fails(gconstpointer data G_GNUC_UNUSED)
{
    TestVirtIO *t = test_virtio_new(TEST_VIRTIO_NO_DEVICE, test_virtio_home());
    GError *error = NULL;
    DeviceState *dev = qdev_new(TYPE_TEST_VIRTIO_DEVICE, OBJECT(t->machine));

    g_assert_true(object_property_set_bool(OBJECT(dev), "fail", true, NULL));
    g_assert_false(qdev_realize(dev, &t->proxy->bus, &error));
    g_assert_cmpstr(error->message, ==, "as the test wants");
    g_clear_error(&error);
    g_assert_null(virtio_bus_get_device(&t->proxy->bus));
    g_assert_cmphex(test_virtio_read(t, MMIO_DEVICE_ID), ==, 0);
    object_unref(dev);
    test_virtio_free(t);
}

static void test_defaults(gconstpointer data G_GNUC_UNUSED)
{
    TestVirtIO *t = test_virtio_new(TEST_VIRTIO_NO_DEVICE, test_virtio_home());
    DeviceState *mmio = qdev_new(TYPE_VIRTIO_MMIO, OBJECT(t->machine));

    g_assert_true(object_property_get_bool(OBJECT(mmio), "force-legacy", NULL));
    g_assert_true(object_property_get_bool(OBJECT(mmio), "ioeventfd", NULL));
    g_assert_true(object_property_get_bool(OBJECT(mmio), "format_transport_address", NULL));
    object_unref(mmio);
    test_virtio_free(t);
}

#define ADD_BOTH(path, test)                                                                       \
    test_virtio_add("/virtio/mmio/modern/" path, GUINT_TO_POINTER(0), test);                       \
    test_virtio_add("/virtio/mmio/legacy/" path, GUINT_TO_POINTER(TEST_VIRTIO_LEGACY), test)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    ADD_BOTH("every-register-answers-and-complains-as-in-qemu", test_table);
    ADD_BOTH("transport-without-device-knows-its-identity-only", test_no_device);
    ADD_BOTH("queue-sel-above-1023-is-ignored", test_queue_sel);
    ADD_BOTH("queue-num-0-and-above-1024-are-ignored", test_queue_num);
    ADD_BOTH("kicks-of-queues-that-are-not-there-are-ignored", test_notify_out_of_range);
    ADD_BOTH("interrupt-ack-clears-bits-and-lowers-the-line", test_interrupt_ack);
    test_virtio_add("/virtio/mmio/registers-take-four-bytes-only", NULL, test_wrong_size);
    test_virtio_add("/virtio/mmio/device-features-sel-nonzero-is-one", NULL,
                    test_device_features_sel);
    test_virtio_add("/virtio/mmio/driver-features-sel-nonzero-is-one", NULL,
                    test_driver_features_sel);
    test_virtio_add("/virtio/mmio/legacy/pfn-counts-guest-pages", NULL, test_pfn);
    test_virtio_add("/virtio/mmio/legacy/align-places-the-used-ring", NULL, test_align);
    test_virtio_add("/virtio/mmio/legacy/align-after-pfn-moves-the-used-ring", NULL,
                    test_align_later);
    test_virtio_add("/virtio/mmio/legacy/pfn-0-resets-the-whole-device", NULL,
                    test_pfn_zero_resets);
    test_virtio_add("/virtio/mmio/legacy/page-size-survives-status-0", NULL,
                    test_legacy_page_shift);
    test_virtio_add("/virtio/mmio/modern/queue-ready-latches-the-queue", NULL, test_queue_ready);
    test_virtio_add("/virtio/mmio/modern/latches-survive-status-0-but-no-reset", NULL,
                    test_survivors);
    test_virtio_add("/virtio/mmio/bus-has-one-device-for-good", NULL, test_bus);
    test_virtio_add("/virtio/mmio/device-that-fails-is-not-there", NULL, test_device_that_fails);
    test_virtio_add("/virtio/mmio/legacy-by-default", NULL, test_defaults);
    return g_test_run();
}
