/*
 * Objects: instances, references, checked casts, and the macros that declare and define types.
 *
 * A type's header says
 *
 *     #define TYPE_FOO "foo"
 *     OBJECT_DECLARE_TYPE(FooState, FooClass, FOO)
 *
 * and gets the typedefs, FOO(obj), FOO_CLASS(klass), FOO_GET_CLASS(obj) and g_autoptr(FooState).
 */
#ifndef QOM_OBJECT_H
#define QOM_OBJECT_H

#include <stdarg.h>

#include "qom/type.h"
#include "qom/error.h"
#include "qom/value.h"

/* The head of every instance; all of it is private. */
struct Object {
    ObjectClass *klass;
    ObjectFree *free;
    PropertyTable *properties;
    uint32_t ref;
    bool is_root;
    bool finalizing;
    Object *parent;
    ObjectProperty *slot; /* the parent's property that holds this */
    Object *home;
};

#define OBJECT(obj) ((Object *)(obj))
#define OBJECT_CLASS(klass) ((ObjectClass *)(klass))

/* Casts that abort with a message when the object or class is something else. NULL passes. */
#define OBJECT_CHECK(type, obj, name)                                                              \
    ((type *)object_dynamic_cast_assert(OBJECT(obj), (name), __FILE__, __LINE__, __func__))
#define OBJECT_CLASS_CHECK(class_type, klass, name)                                                \
    ((class_type *)object_class_dynamic_cast_assert(OBJECT_CLASS(klass), (name), __FILE__,         \
                                                    __LINE__, __func__))
#define OBJECT_GET_CLASS(class_type, obj, name)                                                    \
    OBJECT_CLASS_CHECK(class_type, object_get_class(OBJECT(obj)), name)

#define INTERFACE_CLASS(klass) OBJECT_CLASS_CHECK(InterfaceClass, klass, TYPE_INTERFACE)
#define INTERFACE_CHECK(interface, obj, name)                                                      \
    ((interface *)object_dynamic_cast_assert(OBJECT((obj)), (name), __FILE__, __LINE__, __func__))

/* OBJ_NAME(obj): the checked cast to an instance type. */
#define DECLARE_INSTANCE_CHECKER(InstanceType, OBJ_NAME, TYPENAME)                                 \
    static inline G_GNUC_UNUSED InstanceType *OBJ_NAME(const void *obj)                            \
    {                                                                                              \
        return OBJECT_CHECK(InstanceType, obj, TYPENAME);                                          \
    }

/* OBJ_NAME_CLASS(klass) and OBJ_NAME_GET_CLASS(obj). */
#define DECLARE_CLASS_CHECKERS(ClassType, OBJ_NAME, TYPENAME)                                      \
    static inline G_GNUC_UNUSED ClassType *OBJ_NAME##_GET_CLASS(const void *obj)                   \
    {                                                                                              \
        return OBJECT_GET_CLASS(ClassType, obj, TYPENAME);                                         \
    }                                                                                              \
    static inline G_GNUC_UNUSED ClassType *OBJ_NAME##_CLASS(const void *klass)                     \
    {                                                                                              \
        return OBJECT_CLASS_CHECK(ClassType, klass, TYPENAME);                                     \
    }

#define DECLARE_OBJ_CHECKERS(InstanceType, ClassType, OBJ_NAME, TYPENAME)                          \
    DECLARE_INSTANCE_CHECKER(InstanceType, OBJ_NAME, TYPENAME)                                     \
    DECLARE_CLASS_CHECKERS(ClassType, OBJ_NAME, TYPENAME)

