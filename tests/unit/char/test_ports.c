/* Ids and names of ports, and whose they are. */
#include "qom/keyval.h"
#include "tests/unit/char/guest.h"
#include "tests/unit/char/test_char.h"
#include "tests/unit/char/test_port.h"

static void expect_error(Guest *guest, const char *options, const char *expected)
{
    g_autofree char *text = guest_add_error(guest, options);

    g_assert_cmpstr(text, ==, expected);
}

static uint64_t nr_of(DeviceState *dev)
{
    return object_property_get_uint(OBJECT(dev), "nr", NULL);
}

static uint64_t add_and_get_nr(Guest *guest, const char *options)
{
    return nr_of(guest_add(guest, options));
}

static void test_id_taken(Guest *guest)
{
    guest_add_serial(guest, "");
    guest_add(guest, "virtserialport,nr=5");
    expect_error(guest, "virtserialport,nr=5", "virtio-serial-bus: A port already exists at id 5");
    expect_error(guest, "virtconsole,nr=5", "virtio-serial-bus: A port already exists at id 5");
    /* Before its name is looked at. */
    guest_add(guest, "virtserialport,name=n");
    expect_error(guest, "virtserialport,nr=5,name=n",
                 "virtio-serial-bus: A port already exists at id 5");
}

static void test_name_taken(Guest *guest)
{
    guest_add_serial(guest, "");
    guest_add(guest, "virtserialport,name=org.example,bus=vser.0");
    guest_add(guest, "virtio-serial-device,id=other");
    expect_error(guest, "virtserialport,name=org.example,bus=other.0",
                 "virtio-serial-bus: A port already exists by name org.example");
    expect_error(guest, "virtconsole,name=org.example,bus=vser.0,nr=100",
                 "virtio-serial-bus: A port already exists by name org.example");
    guest_add(guest, "virtserialport,name=org.exampl,bus=other.0");
    guest_add(guest, "virtserialport,name=,bus=other.0");
    expect_error(guest,
                 "virtserialport,name=", "virtio-serial-bus: A port already exists by name ");
    /* Those without a name do not get in each other's way. */
    guest_add(guest, "virtserialport");
    guest_add(guest, "virtserialport");
}

static void test_name_of_other_machine(Guest *guest)
{
    Guest *other = guest_new(guest->kind, guest->home);

    guest_add_serial(guest, "");
    guest_add_serial(other, "");
    guest_add(guest, "virtserialport,name=org.example,nr=3");
    guest_add(other, "virtserialport,name=org.example,nr=3");
    guest_free(other);
}

static void test_name_free_again(Guest *guest)
{
    guest_add_serial(guest, "");
    guest_ready(guest);
    guest_add(guest, "virtserialport,name=n,id=p");
    guest_del(guest, "p");
    guest_add(guest, "virtserialport,name=n,id=p");
}

static void test_auto_ids(Guest *guest)
{
    guest_add_serial(guest, "");
    g_assert_cmpuint(add_and_get_nr(guest, "virtserialport"), ==, 1);
    g_assert_cmpuint(add_and_get_nr(guest, "virtserialport,nr=3"), ==, 3);
    g_assert_cmpuint(add_and_get_nr(guest, "virtconsole"), ==, 0);
    g_assert_cmpuint(add_and_get_nr(guest, "virtconsole"), ==, 2);
    g_assert_cmpuint(add_and_get_nr(guest, "virtserialport"), ==, 4);
    g_assert_cmpuint(add_and_get_nr(guest, "virtserialport,nr=4294967295"), ==, 5);
}

static void test_id_free_again(Guest *guest)
{
    guest_add_serial(guest, "");
    guest_ready(guest);
    guest_add(guest, "virtserialport,id=one");
    guest_add(guest, "virtserialport,id=two");
    guest_add(guest, "virtconsole,id=con");
    guest_del(guest, "one");
    guest_del(guest, "con");
    g_assert_cmpuint(add_and_get_nr(guest, "virtserialport"), ==, 1);
    g_assert_cmpuint(add_and_get_nr(guest, "virtserialport"), ==, 3);
    g_assert_cmpuint(add_and_get_nr(guest, "virtconsole"), ==, 0);
}

