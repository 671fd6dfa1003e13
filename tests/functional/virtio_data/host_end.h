/* The host's end of a port: an rpc chardev, a socket or a pair of FIFOs, whose other end is qosimd's. Nothing here waits. */
#ifndef QOSIM_TESTS_FUNCTIONAL_VIRTIO_DATA_HOST_END_H
#define QOSIM_TESTS_FUNCTIONAL_VIRTIO_DATA_HOST_END_H

#include <glib.h>
#include <qosim/qosim.h>

typedef enum HostEndKind { HOST_END_RPC, HOST_END_SOCKET, HOST_END_PIPE } HostEndKind;

/* Small, so that a guest that sends much is made to wait. */
#define HOST_END_RPC_SIZE 30000u

typedef struct HostEnd {
    HostEndKind kind;
    char *id;
    char *path;             /* of the socket; what the FIFOs' names begin with */
    qosim_session *session; /* borrowed */
    int in;                 /* what is written here goes to the guest */
    int out;
} HostEnd;

/* Chardev @id with its files in @directory. Makes what must be there before qosimd starts. */
void host_end_init(HostEnd *end, HostEndKind kind, const char *id, const char *directory);

/* "-chardev ..." */
char *host_end_options(const HostEnd *end);

/* Once qosimd runs. */
void host_end_connect(HostEnd *end, qosim_session *session);
void host_end_clear(HostEnd *end);

size_t host_end_write(HostEnd *end, const uint8_t *buf, size_t len);
size_t host_end_read(HostEnd *end, uint8_t *buf, size_t max);

/* How many bytes the port has written that were not read yet. */
uint64_t host_end_pending(HostEnd *end);

#endif
