#include "server/dispatch.h"

#include <string.h>

#include "models/core/log.h"
#include "server/dispatch_internal.h"
#include "server/result_size.h"

/* Operations with results of any size are not begun with less room than this, which fits every path and text. */
#define ROOM_TO_BEGIN ((size_t)2 * QS_MAX_STRING_BYTES + 1024)

/* What a reply holds besides results: its own numbers, and posted errors. */
#define REPLY_HEAD_MAX (64u + (POSTED_ERRORS_MAX + 1) * (POSTED_ERROR_TEXT_MAX * 3u + 64u))

#define SMALL_PARTS_MAX ((size_t)QS_MAX_OPERATIONS * RESULT_SIZE_SMALL + (size_t)REPLY_HEAD_MAX)

G_STATIC_ASSERT(DISPATCH_RESULTS_MAX + SMALL_PARTS_MAX + EVENT_QUEUE_MAX_ENCODED <=
                (size_t)QS_MAX_FRAME_BYTES);
G_STATIC_ASSERT((size_t)QS_MAX_BLOCK_BYTES + ROOM_TO_BEGIN <= DISPATCH_RESULTS_MAX);

typedef struct OperationKind {
    const char *name;
    OperationHandler *handler;
    bool sized; /* the result has no fixed size */
} OperationKind;

static void dispatch_bye(Dispatch *d G_GNUC_UNUSED, const QsOperation *op G_GNUC_UNUSED,
                         QsResult *result G_GNUC_UNUSED)
{
    /* The session ends when its last reply is out. */
}

static const OperationKind kinds[QS_OP_COUNT] = {
    [QS_OP_NONE] = { "unknown", NULL, false },
    [QS_OP_MMIO_READ] = { "mmio-read", dispatch_mmio_read, false },
    [QS_OP_MMIO_WRITE] = { "mmio-write", dispatch_mmio_write, false },
    [QS_OP_BLOCK_READ] = { "block-read", dispatch_block_read, true },
    [QS_OP_BLOCK_WRITE] = { "block-write", dispatch_block_write, false },
    [QS_OP_BLOCK_FILL] = { "block-fill", dispatch_block_fill, false },
    [QS_OP_LINE_SET] = { "line-set", dispatch_line_set, false },
    [QS_OP_LINE_WATCH] = { "line-watch", dispatch_line_watch, true },
    [QS_OP_LINE_GET] = { "line-get", dispatch_line_get, false },
    [QS_OP_LINE_UNWATCH] = { "line-unwatch", dispatch_line_unwatch, false },
    [QS_OP_QOM_LIST] = { "qom-list", dispatch_qom_list, true },
    [QS_OP_QOM_GET] = { "qom-get", dispatch_qom_get, true },
    [QS_OP_QOM_SET] = { "qom-set", dispatch_qom_set, false },
    [QS_OP_QOM_NEW] = { "qom-new", dispatch_qom_new, true },
    [QS_OP_QOM_DELETE] = { "qom-delete", dispatch_qom_delete, false },
    [QS_OP_QOM_TYPES] = { "qom-types", dispatch_qom_types, true },
    [QS_OP_QOM_TYPE_PROPERTIES] = { "qom-type-properties", dispatch_qom_type_properties, true },
    [QS_OP_RESET] = { "reset", dispatch_reset, false },
    [QS_OP_ADVANCE] = { "advance", dispatch_advance, false },
    [QS_OP_STATS] = { "stats", dispatch_stats, true },
    [QS_OP_INFO] = { "info", dispatch_info, true },
    [QS_OP_HELLO] = { "hello", NULL, false },
    [QS_OP_BYE] = { "bye", dispatch_bye, false },
    [QS_OP_CHARDEV_ADD] = { "chardev-add", dispatch_chardev_add, true },
    [QS_OP_CHARDEV_REMOVE] = { "chardev-remove", dispatch_chardev_remove, false },
    [QS_OP_CHARDEV_LIST] = { "chardev-list", dispatch_chardev_list, true },
    [QS_OP_CHARDEV_WRITE] = { "chardev-write", dispatch_chardev_write, false },
    [QS_OP_CHARDEV_READ] = { "chardev-read", dispatch_chardev_read, true },
    [QS_OP_CHARDEV_OPEN] = { "chardev-open", dispatch_chardev_open, false },
    [QS_OP_VIRTIO] = { "virtio", dispatch_virtio, true },
};

Dispatch dispatch_begin(MachineHost *host, Session *session, QsArena *arena)
{
    return (Dispatch){ .host = host,
                       .machine = host->machine,
                       .session = session,
                       .arena = arena,
                       .room = DISPATCH_RESULTS_MAX,
                       .fill = DISPATCH_FILL_MAX };
}

const char *dispatch_operation_name(QsOpKind kind)
{
    return kind < QS_OP_COUNT ? kinds[kind].name : kinds[QS_OP_NONE].name;
}

void dispatch_out_of_memory(Dispatch *d, QsResult *result)
{
    reply_fail(d->arena, &result->status, QS_STATUS_LIMIT, "the reply takes too much memory");
}

/* Where the result does not fit, a short failure takes its place. A failure keeps its code and loses its text. */
static void fit(Dispatch *d, QsResult *result)
{
    size_t size = result_size(result);

    if (size <= d->room) {
        d->room -= size;
        return;
    }
    if (result->status.code == QS_STATUS_OK) {
        result->status.code = QS_STATUS_LIMIT;
    }
    result->status.text = "";
    result->status.path = "";
}

/* A result without anything in it; one of a register access has no more than this. */
static void clear_result(QsResult *result, QsOpKind kind)
{
    if (kind == QS_OP_MMIO_READ || kind == QS_OP_MMIO_WRITE) {
        memset(&result->mmio, 0, sizeof(result->mmio));
    } else {
        memset(result, 0, sizeof(*result));
    }
    result->kind = kind;
    reply_ok(&result->status);
}

void dispatch_operation(Dispatch *d, const QsOperation *op, QsResult *result)
{
    const OperationKind *kind = &kinds[op->kind < QS_OP_COUNT ? op->kind : QS_OP_NONE];

    clear_result(result, op->kind);
    d->host->stats.operations[kind - kinds]++;
    if (!kind->handler) {
        result->kind = QS_OP_NONE;
        reply_fail(d->arena, &result->status, QS_STATUS_UNSUPPORTED,
                   "this server does not know this operation");
    } else if (kind->sized && d->room < ROOM_TO_BEGIN) {
        reply_fail(d->arena, &result->status, QS_STATUS_LIMIT,
                   "the results of this frame take %zu bytes already; ask in another frame",
                   DISPATCH_RESULTS_MAX - d->room);
    } else {
        (void)log_open_window_of(d->host->log);
        kind->handler(d, op, result);
    }
    fit(d, result);
    d->host->stats.failed_operations += result->status.code != QS_STATUS_OK;
}

const char *dispatch_machine_type(const MachineHost *host, QsArena *arena)
{
    g_autofree char *type = g_strdup(object_get_typename(OBJECT(host->machine)));

    if (g_str_has_suffix(type, TYPE_MACHINE_SUFFIX)) {
        type[strlen(type) - strlen(TYPE_MACHINE_SUFFIX)] = '\0';
    }
    return reply_text(arena, type, QS_MAX_STRING_BYTES);
}
