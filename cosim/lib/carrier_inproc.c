/* Frames to a server inside this process: the shared object libqosim-embed, loaded when the first one is asked for. */
#include "cosim/lib/session.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/embed.h"

/* Names another file than the one beside this library; for tests and for trees that are not installed. */
#define EMBED_VARIABLE "QOSIM_EMBED"

typedef struct Inproc {
    const QsEmbedOps *ops;
    QsEmbed *embed;
    void *client;
    QsArena *arena; /* the last answer */
} Inproc;

/* The library beside this one. Asked for by its whole path, since a sanitizer's dlopen() does not look at our RUNPATH. */
static void *load_beside(void)
{
    char path[PATH_MAX];
    Dl_info self;
    const char *slash;

    if (!dladdr((void *)load_beside, &self) || !self.dli_fname ||
        !(slash = strrchr(self.dli_fname, '/')) ||
        snprintf(path, sizeof(path), "%.*s/%s", (int)(slash - self.dli_fname), self.dli_fname,
                 QOSIM_EMBED_LIBRARY) >= (int)sizeof(path)) {
        return NULL;
    }
    return dlopen(path, RTLD_NOW | RTLD_LOCAL);
}

/* Never closed again: GLib's types cannot be unloaded. */
static const QsEmbedOps *load_embed(QsError *error)
{
    const char *given = getenv(EMBED_VARIABLE);
    void *library = given && *given ? NULL : load_beside();
    const char *why = NULL;
    const QsEmbedOps *ops;

    if (!library) {
        library = dlopen(given && *given ? given : QOSIM_EMBED_LIBRARY, RTLD_NOW | RTLD_LOCAL);
    }
    if (!library) {
        why = dlerror();
        qs_error(error, QS_STATUS_NOT_FOUND,
                 "inproc: the embedded server cannot be loaded (%s); install " QOSIM_EMBED_LIBRARY
                 " beside libqosim, or set " EMBED_VARIABLE " to its path",
                 why ? why : QOSIM_EMBED_LIBRARY);
        return NULL;
    }
    ops = dlsym(library, QOSIM_EMBED_SYMBOL);
    if (!ops) {
        why = dlerror();
        qs_error(error, QS_STATUS_UNSUPPORTED,
                 "inproc: the embedded server is another version (%s)",
                 why ? why : QOSIM_EMBED_SYMBOL);
    }
    return ops;
}

static const char *inproc_name(void *carrier)
{
    (void)carrier;
    return "inproc";
}

static uint64_t inproc_block_bytes(void *carrier)
{
    (void)carrier;
    return QS_MAX_BLOCK_BYTES;
}

static bool inproc_request(void *carrier, const QsClientFrame *frame, QsServerFrame *answer)
{
    Inproc *p = carrier;

    qs_arena_reset(p->arena);
    return p->ops->request(p->embed, p->client, p->arena, frame, answer);
}

static Arrival inproc_receive(void *carrier, QsArena *arena, int64_t deadline, QsServerFrame *frame,
                              QsError *error)
{
    Inproc *p = carrier;
    int64_t left = deadline - now_ms();

    (void)error;
    return p->ops->poll(p->embed, p->client, arena, left > 0 ? (int)left : 0, frame)
               ? ARRIVAL_FRAME
               : ARRIVAL_NOTHING;
}

static void inproc_set_session(void *carrier, qosim_session *session)
{
    Inproc *p = carrier;

    if (p->ops->set_dma) {
        p->ops->set_dma(p->embed, p->client, dma_answer_embedded, session);
    }
}

static bool inproc_is_connected(void *carrier)
{
    (void)carrier;
    return true;
}

static uint64_t inproc_connections(void *carrier)
{
    (void)carrier;
    return 1;
}

static void inproc_close(void *carrier)
{
    Inproc *p = carrier;

    if (p->client) {
        p->ops->detach(p->embed, p->client);
    }
    if (p->embed) {
        p->ops->close(p->embed);
    }
    qs_arena_free(p->arena);
    free(p);
}

static const CarrierOps inproc_ops = {
    .name = inproc_name,
    .block_bytes = inproc_block_bytes,
    .request = inproc_request,
    .receive = inproc_receive,
    .set_session = inproc_set_session,
    .is_connected = inproc_is_connected,
    .connections = inproc_connections,
    .close = inproc_close,
};

void *inproc_open(const char *options, const CarrierOps **ops, QsError *error)
{
    const QsEmbedOps *embed_ops = load_embed(error);
    Inproc *p;

    if (!embed_ops) {
        return NULL;
    }
    p = calloc(1, sizeof(*p));
    if (!p || !(p->arena = qs_arena_new(QS_ARENA_BYTES))) {
        free(p);
        qs_error(error, QS_STATUS_GENERIC, "out of memory");
        return NULL;
    }
    p->ops = embed_ops;
    p->embed = embed_ops->open(options, error);
    p->client = p->embed ? embed_ops->attach(p->embed) : NULL;
    if (!p->client) {
        if (p->embed) {
            qs_error(error, QS_STATUS_GENERIC, "inproc: the embedded server takes no client");
        }
        inproc_close(p);
        return NULL;
    }
    *ops = &inproc_ops;
    return p;
}
