#include "server/hello.h"

#include <inttypes.h>
#include <string.h>

#include "server/dispatch.h"
#include "server/reply.h"
#include "server/server.h"

/* docs/protocol.md says what each of them means. */
static const char *const capabilities[] = { "push",         "posted", "batch",   "blocks",
                                            "lines",        "qom",    "chardev", "virtio",
                                            "virtual-time", "dma",    "resume",  "create" };
#define CREATE_CAPABILITY (G_N_ELEMENTS(capabilities) - 1)

static bool has_capability(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(capabilities); i++) {
        if (strcmp(capabilities[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static bool check_required(const QsOperation *hello, QsArena *arena, QsStatus *status)
{
    g_autoptr(GString) missing = g_string_new(NULL);

    for (size_t i = 0; i < hello->hello.n_required; i++) {
        const char *name = hello->hello.required[i];

        if (!has_capability(name) && missing->len < REPLY_TEXT_MAX) {
            g_string_append_printf(missing, "%s%s", missing->len > 0 ? ", " : "", name);
        }
    }
    if (missing->len == 0) {
        return true;
    }
    reply_fail(arena, status, QS_STATUS_UNSUPPORTED,
               "the client requires capabilities that this server does not have: %s", missing->str);
    return false;
}

bool hello_check(const QsOperation *hello, QsArena *arena, QsStatus *status)
{
    if (hello->hello.version != QS_PROTOCOL_VERSION) {
        reply_fail(arena, status, QS_STATUS_UNSUPPORTED,
                   "the client speaks protocol version %" PRIu32 ", this server version %u",
                   hello->hello.version, QS_PROTOCOL_VERSION);
        return false;
    }
    return check_required(hello, arena, status);
}

bool hello_is(const QsClientFrame *frame)
{
    return frame->session.len == 0 && frame->n_operations == 1 &&
           frame->operations[0].kind == QS_OP_HELLO;
}

static bool has_nonce(const Session *session, const QsBytes *nonce)
{
    return session->has_nonce && nonce->len == sizeof(session->nonce) &&
           memcmp(session->nonce, nonce->data, nonce->len) == 0;
}

/* Whether @session was opened by a frame with this id from that peer, and not used since. */
static bool is_fresh(const Session *session, const FrameOrigin *origin, uint64_t request_id)
{
    return !session->has_nonce && session->hello_id == request_id &&
           session->last_id == request_id && session->listener == origin->listener &&
           origin->peer->len > 0 && session->hello_peer.len == origin->peer->len &&
           memcmp(session->hello_peer.bytes, origin->peer->bytes, origin->peer->len) == 0;
}

/* The session that this very Hello has opened before. */
static Session *find_repeated(MachineHost *host, const FrameOrigin *origin,
                              const QsClientFrame *frame)
{
    const QsBytes *nonce = &frame->operations[0].hello.nonce;

    if (!origin->listener) {
        return NULL;
    }
    for (guint i = 0; i < host->sessions->len; i++) {
        Session *session = g_ptr_array_index(host->sessions, i);

        if (nonce->len > 0 ? has_nonce(session, nonce)
                           : is_fresh(session, origin, frame->request_id)) {
            return session;
        }
    }
    return NULL;
}

/* Whether there can be a new driver: there is none, or it was silent for so long that it loses the role. */
static bool free_driver_role(MachineHost *host, QsArena *arena, QsStatus *status)
{
    int64_t silent_us;

    if (!host->driver) {
        return true;
    }
    silent_us = g_get_monotonic_time() - host->driver->last_seen_us;
    if (host->driver->lost_us) {
        reply_fail(arena, status, QS_STATUS_NOT_ALLOWED,
                   "machine '%s' has a driver already: session %u, '%s', whose connection was lost "
                   "%.1f s ago; it may come back within %.1f s",
                   host->name, host->driver->number, host->driver->client,
                   (double)(g_get_monotonic_time() - host->driver->lost_us) / 1e6,
                   (double)host->server->grace_us / 1e6);
        return false;
    }
    if (silent_us < host->server->grace_us || !host->driver->listener) {
        reply_fail(arena, status, QS_STATUS_NOT_ALLOWED,
                   "machine '%s' has a driver already: session %u, '%s', last seen %.1f s ago",
                   host->name, host->driver->number, host->driver->client, (double)silent_us / 1e6);
        return false;
    }
    host->driver->role = QS_ROLE_OBSERVER;
    host->driver = NULL;
    return true;
}

static bool announces(const QsOperation *hello, const char *capability)
{
    for (size_t i = 0; i < hello->hello.n_capabilities; i++) {
        if (strcmp(hello->hello.capabilities[i], capability) == 0) {
            return true;
        }
    }
    return false;
}

/* What @hello says of the client that is behind @session from now on. */
static void take_client(Session *session, const FrameOrigin *origin, const QsOperation *hello)
{
    const QsBytes *nonce = &hello->hello.nonce;

    session->push = announces(hello, "push");
    session->dma = session->push && announces(hello, "dma");
    session->resumes = session->push && announces(hello, "resume");
    session->heartbeat_ms = (int)MIN(hello->hello.heartbeat_ms, (uint32_t)G_MAXINT);
    session->has_nonce = nonce->len == sizeof(session->nonce);
    if (session->has_nonce) {
        memcpy(session->nonce, nonce->data, nonce->len);
    }
    session->hello_peer = *origin->peer;
    session_hear(session, origin->listener, origin->peer);
}

static Session *open_session(MachineHost *host, const FrameOrigin *origin,
                             const QsClientFrame *frame, QsArena *arena, QsStatus *status)
{
    const QsOperation *hello = &frame->operations[0];
    QsRole role = hello->hello.role == QS_ROLE_DRIVER ? QS_ROLE_DRIVER : QS_ROLE_OBSERVER;
    Session *session;

    if (!hello_check(hello, arena, status)) {
        return NULL;
    }
    if (host->refusal) {
        reply_fail(arena, status, QS_STATUS_GENERIC, "%s", host->refusal);
        return NULL;
    }
    if (role == QS_ROLE_DRIVER && !free_driver_role(host, arena, status)) {
        return NULL;
    }
    session = session_new(hello->hello.client, role, announces(hello, "push"));
    if (!session) {
        reply_fail(arena, status, QS_STATUS_GENERIC, "there is no randomness for a session token");
        return NULL;
    }
    kept_frames_init(&session->kept, host->server->kept_replies, host->server->kept_bytes);
    take_client(session, origin, hello);
    if (!machine_host_add_session(host, session)) {
        session_free(session);
        reply_fail(arena, status, QS_STATUS_LIMIT, "there are %u sessions already",
                   SERVER_MAX_SESSIONS);
        return NULL;
    }
    session->hello_id = session->last_id = frame->request_id;
    return session;
}

static bool fill_result(MachineHost *host, const Session *session, QsArena *arena, QsResult *result)
{
    result->kind = QS_OP_HELLO;
    reply_ok(&result->status);
    result->hello.version = QS_PROTOCOL_VERSION;
    result->hello.capabilities = capabilities;
    result->hello.n_capabilities =
        host->server->embedded ? CREATE_CAPABILITY : G_N_ELEMENTS(capabilities);
    result->hello.session.data = qs_arena_memdup(arena, session->token, QS_TOKEN_BYTES);
    result->hello.session.len = QS_TOKEN_BYTES;
    result->hello.machine = reply_text(arena, host->name, QS_MAX_STRING_BYTES);
    result->hello.machine_type = dispatch_machine_type(host, arena);
    result->hello.server = host->server->product;
    result->hello.max_frame_bytes = (uint64_t)QS_MAX_FRAME_BYTES;
    result->hello.max_operations = QS_MAX_OPERATIONS;
    result->hello.max_block_bytes = (uint64_t)QS_MAX_BLOCK_BYTES;
    result->hello.role = session->role;
    result->hello.server_instance = host->server->instance;
    result->hello.kept_replies = host->server->kept_replies;
    result->hello.session_grace_ms = (uint64_t)host->server->grace_us / 1000;
    return result->hello.session.data &&
           dispatch_raised_lines(host, arena, MACHINE_WATCH_IRQ, &result->hello.raised,
                                 &result->hello.n_raised);
}

/* What a client must know to go on with the session of another one. */
static void fill_state(const Session *session, QsResult *result)
{
    result->hello.epoch = session->epoch;
    result->hello.last_request_id = session->last_id;
    result->hello.last_sequence = session->sequence;
    result->hello.events = session->events_sent;
}

/*
 * Gives the session whose token the Hello has to the client that sent it. The reply is outside of the session's stream, so
 * that it can be made again when the Hello comes again. What was sent to the client of before is that one's; what waits goes
 * to the new one.
 */
static ExecuteOutcome take_over(MachineHost *host, const FrameOrigin *origin, QsArena *arena,
                                const QsClientFrame *frame, QsServerFrame *answer)
{
    ExecuteOutcome outcome = { .answer = EXECUTE_FRAME };
    const QsOperation *hello = &frame->operations[0];
    Session *session = machine_host_find_session(host, &hello->hello.resume);
    QsResult *result = qs_arena_alloc0(arena, 1, sizeof(*result));
    QsStatus status;

    reply_ok(&status);
    if (!session || !session->listener || !origin->listener) {
        execute_no_session(arena, &status, NULL);
    } else if (hello_check(hello, arena, &status)) {
        if (!has_nonce(session, &hello->hello.nonce)) {
            session->epoch++;
            session_set_client(session, hello->hello.client);
            kept_frames_clear(&session->pushed);
            session->pushed.gone = session->sequence;
        }
        take_client(session, origin, hello);
        if (!result || !fill_result(host, session, arena, result)) {
            reply_fail(arena, &status, QS_STATUS_LIMIT, "the reply takes too much memory");
        } else {
            fill_state(session, result);
        }
    }
    execute_refuse(frame->request_id, &status, answer);
    if (status.code == QS_STATUS_OK) {
        answer->reply.results = result;
        answer->reply.n_results = 1;
        answer->reply.now_ns = machine_host_now(host);
        outcome.session = session;
    } else {
        host->stats.failed_operations++;
        answer->reply.server_instance = host->server->instance;
    }
    host->events_wait = true;
    return outcome;
}

ExecuteOutcome hello_execute(MachineHost *host, const FrameOrigin *origin, QsArena *arena,
                             const QsClientFrame *frame, QsServerFrame *answer)
{
    ExecuteOutcome outcome = { .answer = EXECUTE_FRAME };
    QsResult *result = qs_arena_alloc0(arena, 1, sizeof(*result));
    Session *repeated;
    QsStatus status;

    if (frame->operations[0].hello.resume.len > 0) {
        return take_over(host, origin, arena, frame, answer);
    }
    repeated = find_repeated(host, origin, frame);
    if (repeated) {
        outcome.kept = kept_frames_find(&repeated->kept, frame->request_id);
        session_hear(repeated, origin->listener, origin->peer);
        outcome.answer = outcome.kept ? EXECUTE_KEPT : EXECUTE_NOTHING;
        host->stats.repeated_frames++;
        return outcome;
    }
    host->stats.operations[QS_OP_HELLO]++;
    reply_ok(&status);
    outcome.session = open_session(host, origin, frame, arena, &status);
    if (outcome.session && (!result || !fill_result(host, outcome.session, arena, result))) {
        machine_host_end_session(host, outcome.session);
        outcome.session = NULL;
        reply_fail(arena, &status, QS_STATUS_LIMIT, "the reply takes too much memory");
    }
    if (!outcome.session) {
        host->stats.failed_operations++;
        execute_refuse(frame->request_id, &status, answer);
        return outcome;
    }
    execute_reply(host, outcome.session, arena, frame->request_id, &status, result, 1, answer);
    return outcome;
}
