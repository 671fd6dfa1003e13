/*
 * How regions make up a map: containers, priorities, aliases, transactions, listeners, lifetimes
 * (qemu-facts 3.4).
 */
#include "tests/unit/core_memory/bus.h"

/* Regions for a test to lay out, all children of the bus's root; a device's name is a letter. */
typedef struct Map {
    Bus bus;
    Recorder *a, *b, *c;
    MemoryRegion box;
} Map;

static void map_init(Map *m)
{
    bus_init(&m->bus);
    m->a = recorder_new(&m->bus, "a", 0x100);
    m->b = recorder_new(&m->bus, "b", 0x10);
    m->c = recorder_new(&m->bus, "c", 0x10);
    memory_region_init(&m->box, m->bus.root, "box", 0x1000);
}

static void test_higher_priority_wins(void)
{
    Map m;
    map_init(&m);

    memory_region_add_subregion_overlap(&m.bus.system, 0x1040, &m.b->mr, 1);
    memory_region_add_subregion(&m.bus.system, 0x1000, &m.a->mr);
    bus_expect_map(&m.bus.as, "1000-103f a+0\n1040-104f b+0\n1050-10ff a+50\n");
    memory_region_add_subregion_overlap(&m.bus.system, 0x10f8, &m.c->mr, -1);
    bus_expect_map(&m.bus.as, "1000-103f a+0\n1040-104f b+0\n1050-10ff a+50\n1100-1107 c+8\n");
    bus_free(&m.bus);
}

static void test_later_wins_among_equals(void)
{
    Map m;
    map_init(&m);

    memory_region_add_subregion(&m.bus.system, 0x1000, &m.b->mr);
    memory_region_add_subregion(&m.bus.system, 0x1008, &m.c->mr);
    bus_expect_map(&m.bus.as, "1000-1007 b+0\n1008-1017 c+0\n");
    /* Moving a region counts as adding it. */
    memory_region_set_address(&m.b->mr, 0x1004);
    bus_expect_map(&m.bus.as, "1004-1013 b+0\n1014-1017 c+c\n");
    bus_free(&m.bus);
}

static void test_priority_counts_within_a_container_only(void)
{
    Map m;
    map_init(&m);

    memory_region_add_subregion_overlap(&m.box, 0, &m.b->mr, 100);
    memory_region_add_subregion(&m.bus.system, 0x1000, &m.box);
    memory_region_add_subregion_overlap(&m.bus.system, 0x1008, &m.c->mr, 1);
    bus_expect_map(&m.bus.as, "1000-1007 b+0\n1008-1017 c+0\n");
    bus_free(&m.bus);
}

static void test_container_is_transparent_in_its_gaps(void)
{
    Map m;
    map_init(&m);

    memory_region_add_subregion(&m.bus.system, 0x1000, &m.a->mr);
    memory_region_add_subregion(&m.box, 0x20, &m.b->mr);
    memory_region_add_subregion_overlap(&m.bus.system, 0x1000, &m.box, 1);
    bus_expect_map(&m.bus.as, "1000-101f a+0\n1020-102f b+0\n1030-10ff a+30\n");
    bus_free(&m.bus);
}

static void test_region_with_ops_answers_between_its_subregions(void)
{
    Map m;
    map_init(&m);

    memory_region_add_subregion(&m.a->mr, 0x20, &m.b->mr);
    memory_region_add_subregion(&m.bus.system, 0x1000, &m.a->mr);
    bus_expect_map(&m.bus.as, "1000-101f a+0\n1020-102f b+0\n1030-10ff a+30\n");
    bus_free(&m.bus);
}

static void test_container_clips(void)
{
    Map m;
    map_init(&m);

    memory_region_set_size(&m.box, 0x28);
    memory_region_add_subregion(&m.box, 0x20, &m.b->mr);
    memory_region_add_subregion(&m.box, 0x30, &m.c->mr);
    memory_region_add_subregion(&m.bus.system, 0x1000, &m.box);
    bus_expect_map(&m.bus.as, "1020-1027 b+0\n");
    bus_free(&m.bus);
}

