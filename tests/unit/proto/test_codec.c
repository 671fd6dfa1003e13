#include <string.h>

#include "proto/codec.h"
#include "tests/unit/proto/random_frame.h"

typedef struct Fixture {
    QsArena *made;
    QsArena *encoded;
    QsArena *decoded;
    GRand *rand;
} Fixture;

static void set_up(Fixture *f)
{
    f->made = qs_arena_new(QS_ARENA_BYTES);
    f->encoded = qs_arena_new(QS_ARENA_BYTES);
    f->decoded = qs_arena_new(QS_ARENA_BYTES);
    f->rand = g_rand_new_with_seed((guint32)g_test_rand_int());
}

static void tear_down(Fixture *f)
{
    qs_arena_free(f->made);
    qs_arena_free(f->encoded);
    qs_arena_free(f->decoded);
    g_rand_free(f->rand);
}

static void again(Fixture *f)
{
    qs_arena_reset(f->made);
    qs_arena_reset(f->encoded);
    qs_arena_reset(f->decoded);
}

static QsBytes encode_client(Fixture *f, const QsClientFrame *frame)
{
    QsError error = { 0 };
    uint8_t *data;
    size_t len;

    if (!qs_encode_client_frame(f->encoded, frame, &data, &len, &error)) {
        g_error("%s", error.text);
    }
    return (QsBytes){ data, len };
}

static QsBytes encode_server(Fixture *f, const QsServerFrame *frame)
{
    QsError error = { 0 };
    uint8_t *data;
    size_t len;

    if (!qs_encode_server_frame(f->encoded, frame, &data, &len, &error)) {
        g_error("%s", error.text);
    }
    return (QsBytes){ data, len };
}

static void check_client(Fixture *f, const QsClientFrame *frame)
{
    QsBytes bytes = encode_client(f, frame);
    g_autofree char *sent = describe_client_frame(frame);
    g_autofree char *got = NULL;
    QsClientFrame back;
    QsError error = { 0 };

    if (!qs_decode_client_frame(f->decoded, bytes.data, bytes.len, &back, &error)) {
        g_error("%s\n%s", error.text, sent);
    }
    got = describe_client_frame(&back);
    g_assert_cmpstr(got, ==, sent);
}

static void check_server(Fixture *f, const QsServerFrame *frame)
{
    QsBytes bytes = encode_server(f, frame);
    g_autofree char *sent = describe_server_frame(frame);
    g_autofree char *got = NULL;
    QsServerFrame back;
    QsError error = { 0 };

    if (!qs_decode_server_frame(f->decoded, bytes.data, bytes.len, &back, &error)) {
        g_error("%s\n%s", error.text, sent);
    }
    got = describe_server_frame(&back);
    g_assert_cmpstr(got, ==, sent);
}

static void test_every_operation(Fixture *f)
{
    for (QsOpKind kind = QS_OP_MMIO_READ; kind < QS_OP_COUNT; kind++) {
        for (int i = 0; i < 50; i++) {
            QsOperation operation = random_operation(f->made, f->rand, kind);
            QsClientFrame frame = { .request_id = 1, .operations = &operation, .n_operations = 1 };

            check_client(f, &frame);
            again(f);
        }
    }
}

static void test_every_result(Fixture *f)
{
    for (QsOpKind kind = QS_OP_MMIO_READ; kind < QS_OP_COUNT; kind++) {
        for (int i = 0; i < 50; i++) {
            QsResult result = random_result(f->made, f->rand, kind);
            QsServerFrame frame = {
                .has_reply = true,
                .reply = { .status = { QS_STATUS_OK, "", "" }, .results = &result, .n_results = 1 }
            };

            check_server(f, &frame);
            again(f);
        }
    }
}

static void test_every_event(Fixture *f)
{
    for (QsEventKind kind = QS_EVENT_LINE; kind < QS_EVENT_COUNT; kind++) {
        for (int i = 0; i < 50; i++) {
            QsEvent event = random_event(f->made, f->rand, kind);
            QsServerFrame frame = { .events = &event, .n_events = 1 };

            check_server(f, &frame);
            again(f);
        }
    }
}

static void test_random_frames(Fixture *f)
{
    for (int i = 0; i < 2000; i++) {
        QsClientFrame client = random_client_frame(f->made, f->rand);
        QsServerFrame server = random_server_frame(f->made, f->rand);

        check_client(f, &client);
        check_server(f, &server);
        again(f);
    }
}

static void test_empty_frames(Fixture *f)
{
    QsClientFrame client = { 0 };
    QsServerFrame server = { 0 };

    check_client(f, &client);
    check_server(f, &server);
    g_assert_cmpuint(encode_client(f, &client).len, ==, 0);
}

