#include "qom/property_impl.h"

#include <string.h>

#include "qom/type_impl.h"

/* Tables. */

static void property_free(gpointer data)
{
    ObjectProperty *prop = data;

    g_free(prop->name);
    g_free(prop->type);
    g_free(prop->description);
    g_clear_pointer(&prop->defval, g_variant_unref);
    g_free(prop);
}

PropertyTable *property_table_new(void)
{
    PropertyTable *table = g_new0(PropertyTable, 1);

    table->by_name = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, property_free);
    g_queue_init(&table->order);
    return table;
}

void property_table_free(PropertyTable *table)
{
    if (table) {
        g_hash_table_unref(table->by_name);
        g_free(table);
    }
}

ObjectProperty *property_table_find(const PropertyTable *table, const char *name)
{
    return table ? g_hash_table_lookup(table->by_name, name) : NULL;
}

static ObjectProperty *property_table_add(PropertyTable *table, const char *name, const char *type,
                                          ObjectPropertyGet *get, ObjectPropertySet *set,
                                          ObjectPropertyRelease *release, void *opaque)
{
    ObjectProperty *prop = g_new0(ObjectProperty, 1);

    prop->name = g_strdup(name);
    prop->type = g_strdup(type);
    prop->get = get;
    prop->set = set;
    prop->release = release;
    prop->opaque = opaque;
    prop->order.data = prop;
    g_hash_table_insert(table->by_name, prop->name, prop);
    g_queue_push_tail_link(&table->order, &prop->order);
    return prop;
}

static void property_table_remove(PropertyTable *table, ObjectProperty *prop)
{
    g_queue_unlink(&table->order, &prop->order);
    g_hash_table_remove(table->by_name, prop->name);
}

/* Adding and finding. */

static bool name_is_array(const char *name)
{
    return strlen(name) > 3 && g_str_has_suffix(name, "[*]");
}

/* @name with the first free index for its star. */
static char *free_array_name(Object *obj, const char *name)
{
    int base = (int)strlen(name) - 3;

    for (int i = 0;; i++) {
        char *full = g_strdup_printf("%.*s[%d]", base, name, i);

        if (!object_property_find(obj, full)) {
            return full;
        }
        g_free(full);
    }
}

ObjectProperty *object_property_try_add(Object *obj, const char *name, const char *type,
                                        ObjectPropertyGet *get, ObjectPropertySet *set,
                                        ObjectPropertyRelease *release, void *opaque,
                                        GError **error)
{
    g_autofree char *array_name = name_is_array(name) ? free_array_name(obj, name) : NULL;

    name = array_name ? array_name : name;
    if (object_property_find(obj, name)) {
        qom_error_set(error, "attempt to add duplicate property '%s' to object (type '%s')", name,
                      object_get_typename(obj));
        return NULL;
    }
    if (!obj->properties) {
        obj->properties = property_table_new();
    }
    return property_table_add(obj->properties, name, type, get, set, release, opaque);
}

ObjectProperty *object_property_add(Object *obj, const char *name, const char *type,
                                    ObjectPropertyGet *get, ObjectPropertySet *set,
                                    ObjectPropertyRelease *release, void *opaque)
{
    GError *error = NULL;
    ObjectProperty *prop =
        object_property_try_add(obj, name, type, get, set, release, opaque, &error);

    if (!prop) {
        qom_error_abort(error);
    }
    return prop;
}

ObjectProperty *object_class_property_add(ObjectClass *klass, const char *name, const char *type,
                                          ObjectPropertyGet *get, ObjectPropertySet *set,
                                          ObjectPropertyRelease *release, void *opaque)
{
    if (object_class_property_find(klass, name)) {
        qom_abort("attempt to add duplicate property '%s' to class (type '%s')", name,
                  object_class_get_name(klass));
    }
    return property_table_add(klass->properties, name, type, get, set, release, opaque);
}

ObjectProperty *object_class_property_find(ObjectClass *klass, const char *name)
{
    ObjectClass *parent = object_class_get_parent(klass);
    ObjectProperty *prop = parent ? object_class_property_find(parent, name) : NULL;

    return prop ? prop : property_table_find(klass->properties, name);
}

ObjectProperty *object_property_find(Object *obj, const char *name)
{
    ObjectProperty *prop = object_class_property_find(obj->klass, name);

    return prop ? prop : property_table_find(obj->properties, name);
}

ObjectProperty *object_class_property_find_err(ObjectClass *klass, const char *name, GError **error)
{
    ObjectProperty *prop = object_class_property_find(klass, name);

    if (!prop) {
        qom_error_set(error, "Property '.%s' not found", name);
    }
    return prop;
}

ObjectProperty *object_property_find_err(Object *obj, const char *name, GError **error)
{
    ObjectProperty *prop = object_property_find(obj, name);

    if (!prop) {
        qom_error_set(error, "Property '%s.%s' not found", object_get_typename(obj), name);
    }
    return prop;
}

static void property_describe(ObjectProperty *prop, const char *description)
{
    g_assert(prop);
    g_free(prop->description);
    prop->description = g_strdup(description);
}

void object_property_set_description(Object *obj, const char *name, const char *description)
{
    property_describe(object_property_find(obj, name), description);
}

void object_class_property_set_description(ObjectClass *klass, const char *name,
                                           const char *description)
{
    property_describe(object_class_property_find(klass, name), description);
}

/* Removing. */

