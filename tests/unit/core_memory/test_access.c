/*
 * One access of a CPU: the rules of validity, splitting, byte order, re-entrancy, notifiers
 * (qemu-facts 3.1, 3.2, 3.4).
 */
#include "models/core/qdev.h"
#include "tests/unit/core_memory/bus.h"

/* A recorder of 0x100 bytes at 0x1000 of a new bus. */
static Recorder *start(Bus *bus)
{
    bus_init(bus);
    Recorder *r = recorder_new(bus, "dev", 0x100);
    memory_region_add_subregion(&bus->system, 0x1000, &r->mr);
    return r;
}

static bool refuse_offset_8(void *opaque, hwaddr addr, unsigned size, bool is_write,
                            MemTxAttrs attrs)
{
    (void)opaque, (void)size, (void)is_write, (void)attrs;
    return addr != 8;
}

static void test_accepts_comes_first(void)
{
    Bus bus;
    Recorder *r = start(&bus);

    r->ops.valid.accepts = refuse_offset_8;
    r->ops.valid.max_access_size = 2;
    g_assert_cmphex(expect_read(&bus, 0x1008, 4, MEMTX_DECODE_ERROR), ==, 0);
    bus_expect_errors(&bus, "Invalid read at addr 0x8, size 4, region 'dev', reason: rejected\n");
    expect_write(&bus, 0x1008, 1, 1, MEMTX_DECODE_ERROR);
    bus_expect_errors(&bus, "Invalid write at addr 0x8, size 1, region 'dev', reason: rejected\n");
    recorder_expect(r, "");
    expect_write(&bus, 0x1009, 1, 1, MEMTX_OK);
    bus_free(&bus);
}

static void test_unaligned_comes_before_size(void)
{
    Bus bus;
    Recorder *r = start(&bus);

    r->ops.valid.max_access_size = 2;
    g_assert_cmphex(expect_read(&bus, 0x100a, 4, MEMTX_DECODE_ERROR), ==, 0);
    expect_write(&bus, 0x1001, 1, 2, MEMTX_DECODE_ERROR);
    bus_expect_errors(&bus, "Invalid read at addr 0xA, size 4, region 'dev', reason: unaligned\n"
                            "Invalid write at addr 0x1, size 2, region 'dev', reason: unaligned\n");
    recorder_expect(r, "");
    bus_free(&bus);
}

static void test_valid_unaligned_lets_them_pass(void)
{
    Bus bus;
    Recorder *r = start(&bus);

    r->ops.valid.unaligned = true;
    r->ops.impl.unaligned = true;
    g_assert_cmphex(expect_read(&bus, 0x1003, 4, MEMTX_OK), ==, 0x16151413);
    recorder_expect(r, "r4@3");
    bus_free(&bus);
}

static void test_size_limits(void)
{
    Bus bus;
    Recorder *r = start(&bus);

    r->ops.valid.min_access_size = 2;
    r->ops.valid.max_access_size = 4;
    expect_read(&bus, 0x1000, 1, MEMTX_DECODE_ERROR);
    expect_write(&bus, 0x1000, 1, 8, MEMTX_DECODE_ERROR);
    bus_expect_errors(
        &bus,
        "Invalid read at addr 0x0, size 1, region 'dev', reason: invalid size (min:2 max:4)\n"
        "Invalid write at addr 0x0, size 8, region 'dev', reason: invalid size (min:2 max:4)\n");
    expect_read(&bus, 0x1000, 2, MEMTX_OK);
    expect_read(&bus, 0x1000, 4, MEMTX_OK);
    recorder_expect(r, "r2@0 r4@0");
    bus_free(&bus);
}

static void test_max_0_allows_every_size(void)
{
    Bus bus;
    Recorder *r = start(&bus);

    r->ops.valid.min_access_size = 4;
    r->ops.impl.max_access_size = 8;
    for (unsigned size = 1; size <= 8; size *= 2) {
        expect_read(&bus, 0x1000, size, MEMTX_OK);
    }
    recorder_expect(r, "r1@0 r2@0 r4@0 r8@0");
    bus_free(&bus);
}

static void test_other_sizes_are_refused(void)
{
    Bus bus;
    Recorder *r = start(&bus);
    static const unsigned sizes[] = { 0, 3, 5, 6, 7, 9, 16, 0x80000000, UINT_MAX };

    r->ops.valid.unaligned = true;
    for (unsigned i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_assert_cmphex(expect_read(&bus, 0x1000, sizes[i], MEMTX_DECODE_ERROR), ==, 0);
        expect_write(&bus, 0x1000, 0, sizes[i], MEMTX_DECODE_ERROR);
    }
    recorder_expect(r, "");
    bus_free(&bus);
}

