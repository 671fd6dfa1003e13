/* The control queues. */
#include "tests/unit/char/guest.h"
#include "tests/unit/char/test_char.h"
#include "tests/unit/char/test_port.h"

#define ALL_PORTS UINT32_MAX /* what Linux puts where the id does not matter */

/* A console at 0 and a named port with an open host's side at 1, and a driver that has started. */
static void start_two_ports(Guest *guest)
{
    guest_add_serial(guest, "");
    guest_add(guest, "test-console-port,id=con");
    guest_add(guest, "test-serial-port,id=port,name=org.example.0");
    guest_ready(guest);
    guest_start(guest, 2);
    virtio_serial_open(guest_port(guest, "port"));
    guest_expect_messages(guest, "1:OPEN=1 ");
}

static void test_handshake(Guest *guest)
{
    guest_chardev(guest, "ringbuf,id=c0");
    guest_chardev(guest, "ringbuf,id=c1");
    guest_add_serial(guest, "");
    guest_add(guest, "virtconsole,chardev=c0,id=con");
    guest_add(guest, "virtserialport,chardev=c1,id=port,name=n1");
    guest_ready(guest);
    guest_start(guest, 2);
    guest_expect_messages(guest, "");
    guest_send(guest, ALL_PORTS, VIRTIO_CONSOLE_DEVICE_READY, 1);
    guest_expect_messages(guest, "0:ADD=1 1:ADD=1 ");
    guest_send(guest, 0, VIRTIO_CONSOLE_PORT_READY, 1);
    guest_expect_messages(guest, "0:CONSOLE=1 0:OPEN=1 ");
    guest_send(guest, 0, VIRTIO_CONSOLE_PORT_OPEN, 1);
    guest_send(guest, 1, VIRTIO_CONSOLE_PORT_READY, 1);
    guest_expect_messages(guest, "1:NAME=1 'n1' 1:OPEN=1 ");
    guest_send(guest, 1, VIRTIO_CONSOLE_PORT_OPEN, 1);
    guest_expect_messages(guest, "");
    guest_expect_events(guest, "con open port open ");
    guest_expect_errors(guest, "");
}

static void test_named_console(Guest *guest)
{
    guest_chardev(guest, "ringbuf,id=c");
    guest_add_serial(guest, "");
    guest_add(guest, "virtconsole,chardev=c,name=main");
    guest_start(guest, 1);
    guest_send(guest, 0, VIRTIO_CONSOLE_PORT_READY, 1);
    guest_expect_messages(guest, "0:CONSOLE=1 0:NAME=1 'main' 0:OPEN=1 ");
}

static void test_closed_port(Guest *guest)
{
    guest_add_serial(guest, "");
    guest_add(guest, "virtserialport,id=p");
    guest_start(guest, 2);
    guest_send(guest, 1, VIRTIO_CONSOLE_PORT_READY, 1);
    guest_expect_messages(guest, "");
}

static void test_plug_order(Guest *guest)
{
    guest_add_serial(guest, "");
    guest_add(guest, "virtserialport,nr=9");
    guest_add(guest, "virtserialport,nr=2");
    guest_add(guest, "virtconsole");
    guest_start(guest, 1);
    guest_send(guest, 3, VIRTIO_CONSOLE_DEVICE_READY, 7);
    guest_expect_messages(guest, "9:ADD=1 2:ADD=1 0:ADD=1 ");
    guest_send(guest, ALL_PORTS, VIRTIO_CONSOLE_DEVICE_READY, 1);
    guest_expect_messages(guest, "9:ADD=1 2:ADD=1 0:ADD=1 ");
}

static void test_guest_failures(Guest *guest)
{
    start_two_ports(guest);
    guest_send(guest, ALL_PORTS, VIRTIO_CONSOLE_DEVICE_READY, 0);
    guest_expect_errors(guest, "virtio-serial-bus: Guest failure in adding device vser.0\n");
    guest_send(guest, 1, VIRTIO_CONSOLE_PORT_READY, 0);
    guest_expect_errors(guest,
                        "virtio-serial-bus: Guest failure in adding port 1 for device vser.0\n");
    guest_expect_messages(guest, "");
    test_port_expect(TEST_PORT(guest_port(guest, "port")), "");
}

static void test_unknown_port(Guest *guest)
{
    static const uint32_t ids[] = { 2, 30, 31, 1000, 0x80000000, UINT32_MAX };

    start_two_ports(guest);
    for (size_t i = 0; i < G_N_ELEMENTS(ids); i++) {
        for (uint16_t event = 1; event < 10; event++) {
            g_autofree char *expected = g_strdup_printf(
                "virtio-serial-bus: Unexpected port id %u for device vser.0\n", ids[i]);

            guest_send(guest, ids[i], event, 1);
            guest_expect_errors(guest, expected);
        }
    }
    guest_expect_messages(guest, "");
}

