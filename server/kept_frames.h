/*
 * The last frames of a session, as they were sent: replies, so that a request that arrives again is answered without being
 * carried out again, and event frames, for a client that lost its connection before it had them. Bounded in number and in
 * bytes; the newest frame is always kept.
 */
#ifndef QOSIM_SERVER_KEPT_FRAMES_H
#define QOSIM_SERVER_KEPT_FRAMES_H

#include <stddef.h>
#include <stdint.h>

/* Of replies, unless --kept-replies and --kept-bytes say otherwise. */
#define KEPT_REPLIES 64u
#define KEPT_REPLIES_MAX 65536u
#define KEPT_BYTES ((size_t)4 * 1024 * 1024)
#define KEPT_BYTES_MAX ((size_t)1024 * 1024 * 1024)

/* Of frames that are no replies. */
#define KEPT_PUSHES 1024u
#define KEPT_PUSHES_BYTES ((size_t)1024 * 1024)

typedef struct SentFrame {
    uint64_t request_id;    /* of a reply; else 0 */
    uint64_t sequence;      /* 0: not in the stream */
    uint64_t events_before; /* in all frames before this one */
    uint8_t *data;          /* owned */
    size_t len;
    size_t room; /* bytes at @data, when it is kept */
} SentFrame;

typedef struct KeptFrames {
    size_t max;
    size_t max_bytes;
    SentFrame *
        ring; /* by ascending sequence, from @head on; of a power of two entries, NULL while there was none */
    size_t capacity;
    size_t head;
    size_t count;
    size_t bytes;
    uint64_t gone; /* sequence of the youngest that was dropped */
} KeptFrames;

void kept_frames_init(KeptFrames *kept, size_t max, size_t max_bytes);

/* Copies a frame in, with its bytes; its sequence is greater than all before. */
void kept_frames_add(KeptFrames *kept, const SentFrame *frame);

/* The reply to @request_id, borrowed until the next add; NULL when it is not there (any more). */
const SentFrame *kept_frames_find(const KeptFrames *kept, uint64_t request_id);

/* The oldest that is there from @sequence on, borrowed; NULL when there is none. */
const SentFrame *kept_frames_from(const KeptFrames *kept, uint64_t sequence);

/* Forgets them all. */
void kept_frames_clear(KeptFrames *kept);

#endif
