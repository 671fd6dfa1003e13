#include "proto/sp_conn_internal.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proto/seal.h"
#include "proto/shm_link.h"

#define GREETING_LEN 8u
#define FIRST_ROOM 4096u

/* Shorter messages are copied together: that costs less than telling the kernel of three pieces. */
#define SMALL_MESSAGE 512u

static void set_tcp(int fd, int option, int value)
{
    (void)setsockopt(fd, IPPROTO_TCP, option, &value, sizeof(value));
}

/* Has the kernel end a connection whose other host is gone, or cannot be reached, within half a minute; by itself it takes hours. */
static void keep_alive(int fd)
{
    int on = 1;

    (void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
    set_tcp(fd, TCP_KEEPIDLE, 10);
    set_tcp(fd, TCP_KEEPINTVL, 5);
    set_tcp(fd, TCP_KEEPCNT, 4);
    set_tcp(fd, TCP_USER_TIMEOUT, 30000);
}

void sp_conn_set_up_tcp(int fd)
{
    set_tcp(fd, TCP_NODELAY, 1);
    keep_alive(fd);
}

SpConn *sp_conn_new(int fd, bool is_ipc, uint16_t own_protocol, uint16_t peer_protocol)
{
    SpConn *conn = calloc(1, sizeof(*conn));
    uint8_t greeting[GREETING_LEN] = { 0, 'S', 'P', 0, own_protocol >> 8, own_protocol & 0xff };

    if (conn) {
        conn->fd = fd;
        conn->is_ipc = is_ipc;
        conn->peer_protocol = peer_protocol;
        /* A fresh socket's buffer takes 8 bytes whole. */
        if (send(fd, greeting, sizeof(greeting), MSG_NOSIGNAL) == (ssize_t)sizeof(greeting)) {
            if (!is_ipc) {
                sp_conn_set_up_tcp(fd);
            }
            return conn;
        }
    }
    free(conn);
    close(fd);
    return NULL;
}

SpConn *sp_conn_new_shm(int fd, ShmLink *shm)
{
    SpConn *conn = calloc(1, sizeof(*conn));

    if (!conn) {
        shm_link_free(shm);
        close(fd);
        return NULL;
    }
    conn->fd = fd;
    conn->shm = shm;
    conn->is_ipc = true;
    conn->is_greeted = true;
    return conn;
}

static size_t put_length(const SpConn *conn, uint64_t len, uint8_t *head)
{
    size_t at = 0;

    if (conn->is_ipc) {
        head[at++] = 1;
    }
    for (int shift = 56; shift >= 0; shift -= 8) {
        head[at++] = (uint8_t)(len >> shift);
    }
    return at;
}

/* Sends one of the messages that open a sealed connection; @room has 9 bytes before it. Like the greeting, it goes out whole. */
static bool send_opening(const SpConn *conn, uint8_t *room, size_t len)
{
    size_t head_len = conn->is_ipc ? 9 : 8;

    (void)put_length(conn, len, room + 9 - head_len);
    return send(conn->fd, room + 9 - head_len, head_len + len, MSG_NOSIGNAL | MSG_DONTWAIT) ==
           (ssize_t)(head_len + len);
}

bool sp_conn_seal(SpConn *conn, Seal *seal, bool is_client)
{
    uint8_t room[9 + SEAL_MAX_OPENING];

    conn->seal = seal;
    return !is_client || send_opening(conn, room, seal_begin(seal, room + 9));
}

bool sp_conn_is_open(const SpConn *conn)
{
    return conn->is_greeted && (!conn->seal || seal_is_open(conn->seal));
}

void sp_conn_free(SpConn *conn)
{
    if (conn) {
        shm_link_free(conn->shm);
        seal_free(conn->seal);
        sp_ws_free(conn->ws);
        close(conn->fd);
        free(conn->in);
        free(conn->body);
        free(conn->out);
        free(conn);
    }
}

bool sp_conn_has_more(const SpConn *conn)
{
    return conn->in_at < conn->in_len;
}

bool sp_conn_make_in(SpConn *conn)
{
    if (!conn->in) {
        conn->in = malloc(SP_READ_AHEAD);
    }
    return conn->in != NULL;
}

static SpRead take_ahead(SpConn *conn, uint8_t *to, size_t want, size_t *got)
{
    size_t there = conn->in_len - conn->in_at;
    size_t n = want < there ? want : there;

    memcpy(to, conn->in + conn->in_at, n);
    conn->in_at += n;
    *got += n;
    return SP_READ_MESSAGE;
}

/* Notes that recv() gave @n bytes ahead. */
static bool note_ahead(SpConn *conn, ssize_t n)
{
    conn->in_at = 0;
    conn->in_len = n > 0 ? (size_t)n : 0;
    return n > 0;
}

bool sp_conn_can_await(const SpConn *conn)
{
    return conn->is_greeted && !conn->shm && !sp_conn_has_more(conn) && !sp_conn_is_waiting(conn);
}

void sp_conn_await(SpConn *conn)
{
    if (sp_conn_make_in(conn)) {
        /* An end or a failure shows when it is read again. */
        (void)note_ahead(conn, recv(conn->fd, conn->in, SP_READ_AHEAD, 0));
    }
}

bool sp_conn_look_ahead(SpConn *conn)
{
    ssize_t n;

    if (!sp_conn_make_in(conn)) {
        return true;
    }
    n = recv(conn->fd, conn->in, SP_READ_AHEAD, MSG_DONTWAIT);
    return note_ahead(conn, n) || n == 0 || (errno != EAGAIN && errno != EINTR);
}

SpRead sp_conn_read_some(SpConn *conn, uint8_t *to, size_t want, size_t *got)
{
    /* What follows a greeting may be for shared memory to read; and a long body is read to where it belongs. */
    bool ahead = conn->is_greeted && want < SP_READ_AHEAD;
    ssize_t n;

    if (sp_conn_has_more(conn)) {
        return take_ahead(conn, to, want, got);
    }
    if (ahead && !sp_conn_make_in(conn)) {
        return SP_READ_CLOSED;
    }
    n = recv(conn->fd, ahead ? conn->in : to, ahead ? SP_READ_AHEAD : want, MSG_DONTWAIT);
    if (ahead && note_ahead(conn, n)) {
        return take_ahead(conn, to, want, got);
    }
    if (n > 0) {
        *got += (size_t)n;
        return SP_READ_MESSAGE;
    }
    return n < 0 && (errno == EAGAIN || errno == EINTR) ? SP_READ_NOTHING : SP_READ_CLOSED;
}

static size_t head_len(const SpConn *conn)
{
    return !conn->is_greeted ? GREETING_LEN : conn->is_ipc ? 9 : 8;
}

static bool take_greeting(SpConn *conn)
{
    const uint8_t *g = conn->head;

    conn->is_greeted = true;
    return g[0] == 0 && g[1] == 'S' && g[2] == 'P' && g[3] == 0 &&
           (g[4] << 8 | g[5]) == conn->peer_protocol && g[6] == 0 && g[7] == 0;
}

static size_t longest(const SpConn *conn)
{
    if (!conn->seal) {
        return SP_MAX_MESSAGE;
    }
    return seal_is_open(conn->seal) ? SP_MAX_MESSAGE + SEAL_OVERHEAD : SEAL_MAX_OPENING;
}

bool sp_conn_begin_body(SpConn *conn)
{
    conn->body_got = 0;
    conn->body_room = conn->body_len < FIRST_ROOM ? conn->body_len : FIRST_ROOM;
    conn->body = malloc(conn->body_room ? conn->body_room : 1);
    return conn->body != NULL;
}

/* A message's length. */
static bool take_length(SpConn *conn)
{
    const uint8_t *p = conn->head;
    uint64_t len = 0;

    if (conn->is_ipc && *p++ != 1) {
        return false;
    }
    for (int i = 0; i < 8; i++) {
        len = len << 8 | p[i];
    }
    if (len > longest(conn)) {
        return false;
    }
    conn->body_len = (size_t)len;
    return sp_conn_begin_body(conn);
}

static SpRead read_head(SpConn *conn)
{
    SpRead r = sp_conn_read_some(conn, conn->head + conn->head_got, head_len(conn) - conn->head_got,
                                 &conn->head_got);

    if (r != SP_READ_MESSAGE || conn->head_got < head_len(conn)) {
        return r;
    }
    conn->head_got = 0;
    if (!conn->is_greeted) {
        if (conn->takes_shm && shm_is_greeting(conn->head)) {
            return SP_READ_SHM;
        }
        return take_greeting(conn) ? SP_READ_MESSAGE : SP_READ_CLOSED;
    }
    return take_length(conn) ? SP_READ_MESSAGE : SP_READ_CLOSED;
}

bool sp_conn_is_alive(SpConn *conn)
{
    uint8_t byte;
    ssize_t n;

    if (conn->shm) {
        return shm_link_hear(conn->shm);
    }
    /* The greeting is no message, and would hide the end behind it. */
    if (!conn->is_greeted && !conn->ws && read_head(conn) == SP_READ_CLOSED) {
        return false;
    }
    if (sp_conn_has_more(conn)) {
        return true;
    }
    n = recv(conn->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

bool sp_conn_grow_body(SpConn *conn)
{
    size_t room = 4 * (conn->body_room < FIRST_ROOM ? FIRST_ROOM : conn->body_room);
    uint8_t *body;

    room = room < conn->body_len ? room : conn->body_len;
    body = realloc(conn->body, room);

    if (!body) {
        return false;
    }
    conn->body = body;
    conn->body_room = room;
    return true;
}

static SpRead read_body(SpConn *conn)
{
    if (conn->body_got == conn->body_room && !sp_conn_grow_body(conn)) {
        return SP_READ_CLOSED;
    }
    return sp_conn_read_some(conn, conn->body + conn->body_got, conn->body_room - conn->body_got,
                             &conn->body_got);
}

static bool take_opening(SpConn *conn, const uint8_t *data, size_t len)
{
    uint8_t room[9 + SEAL_MAX_OPENING];
    size_t answer_len;

    if (seal_step(conn->seal, data, len, room + 9, &answer_len) == SEAL_FAILED) {
        conn->trouble = "the other end has another key, or none";
        return false;
    }
    return !answer_len || send_opening(conn, room, answer_len);
}

/* The body is whole. SP_READ_NOTHING: it was not for the caller. */
static SpRead take_body(SpConn *conn, uint8_t **data, size_t *len)
{
    uint8_t *body = conn->body;
    SpRead r = SP_READ_MESSAGE;

    conn->body = NULL;
    *len = conn->body_len;
    if (conn->seal && !seal_is_open(conn->seal)) {
        r = take_opening(conn, body, *len) ? SP_READ_NOTHING : SP_READ_CLOSED;
    } else if (conn->seal && !seal_unseal(conn->seal, body, len)) {
        conn->trouble = "a message was altered, repeated or left out on the way";
        r = SP_READ_CLOSED;
    }
    if (r == SP_READ_MESSAGE) {
        *data = body;
    } else {
        free(body);
    }
    return r;
}

SpRead sp_conn_read(SpConn *conn, uint8_t **data, size_t *len)
{
    if (conn->ws) {
        return sp_ws_read(conn, data, len);
    }
    for (;;) {
        SpRead r;

        if (conn->body && conn->body_got == conn->body_len) {
            r = take_body(conn, data, len);
            if (r != SP_READ_NOTHING) {
                return r;
            }
        }
        r = conn->body ? read_body(conn) : read_head(conn);
        if (r != SP_READ_MESSAGE) {
            return r;
        }
    }
}

bool sp_conn_is_waiting(const SpConn *conn)
{
    return conn->shm ? shm_link_is_waiting(conn->shm) : conn->out_at < conn->out_len;
}

bool sp_conn_has_room(const SpConn *conn)
{
    return conn->shm ? shm_link_has_room(conn->shm)
                     : conn->out_len - conn->out_at <= SP_MAX_WAITING;
}

bool sp_conn_flush(SpConn *conn)
{
    if (conn->shm) {
        return shm_link_flush(conn->shm);
    }
    while (sp_conn_is_waiting(conn)) {
        ssize_t n = send(conn->fd, conn->out + conn->out_at, conn->out_len - conn->out_at,
                         MSG_NOSIGNAL | MSG_DONTWAIT);

        if (n < 0) {
            return errno == EAGAIN || errno == EINTR;
        }
        conn->out_at += (size_t)n;
    }
    free(conn->out);
    conn->out = NULL;
    conn->out_len = conn->out_at = conn->out_room = 0;
    return true;
}

/* Makes room for @more bytes behind what waits; twice as much as needed, so that many small messages are not copied each time. */
static bool make_room(SpConn *conn, size_t more)
{
    size_t waiting = conn->out ? conn->out_len - conn->out_at : 0;
    uint8_t *out;

    if (conn->out && conn->out_room - conn->out_len >= more) {
        return true;
    }
    out = malloc(2 * (waiting + more));
    if (!out) {
        return false;
    }
    if (waiting) {
        memcpy(out, conn->out + conn->out_at, waiting);
    }
    free(conn->out);
    conn->out = out;
    conn->out_at = 0;
    conn->out_len = waiting;
    conn->out_room = 2 * (waiting + more);
    return true;
}

/* Keeps the bytes of @parts after the first @skip for later. */
static bool queue(SpConn *conn, const struct iovec *parts, size_t n, size_t skip)
{
    size_t total = 0;

    for (size_t i = 0; i < n; i++) {
        total += parts[i].iov_len;
    }
    if (!make_room(conn, total - skip)) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        size_t gone = skip < parts[i].iov_len ? skip : parts[i].iov_len;
        size_t rest = parts[i].iov_len - gone;

        if (rest) {
            memcpy(conn->out + conn->out_len, (const uint8_t *)parts[i].iov_base + gone, rest);
        }
        conn->out_len += rest;
        skip -= gone;
    }
    return true;
}

/* One system call for all parts. As send(). */
static ssize_t write_parts(const SpConn *conn, struct iovec *parts, size_t n, size_t total)
{
    struct msghdr message = { .msg_iov = parts, .msg_iovlen = n };
    uint8_t bytes[SMALL_MESSAGE];
    size_t at = 0;

    if (total > sizeof(bytes)) {
        return sendmsg(conn->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    }
    for (size_t i = 0; i < n; i++) {
        if (parts[i].iov_len) {
            memcpy(bytes + at, parts[i].iov_base, parts[i].iov_len);
        }
        at += parts[i].iov_len;
    }
    return send(conn->fd, bytes, total, MSG_NOSIGNAL | MSG_DONTWAIT);
}

SpSend sp_conn_send_parts(SpConn *conn, struct iovec *parts, size_t n, size_t total)
{
    ssize_t sent = 0;

    if (!sp_conn_is_waiting(conn)) {
        sent = write_parts(conn, parts, n, total);
        if (sent < 0 && errno != EAGAIN && errno != EINTR) {
            return SP_BROKEN;
        }
        sent = sent < 0 ? 0 : sent;
    }
    return (size_t)sent == total || queue(conn, parts, n, (size_t)sent) ? SP_SENT : SP_BROKEN;
}

static SpSend send_sealed(SpConn *conn, const uint8_t *header, size_t header_len,
                          const uint8_t *data, size_t len)
{
    size_t sealed_len = header_len + len + SEAL_OVERHEAD;
    uint8_t *sealed = seal_is_open(conn->seal) ? malloc(sealed_len) : NULL;
    uint8_t head[9];
    struct iovec parts[2] = { { head, put_length(conn, sealed_len, head) },
                              { sealed, sealed_len } };
    SpSend result = SP_BROKEN;

    if (sealed) {
        seal_close(conn->seal, header, header_len, data, len, sealed);
        result = sp_conn_send_parts(conn, parts, 2, parts[0].iov_len + sealed_len);
    }
    free(sealed);
    return result;
}

static SpSend send_on_socket(SpConn *conn, const uint8_t *header, size_t header_len,
                             const uint8_t *data, size_t len)
{
    uint8_t head[9];
    struct iovec parts[3] = { { head, put_length(conn, header_len + len, head) },
                              { (void *)header, header_len },
                              { (void *)data, len } };

    if (!sp_conn_flush(conn)) {
        return SP_BROKEN;
    }
    if (!sp_conn_has_room(conn)) {
        return SP_NO_ROOM;
    }
    if (conn->ws) {
        return sp_ws_send(conn, header, header_len, data, len);
    }
    return conn->seal ? send_sealed(conn, header, header_len, data, len)
                      : sp_conn_send_parts(conn, parts, 3, parts[0].iov_len + header_len + len);
}

SpSend sp_conn_send(SpConn *conn, const uint8_t *header, size_t header_len, const uint8_t *data,
                    size_t len)
{
    if (conn->shm) {
        return shm_link_send(conn->shm, data, len);
    }
    return send_on_socket(conn, header, header_len, data, len);
}

size_t sp_take_header(uint8_t *data, size_t *len, uint8_t *header)
{
    size_t n = 0;

    do {
        if (n + 4 > *len || n + 4 > SP_MAX_HEADER) {
            return 0;
        }
        n += 4;
    } while (!(data[n - 4] & 0x80));
    memcpy(header, data, n);
    memmove(data, data + n, *len - n);
    *len -= n;
    return n;
}
