/*
 * The ports that have a chardev. A virtserialport is open to the driver while its chardev is, and makes the driver wait
 * while its chardev takes no more. A virtconsole is open from the start, and what its chardev does not take is lost.
 */
#ifndef QOSIM_MODELS_CHAR_VIRTIO_CONSOLE_H
#define QOSIM_MODELS_CHAR_VIRTIO_CONSOLE_H

#include "models/char/virtio_serial.h"
#include "models/chardev/chardev_fe.h"

OBJECT_DECLARE_SIMPLE_TYPE(VirtConsole, VIRTIO_CONSOLE_SERIAL_PORT)

struct VirtConsole {
    VirtIOSerialPort parent_obj;

    /* Properties */
    CharFrontend chr; /* "chardev" */

    /* State */
    unsigned watch; /* tells when the chardev takes more; 0: nobody waits */
};

#endif
