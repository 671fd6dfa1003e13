/* The plain kinds: bool, str, enum, struct tm, uint8 … uint64. */
#include "qom/property_impl.h"

#include <string.h>

/* Accessors of an instance property are freed with it; those of a class property stay. */
static void release_accessors(Object *obj, const char *name, void *opaque)
{
    (void)obj;
    (void)name;
    g_free(opaque);
}

/* bool */

typedef struct BoolProperty {
    bool (*get)(Object *obj, GError **error);
    bool (*set)(Object *obj, bool value, GError **error);
} BoolProperty;

static GVariant *property_get_bool(Object *obj, const char *name, void *opaque, GError **error)
{
    const BoolProperty *prop = opaque;
    GError *err = NULL;
    bool value = prop->get(obj, &err);

    (void)name;
    if (err) {
        g_propagate_error(error, err);
        return NULL;
    }
    return g_variant_new_boolean(value);
}

static bool property_set_bool(Object *obj, const char *name, void *opaque, GVariant *value,
                              GError **error)
{
    const BoolProperty *prop = opaque;
    bool b;

    return qom_value_get_bool(value, name, &b, error) && prop->set(obj, b, error);
}

static BoolProperty *bool_property_new(bool (*get)(Object *, GError **),
                                       bool (*set)(Object *, bool, GError **))
{
    BoolProperty *prop = g_new0(BoolProperty, 1);

    prop->get = get;
    prop->set = set;
    return prop;
}

ObjectProperty *object_property_add_bool(Object *obj, const char *name,
                                         bool (*get)(Object *obj, GError **error),
                                         bool (*set)(Object *obj, bool value, GError **error))
{
    return object_property_add(obj, name, "bool", get ? property_get_bool : NULL,
                               set ? property_set_bool : NULL, release_accessors,
                               bool_property_new(get, set));
}

ObjectProperty *object_class_property_add_bool(ObjectClass *klass, const char *name,
                                               bool (*get)(Object *obj, GError **error),
                                               bool (*set)(Object *obj, bool value, GError **error))
{
    return object_class_property_add(klass, name, "bool", get ? property_get_bool : NULL,
                                     set ? property_set_bool : NULL, NULL,
                                     bool_property_new(get, set));
}

/* str */

typedef struct StringProperty {
    char *(*get)(Object *obj, GError **error);
    bool (*set)(Object *obj, const char *value, GError **error);
} StringProperty;

static GVariant *property_get_str(Object *obj, const char *name, void *opaque, GError **error)
{
    const StringProperty *prop = opaque;
    GError *err = NULL;
    g_autofree char *value = prop->get(obj, &err);

    (void)name;
    if (err) {
        g_propagate_error(error, err);
        return NULL;
    }
    return qom_value_new_str(value);
}

static bool property_set_str(Object *obj, const char *name, void *opaque, GVariant *value,
                             GError **error)
{
    const StringProperty *prop = opaque;
    const char *text;

    return qom_value_get_str(value, name, &text, error) && prop->set(obj, text, error);
}

static StringProperty *string_property_new(char *(*get)(Object *, GError **),
                                           bool (*set)(Object *, const char *, GError **))
{
    StringProperty *prop = g_new0(StringProperty, 1);

    prop->get = get;
    prop->set = set;
    return prop;
}

ObjectProperty *object_property_add_str(Object *obj, const char *name,
                                        char *(*get)(Object *obj, GError **error),
                                        bool (*set)(Object *obj, const char *value, GError **error))
{
    return object_property_add(obj, name, "string", get ? property_get_str : NULL,
                               set ? property_set_str : NULL, release_accessors,
                               string_property_new(get, set));
}

ObjectProperty *object_class_property_add_str(ObjectClass *klass, const char *name,
                                              char *(*get)(Object *obj, GError **error),
                                              bool (*set)(Object *obj, const char *value,
                                                          GError **error))
{
    return object_class_property_add(klass, name, "string", get ? property_get_str : NULL,
                                     set ? property_set_str : NULL, NULL,
                                     string_property_new(get, set));
}

/* enum */

typedef struct EnumProperty {
    const QEnumLookup *lookup;
    int (*get)(Object *obj, GError **error);
    bool (*set)(Object *obj, int value, GError **error);
} EnumProperty;

static GVariant *property_get_enum(Object *obj, const char *name, void *opaque, GError **error)
{
    const EnumProperty *prop = opaque;
    GError *err = NULL;
    int value = prop->get(obj, &err);
    const char *text;

    if (err) {
        g_propagate_error(error, err);
        return NULL;
    }
    text = qenum_lookup_str(prop->lookup, value);
    if (!text) {
        qom_error_set(error, "Property '%s.%s' has no name for its value %d",
                      object_get_typename(obj), name, value);
        return NULL;
    }
    return qom_value_new_str(text);
}

static bool property_set_enum(Object *obj, const char *name, void *opaque, GVariant *value,
                              GError **error)
{
    const EnumProperty *prop = opaque;
    int number;

    return qom_value_get_enum(value, name, prop->lookup, &number, error) &&
           prop->set(obj, number, error);
}

static EnumProperty *enum_property_new(const QEnumLookup *lookup, int (*get)(Object *, GError **),
                                       bool (*set)(Object *, int, GError **))
{
    EnumProperty *prop = g_new0(EnumProperty, 1);

    prop->lookup = lookup;
    prop->get = get;
    prop->set = set;
    return prop;
}

