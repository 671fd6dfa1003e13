#include "models/chardev/rpc.h"

#include <errno.h>
#include <string.h>

#include <glib-unix.h>

#include "models/chardev/chardev_fe.h"
#include "qom/error.h"

#define RPC_DEFAULT_SIZE 65536u
#define RPC_MAX_SIZE 67108864u

OBJECT_DECLARE_SIMPLE_TYPE(RpcChardev, CHARDEV_RPC)

struct RpcChardev {
    Chardev parent_obj;

    /* Output that waits for the client: a ring of size bytes, used of them in use from head on. */
    uint8_t *bytes;
    size_t size;
    size_t head;
    size_t used;
    bool input_refused; /* the last input was not taken whole */
    RpcChardevNotify *notify;
    void *notify_opaque;
    GSList *watches; /* RoomSource *, borrowed: those that wait for room */
};

/* Fires while there is room for output. Its own GSource, because no descriptor tells. */
typedef struct RoomSource {
    GSource source;
    RpcChardev *rpc; /* NULL after the chardev is gone */
    GIOCondition cond;
} RoomSource;

static const ChardevOption rpc_options[] = {
    { "size", CHARDEV_OPTION_SIZE,
      "bytes of output that wait before the guest is made to (default 65536)" },
    { "open", CHARDEV_OPTION_BOOL, "the host's side is open from the start (default on)" },
    { NULL, CHARDEV_OPTION_STRING, NULL },
};

static void tell(RpcChardev *rpc, RpcChardevNotice notice)
{
    if (rpc->notify) {
        rpc->notify(rpc->notify_opaque, CHARDEV(rpc), notice);
    }
}

static bool rpc_open(Chardev *chr, const ChardevOptions *options, bool *be_opened, GError **error)
{
    RpcChardev *rpc = CHARDEV_RPC(chr);
    uint64_t size = chardev_options_number(options, "size", RPC_DEFAULT_SIZE);

    if (!size || size > RPC_MAX_SIZE) {
        return qom_error_set(error, "size of rpc chardev must be between 1 and %u", RPC_MAX_SIZE);
    }
    rpc->size = size;
    rpc->bytes = g_try_malloc(size);
    if (!rpc->bytes) {
        return qom_error_set(
            error, "not enough memory for an rpc chardev of %" G_GUINT64_FORMAT " bytes", size);
    }
    *be_opened = chardev_options_bool(options, "open", true);
    return true;
}

static int rpc_write(Chardev *chr, const uint8_t *buf, int len)
{
    RpcChardev *rpc = CHARDEV_RPC(chr);
    size_t n = MIN((size_t)len, rpc->size - rpc->used);
    size_t tail = (rpc->head + rpc->used) % rpc->size;
    size_t first = MIN(n, rpc->size - tail);
    bool was_empty = rpc->used == 0;

    if (!chr->be_open) {
        errno = EIO;
        return -1;
    }
    if (!n) {
        errno = EAGAIN;
        return -1;
    }
    memcpy(rpc->bytes + tail, buf, first);
    memcpy(rpc->bytes, buf + first, n - first);
    rpc->used += n;
    if (was_empty) {
        tell(rpc, RPC_CHARDEV_OUTPUT);
    }
    return (int)n;
}

size_t rpc_chardev_pending(Chardev *chr)
{
    return CHARDEV_RPC(chr)->used;
}

size_t rpc_chardev_read(Chardev *chr, uint8_t *buf, size_t len)
{
    RpcChardev *rpc = CHARDEV_RPC(chr);
    size_t n = MIN(len, rpc->used);
    size_t first = MIN(n, rpc->size - rpc->head);

    memcpy(buf, rpc->bytes + rpc->head, first);
    memcpy(buf + first, rpc->bytes, n - first);
    rpc->head = (rpc->head + n) % rpc->size;
    rpc->used -= n;
    if (n && rpc->watches) {
        g_main_context_wakeup(chr->context);
    }
    return n;
}

size_t rpc_chardev_write(Chardev *chr, const uint8_t *buf, size_t len)
{
    RpcChardev *rpc = CHARDEV_RPC(chr);
    size_t done = 0;

    while (chr->be_open && done < len) {
        int room = qemu_chr_be_can_write(chr);
        size_t n = MIN((size_t)MAX(room, 0), len - done);

        if (!n) {
            break;
        }
        qemu_chr_be_write(chr, buf + done, (int)n);
        done += n;
    }
    rpc->input_refused = done < len;
    return done;
}

