#include "server/event_queue.h"

#include <string.h>

#define FIRST_CAPACITY 64u

G_STATIC_ASSERT((EVENT_QUEUE_MAX_EVENTS & (EVENT_QUEUE_MAX_EVENTS - 1)) == 0);

static SharedEvent *entry(const EventQueue *queue, size_t i)
{
    return &queue->ring[(queue->head + i) & (queue->capacity - 1)];
}

static size_t text_size(const SharedEvent *event)
{
    return (event->text ? strlen(event->text) : 0) + (event->path ? strlen(event->path) : 0);
}

static void drop_oldest(EventQueue *queue)
{
    SharedEvent *event = entry(queue, 0);

    queue->text_bytes -= text_size(event);
    g_clear_pointer(&event->text, g_ref_string_release);
    g_clear_pointer(&event->path, g_ref_string_release);
    queue->head = (queue->head + 1) & (queue->capacity - 1);
    queue->count--;
}

static void grow(EventQueue *queue)
{
    size_t capacity = queue->capacity ? queue->capacity * 2 : FIRST_CAPACITY;
    SharedEvent *ring = g_new(SharedEvent, capacity);

    for (size_t i = 0; i < queue->count; i++) {
        ring[i] = *entry(queue, i);
    }
    g_free(queue->ring);
    queue->ring = ring;
    queue->capacity = capacity;
    queue->head = 0;
}

void event_queue_clear(EventQueue *queue)
{
    event_queue_take(queue);
    g_clear_pointer(&queue->ring, g_free);
    queue->capacity = 0;
}

uint64_t event_queue_push(EventQueue *queue, const SharedEvent *event)
{
    size_t size = text_size(event);
    uint64_t dropped = 0;

    while (queue->count > 0 && (queue->count == EVENT_QUEUE_MAX_EVENTS ||
                                queue->text_bytes + size > EVENT_QUEUE_MAX_TEXT)) {
        drop_oldest(queue);
        dropped++;
    }
    queue->dropped += dropped;
    if (queue->count == queue->capacity) {
        grow(queue);
    }
    *entry(queue, queue->count) = *event;
    if (event->text) {
        g_ref_string_acquire(event->text);
    }
    if (event->path) {
        g_ref_string_acquire(event->path);
    }
    queue->count++;
    queue->text_bytes += size;
    return dropped;
}

static const char *copy_text(QsArena *arena, const char *text)
{
    return text ? qs_arena_strdup(arena, text) : "";
}

static bool to_message(QsArena *arena, const SharedEvent *from, QsEvent *to)
{
    to->kind = from->kind;
    to->time_ns = from->time_ns;
    switch (from->kind) {
    case QS_EVENT_LINE:
        to->line.watch = from->watch;
        to->line.line = from->line;
        to->line.level = from->level;
        return true;
    case QS_EVENT_GUEST_ERROR:
        to->guest_error.path = copy_text(arena, from->path);
        to->guest_error.text = copy_text(arena, from->text);
        return to->guest_error.path && to->guest_error.text;
    case QS_EVENT_DEVICE_DELETED:
        to->device_deleted.id = copy_text(arena, from->text);
        to->device_deleted.path = copy_text(arena, from->path);
        return to->device_deleted.id && to->device_deleted.path;
    case QS_EVENT_CHARDEV:
        to->chardev.id = copy_text(arena, from->text);
        to->chardev.notice = (QsChardevNotice)from->level;
        return to->chardev.id;
    case QS_EVENT_VSERPORT:
        to->vserport.id = copy_text(arena, from->text);
        to->vserport.path = copy_text(arena, from->path);
        to->vserport.open = from->level != 0;
        return to->vserport.id && to->vserport.path;
    case QS_EVENT_VIRTIO:
        to->virtio.path = copy_text(arena, from->path);
        to->virtio.notice = (QsVirtioNotice)from->level;
        to->virtio.queue = from->line;
        return to->virtio.path;
    default:
        return true;
    }
}

bool event_queue_peek(const EventQueue *queue, QsArena *arena, uint64_t now_ns,
                      const QsEvent **events, size_t *n)
{
    QsEvent *list;
    size_t filled = 0;

    *events = NULL;
    *n = 0;
    if (event_queue_is_empty(queue)) {
        return true;
    }
    list = qs_arena_alloc0(arena, queue->count + 1, sizeof(*list));
    if (!list) {
        return false;
    }
    if (queue->dropped > 0) {
        list[filled].kind = QS_EVENT_LAGGED;
        list[filled].time_ns = now_ns;
        list[filled++].lagged.dropped = queue->dropped;
    }
    for (size_t i = 0; i < queue->count; i++) {
        if (!to_message(arena, entry(queue, i), &list[filled++])) {
            return false;
        }
    }
    *events = list;
    *n = filled;
    return true;
}

void event_queue_take(EventQueue *queue)
{
    if (queue->text_bytes == 0) {
        queue->count = 0; /* lines only: nothing to release one by one */
        queue->head = 0;
    }
    while (queue->count > 0) {
        drop_oldest(queue);
    }
    queue->dropped = 0;
}

void event_queue_lose(EventQueue *queue)
{
    uint64_t dropped = queue->dropped + queue->count;

    event_queue_take(queue);
    queue->dropped = dropped;
}
