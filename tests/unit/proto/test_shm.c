/* Shared memory: the rings, the agreement on them, and peers that die or lie. */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib.h>

#include "proto/shm_link.h"
#include "tests/unit/proto/transport_ends.h"

/* --- Rings --- */

typedef struct Ring {
    ShmLine *lines;
    ShmRingState *state;
    ShmWriter writer;
    ShmReader reader;
} Ring;

static Ring ring_new(void)
{
    Ring ring = { .lines = g_new0(ShmLine, SHM_RING_LINES) };

    ring.state = aligned_alloc(128, sizeof(*ring.state));
    memset(ring.state, 0, sizeof(*ring.state));
    ring.writer = (ShmWriter){ .lines = ring.lines, .state = ring.state };
    ring.reader = (ShmReader){ .lines = ring.lines, .state = ring.state };
    return ring;
}

static void ring_free(Ring *ring)
{
    g_free(ring->lines);
    free(ring->state);
}

/* Bytes that look like the first word of a line, in every lap: what an earlier lap left must not be taken for a piece. */
static void fill(uint8_t *bytes, size_t len, unsigned number)
{
    for (size_t i = 0; i < len; i++) {
        bytes[i] = i % 8 < 4 ? (uint8_t)(number >> i % 4 * 8) : (i % 8 == 4 ? (uint8_t)number : 0);
    }
}

static void check_piece(Ring *ring, unsigned number, size_t expected)
{
    static uint8_t got[SHM_MAX_PIECE];
    static uint8_t want[SHM_MAX_PIECE];
    size_t len;
    bool more;

    g_assert_true(shm_is_ready(&ring->reader));
    g_assert_cmpint(shm_peek(&ring->reader, &len, &more), ==, SHM_OK);
    g_assert_cmpuint(len, ==, expected);
    g_assert_cmpint(more, ==, number % 3 == 0);
    shm_take(&ring->reader, got, len);
    fill(want, len, number);
    g_assert_cmpmem(got, len, want, len);
}

static void test_pieces_of_all_sizes(void)
{
    static uint8_t bytes[SHM_MAX_PIECE];
    Ring ring = ring_new();
    GQueue *sizes = g_queue_new();
    unsigned read = 0;

    for (unsigned number = 0; number < 20000;) {
        size_t len = (size_t)g_test_rand_int_range(0, number % 5 ? 200 : SHM_MAX_PIECE + 1);

        fill(bytes, len, number);
        if (shm_write(&ring.writer, bytes, len, number % 3 == 0) == SHM_OK) {
            g_queue_push_tail(sizes, GSIZE_TO_POINTER(len));
            number++;
        } else {
            g_assert_false(g_queue_is_empty(sizes));
        }
        while (!g_queue_is_empty(sizes) && g_test_rand_int_range(0, 2)) {
            check_piece(&ring, read++, GPOINTER_TO_SIZE(g_queue_pop_head(sizes)));
        }
    }
    while (!g_queue_is_empty(sizes)) {
        check_piece(&ring, read++, GPOINTER_TO_SIZE(g_queue_pop_head(sizes)));
    }
    g_assert_false(shm_is_ready(&ring.reader));
    g_queue_free(sizes);
    ring_free(&ring);
}

static void test_full_ring(void)
{
    uint8_t byte = 0;
    Ring ring = ring_new();

    for (int lap = 0; lap < 3; lap++) {
        for (unsigned i = 0; i < SHM_RING_LINES; i++) {
            g_assert_cmpint(shm_write(&ring.writer, &byte, 1, false), ==, SHM_OK);
        }
        g_assert_cmpint(shm_write(&ring.writer, &byte, 1, false), ==, SHM_NOTHING);
        shm_take(&ring.reader, &byte, 1);
        g_assert_cmpint(shm_write(&ring.writer, &byte, 1, false), ==, SHM_OK);
        g_assert_cmpint(shm_write(&ring.writer, &byte, 1, false), ==, SHM_NOTHING);
        for (unsigned i = 0; i < SHM_RING_LINES; i++) {
            g_assert_true(shm_is_ready(&ring.reader));
            shm_take(&ring.reader, &byte, 1);
        }
        g_assert_false(shm_is_ready(&ring.reader));
    }
    ring_free(&ring);
}

