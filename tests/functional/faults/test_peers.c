/*
 * Peers that die, and peers that stand still. A client that is killed leaves its session to the next one, which goes on where the
 * device is; a server that is killed is an error in time, and one that was started anew says so; whoever is only stopped for
 * a while loses nothing.
 *
 *   FAULTS_SEED, FAULTS_WRITES, FAULTS_KILLS, FAULTS_STOP_MS in the environment: other numbers than those for every day.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib.h>
#include <qosim/qosim.h>

#include "tests/lib/daemon.h"

#define COUNTER UINT64_C(0x20000000)
#define MACHINE "-M virt -m 16M -device test-counter,addr=0x20000000,irq=40"
#define PATIENCE_MS 60000

/* Calls with a deadline of 1 s that take so long hang, on however busy a machine. */
#define HANG_US INT64_C(20000000)

typedef struct Way {
    const char *name;
    const char *scheme; /* where the daemon listens */
    bool no_shm;
    unsigned share; /* so many times fewer writes than over the others */
} Way;

static const Way ways[] = {
    { "ipc", "ipc", true, 1 },
    { "shm", "ipc", false, 1 },
    { "tcp", "tcp", true, 1 },
    { "ws", "ws", true, 1 },
};

static const char *program; /* this one, to be run again as a client */

static unsigned number(const char *variable, unsigned otherwise)
{
    const char *text = g_getenv(variable);

    return text ? (unsigned)strtoul(text, NULL, 10) : otherwise;
}

/* --- The client that is killed: another process --- */

static void must(qosim_session *s, qosim_result result)
{
    if (result != QOSIM_OK) {
        (void)fprintf(stderr, "%s\n", qosim_last_error(s));
        exit(EXIT_FAILURE);
    }
}

/* Takes the session with @token over, or opens one ("-"); says its token; and writes up to @n from where the device is. */
static int run_client(const char *url, const char *no_shm, const char *token, unsigned n)
{
    qosim_options options = { .timeout_ms = PATIENCE_MS,
                              .role = QOSIM_ROLE_DRIVER,
                              .client = "the one that is killed",
                              .no_shm = *no_shm == '1',
                              .resume = *token == '-' ? NULL : token };
    uint64_t count;
    qosim_session *s;

    if (qosim_open(url, &options, &s) != QOSIM_OK) {
        (void)fprintf(stderr, "%s\n", qosim_open_error());
        return EXIT_FAILURE;
    }
    printf("%s %s\n", qosim_session_token(s), qosim_transport(s));
    (void)fflush(stdout);
    must(s, qosim_read(s, COUNTER + 4, 4, &count, NULL));
    for (uint32_t i = (uint32_t)count + 1; i <= n; i++) {
        if (i % 3) {
            must(s, qosim_post_write(s, COUNTER, 4, i));
        } else {
            must(s, qosim_write(s, COUNTER, 4, i, NULL));
        }
    }
    must(s, qosim_flush(s));
    must(s, qosim_read(s, COUNTER + 4, 4, &count, NULL));
    if (count != n) {
        (void)fprintf(stderr, "%u writes, not %u\n", (unsigned)count, n);
    }
    return count == n ? EXIT_SUCCESS : EXIT_FAILURE; /* without an end of the session */
}

typedef struct Client {
    GPid pid;
    int out;
} Client;

static Client start_client(const Daemon *daemon, const Way *way, const char *token, unsigned n)
{
    g_autofree char *number_text = g_strdup_printf("%u", n);
    char *argv[] = {
        (char *)program, (char *)"--client", daemon->url, (char *)(way->no_shm ? "1" : "0"),
        (char *)token,   number_text,        NULL
    };
    g_autoptr(GError) error = NULL;
    Client client;

    g_spawn_async_with_pipes(NULL, argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &client.pid,
                             NULL, &client.out, NULL, &error);
    g_assert_no_error(error);
    return client;
}

