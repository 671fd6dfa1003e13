/*
 * Many clients at once, over every way there is: one that stands still holds nobody up, and none ever waits for something that has
 * long come. The clients of the crowd ask nothing twice, so that one lost wake-up would hang the test.
 *
 *   CROWD_SEED, CROWD_ROUNDS in the environment: other numbers than those for every day.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <glib.h>
#include <qosim/qosim.h>

#include "tests/functional/faults/proxy.h"
#include "tests/lib/daemon.h"
#include "tests/lib/raw_client.h"

#define OUTPUT_EN 0x10012008u
#define OUTPUT_VAL 0x1001200cu
#define RAM 0x80000000u
#define PINS "/machine/soc"
#define PATIENCE_MS 60000

static unsigned number(const char *variable, unsigned otherwise)
{
    const char *text = g_getenv(variable);

    return text ? (unsigned)strtoul(text, NULL, 10) : otherwise;
}

/* --- An observer that does not look --- */

typedef struct Way {
    const char *name;
    const char *scheme; /* where the daemon listens */
    bool no_shm;
    const char *transport;
} Way;

static const Way ways[] = {
    { "ipc", "ipc", true, "sp" },
    { "shm", "ipc", false, "shm" },
    { "tcp", "tcp", true, "sp" },
};

typedef struct Seen {
    uint64_t lines;
    uint64_t dropped;
    unsigned lagged;
    int levels[32];
    unsigned wrong; /* a line that did not change, without anything left out before */
    bool is_unsure[32];
} Seen;

static void see(void *opaque, const qosim_event *event)
{
    Seen *seen = opaque;

    if (event->kind == QOSIM_EVENT_LAGGED) {
        seen->dropped += event->dropped;
        seen->lagged++;
        memset(seen->is_unsure, true, sizeof(seen->is_unsure));
    } else if (event->kind == QOSIM_EVENT_LINE && event->watch != QOSIM_WATCH_IRQ) {
        g_assert_cmpuint(event->line, <, G_N_ELEMENTS(seen->levels));
        seen->lines++;
        seen->wrong += !seen->is_unsure[event->line] && seen->levels[event->line] == event->level;
        seen->is_unsure[event->line] = false;
        seen->levels[event->line] = event->level;
    }
}

static qosim_session *open_session(const char *url, const Way *way, qosim_role role)
{
    qosim_options options = { .timeout_ms = PATIENCE_MS, .role = role, .no_shm = way->no_shm };
    qosim_session *s;

    if (qosim_open(url, &options, &s) != QOSIM_OK) {
        g_error("%s", qosim_open_error());
    }
    g_assert_cmpstr(qosim_transport(s), ==, way->transport);
    return s;
}

/* Pages of memory that the daemon has. */
static unsigned long resident_pages(const Daemon *daemon)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/statm", (int)daemon->pid);
    g_autofree char *text = NULL;
    const char *second;

    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    second = strchr(text, ' ');
    g_assert_nonnull(second);
    return strtoul(second, NULL, 10);
}

static void must(qosim_session *s, qosim_result result)
{
    if (result != QOSIM_OK) {
        g_error("%s", qosim_last_error(s));
    }
}

/* Changes all lines @n times, with a reply now and then. */
static void change_lines(qosim_session *driver, unsigned n)
{
    for (unsigned i = 1; i <= n; i++) {
        uint64_t value = i & 1 ? 0xffffffff : 0;

        must(driver, i % 1000 ? qosim_post_write(driver, OUTPUT_VAL, 4, value)
                              : qosim_write(driver, OUTPUT_VAL, 4, value, NULL));
    }
    must(driver, qosim_flush(driver));
}

