/*
 * Transfers of any length: how they are cut (qemu-facts 3.3), and what they do where nothing
 * answers.
 */
#include <string.h>

#include "tests/unit/core_memory/bus.h"

/*
 * A recorder of 0x100 bytes at 0x1000 like the GPIO's: registers of 4 bytes, no limits; and RAM of
 * 4 KiB at 0x80000000.
 */
typedef struct Board {
    Bus bus;
    Recorder *r;
    MemoryRegion ram;
} Board;

static void board_init(Board *b)
{
    bus_init(&b->bus);
    b->r = recorder_new(&b->bus, "dev", 0x100);
    b->r->ops.impl.min_access_size = 4;
    b->r->ops.impl.max_access_size = 4;
    memory_region_add_subregion(&b->bus.system, 0x1000, &b->r->mr);
    g_assert_true(memory_region_init_ram(&b->ram, b->bus.root, "ram", 0x1000, NULL));
    memory_region_add_subregion(&b->bus.system, 0x80000000, &b->ram);
}

static uint64_t dma_read(Board *b, hwaddr addr, unsigned size, MemTxResult result)
{
    uint64_t value = 0;
    g_assert_cmphex(address_space_read(&b->bus.as, addr, ANY, &value, size), ==, result);
    return GUINT64_FROM_LE(value);
}

static void dma_write(Board *b, hwaddr addr, uint64_t value, unsigned size, MemTxResult result)
{
    value = GUINT64_TO_LE(value);
    g_assert_cmphex(address_space_write(&b->bus.as, addr, ANY, &value, size), ==, result);
}

/* What qtest's readl and the like do; observed of QEMU's sifive GPIO. */
static void test_cut_at_the_alignment(void)
{
    static const struct {
        hwaddr addr;
        unsigned size;
        const char *trace;
        uint64_t value;
    } cases[] = {
        { 0x1004, 1, "r4@4", 0x14 },
        { 0x1005, 1, "r4@5", 0x15 },
        { 0x1005, 2, "r4@5 r4@6", 0x1615 },
        { 0x1006, 2, "r4@6", 0x1716 },
        { 0x1006, 4, "r4@6 r4@8", 0x19181716 },
        { 0x1004, 8, "r4@4 r4@8", 0x1b1a191817161514 },
        { 0x1001, 8, "r4@1 r4@2 r4@4 r4@8", 0x1817161514131211 },
        { 0x1003, 2, "r4@3 r4@4", 0x1413 },
    };
    Board b;
    board_init(&b);

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_assert_cmphex(dma_read(&b, cases[i].addr, cases[i].size, MEMTX_OK), ==, cases[i].value);
        recorder_expect(b.r, cases[i].trace);
    }
    dma_write(&b, 0x1003, 0x1234, 2, MEMTX_OK);
    recorder_expect(b.r, "w4@3=34 w4@4=12");
    dma_write(&b, 0x1006, 0x44332211, 4, MEMTX_OK);
    recorder_expect(b.r, "w4@6=2211 w4@8=4433");
    bus_free(&b.bus);
}

static void test_valid_max_is_the_largest_cut(void)
{
    Board b;
    board_init(&b);

    b.r->ops.valid.max_access_size = 2;
    dma_read(&b, 0x1000, 4, MEMTX_OK);
    recorder_expect(b.r, "r4@0 r4@2");
    b.r->ops.valid.max_access_size = 8;
    b.r->ops.impl.max_access_size = 8;
    dma_read(&b, 0x1008, 8, MEMTX_OK);
    recorder_expect(b.r, "r8@8");
    dma_read(&b, 0x1000, 7, MEMTX_OK);
    recorder_expect(b.r, "r4@0 r4@4 r4@6");
    bus_free(&b.bus);
}

static void test_unaligned_devices_get_it_uncut(void)
{
    Board b;
    board_init(&b);

    b.r->ops.impl.unaligned = true;
    b.r->ops.valid.unaligned = true;
    dma_read(&b, 0x1006, 4, MEMTX_OK);
    recorder_expect(b.r, "r4@6");
    /* Uncut is not the same as allowed. */
    b.r->ops.valid.unaligned = false;
    dma_read(&b, 0x1006, 4, MEMTX_DECODE_ERROR);
    recorder_expect(b.r, "");
    bus_free(&b.bus);
}

