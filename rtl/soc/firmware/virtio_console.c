#include "virtio_console.h"

#include <stddef.h>

#include "format.h"
#include "plic.h"
#include "soc.h"
#include "virtio_console_internal.h"

#define F_SIZE (1ull << 0)
#define F_MULTIPORT (1ull << 1)

/* Configuration space. */
#define CONFIG_COLUMNS 0u
#define CONFIG_MAX_PORTS 4u

#define MAX_RESTARTS 8u

/* Port 0 has the first two queues, the control messages the next two. */
static unsigned receive_queue(const ConsolePort *port)
{
    return port->id == 0 ? 0 : 2 * port->id + 2;
}

static unsigned transmit_queue(const ConsolePort *port)
{
    return receive_queue(port) + 1;
}

/* --- Buffers --- */

static unsigned count(const ConsolePort *port, BufferPlace place)
{
    unsigned n = 0;

    for (unsigned i = 0; i < CONSOLE_BUFFERS; i++) {
        n += port->buffers[i].place == place;
    }
    return n;
}

/* The port has @buffer back: it waits for bytes, if not enough others do. Returns whether it does. */
static bool recycle(ConsolePort *port, PortBuffer *buffer)
{
    Virtqueue *q = &port->console->queues[receive_queue(port)];

    buffer->place = BUFFER_IDLE;
    if (!port->present || count(port, BUFFER_RECEIVING) >= CONSOLE_RECEIVING ||
        !virtq_add(q, buffer->bytes, CONSOLE_BUFFER_BYTES, true, buffer)) {
        return false;
    }
    buffer->place = BUFFER_RECEIVING;
    return true;
}

static void kick_receive(ConsolePort *port)
{
    const unsigned n = receive_queue(port);

    virtio_mmio_kick(port->console->device, n, &port->console->queues[n]);
}

/* No queue is served more than that at a time, so that a busy one does not keep the rest waiting. */
static bool goes_on(VirtioConsole *c, unsigned n)
{
    c->interrupted |= n == VIRTQ_SIZE; /* there may be more */
    return n < VIRTQ_SIZE;
}

/* Takes back what the device has sent. */
static void poll_sent(ConsolePort *port)
{
    Virtqueue *q = &port->console->queues[transmit_queue(port)];
    bool again = false;
    PortBuffer *buffer;
    uint32_t length;

    for (unsigned n = 0; goes_on(port->console, n) && (buffer = virtq_take(q, &length)); n++) {
        again |= recycle(port, buffer);
    }
    if (again) {
        kick_receive(port);
    }
}

/* Hands on what has come. */
static void poll_received(ConsolePort *port)
{
    Virtqueue *q = &port->console->queues[receive_queue(port)];
    bool again = false;
    PortBuffer *buffer;
    uint32_t length;

    for (unsigned n = 0; goes_on(port->console, n) && (buffer = virtq_take(q, &length)); n++) {
        buffer->place = BUFFER_IN_HAND;
        buffer->length = length;
        port->bytes_in += length;
        if (!port->present || !port->service || !port->service->received(port, buffer)) {
            again |= recycle(port, buffer);
        }
    }
    if (again) {
        kick_receive(port);
    }
}

/* --- Output --- */

void port_send(ConsolePort *port, PortBuffer *buffer)
{
    const unsigned n = transmit_queue(port);
    Virtqueue *q = &port->console->queues[n];

    if (buffer->length == 0 || !virtq_add(q, buffer->bytes, buffer->length, false, buffer)) {
        recycle(port, buffer);
        return;
    }
    buffer->place = BUFFER_SENDING;
    port->bytes_out += buffer->length;
    virtio_mmio_kick(port->console->device, n, q);
}

static PortBuffer *take_idle(ConsolePort *port)
{
    for (unsigned i = 0; i < CONSOLE_BUFFERS; i++) {
        if (port->buffers[i].place == BUFFER_IDLE) {
            port->buffers[i].length = 0;
            port->buffers[i].place = BUFFER_IN_HAND;
            return &port->buffers[i];
        }
    }
    return NULL;
}

/* A buffer for output, waited for if the device has them all; NULL if it keeps them for too long. */
static PortBuffer *wait_for_idle(ConsolePort *port)
{
    PortBuffer *buffer = take_idle(port);
    uint64_t deadline;

    if (!buffer && !port->dropped) { /* once it did not come in time, waiting is over */
        deadline = mtime() + CONSOLE_PATIENCE_TICKS;
        while (!buffer && mtime() < deadline && !port->console->error) {
            poll_sent(port);
            buffer = take_idle(port);
        }
    }
    return buffer;
}

