#include "qom/user_creatable.h"

#include <string.h>

#include "qom/introspect.h"
#include "qom/json.h"
#include "qom/keyval.h"

bool user_creatable_complete(UserCreatable *uc, GError **error)
{
    UserCreatableClass *ucc = USER_CREATABLE_GET_CLASS(uc);

    return !ucc->complete || ucc->complete(uc, error);
}

bool user_creatable_can_be_deleted(UserCreatable *uc)
{
    UserCreatableClass *ucc = USER_CREATABLE_GET_CLASS(uc);

    return !ucc->can_be_deleted || ucc->can_be_deleted(uc);
}

/* Ids. */

bool id_wellformed(const char *id)
{
    if (!g_ascii_isalpha(*id)) {
        return false;
    }
    while (g_ascii_isalnum(*id) || (*id && strchr("-._", *id))) {
        id++;
    }
    return !*id;
}

bool id_check(const char *name, const char *id, GError **error)
{
    return id_wellformed(id) || qom_error_set(error, "Parameter '%s' expects an identifier", name);
}

/* Creation. */

static ObjectClass *find_creatable_class(const char *type, GError **error)
{
    ObjectClass *klass = object_class_by_name(type);

    if (!klass) {
        qom_error_set(error, "invalid object type: %s", type);
        return NULL;
    }
    if (!object_class_dynamic_cast(klass, TYPE_USER_CREATABLE)) {
        qom_error_set(error, "object type '%s' isn't supported by object-add", type);
        return NULL;
    }
    if (object_class_is_abstract(klass)) {
        qom_error_set(error, "object type '%s' is abstract", type);
        return NULL;
    }
    return klass;
}

/* Whether @key of the options is no property but tells what to create. */
static bool is_reserved_key(const char *key)
{
    return g_str_equal(key, "qom-type") || g_str_equal(key, "id");
}

static bool set_map(Object *obj, GVariant *props, GError **error)
{
    GVariantIter iter;
    const char *name;
    GVariant *value;

    g_variant_iter_init(&iter, props);
    while (g_variant_iter_next(&iter, "{&sv}", &name, &value)) {
        bool ok = is_reserved_key(name) || object_property_set(obj, name, value, error);

        g_variant_unref(value);
        if (!ok) {
            return false;
        }
    }
    return true;
}

static bool place_and_complete(Object *obj, Object *root, const char *id, GError **error)
{
    if (id && !object_property_try_add_child(object_get_objects_root(root), id, obj, error)) {
        return false;
    }
    if (!user_creatable_complete(USER_CREATABLE(obj), error)) {
        object_unparent(obj);
        return false;
    }
    return true;
}

Object *user_creatable_add_type(Object *root, const char *type, const char *id, GVariant *props,
                                GError **error)
{
    g_autoptr(Object) obj = NULL;

    if ((id && !id_check("id", id, error)) || !find_creatable_class(type, error)) {
        return NULL;
    }
    obj = object_new_in(type, root);
    if ((props && !set_map(obj, props, error)) || !place_and_complete(obj, root, id, error)) {
        return NULL;
    }
    /*
     * In the tree the parent's reference is the one that stays; the caller's is dropped on return.
     */
    return id ? obj : g_steal_pointer(&obj);
}

/* The string @key of @options, which the caller unrefs; NULL with @error set. */
static GVariant *required_string(GVariant *options, const char *key, const char **text,
                                 GError **error)
{
    g_autoptr(GVariant) value = g_variant_lookup_value(options, key, NULL);

    if (!value) {
        qom_error_set(error, "Parameter '%s' is missing", key);
        return NULL;
    }
    return qom_value_get_str(value, key, text, error) ? g_steal_pointer(&value) : NULL;
}

static Object *add_from_map(Object *root, GVariant *options, GError **error)
{
    const char *type = NULL;
    const char *id = NULL;
    g_autoptr(GVariant) type_value = required_string(options, "qom-type", &type, error);
    g_autoptr(GVariant) id_value = type_value ? required_string(options, "id", &id, error) : NULL;

    return id_value ? user_creatable_add_type(root, type, id, options, error) : NULL;
}