static void test_refused_cuts_read_0_and_the_rest_goes_on(void)
{
    Board b;
    board_init(&b);

    b.r->ops.valid.min_access_size = 4;
    b.r->ops.valid.max_access_size = 4;
    g_assert_cmphex(dma_read(&b, 0x1002, 8, MEMTX_DECODE_ERROR), ==, 0x0000171615140000);
    recorder_expect(b.r, "r4@4");
    bus_expect_errors(
        &b.bus,
        "Invalid read at addr 0x2, size 2, region 'dev', reason: invalid size (min:4 max:4)\n"
        "Invalid read at addr 0x8, size 2, region 'dev', reason: invalid size (min:4 max:4)\n");
    bus_free(&b.bus);
}

static void test_results_are_ored(void)
{
    Board b;
    uint8_t buf[0x10];
    board_init(&b);

    recorder_use_attrs(b.r, MEMTX_ERROR);
    g_assert_cmphex(address_space_read(&b.bus.as, 0x10f8, ANY, buf, sizeof(buf)), ==,
                    MEMTX_ERROR | MEMTX_DECODE_ERROR);
    recorder_expect(b.r, "r4@f8 by 0 r4@fc by 0");
    bus_free(&b.bus);
}

static void test_big_endian_device_is_bytes_in_order(void)
{
    Board b;
    uint8_t bytes[4] = { 0x11, 0x22, 0x33, 0x44 };
    board_init(&b);

    b.r->ops.endianness = DEVICE_BIG_ENDIAN;
    address_space_write(&b.bus.as, 0x1000, ANY, bytes, sizeof(bytes));
    recorder_expect(b.r, "w4@0=11223344");
    address_space_read(&b.bus.as, 0x1004, ANY, bytes, sizeof(bytes));
    g_assert_cmpmem(bytes, 4, "\x14\x15\x16\x17", 4);
    bus_free(&b.bus);
}

static void test_across_ram_hole_and_device(void)
{
    Board b;
    Recorder *high;
    uint8_t out[0x20];
    uint8_t expected[0x20] = { 0 };
    board_init(&b);

    high = recorder_new(&b.bus, "high", 0x10);
    memory_region_add_subregion(&b.bus.system, 0x80001010, &high->mr);
    memset((uint8_t *)memory_region_get_ram_ptr(&b.ram) + 0xff8, 0x77, 8);
    g_assert_cmphex(address_space_read(&b.bus.as, 0x80000ff8, ANY, out, sizeof(out)), ==,
                    MEMTX_DECODE_ERROR);
    static const uint8_t of_device[] = { 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17 };
    memset(expected, 0x77, 8);
    memcpy(expected + 0x18, of_device, sizeof(of_device));
    g_assert_cmpmem(out, sizeof(out), expected, sizeof(expected));
    recorder_expect(high, "r4@0 r4@4");
    bus_expect_errors(
        &b.bus, "Invalid read at addr 0x80001000, size 4, region '(null)', reason: rejected\n"
                "Invalid read at addr 0x80001004, size 4, region '(null)', reason: rejected\n"
                "Invalid read at addr 0x80001008, size 4, region '(null)', reason: rejected\n"
                "Invalid read at addr 0x8000100C, size 4, region '(null)', reason: rejected\n");
    bus_free(&b.bus);
}

static void test_ram_ends_in_the_middle(void)
{
    Board b;
    board_init(&b);

    dma_write(&b, 0x80000ffc, 0x1122334455667788, 8, MEMTX_DECODE_ERROR);
    g_assert_cmphex(dma_read(&b, 0x80000ffc, 8, MEMTX_DECODE_ERROR), ==, 0x55667788);
    bus_free(&b.bus);
}

