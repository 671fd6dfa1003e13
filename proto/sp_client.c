#include "proto/sp_client.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proto/clock.h"
#include "proto/seal.h"
#include "proto/shm_link.h"
#include "proto/socket_url.h"
#include "proto/spin.h"
#include "proto/sp_conn.h"

#define RETRY_MS 50
#define MAX_ADDRESSES 8

/*
 * A wait for a reply is a read that blocks: one system call where poll() and a read are two. It ends after this time at the latest, and
 * for the last bit before a deadline poll() is asked.
 */
#define BLOCK_MS 100

/* A connection that was seen to be alive so short a time ago is not looked at again before something is sent. */
#define ALIVE_MS 5

/* Looks at a ring without waiting, after which the socket is asked whether the server is still there. */
#define LOOKS_PER_HEARING 256u

struct SpClient {
    int epoll_fd; /* polls as the connection does, whichever that is */
    bool is_ipc;
    struct sockaddr_storage addresses[MAX_ADDRESSES];
    socklen_t lengths[MAX_ADDRESSES];
    size_t n_addresses;
    size_t next; /* address to try */

    int connecting_fd; /* -1: none */
    int64_t retry_at;
    bool
        is_asking; /* the connection at connecting_fd is there, and the server is to answer about shared memory */
    ShmAnswer answer;
    SpConn *conn;        /* NULL: none */
    bool has_read;       /* a message of this connection's */
    const char *trouble; /* with the connection before, or that is being opened; NULL: none */

    QsKey key;
    bool has_key;
    SpConn *opening; /* a sealed connection that is not open yet */
    uint64_t connections;
    uint32_t last_id;
    int64_t alive_at; /* of coarse_now(): something came, or could have */

    SpShm shm;
    bool has_refused; /* the server last time, to give shared memory */
    bool polls_fd;    /* somebody sleeps on the descriptor */
    unsigned looks;
    Spin spin;
    ShmBuffer buffer;
};

/* Milliseconds of the monotonic clock, some late: a tenth of the cost of clock_now(). */
static int64_t coarse_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void retry_later(SpClient *c)
{
    c->is_asking = false;
    shm_answer_clear(&c->answer);
    if (c->connecting_fd >= 0) {
        close(c->connecting_fd);
        c->connecting_fd = -1;
    }
    sp_conn_free(c->opening);
    c->opening = NULL;
    c->next = c->next + 1 < c->n_addresses ? c->next + 1 : 0;
    c->retry_at = clock_now() + RETRY_MS;
}

static void drop(SpClient *c)
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
    c->retry_at = clock_now() + (was_good ? 1 : RETRY_MS);
}

void sp_client_reconnect(SpClient *c)
{
    if (c->conn) {
        drop(c);
    }
}

static void use(SpClient *c, SpConn *conn)
{
    struct epoll_event e = { .events = EPOLLIN };

    c->conn = conn;
    c->connecting_fd = -1;
    if (!c->conn || epoll_ctl(c->epoll_fd, EPOLL_CTL_ADD, c->conn->fd, &e) != 0) {
        drop(c);
        return;
    }
    c->has_read = false;
    c->connections++;
}

/* Has the connection shown from both sides that the key is known before it is used. */
static void begin_opening(SpClient *c)
{
    SpConn *conn = sp_conn_new(c->connecting_fd, c->is_ipc, SP_REQ, SP_REP);
    Seal *seal = seal_new(&c->key, false);

    c->connecting_fd = -1;
    c->opening = conn;
    c->trouble = "the server has not shown that it knows a key";
    if (!conn || !seal) {
        seal_free(seal);
        retry_later(c);
    } else if (!sp_conn_seal(conn, seal, true)) {
        retry_later(c);
    }
}

static void finish_opening(SpClient *c, int64_t deadline)
{
    struct pollfd p = { .fd = c->opening->fd, .events = POLLIN };
    SpConn *conn = c->opening;
    uint8_t *data = NULL;
    size_t len;

    if (poll(&p, 1, clock_left(deadline)) <= 0) {
        return;
    }
    if (sp_conn_read(conn, &data, &len) != SP_READ_NOTHING) {
        free(data); /* nothing was asked yet */
        c->trouble = conn->trouble ? conn->trouble : c->trouble;
        retry_later(c);
    } else if (sp_conn_is_open(conn)) {
        c->opening = NULL;
        c->trouble = NULL;
        use(c, conn);
    }
}

/* Lets sp_conn_await() wait. */
static bool make_blocking(int fd)
{
    struct timeval limit = { .tv_usec = BLOCK_MS * 1000L };
    int flags = fcntl(fd, F_GETFL);

    return flags >= 0 && setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) == 0 &&
           fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) == 0;
}

static void established(SpClient *c)
{
    uint8_t greeting[SHM_GREETING_LEN];

    if (c->has_key) {
        begin_opening(c);
        return;
    }
    if (c->shm == SP_SHM_NEVER || c->has_refused) {
        if (!make_blocking(c->connecting_fd)) {
            retry_later(c);
            return;
        }
        use(c, sp_conn_new(c->connecting_fd, c->is_ipc, SP_REQ, SP_REP));
        return;
    }
    shm_greeting(greeting);
    if (send(c->connecting_fd, greeting, sizeof(greeting), MSG_NOSIGNAL) !=
        (ssize_t)sizeof(greeting)) {
        retry_later(c);
        return;
    }
    c->is_asking = true;
}

