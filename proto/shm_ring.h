/*
 * A ring of bytes in memory that two processes share: one writes, the other reads, and neither trusts the other.
 *
 * The ring is made of lines the size of a cache line. A piece of a frame begins on a line of its own, whose first 8 bytes tell
 * that it is there and how long it is; so a short frame costs the reader the one cache miss that no message can do
 * without. The reader recognises a new piece by its tag, which counts the laps of the ring: bytes of an earlier lap never look
 * like one, because the first 8 bytes of a line hold nothing but tags.
 */
#ifndef QOSIM_PROTO_SHM_RING_H
#define QOSIM_PROTO_SHM_RING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHM_RING_LINES 512u
#define SHM_LINE_BYTES 56u /* of payload */

/* The longest piece: a frame that is longer goes in several, so that the reader can begin before the writer is done. */
#define SHM_MAX_PIECE 7168u /* a quarter of the ring */

typedef struct ShmLine {
    _Atomic uint64_t head; /* tag << 32 | SHM_MORE | length */
    uint8_t payload[SHM_LINE_BYTES];
} ShmLine;

/* The piece is not the frame's last. */
#define SHM_MORE 0x80000000u

/* What both sides write once in a while, each on lines of its own; 128 bytes, because processors fetch lines by the pair. */
typedef struct ShmRingState {
    _Alignas(128) _Atomic uint64_t consumed; /* by the reader: lines that may be written again */
    /* By the reader: it does not look at the ring, and wants the doorbell for every frame. */
    _Alignas(128) _Atomic uint32_t reader_sleeps;
    _Alignas(128) _Atomic uint32_t writer_waits; /* by the writer: it wants the doorbell for room */
} ShmRingState;

typedef struct ShmWriter {
    ShmLine *lines;
    ShmRingState *state;
    uint64_t at;       /* lines written */
    uint64_t consumed; /* of them known to be read */
} ShmWriter;

typedef struct ShmReader {
    ShmLine *lines;
    ShmRingState *state;
    uint64_t at; /* lines read */
} ShmReader;

typedef enum ShmIo {
    SHM_OK,
    SHM_NOTHING, /* no piece, or no room, at the moment */
    SHM_CORRUPT, /* the other side has written what it never would */
} ShmIo;

/* Writes one piece of at most SHM_MAX_PIECE bytes, with the bytes in place before the tag. */
ShmIo shm_write(ShmWriter *writer, const uint8_t *data, size_t len, bool more);

/* Whether a piece has come: a look at one word. */
static inline bool shm_is_ready(const ShmReader *reader)
{
    uint64_t head = atomic_load_explicit(&reader->lines[reader->at % SHM_RING_LINES].head,
                                         memory_order_relaxed);

    return head >> 32 == (uint32_t)(reader->at / SHM_RING_LINES) + 1u;
}

/*
 * What the next piece says of itself, checked against the limits. It stays in the ring until shm_take(), which copies @len bytes,
 * as told here, whatever the ring says by then.
 */
ShmIo shm_peek(const ShmReader *reader, size_t *len, bool *more);
void shm_take(ShmReader *reader, uint8_t *to, size_t len);

/* The same for a piece that is no longer than a line: copies SHM_LINE_BYTES, because that is quicker. */
void shm_take_line(ShmReader *reader, uint8_t *to);

#endif
