/*
 * Exactly once, over connections that break: a client writes to a device that counts, and kicks a virtqueue, through a proxy that
 * cuts, stalls, splits, duplicates, half-closes and garbles; over shared memory, whose bytes no proxy sees, it does that to the socket
 * beside it, and the rings are overwritten besides. At the end the device has seen everything once and in order,
 * every call came back with its own result, and no event is missing.
 *
 *   FAULTS_SEED, FAULTS_WRITES, FAULTS_KICKS in the environment: other numbers than those for every day.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <glib.h>
#include <glib/gstdio.h>
#include <qosim/qosim.h>

#include "tests/functional/faults/proxy.h"
#include "tests/lib/daemon.h"
#include "tests/lib/vring_driver.h"

#define COUNTER UINT64_C(0x20000000)
#define VIRTIO UINT64_C(0x10008000)
#define RAM UINT64_C(0x80000000)
#define RAM_SIZE UINT64_C(0x100000)
#define LINE 40
#define MACHINE                                                                                    \
    "-M virt -m 16M -device test-counter,addr=0x20000000,irq=40 -device test-kicks,id=kicks"

/* A call may have to wait for many new connections; far longer, and something hangs. */
#define PATIENCE_MS 60000

static const ProxyPlan plan = {
    .every = { [PROXY_CUT] = 150,
               [PROXY_HALF_CLOSE] = 600,
               [PROXY_STALL] = 100,
               [PROXY_SPLIT] = 4,
               [PROXY_DUPLICATE] = 20,
               [PROXY_GARBAGE] = 900 },
    .stall_ms = 20,
};

/* A message that is altered ends a sealed connection: not with every other one. */
static const ProxyPlan plan_sealed = {
    .every = { [PROXY_CUT] = 150,
               [PROXY_HALF_CLOSE] = 600,
               [PROXY_STALL] = 100,
               [PROXY_SPLIT] = 4,
               [PROXY_DUPLICATE] = 300,
               [PROXY_GARBAGE] = 900 },
    .stall_ms = 20,
};

/* Only openings and doorbells come by. */
static const ProxyPlan plan_shm = {
    .every = { [PROXY_CUT] = 30, [PROXY_HALF_CLOSE] = 100, [PROXY_STALL] = 30, [PROXY_SPLIT] = 4 },
    .stall_ms = 20,
};

/* Over shared memory the test makes trouble itself, once in so many of its steps. */
#define CUT_EVERY 80
#define OVERWRITE_EVERY 80

typedef struct Way {
    const char *name;
    const char *scheme;
    const ProxyPlan *plan;
    bool is_sealed;
} Way;

static const Way ways[] = {
    { "ipc", "ipc", &plan, false }, { "shm", "shm", &plan_shm, false },
    { "tcp", "tcp", &plan, false }, { "sealed", "tcp", &plan_sealed, true },
    { "ws", "ws", &plan, false },
};

typedef struct Fixture {
    Daemon *daemon;
    Proxy *proxy;
    qosim_session *s;
    guint32 seed;
    GRand *rand;
    int level;        /* of the line, as events told */
    unsigned changes; /* of it */
    unsigned wrong;   /* events that told no change */
    uint64_t dropped; /* as Lagged events told */
    uint32_t written;
    bool is_shm;
    unsigned cuts;        /* made by hand */
    unsigned overwritten; /* rings */
    char *key;            /* path of the file with it; NULL: none */
} Fixture;

static unsigned number(const char *variable, unsigned otherwise)
{
    const char *text = g_getenv(variable);

    return text ? (unsigned)strtoul(text, NULL, 10) : otherwise;
}

static void must(const Fixture *f, qosim_result result)
{
    if (result != QOSIM_OK) {
        g_error("seed %u: %s", f->seed, qosim_last_error(f->s));
    }
}

static void take_event(void *opaque, const qosim_event *event)
{
    Fixture *f = opaque;

    if (event->kind == QOSIM_EVENT_LAGGED) {
        f->dropped += event->dropped;
    } else if (event->kind == QOSIM_EVENT_LINE && event->line == LINE) {
        f->wrong += event->level == f->level;
        f->level = event->level;
        f->changes++;
    }
}

static char *new_key(void)
{
    char *path;
    int fd = g_file_open_tmp("qosim-key-XXXXXX", &path, NULL);

    g_assert_cmpint(fd, >=, 0);
    g_close(fd, NULL);
    g_assert_true(g_file_set_contents(path, "exactly once, in order, and nobody else", -1, NULL));
    g_assert_cmpint(g_chmod(path, 0600), ==, 0);
    return path;
}

