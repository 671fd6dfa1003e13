/*
 * The last replies of a session, as they were sent, so that a request that arrives again is answered without being carried
 * out again. Bounded in number and in bytes; the newest reply is always kept.
 */
#ifndef QOSIM_SERVER_KEPT_REPLIES_H
#define QOSIM_SERVER_KEPT_REPLIES_H

#include <stddef.h>
#include <stdint.h>

#define KEPT_REPLIES_MAX 64u
#define KEPT_REPLIES_MAX_BYTES ((size_t)4 * 1024 * 1024)

typedef struct KeptReply {
    uint64_t request_id;
    uint8_t *data; /* owned */
    size_t len;
} KeptReply;

typedef struct KeptReplies {
    KeptReply ring[KEPT_REPLIES_MAX]; /* by ascending request id, from @head on */
    size_t head;
    size_t count;
    size_t bytes;
} KeptReplies;

/* Copies a reply in; its request id is greater than all before. */
void kept_replies_add(KeptReplies *kept, uint64_t request_id, const uint8_t *data, size_t len);

/* The reply to @request_id, borrowed until the next add; NULL when it is not there (any more). */
const KeptReply *kept_replies_find(const KeptReplies *kept, uint64_t request_id);

void kept_replies_clear(KeptReplies *kept);

#endif
