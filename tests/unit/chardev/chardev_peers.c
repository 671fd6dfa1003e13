#include "tests/unit/chardev/chardev_peers.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#include <glib-unix.h>
#include <glib/gstdio.h>

#include "models/chardev/ringbuf.h"
#include "models/chardev/rpc.h"
#include "models/chardev/telnet.h"
#include "tests/unit/chardev/chardev_probe.h"

static int open_checked(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC | O_NONBLOCK, 0600);

    g_assert_cmpint(fd, >=, 0);
    return fd;
}

static void close_fds(ChardevPeer *peer)
{
    if (peer->fd_read >= 0) {
        close(peer->fd_read);
    }
    if (peer->fd_write >= 0 && peer->fd_write != peer->fd_read) {
        close(peer->fd_write);
    }
    peer->fd_read = peer->fd_write = -1;
}

/* null */

static char *null_prepare(ChardevPeer *peer)
{
    (void)peer;
    return g_strdup("null");
}

static const ChardevPeerType null_peer = { .name = "null", .prepare = null_prepare };

/* ringbuf */

static char *ringbuf_prepare(ChardevPeer *peer)
{
    (void)peer;
    return g_strdup("ringbuf,size=1M");
}

static size_t ringbuf_peer_read(ChardevPeer *peer, uint8_t *buf, size_t len)
{
    return ringbuf_read(peer->chr, buf, len);
}

static const ChardevPeerType ringbuf_peer = {
    .name = "ringbuf", .flags = PEER_OUTPUT, .prepare = ringbuf_prepare, .read = ringbuf_peer_read
};

/* file */

static char *file_prepare(ChardevPeer *peer)
{
    g_autofree char *in = g_build_filename(peer->dir, "in", NULL);
    g_autofree char *out = g_build_filename(peer->dir, "out", NULL);

    g_assert_cmpint(mkfifo(in, 0600), ==, 0);
    peer->fd_write = open_checked(in, O_RDWR);
    peer->fd_read = open_checked(out, O_RDONLY | O_CREAT);
    return g_strdup_printf("file,path=%s,input-path=%s", out, in);
}

static const ChardevPeerType file_peer = { .name = "file",
                                           .flags = PEER_INPUT | PEER_OUTPUT,
                                           .prepare = file_prepare };

/* pipe */

static char *pipe_prepare(ChardevPeer *peer)
{
    g_autofree char *in = g_build_filename(peer->dir, "p.in", NULL);
    g_autofree char *out = g_build_filename(peer->dir, "p.out", NULL);

    g_assert_cmpint(mkfifo(in, 0600), ==, 0);
    g_assert_cmpint(mkfifo(out, 0600), ==, 0);
    peer->fd_write = open_checked(in, O_RDWR);
    peer->fd_read = open_checked(out, O_RDONLY);
    return g_strdup_printf("pipe,path=%s/p", peer->dir);
}

static const ChardevPeerType pipe_peer = { .name = "pipe",
                                           .flags = PEER_INPUT | PEER_OUTPUT | PEER_BOUNDED,
                                           .prepare = pipe_prepare };

/* pty */

static char *pty_prepare(ChardevPeer *peer)
{
    (void)peer;
    return g_strdup("pty");
}

static void pty_connect(ChardevPeer *peer)
{
    g_autofree char *filename = object_property_get_str(OBJECT(peer->chr), "filename", NULL);

    g_assert_true(g_str_has_prefix(filename, "pty:"));
    peer->fd_read = peer->fd_write = open_checked(filename + strlen("pty:"), O_RDWR | O_NOCTTY);
}

static const ChardevPeerType pty_peer = {
    .name = "pty",
    .flags = PEER_INPUT | PEER_OUTPUT | PEER_OPENS | PEER_CLOSES | PEER_RETURNS | PEER_BOUNDED,
    .prepare = pty_prepare,
    .connect = pty_connect,
    .leave = close_fds,
};

