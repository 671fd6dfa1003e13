/* Small files of words, a line for each thing and "#" before a comment: goals, masks, databases of coverage. */
#ifndef QOSIM_COSIM_REGRESS_TEXT_FILE_H
#define QOSIM_COSIM_REGRESS_TEXT_FILE_H

#include <stdbool.h>

#include <glib.h>

G_BEGIN_DECLS

typedef struct TextLine {
    const char *file;
    unsigned number; /* from 1 */
    char **words;    /* the last one is NULL */
    unsigned n_words;
    bool has_comment; /* with something in it */
} TextLine;

/* Takes one line that is not empty. False with an error ends it. */
typedef bool TextTakeLine(void *opaque, const TextLine *line, GError **error);

/*
 * The contents, owned by the caller. NULL with REGRESS_ERROR_USAGE if it cannot be read, has more than @max bytes or is no text; @what names
 * the kind of file: "goal file".
 */
char *text_file_read(const char *path, gsize max, const char *what, GError **error);

/* Gives all lines of @text that have words to @take. @file is for messages. */
bool text_file_take(const char *file, const char *text, TextTakeLine *take, void *opaque,
                    GError **error);

/* REGRESS_ERROR_USAGE with file and line in front. Always false. */
bool text_line_wrong(const TextLine *line, GError **error, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

G_END_DECLS

#endif
