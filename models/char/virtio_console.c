#include "models/char/virtio_console.h"

#include "models/char/chardev_property.h"
#include "models/core/machine.h"

/* A chardev counts in int. */
#define WRITE_MAX (1u << 30)

static bool is_console(VirtConsole *vcon)
{
    return VIRTIO_SERIAL_PORT_GET_CLASS(vcon)->is_console;
}

/* --- To the chardev --- */

static bool chr_write_unblocked(void *opaque, GIOCondition cond)
{
    VirtConsole *vcon = opaque;

    (void)cond;
    vcon->watch = 0;
    virtio_serial_throttle_port(VIRTIO_SERIAL_PORT(vcon), false);
    return false;
}

static void stop_waiting(VirtConsole *vcon)
{
    qemu_chr_fe_remove_watch(&vcon->chr, vcon->watch);
    vcon->watch = 0;
}

/* The driver waits until the chardev takes more, unless that failed to write because it closed. */
static void wait_for_chardev(VirtConsole *vcon)
{
    VirtIOSerialPort *port = VIRTIO_SERIAL_PORT(vcon);

    if (!port->host_connected) {
        return;
    }
    virtio_serial_throttle_port(port, true);
    if (!vcon->watch) {
        vcon->watch =
            qemu_chr_fe_add_watch(&vcon->chr, G_IO_OUT | G_IO_HUP, chr_write_unblocked, vcon);
    }
}

static ssize_t virtconsole_have_data(VirtIOSerialPort *port, const uint8_t *buf, size_t len)
{
    VirtConsole *vcon = VIRTIO_CONSOLE_SERIAL_PORT(port);
    size_t done = 0;

    while (done < len) {
        int piece = (int)MIN(len - done, WRITE_MAX);
        int taken = qemu_chr_fe_write(&vcon->chr, buf + done, piece);

        done += (size_t)MAX(taken, 0);
        if (taken < piece) {
            if (!is_console(vcon)) {
                wait_for_chardev(vcon);
            }
            break;
        }
    }
    return (ssize_t)done;
}

/* --- From the chardev --- */

/* A driver that claims room for 2 GiB or more gets nothing, as with QEMU, where the number becomes negative: it has not got it. */
static int chr_can_read(void *opaque)
{
    size_t room = virtio_serial_guest_ready(opaque);

    return room <= G_MAXINT ? (int)room : 0;
}

static void chr_read(void *opaque, const uint8_t *buf, int size)
{
    virtio_serial_write(opaque, buf, (size_t)size);
}

static void chr_event(void *opaque, QEMUChrEvent event)
{
    VirtConsole *vcon = opaque;

    switch (event) {
    case CHR_EVENT_OPENED:
        virtio_serial_open(VIRTIO_SERIAL_PORT(vcon));
        break;
    case CHR_EVENT_CLOSED:
        stop_waiting(vcon);
        virtio_serial_close(VIRTIO_SERIAL_PORT(vcon));
        break;
    default:
        break; /* breaks and the focus of a mux mean nothing to a driver */
    }
}

static void attach_handlers(VirtConsole *vcon, bool set_open)
{
    qemu_chr_fe_set_handlers(&vcon->chr, chr_can_read, chr_read,
                             is_console(vcon) ? NULL : chr_event, vcon, set_open);
}

/* --- Callbacks of the port --- */

static void virtconsole_enable_backend(VirtIOSerialPort *port, bool enable)
{
    VirtConsole *vcon = VIRTIO_CONSOLE_SERIAL_PORT(port);

    if (enable) {
        attach_handlers(vcon, false);
    } else {
        qemu_chr_fe_set_handlers(&vcon->chr, NULL, NULL, NULL, NULL, false);
    }
}

static void virtconsole_guest_writable(VirtIOSerialPort *port)
{
    qemu_chr_fe_accept_input(&VIRTIO_CONSOLE_SERIAL_PORT(port)->chr);
}

static void virtconsole_set_guest_connected(VirtIOSerialPort *port, bool guest_connected)
{
    VirtConsole *vcon = VIRTIO_CONSOLE_SERIAL_PORT(port);
    DeviceState *dev = DEVICE(port);
    const MachineEvent event = {
        .kind = MACHINE_EVENT_VSERPORT,
        .id = dev->id,
        .path = dev->canonical_path,
        .level = guest_connected,
    };

    if (!is_console(vcon)) {
        qemu_chr_fe_set_open(&vcon->chr, guest_connected);
    }
    if (dev->id) {
        machine_emit(qdev_get_machine(dev), &event);
    }
    if (guest_connected) {
        qemu_chr_fe_accept_input(&vcon->chr);
    }
}

/* --- Life --- */

static bool virtconsole_realize(DeviceState *dev, GError **error)
{
    VirtConsole *vcon = VIRTIO_CONSOLE_SERIAL_PORT(dev);
    VirtIOSerialPort *port = VIRTIO_SERIAL_PORT(dev);

    if (port->id == 0 && !is_console(vcon)) {
        return qom_error_set(error, "Port number 0 on virtio-serial devices reserved for "
                                    "virtconsole devices for backward compatibility.");
    }
    if (!qemu_chr_fe_backend_connected(&vcon->chr)) {
        return true;
    }
    attach_handlers(vcon, is_console(vcon));
    if (is_console(vcon)) {
        virtio_serial_open(port);
    }
    return true;
}

static void virtconsole_unrealize(DeviceState *dev)
{
    VirtConsole *vcon = VIRTIO_CONSOLE_SERIAL_PORT(dev);

    stop_waiting(vcon);
    qemu_chr_fe_deinit(&vcon->chr, false);
}

static const Property virtserialport_properties[] = {
    DEFINE_PROP_CHR("chardev", VirtConsole, chr),
    DEFINE_PROP_END_OF_LIST(),
};

static void virtserialport_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);
    VirtIOSerialPortClass *pc = VIRTIO_SERIAL_PORT_CLASS(klass);

    (void)data;
    dc->desc = "virtio-serial port with a chardev";
    device_class_set_props(dc, virtserialport_properties);
    pc->realize = virtconsole_realize;
    pc->unrealize = virtconsole_unrealize;
    pc->set_guest_connected = virtconsole_set_guest_connected;
    pc->enable_backend = virtconsole_enable_backend;
    pc->guest_writable = virtconsole_guest_writable;
    pc->have_data = virtconsole_have_data;
}

static void virtconsole_class_init(ObjectClass *klass, void *data)
{
    (void)data;
    DEVICE_CLASS(klass)->desc = "virtio-serial port that is a console";
    VIRTIO_SERIAL_PORT_CLASS(klass)->is_console = true;
}

static const TypeInfo virtio_console_types[] = {
    {
        .name = TYPE_VIRTIO_CONSOLE_SERIAL_PORT,
        .parent = TYPE_VIRTIO_SERIAL_PORT,
        .instance_size = sizeof(VirtConsole),
        .class_init = virtserialport_class_init,
    },
    {
        .name = TYPE_VIRTIO_CONSOLE,
        .parent = TYPE_VIRTIO_CONSOLE_SERIAL_PORT,
        .class_init = virtconsole_class_init,
    },
};

DEFINE_TYPES(virtio_console_types)
