/* Properties that lead to other objects: child, link, const link, alias. */
#include "tests/unit/qom/common.h"

typedef struct Node {
    Object parent_obj;

    Object *weak;
    Object *strong;
    Object *picky;
    Object *by_class;
    uint32_t number;
} Node;

#define NODE(obj) ((Node *)(obj))

static int live;

static bool refuse_self(const Object *obj, const char *name, Object *val, GError **error)
{
    return val != obj || qom_error_set(error, "'%s' must not lead to its own object", name);
}

static void node_init(Object *obj)
{
    Node *n = NODE(obj);

    live++;
    n->number = 5;
    object_property_add_link(obj, "weak", "node", &n->weak, object_property_allow_set_link, 0);
    object_property_add_link(obj, "strong", "node", &n->strong, object_property_allow_set_link,
                             OBJ_PROP_LINK_STRONG);
    object_property_add_link(obj, "picky", "node", &n->picky, refuse_self, 0);
    object_property_add_link(obj, "fixed", "node", &n->weak, NULL, 0);
    object_property_add_uint32_ptr(obj, "number", &n->number, OBJ_PROP_FLAG_READWRITE);
    object_property_add_uint32_ptr(obj, "number-ro", &n->number, OBJ_PROP_FLAG_READ);
}

static void node_finalize(Object *obj)
{
    (void)obj;
    live--;
}

static void node_class_init(ObjectClass *klass, void *data)
{
    (void)data;
    object_class_property_add_link(klass, "by-class", "node", offsetof(Node, by_class),
                                   object_property_allow_set_link, OBJ_PROP_LINK_STRONG);
}

static const TypeInfo types[] = {
    {
        .name = "node",
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(Node),
        .instance_init = node_init,
        .instance_finalize = node_finalize,
        .class_init = node_class_init,
    },
};

/* A root with the nodes /a, /b, /deep/a and the container /deep. */

typedef struct Fixture {
    Object *root;
    Object *a;
    Object *b;
    Object *deep_a;
} Fixture;

static Object *add_node(Object *parent, const char *name)
{
    Object *node = object_new("node");

    object_property_add_child(parent, name, node);
    object_unref(node);
    return node;
}

static void set_up(Fixture *f, gconstpointer data)
{
    (void)data;
    f->root = object_new_root();
    f->a = add_node(f->root, "a");
    f->b = add_node(f->root, "b");
    f->deep_a = add_node(container_get(f->root, "/deep"), "a");
}

static void tear_down(Fixture *f, gconstpointer data)
{
    (void)data;
    object_unref(f->root);
    g_assert_cmpint(live, ==, 0);
}

/* child */

static void test_child(Fixture *f, gconstpointer data)
{
    (void)data;
    g_assert_cmpstr(object_property_get_type(f->root, "a", NULL), ==, "child<node>");
    assert_string(object_property_get_str(f->root, "a", NULL), "/a");
    g_assert_true(object_property_get_link(f->root, "a", NULL) == f->a);
    assert_fails(object_property_set_str(f->root, "a", "/b", &error),
                 "Property 'container.a' is not writable");
    assert_fails(object_property_set_link(f->root, "a", f->b, &error),
                 "Property 'container.a' is not writable");
}

static void test_child_duplicate(Fixture *f, gconstpointer data)
{
    g_autoptr(Object) other = object_new("node");

    (void)data;
    assert_fails(object_property_try_add_child(f->root, "a", other, &error),
                 "attempt to add duplicate property 'a' to object (type 'container')");
    g_assert_null(object_get_parent(other));
    g_assert_cmpuint(other->ref, ==, 1);
}

static void test_child_array(Fixture *f, gconstpointer data)
{
    g_autoptr(Object) one = object_new("node");
    g_autoptr(Object) two = object_new("node");

    (void)data;
    object_property_add_child(f->root, "device[*]", one);
    object_property_add_child(f->root, "device[*]", two);
    g_assert_cmpstr(object_get_canonical_path_component(two), ==, "device[1]");
    assert_string(object_get_canonical_path(two), "/device[1]");
}

/* link */

static void test_link_paths(Fixture *f, gconstpointer data)
{
    (void)data;
    g_assert_cmpstr(object_property_get_type(f->a, "weak", NULL), ==, "link<node>");
    assert_string(object_property_get_str(f->a, "weak", NULL), "");
    g_assert_null(object_property_get_link(f->a, "weak", NULL));

    assert_works(object_property_set_str(f->a, "weak", "/deep/a", &error));
    g_assert_true(NODE(f->a)->weak == f->deep_a);
    assert_string(object_property_get_str(f->a, "weak", NULL), "/deep/a");
    g_assert_true(object_property_get_link(f->a, "weak", NULL) == f->deep_a);

    assert_works(object_property_parse(f->a, "weak", "b", &error));
    g_assert_true(NODE(f->a)->weak == f->b);

    assert_works(object_property_set_str(f->a, "weak", "", &error));
    g_assert_null(NODE(f->a)->weak);
}

