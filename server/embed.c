#include "server/embed.h"

#include <string.h>

#include "proto/codec.h"
#include "qom/module.h"
#include "server/execute.h"
#include "server/hello.h"
#include "server/reply.h"
#include "server/server.h"

/*
 * How often, at most, a stream of requests lets the listeners and the chardevs have their turn: looking at the clock costs as
 * much as a quarter of a request, so that is done once in so many requests, or when the cheap clock says that time has passed.
 */
#define SERVE_INTERVAL_US 100
#define SERVE_REQUESTS 16

/* Texts of fewer bytes need not go through the codec if they are ASCII. */
#define PLAIN_TEXT_MAX 256u

typedef struct EmbedClient {
    uint8_t token[QS_TOKEN_BYTES];
    bool has_session;
    QsEmbedDma *dma;
    void *dma_opaque;
} EmbedClient;

struct QsEmbed {
    Server *server;
    EmbedClient first;  /* what a client of NULL stands for */
    GPtrArray *clients; /* of EmbedClient, owned: the further ones */
    int64_t served_us;  /* when they last had it */
    int64_t looked_us;  /* machine_host_clock_us() of the last look at the clock */
    unsigned unlooked;  /* requests since */
};

static bool fail(QsError *to, GError *error)
{
    qs_error(to, QS_STATUS_GENERIC, "%s", error->message);
    g_error_free(error);
    return false;
}

static QsEmbed *embed_open(const char *line, QsError *error)
{
    GError *reason = NULL;
    g_autoptr(ServerOptions) options = NULL;
    Server *server = NULL;
    QsEmbed *embed;

    /* Before the options, which ask what types there are. */
    module_call_init(MODULE_INIT_QOM);
    options = options_parse_line(line, OPTIONS_EMBED, &reason);
    if (options) {
        server = server_new("libqosim-embed " QOSIM_VERSION, options, true, &reason);
    }
    if (!server) {
        (void)fail(error, reason);
        return NULL;
    }
    embed = g_new0(QsEmbed, 1);
    embed->server = server;
    embed->clients = g_ptr_array_new_with_free_func(g_free);
    return embed;
}

static void *embed_attach(QsEmbed *embed)
{
    EmbedClient *client = g_new0(EmbedClient, 1);

    g_ptr_array_add(embed->clients, client);
    return client;
}

static EmbedClient *client_of(QsEmbed *embed, void *data)
{
    return data ? data : &embed->first;
}

static Session *find_session(QsEmbed *embed, const EmbedClient *client)
{
    QsBytes token = { client->token, sizeof(client->token) };

    return client->has_session ? machine_host_find_session(embed->server->first, &token) : NULL;
}

static void end_session(QsEmbed *embed, EmbedClient *client)
{
    Session *session = find_session(embed, client);

    if (session) {
        machine_host_end_session(embed->server->first, session);
    }
    client->has_session = false;
}

static void embed_detach(QsEmbed *embed, void *data)
{
    end_session(embed, client_of(embed, data));
    g_ptr_array_remove(embed->clients, data);
}

/*
 * Lets everything that waits in the machine's context run: frames of remote clients, replies on their way out, chardevs, and
 * what devices put off.
 */
static void serve(QsEmbed *embed)
{
    GMainContext *context = embed->server->first->context;

    g_main_context_push_thread_default(context);
    for (int i = 0; i < 16 && g_main_context_iteration(context, FALSE); i++) {
        continue;
    }
    execute_push_all(embed->server->first);
    g_main_context_pop_thread_default(context);
    embed->served_us = g_get_monotonic_time();
}

static void serve_now_and_then(QsEmbed *embed)
{
    int64_t now = machine_host_clock_us();

    if (now == embed->looked_us && ++embed->unlooked < SERVE_REQUESTS) {
        return;
    }
    embed->looked_us = now;
    embed->unlooked = 0;
    if (g_get_monotonic_time() - embed->served_us >= SERVE_INTERVAL_US) {
        serve(embed);
    }
}

