/*
 * A function with a stack of its own, which can stop in the middle and let its caller go on: libqosim's blocking calls
 * run in one while the simulation takes its cycles for the memory that the server asks for. No thread is involved.
 */
#ifndef QOSIM_COSIM_DPI_COROUTINE_H
#define QOSIM_COSIM_DPI_COROUTINE_H

#include <stdbool.h>

typedef struct Coroutine Coroutine;
typedef void CoroutineFunc(void *opaque);

/* Makes one that has not begun; NULL when memory is short. */
Coroutine *qosim_co_new(CoroutineFunc *func, void *opaque);

/* Calls @func, or goes on where it yielded. Returns true when it has returned, after which it can be run anew. */
bool qosim_co_run(Coroutine *co);

/* From within @func: back to who called qosim_co_run(), until that is called again. */
void qosim_co_yield(Coroutine *co);

/* Whether the caller is within @func. */
bool qosim_co_inside(const Coroutine *co);

/* Only when it is not in the middle; NULL is fine. */
void qosim_co_free(Coroutine *co);

#endif