/* serial: the slave of a pseudo-terminal stands in for the line */

static char *serial_prepare(ChardevPeer *peer)
{
    char name[64];
    struct termios tio;

    peer->fd_read = peer->fd_write = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
    g_assert_cmpint(peer->fd_read, >=, 0);
    g_assert_cmpint(grantpt(peer->fd_read), ==, 0);
    g_assert_cmpint(unlockpt(peer->fd_read), ==, 0);
    g_assert_cmpint(ptsname_r(peer->fd_read, name, sizeof(name)), ==, 0);
    /* Line editing on, so that the test sees the chardev turn it off. */
    g_assert_cmpint(tcgetattr(peer->fd_read, &tio), ==, 0);
    g_assert_true(tio.c_lflag & ICANON);
    return g_strdup_printf("serial,path=%s", name);
}

static const ChardevPeerType serial_peer = { .name = "serial",
                                             .flags = PEER_INPUT | PEER_OUTPUT | PEER_BOUNDED,
                                             .prepare = serial_prepare };

/* stdio: standard input and output are pipes while the chardev is opened */

static int saved_stdio[2];

static char *stdio_prepare(ChardevPeer *peer)
{
    int in[2], out[2];

    g_assert_true(g_unix_open_pipe(in, FD_CLOEXEC, NULL));
    g_assert_true(g_unix_open_pipe(out, FD_CLOEXEC, NULL));
    saved_stdio[0] = dup(STDIN_FILENO);
    saved_stdio[1] = dup(STDOUT_FILENO);
    dup2(in[0], STDIN_FILENO);
    dup2(out[1], STDOUT_FILENO);
    close(in[0]);
    close(out[1]);
    peer->fd_write = in[1];
    peer->fd_read = out[0];
    g_unix_set_fd_nonblocking(peer->fd_read, TRUE, NULL);
    g_unix_set_fd_nonblocking(peer->fd_write, TRUE, NULL);
    return g_strdup("stdio");
}

static void stdio_connect(ChardevPeer *peer)
{
    (void)peer;
    dup2(saved_stdio[0], STDIN_FILENO);
    dup2(saved_stdio[1], STDOUT_FILENO);
    close(saved_stdio[0]);
    close(saved_stdio[1]);
}

static const ChardevPeerType stdio_peer = {
    .name = "stdio",
    .flags = PEER_INPUT | PEER_OUTPUT | PEER_CLOSES | PEER_BOUNDED,
    .prepare = stdio_prepare,
    .connect = stdio_connect,
    .leave = close_fds,
};

/* socket: unix and tcp, each as server and as client */

static socklen_t unix_address(const ChardevPeer *peer, struct sockaddr_un *un)
{
    memset(un, 0, sizeof(*un));
    un->sun_family = AF_UNIX;
    g_strlcpy(un->sun_path, peer->path, sizeof(un->sun_path));
    return sizeof(*un);
}

static socklen_t tcp_address(const ChardevPeer *peer, struct sockaddr_in *in)
{
    memset(in, 0, sizeof(*in));
    in->sin_family = AF_INET;
    in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    in->sin_port = htons(peer->port);
    return sizeof(*in);
}

static void dial(ChardevPeer *peer, int family, const void *address, socklen_t len)
{
    peer->fd_read = peer->fd_write = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_assert_cmpint(connect(peer->fd_read, address, len), ==, 0);
    g_unix_set_fd_nonblocking(peer->fd_read, TRUE, NULL);
}

static void listen_at(ChardevPeer *peer, int family, const void *address, socklen_t len)
{
    peer->fd_listen = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    g_assert_cmpint(bind(peer->fd_listen, address, len), ==, 0);
    g_assert_cmpint(listen(peer->fd_listen, 4), ==, 0);
}