static void set_up(Fixture *f, gconstpointer data)
{
    const Way *way = data;
    qosim_options options = { .timeout_ms = PATIENCE_MS,
                              .role = QOSIM_ROLE_DRIVER,
                              .client = "faults",
                              .no_shm = strcmp(way->scheme, "ipc") == 0 };
    g_autofree char *arguments = NULL;

    f->seed = number("FAULTS_SEED", 1);
    f->rand = g_rand_new_with_seed(f->seed);
    f->is_shm = strcmp(way->scheme, "shm") == 0;
    f->key = way->is_sealed ? new_key() : NULL;
    options.auth_file = f->key;
    arguments = g_strdup_printf(MACHINE "%s%s", f->key ? " --allow-remote --auth-file " : "",
                                f->key ? f->key : "");
    f->daemon = daemon_start(arguments, way->scheme);
    f->proxy = proxy_new(f->daemon->url, f->seed, way->plan);
    if (qosim_open(proxy_url(f->proxy), &options, &f->s) != QOSIM_OK) {
        g_error("seed %u: %s", f->seed, qosim_open_error());
    }
    g_assert_cmpstr(qosim_transport(f->s), ==, f->is_shm ? "shm" : "sp");
    qosim_set_event_handler(f->s, take_event, f);
}

static void tear_down(Fixture *f, gconstpointer data)
{
    const Way *way = data;
    unsigned cuts = proxy_count(f->proxy, PROXY_CUT) + f->cuts;

    g_test_message("%s: %u connections, %u cuts, %u half-closes, %u stalls, %u splits, "
                   "%u duplicates, %u times garbage, %u rings overwritten",
                   way->name, proxy_connections(f->proxy), cuts,
                   proxy_count(f->proxy, PROXY_HALF_CLOSE), proxy_count(f->proxy, PROXY_STALL),
                   proxy_count(f->proxy, PROXY_SPLIT), proxy_count(f->proxy, PROXY_DUPLICATE),
                   proxy_count(f->proxy, PROXY_GARBAGE), f->overwritten);
    g_assert_cmpuint(cuts, >, 0);
    qosim_close(f->s);
    proxy_free(f->proxy);
    daemon_free(f->daemon);
    g_rand_free(f->rand);
    if (f->key) {
        g_unlink(f->key);
        g_free(f->key);
    }
}

static uint32_t read32(const Fixture *f, uint64_t address)
{
    uint64_t data = 0;

    must(f, qosim_read(f->s, address, 4, &data, NULL));
    return (uint32_t)data;
}

/* The rings of @f's connection, in this process. */
static void *find_rings(const Fixture *f, size_t *size)
{
    g_autofree char *maps = NULL;
    const char *line;
    gsize len;
    void *from;
    void *to;

    g_assert_true(g_file_get_contents("/proc/self/maps", &maps, &len, NULL));
    line = strstr(maps, "memfd:qosim-shm");
    if (!line) {
        g_error("seed %u: no shared memory over %s", f->seed, qosim_transport(f->s));
    }
    while (line > maps && line[-1] != '\n') {
        line--;
    }
    g_assert_cmpint(sscanf(line, "%p-%p", &from, &to), ==, 2);
    *size = (size_t)((char *)to - (char *)from);
    return from;
}

/*
 * Has every line of both rings say that it begins a piece, of the next lap and longer than pieces are: each side finds one where it
 * reads next. Or has one of the counts of lines that were read tell of more than were written.
 */
static void overwrite_rings(Fixture *f)
{
    size_t size;
    guint64 *words = find_rings(f, &size);

    switch (g_rand_int_range(f->rand, 0, 3)) {
    case 0:
        words[0] = G_MAXUINT64 / 2;
        break;
    case 1:
        words[384 / 8] = G_MAXUINT64 / 2;
        break;
    default:
        for (size_t i = 4096 / 8; i < size / 8; i += 64 / 8) {
            words[i] = ((words[i] >> 32) + 1) << 32 | 0xffff;
        }
        break;
    }
    f->overwritten++;
}

/* Makes trouble over shared memory. Rings are not touched while there is something in them: that would be other writes. */
static void make_trouble(Fixture *f, bool is_quiet)
{
    if (!f->is_shm) {
        return;
    }
    if (g_rand_int_range(f->rand, 0, CUT_EVERY) == 0) {
        proxy_cut(f->proxy);
        f->cuts++;
    } else if (is_quiet && g_rand_int_range(f->rand, 0, OVERWRITE_EVERY) == 0 &&
               strcmp(qosim_transport(f->s), "shm") == 0) {
        overwrite_rings(f);
    }
}

