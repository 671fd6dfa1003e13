/* Devices from a user's options: the checks of device_add, and where sysbus devices go. */
#include "models/machine/sifive_e.h"
#include "tests/lib/test_device.h"

static MachineState *new_sifive_e(void)
{
    GError *error = NULL;
    MachineState *machine = machine_new("sifive_e", &error);

    g_assert_no_error(error);
    g_assert_true(machine_create(machine, &error));
    machine_set_ready(machine, NULL, NULL);
    return machine;
}

static uint64_t read4(MachineState *machine, hwaddr addr, MemTxResult expected)
{
    uint64_t value = 0;

    g_assert_cmpuint(
        memory_access_read(machine->system_as, addr, &value, 4, MEMTXATTRS_UNSPECIFIED), ==,
        expected);
    return value;
}

static void test_driver(void)
{
    MachineState *machine = test_machine_new(false);

    test_add_fails(machine, "id=x", "Parameter 'driver' is missing");
    test_add_fails(machine, "nonsense", "'nonsense' is not a valid device model name");
    test_add_fails(machine, "container", "'container' is not a valid device model name");
    test_add_fails(machine, "", "Parameter 'driver' is missing");
    test_add_fails(machine, "driver=", "'' is not a valid device model name");
    test_add_fails(machine, "sys-bus-device",
                   "Parameter 'driver' expects a non-abstract device type");
    test_add_fails(machine, "qosim.irq-sink", "Parameter 'driver' expects a pluggable device type");
    test_must_add(machine, "test-host,hotplug=on");
    test_must_add(machine, "test-fixed");
    machine_set_ready(machine, NULL, NULL);
    test_add_fails(machine, "test-fixed", "Parameter 'driver' expects a pluggable device type");
    machine_free(machine);
}

static void test_bus(void)
{
    MachineState *machine = test_machine_new(false);

    test_add_fails(machine, "test-plug", "No 'Test-Bus' bus found for device 'test-plug'");
    test_must_add(machine, "test-host,id=h");
    test_add_fails(machine, "test-plug,bus=b", "Bus 'b' not found");
    test_add_fails(machine, "test-plug,bus=/", "Device 'test-plug' can't go on System bus");
    test_add_fails(machine, "test-host,bus=h.0", "Device 'test-host' can't go on Test-Bus bus");
    test_add_fails(machine, "test-device,bus=h.0", "Device 'test-device' can't go on Test-Bus bus");
    machine_set_ready(machine, NULL, NULL);
    test_add_fails(machine, "test-plug", "Bus 'h.0' does not support hotplugging");
    test_add_fails(machine, "test-device",
                   "Device 'test-device' can not be hotplugged on this machine");
    machine_free(machine);
}

static void test_id(void)
{
    MachineState *machine = test_machine_new(false);
    DeviceState *anonymous = test_must_add(machine, "test-device");
    DeviceState *named = test_must_add(machine, "test-device,id=a-b.c_9");
    g_autofree char *one = object_get_canonical_path(OBJECT(anonymous));
    g_autofree char *two = object_get_canonical_path(OBJECT(named));

    g_assert_cmpstr(one, ==, "/machine/peripheral-anon/device[0]");
    g_assert_cmpstr(two, ==, "/machine/peripheral/a-b.c_9");
    test_add_fails(machine, "test-device,id=a-b.c_9", "Duplicate device ID 'a-b.c_9'");
    test_add_fails(machine, "test-device,id=type", "Duplicate device ID 'type'");
    test_add_fails(machine, "test-device,id=9", "Parameter 'id' expects an identifier");
    test_add_fails(machine, "test-device,id=a/b", "Parameter 'id' expects an identifier");
    test_add_fails(machine, "test-device,id=", "Parameter 'id' expects an identifier");
    machine_free(machine);
}

static void test_properties(void)
{
    MachineState *machine = test_machine_new(false);
    GVariantBuilder options;
    DeviceState *dev;
    GError *error = NULL;

    test_add_fails(machine, "test-device,id=x,nothing=1",
                   "Property 'test-device.nothing' not found");
    test_add_fails(machine, "test-device,id=x,u8=300", "Parameter 'u8' expects uint8_t");
    test_add_fails(machine, "test-device,id=x,type=y",
                   "Property 'test-device.type' is not writable");
    g_assert_null(object_resolve_path(machine->root, "/machine/peripheral/x", NULL));

    g_variant_builder_init(&options, G_VARIANT_TYPE_VARDICT);
    g_variant_builder_add(&options, "{sv}", "driver", g_variant_new_string("test-device"));
    g_variant_builder_add(&options, "{sv}", "u8", g_variant_new_uint64(3));
    g_variant_builder_add(&options, "{sv}", "truth", g_variant_new_boolean(FALSE));
    dev = machine_add_device(machine, g_variant_builder_end(&options), &error);
    g_assert_no_error(error);
    g_assert_cmpuint(TEST_DEVICE(dev)->u8, ==, 3);
    g_assert_false(TEST_DEVICE(dev)->truth);

    g_assert_null(machine_add_device(machine, g_variant_new_string("x"), &error));
    test_assert_error(&error, "A device's options must be a map of names to values");
    g_variant_builder_init(&options, G_VARIANT_TYPE_VARDICT);
    g_variant_builder_add(&options, "{sv}", "driver", g_variant_new_uint64(3));
    g_assert_null(machine_add_device(machine, g_variant_builder_end(&options), &error));
    test_assert_error(&error, "Invalid parameter type for 'driver', expected: string");
    machine_free(machine);
}

