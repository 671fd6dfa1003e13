/* sifive_soc.gpio with variant=fe310: each thing in which the documented hardware differs from QEMU's model. */
#include <string.h>

#include "models/core/machine.h"
#include "models/gpio/sifive_gpio.h"

#define BASE 0x1000
#define ALL UINT32_MAX
#define IOF0_PINS 0x0f0u
#define IOF1_PINS 0x3c0u

typedef struct Fixture {
    MachineState *machine;
    SiFiveGPIOState *gpio;
    uint32_t out_watch;
    int irq[SIFIVE_GPIO_MAX_PINS];
    int ival[SIFIVE_GPIO_FUNCTIONS][SIFIVE_GPIO_MAX_PINS];
    GPtrArray *ends;
    GString *errors;
} Fixture;

static void note_event(void *opaque, const MachineEvent *event)
{
    Fixture *f = opaque;

    if (event->kind == MACHINE_EVENT_GUEST_ERROR) {
        g_string_append_printf(f->errors, "%s\n", event->text);
    }
}

static void note_level(void *opaque, int n, int level)
{
    ((int *)opaque)[n] = level;
}

static qemu_irq end_of(Fixture *f, int *levels, int n)
{
    qemu_irq end = qemu_allocate_irq(note_level, levels, n);

    g_ptr_array_add(f->ends, end);
    return end;
}

static void connect_lines(Fixture *f)
{
    DeviceState *dev = DEVICE(f->gpio);

    for (int i = 0; i < (int)f->gpio->ngpio; i++) {
        sysbus_connect_irq(SYS_BUS_DEVICE(dev), i, end_of(f, f->irq, i));
        qdev_connect_gpio_out_named(dev, "iof0-ival", i, end_of(f, f->ival[0], i));
        qdev_connect_gpio_out_named(dev, "iof1-ival", i, end_of(f, f->ival[1], i));
    }
}

static GVariant *options(const char *variant, uint32_t ngpio)
{
    GVariantBuilder list;

    g_variant_builder_init(&list, G_VARIANT_TYPE_VARDICT);
    g_variant_builder_add(&list, "{sv}", "driver", g_variant_new_string(TYPE_SIFIVE_GPIO));
    g_variant_builder_add(&list, "{sv}", "id", g_variant_new_string("g"));
    g_variant_builder_add(&list, "{sv}", "variant", g_variant_new_string(variant));
    g_variant_builder_add(&list, "{sv}", "ngpio", g_variant_new_uint32(ngpio));
    g_variant_builder_add(&list, "{sv}", "iof0", g_variant_new_uint32(IOF0_PINS));
    g_variant_builder_add(&list, "{sv}", "iof1", g_variant_new_uint32(IOF1_PINS));
    g_variant_builder_add(&list, "{sv}", "addr", g_variant_new_uint64(BASE));
    return g_variant_builder_end(&list);
}

static void setup(Fixture *f, const void *ngpio)
{
    GError *error = NULL;

    memset(f, 0, sizeof(*f));
    f->errors = g_string_new(NULL);
    f->ends = g_ptr_array_new_with_free_func(object_unref);
    f->machine = machine_new("none", &error);
    g_assert_no_error(error);
    g_assert_true(machine_create(f->machine, &error));
    machine_set_ready(f->machine, NULL, NULL);
    machine_set_event_sink(f->machine, note_event, f);
    f->gpio = (SiFiveGPIOState *)machine_add_device(
        f->machine, options("fe310", GPOINTER_TO_UINT(ngpio)), &error);
    g_assert_no_error(error);
    connect_lines(f);
    g_assert_true(machine_watch_lines(f->machine, "g", LINE_OUT, &f->out_watch, &error));
}

static void teardown(Fixture *f, const void *unused)
{
    (void)unused;
    machine_free(f->machine);
    g_ptr_array_unref(f->ends);
    g_string_free(f->errors, TRUE);
}

static uint64_t read_sized(Fixture *f, hwaddr offset, unsigned size)
{
    uint64_t value = 0;

    g_assert_cmpuint(memory_access_read(f->machine->system_as, BASE + offset, &value, size,
                                        MEMTXATTRS_UNSPECIFIED),
                     ==, MEMTX_OK);
    return value;
}

static void write_sized(Fixture *f, hwaddr offset, uint64_t value, unsigned size)
{
    g_assert_cmpuint(memory_access_write(f->machine->system_as, BASE + offset, value, size,
                                         MEMTXATTRS_UNSPECIFIED),
                     ==, MEMTX_OK);
}

static uint32_t rd(Fixture *f, hwaddr offset)
{
    return (uint32_t)read_sized(f, offset, 4);
}

