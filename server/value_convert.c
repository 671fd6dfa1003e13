#include "server/value_convert.h"

#include <string.h>

#include "qom/error.h"
#include "qom/value.h"

static bool convert(QsArena *arena, GVariant *value, unsigned depth, QsValue *out, GError **error);

static bool arena_full(GError **error)
{
    return qom_error_set(error, "the value is too large for a reply");
}

static bool convert_text(QsArena *arena, const char *text, QsValueKind kind, QsValue *out,
                         GError **error)
{
    if (strlen(text) > QS_MAX_STRING_BYTES) {
        return qom_error_set(error, "a string of %zu bytes is over the limit of %u", strlen(text),
                             QS_MAX_STRING_BYTES);
    }
    out->kind = kind;
    out->text = qs_arena_strdup(arena, text);
    return out->text != NULL || arena_full(error);
}

static bool convert_list(QsArena *arena, GVariant *value, unsigned depth, QsValue *out,
                         GError **error)
{
    size_t n = g_variant_n_children(value);
    QsValue *items = qs_arena_alloc0(arena, n + 1, sizeof(*items));

    if (!items) {
        return arena_full(error);
    }
    for (size_t i = 0; i < n; i++) {
        g_autoptr(GVariant) child = g_variant_get_child_value(value, i);

        if (!convert(arena, child, depth + 1, &items[i], error)) {
            return false;
        }
    }
    out->kind = QS_VALUE_LIST;
    out->list.items = items;
    out->list.n = n;
    return true;
}

static bool convert_map(QsArena *arena, GVariant *value, unsigned depth, QsValue *out,
                        GError **error)
{
    size_t n = g_variant_n_children(value);
    QsValueEntry *entries = qs_arena_alloc0(arena, n + 1, sizeof(*entries));

    if (!entries) {
        return arena_full(error);
    }
    for (size_t i = 0; i < n; i++) {
        g_autoptr(GVariant) child = NULL;
        const char *key;
        QsValue key_value;

        g_variant_get_child(value, i, "{&s@v}", &key, &child);
        if (!convert_text(arena, key, QS_VALUE_TEXT, &key_value, error) ||
            !convert(arena, child, depth + 1, &entries[i].value, error)) {
            return false;
        }
        entries[i].key = key_value.text;
    }
    out->kind = QS_VALUE_MAP;
    out->map.entries = entries;
    out->map.n = n;
    return true;
}

static bool convert_boxed(QsArena *arena, GVariant *value, unsigned depth, QsValue *out,
                          GError **error)
{
    g_autoptr(GVariant) inner = g_variant_get_variant(value);

    return convert(arena, inner, depth, out, error);
}

static bool convert_other(QsArena *arena, GVariant *value, unsigned depth, QsValue *out,
                          GError **error)
{
    const char *text = qom_value_peek_text(value);

    if (text) {
        return convert_text(arena, text, QS_VALUE_UNPARSED, out, error);
    }
    if (g_variant_is_of_type(value, G_VARIANT_TYPE_VARDICT)) {
        return convert_map(arena, value, depth, out, error);
    }
    if (g_variant_is_of_type(value, G_VARIANT_TYPE_UNIT)) {
        out->kind = QS_VALUE_NONE;
        return true;
    }
    if (g_variant_is_of_type(value, G_VARIANT_TYPE_ARRAY)) {
        return convert_list(arena, value, depth, out, error);
    }
    return qom_error_set(error, "a value of type '%s' cannot be sent",
                         g_variant_get_type_string(value));
}

static void set_int(QsValue *out, int64_t value)
{
    out->kind = QS_VALUE_INT;
    out->i = value;
}

static void set_uint(QsValue *out, uint64_t value)
{
    out->kind = QS_VALUE_UINT;
    out->u = value;
}

static bool convert(QsArena *arena, GVariant *value, unsigned depth, QsValue *out, GError **error)
{
    if (depth >= QS_MAX_VALUE_DEPTH) {
        return qom_error_set(error, "the value is nested deeper than %u levels",
                             QS_MAX_VALUE_DEPTH);
    }
    switch (g_variant_classify(value)) {
    case G_VARIANT_CLASS_BOOLEAN:
        out->kind = QS_VALUE_BOOL;
        out->boolean = g_variant_get_boolean(value);
        return true;
    case G_VARIANT_CLASS_BYTE:
        set_uint(out, g_variant_get_byte(value));
        return true;
    case G_VARIANT_CLASS_INT16:
        set_int(out, g_variant_get_int16(value));
        return true;
    case G_VARIANT_CLASS_UINT16:
        set_uint(out, g_variant_get_uint16(value));
        return true;
    case G_VARIANT_CLASS_INT32:
        set_int(out, g_variant_get_int32(value));
        return true;
    case G_VARIANT_CLASS_UINT32:
        set_uint(out, g_variant_get_uint32(value));
        return true;
    case G_VARIANT_CLASS_INT64:
        set_int(out, g_variant_get_int64(value));
        return true;
    case G_VARIANT_CLASS_UINT64:
        set_uint(out, g_variant_get_uint64(value));
        return true;
    case G_VARIANT_CLASS_DOUBLE:
        out->kind = QS_VALUE_REAL;
        out->real = g_variant_get_double(value);
        return true;
    case G_VARIANT_CLASS_STRING:
        return convert_text(arena, g_variant_get_string(value, NULL), QS_VALUE_TEXT, out, error);
    case G_VARIANT_CLASS_VARIANT:
        return convert_boxed(arena, value, depth, out, error);
    default:
        return convert_other(arena, value, depth, out, error);
    }
}

bool value_to_message(QsArena *arena, GVariant *value, QsValue *out, GError **error)
{
    return convert(arena, value, 0, out, error);
}

static GVariant *list_from_message(const QsValue *value)
{
    GVariantBuilder builder;

    g_variant_builder_init(&builder, G_VARIANT_TYPE("av"));
    for (size_t i = 0; i < value->list.n; i++) {
        g_variant_builder_add(&builder, "v", value_from_message(&value->list.items[i]));
    }
    return g_variant_builder_end(&builder);
}

GVariant *value_map_from_message(const QsValueEntry *entries, size_t n)
{
    g_auto(GVariantDict) map = G_VARIANT_DICT_INIT(NULL);

    for (size_t i = 0; i < n; i++) {
        g_variant_dict_insert_value(&map, entries[i].key, value_from_message(&entries[i].value));
    }
    return g_variant_dict_end(&map);
}

GVariant *value_from_message(const QsValue *value)
{
    switch (value->kind) {
    case QS_VALUE_BOOL:
        return g_variant_new_boolean(value->boolean);
    case QS_VALUE_INT:
        return g_variant_new_int64(value->i);
    case QS_VALUE_UINT:
        return g_variant_new_uint64(value->u);
    case QS_VALUE_REAL:
        return g_variant_new_double(value->real);
    case QS_VALUE_TEXT:
        return qom_value_new_str(value->text);
    case QS_VALUE_UNPARSED:
        return qom_value_new_text(value->text);
    case QS_VALUE_LIST:
        return list_from_message(value);
    case QS_VALUE_MAP:
        return value_map_from_message(value->map.entries, value->map.n);
    default:
        return g_variant_new_tuple(NULL, 0);
    }
}
