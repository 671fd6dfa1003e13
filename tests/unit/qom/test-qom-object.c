/* Instances: construction, destruction, references, casts, creation with properties. */
#include "tests/unit/qom/common.h"

#include <limits.h>

#include "qom/user_creatable.h"

static GString *trace;

static void say(const char *what, const char *who)
{
    g_string_append_printf(trace, "%s%s:%s", trace->len ? " " : "", what, who);
}

static void assert_trace(const char *expected)
{
    g_assert_cmpstr(trace->str, ==, expected);
    g_string_truncate(trace, 0);
}

/* Two generations that tell what happens to them. */

typedef struct Base {
    Object parent_obj;

    uint64_t level;
    char *name;
} Base;

typedef struct Leaf {
    Base parent_obj;

    Base inner;
} Leaf;

static bool base_set_level(Object *obj, GVariant *value, GError **error)
{
    return qom_value_get_uint(value, "level", "uint64_t", UINT64_MAX, &((Base *)obj)->level, error);
}

static bool set_level(Object *obj, const char *name, void *opaque, GVariant *value, GError **error)
{
    (void)name;
    (void)opaque;
    say("set", "level");
    return base_set_level(obj, value, error);
}

static void base_init(Object *obj)
{
    say("init", "base");
    /* Defaults are there before the first init function runs. */
    g_assert_cmpuint(((Base *)obj)->level, ==, 7);
}

static void base_post_init(Object *obj)
{
    (void)obj;
    say("post", "base");
}

static void base_finalize(Object *obj)
{
    say("finalize", "base");
    g_free(((Base *)obj)->name);
}

static void base_class_init(ObjectClass *klass, void *data)
{
    ObjectProperty *prop =
        object_class_property_add(klass, "level", "uint64", NULL, set_level, NULL, NULL);

    (void)data;
    object_property_set_default_uint(prop, 7);
}

static void release_said(Object *obj, const char *name, void *opaque)
{
    (void)obj;
    (void)opaque;
    say("release", name);
}

static void leaf_init(Object *obj)
{
    say("init", "leaf");
    object_property_add(obj, "first", "x", NULL, NULL, release_said, NULL);
    object_property_add(obj, "second", "x", NULL, NULL, release_said, NULL);
}

static void leaf_post_init(Object *obj)
{
    (void)obj;
    say("post", "leaf");
}

static void leaf_finalize(Object *obj)
{
    say("finalize", "leaf");
    g_assert_null(object_property_find(obj, "first"));
}

/* One that counts, for the tests that do not care about order. */

typedef struct Counted {
    Object parent_obj;

    bool fail;
} Counted;

static int live;

static void counted_init(Object *obj)
{
    (void)obj;
    live++;
}

static void counted_finalize(Object *obj)
{
    (void)obj;
    live--;
}

static bool counted_set_fail(Object *obj, bool value, GError **error)
{
    (void)error;
    ((Counted *)obj)->fail = value;
    return true;
}

static bool counted_complete(UserCreatable *uc, GError **error)
{
    return !((Counted *)uc)->fail || qom_error_set(error, "told to fail");
}

static void counted_class_init(ObjectClass *klass, void *data)
{
    (void)data;
    object_class_property_add_bool(klass, "fail", NULL, counted_set_fail);
    USER_CREATABLE_CLASS(klass)->complete = counted_complete;
}

typedef struct Aligned {
    Object parent_obj;

    uint8_t line[64] __attribute__((aligned(64)));
} Aligned;

static const TypeInfo types[] = {
    {
        .name = "base",
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(Base),
        .instance_init = base_init,
        .instance_post_init = base_post_init,
        .instance_finalize = base_finalize,
        .class_init = base_class_init,
    },
    {
        .name = "leaf",
        .parent = "base",
        .instance_size = sizeof(Leaf),
        .instance_init = leaf_init,
        .instance_post_init = leaf_post_init,
        .instance_finalize = leaf_finalize,
    },
    {
        .name = "counted",
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(Counted),
        .instance_init = counted_init,
        .instance_finalize = counted_finalize,
        .class_init = counted_class_init,
        .interfaces = (InterfaceInfo[]){ { TYPE_USER_CREATABLE }, { NULL } },
    },
    {
        .name = "aligned",
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(Aligned),
        .instance_align = __alignof__(Aligned),
    },
    { .name = "aligned-child", .parent = "aligned" },
    { .name = "abstract", .parent = "base", .abstract = true },
};