static void test_missing_callback_is_a_decode_error(void)
{
    Bus bus;
    Recorder *r = start(&bus);

    r->ops.write = NULL;
    expect_write(&bus, 0x1000, 1, 4, MEMTX_DECODE_ERROR);
    expect_read(&bus, 0x1000, 4, MEMTX_OK);
    r->ops.read = NULL;
    g_assert_cmphex(expect_read(&bus, 0x1000, 4, MEMTX_DECODE_ERROR), ==, 0);
    bus_free(&bus);
}

static void test_nothing_there(void)
{
    Bus bus;
    bus_init(&bus);

    g_assert_cmphex(expect_read(&bus, 0x40000000, 4, MEMTX_DECODE_ERROR), ==, 0);
    expect_write(&bus, 0x40000001, 1, 2, MEMTX_DECODE_ERROR);
    bus_expect_errors(
        &bus, "Invalid read at addr 0x40000000, size 4, region '(null)', reason: rejected\n"
              "Invalid write at addr 0x40000001, size 2, region '(null)', reason: rejected\n");
    bus_free(&bus);
}

/* What a device that implements @min to @max sees of an access, and what the guest reads. */
typedef struct SplitCase {
    enum device_endian endianness;
    unsigned min, max;
    unsigned offset;
    unsigned size;
    uint64_t value;          /* to write */
    const char *write_trace; /* what the device sees of the write */
    const char *read_trace;
    uint64_t read; /* what the guest reads */
} SplitCase;

static const SplitCase split_cases[] = {
    /* The table of facts 3.2: registers of 4 bytes, no limits. */
    { DEVICE_LITTLE_ENDIAN, 4, 4, 0, 1, 0x11, "w4@0=11", "r4@0", 0x10 },
    { DEVICE_LITTLE_ENDIAN, 4, 4, 1, 1, 0x11, "w4@1=11", "r4@1", 0x11 },
    { DEVICE_LITTLE_ENDIAN, 4, 4, 3, 1, 0x11, "w4@3=11", "r4@3", 0x13 },
    { DEVICE_LITTLE_ENDIAN, 4, 4, 2, 2, 0x2211, "w4@2=2211", "r4@2", 0x1312 },
    { DEVICE_LITTLE_ENDIAN, 4, 4, 4, 4, 0x44332211, "w4@4=44332211", "r4@4", 0x17161514 },
    { DEVICE_LITTLE_ENDIAN, 4, 4, 0, 8, 0x8877665544332211, "w4@0=44332211 w4@4=88776655",
      "r4@0 r4@4", 0x1716151413121110 },
    /* The defaults, 1 to 4. */
    { DEVICE_LITTLE_ENDIAN, 0, 0, 5, 1, 0x11, "w1@5=11", "r1@5", 0x15 },
    { DEVICE_LITTLE_ENDIAN, 0, 0, 8, 8, 0x8877665544332211, "w4@8=44332211 w4@c=88776655",
      "r4@8 r4@c", 0x1f1e1d1c1b1a1918 },
    { DEVICE_NATIVE_ENDIAN, 0, 0, 0, 4, 0x44332211, "w4@0=44332211", "r4@0", 0x13121110 },
    /* Bytes only. */
    { DEVICE_LITTLE_ENDIAN, 1, 1, 4, 4, 0x44332211, "w1@4=11 w1@5=22 w1@6=33 w1@7=44",
      "r1@4 r1@5 r1@6 r1@7", 0x17161514 },
    /* Wider than any access: 8 bytes. */
    { DEVICE_LITTLE_ENDIAN, 8, 8, 0, 2, 0x2211, "w8@0=2211", "r8@0", 0x1110 },
    { DEVICE_LITTLE_ENDIAN, 8, 8, 8, 8, 0x8877665544332211, "w8@8=8877665544332211", "r8@8",
      0x1f1e1d1c1b1a1918 },
    /* More than the bus can carry counts as 8. */
    { DEVICE_LITTLE_ENDIAN, 16, 16, 0, 8, 1, "w8@0=1", "r8@0", 0x1716151413121110 },
    /* Big-endian: the first byte on the bus is the highest in the register. */
    { DEVICE_BIG_ENDIAN, 0, 0, 0, 1, 0x11, "w1@0=11", "r1@0", 0x10 },
    { DEVICE_BIG_ENDIAN, 0, 0, 0, 2, 0x2211, "w2@0=1122", "r2@0", 0x1110 },
    { DEVICE_BIG_ENDIAN, 0, 0, 0, 4, 0x44332211, "w4@0=11223344", "r4@0", 0x13121110 },
    { DEVICE_BIG_ENDIAN, 0, 0, 0, 8, 0x8877665544332211, "w4@0=11223344 w4@4=55667788", "r4@0 r4@4",
      0x1716151413121110 },
    { DEVICE_BIG_ENDIAN, 1, 1, 0, 4, 0x44332211, "w1@0=11 w1@1=22 w1@2=33 w1@3=44",
      "r1@0 r1@1 r1@2 r1@3", 0x13121110 },
    { DEVICE_BIG_ENDIAN, 0, 8, 0, 8, 0x8877665544332211, "w8@0=1122334455667788", "r8@0",
      0x1716151413121110 },
    /* Narrower than the register: the shift is negative, and the byte is the register's first. */
    { DEVICE_BIG_ENDIAN, 4, 4, 0, 1, 0x11, "w4@0=11000000", "r4@0", 0x10 },
    { DEVICE_BIG_ENDIAN, 4, 4, 0, 2, 0x2211, "w4@0=11220000", "r4@0", 0x1110 },
};

