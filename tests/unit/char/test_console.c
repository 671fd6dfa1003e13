/* virtconsole and virtserialport on chardevs. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "models/core/qdev_properties.h"
#include "tests/unit/char/guest.h"
#include "tests/unit/char/test_char.h"

/* --- A chardev that leaves in the middle of a write: "test" --- */

#define TYPE_TEST_CHARDEV "chardev-test"
OBJECT_DECLARE_SIMPLE_TYPE(TestChardev, TEST_CHARDEV)

struct TestChardev {
    Chardev parent_obj;

    GString *output;
    int takes;        /* bytes it takes before it leaves */
    bool fe_was_open; /* what the front end said last */
};

static bool test_chardev_open(Chardev *chr, const ChardevOptions *options, bool *be_opened,
                              GError **error)
{
    (void)options, (void)be_opened, (void)error;
    TEST_CHARDEV(chr)->output = g_string_new(NULL);
    TEST_CHARDEV(chr)->takes = G_MAXINT;
    return true;
}

static int test_chardev_write(Chardev *chr, const uint8_t *buf, int len)
{
    TestChardev *test = TEST_CHARDEV(chr);
    int n = MIN(len, test->takes);

    if (!chr->be_open) {
        errno = EIO;
        return -1;
    }
    test->takes -= n;
    if (n < len) {
        qemu_chr_be_event(chr, CHR_EVENT_CLOSED);
    }
    /* After that, since the bytes must still be there. */
    g_string_append_len(test->output, (const char *)buf, n);
    return n;
}

static void test_chardev_set_fe_open(Chardev *chr, bool open)
{
    TEST_CHARDEV(chr)->fe_was_open = open;
}

static void test_chardev_finalize(Object *obj)
{
    g_string_free(TEST_CHARDEV(obj)->output, TRUE);
}

static void test_chardev_class_init(ObjectClass *klass, void *data)
{
    ChardevClass *cc = CHARDEV_CLASS(klass);

    (void)data;
    cc->open = test_chardev_open;
    cc->chr_write = test_chardev_write;
    cc->chr_set_fe_open = test_chardev_set_fe_open;
}

static const TypeInfo test_chardev_types[] = {
    {
        .name = TYPE_TEST_CHARDEV,
        .parent = TYPE_CHARDEV,
        .instance_size = sizeof(TestChardev),
        .instance_finalize = test_chardev_finalize,
        .class_init = test_chardev_class_init,
    },
};

DEFINE_TYPES(test_chardev_types)

/* --- Starting --- */

/* The chardev "c" with a port of @type at 1, open on the guest's side. */
static Chardev *start(Guest *guest, const char *chardev, const char *type)
{
    g_autofree char *chardev_options = g_strconcat(chardev, ",id=c", NULL);
    g_autofree char *port = g_strconcat(type, ",id=p,nr=1,chardev=c", NULL);
    Chardev *chr = guest_chardev(guest, chardev_options);

    guest_add_serial(guest, "");
    guest_add(guest, port);
    guest_ready(guest);
    guest_start(guest, 2);
    guest_send(guest, 1, VIRTIO_CONSOLE_PORT_OPEN, 1);
    guest_expect_events(guest, "p open ");
    guest_expect_messages(guest, "");
    return chr;
}

static size_t host_write(Chardev *chr, const char *text)
{
    return rpc_chardev_write(chr, (const uint8_t *)text, strlen(text));
}

/* --- Who is open when --- */

static bool is_open(Guest *guest, const char *type, const char *chardev)
{
    g_autofree char *options = g_strconcat(type, ",id=p,chardev=x", NULL);
    g_autofree char *chardev_options = g_strconcat(chardev, ",id=x", NULL);
    bool open;

    guest_chardev(guest, chardev_options);
    guest_add(guest, options);
    open = object_property_get_bool(OBJECT(guest_port(guest, "p")), "host-connected", NULL);
    guest_del(guest, "p");
    g_assert_true(chardev_remove(guest->machine->root, "x", NULL));
    return open;
}

