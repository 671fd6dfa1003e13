#include "models/chardev/chardev_options.h"

#include "qom/error.h"
#include "qom/value.h"

struct ChardevOptions {
    GHashTable *values; /* name -> GVariant of the option's own type */
    bool may_wait;
};

static const ChardevOption common_options[] = {
    { "backend", CHARDEV_OPTION_STRING, "type of the chardev" },
    { "id", CHARDEV_OPTION_STRING, "its name" },
    { "logfile", CHARDEV_OPTION_STRING, "file that gets a copy of the output" },
    { "logappend", CHARDEV_OPTION_BOOL, "append to the log file" },
    { "mux", CHARDEV_OPTION_BOOL, "let several front ends share it" },
    { NULL, CHARDEV_OPTION_STRING, NULL },
};

const ChardevOption *chardev_common_options(void)
{
    return common_options;
}

static const ChardevOption *find_option(const ChardevOption *table, const char *name)
{
    for (const ChardevOption *o = table; o && o->name; o++) {
        if (g_str_equal(o->name, name)) {
            return o;
        }
    }
    return NULL;
}

/* @value as the type of @option, or NULL with @error. */
static GVariant *convert(const ChardevOption *option, GVariant *value, GError **error)
{
    const char *text;
    uint64_t number;
    bool flag;

    switch (option->type) {
    case CHARDEV_OPTION_BOOL:
        return qom_value_get_bool(value, option->name, &flag, error) ? g_variant_new_boolean(flag)
                                                                     : NULL;
    case CHARDEV_OPTION_NUMBER:
        return qom_value_get_uint(value, option->name, "a number", INT64_MAX, &number, error)
                   ? g_variant_new_uint64(number)
                   : NULL;
    case CHARDEV_OPTION_SIZE:
        return qom_value_get_size(value, option->name, &number, error)
                   ? g_variant_new_uint64(number)
                   : NULL;
    case CHARDEV_OPTION_STRING:
        break;
    }
    return qom_value_get_str(value, option->name, &text, error) ? g_variant_new_string(text) : NULL;
}

ChardevOptions *chardev_options_new(GVariant *map, const ChardevOption *own, bool may_wait,
                                    GError **error)
{
    g_autoptr(ChardevOptions) options = g_new0(ChardevOptions, 1);
    GVariantIter iter;
    const char *name;
    GVariant *value;

    options->may_wait = may_wait;
    options->values =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_variant_unref);
    g_variant_iter_init(&iter, map);
    while (g_variant_iter_next(&iter, "{&sv}", &name, &value)) {
        g_autoptr(GVariant) given = value;
        const ChardevOption *option = find_option(own, name);
        GVariant *converted;

        if (!option) {
            option = find_option(common_options, name);
        }
        if (!option) {
            qom_error_set(error, "Invalid parameter '%s'", name);
            return NULL;
        }
        converted = convert(option, given, error);
        if (!converted) {
            return NULL;
        }
        g_hash_table_replace(options->values, g_strdup(name), g_variant_ref_sink(converted));
    }
    return g_steal_pointer(&options);
}

void chardev_options_free(ChardevOptions *options)
{
    g_hash_table_unref(options->values);
    g_free(options);
}

bool chardev_options_may_wait(const ChardevOptions *options)
{
    return options->may_wait;
}

bool chardev_options_has(const ChardevOptions *options, const char *name)
{
    return g_hash_table_contains(options->values, name);
}

const char *chardev_options_str(const ChardevOptions *options, const char *name, const char *def)
{
    GVariant *value = g_hash_table_lookup(options->values, name);

    return value ? g_variant_get_string(value, NULL) : def;
}

bool chardev_options_bool(const ChardevOptions *options, const char *name, bool def)
{
    GVariant *value = g_hash_table_lookup(options->values, name);

    return value ? g_variant_get_boolean(value) : def;
}

uint64_t chardev_options_number(const ChardevOptions *options, const char *name, uint64_t def)
{
    GVariant *value = g_hash_table_lookup(options->values, name);

    return value ? g_variant_get_uint64(value) : def;
}
