/*
 * Work put off to the next round of the machine's main loop, so that what asks for it has returned first. Embedded in the
 * struct of its owner.
 */
#ifndef QOSIM_MODELS_CHAR_BOTTOM_HALF_H
#define QOSIM_MODELS_CHAR_BOTTOM_HALF_H

#include <glib.h>

typedef void BottomHalfFunc(void *opaque);

typedef struct BottomHalf {
    GMainContext *context; /* owned */
    GSource *source;       /* NULL: not scheduled */
    BottomHalfFunc *func;
    void *opaque;
} BottomHalf;

/* @func will run on the main context that is the calling thread's default now. */
void bottom_half_init(BottomHalf *bh, BottomHalfFunc *func, void *opaque);

/* Runs the function once in the next round; asking again before that changes nothing. */
void bottom_half_schedule(BottomHalf *bh);

/* Takes back what was scheduled, for good. Nothing happens to one that was never initialised. */
void bottom_half_destroy(BottomHalf *bh);

#endif