static void test_port_0(Guest *guest)
{
    guest_add_serial(guest, "");
    expect_error(guest, "virtserialport,nr=0",
                 "Port number 0 on virtio-serial devices reserved for virtconsole devices for "
                 "backward compatibility.");
    guest_add(guest, "virtconsole,nr=0");
    expect_error(guest, "virtconsole,nr=0", "virtio-serial-bus: A port already exists at id 0");
}

static void test_out_of_range(Guest *guest)
{
    guest_add_serial(guest, "");
    expect_error(guest, "virtserialport,nr=31",
                 "virtio-serial-bus: Out-of-range port id specified, max. allowed: 30");
    expect_error(guest, "virtserialport,nr=4294967294",
                 "virtio-serial-bus: Out-of-range port id specified, max. allowed: 30");
    guest_add(guest, "virtserialport,nr=30");
}

static void test_one_port(Guest *guest)
{
    guest_add_serial(guest, ",max_ports=1");
    expect_error(guest, "virtserialport",
                 "virtio-serial-bus: Out-of-range port id specified, max. allowed: 0");
    guest_add(guest, "virtconsole");
    expect_error(guest, "virtconsole",
                 "virtio-serial-bus: Out-of-range port id specified, max. allowed: 0");
}

static void fill(Guest *guest, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        guest_add(guest, "virtserialport");
    }
}

/* QEMU looks for a free id in whole words of 32 ports. */
static void test_full(Guest *guest)
{
    guest_add_serial(guest, ",max_ports=32");
    fill(guest, 31);
    expect_error(guest, "virtserialport",
                 "virtio-serial-bus: Maximum port limit for this device reached");
    expect_error(guest, "virtserialport,nr=32",
                 "virtio-serial-bus: Out-of-range port id specified, max. allowed: 31");
    g_assert_cmpuint(add_and_get_nr(guest, "virtconsole"), ==, 0);
    expect_error(guest, "virtconsole",
                 "virtio-serial-bus: Maximum port limit for this device reached");
}

static void test_full_in_a_word(Guest *guest)
{
    guest_add_serial(guest, ",max_ports=33");
    fill(guest, 32);
    expect_error(guest, "virtserialport",
                 "virtio-serial-bus: Out-of-range port id specified, max. allowed: 32");
}

static void test_511(Guest *guest)
{
    static const GuestSegment last = { "last port", 9 };

    guest_add_serial(guest, ",max_ports=511");
    guest_add(guest, "virtconsole");
    for (unsigned i = 1; i < 510; i++) {
        g_autofree char *options = g_strdup_printf("virtserialport,name=port%u", i);

        g_assert_cmpuint(add_and_get_nr(guest, options), ==, i);
    }
    g_assert_cmpuint(add_and_get_nr(guest, "test-serial-port,id=last,name=last"), ==, 510);
    expect_error(guest, "virtserialport",
                 "virtio-serial-bus: Out-of-range port id specified, max. allowed: 510");
    expect_error(guest, "virtserialport,name=port300",
                 "virtio-serial-bus: A port already exists by name port300");
    guest_ready(guest);
    guest_start(guest, 1);
    guest_setup_queue(guest, QUEUE_IN(510));
    guest_setup_queue(guest, QUEUE_OUT(510));
    virtio_serial_open(guest_port(guest, "last"));
    guest_expect_messages(guest, "510:OPEN=1 ");
    guest_send(guest, 510, VIRTIO_CONSOLE_PORT_READY, 1);
    guest_expect_messages(guest, "510:NAME=1 'last' 510:OPEN=1 ");
    guest_send(guest, 510, VIRTIO_CONSOLE_PORT_OPEN, 1);
    guest_post(guest, QUEUE_OUT(510), &last, 1);
    test_port_expect(TEST_PORT(guest_port(guest, "last")), "ready guest 1 have 'last port' ");
    guest_post_room(guest, QUEUE_IN(510), 20);
    g_assert_cmpuint(virtio_serial_write(guest_port(guest, "last"), (const uint8_t *)"back", 4), ==,
                     4);
    guest_expect_received(guest, QUEUE_IN(510), "back");
}