void rpc_chardev_set_open(Chardev *chr, bool open)
{
    qemu_chr_be_event(chr, open ? CHR_EVENT_OPENED : CHR_EVENT_CLOSED);
}

void rpc_chardev_set_notify(Chardev *chr, RpcChardevNotify *notify, void *opaque)
{
    CHARDEV_RPC(chr)->notify = notify;
    CHARDEV_RPC(chr)->notify_opaque = opaque;
}

static void rpc_accept_input(Chardev *chr)
{
    RpcChardev *rpc = CHARDEV_RPC(chr);

    if (rpc->input_refused && qemu_chr_be_can_write(chr) > 0) {
        rpc->input_refused = false;
        tell(rpc, RPC_CHARDEV_INPUT);
    }
}

static void rpc_set_fe_open(Chardev *chr, bool open)
{
    tell(CHARDEV_RPC(chr), open ? RPC_CHARDEV_FE_OPEN : RPC_CHARDEV_FE_CLOSE);
}

static GIOCondition room_condition(const RoomSource *rs)
{
    GIOCondition now = 0;

    if (!rs->rpc || !CHARDEV(rs->rpc)->be_open) {
        now |= G_IO_HUP;
    } else if (rs->rpc->used < rs->rpc->size) {
        now |= G_IO_OUT;
    }
    return now & (rs->cond | G_IO_HUP);
}

static gboolean room_prepare(GSource *source, int *timeout)
{
    *timeout = -1;
    return room_condition((RoomSource *)source) != 0;
}

static gboolean room_check(GSource *source)
{
    return room_condition((RoomSource *)source) != 0;
}

static gboolean room_dispatch(GSource *source, GSourceFunc callback, gpointer opaque)
{
    GUnixFDSourceFunc func = (GUnixFDSourceFunc)(void (*)(void))callback;

    return func ? func(-1, room_condition((RoomSource *)source), opaque) : G_SOURCE_REMOVE;
}

static void room_finalize(GSource *source)
{
    RoomSource *rs = (RoomSource *)source;

    if (rs->rpc) {
        rs->rpc->watches = g_slist_remove(rs->rpc->watches, rs);
    }
}

static GSourceFuncs room_funcs = {
    .prepare = room_prepare,
    .check = room_check,
    .dispatch = room_dispatch,
    .finalize = room_finalize,
};

static GSource *rpc_add_watch(Chardev *chr, GIOCondition cond)
{
    RpcChardev *rpc = CHARDEV_RPC(chr);
    GSource *source = g_source_new(&room_funcs, sizeof(RoomSource));
    RoomSource *rs = (RoomSource *)source;

    rs->rpc = rpc;
    rs->cond = cond;
    rpc->watches = g_slist_prepend(rpc->watches, rs);
    return source;
}

static void rpc_finalize(Object *obj)
{
    RpcChardev *rpc = CHARDEV_RPC(obj);

    for (GSList *l = rpc->watches; l; l = l->next) {
        ((RoomSource *)l->data)->rpc = NULL;
    }
    g_slist_free(rpc->watches);
    g_free(rpc->bytes);
}

static void rpc_class_init(ObjectClass *oc, void *data)
{
    ChardevClass *cc = CHARDEV_CLASS(oc);

    (void)data;
    cc->summary = "a client of this server";
    cc->options = rpc_options;
    cc->open = rpc_open;
    cc->chr_write = rpc_write;
    cc->chr_add_watch = rpc_add_watch;
    cc->chr_accept_input = rpc_accept_input;
    cc->chr_set_fe_open = rpc_set_fe_open;
}

static const TypeInfo rpc_info = {
    .name = TYPE_CHARDEV_RPC,
    .parent = TYPE_CHARDEV,
    .instance_size = sizeof(RpcChardev),
    .instance_finalize = rpc_finalize,
    .class_init = rpc_class_init,
};

static void rpc_register_types(void)
{
    type_register_static(&rpc_info);
}
type_init(rpc_register_types)