/* For a type with a class struct of its own; TYPE_<MODULE_OBJ_NAME> must be defined. */
#define OBJECT_DECLARE_TYPE(InstanceType, ClassType, MODULE_OBJ_NAME)                              \
    typedef struct InstanceType InstanceType;                                                      \
    typedef struct ClassType ClassType;                                                            \
    G_DEFINE_AUTOPTR_CLEANUP_FUNC(InstanceType, object_unref)                                      \
    DECLARE_OBJ_CHECKERS(InstanceType, ClassType, MODULE_OBJ_NAME, TYPE_##MODULE_OBJ_NAME)

/* For a type that uses its parent's class struct. */
#define OBJECT_DECLARE_SIMPLE_TYPE(InstanceType, MODULE_OBJ_NAME)                                  \
    typedef struct InstanceType InstanceType;                                                      \
    G_DEFINE_AUTOPTR_CLEANUP_FUNC(InstanceType, object_unref)                                      \
    DECLARE_INSTANCE_CHECKER(InstanceType, MODULE_OBJ_NAME, TYPE_##MODULE_OBJ_NAME)

/*
 * Defines and registers a type whose functions are called <module_obj_name>_init, _finalize and
 * _class_init. With ClassSize 0 the parent's class struct is used.
 */
#define OBJECT_DEFINE_TYPE_FULL(ModuleObjName, module_obj_name, MODULE_OBJ_NAME,                   \
                                PARENT_MODULE_OBJ_NAME, ABSTRACT, ClassSize, ...)                  \
    static void module_obj_name##_finalize(Object *obj);                                           \
    static void module_obj_name##_class_init(ObjectClass *oc, void *data);                         \
    static void module_obj_name##_init(Object *obj);                                               \
    static const TypeInfo module_obj_name##_info = {                                               \
        .parent = TYPE_##PARENT_MODULE_OBJ_NAME,                                                   \
        .name = TYPE_##MODULE_OBJ_NAME,                                                            \
        .instance_size = sizeof(ModuleObjName),                                                    \
        .instance_align = __alignof__(ModuleObjName),                                              \
        .instance_init = module_obj_name##_init,                                                   \
        .instance_finalize = module_obj_name##_finalize,                                           \
        .class_size = (ClassSize),                                                                 \
        .class_init = module_obj_name##_class_init,                                                \
        .abstract = (ABSTRACT),                                                                    \
        .interfaces = (InterfaceInfo[]){ __VA_ARGS__ },                                            \
    };                                                                                             \
    static void module_obj_name##_register_types(void)                                             \
    {                                                                                              \
        type_register_static(&module_obj_name##_info);                                             \
    }                                                                                              \
    type_init(module_obj_name##_register_types)

#define OBJECT_DEFINE_TYPE_EXTENDED(ModuleObjName, module_obj_name, MODULE_OBJ_NAME,               \
                                    PARENT_MODULE_OBJ_NAME, ABSTRACT, ...)                         \
    OBJECT_DEFINE_TYPE_FULL(ModuleObjName, module_obj_name, MODULE_OBJ_NAME,                       \
                            PARENT_MODULE_OBJ_NAME, ABSTRACT, sizeof(ModuleObjName##Class),        \
                            __VA_ARGS__)

#define OBJECT_DEFINE_TYPE(ModuleObjName, module_obj_name, MODULE_OBJ_NAME,                        \
                           PARENT_MODULE_OBJ_NAME)                                                 \
    OBJECT_DEFINE_TYPE_EXTENDED(ModuleObjName, module_obj_name, MODULE_OBJ_NAME,                   \
                                PARENT_MODULE_OBJ_NAME, false, { NULL })

#define OBJECT_DEFINE_TYPE_WITH_INTERFACES(ModuleObjName, module_obj_name, MODULE_OBJ_NAME,        \
                                           PARENT_MODULE_OBJ_NAME, ...)                            \
    OBJECT_DEFINE_TYPE_EXTENDED(ModuleObjName, module_obj_name, MODULE_OBJ_NAME,                   \
                                PARENT_MODULE_OBJ_NAME, false, __VA_ARGS__)

#define OBJECT_DEFINE_ABSTRACT_TYPE(ModuleObjName, module_obj_name, MODULE_OBJ_NAME,               \
                                    PARENT_MODULE_OBJ_NAME)                                        \
    OBJECT_DEFINE_TYPE_EXTENDED(ModuleObjName, module_obj_name, MODULE_OBJ_NAME,                   \
                                PARENT_MODULE_OBJ_NAME, true, { NULL })

#define OBJECT_DEFINE_SIMPLE_TYPE_WITH_INTERFACES(ModuleObjName, module_obj_name, MODULE_OBJ_NAME, \
                                                  PARENT_MODULE_OBJ_NAME, ...)                     \
    OBJECT_DEFINE_TYPE_FULL(ModuleObjName, module_obj_name, MODULE_OBJ_NAME,                       \
                            PARENT_MODULE_OBJ_NAME, false, 0, __VA_ARGS__)

