/* Ports: their place on the device, the host's side, and what the driver sends. */
#include "models/char/iov.h"
#include "models/char/virtio_serial_internal.h"
#include "models/core/machine.h"
#include "models/core/qdev_properties.h"

/* How far virtio_serial_guest_ready() counts. */
#define GUEST_READY_SCAN 4096

/* Free ids are looked for in words of so many, the last of which may reach beyond the ports that the device has. */
#define ID_WORD 32

/* --- From the driver --- */

/* The driver does not get the held element back; a class that is still reading it may finish first. */
static void drop_held(VirtIOSerialPort *port)
{
    VirtQueueElement *elem = g_steal_pointer(&port->elem);

    if (elem && port->in_have_data) {
        port->dropped = elem;
    } else if (elem) {
        virtqueue_detach_element(port->ovq, elem);
        virtqueue_element_free(elem);
    }
}

void virtio_serial_discard(VirtIOSerial *vser, VirtQueue *vq)
{
    if (virtio_queue_ready(vq)) {
        virtqueue_drop_all(vq);
        virtio_notify(VIRTIO_DEVICE(vser), vq);
    }
}

ssize_t virtio_serial_port_have_data(VirtIOSerialPort *port, const uint8_t *buf, size_t len)
{
    ssize_t taken;

    port->in_have_data = true;
    taken = VIRTIO_SERIAL_PORT_GET_CLASS(port)->have_data(port, buf, len);
    port->in_have_data = false;
    if (port->dropped) {
        virtqueue_detach_element(port->ovq, port->dropped);
        g_clear_pointer(&port->dropped, virtqueue_element_free);
    }
    return taken;
}

/* Hands the rest of the held element to the class; false when it was throttled or closed before the end. */
static bool consume_held(VirtIOSerialPort *port)
{
    while (port->iov_idx < port->elem->out_num) {
        const struct iovec *segment = &port->elem->out_sg[port->iov_idx];
        ssize_t taken = virtio_serial_port_have_data(
            port, (const uint8_t *)segment->iov_base + port->iov_offset,
            segment->iov_len - port->iov_offset);

        if (!port->elem) {
            return false;
        }
        if (port->throttled) {
            port->iov_offset += (size_t)MAX(taken, 0);
            return false;
        }
        port->iov_idx++;
        port->iov_offset = 0;
    }
    return true;
}

static bool hold_next(VirtIOSerialPort *port)
{
    if (!port->elem) {
        port->elem = virtqueue_pop(port->ovq);
        port->iov_idx = 0;
        port->iov_offset = 0;
    }
    return port->elem;
}

static void consume_queue(VirtIOSerialPort *port)
{
    while (!port->throttled && hold_next(port)) {
        if (consume_held(port)) {
            virtqueue_push(port->ovq, port->elem, 0);
            g_clear_pointer(&port->elem, virtqueue_element_free);
        } else if (!port->elem) {
            return; /* closed, which has told the driver what there was to tell */
        }
    }
    virtio_notify(VIRTIO_DEVICE(port->vser), port->ovq);
}

void virtio_serial_port_flush(VirtIOSerialPort *port)
{
    if (!port->host_connected) {
        virtio_serial_discard(port->vser, port->ovq);
    } else if (!port->throttled && virtio_queue_ready(port->ovq)) {
        consume_queue(port);
    }
}

static void flush_later(void *opaque)
{
    VirtIOSerialPort *port = opaque;

    if (port->ovq) {
        virtio_serial_port_flush(port);
    }
}

/* --- The driver's side --- */

void virtio_serial_port_set_guest_connected(VirtIOSerialPort *port, bool connected)
{
    const VirtIOSerialPortClass *pc = VIRTIO_SERIAL_PORT_GET_CLASS(port);

    port->guest_connected = connected;
    if (pc->set_guest_connected) {
        pc->set_guest_connected(port, connected);
    }
}

void virtio_serial_port_guest_reset(VirtIOSerialPort *port)
{
    drop_held(port);
    if (port->guest_connected) {
        virtio_serial_port_set_guest_connected(port, false);
    }
}

void virtio_serial_port_guest_writable(VirtIOSerialPort *port)
{
    const VirtIOSerialPortClass *pc = VIRTIO_SERIAL_PORT_GET_CLASS(port);

    if (port->guest_connected && port->host_connected && pc->guest_writable) {
        pc->guest_writable(port);
    }
}

