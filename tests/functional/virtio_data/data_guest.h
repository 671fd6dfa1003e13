/*
 * The guest of a run: its driver's queues for three ports, buffers of random shapes, and the account of what is with the device.
 */
#ifndef QOSIM_TESTS_FUNCTIONAL_VIRTIO_DATA_DATA_GUEST_H
#define QOSIM_TESTS_FUNCTIONAL_VIRTIO_DATA_DATA_GUEST_H

#include <glib.h>
#include <qosim/qosim.h>

#include "tests/functional/virtio_data/stream.h"
#include "tests/lib/guest_memory.h"
#include "tests/lib/vring_driver.h"

#define DATA_PORTS 3u
#define DATA_SLOTS 8u
#define DATA_MAX_SEGMENT 65536u
#define DATA_SLOT_SIZE 262144u
#define DATA_MAX_SEGMENTS 8u

/* A buffer that is with the device. */
typedef struct DataBuffer {
    VRingSegment segments[DATA_MAX_SEGMENTS];
    unsigned n;
    uint32_t len;
    bool busy;
} DataBuffer;

/* One direction of one port. */
typedef struct Lane {
    Stream stream;
    VRingQueue *queue;
    uint64_t pool; /* DATA_SLOTS of DATA_SLOT_SIZE */
    DataBuffer buffers[DATA_SLOTS];
    GQueue posted;     /* out: of DataBuffer, borrowed, in the order of posting */
    uint64_t returned; /* out: place in the stream up to which buffers came back */
} Lane;

typedef struct DataGuest {
    qosim_session *session;
    GuestMemory *memory;
    GRand *rand;
    VRingDriver driver;
    uint64_t features;
    bool indirect;      /* whether buffers may have tables */
    uint64_t free_base; /* guest memory that each start may use anew */
    VRingQueue *control;
    uint64_t message; /* room for a control message */
    Lane out[DATA_PORTS];
    Lane in[DATA_PORTS];
} DataGuest;

/* Sizes that differ in their order of magnitude: 1 to @max. */
uint32_t data_random_size(GRand *rand, uint32_t max);

/* Streams of @total bytes on each port, with a driver that accepts @features. */
void data_guest_init(DataGuest *guest, qosim_session *session, GuestMemory *memory, GRand *rand,
                     uint64_t features, uint64_t total);
void data_guest_clear(DataGuest *guest);

/* Negotiates, sets the queues up and opens the ports. */
void data_guest_start(DataGuest *guest);

/* Sends one more buffer on @lane, if there is one free. */
void data_guest_send(DataGuest *guest, Lane *lane);

/* Takes what has come in on @lane, and posts buffers. */
void data_guest_receive(DataGuest *guest, Lane *lane);

/*
 * A reset, which the accounts must follow: they note as lost what each lane lost by it, and check that it had to be lost. Of an out
 * lane that is what the backend, which has @pending bytes for its reader, did not take; of an in lane what the driver does not look
 * at any more.
 */
void data_guest_reset(DataGuest *guest);
void data_guest_account_out(Lane *lane, uint64_t pending);
void data_guest_account_in(Lane *lane, DataGuest *guest);

#endif
