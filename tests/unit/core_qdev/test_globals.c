/* Global properties: the cases of QEMU's test-qdev-global-props under their names, and ours. */
#include "tests/lib/test_device.h"

#define TYPE_STATIC_PROPS "static_prop_type"
#define TYPE_SUBCLASS "static_prop_subtype"
#define TYPE_DYNAMIC_PROPS "dynamic-prop-type"
#define TYPE_UNUSED_HOTPLUG "hotplug-type"
#define TYPE_UNUSED_NOHOTPLUG "nohotplug-type"
#define TYPE_NONDEVICE "nondevice-type"
#define PROP_DEFAULT 100

OBJECT_DECLARE_SIMPLE_TYPE(PropState, STATIC_PROPS)

struct PropState {
    DeviceState parent_obj;

    uint32_t prop1;
    uint32_t prop2;
};

static const Property static_props[] = {
    DEFINE_PROP_UINT32("prop1", PropState, prop1, PROP_DEFAULT),
    DEFINE_PROP_UINT32("prop2", PropState, prop2, PROP_DEFAULT),
    DEFINE_PROP_END_OF_LIST(),
};

static void static_class_init(ObjectClass *klass, void *data)
{
    (void)data;
    device_class_set_props(DEVICE_CLASS(klass), static_props);
}

typedef struct DynamicState {
    DeviceState parent_obj;

    uint32_t prop1;
    uint32_t prop2;
} DynamicState;

static GVariant *get_number(Object *obj, const char *name, void *opaque, GError **error)
{
    (void)obj, (void)name, (void)error;
    return g_variant_new_uint64(*(uint32_t *)opaque);
}

static bool set_number(Object *obj, const char *name, void *opaque, GVariant *value, GError **error)
{
    uint64_t number;

    (void)obj;
    if (!qom_value_get_uint(value, name, "uint32_t", UINT32_MAX, &number, error)) {
        return false;
    }
    *(uint32_t *)opaque = (uint32_t)number;
    return true;
}

static void dynamic_init(Object *obj)
{
    DynamicState *s = (DynamicState *)obj;

    object_property_add(obj, "prop1", "uint32", get_number, set_number, NULL, &s->prop1);
    object_property_add(obj, "prop2", "uint32", get_number, set_number, NULL, &s->prop2);
}

static void nohotplug_class_init(ObjectClass *klass, void *data)
{
    (void)data;
    DEVICE_CLASS(klass)->hotpluggable = false;
}

static const TypeInfo prop_types[] = {
    {
        .name = TYPE_STATIC_PROPS,
        .parent = TYPE_DEVICE,
        .instance_size = sizeof(PropState),
        .class_init = static_class_init,
    },
    {
        .name = TYPE_SUBCLASS,
        .parent = TYPE_STATIC_PROPS,
    },
    {
        .name = TYPE_DYNAMIC_PROPS,
        .parent = TYPE_DEVICE,
        .instance_size = sizeof(DynamicState),
        .instance_init = dynamic_init,
    },
    {
        .name = TYPE_UNUSED_HOTPLUG,
        .parent = TYPE_DEVICE,
        .instance_size = sizeof(DeviceState),
    },
    {
        .name = TYPE_UNUSED_NOHOTPLUG,
        .parent = TYPE_DEVICE,
        .instance_size = sizeof(DeviceState),
        .class_init = nohotplug_class_init,
    },
    {
        .name = TYPE_NONDEVICE,
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(Object),
    },
};

DEFINE_TYPES(prop_types)

static void add(MachineState *machine, const char *driver, const char *property, const char *value)
{
    qdev_prop_register_global(machine, driver, property, value, false);
}

static bool is_used(MachineState *machine, unsigned i)
{
    return ((const GlobalProperty *)g_ptr_array_index(machine->globals, i))->used;
}

static void collect(void *opaque, const char *text)
{
    g_string_append_printf(opaque, "%s\n", text);
}

static DeviceState *realized(MachineState *machine, const char *type)
{
    DeviceState *dev = qdev_new(type, machine->root);
    GError *error = NULL;

    g_assert_true(qdev_realize_and_unref(dev, NULL, &error));
    g_assert_no_error(error);
    return dev;
}

static void test_static_default(void)
{
    MachineState *machine = test_machine_new(false);
    const PropState *s = STATIC_PROPS(realized(machine, TYPE_STATIC_PROPS));

    g_assert_cmpuint(s->prop1, ==, PROP_DEFAULT);
    machine_free(machine);
}

