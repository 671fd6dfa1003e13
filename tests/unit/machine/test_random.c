/* A user without a plan: random devices, lines, watches, properties and resets, on two machines in turn. */
#include "models/machine/sifive_e.h"
#include "tests/lib/test_device.h"

#define OPERATIONS 4000

static const char *const types[] = {
    "test-host", "test-plug", "test-device", "test-phased", "sifive_soc.gpio", "test-fixed", "x",
};

static const char *const paths[] = {
    "a",
    "b",
    "c",
    "d",
    "/machine/soc",
    "/machine/plic",
    "/machine",
    "",
    "device[0]",
    "a.0",
    "/machine/peripheral-anon/device[1]",
    "/machine/soc/riscv.sifive.e.gpio0",
    "/machine/unattached/sysbus",
};

static const char *pick(GRand *rand, const char *const *from, size_t n)
{
    return from[g_rand_int_range(rand, 0, (int)n)];
}

#define PICK(rand, array) pick((rand), (array), G_N_ELEMENTS(array))

static void append(GRand *rand, GString *options, unsigned percent, const char *name,
                   const char *value)
{
    if (g_rand_int_range(rand, 0, 100) < (int)percent) {
        g_string_append_printf(options, ",%s=%s", name, value);
    }
}

static void add_something(GRand *rand, MachineState *machine)
{
    static const char *const ids[] = { "a", "b", "c", "d" };
    static const char *const buses[] = { "a.0", "b.1", "/a/a.0", "main-system-bus", "/c" };
    static const char *const addresses[] = { "0x20000000", "0x20000100", "0x10012000", "7", "-4" };
    static const char *const inputs[] = { "0", "1", "40", "50", "52", "9" };
    g_autoptr(GString) options = g_string_new(PICK(rand, types));
    g_autoptr(GError) error = NULL;

    append(rand, options, 70, "id", PICK(rand, ids));
    append(rand, options, 20, "bus", PICK(rand, buses));
    append(rand, options, 20, "addr", PICK(rand, addresses));
    append(rand, options, 20, "irq", PICK(rand, inputs));
    append(rand, options, 10, "has-bus", "on");
    append(rand, options, 10, "fail", "on");
    append(rand, options, 30, "hotplug", "on");
    append(rand, options, 10, "irqs", "3");
    append(rand, options, 10, "ngpio", "4");
    append(rand, options, 5, "fail-bus", "1");
    g_assert_true(!test_add(machine, options->str, &error) == !!error);
}

static void use_lines(GRand *rand, MachineState *machine)
{
    const char *path = PICK(rand, paths);
    g_autoptr(GError) error = NULL;
    uint32_t watch;

    if (g_rand_boolean(rand)) {
        LineDirection direction = g_rand_boolean(rand) ? LINE_IN : LINE_OUT;

        g_assert_true(!machine_watch_lines(machine, path, direction, &watch, &error) == !!error);
    } else {
        uint32_t line = (uint32_t)g_rand_int_range(rand, 0, 60);
        int level = g_rand_int_range(rand, -1, 2);

        g_assert_true(!machine_set_line(machine, path, NULL, line, level, &error) == !!error);
    }
}

static void write_register(GRand *rand, MachineState *machine)
{
    static const hwaddr bases[] = { 0x10012000, 0x20000000, 0x20000100 };
    hwaddr addr = bases[g_rand_int_range(rand, 0, 3)] + (g_rand_int(rand) % 0x48 & ~3u);

    memory_access_write(machine->system_as, addr, g_rand_int(rand), 4, MEMTXATTRS_UNSPECIFIED);
}

static void set_property(GRand *rand, MachineState *machine)
{
    static const char *const names[] = { "realized", "u8", "peer", "ngpio", "type", "parent_bus" };
    Object *obj = object_resolve_path(machine->root, PICK(rand, paths), NULL);

    if (obj) {
        object_property_parse(obj, PICK(rand, names), g_rand_boolean(rand) ? "off" : "a", NULL);
    }
}

static void do_something(GRand *rand, MachineState *machine)
{
    g_autoptr(GError) error = NULL;

    switch (g_rand_int_range(rand, 0, 12)) {
    case 0:
    case 1:
    case 2:
        add_something(rand, machine);
        break;
    case 3:
    case 4:
        g_assert_true(!machine_del_device(machine, PICK(rand, paths), &error) == !!error);
        break;
    case 5:
    case 6:
        use_lines(rand, machine);
        break;
    case 7:
        set_property(rand, machine);
        break;
    case 8:
        if (g_rand_int_range(rand, 0, 10) == 0) {
            machine_reset(machine);
        }
        break;
    default:
        write_register(rand, machine);
        break;
    }
}

static void count_deleted(void *opaque, const MachineEvent *event)
{
    unsigned *deleted = opaque;

    if (event->kind == MACHINE_EVENT_DEVICE_DELETED) {
        g_assert_nonnull(event->path);
        (*deleted)++;
    }
}

static void test_random(void)
{
    guint32 seed = g_test_rand_int();
    GRand *rand = g_rand_new_with_seed(seed);
    unsigned deleted = 0;

    g_test_message("seed %u", seed);
    for (int round = 0; round < 4; round++) {
        MachineState *machine = machine_new(round % 2 ? "none" : "sifive_e", NULL);

        g_assert_true(machine_create(machine, NULL));
        machine_set_event_sink(machine, count_deleted, &deleted);
        for (int i = 0; i < OPERATIONS; i++) {
            if (i == OPERATIONS / 10) {
                machine_set_ready(machine, NULL, NULL);
            }
            do_something(rand, machine);
            if (i % 64 == 0) {
                test_journal_clear();
            }
        }
        machine_free(machine);
    }
    g_test_message("%u devices came and went", deleted);
    g_assert_cmpuint(deleted, >, 0);
    g_rand_free(rand);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    g_test_add_func("/machine/random/survives-a-user-without-a-plan", test_random);
    return g_test_run();
}
