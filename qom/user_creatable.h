/*
 * Objects that a user creates and deletes by name: -object, object-add, object-del. They live in
 * /objects.
 */
#ifndef QOM_USER_CREATABLE_H
#define QOM_USER_CREATABLE_H

#include "qom/object.h"

#define TYPE_USER_CREATABLE "user-creatable"

typedef struct UserCreatable UserCreatable;
typedef struct UserCreatableClass UserCreatableClass;
DECLARE_CLASS_CHECKERS(UserCreatableClass, USER_CREATABLE, TYPE_USER_CREATABLE)
#define USER_CREATABLE(obj) INTERFACE_CHECK(UserCreatable, (obj), TYPE_USER_CREATABLE)

struct UserCreatableClass {
    InterfaceClass parent_class;

    /* Called when all properties are set and the object is in the tree. NULL: nothing to do. */
    bool (*complete)(UserCreatable *uc, GError **error);

    /* Whether object-del may delete it. NULL: always. */
    bool (*can_be_deleted)(UserCreatable *uc);
};

bool user_creatable_complete(UserCreatable *uc, GError **error);
bool user_creatable_can_be_deleted(UserCreatable *uc);

/* Whether @id is a letter followed by letters, digits, '-', '.', '_' (ASCII). */
bool id_wellformed(const char *id);

/* The same, and says "Parameter '@name' expects an identifier". */
bool id_check(const char *name, const char *id, GError **error);

/*
 * Creates a @type object with @props (a{sv}, or NULL) as the child @id of /objects under @root,
 * which owns it; the result is borrowed. With @id NULL it stays out of the tree and the caller owns
 * it. On failure NULL, and nothing is left.
 */
Object *user_creatable_add_type(Object *root, const char *type, const char *id, GVariant *props,
                                GError **error);

/*
 * The same from a map (a{sv}) that has "qom-type", "id" and the properties. A floating @options is
 * consumed.
 */
Object *user_creatable_add(Object *root, GVariant *options, GError **error);

/*
 * The same from the text of -object: JSON when it begins with '{', else "TYPE,id=ID,prop=value,…".
 */
Object *user_creatable_add_str(Object *root, const char *text, GError **error);

/*
 * The text that answers -object @text when that asks for help ("help", "?", "TYPE,help"), else NULL
 * with no error. An unknown type sets @error. Free with g_free().
 */
char *user_creatable_help(const char *text, GError **error);

/*
 * Deletes /objects/@id. Errors: "object '%s' not found", "object '%s' is in use, can not be
 * deleted".
 */
bool user_creatable_del(Object *root, const char *id, GError **error);

/* Deletes all of /objects, in use or not, newest first. */
void user_creatable_cleanup(Object *root);

#endif
