#include "qom/keyval.h"

#include <stdlib.h>
#include <string.h>

#include "qom/error.h"
#include "qom/value.h"
#include "qom/value_map.h"

#define MAX_KEY_LENGTH 127
#define MAX_FRAGMENTS 16
#define MAX_INDEX_DIGITS 9

/*
 * A key's value is a text, or a node with keys of its own; which of the two is settled when it is
 * first set.
 */
typedef struct KeyNode KeyNode;
struct KeyNode {
    char *name; /* an index without leading zeros */
    bool is_index;
    char *text;          /* NULL: an inner node */
    GHashTable *by_name; /* of the children; owns nothing */
    GPtrArray *children; /* in the order in which they first came */
};

static void key_node_free(gpointer data)
{
    KeyNode *node = data;

    g_free(node->name);
    g_free(node->text);
    g_clear_pointer(&node->by_name, g_hash_table_unref);
    g_clear_pointer(&node->children, g_ptr_array_unref);
    g_free(node);
}

static KeyNode *key_node_new(const char *name, bool is_index)
{
    KeyNode *node = g_new0(KeyNode, 1);

    node->name = g_strdup(name);
    node->is_index = is_index;
    return node;
}

static void key_node_make_inner(KeyNode *node)
{
    if (!node->children) {
        node->by_name = g_hash_table_new(g_str_hash, g_str_equal);
        node->children = g_ptr_array_new_with_free_func(key_node_free);
    }
}

static KeyNode *key_node_child(KeyNode *node, const char *name, bool is_index)
{
    KeyNode *child;

    key_node_make_inner(node);
    child = g_hash_table_lookup(node->by_name, name);
    if (!child) {
        child = key_node_new(name, is_index);
        g_hash_table_insert(node->by_name, child->name, child);
        g_ptr_array_add(node->children, child);
    }
    return child;
}

/* Keys. */

static bool is_name_char(char c)
{
    return g_ascii_isalnum(c) || c == '-' || c == '_';
}

/*
 * A vendor's prefix, "__com.example_", may come before the name and holds dots that do not divide
 * the key.
 */
static size_t vendor_prefix_length(const char *text)
{
    size_t len = 2;

    if (strncmp(text, "__", 2) != 0) {
        return 0;
    }
    while (g_ascii_isalnum(text[len]) || text[len] == '-' || text[len] == '.') {
        len++;
    }
    return len > 2 && text[len] == '_' ? len + 1 : 0;
}

/* The length of the name that @text begins with, or 0. */
static size_t name_length(const char *text)
{
    size_t len = vendor_prefix_length(text);

    if (!g_ascii_isalpha(text[len])) {
        return 0;
    }
    while (is_name_char(text[len])) {
        len++;
    }
    return len;
}

/* The length of the decimal index that @text begins with, or 0. */
static size_t index_length(const char *text)
{
    size_t len = strspn(text, "0123456789");

    return len <= MAX_INDEX_DIGITS ? len : 0;
}

static char *fragment_name(const char *text, size_t len, bool is_index)
{
    g_autofree char *name = g_strndup(text, len);

    return is_index ? g_strdup_printf("%ld", strtol(name, NULL, 10)) : g_steal_pointer(&name);
}

/* The node that @key leads to, made on the way where it is missing. */
static KeyNode *find_key(KeyNode *root, const char *key, GError **error)
{
    KeyNode *node = root;
    const char *at = key;
    int fragments = 0;

    if (strlen(key) > MAX_KEY_LENGTH) {
        qom_error_set(error, "Invalid parameter '%s'", key);
        return NULL;
    }
    for (;; at++) {
        bool is_index = fragments > 0 && g_ascii_isdigit(*at);
        size_t len = is_index ? index_length(at) : name_length(at);
        g_autofree char *name = fragment_name(at, len, is_index);

        if (!len || (at[len] && at[len] != '.') || ++fragments > MAX_FRAGMENTS) {
            qom_error_set(error, "Invalid parameter '%s'", key);
            return NULL;
        }
        if (node->text) {
            qom_error_set(error, "Parameters '%.*s.*' used inconsistently", (int)(at - 1 - key),
                          key);
            return NULL;
        }
        node = key_node_child(node, name, is_index);
        at += len;
        if (!*at) {
            return node;
        }
    }
}

static bool set_key(KeyNode *root, const char *key, const char *text, GError **error)
{
    KeyNode *node = find_key(root, key, error);

    if (!node) {
        return false;
    }
    if (node->children) {
        return qom_error_set(error, "Parameters '%s.*' used inconsistently", key);
    }
    g_free(node->text);
    node->text = g_strdup(text);
    return true;
}

