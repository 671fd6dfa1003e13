/* The registry and the building of classes. */
#include "tests/unit/qom/common.h"

#include <string.h>

/* What ran, in order, as words. */
static GString *trace;

static void say(const char *what, const char *who)
{
    g_string_append_printf(trace, "%s%s:%s", trace->len ? " " : "", what, who);
}

static char *take_trace(void)
{
    char *said = g_strdup(trace->str);

    g_string_truncate(trace, 0);
    return said;
}

/* Three generations, whose class structs grow. */

typedef struct GrandClass {
    ObjectClass parent_class;

    int number;
    const char *base_saw;
} GrandClass;

typedef struct LeafClass {
    GrandClass parent_class;

    int extra;
} LeafClass;

typedef struct GrandObject {
    Object parent_obj;

    uint64_t data[5];
} GrandObject;

static void grand_class_init(ObjectClass *klass, void *data)
{
    say("class", "grand");
    ((GrandClass *)klass)->number = *(int *)data;
}

static void grand_class_base_init(ObjectClass *klass, void *data)
{
    g_assert_cmpint(*(int *)data, ==, 17);
    say("base-of-grand", object_class_get_name(klass));
    ((GrandClass *)klass)->base_saw = object_class_get_name(klass);
}

static void parent_class_init(ObjectClass *klass, void *data)
{
    (void)data;
    say("class", "parent");
    ((GrandClass *)klass)->number++;
}

static void parent_class_base_init(ObjectClass *klass, void *data)
{
    (void)data;
    say("base-of-parent", object_class_get_name(klass));
}

static void leaf_class_init(ObjectClass *klass, void *data)
{
    (void)data;
    say("class", "leaf");
    g_assert_cmpint(((LeafClass *)klass)->extra, ==, 0);
    ((LeafClass *)klass)->extra = 3;
    /* A class function may look up any type, its own too. */
    g_assert_true(object_class_by_name("gen-leaf") == klass);
    g_assert_nonnull(object_class_by_name("gen-late"));
}

static int seventeen = 17;

static const TypeInfo generations[] = {
    /* The order of registration does not matter. */
    {
        .name = "gen-leaf",
        .parent = "gen-parent",
        .class_size = sizeof(LeafClass),
        .class_init = leaf_class_init,
    },
    {
        .name = "gen-parent",
        .parent = "gen-grand",
        .class_init = parent_class_init,
        .class_base_init = parent_class_base_init,
    },
    {
        .name = "gen-grand",
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(GrandObject),
        .class_size = sizeof(GrandClass),
        .class_init = grand_class_init,
        .class_base_init = grand_class_base_init,
        .class_data = &seventeen,
    },
    { .name = "gen-late", .parent = TYPE_OBJECT, .instance_size = sizeof(Object) },
    { .name = "gen-abstract", .parent = "gen-grand", .abstract = true },
    { .name = "gen-concrete", .parent = "gen-abstract" },
    { .name = "Gen-upper", .parent = "gen-late" },
};

static void test_lazy_class(void)
{
    LeafClass *leaf;

    g_assert_cmpstr(trace->str, ==, "");
    leaf = (LeafClass *)object_class_by_name("gen-leaf");
    assert_string(take_trace(), "class:grand base-of-grand:gen-parent class:parent "
                                "base-of-parent:gen-leaf base-of-grand:gen-leaf class:leaf");
    g_assert_cmpint(leaf->parent_class.number, ==, 18);
    g_assert_cmpint(leaf->extra, ==, 3);
    g_assert_true(object_class_by_name("gen-leaf") == (ObjectClass *)leaf);
    g_assert_cmpstr(trace->str, ==, "");
}

static void test_base_init_own(void)
{
    GrandClass *grand = (GrandClass *)object_class_by_name("gen-grand");
    GrandClass *parent = (GrandClass *)object_class_by_name("gen-parent");

    g_assert_null(grand->base_saw);
    g_assert_cmpstr(parent->base_saw, ==, "gen-parent");
    g_assert_cmpint(grand->number, ==, 17);
    g_string_truncate(trace, 0);
}

static void test_sizes(void)
{
    g_assert_cmpuint(object_type_get_instance_size("gen-leaf"), ==, sizeof(GrandObject));
    g_assert_cmpuint(object_class_get_instance_size(object_class_by_name("gen-late")), ==,
                     sizeof(Object));
    g_assert_cmpuint(object_type_get_instance_size(TYPE_INTERFACE), ==, 0);
}