static void test_rom_is_not_written(void)
{
    Board b;
    MemoryRegion rom;
    static uint8_t junk[0x2000];
    board_init(&b);

    g_assert_true(memory_region_init_rom(&rom, b.bus.root, "rom", 0x1000, NULL));
    memory_region_add_subregion(&b.bus.system, 0x20000000, &rom);
    memset(junk, 0xff, sizeof(junk));
    dma_write(&b, 0x20000001, 1, 1, MEMTX_DECODE_ERROR);
    bus_expect_errors(&b.bus,
                      "Invalid write at addr 0x1, size 1, region 'rom', reason: rejected\n");
    g_assert_cmphex(address_space_write(&b.bus.as, 0x20000000, ANY, junk, sizeof(junk)), ==,
                    MEMTX_DECODE_ERROR);
    bus_expect_errors(
        &b.bus, "Invalid write at addr 0x0, size 4, region 'rom', reason: rejected\n"
                "Invalid write at addr 0x20001000, size 4, region '(null)', reason: rejected\n");
    g_assert_cmphex(dma_read(&b, 0x20000000, 8, MEMTX_OK), ==, 0);
    bus_free(&b.bus);
}

static void test_nothing_happens_for_no_bytes(void)
{
    Board b;
    board_init(&b);

    g_assert_cmphex(address_space_read(&b.bus.as, 0x1000, ANY, NULL, 0), ==, MEMTX_OK);
    g_assert_cmphex(address_space_write(&b.bus.as, UINT64_MAX, ANY, NULL, 0), ==, MEMTX_OK);
    g_assert_cmphex(address_space_set(&b.bus.as, 0x1000, 1, 0, ANY), ==, MEMTX_OK);
    g_assert_cmphex(address_space_rw(&b.bus.as, 0, ANY, NULL, 0, true), ==, MEMTX_OK);
    recorder_expect(b.r, "");
    bus_expect_errors(&b.bus, "");
    bus_free(&b.bus);
}

static void test_goes_on_at_0_after_the_last_byte(void)
{
    Board b;
    Recorder *top;
    Recorder *bottom;
    board_init(&b);

    top = recorder_new(&b.bus, "top", 0x10);
    bottom = recorder_new(&b.bus, "bottom", 0x10);
    memory_region_add_subregion(&b.bus.system, UINT64_MAX - 0xf, &top->mr);
    memory_region_add_subregion(&b.bus.system, 0, &bottom->mr);
    g_assert_cmphex(dma_read(&b, UINT64_MAX - 3, 8, MEMTX_OK), ==, 0x131211101f1e1d1c);
    recorder_expect(top, "r4@c");
    recorder_expect(bottom, "r4@0");
    dma_write(&b, UINT64_MAX, 0x2211, 2, MEMTX_OK);
    recorder_expect(top, "w1@f=11");
    recorder_expect(bottom, "w1@0=22");
    bus_free(&b.bus);
}

static void test_wrap_through_a_hole(void)
{
    Board b;
    board_init(&b);

    dma_read(&b, UINT64_MAX, 8, MEMTX_DECODE_ERROR);
    bus_expect_errors(
        &b.bus,
        "Invalid read at addr 0xFFFFFFFFFFFFFFFF, size 1, region '(null)', reason: rejected\n"
        "Invalid read at addr 0x0, size 4, region '(null)', reason: rejected\n"
        "Invalid read at addr 0x4, size 2, region '(null)', reason: rejected\n"
        "Invalid read at addr 0x6, size 1, region '(null)', reason: rejected\n");
    bus_free(&b.bus);
}

static void test_set_fills(void)
{
    Board b;
    board_init(&b);

    g_assert_cmphex(address_space_set(&b.bus.as, 0x1004, 0x7f, 9, ANY), ==, MEMTX_OK);
    recorder_expect(b.r, "w4@4=7f7f7f7f w4@8=7f7f7f7f w4@c=7f");
    g_assert_cmphex(address_space_set(&b.bus.as, 0x80000003, 0xee, 2, ANY), ==, MEMTX_OK);
    g_assert_cmphex(dma_read(&b, 0x80000000, 8, MEMTX_OK), ==, 0x000000eeee000000);
    bus_free(&b.bus);
}

