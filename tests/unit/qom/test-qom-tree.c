/* The composition tree: roots, homes, containers, walking, paths. */
#include "tests/unit/qom/common.h"

typedef struct Item {
    Object parent_obj;

    Object *next;
} Item;

static int live;
static GString *trace;

static void item_init(Object *obj)
{
    live++;
    object_property_add_link(obj, "next", TYPE_OBJECT, &((Item *)obj)->next,
                             object_property_allow_set_link, 0);
}

static void item_finalize(Object *obj)
{
    (void)obj;
    live--;
}

/* While a child is being taken out it still has its path. */
static void item_unparent(Object *obj)
{
    g_autofree char *path = object_get_canonical_path(obj);

    g_string_append_printf(trace, "%s ", path ? path : "(none)");
}

static void item_class_init(ObjectClass *klass, void *data)
{
    (void)data;
    klass->unparent = item_unparent;
}

/* One whose child is made in its own init function. */
typedef struct Nest {
    Object parent_obj;

    Item egg;
    Object *root_at_init;
} Nest;

static void nest_init(Object *obj)
{
    Nest *nest = (Nest *)obj;

    object_initialize_child(obj, "egg", &nest->egg, "item");
    nest->root_at_init = object_get_root(OBJECT(&nest->egg));
}

static const TypeInfo types[] = {
    {
        .name = "item",
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(Item),
        .instance_init = item_init,
        .instance_finalize = item_finalize,
        .class_init = item_class_init,
    },
    { .name = "special-item", .parent = "item" },
    {
        .name = "nest",
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(Nest),
        .instance_init = nest_init,
    },
};

static Object *add(Object *parent, const char *name, const char *type)
{
    Object *obj = object_new(type);

    object_property_add_child(parent, name, obj);
    object_unref(obj);
    return obj;
}

/* Roots. */

static void test_roots(void)
{
    g_autoptr(Object) one = object_new_root();
    g_autoptr(Object) two = object_new_root();
    Object *in_one = add(container_get(one, "/x/y"), "i", "item");
    Object *in_two = add(container_get(two, "/x/y"), "i", "item");

    g_assert_true(object_get_root(in_one) == one);
    g_assert_true(object_get_root(in_two) == two);
    g_assert_true(object_is_root(one));
    g_assert_false(object_is_root(in_one));
    g_assert_cmpstr(object_get_typename(one), ==, TYPE_CONTAINER);
    g_assert_true(object_resolve_path(in_two, "/x/y/i", NULL) == in_two);
    g_assert_true(object_resolve_path(in_one, "i", NULL) == in_one);
}

static void test_root_goes(void)
{
    Object *root = object_new_root();

    add(container_get(root, "/x"), "i", "item");
    add(container_get(root, "/x"), "j", "item");
    add(root, "k", "item");
    g_string_truncate(trace, 0);
    object_unref(root);
    g_assert_cmpint(live, ==, 0);
    /* Newest first, as they were built up. */
    g_assert_cmpstr(trace->str, ==, "/k (none) (none) ");
}

/* Homes. */

static void test_home(void)
{
    g_autoptr(Object) root = object_new_root();
    Object *place = container_get(root, "/place");
    g_autoptr(Object) loose = object_new("item");
    Object *below = add(loose, "below", "item");

    g_assert_true(object_get_root(loose) == loose);
    object_set_home(loose, place);
    g_assert_true(object_get_root(loose) == root);
    g_assert_true(object_get_root(below) == root);
    g_assert_true(object_resolve_path(below, "/place", NULL) == place);
    /* A home is no place. */
    g_assert_null(object_get_canonical_path(loose));
    g_assert_null(object_get_parent(loose));

    object_set_home(loose, NULL);
    g_assert_true(object_get_root(loose) == loose);
    object_set_home(loose, place);
    object_property_add_child(root, "at-last", loose);
    assert_string(object_get_canonical_path(below), "/at-last/below");
    /* The home is forgotten with the first place. */
    object_unparent(loose);
    g_assert_true(object_get_root(below) == loose);
}

static void test_home_early(void)
{
    g_autoptr(Object) root = object_new_root();
    g_autoptr(Object) nest = object_new_in("nest", container_get(root, "/trees"));
    g_autoptr(Object) checked = object_new_checked_in("nest", root, NULL);
    Object *placed = object_new_with_props("nest", root, "n", NULL, NULL);

    /* Children that are made in the init function know the tree already. */
    g_assert_true(((Nest *)nest)->root_at_init == root);
    g_assert_true(((Nest *)checked)->root_at_init == root);
    g_assert_true(((Nest *)placed)->root_at_init == root);
}

static void test_home_props(void)
{
    g_autoptr(Object) root = object_new_root();
    Object *first = add(root, "first", "item");
    Object *second = object_new_with_props("item", root, "second", NULL, "next", "/first", NULL);

    g_assert_true(((Item *)second)->next == first);
}

/* Containers. */

