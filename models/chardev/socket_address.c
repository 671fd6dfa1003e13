#include "models/chardev/socket_address.h"

#include <errno.h>
#include <netdb.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <glib-unix.h>

#include "qom/error.h"

#define SOCKET_FLAGS (SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC)

static bool parse_fd(const char *text, int *fd, GError **error)
{
    guint64 number;
    socklen_t len = sizeof(int);
    int type;

    if (!g_ascii_string_to_unsigned(text, 10, 0, G_MAXINT, &number, NULL)) {
        return qom_error_set(error, "Unable to parse FD number %s", text);
    }
    *fd = (int)number;
    if (getsockopt(*fd, SOL_SOCKET, SO_TYPE, &type, &len) < 0 || type != SOCK_STREAM) {
        return qom_error_set(error, "File descriptor '%s' is not a stream socket", text);
    }
    return true;
}

static bool set_inet(SocketAddress *address, const ChardevOptions *options, GError **error)
{
    const char *host = chardev_options_str(options, "host", NULL);
    const char *port = chardev_options_str(options, "port", NULL);
    bool v4 = chardev_options_bool(options, "ipv4", false);
    bool v6 = chardev_options_bool(options, "ipv6", false);

    if (!port || !*port) {
        return qom_error_set(error, "chardev: socket: no port given");
    }
    address->kind = SOCKET_ADDRESS_INET;
    address->host = host && *host ? g_strdup(host) : NULL;
    address->port = g_strdup(port);
    address->to = (unsigned)MIN(chardev_options_number(options, "to", 0), 65535);
    address->family = v4 == v6 ? AF_UNSPEC : v4 ? AF_INET : AF_INET6;
    return true;
}

static bool set_unix(SocketAddress *address, const ChardevOptions *options, const char *path,
                     GError **error)
{
    address->kind = SOCKET_ADDRESS_UNIX;
    address->path = g_strdup(path);
    address->abstract = chardev_options_bool(options, "abstract", false);
    address->tight = chardev_options_bool(options, "tight", true);
    if (strlen(path) + (address->abstract ? 1 : 0) >= sizeof(((struct sockaddr_un *)0)->sun_path)) {
        return qom_error_set(error,
                             "UNIX socket path '%s' is too long; it must be less than %zu bytes",
                             path, sizeof(((struct sockaddr_un *)0)->sun_path));
    }
    return true;
}

SocketAddress *socket_address_from_options(const ChardevOptions *options, GError **error)
{
    g_autoptr(SocketAddress) address = g_new0(SocketAddress, 1);
    const char *path = chardev_options_str(options, "path", NULL);
    const char *fd = chardev_options_str(options, "fd", NULL);
    bool ok;

    address->fd = -1;
    if ((path != NULL) + (fd != NULL) + chardev_options_has(options, "host") > 1) {
        qom_error_set(error, "None or one of 'path', 'fd' or 'host' option required.");
        return NULL;
    }
    if (path) {
        ok = set_unix(address, options, path, error);
    } else if (fd) {
        address->kind = SOCKET_ADDRESS_FD;
        ok = parse_fd(fd, &address->fd, error);
    } else {
        ok = set_inet(address, options, error);
    }
    return ok ? g_steal_pointer(&address) : NULL;
}

void socket_address_free(SocketAddress *address)
{
    g_free(address->host);
    g_free(address->port);
    g_free(address->path);
    g_free(address);
}

char *socket_address_to_string(const SocketAddress *address, bool telnet)
{
    switch (address->kind) {
    case SOCKET_ADDRESS_UNIX:
        return g_strdup_printf("unix:%s%s", address->path, address->abstract ? ",abstract=on" : "");
    case SOCKET_ADDRESS_FD:
        return g_strdup_printf("fd:%d", address->fd);
    default:
        return g_strdup_printf("%s:%s:%s", telnet ? "telnet" : "tcp",
                               address->host ? address->host : "", address->port);
    }
}

static socklen_t fill_unix(const SocketAddress *address, struct sockaddr_un *un)
{
    size_t len = strlen(address->path);
    size_t offset = address->abstract ? 1 : 0;

    memset(un, 0, sizeof(*un));
    un->sun_family = AF_UNIX;
    memcpy(un->sun_path + offset, address->path, len);
    if (address->abstract && !address->tight) {
        return sizeof(*un);
    }
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + offset + len +
                       (address->abstract ? 0 : 1));
}

/* Binds and listens on @fd, which is closed on failure; -1 and errno then. */
static int bind_and_listen(int fd, const struct sockaddr *addr, socklen_t len)
{
    if (bind(fd, addr, len) < 0 || listen(fd, 1) < 0) {
        int err = errno;

        close(fd);
        errno = err;
        return -1;
    }
    return fd;
}

/* A socket file whose server is gone is in the way of the next one; one that answers is not ours to remove. */
static void remove_stale_socket(const struct sockaddr_un *un, socklen_t len)
{
    int fd = socket(AF_UNIX, SOCKET_FLAGS, 0);

    if (fd >= 0 && connect(fd, (const struct sockaddr *)un, len) < 0 && errno == ECONNREFUSED) {
        unlink(un->sun_path);
    }
    if (fd >= 0) {
        close(fd);
    }
}

static int listen_unix(const SocketAddress *address, GError **error)
{
    struct sockaddr_un un;
    socklen_t len = fill_unix(address, &un);
    int fd = socket(AF_UNIX, SOCKET_FLAGS, 0);

    if (!address->abstract) {
        remove_stale_socket(&un, len);
    }
    if (fd >= 0) {
        fd = bind_and_listen(fd, (struct sockaddr *)&un, len);
    }
    if (fd < 0) {
        qom_error_set(error, "Failed to bind socket to %s: %s", address->path, g_strerror(errno));
    }
    return fd;
}

