/* Device properties: kinds, defaults, arrays. */
#include "tests/lib/test_device.h"

static DeviceState *new_device(void)
{
    return qdev_new(TYPE_TEST_DEVICE, NULL);
}

static void assert_reads(Object *obj, const char *name, const char *text)
{
    GError *error = NULL;
    g_autofree char *value = object_property_print(obj, name, false, &error);

    g_assert_no_error(error);
    g_assert_cmpstr(value, ==, text);
}

typedef struct KindCase {
    const char *name;
    const char *type;
    const char *default_value;
    const char *good;  /* NULL ends the list of what is set */
    const char *reads; /* what it reads then */
    const char *bad;
    const char *error;
} KindCase;

static const KindCase kind_cases[] = {
    { "bit3", "bool", "true", "off", "false", "maybe", "Parameter 'bit3' expects 'on' or 'off'" },
    { "bit31", "bool", "false", "on", "true", "2", "Parameter 'bit31' expects 'on' or 'off'" },
    { "bit63", "bool", "true", "off", "false", "", "Parameter 'bit63' expects 'on' or 'off'" },
    { "truth", "bool", "true", "no", "false", "x", "Parameter 'truth' expects 'on' or 'off'" },
    { "u8", "uint8", "8", "0xff", "255", "256", "Parameter 'u8' expects uint8_t" },
    { "u16", "uint16", "16", "0xffff", "65535", "65536", "Parameter 'u16' expects uint16_t" },
    { "u32", "uint32", "32", "4294967295", "4294967295", "4294967296",
      "Parameter 'u32' expects uint32_t" },
    { "u64", "uint64", "18446744073709551615", "017", "15", "18446744073709551616", NULL },
    { "i32", "int32", "-32", "-2147483648", "-2147483648", "2147483648",
      "Parameter 'i32' expects int32_t" },
    { "i64", "int64", "-9223372036854775808", "7", "7", "9223372036854775808", NULL },
    { "text", "str", "", "on", "on", NULL, NULL },
    { "bytes", "size", "4096", "2M", "2097152", "lots", NULL },
    { "bytes32", "size", "512", "1.5K", "1536", "4G",
      "Property test-device.bytes32 doesn't take value 4294967296 (maximum: 4294967295)" },
    { "mode", "OnOffAuto", "auto", "off", "off", "perhaps",
      "Parameter 'mode' does not accept value 'perhaps'" },
};

static void test_kind(const void *data)
{
    const KindCase *c = data;
    DeviceState *dev = new_device();
    GError *error = NULL;

    g_assert_cmpstr(object_property_get_type(OBJECT(dev), c->name, &error), ==, c->type);
    assert_reads(OBJECT(dev), c->name, c->default_value);
    g_assert_true(object_property_parse(OBJECT(dev), c->name, c->good, &error));
    g_assert_no_error(error);
    assert_reads(OBJECT(dev), c->name, c->reads);
    if (c->bad) {
        g_assert_false(object_property_parse(OBJECT(dev), c->name, c->bad, &error));
        if (c->error) {
            g_assert_cmpstr(error->message, ==, c->error);
        }
        g_assert_nonnull(error);
        g_clear_error(&error);
        assert_reads(OBJECT(dev), c->name, c->reads);
    }
    object_unref(dev);
}

static void test_bits_apart(void)
{
    DeviceState *dev = new_device();
    TestDevice *s = TEST_DEVICE(dev);

    g_assert_cmphex(s->bits, ==, 0x8);
    g_assert_cmphex(s->bits64, ==, UINT64_C(1) << 63);
    qdev_prop_set_bit(dev, "bit31", true);
    g_assert_cmphex(s->bits, ==, 0x80000008);
    qdev_prop_set_bit(dev, "bit3", false);
    g_assert_cmphex(s->bits, ==, 0x80000000);
    object_unref(dev);
}

static void test_setters(void)
{
    DeviceState *dev = new_device();
    TestDevice *s = TEST_DEVICE(dev);

    qdev_prop_set_uint8(dev, "u8", 0xfe);
    qdev_prop_set_uint16(dev, "u16", 0xfedc);
    qdev_prop_set_uint32(dev, "u32", 0xfedcba98);
    qdev_prop_set_uint64(dev, "u64", 0xfedcba9876543210);
    qdev_prop_set_string(dev, "text", "hello");
    qdev_prop_set_string(dev, "text", "again");
    g_assert_cmphex(s->u8, ==, 0xfe);
    g_assert_cmphex(s->u16, ==, 0xfedc);
    g_assert_cmphex(s->u32, ==, 0xfedcba98);
    g_assert_cmphex(s->u64, ==, 0xfedcba9876543210);
    g_assert_cmpstr(s->text, ==, "again");
    object_unref(dev);
}

