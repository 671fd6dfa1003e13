/*
 * A guest's driver for the virtio-serial device of the machine virt that does what it likes: set-up, buffers, control messages,
 * hot plug, the other end of the chardevs, and what no driver should do. Every access goes to QEMU and to ours.
 */
#ifndef QOSIM_TESTS_ORACLE_VIRT_GUEST_H
#define QOSIM_TESTS_ORACLE_VIRT_GUEST_H

#include "tests/lib/vring_driver.h"
#include "tests/oracle/both.h"
#include "tests/oracle/virt_hosts.h"

/* Of the first device; that of the second is below. */
#define GUEST_MMIO UINT64_C(0x10008000)
#define GUEST_MMIO_STRIDE UINT64_C(0x1000)
/* The memory of rings and buffers: the firmware is below, and QEMU's device tree above. */
#define GUEST_ARENA UINT64_C(0x80400000)
#define GUEST_ARENA_SIZE UINT64_C(0x100000)
#define GUEST_RAM_END UINT64_C(0x88000000)
/* Queues that the driver uses: those of ports 0 to 8. */
#define GUEST_QUEUES 20u
#define GUEST_AREA 0x4000u /* bytes for data, each way */
#define GUEST_SEGMENTS 8u

#define GUEST_CONTROL_IN 2u
#define GUEST_CONTROL_OUT 3u

typedef struct GuestPort {
    char *id;
    unsigned nr;
    bool ours; /* a port of the device that the driver drives */
} GuestPort;

typedef struct VirtGuest {
    Both *both;
    VirtHosts *hosts;
    GRand *rand;
    unsigned max_ports;
    bool packed;      /* the device offers packed rings */
    const char *bus;  /* of the device that the driver drives */
    GPtrArray *ports; /* GuestPort *, owned */
    unsigned plugged; /* ports plugged so far, for their ids */

    uint64_t mmio;
    VRingDriver driver;
    VRingQueue *queues[GUEST_QUEUES]; /* NULL: not set up */
    bool wild[GUEST_QUEUES];          /* the ring is not as the driver thinks */
    bool lost;                        /* nothing is as the driver thinks */
    uint64_t out_area;
    uint64_t in_area;
} VirtGuest;

/* What kinds of steps there are, for a summary. */
unsigned virt_guest_kinds(void);
const char *virt_guest_kind_name(unsigned kind);

/* @device: 0 or 1, the one to drive, which has @max_ports, and packed rings if @packed says so. */
void virt_guest_init(VirtGuest *guest, Both *both, VirtHosts *hosts, GRand *rand, unsigned device,
                     unsigned max_ports, bool packed);
void virt_guest_clear(VirtGuest *guest);

/* The guest is told of port @id, which both sides have from the start. */
void virt_guest_add_port(VirtGuest *guest, const char *id, bool ours);

/* One step of many operations; returns its kind. */
unsigned virt_guest_step(VirtGuest *guest);

/* All memory, all bytes and the state of all ports, at the end of a session. */
void virt_guest_compare_all(VirtGuest *guest);

/* --- Shared by the parts of the guest --- */

/* A number below @limit. */
unsigned virt_guest_below(VirtGuest *guest, unsigned limit);

/* A queue whose ring is as the driver thinks; NULL when there is none at hand. */
VRingQueue *virt_guest_pick_queue(VirtGuest *guest);

/*
 * QEMU's broken device with packed rings takes bytes from its chardevs and loses them (see the differences). So with such a
 * device rules are broken only while none wait, and it is reset before any come. The first tells whether that can be now, the second
 * resets it.
 */
bool virt_guest_may_break(VirtGuest *guest);
void virt_guest_mend(VirtGuest *guest);

/* Kicks always, if the device wants it, or not at all. */
void virt_guest_kick(VirtGuest *guest, VRingQueue *queue);

/* Sends a control message in a buffer of @len bytes. */
void virt_guest_control(VirtGuest *guest, uint32_t id, uint16_t event, uint16_t value,
                        uint32_t len);

/* Takes back what the device has used of @queue, at most @max buffers. */
void virt_guest_collect(VirtGuest *guest, VRingQueue *queue, unsigned max);

/* --- Steps, each in the file of its kind --- */

void virt_step_set_up(VirtGuest *guest);
void virt_step_post(VirtGuest *guest);
void virt_step_send(VirtGuest *guest);
void virt_step_burst(VirtGuest *guest);
void virt_step_control(VirtGuest *guest);
void virt_step_collect(VirtGuest *guest);
void virt_step_interrupt(VirtGuest *guest);
void virt_step_suppress(VirtGuest *guest);

void virt_step_read_register(VirtGuest *guest);
void virt_step_write_register(VirtGuest *guest);
void virt_step_config(VirtGuest *guest);
void virt_step_status(VirtGuest *guest);
void virt_step_break_ring(VirtGuest *guest);

void virt_step_plug(VirtGuest *guest);
void virt_step_unplug(VirtGuest *guest);
void virt_step_reset(VirtGuest *guest);
void virt_step_host(VirtGuest *guest);
void virt_step_compare_memory(VirtGuest *guest);
void virt_step_compare_ports(VirtGuest *guest);

#endif
