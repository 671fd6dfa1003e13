#include "proto/codec.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "proto/codec_internal.h"

void codec_fail(Codec *c, QsStatusCode code, const char *format, ...)
{
    char text[sizeof(c->error->text)];
    va_list args;

    if (c->failed) {
        return;
    }
    c->failed = true;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    qs_error(c->error, code, "%s", text);
}

static void *got_memory(Codec *c, void *memory)
{
    if (!memory) {
        codec_fail(c, QS_STATUS_LIMIT, "the frame takes more memory than a frame may");
    }
    return memory;
}

void *codec_alloc(Codec *c, size_t n, size_t size)
{
    return got_memory(c, qs_arena_alloc0(c->arena, n, size));
}

void *codec_new(Codec *c, const ProtobufCMessageDescriptor *descriptor)
{
    ProtobufCMessage *m = got_memory(c, qs_arena_alloc(c->arena, descriptor->sizeof_message));

    if (m) {
        protobuf_c_message_init(descriptor, m);
    }
    return m;
}

static void *arena_alloc(void *arena, size_t size)
{
    return qs_arena_alloc(arena, size);
}

static void arena_free(void *arena, void *memory)
{
    (void)arena;
    (void)memory;
}

static void *unpack(Codec *c, const ProtobufCMessageDescriptor *descriptor, const uint8_t *data,
                    size_t len)
{
    ProtobufCAllocator allocator = { arena_alloc, arena_free, c->arena };
    ProtobufCMessage *m;

    if (!codec_scan(descriptor, data, len, c->error)) {
        c->failed = true;
        return NULL;
    }
    m = protobuf_c_message_unpack(descriptor, &allocator, len, data);
    if (!m) {
        codec_fail(c, QS_STATUS_LIMIT, "%s: malformed, or takes more memory than a frame may",
                   descriptor->short_name);
    }
    return m;
}

static bool pack(Codec *c, const ProtobufCMessage *m, uint8_t **data, size_t *len)
{
    size_t size = c->failed ? 0 : protobuf_c_message_get_packed_size(m);

    if (size > QS_MAX_FRAME_BYTES) {
        codec_fail(c, QS_STATUS_LIMIT, "a frame of %zu bytes, the limit is %u", size,
                   QS_MAX_FRAME_BYTES);
    }
    *data = c->failed ? NULL : got_memory(c, qs_arena_alloc(c->arena, size));
    *len = *data ? protobuf_c_message_pack(m, *data) : 0;
    return !c->failed;
}

static size_t put_count(Codec *c, const char *what, size_t n, size_t max)
{
    if (n > max) {
        codec_fail(c, QS_STATUS_LIMIT, "%s: %zu, the limit is %zu", what, n, max);
        return 0;
    }
    return n;
}

ProtobufCBinaryData codec_put_token(Codec *c, QsBytes token)
{
    if (token.len != 0 && token.len != QS_TOKEN_BYTES) {
        codec_fail(c, QS_STATUS_INVALID_ARGUMENT, "session: a token of %zu bytes, not %u",
                   token.len, QS_TOKEN_BYTES);
    }
    return codec_put_bytes(c, "session", token, QS_TOKEN_BYTES);
}

static void check_stands_alone(Codec *c, const QsClientFrame *frame)
{
    if (frame->n_operations > 0 || (frame->has_dma_response && frame->has_resume)) {
        codec_fail(c, QS_STATUS_MALFORMED, "a %s stands alone, without operations",
                   frame->has_resume ? "Resume" : "DmaResponse");
    }
}

bool codec_put_client(QsArena *arena, const QsClientFrame *frame, uint8_t **data, size_t *len,
                      QsError *error)
{
    Codec c = { arena, error, false };
    Qosim__V1__ClientFrame m = QOSIM__V1__CLIENT_FRAME__INIT;

    m.session = codec_put_token(&c, frame->session);
    m.request_id = frame->request_id;
    m.posted = frame->posted;
    if (frame->has_virtual_time) {
        m.virtual_time_case = QOSIM__V1__CLIENT_FRAME__VIRTUAL_TIME_VIRTUAL_TIME_NS;
        m.virtual_time_ns = frame->virtual_time_ns;
    }
    m.n_operations = put_count(&c, "operations", frame->n_operations, QS_MAX_OPERATIONS);
    m.operations = codec_alloc(&c, m.n_operations, sizeof(Qosim__V1__Operation *));
    for (size_t i = 0; i < m.n_operations && !c.failed; i++) {
        m.operations[i] = codec_put_operation(&c, &frame->operations[i]);
    }
    m.after = frame->after;
    m.epoch = frame->epoch;
    if (frame->has_dma_response) {
        check_stands_alone(&c, frame);
        m.dma_response = codec_put_dma_response(&c, &frame->dma_response);
    }
    if (frame->has_resume) {
        check_stands_alone(&c, frame);
        m.resume = codec_put_resume(&c, &frame->resume);
    }
    return pack(&c, &m.base, data, len);
}