/* Short and ASCII, as nearly all texts are. */
static bool is_plain(const char *text)
{
    size_t i = 0;

    while (text && i < PLAIN_TEXT_MAX && text[i] > 0) {
        i++;
    }
    return text && i < PLAIN_TEXT_MAX && text[i] == '\0';
}

/* Texts that have to be checked. */
static bool has_texts(const QsOperation *op)
{
    switch (op->kind) {
    case QS_OP_MMIO_READ:
    case QS_OP_MMIO_WRITE:
    case QS_OP_BLOCK_READ:
    case QS_OP_BLOCK_WRITE:
    case QS_OP_BLOCK_FILL:
    case QS_OP_LINE_GET:
    case QS_OP_LINE_UNWATCH:
    case QS_OP_RESET:
    case QS_OP_ADVANCE:
    case QS_OP_STATS:
    case QS_OP_INFO:
    case QS_OP_BYE:
        return false;
    case QS_OP_LINE_SET: /* hardware does little else */
        return !is_plain(op->line_set.path) || !is_plain(op->line_set.name);
    default:
        return true;
    }
}

static bool frame_has_texts(const QsClientFrame *frame)
{
    for (size_t i = 0; i < frame->n_operations && i < QS_MAX_OPERATIONS; i++) {
        if (has_texts(&frame->operations[i])) {
            return true;
        }
    }
    return false;
}

/*
 * A frame with strings or values goes through the codec, whose checks (length, UTF-8, depth, absent strings) everything
 * behind it relies on. Plain accesses need none of them and are passed as they are.
 */
static bool check_texts(QsArena *arena, const QsClientFrame *frame, QsClientFrame *checked,
                        QsError *error)
{
    uint8_t *data;
    size_t len;

    return qs_encode_client_frame(arena, frame, &data, &len, error) &&
           qs_decode_client_frame(arena, data, len, checked, error);
}

static bool refuse(QsArena *arena, const QsClientFrame *frame, const QsError *error,
                   QsServerFrame *answer)
{
    QsStatus status;

    reply_fail(arena, &status, error->code, "%s", error->text);
    execute_refuse(frame->request_id, &status, answer);
    return !frame->posted;
}

/* Refuses a Hello for a machine that is not this server's. */
static bool check_machine(QsEmbed *embed, const QsClientFrame *frame, QsArena *arena,
                          QsStatus *status)
{
    MachineHost *host;

    if (!hello_is(frame)) {
        return true;
    }
    host = server_find_machine(embed->server, &frame->operations[0], arena, status);
    if (host) {
        machine_host_unref(host);
    }
    return host != NULL;
}

/* A client has one session: a new one ends the one before. */
static void note_session(QsEmbed *embed, EmbedClient *client, Session *session)
{
    if (session) {
        end_session(embed, client);
        memcpy(client->token, session->token, sizeof(client->token));
        client->has_session = true;
        session->embed_dma = client->dma;
        session->embed_opaque = client->dma_opaque;
    }
}

static void embed_set_dma(QsEmbed *embed, void *data, QsEmbedDma *dma, void *opaque)
{
    EmbedClient *client = client_of(embed, data);
    Session *session = find_session(embed, client);

    client->dma = dma;
    client->dma_opaque = opaque;
    if (session) {
        session->embed_dma = dma;
        session->embed_opaque = opaque;
    }
}

/* Carries out a frame whose texts are in order; returns whether there is an answer. */
static bool carry_out(QsEmbed *embed, EmbedClient *client, QsArena *arena,
                      const QsClientFrame *frame, QsServerFrame *answer)
{
    MachineHost *host = embed->server->first;
    FrameOrigin origin = { .peer = &(QsPeer){ .len = 0 } };
    ExecuteOutcome outcome = execute_frame(host, &origin, arena, frame, answer);

    if (outcome.session && outcome.answer == EXECUTE_FRAME) {
        execute_commit(outcome.session, answer);
    }
    if (hello_is(frame)) {
        note_session(embed, client, outcome.session);
    }
    if (outcome.closing) {
        machine_host_end_session(host, outcome.session);
    }
    execute_push_all(host);
    return outcome.answer == EXECUTE_FRAME;
}