static void test_open_from_the_start(Guest *guest)
{
    guest_add_serial(guest, "");
    guest_ready(guest);
    g_assert_true(is_open(guest, "virtconsole", "ringbuf"));
    g_assert_true(is_open(guest, "virtconsole", "null"));
    g_assert_true(is_open(guest, "virtconsole", "rpc,open=off"));
    g_assert_true(is_open(guest, "virtserialport", "ringbuf"));
    g_assert_true(is_open(guest, "virtserialport", "rpc"));
    g_assert_true(is_open(guest, "virtserialport", "file,path=/dev/null"));
    g_assert_false(is_open(guest, "virtserialport", "null"));
    g_assert_false(is_open(guest, "virtserialport", "rpc,open=off"));
    g_assert_false(is_open(guest, "virtserialport", "udp,host=127.0.0.1,port=9"));
    g_assert_false(
        is_open(guest, "virtserialport", "socket,host=127.0.0.1,port=0,server=on,wait=off"));
}

static void test_without_chardev(Guest *guest)
{
    static const char *const types[] = { "virtconsole,id=p,nr=1", "virtserialport,id=p,nr=1" };

    guest_add_serial(guest, "");
    guest_ready(guest);
    for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
        guest_add(guest, types[i]);
        guest_start(guest, 2);
        guest_send(guest, 1, VIRTIO_CONSOLE_PORT_READY, 1);
        guest_expect_messages(guest, i ? "" : "1:CONSOLE=1 ");
        guest_send(guest, 1, VIRTIO_CONSOLE_PORT_OPEN, 1);
        guest_post_text(guest, QUEUE_OUT(1), "lost");
        guest_expect_used(guest, QUEUE_OUT(1), "0:0 ");
        guest_del(guest, "p");
        guest_expect_events(guest, "p open p deleted ");
    }
}

static void test_serial_follows_chardev(Guest *guest)
{
    Chardev *chr = start(guest, "rpc,open=off", "virtserialport");

    rpc_chardev_set_open(chr, true);
    guest_expect_messages(guest, "1:OPEN=1 ");
    guest_post_text(guest, QUEUE_OUT(1), "in time");
    rpc_chardev_set_open(chr, false);
    guest_expect_messages(guest, "1:OPEN=0 ");
    guest_post_text(guest, QUEUE_OUT(1), "too late");
    guest_expect_used(guest, QUEUE_OUT(1), "0:0 1:0 ");
    guest_expect_output(chr, "in time");
}

static void test_console_does_not(Guest *guest)
{
    Chardev *chr = start(guest, "rpc", "virtconsole");

    rpc_chardev_set_open(chr, false);
    guest_expect_messages(guest, "");
    guest_post_text(guest, QUEUE_OUT(1), "lost");
    rpc_chardev_set_open(chr, true);
    guest_expect_messages(guest, "");
    guest_post_text(guest, QUEUE_OUT(1), "kept");
    guest_expect_used(guest, QUEUE_OUT(1), "0:0 1:0 ");
    guest_expect_output(chr, "kept");
}

static void test_front_end_of_serial(Guest *guest)
{
    TestChardev *test = TEST_CHARDEV(start(guest, "test", "virtserialport"));
    Object *chr = OBJECT(test);

    g_assert_true(test->fe_was_open);
    g_assert_true(object_property_get_bool(chr, "frontend-open", NULL));
    guest_send(guest, 1, VIRTIO_CONSOLE_PORT_OPEN, 0);
    g_assert_false(test->fe_was_open);
    guest_send(guest, 1, VIRTIO_CONSOLE_PORT_OPEN, 1);
    guest_reset(guest);
    g_assert_false(test->fe_was_open);
    guest_expect_events(guest, "p closed p open p closed ");
}

