/* The object model: objects, properties, types. */
#include "server/dispatch_internal.h"

#include <string.h>

#include "models/core/qdev.h"
#include "qom/error.h"
#include "qom/introspect.h"
#include "qom/user_creatable.h"
#include "server/value_convert.h"

/* The object at the operation's path, borrowed; NULL with the result failed. */
static Object *find_object(Dispatch *d, const QsOperation *op, QsResult *result)
{
    GError *error = NULL;
    Object *obj = object_resolve_path_err(d->machine->root, op->qom.path, &error);

    if (!obj) {
        reply_fail_error(d->arena, &result->status, error, op->qom.path);
    }
    return obj;
}

static void fail_at(Dispatch *d, QsResult *result, GError *error, Object *obj)
{
    g_autofree char *path = object_get_canonical_path(obj);

    reply_fail_error(d->arena, &result->status, error, path);
}

static bool copy_property(Dispatch *d, const QomPropertyInfo *info, QsProperty *out)
{
    out->name = reply_text(d->arena, info->name, QS_MAX_STRING_BYTES);
    out->type = reply_text(d->arena, info->type, QS_MAX_STRING_BYTES);
    out->description = reply_text(d->arena, info->description, QS_MAX_STRING_BYTES);
    out->default_value.kind = QS_VALUE_NONE;
    return !info->default_value ||
           value_to_message(d->arena, info->default_value, &out->default_value, NULL);
}

static void fill_properties(Dispatch *d, const GPtrArray *list, QsResult *result)
{
    QsProperty *properties = qs_arena_alloc0(d->arena, list->len + 1u, sizeof(*properties));

    if (!properties) {
        dispatch_out_of_memory(d, result);
        return;
    }
    for (guint i = 0; i < list->len; i++) {
        if (!copy_property(d, g_ptr_array_index(list, i), &properties[i])) {
            dispatch_out_of_memory(d, result);
            return;
        }
    }
    result->qom_list.properties = properties;
    result->qom_list.n_properties = list->len;
}

void dispatch_qom_list(Dispatch *d, const QsOperation *op, QsResult *result)
{
    Object *obj = find_object(d, op, result);
    g_autoptr(GPtrArray) list = NULL;
    g_autofree char *path = NULL;

    if (!obj) {
        return;
    }
    list = qom_list_properties(obj);
    path = object_get_canonical_path(obj);
    result->qom_list.path = reply_text(d->arena, path, QS_MAX_STRING_BYTES);
    fill_properties(d, list, result);
}

void dispatch_qom_get(Dispatch *d, const QsOperation *op, QsResult *result)
{
    Object *obj = find_object(d, op, result);
    g_autoptr(GVariant) value = NULL;
    GError *error = NULL;

    if (!obj) {
        return;
    }
    value = object_property_get(obj, op->qom.property, &error);
    if (!value || !value_to_message(d->arena, value, &result->value, &error)) {
        fail_at(d, result, error, obj);
    }
}

void dispatch_qom_set(Dispatch *d, const QsOperation *op, QsResult *result)
{
    Object *obj = find_object(d, op, result);
    GError *error = NULL;

    if (!obj) {
        return;
    }
    /* Setting may take the object away ("realized", links): it has to stay until its path was told. */
    object_ref(obj);
    if (!object_property_set(obj, op->qom.property, value_from_message(&op->qom.value), &error)) {
        fail_at(d, result, error, obj);
    }
    object_unref(obj);
}

/* Keys that the operation has fields for cannot be properties. */
static bool check_new_properties(Dispatch *d, const QsOperation *op, QsResult *result)
{
    static const char *const reserved[] = { "driver", "qom-type", "id" };

    for (size_t i = 0; i < op->qom_new.n_properties; i++) {
        for (size_t j = 0; j < G_N_ELEMENTS(reserved); j++) {
            if (strcmp(op->qom_new.properties[i].key, reserved[j]) == 0) {
                reply_fail(d->arena, &result->status, QS_STATUS_INVALID_ARGUMENT,
                           "Parameter '%s' is unexpected", reserved[j]);
                return false;
            }
        }
    }
    return true;
}