static void test_abstract(void)
{
    g_assert_true(object_class_is_abstract(object_class_by_name("gen-abstract")));
    g_assert_false(object_class_is_abstract(object_class_by_name("gen-concrete")));
    g_assert_true(object_class_is_abstract(object_class_by_name(TYPE_OBJECT)));
    g_assert_true(object_class_is_abstract(object_class_by_name(TYPE_INTERFACE)));
}

static void test_class_parent(void)
{
    ObjectClass *leaf = object_class_by_name("gen-leaf");
    ObjectClass *object = object_class_by_name(TYPE_OBJECT);

    g_assert_true(object_class_get_parent(leaf) == object_class_by_name("gen-parent"));
    g_assert_null(object_class_get_parent(object));
    g_assert_cmpstr(object_class_get_name(leaf), ==, "gen-leaf");
    g_assert_null(object_class_by_name("gen-nothing"));
    g_assert_null(object_class_by_name(NULL));
}

static void test_class_cast(void)
{
    ObjectClass *leaf = object_class_by_name("gen-leaf");

    g_assert_true(object_class_dynamic_cast(leaf, "gen-leaf") == leaf);
    g_assert_true(object_class_dynamic_cast(leaf, "gen-grand") == leaf);
    g_assert_true(object_class_dynamic_cast(leaf, TYPE_OBJECT) == leaf);
    g_assert_null(object_class_dynamic_cast(leaf, "gen-late"));
    g_assert_null(object_class_dynamic_cast(leaf, "gen-nothing"));
    g_assert_null(object_class_dynamic_cast(NULL, "gen-leaf"));
    g_assert_null(object_class_dynamic_cast(object_class_by_name("gen-grand"), "gen-leaf"));
    /* More names than the cache holds, each twice. */
    for (int i = 0; i < 2; i++) {
        g_assert_true(OBJECT_CLASS_CHECK(ObjectClass, leaf, "gen-leaf") == leaf);
        g_assert_true(OBJECT_CLASS_CHECK(ObjectClass, leaf, "gen-parent") == leaf);
        g_assert_true(OBJECT_CLASS_CHECK(ObjectClass, leaf, "gen-grand") == leaf);
        g_assert_true(OBJECT_CLASS_CHECK(ObjectClass, leaf, TYPE_OBJECT) == leaf);
        g_assert_null(OBJECT_CLASS_CHECK(ObjectClass, NULL, "gen-leaf"));
    }
}

/* Interfaces. */

typedef struct NoiseClass {
    InterfaceClass parent_class;

    const char *noise;
} NoiseClass;

static void dog_class_init(ObjectClass *klass, void *data)
{
    (void)data;
    OBJECT_CLASS_CHECK(NoiseClass, klass, "if-noise")->noise = "woof";
}

static void puppy_class_init(ObjectClass *klass, void *data)
{
    NoiseClass *noise = OBJECT_CLASS_CHECK(NoiseClass, klass, "if-noise");

    (void)data;
    /* What the parent has set is there to be overridden. */
    g_assert_cmpstr(noise->noise, ==, "woof");
    noise->noise = "yip";
}

static void loud_class_init(ObjectClass *klass, void *data)
{
    (void)data;
    ((NoiseClass *)klass)->noise = "loud";
}

#define IMPLEMENTS(...)                                                                            \
    .interfaces = (InterfaceInfo[])                                                                \
    {                                                                                              \
        __VA_ARGS__,                                                                               \
        {                                                                                          \
            NULL                                                                                   \
        }                                                                                          \
    }

static const TypeInfo interfaces[] = {
    { .name = "if-noise", .parent = TYPE_INTERFACE, .class_size = sizeof(NoiseClass) },
    { .name = "if-loud", .parent = "if-noise", .class_init = loud_class_init },
    { .name = "if-soft", .parent = "if-noise" },
    {
        .name = "dog",
        .parent = "gen-late",
        .class_init = dog_class_init,
        IMPLEMENTS({ "if-noise" }),
    },
    { .name = "puppy", .parent = "dog", .class_init = puppy_class_init },
    { .name = "hound", .parent = "dog", IMPLEMENTS({ "if-noise" }) },
    { .name = "siren", .parent = "gen-late", IMPLEMENTS({ "if-loud" }) },
    { .name = "siren-too", .parent = "siren", IMPLEMENTS({ "if-noise" }) },
    { .name = "radio", .parent = "gen-late", IMPLEMENTS({ "if-loud" }, { "if-soft" }) },
};

