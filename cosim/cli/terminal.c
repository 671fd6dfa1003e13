#include "cosim/cli/terminal.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

/* Signal handlers see these; they change only while is_raw is not set. */
static int terminal = -1;
static struct termios saved;
static struct termios raw;
static volatile sig_atomic_t is_raw;
static volatile sig_atomic_t interrupted;

/* From here to enter() only what is async-signal-safe is called. */

void cli_terminal_leave(void)
{
    if (is_raw) {
        is_raw = 0;
        (void)tcsetattr(terminal, TCSANOW, &saved);
    }
}

static void on_stop(int number)
{
    int error = errno;
    bool was_raw = is_raw;

    (void)number;
    cli_terminal_leave();
    (void)raise(SIGSTOP);
    /* Here the program goes on, in the foreground again or stopped by the call below until it is. */
    if (was_raw && tcsetattr(terminal, TCSANOW, &raw) == 0) {
        is_raw = 1;
    }
    errno = error;
}

/* The handler is gone by now: the signal takes its way. */
static void on_crash(int number)
{
    cli_terminal_leave();
    (void)raise(number);
}

static void on_end(int number)
{
    (void)number;
    interrupted = 1;
}

static void handle(int number, void (*handler)(int number), int flags)
{
    struct sigaction action = { .sa_handler = handler, .sa_flags = flags };

    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(number, &action, NULL);
}

bool cli_terminal_enter(int fd)
{
    static const int crashes[] = { SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL };
    static bool is_registered;

    if (tcgetattr(fd, &saved) != 0) {
        return false;
    }
    raw = saved;
    cfmakeraw(&raw);
    raw.c_oflag |= OPOST; /* a guest that ends its lines with LF alone is readable */
    terminal = fd;
    if (!is_registered) {
        is_registered = atexit(cli_terminal_leave) == 0;
    }
    handle(SIGTSTP, on_stop, SA_RESTART);
    for (size_t i = 0; i < sizeof(crashes) / sizeof(crashes[0]); i++) {
        handle(crashes[i], on_crash, SA_RESETHAND | SA_NODEFER);
    }
    if (tcsetattr(fd, TCSANOW, &raw) != 0) {
        return false;
    }
    is_raw = 1;
    return true;
}

void cli_catch_signals(void)
{
    static const int ends[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        handle(ends[i], on_end, 0);
    }
    handle(SIGPIPE, SIG_IGN, 0);
}

bool cli_interrupted(void)
{
    return interrupted;
}
