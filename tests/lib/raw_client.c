#include "tests/lib/raw_client.h"

#include <inttypes.h>
#include <string.h>

#include "proto/codec.h"

static void clear_event(void *data)
{
    QsEvent *event = data;

    if (event->kind == QS_EVENT_GUEST_ERROR) {
        g_free((char *)event->guest_error.path);
        g_free((char *)event->guest_error.text);
    } else if (event->kind == QS_EVENT_DEVICE_DELETED) {
        g_free((char *)event->device_deleted.id);
        g_free((char *)event->device_deleted.path);
    }
}

RawClient *raw_client_new(const char *url)
{
    RawClient *client = g_new0(RawClient, 1);
    QsError error;

    client->transport = qs_transport_for_url(url, &error);
    g_assert_nonnull(client->transport);
    client->endpoint = client->transport->connect(url, NULL, &error);
    g_assert_nonnull(client->endpoint);
    client->arena = qs_arena_new(QS_ARENA_BYTES);
    client->frame_arena = qs_arena_new(QS_ARENA_BYTES);
    client->events = g_array_new(FALSE, FALSE, sizeof(QsEvent));
    g_array_set_clear_func(client->events, clear_event);
    client->heard = g_array_new(FALSE, FALSE, sizeof(uint64_t));
    return client;
}

void raw_client_free(RawClient *client)
{
    if (!client) {
        return;
    }
    client->transport->close(client->endpoint);
    qs_arena_free(client->arena);
    qs_arena_free(client->frame_arena);
    g_array_unref(client->events);
    g_array_unref(client->heard);
    g_free(client);
}

void raw_client_send_bytes(RawClient *client, const void *data, size_t len)
{
    QsIo io = client->transport->send(client->endpoint, RAW_CLIENT_TIMEOUT_MS, data, len, NULL);

    g_assert_cmpint(io, ==, QS_IO_OK);
}

void raw_client_send(RawClient *client, QsClientFrame frame)
{
    uint8_t *data;
    size_t len;
    QsError error = { .text = "" };

    if (client->has_session && frame.session.len == 0) {
        frame.session = (QsBytes){ client->token, sizeof(client->token) };
    }
    client->last_id = MAX(client->last_id, frame.request_id);
    qs_arena_reset(client->arena);
    if (!qs_encode_client_frame(client->arena, &frame, &data, &len, &error)) {
        g_error("cannot encode: %s", error.text);
    }
    raw_client_send_bytes(client, data, len);
}

static void keep_events(RawClient *client)
{
    uint64_t id = client->frame.has_reply ? client->frame.reply.request_id : 0;

    for (size_t i = 0; i < client->frame.n_events; i++) {
        QsEvent event = client->frame.events[i];

        if (event.kind == QS_EVENT_GUEST_ERROR) {
            event.guest_error.path = g_strdup(event.guest_error.path);
            event.guest_error.text = g_strdup(event.guest_error.text);
        } else if (event.kind == QS_EVENT_DEVICE_DELETED) {
            event.device_deleted.id = g_strdup(event.device_deleted.id);
            event.device_deleted.path = g_strdup(event.device_deleted.path);
        }
        g_array_append_val(client->events, event);
        g_array_append_val(client->heard, id);
    }
}

bool raw_client_receive(RawClient *client, int timeout_ms)
{
    uint8_t *data;
    size_t len;
    QsError error = { .text = "" };
    QsIo io = client->transport->receive(client->endpoint, timeout_ms, &data, &len, NULL);

    if (io == QS_IO_AGAIN) {
        return false;
    }
    g_assert_cmpint(io, ==, QS_IO_OK);
    qs_arena_reset(client->frame_arena);
    if (!qs_decode_server_frame(client->frame_arena, data, len, &client->frame, &error)) {
        g_error("cannot decode: %s", error.text);
    }
    client->transport->release(client->endpoint, data);
    if (client->frame.sequence > client->last_sequence) {
        client->gap |= client->frame.sequence != client->last_sequence + 1;
        client->last_sequence = client->frame.sequence;
        keep_events(client);
    }
    return true;
}

const QsReply *raw_client_await(RawClient *client, uint64_t request_id)
{
    do {
        if (!raw_client_receive(client, RAW_CLIENT_TIMEOUT_MS)) {
            g_error("no reply to request %" PRIu64, request_id);
        }
    } while (!client->frame.has_reply || client->frame.reply.request_id != request_id);
    return &client->frame.reply;
}

const QsReply *raw_client_call(RawClient *client, const QsOperation *operations, size_t n)
{
    QsClientFrame frame = { .request_id = client->last_id + 1,
                            .operations = operations,
                            .n_operations = n };
    const QsReply *reply;

    raw_client_send(client, frame);
    reply = raw_client_await(client, frame.request_id);
    if (reply->status.code != QS_STATUS_OK) {
        g_error("request %" PRIu64 " failed: %s", frame.request_id, reply->status.text);
    }
    g_assert_cmpuint(reply->n_results, ==, n);
    return reply;
}

const QsResult *raw_client_call_one(RawClient *client, QsOperation operation)
{
    return &raw_client_call(client, &operation, 1)->results[0];
}

const QsResult *raw_client_must(RawClient *client, QsOperation operation)
{
    const QsResult *result = raw_client_call_one(client, operation);

    if (result->status.code != QS_STATUS_OK) {
        g_error("operation %d failed: %s", (int)operation.kind, result->status.text);
    }
    g_assert_cmpint(result->kind, ==, operation.kind);
    return result;
}

uint64_t raw_client_post(RawClient *client, const QsOperation *operations, size_t n)
{
    QsClientFrame frame = { .request_id = client->last_id + 1,
                            .operations = operations,
                            .n_operations = n,
                            .posted = true };

    raw_client_send(client, frame);
    return frame.request_id;
}