static void test_containers(void)
{
    g_autoptr(Object) root = object_new_root();
    Object *b = container_get(root, "/a/b");

    g_assert_true(container_get(root, "/a/b") == b);
    g_assert_true(container_get(root, "/a//b/") == b);
    g_assert_true(container_get(root, "/") == root);
    g_assert_true(object_get_parent(b) == container_get(root, "/a"));
    g_assert_cmpstr(object_get_typename(b), ==, TYPE_CONTAINER);
    g_assert_cmpuint(b->ref, ==, 1);
    assert_string(object_get_canonical_path(b), "/a/b");
    assert_string(object_get_canonical_path(object_get_objects_root(root)), "/objects");
}

/* Canonical paths. */

static void test_canonical(void)
{
    g_autoptr(Object) root = object_new_root();
    g_autoptr(Object) loose = object_new("item");
    Object *below = add(loose, "below", "item");

    assert_string(object_get_canonical_path(root), "/");
    g_assert_null(object_get_canonical_path_component(root));
    g_assert_null(object_get_canonical_path(loose));
    g_assert_null(object_get_canonical_path(below));
    g_assert_cmpstr(object_get_canonical_path_component(below), ==, "below");
}

static void test_unparent(void)
{
    g_autoptr(Object) root = object_new_root();
    Object *obj = object_ref(add(root, "o", "item"));

    g_string_truncate(trace, 0);
    object_unparent(obj);
    g_assert_cmpstr(trace->str, ==, "/o ");
    g_assert_null(object_get_parent(obj));
    g_assert_null(object_get_canonical_path_component(obj));
    g_assert_null(object_resolve_path(root, "/o", NULL));
    /* Again is nothing; and it may come back elsewhere. */
    object_unparent(obj);
    object_property_add_child(container_get(root, "/new"), "p", obj);
    assert_string(object_get_canonical_path(obj), "/new/p");
    object_unref(obj);
    g_assert_cmpint(live, ==, 1);
}

/* Walking. */

static int append_name(Object *child, void *opaque)
{
    g_string_append_printf(opaque, "%s ", object_get_canonical_path_component(child));
    return 0;
}

static int stop_at_b(Object *child, void *opaque)
{
    append_name(child, opaque);
    return g_str_equal(object_get_canonical_path_component(child), "b") ? 42 : 0;
}

static int unparent_one(Object *child, void *opaque)
{
    append_name(child, opaque);
    object_unparent(child);
    return 0;
}

static void test_foreach(void)
{
    g_autoptr(Object) root = object_new_root();
    Object *a = add(root, "a", "item");
    g_autoptr(GString) names = g_string_new(NULL);

    add(root, "b", "item");
    add(root, "c", "item");
    add(a, "a1", "item");
    add(a, "a2", "item");
    object_property_add_const_link(root, "link", a);

    g_assert_cmpint(object_child_foreach(root, append_name, names), ==, 0);
    g_assert_cmpstr(names->str, ==, "a b c ");
    g_string_truncate(names, 0);
    g_assert_cmpint(object_child_foreach_recursive(root, append_name, names), ==, 0);
    g_assert_cmpstr(names->str, ==, "a a1 a2 b c ");
    g_string_truncate(names, 0);
    g_assert_cmpint(object_child_foreach_recursive(root, stop_at_b, names), ==, 42);
    g_assert_cmpstr(names->str, ==, "a a1 a2 b ");
    g_string_truncate(names, 0);
    g_assert_cmpint(object_child_foreach(root, unparent_one, names), ==, 0);
    g_assert_cmpstr(names->str, ==, "a b c ");
    g_assert_cmpint(live, ==, 0);
}

/* Resolving. */

static void test_absolute(void)
{
    g_autoptr(Object) root = object_new_root();
    Object *a = add(root, "a", "item");
    Object *b = add(a, "b", "special-item");
    bool ambiguous = true;

    g_assert_true(object_resolve_path(b, "/", &ambiguous) == root);
    g_assert_false(ambiguous);
    g_assert_true(object_resolve_path(root, "/a/b", NULL) == b);
    g_assert_true(object_resolve_path(root, "//a///b/", NULL) == b);
    ambiguous = true;
    g_assert_null(object_resolve_path(root, "/b", &ambiguous));
    g_assert_false(ambiguous);
    g_assert_null(object_resolve_path(root, "/a/b/c", NULL));
    g_assert_null(object_resolve_path(root, "/a/type", NULL));
    g_assert_true(object_resolve_path_type(root, "/a/b", "special-item", NULL) == b);
    g_assert_null(object_resolve_path_type(root, "/a", "special-item", NULL));
    g_assert_null(object_resolve_path_type(root, "/a", "nothing", NULL));
}

