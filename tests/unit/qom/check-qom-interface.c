/* What QEMU's check-qom-interface expects of an object model. */
#include "tests/unit/qom/common.h"

#define TYPE_TEST_IF "test-interface"
typedef struct TestIf TestIf;
typedef struct TestIfClass {
    InterfaceClass parent_class;

    uint32_t test;
} TestIfClass;
DECLARE_CLASS_CHECKERS(TestIfClass, TEST_IF, TYPE_TEST_IF)
#define TEST_IF(obj) INTERFACE_CHECK(TestIf, (obj), TYPE_TEST_IF)

#define TYPE_DIRECT_IMPL "direct-impl"
#define TYPE_INTERMEDIATE_IMPL "intermediate-impl"
#define PATTERN 0xfafbfcfd

static void direct_class_init(ObjectClass *klass, void *data)
{
    (void)data;
    TEST_IF_CLASS(klass)->test = PATTERN;
}

static const TypeInfo types[] = {
    {
        .name = TYPE_TEST_IF,
        .parent = TYPE_INTERFACE,
        .class_size = sizeof(TestIfClass),
    },
    {
        .name = TYPE_DIRECT_IMPL,
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(Object),
        .class_init = direct_class_init,
        .interfaces = (InterfaceInfo[]){ { TYPE_TEST_IF }, { NULL } },
    },
    {
        .name = TYPE_INTERMEDIATE_IMPL,
        .parent = TYPE_DIRECT_IMPL,
    },
};

static void check_impl(const char *type)
{
    g_autoptr(Object) obj = object_new(type);
    TestIf *iobj = TEST_IF(obj);

    g_assert_true((void *)iobj == (void *)obj);
    g_assert_cmphex(TEST_IF_GET_CLASS(iobj)->test, ==, PATTERN);
}

static void test_direct(void)
{
    check_impl(TYPE_DIRECT_IMPL);
}

static void test_intermediate(void)
{
    check_impl(TYPE_INTERMEDIATE_IMPL);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    type_register_static_array(types, G_N_ELEMENTS(types));

    g_test_add_func("/qom/interface/direct_impl", test_direct);
    g_test_add_func("/qom/interface/intermediate_impl", test_intermediate);
    return g_test_run();
}