static void get_client_frame(Codec *c, const Qosim__V1__ClientFrame *m, QsClientFrame *frame)
{
    QsOperation *operations = codec_alloc(c, m->n_operations, sizeof(*operations));

    frame->session = codec_get_token(c, m->session);
    frame->request_id = m->request_id;
    frame->posted = m->posted;
    frame->has_virtual_time =
        m->virtual_time_case == QOSIM__V1__CLIENT_FRAME__VIRTUAL_TIME_VIRTUAL_TIME_NS;
    frame->virtual_time_ns = frame->has_virtual_time ? m->virtual_time_ns : 0;
    for (size_t i = 0; operations && i < m->n_operations && !c->failed; i++) {
        codec_get_operation(c, m->operations[i], &operations[i]);
    }
    frame->operations = operations;
    frame->n_operations = m->n_operations;
    frame->after = m->after;
    frame->epoch = m->epoch;
    frame->has_dma_response = m->dma_response != NULL;
    frame->has_resume = m->resume != NULL;
    if (frame->has_dma_response) {
        check_stands_alone(c, frame);
        codec_get_dma_response(c, m->dma_response, &frame->dma_response);
    }
    if (frame->has_resume) {
        check_stands_alone(c, frame);
        codec_get_resume(m->resume, &frame->resume);
    }
}

bool codec_get_client(QsArena *arena, const uint8_t *data, size_t len, QsClientFrame *frame,
                      QsError *error)
{
    Codec c = { arena, error, false };
    const Qosim__V1__ClientFrame *m;

    memset(frame, 0, sizeof(*frame));
    m = unpack(&c, &qosim__v1__client_frame__descriptor, data, len);
    if (m) {
        get_client_frame(&c, m, frame);
    }
    if (c.failed) {
        memset(frame, 0, sizeof(*frame));
        codec_peek_client(arena, data, len, &frame->session, &frame->request_id);
    }
    return !c.failed;
}

static Qosim__V1__PostedError *put_posted_error(Codec *c, const QsPostedError *error)
{
    Qosim__V1__PostedError *m = codec_new(c, &qosim__v1__posted_error__descriptor);

    if (m) {
        m->request_id = error->request_id;
        m->operation = error->operation;
        m->status = codec_put_status(c, &error->status);
        m->result = (Qosim__V1__BusResult)codec_put_enum(c, "bus result", error->result,
                                                         QS_BUS_ACCESS_ERROR);
    }
    return m;
}

static Qosim__V1__Reply *put_reply(Codec *c, const QsReply *reply)
{
    Qosim__V1__Reply *m = codec_new(c, &qosim__v1__reply__descriptor);

    if (!m) {
        return NULL;
    }
    m->request_id = reply->request_id;
    m->status = codec_put_status(c, &reply->status);
    m->now_ns = reply->now_ns;
    if (reply->has_deadline) {
        m->next_deadline_case = QOSIM__V1__REPLY__NEXT_DEADLINE_NEXT_DEADLINE_NS;
        m->next_deadline_ns = reply->next_deadline_ns;
    }
    m->n_results = put_count(c, "results", reply->n_results, QS_MAX_OPERATIONS);
    m->results = codec_alloc(c, m->n_results, sizeof(Qosim__V1__OperationResult *));
    for (size_t i = 0; i < m->n_results && !c->failed; i++) {
        m->results[i] = codec_put_result(c, &reply->results[i]);
    }
    m->n_posted_errors = put_count(c, "posted errors", reply->n_posted_errors, QS_MAX_OPERATIONS);
    m->posted_errors = codec_alloc(c, m->n_posted_errors, sizeof(Qosim__V1__PostedError *));
    for (size_t i = 0; i < m->n_posted_errors && !c->failed; i++) {
        m->posted_errors[i] = put_posted_error(c, &reply->posted_errors[i]);
    }
    m->server_instance = reply->server_instance;
    return m;
}

bool codec_put_server(QsArena *arena, const QsServerFrame *frame, uint8_t **data, size_t *len,
                      QsError *error)
{
    Codec c = { arena, error, false };
    Qosim__V1__ServerFrame m = QOSIM__V1__SERVER_FRAME__INIT;

    m.sequence = frame->sequence;
    m.n_events = put_count(&c, "events", frame->n_events, QS_MAX_EVENTS);
    m.events = codec_alloc(&c, m.n_events, sizeof(Qosim__V1__Event *));
    for (size_t i = 0; i < m.n_events && !c.failed; i++) {
        m.events[i] = codec_put_event(&c, &frame->events[i]);
    }
    if (frame->has_reply) {
        m.kind_case = QOSIM__V1__SERVER_FRAME__KIND_REPLY;
        m.reply = put_reply(&c, &frame->reply);
    } else if (frame->has_dma_request) {
        m.kind_case = QOSIM__V1__SERVER_FRAME__KIND_DMA_REQUEST;
        m.dma_request = codec_put_dma_request(&c, &frame->dma_request);
    } else if (frame->has_resumed) {
        m.kind_case = QOSIM__V1__SERVER_FRAME__KIND_RESUMED;
        m.resumed = codec_put_resumed(&c, &frame->resumed);
    }
    return pack(&c, &m.base, data, len);
}

