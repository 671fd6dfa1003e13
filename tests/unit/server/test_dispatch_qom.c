/* Operations on the object model. */
#include <string.h>

#include "tests/lib/raw_client.h"
#include "tests/unit/server/harness.h"

#define GPIO "/machine/soc/riscv.sifive.e.gpio0"

static QsOperation qom(QsOpKind kind, const char *path, const char *property)
{
    return (QsOperation){ .kind = kind, .qom = { .path = path, .property = property } };
}

static QsOperation set(const char *path, const char *property, QsValue value)
{
    QsOperation op = qom(QS_OP_QOM_SET, path, property);

    op.qom.value = value;
    return op;
}

static QsValue unparsed(const char *text)
{
    return (QsValue){ .kind = QS_VALUE_UNPARSED, .text = text };
}

static QsOperation new_object(const char *type, const char *id, const QsValueEntry *properties,
                              size_t n)
{
    return (QsOperation){
        .kind = QS_OP_QOM_NEW,
        .qom_new = { .type = type, .id = id, .properties = properties, .n_properties = n }
    };
}

static const QsResult *succeeds(Harness *h, QsOperation op)
{
    const QsResult *result = harness_op(h, op);

    g_assert_cmpstr(result->status.text, ==, "");
    g_assert_cmpint(result->status.code, ==, QS_STATUS_OK);
    return result;
}

static const QsProperty *find(const QsResult *result, const char *name)
{
    for (size_t i = 0; i < result->qom_list.n_properties; i++) {
        if (strcmp(result->qom_list.properties[i].name, name) == 0) {
            return &result->qom_list.properties[i];
        }
    }
    return NULL;
}

static void test_list(void)
{
    g_autoptr(Harness) h = harness_new(NULL);
    const QsResult *result = succeeds(h, qom(QS_OP_QOM_LIST, "/machine", ""));

    g_assert_cmpstr(result->qom_list.path, ==, "/machine");
    g_assert_cmpstr(find(result, "type")->type, ==, "string");
    g_assert_cmpstr(find(result, "soc")->type, ==, "child<riscv.sifive.e.soc>");
    g_assert_null(find(result, "nothing"));
    result = succeeds(h, qom(QS_OP_QOM_LIST, "riscv.sifive.e.gpio0", "")); /* partial */
    g_assert_cmpstr(result->qom_list.path, ==, GPIO);
    g_assert_cmpstr(find(result, "ngpio")->type, ==, "uint32");
    g_assert_cmpint(find(result, "ngpio")->default_value.kind, ==, QS_VALUE_UINT);
    g_assert_cmpuint(find(result, "ngpio")->default_value.u, ==, 32);
    harness_fails(h, qom(QS_OP_QOM_LIST, "/nowhere", ""), QS_STATUS_NOT_FOUND,
                  "Device '/nowhere' not found");
    harness_fails(h, qom(QS_OP_QOM_LIST, "", ""), QS_STATUS_GENERIC, "Path '' is ambiguous");
}

static void test_get(void)
{
    g_autoptr(Harness) h = harness_new(NULL);
    const QsResult *result = succeeds(h, qom(QS_OP_QOM_GET, GPIO, "ngpio"));

    g_assert_cmpint(result->value.kind, ==, QS_VALUE_UINT);
    g_assert_cmpuint(result->value.u, ==, 32);
    result = succeeds(h, qom(QS_OP_QOM_GET, GPIO, "realized"));
    g_assert_cmpint(result->value.kind, ==, QS_VALUE_BOOL);
    g_assert_true(result->value.boolean);
    result = succeeds(h, qom(QS_OP_QOM_GET, "/machine", "soc"));
    g_assert_cmpint(result->value.kind, ==, QS_VALUE_TEXT);
    g_assert_cmpstr(result->value.text, ==, "/machine/soc");
    harness_fails(h, qom(QS_OP_QOM_GET, "/nowhere", "x"), QS_STATUS_NOT_FOUND,
                  "Device '/nowhere' not found");
    harness_fails(h, qom(QS_OP_QOM_GET, GPIO, "zap"), QS_STATUS_GENERIC,
                  "Property 'sifive_soc.gpio.zap' not found");
    result = harness_op(h, qom(QS_OP_QOM_GET, "riscv.sifive.e.gpio0", "zap"));
    g_assert_cmpstr(result->status.path, ==, GPIO);
}

