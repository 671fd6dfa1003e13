/*
 * virtio-serial: byte streams between a guest's driver and the host (virtio 1.2, section 5.3).
 *
 * A VirtIOSerial is the virtio device. It has a bus on which its ports sit; each port owns two of the device's queues. What
 * a port does with the bytes is its class's: VirtConsole (virtio_console.c) hands them to a chardev. A port class
 * implements the callbacks of VirtIOSerialPortClass and calls the functions below; both run on the machine's thread.
 *
 * docs/devices/virtio-serial.md tells what a driver sees.
 */
#ifndef QOSIM_MODELS_CHAR_VIRTIO_SERIAL_H
#define QOSIM_MODELS_CHAR_VIRTIO_SERIAL_H

#include <sys/types.h>

#include "models/char/bottom_half.h"
#include "models/core/bus.h"
#include "models/virtio/virtio.h"

#define TYPE_VIRTIO_SERIAL "virtio-serial-device"
OBJECT_DECLARE_SIMPLE_TYPE(VirtIOSerial, VIRTIO_SERIAL)

#define TYPE_VIRTIO_SERIAL_BUS "virtio-serial-bus"
OBJECT_DECLARE_SIMPLE_TYPE(VirtIOSerialBus, VIRTIO_SERIAL_BUS)

#define TYPE_VIRTIO_SERIAL_PORT "virtio-serial-port"
OBJECT_DECLARE_TYPE(VirtIOSerialPort, VirtIOSerialPortClass, VIRTIO_SERIAL_PORT)

/* Ports with a chardev; the console is a serial port that is open from the start and never waits for its chardev. */
#define TYPE_VIRTIO_CONSOLE_SERIAL_PORT "virtserialport"
#define TYPE_VIRTIO_CONSOLE "virtconsole"

/* The property "nr" of a port that wants any free id. */
#define VIRTIO_CONSOLE_BAD_ID UINT32_MAX

/* Each port takes two queues, and so does the control channel. */
#define VIRTIO_SERIAL_MAX_PORTS (VIRTIO_QUEUE_MAX / 2 - 1)

/* Sizes of the queues. */
#define VIRTIO_SERIAL_PORT_QUEUE_SIZE 128
#define VIRTIO_SERIAL_CONTROL_QUEUE_SIZE 32

/* Feature bits (section 5.3.3). */
#define VIRTIO_CONSOLE_F_SIZE 0 /* never offered */
#define VIRTIO_CONSOLE_F_MULTIPORT 1
#define VIRTIO_CONSOLE_F_EMERG_WRITE 2

/* Events of control messages (section 5.3.6.2). */
#define VIRTIO_CONSOLE_DEVICE_READY 0
#define VIRTIO_CONSOLE_PORT_ADD 1
#define VIRTIO_CONSOLE_PORT_REMOVE 2
#define VIRTIO_CONSOLE_PORT_READY 3
#define VIRTIO_CONSOLE_CONSOLE_PORT 4
#define VIRTIO_CONSOLE_RESIZE 5 /* never sent */
#define VIRTIO_CONSOLE_PORT_OPEN 6
#define VIRTIO_CONSOLE_PORT_NAME 7

/* A control message: id u32, event u16, value u16, little-endian; PORT_NAME is followed by the name. */
#define VIRTIO_CONSOLE_CONTROL_SIZE 8

struct VirtIOSerialPortClass {
    DeviceClass parent_class;

    bool is_console; /* the driver is told to make it a console */

    /* After the port's id is known, and before the driver hears of it. Optional. */
    DeviceRealize *realize;
    DeviceUnrealize *unrealize;

    /* The driver opened or closed its side, or was reset while that was open. Optional. */
    void (*set_guest_connected)(VirtIOSerialPort *port, bool guest_connected);
    /* The port's other side may run (it does whenever a driver changes the device's status). Optional. */
    void (*enable_backend)(VirtIOSerialPort *port, bool enable);
    /* The driver has set the port up. Optional. */
    void (*guest_ready)(VirtIOSerialPort *port);
    /* The driver added receive buffers, and both sides are open. Optional. */
    void (*guest_writable)(VirtIOSerialPort *port);

    /*
     * Takes @len bytes from the driver; how many it took. A port that did not take all and wants the rest again calls
     * virtio_serial_throttle_port() before it returns; otherwise the rest is lost. Required. It may close the port; @buf
     * stays valid until it returns.
     */
    ssize_t (*have_data)(VirtIOSerialPort *port, const uint8_t *buf, size_t len);
};

struct VirtIOSerialPort {
    DeviceState parent_obj;

    /* Properties */
    uint32_t id; /* "nr"; VIRTIO_CONSOLE_BAD_ID until realized: any */
    char *name;  /* what the driver is told; NULL: it has none */

    /* Parts */
    VirtIOSerial *vser; /* borrowed; NULL: not realized */
    VirtQueue *ivq;     /* to the driver; NULL: not plugged */
    VirtQueue *ovq;     /* from the driver */
    BottomHalf bh;      /* goes on with what waits in ovq */

    /* State */
    bool guest_connected;
    bool host_connected;
    bool throttled; /* what the driver sends stays in ovq */
    /* An element of ovq that is consumed up to byte iov_offset of segment iov_idx; NULL: none. */
    VirtQueueElement *elem;
    unsigned iov_idx;
    size_t iov_offset;
    bool in_have_data;
    VirtQueueElement *dropped; /* what elem was when the port closed in have_data */
};

struct VirtIOSerialBus {
    BusState parent_obj;

    VirtIOSerial *vser;
};

struct VirtIOSerial {
    VirtIODevice parent_obj;

    /* Properties */
    uint32_t max_ports; /* 1 to VIRTIO_SERIAL_MAX_PORTS */

    /* Parts */
    VirtIOSerialBus bus;
    VirtQueue *c_ivq; /* control messages to the driver; NULL: not realized */
    VirtQueue *c_ovq;
    BottomHalf bh; /* asks the ports for the host's input once the driver runs */

    /* State */
    GPtrArray *ports;         /* of VirtIOSerialPort, borrowed, in the order of plugging */
    VirtIOSerialPort **by_id; /* max_ports of them; NULL: that id is free */
};

/* Opens the host's side of @port and tells the driver; nothing happens when it is open. */
void virtio_serial_open(VirtIOSerialPort *port);

/*
 * Closes the host's side and tells the driver, also when it was not open. What the driver has sent and nobody took is
 * dropped, and an element that was half taken does not go back to the driver before a reset. Ends throttling.
 */
void virtio_serial_close(VirtIOSerialPort *port);

/*
 * Gives the driver @size bytes: how many went into its receive buffers. 0 while either side is closed. What does not fit is
 * the caller's to keep.
 */
size_t virtio_serial_write(VirtIOSerialPort *port, const uint8_t *buf, size_t size);

/* How many bytes virtio_serial_write() would take now; counting stops when there is room for 4096. */
size_t virtio_serial_guest_ready(VirtIOSerialPort *port);

/* Leaves what the driver sends in its queue, or goes on with it in the next round of the main loop. */
void virtio_serial_throttle_port(VirtIOSerialPort *port, bool throttle);

#endif
