/* What only one backend does, and the errors. */
#include "tests/unit/chardev/test_chardev.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "models/chardev/ringbuf.h"
#include "models/chardev/rpc.h"
#include "models/chardev/telnet.h"
#include "tests/unit/chardev/chardev_probe.h"

static const struct {
    const char *name;
    const char *options;
    const char *message;
} errors[] = {
    { "no-id", "null", "chardev: no id specified" },
    { "bad-id", "null,id=1x", "Parameter 'id' expects an identifier" },
    { "no-backend", "id=c", "chardev: \"c\" missing backend" },
    { "unknown-type", "nulll,id=c", "'nulll' is not a valid char driver name" },
    { "abstract-type", "fd,id=c", "'fd' is not a valid char driver name" },
    { "duplicate", "null,id=taken", "Duplicate ID 'taken' for chardev" },
    { "unknown-option", "null,id=c,colour=red", "Invalid parameter 'colour'" },
    { "ringbuf-size", "ringbuf,id=c,size=1000", "size of ringbuf chardev must be power of two" },
    { "ringbuf-size-zero", "memory,id=c,size=0", "size of ringbuf chardev must be power of two" },
    { "file-without-path", "file,id=c", "chardev: file: no filename given" },
    { "pipe-without-path", "pipe,id=c", "chardev: pipe: no device path given" },
    { "serial-without-path", "serial,id=c", "chardev: serial/tty: no device path given" },
    { "tty-without-path", "tty,id=c", "chardev: serial/tty: no device path given" },
    { "file-cannot-open", "file,id=c,path=/nonexistent/x",
      "Could not open '/nonexistent/x': No such file or directory" },
    { "pipe-cannot-open", "pipe,id=c,path=/nonexistent/x",
      "Could not open '/nonexistent/x': No such file or directory" },
    { "socket-no-port", "socket,id=c,host=localhost", "chardev: socket: no port given" },
    { "socket-nothing", "socket,id=c", "chardev: socket: no port given" },
    { "socket-two-addresses", "socket,id=c,host=x,port=1,path=/x",
      "None or one of 'path', 'fd' or 'host' option required." },
    { "socket-reconnect-server", "socket,id=c,path=/x,server=on,reconnect=1",
      "'reconnect' option is incompatible with socket in server listen mode" },
    { "socket-wait-client", "socket,id=c,path=/x,wait=on",
      "'wait' option is incompatible with socket in client connect mode" },
    { "socket-delay-both", "socket,id=c,path=/x,delay=on,nodelay=on",
      "'delay' and 'nodelay' are mutually exclusive" },
    { "socket-bad-fd", "socket,id=c,fd=abc", "Unable to parse FD number abc" },
    { "socket-bool", "socket,id=c,path=/x,server=maybe",
      "Parameter 'server' expects 'on' or 'off'" },
    { "socket-nobody-there", "socket,id=c,path=/nonexistent/s",
      "Failed to connect to '/nonexistent/s': No such file or directory" },
    { "udp-no-port", "udp,id=c,host=localhost", "chardev: udp: remote port not specified" },
    { "mux-no-base", "mux,id=c", "chardev: mux: no chardev given" },
    { "mux-unknown-base", "mux,id=c,chardev=nope", "mux: base chardev nope not found" },
    { "mux-base-in-use", "mux,id=c,chardev=used", "Device 'used' is in use" },
    { "log-cannot-open", "null,id=c,logfile=/nonexistent/log",
      "Unable to open logfile /nonexistent/log: No such file or directory" },
    { "rpc-size", "rpc,id=c,size=0", "size of rpc chardev must be between 1 and 67108864" },
};

static Chardev *add_checked(Object *root, const char *options)
{
    g_autoptr(GError) error = NULL;
    Chardev *chr = chardev_add_str(root, options, true, &error);

    g_assert_no_error(error);
    g_assert_nonnull(chr);
    return chr;
}