static void test_disabled_is_not_there(void)
{
    Map m;
    map_init(&m);

    memory_region_add_subregion(&m.box, 0, &m.b->mr);
    memory_region_add_subregion(&m.bus.system, 0x1000, &m.box);
    memory_region_set_enabled(&m.b->mr, false);
    bus_expect_map(&m.bus.as, "");
    memory_region_set_enabled(&m.b->mr, true);
    bus_expect_map(&m.bus.as, "1000-100f b+0\n");
    memory_region_set_enabled(&m.box, false);
    bus_expect_map(&m.bus.as, "");
    memory_region_set_enabled(&m.box, true);
    memory_region_del_subregion(&m.box, &m.b->mr);
    bus_expect_map(&m.bus.as, "");
    g_assert_false(memory_region_is_mapped(&m.b->mr));
    bus_free(&m.bus);
}

static void test_alias_is_a_window(void)
{
    Map m;
    MemoryRegion window;
    map_init(&m);

    memory_region_add_subregion(&m.bus.system, 0x1000, &m.a->mr);
    memory_region_init_alias(&window, m.bus.root, "window", &m.a->mr, 0x20, 0x10);
    memory_region_add_subregion(&m.bus.system, 0x5000, &window);
    bus_expect_map(&m.bus.as, "1000-10ff a+0\n5000-500f a+20\n");
    memory_region_set_alias_offset(&window, 0x30);
    expect_read(&m.bus, 0x5004, 4, MEMTX_OK);
    recorder_expect(m.a, "r4@34");
    bus_free(&m.bus);
}

static void test_alias_of_an_unmapped_region(void)
{
    Map m;
    MemoryRegion window;
    map_init(&m);

    memory_region_init_alias(&window, m.bus.root, "window", &m.a->mr, 0x20, 0x10);
    memory_region_add_subregion(&m.bus.system, 0x5000, &window);
    bus_expect_map(&m.bus.as, "5000-500f a+20\n");
    /* A target's enabled flag counts in its windows too. */
    memory_region_set_enabled(&m.a->mr, false);
    bus_expect_map(&m.bus.as, "");
    bus_free(&m.bus);
}

static void test_alias_beyond_its_target_shows_nothing(void)
{
    Map m;
    MemoryRegion window;
    map_init(&m);

    memory_region_init_alias(&window, m.bus.root, "window", &m.b->mr, 8, 0x100);
    memory_region_add_subregion(&m.bus.system, 0x5000, &window);
    bus_expect_map(&m.bus.as, "5000-5007 b+8\n");
    memory_region_set_alias_offset(&window, UINT64_MAX - 3);
    bus_expect_map(&m.bus.as, "");
    bus_free(&m.bus);
}

static void test_alias_of_an_alias_of_a_container(void)
{
    Map m;
    MemoryRegion one;
    MemoryRegion two;
    map_init(&m);

    memory_region_add_subregion(&m.box, 0x20, &m.b->mr);
    memory_region_add_subregion(&m.box, 0x40, &m.c->mr);
    memory_region_init_alias(&one, m.bus.root, "one", &m.box, 0x28, 0x40);
    memory_region_init_alias(&two, m.bus.root, "two", &one, 4, 0x18);
    memory_region_add_subregion(&m.bus.system, 0x9000, &two);
    /* Box offsets 0x2c to 0x43. */
    bus_expect_map(&m.bus.as, "9000-9003 b+c\n9014-9017 c+0\n");
    /* A change far behind the windows arrives. */
    memory_region_set_address(&m.c->mr, 0x3c);
    bus_expect_map(&m.bus.as, "9000-9003 b+c\n9010-9017 c+0\n");
    bus_free(&m.bus);
}

static void test_mirror_inside_its_own_target_ends(void)
{
    Map m;
    MemoryRegion mirror;
    MemoryRegion endless;
    map_init(&m);

    memory_region_add_subregion(&m.box, 0, &m.b->mr);
    memory_region_init_alias(&mirror, m.bus.root, "mirror", &m.box, 0, 0x100);
    memory_region_add_subregion(&m.box, 0x100, &mirror);
    memory_region_add_subregion(&m.bus.system, 0, &m.box);
    bus_expect_map(&m.bus.as, "0-f b+0\n100-10f b+0\n");
    /* A window that shows itself is nothing. */
    memory_region_init_alias(&endless, m.bus.root, "endless", &m.box, 0x200, 0x100);
    memory_region_add_subregion(&m.box, 0x200, &endless);
    bus_expect_map(&m.bus.as, "0-f b+0\n100-10f b+0\n");
    bus_free(&m.bus);
}

