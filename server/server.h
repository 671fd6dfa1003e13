/*
 * The server: which machines there are, and which of them each session belongs to. The only state that threads share, under
 * one lock that is held for table look-ups only.
 */
#ifndef QOSIM_SERVER_SERVER_H
#define QOSIM_SERVER_SERVER_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "proto/arena.h"
#include "proto/message.h"
#include "server/machine_host.h"
#include "server/options.h"

#define SERVER_MAX_MACHINES 128u
#define SERVER_MAX_SESSIONS 1024u

/*
 * How long a session outlives its connection, unless --session-grace says otherwise. A driver, or when sessions run out any
 * client, that was silent for so long makes room for a new one.
 */
#define SERVER_GRACE_S 60
#define SERVER_GRACE_US ((int64_t)SERVER_GRACE_S * G_USEC_PER_SEC)
#define SERVER_GRACE_MAX_S 31536000

typedef struct Server {
    const char *product; /* "qosimd 0.1.0" */
    uint64_t instance;   /* random */
    bool embedded; /* there is one machine, in the caller's thread; clients cannot make others */
    int64_t grace_us;
    uint32_t kept_replies;
    size_t kept_bytes;
    int dma_timeout_ms;
    unsigned spin_us; /* as in the options; 0 where the thread is a client's */

    MachineHost *first; /* what an empty name means; never changes */

    pthread_mutex_t lock;
    GPtrArray *hosts;   /* of MachineHost, references; @first is the first */
    GPtrArray *retired; /* of MachineHost whose threads are still to be joined */
    GHashTable *routes; /* token -> Route */
} Server;

/*
 * Makes a server with one machine as @options say, built but not running, and its listeners bound. @options->machine is
 * taken over. Prints nothing. NULL with @error on any mistake. Free with server_free().
 */
Server *server_new(const char *product, ServerOptions *options, bool embedded, GError **error);

/* Ends all sessions, threads, machines and listeners. */
void server_free(Server *server);

/* Starts the first machine's thread. */
void server_start(Server *server);

/* The machine whose session has @token, a new reference; NULL when there is no such session. Any thread. */
MachineHost *server_find_route(Server *server, const QsBytes *token);

/* Files a session. False when there are SERVER_MAX_SESSIONS already. Any thread. */
bool server_add_route(Server *server, const uint8_t *token, MachineHost *host);
void server_remove_route(Server *server, const uint8_t *token);

/*
 * The machine that @hello asks for, a new reference; it is made (and its thread started) if the client wants that. NULL with @status
 * filled in @arena when there is no such machine and none can be made. Any thread.
 */
MachineHost *server_find_machine(Server *server, const QsOperation *hello, QsArena *arena,
                                 QsStatus *status);

/* Takes a machine that could not be built out of the table. Called on its thread. */
void server_forget_host(Server *server, MachineHost *host);

#endif
