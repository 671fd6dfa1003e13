#include "proto/socket_url.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <nanomsg/nn.h>

_Static_assert(sizeof(((SocketUrl *)0)->native) == NN_SOCKADDR_MAX, "nanomsg's longest URL");
static const char *after(const char *url, const char *scheme)
{
    size_t len = strlen(scheme);

    return strncmp(url, scheme, len) == 0 ? url + len : NULL;
}

bool socket_url_is_ipc(const char *text)
{
    return after(text, "ipc://") != NULL;
}

bool socket_url_is_shm(const char *text)
{
    return after(text, "shm://") != NULL;
}

bool socket_url_is_tcp(const char *text)
{
    return after(text, "tcp://") != NULL;
}

bool socket_url_is_ws(const char *text)
{
    return after(text, "ws://") != NULL;
}

static bool parse_ipc(const char *path, SocketUrl *url, QsError *error)
{
    size_t max = sizeof(((struct sockaddr_un *)0)->sun_path) - 1;
    size_t len = strlen(path);

    if (!len) {
        return qs_error(error, QS_STATUS_INVALID_ARGUMENT, "%s: the path is missing (%.6sPATH)",
                        url->text, url->text);
    }
    if (len > max) {
        return qs_error(error, QS_STATUS_INVALID_ARGUMENT,
                        "%s: the path has %zu bytes, a unix socket's at most %zu", url->text, len,
                        max);
    }
    url->path = path;
    snprintf(url->native, sizeof(url->native), "%s", url->text);
    return true;
}

static bool parse_port(const char *text, size_t len)
{
    unsigned port = 0;

    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9' || len > 5) {
            return false;
        }
        port = port * 10 + (unsigned)(text[i] - '0');
    }
    return port > 0 && port <= 65535;
}

/* Nothing, or for a WebSocket what may stand in an HTTP request. */
static bool is_path(const char *text, bool is_ws)
{
    for (const char *p = text; *p; p++) {
        if (!is_ws || *p <= ' ' || *p > '~') {
            return false;
        }
    }
    return true;
}

/* HOST:PORT, where a HOST with colons stands in brackets; a ws URL may have a path behind. */
static bool parse_host(const char *address, SocketUrl *url, QsError *error)
{
    size_t len = strcspn(address, "/");
    const char *colon = memrchr(address, ':', len);
    const char *rest = address + len;
    size_t host_len = colon ? (size_t)(colon - address) : 0;
    const char *host = address;

    if (!host_len || !parse_port(colon + 1, len - host_len - 1)) {
        return qs_error(error, QS_STATUS_INVALID_ARGUMENT,
                        "%s: HOST:PORT is needed, with a port from 1 to 65535", url->text);
    }
    url->is_ipv6 = *address == '[';
    if (url->is_ipv6 ? address[host_len - 1] != ']' : memchr(address, ':', host_len) != NULL) {
        return qs_error(error, QS_STATUS_INVALID_ARGUMENT,
                        "%s: an IPv6 address stands in brackets ([::1]:PORT)", url->text);
    }
    if (!is_path(rest, *url->text == 'w') || memchr(host, ';', host_len)) {
        return qs_error(error, QS_STATUS_INVALID_ARGUMENT, "%s: only HOST:PORT is expected",
                        url->text);
    }
    if (host_len == strlen("localhost") && memcmp(host, "localhost", host_len) == 0) {
        host = "127.0.0.1"; /* both ends mean the same then */
        host_len = strlen(host);
    }
    snprintf(url->port, sizeof(url->port), "%.5s", colon + 1);
    url->port[strspn(url->port, "0123456789")] = '\0';
    snprintf(url->host, sizeof(url->host), "%.*s", (int)host_len - 2 * url->is_ipv6,
             host + url->is_ipv6);
    if (snprintf(url->native, sizeof(url->native), "%.*s%.*s%s", (int)(address - url->text),
                 url->text, (int)host_len, host, colon) >= (int)sizeof(url->native)) {
        return qs_error(error, QS_STATUS_INVALID_ARGUMENT, "%s: longer than %zu bytes", url->text,
                        sizeof(url->native) - 1);
    }
    return true;
}

bool socket_url_parse(const char *text, SocketUrl *url, QsError *error)
{
    const char *address = after(text, socket_url_is_shm(text) ? "shm://" : "ipc://");

    memset(url, 0, sizeof(*url));
    url->text = text;
    if (address) {
        return parse_ipc(address, url, error);
    }
    address = after(text, "tcp://");
    return parse_host(address ? address : after(text, "ws://"), url, error);
}

bool socket_url_bind_error(const SocketUrl *url, int code, QsError *error)
{
    switch (code) {
    case EADDRINUSE:
        return qs_error(error, QS_STATUS_GENERIC, "%s: address already in use", url->text);
    case ENODEV:
    case EADDRNOTAVAIL:
        return qs_error(error, QS_STATUS_INVALID_ARGUMENT,
                        "%s: no such local address (an IP address, an interface or *)", url->text);
    default:
        return qs_error(error, QS_STATUS_GENERIC, "%s: %s", url->text, nn_strerror(code));
    }
}

static socklen_t unix_address(const char *path, struct sockaddr_storage *to)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };

    memcpy(address.sun_path, path, strlen(path) + 1);
    memcpy(to, &address, sizeof(address));
    return sizeof(address);
}

/* Whether somebody listens at @path. */
static bool is_live(const char *path)
{
    struct sockaddr_storage address;
    socklen_t len = unix_address(path, &address);
    int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool live;

    if (s < 0) {
        return true;
    }
    /* A live server whose backlog is full answers EAGAIN. */
    live = connect(s, (struct sockaddr *)&address, len) == 0 || errno != ECONNREFUSED;
    close(s);
    return live;
}

