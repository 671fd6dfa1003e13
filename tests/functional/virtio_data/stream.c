#include "tests/functional/virtio_data/stream.h"

#include <string.h>

/* Sent, and lost on the way: bytes [from, to). */
typedef struct Gap {
    uint64_t from;
    uint64_t to;
} Gap;

void stream_init(Stream *stream, uint64_t seed, uint64_t total)
{
    *stream = (Stream){
        .seed = seed,
        .total = total,
        .gaps = g_array_new(FALSE, FALSE, sizeof(Gap)),
        .sent_hash = g_checksum_new(G_CHECKSUM_SHA1),
        .received_hash = g_checksum_new(G_CHECKSUM_SHA1),
    };
}

void stream_clear(Stream *stream)
{
    g_array_unref(stream->gaps);
    g_checksum_free(stream->sent_hash);
    g_checksum_free(stream->received_hash);
}

/* Eight bytes of the stream: the finalizer of SplitMix64. */
static uint64_t word_at(uint64_t seed, uint64_t index)
{
    uint64_t z = seed + (index + 1) * UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static void make(uint64_t seed, uint64_t place, uint8_t *buf, size_t len)
{
    while (len > 0) {
        uint64_t word = GUINT64_TO_LE(word_at(seed, place / 8));
        size_t skip = place % 8;
        size_t n = MIN(8 - skip, len);

        memcpy(buf, (const uint8_t *)&word + skip, n);
        buf += n;
        place += n;
        len -= n;
    }
}

size_t stream_left(const Stream *stream, size_t max)
{
    return (size_t)MIN(stream->total - stream->sent, max);
}

void stream_peek(const Stream *stream, uint8_t *buf, size_t len)
{
    g_assert_cmpuint(len, <=, stream->total - stream->sent);
    make(stream->seed, stream->sent, buf, len);
}

void stream_send(Stream *stream, const uint8_t *buf, size_t len)
{
    g_checksum_update(stream->sent_hash, buf, (gssize)len);
    stream->sent += len;
}

/* Steps over what is lost right behind the receiver. */
static void skip_gaps(Stream *stream)
{
    while (stream->gaps->len > 0 && g_array_index(stream->gaps, Gap, 0).from == stream->received) {
        stream->received = g_array_index(stream->gaps, Gap, 0).to;
        g_array_remove_index(stream->gaps, 0);
    }
}

static uint64_t next_gap(const Stream *stream)
{
    return stream->gaps->len > 0 ? g_array_index(stream->gaps, Gap, 0).from : stream->sent;
}

static void compare(const Stream *stream, const uint8_t *buf, size_t len)
{
    uint8_t expected[4096];

    for (size_t done = 0; done < len;) {
        size_t n = MIN(len - done, sizeof(expected));

        make(stream->seed, stream->received + done, expected, n);
        if (memcmp(expected, buf + done, n) != 0) {
            g_error("wrong bytes between %" G_GUINT64_FORMAT " and %" G_GUINT64_FORMAT
                    " of the stream",
                    stream->received + done, stream->received + done + n);
        }
        done += n;
    }
}

void stream_receive(Stream *stream, const uint8_t *buf, size_t len)
{
    g_checksum_update(stream->received_hash, buf, (gssize)len);
    while (len > 0) {
        size_t n = (size_t)MIN(next_gap(stream) - stream->received, len);

        if (n == 0) {
            g_error("%zu bytes more than were sent", len);
        }
        compare(stream, buf, n);
        stream->received += n;
        skip_gaps(stream);
        buf += n;
        len -= n;
    }
}

uint64_t stream_under_way(const Stream *stream)
{
    uint64_t bytes = stream->sent - stream->received;

    for (guint i = 0; i < stream->gaps->len; i++) {
        const Gap *gap = &g_array_index(stream->gaps, Gap, i);

        bytes -= gap->to - gap->from;
    }
    return bytes;
}

uint64_t stream_place_after(const Stream *stream, uint64_t bytes)
{
    uint64_t place = stream->received;

    for (guint i = 0; i < stream->gaps->len; i++) {
        const Gap *gap = &g_array_index(stream->gaps, Gap, i);

        if (bytes < gap->from - place) {
            break;
        }
        bytes -= gap->from - place;
        place = gap->to;
    }
    return place + bytes;
}

void stream_lose_rest(Stream *stream, uint64_t place)
{
    Gap gap = { place, stream->sent };

    g_assert_cmpuint(place, <=, stream->sent);
    if (gap.from < gap.to) {
        g_array_append_val(stream->gaps, gap);
        stream->lost += gap.to - gap.from;
        skip_gaps(stream);
    }
}

void stream_lose_next(Stream *stream, uint64_t bytes)
{
    g_assert_cmpuint(stream->gaps->len, ==, 0);
    g_assert_cmpuint(bytes, <=, stream->sent - stream->received);
    stream->received += bytes;
    stream->lost += bytes;
}

bool stream_is_settled(const Stream *stream)
{
    return stream->received == stream->sent;
}

bool stream_is_done(const Stream *stream)
{
    return stream_is_settled(stream) && stream->sent == stream->total;
}

void stream_check_end(Stream *stream)
{
    g_assert_true(stream_is_done(stream));
    if (!stream->lost) {
        g_assert_cmpstr(g_checksum_get_string(stream->sent_hash), ==,
                        g_checksum_get_string(stream->received_hash));
    }
}
