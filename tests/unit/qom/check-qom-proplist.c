/* What QEMU's check-qom-proplist expects of an object model. */
#include "tests/unit/qom/common.h"

#include "qom/user_creatable.h"

/* A user-creatable object with a property of each common kind. */

#define TYPE_DUMMY "qemu-dummy"
OBJECT_DECLARE_TYPE(DummyObject, DummyObjectClass, DUMMY)

typedef enum { DUMMY_FROG, DUMMY_ALLIGATOR, DUMMY_PLATYPUS, DUMMY_LAST } DummyAnimal;

static const char *const animal_names[DUMMY_LAST] = {
    [DUMMY_FROG] = "frog",
    [DUMMY_ALLIGATOR] = "alligator",
    [DUMMY_PLATYPUS] = "platypus",
};
static const QEnumLookup animal_lookup = { .array = animal_names, .size = DUMMY_LAST };

struct DummyObject {
    Object parent_obj;

    bool bv;
    DummyAnimal av;
    char *sv;
};

struct DummyObjectClass {
    ObjectClass parent_class;
};

static int live_dummies;

static bool dummy_set_bv(Object *obj, bool value, GError **error)
{
    (void)error;
    DUMMY(obj)->bv = value;
    return true;
}

static bool dummy_get_bv(Object *obj, GError **error)
{
    (void)error;
    return DUMMY(obj)->bv;
}

static bool dummy_set_av(Object *obj, int value, GError **error)
{
    (void)error;
    DUMMY(obj)->av = (DummyAnimal)value;
    return true;
}

static int dummy_get_av(Object *obj, GError **error)
{
    (void)error;
    return (int)DUMMY(obj)->av;
}

static bool dummy_set_sv(Object *obj, const char *value, GError **error)
{
    DummyObject *dobj = DUMMY(obj);

    (void)error;
    g_free(dobj->sv);
    dobj->sv = g_strdup(value);
    return true;
}

static char *dummy_get_sv(Object *obj, GError **error)
{
    (void)error;
    return g_strdup(DUMMY(obj)->sv);
}

static void dummy_init(Object *obj)
{
    live_dummies++;
    object_property_add_bool(obj, "bv", dummy_get_bv, dummy_set_bv);
}

static void dummy_finalize(Object *obj)
{
    live_dummies--;
    g_free(DUMMY(obj)->sv);
}

static void dummy_class_init(ObjectClass *klass, void *data)
{
    (void)data;
    object_class_property_add_str(klass, "sv", dummy_get_sv, dummy_set_sv);
    object_class_property_add_enum(klass, "av", "DummyAnimal", &animal_lookup, dummy_get_av,
                                   dummy_set_av);
}

/*
 * Three that refer to each other: a device has a bus, the bus has a backend, and each takes the
 * others out.
 */

#define TYPE_DUMMY_DEV "qemu-dummy-dev"
#define TYPE_DUMMY_BUS "qemu-dummy-bus"
#define TYPE_DUMMY_BACKEND "qemu-dummy-backend"

typedef struct DummyBackend DummyBackend;

typedef struct DummyBus {
    Object parent_obj;

    DummyBackend *backend;
} DummyBus;

struct DummyBackend {
    Object parent_obj;

    DummyBus *bus;
};

typedef struct DummyDev {
    Object parent_obj;

    DummyBus *bus;
} DummyDev;

DECLARE_INSTANCE_CHECKER(DummyBackend, DUMMY_BACKEND, TYPE_DUMMY_BACKEND)
DECLARE_INSTANCE_CHECKER(DummyBus, DUMMY_BUS, TYPE_DUMMY_BUS)
DECLARE_INSTANCE_CHECKER(DummyDev, DUMMY_DEV, TYPE_DUMMY_DEV)

static int live_machinery;

static void machinery_finalize(Object *obj)
{
    (void)obj;
    live_machinery--;
}

static void dummy_dev_init(Object *obj)
{
    DummyDev *dev = DUMMY_DEV(obj);
    DummyBus *bus = DUMMY_BUS(object_new(TYPE_DUMMY_BUS));
    DummyBackend *backend = DUMMY_BACKEND(object_new(TYPE_DUMMY_BACKEND));

    live_machinery++;
    object_property_add_child(obj, "bus", OBJECT(bus));
    object_property_add_child(OBJECT(bus), "backend", OBJECT(backend));
    dev->bus = bus;
    bus->backend = backend;
    backend->bus = bus;
}

