/* URLs that nanomsg carries, checked before nanomsg sees them: it asserts, or deletes files, where a text is due. */
#ifndef QOSIM_PROTO_NANOMSG_URL_H
#define QOSIM_PROTO_NANOMSG_URL_H

#include <sys/types.h>

#include "proto/transport.h"

typedef struct NanomsgUrl {
    const char *text; /* as given, for errors */
    const char *path; /* of a unix socket, else NULL; points into text */
    char native[128]; /* as nanomsg wants it */
    bool is_ipv6;
} NanomsgUrl;

/* The file of a unix socket that this process bound. */
typedef struct NanomsgSocketFile {
    char path[108]; /* "": none */
    dev_t device;
    ino_t inode;
} NanomsgSocketFile;

bool nanomsg_url_accepts(const char *url);

/* Checks @text, for a server to bind or for a client to connect to. */
bool nanomsg_url_parse(const char *text, bool is_server, NanomsgUrl *url, QsError *error);

/*
 * Binds @socket. A unix socket gets mode 0600; the file that a dead server left is replaced, the one of a live server,
 * and what is no socket, are not.
 */
bool nanomsg_url_bind(const NanomsgUrl *url, int socket, NanomsgSocketFile *file, QsError *error);

/* Removes the file if it still is the one that was bound. */
void nanomsg_socket_file_remove(NanomsgSocketFile *file);

#endif
