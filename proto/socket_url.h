/* URLs of sockets, ipc://PATH, shm://PATH, tcp://HOST:PORT and ws://HOST:PORT: reading them, and binding what they name. */
#ifndef QOSIM_PROTO_SOCKET_URL_H
#define QOSIM_PROTO_SOCKET_URL_H

#include <sys/socket.h>

#include "proto/transport.h"

typedef struct SocketUrl {
    const char *text; /* as given, for errors */
    const char *path; /* of a unix socket, else NULL; points into text */
    char native[128]; /* as nanomsg wants it */
    char host[128];   /* of tcp and ws, without brackets */
    char port[6];
    bool is_ipv6;
} SocketUrl;

bool socket_url_is_ipc(const char *text);
bool socket_url_is_shm(const char *text);
bool socket_url_is_tcp(const char *text);
bool socket_url_is_ws(const char *text);

/* Checks @text, for a server to bind or for a client to connect to. */
bool socket_url_parse(const char *text, SocketUrl *url, QsError *error);

/*
 * A socket that listens at @url, or -1 with @error. A unix socket gets mode 0600; the file that a dead server left is
 * replaced, the one of a live server, and what is no socket, are not.
 */
int socket_url_listen(const SocketUrl *url, QsError *error);

/* Whether binding @url would work now. Leaves nothing behind, but for the file of a dead server, which it removes. */
bool socket_url_can_listen(const SocketUrl *url, QsError *error);

/* Calls @bind_it so that a unix socket that it makes is born with mode 0600. */
int socket_url_bind_private(const SocketUrl *url, int (*bind_it)(void *opaque), void *opaque);

/* Where to connect to: up to @max addresses in @addresses, their lengths in @lengths. Returns how many; 0 with @error. */
size_t socket_url_resolve(const SocketUrl *url, struct sockaddr_storage *addresses,
                          socklen_t *lengths, size_t max, QsError *error);

/* Tells why @url could not be bound; false. */
bool socket_url_bind_error(const SocketUrl *url, int code, QsError *error);

#endif
