/*
 * Register accesses and their results, packed and parsed by hand: they are what there is all day long, and the general way, by
 * protobuf-c with a scan before it, costs more than a round trip through shared memory. The bytes are the same. Whatever is not
 * just so, in a frame or in its bytes, is left to the general way, which also says what is wrong with it.
 */
#include "proto/codec_internal.h"

#include <endian.h>
#include <string.h>

enum { TAG_VARINT = 0, TAG_BYTES = 2 };

#define TAG(number, wire) ((uint8_t)((number) << 3 | TAG_##wire))

/* --- Writing --- */

#define MAX_VARINT 10u

/* The longest operation: tag, length, tag, length, then address, size, data and path. */
#define MAX_OPERATION (4u + 11u + 6u + 11u + 2u)
/* Token, request id, virtual time, posted, after, epoch. */
#define MAX_CLIENT_REST (18u + 11u + 11u + 2u + 11u + 6u)

static inline uint8_t *put_varint(uint8_t *at, uint64_t value)
{
    while (value >= 0x80) {
        *at++ = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    *at++ = (uint8_t)value;
    return at;
}

static size_t varint_len(uint64_t value)
{
    return value < 0x80 ? 1 : (size_t)(63 - __builtin_clzll(value)) / 7 + 1;
}

/* A number, which is left out when it is 0. */
static inline uint8_t *put_number(uint8_t *at, uint8_t tag, uint64_t value)
{
    if (value) {
        *at++ = tag;
        at = put_varint(at, value);
    }
    return at;
}

static bool is_mmio(QsOpKind kind)
{
    return kind == QS_OP_MMIO_READ || kind == QS_OP_MMIO_WRITE;
}

static bool client_is_hot(const QsClientFrame *frame)
{
    if ((frame->session.len != 0 && frame->session.len != QS_TOKEN_BYTES) ||
        frame->n_operations > QS_MAX_OPERATIONS || frame->has_dma_response || frame->has_resume) {
        return false;
    }
    for (size_t i = 0; i < frame->n_operations; i++) {
        const QsOperation *o = &frame->operations[i];

        if (!is_mmio(o->kind) || (unsigned)o->mmio.path > QS_PATH_DMA) {
            return false;
        }
    }
    return true;
}

static uint8_t *put_operation(uint8_t *at, const QsOperation *o)
{
    bool is_write = o->kind == QS_OP_MMIO_WRITE;
    uint8_t *outer = at;
    uint8_t *inner = at + 4;

    at = put_number(inner, TAG(1, VARINT), o->mmio.address);
    at = put_number(at, TAG(2, VARINT), o->mmio.size);
    if (is_write) {
        at = put_number(at, TAG(3, VARINT), o->mmio.data);
    }
    at = put_number(at, is_write ? TAG(4, VARINT) : TAG(3, VARINT), (unsigned)o->mmio.path);
    outer[0] = TAG(4, BYTES);
    outer[1] = (uint8_t)(at - inner + 2);
    outer[2] = is_write ? TAG(2, BYTES) : TAG(1, BYTES);
    outer[3] = (uint8_t)(at - inner);
    return at;
}

bool codec_hot_put_client(QsArena *arena, const QsClientFrame *frame, uint8_t **data, size_t *len)
{
    uint8_t *at;

    if (!client_is_hot(frame)) {
        return false;
    }
    at = *data = qs_arena_alloc(arena, MAX_CLIENT_REST + frame->n_operations * MAX_OPERATION);
    if (!at) {
        return false;
    }
    if (frame->session.len) {
        *at++ = TAG(1, BYTES);
        *at++ = QS_TOKEN_BYTES;
        memcpy(at, frame->session.data, QS_TOKEN_BYTES);
        at += QS_TOKEN_BYTES;
    }
    at = put_number(at, TAG(2, VARINT), frame->request_id);
    if (frame->has_virtual_time) {
        *at++ = TAG(3, VARINT);
        at = put_varint(at, frame->virtual_time_ns);
    }
    for (size_t i = 0; i < frame->n_operations; i++) {
        at = put_operation(at, &frame->operations[i]);
    }
    at = put_number(at, TAG(5, VARINT), frame->posted);
    at = put_number(at, TAG(7, VARINT), frame->after);
    at = put_number(at, TAG(8, VARINT), frame->epoch);
    *len = (size_t)(at - *data);
    return true;
}

static bool is_silent(const QsStatus *status)
{
    return status->code == QS_STATUS_OK && (!status->text || !*status->text) &&
           (!status->path || !*status->path);
}

static bool server_is_hot(const QsServerFrame *frame)
{
    const QsReply *reply = &frame->reply;

    if (!frame->has_reply || frame->n_events > 0 || frame->has_dma_request || frame->has_resumed ||
        !is_silent(&reply->status) || reply->n_posted_errors > 0 || reply->server_instance != 0 ||
        reply->n_results > QS_MAX_OPERATIONS) {
        return false;
    }
    for (size_t i = 0; i < reply->n_results; i++) {
        const QsResult *r = &reply->results[i];

        if (!is_mmio(r->kind) || !is_silent(&r->status) || r->mmio.result < QS_BUS_OK ||
            r->mmio.result > QS_BUS_ACCESS_ERROR) {
            return false;
        }
    }
    return true;
}

/* Bytes of the response itself. */
static size_t response_len(const QsResult *r)
{
    return 2 + (r->kind == QS_OP_MMIO_READ && r->mmio.data ? 1 + varint_len(r->mmio.data) : 0);
}

static uint8_t *put_result(uint8_t *at, const QsResult *r)
{
    uint8_t len = (uint8_t)response_len(r);

    *at++ = TAG(3, BYTES);
    *at++ = (uint8_t)(len + 2);
    *at++ = r->kind == QS_OP_MMIO_READ ? TAG(1, BYTES) : TAG(2, BYTES);
    *at++ = len;
    *at++ = TAG(1, VARINT);
    *at++ = (uint8_t)r->mmio.result;
    return r->kind == QS_OP_MMIO_READ ? put_number(at, TAG(2, VARINT), r->mmio.data) : at;
}

static size_t number_len(uint64_t value)
{
    return value ? 1 + varint_len(value) : 0;
}

static size_t reply_len(const QsReply *reply)
{
    size_t len = number_len(reply->request_id) + number_len(reply->now_ns) +
                 (reply->has_deadline ? 1 + varint_len(reply->next_deadline_ns) : 0);

    for (size_t i = 0; i < reply->n_results; i++) {
        len += 4 + response_len(&reply->results[i]);
    }
    return len;
}

/* A reply with so few results has fewer than 128 bytes, so that its length is one byte whatever it is. */
#define MAX_SHORT_RESULTS 4u
#define MAX_RESULT (6u + 1 + MAX_VARINT)
#define MAX_SHORT_REPLY (3u * (1 + MAX_VARINT) + MAX_SHORT_RESULTS * MAX_RESULT)

_Static_assert(MAX_SHORT_REPLY < 128, "one byte");

static uint8_t *put_reply(uint8_t *at, const QsReply *reply)
{
    at = put_number(at, TAG(1, VARINT), reply->request_id);
    for (size_t i = 0; i < reply->n_results; i++) {
        at = put_result(at, &reply->results[i]);
    }
    at = put_number(at, TAG(4, VARINT), reply->now_ns);
    if (reply->has_deadline) {
        *at++ = TAG(5, VARINT);
        at = put_varint(at, reply->next_deadline_ns);
    }
    return at;
}

bool codec_hot_put_server(QsArena *arena, const QsServerFrame *frame, uint8_t **data, size_t *len)
{
    const QsReply *reply = &frame->reply;
    bool is_short = reply->n_results <= MAX_SHORT_RESULTS;
    size_t body;
    uint8_t *at;
    uint8_t *inner;

    if (!server_is_hot(frame)) {
        return false;
    }
    body = is_short ? MAX_SHORT_REPLY : reply_len(reply);
    at = *data = qs_arena_alloc(arena, 2 + 2 * (size_t)MAX_VARINT + body);
    if (!at) {
        return false;
    }
    at = put_number(at, TAG(1, VARINT), frame->sequence);
    *at++ = TAG(3, BYTES);
    inner = put_varint(at, body);
    at = put_reply(inner, reply);
    if (is_short) {
        inner[-1] = (uint8_t)(at - inner);
    }
    *len = (size_t)(at - *data);
    return true;
}

/* --- Reading: fields in the order of their numbers, each at most once, nothing unknown --- */

typedef struct Hot {
    const uint8_t *at;
    const uint8_t *end;
} Hot;

static bool get_varint_slowly(Hot *h, uint64_t *value)
{
    *value = 0;
    for (unsigned shift = 0; shift < 63 && h->at < h->end; shift += 7) {
        uint8_t byte = *h->at++;

        *value |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80)) {
            return true;
        }
    }
    if (h->at < h->end && *h->at <= 1) {
        *value |= (uint64_t)*h->at++ << 63;
        return true;
    }
    return false;
}

