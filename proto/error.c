#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "proto/transport.h"

/* Drops the bytes of a character that the end of the buffer cut in two. */
static void trim_partial_character(char *text, size_t len)
{
    size_t start = len;

    while (start > 0 && ((unsigned char)text[start - 1] & 0xc0) == 0x80) {
        start--;
    }
    if (start > 0 && (unsigned char)text[start - 1] >= 0xc0) {
        text[start - 1] = '\0';
    }
}

bool qs_error(QsError *error, QsStatusCode code, const char *format, ...)
{
    va_list args;
    int len;

    if (!error) {
        return false;
    }
    error->code = code;
    va_start(args, format);
    len = vsnprintf(error->text, sizeof(error->text), format, args);
    va_end(args);
    if (len < 0) {
        error->text[0] = '\0';
    } else if ((size_t)len >= sizeof(error->text)) {
        trim_partial_character(error->text, sizeof(error->text) - 1);
    }
    return false;
}
