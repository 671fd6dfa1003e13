/* What the two halves of a server share: who is let in (sp_server_accept.c), and what they say (sp_server.c). */
#ifndef QOSIM_PROTO_SP_SERVER_INTERNAL_H
#define QOSIM_PROTO_SP_SERVER_INTERNAL_H

#include <sys/epoll.h>
#include <sys/types.h>

#include "proto/seal.h"
#include "proto/shm_set.h"
#include "proto/slow_spin.h"
#include "proto/sp_conn.h"
#include "proto/sp_server.h"

/* The listening socket's mark in the epoll set; connections have their key. */
#define SP_SERVER_LISTENER UINT64_MAX

/* … and that of the timer by which it is listened to again. */
#define SP_SERVER_TIMER (UINT64_MAX - 1)

/* Events that are asked for at once. */
#define SP_SERVER_EVENTS 64

typedef struct SpSlot {
    SpConn *conn; /* NULL: free */
    uint32_t generation;
    uint64_t number;  /* of connections before this one */
    bool wants_write; /* the epoll set has EPOLLOUT */
} SpSlot;

struct SpServer {
    int epoll_fd;
    int listen_fd;
    int timer_fd;
    bool is_ipc;
    bool is_ws;
    bool is_accepting; /* the listening socket is in the epoll set */
    size_t n_connections;
    uint64_t accepted;
    char path[108]; /* of a unix socket, else "" */
    dev_t device;
    ino_t inode;
    unsigned turn;
    struct epoll_event events[SP_SERVER_EVENTS];
    int n_events;
    int next_event;
    bool was_told; /* the descriptor, and what it told of has been handled since */
    uint64_t last; /* key of the connection read last */
    unsigned only_reads;
    QsKey key;
    bool has_key;
    int64_t tell_at; /* when the next warning may be printed */
    unsigned untold;
    int64_t tell_lack_at; /* the same of one that no connection can be taken */
    ShmSet shm;
    SlowSpin spin; /* on sockets; shared memory has its own */
    bool is_awake; /* a socket has brought something since the last spell in vain */
    ShmBuffer buffer;
    SpSlot slots[SP_MAX_CONNECTIONS];
};

static inline uint64_t sp_server_key_of(const SpServer *s, uint32_t slot)
{
    return (uint64_t)s->slots[slot].generation << 32 | slot;
}

/* The connection that @key names, if it is still that one. */
static inline SpSlot *sp_server_find_slot(SpServer *s, uint64_t key)
{
    uint32_t i = (uint32_t)key;

    if (i >= SP_MAX_CONNECTIONS || !s->slots[i].conn || sp_server_key_of(s, i) != key) {
        return NULL;
    }
    return &s->slots[i];
}

/* The epoll set, as epoll_ctl(). */
bool sp_server_watch(const SpServer *server, int operation, int fd, uint32_t events, uint64_t key);

/* Takes a connection that waits to be accepted, if there is room. */
void sp_server_accept(SpServer *server);

/* The timer has come: what could not be taken for a while may be now. */
void sp_server_accept_again(SpServer *server);

/* Ends a connection, with a warning where there is something to say. */
void sp_server_drop(SpServer *server, SpSlot *slot);

#endif