/* The same for a frame that has texts. */
static bool carry_out_texts(QsEmbed *embed, EmbedClient *client, QsArena *arena,
                            const QsClientFrame *frame, QsServerFrame *answer)
{
    QsClientFrame checked;
    QsStatus status;
    QsError error;

    if (!check_texts(arena, frame, &checked, &error)) {
        return refuse(arena, frame, &error, answer);
    }
    if (!check_machine(embed, &checked, arena, &status)) {
        execute_refuse(frame->request_id, &status, answer);
        return true;
    }
    return carry_out(embed, client, arena, &checked, answer);
}

static bool embed_request(QsEmbed *embed, void *data, QsArena *arena, const QsClientFrame *frame,
                          QsServerFrame *answer)
{
    EmbedClient *client = client_of(embed, data);
    GMainContext *context = embed->server->first->context;
    bool answered;

    serve_now_and_then(embed);
    if (!frame_has_texts(frame)) {
        return carry_out(embed, client, arena, frame, answer);
    }
    /* What is made now asks for "the thread's context" and keeps it; that is the machine's. */
    g_main_context_push_thread_default(context);
    answered = carry_out_texts(embed, client, arena, frame, answer);
    g_main_context_pop_thread_default(context);
    return answered;
}

static bool take_events(QsEmbed *embed, const EmbedClient *client, QsArena *arena,
                        QsServerFrame *events)
{
    Session *session = find_session(embed, client);

    if (!session || !execute_events(embed->server->first, session, arena, events)) {
        return false;
    }
    execute_commit(session, events);
    return true;
}

static gboolean wake(gpointer data G_GNUC_UNUSED)
{
    return G_SOURCE_CONTINUE;
}

/* One round of the context that takes at most @timeout_us. */
static void serve_for(QsEmbed *embed, int64_t timeout_us)
{
    GMainContext *context = embed->server->first->context;
    GSource *timer = g_timeout_source_new((guint)((timeout_us + 999) / 1000));

    g_source_set_callback(timer, wake, NULL, NULL);
    g_source_attach(timer, context);
    g_main_context_push_thread_default(context);
    g_main_context_iteration(context, TRUE);
    execute_push_all(embed->server->first);
    g_main_context_pop_thread_default(context);
    g_source_destroy(timer);
    g_source_unref(timer);
}

static bool embed_poll(QsEmbed *embed, void *data, QsArena *arena, int timeout_ms,
                       QsServerFrame *events)
{
    int64_t end = g_get_monotonic_time() + (int64_t)MAX(timeout_ms, 0) * 1000;
    const EmbedClient *client = client_of(embed, data);

    serve(embed);
    for (;;) {
        int64_t left = end - g_get_monotonic_time();

        if (take_events(embed, client, arena, events)) {
            return true;
        }
        if (timeout_ms >= 0 && left <= 0) {
            return false;
        }
        serve_for(embed, timeout_ms < 0 ? G_USEC_PER_SEC : left);
    }
}

static void embed_close(QsEmbed *embed)
{
    if (embed) {
        g_ptr_array_unref(embed->clients);
        server_free(embed->server);
        g_free(embed);
    }
}

__attribute__((visibility("default"))) extern const QsEmbedOps qosim_embed_ops_v1;

const QsEmbedOps qosim_embed_ops_v1 = {
    .open = embed_open,
    .attach = embed_attach,
    .detach = embed_detach,
    .request = embed_request,
    .poll = embed_poll,
    .close = embed_close,
    .set_dma = embed_set_dma,
};