static void refused_and_nothing_left(gconstpointer data)
{
    const char *const *row = data;
    g_autoptr(Object) root = object_new_root();
    g_autoptr(GError) error = NULL;
    CharFrontend user = { 0 };

    add_checked(root, "null,id=taken");
    g_assert_true(qemu_chr_fe_init(&user, add_checked(root, "null,id=used"), NULL));
    g_assert_null(chardev_add_str(root, row[0], true, &error));
    g_assert_nonnull(error);
    g_assert_cmpstr(error->message, ==, row[1]);
    g_assert_null(chardev_find(root, "c"));
    qemu_chr_fe_deinit(&user, false);
}

static void unknown_chardev_cannot_be_removed(void)
{
    g_autoptr(Object) root = object_new_root();
    g_autoptr(GError) error = NULL;

    g_assert_false(chardev_remove(root, "x", &error));
    g_assert_cmpstr(error->message, ==, "Chardev 'x' not found");
}

static void run_time_does_not_wait(void)
{
    g_autoptr(Object) root = object_new_root();
    g_autoptr(GError) error = NULL;

    g_assert_null(chardev_add_str(root, "socket,id=c,host=127.0.0.1,port=0,server=on,wait=on",
                                  false, &error));
    g_assert_cmpstr(error->message, ==, "'wait' option is only possible on the command line");
    g_assert_nonnull(
        chardev_add_str(root, "socket,id=c,host=127.0.0.1,port=0,server=on", false, NULL));
}

static void help_lists_every_backend(void)
{
    static const char *const names[] = { "null",   "ringbuf", "file", "pipe", "pty", "stdio",
                                         "serial", "socket",  "udp",  "mux",  "rpc" };
    g_autofree char *help = chardev_help();

    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *line = g_strdup_printf("\n  %-10s ", names[i]);

        g_assert_nonnull(strstr(help, line));
    }
    g_assert_null(strstr(help, "\n  fd "));
}

static void ringbuf_keeps_the_newest(void)
{
    g_autoptr(Object) root = object_new_root();
    Chardev *chr = add_checked(root, "memory,id=c,size=8");
    CharFrontend fe = { 0 };
    uint8_t buf[16];

    g_assert_true(qemu_chr_fe_init(&fe, chr, NULL));
    g_assert_cmpint(qemu_chr_fe_write(&fe, (const uint8_t *)"0123456789", 10), ==, 10);
    g_assert_cmpuint(ringbuf_count(chr), ==, 8);
    g_assert_cmpuint(ringbuf_read(chr, buf, 3), ==, 3);
    g_assert_cmpmem(buf, 3, "234", 3);
    g_assert_cmpint(qemu_chr_fe_write(&fe, (const uint8_t *)"ab", 2), ==, 2);
    g_assert_cmpuint(ringbuf_read(chr, buf, sizeof(buf)), ==, 7);
    g_assert_cmpmem(buf, 7, "56789ab", 7);
    g_assert_cmpuint(ringbuf_read(chr, buf, sizeof(buf)), ==, 0);
    qemu_chr_fe_deinit(&fe, false);
}

static void file_appends_or_truncates(void)
{
    g_autoptr(Object) root = object_new_root();
    g_autofree char *path =
        g_strdup_printf("%s/qosim-chardev-%d", g_get_tmp_dir(), (int)g_random_int());
    const char *const expected[] = { "one", "onetwo", "three" };
    const char *const written[] = { "one", "two", "three" };
    const char *const append[] = { "off", "on", "off" };

    for (unsigned i = 0; i < G_N_ELEMENTS(expected); i++) {
        g_autofree char *options = g_strdup_printf("file,id=c,path=%s,append=%s", path, append[i]);
        g_autofree char *text = NULL;
        CharFrontend fe = { 0 };

        g_assert_true(qemu_chr_fe_init(&fe, add_checked(root, options), NULL));
        qemu_chr_fe_write(&fe, (const uint8_t *)written[i], (int)strlen(written[i]));
        qemu_chr_fe_deinit(&fe, true);
        g_assert_null(chardev_find(root, "c"));
        g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
        g_assert_cmpstr(text, ==, expected[i]);
    }
    g_unlink(path);
}

