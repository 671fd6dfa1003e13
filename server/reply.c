#include "server/reply.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "qom/error.h"

/* The greatest length up to @max at which valid UTF-8 can be cut without splitting a letter. */
static size_t cut_length(const char *text, size_t max)
{
    size_t len = strnlen(text, max + 1);

    if (len <= max) {
        return len;
    }
    len = max;
    while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80) {
        len--;
    }
    return len;
}

const char *reply_text(QsArena *arena, const char *text, size_t max)
{
    size_t len;
    char *copy;

    if (!text) {
        return "";
    }
    len = cut_length(text, max);
    if (!g_utf8_validate(text, (gssize)len, NULL)) {
        g_autofree char *valid = g_utf8_make_valid(text, (gssize)len);

        return reply_text(arena, valid, max);
    }
    copy = qs_arena_alloc(arena, len + 1);
    if (!copy) {
        return "";
    }
    memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}

void reply_ok(QsStatus *status)
{
    status->code = QS_STATUS_OK;
    status->text = "";
    status->path = "";
}

void reply_fail(QsArena *arena, QsStatus *status, QsStatusCode code, const char *format, ...)
{
    char text[REPLY_TEXT_MAX + 8];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    status->code = code;
    status->text = reply_text(arena, text, REPLY_TEXT_MAX);
    status->path = "";
}

void reply_fail_error(QsArena *arena, QsStatus *status, GError *error, const char *path)
{
    bool not_found = g_error_matches(error, QOM_ERROR, QOM_ERROR_DEVICE_NOT_FOUND);

    status->code = not_found ? QS_STATUS_NOT_FOUND : QS_STATUS_GENERIC;
    status->text = reply_text(arena, error->message, REPLY_TEXT_MAX);
    status->path = reply_text(arena, path, REPLY_TEXT_MAX);
    g_error_free(error);
}
