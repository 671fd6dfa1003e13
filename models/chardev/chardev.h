/*
 * Character devices: two-way byte streams between a device model and the host.
 *
 * A Chardev is the host's side, the backend: a file, a socket, a client of the server. A device model holds a
 * CharFrontend and attaches it to one Chardev. Backends run on the GMainContext that was the thread's default when they
 * were made, which is the machine's own.
 *
 * Host to guest: the backend asks qemu_chr_be_can_write() how many bytes the device takes, and hands over no more with
 * qemu_chr_be_write(). A device that had no room calls qemu_chr_fe_accept_input() when it has some again.
 * Guest to host: qemu_chr_fe_write() tries once and may take less than all; qemu_chr_fe_add_watch() tells when to
 * try again.
 */
#ifndef QOSIM_MODELS_CHARDEV_CHARDEV_H
#define QOSIM_MODELS_CHARDEV_CHARDEV_H

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "models/chardev/chardev_options.h"
#include "qom/object.h"

#define TYPE_CHARDEV "chardev"
OBJECT_DECLARE_TYPE(Chardev, ChardevClass, CHARDEV)

typedef struct CharFrontend CharFrontend;

typedef enum QEMUChrEvent {
    CHR_EVENT_BREAK,   /* a break was received */
    CHR_EVENT_OPENED,  /* the other end is there */
    CHR_EVENT_MUX_IN,  /* this front end has the focus of a mux */
    CHR_EVENT_MUX_OUT, /* and has it no more */
    CHR_EVENT_CLOSED,  /* the other end is gone */
} QEMUChrEvent;

struct Chardev {
    Object parent_obj;

    char *label;    /* its id */
    char *filename; /* what it is connected to, for people: "pty:/dev/pts/3" */
    int log_fd;     /* copy of the output; -1: none */
    CharFrontend *fe;
    bool be_open;          /* the other end is there */
    GMainContext *context; /* owned */
};

struct ChardevClass {
    ObjectClass parent_class;

    const char *summary;          /* one line for `-chardev help` */
    const ChardevOption *options; /* beyond the common ones; ended by a NULL name */

    /*
     * Connects to the host. *@be_opened is true on entry; a backend whose other end comes later makes it false. Required.
     */
    bool (*open)(Chardev *chr, const ChardevOptions *options, bool *be_opened, GError **error);

    /*
     * Takes up to @len bytes without blocking: how many it took, or -1 with errno (EAGAIN: none for the moment).
     * Required.
     */
    int (*chr_write)(Chardev *chr, const uint8_t *buf, int len);

    /*
     * A source that is ready when @cond holds for the guest's direction; its callback is a GUnixFDSourceFunc.
     * NULL (also the method itself): it cannot tell.
     */
    GSource *(*chr_add_watch)(Chardev *chr, GIOCondition cond);

    /* The front end's handlers changed: start or stop reading. Optional. */
    void (*chr_update_read_handler)(Chardev *chr);

    /* The front end has room again. Optional. */
    void (*chr_accept_input)(Chardev *chr);

    /* The front end was opened or closed by the guest. Optional. */
    void (*chr_set_fe_open)(Chardev *chr, bool open);

    /* Ends the connection to the peer, who may come again. Optional. */
    void (*chr_disconnect)(Chardev *chr);

    /* Delivers @event to the front end(s); the default sends it to Chardev.fe. */
    void (*chr_be_event)(Chardev *chr, QEMUChrEvent event);

    /* Lets @fe in although another one is attached (mux). Optional; sets Chardev.fe or its own table. */
    bool (*attach)(Chardev *chr, CharFrontend *fe, GError **error);
    void (*detach)(Chardev *chr, CharFrontend *fe);
};

/*
 * Makes the chardev that @options (a{sv}: "backend", "id" and the backend's own; values typed or text to be parsed)
 * describe, as /chardevs/ID in the tree of @root. Returns it borrowed, or NULL with @error. @may_wait: opening may wait for
 * a peer without limit, as it does on a command line; a server that is running must not.
 */
Chardev *chardev_add(Object *root, GVariant *options, bool may_wait, GError **error);

/* The same from the text of -chardev: "TYPE,id=ID,key=value,...". */
Chardev *chardev_add_str(Object *root, const char *text, bool may_wait, GError **error);

/* Removes /chardevs/ID. Errors: "Chardev '%s' not found", "Chardev '%s' is busy". */
bool chardev_remove(Object *root, const char *id, GError **error);

/* Whether -chardev knows the backend @name ("socket", or another name of one). */
bool chardev_backend_exists(const char *name);

/* The chardev called @id in the tree of @root, borrowed; NULL when there is none. */
Chardev *chardev_find(Object *root, const char *id);

/* One line for each backend type, for `-chardev help`. Free with g_free(). */
char *chardev_help(void);

/*
 * For backends.
 */

/* How many bytes the front end takes at this moment; 0 without a front end. */
int qemu_chr_be_can_write(Chardev *chr);

/* Gives the front end @len bytes, at most what qemu_chr_be_can_write() said. */
void qemu_chr_be_write(Chardev *chr, const uint8_t *buf, int len);

/* The other end did something. OPENED and CLOSED are dropped when the state is that already. */
void qemu_chr_be_event(Chardev *chr, QEMUChrEvent event);

/* Writes a copy of the output to the log file, if there is one. */
void chardev_log(Chardev *chr, const uint8_t *buf, int len);

#endif
