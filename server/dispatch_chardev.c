/* Chardevs: made, removed, listed, and those that clients serve. */
#include "server/dispatch_internal.h"

#include <inttypes.h>
#include <string.h>

#include "models/chardev/chardev_fe.h"
#include "models/chardev/ringbuf.h"
#include "models/chardev/rpc.h"
#include "qom/value.h"
#include "server/chardevs.h"
#include "server/listener.h"
#include "server/value_convert.h"

/* Whether the session's client may use files, sockets and terminals of the host: it runs as the server's user. */
static bool may_reach_host(const Session *session)
{
    return !session->listener || g_str_has_prefix(listener_url(session->listener), "ipc:") ||
           g_str_has_prefix(listener_url(session->listener), "shm:");
}

static bool check_reach(Dispatch *d, GVariant *options, QsResult *result)
{
    g_autofree char *reach = NULL;

    if (may_reach_host(d->session) || chardevs_is_internal(options, &reach)) {
        return true;
    }
    reply_fail(d->arena, &result->status, QS_STATUS_NOT_ALLOWED,
               "%s reaches beyond the server: only clients at ipc:// may use it", reach);
    return false;
}

/* QMP's words for what the command line says otherwise. */
static GError *explain(GVariant *options, GError *error)
{
    g_autoptr(GVariant) id = g_variant_lookup_value(options, "id", NULL);
    g_autofree char *name = id ? qom_value_print(id) : NULL;

    if (name) {
        g_prefix_error(&error, "Failed to add chardev '%s': ", name);
    }
    return error;
}

static bool check_id_free(Dispatch *d, GVariant *options, QsResult *result)
{
    g_autoptr(GVariant) id = g_variant_lookup_value(options, "id", NULL);
    g_autofree char *name = id ? qom_value_print(id) : NULL;

    if (!name || !chardev_find(d->machine->root, name)) {
        return true;
    }
    reply_fail(d->arena, &result->status, QS_STATUS_GENERIC, "Chardev with id '%s' already exists",
               name);
    return false;
}

void dispatch_chardev_add(Dispatch *d, const QsOperation *op, QsResult *result)
{
    g_autoptr(GVariant) options = g_variant_ref_sink(
        value_map_from_message(op->chardev_add.options, op->chardev_add.n_options));
    GError *error = NULL;
    Chardev *chr;

    if (!check_reach(d, options, result) || !check_id_free(d, options, result)) {
        return;
    }
    chr = chardev_add(d->machine->root, options, false, &error);
    if (!chr) {
        reply_fail_error(d->arena, &result->status, explain(options, error), NULL);
        return;
    }
    chardevs_watch(d->host);
    result->chardev_add.filename = reply_text(d->arena, chr->filename, QS_MAX_STRING_BYTES);
}

/* The chardev @id, borrowed; NULL with the result failed. */
static Chardev *find(Dispatch *d, const char *id, QsResult *result)
{
    Chardev *chr = chardev_find(d->machine->root, id);

    if (!chr) {
        reply_fail(d->arena, &result->status, QS_STATUS_NOT_FOUND, "Chardev '%s' not found", id);
    }
    return chr;
}

/* The same for one that clients serve. */
static Chardev *find_rpc(Dispatch *d, const char *id, QsResult *result)
{
    Chardev *chr = find(d, id, result);

    if (chr && !object_dynamic_cast(OBJECT(chr), TYPE_CHARDEV_RPC)) {
        reply_fail(d->arena, &result->status, QS_STATUS_GENERIC,
                   "chardev '%s' is no rpc chardev: its other end is %s", id, chr->filename);
        return NULL;
    }
    return chr;
}

void dispatch_chardev_remove(Dispatch *d, const QsOperation *op, QsResult *result)
{
    GError *error = NULL;

    if (find(d, op->chardev.id, result) &&
        !chardev_remove(d->machine->root, op->chardev.id, &error)) {
        reply_fail_error(d->arena, &result->status, error, NULL);
    }
}

