/*
 * A server that serves other hosts: who gets in, what the others hear, and what becomes of a client whose frames are repeated and
 * mangled on the way. Runs on a daemon with the counting device of tests/functional/faults.
 */
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <qosim/qosim.h>

#include "proto/sp_server.h"
#include "tests/functional/faults/proxy.h"
#include "tests/lib/daemon.h"

#define COUNTER 0x10000000u
#define MACHINE "-M none -device test-counter,addr=0x10000000"
#define PATIENCE_MS 60000

typedef struct Fixture {
    char *folder;
    char *key;
    char *other_key;
    unsigned port;
    char *url;
    Daemon *daemon;
} Fixture;

static char *new_key(const Fixture *f, const char *name, char digit)
{
    g_autofree char *text = g_strnfill(64, digit);
    char *path = g_build_filename(f->folder, name, NULL);

    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    g_assert_cmpint(g_chmod(path, 0600), ==, 0);
    return path;
}

static void set_up(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_autofree char *arguments = NULL;

    f->folder = g_dir_make_tmp("qosim-auth-XXXXXX", NULL);
    g_assert_nonnull(f->folder);
    f->key = new_key(f, "key", 'a');
    f->other_key = new_key(f, "other", 'b');
    f->port = daemon_free_port();
    f->url = g_strdup_printf("tcp://127.0.0.1:%u", f->port);
    arguments = g_strdup_printf(MACHINE " --allow-remote --auth-file %s --listen tcp://0.0.0.0:%u",
                                f->key, f->port);
    f->daemon = daemon_start(arguments, NULL);
}

static void tear_down(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    daemon_free(f->daemon);
    g_unlink(f->key);
    g_unlink(f->other_key);
    g_rmdir(f->folder);
    g_free(f->key);
    g_free(f->other_key);
    g_free(f->url);
    g_free(f->folder);
}

static qosim_session *open_with(const char *url, const char *key, int timeout_ms)
{
    qosim_options options = {
        .timeout_ms = timeout_ms, .role = QOSIM_ROLE_DRIVER, .client = "auth", .auth_file = key
    };
    qosim_session *s = NULL;

    (void)qosim_open(url, &options, &s);
    return s;
}

static qosim_session *must_open(const char *url, const char *key)
{
    qosim_session *s = open_with(url, key, PATIENCE_MS);

    if (!s) {
        g_error("%s", qosim_open_error());
    }
    return s;
}

static uint32_t read32(qosim_session *s, uint64_t address)
{
    uint64_t value = 0;

    g_assert_cmpint(qosim_read(s, address, 4, &value, NULL), ==, QOSIM_OK);
    return (uint32_t)value;
}

static void write_next(qosim_session *s, uint32_t value)
{
    qosim_bus bus = QOSIM_BUS_DECODE_ERROR;

    if (qosim_write(s, COUNTER, 4, value, &bus) != QOSIM_OK) {
        g_error("write %u: %s", value, qosim_last_error(s));
    }
    g_assert_cmpint(bus, ==, QOSIM_BUS_OK);
}

/* The server still serves those who have the key. */
static void assert_serves(const Fixture *f)
{
    qosim_session *s = must_open(f->url, f->key);

    g_assert_true(daemon_is_alive(f->daemon));
    (void)read32(s, COUNTER);
    qosim_close(s);
}

static void assert_warned(const Fixture *f, const char *text)
{
    g_autofree char *said = NULL;

    g_assert_true(g_file_get_contents(f->daemon->errors, &said, NULL, NULL));
    if (!strstr(said, text)) {
        g_error("the server did not say '%s' but: %s", text, said);
    }
}

static void test_right_key(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    qosim_session *s = must_open(f->url, f->key);

    for (uint32_t i = 1; i <= 1000; i++) {
        write_next(s, i);
    }
    g_assert_cmpuint(read32(s, COUNTER + 4), ==, 1000);
    g_assert_cmpuint(read32(s, COUNTER + 8), ==, 0);
    qosim_close(s);
}

static void test_environment(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    qosim_session *s;

    g_setenv("QOSIM_AUTH_FILE", f->key, TRUE);
    s = must_open(f->url, NULL);
    g_unsetenv("QOSIM_AUTH_FILE");
    g_assert_cmpuint(read32(s, COUNTER), ==, 0);
    qosim_close(s);
}

