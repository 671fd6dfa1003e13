#include "cosim/lib/session.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* Writes a value: a text by itself as it is, everything else, and texts within lists and maps, as JSON. */

static void print_text(FILE *out, const char *text)
{
    fputc('"', out);
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;

        if (c == '"' || c == '\\') {
            fprintf(out, "\\%c", c);
        } else if (c == '\n') {
            fputs("\\n", out);
        } else if (c == '\t') {
            fputs("\\t", out);
        } else if (c < 0x20 || c == 0x7f) {
            fprintf(out, "\\u%04x", c);
        } else {
            fputc(c, out);
        }
    }
    fputc('"', out);
}

/* The shortest text that reads back as the same number. */
static void print_real(FILE *out, double real)
{
    char text[64];

    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof(text), "%.*g", digits, real);
        if (strtod(text, NULL) == real) {
            break;
        }
    }
    fputs(text, out);
}

static void print(FILE *out, const QsValue *value);

static void print_list(FILE *out, const QsValue *value)
{
    fputc('[', out);
    for (size_t i = 0; i < value->list.n; i++) {
        fputs(i ? ", " : "", out);
        print(out, &value->list.items[i]);
    }
    fputc(']', out);
}

static void print_map(FILE *out, const QsValue *value)
{
    fputc('{', out);
    for (size_t i = 0; i < value->map.n; i++) {
        fputs(i ? ", " : "", out);
        print_text(out, value->map.entries[i].key);
        fputs(": ", out);
        print(out, &value->map.entries[i].value);
    }
    fputc('}', out);
}

static void print(FILE *out, const QsValue *value)
{
    switch (value->kind) {
    case QS_VALUE_BOOL:
        fputs(value->boolean ? "true" : "false", out);
        break;
    case QS_VALUE_INT:
        fprintf(out, "%" PRId64, value->i);
        break;
    case QS_VALUE_UINT:
        fprintf(out, "%" PRIu64, value->u);
        break;
    case QS_VALUE_REAL:
        print_real(out, value->real);
        break;
    case QS_VALUE_TEXT:
    case QS_VALUE_UNPARSED:
        print_text(out, value->text);
        break;
    case QS_VALUE_LIST:
        print_list(out, value);
        break;
    case QS_VALUE_MAP:
        print_map(out, value);
        break;
    default:
        fputs("null", out);
    }
}

char *print_value(const QsValue *value)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    if (!out) {
        return NULL;
    }
    if (value->kind == QS_VALUE_TEXT || value->kind == QS_VALUE_UNPARSED) {
        fputs(value->text, out);
    } else if (value->kind != QS_VALUE_NONE) {
        print(out, value);
    }
    if (fclose(out) != 0) {
        free(text);
        return NULL;
    }
    return text;
}