static void dummy_dev_unparent(Object *obj)
{
    object_unparent(OBJECT(DUMMY_DEV(obj)->bus));
}

static void dummy_bus_init(Object *obj)
{
    (void)obj;
    live_machinery++;
}

static void dummy_bus_unparent(Object *obj)
{
    DummyBus *bus = DUMMY_BUS(obj);

    object_property_del(OBJECT(obj)->parent, "bus");
    object_unparent(OBJECT(bus->backend));
}

static void dummy_bus_finalize(Object *obj)
{
    machinery_finalize(obj);
    object_unref(DUMMY_BUS(obj)->backend);
}

static void dummy_dev_finalize(Object *obj)
{
    machinery_finalize(obj);
    object_unref(DUMMY_DEV(obj)->bus);
}

static void dummy_backend_init(Object *obj)
{
    (void)obj;
    live_machinery++;
}

static void dummy_dev_class_init(ObjectClass *klass, void *data)
{
    (void)data;
    klass->unparent = dummy_dev_unparent;
}

static void dummy_bus_class_init(ObjectClass *klass, void *data)
{
    (void)data;
    klass->unparent = dummy_bus_unparent;
}

static void dummy_backend_unparent(Object *obj)
{
    Object *bus = OBJECT(DUMMY_BACKEND(obj)->bus);

    object_unparent(object_get_parent(bus));
    object_unparent(bus);
    object_unparent(obj);
}

static void dummy_backend_class_init(ObjectClass *klass, void *data)
{
    (void)data;
    klass->unparent = dummy_backend_unparent;
}

static const TypeInfo types[] = {
    {
        .name = TYPE_DUMMY,
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(DummyObject),
        .instance_init = dummy_init,
        .instance_finalize = dummy_finalize,
        .class_size = sizeof(DummyObjectClass),
        .class_init = dummy_class_init,
        .interfaces = (InterfaceInfo[]){ { TYPE_USER_CREATABLE }, { NULL } },
    },
    {
        .name = TYPE_DUMMY_DEV,
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(DummyDev),
        .instance_init = dummy_dev_init,
        .instance_finalize = dummy_dev_finalize,
        .class_init = dummy_dev_class_init,
    },
    {
        .name = TYPE_DUMMY_BUS,
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(DummyBus),
        .instance_init = dummy_bus_init,
        .instance_finalize = dummy_bus_finalize,
        .class_init = dummy_bus_class_init,
    },
    {
        .name = TYPE_DUMMY_BACKEND,
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(DummyBackend),
        .instance_init = dummy_backend_init,
        .instance_finalize = machinery_finalize,
        .class_init = dummy_backend_class_init,
    },
};

/* Creation. */

static void check_created(Object *objects, Object *obj)
{
    DummyObject *dobj = DUMMY(obj);

    g_assert_cmpstr(dobj->sv, ==, "Hiss hiss hiss");
    g_assert_true(dobj->bv);
    g_assert_cmpint(dobj->av, ==, DUMMY_PLATYPUS);
    g_assert_true(object_resolve_path_component(objects, "dummy0") == obj);
    g_assert_true(object_get_parent(obj) == objects);
    g_assert_cmpuint(obj->ref, ==, 1);

    object_unparent(obj);
    g_assert_cmpint(live_dummies, ==, 0);
    g_assert_null(object_resolve_path_component(objects, "dummy0"));
}

static void test_createv(void)
{
    g_autoptr(Object) root = object_new_root();
    Object *objects = object_get_objects_root(root);
    g_autoptr(GError) error = NULL;
    Object *obj = object_new_with_props(TYPE_DUMMY, objects, "dummy0", &error, "bv", "yes", "sv",
                                        "Hiss hiss hiss", "av", "platypus", NULL);

    g_assert_no_error(error);
    check_created(objects, obj);
}

static Object *new_with_list(Object *parent, const char *id, GError **error, ...)
{
    va_list args;
    Object *obj;

    va_start(args, error);
    obj = object_new_with_propv(TYPE_DUMMY, parent, id, error, args);
    va_end(args);
    return obj;
}