/* Decodes as both; whatever the bytes are, a failure has a text. */
static void decode_anything(Fixture *f, const uint8_t *data, size_t len)
{
    /* A copy of just this size, so that a byte read beyond it shows under AddressSanitizer. */
    g_autofree uint8_t *copy = g_memdup2(data, len);
    QsClientFrame client;
    QsServerFrame server;
    QsError error = { 0 };

    if (!qs_decode_client_frame(f->decoded, copy, len, &client, &error)) {
        g_assert_cmpuint(strlen(error.text), >, 0);
        g_assert_cmpuint(error.code, >, QS_STATUS_OK);
    } else {
        g_free(describe_client_frame(&client));
    }
    memset(&error, 0, sizeof(error));
    if (!qs_decode_server_frame(f->decoded, copy, len, &server, &error)) {
        g_assert_cmpuint(strlen(error.text), >, 0);
        g_assert_false(server.has_reply);
    } else {
        g_free(describe_server_frame(&server));
    }
    qs_arena_reset(f->decoded);
}

static void test_truncations(Fixture *f)
{
    for (int i = 0; i < 60; i++) {
        QsClientFrame client = random_client_frame(f->made, f->rand);
        QsServerFrame server = random_server_frame(f->made, f->rand);
        QsBytes c = encode_client(f, &client);
        QsBytes s = encode_server(f, &server);

        for (size_t len = 0; len < c.len; len++) {
            decode_anything(f, c.data, len);
        }
        for (size_t len = 0; len < s.len; len++) {
            decode_anything(f, s.data, len);
        }
        again(f);
    }
}

static void flip_and_decode(Fixture *f, QsBytes bytes)
{
    for (int i = 0; i < 30 && bytes.len; i++) {
        uint8_t *copy = g_memdup2(bytes.data, bytes.len);
        int flips = g_rand_int_range(f->rand, 1, 6);

        while (flips-- > 0) {
            copy[g_rand_int_range(f->rand, 0, (gint32)bytes.len)] ^=
                (uint8_t)(1u << g_rand_int_range(f->rand, 0, 8));
        }
        decode_anything(f, copy, bytes.len);
        g_free(copy);
    }
}

static void test_flips(Fixture *f)
{
    for (int i = 0; i < 300; i++) {
        QsClientFrame client = random_client_frame(f->made, f->rand);
        QsServerFrame server = random_server_frame(f->made, f->rand);

        flip_and_decode(f, encode_client(f, &client));
        flip_and_decode(f, encode_server(f, &server));
        again(f);
    }
}

static void test_garbage(Fixture *f)
{
    uint8_t garbage[200];

    for (int i = 0; i < 20000; i++) {
        size_t len = (size_t)g_rand_int_range(f->rand, 0, sizeof(garbage));

        for (size_t k = 0; k < len; k++) {
            garbage[k] = (uint8_t)g_rand_int(f->rand);
        }
        decode_anything(f, garbage, len);
    }
}

static void put_varint(GByteArray *out, uint64_t value)
{
    do {
        uint8_t byte = (value & 0x7f) | (value > 0x7f ? 0x80 : 0);

        g_byte_array_append(out, &byte, 1);
        value >>= 7;
    } while (value);
}

static void put_bytes(GByteArray *out, uint32_t number, const void *data, size_t len)
{
    put_varint(out, number << 3 | 2);
    put_varint(out, len);
    g_byte_array_append(out, data, (guint)len);
}

/* Puts @inner into a message as field @number, in place. */
static void wrap(GByteArray *inner, uint32_t number)
{
    GByteArray *head = g_byte_array_new();

    put_varint(head, number << 3 | 2);
    put_varint(head, inner->len);
    g_byte_array_prepend(inner, head->data, head->len);
    g_byte_array_unref(head);
}

static QsStatusCode client_refusal(Fixture *f, const GByteArray *bytes, QsError *error)
{
    QsClientFrame frame;

    memset(error, 0, sizeof(*error));
    qs_arena_reset(f->decoded);
    if (qs_decode_client_frame(f->decoded, bytes->data, bytes->len, &frame, error)) {
        return QS_STATUS_OK;
    }
    g_assert_cmpuint(strlen(error->text), >, 0);
    return error->code;
}

