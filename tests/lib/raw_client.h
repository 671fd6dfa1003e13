/*
 * A client for tests of a server: sends any bytes or frames, at any time, and shows every frame that comes back. Whatever goes
 * wrong on the test's own side fails the test.
 */
#ifndef QOSIM_TESTS_LIB_RAW_CLIENT_H
#define QOSIM_TESTS_LIB_RAW_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#include "proto/arena.h"
#include "proto/message.h"
#include "proto/transport.h"

/* How long a reply may take. Generous: tests run beside each other under sanitizers. */
#define RAW_CLIENT_TIMEOUT_MS 30000

typedef struct RawClient {
    const QsTransport *transport;
    QsEndpoint *endpoint;
    QsArena *arena; /* of what is sent */

    uint8_t token[QS_TOKEN_BYTES];
    bool has_session;
    uint64_t last_id;
    uint64_t last_sequence;
    bool gap; /* a sequence number was missing */

    /* The last frame received, and the memory it lives in until the next one. */
    QsServerFrame frame;
    QsArena *frame_arena;

    GArray *events; /* of QsEvent, all that came; strings are owned */
    GArray *heard;  /* uint64_t per event: the id of the reply in its frame, 0 for an event frame */
} RawClient;

/* A client end at @url, without a session. */
RawClient *raw_client_new(const char *url);
void raw_client_free(RawClient *client);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RawClient, raw_client_free)

/* Sends bytes as they are. */
void raw_client_send_bytes(RawClient *client, const void *data, size_t len);

/* Encodes @frame and sends it; the token is filled in when there is a session and @frame has none. */
void raw_client_send(RawClient *client, QsClientFrame frame);

/* Takes the next frame into client->frame; false when none comes in time. */
bool raw_client_receive(RawClient *client, int timeout_ms);

/* Takes frames until one with a reply to @request_id. */
const QsReply *raw_client_await(RawClient *client, uint64_t request_id);

/* Sends @n operations under the next request id and waits for the reply, which must say OK for the frame as a whole. */
const QsReply *raw_client_call(RawClient *client, const QsOperation *operations, size_t n);

/* The same for one operation; gives its result, whatever its status. */
const QsResult *raw_client_call_one(RawClient *client, QsOperation operation);

/* The same, and the operation must succeed. */
const QsResult *raw_client_must(RawClient *client, QsOperation operation);

/* Sends @n operations that are not answered. Returns the request id. */
uint64_t raw_client_post(RawClient *client, const QsOperation *operations, size_t n);

/* Sends a Hello and gives the reply, which may be a refusal. */
const QsReply *raw_client_try_hello(RawClient *client, const QsOperation *hello);

/* Opens a session with the server's first machine. */
void raw_client_hello(RawClient *client, QsRole role, bool push);

/* Connects and opens a session. */
RawClient *raw_client_open(const char *url, QsRole role, bool push);

/* A Hello as raw_client_hello() sends it, to change before sending. */
QsOperation raw_hello(QsRole role, bool push);

/* Accesses as a CPU's; a bus error fails the test. */
uint32_t raw_client_read32(RawClient *client, uint64_t address);
void raw_client_write32(RawClient *client, uint64_t address, uint32_t value);

/* Operations. */
QsOperation raw_read(uint64_t address, uint32_t size);
QsOperation raw_write(uint64_t address, uint32_t size, uint64_t data);
QsOperation raw_line_set(const char *path, uint32_t index, int level);
QsOperation raw_advance_by(uint64_t ns);

/* The value of statistic @name of the session's machine; there must be one. */
uint64_t raw_client_stat(RawClient *client, const char *name);

/* Forgets the events so far. */
void raw_client_clear_events(RawClient *client);

/* Receives until there are @n events. */
void raw_client_await_events(RawClient *client, guint n);

/* @n events as text: "line 8=1, line 2.0=1, reset" has line 8 of watch 0 and line 0 of watch 2. Free with g_free(). */
char *raw_print_events(const QsEvent *events, size_t n);

/* The events so far, printed like that. */
char *raw_client_print_events(const RawClient *client);

#endif
