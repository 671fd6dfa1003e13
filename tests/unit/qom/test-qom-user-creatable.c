/* What a user creates, deletes, and asks about. */
#include "tests/unit/qom/common.h"

#include "qom/introspect.h"
#include "qom/json.h"
#include "qom/user_creatable.h"

typedef struct Gadget {
    Object parent_obj;

    uint32_t size;
    char *label;
    bool completed;
    bool in_use;
    bool in_tree_at_complete;
    Object *peer;
} Gadget;

#define GADGET(obj) ((Gadget *)(obj))

static int live;

static char *gadget_get_label(Object *obj, GError **error)
{
    (void)error;
    return g_strdup(GADGET(obj)->label);
}

static bool gadget_set_label(Object *obj, const char *value, GError **error)
{
    (void)error;
    g_free(GADGET(obj)->label);
    GADGET(obj)->label = g_strdup(value);
    return true;
}

static void gadget_init(Object *obj)
{
    live++;
    object_property_add_uint32_ptr(obj, "size", &GADGET(obj)->size, OBJ_PROP_FLAG_READWRITE);
    object_property_add_uint32_ptr(obj, "size-ro", &GADGET(obj)->size, OBJ_PROP_FLAG_READ);
    object_property_add_link(obj, "peer", "gadget", &GADGET(obj)->peer,
                             object_property_allow_set_link, 0);
    object_property_add_alias(obj, "size-alias", obj, "size");
    object_property_add_alias(obj, "size-ro-alias", obj, "size-ro");
}

static void gadget_finalize(Object *obj)
{
    live--;
    g_free(GADGET(obj)->label);
}

static bool gadget_complete(UserCreatable *uc, GError **error)
{
    Gadget *g = GADGET(uc);

    g->completed = true;
    g->in_tree_at_complete = object_get_parent(OBJECT(uc)) != NULL;
    return g->size != 13 || qom_error_set(error, "size 13 brings bad luck");
}

static bool gadget_can_be_deleted(UserCreatable *uc)
{
    return !GADGET(uc)->in_use;
}

static void gadget_class_init(ObjectClass *klass, void *data)
{
    UserCreatableClass *ucc = USER_CREATABLE_CLASS(klass);

    (void)data;
    ucc->complete = gadget_complete;
    ucc->can_be_deleted = gadget_can_be_deleted;
    object_property_set_default_str(
        object_class_property_add_str(klass, "label", gadget_get_label, gadget_set_label), "none");
    object_class_property_set_description(klass, "label", "What it says");
}

static const TypeInfo types[] = {
    {
        .name = "gadget",
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(Gadget),
        .instance_init = gadget_init,
        .instance_finalize = gadget_finalize,
        .class_init = gadget_class_init,
        .interfaces = (InterfaceInfo[]){ { TYPE_USER_CREATABLE }, { NULL } },
    },
    { .name = "gadget-base", .parent = "gadget", .abstract = true },
    {
        .name = "plain-creatable",
        .parent = TYPE_OBJECT,
        .interfaces = (InterfaceInfo[]){ { TYPE_USER_CREATABLE }, { NULL } },
    },
    { .name = "internal", .parent = TYPE_OBJECT },
};

/* Ids. */

static void test_ids(void)
{
    static const char *const good[] = { "a", "Z", "a1", "a-b.c_d", "x9..__--" };
    static const char *const bad[] = { "",   "1a",       "-a",    "_a",   ".a", "a b", "a/b",
                                       "a,", "\xc3\xa9", "a\xff", "a[0]", "#x", " a" };

    for (size_t i = 0; i < G_N_ELEMENTS(good); i++) {
        g_assert_true(id_wellformed(good[i]));
        assert_works(id_check("id", good[i], &error));
    }
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_assert_false(id_wellformed(bad[i]));
        assert_fails(id_check("id", bad[i], &error), "Parameter 'id' expects an identifier");
    }
}

/* Adding. */

