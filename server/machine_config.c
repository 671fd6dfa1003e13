#include "server/machine_config.h"

#include <string.h>

#include "models/chardev/chardev.h"
#include "models/core/qdev_properties.h"
#include "qom/error.h"
#include "qom/user_creatable.h"
#include "qom/value.h"
#include "server/chardevs.h"
#include "server/suggest.h"

/* One device, object or global, or one set of machine properties. */
typedef struct ConfigItem {
    char *origin;
    GVariant *options; /* NULL for a global */
    char *driver;      /* of a global given in parts */
    char *property;
    char *value; /* of a global in parts, or the whole text of another global */
} ConfigItem;

struct MachineConfig {
    char *type;
    GPtrArray *machine; /* of ConfigItem, as are the others */
    GPtrArray *devices;
    GPtrArray *objects;
    GPtrArray *chardevs;
    GPtrArray *globals;
    bool may_wait;
};

static void config_item_free(void *data)
{
    ConfigItem *item = data;

    g_free(item->origin);
    g_clear_pointer(&item->options, g_variant_unref);
    g_free(item->driver);
    g_free(item->property);
    g_free(item->value);
    g_free(item);
}

MachineConfig *machine_config_new(void)
{
    MachineConfig *config = g_new0(MachineConfig, 1);

    config->machine = g_ptr_array_new_with_free_func(config_item_free);
    config->devices = g_ptr_array_new_with_free_func(config_item_free);
    config->objects = g_ptr_array_new_with_free_func(config_item_free);
    config->chardevs = g_ptr_array_new_with_free_func(config_item_free);
    config->globals = g_ptr_array_new_with_free_func(config_item_free);
    return config;
}

void machine_config_free(MachineConfig *config)
{
    if (!config) {
        return;
    }
    g_free(config->type);
    g_ptr_array_unref(config->machine);
    g_ptr_array_unref(config->devices);
    g_ptr_array_unref(config->objects);
    g_ptr_array_unref(config->chardevs);
    g_ptr_array_unref(config->globals);
    g_free(config);
}

const char *machine_config_type(const MachineConfig *config)
{
    return config->type;
}

static ConfigItem *add_item(GPtrArray *list, const char *origin, GVariant *options)
{
    ConfigItem *item = g_new0(ConfigItem, 1);

    item->origin = g_strdup(origin);
    item->options = options ? g_variant_ref(options) : NULL;
    g_ptr_array_add(list, item);
    return item;
}

void machine_config_set_machine(MachineConfig *config, const char *origin, GVariant *properties)
{
    g_autoptr(GVariant) type = g_variant_lookup_value(properties, "type", NULL);

    if (type) {
        g_free(config->type);
        config->type = qom_value_print(type);
    }
    add_item(config->machine, origin, properties);
}

bool machine_config_sets(const MachineConfig *config, const char *name)
{
    for (guint i = 0; i < config->machine->len; i++) {
        const ConfigItem *item = g_ptr_array_index(config->machine, i);
        g_autoptr(GVariant) value = g_variant_lookup_value(item->options, name, NULL);

        if (value) {
            return true;
        }
    }
    return false;
}

void machine_config_add_device(MachineConfig *config, const char *origin, GVariant *options)
{
    add_item(config->devices, origin, options);
}

void machine_config_add_object(MachineConfig *config, const char *origin, GVariant *options)
{
    add_item(config->objects, origin, options);
}

void machine_config_add_chardev(MachineConfig *config, const char *origin, GVariant *options)
{
    add_item(config->chardevs, origin, options);
}

void machine_config_set_may_wait(MachineConfig *config, bool may_wait)
{
    config->may_wait = may_wait;
}

char *machine_config_reach(const MachineConfig *config)
{
    char *reach = NULL;

    for (guint i = 0; i < config->chardevs->len; i++) {
        const ConfigItem *item = g_ptr_array_index(config->chardevs, i);

        if (!chardevs_is_internal(item->options, &reach)) {
            break;
        }
    }
    return reach;
}

void machine_config_add_global(MachineConfig *config, const char *origin, const char *driver,
                               const char *property, const char *value)
{
    ConfigItem *item = add_item(config->globals, origin, NULL);

    item->driver = g_strdup(driver);
    item->property = g_strdup(property);
    item->value = g_strdup(value);
}

void machine_config_add_global_text(MachineConfig *config, const char *origin, const char *text)
{
    add_item(config->globals, origin, NULL)->value = g_strdup(text);
}

static bool apply_global(MachineState *machine, const ConfigItem *item, GError **error)
{
    if (!item->driver) {
        return qdev_prop_register_global_text(machine, item->value, error);
    }
    qdev_prop_register_global(machine, item->driver, item->property, item->value, false);
    return true;
}

static bool apply_machine_properties(MachineState *machine, const ConfigItem *item, GError **error)
{
    GVariantIter iter;
    const char *name;
    GVariant *value;

    g_variant_iter_init(&iter, item->options);
    while (g_variant_iter_next(&iter, "{&sv}", &name, &value)) {
        bool ok =
            g_str_equal(name, "type") || object_property_set(OBJECT(machine), name, value, error);

        g_variant_unref(value);
        if (!ok) {
            return false;
        }
    }
    return true;
}

