/* The quick way through the codec, which is by hand, next to the general one, which is protobuf-c: the same in both directions. */
#include <string.h>

#include <glib.h>

#include "proto/codec.h"
#include "proto/codec_internal.h"
#include "tests/unit/proto/random_frame.h"

typedef struct Fixture {
    QsArena *made;
    QsArena *coded;
    GRand *rand;
    unsigned taken; /* frames and bytes that went the quick way */
} Fixture;

static void set_up(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    f->made = qs_arena_new(QS_ARENA_BYTES);
    f->coded = qs_arena_new((size_t)2 * QS_ARENA_BYTES);
    f->rand = g_rand_new_with_seed(7);
    f->taken = 0;
}

static void tear_down(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    qs_arena_free(f->made);
    qs_arena_free(f->coded);
    g_rand_free(f->rand);
}

static void again(Fixture *f)
{
    qs_arena_reset(f->made);
    qs_arena_reset(f->coded);
}

static void check_texts(char *quick, char *general)
{
    g_assert_cmpstr(quick, ==, general);
    g_free(quick);
    g_free(general);
}

/* What the quick way accepts, the general one accepts as the same. */
static void check_client_bytes(Fixture *f, const uint8_t *data, size_t len)
{
    QsClientFrame quick = { .request_id = 0 };
    QsClientFrame general;
    QsError error = { .text = "" };

    if (!codec_hot_get_client(f->coded, data, len, &quick)) {
        return;
    }
    f->taken++;
    g_assert_true(codec_get_client(f->coded, data, len, &general, &error));
    check_texts(describe_client_frame(&quick), describe_client_frame(&general));
}

static void check_server_bytes(Fixture *f, const uint8_t *data, size_t len)
{
    QsServerFrame quick = { .sequence = 0 };
    QsServerFrame general;
    QsError error = { .text = "" };

    if (!codec_hot_get_server(f->coded, data, len, &quick)) {
        return;
    }
    f->taken++;
    g_assert_true(codec_get_server(f->coded, data, len, &general, &error));
    check_texts(describe_server_frame(&quick), describe_server_frame(&general));
}

static void test_client_frames(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    for (int i = 0; i < 20000; i++) {
        QsClientFrame frame = random_access_frame(f->made, f->rand);
        uint8_t *quick;
        uint8_t *general;
        size_t quick_len;
        size_t general_len;

        if (codec_hot_put_client(f->coded, &frame, &quick, &quick_len)) {
            f->taken++;
            g_assert_true(codec_put_client(f->coded, &frame, &general, &general_len, NULL));
            g_assert_cmpmem(quick, quick_len, general, general_len);
            check_client_bytes(f, quick, quick_len);
        }
        again(f);
    }
    g_assert_cmpuint(f->taken, >, 15000);
}

static void test_server_frames(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    for (int i = 0; i < 20000; i++) {
        QsServerFrame frame = random_access_reply(f->made, f->rand);
        uint8_t *quick;
        uint8_t *general;
        size_t quick_len;
        size_t general_len;

        if (codec_hot_put_server(f->coded, &frame, &quick, &quick_len)) {
            f->taken++;
            g_assert_true(codec_put_server(f->coded, &frame, &general, &general_len, NULL));
            g_assert_cmpmem(quick, quick_len, general, general_len);
            check_server_bytes(f, quick, quick_len);
        }
        again(f);
    }
    g_assert_cmpuint(f->taken, >, 5000);
}

/* One change; a copy of just the size, so that a byte read beyond shows under AddressSanitizer. */
static uint8_t *change(Fixture *f, const uint8_t *data, size_t *len)
{
    uint8_t *copy;
    size_t at;

    if (*len > 1 && g_rand_int_range(f->rand, 0, 4) == 0) {
        *len = (size_t)g_rand_int_range(f->rand, 0, (gint32)*len);
    }
    copy = g_memdup2(data, *len);
    if (*len > 0) {
        at = (size_t)g_rand_int_range(f->rand, 0, (gint32)*len);
        copy[at] ^= (uint8_t)(1u << g_rand_int_range(f->rand, 0, 8));
    }
    return copy;
}

static void test_broken_bytes(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    for (int i = 0; i < 20000; i++) {
        QsClientFrame client = random_access_frame(f->made, f->rand);
        QsServerFrame server = random_access_reply(f->made, f->rand);
        uint8_t *bytes;
        uint8_t *copy;
        size_t len;

        if (qs_encode_client_frame(f->made, &client, &bytes, &len, NULL)) {
            copy = change(f, bytes, &len);
            check_client_bytes(f, copy, len);
            g_free(copy);
        }
        if (qs_encode_server_frame(f->made, &server, &bytes, &len, NULL)) {
            copy = change(f, bytes, &len);
            check_server_bytes(f, copy, len);
            g_free(copy);
        }
        again(f);
    }
    g_assert_cmpuint(f->taken, >, 1000);
}

/* Numbers at the limits of their types, and one bit beyond. */
static void test_longest_numbers(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    QsOperation o = { .kind = QS_OP_MMIO_WRITE,
                      .mmio = { UINT64_MAX, UINT64_MAX, UINT32_MAX, QS_PATH_DMA } };
    uint8_t token[QS_TOKEN_BYTES] = { 1 };
    QsClientFrame frame = { .session = { token, sizeof(token) },
                            .request_id = UINT64_MAX,
                            .has_virtual_time = true,
                            .virtual_time_ns = UINT64_MAX,
                            .operations = &o,
                            .n_operations = 1,
                            .posted = true,
                            .after = UINT64_MAX,
                            .epoch = UINT32_MAX };
    QsClientFrame got = { .request_id = 0 };
    uint8_t *bytes;
    size_t len;

    g_assert_true(codec_hot_put_client(f->coded, &frame, &bytes, &len));
    g_assert_true(codec_hot_get_client(f->coded, bytes, len, &got));
    check_texts(describe_client_frame(&got), describe_client_frame(&frame));
    /* the 10th byte of the request id, behind the token and its tag, has one bit to spare */
    g_assert_cmphex(bytes[18 + 10], ==, 1);
    bytes[18 + 10] = 2;
    g_assert_false(codec_hot_get_client(f->coded, bytes, len, &got));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add("/codec/hot/client-frames-have-the-same-bytes", Fixture, NULL, set_up,
               test_client_frames, tear_down);
    g_test_add("/codec/hot/server-frames-have-the-same-bytes", Fixture, NULL, set_up,
               test_server_frames, tear_down);
    g_test_add("/codec/hot/broken-bytes-mean-the-same-or-go-the-general-way", Fixture, NULL, set_up,
               test_broken_bytes, tear_down);
    g_test_add("/codec/hot/longest-numbers-pass", Fixture, NULL, set_up, test_longest_numbers,
               tear_down);
    return g_test_run();
}
