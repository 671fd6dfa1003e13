/* Lines through descriptors: cut anywhere, too long, without end, with nobody to read the answers. */
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cosim/cli/qtest_loop.h"
#include "tests/unit/cli/fake_qosim.h"

typedef struct Served {
    int in;
    int out;
    bool live;
    QtestEnd end;
} Served;

static void *serve(void *data)
{
    Served *served = data;
    qosim_session *session = fake_session();
    Qtest qtest;

    qtest_init(&qtest, session);
    served->end = qtest_loop(&qtest, served->in, served->out, served->live);
    qtest_clear(&qtest);
    qosim_close(session);
    close(served->out);
    return NULL;
}

static void write_all(int fd, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, data, len);

        g_assert_cmpint(n, >, 0);
        data += n;
        len -= (size_t)n;
    }
}

/* Everything that the descriptor @data has to say until its other end is closed. */
static void *read_all(void *data)
{
    int fd = GPOINTER_TO_INT(data);
    g_autoptr(GString) all = g_string_new(NULL);
    char buffer[4096];
    ssize_t n;

    while ((n = read(fd, buffer, sizeof(buffer))) > 0) {
        g_string_append_len(all, buffer, n);
    }
    close(fd);
    return g_string_free(g_steal_pointer(&all), FALSE);
}

/* What the loop answers to the @len bytes of @input, sent @chunk at a time, followed by the end of input. */
static char *answers_to(const char *input, size_t len, size_t chunk, QtestEnd *end)
{
    int in[2];
    int out[2];
    Served served = { .live = false };
    GThread *thread;
    GThread *reader;
    char *answers;

    fake_reset();
    g_assert_cmpint(pipe(in), ==, 0);
    g_assert_cmpint(pipe(out), ==, 0);
    served.in = in[0];
    served.out = out[1];
    thread = g_thread_new("loop", serve, &served);
    reader = g_thread_new("reader", read_all, GINT_TO_POINTER(out[0]));
    for (size_t done = 0; done < len; done += chunk) {
        write_all(in[1], input + done, MIN(chunk, len - done));
    }
    close(in[1]);
    g_thread_join(thread);
    answers = g_thread_join(reader);
    close(in[0]);
    *end = served.end;
    fake_reset();
    return answers;
}

static void test_any_cut(void)
{
    static const char input[] = "writel 0x80000000 0x12\nreadl 0x80000000\n\nfoo\n";

    for (size_t chunk = 1; chunk < sizeof(input); chunk++) {
        QtestEnd end;
        g_autofree char *answers = answers_to(input, sizeof(input) - 1, chunk, &end);

        g_assert_cmpstr(answers, ==,
                        "OK\nOK 0x0000000000000012\nERR empty line\nFAIL Unknown command 'foo'\n");
        g_assert_cmpint(end, ==, QTEST_END_OF_INPUT);
    }
}

static void test_partial_line(void)
{
    static const char input[] = "readl 0x80000000\nwritel 0x80000000 0x1";
    QtestEnd end;
    g_autofree char *answers = answers_to(input, sizeof(input) - 1, 100, &end);

    g_assert_cmpstr(answers, ==, "OK 0x0000000000000000\n");
    g_assert_cmpint(end, ==, QTEST_END_IN_LINE);
}

static void test_long_line(void)
{
    g_autoptr(GString) input = g_string_new("endianness\n");
    g_autofree char *answers = NULL;
    g_autofree char *expected = g_strdup_printf(
        "OK little\nERR a line is above the limit of %zu bytes\nOK little\n", QTEST_LINE_MAX);
    QtestEnd end;

    g_string_append(input, "write 0x80000000 1 0x");
    for (size_t i = 0; i < QTEST_LINE_MAX; i += 16) {
        g_string_append(input, "0123456789abcdef");
    }
    g_string_append(input, "\nendianness\n");
    answers = answers_to(input->str, input->len, 65536, &end);
    g_assert_cmpstr(answers, ==, expected);
    g_assert_cmpint(end, ==, QTEST_END_OF_INPUT);
}

static void test_largest_block(void)
{
    g_autoptr(GString) input = g_string_new(NULL);
    g_autofree char *answers = NULL;
    QtestEnd end;

    g_string_append_printf(input, "write 0x80000000 %zu 0x", QTEST_BLOCK_MAX);
    for (size_t i = 0; i < 2 * QTEST_BLOCK_MAX; i += 16) {
        g_string_append(input, "5555555555555555");
    }
    g_string_append(input, "\nreadl 0x80003ffc\n");
    answers = answers_to(input->str, input->len, 65536, &end);
    g_assert_cmpstr(answers, ==, "OK\nOK 0x0000000055555555\n");
}

