/* How a client comes to its connection: the address, then the key or the question for shared memory. */
#include "proto/sp_client_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "proto/clock.h"

/*
 * An address that takes no connection in this time is given up for the next one: the kernel would try it for minutes. Whoever then
 * answers neither the opening nor the question for shared memory is no server of ours, or stands still.
 */
#define ANSWER_MS 3000

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
    c->retry_at = clock_now() + SP_CLIENT_RETRY_MS;
}

static void use(SpClient *c, SpConn *conn)
{
    struct epoll_event e = { .events = EPOLLIN };

    c->conn = conn;
    c->connecting_fd = -1;
    if (!c->conn || epoll_ctl(c->epoll_fd, EPOLL_CTL_ADD, c->conn->fd, &e) != 0) {
        sp_client_drop(c);
        return;
    }
    c->has_read = false;
    c->connections++;
}

/* Lets sp_conn_await() wait. */
static bool make_blocking(int fd)
{
    struct timeval limit = { .tv_usec = SP_CLIENT_BLOCK_MS * 1000L };
    int flags = fcntl(fd, F_GETFL);

    return flags >= 0 && setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) == 0 &&
           fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) == 0;
}

/* Whether @events, which is waited for, has come within @deadline and the time that it has. */
static bool has_answer(const SpClient *c, int fd, short events, int64_t deadline)
{
    struct pollfd p = { .fd = fd, .events = events };

    return poll(&p, 1, clock_left(deadline < c->give_up_at ? deadline : c->give_up_at)) > 0;
}

/* Has both sides show that they know the key. */
static bool begin_sealing(const SpClient *c)
{
    Seal *seal = seal_new(&c->key, false);

    return seal && sp_conn_seal(c->opening, seal, true);
}

/* Has the connection opened, by the key or as a WebSocket, before it is used. */
static void begin_opening(SpClient *c)
{
    c->opening = c->ws_address ? sp_conn_new_ws(c->connecting_fd, c->ws_address)
                               : sp_conn_new(c->connecting_fd, c->is_ipc, SP_REQ, SP_REP);
    c->connecting_fd = -1;
    if (!c->trouble) { /* an attempt that the deadline cuts short must not hide what the one before came to */
        c->trouble = c->ws_address ? "the server has not answered as a WebSocket's"
                                   : "the server has not shown that it knows a key";
    }
    c->give_up_at = clock_now() + ANSWER_MS;
    if (!c->opening || (c->has_key && !begin_sealing(c))) {
        retry_later(c);
    }
}

static void finish_opening(SpClient *c, int64_t deadline)
{
    SpConn *conn = c->opening;
    uint8_t *data = NULL;
    size_t len;

    if (!has_answer(c, conn->fd, POLLIN, deadline)) {
        return;
    }
    if (sp_conn_read(conn, &data, &len) != SP_READ_NOTHING) {
        free(data); /* nothing was asked yet */
        c->trouble = conn->trouble ? conn->trouble : c->trouble;
        retry_later(c);
    } else if (sp_conn_is_open(conn)) {
        c->trouble = NULL;
        if (!make_blocking(conn->fd)) {
            retry_later(c);
            return;
        }
        c->opening = NULL;
        use(c, conn);
    }
}

static void established(SpClient *c)
{
    uint8_t greeting[SHM_GREETING_LEN];

    if (c->has_key || c->ws_address) {
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
    c->give_up_at = clock_now() + ANSWER_MS;
}

/* The server has hung up on the question, has not answered it in time, or offers nothing of use: does without from now on, if that will do. */
static void refused(SpClient *c)
{
    retry_later(c);
    if (c->shm == SP_SHM_IF_OFFERED) {
        c->has_refused = true;
        c->retry_at = 0;
    }
}

/* No answer came in time. */
static void give_up(SpClient *c)
{
    if (c->is_asking) {
        c->trouble = "whoever listens there does not answer the question for shared memory";
        refused(c);
    } else {
        retry_later(c);
    }
}

static void finish_asking(SpClient *c, int64_t deadline)
{
    ShmLink *link;

    if (!has_answer(c, c->connecting_fd, POLLIN, deadline)) {
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
    c->trouble = NULL;
    use(c, sp_conn_new_shm(c->connecting_fd, link));
}

static void start_connecting(SpClient *c)
{
    const struct sockaddr *address = (const struct sockaddr *)&c->addresses[c->next];
    int code = 0;

    c->give_up_at = clock_now() + ANSWER_MS;
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
    int code = 0;
    socklen_t len = sizeof(code);

    if (!has_answer(c, c->connecting_fd, POLLOUT, deadline)) {
        return;
    }
    if (getsockopt(c->connecting_fd, SOL_SOCKET, SO_ERROR, &code, &len) != 0 || code != 0) {
        retry_later(c);
    } else {
        established(c);
    }
}

void sp_client_step(SpClient *c, int64_t deadline)
{
    if (c->opening) {
        finish_opening(c, deadline);
    } else if (c->is_asking) {
        finish_asking(c, deadline);
    } else if (c->connecting_fd >= 0) {
        finish_connecting(c, deadline);
    } else if (clock_now() < c->retry_at) {
        (void)poll(NULL, 0, clock_left(deadline < c->retry_at ? deadline : c->retry_at));
    } else {
        start_connecting(c);
    }
    /* After a look, however late: who calls seldom must not take what came meanwhile for missing. */
    if ((c->opening || c->connecting_fd >= 0) && clock_now() >= c->give_up_at) {
        give_up(c);
    }
}
