/* The timer as its specification has it: the reference that the RTL is compared with. */
#include "timer.h"

#define CTRL_ENABLE 0x001u
#define CTRL_IRQ_ENABLE 0x002u
#define CTRL_EXPIRED 0x100u

typedef struct Timer {
    Target parent;
    uint32_t ctrl, count, compare;
} Timer;

static bool model_reset(Target *target, GError **error)
{
    Timer *t = (Timer *)target;

    (void)error;
    t->ctrl = 0;
    t->count = 0;
    t->compare = UINT32_MAX;
    return true;
}

static uint32_t *register_at(Timer *t, uint32_t offset)
{
    switch (offset & ~3u) {
    case 0x0:
        return &t->ctrl;
    case 0x4:
        return &t->count;
    case 0x8:
        return &t->compare;
    default:
        return NULL;
    }
}

static bool model_read(Target *target, uint32_t offset, unsigned size, uint64_t *data,
                       qosim_bus *bus, GError **error)
{
    const uint32_t *reg = register_at((Timer *)target, offset);

    (void)error;
    *bus = reg ? QOSIM_BUS_OK : QOSIM_BUS_ACCESS_ERROR;
    *data = reg ? (*reg >> 8 * (offset & 3)) & op_size_mask(size) : 0;
    return true;
}

static bool model_write(Target *target, uint32_t offset, unsigned size, uint64_t data,
                        qosim_bus *bus, GError **error)
{
    Timer *t = (Timer *)target;
    uint32_t *reg = register_at(t, offset);
    uint32_t mask = (uint32_t)op_size_mask(size) << 8 * (offset & 3);
    uint32_t value = (uint32_t)data << 8 * (offset & 3);

    (void)error;
    *bus = reg ? QOSIM_BUS_OK : QOSIM_BUS_ACCESS_ERROR;
    if (reg == &t->ctrl) {
        uint32_t stays = CTRL_ENABLE | CTRL_IRQ_ENABLE;

        t->ctrl = (t->ctrl & CTRL_EXPIRED & ~(value & mask)) |
                  (((t->ctrl & ~mask) | (value & mask)) & stays);
    } else if (reg) {
        *reg = (*reg & ~mask) | (value & mask);
    }
    return true;
}

static void tick(Timer *t)
{
    if (t->ctrl & CTRL_ENABLE) {
        if (t->count == t->compare) {
            t->count = 0;
            t->ctrl |= CTRL_EXPIRED;
        } else {
            t->count++;
        }
    }
}

static bool model_advance(Target *target, uint64_t ns, GError **error)
{
    Timer *t = (Timer *)target;

    (void)error;
    for (uint64_t n = ns / TIMER_TICK_NS; n > 0; n--) {
        tick(t);
    }
    return true;
}

static bool model_observe(Target *target, Levels *levels, GError **error)
{
    const Timer *t = (const Timer *)target;

    (void)error;
    *levels = (Levels){ .irq = t->ctrl & CTRL_EXPIRED && t->ctrl & CTRL_IRQ_ENABLE };
    return true;
}

/* The timer has an interrupt line, and nothing goes in. */
static bool model_set_line(Target *target, unsigned line, int level, GError **error)
{
    (void)target;
    (void)line;
    (void)level;
    (void)error;
    return true;
}

static void model_close(Target *target)
{
    g_free(target);
}

static const TargetClass model_class = {
    .kind = "c",
    .observes = OBSERVED_DATA | OBSERVED_BUS | OBSERVED_IRQ,
    .reset = model_reset,
    .read = model_read,
    .write = model_write,
    .set_line = model_set_line,
    .advance = model_advance,
    .observe = model_observe,
    .close = model_close,
};

Target *timer_model_open(const char *name, const char *rest, const RegressDevice *device,
                         GError **error)
{
    Timer *t = g_new0(Timer, 1);

    (void)rest;
    target_init(&t->parent, &model_class, device, name);
    model_reset(&t->parent, error);
    return &t->parent;
}