static const char *noise_of(const char *type)
{
    ObjectClass *klass = object_class_by_name(type);

    return OBJECT_CLASS_CHECK(NoiseClass, klass, "if-noise")->noise;
}

static void test_interface_override(void)
{
    g_assert_cmpstr(noise_of("puppy"), ==, "yip");
    g_assert_cmpstr(noise_of("dog"), ==, "woof");
    g_assert_cmpstr(noise_of("hound"), ==, "woof");
    g_assert_null(((NoiseClass *)object_class_by_name("if-noise"))->noise);
}

static void test_interface_class(void)
{
    ObjectClass *dog = object_class_by_name("dog");
    ObjectClass *noise = object_class_dynamic_cast(dog, "if-noise");

    g_assert_true(noise != dog);
    g_assert_cmpstr(object_class_get_name(noise), ==, "dog::if-noise");
    g_assert_true(object_class_is_abstract(noise));
    g_assert_true(INTERFACE_CLASS(noise)->concrete_class == dog);
    g_assert_true(object_class_dynamic_cast(dog, TYPE_INTERFACE) == noise);
    /* The hidden type has no entry of its own in the table. */
    g_assert_null(object_class_by_name("dog::if-noise"));
}

static void test_interface_derived(void)
{
    g_assert_cmpstr(noise_of("siren"), ==, "loud");
    /* if-noise is there already, by way of if-loud. */
    g_assert_cmpuint(g_slist_length(object_class_by_name("siren-too")->interfaces), ==, 1);
    g_assert_cmpuint(g_slist_length(object_class_by_name("hound")->interfaces), ==, 1);
}

static void test_interface_ambiguous(void)
{
    g_autoptr(Object) radio = object_new("radio");

    g_assert_null(object_dynamic_cast(radio, "if-noise"));
    g_assert_null(object_dynamic_cast(radio, TYPE_INTERFACE));
    g_assert_true(object_dynamic_cast(radio, "if-loud") == radio);
    g_assert_true(object_dynamic_cast(radio, "if-soft") == radio);
}

static void test_interface_cast(void)
{
    g_autoptr(Object) dog = object_new("dog");
    g_autoptr(Object) late = object_new("gen-late");

    g_assert_true(object_dynamic_cast(dog, "if-noise") == dog);
    g_assert_null(object_dynamic_cast(dog, "if-loud"));
    g_assert_null(object_dynamic_cast(late, "if-noise"));
    g_assert_true(INTERFACE_CHECK(Object, dog, "if-noise") == dog);
    g_assert_true(INTERFACE_CHECK(Object, dog, "if-noise") == dog);
    g_assert_null(INTERFACE_CHECK(Object, NULL, "if-noise"));
}

/* Enumeration. */

static char *join_classes(GSList *classes)
{
    GString *names = g_string_new(NULL);

    for (GSList *e = classes; e; e = e->next) {
        g_string_append_printf(names, "%s%s", names->len ? " " : "",
                               object_class_get_name(e->data));
    }
    g_slist_free(classes);
    return g_string_free(names, FALSE);
}

static void test_list(void)
{
    assert_string(join_classes(object_class_get_list_sorted("gen-grand", false)),
                  "gen-concrete gen-grand gen-leaf gen-parent");
    assert_string(join_classes(object_class_get_list_sorted("gen-grand", true)),
                  "gen-abstract gen-concrete gen-grand gen-leaf gen-parent");
    assert_string(join_classes(object_class_get_list_sorted("if-noise", false)),
                  "dog hound puppy siren siren-too");
    assert_string(join_classes(object_class_get_list_sorted("if-loud", true)),
                  "if-loud radio siren siren-too");
    assert_string(join_classes(object_class_get_list("gen-nothing", true)), "");
}

static void test_list_order(void)
{
    assert_string(join_classes(object_class_get_list_sorted("gen-late", false)),
                  "dog gen-late Gen-upper hound puppy radio siren siren-too");
}

static void count_class(ObjectClass *klass, void *opaque)
{
    g_assert_nonnull(klass);
    (*(int *)opaque)++;
}

static void test_foreach_all(void)
{
    int concrete = 0;
    int all = 0;

    object_class_foreach(count_class, NULL, false, &concrete);
    object_class_foreach(count_class, NULL, true, &all);
    /* object, interface, user-creatable, gen-abstract and the three interfaces are abstract. */
    g_assert_cmpint(all, ==, concrete + 7);
}

/* Modules. */

static int module_runs;

static void late_module(void)
{
    module_runs++;
}

