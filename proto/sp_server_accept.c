/* Who gets a connection to a server, and how one ends. */
#include "proto/sp_server_internal.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "proto/clock.h"

/* So long nobody is let in when the system has no descriptor, or no memory, for one more. */
#define REST_MS 100

bool sp_server_watch(const SpServer *s, int operation, int fd, uint32_t events, uint64_t key)
{
    struct epoll_event e = { .events = events, .data.u64 = key };

    return epoll_ctl(s->epoll_fd, operation, fd, &e) == 0;
}

static void set_accepting(SpServer *s, bool on)
{
    if (s->is_accepting != on &&
        sp_server_watch(s, EPOLL_CTL_MOD, s->listen_fd, on ? EPOLLIN : 0, SP_SERVER_LISTENER)) {
        s->is_accepting = on;
    }
}

/* What a warning is about, as far as the system can say. */
static void name_peer(const SpConn *conn, char *name, size_t size)
{
    struct sockaddr_storage address;
    socklen_t len = sizeof(address);
    char host[64];
    char port[16];

    if (getpeername(conn->fd, (struct sockaddr *)&address, &len) != 0 ||
        getnameinfo((struct sockaddr *)&address, len, host, sizeof(host), port, sizeof(port),
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
        (void)snprintf(name, size, "a client that has left");
    } else {
        (void)snprintf(name, size, "%s port %s", host, port);
    }
}

/* One warning a second at most, however many knock. */
static void tell_trouble(SpServer *s, const SpConn *conn)
{
    const char *why = conn->trouble;
    int64_t now = clock_now();
    char name[96];

    if (!why && conn->seal && !sp_conn_is_open(conn)) {
        why = "it did not show that it knows the key";
    }
    if (why && now < s->tell_at) {
        s->untold++;
    } else if (why) {
        name_peer(conn, name, sizeof(name));
        (void)fprintf(stderr, "qosim: warning: the connection of %s is closed: %s", name, why);
        if (s->untold) {
            (void)fprintf(stderr, " (and %u more before)", s->untold);
        }
        (void)fputc('\n', stderr);
        s->tell_at = now + 1000;
        s->untold = 0;
    }
}

void sp_server_drop(SpServer *s, SpSlot *slot)
{
    tell_trouble(s, slot->conn);
    if (slot->conn->shm) {
        shm_set_remove(&s->shm, slot->conn->shm);
    }
    sp_conn_free(slot->conn);
    slot->conn = NULL;
    slot->generation++;
    s->n_connections--;
    set_accepting(s, true);
}

/* The longest known of those who have not shown that they know the key, if there are at least @n of them. */
static SpSlot *oldest_stranger(SpServer *s, unsigned n)
{
    SpSlot *oldest = NULL;

    for (size_t i = 0; s->has_key && i < SP_MAX_CONNECTIONS; i++) {
        SpSlot *slot = &s->slots[i];

        if (slot->conn && !sp_conn_is_open(slot->conn)) {
            n -= n > 0;
            oldest = oldest && oldest->number < slot->number ? oldest : slot;
        }
    }
    return n == 0 ? oldest : NULL;
}

/* A new connection, which has to show that it knows the key if there is one. */
static SpConn *new_connection(const SpServer *s, int fd)
{
    SpConn *conn = s->is_ws ? sp_conn_new_ws(fd, NULL) : sp_conn_new(fd, s->is_ipc, SP_REP, SP_REQ);
    Seal *seal = conn && s->has_key ? seal_new(&s->key, true) : NULL;

    if (seal) {
        (void)sp_conn_seal(conn, seal, false); /* sends nothing */
    } else if (s->has_key) {
        sp_conn_free(conn);
        return NULL;
    }
    return conn;
}

static void add_connection(SpServer *s, int fd)
{
    SpConn *conn = new_connection(s, fd);
    uint32_t i = 0;

    if (!conn) {
        return;
    }
    while (i < SP_MAX_CONNECTIONS && s->slots[i].conn) {
        i++;
    }
    if (i == SP_MAX_CONNECTIONS ||
        !sp_server_watch(s, EPOLL_CTL_ADD, fd, EPOLLIN, sp_server_key_of(s, i))) {
        sp_conn_free(conn);
        return;
    }
    conn->takes_shm = s->is_ipc;
    s->slots[i].conn = conn;
    s->slots[i].number = s->accepted;
    s->slots[i].wants_write = false;
    s->n_connections++;
    s->accepted++;
}

/*
 * There is nothing to take a connection with, and the listening socket would wake us without end. A connection that ends may change that, or
 * somebody else who gives something back.
 */
static void rest(SpServer *s, int code)
{
    struct itimerspec when = { .it_value = { .tv_nsec = REST_MS * 1000000L } };
    int64_t now = clock_now();

    if (timerfd_settime(s->timer_fd, 0, &when, NULL) == 0) {
        set_accepting(s, false);
    }
    if (now >= s->tell_lack_at) {
        (void)fprintf(stderr, "qosim: warning: a client has to wait for its connection: %s\n",
                      strerror(code));
        s->tell_lack_at = now + 10000;
    }
}

void sp_server_accept_again(SpServer *s)
{
    uint64_t times;

    if (read(s->timer_fd, &times, sizeof(times)) == (ssize_t)sizeof(times) &&
        s->n_connections < SP_MAX_CONNECTIONS) {
        set_accepting(s, true);
    }
}

void sp_server_accept(SpServer *s)
{
    SpSlot *stranger =
        oldest_stranger(s, s->n_connections == SP_MAX_CONNECTIONS ? 1 : SP_MAX_STRANGERS);
    int fd;

    if (stranger) {
        sp_server_drop(s, stranger);
    }
    if (s->n_connections == SP_MAX_CONNECTIONS) {
        set_accepting(s, false);
        return;
    }
    fd = accept4(s->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
        add_connection(s, fd);
    } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
        rest(s, errno);
    }
}
