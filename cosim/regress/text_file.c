#include "cosim/regress/text_file.h"

#include <string.h>

#include "cosim/regress/error.h"

char *text_file_read(const char *path, gsize max, const char *what, GError **error)
{
    g_autofree char *text = NULL;
    g_autoptr(GError) cause = NULL;
    gsize length = 0;

    if (!g_file_get_contents(path, &text, &length, &cause)) {
        regress_usage(error, "%s", cause->message);
        return NULL;
    }
    if (length > max || memchr(text, '\0', length) || !g_utf8_validate(text, -1, NULL)) {
        regress_usage(error, "%s is no %s", path, what);
        return NULL;
    }
    return g_steal_pointer(&text);
}

static bool take_line(const char *file, unsigned number, char *text, TextTakeLine *take,
                      void *opaque, GError **error)
{
    char *comment = strchr(text, '#');
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    TextLine line = { .file = file, .number = number };
    char *rest = NULL;

    if (comment) {
        line.has_comment = *g_strstrip(comment + 1) != '\0';
        *comment = '\0';
    }
    for (char *word = strtok_r(text, " \t\r", &rest); word; word = strtok_r(NULL, " \t\r", &rest)) {
        g_ptr_array_add(words, word);
    }
    line.n_words = words->len;
    g_ptr_array_add(words, NULL);
    line.words = (char **)words->pdata;
    return line.n_words == 0 || take(opaque, &line, error);
}

bool text_file_take(const char *file, const char *text, TextTakeLine *take, void *opaque,
                    GError **error)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (unsigned i = 0; lines[i]; i++) {
        if (!take_line(file, i + 1, lines[i], take, opaque, error)) {
            return false;
        }
    }
    return true;
}

bool text_line_wrong(const TextLine *line, GError **error, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list args;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    regress_usage(error, "%s:%u: %s", line->file, line->number, text);
    return false;
}