static bool names_chardev(const ConfigItem *item)
{
    g_autoptr(GVariant) chardev = g_variant_lookup_value(item->options, "chardev", NULL);

    return chardev != NULL;
}

/* Objects come before the chardevs, which may use them, but for those that use a chardev. */
static bool apply_object(MachineState *machine, const ConfigItem *item, GError **error)
{
    return names_chardev(item) || user_creatable_add(machine->root, item->options, error);
}

static bool apply_late_object(MachineState *machine, const ConfigItem *item, GError **error)
{
    return !names_chardev(item) || user_creatable_add(machine->root, item->options, error);
}

/* Adds "did you mean …?" to @error when one of @names (NULL-terminated) is near @name. */
static void add_suggestion(const char *name, const char *const *names, GError **error)
{
    const char *nearest = suggest_nearest(name, names);

    if (error && *error && nearest) {
        GError *better = g_error_new((*error)->domain, (*error)->code, "%s; did you mean '%s'?",
                                     (*error)->message, nearest);

        g_clear_error(error);
        g_propagate_error(error, better);
    }
}

static void suggest_device(const char *name, GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    GSList *list = object_class_get_list(TYPE_DEVICE, false);

    for (GSList *item = list; item; item = item->next) {
        if (DEVICE_CLASS(item->data)->user_creatable) {
            g_ptr_array_add(names, (char *)object_class_get_name(item->data));
        }
    }
    g_slist_free(list);
    g_ptr_array_add(names, NULL);
    add_suggestion(name, (const char *const *)names->pdata, error);
}

static void suggest_chardev(const char *name, GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    GSList *list = object_class_get_list(TYPE_CHARDEV, false);

    for (GSList *item = list; item; item = item->next) {
        const char *type = object_class_get_name(item->data);

        if (g_str_has_prefix(type, CHARDEV_TYPE_PREFIX)) {
            g_ptr_array_add(names, (char *)type + strlen(CHARDEV_TYPE_PREFIX));
        }
    }
    g_slist_free(list);
    g_ptr_array_add(names, NULL);
    add_suggestion(name, (const char *const *)names->pdata, error);
}

static bool make_chardev(MachineState *machine, const ConfigItem *item, bool may_wait,
                         GError **error)
{
    g_autoptr(GVariant) backend = g_variant_lookup_value(item->options, "backend", NULL);
    g_autofree char *name = backend ? qom_value_print(backend) : NULL;

    if (chardev_add(machine->root, item->options, may_wait, error)) {
        return true;
    }
    if (name && !chardev_backend_exists(name)) {
        suggest_chardev(name, error);
    }
    return false;
}

static bool apply_chardev(MachineState *machine, const ConfigItem *item, GError **error)
{
    return make_chardev(machine, item, false, error);
}

static bool apply_waiting_chardev(MachineState *machine, const ConfigItem *item, GError **error)
{
    return make_chardev(machine, item, true, error);
}

static bool apply_device(MachineState *machine, const ConfigItem *item, GError **error)
{
    g_autoptr(GVariant) driver = g_variant_lookup_value(item->options, "driver", NULL);
    g_autofree char *name = driver ? qom_value_print(driver) : NULL;

    if (machine_add_device(machine, item->options, error)) {
        return true;
    }
    if (name && !object_class_by_name(name)) {
        suggest_device(name, error);
    }
    return false;
}

static MachineState *make_machine(const char *type, GError **error)
{
    MachineState *machine = machine_new(type, error);

    if (!machine) {
        g_autoptr(GPtrArray) names = machine_list_types();

        g_ptr_array_add(names, NULL);
        add_suggestion(type, (const char *const *)names->pdata, error);
    }
    return machine;
}

/* Runs @apply on each item; a failure's message begins with the item's origin. */
static bool apply_all(MachineState *machine, const GPtrArray *items,
                      bool (*apply)(MachineState *machine, const ConfigItem *item, GError **error),
                      GError **error)
{
    for (guint i = 0; i < items->len; i++) {
        const ConfigItem *item = g_ptr_array_index(items, i);

        if (!apply(machine, item, error)) {
            g_prefix_error(error, "%s: ", item->origin);
            return false;
        }
    }
    return true;
}

static bool populate(const MachineConfig *config, MachineState *machine, GError **error)
{
    return apply_all(machine, config->globals, apply_global, error) &&
           apply_all(machine, config->machine, apply_machine_properties, error) &&
           apply_all(machine, config->objects, apply_object, error) &&
           apply_all(machine, config->chardevs,
                     config->may_wait ? apply_waiting_chardev : apply_chardev, error) &&
           apply_all(machine, config->objects, apply_late_object, error) &&
           machine_create(machine, error) &&
           apply_all(machine, config->devices, apply_device, error);
}

MachineState *machine_config_build(const MachineConfig *config,
                                   void (*warn)(void *opaque, const char *text), void *opaque,
                                   GError **error)
{
    MachineState *machine;

    if (!config->type) {
        qom_error_set(error, "no machine type is given; use -M TYPE ('-M help' lists the types)");
        return NULL;
    }
    machine = make_machine(config->type, error);
    if (!machine) {
        return NULL;
    }
    if (!populate(config, machine, error)) {
        machine_free(machine);
        return NULL;
    }
    machine_set_ready(machine, warn, opaque);
    return machine;
}
