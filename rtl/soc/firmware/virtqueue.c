#include "virtqueue.h"

#include <stddef.h>

#define DESC_WRITE 2u
#define USED_NO_NOTIFY 1u

struct VirtqDesc {
    uint64_t address;
    uint32_t length;
    uint16_t flags;
    uint16_t next;
};

struct VirtqAvail {
    uint16_t flags;
    uint16_t index;
    uint16_t ring[];
};

struct VirtqUsed {
    uint16_t flags;
    uint16_t index;
    struct {
        uint32_t id;
        uint32_t length;
    } ring[];
};

/* What was written to memory before is seen before what is written, or read, after. */
static void barrier(void)
{
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

void virtq_init(Virtqueue *q, VirtqRing *ring, uint16_t num)
{
    uint32_t *words = (uint32_t *)(void *)ring->bytes;
    /* The available ring has a word for used_event behind it, which is not used. */
    const size_t avail = (size_t)16 * num;
    const size_t used = (avail + 6 + (size_t)2 * num + VIRTQ_ALIGN - 1) / VIRTQ_ALIGN * VIRTQ_ALIGN;

    for (size_t i = 0; i < VIRTQ_PAGE / 4; i++) {
        ((volatile uint32_t *)words)[i] = 0;
    }
    for (size_t i = 0; i < VIRTQ_SIZE; i++) {
        q->token[i] = NULL;
    }
    q->num = num;
    q->desc = (void *)ring->bytes;
    q->avail = (void *)(ring->bytes + avail);
    q->used = (void *)(ring->bytes + used);
    q->n_held = 0;
    q->next_avail = 0;
    q->last_used = 0;
    q->error = NULL;
}

bool virtq_add(Virtqueue *q, void *bytes, uint32_t length, bool device_fills, void *token)
{
    uint16_t head = 0;

    if (q->n_held == q->num) {
        return false;
    }
    while (q->token[head]) {
        head++;
    }
    q->token[head] = token;
    q->n_held++;
    q->desc[head].address = (uintptr_t)bytes;
    q->desc[head].length = length;
    q->desc[head].flags = device_fills ? DESC_WRITE : 0;
    q->desc[head].next = 0;
    q->avail->ring[q->next_avail % q->num] = head;
    barrier();
    q->avail->index = ++q->next_avail;
    barrier();
    return true;
}

void *virtq_take(Virtqueue *q, uint32_t *length)
{
    const uint16_t n = (uint16_t)(q->num ? q->used->index - q->last_used : 0);
    uint32_t id;
    void *token;

    if (n == 0 || q->error) {
        return NULL;
    }
    if (n > q->n_held) {
        q->error = "the device returned more buffers than it has";
        return NULL;
    }
    barrier();
    id = q->used->ring[q->last_used % q->num].id;
    if (id >= q->num || !q->token[id]) {
        q->error = "the device returned a buffer that it does not have";
        return NULL;
    }
    *length = q->used->ring[q->last_used % q->num].length;
    if (*length > q->desc[id].length) {
        *length = q->desc[id].length;
    }
    token = q->token[id];
    q->token[id] = NULL;
    q->n_held--;
    q->last_used++;
    return token;
}

bool virtq_wants_kick(const Virtqueue *q)
{
    return !(q->used->flags & USED_NO_NOTIFY);
}