static void nesting_module(void)
{
    module_runs += 10;
    register_module_init(late_module, MODULE_INIT_OPTS);
}

static void test_module_once(void)
{
    register_module_init(nesting_module, MODULE_INIT_OPTS);
    g_assert_cmpint(module_runs, ==, 0);
    module_call_init(MODULE_INIT_OPTS);
    g_assert_cmpint(module_runs, ==, 11);
    module_call_init(MODULE_INIT_OPTS);
    g_assert_cmpint(module_runs, ==, 11);
}

/* The strings of a TypeInfo need not outlive the registration. */
static void test_info_copied(void)
{
    char name[] = "copied-type";
    char parent[] = "object";
    char iface[] = "user-creatable";
    InterfaceInfo ifaces[] = { { iface }, { NULL } };
    TypeInfo info = { .name = name, .parent = parent, .interfaces = ifaces };

    type_register(&info);
    memset(name, 'x', sizeof(name) - 1);
    memset(parent, 'x', sizeof(parent) - 1);
    memset(iface, 'x', sizeof(iface) - 1);
    g_assert_nonnull(
        object_class_dynamic_cast(object_class_by_name("copied-type"), "user-creatable"));
}

/* The mistakes of a programmer. */

static void register_twice(void)
{
    type_register_static(&generations[0]);
}

static void test_abort_duplicate(void)
{
    assert_aborts(register_twice, "*Registering `gen-leaf' which already exists*");
}

static void use_orphan(void)
{
    static const TypeInfo orphan = { .name = "orphan", .parent = "no-such-parent" };

    type_register_static(&orphan);
    object_class_by_name("orphan");
}

static void test_abort_orphan(void)
{
    assert_aborts(use_orphan, "*Type 'orphan' is missing its parent 'no-such-parent'*");
}

static void register_rootless(void)
{
    static const TypeInfo rootless = { .name = "rootless" };

    type_register_static(&rootless);
}

static void test_abort_rootless(void)
{
    assert_aborts(register_rootless, "*assertion failed*parent*");
}

static void use_own_ancestor(void)
{
    static const TypeInfo circle[] = {
        { .name = "circle-a", .parent = "circle-b" },
        { .name = "circle-b", .parent = "circle-a" },
    };

    type_register_static_array(circle, 2);
    object_class_by_name("circle-a");
}

static void test_abort_circle(void)
{
    assert_aborts(use_own_ancestor, "*Type 'circle-a' is its own ancestor*");
}

static void use_missing_interface(void)
{
    InterfaceInfo ifaces[] = { { "no-such-interface" }, { NULL } };
    TypeInfo info = { .name = "wants", .parent = TYPE_OBJECT, .interfaces = ifaces };

    type_register_static(&info);
    object_class_by_name("wants");
}

static void test_abort_missing_interface(void)
{
    assert_aborts(use_missing_interface,
                  "*Type 'wants' is missing its interface 'no-such-interface'*");
}

/* 32 is the most; they need not exist at registration. */
static void test_many_interfaces(void)
{
    InterfaceInfo ifaces[33] = { { NULL } };
    TypeInfo info = { .name = "many-faced", .parent = "object", .interfaces = ifaces };

    for (int i = 0; i < 32; i++) {
        TypeInfo iface = { .parent = TYPE_INTERFACE };

        iface.name = ifaces[i].type = g_strdup_printf("face-%d", i);
        type_register(&iface);
    }
    type_register(&info);
    g_assert_cmpuint(g_slist_length(object_class_by_name("many-faced")->interfaces), ==, 32);
    for (int i = 0; i < 32; i++) {
        g_free((char *)ifaces[i].type);
    }
}

static void register_too_many_interfaces(void)
{
    InterfaceInfo ifaces[34] = { { NULL } };
    TypeInfo info = { .name = "too-many", .parent = "object", .interfaces = ifaces };

    for (int i = 0; i < 33; i++) {
        ifaces[i].type = "if-noise";
    }
    type_register(&info);
}

static void test_abort_too_many_interfaces(void)
{
    assert_aborts(register_too_many_interfaces, "*Type 'too-many' has more than 32 interfaces*");
}

static void use_object_as_interface(void)
{
    InterfaceInfo ifaces[] = { { "gen-late" }, { NULL } };
    TypeInfo info = { .name = "confused", .parent = "object", .interfaces = ifaces };

    type_register(&info);
    object_class_by_name("confused");
}

static void test_abort_object_as_interface(void)
{
    assert_aborts(use_object_as_interface, "*assertion failed*type_is_interface*");
}

