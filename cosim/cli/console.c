#include "cosim/cli/console.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include <glib.h>

/* How long a key may wait; events of the server end the wait at once. */
#define KEY_MS 10
/* How long a signal may go unnoticed. */
#define SIGNAL_MS 100
/* How long the server may say nothing before it is asked: a lost event, or a server that is gone, shows then. */
#define ASK_MS 1000

static int64_t now_ms(void)
{
    return g_get_monotonic_time() / 1000;
}

static void on_event(void *opaque, const qosim_event *event)
{
    Console *c = opaque;

    if (event->kind == QOSIM_EVENT_LAGGED) {
        c->drained = false;
        c->refused = false;
    } else if (event->kind == QOSIM_EVENT_CHARDEV && strcmp(event->id, c->id) == 0) {
        c->drained = c->drained && event->notice != QOSIM_CHARDEV_OUTPUT;
        /* A guest that opens its side may take what it refused before. */
        c->refused = c->refused && event->notice == QOSIM_CHARDEV_OUTPUT;
    }
}

/* --- Output --- */

static ConsoleEnd write_all(Console *c, const uint8_t *bytes, size_t n)
{
    while (n > 0) {
        ssize_t written = write(c->out, bytes, n);

        if (written < 0 && errno == EINTR && !c->interrupted()) {
            continue;
        }
        if (written < 0 && errno == EAGAIN) {
            (void)poll(&(struct pollfd){ .fd = c->out, .events = POLLOUT }, 1, SIGNAL_MS);
            if (!c->interrupted()) {
                continue;
            }
        }
        if (written < 0) {
            c->error = errno;
            return c->interrupted() ? CONSOLE_INTERRUPTED : CONSOLE_OUTPUT_FAILED;
        }
        bytes += written;
        n -= (size_t)written;
    }
    return CONSOLE_GOES_ON;
}

static ConsoleEnd take_output(Console *c, qosim_result *result)
{
    uint8_t bytes[CONSOLE_BUFFER];
    uint64_t pending = 0;
    size_t n;

    /* Before the call: an event within it is news again. */
    c->drained = true;
    c->asked_ms = now_ms();
    *result = qosim_chardev_read(c->session, c->id, bytes, sizeof(bytes), &n, &pending);
    if (*result != QOSIM_OK) {
        return CONSOLE_CALL_FAILED;
    }
    c->drained = c->drained && pending == 0;
    if (n > 0) {
        c->moved_ms = now_ms();
    }
    return write_all(c, bytes, n);
}

/* --- Input --- */

static ConsoleEnd offer_input(Console *c, qosim_result *result)
{
    size_t accepted;

    c->refused = true;
    *result =
        qosim_chardev_write(c->session, c->id, c->input + c->first_input, c->n_input, &accepted);
    c->first_input += accepted;
    c->n_input -= accepted;
    if (accepted > 0) {
        c->moved_ms = now_ms();
    }
    if (*result != QOSIM_OK) {
        return CONSOLE_CALL_FAILED;
    }
    c->refused = c->refused && c->n_input > 0;
    return CONSOLE_GOES_ON;
}

/* Bytes of the input up to the escape. */
static ConsoleEnd take_keys(Console *c, size_t n)
{
    uint8_t *bytes = c->input + c->first_input + c->n_input;
    const uint8_t *escape = c->escape >= 0 ? memchr(bytes, c->escape, n) : NULL;

    c->n_input += escape ? (size_t)(escape - bytes) : n;
    return escape ? CONSOLE_ESCAPED : CONSOLE_GOES_ON;
}

/* Reads what has come, if there is room for it; waits up to @wait_ms for it. */
static ConsoleEnd read_input(Console *c, int wait_ms)
{
    struct pollfd poll_in = { .fd = c->in, .events = POLLIN };
    size_t room;
    ssize_t n;

    if (c->first_input > 0) {
        memmove(c->input, c->input + c->first_input, c->n_input);
        c->first_input = 0;
    }
    room = sizeof(c->input) - c->n_input;
    if (c->input_ended || room == 0 || poll(&poll_in, 1, wait_ms) <= 0) {
        return CONSOLE_GOES_ON;
    }
    n = read(c->in, c->input + c->n_input, room);
    if (n > 0) {
        return take_keys(c, (size_t)n);
    }
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) {
        return CONSOLE_GOES_ON;
    }
    /* A terminal that is gone answers EIO: its input has ended. */
    if (n < 0 && errno != EIO && errno != EBADF) {
        c->error = errno;
        return CONSOLE_INPUT_FAILED;
    }
    c->input_ended = true;
    c->moved_ms = now_ms();
    return CONSOLE_GOES_ON;
}

/* --- Both --- */

static ConsoleEnd check_end(const Console *c, int64_t start)
{
    int64_t now = now_ms();

    if (c->interrupted()) {
        return CONSOLE_INTERRUPTED;
    }
    if (c->for_ms > 0) {
        return now - start >= c->for_ms ? CONSOLE_TIME_IS_UP : CONSOLE_GOES_ON;
    }
    return c->input_ended && c->n_input == 0 && now - c->moved_ms >= c->quiet_ms ? CONSOLE_QUIET
                                                                                 : CONSOLE_GOES_ON;
}

/* Takes events, waiting for the first one when there is nothing else to do. */
static ConsoleEnd wait_for_events(Console *c, qosim_result *result)
{
    bool busy = !c->drained || (c->n_input > 0 && !c->refused);
    int wait = c->input_ended || c->n_input == sizeof(c->input) ? SIGNAL_MS : KEY_MS;
    int n = qosim_poll(c->session, busy ? 0 : wait);

    if (n < 0) {
        *result = (qosim_result)n;
        return CONSOLE_CALL_FAILED;
    }
    if (now_ms() - c->asked_ms >= ASK_MS) {
        c->drained = false;
        c->refused = false;
    }
    return CONSOLE_GOES_ON;
}

static ConsoleEnd step(Console *c, qosim_result *result)
{
    ConsoleEnd end = read_input(c, 0);

    /* What was typed before the escape still goes out, as far as the guest takes it. */
    if (c->n_input > 0 && !c->refused) {
        ConsoleEnd offered = offer_input(c, result);

        end = end == CONSOLE_GOES_ON ? offered : end;
    }
    if (end == CONSOLE_GOES_ON && !c->drained) {
        end = take_output(c, result);
    }
    return end == CONSOLE_GOES_ON ? wait_for_events(c, result) : end;
}

ConsoleEnd console_run(Console *c, qosim_result *result)
{
    int64_t start = now_ms();
    ConsoleEnd end = CONSOLE_GOES_ON;

    *result = QOSIM_OK;
    c->moved_ms = start;
    qosim_set_event_handler(c->session, on_event, c);
    while (end == CONSOLE_GOES_ON) {
        end = step(c, result);
        end = end == CONSOLE_GOES_ON ? check_end(c, start) : end;
    }
    qosim_set_event_handler(c->session, NULL, NULL);
    return end;
}
