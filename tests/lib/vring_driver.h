/*
 * The guest driver's half of virtio: negotiation through virtio-mmio registers, rings in guest memory, buffers posted and
 * collected. Guest memory and registers are reached through an ops table, so that the same driver serves an address space
 * in this process and a server far away.
 *
 *     vring_driver_init(&driver, &ops, opaque, 0x10008000, 0x80000000, 1 << 20);
 *     vring_driver_negotiate(&driver, ~UINT64_C(0));
 *     VRingQueue *queue = vring_queue_new(&driver, 1, 8);
 *     vring_driver_start(&driver);
 *     vring_queue_post(queue, segments, 2, false, token);
 *     vring_queue_kick(queue);
 *     vring_queue_collect(queue, &used);
 *
 * It keeps to the specification; tests of what a wrong driver does write to the ring through vring_queue_*_at().
 */
#ifndef QOSIM_TESTS_LIB_VRING_DRIVER_H
#define QOSIM_TESTS_LIB_VRING_DRIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

/* Registers of virtio-mmio, both versions. */
enum {
    MMIO_MAGIC = 0x000,
    MMIO_VERSION = 0x004,
    MMIO_DEVICE_ID = 0x008,
    MMIO_VENDOR_ID = 0x00c,
    MMIO_DEVICE_FEATURES = 0x010,
    MMIO_DEVICE_FEATURES_SEL = 0x014,
    MMIO_DRIVER_FEATURES = 0x020,
    MMIO_DRIVER_FEATURES_SEL = 0x024,
    MMIO_GUEST_PAGE_SIZE = 0x028,
    MMIO_QUEUE_SEL = 0x030,
    MMIO_QUEUE_NUM_MAX = 0x034,
    MMIO_QUEUE_NUM = 0x038,
    MMIO_QUEUE_ALIGN = 0x03c,
    MMIO_QUEUE_PFN = 0x040,
    MMIO_QUEUE_READY = 0x044,
    MMIO_QUEUE_NOTIFY = 0x050,
    MMIO_INTERRUPT_STATUS = 0x060,
    MMIO_INTERRUPT_ACK = 0x064,
    MMIO_STATUS = 0x070,
    MMIO_QUEUE_DESC = 0x080, /* low, then high */
    MMIO_QUEUE_DRIVER = 0x090,
    MMIO_QUEUE_DEVICE = 0x0a0,
    MMIO_SHM_LEN = 0x0b0,
    MMIO_CONFIG_GENERATION = 0x0fc,
    MMIO_CONFIG = 0x100,
};

/* What the driver is made of: all must succeed, or not return. */
typedef struct VRingOps {
    void (*read_memory)(void *opaque, uint64_t addr, void *buf, size_t len);
    void (*write_memory)(void *opaque, uint64_t addr, const void *buf, size_t len);
    uint32_t (*read_register)(void *opaque, uint64_t addr, unsigned size);
    void (*write_register)(void *opaque, uint64_t addr, uint32_t value, unsigned size);
} VRingOps;

typedef struct VRingDriver {
    const VRingOps *ops;
    void *opaque;
    uint64_t mmio;
    uint64_t next_free; /* guest memory for rings, tables and buffers: [next_free, end) */
    uint64_t end;
    bool legacy;
    uint64_t features; /* as negotiated */
} VRingDriver;

typedef struct VRingSegment {
    uint64_t addr;
    uint32_t len;
    bool in; /* the device writes it; out segments come before in segments */
} VRingSegment;

/* A buffer that came back. */
typedef struct VRingUsed {
    void *token;
    unsigned id;        /* head of the chain, or buffer id */
    uint32_t len;       /* bytes that the device says it wrote */
    uint64_t in_length; /* bytes that it could write */
} VRingUsed;

typedef struct VRingBuffer {
    void *token;
    unsigned ndescs; /* 0: not with the device */
    uint64_t in_length;
    uint64_t table; /* room for an indirect table, of so many entries */
    unsigned table_size;
} VRingBuffer;

typedef struct VRingQueue {
    VRingDriver *driver;
    unsigned index;
    unsigned num;
    bool packed;
    uint64_t desc;
    uint64_t avail;       /* the driver's area */
    uint64_t used;        /* the device's area */
    VRingBuffer *buffers; /* by head or id */
    uint16_t *free_next;  /* split: the list of free descriptors; packed: that of free ids */
    unsigned free_head;
    unsigned num_free;  /* ring entries */
    uint16_t avail_idx; /* split: free running; packed: a position */
    bool avail_wrap;    /* packed */
    uint16_t used_idx;
    bool used_wrap;
    uint16_t added; /* how far avail_idx moved on since the driver last looked whether to kick */
    unsigned kicks; /* how many the device got */
} VRingQueue;

