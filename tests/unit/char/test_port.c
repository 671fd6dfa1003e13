#include "tests/unit/char/test_port.h"

void test_port_expect(TestPort *port, const char *expected)
{
    g_assert_cmpstr(port->journal->str, ==, expected);
    g_string_truncate(port->journal, 0);
}

void test_port_make_room(TestPort *port, size_t more)
{
    port->takes += more;
    virtio_serial_throttle_port(VIRTIO_SERIAL_PORT(port), false);
}

static ssize_t test_port_have_data(VirtIOSerialPort *port, const uint8_t *buf, size_t len)
{
    TestPort *tp = TEST_PORT(port);
    size_t n = MIN(len, tp->takes);

    tp->takes -= n;
    if (n < len && tp->closes) {
        virtio_serial_close(port);
    } else if (n < len && tp->throttles) {
        virtio_serial_throttle_port(port, true);
    }
    /* After the close, since the bytes must still be there. */
    g_string_append_printf(tp->journal, "have '%.*s' ", (int)n, (const char *)buf);
    return (ssize_t)n;
}

static void test_port_set_guest_connected(VirtIOSerialPort *port, bool guest_connected)
{
    g_string_append_printf(TEST_PORT(port)->journal, "guest %d ", guest_connected);
}

static void test_port_enable_backend(VirtIOSerialPort *port, bool enable)
{
    if (!TEST_PORT(port)->quiet) {
        g_string_append_printf(TEST_PORT(port)->journal, "enable %d ", enable);
    }
}

static void test_port_guest_ready(VirtIOSerialPort *port)
{
    g_string_append(TEST_PORT(port)->journal, "ready ");
}

static void test_port_guest_writable(VirtIOSerialPort *port)
{
    if (!TEST_PORT(port)->quiet) {
        g_string_append(TEST_PORT(port)->journal, "writable ");
    }
}

static bool test_port_realize(DeviceState *dev, GError **error)
{
    TestPort *port = TEST_PORT(dev);

    if (port->fails) {
        return qom_error_set(error, "this port does not want to");
    }
    return true;
}

static void test_port_unrealize(DeviceState *dev)
{
    const VirtIOSerialPort *port = VIRTIO_SERIAL_PORT(dev);

    /* By then the port has left its device. */
    g_assert_null(port->ovq);
    g_assert_null(port->elem);
}

static bool get_fails(Object *obj, GError **error)
{
    (void)error;
    return TEST_PORT(obj)->fails;
}

static bool set_fails(Object *obj, bool value, GError **error)
{
    (void)error;
    TEST_PORT(obj)->fails = value;
    return true;
}

static void test_port_init(Object *obj)
{
    TestPort *port = TEST_PORT(obj);

    port->journal = g_string_new(NULL);
    port->quiet = true;
    port->takes = SIZE_MAX / 2;
}

static void test_port_finalize(Object *obj)
{
    g_string_free(TEST_PORT(obj)->journal, TRUE);
}

static void test_port_class_init(ObjectClass *klass, void *data)
{
    VirtIOSerialPortClass *pc = VIRTIO_SERIAL_PORT_CLASS(klass);

    (void)data;
    pc->realize = test_port_realize;
    pc->unrealize = test_port_unrealize;
    pc->set_guest_connected = test_port_set_guest_connected;
    pc->enable_backend = test_port_enable_backend;
    pc->guest_ready = test_port_guest_ready;
    pc->guest_writable = test_port_guest_writable;
    pc->have_data = test_port_have_data;
    object_class_property_add_bool(klass, "fails", get_fails, set_fails);
}

static void test_console_class_init(ObjectClass *klass, void *data)
{
    (void)data;
    VIRTIO_SERIAL_PORT_CLASS(klass)->is_console = true;
}

static const TypeInfo test_port_types[] = {
    {
        .name = TYPE_TEST_PORT,
        .parent = TYPE_VIRTIO_SERIAL_PORT,
        .instance_size = sizeof(TestPort),
        .instance_init = test_port_init,
        .instance_finalize = test_port_finalize,
        .class_init = test_port_class_init,
    },
    {
        .name = TYPE_TEST_CONSOLE,
        .parent = TYPE_TEST_PORT,
        .class_init = test_console_class_init,
    },
};

DEFINE_TYPES(test_port_types)
