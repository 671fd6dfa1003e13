/* chardev-pty: a pseudo-terminal whose other side any terminal program opens. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include <glib-unix.h>

#include "models/chardev/chardev_fd.h"
#include "models/chardev/chardev_fe.h"
#include "qom/error.h"

#define TYPE_CHARDEV_PTY "chardev-pty"
OBJECT_DECLARE_SIMPLE_TYPE(PtyChardev, CHARDEV_PTY)

/* How often the slave is looked at: the kernel has no event for its opening, and a guest without room does not read its end. */
#define PTY_POLL_MS 1000

struct PtyChardev {
    Chardev parent_obj;

    int fd; /* the master's side; -1: none */
    GSource *in_source;
    GSource *timer;
};

static void pty_set_connected(PtyChardev *pty, bool connected);

static bool slave_is_open(const PtyChardev *pty)
{
    struct pollfd pfd = { .fd = pty->fd, .events = POLLOUT };

    return poll(&pfd, 1, 0) >= 0 && !(pfd.revents & POLLHUP);
}

static bool input_waits(const PtyChardev *pty)
{
    struct pollfd pfd = { .fd = pty->fd, .events = POLLIN };

    return poll(&pfd, 1, 0) > 0 && (pfd.revents & POLLIN);
}

static gboolean pty_timer(gpointer opaque)
{
    PtyChardev *pty = opaque;
    bool open = slave_is_open(pty);

    /* What was typed before the slave was closed is read first, however long that takes. */
    if (open != CHARDEV(pty)->be_open && (open || !input_waits(pty))) {
        pty_set_connected(pty, open);
    }
    return G_SOURCE_CONTINUE;
}

static void pty_start_timer(PtyChardev *pty)
{
    pty->timer = g_timeout_source_new(PTY_POLL_MS);
    g_source_set_callback(pty->timer, pty_timer, pty, NULL);
    g_source_attach(pty->timer, CHARDEV(pty)->context);
}

static bool pty_ready(Chardev *chr, GIOCondition cond)
{
    PtyChardev *pty = CHARDEV_PTY(chr);
    int n = chardev_fd_read(chr, pty->fd);

    (void)cond;
    if (n > 0 || (n < 0 && errno == EAGAIN)) {
        return true;
    }
    pty_set_connected(pty, false);
    return false;
}

static void pty_update_read_handler(Chardev *chr)
{
    PtyChardev *pty = CHARDEV_PTY(chr);

    chardev_clear_source(&pty->in_source);
    if (chr->be_open && chr->fe && chr->fe->read) {
        pty->in_source = chardev_add_read_source(chr, pty->fd, pty_ready);
    }
}

static void pty_set_connected(PtyChardev *pty, bool connected)
{
    qemu_chr_be_event(CHARDEV(pty), connected ? CHR_EVENT_OPENED : CHR_EVENT_CLOSED);
    pty_update_read_handler(CHARDEV(pty));
}

/* While nobody has the slave open the output is dropped: a terminal that is opened later starts empty. */
static int pty_write(Chardev *chr, const uint8_t *buf, int len)
{
    PtyChardev *pty = CHARDEV_PTY(chr);

    if (!chr->be_open) {
        if (!slave_is_open(pty)) {
            return len;
        }
        pty_set_connected(pty, true);
    }
    return chardev_fd_write(pty->fd, buf, len);
}

static GSource *pty_add_watch(Chardev *chr, GIOCondition cond)
{
    return chr->be_open ? g_unix_fd_source_new(CHARDEV_PTY(chr)->fd, cond) : NULL;
}

/* A slave without a reader must not echo the guest's output back, so it starts in raw mode. */
static bool set_slave_raw(const char *name)
{
    struct termios tio;
    int fd = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    bool ok = fd >= 0 && tcgetattr(fd, &tio) == 0;

    if (ok) {
        cfmakeraw(&tio);
        ok = tcsetattr(fd, TCSANOW, &tio) == 0;
    }
    if (fd >= 0) {
        close(fd);
    }
    return ok;
}

static bool pty_open(Chardev *chr, const ChardevOptions *options, bool *be_opened, GError **error)
{
    PtyChardev *pty = CHARDEV_PTY(chr);
    char name[64];

    (void)options;
    *be_opened = false;
    pty->fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (pty->fd < 0 || grantpt(pty->fd) < 0 || unlockpt(pty->fd) < 0 ||
        ptsname_r(pty->fd, name, sizeof(name)) || !set_slave_raw(name) ||
        !g_unix_set_fd_nonblocking(pty->fd, TRUE, NULL)) {
        return qom_error_set(error, "Failed to create PTY: %s", g_strerror(errno));
    }
    g_free(chr->filename);
    chr->filename = g_strdup_printf("pty:%s", name);
    fprintf(stderr, "char device redirected to %s (label %s)\n", name, chr->label);
    pty_start_timer(pty);
    return true;
}

static void pty_init(Object *obj)
{
    CHARDEV_PTY(obj)->fd = -1;
}

static void pty_finalize(Object *obj)
{
    PtyChardev *pty = CHARDEV_PTY(obj);

    chardev_clear_source(&pty->timer);
    chardev_clear_source(&pty->in_source);
    if (pty->fd >= 0) {
        close(pty->fd);
    }
}

static void pty_class_init(ObjectClass *oc, void *data)
{
    ChardevClass *cc = CHARDEV_CLASS(oc);

    (void)data;
    cc->summary = "a pseudo-terminal of the host";
    cc->open = pty_open;
    cc->chr_write = pty_write;
    cc->chr_add_watch = pty_add_watch;
    cc->chr_update_read_handler = pty_update_read_handler;
}

static const TypeInfo pty_info = {
    .name = TYPE_CHARDEV_PTY,
    .parent = TYPE_CHARDEV,
    .instance_size = sizeof(PtyChardev),
    .instance_init = pty_init,
    .instance_finalize = pty_finalize,
    .class_init = pty_class_init,
};

static void pty_register_types(void)
{
    type_register_static(&pty_info);
}
type_init(pty_register_types)
