/* sifive_soc.gpio: registers, update rules, lines, access sizes. */
#include <string.h>

#include "models/core/registers.h"
#include "models/gpio/sifive_gpio.h"
#include "models/machine/sifive_e.h"

#define BASE SIFIVE_E_GPIO0_BASE
#define ALL UINT32_MAX

typedef struct Fixture {
    MachineState *machine;
    SiFiveGPIOState *gpio;
    uint32_t out_watch;
    unsigned irq_events;
    unsigned out_events;
    GString *errors;
} Fixture;

static void note_event(void *opaque, const MachineEvent *event)
{
    Fixture *f = opaque;

    if (event->kind == MACHINE_EVENT_LINE && event->watch == MACHINE_WATCH_IRQ) {
        f->irq_events++;
    } else if (event->kind == MACHINE_EVENT_LINE) {
        f->out_events++;
    } else if (event->kind == MACHINE_EVENT_GUEST_ERROR) {
        g_string_append_printf(f->errors, "%s\n", event->text);
    }
}

static void setup(Fixture *f, const void *unused)
{
    GError *error = NULL;

    (void)unused;
    memset(f, 0, sizeof(*f));
    f->errors = g_string_new(NULL);
    f->machine = machine_new("sifive_e", &error);
    g_assert_no_error(error);
    g_assert_true(machine_create(f->machine, &error));
    machine_set_ready(f->machine, NULL, NULL);
    f->gpio = SIFIVE_GPIO(
        object_resolve_path(f->machine->root, "/machine/soc/riscv.sifive.e.gpio0", NULL));
    machine_set_event_sink(f->machine, note_event, f);
    g_assert_true(machine_watch_lines(f->machine, "/machine/soc", LINE_OUT, &f->out_watch, &error));
}

static void teardown(Fixture *f, const void *unused)
{
    (void)unused;
    machine_free(f->machine);
    g_string_free(f->errors, TRUE);
}

static uint64_t read_sized(Fixture *f, hwaddr offset, unsigned size)
{
    uint64_t value = 0;

    memory_access_read(f->machine->system_as, BASE + offset, &value, size, MEMTXATTRS_UNSPECIFIED);
    return value;
}

static void write_sized(Fixture *f, hwaddr offset, uint64_t value, unsigned size)
{
    memory_access_write(f->machine->system_as, BASE + offset, value, size, MEMTXATTRS_UNSPECIFIED);
}

static uint32_t rd(Fixture *f, hwaddr offset)
{
    return (uint32_t)read_sized(f, offset, 4);
}

static void wr(Fixture *f, hwaddr offset, uint32_t value)
{
    write_sized(f, offset, value, 4);
}

static void pin(Fixture *f, uint32_t n, int level)
{
    GError *error = NULL;

    g_assert_true(machine_set_line(f->machine, "/machine/soc", NULL, n, level, &error));
    g_assert_no_error(error);
}

static int irq(Fixture *f, uint32_t n)
{
    return machine_watched_level(f->machine, MACHINE_WATCH_IRQ, SIFIVE_E_GPIO0_IRQ0 + n);
}

static int out(Fixture *f, uint32_t n)
{
    return machine_watched_level(f->machine, f->out_watch, n);
}

static void assert_errors(Fixture *f, const char *expected)
{
    g_assert_cmpstr(f->errors->str, ==, expected);
    g_string_truncate(f->errors, 0);
}

static void test_reset_values(Fixture *f, const void *unused)
{
    (void)unused;
    for (hwaddr offset = 0; offset <= SIFIVE_GPIO_REG_OUT_XOR; offset += 4) {
        g_assert_cmphex(rd(f, offset), ==, 0);
    }
    assert_errors(f, "");
}

