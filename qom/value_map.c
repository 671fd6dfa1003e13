#include "qom/value_map.h"

struct ValueMap {
    GHashTable *values; /* key → GVariant */
    GPtrArray *keys;    /* owned by @values */
};

ValueMap *value_map_new(void)
{
    ValueMap *map = g_new0(ValueMap, 1);

    map->values =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_variant_unref);
    map->keys = g_ptr_array_new();
    return map;
}

void value_map_free(ValueMap *map)
{
    if (map) {
        g_ptr_array_unref(map->keys);
        g_hash_table_unref(map->values);
        g_free(map);
    }
}

void value_map_set(ValueMap *map, const char *key, GVariant *value)
{
    char *own_key;

    g_variant_ref_sink(value);
    if (g_hash_table_contains(map->values, key)) {
        /* The first copy of the key stays, which @keys relies on. */
        g_hash_table_insert(map->values, g_strdup(key), value);
        return;
    }
    own_key = g_strdup(key);
    g_hash_table_insert(map->values, own_key, value);
    g_ptr_array_add(map->keys, own_key);
}

GVariant *value_map_end(const ValueMap *map)
{
    GVariantBuilder builder;

    g_variant_builder_init(&builder, G_VARIANT_TYPE_VARDICT);
    for (guint i = 0; i < map->keys->len; i++) {
        const char *key = g_ptr_array_index(map->keys, i);

        g_variant_builder_add(&builder, "{sv}", key, g_hash_table_lookup(map->values, key));
    }
    return g_variant_builder_end(&builder);
}