static void test_set(void)
{
    g_autoptr(Harness) h = harness_new(NULL);
    QsValue seven = { .kind = QS_VALUE_UINT, .u = 7 };

    harness_fails(h, set(GPIO, "ngpio", seven), QS_STATUS_GENERIC,
                  "Attempt to set property 'ngpio' on anonymous device (type 'sifive_soc.gpio') "
                  "after it was realized");
    harness_fails(h, set(GPIO, "type", unparsed("x")), QS_STATUS_GENERIC,
                  "Property 'sifive_soc.gpio.type' is not writable");
    harness_fails(h, set("/nowhere", "x", seven), QS_STATUS_NOT_FOUND,
                  "Device '/nowhere' not found");
    harness_fails(h, set(GPIO, "realized", seven), QS_STATUS_GENERIC,
                  "Invalid parameter type for 'realized', expected: boolean");
    harness_fails(h, set(GPIO, "realized", unparsed("perhaps")), QS_STATUS_GENERIC,
                  "Parameter 'realized' expects 'on' or 'off'");
}

static void test_new_device(void)
{
    g_autoptr(Harness) h = harness_new(NULL);
    const QsValueEntry places[] = { { "addr", unparsed("0x30000000") },
                                    { "ngpio", { .kind = QS_VALUE_UINT, .u = 4 } } };
    const QsValueEntry unplaced[] = { { "addr", unparsed("0x31000000") } };
    const QsResult *result = succeeds(h, new_object("sifive_soc.gpio", "g", places, 2));

    g_assert_cmpstr(result->qom_list.path, ==, "/machine/peripheral/g");
    g_assert_cmpuint(succeeds(h, qom(QS_OP_QOM_GET, "g", "ngpio"))->value.u, ==, 4);
    g_assert_cmpint(succeeds(h, raw_read(0x30000000, 4))->mmio.result, ==, QS_BUS_OK);
    result = succeeds(h, new_object("sifive_soc.gpio", "", unplaced, 1));
    g_assert_true(g_str_has_prefix(result->qom_list.path, "/machine/peripheral-anon/device["));
    harness_fails(h, new_object("sifive_soc.gpio", "g", NULL, 0), QS_STATUS_GENERIC,
                  "Duplicate device ID 'g'");
    succeeds(h, qom(QS_OP_QOM_DELETE, "g", ""));
    g_assert_cmpint(succeeds(h, raw_read(0x30000000, 4))->mmio.result, ==, QS_BUS_DECODE_ERROR);
    succeeds(h, new_object("sifive_soc.gpio", "g", places, 2)); /* the id is free again */
}

static void test_new_refused(void)
{
    g_autoptr(Harness) h = harness_new(NULL);
    const QsValueEntry zap[] = { { "zap", unparsed("1") } };
    const QsValueEntry wrong[] = { { "ngpio", unparsed("many") } };
    const QsValueEntry id[] = { { "id", unparsed("x") } };
    const QsValueEntry overlap[] = { { "addr", unparsed("0x10012080") } };
    const QsValueEntry unaligned[] = { { "addr", unparsed("0x30000002") } };

    harness_fails(h, new_object("device", "x", NULL, 0), QS_STATUS_GENERIC,
                  "Parameter 'driver' expects a non-abstract device type");
    harness_fails(h, new_object("martian", "x", NULL, 0), QS_STATUS_GENERIC,
                  "invalid object type: martian");
    harness_fails(h, new_object("martian", "", NULL, 0), QS_STATUS_GENERIC,
                  "invalid object type: martian");
    harness_fails(h, new_object("container", "x", NULL, 0), QS_STATUS_GENERIC,
                  "object type 'container' isn't supported by object-add");
    harness_fails(h, new_object("container", "", NULL, 0), QS_STATUS_GENERIC,
                  "Parameter 'id' is missing");
    harness_fails(h, new_object("sifive_soc.gpio", "1x", NULL, 0), QS_STATUS_GENERIC,
                  "Parameter 'id' expects an identifier");
    harness_fails(h, new_object("sifive_soc.gpio", "x", zap, 1), QS_STATUS_GENERIC,
                  "Property 'sifive_soc.gpio.zap' not found");
    harness_fails(h, new_object("sifive_soc.gpio", "x", wrong, 1), QS_STATUS_GENERIC,
                  "Parameter 'ngpio' expects integer");
    harness_fails(h, new_object("sifive_soc.gpio", "x", id, 1), QS_STATUS_INVALID_ARGUMENT,
                  "Parameter 'id' is unexpected");
    g_assert_cmpint(harness_op(h, new_object("sifive_soc.gpio", "x", overlap, 1))->status.code, ==,
                    QS_STATUS_GENERIC);
    g_assert_cmpint(harness_op(h, new_object("sifive_soc.gpio", "x", unaligned, 1))->status.code,
                    ==, QS_STATUS_GENERIC);
    harness_fails(h, qom(QS_OP_QOM_GET, "/machine/peripheral/x", "type"), QS_STATUS_NOT_FOUND,
                  "Device '/machine/peripheral/x' not found"); /* nothing is left of them */
}

