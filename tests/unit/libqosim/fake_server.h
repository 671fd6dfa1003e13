/*
 * A server that does what a test says, on proto's own server end, in a thread. By itself it is polite: it opens a session,
 * has 64 KiB of memory at 0x1000, interrupt lines, and keeps its replies. A hook sees each frame first.
 */
#ifndef QOSIM_TESTS_FAKE_SERVER_H
#define QOSIM_TESTS_FAKE_SERVER_H

#include <glib.h>

#include "proto/arena.h"
#include "proto/message.h"
#include "proto/transport.h"

#define FAKE_BASE 0x1000u
#define FAKE_SIZE 0x10000u
#define FAKE_LINES 53u
#define FAKE_KEPT 8u

typedef struct FakeServer FakeServer;

/* Called in the server's thread for each frame; true when it has dealt with it. */
typedef bool FakeHook(FakeServer *fake, const QsClientFrame *frame, const QsPeer *peer);

struct FakeServer {
    char *directory;
    char *url;
    QsEndpoint *endpoint;
    GThread *thread;
    gint stop; /* atomic */

    /* Set before the start, or changed by the hook in the server's thread. */
    FakeHook *hook;
    QsResult hello; /* what a Hello gets */
    int count;      /* for the hook's own use */

    /* Atomic: frames and operations executed, and frames answered from the kept replies. */
    gint n_frames;
    gint n_operations;
    gint n_repeated;

    /* State of the server's thread. */
    QsArena *in;
    QsArena *out;
    uint64_t sequence;
    uint64_t last_request;
    uint64_t now_ns;
    uint8_t memory[FAKE_SIZE];
    int levels[FAKE_LINES];
    QsEvent events[64]; /* go with the next reply */
    size_t n_events;
    QsPostedError posted_errors[16];
    size_t n_posted_errors;
    struct {
        uint64_t id;
        uint8_t *data;
        size_t len;
    } kept[FAKE_KEPT];
};

/* A server that does not run yet; its URL is one of its own. */
FakeServer *fake_new(FakeHook *hook);
void fake_start(FakeServer *fake);
void fake_stop(FakeServer *fake);
void fake_free(FakeServer *fake);

/* For hooks: the polite answer; a frame; bytes as they are; an event for the next reply. */
void fake_answer(FakeServer *fake, const QsClientFrame *frame, const QsPeer *peer);
void fake_send(FakeServer *fake, const QsServerFrame *frame, const QsPeer *peer);
void fake_send_bytes(FakeServer *fake, const void *data, size_t len, const QsPeer *peer);
void fake_set_line(FakeServer *fake, uint32_t line, int level);
void fake_add_event(FakeServer *fake, QsEvent event);
/* A reply to @frame with these results; its status is @status. */
void fake_reply(FakeServer *fake, const QsClientFrame *frame, const QsPeer *peer,
                const QsStatus *status, const QsResult *results, size_t n_results);
/* The events that wait, in a frame of their own. */
void fake_push(FakeServer *fake, const QsPeer *peer);
/* The polite result of one operation. */
QsResult fake_execute(FakeServer *fake, const QsOperation *operation);

extern const QsStatus fake_ok;

#endif
