/*
 * The server end of the SP wire on ipc:// and tcp://: one epoll set, no threads, a bounded queue for each connection. On ipc:// a
 * client may ask for shared memory.
 */
#ifndef QOSIM_PROTO_SP_SERVER_H
#define QOSIM_PROTO_SP_SERVER_H

#include "proto/transport.h"

/* Further clients wait in the kernel's queue until one leaves. */
#define SP_MAX_CONNECTIONS 1024u

/* With a key: connections that have not shown yet that they know it. One more, and the oldest of them is closed. */
#define SP_MAX_STRANGERS 64u

typedef struct SpServer SpServer;

/* As the functions of QsTransport, for a server end. */
SpServer *sp_server_new(const char *url, const QsKey *key, QsError *error);
void sp_server_free(SpServer *server);
int sp_server_fd(const SpServer *server);
QsIo sp_server_receive(SpServer *server, int timeout_ms, uint8_t **data, size_t *len, QsPeer *peer);
QsIo sp_server_send(SpServer *server, int timeout_ms, const uint8_t *data, size_t len,
                    const QsPeer *peer);
void sp_server_release(SpServer *server, uint8_t *data);
bool sp_server_spin(SpServer *server);
void sp_server_set_spin(SpServer *server, unsigned limit_us);
bool sp_server_has_room(SpServer *server, const QsPeer *peer);
bool sp_server_is_gone(SpServer *server, const QsPeer *peer);
bool sp_server_connected(const SpServer *server);
uint64_t sp_server_connections(const SpServer *server);

#endif
