/* Several machines in one qosimd: made by clients, apart from each other, each in its own thread. */
#include <string.h>

#include "tests/lib/daemon.h"
#include "tests/lib/raw_client.h"

#define INPUT_EN 0x10012004u
#define RISE_IE 0x10012018u
#define PINS "/machine/soc"

static const QsReply *try_machine(RawClient *client, const char *machine, const char *create)
{
    QsOperation hello = raw_hello(QS_ROLE_OBSERVER, true);

    hello.hello.machine = machine;
    hello.hello.create = create;
    return raw_client_try_hello(client, &hello);
}

static RawClient *open_machine(const char *url, const char *machine, const char *create)
{
    RawClient *client = raw_client_new(url);
    const QsReply *reply = try_machine(client, machine, create);

    g_assert_cmpstr(reply->status.text, ==, "");
    g_assert_cmpint(reply->status.code, ==, QS_STATUS_OK);
    g_assert_cmpstr(reply->results[0].hello.machine, ==, machine);
    return client;
}

static void refuses(const char *url, const char *machine, const char *create, QsStatusCode code,
                    const char *text)
{
    g_autoptr(RawClient) client = raw_client_new(url);
    const QsReply *reply = try_machine(client, machine, create);

    g_assert_cmpstr(reply->status.text, ==, text);
    g_assert_cmpint(reply->status.code, ==, code);
}

static void test_created(void)
{
    g_autoptr(Daemon) daemon = daemon_start("-M none", "ipc");
    g_autoptr(RawClient) first = raw_client_open(daemon->url, QS_ROLE_OBSERVER, true);
    g_autoptr(RawClient) a = open_machine(daemon->url, "a", "sifive_e");
    g_autoptr(RawClient) b =
        open_machine(daemon->url, "b", "none -device sifive_soc.gpio,id=g,addr=0x10012000");
    g_autoptr(RawClient) a2 = open_machine(daemon->url, "a", "");
    const QsResult *result;

    raw_client_write32(a, INPUT_EN, 0xaa);
    raw_client_write32(b, INPUT_EN, 0xbb);
    g_assert_cmphex(raw_client_read32(a2, INPUT_EN), ==, 0xaa);
    g_assert_cmphex(raw_client_read32(b, INPUT_EN), ==, 0xbb);
    result = raw_client_must(first, raw_read(INPUT_EN, 4));
    g_assert_cmpint(result->mmio.result, ==, QS_BUS_DECODE_ERROR);
    raw_client_must(a, raw_advance_by(50));
    raw_client_must(b, raw_read(INPUT_EN, 4));
    g_assert_cmpuint(b->frame.reply.now_ns, ==, 0);
}

static void test_events_stay_apart(void)
{
    g_autoptr(Daemon) daemon = daemon_start("-M sifive_e", "tcp");
    g_autoptr(RawClient) first = raw_client_open(daemon->url, QS_ROLE_OBSERVER, true);
    g_autoptr(RawClient) a = open_machine(daemon->url, "a", "sifive_e");
    g_autoptr(RawClient) a2 = open_machine(daemon->url, "a", "sifive_e");
    g_autofree char *events = NULL;

    raw_client_write32(a, INPUT_EN, 1);
    raw_client_write32(a, RISE_IE, 1);
    raw_client_must(a, raw_line_set(PINS, 0, 1));
    raw_client_await_events(a2, 1);
    events = raw_client_print_events(a2);
    g_assert_cmpstr(events, ==, "line 8=1");
    g_assert_cmpuint(a->events->len, ==, 1);
    g_assert_false(raw_client_receive(first, 50));
}

static void test_refused(void)
{
    g_autoptr(Daemon) daemon = daemon_start("-M none -name base", "ipc");
    g_autofree char *longest = g_strnfill(64, 'x');
    g_autofree char *too_long = g_strnfill(65, 'x');
    g_autofree char *text =
        g_strdup_printf("'%s' cannot be a machine's name: it takes a letter, then letters, "
                        "digits, '-', '.' and '_', at most 64 in all",
                        longest); /* the text is cut */
    const char *url = daemon->url;

    refuses(url, "x", "", QS_STATUS_NOT_FOUND, "there is no machine 'x'; there are: base");
    refuses(url, "x", "enterprise", QS_STATUS_GENERIC,
            "machine 'x' cannot be made: unsupported machine type \"enterprise\"");
    refuses(url, "x", "none -device nope", QS_STATUS_GENERIC,
            "machine 'x' cannot be made: -device nope: 'nope' is not a valid device model name");
    refuses(url, "x", "none -readconfig /etc/passwd", QS_STATUS_INVALID_ARGUMENT,
            "machine 'x' cannot be made: option '-readconfig' is not available here");
    refuses(url, "x", "none --listen ipc:///tmp/x", QS_STATUS_INVALID_ARGUMENT,
            "machine 'x' cannot be made: option '--listen' is not available here");
    refuses(url, "x", "none 'open quote", QS_STATUS_INVALID_ARGUMENT,
            "machine 'x' cannot be made: cannot split the options into words: Text ended before "
            "matching quote was found for '. (The text was “none 'open quote”)");
    refuses(url, "x", "-device help", QS_STATUS_INVALID_ARGUMENT,
            "machine 'x' cannot be made: help is not available here; ask qosimd for it");
    refuses(url, "7 of 9", "none", QS_STATUS_INVALID_ARGUMENT,
            "'7 of 9' cannot be a machine's name: it takes a letter, then letters, digits, '-', "
            "'.' and '_', at most 64 in all");
    refuses(url, too_long, "none", QS_STATUS_INVALID_ARGUMENT, text);
    raw_client_free(open_machine(url, longest, "none"));
    /* A name that failed is free. */
    raw_client_free(open_machine(url, "x", "none"));
    g_free(text);
    text = g_strdup_printf("there is no machine 'y'; there are: base, %s, x", longest);
    refuses(url, "y", "", QS_STATUS_NOT_FOUND, text);
}