static void test_ignored_events(Guest *guest)
{
    static const uint16_t events[] = { 1, 2, 4, 5, 7, 8, 0x7fff, 0xffff };

    start_two_ports(guest);
    for (size_t i = 0; i < G_N_ELEMENTS(events); i++) {
        guest_send(guest, 1, events[i], 1);
    }
    guest_expect_messages(guest, "");
    guest_expect_errors(guest, "");
    test_port_expect(TEST_PORT(guest_port(guest, "port")), "");
}

static void test_port_open(Guest *guest)
{
    TestPort *port;

    start_two_ports(guest);
    port = TEST_PORT(guest_port(guest, "port"));
    guest_send(guest, 1, VIRTIO_CONSOLE_PORT_OPEN, 1);
    guest_send(guest, 1, VIRTIO_CONSOLE_PORT_OPEN, 2);
    guest_send(guest, 1, VIRTIO_CONSOLE_PORT_OPEN, 0);
    guest_send(guest, 1, VIRTIO_CONSOLE_PORT_OPEN, 0);
    test_port_expect(port, "guest 1 guest 1 guest 0 guest 0 ");
    g_assert_false(object_property_get_bool(OBJECT(port), "guest-connected", NULL));
    guest_send(guest, 1, VIRTIO_CONSOLE_PORT_OPEN, 0xff00);
    g_assert_true(object_property_get_bool(OBJECT(port), "guest-connected", NULL));
    g_assert_false(guest_port(guest, "con")->guest_connected);
}

static void test_port_ready(Guest *guest)
{
    start_two_ports(guest);
    guest_send(guest, 1, VIRTIO_CONSOLE_PORT_READY, 1);
    test_port_expect(TEST_PORT(guest_port(guest, "port")), "ready ");
}

/* A message in pieces counts as much as one in a single segment; what is too short or no message comes back too. */
static void test_shapes(Guest *guest)
{
    static const uint8_t open_1[] = { 1, 0, 0, 0, 6, 0, 1, 0, 0xee, 0xee };
    const GuestSegment bytes[] = { { open_1, 1 }, { open_1 + 1, 3 }, { open_1 + 4, 4 } };
    const GuestSegment mixed[] = { { open_1, 10 }, { NULL, 16 } };
    const GuestSegment room = { NULL, 16 };
    TestPort *port;

    start_two_ports(guest);
    port = TEST_PORT(guest_port(guest, "port"));
    guest_post(guest, QUEUE_CONTROL_OUT, bytes, 3);
    test_port_expect(port, "guest 1 ");
    guest_post(guest, QUEUE_CONTROL_OUT, bytes, 2);
    guest_post(guest, QUEUE_CONTROL_OUT, &(GuestSegment){ open_1, 7 }, 1);
    guest_post(guest, QUEUE_CONTROL_OUT, &room, 1);
    test_port_expect(port, "");
    guest_post(guest, QUEUE_CONTROL_OUT, mixed, 2);
    test_port_expect(port, "guest 1 ");
    guest_expect_used(guest, QUEUE_CONTROL_OUT, "0:0 1:0 2:0 3:0 4:0 ");
    guest_expect_errors(guest, "");
}

static void test_batch(Guest *guest)
{
    static const uint8_t open_1[] = { 1, 0, 0, 0, 6, 0, 1, 0 };
    static const uint8_t ready_1[] = { 1, 0, 0, 0, 3, 0, 1, 0 };
    static const uint8_t close_1[] = { 1, 0, 0, 0, 6, 0, 0, 0 };

    start_two_ports(guest);
    guest_add_buffer(guest, QUEUE_CONTROL_OUT, &(GuestSegment){ open_1, 8 }, 1);
    guest_add_buffer(guest, QUEUE_CONTROL_OUT, &(GuestSegment){ ready_1, 8 }, 1);
    guest_add_buffer(guest, QUEUE_CONTROL_OUT, &(GuestSegment){ close_1, 8 }, 1);
    guest_kick(guest, QUEUE_CONTROL_OUT);
    guest_expect_used(guest, QUEUE_CONTROL_OUT, "0:0 1:0 2:0 ");
    test_port_expect(TEST_PORT(guest_port(guest, "port")), "guest 1 ready guest 0 ");
    guest_expect_messages(guest, "1:NAME=1 'org.example.0' 1:OPEN=1 ");
}

/* The driver loses what it has no buffer for, and nothing is made up for later. */
static void test_lost(Guest *guest)
{
    guest_add_serial(guest, "");
    guest_add(guest, "test-console-port");
    guest_add(guest, "test-serial-port");
    guest_negotiate(guest, 0);
    guest_setup_queue(guest, QUEUE_CONTROL_OUT);
    guest_driver_ok(guest);
    guest_send(guest, ALL_PORTS, VIRTIO_CONSOLE_DEVICE_READY, 1);
    guest_setup_queue(guest, QUEUE_CONTROL_IN);
    guest_send(guest, ALL_PORTS, VIRTIO_CONSOLE_DEVICE_READY, 1);
    guest_post_room(guest, QUEUE_CONTROL_IN, 64);
    guest_expect_messages(guest, "");
    guest_send(guest, ALL_PORTS, VIRTIO_CONSOLE_DEVICE_READY, 1);
    guest_expect_messages(guest, "0:ADD=1 ");
}

