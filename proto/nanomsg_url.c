#include "proto/nanomsg_url.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <nanomsg/nn.h>

_Static_assert(sizeof(((NanomsgUrl *)0)->native) == NN_SOCKADDR_MAX, "nanomsg's longest URL");
static const char *after(const char *url, const char *scheme)
{
    size_t len = strlen(scheme);

    return strncmp(url, scheme, len) == 0 ? url + len : NULL;
}

bool nanomsg_url_accepts(const char *url)
{
    return after(url, "ipc://") || after(url, "tcp://") || after(url, "ws://");
}

static bool parse_ipc(const char *path, NanomsgUrl *url, QsError *error)
{
    size_t max = sizeof(((struct sockaddr_un *)0)->sun_path) - 1;
    size_t len = strlen(path);

    if (!len) {
        return qs_error(error, QS_STATUS_INVALID_ARGUMENT, "%s: the path is missing (ipc://PATH)",
                        url->text);
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

/* HOST:PORT, where a HOST with colons stands in brackets; a ws URL may have a path behind. */
static bool parse_host(const char *address, NanomsgUrl *url, QsError *error)
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
    if ((*rest && *url->text == 't') || memchr(host, ';', host_len)) {
        return qs_error(error, QS_STATUS_INVALID_ARGUMENT, "%s: only HOST:PORT is expected",
                        url->text);
    }
    if (host_len == strlen("localhost") && memcmp(host, "localhost", host_len) == 0) {
        host =
            "127.0.0.1"; /* nanomsg binds addresses and interfaces, not names; both ends agree then */
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

bool nanomsg_url_parse(const char *text, NanomsgUrl *url, QsError *error)
{
    const char *address = after(text, "ipc://");

    memset(url, 0, sizeof(*url));
    url->text = text;
    if (address) {
        return parse_ipc(address, url, error);
    }
    address = after(text, "tcp://");
    return parse_host(address ? address : after(text, "ws://"), url, error);
}

static bool bind_error(const NanomsgUrl *url, int code, QsError *error)
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

/* Binds a socket of our own and closes it: what would fail fails here, where nanomsg would lose memory. */
static int try_to_bind(const struct sockaddr *address, socklen_t len)
{
    int s = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int on = 1;
    int code = 0;

    if (s < 0) {
        return errno;
    }
    /* As nanomsg does: connections of an earlier server that still close do not hold the port. */
    if ((address->sa_family != AF_UNIX &&
         setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0) ||
        bind(s, address, len) != 0) {
        code = errno;
    }
    close(s);
    return code;
}

/* Interfaces are left to nanomsg to find. */
static int try_host(const NanomsgUrl *url)
{
    struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
                              .ai_family = AF_UNSPEC,
                              .ai_socktype = SOCK_STREAM };
    struct addrinfo *found;
    int code;

    if (getaddrinfo(strcmp(url->host, "*") == 0 ? "0.0.0.0" : url->host, url->port, &hints,
                    &found) != 0) {
        return 0;
    }
    code = try_to_bind(found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    return code;
}

static struct sockaddr_un unix_address(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };

    memcpy(address.sun_path, path, strlen(path) + 1);
    return address;
}

/* Whether somebody listens at @path. */
static bool is_live(const char *path)
{
    struct sockaddr_un address = unix_address(path);
    int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool live;

    if (s < 0) {
        return true;
    }
    /* A live server whose backlog is full answers EAGAIN. */
    live = connect(s, (struct sockaddr *)&address, sizeof(address)) == 0 || errno != ECONNREFUSED;
    close(s);
    return live;
}

/* Makes way at the path of a unix socket. */
static bool clear_path(const NanomsgUrl *url, QsError *error)
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
        return bind_error(url, EADDRINUSE, error);
    }
    if (unlink(url->path) != 0 && errno != ENOENT) {
        return qs_error(error, QS_STATUS_GENERIC,
                        "%s: cannot remove the socket of a dead server: %s", url->text,
                        strerror(errno));
    }
    return true;
}

static int try_path(const char *path)
{
    struct sockaddr_un address = unix_address(path);
    int code = try_to_bind((struct sockaddr *)&address, sizeof(address));

    if (!code) {
        unlink(path);
    }
    return code;
}

bool nanomsg_url_bind(const NanomsgUrl *url, int socket, QsError *error)
{
    mode_t mask = 0;
    int code;
    int rc;

    if (url->path && !clear_path(url, error)) {
        return false;
    }
    code = url->path ? try_path(url->path) : try_host(url);
    if (code) {
        return bind_error(url, code, error);
    }
    /* The file is born with its mode: a chmod() afterwards would leave a moment for others to connect. */
    if (url->path) {
        mask = umask(0177);
    }
    rc = nn_bind(socket, url->native);
    if (url->path) {
        umask(mask);
    }
    return rc >= 0 || bind_error(url, nn_errno(), error);
}
