#include "server/kept_frames.h"

#include <string.h>

#include <glib.h>

#define FIRST_CAPACITY 8u

/* A frame's memory of so many bytes stays with its place in the ring. */
#define REUSED_BYTES 64u

void kept_frames_init(KeptFrames *kept, size_t max, size_t max_bytes)
{
    *kept = (KeptFrames){ .max = max, .max_bytes = max_bytes };
}

static SentFrame *entry(const KeptFrames *kept, size_t i)
{
    return &kept->ring[(kept->head + i) & (kept->capacity - 1)];
}

static void drop_oldest(KeptFrames *kept)
{
    SentFrame *oldest = entry(kept, 0);

    kept->bytes -= oldest->len;
    kept->gone = MAX(kept->gone, oldest->sequence);
    if (oldest->room > REUSED_BYTES) {
        g_clear_pointer(&oldest->data, g_free);
        oldest->room = 0;
    }
    kept->head = (kept->head + 1) & (kept->capacity - 1);
    kept->count--;
}

static void grow(KeptFrames *kept)
{
    size_t capacity = kept->capacity ? kept->capacity * 2 : FIRST_CAPACITY;
    SentFrame *ring = g_new0(SentFrame, capacity);

    for (size_t i = 0; i < kept->count; i++) {
        ring[i] = *entry(kept, i);
    }
    g_free(kept->ring);
    kept->ring = ring;
    kept->capacity = capacity;
    kept->head = 0;
}

/* The memory of a short frame that was in the same place does for the next one. */
static uint8_t *room_in(SentFrame *place, size_t len)
{
    if (len > place->room || !place->data) {
        g_free(place->data);
        place->room = MAX(len, REUSED_BYTES);
        place->data = g_malloc(place->room);
    }
    return place->data;
}

void kept_frames_add(KeptFrames *kept, const SentFrame *frame)
{
    SentFrame *copy;
    uint8_t *data;
    size_t room;

    while (kept->count > 0 &&
           (kept->count >= kept->max || kept->bytes + frame->len > kept->max_bytes)) {
        drop_oldest(kept);
    }
    if (kept->count == kept->capacity) {
        grow(kept);
    }
    copy = entry(kept, kept->count);
    data = room_in(copy, frame->len);
    room = copy->room;
    *copy = *frame;
    copy->data = data;
    copy->room = room;
    memcpy(copy->data, frame->data, frame->len);
    kept->count++;
    kept->bytes += frame->len;
}

/* From the youngest on: what is asked for again was asked for a moment ago. */
const SentFrame *kept_frames_find(const KeptFrames *kept, uint64_t request_id)
{
    for (size_t i = kept->count; i > 0; i--) {
        const SentFrame *frame = entry(kept, i - 1);

        if (frame->request_id == request_id) {
            return frame;
        }
    }
    return NULL;
}

const SentFrame *kept_frames_from(const KeptFrames *kept, uint64_t sequence)
{
    const SentFrame *found = NULL;

    for (size_t i = kept->count; i > 0 && entry(kept, i - 1)->sequence >= sequence; i--) {
        found = entry(kept, i - 1);
    }
    return found;
}

void kept_frames_clear(KeptFrames *kept)
{
    while (kept->count > 0) {
        drop_oldest(kept);
    }
    for (size_t i = 0; i < kept->capacity; i++) {
        g_free(kept->ring[i].data);
    }
    g_clear_pointer(&kept->ring, g_free);
    kept->capacity = kept->head = 0;
}
