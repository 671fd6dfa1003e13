/*
 * Peers that die. A client that is killed leaves its session to the next one, which goes on where the device is; a server that is
 * killed is an error in time, whatever its clients are at, and one that was started anew says so.
 *
 *   FAULTS_SEED, FAULTS_WRITES, FAULTS_KILLS in the environment: other numbers than those for every day.
 */
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "tests/functional/faults/peers.h"

/* Calls with a deadline of less than 1 s that take so long hang, on however busy a machine. */
#define HANG_US INT64_C(20000000)

static void test_killed_client(gconstpointer data)
{
    const PeerWay *way = data;
    /* Shared memory is so fast that few would be killed before the end. */
    bool is_fast = strcmp(way->transport, "shm") == 0;
    unsigned n = peer_number("FAULTS_WRITES", 20000) * (is_fast ? 4 : 1);
    unsigned kills = peer_number("FAULTS_KILLS", 8);
    GRand *rand = g_rand_new_with_seed(peer_number("FAULTS_SEED", 1));
    Daemon *daemon = peer_daemon(way, MACHINE, NULL);
    char token[33] = "";
    PeerTask task = { .n = n };
    unsigned killed = 0;
    PeerClient client;
    int status;

    do {
        char before[33];

        g_strlcpy(before, token, sizeof(before));
        client = peer_start(daemon, way, &task);
        peer_read_token(&client, way, token);
        g_assert_true(before[0] == '\0' || strcmp(before, token) == 0);
        task.token = token;
        if (killed < kills) {
            g_usleep((gulong)g_rand_int_range(rand, 0, is_fast ? 2000 : 20000));
            (void)kill(client.pid, SIGKILL);
        }
        status = peer_end(&client);
    } while (WIFSIGNALED(status) && ++killed <= kills);
    g_test_message("%u clients were killed", killed);
    g_assert_cmpint(status, ==, 0);
    peer_expect_count(daemon, way, n);
    daemon_free(daemon);
    g_rand_free(rand);
}

/* The client of before is not dead: it learns that the session is another's, and does nothing to it any more. */
static void test_taken_over(gconstpointer data)
{
    const PeerWay *way = data;
    Daemon *daemon = peer_daemon(way, MACHINE, NULL);
    qosim_options options = peer_options(way, QOSIM_ROLE_DRIVER, PATIENCE_MS);
    qosim_session *before = peer_open(daemon, &options);
    qosim_session *after;
    char error[128];

    g_assert_cmpint(qosim_write(before, COUNTER, 4, 1, NULL), ==, QOSIM_OK);
    options.resume = qosim_session_token(before);
    after = peer_open(daemon, &options);
    g_assert_cmpstr(qosim_session_token(after), ==, qosim_session_token(before));
    g_assert_cmpint(qosim_write(before, COUNTER, 4, 99, NULL), ==, QOSIM_ERR_DISCONNECTED);
    g_strlcpy(error, qosim_last_error(before), sizeof(error));
    g_assert_nonnull(strstr(error, "another client has taken the session over"));
    g_assert_cmpint(qosim_write(after, COUNTER, 4, 2, NULL), ==, QOSIM_OK);
    g_assert_cmpint(qosim_advance_by(after, 10, NULL), ==, QOSIM_OK); /* it is the driver */
    qosim_close(before);
    g_assert_cmpuint(peer_read32(after, COUNTER + 4), ==, 2);
    qosim_close(after);
    options.resume = "00112233445566778899aabbccddeeff";
    g_assert_cmpint(qosim_open(daemon->url, &options, &after), ==, QOSIM_ERR_DISCONNECTED);
    options.resume = "0011";
    g_assert_cmpint(qosim_open(daemon->url, &options, &after), ==, QOSIM_ERR_INVALID_ARGUMENT);
    peer_expect_count(daemon, way, 2);
    daemon_free(daemon);
}

/* --- A session that nobody comes back to --- */