static void test_split(void)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(split_cases); i++) {
        const SplitCase *c = &split_cases[i];
        Bus bus;
        Recorder *r = start(&bus);

        r->ops.endianness = c->endianness;
        r->ops.impl.min_access_size = c->min;
        r->ops.impl.max_access_size = c->max;
        r->ops.valid.unaligned = true;
        expect_write(&bus, 0x1000 + c->offset, c->value, c->size, MEMTX_OK);
        recorder_expect(r, c->write_trace);
        g_assert_cmphex(expect_read(&bus, 0x1000 + c->offset, c->size, MEMTX_OK), ==, c->read);
        recorder_expect(r, c->read_trace);
        bus_free(&bus);
    }
}

static void test_value_beyond_the_size_is_dropped(void)
{
    Bus bus;
    Recorder *r = start(&bus);

    expect_write(&bus, 0x1000, 0xffffffffffffff42, 1, MEMTX_OK);
    recorder_expect(r, "w1@0=42");
    r->ops.impl.min_access_size = 4;
    expect_write(&bus, 0x1000, 0xffffffffffffff42, 1, MEMTX_OK);
    recorder_expect(r, "w4@0=42");
    bus_free(&bus);
}

static void test_past_the_end_belongs_to_the_first_byte(void)
{
    Bus bus;
    Recorder *a = start(&bus);
    Recorder *b = recorder_new(&bus, "b", 0x100);

    memory_region_set_size(&a->mr, 0x102);
    memory_region_add_subregion(&bus.system, 0x1102, &b->mr);
    expect_read(&bus, 0x1100, 4, MEMTX_OK);
    recorder_expect(a, "r4@100");
    recorder_expect(b, "");
    bus_free(&bus);
}

static void test_attrs_and_results_of_the_callbacks(void)
{
    Bus bus;
    Recorder *r = start(&bus);
    MemTxAttrs attrs = { .requester_id = 7 };
    uint64_t value;

    recorder_use_attrs(r, MEMTX_ERROR);
    g_assert_cmphex(memory_access_write(&bus.as, 0x1000, 5, 8, attrs), ==, MEMTX_ERROR);
    recorder_expect(r, "w4@0=5 by 7 w4@4=0 by 7");
    g_assert_cmphex(memory_access_read(&bus.as, 0x1000, &value, 4, attrs), ==, MEMTX_ERROR);
    recorder_expect(r, "r4@0 by 7");
    bus_expect_errors(&bus, "");
    bus_free(&bus);
}

static void read_own_register(Recorder *r)
{
    Bus *bus = r->hook_data;
    uint64_t value = 1;

    r->hook = NULL;
    MemTxResult result = memory_access_read(&bus->as, 0x1010, &value, 4, ANY);
    g_string_append_printf(r->trace, "inner %u %" PRIx64 " ", result, value);
}

