/* Ports that come and go while the driver runs. */
#include <string.h>

#include "tests/unit/char/guest.h"
#include "tests/unit/char/test_char.h"
#include "tests/unit/char/test_port.h"

static void start(Guest *guest)
{
    guest_chardev(guest, "ringbuf,id=c1");
    guest_add_serial(guest, "");
    guest_ready(guest);
    guest_start(guest, 3);
    guest_send(guest, 0, VIRTIO_CONSOLE_DEVICE_READY, 1);
    vring_driver_take_interrupt(&guest->driver);
}

static uint32_t generation(Guest *guest)
{
    return guest->kind == GUEST_LEGACY ? 0 : guest_read_reg(guest, MMIO_CONFIG_GENERATION);
}

static void test_plug(Guest *guest)
{
    uint32_t before;

    start(guest);
    before = generation(guest);
    guest_add(guest, "virtserialport,id=p1,name=org.x");
    guest_expect_messages(guest, "1:ADD=1 ");
    g_assert_cmphex(vring_driver_take_interrupt(&guest->driver), ==,
                    VIRTIO_ISR_QUEUE | VIRTIO_ISR_CONFIG);
    g_assert_cmpuint(generation(guest), ==, before + (guest->kind == GUEST_LEGACY ? 0 : 1));
    guest_send(guest, 1, VIRTIO_CONSOLE_PORT_READY, 1);
    guest_expect_messages(guest, "1:NAME=1 'org.x' ");
}

/* The chardev is open, and the port with it, before the port is added. */
static void test_plug_open(Guest *guest)
{
    start(guest);
    guest_add(guest, "virtserialport,chardev=c1");
    guest_expect_messages(guest, "1:OPEN=1 1:ADD=1 ");
    guest_chardev(guest, "null,id=c2");
    guest_add(guest, "virtconsole,chardev=c2");
    guest_expect_messages(guest, "0:OPEN=1 0:ADD=1 ");
}

static void test_plug_before_driver_ok(Guest *guest)
{
    guest_add_serial(guest, "");
    guest_ready(guest);
    guest_negotiate(guest, 0);
    guest_add(guest, "virtserialport");
    g_assert_cmphex(guest_read_reg(guest, MMIO_INTERRUPT_STATUS), ==, 0);
    g_assert_cmpuint(generation(guest), ==, 0);
    guest_setup_queue(guest, QUEUE_CONTROL_IN);
    guest_post_room(guest, QUEUE_CONTROL_IN, 64);
    guest_add(guest, "virtserialport");
    guest_expect_messages(guest, "2:ADD=1 ");
    g_assert_cmphex(guest_read_reg(guest, MMIO_INTERRUPT_STATUS), ==, VIRTIO_ISR_QUEUE);
    g_assert_cmpuint(generation(guest), ==, 0);
}

static void test_unplug(Guest *guest)
{
    Chardev *chr;

    start(guest);
    chr = chardev_find(guest->machine->root, "c1");
    guest_add(guest, "virtserialport,id=p1,chardev=c1");
    guest_expect_messages(guest, "1:OPEN=1 1:ADD=1 ");
    guest_send(guest, 1, VIRTIO_CONSOLE_PORT_OPEN, 1);
    guest_post_room(guest, QUEUE_IN(1), 10);
    guest_add_buffer(guest, QUEUE_OUT(1), &(GuestSegment){ "pending", 7 }, 1);
    guest_expect_events(guest, "p1 open ");
    guest_del(guest, "p1");
    guest_expect_messages(guest, "1:REMOVE=1 ");
    guest_expect_used(guest, QUEUE_OUT(1), "0:0 ");
    guest_expect_used(guest, QUEUE_IN(1), "");
    guest_expect_output(chr, "");
    guest_expect_events(guest, "p1 deleted ");
    /* Linux says so when the port was open; by then there is no such port. */
    guest_send(guest, 1, VIRTIO_CONSOLE_PORT_OPEN, 0);
    guest_expect_errors(guest, "virtio-serial-bus: Unexpected port id 1 for device vser.0\n");
    /* The chardev is free for the next. */
    guest_add(guest, "virtserialport,id=p2,chardev=c1");
    guest_expect_messages(guest, "1:OPEN=1 1:ADD=1 ");
    guest_post_text(guest, QUEUE_OUT(1), "hello");
    guest_expect_output(chr, "hello");
}

static void test_unplug_throttled(Guest *guest)
{
    TestPort *port;

    start(guest);
    port = TEST_PORT(guest_add(guest, "test-serial-port,id=p"));
    virtio_serial_open(VIRTIO_SERIAL_PORT(port));
    guest_expect_messages(guest, "1:ADD=1 1:OPEN=1 ");
    port->takes = 2;
    port->throttles = true;
    guest_post_text(guest, QUEUE_OUT(1), "held");
    guest_post_text(guest, QUEUE_OUT(1), "behind");
    test_port_make_room(port, 2); /* it is due to go on, and does not get to it */
    guest_del(guest, "p");
    guest_run_loop();
    guest_expect_used(guest, QUEUE_OUT(1), "1:0 ");
    guest_expect_messages(guest, "1:REMOVE=1 ");
    guest_expect_events(guest, "p deleted ");
    /* The queue is still good for another port with that number. */
    guest_add(guest, "test-serial-port,id=q");
    virtio_serial_open(guest_port(guest, "q"));
    guest_post_text(guest, QUEUE_OUT(1), "new");
    test_port_expect(TEST_PORT(guest_port(guest, "q")), "have 'new' ");
    guest_expect_used(guest, QUEUE_OUT(1), "2:0 ");
}

