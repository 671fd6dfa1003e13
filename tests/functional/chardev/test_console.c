/* `qosim console`: in a pipe and on a terminal. */
#include "tests/functional/chardev/rig.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define CONSOLE                                                                                    \
    RIG_VIRT "-chardev rpc,id=c0 -device virtio-serial-device -device virtconsole,chardev=c0"
#define SERIAL                                                                                     \
    RIG_VIRT "-chardev rpc,id=c0 -device virtio-serial-device "                                    \
             "-device virtserialport,chardev=c0,id=p1,name=org.qosim.test"

#define CTRL_C 0x03
#define CTRL_BRACKET 0x1d

static Rig *rig_with_console(void)
{
    Rig *rig = rig_new(CONSOLE, "ipc", NULL);

    session_guest_start(rig->guest, 1);
    session_guest_open_port(rig->guest, 0);
    return rig;
}

/* Waits until the guest has got @expected on port @port. */
static void guest_gets(Rig *rig, unsigned port, const void *expected, size_t len)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    gint64 start = 0;

    while (bytes->len < len) {
        rig_wait(&start);
        session_guest_receive(rig->guest, port, bytes);
    }
    g_assert_cmpmem(bytes->data, bytes->len, expected, len);
}

static void program_prints(Program *program, const char *expected)
{
    gint64 start = 0;

    while (program->printed->len < strlen(expected)) {
        rig_wait(&start);
        program_take(program);
    }
    g_assert_cmpmem(program->printed->data, program->printed->len, expected, strlen(expected));
}

static void test_both_ways(void)
{
    g_autoptr(Rig) rig = rig_with_console();
    g_autoptr(Program) program = NULL;
    g_autofree char *errors = NULL;

    /* What the guest said before anybody listened is there. */
    g_assert_cmpuint(session_guest_write(rig->guest, 0, "early ", 6), ==, 6);
    program = program_start(rig, "console c0", -1);
    program_prints(program, "early ");
    g_assert_cmpuint(program_write(program, "typed\n", 6), ==, 6);
    guest_gets(rig, 0, "typed\n", 6);
    g_assert_cmpuint(session_guest_write(rig->guest, 0, "late", 4), ==, 4);
    program_prints(program, "early late");
    /* In a pipe Ctrl-] is a byte like others. */
    g_assert_cmpuint(program_write(program, "\x1d!", 2), ==, 2);
    guest_gets(rig, 0, "\x1d!", 2);
    program_close_input(program);
    g_assert_cmpint(program_wait(program, &errors), ==, 0);
    g_assert_cmpstr(errors, ==, "");
}

static void test_output_after_input_ends(void)
{
    g_autoptr(Rig) rig = rig_with_console();
    g_autoptr(Program) program = program_start(rig, "console c0 --quiet 1500", -1);

    g_assert_cmpuint(program_write(program, "?", 1), ==, 1);
    program_close_input(program);
    guest_gets(rig, 0, "?", 1);
    g_usleep(300000);
    g_assert_cmpuint(session_guest_write(rig->guest, 0, "answer", 6), ==, 6);
    g_assert_cmpint(program_wait(program, NULL), ==, 0);
    g_assert_cmpmem(program->printed->data, program->printed->len, "answer", 6);
}

static void test_time_limit(void)
{
    g_autoptr(Rig) rig = rig_with_console();
    g_autoptr(Program) program = program_start(rig, "console c0 --for 300", -1);
    gint64 start = g_get_monotonic_time();

    g_assert_cmpint(program_wait(program, NULL), ==, 0); /* though the input is open */
    g_assert_cmpint(g_get_monotonic_time() - start, >=, 250000);
}

static void test_refused(void)
{
    g_autoptr(Rig) rig = rig_new("-M virt -chardev rpc,id=c0 -chardev null,id=n0", "ipc", NULL);
    g_autoptr(Program) program = NULL;
    g_autofree char *errors = NULL;

    rig_qosim(rig, "console nobody", 1, "qosim: console: Chardev 'nobody' not found\n");
    rig_qosim(rig, "console n0", 1,
              "qosim: console: chardev 'n0' is of backend 'null'; a console needs one of backend "
              "'rpc'\n");
    /* No device takes anything: the input is not lost in silence. */
    program = program_start(rig, "console c0 --for 200", -1);
    g_assert_cmpuint(program_write(program, "abc", 3), ==, 3);
    program_close_input(program);
    g_assert_cmpint(program_wait(program, &errors), ==, 1);
    g_assert_cmpstr(errors, ==,
                    "qosim: console: the guest did not take the last 3 bytes of the input\n");
}