/* Pairs. */

/* The value at *@at, with each ",," as one comma; moves *@at behind the comma that ends it. */
static char *read_value(const char **at)
{
    GString *value = g_string_new(NULL);

    for (; **at; (*at)++) {
        if (**at == ',' && *++(*at) != ',') {
            break;
        }
        g_string_append_c(value, **at);
    }
    return g_string_free(value, FALSE);
}

static bool is_help(const char *word)
{
    return g_str_equal(word, "help") || g_str_equal(word, "?");
}

/* Reads the pair at *@at and moves behind it. */
static bool read_pair(KeyNode *root, const char **at, const char *implied_key, bool *help,
                      GError **error)
{
    size_t len = strcspn(*at, "=,");
    g_autofree char *key = g_strndup(*at, len);
    g_autofree char *value = NULL;

    if ((*at)[len] == '=') {
        *at += len + 1;
        value = read_value(at);
        return set_key(root, key, value, error);
    }
    if (help && is_help(key)) {
        *help = true;
        *at += len + ((*at)[len] == ',');
        return true;
    }
    if (implied_key && len) {
        value = read_value(at);
        return set_key(root, implied_key, value, error);
    }
    if (!len) {
        return qom_error_set(error, "Invalid parameter ''");
    }
    return qom_error_set(error, "Expected '=' after parameter '%s'", key);
}

/* Values. */

static GVariant *node_value(const KeyNode *node, GString *path, GError **error);

/* The value of child @node, whose key is shown as @path and its name. */
static GVariant *child_value(const KeyNode *node, GString *path, GError **error)
{
    size_t outer = path->len;
    GVariant *value;

    g_string_append_printf(path, "%s%s", outer ? "." : "", node->name);
    value = node_value(node, path, error);
    g_string_truncate(path, outer);
    return value;
}

static GVariant *node_list(const KeyNode *node, GString *path, GError **error)
{
    GVariantBuilder list;

    g_variant_builder_init(&list, G_VARIANT_TYPE("av"));
    for (guint i = 0; i < node->children->len; i++) {
        g_autofree char *index = g_strdup_printf("%u", i);
        const KeyNode *child = g_hash_table_lookup(node->by_name, index);
        GVariant *value = child ? child_value(child, path, error) : NULL;

        if (!value) {
            if (!child) {
                qom_error_set(error, "Parameter '%s.%s' missing", path->str, index);
            }
            g_variant_builder_clear(&list);
            return NULL;
        }
        g_variant_builder_add(&list, "v", value);
    }
    return g_variant_builder_end(&list);
}

static GVariant *node_map(const KeyNode *node, GString *path, GError **error)
{
    g_autoptr(ValueMap) map = value_map_new();

    for (guint i = 0; node->children && i < node->children->len; i++) {
        const KeyNode *child = g_ptr_array_index(node->children, i);
        GVariant *value = child_value(child, path, error);

        if (!value) {
            return NULL;
        }
        value_map_set(map, child->name, value);
    }
    return value_map_end(map);
}

/* A floating value; an inner node whose keys are all indices is a list. */
static GVariant *node_value(const KeyNode *node, GString *path, GError **error)
{
    guint indices = 0;

    if (node->text) {
        return qom_value_new_text(node->text);
    }
    for (guint i = 0; node->children && i < node->children->len; i++) {
        const KeyNode *child = g_ptr_array_index(node->children, i);

        indices += child->is_index;
    }
    if (!indices) {
        return node_map(node, path, error);
    }
    if (indices < node->children->len) {
        qom_error_set(error, "Parameters '%s.*' used inconsistently", path->str);
        return NULL;
    }
    return node_list(node, path, error);
}

GVariant *keyval_parse(const char *text, const char *implied_key, bool *help, GError **error)
{
    KeyNode *root = key_node_new("", false);
    GString *path = g_string_new(NULL);
    GVariant *value = NULL;
    bool ok = true;

    if (help) {
        *help = false;
    }
    key_node_make_inner(root);
    while (ok && *text) {
        ok = read_pair(root, &text, implied_key, help, error);
        implied_key = NULL;
    }
    if (ok) {
        value = node_value(root, path, error);
    }
    g_string_free(path, TRUE);
    key_node_free(root);
    return value ? g_variant_ref_sink(value) : NULL;
}
