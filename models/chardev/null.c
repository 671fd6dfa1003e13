/* chardev-null: takes everything and gives nothing. */
#include "models/chardev/chardev.h"

static bool null_open(Chardev *chr, const ChardevOptions *options, bool *be_opened, GError **error)
{
    (void)chr;
    (void)options;
    (void)error;
    *be_opened = false;
    return true;
}

static int null_write(Chardev *chr, const uint8_t *buf, int len)
{
    (void)chr;
    (void)buf;
    return len;
}

static void null_class_init(ObjectClass *oc, void *data)
{
    ChardevClass *cc = CHARDEV_CLASS(oc);

    (void)data;
    cc->summary = "drops the output, has no input";
    cc->open = null_open;
    cc->chr_write = null_write;
}

static const TypeInfo null_info = {
    .name = "chardev-null",
    .parent = TYPE_CHARDEV,
    .instance_size = sizeof(Chardev),
    .class_init = null_class_init,
};

static void null_register_types(void)
{
    type_register_static(&null_info);
}
type_init(null_register_types)