static void test_removed_meanwhile(void)
{
    g_autoptr(Rig) rig = rig_new("-M virt -chardev rpc,id=c0", "ipc", NULL);
    g_autoptr(Program) program = program_start(rig, "console c0", -1);
    g_autofree char *errors = NULL;

    g_usleep(200000);
    g_assert_cmpint(qosim_chardev_remove(rig->session, "c0"), ==, QOSIM_OK);
    g_assert_cmpint(program_wait(program, &errors), ==, 1);
    g_assert_cmpstr(errors, ==, "qosim: console: Chardev 'c0' not found\n");
}

static void test_server_goes(void)
{
    g_autoptr(Rig) rig = rig_with_console();
    g_autoptr(Program) program = program_start(rig, "--timeout 500 console c0", -1);
    g_autofree char *errors = NULL;

    g_assert_cmpuint(session_guest_write(rig->guest, 0, "x", 1), ==, 1);
    program_prints(program, "x");
    g_assert_cmpint(daemon_stop(rig->daemon, SIGTERM), ==, 0);
    g_assert_cmpint(program_wait(program, &errors), ==, 3);
    g_assert_true(g_str_has_prefix(errors, "qosim: console: "));
}

/* --- Every byte, however slow either side is --- */

enum { MUCH = 1 << 20 };

typedef struct Flow {
    GByteArray *to_guest;   /* all that is to be sent */
    GByteArray *from_guest; /* likewise */
    size_t written;         /* into the program */
    size_t posted;          /* by the guest */
    GByteArray *received;   /* by the guest */
} Flow;

static GByteArray *random_bytes(GRand *rand, guint len)
{
    GByteArray *bytes = g_byte_array_new();

    g_byte_array_set_size(bytes, len);
    for (guint i = 0; i < len; i++) {
        bytes->data[i] = (uint8_t)g_rand_int(rand);
    }
    return bytes;
}

/* Some of what is left. */
static size_t some(GRand *rand, const GByteArray *bytes, size_t done)
{
    guint wish = (guint)g_rand_int_range(rand, 1, 100000);

    return MIN(bytes->len - done, wish);
}

/* One turn of either side, now and then none. */
static void flow_step(Rig *rig, Program *program, GRand *rand, Flow *flow)
{
    if (flow->posted < flow->from_guest->len) {
        flow->posted += session_guest_write(rig->guest, 1, flow->from_guest->data + flow->posted,
                                            some(rand, flow->from_guest, flow->posted));
    }
    if (g_rand_int_range(rand, 0, 4) == 0) {
        session_guest_stall(rig->guest, 1, g_rand_boolean(rand));
    }
    session_guest_receive(rig->guest, 1, flow->received);
    if (g_rand_boolean(rand)) {
        program_take(program);
    }
    if (flow->written < flow->to_guest->len) {
        flow->written += program_write(program, flow->to_guest->data + flow->written,
                                       some(rand, flow->to_guest, flow->written));
    } else {
        program_close_input(program);
    }
}

static void test_every_byte(gconstpointer scheme)
{
    g_autoptr(Rig) rig = rig_new(SERIAL, scheme, NULL);
    g_autoptr(Program) program = NULL;
    g_autoptr(GRand) rand = g_rand_new_with_seed((guint32)g_test_rand_int());
    Flow flow = { random_bytes(rand, MUCH), random_bytes(rand, MUCH), 0, 0, g_byte_array_new() };
    gint64 start = 0;

    session_guest_start(rig->guest, 2);
    session_guest_open_port(rig->guest, 1);
    program = program_start(rig, "console c0 --quiet 3000", -1);
    while (flow.received->len < MUCH || program->printed->len < MUCH) {
        rig_wait(&start);
        flow_step(rig, program, rand, &flow);
    }
    program_close_input(program);
    g_assert_cmpmem(flow.received->data, flow.received->len, flow.to_guest->data, MUCH);
    g_assert_cmpmem(program->printed->data, program->printed->len, flow.from_guest->data, MUCH);
    g_assert_cmpint(program_wait(program, NULL), ==, 0);
    g_byte_array_unref(flow.to_guest);
    g_byte_array_unref(flow.from_guest);
    g_byte_array_unref(flow.received);
}

