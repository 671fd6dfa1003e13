/* Global properties: defaults that the user gives for every device of a type. */
#include "models/core/qdev_properties.h"

#include <stdio.h>
#include <string.h>

#include "models/core/machine.h"
#include "models/core/qdev_internal.h"
#include "qom/keyval.h"

void qdev_prop_register_global(MachineState *machine, const char *driver, const char *property,
                               const char *value, bool optional)
{
    GlobalProperty *global = g_new0(GlobalProperty, 1);

    global->driver = g_strdup(driver);
    global->property = g_strdup(property);
    global->value = g_strdup(value);
    global->optional = optional;
    g_ptr_array_add(machine->globals, global);
}

void qdev_prop_free_global(void *data)
{
    GlobalProperty *global = data;

    g_free(global->driver);
    g_free(global->property);
    g_free(global->value);
    g_free(global);
}

/* The text of entry @key of @map; NULL with @error set when it is missing. */
static const char *take_text(GVariant *map, const char *key, GError **error)
{
    g_autoptr(GVariant) value = g_variant_lookup_value(map, key, NULL);
    const char *text = NULL;

    if (!value) {
        qom_error_set(error, "Parameter '%s' is missing", key);
    } else {
        /* The text belongs to @map's memory, which outlives @value. */
        qom_value_get_str(value, key, &text, error);
    }
    return text;
}

static bool register_long_form(MachineState *machine, const char *text, GError **error)
{
    g_autoptr(GVariant) map = keyval_parse(text, NULL, NULL, error);
    const char *driver = map ? take_text(map, "driver", error) : NULL;
    const char *property = driver ? take_text(map, "property", error) : NULL;
    const char *value = property ? take_text(map, "value", error) : NULL;

    if (!value) {
        return false;
    }
    qdev_prop_register_global(machine, driver, property, value, false);
    return true;
}

bool qdev_prop_register_global_text(MachineState *machine, const char *text, GError **error)
{
    const char *equals = strchr(text, '=');
    const char *dot = strchr(text, '.');
    g_autofree char *driver = NULL;
    g_autofree char *property = NULL;

    /* A type's name may hold dots, a property's does not: the last one before '=' parts them. */
    for (const char *p = dot; p && equals && p < equals; p = strchr(p + 1, '.')) {
        dot = p;
    }
    if (!equals || !dot || dot > equals) {
        return register_long_form(machine, text, error);
    }
    driver = g_strndup(text, dot - text);
    property = g_strndup(dot + 1, equals - dot - 1);
    qdev_prop_register_global(machine, driver, property, equals + 1, false);
    return true;
}

static bool apply(DeviceState *dev, GlobalProperty *global, GError **error)
{
    GError *cause = NULL;

    if (!object_dynamic_cast(OBJECT(dev), global->driver) ||
        (global->optional && !object_property_find(OBJECT(dev), global->property))) {
        return true;
    }
    global->used = true;
    if (object_property_parse(OBJECT(dev), global->property, global->value, &cause)) {
        return true;
    }
    qom_error_set(error, "can't apply global %s.%s=%s: %s", global->driver, global->property,
                  global->value, cause->message);
    g_error_free(cause);
    return false;
}

bool qdev_prop_set_globals(DeviceState *dev, GError **error)
{
    GPtrArray *globals = dev->machine ? dev->machine->globals : NULL;

    for (unsigned i = 0; globals && i < globals->len; i++) {
        g_autoptr(GError) cause = NULL;

        if (apply(dev, g_ptr_array_index(globals, i), &cause)) {
            continue;
        }
        if (!dev->hotplugged) {
            g_propagate_error(error, g_steal_pointer(&cause));
            return false;
        }
        fprintf(stderr, "warning: %s (it has been ignored)\n", cause->message);
    }
    return true;
}

static char *why_in_vain(const GlobalProperty *global)
{
    ObjectClass *klass =
        object_class_dynamic_cast(object_class_by_name(global->driver), TYPE_DEVICE);

    if (global->used) {
        return NULL;
    }
    if (!klass) {
        return g_strdup_printf("global %s.%s has invalid class name", global->driver,
                               global->property);
    }
    if (DEVICE_CLASS(klass)->hotpluggable) {
        return NULL;
    }
    return g_strdup_printf("global %s.%s=%s not used", global->driver, global->property,
                           global->value);
}

int qdev_prop_check_globals(MachineState *machine, void (*warn)(void *opaque, const char *text),
                            void *opaque)
{
    int any = 0;

    for (unsigned i = 0; i < machine->globals->len; i++) {
        g_autofree char *text = why_in_vain(g_ptr_array_index(machine->globals, i));

        if (text) {
            any = 1;
            if (warn) {
                warn(opaque, text);
            }
        }
    }
    return any;
}
