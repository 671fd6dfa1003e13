/* The control queues: what driver and device tell each other about ports (virtio 1.2, section 5.3.6.2). */
#include <string.h>

#include "models/char/iov.h"
#include "models/char/virtio_serial_internal.h"
#include "models/core/log.h"

typedef struct ControlMessage {
    uint32_t id;
    uint16_t event;
    uint16_t value;
} ControlMessage;

/* --- To the driver --- */

/* The length reported is the message's, even when the driver's buffer was too short for it. */
static void send_bytes(VirtIOSerial *vser, const uint8_t *bytes, size_t len)
{
    VirtQueueElement *elem;

    virtio_begin_work(VIRTIO_DEVICE(vser));
    elem = virtqueue_pop(vser->c_ivq);
    if (!elem) {
        return;
    }
    iov_from_buf(elem->in_sg, elem->in_num, bytes, len);
    virtqueue_push(vser->c_ivq, elem, (unsigned)len);
    virtqueue_element_free(elem);
    virtio_notify(VIRTIO_DEVICE(vser), vser->c_ivq);
}

static void encode(uint8_t *bytes, uint32_t id, uint16_t event, uint16_t value)
{
    id = GUINT32_TO_LE(id);
    event = GUINT16_TO_LE(event);
    value = GUINT16_TO_LE(value);
    memcpy(bytes, &id, sizeof(id));
    memcpy(bytes + 4, &event, sizeof(event));
    memcpy(bytes + 6, &value, sizeof(value));
}

void virtio_serial_send_control(VirtIOSerial *vser, uint32_t id, uint16_t event, uint16_t value)
{
    uint8_t bytes[VIRTIO_CONSOLE_CONTROL_SIZE];

    encode(bytes, id, event, value);
    send_bytes(vser, bytes, sizeof(bytes));
}

/* The name goes with its terminating NUL. */
static void send_name(VirtIOSerial *vser, const VirtIOSerialPort *port)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();

    g_byte_array_set_size(bytes, VIRTIO_CONSOLE_CONTROL_SIZE);
    encode(bytes->data, port->id, VIRTIO_CONSOLE_PORT_NAME, 1);
    g_byte_array_append(bytes, (const guint8 *)port->name, (guint)strlen(port->name) + 1);
    send_bytes(vser, bytes->data, bytes->len);
}

/* --- From the driver --- */

static void handle_device_ready(VirtIOSerial *vser, bool success)
{
    if (!success) {
        log_guest_error(OBJECT(vser), "virtio-serial-bus: Guest failure in adding device %s",
                        BUS(&vser->bus)->name);
        return;
    }
    for (guint i = 0; i < vser->ports->len; i++) {
        const VirtIOSerialPort *port = g_ptr_array_index(vser->ports, i);

        virtio_serial_send_control(vser, port->id, VIRTIO_CONSOLE_PORT_ADD, 1);
    }
}

static void handle_port_ready(VirtIOSerialPort *port, bool success)
{
    const VirtIOSerialPortClass *pc = VIRTIO_SERIAL_PORT_GET_CLASS(port);
    VirtIOSerial *vser = port->vser;

    if (!success) {
        log_guest_error(OBJECT(port),
                        "virtio-serial-bus: Guest failure in adding port %u for device %s",
                        port->id, BUS(&vser->bus)->name);
        return;
    }
    if (pc->is_console) {
        virtio_serial_send_control(vser, port->id, VIRTIO_CONSOLE_CONSOLE_PORT, 1);
    }
    if (port->name) {
        send_name(vser, port);
    }
    if (port->host_connected) {
        virtio_serial_send_control(vser, port->id, VIRTIO_CONSOLE_PORT_OPEN, 1);
    }
    if (pc->guest_ready) {
        pc->guest_ready(port);
    }
}

static void handle_message(VirtIOSerial *vser, const ControlMessage *message)
{
    VirtIOSerialPort *port;

    if (message->event == VIRTIO_CONSOLE_DEVICE_READY) {
        handle_device_ready(vser, message->value);
        return;
    }
    port = virtio_serial_find_port(vser, message->id);
    if (!port) {
        log_guest_error(OBJECT(vser), "virtio-serial-bus: Unexpected port id %u for device %s",
                        message->id, BUS(&vser->bus)->name);
        return;
    }
    switch (message->event) {
    case VIRTIO_CONSOLE_PORT_READY:
        handle_port_ready(port, message->value);
        break;
    case VIRTIO_CONSOLE_PORT_OPEN:
        virtio_serial_port_set_guest_connected(port, message->value);
        break;
    default:
        break; /* the device's own messages, and those that are not made yet */
    }
}

/* False when @elem is too short to be a message. */
static bool decode(const VirtQueueElement *elem, ControlMessage *message)
{
    uint8_t bytes[VIRTIO_CONSOLE_CONTROL_SIZE];

    if (iov_to_buf(elem->out_sg, elem->out_num, bytes, sizeof(bytes)) < sizeof(bytes)) {
        return false;
    }
    memcpy(&message->id, bytes, sizeof(message->id));
    memcpy(&message->event, bytes + 4, sizeof(message->event));
    memcpy(&message->value, bytes + 6, sizeof(message->value));
    message->id = GUINT32_FROM_LE(message->id);
    message->event = GUINT16_FROM_LE(message->event);
    message->value = GUINT16_FROM_LE(message->value);
    return true;
}

void virtio_serial_handle_control(VirtIOSerial *vser)
{
    VirtQueueElement *elem;
    ControlMessage message;

    while ((elem = virtqueue_pop(vser->c_ovq))) {
        if (decode(elem, &message)) {
            handle_message(vser, &message);
        }
        virtqueue_push(vser->c_ovq, elem, 0);
        virtqueue_element_free(elem);
    }
    virtio_notify(VIRTIO_DEVICE(vser), vser->c_ovq);
}