static void test_the_whole_space_in_one_go(void)
{
    Board b;
    board_init(&b);

    b.r->ops.impl.min_access_size = 1;
    g_assert_cmphex(address_space_set(&b.bus.as, 1, 0xff, UINT64_MAX, ANY), ==, MEMTX_DECODE_ERROR);
    g_assert_cmphex(dma_read(&b, 0x80000ff8, 8, MEMTX_OK), ==, UINT64_MAX);
    /* One line for each of the two holes below the RAM, and one for what is above it. */
    bus_expect_errors(
        &b.bus, "Invalid write at addr 0x1, size 1, region '(null)', reason: rejected\n"
                "Invalid write at addr 0x1100, size 4, region '(null)', reason: rejected\n"
                "Invalid write at addr 0x80001000, size 4, region '(null)', reason: rejected\n");
    bus_free(&b.bus);
}

static void unmap_device(Recorder *r)
{
    r->hook = NULL;
    memory_region_del_subregion(r->mr.container, &r->mr);
}

static void test_device_may_change_the_map_meanwhile(void)
{
    Board b;
    uint8_t buf[16];
    board_init(&b);

    b.r->hook = unmap_device;
    g_assert_cmphex(address_space_read(&b.bus.as, 0x1000, ANY, buf, sizeof(buf)), ==,
                    MEMTX_DECODE_ERROR);
    recorder_expect(b.r, "r4@0");
    bus_free(&b.bus);
}

static void test_access_valid_looks_at_the_map(void)
{
    Board b;
    MemoryRegion rom;
    board_init(&b);

    g_assert_true(memory_region_init_rom(&rom, b.bus.root, "rom", 0x1000, NULL));
    memory_region_add_subregion(&b.bus.system, 0x80001000, &rom);
    g_assert_true(address_space_access_valid(&b.bus.as, 0x80000000, 0x2000, false, ANY));
    g_assert_false(address_space_access_valid(&b.bus.as, 0x80000000, 0x2000, true, ANY));
    g_assert_true(address_space_access_valid(&b.bus.as, 0x80000000, 0x1000, true, ANY));
    g_assert_false(address_space_access_valid(&b.bus.as, 0x80000000, 0x2001, false, ANY));
    g_assert_true(address_space_access_valid(&b.bus.as, 0x10fc, 4, true, ANY));
    g_assert_true(address_space_access_valid(&b.bus.as, 0, 0, true, ANY));
    g_assert_false(address_space_access_valid(&b.bus.as, UINT64_MAX, UINT64_MAX, false, ANY));
    bus_expect_errors(&b.bus, "");
    bus_free(&b.bus);
}

/* Another party that uses the same RAM, as a driver does with an index of a ring. */
typedef struct Counter {
    uint16_t *word; /* goes from 0x00ff to 0x0100 and back */
    int quit;
} Counter;

static gpointer count(gpointer opaque)
{
    Counter *counter = opaque;

    while (!g_atomic_int_get(&counter->quit)) {
        __atomic_store_n(counter->word, 0x00ff, __ATOMIC_RELAXED);
        __atomic_store_n(counter->word, 0x0100, __ATOMIC_RELAXED);
    }
    return NULL;
}

static void test_words_are_not_torn(void)
{
    Board b;
    hwaddr len = 2;
    Counter counter = { .quit = 0 };
    GThread *thread;

    board_init(&b);
    counter.word = address_space_map(&b.bus.as, 0x80000010, &len, true, ANY);
    g_assert_nonnull(counter.word);
    *counter.word = 0x0100;
    thread = g_thread_new("counter", count, &counter);
    for (int i = 0; i < 20000000; i++) {
        uint64_t value = dma_read(&b, 0x80000010, 2, MEMTX_OK);

        if (value != 0x00ff && value != 0x0100) {
            g_error("half of one value and half of another: 0x%04x", (unsigned)value);
        }
    }
    g_atomic_int_set(&counter.quit, 1);
    g_thread_join(thread);
    address_space_unmap(&b.bus.as, counter.word, len, true, len);
    bus_free(&b.bus);
}

static void test_map_points_into_ram(void)
{
    Board b;
    hwaddr len = 0x2000;
    board_init(&b);

    uint8_t *p = address_space_map(&b.bus.as, 0x80000010, &len, true, ANY);
    g_assert_true(p == (uint8_t *)memory_region_get_ram_ptr(&b.ram) + 0x10);
    g_assert_cmphex(len, ==, 0xff0);
    p[0] = 0x42;
    address_space_unmap(&b.bus.as, p, len, true, 1);
    g_assert_cmphex(dma_read(&b, 0x80000010, 1, MEMTX_OK), ==, 0x42);
    len = 4;
    p = address_space_map(&b.bus.as, 0x80000ffc, &len, false, ANY);
    g_assert_cmphex(len, ==, 4);
    address_space_unmap(&b.bus.as, p, len, false, 0);
    bus_free(&b.bus);
}

