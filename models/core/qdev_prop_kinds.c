/* The kinds of device properties. */
#include "models/core/qdev_properties.h"

#include <string.h>

#include "models/core/qdev_internal.h"

/* --- Numbers, of any width --- */

static uint64_t load(const void *field, unsigned size)
{
    switch (size) {
    case 1:
        return *(const uint8_t *)field;
    case 2:
        return *(const uint16_t *)field;
    case 4:
        return *(const uint32_t *)field;
    default:
        return *(const uint64_t *)field;
    }
}

static void store(void *field, unsigned size, uint64_t value)
{
    switch (size) {
    case 1:
        *(uint8_t *)field = (uint8_t)value;
        break;
    case 2:
        *(uint16_t *)field = (uint16_t)value;
        break;
    case 4:
        *(uint32_t *)field = (uint32_t)value;
        break;
    default:
        *(uint64_t *)field = value;
        break;
    }
}

/* The largest unsigned number of @size bytes. */
static uint64_t max_of(unsigned size)
{
    return UINT64_MAX >> (64 - 8 * size);
}

static GVariant *get_uint(const Property *prop, const void *field)
{
    return g_variant_new_uint64(load(field, prop->info->size));
}

static bool set_uint(Object *obj, const Property *prop, const char *name, void *field,
                     GVariant *value, GError **error)
{
    const PropertyInfo *info = prop->info;
    uint64_t number;

    (void)obj;
    if (!qom_value_get_uint(value, name, info->c_type, max_of(info->size), &number, error)) {
        return false;
    }
    store(field, info->size, number);
    return true;
}

static void set_default_uint(ObjectProperty *op, const Property *prop)
{
    object_property_set_default_uint(op, prop->default_value);
}

static GVariant *get_int(const Property *prop, const void *field)
{
    if (prop->info->size == sizeof(int32_t)) {
        return g_variant_new_int64(*(const int32_t *)field);
    }
    return g_variant_new_int64(*(const int64_t *)field);
}

static bool set_int(Object *obj, const Property *prop, const char *name, void *field,
                    GVariant *value, GError **error)
{
    const PropertyInfo *info = prop->info;
    int64_t max = (int64_t)(max_of(info->size) >> 1);
    int64_t number;

    (void)obj;
    if (!qom_value_get_int(value, name, info->c_type, -max - 1, max, &number, error)) {
        return false;
    }
    store(field, info->size, (uint64_t)number);
    return true;
}

static void set_default_int(ObjectProperty *op, const Property *prop)
{
    object_property_set_default_int(op, (int64_t)prop->default_value);
}

static bool set_size(Object *obj, const Property *prop, const char *name, void *field,
                     GVariant *value, GError **error)
{
    const PropertyInfo *info = prop->info;
    uint64_t bytes;

    if (!qom_value_get_size(value, name, &bytes, error)) {
        return false;
    }
    if (bytes > max_of(info->size)) {
        return qom_error_set(
            error, "Property %s.%s doesn't take value %" G_GUINT64_FORMAT " (maximum: %u)",
            object_get_typename(obj), name, bytes, UINT32_MAX);
    }
    store(field, info->size, bytes);
    return true;
}

#define UINT_KIND(bits)                                                                            \
    const PropertyInfo qdev_prop_uint##bits = {                                                    \
        .type = "uint" #bits,                                                                      \
        .get = get_uint,                                                                           \
        .set = set_uint,                                                                           \
        .set_default = set_default_uint,                                                           \
        .c_type = "uint" #bits "_t",                                                               \
        .size = (bits) / 8,                                                                        \
    }

UINT_KIND(8);
UINT_KIND(16);
UINT_KIND(32);
UINT_KIND(64);

#define INT_KIND(bits)                                                                             \
    const PropertyInfo qdev_prop_int##bits = {                                                     \
        .type = "int" #bits,                                                                       \
        .get = get_int,                                                                            \
        .set = set_int,                                                                            \
        .set_default = set_default_int,                                                            \
        .c_type = "int" #bits "_t",                                                                \
        .size = (bits) / 8,                                                                        \
    }

INT_KIND(32);
INT_KIND(64);

const PropertyInfo qdev_prop_size = {
    .type = "size",
    .get = get_uint,
    .set = set_size,
    .set_default = set_default_uint,
    .size = sizeof(uint64_t),
};

const PropertyInfo qdev_prop_size32 = {
    .type = "size",
    .get = get_uint,
    .set = set_size,
    .set_default = set_default_uint,
    .size = sizeof(uint32_t),
};