static void test_grace(gconstpointer data)
{
    const PeerWay *way = data;
    Daemon *daemon = peer_daemon(way, MACHINE " --session-grace 0.3", NULL);
    qosim_options options = peer_options(way, QOSIM_ROLE_DRIVER, PATIENCE_MS);
    PeerTask task = { .n = 1000000000 };
    PeerClient client = peer_start(daemon, way, &task);
    char token[33];
    qosim_session *s = NULL;

    peer_read_token(&client, way, token);
    g_assert_cmpint(qosim_open(daemon->url, &options, &s), ==, QOSIM_ERR_NOT_ALLOWED);
    (void)kill(client.pid, SIGKILL);
    (void)peer_end(&client);
    /* The role becomes free by itself. */
    while (qosim_open(daemon->url, &options, &s) != QOSIM_OK) {
        g_assert_nonnull(strstr(qosim_open_error(), "has a driver already"));
        g_usleep(20000);
    }
    options.resume = token;
    g_assert_cmpint(qosim_advance_by(s, 1, NULL), ==, QOSIM_OK);
    qosim_close(s);
    g_assert_cmpint(qosim_open(daemon->url, &options, &s), ==, QOSIM_ERR_DISCONNECTED);
    daemon_free(daemon);
}

static size_t count_sessions(qosim_session *s)
{
    qosim_info *info;
    size_t n;

    g_assert_cmpint(qosim_get_info(s, &info), ==, QOSIM_OK);
    n = info->n_sessions;
    qosim_free_info(info);
    return n;
}

/* Whose connection is there, but who has promised to call and does not, is taken for gone. */
static void test_silent_client(gconstpointer data)
{
    const PeerWay *way = data;
    Daemon *daemon = peer_daemon(way, MACHINE " --session-grace 0.2", NULL);
    qosim_options options = peer_options(way, QOSIM_ROLE_OBSERVER, PATIENCE_MS);
    qosim_session *witness;
    qosim_session *silent;

    options.heartbeat_ms = -1;
    witness = peer_open(daemon, &options);
    options.heartbeat_ms = 100;
    silent = peer_open(daemon, &options);
    while (count_sessions(witness) > 1) {
        g_usleep(20000);
    }
    g_assert_cmpint(qosim_write(silent, COUNTER, 4, 1, NULL), ==, QOSIM_ERR_DISCONNECTED);
    peer_expect_count(daemon, way, 0);
    qosim_close(silent);
    qosim_close(witness);
    daemon_free(daemon);
}

/* --- A server that is killed, and started anew --- */

/* Makes one call; < 0: it failed. */
typedef int CallFn(qosim_session *s);

static int call_write(qosim_session *s)
{
    return qosim_write(s, COUNTER, 4, 1, NULL);
}

static int call_post(qosim_session *s)
{
    return qosim_post_write(s, COUNTER, 4, 1);
}

static int call_flush(qosim_session *s)
{
    int rc = qosim_post_write(s, COUNTER, 4, 1);

    return rc == QOSIM_OK ? qosim_flush(s) : rc;
}

static int call_batch(qosim_session *s)
{
    qosim_access accesses[64];

    for (size_t i = 0; i < G_N_ELEMENTS(accesses); i++) {
        accesses[i] = (qosim_access){ .address = COUNTER, .size = 4 };
    }
    return qosim_batch(s, accesses, G_N_ELEMENTS(accesses));
}

static int call_block(qosim_session *s)
{
    static uint8_t block[1 << 20];

    return qosim_write_block(s, UINT64_C(0x80000000), block, sizeof(block), NULL);
}

static int call_reset(qosim_session *s)
{
    return qosim_reset(s);
}

static int call_advance(qosim_session *s)
{
    return qosim_advance_by(s, 10, NULL);
}

static int call_poll(qosim_session *s)
{
    return qosim_poll(s, 100);
}

static const struct {
    const char *name;
    CallFn *call;
} calls[] = {
    { "write", call_write },     { "post", call_post },   { "flush", call_flush },
    { "batch", call_batch },     { "block", call_block }, { "reset", call_reset },
    { "advance", call_advance }, { "poll", call_poll },
};

typedef struct Caller {
    const Daemon *daemon;
    size_t i; /* in calls */
    qosim_session *s;
    gint *under_way; /* atomic: how many have made a call */
    GThread *thread;
} Caller;

