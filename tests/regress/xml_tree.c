#include "tests/regress/xml_tree.h"

#include <string.h>

typedef struct Builder {
    GPtrArray *open; /* XmlNode, from the root to the innermost */
    XmlNode *root;
} Builder;

static XmlNode *new_node(const char *name)
{
    XmlNode *node = g_new0(XmlNode, 1);

    node->name = g_strdup(name);
    node->attributes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    node->text = g_string_new(NULL);
    node->children = g_ptr_array_new_with_free_func((GDestroyNotify)xml_free);
    return node;
}

void xml_free(XmlNode *node)
{
    if (node) {
        g_free(node->name);
        g_hash_table_unref(node->attributes);
        g_string_free(node->text, TRUE);
        g_ptr_array_unref(node->children);
        g_free(node);
    }
}

static void on_start(GMarkupParseContext *context, const char *name, const char **names,
                     const char **values, gpointer opaque, GError **error)
{
    Builder *builder = opaque;
    XmlNode *node = new_node(name);

    (void)context;
    (void)error;
    for (unsigned i = 0; names[i]; i++) {
        g_hash_table_insert(node->attributes, g_strdup(names[i]), g_strdup(values[i]));
    }
    if (builder->open->len > 0) {
        XmlNode *parent = g_ptr_array_index(builder->open, builder->open->len - 1);

        g_ptr_array_add(parent->children, node);
    } else {
        g_assert_null(builder->root);
        builder->root = node;
    }
    g_ptr_array_add(builder->open, node);
}

static void on_end(GMarkupParseContext *context, const char *name, gpointer opaque, GError **error)
{
    Builder *builder = opaque;

    (void)context;
    (void)name;
    (void)error;
    g_ptr_array_remove_index(builder->open, builder->open->len - 1);
}

static void on_text(GMarkupParseContext *context, const char *text, gsize length, gpointer opaque,
                    GError **error)
{
    Builder *builder = opaque;

    (void)context;
    (void)error;
    for (guint i = 0; i < builder->open->len; i++) {
        const XmlNode *node = g_ptr_array_index(builder->open, i);

        g_string_append_len(node->text, text, (gssize)length);
    }
}

/* Char of XML 1.0; GLib's parser takes more. */
static void check_characters(const char *text)
{
    g_assert_true(g_utf8_validate(text, -1, NULL));
    for (const char *at = text; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);

        g_assert_true(c == '\t' || c == '\n' || c == '\r' || c >= 0x20);
        g_assert_true(c != 0xfffe && c != 0xffff);
    }
}

XmlNode *xml_parse(const char *text)
{
    static const GMarkupParser parser = { on_start, on_end, on_text, NULL, NULL };
    Builder builder = { .open = g_ptr_array_new() };
    GMarkupParseContext *context = g_markup_parse_context_new(&parser, 0, &builder, NULL);
    g_autoptr(GError) error = NULL;

    check_characters(text);
    g_markup_parse_context_parse(context, text, -1, &error);
    g_assert_no_error(error);
    g_markup_parse_context_end_parse(context, &error);
    g_assert_no_error(error);
    g_markup_parse_context_free(context);
    g_ptr_array_unref(builder.open);
    g_assert_nonnull(builder.root);
    check_characters(builder.root->text->str); /* those written as &#1; */
    return builder.root;
}

const char *xml_attribute(const XmlNode *node, const char *name)
{
    return g_hash_table_lookup(node->attributes, name);
}

static XmlNode *find(XmlNode *node, const char *name, const char *id)
{
    XmlNode *found = NULL;

    if ((!name || strcmp(node->name, name) == 0) &&
        (!id || g_strcmp0(xml_attribute(node, "id"), id) == 0)) {
        return node;
    }
    for (guint i = 0; !found && i < node->children->len; i++) {
        found = find(g_ptr_array_index(node->children, i), name, id);
    }
    return found;
}

XmlNode *xml_by_id(XmlNode *node, const char *id)
{
    return find(node, NULL, id);
}

XmlNode *xml_by_name(XmlNode *node, const char *name)
{
    return find(node, name, NULL);
}

void xml_foreach(const XmlNode *node, void (*look)(const XmlNode *node, void *opaque), void *opaque)
{
    look(node, opaque);
    for (guint i = 0; i < node->children->len; i++) {
        xml_foreach(g_ptr_array_index(node->children, i), look, opaque);
    }
}

unsigned xml_count(const XmlNode *node, const char *name, const char *attribute, const char *value)
{
    unsigned n = strcmp(node->name, name) == 0 &&
                 (!attribute || g_strcmp0(xml_attribute(node, attribute), value) == 0);

    for (guint i = 0; i < node->children->len; i++) {
        n += xml_count(g_ptr_array_index(node->children, i), name, attribute, value);
    }
    return n;
}

const char *xml_table_cell(XmlNode *table, unsigned row, unsigned column)
{
    const XmlNode *tr;

    g_assert_nonnull(table);
    g_assert_cmpuint(row, <, table->children->len);
    tr = g_ptr_array_index(table->children, row);
    g_assert_cmpstr(tr->name, ==, "tr");
    g_assert_cmpuint(column, <, tr->children->len);
    return ((const XmlNode *)g_ptr_array_index(tr->children, column))->text->str;
}