static bool accepted(void *opaque)
{
    ChardevPeer *peer = opaque;

    if (peer->fd_read < 0) {
        peer->fd_read = peer->fd_write =
            accept4(peer->fd_listen, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    }
    return peer->fd_read >= 0;
}

static void accept_peer(ChardevPeer *peer)
{
    g_assert_true(chardev_run_until(accepted, peer));
}

static void leave_connection(ChardevPeer *peer)
{
    close_fds(peer);
}

static char *unix_server_prepare(ChardevPeer *peer)
{
    peer->path = g_build_filename(peer->dir, "s", NULL);
    return g_strdup_printf("socket,path=%s,server=on,wait=off", peer->path);
}

static void unix_server_connect(ChardevPeer *peer)
{
    struct sockaddr_un un;
    socklen_t len = unix_address(peer, &un);

    dial(peer, AF_UNIX, &un, len);
}

static char *unix_client_prepare(ChardevPeer *peer)
{
    struct sockaddr_un un;
    socklen_t len;

    peer->path = g_build_filename(peer->dir, "s", NULL);
    len = unix_address(peer, &un);
    listen_at(peer, AF_UNIX, &un, len);
    return g_strdup_printf("socket,path=%s,reconnect=1", peer->path);
}

static char *tcp_server_prepare(ChardevPeer *peer)
{
    (void)peer;
    return g_strdup("socket,host=127.0.0.1,port=0,server=on,wait=off,nodelay=on");
}

/* Connects to where the chardev's file name, which begins with @prefix, says that it listens. */
static void inet_server_connect(ChardevPeer *peer, const char *prefix)
{
    struct sockaddr_in in;
    socklen_t len;

    if (!peer->port) {
        g_autofree char *filename = object_property_get_str(OBJECT(peer->chr), "filename", NULL);

        g_assert_true(g_str_has_prefix(filename, prefix));
        g_assert_true(g_str_has_suffix(filename, ",server=on"));
        peer->port = atoi(filename + strlen(prefix));
        g_assert_cmpint(peer->port, >, 0);
    }
    len = tcp_address(peer, &in);
    dial(peer, AF_INET, &in, len);
}

static void tcp_server_connect(ChardevPeer *peer)
{
    inet_server_connect(peer, "disconnected:tcp:127.0.0.1:");
}

/* telnet: as the tcp server, but for a greeting, and 0xff, of which two make one */

static char *telnet_prepare(ChardevPeer *peer)
{
    (void)peer;
    return g_strdup("socket,host=127.0.0.1,port=0,server=on,wait=off,telnet=on");
}

static void telnet_connect(ChardevPeer *peer)
{
    inet_server_connect(peer, "disconnected:telnet:127.0.0.1:");
    peer->greeting = sizeof(telnet_greeting);
}

static size_t telnet_write(ChardevPeer *peer, const uint8_t *buf, size_t len)
{
    const uint8_t *iac = memchr(buf, 0xff, len);
    size_t plain = iac ? (size_t)(iac - buf) : len;
    ssize_t n;

    if (plain) {
        n = write(peer->fd_write, buf, plain);
        return n > 0 ? n : 0;
    }
    if (write(peer->fd_write, "\xff", 1) != 1) {
        return 0;
    }
    while (write(peer->fd_write, "\xff", 1) != 1) {
        g_assert_cmpint(errno, ==, EAGAIN);
        chardev_run_idle();
    }
    return 1;
}

static size_t telnet_read(ChardevPeer *peer, uint8_t *buf, size_t len)
{
    uint8_t said[sizeof(telnet_greeting)];
    ssize_t n;

    while (peer->greeting) {
        n = read(peer->fd_read, said, peer->greeting);
        if (n <= 0) {
            return 0;
        }
        g_assert_cmpmem(said, n, telnet_greeting + sizeof(said) - peer->greeting, n);
        peer->greeting -= n;
    }
    n = read(peer->fd_read, buf, len);
    return n > 0 ? n : 0;
}

static char *tcp_client_prepare(ChardevPeer *peer)
{
    struct sockaddr_in in;
    socklen_t len = tcp_address(peer, &in);

    listen_at(peer, AF_INET, &in, len);
    g_assert_cmpint(getsockname(peer->fd_listen, (struct sockaddr *)&in, &len), ==, 0);
    peer->port = ntohs(in.sin_port);
    return g_strdup_printf("socket,host=127.0.0.1,port=%d,reconnect=1", peer->port);
}

#define SOCKET_FLAGS                                                                               \
    (PEER_INPUT | PEER_OUTPUT | PEER_OPENS | PEER_CLOSES | PEER_RETURNS | PEER_BOUNDED)

static const ChardevPeerType unix_server_peer = { .name = "socket-unix-server",
                                                  .flags = SOCKET_FLAGS,
                                                  .prepare = unix_server_prepare,
                                                  .connect = unix_server_connect,
                                                  .leave = leave_connection };
static const ChardevPeerType unix_client_peer = { .name = "socket-unix-client",
                                                  .flags = SOCKET_FLAGS,
                                                  .prepare = unix_client_prepare,
                                                  .connect = accept_peer,
                                                  .leave = leave_connection };
static const ChardevPeerType tcp_server_peer = { .name = "socket-tcp-server",
                                                 .flags = SOCKET_FLAGS,
                                                 .prepare = tcp_server_prepare,
                                                 .connect = tcp_server_connect,
                                                 .leave = leave_connection };
static const ChardevPeerType telnet_peer = { .name = "socket-telnet-server",
                                             .flags = SOCKET_FLAGS,
                                             .prepare = telnet_prepare,
                                             .connect = telnet_connect,
                                             .leave = leave_connection,
                                             .write = telnet_write,
                                             .read = telnet_read };
static const ChardevPeerType tcp_client_peer = { .name = "socket-tcp-client",
                                                 .flags = SOCKET_FLAGS,
                                                 .prepare = tcp_client_prepare,
                                                 .connect = accept_peer,
                                                 .leave = leave_connection };

/* udp */

static char *udp_prepare(ChardevPeer *peer)
{
    struct sockaddr_in in;
    socklen_t len = tcp_address(peer, &in);
    int spare = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int local;

    /* A free port for the chardev's side: bind one, see its number, give it back. */
    g_assert_cmpint(bind(spare, (struct sockaddr *)&in, len), ==, 0);
    g_assert_cmpint(getsockname(spare, (struct sockaddr *)&in, &len), ==, 0);
    local = ntohs(in.sin_port);
    peer->fd_read = peer->fd_write = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    in.sin_port = 0;
    g_assert_cmpint(bind(peer->fd_read, (struct sockaddr *)&in, len), ==, 0);
    in.sin_port = htons(local);
    g_assert_cmpint(connect(peer->fd_read, (struct sockaddr *)&in, len), ==, 0);
    g_assert_cmpint(getsockname(peer->fd_read, (struct sockaddr *)&in, &len), ==, 0);
    close(spare);
    return g_strdup_printf("udp,host=127.0.0.1,port=%d,localaddr=127.0.0.1,localport=%d",
                           ntohs(in.sin_port), local);
}

static const ChardevPeerType udp_peer = { .name = "udp",
                                          .flags = PEER_INPUT | PEER_OUTPUT | PEER_DATAGRAMS,
                                          .prepare = udp_prepare };

/* rpc */

static char *rpc_prepare(ChardevPeer *peer)
{
    (void)peer;
    return g_strdup("rpc,size=1000,open=off");
}

static void rpc_connect(ChardevPeer *peer)
{
    rpc_chardev_set_open(peer->chr, true);
}

static void rpc_leave(ChardevPeer *peer)
{
    rpc_chardev_set_open(peer->chr, false);
}

static size_t rpc_peer_write(ChardevPeer *peer, const uint8_t *buf, size_t len)
{
    return rpc_chardev_write(peer->chr, buf, len);
}

static size_t rpc_peer_read(ChardevPeer *peer, uint8_t *buf, size_t len)
{
    return rpc_chardev_read(peer->chr, buf, len);
}

static const ChardevPeerType rpc_peer = { .name = "rpc",
                                          .flags = SOCKET_FLAGS,
                                          .prepare = rpc_prepare,
                                          .connect = rpc_connect,
                                          .leave = rpc_leave,
                                          .write = rpc_peer_write,
                                          .read = rpc_peer_read };

/* mux: one front end of it, over an rpc chardev */

static char *mux_prepare(ChardevPeer *peer)
{
    (void)peer;
    return g_strdup("rpc,size=1000,open=off,mux=on");
}

static Chardev *mux_base(ChardevPeer *peer)
{
    return chardev_find(peer->root, "c-base");
}

static void mux_connect(ChardevPeer *peer)
{
    rpc_chardev_set_open(mux_base(peer), true);
}

static void mux_leave(ChardevPeer *peer)
{
    rpc_chardev_set_open(mux_base(peer), false);
}

static size_t mux_peer_write(ChardevPeer *peer, const uint8_t *buf, size_t len)
{
    return rpc_chardev_write(mux_base(peer), buf, len);
}

static size_t mux_peer_read(ChardevPeer *peer, uint8_t *buf, size_t len)
{
    return rpc_chardev_read(mux_base(peer), buf, len);
}

static const ChardevPeerType mux_peer = { .name = "mux",
                                          .flags = SOCKET_FLAGS | PEER_SHARED,
                                          .prepare = mux_prepare,
                                          .connect = mux_connect,
                                          .leave = mux_leave,
                                          .write = mux_peer_write,
                                          .read = mux_peer_read };

const ChardevPeerType *const chardev_peer_types[] = {
    &null_peer,        &ringbuf_peer,    &file_peer,       &pipe_peer,
    &pty_peer,         &serial_peer,     &stdio_peer,      &unix_server_peer,
    &unix_client_peer, &tcp_server_peer, &tcp_client_peer, &telnet_peer,
    &udp_peer,         &rpc_peer,        &mux_peer,        NULL,
};

ChardevPeer *chardev_peer_new(const ChardevPeerType *type, const char *extra)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *options = NULL;
    g_autofree char *text = NULL;
    ChardevPeer *peer = g_new0(ChardevPeer, 1);

    peer->type = type;
    peer->fd_read = peer->fd_write = peer->fd_listen = -1;
    peer->dir = g_dir_make_tmp("qosim-chardev-XXXXXX", &error);
    g_assert_no_error(error);
    peer->root = object_new_root();
    options = type->prepare(peer);
    text = g_strdup_printf("%s,id=c%s", options, extra ? extra : "");
    peer->chr = chardev_add_str(peer->root, text, true, &error);
    g_assert_no_error(error);
    g_assert_nonnull(peer->chr);
    if (type->connect) {
        type->connect(peer);
    }
    return peer;
}

static void remove_dir(const char *path)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *file = g_build_filename(path, name, NULL);

        g_unlink(file);
    }
    g_rmdir(path);
}

void chardev_peer_free(ChardevPeer *peer)
{
    object_unref(peer->root);
    close_fds(peer);
    if (peer->fd_listen >= 0) {
        close(peer->fd_listen);
    }
    remove_dir(peer->dir);
    g_free(peer->dir);
    g_free(peer->path);
    g_free(peer);
}

size_t chardev_peer_write(ChardevPeer *peer, const uint8_t *buf, size_t len)
{
    ssize_t n;

    if (peer->type->write) {
        return peer->type->write(peer, buf, len);
    }
    n = write(peer->fd_write, buf, len);
    g_assert_true(n >= 0 || errno == EAGAIN);
    return n > 0 ? n : 0;
}

size_t chardev_peer_read(ChardevPeer *peer, uint8_t *buf, size_t len)
{
    ssize_t n;

    if (peer->type->read) {
        return peer->type->read(peer, buf, len);
    }
    n = read(peer->fd_read, buf, len);
    return n > 0 ? n : 0;
}
