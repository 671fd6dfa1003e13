/* JSON text to property values. */
#ifndef QOM_JSON_H
#define QOM_JSON_H

#include <glib.h>

/* What GVariant carries safely with room to spare. */
#define QOM_JSON_MAX_DEPTH 32

/*
 * Parses one JSON value with nothing but blanks around it; the caller owns the reference, which is
 * not floating. Objects are a{sv}, arrays av, integers x (t above INT64_MAX), other numbers d, null
 * (). Of equal keys the last wins. Nesting is limited to QOM_JSON_MAX_DEPTH. On failure NULL, with
 * the place in the message.
 */
GVariant *qom_json_parse(const char *text, GError **error);

/* @value as one line of JSON; "text to be parsed" is a string. Free with g_free(). */
char *qom_json_print(GVariant *value);

#endif
