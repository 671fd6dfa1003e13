#include "qom/introspect.h"

#include "qom/property_impl.h"
#include "qom/type_impl.h"

void qom_type_info_free(QomTypeInfo *info)
{
    g_free(info->name);
    g_free(info->parent);
    g_free(info);
}

void qom_property_info_free(QomPropertyInfo *info)
{
    g_free(info->name);
    g_free(info->type);
    g_free(info->description);
    g_clear_pointer(&info->default_value, g_variant_unref);
    g_free(info);
}

static QomTypeInfo *type_info_new(ObjectClass *klass)
{
    QomTypeInfo *info = g_new0(QomTypeInfo, 1);
    ObjectClass *parent = object_class_get_parent(klass);

    info->name = g_strdup(object_class_get_name(klass));
    info->parent = parent ? g_strdup(object_class_get_name(parent)) : NULL;
    info->is_abstract = object_class_is_abstract(klass);
    return info;
}

GPtrArray *qom_list_types(const char *implements, bool include_abstract)
{
    GPtrArray *list = g_ptr_array_new_with_free_func((GDestroyNotify)qom_type_info_free);
    GSList *classes = object_class_get_list_sorted(implements, include_abstract);

    for (GSList *e = classes; e; e = e->next) {
        g_ptr_array_add(list, type_info_new(e->data));
    }
    g_slist_free(classes);
    return list;
}

/* @obj is NULL when only the class is known. */
static QomPropertyInfo *property_info_new(Object *obj, ObjectProperty *prop)
{
    QomPropertyInfo *info = g_new0(QomPropertyInfo, 1);
    const ObjectProperty *target = object_property_follow_alias(&obj, prop);

    info->name = g_strdup(prop->name);
    info->type = g_strdup(prop->type);
    info->description = g_strdup(prop->description);
    info->default_value = prop->defval ? g_variant_ref(prop->defval) : NULL;
    info->readable = target && target->get;
    info->writable = target && target->set;
    return info;
}

/* Appends one table, in order of addition. */
static void list_table(GPtrArray *list, Object *obj, const PropertyTable *table)
{
    for (const GList *e = table ? table->order.head : NULL; e; e = e->next) {
        g_ptr_array_add(list, property_info_new(obj, e->data));
    }
}

static void list_class(GPtrArray *list, Object *obj, ObjectClass *klass)
{
    ObjectClass *parent = object_class_get_parent(klass);

    if (parent) {
        list_class(list, obj, parent);
    }
    list_table(list, obj, klass->properties);
}

static GPtrArray *property_list_new(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify)qom_property_info_free);
}

GPtrArray *qom_list_properties(Object *obj)
{
    GPtrArray *list = property_list_new();

    list_class(list, obj, obj->klass);
    list_table(list, obj, obj->properties);
    return list;
}

GPtrArray *qom_list_type_properties(const char *type_name, GError **error)
{
    ObjectClass *klass = object_class_by_name(type_name);
    GPtrArray *list;

    if (!klass) {
        g_set_error(error, QOM_ERROR, QOM_ERROR_DEVICE_NOT_FOUND, "Class '%s' not found",
                    type_name);
        return NULL;
    }
    if (type_is_interface(klass->type)) {
        qom_error_set(error, "Parameter 'typename' expects a QOM type");
        return NULL;
    }
    if (object_class_is_abstract(klass)) {
        list = property_list_new();
        list_class(list, NULL, klass);
    } else {
        g_autoptr(Object) obj = object_new_with_class(klass);

        list = qom_list_properties(obj);
    }
    return list;
}