static void pty_notices_without_room_for_input(void)
{
    g_autoptr(Object) root = object_new_root();
    Chardev *chr = add_checked(root, "pty,id=c");
    g_autofree char *filename = object_property_get_str(OBJECT(chr), "filename", NULL);
    ChardevProbe probe;

    chardev_probe_attach(&probe, chr);
    probe.limit = 0;
    for (unsigned i = 1; i <= 2; i++) {
        int fd = g_open(filename + strlen("pty:"), O_RDWR | O_NOCTTY, 0);

        g_assert_cmpint(fd, >=, 0);
        g_assert_true(chardev_probe_wait_event(&probe, CHR_EVENT_OPENED, i));
        close(fd);
        g_assert_true(chardev_probe_wait_event(&probe, CHR_EVENT_CLOSED, i));
    }
    chardev_probe_detach(&probe);
}

static void second_stdio_is_refused(void)
{
    g_autoptr(Object) root = object_new_root();
    g_autoptr(GError) error = NULL;

    add_checked(root, "stdio,id=a");
    g_assert_null(chardev_add_str(root, "stdio,id=b", true, &error));
    g_assert_cmpstr(error->message, ==, "cannot use stdio by multiple character devices");
    g_assert_true(chardev_remove(root, "a", NULL));
    add_checked(root, "stdio,id=b");
}

static void telnet_commands_are_taken_out(void)
{
    TelnetState state = { 0 };
    unsigned breaks = 0;
    uint8_t buf[] = { 'a', 255, 253, 1,   'b', 255, 255, 'c', 255, 243,
                      255, 250, 31,  'x', 255, 240, 'd', 255, 251 };
    uint8_t rest[] = { 3, 'e' };
    size_t n = telnet_filter(&state, buf, sizeof(buf), &breaks);

    g_assert_cmpmem(buf, n, "ab\377cd", 5);
    g_assert_cmpuint(breaks, ==, 1);
    n = telnet_filter(&state, rest, sizeof(rest),
                      &breaks); /* a command cut in two by the network */
    g_assert_cmpmem(rest, n, "e", 1);
}

static int dial_unix(const char *path)
{
    struct sockaddr_un un = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    g_strlcpy(un.sun_path, path, sizeof(un.sun_path));
    g_assert_cmpint(connect(fd, (struct sockaddr *)&un, sizeof(un)), ==, 0);
    return fd;
}

static void telnet_server_greets_and_reports_breaks(void)
{
    g_autoptr(Object) root = object_new_root();
    g_autofree char *path =
        g_strdup_printf("%s/qosim-telnet-%d", g_get_tmp_dir(), (int)g_random_int());
    g_autofree char *options =
        g_strdup_printf("socket,id=c,path=%s,server=on,wait=off,telnet=on", path);
    Chardev *chr = add_checked(root, options);
    uint8_t greeting[12];
    ChardevProbe probe;
    int fd;

    chardev_probe_attach(&probe, chr);
    fd = dial_unix(path);
    g_assert_true(chardev_probe_wait_event(&probe, CHR_EVENT_OPENED, 1));
    g_assert_cmpint(recv(fd, greeting, sizeof(greeting), MSG_WAITALL), ==, sizeof(greeting));
    g_assert_cmpmem(greeting, sizeof(greeting), "\xff\xfb\x01\xff\xfb\x03\xff\xfb\x00\xff\xfd\x00",
                    12);
    g_assert_cmpint(write(fd, "x\xff\xf3y", 4), ==, 4);
    g_assert_true(chardev_probe_wait_input(&probe, 2));
    g_assert_cmpmem(probe.input->data, 2, "xy", 2);
    g_assert_cmpuint(probe.events[CHR_EVENT_BREAK], ==, 1);
    close(fd);
    chardev_probe_detach(&probe);
    g_assert_true(chardev_remove(root, "c", NULL));
    g_assert_cmpint(g_access(path, F_OK), !=, 0); /* the socket's file is gone with it */
}

