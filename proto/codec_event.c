/* Events. */
#include "proto/codec_internal.h"

static void put_line(Codec *c, const QsEvent *e, void *message)
{
    Qosim__V1__LineEvent *m = message;

    (void)c;
    m->watch = e->line.watch;
    m->line = e->line.line;
    m->level = e->line.level;
}

static void get_line(const void *message, QsEvent *e)
{
    const Qosim__V1__LineEvent *m = message;

    e->line.watch = m->watch;
    e->line.line = m->line;
    e->line.level = m->level;
}

static void put_guest_error(Codec *c, const QsEvent *e, void *message)
{
    Qosim__V1__GuestErrorEvent *m = message;

    m->path = codec_put_text(c, "path", e->guest_error.path);
    m->text = codec_put_text(c, "guest error", e->guest_error.text);
}

static void get_guest_error(const void *message, QsEvent *e)
{
    const Qosim__V1__GuestErrorEvent *m = message;

    e->guest_error.path = m->path;
    e->guest_error.text = m->text;
}

static void put_device_deleted(Codec *c, const QsEvent *e, void *message)
{
    Qosim__V1__DeviceDeletedEvent *m = message;

    m->id = codec_put_text(c, "id", e->device_deleted.id);
    m->path = codec_put_text(c, "path", e->device_deleted.path);
}

static void get_device_deleted(const void *message, QsEvent *e)
{
    const Qosim__V1__DeviceDeletedEvent *m = message;

    e->device_deleted.id = m->id;
    e->device_deleted.path = m->path;
}

static void put_reset(Codec *c, const QsEvent *e, void *message)
{
    (void)c;
    (void)e;
    (void)message;
}

static void get_reset(const void *message, QsEvent *e)
{
    (void)message;
    (void)e;
}

static void put_lagged(Codec *c, const QsEvent *e, void *message)
{
    (void)c;
    ((Qosim__V1__LaggedEvent *)message)->dropped = e->lagged.dropped;
}

static void get_lagged(const void *message, QsEvent *e)
{
    e->lagged.dropped = ((const Qosim__V1__LaggedEvent *)message)->dropped;
}

static void put_chardev(Codec *c, const QsEvent *e, void *message)
{
    Qosim__V1__ChardevEvent *m = message;

    m->id = codec_put_text(c, "id", e->chardev.id);
    m->notice = (Qosim__V1__ChardevNotice)codec_put_enum(c, "notice", (int)e->chardev.notice,
                                                         QS_CHARDEV_FRONTEND_CLOSED);
}

static void get_chardev(const void *message, QsEvent *e)
{
    const Qosim__V1__ChardevEvent *m = message;

    e->chardev.id = m->id;
    e->chardev.notice = (QsChardevNotice)m->notice;
}

static void put_vserport(Codec *c, const QsEvent *e, void *message)
{
    Qosim__V1__VserportEvent *m = message;

    m->id = codec_put_text(c, "id", e->vserport.id);
    m->path = codec_put_text(c, "path", e->vserport.path);
    m->open = e->vserport.open;
}

static void get_vserport(const void *message, QsEvent *e)
{
    const Qosim__V1__VserportEvent *m = message;

    e->vserport.id = m->id;
    e->vserport.path = m->path;
    e->vserport.open = m->open;
}

static void put_virtio(Codec *c, const QsEvent *e, void *message)
{
    Qosim__V1__VirtioEvent *m = message;

    m->path = codec_put_text(c, "path", e->virtio.path);
    m->notice = (Qosim__V1__VirtioNotice)codec_put_enum(c, "notice", (int)e->virtio.notice,
                                                        QS_VIRTIO_CONFIG);
    m->queue = e->virtio.queue;
}

static void get_virtio(const void *message, QsEvent *e)
{
    const Qosim__V1__VirtioEvent *m = message;

    e->virtio.path = m->path;
    e->virtio.notice = (QsVirtioNotice)m->notice;
    e->virtio.queue = m->queue;
}

/* clang-format off */
static const struct {
    const ProtobufCMessageDescriptor *descriptor;
    void (*put)(Codec *c, const QsEvent *e, void *message);
    void (*get)(const void *message, QsEvent *e);
} kinds[QS_EVENT_COUNT] = {
    [QS_EVENT_LINE] = { &qosim__v1__line_event__descriptor, put_line, get_line },
    [QS_EVENT_GUEST_ERROR] = { &qosim__v1__guest_error_event__descriptor, put_guest_error, get_guest_error },
    [QS_EVENT_DEVICE_DELETED] = { &qosim__v1__device_deleted_event__descriptor, put_device_deleted, get_device_deleted },
    [QS_EVENT_RESET] = { &qosim__v1__reset_event__descriptor, put_reset, get_reset },
    [QS_EVENT_LAGGED] = { &qosim__v1__lagged_event__descriptor, put_lagged, get_lagged },
    [QS_EVENT_CHARDEV] = { &qosim__v1__chardev_event__descriptor, put_chardev, get_chardev },
    [QS_EVENT_VSERPORT] = { &qosim__v1__vserport_event__descriptor, put_vserport, get_vserport },
    [QS_EVENT_VIRTIO] = { &qosim__v1__virtio_event__descriptor, put_virtio, get_virtio },
};
/* clang-format on */

/* The oneof of Event starts at 2, in the order of QsEventKind; every member is a pointer to a message. */
#define CASE_OFFSET 1
_Static_assert((int)QOSIM__V1__EVENT__KIND_LINE == QS_EVENT_LINE + CASE_OFFSET, "kinds differ");
_Static_assert((int)QOSIM__V1__EVENT__KIND_VIRTIO == QS_EVENT_VIRTIO + CASE_OFFSET, "kinds differ");

Qosim__V1__Event *codec_put_event(Codec *c, const QsEvent *event)
{
    Qosim__V1__Event *m = codec_new(c, &qosim__v1__event__descriptor);

    if (event->kind <= QS_EVENT_NONE || event->kind >= QS_EVENT_COUNT) {
        codec_fail(c, QS_STATUS_INVALID_ARGUMENT, "no such event %d", (int)event->kind);
        return m;
    }
    if (!m || !(m->reset = codec_new(c, kinds[event->kind].descriptor))) {
        return m;
    }
    m->time_ns = event->time_ns;
    m->kind_case = (Qosim__V1__Event__KindCase)(event->kind + CASE_OFFSET);
    kinds[event->kind].put(c, event, m->reset);
    return m;
}

void codec_get_event(const Qosim__V1__Event *m, QsEvent *event)
{
    event->time_ns = m->time_ns;
    event->kind = QS_EVENT_NONE;
    if (m->kind_case >= QOSIM__V1__EVENT__KIND_LINE &&
        (int)m->kind_case < QS_EVENT_COUNT + CASE_OFFSET) {
        event->kind = (QsEventKind)(m->kind_case - CASE_OFFSET);
        kinds[event->kind].get(m->reset, event);
    }
}