static void test_truncated(Guest *guest)
{
    const GuestSegment pieces[] = { { NULL, 3 }, { NULL, 2 }, { NULL, 6 } };

    guest_add_serial(guest, "");
    guest_add(guest, "test-serial-port,name=0123456789");
    guest_negotiate(guest, 0);
    guest_setup_queue(guest, QUEUE_CONTROL_IN);
    guest_setup_queue(guest, QUEUE_CONTROL_OUT);
    guest_driver_ok(guest);
    guest_post_room(guest, QUEUE_CONTROL_IN, 4);
    guest_post(guest, QUEUE_CONTROL_IN, pieces, 3);
    guest_send(guest, ALL_PORTS, VIRTIO_CONSOLE_DEVICE_READY, 1);
    guest_send(guest, 1, VIRTIO_CONSOLE_PORT_READY, 1);
    guest_expect_used(guest, QUEUE_CONTROL_IN, "0:8 1:19 ");
}

static void test_truncated_content(Guest *guest)
{
    static const uint8_t expected[] = { 1, 0, 0, 0, 7, 0, 1, 0, '0', '1', '2' };
    const GuestSegment pieces[] = { { NULL, 3 }, { NULL, 2 }, { NULL, 6 } };
    g_autoptr(GBytes) bytes = NULL;

    guest_add_serial(guest, "");
    guest_add(guest, "test-serial-port,name=0123456789");
    guest_start(guest, 2);
    guest_setup_queue(guest, QUEUE_CONTROL_IN);
    guest_post(guest, QUEUE_CONTROL_IN, pieces, 3);
    guest_send(guest, 1, VIRTIO_CONSOLE_PORT_READY, 1);
    bytes = guest_receive(guest, QUEUE_CONTROL_IN);
    g_assert_cmpmem(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), expected,
                    sizeof(expected));
}

/* Old drivers speak before DRIVER_OK. */
static void test_before_driver_ok(Guest *guest)
{
    guest_add_serial(guest, "");
    guest_add(guest, "test-serial-port,id=p");
    guest_negotiate(guest, 0);
    guest_setup_queue(guest, QUEUE_CONTROL_IN);
    guest_setup_queue(guest, QUEUE_CONTROL_OUT);
    guest_post_room(guest, QUEUE_CONTROL_IN, 64);
    guest_send(guest, ALL_PORTS, VIRTIO_CONSOLE_DEVICE_READY, 1);
    guest_expect_messages(guest, "1:ADD=1 ");
    guest_send(guest, 1, VIRTIO_CONSOLE_PORT_OPEN, 1);
    g_assert_true(guest_port(guest, "p")->guest_connected);
}

static void test_interrupts(Guest *guest)
{
    start_two_ports(guest);
    vring_driver_take_interrupt(&guest->driver);
    g_assert_cmpint(guest_irq(guest), ==, 0);
    guest_send(guest, 1, VIRTIO_CONSOLE_PORT_READY, 1);
    g_assert_cmpint(guest_irq(guest), ==, 1);
    g_assert_cmphex(vring_driver_take_interrupt(&guest->driver), ==, VIRTIO_ISR_QUEUE);
    g_assert_cmpint(guest_irq(guest), ==, 0);
    /* That its own message came back is one for the driver, too. */
    guest_send(guest, 1, VIRTIO_CONSOLE_PORT_OPEN, 1);
    g_assert_cmphex(vring_driver_take_interrupt(&guest->driver), ==, VIRTIO_ISR_QUEUE);
}

void add_control_tests(void)
{
    guest_test("control/handshake-as-with-linux", test_handshake);
    guest_test("control/console-then-name-then-open", test_named_console);
    guest_test("control/ready-of-a-closed-port-says-nothing", test_closed_port);
    guest_test("control/device-ready-lists-ports-in-plug-order-each-time", test_plug_order);
    guest_test("control/guest-failures-are-reported", test_guest_failures);
    guest_test("control/unknown-port-is-reported", test_unknown_port);
    guest_test("control/other-events-are-ignored", test_ignored_events);
    guest_test("control/port-open-tells-the-class", test_port_open);
    guest_test("control/port-ready-tells-the-class", test_port_ready);
    guest_test("control/messages-in-any-shape", test_shapes);
    guest_test("control/one-kick-serves-all", test_batch);
    guest_test("control/message-without-buffer-is-lost", test_lost);
    guest_test("control/short-buffer-gets-the-whole-length", test_truncated);
    guest_test("control/short-buffer-gets-the-beginning", test_truncated_content);
    guest_test("control/works-before-driver-ok", test_before_driver_ok);
    guest_test("control/interrupts", test_interrupts);
}