static void test_read_write(Fixture *f, const void *unused)
{
    static const hwaddr plain[] = {
        SIFIVE_GPIO_REG_INPUT_EN, SIFIVE_GPIO_REG_OUTPUT_EN, SIFIVE_GPIO_REG_PORT,
        SIFIVE_GPIO_REG_PUE,      SIFIVE_GPIO_REG_DS,        SIFIVE_GPIO_REG_RISE_IE,
        SIFIVE_GPIO_REG_FALL_IE,  SIFIVE_GPIO_REG_HIGH_IE,   SIFIVE_GPIO_REG_LOW_IE,
        SIFIVE_GPIO_REG_IOF_EN,   SIFIVE_GPIO_REG_IOF_SEL,   SIFIVE_GPIO_REG_OUT_XOR,
    };

    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(plain); i++) {
        wr(f, plain[i], 0xa5a50000u + (uint32_t)i);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(plain); i++) {
        g_assert_cmphex(rd(f, plain[i]), ==, 0xa5a50000u + i);
    }
    assert_errors(f, "");
}

static void test_low_ip_after_reset(Fixture *f, const void *unused)
{
    (void)unused;
    g_assert_cmphex(rd(f, SIFIVE_GPIO_REG_LOW_IP), ==, 0);
    wr(f, SIFIVE_GPIO_REG_DS, 0);
    g_assert_cmphex(rd(f, SIFIVE_GPIO_REG_LOW_IP), ==, ALL);
    g_assert_cmphex(rd(f, SIFIVE_GPIO_REG_HIGH_IP), ==, 0);
}

static void test_output(Fixture *f, const void *unused)
{
    (void)unused;
    wr(f, SIFIVE_GPIO_REG_PORT, 0xa5);
    g_assert_cmpint(out(f, 0), ==, 0);
    wr(f, SIFIVE_GPIO_REG_OUTPUT_EN, 0xff);
    g_assert_cmpint(out(f, 0), ==, 1);
    g_assert_cmpint(out(f, 1), ==, 0);
    g_assert_cmpint(out(f, 7), ==, 1);
    wr(f, SIFIVE_GPIO_REG_OUT_XOR, 0x3);
    g_assert_cmpint(out(f, 0), ==, 0);
    g_assert_cmpint(out(f, 1), ==, 1);
    /* Its input buffer is off, so the pin itself can't be read yet. */
    g_assert_cmphex(rd(f, SIFIVE_GPIO_REG_VALUE), ==, 0);
    wr(f, SIFIVE_GPIO_REG_INPUT_EN, ALL);
    g_assert_cmphex(rd(f, SIFIVE_GPIO_REG_VALUE), ==, 0xa6);
}

static void test_disabled_output_freezes(Fixture *f, const void *unused)
{
    (void)unused;
    wr(f, SIFIVE_GPIO_REG_PORT, 1);
    wr(f, SIFIVE_GPIO_REG_OUTPUT_EN, 1);
    g_assert_cmpint(out(f, 0), ==, 1);
    wr(f, SIFIVE_GPIO_REG_OUTPUT_EN, 0);
    wr(f, SIFIVE_GPIO_REG_PORT, 0);
    g_assert_cmpint(out(f, 0), ==, 1);
    g_assert_cmpuint(f->out_events, ==, 1);
}

static void test_pull_up(Fixture *f, const void *unused)
{
    (void)unused;
    wr(f, SIFIVE_GPIO_REG_INPUT_EN, ALL);
    wr(f, SIFIVE_GPIO_REG_PUE, 0x5);
    g_assert_cmphex(rd(f, SIFIVE_GPIO_REG_VALUE), ==, 0x5);
    pin(f, 0, 0);
    g_assert_cmphex(rd(f, SIFIVE_GPIO_REG_VALUE), ==, 0x4);
    pin(f, 0, -1);
    g_assert_cmphex(rd(f, SIFIVE_GPIO_REG_VALUE), ==, 0x5);
    /* An output that is enabled is stronger. */
    wr(f, SIFIVE_GPIO_REG_OUTPUT_EN, 0x4);
    g_assert_cmphex(rd(f, SIFIVE_GPIO_REG_VALUE), ==, 0x1);
}