static void test_reentrancy_is_blocked(void)
{
    Bus bus;
    Recorder *r = start(&bus);

    memory_region_set_guard(&r->mr, &r->guard);
    r->hook = read_own_register;
    r->hook_data = &bus;
    expect_write(&bus, 0x1000, 1, 4, MEMTX_OK);
    recorder_expect(r, "w4@0=1 inner 4 0");
    bus_expect_errors(&bus, "Blocked re-entrant IO on MemoryRegion: dev at addr: 0x10\n");
    /* The guard is open again afterwards. */
    expect_read(&bus, 0x1000, 4, MEMTX_OK);
    recorder_expect(r, "r4@0");
    bus_free(&bus);
}

static void test_reentrancy_flag_opts_out(void)
{
    Bus bus;
    Recorder *r = start(&bus);

    memory_region_set_guard(&r->mr, &r->guard);
    r->mr.disable_reentrancy_guard = true;
    r->hook = read_own_register;
    r->hook_data = &bus;
    expect_write(&bus, 0x1000, 1, 4, MEMTX_OK);
    recorder_expect(r, "w4@0=1 r4@10 inner 0 23222120");
    bus_expect_errors(&bus, "");
    bus_free(&bus);
}

static void test_reentrancy_guards_all_regions_of_a_device(void)
{
    Bus bus;
    Recorder *r = start(&bus);
    MemoryRegion second;

    memory_region_init_io(&second, OBJECT(r), &r->ops, r, "second", 0x10);
    memory_region_set_guard(&r->mr, &r->guard);
    memory_region_set_guard(&second, &r->guard);
    memory_region_add_subregion_overlap(&bus.system, 0x1010, &second, 1);
    r->hook = read_own_register;
    r->hook_data = &bus;
    expect_write(&bus, 0x1000, 1, 4, MEMTX_OK);
    bus_expect_errors(&bus, "Blocked re-entrant IO on MemoryRegion: second at addr: 0x0\n");
    object_unparent(OBJECT(&second));
    bus_free(&bus);
}

static void test_reentrancy_does_not_stop_other_devices(void)
{
    Bus bus;
    Recorder *a = start(&bus);
    Recorder *b = recorder_new(&bus, "b", 0x10);

    memory_region_set_guard(&a->mr, &a->guard);
    memory_region_set_guard(&b->mr, &b->guard);
    memory_region_add_subregion_overlap(&bus.system, 0x1010, &b->mr, 1);
    a->hook = read_own_register;
    a->hook_data = &bus;
    expect_write(&bus, 0x1000, 1, 4, MEMTX_OK);
    recorder_expect(b, "r4@0");
    bus_expect_errors(&bus, "");
    bus_free(&bus);
}

static void test_a_devices_region_has_its_guard(void)
{
    static const TypeInfo info = { .name = "test-guarded-device", .parent = TYPE_DEVICE };
    Bus bus;
    Recorder *r = start(&bus);
    MemoryRegion mr;

    type_register_static(&info);
    DeviceState *dev = DEVICE(object_new(info.name));
    memory_region_init_io(&mr, OBJECT(dev), &r->ops, r, "regs", 0x10);
    g_assert_true(mr.guard == &dev->mem_reentrancy_guard);
    g_assert_null(r->mr.guard);
    object_unref(dev);
    bus_free(&bus);
}

static void unplug_itself(Recorder *r)
{
    r->hook = NULL;
    object_unparent(OBJECT(r));
}

static void test_device_may_go_in_its_own_callback(void)
{
    Bus bus;
    Recorder *r = start(&bus);

    memory_region_set_guard(&r->mr, &r->guard);
    r->hook = unplug_itself;
    expect_write(&bus, 0x1000, 1, 8, MEMTX_OK);
    expect_write(&bus, 0x1000, 1, 4, MEMTX_DECODE_ERROR);
    bus_free(&bus);
}

static void count_up(void *opaque)
{
    ++*(unsigned *)opaque;
}