/* Whoever has a reference sees a port that is nowhere; the event waits for the last one. */
static void test_unplug_with_reference(Guest *guest)
{
    g_autoptr(VirtIOSerialPort) port = NULL;

    start(guest);
    port = VIRTIO_SERIAL_PORT(object_ref(guest_add(guest, "virtserialport,id=p,chardev=c1")));
    guest_del(guest, "p");
    guest_expect_events(guest, "");
    g_assert_false(qdev_is_realized(DEVICE(port)));
    guest_add(guest, "virtserialport,id=p,chardev=c1");
    guest_expect_messages(guest, "1:OPEN=1 1:ADD=1 1:REMOVE=1 1:OPEN=1 1:ADD=1 ");
    g_clear_pointer(&port, object_unref);
    guest_expect_events(guest, "p deleted ");
}

static void test_unplug_by_path(Guest *guest)
{
    start(guest);
    guest_add(guest, "virtserialport,nr=7");
    guest_del(guest, "/machine/peripheral-anon/device[0]");
    guest_expect_messages(guest, "7:ADD=1 7:REMOVE=1 ");
    guest_expect_events(guest, "/machine/peripheral-anon/device[0] deleted ");
}

static void test_many_times(Guest *guest)
{
    start(guest);
    for (int i = 0; i < 200; i++) {
        guest_add(guest, "virtserialport,id=a,chardev=c1,name=n");
        guest_add(guest, "virtconsole,id=b");
        guest_expect_messages(guest, "1:OPEN=1 1:ADD=1 0:ADD=1 ");
        guest_del(guest, i % 2 ? "a" : "b");
        guest_del(guest, i % 2 ? "b" : "a");
        guest_expect_messages(guest, i % 2 ? "1:REMOVE=1 0:REMOVE=1 " : "0:REMOVE=1 1:REMOVE=1 ");
    }
}

/* The machine goes while ports are in the middle of something. */
static void test_machine_goes(Guest *guest)
{
    TestPort *port;

    start(guest);
    guest_add(guest, "virtserialport,chardev=c1,id=c");
    port = TEST_PORT(guest_add(guest, "test-serial-port"));
    virtio_serial_open(VIRTIO_SERIAL_PORT(port));
    port->takes = 2;
    port->throttles = true;
    guest_post_text(guest, QUEUE_OUT(2), "held");
    guest_post_text(guest, QUEUE_OUT(2), "behind");
    test_port_make_room(port, 2);
}

/* So does the device, with what is on its bus. */
static void test_device_goes(Guest *guest)
{
    TestPort *port;

    start(guest);
    guest_add(guest, "virtserialport,chardev=c1,id=c");
    port = TEST_PORT(guest_add(guest, "test-serial-port,id=p"));
    virtio_serial_open(VIRTIO_SERIAL_PORT(port));
    guest_expect_messages(guest, "1:OPEN=1 1:ADD=1 2:ADD=1 2:OPEN=1 ");
    port->takes = 2;
    port->throttles = true;
    guest_post_text(guest, QUEUE_OUT(2), "held");
    test_port_make_room(port, 2);
    object_unparent(object_resolve_path(guest->machine->root, "/machine/peripheral/vser", NULL));
    guest_run_loop();
    g_assert_null(guest_port(guest, "p"));
    g_assert_null(chardev_find(guest->machine->root, "c1")->fe);
    g_assert_cmphex(guest_read_reg(guest, MMIO_DEVICE_ID), ==, 0);
    guest_expect_messages(guest, "2:REMOVE=1 1:REMOVE=1 ");
}

void add_hotplug_tests(void)
{
    guest_test("hotplug/driver-gets-port-add-and-config-interrupt", test_plug);
    guest_test("hotplug/open-comes-before-add", test_plug_open);
    guest_test("hotplug/no-config-interrupt-before-driver-ok", test_plug_before_driver_ok);
    guest_test("hotplug/unplug-flushes-and-tells", test_unplug);
    guest_test("hotplug/unplug-while-throttled", test_unplug_throttled);
    guest_test("hotplug/unplug-with-a-reference-left", test_unplug_with_reference);
    guest_test("hotplug/unplug-by-path", test_unplug_by_path);
    guest_test("hotplug/two-hundred-times", test_many_times);
    guest_test("hotplug/machine-goes-with-busy-ports", test_machine_goes);
    guest_test("hotplug/device-goes-with-busy-ports", test_device_goes);
}