static void test_link_errors(Fixture *f, gconstpointer data)
{
    (void)data;
    NODE(f->a)->weak = f->b;
    assert_not_found(object_property_set_str(f->a, "weak", "/nothing", &error),
                     "Device '/nothing' not found");
    assert_not_found(object_property_set_str(f->a, "weak", "nothing", &error),
                     "Device 'nothing' not found");
    assert_fails(object_property_set_str(f->a, "weak", "a", &error),
                 "Path 'a' does not uniquely identify an object");
    assert_fails(object_property_set_str(f->a, "weak", "/deep", &error),
                 "Invalid parameter type for 'weak', expected: node");
    assert_fails(object_property_set_str(f->a, "weak", "deep", &error),
                 "Invalid parameter type for 'weak', expected: node");
    assert_fails(object_property_set_link(f->a, "weak", f->root, &error),
                 "Invalid parameter type for 'weak', expected: node");
    assert_fails(object_property_set_uint(f->a, "weak", 1, &error),
                 "Invalid parameter type for 'weak', expected: string");
    assert_fails(object_property_set_str(f->a, "fixed", "/b", &error),
                 "Property 'node.fixed' is not writable");
    assert_fails(object_property_set_link(f->a, "fixed", f->b, &error),
                 "Property 'node.fixed' is not writable");
    g_assert_true(NODE(f->a)->weak == f->b);
}

static void test_link_check(Fixture *f, gconstpointer data)
{
    (void)data;
    assert_fails(object_property_set_str(f->a, "picky", "/a", &error),
                 "'picky' must not lead to its own object");
    assert_fails(object_property_set_link(f->a, "picky", f->a, &error),
                 "'picky' must not lead to its own object");
    g_assert_null(NODE(f->a)->picky);
    assert_works(object_property_set_link(f->a, "picky", f->b, &error));
    g_assert_true(NODE(f->a)->picky == f->b);
}

static void test_link_references(Fixture *f, gconstpointer data)
{
    (void)data;
    assert_works(object_property_set_link(f->a, "weak", f->b, &error));
    g_assert_cmpuint(f->b->ref, ==, 1);
    assert_works(object_property_set_link(f->a, "strong", f->b, &error));
    g_assert_cmpuint(f->b->ref, ==, 2);
    assert_works(object_property_set_link(f->a, "strong", f->b, &error));
    g_assert_cmpuint(f->b->ref, ==, 2);
    assert_works(object_property_set_link(f->a, "strong", f->deep_a, &error));
    g_assert_cmpuint(f->b->ref, ==, 1);
    g_assert_cmpuint(f->deep_a->ref, ==, 2);
    assert_works(object_property_set_link(f->a, "strong", NULL, &error));
    g_assert_cmpuint(f->deep_a->ref, ==, 1);
    /* One that is still set goes with its object: tear_down() counts. */
    assert_works(object_property_set_link(f->a, "strong", f->b, &error));
    assert_works(object_property_set_link(f->b, "by-class", f->deep_a, &error));
}

static void test_strong_link_outlives(Fixture *f, gconstpointer data)
{
    (void)data;
    assert_works(object_property_set_link(f->a, "strong", f->b, &error));
    object_unparent(f->b);
    g_assert_cmpint(live, ==, 3);
    /* Out of the tree it has no path. */
    assert_string(object_property_get_str(f->a, "strong", NULL), "");
    g_assert_true(object_property_get_link(f->a, "strong", NULL) == f->b);
    object_unparent(f->a);
    g_assert_cmpint(live, ==, 1);
}

static void test_class_link(Fixture *f, gconstpointer data)
{
    (void)data;
    assert_works(object_property_set_str(f->a, "by-class", "/b", &error));
    g_assert_true(NODE(f->a)->by_class == f->b);
    g_assert_null(NODE(f->b)->by_class);
    g_assert_cmpuint(f->b->ref, ==, 2);
    object_unparent(f->a);
    g_assert_cmpuint(f->b->ref, ==, 1);
    /* The class's property is as good as before. */
    assert_works(object_property_set_str(f->b, "by-class", "/deep/a", &error));
}

