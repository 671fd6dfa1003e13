#include "server/kept_replies.h"

#include <glib.h>

static void drop_oldest(KeptReplies *kept)
{
    KeptReply *oldest = &kept->ring[kept->head];

    kept->bytes -= oldest->len;
    g_clear_pointer(&oldest->data, g_free);
    kept->head = (kept->head + 1) % KEPT_REPLIES_MAX;
    kept->count--;
}

void kept_replies_add(KeptReplies *kept, uint64_t request_id, const uint8_t *data, size_t len)
{
    KeptReply *entry;

    while (kept->count > 0 &&
           (kept->count == KEPT_REPLIES_MAX || kept->bytes + len > KEPT_REPLIES_MAX_BYTES)) {
        drop_oldest(kept);
    }
    entry = &kept->ring[(kept->head + kept->count) % KEPT_REPLIES_MAX];
    entry->request_id = request_id;
    entry->data = g_memdup2(data, len);
    entry->len = len;
    kept->count++;
    kept->bytes += len;
}

const KeptReply *kept_replies_find(const KeptReplies *kept, uint64_t request_id)
{
    for (size_t i = kept->count; i > 0; i--) {
        const KeptReply *entry = &kept->ring[(kept->head + i - 1) % KEPT_REPLIES_MAX];

        if (entry->request_id == request_id) {
            return entry;
        }
    }
    return NULL;
}

void kept_replies_clear(KeptReplies *kept)
{
    while (kept->count > 0) {
        drop_oldest(kept);
    }
}
