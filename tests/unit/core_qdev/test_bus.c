/* Buses: names, places, searches. */
#include "tests/lib/test_device.h"

static Object *resolve(MachineState *machine, const char *path)
{
    return object_resolve_path(machine->root, path, NULL);
}

static char *link_text(BusState *bus, const char *name)
{
    return object_property_get_str(OBJECT(bus), name, NULL);
}

static void test_names(void)
{
    MachineState *machine = test_machine_new(false);
    DeviceState *named = test_must_add(machine, "test-host,id=h,buses=2");
    DeviceState *anonymous = test_must_add(machine, "test-host,buses=2");
    DeviceState *other = test_must_add(machine, "test-host");
    MachineState *second = test_machine_new(false);
    DeviceState *elsewhere = test_must_add(second, "test-host");

    g_assert_nonnull(qdev_get_child_bus(named, "h.0"));
    g_assert_nonnull(qdev_get_child_bus(named, "h.1"));
    g_assert_null(qdev_get_child_bus(named, "h.2"));
    g_assert_nonnull(qdev_get_child_bus(anonymous, "test-bus.0"));
    g_assert_nonnull(qdev_get_child_bus(anonymous, "test-bus.1"));
    g_assert_nonnull(qdev_get_child_bus(other, "test-bus.2"));
    /* Another machine counts for itself. */
    g_assert_nonnull(qdev_get_child_bus(elsewhere, "test-bus.0"));
    g_assert_cmpstr(qbus_new(TYPE_TEST_BUS, other, "given")->name, ==, "given");
    g_assert_cmpstr(machine->main_system_bus->name, ==, "main-system-bus");
    g_assert_true(resolve(machine, "/machine/unattached/sysbus") ==
                  OBJECT(machine->main_system_bus));
    machine_free(second);
    machine_free(machine);
}

static void test_newest_first(void)
{
    MachineState *machine = test_machine_new(true);
    DeviceState *host = test_must_add(machine, "test-host,id=h,hotplug=on");
    BusState *bus = qdev_get_child_bus(host, "h.0");
    g_autofree char *one = NULL;
    g_autofree char *two = NULL;
    GError *error = NULL;

    test_must_add(machine, "test-plug,id=a");
    test_must_add(machine, "test-plug,id=b");
    g_assert_true(machine_del_device(machine, "a", &error));
    test_must_add(machine, "test-plug,id=c");
    g_assert_cmpstr(((BusChild *)bus->children->data)->child->id, ==, "c");
    g_assert_cmpstr(((BusChild *)bus->children->next->data)->child->id, ==, "b");
    g_assert_null(bus->children->next->next);
    /* Numbers are not used again. */
    one = link_text(bus, "child[1]");
    two = link_text(bus, "child[2]");
    g_assert_null(link_text(bus, "child[0]"));
    g_assert_cmpstr(one, ==, "/machine/peripheral/b");
    g_assert_cmpstr(two, ==, "/machine/peripheral/c");
    test_journal_clear();
    bus_cold_reset(bus);
    g_assert_cmpstr(test_journal(), ==, "c:reset b:reset");
    machine_free(machine);
}

static void test_full(void)
{
    MachineState *machine = test_machine_new(false);
    DeviceState *host = test_must_add(machine, "test-host,id=h,max-dev=2");
    BusState *bus = qdev_get_child_bus(host, "h.0");

    test_must_add(machine, "test-plug,id=a");
    g_assert_false(qbus_is_full(bus));
    test_must_add(machine, "test-plug,id=b");
    g_assert_true(qbus_is_full(bus));
    test_add_fails(machine, "test-plug,id=c,bus=h.0", "Bus 'h.0' is full");
    test_add_fails(machine, "test-plug,id=c", "No 'Test-Bus' bus found for device 'test-plug'");
    machine_free(machine);
}

static const char *name_of_place(MachineState *machine, const char *options)
{
    return test_must_add(machine, options)->parent_bus->name;
}

static void test_placement(void)
{
    MachineState *machine = test_machine_new(false);

    test_must_add(machine, "test-host,id=old,max-dev=1");
    test_must_add(machine, "test-host,id=new,max-dev=1,buses=2");
    /* Devices and buses are walked from the newest to the oldest. */
    g_assert_cmpstr(name_of_place(machine, "test-plug,has-bus=on,id=x"), ==, "new.1");
    /* Depth first: the bus of x comes before its own neighbours. */
    g_assert_cmpstr(name_of_place(machine, "test-plug"), ==, "x.0");
    machine_free(machine);
}

static void test_placement_skips_full(void)
{
    MachineState *machine = test_machine_new(false);

    test_must_add(machine, "test-host,id=old,max-dev=1");
    test_must_add(machine, "test-host,id=new,max-dev=1,buses=2");
    g_assert_cmpstr(name_of_place(machine, "test-plug"), ==, "new.1");
    g_assert_cmpstr(name_of_place(machine, "test-plug"), ==, "new.0");
    g_assert_cmpstr(name_of_place(machine, "test-plug"), ==, "old.0");
    test_add_fails(machine, "test-plug", "No 'Test-Bus' bus found for device 'test-plug'");
    machine_free(machine);
}

