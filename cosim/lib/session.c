#include "cosim/lib/session.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "proto/codec.h"

/* How long qosim_close() waits for a server that may be gone. */
#define BYE_MS 1000

static _Thread_local char open_error[512];

int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

qosim_result fail(qosim_session *session, qosim_result result, const char *format, ...)
{
    char text[sizeof(session->error)]; /* an argument may be the last error */
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    memcpy(session->error, text, sizeof(text));
    return result;
}

qosim_result result_of_status(QsStatusCode code)
{
    switch (code) {
    case QS_STATUS_OK:
        return QOSIM_OK;
    case QS_STATUS_NOT_FOUND:
        return QOSIM_ERR_NOT_FOUND;
    case QS_STATUS_INVALID_ARGUMENT:
        return QOSIM_ERR_INVALID_ARGUMENT;
    case QS_STATUS_MALFORMED:
    case QS_STATUS_UNSUPPORTED:
    case QS_STATUS_STALE_REQUEST:
    case QS_STATUS_MISSING_REQUEST:
        return QOSIM_ERR_PROTOCOL;
    case QS_STATUS_NO_SESSION:
    case QS_STATUS_TAKEN_OVER:
        return QOSIM_ERR_DISCONNECTED;
    case QS_STATUS_LIMIT:
        return QOSIM_ERR_LIMIT;
    case QS_STATUS_NOT_ALLOWED:
        return QOSIM_ERR_NOT_ALLOWED;
    default:
        return QOSIM_ERR_GENERIC;
    }
}

static const char *const loss_texts[] = {
    [LOSS_UNKNOWN] = "the session is gone; the server ended it or was started anew",
    [LOSS_RESTARTED] = "the server was restarted; the session is lost",
    [LOSS_ENDED] = "the session is gone; the server ended it",
    [LOSS_TAKEN_OVER] = "another client has taken the session over",
};

qosim_result check_session(qosim_session *session)
{
    if (!session) {
        return QOSIM_ERR_INVALID_ARGUMENT;
    }
    if (session->in_handler) {
        return fail(session, QOSIM_ERR_INVALID_ARGUMENT,
                    "an event handler must not make calls on its session");
    }
    if (session->loss != LOSS_NONE) {
        return fail(session, QOSIM_ERR_DISCONNECTED, "%s: %s", session->url,
                    loss_texts[session->loss]);
    }
    return QOSIM_OK;
}

qosim_result check_text(qosim_session *session, const char *what, const char *text, bool required)
{
    QsError error;

    if (required && (!text || !*text)) {
        return fail(session, QOSIM_ERR_INVALID_ARGUMENT, "%s is missing", what);
    }
    if (!qs_check_text(what, text, &error)) {
        return fail(session, QOSIM_ERR_INVALID_ARGUMENT, "%s", error.text);
    }
    return QOSIM_OK;
}

static void free_session(qosim_session *session)
{
    if (!session) {
        return;
    }
    if (session->carrier) {
        session->ops->close(session->carrier);
    }
    resume_free(session);
    free(session->gathered);
    qs_arena_free(session->arena);
    free(session->dma_buffer);
    free(session->irq_words);
    free(session->server);
    free(session->url);
    free(session);
}

static qosim_session *new_session(const char *url, const qosim_options *options)
{
    qosim_session *session = calloc(1, sizeof(*session));

    if (!session) {
        return NULL;
    }
    session->timeout_ms = options->timeout_ms > 0 ? options->timeout_ms : DEFAULT_TIMEOUT_MS;
    session->heartbeat_ms = options->heartbeat_ms > 0    ? options->heartbeat_ms
                            : options->heartbeat_ms == 0 ? DEFAULT_HEARTBEAT_MS
                                                         : 0;
    session->next_deadline_ns = NO_DEADLINE;
    session->has_dma = options->dma != NULL;
    session->dma = options->dma;
    session->dma_opaque = options->dma_opaque;
    session->max_operations = QS_MAX_OPERATIONS;
    session->max_block_bytes = QS_MAX_BLOCK_BYTES;
    session->arena = qs_arena_new(QS_ARENA_BYTES);
    session->url = strdup(url);
    if (!session->arena || !session->url) {
        free_session(session);
        return NULL;
    }
    return session;
}