static void test_front_end_of_console(Guest *guest)
{
    TestChardev *test = TEST_CHARDEV(start(guest, "test", "virtconsole"));

    g_assert_true(test->fe_was_open);
    guest_send(guest, 1, VIRTIO_CONSOLE_PORT_OPEN, 0);
    guest_reset(guest);
    g_assert_true(test->fe_was_open);
    guest_del(guest, "p");
    g_assert_false(test->fe_was_open);
}

/* Only ports with an id have an event. */
static void test_event_needs_id(Guest *guest)
{
    guest_add_serial(guest, "");
    guest_add(guest, "virtserialport");
    guest_start(guest, 2);
    guest_send(guest, 1, VIRTIO_CONSOLE_PORT_OPEN, 1);
    guest_expect_events(guest, "");
}

/* --- A chardev that takes less --- */

static void test_serial_waits(Guest *guest)
{
    Chardev *chr = start(guest, "rpc,size=4", "virtserialport");

    guest_expect_messages(guest, "");
    guest_post_text(guest, QUEUE_OUT(1), "0123456789");
    guest_expect_used(guest, QUEUE_OUT(1), "");
    g_assert_true(guest_port(guest, "p")->throttled);
    guest_post_text(guest, QUEUE_OUT(1), "abc");
    guest_expect_output(chr, "0123");
    guest_run_loop();
    guest_expect_output(chr, "4567");
    guest_expect_used(guest, QUEUE_OUT(1), "");
    guest_run_loop();
    guest_expect_used(guest, QUEUE_OUT(1), "0:0 ");
    guest_expect_output(chr, "89ab");
    guest_run_loop();
    guest_expect_output(chr, "c");
    guest_expect_used(guest, QUEUE_OUT(1), "1:0 ");
    g_assert_false(guest_port(guest, "p")->throttled);
}

static void test_console_loses(Guest *guest)
{
    Chardev *chr = start(guest, "rpc,size=4", "virtconsole");

    guest_post_text(guest, QUEUE_OUT(1), "0123456789");
    guest_post_text(guest, QUEUE_OUT(1), "abc");
    guest_expect_used(guest, QUEUE_OUT(1), "0:0 1:0 ");
    g_assert_false(guest_port(guest, "p")->throttled);
    guest_expect_output(chr, "0123");
    guest_run_loop();
    guest_expect_output(chr, "");
}

static void test_close_while_waiting(Guest *guest)
{
    Chardev *chr = start(guest, "rpc,size=4", "virtserialport");

    guest_post_text(guest, QUEUE_OUT(1), "0123456789");
    guest_post_text(guest, QUEUE_OUT(1), "abc");
    g_assert_cmpuint(VIRTIO_CONSOLE_SERIAL_PORT(guest_port(guest, "p"))->watch, !=, 0);
    rpc_chardev_set_open(chr, false);
    g_assert_cmpuint(VIRTIO_CONSOLE_SERIAL_PORT(guest_port(guest, "p"))->watch, ==, 0);
    guest_expect_messages(guest, "1:OPEN=0 ");
    guest_expect_used(guest, QUEUE_OUT(1), "1:0 ");
    guest_run_loop();
    guest_expect_output(chr, "0123");
    rpc_chardev_set_open(chr, true);
    guest_run_loop();
    g_assert_false(guest_port(guest, "p")->throttled);
    guest_post_text(guest, QUEUE_OUT(1), "new");
    guest_expect_output(chr, "new");
    guest_expect_used(guest, QUEUE_OUT(1), "2:0 ");
}

static void test_unplug_while_waiting(Guest *guest)
{
    Chardev *chr = start(guest, "rpc,size=4", "virtserialport");

    guest_post_text(guest, QUEUE_OUT(1), "0123456789");
    guest_del(guest, "p");
    guest_expect_output(chr, "0123");
    guest_run_loop();
    guest_expect_output(chr, "");
    guest_expect_messages(guest, "1:REMOVE=1 ");
    g_assert_true(chardev_remove(guest->machine->root, "c", NULL));
}

