#include "qom/json.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "qom/error.h"
#include "qom/value.h"
#include "qom/value_map.h"

/* Reading. */

typedef struct JsonReader {
    const char *start;
    const char *at;
    int depth;
    GError **error;
} JsonReader;

static GVariant *json_read_value(JsonReader *r);

static bool json_fail(JsonReader *r, const char *what)
{
    return qom_error_set(r->error, "JSON parse error, %s at byte %zu", what,
                         (size_t)(r->at - r->start));
}

static void json_skip_blanks(JsonReader *r)
{
    r->at += strspn(r->at, " \t\r\n");
}

/* Skips blanks, and @c when it comes next. */
static bool json_accept(JsonReader *r, char c)
{
    json_skip_blanks(r);
    if (*r->at != c) {
        return false;
    }
    r->at++;
    return true;
}

static bool json_read_hex4(JsonReader *r, gunichar *out)
{
    *out = 0;
    for (int i = 0; i < 4; i++, r->at++) {
        if (!g_ascii_isxdigit(*r->at)) {
            return json_fail(r, "expecting four hexadecimal digits");
        }
        *out = *out << 4 | (gunichar)g_ascii_xdigit_value(*r->at);
    }
    return true;
}

/* What comes after "\u", with the second half of a surrogate pair. */
static bool json_read_unicode(JsonReader *r, GString *text)
{
    gunichar high;
    gunichar low;

    if (!json_read_hex4(r, &high)) {
        return false;
    }
    if (high >= 0xd800 && high < 0xdc00 && r->at[0] == '\\' && r->at[1] == 'u') {
        r->at += 2;
        if (!json_read_hex4(r, &low)) {
            return false;
        }
        if (low < 0xdc00 || low > 0xdfff) {
            return json_fail(r, "half a surrogate pair");
        }
        high = 0x10000 + ((high - 0xd800) << 10 | (low - 0xdc00));
    }
    if (high == 0 || !g_unichar_validate(high)) {
        return json_fail(r, "no character has that number");
    }
    g_string_append_unichar(text, high);
    return true;
}

static bool json_read_escape(JsonReader *r, GString *text)
{
    static const char from[] = "\"\\/bfnrt";
    static const char to[] = "\"\\/\b\f\n\r\t";
    const char *found;

    r->at++;
    if (*r->at == 'u') {
        r->at++;
        return json_read_unicode(r, text);
    }
    found = *r->at ? strchr(from, *r->at) : NULL;
    if (!found) {
        return json_fail(r, "unknown escape");
    }
    g_string_append_c(text, to[found - from]);
    r->at++;
    return true;
}

/* The characters of a string whose opening quote has been read, up to and with the closing one. */
static char *json_read_string(JsonReader *r)
{
    GString *text = g_string_new(NULL);

    while (*r->at != '"') {
        bool ok = true;

        if (*r->at == '\\') {
            ok = json_read_escape(r, text);
        } else if ((unsigned char)*r->at < 0x20) {
            ok = json_fail(r, "unfinished string");
        } else {
            g_string_append_c(text, *r->at++);
        }
        if (!ok) {
            g_string_free(text, TRUE);
            return NULL;
        }
    }
    r->at++;
    return g_string_free(text, FALSE);
}

static bool skip_digits(const char **at)
{
    const char *start = *at;

    while (g_ascii_isdigit(**at)) {
        (*at)++;
    }
    return *at > start;
}

/*
 * The end of the number at @at by JSON's grammar, NULL when it is none; says whether it is an
 * integer.
 */
static const char *json_scan_number(const char *at, bool *integer)
{
    *integer = true;
    at += *at == '-';
    if (*at == '0') {
        at++;
    } else if (!skip_digits(&at)) {
        return NULL;
    }
    if (*at == '.') {
        at++;
        *integer = false;
        if (!skip_digits(&at)) {
            return NULL;
        }
    }
    if (*at == 'e' || *at == 'E') {
        at++;
        at += *at == '+' || *at == '-';
        *integer = false;
        if (!skip_digits(&at)) {
            return NULL;
        }
    }
    return at;
}

