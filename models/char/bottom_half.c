#include "models/char/bottom_half.h"

void bottom_half_init(BottomHalf *bh, BottomHalfFunc *func, void *opaque)
{
    *bh = (BottomHalf){
        .context = g_main_context_ref_thread_default(),
        .func = func,
        .opaque = opaque,
    };
}

static gboolean run(gpointer data)
{
    BottomHalf *bh = data;

    /* First, because the function may schedule the next one. */
    g_clear_pointer(&bh->source, g_source_unref);
    bh->func(bh->opaque);
    return G_SOURCE_REMOVE;
}

void bottom_half_schedule(BottomHalf *bh)
{
    if (bh->source || !bh->context) {
        return;
    }
    bh->source = g_idle_source_new();
    g_source_set_priority(bh->source, G_PRIORITY_DEFAULT);
    g_source_set_callback(bh->source, run, bh, NULL);
    g_source_attach(bh->source, bh->context);
}

void bottom_half_destroy(BottomHalf *bh)
{
    if (bh->source) {
        g_source_destroy(bh->source);
        g_clear_pointer(&bh->source, g_source_unref);
    }
    g_clear_pointer(&bh->context, g_main_context_unref);
}
