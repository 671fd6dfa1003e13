/* Statuses and texts of replies, in the arena of the frame that they go into. */
#ifndef QOSIM_SERVER_REPLY_H
#define QOSIM_SERVER_REPLY_H

#include <glib.h>

#include "proto/arena.h"
#include "proto/message.h"

/* Longer texts of a status are cut. */
#define REPLY_TEXT_MAX 1024u

/* A copy of @text of at most @max bytes, made valid UTF-8; "" for NULL and when the arena is full. */
const char *reply_text(QsArena *arena, const char *text, size_t max);

/* Success. */
void reply_ok(QsStatus *status);

/* Failure @code with a printf-style text. */
void reply_fail(QsArena *arena, QsStatus *status, QsStatusCode code, const char *format, ...)
    G_GNUC_PRINTF(4, 5);

/* Failure that @error (consumed) tells about; @path of the object concerned may be NULL. */
void reply_fail_error(QsArena *arena, QsStatus *status, GError *error, const char *path);

#endif
