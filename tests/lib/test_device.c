#include "tests/lib/test_device.h"

#include <string.h>

/* --- Journal --- */

static GString *journal;

void test_journal_clear(void)
{
    if (!journal) {
        journal = g_string_new(NULL);
    }
    g_string_truncate(journal, 0);
}

const char *test_journal(void)
{
    return journal ? journal->str : "";
}

static void note(const char *name, const char *what)
{
    if (!journal) {
        test_journal_clear();
    }
    g_string_append_printf(journal, "%s%s:%s", journal->len ? " " : "", name, what);
}

void test_journal_note(DeviceState *dev, const char *what)
{
    note(dev->id ? dev->id : object_get_typename(OBJECT(dev)), what);
}

static bool fail_step(GError **error, const char *what)
{
    return qom_error_set(error, "%s failed on purpose", what);
}

/* --- test-device --- */

static bool test_device_realize(DeviceState *dev, GError **error)
{
    (void)error;
    test_journal_note(dev, "realize");
    return true;
}

static void note_unrealize(DeviceState *dev)
{
    test_journal_note(dev, "unrealize");
}

static void note_reset(DeviceState *dev)
{
    test_journal_note(dev, "reset");
}

static void test_device_set_line(void *opaque, int n, int level)
{
    TestDevice *s = TEST_DEVICE(opaque);

    s->levels[n] = level;
    s->sets++;
}

static void test_device_init(Object *obj)
{
    DeviceState *dev = DEVICE(obj);
    TestDevice *s = TEST_DEVICE(obj);

    qdev_init_gpio_in(dev, test_device_set_line, TEST_LINES);
    qdev_init_gpio_in_named(dev, test_device_set_line, "extra", 2);
    qdev_init_gpio_out(dev, s->out, TEST_LINES);
    qdev_init_gpio_out_named(dev, s->extra_out, "extra-out", 2);
}

static const Property test_device_properties[] = {
    DEFINE_PROP_BIT("bit3", TestDevice, bits, 3, true),
    DEFINE_PROP_BIT("bit31", TestDevice, bits, 31, false),
    DEFINE_PROP_BIT64("bit63", TestDevice, bits64, 63, true),
    DEFINE_PROP_BOOL("truth", TestDevice, truth, true),
    DEFINE_PROP_UINT8("u8", TestDevice, u8, 8),
    DEFINE_PROP_UINT16("u16", TestDevice, u16, 16),
    DEFINE_PROP_UINT32("u32", TestDevice, u32, 32),
    DEFINE_PROP_UINT64("u64", TestDevice, u64, UINT64_MAX),
    DEFINE_PROP_INT32("i32", TestDevice, i32, -32),
    DEFINE_PROP_INT64("i64", TestDevice, i64, INT64_MIN),
    DEFINE_PROP_STRING("text", TestDevice, text),
    DEFINE_PROP_SIZE("bytes", TestDevice, bytes, 4096),
    DEFINE_PROP_SIZE32("bytes32", TestDevice, bytes32, 512),
    DEFINE_PROP_ON_OFF_AUTO("mode", TestDevice, auto_mode, ON_OFF_AUTO_AUTO),
    DEFINE_PROP_LINK("peer", TestDevice, peer, TYPE_DEVICE, Object *),
    DEFINE_PROP_ARRAY("numbers", TestDevice, num_numbers, numbers, qdev_prop_uint16, uint16_t),
    DEFINE_PROP_ARRAY("names", TestDevice, num_names, names, qdev_prop_string, char *),
    DEFINE_PROP_END_OF_LIST(),
};

static void test_device_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);

    (void)data;
    device_class_set_props(dc, test_device_properties);
    dc->realize = test_device_realize;
    dc->unrealize = note_unrealize;
    dc->reset = note_reset;
}

/* --- test-plug and test-fixed --- */

static bool test_plug_realize(DeviceState *dev, GError **error)
{
    TestPlug *s = TEST_PLUG(dev);

    test_journal_note(dev, "realize");
    if (s->fail) {
        return fail_step(error, "realize");
    }
    if (s->has_bus) {
        s->bus = qbus_new(TYPE_TEST_BUS, dev, NULL);
    }
    return true;
}

static const Property test_plug_properties[] = {
    DEFINE_PROP_BOOL("fail", TestPlug, fail, false),
    DEFINE_PROP_BOOL("has-bus", TestPlug, has_bus, false),
    DEFINE_PROP_END_OF_LIST(),
};

static void test_plug_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);

    (void)data;
    device_class_set_props(dc, test_plug_properties);
    dc->bus_type = TYPE_TEST_BUS;
    dc->realize = test_plug_realize;
    dc->unrealize = note_unrealize;
    dc->reset = note_reset;
}

