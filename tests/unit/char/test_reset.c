/* What status and reset do to ports. */
#include <string.h>

#include "tests/unit/char/guest.h"
#include "tests/unit/char/test_char.h"
#include "tests/unit/char/test_port.h"

#define MULTIPORT (UINT64_C(1) << VIRTIO_CONSOLE_F_MULTIPORT)

static void test_without_multiport(Guest *guest)
{
    TestPort *console, *port;

    guest_add_serial(guest, "");
    console = TEST_PORT(guest_add(guest, "test-console-port"));
    port = TEST_PORT(guest_add(guest, "test-serial-port"));
    guest_ready(guest);
    guest_negotiate(guest, MULTIPORT);
    g_assert_false(VIRTIO_SERIAL_PORT(console)->guest_connected);
    guest_driver_ok(guest);
    g_assert_true(VIRTIO_SERIAL_PORT(console)->guest_connected);
    g_assert_false(VIRTIO_SERIAL_PORT(port)->guest_connected);
    /* Nobody is told. */
    test_port_expect(console, "");
    /* Of another port such a driver could have buffers, but not what goes into them. */
    guest_setup_queue(guest, QUEUE_IN(1));
    guest_post_room(guest, QUEUE_IN(1), 10);
    virtio_serial_open(VIRTIO_SERIAL_PORT(port));
    g_assert_cmpuint(virtio_serial_guest_ready(VIRTIO_SERIAL_PORT(port)), ==, 10);
    g_assert_cmpuint(virtio_serial_write(VIRTIO_SERIAL_PORT(port), (const uint8_t *)"x", 1), ==, 0);
    guest_expect_events(guest, "");
    guest_reset(guest);
    g_assert_false(VIRTIO_SERIAL_PORT(console)->guest_connected);
    test_port_expect(console, "guest 0 ");
}

/* The two queues of port 0 are all that such a driver needs. */
static void test_single_port_device(Guest *guest)
{
    VirtIOSerialPort *port;
    TestPort *tp;

    guest_add_serial(guest, ",max_ports=1");
    tp = TEST_PORT(guest_add(guest, "test-console-port"));
    port = VIRTIO_SERIAL_PORT(tp);
    guest_ready(guest);
    guest_negotiate(guest, 0);
    guest_setup_queue(guest, 0);
    guest_setup_queue(guest, 1);
    guest_driver_ok(guest);
    virtio_serial_open(port);
    guest_post_text(guest, 1, "hello");
    test_port_expect(tp, "have 'hello' ");
    guest_post_room(guest, 0, 16);
    g_assert_cmpuint(virtio_serial_guest_ready(port), ==, 16);
    g_assert_cmpuint(virtio_serial_write(port, (const uint8_t *)"hi", 2), ==, 2);
    guest_expect_received(guest, 0, "hi");
}

static void test_multiport_waits(Guest *guest)
{
    TestPort *console;

    guest_add_serial(guest, "");
    console = TEST_PORT(guest_add(guest, "test-console-port"));
    guest_start(guest, 1);
    g_assert_false(VIRTIO_SERIAL_PORT(console)->guest_connected);
}

static TestPort *start_throttled(Guest *guest)
{
    TestPort *port;

    guest_add_serial(guest, "");
    guest_add(guest, "test-console-port,id=never-opened");
    port = TEST_PORT(guest_add(guest, "test-serial-port,id=p"));
    guest_ready(guest);
    guest_start(guest, 2);
    virtio_serial_open(VIRTIO_SERIAL_PORT(port));
    guest_send(guest, 1, VIRTIO_CONSOLE_PORT_OPEN, 1);
    port->takes = 2;
    port->throttles = true;
    guest_post_text(guest, QUEUE_OUT(1), "hello");
    test_port_expect(port, "guest 1 have 'he' ");
    g_assert_nonnull(VIRTIO_SERIAL_PORT(port)->elem);
    return port;
}

