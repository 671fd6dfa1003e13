/* The machine "virt". */
#include "models/machine/virt.h"

#include "models/core/qdev_properties.h"
#include "models/virtio/virtio.h"
#include "qom/keyval.h"
#include "tests/lib/vring_driver.h"
#include "tests/unit/char/test_char.h"

static MachineState *build(const char *property, const char *value)
{
    MachineState *machine = machine_new("virt", NULL);
    GError *error = NULL;

    if (property) {
        object_property_parse(OBJECT(machine), property, value, &error);
        g_assert_no_error(error);
    }
    machine_create(machine, &error);
    g_assert_no_error(error);
    return machine;
}

static uint64_t load(MachineState *machine, hwaddr addr)
{
    uint64_t value = 0;

    g_assert_cmpuint(
        memory_access_read(machine->system_as, addr, &value, 4, MEMTXATTRS_UNSPECIFIED), ==,
        MEMTX_OK);
    return value;
}

static void store(MachineState *machine, hwaddr addr, uint32_t value)
{
    g_assert_cmpuint(
        memory_access_write(machine->system_as, addr, value, 4, MEMTXATTRS_UNSPECIFIED), ==,
        MEMTX_OK);
}

static bool answers(MachineState *machine, hwaddr addr)
{
    uint64_t value;

    return memory_access_read(machine->system_as, addr, &value, 4, MEMTXATTRS_UNSPECIFIED) ==
           MEMTX_OK;
}

static DeviceState *add(MachineState *machine, const char *options)
{
    g_autoptr(GVariant) map = keyval_parse(options, "driver", NULL, NULL);
    GError *error = NULL;
    DeviceState *dev = machine_add_device(machine, map, &error);

    g_assert_no_error(error);
    return dev;
}

static hwaddr slot_addr(unsigned slot)
{
    return VIRT_VIRTIO_BASE + slot * VIRT_VIRTIO_STRIDE;
}

static void test_memory(void)
{
    MachineState *machine = build(NULL, NULL);

    g_assert_cmpuint(machine->ram_size, ==, 128 << 20);
    store(machine, 0x80000000, 0x12345678);
    store(machine, 0x87fffffc, 0x9abcdef0);
    g_assert_cmphex(load(machine, 0x80000000), ==, 0x12345678);
    g_assert_false(answers(machine, 0x88000000));
    g_assert_false(answers(machine, 0x10000ffc));
    g_assert_false(answers(machine, 0x10001200));
    g_assert_false(answers(machine, 0x10009000));
    g_assert_false(answers(machine, VIRT_GPIO_BASE));
    machine_free(machine);
}

static void test_ram_size(void)
{
    MachineState *machine = build("ram-size", "1M");
    GError *error = NULL;

    g_assert_true(answers(machine, 0x800ffffc));
    g_assert_false(answers(machine, 0x80100000));
    machine_free(machine);

    machine = machine_new("virt", NULL);
    g_assert_true(object_property_parse(OBJECT(machine), "ram-size", "0", NULL));
    g_assert_false(machine_create(machine, &error));
    g_assert_cmpstr(error->message, ==,
                    "cannot set up guest memory 'riscv_virt_board.ram': its size is 0");
    g_error_free(error);
    machine_free(machine);
}

static void test_empty_transports(void)
{
    MachineState *machine = build(NULL, NULL);

    for (unsigned slot = 0; slot < VIRT_VIRTIO_COUNT; slot++) {
        g_assert_cmphex(load(machine, slot_addr(slot) + MMIO_MAGIC), ==, 0x74726976);
        g_assert_cmphex(load(machine, slot_addr(slot) + MMIO_VERSION), ==, 1);
        g_assert_cmphex(load(machine, slot_addr(slot) + MMIO_DEVICE_ID), ==, 0);
    }
    machine_free(machine);
}

static void test_modern(void)
{
    MachineState *machine = machine_new("virt", NULL);
    GError *error = NULL;

    qdev_prop_register_global_text(machine, "virtio-mmio.force-legacy=false", &error);
    g_assert_no_error(error);
    g_assert_true(machine_create(machine, NULL));
    g_assert_cmphex(load(machine, slot_addr(3) + MMIO_VERSION), ==, 2);
    machine_free(machine);
}