static void test_unplug_when_due(Guest *guest)
{
    Chardev *chr = start(guest, "rpc,size=4", "virtserialport");

    guest_post_text(guest, QUEUE_OUT(1), "0123456789");
    guest_expect_output(chr, "0123");
    /* One round: the chardev has said that it takes more, and the port has not gone on yet. */
    g_main_context_iteration(NULL, FALSE);
    guest_del(guest, "p");
    guest_run_loop();
    guest_expect_output(chr, "");
}

/* --- A backend that closes in the middle of a write --- */

static void test_backend_closes_mid_write(Guest *guest)
{
    g_autofree char *dir = g_dir_make_tmp("qosim-char-XXXXXX", NULL);
    g_autofree char *log = g_build_filename(dir, "log", NULL);
    g_autofree char *options = g_strconcat("test,logfile=", log, NULL);
    g_autofree char *logged = NULL;
    TestChardev *test = TEST_CHARDEV(start(guest, options, "virtserialport"));

    test->takes = 4;
    guest_add_buffer(guest, QUEUE_OUT(1), &(GuestSegment){ "0123456789", 10 }, 1);
    guest_add_buffer(guest, QUEUE_OUT(1), &(GuestSegment){ "behind", 6 }, 1);
    guest_kick(guest, QUEUE_OUT(1));
    g_assert_cmpstr(test->output->str, ==, "0123");
    g_assert_true(g_file_get_contents(log, &logged, NULL, NULL));
    g_assert_cmpstr(logged, ==, "0123");
    guest_expect_used(guest, QUEUE_OUT(1), "1:0 ");
    guest_expect_messages(guest, "1:OPEN=0 ");
    g_assert_false(guest_port(guest, "p")->throttled);
    g_assert_cmpuint(VIRTIO_CONSOLE_SERIAL_PORT(guest_port(guest, "p"))->watch, ==, 0);
    /* The peer is back. */
    test->takes = 100;
    qemu_chr_be_event(CHARDEV(test), CHR_EVENT_OPENED);
    guest_expect_messages(guest, "1:OPEN=1 ");
    guest_post_text(guest, QUEUE_OUT(1), "again");
    g_assert_cmpstr(test->output->str, ==, "0123again");
    guest_expect_used(guest, QUEUE_OUT(1), "2:0 ");
    g_unlink(log);
    g_rmdir(dir);
}

static void test_console_backend_closes_mid_write(Guest *guest)
{
    TestChardev *test = TEST_CHARDEV(start(guest, "test", "virtconsole"));

    test->takes = 4;
    guest_post_text(guest, QUEUE_OUT(1), "0123456789");
    guest_post_text(guest, QUEUE_OUT(1), "lost");
    g_assert_cmpstr(test->output->str, ==, "0123");
    guest_expect_used(guest, QUEUE_OUT(1), "0:0 1:0 ");
    guest_expect_messages(guest, "");
}

/* --- To the guest --- */

static void test_input(Guest *guest)
{
    Chardev *chr = start(guest, "rpc", "virtserialport");

    g_assert_cmpuint(host_write(chr, "early"), ==, 0);
    guest_post_room(guest, QUEUE_IN(1), 4);
    guest_post_room(guest, QUEUE_IN(1), 4);
    g_assert_cmpuint(host_write(chr, "0123456789"), ==, 8);
    guest_expect_received(guest, QUEUE_IN(1), "01234567");
    g_assert_cmpuint(host_write(chr, "89"), ==, 0);
}

/* Nobody has so much room; the bytes stay where they are. */
static void test_input_claim(Guest *guest)
{
    Chardev *chr = start(guest, "rpc", "virtserialport");
    VRingSegment huge = { UINT64_C(0x80000000), 0xffffffff, true };

    g_assert_true(vring_queue_post(guest->queues[QUEUE_IN(1)], &huge, 1, false, NULL));
    vring_queue_kick(guest->queues[QUEUE_IN(1)]);
    g_assert_cmpuint(host_write(chr, "bytes"), ==, 0);
    guest_expect_errors(guest, "");
}