static void test_outside_wins(Fixture *f, const void *unused)
{
    (void)unused;
    wr(f, SIFIVE_GPIO_REG_INPUT_EN, ALL);
    wr(f, SIFIVE_GPIO_REG_OUTPUT_EN, 0x9);
    pin(f, 3, 1);
    assert_errors(f, "GPIO pin 3 short circuited\n");
    g_assert_cmphex(rd(f, SIFIVE_GPIO_REG_VALUE), ==, 0x8);
    g_assert_cmpint(out(f, 3), ==, 1);
    pin(f, 0, 0);
    assert_errors(f, "GPIO pin 0 short circuited\nGPIO pin 3 short circuited\n");
    pin(f, 3, -1);
    pin(f, 0, -1);
    g_string_truncate(f->errors, 0);
    wr(f, SIFIVE_GPIO_REG_PORT, 0);
    assert_errors(f, "");
    g_assert_cmphex(rd(f, SIFIVE_GPIO_REG_VALUE), ==, 0);
}

static void test_edges(Fixture *f, const void *unused)
{
    (void)unused;
    wr(f, SIFIVE_GPIO_REG_INPUT_EN, ALL);
    wr(f, SIFIVE_GPIO_REG_RISE_IE, 0x2);
    wr(f, SIFIVE_GPIO_REG_FALL_IE, 0x4);
    pin(f, 1, 1);
    pin(f, 2, 1);
    pin(f, 3, 1);
    g_assert_cmphex(rd(f, SIFIVE_GPIO_REG_RISE_IP), ==, 0xe);
    g_assert_cmphex(rd(f, SIFIVE_GPIO_REG_FALL_IP), ==, 0);
    g_assert_cmpint(irq(f, 1), ==, 1);
    g_assert_cmpint(irq(f, 2), ==, 0);
    pin(f, 2, 0);
    g_assert_cmphex(rd(f, SIFIVE_GPIO_REG_FALL_IP), ==, 0x4);
    g_assert_cmpint(irq(f, 2), ==, 1);
    wr(f, SIFIVE_GPIO_REG_RISE_IP, 0x2);
    g_assert_cmphex(rd(f, SIFIVE_GPIO_REG_RISE_IP), ==, 0xc);
    g_assert_cmpint(irq(f, 1), ==, 0);
    g_assert_cmpint(irq(f, 2), ==, 1);
    wr(f, SIFIVE_GPIO_REG_FALL_IE, 0);
    g_assert_cmpint(irq(f, 2), ==, 0);
    /* IP latches even while IE is clear: enabling shows what came before. */
    wr(f, SIFIVE_GPIO_REG_RISE_IE, 0x8);
    g_assert_cmpint(irq(f, 3), ==, 1);
    g_assert_cmpuint(f->irq_events, ==, 5);
}

static void test_unrelated_write(Fixture *f, const void *unused)
{
    (void)unused;
    wr(f, SIFIVE_GPIO_REG_INPUT_EN, ALL);
    pin(f, 5, 1);
    wr(f, SIFIVE_GPIO_REG_RISE_IP, 0x20);
    wr(f, SIFIVE_GPIO_REG_PORT, 0x1234);
    wr(f, SIFIVE_GPIO_REG_VALUE, ALL);
    g_assert_cmphex(rd(f, SIFIVE_GPIO_REG_RISE_IP), ==, 0);
}

static void test_levels(Fixture *f, const void *unused)
{
    (void)unused;
    wr(f, SIFIVE_GPIO_REG_INPUT_EN, ALL);
    wr(f, SIFIVE_GPIO_REG_HIGH_IE, 0x1);
    wr(f, SIFIVE_GPIO_REG_LOW_IE, 0x2);
    g_assert_cmpint(irq(f, 1), ==, 1);
    pin(f, 0, 1);
    g_assert_cmpint(irq(f, 0), ==, 1);
    /* While the level lasts, clearing does not help. */
    wr(f, SIFIVE_GPIO_REG_HIGH_IP, 0x1);
    g_assert_cmphex(rd(f, SIFIVE_GPIO_REG_HIGH_IP), ==, 0x1);
    pin(f, 0, 0);
    g_assert_cmpint(irq(f, 0), ==, 1);
    wr(f, SIFIVE_GPIO_REG_HIGH_IP, 0x1);
    g_assert_cmpint(irq(f, 0), ==, 0);
    pin(f, 1, 1);
    wr(f, SIFIVE_GPIO_REG_LOW_IP, 0x2);
    g_assert_cmpint(irq(f, 1), ==, 0);
}

