#include "proto/sp_client.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proto/clock.h"
#include "proto/socket_url.h"
#include "proto/sp_conn.h"

#define RETRY_MS 50
#define MAX_ADDRESSES 8

struct SpClient {
    int epoll_fd; /* polls as the connection does, whichever that is */
    bool is_ipc;
    struct sockaddr_storage addresses[MAX_ADDRESSES];
    socklen_t lengths[MAX_ADDRESSES];
    size_t n_addresses;
    size_t next; /* address to try */

    int connecting_fd; /* -1: none */
    int64_t retry_at;
    SpConn *conn; /* NULL: none */
    uint64_t connections;
    uint32_t last_id;
};

static void retry_later(SpClient *c)
{
    if (c->connecting_fd >= 0) {
        close(c->connecting_fd);
        c->connecting_fd = -1;
    }
    c->next = c->next + 1 < c->n_addresses ? c->next + 1 : 0;
    c->retry_at = clock_now() + RETRY_MS;
}

static void drop(SpClient *c)
{
    sp_conn_free(c->conn); /* takes itself out of the epoll set */
    c->conn = NULL;
    c->retry_at = clock_now() + RETRY_MS;
}

static void established(SpClient *c)
{
    struct epoll_event e = { .events = EPOLLIN };

    c->conn = sp_conn_new(c->connecting_fd, c->is_ipc, SP_REQ, SP_REP);
    c->connecting_fd = -1;
    if (!c->conn || epoll_ctl(c->epoll_fd, EPOLL_CTL_ADD, c->conn->fd, &e) != 0) {
        drop(c);
        return;
    }
    c->connections++;
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

    if (c->connecting_fd >= 0) {
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

    (void)poll(&p, 1, clock_left(deadline));
}

static QsIo read_conn(SpClient *c, uint8_t **data, size_t *len)
{
    uint8_t header[SP_MAX_HEADER];

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
    bool is_last = false;

    for (;;) {
        QsIo io = c->conn ? read_conn(c, data, len) : QS_IO_AGAIN;

        if (io != QS_IO_AGAIN || is_last) {
            return io;
        }
        /* One more look when the time is up: what came with the last wait is not left lying. */
        is_last = clock_left(deadline) == 0;
        if (!c->conn) {
            step(c, deadline);
        } else if (!is_last) {
            wait_conn(c, deadline);
        }
    }
}

/* What is not written now waits for the next call, which may be far: gives it the time there is. */
static void write_out(SpClient *c, int64_t deadline)
{
    while (sp_conn_is_waiting(c->conn) && clock_left(deadline) != 0) {
        struct pollfd p = { .fd = c->conn->fd, .events = POLLOUT };

        (void)poll(&p, 1, clock_left(deadline));
        if (!sp_conn_flush(c->conn)) {
            drop(c);
            return;
        }
    }
}

QsIo sp_client_send(SpClient *c, int timeout_ms, const uint8_t *data, size_t len)
{
    uint32_t id = ++c->last_id | 0x80000000u;
    uint8_t header[4] = { id >> 24, id >> 16 & 0xff, id >> 8 & 0xff, id & 0xff };
    int64_t deadline = clock_deadline(timeout_ms);
    bool is_last = false;

    for (;;) {
        /* TCP takes a message for a peer that has gone, and loses it. */
        SpSend sent = sp_client_connected(c)
                          ? sp_conn_send(c->conn, header, sizeof(header), data, len)
                          : SP_NO_ROOM;

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
        } else if (!is_last) {
            struct pollfd p = { .fd = c->conn->fd, .events = POLLOUT };

            (void)poll(&p, 1, clock_left(deadline));
        }
    }
}

bool sp_client_connected(SpClient *c)
{
    if (c->conn && !sp_conn_is_alive(c->conn)) {
        drop(c);
    }
    return c->conn != NULL;
}

uint64_t sp_client_connections(const SpClient *c)
{
    return c->connections;
}

int sp_client_fd(const SpClient *c)
{
    return c->epoll_fd;
}

SpClient *sp_client_new(const char *text, QsError *error)
{
    SpClient *c = calloc(1, sizeof(*c));
    SocketUrl url;

    if (!c) {
        qs_error(error, QS_STATUS_GENERIC, "%s: out of memory", text);
        return NULL;
    }
    c->epoll_fd = c->connecting_fd = -1;
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
    if (c->connecting_fd >= 0) {
        close(c->connecting_fd);
    }
    if (c->epoll_fd >= 0) {
        close(c->epoll_fd);
    }
    free(c);
}