static void test_partial(void)
{
    g_autoptr(Object) root = object_new_root();
    Object *a = add(root, "a", "item");
    Object *b = add(a, "b", "item");
    Object *other_b = add(container_get(root, "/c"), "b", "special-item");
    bool ambiguous = false;

    g_assert_true(object_resolve_path(b, "a", &ambiguous) == a);
    g_assert_false(ambiguous);
    g_assert_null(object_resolve_path(root, "b", &ambiguous));
    g_assert_true(ambiguous);
    g_assert_true(object_resolve_path(root, "a/b", &ambiguous) == b);
    g_assert_false(ambiguous);
    g_assert_true(object_resolve_path(root, "c/b", NULL) == other_b);
    g_assert_true(object_resolve_path_type(root, "b", "special-item", &ambiguous) == other_b);
    g_assert_false(ambiguous);
    ambiguous = true;
    g_assert_null(object_resolve_path(root, "d", &ambiguous));
    g_assert_false(ambiguous);
    g_assert_null(object_resolve_path(root, "", &ambiguous));
    g_assert_true(ambiguous);
    g_assert_true(object_resolve_path_type(root, "", "special-item", NULL) == other_b);
}

static void test_links_in_paths(void)
{
    g_autoptr(Object) root = object_new_root();
    Object *a = add(root, "a", "item");
    Object *b = add(root, "b", "item");
    Object *c = add(b, "c", "item");

    ((Item *)a)->next = b;
    ((Item *)c)->next = a;
    g_assert_true(object_resolve_path(root, "/a/next/c", NULL) == c);
    g_assert_true(object_resolve_path(root, "/a/next/c/next/next/c", NULL) == c);
    g_assert_null(object_resolve_path(root, "/b/next", NULL));
    /* A search walks children only, so a circle of links does not trap it. */
    g_assert_true(object_resolve_path(root, "next/c", NULL) == c);
}

static void test_at(void)
{
    g_autoptr(Object) root = object_new_root();
    Object *a = add(root, "a", "item");
    Object *b = add(a, "b", "item");

    g_assert_true(object_resolve_path_at(a, "b") == b);
    g_assert_null(object_resolve_path_at(root, "b"));
    g_assert_true(object_resolve_path_at(b, "/a") == a);
    g_assert_true(object_resolve_path_at(b, "") == b);
    g_assert_true(object_resolve_path_component(a, "b") == b);
    g_assert_null(object_resolve_path_component(a, "c"));
    g_assert_null(object_resolve_path_component(a, "a/b"));
    g_assert_null(object_resolve_path_component(a, "type"));
}

static void test_resolve_errors(void)
{
    g_autoptr(Object) root = object_new_root();
    Object *a = add(root, "a", "item");

    add(a, "a", "item");
    g_assert_true(object_resolve_path_err(root, "/a", NULL) == a);
    assert_not_found(object_resolve_path_err(root, "/x", &error), "Device '/x' not found");
    assert_not_found(object_resolve_path_err(root, "x", &error), "Device 'x' not found");
    assert_fails(object_resolve_path_err(root, "a", &error), "Path 'a' is ambiguous");
    assert_fails(object_resolve_path_err(root, "", &error), "Path '' is ambiguous");
}

/* The mistakes of a programmer. */

static void adopt_root(void)
{
    object_property_add_child(object_new_root(), "r", object_new_root());
}

static void test_abort_adopt_root(void)
{
    assert_aborts(adopt_root, "*assertion failed*is_root*");
}

static void live_in_itself(void)
{
    Object *obj = object_new("item");

    object_set_home(obj, add(obj, "below", "item"));
}

static void test_abort_home(void)
{
    assert_aborts(live_in_itself, "*assertion failed*");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    trace = g_string_new(NULL);
    module_call_init(MODULE_INIT_QOM);
    type_register_static_array(types, G_N_ELEMENTS(types));

    g_test_add_func("/qom/tree/roots-are-apart", test_roots);
    g_test_add_func("/qom/tree/root-takes-all-with-it", test_root_goes);
    g_test_add_func("/qom/tree/home-stands-in-for-a-parent", test_home);
    g_test_add_func("/qom/tree/home-is-known-during-init", test_home_early);
    g_test_add_func("/qom/tree/home-resolves-links-of-new-objects", test_home_props);
    g_test_add_func("/qom/tree/containers-appear-on-demand", test_containers);
    g_test_add_func("/qom/tree/canonical-path-needs-a-root", test_canonical);
    g_test_add_func("/qom/tree/unparent-takes-out", test_unparent);
    g_test_add_func("/qom/tree/foreach-in-order-until-stopped", test_foreach);
    g_test_add_func("/qom/resolve/absolute", test_absolute);
    g_test_add_func("/qom/resolve/partial-needs-one-match", test_partial);
    g_test_add_func("/qom/resolve/through-links", test_links_in_paths);
    g_test_add_func("/qom/resolve/relative-to-a-parent", test_at);
    g_test_add_func("/qom/resolve/errors", test_resolve_errors);
    g_test_add_func("/qom/tree/abort/root-as-a-child", test_abort_adopt_root);
    g_test_add_func("/qom/tree/abort/home-in-itself", test_abort_home);

    int status = g_test_run();
    g_string_free(trace, TRUE);
    return status;
}
