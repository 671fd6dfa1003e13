/* Device properties: from table rows to class properties, the lock at realize, arrays. Kinds are in qdev_prop_kinds.c. */
#include "models/core/qdev_properties.h"

#include <string.h>

#include "models/core/qdev_internal.h"

void *object_field_prop_ptr(Object *obj, const Property *prop)
{
    return (char *)obj + prop->offset;
}

bool qdev_prop_check_unlocked(const Object *obj, const char *name, GError **error)
{
    const DeviceState *dev = DEVICE(obj);
    const char *type = object_get_typename(obj);

    if (!dev->realized) {
        return true;
    }
    if (dev->id) {
        return qom_error_set(
            error, "Attempt to set property '%s' on device '%s' (type '%s') after it was realized",
            name, dev->id, type);
    }
    return qom_error_set(
        error, "Attempt to set property '%s' on anonymous device (type '%s') after it was realized",
        name, type);
}

static GVariant *get_property(Object *obj, const char *name, void *opaque, GError **error)
{
    const Property *prop = opaque;

    (void)name, (void)error;
    return prop->info->get(prop, object_field_prop_ptr(obj, prop));
}

static bool set_property(Object *obj, const char *name, void *opaque, GVariant *value,
                         GError **error)
{
    const Property *prop = opaque;

    return qdev_prop_check_unlocked(obj, name, error) &&
           prop->info->set(obj, prop, name, object_field_prop_ptr(obj, prop), value, error);
}

static void release_property(Object *obj, const char *name, void *opaque)
{
    const Property *prop = opaque;

    (void)name;
    prop->info->release(prop, object_field_prop_ptr(obj, prop));
}

static void add_class_property(ObjectClass *klass, const Property *prop)
{
    const PropertyInfo *info = prop->info;
    ObjectProperty *op;

    if (info->create) {
        op = info->create(klass, prop);
    } else {
        op = object_class_property_add(klass, prop->name, info->type, get_property, set_property,
                                       info->release ? release_property : NULL, (void *)prop);
    }
    op->lookup = info->enum_table;
    if (info->description) {
        object_class_property_set_description(klass, prop->name, info->description);
    }
    if (prop->set_default) {
        info->set_default(op, prop);
    }
}

void device_class_set_props(DeviceClass *dc, const Property *props)
{
    dc->props = props;
    for (const Property *prop = props; prop->name; prop++) {
        add_class_property(OBJECT_CLASS(dc), prop);
    }
}

/* --- Arrays --- */

typedef struct ArrayElement {
    Property prop;
    void *field;
} ArrayElement;

static GVariant *get_element(Object *obj, const char *name, void *opaque, GError **error)
{
    const ArrayElement *element = opaque;

    (void)obj, (void)name, (void)error;
    return element->prop.info->get(&element->prop, element->field);
}

static bool set_element(Object *obj, const char *name, void *opaque, GVariant *value,
                        GError **error)
{
    const ArrayElement *element = opaque;

    return qdev_prop_check_unlocked(obj, name, error) &&
           element->prop.info->set(obj, &element->prop, name, element->field, value, error);
}

static void release_element(Object *obj, const char *name, void *opaque)
{
    ArrayElement *element = opaque;

    (void)obj, (void)name;
    if (element->prop.info->release) {
        element->prop.info->release(&element->prop, element->field);
    }
    g_free(element);
}

static bool add_element(Object *obj, const Property *array, uint32_t index, void *field,
                        GError **error)
{
    ArrayElement *element = g_new0(ArrayElement, 1);
    const char *base = array->name + strlen(PROP_ARRAY_LEN_PREFIX);
    g_autofree char *name = g_strdup_printf("%s[%u]", base, index);
    ObjectProperty *op;

    element->prop.info = array->array_info;
    element->field = field;
    op = object_property_try_add(obj, name, array->array_info->type, get_element, set_element,
                                 release_element, element, error);
    if (!op) {
        g_free(element);
        return false;
    }
    op->lookup = array->array_info->enum_table;
    return true;
}

static bool set_array_len(Object *obj, const Property *prop, const char *name, void *field,
                          GVariant *value, GError **error)
{
    uint32_t *len = field;
    void **elements = (void **)(void *)((char *)obj + prop->array_offset);
    uint64_t wanted;

    if (*len) {
        return qom_error_set(error, "array size property %s may not be set more than once", name);
    }
    if (!qom_value_get_uint(value, name, "uint32_t", UINT32_MAX, &wanted, error)) {
        return false;
    }
    if (wanted > PROP_ARRAY_MAX_LEN) {
        return qom_error_set(error, "Parameter '%s' expects at most %u elements", name,
                             PROP_ARRAY_MAX_LEN);
    }
    *len = (uint32_t)wanted;
    *elements = g_malloc0_n(wanted, prop->array_element_size);
    for (uint32_t i = 0; i < wanted; i++) {
        if (!add_element(obj, prop, i, (char *)*elements + i * prop->array_element_size, error)) {
            return false;
        }
    }
    return true;
}

static GVariant *get_array_len(const Property *prop, const void *field)
{
    (void)prop;
    return g_variant_new_uint64(*(const uint32_t *)field);
}

/* The elements have been released by now: they are properties of the instance, which go first. */
static void release_array(const Property *prop, void *field)
{
    void **elements = (void **)(void *)((char *)field - prop->offset + prop->array_offset);

    g_clear_pointer(elements, g_free);
}

const PropertyInfo qdev_prop_arraylen = {
    .type = "uint32",
    .description = "Number of elements",
    .get = get_array_len,
    .set = set_array_len,
    .release = release_array,
};

/* --- Typed setters --- */

static void must(bool succeeded, GError *error)
{
    if (!succeeded) {
        qom_error_abort(error);
    }
}

void qdev_prop_set_bit(DeviceState *dev, const char *name, bool value)
{
    GError *error = NULL;
    bool succeeded = object_property_set_bool(OBJECT(dev), name, value, &error);

    must(succeeded, error);
}

void qdev_prop_set_uint8(DeviceState *dev, const char *name, uint8_t value)
{
    qdev_prop_set_uint64(dev, name, value);
}

void qdev_prop_set_uint16(DeviceState *dev, const char *name, uint16_t value)
{
    qdev_prop_set_uint64(dev, name, value);
}

void qdev_prop_set_uint32(DeviceState *dev, const char *name, uint32_t value)
{
    qdev_prop_set_uint64(dev, name, value);
}

void qdev_prop_set_uint64(DeviceState *dev, const char *name, uint64_t value)
{
    GError *error = NULL;
    bool succeeded = object_property_set_uint(OBJECT(dev), name, value, &error);

    must(succeeded, error);
}

void qdev_prop_set_string(DeviceState *dev, const char *name, const char *value)
{
    GError *error = NULL;
    bool succeeded = object_property_set_str(OBJECT(dev), name, value, &error);

    must(succeeded, error);
}
