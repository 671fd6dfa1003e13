/* Machines: types, trees, life, events. */
#include <string.h>

#include "models/core/log.h"
#include "models/machine/sifive_e.h"
#include "tests/lib/test_device.h"

static MachineState *build(const char *type)
{
    GError *error = NULL;
    MachineState *machine = machine_new(type, &error);

    g_assert_no_error(error);
    g_assert_true(machine_create(machine, &error));
    g_assert_no_error(error);
    return machine;
}

static void test_types(void)
{
    g_autoptr(GPtrArray) types = machine_list_types();
    GError *error = NULL;

    g_assert_cmpuint(types->len, ==, 3);
    g_assert_cmpstr(g_ptr_array_index(types, 0), ==, "none");
    g_assert_cmpstr(g_ptr_array_index(types, 1), ==, "sifive_e");
    g_assert_cmpstr(g_ptr_array_index(types, 2), ==, "virt");
    g_assert_null(machine_new("nonsense", &error));
    test_assert_error(&error, "unsupported machine type \"nonsense\"");
    g_assert_null(machine_new("", &error));
    test_assert_error(&error, "unsupported machine type \"\"");
}

static void assert_path(MachineState *machine, const char *path, const char *type)
{
    Object *obj = object_resolve_path(machine->root, path, NULL);

    g_assert_nonnull(obj);
    g_assert_cmpstr(object_get_typename(obj), ==, type);
    g_assert_true(machine_of(obj) == machine);
}

static void test_tree(void)
{
    MachineState *machine = build("sifive_e");

    assert_path(machine, "/machine", "sifive_e-machine");
    assert_path(machine, "/machine/peripheral", "container");
    assert_path(machine, "/machine/peripheral-anon", "container");
    assert_path(machine, "/machine/unattached", "container");
    assert_path(machine, "/machine/unattached/sysbus", "System");
    assert_path(machine, "/objects", "container");
    assert_path(machine, "/chardevs", "container");
    assert_path(machine, "/machine/soc", "riscv.sifive.e.soc");
    assert_path(machine, "/machine/soc/riscv.sifive.e.gpio0", "sifive_soc.gpio");
    assert_path(machine, "/machine/plic", "qosim.irq-sink");
    g_assert_true(machine_of(machine->root) == machine);
    machine_free(machine);
}

static void test_none(void)
{
    MachineState *machine = build("none");
    uint64_t value;

    g_assert_null(machine_get_irq_sink(machine));
    g_assert_cmpuint(machine_watched_count(machine, MACHINE_WATCH_IRQ), ==, 0);
    g_assert_cmpuint(
        memory_access_read(machine->system_as, 0x80000000, &value, 4, MEMTXATTRS_UNSPECIFIED), ==,
        MEMTX_DECODE_ERROR);
    machine_free(machine);
}

static void test_ram(void)
{
    MachineState *machine = build("sifive_e");
    const hwaddr last = SIFIVE_E_DTIM_BASE + SIFIVE_E_DTIM_SIZE - 4;
    uint64_t value = 0;

    g_assert_cmpuint(
        memory_access_write(machine->system_as, last, 0x12345678, 4, MEMTXATTRS_UNSPECIFIED), ==,
        MEMTX_OK);
    g_assert_cmpuint(
        memory_access_read(machine->system_as, last, &value, 4, MEMTXATTRS_UNSPECIFIED), ==,
        MEMTX_OK);
    g_assert_cmphex(value, ==, 0x12345678);
    g_assert_cmpuint(
        memory_access_read(machine->system_as, last + 4, &value, 4, MEMTXATTRS_UNSPECIFIED), ==,
        MEMTX_DECODE_ERROR);
    machine_free(machine);
}

static void test_ram_size(void)
{
    MachineState *machine = machine_new("sifive_e", NULL);
    GError *error = NULL;

    g_assert_cmpuint(object_property_get_uint(OBJECT(machine), "ram-size", &error), ==, 16384);
    g_assert_true(object_property_parse(OBJECT(machine), "ram-size", "32K", &error));
    g_assert_false(machine_create(machine, &error));
    test_assert_error(&error, "Invalid RAM size, should be 16 KiB");
    machine_free(machine);

    machine = build("sifive_e");
    g_assert_false(object_property_parse(OBJECT(machine), "ram-size", "16K", &error));
    test_assert_error(&error, "Property 'ram-size' can't be set after the machine was built");
    machine_free(machine);
}

