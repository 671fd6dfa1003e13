/* Lines between devices, watches, and lines that a client drives. */
#include <string.h>

#include "tests/lib/test_device.h"

static char *event_log;

static void note_line(void *opaque, const MachineEvent *event)
{
    (void)opaque;
    if (event->kind == MACHINE_EVENT_LINE) {
        char *old = event_log;

        event_log = g_strdup_printf("%sw%u.%u=%d@%d ", old ? old : "", event->watch, event->line,
                                    event->level, (int)event->time_ns);
        g_free(old);
    }
}

static void assert_events(const char *expected)
{
    g_assert_cmpstr(event_log ? event_log : "", ==, expected);
    g_clear_pointer(&event_log, g_free);
}

static void test_properties(void)
{
    MachineState *machine = test_machine_new(false);
    DeviceState *dev = test_must_add(machine, "test-device,id=d");
    g_autofree char *in = object_property_get_str(OBJECT(dev), "unnamed-gpio-in[3]", NULL);
    g_autofree char *extra = object_property_get_str(OBJECT(dev), "extra[1]", NULL);
    g_autofree char *out = object_property_get_str(OBJECT(dev), "unnamed-gpio-out[0]", NULL);

    g_assert_cmpstr(in, ==, "/machine/peripheral/d/unnamed-gpio-in[3]");
    g_assert_cmpstr(extra, ==, "/machine/peripheral/d/extra[1]");
    g_assert_cmpstr(out, ==, "");
    g_assert_cmpstr(object_property_get_type(OBJECT(dev), "unnamed-gpio-in[0]", NULL), ==,
                    "child<irq>");
    g_assert_cmpstr(object_property_get_type(OBJECT(dev), "extra-out[1]", NULL), ==, "link<irq>");
    g_assert_cmpint(qdev_count_gpio_in(dev, NULL), ==, TEST_LINES);
    g_assert_cmpint(qdev_count_gpio_out(dev, NULL), ==, TEST_LINES);
    g_assert_cmpint(qdev_count_gpio_in(dev, "extra"), ==, 2);
    g_assert_cmpint(qdev_count_gpio_out(dev, "extra"), ==, 0);
    g_assert_cmpint(qdev_count_gpio_in(dev, "nothing"), ==, 0);
    machine_free(machine);
}

static void test_user_cannot_connect(void)
{
    MachineState *machine = test_machine_new(false);
    GError *error = NULL;

    test_add_fails(machine, "test-device,unnamed-gpio-out[0]=/machine",
                   "Property 'test-device.unnamed-gpio-out[0]' is not writable");
    g_assert_no_error(error);
    machine_free(machine);
}

static void test_connect(void)
{
    MachineState *machine = test_machine_new(false);
    DeviceState *a = test_must_add(machine, "test-device,id=a");
    DeviceState *b = test_must_add(machine, "test-device,id=b");
    g_autofree char *path = NULL;

    qemu_set_irq(TEST_DEVICE(a)->out[1], 1); /* to nobody */
    qdev_connect_gpio_out(a, 1, qdev_get_gpio_in(b, 2));
    qemu_set_irq(TEST_DEVICE(a)->out[1], -1);
    g_assert_cmpint(TEST_DEVICE(b)->levels[2], ==, -1);
    qemu_irq_raise(TEST_DEVICE(a)->out[1]);
    g_assert_cmpint(TEST_DEVICE(b)->levels[2], ==, 1);
    qemu_irq_pulse(TEST_DEVICE(a)->out[1]);
    g_assert_cmpint(TEST_DEVICE(b)->levels[2], ==, 0);
    g_assert_cmpuint(TEST_DEVICE(b)->sets, ==, 4);
    path = object_property_get_str(OBJECT(a), "unnamed-gpio-out[1]", NULL);
    g_assert_cmpstr(path, ==, "/machine/peripheral/b/unnamed-gpio-in[2]");

    qdev_connect_gpio_out_named(a, "extra-out", 0, qdev_get_gpio_in_named(b, "extra", 1));
    qemu_irq_raise(TEST_DEVICE(a)->extra_out[0]);
    g_assert_cmpint(TEST_DEVICE(b)->levels[1], ==, 1);
    g_assert_true(qdev_get_gpio_out_connector(a, "extra-out", 0) ==
                  qdev_get_gpio_in_named(b, "extra", 1));
    qdev_connect_gpio_out(a, 1, NULL);
    g_assert_null(qdev_get_gpio_out_connector(a, NULL, 1));
    machine_free(machine);
}

