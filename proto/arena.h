/* A bump allocator that lives as long as a frame: no malloc per message, one reset instead of many frees. */
#ifndef QOSIM_PROTO_ARENA_H
#define QOSIM_PROTO_ARENA_H

#include <stddef.h>

typedef struct ArenaBlock ArenaBlock;

typedef struct QsArena {
    unsigned char *at; /* free, up to @end, in the newest block; both aligned for any type */
    unsigned char *end;
    unsigned char
        *only; /* where the only block begins, if there is one and it is to be kept; NULL */
    ArenaBlock *blocks; /* newest first */
    size_t limit;
    size_t total; /* bytes of all blocks */
} QsArena;

#define QS_ARENA_ALIGN _Alignof(max_align_t)

/* Makes an arena that may grow to @limit bytes; NULL when memory is short. */
QsArena *qs_arena_new(size_t limit);
void qs_arena_free(QsArena *arena);

/* The two below where there is more to them than to move a pointer. */
void qs_arena_reset_blocks(QsArena *arena);
void *qs_arena_alloc_block(QsArena *arena, size_t size);

/* Forgets everything allocated; keeps one block so that the next frame needs no malloc. */
static inline void qs_arena_reset(QsArena *arena)
{
    if (arena->only) {
        arena->at = arena->only;
    } else {
        qs_arena_reset_blocks(arena);
    }
}

/* @size bytes aligned for any type, not zeroed; NULL beyond the limit. */
static inline void *qs_arena_alloc(QsArena *arena, size_t size)
{
    unsigned char *at = arena->at;

    if (size == 0 || size > (size_t)(arena->end - at)) {
        return qs_arena_alloc_block(arena, size);
    }
    arena->at = at + ((size + QS_ARENA_ALIGN - 1) & ~(QS_ARENA_ALIGN - 1));
    return at;
}

/* The same, zeroed, for @n elements; NULL on overflow. */
void *qs_arena_alloc0(QsArena *arena, size_t n, size_t size);

/* Copies of a string and of bytes; NULL beyond the limit. */
char *qs_arena_strdup(QsArena *arena, const char *text);
void *qs_arena_memdup(QsArena *arena, const void *data, size_t len);
char *qs_arena_printf(QsArena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
