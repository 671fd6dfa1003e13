/* A connection whose messages are WebSocket's: opening it, and frames in and out. */
#include "proto/sp_conn_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sodium.h>

#include "proto/ws.h"

/* Masks are cut from so many random bytes, made at once. */
#define RANDOM_BYTES 256u

/*
 * Frames without an end of a message that one call takes: as many pieces may a message have, and as many pings come at a time.
 * More is a client that would keep its server busy for nothing.
 */
#define MAX_FRAMES 4096u

struct SpWs {
    bool is_client;
    char accept[WS_ACCEPT_SIZE]; /* what a client's key must be answered with */
    size_t opening_got;          /* bytes of the other side's opening, in conn->in */

    /* The frame that is being read. */
    uint8_t head[WS_MAX_HEAD];
    size_t head_got;
    bool has_head;
    WsHead frame;
    size_t got; /* of its bytes */
    uint8_t control[WS_MAX_CONTROL];

    bool in_message; /* conn->body has the beginning of one */
    unsigned frames;

    uint8_t random[RANDOM_BYTES];
    size_t random_left;
};

void sp_ws_free(SpWs *ws)
{
    free(ws);
}

/* --- Opening --- */

SpConn *sp_conn_new_ws(int fd, const char *address)
{
    SpConn *conn = calloc(1, sizeof(*conn));
    SpWs *ws = calloc(1, sizeof(*ws));
    char text[WS_MAX_TEXT];
    size_t len = 0;

    if (conn && ws) {
        conn->fd = fd;
        conn->ws = ws;
        ws->is_client = address != NULL;
        len = ws->is_client ? ws_make_request(address, text, ws->accept) : 0;
        /* A fresh socket's buffer takes it whole. */
        if (!ws->is_client ||
            (len && send(fd, text, len, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)len)) {
            sp_conn_set_up_tcp(fd);
            return conn;
        }
    }
    free(ws);
    free(conn);
    close(fd);
    return NULL;
}

/* The other side's opening is whole: what is behind it was read ahead. */
static SpRead take_opening(SpConn *conn, size_t len)
{
    SpWs *ws = conn->ws;
    char answer[WS_MAX_TEXT];
    size_t answer_len = 0;

    if (ws->is_client) {
        conn->trouble = ws_check_answer(conn->in, len, ws->accept);
    } else {
        answer_len = ws_answer_request(conn->in, len, answer, &conn->trouble);
    }
    if (answer_len &&
        send(conn->fd, answer, answer_len, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)answer_len) {
        return SP_READ_CLOSED;
    }
    conn->is_greeted = !conn->trouble;
    conn->in_at = len;
    conn->in_len = ws->opening_got;
    return conn->is_greeted ? SP_READ_MESSAGE : SP_READ_CLOSED;
}

static SpRead read_opening(SpConn *conn)
{
    SpWs *ws = conn->ws;
    size_t len;
    ssize_t n;

    _Static_assert(WS_MAX_OPENING <= SP_READ_AHEAD, "an opening is read where all else is");
    if (!sp_conn_make_in(conn)) {
        return SP_READ_CLOSED;
    }
    n = recv(conn->fd, conn->in + ws->opening_got, WS_MAX_OPENING - ws->opening_got, MSG_DONTWAIT);
    if (n <= 0) {
        return n < 0 && (errno == EAGAIN || errno == EINTR) ? SP_READ_NOTHING : SP_READ_CLOSED;
    }
    ws->opening_got += (size_t)n;
    len = ws_opening_length(conn->in, ws->opening_got);
    if (len) {
        return take_opening(conn, len);
    }
    if (ws->opening_got == WS_MAX_OPENING) {
        conn->trouble = "its request for a WebSocket is too long";
        return SP_READ_CLOSED;
    }
    return SP_READ_NOTHING;
}

/* --- Frames out --- */

static void make_mask(SpWs *ws, uint8_t *mask)
{
    if (!ws->random_left) {
        randombytes_buf(ws->random, sizeof(ws->random));
        ws->random_left = sizeof(ws->random);
    }
    ws->random_left -= 4;
    memcpy(mask, ws->random + ws->random_left, 4);
}

/* What a client says is masked, so it is copied. */
static SpSend send_masked(SpConn *conn, WsHead *head, const struct iovec *parts, size_t n)
{
    size_t len = (size_t)head->len;
    uint8_t *frame = malloc(WS_MAX_HEAD + len);
    SpSend result = SP_BROKEN;

    if (frame) {
        struct iovec whole = { .iov_base = frame };
        size_t at;

        head->is_masked = true;
        make_mask(conn->ws, head->mask);
        at = ws_put_head(head, frame);
        whole.iov_len = at + len;
        for (size_t i = 0; i < n; i++) {
            if (parts[i].iov_len) {
                memcpy(frame + at, parts[i].iov_base, parts[i].iov_len);
            }
            at += parts[i].iov_len;
        }
        ws_mask(head->mask, 0, frame + at - len, len);
        result = sp_conn_send_parts(conn, &whole, 1, whole.iov_len);
    }
    free(frame);
    return result;
}

/* Sends a frame of @parts; parts[0] is left free for its head. */
static SpSend send_frame(SpConn *conn, uint8_t opcode, struct iovec *parts, size_t n)
{
    WsHead head = { .opcode = opcode, .is_final = true };
    uint8_t bytes[WS_MAX_HEAD];

    for (size_t i = 1; i < n; i++) {
        head.len += parts[i].iov_len;
    }
    if (conn->ws->is_client) {
        return send_masked(conn, &head, parts + 1, n - 1);
    }
    parts[0] = (struct iovec){ bytes, ws_put_head(&head, bytes) };
    return sp_conn_send_parts(conn, parts, n, parts[0].iov_len + (size_t)head.len);
}

