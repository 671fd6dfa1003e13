/* The kinds that lead to other objects: child, link, const link, alias. */
#include "qom/property_impl.h"

#include <string.h>

#include "qom/type_impl.h"

char *property_child_type(const char *type_name)
{
    return g_strdup_printf("child<%s>", type_name);
}

char *property_link_type(const char *type_name)
{
    return g_strdup_printf("link<%s>", type_name);
}

/* The path of @obj, or "" when there is none. */
static GVariant *path_value(const Object *obj)
{
    g_autofree char *path = obj ? object_get_canonical_path(obj) : NULL;

    return qom_value_new_str(path);
}

/* child */

static GVariant *property_get_child(Object *obj, const char *name, void *opaque, GError **error)
{
    (void)obj;
    (void)name;
    (void)error;
    return path_value(opaque);
}

static Object *property_resolve_child(Object *obj, void *opaque, const char *part)
{
    (void)obj;
    (void)part;
    return opaque;
}

static void property_release_child(Object *obj, const char *name, void *opaque)
{
    Object *child = opaque;

    (void)obj;
    (void)name;
    if (child->klass->unparent) {
        child->klass->unparent(child);
    }
    child->parent = NULL;
    child->slot = NULL;
    object_unref(child);
}

bool object_property_is_child(const ObjectProperty *prop)
{
    return prop->resolve == property_resolve_child;
}

ObjectProperty *object_property_try_add_child(Object *obj, const char *name, Object *child,
                                              GError **error)
{
    g_autofree char *type = property_child_type(object_get_typename(child));
    ObjectProperty *prop;

    g_assert(!child->parent && !child->is_root);
    for (const Object *o = obj; o; o = o->parent) {
        g_assert(o != child);
    }
    prop = object_property_try_add(obj, name, type, property_get_child, NULL,
                                   property_release_child, child, error);
    if (!prop) {
        return NULL;
    }
    prop->resolve = property_resolve_child;
    object_ref(child);
    child->parent = obj;
    child->slot = prop;
    child->home = NULL;
    return prop;
}

ObjectProperty *object_property_add_child(Object *obj, const char *name, Object *child)
{
    GError *error = NULL;
    ObjectProperty *prop = object_property_try_add_child(obj, name, child, &error);

    if (!prop) {
        qom_error_abort(error);
    }
    return prop;
}

/* link */

typedef struct LinkProperty {
    union {
        Object **targetp;
        Object *target;   /* OBJ_PROP_LINK_DIRECT */
        ptrdiff_t offset; /* OBJ_PROP_LINK_CLASS */
    };
    ObjectPropertyLinkCheck *check;
    ObjectPropertyLinkFlags flags;
    char *target_type;
} LinkProperty;

static Object **link_slot(Object *obj, LinkProperty *link)
{
    if (link->flags & OBJ_PROP_LINK_DIRECT) {
        return &link->target;
    }
    if (link->flags & OBJ_PROP_LINK_CLASS) {
        return (Object **)(void *)((char *)obj + link->offset);
    }
    return link->targetp;
}

static GVariant *property_get_link(Object *obj, const char *name, void *opaque, GError **error)
{
    (void)name;
    (void)error;
    return path_value(*link_slot(obj, opaque));
}

static Object *property_resolve_link(Object *obj, void *opaque, const char *part)
{
    (void)part;
    return *link_slot(obj, opaque);
}

static bool link_store(Object *obj, const char *name, LinkProperty *link, Object *target,
                       GError **error)
{
    Object **slot = link_slot(obj, link);
    Object *old = *slot;

    if (!link->check(obj, name, target, error)) {
        return false;
    }
    *slot = target;
    if (link->flags & OBJ_PROP_LINK_STRONG) {
        object_ref(target);
        object_unref(old);
    }
    return true;
}

static bool link_type_error(const char *name, const LinkProperty *link, GError **error)
{
    return qom_error_set(error, "Invalid parameter type for '%s', expected: %s", name,
                         link->target_type);
}

/*
 * The object that @path means as a value of @link; NULL with @error set when there is no single
 * one.
 */
static Object *link_resolve(Object *obj, const char *name, const LinkProperty *link,
                            const char *path, GError **error)
{
    bool ambiguous;
    Object *target = object_resolve_path_type(obj, path, link->target_type, &ambiguous);

    if (ambiguous) {
        qom_error_set(error, "Path '%s' does not uniquely identify an object", path);
    } else if (!target) {
        target = object_resolve_path(obj, path, &ambiguous);
        if (target || ambiguous) {
            link_type_error(name, link, error);
        } else {
            qom_error_set_not_found(error, path);
        }
        return NULL;
    }
    return target;
}

static bool property_set_link(Object *obj, const char *name, void *opaque, GVariant *value,
                              GError **error)
{
    LinkProperty *link = opaque;
    Object *target = NULL;
    const char *path;

    if (!qom_value_get_str(value, name, &path, error)) {
        return false;
    }
    if (*path) {
        target = link_resolve(obj, name, link, path, error);
        if (!target) {
            return false;
        }
    }
    return link_store(obj, name, link, target, error);
}

bool object_property_is_link(const ObjectProperty *prop)
{
    return prop->resolve == property_resolve_link;
}

bool object_property_store_link(Object *obj, ObjectProperty *prop, Object *value, GError **error)
{
    LinkProperty *link = prop->opaque;

    if (value) {
        Object *here = object_get_root(obj);
        Object *there = object_get_root(value);

        /* Two machines never share an object. */
        if (here != there && here->is_root && there->is_root) {
            g_autofree char *path = object_get_canonical_path(value);

            return qom_error_set_not_found(error, path ? path : object_get_typename(value));
        }
        if (!object_dynamic_cast(value, link->target_type)) {
            return link_type_error(prop->name, link, error);
        }
    }
    return link_store(obj, prop->name, link, value, error);
}

