/*
 * Private to qom/: a map of values under construction. Keys keep the order in which they first
 * came.
 */
#ifndef QOM_VALUE_MAP_H
#define QOM_VALUE_MAP_H

#include <glib.h>

typedef struct ValueMap ValueMap;

ValueMap *value_map_new(void);
void value_map_free(ValueMap *map);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ValueMap, value_map_free)

/* Sets @key, which must be UTF-8, in place of an earlier value. Sinks a floating @value. */
void value_map_set(ValueMap *map, const char *key, GVariant *value);

/* A new floating a{sv} of what is in @map. */
GVariant *value_map_end(const ValueMap *map);

#endif