static void test_lies(void)
{
    uint8_t byte = 0;
    size_t len;
    bool more;
    Ring ring = ring_new();

    atomic_store(&ring.lines[0].head, (uint64_t)1 << 32 | (SHM_MAX_PIECE + 1));
    g_assert_cmpint(shm_peek(&ring.reader, &len, &more), ==, SHM_CORRUPT);
    atomic_store(&ring.lines[0].head, (uint64_t)1 << 32 | 0xffffffffu);
    g_assert_cmpint(shm_peek(&ring.reader, &len, &more), ==, SHM_CORRUPT);
    atomic_store(&ring.lines[0].head, (uint64_t)2 << 32 | 1);
    g_assert_cmpint(shm_peek(&ring.reader, &len, &more), ==, SHM_NOTHING);
    for (unsigned i = 0; i < SHM_RING_LINES; i++) {
        g_assert_cmpint(shm_write(&ring.writer, &byte, 1, false), ==, SHM_OK);
    }
    atomic_store(&ring.state->consumed, SHM_RING_LINES + 1); /* more than there was to read */
    g_assert_cmpint(shm_write(&ring.writer, &byte, 1, false), ==, SHM_CORRUPT);
    atomic_store(&ring.state->consumed, UINT64_MAX);
    g_assert_cmpint(shm_write(&ring.writer, &byte, 1, false), ==, SHM_CORRUPT);
    ring_free(&ring);
}

/* --- Links --- */

typedef struct Pair {
    int fds[2];
    ShmLink *server;
    ShmLink *client;
    int memory_fd; /* as the client got it */
} Pair;

static Pair pair_new(void)
{
    static const uint8_t sp_greeting[SHM_GREETING_LEN] = { 0, 'S', 'P', 0, 0, 49, 0, 0 };
    ShmAnswer answer = { .memory_fd = -1 };
    uint8_t greeting[SHM_GREETING_LEN];
    Pair pair;

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair.fds), ==, 0);
    g_assert_cmpint(shm_answer_receive(&answer, pair.fds[1]), ==, SHM_NOTHING);
    g_assert_cmpint(write(pair.fds[0], sp_greeting, sizeof(sp_greeting)), ==, sizeof(sp_greeting));
    g_assert_cmpint(shm_answer_receive(&answer, pair.fds[1]), ==, SHM_NOTHING);
    shm_greeting(greeting);
    pair.server = shm_link_offer(pair.fds[0], greeting);
    g_assert_nonnull(pair.server);
    g_assert_cmpint(shm_answer_receive(&answer, pair.fds[1]), ==, SHM_OK);
    pair.client = shm_link_accept(pair.fds[1], &answer);
    g_assert_nonnull(pair.client);
    pair.memory_fd = dup(answer.memory_fd);
    shm_answer_clear(&answer);
    return pair;
}

static void pair_free(Pair *pair)
{
    shm_link_free(pair->server);
    shm_link_free(pair->client);
    close(pair->memory_fd);
    close(pair->fds[0]);
    close(pair->fds[1]);
}

static void test_memory_is_private_and_stays(void)
{
    Pair pair = pair_new();
    g_autofree char *link = g_strdup_printf("/proc/self/fd/%d", pair.memory_fd);
    g_autofree char *name = g_file_read_link(link, NULL);
    struct stat st;

    g_assert_cmpint(fstat(pair.memory_fd, &st), ==, 0);
    g_assert_cmpuint(st.st_mode & 0777, ==, 0600);
    g_assert_cmpuint(st.st_nlink, ==, 0);
    g_assert_true(g_str_has_prefix(name, "/memfd:")); /* no file that could be left behind */
    g_assert_cmpint(ftruncate(pair.memory_fd, 0), ==, -1);
    g_assert_cmpint(ftruncate(pair.memory_fd, st.st_size * 2), ==, -1);
    pair_free(&pair);
}

typedef struct Stream {
    ShmLink *from;
    ShmLink *to;
    GRand *rand;
    unsigned n;
} Stream;

