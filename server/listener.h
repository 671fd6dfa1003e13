/*
 * A listener: a transport's server end in the GMainContext of one machine's thread, which alone touches it. Frames of
 * sessions with that machine are carried out right there; frames for other machines hop to their threads, and the replies
 * hop back.
 */
#ifndef QOSIM_SERVER_LISTENER_H
#define QOSIM_SERVER_LISTENER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#include "proto/transport.h"

typedef struct MachineHost MachineHost;
typedef struct Listener Listener;

/* How a frame that was to be sent fared. */
typedef enum ListenerSent {
    LISTENER_SENT,    /* sent, or on its way to the listener's thread */
    LISTENER_NO_ROOM, /* not now; try again later */
    LISTENER_GONE,    /* never */
} ListenerSent;

/* Binds @url and reads in the context of @host, whose list of listeners owns the reference. NULL with @error when it cannot. */
Listener *listener_new(MachineHost *host, const char *url, const QsKey *key, GError **error);

/* Closes the socket; on the host's thread, or when that has ended. */
void listener_close(Listener *listener);

Listener *listener_ref(Listener *listener);
void listener_unref(Listener *listener);

const char *listener_url(const Listener *listener);

/* Whose thread it belongs to. */
MachineHost *listener_host(const Listener *listener);

/*
 * Looks out for frames that come by no descriptor, for as long as that pays. False: there is none, and the descriptor will tell of
 * the next one, so the thread may sleep.
 */
bool listener_spin(Listener *listener);

/* For a host that waits for its driver: what to poll for frames; -1 while a full inbox keeps the listener from reading. */
int listener_descriptor(const Listener *listener);

/* Takes frames that have come meanwhile: see dma_take_frame(). */
void listener_read_ahead(Listener *listener);

/*
 * Sends a frame to @peer; called on the thread of @from. With @must a frame for a listener of another thread is queued however
 * many wait.
 */
ListenerSent listener_send(Listener *listener, MachineHost *from, const QsPeer *peer,
                           const uint8_t *data, size_t len, bool must);

/*
 * Whether a frame to @peer would find room, as far as the thread of @from can tell, so that none is made in vain. A listener
 * of another thread says yes.
 */
bool listener_has_room(Listener *listener, const MachineHost *from, const QsPeer *peer);

/*
 * Whether the connection of @peer has ended, as far as the thread of @from can tell: a listener of another thread, and a transport
 * that shows no connections, say no.
 */
bool listener_is_gone(Listener *listener, const MachineHost *from, const QsPeer *peer);

#endif
