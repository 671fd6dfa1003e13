/*
 * A server inside the caller's process: what the URL scheme "inproc:" opens. The client library loads the shared
 * object libqosim-embed and asks it for this table, so that a program that only talks to a remote server links
 * neither GLib nor the models.
 *
 * Frames are passed as they are, without encoding. The thread that opened the server owns its machine and makes
 * all the calls.
 */
#ifndef QOSIM_SERVER_EMBED_H
#define QOSIM_SERVER_EMBED_H

#include "proto/arena.h"
#include "proto/message.h"
#include "proto/transport.h"

#define QOSIM_EMBED_SYMBOL "qosim_embed_ops_v1"
#define QOSIM_EMBED_LIBRARY "libqosim-embed.so.0"

typedef struct QsEmbed QsEmbed;

/*
 * Carries out frame->dma_request and fills in @response; a read's bytes must stay until the server is entered again. The
 * events in @frame happened before. Called while the server is in a call of its thread, into which it must not be entered.
 */
typedef void QsEmbedDma(void *opaque, const QsServerFrame *frame, QsDmaResponse *response);

typedef struct QsEmbedOps {
    /*
     * Starts a server. @options is what follows "inproc:" in the URL: options of qosimd as on a command line, where a first
     * word without a dash is the machine type ("sifive_e --listen ipc:///tmp/x"). NULL with @error on a mistake.
     */
    QsEmbed *(*open)(const char *options, QsError *error);

    /* A further client of the same server; freed with detach(). The first is made by open(). */
    void *(*attach)(QsEmbed *embed);
    void (*detach)(QsEmbed *embed, void *client);

    /*
     * Executes one frame for @client and gives the server's answer in @answer; its memory lives in @arena. Returns false
     * when there is no answer (a posted frame).
     */
    bool (*request)(QsEmbed *embed, void *client, QsArena *arena, const QsClientFrame *frame,
                    QsServerFrame *answer);

    /*
     * Serves the embedded server's own listeners, if it has any, for up to @timeout_ms, and takes the next frame of
     * events that waits for @client. Returns whether there was one.
     */
    bool (*poll)(QsEmbed *embed, void *client, QsArena *arena, int timeout_ms,
                 QsServerFrame *events);

    /* Ends the server and everything it hosts. */
    void (*close)(QsEmbed *embed);

    /* Who answers the DMA requests to @client, if it drives the machine and says in its Hello that it can; NULL: nobody. */
    void (*set_dma)(QsEmbed *embed, void *client, QsEmbedDma *dma, void *opaque);
} QsEmbedOps;

#endif
