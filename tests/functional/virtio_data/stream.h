/*
 * One direction of one port: random bytes that a sender makes and a receiver compares, with a hash at either end. Each byte follows
 * from the seed and its place, so that no copy is kept of what is under way, and what is lost can be stepped over.
 */
#ifndef QOSIM_TESTS_FUNCTIONAL_VIRTIO_DATA_STREAM_H
#define QOSIM_TESTS_FUNCTIONAL_VIRTIO_DATA_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

typedef struct Stream {
    uint64_t seed;
    uint64_t total;    /* bytes that will be sent */
    uint64_t sent;     /* place of the sender */
    uint64_t received; /* place of the receiver: what lies before has come or is lost */
    uint64_t lost;     /* bytes */
    GArray *gaps;      /* what is lost and lies before the receiver, in order */
    GChecksum *sent_hash;
    GChecksum *received_hash;
} Stream;

void stream_init(Stream *stream, uint64_t seed, uint64_t total);
void stream_clear(Stream *stream);

/* How many bytes are left to be sent, at most @max. */
size_t stream_left(const Stream *stream, size_t max);

/* The next @len bytes, which are not sent yet. */
void stream_peek(const Stream *stream, uint8_t *buf, size_t len);

/* The first @len of the bytes that were peeked at, @buf, are sent. */
void stream_send(Stream *stream, const uint8_t *buf, size_t len);

/* @len bytes came: they must be the next ones. */
void stream_receive(Stream *stream, const uint8_t *buf, size_t len);

/* How many bytes were sent, are not lost, and have not come yet. */
uint64_t stream_under_way(const Stream *stream);

/* The place of the receiver when @bytes more will have come. */
uint64_t stream_place_after(const Stream *stream, uint64_t bytes);

/* What was sent from @place on is lost. */
void stream_lose_rest(Stream *stream, uint64_t place);

/* The next @bytes that would come are lost; nothing behind them is. */
void stream_lose_next(Stream *stream, uint64_t bytes);

/* All that was sent has come or is lost. */
bool stream_is_settled(const Stream *stream);
bool stream_is_done(const Stream *stream);

/* Asserts that it is done, and, when nothing was lost, that both hashes are the same. */
void stream_check_end(Stream *stream);

#endif