Object *user_creatable_add(Object *root, GVariant *options, GError **error)
{
    g_autoptr(GVariant) map = g_variant_ref_sink(options);

    if (!g_variant_is_of_type(map, G_VARIANT_TYPE_VARDICT)) {
        qom_error_set(error, "Invalid parameter type for 'options', expected: object");
        return NULL;
    }
    return add_from_map(root, map, error);
}

/* The map that the text of -object means. */
static GVariant *parse_options(const char *text, bool *help, GError **error)
{
    *help = false;
    if (*text == '{') {
        return qom_json_parse(text, error);
    }
    return keyval_parse(text, "qom-type", help, error);
}

Object *user_creatable_add_str(Object *root, const char *text, GError **error)
{
    bool help;
    g_autoptr(GVariant) map = parse_options(text, &help, error);

    if (map && help) {
        qom_error_set(error, "Invalid parameter 'help'");
        return NULL;
    }
    return map ? user_creatable_add(root, map, error) : NULL;
}

/* Help. */

static char *list_creatable_types(void)
{
    GString *text = g_string_new("List of user creatable objects:\n");
    GSList *classes = object_class_get_list_sorted(TYPE_USER_CREATABLE, false);

    for (const GSList *e = classes; e; e = e->next) {
        g_string_append_printf(text, "  %s\n", object_class_get_name(e->data));
    }
    g_slist_free(classes);
    return g_string_free(text, FALSE);
}

static gint compare_lines(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static char *list_writable_properties(const char *type, GError **error)
{
    g_autoptr(GPtrArray) props = NULL;
    g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
    GString *text;

    if (!find_creatable_class(type, error)) {
        return NULL;
    }
    props = qom_list_type_properties(type, error);
    for (guint i = 0; i < props->len; i++) {
        const QomPropertyInfo *p = g_ptr_array_index(props, i);

        if (p->writable) {
            g_ptr_array_add(
                lines, object_property_help(p->name, p->type, p->default_value, p->description));
        }
    }
    g_ptr_array_sort(lines, compare_lines);
    text = g_string_new(NULL);
    g_string_append_printf(text, lines->len ? "%s options:\n" : "There are no options for %s.\n",
                           type);
    for (guint i = 0; i < lines->len; i++) {
        g_string_append_printf(text, "%s\n", (const char *)g_ptr_array_index(lines, i));
    }
    return g_string_free(text, FALSE);
}

char *user_creatable_help(const char *text, GError **error)
{
    bool help;
    g_autoptr(GVariant) map = parse_options(text, &help, NULL);
    g_autoptr(GVariant) type_value = NULL;
    const char *type;

    if (!map || !help) {
        return NULL;
    }
    type_value = required_string(map, "qom-type", &type, NULL);
    return type_value ? list_writable_properties(type, error) : list_creatable_types();
}

/* Deletion. */

bool user_creatable_del(Object *root, const char *id, GError **error)
{
    Object *obj = object_resolve_path_component(object_get_objects_root(root), id);
    Object *uc = object_dynamic_cast(obj, TYPE_USER_CREATABLE);

    if (!obj) {
        return qom_error_set(error, "object '%s' not found", id);
    }
    if (uc && !user_creatable_can_be_deleted(USER_CREATABLE(uc))) {
        return qom_error_set(error, "object '%s' is in use, can not be deleted", id);
    }
    object_unparent(obj);
    return true;
}

void user_creatable_cleanup(Object *root)
{
    object_unparent(object_get_objects_root(root));
}

static void register_user_creatable(void)
{
    static const TypeInfo info = {
        .name = TYPE_USER_CREATABLE,
        .parent = TYPE_INTERFACE,
        .class_size = sizeof(UserCreatableClass),
    };

    type_register_static(&info);
}

type_init(register_user_creatable)
