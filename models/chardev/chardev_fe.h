/* The device's handle on a Chardev. Embedded in the device's struct, zero-initialised; all calls are fine unattached. */
#ifndef QOSIM_MODELS_CHARDEV_CHARDEV_FE_H
#define QOSIM_MODELS_CHARDEV_CHARDEV_FE_H

#include "models/chardev/chardev.h"

/* How many bytes the device takes now. */
typedef int IOCanReadHandler(void *opaque);
/* Bytes for the device, at most what it said it takes. */
typedef void IOReadHandler(void *opaque, const uint8_t *buf, int size);
typedef void IOEventHandler(void *opaque, QEMUChrEvent event);
/* Returning false removes the watch. */
typedef bool CharWatchFunc(void *opaque, GIOCondition cond);

struct CharFrontend {
    Chardev *chr; /* borrowed; NULL: not attached */
    IOCanReadHandler *can_read;
    IOReadHandler *read;
    IOEventHandler *event;
    void *opaque;
    unsigned tag; /* of a mux: which front end this is */
    bool fe_is_open;
};

/* Attaches to @chr, alone: "Device '%s' is in use" when another front end is there (a mux takes several). */
bool qemu_chr_fe_init(CharFrontend *fe, Chardev *chr, GError **error);

/* Detaches: no handler is called any more. @del also removes the chardev. */
void qemu_chr_fe_deinit(CharFrontend *fe, bool del);

/* The backend, borrowed; NULL: none. */
Chardev *qemu_chr_fe_get_driver(const CharFrontend *fe);

/* Whether there is a backend, and whether its other end is there. */
bool qemu_chr_fe_backend_connected(const CharFrontend *fe);
bool qemu_chr_fe_backend_open(const CharFrontend *fe);

/*
 * Sets all handlers; all NULL detaches them and tells the backend that the front end is closed. @set_open: handlers also
 * open the front end. @sync_state: an OPENED event comes at once when the backend is open already.
 */
void qemu_chr_fe_set_handlers_full(CharFrontend *fe, IOCanReadHandler *can_read,
                                   IOReadHandler *read, IOEventHandler *event, void *opaque,
                                   bool set_open, bool sync_state);
void qemu_chr_fe_set_handlers(CharFrontend *fe, IOCanReadHandler *can_read, IOReadHandler *read,
                              IOEventHandler *event, void *opaque, bool set_open);

/*
 * One attempt to write: how many bytes were taken, or -1 with errno. Without a backend everything is taken and lost.
 */
int qemu_chr_fe_write(CharFrontend *fe, const uint8_t *buf, int len);

/* The device has room again after can_read said 0. */
void qemu_chr_fe_accept_input(CharFrontend *fe);

/* The guest opened or closed its side. */
void qemu_chr_fe_set_open(CharFrontend *fe, bool open);

/* Closes the connection to the peer. */
void qemu_chr_fe_disconnect(CharFrontend *fe);

/*
 * Calls @func when @cond (G_IO_OUT, G_IO_HUP) holds. Returns the source's id for qemu_chr_fe_remove_watch(); 0 when the
 * backend cannot tell.
 */
unsigned qemu_chr_fe_add_watch(CharFrontend *fe, GIOCondition cond, CharWatchFunc *func,
                               void *opaque);
void qemu_chr_fe_remove_watch(CharFrontend *fe, unsigned id);

#endif
