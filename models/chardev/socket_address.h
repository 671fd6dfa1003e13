/* Where a socket chardev listens or connects. */
#ifndef QOSIM_MODELS_CHARDEV_SOCKET_ADDRESS_H
#define QOSIM_MODELS_CHARDEV_SOCKET_ADDRESS_H

#include "models/chardev/chardev_options.h"

typedef enum SocketAddressKind {
    SOCKET_ADDRESS_INET,
    SOCKET_ADDRESS_UNIX,
    SOCKET_ADDRESS_FD,
} SocketAddressKind;

typedef struct SocketAddress {
    SocketAddressKind kind;
    char *host;    /* INET; NULL: every address (server) or localhost (client) */
    char *port;    /* INET: number or service name */
    unsigned to;   /* INET, server: the last port to try; 0: only @port */
    int family;    /* INET: AF_INET, AF_INET6 or AF_UNSPEC */
    char *path;    /* UNIX */
    bool abstract; /* UNIX: a name in the abstract namespace */
    bool tight;    /* UNIX: an abstract name of just its own length */
    int fd;        /* FD */
} SocketAddress;

/* The address in @options, or NULL with @error. Free with socket_address_free(). */
SocketAddress *socket_address_from_options(const ChardevOptions *options, GError **error);
void socket_address_free(SocketAddress *address);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SocketAddress, socket_address_free)

/* "unix:/path", "tcp:host:port" or "telnet:host:port", as file names of chardevs have it. Free with g_free(). */
char *socket_address_to_string(const SocketAddress *address, bool telnet);

/* A non-blocking listening socket, or -1 with @error. With `to` the port that was taken is stored in @address. */
int socket_address_listen(SocketAddress *address, GError **error);

/*
 * Starts to connect, without blocking: a non-blocking socket that polls writable when that is decided
 * (socket_connect_result()), or -1 with @error.
 */
int socket_address_connect(const SocketAddress *address, GError **error);

/* 0 when @fd is connected, else the errno of the failed attempt. */
int socket_connect_result(int fd);

/* "tcp:host:port" or "unix:..." of @fd's other end, for people. Free with g_free(). */
char *socket_peer_to_string(int fd);

#endif