/* Life. */

static void test_order(void)
{
    Object *obj = object_new("leaf");

    assert_trace("set:level init:base init:leaf post:leaf post:base");
    g_assert_cmpuint(obj->ref, ==, 1);
    object_unref(obj);
    assert_trace("release:second release:first finalize:leaf finalize:base");
}

static void test_ref(void)
{
    Object *obj = object_new("counted");

    g_assert_true(object_ref(obj) == obj);
    object_unref(obj);
    g_assert_cmpint(live, ==, 1);
    object_unref(obj);
    g_assert_cmpint(live, ==, 0);
    g_assert_null(object_ref(NULL));
    object_unref(NULL);
}

static void test_initialize(void)
{
    Leaf leaf;

    object_initialize(&leaf, sizeof(leaf), "leaf");
    g_assert_cmpstr(object_get_typename(OBJECT(&leaf)), ==, "leaf");
    g_assert_null(leaf.parent_obj.name);
    g_string_truncate(trace, 0);
    object_unref(&leaf);
    assert_trace("release:second release:first finalize:leaf finalize:base");
}

static void test_aligned(void)
{
    for (int i = 0; i < 20; i++) {
        g_autoptr(Object) obj = object_new("aligned");
        g_autoptr(Object) child = object_new("aligned-child");

        g_assert_cmpuint((uintptr_t)obj % 64, ==, 0);
        g_assert_cmpuint((uintptr_t)child % 64, ==, 0);
    }
}

/*
 * A release function that refers to the object as it goes does not bring it back, nor finalise it
 * twice.
 */
static void release_with_ref(Object *obj, const char *name, void *opaque)
{
    (void)name;
    (void)opaque;
    object_unref(object_ref(obj));
}

static void test_ref_while_finalizing(void)
{
    Object *obj = object_new("counted");

    object_property_add(obj, "a", "x", NULL, NULL, release_with_ref, NULL);
    object_unref(obj);
    g_assert_cmpint(live, ==, 0);
}

/* Properties that other releases delete are released once. */
static int releases;

static void release_deletes_others(Object *obj, const char *name, void *opaque)
{
    static const char *const names[] = { "a", "b", "c" };

    (void)name;
    (void)opaque;
    releases++;
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        if (object_property_find(obj, names[i])) {
            object_property_del(obj, names[i]);
        }
    }
}

static void test_release_deletes(void)
{
    Object *obj = object_new("counted");

    object_property_add(obj, "a", "x", NULL, NULL, release_deletes_others, NULL);
    object_property_add(obj, "b", "x", NULL, NULL, release_deletes_others, NULL);
    object_property_add(obj, "c", "x", NULL, NULL, release_deletes_others, NULL);
    object_unref(obj);
    g_assert_cmpint(releases, ==, 3);
    g_assert_cmpint(live, ==, 0);
}

/* Children and the parent's reference. */

static void test_initialize_child(void)
{
    g_autoptr(Object) parent = object_new("leaf");
    Base *inner = &((Leaf *)parent)->inner;

    object_initialize_child(parent, "inner", inner, "base");
    g_assert_cmpuint(OBJECT(inner)->ref, ==, 1);
    g_assert_true(object_get_parent(OBJECT(inner)) == parent);
    g_string_truncate(trace, 0);
    object_unparent(OBJECT(inner));
    assert_trace("finalize:base");
    g_assert_null(object_property_find(parent, "inner"));
}

static void test_initialize_child_props(void)
{
    g_autoptr(Object) parent = object_new("leaf");
    Base *inner = &((Leaf *)parent)->inner;

    assert_works(object_initialize_child_with_props(parent, "inner", inner, sizeof(*inner), "base",
                                                    &error, "level", "0x20", NULL));
    g_assert_cmpuint(inner->level, ==, 32);
    object_unparent(OBJECT(inner));

    assert_fails(object_initialize_child_with_props(parent, "inner", inner, sizeof(*inner), "base",
                                                    &error, "level", "much", NULL),
                 "Parameter 'level' expects integer");
    g_assert_null(object_property_find(parent, "inner"));
    g_string_truncate(trace, 0);
}

