#include "server/hello.h"

#include <inttypes.h>
#include <string.h>

#include "server/dispatch.h"
#include "server/reply.h"
#include "server/server.h"

/* docs/protocol.md says what each of them means. */
static const char *const capabilities[] = { "push",         "posted", "batch",   "blocks",
                                            "lines",        "qom",    "chardev", "virtio",
                                            "virtual-time", "dma",    "create" };
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

/* The session that this very frame has opened before, if it has not been used since. */
static Session *find_repeated(MachineHost *host, const FrameOrigin *origin, uint64_t request_id)
{
    if (!origin->listener) {
        return NULL;
    }
    for (guint i = 0; i < host->sessions->len; i++) {
        Session *session = g_ptr_array_index(host->sessions, i);

        if (session->hello_id == request_id && session->last_id == request_id &&
            session->listener == origin->listener && origin->peer->len > 0 &&
            session->hello_peer.len == origin->peer->len &&
            memcmp(session->hello_peer.bytes, origin->peer->bytes, origin->peer->len) == 0) {
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
    session->dma = session->push && announces(hello, "dma");
    session->last_seen_us = g_get_monotonic_time();
    if (!machine_host_add_session(host, session)) {
        session_free(session);
        reply_fail(arena, status, QS_STATUS_LIMIT, "there are %u sessions already",
                   SERVER_MAX_SESSIONS);
        return NULL;
    }
    session->hello_id = session->last_id = frame->request_id;
    session->hello_peer = *origin->peer;
    session_set_route(session, origin->listener, origin->peer);
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
    return result->hello.session.data &&
           dispatch_raised_lines(host, arena, MACHINE_WATCH_IRQ, &result->hello.raised,
                                 &result->hello.n_raised);
}

ExecuteOutcome hello_execute(MachineHost *host, const FrameOrigin *origin, QsArena *arena,
                             const QsClientFrame *frame, QsServerFrame *answer)
{
    ExecuteOutcome outcome = { .answer = EXECUTE_FRAME };
    QsResult *result = qs_arena_alloc0(arena, 1, sizeof(*result));
    Session *repeated = find_repeated(host, origin, frame->request_id);
    QsStatus status;

    if (repeated) {
        outcome.kept = kept_replies_find(&repeated->kept, frame->request_id);
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