static void use_stateful_interface(void)
{
    static const TypeInfo info = {
        .name = "stateful",
        .parent = TYPE_INTERFACE,
        .instance_size = sizeof(Object),
    };

    type_register_static(&info);
    object_class_by_name("stateful");
}

static void test_abort_stateful_interface(void)
{
    assert_aborts(use_stateful_interface, "*assertion failed*instance_size == 0*");
}

static void use_shrunk_class(void)
{
    static const TypeInfo info = {
        .name = "shrunk",
        .parent = "gen-leaf",
        .class_size = sizeof(ObjectClass),
    };

    type_register_static(&info);
    object_class_by_name("shrunk");
}

static void test_abort_shrunk_class(void)
{
    assert_aborts(use_shrunk_class, "*assertion failed*class_size*");
}

static void register_in_callback(ObjectClass *klass, void *opaque)
{
    static const TypeInfo info = { .name = "too-early", .parent = TYPE_OBJECT };

    (void)klass;
    (void)opaque;
    type_register_static(&info);
}

static void register_while_enumerating(void)
{
    object_class_foreach(register_in_callback, NULL, true, NULL);
}

static void test_abort_enumerating(void)
{
    assert_aborts(register_while_enumerating, "*assertion failed*enumerating*");
}

static void cast_wrongly(void)
{
    OBJECT_CLASS_CHECK(ObjectClass, object_class_by_name("gen-late"), "gen-leaf");
}

static void test_abort_class_cast(void)
{
    assert_aborts(cast_wrongly, "*Object 0x* is not an instance of type gen-leaf*");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    trace = g_string_new(NULL);
    module_call_init(MODULE_INIT_QOM);
    type_register_static_array(generations, G_N_ELEMENTS(generations));
    type_register_static_array(interfaces, G_N_ELEMENTS(interfaces));

    g_test_add_func("/qom/type/class-is-built-at-first-use-root-first", test_lazy_class);
    g_test_add_func("/qom/type/class-base-init-runs-for-descendants-only", test_base_init_own);
    g_test_add_func("/qom/type/sizes-are-inherited", test_sizes);
    g_test_add_func("/qom/type/abstract-is-not-inherited", test_abstract);
    g_test_add_func("/qom/type/class-knows-its-parent", test_class_parent);
    g_test_add_func("/qom/type/class-cast-reaches-ancestors-only", test_class_cast);
    g_test_add_func("/qom/type/info-is-copied", test_info_copied);
    g_test_add_func("/qom/type/module-runs-once", test_module_once);
    g_test_add_func("/qom/interface/override-is-inherited", test_interface_override);
    g_test_add_func("/qom/interface/each-class-has-its-own", test_interface_class);
    g_test_add_func("/qom/interface/derived-one-covers-its-parent", test_interface_derived);
    g_test_add_func("/qom/interface/cast-of-two-matches-is-null", test_interface_ambiguous);
    g_test_add_func("/qom/interface/cast-keeps-the-object", test_interface_cast);
    g_test_add_func("/qom/type/list-filters-by-type-and-abstractness", test_list);
    g_test_add_func("/qom/type/list-is-sorted-case-aside", test_list_order);
    g_test_add_func("/qom/type/foreach-visits-every-class", test_foreach_all);
    g_test_add_func("/qom/type/abort/duplicate-name", test_abort_duplicate);
    g_test_add_func("/qom/type/abort/missing-parent", test_abort_orphan);
    g_test_add_func("/qom/type/abort/no-parent-name", test_abort_rootless);
    g_test_add_func("/qom/type/abort/own-ancestor", test_abort_circle);
    g_test_add_func("/qom/type/abort/missing-interface", test_abort_missing_interface);
    g_test_add_func("/qom/interface/32-fit", test_many_interfaces);
    g_test_add_func("/qom/type/abort/33-interfaces", test_abort_too_many_interfaces);
    g_test_add_func("/qom/type/abort/object-type-as-interface", test_abort_object_as_interface);
    g_test_add_func("/qom/type/abort/interface-with-instance-data", test_abort_stateful_interface);
    g_test_add_func("/qom/type/abort/class-smaller-than-parent", test_abort_shrunk_class);
    g_test_add_func("/qom/type/abort/registration-while-enumerating", test_abort_enumerating);
    g_test_add_func("/qom/type/abort/class-cast-to-a-stranger", test_abort_class_cast);

    int status = g_test_run();
    g_string_free(trace, TRUE);
    return status;
}