static void test_readonly_windows_refuse_writes(void)
{
    Map m;
    MemoryRegion ram;
    MemoryRegion window;
    map_init(&m);

    g_assert_true(memory_region_init_ram(&ram, m.bus.root, "ram", 0x1000, NULL));
    memory_region_add_subregion(&m.bus.system, 0, &ram);
    memory_region_init_alias(&window, m.bus.root, "window", &ram, 0, 0x1000);
    memory_region_set_readonly(&window, true);
    memory_region_add_subregion(&m.bus.system, 0x8000, &window);
    bus_expect_map(&m.bus.as, "0-fff ram+0\n8000-8fff ram+0 ro\n");
    expect_write(&m.bus, 0x8000, 5, 4, MEMTX_DECODE_ERROR);
    expect_write(&m.bus, 0, 6, 4, MEMTX_OK);
    g_assert_cmphex(expect_read(&m.bus, 0x8000, 4, MEMTX_OK), ==, 6);
    /* A device behind a read-only region never hears of writes. */
    memory_region_set_readonly(&m.box, true);
    memory_region_add_subregion(&m.box, 0, &m.b->mr);
    memory_region_add_subregion(&m.bus.system, 0x4000, &m.box);
    expect_write(&m.bus, 0x4000, 5, 4, MEMTX_DECODE_ERROR);
    expect_read(&m.bus, 0x4000, 4, MEMTX_OK);
    recorder_expect(m.b, "r4@0");
    memory_region_set_readonly(&m.box, false);
    expect_write(&m.bus, 0x4000, 5, 4, MEMTX_OK);
    bus_free(&m.bus);
}

static void test_neighbours_join(void)
{
    Map m;
    MemoryRegion low;
    MemoryRegion high;
    map_init(&m);

    memory_region_init_alias(&low, m.bus.root, "low", &m.a->mr, 0, 0x20);
    memory_region_init_alias(&high, m.bus.root, "high", &m.a->mr, 0x20, 0x20);
    memory_region_add_subregion(&m.bus.system, 0x1000, &low);
    memory_region_add_subregion(&m.bus.system, 0x1020, &high);
    bus_expect_map(&m.bus.as, "1000-103f a+0\n");
    memory_region_set_readonly(&high, true);
    bus_expect_map(&m.bus.as, "1000-101f a+0\n1020-103f a+20 ro\n");
    memory_region_set_readonly(&high, false);
    memory_region_set_alias_offset(&high, 0x24);
    bus_expect_map(&m.bus.as, "1000-101f a+0\n1020-103f a+24\n");
    bus_free(&m.bus);
}

static void test_a_region_of_all_64_bits(void)
{
    Map m;
    MemoryRegion window;
    map_init(&m);

    memory_region_set_size(&m.a->mr, UINT64_MAX);
    memory_region_add_subregion(&m.bus.system, 0, &m.a->mr);
    bus_expect_map(&m.bus.as, "0-ffffffffffffffff a+0\n");
    g_assert_cmphex(memory_region_size(&m.a->mr), ==, UINT64_MAX);
    g_assert_cmphex(expect_read(&m.bus, UINT64_MAX, 1, MEMTX_OK), ==, 0x0f);
    /* Placed in the middle, it is cut at the end and does not come around. */
    memory_region_set_address(&m.a->mr, UINT64_C(1) << 63);
    bus_expect_map(&m.bus.as, "8000000000000000-ffffffffffffffff a+0\n");
    memory_region_init_alias(&window, m.bus.root, "window", &m.a->mr, UINT64_MAX - 0xf, UINT64_MAX);
    memory_region_add_subregion(&m.bus.system, 0x1000, &window);
    bus_expect_map(&m.bus.as,
                   "1000-100f a+fffffffffffffff0\n8000000000000000-ffffffffffffffff a+0\n");
    bus_free(&m.bus);
}

