/* ipc://, tcp:// and ws:// carried by nanomsg, on either side: `--transport nanomsg`, nanomsg+URL, nanocat, nanomsg's own REQ socket. */
#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>
#include <nanomsg/nn.h>
#include <nanomsg/reqrep.h>
#include <qosim/qosim.h>

#include "proto/arena.h"
#include "proto/codec.h"
#include "tests/lib/daemon.h"

#define GPIO 0x10012000u
#define BLOCK ((size_t)16384) /* the RAM of the machine */
#define PATIENCE_MS 30000

typedef struct Case {
    const char *scheme;
    const char *server; /* options of qosimd */
    const char *prefix; /* of the client's URL */
    const char *transport;
} Case;

static const Case cases[] = {
    { "ipc", "--transport direct", "", "shm" },
    { "ipc", "--transport direct", "nanomsg+", "nanomsg" },
    { "ipc", "--transport nanomsg", "", "sp" }, /* there is no shared memory to be had */
    { "ipc", "--transport nanomsg", "nanomsg+", "nanomsg" },
    { "tcp", "--transport direct", "", "sp" },
    { "tcp", "--transport direct", "nanomsg+", "nanomsg" },
    { "tcp", "--transport nanomsg", "", "sp" },
    { "tcp", "--transport nanomsg", "nanomsg+", "nanomsg" },
    { "ws", "--transport direct", "", "sp" },
    { "ws", "--transport direct", "nanomsg+", "nanomsg" },
    { "ws", "--transport nanomsg", "", "sp" },
    { "ws", "--transport nanomsg", "nanomsg+", "nanomsg" },
};

static Daemon *start(const char *options, const char *scheme)
{
    g_autofree char *arguments = g_strdup_printf("-M sifive_e %s", options);

    return daemon_start(arguments, scheme);
}

static qosim_session *open_session(const char *prefix, const char *url)
{
    g_autofree char *whole = g_strconcat(prefix, url, NULL);
    qosim_options options = { .timeout_ms = PATIENCE_MS };
    qosim_session *session;

    if (qosim_open(whole, &options, &session) != QOSIM_OK) {
        g_error("%s: %s", whole, qosim_open_error());
    }
    return session;
}

/* Reads, batches, posted writes and blocks. */
static void test_both_ends(gconstpointer data)
{
    const Case *c = data;
    g_autoptr(Daemon) daemon = start(c->server, c->scheme);
    qosim_session *session = open_session(c->prefix, daemon->url);
    g_autofree uint8_t *out = g_malloc(BLOCK);
    g_autofree uint8_t *in = g_malloc0(BLOCK);
    qosim_access batch[64] = { 0 };
    uint64_t value;

    g_assert_cmpstr(qosim_transport(session), ==, c->transport);
    g_assert_cmpint(qosim_write(session, GPIO + 8, 4, 0xa5, NULL), ==, QOSIM_OK);
    for (int i = 0; i < 64; i++) {
        batch[i].size = 4;
        batch[i].address = GPIO + 8;
        g_assert_cmpint(qosim_post_write(session, GPIO + 12, 4, (uint64_t)i), ==, QOSIM_OK);
    }
    g_assert_cmpint(qosim_batch(session, batch, G_N_ELEMENTS(batch)), ==, QOSIM_OK);
    g_assert_cmpuint(batch[63].data, ==, 0xa5);
    g_assert_cmpint(qosim_read(session, GPIO + 12, 4, &value, NULL), ==, QOSIM_OK);
    g_assert_cmpuint(value, ==, 63);
    g_assert_cmpuint(qosim_posted_errors(session, NULL, 0), ==, 0);

    for (size_t i = 0; i < BLOCK; i++) {
        out[i] = (uint8_t)(i * 7 + i / 251);
    }
    g_assert_cmpint(qosim_write_block(session, 0x80000000, out, BLOCK, NULL), ==, QOSIM_OK);
    g_assert_cmpint(qosim_read_block(session, 0x80000000, in, BLOCK, NULL), ==, QOSIM_OK);
    g_assert_cmpmem(out, BLOCK, in, BLOCK);
    qosim_close(session);
}

/* A Hello as any protobuf library makes it. */
static uint8_t *make_hello(QsArena *arena, size_t *len)
{
    QsOperation hello = {
        .kind = QS_OP_HELLO,
        .hello = { .version = QS_PROTOCOL_VERSION, .role = QS_ROLE_OBSERVER, .client = "somebody" }
    };
    QsClientFrame frame = { .request_id = 1, .operations = &hello, .n_operations = 1 };
    uint8_t *bytes;
    QsError error;

    if (!qs_encode_client_frame(arena, &frame, &bytes, len, &error)) {
        g_error("%s", error.text);
    }
    return bytes;
}

static void check_welcome(const uint8_t *bytes, size_t len)
{
    QsArena *arena = qs_arena_new(QS_ARENA_BYTES);
    QsServerFrame frame;
    QsError error;

    if (!qs_decode_server_frame(arena, bytes, len, &frame, &error)) {
        g_error("%s", error.text);
    }
    g_assert_cmpint(frame.reply.status.code, ==, QS_STATUS_OK);
    g_assert_cmpuint(frame.reply.n_results, ==, 1);
    g_assert_cmpstr(frame.reply.results[0].hello.machine, ==, "sifive_e");
    qs_arena_free(arena);
}

