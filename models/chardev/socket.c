/* chardev-socket: a stream socket, as server for one client at a time or as client that may try again and again. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <glib-unix.h>

#include "models/chardev/chardev_fd.h"
#include "models/chardev/chardev_fe.h"
#include "models/chardev/socket_address.h"
#include "models/chardev/telnet.h"
#include "qom/error.h"

#define TYPE_CHARDEV_SOCKET "chardev-socket"
OBJECT_DECLARE_SIMPLE_TYPE(SocketChardev, CHARDEV_SOCKET)

#define SOCKET_READ_CHUNK 4096
/* How long a client without `reconnect` waits for its first connection. */
#define SOCKET_CONNECT_MS 10000

typedef enum SocketState { SOCKET_DISCONNECTED, SOCKET_CONNECTING, SOCKET_CONNECTED } SocketState;

struct SocketChardev {
    Chardev parent_obj;

    /* Options */
    SocketAddress *address;
    bool server;
    bool telnet;
    bool nodelay;
    unsigned reconnect; /* seconds; 0: never */

    /* State */
    SocketState state;
    int listen_fd;
    int fd; /* the connection, or the attempt at one */
    GSource *listen_source;
    GSource *in_source;
    GSource
        *hup_source; /* sees the peer leave while the front end has no room and nothing is read */
    GSource *connect_source;
    GSource *reconnect_timer;
    TelnetState telnet_state;
};

static const ChardevOption socket_options[] = {
    { "path", CHARDEV_OPTION_STRING, "unix socket" },
    { "host", CHARDEV_OPTION_STRING, "TCP host" },
    { "port", CHARDEV_OPTION_STRING, "TCP port or service" },
    { "to", CHARDEV_OPTION_NUMBER, "server: last port to try" },
    { "ipv4", CHARDEV_OPTION_BOOL, "use IPv4" },
    { "ipv6", CHARDEV_OPTION_BOOL, "use IPv6" },
    { "fd", CHARDEV_OPTION_STRING, "a descriptor that the server was started with" },
    { "abstract", CHARDEV_OPTION_BOOL, "unix: a name in the abstract namespace" },
    { "tight", CHARDEV_OPTION_BOOL, "unix: an abstract name of just its own length (default on)" },
    { "server", CHARDEV_OPTION_BOOL, "wait for clients (default off)" },
    { "wait", CHARDEV_OPTION_BOOL,
      "server: wait for a client before going on (default on, off at run time)" },
    { "nodelay", CHARDEV_OPTION_BOOL, "TCP: send at once (default off)" },
    { "delay", CHARDEV_OPTION_BOOL, "TCP: the opposite of nodelay" },
    { "reconnect", CHARDEV_OPTION_NUMBER,
      "client: try again after so many seconds (default 0: never)" },
    { "telnet", CHARDEV_OPTION_BOOL, "speak telnet (default off)" },
    { NULL, CHARDEV_OPTION_STRING, NULL },
};

static void start_connecting(SocketChardev *s);
static void disconnect_peer(SocketChardev *s);

static void update_filename(SocketChardev *s)
{
    Chardev *chr = CHARDEV(s);
    g_autofree char *address = socket_address_to_string(s->address, s->telnet);
    g_autofree char *peer =
        s->state == SOCKET_CONNECTED ? socket_peer_to_string(s->fd) : g_strdup("");

    g_free(chr->filename);
    chr->filename =
        g_strdup_printf("%s%s%s%s", s->state == SOCKET_CONNECTED ? "" : "disconnected:", address,
                        s->server ? ",server=on" : "", peer);
}

static void close_connection(SocketChardev *s)
{
    chardev_clear_source(&s->in_source);
    chardev_clear_source(&s->hup_source);
    chardev_clear_source(&s->connect_source);
    if (s->fd >= 0) {
        close(s->fd);
        s->fd = -1;
    }
    s->state = SOCKET_DISCONNECTED;
}

static void watch_for_hup(SocketChardev *s);