static void test_static_global(void)
{
    MachineState *machine = test_machine_new(false);
    const PropState *s;

    add(machine, TYPE_STATIC_PROPS, "prop1", "200");
    s = STATIC_PROPS(realized(machine, TYPE_STATIC_PROPS));
    g_assert_cmpuint(s->prop1, ==, 200);
    g_assert_cmpuint(s->prop2, ==, PROP_DEFAULT);
    machine_free(machine);
}

static void add_dynamic_globals(MachineState *machine)
{
    add(machine, TYPE_DYNAMIC_PROPS, "prop1", "101");
    add(machine, TYPE_DYNAMIC_PROPS "-bad", "prop3", "103");
    add(machine, TYPE_UNUSED_HOTPLUG, "prop4", "104");
    add(machine, TYPE_UNUSED_NOHOTPLUG, "prop5", "105");
    add(machine, TYPE_NONDEVICE, "prop6", "106");
}

static void test_dynamic_global(void)
{
    MachineState *machine = test_machine_new(false);
    g_autoptr(GString) warnings = g_string_new(NULL);
    const DynamicState *s;

    add_dynamic_globals(machine);
    add(machine, TYPE_DYNAMIC_PROPS, "prop2", "102");
    s = (const DynamicState *)realized(machine, TYPE_DYNAMIC_PROPS);
    g_assert_cmpuint(s->prop1, ==, 101);
    g_assert_cmpuint(s->prop2, ==, 102);
    g_assert_cmpint(qdev_prop_check_globals(machine, collect, warnings), ==, 1);
    g_assert_cmpstr(warnings->str, ==,
                    "global dynamic-prop-type-bad.prop3 has invalid class name\n"
                    "global nohotplug-type.prop5=105 not used\n"
                    "global nondevice-type.prop6 has invalid class name\n");
    g_assert_true(is_used(machine, 0));
    g_assert_false(is_used(machine, 1));
    g_assert_false(is_used(machine, 2));
    g_assert_false(is_used(machine, 3));
    g_assert_false(is_used(machine, 4));
    g_assert_true(is_used(machine, 5));
    machine_free(machine);
}

/* As before, with nothing that would be wrong: no warning, and 0. */
static void test_dynamic_nouser(void)
{
    MachineState *machine = test_machine_new(false);
    g_autoptr(GString) warnings = g_string_new(NULL);

    add(machine, TYPE_DYNAMIC_PROPS, "prop1", "101");
    add(machine, TYPE_UNUSED_HOTPLUG, "prop4", "104");
    realized(machine, TYPE_DYNAMIC_PROPS);
    g_assert_cmpint(qdev_prop_check_globals(machine, collect, warnings), ==, 0);
    g_assert_cmpstr(warnings->str, ==, "");
    g_assert_true(is_used(machine, 0));
    g_assert_false(is_used(machine, 1));
    machine_free(machine);
}

static void test_subclass(void)
{
    MachineState *machine = test_machine_new(false);
    const PropState *s;

    add(machine, TYPE_STATIC_PROPS, "prop1", "101");
    add(machine, TYPE_SUBCLASS, "prop1", "102");
    add(machine, TYPE_SUBCLASS, "prop2", "103");
    add(machine, TYPE_STATIC_PROPS, "prop2", "104");
    s = STATIC_PROPS(realized(machine, TYPE_SUBCLASS));
    g_assert_cmpuint(s->prop1, ==, 102);
    g_assert_cmpuint(s->prop2, ==, 104);
    s = STATIC_PROPS(realized(machine, TYPE_STATIC_PROPS));
    g_assert_cmpuint(s->prop1, ==, 101);
    g_assert_cmpuint(s->prop2, ==, 104);
    machine_free(machine);
}

static void test_machines_apart(void)
{
    MachineState *one = test_machine_new(false);
    MachineState *two = test_machine_new(false);

    add(one, TYPE_STATIC_PROPS, "prop1", "200");
    g_assert_cmpuint(STATIC_PROPS(realized(two, TYPE_STATIC_PROPS))->prop1, ==, PROP_DEFAULT);
    machine_free(one);
    machine_free(two);
}

