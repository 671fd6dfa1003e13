/* chardev-file: output to a file, and input from another when one is given. */
#include <errno.h>
#include <fcntl.h>

#include <glib/gstdio.h>

#include "models/chardev/chardev_fd.h"
#include "qom/error.h"

static const ChardevOption file_options[] = {
    { "path", CHARDEV_OPTION_STRING, "file that gets the output" },
    { "append", CHARDEV_OPTION_BOOL, "append instead of truncating (default off)" },
    { "input-path", CHARDEV_OPTION_STRING, "file that the input is read from" },
    { NULL, CHARDEV_OPTION_STRING, NULL },
};

static bool file_open(Chardev *chr, const ChardevOptions *options, bool *be_opened, GError **error)
{
    const char *path = chardev_options_str(options, "path", NULL);
    const char *input = chardev_options_str(options, "input-path", NULL);
    int flags = O_WRONLY | O_CREAT | O_CLOEXEC;
    int fd_out, fd_in = -1;

    (void)be_opened;
    if (!path) {
        return qom_error_set(error, "chardev: file: no filename given");
    }
    flags |= chardev_options_bool(options, "append", false) ? O_APPEND : O_TRUNC;
    fd_out = g_open(path, flags, 0666);
    if (fd_out < 0) {
        return qom_error_set(error, "Could not open '%s': %s", path, g_strerror(errno));
    }
    fd_chr_set(CHARDEV_FD(chr), -1, fd_out);
    if (input) {
        fd_in = g_open(input, O_RDONLY | O_CLOEXEC, 0);
        if (fd_in < 0) {
            return qom_error_set(error, "Could not open '%s': %s", input, g_strerror(errno));
        }
        fd_chr_set(CHARDEV_FD(chr), fd_in, fd_out);
    }
    return true;
}

static void file_class_init(ObjectClass *oc, void *data)
{
    ChardevClass *cc = CHARDEV_CLASS(oc);

    (void)data;
    cc->summary = "writes the output to a file";
    cc->options = file_options;
    cc->open = file_open;
}

static const TypeInfo file_info = {
    .name = "chardev-file",
    .parent = TYPE_CHARDEV_FD,
    .class_init = file_class_init,
};

static void file_register_types(void)
{
    type_register_static(&file_info);
}
type_init(file_register_types)