ObjectProperty *object_property_add_enum(Object *obj, const char *name, const char *type_name,
                                         const QEnumLookup *lookup,
                                         int (*get)(Object *obj, GError **error),
                                         bool (*set)(Object *obj, int value, GError **error))
{
    ObjectProperty *prop = object_property_add(obj, name, type_name, get ? property_get_enum : NULL,
                                               set ? property_set_enum : NULL, release_accessors,
                                               enum_property_new(lookup, get, set));

    prop->lookup = lookup;
    return prop;
}

ObjectProperty *object_class_property_add_enum(ObjectClass *klass, const char *name,
                                               const char *type_name, const QEnumLookup *lookup,
                                               int (*get)(Object *obj, GError **error),
                                               bool (*set)(Object *obj, int value, GError **error))
{
    ObjectProperty *prop = object_class_property_add(
        klass, name, type_name, get ? property_get_enum : NULL, set ? property_set_enum : NULL,
        NULL, enum_property_new(lookup, get, set));

    prop->lookup = lookup;
    return prop;
}

/* struct tm */

typedef struct TMProperty {
    bool (*get)(Object *obj, struct tm *value, GError **error);
} TMProperty;

static GVariant *property_get_tm(Object *obj, const char *name, void *opaque, GError **error)
{
    const TMProperty *prop = opaque;
    GVariantBuilder map;
    struct tm value;

    (void)name;
    memset(&value, 0, sizeof(value));
    if (!prop->get(obj, &value, error)) {
        return NULL;
    }
    g_variant_builder_init(&map, G_VARIANT_TYPE_VARDICT);
    g_variant_builder_add(&map, "{sv}", "tm_year", g_variant_new_int64(value.tm_year));
    g_variant_builder_add(&map, "{sv}", "tm_mon", g_variant_new_int64(value.tm_mon));
    g_variant_builder_add(&map, "{sv}", "tm_mday", g_variant_new_int64(value.tm_mday));
    g_variant_builder_add(&map, "{sv}", "tm_hour", g_variant_new_int64(value.tm_hour));
    g_variant_builder_add(&map, "{sv}", "tm_min", g_variant_new_int64(value.tm_min));
    g_variant_builder_add(&map, "{sv}", "tm_sec", g_variant_new_int64(value.tm_sec));
    return g_variant_builder_end(&map);
}

static TMProperty *tm_property_new(bool (*get)(Object *, struct tm *, GError **))
{
    TMProperty *prop = g_new0(TMProperty, 1);

    prop->get = get;
    return prop;
}

ObjectProperty *object_property_add_tm(Object *obj, const char *name,
                                       bool (*get)(Object *obj, struct tm *value, GError **error))
{
    return object_property_add(obj, name, "struct tm", get ? property_get_tm : NULL, NULL,
                               release_accessors, tm_property_new(get));
}

ObjectProperty *object_class_property_add_tm(ObjectClass *klass, const char *name,
                                             bool (*get)(Object *obj, struct tm *value,
                                                         GError **error))
{
    return object_class_property_add(klass, name, "struct tm", get ? property_get_tm : NULL, NULL,
                                     NULL, tm_property_new(get));
}

/* Numbers in place: one row a width. */

#define DEFINE_UINT_PTR_KIND(bits)                                                                 \
    static GVariant *property_get_uint##bits##_ptr(Object *obj, const char *name, void *opaque,    \
                                                   GError **error)                                 \
    {                                                                                              \
        (void)obj;                                                                                 \
        (void)name;                                                                                \
        (void)error;                                                                               \
        return g_variant_new_uint64(*(const uint##bits##_t *)opaque);                              \
    }                                                                                              \
                                                                                                   \
    static bool property_set_uint##bits##_ptr(Object *obj, const char *name, void *opaque,         \
                                              GVariant *value, GError **error)                     \
    {                                                                                              \
        uint64_t number;                                                                           \
                                                                                                   \
        (void)obj;                                                                                 \
        if (!qom_value_get_uint(value, name, "uint" #bits "_t", UINT##bits##_MAX, &number,         \
                                error)) {                                                          \
            return false;                                                                          \
        }                                                                                          \
        *(uint##bits##_t *)opaque = (uint##bits##_t)number;                                        \
        return true;                                                                               \
    }                                                                                              \
                                                                                                   \
    ObjectProperty *object_property_add_uint##bits##_ptr(                                          \
        Object *obj, const char *name, const uint##bits##_t *v, ObjectPropertyFlags flags)         \
    {                                                                                              \
        return object_property_add(                                                                \
            obj, name, "uint" #bits,                                                               \
            (flags & OBJ_PROP_FLAG_READ) ? property_get_uint##bits##_ptr : NULL,                   \
            (flags & OBJ_PROP_FLAG_WRITE) ? property_set_uint##bits##_ptr : NULL, NULL,            \
            (void *)v);                                                                            \
    }                                                                                              \
                                                                                                   \
    ObjectProperty *object_class_property_add_uint##bits##_ptr(                                    \
        ObjectClass *klass, const char *name, const uint##bits##_t *v, ObjectPropertyFlags flags)  \
    {                                                                                              \
        return object_class_property_add(                                                          \
            klass, name, "uint" #bits,                                                             \
            (flags & OBJ_PROP_FLAG_READ) ? property_get_uint##bits##_ptr : NULL,                   \
            (flags & OBJ_PROP_FLAG_WRITE) ? property_set_uint##bits##_ptr : NULL, NULL,            \
            (void *)v);                                                                            \
    }

DEFINE_UINT_PTR_KIND(8)
DEFINE_UINT_PTR_KIND(16)
DEFINE_UINT_PTR_KIND(32)
DEFINE_UINT_PTR_KIND(64)
