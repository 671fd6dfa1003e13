/*
 * chardev-mux: up to four front ends share one chardev. The output of all goes there; the input goes to the one that has
 * the focus, which Ctrl-A c passes on.
 */
#include <string.h>

#include <glib-unix.h>

#include "models/chardev/chardev_fe.h"
#include "qom/error.h"

#define TYPE_CHARDEV_MUX "chardev-mux"
OBJECT_DECLARE_SIMPLE_TYPE(MuxChardev, CHARDEV_MUX)

#define MUX_MAX_FE 4
#define MUX_BUFFER 32 /* bytes of input that wait for one front end */
#define MUX_ESCAPE 0x01

struct MuxChardev {
    Chardev parent_obj;

    CharFrontend base; /* the mux's own front end on the real chardev */
    CharFrontend *fes[MUX_MAX_FE];
    unsigned n_fes;
    int focus; /* index in fes; -1: nobody */
    bool escaped;
    bool timestamps;
    bool at_line_start;
    int64_t timestamps_start;
    /* Input that waits, per front end; free-running positions. */
    uint8_t buffer[MUX_MAX_FE][MUX_BUFFER];
    unsigned produced[MUX_MAX_FE];
    unsigned consumed[MUX_MAX_FE];
};

static const ChardevOption mux_options[] = {
    { "chardev", CHARDEV_OPTION_STRING, "id of the chardev to share" },
    { NULL, CHARDEV_OPTION_STRING, NULL },
};

static void fe_event(CharFrontend *fe, QEMUChrEvent event)
{
    if (fe && fe->event) {
        fe->event(fe->opaque, event);
    }
}

static CharFrontend *focused(MuxChardev *mux)
{
    return mux->focus >= 0 ? mux->fes[mux->focus] : NULL;
}

static void set_focus(MuxChardev *mux, int index)
{
    fe_event(focused(mux), CHR_EVENT_MUX_OUT);
    mux->focus = index;
    fe_event(focused(mux), CHR_EVENT_MUX_IN);
}

/* Hands the waiting input of the focused front end over, as far as it takes it; a byte may move the focus. */
static void flush_input(MuxChardev *mux)
{
    CharFrontend *fe;

    while ((fe = focused(mux)) && fe->read && fe->can_read) {
        int m = mux->focus;

        if (mux->consumed[m] == mux->produced[m] || fe->can_read(fe->opaque) <= 0) {
            return;
        }
        fe->read(fe->opaque, &mux->buffer[m][mux->consumed[m]++ % MUX_BUFFER], 1);
    }
}

static void say(MuxChardev *mux, const char *text)
{
    qemu_chr_fe_write(&mux->base, (const uint8_t *)text, (int)strlen(text));
}

static void next_focus(MuxChardev *mux)
{
    for (unsigned i = 1; i <= MUX_MAX_FE; i++) {
        int candidate = (int)((mux->focus + i) % MUX_MAX_FE);

        if (mux->fes[candidate]) {
            set_focus(mux, candidate);
            return;
        }
    }
}

/* The byte after Ctrl-A. Returns whether it is input after all (Ctrl-A Ctrl-A). */
static bool handle_escape(MuxChardev *mux, uint8_t ch)
{
    switch (ch) {
    case 'h':
    case '?':
        say(mux,
            "\r\nC-a h    print this help\r\nC-a t    toggle timestamps\r\nC-a b    send break\r\n"
            "C-a c    next front end\r\nC-a C-a  send C-a\r\n");
        break;
    case 't':
        mux->timestamps = !mux->timestamps;
        mux->at_line_start = false;
        mux->timestamps_start = g_get_monotonic_time();
        break;
    case 'b':
        fe_event(focused(mux), CHR_EVENT_BREAK);
        break;
    case 'c':
        next_focus(mux);
        break;
    case MUX_ESCAPE:
        return true;
    default:
        break;
    }
    return false;
}

static int mux_can_read(void *opaque)
{
    MuxChardev *mux = opaque;
    CharFrontend *fe = focused(mux);
    int m = mux->focus;

    if (!fe) {
        return 1; /* escapes must get through */
    }
    if (mux->produced[m] - mux->consumed[m] < MUX_BUFFER) {
        return 1;
    }
    return fe->can_read ? fe->can_read(fe->opaque) : 0;
}

static void mux_take_byte(MuxChardev *mux, uint8_t ch)
{
    int m = mux->focus;

    if (mux->escaped) {
        mux->escaped = false;
        if (!handle_escape(mux, ch)) {
            return;
        }
    } else if (ch == MUX_ESCAPE) {
        mux->escaped = true;
        return;
    }
    if (m >= 0 && mux->produced[m] - mux->consumed[m] < MUX_BUFFER) {
        mux->buffer[m][mux->produced[m]++ % MUX_BUFFER] = ch;
    }
}

static void mux_read(void *opaque, const uint8_t *buf, int size)
{
    MuxChardev *mux = opaque;

    flush_input(mux);
    for (int i = 0; i < size; i++) {
        mux_take_byte(mux, buf[i]);
        flush_input(mux);
    }
}

static void mux_base_event(void *opaque, QEMUChrEvent event)
{
    qemu_chr_be_event(CHARDEV(opaque), event);
}

/* OPENED and CLOSED concern everybody. */
static void mux_be_event(Chardev *chr, QEMUChrEvent event)
{
    MuxChardev *mux = CHARDEV_MUX(chr);

    for (unsigned i = 0; i < MUX_MAX_FE; i++) {
        fe_event(mux->fes[i], event);
    }
}

