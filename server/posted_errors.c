#include "server/posted_errors.h"

#include <inttypes.h>
#include <string.h>

#include <glib.h>

void posted_errors_add(PostedErrors *errors, uint64_t request_id, uint32_t operation,
                       QsStatusCode code, QsBusResult result, const char *text)
{
    PostedFailure *failure;
    g_autofree char *cut = NULL;

    if (errors->count == POSTED_ERRORS_MAX) {
        errors->more++;
        return;
    }
    failure = &errors->list[errors->count++];
    failure->request_id = request_id;
    failure->operation = operation;
    failure->code = code;
    failure->result = result;
    cut = g_strndup(text, POSTED_ERROR_TEXT_MAX);
    failure->text = g_utf8_make_valid(cut, -1); /* the cut may have hit the middle of a letter */
}

bool posted_errors_peek(const PostedErrors *errors, QsArena *arena, const QsPostedError **list,
                        size_t *n)
{
    QsPostedError *out;

    *list = NULL;
    *n = 0;
    if (errors->count == 0) {
        return true;
    }
    out = qs_arena_alloc0(arena, errors->count + 1, sizeof(*out));
    if (!out) {
        return false;
    }
    for (size_t i = 0; i < errors->count; i++) {
        const PostedFailure *failure = &errors->list[i];

        out[i].request_id = failure->request_id;
        out[i].operation = failure->operation;
        out[i].result = failure->result;
        out[i].status.code = failure->code;
        out[i].status.path = "";
        out[i].status.text = qs_arena_strdup(arena, failure->text);
        if (!out[i].status.text) {
            return false;
        }
    }
    *n = errors->count;
    if (errors->more > 0) {
        QsStatus *status = &out[*n].status;

        out[(*n)++].request_id = errors->list[errors->count - 1].request_id;
        status->code = QS_STATUS_LIMIT;
        status->path = "";
        status->text =
            qs_arena_printf(arena, "%" PRIu64 " more posted operations failed", errors->more);
        if (!status->text) {
            return false;
        }
    }
    *list = out;
    return true;
}

void posted_errors_clear(PostedErrors *errors)
{
    for (size_t i = 0; i < errors->count; i++) {
        g_clear_pointer(&errors->list[i].text, g_free);
    }
    errors->count = 0;
    errors->more = 0;
}
