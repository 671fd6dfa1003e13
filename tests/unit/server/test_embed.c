/* The server inside a process, through its table of operations. */
#include "server/embed.h"

#include <string.h>

#include <glib.h>
#include <glib/gstdio.h>

#include "tests/lib/raw_client.h"

#define RAM 0x80000000u

extern const QsEmbedOps qosim_embed_ops_v1;
static const QsEmbedOps *const ops = &qosim_embed_ops_v1;

typedef struct Client {
    QsEmbed *embed;
    void *handle;
    QsArena *arena;
    QsBytes token;
    uint8_t token_bytes[QS_TOKEN_BYTES];
    uint64_t last_id;
    QsServerFrame answer;
} Client;

static bool request(Client *client, const QsOperation *operations, size_t n, bool posted)
{
    QsClientFrame frame = { .session = client->token,
                            .request_id = ++client->last_id,
                            .operations = operations,
                            .n_operations = n,
                            .posted = posted };

    qs_arena_reset(client->arena);
    return ops->request(client->embed, client->handle, client->arena, &frame, &client->answer);
}

static const QsResult *one(Client *client, QsOperation op)
{
    g_assert_true(request(client, &op, 1, false));
    g_assert_cmpstr(client->answer.reply.status.text, ==, "");
    g_assert_cmpuint(client->answer.reply.n_results, ==, 1);
    return &client->answer.reply.results[0];
}

static void attach(Client *client, QsEmbed *embed, void *handle, QsRole role)
{
    QsOperation hello = raw_hello(role, true);
    const QsResult *result;

    memset(client, 0, sizeof(*client));
    client->embed = embed;
    client->handle = handle;
    client->arena = qs_arena_new(QS_ARENA_BYTES);
    hello.hello.machine = NULL; /* as a client leaves it that has nothing to say */
    hello.hello.create = NULL;
    hello.hello.client = NULL;
    result = one(client, hello);
    g_assert_cmpint(result->status.code, ==, QS_STATUS_OK);
    memcpy(client->token_bytes, result->hello.session.data, QS_TOKEN_BYTES);
    client->token = (QsBytes){ client->token_bytes, QS_TOKEN_BYTES };
}

static QsEmbed *open_embed(const char *options)
{
    QsError error;
    QsEmbed *embed = ops->open(options, &error);

    if (!embed) {
        g_error("%s", error.text);
    }
    return embed;
}

static void refuses(const char *options, const char *text)
{
    QsError error;

    g_assert_null(ops->open(options, &error));
    g_assert_cmpstr(error.text, ==, text);
}

static void test_open(void)
{
    refuses("", "no machine type is given; use -M TYPE ('-M help' lists the types)");
    refuses("martian", "unsupported machine type \"martian\"");
    refuses("none -device", "option '-device' needs an argument: -device TYPE[,PROP=VALUE...]");
    refuses("none -h", "option '-h' is not available here");
    refuses(
        "none --listen tcp://10.0.0.1:9",
        "tcp://10.0.0.1:9: '10.0.0.1' is not a loopback address such as 127.0.0.1; to serve "
        "others, give --allow-remote and --auth-file FILE, with a key that the clients have too");
    ops->close(open_embed("-M none"));
    ops->close(NULL);
}

static void test_requests(void)
{
    QsEmbed *embed = open_embed("sifive_e");
    QsOperation write = raw_write(RAM, 4, 0x1234);
    Client client;

    attach(&client, embed, NULL, QS_ROLE_DRIVER);
    g_assert_false(request(&client, &write, 1, true)); /* posted: no answer */
    g_assert_cmphex(one(&client, raw_read(RAM, 4))->mmio.data, ==, 0x1234);
    g_assert_cmpint(one(&client, raw_line_set("/machine/soc", 1, 1))->status.code, ==,
                    QS_STATUS_OK);
    g_assert_cmpint(one(&client, raw_line_set("/machine/soc", 99, 1))->status.code, !=,
                    QS_STATUS_OK);
    write = (QsOperation){ .kind = QS_OP_BYE };
    g_assert_cmpint(one(&client, write)->status.code, ==, QS_STATUS_OK);
    g_assert_true(request(&client, &write, 1, false));
    g_assert_cmpint(client.answer.reply.status.code, ==, QS_STATUS_NO_SESSION);
    qs_arena_free(client.arena);
    ops->close(embed);
}

static void test_texts_are_checked(void)
{
    QsEmbed *embed = open_embed("sifive_e");
    g_autofree char *long_text = g_strnfill(QS_MAX_STRING_BYTES + 1, 'x');
    QsOperation op = raw_line_set("\xff\xfe", 0, 1);
    Client client;

    attach(&client, embed, NULL, QS_ROLE_DRIVER);
    g_assert_true(request(&client, &op, 1, false));
    g_assert_cmpint(client.answer.reply.status.code, ==, QS_STATUS_INVALID_ARGUMENT);
    op.line_set.path = long_text;
    g_assert_true(request(&client, &op, 1, false));
    g_assert_cmpint(client.answer.reply.status.code, ==, QS_STATUS_INVALID_ARGUMENT);
    g_assert_false(request(&client, &op, 1, true));
    op.line_set.path = NULL;
    op.line_set.name = NULL;
    g_assert_cmpint(one(&client, op)->status.code, !=, QS_STATUS_OK);
    op = (QsOperation){ .kind = QS_OP_QOM_GET };
    g_assert_cmpint(one(&client, op)->status.code, !=, QS_STATUS_OK);
    op = (QsOperation){ .kind = QS_OP_QOM_NEW };
    g_assert_cmpint(one(&client, op)->status.code, !=, QS_STATUS_OK);
    qs_arena_free(client.arena);
    ops->close(embed);
}

