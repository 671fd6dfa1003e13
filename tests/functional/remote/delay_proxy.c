/*
 * Makes a network out of a wire: passes TCP connections on, and each byte later than it came by a fixed time, as a long way does.
 *
 *     delay_proxy LISTEN_ADDRESS:PORT SERVER_ADDRESS:PORT MICROSECONDS
 *
 * The time is that of one way. Prints "ready" once it listens; ends with SIGTERM.
 */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#define MAX_PAIRS 16
#define LISTENER ((size_t)2 * MAX_PAIRS) /* its place behind the connections in what is polled */
#define CHUNK 16384u
#define MAX_CHUNKS 256u /* on the way; then no more are read */

typedef struct Chunk {
    int64_t due_ns;
    size_t len;
    size_t sent;
    char bytes[CHUNK];
} Chunk;

/* One way of a connection: a ring of what travels. */
typedef struct Way {
    int from;
    int to;
    unsigned first;
    unsigned n;
    Chunk *chunks[MAX_CHUNKS];
} Way;

typedef struct Pair {
    bool is_open;
    Way ways[2];
} Pair;

static Pair pairs[MAX_PAIRS];
static struct sockaddr_in server;
static int64_t delay_ns;

static int64_t now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static struct sockaddr_in parse_address(const char *text)
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    const char *colon = strrchr(text, ':');
    char host[64] = "";

    if (colon && (size_t)(colon - text) < sizeof(host)) {
        memcpy(host, text, (size_t)(colon - text));
        address.sin_port = htons((in_port_t)strtoul(colon + 1, NULL, 10));
    }
    if (inet_pton(AF_INET, host, &address.sin_addr) != 1) {
        fprintf(stderr, "delay_proxy: '%s' is no ADDRESS:PORT\n", text);
        exit(2);
    }
    return address;
}

static int open_listener(const struct sockaddr_in *address)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int on = 1;

    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
        bind(fd, (const struct sockaddr *)address, sizeof(*address)) != 0 || listen(fd, 16) != 0) {
        die("delay_proxy: cannot listen");
    }
    return fd;
}

static void start_way(Way *way, int from, int to)
{
    int on = 1;

    (void)setsockopt(from, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    *way = (Way){ .from = from, .to = to };
}

static void accept_client(int listener)
{
    int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    int to_server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    Pair *pair = pairs;

    while (pair < pairs + MAX_PAIRS && pair->is_open) {
        pair++;
    }
    if (client < 0 || to_server < 0 || pair == pairs + MAX_PAIRS ||
        connect(to_server, (struct sockaddr *)&server, sizeof(server)) != 0) {
        close(client);
        close(to_server);
        return;
    }
    pair->is_open = true;
    start_way(&pair->ways[0], client, to_server);
    start_way(&pair->ways[1], to_server, client);
}

static void close_pair(Pair *pair)
{
    for (Way *way = pair->ways; way < pair->ways + 2; way++) {
        close(way->from);
        for (; way->n > 0; way->n--) {
            free(way->chunks[way->first++ % MAX_CHUNKS]);
        }
    }
    pair->is_open = false;
}

/* False: the connection is at its end. */
static bool take(Way *way)
{
    Chunk *chunk = malloc(sizeof(*chunk));
    ssize_t got = chunk ? recv(way->from, chunk->bytes, CHUNK, MSG_DONTWAIT) : 0;

    if (got <= 0) {
        bool is_early = got < 0 && (errno == EAGAIN || errno == EINTR);

        free(chunk);
        return is_early;
    }
    chunk->due_ns = now_ns() + delay_ns;
    chunk->len = (size_t)got;
    chunk->sent = 0;
    way->chunks[(way->first + way->n++) % MAX_CHUNKS] = chunk;
    return true;
}

/* Passes on what has travelled long enough. False: nobody takes it any more. */
static bool deliver(Way *way)
{
    while (way->n > 0) {
        Chunk *chunk = way->chunks[way->first % MAX_CHUNKS];
        ssize_t sent;

        if (chunk->due_ns > now_ns()) {
            return true;
        }
        sent = send(way->to, chunk->bytes + chunk->sent, chunk->len - chunk->sent,
                    MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && (errno == EAGAIN || errno == EINTR)) {
            chunk->due_ns = now_ns() + 1000000; /* the other end is slow */
            return true;
        }
        if (sent < 0) {
            return false;
        }
        chunk->sent += (size_t)sent;
        if (chunk->sent == chunk->len) {
            free(chunk);
            way->first++;
            way->n--;
        }
    }
    return true;
}

static bool serve(Pair *pair, const struct pollfd *polled)
{
    for (int i = 0; i < 2; i++) {
        if (!deliver(&pair->ways[i]) || (polled[i].revents && !take(&pair->ways[i]))) {
            return false;
        }
    }
    return delay_ns > 0 || (deliver(&pair->ways[0]) && deliver(&pair->ways[1]));
}

/* Until something comes or is due. */
static void wait_for_work(struct pollfd *polled, int listener)
{
    int64_t due_ns = INT64_MAX;
    struct timespec left = { 0, 0 };

    polled[LISTENER] = (struct pollfd){ .fd = listener, .events = POLLIN };
    for (size_t i = 0; i < LISTENER; i++) {
        const Pair *pair = &pairs[i / 2];
        const Way *way = &pair->ways[i % 2];

        polled[i] = (struct pollfd){ .fd = pair->is_open && way->n < MAX_CHUNKS ? way->from : -1,
                                     .events = POLLIN };
        if (pair->is_open && way->n > 0 && way->chunks[way->first % MAX_CHUNKS]->due_ns < due_ns) {
            due_ns = way->chunks[way->first % MAX_CHUNKS]->due_ns;
        }
    }
    if (due_ns != INT64_MAX) {
        const int64_t left_ns = due_ns - now_ns();

        left.tv_sec = left_ns > 0 ? left_ns / 1000000000 : 0;
        left.tv_nsec = left_ns > 0 ? left_ns % 1000000000 : 0;
    }
    (void)ppoll(polled, LISTENER + 1, due_ns == INT64_MAX ? NULL : &left, NULL);
}

int main(int argc, char **argv)
{
    struct pollfd polled[LISTENER + 1];
    struct sockaddr_in address;
    int listener;

    if (argc != 4) {
        fputs("usage: delay_proxy LISTEN_ADDRESS:PORT SERVER_ADDRESS:PORT MICROSECONDS\n", stderr);
        return 2;
    }
    address = parse_address(argv[1]);
    server = parse_address(argv[2]);
    delay_ns = (int64_t)strtoul(argv[3], NULL, 10) * 1000;
    (void)prctl(PR_SET_TIMERSLACK, 1);
    listener = open_listener(&address);
    puts("ready");
    fflush(stdout);
    for (;;) {
        wait_for_work(polled, listener);
        for (unsigned i = 0; i < MAX_PAIRS; i++) {
            if (pairs[i].is_open && !serve(&pairs[i], polled + (size_t)2 * i)) {
                close_pair(&pairs[i]);
            }
        }
        if (polled[LISTENER].revents) {
            accept_client(listener);
        }
    }
}
