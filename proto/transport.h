/*
 * Byte transports behind one table: each carries whole frames between one server end and many client ends.
 * Plain C on libc and nanomsg only, because the client library links it.
 */
#ifndef QOSIM_PROTO_TRANSPORT_H
#define QOSIM_PROTO_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/message.h"

/* Where an error text goes: always terminated, cut when too long. */
typedef struct QsError {
    QsStatusCode code;
    char text[512];
} QsError;

/* Formats a text into @error (which may be NULL) and returns false, so that "return qs_error(...)" reads well. */
bool qs_error(QsError *error, QsStatusCode code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Which client of a listener a frame came from: the way back for its replies. Opaque bytes of one transport. */
#define QS_PEER_BYTES 48u
typedef struct QsPeer {
    uint8_t bytes[QS_PEER_BYTES];
    uint8_t len; /* 0: nobody */
} QsPeer;

/* A key that both ends know, see key_file.h. */
typedef struct QsKey QsKey;

typedef struct QsTransport QsTransport;
typedef struct QsEndpoint QsEndpoint;

/* Outcome of receive and send. */
typedef enum QsIo {
    QS_IO_OK,
    QS_IO_AGAIN,  /* nothing there, or no room, within the time given */
    QS_IO_CLOSED, /* the other end is gone, or this end was shut down */
    QS_IO_BAD, /* a frame was dropped because it is malformed or over QS_MAX_FRAME_BYTES; the endpoint goes on */
} QsIo;

struct QsTransport {
    const char *name; /* "sp", "shm", "nanomsg" */

    /* Whether this transport carries URLs like @url. */
    bool (*accepts)(const char *url);

    /*
     * Server end at @url. Fails with a text that names the URL and the reason ("address already in use"). With a @key (else NULL)
     * connections are sealed by it, see seal.h; a transport that cannot do so fails.
     */
    QsEndpoint *(*listen)(const char *url, const QsKey *key, QsError *error);

    /* Client end. The connection is made in the background: a server that is not there shows as time passing. */
    QsEndpoint *(*connect)(const char *url, const QsKey *key, QsError *error);

    /*
     * A descriptor that polls readable when a frame waits, or something else that receive() sees to; owned by the endpoint.
     * It stays readable until receive() has come to QS_IO_AGAIN, or to a frame that spin() tells of.
     */
    int (*fd)(QsEndpoint *endpoint);

    /*
     * One frame, waiting up to @timeout_ms (0: not at all, -1: without limit; a client end also comes back when it has made a new
     * connection). On QS_IO_OK *@data is owned by the caller
     * until release(). A server end fills @peer; a client end leaves it alone.
     */
    QsIo (*receive)(QsEndpoint *endpoint, int timeout_ms, uint8_t **data, size_t *len,
                    QsPeer *peer);
    void (*release)(QsEndpoint *endpoint, uint8_t *data);

    /*
     * Sends one frame: on a server end to @peer; a client end passes NULL. A peer that is gone is no error:
     * the frame is dropped. Never blocks longer than @timeout_ms.
     */
    QsIo (*send)(QsEndpoint *endpoint, int timeout_ms, const uint8_t *data, size_t len,
                 const QsPeer *peer);

    /* Closes; a unix socket's file is removed by its server end. */
    void (*close)(QsEndpoint *endpoint);

    /* Whether the endpoint has a connection at this moment; a client end without one keeps trying. */
    bool (*connected)(QsEndpoint *endpoint);

    /* Client end: why it has no connection, as a constant; NULL: nothing is known. The function may be NULL. */
    const char *(*trouble)(QsEndpoint *endpoint);

    /* Client end: ends the connection, which seems to be dead, and makes another. NULL: it cannot be told to. */
    void (*reconnect)(QsEndpoint *endpoint);

    /* How many connections the endpoint has made or accepted so far: a change tells that frames may have been lost. */
    uint64_t (*connections)(QsEndpoint *endpoint);

    /*
     * Server end: whether send() to @peer would find room now, so that a frame need not be made in vain. True as well for
     * a peer that is gone, and where the transport cannot tell (nanomsg, which drops what it has no room for).
     */
    bool (*has_room)(QsEndpoint *endpoint, const QsPeer *peer);

    /* Server end: whether the connection of @peer has ended. NULL: the transport cannot tell (nanomsg). */
    bool (*is_gone)(QsEndpoint *endpoint, const QsPeer *peer);

    /*
     * For a transport by which frames can come without a system call, or several by one (NULL: it is none): looks out for one,
     * without the descriptor, for as long as that pays. True: receive() has one, or something to see to. False: the descriptor tells of the next
     * one, so the caller may sleep on it.
     */
    bool (*spin)(QsEndpoint *endpoint);

    /* How long spin() may take at most, in microseconds; 0: not at all. NULL as above. */
    void (*set_spin)(QsEndpoint *endpoint, unsigned limit_us);

    /* What carries the frames at this moment, "shm" for one; NULL: what the transport is called. */
    const char *(*in_use)(QsEndpoint *endpoint);
};

/* The transport that carries @url, or NULL with @error naming the schemes that exist. */
const QsTransport *qs_transport_for_url(const char *url, QsError *error);

/* Before a URL: nanomsg is to carry it, "nanomsg+tcp://127.0.0.1:7777". */
#define QS_NANOMSG_PREFIX "nanomsg+"

/* ipc://, tcp:// and ws:// on plain sockets, or by nanomsg; each talks to the other. */
extern const QsTransport qs_transport_sp;

/*
 * shm://PATH: shared memory, agreed on over the unix socket at PATH. A server end is the same as that of ipc://PATH; either takes
 * both kinds of client. A client end takes ipc://PATH as well, and then does without shared memory where the server has none to
 * give.
 */
extern const QsTransport qs_transport_shm;
extern const QsTransport qs_transport_nanomsg;

#endif
