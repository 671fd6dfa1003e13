#include "qom/object.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "qom/property_impl.h"
#include "qom/type_impl.h"
#include "qom/user_creatable.h"

/* Life. */

static void object_init_with_type(Object *obj, const TypeImpl *ti)
{
    if (ti->parent_type) {
        object_init_with_type(obj, ti->parent_type);
    }
    if (ti->instance_init) {
        ti->instance_init(obj);
    }
}

static void object_post_init_with_type(Object *obj, const TypeImpl *ti)
{
    for (; ti; ti = ti->parent_type) {
        if (ti->instance_post_init) {
            ti->instance_post_init(obj);
        }
    }
}

static void object_deinit(Object *obj, const TypeImpl *ti)
{
    for (; ti; ti = ti->parent_type) {
        if (ti->instance_finalize) {
            ti->instance_finalize(obj);
        }
    }
}

static void object_initialize_with_class(Object *obj, size_t size, ObjectClass *klass, Object *home)
{
    const TypeImpl *ti = klass->type;

    g_assert(ti->instance_size >= sizeof(Object));
    g_assert(!ti->abstract);
    g_assert(size >= ti->instance_size);

    memset(obj, 0, ti->instance_size);
    obj->klass = klass;
    obj->ref = 1;
    obj->home = home;
    object_init_class_defaults(obj);
    object_init_with_type(obj, ti);
    object_post_init_with_type(obj, ti);
}

void object_initialize(void *obj, size_t size, const char *type_name)
{
    object_initialize_with_class(obj, size, type_get_class(type_get_or_abort(type_name)), NULL);
}

static void object_finalize(Object *obj)
{
    /* References that come and go from here on do not finalise a second time. */
    obj->finalizing = true;
    object_release_properties(obj);
    object_deinit(obj, obj->klass->type);
    g_assert(obj->ref == 0);
    g_assert(!obj->parent);
    if (obj->free) {
        obj->free(obj);
    }
}

Object *object_ref(void *objptr)
{
    Object *obj = objptr;

    if (obj) {
        uint32_t before = __atomic_fetch_add(&obj->ref, 1, __ATOMIC_RELAXED);

        g_assert(before < INT_MAX);
    }
    return obj;
}

void object_unref(void *objptr)
{
    Object *obj = objptr;
    uint32_t before;

    if (!obj) {
        return;
    }
    before = __atomic_fetch_sub(&obj->ref, 1, __ATOMIC_ACQ_REL);
    g_assert(before > 0);
    if (before == 1 && !obj->finalizing) {
        object_finalize(obj);
    }
}

/* Memory for an instance; *@release gives it back. */
static Object *object_allocate(const TypeImpl *ti, ObjectFree **release)
{
    void *mem = NULL;

    if (ti->instance_align <= __alignof__(max_align_t)) {
        *release = g_free;
        return g_malloc(ti->instance_size);
    }
    if (posix_memalign(&mem, ti->instance_align, ti->instance_size) != 0) {
        qom_abort("No memory for an object of type '%s'", ti->name);
    }
    *release = free;
    return mem;
}

static Object *object_new_at_home(ObjectClass *klass, Object *home)
{
    const TypeImpl *ti = klass->type;
    ObjectFree *release;
    Object *obj;

    g_assert(!ti->abstract);
    obj = object_allocate(ti, &release);
    object_initialize_with_class(obj, ti->instance_size, klass, home);
    obj->free = release;
    return obj;
}

Object *object_new_with_class(ObjectClass *klass)
{
    return object_new_at_home(klass, NULL);
}

Object *object_new_in(const char *type_name, Object *in_tree)
{
    return object_new_at_home(type_get_class(type_get_or_abort(type_name)), in_tree);
}

Object *object_new(const char *type_name)
{
    return object_new_in(type_name, NULL);
}

Object *object_new_checked_in(const char *type_name, Object *in_tree, GError **error)
{
    ObjectClass *klass = object_class_by_name(type_name);

    if (!klass) {
        qom_error_set(error, "invalid object type: %s", type_name ? type_name : "");
        return NULL;
    }
    if (object_class_is_abstract(klass)) {
        qom_error_set(error, "object type '%s' is abstract", type_name);
        return NULL;
    }
    return object_new_at_home(klass, in_tree);
}