static void test_machine_of_its_own(void)
{
    QsEmbed *embed = open_embed("none -name box");
    QsArena *arena = qs_arena_new(QS_ARENA_BYTES);
    QsOperation hello = raw_hello(QS_ROLE_DRIVER, true);
    QsClientFrame frame = { .request_id = 1, .operations = &hello, .n_operations = 1 };
    QsServerFrame answer;

    hello.hello.machine = "other";
    g_assert_true(ops->request(embed, NULL, arena, &frame, &answer));
    g_assert_cmpstr(answer.reply.status.text, ==, "there is no machine 'other'; there are: box");
    hello.hello.create = "none";
    g_assert_true(ops->request(embed, NULL, arena, &frame, &answer));
    g_assert_cmpint(answer.reply.status.code, ==, QS_STATUS_UNSUPPORTED);
    hello.hello.machine = "box";
    g_assert_true(ops->request(embed, NULL, arena, &frame, &answer));
    g_assert_cmpint(answer.reply.status.code, ==, QS_STATUS_OK);
    qs_arena_free(arena);
    ops->close(embed);
}

static void test_two_clients(void)
{
    QsEmbed *embed = open_embed("sifive_e");
    QsOperation rise[] = { raw_write(0x10012004, 4, 1), raw_write(0x10012018, 4, 1),
                           raw_line_set("/machine/soc", 0, 1) };
    Client a;
    Client b;
    QsServerFrame events;

    attach(&a, embed, NULL, QS_ROLE_DRIVER);
    attach(&b, embed, ops->attach(embed), QS_ROLE_OBSERVER);
    g_assert_false(ops->poll(embed, b.handle, b.arena, 0, &events));
    g_assert_true(request(&a, rise, 3, false));
    g_assert_cmpuint(a.answer.n_events, ==, 1);
    g_assert_true(ops->poll(embed, b.handle, b.arena, 0, &events));
    g_assert_false(events.has_reply);
    g_assert_cmpuint(events.n_events, ==, 1);
    g_assert_cmpuint(events.events[0].line.line, ==, 8);
    g_assert_cmpuint(events.sequence, ==, b.answer.sequence + 1);
    g_assert_false(ops->poll(embed, b.handle, b.arena, 1, &events));
    ops->detach(embed, b.handle);
    g_assert_cmpuint(one(&a, (QsOperation){ .kind = QS_OP_INFO })->info.n_sessions, ==, 1);
    qs_arena_free(a.arena);
    qs_arena_free(b.arena);
    ops->close(embed);
}

typedef struct Remote {
    const char *url;
    int done; /* atomic */
} Remote;

/* Another thread stands for another process: it presses a button until the light goes on. */
static gpointer press(gpointer data)
{
    Remote *remote = data;
    g_autoptr(RawClient) client = raw_client_open(remote->url, QS_ROLE_OBSERVER, true);

    raw_client_must(client, raw_line_set("/machine/soc", 0, 1));
    raw_client_await_events(client, 2);
    g_atomic_int_set(&remote->done, 1);
    return NULL;
}

static void serves_listeners(bool by_polling)
{
    g_autofree char *directory = g_dir_make_tmp("qosim-test-XXXXXX", NULL);
    g_autofree char *url = g_strdup_printf("ipc://%s/s", directory);
    g_autofree char *options = g_strdup_printf("sifive_e --listen %s", url);
    QsEmbed *embed = open_embed(options);
    QsOperation enable[] = { raw_write(0x10012004, 4, 1), raw_write(0x10012018, 4, 1) };
    Remote remote = { url, 0 };
    GThread *thread;
    bool pressed = false;
    Client client;

    attach(&client, embed, NULL, QS_ROLE_DRIVER);
    g_assert_true(request(&client, enable, 2, false));
    thread = g_thread_new("remote", press, &remote);
    while (!g_atomic_int_get(&remote.done)) {
        QsServerFrame events = { .n_events = 0 };
        const QsServerFrame *frame = &client.answer;

        if (by_polling) {
            qs_arena_reset(client.arena);
            frame = &events;
            (void)ops->poll(embed, NULL, client.arena, 10, &events);
        } else {
            one(&client, raw_read(0x1001201c, 4));
        }
        if (frame->n_events > 0 && !pressed) {
            g_assert_cmpuint(frame->events[0].line.line, ==, 8);
            pressed = true;
            one(&client, raw_write(0x1001201c, 4, 1)); /* the light: the line goes down again */
        }
    }
    g_thread_join(thread);
    g_assert_true(pressed);
    qs_arena_free(client.arena);
    ops->close(embed);
    g_assert_cmpint(g_rmdir(directory), ==, 0); /* the socket is gone */
}

static void test_polling(void)
{
    serves_listeners(true);
}

static void test_requesting(void)
{
    serves_listeners(false);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/server/embed/wrong-options-are-errors", test_open);
    g_test_add_func("/server/embed/requests-are-answered-at-once", test_requests);
    g_test_add_func("/server/embed/texts-are-checked", test_texts_are_checked);
    g_test_add_func("/server/embed/has-one-machine", test_machine_of_its_own);
    g_test_add_func("/server/embed/two-clients-share-the-machine", test_two_clients);
    g_test_add_func("/server/embed/polling-serves-remote-clients", test_polling);
    g_test_add_func("/server/embed/requesting-serves-remote-clients-too", test_requesting);
    return g_test_run();
}