static void test_eventfd_replaces_the_callback(void)
{
    Bus bus;
    Recorder *r = start(&bus);
    unsigned any = 0;
    unsigned seven = 0;

    memory_region_add_eventfd(&r->mr, 0x50, 4, false, 0, count_up, &any);
    memory_region_add_eventfd(&r->mr, 0x60, 2, true, 7, count_up, &seven);
    expect_write(&bus, 0x1050, 3, 4, MEMTX_OK);
    expect_write(&bus, 0x1060, 7, 2, MEMTX_OK);
    recorder_expect(r, "");
    g_assert_cmpuint(any, ==, 1);
    g_assert_cmpuint(seven, ==, 1);

    /* Another size, another value, another place, a read: all are the device's. */
    expect_write(&bus, 0x1050, 3, 2, MEMTX_OK);
    expect_write(&bus, 0x1060, 8, 2, MEMTX_OK);
    expect_write(&bus, 0x1054, 3, 4, MEMTX_OK);
    expect_read(&bus, 0x1050, 4, MEMTX_OK);
    recorder_expect(r, "w2@50=3 w2@60=8 w4@54=3 r4@50");
    g_assert_cmpuint(any + seven, ==, 2);
    bus_free(&bus);
}

static void test_eventfd_of_size_0_takes_all_sizes(void)
{
    Bus bus;
    Recorder *r = start(&bus);
    unsigned hits = 0;

    memory_region_add_eventfd(&r->mr, 0x50, 0, false, 0, count_up, &hits);
    expect_write(&bus, 0x1050, 3, 1, MEMTX_OK);
    expect_write(&bus, 0x1050, 3, 8, MEMTX_OK);
    g_assert_cmpuint(hits, ==, 2);
    g_assert_true(memory_region_del_eventfd(&r->mr, 0x50, 0, false, 0, count_up, &hits));
    g_assert_false(memory_region_del_eventfd(&r->mr, 0x50, 0, false, 0, count_up, &hits));
    expect_write(&bus, 0x1050, 3, 1, MEMTX_OK);
    recorder_expect(r, "w1@50=3");
    bus_free(&bus);
}

static void test_eventfd_compares_what_the_guest_writes(void)
{
    Bus bus;
    Recorder *r = start(&bus);
    unsigned hits = 0;

    r->ops.endianness = DEVICE_BIG_ENDIAN;
    memory_region_add_eventfd(&r->mr, 0, 4, true, 0xffffffff00000102, count_up, &hits);
    expect_write(&bus, 0x1000, 0x102, 4, MEMTX_OK);
    g_assert_cmpuint(hits, ==, 1);
    bus_free(&bus);
}

static void test_eventfd_does_not_open_invalid_accesses(void)
{
    Bus bus;
    Recorder *r = start(&bus);
    unsigned hits = 0;

    r->ops.valid.max_access_size = 2;
    memory_region_add_eventfd(&r->mr, 0x50, 4, false, 0, count_up, &hits);
    expect_write(&bus, 0x1050, 3, 4, MEMTX_DECODE_ERROR);
    g_assert_cmpuint(hits, ==, 0);
    bus_free(&bus);
}

static void test_ram_takes_every_address(void)
{
    Bus bus;
    MemoryRegion ram;

    bus_init(&bus);
    g_assert_true(memory_region_init_ram(&ram, bus.root, "ram", 0x1000, NULL));
    memory_region_add_subregion(&bus.system, 0x80000000, &ram);
    expect_write(&bus, 0x80000003, 0x8877665544332211, 8, MEMTX_OK);
    g_assert_cmphex(expect_read(&bus, 0x80000003, 8, MEMTX_OK), ==, 0x8877665544332211);
    g_assert_cmphex(expect_read(&bus, 0x80000002, 4, MEMTX_OK), ==, 0x33221100);
    g_assert_cmphex(((uint8_t *)memory_region_get_ram_ptr(&ram))[3], ==, 0x11);
    expect_write(&bus, 0x80000ffc, 0xffffffff, 4, MEMTX_OK);
    /* Reaching past the end is refused as a whole. */
    g_assert_cmphex(expect_read(&bus, 0x80000ffe, 4, MEMTX_DECODE_ERROR), ==, 0);
    expect_write(&bus, 0x80000ffe, 0, 4, MEMTX_DECODE_ERROR);
    g_assert_cmphex(expect_read(&bus, 0x80000ffc, 4, MEMTX_OK), ==, 0xffffffff);
    bus_expect_errors(&bus,
                      "Invalid read at addr 0xFFE, size 4, region 'ram', reason: rejected\n"
                      "Invalid write at addr 0xFFE, size 4, region 'ram', reason: rejected\n");
    bus_free(&bus);
}