void port_put(void *opaque, char c)
{
    ConsolePort *port = opaque;

    if (!port->output) {
        poll_sent(port);
        port->output = wait_for_idle(port);
    }
    if (!port->output) {
        port->dropped++;
        return;
    }
    port->output->bytes[port->output->length++] = (uint8_t)c;
    if (port->output->length == CONSOLE_BUFFER_BYTES) {
        port_flush(port);
    }
}

void port_flush(ConsolePort *port)
{
    PortBuffer *buffer = port->output;

    port->output = NULL;
    if (buffer) {
        port_send(port, buffer);
    }
}

void port_print(ConsolePort *port, const char *text, ...)
{
    va_list args;

    va_start(args, text);
    format(port_put, port, text, args);
    va_end(args);
    port_flush(port);
}

/* --- Ports --- */

/* A port that was removed and comes again finds what was posted for it still in its queues. */
void console_port_add(ConsolePort *port)
{
    poll_received(port);
    poll_sent(port);
    port->lost = count(port, BUFFER_SENDING);
    port->present = true;
    port->is_console = false;
    port->name[0] = '\0';
    port->bytes_in = 0;
    port->bytes_out = 0;
    port->dropped = 0;
    port->output = NULL;
    for (unsigned i = 0; i < CONSOLE_BUFFERS; i++) {
        if (port->buffers[i].place == BUFFER_IDLE) {
            recycle(port, &port->buffers[i]);
        }
    }
    kick_receive(port);
}

void console_port_open(ConsolePort *port)
{
    VirtioConsole *c = port->console;

    port->service = port->is_console ? c->for_consoles : c->for_others;
    console_control_open(port, true);
    print("demo: port %u is open: %s\n", port->id, port->service->name);
    if (port->service->opened) {
        port->service->opened(port);
    }
}

/*
 * The device has returned what waited to be sent before it told this. What it still holds is lost: QEMU's drops a buffer
 * of which the host had read a part. Only a reset brings that back, which is worth it when nothing else is left.
 */
void console_port_host_closed(ConsolePort *port)
{
    poll_sent(port);
    port->lost = count(port, BUFFER_SENDING);
    print("demo: port %u: the host has closed it\n", port->id);
    if (port->lost == CONSOLE_BUFFERS) {
        port->console->error = "a port has lost all its buffers";
    }
}

/* --- The device --- */

/*
 * The interrupt of a device that wants a reset stays up whatever is acknowledged (so QEMU's does), and would be all that the
 * core does. It is off until the device is started anew.
 */
static void virtio_console_interrupt(unsigned source, void *opaque)
{
    VirtioConsole *c = opaque;
    const uint32_t why = virtio_mmio_take_interrupt(c->device);

    if (why & VIRTIO_INTERRUPT_CONFIG) {
        c->config_changed = true;
    }
    if (why != VIRTIO_INTERRUPT_USED && virtio_mmio_is_broken(c->device)) {
        plic_enable(source, false);
    }
    c->interrupted = true;
}

static void forget_ports(VirtioConsole *c)
{
    static uint8_t NOINIT pool[CONSOLE_PORTS][CONSOLE_BUFFERS][CONSOLE_BUFFER_BYTES];

    for (unsigned i = 0; i < CONSOLE_PORTS; i++) {
        ConsolePort *port = &c->ports[i];

        port->console = c;
        port->id = i;
        port->present = port->is_console = port->host_open = port->guest_open = false;
        port->service = NULL;
        port->lost = 0;
        port->output = NULL;
        for (unsigned k = 0; k < CONSOLE_BUFFERS; k++) {
            port->buffers[k].bytes = pool[i][k];
            port->buffers[k].place = BUFFER_IDLE;
        }
    }
}

static const char *add_queues(VirtioConsole *c)
{
    static NOINIT VirtqRing rings[CONSOLE_QUEUES];
    const unsigned ports = c->max_ports < CONSOLE_PORTS ? c->max_ports : CONSOLE_PORTS;
    const unsigned n = c->multiport ? 2 * (ports + 1) : 2;
    const char *error = NULL;

    for (unsigned i = 0; i < CONSOLE_QUEUES; i++) {
        c->queues[i].num = 0;
    }
    for (unsigned i = 0; i < n && !error; i++) {
        error = virtio_mmio_add_queue(c->device, i, &c->queues[i], &rings[i]);
    }
    return error;
}

