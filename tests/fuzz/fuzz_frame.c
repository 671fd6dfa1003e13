/*
 * The decoder of frames, in both directions, on any bytes. What decodes and can be encoded again decodes to the same:
 * a decoder that makes up something would show here.
 */
#include <stdint.h>
#include <stdlib.h>

#include <glib.h>

#include "proto/codec.h"
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
    return 0;
}