static bool socket_ready(Chardev *chr, GIOCondition cond)
{
    SocketChardev *s = CHARDEV_SOCKET(chr);
    uint8_t buf[SOCKET_READ_CHUNK];
    int room = qemu_chr_be_can_write(chr);
    unsigned breaks = 0;
    ssize_t n;

    (void)cond;
    if (room <= 0) {
        return true;
    }
    n = recv(s->fd, buf, MIN(room, SOCKET_READ_CHUNK), 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return true;
    }
    if (n <= 0) {
        disconnect_peer(s);
        return false;
    }
    if (s->telnet) {
        n = (ssize_t)telnet_filter(&s->telnet_state, buf, n, &breaks);
    }
    if (!s->hup_source) {
        /* These may have been its last words, and there may be no room to see that by. */
        watch_for_hup(s);
    }
    qemu_chr_be_write(chr, buf, (int)n);
    for (unsigned i = 0; i < breaks; i++) {
        qemu_chr_be_event(chr, CHR_EVENT_BREAK);
    }
    return true;
}

/* Nobody reads (no front end, or one without room): a peer that left would go unseen, and block the next one. */
static gboolean socket_hup(int fd, GIOCondition cond, gpointer opaque)
{
    SocketChardev *s = opaque;
    uint8_t byte;

    (void)cond;
    if (recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0) {
        /* It left its last words: they are read before its end is seen. */
        chardev_clear_source(&s->hup_source);
        return G_SOURCE_REMOVE;
    }
    disconnect_peer(s);
    return G_SOURCE_REMOVE;
}

static void watch_for_hup(SocketChardev *s)
{
    s->hup_source = g_unix_fd_source_new(s->fd, G_IO_HUP | G_IO_ERR);
    g_source_set_callback(s->hup_source, G_SOURCE_FUNC(socket_hup), s, NULL);
    g_source_attach(s->hup_source, CHARDEV(s)->context);
}

static void socket_update_read_handler(Chardev *chr)
{
    SocketChardev *s = CHARDEV_SOCKET(chr);

    chardev_clear_source(&s->in_source);
    if (s->state == SOCKET_CONNECTED && chr->fe && chr->fe->read) {
        s->in_source = chardev_add_read_source(chr, s->fd, socket_ready);
    }
}

static void set_connected(SocketChardev *s)
{
    Chardev *chr = CHARDEV(s);
    int one = 1;

    s->state = SOCKET_CONNECTED;
    if (s->nodelay && s->address->kind == SOCKET_ADDRESS_INET) {
        setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    }
    memset(&s->telnet_state, 0, sizeof(s->telnet_state));
    if (s->telnet && s->server) {
        send(s->fd, telnet_greeting, sizeof(telnet_greeting), MSG_NOSIGNAL);
    }
    update_filename(s);
    watch_for_hup(s);
    socket_update_read_handler(chr);
    qemu_chr_be_event(chr, CHR_EVENT_OPENED);
}

/* The server's side. */

static void start_listening(SocketChardev *s);