/* Operation.qom_set.value = a chain of @levels single-element lists around "true". */
static GByteArray *nested_lists(size_t levels)
{
    GByteArray *bytes = g_byte_array_new();
    GByteArray *head = g_byte_array_new();
    GByteArray *reversed = g_byte_array_new();

    /* Built from the inside out, each byte reversed to the end, or a deep chain would take quadratic time. */
    g_byte_array_append(bytes, (const uint8_t[]){ 0x01, 0x08 }, 2); /* boolean = true */
    for (size_t i = 0; i < levels * 2; i++) {
        g_byte_array_set_size(head, 0);
        put_varint(head, (i % 2 ? 7 : 1) << 3 | 2); /* Value.list, ValueList.items */
        put_varint(head, bytes->len);
        for (guint k = head->len; k > 0; k--) {
            g_byte_array_append(bytes, &head->data[k - 1], 1);
        }
    }
    for (guint k = bytes->len; k > 0; k--) {
        g_byte_array_append(reversed, &bytes->data[k - 1], 1);
    }
    g_byte_array_unref(bytes);
    g_byte_array_unref(head);
    wrap(reversed, 3);  /* QomSetRequest.value */
    wrap(reversed, 12); /* Operation.qom_set */
    wrap(reversed, 4);  /* ClientFrame.operations */
    return reversed;
}

static void test_value_depth(Fixture *f)
{
    GByteArray *just = nested_lists(QS_MAX_VALUE_DEPTH - 1);
    GByteArray *over = nested_lists(QS_MAX_VALUE_DEPTH);
    QsError error;

    g_assert_cmpint(client_refusal(f, just, &error), ==, QS_STATUS_OK);
    g_assert_cmpint(client_refusal(f, over, &error), ==, QS_STATUS_LIMIT);
    g_assert_nonnull(strstr(error.text, "16"));
    g_byte_array_unref(just);
    g_byte_array_unref(over);
}

static void test_deep_bomb(Fixture *f)
{
    GByteArray *bomb = nested_lists(430000);
    QsError error;

    g_assert_cmpuint(bomb->len, >, 3500000);
    g_assert_cmpuint(bomb->len, <, QS_MAX_FRAME_BYTES);
    g_assert_cmpint(client_refusal(f, bomb, &error), ==, QS_STATUS_LIMIT);
    g_byte_array_unref(bomb);
}

static QsValue *nest(QsArena *arena, QsValue inner, unsigned levels)
{
    QsValue *value = qs_arena_memdup(arena, &inner, sizeof(inner));

    while (levels-- > 0) {
        QsValue outer = { .kind = QS_VALUE_LIST, .list = { value, 1 } };

        value = qs_arena_memdup(arena, &outer, sizeof(outer));
    }
    return value;
}

static void test_encode_depth(Fixture *f)
{
    QsValue leaf = { .kind = QS_VALUE_BOOL, .boolean = true };
    QsOperation operation = { .kind = QS_OP_QOM_SET, .qom = { "a", "b", { 0 } } };
    QsClientFrame frame = { .operations = &operation, .n_operations = 1 };
    QsValue loop = { .kind = QS_VALUE_LIST, .list = { &loop, 1 } };
    QsError error = { 0 };
    uint8_t *bytes;
    size_t len;

    operation.qom.value = *nest(f->made, leaf, QS_MAX_VALUE_DEPTH - 1);
    check_client(f, &frame);
    operation.qom.value = *nest(f->made, leaf, QS_MAX_VALUE_DEPTH);
    g_assert_false(qs_encode_client_frame(f->encoded, &frame, &bytes, &len, &error));
    g_assert_cmpint(error.code, ==, QS_STATUS_LIMIT);
    operation.qom.value = loop;
    g_assert_false(qs_encode_client_frame(f->encoded, &frame, &bytes, &len, &error));
}

/* Maps take one more message for each level than lists: the deepest frame that is valid must pass the scan. */
static void test_deep_maps(Fixture *f)
{
    QsValue value = { .kind = QS_VALUE_INT, .i = -1 };
    QsProperty property = { "a", "b", "c", { 0 } };
    QsResult result = { .kind = QS_OP_QOM_LIST,
                        .status = { QS_STATUS_OK, "", "" },
                        .qom_list = { "/", &property, 1 } };
    QsServerFrame frame = {
        .has_reply = true,
        .reply = { .status = { QS_STATUS_OK, "", "" }, .results = &result, .n_results = 1 }
    };

    for (unsigned i = 1; i < QS_MAX_VALUE_DEPTH; i++) {
        QsValueEntry entry = { "k", value };

        value.kind = QS_VALUE_MAP;
        value.map.entries = qs_arena_memdup(f->made, &entry, sizeof(entry));
        value.map.n = 1;
    }
    property.default_value = value;
    check_server(f, &frame);
}