static void get_posted_errors(Codec *c, const Qosim__V1__Reply *m, QsReply *reply)
{
    QsPostedError *errors = codec_alloc(c, m->n_posted_errors, sizeof(*errors));

    for (size_t i = 0; errors && i < m->n_posted_errors; i++) {
        const Qosim__V1__PostedError *error = m->posted_errors[i];

        errors[i].request_id = error->request_id;
        errors[i].operation = error->operation;
        codec_get_status(c, error->status, &errors[i].status);
        errors[i].result = (QsBusResult)error->result;
    }
    reply->posted_errors = errors;
    reply->n_posted_errors = m->n_posted_errors;
}

static void get_reply(Codec *c, const Qosim__V1__Reply *m, QsReply *reply)
{
    QsResult *results = codec_alloc(c, m->n_results, sizeof(*results));

    reply->request_id = m->request_id;
    codec_get_status(c, m->status, &reply->status);
    for (size_t i = 0; results && i < m->n_results && !c->failed; i++) {
        codec_get_result(c, m->results[i], &results[i]);
    }
    reply->results = results;
    reply->n_results = m->n_results;
    reply->now_ns = m->now_ns;
    reply->has_deadline = m->next_deadline_case == QOSIM__V1__REPLY__NEXT_DEADLINE_NEXT_DEADLINE_NS;
    reply->next_deadline_ns = reply->has_deadline ? m->next_deadline_ns : 0;
    get_posted_errors(c, m, reply);
    reply->server_instance = m->server_instance;
}

static void get_server_frame(Codec *c, const Qosim__V1__ServerFrame *m, QsServerFrame *frame)
{
    QsEvent *events = codec_alloc(c, m->n_events, sizeof(*events));

    frame->sequence = m->sequence;
    for (size_t i = 0; events && i < m->n_events; i++) {
        codec_get_event(m->events[i], &events[i]);
    }
    frame->events = events;
    frame->n_events = m->n_events;
    frame->has_reply = m->kind_case == QOSIM__V1__SERVER_FRAME__KIND_REPLY;
    if (frame->has_reply) {
        get_reply(c, m->reply, &frame->reply);
    }
    frame->has_dma_request = m->kind_case == QOSIM__V1__SERVER_FRAME__KIND_DMA_REQUEST;
    if (frame->has_dma_request) {
        codec_get_dma_request(c, m->dma_request, &frame->dma_request);
    }
    frame->has_resumed = m->kind_case == QOSIM__V1__SERVER_FRAME__KIND_RESUMED;
    if (frame->has_resumed) {
        codec_get_resumed(m->resumed, &frame->resumed);
    }
}

bool codec_get_server(QsArena *arena, const uint8_t *data, size_t len, QsServerFrame *frame,
                      QsError *error)
{
    Codec c = { arena, error, false };
    const Qosim__V1__ServerFrame *m;

    memset(frame, 0, sizeof(*frame));
    m = unpack(&c, &qosim__v1__server_frame__descriptor, data, len);
    if (m) {
        get_server_frame(&c, m, frame);
    }
    if (c.failed) {
        memset(frame, 0, sizeof(*frame));
    }
    return !c.failed;
}

bool qs_encode_client_frame(QsArena *arena, const QsClientFrame *frame, uint8_t **data, size_t *len,
                            QsError *error)
{
    return codec_hot_put_client(arena, frame, data, len) ||
           codec_put_client(arena, frame, data, len, error);
}

bool qs_encode_server_frame(QsArena *arena, const QsServerFrame *frame, uint8_t **data, size_t *len,
                            QsError *error)
{
    return codec_hot_put_server(arena, frame, data, len) ||
           codec_put_server(arena, frame, data, len, error);
}

bool qs_decode_client_frame(QsArena *arena, const uint8_t *data, size_t len, QsClientFrame *frame,
                            QsError *error)
{
    return codec_hot_get_client(arena, data, len, frame) ||
           codec_get_client(arena, data, len, frame, error);
}

bool qs_decode_server_frame(QsArena *arena, const uint8_t *data, size_t len, QsServerFrame *frame,
                            QsError *error)
{
    return codec_hot_get_server(arena, data, len, frame) ||
           codec_get_server(arena, data, len, frame, error);
}
