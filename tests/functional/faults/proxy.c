#include "tests/functional/faults/proxy.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <glib/gstdio.h>

#define MAX_PAIRS 32
#define CHUNK 4096
#define MAX_WAITING (1u << 20) /* bytes that wait for one end before no more are read for it */
#define GREETING 8u
#define MAX_PASSED 4

/* What is passed on. */
typedef enum Framing {
    FRAMING_TCP,
    FRAMING_IPC,
    FRAMING_WS,
    FRAMING_NONE, /* bytes, which may come with a descriptor */
} Framing;

/* One way through the proxy. */
typedef struct Way {
    int from;
    int to;
    GByteArray *parsed;  /* bytes that are no whole message yet */
    GByteArray *waiting; /* to be passed on */
    gboolean greeted;
    gboolean closed;        /* nothing comes any more */
    int passed[MAX_PASSED]; /* descriptors to go with the next byte */
    int n_passed;
    gint64 until; /* stalled */
} Way;

typedef struct Pair {
    int client; /* -1: free */
    int server;
    Way ways[2];
} Pair;

struct Proxy {
    char *url;
    char *server;
    char *path; /* of a unix socket, to be removed; NULL: none */
    char *directory;
    Framing framing;
    ProxyPlan plan;
    GRand *rand;
    int listener;
    Pair pairs[MAX_PAIRS];
    GThread *thread;
    gint stop; /* these are atomic */
    gint calm;
    gint cut;
    gint connections;
    gint counts[PROXY_FAULTS];
};

/* --- Addresses --- */

static socklen_t parse_address(const char *url, struct sockaddr_storage *address)
{
    struct sockaddr_un *local = (struct sockaddr_un *)address;
    struct sockaddr_in *inet = (struct sockaddr_in *)address;
    const char *port = strrchr(url, ':');

    memset(address, 0, sizeof(*address));
    if (g_str_has_prefix(url, "ipc://") || g_str_has_prefix(url, "shm://")) {
        local->sun_family = AF_UNIX;
        g_strlcpy(local->sun_path, url + 6, sizeof(local->sun_path));
        return sizeof(*local);
    }
    inet->sin_family = AF_INET;
    inet->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    inet->sin_port = htons((in_port_t)strtoul(port + 1, NULL, 10));
    return sizeof(*inet);
}

static void set_up_socket(int fd)
{
    int on = 1;

    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    g_assert_cmpint(fcntl(fd, F_SETFL, O_NONBLOCK), ==, 0);
}

static int connect_to_server(const Proxy *proxy)
{
    struct sockaddr_storage address;
    socklen_t len = parse_address(proxy->server, &address);
    int fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    g_assert_cmpint(fd, >=, 0);
    if (connect(fd, (struct sockaddr *)&address, len) != 0) {
        close(fd);
        return -1;
    }
    set_up_socket(fd);
    return fd;
}

static void listen_for_clients(Proxy *proxy)
{
    struct sockaddr_storage address;
    socklen_t len;

    if (g_str_has_prefix(proxy->server, "ipc://") || g_str_has_prefix(proxy->server, "shm://")) {
        proxy->directory = g_dir_make_tmp("qosim-proxy-XXXXXX", NULL);
        proxy->path = g_build_filename(proxy->directory, "socket", NULL);
        proxy->url = g_strdup_printf("%.3s://%s", proxy->server, proxy->path);
    } else {
        proxy->url = g_strdup("tcp://127.0.0.1:0");
    }
    len = parse_address(proxy->url, &address);
    proxy->listener = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    g_assert_cmpint(bind(proxy->listener, (struct sockaddr *)&address, len), ==, 0);
    g_assert_cmpint(listen(proxy->listener, 64), ==, 0);
    if (!proxy->path) {
        g_autofree char *scheme = g_strndup(proxy->server, strcspn(proxy->server, ":"));

        g_assert_cmpint(getsockname(proxy->listener, (struct sockaddr *)&address, &len), ==, 0);
        g_free(proxy->url);
        proxy->url = g_strdup_printf("%s://127.0.0.1:%u", scheme,
                                     ntohs(((struct sockaddr_in *)&address)->sin_port));
    }
}

/* --- Pairs of connections --- */

static void init_way(Way *way, int from, int to)
{
    *way = (Way){
        .from = from, .to = to, .parsed = g_byte_array_new(), .waiting = g_byte_array_new()
    };
}

