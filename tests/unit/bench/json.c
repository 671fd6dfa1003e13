#include "tests/unit/bench/json.h"

#include <string.h>

typedef struct Reader {
    const char *at;
    GHashTable *values;
} Reader;

static bool read_value(Reader *r, const char *path);

static void skip_space(Reader *r)
{
    r->at += strspn(r->at, " \t\r\n");
}

static bool take(Reader *r, char c)
{
    skip_space(r);
    if (*r->at != c) {
        return false;
    }
    r->at++;
    return true;
}

static char *read_string(Reader *r)
{
    g_autoptr(GString) text = g_string_new(NULL);

    if (!take(r, '"')) {
        return NULL;
    }
    while (*r->at != '"') {
        if ((unsigned char)*r->at < 0x20 || (*r->at == '\\' && !strchr("\"\\u", r->at[1]))) {
            return NULL;
        }
        if (*r->at == '\\') {
            r->at++;
        }
        g_string_append_c(text, *r->at++);
    }
    r->at++;
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static bool read_members(Reader *r, const char *path)
{
    if (take(r, '}')) {
        return true;
    }
    do {
        g_autofree char *key = read_string(r);
        g_autofree char *inner = g_strdup_printf("%s/%s", path, key ? key : "");

        if (!key || g_hash_table_contains(r->values, inner) || !take(r, ':') ||
            !read_value(r, inner)) {
            return false;
        }
    } while (take(r, ','));
    return take(r, '}');
}

static bool read_items(Reader *r, const char *path)
{
    if (take(r, ']')) {
        return true;
    }
    for (unsigned i = 0;; i++) {
        g_autofree char *inner = g_strdup_printf("%s/%u", path, i);

        if (!read_value(r, inner)) {
            return false;
        }
        if (!take(r, ',')) {
            return take(r, ']');
        }
    }
}

/* true, false, null or a number. */
static bool read_word(Reader *r, const char *path)
{
    size_t len = strspn(r->at, "+-.0123456789abcdefghijklmnopqrstuvwxyzE");
    g_autofree char *word = g_strndup(r->at, len);
    char *end;

    r->at += len;
    if (strcmp(word, "true") != 0 && strcmp(word, "false") != 0 && strcmp(word, "null") != 0) {
        if (!len || !strchr("-0123456789", *word)) {
            return false;
        }
        (void)g_ascii_strtod(word, &end);
        if (*end) {
            return false;
        }
    }
    g_hash_table_insert(r->values, g_strdup(path), g_steal_pointer(&word));
    return true;
}

static bool read_value(Reader *r, const char *path)
{
    skip_space(r);
    if (*r->at == '"') {
        char *text = read_string(r);

        return text && g_hash_table_insert(r->values, g_strdup(path), text);
    }
    if (take(r, '{')) {
        g_hash_table_insert(r->values, g_strdup(path), g_strdup("{"));
        return read_members(r, path);
    }
    if (take(r, '[')) {
        g_hash_table_insert(r->values, g_strdup(path), g_strdup("["));
        return read_items(r, path);
    }
    return read_word(r, path);
}

GHashTable *json_read(const char *text)
{
    Reader r = { text, g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free) };

    if (read_value(&r, "")) {
        skip_space(&r);
        if (*r.at == '\0') {
            return r.values;
        }
    }
    g_hash_table_unref(r.values);
    return NULL;
}

double json_number(GHashTable *json, const char *path)
{
    const char *text = g_hash_table_lookup(json, path);
    char *end;
    double number;

    if (!text) {
        g_error("there is no %s", path);
    }
    number = g_ascii_strtod(text, &end);
    g_assert_cmpstr(end, ==, "");
    return number;
}
