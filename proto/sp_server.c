#include "proto/sp_server_internal.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "proto/clock.h"
#include "proto/socket_url.h"

/* How often receive() asks between looks at the clock: a storm of connections must not hold its caller. */
#define MAX_ASKED 4

/* Of so many reads in a row from the only connection there is, one is by way of epoll: there may be others waiting to be accepted. */
#define ONLY_READS 16u

/* Frames out of shared memory between looks at the sockets, at most, and at least where there are others. */
#define SHM_TURNS 64u
#define SHM_FEW_TURNS 8u

_Static_assert(sizeof(uint64_t) + SP_MAX_HEADER <= QS_PEER_BYTES, "a peer has room");

static void watch_writing(SpServer *s, SpSlot *slot)
{
    bool wants = !slot->conn->shm && sp_conn_is_waiting(slot->conn);

    if (wants != slot->wants_write &&
        sp_server_watch(s, EPOLL_CTL_MOD, slot->conn->fd, wants ? EPOLLIN | EPOLLOUT : EPOLLIN,
                        sp_server_key_of(s, (uint32_t)(slot - s->slots)))) {
        slot->wants_write = wants;
    }
}

static void make_peer(uint64_t key, const uint8_t *header, size_t header_len, QsPeer *peer)
{
    memcpy(peer->bytes, &key, sizeof(key));
    if (header_len) {
        memcpy(peer->bytes + sizeof(key), header, header_len);
    }
    peer->len = (uint8_t)(sizeof(key) + header_len);
}

/* Gives the client the memory that it asks for. One that gets none asks anew, for an ordinary connection. */
static void open_shm(SpServer *s, SpSlot *slot)
{
    slot->conn->shm = shm_link_offer(slot->conn->fd, slot->conn->head);
    if (slot->conn->shm) {
        slot->conn->is_greeted = true;
        slot->conn->shm->slot = (uint32_t)(slot - s->slots);
    } else {
        sp_server_drop(s, slot);
    }
}

/* Reads from a ring. QS_IO_AGAIN: no frame came of it. */
static QsIo read_shm(SpServer *s, SpSlot *slot, uint8_t **data, size_t *len, QsPeer *peer)
{
    ShmLink *link = slot->conn->shm;
    SpRead r = SP_READ_CLOSED;

    if (!link->is_broken && (!link->has_ended || link->in.at <= link->last_line)) {
        r = shm_link_read(link, &s->buffer, data, len);
    }
    if (r == SP_READ_MESSAGE) {
        make_peer(sp_server_key_of(s, link->slot), NULL, 0, peer);
        return QS_IO_OK;
    }
    if (r == SP_READ_CLOSED) {
        (void)fprintf(stderr, "qosim: warning: a client broke the rules of shared memory; its "
                              "connection is closed\n");
    }
    if (r == SP_READ_CLOSED || link->has_ended) {
        sp_server_drop(s, slot);
    }
    return QS_IO_AGAIN;
}

static void hear(ShmLink *link)
{
    if (!link->has_ended && !shm_link_hear(link)) {
        link->has_ended = true;
        link->last_line = link->in.at + SHM_RING_LINES;
    }
}

static QsIo take_shm(SpServer *s, uint8_t **data, size_t *len, QsPeer *peer)
{
    ShmLink *link;

    while ((link = shm_set_ready(&s->shm)) != NULL) {
        QsIo io;

        if (link->sleeps) {
            hear(link); /* the bell that came with this frame */
        }
        io = read_shm(s, &s->slots[link->slot], data, len, peer);

        if (io != QS_IO_AGAIN) {
            return io;
        }
    }
    return QS_IO_AGAIN;
}

/* The doorbell of a client, or its end. */
static QsIo take_bell(SpServer *s, SpSlot *slot, uint8_t **data, size_t *len, QsPeer *peer)
{
    ShmLink *link = slot->conn->shm;

    hear(link);
    link->is_broken = link->is_broken || !shm_link_flush(link);
    shm_set_add(&s->shm, link);
    return read_shm(s, slot, data, len, peer);
}