/* From the highest address down, each with its interrupt source. */
static void test_placement(void)
{
    MachineState *machine = build(NULL, NULL);
    GError *error = NULL;
    g_autoptr(GVariant) ninth = keyval_parse("virtio-serial-device", "driver", NULL, NULL);

    for (unsigned i = 0; i < VIRT_VIRTIO_COUNT; i++) {
        unsigned slot = VIRT_VIRTIO_COUNT - 1 - i;
        g_autofree char *bus = g_strdup_printf("virtio-mmio-bus.%u", slot);
        VirtIODevice *vdev = VIRTIO_DEVICE(add(machine, "virtio-serial-device"));

        g_assert_cmpstr(qdev_get_parent_bus(DEVICE(vdev))->name, ==, bus);
        g_assert_cmphex(load(machine, slot_addr(slot) + MMIO_DEVICE_ID), ==, VIRTIO_ID_CONSOLE);
        store(machine, slot_addr(slot) + MMIO_STATUS, VIRTIO_CONFIG_S_DRIVER_OK);
        virtio_notify_config(vdev);
        for (unsigned line = 0; line < VIRT_NUM_SOURCES; line++) {
            g_assert_cmpint(machine_watched_level(machine, MACHINE_WATCH_IRQ, line), ==,
                            line > slot && line <= VIRT_VIRTIO_COUNT);
        }
    }
    g_assert_null(machine_add_device(machine, ninth, &error));
    g_assert_cmpstr(error->message, ==,
                    "No 'virtio-bus' bus found for device 'virtio-serial-device'");
    g_error_free(error);
    machine_free(machine);
}

static void test_named_bus(void)
{
    MachineState *machine = build(NULL, NULL);

    add(machine, "virtio-serial-device,bus=virtio-mmio-bus.2");
    g_assert_cmphex(load(machine, slot_addr(2) + MMIO_DEVICE_ID), ==, VIRTIO_ID_CONSOLE);
    g_assert_cmphex(load(machine, slot_addr(7) + MMIO_DEVICE_ID), ==, 0);
    machine_free(machine);
}

static void test_paths(void)
{
    MachineState *machine = build(NULL, NULL);

    for (unsigned n = 0; n < VIRT_VIRTIO_COUNT; n++) {
        g_autofree char *path =
            g_strdup_printf("/machine/unattached/device[%u]/virtio-mmio-bus.%u", 4 + n, n);

        g_assert_nonnull(object_resolve_path(machine->root, path, NULL));
    }
    g_assert_null(object_resolve_path(machine->root, "/machine/soc", NULL));
    g_assert_cmpuint(machine_watched_count(machine, MACHINE_WATCH_IRQ), ==, 96);
    machine_free(machine);
}

static void test_gpio(void)
{
    MachineState *machine = build("gpio", "on");
    GError *error = NULL;

    store(machine, VIRT_GPIO_BASE + SIFIVE_GPIO_REG_INPUT_EN, 1u << 31 | 1);
    store(machine, VIRT_GPIO_BASE + SIFIVE_GPIO_REG_RISE_IE, 1u << 31 | 1);
    g_assert_true(machine_set_line(machine, "/machine/soc", NULL, 0, 1, &error));
    g_assert_true(machine_set_line(machine, "/machine/soc", NULL, 31, 1, &error));
    g_assert_cmphex(load(machine, VIRT_GPIO_BASE + SIFIVE_GPIO_REG_VALUE), ==, 1u << 31 | 1);
    g_assert_cmpint(machine_watched_level(machine, MACHINE_WATCH_IRQ, 32), ==, 1);
    g_assert_cmpint(machine_watched_level(machine, MACHINE_WATCH_IRQ, 33), ==, 0);
    g_assert_cmpint(machine_watched_level(machine, MACHINE_WATCH_IRQ, 63), ==, 1);
    g_assert_nonnull(object_resolve_path(machine->root, "/machine/soc/gpio", NULL));
    g_assert_false(object_property_set_bool(OBJECT(machine), "gpio", false, &error));
    g_assert_cmpstr(error->message, ==, "Property 'gpio' can't be set after the machine was built");
    g_error_free(error);
    machine_free(machine);
}

void add_virt_tests(void)
{
    g_test_add_func("/machine/virt/ram-at-2-gib-and-holes-elsewhere", test_memory);
    g_test_add_func("/machine/virt/ram-size", test_ram_size);
    g_test_add_func("/machine/virt/transports-without-device", test_empty_transports);
    g_test_add_func("/machine/virt/force-legacy-off", test_modern);
    g_test_add_func("/machine/virt/devices-go-from-the-highest-slot-down", test_placement);
    g_test_add_func("/machine/virt/named-bus", test_named_bus);
    g_test_add_func("/machine/virt/paths-as-in-qemu", test_paths);
    g_test_add_func("/machine/virt/gpio-by-option", test_gpio);
}