static void test_delete_refused(void)
{
    g_autoptr(Harness) h = harness_new(NULL);

    harness_fails(h, qom(QS_OP_QOM_DELETE, "nobody", ""), QS_STATUS_NOT_FOUND,
                  "Device 'nobody' not found");
    harness_fails(h, qom(QS_OP_QOM_DELETE, "", ""), QS_STATUS_NOT_FOUND, "Device '' not found");
    harness_fails(h, qom(QS_OP_QOM_DELETE, "/objects/nobody", ""), QS_STATUS_NOT_FOUND,
                  "Device '/objects/nobody' not found");
    g_assert_cmpint(harness_op(h, qom(QS_OP_QOM_DELETE, "/machine", ""))->status.code, !=,
                    QS_STATUS_OK);
    g_assert_cmpint(harness_op(h, qom(QS_OP_QOM_DELETE, "/", ""))->status.code, !=, QS_STATUS_OK);
    g_assert_cmpint(harness_op(h, qom(QS_OP_QOM_DELETE, GPIO, ""))->status.code, !=, QS_STATUS_OK);
}

static const QsType *find_type(const QsResult *result, const char *name)
{
    for (size_t i = 0; i < result->types.n_types; i++) {
        if (strcmp(result->types.types[i].name, name) == 0) {
            return &result->types.types[i];
        }
    }
    return NULL;
}

static void test_types(void)
{
    g_autoptr(Harness) h = harness_new(NULL);
    QsOperation op = { .kind = QS_OP_QOM_TYPES, .types = { .type = "" } };
    const QsResult *result = succeeds(h, op);

    g_assert_nonnull(find_type(result, "sifive_soc.gpio"));
    g_assert_cmpstr(find_type(result, "sifive_soc.gpio")->parent, ==, "sys-bus-device");
    g_assert_null(find_type(result, "device"));
    op.types.include_abstract = true;
    op.types.type = "device";
    result = succeeds(h, op);
    g_assert_true(find_type(result, "device")->is_abstract);
    g_assert_null(find_type(result, "object"));
    op.types.type = "martian";
    g_assert_cmpuint(succeeds(h, op)->types.n_types, ==, 0);
}

static void test_type_properties(void)
{
    g_autoptr(Harness) h = harness_new(NULL);
    QsOperation op = { .kind = QS_OP_QOM_TYPE_PROPERTIES, .types = { .type = "sifive_soc.gpio" } };
    const QsResult *result = succeeds(h, op);

    g_assert_nonnull(find(result, "ngpio"));
    g_assert_cmpstr(find(result, "ngpio")->description, !=, "");
    op.types.type = "martian";
    harness_fails(h, op, QS_STATUS_NOT_FOUND, "Class 'martian' not found");
    op.types.type = "interface";
    harness_fails(h, op, QS_STATUS_GENERIC, "Parameter 'typename' expects a QOM type");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/server/qom/list-names-properties-and-defaults", test_list);
    g_test_add_func("/server/qom/get-gives-values-with-their-kind", test_get);
    g_test_add_func("/server/qom/set-that-must-not-be-is-refused", test_set);
    g_test_add_func("/server/qom/new-makes-devices-and-delete-unmakes-them", test_new_device);
    g_test_add_func("/server/qom/new-refuses-with-the-reason-and-leaves-nothing", test_new_refused);
    g_test_add_func("/server/qom/delete-refuses-what-is-no-users", test_delete_refused);
    g_test_add_func("/server/qom/types-are-listed", test_types);
    g_test_add_func("/server/qom/type-properties-are-listed", test_type_properties);
    return g_test_run();
}