/* --- Truth values --- */

static void set_default_bool(ObjectProperty *op, const Property *prop)
{
    object_property_set_default_bool(op, prop->default_value);
}

static GVariant *get_bool(const Property *prop, const void *field)
{
    (void)prop;
    return g_variant_new_boolean(*(const bool *)field);
}

static bool set_bool(Object *obj, const Property *prop, const char *name, void *field,
                     GVariant *value, GError **error)
{
    (void)obj, (void)prop;
    return qom_value_get_bool(value, name, field, error);
}

const PropertyInfo qdev_prop_bool = {
    .type = "bool",
    .get = get_bool,
    .set = set_bool,
    .set_default = set_default_bool,
};

static GVariant *get_bit(const Property *prop, const void *field)
{
    return g_variant_new_boolean((load(field, prop->info->size) >> prop->bit) & 1);
}

static bool set_bit(Object *obj, const Property *prop, const char *name, void *field,
                    GVariant *value, GError **error)
{
    unsigned size = prop->info->size;
    uint64_t mask = UINT64_C(1) << prop->bit;
    uint64_t word = load(field, size);
    bool on;

    (void)obj;
    if (!qom_value_get_bool(value, name, &on, error)) {
        return false;
    }
    store(field, size, on ? word | mask : word & ~mask);
    return true;
}

const PropertyInfo qdev_prop_bit = {
    .type = "bool",
    .description = "on/off",
    .get = get_bit,
    .set = set_bit,
    .set_default = set_default_bool,
    .size = sizeof(uint32_t),
};

const PropertyInfo qdev_prop_bit64 = {
    .type = "bool",
    .description = "on/off",
    .get = get_bit,
    .set = set_bit,
    .set_default = set_default_bool,
    .size = sizeof(uint64_t),
};

/* --- Strings and enumerations --- */

static GVariant *get_string(const Property *prop, const void *field)
{
    (void)prop;
    return qom_value_new_str(*(char *const *)field);
}

static bool set_string(Object *obj, const Property *prop, const char *name, void *field,
                       GVariant *value, GError **error)
{
    char **string = field;
    const char *text;

    (void)obj, (void)prop;
    if (!qom_value_get_str(value, name, &text, error)) {
        return false;
    }
    g_free(*string);
    *string = g_strdup(text);
    return true;
}

static void release_string(const Property *prop, void *field)
{
    (void)prop;
    g_clear_pointer((char **)field, g_free);
}

const PropertyInfo qdev_prop_string = {
    .type = "str",
    .get = get_string,
    .set = set_string,
    .release = release_string,
};

const QEnumLookup on_off_auto_lookup = {
    .array =
        (const char *const[]){
            [ON_OFF_AUTO_AUTO] = "auto",
            [ON_OFF_AUTO_ON] = "on",
            [ON_OFF_AUTO_OFF] = "off",
        },
    .size = 3,
};

GVariant *qdev_prop_get_enum(const Property *prop, const void *field)
{
    return qom_value_new_str(qenum_lookup_str(prop->info->enum_table, *(const int *)field));
}

bool qdev_prop_set_enum(Object *obj, const Property *prop, const char *name, void *field,
                        GVariant *value, GError **error)
{
    (void)obj;
    return qom_value_get_enum(value, name, prop->info->enum_table, field, error);
}

void qdev_prop_set_default_enum(ObjectProperty *op, const Property *prop)
{
    object_property_set_default_str(
        op, qenum_lookup_str(prop->info->enum_table, (int)prop->default_value));
}

const PropertyInfo qdev_prop_on_off_auto = {
    .type = "OnOffAuto",
    .description = "on/off/auto",
    .enum_table = &on_off_auto_lookup,
    .get = qdev_prop_get_enum,
    .set = qdev_prop_set_enum,
    .set_default = qdev_prop_set_default_enum,
};

/* --- Links --- */

static bool allow_link_before_realize(const Object *obj, const char *name, Object *target,
                                      GError **error)
{
    (void)target;
    return qdev_prop_check_unlocked(obj, name, error);
}

static ObjectProperty *create_link(ObjectClass *klass, const Property *prop)
{
    return object_class_property_add_link(klass, prop->name, prop->link_type,
                                          (ptrdiff_t)prop->offset, allow_link_before_realize,
                                          OBJ_PROP_LINK_STRONG);
}

const PropertyInfo qdev_prop_link = {
    .type = "link",
    .create = create_link,
};
