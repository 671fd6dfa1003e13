/* Removal of devices: device_del's checks, hotplug handlers. */
#include "tests/lib/test_device.h"

static void del_fails(MachineState *machine, const char *what, const char *message)
{
    GError *error = NULL;

    g_assert_false(machine_del_device(machine, what, &error));
    test_assert_error(&error, message);
}

static void must_del(MachineState *machine, const char *what)
{
    GError *error = NULL;

    g_assert_true(machine_del_device(machine, what, &error));
    g_assert_no_error(error);
}

static bool exists(MachineState *machine, const char *path)
{
    return object_resolve_path(machine->root, path, NULL);
}

static void test_by_id_and_path(void)
{
    MachineState *machine = test_machine_new(true);

    test_must_add(machine, "test-host,id=h,hotplug=on");
    test_must_add(machine, "test-plug,id=a");
    test_must_add(machine, "test-plug,id=b");
    test_must_add(machine, "test-plug");
    must_del(machine, "a");
    must_del(machine, "/machine/peripheral/b");
    must_del(machine, "/machine/peripheral-anon/device[0]");
    must_del(machine, "h");
    g_assert_false(exists(machine, "/machine/peripheral/h"));
    g_assert_cmpuint(machine->main_system_bus->num_children, ==, 0);
    machine_free(machine);
}

static void test_not_found(void)
{
    MachineState *machine = test_machine_new(true);
    GError *error = NULL;

    del_fails(machine, "nobody", "Device 'nobody' not found");
    del_fails(machine, "", "Device '' not found");
    del_fails(machine, "/machine/peripheral/x", "Device '/machine/peripheral/x' not found");
    g_assert_false(machine_del_device(machine, "nobody", &error));
    g_assert_error(error, QOM_ERROR, QOM_ERROR_DEVICE_NOT_FOUND);
    g_clear_error(&error);
    del_fails(machine, "/machine", "/machine is not a hotpluggable device");
    del_fails(machine, "/", "/ is not a hotpluggable device");
    machine_free(machine);
}

static void test_board_part(void)
{
    MachineState *machine = test_machine_new(false);
    DeviceState *part = qdev_new(TYPE_TEST_HOST, machine->root);
    DeviceState *loose = qdev_new(TYPE_TEST_DEVICE, machine->root);

    object_property_add_child(OBJECT(machine), "part", OBJECT(part));
    object_property_add_child(OBJECT(machine), "loose", OBJECT(loose));
    g_assert_true(sysbus_realize_and_unref(SYS_BUS_DEVICE(part), NULL));
    g_assert_true(qdev_realize_and_unref(loose, NULL, NULL));
    machine_set_ready(machine, NULL, NULL);
    del_fails(machine, "/machine/part", "Device '/machine/part' is a part of the machine");
    del_fails(machine, "/machine/loose",
              "Device 'test-device' can not be hotplugged on this machine");
    machine_free(machine);
}

static void test_not_hotpluggable(void)
{
    MachineState *machine = test_machine_new(false);

    test_must_add(machine, "test-host,id=cold");
    test_must_add(machine, "test-plug,id=a,bus=cold.0");
    test_must_add(machine, "test-host,id=hot,hotplug=on");
    test_must_add(machine, "test-fixed,id=f,bus=hot.0");
    machine_set_ready(machine, NULL, NULL);
    del_fails(machine, "a", "Bus 'cold.0' does not support hotplugging");
    del_fails(machine, "f", "Device 'test-fixed' does not support hotplugging");
    g_assert_true(exists(machine, "/machine/peripheral/f"));
    machine_free(machine);
}

static void test_blocker(void)
{
    MachineState *machine = test_machine_new(true);
    DeviceState *dev = test_must_add(machine, "test-host,id=h");
    GError *reason = g_error_new(QOM_ERROR, QOM_ERROR_GENERIC, "busy with something");

    qdev_add_unplug_blocker(dev, reason);
    del_fails(machine, "h", "busy with something");
    qdev_del_unplug_blocker(dev, reason);
    must_del(machine, "h");
    g_error_free(reason);
    machine_free(machine);
}

static void test_handler_refuses(void)
{
    MachineState *machine = test_machine_new(true);
    DeviceState *host = test_must_add(machine, "test-host,id=h,hotplug=on");

    test_must_add(machine, "test-plug,id=p");
    TEST_HOST(host)->handler->fail_unplug = true;
    test_journal_clear();
    del_fails(machine, "p", "unplug failed on purpose");
    g_assert_true(exists(machine, "/machine/peripheral/p"));
    TEST_HOST(host)->handler->fail_unplug = false;
    test_journal_clear();
    must_del(machine, "p");
    g_assert_cmpstr(test_journal(), ==, "p:unplug p:unrealize");
    machine_free(machine);
}

static void test_request(void)
{
    MachineState *machine = test_machine_new(false);
    DeviceState *host = test_must_add(machine, "test-host,id=h");
    TestHandler *asker = TEST_HANDLER(object_new(TYPE_TEST_ASKER));
    DeviceState *dev;

    object_property_add_child(OBJECT(machine), "asker", OBJECT(asker));
    object_unref(asker);
    qbus_set_hotplug_handler(qdev_get_child_bus(host, "h.0"), OBJECT(asker));
    machine_set_ready(machine, NULL, NULL);
    dev = test_must_add(machine, "test-plug,id=p");
    asker->fail_unplug_request = true;
    del_fails(machine, "p", "unplug_request failed on purpose");
    asker->fail_unplug_request = false;
    test_journal_clear();
    must_del(machine, "p");
    g_assert_cmpstr(test_journal(), ==, "p:unplug_request");
    g_assert_true(exists(machine, "/machine/peripheral/p"));
    del_fails(machine, "p", "Device p is already in the process of unplug");
    g_assert_true(qdev_is_realized(dev));
    /* The guest has answered. */
    g_assert_true(hotplug_handler_unplug(HOTPLUG_HANDLER(asker), dev, NULL));
    object_unparent(OBJECT(dev));
    g_assert_false(exists(machine, "/machine/peripheral/p"));
    machine_free(machine);
}

static void test_handler_link(void)
{
    MachineState *machine = test_machine_new(false);
    DeviceState *host = test_must_add(machine, "test-host,id=h,hotplug=on");
    g_autofree char *path =
        object_property_get_str(OBJECT(qdev_get_child_bus(host, "h.0")), "hotplug-handler", NULL);

    g_assert_cmpstr(path, ==, "/machine/peripheral/h/handler");
    machine_free(machine);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
#define ADD(name, func) g_test_add_func("/qdev/del/" name, func)
    ADD("by-id-and-by-path", test_by_id_and_path);
    ADD("what-is-not-there-or-no-device", test_not_found);
    ADD("parts-of-the-board-stay", test_board_part);
    ADD("bus-or-class-may-forbid-it", test_not_hotpluggable);
    ADD("blocker-says-why-not", test_blocker);
    ADD("handler-may-refuse", test_handler_refuses);
    ADD("request-leaves-the-device-until-it-is-answered", test_request);
    ADD("handler-is-a-link-of-the-bus", test_handler_link);
    return g_test_run();
}
