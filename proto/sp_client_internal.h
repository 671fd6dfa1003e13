/* What the two halves of a client share: making a connection (sp_client_connect.c) and using it (sp_client.c). */
#ifndef QOSIM_PROTO_SP_CLIENT_INTERNAL_H
#define QOSIM_PROTO_SP_CLIENT_INTERNAL_H

#include <sys/socket.h>

#include "proto/seal.h"
#include "proto/shm_link.h"
#include "proto/sp_client.h"
#include "proto/sp_conn.h"
#include "proto/slow_spin.h"
#include "proto/spin.h"

#define SP_CLIENT_RETRY_MS 50
#define SP_CLIENT_MAX_ADDRESSES 8

/*
 * A wait for a reply is a read that blocks: one system call where poll() and a read are two. It ends after this time at the latest, and
 * for the last bit before a deadline poll() is asked.
 */
#define SP_CLIENT_BLOCK_MS 100

struct SpClient {
    int epoll_fd; /* polls as the connection does, whichever that is */
    bool is_ipc;
    char *ws_address; /* "HOST:PORT/PATH" of a WebSocket, NULL: it is none */
    struct sockaddr_storage addresses[SP_CLIENT_MAX_ADDRESSES];
    socklen_t lengths[SP_CLIENT_MAX_ADDRESSES];
    size_t n_addresses;
    size_t next; /* address to try */

    int connecting_fd; /* -1: none */
    int64_t retry_at;
    int64_t give_up_at; /* when the next step to a connection is not waited for any more */
    bool
        is_asking; /* the connection at connecting_fd is there, and the server is to answer about shared memory */
    ShmAnswer answer;
    SpConn *conn;        /* NULL: none */
    bool has_read;       /* a message of this connection's */
    const char *trouble; /* with the connection before, or that is being opened; NULL: none */

    QsKey key;
    bool has_key;
    SpConn *opening; /* a sealed connection, or a WebSocket, that is not open yet */
    uint64_t connections;
    uint32_t last_id;
    int64_t alive_at; /* of coarse_now(): something came, or could have */

    SpShm shm;
    bool has_refused; /* the server last time, to give shared memory */
    bool polls_fd;    /* somebody sleeps on the descriptor */
    unsigned looks;
    Spin spin;     /* on shared memory */
    SlowSpin slow; /* on a socket */
    ShmBuffer buffer;
};

/* Takes one step towards a connection, no longer than until @deadline. */
void sp_client_step(SpClient *c, int64_t deadline);

/* Gives the connection up; the next one is made at once if it was a good one. */
void sp_client_drop(SpClient *c);

#endif