/* What the client says first: its token and its transport. */
static void read_token(const Client *client, char *token, const char *transport)
{
    char line[128];
    size_t len = 0;

    while (len < sizeof(line) - 1 && read(client->out, line + len, 1) == 1 && line[len] != '\n') {
        len++;
    }
    line[len] = '\0';
    g_assert_cmpuint(len, >, 33);
    g_assert_cmpstr(line + 33, ==, transport);
    g_strlcpy(token, line, 33);
}

static int end_client(Client *client)
{
    int status;

    g_assert_cmpint(waitpid(client->pid, &status, 0), ==, client->pid);
    close(client->out);
    return status;
}

static const char *transport_of(const Way *way)
{
    return way->no_shm ? "sp" : "shm";
}

static qosim_session *open_session(const char *url, const qosim_options *options)
{
    qosim_session *s;

    if (qosim_open(url, options, &s) != QOSIM_OK) {
        g_error("%s", qosim_open_error());
    }
    return s;
}

static uint32_t read32(qosim_session *s, uint64_t address)
{
    uint64_t data = 0;

    if (qosim_read(s, address, 4, &data, NULL) != QOSIM_OK) {
        g_error("%s", qosim_last_error(s));
    }
    return (uint32_t)data;
}

static void expect_count(const Daemon *daemon, unsigned n)
{
    qosim_session *s = open_session(daemon->url, NULL);

    g_assert_cmpuint(read32(s, COUNTER + 4), ==, n);
    g_assert_cmpuint(read32(s, COUNTER), ==, n);
    g_assert_cmpuint(read32(s, COUNTER + 8), ==, 0);
    qosim_close(s);
}

static void test_killed_client(gconstpointer data)
{
    const Way *way = data;
    unsigned n = number("FAULTS_WRITES", 30000) / way->share;
    unsigned kills = number("FAULTS_KILLS", 8);
    GRand *rand = g_rand_new_with_seed(number("FAULTS_SEED", 1));
    Daemon *daemon = daemon_start(MACHINE, way->scheme);
    char token[33] = "-";
    unsigned killed = 0;
    Client client;
    int status;

    do {
        char before[33];

        g_strlcpy(before, token, sizeof(before));
        client = start_client(daemon, way, token, n);
        read_token(&client, token, transport_of(way));
        g_assert_true(before[0] == '-' || strcmp(before, token) == 0);
        if (killed < kills) {
            g_usleep((gulong)g_rand_int_range(rand, 0, 20000));
            (void)kill(client.pid, SIGKILL);
        }
        status = end_client(&client);
    } while (WIFSIGNALED(status) && ++killed <= kills);
    g_test_message("%u clients were killed", killed);
    g_assert_cmpint(status, ==, 0);
    expect_count(daemon, n);
    daemon_free(daemon);
    g_rand_free(rand);
}

/* The client of before is not dead: it learns that the session is another's, and does nothing to it any more. */
static void test_taken_over(gconstpointer data)
{
    const Way *way = data;
    Daemon *daemon = daemon_start(MACHINE, way->scheme);
    qosim_options options = { .timeout_ms = PATIENCE_MS,
                              .role = QOSIM_ROLE_DRIVER,
                              .no_shm = way->no_shm };
    qosim_session *before = open_session(daemon->url, &options);
    qosim_session *after;
    char error[128];

    g_assert_cmpint(qosim_write(before, COUNTER, 4, 1, NULL), ==, QOSIM_OK);
    options.resume = qosim_session_token(before);
    after = open_session(daemon->url, &options);
    g_assert_cmpstr(qosim_session_token(after), ==, qosim_session_token(before));
    g_assert_cmpint(qosim_write(before, COUNTER, 4, 99, NULL), ==, QOSIM_ERR_DISCONNECTED);
    g_strlcpy(error, qosim_last_error(before), sizeof(error));
    g_assert_nonnull(strstr(error, "another client has taken the session over"));
    g_assert_cmpint(qosim_write(after, COUNTER, 4, 2, NULL), ==, QOSIM_OK);
    g_assert_cmpint(qosim_advance_by(after, 10, NULL), ==, QOSIM_OK); /* it is the driver */
    qosim_close(before);
    g_assert_cmpuint(read32(after, COUNTER + 4), ==, 2);
    qosim_close(after);
    options.resume = "00112233445566778899aabbccddeeff";
    g_assert_cmpint(qosim_open(daemon->url, &options, &after), ==, QOSIM_ERR_DISCONNECTED);
    options.resume = "0011";
    g_assert_cmpint(qosim_open(daemon->url, &options, &after), ==, QOSIM_ERR_INVALID_ARGUMENT);
    expect_count(daemon, 2);
    daemon_free(daemon);
}

