/* Bytes from the driver and to it, throttling, and the host's side. */
#include <string.h>

#include "models/machine/virt.h"
#include "tests/unit/char/guest.h"
#include "tests/unit/char/test_char.h"
#include "tests/unit/char/test_port.h"

#define OUT QUEUE_OUT(1)
#define IN QUEUE_IN(1)

/* A port at 1 whose both sides are open, and a driver that runs. */
static TestPort *start(Guest *guest)
{
    TestPort *port;

    guest_add_serial(guest, "");
    port = TEST_PORT(guest_add(guest, "test-serial-port,id=p"));
    guest_ready(guest);
    guest_start(guest, 2);
    virtio_serial_open(VIRTIO_SERIAL_PORT(port));
    guest_send(guest, 1, VIRTIO_CONSOLE_PORT_OPEN, 1);
    test_port_expect(port, "guest 1 ");
    guest_expect_messages(guest, "1:OPEN=1 ");
    vring_driver_take_interrupt(&guest->driver);
    return port;
}

static size_t host_write(TestPort *port, const char *text)
{
    return virtio_serial_write(VIRTIO_SERIAL_PORT(port), (const uint8_t *)text, strlen(text));
}

/* --- From the driver --- */

static void test_out(Guest *guest)
{
    const GuestSegment pieces[] = { { "one", 3 }, { "two", 3 }, { "three", 5 }, { NULL, 100 } };
    TestPort *port = start(guest);

    guest_post(guest, OUT, pieces, 4);
    test_port_expect(port, "have 'one' have 'two' have 'three' ");
    guest_expect_used(guest, OUT, "0:0 ");
    g_assert_cmpint(guest_irq(guest), ==, 1);
    guest_add_buffer(guest, OUT, pieces, 1);
    guest_add_buffer(guest, OUT, pieces + 3, 1); /* nothing to take */
    guest_add_buffer(guest, OUT, pieces + 1, 1);
    guest_kick(guest, OUT);
    test_port_expect(port, "have 'one' have 'two' ");
    guest_expect_used(guest, OUT, "1:0 2:0 3:0 ");
}

static void test_out_host_closed(Guest *guest)
{
    TestPort *port = start(guest);

    virtio_serial_close(VIRTIO_SERIAL_PORT(port));
    vring_driver_take_interrupt(&guest->driver);
    guest_post_text(guest, OUT, "lost");
    test_port_expect(port, "");
    guest_expect_used(guest, OUT, "0:0 ");
    g_assert_cmpint(guest_irq(guest), ==, 1);
}

/* The guest's own side need not be open. */
static void test_out_guest_closed(Guest *guest)
{
    TestPort *port = start(guest);

    guest_send(guest, 1, VIRTIO_CONSOLE_PORT_OPEN, 0);
    guest_post_text(guest, OUT, "taken");
    test_port_expect(port, "guest 0 have 'taken' ");
}

static void test_out_no_port(Guest *guest)
{
    start(guest);
    guest_setup_queue(guest, QUEUE_OUT(0));
    guest_setup_queue(guest, QUEUE_OUT(30));
    guest_post_text(guest, QUEUE_OUT(0), "lost");
    guest_post_text(guest, QUEUE_OUT(30), "lost");
    guest_expect_used(guest, QUEUE_OUT(0), "0:0 ");
    guest_expect_used(guest, QUEUE_OUT(30), "0:0 ");
    guest_setup_queue(guest, QUEUE_IN(30));
    guest_post_room(guest, QUEUE_IN(30), 4);
    guest_expect_used(guest, QUEUE_IN(30), "");
}

static void test_out_loss(Guest *guest)
{
    const GuestSegment pieces[] = { { "hello", 5 }, { "world", 5 } };
    TestPort *port = start(guest);

    port->takes = 3;
    guest_post(guest, OUT, pieces, 2);
    test_port_expect(port, "have 'hel' have '' ");
    guest_expect_used(guest, OUT, "0:0 ");
    g_assert_false(VIRTIO_SERIAL_PORT(port)->throttled);
}

/* --- Throttling --- */