static void accept_client(Proxy *proxy)
{
    int fd = accept4(proxy->listener, NULL, NULL, SOCK_CLOEXEC);
    Pair *pair = NULL;

    for (size_t i = 0; i < MAX_PAIRS && !pair; i++) {
        pair = proxy->pairs[i].client < 0 ? &proxy->pairs[i] : NULL;
    }
    if (fd < 0 || !pair || (pair->server = connect_to_server(proxy)) < 0) {
        if (fd >= 0) {
            close(fd);
        }
        return;
    }
    set_up_socket(fd);
    pair->client = fd;
    init_way(&pair->ways[0], pair->client, pair->server);
    init_way(&pair->ways[1], pair->server, pair->client);
    g_atomic_int_inc(&proxy->connections);
}

static void close_passed(Way *way)
{
    while (way->n_passed > 0) {
        close(way->passed[--way->n_passed]);
    }
}

static void close_pair(Pair *pair)
{
    if (pair->client < 0) {
        return;
    }
    close(pair->client);
    close(pair->server);
    pair->client = pair->server = -1;
    for (int i = 0; i < 2; i++) {
        close_passed(&pair->ways[i]);
        g_byte_array_unref(pair->ways[i].parsed);
        g_byte_array_unref(pair->ways[i].waiting);
    }
}

/* --- Faults --- */

static gboolean happens(Proxy *proxy, ProxyFault fault)
{
    unsigned every = proxy->plan.every[fault];

    if (every == 0 || g_atomic_int_get(&proxy->calm) ||
        g_rand_int_range(proxy->rand, 0, (gint32)every) != 0) {
        return FALSE;
    }
    g_atomic_int_inc(&proxy->counts[fault]);
    return TRUE;
}

static guint64 big_endian(const guint8 *bytes, size_t n)
{
    guint64 value = 0;

    for (size_t i = 0; i < n; i++) {
        value = value << 8 | bytes[i];
    }
    return value;
}

/* The length of what opens a connection; 0: not all of it is there. */
static size_t opening_length(const Proxy *proxy, const Way *way)
{
    const guint8 *end;

    if (proxy->framing != FRAMING_WS) {
        return way->parsed->len >= GREETING ? GREETING : 0;
    }
    end = memmem(way->parsed->data, way->parsed->len, "\r\n\r\n", 4);
    return end ? (size_t)(end - way->parsed->data) + 4 : 0;
}

/* The bytes before a message, and in *@len those of the message; 0: they are not all there. */
static size_t head_length(const Proxy *proxy, const Way *way, guint64 *len)
{
    const guint8 *p = way->parsed->data;
    size_t head = proxy->framing == FRAMING_IPC ? 9 : 8;
    size_t more = 0;

    if (proxy->framing == FRAMING_WS) {
        if (way->parsed->len < 2) {
            return 0;
        }
        more = (p[1] & 127) == 127 ? 8 : (p[1] & 127) == 126 ? 2 : 0;
        head = 2 + more + (p[1] & 128 ? 4 : 0);
    }
    if (way->parsed->len < head) {
        return 0;
    }
    if (proxy->framing != FRAMING_WS) {
        *len = big_endian(p + head - 8, 8);
    } else {
        *len = more ? big_endian(p + 2, more) : p[1] & 127;
    }
    return head;
}

/* The length of the message at the start of @parsed with its head; 0: not all of it is there, or it is none. */
static size_t message_length(const Proxy *proxy, const Way *way)
{
    guint64 len = 0;
    size_t head;

    if (!way->greeted) {
        return opening_length(proxy, way);
    }
    head = head_length(proxy, way, &len);
    return head && len <= way->parsed->len - head ? (size_t)len + head : 0;
}

/* Between two messages: in the middle of one it would be another message. */
static void put_garbage(Proxy *proxy, Way *way)
{
    for (int i = 0; i < 4; i++) {
        guint32 word = g_rand_int(proxy->rand);

        g_byte_array_append(way->waiting, (const guint8 *)&word, sizeof(word));
    }
}

/* Moves the whole messages of @way to what waits to be passed on, some of them twice. */
static void take_messages(Proxy *proxy, Way *way)
{
    size_t len;

    if (proxy->framing == FRAMING_NONE) {
        g_byte_array_append(way->waiting, way->parsed->data, way->parsed->len);
        g_byte_array_set_size(way->parsed, 0);
        return;
    }
    while ((len = message_length(proxy, way)) > 0) {
        unsigned copies = way->greeted && happens(proxy, PROXY_DUPLICATE) ? 2 : 1;

        for (unsigned i = 0; i < copies; i++) {
            g_byte_array_append(way->waiting, way->parsed->data, (guint)len);
        }
        if (way->greeted && happens(proxy, PROXY_GARBAGE)) {
            put_garbage(proxy, way);
        }
        g_byte_array_remove_range(way->parsed, 0, (guint)len);
        way->greeted = TRUE;
    }
}

