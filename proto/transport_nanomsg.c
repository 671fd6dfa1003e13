/*
 * ipc://, tcp:// and ws:// over nanomsg's raw REQ and REP sockets.
 *
 * A message on a raw socket has a header beside its body, which travels as ancillary data: on the client's side 4 bytes,
 * a request id with the top bit set; on the server's side before that 4 bytes that name the connection, and one more
 * word for each device on the way. The server keeps the header as the way back.
 *
 * What nanomsg does not tell: a reply to a connection that is gone, or whose socket buffers are full, is dropped in
 * silence. The frames' sequence numbers show the loss to the client, and asking again gets the reply.
 */
#include "proto/transport.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include <nanomsg/nn.h>
#include <nanomsg/reqrep.h>
#include <nanomsg/tcp.h>

#include "proto/clock.h"
#include "proto/socket_url.h"

/* Room for the header: the connection, the words of up to 8 devices (nanomsg's limit), the request id. */
#define HEADER_MAX 40u
/* nanomsg counts the header's words to a message's size. */
#define WIRE_MAX (QS_MAX_FRAME_BYTES + HEADER_MAX)
#define SOCKET_BUFFER (1024 * 1024)
#define RECONNECT_MS 50
#define RECONNECT_LOST_MS 2000

_Static_assert(HEADER_MAX <= QS_PEER_BYTES, "a header fits a peer");

struct QsEndpoint {
    int socket;
    int readable; /* polls readable when a message waits */
    int writable; /* and when one can be sent */
    bool is_server;
    uint32_t last_id;
    int connection; /* of a client: nanomsg's number for it */
    char *url;      /* … and where it goes */
};

/* Ancillary data of one message: nanomsg's record header, a length, the header itself. */
typedef struct Control {
    struct nn_cmsghdr record;
    size_t len;
    uint8_t header[HEADER_MAX + 24];
} Control;

/* Waits for @fd until @deadline; false when the time is up. */
static bool wait_for(int fd, int64_t deadline)
{
    struct pollfd p = { .fd = fd, .events = POLLIN };
    int left = clock_left(deadline);

    return left != 0 && poll(&p, 1, left) != 0;
}

static bool set_option(int s, int level, int option, int value)
{
    return nn_setsockopt(s, level, option, &value, sizeof(value)) == 0;
}

static bool get_descriptor(int s, int option, int *fd)
{
    size_t len = sizeof(*fd);

    return nn_getsockopt(s, NN_SOL_SOCKET, option, fd, &len) == 0;
}

static void close_socket(int s)
{
    while (nn_close(s) != 0 && nn_errno() == EINTR) {
    }
}

static bool set_up(QsEndpoint *e, const SocketUrl *url)
{
    int s = e->socket;

    return set_option(s, NN_SOL_SOCKET, NN_RCVMAXSIZE, (int)WIRE_MAX) &&
           set_option(s, NN_SOL_SOCKET, NN_SNDBUF, SOCKET_BUFFER) &&
           set_option(s, NN_SOL_SOCKET, NN_RCVBUF, SOCKET_BUFFER) &&
           set_option(s, NN_SOL_SOCKET, NN_RECONNECT_IVL, RECONNECT_MS) &&
           set_option(s, NN_SOL_SOCKET, NN_IPV4ONLY, !url->is_ipv6) &&
           set_option(s, NN_TCP, NN_TCP_NODELAY, 1) && get_descriptor(s, NN_RCVFD, &e->readable) &&
           (e->is_server || get_descriptor(s, NN_SNDFD, &e->writable));
}

static QsEndpoint *open_endpoint(const SocketUrl *url, bool is_server, QsError *error)
{
    QsEndpoint *e = calloc(1, sizeof(*e));

    if (!e) {
        qs_error(error, QS_STATUS_GENERIC, "%s: out of memory", url->text);
        return NULL;
    }
    e->is_server = is_server;
    e->readable = e->writable = -1;
    e->socket = nn_socket(AF_SP_RAW, is_server ? NN_REP : NN_REQ);
    if (e->socket < 0 || !set_up(e, url)) {
        qs_error(error, QS_STATUS_GENERIC, "%s: %s", url->text, nn_strerror(nn_errno()));
        if (e->socket >= 0) {
            close_socket(e->socket);
        }
        free(e);
        return NULL;
    }
    return e;
}

