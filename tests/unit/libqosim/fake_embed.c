/* An embedded server in little: what libqosim loads when a test says QOSIM_EMBED. It hosts one register at 0x1000. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/embed.h"

struct QsEmbed {
    uint64_t reg;
    uint64_t sequence;
    unsigned clients;
    QsEvent event;
    bool has_event;
};

__attribute__((visibility("default"))) extern const QsEmbedOps qosim_embed_ops_v1;

static QsEmbed *embed_open(const char *options, QsError *error)
{
    if (strcmp(options, "sifive_e -device x") != 0) {
        qs_error(error, QS_STATUS_NOT_FOUND, "unsupported machine type: '%s'", options);
        return NULL;
    }
    return calloc(1, sizeof(QsEmbed));
}

static void *embed_attach(QsEmbed *embed)
{
    embed->clients++;
    return &embed->clients;
}

static void embed_detach(QsEmbed *embed, void *client)
{
    if (client != &embed->clients) {
        abort();
    }
    embed->clients--;
}

static void execute(QsEmbed *embed, const QsOperation *o, QsResult *r)
{
    r->kind = o->kind;
    r->status = (QsStatus){ QS_STATUS_OK, "", "" };
    switch (o->kind) {
    case QS_OP_HELLO:
        r->hello.version = QS_PROTOCOL_VERSION;
        r->hello.session = (QsBytes){ (const uint8_t *)"0123456789abcdef", QS_TOKEN_BYTES };
        r->hello.machine = r->hello.machine_type = "";
        r->hello.server = "embedded";
        break;
    case QS_OP_MMIO_WRITE:
        embed->reg = o->mmio.data;
        embed->event = (QsEvent){ .kind = QS_EVENT_LINE, .line = { 0, 1, (int)(embed->reg & 1) } };
        embed->has_event = true;
        r->mmio.result = QS_BUS_OK;
        break;
    case QS_OP_MMIO_READ:
        r->mmio.result = QS_BUS_OK;
        r->mmio.data = embed->reg;
        break;
    default:
        break;
    }
}

static bool embed_request(QsEmbed *embed, void *client, QsArena *arena, const QsClientFrame *frame,
                          QsServerFrame *answer)
{
    QsResult *results = calloc(frame->n_operations, sizeof(*results));
    QsResult *kept = NULL;

    (void)client;
    for (size_t i = 0; i < frame->n_operations; i++) {
        execute(embed, &frame->operations[i], &results[i]);
    }
    if (!frame->posted) {
        kept = qs_arena_memdup(arena, results, frame->n_operations * sizeof(*results));
        *answer = (QsServerFrame){ .sequence = ++embed->sequence,
                                   .has_reply = true,
                                   .reply = { .request_id = frame->request_id,
                                              .status = { QS_STATUS_OK, "", "" },
                                              .results = kept,
                                              .n_results = frame->n_operations } };
    }
    free(results);
    return !frame->posted;
}

static bool embed_poll(QsEmbed *embed, void *client, QsArena *arena, int timeout_ms,
                       QsServerFrame *events)
{
    (void)client;
    (void)timeout_ms;
    if (!embed->has_event) {
        return false;
    }
    embed->has_event = false;
    *events =
        (QsServerFrame){ .sequence = ++embed->sequence,
                         .events = qs_arena_memdup(arena, &embed->event, sizeof(embed->event)),
                         .n_events = 1 };
    return true;
}

static void embed_close(QsEmbed *embed)
{
    if (embed->clients) {
        abort();
    }
    free(embed);
}

const QsEmbedOps qosim_embed_ops_v1 = {
    .open = embed_open,
    .attach = embed_attach,
    .detach = embed_detach,
    .request = embed_request,
    .poll = embed_poll,
    .close = embed_close,
};
