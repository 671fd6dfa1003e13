#include "models/chardev/chardev_fd.h"

#include <errno.h>
#include <unistd.h>

#include <glib-unix.h>

#include "models/chardev/chardev_fe.h"

/* How many bytes one read takes at most. */
#define READ_CHUNK 4096

/* How many bytes are read before other sources have their turn. */
#define READ_BURST (16 * READ_CHUNK)

typedef struct ReadSource {
    GSource source;
    Chardev *chr; /* borrowed: the chardev destroys the source before it goes */
    ChardevReady *ready;
    int fd;
    gpointer tag; /* NULL while the descriptor is not polled */
} ReadSource;

/*
 * A descriptor without room behind it leaves the poll set altogether: poll() reports a hang-up even where no event was
 * asked for, and the loop would spin on it.
 */
static gboolean read_source_prepare(GSource *source, int *timeout)
{
    ReadSource *rs = (ReadSource *)source;
    bool room = qemu_chr_be_can_write(rs->chr) > 0;

    *timeout = -1;
    if (room && !rs->tag) {
        rs->tag = g_source_add_unix_fd(source, rs->fd, G_IO_IN | G_IO_HUP | G_IO_ERR);
    } else if (!room && rs->tag) {
        g_source_remove_unix_fd(source, rs->tag);
        rs->tag = NULL;
    }
    return FALSE;
}

static gboolean read_source_check(GSource *source)
{
    ReadSource *rs = (ReadSource *)source;

    return rs->tag && g_source_query_unix_fd(source, rs->tag) != 0;
}

static gboolean read_source_dispatch(GSource *source, GSourceFunc callback, gpointer opaque)
{
    ReadSource *rs = (ReadSource *)source;

    (void)callback;
    (void)opaque;
    return rs->ready(rs->chr, g_source_query_unix_fd(source, rs->tag));
}

static GSourceFuncs read_source_funcs = {
    .prepare = read_source_prepare,
    .check = read_source_check,
    .dispatch = read_source_dispatch,
};

GSource *chardev_add_read_source(Chardev *chr, int fd, ChardevReady *ready)
{
    GSource *source = g_source_new(&read_source_funcs, sizeof(ReadSource));
    ReadSource *rs = (ReadSource *)source;

    rs->chr = chr;
    rs->ready = ready;
    rs->fd = fd;
    g_source_attach(source, chr->context);
    return source;
}

void chardev_clear_source(GSource **source)
{
    if (*source) {
        g_source_destroy(*source);
        g_source_unref(*source);
        *source = NULL;
    }
}

int chardev_fd_write(int fd, const uint8_t *buf, int len)
{
    ssize_t n;

    do {
        n = write(fd, buf, len);
    } while (n < 0 && errno == EINTR);
    return (int)n;
}

static int read_chunk(Chardev *chr, int fd)
{
    uint8_t buf[READ_CHUNK];
    int room = qemu_chr_be_can_write(chr);
    ssize_t n;

    if (room <= 0) {
        errno = EAGAIN;
        return -1;
    }
    do {
        n = read(fd, buf, MIN(room, READ_CHUNK));
    } while (n < 0 && errno == EINTR);
    if (n > 0) {
        qemu_chr_be_write(chr, buf, (int)n);
    }
    return (int)n;
}

int chardev_fd_read(Chardev *chr, int fd)
{
    int total = 0;
    int n;

    /* After a short chunk there is hardly more; an end or an error behind bytes is found by the next call. */
    do {
        n = read_chunk(chr, fd);
        total += MAX(n, 0);
    } while (n == READ_CHUNK && total < READ_BURST);
    return total > 0 ? total : n;
}

static bool fd_chr_ready(Chardev *chr, GIOCondition cond)
{
    FDChardev *fdc = CHARDEV_FD(chr);
    int n = chardev_fd_read(chr, fdc->fd_in);

    (void)cond;
    if (n > 0 || (n < 0 && errno == EAGAIN)) {
        return true;
    }
    chardev_clear_source(&fdc->in_source);
    qemu_chr_be_event(chr, CHR_EVENT_CLOSED);
    return false;
}

static void fd_chr_update_read_handler(Chardev *chr)
{
    FDChardev *fdc = CHARDEV_FD(chr);

    chardev_clear_source(&fdc->in_source);
    if (fdc->fd_in >= 0 && chr->fe && chr->fe->read) {
        fdc->in_source = chardev_add_read_source(chr, fdc->fd_in, fd_chr_ready);
    }
}

static int fd_chr_write(Chardev *chr, const uint8_t *buf, int len)
{
    FDChardev *fdc = CHARDEV_FD(chr);

    return fdc->fd_out >= 0 ? chardev_fd_write(fdc->fd_out, buf, len) : len;
}

static GSource *fd_chr_add_watch(Chardev *chr, GIOCondition cond)
{
    FDChardev *fdc = CHARDEV_FD(chr);

    return fdc->fd_out >= 0 ? g_unix_fd_source_new(fdc->fd_out, cond) : NULL;
}

void fd_chr_set(FDChardev *chr, int fd_in, int fd_out)
{
    chr->fd_in = fd_in;
    chr->fd_out = fd_out;
    if (fd_in >= 0) {
        g_unix_set_fd_nonblocking(fd_in, TRUE, NULL);
    }
    if (fd_out >= 0) {
        g_unix_set_fd_nonblocking(fd_out, TRUE, NULL);
    }
}

static void fd_chr_class_init(ObjectClass *oc, void *data)
{
    ChardevClass *cc = CHARDEV_CLASS(oc);

    (void)data;
    cc->chr_write = fd_chr_write;
    cc->chr_add_watch = fd_chr_add_watch;
    cc->chr_update_read_handler = fd_chr_update_read_handler;
}

static void fd_chr_init(Object *obj)
{
    FDChardev *fdc = CHARDEV_FD(obj);

    fdc->fd_in = -1;
    fdc->fd_out = -1;
}

static void fd_chr_finalize(Object *obj)
{
    FDChardev *fdc = CHARDEV_FD(obj);

    chardev_clear_source(&fdc->in_source);
    if (fdc->fd_in >= 0) {
        close(fdc->fd_in);
    }
    if (fdc->fd_out >= 0 && fdc->fd_out != fdc->fd_in) {
        close(fdc->fd_out);
    }
}

static const TypeInfo fd_chr_info = {
    .name = TYPE_CHARDEV_FD,
    .parent = TYPE_CHARDEV,
    .instance_size = sizeof(FDChardev),
    .instance_init = fd_chr_init,
    .instance_finalize = fd_chr_finalize,
    .abstract = true,
    .class_init = fd_chr_class_init,
};

static void fd_chr_register_types(void)
{
    type_register_static(&fd_chr_info);
}
type_init(fd_chr_register_types)