static void test_throttle(Guest *guest)
{
    const GuestSegment pieces[] = { { "hello", 5 }, { "world", 5 } };
    TestPort *port = start(guest);

    port->takes = 7;
    port->throttles = true;
    guest_add_buffer(guest, OUT, pieces, 2);
    guest_add_buffer(guest, OUT, pieces, 1);
    guest_kick(guest, OUT);
    test_port_expect(port, "have 'hello' have 'wo' ");
    g_assert_true(object_property_get_bool(OBJECT(port), "throttled", NULL));
    /* Kicks change nothing now. */
    vring_driver_take_interrupt(&guest->driver);
    guest_post_text(guest, OUT, "more");
    g_assert_cmphex(vring_driver_take_interrupt(&guest->driver), ==, 0);
    guest_run_loop();
    test_port_expect(port, "");
    guest_expect_used(guest, OUT, "");
    /* Going on is the main loop's work, not the caller's. */
    test_port_make_room(port, 2);
    test_port_expect(port, "");
    guest_run_loop();
    test_port_expect(port, "have 'rl' ");
    guest_expect_used(guest, OUT, "");
    test_port_make_room(port, 100);
    test_port_make_room(port, 100);
    guest_run_loop();
    test_port_expect(port, "have 'd' have 'hello' have 'more' ");
    guest_expect_used(guest, OUT, "0:0 1:0 2:0 ");
    g_assert_false(object_property_get_bool(OBJECT(port), "throttled", NULL));
    guest_run_loop();
    test_port_expect(port, "");
}

/* The class takes all there is, and throttles all the same. */
static void test_throttle_at_the_end(Guest *guest)
{
    const GuestSegment pieces[] = { { "hello", 5 }, { "world", 5 } };
    TestPort *port = start(guest);

    port->takes = 5;
    port->throttles = true;
    guest_post(guest, OUT, pieces, 2);
    test_port_expect(port, "have 'hello' have '' ");
    test_port_make_room(port, 5);
    guest_run_loop();
    test_port_expect(port, "have 'world' ");
    guest_expect_used(guest, OUT, "0:0 ");
}

static void test_kick_goes_on(Guest *guest)
{
    TestPort *port = start(guest);

    port->takes = 2;
    port->throttles = true;
    guest_post_text(guest, OUT, "hello");
    test_port_make_room(port, 100);
    /* No longer throttled, so this kick serves the element that is held first. */
    guest_post_text(guest, OUT, "more");
    test_port_expect(port, "have 'he' have 'llo' have 'more' ");
    guest_expect_used(guest, OUT, "0:0 1:0 ");
    guest_run_loop();
    test_port_expect(port, "");
}

static void test_interrupt_after_throttle(Guest *guest)
{
    TestPort *port = start(guest);

    port->takes = 2;
    port->throttles = true;
    guest_post_text(guest, OUT, "hello");
    vring_driver_take_interrupt(&guest->driver);
    test_port_make_room(port, 100);
    guest_run_loop();
    g_assert_cmphex(vring_driver_take_interrupt(&guest->driver), ==, VIRTIO_ISR_QUEUE);
}

/* --- The host's side --- */

static void test_open_twice(Guest *guest)
{
    TestPort *port = start(guest);

    virtio_serial_open(VIRTIO_SERIAL_PORT(port));
    guest_expect_messages(guest, "");
    virtio_serial_close(VIRTIO_SERIAL_PORT(port));
    guest_expect_messages(guest, "1:OPEN=0 ");
    virtio_serial_close(VIRTIO_SERIAL_PORT(port));
    guest_expect_messages(guest, "1:OPEN=0 ");
    virtio_serial_open(VIRTIO_SERIAL_PORT(port));
    guest_expect_messages(guest, "1:OPEN=1 ");
    /* The class hears of what the driver does only. */
    test_port_expect(port, "");
}

/* The element that is held when the host's side closes stays away until a reset; those behind it come back unread. */
static void test_close_while_held(Guest *guest)
{
    TestPort *port = start(guest);
    VirtIODevice *vdev = VIRTIO_DEVICE(VIRTIO_SERIAL_PORT(port)->vser);

    port->takes = 2;
    port->throttles = true;
    guest_post_text(guest, OUT, "hello");
    guest_post_text(guest, OUT, "behind");
    virtio_serial_close(VIRTIO_SERIAL_PORT(port));
    test_port_expect(port, "have 'he' ");
    guest_expect_used(guest, OUT, "1:0 ");
    g_assert_cmpuint(virtio_queue_get_inuse(vdev, OUT), ==, 0);
    guest_expect_messages(guest, "1:OPEN=0 ");
    g_assert_false(VIRTIO_SERIAL_PORT(port)->throttled);
    test_port_make_room(port, 100);
    guest_run_loop();
    virtio_serial_open(VIRTIO_SERIAL_PORT(port));
    guest_post_text(guest, OUT, "new");
    test_port_expect(port, "have 'new' ");
    guest_expect_used(guest, OUT, "2:0 ");
}