static struct addrinfo *resolve(const SocketAddress *address, const char *port, bool passive,
                                GError **error)
{
    struct addrinfo hints = { .ai_family = address->family, .ai_socktype = SOCK_STREAM };
    struct addrinfo *list = NULL;
    const char *host = address->host ? address->host : passive ? NULL : "localhost";
    int err;

    hints.ai_flags = passive ? AI_PASSIVE : 0;
    err = getaddrinfo(host, port, &hints, &list);
    if (err) {
        qom_error_set(error, "address resolution failed for %s:%s: %s", host ? host : "", port,
                      gai_strerror(err));
        return NULL;
    }
    return list;
}

static int listen_port(const SocketAddress *address, const char *port, GError **error)
{
    struct addrinfo *list = resolve(address, port, true, error);
    int fd = -1;
    int one = 1;

    if (!list) {
        return -1;
    }
    for (struct addrinfo *ai = list; ai && fd < 0; ai = ai->ai_next) {
        fd = socket(ai->ai_family, SOCKET_FLAGS, 0);
        if (fd >= 0) {
            setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
            fd = bind_and_listen(fd, ai->ai_addr, ai->ai_addrlen);
        }
    }
    if (fd < 0) {
        qom_error_set(error, "Failed to find an available port: %s", g_strerror(errno));
    }
    freeaddrinfo(list);
    return fd;
}

/* The port that the kernel chose or that was the first free one. */
static void store_port(SocketAddress *address, int fd)
{
    struct sockaddr_storage ss;
    socklen_t len = sizeof(ss);
    char port[NI_MAXSERV];

    if (getsockname(fd, (struct sockaddr *)&ss, &len) == 0 &&
        getnameinfo((struct sockaddr *)&ss, len, NULL, 0, port, sizeof(port), NI_NUMERICSERV) ==
            0) {
        g_free(address->port);
        address->port = g_strdup(port);
    }
}

static int listen_inet(SocketAddress *address, GError **error)
{
    guint64 first = 0;
    bool numeric = g_ascii_string_to_unsigned(address->port, 10, 0, 65535, &first, NULL);
    unsigned last = numeric && address->to > first ? address->to : (unsigned)first;
    int fd = -1;

    if (!numeric) {
        return listen_port(address, address->port, error);
    }
    for (unsigned p = (unsigned)first; p <= last && fd < 0; p++) {
        g_autofree char *port = g_strdup_printf("%u", p);

        fd = listen_port(address, port, p == last ? error : NULL);
    }
    if (fd >= 0) {
        store_port(address, fd);
    }
    return fd;
}

int socket_address_listen(SocketAddress *address, GError **error)
{
    switch (address->kind) {
    case SOCKET_ADDRESS_UNIX:
        return listen_unix(address, error);
    case SOCKET_ADDRESS_FD:
        g_unix_set_fd_nonblocking(address->fd, TRUE, NULL);
        return address->fd;
    default:
        return listen_inet(address, error);
    }
}

static int start_connect(int family, const struct sockaddr *addr, socklen_t len)
{
    int fd = socket(family, SOCKET_FLAGS, 0);

    if (fd >= 0 && connect(fd, addr, len) < 0 && errno != EINPROGRESS) {
        int err = errno;

        close(fd);
        errno = err;
        return -1;
    }
    return fd;
}

static int connect_unix(const SocketAddress *address)
{
    struct sockaddr_un un;
    socklen_t len = fill_unix(address, &un);

    return start_connect(AF_UNIX, (struct sockaddr *)&un, len);
}

int socket_address_connect(const SocketAddress *address, GError **error)
{
    g_autofree char *name = socket_address_to_string(address, false);
    int fd = -1;

    if (address->kind == SOCKET_ADDRESS_FD) {
        g_unix_set_fd_nonblocking(address->fd, TRUE, NULL);
        return address->fd;
    }
    if (address->kind == SOCKET_ADDRESS_UNIX) {
        fd = connect_unix(address);
    } else {
        struct addrinfo *list = resolve(address, address->port, false, error);

        if (!list) {
            return -1;
        }
        for (struct addrinfo *ai = list; ai && fd < 0; ai = ai->ai_next) {
            fd = start_connect(ai->ai_family, ai->ai_addr, ai->ai_addrlen);
        }
        freeaddrinfo(list);
    }
    if (fd < 0) {
        qom_error_set(error, "Failed to connect to '%s': %s", address->path ? address->path : name,
                      g_strerror(errno));
    }
    return fd;
}

int socket_connect_result(int fd)
{
    int err = 0;
    socklen_t len = sizeof(err);

    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len) < 0 ? errno : err;
}

char *socket_peer_to_string(int fd)
{
    struct sockaddr_storage ss = { 0 };
    socklen_t len = sizeof(ss);
    char host[NI_MAXHOST], port[NI_MAXSERV];

    if (getpeername(fd, (struct sockaddr *)&ss, &len) < 0 || ss.ss_family == AF_UNIX ||
        getnameinfo((struct sockaddr *)&ss, len, host, sizeof(host), port, sizeof(port),
                    NI_NUMERICHOST | NI_NUMERICSERV)) {
        return g_strdup("");
    }
    return g_strdup_printf(" <-> %s:%s", host, port);
}
