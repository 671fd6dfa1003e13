/*
 * Whoever stands still (SIGSTOP) for five seconds loses nothing, over any transport: a client between its writes, a server in the
 * middle of a frame, an observer in the middle of an event, for whom the driver does not wait.
 *
 *   FAULTS_WRITES, FAULTS_STOP_MS in the environment: other numbers than those for every day.
 */
#include <signal.h>

#include "tests/functional/faults/peers.h"

/* libqosim keeps 16384 posted operations without a reply; a frame of 64 more may be in the making. */
#define MAX_POSTED (16384 + 64)

/* All ways at once, so that the time is spent once. */
typedef struct All {
    Daemon *daemons[PEER_WAYS];
    PeerClient clients[PEER_WAYS];
    unsigned n;
} All;

static void set_up(All *all, gconstpointer data G_GNUC_UNUSED)
{
    all->n = peer_number("FAULTS_WRITES", 12000);
    for (size_t i = 0; i < PEER_WAYS; i++) {
        all->daemons[i] = peer_daemon(&peer_ways[i], MACHINE, NULL);
    }
}

static void tear_down(All *all, gconstpointer data G_GNUC_UNUSED)
{
    for (size_t i = 0; i < PEER_WAYS; i++) {
        daemon_free(all->daemons[i]);
    }
}

static void start_all(All *all, const PeerTask *task)
{
    for (size_t i = 0; i < PEER_WAYS; i++) {
        char token[33];

        all->clients[i] = peer_start(all->daemons[i], &peer_ways[i], task);
        peer_read_token(&all->clients[i], &peer_ways[i], token);
    }
}

static void stand_still(void)
{
    g_usleep((gulong)peer_number("FAULTS_STOP_MS", 5000) * 1000);
}

static void end_all(All *all)
{
    for (size_t i = 0; i < PEER_WAYS; i++) {
        g_assert_cmpint(peer_end(&all->clients[i]), ==, 0);
        peer_expect_count(all->daemons[i], &peer_ways[i], all->n);
    }
}

static void test_client(All *all, gconstpointer data G_GNUC_UNUSED)
{
    PeerTask task = { .n = all->n, .stops_at = all->n / 2 };

    start_all(all, &task);
    for (size_t i = 0; i < PEER_WAYS; i++) {
        peer_await_stop(all->clients[i].pid);
    }
    stand_still();
    for (size_t i = 0; i < PEER_WAYS; i++) {
        (void)kill(all->clients[i].pid, SIGCONT);
    }
    end_all(all);
}

static void test_server(All *all, gconstpointer data G_GNUC_UNUSED)
{
    PeerTask task = { .n = all->n, .server_at = all->n / 2 };

    start_all(all, &task);
    for (size_t i = 0; i < PEER_WAYS; i++) {
        peer_await_stop(all->daemons[i]->pid);
    }
    stand_still();
    for (size_t i = 0; i < PEER_WAYS; i++) {
        (void)kill(all->daemons[i]->pid, SIGCONT);
    }
    end_all(all);
}

/* Everything that the observer is to hear of happens while it stands still, but for the first change. */
static void test_observer(All *all, gconstpointer data G_GNUC_UNUSED)
{
    PeerTask task = { .n = all->n / 16, .stops_at = 1, .is_observer = true };

    start_all(all, &task);
    for (size_t i = 0; i < PEER_WAYS; i++) {
        qosim_options options = peer_options(&peer_ways[i], QOSIM_ROLE_DRIVER, PATIENCE_MS);
        qosim_session *s = peer_open(all->daemons[i], &options);

        for (uint32_t k = 1; k <= all->n; k++) {
            g_assert_cmpint(k % 8 ? qosim_post_write(s, COUNTER, 4, k)
                                  : qosim_write(s, COUNTER, 4, k, NULL),
                            ==, QOSIM_OK);
            if (k == 16) {
                peer_await_stop(all->clients[i].pid);
            }
        }
        g_assert_cmpint(qosim_flush(s), ==, QOSIM_OK);
        g_assert_cmpuint(peer_read32(s, COUNTER + 4), ==, all->n);
        qosim_close(s);
    }
    stand_still();
    for (size_t i = 0; i < PEER_WAYS; i++) {
        (void)kill(all->clients[i].pid, SIGCONT);
    }
    end_all(all);
}

/*
 * What a client posts to a server that does not read is bounded, and the call that finds no room says so in time. What was
 * taken is carried out once, in order, when the server goes on; what was not is counted.
 */
static void test_posted(All *all, gconstpointer data G_GNUC_UNUSED)
{
    for (size_t i = 0; i < PEER_WAYS; i++) {
        qosim_options options = peer_options(&peer_ways[i], QOSIM_ROLE_DRIVER, PATIENCE_MS);
        qosim_session *s = peer_open(all->daemons[i], &options);
        uint32_t posted = 0;
        uint64_t unsent;

        qosim_set_timeout(s, 300);
        (void)kill(all->daemons[i]->pid, SIGSTOP);
        peer_await_stop(all->daemons[i]->pid);
        while (qosim_post_write(s, COUNTER, 4, posted + 1) == QOSIM_OK) {
            posted++;
            g_assert_cmpuint(posted, <=, MAX_POSTED);
        }
        (void)kill(all->daemons[i]->pid, SIGCONT);
        qosim_set_timeout(s, PATIENCE_MS);
        g_assert_cmpuint(peer_read32(s, COUNTER + 8), ==, 0);
        unsent = qosim_posted_errors(s, NULL, 0);
        g_test_message("%s: %u were posted, %" G_GUINT64_FORMAT " not sent", peer_ways[i].name,
                       posted, unsent);
        g_assert_cmpuint(peer_read32(s, COUNTER + 4) + unsent, >=, posted);
        g_assert_cmpuint(peer_read32(s, COUNTER + 4), <=, posted + 1);
        qosim_close(s);
    }
}

int main(int argc, char **argv)
{
    int rc;

    peers_begin(argc, argv);
    g_test_init(&argc, &argv, NULL);
    g_test_add("/stopped/client-loses-nothing", All, NULL, set_up, test_client, tear_down);
    g_test_add("/stopped/server-loses-nothing", All, NULL, set_up, test_server, tear_down);
    g_test_add("/stopped/observer-loses-nothing-and-nobody-waits-for-it", All, NULL, set_up,
               test_observer, tear_down);
    g_test_add("/stopped/server-bounds-what-is-posted", All, NULL, set_up, test_posted, tear_down);
    rc = g_test_run();
    peers_end();
    return rc;
}
