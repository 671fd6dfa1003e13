#include "proto/shm_ring.h"

#include <string.h>

_Static_assert(sizeof(ShmLine) == 64, "a line is a cache line");
_Static_assert(SHM_MAX_PIECE % SHM_LINE_BYTES == 0, "the longest piece fills its lines");
_Static_assert((SHM_RING_LINES & (SHM_RING_LINES - 1)) == 0, "positions wrap with the ring");

static size_t lines_of(size_t len)
{
    return len <= SHM_LINE_BYTES ? 1 : (len + SHM_LINE_BYTES - 1) / SHM_LINE_BYTES;
}

/* Whether @n more lines are free; looks at the reader's count only when what is known of it does not do. */
static ShmIo find_room(ShmWriter *w, size_t n)
{
    if (w->at + n - w->consumed > SHM_RING_LINES) {
        uint64_t consumed = atomic_load_explicit(&w->state->consumed, memory_order_acquire);

        if (w->at - consumed > SHM_RING_LINES) {
            return SHM_CORRUPT; /* more than was written, or less than was read before */
        }
        w->consumed = consumed;
    }
    return w->at + n - w->consumed > SHM_RING_LINES ? SHM_NOTHING : SHM_OK;
}

ShmIo shm_write(ShmWriter *w, const uint8_t *data, size_t len, bool more)
{
    size_t n = lines_of(len);
    ShmLine *first = &w->lines[w->at % SHM_RING_LINES];
    uint64_t tag = (uint32_t)(w->at / SHM_RING_LINES) + 1u;
    ShmIo io = find_room(w, n);

    if (io != SHM_OK) {
        return io;
    }
    for (size_t i = 0; i < n && len > i * SHM_LINE_BYTES; i++) {
        size_t left = len - i * SHM_LINE_BYTES;

        memcpy(w->lines[(w->at + i) % SHM_RING_LINES].payload, data + i * SHM_LINE_BYTES,
               left < SHM_LINE_BYTES ? left : SHM_LINE_BYTES);
    }
    w->at += n;
    atomic_store_explicit(&first->head, tag << 32 | (more ? SHM_MORE : 0u) | len,
                          memory_order_release);
    return SHM_OK;
}

ShmIo shm_peek(const ShmReader *r, size_t *len, bool *more)
{
    uint64_t head =
        atomic_load_explicit(&r->lines[r->at % SHM_RING_LINES].head, memory_order_acquire);

    if (head >> 32 != (uint32_t)(r->at / SHM_RING_LINES) + 1u) {
        return SHM_NOTHING;
    }
    *len = head & (SHM_MORE - 1u);
    *more = head & SHM_MORE;
    return *len <= SHM_MAX_PIECE ? SHM_OK : SHM_CORRUPT;
}

void shm_take_line(ShmReader *r, uint8_t *to)
{
    memcpy(to, r->lines[r->at % SHM_RING_LINES].payload, SHM_LINE_BYTES);
    r->at++;
    atomic_store_explicit(&r->state->consumed, r->at, memory_order_release);
}

void shm_take(ShmReader *r, uint8_t *to, size_t len)
{
    for (size_t done = 0; done < len; done += SHM_LINE_BYTES) {
        size_t left = len - done;

        memcpy(to + done, r->lines[(r->at + done / SHM_LINE_BYTES) % SHM_RING_LINES].payload,
               left < SHM_LINE_BYTES ? left : SHM_LINE_BYTES);
    }
    r->at += lines_of(len);
    atomic_store_explicit(&r->state->consumed, r->at, memory_order_release);
}
