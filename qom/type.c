#include "qom/type_impl.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qom/property_impl.h"

/*
 * The lock covers the table and the building of classes; it is recursive because class functions
 * look up other types. A class is published with release order when it is complete and never
 * changes after that, so casts and class look-ups through an object take no lock.
 */
static GRecMutex type_lock;
static GHashTable *type_table; /* name → TypeImpl */
static int enumerating;

void qom_abort(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    abort();
}

static TypeImpl *type_new(const TypeInfo *info)
{
    TypeImpl *ti = g_new0(TypeImpl, 1);
    const InterfaceInfo *iface;

    ti->name = g_strdup(info->name);
    ti->parent = g_strdup(info->parent);
    ti->class_size = info->class_size;
    ti->instance_size = info->instance_size;
    ti->instance_align = info->instance_align;
    ti->abstract = info->abstract;
    ti->class_init = info->class_init;
    ti->class_base_init = info->class_base_init;
    ti->class_data = info->class_data;
    ti->instance_init = info->instance_init;
    ti->instance_post_init = info->instance_post_init;
    ti->instance_finalize = info->instance_finalize;
    for (iface = info->interfaces; iface && iface->type; iface++) {
        if (ti->num_interfaces == MAX_INTERFACES) {
            qom_abort("Type '%s' has more than %d interfaces", info->name, MAX_INTERFACES);
        }
        ti->interfaces[ti->num_interfaces++] = g_strdup(iface->type);
    }
    return ti;
}

static TypeImpl *type_register_internal(const TypeInfo *info)
{
    TypeImpl *ti;

    g_rec_mutex_lock(&type_lock);
    g_assert(!enumerating);
    if (!type_table) {
        type_table = g_hash_table_new(g_str_hash, g_str_equal);
    }
    if (g_hash_table_contains(type_table, info->name)) {
        qom_abort("Registering `%s' which already exists", info->name);
    }
    ti = type_new(info);
    g_hash_table_insert(type_table, ti->name, ti);
    g_rec_mutex_unlock(&type_lock);
    return ti;
}

Type type_register(const TypeInfo *info)
{
    g_assert(info->name && info->parent);
    return type_register_internal(info);
}

Type type_register_static(const TypeInfo *info)
{
    return type_register(info);
}

void type_register_static_array(const TypeInfo *infos, int nr_infos)
{
    for (int i = 0; i < nr_infos; i++) {
        type_register_static(&infos[i]);
    }
}

TypeImpl *type_get_by_name(const char *name)
{
    TypeImpl *ti = NULL;

    if (!name) {
        return NULL;
    }
    g_rec_mutex_lock(&type_lock);
    if (type_table) {
        ti = g_hash_table_lookup(type_table, name);
    }
    g_rec_mutex_unlock(&type_lock);
    return ti;
}

TypeImpl *type_get_or_abort(const char *name)
{
    TypeImpl *ti = type_get_by_name(name);

    if (!ti) {
        qom_abort("Unknown type '%s'", name ? name : "(null)");
    }
    return ti;
}

bool type_is_a(const TypeImpl *type, const char *name)
{
    for (; type; type = type->parent_type) {
        if (type->name == name || g_str_equal(type->name, name)) {
            return true;
        }
    }
    return false;
}

bool type_is_interface(const TypeImpl *type)
{
    return type_is_a(type, TYPE_INTERFACE);
}

/* Building classes; the lock is held from here … */

static ObjectClass *type_initialize(TypeImpl *ti);

static void type_resolve_parent(TypeImpl *ti)
{
    if (!ti->parent || ti->parent_type) {
        return;
    }
    ti->parent_type = type_get_by_name(ti->parent);
    if (!ti->parent_type) {
        qom_abort("Type '%s' is missing its parent '%s'", ti->name, ti->parent);
    }
}

static void type_settle_sizes(TypeImpl *ti)
{
    const TypeImpl *parent = ti->parent_type;

    if (!ti->class_size) {
        ti->class_size = parent ? parent->class_size : sizeof(ObjectClass);
    }
    if (parent) {
        ti->instance_size = ti->instance_size ? ti->instance_size : parent->instance_size;
        ti->instance_align = MAX(ti->instance_align, parent->instance_align);
        g_assert(ti->class_size >= parent->class_size);
        g_assert(ti->instance_size >= parent->instance_size);
    }
    /* What has no instance data cannot have instances. */
    if (ti->instance_size == 0) {
        ti->abstract = true;
    }
    if (type_is_interface(ti)) {
        g_assert(ti->instance_size == 0);
        g_assert(!ti->instance_init && !ti->instance_post_init && !ti->instance_finalize);
        g_assert(ti->num_interfaces == 0);
    }
}