typedef struct Binding {
    int socket;
    const char *url;
} Binding;

static int bind_socket(void *opaque)
{
    Binding *b = opaque;

    return nn_bind(b->socket, b->url);
}

/*
 * What would fail is tried with a socket of our own first: nanomsg 1.1.5 loses memory when a bind fails, and deletes a regular
 * file that is in its way. It removes the file of a unix socket itself when the socket is closed.
 */
static bool bind_endpoint(const QsEndpoint *e, const SocketUrl *url, QsError *error)
{
    Binding b = { e->socket, url->native };

    return socket_url_can_listen(url, error) &&
           (socket_url_bind_private(url, bind_socket, &b) >= 0 ||
            socket_url_bind_error(url, nn_errno(), error));
}

/* The URL without the word that says who is to carry it. */
static const char *plain(const char *url)
{
    return strncmp(url, QS_NANOMSG_PREFIX, strlen(QS_NANOMSG_PREFIX)) == 0
               ? url + strlen(QS_NANOMSG_PREFIX)
               : url;
}

static bool refuse_key(const char *text, const QsKey *key, QsError *error)
{
    return !key || qs_error(error, QS_STATUS_INVALID_ARGUMENT,
                            "%s: nanomsg cannot carry what is sealed by a key; tcp:// can", text);
}

static QsEndpoint *nanomsg_listen(const char *text, const QsKey *key, QsError *error)
{
    SocketUrl url;
    QsEndpoint *e;

    if (!refuse_key(text, key, error) || !socket_url_parse(plain(text), &url, error)) {
        return NULL;
    }
    e = open_endpoint(&url, true, error);
    if (e && !bind_endpoint(e, &url, error)) {
        close_socket(e->socket);
        free(e);
        return NULL;
    }
    return e;
}

static QsEndpoint *nanomsg_connect(const char *text, const QsKey *key, QsError *error)
{
    SocketUrl url;
    QsEndpoint *e;

    if (!refuse_key(text, key, error) || !socket_url_parse(plain(text), &url, error)) {
        return NULL;
    }
    e = open_endpoint(&url, false, error);
    if (e && (!(e->url = strdup(url.native)) ||
              (e->connection = nn_connect(e->socket, url.native)) < 0)) {
        qs_error(error, QS_STATUS_INVALID_ARGUMENT, "%s: %s", text, nn_strerror(nn_errno()));
        close_socket(e->socket);
        free(e->url);
        free(e);
        return NULL;
    }
    return e;
}

static bool nanomsg_accepts(const char *url)
{
    url = plain(url);
    return socket_url_is_ipc(url) || socket_url_is_tcp(url) || socket_url_is_ws(url);
}

static int nanomsg_fd(QsEndpoint *e)
{
    return e->readable;
}

/* The way back out of the ancillary data; false when there is none that fits. */
static bool take_peer(const Control *control, QsPeer *peer)
{
    if (control->record.cmsg_level != PROTO_SP || control->record.cmsg_type != SP_HDR ||
        control->len > HEADER_MAX) {
        return false;
    }
    memcpy(peer->bytes, control->header, control->len);
    peer->len = (uint8_t)control->len;
    return true;
}

static QsIo outcome_of_error(void)
{
    switch (nn_errno()) {
    case EAGAIN:
    case EINTR:
    case ETIMEDOUT:
        return QS_IO_AGAIN;
    default:
        return QS_IO_CLOSED;
    }
}

static QsIo receive_now(QsEndpoint *e, uint8_t **data, size_t *len, QsPeer *peer)
{
    Control control = { 0 };
    void *body = NULL;
    struct nn_iovec part = { &body, NN_MSG };
    struct nn_msghdr message = { &part, 1, &control, sizeof(control) };
    int n = nn_recvmsg(e->socket, &message, NN_DONTWAIT);

    if (n < 0) {
        return outcome_of_error();
    }
    if ((size_t)n > QS_MAX_FRAME_BYTES || (e->is_server && !take_peer(&control, peer))) {
        nn_freemsg(body);
        return QS_IO_BAD;
    }
    *data = body;
    *len = (size_t)n;
    return QS_IO_OK;
}