/* The 7 low bits of each of 8 bytes, one behind the other. */
static inline uint64_t join_sevens(uint64_t x)
{
    x = (x & UINT64_C(0x007f007f007f007f)) | (x & UINT64_C(0x7f007f007f007f00)) >> 1;
    x = (x & UINT64_C(0x00003fff00003fff)) | (x & UINT64_C(0x3fff00003fff0000)) >> 2;
    return (x & UINT64_C(0x000000000fffffff)) | (x & UINT64_C(0x0fffffff00000000)) >> 4;
}

/* False: cut short, or longer than a number can be. Numbers of up to 8 bytes are read whole where there are 8 to read. */
static inline bool get_varint(Hot *h, uint64_t *value)
{
    uint64_t bytes;
    uint64_t last; /* the top bit of each byte that is the last of a number */

    if (h->at < h->end && *h->at < 0x80) {
        *value = *h->at++;
        return true;
    }
    if (h->end - h->at < (ptrdiff_t)sizeof(bytes)) {
        return get_varint_slowly(h, value);
    }
    memcpy(&bytes, h->at, sizeof(bytes));
    bytes = le64toh(bytes);
    last = ~bytes & UINT64_C(0x8080808080808080);
    if (!last) {
        return get_varint_slowly(h, value);
    }
    h->at += __builtin_ctzll(last) / 8 + 1;
    *value = join_sevens(bytes & (last ^ (last - 1)));
    return true;
}