static void second_client_waits_for_the_first_to_leave(void)
{
    g_autoptr(Object) root = object_new_root();
    g_autofree char *path =
        g_strdup_printf("%s/qosim-two-%d", g_get_tmp_dir(), (int)g_random_int());
    g_autofree char *options = g_strdup_printf("socket,id=c,path=%s,server=on,wait=off", path);
    Chardev *chr = add_checked(root, options);
    ChardevProbe probe;
    int first, second;

    chardev_probe_attach(&probe, chr);
    first = dial_unix(path);
    g_assert_true(chardev_probe_wait_event(&probe, CHR_EVENT_OPENED, 1));
    second = dial_unix(path);
    g_assert_cmpint(write(second, "2", 1), ==, 1);
    g_assert_cmpint(write(first, "1", 1), ==, 1);
    g_assert_true(chardev_probe_wait_input(&probe, 1));
    chardev_run_idle();
    g_assert_cmpmem(probe.input->data, probe.input->len, "1", 1);
    close(first);
    g_assert_true(chardev_probe_wait_input(&probe, 2));
    g_assert_cmpmem(probe.input->data, probe.input->len, "12", 2);
    g_assert_cmpuint(probe.events[CHR_EVENT_OPENED], ==, 2);
    close(second);
    chardev_probe_detach(&probe);
}

static void client_reconnects_to_a_server_that_comes_later(void)
{
    g_autoptr(Object) root = object_new_root();
    g_autofree char *path =
        g_strdup_printf("%s/qosim-later-%d", g_get_tmp_dir(), (int)g_random_int());
    g_autofree char *client = g_strdup_printf("socket,id=a,path=%s,reconnect=1", path);
    g_autofree char *server = g_strdup_printf("socket,id=b,path=%s,server=on,wait=off", path);
    ChardevProbe a, b;

    chardev_probe_attach(&a, add_checked(root, client));
    chardev_run_idle();
    g_assert_cmpuint(a.events[CHR_EVENT_OPENED], ==, 0);
    chardev_probe_attach(&b, add_checked(root, server));
    g_assert_true(chardev_probe_wait_event(&a, CHR_EVENT_OPENED, 1));
    g_assert_true(chardev_probe_wait_event(&b, CHR_EVENT_OPENED, 1));
    qemu_chr_fe_write(&a.fe, (const uint8_t *)"hi", 2);
    g_assert_true(chardev_probe_wait_input(&b, 2));
    chardev_probe_detach(&a);
    chardev_probe_detach(&b);
}

static void rpc_notice(void *opaque, Chardev *chr, RpcChardevNotice notice)
{
    (void)chr;
    ((unsigned *)opaque)[notice]++;
}

