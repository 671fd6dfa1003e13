/*
 * The events that wait for one session. Bounded: when there is no room the oldest are dropped, and the session is told how many
 * by a Lagged event in their place.
 */
#ifndef QOSIM_SERVER_EVENT_QUEUE_H
#define QOSIM_SERVER_EVENT_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "proto/arena.h"
#include "proto/message.h"

/* With these bounds all events of a queue, encoded, take less than EVENT_QUEUE_MAX_ENCODED bytes. */
#define EVENT_QUEUE_MAX_EVENTS 16384u
#define EVENT_QUEUE_MAX_TEXT ((size_t)768 * 1024)
#define EVENT_QUEUE_MAX_ENCODED (EVENT_QUEUE_MAX_TEXT + ((size_t)EVENT_QUEUE_MAX_EVENTS + 1) * 40)

/* An event of which several queues may hold a reference: its strings are GRefStrings, or NULL for "". */
typedef struct SharedEvent {
    QsEventKind kind;
    uint64_t time_ns;
    uint32_t watch;
    uint32_t line;    /* also the queue of a virtio device */
    int32_t level;    /* also what a chardev or a virtio device tells, and whether a port is open */
    GRefString *text; /* of a guest error; the id of a deleted device, chardev or port */
    GRefString *path;
} SharedEvent;

typedef struct EventQueue {
    SharedEvent *ring; /* of a power of two entries; NULL while nothing was ever queued */
    size_t capacity;
    size_t head;
    size_t count;
    size_t text_bytes;
    uint64_t dropped; /* since events were last taken */
} EventQueue;

/* Releases everything that @queue holds. */
void event_queue_clear(EventQueue *queue);

/* Appends @event, whose strings it references. Returns how many older ones had to go. */
uint64_t event_queue_push(EventQueue *queue, const SharedEvent *event);

/* Whether there is nothing to tell. */
static inline bool event_queue_is_empty(const EventQueue *queue)
{
    return queue->count == 0 && queue->dropped == 0;
}

/*
 * All events, oldest first, copied into @arena, behind a Lagged event stamped @now_ns if some were dropped. Changes nothing. False
 * when the arena is full.
 */
bool event_queue_peek(const EventQueue *queue, QsArena *arena, uint64_t now_ns,
                      const QsEvent **events, size_t *n);

/* Drops all events that wait; the session is told how many. */
void event_queue_lose(EventQueue *queue);

/* Forgets what event_queue_peek() gave: all events and the count of dropped ones. */
void event_queue_take(EventQueue *queue);

#endif