static GVariant *json_read_number(JsonReader *r)
{
    bool integer;
    const char *end = json_scan_number(r->at, &integer);
    GVariant *value = NULL;
    double number;

    if (!end || g_ascii_isalnum(*end)) {
        json_fail(r, "expecting value");
        return NULL;
    }
    errno = 0;
    if (integer && *r->at == '-') {
        value = g_variant_new_int64(g_ascii_strtoll(r->at, NULL, 10));
    } else if (integer) {
        uint64_t u = g_ascii_strtoull(r->at, NULL, 10);

        value = u > INT64_MAX ? g_variant_new_uint64(u) : g_variant_new_int64((int64_t)u);
    }
    if (value && !errno) {
        r->at = end;
        return value;
    }
    if (value) {
        g_variant_unref(g_variant_ref_sink(value));
    }
    number = g_ascii_strtod(r->at, NULL);
    if (!isfinite(number)) {
        json_fail(r, "number out of range");
        return NULL;
    }
    r->at = end;
    return g_variant_new_double(number);
}

static GVariant *json_read_word(JsonReader *r)
{
    size_t len = strspn(r->at, "abcdefghijklmnopqrstuvwxyz");
    GVariant *value = NULL;

    if (len == 4 && strncmp(r->at, "true", len) == 0) {
        value = g_variant_new_boolean(TRUE);
    } else if (len == 5 && strncmp(r->at, "false", len) == 0) {
        value = g_variant_new_boolean(FALSE);
    } else if (len == 4 && strncmp(r->at, "null", len) == 0) {
        value = g_variant_new_tuple(NULL, 0);
    } else {
        json_fail(r, "expecting value");
        return NULL;
    }
    r->at += len;
    return value;
}

/* The elements of an array whose '[' has been read. */
static GVariant *json_read_array(JsonReader *r)
{
    GVariantBuilder list;

    g_variant_builder_init(&list, G_VARIANT_TYPE("av"));
    if (json_accept(r, ']')) {
        return g_variant_builder_end(&list);
    }
    for (;;) {
        GVariant *element = json_read_value(r);

        if (!element) {
            break;
        }
        g_variant_builder_add(&list, "v", element);
        if (json_accept(r, ']')) {
            return g_variant_builder_end(&list);
        }
        if (!json_accept(r, ',')) {
            json_fail(r, "expecting ',' or ']'");
            break;
        }
    }
    g_variant_builder_clear(&list);
    return NULL;
}

/* One "key": value of an object. */
static bool json_read_member(JsonReader *r, ValueMap *map)
{
    g_autofree char *key = NULL;
    GVariant *value;

    if (!json_accept(r, '"')) {
        return json_fail(r, "expecting a key");
    }
    key = json_read_string(r);
    if (!key) {
        return false;
    }
    if (!json_accept(r, ':')) {
        return json_fail(r, "expecting ':'");
    }
    value = json_read_value(r);
    if (!value) {
        return false;
    }
    value_map_set(map, key, value);
    return true;
}

/* The members of an object whose '{' has been read. */
static GVariant *json_read_object(JsonReader *r)
{
    g_autoptr(ValueMap) map = value_map_new();

    if (json_accept(r, '}')) {
        return value_map_end(map);
    }
    while (json_read_member(r, map)) {
        if (json_accept(r, '}')) {
            return value_map_end(map);
        }
        if (!json_accept(r, ',')) {
            json_fail(r, "expecting ',' or '}'");
            break;
        }
    }
    return NULL;
}

static GVariant *json_read_nested(JsonReader *r, GVariant *(*read)(JsonReader *r))
{
    GVariant *value;

    if (r->depth == QOM_JSON_MAX_DEPTH) {
        json_fail(r, "too deeply nested");
        return NULL;
    }
    r->depth++;
    r->at++;
    value = read(r);
    r->depth--;
    return value;
}

/* A floating value, or NULL with the error set. */
static GVariant *json_read_value(JsonReader *r)
{
    g_autofree char *text = NULL;

    json_skip_blanks(r);
    switch (*r->at) {
    case '{':
        return json_read_nested(r, json_read_object);
    case '[':
        return json_read_nested(r, json_read_array);
    case '"':
        r->at++;
        text = json_read_string(r);
        return text ? qom_value_new_str(text) : NULL;
    case '-':
    case '0' ... '9':
        return json_read_number(r);
    default:
        return json_read_word(r);
    }
}