static size_t frame_size(GRand *rand, unsigned i)
{
    return i % 50 == 7 ? (size_t)g_rand_int_range(rand, 0, QS_MAX_FRAME_BYTES + 1)
                       : (size_t)g_rand_int_range(rand, 0, i % 5 ? 300 : 40000);
}

static gpointer write_stream(gpointer opaque)
{
    Stream *s = opaque;
    g_autofree uint8_t *bytes = g_malloc(QS_MAX_FRAME_BYTES);

    for (unsigned i = 0; i < s->n; i++) {
        size_t len = frame_size(s->rand, i);
        SpSend sent;

        memset(bytes, (int)i, len);
        while ((sent = shm_link_send(s->from, bytes, len)) == SP_NO_ROOM) {
            g_thread_yield();
        }
        g_assert_cmpint(sent, ==, SP_SENT);
    }
    while (shm_link_is_waiting(s->from)) {
        g_assert_true(shm_link_flush(s->from));
        g_thread_yield();
    }
    return NULL;
}

static void read_stream(Stream *s)
{
    static ShmBuffer buffer;
    GRand *rand = g_rand_copy(s->rand);
    GThread *writer = g_thread_new("writer", write_stream, s);

    for (unsigned i = 0; i < s->n; i++) {
        size_t expected = frame_size(rand, i);
        uint8_t *data;
        size_t len;
        SpRead r;

        while ((r = shm_link_read(s->to, &buffer, &data, &len)) == SP_READ_NOTHING) {
            g_thread_yield();
        }
        g_assert_cmpint(r, ==, SP_READ_MESSAGE);
        g_assert_cmpuint(len, ==, expected);
        for (size_t k = 0; k < len; k += 1 + len / 64) {
            g_assert_cmpuint(data[k], ==, i & 0xff);
        }
        shm_buffer_release(&buffer, data);
    }
    g_thread_join(writer);
    g_rand_free(rand);
}

/* Frames of every size, against the flow in both directions. */
static void test_streams(void)
{
    Pair pair = pair_new();
    Stream up = { pair.client, pair.server, g_rand_new_with_seed(1), 600 };
    Stream down = { pair.server, pair.client, g_rand_new_with_seed(2), 600 };

    read_stream(&up);
    read_stream(&down);
    g_rand_free(up.rand);
    g_rand_free(down.rand);
    pair_free(&pair);
}

/* What is not read waits up to a limit, on either side. */
static void test_no_room(void)
{
    g_autofree uint8_t *block = g_malloc0(10000);
    Pair pair = pair_new();
    ShmLink *ends[] = { pair.client, pair.server };

    for (size_t e = 0; e < G_N_ELEMENTS(ends); e++) {
        unsigned sent = 0;

        while (shm_link_send(ends[e], block, 10000) == SP_SENT) {
            g_assert_cmpuint(++sent, <, 100);
        }
        g_assert_cmpuint(sent, >, 20);
        g_assert_false(shm_link_has_room(ends[e]));
        g_assert_true(shm_link_is_waiting(ends[e]));
    }
    pair_free(&pair);
}

/* --- Liars and the dead --- */

static int connect_raw(const Fixture *f)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int s = socket(AF_UNIX, SOCK_STREAM, 0);

    g_strlcpy(address.sun_path, f->path, sizeof(address.sun_path));
    g_assert_cmpint(connect(s, (struct sockaddr *)&address, sizeof(address)), ==, 0);
    return s;
}

/* The whole memory of a connection of its own, as a client has it that keeps to no rule. */
static uint8_t *seize_memory(const Fixture *f, End server, int *s, size_t *size)
{
    ShmAnswer answer = { .memory_fd = -1 };
    uint8_t greeting[SHM_GREETING_LEN];
    struct stat st;
    QsPeer peer;
    uint8_t *data;
    size_t len;
    uint8_t *at;
    ShmIo io;

    *s = connect_raw(f);
    shm_greeting(greeting);
    g_assert_cmpint(write(*s, greeting, sizeof(greeting)), ==, sizeof(greeting));
    g_assert_cmpint(fcntl(*s, F_SETFL, O_NONBLOCK), ==, 0);
    while ((io = shm_answer_receive(&answer, *s)) == SHM_NOTHING) {
        /* what the one before has left in its ring may look like frames */
        if (receive(server, 5, &data, &len, &peer) == QS_IO_OK) {
            server.t->release(server.e, data);
        }
    }
    g_assert_cmpint(io, ==, SHM_OK);
    g_assert_cmpint(fstat(answer.memory_fd, &st), ==, 0);
    *size = (size_t)st.st_size;
    at = mmap(NULL, *size, PROT_READ | PROT_WRITE, MAP_SHARED, answer.memory_fd, 0);
    g_assert_true(at != MAP_FAILED);
    shm_answer_clear(&answer);
    return at;
}