static void test_map_of_other_things_is_null(void)
{
    Board b;
    hwaddr len = 4;
    board_init(&b);

    g_assert_null(address_space_map(&b.bus.as, 0x1000, &len, false, ANY));
    g_assert_cmphex(len, ==, 0);
    len = 4;
    g_assert_null(address_space_map(&b.bus.as, 0, &len, false, ANY));
    len = 0;
    g_assert_null(address_space_map(&b.bus.as, 0x80000000, &len, false, ANY));
    memory_region_set_readonly(&b.ram, true);
    len = 4;
    g_assert_null(address_space_map(&b.bus.as, 0x80000000, &len, true, ANY));
    len = 4;
    uint8_t *p = address_space_map(&b.bus.as, 0x80000000, &len, false, ANY);
    g_assert_nonnull(p);
    address_space_unmap(&b.bus.as, p, len, false, 4);
    bus_free(&b.bus);
}

static void test_mapped_ram_outlives_its_region(void)
{
    Board b;
    hwaddr len = 8;
    board_init(&b);

    uint8_t *p = address_space_map(&b.bus.as, 0x80000000, &len, true, ANY);
    object_unparent(OBJECT(&b.ram));
    memset(p, 1, 8);
    address_space_unmap(&b.bus.as, p, len, true, 8);
    dma_read(&b, 0x80000000, 4, MEMTX_DECODE_ERROR);
    bus_free(&b.bus);
}

static void add_tests(void)
{
    g_test_add_func("/memory/dma/cut-at-the-alignment", test_cut_at_the_alignment);
    g_test_add_func("/memory/dma/valid-max-is-the-largest-cut", test_valid_max_is_the_largest_cut);
    g_test_add_func("/memory/dma/unaligned-devices-get-it-uncut",
                    test_unaligned_devices_get_it_uncut);
    g_test_add_func("/memory/dma/refused-cuts-read-0-and-the-rest-goes-on",
                    test_refused_cuts_read_0_and_the_rest_goes_on);
    g_test_add_func("/memory/dma/results-are-ored", test_results_are_ored);
    g_test_add_func("/memory/dma/big-endian-device-is-bytes-in-order",
                    test_big_endian_device_is_bytes_in_order);
    g_test_add_func("/memory/dma/across-ram-hole-and-device", test_across_ram_hole_and_device);
    g_test_add_func("/memory/dma/ram-ends-in-the-middle", test_ram_ends_in_the_middle);
    g_test_add_func("/memory/dma/rom-is-not-written", test_rom_is_not_written);
    g_test_add_func("/memory/dma/nothing-happens-for-no-bytes", test_nothing_happens_for_no_bytes);
    g_test_add_func("/memory/dma/goes-on-at-0-after-the-last-byte",
                    test_goes_on_at_0_after_the_last_byte);
    g_test_add_func("/memory/dma/wraps-through-a-hole", test_wrap_through_a_hole);
    g_test_add_func("/memory/dma/set-fills", test_set_fills);
    g_test_add_func("/memory/dma/the-whole-space-in-one-go", test_the_whole_space_in_one_go);
    g_test_add_func("/memory/dma/device-may-change-the-map-meanwhile",
                    test_device_may_change_the_map_meanwhile);
    g_test_add_func("/memory/dma/access-valid-looks-at-the-map",
                    test_access_valid_looks_at_the_map);
    g_test_add_func("/memory/ram/words-of-another-party-are-not-torn", test_words_are_not_torn);
    g_test_add_func("/memory/ram/map-points-into-it", test_map_points_into_ram);
    g_test_add_func("/memory/ram/map-of-other-things-is-null", test_map_of_other_things_is_null);
    g_test_add_func("/memory/ram/mapped-outlives-its-region", test_mapped_ram_outlives_its_region);
}

int main(int argc, char **argv)
{
    return run_tests(argc, argv, add_tests);
}
