#include "server/event_queue.h"

#include <string.h>

static QsArena *arena;

static void push_line(EventQueue *queue, uint32_t line, uint64_t dropped)
{
    SharedEvent event = { .kind = QS_EVENT_LINE, .time_ns = line, .line = line, .level = 1 };

    g_assert_cmpuint(event_queue_push(queue, &event), ==, dropped);
}

static size_t peek(const EventQueue *queue, const QsEvent **events)
{
    size_t n;

    qs_arena_reset(arena);
    g_assert_true(event_queue_peek(queue, arena, 99, events, &n));
    return n;
}

static void test_order(void)
{
    EventQueue queue = { 0 };
    const QsEvent *events;

    g_assert_true(event_queue_is_empty(&queue));
    g_assert_cmpuint(peek(&queue, &events), ==, 0);
    for (uint32_t round = 0; round < 5; round++) {
        for (uint32_t i = 0; i < 100; i++) {
            push_line(&queue, i, 0);
        }
        g_assert_cmpuint(peek(&queue, &events), ==, 100);
        for (uint32_t i = 0; i < 100; i++) {
            g_assert_cmpuint(events[i].line.line, ==, i);
        }
        g_assert_cmpuint(peek(&queue, &events), ==, 100); /* a look changes nothing */
        event_queue_take(&queue);
        g_assert_true(event_queue_is_empty(&queue));
    }
    event_queue_clear(&queue);
}

static void test_lagged(void)
{
    EventQueue queue = { 0 };
    const QsEvent *events;

    for (uint32_t i = 0; i < EVENT_QUEUE_MAX_EVENTS; i++) {
        push_line(&queue, i, 0);
    }
    for (uint32_t i = 0; i < 3; i++) {
        push_line(&queue, EVENT_QUEUE_MAX_EVENTS + i, 1);
    }
    g_assert_cmpuint(peek(&queue, &events), ==, EVENT_QUEUE_MAX_EVENTS + 1);
    g_assert_cmpint(events[0].kind, ==, QS_EVENT_LAGGED);
    g_assert_cmpuint(events[0].lagged.dropped, ==, 3);
    g_assert_cmpuint(events[0].time_ns, ==, 99);
    g_assert_cmpuint(events[1].line.line, ==, 3); /* the oldest went */
    g_assert_cmpuint(events[EVENT_QUEUE_MAX_EVENTS].line.line, ==, EVENT_QUEUE_MAX_EVENTS + 2);
    event_queue_take(&queue);
    g_assert_true(event_queue_is_empty(&queue));
    event_queue_clear(&queue);
}

static void test_text_bound(void)
{
    EventQueue queue = { 0 };
    g_autofree char *text = g_strnfill(4096, 'x');
    SharedEvent event = { .kind = QS_EVENT_GUEST_ERROR, .text = g_ref_string_new(text) };
    size_t fitting = EVENT_QUEUE_MAX_TEXT / 4096;
    const QsEvent *events;

    for (size_t i = 0; i < fitting; i++) {
        g_assert_cmpuint(event_queue_push(&queue, &event), ==, 0);
    }
    push_line(&queue, 1, 0);
    g_assert_cmpuint(event_queue_push(&queue, &event), ==, 1);
    g_assert_cmpuint(queue.text_bytes, <=, EVENT_QUEUE_MAX_TEXT);
    g_assert_cmpuint(peek(&queue, &events), ==, fitting + 2);
    g_assert_cmpstr(events[1].guest_error.text, ==, text);
    g_assert_cmpstr(events[1].guest_error.path, ==, "");
    event_queue_take(&queue);
    g_assert_cmpuint(queue.text_bytes, ==, 0);
    event_queue_clear(&queue);
    g_ref_string_release(event.text);
}

static void test_lose(void)
{
    EventQueue queue = { 0 };
    const QsEvent *events;

    push_line(&queue, 1, 0);
    push_line(&queue, 2, 0);
    event_queue_lose(&queue);
    g_assert_cmpuint(peek(&queue, &events), ==, 1);
    g_assert_cmpuint(events[0].lagged.dropped, ==, 2);
    event_queue_clear(&queue);
}

static void test_full_arena(void)
{
    EventQueue queue = { 0 };
    SharedEvent event = { .kind = QS_EVENT_DEVICE_DELETED, .path = g_ref_string_new("/a/b") };
    QsArena *small = qs_arena_new(16);
    const QsEvent *events;
    size_t n;

    event_queue_push(&queue, &event);
    g_assert_false(event_queue_peek(&queue, small, 0, &events, &n));
    g_assert_cmpuint(n, ==, 0);
    g_assert_cmpuint(peek(&queue, &events), ==, 1);
    g_assert_cmpstr(events[0].device_deleted.path, ==, "/a/b");
    g_assert_cmpstr(events[0].device_deleted.id, ==, "");
    event_queue_clear(&queue);
    g_ref_string_release(event.path);
    qs_arena_free(small);
}

int main(int argc, char **argv)
{
    int status;

    g_test_init(&argc, &argv, NULL);
    arena = qs_arena_new(QS_ARENA_BYTES);
    g_test_add_func("/server/events/leave-in-the-order-they-came", test_order);
    g_test_add_func("/server/events/oldest-are-dropped-and-counted", test_lagged);
    g_test_add_func("/server/events/texts-are-bounded-too", test_text_bound);
    g_test_add_func("/server/events/lost-ones-are-counted", test_lose);
    g_test_add_func("/server/events/full-arena-loses-none", test_full_arena);
    status = g_test_run();
    qs_arena_free(arena);
    return status;
}