static void rpc_tells_what_is_worth_trying(void)
{
    g_autoptr(Object) root = object_new_root();
    Chardev *chr = add_checked(root, "rpc,id=c,size=4");
    unsigned notices[4] = { 0 };
    ChardevProbe probe;
    uint8_t buf[8];

    rpc_chardev_set_notify(chr, rpc_notice, notices);
    chardev_probe_attach(&probe, chr);
    g_assert_cmpuint(notices[RPC_CHARDEV_FE_OPEN], ==, 1);
    g_assert_cmpint(qemu_chr_fe_write(&probe.fe, (const uint8_t *)"abcdef", 6), ==, 4);
    g_assert_cmpuint(notices[RPC_CHARDEV_OUTPUT], ==, 1);
    g_assert_cmpint(qemu_chr_fe_write(&probe.fe, (const uint8_t *)"ef", 2), ==, -1);
    g_assert_cmpuint(rpc_chardev_read(chr, buf, 3), ==, 3);
    g_assert_cmpint(qemu_chr_fe_write(&probe.fe, (const uint8_t *)"ef", 2), ==, 2);
    g_assert_cmpuint(notices[RPC_CHARDEV_OUTPUT], ==, 1); /* it was not empty in between */
    g_assert_cmpuint(rpc_chardev_read(chr, buf, sizeof(buf)), ==, 3);
    g_assert_cmpmem(buf, 3, "def", 3);

    probe.limit = 2;
    g_assert_cmpuint(rpc_chardev_write(chr, (const uint8_t *)"xyz", 3), ==, 2);
    g_assert_cmpuint(notices[RPC_CHARDEV_INPUT], ==, 0);
    probe.limit = 10;
    qemu_chr_fe_accept_input(&probe.fe);
    g_assert_cmpuint(notices[RPC_CHARDEV_INPUT], ==, 1);
    chardev_probe_detach(&probe);
    g_assert_cmpuint(notices[RPC_CHARDEV_FE_CLOSE], ==, 1);
}

typedef struct MuxFixture {
    Object *root;
    Chardev *base;
    Chardev *mux;
    ChardevProbe fe[4];
} MuxFixture;

static void mux_set_up(MuxFixture *f, unsigned n)
{
    f->root = object_new_root();
    f->mux = add_checked(f->root, "rpc,id=m,mux=on");
    f->base = chardev_find(f->root, "m-base");
    g_assert_nonnull(f->base);
    for (unsigned i = 0; i < n; i++) {
        chardev_probe_attach(&f->fe[i], f->mux);
    }
}

static void mux_tear_down(MuxFixture *f, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        chardev_probe_detach(&f->fe[i]);
    }
    object_unref(f->root);
}

static void type_in(MuxFixture *f, const char *text)
{
    g_assert_cmpuint(rpc_chardev_write(f->base, (const uint8_t *)text, strlen(text)), ==,
                     strlen(text));
}

static void assert_input(ChardevProbe *probe, const char *text)
{
    g_assert_cmpmem(probe->input->data, probe->input->len, text, strlen(text));
}

static void mux_focus_follows_the_last_and_cycles(void)
{
    MuxFixture f;

    mux_set_up(&f, 3);
    type_in(&f, "a");
    assert_input(&f.fe[2], "a");
    type_in(&f, "\001cb");
    assert_input(&f.fe[0], "b");
    g_assert_cmpuint(f.fe[2].events[CHR_EVENT_MUX_OUT], ==, 1);
    g_assert_cmpuint(f.fe[0].events[CHR_EVENT_MUX_IN], ==, 2); /* when it came, and now */
    type_in(&f, "\001cc\001\001");
    assert_input(&f.fe[1], "c\001");
    type_in(&f, "\001b");
    g_assert_cmpuint(f.fe[1].events[CHR_EVENT_BREAK], ==, 1);
    type_in(&f, "\001x\001sd"); /* neither ends the server, nor is input */
    assert_input(&f.fe[1], "c\001d");
    mux_tear_down(&f, 3);
}

static void mux_opens_all_and_writes_from_all(void)
{
    MuxFixture f;
    uint8_t buf[16];

    mux_set_up(&f, 4);
    for (unsigned i = 0; i < 4; i++) {
        g_assert_cmpuint(f.fe[i].events[CHR_EVENT_OPENED], ==, 1);
        g_assert_cmpint(qemu_chr_fe_write(&f.fe[i].fe, (const uint8_t *)&"abcd"[i], 1), ==, 1);
    }
    g_assert_cmpuint(rpc_chardev_read(f.base, buf, sizeof(buf)), ==, 4);
    g_assert_cmpmem(buf, 4, "abcd", 4);
    rpc_chardev_set_open(f.base, false);
    for (unsigned i = 0; i < 4; i++) {
        g_assert_cmpuint(f.fe[i].events[CHR_EVENT_CLOSED], ==, 1);
    }
    mux_tear_down(&f, 4);
}

