#include "cosim/regress/report/output.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "cosim/regress/error.h"

/* Says which file, and why: @number is an errno. */
static bool fail(const char *path, int number, GError **error)
{
    g_autofree char *shown = g_filename_display_name(path);

    regress_trouble(error, "%s cannot be written: %s", shown, g_strerror(number));
    return false;
}

/* Where the file is, or will be, when links are followed. */
static char *follow(const char *path)
{
    char *real = realpath(path, NULL);
    char *copy = g_strdup(real ? real : path);

    free(real);
    return copy;
}

static bool is_special(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

/* 0, or an errno. */
static int write_all(int fd, const char *text, size_t length)
{
    while (length > 0) {
        ssize_t n = write(fd, text, length);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return n < 0 ? errno : ENOSPC;
        }
        text += n;
        length -= (size_t)n;
    }
    return 0;
}

static bool write_special(const char *path, const char *text, size_t length, GError **error)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    int failed = fd < 0 ? errno : write_all(fd, text, length);

    if (fd >= 0 && close(fd) != 0 && !failed) {
        failed = errno;
    }
    return failed ? fail(path, failed, error) : true;
}

char *output_begin(const char *path, GError **error)
{
    g_autofree char *real = follow(path);
    g_autofree char *temporary = g_strdup_printf("%s.XXXXXX", real);
    int fd = -1;

    if (is_special(real)) {
        fail(path, EINVAL, error);
        return NULL;
    }
    fd = g_mkstemp_full(temporary, O_RDWR | O_CLOEXEC, 0666);
    if (fd < 0) {
        fail(path, errno, error);
        return NULL;
    }
    close(fd);
    return g_steal_pointer(&temporary);
}

void output_drop(char *temporary)
{
    (void)g_unlink(temporary);
    g_free(temporary);
}

/* 0, or an errno: what was written may meet the full disk only here. */
static int sync_file(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int failed = fd < 0 || fsync(fd) != 0 ? errno : 0;

    if (fd >= 0) {
        close(fd);
    }
    return failed;
}

bool output_finish(char *temporary, const char *path, GError **error)
{
    g_autofree char *real = follow(path);
    int failed = sync_file(temporary);

    if (!failed && rename(temporary, real) != 0) {
        failed = errno;
    }
    if (failed) {
        output_drop(temporary);
        return fail(path, failed, error);
    }
    g_free(temporary);
    return true;
}

bool output_write(const char *path, const char *text, gssize length, GError **error)
{
    size_t size = length < 0 ? strlen(text) : (size_t)length;
    char *temporary;
    int fd;
    int failed;

    if (is_special(path)) {
        return write_special(path, text, size, error);
    }
    temporary = output_begin(path, error);
    if (!temporary) {
        return false;
    }
    fd = open(temporary, O_WRONLY | O_CLOEXEC);
    failed = fd < 0 ? errno : write_all(fd, text, size);
    if (fd >= 0 && close(fd) != 0 && !failed) {
        failed = errno;
    }
    if (failed) {
        output_drop(temporary);
        return fail(path, failed, error);
    }
    return output_finish(temporary, path, error);
}

bool output_check(const char *path, GError **error)
{
    char *temporary;

    if (is_special(path)) {
        return access(path, W_OK) == 0 || fail(path, errno, error);
    }
    temporary = output_begin(path, error);
    if (!temporary) {
        return false;
    }
    output_drop(temporary);
    return true;
}