/* Makes way at the path of a unix socket. */
static bool clear_path(const SocketUrl *url, QsError *error)
{
    struct stat st;

    if (lstat(url->path, &st) != 0) {
        return errno == ENOENT ||
               qs_error(error, QS_STATUS_GENERIC, "%s: %s", url->text, strerror(errno));
    }
    if (!S_ISSOCK(st.st_mode)) {
        return qs_error(error, QS_STATUS_GENERIC, "%s: there is a file that is no socket",
                        url->text);
    }
    if (is_live(url->path)) {
        return socket_url_bind_error(url, EADDRINUSE, error);
    }
    if (unlink(url->path) != 0 && errno != ENOENT) {
        return qs_error(error, QS_STATUS_GENERIC,
                        "%s: cannot remove the socket of a dead server: %s", url->text,
                        strerror(errno));
    }
    return true;
}

size_t socket_url_resolve(const SocketUrl *url, struct sockaddr_storage *addresses,
                          socklen_t *lengths, size_t max, QsError *error)
{
    struct addrinfo hints = { .ai_flags = AI_NUMERICSERV,
                              .ai_family = AF_UNSPEC,
                              .ai_socktype = SOCK_STREAM };
    struct addrinfo *found = NULL;
    size_t n = 0;
    int rc;

    if (url->path) {
        lengths[0] = unix_address(url->path, &addresses[0]);
        return 1;
    }
    rc = getaddrinfo(url->host, url->port, &hints, &found);
    if (rc != 0) {
        qs_error(error, QS_STATUS_INVALID_ARGUMENT, "%s: %s", url->text, gai_strerror(rc));
        return 0;
    }
    for (struct addrinfo *a = found; a && n < max; a = a->ai_next) {
        memcpy(&addresses[n], a->ai_addr, a->ai_addrlen);
        lengths[n++] = a->ai_addrlen;
    }
    freeaddrinfo(found);
    return n;
}

/* The first IPv4 address of the interface @name. */
static bool find_interface(const char *name, struct in_addr *address)
{
    struct ifaddrs *all;
    bool found = false;

    if (getifaddrs(&all) != 0) {
        return false;
    }
    for (struct ifaddrs *i = all; i && !found; i = i->ifa_next) {
        if (i->ifa_addr && i->ifa_addr->sa_family == AF_INET && strcmp(i->ifa_name, name) == 0) {
            struct sockaddr_in in;

            memcpy(&in, i->ifa_addr, sizeof(in));
            *address = in.sin_addr;
            found = true;
        }
    }
    freeifaddrs(all);
    return found;
}

/* The address to bind: a number, "*", or an interface. Returns its length, 0 when there is none. */
static socklen_t local_address(const SocketUrl *url, struct sockaddr_storage *to)
{
    struct sockaddr_in in = { .sin_family = AF_INET,
                              .sin_port = htons((uint16_t)strtoul(url->port, NULL, 10)) };
    struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = in.sin_port };

    if (url->path) {
        return unix_address(url->path, to);
    }
    if (url->is_ipv6) {
        memcpy(to, &in6, sizeof(in6));
        if (inet_pton(AF_INET6, url->host, &((struct sockaddr_in6 *)to)->sin6_addr) != 1) {
            return 0;
        }
        return sizeof(in6);
    }
    if (strcmp(url->host, "*") != 0 && inet_pton(AF_INET, url->host, &in.sin_addr) != 1 &&
        !find_interface(url->host, &in.sin_addr)) {
        return 0;
    }
    memcpy(to, &in, sizeof(in));
    return sizeof(in);
}

int socket_url_bind_private(const SocketUrl *url, int (*bind_it)(void *opaque), void *opaque)
{
    mode_t mask;
    int rc;

    if (!url->path) {
        return bind_it(opaque);
    }
    /* The file is born with its mode: a chmod() afterwards would leave a moment for others to connect. */
    mask = umask(0177);
    rc = bind_it(opaque);
    umask(mask);
    return rc;
}

typedef struct Binding {
    int fd;
    struct sockaddr_storage address;
    socklen_t len;
} Binding;

static int bind_address(void *opaque)
{
    Binding *b = opaque;

    return bind(b->fd, (struct sockaddr *)&b->address, b->len);
}

/* A socket bound to @url's address; -1 with errno. */
static int bind_socket(const SocketUrl *url)
{
    Binding b = { .fd = -1 };
    int on = 1;
    int code;

    b.len = local_address(url, &b.address);
    if (!b.len) {
        errno = ENODEV;
        return -1;
    }
    b.fd = socket(b.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (b.fd < 0) {
        return -1;
    }
    /* Connections of an earlier server that still close do not hold the port. */
    if ((url->path || setsockopt(b.fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0) &&
        socket_url_bind_private(url, bind_address, &b) == 0) {
        return b.fd;
    }
    code = errno;
    close(b.fd);
    errno = code;
    return -1;
}

int socket_url_listen(const SocketUrl *url, QsError *error)
{
    int fd;

    if (url->path && !clear_path(url, error)) {
        return -1;
    }
    fd = bind_socket(url);
    if (fd < 0 || listen(fd, SOMAXCONN) != 0) {
        socket_url_bind_error(url, errno, error);
        if (fd >= 0) {
            close(fd);
        }
        return -1;
    }
    return fd;
}

bool socket_url_can_listen(const SocketUrl *url, QsError *error)
{
    int fd;

    if (url->path && !clear_path(url, error)) {
        return false;
    }
    fd = bind_socket(url);
    if (fd < 0) {
        return socket_url_bind_error(url, errno, error);
    }
    close(fd);
    if (url->path) {
        unlink(url->path);
    }
    return true;
}
