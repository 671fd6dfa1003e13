#include "models/chardev/chardev_fe.h"

#include "qom/error.h"

bool qemu_chr_fe_init(CharFrontend *fe, Chardev *chr, GError **error)
{
    ChardevClass *cc = CHARDEV_GET_CLASS(chr);

    if (cc->attach) {
        if (!cc->attach(chr, fe, error)) {
            return false;
        }
    } else if (chr->fe) {
        return qom_error_set(error, "Device '%s' is in use", chr->label);
    } else {
        chr->fe = fe;
    }
    fe->chr = chr;
    fe->fe_is_open = false;
    return true;
}

void qemu_chr_fe_deinit(CharFrontend *fe, bool del)
{
    Chardev *chr = fe->chr;
    ChardevClass *cc;

    if (!chr) {
        return;
    }
    qemu_chr_fe_set_handlers(fe, NULL, NULL, NULL, NULL, true);
    cc = CHARDEV_GET_CLASS(chr);
    if (cc->detach) {
        cc->detach(chr, fe);
    } else {
        chr->fe = NULL;
    }
    fe->chr = NULL;
    if (del) {
        object_unparent(OBJECT(chr));
    }
}

Chardev *qemu_chr_fe_get_driver(const CharFrontend *fe)
{
    return fe->chr;
}

bool qemu_chr_fe_backend_connected(const CharFrontend *fe)
{
    return fe->chr != NULL;
}

bool qemu_chr_fe_backend_open(const CharFrontend *fe)
{
    return fe->chr && fe->chr->be_open;
}

void qemu_chr_fe_set_handlers_full(CharFrontend *fe, IOCanReadHandler *can_read,
                                   IOReadHandler *read, IOEventHandler *event, void *opaque,
                                   bool set_open, bool sync_state)
{
    Chardev *chr = fe->chr;
    bool open = can_read || read || event || opaque;

    if (!chr) {
        return;
    }
    fe->can_read = can_read;
    fe->read = read;
    fe->event = event;
    fe->opaque = opaque;
    if (CHARDEV_GET_CLASS(chr)->chr_update_read_handler) {
        CHARDEV_GET_CLASS(chr)->chr_update_read_handler(chr);
    }
    if (set_open) {
        qemu_chr_fe_set_open(fe, open);
    }
    if (open && sync_state && chr->be_open && fe->event) {
        fe->event(fe->opaque, CHR_EVENT_OPENED);
    }
}

void qemu_chr_fe_set_handlers(CharFrontend *fe, IOCanReadHandler *can_read, IOReadHandler *read,
                              IOEventHandler *event, void *opaque, bool set_open)
{
    qemu_chr_fe_set_handlers_full(fe, can_read, read, event, opaque, set_open, true);
}

int qemu_chr_fe_write(CharFrontend *fe, const uint8_t *buf, int len)
{
    Chardev *chr = fe->chr;
    int taken;

    if (!chr || len <= 0) {
        return len;
    }
    taken = CHARDEV_GET_CLASS(chr)->chr_write(chr, buf, len);
    if (taken > 0) {
        chardev_log(chr, buf, taken);
    }
    return taken;
}

void qemu_chr_fe_accept_input(CharFrontend *fe)
{
    Chardev *chr = fe->chr;

    if (!chr) {
        return;
    }
    if (CHARDEV_GET_CLASS(chr)->chr_accept_input) {
        CHARDEV_GET_CLASS(chr)->chr_accept_input(chr);
    }
    /* Sources ask can_read when they prepare; make them do that now. */
    g_main_context_wakeup(chr->context);
}

void qemu_chr_fe_set_open(CharFrontend *fe, bool open)
{
    Chardev *chr = fe->chr;

    if (!chr || fe->fe_is_open == open) {
        return;
    }
    fe->fe_is_open = open;
    if (CHARDEV_GET_CLASS(chr)->chr_set_fe_open) {
        CHARDEV_GET_CLASS(chr)->chr_set_fe_open(chr, open);
    }
}

void qemu_chr_fe_disconnect(CharFrontend *fe)
{
    Chardev *chr = fe->chr;

    if (chr && CHARDEV_GET_CLASS(chr)->chr_disconnect) {
        CHARDEV_GET_CLASS(chr)->chr_disconnect(chr);
    }
}

typedef struct CharWatch {
    CharWatchFunc *func;
    void *opaque;
} CharWatch;

static gboolean watch_fired(int fd, GIOCondition cond, void *opaque)
{
    const CharWatch *watch = opaque;

    (void)fd;
    return watch->func(watch->opaque, cond);
}

unsigned qemu_chr_fe_add_watch(CharFrontend *fe, GIOCondition cond, CharWatchFunc *func,
                               void *opaque)
{
    Chardev *chr = fe->chr;
    ChardevClass *cc = chr ? CHARDEV_GET_CLASS(chr) : NULL;
    g_autoptr(GSource) source = cc && cc->chr_add_watch ? cc->chr_add_watch(chr, cond) : NULL;
    CharWatch *watch;

    if (!source) {
        return 0;
    }
    watch = g_new(CharWatch, 1);
    *watch = (CharWatch){ func, opaque };
    g_source_set_callback(source, G_SOURCE_FUNC(watch_fired), watch, g_free);
    return g_source_attach(source, chr->context);
}

void qemu_chr_fe_remove_watch(CharFrontend *fe, unsigned id)
{
    GSource *source = fe->chr && id ? g_main_context_find_source_by_id(fe->chr->context, id) : NULL;

    if (source) {
        g_source_destroy(source);
    }
}
