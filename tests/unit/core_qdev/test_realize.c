/* Realizing and unrealizing: order, unwinding, what is left behind. */
#include "tests/lib/test_device.h"

static TestHandler *handler_of(DeviceState *host)
{
    return TEST_HOST(host)->handler;
}

static Object *resolve(MachineState *machine, const char *path)
{
    return object_resolve_path(machine->root, path, NULL);
}

static void test_order(void)
{
    MachineState *machine = test_machine_new(false);

    test_must_add(machine, "test-host,id=h,buses=2,hotplug=on");
    g_assert_cmpstr(test_journal(), ==, "h:realize h.1:realize h.0:realize");
    test_journal_clear();
    test_must_add(machine, "test-plug,id=p,bus=h.0,has-bus=on");
    g_assert_cmpstr(test_journal(), ==, "p:pre_plug p:realize p.0:realize p:plug");
    machine_free(machine);
}

static void test_order_hotplugged(void)
{
    MachineState *machine = test_machine_new(true);

    test_must_add(machine, "test-host,id=h,hotplug=on");
    g_assert_cmpstr(test_journal(), ==, "h:realize h.0:realize h:reset");
    test_journal_clear();
    test_must_add(machine, "test-plug,id=p,has-bus=on");
    g_assert_cmpstr(test_journal(), ==, "p:pre_plug p:realize p.0:realize p:reset p:plug");
    machine_free(machine);
}

typedef struct UnwindCase {
    const char *options;
    bool fail_pre_plug;
    bool fail_plug;
    const char *message;
    const char *journal;
} UnwindCase;

static const UnwindCase unwind_cases[] = {
    { "test-plug,id=p", true, false, "pre_plug failed on purpose", "p:pre_plug" },
    { "test-plug,id=p,fail=on", false, false, "realize failed on purpose", "p:pre_plug p:realize" },
    { "test-plug,id=p,has-bus=on", false, true, "plug failed on purpose",
      "p:pre_plug p:realize p.0:realize p:reset p:plug p.0:unrealize p:unrealize" },
    { "test-host,id=q,fail-bus=1,buses=3", false, false, "bus failed on purpose",
      "q:realize q.2:realize q.1:realize q.0:realize q.2:unrealize q.1:unrealize q:unrealize" },
    { "test-host,id=q,addr=3", false, false,
      "Device 'test-host' can't be mapped at 0x3: 'addr' must be a multiple of 4",
      "q:realize q.0:realize q:reset q.0:unrealize q:unrealize" },
};

static void ignore_event(void *opaque, const MachineEvent *event)
{
    if (event->kind == MACHINE_EVENT_DEVICE_DELETED) {
        ++*(unsigned *)opaque;
    }
}

static void test_unwind(const void *data)
{
    const UnwindCase *c = data;
    MachineState *machine = test_machine_new(true);
    DeviceState *host = test_must_add(machine, "test-host,id=h,hotplug=on");
    BusState *bus = qdev_get_child_bus(host, "h.0");
    unsigned on_main_bus = machine->main_system_bus->num_children;
    unsigned deleted = 0;

    machine_set_event_sink(machine, ignore_event, &deleted);
    handler_of(host)->fail_pre_plug = c->fail_pre_plug;
    handler_of(host)->fail_plug = c->fail_plug;
    test_journal_clear();
    test_add_fails(machine, c->options, c->message);
    g_assert_cmpstr(test_journal(), ==, c->journal);
    g_assert_null(resolve(machine, "/machine/peripheral/p"));
    g_assert_null(resolve(machine, "/machine/peripheral/q"));
    g_assert_cmpuint(bus->num_children, ==, 0);
    g_assert_cmpuint(machine->main_system_bus->num_children, ==, on_main_bus);
    /* It never was realized, so nobody misses it. */
    g_assert_cmpuint(deleted, ==, 0);

    /* The place and the name are free again. */
    handler_of(host)->fail_pre_plug = handler_of(host)->fail_plug = false;
    test_must_add(machine, "test-plug,id=p");
    machine_free(machine);
}