static void test_board_global(void)
{
    MachineState *machine = machine_new("sifive_e", NULL);
    GError *error = NULL;

    g_assert_true(qdev_prop_register_global_text(machine, "sifive_soc.gpio.ngpio=5", &error));
    g_assert_true(machine_create(machine, &error));
    g_assert_false(machine_set_line(machine, "/machine/soc", NULL, 5, 1, &error));
    g_clear_error(&error);
    machine_free(machine);

    machine = machine_new("sifive_e", NULL);
    g_assert_true(qdev_prop_register_global_text(machine, "sifive_soc.gpio.ngpio=33", &error));
    g_assert_false(machine_create(machine, &error));
    test_assert_error(&error, "Property 'ngpio' of 'sifive_soc.gpio' must be 1 to 32, not 33");
    machine_free(machine);
}

static void test_irq_watch(void)
{
    MachineState *machine = build("sifive_e");
    GError *error = NULL;
    uint32_t watch = 99;

    g_assert_true(machine_watch_lines(machine, "/machine/plic", LINE_IN, &watch, &error));
    g_assert_cmpuint(watch, ==, MACHINE_WATCH_IRQ);
    g_assert_cmpuint(machine_watched_count(machine, watch), ==, 53);
    g_assert_true(machine_set_line(machine, "/machine/plic", NULL, 52, 1, &error));
    g_assert_cmpint(machine_watched_level(machine, MACHINE_WATCH_IRQ, 52), ==, 1);
    /* The pins are the SoC's: the GPIO itself reports none. */
    g_assert_false(
        machine_set_line(machine, "/machine/soc/riscv.sifive.e.gpio0", NULL, 0, 1, &error));
    g_clear_error(&error);
    machine_free(machine);
}

typedef struct Seen {
    GString *text;
    MachineState *machine;
} Seen;

static void note_event(void *opaque, const MachineEvent *event)
{
    Seen *seen = opaque;

    g_assert_cmpint(event->time_ns, ==, virtual_clock_now(seen->machine->clock));
    switch (event->kind) {
    case MACHINE_EVENT_LINE:
        g_string_append_printf(seen->text, "line %u.%u=%d;", event->watch, event->line,
                               event->level);
        break;
    case MACHINE_EVENT_GUEST_ERROR:
        g_string_append_printf(seen->text, "error '%s' of %s;", event->text,
                               event->path ? event->path : "-");
        break;
    case MACHINE_EVENT_DEVICE_DELETED:
        g_string_append_printf(seen->text, "deleted %s %s;", event->id ? event->id : "-",
                               event->path);
        break;
    case MACHINE_EVENT_RESET:
        g_string_append(seen->text, "reset;");
        break;
    default:
        g_assert_not_reached(); /* the board has no virtio */
    }
}

static void test_events(void)
{
    MachineState *machine = build("sifive_e");
    Seen seen = { g_string_new(NULL), machine };
    const hwaddr base = SIFIVE_E_GPIO0_BASE;
    GError *error = NULL;

    machine_set_event_sink(machine, note_event, &seen);
    machine_set_ready(machine, NULL, NULL);
    g_assert_cmpstr(seen.text->str, ==, "");
    g_assert_true(virtual_clock_advance_to(machine->clock, 1000, &error));
    memory_access_write(machine->system_as, base + SIFIVE_GPIO_REG_LOW_IE, 2, 4,
                        MEMTXATTRS_UNSPECIFIED);
    memory_access_write(machine->system_as, base + 0x44, 2, 4, MEMTXATTRS_UNSPECIFIED);
    test_must_add(machine, "sifive_soc.gpio,id=g,addr=0x20000000,ngpio=1");
    g_assert_true(machine_del_device(machine, "g", &error));
    machine_reset(machine);
    g_assert_cmpstr(seen.text->str, ==,
                    "line 0.9=1;"
                    "error 'sifive_gpio_write: bad write offset 0x44' of "
                    "/machine/soc/riscv.sifive.e.gpio0;"
                    "deleted g /machine/peripheral/g;"
                    "reset;");
    machine_set_event_sink(machine, NULL, NULL);
    machine_reset(machine);
    g_string_free(seen.text, TRUE);
    machine_free(machine);
}

static void collect_warning(void *opaque, const char *text)
{
    g_string_append_printf(opaque, "%s;", text);
}

static void test_ready_warns(void)
{
    MachineState *machine = build("none");
    g_autoptr(GString) warnings = g_string_new(NULL);

    qdev_prop_register_global(machine, "nothing", "x", "1", false);
    qdev_prop_register_global(machine, "qosim.irq-sink", "num-sources", "1", false);
    machine_set_ready(machine, collect_warning, warnings);
    g_assert_cmpstr(warnings->str, ==,
                    "global nothing.x has invalid class name;"
                    "global qosim.irq-sink.num-sources=1 not used;");
    machine_free(machine);
}