static void test_operation_limit(Fixture *f)
{
    QsOperation *operations = g_new0(QsOperation, QS_MAX_OPERATIONS + 1);
    QsClientFrame frame = { .operations = operations, .n_operations = QS_MAX_OPERATIONS };
    GByteArray *over = g_byte_array_new();
    QsError error = { 0 };
    uint8_t *bytes;
    size_t len;

    for (size_t i = 0; i <= QS_MAX_OPERATIONS; i++) {
        operations[i] = (QsOperation){ .kind = QS_OP_MMIO_READ, .mmio = { i, 0, 4, QS_PATH_CPU } };
        put_bytes(over, 4, "", 0);
    }
    check_client(f, &frame);
    frame.n_operations++;
    g_assert_false(qs_encode_client_frame(f->encoded, &frame, &bytes, &len, &error));
    g_assert_cmpint(error.code, ==, QS_STATUS_LIMIT);
    g_assert_cmpint(client_refusal(f, over, &error), ==, QS_STATUS_LIMIT);
    g_assert_nonnull(strstr(error.text, "4096"));
    g_byte_array_unref(over);
    g_free(operations);
}

static void test_event_limit(Fixture *f)
{
    QsEvent *events = g_new0(QsEvent, QS_MAX_EVENTS + 1);
    QsServerFrame frame = { .events = events, .n_events = QS_MAX_EVENTS };
    QsError error = { 0 };
    uint8_t *bytes;
    size_t len;

    for (size_t i = 0; i <= QS_MAX_EVENTS; i++) {
        events[i] = random_event(f->made, f->rand, QS_EVENT_LINE);
    }
    check_server(f, &frame);
    frame.n_events++;
    g_assert_false(qs_encode_server_frame(f->encoded, &frame, &bytes, &len, &error));
    g_assert_cmpint(error.code, ==, QS_STATUS_LIMIT);
    g_free(events);
}

static void test_block_limit(Fixture *f)
{
    uint8_t *block = g_malloc0(QS_MAX_BLOCK_BYTES + 1);
    QsOperation operation = { .kind = QS_OP_BLOCK_WRITE,
                              .block = { .data = { block, QS_MAX_BLOCK_BYTES },
                                         .length = QS_MAX_BLOCK_BYTES } };
    QsClientFrame frame = { .operations = &operation, .n_operations = 1 };
    GByteArray *over = g_byte_array_new();
    QsError error = { 0 };
    uint8_t *bytes;
    size_t len;

    check_client(f, &frame);
    operation.block.data.len++;
    g_assert_false(qs_encode_client_frame(f->encoded, &frame, &bytes, &len, &error));
    g_assert_cmpint(error.code, ==, QS_STATUS_LIMIT);
    put_bytes(over, 2, block, QS_MAX_BLOCK_BYTES + 1);
    wrap(over, 4);
    wrap(over, 4);
    g_assert_cmpint(client_refusal(f, over, &error), ==, QS_STATUS_LIMIT);
    g_byte_array_unref(over);
    g_free(block);
}

static void test_chardev_limit(Fixture *f)
{
    g_autofree uint8_t *data = g_malloc0(QS_MAX_CHARDEV_BYTES + 1);
    QsOperation operation = { .kind = QS_OP_CHARDEV_WRITE,
                              .chardev = { .id = "c", .data = { data, QS_MAX_CHARDEV_BYTES } } };
    QsClientFrame frame = { .operations = &operation, .n_operations = 1 };
    GByteArray *over = g_byte_array_new();
    QsError error = { 0 };
    uint8_t *bytes;
    size_t len;

    check_client(f, &frame);
    operation.chardev.data.len++;
    g_assert_false(qs_encode_client_frame(f->encoded, &frame, &bytes, &len, &error));
    g_assert_cmpint(error.code, ==, QS_STATUS_LIMIT);
    put_bytes(over, 2, data, QS_MAX_CHARDEV_BYTES + 1);
    wrap(over, 26); /* ChardevWriteRequest */
    wrap(over, 4);
    g_assert_cmpint(client_refusal(f, over, &error), ==, QS_STATUS_LIMIT);
    g_byte_array_unref(over);
}

static void test_frame_limit(Fixture *f)
{
    uint8_t *block = g_malloc0(QS_MAX_BLOCK_BYTES);
    QsOperation operations[4];
    QsClientFrame frame = { .operations = operations, .n_operations = 4 };
    QsError error = { 0 };
    uint8_t *bytes;
    size_t len;

    for (int i = 0; i < 4; i++) {
        operations[i] =
            (QsOperation){ .kind = QS_OP_BLOCK_WRITE, .block.data = { block, QS_MAX_BLOCK_BYTES } };
    }
    g_assert_false(qs_encode_client_frame(f->encoded, &frame, &bytes, &len, &error));
    g_assert_cmpint(error.code, ==, QS_STATUS_LIMIT);
    g_assert_nonnull(strstr(error.text, "4194304"));
    g_free(block);
}

