/* chardev-stdio: the terminal, or whatever standard input and output are. There is one per process. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include "models/chardev/chardev_fd.h"
#include "qom/error.h"

#define TYPE_CHARDEV_STDIO "chardev-stdio"
OBJECT_DECLARE_SIMPLE_TYPE(StdioChardev, CHARDEV_STDIO)

struct StdioChardev {
    FDChardev parent_obj;

    bool claimed; /* this one holds the process's standard input and output */
};

/*
 * Standard input and output are the process's, not a machine's, so who holds them and what the terminal looked like is
 * process-wide. The terminal is also restored at exit, in case nobody closes the chardev.
 */
static gint stdio_in_use;
static struct termios old_tty;
static gint old_tty_saved;

static const ChardevOption stdio_options[] = {
    { "signal", CHARDEV_OPTION_BOOL, "let Ctrl-C and its like through as signals (default on)" },
    { NULL, CHARDEV_OPTION_STRING, NULL },
};

static void restore_tty(void)
{
    if (g_atomic_int_compare_and_exchange(&old_tty_saved, 1, 0)) {
        tcsetattr(STDIN_FILENO, TCSANOW, &old_tty);
    }
}

static void enter_raw_mode(bool signals)
{
    static gsize registered;
    struct termios tty;

    if (tcgetattr(STDIN_FILENO, &old_tty) < 0) {
        return; /* a pipe or a file */
    }
    g_atomic_int_set(&old_tty_saved, 1);
    if (g_once_init_enter(&registered)) {
        atexit(restore_tty);
        g_once_init_leave(&registered, 1);
    }
    tty = old_tty;
    tty.c_iflag &= ~(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
    tty.c_lflag &= ~(ECHO | ECHONL | ICANON | IEXTEN);
    if (!signals) {
        tty.c_lflag &= ~ISIG;
    }
    tty.c_cc[VMIN] = 1;
    tty.c_cc[VTIME] = 0;
    tcsetattr(STDIN_FILENO, TCSANOW, &tty);
}

static bool stdio_open(Chardev *chr, const ChardevOptions *options, bool *be_opened, GError **error)
{
    StdioChardev *s = CHARDEV_STDIO(chr);
    int fd_in, fd_out;

    (void)be_opened;
    if (!g_atomic_int_compare_and_exchange(&stdio_in_use, 0, 1)) {
        return qom_error_set(error, "cannot use stdio by multiple character devices");
    }
    s->claimed = true;
    fd_in = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
    fd_out = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
    fd_chr_set(CHARDEV_FD(chr), fd_in, fd_out);
    if (fd_in < 0 || fd_out < 0) {
        return qom_error_set(error, "Could not open '%s': %s", "standard input and output",
                             g_strerror(errno));
    }
    enter_raw_mode(chardev_options_bool(options, "signal", true));
    return true;
}

static void stdio_finalize(Object *obj)
{
    if (CHARDEV_STDIO(obj)->claimed) {
        restore_tty();
        g_atomic_int_set(&stdio_in_use, 0);
    }
}

static void stdio_class_init(ObjectClass *oc, void *data)
{
    ChardevClass *cc = CHARDEV_CLASS(oc);

    (void)data;
    cc->summary = "standard input and output";
    cc->options = stdio_options;
    cc->open = stdio_open;
}

static const TypeInfo stdio_info = {
    .name = TYPE_CHARDEV_STDIO,
    .parent = TYPE_CHARDEV_FD,
    .instance_size = sizeof(StdioChardev),
    .instance_finalize = stdio_finalize,
    .class_init = stdio_class_init,
};

static void stdio_register_types(void)
{
    type_register_static(&stdio_info);
}
type_init(stdio_register_types)