static void test_child_holds_ref(void)
{
    Object *parent = object_new(TYPE_CONTAINER);
    Object *child = object_new("counted");

    object_property_add_child(parent, "c", child);
    g_assert_cmpuint(child->ref, ==, 2);
    object_unref(child);
    g_assert_cmpint(live, ==, 1);
    object_unref(parent);
    g_assert_cmpint(live, ==, 0);
}

/* An object that someone still holds outlives its place in the tree. */
static void test_child_outlives(void)
{
    Object *parent = object_new(TYPE_CONTAINER);
    Object *child = object_new("counted");

    object_property_add_child(parent, "c", child);
    object_unref(parent);
    g_assert_cmpint(live, ==, 1);
    g_assert_null(object_get_parent(child));
    object_unparent(child);
    object_unref(child);
    g_assert_cmpint(live, ==, 0);
}

/* Creation with properties. */

static void test_with_props_no_id(void)
{
    g_autoptr(Object) root = object_new_root();
    g_autoptr(GError) error = NULL;
    Object *obj = object_new_with_props("counted", root, NULL, &error, "fail", "off", NULL);

    g_assert_no_error(error);
    g_assert_null(object_get_parent(obj));
    g_assert_cmpuint(obj->ref, ==, 1);
    object_unref(obj);
    g_assert_cmpint(live, ==, 0);
}

static void test_with_props_complete_fails(void)
{
    g_autoptr(Object) root = object_new_root();

    assert_fails(object_new_with_props("counted", root, "c", &error, "fail", "on", NULL),
                 "told to fail");
    g_assert_null(object_resolve_path(root, "/c", NULL));
    g_assert_cmpint(live, ==, 0);
}

static void test_with_props_duplicate(void)
{
    g_autoptr(Object) root = object_new_root();
    Object *first;

    assert_works(object_new_with_props("counted", root, "c", &error, NULL));
    first = object_resolve_path(root, "/c", NULL);
    assert_fails(object_new_with_props("counted", root, "c", &error, NULL),
                 "attempt to add duplicate property 'c' to object (type 'container')");
    g_assert_true(object_resolve_path(root, "/c", NULL) == first);
    g_assert_cmpint(live, ==, 1);
}

static void test_with_props_bad_type(void)
{
    g_autoptr(Object) root = object_new_root();

    assert_fails(object_new_with_props("nothing", root, "c", &error, NULL),
                 "invalid object type: nothing");
    assert_fails(object_new_with_props("abstract", root, "c", &error, NULL),
                 "object type 'abstract' is abstract");
    assert_fails(object_new_with_props("counted", root, "c", &error, "nope", "1", NULL),
                 "Property 'counted.nope' not found");
    g_assert_cmpint(live, ==, 0);
}

static void test_new_checked(void)
{
    g_autoptr(Object) obj = NULL;

    assert_fails(object_new_checked("nothing", &error), "invalid object type: nothing");
    assert_fails(object_new_checked("", &error), "invalid object type: ");
    assert_fails(object_new_checked("abstract", &error), "object type 'abstract' is abstract");
    assert_fails(object_new_checked(TYPE_USER_CREATABLE, &error),
                 "object type 'user-creatable' is abstract");
    g_assert_null(object_new_checked("nothing", NULL));
    obj = object_new_checked("counted", NULL);
    g_assert_nonnull(obj);
}

static void test_set_props(void)
{
    g_autoptr(Object) obj = object_new("counted");

    assert_works(object_set_props(obj, &error, "fail", "on", NULL));
    g_assert_true(((Counted *)obj)->fail);
    assert_fails(object_set_props(obj, &error, "nope", "1", "fail", "off", NULL),
                 "Property 'counted.nope' not found");
    g_assert_true(((Counted *)obj)->fail);
}

/* Casts. */

