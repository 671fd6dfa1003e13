/* Reading and writing properties as C values, as text, and as help. */
#include <string.h>

#include "qom/json.h"
#include "qom/property_impl.h"

bool object_property_parse(Object *obj, const char *name, const char *text, GError **error)
{
    return object_property_set(obj, name, qom_value_new_text(text), error);
}

char *object_property_print(Object *obj, const char *name, bool human, GError **error)
{
    g_autoptr(GVariant) value = object_property_get(obj, name, error);
    g_autofree char *plain = NULL;

    if (!value) {
        return NULL;
    }
    plain = qom_value_print(value);
    if (human && g_variant_is_of_type(value, G_VARIANT_TYPE_STRING)) {
        return g_strdup_printf("\"%s\"", plain);
    }
    if (human && g_variant_is_of_type(value, G_VARIANT_TYPE_UINT64)) {
        return g_strdup_printf("%s (0x%" G_GINT64_MODIFIER "x)", plain,
                               g_variant_get_uint64(value));
    }
    if (human && g_variant_is_of_type(value, G_VARIANT_TYPE_INT64)) {
        return g_strdup_printf("%s (0x%" G_GINT64_MODIFIER "x)", plain,
                               (guint64)g_variant_get_int64(value));
    }
    return g_steal_pointer(&plain);
}

bool object_property_set_str(Object *obj, const char *name, const char *value, GError **error)
{
    return object_property_set(obj, name, qom_value_new_str(value), error);
}

bool object_property_set_bool(Object *obj, const char *name, bool value, GError **error)
{
    return object_property_set(obj, name, g_variant_new_boolean(value), error);
}

bool object_property_set_int(Object *obj, const char *name, int64_t value, GError **error)
{
    return object_property_set(obj, name, g_variant_new_int64(value), error);
}

bool object_property_set_uint(Object *obj, const char *name, uint64_t value, GError **error)
{
    return object_property_set(obj, name, g_variant_new_uint64(value), error);
}

char *object_property_get_str(Object *obj, const char *name, GError **error)
{
    g_autoptr(GVariant) value = object_property_get(obj, name, error);
    const char *text;

    if (!value || !qom_value_get_str(value, name, &text, error)) {
        return NULL;
    }
    return g_strdup(text);
}

bool object_property_get_bool(Object *obj, const char *name, GError **error)
{
    g_autoptr(GVariant) value = object_property_get(obj, name, error);
    bool result = false;

    return value && qom_value_get_bool(value, name, &result, error) && result;
}

int64_t object_property_get_int(Object *obj, const char *name, GError **error)
{
    g_autoptr(GVariant) value = object_property_get(obj, name, error);
    int64_t result = -1;

    if (value) {
        qom_value_get_int(value, name, "int64_t", INT64_MIN, INT64_MAX, &result, error);
    }
    return result;
}

uint64_t object_property_get_uint(Object *obj, const char *name, GError **error)
{
    g_autoptr(GVariant) value = object_property_get(obj, name, error);
    uint64_t result = 0;

    if (value) {
        qom_value_get_uint(value, name, "uint64_t", UINT64_MAX, &result, error);
    }
    return result;
}

/* The property when it is an enumeration called @type_name. */
static ObjectProperty *find_enum(Object *obj, const char *name, const char *type_name,
                                 GError **error)
{
    ObjectProperty *prop = object_property_find_err(obj, name, error);

    if (prop && (!prop->lookup || !g_str_equal(prop->type, type_name))) {
        qom_error_set(error, "Property %s on %s is not '%s' enum type", name,
                      object_get_typename(obj), type_name);
        return NULL;
    }
    return prop;
}

int object_property_get_enum(Object *obj, const char *name, const char *type_name, GError **error)
{
    ObjectProperty *prop = find_enum(obj, name, type_name, error);
    g_autoptr(GVariant) value = prop ? object_property_get(obj, name, error) : NULL;
    int result = -1;

    if (value) {
        qom_value_get_enum(value, name, prop->lookup, &result, error);
    }
    return result;
}

bool object_property_set_enum(Object *obj, const char *name, const char *type_name, int value,
                              GError **error)
{
    ObjectProperty *prop = find_enum(obj, name, type_name, error);
    const char *text;

    if (!prop) {
        return false;
    }
    text = qenum_lookup_str(prop->lookup, value);
    if (!text) {
        return qom_error_set(error, "Parameter '%s' does not accept value '%d'", name, value);
    }
    return object_property_set_str(obj, name, text, error);
}

Object *object_property_get_link(Object *obj, const char *name, GError **error)
{
    ObjectProperty *prop = object_property_find_err(obj, name, error);
    g_autofree char *path = NULL;
    Object *target;

    if (!prop) {
        return NULL;
    }
    if (prop->resolve) {
        return prop->resolve(obj, prop->opaque, name);
    }
    path = object_property_get_str(obj, name, error);
    if (!path || !*path) {
        return NULL;
    }
    target = object_resolve_path(obj, path, NULL);
    if (!target) {
        qom_error_set_not_found(error, path);
    }
    return target;
}

bool object_property_set_link(Object *obj, const char *name, Object *value, GError **error)
{
    ObjectProperty *prop = object_property_find_err(obj, name, error);
    Object *owner = obj;
    ObjectProperty *target;
    g_autofree char *path = NULL;

    if (!prop) {
        return false;
    }
    target = object_property_follow_alias(&owner, prop);
    if (target && target->set && object_property_is_link(target)) {
        return object_property_store_link(owner, target, value, error);
    }
    path = value ? object_get_canonical_path(value) : g_strdup("");
    if (!path) {
        return qom_error_set(error,
                             "An object of type '%s' without a path cannot be the value of '%s'",
                             object_get_typename(value), name);
    }
    return object_property_set_str(obj, name, path, error);
}

char *object_property_help(const char *name, const char *type, GVariant *defval,
                           const char *description)
{
    GString *line = g_string_new(NULL);

    g_string_append_printf(line, "  %s=<%s>", name, type);
    if (description || defval) {
        /* Descriptions line up where names are short. */
        while (line->len < 24) {
            g_string_append_c(line, ' ');
        }
        g_string_append_printf(line, " - %s", description ? description : "");
    }
    if (defval) {
        g_autofree char *shown = qom_json_print(defval);

        g_string_append_printf(line, " (default: %s)", shown);
    }
    return g_string_free(line, FALSE);
}
