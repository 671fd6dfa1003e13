#include "cosim/cli/qtest_loop.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* How often a live session is looked after while the input is quiet. */
#define LIVE_NS 10000000
#define READ_SIZE 65536u
/* More than this is written before the next line is executed. */
#define OUT_HIGH 65536u

typedef struct Loop {
    Qtest *qtest;
    int in;
    int out;
    bool live;
    GByteArray *input; /* from the first byte of the first line that is not executed yet */
    size_t searched;   /* so much of it holds no newline */
    bool discarding;   /* within a line that is too long */
} Loop;

static volatile sig_atomic_t interrupted;

static void on_signal(int number G_GNUC_UNUSED)
{
    interrupted = 1;
}

static void take_signals(void)
{
    struct sigaction action = { .sa_handler = on_signal };
    struct sigaction ignore = { .sa_handler = SIG_IGN };

    interrupted = 0;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGPIPE, &ignore, NULL);
}

/* As ppoll() on one descriptor; a signal that comes between the check and the wait is not missed. -1: interrupted. */
static int wait_for(int fd, short events, const struct timespec *timeout)
{
    struct pollfd item = { .fd = fd, .events = events };
    sigset_t ours;
    sigset_t before;
    int n = -1;

    sigemptyset(&ours);
    sigaddset(&ours, SIGINT);
    sigaddset(&ours, SIGTERM);
    sigprocmask(SIG_BLOCK, &ours, &before);
    if (!interrupted) {
        n = ppoll(&item, 1, timeout, &before);
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    return n;
}

/* Writes what is to be sent. False when nobody takes it any more. */
static bool flush_output(Loop *loop)
{
    GString *out = loop->qtest->out;
    size_t done = 0;

    while (done < out->len && !interrupted) {
        ssize_t n = 0;

        /* So few bytes fit when there is room at all: the write does not block, and a signal ends the wait. */
        if (wait_for(loop->out, POLLOUT, NULL) > 0) {
            n = write(loop->out, out->str + done, MIN(out->len - done, PIPE_BUF));
        }
        if (n < 0 && errno != EINTR && errno != EAGAIN) {
            return false;
        }
        done += (size_t)MAX(n, 0);
    }
    g_string_truncate(out, 0);
    return true;
}

static void execute_line(Loop *loop, char *line, size_t len)
{
    if (loop->discarding || len > QTEST_LINE_MAX) {
        loop->discarding = false;
        qtest_line_too_long(loop->qtest);
    } else {
        line[len] = '\0';
        qtest_line(loop->qtest, line, len);
    }
}

/* Executes the whole lines of the input. False when the output is gone. */
static bool execute_lines(Loop *loop)
{
    char *data = (char *)loop->input->data;
    char *const limit = data + loop->input->len;
    char *line = data;
    char *end = memchr(data + loop->searched, '\n', loop->input->len - loop->searched);

    for (; end && !loop->qtest->lost && !interrupted;
         end = memchr(line, '\n', (size_t)(limit - line))) {
        execute_line(loop, line, (size_t)(end - line));
        line = end + 1;
        if (loop->qtest->out->len > OUT_HIGH && !flush_output(loop)) {
            return false;
        }
    }
    g_byte_array_remove_range(loop->input, 0, (guint)(line - data));
    if (loop->discarding || loop->input->len > QTEST_LINE_MAX) {
        loop->discarding = true;
        g_byte_array_set_size(loop->input, 0);
    }
    loop->searched = loop->input->len;
    return flush_output(loop);
}

/* Waits until there is input or a signal; takes the events of a live session meanwhile. */
static bool wait_for_input(Loop *loop)
{
    static const struct timespec tick = { .tv_nsec = LIVE_NS };

    while (!loop->qtest->lost && wait_for(loop->in, POLLIN, loop->live ? &tick : NULL) == 0) {
        int n = qosim_poll(loop->qtest->session, 0);

        loop->qtest->lost = n == QOSIM_ERR_DISCONNECTED || n == QOSIM_ERR_PROTOCOL;
        if (!flush_output(loop)) {
            return false;
        }
    }
    return true;
}

/* Appends what can be read. Returns the bytes, 0 at the end of input, -1 on an error. */
static ssize_t read_input(Loop *loop)
{
    guint before = loop->input->len;
    ssize_t n;

    g_byte_array_set_size(loop->input, before + READ_SIZE);
    n = read(loop->in, loop->input->data + before, READ_SIZE);
    g_byte_array_set_size(loop->input, before + (guint)MAX(n, 0));
    return n;
}

static QtestEnd serve(Loop *loop)
{
    for (;;) {
        ssize_t n;

        if (!wait_for_input(loop)) {
            return QTEST_END_OUTPUT;
        }
        if (interrupted) {
            return QTEST_END_SIGNAL;
        }
        if (loop->qtest->lost) {
            return QTEST_END_SESSION;
        }
        n = read_input(loop);
        if (n == 0) {
            return loop->input->len > 0 || loop->discarding ? QTEST_END_IN_LINE
                                                            : QTEST_END_OF_INPUT;
        }
        if (n < 0 && errno != EINTR && errno != EAGAIN) {
            return errno == ECONNRESET ? QTEST_END_OUTPUT : QTEST_END_INPUT_ERROR;
        }
        if (n > 0 && !execute_lines(loop)) {
            return QTEST_END_OUTPUT;
        }
    }
}

QtestEnd qtest_loop(Qtest *qtest, int in, int out, bool live)
{
    Loop loop = { .qtest = qtest, .in = in, .out = out, .live = live };
    QtestEnd end;

    loop.input = g_byte_array_new();
    take_signals();
    end = serve(&loop);
    g_byte_array_unref(loop.input);
    return end;
}
