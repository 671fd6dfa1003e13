/*
 * Threads of several machines share the type table and its classes. Meant for ThreadSanitizer as
 * much as for itself.
 */
#include "tests/unit/qom/common.h"

#include "qom/introspect.h"

#define THREADS 4
#define TYPES 50
#define ROUNDS 200

typedef struct Worker {
    Object parent_obj;

    uint32_t number;
} Worker;

typedef struct WorkerClass {
    ObjectClass parent_class;

    int built;
} WorkerClass;

static gint ready;
static char *type_names[TYPES];
static gint inits;
static gint classes_built;

static void worker_init(Object *obj)
{
    g_atomic_int_inc(&inits);
    object_property_add_uint32_ptr(obj, "number", &((Worker *)obj)->number,
                                   OBJ_PROP_FLAG_READWRITE);
}

static void worker_class_init(ObjectClass *klass, void *data)
{
    (void)data;
    g_atomic_int_inc(&classes_built);
    ((WorkerClass *)klass)->built++;
}

static void register_workers(void)
{
    static const TypeInfo base = {
        .name = "worker",
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(Worker),
        .instance_init = worker_init,
        .class_size = sizeof(WorkerClass),
        .class_init = worker_class_init,
    };
    static const TypeInfo iface = { .name = "if-worker", .parent = TYPE_INTERFACE };
    InterfaceInfo ifaces[] = { { "if-worker" }, { NULL } };

    type_register_static(&base);
    type_register_static(&iface);
    for (int i = 0; i < TYPES; i++) {
        TypeInfo info = {
            .parent = "worker",
            .interfaces = ifaces,
            .class_init = worker_class_init,
        };

        type_names[i] = g_strdup_printf("worker-%d", i);
        info.name = type_names[i];
        type_register(&info);
    }
}

/* Lets all threads go at once. */
static void line_up(void)
{
    g_atomic_int_inc(&ready);
    while (g_atomic_int_get(&ready) < THREADS) {
        g_thread_yield();
    }
}

static void run_threads(GThreadFunc func, gpointer data)
{
    GThread *threads[THREADS];

    g_atomic_int_set(&ready, 0);
    for (int i = 0; i < THREADS; i++) {
        threads[i] = g_thread_new("worker", func, data);
    }
    for (int i = 0; i < THREADS; i++) {
        g_thread_join(threads[i]);
    }
}

/*
 * Every thread uses every type first, in the same order: one of them builds it, and all see it
 * complete.
 */
static gpointer use_types(gpointer data)
{
    (void)data;
    line_up();
    for (int i = 0; i < TYPES; i++) {
        g_autoptr(Object) obj = object_new(type_names[i]);

        g_assert_cmpint(OBJECT_GET_CLASS(WorkerClass, obj, "worker")->built, >=, 1);
        g_assert_nonnull(OBJECT_CHECK(Worker, obj, "worker"));
        g_assert_nonnull(object_dynamic_cast(obj, "if-worker"));
        g_assert_nonnull(object_class_by_name(type_names[TYPES - 1 - i]));
    }
    return NULL;
}

static void test_first_use(void)
{
    run_threads(use_types, NULL);
    /* Each class was built once, by whoever came first. */
    g_assert_cmpint(g_atomic_int_get(&classes_built), ==, TYPES + 1);
    g_assert_cmpint(g_atomic_int_get(&inits), ==, (gint64)TYPES * THREADS);
}

/*
 * Machines of their own on shared classes: casts that fill the caches, trees, properties,
 * enumeration.
 */
static gpointer run_machine(gpointer data)
{
    (void)data;
    line_up();
    for (int round = 0; round < ROUNDS; round++) {
        g_autoptr(Object) root = object_new_root();
        Object *place = container_get(root, "/machine/peripheral");

        for (int i = 0; i < 5; i++) {
            g_autoptr(Object) obj = object_new_in(type_names[(round + i) % TYPES], root);

            object_property_add_child(place, "w[*]", obj);
            g_assert_true(object_property_parse(obj, "number", "7", NULL));
            g_assert_nonnull(OBJECT_CHECK(Object, obj, TYPE_OBJECT));
            g_assert_nonnull(OBJECT_CHECK(Object, obj, "worker"));
            g_assert_nonnull(OBJECT_CHECK(Object, obj, "if-worker"));
            g_assert_nonnull(OBJECT_CLASS_CHECK(ObjectClass, object_get_class(obj), "worker"));
            g_assert_nonnull(OBJECT_CLASS_CHECK(ObjectClass, object_get_class(obj), "if-worker"));
        }
        g_assert_nonnull(object_resolve_path_type(root, "w[4]", "worker", NULL));
        if (round % 20 == 0) {
            g_autoptr(GPtrArray) types = qom_list_types("worker", false);

            g_assert_cmpuint(types->len, ==, TYPES + 1);
        }
    }
    return NULL;
}

static void test_machines(void)
{
    run_threads(run_machine, NULL);
}

/* References to one object from all threads. */
static gpointer ref_and_unref(gpointer data)
{
    line_up();
    for (int i = 0; i < 10000; i++) {
        object_unref(object_ref(data));
    }
    object_unref(data);
    return NULL;
}

static gint finalized;

static void counted_finalize(Object *obj)
{
    (void)obj;
    g_atomic_int_inc(&finalized);
}

static void test_references(void)
{
    static const TypeInfo info = {
        .name = "counted",
        .parent = TYPE_OBJECT,
        .instance_finalize = counted_finalize,
    };
    Object *obj;

    type_register_static(&info);
    obj = object_new("counted");
    for (int i = 0; i < THREADS - 1; i++) {
        object_ref(obj);
    }
    run_threads(ref_and_unref, obj);
    g_assert_cmpint(g_atomic_int_get(&finalized), ==, 1);
}

/* Modules: whoever comes second finds the work done. */
static gint module_runs;

static void slow_module(void)
{
    g_usleep(2000);
    g_atomic_int_inc(&module_runs);
}

static gpointer call_modules(gpointer data)
{
    (void)data;
    line_up();
    module_call_init(MODULE_INIT_OPTS);
    g_assert_cmpint(g_atomic_int_get(&module_runs), ==, 3);
    return NULL;
}

static void test_modules(void)
{
    for (int i = 0; i < 3; i++) {
        register_module_init(slow_module, MODULE_INIT_OPTS);
    }
    run_threads(call_modules, NULL);
    g_assert_cmpint(g_atomic_int_get(&module_runs), ==, 3);
}

int main(int argc, char **argv)
{
    int status;

    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    register_workers();

    g_test_add_func("/qom/threads/first-use-of-a-type", test_first_use);
    g_test_add_func("/qom/threads/machines-share-classes-only", test_machines);
    g_test_add_func("/qom/threads/references-are-atomic", test_references);
    g_test_add_func("/qom/threads/modules-run-once", test_modules);
    status = g_test_run();
    for (int i = 0; i < TYPES; i++) {
        g_free(type_names[i]);
    }
    return status;
}
