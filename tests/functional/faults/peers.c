#include "tests/functional/faults/peers.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

/* A write there stops the server. */
#define STOP_SERVER (COUNTER + 8)

const PeerWay peer_ways[PEER_WAYS] = {
    { "ipc", "ipc", "sp", false },   { "shm", "ipc", "shm", false }, { "tcp", "tcp", "sp", false },
    { "sealed", "tcp", "sp", true }, { "ws", "ws", "sp", false },
};

static const char *program; /* this one, to be run again as a client */
static char *key;           /* path of the file with it */

unsigned peer_number(const char *variable, unsigned otherwise)
{
    const char *text = g_getenv(variable);

    return text ? (unsigned)strtoul(text, NULL, 10) : otherwise;
}

/* --- The client's process --- */

static void must(qosim_session *s, qosim_result result)
{
    if (result != QOSIM_OK) {
        (void)fprintf(stderr, "%s\n", qosim_last_error(s));
        _exit(EXIT_FAILURE);
    }
}

/* Writes up to task->n from where the device is. */
static int run_writer(qosim_session *s, const PeerTask *task)
{
    uint64_t count;

    must(s, qosim_read(s, COUNTER + 4, 4, &count, NULL));
    for (uint32_t i = (uint32_t)count + 1; i <= task->n; i++) {
        if (i == task->server_at) {
            must(s, qosim_post_write(s, STOP_SERVER, 4, 1));
        }
        if (i % 3) {
            must(s, qosim_post_write(s, COUNTER, 4, i));
        } else {
            must(s, qosim_write(s, COUNTER, 4, i, NULL));
        }
        if (i == task->stops_at) {
            (void)raise(SIGSTOP);
        }
    }
    must(s, qosim_flush(s));
    must(s, qosim_read(s, COUNTER + 4, 4, &count, NULL));
    if (count != task->n) {
        (void)fprintf(stderr, "%u writes, not %u\n", (unsigned)count, task->n);
    }
    return count == task->n ? EXIT_SUCCESS : EXIT_FAILURE; /* without an end of the session */
}

typedef struct Observer {
    const PeerTask *task;
    unsigned changes;
    int level;
    unsigned wrong;
} Observer;

static void observe(void *opaque, const qosim_event *event)
{
    Observer *o = opaque;

    if (event->kind != QOSIM_EVENT_LINE || event->line != COUNTER_LINE) {
        o->wrong += event->kind == QOSIM_EVENT_LAGGED;
        return;
    }
    o->wrong += event->level == o->level;
    o->level = event->level;
    if (++o->changes == o->task->stops_at) {
        (void)raise(SIGSTOP);
    }
}