static void assert_refused(const Fixture *f, const char *key, const char *reason)
{
    g_autofree char *expected =
        g_strdup_printf("no answer from %s within 1500 ms: %s", f->url, reason);

    g_assert_null(open_with(f->url, key, 1500));
    g_assert_cmpstr(qosim_open_error(), ==, expected);
    assert_serves(f);
}

static void test_wrong_key(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    assert_refused(f, f->other_key, "the other end has another key, or none");
    assert_warned(f, "is closed: it did not show that it knows the key");
}

static void test_no_key(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    assert_refused(f, NULL, "the server hung up at once; does it want a key?");
    assert_warned(f, "is closed: the other end has another key, or none");
}

static void test_server_without_key(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(Daemon) open_to_all = daemon_start(MACHINE, "tcp");
    g_autofree char *begin =
        g_strdup_printf("no answer from %s within 1500 ms: the ", open_to_all->url);
    const char *reason;

    g_assert_null(open_with(open_to_all->url, f->key, 1500));
    g_assert_true(g_str_has_prefix(qosim_open_error(), begin));
    /* Whether it answers depends on the random bytes that it takes for a request's header. */
    reason = qosim_open_error() + strlen(begin);
    g_assert_true(strcmp(reason, "other end has another key, or none") == 0 ||
                  strcmp(reason, "server has not shown that it knows a key") == 0);
}

static void test_bad_key_file(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_autofree char *expected =
        g_strdup_printf("key file '%s' is open to other users; 'chmod 600' it", f->key);

    g_assert_cmpint(g_chmod(f->key, 0644), ==, 0);
    g_assert_null(open_with(f->url, f->key, 1500));
    g_assert_cmpstr(qosim_open_error(), ==, expected);
}

/* The key is for tcp:// only; whoever may open the socket's file needs none. */
static void test_unix_socket(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_autofree char *arguments = g_strdup_printf(MACHINE " --auth-file %s", f->key);
    g_autoptr(Daemon) daemon = daemon_start(arguments, "ipc");
    qosim_session *s = must_open(daemon->url, f->key);

    write_next(s, 1);
    qosim_close(s);
    s = must_open(daemon->url, NULL);
    g_assert_cmpuint(read32(s, COUNTER), ==, 1);
    qosim_close(s);
}

static void refuses(const char *arguments, const char *text)
{
    g_auto(GStrv) words = g_strsplit(arguments, " ", -1);
    g_autofree char *complaint = NULL;
    g_autofree char *expected = g_strdup_printf("qosimd: %s\n", text);

    g_assert_cmpint(daemon_run((const char *const *)words, NULL, NULL, &complaint), !=, 0);
    g_assert_cmpstr(complaint, ==, expected);
}

static void test_refusals(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    static const char *const hosts[] = { "0.0.0.0", "192.0.2.1", "[::]", "example.org" };
    g_autofree char *ws = g_strdup_printf("-M none --allow-remote --auth-file %s --listen "
                                          "ws://0.0.0.0:%u",
                                          f->key, f->port);
    g_autofree char *ws_text =
        g_strdup_printf("ws://0.0.0.0:%u: it cannot be sealed by the key of --auth-file; tcp:// "
                        "carried directly can, and ipc:// and shm:// are this user's alone",
                        f->port);

    for (size_t i = 0; i < G_N_ELEMENTS(hosts); i++) {
        g_autofree char *url = g_strdup_printf("tcp://%s:7777", hosts[i]);
        g_autofree char *text = g_strdup_printf(
            "%s: '%s' is not a loopback address such as 127.0.0.1; to serve others, give "
            "--allow-remote and --auth-file FILE, with a key that the clients have too",
            url, hosts[i]);
        g_autofree char *without = g_strdup_printf("-M none --listen %s", url);
        g_autofree char *only_allowed = g_strdup_printf("-M none --allow-remote --listen %s", url);
        g_autofree char *only_key =
            g_strdup_printf("-M none --auth-file %s --listen %s", f->key, url);

        refuses(without, text);
        refuses(only_allowed, text);
        refuses(only_key, text);
    }
    refuses(ws, ws_text);
    refuses("-M none --auth-file /nonexistent --listen tcp://127.0.0.1:7777",
            "--auth-file: key file '/nonexistent': No such file or directory");
}