static void test_createlist(void)
{
    g_autoptr(Object) root = object_new_root();
    Object *objects = object_get_objects_root(root);
    g_autoptr(GError) error = NULL;
    Object *obj = new_with_list(objects, "dummy0", &error, "bv", "yes", "sv", "Hiss hiss hiss",
                                "av", "platypus", NULL);

    g_assert_no_error(error);
    check_created(objects, obj);
}

#define CMDLINE "qom-type=" TYPE_DUMMY ",id=dev0,bv=yes,sv=Hiss hiss hiss,av=platypus"

static void test_createcmdline(void)
{
    g_autoptr(Object) root = object_new_root();
    Object *first;

    assert_works(user_creatable_add_str(root, CMDLINE, &error));
    first = object_resolve_path(root, "/objects/dev0", NULL);
    g_assert_nonnull(first);
    g_assert_cmpstr(DUMMY(first)->sv, ==, "Hiss hiss hiss");
    g_assert_true(DUMMY(first)->bv);
    g_assert_cmpint(DUMMY(first)->av, ==, DUMMY_PLATYPUS);

    assert_fails(user_creatable_add_str(root, CMDLINE, &error),
                 "attempt to add duplicate property 'dev0' to object (type 'container')");
    g_assert_true(object_resolve_path(root, "/objects/dev0", NULL) == first);
    g_assert_cmpint(live_dummies, ==, 1);

    assert_works(user_creatable_del(root, "dev0", &error));
    g_assert_null(object_resolve_path(root, "/objects/dev0", NULL));
    g_assert_cmpint(live_dummies, ==, 0);

    assert_works(user_creatable_add_str(root, CMDLINE, &error));
    assert_works(user_creatable_del(root, "dev0", &error));
    g_assert_cmpint(live_dummies, ==, 0);
}

static void test_badenum(void)
{
    g_autoptr(Object) root = object_new_root();
    Object *objects = object_get_objects_root(root);

    assert_fails(object_new_with_props(TYPE_DUMMY, objects, "dummy0", &error, "bv", "yes", "sv",
                                       "Hiss hiss hiss", "av", "yeti", NULL),
                 "Parameter 'av' does not accept value 'yeti'");
    g_assert_null(object_resolve_path_component(objects, "dummy0"));
    g_assert_cmpint(live_dummies, ==, 0);
}

static void test_getenum(void)
{
    g_autoptr(Object) root = object_new_root();
    g_autoptr(GError) error = NULL;
    Object *obj = object_new_with_props(TYPE_DUMMY, object_get_objects_root(root), "dummy0", &error,
                                        "av", "platypus", NULL);

    g_assert_cmpint(object_property_get_enum(obj, "av", "DummyAnimal", &error), ==, DUMMY_PLATYPUS);
    g_assert_no_error(error);

    g_assert_cmpint(object_property_get_enum(obj, "av", "BadAnimal", &error), ==, -1);
    g_assert_error(error, QOM_ERROR, QOM_ERROR_GENERIC);
    g_assert_cmpstr(error->message, ==, "Property av on qemu-dummy is not 'BadAnimal' enum type");
    g_clear_error(&error);

    g_assert_cmpint(object_property_get_enum(obj, "iv", "DummyAnimal", &error), ==, -1);
    g_assert_error(error, QOM_ERROR, QOM_ERROR_GENERIC);
    g_assert_cmpstr(error->message, ==, "Property 'qemu-dummy.iv' not found");
}

/* Iteration. */

static char *join_names(ObjectPropertyIterator *iter)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    ObjectProperty *prop;

    while ((prop = object_property_iter_next(iter))) {
        g_ptr_array_add(names, prop->name);
    }
    g_ptr_array_add(names, NULL);
    return g_strjoinv(" ", (char **)names->pdata);
}

static void test_iterator(void)
{
    g_autoptr(Object) obj = object_new(TYPE_DUMMY);
    ObjectPropertyIterator iter;

    object_property_iter_init(&iter, obj);
    assert_string(join_names(&iter), "bv sv av type");
}