static void test_cast(void)
{
    g_autoptr(Object) obj = object_new("leaf");

    g_assert_true(object_dynamic_cast(obj, "leaf") == obj);
    g_assert_true(object_dynamic_cast(obj, "base") == obj);
    g_assert_true(object_dynamic_cast(obj, TYPE_OBJECT) == obj);
    g_assert_null(object_dynamic_cast(obj, "counted"));
    g_assert_null(object_dynamic_cast(obj, "nothing"));
    g_assert_null(object_dynamic_cast(obj, "abstract"));
    for (int i = 0; i < 2; i++) {
        g_assert_true(OBJECT_CHECK(Object, obj, "leaf") == obj);
        g_assert_true(OBJECT_CHECK(Object, obj, "base") == obj);
        g_assert_true(OBJECT_CHECK(Object, obj, TYPE_OBJECT) == obj);
    }
    g_assert_true(OBJECT_GET_CLASS(ObjectClass, obj, "base") == object_get_class(obj));
    g_string_truncate(trace, 0);
}

static void test_cast_null(void)
{
    g_assert_null(object_dynamic_cast(NULL, "leaf"));
    g_assert_null(OBJECT_CHECK(Object, NULL, "leaf"));
}

static void cast_wrongly(void)
{
    g_autoptr(Object) obj = object_new("counted");

    OBJECT_CHECK(Object, obj, "leaf");
}

static void test_abort_cast(void)
{
    assert_aborts(cast_wrongly, "*cast_wrongly: Object 0x* is not an instance of type leaf*");
}

/* The macros that declare and define. */

#define TYPE_MACRO_THING "macro-thing"
OBJECT_DECLARE_TYPE(MacroThing, MacroThingClass, MACRO_THING)

struct MacroThing {
    Object parent_obj;

    int value;
};

struct MacroThingClass {
    ObjectClass parent_class;

    int shared;
};

OBJECT_DEFINE_TYPE(MacroThing, macro_thing, MACRO_THING, OBJECT)

static void macro_thing_init(Object *obj)
{
    MACRO_THING(obj)->value = 4;
}

static void macro_thing_finalize(Object *obj)
{
    live += MACRO_THING(obj)->value;
}

static void macro_thing_class_init(ObjectClass *oc, void *data)
{
    (void)data;
    MACRO_THING_CLASS(oc)->shared = 5;
}

#define TYPE_MACRO_SIMPLE "macro-simple"
OBJECT_DECLARE_SIMPLE_TYPE(MacroSimple, MACRO_SIMPLE)

struct MacroSimple {
    MacroThing parent_obj;
};

OBJECT_DEFINE_SIMPLE_TYPE_WITH_INTERFACES(MacroSimple, macro_simple, MACRO_SIMPLE, MACRO_THING,
                                          { TYPE_USER_CREATABLE }, { NULL })

static void macro_simple_init(Object *obj)
{
    MACRO_THING(obj)->value++;
}

static void macro_simple_finalize(Object *obj)
{
    (void)obj;
}

static void macro_simple_class_init(ObjectClass *oc, void *data)
{
    (void)data;
    MACRO_THING_CLASS(oc)->shared++;
}

#define TYPE_MACRO_ABSTRACT "macro-abstract"
typedef struct MacroAbstract {
    MacroThing parent_obj;
} MacroAbstract;
typedef MacroThingClass MacroAbstractClass;

OBJECT_DEFINE_ABSTRACT_TYPE(MacroAbstract, macro_abstract, MACRO_ABSTRACT, MACRO_THING)

static void macro_abstract_init(Object *obj)
{
    (void)obj;
}

static void macro_abstract_finalize(Object *obj)
{
    (void)obj;
}

static void macro_abstract_class_init(ObjectClass *oc, void *data)
{
    (void)oc;
    (void)data;
}

static void test_macros(void)
{
    {
        g_autoptr(MacroThing) thing = MACRO_THING(object_new(TYPE_MACRO_THING));
        g_autoptr(MacroSimple) simple = MACRO_SIMPLE(object_new(TYPE_MACRO_SIMPLE));

        g_assert_cmpint(thing->value, ==, 4);
        g_assert_cmpint(MACRO_THING_GET_CLASS(thing)->shared, ==, 5);
        g_assert_cmpint(MACRO_THING(simple)->value, ==, 5);
        g_assert_cmpint(MACRO_THING_GET_CLASS(simple)->shared, ==, 6);
        g_assert_nonnull(USER_CREATABLE(simple));
    }
    /* g_autoptr() dropped both, and the parent's finaliser ran for both. */
    g_assert_cmpint(live, ==, 9);
    live = 0;
    g_assert_true(object_class_is_abstract(object_class_by_name(TYPE_MACRO_ABSTRACT)));
}

