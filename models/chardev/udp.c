/* chardev-udp: each write is one datagram to a fixed peer; datagrams that come in are the input. */
#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <glib-unix.h>

#include "models/chardev/chardev_fd.h"
#include "models/chardev/chardev_fe.h"
#include "qom/error.h"

#define TYPE_CHARDEV_UDP "chardev-udp"
OBJECT_DECLARE_SIMPLE_TYPE(UdpChardev, CHARDEV_UDP)

#define UDP_MAX_DATAGRAM 65536

struct UdpChardev {
    Chardev parent_obj;

    int fd; /* connected; -1: none */
    GSource *in_source;
    /* The rest of a datagram that the front end had no room for. */
    uint8_t pending[UDP_MAX_DATAGRAM];
    size_t pending_len;
    size_t pending_pos;
};

static const ChardevOption udp_options[] = {
    { "host", CHARDEV_OPTION_STRING, "where datagrams go (default localhost)" },
    { "port", CHARDEV_OPTION_STRING, "port or service there" },
    { "localaddr", CHARDEV_OPTION_STRING, "address to receive at" },
    { "localport", CHARDEV_OPTION_STRING, "port to receive at (default: any)" },
    { "ipv4", CHARDEV_OPTION_BOOL, "use IPv4" },
    { "ipv6", CHARDEV_OPTION_BOOL, "use IPv6" },
    { NULL, CHARDEV_OPTION_STRING, NULL },
};

static int wanted_family(const ChardevOptions *options)
{
    bool v4 = chardev_options_bool(options, "ipv4", !chardev_options_bool(options, "ipv6", false));
    bool v6 = chardev_options_bool(options, "ipv6", !chardev_options_bool(options, "ipv4", false));

    return v4 && !v6 ? AF_INET : v6 && !v4 ? AF_INET6 : AF_UNSPEC;
}

static struct addrinfo *resolve(const char *host, const char *port, int family, int flags,
                                GError **error)
{
    struct addrinfo hints = { .ai_family = family, .ai_socktype = SOCK_DGRAM, .ai_flags = flags };
    struct addrinfo *list = NULL;
    int err = getaddrinfo(host, port, &hints, &list);

    if (err) {
        qom_error_set(error, "address resolution failed for %s:%s: %s", host ? host : "", port,
                      gai_strerror(err));
        return NULL;
    }
    return list;
}

/* Binds and connects @fd; false with errno in the text. */
static bool connect_socket(int fd, const struct addrinfo *peer, const struct addrinfo *local,
                           GError **error)
{
    if (local && bind(fd, local->ai_addr, local->ai_addrlen) < 0) {
        return qom_error_set(error, "Failed to bind socket: %s", g_strerror(errno));
    }
    if (connect(fd, peer->ai_addr, peer->ai_addrlen) < 0) {
        return qom_error_set(error, "Failed to connect socket: %s", g_strerror(errno));
    }
    return true;
}

static bool udp_open(Chardev *chr, const ChardevOptions *options, bool *be_opened, GError **error)
{
    UdpChardev *udp = CHARDEV_UDP(chr);
    const char *host = chardev_options_str(options, "host", NULL);
    const char *port = chardev_options_str(options, "port", NULL);
    const char *localaddr = chardev_options_str(options, "localaddr", NULL);
    const char *localport = chardev_options_str(options, "localport", NULL);
    struct addrinfo *peer, *local = NULL;
    bool ok = true;

    *be_opened = false;
    if (!port || !*port) {
        return qom_error_set(error, "chardev: udp: remote port not specified");
    }
    peer = resolve(host && *host ? host : "localhost", port, wanted_family(options), 0, error);
    if (!peer) {
        return false;
    }
    if (localaddr || localport) {
        local = resolve(localaddr && *localaddr ? localaddr : NULL, localport ? localport : "0",
                        peer->ai_family, AI_PASSIVE, error);
        ok = local != NULL;
    }
    if (ok) {
        udp->fd = socket(peer->ai_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        ok = udp->fd >= 0 ? connect_socket(udp->fd, peer, local, error)
                          : qom_error_set(error, "Failed to create socket: %s", g_strerror(errno));
    }
    freeaddrinfo(peer);
    if (local) {
        freeaddrinfo(local);
    }
    return ok;
}

static int udp_write(Chardev *chr, const uint8_t *buf, int len)
{
    return chardev_fd_write(CHARDEV_UDP(chr)->fd, buf, len);
}

static GSource *udp_add_watch(Chardev *chr, GIOCondition cond)
{
    return g_unix_fd_source_new(CHARDEV_UDP(chr)->fd, cond);
}

/* Hands over what is left of the last datagram, as far as there is room. */
static void udp_flush_pending(UdpChardev *udp)
{
    while (udp->pending_pos < udp->pending_len) {
        int room = qemu_chr_be_can_write(CHARDEV(udp));
        size_t n = MIN((size_t)MAX(room, 0), udp->pending_len - udp->pending_pos);

        if (!n) {
            return;
        }
        udp->pending_pos += n;
        qemu_chr_be_write(CHARDEV(udp), udp->pending + udp->pending_pos - n, (int)n);
    }
}

static bool udp_ready(Chardev *chr, GIOCondition cond)
{
    UdpChardev *udp = CHARDEV_UDP(chr);
    ssize_t n;

    (void)cond;
    udp_flush_pending(udp);
    if (udp->pending_pos < udp->pending_len) {
        return true;
    }
    n = recv(udp->fd, udp->pending, sizeof(udp->pending), 0);
    if (n > 0) {
        udp->pending_pos = 0;
        udp->pending_len = n;
        udp_flush_pending(udp);
    }
    return true; /* a refused datagram of ours shows as an error here; the next one may arrive */
}

static void udp_accept_input(Chardev *chr)
{
    udp_flush_pending(CHARDEV_UDP(chr));
}

static void udp_update_read_handler(Chardev *chr)
{
    UdpChardev *udp = CHARDEV_UDP(chr);

    chardev_clear_source(&udp->in_source);
    if (chr->fe && chr->fe->read) {
        udp->in_source = chardev_add_read_source(chr, udp->fd, udp_ready);
    }
}

static void udp_init(Object *obj)
{
    CHARDEV_UDP(obj)->fd = -1;
}

static void udp_finalize(Object *obj)
{
    UdpChardev *udp = CHARDEV_UDP(obj);

    chardev_clear_source(&udp->in_source);
    if (udp->fd >= 0) {
        close(udp->fd);
    }
}

static void udp_class_init(ObjectClass *oc, void *data)
{
    ChardevClass *cc = CHARDEV_CLASS(oc);

    (void)data;
    cc->summary = "datagrams to and from a peer";
    cc->options = udp_options;
    cc->open = udp_open;
    cc->chr_write = udp_write;
    cc->chr_add_watch = udp_add_watch;
    cc->chr_update_read_handler = udp_update_read_handler;
    cc->chr_accept_input = udp_accept_input;
}

static const TypeInfo udp_info = {
    .name = TYPE_CHARDEV_UDP,
    .parent = TYPE_CHARDEV,
    .instance_size = sizeof(UdpChardev),
    .instance_init = udp_init,
    .instance_finalize = udp_finalize,
    .class_init = udp_class_init,
};

static void udp_register_types(void)
{
    type_register_static(&udp_info);
}
type_init(udp_register_types)
