/*
 * The type registry: what a type is, how it is registered, and how its class is reached.
 *
 * Types are known by name and form a tree under "object" and "interface". A class is built at first
 * use. The registry is the one thing that all machines share: every function here may be called
 * from any thread.
 */
#ifndef QOM_TYPE_H
#define QOM_TYPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#include "qom/module.h"

#define TYPE_OBJECT "object"
#define TYPE_INTERFACE "interface"

typedef struct TypeImpl TypeImpl;
typedef TypeImpl *Type;

typedef struct Object Object;
typedef struct ObjectClass ObjectClass;
typedef struct ObjectProperty ObjectProperty;
typedef struct PropertyTable PropertyTable;
typedef struct InterfaceClass InterfaceClass;
typedef struct InterfaceInfo InterfaceInfo;
typedef struct TypeInfo TypeInfo;

/* Called on the child when it leaves its parent, before the parent's reference is dropped. */
typedef void ObjectUnparent(Object *obj);
typedef void ObjectFree(void *obj);

#define OBJECT_CLASS_CAST_CACHE 4

/* The head of every class. Only @unparent is for subclasses to set. */
struct ObjectClass {
    /* private */
    TypeImpl *type;
    GSList *interfaces; /* of InterfaceClass */
    const char *object_cast_cache[OBJECT_CLASS_CAST_CACHE];
    const char *class_cast_cache[OBJECT_CLASS_CAST_CACHE];
    PropertyTable *properties;

    /* public */
    ObjectUnparent *unparent;
};

/* The head of every interface's class. An interface has no instance data. */
struct InterfaceClass {
    ObjectClass parent_class;

    /* private */
    ObjectClass *concrete_class; /* the class that implements it */
    Type interface_type;
};

struct InterfaceInfo {
    const char *type;
};

/*
 * What a type registers. Sizes of 0 are inherited; a type whose instance size is then still 0
 * cannot be instantiated.
 *
 *   instance_init       runs from root to leaf on zeroed memory, class property defaults already set
 *   instance_post_init  runs from leaf to root when every instance_init is done
 *   instance_finalize   runs from leaf to root when the last reference and the properties are gone
 *   class_init          runs once for the type's own class, on a copy of the parent's class
 *   class_base_init     runs for the class of every descendant, before that one's class_init; it does
 *                       not run for the type's own class
 *   class_data          handed to the two class functions
 *   interfaces          ends with a NULL name; 32 at most
 */
struct TypeInfo {
    const char *name;
    const char *parent;

    size_t instance_size;
    size_t instance_align;
    void (*instance_init)(Object *obj);
    void (*instance_post_init)(Object *obj);
    void (*instance_finalize)(Object *obj);

    bool abstract;
    size_t class_size;

    void (*class_init)(ObjectClass *klass, void *data);
    void (*class_base_init)(ObjectClass *klass, void *data);
    void *class_data;

    InterfaceInfo *interfaces;
};

/*
 * Registers a type; @info is copied, its strings too, so it need not outlive the call. A name that
 * is taken, a missing parent name, and a registration from inside object_class_foreach() are
 * programming errors and abort.
 */
Type type_register(const TypeInfo *info);

/* The same; says that @info is static. */
Type type_register_static(const TypeInfo *info);

void type_register_static_array(const TypeInfo *infos, int nr_infos);

/* Registers every TypeInfo of @type_array when the types of the program are. One to a file. */
#define DEFINE_TYPES(type_array)                                                                   \
    static void do_register_types_##type_array(void)                                               \
    {                                                                                              \
        type_register_static_array(type_array, G_N_ELEMENTS(type_array));                          \
    }                                                                                              \
    type_init(do_register_types_##type_array)

/*
 * The class of @type_name, built if need be; NULL when there is no such type. Classes live as long
 * as the program.
 */
ObjectClass *object_class_by_name(const char *type_name);

/* The parent class, or NULL for a root. */
ObjectClass *object_class_get_parent(ObjectClass *klass);

const char *object_class_get_name(ObjectClass *klass);

/* Whether @klass cannot be instantiated, by declaration or because it has no instance size. */
bool object_class_is_abstract(ObjectClass *klass);

/* Bytes of an instance. */
size_t object_class_get_instance_size(ObjectClass *klass);

/* Bytes of an instance of @type_name, which must exist. */
size_t object_type_get_instance_size(const char *type_name);

/*
 * @klass as a @type_name, or NULL when it is none or when @klass is NULL. For an interface, the
 * class's own copy of the interface class; NULL too when more than one interface of the class
 * descends from @type_name.
 */
ObjectClass *object_class_dynamic_cast(ObjectClass *klass, const char *type_name);

/*
 * The same, and aborts with a message where that gives NULL (but NULL stays NULL). @type_name must
 * stay for ever, as literals do: the cache of successful casts remembers the pointer.
 */
ObjectClass *object_class_dynamic_cast_assert(ObjectClass *klass, const char *type_name,
                                              const char *file, int line, const char *func);

/*
 * Calls @fn for each class that is an @implements_type (NULL: for each class), abstract ones too if
 * @include_abstract, in no particular order. @fn must not register types.
 */
void object_class_foreach(void (*fn)(ObjectClass *klass, void *opaque), const char *implements_type,
                          bool include_abstract, void *opaque);

/*
 * A list of the classes that object_class_foreach() visits; the caller frees it with
 * g_slist_free().
 */
GSList *object_class_get_list(const char *implements_type, bool include_abstract);

/* The same, by name in ASCII order, letter case aside. */
GSList *object_class_get_list_sorted(const char *implements_type, bool include_abstract);

#endif
