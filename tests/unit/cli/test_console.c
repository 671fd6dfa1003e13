/* Consoles on a server that the test holds in its hands. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cosim/cli/console.h"
#include "tests/unit/cli/fake_chardev.h"
#include "tests/unit/cli/fake_qosim.h"

#define ESCAPE 0x1d

typedef struct Fixture {
    qosim_session *session;
    Console *console;
    int to;   /* the console's input */
    int from; /* its output */
    qosim_result result;
} Fixture;

static bool never(void)
{
    return false;
}

static bool always(void)
{
    return true;
}

static void set_up(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    int in[2];
    int out[2];

    fake_reset();
    g_assert_cmpint(pipe2(in, O_CLOEXEC), ==, 0);
    g_assert_cmpint(pipe2(out, O_CLOEXEC), ==, 0);
    f->session = fake_session();
    f->console = g_new0(Console, 1);
    f->console->session = f->session;
    f->console->id = "c0";
    f->console->in = in[0];
    f->console->out = out[1];
    f->console->escape = -1;
    f->console->quiet_ms = 20;
    f->console->interrupted = never;
    f->to = in[1];
    f->from = out[0];
}

static void tear_down(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    close(f->console->in);
    close(f->console->out);
    if (f->to >= 0) {
        close(f->to);
    }
    close(f->from);
    g_free(f->console);
    qosim_close(f->session);
    fake_reset();
}

/* The input is @text, and ends there. */
static void give(Fixture *f, const char *text)
{
    g_assert_cmpint(write(f->to, text, strlen(text)), ==, (gssize)strlen(text));
    close(f->to);
    f->to = -1;
}

static ConsoleEnd run(Fixture *f)
{
    return console_run(f->console, &f->result);
}

/* All that the console has written. */
static void wrote(Fixture *f, const char *expected)
{
    char text[256] = "";
    ssize_t n;

    g_assert_cmpint(fcntl(f->from, F_SETFL, O_NONBLOCK), ==, 0);
    n = read(f->from, text, sizeof(text) - 1);
    text[MAX(n, 0)] = '\0';
    g_assert_cmpstr(text, ==, expected);
}

static void test_both_ways(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_string_assign(fake_chardev.output, "early ");
    fake_chardev.next = "late";
    give(f, "typed");
    g_assert_cmpint(run(f), ==, CONSOLE_QUIET);
    g_assert_cmpstr(fake_chardev.taken->str, ==, "typed");
    wrote(f, "early late");
}

static void test_refused_input(Fixture *f, gconstpointer data)
{
    fake_chardev.room = 3;
    fake_chardev.room_later = 2;
    fake_chardev.notice = GPOINTER_TO_INT(data);
    give(f, "0123456789abcdef");
    g_assert_cmpint(run(f), ==, CONSOLE_QUIET);
    g_assert_cmpstr(fake_chardev.taken->str, ==, "0123456789abcdef");
    g_assert_cmpuint(f->console->n_input, ==, 0);
}

static void test_refused_is_not_repeated(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    fake_chardev.room = 3;
    f->console->for_ms = 60;
    give(f, "0123456789");
    g_assert_cmpint(run(f), ==, CONSOLE_TIME_IS_UP);
    g_assert_cmpstr(fake_chardev.taken->str, ==, "012");
    g_assert_cmpuint(f->console->n_input, ==, 7);
    g_assert_cmpuint(fake_chardev.calls, ==, 2); /* one read, one write: nothing has changed */
}

static void test_long_output(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_string_assign(fake_chardev.output, "0123456789");
    fake_chardev.read_max = 3;
    give(f, "");
    g_assert_cmpint(run(f), ==, CONSOLE_QUIET);
    wrote(f, "0123456789");
    g_assert_cmpuint(fake_chardev.calls, ==, 4);
}

static void test_notice_within_read(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_string_assign(fake_chardev.output, "a");
    fake_chardev.late = "b";
    give(f, "");
    g_assert_cmpint(run(f), ==, CONSOLE_QUIET);
    wrote(f, "ab");
}

static void test_escape(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    f->console->escape = ESCAPE;
    g_assert_cmpint(write(f->to,
                          "before\x1d"
                          "after",
                          12),
                    ==, 12);
    g_assert_cmpint(run(f), ==, CONSOLE_ESCAPED);
    g_assert_cmpstr(fake_chardev.taken->str, ==, "before");
}