static void test_disabled_input(Fixture *f, const void *unused)
{
    (void)unused;
    pin(f, 0, 1);
    g_assert_cmphex(rd(f, SIFIVE_GPIO_REG_VALUE), ==, 0);
    g_assert_cmphex(rd(f, SIFIVE_GPIO_REG_HIGH_IP), ==, 0);
    g_assert_cmphex(rd(f, SIFIVE_GPIO_REG_LOW_IP), ==, ALL);
    wr(f, SIFIVE_GPIO_REG_INPUT_EN, 1);
    g_assert_cmphex(rd(f, SIFIVE_GPIO_REG_RISE_IP), ==, 1);
    wr(f, SIFIVE_GPIO_REG_INPUT_EN, 0);
    g_assert_cmphex(rd(f, SIFIVE_GPIO_REG_FALL_IP), ==, 1);
}

static void test_floating_keeps_in(Fixture *f, const void *unused)
{
    (void)unused;
    pin(f, 4, 1);
    pin(f, 4, -1);
    g_assert_cmphex(f->gpio->in, ==, 0x10);
    g_assert_cmphex(f->gpio->in_mask, ==, 0);
    pin(f, 4, 77);
    g_assert_cmphex(f->gpio->in_mask, ==, 0x10);
}

static void test_bad_offsets(Fixture *f, const void *unused)
{
    (void)unused;
    g_assert_cmphex(rd(f, 0x44), ==, 0);
    assert_errors(f, "sifive_gpio_read: bad read offset 0x44\n");
    g_assert_cmphex(rd(f, 0xfc), ==, 0);
    assert_errors(f, "sifive_gpio_read: bad read offset 0xfc\n");
    wr(f, 0x80, 5);
    assert_errors(f, "sifive_gpio_write: bad write offset 0x80\n");
    wr(f, SIFIVE_GPIO_REG_VALUE, 5);
    assert_errors(f, "sifive_gpio_write: bad write offset 0x0\n");
    g_assert_cmphex(rd(f, SIFIVE_GPIO_REG_VALUE), ==, 0);
}

static void test_bad_write_updates(Fixture *f, const void *unused)
{
    (void)unused;
    wr(f, 0x80, 5);
    g_assert_cmphex(rd(f, SIFIVE_GPIO_REG_LOW_IP), ==, ALL);
}

static void test_narrow(Fixture *f, const void *unused)
{
    (void)unused;
    wr(f, SIFIVE_GPIO_REG_PORT, 0xdeadbeef);
    g_assert_cmphex(read_sized(f, SIFIVE_GPIO_REG_PORT, 1), ==, 0xef);
    g_assert_cmphex(read_sized(f, SIFIVE_GPIO_REG_PORT, 2), ==, 0xbeef);
    assert_errors(f, "");
    g_assert_cmphex(read_sized(f, SIFIVE_GPIO_REG_PORT + 1, 1), ==, 0);
    g_assert_cmphex(read_sized(f, SIFIVE_GPIO_REG_PORT + 2, 2), ==, 0);
    assert_errors(f, "sifive_gpio_read: bad read offset 0xd\n"
                     "sifive_gpio_read: bad read offset 0xe\n");
    write_sized(f, SIFIVE_GPIO_REG_PORT, 0x11, 1);
    g_assert_cmphex(rd(f, SIFIVE_GPIO_REG_PORT), ==, 0x11);
    write_sized(f, SIFIVE_GPIO_REG_PORT + 1, 0x22, 1);
    g_assert_cmphex(rd(f, SIFIVE_GPIO_REG_PORT), ==, 0x11);
    assert_errors(f, "sifive_gpio_write: bad write offset 0xd\n");
}

