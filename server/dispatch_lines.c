/* Input lines, and watches on lines. */
#include "server/dispatch_internal.h"

#include <inttypes.h>

void dispatch_line_set(Dispatch *d, const QsOperation *op, QsResult *result)
{
    const char *name = op->line_set.name[0] != '\0' ? op->line_set.name : NULL;
    GError *error = NULL;

    if (!machine_set_line(d->machine, op->line_set.path, name, op->line_set.index,
                          op->line_set.level, &error)) {
        reply_fail_error(d->arena, &result->status, error, op->line_set.path);
    }
}

bool dispatch_raised_lines(const MachineHost *host, QsArena *arena, uint32_t watch,
                           const uint32_t **raised, size_t *n)
{
    uint32_t count = machine_watched_count(host->machine, watch);
    uint32_t *lines = qs_arena_alloc0(arena, (size_t)count + 1, sizeof(*lines));
    size_t filled = 0;

    if (!lines) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (machine_watched_level(host->machine, watch, i) != 0) {
            lines[filled++] = i;
        }
    }
    *raised = lines;
    *n = filled;
    return true;
}

void dispatch_line_watch(Dispatch *d, const QsOperation *op, QsResult *result)
{
    LineDirection direction = op->line_watch.direction == QS_LINE_OUT ? LINE_OUT : LINE_IN;
    uint32_t watch = 0;
    GError *error = NULL;

    if (!machine_watch_lines(d->machine, op->line_watch.path, direction, &watch, &error)) {
        reply_fail_error(d->arena, &result->status, error, op->line_watch.path);
        return;
    }
    if (!session_watch(d->session, watch)) {
        reply_fail(d->arena, &result->status, QS_STATUS_LIMIT, "a session has at most %u watches",
                   SESSION_MAX_WATCHES);
        return;
    }
    result->line_watch.watch = watch;
    result->line_watch.lines = machine_watched_count(d->machine, watch);
    if (!dispatch_raised_lines(d->host, d->arena, watch, &result->line_watch.raised,
                               &result->line_watch.n_raised)) {
        dispatch_out_of_memory(d, result);
    }
}

static bool check_watch(Dispatch *d, uint32_t watch, QsResult *result)
{
    if (session_is_watching(d->session, watch)) {
        return true;
    }
    reply_fail(d->arena, &result->status, QS_STATUS_NOT_FOUND, "the session has no watch %" PRIu32,
               watch);
    return false;
}

void dispatch_line_get(Dispatch *d, const QsOperation *op, QsResult *result)
{
    uint32_t watch = op->line_get.watch;
    uint32_t count = machine_watched_count(d->machine, watch);

    if (!check_watch(d, watch, result)) {
        return;
    }
    if (op->line_get.index >= count) {
        reply_fail(d->arena, &result->status, QS_STATUS_NOT_FOUND,
                   "watch %" PRIu32 " has no line %" PRIu32 ", it has %" PRIu32, watch,
                   op->line_get.index, count);
        return;
    }
    result->line_get.level = machine_watched_level(d->machine, watch, op->line_get.index);
}

void dispatch_line_unwatch(Dispatch *d, const QsOperation *op, QsResult *result)
{
    if (check_watch(d, op->line_get.watch, result)) {
        (void)session_unwatch(d->session, op->line_get.watch);
    }
}