static void note_input(void *opaque, Chardev *chr, RpcChardevNotice notice)
{
    (void)chr;
    *(unsigned *)opaque += notice == RPC_CHARDEV_INPUT;
}

/* Whoever was refused hears when it is worth trying again. */
static void test_input_notice(Guest *guest)
{
    Chardev *chr = start(guest, "rpc", "virtserialport");
    unsigned notices = 0;

    rpc_chardev_set_notify(chr, note_input, &notices);
    g_assert_cmpuint(host_write(chr, "early"), ==, 0);
    guest_post_room(guest, QUEUE_IN(1), 4);
    g_assert_cmpuint(notices, ==, 1);
    g_assert_cmpuint(host_write(chr, "early"), ==, 4);
    guest_send(guest, 1, VIRTIO_CONSOLE_PORT_OPEN, 0);
    guest_post_room(guest, QUEUE_IN(1), 4);
    g_assert_cmpuint(notices, ==, 1);
    guest_send(guest, 1, VIRTIO_CONSOLE_PORT_OPEN, 1);
    g_assert_cmpuint(notices, ==, 2);
    rpc_chardev_set_notify(chr, NULL, NULL);
}

/* A driver without MULTIPORT posts its buffers first; that it then runs is what opens the port. */
static void test_input_notice_without_multiport(Guest *guest)
{
    Chardev *chr = guest_chardev(guest, "rpc,id=c");
    unsigned notices = 0;

    guest_add_serial(guest, "");
    guest_add(guest, "virtconsole,chardev=c");
    guest_ready(guest);
    rpc_chardev_set_notify(chr, note_input, &notices);
    guest_negotiate(guest, UINT64_C(1) << VIRTIO_CONSOLE_F_MULTIPORT);
    guest_setup_queue(guest, 0);
    guest_setup_queue(guest, 1);
    guest_post_room(guest, 0, 10);
    g_assert_cmpuint(host_write(chr, "early"), ==, 0);
    guest_driver_ok(guest);
    guest_run_loop();
    g_assert_cmpuint(notices, ==, 1);
    g_assert_cmpuint(host_write(chr, "early"), ==, 5);
    guest_expect_received(guest, 0, "early");
    rpc_chardev_set_notify(chr, NULL, NULL);
}

static void test_reset_keeps_input(Guest *guest)
{
    Chardev *chr = start(guest, "rpc", "virtserialport");

    guest_post_room(guest, QUEUE_IN(1), 4);
    guest_reset(guest);
    g_assert_cmpuint(host_write(chr, "kept"), ==, 0);
    guest_start(guest, 2);
    guest_post_room(guest, QUEUE_IN(1), 4);
    guest_send(guest, 1, VIRTIO_CONSOLE_PORT_OPEN, 1);
    g_assert_cmpuint(host_write(chr, "kept"), ==, 4);
    guest_expect_received(guest, QUEUE_IN(1), "kept");
}

/* --- Over a socket, whose peer is a process like any other --- */

static int connect_to(const char *path)
{
    struct sockaddr_un addr = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    g_strlcpy(addr.sun_path, path, sizeof(addr.sun_path));
    g_assert_cmpint(connect(fd, (struct sockaddr *)&addr, sizeof(addr)), ==, 0);
    return fd;
}