static void test_find(void)
{
    Map m;
    map_init(&m);

    memory_region_add_subregion(&m.box, 0x20, &m.b->mr);
    memory_region_add_subregion(&m.bus.system, 0x1000, &m.box);
    MemoryRegionSection s = memory_region_find(&m.bus.system, 0x1028, 0x100);
    g_assert_true(s.mr == &m.b->mr);
    g_assert_true(s.address_space == &m.bus.as);
    g_assert_cmphex(s.offset_within_region, ==, 8);
    g_assert_cmphex(s.offset_within_address_space, ==, 0x1028);
    g_assert_cmphex((uint64_t)s.size, ==, 8);
    /* Addresses are those of the region that is asked; the first part that is there counts. */
    s = memory_region_find(&m.box, 0, 0x22);
    g_assert_true(s.mr == &m.b->mr);
    g_assert_cmphex(s.offset_within_address_space, ==, 0x1020);
    g_assert_cmphex((uint64_t)s.size, ==, 2);
    g_assert_null(memory_region_find(&m.box, 0, 0x20).mr);
    g_assert_null(memory_region_find(&m.box, 0x20, 0).mr);
    g_assert_null(memory_region_find(&m.a->mr, 0, 4).mr);
    g_assert_true(memory_region_find(&m.bus.system, 0x1021, UINT64_MAX).mr == &m.b->mr);
    bus_free(&m.bus);
}

static void test_changes_in_a_transaction_come_at_once(void)
{
    Map m;
    map_init(&m);

    bus_expect_map(&m.bus.as, "");
    uint64_t before = m.bus.as.rebuilds;
    memory_region_transaction_begin(&m.bus.system);
    memory_region_transaction_begin(&m.bus.system);
    memory_region_add_subregion(&m.bus.system, 0x1000, &m.a->mr);
    memory_region_add_subregion(&m.bus.system, 0x2000, &m.b->mr);
    memory_region_transaction_commit(&m.bus.system);
    memory_region_set_enabled(&m.a->mr, false);
    bus_expect_map(&m.bus.as, "");
    g_assert_cmpuint(m.bus.as.rebuilds, ==, before);
    memory_region_transaction_commit(&m.bus.system);
    bus_expect_map(&m.bus.as, "2000-200f b+0\n");
    g_assert_cmpuint(m.bus.as.rebuilds, ==, before + 1);
    /* An empty one makes nothing stale. */
    memory_region_transaction_begin(&m.bus.system);
    memory_region_transaction_commit(&m.bus.system);
    bus_expect_map(&m.bus.as, "2000-200f b+0\n");
    g_assert_cmpuint(m.bus.as.rebuilds, ==, before + 1);
    bus_free(&m.bus);
}

static void test_changes_without_an_access_cost_no_rebuild(void)
{
    Map m;
    map_init(&m);

    uint64_t before = m.bus.as.rebuilds;
    memory_region_add_subregion(&m.bus.system, 0x1000, &m.a->mr);
    for (int i = 0; i < 100; i++) {
        memory_region_set_address(&m.a->mr, 0x2000 + 0x100 * i);
    }
    g_assert_cmpuint(m.bus.as.rebuilds, ==, before);
    expect_read(&m.bus, 0x2000, 1, MEMTX_DECODE_ERROR);
    expect_read(&m.bus, 0x2000 + 99 * 0x100, 1, MEMTX_OK);
    g_assert_cmpuint(m.bus.as.rebuilds, ==, before + 1);
    bus_free(&m.bus);
}

static void test_other_trees_are_not_touched(void)
{
    Map m;
    AddressSpace other;
    map_init(&m);

    memory_region_add_subregion(&m.box, 0, &m.b->mr);
    address_space_init(&other, &m.box, "other");
    bus_expect_map(&other, "0-f b+0\n");
    bus_expect_map(&m.bus.as, "");
    uint64_t before = other.rebuilds;
    memory_region_add_subregion(&m.bus.system, 0x1000, &m.a->mr);
    bus_expect_map(&other, "0-f b+0\n");
    g_assert_cmpuint(other.rebuilds, ==, before);
    /* A root that is also mapped elsewhere begins at 0 of its own space. */
    memory_region_add_subregion(&m.bus.system, 0x5000, &m.box);
    bus_expect_map(&m.bus.as, "1000-10ff a+0\n5000-500f b+0\n");
    memory_region_set_enabled(&m.b->mr, false);
    bus_expect_map(&m.bus.as, "1000-10ff a+0\n");
    bus_expect_map(&other, "");
    memory_region_set_enabled(&m.b->mr, true);
    bus_expect_map(&other, "0-f b+0\n");
    address_space_destroy(&other);
    bus_free(&m.bus);
}

