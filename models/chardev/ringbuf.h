/* chardev-ringbuf: keeps the last bytes of the output in memory, for whoever asks. */
#ifndef QOSIM_MODELS_CHARDEV_RINGBUF_H
#define QOSIM_MODELS_CHARDEV_RINGBUF_H

#include "models/chardev/chardev.h"

#define TYPE_CHARDEV_RINGBUF "chardev-ringbuf"

/* Takes out up to @len of the oldest bytes; how many there were. @chr must be a ringbuf. */
size_t ringbuf_read(Chardev *chr, uint8_t *buf, size_t len);

/* How many bytes wait. */
size_t ringbuf_count(Chardev *chr);

#endif