static void check_text(Fixture *f, const char *text, size_t len, QsStatusCode expected)
{
    GByteArray *bytes = g_byte_array_new();
    QsError error;

    put_bytes(bytes, 1, text, len);
    wrap(bytes, 10); /* QomListRequest */
    wrap(bytes, 4);
    g_assert_cmpint(client_refusal(f, bytes, &error), ==, expected);
    g_byte_array_unref(bytes);
}

static void test_texts(Fixture *f)
{
    g_autofree char *longest = g_strnfill(QS_MAX_STRING_BYTES + 1, 'x');

    check_text(f, "", 0, QS_STATUS_OK);
    check_text(f, longest, QS_MAX_STRING_BYTES, QS_STATUS_OK);
    check_text(f, longest, QS_MAX_STRING_BYTES + 1, QS_STATUS_LIMIT);
    check_text(f, "a\0b", 3, QS_STATUS_MALFORMED);
    check_text(f, "\0", 1, QS_STATUS_MALFORMED);
    check_text(f, "\xff", 1, QS_STATUS_MALFORMED);
    check_text(f, "\x80", 1, QS_STATUS_MALFORMED);
    check_text(f, "\xc3", 1, QS_STATUS_MALFORMED);
    check_text(f, "\xc0\xaf", 2, QS_STATUS_MALFORMED);
    check_text(f, "\xe0\x80\xaf", 3, QS_STATUS_MALFORMED);
    check_text(f, "\xed\xa0\x80", 3, QS_STATUS_MALFORMED);
    check_text(f, "\xf4\x90\x80\x80", 4, QS_STATUS_MALFORMED);
    check_text(f, "\xf4\x8f\xbf\xbf", 4, QS_STATUS_OK);
    check_text(f, "\xe2\x82\xac", 3, QS_STATUS_OK);
}

/* Our check and GLib's agree on random bytes. */
static void test_utf8_as_glib(Fixture *f)
{
    char text[5] = "";

    for (int i = 0; i < 200000; i++) {
        int len = g_rand_int_range(f->rand, 1, 5);

        for (int k = 0; k < len; k++) {
            text[k] = (char)g_rand_int_range(f->rand, k ? 0x70 : 1, 256);
        }
        text[len] = '\0';
        g_assert_cmpint(qs_check_text("text", text, NULL), ==, g_utf8_validate(text, -1, NULL));
    }
}

static void test_encode_texts(Fixture *f)
{
    g_autofree char *longest = g_strnfill(QS_MAX_STRING_BYTES + 1, 'x');
    QsOperation operation = { .kind = QS_OP_QOM_LIST, .qom = { .path = longest } };
    QsClientFrame frame = { .operations = &operation, .n_operations = 1 };
    QsError error = { 0 };
    uint8_t *bytes;
    size_t len;

    g_assert_false(qs_encode_client_frame(f->encoded, &frame, &bytes, &len, &error));
    g_assert_cmpint(error.code, ==, QS_STATUS_INVALID_ARGUMENT);
    operation.qom.path = "\xff";
    g_assert_false(qs_encode_client_frame(f->encoded, &frame, &bytes, &len, &error));
    g_assert_cmpint(error.code, ==, QS_STATUS_INVALID_ARGUMENT);
    g_assert_cmpstr(error.text, ==, "path is not UTF-8");
    operation.qom.path = NULL;
    g_assert_true(qs_encode_client_frame(f->encoded, &frame, &bytes, &len, &error));
}

static void test_unknown_operation(Fixture *f)
{
    GByteArray *bytes = g_byte_array_new();
    QsClientFrame frame;
    QsError error = { 0 };

    put_bytes(bytes, 99, "future", 6); /* an Operation of a kind yet to come */
    wrap(bytes, 4);
    put_bytes(bytes, 77, "and a field", 11);
    g_assert_true(qs_decode_client_frame(f->decoded, bytes->data, bytes->len, &frame, &error));
    g_assert_cmpuint(frame.n_operations, ==, 1);
    g_assert_cmpint(frame.operations[0].kind, ==, QS_OP_NONE);
    g_byte_array_unref(bytes);
}

static void check_bytes(Fixture *f, const uint8_t *data, size_t len, QsStatusCode expected,
                        const char *part)
{
    GByteArray *bytes = g_byte_array_new();
    QsError error;

    g_byte_array_append(bytes, data, (guint)len);
    g_assert_cmpint(client_refusal(f, bytes, &error), ==, expected);
    if (part && !strstr(error.text, part)) {
        g_error("\"%s\" does not say \"%s\"", error.text, part);
    }
    g_byte_array_unref(bytes);
}