static void test_place(Guest *guest)
{
    expect_error(guest, "virtserialport",
                 "No 'virtio-serial-bus' bus found for device 'virtserialport'");
    guest_add_serial(guest, "");
    expect_error(guest, "virtserialport,bus=virtio-mmio-bus.0",
                 "Device 'virtserialport' can't go on virtio-mmio-bus bus");
    expect_error(guest, "virtserialport,bus=nowhere.0", "Bus 'nowhere.0' not found");
    expect_error(guest, "virtio-serial-port",
                 "Parameter 'driver' expects a non-abstract device type");
    expect_error(guest, "virtserialport,nr=x", "Parameter 'nr' expects integer");
    expect_error(guest, "virtserialport,size=3", "Property 'virtserialport.size' not found");
}

static void test_inheritance(void)
{
    ObjectClass *console = object_class_by_name("virtconsole");

    g_assert_true(object_class_is_abstract(object_class_by_name("virtio-serial-port")));
    g_assert_cmpstr(object_class_get_name(object_class_get_parent(console)), ==, "virtserialport");
    g_assert_cmpstr(
        object_class_get_name(object_class_get_parent(object_class_get_parent(console))), ==,
        "virtio-serial-port");
    g_assert_true(VIRTIO_SERIAL_PORT_CLASS(console)->is_console);
    g_assert_false(VIRTIO_SERIAL_PORT_CLASS(object_class_by_name("virtserialport"))->is_console);
}

/* Nothing of a port that was refused stays, nor did the driver hear of it. */
static void test_refused_by_class(Guest *guest)
{
    guest_add_serial(guest, "");
    guest_ready(guest);
    guest_start(guest, 1);
    expect_error(guest, "test-serial-port,id=p,fails=on", "this port does not want to");
    expect_error(guest, "virtserialport,nr=0",
                 "Port number 0 on virtio-serial devices reserved for virtconsole devices for "
                 "backward compatibility.");
    g_assert_null(guest_port(guest, "p"));
    guest_expect_messages(guest, "");
    guest_expect_events(guest, "");
    g_assert_cmpuint(add_and_get_nr(guest, "test-serial-port,id=p"), ==, 1);
    guest_expect_messages(guest, "1:ADD=1 ");
}

void add_ports_tests(void)
{
    guest_test("ports/id-taken-is-refused", test_id_taken);
    guest_test("ports/name-taken-on-any-device-is-refused", test_name_taken);
    guest_test("ports/name-of-another-machine-is-free", test_name_of_other_machine);
    guest_test("ports/name-is-free-again-after-unplug", test_name_free_again);
    guest_test("ports/ids-by-themselves-are-the-lowest", test_auto_ids);
    guest_test("ports/id-is-free-again-after-unplug", test_id_free_again);
    guest_test("ports/port-0-is-for-consoles", test_port_0);
    guest_test("ports/id-out-of-range-is-refused", test_out_of_range);
    guest_test("ports/a-single-port-is-a-console", test_one_port);
    guest_test("ports/full-device-says-limit", test_full);
    guest_test("ports/full-device-says-out-of-range-within-a-word", test_full_in_a_word);
    guest_test("ports/511-work", test_511);
    guest_test("ports/place-and-properties-are-checked", test_place);
    guest_test("ports/refused-port-leaves-no-trace", test_refused_by_class);
    g_test_add_func("/char/ports/console-is-a-serial-port", test_inheritance);
}
