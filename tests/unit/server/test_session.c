#include "server/session.h"

#include <string.h>

static void keep(Session *session, uint64_t id, size_t len)
{
    static uint8_t data[KEPT_BYTES + 1];
    const SentFrame *kept;

    memset(data, (int)id, len);
    g_assert_cmpint(session_turn(session, id, 0, &kept), ==, SESSION_TURN_NEW);
    g_assert_null(kept);
    kept_frames_add(&session->kept,
                    &(SentFrame){ .request_id = id, .sequence = id, .data = data, .len = len });
}

static void test_window(void)
{
    const uint64_t max = KEPT_REPLIES;
    Session *session = session_new("me", QS_ROLE_OBSERVER, false);
    const SentFrame *kept;

    for (uint64_t id = 1; id <= 2 * max; id++) {
        keep(session, id * 10, 8); /* ids may jump */
    }
    g_assert_cmpint(session_turn(session, 20 * max, 0, &kept), ==, SESSION_TURN_REPEATED);
    g_assert_cmpuint(kept->request_id, ==, 20 * max);
    g_assert_cmpuint(kept->len, ==, 8);
    g_assert_cmpint(session_turn(session, 10 * (max + 1), 0, &kept), ==, SESSION_TURN_REPEATED);
    g_assert_cmpuint(kept->data[0], ==, (uint8_t)(10 * (max + 1)));
    g_assert_cmpint(session_turn(session, 10 * max, 0, &kept), ==, SESSION_TURN_STALE);
    g_assert_cmpint(session_turn(session, 15, 0, &kept), ==, SESSION_TURN_STALE);
    g_assert_cmpint(session_turn(session, 0, 0, &kept), ==, SESSION_TURN_STALE);
    g_assert_cmpuint(session->last_id, ==, 20 * max);
    session_free(session);
}

static void test_bytes(void)
{
    Session *session = session_new("me", QS_ROLE_OBSERVER, false);
    const SentFrame *kept;

    keep(session, 1, 10);
    keep(session, 2, KEPT_BYTES / 2);
    keep(session, 3, KEPT_BYTES / 2);
    g_assert_cmpint(session_turn(session, 1, 0, &kept), ==, SESSION_TURN_STALE);
    g_assert_cmpint(session_turn(session, 2, 0, &kept), ==, SESSION_TURN_REPEATED);
    keep(session, 4, KEPT_BYTES + 1); /* the newest is kept whatever its size */
    g_assert_cmpint(session_turn(session, 3, 0, &kept), ==, SESSION_TURN_STALE);
    g_assert_cmpint(session_turn(session, 4, 0, &kept), ==, SESSION_TURN_REPEATED);
    keep(session, 5, 10);
    g_assert_cmpint(session_turn(session, 4, 0, &kept), ==, SESSION_TURN_STALE);
    g_assert_cmpint(session_turn(session, 5, 0, &kept), ==, SESSION_TURN_REPEATED);
    session_free(session);
}

static void test_tokens(void)
{
    Session *a = session_new("a", QS_ROLE_OBSERVER, false);
    Session *b = session_new("b", QS_ROLE_OBSERVER, false);
    uint8_t zeroes[QS_TOKEN_BYTES] = { 0 };

    g_assert_true(memcmp(a->token, b->token, QS_TOKEN_BYTES) != 0);
    g_assert_true(memcmp(a->token, zeroes, QS_TOKEN_BYTES) != 0);
    session_free(a);
    session_free(b);
}

static void test_watches(void)
{
    Session *session = session_new("", QS_ROLE_OBSERVER, false);

    g_assert_true(session_is_watching(session, 0)); /* the interrupt sink, from the start */
    g_assert_false(session_is_watching(session, 1));
    for (uint32_t i = 0; i < SESSION_MAX_WATCHES; i++) {
        g_assert_true(session_watch(session, i));
        g_assert_true(session_watch(session, i));
    }
    g_assert_false(session_watch(session, SESSION_MAX_WATCHES));
    g_assert_true(session_unwatch(session, 7));
    g_assert_false(session_unwatch(session, 7));
    g_assert_false(session_is_watching(session, 7));
    g_assert_true(session_watch(session, SESSION_MAX_WATCHES));
    session_free(session);
}

static void test_posted_errors(void)
{
    PostedErrors errors = { .count = 0 };
    QsArena *arena = qs_arena_new(1 << 20);
    g_autofree char *text = g_strnfill(1000, 'x');
    const QsPostedError *list;
    size_t n;

    g_assert_true(posted_errors_peek(&errors, arena, &list, &n));
    g_assert_cmpuint(n, ==, 0);
    for (uint32_t i = 0; i < POSTED_ERRORS_MAX + 5; i++) {
        posted_errors_add(&errors, 100 + i, i, QS_STATUS_GENERIC, QS_BUS_ERROR, text);
    }
    g_assert_true(posted_errors_peek(&errors, arena, &list, &n));
    g_assert_cmpuint(n, ==, POSTED_ERRORS_MAX + 1);
    g_assert_cmpuint(list[3].request_id, ==, 103);
    g_assert_cmpuint(list[3].operation, ==, 3);
    g_assert_cmpint(list[3].result, ==, QS_BUS_ERROR);
    g_assert_cmpuint(strlen(list[3].status.text), ==, POSTED_ERROR_TEXT_MAX);
    g_assert_cmpint(list[n - 1].status.code, ==, QS_STATUS_LIMIT);
    g_assert_cmpstr(list[n - 1].status.text, ==, "5 more posted operations failed");
    posted_errors_clear(&errors);
    g_assert_true(posted_errors_peek(&errors, arena, &list, &n));
    g_assert_cmpuint(n, ==, 0);
    qs_arena_free(arena);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/server/session/window-of-kept-replies", test_window);
    g_test_add_func("/server/session/kept-replies-are-bounded-in-bytes", test_bytes);
    g_test_add_func("/server/session/tokens-differ", test_tokens);
    g_test_add_func("/server/session/watches-are-bounded", test_watches);
    g_test_add_func("/server/session/posted-errors-are-bounded-and-counted", test_posted_errors);
    return g_test_run();
}