typedef struct Vandal {
    uint8_t *at;
    size_t size;
    int socket;
    int stop;
} Vandal;

static gpointer vandalise(gpointer opaque)
{
    Vandal *v = opaque;
    GRand *rand = g_rand_new_with_seed(3);

    while (!g_atomic_int_get(&v->stop)) {
        for (int i = 0; i < 1000; i++) {
            size_t at = (size_t)g_rand_int_range(rand, 0, (gint32)(v->size / 8)) * 8;
            uint64_t word = g_rand_boolean(rand) ? (uint64_t)g_rand_int_range(rand, 1, 4) << 32 |
                                                       (uint32_t)g_rand_int_range(rand, 0, 20000)
                                                 : g_rand_int(rand);

            /* often the first line of a ring, where the reader looks */
            at = g_rand_int_range(rand, 0, 4) ? at : 4096;
            memcpy(v->at + at, &word, sizeof(word));
        }
        (void)!send(v->socket, "ding", 4, MSG_NOSIGNAL | MSG_DONTWAIT);
    }
    g_rand_free(rand);
    return NULL;
}

/* The server reads on, whatever is written under its eyes; another client does not notice. */
static void test_vandal(void)
{
    Fixture f;
    End server;
    End client;
    QsPeer peer;

    transport_set_up(&f, "shm", &qs_transport_shm, &qs_transport_shm);
    server = listen_at(&f);
    client = connect_to(&f);
    for (int i = 0; i < 20; i++) {
        Vandal v = { .stop = 0 };
        GThread *thread;

        v.at = seize_memory(&f, server, &v.socket, &v.size);
        thread = g_thread_new("vandal", vandalise, &v);
        for (int k = 0; k < 20; k++) {
            QsIo io;
            uint8_t *data;
            size_t len;

            send_text(client, "alive?", NULL);
            do {
                io = receive(server, SOON_MS, &data, &len, &peer);
                g_assert_true(io == QS_IO_OK || io == QS_IO_BAD);
                if (io == QS_IO_OK && !(len == 6 && memcmp(data, "alive?", 6) == 0)) {
                    (void)send_bytes(server, 0, data, len, &peer); /* the vandal's */
                    io = QS_IO_BAD;
                    server.t->release(server.e, data);
                } else if (io == QS_IO_OK) {
                    server.t->release(server.e, data);
                }
            } while (io != QS_IO_OK);
            send_text(server, "yes", &peer);
            expect_text(client, "yes", NULL);
        }
        g_atomic_int_set(&v.stop, 1);
        g_thread_join(thread);
        munmap(v.at, v.size);
        close(v.socket);
    }
    close_end(client);
    close_end(server);
    transport_tear_down(&f);
}

static void stay(void)
{
    for (;;) {
        pause();
    }
}

/* A client that is killed is noticed at once, and what it sent before still arrives. */
static void test_killed_client(void)
{
    Fixture f;
    End server;
    QsPeer peer = { 0 };
    pid_t child;

    transport_set_up(&f, "shm", &qs_transport_shm, &qs_transport_shm);
    server = listen_at(&f);
    child = fork();
    if (child == 0) {
        End client = { &qs_transport_shm, qs_transport_shm.connect(f.url, NULL, NULL) };

        while (client.t->send(client.e, 1000, (const uint8_t *)"one", 3, NULL) != QS_IO_OK) {
        }
        (void)client.t->send(client.e, 1000, (const uint8_t *)"two", 3, NULL);
        stay();
    }
    expect_text(server, "one", &peer);
    g_assert_true(server.t->connected(server.e));
    g_assert_false(server.t->is_gone(server.e, &peer));
    g_usleep(100000); /* for the child to send the second one */
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    expect_text(server, "two", &peer);
    expect_nothing(server, 20);
    g_assert_true(server.t->is_gone(server.e, &peer));
    g_assert_false(server.t->connected(server.e));
    close_end(server);
    transport_tear_down(&f);
}