/*
 * The head of the class is its own; only what lies beyond it, and the public part of it, is
 * inherited.
 */
static void class_inherit(ObjectClass *klass, const TypeImpl *parent)
{
    const ObjectClass *from = parent->building;

    klass->unparent = from->unparent;
    memcpy((char *)klass + sizeof(ObjectClass), (const char *)from + sizeof(ObjectClass),
           parent->class_size - sizeof(ObjectClass));
}

/* Gives @ti a class for @interface of its own, which starts as a copy of that of @base. */
static void type_add_interface(TypeImpl *ti, TypeImpl *interface, TypeImpl *base)
{
    g_autofree char *name = g_strdup_printf("%s::%s", ti->name, interface->name);
    TypeInfo info = { .name = name, .parent = base->name, .abstract = true };
    TypeImpl *impl = type_new(&info);
    InterfaceClass *klass;

    impl->parent_type = base;
    klass = (InterfaceClass *)type_initialize(impl);
    klass->concrete_class = ti->building;
    klass->interface_type = interface;
    ti->building->interfaces = g_slist_append(ti->building->interfaces, klass);
}

static bool class_has_interface(const ObjectClass *klass, const char *name)
{
    for (const GSList *e = klass->interfaces; e; e = e->next) {
        const ObjectClass *iface = e->data;

        if (type_is_a(iface->type, name)) {
            return true;
        }
    }
    return false;
}

static void type_build_interfaces(TypeImpl *ti)
{
    const GSList *e = ti->parent_type ? ti->parent_type->building->interfaces : NULL;

    for (; e; e = e->next) {
        const InterfaceClass *inherited = e->data;

        type_add_interface(ti, inherited->interface_type, inherited->parent_class.type);
    }
    for (int i = 0; i < ti->num_interfaces; i++) {
        TypeImpl *interface = type_get_by_name(ti->interfaces[i]);

        if (!interface) {
            qom_abort("Type '%s' is missing its interface '%s'", ti->name, ti->interfaces[i]);
        }
        type_initialize(interface);
        g_assert(type_is_interface(interface));
        if (!class_has_interface(ti->building, interface->name)) {
            type_add_interface(ti, interface, interface);
        }
    }
}

static ObjectClass *type_initialize(TypeImpl *ti)
{
    if (ti->building) {
        return ti->building;
    }
    if (ti->initializing) {
        qom_abort("Type '%s' is its own ancestor", ti->name);
    }
    ti->initializing = true;

    type_resolve_parent(ti);
    if (ti->parent_type) {
        type_initialize(ti->parent_type);
    }
    type_settle_sizes(ti);
    ti->building = g_malloc0(ti->class_size);
    ti->building->type = ti;
    ti->building->properties = property_table_new();
    if (ti->parent_type) {
        class_inherit(ti->building, ti->parent_type);
    }
    type_build_interfaces(ti);

    for (TypeImpl *t = ti->parent_type; t; t = t->parent_type) {
        if (t->class_base_init) {
            t->class_base_init(ti->building, t->class_data);
        }
    }
    if (ti->class_init) {
        ti->class_init(ti->building, ti->class_data);
    }
    __atomic_store_n(&ti->klass, ti->building, __ATOMIC_RELEASE);
    return ti->building;
}

/* … to here. */

ObjectClass *type_get_class(TypeImpl *ti)
{
    ObjectClass *klass = __atomic_load_n(&ti->klass, __ATOMIC_ACQUIRE);

    if (!klass) {
        g_rec_mutex_lock(&type_lock);
        klass = type_initialize(ti);
        g_rec_mutex_unlock(&type_lock);
    }
    return klass;
}

/* Classes. */

ObjectClass *object_class_by_name(const char *type_name)
{
    TypeImpl *ti = type_get_by_name(type_name);

    return ti ? type_get_class(ti) : NULL;
}

ObjectClass *object_class_get_parent(ObjectClass *klass)
{
    TypeImpl *parent = klass->type->parent_type;

    return parent ? type_get_class(parent) : NULL;
}

const char *object_class_get_name(ObjectClass *klass)
{
    return klass->type->name;
}

bool object_class_is_abstract(ObjectClass *klass)
{
    return klass->type->abstract;
}

size_t object_class_get_instance_size(ObjectClass *klass)
{
    return klass->type->instance_size;
}

size_t object_type_get_instance_size(const char *type_name)
{
    return object_class_get_instance_size(type_get_class(type_get_or_abort(type_name)));
}

