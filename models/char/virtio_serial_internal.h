/* What the files of virtio-serial share; not for port classes. */
#ifndef QOSIM_MODELS_CHAR_VIRTIO_SERIAL_INTERNAL_H
#define QOSIM_MODELS_CHAR_VIRTIO_SERIAL_INTERNAL_H

#include "models/char/virtio_serial.h"

/* The plugged port @id; NULL: there is none. */
VirtIOSerialPort *virtio_serial_find_port(const VirtIOSerial *vser, uint32_t id);

/* Gives back unread all that waits in @vq. */
void virtio_serial_discard(VirtIOSerial *vser, VirtQueue *vq);

/* Control messages. One that finds no buffer of the driver's is lost. */
void virtio_serial_send_control(VirtIOSerial *vser, uint32_t id, uint16_t event, uint16_t value);

/* Answers the messages that wait in the driver's control queue. */
void virtio_serial_handle_control(VirtIOSerial *vser);

/* Hands what waits in the port's ovq to its class, or drops it while nobody is there. */
void virtio_serial_port_flush(VirtIOSerialPort *port);

/* Calls the class's have_data, after which a port that was closed meanwhile is cleaned up. */
ssize_t virtio_serial_port_have_data(VirtIOSerialPort *port, const uint8_t *buf, size_t len);

/* The driver has (not) opened the port. */
void virtio_serial_port_set_guest_connected(VirtIOSerialPort *port, bool connected);

/* The driver added receive buffers, or may have. */
void virtio_serial_port_guest_writable(VirtIOSerialPort *port);

/* The driver has gone. */
void virtio_serial_port_guest_reset(VirtIOSerialPort *port);

#endif