/* Finds what carries the URL. */
static qosim_result connect_session(qosim_session *session, const qosim_options *options)
{
    QsError error = { .code = QS_STATUS_GENERIC };
    const char *url = session->url;

    if (strncmp(url, "inproc:", 7) == 0) {
        session->carrier = inproc_open(url + 7, &session->ops, &error);
    } else {
        session->carrier = remote_open(url, options, &session->ops, &error);
    }
    if (!session->carrier) {
        return fail(session, result_of_status(error.code), "%s", error.text);
    }
    return QOSIM_OK;
}

static uint64_t at_most(uint64_t stated, uint64_t max)
{
    return stated && stated < max ? stated : max;
}

static bool server_can(const QsResult *hello, const char *capability)
{
    for (size_t i = 0; i < hello->hello.n_capabilities; i++) {
        if (strcmp(hello->hello.capabilities[i], capability) == 0) {
            return true;
        }
    }
    return false;
}

/* The token, and where in its stream the session is. */
static void take_state(qosim_session *session, const QsResult *result)
{
    session->token_len = result->hello.session.len;
    for (size_t i = 0; i < session->token_len; i++) {
        session->token[i] = result->hello.session.data[i];
        snprintf(session->token_text + 2 * i, 3, "%02x", session->token[i]);
    }
    session->instance = result->hello.server_instance;
    session->resumes = session->ops->is_lossy && server_can(result, "resume");
    session->connections = session->ops->connections(session->carrier);
    session->epoch = result->hello.epoch;
    if (result->hello.last_request_id > session->last_request) {
        session->last_request = result->hello.last_request_id;
    }
    if (result->hello.last_sequence > session->last_sequence) {
        session->last_sequence = result->hello.last_sequence;
        session->stream_events = result->hello.events;
    }
}

static qosim_result take_hello(qosim_session *session, const QsResult *result)
{
    uint64_t fitting;

    if (result->hello.version != QS_PROTOCOL_VERSION) {
        return fail(session, QOSIM_ERR_PROTOCOL,
                    "%s: the server speaks version %u of the protocol, this library version %u",
                    session->url, result->hello.version, QS_PROTOCOL_VERSION);
    }
    session->version = result->hello.version;
    take_state(session, result);
    session->server = strdup(result->hello.server);
    if (!session->server) {
        return fail(session, QOSIM_ERR_MEMORY, "out of memory");
    }
    /* 64 bytes are more than any register access takes. */
    fitting = at_most(result->hello.max_frame_bytes, QS_MAX_FRAME_BYTES) / 64;
    session->max_operations = (uint32_t)at_most(result->hello.max_operations, QS_MAX_OPERATIONS);
    if (session->max_operations > fitting) {
        session->max_operations = fitting ? (uint32_t)fitting : 1;
    }
    session->max_block_bytes =
        at_most(result->hello.max_block_bytes,
                at_most(session->ops->block_bytes(session->carrier), QS_MAX_BLOCK_BYTES));
    irq_start(session, result->hello.raised, result->hello.n_raised);
    return QOSIM_OK;
}

/* A token as qosim_session_token() gives it. */
static bool parse_token(const char *text, uint8_t *token)
{
    if (strlen(text) != (size_t)2 * QS_TOKEN_BYTES ||
        strspn(text, "0123456789abcdefABCDEF") != (size_t)2 * QS_TOKEN_BYTES) {
        return false;
    }
    for (size_t i = 0; i < QS_TOKEN_BYTES; i++) {
        char digits[3] = { text[2 * i], text[2 * i + 1], '\0' };

        token[i] = (uint8_t)strtoul(digits, NULL, 16);
    }
    return true;
}