static void test_fixed_class_init(ObjectClass *klass, void *data)
{
    (void)data;
    DEVICE_CLASS(klass)->hotpluggable = false;
}

/* --- test-phased --- */

static void phased_enter(Object *obj, ResetType type)
{
    g_assert_cmpint(type, ==, RESET_TYPE_COLD);
    test_journal_note(DEVICE(obj), "enter");
}

static void phased_hold(Object *obj)
{
    test_journal_note(DEVICE(obj), "hold");
}

static void phased_exit(Object *obj)
{
    test_journal_note(DEVICE(obj), "exit");
}

static void test_phased_class_init(ObjectClass *klass, void *data)
{
    ResettableClass *rc = RESETTABLE_CLASS(klass);

    (void)data;
    DEVICE_CLASS(klass)->reset = NULL;
    rc->phases.enter = phased_enter;
    rc->phases.hold = phased_hold;
    rc->phases.exit = phased_exit;
}

/* --- Test-Bus --- */

static bool test_bus_realize(BusState *bus, GError **error)
{
    const TestHost *host =
        (const TestHost *)object_dynamic_cast(OBJECT(bus->parent), TYPE_TEST_HOST);
    unsigned number = 1;

    note(bus->name, "realize");
    for (GList *older = g_list_find(bus->parent->child_buses, bus)->next; older;
         older = older->next) {
        number++;
    }
    return !host || host->fail_bus != number || fail_step(error, "bus");
}

static void test_bus_unrealize(BusState *bus)
{
    note(bus->name, "unrealize");
}

static void test_bus_class_init(ObjectClass *klass, void *data)
{
    BusClass *bc = BUS_CLASS(klass);

    bc->realize = test_bus_realize;
    bc->unrealize = test_bus_unrealize;
    bc->max_dev = GPOINTER_TO_UINT(data);
}

/* --- test-host --- */

static uint64_t test_host_read(void *opaque, hwaddr addr, unsigned size)
{
    (void)size;
    return TEST_HOST(opaque)->last_write + addr;
}

static void test_host_write(void *opaque, hwaddr addr, uint64_t value, unsigned size)
{
    (void)addr, (void)size;
    TEST_HOST(opaque)->last_write = value;
}

static const MemoryRegionOps test_host_ops = {
    .read = test_host_read,
    .write = test_host_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
};

static bool test_host_realize(DeviceState *dev, GError **error)
{
    TestHost *s = TEST_HOST(dev);
    static const char *const bus_types[] = { TYPE_TEST_BUS, "Test-Bus-1", "Test-Bus-2" };

    test_journal_note(dev, "realize");
    if (s->fail) {
        return fail_step(error, "realize");
    }
    if (s->size) {
        memory_region_init_io(&s->mmio, OBJECT(dev), &test_host_ops, s, "test-host", s->size);
        sysbus_init_mmio(SYS_BUS_DEVICE(dev), &s->mmio);
    }
    for (uint32_t i = 0; i < MIN(s->num_irqs, G_N_ELEMENTS(s->irqs)); i++) {
        sysbus_init_irq(SYS_BUS_DEVICE(dev), &s->irqs[i]);
    }
    for (uint32_t i = 0; i < s->num_buses; i++) {
        BusState *bus = qbus_new(bus_types[MIN(s->max_dev, 2)], dev, NULL);

        if (s->hotplug) {
            qbus_set_hotplug_handler(bus, OBJECT(s->handler));
        }
    }
    return true;
}

static void test_host_init(Object *obj)
{
    TestHost *s = TEST_HOST(obj);

    s->handler = TEST_HANDLER(object_new_in(TYPE_TEST_HANDLER, obj));
    object_property_add_child(obj, "handler", OBJECT(s->handler));
    object_unref(s->handler);
}

static const Property test_host_properties[] = {
    DEFINE_PROP_SIZE("size", TestHost, size, 0x100),
    DEFINE_PROP_UINT32("irqs", TestHost, num_irqs, 0),
    DEFINE_PROP_UINT32("buses", TestHost, num_buses, 1),
    DEFINE_PROP_UINT32("max-dev", TestHost, max_dev, 0),
    DEFINE_PROP_BOOL("fail", TestHost, fail, false),
    DEFINE_PROP_UINT32("fail-bus", TestHost, fail_bus, 0),
    DEFINE_PROP_BOOL("hotplug", TestHost, hotplug, false),
    DEFINE_PROP_END_OF_LIST(),
};

static void test_host_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);

    (void)data;
    device_class_set_props(dc, test_host_properties);
    dc->user_creatable = true;
    dc->realize = test_host_realize;
    dc->unrealize = note_unrealize;
    dc->reset = note_reset;
}