GVariant *qom_json_parse(const char *text, GError **error)
{
    JsonReader r = { .start = text, .at = text, .error = error };
    g_autoptr(GVariant) value = NULL;

    if (!g_utf8_validate(text, -1, &r.at)) {
        json_fail(&r, "invalid UTF-8");
        return NULL;
    }
    r.at = text;
    value = json_read_value(&r);
    if (!value) {
        return NULL;
    }
    g_variant_ref_sink(value);
    json_skip_blanks(&r);
    if (*r.at) {
        json_fail(&r, "expecting the end");
        return NULL;
    }
    return g_steal_pointer(&value);
}

/* Writing. */

static void json_print_string(GString *out, const char *text)
{
    g_string_append_c(out, '"');
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;

        if (c == '"' || c == '\\') {
            g_string_append_printf(out, "\\%c", c);
        } else if (c < 0x20 || c == 0x7f) {
            g_string_append_printf(out, "\\u%04x", c);
        } else {
            g_string_append_c(out, (char)c);
        }
    }
    g_string_append_c(out, '"');
}

static void json_print_value(GString *out, GVariant *value);

static void json_print_list(GString *out, GVariant *list)
{
    g_string_append_c(out, '[');
    for (gsize i = 0; i < g_variant_n_children(list); i++) {
        g_autoptr(GVariant) element = g_variant_get_child_value(list, i);

        g_string_append(out, i ? ", " : "");
        json_print_value(out, element);
    }
    g_string_append_c(out, ']');
}

static void json_print_map(GString *out, GVariant *map)
{
    g_string_append_c(out, '{');
    for (gsize i = 0; i < g_variant_n_children(map); i++) {
        g_autoptr(GVariant) entry = g_variant_get_child_value(map, i);
        g_autoptr(GVariant) key = g_variant_get_child_value(entry, 0);
        g_autoptr(GVariant) value = g_variant_get_child_value(entry, 1);

        g_string_append(out, i ? ", " : "");
        json_print_value(out, key);
        g_string_append(out, ": ");
        json_print_value(out, value);
    }
    g_string_append_c(out, '}');
}

static void json_print_double(GString *out, double number)
{
    char buf[G_ASCII_DTOSTR_BUF_SIZE];

    /* JSON has no word for infinity and the like. */
    if (!isfinite(number)) {
        g_string_append(out, "null");
        return;
    }
    g_string_append(out, g_ascii_dtostr(buf, sizeof(buf), number));
    /* It must not read as an integer. */
    if (!strpbrk(buf, ".e")) {
        g_string_append(out, ".0");
    }
}

static void json_print_value(GString *out, GVariant *value)
{
    g_autoptr(GVariant) inner = NULL;
    g_autofree char *number = NULL;
    const char *text;

    if (qom_value_get_str(value, "", &text, NULL)) {
        json_print_string(out, text);
        return;
    }
    switch (g_variant_classify(value)) {
    case G_VARIANT_CLASS_VARIANT:
        inner = g_variant_get_variant(value);
        json_print_value(out, inner);
        break;
    case G_VARIANT_CLASS_BOOLEAN:
        g_string_append(out, g_variant_get_boolean(value) ? "true" : "false");
        break;
    case G_VARIANT_CLASS_DOUBLE:
        json_print_double(out, g_variant_get_double(value));
        break;
    case G_VARIANT_CLASS_ARRAY:
        if (g_variant_is_of_type(value, G_VARIANT_TYPE_DICTIONARY)) {
            json_print_map(out, value);
        } else {
            json_print_list(out, value);
        }
        break;
    case G_VARIANT_CLASS_TUPLE:
        if (g_variant_n_children(value)) {
            json_print_list(out, value);
        } else {
            g_string_append(out, "null");
        }
        break;
    default:
        number = g_variant_print(value, FALSE);
        g_string_append(out, number);
        break;
    }
}

char *qom_json_print(GVariant *value)
{
    GString *out = g_string_new(NULL);

    json_print_value(out, value);
    return g_string_free(out, FALSE);
}
