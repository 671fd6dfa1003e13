/* Private to qom/: property tables and what the kinds share. */
#ifndef QOM_PROPERTY_IMPL_H
#define QOM_PROPERTY_IMPL_H

#include "qom/object.h"

/* Properties by name, and in order of addition. */
struct PropertyTable {
    GHashTable *by_name;
    GQueue order;
};

PropertyTable *property_table_new(void);
void property_table_free(PropertyTable *table);

/* NULL when @table is NULL or has none. */
ObjectProperty *property_table_find(const PropertyTable *table, const char *name);

/* Sets the defaults of all class properties in a new instance. */
void object_init_class_defaults(Object *obj);

/* Releases all properties of @obj, newest first, and then its classes' on its behalf. */
void object_release_properties(Object *obj);

/* Releases and removes @prop of @obj; nothing when that is under way further up the stack. */
void object_property_remove(Object *obj, ObjectProperty *prop);

/* The property that @prop of *@obj stands for when it is an alias, and whose it is; else @prop. */
ObjectProperty *object_property_follow_alias(Object **obj, ObjectProperty *prop);

/* Whether @prop is a link whose target can be stored directly, and the same for children. */
bool object_property_is_link(const ObjectProperty *prop);
bool object_property_is_child(const ObjectProperty *prop);

/*
 * Stores @value through link @prop of @obj, after the checks that a path would have gone through.
 */
bool object_property_store_link(Object *obj, ObjectProperty *prop, Object *value, GError **error);

/* "child<T>" and "link<T>". */
char *property_child_type(const char *type_name);
char *property_link_type(const char *type_name);

#endif
