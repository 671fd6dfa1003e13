#include "tests/unit/core_memory/bus.h"

static void keep_line(void *opaque, Object *source, const char *text)
{
    Bus *bus = opaque;
    g_assert_nonnull(source);
    g_string_append_printf(bus->errors, "%s\n", text);
}

void bus_init(Bus *bus)
{
    bus->root = object_new_root();
    bus->errors = g_string_new(NULL);
    memory_region_init(&bus->system, bus->root, "system", UINT64_MAX);
    address_space_init(&bus->as, &bus->system, "memory");
    log_set_sink(bus->root, keep_line, bus);
}

void bus_free(Bus *bus)
{
    address_space_destroy(&bus->as);
    object_unref(bus->root);
    g_string_free(bus->errors, true);
}

void bus_expect_errors(Bus *bus, const char *expected)
{
    g_assert_cmpstr(bus->errors->str, ==, expected);
    g_string_truncate(bus->errors, 0);
}

static void note(Recorder *r, char kind, hwaddr addr, unsigned size)
{
    g_string_append_printf(r->trace, "%c%u@%" HWADDR_PRIx, kind, size, addr);
}

static uint64_t recorder_read(void *opaque, hwaddr addr, unsigned size)
{
    Recorder *r = opaque;
    uint64_t value = 0;

    note(r, 'r', addr, size);
    g_string_append_c(r->trace, ' ');
    if (r->hook) {
        r->hook(r);
    }
    for (unsigned i = 0; i < size; i++) {
        unsigned place = r->ops.endianness == DEVICE_BIG_ENDIAN ? size - 1 - i : i;
        value |= ((addr + i + 0x10) & 0xff) << (place * 8);
    }
    return value;
}

static void recorder_write(void *opaque, hwaddr addr, uint64_t data, unsigned size)
{
    Recorder *r = opaque;

    note(r, 'w', addr, size);
    g_string_append_printf(r->trace, "=%" PRIx64 " ", data);
    if (r->hook) {
        r->hook(r);
    }
}

static MemTxResult recorder_read_attrs(void *opaque, hwaddr addr, uint64_t *data, unsigned size,
                                       MemTxAttrs attrs)
{
    Recorder *r = opaque;
    *data = recorder_read(r, addr, size);
    g_string_append_printf(r->trace, "by %u ", attrs.requester_id);
    return r->result;
}

static MemTxResult recorder_write_attrs(void *opaque, hwaddr addr, uint64_t data, unsigned size,
                                        MemTxAttrs attrs)
{
    Recorder *r = opaque;
    recorder_write(r, addr, data, size);
    g_string_append_printf(r->trace, "by %u ", attrs.requester_id);
    return r->result;
}

Recorder *recorder_new(Bus *bus, const char *name, uint64_t size)
{
    Recorder *r = RECORDER(object_new(TYPE_RECORDER));

    object_property_add_child(bus->root, name, OBJECT(r));
    object_unref(r);
    memory_region_init_io(&r->mr, OBJECT(r), &r->ops, r, name, size);
    return r;
}

void recorder_expect(Recorder *r, const char *expected)
{
    g_assert_cmpstr(g_strchomp(r->trace->str), ==, expected);
    g_string_truncate(r->trace, 0);
}

void recorder_use_attrs(Recorder *r, MemTxResult result)
{
    r->ops.read = NULL;
    r->ops.write = NULL;
    r->ops.read_with_attrs = recorder_read_attrs;
    r->ops.write_with_attrs = recorder_write_attrs;
    r->result = result;
}

uint64_t expect_read(Bus *bus, hwaddr addr, unsigned size, MemTxResult result)
{
    uint64_t value = 0x5a5a5a5a5a5a5a5a;
    g_assert_cmphex(memory_access_read(&bus->as, addr, &value, size, ANY), ==, result);
    return value;
}

void expect_write(Bus *bus, hwaddr addr, uint64_t value, unsigned size, MemTxResult result)
{
    g_assert_cmphex(memory_access_write(&bus->as, addr, value, size, ANY), ==, result);
}

static bool dump_section(const MemoryRegionSection *s, void *opaque)
{
    g_string_append_printf(
        opaque, "%" HWADDR_PRIx "-%" HWADDR_PRIx " %s+%" HWADDR_PRIx "%s\n",
        s->offset_within_address_space, s->offset_within_address_space + (hwaddr)(s->size - 1),
        memory_region_name(s->mr), s->offset_within_region, s->readonly ? " ro" : "");
    return true;
}

char *bus_dump(AddressSpace *as)
{
    GString *text = g_string_new(NULL);
    memory_region_foreach_flat(as, dump_section, text);
    return g_string_free(text, false);
}

void bus_expect_map(AddressSpace *as, const char *expected)
{
    g_autofree char *map = bus_dump(as);
    g_assert_cmpstr(map, ==, expected);
}

static void recorder_init(Object *obj)
{
    Recorder *r = RECORDER(obj);
    r->trace = g_string_new(NULL);
    r->ops = (MemoryRegionOps){ .read = recorder_read,
                                .write = recorder_write,
                                .endianness = DEVICE_LITTLE_ENDIAN };
}

static void recorder_finalize(Object *obj)
{
    g_string_free(RECORDER(obj)->trace, true);
}

static const TypeInfo recorder_types[] = {
    {
        .name = TYPE_RECORDER,
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(Recorder),
        .instance_align = __alignof__(Recorder),
        .instance_init = recorder_init,
        .instance_finalize = recorder_finalize,
    },
};

DEFINE_TYPES(recorder_types)

int run_tests(int argc, char **argv, void (*add)(void))
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    add();
    return g_test_run();
}