#define OBJECT_DEFINE_SIMPLE_TYPE(ModuleObjName, module_obj_name, MODULE_OBJ_NAME,                 \
                                  PARENT_MODULE_OBJ_NAME)                                          \
    OBJECT_DEFINE_SIMPLE_TYPE_WITH_INTERFACES(ModuleObjName, module_obj_name, MODULE_OBJ_NAME,     \
                                              PARENT_MODULE_OBJ_NAME, { NULL })

/*
 * New objects. The caller owns the one reference. The type must exist and be concrete, else these
 * abort; for names that come from a user there is object_new_checked().
 */
Object *object_new(const char *type_name);
Object *object_new_with_class(ObjectClass *klass);

/*
 * As object_new(), with the home set before anything of the instance runs (see object_set_home()).
 */
Object *object_new_in(const char *type_name, Object *in_tree);

/*
 * Returns NULL with "invalid object type: %s" or "object type '%s' is abstract" where object_new()
 * aborts.
 */
Object *object_new_checked(const char *type_name, GError **error);

/* As object_new_checked(), with the home set before anything of the instance runs. */
Object *object_new_checked_in(const char *type_name, Object *in_tree, GError **error);

/*
 * Creates an object, sets its properties from (name, text) pairs that a NULL name ends, makes it
 * the child @id of @parent, and completes it if it is a UserCreatable. With @id NULL it stays out
 * of the tree and the caller owns the reference; else the parent has the only one, and the result
 * is good as long as the child is there. On failure returns NULL and nothing is left in the tree.
 */
Object *object_new_with_props(const char *type_name, Object *parent, const char *id, GError **error,
                              ...) G_GNUC_NULL_TERMINATED;
Object *object_new_with_propv(const char *type_name, Object *parent, const char *id, GError **error,
                              va_list vargs);

/* Sets properties from (name, text) pairs that a NULL name ends; stops at the first failure. */
bool object_set_props(Object *obj, GError **error, ...) G_GNUC_NULL_TERMINATED;
bool object_set_propv(Object *obj, GError **error, va_list vargs);

/*
 * Makes the @size bytes at @obj an instance of @type_name with one reference. The memory is the
 * caller's and must stay until the last reference is gone.
 */
void object_initialize(void *obj, size_t size, const char *type_name);

/*
 * Initialises @childobj, memory inside @parentobj, as its child @propname. The parent has the only
 * reference. The _with_props variants also set properties and complete a UserCreatable, as
 * object_new_with_props() does.
 */
#define object_initialize_child(parent, propname, child, type)                                     \
    object_initialize_child_internal((parent), (propname), (child), sizeof(*(child)), (type))
void object_initialize_child_internal(Object *parent, const char *propname, void *child,
                                      size_t size, const char *type_name);
bool object_initialize_child_with_props(Object *parentobj, const char *propname, void *childobj,
                                        size_t size, const char *type_name, GError **error,
                                        ...) G_GNUC_NULL_TERMINATED;
bool object_initialize_child_with_propsv(Object *parentobj, const char *propname, void *childobj,
                                         size_t size, const char *type_name, GError **error,
                                         va_list vargs);

/* Adds a reference; returns @obj, which may be NULL. Atomic. */
Object *object_ref(void *obj);

/* Drops a reference; the last one finalises @obj, which may be NULL. */
void object_unref(void *obj);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Object, object_unref)

/* The class and the type's name; @obj is not NULL. */
ObjectClass *object_get_class(Object *obj);
const char *object_get_typename(const Object *obj);

/*
 * @obj when it is a @type_name, else NULL; NULL too for a NULL object and for an ambiguous
 * interface.
 */
Object *object_dynamic_cast(Object *obj, const char *type_name);

/*
 * The same, and aborts with a message where that gives NULL (but NULL stays NULL). @type_name must
 * stay for ever, as literals do: the cache of successful casts remembers the pointer.
 */
Object *object_dynamic_cast_assert(Object *obj, const char *type_name, const char *file, int line,
                                   const char *func);

#include "qom/object_props.h"
#include "qom/container.h"

#endif