typedef union Control {
    struct cmsghdr header;
    guint8 space[CMSG_SPACE(MAX_PASSED * sizeof(int))];
} Control;

/* As read(), with the descriptors that come along. */
static ssize_t receive(Way *way, guint8 *bytes, size_t size)
{
    Control control;
    struct iovec part = { bytes, size };
    struct msghdr message = { .msg_iov = &part,
                              .msg_iovlen = 1,
                              .msg_control = way->n_passed ? NULL : &control,
                              .msg_controllen = way->n_passed ? 0 : sizeof(control.space) };
    ssize_t n = recvmsg(way->from, &message, MSG_CMSG_CLOEXEC);

    for (struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(&message) : NULL; c;
         c = CMSG_NXTHDR(&message, c)) {
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS) {
            way->n_passed = (int)((c->cmsg_len - CMSG_LEN(0)) / sizeof(int));
            memcpy(way->passed, CMSG_DATA(c), (size_t)way->n_passed * sizeof(int));
        }
    }
    return n;
}

/* As send(), with the descriptors that wait. */
static ssize_t send_on(Way *way, size_t len)
{
    Control control = { .space = { 0 } };
    struct iovec part = { way->waiting->data, len };
    struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
    size_t fds_size = (size_t)way->n_passed * sizeof(int);
    ssize_t n;

    if (way->n_passed) {
        message.msg_control = &control;
        message.msg_controllen = CMSG_SPACE(fds_size);
        control.header.cmsg_level = SOL_SOCKET;
        control.header.cmsg_type = SCM_RIGHTS;
        control.header.cmsg_len = CMSG_LEN(fds_size);
        memcpy(CMSG_DATA(&control.header), way->passed, fds_size);
    }
    n = sendmsg(way->to, &message, MSG_NOSIGNAL);
    if (n > 0) {
        close_passed(way);
    }
    return n;
}

/* Reads what has come; FALSE when the pair is to be closed. */
static gboolean read_way(Proxy *proxy, Way *way)
{
    guint8 bytes[CHUNK];
    ssize_t n = receive(way, bytes, sizeof(bytes));

    if (n < 0) {
        return errno == EAGAIN;
    }
    if (n == 0) {
        way->closed = TRUE;
        (void)shutdown(way->to, SHUT_WR);
        return TRUE;
    }
    g_byte_array_append(way->parsed, bytes, (guint)n);
    take_messages(proxy, way);
    if (happens(proxy, PROXY_STALL)) {
        way->until = g_get_monotonic_time() +
                     (gint64)g_rand_int_range(proxy->rand, 0, (gint32)proxy->plan.stall_ms * 1000);
    }
    return TRUE;
}

/* Passes on a part of what waits, or all of it. FALSE when the pair is to be closed. */
static gboolean write_way(Proxy *proxy, Way *way)
{
    size_t len = way->waiting->len;
    ssize_t n;

    if (happens(proxy, PROXY_HALF_CLOSE)) {
        (void)shutdown(way->to, SHUT_WR);
        way->closed = TRUE;
        return TRUE;
    }
    if (len > 1 && happens(proxy, PROXY_SPLIT)) {
        len = (size_t)g_rand_int_range(proxy->rand, 1, (gint32)MIN(len, 64));
    }
    if (happens(proxy, PROXY_CUT)) {
        (void)send(way->to, way->waiting->data, len / 2, MSG_NOSIGNAL);
        return FALSE;
    }
    n = send_on(way, len);
    if (n < 0) {
        return errno == EAGAIN;
    }
    g_byte_array_remove_range(way->waiting, 0, (guint)n);
    return TRUE;
}

/* --- The thread --- */

static short wanted_in(const Way *way)
{
    return !way->closed && way->waiting->len < MAX_WAITING ? POLLIN : 0;
}

static short wanted_out(const Way *way, gint64 now)
{
    return !way->closed && way->waiting->len > 0 && way->until <= now ? POLLOUT : 0;
}

static gboolean serve_way(Proxy *proxy, Way *way, short readable, short writable)
{
    gint64 now = g_get_monotonic_time();

    if ((readable & (POLLIN | POLLHUP | POLLERR)) && wanted_in(way) && !read_way(proxy, way)) {
        return FALSE;
    }
    return !(writable & (POLLOUT | POLLERR)) || !wanted_out(way, now) || write_way(proxy, way);
}