/* A server that is killed is noticed at once, by a client that waits. */
static void test_killed_server(void)
{
    Fixture f;
    End client;
    pid_t child;
    uint8_t *data;
    size_t len;
    gint64 start;

    transport_set_up(&f, "shm", &qs_transport_shm, &qs_transport_shm);
    child = fork();
    if (child == 0) {
        QsEndpoint *e = qs_transport_shm.listen(f.url, NULL, NULL);
        QsPeer peer;

        while (qs_transport_shm.receive(e, -1, &data, &len, &peer) == QS_IO_OK) {
            (void)qs_transport_shm.send(e, 0, data, len, &peer);
            qs_transport_shm.release(e, data);
        }
        _exit(0);
    }
    client = connect_to(&f);
    send_text(client, "echo", NULL);
    expect_text(client, "echo", NULL);
    g_assert_cmpstr(client.t->in_use(client.e), ==, "shm");
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    start = g_get_monotonic_time();
    for (int i = 0; client.t->connected(client.e); i++) {
        g_assert_cmpint(i, <, SOON_MS);
        g_assert_cmpint(receive(client, 1, &data, &len, NULL), ==, QS_IO_AGAIN);
    }
    g_test_message("noticed after %" G_GINT64_FORMAT " us", g_get_monotonic_time() - start);
    close_end(client);
    transport_tear_down(&f);
}

static unsigned count_entries(const char *directory)
{
    GDir *dir = g_dir_open(directory, 0, NULL);
    unsigned n = 0;

    while (dir && g_dir_read_name(dir)) {
        n++;
    }
    if (dir) {
        g_dir_close(dir);
    }
    return n;
}

static unsigned count_mappings(void)
{
    g_autofree char *maps = NULL;
    unsigned n = 0;

    g_assert_true(g_file_get_contents("/proc/self/maps", &maps, NULL, NULL));
    for (const char *at = maps; (at = strstr(at, "memfd:qosim")); at++) {
        n++;
    }
    return n;
}

static void test_many_connections(void)
{
    unsigned in_dev_shm = count_entries("/dev/shm");
    unsigned descriptors = 0;
    Fixture f;
    End server;
    QsPeer peer;

    transport_set_up(&f, "shm", &qs_transport_shm, &qs_transport_shm);
    server = listen_at(&f);
    for (int i = 0; i < 3000; i++) {
        End client = connect_to(&f);

        while (send_bytes(client, 0, "hello", 5, NULL) != QS_IO_OK) {
            expect_nothing(server, 0);
        }
        expect_text(server, "hello", &peer);
        if (i % 3 == 0) {
            send_text(server, "never read", &peer);
        }
        close_end(client);
        if (i == 10) {
            expect_nothing(server, 20);
            descriptors = count_entries("/proc/self/fd");
        }
    }
    for (int i = 0; server.t->connected(server.e); i++) {
        g_assert_cmpint(i, <, 1000);
        expect_nothing(server, 5);
    }
    g_assert_cmpuint(count_entries("/proc/self/fd"), ==, descriptors);
    g_assert_cmpuint(count_mappings(), ==, 0);
    g_assert_cmpuint(count_entries("/dev/shm"), ==, in_dev_shm);
    close_end(server);
    transport_tear_down(&f);
}

/* A frame that comes while nobody spins rings the doorbell; no bell is lost between a look at the ring and the sleep. */
static gpointer echo(gpointer opaque)
{
    End *server = opaque;
    QsPeer peer;
    uint8_t *data;
    size_t len;
    bool goes_on = true;

    while (goes_on) {
        g_assert_cmpint(receive(*server, SOON_MS, &data, &len, &peer), ==, QS_IO_OK);
        goes_on = len > 0;
        g_assert_cmpint(send_bytes(*server, SOON_MS, data, len, &peer), ==, QS_IO_OK);
        server->t->release(server->e, data);
    }
    return NULL;
}