static void test_add(void)
{
    g_autoptr(Object) root = object_new_root();
    Object *obj;

    assert_works(user_creatable_add_str(root, "gadget,id=g,size=0x10,label=a,,b", &error));
    obj = object_resolve_path(root, "/objects/g", NULL);
    g_assert_cmpuint(GADGET(obj)->size, ==, 16);
    g_assert_cmpstr(GADGET(obj)->label, ==, "a,b");
    g_assert_true(GADGET(obj)->completed);
    g_assert_true(GADGET(obj)->in_tree_at_complete);
    g_assert_cmpuint(obj->ref, ==, 1);
    /* A type without the optional functions. */
    assert_works(user_creatable_add_str(root, "plain-creatable,id=p", &error));
    assert_works(user_creatable_del(root, "p", &error));
}

static void test_add_json(void)
{
    g_autoptr(Object) root = object_new_root();
    Object *obj;

    assert_works(user_creatable_add_str(
        root, "{\"qom-type\": \"gadget\", \"id\": \"g\", \"size\": 16}", &error));
    assert_works(user_creatable_add_str(
        root, "{\"qom-type\": \"gadget\", \"id\": \"h\", \"peer\": \"/objects/g\"}", &error));
    obj = object_resolve_path(root, "/objects/h", NULL);
    g_assert_true(GADGET(obj)->peer == object_resolve_path(root, "/objects/g", NULL));
    /* What has a type is not text to be parsed. */
    assert_fails(user_creatable_add_str(
                     root, "{\"qom-type\": \"gadget\", \"id\": \"i\", \"size\": \"16\"}", &error),
                 "Invalid parameter type for 'size', expected: integer");
    assert_fails(user_creatable_add_str(root, "{\"qom-type\": 1, \"id\": \"i\"}", &error),
                 "Invalid parameter type for 'qom-type', expected: string");
    assert_fails(user_creatable_add_str(root, "{\"qom-type\": \"gadget\", \"id\": []}", &error),
                 "Invalid parameter type for 'id', expected: string");
    assert_fails(user_creatable_add_str(root, "{\"qom-type\"", &error),
                 "JSON parse error, expecting ':' at byte 11");
    g_assert_cmpint(live, ==, 2);
}

static void test_add_map(void)
{
    g_autoptr(Object) root = object_new_root();
    g_autoptr(GVariant) held = qom_json_parse("{\"qom-type\": \"gadget\", \"id\": \"g\"}", NULL);

    assert_works(user_creatable_add(root, held, &error));
    assert_fails(user_creatable_add(root, g_variant_new_string("x"), &error),
                 "Invalid parameter type for 'options', expected: object");
    assert_works(user_creatable_add_type(root, "gadget", "h", NULL, &error));
    {
        g_autoptr(Object) loose = user_creatable_add_type(root, "gadget", NULL, NULL, NULL);

        g_assert_null(object_get_parent(loose));
        g_assert_true(GADGET(loose)->completed);
    }
    g_assert_cmpint(live, ==, 2);
}

static void test_add_errors(void)
{
    static const struct {
        const char *text;
        const char *message;
    } rows[] = {
        { "nothing,id=g", "invalid object type: nothing" },
        { "internal,id=g", "object type 'internal' isn't supported by object-add" },
        { "container,id=g", "object type 'container' isn't supported by object-add" },
        { "gadget-base,id=g", "object type 'gadget-base' is abstract" },
        { "user-creatable,id=g", "object type 'user-creatable' is abstract" },
        { "gadget", "Parameter 'id' is missing" },
        { "id=g", "Parameter 'qom-type' is missing" },
        { "", "Parameter 'qom-type' is missing" },
        { "gadget,id=", "Parameter 'id' expects an identifier" },
        { "gadget,id=1g", "Parameter 'id' expects an identifier" },
        { "gadget,id=a/b", "Parameter 'id' expects an identifier" },
        { "gadget,id=g,nope=1", "Property 'gadget.nope' not found" },
        { "gadget,id=g,size=big", "Parameter 'size' expects integer" },
        { "gadget,id=g,size=4294967296", "Parameter 'size' expects uint32_t" },
        { "gadget,id=g,size-ro=1", "Property 'gadget.size-ro' is not writable" },
        { "gadget,id=g,type=x", "Property 'gadget.type' is not writable" },
        { "gadget,id=g,size=13", "size 13 brings bad luck" },
        { "gadget,id=g,size.x=1", "Invalid parameter type for 'size', expected: integer" },
        { "gadget,id=g,size=1,size.x=1", "Parameters 'size.*' used inconsistently" },
        { "gadget,id=g,size", "Expected '=' after parameter 'size'" },
        { "gadget,id=g,help", "Invalid parameter 'help'" },
        { "gadget,id=g,=x", "Invalid parameter ''" },
    };
    g_autoptr(Object) root = object_new_root();

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        assert_fails(user_creatable_add_str(root, rows[i].text, &error), rows[i].message);
        g_assert_null(object_resolve_path(root, "/objects/g", NULL));
        g_assert_cmpint(live, ==, 0);
    }
    assert_not_found(user_creatable_add_str(root, "gadget,id=g,peer=/objects/x", &error),
                     "Device '/objects/x' not found");
}

