/*
 * A session: one client's stream of frames with one machine. It belongs to the machine's thread and outlives connections: a
 * client that presents its token goes on where it was.
 */
#ifndef QOSIM_SERVER_SESSION_H
#define QOSIM_SERVER_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "proto/message.h"
#include "proto/transport.h"
#include "server/embed.h"
#include "server/event_queue.h"
#include "server/kept_frames.h"
#include "server/posted_errors.h"

#define SESSION_CLIENT_MAX 128u /* bytes of a client's description that are kept */
#define SESSION_MAX_WATCHES 256u

typedef struct Listener Listener;

typedef struct Session {
    uint8_t token[QS_TOKEN_BYTES];
    unsigned number; /* counts the sessions of a machine, for people */
    char *client;    /* what it calls itself; "" when it does not say */
    QsRole role;
    bool push;    /* it takes event frames at any time */
    bool dma;     /* and DMA requests */
    bool resumes; /* it asks for what did not arrive, which therefore is kept */

    /* Who may speak for it: it is taken over with its token, and then the client of before has no say any more. */
    uint32_t epoch;                /* how often that was */
    uint8_t nonce[QS_TOKEN_BYTES]; /* of the Hello that opened it or took it over last */
    bool has_nonce;

    /* Where its last frame came from. An embedded client has no listener: it fetches its events. */
    Listener *listener; /* a reference */
    QsPeer peer;
    int64_t last_seen_us; /* monotonic */
    int64_t lost_us;  /* when its connection was seen to be gone; 0: it is there, for all we know */
    int heartbeat_ms; /* how often it promised to speak; 0: it did not */

    /* As the machine's driver. */
    uint64_t dma_id;       /* of the last DMA request */
    bool dma_silent;       /* it left one unanswered, and was not heard of since: it is not asked */
    QsEmbedDma *embed_dma; /* asks an embedded client; NULL: cannot */
    void *embed_opaque;

    /* The frame that opened it: the same one again gets the same reply. */
    QsPeer hello_peer;
    uint64_t hello_id;

    uint64_t last_id;  /* the greatest request id so far */
    uint64_t sequence; /* of the last frame sent */
    uint64_t
        events_sent;   /* in all frames up to that one; a Lagged event counts for what it tells */
    KeptFrames kept;   /* replies */
    KeptFrames pushed; /* the other frames, of one that resumes */
    EventQueue events;
    PostedErrors posted_errors;
    GArray *watches; /* uint32_t: the watches whose lines it is told of */
} Session;

/* What a request id says about a frame. */
typedef enum SessionTurn {
    SESSION_TURN_NEW,      /* to be carried out */
    SESSION_TURN_REPEATED, /* carried out before; the reply is kept */
    SESSION_TURN_STALE,    /* carried out before or overtaken; there is no reply any more */
    SESSION_TURN_EARLY,    /* what must come before it has not come */
} SessionTurn;

/* Makes a session with a token from the kernel's random source, watching MACHINE_WATCH_IRQ. NULL when that source fails. */
Session *session_new(const char *client, QsRole role, bool push);
void session_free(Session *session);

/* Notes what its client calls itself. */
void session_set_client(Session *session, const char *client);

/* For tables whose keys are tokens. */
guint session_token_hash(gconstpointer token);
gboolean session_token_equal(gconstpointer a, gconstpointer b);

/*
 * Looks @request_id up, and remembers it when it is new and the request @after (0: whatever) has come. *@kept is the reply of a
 * repeated one, borrowed.
 */
SessionTurn session_turn(Session *session, uint64_t request_id, uint64_t after,
                         const SentFrame **kept);

/* Notes where @session's frames go from now on: to @listener (NULL: nowhere; a reference is taken) and @peer. */
void session_set_route(Session *session, Listener *listener, const QsPeer *peer);

/* The same for a frame that came just now: the session's client is alive. */
void session_hear(Session *session, Listener *listener, const QsPeer *peer);

/* Whether the lines of watch @watch concern the session; starting and stopping that. False when there are too many. */
bool session_is_watching(const Session *session, uint32_t watch);
bool session_watch(Session *session, uint32_t watch);
bool session_unwatch(Session *session, uint32_t watch);

#endif
