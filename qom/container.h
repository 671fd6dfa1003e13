/*
 * The composition tree: roots, containers, children and paths. Included by qom/object.h.
 *
 * There is no global root. Each machine has a root of its own, and an object's tree is that of its
 * topmost ancestor.
 */
#ifndef QOM_CONTAINER_H
#define QOM_CONTAINER_H

#include "qom/object.h"

#define TYPE_CONTAINER "container"

/*
 * A new, empty root ("/"): a container. The caller owns the reference; dropping it takes the tree
 * down.
 */
Object *object_new_root(void);

/* Whether @obj was made by object_new_root(). */
bool object_is_root(const Object *obj);

/*
 * The topmost ancestor of @obj, which may be @obj itself. When that one is no root but has a home,
 * the search goes on from the home.
 */
Object *object_get_root(Object *obj);

/*
 * Says in which tree @obj will live, so that its link properties resolve before it has a parent.
 * @in_tree is any object of that tree, is not referenced, and must stay until @obj has a parent, is
 * gone or has its home reset (NULL).
 */
void object_set_home(Object *obj, Object *in_tree);

/*
 * The container at @path ("/a/b") under @root; what is missing is created. Aborts when an element
 * is no child.
 */
Object *container_get(Object *root, const char *path);

/* The container "/objects" of user-created objects. */
Object *object_get_objects_root(Object *root);

/* The parent, or NULL. */
Object *object_get_parent(Object *obj);

/*
 * Takes @obj out of its parent, if it has one, which drops the parent's reference. The class's
 * unparent runs before.
 */
void object_unparent(Object *obj);

/*
 * Calls @fn for each child until one call returns other than 0, and returns that value (or 0). The
 * recursive variant goes depth first, a child before its own children. @fn may remove the child
 * that it got, but no other.
 */
int object_child_foreach(Object *obj, int (*fn)(Object *child, void *opaque), void *opaque);
int object_child_foreach_recursive(Object *obj, int (*fn)(Object *child, void *opaque),
                                   void *opaque);

/*
 * The name of the property that holds @obj in its parent, owned by that property; NULL without a
 * parent.
 */
const char *object_get_canonical_path_component(const Object *obj);

/*
 * The path from the root, "/" for a root itself; NULL when the topmost ancestor is no root. Free
 * with g_free().
 */
char *object_get_canonical_path(const Object *obj);

/*
 * Paths. "/a/b" is absolute; "a/b" is partial and matches wherever in the tree it resolves relative
 * to an object. Elements go through children and links; empty ones are skipped. Results are
 * borrowed. A partial path with several matches gives NULL, and true in *@ambiguous, which may be
 * NULL. @from is any object of the tree.
 */
Object *object_resolve_path(Object *from, const char *path, bool *ambiguous);

/* The same among objects of @type_name only; with the path "", all of them. */
Object *object_resolve_path_type(Object *from, const char *path, const char *type_name,
                                 bool *ambiguous);

/* A path that does not begin with "/" starts at @parent. */
Object *object_resolve_path_at(Object *parent, const char *path);

/* One element: the child or link target @part of @parent, or NULL. */
Object *object_resolve_path_component(Object *parent, const char *part);

/* As object_resolve_path(), and says "Device '%s' not found" or "Path '%s' is ambiguous". */
Object *object_resolve_path_err(Object *from, const char *path, GError **error);

#endif
