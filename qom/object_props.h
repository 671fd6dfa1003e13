/*
 * Properties of objects and classes. Included by qom/object.h.
 *
 * A property has a name, a type string, and accessors that carry GVariants (qom/value.h). Class
 * properties are shared by all instances; instance properties belong to one object. A name is
 * looked up in the classes from root to leaf, then in the instance, and an instance property may
 * not take the name of a class property.
 */
#ifndef QOM_OBJECT_PROPS_H
#define QOM_OBJECT_PROPS_H

#include <time.h>

#include "qom/object.h"

/* The value as a new reference (a floating one will do), or NULL with @error set. */
typedef GVariant *ObjectPropertyGet(Object *obj, const char *name, void *opaque, GError **error);

/*
 * Takes what it needs from @value, which stays the caller's. False with @error set when it does not
 * fit.
 */
typedef bool ObjectPropertySet(Object *obj, const char *name, void *opaque, GVariant *value,
                               GError **error);

/*
 * The object that path element @part leads to through this property, borrowed; NULL when to none.
 */
typedef Object *ObjectPropertyResolve(Object *obj, void *opaque, const char *part);

/*
 * Called when an instance property goes away, to free @opaque. For a class property it is called
 * for every instance that goes, and must leave @opaque, which they share.
 */
typedef void ObjectPropertyRelease(Object *obj, const char *name, void *opaque);

/* Gives a class property its initial value in a new instance. */
typedef void ObjectPropertyInit(Object *obj, ObjectProperty *prop);

struct ObjectProperty {
    char *name;
    char *type;
    char *description;
    ObjectPropertyGet *get;
    ObjectPropertySet *set;
    ObjectPropertyResolve *resolve;
    ObjectPropertyRelease *release;
    ObjectPropertyInit *init;
    void *opaque;
    GVariant *defval;
    const QEnumLookup *lookup; /* the names, when the values are an enumeration */

    /* private */
    GList order;
    bool dying;
};

/*
 * Adding. A name that ends in "[*]" gets the first free index, counted from 0, for its star. An
 * accessor of NULL makes the property not readable or not writable. The property belongs to the
 * object. A name that the object or one of its classes has already is an error of
 * object_property_try_add(), which then returns NULL and does not call @release, and aborts in the
 * others. The names and type strings are copied.
 */
ObjectProperty *object_property_try_add(Object *obj, const char *name, const char *type,
                                        ObjectPropertyGet *get, ObjectPropertySet *set,
                                        ObjectPropertyRelease *release, void *opaque,
                                        GError **error);
ObjectProperty *object_property_add(Object *obj, const char *name, const char *type,
                                    ObjectPropertyGet *get, ObjectPropertySet *set,
                                    ObjectPropertyRelease *release, void *opaque);
ObjectProperty *object_class_property_add(ObjectClass *klass, const char *name, const char *type,
                                          ObjectPropertyGet *get, ObjectPropertySet *set,
                                          ObjectPropertyRelease *release, void *opaque);

/* Releases and removes an instance property, which must exist. */
void object_property_del(Object *obj, const char *name);

/*
 * The property, or NULL; the _err variants then set "Property '%s.%s' not found" or "Property '.%s'
 * not found".
 */
ObjectProperty *object_property_find(Object *obj, const char *name);
ObjectProperty *object_property_find_err(Object *obj, const char *name, GError **error);
ObjectProperty *object_class_property_find(ObjectClass *klass, const char *name);
ObjectProperty *object_class_property_find_err(ObjectClass *klass, const char *name,
                                               GError **error);

/* The property must exist. @description is copied. */
void object_property_set_description(Object *obj, const char *name, const char *description);
void object_class_property_set_description(ObjectClass *klass, const char *name,
                                           const char *description);

/*
 * The default of a class property: set in each new instance before its instance_init functions run,
 * and shown by introspection. Once per property.
 */
void object_property_set_default_bool(ObjectProperty *prop, bool value);
void object_property_set_default_str(ObjectProperty *prop, const char *value);
void object_property_set_default_int(ObjectProperty *prop, int64_t value);
void object_property_set_default_uint(ObjectProperty *prop, uint64_t value);
void object_property_set_default_list(ObjectProperty *prop);

/* Iteration; the object's properties must not change meanwhile. */
typedef struct ObjectPropertyIterator {
    /* private */
    ObjectClass *next_class;
    GList *next;
} ObjectPropertyIterator;