static Object *new_device(Dispatch *d, const QsOperation *op, GVariant *properties, GError **error)
{
    g_auto(GVariantDict) options = G_VARIANT_DICT_INIT(properties);
    g_autoptr(GVariant) map = NULL;

    g_variant_dict_insert_value(&options, "driver", qom_value_new_text(op->qom_new.type));
    if (op->qom_new.id[0] != '\0') {
        g_variant_dict_insert_value(&options, "id", qom_value_new_text(op->qom_new.id));
    }
    map = g_variant_ref_sink(g_variant_dict_end(&options));
    return OBJECT(machine_add_device(d->machine, map, error));
}

static Object *new_object(Dispatch *d, const QsOperation *op, GVariant *properties, GError **error)
{
    if (!object_class_by_name(op->qom_new.type)) {
        qom_error_set(error, "invalid object type: %s", op->qom_new.type);
        return NULL;
    }
    if (op->qom_new.id[0] == '\0') {
        qom_error_set(error, "Parameter 'id' is missing");
        return NULL;
    }
    return user_creatable_add_type(d->machine->root, op->qom_new.type, op->qom_new.id, properties,
                                   error);
}

void dispatch_qom_new(Dispatch *d, const QsOperation *op, QsResult *result)
{
    ObjectClass *klass = object_class_by_name(op->qom_new.type);
    bool is_device = klass && object_class_dynamic_cast(klass, TYPE_DEVICE);
    g_autoptr(GVariant) properties = NULL;
    g_autofree char *path = NULL;
    GError *error = NULL;
    Object *obj;

    if (!check_new_properties(d, op, result)) {
        return;
    }
    properties = g_variant_ref_sink(
        value_map_from_message(op->qom_new.properties, op->qom_new.n_properties));
    obj = is_device ? new_device(d, op, properties, &error) : new_object(d, op, properties, &error);
    if (!obj) {
        reply_fail_error(d->arena, &result->status, error, NULL);
        return;
    }
    path = object_get_canonical_path(obj);
    result->qom_list.path = reply_text(d->arena, path, QS_MAX_STRING_BYTES);
}

/* The name below /objects that @path means; NULL when it means no object there. */
static const char *object_id(Dispatch *d, const char *path)
{
    Object *objects = object_get_objects_root(d->machine->root);

    if (g_str_has_prefix(path, "/objects/")) {
        path += strlen("/objects/");
    }
    if (path[0] == '\0' || strchr(path, '/') || !object_resolve_path_component(objects, path)) {
        return NULL;
    }
    return path;
}

void dispatch_qom_delete(Dispatch *d, const QsOperation *op, QsResult *result)
{
    const char *id = object_id(d, op->qom.path);
    GError *error = NULL;
    bool ok = id ? user_creatable_del(d->machine->root, id, &error)
                 : machine_del_device(d->machine, op->qom.path, &error);

    if (!ok) {
        reply_fail_error(d->arena, &result->status, error, op->qom.path);
    }
}

void dispatch_qom_types(Dispatch *d, const QsOperation *op, QsResult *result)
{
    const char *implements = op->types.type[0] != '\0' ? op->types.type : NULL;
    g_autoptr(GPtrArray) list = qom_list_types(implements, op->types.include_abstract);
    QsType *types = qs_arena_alloc0(d->arena, list->len + 1u, sizeof(*types));

    if (!types) {
        dispatch_out_of_memory(d, result);
        return;
    }
    for (guint i = 0; i < list->len; i++) {
        const QomTypeInfo *info = g_ptr_array_index(list, i);

        types[i].name = reply_text(d->arena, info->name, QS_MAX_STRING_BYTES);
        types[i].parent = reply_text(d->arena, info->parent, QS_MAX_STRING_BYTES);
        types[i].is_abstract = info->is_abstract;
    }
    result->types.types = types;
    result->types.n_types = list->len;
}

void dispatch_qom_type_properties(Dispatch *d, const QsOperation *op, QsResult *result)
{
    GError *error = NULL;
    g_autoptr(GPtrArray) list = qom_list_type_properties(op->types.type, &error);

    if (!list) {
        reply_fail_error(d->arena, &result->status, error, NULL);
        return;
    }
    result->qom_list.path = "";
    fill_properties(d, list, result);
}
