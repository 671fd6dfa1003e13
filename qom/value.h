/*
 * Property values: GVariants of a few types, and the conversions every setter needs.
 *
 *   b      bool            x  signed integer      t  unsigned integer     d  number
 *   s      string          av list                a{sv} map               () null
 *   (s)    text from a command line, to be parsed by the type of the property that gets it
 *
 * A getter makes 'x' for signed and 't' for unsigned kinds; a setter takes any integer type that
 * holds a fitting value. Every qom_value_get_*() returns false with @error set and leaves *@out
 * alone when @value has the wrong type or does not fit. @name is the property's name, for the
 * message. @error may be NULL.
 */
#ifndef QOM_VALUE_H
#define QOM_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

/* Names of an enumeration's values 0 … @size - 1. */
typedef struct QEnumLookup {
    const char *const *array;
    int size;
} QEnumLookup;

/* The name of @value, or NULL when it is outside the table. */
const char *qenum_lookup_str(const QEnumLookup *lookup, int value);

/* The value called @name, or @def when there is none. */
int qenum_parse(const QEnumLookup *lookup, const char *name, int def);

/*
 * New floating values. Bytes that are not UTF-8 are replaced by U+FFFD, so no peer's bytes can
 * upset GVariant; NULL becomes "".
 */
GVariant *qom_value_new_str(const char *text);
GVariant *qom_value_new_text(const char *text);

/*
 * The string of a "text to be parsed" value, owned by @value; NULL when @value is something else.
 */
const char *qom_value_peek_text(GVariant *value);

/* Text: on, yes, true, y and off, no, false, n. */
bool qom_value_get_bool(GVariant *value, const char *name, bool *out, GError **error);

/*
 * @type_name is the C type that the message names ("uint32_t") when the value is outside 0 … @max.
 * Text is a number as in C (decimal, 0x…, 0…) with nothing before or after it.
 */
bool qom_value_get_uint(GVariant *value, const char *name, const char *type_name, uint64_t max,
                        uint64_t *out, GError **error);
bool qom_value_get_int(GVariant *value, const char *name, const char *type_name, int64_t min,
                       int64_t max, int64_t *out, GError **error);

/*
 * Bytes: an integer, or text with an optional suffix B, K, M, G, T, P, E (powers of 1024),
 * fractions allowed.
 */
bool qom_value_get_size(GVariant *value, const char *name, uint64_t *out, GError **error);

/* An integer is taken too. */
bool qom_value_get_double(GVariant *value, const char *name, double *out, GError **error);

/* *@out belongs to @value. Text is taken as it is. */
bool qom_value_get_str(GVariant *value, const char *name, const char **out, GError **error);

/* A string or text that names one of @lookup's values. */
bool qom_value_get_enum(GVariant *value, const char *name, const QEnumLookup *lookup, int *out,
                        GError **error);

/*
 * @value as a person reads it: a string or text bare, everything else as JSON. Free with g_free().
 */
char *qom_value_print(GVariant *value);

#endif