QsOperation raw_hello(QsRole role, bool push)
{
    static const char *const capabilities[] = { "push" };

    return (QsOperation){ .kind = QS_OP_HELLO,
                          .hello = { .version = QS_PROTOCOL_VERSION,
                                     .capabilities = capabilities,
                                     .n_capabilities = push ? 1 : 0,
                                     .machine = "",
                                     .create = "",
                                     .role = role,
                                     .client = "raw client" } };
}

const QsReply *raw_client_try_hello(RawClient *client, const QsOperation *hello)
{
    QsClientFrame frame = { .request_id = client->last_id + 1,
                            .operations = hello,
                            .n_operations = 1 };
    const QsReply *reply;

    client->has_session = false;
    client->last_sequence = 0;
    raw_client_send(client, frame);
    reply = raw_client_await(client, frame.request_id);
    if (reply->status.code == QS_STATUS_OK) {
        g_assert_cmpuint(reply->n_results, ==, 1);
        g_assert_cmpint(reply->results[0].status.code, ==, QS_STATUS_OK);
        g_assert_cmpuint(reply->results[0].hello.session.len, ==, QS_TOKEN_BYTES);
        memcpy(client->token, reply->results[0].hello.session.data, QS_TOKEN_BYTES);
        client->has_session = true;
    }
    return reply;
}

void raw_client_hello(RawClient *client, QsRole role, bool push)
{
    QsOperation hello = raw_hello(role, push);
    const QsReply *reply = raw_client_try_hello(client, &hello);

    if (reply->status.code != QS_STATUS_OK) {
        g_error("Hello failed: %s", reply->status.text);
    }
}

RawClient *raw_client_open(const char *url, QsRole role, bool push)
{
    RawClient *client = raw_client_new(url);

    raw_client_hello(client, role, push);
    return client;
}

uint32_t raw_client_read32(RawClient *client, uint64_t address)
{
    const QsResult *result = raw_client_must(client, raw_read(address, 4));

    g_assert_cmpint(result->mmio.result, ==, QS_BUS_OK);
    return (uint32_t)result->mmio.data;
}

void raw_client_write32(RawClient *client, uint64_t address, uint32_t value)
{
    const QsResult *result = raw_client_must(client, raw_write(address, 4, value));

    g_assert_cmpint(result->mmio.result, ==, QS_BUS_OK);
}

QsOperation raw_read(uint64_t address, uint32_t size)
{
    return (QsOperation){ .kind = QS_OP_MMIO_READ,
                          .mmio = { .address = address, .size = size, .path = QS_PATH_CPU } };
}

QsOperation raw_write(uint64_t address, uint32_t size, uint64_t data)
{
    return (QsOperation){
        .kind = QS_OP_MMIO_WRITE,
        .mmio = { .address = address, .data = data, .size = size, .path = QS_PATH_CPU }
    };
}

QsOperation raw_line_set(const char *path, uint32_t index, int level)
{
    return (
        QsOperation){ .kind = QS_OP_LINE_SET,
                      .line_set = { .path = path, .name = "", .index = index, .level = level } };
}

QsOperation raw_advance_by(uint64_t ns)
{
    return (QsOperation){ .kind = QS_OP_ADVANCE, .advance = { .to = QS_ADVANCE_BY, .ns = ns } };
}

uint64_t raw_client_stat(RawClient *client, const char *name)
{
    const QsResult *result = raw_client_must(client, (QsOperation){ .kind = QS_OP_STATS });

    for (size_t i = 0; i < result->stats.n_entries; i++) {
        if (strcmp(result->stats.entries[i].name, name) == 0) {
            return result->stats.entries[i].value;
        }
    }
    g_error("there is no statistic '%s'", name);
}

void raw_client_clear_events(RawClient *client)
{
    g_array_set_size(client->events, 0);
    g_array_set_size(client->heard, 0);
}

void raw_client_await_events(RawClient *client, guint n)
{
    while (client->events->len < n) {
        if (!raw_client_receive(client, RAW_CLIENT_TIMEOUT_MS)) {
            g_error("%u events came, not %u", client->events->len, n);
        }
    }
}

static void print_event(GString *text, const QsEvent *event)
{
    switch (event->kind) {
    case QS_EVENT_LINE:
        g_string_append(text, "line ");
        if (event->line.watch != 0) {
            g_string_append_printf(text, "%" PRIu32 ".", event->line.watch);
        }
        g_string_append_printf(text, "%" PRIu32 "=%d", event->line.line, event->line.level);
        break;
    case QS_EVENT_GUEST_ERROR:
        g_string_append_printf(text, "error %s: %s", event->guest_error.path,
                               event->guest_error.text);
        break;
    case QS_EVENT_DEVICE_DELETED:
        g_string_append_printf(text, "deleted %s %s", event->device_deleted.id,
                               event->device_deleted.path);
        break;
    case QS_EVENT_RESET:
        g_string_append(text, "reset");
        break;
    case QS_EVENT_LAGGED:
        g_string_append_printf(text, "lagged %" PRIu64, event->lagged.dropped);
        break;
    default:
        g_string_append(text, "unknown");
    }
}

char *raw_print_events(const QsEvent *events, size_t n)
{
    GString *text = g_string_new(NULL);

    for (size_t i = 0; i < n; i++) {
        g_string_append(text, i > 0 ? ", " : "");
        print_event(text, &events[i]);
    }
    return g_string_free(text, FALSE);
}

char *raw_client_print_events(const RawClient *client)
{
    return raw_print_events((const QsEvent *)(const void *)client->events->data,
                            client->events->len);
}