/* A listener that keeps a trace: "{", "+first name ", "-first name ", "}". */
typedef struct Trace {
    MemoryListener listener;
    GString *text;
} Trace;

static void trace_begin(MemoryListener *listener)
{
    g_string_append_c(((Trace *)listener)->text, '{');
}

static void trace_commit(MemoryListener *listener)
{
    g_string_append_c(((Trace *)listener)->text, '}');
}

static void trace_section(MemoryListener *listener, const MemoryRegionSection *s, char sign)
{
    g_string_append_printf(((Trace *)listener)->text, "%c%" HWADDR_PRIx " %s ", sign,
                           s->offset_within_address_space, memory_region_name(s->mr));
}

static void trace_add(MemoryListener *listener, const MemoryRegionSection *section)
{
    trace_section(listener, section, '+');
}

static void trace_del(MemoryListener *listener, const MemoryRegionSection *section)
{
    trace_section(listener, section, '-');
}

static void trace_init(Trace *t, AddressSpace *as)
{
    *t = (Trace){
        .listener = { .begin = trace_begin,
                      .commit = trace_commit,
                      .region_add = trace_add,
                      .region_del = trace_del },
        .text = g_string_new(NULL),
    };
    memory_listener_register(&t->listener, as);
}

static void trace_expect(Trace *t, const char *expected)
{
    g_assert_cmpstr(t->text->str, ==, expected);
    g_string_truncate(t->text, 0);
}

static void test_listener_hears_what_changes(void)
{
    Map m;
    Trace t;
    map_init(&m);

    memory_region_add_subregion(&m.bus.system, 0x1000, &m.a->mr);
    trace_init(&t, &m.bus.as);
    trace_expect(&t, "{+1000 a }");
    memory_region_add_subregion(&m.bus.system, 0x2000, &m.b->mr);
    trace_expect(&t, "{+2000 b }");
    memory_region_transaction_begin(&m.bus.system);
    memory_region_add_subregion(&m.bus.system, 0x3000, &m.c->mr);
    memory_region_del_subregion(&m.bus.system, &m.b->mr);
    trace_expect(&t, "");
    memory_region_transaction_commit(&m.bus.system);
    trace_expect(&t, "{-2000 b +3000 c }");
    memory_region_set_enabled(&m.b->mr, false);
    trace_expect(&t, "");
    memory_listener_unregister(&t.listener);
    trace_expect(&t, "{-1000 a -3000 c }");
    memory_region_del_subregion(&m.bus.system, &m.a->mr);
    trace_expect(&t, "");
    g_string_free(t.text, true);
    bus_free(&m.bus);
}

static void test_listener_hears_a_split(void)
{
    Map m;
    Trace t;
    map_init(&m);

    memory_region_add_subregion(&m.bus.system, 0x1000, &m.a->mr);
    trace_init(&t, &m.bus.as);
    trace_expect(&t, "{+1000 a }");
    memory_region_add_subregion_overlap(&m.bus.system, 0x1010, &m.b->mr, 1);
    trace_expect(&t, "{-1000 a +1000 a +1010 b +1020 a }");
    address_space_destroy(&m.bus.as);
    trace_expect(&t, "{-1000 a -1010 b -1020 a }");
    address_space_init(&m.bus.as, &m.bus.system, "again");
    g_string_free(t.text, true);
    bus_free(&m.bus);
}

