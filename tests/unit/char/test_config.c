/* The device: its properties, features, queues and configuration space. */
#include "tests/unit/char/guest.h"
#include "tests/unit/char/test_char.h"
#include "tests/unit/char/test_port.h"

static VirtIODevice *vser_of(Guest *guest)
{
    return VIRTIO_DEVICE(
        object_resolve_path(guest->machine->root, "/machine/peripheral/vser", NULL));
}

/* --- Features --- */

static uint64_t offered(Guest *guest, const char *more)
{
    guest_add_serial(guest, more);
    guest_ready(guest);
    guest_negotiate(guest, 0);
    return vring_driver_offered(&guest->driver);
}

static void test_features(Guest *guest)
{
    static const uint64_t expected[] = {
        [GUEST_LEGACY] = 0x39000006,
        [GUEST_MODERN] = 0x10130000006,
        [GUEST_PACKED] = 0x10530000006,
    };

    g_assert_cmphex(offered(guest, ""), ==, expected[guest->kind]);
}

static void test_features_one_port(Guest *guest)
{
    g_assert_cmphex(offered(guest, ",max_ports=1") & 7, ==, 1 << VIRTIO_CONSOLE_F_EMERG_WRITE);
}

static void test_features_no_emergency(Guest *guest)
{
    g_assert_cmphex(offered(guest, ",emergency-write=off") & 7, ==,
                    1 << VIRTIO_CONSOLE_F_MULTIPORT);
}

static void test_common_properties(Guest *guest)
{
    uint64_t features = offered(guest, ",indirect_desc=off,event_idx=off,queue_reset=off");

    g_assert_false(virtio_has_feature(features, VIRTIO_RING_F_INDIRECT_DESC));
    g_assert_false(virtio_has_feature(features, VIRTIO_RING_F_EVENT_IDX));
    g_assert_false(virtio_has_feature(features, VIRTIO_F_RING_RESET));
}

/* --- Queues --- */

static void expect_queues(Guest *guest, unsigned ports)
{
    for (unsigned n = 0; n < VIRTIO_QUEUE_MAX; n++) {
        bool control = n == QUEUE_CONTROL_IN || n == QUEUE_CONTROL_OUT;

        guest_write_reg(guest, MMIO_QUEUE_SEL, n);
        if (n < 2 * (ports + 1)) {
            g_assert_cmpuint(guest_read_reg(guest, MMIO_QUEUE_NUM_MAX), ==, 1024);
            g_assert_cmpuint(virtio_queue_get_num(vser_of(guest), n), ==, control ? 32 : 128);
        } else {
            g_assert_cmpuint(guest_read_reg(guest, MMIO_QUEUE_NUM_MAX), ==, 0);
        }
    }
}

static void test_queues(Guest *guest)
{
    guest_add_serial(guest, ",max_ports=5");
    expect_queues(guest, 5);
}

static void test_queues_one_port(Guest *guest)
{
    guest_add_serial(guest, ",max_ports=1");
    expect_queues(guest, 1);
}

static void test_queues_most_ports(Guest *guest)
{
    guest_add_serial(guest, ",max_ports=511");
    expect_queues(guest, 511);
}

/* --- Realize --- */

static void expect_add_error(Guest *guest, const char *options, const char *expected)
{
    g_autofree char *text = guest_add_error(guest, options);

    g_assert_cmpstr(text, ==, expected);
}

static void test_wrong_max_ports(Guest *guest)
{
    expect_add_error(guest, "virtio-serial-device,max_ports=0",
                     "Maximum number of serial ports not specified");
    expect_add_error(guest, "virtio-serial-device,max_ports=512", "maximum ports supported: 511");
    expect_add_error(guest, "virtio-serial-device,max_ports=4294967295",
                     "maximum ports supported: 511");
    /* What failed left nothing behind: the place is still free. */
    guest_add_serial(guest, "");
    g_assert_nonnull(
        object_resolve_path(guest->machine->root, "/machine/peripheral/vser/vser.0", NULL));
}