static int knock(const Fixture *f)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)f->port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(connect(fd, (struct sockaddr *)&address, sizeof(address)), ==, 0);
    return fd;
}

/* Whether the server has closed @fd; takes what it said before. */
static bool is_closed(int fd)
{
    char bytes[64];
    ssize_t n;

    do {
        n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
    } while (n > 0);
    return n == 0 || (errno != EAGAIN && errno != EINTR);
}

/* They hold 64 places at most, and never one that a client with the key needs. */
static void test_strangers(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    enum { KNOCKS = SP_MAX_STRANGERS + 200 };
    int fds[KNOCKS];
    unsigned left = 0;

    for (int i = 0; i < KNOCKS; i++) {
        fds[i] = knock(f);
        if (i % 50 == 0) {
            assert_serves(f);
        }
    }
    assert_serves(f); /* by then all of them have been accepted */
    for (int i = 0; i < KNOCKS; i++) {
        left += !is_closed(fds[i]);
        close(fds[i]);
    }
    g_assert_cmpuint(left, <=, SP_MAX_STRANGERS);
    g_assert_cmpuint(left, >, 0);
    assert_serves(f);
}

static void test_noise(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(7);

    for (int i = 0; i < 200; i++) {
        uint8_t noise[512];
        int fd = knock(f);
        gint32 len = g_rand_int_range(rand, 1, sizeof(noise));

        for (gint32 k = 0; k < len; k++) {
            noise[k] = (uint8_t)g_rand_int(rand);
        }
        if (i % 2) {
            memcpy(noise, "\0SP\0\0\60\0\0\0\0\0\0\0\0\0\50qosimsl1", MIN(len, 24));
        }
        (void)send(fd, noise, (size_t)len, MSG_NOSIGNAL);
        close(fd);
    }
    assert_serves(f);
}

/* Repeated and mangled on the way, the connection ends each time, the session goes on, and nothing is done twice. */
static void test_proxy(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    static const ProxyPlan plan = { .every = { [PROXY_CUT] = 400,
                                               [PROXY_SPLIT] = 10,
                                               [PROXY_DUPLICATE] = 60,
                                               [PROXY_GARBAGE] = 200 },
                                    .stall_ms = 1 };
    g_autoptr(Proxy) proxy = proxy_new(f->url, 3, &plan);
    qosim_session *s = must_open(proxy_url(proxy), f->key);

    for (uint32_t i = 1; i <= 3000; i++) {
        write_next(s, i);
    }
    g_assert_cmpuint(read32(s, COUNTER + 4), ==, 3000);
    g_assert_cmpuint(read32(s, COUNTER + 8), ==, 0);
    g_assert_cmpuint(proxy_count(proxy, PROXY_DUPLICATE), >, 10);
    g_assert_cmpuint(proxy_connections(proxy), >, 10);
    proxy_set_calm(proxy, TRUE);
    qosim_close(s);
    assert_warned(f, "is closed: a message was altered, repeated or left out on the way");
}

#define ADD(path, test) g_test_add(path, Fixture, NULL, set_up, test, tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("/auth/with-the-key-a-client-is-served", test_right_key);
    ADD("/auth/the-key-may-come-from-the-environment", test_environment);
    ADD("/auth/another-key-is-refused-and-said", test_wrong_key);
    ADD("/auth/no-key-is-refused-and-said", test_no_key);
    ADD("/auth/a-server-without-a-key-is-not-trusted", test_server_without_key);
    ADD("/auth/a-key-file-open-to-others-is-refused", test_bad_key_file);
    ADD("/auth/unix-sockets-need-no-key", test_unix_socket);
    ADD("/auth/others-are-served-with-both-options-only", test_refusals);
    ADD("/auth/strangers-hold-few-places", test_strangers);
    ADD("/auth/noise-is-survived", test_noise);
    ADD("/auth/what-is-tampered-with-is-done-once", test_proxy);
    return g_test_run();
}