static void serve_pair(Proxy *proxy, Pair *pair, const struct pollfd *fds)
{
    gboolean cut = g_atomic_int_get(&proxy->cut);

    if (cut || !serve_way(proxy, &pair->ways[0], fds[0].revents, fds[1].revents) ||
        !serve_way(proxy, &pair->ways[1], fds[1].revents, fds[0].revents) ||
        (pair->ways[0].closed && pair->ways[1].closed)) {
        close_pair(pair);
    }
}

static gpointer run(gpointer opaque)
{
    Proxy *proxy = opaque;

    while (!g_atomic_int_get(&proxy->stop)) {
        struct pollfd fds[1 + 2 * MAX_PAIRS];
        gint64 now = g_get_monotonic_time();

        fds[0] = (struct pollfd){ .fd = proxy->listener, .events = POLLIN };
        for (size_t i = 0; i < MAX_PAIRS; i++) {
            const Pair *pair = &proxy->pairs[i];
            struct pollfd *p = &fds[1 + 2 * i];

            p[0] = p[1] = (struct pollfd){ .fd = -1 };
            if (pair->client >= 0) {
                p[0] = (struct pollfd){ .fd = pair->client,
                                        .events = wanted_in(&pair->ways[0]) |
                                                  wanted_out(&pair->ways[1], now) };
                p[1] = (struct pollfd){ .fd = pair->server,
                                        .events = wanted_in(&pair->ways[1]) |
                                                  wanted_out(&pair->ways[0], now) };
                p[0].fd = p[0].events ? p[0].fd : -1;
                p[1].fd = p[1].events ? p[1].fd : -1;
            }
        }
        (void)poll(fds, G_N_ELEMENTS(fds), 1);
        for (size_t i = 0; i < MAX_PAIRS; i++) {
            if (proxy->pairs[i].client >= 0) {
                serve_pair(proxy, &proxy->pairs[i], &fds[1 + 2 * i]);
            }
        }
        g_atomic_int_set(&proxy->cut, 0);
        if (fds[0].revents & POLLIN) {
            accept_client(proxy);
        }
    }
    return NULL;
}

Proxy *proxy_new(const char *server, guint32 seed, const ProxyPlan *plan)
{
    Proxy *proxy = g_new0(Proxy, 1);

    proxy->server = g_strdup(server);
    proxy->plan = *plan;
    proxy->rand = g_rand_new_with_seed(seed);
    proxy->framing = g_str_has_prefix(server, "ipc://")   ? FRAMING_IPC
                     : g_str_has_prefix(server, "shm://") ? FRAMING_NONE
                     : g_str_has_prefix(server, "ws://")  ? FRAMING_WS
                                                          : FRAMING_TCP;
    for (size_t i = 0; i < MAX_PAIRS; i++) {
        proxy->pairs[i].client = -1;
    }
    listen_for_clients(proxy);
    proxy->thread = g_thread_new("proxy", run, proxy);
    return proxy;
}

void proxy_free(Proxy *proxy)
{
    if (!proxy) {
        return;
    }
    g_atomic_int_set(&proxy->stop, 1);
    g_thread_join(proxy->thread);
    for (size_t i = 0; i < MAX_PAIRS; i++) {
        close_pair(&proxy->pairs[i]);
    }
    close(proxy->listener);
    if (proxy->path) {
        (void)g_unlink(proxy->path);
        (void)g_rmdir(proxy->directory);
    }
    g_rand_free(proxy->rand);
    g_free(proxy->directory);
    g_free(proxy->path);
    g_free(proxy->server);
    g_free(proxy->url);
    g_free(proxy);
}

const char *proxy_url(const Proxy *proxy)
{
    return proxy->url;
}

unsigned proxy_count(const Proxy *proxy, ProxyFault fault)
{
    return (unsigned)g_atomic_int_get(&proxy->counts[fault]);
}

unsigned proxy_connections(const Proxy *proxy)
{
    return (unsigned)g_atomic_int_get(&proxy->connections);
}

void proxy_set_calm(Proxy *proxy, gboolean calm)
{
    g_atomic_int_set(&proxy->calm, calm);
}

void proxy_cut(Proxy *proxy)
{
    g_atomic_int_set(&proxy->cut, 1);
    while (g_atomic_int_get(&proxy->cut)) {
        g_usleep(1000);
    }
}