static void test_stuck_observer(gconstpointer data)
{
    enum { CHANGES = 20001, BOUND_BYTES = 96 << 20 };
    const Way *way = data;
    g_autoptr(Daemon) daemon = daemon_start("-M sifive_e", way->scheme);
    qosim_session *driver = open_session(daemon->url, way, QOSIM_ROLE_DRIVER);
    qosim_session *observer = open_session(daemon->url, way, QOSIM_ROLE_OBSERVER);
    Seen seen = { 0 };
    unsigned long before;
    uint32_t watch;
    uint32_t lines;

    qosim_set_event_handler(observer, see, &seen);
    must(observer, qosim_watch_lines(observer, PINS, QOSIM_LINE_OUT, &watch, &lines));
    g_assert_cmpuint(lines, ==, 32);
    must(driver, qosim_write(driver, OUTPUT_EN, 4, 0xffffffff, NULL));
    before = resident_pages(daemon);
    change_lines(driver, CHANGES); /* every call returns, whatever the observer does */
    g_assert_cmpuint((resident_pages(daemon) - before) * (unsigned long)getpagesize(), <,
                     BOUND_BYTES);
    while (seen.lines + seen.dropped < UINT64_C(32) * CHANGES) {
        g_assert_cmpint(qosim_poll(observer, PATIENCE_MS), >, 0);
    }
    g_test_message("%u of %u events came, %u gaps", (unsigned)seen.lines, 32u * CHANGES,
                   seen.lagged);
    g_assert_cmpuint(seen.lines + seen.dropped, ==, UINT64_C(32) * CHANGES);
    g_assert_cmpuint(seen.lagged, >, 0);
    g_assert_cmpuint(seen.wrong, ==, 0);
    for (size_t i = 0; i < G_N_ELEMENTS(seen.levels); i++) {
        g_assert_cmpint(seen.levels[i], ==, 1);
    }
    qosim_close(observer);
    qosim_close(driver);
}

/*
 * The connection breaks while more frames are on their way than the server keeps: those that are gone are counted, those that are
 * kept come, and so does what happened in between.
 */
static void test_more_missed_than_kept(void)
{
    enum { CHANGES = 8001 };
    static const ProxyPlan no_faults = { .stall_ms = 0 };
    const Way *way = &ways[0];
    g_autoptr(Daemon) daemon = daemon_start("-M sifive_e", way->scheme);
    g_autoptr(Proxy) proxy = proxy_new(daemon->url, 1, &no_faults);
    qosim_session *driver = open_session(daemon->url, way, QOSIM_ROLE_DRIVER);
    qosim_session *observer = open_session(proxy_url(proxy), way, QOSIM_ROLE_OBSERVER);
    Seen seen = { 0 };
    uint32_t watch;
    uint32_t lines;

    qosim_set_event_handler(observer, see, &seen);
    must(observer, qosim_watch_lines(observer, PINS, QOSIM_LINE_OUT, &watch, &lines));
    must(driver, qosim_write(driver, OUTPUT_EN, 4, 1, NULL));
    for (unsigned i = 1; i <= CHANGES; i++) { /* fewer than the queue holds */
        must(driver, qosim_write(driver, OUTPUT_VAL, 4, i & 1, NULL));
    }
    proxy_cut(proxy);
    while (seen.lines + seen.dropped < CHANGES) {
        g_assert_cmpint(qosim_poll(observer, PATIENCE_MS), >=, 0);
    }
    g_test_message("%u of %u events came", (unsigned)seen.lines, (unsigned)CHANGES);
    g_assert_cmpuint(seen.lines + seen.dropped, ==, CHANGES);
    g_assert_cmpuint(seen.dropped, >, 0);
    g_assert_cmpuint(seen.lagged, ==, 1);
    g_assert_cmpuint(seen.wrong, ==, 0);
    g_assert_cmpint(seen.levels[0], ==, 1);
    g_assert_cmpuint(proxy_connections(proxy), ==, 2);
    qosim_close(observer);
    qosim_close(driver);
}

/* --- A crowd --- */

typedef struct Member {
    const char *url;
    unsigned index;
    guint32 seed;
    unsigned rounds;
    uint64_t address; /* a word of its own */
    int *alive;       /* atomic: members at work */
} Member;

static RawClient *join(const Member *member)
{
    RawClient *client = raw_client_new(member->url);
    QsOperation hello = raw_hello(QS_ROLE_OBSERVER, member->index % 2);

    if (member->index % 4 == 3) { /* of a machine with another thread */
        hello.hello.machine = "apart";
        hello.hello.create = "sifive_e";
    }
    g_assert_cmpint(raw_client_try_hello(client, &hello)->status.code, ==, QS_STATUS_OK);
    return client;
}

