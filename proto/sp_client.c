#include "proto/sp_client_internal.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proto/clock.h"
#include "proto/socket_url.h"

/* A connection that was seen to be alive so short a time ago is not looked at again before something is sent. */
#define ALIVE_MS 5

/* Looks at a ring without waiting, after which the socket is asked whether the server is still there. */
#define LOOKS_PER_HEARING 256u

/* Milliseconds of the monotonic clock, some late: a tenth of the cost of clock_now(). */
static int64_t coarse_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void sp_client_drop(SpClient *c)
{
    /* A connection that was one is made anew at once; a server that hangs up on everybody is not asked all the time. */
    bool was_good = c->conn && c->conn->is_greeted && (c->has_read || c->conn->shm);

    if (c->conn && c->conn->is_greeted) {
        c->trouble = c->conn->trouble ? c->conn->trouble
                     : was_good       ? NULL
                                      : "the server hung up at once; does it want a key?";
    }
    sp_conn_free(c->conn); /* takes itself out of the epoll set */
    c->conn = NULL;
    c->has_refused = false;
    c->retry_at = clock_now() + (was_good ? 1 : SP_CLIENT_RETRY_MS);
}

void sp_client_reconnect(SpClient *c)
{
    if (c->conn) {
        sp_client_drop(c);
    }
}

/* Waits until the connection has something to read, or room to write what waits. */
static void wait_conn(SpClient *c, int64_t deadline)
{
    struct pollfd p = { .fd = c->conn->fd,
                        .events = sp_conn_is_waiting(c->conn) ? POLLIN | POLLOUT : POLLIN };
    int left = clock_left(deadline);

    if (sp_conn_can_await(c->conn) && (left < 0 || left > SP_CLIENT_BLOCK_MS)) {
        sp_conn_await(c->conn);
    } else {
        (void)poll(&p, 1, left);
    }
}

/* Reads from the ring; a server that has gone is noticed when there is nothing left in it. */
static QsIo read_shm(SpClient *c, uint8_t **data, size_t *len)
{
    ShmLink *link = c->conn->shm;
    SpRead r = shm_link_read(link, &c->buffer, data, len);

    if (r == SP_READ_MESSAGE) {
        return QS_IO_OK;
    }
    if (r == SP_READ_CLOSED || link->has_ended || !shm_link_flush(link)) {
        sp_client_drop(c);
    }
    return QS_IO_AGAIN;
}

static void hear(SpClient *c)
{
    c->conn->shm->has_ended = !shm_link_hear(c->conn->shm);
}

static bool spin_shm(SpClient *c, ShmLink *link)
{
    SpinSpell spell = { 0 };
    bool came;

    if (link->has_ended) {
        return false;
    }
    if (shm_link_is_ready(link)) {
        return true;
    }
    if (shm_link_shares_cpu(link) || !spin_pays(&c->spin)) {
        return false;
    }
    shm_link_wake(link);
    do {
        came = shm_link_is_ready(link);
    } while (!came && spin_turn(&c->spin, &spell));
    spin_ends(&c->spin, !came);
    return came;
}

/* Looks at the socket again and again: each time is a system call, and all together still cheaper than a thread's way out of its sleep. */
static bool spin_socket(SpClient *c)
{
    SpinSpell spell = { 0 };
    bool came;

    if (sp_conn_has_more(c->conn)) {
        return true;
    }
    if (!sp_conn_can_await(c->conn) || !slow_spin_pays(&c->slow)) {
        return false;
    }
    do {
        came = sp_conn_look_ahead(c->conn);
    } while (!came && slow_spin_turn(&c->slow, &spell));
    slow_spin_ends(&c->slow, !came);
    return came;
}

bool sp_client_spin(SpClient *c)
{
    if (!c->conn) {
        return false;
    }
    return c->conn->shm ? spin_shm(c, c->conn->shm) : spin_socket(c);
}

/* Sleeps until the doorbell, or the server's end. */
static void wait_shm(SpClient *c, int64_t deadline)
{
    ShmLink *link = c->conn->shm;
    struct pollfd p = { .fd = c->conn->fd, .events = POLLIN };

    if (!link->sleeps) {
        shm_link_sleep(link);
        shm_link_fence();
    }
    if (!shm_link_is_ready(link) && poll(&p, 1, clock_left(deadline)) > 0) {
        hear(c);
    }
}

