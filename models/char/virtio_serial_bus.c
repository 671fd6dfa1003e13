/* The virtio device that ports sit on, and its bus. */
#include <string.h>

#include "models/char/virtio_serial_internal.h"
#include "models/core/qdev_properties.h"

/* Configuration space (virtio 1.2, section 5.3.4): cols u16, rows u16, max_nr_ports u32, emerg_wr u32. */
#define CONFIG_MAX_NR_PORTS 4
#define CONFIG_EMERG_WR 8
#define CONFIG_SIZE 12

/* --- Queues: port 0, control, port 1 and so on; the even one of each pair goes to the driver --- */

static unsigned port_queue(uint32_t id)
{
    return id ? 2 * id + 2 : 0;
}

/* The port that @vq belongs to; NULL: there is none. */
static VirtIOSerialPort *port_of(const VirtIOSerial *vser, const VirtQueue *vq)
{
    unsigned pair = virtio_get_queue_index(vq) / 2;

    return virtio_serial_find_port(vser, pair ? pair - 1 : 0);
}

static void handle_input(VirtIODevice *vdev, VirtQueue *vq)
{
    VirtIOSerialPort *port = port_of(VIRTIO_SERIAL(vdev), vq);

    if (port) {
        virtio_serial_port_guest_writable(port);
    }
}

static void handle_output(VirtIODevice *vdev, VirtQueue *vq)
{
    VirtIOSerialPort *port = port_of(VIRTIO_SERIAL(vdev), vq);

    if (port) {
        virtio_serial_port_flush(port);
    } else {
        virtio_serial_discard(VIRTIO_SERIAL(vdev), vq);
    }
}

/* New buffers change nothing: a message that found none is lost. */
static void control_in(VirtIODevice *vdev, VirtQueue *vq)
{
    (void)vdev, (void)vq;
}

static void control_out(VirtIODevice *vdev, VirtQueue *vq)
{
    (void)vq;
    virtio_serial_handle_control(VIRTIO_SERIAL(vdev));
}

static void add_queues(VirtIOSerial *vser)
{
    VirtIODevice *vdev = VIRTIO_DEVICE(vser);

    for (uint32_t id = 0; id < vser->max_ports; id++) {
        virtio_add_queue(vdev, VIRTIO_SERIAL_PORT_QUEUE_SIZE, handle_input);
        virtio_add_queue(vdev, VIRTIO_SERIAL_PORT_QUEUE_SIZE, handle_output);
        if (id == 0) {
            vser->c_ivq = virtio_add_queue(vdev, VIRTIO_SERIAL_CONTROL_QUEUE_SIZE, control_in);
            vser->c_ovq = virtio_add_queue(vdev, VIRTIO_SERIAL_CONTROL_QUEUE_SIZE, control_out);
        }
    }
}

/* --- Configuration space --- */

static uint64_t virtio_serial_get_features(VirtIODevice *vdev, uint64_t features)
{
    if (VIRTIO_SERIAL(vdev)->max_ports > 1) {
        features |= UINT64_C(1) << VIRTIO_CONSOLE_F_MULTIPORT;
    }
    return features;
}

static void virtio_serial_get_config(VirtIODevice *vdev, uint8_t *config)
{
    uint32_t max_ports = GUINT32_TO_LE(VIRTIO_SERIAL(vdev)->max_ports);

    memset(config, 0, CONFIG_MAX_NR_PORTS);
    memcpy(config + CONFIG_MAX_NR_PORTS, &max_ports, sizeof(max_ports));
}

static VirtIOSerialPort *first_open_console(const VirtIOSerial *vser)
{
    for (guint i = 0; i < vser->ports->len; i++) {
        VirtIOSerialPort *port = g_ptr_array_index(vser->ports, i);

        if (VIRTIO_SERIAL_PORT_GET_CLASS(port)->is_console && port->host_connected) {
            return port;
        }
    }
    return NULL;
}

/* An emergency write is one byte for a console, without queues and at any time. */
static void virtio_serial_set_config(VirtIODevice *vdev, const uint8_t *config)
{
    VirtIOSerialPort *port;
    uint32_t value;

    if (!virtio_host_has_feature(vdev, VIRTIO_CONSOLE_F_EMERG_WRITE)) {
        return;
    }
    memcpy(&value, config + CONFIG_EMERG_WR, sizeof(value));
    if (!value) {
        return;
    }
    /* Else a write to another field would be taken for one more. */
    memset(vdev->config + CONFIG_EMERG_WR, 0, sizeof(value));
    port = first_open_console(VIRTIO_SERIAL(vdev));
    if (port) {
        const uint8_t byte = (uint8_t)GUINT32_FROM_LE(value);

        virtio_serial_port_have_data(port, &byte, 1);
    }
}

/* --- Status and reset --- */

static void reset_ports(const VirtIOSerial *vser)
{
    for (guint i = 0; i < vser->ports->len; i++) {
        virtio_serial_port_guest_reset(g_ptr_array_index(vser->ports, i));
    }
}

/* A driver without MULTIPORT has no way to open port 0; it is open as soon as the driver runs. */
static void open_only_port(VirtIOSerial *vser)
{
    VirtIOSerialPort *port = virtio_serial_find_port(vser, 0);

    if (port && !virtio_vdev_has_feature(VIRTIO_DEVICE(vser), VIRTIO_CONSOLE_F_MULTIPORT)) {
        port->guest_connected = true;
    }
}