static void test_bus_names(Guest *guest)
{
    Object *root = guest->machine->root;

    guest_add(guest, "virtio-serial-device");
    guest_add(guest, "virtio-serial-device,id=q");
    guest_add(guest, "virtio-serial-device");
    g_assert_nonnull(
        object_resolve_path(root, "/machine/peripheral-anon/device[0]/virtio-serial-bus.0", NULL));
    g_assert_nonnull(object_resolve_path(root, "/machine/peripheral/q/q.0", NULL));
    g_assert_nonnull(
        object_resolve_path(root, "/machine/peripheral-anon/device[1]/virtio-serial-bus.1", NULL));
}

static void test_no_hotplug(Guest *guest)
{
    GError *error = NULL;

    guest_add_serial(guest, "");
    guest_ready(guest);
    expect_add_error(guest, "virtio-serial-device",
                     "Bus 'virtio-mmio-bus.6' does not support hotplugging");
    g_assert_false(machine_del_device(guest->machine, "vser", &error));
    g_assert_cmpstr(error->message, ==, "Bus 'virtio-mmio-bus.7' does not support hotplugging");
    g_error_free(error);
}

/* --- Configuration space --- */

static void test_config(Guest *guest)
{
    guest_add_serial(guest, ",max_ports=300");
    g_assert_cmphex(guest_read_config(guest, 0, 2), ==, 0);
    g_assert_cmphex(guest_read_config(guest, 2, 2), ==, 0);
    g_assert_cmphex(guest_read_config(guest, 4, 4), ==, 300);
    g_assert_cmphex(guest_read_config(guest, 4, 1), ==, 300 & 0xff);
    g_assert_cmphex(guest_read_config(guest, 5, 1), ==, 300 >> 8);
    g_assert_cmphex(guest_read_config(guest, 8, 4), ==, 0);
    g_assert_cmphex(guest_read_config(guest, 12, 4), ==, UINT32_MAX);
    g_assert_cmphex(guest_read_config(guest, 12, 1), ==, UINT8_MAX);
}

static void test_config_is_read_only(Guest *guest)
{
    guest_add_serial(guest, "");
    guest_write_config(guest, 0, 4, 0x00190050);
    guest_write_config(guest, 4, 4, 7);
    g_assert_cmphex(guest_read_config(guest, 0, 4), ==, 0);
    g_assert_cmphex(guest_read_config(guest, 4, 4), ==, 31);
}

static void test_config_no_emergency(Guest *guest)
{
    Chardev *chr = guest_chardev(guest, "ringbuf,id=c");

    guest_add_serial(guest, ",emergency-write=off");
    guest_add(guest, "virtconsole,chardev=c");
    g_assert_cmphex(guest_read_config(guest, 8, 4), ==, UINT32_MAX);
    guest_write_config(guest, 8, 4, 'x');
    guest_expect_output(chr, "");
}

/* --- Emergency writes --- */

static void test_emergency_sizes(Guest *guest)
{
    Chardev *chr = guest_chardev(guest, "ringbuf,id=c");

    guest_add_serial(guest, "");
    guest_add(guest, "virtconsole,chardev=c");
    /* No driver is there yet. */
    guest_write_config(guest, 8, 1, 'a');
    guest_write_config(guest, 8, 2, 'b');
    guest_write_config(guest, 8, 4, 'c');
    guest_write_config(guest, 8, 4, 0x12345600 | 'd');
    guest_expect_output(chr, "abcd");
    g_assert_cmphex(guest_read_config(guest, 8, 4), ==, 0);
}

static void test_emergency_nul(Guest *guest)
{
    Chardev *chr = guest_chardev(guest, "ringbuf,id=c");
    uint8_t byte = 0xff;

    guest_add_serial(guest, "");
    guest_add(guest, "virtconsole,chardev=c");
    guest_write_config(guest, 8, 4, 0x100);
    g_assert_cmpuint(ringbuf_read(chr, &byte, 1), ==, 1);
    g_assert_cmphex(byte, ==, 0);
    guest_write_config(guest, 9, 1, 1);
    g_assert_cmpuint(ringbuf_count(chr), ==, 1);
    /* Nothing but zeros is no byte. */
    guest_write_config(guest, 8, 4, 0);
    guest_write_config(guest, 0, 4, 'x');
    g_assert_cmpuint(ringbuf_count(chr), ==, 1);
}