static const char *const allowed[] = { "sifive_soc.gpio", NULL };

static void picky_class_init(ObjectClass *klass, void *data)
{
    (void)data;
    MACHINE_CLASS(klass)->dynamic_sysbus = allowed;
}

static bool refuse_host(MachineState *machine, DeviceState *dev, GError **error)
{
    (void)machine;
    return !object_dynamic_cast(OBJECT(dev), TYPE_TEST_HOST) ||
           qom_error_set(error, "no hosts any more");
}

static HotplugHandler *own_handler(MachineState *machine, DeviceState *dev)
{
    Object *handler = object_resolve_path_component(OBJECT(machine), "handler");

    return object_dynamic_cast(OBJECT(dev), TYPE_TEST_DEVICE) ? HOTPLUG_HANDLER(handler) : NULL;
}

static void strict_class_init(ObjectClass *klass, void *data)
{
    (void)data;
    MACHINE_CLASS(klass)->hotplug_allowed = refuse_host;
    MACHINE_CLASS(klass)->get_hotplug_handler = own_handler;
}

static const TypeInfo machine_types[] = {
    {
        .name = MACHINE_TYPE_NAME("picky"),
        .parent = TYPE_MACHINE,
        .class_init = picky_class_init,
    },
    {
        .name = MACHINE_TYPE_NAME("strict"),
        .parent = TYPE_MACHINE,
        .class_init = strict_class_init,
    },
};

DEFINE_TYPES(machine_types)

static void test_dynamic_sysbus(void)
{
    MachineState *machine = machine_new("picky", NULL);

    g_assert_true(machine_create(machine, NULL));
    test_must_add(machine, "sifive_soc.gpio");
    test_must_add(machine, "test-device");
    test_add_fails(machine, "test-host",
                   "Parameter 'driver' expects a dynamic sysbus device type for the machine");
    machine_free(machine);
}

static void test_machine_has_a_say(void)
{
    MachineState *machine = machine_new("strict", NULL);
    Object *handler = object_new(TYPE_TEST_HANDLER);

    object_property_add_child(OBJECT(machine), "handler", handler);
    object_unref(handler);
    g_assert_true(machine_create(machine, NULL));
    test_must_add(machine, "test-host");
    machine_set_ready(machine, NULL, NULL);
    test_add_fails(machine, "test-host", "no hosts any more");
    test_journal_clear();
    test_must_add(machine, "test-device,id=d");
    g_assert_cmpstr(test_journal(), ==, "d:pre_plug d:realize d:reset d:plug");
    test_journal_clear();
    g_assert_true(machine_del_device(machine, "d", NULL));
    g_assert_cmpstr(test_journal(), ==, "d:unplug d:unrealize");
    machine_free(machine);
}

static void test_addr(void)
{
    MachineState *machine = test_machine_new(false);
    DeviceState *unmapped = test_must_add(machine, "test-host,id=u");
    DeviceState *dev = test_must_add(machine, "test-host,id=m,addr=0x1000");
    GError *error = NULL;

    g_assert_cmphex(object_property_get_uint(OBJECT(unmapped), "addr", &error), ==, SYSBUS_NO_ADDR);
    g_assert_cmphex(object_property_get_uint(OBJECT(dev), "addr", &error), ==, 0x1000);
    g_assert_cmphex(read4(machine, 0x1004, MEMTX_OK), ==, 4);
    read4(machine, 0x1100, MEMTX_DECODE_ERROR);
    g_assert_true(TEST_HOST(dev)->mmio.guard == &dev->mem_reentrancy_guard);
    test_must_add(machine, "test-host,addr=0x1100");
    test_must_add(machine, "test-host,addr=0xf00");
    /* The last byte there is. */
    test_must_add(machine, "test-host,id=top,addr=0xffffffffffffff00");
    g_assert_cmphex(read4(machine, UINT64_C(0xfffffffffffffffc), MEMTX_OK), ==, 0xfc);
    machine_free(machine);
}

