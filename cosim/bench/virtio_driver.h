/*
 * A guest's driver for one virtserialport whose rings and buffers lie in memory that this process and the server map ("shm"): as
 * short as it can be, so that the device is what is measured. It polls the used rings; the device does not interrupt.
 */
#ifndef QOSIM_COSIM_BENCH_VIRTIO_DRIVER_H
#define QOSIM_COSIM_BENCH_VIRTIO_DRIVER_H

#include <qosim/qosim.h>

#include "cosim/bench/bench.h"

/* The machine that it drives; "$DIR" is where the FIFOs of the port's chardev are. */
#define VIRTIO_DRIVER_MACHINE                                                                      \
    "-M virt,ram-home=shm,ram-size=32M -global virtio-mmio.force-legacy=off "                      \
    "-chardev pipe,id=c0,path=%s/port -device virtio-serial-device "                               \
    "-device virtserialport,nr=1,chardev=c0"

#define VIRTIO_DRIVER_BUFFERS 128u /* the most that a port's queue holds */
#define VIRTIO_DRIVER_MAX_BUFFER 65536u

/* A queue and its buffers; buffer i is descriptor i. */
typedef struct VirtioRing {
    unsigned index;
    uint64_t base; /* bus address of the rings */
    uint8_t *memory;
    uint8_t *buffers;
    uint64_t buffers_at;
    uint16_t posted; /* free running, as are the next two */
    uint16_t kicked;
    uint16_t taken;
} VirtioRing;

typedef struct VirtioDriver {
    qosim_session *session;
    qosim_info *info;
    const qosim_region *ram;
    uint8_t *memory;
    VirtioRing control;
    VirtioRing in;
    VirtioRing out;
} VirtioDriver;

/* Maps the machine's memory and brings the device up to an open port. */
bool virtio_driver_init(VirtioDriver *driver, qosim_session *session, GError **error);
void virtio_driver_clear(VirtioDriver *driver);

/* How many buffers are free. */
unsigned virtio_ring_free(const VirtioRing *ring);

/* Where the next buffer to be posted has its bytes. */
uint8_t *virtio_ring_next(const VirtioRing *ring);

/* Makes it available with @len bytes, for the device to write if @in. */
void virtio_ring_post(VirtioRing *ring, uint32_t len, bool in);

/* Takes a buffer back: its bytes, and how many of them the device wrote; NULL: none has come. */
const uint8_t *virtio_ring_take(VirtioRing *ring, uint32_t *len);

/* Tells the device of what was posted since the last time, without waiting for it. */
bool virtio_driver_kick(VirtioDriver *driver, VirtioRing *ring, GError **error);

#endif