/* Has nothing come, by a call that does not wait: whoever polls the descriptor must hear of the next frame, and of the end. */
static void look_again(SpClient *c)
{
    if (c->polls_fd && !c->conn->shm->sleeps) {
        shm_link_sleep(c->conn->shm);
        shm_link_fence();
    }
    if (c->polls_fd || ++c->looks % LOOKS_PER_HEARING == 0) {
        hear(c);
    }
}

static QsIo read_conn(SpClient *c, uint8_t **data, size_t *len)
{
    uint8_t header[SP_MAX_HEADER];

    if (c->conn->shm) {
        return read_shm(c, data, len);
    }
    if (!sp_conn_flush(c->conn)) {
        sp_client_drop(c);
        return QS_IO_AGAIN;
    }
    switch (sp_conn_read(c->conn, data, len)) {
    case SP_READ_MESSAGE:
        if (!sp_take_header(*data, len, header) || *len > QS_MAX_FRAME_BYTES) {
            free(*data);
            return QS_IO_BAD;
        }
        c->has_read = true;
        c->alive_at = coarse_now();
        return QS_IO_OK;
    case SP_READ_NOTHING:
        return QS_IO_AGAIN;
    default:
        sp_client_drop(c);
        return QS_IO_AGAIN;
    }
}

QsIo sp_client_receive(SpClient *c, int timeout_ms, uint8_t **data, size_t *len)
{
    int64_t deadline = clock_deadline(timeout_ms);
    uint64_t made = c->connections;
    bool is_last = false;

    if (timeout_ms == 0 && c->conn && c->conn->shm) {
        QsIo io = read_shm(c, data, len);

        if (io == QS_IO_OK || !c->conn) {
            return io;
        }
        look_again(c);
        return read_shm(c, data, len);
    }
    if (timeout_ms != 0 && c->conn && sp_conn_can_await(c->conn)) {
        wait_conn(c, deadline); /* a reply that was asked for just now is not there yet */
    }
    for (;;) {
        QsIo io = c->conn ? read_conn(c, data, len) : QS_IO_AGAIN;

        if (io != QS_IO_AGAIN || is_last) {
            return io;
        }
        /* One more look when the time is up: what came with the last wait is not left lying. */
        is_last = clock_left(deadline) == 0;
        if (!c->conn) {
            sp_client_step(c, deadline);
            if (made > 0 && c->connections != made) {
                return QS_IO_AGAIN; /* the caller has something to say on the new connection */
            }
        } else if (!is_last && c->conn->shm) {
            if (!sp_client_spin(c)) {
                wait_shm(c, deadline);
            }
        } else if (!is_last) {
            wait_conn(c, deadline);
        }
    }
}

/* Waits for room in the ring: the server reads, or has gone. */
static void wait_room(SpClient *c, int64_t deadline)
{
    /* Bells for what waits to be read would not let us sleep; the server's end is heard in any case. */
    bool has_more = shm_link_is_ready(c->conn->shm);
    struct pollfd p = { .fd = c->conn->fd, .events = has_more ? POLLRDHUP : POLLIN };

    if (poll(&p, 1, has_more && clock_left(deadline) != 0 ? 1 : clock_left(deadline)) > 0) {
        hear(c);
        c->conn->shm->has_ended = c->conn->shm->has_ended || has_more;
    }
    if (c->conn->shm->has_ended || !shm_link_flush(c->conn->shm)) {
        sp_client_drop(c);
    }
}

/* What is not written now waits for the next call, which may be far: gives it the time there is. */
static void write_out(SpClient *c, int64_t deadline)
{
    while (c->conn && c->conn->shm && sp_conn_is_waiting(c->conn) && clock_left(deadline) != 0) {
        wait_room(c, deadline);
    }
    while (c->conn && sp_conn_is_waiting(c->conn) && clock_left(deadline) != 0) {
        struct pollfd p = { .fd = c->conn->fd, .events = POLLOUT };

        (void)poll(&p, 1, clock_left(deadline));
        if (!sp_conn_flush(c->conn)) {
            sp_client_drop(c);
            return;
        }
    }
}

/* Whether to send at all: TCP takes a message for a peer that has gone, and loses it. */
static bool is_ready(SpClient *c)
{
    int64_t now;

    if (c->conn && c->conn->shm) {
        return true;
    }
    now = coarse_now();
    if (c->conn && now - c->alive_at < ALIVE_MS) {
        return true;
    }
    c->alive_at = now;
    return sp_client_connected(c);
}

