#include "models/chardev/ringbuf.h"

#include "qom/error.h"

#define RINGBUF_DEFAULT_SIZE 65536
#define RINGBUF_MAX_SIZE (1u << 30)

OBJECT_DECLARE_SIMPLE_TYPE(RingBufChardev, CHARDEV_RINGBUF)

struct RingBufChardev {
    Chardev parent_obj;

    uint8_t *bytes;
    size_t size; /* a power of two */
    /* Free-running: the byte at position p is bytes[p % size]. */
    uint64_t produced;
    uint64_t consumed;
};

static const ChardevOption ringbuf_options[] = {
    { "size", CHARDEV_OPTION_SIZE, "bytes kept, a power of two (default 65536)" },
    { NULL, CHARDEV_OPTION_STRING, NULL },
};

static bool ringbuf_open(Chardev *chr, const ChardevOptions *options, bool *be_opened,
                         GError **error)
{
    RingBufChardev *rb = CHARDEV_RINGBUF(chr);
    uint64_t size = chardev_options_number(options, "size", RINGBUF_DEFAULT_SIZE);

    (void)be_opened;
    if (!size || (size & (size - 1))) {
        return qom_error_set(error, "size of ringbuf chardev must be power of two");
    }
    if (size > RINGBUF_MAX_SIZE) {
        return qom_error_set(error, "size of ringbuf chardev must be at most %u", RINGBUF_MAX_SIZE);
    }
    rb->size = size;
    rb->bytes = g_try_malloc0(size);
    if (!rb->bytes) {
        return qom_error_set(
            error, "not enough memory for a ringbuf chardev of %" G_GUINT64_FORMAT " bytes", size);
    }
    return true;
}

static int ringbuf_write(Chardev *chr, const uint8_t *buf, int len)
{
    RingBufChardev *rb = CHARDEV_RINGBUF(chr);

    for (int i = 0; i < len; i++) {
        rb->bytes[rb->produced++ & (rb->size - 1)] = buf[i];
    }
    if (rb->produced - rb->consumed > rb->size) {
        rb->consumed = rb->produced - rb->size;
    }
    return len;
}

size_t ringbuf_count(Chardev *chr)
{
    RingBufChardev *rb = CHARDEV_RINGBUF(chr);

    return rb->produced - rb->consumed;
}

size_t ringbuf_read(Chardev *chr, uint8_t *buf, size_t len)
{
    RingBufChardev *rb = CHARDEV_RINGBUF(chr);
    size_t n = 0;

    while (n < len && rb->consumed != rb->produced) {
        buf[n++] = rb->bytes[rb->consumed++ & (rb->size - 1)];
    }
    return n;
}

static void ringbuf_finalize(Object *obj)
{
    g_free(CHARDEV_RINGBUF(obj)->bytes);
}

static void ringbuf_class_init(ObjectClass *oc, void *data)
{
    ChardevClass *cc = CHARDEV_CLASS(oc);

    (void)data;
    cc->summary = "keeps the last bytes of the output in memory (also: memory)";
    cc->options = ringbuf_options;
    cc->open = ringbuf_open;
    cc->chr_write = ringbuf_write;
}

static const TypeInfo ringbuf_info = {
    .name = TYPE_CHARDEV_RINGBUF,
    .parent = TYPE_CHARDEV,
    .instance_size = sizeof(RingBufChardev),
    .instance_finalize = ringbuf_finalize,
    .class_init = ringbuf_class_init,
};

static void ringbuf_register_types(void)
{
    type_register_static(&ringbuf_info);
}
type_init(ringbuf_register_types)