/* --- The host's side --- */

void virtio_serial_open(VirtIOSerialPort *port)
{
    if (!port->host_connected) {
        port->host_connected = true;
        virtio_serial_send_control(port->vser, port->id, VIRTIO_CONSOLE_PORT_OPEN, 1);
    }
}

void virtio_serial_close(VirtIOSerialPort *port)
{
    port->host_connected = false;
    port->throttled = false;
    drop_held(port);
    if (port->ovq) {
        virtio_serial_discard(port->vser, port->ovq);
    }
    virtio_serial_send_control(port->vser, port->id, VIRTIO_CONSOLE_PORT_OPEN, 0);
}

size_t virtio_serial_write(VirtIOSerialPort *port, const uint8_t *buf, size_t size)
{
    VirtQueueElement *elem;
    size_t done = 0;

    if (!port->ivq || !port->host_connected || !port->guest_connected ||
        !virtio_queue_ready(port->ivq)) {
        return 0;
    }
    virtio_begin_work(VIRTIO_DEVICE(port->vser));
    while (done < size && (elem = virtqueue_pop(port->ivq))) {
        size_t len = iov_from_buf(elem->in_sg, elem->in_num, buf + done, size - done);

        virtqueue_push(port->ivq, elem, (unsigned)len);
        virtqueue_element_free(elem);
        done += len;
    }
    virtio_notify(VIRTIO_DEVICE(port->vser), port->ivq);
    return done;
}

size_t virtio_serial_guest_ready(VirtIOSerialPort *port)
{
    const VirtIODevice *vdev = VIRTIO_DEVICE(port->vser);
    unsigned bytes;

    if (!port->ivq || !(vdev->status & VIRTIO_CONFIG_S_DRIVER_OK) ||
        virtio_queue_empty(port->ivq)) {
        return 0;
    }
    if (virtio_vdev_has_feature(vdev, VIRTIO_CONSOLE_F_MULTIPORT) && !port->guest_connected) {
        return 0;
    }
    virtqueue_get_avail_bytes(port->ivq, &bytes, NULL, GUEST_READY_SCAN, 0);
    return bytes;
}

void virtio_serial_throttle_port(VirtIOSerialPort *port, bool throttle)
{
    port->throttled = throttle;
    if (!throttle) {
        bottom_half_schedule(&port->bh);
    }
}

/* --- Names and numbers --- */

VirtIOSerialPort *virtio_serial_find_port(const VirtIOSerial *vser, uint32_t id)
{
    return id < vser->max_ports ? vser->by_id[id] : NULL;
}

/* Nonzero when @obj is a virtio-serial device with a port called @opaque. */
static int has_port_named(Object *obj, void *opaque)
{
    const VirtIOSerial *vser = (VirtIOSerial *)object_dynamic_cast(obj, TYPE_VIRTIO_SERIAL);

    for (guint i = 0; vser && vser->ports && i < vser->ports->len; i++) {
        const VirtIOSerialPort *port = g_ptr_array_index(vser->ports, i);

        if (g_strcmp0(port->name, opaque) == 0) {
            return 1;
        }
    }
    return 0;
}

static uint32_t find_free_id(const VirtIOSerial *vser)
{
    for (uint32_t id = 1; id < vser->max_ports; id++) {
        if (!vser->by_id[id]) {
            return id;
        }
    }
    return vser->max_ports % ID_WORD ? vser->max_ports : VIRTIO_CONSOLE_BAD_ID;
}

static bool choose_id(VirtIOSerialPort *port, GError **error)
{
    if (port->id != VIRTIO_CONSOLE_BAD_ID) {
        return true;
    }
    /* The first console is port 0, the one that a driver without MULTIPORT knows. */
    if (VIRTIO_SERIAL_PORT_GET_CLASS(port)->is_console && !virtio_serial_find_port(port->vser, 0)) {
        port->id = 0;
    } else {
        port->id = find_free_id(port->vser);
    }
    return port->id != VIRTIO_CONSOLE_BAD_ID ||
           qom_error_set(error, "virtio-serial-bus: Maximum port limit for this device reached");
}