/*
 * First the instance's properties, then the class's from leaf to root, each table in order of
 * addition.
 */
void object_property_iter_init(ObjectPropertyIterator *iter, Object *obj);
void object_class_property_iter_init(ObjectPropertyIterator *iter, ObjectClass *klass);
ObjectProperty *object_property_iter_next(ObjectPropertyIterator *iter);

/*
 * Reading and writing. Errors: "Property '%s.%s' not found", "… is not readable", "… is not
 * writable", and those of the accessor. Getters return new values (g_variant_unref(), g_free()).
 */
GVariant *object_property_get(Object *obj, const char *name, GError **error);

/* A floating @value is consumed in every case; a boxed one ('v') is unboxed. */
bool object_property_set(Object *obj, const char *name, GVariant *value, GError **error);

/* Sets from text as on a command line. */
bool object_property_parse(Object *obj, const char *name, const char *text, GError **error);

/* The value as text; with @human, strings are quoted and integers are shown in hexadecimal too. */
char *object_property_print(Object *obj, const char *name, bool human, GError **error);

/* The type string, owned by the property. */
const char *object_property_get_type(Object *obj, const char *name, GError **error);

bool object_property_set_str(Object *obj, const char *name, const char *value, GError **error);
bool object_property_set_bool(Object *obj, const char *name, bool value, GError **error);
bool object_property_set_int(Object *obj, const char *name, int64_t value, GError **error);
bool object_property_set_uint(Object *obj, const char *name, uint64_t value, GError **error);

/* On failure with @error set: NULL, false, -1, 0. */
char *object_property_get_str(Object *obj, const char *name, GError **error);
bool object_property_get_bool(Object *obj, const char *name, GError **error);
int64_t object_property_get_int(Object *obj, const char *name, GError **error);
uint64_t object_property_get_uint(Object *obj, const char *name, GError **error);

/*
 * @type_name is the enumeration's name, which must be the property's type. On failure -1 with
 * @error set.
 */
int object_property_get_enum(Object *obj, const char *name, const char *type_name, GError **error);
bool object_property_set_enum(Object *obj, const char *name, const char *type_name, int value,
                              GError **error);

/*
 * The object a link leads to, borrowed; NULL with no error when to none. Setting a link (or an
 * alias of one) does not go through a path, so @value need not be in a tree yet; but it must not be
 * in another machine's.
 */
Object *object_property_get_link(Object *obj, const char *name, GError **error);
bool object_property_set_link(Object *obj, const char *name, Object *value, GError **error);

/* One line of help: "  name=<type> - description (default: value)". Free with g_free(). */
char *object_property_help(const char *name, const char *type, GVariant *defval,
                           const char *description);

/* Kinds. */

ObjectProperty *object_property_add_bool(Object *obj, const char *name,
                                         bool (*get)(Object *obj, GError **error),
                                         bool (*set)(Object *obj, bool value, GError **error));
ObjectProperty *object_class_property_add_bool(ObjectClass *klass, const char *name,
                                               bool (*get)(Object *obj, GError **error),
                                               bool (*set)(Object *obj, bool value,
                                                           GError **error));

/* @get returns a new string, or NULL, which reads as "" unless it set @error. */
ObjectProperty *
object_property_add_str(Object *obj, const char *name, char *(*get)(Object *obj, GError **error),
                        bool (*set)(Object *obj, const char *value, GError **error));
ObjectProperty *object_class_property_add_str(ObjectClass *klass, const char *name,
                                              char *(*get)(Object *obj, GError **error),
                                              bool (*set)(Object *obj, const char *value,
                                                          GError **error));

/* @type_name is the enumeration's name; @lookup must outlive the property. */
ObjectProperty *object_property_add_enum(Object *obj, const char *name, const char *type_name,
                                         const QEnumLookup *lookup,
                                         int (*get)(Object *obj, GError **error),
                                         bool (*set)(Object *obj, int value, GError **error));
ObjectProperty *object_class_property_add_enum(ObjectClass *klass, const char *name,
                                               const char *type_name, const QEnumLookup *lookup,
                                               int (*get)(Object *obj, GError **error),
                                               bool (*set)(Object *obj, int value, GError **error));

/*
 * Read-only "struct tm": a map of tm_year, tm_mon, tm_mday, tm_hour, tm_min and tm_sec as the C
 * library has them.
 */