static void test_options_win(void)
{
    MachineState *machine = test_machine_new(false);

    add(machine, TYPE_DEVICE, "u8", "1");
    ((GlobalProperty *)g_ptr_array_index(machine->globals, 0))->optional = true;
    add(machine, TYPE_TEST_DEVICE, "u16", "2");
    g_assert_cmpuint(TEST_DEVICE(test_must_add(machine, "test-device"))->u8, ==, 1);
    g_assert_cmpuint(TEST_DEVICE(test_must_add(machine, "test-device,u8=7"))->u8, ==, 7);
    /* Optional: a device without such a property does not mind. */
    test_must_add(machine, "test-host");
    machine_free(machine);
}

static void test_errors(void)
{
    MachineState *machine = test_machine_new(false);

    add(machine, TYPE_TEST_DEVICE, "nothing", "1");
    test_add_fails(machine, "test-device",
                   "can't apply global test-device.nothing=1: "
                   "Property 'test-device.nothing' not found");
    machine_free(machine);

    machine = test_machine_new(false);
    add(machine, TYPE_TEST_DEVICE, "u8", "many");
    test_add_fails(machine, "test-device",
                   "can't apply global test-device.u8=many: Parameter 'u8' expects integer");
    machine_set_ready(machine, NULL, NULL);
    machine_free(machine);
}

static void test_hotplug_ignores_errors(void)
{
    if (g_test_subprocess()) {
        MachineState *machine = test_machine_new(false);
        DeviceState *dev;

        add(machine, TYPE_TEST_HOST, "nothing", "1");
        add(machine, TYPE_TEST_HOST, "irqs", "2");
        machine_set_ready(machine, NULL, NULL);
        dev = test_must_add(machine, "test-host");
        g_assert_cmpuint(TEST_HOST(dev)->num_irqs, ==, 2);
        machine_free(machine);
        return;
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_passed();
    g_test_trap_assert_stderr("*warning: can't apply global test-host.nothing=1: "
                              "Property 'test-host.nothing' not found*ignored*");
}

static void assert_parses(const char *text, const char *driver, const char *property,
                          const char *value)
{
    MachineState *machine = test_machine_new(false);
    GError *error = NULL;
    const GlobalProperty *global;

    g_assert_true(qdev_prop_register_global_text(machine, text, &error));
    g_assert_no_error(error);
    g_assert_cmpuint(machine->globals->len, ==, 1);
    global = g_ptr_array_index(machine->globals, 0);
    g_assert_cmpstr(global->driver, ==, driver);
    g_assert_cmpstr(global->property, ==, property);
    g_assert_cmpstr(global->value, ==, value);
    machine_free(machine);
}

static void assert_refused(const char *text, const char *message)
{
    MachineState *machine = test_machine_new(false);
    GError *error = NULL;

    g_assert_false(qdev_prop_register_global_text(machine, text, &error));
    test_assert_error(&error, message);
    g_assert_cmpuint(machine->globals->len, ==, 0);
    machine_free(machine);
}

static void test_text(void)
{
    assert_parses("test-host.irqs=2", "test-host", "irqs", "2");
    assert_parses("sifive_soc.gpio.ngpio=8", "sifive_soc.gpio", "ngpio", "8");
    assert_parses("test-device.text=a.b=c,d", "test-device", "text", "a.b=c,d");
    assert_parses("test-device.text=", "test-device", "text", "");
    assert_parses("driver=a.b,property=c,value=d", "a.b", "c", "d");
    assert_refused("driver=a.b,property=c", "Parameter 'value' is missing");
    assert_refused("property=c,value=1", "Parameter 'driver' is missing");
    assert_refused("nonsense", "Expected '=' after parameter 'nonsense'");
    assert_refused("", "Parameter 'driver' is missing");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
#define ADD(name, func) g_test_add_func("/qdev/properties/" name, func)
    ADD("static/default", test_static_default);
    ADD("static/global", test_static_global);
    ADD("dynamic/global", test_dynamic_global);
    ADD("dynamic/global/nouser", test_dynamic_nouser);
    ADD("global/subclass", test_subclass);
    ADD("global/two-machines-have-their-own", test_machines_apart);
    ADD("global/options-win-and-optional-ones-may-miss", test_options_win);
    ADD("global/error-fails-the-device", test_errors);
    ADD("global/error-on-hotplug-is-a-warning", test_hotplug_ignores_errors);
    ADD("global/text", test_text);
    return g_test_run();
}
