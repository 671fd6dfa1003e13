/*
 * Device properties by table: a row says the name, the kind, the field of the instance that holds the value, and the
 * default. Values are set before realize, and locked from then on.
 *
 *     static const Property sifive_gpio_properties[] = {
 *         DEFINE_PROP_UINT32("ngpio", SiFiveGPIOState, ngpio, 32),
 *         DEFINE_PROP_END_OF_LIST(),
 *     };
 */
#ifndef QOSIM_MODELS_CORE_QDEV_PROPERTIES_H
#define QOSIM_MODELS_CORE_QDEV_PROPERTIES_H

#include <stddef.h>
#include <stdint.h>

#include "models/core/qdev.h"
#include "qom/value.h"

typedef enum OnOffAuto {
    ON_OFF_AUTO_AUTO,
    ON_OFF_AUTO_ON,
    ON_OFF_AUTO_OFF,
} OnOffAuto;

extern const QEnumLookup on_off_auto_lookup;

/*
 * One kind of property. @field is where the value lives, in the instance or (array elements) in memory of its own; @name is
 * the property's full name, for error messages.
 */
typedef struct PropertyInfo {
    const char *type; /* the property's type string */
    const char *description;
    const QEnumLookup *enum_table;
    GVariant *(*get)(const Property *prop, const void *field);
    bool (*set)(Object *obj, const Property *prop, const char *name, void *field, GVariant *value,
                GError **error);
    /* Declares the row's default; NULL: the kind has none. */
    void (*set_default)(ObjectProperty *op, const Property *prop);
    /* Frees what the field holds; may be NULL. */
    void (*release)(const Property *prop, void *field);
    /* Creates the class property in place of get and set; for links. */
    ObjectProperty *(*create)(ObjectClass *klass, const Property *prop);
    const char *c_type; /* numbers: the type that errors name */
    unsigned size;      /* numbers: bytes of the field */
} PropertyInfo;

struct Property {
    const char *name; /* NULL ends a table */
    const PropertyInfo *info;
    size_t offset;
    uint8_t bit;
    bool set_default;
    uint64_t default_value;     /* signed kinds: its two's complement */
    const char *default_string; /* strings */
    const char *link_type;      /* links: the type of the target */
    size_t
        array_offset; /* arrays: where the pointer to the elements lives; offset is the length's */
    size_t array_element_size;
    const PropertyInfo *array_info;
};

extern const PropertyInfo qdev_prop_bit;
extern const PropertyInfo qdev_prop_bit64;
extern const PropertyInfo qdev_prop_bool;
extern const PropertyInfo qdev_prop_uint8;
extern const PropertyInfo qdev_prop_uint16;
extern const PropertyInfo qdev_prop_uint32;
extern const PropertyInfo qdev_prop_uint64;
extern const PropertyInfo qdev_prop_int32;
extern const PropertyInfo qdev_prop_int64;
extern const PropertyInfo qdev_prop_string;
extern const PropertyInfo qdev_prop_size;
extern const PropertyInfo qdev_prop_size32;
extern const PropertyInfo qdev_prop_on_off_auto;
extern const PropertyInfo qdev_prop_link;
extern const PropertyInfo qdev_prop_arraylen;

/*
 * For a device's own enumeration, a PropertyInfo with an enum_table: get, set and set_default of a field that is an enum or an
 * int. The default is the value's number.
 */
GVariant *qdev_prop_get_enum(const Property *prop, const void *field);
bool qdev_prop_set_enum(Object *obj, const Property *prop, const char *name, void *field,
                        GVariant *value, GError **error);
void qdev_prop_set_default_enum(ObjectProperty *op, const Property *prop);

#define PROP_ARRAY_LEN_PREFIX "len-"
#define PROP_ARRAY_MAX_LEN 1024

/* The field's offset, checked to have type @type. */
#define QDEV_PROP_OFFSET(state, field, type)                                                       \
    (offsetof(state, field) + 0 * sizeof((type *)0 == &((state *)0)->field))

#define DEFINE_PROP(prop_name, state, field, property_info, type, ...)                             \
    {                                                                                              \
        .name = (prop_name), .info = &(property_info),                                             \
        .offset = QDEV_PROP_OFFSET(state, field, type), __VA_ARGS__                                \
    }

#define DEFINE_PROP_WITH_DEFAULT(prop_name, state, field, property_info, type, def)                \
    DEFINE_PROP(prop_name, state, field, property_info, type, .set_default = true,                 \
                .default_value = (uint64_t)(def))

/* One bit of a uint32_t (uint64_t), on or off. */
#define DEFINE_PROP_BIT(name, state, field, bit_number, def)                                       \
    DEFINE_PROP(name, state, field, qdev_prop_bit, uint32_t, .bit = (bit_number),                  \
                .set_default = true, .default_value = (def))
#define DEFINE_PROP_BIT64(name, state, field, bit_number, def)                                     \
    DEFINE_PROP(name, state, field, qdev_prop_bit64, uint64_t, .bit = (bit_number),                \
                .set_default = true, .default_value = (def))
#define DEFINE_PROP_BOOL(name, state, field, def)                                                  \
    DEFINE_PROP_WITH_DEFAULT(name, state, field, qdev_prop_bool, bool, def)
