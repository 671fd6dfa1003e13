#include <stdint.h>
#include <string.h>

#include <glib.h>

#include "proto/arena.h"

static void test_aligned(void)
{
    QsArena *arena = qs_arena_new(1 << 20);

    for (size_t size = 0; size < 200; size++) {
        uint8_t *p = qs_arena_alloc(arena, size);

        g_assert_nonnull(p);
        g_assert_cmpuint((uintptr_t)p % _Alignof(max_align_t), ==, 0);
        memset(p, 0xff, size);
    }
    qs_arena_free(arena);
}

static void test_distinct(void)
{
    QsArena *arena = qs_arena_new(8 << 20);
    uint32_t *numbers[1000];

    for (uint32_t i = 0; i < G_N_ELEMENTS(numbers); i++) {
        numbers[i] = qs_arena_alloc(arena, 16 + i * 3);
        *numbers[i] = i;
    }
    for (uint32_t i = 0; i < G_N_ELEMENTS(numbers); i++) {
        g_assert_cmpuint(*numbers[i], ==, i);
    }
    qs_arena_free(arena);
}

static void test_limit(void)
{
    QsArena *arena = qs_arena_new(100000);
    size_t got = 0;

    g_assert_null(qs_arena_alloc(arena, 100001));
    g_assert_null(qs_arena_alloc(arena, SIZE_MAX));
    g_assert_null(qs_arena_alloc0(arena, SIZE_MAX / 2, 3));
    while (qs_arena_alloc(arena, 1000)) {
        got += 1000;
    }
    g_assert_cmpuint(got, >, 80000);
    g_assert_cmpuint(got, <=, 100000);
    qs_arena_reset(arena);
    g_assert_nonnull(qs_arena_alloc(arena, 60000));
    qs_arena_free(arena);
}

static void test_zeroed_after_reset(void)
{
    static const uint8_t zeros[5000];
    QsArena *arena = qs_arena_new(1 << 20);

    memset(qs_arena_alloc(arena, sizeof(zeros)), 0xff, sizeof(zeros));
    qs_arena_reset(arena);
    g_assert_cmpmem(qs_arena_alloc0(arena, sizeof(zeros), 1), sizeof(zeros), zeros, sizeof(zeros));
    qs_arena_free(arena);
}

static void test_reset_keeps_a_block(void)
{
    QsArena *arena = qs_arena_new(64 << 20);
    void *first;

    for (int i = 0; i < 100; i++) {
        qs_arena_alloc(arena, 100000);
    }
    qs_arena_reset(arena);
    first = qs_arena_alloc(arena, 1);
    for (int i = 0; i < 100; i++) {
        qs_arena_reset(arena);
        g_assert_true(qs_arena_alloc(arena, 1) == first);
    }
    qs_arena_free(arena);
}

static void test_texts(void)
{
    QsArena *arena = qs_arena_new(1 << 20);

    g_assert_cmpstr(qs_arena_strdup(arena, "gpio"), ==, "gpio");
    g_assert_cmpstr(qs_arena_strdup(arena, ""), ==, "");
    g_assert_cmpstr(qs_arena_printf(arena, "%s-%d", "pin", 7), ==, "pin-7");
    g_assert_nonnull(qs_arena_memdup(arena, NULL, 0));
    qs_arena_free(arena);
    arena = qs_arena_new(16);
    g_assert_null(qs_arena_printf(arena, "%20d", 1));
    qs_arena_free(arena);
    qs_arena_free(NULL);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/arena/every-allocation-is-aligned", test_aligned);
    g_test_add_func("/arena/allocations-do-not-overlap", test_distinct);
    g_test_add_func("/arena/limit-holds", test_limit);
    g_test_add_func("/arena/alloc0-is-zero-after-reset", test_zeroed_after_reset);
    g_test_add_func("/arena/reset-keeps-a-block", test_reset_keeps_a_block);
    g_test_add_func("/arena/texts", test_texts);
    return g_test_run();
}