static void test_wrong_value_type(void)
{
    DeviceState *dev = new_device();
    GError *error = NULL;

    g_assert_false(object_property_set_str(OBJECT(dev), "u8", "8", &error));
    test_assert_error(&error, "Invalid parameter type for 'u8', expected: integer");
    g_assert_false(object_property_set_uint(OBJECT(dev), "truth", 1, &error));
    test_assert_error(&error, "Invalid parameter type for 'truth', expected: boolean");
    object_unref(dev);
}

static void test_link(void)
{
    MachineState *machine = test_machine_new(false);
    DeviceState *target = test_must_add(machine, "test-device,id=t");
    DeviceState *dev = test_must_add(machine, "test-device,id=d,peer=t");

    g_assert_cmpstr(object_property_get_type(OBJECT(dev), "peer", NULL), ==, "link<device>");
    assert_reads(OBJECT(dev), "peer", "/machine/peripheral/t");
    g_assert_true(TEST_DEVICE(dev)->peer == OBJECT(target));
    test_add_fails(machine, "test-device,peer=nobody", "Device 'nobody' not found");
    test_add_fails(machine, "test-device,peer=/objects",
                   "Invalid parameter type for 'peer', expected: device");
    machine_free(machine);
}

static void test_array(void)
{
    MachineState *machine = test_machine_new(false);
    DeviceState *dev = test_must_add(
        machine,
        "test-device,id=d,numbers[2]=7,len-numbers=3,numbers[0]=0x10,len-names=1,names[0]=x");
    const TestDevice *s = TEST_DEVICE(dev);

    g_assert_cmpuint(s->num_numbers, ==, 3);
    g_assert_cmpuint(s->numbers[0], ==, 16);
    g_assert_cmpuint(s->numbers[1], ==, 0);
    g_assert_cmpuint(s->numbers[2], ==, 7);
    g_assert_cmpstr(s->names[0], ==, "x");
    g_assert_cmpstr(object_property_get_type(OBJECT(dev), "numbers[1]", NULL), ==, "uint16");
    assert_reads(OBJECT(dev), "len-numbers", "3");
    assert_reads(OBJECT(dev), "numbers[2]", "7");
    machine_free(machine);
}

static void test_array_errors(void)
{
    MachineState *machine = test_machine_new(false);
    DeviceState *dev = new_device();
    GError *error = NULL;

    test_add_fails(machine, "test-device,numbers[0]=1",
                   "Property 'test-device.numbers[0]' not found");
    test_add_fails(machine, "test-device,len-numbers=2,numbers[2]=1",
                   "Property 'test-device.numbers[2]' not found");
    test_add_fails(machine, "test-device,len-numbers=2,numbers[1]=65536",
                   "Parameter 'numbers[1]' expects uint16_t");
    test_add_fails(machine, "test-device,len-numbers=1025",
                   "Parameter 'len-numbers' expects at most 1024 elements");
    g_assert_true(object_property_set_uint(OBJECT(dev), "len-numbers", 1024, &error));
    g_assert_false(object_property_set_uint(OBJECT(dev), "len-numbers", 2, &error));
    test_assert_error(&error, "array size property len-numbers may not be set more than once");
    object_unref(dev);
    machine_free(machine);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    for (size_t i = 0; i < G_N_ELEMENTS(kind_cases); i++) {
        g_autofree char *path = g_strdup_printf("/qdev/properties/kind/%s", kind_cases[i].name);

        g_test_add_data_func(path, &kind_cases[i], test_kind);
    }
#define ADD(name, func) g_test_add_func("/qdev/properties/" name, func)
    ADD("bits-of-a-word-are-apart", test_bits_apart);
    ADD("typed-setters", test_setters);
    ADD("wrong-value-type-is-refused", test_wrong_value_type);
    ADD("link-takes-a-path-and-checks-the-type", test_link);
    ADD("array-length-makes-the-elements-in-any-order-of-options", test_array);
    ADD("array-errors", test_array_errors);
    return g_test_run();
}
