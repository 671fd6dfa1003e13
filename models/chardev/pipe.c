/* chardev-pipe: a pair of named pipes PATH.in and PATH.out, or one two-way special file PATH. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "models/chardev/chardev_fd.h"
#include "qom/error.h"

static const ChardevOption pipe_options[] = {
    { "path", CHARDEV_OPTION_STRING,
      "PATH.in and PATH.out are used when both exist, else PATH itself" },
    { NULL, CHARDEV_OPTION_STRING, NULL },
};

/* Read-write, so that opening never waits for a peer and a peer that leaves is no end of file. */
static int open_pipe(const char *path, const char *suffix)
{
    g_autofree char *name = g_strconcat(path, suffix, NULL);

    return g_open(name, O_RDWR | O_CLOEXEC | O_NONBLOCK, 0);
}

static bool pipe_open(Chardev *chr, const ChardevOptions *options, bool *be_opened, GError **error)
{
    const char *path = chardev_options_str(options, "path", NULL);
    int fd_in, fd_out;

    (void)be_opened;
    if (!path) {
        return qom_error_set(error, "chardev: pipe: no device path given");
    }
    fd_in = open_pipe(path, ".in");
    fd_out = open_pipe(path, ".out");
    if (fd_in < 0 || fd_out < 0) {
        if (fd_in >= 0) {
            close(fd_in);
        }
        if (fd_out >= 0) {
            close(fd_out);
        }
        fd_in = fd_out = open_pipe(path, "");
        if (fd_in < 0) {
            return qom_error_set(error, "Could not open '%s': %s", path, g_strerror(errno));
        }
    }
    fd_chr_set(CHARDEV_FD(chr), fd_in, fd_out);
    return true;
}

static void pipe_class_init(ObjectClass *oc, void *data)
{
    ChardevClass *cc = CHARDEV_CLASS(oc);

    (void)data;
    cc->summary = "named pipes PATH.in and PATH.out";
    cc->options = pipe_options;
    cc->open = pipe_open;
}

static const TypeInfo pipe_info = {
    .name = "chardev-pipe",
    .parent = TYPE_CHARDEV_FD,
    .class_init = pipe_class_init,
};

static void pipe_register_types(void)
{
    type_register_static(&pipe_info);
}
type_init(pipe_register_types)