static void test_no_bell_is_lost(void)
{
    static const unsigned spins[][2] = { { 0, 0 }, { 1, 0 }, { 0, 1 }, { 1, 1 }, { 50, 50 } };

    for (size_t i = 0; i < G_N_ELEMENTS(spins); i++) {
        Fixture f;
        End server;
        End client;
        GThread *thread;

        transport_set_up(&f, "shm", &qs_transport_shm, &qs_transport_shm);
        server = listen_at(&f);
        client = connect_to(&f);
        server.t->set_spin(server.e, spins[i][0]);
        client.t->set_spin(client.e, spins[i][1]);
        thread = g_thread_new("echo", echo, &server);
        for (int k = 0; k < 5000; k++) {
            g_autofree char *text = g_strdup_printf("%d", k);

            g_assert_cmpint(send_bytes(client, SOON_MS, text, strlen(text), NULL), ==, QS_IO_OK);
            expect_text(client, text, NULL);
        }
        g_assert_cmpint(send_bytes(client, SOON_MS, "", 0, NULL), ==, QS_IO_OK);
        expect_text(client, "", NULL);
        g_thread_join(thread);
        close_end(client);
        close_end(server);
        transport_tear_down(&f);
    }
}

#define N_SLEEPERS 10

/* One who has the next frame in the ring before the last one is answered does not keep those waiting who ring. */
static void test_all_are_heard(void)
{
    Fixture f;
    End server;
    End busy;
    End sleepers[N_SLEEPERS];
    QsPeer peer;
    int heard = 0;

    transport_set_up(&f, "shm", &qs_transport_shm, &qs_transport_shm);
    server = listen_at(&f);
    busy = connect_to(&f);
    for (int i = 0; i < N_SLEEPERS; i++) {
        sleepers[i] = connect_to(&f);
        send_text(sleepers[i], "here", NULL);
        expect_text(server, "here", &peer);
    }
    while (server.t->spin(server.e)) { /* until it is in vain: from now on they have to ring */
        expect_nothing(server, 0);
    }
    send_text(busy, "busy", NULL);
    expect_text(server, "busy", &peer);
    for (int i = 0; i < N_SLEEPERS; i++) {
        send_text(sleepers[i], "sleeper", NULL);
    }
    for (int turn = 0; heard < N_SLEEPERS; turn++) {
        uint8_t *data;
        size_t len;

        g_assert_cmpint(turn, <, 200);
        send_text(busy, "busy", NULL);
        do {
            while (receive(server, 0, &data, &len, &peer) != QS_IO_OK) {
                continue;
            }
            heard += len == strlen("sleeper");
            server.t->release(server.e, data);
        } while (len == strlen("sleeper"));
    }
    for (int i = 0; i < N_SLEEPERS; i++) {
        close_end(sleepers[i]);
    }
    close_end(busy);
    close_end(server);
    transport_tear_down(&f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/shm/ring/pieces-of-all-sizes-wrap-around", test_pieces_of_all_sizes);
    g_test_add_func("/shm/ring/full-ring-takes-nothing-more", test_full_ring);
    g_test_add_func("/shm/ring/lies-are-found-out", test_lies);
    g_test_add_func("/shm/link/memory-is-private-nameless-and-stays-as-long-as-it-is",
                    test_memory_is_private_and_stays);
    g_test_add_func("/shm/link/frames-of-all-sizes", test_streams);
    g_test_add_func("/shm/link/what-is-not-read-is-bounded", test_no_room);
    g_test_add_func("/shm/peer/garbage-in-memory-harms-nobody-else", test_vandal);
    g_test_add_func("/shm/peer/killed-client-is-noticed", test_killed_client);
    g_test_add_func("/shm/peer/killed-server-is-noticed", test_killed_server);
    g_test_add_func("/shm/peer/thousands-come-and-go", test_many_connections);
    g_test_add_func("/shm/wait/no-bell-is-lost", test_no_bell_is_lost);
    g_test_add_func("/shm/wait/all-are-heard", test_all_are_heard);
    return g_test_run();
}