static void mux_takes_four_front_ends(void)
{
    MuxFixture f;
    CharFrontend fifth = { 0 };
    g_autoptr(GError) error = NULL;

    mux_set_up(&f, 4);
    g_assert_false(qemu_chr_fe_init(&fifth, f.mux, &error));
    g_assert_nonnull(error);
    mux_tear_down(&f, 4);
}

static void mux_buffers_input_for_a_busy_front_end(void)
{
    MuxFixture f;

    mux_set_up(&f, 1);
    f.fe[0].limit = 0;
    g_assert_cmpuint(
        rpc_chardev_write(f.base, (const uint8_t *)"0123456789012345678901234567890123456789", 40),
        ==, 32);
    assert_input(&f.fe[0], "");
    f.fe[0].limit = 1000;
    qemu_chr_fe_accept_input(&f.fe[0].fe);
    assert_input(&f.fe[0], "01234567890123456789012345678901");
    mux_tear_down(&f, 1);
}

static void mux_base_is_busy(void)
{
    MuxFixture f;
    g_autoptr(GError) error = NULL;

    mux_set_up(&f, 0);
    g_assert_false(chardev_remove(f.root, "m-base", &error));
    g_assert_cmpstr(error->message, ==, "Chardev 'm-base' is busy");
    mux_tear_down(&f, 0);
}

void add_special_chardev_tests(void)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(errors); i++) {
        g_autofree char *path = g_strdup_printf("/chardev/refused/%s", errors[i].name);

        g_test_add_data_func(path, &errors[i].options, refused_and_nothing_left);
    }
    g_test_add_func("/chardev/unknown-one-cannot-be-removed", unknown_chardev_cannot_be_removed);
    g_test_add_func("/chardev/run-time-does-not-wait-for-a-peer", run_time_does_not_wait);
    g_test_add_func("/chardev/help-lists-every-backend", help_lists_every_backend);
    g_test_add_func("/chardev/ringbuf/keeps-the-newest-bytes", ringbuf_keeps_the_newest);
    g_test_add_func("/chardev/file/appends-or-truncates", file_appends_or_truncates);
    g_test_add_func("/chardev/pty/closing-is-noticed-without-room-for-input",
                    pty_notices_without_room_for_input);
    g_test_add_func("/chardev/stdio/second-one-is-refused", second_stdio_is_refused);
    g_test_add_func("/chardev/telnet/commands-are-taken-out", telnet_commands_are_taken_out);
    g_test_add_func("/chardev/telnet/server-greets-and-reports-breaks",
                    telnet_server_greets_and_reports_breaks);
    g_test_add_func("/chardev/socket/second-client-waits-for-the-first-to-leave",
                    second_client_waits_for_the_first_to_leave);
    g_test_add_func("/chardev/socket/client-reconnects-to-a-server-that-comes-later",
                    client_reconnects_to_a_server_that_comes_later);
    g_test_add_func("/chardev/rpc/tells-what-is-worth-trying", rpc_tells_what_is_worth_trying);
    g_test_add_func("/chardev/mux/focus-follows-the-last-one-and-cycles",
                    mux_focus_follows_the_last_and_cycles);
    g_test_add_func("/chardev/mux/all-open-close-and-write", mux_opens_all_and_writes_from_all);
    g_test_add_func("/chardev/mux/takes-four-front-ends", mux_takes_four_front_ends);
    g_test_add_func("/chardev/mux/buffers-input-for-a-busy-front-end",
                    mux_buffers_input_for_a_busy_front_end);
    g_test_add_func("/chardev/mux/base-is-busy", mux_base_is_busy);
}
