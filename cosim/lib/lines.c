#include "cosim/lib/session.h"

qosim_result qosim_set_line(qosim_session *session, const char *path, const char *name,
                            uint32_t index, int level)
{
    QsOperation o = { .kind = QS_OP_LINE_SET,
                      .line_set = { path, name ? name : "", index, level } };
    const QsResult *result;
    qosim_result rc = check_session(session);

    rc = rc == QOSIM_OK ? check_text(session, "path", path, true) : rc;
    rc = rc == QOSIM_OK ? check_text(session, "name of the lines", name, false) : rc;
    rc = rc == QOSIM_OK ? call_one(session, &o, &result) : rc;
    return finish(session, rc);
}

qosim_result qosim_watch_lines(qosim_session *session, const char *path, qosim_direction direction,
                               uint32_t *watch, uint32_t *lines)
{
    QsOperation o = { .kind = QS_OP_LINE_WATCH,
                      .line_watch = { path, (QsLineDirection)direction } };
    const QsResult *result;
    qosim_result rc = check_session(session);

    rc = rc == QOSIM_OK ? check_text(session, "path", path, true) : rc;
    if (rc == QOSIM_OK && direction != QOSIM_LINE_IN && direction != QOSIM_LINE_OUT) {
        rc = fail(session, QOSIM_ERR_INVALID_ARGUMENT, "no such direction: %d", (int)direction);
    }
    rc = rc == QOSIM_OK ? call_one(session, &o, &result) : rc;
    if (rc == QOSIM_OK && watch) {
        *watch = result->line_watch.watch;
    }
    if (rc == QOSIM_OK && lines) {
        *lines = result->line_watch.lines;
    }
    return finish(session, rc);
}

qosim_result qosim_unwatch_lines(qosim_session *session, uint32_t watch)
{
    QsOperation o = { .kind = QS_OP_LINE_UNWATCH, .line_get = { watch, 0 } };
    const QsResult *result;

    return finish(session, call_one(session, &o, &result));
}

qosim_result qosim_get_line(qosim_session *session, uint32_t watch, uint32_t index, int *level)
{
    QsOperation o = { .kind = QS_OP_LINE_GET, .line_get = { watch, index } };
    const QsResult *result;
    qosim_result rc = call_one(session, &o, &result);

    if (rc == QOSIM_OK && level) {
        *level = result->line_get.level;
    }
    return finish(session, rc);
}
