/* The common part of backends that are plain file descriptors: file, pipe, serial, stdio. */
#ifndef QOSIM_MODELS_CHARDEV_CHARDEV_FD_H
#define QOSIM_MODELS_CHARDEV_CHARDEV_FD_H

#include "models/chardev/chardev.h"

#define TYPE_CHARDEV_FD "chardev-fd"
OBJECT_DECLARE_SIMPLE_TYPE(FDChardev, CHARDEV_FD)

struct FDChardev {
    Chardev parent_obj;

    int fd_in;  /* owned; -1: nothing is read */
    int fd_out; /* owned; -1: what is written is dropped; may equal fd_in */
    GSource *in_source;
};

/* Takes over both descriptors and makes them non-blocking. */
void fd_chr_set(FDChardev *chr, int fd_in, int fd_out);

/*
 * A source that polls @fd for input only while the front end of @chr has room, and then calls @ready; when @ready
 * returns false the source is destroyed. Attached to the chardev's context; the caller owns the reference.
 */
typedef bool ChardevReady(Chardev *chr, GIOCondition cond);
GSource *chardev_add_read_source(Chardev *chr, int fd, ChardevReady *ready);

/* Destroys and drops a source made above; NULL is fine. */
void chardev_clear_source(GSource **source);

/* One write() to @fd, interrupted calls repeated: bytes written or -1 with errno. */
int chardev_fd_write(int fd, const uint8_t *buf, int len);

/* One read() of what the front end takes: bytes handed over, 0 at the end of the stream, -1 with errno. */
int chardev_fd_read(Chardev *chr, int fd);

#endif
