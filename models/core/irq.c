/* Line ends. An intercept is a line end of its own that tells a listener and passes the level on. */
#include "models/core/irq.h"

/* No level: levels are ints. */
#define LEVEL_UNKNOWN INT64_MAX

struct IRQState {
    Object parent_obj;

    /* State */
    qemu_irq_handler handler;
    void *opaque;
    int n;
    bool ignores_repeats;
    int64_t
        known; /* the level that everybody was told last, if repeats are ignored; LEVEL_UNKNOWN */
    bool is_intercept;
    qemu_irq target;   /* of an intercept; a reference is held */
    GSList *listeners; /* of Listener, newest first; on inputs */
};

typedef struct Listener {
    qemu_irq_handler handler;
    void *opaque;
    int n;
} Listener;

static void tell(qemu_irq irq, int level)
{
    irq->known = irq->ignores_repeats ? level : LEVEL_UNKNOWN;
    for (GSList *item = irq->listeners; item; item = item->next) {
        const Listener *listener = item->data;

        listener->handler(listener->opaque, listener->n, level);
    }
    if (irq->handler) {
        irq->handler(irq->opaque, irq->n, level);
    }
    if (irq->is_intercept) {
        qemu_set_irq(irq->target, level);
    }
}

void qemu_set_irq(qemu_irq irq, int level)
{
    if (irq && irq->known != level) {
        tell(irq, level);
    }
}

void qemu_set_irqs(const qemu_irq *irqs, uint32_t which, uint32_t levels)
{
    for (; which; which &= which - 1) {
        int i = __builtin_ctz(which);
        int level = (int)(levels >> i & 1);

        if (irqs[i] && irqs[i]->known != level) {
            tell(irqs[i], level);
        }
    }
}

void qemu_irq_ignore_repeats(qemu_irq irq)
{
    irq->ignores_repeats = true;
}

qemu_irq qemu_allocate_irq(qemu_irq_handler handler, void *opaque, int n)
{
    IRQState *irq = IRQ(object_new(TYPE_IRQ));

    irq->known = LEVEL_UNKNOWN;
    irq->handler = handler;
    irq->opaque = opaque;
    irq->n = n;
    return irq;
}

void qemu_free_irq(qemu_irq irq)
{
    object_unref(irq);
}

void qemu_irq_disconnect(qemu_irq irq)
{
    irq->handler = NULL;
    g_slist_free_full(g_steal_pointer(&irq->listeners), g_free);
}

qemu_irq qemu_allocate_intercept(qemu_irq_handler handler, void *opaque, int n, qemu_irq target)
{
    qemu_irq irq = qemu_allocate_irq(handler, opaque, n);

    irq->is_intercept = true;
    irq->target = target;
    object_ref(target);
    return irq;
}

bool qemu_irq_is_intercept(qemu_irq irq)
{
    return irq && irq->is_intercept;
}

qemu_irq qemu_irq_intercept_target(qemu_irq irq)
{
    return irq->target;
}

void qemu_irq_intercept_retarget(qemu_irq irq, qemu_irq target)
{
    qemu_irq old = irq->target;

    object_ref(target);
    irq->target = target;
    object_unref(old);
}

void qemu_irq_intercept_in(qemu_irq irq, qemu_irq_handler handler, void *opaque, int n)
{
    Listener *listener = g_new(Listener, 1);

    *listener = (Listener){ .handler = handler, .opaque = opaque, .n = n };
    irq->listeners = g_slist_prepend(irq->listeners, listener);
    irq->known = LEVEL_UNKNOWN; /* this one has not been told */
}

static void irq_finalize(Object *obj)
{
    IRQState *irq = IRQ(obj);

    g_slist_free_full(irq->listeners, g_free);
    object_unref(irq->target);
}

static const TypeInfo irq_types[] = {
    {
        .name = TYPE_IRQ,
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(IRQState),
        .instance_finalize = irq_finalize,
    },
};

DEFINE_TYPES(irq_types)
