#include "server/options_help.h"

#include <stdbool.h>
#include <string.h>

#include "models/chardev/chardev.h"
#include "models/core/machine.h"
#include "qom/error.h"
#include "qom/introspect.h"
#include "qom/value.h"
#include "server/chardevs.h"

char *options_help_machines(void)
{
    g_autoptr(GPtrArray) types = machine_list_types();
    GString *text = g_string_new("Supported machines are:\n");

    for (guint i = 0; i < types->len; i++) {
        const char *name = g_ptr_array_index(types, i);
        g_autofree char *type_name = g_strdup_printf("%s-%s", name, TYPE_MACHINE);
        ObjectClass *klass = object_class_by_name(type_name);
        const char *desc = klass ? MACHINE_CLASS(klass)->desc : NULL;

        g_string_append_printf(text, "%-20s %s\n", name, desc ? desc : "");
    }
    return g_string_free(text, FALSE);
}

static char *help_types(void)
{
    GString *text = g_string_new(NULL);
    GSList *list = object_class_get_list_sorted(TYPE_DEVICE, false);

    for (GSList *item = list; item; item = item->next) {
        DeviceClass *dc = DEVICE_CLASS(item->data);

        if (!dc->user_creatable) {
            continue;
        }
        g_string_append_printf(text, "name \"%s\"", object_class_get_name(item->data));
        if (dc->bus_type) {
            g_string_append_printf(text, ", bus %s", dc->bus_type);
        }
        if (dc->desc) {
            g_string_append_printf(text, ", desc \"%s\"", dc->desc);
        }
        g_string_append_c(text, '\n');
    }
    g_slist_free(list);
    return g_string_free(text, FALSE);
}

/* Properties that every device has, and lines and children, which no option can set. */
static bool is_for_users(const QomPropertyInfo *info)
{
    static const char *const common[] = { "type", "realized", "hotpluggable", "hotplugged",
                                          "parent_bus" };

    for (size_t i = 0; i < G_N_ELEMENTS(common); i++) {
        if (strcmp(info->name, common[i]) == 0) {
            return false;
        }
    }
    return info->writable && !g_str_has_prefix(info->name, "legacy-") &&
           !g_str_has_prefix(info->type, "link<irq") && !g_str_has_prefix(info->type, "child<");
}

static char *help_properties(const char *driver, GError **error)
{
    ObjectClass *klass = object_class_by_name(driver);
    g_autoptr(GPtrArray) list = NULL;
    GString *text;

    if (!klass || !object_class_dynamic_cast(klass, TYPE_DEVICE)) {
        qom_error_set(error, "'%s' is not a valid device model name", driver);
        return NULL;
    }
    list = qom_list_type_properties(driver, error);
    if (!list) {
        return NULL;
    }
    text = g_string_new(NULL);
    g_string_append_printf(text, "%s options:\n", driver);
    for (guint i = 0; i < list->len; i++) {
        const QomPropertyInfo *info = g_ptr_array_index(list, i);
        g_autofree char *line = NULL;

        if (is_for_users(info)) {
            line = object_property_help(info->name, info->type, info->default_value,
                                        info->description);
            g_string_append_printf(text, "%s\n", line);
        }
    }
    return g_string_free(text, FALSE);
}

char *options_help_device(GVariant *options, GError **error)
{
    g_autoptr(GVariant) driver = g_variant_lookup_value(options, "driver", NULL);
    g_autofree char *name = driver ? qom_value_print(driver) : NULL;

    return name ? help_properties(name, error) : help_types();
}

static void print_chardev_options(GString *text, const ChardevOption *options)
{
    static const char *const kinds[] = {
        [CHARDEV_OPTION_STRING] = "str",
        [CHARDEV_OPTION_BOOL] = "bool",
        [CHARDEV_OPTION_NUMBER] = "num",
        [CHARDEV_OPTION_SIZE] = "size",
    };

    for (const ChardevOption *option = options; option && option->name; option++) {
        g_autofree char *left = g_strdup_printf("%s=<%s>", option->name, kinds[option->type]);

        g_string_append_printf(text, "  %-20s - %s\n", left, option->help);
    }
}

static char *help_backend(const char *backend, GError **error)
{
    g_autofree char *type = g_strconcat(CHARDEV_TYPE_PREFIX, backend, NULL);
    ObjectClass *klass = object_class_by_name(type);
    GString *text;

    if (!klass || !object_class_dynamic_cast(klass, TYPE_CHARDEV)) {
        qom_error_set(error, "'%s' is not a valid char driver name", backend);
        return NULL;
    }
    text = g_string_new(NULL);
    g_string_append_printf(text, "%s options:\n", backend);
    print_chardev_options(text, CHARDEV_CLASS(klass)->options);
    print_chardev_options(text, chardev_common_options());
    return g_string_free(text, FALSE);
}

char *options_help_chardev(GVariant *options, GError **error)
{
    g_autoptr(GVariant) backend = g_variant_lookup_value(options, "backend", NULL);
    g_autofree char *name = backend ? qom_value_print(backend) : NULL;

    return name ? help_backend(name, error) : chardev_help();
}
