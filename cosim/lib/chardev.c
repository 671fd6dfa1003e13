#include "cosim/lib/session.h"

#include <stdlib.h>
#include <string.h>

/* The options as the server wants them: @backend and @id, then the others. Free the vector, not the strings. */
static qosim_result all_options(qosim_session *session, const char *backend, const char *id,
                                const QsValueEntry *others, size_t n, QsOperation *o)
{
    QsValueEntry *options = calloc(n + 2, sizeof(*options));

    if (!options) {
        return no_memory(session);
    }
    options[0] = (QsValueEntry){ "backend", { .kind = QS_VALUE_UNPARSED, .text = backend } };
    options[1] = (QsValueEntry){ "id", { .kind = QS_VALUE_UNPARSED, .text = id } };
    for (size_t i = 0; i < n; i++) {
        options[2 + i] = others[i];
    }
    o->chardev_add.options = options;
    o->chardev_add.n_options = n + 2;
    return QOSIM_OK;
}

qosim_result qosim_chardev_add(qosim_session *session, const char *backend, const char *id,
                               const char *const *options, char **filename)
{
    QsOperation o = { .kind = QS_OP_CHARDEV_ADD };
    QsValueEntry *others = NULL;
    size_t n = 0;
    const QsResult *result;
    qosim_result rc = check_session(session);

    rc = rc == QOSIM_OK ? check_text(session, "backend", backend, true) : rc;
    rc = rc == QOSIM_OK ? check_text(session, "id", id, true) : rc;
    rc = rc == QOSIM_OK ? parse_entries(session, options, &others, &n) : rc;
    if (rc != QOSIM_OK) {
        return rc;
    }
    rc = all_options(session, backend, id, others, n, &o);
    rc = rc == QOSIM_OK ? call_one(session, &o, &result) : rc;
    if (rc == QOSIM_OK && filename) {
        *filename = strdup(result->chardev_add.filename);
        rc = *filename ? QOSIM_OK : no_memory(session);
    }
    free((void *)o.chardev_add.options);
    free_entries(others, n);
    return finish(session, rc);
}

qosim_result qosim_chardev_remove(qosim_session *session, const char *id)
{
    QsOperation o = { .kind = QS_OP_CHARDEV_REMOVE, .chardev = { .id = id } };
    const QsResult *result;
    qosim_result rc = check_session(session);

    rc = rc == QOSIM_OK ? check_text(session, "id", id, true) : rc;
    rc = rc == QOSIM_OK ? call_one(session, &o, &result) : rc;
    return finish(session, rc);
}

static bool copy_chardev(const QsChardev *from, qosim_chardev *to)
{
    to->id = strdup(from->id);
    to->backend = strdup(from->backend);
    to->filename = strdup(from->filename);
    to->frontend_open = from->frontend_open;
    to->host_open = from->host_open;
    to->used = from->used;
    to->pending = from->pending;
    return to->id && to->backend && to->filename;
}

static qosim_result give_chardevs(qosim_session *session, const QsResult *result,
                                  qosim_chardev **list, size_t *n)
{
    size_t count = result->chardev_list.n_chardevs;
    qosim_chardev *copy = calloc(count + 1, sizeof(*copy));
    bool ok = copy != NULL;

    for (size_t i = 0; ok && i < count; i++) {
        ok = copy_chardev(&result->chardev_list.chardevs[i], &copy[i]);
    }
    if (!ok) {
        qosim_free_chardevs(copy, count);
        return no_memory(session);
    }
    *list = copy;
    *n = count;
    return QOSIM_OK;
}

qosim_result qosim_chardev_list(qosim_session *session, qosim_chardev **list, size_t *n)
{
    QsOperation o = { .kind = QS_OP_CHARDEV_LIST };
    const QsResult *result;
    qosim_result rc = check_session(session);

    rc = rc == QOSIM_OK ? call_one(session, &o, &result) : rc;
    rc = rc == QOSIM_OK ? give_chardevs(session, result, list, n) : rc;
    return finish(session, rc);
}

void qosim_free_chardevs(qosim_chardev *list, size_t n)
{
    for (size_t i = 0; list && i < n; i++) {
        free(list[i].id);
        free(list[i].backend);
        free(list[i].filename);
    }
    free(list);
}

/* One frame's worth of a write; *@accepted of @length bytes were taken. */
static qosim_result write_piece(qosim_session *session, const char *id, const uint8_t *data,
                                size_t length, size_t *accepted)
{
    QsOperation o = { .kind = QS_OP_CHARDEV_WRITE,
                      .chardev = { .id = id, .data = { data, length } } };
    const QsResult *result;
    qosim_result rc = call_one(session, &o, &result);

    *accepted = 0;
    if (rc != QOSIM_OK) {
        return rc;
    }
    if (result->chardev_write.accepted > length) {
        return fail(session, QOSIM_ERR_PROTOCOL, "%s: %u bytes of %zu were taken", session->url,
                    result->chardev_write.accepted, length);
    }
    *accepted = result->chardev_write.accepted;
    return QOSIM_OK;
}

qosim_result qosim_chardev_write(qosim_session *session, const char *id, const void *data,
                                 size_t length, size_t *accepted)
{
    qosim_result rc = check_session(session);
    size_t piece;
    size_t taken;

    *accepted = 0;
    rc = rc == QOSIM_OK ? check_text(session, "id", id, true) : rc;
    while (rc == QOSIM_OK && *accepted < length) {
        piece = length - *accepted;
        piece = piece < session->max_block_bytes ? piece : session->max_block_bytes;
        rc = write_piece(session, id, (const uint8_t *)data + *accepted, piece, &taken);
        *accepted += taken;
        if (taken < piece) {
            break;
        }
    }
    return finish(session, rc);
}

qosim_result qosim_chardev_read(qosim_session *session, const char *id, void *data, size_t size,
                                size_t *length, uint64_t *pending)
{
    uint64_t max = size < session->max_block_bytes ? size : session->max_block_bytes;
    QsOperation o = { .kind = QS_OP_CHARDEV_READ, .chardev = { .id = id, .max = (uint32_t)max } };
    const QsResult *result;
    qosim_result rc = check_session(session);

    *length = 0;
    rc = rc == QOSIM_OK ? check_text(session, "id", id, true) : rc;
    rc = rc == QOSIM_OK ? call_one(session, &o, &result) : rc;
    if (rc == QOSIM_OK && result->chardev_read.data.len > max) {
        rc = fail(session, QOSIM_ERR_PROTOCOL, "%s: more bytes than were asked for", session->url);
    }
    if (rc == QOSIM_OK) {
        *length = result->chardev_read.data.len;
        if (*length) {
            memcpy(data, result->chardev_read.data.data, *length);
        }
        if (pending) {
            *pending = result->chardev_read.pending;
        }
    }
    return finish(session, rc);
}

qosim_result qosim_chardev_set_open(qosim_session *session, const char *id, bool open)
{
    QsOperation o = { .kind = QS_OP_CHARDEV_OPEN, .chardev = { .id = id, .open = open } };
    const QsResult *result;
    qosim_result rc = check_session(session);

    rc = rc == QOSIM_OK ? check_text(session, "id", id, true) : rc;
    rc = rc == QOSIM_OK ? call_one(session, &o, &result) : rc;
    return finish(session, rc);
}