#define DEFINE_PROP_UINT8(name, state, field, def)                                                 \
    DEFINE_PROP_WITH_DEFAULT(name, state, field, qdev_prop_uint8, uint8_t, def)
#define DEFINE_PROP_UINT16(name, state, field, def)                                                \
    DEFINE_PROP_WITH_DEFAULT(name, state, field, qdev_prop_uint16, uint16_t, def)
#define DEFINE_PROP_UINT32(name, state, field, def)                                                \
    DEFINE_PROP_WITH_DEFAULT(name, state, field, qdev_prop_uint32, uint32_t, def)
#define DEFINE_PROP_UINT64(name, state, field, def)                                                \
    DEFINE_PROP_WITH_DEFAULT(name, state, field, qdev_prop_uint64, uint64_t, def)
#define DEFINE_PROP_INT32(name, state, field, def)                                                 \
    DEFINE_PROP_WITH_DEFAULT(name, state, field, qdev_prop_int32, int32_t, def)
#define DEFINE_PROP_INT64(name, state, field, def)                                                 \
    DEFINE_PROP_WITH_DEFAULT(name, state, field, qdev_prop_int64, int64_t, def)
/* Bytes, with the suffixes K, M, G, … on the command line. */
#define DEFINE_PROP_SIZE(name, state, field, def)                                                  \
    DEFINE_PROP_WITH_DEFAULT(name, state, field, qdev_prop_size, uint64_t, def)
#define DEFINE_PROP_SIZE32(name, state, field, def)                                                \
    DEFINE_PROP_WITH_DEFAULT(name, state, field, qdev_prop_size32, uint32_t, def)
#define DEFINE_PROP_ON_OFF_AUTO(name, state, field, def)                                           \
    DEFINE_PROP_WITH_DEFAULT(name, state, field, qdev_prop_on_off_auto, OnOffAuto, def)
/* A char * that the property owns; NULL reads "". */
#define DEFINE_PROP_STRING(name, state, field)                                                     \
    DEFINE_PROP(name, state, field, qdev_prop_string, char *)
/* A pointer to an object of type @target; a reference is held. */
#define DEFINE_PROP_LINK(name, state, field, target, pointer_type)                                 \
    DEFINE_PROP(name, state, field, qdev_prop_link, pointer_type, .link_type = (target))
/*
 * An array of elements of kind @element_info: the property "len-NAME" is set first (once) and makes the elements, all
 * zero, as properties "NAME[0]" and on; there may be PROP_ARRAY_MAX_LEN of them. @field (uint32_t) is the length, @array_field points to the elements.
 */
#define DEFINE_PROP_ARRAY(name, state, field, array_field, element_info, element_type)             \
    DEFINE_PROP(PROP_ARRAY_LEN_PREFIX name, state, field, qdev_prop_arraylen, uint32_t,            \
                .array_offset = QDEV_PROP_OFFSET(state, array_field, element_type *),              \
                .array_element_size = sizeof(element_type), .array_info = &(element_info))
#define DEFINE_PROP_END_OF_LIST()                                                                  \
    {                                                                                              \
    }

/* The field of @prop in @obj. */
void *object_field_prop_ptr(Object *obj, const Property *prop);

/* Typed setters for board code, before realize; a failure is a programming error and aborts. */
void qdev_prop_set_bit(DeviceState *dev, const char *name, bool value);
void qdev_prop_set_uint8(DeviceState *dev, const char *name, uint8_t value);
void qdev_prop_set_uint16(DeviceState *dev, const char *name, uint16_t value);
void qdev_prop_set_uint32(DeviceState *dev, const char *name, uint32_t value);
void qdev_prop_set_uint64(DeviceState *dev, const char *name, uint64_t value);
void qdev_prop_set_string(DeviceState *dev, const char *name, const char *value);

/*
 * --- Globals: -global driver.property=value ---
 *
 * A machine's list holds them in order of registration; each device that is made for the machine gets those whose
 * driver is its type or a parent type, in that order, so that the last one wins.
 */
typedef struct GlobalProperty {
    char *driver;
    char *property;
    char *value;
    bool optional; /* silently without effect on a device that lacks the property */
    bool used;     /* a device got it */
} GlobalProperty;

/* Files a global of @machine; strings are copied. */
void qdev_prop_register_global(MachineState *machine, const char *driver, const char *property,
                               const char *value, bool optional);

/*
 * Parses "driver.property=value" (or "driver=D,property=P,value=V", as on QEMU's command line) and files it.
 */
bool qdev_prop_register_global_text(MachineState *machine, const char *text, GError **error);

/*
 * Tells @warn (may be NULL) of each global that cannot have had its effect, and returns 1 when there were such, else 0.
 * Types that can be hot-plugged do not count, since such a device may still come.
 */
int qdev_prop_check_globals(MachineState *machine, void (*warn)(void *opaque, const char *text),
                            void *opaque);

/*
 * Applies the machine's globals to @dev; devices do this by themselves when they are made. At the first one that does not
 * fit it stops and fails, but on a hot-plugged device it warns on standard error and goes on.
 */
bool qdev_prop_set_globals(DeviceState *dev, GError **error);

#endif
