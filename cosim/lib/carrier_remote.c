/* Frames to a server elsewhere, by way of a transport of proto/. */
#include "cosim/lib/session.h"

#include <stdlib.h>
#include <string.h>

#include "proto/codec.h"
#include "proto/key_file.h"
#include "proto/spin.h"

/*
 * nanomsg drops a reply that does not go into the socket's buffers at once, so larger blocks than this would be asked for
 * twice. Debian's default for a socket's largest buffer is 208 KiB.
 */
#define NANOMSG_BLOCK_BYTES 65536u

typedef struct Remote {
    const QsTransport *transport;
    QsEndpoint *endpoint;
    QsArena *arena; /* the frame sent last */
    uint8_t *sent;
    size_t sent_len;
    QsArena *answer_arena; /* a frame beside it */
} Remote;

static const char *remote_name(void *carrier)
{
    const Remote *r = carrier;

    return r->transport->in_use ? r->transport->in_use(r->endpoint) : r->transport->name;
}

static uint64_t remote_block_bytes(void *carrier)
{
    return ((const Remote *)carrier)->transport == &qs_transport_nanomsg ? NANOMSG_BLOCK_BYTES
                                                                         : QS_MAX_BLOCK_BYTES;
}

static int time_left(int64_t deadline)
{
    int64_t left = deadline ? deadline - now_ms() : 0;

    return left <= 0 ? 0 : left > INT32_MAX ? INT32_MAX : (int)left;
}

static bool encode(Remote *r, const QsClientFrame *frame, QsError *error)
{
    r->sent = NULL;
    qs_arena_reset(r->arena);
    return qs_encode_client_frame(r->arena, frame, &r->sent, &r->sent_len, error);
}

static qosim_result remote_send(void *carrier, const QsClientFrame *frame, bool again,
                                int64_t deadline, QsError *error)
{
    Remote *r = carrier;

    if (!again && !encode(r, frame, error)) {
        return error ? result_of_status(error->code) : QOSIM_ERR_GENERIC;
    }
    switch (r->transport->send(r->endpoint, time_left(deadline), r->sent, r->sent_len, NULL)) {
    case QS_IO_OK:
        return QOSIM_OK;
    case QS_IO_AGAIN:
        return QOSIM_ERR_TIMEOUT;
    case QS_IO_BAD:
        qs_error(error, QS_STATUS_LIMIT, "a frame of %zu bytes, the limit is %u", r->sent_len,
                 QS_MAX_FRAME_BYTES);
        return QOSIM_ERR_LIMIT;
    default:
        qs_error(error, QS_STATUS_GENERIC, "the transport was shut down");
        return QOSIM_ERR_DISCONNECTED;
    }
}

static Arrival remote_receive(void *carrier, QsArena *arena, int64_t deadline, QsServerFrame *frame,
                              QsError *error)
{
    Remote *r = carrier;
    uint8_t *data;
    size_t len;
    bool ok;

    switch (r->transport->receive(r->endpoint, time_left(deadline), &data, &len, NULL)) {
    case QS_IO_OK:
        ok = qs_decode_server_frame(arena, data, len, frame, error);
        r->transport->release(r->endpoint, data);
        return ok ? ARRIVAL_FRAME : ARRIVAL_BAD;
    case QS_IO_AGAIN:
        return ARRIVAL_NOTHING;
    case QS_IO_BAD:
        qs_error(error, QS_STATUS_LIMIT, "a frame over the limit of %u bytes", QS_MAX_FRAME_BYTES);
        return ARRIVAL_BAD;
    default:
        qs_error(error, QS_STATUS_GENERIC, "the transport was shut down");
        return ARRIVAL_GONE;
    }
}

static void remote_answer(void *carrier, const QsClientFrame *frame, int64_t deadline)
{
    Remote *r = carrier;
    uint8_t *data;
    size_t len;

    qs_arena_reset(r->answer_arena);
    if (qs_encode_client_frame(r->answer_arena, frame, &data, &len, NULL)) {
        (void)r->transport->send(r->endpoint, time_left(deadline), data, len, NULL);
    }
}

static bool remote_is_connected(void *carrier)
{
    Remote *r = carrier;

    return r->transport->connected(r->endpoint);
}