static void test_class_iterator(void)
{
    ObjectPropertyIterator iter;

    object_class_property_iter_init(&iter, object_class_by_name(TYPE_DUMMY));
    assert_string(join_names(&iter), "sv av type");
}

/* Deletion in circles. */

/*
 * Takes out the object at @path under the device, which takes out the rest by way of the callbacks.
 */
static void check_delchild(const char *path)
{
    g_autoptr(Object) root = object_new_root();
    g_autoptr(GError) error = NULL;
    Object *dev =
        object_new_with_props(TYPE_DUMMY_DEV, object_get_objects_root(root), "dev0", &error, NULL);

    g_assert_no_error(error);
    g_assert_cmpint(live_machinery, ==, 3);
    object_unparent(object_resolve_path_at(dev, path));
    g_assert_cmpint(live_machinery, ==, 0);
}

static void test_delchild(void)
{
    check_delchild("");
    check_delchild("bus/backend");
}

/* The bus alone does not know its device, which stays. */
static void test_delchild_middle(void)
{
    g_autoptr(Object) dev = object_new(TYPE_DUMMY_DEV);

    object_unparent(OBJECT(DUMMY_DEV(dev)->bus));
    g_assert_null(object_property_find(dev, "bus"));
    g_assert_cmpint(live_machinery, ==, 3);
}

/* The tree as a whole goes down through the same callbacks. */
static void test_delchild_tree(void)
{
    Object *root = object_new_root();
    Object *dev = object_new(TYPE_DUMMY_DEV);

    object_property_add_child(container_get(root, "/deep/down"), "dev0", dev);
    object_unref(dev);
    object_unref(root);
    g_assert_cmpint(live_machinery, ==, 0);
}

/* Partial paths. */

static void test_partial(void)
{
    g_autoptr(Object) root = object_new_root();
    Object *objects = object_get_objects_root(root);
    Object *cont1 = container_get(objects, "/cont1");
    Object *obj1 = object_new(TYPE_DUMMY);
    Object *obj2a = object_new(TYPE_DUMMY);
    Object *obj2b = object_new(TYPE_DUMMY);
    bool ambiguous = false;

    object_property_add_child(cont1, "obj1", obj1);
    object_unref(obj1);
    object_property_add_child(cont1, "obj2", obj2a);
    object_unref(obj2a);
    object_property_add_child(objects, "obj2", obj2b);
    object_unref(obj2b);

    g_assert_null(object_resolve_path_type(root, "", TYPE_DUMMY, &ambiguous));
    g_assert_true(ambiguous);
    g_assert_null(object_resolve_path_type(root, "", TYPE_DUMMY, NULL));

    g_assert_null(object_resolve_path(root, "obj2", &ambiguous));
    g_assert_true(ambiguous);
    g_assert_null(object_resolve_path(root, "obj2", NULL));

    g_assert_true(object_resolve_path(root, "obj1", &ambiguous) == obj1);
    g_assert_false(ambiguous);
    g_assert_true(object_resolve_path(root, "obj1", NULL) == obj1);

    /* One that is left of a type is found by the type alone. */
    object_unparent(obj2a);
    object_unparent(obj2b);
    g_assert_true(object_resolve_path_type(root, "", TYPE_DUMMY, &ambiguous) == obj1);
    g_assert_false(ambiguous);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    type_register_static_array(types, G_N_ELEMENTS(types));

    g_test_add_func("/qom/proplist/createlist", test_createlist);
    g_test_add_func("/qom/proplist/createv", test_createv);
    g_test_add_func("/qom/proplist/createcmdline", test_createcmdline);
    g_test_add_func("/qom/proplist/badenum", test_badenum);
    g_test_add_func("/qom/proplist/getenum", test_getenum);
    g_test_add_func("/qom/proplist/iterator", test_iterator);
    g_test_add_func("/qom/proplist/class_iterator", test_class_iterator);
    g_test_add_func("/qom/proplist/delchild/from-both-ends", test_delchild);
    g_test_add_func("/qom/proplist/delchild/from-the-middle", test_delchild_middle);
    g_test_add_func("/qom/proplist/delchild/whole-tree", test_delchild_tree);
    g_test_add_func("/qom/resolve/partial", test_partial);
    return g_test_run();
}
