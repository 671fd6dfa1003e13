/* "key=value,key=value" as on a command line. */
#ifndef QOM_KEYVAL_H
#define QOM_KEYVAL_H

#include <stdbool.h>

#include <glib.h>

/*
 * Parses @text into a map (a{sv}); the caller owns the reference, which is not floating.
 *
 *   a=1,b=x,,y         {a: "1", b: "x,y"}; the values are "text to be parsed"
 *   foo,a=1            {@implied_key: "foo", a: "1"} when @implied_key is not NULL
 *   a.b=1,a.c=2        {a: {b: "1", c: "2"}}
 *   a.0=x,a.1=y        {a: ["x", "y"]}
 *   help  or  ?        *@help becomes true, and the pair leaves nothing, when @help is not NULL
 *
 * A key is fragments joined by '.', each a QAPI name (a letter, then letters, digits, '-', '_') or,
 * from the second on, a decimal index. It is at most 127 bytes long and has at most 16 fragments.
 * The last of several values for a key wins. On failure NULL: "Invalid parameter '%s'", "Expected
 * '=' after parameter '%s'", "Parameters '%s.*' used inconsistently", "Parameter '%s' missing" (a
 * gap in a list).
 */
GVariant *keyval_parse(const char *text, const char *implied_key, bool *help, GError **error);

#endif
