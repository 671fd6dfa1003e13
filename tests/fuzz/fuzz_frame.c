/*
 * The decoder of frames, in both directions, on any bytes. What decodes and can be encoded again decodes to the same:
 * a decoder that makes up something would show here.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <glib.h>

#include "proto/codec.h"
#include "proto/codec_internal.h"
#include "tests/unit/proto/random_frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_same(char *first, char *second)
{
    if (!g_str_equal(first, second)) {
        g_printerr("decoded:\n%s\nagain:\n%s\n", first, second);
        abort();
    }
    g_free(first);
    g_free(second);
}

static void check_client(QsArena *arena, const uint8_t *data, size_t size)
{
    QsClientFrame frame;
    QsClientFrame again;
    QsError error;
    uint8_t *encoded;
    size_t len;

    if (!qs_decode_client_frame(arena, data, size, &frame, &error) ||
        !qs_encode_client_frame(arena, &frame, &encoded, &len, &error)) {
        return;
    }
    if (!qs_decode_client_frame(arena, encoded, len, &again, &error)) {
        g_printerr("%s\n", error.text);
        abort();
    }
    check_same(describe_client_frame(&frame), describe_client_frame(&again));
}

static void check_server(QsArena *arena, const uint8_t *data, size_t size)
{
    QsServerFrame frame;
    QsServerFrame again;
    QsError error;
    uint8_t *encoded;
    size_t len;

    if (!qs_decode_server_frame(arena, data, size, &frame, &error) ||
        !qs_encode_server_frame(arena, &frame, &encoded, &len, &error)) {
        return;
    }
    if (!qs_decode_server_frame(arena, encoded, len, &again, &error)) {
        g_printerr("%s\n", error.text);
        abort();
    }
    check_same(describe_server_frame(&frame), describe_server_frame(&again));
}

/* The quick way takes nothing that the general way takes otherwise, and writes what that writes. */
static void check_hot_client(QsArena *arena, const uint8_t *data, size_t size)
{
    QsClientFrame hot = { .request_id = 0 };
    QsClientFrame frame;
    uint8_t *bytes[2];
    size_t len[2];
    QsError error;

    if (!codec_hot_get_client(arena, data, size, &hot)) {
        return;
    }
    if (!codec_get_client(arena, data, size, &frame, &error)) {
        abort();
    }
    check_same(describe_client_frame(&hot), describe_client_frame(&frame));
    if (!codec_hot_put_client(arena, &hot, &bytes[0], &len[0]) ||
        !codec_put_client(arena, &hot, &bytes[1], &len[1], &error) || len[0] != len[1] ||
        memcmp(bytes[0], bytes[1], len[0]) != 0) {
        abort();
    }
}

static void check_hot_server(QsArena *arena, const uint8_t *data, size_t size)
{
    QsServerFrame hot = { .sequence = 0 };
    QsServerFrame frame;
    uint8_t *bytes[2];
    size_t len[2];
    QsError error;

    if (!codec_hot_get_server(arena, data, size, &hot)) {
        return;
    }
    if (!codec_get_server(arena, data, size, &frame, &error)) {
        abort();
    }
    check_same(describe_server_frame(&hot), describe_server_frame(&frame));
    if (!codec_hot_put_server(arena, &hot, &bytes[0], &len[0]) ||
        !codec_put_server(arena, &hot, &bytes[1], &len[1], &error) || len[0] != len[1] ||
        memcmp(bytes[0], bytes[1], len[0]) != 0) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static QsArena *arena;

    if (!arena) {
        /* Three frames' worth: the decoded, the encoded and the one decoded again. */
        arena = qs_arena_new((size_t)3 * QS_ARENA_BYTES);
    }
    qs_arena_reset(arena);
    check_client(arena, data, size);
    qs_arena_reset(arena);
    check_server(arena, data, size);
    qs_arena_reset(arena);
    check_hot_client(arena, data, size);
    qs_arena_reset(arena);
    check_hot_server(arena, data, size);
    return 0;
}