static void wr(Fixture *f, hwaddr offset, uint32_t value)
{
    write_sized(f, offset, value, 4);
}

static void line(Fixture *f, const char *list, uint32_t n, int level)
{
    GError *error = NULL;

    g_assert_true(machine_set_line(f->machine, "g", list, n, level, &error));
    g_assert_no_error(error);
}

static void pin(Fixture *f, uint32_t n, int level)
{
    line(f, NULL, n, level);
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

static void test_low_ip_after_reset(Fixture *f, const void *unused)
{
    (void)unused;
    g_assert_cmphex(rd(f, SIFIVE_GPIO_REG_LOW_IP), ==, ALL);
    g_assert_cmphex(rd(f, SIFIVE_GPIO_REG_HIGH_IP), ==, 0);
    wr(f, SIFIVE_GPIO_REG_LOW_IP, ALL);
    g_assert_cmphex(rd(f, SIFIVE_GPIO_REG_LOW_IP), ==, ALL);
}

static void test_reset_leaves_the_outside(Fixture *f, const void *unused)
{
    (void)unused;
    pin(f, 3, 1);
    wr(f, SIFIVE_GPIO_REG_INPUT_EN, ALL);
    g_assert_cmphex(rd(f, SIFIVE_GPIO_REG_VALUE), ==, 8);
    machine_reset(f->machine);
    g_assert_cmphex(rd(f, SIFIVE_GPIO_REG_VALUE), ==, 0);
    g_assert_cmphex(rd(f, SIFIVE_GPIO_REG_FALL_IP), ==, 0);
    wr(f, SIFIVE_GPIO_REG_INPUT_EN, ALL);
    g_assert_cmphex(rd(f, SIFIVE_GPIO_REG_VALUE), ==, 8);
    g_assert_cmphex(rd(f, SIFIVE_GPIO_REG_RISE_IP), ==, 8);
}

static void test_reset_drives_lines(Fixture *f, const void *unused)
{
    (void)unused;
    wr(f, SIFIVE_GPIO_REG_OUTPUT_EN, 1);
    wr(f, SIFIVE_GPIO_REG_PORT, 1);
    wr(f, SIFIVE_GPIO_REG_LOW_IE, 2);
    g_assert_cmpint(out(f, 0), ==, 1);
    g_assert_cmpint(f->irq[1], ==, 1);
    machine_reset(f->machine);
    g_assert_cmpint(out(f, 0), ==, -1);
    g_assert_cmpint(f->irq[1], ==, 0);
}

static void test_narrow_reads(Fixture *f, const void *unused)
{
    (void)unused;
    wr(f, SIFIVE_GPIO_REG_PORT, 0xdeadbeef);
    g_assert_cmphex(read_sized(f, SIFIVE_GPIO_REG_PORT + 1, 1), ==, 0xbe);
    g_assert_cmphex(read_sized(f, SIFIVE_GPIO_REG_PORT + 3, 1), ==, 0xde);
    g_assert_cmphex(read_sized(f, SIFIVE_GPIO_REG_PORT + 2, 2), ==, 0xdead);
    g_assert_cmphex(read_sized(f, SIFIVE_GPIO_REG_OUTPUT_EN, 8), ==, UINT64_C(0xdeadbeef00000000));
    assert_errors(f, "");
}

static void test_narrow_writes(Fixture *f, const void *unused)
{
    (void)unused;
    wr(f, SIFIVE_GPIO_REG_PORT, 0xdeadbeef);
    write_sized(f, SIFIVE_GPIO_REG_PORT, 0, 2);
    write_sized(f, SIFIVE_GPIO_REG_PORT + 3, 0, 1);
    g_assert_cmphex(rd(f, SIFIVE_GPIO_REG_PORT), ==, 0xdeadbeef);
    assert_errors(f, "fe310_write: 2 byte(s) at 0xc are not all of output_val\n"
                     "fe310_write: 1 byte(s) at 0xf are not all of output_val\n");
    write_sized(f, SIFIVE_GPIO_REG_OUTPUT_EN, UINT64_C(0x1122334455667788), 8);
    g_assert_cmphex(rd(f, SIFIVE_GPIO_REG_OUTPUT_EN), ==, 0x55667788);
    g_assert_cmphex(rd(f, SIFIVE_GPIO_REG_PORT), ==, 0x11223344);
}

static void test_narrow_write_does_not_clear_pending(Fixture *f, const void *unused)
{
    (void)unused;
    wr(f, SIFIVE_GPIO_REG_INPUT_EN, ALL);
    pin(f, 0, 1);
    write_sized(f, SIFIVE_GPIO_REG_RISE_IP, 1, 1);
    g_assert_cmphex(rd(f, SIFIVE_GPIO_REG_RISE_IP), ==, 1);
    wr(f, SIFIVE_GPIO_REG_RISE_IP, 1);
    g_assert_cmphex(rd(f, SIFIVE_GPIO_REG_RISE_IP), ==, 0);
}

static void test_few_pins(Fixture *f, const void *unused)
{
    (void)unused;
    write_sized(f, SIFIVE_GPIO_REG_PUE, 0x55, 1);
    g_assert_cmphex(rd(f, SIFIVE_GPIO_REG_PUE), ==, 0);
    write_sized(f, SIFIVE_GPIO_REG_PUE, 0xffff, 2);
    g_assert_cmphex(rd(f, SIFIVE_GPIO_REG_PUE), ==, 0x3ff);
    write_sized(f, SIFIVE_GPIO_REG_PUE + 2, 0xffff, 2);
    g_assert_cmphex(rd(f, SIFIVE_GPIO_REG_PUE), ==, 0x3ff);
    wr(f, SIFIVE_GPIO_REG_RISE_IE, ALL);
    g_assert_cmphex(rd(f, SIFIVE_GPIO_REG_RISE_IE), ==, 0x3ff);
    g_assert_cmphex(rd(f, SIFIVE_GPIO_REG_LOW_IP), ==, 0x3ff);
}

static void test_bad_offsets(Fixture *f, const void *unused)
{
    (void)unused;
    g_assert_cmphex(rd(f, 0x44), ==, 0);
    wr(f, 0x48, ALL);
    wr(f, SIFIVE_GPIO_REG_VALUE, ALL);
    g_assert_cmphex(rd(f, SIFIVE_GPIO_REG_VALUE), ==, 0);
    assert_errors(f, "fe310_read: bad read offset 0x44\n"
                     "fe310_write: bad write offset 0x48\n"
                     "fe310_write: bad write offset 0x0\n");
}

static void test_own_output_is_stronger(Fixture *f, const void *unused)
{
    (void)unused;
    wr(f, SIFIVE_GPIO_REG_INPUT_EN, ALL);
    wr(f, SIFIVE_GPIO_REG_OUTPUT_EN, 0x9);
    pin(f, 0, 0);
    assert_errors(f, "");
    pin(f, 3, 1);
    assert_errors(f, "GPIO pin 3 short circuited\n");
    wr(f, SIFIVE_GPIO_REG_DS, 0x10);
    assert_errors(f, ""); /* it goes on, and is known */
    g_assert_cmpint(out(f, 3), ==, 0);
    g_assert_cmphex(rd(f, SIFIVE_GPIO_REG_VALUE), ==, 0);
    /* Pins that agree do not short. */
    wr(f, SIFIVE_GPIO_REG_PORT, 0x8);
    assert_errors(f, "");
    g_assert_cmphex(rd(f, SIFIVE_GPIO_REG_VALUE), ==, 0x8);
}

static void test_disabled_output_lets_go(Fixture *f, const void *unused)
{
    (void)unused;
    wr(f, SIFIVE_GPIO_REG_PORT, 1);
    g_assert_cmpint(out(f, 0), ==, -1);
    wr(f, SIFIVE_GPIO_REG_OUTPUT_EN, 1);
    g_assert_cmpint(out(f, 0), ==, 1);
    wr(f, SIFIVE_GPIO_REG_OUTPUT_EN, 0);
    g_assert_cmpint(out(f, 0), ==, -1);
}

static void test_pull_up_is_weak(Fixture *f, const void *unused)
{
    (void)unused;
    wr(f, SIFIVE_GPIO_REG_INPUT_EN, ALL);
    wr(f, SIFIVE_GPIO_REG_PUE, 0x7);
    g_assert_cmphex(rd(f, SIFIVE_GPIO_REG_VALUE), ==, 0x7);
    pin(f, 0, 0);
    wr(f, SIFIVE_GPIO_REG_OUTPUT_EN, 0x2);
    g_assert_cmphex(rd(f, SIFIVE_GPIO_REG_VALUE), ==, 0x4);
    g_assert_cmpint(out(f, 2), ==, -1);
    assert_errors(f, "");
}

static void test_function_takes_the_pin(Fixture *f, const void *unused)
{
    (void)unused;
    wr(f, SIFIVE_GPIO_REG_OUTPUT_EN, 0x10);
    line(f, "iof0-oval", 4, 1);
    g_assert_cmpint(out(f, 4), ==, 0);
    wr(f, SIFIVE_GPIO_REG_IOF_EN, 0x10);
    /* The function decides about the enable, too. */
    g_assert_cmpint(out(f, 4), ==, -1);
    line(f, "iof0-oe", 4, 1);
    g_assert_cmpint(out(f, 4), ==, 1);
    wr(f, SIFIVE_GPIO_REG_OUT_XOR, 0x10);
    g_assert_cmpint(out(f, 4), ==, 0);
    g_assert_cmphex(rd(f, SIFIVE_GPIO_REG_VALUE), ==, 0);
    line(f, "iof0-oval", 4, 0);
    line(f, "iof0-ie", 4, 1);
    g_assert_cmphex(rd(f, SIFIVE_GPIO_REG_VALUE), ==, 0x10);
    g_assert_cmpint(f->ival[0][4], ==, 1);
    g_assert_cmpint(f->ival[1][4], ==, 1);
}

static void test_function_select(Fixture *f, const void *unused)
{
    (void)unused;
    line(f, "iof0-oe", 6, 1);
    line(f, "iof1-oe", 6, 1);
    line(f, "iof1-oval", 6, 1);
    wr(f, SIFIVE_GPIO_REG_IOF_EN, 0x40);
    g_assert_cmpint(out(f, 6), ==, 0);
    wr(f, SIFIVE_GPIO_REG_IOF_SEL, 0x40);
    g_assert_cmpint(out(f, 6), ==, 1);
}

static void test_missing_function(Fixture *f, const void *unused)
{
    (void)unused;
    line(f, "iof1-oe", 4, 1);
    wr(f, SIFIVE_GPIO_REG_PORT, 0x10);
    wr(f, SIFIVE_GPIO_REG_OUTPUT_EN, 0x10);
    wr(f, SIFIVE_GPIO_REG_IOF_SEL, 0x10);
    wr(f, SIFIVE_GPIO_REG_IOF_EN, 0x10);
    g_assert_cmpint(out(f, 4), ==, 1);
}

static void test_unknown_variant(void)
{
    MachineState *machine = machine_new("none", NULL);
    GError *error = NULL;

    g_assert_true(machine_create(machine, NULL));
    g_assert_null(machine_add_device(machine, options("fe540", 32), &error));
    g_assert_nonnull(error);
    g_assert_nonnull(strstr(error->message, "fe540"));
    g_clear_error(&error);
    machine_free(machine);
}

static void test_default_is_qemu(void)
{
    MachineState *machine = machine_new("sifive_e", NULL);
    SiFiveGPIOState *gpio;

    g_assert_true(machine_create(machine, NULL));
    gpio =
        SIFIVE_GPIO(object_resolve_path(machine->root, "/machine/soc/riscv.sifive.e.gpio0", NULL));
    g_assert_cmpint(gpio->variant_id, ==, SIFIVE_GPIO_QEMU);
    g_assert_cmpint(qdev_count_gpio_in(DEVICE(gpio), "iof0-oval"), ==, 0);
    machine_free(machine);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
#define ADD_PINS(name, pins, func)                                                                 \
    g_test_add("/gpio/sifive-fe310/" name, Fixture, GUINT_TO_POINTER(pins), setup, func, teardown)
#define ADD(name, func) ADD_PINS(name, 32, func)
    ADD("low-ip-sets-itself-right-after-reset", test_low_ip_after_reset);
    ADD("reset-leaves-what-drives-the-pins", test_reset_leaves_the_outside);
    ADD("reset-releases-outputs-and-interrupts", test_reset_drives_lines);
    ADD("narrow-reads-give-their-lanes", test_narrow_reads);
    ADD("narrow-writes-are-ignored", test_narrow_writes);
    ADD("narrow-writes-clear-nothing", test_narrow_write_does_not_clear_pending);
    ADD_PINS("fields-are-as-wide-as-there-are-pins", 10, test_few_pins);
    ADD("bad-offsets-read-zero-and-are-reported", test_bad_offsets);
    ADD("own-output-is-stronger-and-only-disagreement-is-a-short", test_own_output_is_stronger);
    ADD("disabled-output-lets-go", test_disabled_output_lets_go);
    ADD("pull-up-loses-to-any-driver", test_pull_up_is_weak);
    ADD("function-takes-the-pin-and-xor-comes-after", test_function_takes_the_pin);
    ADD("iof-sel-chooses-the-function", test_function_select);
    ADD("pin-without-the-function-stays-with-software", test_missing_function);
    g_test_add_func("/gpio/sifive-fe310/unknown-variant-is-refused", test_unknown_variant);
    g_test_add_func("/gpio/sifive-fe310/qemu-is-the-default", test_default_is_qemu);
    return g_test_run();
}