static void test_same_name_prefers_room(void)
{
    MachineState *machine = test_machine_new(false);
    DeviceState *one = test_must_add(machine, "test-host,buses=0");
    DeviceState *two = test_must_add(machine, "test-host,buses=0");
    BusState *with_room = qbus_new("Test-Bus-1", one, "twin");
    BusState *full = qbus_new("Test-Bus-1", two, "twin");
    DeviceState *first = test_must_add(machine, "test-plug,bus=twin");
    DeviceState *second = test_must_add(machine, "test-plug,bus=twin");

    g_assert_true(first->parent_bus == full);
    g_assert_true(second->parent_bus == with_room);
    test_add_fails(machine, "test-plug,bus=twin", "Bus 'twin' is full");
    machine_free(machine);
}

typedef struct PathCase {
    const char *path;
    const char *bus;   /* its name, or NULL: it fails */
    const char *error; /* then this is said */
} PathCase;

static const PathCase path_cases[] = {
    { "main-system-bus", "main-system-bus", NULL },
    { "/", "main-system-bus", NULL },
    { "h.0", "h.0", NULL },
    { "p.0", "p.0", NULL },
    { "/h/h.0", "h.0", NULL },
    { "//h///h.1/", "h.1", NULL },
    { "/h/h.0/p/p.0", "p.0", NULL },
    { "h.0/p", "p.0", NULL },
    { "h.0/test-plug/p.0", "p.0", NULL },
    { "main-system-bus/h/h.1", "h.1", NULL },
    { "/test-host/h.1", "h.1", NULL },
    { "nowhere", NULL, "Bus 'nowhere' not found" },
    { "", NULL, "Bus '' not found" },
    { "nowhere/p", NULL, "Bus 'nowhere' not found" },
    { "/h/nowhere", NULL, "Bus 'nowhere' not found" },
    { "/nobody", NULL, "Device 'nobody' not found" },
    { "/nobody/x.0", NULL, "Device 'nobody' not found" },
    { "h.1/p/p.0", NULL, "Device 'p' not found" },
    { "/h", NULL, "Device 'h' has multiple child buses" },
    { "/h/h.0/q", NULL, "Device 'q' has no child bus" },
};

static void test_paths(void)
{
    MachineState *machine = test_machine_new(false);

    test_must_add(machine, "test-host,id=h,buses=2");
    test_must_add(machine, "test-plug,id=q,bus=h.0");
    test_must_add(machine, "test-plug,id=p,has-bus=on,bus=h.0");
    for (size_t i = 0; i < G_N_ELEMENTS(path_cases); i++) {
        const PathCase *c = &path_cases[i];
        GError *error = NULL;
        BusState *bus = qbus_find(machine, c->path, &error);

        if (c->bus) {
            g_assert_no_error(error);
            g_assert_cmpstr(bus->name, ==, c->bus);
        } else {
            g_assert_null(bus);
            test_assert_error(&error, c->error);
        }
    }
    machine_free(machine);
}

static void test_missing_device_class(void)
{
    MachineState *machine = test_machine_new(false);
    GError *error = NULL;

    g_assert_null(qbus_find(machine, "/nobody", &error));
    g_assert_error(error, QOM_ERROR, QOM_ERROR_DEVICE_NOT_FOUND);
    g_clear_error(&error);
    machine_free(machine);
}

static void test_find_device(void)
{
    MachineState *machine = test_machine_new(false);
    DeviceState *deep;

    test_must_add(machine, "test-host,id=h");
    test_must_add(machine, "test-plug,id=p,has-bus=on");
    deep = test_must_add(machine, "test-plug,id=deep,bus=p.0");
    g_assert_true(qdev_find_recursive(machine->main_system_bus, "deep") == deep);
    g_assert_null(qdev_find_recursive(machine->main_system_bus, "shallow"));
    machine_free(machine);
}

static void test_move(void)
{
    MachineState *machine = test_machine_new(false);
    DeviceState *host = test_must_add(machine, "test-host,id=h,buses=2,max-dev=1");
    DeviceState *a = test_must_add(machine, "test-plug,id=a,bus=h.0");
    DeviceState *b = test_must_add(machine, "test-plug,id=b,bus=h.1");
    BusState *to = qdev_get_child_bus(host, "h.1");
    BusState *from = qdev_get_child_bus(host, "h.0");
    GError *error = NULL;

    g_assert_false(qdev_set_parent_bus(a, to, &error));
    test_assert_error(&error, "Bus 'h.1' is full");
    g_assert_true(a->parent_bus == from);
    object_unparent(OBJECT(b));
    g_assert_true(qdev_set_parent_bus(a, to, &error));
    g_assert_cmpuint(from->num_children, ==, 0);
    g_assert_cmpuint(to->num_children, ==, 1);
    g_assert_false(qdev_set_parent_bus(a, machine->main_system_bus, &error));
    test_assert_error(&error, "Device 'test-plug' can't go on System bus");
    machine_free(machine);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
#define ADD(name, func) g_test_add_func("/qdev/bus/" name, func)
    ADD("named-after-its-device-or-counted-by-the-machine", test_names);
    ADD("devices-are-newest-first-and-numbers-only-grow", test_newest_first);
    ADD("full-at-max-dev", test_full);
    ADD("placement-is-depth-first", test_placement);
    ADD("placement-skips-full-buses", test_placement_skips_full);
    ADD("of-two-with-one-name-the-one-with-room", test_same_name_prefers_room);
    ADD("paths", test_paths);
    ADD("missing-device-in-a-path-is-device-not-found", test_missing_device_class);
    ADD("device-is-found-by-id-at-any-depth", test_find_device);
    ADD("device-moves-only-where-it-fits", test_move);
    return g_test_run();
}