static void test_close_in_have_data(Guest *guest)
{
    const GuestSegment pieces[] = { { "hello", 5 }, { "world", 5 } };
    TestPort *port = start(guest);
    VirtIODevice *vdev = VIRTIO_DEVICE(VIRTIO_SERIAL_PORT(port)->vser);

    port->takes = 2;
    port->closes = true;
    guest_add_buffer(guest, OUT, pieces, 2);
    guest_add_buffer(guest, OUT, pieces, 1);
    guest_kick(guest, OUT);
    test_port_expect(port, "have 'he' ");
    guest_expect_used(guest, OUT, "1:0 ");
    g_assert_cmpuint(virtio_queue_get_inuse(vdev, OUT), ==, 0);
    guest_expect_messages(guest, "1:OPEN=0 ");
    port->takes = 100;
    virtio_serial_open(VIRTIO_SERIAL_PORT(port));
    guest_post_text(guest, OUT, "new");
    test_port_expect(port, "have 'new' ");
    guest_expect_used(guest, OUT, "2:0 ");
}

/* What the class reads stays there until it returns, also where it is a copy: the guest sends a device's registers. */
static void test_close_in_have_data_of_copy(Guest *guest)
{
    TestPort *port = start(guest);
    VRingSegment magic = { VIRT_VIRTIO_BASE + MMIO_MAGIC, 8, false };

    port->takes = 4;
    port->closes = true;
    g_assert_true(vring_queue_post(guest->queues[OUT], &magic, 1, false, NULL));
    guest_kick(guest, OUT);
    test_port_expect(port, "have 'virt' ");
    g_assert_null(VIRTIO_SERIAL_PORT(port)->dropped);
    guest_expect_messages(guest, "1:OPEN=0 ");
}

static void test_close_when_going_on(Guest *guest)
{
    TestPort *port = start(guest);

    port->takes = 2;
    port->throttles = true;
    guest_post_text(guest, OUT, "hello");
    port->closes = true;
    test_port_make_room(port, 1);
    guest_run_loop();
    test_port_expect(port, "have 'he' have 'l' ");
    guest_expect_used(guest, OUT, "");
    g_assert_null(VIRTIO_SERIAL_PORT(port)->elem);
    guest_expect_messages(guest, "1:OPEN=0 ");
}

/* --- To the driver --- */

static void test_in(Guest *guest)
{
    const GuestSegment room[] = { { NULL, 2 }, { NULL, 3 } };
    TestPort *port = start(guest);

    guest_post(guest, IN, room, 2);
    guest_post(guest, IN, room, 2);
    guest_post(guest, IN, room, 2);
    g_assert_cmpuint(host_write(port, "0123456"), ==, 7);
    guest_expect_used(guest, IN, "0:5 1:2 ");
    g_assert_cmphex(vring_driver_take_interrupt(&guest->driver), ==, VIRTIO_ISR_QUEUE);
    g_assert_cmpuint(host_write(port, "abcdefgh"), ==, 5);
    guest_expect_received(guest, IN, "abcde");
    g_assert_cmpuint(host_write(port, "x"), ==, 0);
    guest_expect_used(guest, IN, "");
}

/*
 * A driver need not kick for buffers that the device does not wait for, and in memory of the client's each costs the copy of all its
 * room: the host's bytes must not be what is dropped when that was much in all.
 */
static void test_in_without_kicks(Guest *guest)
{
    enum { ROOM = 1 << 20, ROUNDS = 200 };
    VRingQueue *queue;
    VRingSegment room = { .len = ROOM, .in = true };
    TestPort *port = start(guest);

    queue = guest->queues[IN];
    room.addr = vring_driver_alloc(&guest->driver, ROOM, 16);
    for (int i = 0; i < ROUNDS; i++) {
        const char text[] = { (char)('a' + i % 26), '\0' };
        VRingUsed used;
        char got = 0;

        g_assert_true(vring_queue_post(queue, &room, 1, false, NULL));
        g_assert_cmpuint(host_write(port, text), ==, 1);
        g_assert_true(vring_queue_collect(queue, &used));
        g_assert_cmpuint(used.len, ==, 1);
        vring_driver_get(&guest->driver, room.addr, &got, 1);
        g_assert_cmpint(got, ==, text[0]);
    }
}