static void count_sets(void *opaque, int n, int level)
{
    int *sums = opaque;

    sums[n] += level;
}

static void test_loose_input(void)
{
    MachineState *machine = test_machine_new(false);
    DeviceState *dev = test_must_add(machine, "test-device,id=d");
    int sums[2] = { 0 };
    qemu_irq irq = qemu_allocate_irq(count_sets, sums, 1);

    qdev_connect_gpio_out(dev, 0, irq);
    g_assert_true(object_resolve_path(machine->root, "/machine/unattached/non-qdev-gpio[0]",
                                      NULL) == OBJECT(irq));
    qemu_free_irq(irq);
    qemu_irq_raise(TEST_DEVICE(dev)->out[0]);
    g_assert_cmpint(sums[1], ==, 1);
    machine_free(machine);
}

static void count_calls(void *opaque, int n, int level)
{
    int *calls = opaque;

    (void)level;
    calls[n]++;
}

static void test_ignored_repeats(void)
{
    int calls[3] = { 0 };
    qemu_irq irq = qemu_allocate_irq(count_calls, calls, 0);

    qemu_irq_ignore_repeats(irq);
    qemu_set_irq(irq, 0); /* the first one is none, whatever the level */
    qemu_set_irq(irq, 0);
    g_assert_cmpint(calls[0], ==, 1);
    qemu_set_irq(irq, 1);
    qemu_set_irq(irq, 1);
    qemu_set_irq(irq, -1);
    g_assert_cmpint(calls[0], ==, 3);
    qemu_irq_intercept_in(irq, count_calls, calls, 1);
    qemu_set_irq(irq, -1); /* news to the listener */
    qemu_set_irq(irq, -1);
    g_assert_cmpint(calls[1], ==, 1);
    qemu_free_irq(irq);
}

static void test_set_many(void)
{
    qemu_irq irqs[3] = { NULL };
    int calls[3] = { 0 };
    int sums[3] = { 0 };

    irqs[0] = qemu_allocate_irq(count_sets, sums, 0);
    irqs[2] = qemu_allocate_irq(count_sets, sums, 2);
    qemu_irq_intercept_in(irqs[0], count_calls, calls, 0);
    qemu_set_irqs(irqs, 7, 6); /* nobody is at line 1 */
    g_assert_cmpint(sums[0], ==, 0);
    g_assert_cmpint(calls[0], ==, 1);
    g_assert_cmpint(sums[2], ==, 1);
    qemu_set_irqs(irqs, 1, 7);
    g_assert_cmpint(sums[0], ==, 1);
    g_assert_cmpint(sums[2], ==, 1);
    qemu_free_irq(irqs[0]);
    qemu_free_irq(irqs[2]);
}

static void test_driver_outlives_target(void)
{
    MachineState *machine = test_machine_new(false);
    DeviceState *a = test_must_add(machine, "test-device,id=a");
    DeviceState *b = test_must_add(machine, "test-device,id=b");

    qdev_connect_gpio_out(a, 0, qdev_get_gpio_in(b, 0));
    object_unparent(OBJECT(b));
    qemu_irq_raise(TEST_DEVICE(a)->out[0]);
    machine_free(machine);
}