SpSend sp_ws_send(SpConn *conn, const uint8_t *header, size_t header_len, const uint8_t *data,
                  size_t len)
{
    struct iovec parts[3] = { { NULL, 0 }, { (void *)header, header_len }, { (void *)data, len } };

    return send_frame(conn, WS_BINARY, parts, 3);
}

/* --- Frames in --- */

/* A frame begins, whose head is whole. False when it must not be. */
static bool begin_frame(SpConn *conn)
{
    SpWs *ws = conn->ws;
    WsHead *f = &ws->frame;

    ws->head_got = 0;
    ws->has_head = true;
    ws->got = 0;
    conn->trouble = "its bytes are no frames of a WebSocket that carries SP";
    if (!ws_take_head(ws->head, f) || f->is_masked == ws->is_client) {
        return false;
    }
    if (f->opcode < WS_CLOSE) {
        if ((f->opcode == WS_CONTINUATION) != ws->in_message) {
            return false;
        }
        if (f->len > SP_MAX_MESSAGE - conn->body_len) {
            conn->trouble = "its message is longer than a frame may be";
            return false;
        }
        conn->body_len += (size_t)f->len;
        if (!ws->in_message && !sp_conn_begin_body(conn)) {
            return false;
        }
        ws->in_message = true;
    }
    conn->trouble = NULL;
    return true;
}

static SpRead read_head(SpConn *conn)
{
    SpWs *ws = conn->ws;
    size_t want = ws->head_got < 2 ? 2 : ws_head_length(ws->head);
    SpRead r = SP_READ_MESSAGE;

    if (ws->head_got < want) {
        r = sp_conn_read_some(conn, ws->head + ws->head_got, want - ws->head_got, &ws->head_got);
    }
    if (r != SP_READ_MESSAGE || ws->head_got < 2 || ws->head_got < ws_head_length(ws->head)) {
        return r;
    }
    return begin_frame(conn) ? SP_READ_MESSAGE : SP_READ_CLOSED;
}

static SpRead read_payload(SpConn *conn)
{
    SpWs *ws = conn->ws;
    size_t left = (size_t)ws->frame.len - ws->got;
    size_t before = ws->got;
    uint8_t *to;
    SpRead r;

    if (ws->frame.opcode < WS_CLOSE) {
        if (conn->body_got == conn->body_room && !sp_conn_grow_body(conn)) {
            return SP_READ_CLOSED;
        }
        to = conn->body + conn->body_got;
        left = left < conn->body_room - conn->body_got ? left : conn->body_room - conn->body_got;
    } else {
        to = ws->control + ws->got;
    }
    r = sp_conn_read_some(conn, to, left, &ws->got);
    if (ws->frame.opcode < WS_CLOSE) {
        conn->body_got += ws->got - before;
    }
    if (ws->frame.is_masked) {
        ws_mask(ws->frame.mask, before, to, ws->got - before);
    }
    return r;
}

/* A ping is answered if there is room, an end with an end. False when the connection is to be closed. */
static bool take_control(SpConn *conn)
{
    SpWs *ws = conn->ws;
    struct iovec parts[2] = { { NULL, 0 }, { ws->control, ws->got } };

    switch (ws->frame.opcode) {
    case WS_PING:
        return !sp_conn_has_room(conn) || send_frame(conn, WS_PONG, parts, 2) != SP_BROKEN;
    case WS_CLOSE:
        parts[1].iov_len = ws->got < 2 ? 0 : 2; /* the code */
        (void)send_frame(conn, WS_CLOSE, parts, 2);
        return false;
    default:
        return true;
    }
}

static void take_message(SpConn *conn, uint8_t **data, size_t *len)
{
    *data = conn->body;
    *len = conn->body_len;
    conn->body = NULL;
    conn->body_len = conn->body_got = conn->body_room = 0;
    conn->ws->in_message = false;
}

/* Reads on, a frame at most. SP_READ_MESSAGE: there may be more; *@data when a message is whole. */
static SpRead read_frame(SpConn *conn, uint8_t **data, size_t *len)
{
    SpWs *ws = conn->ws;
    SpRead r = SP_READ_MESSAGE;

    if (!ws->has_head) {
        r = read_head(conn);
    } else if (ws->got < ws->frame.len) {
        r = read_payload(conn);
    }
    if (r != SP_READ_MESSAGE || !ws->has_head || ws->got < ws->frame.len) {
        return r;
    }
    ws->has_head = false;
    ws->frames++;
    if (ws->frame.opcode >= WS_CLOSE) {
        return take_control(conn) ? SP_READ_MESSAGE : SP_READ_CLOSED;
    }
    if (ws->frame.is_final) {
        take_message(conn, data, len);
    }
    return SP_READ_MESSAGE;
}

SpRead sp_ws_read(SpConn *conn, uint8_t **data, size_t *len)
{
    SpRead r = conn->is_greeted ? SP_READ_MESSAGE : read_opening(conn);

    *data = NULL;
    conn->ws->frames = 0;
    while (r == SP_READ_MESSAGE && !*data) {
        r = read_frame(conn, data, len);
        if (conn->ws->frames > MAX_FRAMES && !*data) {
            conn->trouble = "it sends frames without an end of a message";
            return SP_READ_CLOSED;
        }
    }
    return r;
}