static void write_timestamp(MuxChardev *mux)
{
    int64_t ms = (g_get_monotonic_time() - mux->timestamps_start) / 1000;
    char text[32];

    g_snprintf(text, sizeof(text), "[%02d:%02d:%02d.%03d] ", (int)(ms / 3600000),
               (int)(ms / 60000 % 60), (int)(ms / 1000 % 60), (int)(ms % 1000));
    say(mux, text);
}

static int mux_write(Chardev *chr, const uint8_t *buf, int len)
{
    MuxChardev *mux = CHARDEV_MUX(chr);

    if (!mux->timestamps) {
        return qemu_chr_fe_write(&mux->base, buf, len);
    }
    for (int i = 0; i < len; i++) {
        if (mux->at_line_start) {
            write_timestamp(mux);
            mux->at_line_start = false;
        }
        if (qemu_chr_fe_write(&mux->base, buf + i, 1) != 1) {
            return i ? i : -1;
        }
        mux->at_line_start = buf[i] == '\n';
    }
    return len;
}

static GSource *mux_add_watch(Chardev *chr, GIOCondition cond)
{
    Chardev *base = CHARDEV_MUX(chr)->base.chr;
    ChardevClass *cc = base ? CHARDEV_GET_CLASS(base) : NULL;

    return cc && cc->chr_add_watch ? cc->chr_add_watch(base, cond) : NULL;
}

static void mux_accept_input(Chardev *chr)
{
    MuxChardev *mux = CHARDEV_MUX(chr);

    flush_input(mux);
    qemu_chr_fe_accept_input(&mux->base);
}

/* The front end that installed its handlers last gets the focus. */
static void mux_update_read_handler(Chardev *chr)
{
    MuxChardev *mux = CHARDEV_MUX(chr);

    for (int i = MUX_MAX_FE - 1; i >= 0; i--) {
        CharFrontend *fe = mux->fes[i];

        if (fe && fe->read) {
            if (mux->focus != i) {
                set_focus(mux, i);
            }
            return;
        }
    }
}

static bool mux_attach(Chardev *chr, CharFrontend *fe, GError **error)
{
    MuxChardev *mux = CHARDEV_MUX(chr);

    for (unsigned i = 0; i < MUX_MAX_FE; i++) {
        if (!mux->fes[i]) {
            mux->fes[i] = fe;
            fe->tag = i;
            mux->n_fes++;
            chr->fe = fe;
            return true;
        }
    }
    return qom_error_set(error, "too many uses of multiplexed chardev '%s' (maximum is %d)",
                         chr->label, MUX_MAX_FE);
}

static void mux_detach(Chardev *chr, CharFrontend *fe)
{
    MuxChardev *mux = CHARDEV_MUX(chr);

    mux->fes[fe->tag] = NULL;
    mux->n_fes--;
    mux->consumed[fe->tag] = mux->produced[fe->tag];
    if (mux->focus == (int)fe->tag) {
        mux->focus = -1;
        next_focus(mux);
    }
    if (chr->fe == fe) {
        chr->fe = focused(mux);
    }
}

static bool mux_open(Chardev *chr, const ChardevOptions *options, bool *be_opened, GError **error)
{
    MuxChardev *mux = CHARDEV_MUX(chr);
    const char *id = chardev_options_str(options, "chardev", NULL);
    Chardev *base;

    if (!id) {
        return qom_error_set(error, "chardev: mux: no chardev given");
    }
    base = chardev_find(object_get_root(OBJECT(chr)), id);
    if (!base) {
        return qom_error_set(error, "mux: base chardev %s not found", id);
    }
    if (!qemu_chr_fe_init(&mux->base, base, error)) {
        return false;
    }
    *be_opened = base->be_open;
    qemu_chr_fe_set_handlers_full(&mux->base, mux_can_read, mux_read, mux_base_event, mux, true,
                                  false);
    return true;
}

static void mux_init(Object *obj)
{
    CHARDEV_MUX(obj)->focus = -1;
}

static void mux_finalize(Object *obj)
{
    MuxChardev *mux = CHARDEV_MUX(obj);

    for (unsigned i = 0; i < MUX_MAX_FE; i++) {
        if (mux->fes[i]) {
            mux->fes[i]->chr = NULL;
        }
    }
    CHARDEV(mux)->fe = NULL;
    qemu_chr_fe_deinit(&mux->base, false);
}

static void mux_class_init(ObjectClass *oc, void *data)
{
    ChardevClass *cc = CHARDEV_CLASS(oc);

    (void)data;
    cc->summary = "shares another chardev among up to four front ends";
    cc->options = mux_options;
    cc->open = mux_open;
    cc->chr_write = mux_write;
    cc->chr_add_watch = mux_add_watch;
    cc->chr_accept_input = mux_accept_input;
    cc->chr_update_read_handler = mux_update_read_handler;
    cc->chr_be_event = mux_be_event;
    cc->attach = mux_attach;
    cc->detach = mux_detach;
}

static const TypeInfo mux_info = {
    .name = TYPE_CHARDEV_MUX,
    .parent = TYPE_CHARDEV,
    .instance_size = sizeof(MuxChardev),
    .instance_init = mux_init,
    .instance_finalize = mux_finalize,
    .class_init = mux_class_init,
};

static void mux_register_types(void)
{
    type_register_static(&mux_info);
}
type_init(mux_register_types)
