/* A real qosimd and clients that share memory with it: by themselves, and when either side stops or dies. */
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib.h>
#include <qosim/qosim.h>

#include "tests/lib/daemon.h"

#define RAM 0x80000000u

static qosim_session *open_session(const char *url, bool no_shm)
{
    qosim_options options = { .timeout_ms = 60000, .no_shm = no_shm };
    qosim_session *session;

    if (qosim_open(url, &options, &session) != QOSIM_OK) {
        g_error("%s", qosim_open_error());
    }
    return session;
}

static void check_transport(const char *url, bool no_shm, const char *expected)
{
    qosim_session *session = open_session(url, no_shm);
    uint64_t data;

    g_assert_cmpstr(qosim_transport(session), ==, expected);
    g_assert_cmpint(qosim_write(session, RAM, 4, 0x1234, NULL), ==, QOSIM_OK);
    g_assert_cmpint(qosim_read(session, RAM, 4, &data, NULL), ==, QOSIM_OK);
    g_assert_cmphex(data, ==, 0x1234);
    qosim_close(session);
}

static void test_by_itself(void)
{
    Daemon *daemon = daemon_start("-M sifive_e", "ipc");
    g_autofree char *shm = g_strconcat("shm", daemon->url + strlen("ipc"), NULL);

    check_transport(daemon->url, false, "shm");
    check_transport(daemon->url, true, "sp");
    check_transport(shm, true, "shm");
    g_setenv("QOSIM_SHM", "0", TRUE);
    check_transport(daemon->url, false, "sp");
    g_unsetenv("QOSIM_SHM");
    daemon_free(daemon);
}

/* A client that reads and writes until it is killed. */
static pid_t start_client(const char *url)
{
    pid_t child = fork();

    if (child == 0) {
        qosim_session *session = open_session(url, false);
        uint64_t data;

        for (uint64_t i = 0;; i++) {
            if (qosim_post_write(session, RAM + 64, 4, i) != QOSIM_OK ||
                (i % 7 == 0 && qosim_read(session, RAM + 64, 4, &data, NULL) != QOSIM_OK)) {
                _exit(1);
            }
        }
    }
    return child;
}

static unsigned count_in_dev_shm(void)
{
    GDir *dir = g_dir_open("/dev/shm", 0, NULL);
    const char *name;
    unsigned n = 0;

    while (dir && (name = g_dir_read_name(dir))) {
        n += strstr(name, "qosim") != NULL;
    }
    if (dir) {
        g_dir_close(dir);
    }
    return n;
}

/* Clients that die in the middle of their work: the others go on, the server keeps none of their memory. */
static void test_killed_clients(void)
{
    Daemon *daemon = daemon_start("-M sifive_e", "ipc");
    qosim_session *session = open_session(daemon->url, false);
    g_autofree char *maps = g_strdup_printf("/proc/%d/maps", (int)daemon->pid);
    unsigned in_dev_shm = count_in_dev_shm();
    unsigned mappings = 0;
    uint64_t data;

    for (int round = 0; round < 10; round++) {
        pid_t children[3];

        for (size_t i = 0; i < G_N_ELEMENTS(children); i++) {
            children[i] = start_client(daemon->url);
        }
        g_usleep(30000);
        for (size_t i = 0; i < G_N_ELEMENTS(children); i++) {
            kill(children[i], SIGKILL);
            waitpid(children[i], NULL, 0);
        }
        g_assert_cmpint(qosim_write(session, RAM, 4, (uint64_t)round, NULL), ==, QOSIM_OK);
        g_assert_cmpint(qosim_read(session, RAM, 4, &data, NULL), ==, QOSIM_OK);
        g_assert_cmpuint(data, ==, round);
    }
    /* What they had written is carried out first; then one mapping is left. */
    for (int i = 0; mappings != 1; i++) {
        g_autofree char *text = NULL;

        g_assert_cmpint(i, <, 3000);
        g_assert_true(g_file_get_contents(maps, &text, NULL, NULL));
        mappings = 0;
        for (const char *at = text; (at = strstr(at, "memfd:qosim-shm")); at++) {
            mappings++;
        }
        g_usleep(10000);
    }
    g_assert_cmpuint(count_in_dev_shm(), ==, in_dev_shm);
    qosim_close(session);
    daemon_free(daemon);
}

static gpointer kill_soon(gpointer daemon)
{
    g_usleep(200000);
    (void)daemon_stop(daemon, SIGKILL);
    return NULL;
}

/* A server that dies in the middle of the work is an error of the call that was waiting. */
static void test_killed_server(void)
{
    Daemon *daemon = daemon_start("-M sifive_e", "ipc");
    unsigned in_dev_shm = count_in_dev_shm();
    qosim_session *session = open_session(daemon->url, false);
    GThread *killer = g_thread_new("killer", kill_soon, daemon);
    qosim_result rc = QOSIM_OK;
    uint64_t data;

    qosim_set_timeout(session, 500);
    while (rc == QOSIM_OK) {
        rc = qosim_read(session, RAM, 4, &data, NULL);
    }
    g_thread_join(killer);
    g_assert_true(rc == QOSIM_ERR_DISCONNECTED || rc == QOSIM_ERR_TIMEOUT);
    g_test_message("%s", qosim_last_error(session));
    g_assert_cmpuint(count_in_dev_shm(), ==, in_dev_shm);
    qosim_close(session);
    daemon_free(daemon);
}

static gpointer go_on_later(gpointer daemon)
{
    g_usleep(5000000);
    kill(((Daemon *)daemon)->pid, SIGCONT);
    return NULL;
}

/* A server that stands still for 5 s loses nothing, and neither does the client, however much it had posted. */
static void test_stopped_server(void)
{
    Daemon *daemon = daemon_start("-M sifive_e", "ipc");
    qosim_session *session = open_session(daemon->url, false);
    GThread *waker;
    uint64_t data;

    g_assert_cmpint(qosim_write(session, RAM, 4, 1, NULL), ==, QOSIM_OK);
    kill(daemon->pid, SIGSTOP);
    waker = g_thread_new("waker", go_on_later, daemon);
    for (uint64_t i = 0; i < 100000; i++) {
        g_assert_cmpint(qosim_post_write(session, RAM + i % 256 * 4, 4, i), ==, QOSIM_OK);
    }
    for (uint64_t i = 0; i < 256; i++) {
        g_assert_cmpint(qosim_read(session, RAM + i * 4, 4, &data, NULL), ==, QOSIM_OK);
        g_assert_cmpuint(data % 256, ==, i);
        g_assert_cmpuint(data, >=, 100000 - 256);
    }
    g_assert_cmpuint(qosim_posted_errors(session, NULL, 0), ==, 0);
    g_thread_join(waker);
    qosim_close(session);
    daemon_free(daemon);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/shm/clients-on-the-host-go-on-to-it-by-themselves", test_by_itself);
    g_test_add_func("/shm/killed-clients-leave-nothing", test_killed_clients);
    g_test_add_func("/shm/killed-server-is-an-error-in-time", test_killed_server);
    g_test_add_func("/shm/stopped-server-loses-nothing", test_stopped_server);
    return g_test_run();
}