/* One write of the next value, then 0 to 300 more of them posted one by one, or several in a frame. */
static uint32_t write_some(const Member *member, RawClient *client, GRand *rand, uint32_t value)
{
    QsOperation ops[40];
    int n;

    switch (g_rand_int_range(rand, 0, 4)) {
    case 0:
        raw_client_write32(client, member->address, ++value);
        break;
    case 1:
        n = g_rand_int_range(rand, 1, 300);
        while (n-- > 0) {
            ops[0] = raw_write(member->address, 4, ++value);
            raw_client_post(client, ops, 1);
        }
        break;
    default:
        n = g_rand_int_range(rand, 1, (int)G_N_ELEMENTS(ops));
        for (int i = 0; i < n; i++) {
            ops[i] = raw_write(member->address, 4, ++value);
        }
        if (g_rand_boolean(rand)) {
            raw_client_post(client, ops, (size_t)n);
        } else {
            raw_client_call(client, ops, (size_t)n);
        }
    }
    return value;
}

static gpointer be_a_member(gpointer data)
{
    const Member *member = data;
    GRand *rand = g_rand_new_with_seed(member->seed);
    RawClient *client = join(member);
    uint32_t value = 0;

    raw_client_write32(client, member->address, 0);
    for (unsigned i = 0; i < member->rounds; i++) {
        value = write_some(member, client, rand, value);
        g_assert_cmpuint(raw_client_read32(client, member->address), ==, value);
        if (g_rand_int_range(rand, 0, 40) == 0) {
            g_usleep((gulong)g_rand_int_range(rand, 0, 3000)); /* the server goes to sleep */
        } else if (g_rand_int_range(rand, 0, 200) == 0) {
            raw_client_free(client);
            client = join(member);
        }
    }
    g_assert_cmpuint(raw_client_stat(client, "repeated_frames"), ==, 0);
    raw_client_free(client);
    g_rand_free(rand);
    (void)g_atomic_int_dec_and_test(member->alive);
    return NULL;
}

/* Stops the daemon now and then while there is somebody at work. */
static void disturb(const Daemon *daemon, GRand *rand, int *alive)
{
    while (g_atomic_int_get(alive) > 0) {
        g_usleep((gulong)g_rand_int_range(rand, 0, 30000));
        (void)kill(daemon->pid, SIGSTOP);
        g_usleep((gulong)g_rand_int_range(rand, 0, 5000));
        (void)kill(daemon->pid, SIGCONT);
    }
}

/* @n members in turn over shared memory, by a unix socket and by TCP. */
static void run_crowd(unsigned n, unsigned rounds)
{
    unsigned port = daemon_free_port();
    g_autofree char *tcp = g_strdup_printf("tcp://127.0.0.1:%u", port);
    g_autofree char *arguments = g_strdup_printf("-M sifive_e --listen %s", tcp);
    g_autoptr(Daemon) daemon = daemon_start(arguments, "ipc");
    g_autofree char *shm = g_strconcat("shm://", daemon->url + strlen("ipc://"), NULL);
    const char *urls[] = { shm, daemon->url, tcp };
    GRand *rand = g_rand_new_with_seed(number("CROWD_SEED", 1) + n);
    Member *members = g_new0(Member, n);
    GThread **threads = g_new0(GThread *, n);
    int alive = (int)n;

    for (unsigned i = 0; i < n; i++) {
        members[i] = (Member){ .url = urls[i % G_N_ELEMENTS(urls)],
                               .index = i,
                               .seed = g_rand_int(rand),
                               .rounds = rounds,
                               .address = RAM + 4u * i,
                               .alive = &alive };
        threads[i] = g_thread_new("member", be_a_member, &members[i]);
    }
    disturb(daemon, rand, &alive);
    for (unsigned i = 0; i < n; i++) {
        g_thread_join(threads[i]);
    }
    g_free(threads);
    g_free(members);
    g_rand_free(rand);
}

static void test_crowd(gconstpointer data)
{
    unsigned n = GPOINTER_TO_UINT(data);

    run_crowd(n, number("CROWD_ROUNDS", 1500) / n);
}

static void add_crowd(unsigned n)
{
    g_autofree char *path = g_strdup_printf("/crowd/nothing-that-came-is-waited-for/%u-clients", n);

    g_test_add_data_func(path, GUINT_TO_POINTER(n), test_crowd);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(ways); i++) {
        g_autofree char *path = g_strdup_printf(
            "/crowd/%s/observer-that-does-not-look-is-told-and-holds-nobody-up", ways[i].name);

        g_test_add_data_func(path, &ways[i], test_stuck_observer);
    }
    g_test_add_func("/crowd/resume/more-missed-than-kept-is-told-exactly",
                    test_more_missed_than_kept);
    add_crowd(1);
    add_crowd(2);
    add_crowd(3);
    add_crowd(12);
    add_crowd(40);
    return g_test_run();
}
