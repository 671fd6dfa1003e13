/* chardev-serial: a serial line of the host, in raw mode. */
#include <errno.h>
#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "models/chardev/chardev_fd.h"
#include "qom/error.h"

static const ChardevOption serial_options[] = {
    { "path", CHARDEV_OPTION_STRING, "device file of the line" },
    { NULL, CHARDEV_OPTION_STRING, NULL },
};

static bool serial_open(Chardev *chr, const ChardevOptions *options, bool *be_opened,
                        GError **error)
{
    const char *path = chardev_options_str(options, "path", NULL);
    struct termios tio;
    int fd;

    (void)be_opened;
    if (!path) {
        return qom_error_set(error, "chardev: serial/tty: no device path given");
    }
    fd = g_open(path, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0);
    if (fd < 0) {
        return qom_error_set(error, "Could not open '%s': %s", path, g_strerror(errno));
    }
    if (tcgetattr(fd, &tio) < 0) {
        close(fd);
        return qom_error_set(error, "Could not open '%s': %s", path, "not a terminal line");
    }
    cfmakeraw(&tio);
    tcsetattr(fd, TCSANOW, &tio);
    fd_chr_set(CHARDEV_FD(chr), fd, fd);
    return true;
}

static void serial_class_init(ObjectClass *oc, void *data)
{
    ChardevClass *cc = CHARDEV_CLASS(oc);

    (void)data;
    cc->summary = "a serial line of the host (also: tty)";
    cc->options = serial_options;
    cc->open = serial_open;
}

static const TypeInfo serial_info = {
    .name = "chardev-serial",
    .parent = TYPE_CHARDEV_FD,
    .class_init = serial_class_init,
};

static void serial_register_types(void)
{
    type_register_static(&serial_info);
}
type_init(serial_register_types)