/* One to ten writes, posted, one by one or in a batch, and sometimes a look whether the device has them all. */
static void write_some(Fixture *f)
{
    qosim_access accesses[10];
    int n = g_rand_int_range(f->rand, 1, 11);
    int kind = g_rand_int_range(f->rand, 0, 4);

    for (int i = 0; i < n; i++) {
        uint32_t value = ++f->written;

        if (kind < 2) {
            must(f, qosim_post_write(f->s, COUNTER, 4, value));
        } else if (kind == 2) {
            must(f, qosim_write(f->s, COUNTER, 4, value, NULL));
        }
        accesses[i] =
            (qosim_access){ .is_write = true, .size = 4, .address = COUNTER, .data = value };
    }
    if (kind == 3) {
        must(f, qosim_batch(f->s, accesses, (size_t)n));
    }
    if (g_rand_boolean(f->rand)) {
        g_assert_cmpuint(read32(f, COUNTER + 4), ==, f->written);
        make_trouble(f, true);
    } else {
        make_trouble(f, false);
    }
}

static void test_writes(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    unsigned n = number("FAULTS_WRITES", 4000);

    while (f->written < n) {
        write_some(f);
    }
    proxy_set_calm(f->proxy, TRUE);
    g_assert_cmpuint(read32(f, COUNTER), ==, f->written);
    g_assert_cmpuint(read32(f, COUNTER + 4), ==, f->written);
    g_assert_cmpuint(read32(f, COUNTER + 8), ==, 0);
    g_assert_cmpuint(qosim_posted_errors(f->s, NULL, 0), ==, 0);
    /* Every change of the line was told, once, in order. */
    g_assert_cmpuint(f->dropped, ==, 0);
    g_assert_cmpuint(f->wrong, ==, 0);
    g_assert_cmpuint(f->changes, ==, f->written / 16);
    g_assert_cmpint(qosim_irq_level(f->s, LINE), ==, f->written >> 4 & 1);
}

/* --- Kicks --- */

static void read_memory(void *opaque, uint64_t addr, void *buf, size_t len)
{
    const Fixture *f = opaque;

    must(f, qosim_read_block(f->s, addr, buf, len, NULL));
}

static void write_memory(void *opaque, uint64_t addr, const void *buf, size_t len)
{
    const Fixture *f = opaque;

    must(f, qosim_write_block(f->s, addr, buf, len, NULL));
}

static uint32_t read_register(void *opaque, uint64_t addr, unsigned size)
{
    uint64_t value = 0;
    const Fixture *f = opaque;

    must(f, qosim_read(f->s, addr, size, &value, NULL));
    return (uint32_t)value;
}

/* A kick is posted every other time. */
static void write_register(void *opaque, uint64_t addr, uint32_t value, unsigned size)
{
    const Fixture *f = opaque;

    if (g_rand_boolean(f->rand)) {
        must(f, qosim_post_write(f->s, addr, size, value));
    } else {
        must(f, qosim_write(f->s, addr, size, value, NULL));
    }
}

static const VRingOps ops = { read_memory, write_memory, read_register, write_register };

static unsigned get_number(const Fixture *f, const char *property)
{
    g_autofree char *text = NULL;
    char *value;

    must(f, qosim_qom_get(f->s, "kicks", property, &value));
    text = g_strdup(value);
    qosim_free(value);
    return (unsigned)strtoul(text, NULL, 0);
}

static void test_kicks(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    unsigned n = number("FAULTS_KICKS", 400);
    VRingDriver driver;
    VRingQueue *queue;
    uint64_t buffer;

    vring_driver_init(&driver, &ops, f, VIRTIO, RAM, RAM_SIZE);
    g_assert_true(vring_driver_negotiate(&driver, UINT64_C(1) << 32));
    queue = vring_queue_new(&driver, 0, 16);
    vring_driver_start(&driver);
    buffer = vring_driver_alloc(&driver, 4, 4);
    for (uint32_t i = 1; i <= n; i++) {
        VRingSegment segment = { .addr = buffer, .len = sizeof(i) };
        VRingUsed used;

        write_memory(f, buffer, &i, sizeof(i));
        g_assert_true(vring_queue_post(queue, &segment, 1, false, f));
        vring_queue_kick(queue);
        g_assert_true(vring_queue_collect(queue, &used));
        g_assert_true(used.token == f);
        make_trouble(f, true);
    }
    proxy_set_calm(f->proxy, TRUE);
    g_assert_cmpuint(get_number(f, "kicks"), ==, n);
    g_assert_cmpuint(get_number(f, "mistakes"), ==, 0);
    g_assert_cmpuint(qosim_posted_errors(f->s, NULL, 0), ==, 0);
    vring_queue_free(queue);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(ways); i++) {
        g_autofree char *writes =
            g_strdup_printf("/faults/%s/writes-are-counted-once", ways[i].name);
        g_autofree char *kicks = g_strdup_printf("/faults/%s/kicks-are-counted-once", ways[i].name);

        g_test_add(writes, Fixture, &ways[i], set_up, test_writes, tear_down);
        g_test_add(kicks, Fixture, &ways[i], set_up, test_kicks, tear_down);
    }
    return g_test_run();
}
