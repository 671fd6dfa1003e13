/* URLs that nanomsg carries, checked before nanomsg sees them: it asserts, or deletes files, where a text is due. */
#ifndef QOSIM_PROTO_NANOMSG_URL_H
#define QOSIM_PROTO_NANOMSG_URL_H

#include "proto/transport.h"

typedef struct NanomsgUrl {
    const char *text; /* as given, for errors */
    const char *path; /* of a unix socket, else NULL; points into text */
    char native[128]; /* as nanomsg wants it */
    char host[128];   /* of tcp and ws, without brackets */
    char port[6];
    bool is_ipv6;
} NanomsgUrl;

bool nanomsg_url_accepts(const char *url);

/* Checks @text, for a server to bind or for a client to connect to. */
bool nanomsg_url_parse(const char *text, NanomsgUrl *url, QsError *error);

/*
 * Binds @socket. A unix socket gets mode 0600; the file that a dead server left is replaced, the one of a live server,
 * and what is no socket, are not. nanomsg removes the file when @socket is closed.
 */
bool nanomsg_url_bind(const NanomsgUrl *url, int socket, QsError *error);

#endif