/* --- On a terminal --- */

typedef struct Terminal {
    int master;
    int slave;
    struct termios before;
} Terminal;

static Terminal terminal_new(void)
{
    Terminal t = { .master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC) };

    g_assert_cmpint(t.master, >=, 0);
    g_assert_cmpint(grantpt(t.master), ==, 0);
    g_assert_cmpint(unlockpt(t.master), ==, 0);
    t.slave = open(ptsname(t.master), O_RDWR | O_NOCTTY | O_CLOEXEC);
    g_assert_cmpint(t.slave, >=, 0);
    g_assert_cmpint(tcgetattr(t.slave, &t.before), ==, 0);
    return t;
}

static void terminal_close(const Terminal *t)
{
    close(t->master);
    close(t->slave);
}

static bool is_raw(const Terminal *t)
{
    struct termios now;

    g_assert_cmpint(tcgetattr(t->slave, &now), ==, 0);
    return !(now.c_lflag & (ICANON | ECHO | ISIG));
}

static void await_raw(const Terminal *t, bool raw)
{
    gint64 start = 0;

    while (is_raw(t) != raw) {
        rig_wait(&start);
    }
}

static void is_as_before(const Terminal *t)
{
    struct termios now;

    g_assert_cmpint(tcgetattr(t->slave, &now), ==, 0);
    g_assert_cmphex(now.c_lflag, ==, t->before.c_lflag);
    g_assert_cmphex(now.c_iflag, ==, t->before.c_iflag);
    g_assert_cmphex(now.c_oflag, ==, t->before.c_oflag);
    g_assert_cmphex(now.c_cflag, ==, t->before.c_cflag);
}

static void type_keys(const Terminal *t, const char *keys)
{
    g_assert_cmpint(write(t->master, keys, strlen(keys)), ==, (gssize)strlen(keys));
}

static void test_terminal(void)
{
    g_autoptr(Rig) rig = rig_with_console();
    Terminal t = terminal_new();
    g_autoptr(Program) program = program_start(rig, "console c0", t.slave);
    g_autofree char *errors = NULL;

    await_raw(&t, true);
    type_keys(&t, "ls\r\x03\x04\x1a"); /* Ctrl-C, Ctrl-D, Ctrl-Z */
    guest_gets(rig, 0, "ls\r\x03\x04\x1a", 6);
    g_assert_cmpuint(session_guest_write(rig->guest, 0, "$ ", 2), ==, 2);
    program_prints(program, "$ ");
    type_keys(&t, "last\x1dnever");
    g_assert_cmpint(program_wait(program, &errors), ==, 0);
    guest_gets(rig, 0, "last", 4);
    is_as_before(&t);
    g_assert_cmpstr(errors, ==, "Connected to chardev 'c0'; Ctrl-] leaves.\r\n\n");
    terminal_close(&t);
}

static void test_terminal_signals(void)
{
    static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
    g_autoptr(Rig) rig = rig_with_console();

    for (size_t i = 0; i < G_N_ELEMENTS(signals); i++) {
        Terminal t = terminal_new();
        g_autoptr(Program) program = program_start(rig, "console c0", t.slave);

        await_raw(&t, true);
        g_assert_cmpint(kill(program->pid, signals[i]), ==, 0);
        g_assert_cmpint(program_wait(program, NULL), ==, 0);
        is_as_before(&t);
        terminal_close(&t);
    }
}

static void test_terminal_crash(void)
{
    static const int signals[] = { SIGSEGV, SIGABRT };
    g_autoptr(Rig) rig = rig_with_console();

    for (size_t i = 0; i < G_N_ELEMENTS(signals); i++) {
        Terminal t = terminal_new();
        g_autoptr(Program) program = program_start(rig, "console c0", t.slave);

        await_raw(&t, true);
        g_assert_cmpint(kill(program->pid, signals[i]), ==, 0);
        g_assert_cmpint(program_wait(program, NULL), !=, 0);
        is_as_before(&t);
        terminal_close(&t);
    }
}