/* The mistakes of a programmer. */

static void new_abstract(void)
{
    object_new("abstract");
}

static void test_abort_abstract(void)
{
    assert_aborts(new_abstract, "*assertion failed*abstract*");
}

static void new_unknown(void)
{
    object_new("nothing");
}

static void test_abort_unknown(void)
{
    assert_aborts(new_unknown, "*Unknown type 'nothing'*");
}

static void initialize_small(void)
{
    Object small;

    object_initialize(&small, sizeof(small), "leaf");
}

static void test_abort_small(void)
{
    assert_aborts(initialize_small, "*assertion failed*size*");
}

static void unref_too_often(void)
{
    Counted counted;

    object_initialize(&counted, sizeof(counted), "counted");
    object_unref(&counted);
    object_unref(&counted);
}

static void test_abort_unref(void)
{
    assert_aborts(unref_too_often, "*assertion failed*before > 0*");
}

static void ref_too_often(void)
{
    Object *obj = object_new("counted");

    obj->ref = INT_MAX;
    object_ref(obj);
}

static void test_abort_ref(void)
{
    assert_aborts(ref_too_often, "*assertion failed*before < *");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    trace = g_string_new(NULL);
    module_call_init(MODULE_INIT_QOM);
    type_register_static_array(types, G_N_ELEMENTS(types));

    g_test_add_func("/qom/object/init-root-first-post-init-and-finalize-leaf-first", test_order);
    g_test_add_func("/qom/object/last-reference-finalizes", test_ref);
    g_test_add_func("/qom/object/initialize-in-place", test_initialize);
    g_test_add_func("/qom/object/alignment-is-kept-and-inherited", test_aligned);
    g_test_add_func("/qom/object/reference-while-finalizing-is-harmless",
                    test_ref_while_finalizing);
    g_test_add_func("/qom/object/release-may-delete-other-properties", test_release_deletes);
    g_test_add_func("/qom/object/initialized-child-belongs-to-its-parent", test_initialize_child);
    g_test_add_func("/qom/object/initialized-child-with-props", test_initialize_child_props);
    g_test_add_func("/qom/object/parent-holds-a-reference", test_child_holds_ref);
    g_test_add_func("/qom/object/held-child-outlives-its-parent", test_child_outlives);
    g_test_add_func("/qom/object/with-props-without-id-belongs-to-the-caller",
                    test_with_props_no_id);
    g_test_add_func("/qom/object/with-props-failed-complete-leaves-nothing",
                    test_with_props_complete_fails);
    g_test_add_func("/qom/object/with-props-duplicate-keeps-the-first", test_with_props_duplicate);
    g_test_add_func("/qom/object/with-props-says-what-is-wrong", test_with_props_bad_type);
    g_test_add_func("/qom/object/new-checked-says-what-is-wrong", test_new_checked);
    g_test_add_func("/qom/object/set-props-stops-at-the-first-failure", test_set_props);
    g_test_add_func("/qom/object/cast-reaches-ancestors-only", test_cast);
    g_test_add_func("/qom/object/cast-of-null-is-null", test_cast_null);
    g_test_add_func("/qom/object/macros-declare-and-define", test_macros);
    g_test_add_func("/qom/object/abort/cast-to-a-stranger", test_abort_cast);
    g_test_add_func("/qom/object/abort/new-of-an-abstract-type", test_abort_abstract);
    g_test_add_func("/qom/object/abort/new-of-an-unknown-type", test_abort_unknown);
    g_test_add_func("/qom/object/abort/initialize-in-too-little-memory", test_abort_small);
    g_test_add_func("/qom/object/abort/unref-too-often", test_abort_unref);
    g_test_add_func("/qom/object/abort/too-many-references", test_abort_ref);

    int status = g_test_run();
    g_string_free(trace, TRUE);
    return status;
}