static inline bool next_is(const Hot *h, uint8_t tag)
{
    return h->at < h->end && *h->at == tag;
}

/* A number that may be absent, of at most @max. */
static inline bool get_number(Hot *h, uint8_t tag, uint64_t max, uint64_t *value)
{
    *value = 0;
    if (!next_is(h, tag)) {
        return true;
    }
    h->at++;
    return get_varint(h, value) && *value <= max;
}

/* What is in a message of fewer than 128 bytes that comes next. */
static inline bool get_short(Hot *h, uint8_t tag, Hot *inner)
{
    size_t len;

    if (h->end - h->at < 2 || h->at[0] != tag || h->at[1] >= 0x80) {
        return false;
    }
    len = h->at[1];
    if ((size_t)(h->end - h->at) - 2 < len) {
        return false;
    }
    inner->at = h->at + 2;
    inner->end = h->at = inner->at + len;
    return true;
}

/* How many messages with @tag come next, one after the other. */
static inline size_t count_short(Hot h, uint8_t tag)
{
    Hot inner;
    size_t n = 0;

    while (get_short(&h, tag, &inner)) {
        n++;
    }
    return n;
}

static bool get_operation(Hot *h, QsOperation *o)
{
    Hot outer;
    Hot inner;
    uint64_t size;
    uint64_t path;
    bool is_write;

    if (!get_short(h, TAG(4, BYTES), &outer)) {
        return false;
    }
    is_write = next_is(&outer, TAG(2, BYTES));
    if (!get_short(&outer, is_write ? TAG(2, BYTES) : TAG(1, BYTES), &inner) ||
        outer.at != outer.end) {
        return false;
    }
    o->kind = is_write ? QS_OP_MMIO_WRITE : QS_OP_MMIO_READ;
    o->mmio.data = 0;
    if (!get_number(&inner, TAG(1, VARINT), UINT64_MAX, &o->mmio.address) ||
        !get_number(&inner, TAG(2, VARINT), UINT32_MAX, &size) ||
        (is_write && !get_number(&inner, TAG(3, VARINT), UINT64_MAX, &o->mmio.data)) ||
        !get_number(&inner, is_write ? TAG(4, VARINT) : TAG(3, VARINT), QS_PATH_DMA, &path)) {
        return false;
    }
    o->mmio.size = (uint32_t)size;
    o->mmio.path = path == QS_PATH_DMA ? QS_PATH_DMA : QS_PATH_CPU;
    return inner.at == inner.end;
}

static bool get_operations(Hot *h, QsArena *arena, QsClientFrame *frame)
{
    size_t n = count_short(*h, TAG(4, BYTES));
    QsOperation *operations;

    if (n == 0 || n > QS_MAX_OPERATIONS) {
        return false;
    }
    operations = qs_arena_alloc(arena, n * sizeof(*operations));
    for (size_t i = 0; operations && i < n; i++) {
        if (!get_operation(h, &operations[i])) {
            return false;
        }
    }
    frame->operations = operations;
    frame->n_operations = n;
    return operations != NULL;
}