static void expect_reset(Guest *guest, TestPort *tp)
{
    VirtIOSerialPort *port = VIRTIO_SERIAL_PORT(tp);

    g_assert_null(port->elem);
    g_assert_false(port->guest_connected);
    g_assert_true(port->host_connected);
    g_assert_true(port->throttled);
    test_port_expect(tp, "guest 0 ");
    test_port_expect(TEST_PORT(guest_port(guest, "never-opened")), "");
    g_assert_cmpuint(virtio_queue_get_inuse(VIRTIO_DEVICE(port->vser), QUEUE_OUT(1)), ==, 0);
}

static void test_reset(Guest *guest)
{
    TestPort *port = start_throttled(guest);

    guest_reset(guest);
    expect_reset(guest, port);
    /* The next driver finds the port throttled, and its host open. */
    guest_start(guest, 2);
    guest_send(guest, 1, VIRTIO_CONSOLE_PORT_READY, 1);
    guest_expect_messages(guest, "1:OPEN=1 ");
    guest_post_text(guest, QUEUE_OUT(1), "next");
    test_port_expect(port, "ready ");
    guest_expect_used(guest, QUEUE_OUT(1), "");
    test_port_make_room(port, 100);
    guest_run_loop();
    test_port_expect(port, "have 'next' ");
    guest_expect_used(guest, QUEUE_OUT(1), "0:0 ");
}

static void test_status_without_driver_ok(Guest *guest)
{
    TestPort *port = start_throttled(guest);
    uint32_t status = guest_read_reg(guest, MMIO_STATUS);

    guest_write_reg(guest, MMIO_STATUS, status & ~(uint32_t)VIRTIO_CONFIG_S_DRIVER_OK);
    expect_reset(guest, port);
}

static void test_status_with_driver_ok(Guest *guest)
{
    TestPort *port = start_throttled(guest);
    uint32_t status = guest_read_reg(guest, MMIO_STATUS);

    guest_write_reg(guest, MMIO_STATUS, status | VIRTIO_CONFIG_S_FAILED);
    g_assert_nonnull(VIRTIO_SERIAL_PORT(port)->elem);
    g_assert_true(VIRTIO_SERIAL_PORT(port)->guest_connected);
    test_port_expect(port, "");
}

static void test_machine_reset(Guest *guest)
{
    TestPort *port = start_throttled(guest);

    machine_reset(guest->machine);
    expect_reset(guest, port);
}

/* A queue address of 0 is a legacy driver's reset. */
static void test_legacy_pfn(Guest *guest)
{
    TestPort *port = start_throttled(guest);

    guest_write_reg(guest, MMIO_QUEUE_SEL, 0);
    guest_write_reg(guest, MMIO_QUEUE_PFN, 0);
    expect_reset(guest, port);
}

/* What was put off until after the reset finds nothing to do. */
static void test_reset_before_going_on(Guest *guest)
{
    TestPort *port = start_throttled(guest);

    test_port_make_room(port, 100);
    guest_reset(guest);
    guest_run_loop();
    test_port_expect(port, "guest 0 ");
}

static void test_backend_follows_status(Guest *guest)
{
    TestPort *port;

    guest_add_serial(guest, "");
    port = TEST_PORT(guest_add(guest, "test-serial-port"));
    port->quiet = false;
    guest_write_reg(guest, MMIO_STATUS, VIRTIO_CONFIG_S_ACKNOWLEDGE);
    guest_write_reg(guest, MMIO_STATUS, VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER);
    test_port_expect(port, "enable 1 enable 1 ");
}

void add_reset_tests(void)
{
    guest_test("status/without-multiport-driver-ok-opens-port-0", test_without_multiport);
    guest_test("status/device-with-one-port-needs-no-control", test_single_port_device);
    guest_test("status/with-multiport-the-driver-opens", test_multiport_waits);
    guest_test("status/without-driver-ok-closes-the-guest", test_status_without_driver_ok);
    guest_test("status/other-bits-close-nothing", test_status_with_driver_ok);
    guest_test("status/each-write-enables-the-backend", test_backend_follows_status);
    guest_test("reset/drops-what-is-held-and-stays-throttled", test_reset);
    guest_test("reset/of-the-machine", test_machine_reset);
    guest_test_legacy("reset/by-a-legacy-queue-address", test_legacy_pfn);
    guest_test("reset/before-a-throttled-port-goes-on", test_reset_before_going_on);
}
