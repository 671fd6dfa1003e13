/*
 * The host's ends of the chardevs of both sides: what one gets the other gets, and what comes out of one must come out of the
 * other. A chardev is served by a side's main loop some time after something happened, so it takes a rule to know when it has
 * been: each side's main loop goes round a few times, which serves all that is ready, and then bytes and interrupt
 * lines have to agree; they get more rounds until they do, for some seconds. So only that one side is slower can be
 * missed, never that it ends up elsewhere.
 */
#ifndef QOSIM_TESTS_ORACLE_VIRT_HOSTS_H
#define QOSIM_TESTS_ORACLE_VIRT_HOSTS_H

#include "tests/oracle/both.h"

typedef enum HostKind {
    HOST_SOCKET,
    HOST_PIPE, /* of one page, so that it is soon full */
    HOST_RINGBUF,
    HOST_FILE,
    HOST_NULL,
} HostKind;

typedef struct Host {
    HostKind kind;
    char *id; /* of the chardev */
    char *paths[SIDES];
    int outs[SIDES];          /* bytes of the guest come out here; -1: not connected */
    int ins[SIDES];           /* and bytes for it go in here; may be the same */
    GByteArray *bytes[SIDES]; /* came out, and are not compared yet */
} Host;

typedef struct VirtHosts {
    Both *both;
    GPtrArray *hosts; /* Host *, owned */
    uint64_t out;     /* bytes compared */
    uint64_t in;      /* bytes sent to the guest */
} VirtHosts;

/* Makes the host's ends in the directory of @both, before the sides are started. */
void virt_hosts_init(VirtHosts *hosts, Both *both);
void virt_hosts_clear(VirtHosts *hosts);

/* Appends the words for the command line of @side; they are owned by @words. */
void virt_hosts_words(const VirtHosts *hosts, Side side, GPtrArray *words);

/* Waits until both sides did what there was to do, and compares. */
void virt_hosts_settle(VirtHosts *hosts);

/*
 * Sockets: whether somebody is connected; connects or disconnects, which is not done while the guest has bytes to read (the
 * differences from QEMU tell why).
 */
bool virt_host_connected(const Host *host);
void virt_host_connect(VirtHosts *hosts, Host *host);
void virt_host_disconnect(VirtHosts *hosts, Host *host);

/* Sends @len bytes to the guests, unless there is no way, or no room. */
void virt_host_send(VirtHosts *hosts, Host *host, const uint8_t *bytes, size_t len);

/* Takes out all that is there and that comes when there is room, and compares. */
void virt_host_drain(VirtHosts *hosts, Host *host);

#endif