/* The plain REQ socket of nanomsg, as a client in another language has it. */
static void test_plain_req_socket(gconstpointer data)
{
    const Case *c = data;
    g_autoptr(Daemon) daemon = start(c->server, c->scheme);
    QsArena *arena = qs_arena_new(QS_ARENA_BYTES);
    int patience = PATIENCE_MS;
    size_t len;
    uint8_t *bytes = make_hello(arena, &len);
    void *reply = NULL;
    int s = nn_socket(AF_SP, NN_REQ);
    int n;

    g_assert_cmpint(nn_setsockopt(s, NN_SOL_SOCKET, NN_RCVTIMEO, &patience, sizeof(patience)), ==,
                    0);
    g_assert_cmpint(nn_connect(s, daemon->url), >=, 0);
    g_assert_cmpint(nn_send(s, bytes, len, 0), ==, (int)len);
    n = nn_recv(s, &reply, NN_MSG, 0);
    g_assert_cmpint(n, >, 0);
    check_welcome(reply, (size_t)n);
    nn_freemsg(reply);
    nn_close(s);
    qs_arena_free(arena);
}

/* Runs nanocat with the bytes of a file as the request; gives what it prints. */
static char *run_nanocat(const char *url, const char *file, gsize *len)
{
    g_autofree char *data = g_strdup_printf("--file=%s", file);
    g_autofree char *connect = g_strdup_printf("--connect=%s", url);
    const char *const argv[] = { "nanocat",           "--req", connect, data, "--raw",
                                 "--recv-timeout=30", NULL };
    g_autoptr(GError) error = NULL;
    int out;
    GPid pid;
    GString *output = g_string_new(NULL);
    char buffer[4096];
    ssize_t n;

    /* Not g_spawn_sync(), whose text ends at the first NUL. */
    g_assert_true(g_spawn_async_with_pipes(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL,
                                           NULL, &pid, NULL, &out, NULL, &error));
    while ((n = read(out, buffer, sizeof(buffer))) > 0) {
        g_string_append_len(output, buffer, n);
    }
    close(out);
    *len = output->len;
    return g_string_free(output, FALSE);
}

static void test_nanocat(gconstpointer data)
{
    const Case *c = data;
    g_autofree char *program = g_find_program_in_path("nanocat");
    g_autoptr(Daemon) daemon = NULL;
    g_autofree char *file = NULL;
    g_autofree char *reply = NULL;
    QsArena *arena;
    uint8_t *bytes;
    gsize len;

    if (!program) {
        g_error("there is no nanocat; scripts/setup installs it (nanomsg-utils)");
    }
    daemon = start(c->server, c->scheme);
    file = g_build_filename(daemon->directory, "hello", NULL);
    arena = qs_arena_new(QS_ARENA_BYTES);
    bytes = make_hello(arena, &len);
    g_assert_true(g_file_set_contents(file, (const char *)bytes, (gssize)len, NULL));
    reply = run_nanocat(daemon->url, file, &len);
    check_welcome((const uint8_t *)reply, len);
    qs_arena_free(arena);
}

static void test_only_loopback_is_served(void)
{
    const char *const urls[] = { "nanomsg+tcp://0.0.0.0:7777", "nanomsg+ws://192.0.2.1:7777" };

    for (guint i = 0; i < G_N_ELEMENTS(urls); i++) {
        g_autofree char *errors = NULL;
        int code = daemon_run((const char *const[]){ "-M", "none", "--listen", urls[i], NULL },
                              NULL, NULL, &errors);

        g_assert_cmpint(code, ==, 1);
        g_assert_nonnull(strstr(errors, "is not a loopback address"));
    }
}

static void test_unknown_transport(void)
{
    g_autofree char *errors = NULL;
    int code = daemon_run((const char *const[]){ "-M", "none", "--transport", "pigeon", NULL },
                          NULL, NULL, &errors);

    g_assert_cmpint(code, ==, 1);
    g_assert_nonnull(strstr(errors, "there are 'direct' and 'nanomsg', not 'pigeon'"));
}

static void add_case(const char *name, const Case *c, GTestDataFunc test)
{
    g_autofree char *server =
        g_strdelimit(g_strdup(*c->server ? c->server + 2 : "default"), " ", '-');
    g_autofree char *path = g_strdup_printf("/nanomsg/%s/%s-%s-%sclient", name, c->scheme, server,
                                            *c->prefix ? "nanomsg-" : "");

    g_test_add_data_func(path, c, test);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        add_case("both-ends", &cases[i], test_both_ends);
        if (!*cases[i].prefix) {
            add_case("plain-req-socket", &cases[i], test_plain_req_socket);
            add_case("nanocat", &cases[i], test_nanocat);
        }
    }
    g_test_add_func("/nanomsg/only-loopback-is-served", test_only_loopback_is_served);
    g_test_add_func("/nanomsg/unknown-transport-is-refused", test_unknown_transport);
    return g_test_run();
}