/* The server has hung up on the question, or offers nothing of use: does without from now on, if that will do. */
static void refused(SpClient *c)
{
    retry_later(c);
    if (c->shm == SP_SHM_IF_OFFERED) {
        c->has_refused = true;
        c->retry_at = 0;
    }
}

static void finish_asking(SpClient *c, int64_t deadline)
{
    struct pollfd p = { .fd = c->connecting_fd, .events = POLLIN };
    ShmLink *link;

    if (poll(&p, 1, clock_left(deadline)) <= 0) {
        return;
    }
    switch (shm_answer_receive(&c->answer, c->connecting_fd)) {
    case SHM_NOTHING:
        return;
    case SHM_OK:
        link = shm_link_accept(c->connecting_fd, &c->answer);
        break;
    default:
        link = NULL;
        break;
    }
    if (!link) {
        refused(c);
        return;
    }
    c->is_asking = false;
    shm_answer_clear(&c->answer);
    use(c, sp_conn_new_shm(c->connecting_fd, link));
}

static void start_connecting(SpClient *c)
{
    const struct sockaddr *address = (const struct sockaddr *)&c->addresses[c->next];
    int code = 0;

    c->connecting_fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (c->connecting_fd < 0 || connect(c->connecting_fd, address, c->lengths[c->next]) != 0) {
        code = errno;
    }
    if (code == 0) {
        established(c);
    } else if (code != EINPROGRESS) {
        retry_later(c);
    }
}

static void finish_connecting(SpClient *c, int64_t deadline)
{
    struct pollfd p = { .fd = c->connecting_fd, .events = POLLOUT };
    int code = 0;
    socklen_t len = sizeof(code);

    if (poll(&p, 1, clock_left(deadline)) <= 0) {
        return;
    }
    if (getsockopt(c->connecting_fd, SOL_SOCKET, SO_ERROR, &code, &len) != 0 || code != 0) {
        retry_later(c);
    } else {
        established(c);
    }
}

/* Takes one step towards a connection, no longer than until @deadline. */
static void step(SpClient *c, int64_t deadline)
{
    int64_t now = clock_now();

    if (c->opening) {
        finish_opening(c, deadline);
    } else if (c->is_asking) {
        finish_asking(c, deadline);
    } else if (c->connecting_fd >= 0) {
        finish_connecting(c, deadline);
    } else if (now < c->retry_at) {
        (void)poll(NULL, 0, clock_left(deadline < c->retry_at ? deadline : c->retry_at));
    } else {
        start_connecting(c);
    }
}

/* Waits until the connection has something to read, or room to write what waits. */
static void wait_conn(SpClient *c, int64_t deadline)
{
    struct pollfd p = { .fd = c->conn->fd,
                        .events = sp_conn_is_waiting(c->conn) ? POLLIN | POLLOUT : POLLIN };
    int left = clock_left(deadline);

    if (sp_conn_can_await(c->conn) && (left < 0 || left > BLOCK_MS)) {
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
        drop(c);
    }
    return QS_IO_AGAIN;
}

static void hear(SpClient *c)
{
    c->conn->shm->has_ended = !shm_link_hear(c->conn->shm);
}

bool sp_client_spin(SpClient *c)
{
    ShmLink *link = c->conn ? c->conn->shm : NULL;
    SpinSpell spell = { 0 };
    bool came;

    if (!link || link->has_ended) {
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
        drop(c);
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
        drop(c);
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
            step(c, deadline);
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
    struct pollfd p = { .fd = c->conn->fd, .events = POLLIN };

    if (shm_link_is_ready(c->conn->shm)) {
        p.fd = -1; /* bells for what waits to be read would not let us sleep */
    }
    if (poll(&p, 1, p.fd < 0 && clock_left(deadline) != 0 ? 1 : clock_left(deadline)) > 0) {
        hear(c);
    }
    if (c->conn->shm->has_ended || !shm_link_flush(c->conn->shm)) {
        drop(c);
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
            drop(c);
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
        drop(c);
    }
    for (;;) {
        SpSend sent =
            is_ready(c) ? sp_conn_send(c->conn, header, sizeof(header), data, len) : SP_NO_ROOM;

        if (sent == SP_SENT) {
            write_out(c, deadline);
            return QS_IO_OK;
        }
        if (sent == SP_BROKEN) {
            drop(c);
        }
        if (is_last) {
            return QS_IO_AGAIN;
        }
        is_last = clock_left(deadline) == 0;
        if (!c->conn) {
            step(c, deadline);
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
        drop(c);
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
    c->spin.limit_us = SPIN_DEFAULT_US;
    if (socket_url_parse(text, &url, error)) {
        c->is_ipc = url.path != NULL;
        c->n_addresses = socket_url_resolve(&url, c->addresses, c->lengths, MAX_ADDRESSES, error);
    }
    if (c->n_addresses && (c->epoll_fd = epoll_create1(EPOLL_CLOEXEC)) < 0) {
        qs_error(error, QS_STATUS_GENERIC, "%s: no more file descriptors", text);
    }
    if (c->epoll_fd < 0) {
        sp_client_free(c);
        return NULL;
    }
    step(c, 0);
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
    free(c);
}