static void virtio_serial_set_status(VirtIODevice *vdev, uint8_t status)
{
    VirtIOSerial *vser = VIRTIO_SERIAL(vdev);

    if (status & VIRTIO_CONFIG_S_DRIVER_OK) {
        open_only_port(vser);
        /* The status is not stored yet, so backends that wait for it are asked later. */
        bottom_half_schedule(&vser->bh);
    } else {
        reset_ports(vser);
    }
    for (guint i = 0; i < vser->ports->len; i++) {
        VirtIOSerialPort *port = g_ptr_array_index(vser->ports, i);

        if (VIRTIO_SERIAL_PORT_GET_CLASS(port)->enable_backend) {
            VIRTIO_SERIAL_PORT_GET_CLASS(port)->enable_backend(port, true);
        }
    }
}

static void virtio_serial_reset(VirtIODevice *vdev)
{
    reset_ports(VIRTIO_SERIAL(vdev));
}

static void ask_for_input(void *opaque)
{
    const VirtIOSerial *vser = opaque;

    for (guint i = 0; i < vser->ports->len; i++) {
        virtio_serial_port_guest_writable(g_ptr_array_index(vser->ports, i));
    }
}

/* --- Plugging: the port has checked its id and name, and knows the device --- */

static bool virtio_serial_plug(HotplugHandler *handler, DeviceState *dev, GError **error)
{
    VirtIOSerial *vser = VIRTIO_SERIAL(handler);
    VirtIODevice *vdev = VIRTIO_DEVICE(vser);
    VirtIOSerialPort *port = VIRTIO_SERIAL_PORT(dev);

    (void)error;
    vser->by_id[port->id] = port;
    g_ptr_array_add(vser->ports, port);
    port->ivq = virtio_get_queue(vdev, port_queue(port->id));
    port->ovq = virtio_get_queue(vdev, port_queue(port->id) + 1);
    virtio_serial_send_control(vser, port->id, VIRTIO_CONSOLE_PORT_ADD, 1);
    virtio_notify_config(vdev);
    return true;
}

/* --- Life --- */

static bool virtio_serial_realize(DeviceState *dev, GError **error)
{
    VirtIOSerial *vser = VIRTIO_SERIAL(dev);
    VirtIODevice *vdev = VIRTIO_DEVICE(dev);
    bool emergency = virtio_host_has_feature(vdev, VIRTIO_CONSOLE_F_EMERG_WRITE);

    if (!vser->max_ports) {
        return qom_error_set(error, "Maximum number of serial ports not specified");
    }
    if (vser->max_ports > VIRTIO_SERIAL_MAX_PORTS) {
        return qom_error_set(error, "maximum ports supported: %u", VIRTIO_SERIAL_MAX_PORTS);
    }
    virtio_init(vdev, "virtio-serial", VIRTIO_ID_CONSOLE,
                emergency ? CONFIG_SIZE : CONFIG_EMERG_WR);
    qbus_init(&vser->bus, sizeof(vser->bus), TYPE_VIRTIO_SERIAL_BUS, dev, vdev->bus_name);
    qbus_set_hotplug_handler(BUS(&vser->bus), OBJECT(vser));
    vser->bus.vser = vser;
    add_queues(vser);
    bottom_half_init(&vser->bh, ask_for_input, vser);
    vser->ports = g_ptr_array_new();
    vser->by_id = g_new0(VirtIOSerialPort *, vser->max_ports);
    return true;
}

static void virtio_serial_unrealize(DeviceState *dev)
{
    VirtIOSerial *vser = VIRTIO_SERIAL(dev);

    bottom_half_destroy(&vser->bh);
    g_clear_pointer(&vser->ports, g_ptr_array_unref);
    g_clear_pointer(&vser->by_id, g_free);
    virtio_delete_queues(VIRTIO_DEVICE(dev));
    virtio_cleanup(VIRTIO_DEVICE(dev));
}

static const Property virtio_serial_properties[] = {
    DEFINE_PROP_UINT32("max_ports", VirtIOSerial, max_ports, 31),
    DEFINE_PROP_BIT64("emergency-write", VirtIOSerial, parent_obj.host_features,
                      VIRTIO_CONSOLE_F_EMERG_WRITE, true),
    DEFINE_VIRTIO_COMMON_FEATURES(VirtIOSerial, parent_obj.host_features),
    DEFINE_PROP_END_OF_LIST(),
};

static void virtio_serial_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);
    VirtioDeviceClass *vdc = VIRTIO_DEVICE_CLASS(klass);
    HotplugHandlerClass *hc = HOTPLUG_HANDLER_CLASS(klass);

    (void)data;
    dc->desc = "virtio-serial device: up to 511 ports";
    dc->categories = 1u << DEVICE_CATEGORY_INPUT;
    device_class_set_props(dc, virtio_serial_properties);
    vdc->realize = virtio_serial_realize;
    vdc->unrealize = virtio_serial_unrealize;
    vdc->get_features = virtio_serial_get_features;
    vdc->get_config = virtio_serial_get_config;
    vdc->set_config = virtio_serial_set_config;
    vdc->set_status = virtio_serial_set_status;
    vdc->reset = virtio_serial_reset;
    hc->plug = virtio_serial_plug;
}

static const TypeInfo virtio_serial_types[] = {
    {
        .name = TYPE_VIRTIO_SERIAL_BUS,
        .parent = TYPE_BUS,
        .instance_size = sizeof(VirtIOSerialBus),
    },
    {
        .name = TYPE_VIRTIO_SERIAL,
        .parent = TYPE_VIRTIO_DEVICE,
        .instance_size = sizeof(VirtIOSerial),
        .class_init = virtio_serial_class_init,
        .interfaces =
            (InterfaceInfo[]){
                { TYPE_HOTPLUG_HANDLER },
                {},
            },
    },
};

DEFINE_TYPES(virtio_serial_types)