/* A driver for the device whose registers are at @mmio, with guest memory [@memory, @memory + @size) to itself. */
void vring_driver_init(VRingDriver *driver, const VRingOps *ops, void *opaque, uint64_t mmio,
                       uint64_t memory, uint64_t size);

uint32_t vring_driver_read(VRingDriver *driver, uint32_t offset);
void vring_driver_write(VRingDriver *driver, uint32_t offset, uint32_t value);

/* Guest memory that nobody else gets; never given back. */
uint64_t vring_driver_alloc(VRingDriver *driver, uint64_t size, uint64_t align);
void vring_driver_put(VRingDriver *driver, uint64_t addr, const void *buf, size_t len);
void vring_driver_get(VRingDriver *driver, uint64_t addr, void *buf, size_t len);

/* What the device offers. */
uint64_t vring_driver_offered(VRingDriver *driver);

/*
 * Resets the device and accepts of @features what it offers; a modern device's VERSION_1 must be among them. False when
 * FEATURES_OK did not stay.
 */
bool vring_driver_negotiate(VRingDriver *driver, uint64_t features);

/* DRIVER_OK. */
void vring_driver_start(VRingDriver *driver);

void vring_driver_reset(VRingDriver *driver);

/* Reads InterruptStatus and acknowledges what is set there. */
uint32_t vring_driver_take_interrupt(VRingDriver *driver);

/* Makes rings of @num entries for queue @index and tells the device where they are. Free with vring_queue_free(). */
VRingQueue *vring_queue_new(VRingDriver *driver, unsigned index, unsigned num);

/* The same with the three areas at places of the caller's (modern devices only). */
VRingQueue *vring_queue_new_at(VRingDriver *driver, unsigned index, unsigned num, uint64_t desc,
                               uint64_t avail, uint64_t used);
void vring_queue_free(VRingQueue *queue);

/* Tells the device once more where the rings are. */
void vring_queue_announce(VRingQueue *queue);

/*
 * Makes a buffer of @n segments available, by way of an indirect table if @indirect says so; false when the ring has no
 * room for it.
 */
bool vring_queue_post(VRingQueue *queue, const VRingSegment *segments, unsigned n, bool indirect,
                      void *token);

/* Whether the device wants to know of what was posted since the driver last looked. */
bool vring_queue_wants_kick(VRingQueue *queue);

/* Kicks, whatever the device wants. */
void vring_queue_kick(VRingQueue *queue);

/* Kicks if the device wants it; returns whether it did. */
bool vring_queue_kick_if_wanted(VRingQueue *queue);

/* Takes a buffer back; false when there is none. Asserts that it is one that was posted. */
bool vring_queue_collect(VRingQueue *queue, VRingUsed *used);

/* Without EVENT_IDX: whether the device is to interrupt. */
void vring_queue_set_interrupts(VRingQueue *queue, bool on);

/*
 * With EVENT_IDX: the device is to interrupt when the @nth buffer from now on (0: the next one) is used. In a packed ring
 * each buffer is taken to have one descriptor.
 */
void vring_queue_set_used_event(VRingQueue *queue, unsigned nth);

/* Into the ring by hand. */
void vring_queue_desc_at(VRingQueue *queue, unsigned i, uint64_t addr, uint32_t len, uint16_t flags,
                         uint16_t next); /* packed: @next is the id */
void vring_driver_desc(VRingDriver *driver, uint64_t table, unsigned i, uint64_t addr, uint32_t len,
                       uint16_t flags, uint16_t last, bool packed);
void vring_queue_avail_at(VRingQueue *queue, uint16_t idx, uint16_t head); /* ring[idx % num] */
void vring_queue_set_avail_idx(VRingQueue *queue, uint16_t idx);
uint16_t vring_queue_used_idx(VRingQueue *queue);

/*
 * Cuts @len bytes at @addr into 1 to @max segments of random lengths, which may not be 0. Returns how many.
 */
unsigned vring_cut(GRand *rand, uint64_t addr, uint32_t len, bool in, unsigned max,
                   VRingSegment *segments);

#endif