ObjectProperty *object_property_add_tm(Object *obj, const char *name,
                                       bool (*get)(Object *obj, struct tm *value, GError **error));
ObjectProperty *object_class_property_add_tm(ObjectClass *klass, const char *name,
                                             bool (*get)(Object *obj, struct tm *value,
                                                         GError **error));

typedef enum {
    OBJ_PROP_FLAG_READ = 1 << 0,
    OBJ_PROP_FLAG_WRITE = 1 << 1,
    OBJ_PROP_FLAG_READWRITE = OBJ_PROP_FLAG_READ | OBJ_PROP_FLAG_WRITE,
} ObjectPropertyFlags;

/*
 * A number at @v, which must outlive the property. The class variants share one number between all
 * instances.
 */
ObjectProperty *object_property_add_uint8_ptr(Object *obj, const char *name, const uint8_t *v,
                                              ObjectPropertyFlags flags);
ObjectProperty *object_property_add_uint16_ptr(Object *obj, const char *name, const uint16_t *v,
                                               ObjectPropertyFlags flags);
ObjectProperty *object_property_add_uint32_ptr(Object *obj, const char *name, const uint32_t *v,
                                               ObjectPropertyFlags flags);
ObjectProperty *object_property_add_uint64_ptr(Object *obj, const char *name, const uint64_t *v,
                                               ObjectPropertyFlags flags);
ObjectProperty *object_class_property_add_uint8_ptr(ObjectClass *klass, const char *name,
                                                    const uint8_t *v, ObjectPropertyFlags flags);
ObjectProperty *object_class_property_add_uint16_ptr(ObjectClass *klass, const char *name,
                                                     const uint16_t *v, ObjectPropertyFlags flags);
ObjectProperty *object_class_property_add_uint32_ptr(ObjectClass *klass, const char *name,
                                                     const uint32_t *v, ObjectPropertyFlags flags);
ObjectProperty *object_class_property_add_uint64_ptr(ObjectClass *klass, const char *name,
                                                     const uint64_t *v, ObjectPropertyFlags flags);

/*
 * Makes @child, which must have no parent, a child of @obj, which takes a reference of its own.
 * Type "child<T>"; reads as the canonical path ("" out of a tree). The child's home is forgotten,
 * since it now has a place.
 */
ObjectProperty *object_property_try_add_child(Object *obj, const char *name, Object *child,
                                              GError **error);
ObjectProperty *object_property_add_child(Object *obj, const char *name, Object *child);

typedef enum {
    OBJ_PROP_LINK_STRONG = 1 << 0, /* the link holds a reference, to what is there at first too */
    OBJ_PROP_LINK_DIRECT =
        1 << 1, /* the pointer is in the property, not behind it: for const links */
    OBJ_PROP_LINK_CLASS = 1 << 2, /* the pointer is at an offset into the instance */
} ObjectPropertyLinkFlags;

/* Says whether link @name may be set to @val (NULL clears it). */
typedef bool ObjectPropertyLinkCheck(const Object *obj, const char *name, Object *val,
                                     GError **error);

/* Always allows. */
bool object_property_allow_set_link(const Object *obj, const char *name, Object *val,
                                    GError **error);

/*
 * A link to an object of @target_type, kept in *@targetp. Type "link<T>"; reads as the canonical
 * path or "". Written with a path, absolute or partial, in the tree of @obj (or of its home); ""
 * clears. With @check NULL it is not writable. A weak link does not keep its target alive, nor is
 * it cleared when the target goes: who sets one sees to that.
 */
ObjectProperty *object_property_add_link(Object *obj, const char *name, const char *target_type,
                                         Object **targetp, ObjectPropertyLinkCheck *check,
                                         ObjectPropertyLinkFlags flags);
ObjectProperty *object_class_property_add_link(ObjectClass *klass, const char *name,
                                               const char *target_type, ptrdiff_t offset,
                                               ObjectPropertyLinkCheck *check,
                                               ObjectPropertyLinkFlags flags);

/* A weak read-only link to @target itself. */
ObjectProperty *object_property_add_const_link(Object *obj, const char *name, Object *target);

/*
 * A property that stands for @target_name of @target_obj, which must have it and must outlive
 * @obj's property. Type, default and description are the target's, but child<T> becomes link<T>.
 */
ObjectProperty *object_property_add_alias(Object *obj, const char *name, Object *target_obj,
                                          const char *target_name);

#endif
