/* Control messages of the virtio console: which ports there are and which sides of them are open. */
#include "virtio_console_internal.h"

#include <stddef.h>

#include "soc.h"

/* Events. */
enum {
    DEVICE_READY,
    PORT_ADD,
    PORT_REMOVE,
    PORT_READY,
    CONSOLE_PORT,
    RESIZE,
    PORT_OPEN,
    PORT_NAME,
};

#define MESSAGE_BYTES 8u
#define NO_PORT 0xffffffffu

static uint16_t get16(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] | bytes[1] << 8);
}

static uint32_t get32(const uint8_t *bytes)
{
    return get16(bytes) | (uint32_t)get16(bytes + 2) << 16;
}

/* Sends one message and waits until the device has read it, which it does at once. */
static void send(VirtioConsole *c, uint32_t id, uint16_t event, uint16_t value)
{
    Virtqueue *q = &c->queues[CONTROL_OUT];
    static uint32_t message[2];
    uint64_t deadline;
    uint32_t length;

    if (c->error) {
        return;
    }
    message[0] = id;
    message[1] = event | (uint32_t)value << 16;
    virtq_add(q, message, MESSAGE_BYTES, false, message);
    virtio_mmio_kick(c->device, CONTROL_OUT, q);
    deadline = mtime() + CONSOLE_PATIENCE_TICKS;
    while (!virtq_take(q, &length)) {
        if (q->error || mtime() > deadline) {
            c->error = q->error ? q->error : "the device does not take a control message";
            return;
        }
    }
}

void console_control_open(ConsolePort *port, bool open)
{
    if (port->console->multiport && port->guest_open != open) {
        send(port->console, port->id, PORT_OPEN, open);
    }
    port->guest_open = open;
}

void console_control_start(VirtioConsole *c)
{
    Virtqueue *q = &c->queues[CONTROL_IN];

    for (unsigned i = 0; i < q->num; i++) {
        virtq_add(q, c->control_in[i], CONTROL_BYTES, true, c->control_in[i]);
    }
}

void console_control_ready(VirtioConsole *c)
{
    virtio_mmio_kick(c->device, CONTROL_IN, &c->queues[CONTROL_IN]);
    send(c, NO_PORT, DEVICE_READY, 1);
}

static void take_name(ConsolePort *port, const uint8_t *name, uint32_t length)
{
    unsigned n = 0;

    for (uint32_t i = 0; i < length && name[i] && n < CONSOLE_NAME_BYTES - 1; i++) {
        port->name[n++] = name[i] >= ' ' && name[i] < 0x7f ? (char)name[i] : '?';
    }
    port->name[n] = '\0';
    print("demo: port %u is called %s\n", port->id, port->name);
}

static void take_host_open(ConsolePort *port, bool open)
{
    if (open == port->host_open) {
        return;
    }
    port->host_open = open;
    if (open && !port->is_console) {
        console_port_open(port);
    } else if (!open) {
        console_port_host_closed(port);
    }
}

static void take_add(VirtioConsole *c, uint32_t id)
{
    if (id >= CONSOLE_PORTS) {
        print("demo: port %u is refused: there is room for ports 0 to %u\n", (unsigned)id,
              CONSOLE_PORTS - 1);
        send(c, id, PORT_READY, 0);
        return;
    }
    if (!c->ports[id].present) {
        console_port_add(&c->ports[id]);
    }
    send(c, id, PORT_READY, 1);
}

static void take_remove(ConsolePort *port)
{
    print("demo: port %u is gone\n", port->id);
    port->present = false;
    port->guest_open = false;
    port->host_open = false;
    port->service = NULL;
}

static void take_message(VirtioConsole *c, const uint8_t *message, uint32_t length)
{
    const uint32_t id = get32(message);
    const uint16_t event = get16(message + 4);
    const uint16_t value = get16(message + 6);
    ConsolePort *port;

    if (event == PORT_ADD) {
        take_add(c, id);
        return;
    }
    if (id >= CONSOLE_PORTS || !c->ports[id].present) {
        return; /* of a port that was refused, has gone, or is yet to be added */
    }
    port = &c->ports[id];
    switch (event) {
    case PORT_REMOVE:
        take_remove(port);
        break;
    case CONSOLE_PORT:
        if (value && !port->is_console) {
            port->is_console = true;
            console_port_open(port);
        }
        break;
    case RESIZE:
        if (length >= MESSAGE_BYTES + 4) {
            c->columns = get16(message + 8);
            c->rows = get16(message + 10);
        }
        break;
    case PORT_OPEN:
        take_host_open(port, value != 0);
        break;
    case PORT_NAME:
        take_name(port, message + MESSAGE_BYTES, length - MESSAGE_BYTES);
        break;
    default:
        break;
    }
}

void console_control_poll(VirtioConsole *c)
{
    Virtqueue *q = &c->queues[CONTROL_IN];
    uint8_t message[CONTROL_BYTES];
    uint8_t *buffer;
    uint32_t length;

    unsigned n = 0;

    /* The buffer goes back before its message is answered, since the device drops messages that find none. */
    for (; n < VIRTQ_SIZE && !c->error && (buffer = virtq_take(q, &length)); n++) {
        for (uint32_t i = 0; i < length; i++) {
            message[i] = buffer[i];
        }
        virtq_add(q, buffer, CONTROL_BYTES, true, buffer);
        virtio_mmio_kick(c->device, CONTROL_IN, q);
        if (length >= MESSAGE_BYTES) {
            take_message(c, message, length);
        }
    }
    c->interrupted |= n == VIRTQ_SIZE; /* there may be more */
}
