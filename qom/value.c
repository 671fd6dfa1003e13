#include "qom/value.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "qom/error.h"
#include "qom/json.h"

/* Errors that setters share. */

static bool wrong_type(GError **error, const char *name, const char *expected)
{
    return qom_error_set(error, "Invalid parameter type for '%s', expected: %s", name, expected);
}

static bool wrong_value(GError **error, const char *name, const char *expected)
{
    return qom_error_set(error, "Parameter '%s' expects %s", name, expected);
}

/* Enumerations. */

const char *qenum_lookup_str(const QEnumLookup *lookup, int value)
{
    return value >= 0 && value < lookup->size ? lookup->array[value] : NULL;
}

int qenum_parse(const QEnumLookup *lookup, const char *name, int def)
{
    for (int i = 0; i < lookup->size; i++) {
        if (g_strcmp0(name, lookup->array[i]) == 0) {
            return i;
        }
    }
    return def;
}

/* Making values. */

GVariant *qom_value_new_str(const char *text)
{
    if (!text) {
        return g_variant_new_string("");
    }
    if (g_utf8_validate(text, -1, NULL)) {
        return g_variant_new_string(text);
    }
    return g_variant_new_take_string(g_utf8_make_valid(text, -1));
}

GVariant *qom_value_new_text(const char *text)
{
    GVariant *str = qom_value_new_str(text);

    return g_variant_new_tuple(&str, 1);
}

/* Reading them. */

static bool value_is_text(GVariant *value)
{
    return g_variant_is_of_type(value, G_VARIANT_TYPE("(s)"));
}

const char *qom_value_peek_text(GVariant *value)
{
    const char *text = NULL;

    if (value_is_text(value)) {
        g_variant_get(value, "(&s)", &text);
    }
    return text;
}

static bool text_is_one_of(const char *text, const char *const *words)
{
    for (; *words; words++) {
        if (g_str_equal(text, *words)) {
            return true;
        }
    }
    return false;
}

bool qom_value_get_bool(GVariant *value, const char *name, bool *out, GError **error)
{
    static const char *const yes[] = { "on", "yes", "true", "y", NULL };
    static const char *const no[] = { "off", "no", "false", "n", NULL };
    const char *text = qom_value_peek_text(value);

    if (g_variant_is_of_type(value, G_VARIANT_TYPE_BOOLEAN)) {
        *out = g_variant_get_boolean(value);
        return true;
    }
    if (!text) {
        return wrong_type(error, name, "boolean");
    }
    if (text_is_one_of(text, yes)) {
        *out = true;
        return true;
    }
    if (text_is_one_of(text, no)) {
        *out = false;
        return true;
    }
    return wrong_value(error, name, "'on' or 'off'");
}

/* An integer of any kind: @bits is its value modulo 2^64, @negative whether it is below 0. */
typedef struct Integer {
    bool negative;
    uint64_t bits;
} Integer;

static Integer integer_signed(int64_t value)
{
    return (Integer){ .negative = value < 0, .bits = (uint64_t)value };
}

static Integer integer_unsigned(uint64_t value)
{
    return (Integer){ .bits = value };
}

/* False when @value is no integer. */
static bool value_to_integer(GVariant *value, Integer *out)
{
    switch (g_variant_classify(value)) {
    case G_VARIANT_CLASS_BYTE:
        *out = integer_unsigned(g_variant_get_byte(value));
        return true;
    case G_VARIANT_CLASS_UINT16:
        *out = integer_unsigned(g_variant_get_uint16(value));
        return true;
    case G_VARIANT_CLASS_UINT32:
        *out = integer_unsigned(g_variant_get_uint32(value));
        return true;
    case G_VARIANT_CLASS_UINT64:
        *out = integer_unsigned(g_variant_get_uint64(value));
        return true;
    case G_VARIANT_CLASS_INT16:
        *out = integer_signed(g_variant_get_int16(value));
        return true;
    case G_VARIANT_CLASS_INT32:
        *out = integer_signed(g_variant_get_int32(value));
        return true;
    case G_VARIANT_CLASS_INT64:
        *out = integer_signed(g_variant_get_int64(value));
        return true;
    default:
        return false;
    }
}

/* False when @text is not a C integer as a whole, or one outside -2^63 … 2^64 - 1. */
static bool text_to_integer(const char *text, Integer *out)
{
    const char *digits = text + (*text == '-' || *text == '+');
    unsigned long long magnitude;
    char *end;

    /* strtoull() would take blanks and a second sign. */
    if (!g_ascii_isdigit(*digits)) {
        return false;
    }
    errno = 0;
    magnitude = strtoull(digits, &end, 0);
    if (errno || *end) {
        return false;
    }
    if (*text != '-') {
        *out = integer_unsigned(magnitude);
        return true;
    }
    *out = (Integer){ .negative = magnitude != 0, .bits = -(uint64_t)magnitude };
    return magnitude <= (uint64_t)INT64_MAX + 1;
}

