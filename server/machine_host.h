/*
 * A hosted machine: the machine, the sessions attached to it, the listeners whose frames arrive on its thread, and that thread.
 *
 * Everything here belongs to the host's thread, except what is said to be otherwise, and name, server, context and inbox,
 * which never change. An embedded host has no thread of its own: whoever made it is its thread.
 */
#ifndef QOSIM_SERVER_MACHINE_HOST_H
#define QOSIM_SERVER_MACHINE_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "models/core/log.h"
#include "models/core/machine.h"
#include "proto/arena.h"
#include "proto/message.h"
#include "server/dma.h"
#include "server/inbox.h"
#include "server/machine_config.h"
#include "server/session.h"

/* Memory that one frame, decoded and answered, may take. */
#define HOST_ARENA_BYTES ((size_t)256 * 1024 * 1024)

/* Frames that may wait for the machine of another thread before the listener stops reading. */
#define HOST_MAX_WAITING_FRAMES 1024u

typedef struct Server Server;

/* What Stats reports; counted since the machine was made. */
typedef struct HostStats {
    uint64_t operations[QS_OP_COUNT];
    uint64_t failed_operations;
    uint64_t bus_errors;
    uint64_t frames_received;
    uint64_t frames_sent;
    uint64_t bytes_received;
    uint64_t bytes_sent;
    uint64_t posted_frames;
    uint64_t posted_errors;
    uint64_t repeated_frames;
    uint64_t stale_frames;
    uint64_t malformed_frames;
    uint64_t events;
    uint64_t events_dropped;
    uint64_t sessions_opened;
    uint64_t dma_requests;
    uint64_t dma_bytes;
    uint64_t dma_errors;
    uint64_t dma_strays;
} HostStats;

typedef struct MachineHost {
    int ref; /* atomic */
    Server *server;
    char *name;
    GMainContext *context;
    Inbox inbox;

    MachineConfig *config; /* until the machine is built */
    MachineState *machine; /* NULL until then, and when that failed */
    GuestLog *log;         /* of the machine, borrowed */
    char *refusal;   /* why no session can be opened: it could not be built, or is being closed */
    GThread *thread; /* NULL: embedded, or not started yet */
    int quit;        /* atomic: the thread is to end */
    int ended;       /* atomic: it has taken everything down */
    QsArena *arena;  /* of the frame in work */
    QsArena *push_arena;  /* of an event frame that is sent meanwhile */
    GPtrArray *listeners; /* of Listener, owned */
    GPtrArray *sessions;  /* of Session, owned, oldest first */
    GHashTable *by_token; /* Session.token -> Session */
    Session *last_found;  /* borrowed: whose token was looked up last; NULL: nobody's */
    Session *driver;      /* borrowed; NULL: nobody drives */
    unsigned last_number; /* of the newest session */
    bool events_wait;     /* some session may have events that were not sent yet */
    GSource *push_retry;  /* NULL: none is due */
    GSource *liveness;    /* looks after connections; NULL: there are no sessions */
    Dma dma;
    bool by_client;    /* made for a client's Hello; never changes */
    unsigned n_routes; /* sessions; guarded by the server's lock */
    HostStats stats;
} MachineHost;

/* Makes a host for a machine called @name as @config (taken over) says. The machine is not built yet. */
MachineHost *machine_host_new(Server *server, const char *name, MachineConfig *config);
MachineHost *machine_host_ref(MachineHost *host);
void machine_host_unref(MachineHost *host);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MachineHost, machine_host_unref)

/* Builds the machine. Once, on the thread that will own it or before that one runs. */
bool machine_host_build(MachineHost *host, GError **error);

/* Starts the host's thread, which builds the machine if that was not done; a failure answers every frame from then on. */
void machine_host_start(MachineHost *host);

/* Asks the host's thread to end, which takes the machine, the sessions and the listeners down. Any thread. */
void machine_host_quit(MachineHost *host);

/* Waits for the thread's end; without a thread the caller takes everything down. Once. */
void machine_host_join(MachineHost *host);

/* Whether the thread has done all it had to do, so that joining it does not take time. Any thread. */
bool machine_host_has_ended(MachineHost *host);

/* The session with that token; NULL when there is none. */
Session *machine_host_find_session(MachineHost *host, const QsBytes *token);

/* Files @session (taken over) and makes it the driver if that is its role. False when the server has too many sessions. */
bool machine_host_add_session(MachineHost *host, Session *session);

/* Ends @session and frees it. */
void machine_host_end_session(MachineHost *host, Session *session);

/*
 * Microseconds of the clock of g_get_monotonic_time(), up to some milliseconds late. It costs a tenth of that one, and is for
 * what is looked at once per frame.
 */
int64_t machine_host_clock_us(void);

/* Virtual time of the machine, in ns. */
uint64_t machine_host_now(const MachineHost *host);

#endif
