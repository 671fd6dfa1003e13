/* What types there are and what properties they have, for whoever asks over the wire. */
#ifndef QOM_INTROSPECT_H
#define QOM_INTROSPECT_H

#include "qom/object.h"

typedef struct QomTypeInfo {
    char *name;
    char *parent; /* NULL for a root */
    bool is_abstract;
} QomTypeInfo;

typedef struct QomPropertyInfo {
    char *name;
    char *type;
    char *description;       /* NULL: none */
    GVariant *default_value; /* NULL: none */
    bool readable;
    bool writable;
} QomPropertyInfo;

void qom_type_info_free(QomTypeInfo *info);
void qom_property_info_free(QomPropertyInfo *info);

/*
 * Lists own their elements; g_ptr_array_unref() frees all.
 *
 * QomTypeInfo of every type that is an @implements (NULL: any), by name. An unknown @implements
 * gives an empty list.
 */
GPtrArray *qom_list_types(const char *implements, bool include_abstract);

/*
 * QomPropertyInfo of @obj: class properties from root to leaf class, then the instance's own, in
 * order of addition.
 */
GPtrArray *qom_list_properties(Object *obj);

/*
 * The same for a type: a concrete one is instantiated for the purpose, of an abstract one the class
 * properties are listed. NULL with "Class '%s' not found" (DeviceNotFound) or, for an interface,
 * "Parameter 'typename' expects a QOM type".
 */
GPtrArray *qom_list_type_properties(const char *type_name, GError **error);

#endif