/* --- A session that nobody comes back to --- */

static void test_grace(gconstpointer data)
{
    const Way *way = data;
    Daemon *daemon = daemon_start(MACHINE " --session-grace 0.3", way->scheme);
    qosim_options options = { .timeout_ms = PATIENCE_MS,
                              .role = QOSIM_ROLE_DRIVER,
                              .client = "the next one",
                              .no_shm = way->no_shm };
    char token[33] = "-";
    Client client = start_client(daemon, way, token, 1000000000);
    qosim_session *s = NULL;

    read_token(&client, token, transport_of(way));
    g_assert_cmpint(qosim_open(daemon->url, &options, &s), ==, QOSIM_ERR_NOT_ALLOWED);
    (void)kill(client.pid, SIGKILL);
    (void)end_client(&client);
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
    const Way *way = data;
    Daemon *daemon = daemon_start(MACHINE " --session-grace 0.2", way->scheme);
    qosim_options options = { .timeout_ms = PATIENCE_MS,
                              .no_shm = way->no_shm,
                              .heartbeat_ms = -1 };
    qosim_session *witness = open_session(daemon->url, &options);
    qosim_session *silent;

    options.heartbeat_ms = 100;
    silent = open_session(daemon->url, &options);
    while (count_sessions(witness) > 1) {
        g_usleep(20000);
    }
    g_assert_cmpint(qosim_write(silent, COUNTER, 4, 1, NULL), ==, QOSIM_ERR_DISCONNECTED);
    expect_count(daemon, 0);
    qosim_close(silent);
    qosim_close(witness);
    daemon_free(daemon);
}

/* --- A server that is killed, and started anew --- */

static gpointer kill_soon(gpointer opaque)
{
    Daemon *daemon = opaque;

    g_usleep(50000);
    (void)kill(daemon->pid, SIGKILL);
    return NULL;
}

static void test_killed_server(gconstpointer data)
{
    const Way *way = data;
    Daemon *daemon = daemon_start(MACHINE, way->scheme);
    qosim_options options = { .timeout_ms = 1000, .no_shm = way->no_shm };
    qosim_session *s = open_session(daemon->url, &options);
    GThread *killer = g_thread_new("killer", kill_soon, daemon);
    g_autofree char *line = NULL;
    qosim_result rc;
    gint64 start;
    Daemon *next;
    int polled;

    do {
        start = g_get_monotonic_time();
        rc = qosim_write(s, COUNTER, 4, 1, NULL);
        g_assert_cmpint(g_get_monotonic_time() - start, <, HANG_US);
    } while (rc == QOSIM_OK);
    g_thread_join(killer);
    g_assert_true(rc == QOSIM_ERR_DISCONNECTED || rc == QOSIM_ERR_TIMEOUT);
    g_assert_nonnull(strstr(qosim_last_error(s), daemon->url));
    g_assert_cmpint(daemon_stop(daemon, SIGKILL), ==, -1);
    /* Nor does a client that only waits go on in silence. */
    start = g_get_monotonic_time();
    while ((polled = qosim_poll(s, 100)) >= 0) {
        g_assert_cmpint(g_get_monotonic_time() - start, <, HANG_US);
    }
    g_assert_cmpint(polled, ==, QOSIM_ERR_DISCONNECTED);
    g_assert_nonnull(strstr(qosim_last_error(s), "is lost"));
    line = g_strdup_printf(MACHINE " --listen %s", daemon->url);
    next = daemon_start(line, NULL);
    qosim_set_timeout(s, PATIENCE_MS);
    g_assert_cmpint(qosim_write(s, COUNTER, 4, 1, NULL), ==, QOSIM_ERR_DISCONNECTED);
    g_assert_nonnull(strstr(qosim_last_error(s), "the server was restarted; the session is lost"));
    g_assert_cmpint(qosim_poll(s, 0), ==, QOSIM_ERR_DISCONNECTED);
    qosim_close(s);
    daemon_free(next);
    daemon_free(daemon);
}

