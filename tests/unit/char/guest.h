/*
 * A machine "virt" with virtio-serial, and the guest that drives it: registers, rings and control messages, legacy or
 * modern. What a test expects of messages and buffers it writes as text, so that a failure shows the whole exchange.
 */
#ifndef QOSIM_TESTS_UNIT_CHAR_GUEST_H
#define QOSIM_TESTS_UNIT_CHAR_GUEST_H

#include "models/char/virtio_console.h"
#include "models/chardev/ringbuf.h"
#include "models/chardev/rpc.h"
#include "models/core/machine.h"
#include "tests/lib/vring_driver.h"

#define GUEST_QUEUE_NUM 64
#define GUEST_MAX_SEGMENTS 8

/* Queues by their use. */
#define QUEUE_CONTROL_IN 2u
#define QUEUE_CONTROL_OUT 3u
#define QUEUE_IN(port) ((port) ? 2u * (port) + 2 : 0u)
#define QUEUE_OUT(port) (QUEUE_IN(port) + 1)

/* How driver and device talk. */
typedef enum GuestKind {
    GUEST_LEGACY,
    GUEST_MODERN,
    GUEST_PACKED, /* modern, with packed rings where the device offers them: "packed=on" */
} GuestKind;

typedef struct Guest {
    MachineState *machine;
    GuestKind kind;
    RAMHome home;
    uint8_t *client_memory; /* RAM_HOME_CLIENT: what the machine takes for its RAM */
    bool client_is_gone;    /* and it gets no answer any more */
    VRingDriver driver;
    VRingQueue *queues[VIRTIO_QUEUE_MAX];
    unsigned posted[VIRTIO_QUEUE_MAX]; /* buffers */
    GPtrArray *buffers;                /* of GuestBuffer, all that were ever posted */
    GString *events;                   /* VSERPORT and DEVICE_DELETED */
    GString *errors;                   /* guest errors */
} Guest;

/* One segment of a buffer: bytes for the device, or room for its bytes. */
typedef struct GuestSegment {
    const void *out; /* NULL: room */
    uint32_t len;
} GuestSegment;

/* A machine without devices, which are yet to be added; free with guest_free(). */
Guest *guest_new(GuestKind kind, RAMHome home);
void guest_free(Guest *guest);

/* Adds a chardev or a device as the command line does; guest_add_error() returns why it could not, to be freed. */
Chardev *guest_chardev(Guest *guest, const char *options);
DeviceState *guest_add(Guest *guest, const char *options);
char *guest_add_error(Guest *guest, const char *options);
void guest_del(Guest *guest, const char *id);
VirtIOSerialPort *guest_port(Guest *guest, const char *id);

/* Adds "virtio-serial-device,id=vser" with @more options ("" or ",max_ports=3"). */
void guest_add_serial(Guest *guest, const char *more);

/* Ends the construction: what is added later is hot-plugged. */
void guest_ready(Guest *guest);

/* Lets the main loop do what it has to do at once. */
void guest_run_loop(void);

/* --- The driver --- */

uint32_t guest_read_reg(Guest *guest, uint32_t reg);
void guest_write_reg(Guest *guest, uint32_t reg, uint32_t value);
uint64_t guest_read_config(Guest *guest, unsigned offset, unsigned size);
void guest_write_config(Guest *guest, unsigned offset, unsigned size, uint64_t value);

/* Resets the device and negotiates all features but those in @refused and EVENT_IDX; up to, but without, DRIVER_OK. */
void guest_negotiate(Guest *guest, uint64_t refused);
void guest_driver_ok(Guest *guest);
void guest_reset(Guest *guest);
void guest_setup_queue(Guest *guest, unsigned queue);

/*
 * The whole start of a driver with MULTIPORT and ports below @ports: features, control queues with posted buffers, the
 * ports' queues, DRIVER_OK. It does not say DEVICE_READY.
 */
void guest_start(Guest *guest, unsigned ports);

/* Adds a buffer; the post calls also kick. */
void guest_add_buffer(Guest *guest, unsigned queue, const GuestSegment *segments, unsigned n);
void guest_kick(Guest *guest, unsigned queue);
void guest_post(Guest *guest, unsigned queue, const GuestSegment *segments, unsigned n);
void guest_post_text(Guest *guest, unsigned queue, const char *text);
void guest_post_room(Guest *guest, unsigned queue, uint32_t len);

/* Sends a control message, which comes back with length 0. */
void guest_send(Guest *guest, uint32_t id, uint16_t event, uint16_t value);

/* Buffers that came back since the last look, as "N:LEN ": the Nth that was posted on this queue, from 0 on. */
void guest_expect_used(Guest *guest, unsigned queue, const char *expected);

/* Bytes that the device wrote to such buffers. */
GBytes *guest_receive(Guest *guest, unsigned queue);
void guest_expect_received(Guest *guest, unsigned queue, const char *expected);

/* Control messages since the last look, as "ID:EVENT=VALUE ", a name in quotes; their buffers are posted anew. */
void guest_expect_messages(Guest *guest, const char *expected);

/* Events ("ID open ", "ID closed ", "ID deleted ") and lines of guest errors since the last look. */
void guest_expect_events(Guest *guest, const char *expected);
void guest_expect_errors(Guest *guest, const char *expected);

/* Level of the transport's interrupt line. */
int guest_irq(Guest *guest);

/* All that a ringbuf or an rpc chardev has got since the last look. */
void guest_expect_output(Chardev *chr, const char *expected);

/* Adds a test for each kind and each home of RAM: /char/ram/legacy/... to /char/client/packed/... */
typedef void GuestTest(Guest *guest);
void guest_test(const char *path, GuestTest *test);
/* The same for legacy drivers only, and for RAM that lives with the client only. */
void guest_test_legacy(const char *path, GuestTest *test);
void guest_test_client(const char *path, GuestTest *test);

#endif