/* --- test-handler --- */

#define DEFINE_STEP(step)                                                                          \
    static bool handler_##step(HotplugHandler *handler, DeviceState *dev, GError **error)          \
    {                                                                                              \
        test_journal_note(dev, #step);                                                             \
        return !TEST_HANDLER(handler)->fail_##step || fail_step(error, #step);                     \
    }

DEFINE_STEP(pre_plug)
DEFINE_STEP(plug)
DEFINE_STEP(unplug)
DEFINE_STEP(unplug_request)

static void test_handler_class_init(ObjectClass *klass, void *data)
{
    HotplugHandlerClass *hc = HOTPLUG_HANDLER_CLASS(klass);

    (void)data;
    hc->pre_plug = handler_pre_plug;
    hc->plug = handler_plug;
    hc->unplug = handler_unplug;
}

static void test_asker_class_init(ObjectClass *klass, void *data)
{
    (void)data;
    HOTPLUG_HANDLER_CLASS(klass)->unplug_request = handler_unplug_request;
}

static const TypeInfo test_device_types[] = {
    {
        .name = TYPE_TEST_DEVICE,
        .parent = TYPE_DEVICE,
        .instance_size = sizeof(TestDevice),
        .instance_init = test_device_init,
        .class_init = test_device_class_init,
    },
    {
        .name = TYPE_TEST_PLUG,
        .parent = TYPE_DEVICE,
        .instance_size = sizeof(TestPlug),
        .class_init = test_plug_class_init,
    },
    {
        .name = TYPE_TEST_FIXED,
        .parent = TYPE_TEST_PLUG,
        .class_init = test_fixed_class_init,
    },
    {
        .name = TYPE_TEST_PHASED,
        .parent = TYPE_TEST_PLUG,
        .class_init = test_phased_class_init,
    },
    {
        .name = TYPE_TEST_BUS,
        .parent = TYPE_BUS,
        .instance_size = sizeof(BusState),
        .class_init = test_bus_class_init,
    },
    {
        .name = "Test-Bus-1",
        .parent = TYPE_TEST_BUS,
        .class_init = test_bus_class_init,
        .class_data = GUINT_TO_POINTER(1),
    },
    {
        .name = "Test-Bus-2",
        .parent = TYPE_TEST_BUS,
        .class_init = test_bus_class_init,
        .class_data = GUINT_TO_POINTER(2),
    },
    {
        .name = TYPE_TEST_HOST,
        .parent = TYPE_SYS_BUS_DEVICE,
        .instance_size = sizeof(TestHost),
        .instance_init = test_host_init,
        .class_init = test_host_class_init,
    },
    {
        .name = TYPE_TEST_HANDLER,
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(TestHandler),
        .class_init = test_handler_class_init,
        .interfaces =
            (InterfaceInfo[]){
                { TYPE_HOTPLUG_HANDLER },
                {},
            },
    },
    {
        .name = TYPE_TEST_ASKER,
        .parent = TYPE_TEST_HANDLER,
        .class_init = test_asker_class_init,
    },
};

DEFINE_TYPES(test_device_types)

/* --- Machines --- */

MachineState *test_machine_new(bool ready)
{
    GError *error = NULL;
    MachineState *machine = machine_new("none", &error);

    g_assert_no_error(error);
    g_assert_true(machine_create(machine, &error));
    if (ready) {
        machine_set_ready(machine, NULL, NULL);
    }
    test_journal_clear();
    return machine;
}

DeviceState *test_add(MachineState *machine, const char *text, GError **error)
{
    GVariantBuilder options;
    g_auto(GStrv) words = g_strsplit(text, ",", -1);

    g_variant_builder_init(&options, G_VARIANT_TYPE_VARDICT);
    for (char **word = words; *word; word++) {
        const char *equals = strchr(*word, '=');
        g_autofree char *key = equals ? g_strndup(*word, equals - *word) : g_strdup("driver");

        g_variant_builder_add(&options, "{sv}", key,
                              qom_value_new_text(equals ? equals + 1 : *word));
    }
    return machine_add_device(machine, g_variant_builder_end(&options), error);
}

DeviceState *test_must_add(MachineState *machine, const char *text)
{
    GError *error = NULL;
    DeviceState *dev = test_add(machine, text, &error);

    g_assert_no_error(error);
    g_assert_nonnull(dev);
    return dev;
}

void test_assert_error(GError **error, const char *message)
{
    g_assert_nonnull(*error);
    g_assert_cmpstr((*error)->message, ==, message);
    g_clear_error(error);
}

void test_add_fails(MachineState *machine, const char *text, const char *message)
{
    GError *error = NULL;

    g_assert_null(test_add(machine, text, &error));
    test_assert_error(&error, message);
}
