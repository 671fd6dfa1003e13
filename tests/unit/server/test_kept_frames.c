/* The frames that a session keeps: found by request, in order from a sequence number on, bounded. */
#include <string.h>

#include <glib.h>

#include "server/kept_frames.h"

static void add(KeptFrames *kept, uint64_t sequence, uint64_t events_before, size_t len)
{
    static uint8_t data[4096];

    data[0] = (uint8_t)sequence;
    kept_frames_add(kept, &(SentFrame){ .request_id = sequence * 10,
                                        .sequence = sequence,
                                        .events_before = events_before,
                                        .data = data,
                                        .len = len });
}

static void test_in_order(void)
{
    KeptFrames kept;
    uint64_t next = 3;

    kept_frames_init(&kept, 8, 4096);
    g_assert_null(kept_frames_from(&kept, 1));
    for (uint64_t i = 1; i <= 20; i += 2) {
        add(&kept, i, i, 16);
    }
    g_assert_cmpuint(kept.count, ==, 8);
    g_assert_cmpuint(kept.gone, ==, 3); /* 1 and 3 had to go */
    for (uint64_t expected = 5; expected < 20; expected += 2) {
        const SentFrame *frame = kept_frames_from(&kept, next);

        g_assert_cmpuint(frame->sequence, ==, expected);
        g_assert_cmpuint(frame->events_before, ==, expected);
        g_assert_cmpuint(frame->data[0], ==, expected);
        next = frame->sequence + 1;
    }
    g_assert_null(kept_frames_from(&kept, next));
    kept_frames_clear(&kept);
}

static void test_bytes(void)
{
    KeptFrames kept;

    kept_frames_init(&kept, 100, 4096);
    add(&kept, 1, 0, 2048);
    add(&kept, 2, 0, 2048);
    g_assert_cmpuint(kept.count, ==, 2);
    add(&kept, 3, 0, 1);
    g_assert_cmpuint(kept.count, ==, 2);
    g_assert_null(kept_frames_find(&kept, 10));
    g_assert_cmpuint(kept_frames_find(&kept, 20)->sequence, ==, 2);
    add(&kept, 4, 0, 4096); /* the newest stays, and nothing beside it */
    g_assert_cmpuint(kept.count, ==, 1);
    g_assert_cmpuint(kept.gone, ==, 3);
    kept_frames_clear(&kept);
    g_assert_cmpuint(kept.bytes, ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/server/kept-frames/are-found-in-order", test_in_order);
    g_test_add_func("/server/kept-frames/bytes-are-bounded", test_bytes);
    return g_test_run();
}