static void test_auto_parent(void)
{
    MachineState *machine = test_machine_new(false);
    DeviceState *host = test_must_add(machine, "test-host,id=h");
    BusState *bus = qdev_get_child_bus(host, "h.0");
    DeviceState *good = qdev_new(TYPE_TEST_PLUG, machine->root);
    DeviceState *bad = qdev_new(TYPE_TEST_PLUG, machine->root);
    GError *error = NULL;

    g_assert_true(qdev_realize_and_unref(good, bus, &error));
    g_assert_true(resolve(machine, "/machine/unattached/device[0]") == OBJECT(good));

    object_property_set_bool(OBJECT(bad), "fail", true, NULL);
    g_assert_false(qdev_realize(bad, bus, &error));
    test_assert_error(&error, "realize failed on purpose");
    g_assert_null(resolve(machine, "/machine/unattached/device[1]"));
    g_assert_null(bad->parent_bus);
    g_assert_cmpuint(bus->num_children, ==, 1);

    /* What failed may be mended and tried again. */
    object_property_set_bool(OBJECT(bad), "fail", false, NULL);
    object_set_home(OBJECT(bad), machine->root);
    g_assert_true(qdev_realize_and_unref(bad, bus, &error));
    machine_free(machine);
}

static void test_outside_machine(void)
{
    DeviceState *dev = qdev_new(TYPE_TEST_DEVICE, NULL);
    GError *error = NULL;

    g_assert_null(qdev_get_machine(dev));
    g_assert_false(qdev_realize(dev, NULL, &error));
    test_assert_error(&error, "Device 'test-device' is in no machine");
    object_unref(dev);

    dev = qdev_new(TYPE_TEST_HOST, NULL);
    g_assert_false(sysbus_realize_and_unref(SYS_BUS_DEVICE(dev), &error));
    test_assert_error(&error, "Device 'test-host' is in no machine");
}

static void test_without_bus(void)
{
    MachineState *machine = test_machine_new(false);
    DeviceState *dev = qdev_new(TYPE_TEST_PLUG, machine->root);
    GError *error = NULL;

    g_assert_false(qdev_realize_and_unref(dev, NULL, &error));
    test_assert_error(&error, "No 'Test-Bus' bus found for device 'test-plug'");
    machine_free(machine);
}

static void test_only_once(void)
{
    MachineState *machine = test_machine_new(false);
    DeviceState *dev = test_must_add(machine, "test-device,id=d");
    GError *error = NULL;

    g_assert_false(qdev_realize(dev, NULL, &error));
    test_assert_error(&error, "Device 'test-device' is realized already");
    g_assert_true(object_property_set_bool(OBJECT(dev), "realized", true, &error));
    g_assert_true(object_property_set_bool(OBJECT(dev), "realized", false, &error));
    g_assert_false(qdev_is_realized(dev));
    g_assert_false(object_property_set_bool(OBJECT(dev), "realized", true, &error));
    test_assert_error(&error, "Device 'test-device' can't be realized a second time");
    machine_free(machine);
    test_journal_clear();
}

static void test_realized_as_option(void)
{
    MachineState *machine = test_machine_new(false);

    test_add_fails(machine, "test-host,realized=on",
                   "No 'System' bus found for device 'test-host'");
    test_add_fails(machine, "test-device,realized=on", "Device 'test-device' is realized already");
    machine_free(machine);
}

static void test_lock(void)
{
    MachineState *machine = test_machine_new(false);
    DeviceState *named = test_must_add(machine, "test-device,id=d,u8=1");
    DeviceState *anonymous = test_must_add(machine, "test-device");
    GError *error = NULL;

    g_assert_false(object_property_set_uint(OBJECT(named), "u8", 2, &error));
    test_assert_error(&error, "Attempt to set property 'u8' on device 'd' (type 'test-device') "
                              "after it was realized");
    g_assert_false(object_property_set_str(OBJECT(anonymous), "text", "x", &error));
    test_assert_error(&error, "Attempt to set property 'text' on anonymous device "
                              "(type 'test-device') after it was realized");
    g_assert_false(object_property_set_str(OBJECT(named), "peer", "", &error));
    test_assert_error(&error, "Attempt to set property 'peer' on device 'd' (type 'test-device') "
                              "after it was realized");
    g_assert_cmpuint(object_property_get_uint(OBJECT(named), "u8", &error), ==, 1);
    machine_free(machine);
}