static void test_const_link(Fixture *f, gconstpointer data)
{
    (void)data;
    object_property_add_const_link(f->a, "self-made", f->b);
    g_assert_cmpstr(object_property_get_type(f->a, "self-made", NULL), ==, "link<node>");
    assert_string(object_property_get_str(f->a, "self-made", NULL), "/b");
    assert_fails(object_property_set_str(f->a, "self-made", "", &error),
                 "Property 'node.self-made' is not writable");
    g_assert_cmpuint(f->b->ref, ==, 1);
}

static void test_direct_link(Fixture *f, gconstpointer data)
{
    (void)data;
    object_property_add_link(f->a, "direct", "node", (Object **)object_ref(f->b),
                             object_property_allow_set_link,
                             OBJ_PROP_LINK_DIRECT | OBJ_PROP_LINK_STRONG);
    g_assert_true(object_property_get_link(f->a, "direct", NULL) == f->b);
    assert_works(object_property_set_str(f->a, "direct", "/deep/a", &error));
    g_assert_cmpuint(f->b->ref, ==, 1);
    g_assert_cmpuint(f->deep_a->ref, ==, 2);
}

/* Links to what is in no tree yet, or in another one. */

static void test_link_outside(Fixture *f, gconstpointer data)
{
    g_autoptr(Object) loose = object_new("node");
    g_autoptr(Object) other_loose = object_new("node");

    (void)data;
    assert_works(object_property_set_link(f->a, "weak", loose, &error));
    g_assert_true(NODE(f->a)->weak == loose);
    assert_works(object_property_set_link(loose, "weak", f->a, &error));
    assert_works(object_property_set_link(loose, "strong", other_loose, &error));
    /* A path means something only in a tree. */
    assert_not_found(object_property_set_str(loose, "weak", "/a", &error), "Device '/a' not found");
    object_set_home(loose, f->b);
    assert_works(object_property_set_str(loose, "weak", "/b", &error));
    g_assert_true(NODE(loose)->weak == f->b);
}

static void test_link_other_machine(Fixture *f, gconstpointer data)
{
    g_autoptr(Object) other_root = object_new_root();
    Object *stranger = add_node(other_root, "stranger");

    (void)data;
    assert_not_found(object_property_set_link(f->a, "weak", stranger, &error),
                     "Device '/stranger' not found");
    assert_not_found(object_property_set_str(f->a, "weak", "/stranger", &error),
                     "Device '/stranger' not found");
    g_assert_null(NODE(f->a)->weak);
}

/* set_link and get_link on properties that are no links but hold paths. */
static char *path_text;

static char *get_path(Object *obj, GError **error)
{
    (void)obj;
    (void)error;
    return g_strdup(path_text);
}

static bool set_path(Object *obj, const char *value, GError **error)
{
    (void)obj;
    (void)error;
    g_free(path_text);
    path_text = g_strdup(value);
    return true;
}

static void test_path_property(Fixture *f, gconstpointer data)
{
    g_autoptr(Object) loose = object_new("node");

    (void)data;
    object_property_add_str(f->a, "path", get_path, set_path);
    assert_works(object_property_set_link(f->a, "path", f->deep_a, &error));
    g_assert_cmpstr(path_text, ==, "/deep/a");
    g_assert_true(object_property_get_link(f->a, "path", NULL) == f->deep_a);
    assert_fails(object_property_set_link(f->a, "path", loose, &error),
                 "An object of type 'node' without a path cannot be the value of 'path'");
    assert_works(object_property_set_str(f->a, "path", "/gone", &error));
    assert_not_found(object_property_get_link(f->a, "path", &error), "Device '/gone' not found");
    assert_works(object_property_set_link(f->a, "path", NULL, &error));
    g_assert_cmpstr(path_text, ==, "");
    g_assert_null(object_property_get_link(f->a, "path", NULL));
    g_clear_pointer(&path_text, g_free);
    assert_fails(object_property_get_link(f->a, "nope", &error), "Property 'node.nope' not found");
    assert_fails(object_property_set_link(f->a, "nope", NULL, &error),
                 "Property 'node.nope' not found");
}

/* alias */

