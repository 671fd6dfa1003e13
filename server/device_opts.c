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

/* What the list is of. */
typedef struct Grammar {
    const char *implied; /* the key of the first word, if it has none */
    bool flags;          /* other words without a key are on, or with "no" before them off */
} Grammar;

static const Grammar device_grammar = { "driver", false };
static const Grammar chardev_grammar = { "backend", true };

/* A pair that is written as one word. */
static bool take_word(char *word, bool first, const Grammar *grammar, GVariantDict *map,
                      GError **error)
{
    bool negative = g_str_has_prefix(word, "no");

    if (first) {
        g_variant_dict_insert_value(map, grammar->implied, qom_value_new_text(word));
        return true;
    }
    if (!grammar->flags || word[0] == '\0') {
        return qom_error_set(error, "Expected '=' after parameter '%s'", word);
    }
    if (strlen(word) > KEY_MAX) {
        return qom_error_set(error, "Invalid parameter '%s'", word);
    }
    g_variant_dict_insert_value(map, negative ? word + strlen("no") : word,
                                qom_value_new_text(negative ? "off" : "on"));
    return true;
}

static bool take_pair(const char **text, bool first, const Grammar *grammar, GVariantDict *map,
                      bool *help, GError **error)
{
    size_t key_len = strcspn(*text, "=,");
    g_autofree char *key = NULL;
    g_autofree char *value = NULL;

    if ((*text)[key_len] != '=') {
        value = take_value(text);
        if (strcmp(value, "help") == 0 || strcmp(value, "?") == 0) {
            *help = true;
            return true;
        }
        return take_word(value, first, grammar, map, error);
    }
    key = g_strndup(*text, key_len);
    *text += key_len + 1;
    value = take_value(text);
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

static GVariant *parse_list(const char *text, const Grammar *grammar, bool *help, GError **error)
{
    g_auto(GVariantDict) map = G_VARIANT_DICT_INIT(NULL);
    bool first = true;

    *help = false;
    while (*text) {
        if (!take_pair(&text, first, grammar, &map, help, error)) {
            return NULL;
        }
        first = false;
    }
    return g_variant_ref_sink(g_variant_dict_end(&map));
}

GVariant *device_opts_parse(const char *text, bool *help, GError **error)
{
    if (text[0] == '{') {
        *help = false;
        return parse_json(text, error);
    }
    return parse_list(text, &device_grammar, help, error);
}

GVariant *chardev_opts_parse(const char *text, bool *help, GError **error)
{
    return parse_list(text, &chardev_grammar, help, error);
}
