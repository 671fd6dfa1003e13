/*
 * A guest's driver for virtio-serial that reaches its machine as a client does: through a session of libqosim, by the registers of
 * virtio-mmio or by calls on a virtio-rpc. Its memory is RAM of the machine "virt". Every step must succeed.
 */
#ifndef QOSIM_TESTS_LIB_SESSION_GUEST_H
#define QOSIM_TESTS_LIB_SESSION_GUEST_H

#include <glib.h>
#include <qosim/qosim.h>

#include "tests/lib/vring_driver.h"

/* Where the first device of the machine virt is. */
#define SESSION_GUEST_MMIO UINT64_C(0x10008000)
#define SESSION_GUEST_RAM UINT64_C(0x80000000)
#define SESSION_GUEST_RAM_SIZE UINT64_C(0x2000000)

#define SESSION_GUEST_BUFFER 4096u /* bytes of a buffer for data */
#define SESSION_GUEST_PORTS 8u

/* Control messages. */
enum {
    SERIAL_DEVICE_READY,
    SERIAL_PORT_ADD,
    SERIAL_PORT_REMOVE,
    SERIAL_PORT_READY,
    SERIAL_CONSOLE_PORT,
    SERIAL_RESIZE,
    SERIAL_PORT_OPEN,
    SERIAL_PORT_NAME,
};

typedef struct SessionGuest SessionGuest;

/* @transport: id of a virtio-rpc; NULL: the registers at SESSION_GUEST_MMIO. */
SessionGuest *session_guest_new(qosim_session *session, const char *transport);
void session_guest_free(SessionGuest *guest);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SessionGuest, session_guest_free)

/*
 * Resets the device, accepts all that it offers, sets up the control queues and those of the first @ports ports, and starts. All
 * receive queues have buffers then.
 */
void session_guest_start(SessionGuest *guest, unsigned ports);

void session_guest_send(SessionGuest *guest, uint32_t port, uint16_t event, uint16_t value);

/* Control messages since the last look, as "ID:EVENT=VALUE ", a name in quotes behind it. Free with g_free(). */
char *session_guest_messages(SessionGuest *guest);

/* READY for the device, and READY and OPEN for @port; what the device says to that is thrown away. */
void session_guest_open_port(SessionGuest *guest, uint32_t port);

/* Sends as many of @len bytes on @port as there are free buffers for; how many. */
size_t session_guest_write(SessionGuest *guest, unsigned port, const void *bytes, size_t len);

/* How many buffers on the way out the device still has. */
unsigned session_guest_unsent(SessionGuest *guest, unsigned port);

/* Appends to @bytes what has come in on @port, and gives the buffers back to the device. */
void session_guest_receive(SessionGuest *guest, unsigned port, GByteArray *bytes);

/* Takes the receive buffers away from @port (by not giving them back), or gives them back. */
void session_guest_stall(SessionGuest *guest, unsigned port, bool stalled);

#endif