static uint64_t pending(Chardev *chr)
{
    if (object_dynamic_cast(OBJECT(chr), TYPE_CHARDEV_RPC)) {
        return rpc_chardev_pending(chr);
    }
    return object_dynamic_cast(OBJECT(chr), TYPE_CHARDEV_RINGBUF) ? ringbuf_count(chr) : 0;
}

typedef struct ChardevList {
    QsArena *arena;
    GArray *chardevs;
} ChardevList;

static void add_chardev(Chardev *chr, void *opaque)
{
    ChardevList *list = opaque;
    const char *type = object_get_typename(OBJECT(chr));
    QsChardev chardev = {
        .id = reply_text(list->arena, chr->label, QS_MAX_STRING_BYTES),
        .backend = reply_text(list->arena, type + strlen(CHARDEV_TYPE_PREFIX), QS_MAX_STRING_BYTES),
        .filename = reply_text(list->arena, chr->filename, QS_MAX_STRING_BYTES),
        .frontend_open = chr->fe && chr->fe->fe_is_open,
        .host_open = chr->be_open,
        .used = chr->fe != NULL,
        .pending = pending(chr),
    };

    g_array_append_val(list->chardevs, chardev);
}

void dispatch_chardev_list(Dispatch *d, const QsOperation *op G_GNUC_UNUSED, QsResult *result)
{
    g_autoptr(GArray) chardevs = g_array_new(FALSE, FALSE, sizeof(QsChardev));
    ChardevList list = { d->arena, chardevs };

    chardevs_foreach(d->machine, add_chardev, &list);
    result->chardev_list.chardevs =
        qs_arena_memdup(d->arena, chardevs->data, chardevs->len * sizeof(QsChardev));
    result->chardev_list.n_chardevs = chardevs->len;
    if (!result->chardev_list.chardevs && chardevs->len > 0) {
        dispatch_out_of_memory(d, result);
    }
}

void dispatch_chardev_write(Dispatch *d, const QsOperation *op, QsResult *result)
{
    Chardev *chr = find_rpc(d, op->chardev.id, result);

    if (chr) {
        result->chardev_write.accepted =
            (uint32_t)rpc_chardev_write(chr, op->chardev.data.data, op->chardev.data.len);
    }
}

static bool check_max(Dispatch *d, uint32_t max, QsResult *result)
{
    if (max == 0) {
        reply_fail(d->arena, &result->status, QS_STATUS_INVALID_ARGUMENT,
                   "size must be greater than zero");
        return false;
    }
    if (max > QS_MAX_CHARDEV_BYTES) {
        reply_fail(d->arena, &result->status, QS_STATUS_LIMIT,
                   "a read of %" PRIu32 " bytes is over the limit of %u", max,
                   QS_MAX_CHARDEV_BYTES);
        return false;
    }
    return true;
}

void dispatch_chardev_read(Dispatch *d, const QsOperation *op, QsResult *result)
{
    Chardev *chr = find(d, op->chardev.id, result);
    bool is_ringbuf = chr && object_dynamic_cast(OBJECT(chr), TYPE_CHARDEV_RINGBUF);
    uint64_t length;
    uint8_t *data;

    if (!chr || (!is_ringbuf && !find_rpc(d, op->chardev.id, result)) ||
        !check_max(d, op->chardev.max, result)) {
        return;
    }
    length = MIN(pending(chr), op->chardev.max);
    /* What does not fit the reply stays where it is: it is not lost. */
    length = MIN(length, d->room - 64);
    data = qs_arena_alloc(d->arena, length + 1);
    if (!data) {
        dispatch_out_of_memory(d, result);
        return;
    }
    length = is_ringbuf ? ringbuf_read(chr, data, length) : rpc_chardev_read(chr, data, length);
    result->chardev_read.data = (QsBytes){ data, length };
    result->chardev_read.pending = pending(chr);
}

void dispatch_chardev_open(Dispatch *d, const QsOperation *op, QsResult *result)
{
    Chardev *chr = find_rpc(d, op->chardev.id, result);

    if (chr) {
        rpc_chardev_set_open(chr, op->chardev.open);
    }
}
