/* Resets: phases, order, counts, the machine's list. */
#include "tests/lib/test_device.h"

static void test_order(void)
{
    MachineState *machine = test_machine_new(false);
    DeviceState *host = test_must_add(machine, "test-host,id=h");

    test_must_add(machine, "test-phased,id=a");
    test_must_add(machine, "test-plug,id=b");
    test_must_add(machine, "test-phased,id=c");
    test_journal_clear();
    device_cold_reset(host);
    /* Children before parents and newest first in every phase; a one-go reset happens in hold. */
    g_assert_cmpstr(test_journal(), ==,
                    "c:enter a:enter c:hold b:reset a:hold h:reset c:exit a:exit");
    machine_free(machine);
}

static void test_nested(void)
{
    MachineState *machine = test_machine_new(false);
    DeviceState *host = test_must_add(machine, "test-host,id=h");
    DeviceState *dev = test_must_add(machine, "test-phased,id=a");
    Object *obj = OBJECT(dev);

    test_journal_clear();
    resettable_assert_reset(obj, RESET_TYPE_COLD);
    g_assert_cmpstr(test_journal(), ==, "a:enter a:hold");
    g_assert_true(device_is_in_reset(dev));
    g_assert_false(device_is_in_reset(host));
    /* Its parent's reset comes and goes: it is in reset already and stays there. */
    test_journal_clear();
    device_cold_reset(host);
    g_assert_cmpstr(test_journal(), ==, "h:reset");
    resettable_assert_reset(OBJECT(host), RESET_TYPE_COLD);
    resettable_release_reset(obj, RESET_TYPE_COLD);
    g_assert_true(device_is_in_reset(dev));
    g_assert_true(bus_is_in_reset(dev->parent_bus));
    test_journal_clear();
    resettable_release_reset(OBJECT(host), RESET_TYPE_COLD);
    g_assert_cmpstr(test_journal(), ==, "a:exit");
    g_assert_false(device_is_in_reset(dev));
    machine_free(machine);
}

static void test_newcomer(void)
{
    MachineState *machine = test_machine_new(true);
    DeviceState *host = test_must_add(machine, "test-host,id=h,hotplug=on");
    DeviceState *dev;

    resettable_assert_reset(OBJECT(host), RESET_TYPE_COLD);
    test_journal_clear();
    dev = test_must_add(machine, "test-phased,id=a");
    g_assert_cmpstr(test_journal(), ==, "a:pre_plug a:realize a:enter a:hold a:plug");
    g_assert_true(device_is_in_reset(dev));
    test_journal_clear();
    resettable_release_reset(OBJECT(host), RESET_TYPE_COLD);
    g_assert_cmpstr(test_journal(), ==, "a:exit");
    machine_free(machine);
}

static void test_move(void)
{
    MachineState *machine = test_machine_new(false);
    DeviceState *one = test_must_add(machine, "test-host,id=one");
    DeviceState *two = test_must_add(machine, "test-host,id=two");
    DeviceState *dev = test_must_add(machine, "test-phased,id=a,bus=one.0");
    GError *error = NULL;

    resettable_assert_reset(OBJECT(two), RESET_TYPE_COLD);
    resettable_assert_reset(OBJECT(two), RESET_TYPE_COLD);
    test_journal_clear();
    g_assert_true(qdev_set_parent_bus(dev, qdev_get_child_bus(two, "two.0"), &error));
    g_assert_cmpstr(test_journal(), ==, "a:enter a:hold");
    g_assert_cmpuint(dev->reset.count, ==, 2);
    test_journal_clear();
    g_assert_true(qdev_set_parent_bus(dev, qdev_get_child_bus(one, "one.0"), &error));
    g_assert_cmpstr(test_journal(), ==, "a:exit");
    g_assert_cmpuint(dev->reset.count, ==, 0);
    resettable_release_reset(OBJECT(two), RESET_TYPE_COLD);
    resettable_release_reset(OBJECT(two), RESET_TYPE_COLD);
    machine_free(machine);
}

static ResettablePhases parent_phases;

static void sub_hold(Object *obj)
{
    test_journal_note(DEVICE(obj), "sub-hold");
    parent_phases.hold(obj);
}