static void test_object_properties(void)
{
    MachineState *machine = test_machine_new(false);
    DeviceState *host = test_must_add(machine, "test-host,id=h");
    DeviceState *plug = test_must_add(machine, "test-plug,id=p");
    DeviceState *late;
    GError *error = NULL;
    g_autofree char *bus = object_property_get_str(OBJECT(plug), "parent_bus", &error);

    g_assert_cmpstr(bus, ==, "/machine/peripheral/h/h.0");
    g_assert_true(object_property_get_bool(OBJECT(host), "hotpluggable", &error));
    g_assert_false(object_property_get_bool(OBJECT(plug), "hotpluggable", &error));
    g_assert_false(object_property_get_bool(OBJECT(host), "hotplugged", &error));
    g_assert_true(object_property_get_bool(OBJECT(host), "realized", &error));
    machine_set_ready(machine, NULL, NULL);
    late = test_must_add(machine, "test-host,id=late");
    g_assert_true(object_property_get_bool(OBJECT(late), "hotplugged", &error));
    g_assert_no_error(error);
    g_assert_false(object_property_set_bool(OBJECT(late), "hotplugged", false, &error));
    test_assert_error(&error, "Property 'test-host.hotplugged' is not writable");
    g_assert_false(object_property_set_str(OBJECT(late), "parent_bus", "", &error));
    test_assert_error(&error, "Property 'test-host.parent_bus' is not writable");
    machine_free(machine);
}

static void note_deleted(void *opaque, const MachineEvent *event)
{
    if (event->kind == MACHINE_EVENT_DEVICE_DELETED) {
        g_string_append_printf(opaque, "%s=%s ", event->id ? event->id : "-", event->path);
    }
}

static void test_removal(void)
{
    MachineState *machine = test_machine_new(true);
    g_autoptr(GString) deleted = g_string_new(NULL);
    DeviceState *plug;
    GError *error = NULL;

    test_must_add(machine, "test-host,id=h,hotplug=on");
    test_must_add(machine, "test-plug,id=a,has-bus=on");
    plug = test_must_add(machine, "test-plug,bus=h.0");
    machine_set_event_sink(machine, note_deleted, deleted);
    object_ref(plug);
    test_journal_clear();
    g_assert_true(machine_del_device(machine, "h", &error));
    g_assert_cmpstr(test_journal(), ==,
                    "test-plug:unrealize a.0:unrealize a:unrealize h.0:unrealize h:unrealize");
    g_assert_null(resolve(machine, "/machine/peripheral/a"));
    /* Who holds a reference holds the news back. */
    g_assert_cmpstr(deleted->str, ==, "a=/machine/peripheral/a h=/machine/peripheral/h ");
    g_string_truncate(deleted, 0);
    object_unref(plug);
    g_assert_cmpstr(deleted->str, ==, "-=/machine/peripheral-anon/device[0] ");
    machine_free(machine);
}

static void test_freed_after_machine(void)
{
    MachineState *machine = test_machine_new(true);
    DeviceState *dev = test_must_add(machine, "test-host,id=h");
    unsigned deleted = 0;

    machine_set_event_sink(machine, ignore_event, &deleted);
    object_ref(dev);
    machine_free(machine);
    object_unref(dev);
    g_assert_cmpuint(deleted, ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
#define ADD(name, func) g_test_add_func("/qdev/realize/" name, func)
    ADD("pre-plug-realize-buses-plug", test_order);
    ADD("hot-plugged-device-is-reset-before-plug", test_order_hotplugged);
    for (size_t i = 0; i < G_N_ELEMENTS(unwind_cases); i++) {
        g_autofree char *path = g_strdup_printf("/qdev/realize/failure-is-unwound/%zu", i);

        g_test_add_data_func(path, &unwind_cases[i], test_unwind);
    }
    ADD("orphan-goes-below-unattached-and-leaves-it-on-failure", test_auto_parent);
    ADD("needs-a-machine", test_outside_machine);
    ADD("needs-its-bus", test_without_bus);
    ADD("happens-once", test_only_once);
    ADD("is-no-option", test_realized_as_option);
    ADD("locks-the-properties", test_lock);
    ADD("shows-in-object-properties", test_object_properties);
    ADD("removal-unrealizes-from-the-leaves-and-tells", test_removal);
    ADD("device-may-outlive-its-machine", test_freed_after_machine);
    return g_test_run();
}