static void test_rom_refuses_writes(void)
{
    Bus bus;
    MemoryRegion rom;

    bus_init(&bus);
    g_assert_true(memory_region_init_rom(&rom, bus.root, "rom", 0x1000, NULL));
    memory_region_add_subregion(&bus.system, 0x1000, &rom);
    *(uint8_t *)memory_region_get_ram_ptr(&rom) = 0x5a;
    expect_write(&bus, 0x1000, 1, 4, MEMTX_DECODE_ERROR);
    bus_expect_errors(&bus, "Invalid write at addr 0x0, size 4, region 'rom', reason: rejected\n");
    g_assert_cmphex(expect_read(&bus, 0x1000, 4, MEMTX_OK), ==, 0x5a);
    g_assert_true(memory_region_is_rom(&rom));
    bus_free(&bus);
}

static void test_last_byte_of_64_bits(void)
{
    Bus bus;
    bus_init(&bus);
    Recorder *r = recorder_new(&bus, "top", 0x10);
    memory_region_add_subregion(&bus.system, UINT64_MAX - 0xf, &r->mr);

    g_assert_cmphex(expect_read(&bus, UINT64_MAX, 1, MEMTX_OK), ==, 0x1f);
    g_assert_cmphex(expect_read(&bus, UINT64_MAX - 7, 8, MEMTX_OK), ==, 0x1f1e1d1c1b1a1918);
    expect_read(&bus, UINT64_MAX - 0x10, 1, MEMTX_DECODE_ERROR);
    expect_read(&bus, 0, 1, MEMTX_DECODE_ERROR);
    bus_free(&bus);
}

static void add_tests(void)
{
    g_test_add_func("/memory/access/accepts-comes-first", test_accepts_comes_first);
    g_test_add_func("/memory/access/unaligned-comes-before-size", test_unaligned_comes_before_size);
    g_test_add_func("/memory/access/valid-unaligned-lets-them-pass",
                    test_valid_unaligned_lets_them_pass);
    g_test_add_func("/memory/access/sizes-outside-the-limits-are-refused", test_size_limits);
    g_test_add_func("/memory/access/max-0-allows-every-size", test_max_0_allows_every_size);
    g_test_add_func("/memory/access/sizes-no-bus-carries-are-refused",
                    test_other_sizes_are_refused);
    g_test_add_func("/memory/access/missing-callback-is-a-decode-error",
                    test_missing_callback_is_a_decode_error);
    g_test_add_func("/memory/access/nothing-there-reads-0", test_nothing_there);
    g_test_add_func("/memory/access/split-to-what-the-device-implements", test_split);
    g_test_add_func("/memory/access/value-beyond-the-size-is-dropped",
                    test_value_beyond_the_size_is_dropped);
    g_test_add_func("/memory/access/past-the-end-belongs-to-the-first-byte",
                    test_past_the_end_belongs_to_the_first_byte);
    g_test_add_func("/memory/access/attrs-reach-the-device-and-its-result-the-bus",
                    test_attrs_and_results_of_the_callbacks);
    g_test_add_func("/memory/access/last-byte-of-64-bits", test_last_byte_of_64_bits);
    g_test_add_func("/memory/reentrancy/is-blocked", test_reentrancy_is_blocked);
    g_test_add_func("/memory/reentrancy/flag-opts-out", test_reentrancy_flag_opts_out);
    g_test_add_func("/memory/reentrancy/covers-all-regions-of-a-device",
                    test_reentrancy_guards_all_regions_of_a_device);
    g_test_add_func("/memory/reentrancy/does-not-stop-other-devices",
                    test_reentrancy_does_not_stop_other_devices);
    g_test_add_func("/memory/reentrancy/a-devices-region-has-its-guard",
                    test_a_devices_region_has_its_guard);
    g_test_add_func("/memory/access/device-may-go-in-its-own-callback",
                    test_device_may_go_in_its_own_callback);
    g_test_add_func("/memory/eventfd/replaces-the-callback", test_eventfd_replaces_the_callback);
    g_test_add_func("/memory/eventfd/size-0-takes-all-sizes",
                    test_eventfd_of_size_0_takes_all_sizes);
    g_test_add_func("/memory/eventfd/compares-what-the-guest-writes",
                    test_eventfd_compares_what_the_guest_writes);
    g_test_add_func("/memory/eventfd/does-not-open-invalid-accesses",
                    test_eventfd_does_not_open_invalid_accesses);
    g_test_add_func("/memory/ram/takes-every-address", test_ram_takes_every_address);
    g_test_add_func("/memory/ram/rom-refuses-writes", test_rom_refuses_writes);
}

int main(int argc, char **argv)
{
    return run_tests(argc, argv, add_tests);
}