static bool check_id_and_name(VirtIOSerialPort *port, GError **error)
{
    Object *root = qdev_get_machine(DEVICE(port))->root;
    uint32_t max_ports = port->vser->max_ports;

    if (virtio_serial_find_port(port->vser, port->id)) {
        return qom_error_set(error, "virtio-serial-bus: A port already exists at id %u", port->id);
    }
    if (port->name && object_child_foreach_recursive(root, has_port_named, port->name)) {
        return qom_error_set(error, "virtio-serial-bus: A port already exists by name %s",
                             port->name);
    }
    if (!choose_id(port, error)) {
        return false;
    }
    if (port->id >= max_ports) {
        return qom_error_set(error,
                             "virtio-serial-bus: Out-of-range port id specified, max. allowed: %u",
                             max_ports - 1);
    }
    return true;
}

/* --- Life --- */

static bool virtio_serial_port_realize(DeviceState *dev, GError **error)
{
    VirtIOSerialPort *port = VIRTIO_SERIAL_PORT(dev);
    const VirtIOSerialPortClass *pc = VIRTIO_SERIAL_PORT_GET_CLASS(port);

    g_assert(pc->have_data);
    port->vser = VIRTIO_SERIAL_BUS(qdev_get_parent_bus(dev))->vser;
    if (!check_id_and_name(port, error)) {
        return false;
    }
    bottom_half_init(&port->bh, flush_later, port);
    if (pc->realize && !pc->realize(dev, error)) {
        bottom_half_destroy(&port->bh);
        return false;
    }
    return true;
}

static void leave_device(VirtIOSerialPort *port)
{
    VirtIOSerial *vser = port->vser;

    vser->by_id[port->id] = NULL;
    drop_held(port);
    virtio_serial_discard(vser, port->ovq);
    virtio_serial_send_control(vser, port->id, VIRTIO_CONSOLE_PORT_REMOVE, 1);
    g_ptr_array_remove(vser->ports, port);
    port->ivq = NULL;
    port->ovq = NULL;
}

static void virtio_serial_port_unrealize(DeviceState *dev)
{
    VirtIOSerialPort *port = VIRTIO_SERIAL_PORT(dev);
    const VirtIOSerialPortClass *pc = VIRTIO_SERIAL_PORT_GET_CLASS(port);

    bottom_half_destroy(&port->bh);
    if (port->ovq) {
        leave_device(port);
    }
    if (pc->unrealize) {
        pc->unrealize(dev);
    }
}

/* --- What tools see of the state --- */

static bool get_guest_connected(Object *obj, GError **error)
{
    (void)error;
    return VIRTIO_SERIAL_PORT(obj)->guest_connected;
}

static bool get_host_connected(Object *obj, GError **error)
{
    (void)error;
    return VIRTIO_SERIAL_PORT(obj)->host_connected;
}

static bool get_throttled(Object *obj, GError **error)
{
    (void)error;
    return VIRTIO_SERIAL_PORT(obj)->throttled;
}

static const Property virtio_serial_port_properties[] = {
    DEFINE_PROP_UINT32("nr", VirtIOSerialPort, id, VIRTIO_CONSOLE_BAD_ID),
    DEFINE_PROP_STRING("name", VirtIOSerialPort, name),
    DEFINE_PROP_END_OF_LIST(),
};

static void virtio_serial_port_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);

    (void)data;
    dc->categories = 1u << DEVICE_CATEGORY_INPUT;
    dc->bus_type = TYPE_VIRTIO_SERIAL_BUS;
    dc->realize = virtio_serial_port_realize;
    dc->unrealize = virtio_serial_port_unrealize;
    device_class_set_props(dc, virtio_serial_port_properties);
    object_class_property_set_description(klass, "nr", "Number of the port; by default a free one");
    object_class_property_set_description(klass, "name", "Name that the driver is told");
    object_class_property_add_bool(klass, "guest-connected", get_guest_connected, NULL);
    object_class_property_add_bool(klass, "host-connected", get_host_connected, NULL);
    object_class_property_add_bool(klass, "throttled", get_throttled, NULL);
}

static const TypeInfo virtio_serial_port_types[] = {
    {
        .name = TYPE_VIRTIO_SERIAL_PORT,
        .parent = TYPE_DEVICE,
        .instance_size = sizeof(VirtIOSerialPort),
        .abstract = true,
        .class_size = sizeof(VirtIOSerialPortClass),
        .class_init = virtio_serial_port_class_init,
    },
};

DEFINE_TYPES(virtio_serial_port_types)
