/*
 * The virtio console device (virtio 1.2, section 5.3): ports that come, open, close and go, and their bytes.
 *
 * What a port is for is its service. A buffer that has come from the host goes to the service of its port, which may send
 * the very same buffer back. Nothing here runs in an interrupt but virtio_console_interrupt(); the rest is
 * virtio_console_poll()'s, from the program's main loop.
 */
#ifndef QOSIM_SOC_FIRMWARE_VIRTIO_CONSOLE_H
#define QOSIM_SOC_FIRMWARE_VIRTIO_CONSOLE_H

#include <stdbool.h>
#include <stdint.h>

#include "virtio_mmio.h"

/* Ports that we drive: numbers 0 to CONSOLE_PORTS - 1. Others are refused when the device adds them. */
#define CONSOLE_PORTS 6u
#define CONSOLE_BUFFERS 10u
#define CONSOLE_RECEIVING                                                                          \
    8u /* of these wait for bytes, the rest is for the firmware's own output */
#define CONSOLE_BUFFER_BYTES 2048u
#define CONSOLE_NAME_BYTES 40u

#define CONSOLE_QUEUES (2 * (CONSOLE_PORTS + 1))
#define CONTROL_BUFFERS VIRTQ_SIZE
#define CONTROL_BYTES 64u

typedef struct VirtioConsole VirtioConsole;
typedef struct ConsolePort ConsolePort;

typedef enum BufferPlace {
    BUFFER_IDLE,
    BUFFER_IN_HAND, /* a service reads it, or output goes into it */
    BUFFER_RECEIVING,
    BUFFER_SENDING,
} BufferPlace;

typedef struct PortBuffer {
    uint8_t *bytes; /* CONSOLE_BUFFER_BYTES of them */
    uint32_t length;
    BufferPlace place;
} PortBuffer;

typedef struct PortService {
    const char *name;
    /* The port has opened: the firmware's side, and the host's for a port that is no console. */
    void (*opened)(ConsolePort *port);
    /* Bytes have come. True: the service has sent @buffer; false: the port has it back. */
    bool (*received)(ConsolePort *port, PortBuffer *buffer);
} PortService;

struct ConsolePort {
    VirtioConsole *console;
    unsigned id;
    bool present, is_console, host_open, guest_open;
    char name[CONSOLE_NAME_BYTES];
    const PortService *service; /* NULL until the port is open */

    uint32_t bytes_in, bytes_out;
    uint32_t dropped; /* of our own output, for want of a buffer */
    unsigned lost;    /* buffers that the device kept when the host closed or the port went */

    PortBuffer buffers[CONSOLE_BUFFERS];
    PortBuffer *output; /* the one that port_put() fills */
};

struct VirtioConsole {
    VirtioMmio *device;
    const PortService *for_consoles, *for_others;
    bool multiport;
    uint32_t max_ports;
    uint16_t columns, rows; /* of the host's terminal; 0: not told */

    /* Set by the interrupt. */
    volatile bool interrupted, config_changed;

    const char *error; /* why the device is to be started anew; NULL: it is not */
    unsigned restarts;

    Virtqueue queues[CONSOLE_QUEUES];
    ConsolePort ports[CONSOLE_PORTS];
    uint8_t control_in[CONTROL_BUFFERS][CONTROL_BYTES];
};

/* Takes @device, which is one of VIRTIO_ID_CONSOLE, into use; false after saying what is wrong with it. */
bool virtio_console_start(VirtioConsole *c, VirtioMmio *device, const PortService *for_consoles,
                          const PortService *for_others);

/* Whether there is something to do. */
bool virtio_console_has_work(const VirtioConsole *c);

/* Does some of it: a ring's worth of each queue. A device that broke is started anew, but not for ever: false when it is given up. */
bool virtio_console_poll(VirtioConsole *c);

/* Waits a while for output to be gone, closes the ports and resets the device. */
void virtio_console_stop(VirtioConsole *c);

/* Output to the host: a byte, the bytes that were put, formatted text. @opaque is the port. */
void port_put(void *opaque, char c);
void port_flush(ConsolePort *port);
void port_print(ConsolePort *port, const char *text, ...) __attribute__((format(printf, 2, 3)));

/* Sends the first @buffer->length bytes; the port has the buffer back after that. */
void port_send(ConsolePort *port, PortBuffer *buffer);

#endif