/* Reads from one connection. QS_IO_AGAIN: no frame came of it. */
static QsIo read_slot(SpServer *s, SpSlot *slot, uint8_t **data, size_t *len, QsPeer *peer)
{
    uint64_t key = sp_server_key_of(s, (uint32_t)(slot - s->slots));
    uint8_t header[SP_MAX_HEADER];
    size_t header_len;

    s->last = key;
    switch (sp_conn_read(slot->conn, data, len)) {
    case SP_READ_MESSAGE:
        break;
    case SP_READ_NOTHING:
        return QS_IO_AGAIN;
    case SP_READ_SHM:
        open_shm(s, slot);
        return QS_IO_AGAIN;
    default:
        sp_server_drop(s, slot);
        return QS_IO_AGAIN;
    }
    s->is_awake = true;
    header_len = sp_take_header(*data, len, header);
    if (!header_len || *len > QS_MAX_FRAME_BYTES) {
        free(*data); /* no request: nobody could be answered */
        return QS_IO_BAD;
    }
    make_peer(key, header, header_len, peer);
    return QS_IO_OK;
}

static QsIo take_event(SpServer *s, const struct epoll_event *e, uint8_t **data, size_t *len,
                       QsPeer *peer)
{
    SpSlot *slot;

    if (e->data.u64 == SP_SERVER_LISTENER) {
        sp_server_accept(s);
        return QS_IO_AGAIN;
    }
    if (e->data.u64 == SP_SERVER_TIMER) {
        sp_server_accept_again(s);
        return QS_IO_AGAIN;
    }
    slot = sp_server_find_slot(s, e->data.u64);
    if (!slot) {
        return QS_IO_AGAIN;
    }
    if (slot->conn->shm) {
        return take_bell(s, slot, data, len, peer);
    }
    if ((e->events & EPOLLOUT) && !sp_conn_flush(slot->conn)) {
        sp_server_drop(s, slot);
        return QS_IO_AGAIN;
    }
    watch_writing(s, slot);
    return e->events & (EPOLLIN | EPOLLHUP | EPOLLERR) ? read_slot(s, slot, data, len, peer)
                                                       : QS_IO_AGAIN;
}

/* The connection whose last read brought more than the message that was taken. */
static SpSlot *find_more(SpServer *s)
{
    SpSlot *slot = sp_server_find_slot(s, s->last);

    return slot && !slot->conn->shm && sp_conn_has_more(slot->conn) ? slot : NULL;
}

/* What was read ahead, then what epoll has told of. */
static QsIo take_told(SpServer *s, uint8_t **data, size_t *len, QsPeer *peer)
{
    SpSlot *slot = find_more(s);
    QsIo io = slot ? read_slot(s, slot, data, len, peer) : QS_IO_AGAIN;

    while (io == QS_IO_AGAIN && s->next_event < s->n_events) {
        io = take_event(s, &s->events[s->next_event++], data, len, peer);
    }
    return io;
}

/* The only client there is, unless it is time to see whether there are others. */
static SpSlot *find_only(SpServer *s)
{
    SpSlot *slot = s->n_connections == 1 ? sp_server_find_slot(s, s->last) : NULL;

    return slot && !slot->conn->shm && ++s->only_reads % ONLY_READS != 0 ? slot : NULL;
}

/* When there is but one client, the descriptor was about that one most likely. */
static QsIo take_only(SpServer *s, uint8_t **data, size_t *len, QsPeer *peer)
{
    SpSlot *slot = find_only(s);

    return slot ? read_slot(s, slot, data, len, peer) : QS_IO_AGAIN;
}

/*
 * How many frames may come out of rings before the sockets are looked at, by which everybody else is heard: those who sleep on
 * their ring and rang, plain connections, newcomers. As many as there are rings, so that all get the same; but a look costs as
 * much as a frame.
 */
static unsigned turns_of_shm(const SpServer *s)
{
    if (s->shm.n == s->n_connections || s->shm.n > SHM_TURNS) {
        return SHM_TURNS;
    }
    return s->shm.n < SHM_FEW_TURNS ? SHM_FEW_TURNS : (unsigned)s->shm.n;
}

