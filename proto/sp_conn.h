/*
 * One connection that speaks the wire format of nanomsg's and nng's tcp:// and ipc:// ("SP"): a greeting of 8 bytes each way,
 * then messages, each behind its length in 8 bytes, on a unix socket with a byte of 1 before that; or of their ws://, where each message
 * is one of WebSocket's. Never blocks.
 */
#ifndef QOSIM_PROTO_SP_CONN_H
#define QOSIM_PROTO_SP_CONN_H

#include "proto/transport.h"

/* Protocol numbers of the two ends. */
#define SP_REQ 48u
#define SP_REP 49u

/* Words of 4 bytes before a request's payload: one for each device on the way, at most 8, and the request id. */
#define SP_MAX_HEADER 36u
#define SP_MAX_MESSAGE (QS_MAX_FRAME_BYTES + SP_MAX_HEADER)

/* A frame is taken for sending while no more than this waits to be sent. */
#define SP_MAX_WAITING 262144u

typedef struct Seal Seal;

/* How much is read at once, of as many messages as have come. */
#define SP_READ_AHEAD 8192u

typedef struct ShmLink ShmLink;
typedef struct SpWs SpWs;

typedef struct SpConn {
    int fd;
    ShmLink *
        shm; /* carries the messages, without headers, in place of the socket; NULL: the socket does */
    Seal *seal;          /* what is said is secret; NULL: it is not */
    SpWs *ws;            /* messages are WebSocket's; NULL: SP's own */
    const char *trouble; /* why the connection is of no more use, where that is known; a constant */
    bool is_ipc;
    bool takes_shm; /* the other end may ask for shared memory instead of greeting */
    bool is_greeted;
    uint16_t peer_protocol; /* that the greeting must show */

    /* What was read ahead: the next messages, or their beginning. */
    uint8_t *in; /* SP_READ_AHEAD bytes; NULL until then */
    size_t in_at;
    size_t in_len;

    /* What is being read. */
    uint8_t head[9];
    size_t head_got;
    uint8_t *body; /* grows as bytes arrive, so that a length costs nothing by itself */
    size_t body_len;
    size_t body_got;
    size_t body_room;

    /* What waits to be written. */
    uint8_t *out;
    size_t out_len;
    size_t out_at;
    size_t out_room;
} SpConn;

typedef enum SpRead {
    SP_READ_MESSAGE,
    SP_READ_NOTHING, /* not yet */
    SP_READ_CLOSED,  /* the other end is gone, or does not speak SP, or keeps to no limit */
    SP_READ_SHM,     /* the other end asks for shared memory; its greeting is in head */
} SpRead;

typedef enum SpSend {
    SP_SENT, /* or waits to be sent */
    SP_NO_ROOM,
    SP_BROKEN,
} SpSend;

/* Takes @fd, which is connected; nothing here but sp_conn_await() waits on it. NULL, and @fd closed, when memory is short or the other end gone. */
SpConn *sp_conn_new(int fd, bool is_ipc, uint16_t own_protocol, uint16_t peer_protocol);

/*
 * The same for a connection that opens as a WebSocket: a client's to @address, "HOST:PORT" and perhaps a path, or a server's (NULL).
 * Until sp_conn_is_open() nothing can be sent, and sp_conn_read() sees to the opening.
 */
SpConn *sp_conn_new_ws(int fd, const char *address);

/* The same for a connection over which @shm was agreed on; takes both. */
SpConn *sp_conn_new_shm(int fd, ShmLink *shm);
void sp_conn_free(SpConn *conn);

/*
 * Has @conn, which is new, open with @seal and carry sealed messages only; takes it. A client's end begins. Until
 * sp_conn_is_open() nothing can be sent, and sp_conn_read() sees to the opening. False when the other end is gone.
 */
bool sp_conn_seal(SpConn *conn, Seal *seal, bool is_client);
bool sp_conn_is_open(const SpConn *conn);

/* Whether the other end is still there, as far as can be seen without reading a message. */
bool sp_conn_is_alive(SpConn *conn);

/* The next whole message: *@data is the caller's to free(). Not for a connection with shared memory: shm_link_read(). */
SpRead sp_conn_read(SpConn *conn, uint8_t **data, size_t *len);

/* Whether sp_conn_read() has something to go on with that was read before, of which the descriptor does not tell. */
bool sp_conn_has_more(const SpConn *conn);

/*
 * Waits until there is something to read, or for as long as the socket's SO_RCVTIMEO says, and reads it ahead. The socket must
 * block. Not before sp_conn_can_await() is true.
 */
void sp_conn_await(SpConn *conn);
bool sp_conn_can_await(const SpConn *conn);

/* The same without waiting; the socket need not block. False: nothing has come. True: something has, or that is for sp_conn_read() to find out. */
bool sp_conn_look_ahead(SpConn *conn);

/* Sends a message of two parts. */
SpSend sp_conn_send(SpConn *conn, const uint8_t *header, size_t header_len, const uint8_t *data,
                    size_t len);

/* Whether sp_conn_send() would take a message. */
bool sp_conn_has_room(const SpConn *conn);

/* Writes what waits, as far as it goes; false when the other end is gone. */
bool sp_conn_flush(SpConn *conn);
bool sp_conn_is_waiting(const SpConn *conn);

/*
 * Takes the header off a message: words up to the first with its top bit set. Returns its length, 0 when there is none; the
 * payload moves to the start of @data and *@len shrinks.
 */
size_t sp_take_header(uint8_t *data, size_t *len, uint8_t *header);

#endif