static void test_in_closed(Guest *guest)
{
    TestPort *port = start(guest);

    guest_post_room(guest, IN, 10);
    guest_send(guest, 1, VIRTIO_CONSOLE_PORT_OPEN, 0);
    g_assert_cmpuint(host_write(port, "no"), ==, 0);
    g_assert_cmpuint(virtio_serial_guest_ready(VIRTIO_SERIAL_PORT(port)), ==, 0);
    guest_send(guest, 1, VIRTIO_CONSOLE_PORT_OPEN, 1);
    virtio_serial_close(VIRTIO_SERIAL_PORT(port));
    g_assert_cmpuint(host_write(port, "no"), ==, 0);
    guest_expect_used(guest, IN, "");
    virtio_serial_open(VIRTIO_SERIAL_PORT(port));
    g_assert_cmpuint(host_write(port, "yes"), ==, 3);
    guest_expect_used(guest, IN, "0:3 ");
}

static void test_in_mixed_buffers(Guest *guest)
{
    const GuestSegment only_out = { "zzz", 3 };
    const GuestSegment mixed[] = { { "zzz", 3 }, { NULL, 4 } };
    TestPort *port = start(guest);

    guest_post(guest, IN, &only_out, 1);
    guest_post(guest, IN, mixed, 2);
    g_assert_cmpuint(virtio_serial_guest_ready(VIRTIO_SERIAL_PORT(port)), ==, 4);
    g_assert_cmpuint(host_write(port, "data"), ==, 4);
    guest_expect_used(guest, IN, "0:0 1:4 ");
}

static void test_guest_ready(Guest *guest)
{
    TestPort *tp = start(guest);
    VirtIOSerialPort *port = VIRTIO_SERIAL_PORT(tp);

    g_assert_cmpuint(virtio_serial_guest_ready(port), ==, 0);
    guest_post_room(guest, IN, 100);
    g_assert_cmpuint(virtio_serial_guest_ready(port), ==, 100);
    guest_post_room(guest, IN, 50);
    g_assert_cmpuint(virtio_serial_guest_ready(port), ==, 150);
    guest_post_room(guest, IN, 4000);
    g_assert_cmpuint(virtio_serial_guest_ready(port), ==, 4150);
    guest_post_room(guest, IN, 4000);
    g_assert_cmpuint(virtio_serial_guest_ready(port), ==, 4150);
    /* The host's side has no say in it. */
    virtio_serial_close(port);
    g_assert_cmpuint(virtio_serial_guest_ready(port), ==, 4150);
}

static void test_guest_ready_needs_driver_ok(Guest *guest)
{
    VirtIOSerialPort *port;

    guest_add_serial(guest, "");
    port = VIRTIO_SERIAL_PORT(guest_add(guest, "test-serial-port"));
    guest_negotiate(guest, 0);
    guest_setup_queue(guest, QUEUE_CONTROL_OUT);
    g_assert_cmpuint(virtio_serial_guest_ready(port), ==, 0);
    guest_setup_queue(guest, IN);
    guest_post_room(guest, IN, 10);
    guest_send(guest, 1, VIRTIO_CONSOLE_PORT_OPEN, 1);
    g_assert_cmpuint(virtio_serial_guest_ready(port), ==, 0);
    guest_driver_ok(guest);
    g_assert_cmpuint(virtio_serial_guest_ready(port), ==, 10);
}

static void test_writable(Guest *guest)
{
    TestPort *port = start(guest);

    port->quiet = false;
    guest_run_loop();
    test_port_expect(port, "writable "); /* because of DRIVER_OK */
    guest_post_room(guest, IN, 10);
    test_port_expect(port, "writable ");
    guest_send(guest, 1, VIRTIO_CONSOLE_PORT_OPEN, 0);
    guest_post_room(guest, IN, 10);
    test_port_expect(port, "guest 0 ");
    guest_send(guest, 1, VIRTIO_CONSOLE_PORT_OPEN, 1);
    virtio_serial_close(VIRTIO_SERIAL_PORT(port));
    guest_post_room(guest, IN, 10);
    test_port_expect(port, "guest 1 ");
}

/* --- A driver that breaks the rules --- */