QsIo sp_server_receive(SpServer *s, int timeout_ms, uint8_t **data, size_t *len, QsPeer *peer)
{
    int64_t deadline = clock_deadline(timeout_ms);
    QsIo io;

    if (s->next_event >= s->n_events && s->shm.n > 0 && ++s->turn < turns_of_shm(s) &&
        take_shm(s, data, len, peer) == QS_IO_OK) {
        return QS_IO_OK;
    }
    io = take_told(s, data, len, peer);
    if (io != QS_IO_AGAIN) {
        return io;
    }
    if (s->was_told && timeout_ms == 0 && (s->shm.n == 0 || s->turn < turns_of_shm(s))) {
        s->was_told = false; /* the descriptor tells if there is more */
        return QS_IO_AGAIN;
    }
    s->turn = 0;
    io = take_only(s, data, len, peer);
    for (int i = 1; io == QS_IO_AGAIN; i++) {
        int left = clock_left(deadline);

        s->next_event = 0;
        s->n_events = epoll_wait(s->epoll_fd, s->events, SP_SERVER_EVENTS,
                                 left != 0 && sp_server_spin(s) ? 0 : left);
        io = take_told(s, data, len, peer);
        /* A client that rings without end does not keep others waiting. */
        io = io == QS_IO_AGAIN ? take_shm(s, data, len, peer) : io;
        if (io == QS_IO_AGAIN && (s->n_events <= 0 || i % MAX_ASKED == 0) &&
            clock_left(deadline) == 0) {
            return QS_IO_AGAIN;
        }
    }
    s->was_told = true;
    return io;
}

/* The connection of @peer, NULL when it is gone. */
static SpSlot *find_peer(SpServer *s, const QsPeer *peer, uint64_t *key)
{
    if (peer->len < sizeof(*key)) {
        return NULL;
    }
    memcpy(key, peer->bytes, sizeof(*key));
    return sp_server_find_slot(s, *key);
}

QsIo sp_server_send(SpServer *s, int timeout_ms, const uint8_t *data, size_t len,
                    const QsPeer *peer)
{
    int64_t deadline = clock_deadline(timeout_ms);
    uint64_t key;
    SpSlot *slot = find_peer(s, peer, &key);

    while (slot) {
        struct pollfd p = { .fd = slot->conn->fd, .events = POLLOUT };

        if (slot->conn->shm && shm_link_send(slot->conn->shm, data, len) == SP_SENT) {
            return QS_IO_OK;
        }
        switch (sp_conn_send(slot->conn, peer->bytes + sizeof(key), peer->len - sizeof(key), data,
                             len)) {
        case SP_SENT:
            watch_writing(s, slot);
            return QS_IO_OK;
        case SP_NO_ROOM:
            watch_writing(s, slot);
            if (slot->conn->shm && shm_link_is_gone(slot->conn->shm)) {
                return QS_IO_OK; /* what it sent before is still to be read */
            }
            if (clock_left(deadline) == 0 ||
                (slot->conn->shm ? poll(NULL, 0, 1) != 0
                                 : poll(&p, 1, clock_left(deadline)) == 0)) {
                return QS_IO_AGAIN;
            }
            break;
        default:
            sp_server_drop(s, slot);
            return QS_IO_OK;
        }
    }
    return QS_IO_OK;
}

void sp_server_release(SpServer *s, uint8_t *data)
{
    shm_buffer_release(&s->buffer, data);
}

/* One look at the sockets: at the only one there is most often, else by way of epoll. */
static bool look_at_sockets(SpServer *s, const SpSlot *only)
{
    if (only) {
        return sp_conn_look_ahead(only->conn);
    }
    s->next_event = 0;
    s->n_events = epoll_wait(s->epoll_fd, s->events, SP_SERVER_EVENTS, 0);
    return s->n_events > 0;
}

/* A client that had an answer a moment ago may be about to ask again; sleeping would cost it two wake-ups of a thread. */
static bool spin_on_sockets(SpServer *s)
{
    SpSlot *only = find_only(s);
    SpinSpell spell = { 0 };
    bool came;

    if (!s->is_awake || !slow_spin_pays(&s->spin)) {
        s->is_awake = false;
        return false;
    }
    if (only && !sp_conn_can_await(only->conn)) {
        only = NULL;
    }
    do {
        came = look_at_sockets(s, only);
    } while (!came && slow_spin_turn(&s->spin, &spell));
    slow_spin_ends(&s->spin, !came);
    s->is_awake = came;
    return came;
}