static const char *remote_trouble(void *carrier)
{
    Remote *r = carrier;

    return r->transport->trouble ? r->transport->trouble(r->endpoint) : NULL;
}

static uint64_t remote_connections(void *carrier)
{
    Remote *r = carrier;

    return r->transport->connections(r->endpoint);
}

static void remote_reconnect(void *carrier)
{
    Remote *r = carrier;

    if (r->transport->reconnect) {
        r->transport->reconnect(r->endpoint);
    }
}

static void remote_close(void *carrier)
{
    Remote *r = carrier;

    if (r->endpoint) {
        r->transport->close(r->endpoint);
    }
    qs_arena_free(r->arena);
    qs_arena_free(r->answer_arena);
    free(r);
}

/* Where there is nothing to spin on, that is known at once. */
static bool remote_spin(void *carrier)
{
    Remote *r = carrier;

    return r->transport->spin && r->transport->spin(r->endpoint);
}

static const CarrierOps remote_ops = {
    .name = remote_name,
    .is_lossy = true,
    .block_bytes = remote_block_bytes,
    .send = remote_send,
    .spin = remote_spin,
    .receive = remote_receive,
    .answer = remote_answer,
    .is_connected = remote_is_connected,
    .trouble = remote_trouble,
    .connections = remote_connections,
    .reconnect = remote_reconnect,
    .close = remote_close,
};

static bool wants_shm(const qosim_options *options)
{
    const char *setting = getenv("QOSIM_SHM");

    return !options->no_shm && !(setting && strcmp(setting, "0") == 0);
}

static unsigned spin_limit(const qosim_options *options)
{
    const char *setting = getenv("QOSIM_SPIN_US");

    if (options->spin_us != 0) {
        return options->spin_us > 0 ? (unsigned)options->spin_us : 0;
    }
    return setting ? (unsigned)strtoul(setting, NULL, 10) : SPIN_DEFAULT_US;
}

static const QsTransport *find_transport(const char *url, const qosim_options *options,
                                         QsError *error)
{
    const QsTransport *transport = qs_transport_for_url(url, NULL);

    if (transport == &qs_transport_sp && qs_transport_shm.accepts(url) && wants_shm(options)) {
        return &qs_transport_shm;
    }
    if (!transport) {
        qs_error(error, QS_STATUS_INVALID_ARGUMENT,
                 "%s: no such kind of URL; there are inproc:MACHINE, shm://PATH, ipc://PATH, "
                 "tcp://HOST:PORT and ws://HOST:PORT",
                 url);
    }
    return transport;
}

/* Connects, with the key if there is one and the URL is of the kind that is sealed. */
static QsEndpoint *connect_endpoint(const QsTransport *transport, const char *url,
                                    const qosim_options *options, QsError *error)
{
    const char *file = options->auth_file ? options->auth_file : getenv("QOSIM_AUTH_FILE");
    QsEndpoint *endpoint;
    QsKey *key;

    if (!file || !*file || strncmp(url, "tcp://", 6) != 0) {
        return transport->connect(url, NULL, error);
    }
    key = key_read(file, error);
    endpoint = key ? transport->connect(url, key, error) : NULL;
    key_free(key);
    return endpoint;
}

void *remote_open(const char *url, const qosim_options *options, const CarrierOps **ops,
                  QsError *error)
{
    const QsTransport *transport = find_transport(url, options, error);
    Remote *r;

    if (!transport) {
        return NULL;
    }
    r = calloc(1, sizeof(*r));
    if (!r || !(r->arena = qs_arena_new(QS_ARENA_BYTES)) ||
        !(r->answer_arena = qs_arena_new(QS_ARENA_BYTES))) {
        if (r) {
            remote_close(r);
        }
        qs_error(error, QS_STATUS_GENERIC, "out of memory");
        return NULL;
    }
    r->transport = transport;
    r->endpoint = connect_endpoint(transport, url, options, error);
    if (!r->endpoint) {
        remote_close(r);
        return NULL;
    }
    if (transport->set_spin) {
        transport->set_spin(r->endpoint, spin_limit(options));
    }
    *ops = &remote_ops;
    return r;
}