static void test_terminal_stop(void)
{
    g_autoptr(Rig) rig = rig_with_console();
    Terminal t = terminal_new();
    g_autoptr(Program) program = program_start(rig, "console c0", t.slave);

    await_raw(&t, true);
    g_assert_cmpint(kill(program->pid, SIGTSTP), ==, 0);
    await_raw(&t, false);
    is_as_before(&t);
    g_assert_cmpint(kill(program->pid, SIGCONT), ==, 0);
    await_raw(&t, true);
    type_keys(&t, "on");
    guest_gets(rig, 0, "on", 2);
    type_keys(&t, "\x1d");
    g_assert_cmpint(program_wait(program, NULL), ==, 0);
    is_as_before(&t);
    terminal_close(&t);
}

static void test_terminal_server_goes(void)
{
    g_autoptr(Rig) rig = rig_with_console();
    Terminal t = terminal_new();
    g_autoptr(Program) program = program_start(rig, "--timeout 500 console c0", t.slave);

    await_raw(&t, true);
    g_assert_cmpint(daemon_stop(rig->daemon, SIGKILL), ==, -1);
    g_assert_cmpint(program_wait(program, NULL), ==, 3);
    is_as_before(&t);
    terminal_close(&t);
}

static void test_terminal_hangs_up(void)
{
    g_autoptr(Rig) rig = rig_with_console();
    Terminal t = terminal_new();
    g_autoptr(Program) program = program_start(rig, "console c0", t.slave);

    await_raw(&t, true);
    terminal_close(&t);
    g_assert_cmpint(program_wait(program, NULL), ==, 0);
}

static void test_opens_and_closes(void)
{
    g_autoptr(Rig) rig =
        rig_new(RIG_VIRT "-chardev rpc,id=c0,open=off -device virtio-serial-device "
                         "-device virtserialport,chardev=c0,id=p1",
                "ipc", NULL);
    g_autoptr(Program) program = NULL;
    g_autofree char *opened = NULL;
    g_autofree char *closed = NULL;

    session_guest_start(rig->guest, 2);
    session_guest_open_port(rig->guest, 1);
    program = program_start(rig, "console c0 --quiet 100", -1);
    g_assert_cmpuint(program_write(program, "!", 1), ==, 1);
    guest_gets(rig, 1, "!", 1);
    opened = session_guest_messages(rig->guest);
    g_assert_cmpstr(opened, ==, "1:OPEN=1 ");
    program_close_input(program);
    g_assert_cmpint(program_wait(program, NULL), ==, 0);
    closed = session_guest_messages(rig->guest);
    g_assert_cmpstr(closed, ==, "1:OPEN=0 ");
}

int main(int argc, char **argv)
{
    (void)signal(SIGPIPE, SIG_IGN);
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/console/pipe/bytes-go-both-ways", test_both_ways);
    g_test_add_func("/console/pipe/output-is-taken-after-the-input-ended",
                    test_output_after_input_ends);
    g_test_add_func("/console/pipe/ends-in-time", test_time_limit);
    g_test_add_func("/console/pipe/says-why-not", test_refused);
    g_test_add_func("/console/pipe/ends-with-its-chardev", test_removed_meanwhile);
    g_test_add_func("/console/pipe/ends-with-its-server", test_server_goes);
    g_test_add_func("/console/pipe/opens-the-hosts-side-for-as-long-as-it-runs",
                    test_opens_and_closes);
    g_test_add_data_func("/console/pipe/loses-no-byte/ipc", "ipc", test_every_byte);
    g_test_add_data_func("/console/pipe/loses-no-byte/tcp", "tcp", test_every_byte);
    g_test_add_data_func("/console/pipe/loses-no-byte/ws", "ws", test_every_byte);
    g_test_add_func("/console/terminal/every-key-but-one-goes-to-the-guest", test_terminal);
    g_test_add_func("/console/terminal/is-restored-by-signals", test_terminal_signals);
    g_test_add_func("/console/terminal/is-restored-by-crashes", test_terminal_crash);
    g_test_add_func("/console/terminal/is-restored-while-stopped", test_terminal_stop);
    g_test_add_func("/console/terminal/is-restored-when-the-server-goes",
                    test_terminal_server_goes);
    g_test_add_func("/console/terminal/hang-up-ends-it", test_terminal_hangs_up);
    return g_test_run();
}