QsIo sp_client_send(SpClient *c, int timeout_ms, const uint8_t *data, size_t len)
{
    uint32_t id = ++c->last_id | 0x80000000u;
    uint8_t header[4] = { id >> 24, id >> 16 & 0xff, id >> 8 & 0xff, id & 0xff };
    int64_t deadline = clock_deadline(timeout_ms);
    bool is_last = false;

    if (c->conn && c->conn->shm && c->conn->shm->has_ended) {
        sp_client_drop(c);
    }
    if (timeout_ms != 0 && c->conn && sp_conn_is_waiting(c->conn)) {
        write_out(c, deadline);
        if (c->conn && sp_conn_is_waiting(c->conn)) {
            return QS_IO_AGAIN; /* nobody reads: more is not piled up on it, call by call */
        }
    }
    for (;;) {
        SpSend sent =
            is_ready(c) ? sp_conn_send(c->conn, header, sizeof(header), data, len) : SP_NO_ROOM;

        if (sent == SP_SENT) {
            write_out(c, deadline);
            return QS_IO_OK;
        }
        if (sent == SP_BROKEN) {
            sp_client_drop(c);
        }
        if (is_last) {
            return QS_IO_AGAIN;
        }
        is_last = clock_left(deadline) == 0;
        if (!c->conn) {
            sp_client_step(c, deadline);
        } else if (!is_last && c->conn->shm) {
            wait_room(c, deadline);
        } else if (!is_last) {
            struct pollfd p = { .fd = c->conn->fd, .events = POLLOUT };

            (void)poll(&p, 1, clock_left(deadline));
        }
    }
}

bool sp_client_connected(SpClient *c)
{
    if (c->conn && c->conn->shm) {
        hear(c);
        return !c->conn->shm->has_ended;
    }
    if (c->conn && !sp_conn_is_alive(c->conn)) {
        sp_client_drop(c);
    }
    return c->conn != NULL;
}

const char *sp_client_trouble(const SpClient *c)
{
    return c->trouble;
}

uint64_t sp_client_connections(const SpClient *c)
{
    return c->connections;
}

void sp_client_release(SpClient *c, uint8_t *data)
{
    shm_buffer_release(&c->buffer, data);
}

void sp_client_set_spin(SpClient *c, unsigned limit_us)
{
    c->spin.limit_us = limit_us < SPIN_MAX_US ? limit_us : SPIN_MAX_US;
    c->slow.spin.limit_us = c->spin.limit_us;
}

bool sp_client_uses_shm(const SpClient *c)
{
    return c->conn && c->conn->shm;
}

int sp_client_fd(SpClient *c)
{
    c->polls_fd = true;
    return c->epoll_fd;
}

SpClient *sp_client_new(const char *text, SpShm shm, const QsKey *key, QsError *error)
{
    SpClient *c = calloc(1, sizeof(*c));
    SocketUrl url;

    if (!c) {
        qs_error(error, QS_STATUS_GENERIC, "%s: out of memory", text);
        return NULL;
    }
    c->epoll_fd = c->connecting_fd = c->answer.memory_fd = -1;
    c->shm = shm;
    if (key) {
        c->key = *key;
        c->has_key = true;
    }
    c->spin.limit_us = c->slow.spin.limit_us = SPIN_DEFAULT_US;
    if (socket_url_parse(text, &url, error)) {
        c->is_ipc = url.path != NULL;
        c->ws_address = socket_url_is_ws(text) ? strdup(text + strlen("ws://")) : NULL;
        c->n_addresses =
            socket_url_resolve(&url, c->addresses, c->lengths, SP_CLIENT_MAX_ADDRESSES, error);
    }
    if (c->n_addresses && (c->epoll_fd = epoll_create1(EPOLL_CLOEXEC)) < 0) {
        qs_error(error, QS_STATUS_GENERIC, "%s: no more file descriptors", text);
    }
    if (c->epoll_fd < 0) {
        sp_client_free(c);
        return NULL;
    }
    sp_client_step(c, 0);
    return c;
}

void sp_client_free(SpClient *c)
{
    sp_conn_free(c->conn);
    sp_conn_free(c->opening);
    shm_answer_clear(&c->answer);
    if (c->connecting_fd >= 0) {
        close(c->connecting_fd);
    }
    if (c->epoll_fd >= 0) {
        close(c->epoll_fd);
    }
    free(c->ws_address);
    free(c);
}