static int run_observer(qosim_session *s, const PeerTask *task)
{
    Observer o = { .task = task };

    qosim_set_event_handler(s, observe, &o);
    while (o.changes < task->n) {
        if (qosim_poll(s, PATIENCE_MS) <= 0) {
            (void)fprintf(stderr, "%u changes, then: %s\n", o.changes, qosim_last_error(s));
            return EXIT_FAILURE;
        }
    }
    return o.changes == task->n && !o.wrong ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* URL NO-SHM KEY TOKEN N STOPS-AT SERVER-AT OBSERVER */
#define CLIENT_WORDS 8

static int run_client(char **words)
{
    PeerTask task = { .n = (unsigned)strtoul(words[4], NULL, 10),
                      .stops_at = (unsigned)strtoul(words[5], NULL, 10),
                      .server_at = (unsigned)strtoul(words[6], NULL, 10),
                      .is_observer = *words[7] == '1' };
    qosim_options options = {
        .timeout_ms = PATIENCE_MS,
        .role = task.is_observer ? QOSIM_ROLE_OBSERVER : QOSIM_ROLE_DRIVER,
        .client = "another process",
        .no_shm = *words[1] == '1',
        .auth_file = *words[2] ? words[2] : NULL,
        .resume = *words[3] ? words[3] : NULL,
    };
    qosim_session *s;

    if (qosim_open(words[0], &options, &s) != QOSIM_OK) {
        (void)fprintf(stderr, "%s\n", qosim_open_error());
        return EXIT_FAILURE;
    }
    printf("%s %s\n", qosim_session_token(s), qosim_transport(s));
    (void)fflush(stdout);
    return task.is_observer ? run_observer(s, &task) : run_writer(s, &task);
}

/* --- The test's --- */

void peers_begin(int argc, char **argv)
{
    int fd;

    program = argv[0];
    if (argc == 2 + CLIENT_WORDS && strcmp(argv[1], "--client") == 0) {
        /* As one that is killed ends: with its session open, and nobody to look for leaks. */
        _exit(run_client(argv + 2));
    }
    fd = g_file_open_tmp("qosim-key-XXXXXX", &key, NULL);
    g_assert_cmpint(fd, >=, 0);
    g_close(fd, NULL);
    g_assert_true(g_file_set_contents(key, "a key of more than thirty-two bytes", -1, NULL));
    g_assert_cmpint(g_chmod(key, 0600), ==, 0);
}

void peers_end(void)
{
    g_unlink(key);
    g_free(key);
}

Daemon *peer_daemon(const PeerWay *way, const char *arguments, const Daemon *before)
{
    g_autoptr(GString) line = g_string_new(arguments);

    if (way->is_sealed) {
        g_string_append_printf(line, " --allow-remote --auth-file %s", key);
    }
    if (before) {
        g_string_append_printf(line, " --listen %s", before->url);
    }
    return daemon_start(line->str, before ? NULL : way->scheme);
}

qosim_options peer_options(const PeerWay *way, qosim_role role, int timeout_ms)
{
    return (qosim_options){ .timeout_ms = timeout_ms,
                            .role = role,
                            .client = "the test",
                            .no_shm = strcmp(way->transport, "shm") != 0,
                            .auth_file = way->is_sealed ? key : NULL };
}

PeerClient peer_start(const Daemon *daemon, const PeerWay *way, const PeerTask *task)
{
    g_autofree char *n = g_strdup_printf("%u", task->n);
    g_autofree char *stops_at = g_strdup_printf("%u", task->stops_at);
    g_autofree char *server_at = g_strdup_printf("%u", task->server_at);
    const char *argv[] = { program,
                           "--client",
                           daemon->url,
                           strcmp(way->transport, "shm") == 0 ? "0" : "1",
                           way->is_sealed ? key : "",
                           task->token ? task->token : "",
                           n,
                           stops_at,
                           server_at,
                           task->is_observer ? "1" : "0",
                           NULL };
    g_autoptr(GError) error = NULL;
    PeerClient client;

    g_spawn_async_with_pipes(NULL, (char **)argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL,
                             &client.pid, NULL, &client.out, NULL, &error);
    g_assert_no_error(error);
    return client;
}

void peer_read_token(const PeerClient *client, const PeerWay *way, char *token)
{
    char line[128];
    size_t len = 0;

    while (len < sizeof(line) - 1 && read(client->out, line + len, 1) == 1 && line[len] != '\n') {
        len++;
    }
    line[len] = '\0';
    g_assert_cmpuint(len, >, 33);
    g_assert_cmpstr(line + 33, ==, way->transport);
    g_strlcpy(token, line, 33);
}

int peer_end(PeerClient *client)
{
    int status;

    g_assert_cmpint(waitpid(client->pid, &status, 0), ==, client->pid);
    close(client->out);
    return status;
}

void peer_await_stop(GPid pid)
{
    int status;

    g_assert_cmpint(waitpid(pid, &status, WUNTRACED), ==, pid);
    g_assert_true(WIFSTOPPED(status));
}

qosim_session *peer_open(const Daemon *daemon, const qosim_options *options)
{
    qosim_session *s;

    if (qosim_open(daemon->url, options, &s) != QOSIM_OK) {
        g_error("%s", qosim_open_error());
    }
    return s;
}

uint32_t peer_read32(qosim_session *s, uint64_t address)
{
    uint64_t data = 0;

    if (qosim_read(s, address, 4, &data, NULL) != QOSIM_OK) {
        g_error("%s", qosim_last_error(s));
    }
    return (uint32_t)data;
}

void peer_expect_count(const Daemon *daemon, const PeerWay *way, unsigned n)
{
    qosim_options options = peer_options(way, QOSIM_ROLE_OBSERVER, PATIENCE_MS);
    qosim_session *s = peer_open(daemon, &options);

    g_assert_cmpuint(peer_read32(s, COUNTER + 4), ==, n);
    g_assert_cmpuint(peer_read32(s, COUNTER), ==, n);
    g_assert_cmpuint(peer_read32(s, COUNTER + 8), ==, 0);
    qosim_close(s);
}