static void test_finalized_region_leaves_the_map(void)
{
    Map m;
    Trace t;
    MemoryRegion window;
    map_init(&m);

    memory_region_add_subregion(&m.bus.system, 0x1000, &m.a->mr);
    memory_region_init_alias(&window, m.bus.root, "window", &m.a->mr, 0, 0x10);
    memory_region_add_subregion(&m.bus.system, 0x5000, &window);
    trace_init(&t, &m.bus.as);
    trace_expect(&t, "{+1000 a +5000 a }");
    /* Even in a transaction: the memory is about to go. */
    memory_region_transaction_begin(&m.bus.system);
    object_unparent(OBJECT(m.a));
    trace_expect(&t, "{-1000 a -5000 a }");
    memory_region_transaction_commit(&m.bus.system);
    trace_expect(&t, "");
    bus_expect_map(&m.bus.as, "");
    memory_listener_unregister(&t.listener);
    g_string_free(t.text, true);
    bus_free(&m.bus);
}

static void test_finalized_container_lets_its_subregions_go(void)
{
    Map m;
    map_init(&m);

    memory_region_add_subregion(&m.box, 0, &m.b->mr);
    memory_region_add_subregion(&m.bus.system, 0x1000, &m.box);
    bus_expect_map(&m.bus.as, "1000-100f b+0\n");
    object_unparent(OBJECT(&m.box));
    bus_expect_map(&m.bus.as, "");
    memory_region_add_subregion(&m.bus.system, 0x2000, &m.b->mr);
    bus_expect_map(&m.bus.as, "2000-200f b+0\n");
    bus_free(&m.bus);
}

static void test_address_space_outlives_its_root(void)
{
    Map m;
    AddressSpace as;
    uint64_t value = 1;
    map_init(&m);

    memory_region_add_subregion(&m.box, 0, &m.b->mr);
    address_space_init(&as, &m.box, "box");
    bus_expect_map(&as, "0-f b+0\n");
    object_unparent(OBJECT(&m.box));
    bus_expect_map(&as, "");
    g_assert_cmphex(memory_access_read(&as, 0, &value, 4, ANY), ==, MEMTX_DECODE_ERROR);
    g_assert_cmphex(value, ==, 0);
    address_space_destroy(&as);
    bus_free(&m.bus);
}

static void test_region_is_a_child_of_its_owner(void)
{
    Map m;
    MemoryRegion twin;
    map_init(&m);

    g_autofree char *path = object_get_canonical_path(OBJECT(&m.b->mr));
    g_assert_cmpstr(path, ==, "/b/b[0]");
    memory_region_init(&twin, OBJECT(m.b), "b", 0x20);
    g_assert_cmpstr(object_get_canonical_path_component(OBJECT(&twin)), ==, "b[1]");
    object_unparent(OBJECT(&twin));
    memory_region_init(&twin, OBJECT(m.b), "x/y[0]", 0x20);
    g_assert_cmpstr(object_get_canonical_path_component(OBJECT(&twin)), ==,
                    "x\\x2fy\\x5b0\\x5d[0]");
    g_assert_cmpstr(memory_region_name(&twin), ==, "x/y[0]");
    object_unparent(OBJECT(&twin));
    bus_free(&m.bus);
}

static void test_properties_tell_where_it_is(void)
{
    Map m;
    map_init(&m);

    Object *b = OBJECT(&m.b->mr);
    g_autofree char *nowhere = object_property_get_str(b, "container", NULL);
    g_assert_cmpstr(nowhere, ==, "");
    memory_region_add_subregion_overlap(&m.box, 0x40, &m.b->mr, -3);
    g_autofree char *container = object_property_get_str(b, "container", NULL);
    g_assert_cmpstr(container, ==, "/box[0]");
    g_assert_true(object_resolve_path_component(b, "container") == OBJECT(&m.box));
    g_assert_cmphex(object_property_get_uint(b, "addr", NULL), ==, 0x40);
    g_assert_cmphex(object_property_get_uint(b, "size", NULL), ==, 0x10);
    g_assert_cmpint(object_property_get_int(b, "priority", NULL), ==, -3);
    bus_free(&m.bus);
}

