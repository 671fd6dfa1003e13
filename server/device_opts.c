#include "server/device_opts.h"

#include <string.h>

#include "qom/error.h"
#include "qom/json.h"
#include "qom/value.h"

#define KEY_MAX 127

/* The text up to the next single comma, with double commas made single; *@text moves behind that comma. */
static char *take_value(const char **text)
{
    GString *value = g_string_new(NULL);
    const char *p = *text;

    while (*p) {
        if (*p == ',') {
            p++;
            if (*p != ',') {
                break;
            }
        }
        g_string_append_c(value, *p++);
    }
    *text = p;
    return g_string_free(value, FALSE);
}

static bool take_pair(const char **text, bool first, GVariantDict *map, bool *help, GError **error)
{
    size_t key_len = strcspn(*text, "=,");
    g_autofree char *key = NULL;
    g_autofree char *value = NULL;

    if ((*text)[key_len] == '=') {
        key = g_strndup(*text, key_len);
        *text += key_len + 1;
        value = take_value(text);
    } else {
        value = take_value(text);
        if (strcmp(value, "help") == 0 || strcmp(value, "?") == 0) {
            *help = true;
            return true;
        }
        if (!first) {
            return qom_error_set(error, "Expected '=' after parameter '%s'", value);
        }
        key = g_strdup("driver");
    }
    if (key[0] == '\0' || strlen(key) > KEY_MAX) {
        return qom_error_set(error, "Invalid parameter '%s'", key);
    }
    g_variant_dict_insert_value(map, key, qom_value_new_text(value));
    return true;
}

static GVariant *parse_json(const char *text, GError **error)
{
    g_autoptr(GVariant) value = qom_json_parse(text, error);

    if (!value) {
        return NULL;
    }
    if (!g_variant_is_of_type(value, G_VARIANT_TYPE_VARDICT)) {
        qom_error_set(error, "a JSON object is expected");
        return NULL;
    }
    return g_steal_pointer(&value);
}

GVariant *device_opts_parse(const char *text, bool *help, GError **error)
{
    g_auto(GVariantDict) map = G_VARIANT_DICT_INIT(NULL);
    bool first = true;

    *help = false;
    if (text[0] == '{') {
        return parse_json(text, error);
    }
    while (*text) {
        if (!take_pair(&text, first, &map, help, error)) {
            return NULL;
        }
        first = false;
    }
    return g_variant_ref_sink(g_variant_dict_end(&map));
}