static void test_add_duplicate(void)
{
    g_autoptr(Object) root = object_new_root();

    assert_works(user_creatable_add_str(root, "gadget,id=g,label=first", &error));
    assert_fails(user_creatable_add_str(root, "gadget,id=g,label=second", &error),
                 "attempt to add duplicate property 'g' to object (type 'container')");
    /* "type" is an id as any other, but every container has a property of that name. */
    assert_fails(user_creatable_add_str(root, "gadget,id=type", &error),
                 "attempt to add duplicate property 'type' to object (type 'container')");
    g_assert_cmpstr(GADGET(object_resolve_path(root, "g", NULL))->label, ==, "first");
    g_assert_cmpint(live, ==, 1);
}

/* Deleting. */

static void test_del(void)
{
    g_autoptr(Object) root = object_new_root();
    Object *obj;

    assert_fails(user_creatable_del(root, "g", &error), "object 'g' not found");
    assert_fails(user_creatable_del(root, "type", &error), "object 'type' not found");
    assert_fails(user_creatable_del(root, "", &error), "object '' not found");
    assert_works(user_creatable_add_str(root, "gadget,id=g", &error));
    obj = object_resolve_path(root, "/objects/g", NULL);
    GADGET(obj)->in_use = true;
    assert_fails(user_creatable_del(root, "g", &error), "object 'g' is in use, can not be deleted");
    g_assert_cmpint(live, ==, 1);
    GADGET(obj)->in_use = false;
    assert_works(user_creatable_del(root, "g", &error));
    g_assert_cmpint(live, ==, 0);
    assert_fails(user_creatable_del(root, "g", &error), "object 'g' not found");
}

static void test_cleanup(void)
{
    g_autoptr(Object) root = object_new_root();

    assert_works(user_creatable_add_str(root, "gadget,id=g", &error));
    assert_works(user_creatable_add_str(root, "gadget,id=h", &error));
    GADGET(object_resolve_path(root, "g", NULL))->in_use = true;
    user_creatable_cleanup(root);
    g_assert_cmpint(live, ==, 0);
    user_creatable_cleanup(root);
    assert_works(user_creatable_add_str(root, "gadget,id=g", &error));
}

/* Help. */

static void test_help(void)
{
    g_autoptr(GError) error = NULL;

    assert_string(user_creatable_help("help", &error),
                  "List of user creatable objects:\n  gadget\n  plain-creatable\n");
    assert_string(user_creatable_help("?", &error),
                  "List of user creatable objects:\n  gadget\n  plain-creatable\n");
    assert_string(user_creatable_help("gadget,help", &error),
                  "gadget options:\n"
                  "  label=<string>         - What it says (default: \"none\")\n"
                  "  peer=<link<gadget>>\n"
                  "  size-alias=<uint32>\n"
                  "  size=<uint32>\n");
    assert_string(user_creatable_help("plain-creatable,?", &error),
                  "There are no options for plain-creatable.\n");
    g_assert_null(user_creatable_help("gadget,id=g", &error));
    g_assert_null(user_creatable_help("gadget,id=g,=", &error));
    g_assert_null(user_creatable_help("{\"qom-type\": \"help\"}", &error));
    g_assert_no_error(error);
    assert_fails(user_creatable_help("nothing,help", &error), "invalid object type: nothing");
    assert_fails(user_creatable_help("internal,help", &error),
                 "object type 'internal' isn't supported by object-add");
}

/* Introspection. */

static char *join_types(GPtrArray *list)
{
    GString *names = g_string_new(NULL);

    for (guint i = 0; i < list->len; i++) {
        const QomTypeInfo *info = g_ptr_array_index(list, i);

        g_string_append_printf(names, "%s%s%s<%s", i ? " " : "", info->name,
                               info->is_abstract ? "*" : "", info->parent ? info->parent : "");
    }
    g_ptr_array_unref(list);
    return g_string_free(names, FALSE);
}