static void test_alias_value(Fixture *f, gconstpointer data)
{
    ObjectProperty *alias;

    (void)data;
    object_property_set_description(f->a, "number", "A number");
    alias = object_property_add_alias(f->root, "alias", f->a, "number");
    g_assert_cmpstr(alias->type, ==, "uint32");
    g_assert_cmpstr(alias->description, ==, "A number");
    assert_works(object_property_parse(f->root, "alias", "0x20", &error));
    g_assert_cmpuint(NODE(f->a)->number, ==, 32);
    g_assert_cmpuint(object_property_get_uint(f->root, "alias", NULL), ==, 32);
    /* Errors are the target's. */
    assert_fails(object_property_parse(f->root, "alias", "x", &error),
                 "Parameter 'number' expects integer");
    object_property_add_alias(f->root, "alias-ro", f->a, "number-ro");
    assert_fails(object_property_set_uint(f->root, "alias-ro", 1, &error),
                 "Property 'node.number-ro' is not writable");
    g_assert_null(object_property_get_link(f->root, "alias", NULL));
}

static void test_alias_child(Fixture *f, gconstpointer data)
{
    Object *child = add_node(f->a, "inside");

    (void)data;
    object_property_add_alias(f->b, "shortcut", f->a, "inside");
    g_assert_cmpstr(object_property_get_type(f->b, "shortcut", NULL), ==, "link<node>");
    assert_string(object_property_get_str(f->b, "shortcut", NULL), "/a/inside");
    g_assert_true(object_resolve_path(f->root, "/b/shortcut", NULL) == child);
    /* A way to it, but not its place: it is counted as a child once. */
    assert_string(object_get_canonical_path(child), "/a/inside");
}

static void test_alias_link(Fixture *f, gconstpointer data)
{
    (void)data;
    object_property_add_alias(f->root, "one", f->a, "strong");
    object_property_add_alias(f->b, "two", f->root, "one");
    g_assert_cmpstr(object_property_get_type(f->b, "two", NULL), ==, "link<node>");
    assert_works(object_property_set_link(f->b, "two", f->deep_a, &error));
    g_assert_true(NODE(f->a)->strong == f->deep_a);
    g_assert_true(object_property_get_link(f->b, "two", NULL) == f->deep_a);
    g_assert_true(object_resolve_path(f->root, "/b/two/weak", NULL) == NULL);
    g_assert_true(object_resolve_path(f->root, "/one", NULL) == f->deep_a);
}

/* The mistakes of a programmer. */

static void adopt_twice(void)
{
    Object *root = object_new_root();
    Object *node = add_node(root, "n");

    object_property_add_child(root, "m", node);
}

static void test_abort_adopt_twice(void)
{
    assert_aborts(adopt_twice, "*assertion failed*parent*");
}

static void adopt_ancestor(void)
{
    Object *top = object_new("node");

    object_property_add_child(add_node(top, "n"), "top", top);
}

static void test_abort_adopt_ancestor(void)
{
    assert_aborts(adopt_ancestor, "*assertion failed*o != child*");
}

static void alias_nothing(void)
{
    Object *node = object_new("node");

    object_property_add_alias(node, "x", node, "nope");
}

static void test_abort_alias(void)
{
    assert_aborts(alias_nothing, "*assertion failed*target*");
}

#define ADD(path, func) g_test_add(path, Fixture, NULL, set_up, func, tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    type_register_static_array(types, G_N_ELEMENTS(types));

    ADD("/qom/child/reads-as-its-path-and-cannot-be-written", test_child);
    ADD("/qom/child/duplicate-name-is-refused", test_child_duplicate);
    ADD("/qom/child/star-numbers-children", test_child_array);
    ADD("/qom/link/takes-absolute-and-partial-paths", test_link_paths);
    ADD("/qom/link/says-what-is-wrong-and-stays", test_link_errors);
    ADD("/qom/link/check-has-the-last-word", test_link_check);
    ADD("/qom/link/strong-refers-and-weak-does-not", test_link_references);
    ADD("/qom/link/strong-target-outlives-its-place", test_strong_link_outlives);
    ADD("/qom/link/class-link-is-per-instance", test_class_link);
    ADD("/qom/link/const-link-is-read-only", test_const_link);
    ADD("/qom/link/direct-link-holds-the-pointer", test_direct_link);
    ADD("/qom/link/objects-outside-a-tree", test_link_outside);
    ADD("/qom/link/another-machine-is-out-of-reach", test_link_other_machine);
    ADD("/qom/link/string-property-with-a-path", test_path_property);
    ADD("/qom/alias/forwards-value-type-and-errors", test_alias_value);
    ADD("/qom/alias/of-a-child-is-a-link", test_alias_child);
    ADD("/qom/alias/of-an-alias-of-a-link", test_alias_link);
    g_test_add_func("/qom/child/abort/two-parents", test_abort_adopt_twice);
    g_test_add_func("/qom/child/abort/own-ancestor", test_abort_adopt_ancestor);
    g_test_add_func("/qom/alias/abort/no-such-target", test_abort_alias);
    return g_test_run();
}