#define CHECK(f, expected, part, ...)                                                              \
    check_bytes(f, (const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }),     \
                expected, part)

static void test_malformed(Fixture *f)
{
    /* MmioReadRequest.path = 3 */
    CHECK(f, QS_STATUS_MALFORMED, "path: unknown value 3", 0x22, 4, 0x0a, 2, 0x18, 3);
    /* path left out: as a CPU's access */
    CHECK(f, QS_STATUS_OK, NULL, 0x22, 4, 0x0a, 2, 0x10, 4);
    /* LineWatchRequest without a direction */
    CHECK(f, QS_STATUS_INVALID_ARGUMENT, "direction", 0x22, 2, 0x3a, 0);
    /* AdvanceRequest without a target, and with next_deadline = false */
    CHECK(f, QS_STATUS_INVALID_ARGUMENT, "AdvanceRequest.to", 0x22, 3, 0x92, 1, 0);
    CHECK(f, QS_STATUS_INVALID_ARGUMENT, "AdvanceRequest.to", 0x22, 5, 0x92, 1, 2, 0x18, 0);
    /* BlockFillRequest.value = 256 */
    CHECK(f, QS_STATUS_INVALID_ARGUMENT, "256", 0x22, 5, 0x2a, 3, 0x18, 0x80, 2);
    /* request_id twice; two kinds in one operation */
    CHECK(f, QS_STATUS_MALFORMED, "more than once", 0x10, 1, 0x10, 2);
    CHECK(f, QS_STATUS_MALFORMED, "more than once", 0x22, 4, 0x0a, 0, 0x12, 0);
    /* request_id as a string; a group; field number 0; a varint of 11 bytes */
    CHECK(f, QS_STATUS_MALFORMED, "wire type", 0x12, 1, 0x41);
    CHECK(f, QS_STATUS_MALFORMED, "not protobuf", 0x0b, 0x0c);
    CHECK(f, QS_STATUS_MALFORMED, "not protobuf", 0x00, 0x00);
    CHECK(f, QS_STATUS_MALFORMED, "not protobuf", 0x10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
          0xff, 0xff, 0xff, 1);
    /* a length beyond the end, and one that would wrap around */
    CHECK(f, QS_STATUS_MALFORMED, "truncated", 0x22, 5, 0x0a);
    CHECK(f, QS_STATUS_MALFORMED, "truncated", 0x22, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
          0xff, 1);
    /* a token of 3 bytes */
    CHECK(f, QS_STATUS_MALFORMED, "token", 0x0a, 3, 1, 2, 3);
}

/* Fields may come in any order and lists in pieces: other encoders of protobuf may do that. */
static void test_any_order(Fixture *f)
{
    static const uint8_t bytes[] = {
        0x22, 4, 0x0a, 2, 0x10, 4, 0x10, 7, 0x22, 4, 0x0a, 2, 0x10, 8
    };
    QsClientFrame frame;
    QsError error = { 0 };

    g_assert_true(qs_decode_client_frame(f->decoded, bytes, sizeof(bytes), &frame, &error));
    g_assert_cmpuint(frame.request_id, ==, 7);
    g_assert_cmpuint(frame.n_operations, ==, 2);
    g_assert_cmpuint(frame.operations[1].mmio.size, ==, 8);
}

static void test_refusal_names_request(Fixture *f)
{
    uint8_t token[QS_TOKEN_BYTES] = { 1, 2, 3 };
    QsOperation operation = { .kind = QS_OP_MMIO_READ, .mmio = { 0, 0, 4, QS_PATH_CPU } };
    QsClientFrame frame = { .session = { token, sizeof(token) },
                            .request_id = 4711,
                            .operations = &operation,
                            .n_operations = 1 };
    QsBytes bytes = encode_client(f, &frame);
    QsClientFrame back;

    g_assert_false(qs_decode_client_frame(f->decoded, bytes.data, bytes.len - 1, &back, NULL));
    g_assert_cmpuint(back.request_id, ==, 4711);
    g_assert_cmpmem(back.session.data, back.session.len, token, sizeof(token));
    g_assert_cmpuint(back.n_operations, ==, 0);
}