static qosim_result say_hello(qosim_session *session, const qosim_options *options)
{
    static const char *const capabilities[] = { "push", "resume", "dma" };
    uint8_t nonce[QS_TOKEN_BYTES];
    uint8_t token[QS_TOKEN_BYTES];
    QsOperation hello = {
        .kind = QS_OP_HELLO,
        .hello = { .version = QS_PROTOCOL_VERSION,
                   .capabilities = capabilities,
                   .n_capabilities = session->has_dma ? 3 : 2,
                   .machine = options->machine,
                   .create = options->create,
                   .role = options->role ? (QsRole)options->role : QS_ROLE_OBSERVER,
                   .client = options->client ? options->client : "libqosim",
                   .heartbeat_ms = options->heartbeat_ms > 0 ? (uint32_t)options->heartbeat_ms : 0 }
    };
    const QsResult *result;
    qosim_result rc;

    if (options->role < 0 || options->role > QOSIM_ROLE_OBSERVER) {
        return fail(session, QOSIM_ERR_INVALID_ARGUMENT, "no such role: %d", (int)options->role);
    }
    if ((rc = check_text(session, "name of the machine", options->machine, false)) != QOSIM_OK ||
        (rc = check_text(session, "machine to create", options->create, false)) != QOSIM_OK ||
        (rc = check_text(session, "client", options->client, false)) != QOSIM_OK) {
        return rc;
    }
    if (options->resume) {
        if (!parse_token(options->resume, token)) {
            return fail(session, QOSIM_ERR_INVALID_ARGUMENT,
                        "'%s' is no session token: that has %u hexadecimal digits", options->resume,
                        2 * QS_TOKEN_BYTES);
        }
        hello.hello.resume = (QsBytes){ token, sizeof(token) };
    }
    /* With a nonce it may be sent again. */
    if (getrandom(nonce, sizeof(nonce), 0) == (ssize_t)sizeof(nonce)) {
        hello.hello.nonce = (QsBytes){ nonce, sizeof(nonce) };
    }
    rc = call_for(session, &hello, 1, session->timeout_ms, !hello.hello.nonce.len, &result);
    return rc == QOSIM_OK ? take_hello(session, result) : rc;
}

qosim_result open_failed(qosim_result result, const char *text)
{
    snprintf(open_error, sizeof(open_error), "%s", text);
    return result;
}

qosim_result qosim_open(const char *url, const qosim_options *options, qosim_session **session)
{
    static const qosim_options defaults;
    qosim_session *s;
    qosim_result rc;

    if (!session) {
        return open_failed(QOSIM_ERR_INVALID_ARGUMENT,
                           "qosim_open: there is no place for a session");
    }
    *session = NULL;
    if (!url) {
        return open_failed(QOSIM_ERR_INVALID_ARGUMENT, "qosim_open: the URL is missing");
    }
    options = options ? options : &defaults;
    s = new_session(url, options);
    if (!s) {
        return open_failed(QOSIM_ERR_MEMORY, "out of memory");
    }
    rc = connect_session(s, options);
    if (rc == QOSIM_OK && s->has_dma && s->ops->set_session) {
        s->ops->set_session(s->carrier, s);
    }
    rc = rc == QOSIM_OK ? say_hello(s, options) : rc;
    if (rc != QOSIM_OK) {
        open_failed(rc, s->error);
        free_session(s);
        return rc;
    }
    *session = s;
    return QOSIM_OK;
}

const char *qosim_open_error(void)
{
    return open_error;
}

void qosim_close(qosim_session *session)
{
    QsOperation bye = { .kind = QS_OP_BYE };
    const QsResult *result;

    /* From within the handler there is still a call at work on the session. */
    if (!session || session->in_handler) {
        return;
    }
    session->handler = NULL;
    session->dma = NULL;
    if (session->loss == LOSS_NONE && session->ops->is_connected(session->carrier)) {
        int wait = session->timeout_ms < BYE_MS ? session->timeout_ms : BYE_MS;

        call_for(session, &bye, 1, wait, false, &result);
    }
    free_session(session);
}

const char *qosim_last_error(const qosim_session *session)
{
    return session ? session->error : "";
}

const char *qosim_transport(const qosim_session *session)
{
    return session->ops->name(session->carrier);
}

const char *qosim_session_token(const qosim_session *session)
{
    return session->resumes ? session->token_text : "";
}

void qosim_set_timeout(qosim_session *session, int timeout_ms)
{
    session->timeout_ms = timeout_ms > 0 ? timeout_ms : DEFAULT_TIMEOUT_MS;
}
