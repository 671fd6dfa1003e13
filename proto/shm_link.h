/*
 * Two rings in a piece of memory that a client and a server share, beside the unix socket over which they agreed on it. The socket
 * stays open: its end tells of the other side's death, and a byte on it, the doorbell, wakes a side that sleeps.
 *
 * The client sends 8 bytes instead of SP's greeting. The server, which has sent SP's greeting as to anybody, makes the memory and
 * answers with 8 bytes and its descriptor. One that knows nothing of this hangs up instead.
 */
#ifndef QOSIM_PROTO_SHM_LINK_H
#define QOSIM_PROTO_SHM_LINK_H

#include "proto/shm_ring.h"
#include "proto/sp_conn.h"

#define SHM_GREETING_LEN 8u

typedef struct ShmSegment ShmSegment;
typedef struct ShmPending ShmPending;

typedef struct ShmLink {
    ShmSegment *segment;
    ShmWriter out;
    ShmReader in;
    int fd; /* of the connection, for the doorbell; borrowed */
    bool is_server;
    bool needs_fence; /* the other side's kernel does not order its memory for us */
    bool sleeps;      /* the flag that this side has set for its ring */
    unsigned cpu;     /* on which this side said it runs */

    /* Of a server's end. */
    size_t place;       /* in its ShmSet, from 1 on; 0: none */
    uint32_t slot;      /* its connection's */
    bool is_broken;     /* to be given up */
    bool has_ended;     /* the client is gone … */
    uint64_t last_line; /* … and what it wrote up to here is still taken */

    /* Frames that found no room yet. */
    ShmPending *pending;
    ShmPending **pending_last;
    size_t pending_bytes;

    /* The start of a frame that comes in several pieces. */
    uint8_t *body;
    size_t body_len;
    size_t body_room;
} ShmLink;

/* Where short frames are put: one at a time, for speed; further ones while it is in use are malloc()ed. */
typedef struct ShmBuffer {
    bool in_use;
    uint8_t bytes[SHM_MAX_PIECE];
} ShmBuffer;

/* The 8 bytes of either side, and whether @bytes are those of the other. */
void shm_greeting(uint8_t *bytes);
bool shm_is_greeting(const uint8_t *bytes);

/*
 * Server: makes the memory for the client that greeted with @greeting and sends it over @fd. NULL when that cannot be done. The memory
 * has no name, so nothing is left of it when both sides are gone, however they went; and neither side can shrink it.
 */
ShmLink *shm_link_offer(int fd, const uint8_t *greeting);

/* Client: the answer to the greeting. Starts zeroed, but for @memory_fd: -1. */
typedef struct ShmAnswer {
    uint8_t bytes[2 * SHM_GREETING_LEN]; /* SP's greeting, then ours */
    size_t got;
    int memory_fd;
} ShmAnswer;

/* Takes what has come. SHM_NOTHING: not all yet; SHM_CORRUPT: the server has hung up, or is none of ours. */
ShmIo shm_answer_receive(ShmAnswer *answer, int fd);
void shm_answer_clear(ShmAnswer *answer);

/* Client: the link that a whole answer offers; NULL when the memory is not what it should be. */
ShmLink *shm_link_accept(int fd, const ShmAnswer *answer);

void shm_link_free(ShmLink *link);

/* As sp_conn_read(), without a look at the socket. *@data is in @buffer, or the caller's to free(): shm_buffer_release(). */
SpRead shm_link_read(ShmLink *link, ShmBuffer *buffer, uint8_t **data, size_t *len);
void shm_buffer_release(ShmBuffer *buffer, uint8_t *data);

/* As sp_conn_send() and its kin. */
SpSend shm_link_send(ShmLink *link, const uint8_t *data, size_t len);
bool shm_link_has_room(const ShmLink *link);
bool shm_link_flush(ShmLink *link);

static inline bool shm_link_is_waiting(const ShmLink *link)
{
    return link->pending != NULL;
}

static inline bool shm_link_is_ready(const ShmLink *link)
{
    return shm_is_ready(&link->in);
}

/*
 * Takes the doorbell's bytes off the socket: one if there is a frame in the ring for it, so that the socket stays readable for the
 * next one, else all. False when the other side is gone.
 */
bool shm_link_hear(ShmLink *link);

/* Whether the other side is gone, without touching the doorbell. */
bool shm_link_is_gone(const ShmLink *link);

/* Whether both sides run on one processor, as far as known: then the other one can do nothing while this one spins. */
bool shm_link_shares_cpu(ShmLink *link);

/*
 * From shm_link_sleep() on this side wants the doorbell for every frame, until shm_link_wake(). Behind the former stands
 * shm_link_fence(), once for all links, then another look at the rings: a frame that came in between rang no bell.
 */
void shm_link_sleep(ShmLink *link);
void shm_link_wake(ShmLink *link);
void shm_link_fence(void);

#endif