/* Integers and text that is one; sets @error for anything else. */
static bool value_get_integer(GVariant *value, const char *name, Integer *out, GError **error)
{
    const char *text = qom_value_peek_text(value);

    if (text) {
        return text_to_integer(text, out) || wrong_value(error, name, "integer");
    }
    return value_to_integer(value, out) || wrong_type(error, name, "integer");
}

bool qom_value_get_uint(GVariant *value, const char *name, const char *type_name, uint64_t max,
                        uint64_t *out, GError **error)
{
    Integer i;

    if (!value_get_integer(value, name, &i, error)) {
        return false;
    }
    if (i.negative || i.bits > max) {
        return wrong_value(error, name, type_name);
    }
    *out = i.bits;
    return true;
}

bool qom_value_get_int(GVariant *value, const char *name, const char *type_name, int64_t min,
                       int64_t max, int64_t *out, GError **error)
{
    Integer i;

    if (!value_get_integer(value, name, &i, error)) {
        return false;
    }
    if ((!i.negative && i.bits > INT64_MAX) || (int64_t)i.bits < min || (int64_t)i.bits > max) {
        return wrong_value(error, name, type_name);
    }
    *out = (int64_t)i.bits;
    return true;
}

/* The power of 2 that a suffix stands for, or -1. */
static int suffix_shift(char suffix)
{
    static const char suffixes[] = "BKMGTPE";
    const char *found = strchr(suffixes, g_ascii_toupper(suffix));

    return suffix && found ? (int)(found - suffixes) * 10 : -1;
}

/* Digits with an optional fraction and an optional suffix: "1.5G". */
static bool text_to_scaled(const char *text, uint64_t *out)
{
    uint64_t whole;
    double fraction = 0;
    char *end;
    int shift;

    errno = 0;
    whole = g_ascii_strtoull(text, &end, 10);
    if (errno) {
        return false;
    }
    if (*end == '.') {
        if (!g_ascii_isdigit(end[1])) {
            return false;
        }
        for (double unit = 0.1; g_ascii_isdigit(*++end); unit /= 10) {
            fraction += unit * g_ascii_digit_value(*end);
        }
    }
    shift = *end ? suffix_shift(*end++) : 0;
    if (shift < 0 || *end || (fraction > 0 && shift == 0) || whole > UINT64_MAX >> shift) {
        return false;
    }
    whole <<= shift;
    *out = whole + (uint64_t)(ldexp(fraction, shift) + 0.5);
    return *out >= whole;
}

bool qom_value_get_size(GVariant *value, const char *name, uint64_t *out, GError **error)
{
    const char *text = qom_value_peek_text(value);
    Integer i;

    if (!text) {
        return qom_value_get_uint(value, name, "uint64_t", UINT64_MAX, out, error);
    }
    if (!g_ascii_isdigit(*text)) {
        return wrong_value(error, name, "a size value");
    }
    if ((text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))) {
        if (!text_to_integer(text, &i)) {
            return wrong_value(error, name, "a size value");
        }
        *out = i.bits;
        return true;
    }
    return text_to_scaled(text, out) || wrong_value(error, name, "a size value");
}

bool qom_value_get_double(GVariant *value, const char *name, double *out, GError **error)
{
    const char *text = qom_value_peek_text(value);
    Integer i;

    if (text) {
        char *end;
        double number = g_ascii_strtod(text, &end);

        if (!*text || g_ascii_isspace(*text) || *end || !isfinite(number)) {
            return wrong_value(error, name, "number");
        }
        *out = number;
        return true;
    }
    if (g_variant_is_of_type(value, G_VARIANT_TYPE_DOUBLE)) {
        *out = g_variant_get_double(value);
        return true;
    }
    if (!value_to_integer(value, &i)) {
        return wrong_type(error, name, "number");
    }
    *out = i.negative ? (double)(int64_t)i.bits : (double)i.bits;
    return true;
}

bool qom_value_get_str(GVariant *value, const char *name, const char **out, GError **error)
{
    if (g_variant_is_of_type(value, G_VARIANT_TYPE_STRING)) {
        *out = g_variant_get_string(value, NULL);
        return true;
    }
    if (value_is_text(value)) {
        *out = qom_value_peek_text(value);
        return true;
    }
    return wrong_type(error, name, "string");
}

bool qom_value_get_enum(GVariant *value, const char *name, const QEnumLookup *lookup, int *out,
                        GError **error)
{
    const char *text;
    int found;

    if (!qom_value_get_str(value, name, &text, error)) {
        return false;
    }
    found = qenum_parse(lookup, text, -1);
    if (found < 0) {
        return qom_error_set(error, "Parameter '%s' does not accept value '%s'", name, text);
    }
    *out = found;
    return true;
}

char *qom_value_print(GVariant *value)
{
    const char *text;

    if (qom_value_get_str(value, "", &text, NULL)) {
        return g_strdup(text);
    }
    return qom_json_print(value);
}