bool sp_server_spin(SpServer *s)
{
    if (s->next_event < s->n_events || find_more(s)) {
        return true;
    }
    return s->shm.n > 0 ? shm_set_spin(&s->shm) : spin_on_sockets(s);
}

void sp_server_set_spin(SpServer *s, unsigned limit_us)
{
    s->spin.spin.limit_us = limit_us < SPIN_MAX_US ? limit_us : SPIN_MAX_US;
    s->shm.spin.limit_us = s->spin.spin.limit_us;
}

bool sp_server_has_room(SpServer *s, const QsPeer *peer)
{
    uint64_t key;
    SpSlot *slot = find_peer(s, peer, &key);

    return !slot || sp_conn_has_room(slot->conn);
}

bool sp_server_is_gone(SpServer *s, const QsPeer *peer)
{
    uint64_t key;

    return !find_peer(s, peer, &key);
}

static void remember_path(SpServer *s, const SocketUrl *url)
{
    struct stat st;

    if (url->path && lstat(url->path, &st) == 0) {
        memcpy(s->path, url->path, strlen(url->path) + 1);
        s->device = st.st_dev;
        s->inode = st.st_ino;
    }
}

/* Removes the socket's file if it still is the one that was bound. */
static void remove_path(const SpServer *s)
{
    struct stat st;

    if (*s->path && lstat(s->path, &st) == 0 && st.st_dev == s->device && st.st_ino == s->inode) {
        unlink(s->path);
    }
}

SpServer *sp_server_new(const char *text, const QsKey *key, QsError *error)
{
    SpServer *s = calloc(1, sizeof(*s));
    SocketUrl url;

    if (!s) {
        qs_error(error, QS_STATUS_GENERIC, "%s: out of memory", text);
        return NULL;
    }
    s->epoll_fd = s->listen_fd = s->timer_fd = -1;
    s->spin.spin.limit_us = s->shm.spin.limit_us = SPIN_DEFAULT_US;
    if (key) {
        s->key = *key;
        s->has_key = true;
    }
    if (!socket_url_parse(text, &url, error) ||
        (s->listen_fd = socket_url_listen(&url, error)) < 0) {
        sp_server_free(s);
        return NULL;
    }
    s->is_ipc = url.path != NULL;
    s->is_ws = socket_url_is_ws(text);
    remember_path(s, &url);
    s->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    s->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    s->is_accepting = s->epoll_fd >= 0 && s->timer_fd >= 0 &&
                      sp_server_watch(s, EPOLL_CTL_ADD, s->timer_fd, EPOLLIN, SP_SERVER_TIMER) &&
                      sp_server_watch(s, EPOLL_CTL_ADD, s->listen_fd, EPOLLIN, SP_SERVER_LISTENER);
    if (!s->is_accepting) {
        qs_error(error, QS_STATUS_GENERIC, "%s: %s", text, strerror(errno));
        sp_server_free(s);
        return NULL;
    }
    return s;
}

void sp_server_free(SpServer *s)
{
    remove_path(s);
    /* First of all: who loses a connection comes back at once, and should find nobody rather than somebody who is about to leave. */
    if (s->listen_fd >= 0) {
        close(s->listen_fd);
    }
    for (size_t i = 0; i < SP_MAX_CONNECTIONS; i++) {
        sp_conn_free(s->slots[i].conn);
    }
    if (s->timer_fd >= 0) {
        close(s->timer_fd);
    }
    if (s->epoll_fd >= 0) {
        close(s->epoll_fd);
    }
    free(s);
}

int sp_server_fd(const SpServer *s)
{
    return s->epoll_fd;
}

bool sp_server_connected(const SpServer *s)
{
    return s->n_connections > 0;
}

uint64_t sp_server_connections(const SpServer *s)
{
    return s->accepted;
}