/* Small bytes that would become large memory are refused, in the memory that an arena may have. */
static void test_amplification(Fixture *f)
{
    GByteArray *bytes = g_byte_array_new();
    QsError error;

    while (bytes->len < QS_MAX_FRAME_BYTES - 64) {
        g_byte_array_append(bytes, (const uint8_t[]){ 0x0a, 0 }, 2); /* ValueList.items */
    }
    wrap(bytes, 7);
    wrap(bytes, 3);
    wrap(bytes, 12);
    wrap(bytes, 4);
    g_assert_cmpint(client_refusal(f, bytes, &error), ==, QS_STATUS_LIMIT);
    g_byte_array_set_size(bytes, 0);
    while (bytes->len < QS_MAX_FRAME_BYTES - 64) {
        g_byte_array_append(bytes, (const uint8_t[]){ 0xa0, 0x06, 0 }, 3); /* unknown fields */
    }
    g_assert_cmpint(client_refusal(f, bytes, &error), ==, QS_STATUS_LIMIT);
    g_byte_array_unref(bytes);
}

/* A large answer of the kind that a real server gives: some 5000 types with names of 12 letters. */
static void test_large_answer(Fixture *f)
{
    QsType *types = g_new0(QsType, 100000);
    QsResult result = { .kind = QS_OP_QOM_TYPES,
                        .status = { QS_STATUS_OK, "", "" },
                        .types = { types, 100000 } };
    QsServerFrame frame = {
        .has_reply = true,
        .reply = { .status = { QS_STATUS_OK, "", "" }, .results = &result, .n_results = 1 }
    };

    for (size_t i = 0; i < result.types.n_types; i++) {
        types[i] = (QsType){ "sifive_soc.gpio", "sys-bus-device", false };
    }
    check_server(f, &frame);
    g_free(types);
}

static void test_largest_dma(Fixture *f)
{
    g_autofree uint8_t *data = g_malloc0(QS_MAX_DMA_BYTES);
    QsBytes bytes = { data, QS_MAX_DMA_BYTES };
    QsServerFrame request = {
        .sequence = 1,
        .has_dma_request = true,
        .dma_request = { 1, UINT64_MAX, QS_MAX_DMA_BYTES, true, bytes },
    };
    QsClientFrame response = { .has_dma_response = true, .dma_response = { 1, QS_BUS_OK, bytes } };

    check_server(f, &request);
    check_client(f, &response);
}

static void check_dma_request(Fixture *f, QsDmaRequest request, QsStatusCode expected)
{
    QsServerFrame frame = { .has_dma_request = true, .dma_request = request };
    QsError error;
    uint8_t *data;
    size_t len;

    again(f);
    g_assert_false(qs_encode_server_frame(f->encoded, &frame, &data, &len, &error));
    g_assert_cmpint(error.code, ==, expected);
}

static QsStatusCode server_refusal(Fixture *f, const uint8_t *data, size_t len)
{
    QsServerFrame frame;
    QsError error = { 0 };

    qs_arena_reset(f->decoded);
    return qs_decode_server_frame(f->decoded, data, len, &frame, &error) ? QS_STATUS_OK
                                                                         : error.code;
}

#define SERVER_REFUSAL(f, ...)                                                                     \
    server_refusal(f, (const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }))

static void test_dma_request_limit(Fixture *f)
{
    static const uint8_t data[QS_MAX_DMA_BYTES + 1];

    check_dma_request(f, (QsDmaRequest){ .length = 0 }, QS_STATUS_LIMIT);
    check_dma_request(f, (QsDmaRequest){ .length = QS_MAX_DMA_BYTES + 1 }, QS_STATUS_LIMIT);
    check_dma_request(
        f,
        (QsDmaRequest){ .length = sizeof(data), .is_write = true, .data = { data, sizeof(data) } },
        QS_STATUS_LIMIT);
    check_dma_request(f, (QsDmaRequest){ .length = 4, .is_write = true, .data = { data, 3 } },
                      QS_STATUS_MALFORMED);
    check_dma_request(f, (QsDmaRequest){ .length = 4, .data = { data, 4 } }, QS_STATUS_MALFORMED);
    /* ServerFrame.dma_request with length 4; with none; a write of 2 with 1 byte; a read with a byte */
    g_assert_cmpint(SERVER_REFUSAL(f, 0x22, 2, 0x18, 4), ==, QS_STATUS_OK);
    g_assert_cmpint(SERVER_REFUSAL(f, 0x22, 0), ==, QS_STATUS_LIMIT);
    g_assert_cmpint(SERVER_REFUSAL(f, 0x22, 7, 0x18, 2, 0x20, 1, 0x2a, 1, 9), ==,
                    QS_STATUS_MALFORMED);
    g_assert_cmpint(SERVER_REFUSAL(f, 0x22, 5, 0x18, 1, 0x2a, 1, 9), ==, QS_STATUS_MALFORMED);
    /* and with a reply beside it */
    g_assert_cmpint(SERVER_REFUSAL(f, 0x1a, 0, 0x22, 2, 0x18, 4), ==, QS_STATUS_MALFORMED);
}