bool codec_hot_get_client(QsArena *arena, const uint8_t *data, size_t len, QsClientFrame *frame)
{
    Hot h = { data, data + len };
    Hot token;
    uint64_t posted;
    uint64_t epoch;

    if (len > QS_MAX_FRAME_BYTES || !get_short(&h, TAG(1, BYTES), &token) ||
        token.end - token.at != QS_TOKEN_BYTES ||
        !get_number(&h, TAG(2, VARINT), UINT64_MAX, &frame->request_id)) {
        return false;
    }
    frame->has_virtual_time = next_is(&h, TAG(3, VARINT));
    if (!get_number(&h, TAG(3, VARINT), UINT64_MAX, &frame->virtual_time_ns) ||
        !get_operations(&h, arena, frame) || !get_number(&h, TAG(5, VARINT), 1, &posted) ||
        !get_number(&h, TAG(7, VARINT), UINT64_MAX, &frame->after) ||
        !get_number(&h, TAG(8, VARINT), UINT32_MAX, &epoch) || h.at != h.end) {
        return false;
    }
    frame->posted = posted;
    frame->epoch = (uint32_t)epoch;
    frame->has_dma_response = false;
    frame->has_resume = false;
    frame->session.data = qs_arena_memdup(arena, token.at, QS_TOKEN_BYTES);
    frame->session.len = QS_TOKEN_BYTES;
    return frame->session.data != NULL;
}

static bool get_result(Hot *h, QsResult *r)
{
    Hot outer;
    Hot inner;
    uint64_t result;
    bool is_write;

    if (!get_short(h, TAG(3, BYTES), &outer)) {
        return false;
    }
    is_write = next_is(&outer, TAG(2, BYTES));
    if (!get_short(&outer, is_write ? TAG(2, BYTES) : TAG(1, BYTES), &inner) ||
        outer.at != outer.end ||
        !get_number(&inner, TAG(1, VARINT), QS_BUS_ACCESS_ERROR, &result) || result == 0) {
        return false;
    }
    r->kind = is_write ? QS_OP_MMIO_WRITE : QS_OP_MMIO_READ;
    r->status = (QsStatus){ QS_STATUS_OK, "", "" };
    r->mmio.result = (QsBusResult)result;
    r->mmio.data = 0;
    return (is_write || get_number(&inner, TAG(2, VARINT), UINT64_MAX, &r->mmio.data)) &&
           inner.at == inner.end;
}

static bool get_results(Hot *h, QsArena *arena, QsReply *reply)
{
    size_t n = count_short(*h, TAG(3, BYTES));
    QsResult *results;

    if (n == 0 || n > QS_MAX_OPERATIONS) {
        return false;
    }
    results = qs_arena_alloc(arena, n * sizeof(*results));
    for (size_t i = 0; results && i < n; i++) {
        if (!get_result(h, &results[i])) {
            return false;
        }
    }
    reply->results = results;
    reply->n_results = n;
    return results != NULL;
}

bool codec_hot_get_server(QsArena *arena, const uint8_t *data, size_t len, QsServerFrame *frame)
{
    Hot h = { data, data + len };
    QsReply *reply = &frame->reply;
    uint64_t body;

    if (len > QS_MAX_FRAME_BYTES || !get_number(&h, TAG(1, VARINT), UINT64_MAX, &frame->sequence) ||
        !next_is(&h, TAG(3, BYTES))) {
        return false;
    }
    h.at++;
    if (!get_varint(&h, &body) || body != (uint64_t)(h.end - h.at) ||
        !get_number(&h, TAG(1, VARINT), UINT64_MAX, &reply->request_id) ||
        !get_results(&h, arena, reply) ||
        !get_number(&h, TAG(4, VARINT), UINT64_MAX, &reply->now_ns)) {
        return false;
    }
    reply->has_deadline = next_is(&h, TAG(5, VARINT));
    reply->status = (QsStatus){ QS_STATUS_OK, "", "" };
    reply->posted_errors = NULL;
    reply->n_posted_errors = 0;
    reply->server_instance = 0;
    frame->events = NULL;
    frame->n_events = 0;
    frame->has_reply = true;
    frame->has_dma_request = false;
    frame->has_resumed = false;
    return get_number(&h, TAG(5, VARINT), UINT64_MAX, &reply->next_deadline_ns) && h.at == h.end;
}
