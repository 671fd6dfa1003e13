/* Private to qom/: the body of a type. */
#ifndef QOM_TYPE_IMPL_H
#define QOM_TYPE_IMPL_H

#include "qom/object.h"

#define MAX_INTERFACES 32

struct TypeImpl {
    char *name;
    char *parent;
    TypeImpl *parent_type; /* known once the class is being built */

    size_t class_size;
    size_t instance_size;
    size_t instance_align;
    bool abstract;

    void (*class_init)(ObjectClass *klass, void *data);
    void (*class_base_init)(ObjectClass *klass, void *data);
    void *class_data;
    void (*instance_init)(Object *obj);
    void (*instance_post_init)(Object *obj);
    void (*instance_finalize)(Object *obj);

    int num_interfaces;
    char *interfaces[MAX_INTERFACES];

    bool initializing;
    ObjectClass *building; /* seen only by the thread that builds, which holds the lock */
    ObjectClass *klass;    /* published when complete; read without the lock */
};

/* NULL when there is no such type. */
TypeImpl *type_get_by_name(const char *name);

/* As type_get_by_name(), and aborts with a message instead of returning NULL. */
TypeImpl *type_get_or_abort(const char *name);

/* The class of @type, built if need be. */
ObjectClass *type_get_class(TypeImpl *type);

/*
 * Whether @type or one of its ancestors is called @name. The class of @type must have been reached.
 */
bool type_is_a(const TypeImpl *type, const char *name);

/* Whether @type descends from "interface". */
bool type_is_interface(const TypeImpl *type);

/* Says what went wrong in our own code and aborts. */
void qom_abort(const char *format, ...) G_GNUC_PRINTF(1, 2) G_GNUC_NORETURN;

/* The cache of names that asserting casts succeeded with: races lose entries, never correctness. */
bool cast_cache_has(const char *const *cache, const char *name);
void cast_cache_add(const char **cache, const char *name);

#endif