static void test_two_machines(void)
{
    MachineState *one = build("sifive_e");
    MachineState *two = build("sifive_e");
    const hwaddr port = SIFIVE_E_GPIO0_BASE + SIFIVE_GPIO_REG_PORT;
    uint64_t value = 99;

    memory_access_write(one->system_as, port, 5, 4, MEMTXATTRS_UNSPECIFIED);
    memory_access_read(two->system_as, port, &value, 4, MEMTXATTRS_UNSPECIFIED);
    g_assert_cmphex(value, ==, 0);
    g_assert_true(virtual_clock_advance_to(one->clock, 5, NULL));
    g_assert_cmpint(virtual_clock_now(two->clock), ==, 0);
    machine_free(one);
    memory_access_write(two->system_as, port, 6, 4, MEMTXATTRS_UNSPECIFIED);
    machine_free(two);
}

static void test_sink_range(void)
{
    MachineState *machine = build("none");
    DeviceState *sink = qdev_new(TYPE_IRQ_SINK, machine->root);
    GError *error = NULL;

    qdev_prop_set_uint32(sink, "num-sources", 1025);
    g_assert_false(qdev_realize_and_unref(sink, NULL, &error));
    test_assert_error(&error,
                      "Property 'num-sources' of 'qosim.irq-sink' must be 1 to 1024, not 1025");
    machine_free(machine);
}

static void test_soc_needs_plic(void)
{
    MachineState *machine = build("none");
    GError *error = NULL;

    g_assert_false(
        qdev_realize_and_unref(qdev_new(TYPE_SIFIVE_E_SOC, machine->root), NULL, &error));
    test_assert_error(&error, "Device 'riscv.sifive.e.soc' needs a machine with a /machine/plic");
    machine_free(machine);
}

/* Whatever a client can reach by QOM must survive what it can do there. */
static int poke(Object *obj, void *opaque)
{
    ObjectPropertyIterator iter;
    ObjectProperty *prop;
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);

    (void)opaque;
    object_property_iter_init(&iter, obj);
    while ((prop = object_property_iter_next(&iter))) {
        g_ptr_array_add(names, g_strdup(prop->name));
    }
    for (unsigned i = 0; i < names->len; i++) {
        const char *name = g_ptr_array_index(names, i);
        g_autoptr(GVariant) value = object_property_get(obj, name, NULL);

        object_property_set_bool(obj, name, false, NULL);
        object_property_set_str(obj, name, "/machine", NULL);
        object_property_set_uint(obj, name, 1, NULL);
        object_property_set_bool(obj, name, true, NULL);
    }
    return 0;
}

static void test_poking(void)
{
    MachineState *machine = build("sifive_e");

    machine_set_ready(machine, NULL, NULL);
    test_must_add(machine, "test-host,id=h,hotplug=on");
    test_must_add(machine, "test-plug,id=p");
    poke(machine->root, NULL);
    object_child_foreach_recursive(machine->root, poke, NULL);
    machine_reset(machine);
    machine_free(machine);
}

static void test_life(void)
{
    for (int i = 0; i < 20; i++) {
        MachineState *machine = machine_new(i % 2 ? "sifive_e" : "none", NULL);

        if (i % 5) {
            g_assert_true(machine_create(machine, NULL));
        }
        if (i % 3) {
            test_must_add(machine, "test-host,id=h,hotplug=on,addr=0x20000000");
            test_must_add(machine, "test-plug,has-bus=on,id=p");
            test_must_add(machine, "test-plug,bus=p.0");
            machine_set_ready(machine, NULL, NULL);
            test_must_add(machine, "test-host,addr=0x30000000");
            machine_reset(machine);
        }
        machine_free(machine);
    }
    machine_free(NULL);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
#define ADD(name, func) g_test_add_func("/machine/" name, func)
    ADD("types-are-listed-and-checked", test_types);
    ADD("tree-has-its-containers-and-the-board", test_tree);
    ADD("none-is-empty", test_none);
    ADD("sifive-e/has-16-kib-of-ram", test_ram);
    ADD("sifive-e/takes-no-other-ram-size", test_ram_size);
    ADD("sifive-e/globals-reach-the-board", test_board_global);
    ADD("sifive-e/irq-watch-is-the-plic's-inputs", test_irq_watch);
    ADD("sifive-e/soc-needs-the-plic", test_soc_needs_plic);
    ADD("irq-sink-is-bounded", test_sink_range);
    ADD("events-come-in-order", test_events);
    ADD("ready-warns-of-unused-globals", test_ready_warns);
    ADD("two-share-nothing", test_two_machines);
    ADD("survives-any-property-write", test_poking);
    ADD("made-and-freed-in-any-state", test_life);
    return g_test_run();
}