static void property_release_link(Object *obj, const char *name, void *opaque)
{
    LinkProperty *link = opaque;
    Object **slot = link_slot(obj, link);

    (void)name;
    if (link->flags & OBJ_PROP_LINK_STRONG) {
        Object *old = *slot;

        *slot = NULL;
        object_unref(old);
    }
    if (!(link->flags & OBJ_PROP_LINK_CLASS)) {
        g_free(link->target_type);
        g_free(link);
    }
}

static LinkProperty *link_property_new(const char *target_type, ObjectPropertyLinkCheck *check,
                                       ObjectPropertyLinkFlags flags)
{
    LinkProperty *link = g_new0(LinkProperty, 1);

    link->target_type = g_strdup(target_type);
    link->check = check;
    link->flags = flags;
    return link;
}

static ObjectProperty *add_link(Object *obj, const char *name, LinkProperty *link)
{
    g_autofree char *type = property_link_type(link->target_type);
    ObjectProperty *prop =
        object_property_add(obj, name, type, property_get_link,
                            link->check ? property_set_link : NULL, property_release_link, link);

    prop->resolve = property_resolve_link;
    return prop;
}

bool object_property_allow_set_link(const Object *obj, const char *name, Object *val,
                                    GError **error)
{
    (void)obj;
    (void)name;
    (void)val;
    (void)error;
    return true;
}

ObjectProperty *object_property_add_link(Object *obj, const char *name, const char *target_type,
                                         Object **targetp, ObjectPropertyLinkCheck *check,
                                         ObjectPropertyLinkFlags flags)
{
    LinkProperty *link = link_property_new(target_type, check, flags);

    g_assert(!(flags & OBJ_PROP_LINK_CLASS));
    if (flags & OBJ_PROP_LINK_DIRECT) {
        link->target = (Object *)targetp;
    } else {
        link->targetp = targetp;
    }
    return add_link(obj, name, link);
}

ObjectProperty *object_class_property_add_link(ObjectClass *klass, const char *name,
                                               const char *target_type, ptrdiff_t offset,
                                               ObjectPropertyLinkCheck *check,
                                               ObjectPropertyLinkFlags flags)
{
    LinkProperty *link = link_property_new(target_type, check, flags | OBJ_PROP_LINK_CLASS);
    g_autofree char *type = property_link_type(target_type);
    ObjectProperty *prop =
        object_class_property_add(klass, name, type, property_get_link,
                                  check ? property_set_link : NULL, property_release_link, link);

    g_assert(!(flags & OBJ_PROP_LINK_DIRECT));
    link->offset = offset;
    prop->resolve = property_resolve_link;
    return prop;
}

ObjectProperty *object_property_add_const_link(Object *obj, const char *name, Object *target)
{
    LinkProperty *link = link_property_new(object_get_typename(target), NULL, OBJ_PROP_LINK_DIRECT);

    link->target = target;
    return add_link(obj, name, link);
}

/* alias */

typedef struct AliasProperty {
    Object *target_obj;
    char *target_name;
} AliasProperty;

static GVariant *property_get_alias(Object *obj, const char *name, void *opaque, GError **error)
{
    const AliasProperty *alias = opaque;

    (void)obj;
    (void)name;
    return object_property_get(alias->target_obj, alias->target_name, error);
}

static bool property_set_alias(Object *obj, const char *name, void *opaque, GVariant *value,
                               GError **error)
{
    const AliasProperty *alias = opaque;

    (void)obj;
    (void)name;
    return object_property_set(alias->target_obj, alias->target_name, value, error);
}

static Object *property_resolve_alias(Object *obj, void *opaque, const char *part)
{
    const AliasProperty *alias = opaque;

    (void)obj;
    (void)part;
    return object_resolve_path_component(alias->target_obj, alias->target_name);
}

static void property_release_alias(Object *obj, const char *name, void *opaque)
{
    AliasProperty *alias = opaque;

    (void)obj;
    (void)name;
    g_free(alias->target_name);
    g_free(alias);
}

ObjectProperty *object_property_follow_alias(Object **obj, ObjectProperty *prop)
{
    while (prop && prop->get == property_get_alias) {
        const AliasProperty *alias = prop->opaque;

        *obj = alias->target_obj;
        prop = object_property_find(alias->target_obj, alias->target_name);
    }
    return prop;
}

/* An alias of a child is only a way to it, not its place. */
static char *alias_type(const ObjectProperty *target)
{
    if (object_property_is_child(target)) {
        return property_link_type(object_get_typename(target->opaque));
    }
    return g_strdup(target->type);
}

ObjectProperty *object_property_add_alias(Object *obj, const char *name, Object *target_obj,
                                          const char *target_name)
{
    ObjectProperty *target = object_property_find(target_obj, target_name);
    AliasProperty *alias = g_new0(AliasProperty, 1);
    g_autofree char *type = NULL;
    ObjectProperty *prop;

    g_assert(target);
    type = alias_type(target);
    alias->target_obj = target_obj;
    alias->target_name = g_strdup(target_name);
    prop = object_property_add(obj, name, type, property_get_alias, property_set_alias,
                               property_release_alias, alias);
    prop->resolve = target->resolve ? property_resolve_alias : NULL;
    prop->description = g_strdup(target->description);
    prop->defval = target->defval ? g_variant_ref(target->defval) : NULL;
    prop->lookup = target->lookup;
    return prop;
}