Object *object_new_checked(const char *type_name, GError **error)
{
    return object_new_checked_in(type_name, NULL, error);
}

/* Creation with properties. */

bool object_set_propv(Object *obj, GError **error, va_list vargs)
{
    const char *name;

    while ((name = va_arg(vargs, const char *))) {
        const char *text = va_arg(vargs, const char *);

        if (!object_property_parse(obj, name, text, error)) {
            return false;
        }
    }
    return true;
}

bool object_set_props(Object *obj, GError **error, ...)
{
    va_list vargs;
    bool ok;

    va_start(vargs, error);
    ok = object_set_propv(obj, error, vargs);
    va_end(vargs);
    return ok;
}

/* Places @obj under @parent unless @id is NULL, and completes it; takes it out again on failure. */
static bool object_place_and_complete(Object *obj, Object *parent, const char *id, GError **error)
{
    UserCreatable *uc;

    if (id && !object_property_try_add_child(parent, id, obj, error)) {
        return false;
    }
    uc = (UserCreatable *)object_dynamic_cast(obj, TYPE_USER_CREATABLE);
    if (uc && !user_creatable_complete(uc, error)) {
        object_unparent(obj);
        return false;
    }
    return true;
}

Object *object_new_with_propv(const char *type_name, Object *parent, const char *id, GError **error,
                              va_list vargs)
{
    g_autoptr(Object) obj = object_new_checked_in(type_name, parent, error);

    if (!obj || !object_set_propv(obj, error, vargs) ||
        !object_place_and_complete(obj, parent, id, error)) {
        return NULL;
    }
    /*
     * In the tree the parent's reference is the one that stays; the caller's is dropped on return.
     */
    return id ? obj : g_steal_pointer(&obj);
}

Object *object_new_with_props(const char *type_name, Object *parent, const char *id, GError **error,
                              ...)
{
    va_list vargs;
    Object *obj;

    va_start(vargs, error);
    obj = object_new_with_propv(type_name, parent, id, error, vargs);
    va_end(vargs);
    return obj;
}

void object_initialize_child_internal(Object *parent, const char *propname, void *child,
                                      size_t size, const char *type_name)
{
    ObjectClass *klass = type_get_class(type_get_or_abort(type_name));

    object_initialize_with_class(child, size, klass, parent);
    object_property_add_child(parent, propname, child);
    object_unref(child);
}

bool object_initialize_child_with_propsv(Object *parentobj, const char *propname, void *childobj,
                                         size_t size, const char *type_name, GError **error,
                                         va_list vargs)
{
    ObjectClass *klass = type_get_class(type_get_or_abort(type_name));
    bool ok;

    object_initialize_with_class(childobj, size, klass, parentobj);
    ok = object_set_propv(childobj, error, vargs) &&
         object_place_and_complete(childobj, parentobj, propname, error);
    object_unref(childobj);
    return ok;
}

bool object_initialize_child_with_props(Object *parentobj, const char *propname, void *childobj,
                                        size_t size, const char *type_name, GError **error, ...)
{
    va_list vargs;
    bool ok;

    va_start(vargs, error);
    ok = object_initialize_child_with_propsv(parentobj, propname, childobj, size, type_name, error,
                                             vargs);
    va_end(vargs);
    return ok;
}

/* Casts. */

ObjectClass *object_get_class(Object *obj)
{
    return obj->klass;
}

const char *object_get_typename(const Object *obj)
{
    return obj->klass->type->name;
}

Object *object_dynamic_cast(Object *obj, const char *type_name)
{
    return obj && object_class_dynamic_cast(obj->klass, type_name) ? obj : NULL;
}

Object *object_dynamic_cast_assert(Object *obj, const char *type_name, const char *file, int line,
                                   const char *func)
{
    if (!obj || cast_cache_has(obj->klass->object_cast_cache, type_name)) {
        return obj;
    }
    if (!object_dynamic_cast(obj, type_name)) {
        qom_abort("%s:%d:%s: Object %p is not an instance of type %s", file, line, func,
                  (void *)obj, type_name);
    }
    cast_cache_add(obj->klass->object_cast_cache, type_name);
    return obj;
}
