/* Random frames, broken at random. */
#include "tests/fuzz/run_main.h"

#include <string.h>

#include "proto/codec.h"
#include "tests/unit/proto/random_frame.h"

#define MAX_LEN 4096

static size_t make_frame(QsArena *arena, GRand *rand, uint8_t *to)
{
    uint8_t *data;
    size_t len;
    bool ok;

    qs_arena_reset(arena);
    if (g_rand_boolean(rand)) {
        QsClientFrame frame = g_rand_boolean(rand) ? random_client_frame(arena, rand)
                                                   : random_access_frame(arena, rand);

        ok = qs_encode_client_frame(arena, &frame, &data, &len, NULL);
    } else {
        QsServerFrame frame = g_rand_boolean(rand) ? random_server_frame(arena, rand)
                                                   : random_access_reply(arena, rand);

        ok = qs_encode_server_frame(arena, &frame, &data, &len, NULL);
    }
    len = ok ? MIN(len, MAX_LEN) : 0;
    if (len) {
        memcpy(to, data, len);
    }
    return len;
}

/* One change of a kind that shifts, cuts, repeats or alters bytes. */
static size_t break_frame(GRand *rand, uint8_t *data, size_t len)
{
    size_t at = len ? (size_t)g_rand_int_range(rand, 0, (gint32)len) : 0;
    size_t n = (size_t)g_rand_int_range(rand, 1, 9);

    switch (g_rand_int_range(rand, 0, 5)) {
    case 0:
        return at;
    case 1: /* take bytes out */
        n = MIN(n, len - at);
        memmove(data + at, data + at + n, len - at - n);
        return len - n;
    case 2: /* put bytes in */
        n = MIN(n, MAX_LEN - len);
        memmove(data + at + n, data + at, len - at);
        for (size_t i = 0; i < n; i++) {
            data[at + i] = (uint8_t)g_rand_int(rand);
        }
        return len + n;
    case 3: /* copy a piece to elsewhere */
        n = MIN(n * 4, len - at);
        memmove(data + (size_t)g_rand_int_range(rand, 0, (gint32)(len - n + 1)), data + at, n);
        return len;
    default:
        if (len) {
            data[at] ^= (uint8_t)(1u << g_rand_int_range(rand, 0, 8));
        }
        return len;
    }
}

void run_once(GRand *rand)
{
    QsArena *arena = qs_arena_new(QS_ARENA_BYTES);
    uint8_t data[MAX_LEN];
    size_t len = make_frame(arena, rand, data);

    for (int i = 0; i < 8; i++) {
        /* Of just this size, so that a byte read beyond shows under AddressSanitizer. */
        uint8_t *copy = g_memdup2(data, len);

        LLVMFuzzerTestOneInput(copy, len);
        g_free(copy);
        len = break_frame(rand, data, len);
    }
    qs_arena_free(arena);
}