/*
 * The property stays in its table while its release function runs, so that a child which is being
 * unparented still has a path. A release function that comes back here, directly or by way of other
 * objects, finds the property dying and leaves it to us; the reference keeps @obj, and with it the
 * table, until we are done.
 */
void object_property_remove(Object *obj, ObjectProperty *prop)
{
    if (prop->dying) {
        return;
    }
    prop->dying = true;
    object_ref(obj);
    if (prop->release) {
        prop->release(obj, prop->name, prop->opaque);
    }
    property_table_remove(obj->properties, prop);
    object_unref(obj);
}

void object_property_del(Object *obj, const char *name)
{
    ObjectProperty *prop = property_table_find(obj->properties, name);

    g_assert(prop);
    object_property_remove(obj, prop);
}

/* The newest property that nobody further up the stack is removing already. */
static ObjectProperty *newest_living_property(const Object *obj)
{
    for (GList *e = obj->properties->order.tail; e; e = e->prev) {
        ObjectProperty *prop = e->data;

        if (!prop->dying) {
            return prop;
        }
    }
    return NULL;
}

void object_release_properties(Object *obj)
{
    ObjectPropertyIterator iter;
    ObjectProperty *prop;

    while (obj->properties && (prop = newest_living_property(obj))) {
        object_property_remove(obj, prop);
    }
    g_clear_pointer(&obj->properties, property_table_free);

    object_class_property_iter_init(&iter, obj->klass);
    while ((prop = object_property_iter_next(&iter))) {
        if (prop->release) {
            prop->release(obj, prop->name, prop->opaque);
        }
    }
}

/* Defaults. */

static void object_property_init_defval(Object *obj, ObjectProperty *prop)
{
    GError *error = NULL;

    if (!object_property_set(obj, prop->name, prop->defval, &error)) {
        qom_error_abort(error);
    }
}

static void object_property_set_default(ObjectProperty *prop, GVariant *defval)
{
    g_assert(!prop->defval && !prop->init);
    prop->defval = g_variant_ref_sink(defval);
    prop->init = object_property_init_defval;
}

void object_property_set_default_bool(ObjectProperty *prop, bool value)
{
    object_property_set_default(prop, g_variant_new_boolean(value));
}

void object_property_set_default_str(ObjectProperty *prop, const char *value)
{
    object_property_set_default(prop, qom_value_new_str(value));
}

void object_property_set_default_int(ObjectProperty *prop, int64_t value)
{
    object_property_set_default(prop, g_variant_new_int64(value));
}

void object_property_set_default_uint(ObjectProperty *prop, uint64_t value)
{
    object_property_set_default(prop, g_variant_new_uint64(value));
}

void object_property_set_default_list(ObjectProperty *prop)
{
    object_property_set_default(prop, g_variant_new_array(G_VARIANT_TYPE_VARIANT, NULL, 0));
}

void object_init_class_defaults(Object *obj)
{
    ObjectPropertyIterator iter;
    ObjectProperty *prop;

    object_class_property_iter_init(&iter, obj->klass);
    while ((prop = object_property_iter_next(&iter))) {
        if (prop->init) {
            prop->init(obj, prop);
        }
    }
}

/* Iteration. */

void object_class_property_iter_init(ObjectPropertyIterator *iter, ObjectClass *klass)
{
    iter->next = klass->properties->order.head;
    iter->next_class = object_class_get_parent(klass);
}

void object_property_iter_init(ObjectPropertyIterator *iter, Object *obj)
{
    iter->next = obj->properties ? obj->properties->order.head : NULL;
    iter->next_class = obj->klass;
}

ObjectProperty *object_property_iter_next(ObjectPropertyIterator *iter)
{
    ObjectProperty *prop;

    while (!iter->next) {
        if (!iter->next_class) {
            return NULL;
        }
        object_class_property_iter_init(iter, iter->next_class);
    }
    prop = iter->next->data;
    iter->next = iter->next->next;
    return prop;
}

/* Reading and writing. */

GVariant *object_property_get(Object *obj, const char *name, GError **error)
{
    ObjectProperty *prop = object_property_find_err(obj, name, error);
    GVariant *value;

    if (!prop) {
        return NULL;
    }
    if (!prop->get) {
        qom_error_set(error, "Property '%s.%s' is not readable", object_get_typename(obj), name);
        return NULL;
    }
    value = prop->get(obj, name, prop->opaque, error);
    return value ? g_variant_take_ref(value) : NULL;
}

/* @value itself, or what is in the boxes it is in. A new reference; sinks a floating @value. */
static GVariant *value_unbox(GVariant *value)
{
    value = g_variant_ref_sink(value);
    while (g_variant_is_of_type(value, G_VARIANT_TYPE_VARIANT)) {
        GVariant *inner = g_variant_get_variant(value);

        g_variant_unref(value);
        value = inner;
    }
    return value;
}

bool object_property_set(Object *obj, const char *name, GVariant *value, GError **error)
{
    g_autoptr(GVariant) unboxed = value_unbox(value);
    ObjectProperty *prop = object_property_find_err(obj, name, error);

    if (!prop) {
        return false;
    }
    if (!prop->set) {
        return qom_error_set(error, "Property '%s.%s' is not writable", object_get_typename(obj),
                             name);
    }
    return prop->set(obj, name, prop->opaque, unboxed, error);
}

const char *object_property_get_type(Object *obj, const char *name, GError **error)
{
    ObjectProperty *prop = object_property_find_err(obj, name, error);

    return prop ? prop->type : NULL;
}