static void test_ram_size_is_checked(void)
{
    Map m;
    MemoryRegion ram;
    g_autoptr(GError) none = NULL;
    g_autoptr(GError) huge = NULL;
    map_init(&m);

    g_assert_false(memory_region_init_ram(&ram, m.bus.root, "ram", 0, &none));
    g_assert_cmpstr(none->message, ==, "cannot set up guest memory 'ram': its size is 0");
    g_assert_false(memory_region_init_rom(&ram, m.bus.root, "ram", UINT64_C(1) << 40, &huge));
    g_assert_cmpstr(huge->message, ==,
                    "cannot set up guest memory 'ram': 0x10000000000 bytes are more than the limit "
                    "of 0x1000000000");
    g_assert_null(object_resolve_path_component(m.bus.root, "ram[0]"));
    g_assert_true(memory_region_init_ram(&ram, m.bus.root, "ram", MEMORY_RAM_MAX, NULL));
    memory_region_add_subregion(&m.bus.system, 0, &ram);
    expect_write(&m.bus, MEMORY_RAM_MAX - 8, 0x1234, 8, MEMTX_OK);
    g_assert_cmphex(expect_read(&m.bus, MEMORY_RAM_MAX - 8, 8, MEMTX_OK), ==, 0x1234);
    bus_free(&m.bus);
}

static void add_tests(void)
{
    g_test_add_func("/memory/map/higher-priority-wins", test_higher_priority_wins);
    g_test_add_func("/memory/map/later-wins-among-equals", test_later_wins_among_equals);
    g_test_add_func("/memory/map/priority-counts-within-a-container-only",
                    test_priority_counts_within_a_container_only);
    g_test_add_func("/memory/map/container-is-transparent-in-its-gaps",
                    test_container_is_transparent_in_its_gaps);
    g_test_add_func("/memory/map/region-with-ops-answers-between-its-subregions",
                    test_region_with_ops_answers_between_its_subregions);
    g_test_add_func("/memory/map/container-clips", test_container_clips);
    g_test_add_func("/memory/map/disabled-is-not-there", test_disabled_is_not_there);
    g_test_add_func("/memory/map/neighbours-join", test_neighbours_join);
    g_test_add_func("/memory/map/a-region-of-all-64-bits", test_a_region_of_all_64_bits);
    g_test_add_func("/memory/map/readonly-windows-refuse-writes",
                    test_readonly_windows_refuse_writes);
    g_test_add_func("/memory/map/find-gives-the-first-part", test_find);
    g_test_add_func("/memory/alias/is-a-window", test_alias_is_a_window);
    g_test_add_func("/memory/alias/target-need-not-be-mapped", test_alias_of_an_unmapped_region);
    g_test_add_func("/memory/alias/beyond-its-target-shows-nothing",
                    test_alias_beyond_its_target_shows_nothing);
    g_test_add_func("/memory/alias/of-an-alias-of-a-container",
                    test_alias_of_an_alias_of_a_container);
    g_test_add_func("/memory/alias/mirror-inside-its-own-target-ends",
                    test_mirror_inside_its_own_target_ends);
    g_test_add_func("/memory/transaction/changes-come-at-once",
                    test_changes_in_a_transaction_come_at_once);
    g_test_add_func("/memory/transaction/changes-without-an-access-cost-no-rebuild",
                    test_changes_without_an_access_cost_no_rebuild);
    g_test_add_func("/memory/transaction/other-trees-are-not-touched",
                    test_other_trees_are_not_touched);
    g_test_add_func("/memory/listener/hears-what-changes", test_listener_hears_what_changes);
    g_test_add_func("/memory/listener/hears-a-split", test_listener_hears_a_split);
    g_test_add_func("/memory/lifetime/finalized-region-leaves-the-map",
                    test_finalized_region_leaves_the_map);
    g_test_add_func("/memory/lifetime/finalized-container-lets-its-subregions-go",
                    test_finalized_container_lets_its_subregions_go);
    g_test_add_func("/memory/lifetime/address-space-outlives-its-root",
                    test_address_space_outlives_its_root);
    g_test_add_func("/memory/object/region-is-a-child-of-its-owner",
                    test_region_is_a_child_of_its_owner);
    g_test_add_func("/memory/object/properties-tell-where-it-is", test_properties_tell_where_it_is);
    g_test_add_func("/memory/ram/size-is-checked", test_ram_size_is_checked);
}

int main(int argc, char **argv)
{
    return run_tests(argc, argv, add_tests);
}
