/*
 * shm:// in shared memory, and ipc://, tcp:// and ws:// on plain sockets, in nanomsg's wire format: a client or server built on
 * nanomsg or nng is the other end as well. No helper threads, so a round trip has no hops of ours; a connection whose buffers are full says so; and no byte
 * of a peer ends the program, where nanomsg 1.1.5 asserts on an ipc message of an unknown kind and on frames of a WebSocket.
 */
#include <stdlib.h>

#include "proto/socket_url.h"
#include "proto/sp_client.h"
#include "proto/sp_server.h"

struct QsEndpoint {
    SpServer *server; /* one of the two */
    SpClient *client;
};

static bool sp_accepts(const char *url)
{
    return socket_url_is_ipc(url) || socket_url_is_tcp(url) || socket_url_is_ws(url);
}

static QsEndpoint *new_endpoint(SpServer *server, SpClient *client, QsError *error)
{
    QsEndpoint *e = server || client ? calloc(1, sizeof(*e)) : NULL;

    if (e) {
        e->server = server;
        e->client = client;
    } else if (server) {
        sp_server_free(server);
        qs_error(error, QS_STATUS_GENERIC, "out of memory");
    } else if (client) {
        sp_client_free(client);
        qs_error(error, QS_STATUS_GENERIC, "out of memory");
    }
    return e;
}

/* A WebSocket is for clients that know nothing of keys. */
static bool refuse_sealing(const char *url, const QsKey *key, QsError *error)
{
    return !key || !socket_url_is_ws(url) ||
           qs_error(error, QS_STATUS_INVALID_ARGUMENT,
                    "%s: a WebSocket cannot be sealed by a key; tcp:// can", url);
}

static QsEndpoint *sp_listen(const char *url, const QsKey *key, QsError *error)
{
    if (!refuse_sealing(url, key, error)) {
        return NULL;
    }
    return new_endpoint(sp_server_new(url, key, error), NULL, error);
}

static QsEndpoint *sp_connect(const char *url, const QsKey *key, QsError *error)
{
    if (!refuse_sealing(url, key, error)) {
        return NULL;
    }
    return new_endpoint(NULL, sp_client_new(url, SP_SHM_NEVER, key, error), error);
}

static bool shm_accepts(const char *url)
{
    return socket_url_is_shm(url) || socket_url_is_ipc(url);
}

static QsEndpoint *shm_connect(const char *url, const QsKey *key, QsError *error)
{
    SpShm shm = socket_url_is_shm(url) ? SP_SHM_ALWAYS : SP_SHM_IF_OFFERED;

    if (key) {
        qs_error(error, QS_STATUS_INVALID_ARGUMENT, "%s: shared memory cannot be sealed by a key",
                 url);
        return NULL;
    }
    return new_endpoint(NULL, sp_client_new(url, shm, NULL, error), error);
}

static int sp_fd(QsEndpoint *e)
{
    return e->server ? sp_server_fd(e->server) : sp_client_fd(e->client);
}

static QsIo sp_receive(QsEndpoint *e, int timeout_ms, uint8_t **data, size_t *len, QsPeer *peer)
{
    return e->server ? sp_server_receive(e->server, timeout_ms, data, len, peer)
                     : sp_client_receive(e->client, timeout_ms, data, len);
}

static void sp_release(QsEndpoint *e, uint8_t *data)
{
    if (e->server) {
        sp_server_release(e->server, data);
    } else {
        sp_client_release(e->client, data);
    }
}

static QsIo sp_send(QsEndpoint *e, int timeout_ms, const uint8_t *data, size_t len,
                    const QsPeer *peer)
{
    if (len > QS_MAX_FRAME_BYTES) {
        return QS_IO_BAD;
    }
    return e->server ? sp_server_send(e->server, timeout_ms, data, len, peer)
                     : sp_client_send(e->client, timeout_ms, data, len);
}

static void sp_close(QsEndpoint *e)
{
    if (e->server) {
        sp_server_free(e->server);
    } else {
        sp_client_free(e->client);
    }
    free(e);
}

static bool sp_connected(QsEndpoint *e)
{
    return e->server ? sp_server_connected(e->server) : sp_client_connected(e->client);
}

static const char *sp_trouble(QsEndpoint *e)
{
    return e->client ? sp_client_trouble(e->client) : NULL;
}

static void sp_reconnect(QsEndpoint *e)
{
    if (e->client) {
        sp_client_reconnect(e->client);
    }
}

static uint64_t sp_connections(QsEndpoint *e)
{
    return e->server ? sp_server_connections(e->server) : sp_client_connections(e->client);
}

static bool sp_has_room(QsEndpoint *e, const QsPeer *peer)
{
    return !e->server || sp_server_has_room(e->server, peer);
}

static bool sp_is_gone(QsEndpoint *e, const QsPeer *peer)
{
    return e->server && sp_server_is_gone(e->server, peer);
}

static bool sp_spin(QsEndpoint *e)
{
    return e->server ? sp_server_spin(e->server) : sp_client_spin(e->client);
}

static void sp_set_spin(QsEndpoint *e, unsigned limit_us)
{
    if (e->server) {
        sp_server_set_spin(e->server, limit_us);
    } else {
        sp_client_set_spin(e->client, limit_us);
    }
}

/* A server end has clients of both kinds. */
static const char *shm_in_use(QsEndpoint *e)
{
    return e->client && sp_client_uses_shm(e->client) ? "shm" : "sp";
}

const QsTransport qs_transport_sp = {
    .name = "sp",
    .accepts = sp_accepts,
    .listen = sp_listen,
    .connect = sp_connect,
    .fd = sp_fd,
    .receive = sp_receive,
    .release = sp_release,
    .send = sp_send,
    .close = sp_close,
    .connected = sp_connected,
    .trouble = sp_trouble,
    .reconnect = sp_reconnect,
    .connections = sp_connections,
    .has_room = sp_has_room,
    .is_gone = sp_is_gone,
    .spin = sp_spin,
    .set_spin = sp_set_spin,
};

const QsTransport qs_transport_shm = {
    .name = "shm",
    .accepts = shm_accepts,
    .listen = sp_listen,
    .connect = shm_connect,
    .fd = sp_fd,
    .receive = sp_receive,
    .release = sp_release,
    .send = sp_send,
    .close = sp_close,
    .connected = sp_connected,
    .trouble = sp_trouble,
    .connections = sp_connections,
    .has_room = sp_has_room,
    .is_gone = sp_is_gone,
    .spin = sp_spin,
    .set_spin = sp_set_spin,
    .in_use = shm_in_use,
};