static void test_pass(void)
{
    MachineState *machine = test_machine_new(false);
    DeviceState *outer = test_must_add(machine, "test-host,id=outer,buses=0");
    DeviceState *inner = test_must_add(machine, "test-device,id=inner");
    g_autofree char *path = NULL;
    uint32_t watch;
    GError *error = NULL;

    qdev_pass_gpios(inner, outer, NULL);
    g_assert_cmpint(qdev_count_gpio_in(inner, NULL), ==, 0);
    g_assert_cmpint(qdev_count_gpio_in(outer, NULL), ==, TEST_LINES);
    g_assert_cmpint(qdev_count_gpio_out(outer, NULL), ==, TEST_LINES);
    /* Only the list that was named has moved. */
    g_assert_cmpint(qdev_count_gpio_in(inner, "extra"), ==, 2);
    path = object_property_get_str(OBJECT(outer), "unnamed-gpio-in[1]", NULL);
    g_assert_cmpstr(path, ==, "/machine/peripheral/inner/unnamed-gpio-in[1]");
    g_assert_cmpstr(object_property_get_type(OBJECT(outer), "unnamed-gpio-in[1]", NULL), ==,
                    "link<irq>");
    qemu_irq_raise(qdev_get_gpio_in(outer, 3));
    g_assert_cmpint(TEST_DEVICE(inner)->levels[3], ==, 1);

    g_assert_true(machine_watch_lines(machine, "outer", LINE_OUT, &watch, &error));
    g_assert_false(machine_watch_lines(machine, "inner", LINE_OUT, &watch, &error));
    test_assert_error(&error, "Device 'inner' has no unnamed output lines");
    machine_free(machine);
}

static void test_watch_inputs(void)
{
    MachineState *machine = test_machine_new(false);
    DeviceState *dev = test_must_add(machine, "test-device,id=d");
    GError *error = NULL;
    uint32_t watch;
    uint32_t again;

    machine_set_event_sink(machine, note_line, NULL);
    g_assert_true(machine_watch_lines(machine, "d", LINE_IN, &watch, &error));
    g_assert_cmpuint(watch, !=, MACHINE_WATCH_IRQ);
    g_assert_true(machine_watch_lines(machine, "/machine/peripheral/d", LINE_IN, &again, &error));
    g_assert_cmpuint(again, ==, watch);
    g_assert_cmpuint(machine_watched_count(machine, watch), ==, TEST_LINES);
    virtual_clock_advance_to(machine->clock, 12, NULL);
    g_assert_true(machine_set_line(machine, "d", NULL, 2, 1, &error));
    g_assert_true(machine_set_line(machine, "d", "unnamed-gpio-in", 2, 1, &error));
    g_assert_true(machine_set_line(machine, "d", NULL, 0, -1, &error));
    g_assert_true(machine_set_line(machine, "d", NULL, 2, 0, &error));
    assert_events("w1.2=1@12 w1.0=-1@12 w1.2=0@12 ");
    g_assert_cmpuint(TEST_DEVICE(dev)->sets, ==, 4);
    g_assert_cmpint(machine_watched_level(machine, watch, 0), ==, -1);
    g_assert_cmpint(machine_watched_level(machine, watch, 2), ==, 0);
    g_assert_cmpint(machine_watched_level(machine, watch, 4), ==, 0);
    g_assert_cmpint(machine_watched_level(machine, 77, 0), ==, 0);
    g_assert_cmpuint(machine_watched_count(machine, 77), ==, 0);
    machine_free(machine);
}

static void test_watch_outputs(void)
{
    MachineState *machine = test_machine_new(false);
    DeviceState *a = test_must_add(machine, "test-device,id=a");
    DeviceState *b = test_must_add(machine, "test-device,id=b");
    GError *error = NULL;
    uint32_t watch;

    machine_set_event_sink(machine, note_line, NULL);
    qdev_connect_gpio_out(a, 1, qdev_get_gpio_in(b, 0));
    g_assert_true(machine_watch_lines(machine, "a", LINE_OUT, &watch, &error));
    qemu_irq_raise(TEST_DEVICE(a)->out[1]);
    g_assert_cmpint(TEST_DEVICE(b)->levels[0], ==, 1);
    qemu_irq_raise(TEST_DEVICE(a)->out[3]);
    assert_events("w1.1=1@0 w1.3=1@0 ");
    g_assert_true(qdev_get_gpio_out_connector(a, NULL, 1) == qdev_get_gpio_in(b, 0));
    g_assert_null(qdev_get_gpio_out_connector(a, NULL, 3));

    /* A line that gets another target is still watched. */
    qdev_connect_gpio_out(a, 1, qdev_get_gpio_in(b, 2));
    qemu_irq_lower(TEST_DEVICE(a)->out[1]);
    g_assert_cmpint(TEST_DEVICE(b)->levels[0], ==, 1);
    g_assert_cmpuint(TEST_DEVICE(b)->sets, ==, 2);
    assert_events("w1.1=0@0 ");
    machine_free(machine);
}