static void test_broken(Guest *guest)
{
    TestPort *port = start(guest);
    VRingSegment empty = { vring_driver_alloc(&guest->driver, 1, 1), 0, false };

    port->takes = 2;
    port->throttles = true;
    guest_post_text(guest, OUT, "hello");
    g_assert_true(vring_queue_post(guest->queues[OUT], &empty, 1, false, NULL));
    test_port_make_room(port, 1000);
    guest_run_loop();
    test_port_expect(port, "have 'he' have 'llo' ");
    guest_expect_errors(guest, "virtio: zero sized buffers are not allowed\n");
    g_assert_true(VIRTIO_DEVICE(VIRTIO_SERIAL_PORT(port)->vser)->broken);
    guest_expect_messages(guest, "");
    g_assert_cmpuint(host_write(port, "x"), ==, 0);
    virtio_serial_close(VIRTIO_SERIAL_PORT(port));
    guest_expect_messages(guest, "");
    /* A reset heals it. */
    guest_start(guest, 2);
    virtio_serial_open(VIRTIO_SERIAL_PORT(port));
    guest_expect_messages(guest, "1:OPEN=1 ");
    guest_post_text(guest, OUT, "well");
    test_port_expect(port, "guest 0 have 'well' ");
}

/* The guest's memory is gone in the middle of it: a broken device, which goes as any other. */
static void test_client_gone(Guest *guest)
{
    TestPort *port = start(guest);

    port->takes = 2;
    port->throttles = true;
    guest_post_room(guest, IN, 100);
    guest_post_text(guest, OUT, "hello");
    guest_add_buffer(guest, OUT, &(GuestSegment){ "more", 4 }, 1);
    guest->client_is_gone = true;
    /* The held bytes had come before. */
    test_port_make_room(port, 1000);
    guest_run_loop();
    test_port_expect(port, "have 'he' have 'llo' ");
    g_assert_true(VIRTIO_DEVICE(VIRTIO_SERIAL_PORT(port)->vser)->broken);
    g_assert_cmpuint(host_write(port, "x"), ==, 0);
    virtio_serial_close(VIRTIO_SERIAL_PORT(port));
    guest_add(guest, "test-serial-port,id=q");
    guest_del(guest, "q");
    guest_del(guest, "p");
    guest->client_is_gone = false;
    guest_add(guest, "test-serial-port,id=p");
    guest_start(guest, 2);
    virtio_serial_open(guest_port(guest, "p"));
    guest_post_text(guest, OUT, "well");
    test_port_expect(TEST_PORT(guest_port(guest, "p")), "have 'well' ");
}

static void test_client_gone_while_writing(Guest *guest)
{
    TestPort *port = start(guest);

    guest_post_room(guest, IN, 100);
    guest->client_is_gone = true;
    host_write(port, "lost");
    g_assert_true(VIRTIO_DEVICE(VIRTIO_SERIAL_PORT(port)->vser)->broken);
    g_assert_cmpuint(virtio_serial_guest_ready(VIRTIO_SERIAL_PORT(port)), ==, 0);
    guest_reset(guest);
    g_assert_false(VIRTIO_DEVICE(VIRTIO_SERIAL_PORT(port)->vser)->broken);
}

void add_data_tests(void)
{
    guest_test("out/segments-in-order", test_out);
    guest_test("out/discarded-while-the-host-is-closed", test_out_host_closed);
    guest_test("out/taken-while-the-guest-is-closed", test_out_guest_closed);
    guest_test("out/discarded-without-port", test_out_no_port);
    guest_test("out/what-is-not-taken-is-lost", test_out_loss);
    guest_test("throttle/goes-on-where-it-stopped", test_throttle);
    guest_test("throttle/at-the-end-of-a-segment", test_throttle_at_the_end);
    guest_test("throttle/a-kick-may-be-first", test_kick_goes_on);
    guest_test("throttle/interrupts-when-it-goes-on", test_interrupt_after_throttle);
    guest_test("host/open-once-close-always", test_open_twice);
    guest_test("host/close-while-an-element-is-held", test_close_while_held);
    guest_test("host/close-in-have-data", test_close_in_have_data);
    guest_test("host/close-in-have-data-of-copied-bytes", test_close_in_have_data_of_copy);
    guest_test("host/close-when-going-on", test_close_when_going_on);
    guest_test("in/fills-buffers-one-after-another", test_in);
    guest_test("in/much-without-a-kick-is-not-dropped", test_in_without_kicks);
    guest_test("in/nothing-while-a-side-is-closed", test_in_closed);
    guest_test("in/out-segments-are-passed-over", test_in_mixed_buffers);
    guest_test("in/guest-ready-counts-to-4096", test_guest_ready);
    guest_test("in/guest-ready-needs-driver-ok", test_guest_ready_needs_driver_ok);
    guest_test("in/kick-tells-the-class-when-both-are-open", test_writable);
    guest_test_client("broken/client-gone-while-the-guest-sends", test_client_gone);
    guest_test_client("broken/client-gone-while-the-host-sends", test_client_gone_while_writing);
    guest_test("broken/nothing-moves-until-a-reset", test_broken);
}