static void test_every_line_is_answered(void)
{
    g_autoptr(GString) input = g_string_new(NULL);
    g_autofree char *answers = NULL;
    size_t lines = 0;
    QtestEnd end;

    for (unsigned i = 0; i < 20000; i++) {
        g_string_append(input, "read 0x80000000 64\n");
    }
    answers = answers_to(input->str, input->len, 60000, &end);
    for (const char *c = answers; *c != '\0'; c++) {
        lines += *c == '\n';
    }
    g_assert_cmpuint(lines, ==, 20000);
}

static void test_reader_gone(void)
{
    int in[2];
    int out[2];
    Served served = { .live = false };
    GThread *thread;

    fake_reset();
    g_assert_cmpint(pipe(in), ==, 0);
    g_assert_cmpint(pipe(out), ==, 0);
    close(out[0]);
    served.in = in[0];
    served.out = out[1];
    thread = g_thread_new("loop", serve, &served);
    write_all(in[1], "endianness\n", strlen("endianness\n"));
    g_thread_join(thread);
    g_assert_cmpint(served.end, ==, QTEST_END_OUTPUT);
    close(in[0]);
    close(in[1]);
}

static void test_server_lost(void)
{
    int in[2];
    int out[2];
    Served served = { .live = true };
    GThread *thread;
    g_autofree char *answers = NULL;

    fake_reset();
    fake.result = QOSIM_ERR_DISCONNECTED;
    g_assert_cmpint(pipe(in), ==, 0);
    g_assert_cmpint(pipe(out), ==, 0);
    served.in = in[0];
    served.out = out[1];
    thread = g_thread_new("loop", serve, &served);
    answers = read_all(GINT_TO_POINTER(out[0]));
    g_thread_join(thread);
    g_assert_cmpint(served.end, ==, QTEST_END_SESSION);
    g_assert_cmpstr(answers, ==, "");
    close(in[0]);
    close(in[1]);
    fake_reset();
}

/* Reads exactly the bytes of @expected. */
static void assert_reads(int fd, const char *expected)
{
    char buffer[64] = "";
    size_t done = 0;

    while (done < strlen(expected)) {
        ssize_t n = read(fd, buffer + done, strlen(expected) - done);

        g_assert_cmpint(n, >, 0);
        done += (size_t)n;
    }
    g_assert_cmpstr(buffer, ==, expected);
}

/* A child of its own, because a signal is for the whole process. */
static void test_signal(void)
{
    int pair[2];
    int status;
    pid_t child;

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), ==, 0);
    child = fork();
    if (child == 0) {
        Served served = { .in = pair[0], .out = pair[0] };

        close(pair[1]);
        serve(&served);
        _exit(served.end == QTEST_END_SIGNAL ? 0 : 1);
    }
    close(pair[0]);
    write_all(pair[1], "endianness\n", strlen("endianness\n"));
    assert_reads(pair[1], "OK little\n");
    g_assert_cmpint(kill(child, SIGTERM), ==, 0);
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    g_assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    close(pair[1]);
}

static void test_live_events(void)
{
    static const char line[] = "irq_intercept_in /machine/soc\n";
    int pair[2];
    Served served = { .live = true };
    GThread *thread;

    fake_reset();
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), ==, 0);
    served.in = pair[0];
    served.out = dup(pair[0]);
    fake_change_line_later(1, 40, 1);
    write_all(pair[1], line, strlen(line));
    thread = g_thread_new("loop", serve, &served);
    assert_reads(pair[1], "OK\nIRQ raise 40\n");
    shutdown(pair[1], SHUT_WR);
    g_thread_join(thread);
    g_assert_cmpint(served.end, ==, QTEST_END_OF_INPUT);
    close(pair[0]);
    close(pair[1]);
    fake_reset();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cli/qtest-loop/input-may-be-cut-anywhere", test_any_cut);
    g_test_add_func("/cli/qtest-loop/line-without-end-is-not-executed", test_partial_line);
    g_test_add_func("/cli/qtest-loop/line-above-the-limit-is-one-error", test_long_line);
    g_test_add_func("/cli/qtest-loop/largest-block-fits-into-a-line", test_largest_block);
    g_test_add_func("/cli/qtest-loop/every-pipelined-line-is-answered",
                    test_every_line_is_answered);
    g_test_add_func("/cli/qtest-loop/ends-when-nobody-takes-the-answers", test_reader_gone);
    g_test_add_func("/cli/qtest-loop/ends-when-the-server-is-gone", test_server_lost);
    g_test_add_func("/cli/qtest-loop/sigterm-ends-it", test_signal);
    g_test_add_func("/cli/qtest-loop/line-changes-while-idle-are-told", test_live_events);
    return g_test_run();
}
