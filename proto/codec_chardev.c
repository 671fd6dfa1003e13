/* Operations on chardevs and their results. */
#include "proto/codec_internal.h"

void codec_put_chardev_add(Codec *c, const QsOperation *o, void *message)
{
    Qosim__V1__ChardevAddRequest *m = message;

    m->options = codec_put_entries(c, o->chardev_add.options, o->chardev_add.n_options);
    m->n_options = o->chardev_add.n_options;
}

void codec_get_chardev_add(Codec *c, const void *message, QsOperation *o)
{
    const Qosim__V1__ChardevAddRequest *m = message;

    o->chardev_add.options = codec_get_entries(c, m->options, m->n_options);
    o->chardev_add.n_options = m->n_options;
}

void codec_put_chardev_remove(Codec *c, const QsOperation *o, void *message)
{
    ((Qosim__V1__ChardevRemoveRequest *)message)->id = codec_put_text(c, "id", o->chardev.id);
}

void codec_get_chardev_remove(Codec *c, const void *message, QsOperation *o)
{
    (void)c;
    o->chardev.id = ((const Qosim__V1__ChardevRemoveRequest *)message)->id;
}

void codec_put_chardev_write(Codec *c, const QsOperation *o, void *message)
{
    Qosim__V1__ChardevWriteRequest *m = message;

    m->id = codec_put_text(c, "id", o->chardev.id);
    m->data = codec_put_bytes(c, "bytes for a chardev", o->chardev.data, QS_MAX_CHARDEV_BYTES);
}

void codec_get_chardev_write(Codec *c, const void *message, QsOperation *o)
{
    const Qosim__V1__ChardevWriteRequest *m = message;

    o->chardev.id = m->id;
    o->chardev.data = codec_get_bytes(c, "bytes for a chardev", m->data, QS_MAX_CHARDEV_BYTES);
}

void codec_put_chardev_read(Codec *c, const QsOperation *o, void *message)
{
    Qosim__V1__ChardevReadRequest *m = message;

    m->id = codec_put_text(c, "id", o->chardev.id);
    m->max = o->chardev.max;
}

void codec_get_chardev_read(Codec *c, const void *message, QsOperation *o)
{
    const Qosim__V1__ChardevReadRequest *m = message;

    (void)c;
    o->chardev.id = m->id;
    o->chardev.max = m->max;
}

void codec_put_chardev_open(Codec *c, const QsOperation *o, void *message)
{
    Qosim__V1__ChardevOpenRequest *m = message;

    m->id = codec_put_text(c, "id", o->chardev.id);
    m->open = o->chardev.open;
}

void codec_get_chardev_open(Codec *c, const void *message, QsOperation *o)
{
    const Qosim__V1__ChardevOpenRequest *m = message;

    (void)c;
    o->chardev.id = m->id;
    o->chardev.open = m->open;
}

void codec_put_chardev_added(Codec *c, const QsResult *r, void *message)
{
    ((Qosim__V1__ChardevAddResponse *)message)->filename =
        codec_put_text(c, "filename", r->chardev_add.filename);
}

void codec_get_chardev_added(Codec *c, const void *message, QsResult *r)
{
    (void)c;
    r->chardev_add.filename = ((const Qosim__V1__ChardevAddResponse *)message)->filename;
}

static Qosim__V1__Chardev *put_chardev(Codec *c, const QsChardev *chardev)
{
    Qosim__V1__Chardev *m = codec_new(c, &qosim__v1__chardev__descriptor);

    if (m) {
        m->id = codec_put_text(c, "id", chardev->id);
        m->backend = codec_put_text(c, "backend", chardev->backend);
        m->filename = codec_put_text(c, "filename", chardev->filename);
        m->frontend_open = chardev->frontend_open;
        m->host_open = chardev->host_open;
        m->used = chardev->used;
        m->pending = chardev->pending;
    }
    return m;
}

void codec_put_chardev_listed(Codec *c, const QsResult *r, void *message)
{
    Qosim__V1__ChardevListResponse *m = message;

    m->n_chardevs = r->chardev_list.n_chardevs;
    m->chardevs = codec_alloc(c, m->n_chardevs, sizeof(Qosim__V1__Chardev *));
    for (size_t i = 0; i < m->n_chardevs && !c->failed; i++) {
        m->chardevs[i] = put_chardev(c, &r->chardev_list.chardevs[i]);
    }
}

void codec_get_chardev_listed(Codec *c, const void *message, QsResult *r)
{
    const Qosim__V1__ChardevListResponse *m = message;
    QsChardev *chardevs = codec_alloc(c, m->n_chardevs, sizeof(*chardevs));

    for (size_t i = 0; chardevs && i < m->n_chardevs; i++) {
        const Qosim__V1__Chardev *from = m->chardevs[i];

        chardevs[i] =
            (QsChardev){ from->id,        from->backend, from->filename, from->frontend_open,
                         from->host_open, from->used,    from->pending };
    }
    r->chardev_list.chardevs = chardevs;
    r->chardev_list.n_chardevs = m->n_chardevs;
}

void codec_put_chardev_written(Codec *c, const QsResult *r, void *message)
{
    (void)c;
    ((Qosim__V1__ChardevWriteResponse *)message)->accepted = r->chardev_write.accepted;
}

void codec_get_chardev_written(Codec *c, const void *message, QsResult *r)
{
    (void)c;
    r->chardev_write.accepted = ((const Qosim__V1__ChardevWriteResponse *)message)->accepted;
}

void codec_put_chardev_data(Codec *c, const QsResult *r, void *message)
{
    Qosim__V1__ChardevReadResponse *m = message;

    m->data = codec_put_bytes(c, "bytes of a chardev", r->chardev_read.data, QS_MAX_CHARDEV_BYTES);
    m->pending = r->chardev_read.pending;
}

void codec_get_chardev_data(Codec *c, const void *message, QsResult *r)
{
    const Qosim__V1__ChardevReadResponse *m = message;

    r->chardev_read.data = codec_get_bytes(c, "bytes of a chardev", m->data, QS_MAX_CHARDEV_BYTES);
    r->chardev_read.pending = m->pending;
}