static gboolean socket_accept(int listen_fd, GIOCondition cond, gpointer opaque)
{
    SocketChardev *s = opaque;
    int fd = accept4(listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    (void)cond;
    if (fd < 0) {
        return G_SOURCE_CONTINUE;
    }
    /* One client at a time: the next one waits in the kernel's queue. */
    chardev_clear_source(&s->listen_source);
    s->fd = fd;
    set_connected(s);
    return G_SOURCE_REMOVE;
}

static void start_listening(SocketChardev *s)
{
    s->listen_source = g_unix_fd_source_new(s->listen_fd, G_IO_IN);
    g_source_set_callback(s->listen_source, G_SOURCE_FUNC(socket_accept), s, NULL);
    g_source_attach(s->listen_source, CHARDEV(s)->context);
}

static bool wait_for_client(SocketChardev *s, GError **error)
{
    struct pollfd pfd = { .fd = s->listen_fd, .events = POLLIN };

    fprintf(stderr, "QEMU waiting for connection on: %s\n", CHARDEV(s)->filename);
    while (s->state != SOCKET_CONNECTED) {
        if (poll(&pfd, 1, -1) < 0 && errno != EINTR) {
            return qom_error_set(error, "Failed to accept a connection: %s", g_strerror(errno));
        }
        socket_accept(s->listen_fd, G_IO_IN, s);
    }
    return true;
}

/* The client's side. */

static gboolean reconnect_timer(gpointer opaque)
{
    SocketChardev *s = opaque;

    chardev_clear_source(&s->reconnect_timer);
    start_connecting(s);
    return G_SOURCE_REMOVE;
}

static void start_reconnect_timer(SocketChardev *s)
{
    chardev_clear_source(&s->reconnect_timer);
    s->reconnect_timer = g_timeout_source_new_seconds(s->reconnect);
    g_source_set_callback(s->reconnect_timer, reconnect_timer, s, NULL);
    g_source_attach(s->reconnect_timer, CHARDEV(s)->context);
}

static gboolean connect_decided(int fd, GIOCondition cond, gpointer opaque)
{
    SocketChardev *s = opaque;

    (void)cond;
    chardev_clear_source(&s->connect_source);
    if (socket_connect_result(fd) == 0) {
        set_connected(s);
    } else {
        close_connection(s);
        start_reconnect_timer(s);
    }
    return G_SOURCE_REMOVE;
}

static void start_connecting(SocketChardev *s)
{
    s->fd = socket_address_connect(s->address, NULL);
    if (s->fd < 0) {
        start_reconnect_timer(s);
        return;
    }
    s->state = SOCKET_CONNECTING;
    s->connect_source = g_unix_fd_source_new(s->fd, G_IO_OUT | G_IO_ERR | G_IO_HUP);
    g_source_set_callback(s->connect_source, G_SOURCE_FUNC(connect_decided), s, NULL);
    g_source_attach(s->connect_source, CHARDEV(s)->context);
}

static bool connect_now(SocketChardev *s, GError **error)
{
    struct pollfd pfd = { .events = POLLOUT };
    int err;

    s->fd = socket_address_connect(s->address, error);
    if (s->fd < 0) {
        return false;
    }
    pfd.fd = s->fd;
    err = poll(&pfd, 1, SOCKET_CONNECT_MS) == 1 ? socket_connect_result(s->fd) : ETIMEDOUT;
    if (err) {
        g_autofree char *name = socket_address_to_string(s->address, s->telnet);

        return qom_error_set(error, "Failed to connect to '%s': %s", name, g_strerror(err));
    }
    set_connected(s);
    return true;
}

static void disconnect_peer(SocketChardev *s)
{
    bool was_connected = s->state == SOCKET_CONNECTED;

    close_connection(s);
    update_filename(s);
    if (s->server) {
        if (!s->listen_source && s->listen_fd >= 0) {
            start_listening(s);
        }
    } else if (s->reconnect) {
        start_reconnect_timer(s);
    }
    if (was_connected) {
        qemu_chr_be_event(CHARDEV(s), CHR_EVENT_CLOSED);
    }
}

static void socket_disconnect(Chardev *chr)
{
    SocketChardev *s = CHARDEV_SOCKET(chr);

    if (s->state == SOCKET_CONNECTED) {
        disconnect_peer(s);
    }
}

static int socket_write(Chardev *chr, const uint8_t *buf, int len)
{
    SocketChardev *s = CHARDEV_SOCKET(chr);
    ssize_t n;

    if (s->state != SOCKET_CONNECTED) {
        errno = EIO;
        return -1;
    }
    do {
        n = send(s->fd, buf, len, MSG_NOSIGNAL);
    } while (n < 0 && errno == EINTR);
    /* A broken connection is noticed by its reader, which first gets what the peer sent before it left. */
    return (int)n;
}

static GSource *socket_add_watch(Chardev *chr, GIOCondition cond)
{
    SocketChardev *s = CHARDEV_SOCKET(chr);

    return s->state == SOCKET_CONNECTED ? g_unix_fd_source_new(s->fd, cond) : NULL;
}

static bool check_options(const ChardevOptions *options, bool server, GError **error)
{
    if (chardev_options_has(options, "delay") && chardev_options_has(options, "nodelay")) {
        return qom_error_set(error, "'delay' and 'nodelay' are mutually exclusive");
    }
    if (server && chardev_options_number(options, "reconnect", 0)) {
        return qom_error_set(
            error, "'reconnect' option is incompatible with socket in server listen mode");
    }
    if (!server && chardev_options_has(options, "wait")) {
        return qom_error_set(error,
                             "'wait' option is incompatible with socket in client connect mode");
    }
    if (!chardev_options_may_wait(options) && chardev_options_bool(options, "wait", false)) {
        return qom_error_set(error, "'wait' option is only possible on the command line");
    }
    return true;
}

static bool open_server(SocketChardev *s, bool wait, GError **error)
{
    s->listen_fd = socket_address_listen(s->address, error);
    if (s->listen_fd < 0) {
        return false;
    }
    update_filename(s);
    if (wait) {
        return wait_for_client(s, error);
    }
    start_listening(s);
    return true;
}

static bool socket_open(Chardev *chr, const ChardevOptions *options, bool *be_opened,
                        GError **error)
{
    SocketChardev *s = CHARDEV_SOCKET(chr);
    bool wait = chardev_options_bool(options, "wait", chardev_options_may_wait(options));

    *be_opened = false; /* set_connected() says when it is */
    s->server = chardev_options_bool(options, "server", false);
    s->telnet = chardev_options_bool(options, "telnet", false);
    s->nodelay =
        chardev_options_bool(options, "nodelay", !chardev_options_bool(options, "delay", true));
    s->reconnect = (unsigned)MIN(chardev_options_number(options, "reconnect", 0), G_MAXINT / 1000);
    if (!check_options(options, s->server, error)) {
        return false;
    }
    s->address = socket_address_from_options(options, error);
    if (!s->address) {
        return false;
    }
    update_filename(s);
    if (s->server) {
        return open_server(s, wait, error);
    }
    if (s->reconnect) {
        start_connecting(s);
        return true;
    }
    return connect_now(s, error);
}

static bool get_connected(Object *obj, GError **error)
{
    (void)error;
    return CHARDEV_SOCKET(obj)->state == SOCKET_CONNECTED;
}

static void socket_init(Object *obj)
{
    SocketChardev *s = CHARDEV_SOCKET(obj);

    s->listen_fd = -1;
    s->fd = -1;
}

static void socket_finalize(Object *obj)
{
    SocketChardev *s = CHARDEV_SOCKET(obj);

    close_connection(s);
    chardev_clear_source(&s->listen_source);
    chardev_clear_source(&s->reconnect_timer);
    if (s->listen_fd >= 0) {
        close(s->listen_fd);
        if (s->address->kind == SOCKET_ADDRESS_UNIX && !s->address->abstract) {
            unlink(s->address->path);
        }
    }
    g_clear_pointer(&s->address, socket_address_free);
}

static void socket_class_init(ObjectClass *oc, void *data)
{
    ChardevClass *cc = CHARDEV_CLASS(oc);

    (void)data;
    cc->summary = "a unix or TCP socket, as server or client";
    cc->options = socket_options;
    cc->open = socket_open;
    cc->chr_write = socket_write;
    cc->chr_add_watch = socket_add_watch;
    cc->chr_update_read_handler = socket_update_read_handler;
    cc->chr_disconnect = socket_disconnect;
    object_class_property_add_bool(oc, "connected", get_connected, NULL);
}

static const TypeInfo socket_info = {
    .name = TYPE_CHARDEV_SOCKET,
    .parent = TYPE_CHARDEV,
    .instance_size = sizeof(SocketChardev),
    .instance_init = socket_init,
    .instance_finalize = socket_finalize,
    .class_init = socket_class_init,
};

static void socket_register_types(void)
{
    type_register_static(&socket_info);
}
type_init(socket_register_types)