static QsIo nanomsg_receive(QsEndpoint *e, int timeout_ms, uint8_t **data, size_t *len,
                            QsPeer *peer)
{
    int64_t deadline = clock_deadline(timeout_ms);
    QsIo io;

    do {
        io = receive_now(e, data, len, peer);
    } while (io == QS_IO_AGAIN && wait_for(e->readable, deadline));
    return io;
}

static void nanomsg_release(QsEndpoint *e, uint8_t *data)
{
    (void)e;
    nn_freemsg(data);
}

static QsIo send_now(QsEndpoint *e, const uint8_t *data, size_t len, Control *control)
{
    struct nn_iovec part = { (void *)data, len };
    struct nn_msghdr message = { &part, 1, control,
                                 NN_CMSG_SPACE(sizeof(control->len) + control->len) };

    return nn_sendmsg(e->socket, &message, NN_DONTWAIT) < 0 ? outcome_of_error() : QS_IO_OK;
}

static void put_header(Control *control, const uint8_t *header, size_t len)
{
    memset(control, 0, sizeof(*control));
    control->len = len;
    memcpy(control->header, header, len);
    control->record.cmsg_level = PROTO_SP;
    control->record.cmsg_type = SP_HDR;
    control->record.cmsg_len = NN_CMSG_LEN(sizeof(control->len) + len);
}

static bool nanomsg_connected(QsEndpoint *e)
{
    return nn_get_statistic(e->socket, NN_STAT_CURRENT_CONNECTIONS) > 0;
}

/* Where that fails there is no connection, and the next time tries again. */
static void nanomsg_reconnect(QsEndpoint *e)
{
    if (e->connection >= 0) {
        (void)nn_shutdown(e->socket, e->connection);
    }
    e->connection = nn_connect(e->socket, e->url);
}

/*
 * Waits for room, or a connection, until @deadline. One that nanomsg 1.1.5 does not make for long it has forgotten about (seen
 * after a server was killed in the middle of things), so it is told again.
 */
static bool wait_for_room(QsEndpoint *e, int64_t deadline)
{
    int64_t soon = clock_deadline(RECONNECT_LOST_MS);

    if (e->is_server || wait_for(e->writable, deadline < soon ? deadline : soon)) {
        return !e->is_server;
    }
    if (clock_left(deadline) == 0) {
        return false;
    }
    if (!nanomsg_connected(e)) {
        nanomsg_reconnect(e);
    }
    return true;
}

static QsIo nanomsg_send(QsEndpoint *e, int timeout_ms, const uint8_t *data, size_t len,
                         const QsPeer *peer)
{
    int64_t deadline = clock_deadline(timeout_ms);
    Control control;
    QsIo io;

    if (len > QS_MAX_FRAME_BYTES) {
        return QS_IO_BAD;
    }
    if (e->is_server) {
        if (!peer->len) {
            return QS_IO_OK;
        }
        put_header(&control, peer->bytes, peer->len);
    } else {
        uint32_t id = ++e->last_id | 0x80000000u;
        uint8_t header[4] = { id >> 24, id >> 16, id >> 8, id };

        put_header(&control, header, sizeof(header));
    }
    do {
        io = send_now(e, data, len, &control);
    } while (io == QS_IO_AGAIN && wait_for_room(e, deadline));
    return io;
}

static uint64_t nanomsg_connections(QsEndpoint *e)
{
    return nn_get_statistic(e->socket, e->is_server ? NN_STAT_ACCEPTED_CONNECTIONS
                                                    : NN_STAT_ESTABLISHED_CONNECTIONS);
}

static bool nanomsg_has_room(QsEndpoint *e, const QsPeer *peer)
{
    (void)e;
    (void)peer;
    return true;
}

static void nanomsg_close(QsEndpoint *e)
{
    close_socket(e->socket);
    free(e->url);
    free(e);
}

const QsTransport qs_transport_nanomsg = {
    .name = "nanomsg",
    .accepts = nanomsg_accepts,
    .listen = nanomsg_listen,
    .connect = nanomsg_connect,
    .fd = nanomsg_fd,
    .receive = nanomsg_receive,
    .release = nanomsg_release,
    .send = nanomsg_send,
    .close = nanomsg_close,
    .connected = nanomsg_connected,
    .reconnect = nanomsg_reconnect,
    .connections = nanomsg_connections,
    .has_room = nanomsg_has_room,
};