static void test_no_escape(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    give(f, "before\x1d"
            "after");
    g_assert_cmpint(run(f), ==, CONSOLE_QUIET);
    g_assert_cmpstr(fake_chardev.taken->str, ==,
                    "before\x1d"
                    "after");
}

static void test_interrupted(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    f->console->interrupted = always;
    g_assert_cmpint(run(f), ==, CONSOLE_INTERRUPTED);
}

static void test_call_fails(Fixture *f, gconstpointer data)
{
    fake_chardev.fails_at = GPOINTER_TO_UINT(data);
    give(f, "x");
    g_assert_cmpint(run(f), ==, CONSOLE_CALL_FAILED);
    g_assert_cmpint(f->result, ==, QOSIM_ERR_DISCONNECTED);
}

static void test_poll_fails(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    fake.result = QOSIM_ERR_TIMEOUT;
    f->console->id = "c0";
    g_assert_cmpint(run(f), ==, CONSOLE_CALL_FAILED);
    g_assert_cmpint(f->result, ==, QOSIM_ERR_TIMEOUT);
}

static void test_output_fails(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

    dup2(full, f->console->out);
    close(full);
    g_string_assign(fake_chardev.output, "x");
    g_assert_cmpint(run(f), ==, CONSOLE_OUTPUT_FAILED);
    g_assert_cmpint(f->console->error, ==, ENOSPC);
}

static void test_input_fails(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    int directory = open("/", O_RDONLY | O_CLOEXEC);

    dup2(directory, f->console->in);
    close(directory);
    g_assert_cmpint(run(f), ==, CONSOLE_INPUT_FAILED);
    g_assert_cmpint(f->console->error, ==, EISDIR);
}

/* More than any buffer holds, a little at a time. */
static void test_much(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autofree char *name = NULL;
    int file = g_file_open_tmp("qosim-console-XXXXXX", &name, NULL);

    for (unsigned i = 0; text->len < (gsize)3 * CONSOLE_BUFFER; i++) {
        g_string_append_printf(text, "%u ", i);
    }
    g_assert_cmpint(write(file, text->str, text->len), ==, (gssize)text->len);
    g_assert_cmpint(lseek(file, 0, SEEK_SET), ==, 0);
    dup2(file, f->console->in);
    close(file);
    unlink(name);
    fake_chardev.room = 1;
    fake_chardev.room_later = 999;
    fake_chardev.notice = QOSIM_CHARDEV_INPUT;
    g_assert_cmpint(run(f), ==, CONSOLE_QUIET);
    g_assert_cmpuint(fake_chardev.taken->len, ==, text->len);
    g_assert_cmpstr(fake_chardev.taken->str, ==, text->str);
}

static void add(const char *path, void (*test)(Fixture *f, gconstpointer data), gconstpointer data)
{
    g_test_add(path, Fixture, data, set_up, test, tear_down);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add("/cli/console/bytes-go-both-ways", test_both_ways, NULL);
    add("/cli/console/input/refused-goes-on-with-room", test_refused_input,
        GINT_TO_POINTER(QOSIM_CHARDEV_INPUT));
    add("/cli/console/input/refused-goes-on-when-the-guest-opens", test_refused_input,
        GINT_TO_POINTER(QOSIM_CHARDEV_FRONTEND_OPEN));
    add("/cli/console/input/refused-goes-on-after-lost-events", test_refused_input,
        GINT_TO_POINTER(-1));
    add("/cli/console/input/refused-waits-for-news", test_refused_is_not_repeated, NULL);
    add("/cli/console/input/more-than-any-buffer", test_much, NULL);
    add("/cli/console/input/escape-ends-it", test_escape, NULL);
    add("/cli/console/input/escape-is-a-byte-without-a-terminal", test_no_escape, NULL);
    add("/cli/console/output/longer-than-a-read", test_long_output, NULL);
    add("/cli/console/output/news-within-a-read-is-news", test_notice_within_read, NULL);
    add("/cli/console/end/interrupted", test_interrupted, NULL);
    add("/cli/console/end/write-fails", test_call_fails, GUINT_TO_POINTER(1));
    add("/cli/console/end/read-fails", test_call_fails, GUINT_TO_POINTER(2));
    add("/cli/console/end/poll-fails", test_poll_fails, NULL);
    add("/cli/console/end/output-fails", test_output_fails, NULL);
    add("/cli/console/end/input-fails", test_input_fails, NULL);
    return g_test_run();
}