static void test_addr_errors(void)
{
    MachineState *machine = test_machine_new(false);

    test_must_add(machine, "test-host,id=m,addr=0x1000");
    test_add_fails(machine, "test-host,addr=0x2002",
                   "Device 'test-host' can't be mapped at 0x2002: 'addr' must be a multiple of 4");
    test_add_fails(machine, "test-host,addr=0x10fc",
                   "Device 'test-host' can't be mapped at 0x10fc-0x11fb: it would overlap region "
                   "'test-host' at 0x1000-0x10ff");
    test_add_fails(machine, "test-host,addr=0xf04",
                   "Device 'test-host' can't be mapped at 0xf04-0x1003: it would overlap region "
                   "'test-host' at 0x1000-0x10ff");
    test_add_fails(machine, "test-host,size=64K,addr=0",
                   "Device 'test-host' can't be mapped at 0x0-0xffff: it would overlap region "
                   "'test-host' at 0x1000-0x10ff");
    test_add_fails(machine, "test-host,addr=0xffffffffffffff04",
                   "Device 'test-host' can't be mapped at 0xffffffffffffff04: its 0x100 bytes "
                   "reach beyond the end of the address space");
    test_add_fails(machine, "test-host,size=0,addr=0x5000",
                   "Device 'test-host' has no registers that 'addr' could place");
    test_add_fails(machine, "test-host,addr=here", "Parameter 'addr' expects integer");
    test_add_fails(machine, "test-host,addr=-1", "Parameter 'addr' expects uint64_t");
    test_add_fails(machine, "test-host,addr=0x10000000000000000",
                   "Parameter 'addr' expects integer");
    g_assert_cmpuint(machine->main_system_bus->num_children, ==, 1);
    machine_free(machine);
}

static void test_irq(void)
{
    MachineState *machine = new_sifive_e();
    DeviceState *dev = test_must_add(machine, "test-host,id=h,irqs=3,irq=50,addr=0x20000000");
    GError *error = NULL;

    g_assert_cmpuint(object_property_get_uint(OBJECT(dev), "irq", &error), ==, 50);
    qemu_irq_raise(TEST_HOST(dev)->irqs[2]);
    g_assert_cmpint(machine_watched_level(machine, MACHINE_WATCH_IRQ, 52), ==, 1);
    qemu_irq_raise(TEST_HOST(dev)->irqs[0]);
    g_assert_cmpint(machine_watched_level(machine, MACHINE_WATCH_IRQ, 50), ==, 1);

    /* With the device its interrupts go, and its place becomes free. */
    g_assert_true(machine_del_device(machine, "h", &error));
    g_assert_cmpint(machine_watched_level(machine, MACHINE_WATCH_IRQ, 52), ==, 0);
    g_assert_cmpint(machine_watched_level(machine, MACHINE_WATCH_IRQ, 50), ==, 0);
    read4(machine, 0x20000000, MEMTX_DECODE_ERROR);
    test_must_add(machine, "test-host,id=h,irqs=3,irq=50,addr=0x20000000");
    machine_free(machine);
}

static void test_irq_errors(void)
{
    MachineState *machine = test_machine_new(false);

    test_add_fails(machine, "test-host,irqs=1,irq=3",
                   "Device 'test-host' can't use 'irq': this machine has no /machine/plic");
    machine_free(machine);

    machine = new_sifive_e();
    test_add_fails(machine, "test-host,irq=3",
                   "Device 'test-host' has no interrupt lines that 'irq' could connect");
    test_add_fails(machine, "test-host,irqs=2,irq=52",
                   "Device 'test-host' with 'irq' 52 needs inputs 52 to 53 of /machine/plic, "
                   "which has inputs 0 to 52");
    test_add_fails(machine, "test-host,irqs=2,irq=4294967294",
                   "Device 'test-host' with 'irq' 4294967294 needs inputs 4294967294 to "
                   "4294967295 of /machine/plic, which has inputs 0 to 52");
    test_add_fails(machine, "test-host,irqs=2,irq=7",
                   "Interrupt input 8 is driven by device '/machine/soc/riscv.sifive.e.gpio0' "
                   "already");
    test_must_add(machine, "test-host,id=mine,irqs=2,irq=1");
    test_add_fails(machine, "test-host,irqs=1,irq=2",
                   "Interrupt input 2 is driven by device 'mine' already");
    test_must_add(machine, "test-host,irqs=1,irq=3");
    machine_free(machine);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
#define ADD(name, func) g_test_add_func("/qdev/add/" name, func)
    ADD("driver-is-checked", test_driver);
    ADD("bus-is-checked", test_bus);
    ADD("id-is-checked", test_id);
    ADD("properties-are-checked-and-may-be-typed", test_properties);
    ADD("machine-lists-its-sysbus-types", test_dynamic_sysbus);
    ADD("machine-has-a-say-once-it-is-ready", test_machine_has_a_say);
    ADD("addr-maps-region-0", test_addr);
    ADD("addr-errors", test_addr_errors);
    ADD("irq-connects-lines-and-lets-go", test_irq);
    ADD("irq-errors", test_irq_errors);
    return g_test_run();
}