static void test_wide(Fixture *f, const void *unused)
{
    (void)unused;
    write_sized(f, SIFIVE_GPIO_REG_OUTPUT_EN, UINT64_C(0x1122334455667788), 8);
    g_assert_cmphex(rd(f, SIFIVE_GPIO_REG_OUTPUT_EN), ==, 0x55667788);
    g_assert_cmphex(rd(f, SIFIVE_GPIO_REG_PORT), ==, 0x11223344);
    g_assert_cmphex(read_sized(f, SIFIVE_GPIO_REG_OUTPUT_EN, 8), ==, UINT64_C(0x1122334455667788));
}

static void test_dma_cuts_unaligned(Fixture *f, const void *unused)
{
    uint32_t value = ALL;

    (void)unused;
    wr(f, SIFIVE_GPIO_REG_OUTPUT_EN, 0xabcd1234);
    address_space_read(f->machine->system_as, BASE + 6, MEMTXATTRS_UNSPECIFIED, &value, 4);
    g_assert_cmphex(value, ==, 0x12340000);
    assert_errors(f, "sifive_gpio_read: bad read offset 0x6\n");
}

static void test_reset(Fixture *f, const void *unused)
{
    (void)unused;
    wr(f, SIFIVE_GPIO_REG_INPUT_EN, ALL);
    wr(f, SIFIVE_GPIO_REG_OUTPUT_EN, 0xf0);
    wr(f, SIFIVE_GPIO_REG_PORT, 0xf0);
    wr(f, SIFIVE_GPIO_REG_RISE_IE, ALL);
    pin(f, 1, 1);
    g_assert_cmpint(irq(f, 1), ==, 1);
    machine_reset(f->machine);
    for (hwaddr offset = 0; offset <= SIFIVE_GPIO_REG_OUT_XOR; offset += 4) {
        g_assert_cmphex(rd(f, offset), ==, 0);
    }
    g_assert_cmphex(f->gpio->in | f->gpio->in_mask, ==, 0);
    /* Nobody is told; the next update lowers the interrupt, the output stays. */
    g_assert_cmpint(irq(f, 1), ==, 1);
    g_assert_cmpint(out(f, 7), ==, 1);
    wr(f, SIFIVE_GPIO_REG_DS, 0);
    g_assert_cmpint(irq(f, 1), ==, 0);
    g_assert_cmpint(out(f, 7), ==, 1);
}

static void test_register_dump(Fixture *f, const void *unused)
{
    const RegisterMap *map = register_map_of(OBJECT(f->gpio));

    (void)unused;
    g_assert_nonnull(map);
    g_assert_cmpuint(map->count, ==, 17);
    for (size_t i = 0; i < map->count; i++) {
        g_assert_cmphex(map->rows[i].offset, ==, 4 * i);
        g_assert_cmphex(register_read(&map->rows[i], f->gpio), ==, rd(f, 4 * i));
    }
    g_assert_cmpstr(map->rows[3].name, ==, "output_val");
}

/* --- ngpio --- */

static SiFiveGPIOState *add_gpio(MachineState *machine, uint32_t ngpio, GError **error)
{
    GVariantBuilder options;

    g_variant_builder_init(&options, G_VARIANT_TYPE_VARDICT);
    g_variant_builder_add(&options, "{sv}", "driver", g_variant_new_string(TYPE_SIFIVE_GPIO));
    g_variant_builder_add(&options, "{sv}", "id", g_variant_new_string("g"));
    g_variant_builder_add(&options, "{sv}", "ngpio", g_variant_new_uint32(ngpio));
    g_variant_builder_add(&options, "{sv}", "addr", g_variant_new_uint64(0x1000));
    return (SiFiveGPIOState *)machine_add_device(machine, g_variant_builder_end(&options), error);
}

