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

/* One way through the proxy. */
typedef struct Way {
    int from;
    int to;
    GByteArray *parsed;  /* bytes that are no whole message yet */
    GByteArray *waiting; /* to be passed on */
    gboolean greeted;
    gboolean closed; /* nothing comes any more */
    gint64 until;    /* stalled */
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
    gboolean framed; /* messages are told apart */
    size_t head;     /* bytes before a message: 8, on a unix socket 9 */
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
    if (g_str_has_prefix(url, "ipc://")) {
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

    if (g_str_has_prefix(proxy->server, "ipc://")) {
        proxy->directory = g_dir_make_tmp("qosim-proxy-XXXXXX", NULL);
        proxy->path = g_build_filename(proxy->directory, "socket", NULL);
        proxy->url = g_strconcat("ipc://", proxy->path, NULL);
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

static void close_pair(Pair *pair)
{
    if (pair->client < 0) {
        return;
    }
    close(pair->client);
    close(pair->server);
    pair->client = pair->server = -1;
    for (int i = 0; i < 2; i++) {
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

/* The length of the message at the start of @parsed with its head; 0: not all of it is there, or it is none. */
static size_t message_length(const Proxy *proxy, const Way *way)
{
    const guint8 *p = way->parsed->data;
    guint64 len = 0;

    if (!way->greeted) {
        return way->parsed->len >= GREETING ? GREETING : 0;
    }
    if (way->parsed->len < proxy->head) {
        return 0;
    }
    for (size_t i = proxy->head - 8; i < proxy->head; i++) {
        len = len << 8 | p[i];
    }
    return len <= way->parsed->len - proxy->head ? (size_t)len + proxy->head : 0;
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

    if (!proxy->framed) {
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

/* Reads what has come; FALSE when the pair is to be closed. */
static gboolean read_way(Proxy *proxy, Way *way)
{
    guint8 bytes[CHUNK];
    ssize_t n = read(way->from, bytes, sizeof(bytes));

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
    n = send(way->to, way->waiting->data, len, MSG_NOSIGNAL);
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
    proxy->framed = !g_str_has_prefix(server, "ws://");
    proxy->head = g_str_has_prefix(server, "ipc://") ? 9 : 8;
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