static void test_list_types(void)
{
    assert_string(join_types(qom_list_types(TYPE_USER_CREATABLE, false)),
                  "gadget<object plain-creatable<object");
    assert_string(join_types(qom_list_types("gadget", true)), "gadget<object gadget-base*<gadget");
    assert_string(join_types(qom_list_types(NULL, true)),
                  "container<object gadget<object gadget-base*<gadget interface*< "
                  "internal<object object*< plain-creatable<object user-creatable*<interface");
    assert_string(join_types(qom_list_types("nothing", true)), "");
}

static char *join_properties(GPtrArray *list)
{
    GString *names = g_string_new(NULL);

    for (guint i = 0; i < list->len; i++) {
        const QomPropertyInfo *info = g_ptr_array_index(list, i);

        g_string_append_printf(names, "%s%s:%s:%s%s", i ? " " : "", info->name, info->type,
                               info->readable ? "r" : "", info->writable ? "w" : "");
    }
    g_ptr_array_unref(list);
    return g_string_free(names, FALSE);
}

#define GADGET_PROPERTIES                                                                          \
    "type:string:r label:string:rw size:uint32:rw size-ro:uint32:r peer:link<gadget>:rw "          \
    "size-alias:uint32:rw size-ro-alias:uint32:r"

static void test_list_properties(void)
{
    g_autoptr(Object) obj = object_new("gadget");
    g_autoptr(GPtrArray) list = qom_list_properties(obj);
    const QomPropertyInfo *label = g_ptr_array_index(list, 1);

    g_assert_cmpstr(label->description, ==, "What it says");
    g_assert_cmpstr(g_variant_get_string(label->default_value, NULL), ==, "none");
    assert_string(join_properties(qom_list_properties(obj)), GADGET_PROPERTIES);
    object_property_add_child(obj, "c", object_new(TYPE_CONTAINER));
    object_unref(object_resolve_path_component(obj, "c"));
    assert_string(join_properties(qom_list_properties(obj)),
                  GADGET_PROPERTIES " c:child<container>:r");
}

static void test_list_type_properties(void)
{
    g_autoptr(GError) error = NULL;

    assert_string(join_properties(qom_list_type_properties("gadget", &error)), GADGET_PROPERTIES);
    g_assert_no_error(error);
    g_assert_cmpint(live, ==, 0);
    /* Of an abstract type only what its class says is known. */
    assert_string(join_properties(qom_list_type_properties("gadget-base", &error)),
                  "type:string:r label:string:rw");
    assert_not_found(qom_list_type_properties("nothing", &error), "Class 'nothing' not found");
    assert_fails(qom_list_type_properties(TYPE_USER_CREATABLE, &error),
                 "Parameter 'typename' expects a QOM type");
    assert_fails(qom_list_type_properties(TYPE_INTERFACE, &error),
                 "Parameter 'typename' expects a QOM type");
    assert_string(join_properties(qom_list_type_properties(TYPE_OBJECT, NULL)), "type:string:r");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    type_register_static_array(types, G_N_ELEMENTS(types));

    g_test_add_func("/qom/user/id-syntax", test_ids);
    g_test_add_func("/qom/user/add-sets-places-and-completes", test_add);
    g_test_add_func("/qom/user/add-takes-json", test_add_json);
    g_test_add_func("/qom/user/add-takes-a-map", test_add_map);
    g_test_add_func("/qom/user/add-says-what-is-wrong-and-leaves-nothing", test_add_errors);
    g_test_add_func("/qom/user/add-duplicate-keeps-the-first", test_add_duplicate);
    g_test_add_func("/qom/user/del-refuses-what-is-absent-or-in-use", test_del);
    g_test_add_func("/qom/user/cleanup-deletes-all", test_cleanup);
    g_test_add_func("/qom/user/help", test_help);
    g_test_add_func("/qom/introspect/types", test_list_types);
    g_test_add_func("/qom/introspect/properties-of-an-object", test_list_properties);
    g_test_add_func("/qom/introspect/properties-of-a-type", test_list_type_properties);
    return g_test_run();
}
