#include "proto/arena.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_FIRST_BLOCK ((size_t)16 * 1024)
/* The largest block that qs_arena_reset() keeps. */
#define ARENA_KEEP ((size_t)1024 * 1024)

struct ArenaBlock {
    ArenaBlock *next;
    size_t size;
    _Alignas(max_align_t) unsigned char bytes[];
};

QsArena *qs_arena_new(size_t limit)
{
    QsArena *arena = calloc(1, sizeof(*arena));

    if (arena) {
        arena->limit = limit;
    }
    return arena;
}

/* Frees every block but @kept, which may be NULL. */
static void free_blocks(ArenaBlock *block, const ArenaBlock *kept)
{
    while (block) {
        ArenaBlock *next = block->next;

        if (block != kept) {
            free(block);
        }
        block = next;
    }
}

void qs_arena_free(QsArena *arena)
{
    if (arena) {
        free_blocks(arena->blocks, NULL);
        free(arena);
    }
}

/* Allocates from the newest block from now on; it has nothing in it. */
static void begin_block(QsArena *arena)
{
    ArenaBlock *block = arena->blocks;

    arena->at = block ? block->bytes : NULL;
    arena->end = block ? block->bytes + (block->size & ~(QS_ARENA_ALIGN - 1)) : NULL;
    arena->only = block && !block->next && block->size <= ARENA_KEEP ? block->bytes : NULL;
}

void qs_arena_reset_blocks(QsArena *arena)
{
    ArenaBlock *kept = NULL;

    for (ArenaBlock *block = arena->blocks; block; block = block->next) {
        if (block->size <= ARENA_KEEP && (!kept || block->size > kept->size)) {
            kept = block;
        }
    }
    free_blocks(arena->blocks, kept);
    if (kept) {
        kept->next = NULL;
    }
    arena->blocks = kept;
    arena->total = kept ? kept->size : 0;
    begin_block(arena);
}

/* A new block with room for @size bytes; false beyond the limit. Blocks double, so that there are few of them. */
static bool add_block(QsArena *arena, size_t size)
{
    size_t room = arena->limit - arena->total;
    size_t want = arena->total > ARENA_FIRST_BLOCK ? arena->total : ARENA_FIRST_BLOCK;
    ArenaBlock *block;

    if (want < size) {
        want = size;
    }
    if (want > room) {
        want = room;
    }
    if (want < size) {
        return false;
    }
    block = malloc(sizeof(*block) + want);
    if (!block) {
        return false;
    }
    block->next = arena->blocks;
    block->size = want;
    arena->blocks = block;
    arena->total += want;
    begin_block(arena);
    return true;
}

void *qs_arena_alloc_block(QsArena *arena, size_t size)
{
    if (size > arena->limit) {
        return NULL;
    }
    size = size ? (size + QS_ARENA_ALIGN - 1) & ~(QS_ARENA_ALIGN - 1) : QS_ARENA_ALIGN;
    if (size > (size_t)(arena->end - arena->at) && !add_block(arena, size)) {
        return NULL;
    }
    return qs_arena_alloc(arena, size);
}

void *qs_arena_alloc0(QsArena *arena, size_t n, size_t size)
{
    size_t bytes;
    void *result;

    if (__builtin_mul_overflow(n, size, &bytes)) {
        return NULL;
    }
    result = qs_arena_alloc(arena, bytes);
    if (result) {
        memset(result, 0, bytes);
    }
    return result;
}

char *qs_arena_strdup(QsArena *arena, const char *text)
{
    return qs_arena_memdup(arena, text, strlen(text) + 1);
}

void *qs_arena_memdup(QsArena *arena, const void *data, size_t len)
{
    void *copy = qs_arena_alloc(arena, len);

    if (copy && len) {
        memcpy(copy, data, len);
    }
    return copy;
}

char *qs_arena_printf(QsArena *arena, const char *format, ...)
{
    va_list args;
    int len;
    char *text;

    va_start(args, format);
    len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    text = len < 0 ? NULL : qs_arena_alloc(arena, (size_t)len + 1);
    if (text) {
        va_start(args, format);
        vsnprintf(text, (size_t)len + 1, format, args);
        va_end(args);
    }
    return text;
}