static void test_dma_response_limit(Fixture *f)
{
    g_autofree uint8_t *data = g_malloc0(QS_MAX_DMA_BYTES + 1);
    GByteArray *bytes = g_byte_array_new();
    QsClientFrame frame = { .has_dma_response = true,
                            .dma_response = { 1, QS_BUS_OK, { data, QS_MAX_DMA_BYTES + 1 } } };
    QsError error;
    uint8_t *encoded;
    size_t len;

    g_assert_false(qs_encode_client_frame(f->encoded, &frame, &encoded, &len, &error));
    g_assert_cmpint(error.code, ==, QS_STATUS_LIMIT);
    put_bytes(bytes, 3, data, QS_MAX_DMA_BYTES + 1);
    wrap(bytes, 6);
    g_assert_cmpint(client_refusal(f, bytes, &error), ==, QS_STATUS_LIMIT);
    g_byte_array_unref(bytes);
}

static void test_dma_response_stands_alone(Fixture *f)
{
    QsOperation operation = { .kind = QS_OP_RESET };
    QsClientFrame frame = { .operations = &operation,
                            .n_operations = 1,
                            .has_dma_response = true,
                            .dma_response = { 1, QS_BUS_OK, { NULL, 0 } } };
    QsError error;
    uint8_t *data;
    size_t len;

    g_assert_false(qs_encode_client_frame(f->encoded, &frame, &data, &len, &error));
    g_assert_cmpint(error.code, ==, QS_STATUS_MALFORMED);
    CHECK(f, QS_STATUS_MALFORMED, "stands alone", 0x22, 0, 0x32, 0);
    /* DmaResponse.result = 5 */
    CHECK(f, QS_STATUS_MALFORMED, "result: unknown value 5", 0x32, 2, 0x10, 5);
    CHECK(f, QS_STATUS_OK, NULL, 0x32, 0);
}

typedef struct Case {
    const char *path;
    void (*run)(Fixture *f);
} Case;

static const Case cases[] = {
    { "/codec/round-trip/every-operation", test_every_operation },
    { "/codec/round-trip/every-result", test_every_result },
    { "/codec/round-trip/every-event", test_every_event },
    { "/codec/round-trip/random-frames", test_random_frames },
    { "/codec/round-trip/empty-frames", test_empty_frames },
    { "/codec/round-trip/deepest-maps", test_deep_maps },
    { "/codec/round-trip/large-answer-fits-the-arena", test_large_answer },
    { "/codec/decode/any-truncation-is-an-error-or-a-frame", test_truncations },
    { "/codec/decode/any-flip-is-an-error-or-a-frame", test_flips },
    { "/codec/decode/any-garbage-is-an-error-or-a-frame", test_garbage },
    { "/codec/decode/deep-values-are-refused", test_value_depth },
    { "/codec/decode/nesting-bomb-does-not-touch-the-stack", test_deep_bomb },
    { "/codec/decode/texts-are-utf8-without-nul", test_texts },
    { "/codec/decode/utf8-is-what-glib-says", test_utf8_as_glib },
    { "/codec/decode/unknown-operation-is-none", test_unknown_operation },
    { "/codec/decode/malformed-says-what", test_malformed },
    { "/codec/decode/fields-in-any-order", test_any_order },
    { "/codec/decode/refusal-names-the-request", test_refusal_names_request },
    { "/codec/decode/small-bytes-cannot-claim-all-memory", test_amplification },
    { "/codec/limit/operations", test_operation_limit },
    { "/codec/limit/events", test_event_limit },
    { "/codec/limit/block", test_block_limit },
    { "/codec/limit/chardev-write", test_chardev_limit },
    { "/codec/limit/frame", test_frame_limit },
    { "/codec/dma/round-trip-of-the-largest", test_largest_dma },
    { "/codec/dma/request-has-its-length-of-data", test_dma_request_limit },
    { "/codec/dma/response-has-a-limit", test_dma_response_limit },
    { "/codec/dma/response-stands-alone", test_dma_response_stands_alone },
    { "/codec/encode/deep-and-endless-values-are-refused", test_encode_depth },
    { "/codec/encode/bad-texts-are-refused", test_encode_texts },
};

static void run_case(gconstpointer data)
{
    Fixture f;

    set_up(&f);
    ((const Case *)data)->run(&f);
    tear_down(&f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_add_data_func(cases[i].path, &cases[i], run_case);
    }
    return g_test_run();
}