static void test_ngpio_range(void)
{
    MachineState *machine = machine_new("none", NULL);
    static const uint32_t bad[] = { 0, 33, 0x80000000, UINT32_MAX };
    GError *error = NULL;

    g_assert_true(machine_create(machine, NULL));
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree char *text = g_strdup_printf(
            "Property 'ngpio' of 'sifive_soc.gpio' must be 1 to 32, not %u", bad[i]);

        g_assert_null(add_gpio(machine, bad[i], &error));
        g_assert_cmpstr(error->message, ==, text);
        g_clear_error(&error);
    }
    g_assert_nonnull(add_gpio(machine, 1, &error));
    machine_free(machine);
}

static void test_few_pins(void)
{
    MachineState *machine = machine_new("none", NULL);
    SiFiveGPIOState *gpio;
    GError *error = NULL;

    g_assert_true(machine_create(machine, NULL));
    gpio = add_gpio(machine, 5, &error);
    g_assert_no_error(error);
    memory_access_write(machine->system_as, 0x1000 + SIFIVE_GPIO_REG_INPUT_EN, ALL, 4,
                        MEMTXATTRS_UNSPECIFIED);
    memory_access_write(machine->system_as, 0x1000 + SIFIVE_GPIO_REG_PUE, ALL, 4,
                        MEMTXATTRS_UNSPECIFIED);
    /* Registers keep all bits, what the pins latch is as wide as there are pins. */
    g_assert_cmphex(gpio->input_en, ==, ALL);
    g_assert_cmphex(gpio->value, ==, 0x1f);
    g_assert_cmphex(gpio->rise_ip, ==, 0x1f);
    g_assert_cmphex(gpio->high_ip, ==, 0x1f);
    g_assert_cmphex(gpio->low_ip, ==, 0x1f);
    g_assert_false(machine_set_line(machine, "g", NULL, 5, 1, &error));
    g_assert_cmpstr(error->message, ==, "Device 'g' has input lines 0 to 4, but no line 5");
    g_clear_error(&error);
    g_assert_cmpuint(sysbus_count_irq(SYS_BUS_DEVICE(gpio)), ==, 5);
    machine_free(machine);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
#define ADD(name, func) g_test_add("/gpio/sifive/" name, Fixture, NULL, setup, func, teardown)
    ADD("reads-zero-after-reset", test_reset_values);
    ADD("plain-registers-keep-what-is-written", test_read_write);
    ADD("low-ip-is-clear-until-the-first-update", test_low_ip_after_reset);
    ADD("output-drives-the-pin-xor-applied", test_output);
    ADD("disabled-output-keeps-its-level", test_disabled_output_freezes);
    ADD("pull-up-counts-while-nobody-drives", test_pull_up);
    ADD("outside-wins-and-conflict-is-reported", test_outside_wins);
    ADD("edges-latch-and-interrupt", test_edges);
    ADD("rise-ip-stays-clear-after-unrelated-write", test_unrelated_write);
    ADD("levels-latch-again-while-they-last", test_levels);
    ADD("disabled-input-is-low", test_disabled_input);
    ADD("floating-pin-keeps-its-last-level-hidden", test_floating_keeps_in);
    ADD("bad-offsets-read-zero-and-are-reported", test_bad_offsets);
    ADD("bad-write-updates-all-the-same", test_bad_write_updates);
    ADD("narrow-accesses-zero-extend", test_narrow);
    ADD("8-byte-accesses-are-two-registers", test_wide);
    ADD("dma-path-cuts-unaligned-reads", test_dma_cuts_unaligned);
    ADD("reset-clears-registers-and-tells-nobody", test_reset);
    ADD("register-dump-has-a-row-for-each-register", test_register_dump);
    g_test_add_func("/gpio/sifive/ngpio-is-1-to-32", test_ngpio_range);
    g_test_add_func("/gpio/sifive/fewer-pins-latch-fewer-bits", test_few_pins);
    return g_test_run();
}