static void test_emergency_first_console(Guest *guest)
{
    Chardev *first = guest_chardev(guest, "ringbuf,id=c1");
    Chardev *second = guest_chardev(guest, "ringbuf,id=c2");

    guest_chardev(guest, "ringbuf,id=s");
    guest_add_serial(guest, "");
    guest_add(guest, "virtserialport,chardev=s");
    guest_add(guest, "virtconsole,nr=7,id=closed");
    guest_add(guest, "virtconsole,nr=5,chardev=c1");
    guest_add(guest, "virtconsole,nr=0,chardev=c2");
    guest_write_config(guest, 8, 4, 'x');
    guest_expect_output(first, "x");
    guest_expect_output(second, "");
    guest_expect_output(chardev_find(guest->machine->root, "s"), "");
}

static void test_emergency_without_console(Guest *guest)
{
    guest_chardev(guest, "ringbuf,id=s");
    guest_add_serial(guest, "");
    guest_write_config(guest, 8, 4, 'x');
    guest_add(guest, "virtserialport,chardev=s");
    guest_write_config(guest, 8, 4, 'x');
    g_assert_cmphex(guest_read_config(guest, 8, 4), ==, 0);
    guest_expect_output(chardev_find(guest->machine->root, "s"), "");
}

/* The byte goes past an element that the port holds. */
static void test_emergency_with_held_element(Guest *guest)
{
    TestPort *port;

    guest_add_serial(guest, "");
    port = TEST_PORT(guest_add(guest, "test-console-port,id=p"));
    guest_ready(guest);
    guest_start(guest, 1);
    virtio_serial_open(VIRTIO_SERIAL_PORT(port));
    port->takes = 2;
    port->throttles = true;
    guest_post_text(guest, QUEUE_OUT(0), "hello");
    test_port_expect(port, "have 'he' ");
    port->takes = 1;
    guest_write_config(guest, 8, 4, '!');
    test_port_expect(port, "have '!' ");
    test_port_make_room(port, 10);
    guest_run_loop();
    test_port_expect(port, "have 'llo' ");
    guest_expect_used(guest, QUEUE_OUT(0), "0:0 ");
    /* And one that closes the port. */
    virtio_serial_throttle_port(VIRTIO_SERIAL_PORT(port), true);
    port->takes = 0;
    port->closes = true;
    guest_post_text(guest, QUEUE_OUT(0), "lost");
    guest_write_config(guest, 8, 4, '?');
    test_port_expect(port, "have '' ");
    guest_expect_used(guest, QUEUE_OUT(0), "1:0 ");
}

void add_config_tests(void)
{
    guest_test("features/are-those-of-qemu", test_features);
    guest_test("features/multiport-needs-two-ports", test_features_one_port);
    guest_test("features/emergency-write-can-be-off", test_features_no_emergency);
    guest_test("features/common-ones-can-be-off", test_common_properties);
    guest_test("queues/two-for-each-port-and-control", test_queues);
    guest_test("queues/control-is-there-for-one-port-too", test_queues_one_port);
    guest_test("queues/all-1024-for-511-ports", test_queues_most_ports);
    guest_test("device/wrong-max-ports-is-refused", test_wrong_max_ports);
    guest_test("device/bus-is-named-by-id-or-counter", test_bus_names);
    guest_test("device/itself-cannot-be-hotplugged", test_no_hotplug);
    guest_test("config/has-no-size-and-max-ports", test_config);
    guest_test("config/is-read-only-but-for-emerg-wr", test_config_is_read_only);
    guest_test("config/ends-at-8-without-emergency-write", test_config_no_emergency);
    guest_test("emergency/any-width-before-any-driver", test_emergency_sizes);
    guest_test("emergency/low-byte-0-is-a-nul", test_emergency_nul);
    guest_test("emergency/first-plugged-open-console-gets-it", test_emergency_first_console);
    guest_test("emergency/dropped-without-console", test_emergency_without_console);
    guest_test("emergency/leaves-a-held-element-alone", test_emergency_with_held_element);
}
