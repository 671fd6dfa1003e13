/*
 * The client end of the SP wire on ipc:// and tcp://, and of shared memory: one connection, made anew when it breaks, and no
 * threads.
 */
#ifndef QOSIM_PROTO_SP_CLIENT_H
#define QOSIM_PROTO_SP_CLIENT_H

#include "proto/transport.h"

typedef struct SpClient SpClient;

typedef enum SpShm {
    SP_SHM_NEVER,
    SP_SHM_IF_OFFERED, /* else over the socket */
    SP_SHM_ALWAYS,
} SpShm;

/* As the functions of QsTransport, for a client end. What is to be done happens within the calls. */
SpClient *sp_client_new(const char *url, SpShm shm, const QsKey *key, QsError *error);
void sp_client_free(SpClient *client);
int sp_client_fd(SpClient *client);
/* Ends the connection and makes a new one. */
void sp_client_reconnect(SpClient *client);
QsIo sp_client_receive(SpClient *client, int timeout_ms, uint8_t **data, size_t *len);
QsIo sp_client_send(SpClient *client, int timeout_ms, const uint8_t *data, size_t len);
bool sp_client_connected(SpClient *client);
const char *sp_client_trouble(const SpClient *client);
uint64_t sp_client_connections(const SpClient *client);
void sp_client_release(SpClient *client, uint8_t *data);
bool sp_client_spin(SpClient *client);
void sp_client_set_spin(SpClient *client, unsigned limit_us);

/* Whether frames go by shared memory at this moment. */
bool sp_client_uses_shm(const SpClient *client);

#endif