static void read_size(VirtioConsole *c)
{
    if (c->device->features & F_SIZE) {
        virtio_mmio_config16_pair(c->device, CONFIG_COLUMNS, &c->columns, &c->rows);
    }
}

static const char *start(VirtioConsole *c)
{
    const char *error = virtio_mmio_start(c->device, F_SIZE | F_MULTIPORT);

    c->error = NULL;
    c->config_changed = false;
    forget_ports(c);
    if (error) {
        return error;
    }
    c->multiport = c->device->features & F_MULTIPORT;
    c->max_ports = c->multiport ? virtio_mmio_config32(c->device, CONFIG_MAX_PORTS) : 1;
    error = add_queues(c);
    if (error) {
        return error;
    }
    print("demo: virtio console at 0x%x, %s, %u ports at most, interrupt %u\n",
          (unsigned)c->device->base, c->device->modern ? "modern" : "legacy",
          (unsigned)c->max_ports, c->device->source);
    read_size(c);
    if (c->multiport) {
        console_control_start(c);
    }
    virtio_mmio_ready(c->device);
    plic_enable(c->device->source, true);
    if (c->multiport) {
        console_control_ready(c);
    } else { /* one port, a console, that is always open */
        console_port_add(&c->ports[0]);
        c->ports[0].is_console = c->ports[0].host_open = true;
        console_port_open(&c->ports[0]);
    }
    return c->error;
}

bool virtio_console_start(VirtioConsole *c, VirtioMmio *device, const PortService *for_consoles,
                          const PortService *for_others)
{
    const char *error;

    c->device = device;
    c->for_consoles = for_consoles;
    c->for_others = for_others;
    c->restarts = 0;
    plic_connect(device->source, virtio_console_interrupt, c);
    error = start(c);
    if (error) {
        print("demo: the virtio console cannot be used: %s\n", error);
    }
    return !error;
}

/* What any queue's device did wrong, NULL: nothing. */
static const char *queue_error(const VirtioConsole *c)
{
    for (unsigned i = 0; i < CONSOLE_QUEUES; i++) {
        if (c->queues[i].num && c->queues[i].error) {
            return c->queues[i].error;
        }
    }
    return NULL;
}

static void poll_config(VirtioConsole *c)
{
    c->config_changed = false;
    if (virtio_mmio_is_broken(c->device)) {
        c->error = "the device found a mistake and wants a reset";
    } else if (!c->multiport) {
        read_size(c);
    }
}

static bool restart(VirtioConsole *c)
{
    const char *error = c->error;

    do {
        print("demo: virtio console: %s\n", error);
        if (c->restarts++ == MAX_RESTARTS) {
            virtio_mmio_give_up(c->device);
            print("demo: the virtio console is given up\n");
            return false;
        }
        error = start(c);
    } while (error);
    return true;
}

bool virtio_console_has_work(const VirtioConsole *c)
{
    return c->interrupted;
}

bool virtio_console_poll(VirtioConsole *c)
{
    if (!c->interrupted) {
        return true;
    }
    c->interrupted = false;
    if (c->config_changed) {
        poll_config(c);
    }
    if (c->multiport && !c->error) {
        console_control_poll(c);
    }
    for (unsigned i = 0; i < CONSOLE_PORTS && !c->error; i++) {
        poll_sent(&c->ports[i]);
        poll_received(&c->ports[i]);
    }
    if (!c->error) {
        c->error = queue_error(c);
    }
    return !c->error || restart(c);
}

void virtio_console_stop(VirtioConsole *c)
{
    const uint64_t deadline = mtime() + CONSOLE_PATIENCE_TICKS;

    for (unsigned i = 0; i < CONSOLE_PORTS; i++) {
        ConsolePort *port = &c->ports[i];

        while (port->present && port->host_open && count(port, BUFFER_SENDING) > port->lost &&
               mtime() < deadline && !queue_error(c)) {
            poll_sent(port);
        }
        if (port->present) {
            console_control_open(port, false);
        }
    }
    virtio_mmio_reset(c->device);
}
