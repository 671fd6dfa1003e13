/* The host's side of each backend, so that one suite can test them all. */
#ifndef QOSIM_TESTS_UNIT_CHARDEV_CHARDEV_PEERS_H
#define QOSIM_TESTS_UNIT_CHARDEV_CHARDEV_PEERS_H

#include "models/chardev/chardev.h"

enum {
    PEER_INPUT = 1,      /* bytes go from the host to the guest */
    PEER_OUTPUT = 2,     /* and can be seen coming out */
    PEER_OPENS = 4,      /* its connecting shows as OPENED */
    PEER_CLOSES = 8,     /* its leaving shows as CLOSED */
    PEER_RETURNS = 16,   /* it can connect again after it left */
    PEER_BOUNDED = 32,   /* output that nobody takes makes the guest wait */
    PEER_DATAGRAMS = 64, /* each write is a message of its own */
    PEER_SHARED = 128,   /* more than one front end may attach */
};

typedef struct ChardevPeer ChardevPeer;

typedef struct ChardevPeerType {
    const char *name; /* of the test cases */
    unsigned flags;
    /* Prepares the host's side and returns the text of -chardev, to be freed. */
    char *(*prepare)(ChardevPeer *peer);
    /* Connects, once the chardev is there. NULL: connected from the start. */
    void (*connect)(ChardevPeer *peer);
    /* Leaves. NULL where it cannot. */
    void (*leave)(ChardevPeer *peer);
    /* One attempt each, without blocking; how many bytes went, 0 for none. NULL: over the peer's descriptors. */
    size_t (*write)(ChardevPeer *peer, const uint8_t *buf, size_t len);
    size_t (*read)(ChardevPeer *peer, uint8_t *buf, size_t len);
} ChardevPeerType;

struct ChardevPeer {
    const ChardevPeerType *type;
    char *dir; /* of its own, removed at the end */
    char *path;
    int fd_read; /* what the guest wrote; -1: none */
    int fd_write;
    int fd_listen;
    int port;
    size_t greeting; /* bytes that come before those of the guest, and are still to be read */
    Object *root;
    Chardev *chr;
};

extern const ChardevPeerType *const chardev_peer_types[]; /* ended by NULL */

/* Prepares the peer, makes the chardev "c" with it in a tree of its own, and connects the two. @extra: more options. */
ChardevPeer *chardev_peer_new(const ChardevPeerType *type, const char *extra);
void chardev_peer_free(ChardevPeer *peer);

size_t chardev_peer_write(ChardevPeer *peer, const uint8_t *buf, size_t len);
size_t chardev_peer_read(ChardevPeer *peer, uint8_t *buf, size_t len);

#endif
