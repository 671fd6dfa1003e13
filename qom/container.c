#include "qom/container.h"

#include <string.h>

#include "qom/property_impl.h"
#include "qom/type_impl.h"

/* Roots and containers. */

Object *object_new_root(void)
{
    Object *root = object_new(TYPE_CONTAINER);

    root->is_root = true;
    return root;
}

bool object_is_root(const Object *obj)
{
    return obj->is_root;
}

Object *object_get_root(Object *obj)
{
    for (;;) {
        if (obj->parent) {
            obj = obj->parent;
        } else if (obj->home) {
            obj = obj->home;
        } else {
            return obj;
        }
    }
}

void object_set_home(Object *obj, Object *in_tree)
{
    /* What has a place needs no home, and a home that leads back here would never end. */
    g_assert(!obj->parent);
    g_assert(!in_tree || object_get_root(in_tree) != obj);
    obj->home = in_tree;
}

Object *container_get(Object *root, const char *path)
{
    g_auto(GStrv) parts = g_strsplit(path, "/", 0);
    Object *obj = root;

    for (int i = 0; parts[i]; i++) {
        Object *child;

        if (!*parts[i]) {
            continue;
        }
        child = object_resolve_path_component(obj, parts[i]);
        if (!child) {
            child = object_new_in(TYPE_CONTAINER, obj);
            object_property_add_child(obj, parts[i], child);
            object_unref(child);
        }
        obj = child;
    }
    return obj;
}

Object *object_get_objects_root(Object *root)
{
    return container_get(root, "/objects");
}

/* Parents and children. */

Object *object_get_parent(Object *obj)
{
    return obj->parent;
}

void object_unparent(Object *obj)
{
    if (obj->parent) {
        object_property_remove(obj->parent, obj->slot);
    }
}

static int child_foreach(Object *obj, int (*fn)(Object *child, void *opaque), void *opaque,
                         bool recurse)
{
    GList *e = obj->properties ? obj->properties->order.head : NULL;
    int ret = 0;

    while (e && !ret) {
        ObjectProperty *prop = e->data;

        /* The one after this is known before @fn may remove this one. */
        e = e->next;
        if (object_property_is_child(prop)) {
            g_autoptr(Object) child = object_ref(prop->opaque);

            ret = fn(child, opaque);
            if (!ret && recurse) {
                ret = child_foreach(child, fn, opaque, true);
            }
        }
    }
    return ret;
}

int object_child_foreach(Object *obj, int (*fn)(Object *child, void *opaque), void *opaque)
{
    return child_foreach(obj, fn, opaque, false);
}

int object_child_foreach_recursive(Object *obj, int (*fn)(Object *child, void *opaque),
                                   void *opaque)
{
    return child_foreach(obj, fn, opaque, true);
}

/* Paths. */

const char *object_get_canonical_path_component(const Object *obj)
{
    return obj->parent ? obj->slot->name : NULL;
}

char *object_get_canonical_path(const Object *obj)
{
    GString *path = g_string_new(NULL);

    for (; obj->parent; obj = obj->parent) {
        g_string_prepend(path, obj->slot->name);
        g_string_prepend_c(path, '/');
    }
    if (!obj->is_root) {
        g_string_free(path, TRUE);
        return NULL;
    }
    if (!path->len) {
        g_string_append_c(path, '/');
    }
    return g_string_free(path, FALSE);
}

Object *object_resolve_path_component(Object *parent, const char *part)
{
    ObjectProperty *prop = object_property_find(parent, part);

    return prop && prop->resolve ? prop->resolve(parent, prop->opaque, part) : NULL;
}

/* What @parts lead to from @obj, if that is a @type_name. */
static Object *resolve_parts(Object *obj, char **parts, const char *type_name)
{
    for (; obj && *parts; parts++) {
        if (**parts) {
            obj = object_resolve_path_component(obj, *parts);
        }
    }
    return object_dynamic_cast(obj, type_name);
}

/* What @path leads to from @obj, if that is a @type_name. Most parts are short, so nothing is allocated. */
static Object *resolve_slashes(Object *obj, const char *path, const char *type_name)
{
    char part[64];

    while (obj && *path) {
        size_t length = strcspn(path, "/");

        if (length >= sizeof(part)) {
            g_autofree char *longer = g_strndup(path, length);

            obj = object_resolve_path_component(obj, longer);
        } else if (length > 0) {
            memcpy(part, path, length);
            part[length] = '\0';
            obj = object_resolve_path_component(obj, part);
        }
        path += length + (path[length] == '/');
    }
    return object_dynamic_cast(obj, type_name);
}

/* A search for all places from which @parts lead to a @type_name. */
typedef struct PartialSearch {
    char **parts;
    const char *type_name;
    Object *found;
    bool ambiguous;
} PartialSearch;

/* Returns other than 0 when the answer is known to be ambiguous, which ends the walk. */
static int search_from(Object *obj, void *opaque)
{
    PartialSearch *search = opaque;
    Object *hit = resolve_parts(obj, search->parts, search->type_name);

    if (hit && search->found) {
        search->ambiguous = true;
    }
    if (hit) {
        search->found = hit;
    }
    return search->ambiguous;
}

Object *object_resolve_path_type(Object *from, const char *path, const char *type_name,
                                 bool *ambiguous)
{
    g_auto(GStrv) parts = NULL;
    Object *root = object_get_root(from);
    PartialSearch search = { .type_name = type_name };

    if (*path == '/') {
        search.found = resolve_slashes(root, path, type_name);
    } else {
        parts = g_strsplit(path, "/", 0);
        search.parts = parts;
        if (!search_from(root, &search)) {
            object_child_foreach_recursive(root, search_from, &search);
        }
    }
    if (ambiguous) {
        *ambiguous = search.ambiguous;
    }
    return search.ambiguous ? NULL : search.found;
}

Object *object_resolve_path(Object *from, const char *path, bool *ambiguous)
{
    return object_resolve_path_type(from, path, TYPE_OBJECT, ambiguous);
}

Object *object_resolve_path_at(Object *parent, const char *path)
{
    return resolve_slashes(*path == '/' ? object_get_root(parent) : parent, path, TYPE_OBJECT);
}

Object *object_resolve_path_err(Object *from, const char *path, GError **error)
{
    bool ambiguous;
    Object *obj = object_resolve_path(from, path, &ambiguous);

    if (!obj && ambiguous) {
        qom_error_set(error, "Path '%s' is ambiguous", path);
    } else if (!obj) {
        qom_error_set_not_found(error, path);
    }
    return obj;
}

static void register_container_type(void)
{
    static const TypeInfo info = {
        .name = TYPE_CONTAINER,
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(Object),
    };

    type_register_static(&info);
}

type_init(register_container_type)