/* Calls until that fails, which it does in time and says why; also the next calls do. */
static gpointer call_on(gpointer opaque)
{
    Caller *c = opaque;
    unsigned made = 0;
    unsigned failed = 0;

    while (failed < 2) {
        gint64 start = g_get_monotonic_time();
        int rc = calls[c->i].call(c->s);

        g_assert_cmpint(g_get_monotonic_time() - start, <, HANG_US);
        if (made++ == 0) {
            g_atomic_int_inc(c->under_way);
        }
        if (rc < 0) {
            failed++;
            if (rc != QOSIM_ERR_DISCONNECTED && rc != QOSIM_ERR_TIMEOUT) {
                g_error("%s: %d: %s", calls[c->i].name, rc, qosim_last_error(c->s));
            }
            if (!strstr(qosim_last_error(c->s), c->daemon->url)) {
                g_error("%s: %s", calls[c->i].name, qosim_last_error(c->s));
            }
        }
    }
    return NULL;
}

/* Each kind of call is under way, from a thread and a session of its own, when the server is killed. */
static void test_killed_server(gconstpointer data)
{
    const PeerWay *way = data;
    Daemon *daemon = peer_daemon(way, MACHINE, NULL);
    qosim_options options = peer_options(way, QOSIM_ROLE_OBSERVER, PATIENCE_MS);
    Caller callers[G_N_ELEMENTS(calls)];
    gint under_way = 0;
    Daemon *next;

    for (size_t i = 0; i < G_N_ELEMENTS(calls); i++) {
        callers[i] = (Caller){
            .daemon = daemon, .i = i, .s = peer_open(daemon, &options), .under_way = &under_way
        };
        qosim_set_timeout(callers[i].s, 700);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(calls); i++) {
        callers[i].thread = g_thread_new(calls[i].name, call_on, &callers[i]);
    }
    while (g_atomic_int_get(&under_way) < (gint)G_N_ELEMENTS(calls)) {
        g_usleep(1000);
    }
    g_assert_cmpint(daemon_stop(daemon, SIGKILL), ==, -1);
    for (size_t i = 0; i < G_N_ELEMENTS(calls); i++) {
        g_thread_join(callers[i].thread);
    }
    next = peer_daemon(way, MACHINE, daemon);
    for (size_t i = 0; i < G_N_ELEMENTS(calls); i++) {
        qosim_session *s = callers[i].s;

        qosim_set_timeout(s, PATIENCE_MS);
        g_assert_cmpint(qosim_write(s, COUNTER, 4, 1, NULL), ==, QOSIM_ERR_DISCONNECTED);
        g_assert_nonnull(strstr(qosim_last_error(s), "restarted; the session is lost"));
        g_assert_cmpint(qosim_poll(s, 0), ==, QOSIM_ERR_DISCONNECTED);
        qosim_close(s);
    }
    daemon_free(next);
    daemon_free(daemon);
}

/* The same for a client that does nothing but wait for events. */
static void test_restart_while_polling(gconstpointer data)
{
    const PeerWay *way = data;
    Daemon *daemon = peer_daemon(way, MACHINE, NULL);
    qosim_options options = peer_options(way, QOSIM_ROLE_OBSERVER, PATIENCE_MS);
    qosim_session *s = peer_open(daemon, &options);
    Daemon *next;
    int rc;

    (void)daemon_stop(daemon, SIGKILL);
    next = peer_daemon(way, MACHINE, daemon);
    rc = qosim_poll(s, PATIENCE_MS);
    g_assert_cmpint(rc, ==, QOSIM_ERR_DISCONNECTED);
    g_assert_nonnull(strstr(qosim_last_error(s), "the server was restarted; the session is lost"));
    qosim_close(s);
    daemon_free(next);
    daemon_free(daemon);
}

static void add(const char *what, const PeerWay *way, GTestDataFunc run)
{
    g_autofree char *path = g_strdup_printf("/peers/%s/%s", way->name, what);

    g_test_add_data_func(path, way, run);
}

int main(int argc, char **argv)
{
    int rc;

    peers_begin(argc, argv);
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < PEER_WAYS; i++) {
        const PeerWay *way = &peer_ways[i];

        add("killed-client-leaves-its-session-to-the-next", way, test_killed_client);
        add("client-of-before-is-told", way, test_taken_over);
        add("after-the-grace-the-role-is-free", way, test_grace);
        add("silence-against-a-promise-is-an-end", way, test_silent_client);
        add("killed-server-is-an-error-of-any-call-in-time", way, test_killed_server);
        add("restart-is-told-to-one-that-polls", way, test_restart_while_polling);
    }
    rc = g_test_run();
    peers_end();
    return rc;
}