static void test_watch_ends_with_device(void)
{
    MachineState *machine = test_machine_new(false);
    DeviceState *a = test_must_add(machine, "test-device,id=a");
    qemu_irq kept = qdev_get_gpio_in(a, 0);
    GError *error = NULL;
    uint32_t watch;
    uint32_t second;

    machine_set_event_sink(machine, note_line, NULL);
    g_assert_true(machine_watch_lines(machine, "a", LINE_IN, &watch, &error));
    object_ref(kept);
    object_unparent(OBJECT(a));
    g_assert_cmpuint(machine_watched_count(machine, watch), ==, 0);
    qemu_irq_raise(kept);
    assert_events("");
    object_unref(kept);
    test_must_add(machine, "test-device,id=a");
    g_assert_true(machine_watch_lines(machine, "a", LINE_IN, &second, &error));
    g_assert_cmpuint(second, !=, watch);
    machine_free(machine);
}

static void test_errors(void)
{
    MachineState *machine = test_machine_new(false);
    GError *error = NULL;
    uint32_t watch;

    test_must_add(machine, "test-device,id=d");
    g_assert_false(machine_set_line(machine, "nobody", NULL, 0, 1, &error));
    g_assert_error(error, QOM_ERROR, QOM_ERROR_DEVICE_NOT_FOUND);
    test_assert_error(&error, "Device 'nobody' not found");
    g_assert_false(machine_set_line(machine, "/objects", NULL, 0, 1, &error));
    test_assert_error(&error, "Device '/objects' not found");
    g_assert_false(machine_set_line(machine, "", NULL, 0, 1, &error));
    g_clear_error(&error);
    g_assert_false(machine_set_line(machine, "d", NULL, 4, 1, &error));
    test_assert_error(&error, "Device 'd' has input lines 0 to 3, but no line 4");
    g_assert_false(machine_set_line(machine, "d", NULL, UINT32_MAX, 1, &error));
    test_assert_error(&error, "Device 'd' has input lines 0 to 3, but no line 4294967295");
    g_assert_false(machine_set_line(machine, "d", "nothing", 0, 1, &error));
    test_assert_error(&error, "Device 'd' has no input lines 'nothing'");
    g_assert_false(machine_set_line(machine, "d", "extra-out", 0, 1, &error));
    test_assert_error(&error, "Device 'd' has no input lines 'extra-out'");
    g_assert_false(machine_watch_lines(machine, "nobody", LINE_IN, &watch, &error));
    g_assert_error(error, QOM_ERROR, QOM_ERROR_DEVICE_NOT_FOUND);
    g_clear_error(&error);
    machine_free(machine);
}

static void test_watch_every_machine(void)
{
    MachineState *machine = test_machine_new(false);

    /* No interrupt sink, no watch 0. */
    g_assert_cmpuint(machine_watched_count(machine, MACHINE_WATCH_IRQ), ==, 0);
    g_assert_cmpint(machine_watched_level(machine, MACHINE_WATCH_IRQ, 0), ==, 0);
    machine_free(machine);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
#define ADD(name, func) g_test_add_func("/qdev/lines/" name, func)
    ADD("are-children-and-links", test_properties);
    ADD("outputs-are-not-for-users-to-connect", test_user_cannot_connect);
    ADD("carry-levels", test_connect);
    ADD("loose-input-is-filed-below-unattached", test_loose_input);
    ADD("repeats-are-told-unless-they-are-ignored", test_ignored_repeats);
    ADD("many-are-set-at-once", test_set_many);
    ADD("input-of-a-dead-device-does-nothing", test_driver_outlives_target);
    ADD("passed-on-belong-to-the-container-only", test_pass);
    ADD("watch/inputs-tell-each-change-once", test_watch_inputs);
    ADD("watch/outputs-still-reach-their-target", test_watch_outputs);
    ADD("watch/ends-with-its-device", test_watch_ends_with_device);
    ADD("watch/no-sink-no-irq-watch", test_watch_every_machine);
    ADD("user-errors-are-errors", test_errors);
    return g_test_run();
}