static void test_limit(void)
{
    enum { OTHERS = 127 };
    g_autoptr(Daemon) daemon = daemon_start("-M none", "ipc");
    g_autoptr(RawClient) client = NULL;
    RawClient *clients[OTHERS];
    QsOperation bye = { .kind = QS_OP_BYE };

    for (int i = 0; i < OTHERS; i++) {
        g_autofree char *name = g_strdup_printf("m%d", i);

        clients[i] = open_machine(daemon->url, name, "none");
    }
    refuses(daemon->url, "x", "none", QS_STATUS_LIMIT, "there are 128 machines already");
    raw_client_call(clients[5], &bye, 1);
    client = open_machine(daemon->url, "x", "none"); /* takes the place of one without sessions */
    g_assert_true(client->has_session);
    refuses(daemon->url, "x2", "none", QS_STATUS_LIMIT, "there are 128 machines already");
    for (int i = 0; i < OTHERS; i++) {
        raw_client_free(clients[i]);
    }
}

static void test_posted_to_other_thread(void)
{
    enum { FRAMES = 20000 };
    g_autoptr(Daemon) daemon = daemon_start("-M none", "ipc");
    g_autoptr(RawClient) client = open_machine(daemon->url, "a", "sifive_e");

    for (uint32_t i = 1; i <= FRAMES; i++) {
        QsOperation op = raw_write(INPUT_EN, 4, i);

        raw_client_post(client, &op, 1);
    }
    g_assert_cmpuint(raw_client_read32(client, INPUT_EN), ==, FRAMES);
    g_assert_cmpuint(raw_client_stat(client, "posted_frames"), ==, FRAMES);
    g_assert_cmpuint(raw_client_stat(client, "operations.mmio-write"), ==, FRAMES);
}

/* One thread a machine, all at once. */
typedef struct Worker {
    const char *url;
    int number;
} Worker;

static gpointer work(gpointer data)
{
    const Worker *worker = data;
    g_autofree char *name = g_strdup_printf("m%d", worker->number % 3);
    g_autoptr(RawClient) client = open_machine(worker->url, name, "sifive_e");
    uint64_t address = 0x80000000u + 64u * (unsigned)worker->number;

    for (uint32_t i = 0; i < 500; i++) {
        QsOperation ops[] = { raw_write(address, 4, i), raw_line_set(PINS, 1, (int)(i & 1)),
                              raw_read(address, 4) };
        const QsReply *reply = raw_client_call(client, ops, G_N_ELEMENTS(ops));

        g_assert_cmpuint(reply->results[2].mmio.data, ==, i);
    }
    g_assert_false(client->gap);
    return NULL;
}

static void test_machines_at_once(void)
{
    g_autoptr(Daemon) daemon = daemon_start("-M sifive_e", "ipc");
    Worker workers[9];
    GThread *threads[G_N_ELEMENTS(workers)];

    for (int i = 0; i < (int)G_N_ELEMENTS(workers); i++) {
        workers[i] = (Worker){ daemon->url, i };
        threads[i] = g_thread_new("worker", work, &workers[i]);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(workers); i++) {
        g_thread_join(threads[i]);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/machines/a-client-makes-and-others-join", test_created);
    g_test_add_func("/machines/events-stay-with-their-machine", test_events_stay_apart);
    g_test_add_func("/machines/wrong-wishes-are-refused-by-name", test_refused);
    g_test_add_func("/machines/limit-is-stated-and-unused-ones-make-room", test_limit);
    g_test_add_func("/machines/posted-frames-wait-their-turn-and-none-is-lost",
                    test_posted_to_other_thread);
    g_test_add_func("/machines/many-clients-of-many-machines-at-once", test_machines_at_once);
    return g_test_run();
}