static void test_socket(Guest *guest)
{
    g_autofree char *dir = g_dir_make_tmp("qosim-char-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "s", NULL);
    g_autofree char *options = g_strdup_printf("socket,path=%s,server=on,wait=off", path);
    char buf[16];
    int fd;

    start(guest, options, "virtserialport");
    fd = connect_to(path);
    guest_run_loop();
    guest_expect_messages(guest, "1:OPEN=1 ");
    guest_post_text(guest, QUEUE_OUT(1), "to the peer");
    g_assert_cmpint(read(fd, buf, sizeof(buf)), ==, 11);
    g_assert_cmpmem(buf, 11, "to the peer", 11);
    g_assert_cmpint(write(fd, "back", 4), ==, 4);
    guest_run_loop();
    guest_post_room(guest, QUEUE_IN(1), 3);
    guest_run_loop();
    guest_post_room(guest, QUEUE_IN(1), 3);
    guest_run_loop();
    guest_expect_received(guest, QUEUE_IN(1), "back");
    close(fd);
    guest_run_loop();
    guest_expect_messages(guest, "1:OPEN=0 ");
    fd = connect_to(path);
    guest_run_loop();
    guest_expect_messages(guest, "1:OPEN=1 ");
    close(fd);
    guest_del(guest, "p");
    g_assert_true(chardev_remove(guest->machine->root, "c", NULL));
    g_unlink(path);
    g_rmdir(dir);
}

/* What the peer sent before it left is not lost, and the end is seen although no room is left then. */
static void test_socket_last_words(Guest *guest)
{
    g_autofree char *dir = g_dir_make_tmp("qosim-char-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "s", NULL);
    g_autofree char *options = g_strdup_printf("socket,path=%s,server=on,wait=off", path);
    int fd;

    start(guest, options, "virtserialport");
    fd = connect_to(path);
    guest_run_loop();
    guest_expect_messages(guest, "1:OPEN=1 ");
    g_assert_cmpint(write(fd, "last words", 10), ==, 10);
    close(fd);
    guest_run_loop();
    guest_expect_messages(guest, "");
    guest_post_room(guest, QUEUE_IN(1), 5);
    guest_run_loop();
    guest_expect_messages(guest, "");
    guest_post_room(guest, QUEUE_IN(1), 5);
    guest_run_loop();
    guest_expect_received(guest, QUEUE_IN(1), "last words");
    guest_expect_messages(guest, "1:OPEN=0 ");
    guest_del(guest, "p");
    g_assert_true(chardev_remove(guest->machine->root, "c", NULL));
    g_unlink(path);
    g_rmdir(dir);
}

/* --- The property --- */

static void expect_error(Guest *guest, const char *options, const char *expected)
{
    g_autofree char *text = guest_add_error(guest, options);

    g_assert_cmpstr(text, ==, expected);
}

static void test_property(Guest *guest)
{
    GError *error = NULL;
    g_autofree char *text = NULL;
    Object *port;

    guest_chardev(guest, "ringbuf,id=c");
    guest_add_serial(guest, "");
    port = OBJECT(guest_add(guest, "virtconsole,chardev=c,id=con"));
    text = object_property_get_str(port, "chardev", NULL);
    g_assert_cmpstr(text, ==, "c");
    expect_error(guest, "virtserialport,chardev=nope",
                 "Property 'virtserialport.chardev' can't find value 'nope'");
    expect_error(guest, "virtserialport,chardev=c",
                 "Property 'virtserialport.chardev' can't take value 'c': Device 'c' is in use");
    expect_error(guest, "virtconsole,chardev=c",
                 "Property 'virtconsole.chardev' can't take value 'c': Device 'c' is in use");
    g_assert_false(object_property_parse(port, "chardev", "", &error));
    g_assert_cmpstr(error->message, ==,
                    "Attempt to set property 'chardev' on device 'con' (type 'virtconsole') after "
                    "it was realized");
    g_clear_error(&error);
    g_assert_false(chardev_remove(guest->machine->root, "c", &error));
    g_assert_cmpstr(error->message, ==, "Chardev 'c' is busy");
    g_clear_error(&error);
    g_free(text);
    text =
        object_property_get_str(OBJECT(guest_add(guest, "virtconsole,chardev=")), "chardev", NULL);
    g_assert_cmpstr(text, ==, "");
}

/* A port that was refused leaves its chardev to others. */
static void test_property_of_refused(Guest *guest)
{
    Chardev *chr = guest_chardev(guest, "ringbuf,id=c");

    guest_add_serial(guest, "");
    expect_error(guest, "virtserialport,chardev=c,nr=31",
                 "virtio-serial-bus: Out-of-range port id specified, max. allowed: 30");
    g_assert_null(chr->fe);
    guest_add(guest, "virtserialport,chardev=c");
}

static void test_property_by_global(Guest *guest)
{
    guest_chardev(guest, "ringbuf,id=c");
    guest_chardev(guest, "ringbuf,id=d");
    guest_add_serial(guest, "");
    qdev_prop_register_global(guest->machine, "virtserialport", "chardev", "c", false);
    expect_error(guest, "virtconsole,chardev=d",
                 "-global virtconsole.chardev=... conflicts with chardev=d");
    guest_add(guest, "virtconsole");
    g_assert_nonnull(chardev_find(guest->machine->root, "c")->fe);
}

static void test_mux(Guest *guest)
{
    Chardev *base = guest_chardev(guest, "rpc,id=base");

    guest_chardev(guest, "mux,id=m,chardev=base");
    guest_add_serial(guest, "");
    guest_add(guest, "virtserialport,chardev=m,nr=1,id=a");
    guest_add(guest, "virtserialport,chardev=m,nr=2,id=b");
    guest_ready(guest);
    guest_start(guest, 3);
    guest_send(guest, 1, VIRTIO_CONSOLE_PORT_OPEN, 1);
    guest_send(guest, 2, VIRTIO_CONSOLE_PORT_OPEN, 1);
    guest_post_text(guest, QUEUE_OUT(1), "from a ");
    guest_post_text(guest, QUEUE_OUT(2), "from b");
    guest_expect_output(base, "from a from b");
    guest_post_room(guest, QUEUE_IN(1), 10);
    guest_post_room(guest, QUEUE_IN(2), 10);
    g_assert_cmpuint(host_write(base, "x\001cy"), ==, 4);
    guest_expect_received(guest, QUEUE_IN(2), "x");
    guest_expect_received(guest, QUEUE_IN(1), "y");
}

void add_console_tests(void)
{
    guest_test("chardev/who-is-open-from-the-start", test_open_from_the_start);
    guest_test("chardev/without-one-all-is-lost", test_without_chardev);
    guest_test("chardev/serial-port-opens-and-closes-with-it", test_serial_follows_chardev);
    guest_test("chardev/console-is-always-open", test_console_does_not);
    guest_test("chardev/front-end-of-serial-port-is-open-with-the-guest", test_front_end_of_serial);
    guest_test("chardev/front-end-of-console-is-always-open", test_front_end_of_console);
    guest_test("chardev/event-needs-an-id", test_event_needs_id);
    guest_test("chardev/serial-port-waits-and-loses-nothing", test_serial_waits);
    guest_test("chardev/console-never-waits-and-loses", test_console_loses);
    guest_test("chardev/close-while-waiting", test_close_while_waiting);
    guest_test("chardev/unplug-while-waiting", test_unplug_while_waiting);
    guest_test("chardev/unplug-when-about-to-go-on", test_unplug_when_due);
    guest_test("chardev/serial-backend-closes-mid-write", test_backend_closes_mid_write);
    guest_test("chardev/console-backend-closes-mid-write", test_console_backend_closes_mid_write);
    guest_test("chardev/input-needs-open-sides-and-room", test_input);
    guest_test("chardev/input-not-into-a-claim-of-4-gib", test_input_claim);
    guest_test("chardev/input-notice-when-there-is-room", test_input_notice);
    guest_test("chardev/input-notice-without-multiport", test_input_notice_without_multiport);
    guest_test("chardev/input-waits-over-a-reset", test_reset_keeps_input);
    guest_test("chardev/socket-peer-comes-and-goes", test_socket);
    guest_test("chardev/socket-peer-leaves-its-last-words", test_socket_last_words);
    guest_test("chardev/mux-of-two-ports", test_mux);
    guest_test("property/finds-and-attaches", test_property);
    guest_test("property/refused-port-lets-go", test_property_of_refused);
    guest_test("property/a-global-is-not-overridden", test_property_by_global);
}