/* The same for a client that does nothing but wait for events. */
static void test_restart_while_polling(gconstpointer data)
{
    const Way *way = data;
    Daemon *daemon = daemon_start(MACHINE, way->scheme);
    qosim_options options = { .timeout_ms = PATIENCE_MS, .no_shm = way->no_shm };
    qosim_session *s = open_session(daemon->url, &options);
    g_autofree char *line = NULL;
    Daemon *next;
    int rc;

    (void)daemon_stop(daemon, SIGKILL);
    line = g_strdup_printf(MACHINE " --listen %s", daemon->url);
    next = daemon_start(line, NULL);
    rc = qosim_poll(s, PATIENCE_MS);
    g_assert_cmpint(rc, ==, QOSIM_ERR_DISCONNECTED);
    g_assert_nonnull(strstr(qosim_last_error(s), "the server was restarted; the session is lost"));
    qosim_close(s);
    daemon_free(next);
    daemon_free(daemon);
}

/* --- Peers that stand still --- */

static void test_stopped_client(gconstpointer data)
{
    const Way *way = data;
    unsigned n = number("FAULTS_WRITES", 30000) / way->share;
    Daemon *daemon = daemon_start(MACHINE, way->scheme);
    char token[33] = "-";
    Client client = start_client(daemon, way, token, n);

    read_token(&client, token, transport_of(way));
    g_usleep(5000);
    (void)kill(client.pid, SIGSTOP);
    g_usleep((gulong)number("FAULTS_STOP_MS", 700) * 1000);
    (void)kill(client.pid, SIGCONT);
    g_assert_cmpint(end_client(&client), ==, 0);
    expect_count(daemon, n);
    daemon_free(daemon);
}

static gpointer stop_server(gpointer opaque)
{
    const Daemon *daemon = opaque;

    g_usleep(5000);
    (void)kill(daemon->pid, SIGSTOP);
    g_usleep((gulong)number("FAULTS_STOP_MS", 700) * 1000);
    (void)kill(daemon->pid, SIGCONT);
    return NULL;
}

static void test_stopped_server(gconstpointer data)
{
    const Way *way = data;
    unsigned n = number("FAULTS_WRITES", 30000) / way->share;
    Daemon *daemon = daemon_start(MACHINE, way->scheme);
    Client client = start_client(daemon, way, "-", n);
    GThread *stopper;
    char token[33];

    read_token(&client, token, transport_of(way));
    stopper = g_thread_new("stopper", stop_server, daemon);
    g_assert_cmpint(end_client(&client), ==, 0);
    g_thread_join(stopper);
    expect_count(daemon, n);
    daemon_free(daemon);
}

static void add(const char *what, const Way *way, GTestDataFunc run)
{
    g_autofree char *path = g_strdup_printf("/peers/%s/%s", way->name, what);

    g_test_add_data_func(path, way, run);
}

int main(int argc, char **argv)
{
    program = argv[0];
    if (argc == 6 && strcmp(argv[1], "--client") == 0) {
        /* As one that is killed ends: with its session open, and nobody to look for leaks. */
        _exit(run_client(argv[2], argv[3], argv[4], (unsigned)strtoul(argv[5], NULL, 10)));
    }
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(ways); i++) {
        const Way *way = &ways[i];

        add("killed-client-leaves-its-session-to-the-next", way, test_killed_client);
        add("client-of-before-is-told", way, test_taken_over);
        add("after-the-grace-the-role-is-free", way, test_grace);
        add("silence-against-a-promise-is-an-end", way, test_silent_client);
        add("killed-server-is-an-error-in-time", way, test_killed_server);
        add("restart-is-told-to-one-that-polls", way, test_restart_while_polling);
        add("client-that-stood-still-goes-on", way, test_stopped_client);
        add("server-that-stood-still-goes-on", way, test_stopped_server);
    }
    return g_test_run();
}
