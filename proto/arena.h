/* A bump allocator that lives as long as a frame: no malloc per message, one reset instead of many frees. */
#ifndef QOSIM_PROTO_ARENA_H
#define QOSIM_PROTO_ARENA_H

#include <stddef.h>

typedef struct QsArena QsArena;

/* Makes an arena that may grow to @limit bytes; NULL when memory is short. */
QsArena *qs_arena_new(size_t limit);
void qs_arena_free(QsArena *arena);

/* Forgets everything allocated; keeps one block so that the next frame needs no malloc. */
void qs_arena_reset(QsArena *arena);

/* @size bytes aligned for any type, not zeroed; NULL beyond the limit. */
void *qs_arena_alloc(QsArena *arena, size_t size);

/* The same, zeroed, for @n elements; NULL on overflow. */
void *qs_arena_alloc0(QsArena *arena, size_t n, size_t size);

/* Copies of a string and of bytes; NULL beyond the limit. */
char *qs_arena_strdup(QsArena *arena, const char *text);
void *qs_arena_memdup(QsArena *arena, const void *data, size_t len);
char *qs_arena_printf(QsArena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
