#include "tests/functional/virtio_data/host_end.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <glib/gstdio.h>

/* Less than the kernel's pipes hold by default. */
#define PIPE_SIZE 16384

static void make_fifo(const HostEnd *end, const char *suffix)
{
    g_autofree char *path = g_strconcat(end->path, suffix, NULL);

    if (mkfifo(path, 0600) != 0) {
        g_error("cannot make %s: %s", path, g_strerror(errno));
    }
}

void host_end_init(HostEnd *end, HostEndKind kind, const char *id, const char *directory)
{
    *end = (HostEnd){ .kind = kind, .id = g_strdup(id), .in = -1, .out = -1 };
    end->path = g_build_filename(directory, id, NULL);
    if (kind == HOST_END_PIPE) {
        make_fifo(end, ".in");
        make_fifo(end, ".out");
    }
}

char *host_end_options(const HostEnd *end)
{
    switch (end->kind) {
    case HOST_END_RPC:
        return g_strdup_printf("-chardev rpc,id=%s,size=%u ", end->id, HOST_END_RPC_SIZE);
    case HOST_END_SOCKET:
        return g_strdup_printf("-chardev socket,id=%s,path=%s,server=on,wait=off ", end->id,
                               end->path);
    default:
        return g_strdup_printf("-chardev pipe,id=%s,path=%s ", end->id, end->path);
    }
}

static int open_fifo(const HostEnd *end, const char *suffix)
{
    g_autofree char *path = g_strconcat(end->path, suffix, NULL);
    int fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0) {
        g_error("cannot open %s: %s", path, g_strerror(errno));
    }
    g_assert_cmpint(fcntl(fd, F_SETPIPE_SZ, PIPE_SIZE), >=, PIPE_SIZE);
    return fd;
}

static int connect_socket(const HostEnd *end)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    g_assert_cmpuint(g_strlcpy(address.sun_path, end->path, sizeof(address.sun_path)), <,
                     sizeof(address.sun_path));
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
        g_error("cannot connect to %s: %s", end->path, g_strerror(errno));
    }
    g_assert_cmpint(fcntl(fd, F_SETFL, O_NONBLOCK), ==, 0);
    return fd;
}

static void must(const HostEnd *end, qosim_result result)
{
    if (result != QOSIM_OK) {
        g_error("chardev %s: %s", end->id, qosim_last_error(end->session));
    }
}

/* What the server knows of the end's chardev. */
static qosim_chardev look(const HostEnd *end)
{
    qosim_chardev found = { 0 };
    qosim_chardev *list;
    size_t n;

    must(end, qosim_chardev_list(end->session, &list, &n));
    for (size_t i = 0; i < n; i++) {
        if (strcmp(list[i].id, end->id) == 0) {
            found = (qosim_chardev){ .host_open = list[i].host_open, .pending = list[i].pending };
        }
    }
    qosim_free_chardevs(list, n);
    return found;
}

void host_end_connect(HostEnd *end, qosim_session *session)
{
    end->session = session;
    if (end->kind == HOST_END_SOCKET) {
        end->in = end->out = connect_socket(end);
        /* What a guest says to a socket that has not been accepted yet is nobody's. */
        while (!look(end).host_open) {
            g_usleep(1000);
        }
    } else if (end->kind == HOST_END_PIPE) {
        end->in = open_fifo(end, ".in");
        end->out = open_fifo(end, ".out");
    }
}

static void remove_file(const HostEnd *end, const char *suffix)
{
    g_autofree char *path = g_strconcat(end->path, suffix, NULL);

    (void)g_remove(path);
}

void host_end_clear(HostEnd *end)
{
    if (end->in >= 0) {
        close(end->in);
    }
    if (end->out >= 0 && end->out != end->in) {
        close(end->out);
    }
    remove_file(end, "");
    remove_file(end, ".in");
    remove_file(end, ".out");
    g_free(end->path);
    g_free(end->id);
}

static size_t moved(const HostEnd *end, ssize_t n)
{
    if (n < 0 && errno != EAGAIN) {
        g_error("chardev %s: %s", end->id, g_strerror(errno));
    }
    return n > 0 ? (size_t)n : 0;
}

size_t host_end_write(HostEnd *end, const uint8_t *buf, size_t len)
{
    size_t accepted = 0;

    if (end->kind != HOST_END_RPC) {
        return moved(end, write(end->in, buf, len));
    }
    must(end, qosim_chardev_write(end->session, end->id, buf, len, &accepted));
    return accepted;
}

size_t host_end_read(HostEnd *end, uint8_t *buf, size_t max)
{
    size_t length = 0;

    if (end->kind != HOST_END_RPC) {
        return moved(end, read(end->out, buf, max));
    }
    must(end, qosim_chardev_read(end->session, end->id, buf, max, &length, NULL));
    return length;
}

uint64_t host_end_pending(HostEnd *end)
{
    int n = 0;

    if (end->kind == HOST_END_RPC) {
        return look(end).pending;
    }
    g_assert_cmpint(ioctl(end->out, FIONREAD, &n), ==, 0);
    return (uint64_t)n;
}