static void sub_class_init(ObjectClass *klass, void *data)
{
    (void)data;
    resettable_class_set_parent_phases(RESETTABLE_CLASS(klass), NULL, sub_hold, NULL,
                                       &parent_phases);
}

static const TypeInfo sub_types[] = {
    {
        .name = "test-phased-sub",
        .parent = TYPE_TEST_PHASED,
        .class_init = sub_class_init,
    },
};

DEFINE_TYPES(sub_types)

static void test_chain(void)
{
    MachineState *machine = test_machine_new(false);
    DeviceState *dev;

    test_must_add(machine, "test-host");
    dev = test_must_add(machine, "test-phased-sub,id=s");
    test_journal_clear();
    device_cold_reset(dev);
    g_assert_cmpstr(test_journal(), ==, "s:enter s:sub-hold s:hold s:exit");
    machine_free(machine);
}

/* --- The list --- */

typedef struct Entry {
    ResetList *list;
    GString *log;
    char name;
    struct Entry *removes; /* during its run */
    struct Entry *adds;
} Entry;

static void run_entry(void *opaque)
{
    Entry *entry = opaque;

    g_string_append_c(entry->log, entry->name);
    if (entry->removes) {
        reset_list_unregister(entry->list, run_entry, entry->removes);
    }
    if (entry->adds) {
        reset_list_register(entry->list, run_entry, entry->adds);
        entry->adds = NULL;
    }
}

static void test_list(void)
{
    ResetList *list = reset_list_new();
    g_autoptr(GString) log = g_string_new(NULL);
    Entry c = { list, log, 'c', NULL, NULL };
    Entry d = { list, log, 'd', NULL, NULL };
    Entry b = { list, log, 'b', &c, &d };
    Entry a = { list, log, 'a', NULL, NULL };

    reset_list_run(list);
    reset_list_register(list, run_entry, &a);
    reset_list_register(list, run_entry, &b);
    reset_list_register(list, run_entry, &c);
    reset_list_run(list);
    g_assert_cmpstr(log->str, ==, "abd");
    b.removes = &b;
    reset_list_run(list);
    reset_list_run(list);
    g_assert_cmpstr(log->str, ==, "abdabdad");
    reset_list_unregister(list, run_entry, &a);
    reset_list_unregister(list, run_entry, &a);
    reset_list_run(list);
    g_assert_cmpstr(log->str, ==, "abdabdadd");
    reset_list_free(list);
}

static void note_reset_event(void *opaque, const MachineEvent *event)
{
    if (event->kind == MACHINE_EVENT_RESET) {
        g_string_append(opaque, test_journal());
        g_string_append(opaque, "|");
    }
}

static void note_handler(void *opaque)
{
    test_journal_note(opaque, "handler");
}

static void test_machine(void)
{
    MachineState *machine = test_machine_new(false);
    g_autoptr(GString) log = g_string_new(NULL);
    DeviceState *host = test_must_add(machine, "test-host,id=h");

    test_must_add(machine, "test-plug,id=p");
    machine_set_event_sink(machine, note_reset_event, log);
    reset_list_register(machine->reset_list, note_handler, host);
    test_journal_clear();
    machine_set_ready(machine, NULL, NULL);
    /* What the board or its devices registered comes before the main bus. */
    g_assert_cmpstr(test_journal(), ==, "h:handler p:reset h:reset");
    g_assert_cmpstr(log->str, ==, "");
    machine_set_ready(machine, NULL, NULL);
    test_journal_clear();
    machine_reset(machine);
    g_assert_cmpstr(log->str, ==, "h:handler p:reset h:reset|");
    machine_free(machine);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
#define ADD(name, func) g_test_add_func("/qdev/reset/" name, func)
    ADD("phases-visit-children-first-and-newest-first", test_order);
    ADD("held-twice-is-released-twice", test_nested);
    ADD("newcomer-joins-its-bus-in-reset", test_newcomer);
    ADD("moving-takes-the-count-of-the-new-bus", test_move);
    ADD("subclass-chains-its-phases", test_chain);
    ADD("list-runs-in-order-and-may-change-meanwhile", test_list);
    ADD("machine-resets-all-then-tells", test_machine);
    return g_test_run();
}