bool cast_cache_has(const char *const *cache, const char *name)
{
    for (int i = 0; i < OBJECT_CLASS_CAST_CACHE; i++) {
        if (__atomic_load_n(&cache[i], __ATOMIC_RELAXED) == name) {
            return true;
        }
    }
    return false;
}

void cast_cache_add(const char **cache, const char *name)
{
    for (int i = 1; i < OBJECT_CLASS_CAST_CACHE; i++) {
        const char *next = __atomic_load_n(&cache[i], __ATOMIC_RELAXED);

        __atomic_store_n(&cache[i - 1], next, __ATOMIC_RELAXED);
    }
    __atomic_store_n(&cache[OBJECT_CLASS_CAST_CACHE - 1], name, __ATOMIC_RELAXED);
}

ObjectClass *object_class_dynamic_cast(ObjectClass *klass, const char *type_name)
{
    ObjectClass *found = NULL;

    if (!klass || !type_name) {
        return NULL;
    }
    if (type_is_a(klass->type, type_name)) {
        return klass;
    }
    for (GSList *e = klass->interfaces; e; e = e->next) {
        ObjectClass *iface = e->data;

        if (type_is_a(iface->type, type_name)) {
            if (found) {
                return NULL;
            }
            found = iface;
        }
    }
    return found;
}

ObjectClass *object_class_dynamic_cast_assert(ObjectClass *klass, const char *type_name,
                                              const char *file, int line, const char *func)
{
    ObjectClass *ret;

    if (!klass || cast_cache_has(klass->class_cast_cache, type_name)) {
        return klass;
    }
    ret = object_class_dynamic_cast(klass, type_name);
    if (!ret) {
        qom_abort("%s:%d:%s: Object %p is not an instance of type %s", file, line, func,
                  (void *)klass, type_name);
    }
    /* An interface's class is another pointer, so only casts to ancestors can be remembered. */
    if (ret == klass) {
        cast_cache_add(klass->class_cast_cache, type_name);
    }
    return ret;
}

/* Enumeration. */

void object_class_foreach(void (*fn)(ObjectClass *klass, void *opaque), const char *implements_type,
                          bool include_abstract, void *opaque)
{
    GHashTableIter iter;
    gpointer value;

    g_rec_mutex_lock(&type_lock);
    g_assert(type_table);
    enumerating++;
    g_hash_table_iter_init(&iter, type_table);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        TypeImpl *ti = value;
        ObjectClass *klass = type_get_class(ti);

        if (ti->abstract && !include_abstract) {
            continue;
        }
        if (implements_type && !object_class_dynamic_cast(klass, implements_type)) {
            continue;
        }
        fn(klass, opaque);
    }
    enumerating--;
    g_rec_mutex_unlock(&type_lock);
}

static void class_list_prepend(ObjectClass *klass, void *opaque)
{
    GSList **list = opaque;

    *list = g_slist_prepend(*list, klass);
}

GSList *object_class_get_list(const char *implements_type, bool include_abstract)
{
    GSList *list = NULL;

    object_class_foreach(class_list_prepend, implements_type, include_abstract, &list);
    return list;
}

static gint class_compare(gconstpointer a, gconstpointer b)
{
    const ObjectClass *ca = a;
    const ObjectClass *cb = b;
    int order = g_ascii_strcasecmp(ca->type->name, cb->type->name);

    return order ? order : strcmp(ca->type->name, cb->type->name);
}

GSList *object_class_get_list_sorted(const char *implements_type, bool include_abstract)
{
    return g_slist_sort(object_class_get_list(implements_type, include_abstract), class_compare);
}

/* The two roots. */

static char *object_get_type_str(Object *obj, GError **error)
{
    (void)error;
    return g_strdup(object_get_typename(obj));
}

static void object_class_init(ObjectClass *klass, void *data)
{
    (void)data;
    object_class_property_add_str(klass, "type", object_get_type_str, NULL);
}

static void register_root_types(void)
{
    static const TypeInfo interface_info = {
        .name = TYPE_INTERFACE,
        .class_size = sizeof(InterfaceClass),
        .abstract = true,
    };
    static const TypeInfo object_info = {
        .name = TYPE_OBJECT,
        .instance_size = sizeof(Object),
        .class_size = sizeof(ObjectClass),
        .class_init = object_class_init,
        .abstract = true,
    };

    /*
     * GLib makes the lock of its own type cache at first use, in a way that ThreadSanitizer cannot
     * follow: do it now.
     */
    g_variant_unref(g_variant_ref_sink(qom_value_new_text("")));

    type_register_internal(&interface_info);
    type_register_internal(&object_info);
}

type_init(register_root_types)
