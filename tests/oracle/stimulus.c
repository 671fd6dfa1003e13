#include "tests/oracle/stimulus.h"

#include <inttypes.h>

#define GPIO_BASE UINT64_C(0x10012000)
#define GPIO_SIZE 0x100u
#define GPIO_PINS 32u
/* First offset after the last register. */
#define GPIO_REGISTERS_END 0x44u
#define RAM_BASE UINT64_C(0x80000000)
#define RAM_SIZE 0x4000u
/* So many operations share one choice of hot pins. */
#define HOT_PERIOD 500u
#define BLOCK_MAX 80u

const char *const op_kind_names[OP_KINDS] = {
    "register reads", "register writes", "odd accesses", "holes", "blocks", "RAM",
    "line inputs",    "resets",
};

/* Of a thousand operations, how many are of each kind. */
static const unsigned weights[OP_KINDS] = { 190, 290, 130, 40, 70, 60, 212, 8 };

static const char sizes[] = { 'b', 'w', 'l', 'q' };

/* splitmix64: small, good enough, and the same everywhere. */
static uint64_t next(Stimulus *stimulus)
{
    uint64_t z = (stimulus->state += UINT64_C(0x9e3779b97f4a7c15));

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static uint64_t below(Stimulus *stimulus, uint64_t limit)
{
    return next(stimulus) % limit;
}

/* A register's value: hot pins mostly, sometimes one bit, all, none, or anything. */
static uint64_t pick_value(Stimulus *stimulus)
{
    switch (below(stimulus, 8)) {
    case 0:
        return 0;
    case 1:
        return UINT64_MAX;
    case 2:
        return UINT64_C(1) << below(stimulus, GPIO_PINS);
    case 3:
        return next(stimulus);
    default:
        return next(stimulus) & stimulus->hot;
    }
}

static unsigned pick_register(Stimulus *stimulus)
{
    return (unsigned)below(stimulus, GPIO_REGISTERS_END / 4) * 4;
}

static char *access_at(Stimulus *stimulus, uint64_t address)
{
    char size = sizes[below(stimulus, sizeof(sizes))];

    if (below(stimulus, 2)) {
        return g_strdup_printf("read%c 0x%" PRIx64, size, address);
    }
    return g_strdup_printf("write%c 0x%" PRIx64 " 0x%" PRIx64, size, address, pick_value(stimulus));
}

static char *make_odd_access(Stimulus *stimulus)
{
    uint64_t offset;

    switch (below(stimulus, 4)) {
    case 0: /* the end of the region and what lies behind it */
        offset = GPIO_SIZE - 0x10 + below(stimulus, 0x20);
        break;
    case 1: /* the whole region, so mostly offsets without register */
        offset = below(stimulus, GPIO_SIZE);
        break;
    default:
        offset = below(stimulus, GPIO_REGISTERS_END + 4);
        break;
    }
    return access_at(stimulus, GPIO_BASE + offset);
}

/* Addresses where neither machine has anything: QEMU's other devices and ROMs are left out. */
static char *make_hole_access(Stimulus *stimulus)
{
    static const struct {
        uint64_t start;
        uint64_t length;
    } holes[] = {
        { 0x0, 0xff0 },
        { 0x0a000000, 0x100000 },
        { 0x10011000, 0x1000 },
        { 0x10012100, 0xef0 },
        { 0x40000000, 0x3ffffff0 },
        { 0x80004000, 0x10000 },
        { 0xfffffff0, 0x20 },
        { UINT64_C(0x100000000), UINT64_C(0xffffffffff) },
        { UINT64_C(0xfffffffffffff000), 0xff0 },
        { GPIO_BASE - 8, 8 },
        { RAM_BASE - 8, 8 },
    };
    size_t i = (size_t)below(stimulus, G_N_ELEMENTS(holes));

    return access_at(stimulus, holes[i].start + below(stimulus, holes[i].length));
}

static void fill_bytes(Stimulus *stimulus, uint8_t *data, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        data[i] = (uint8_t)pick_value(stimulus);
    }
}

static char *block_at(Stimulus *stimulus, uint64_t address, unsigned size)
{
    uint8_t data[BLOCK_MAX];
    g_autofree char *base64 = NULL;
    g_autoptr(GString) hex = g_string_new(NULL);

    fill_bytes(stimulus, data, size);
    switch (below(stimulus, 5)) {
    case 0:
        return g_strdup_printf("read 0x%" PRIx64 " 0x%x", address, size);
    case 1:
        return g_strdup_printf("b64read 0x%" PRIx64 " %u", address, size);
    case 2:
        return g_strdup_printf("memset 0x%" PRIx64 " 0x%x 0x%x", address, size, data[0]);
    case 3:
        base64 = g_base64_encode(data, size);
        return g_strdup_printf("b64write 0x%" PRIx64 " %u %s", address, size, base64);
    default:
        for (unsigned i = 0; i < size; i++) {
            g_string_append_printf(hex, "%02x", data[i]);
        }
        return g_strdup_printf("write 0x%" PRIx64 " 0x%x 0x%s", address, size, hex->str);
    }
}

static char *make_block(Stimulus *stimulus)
{
    unsigned size = 1 + (unsigned)below(stimulus, below(stimulus, 4) ? 12 : BLOCK_MAX);
    uint64_t start = GPIO_BASE - 4;

    return block_at(stimulus, start + below(stimulus, below(stimulus, 2) ? 0x48 : GPIO_SIZE + 8),
                    size);
}

static char *make_ram(Stimulus *stimulus)
{
    unsigned size = 1 + (unsigned)below(stimulus, BLOCK_MAX);
    uint64_t address = RAM_BASE + below(stimulus, 0x40);

    switch (below(stimulus, 4)) {
    case 0:
        address = RAM_BASE + below(stimulus, RAM_SIZE);
        break;
    case 1:
        address = RAM_BASE + RAM_SIZE - below(stimulus, 0x20);
        break;
    default:
        break;
    }
    return below(stimulus, 2) ? block_at(stimulus, address, size) : access_at(stimulus, address);
}

static unsigned pick_pin(Stimulus *stimulus)
{
    unsigned pin = (unsigned)below(stimulus, GPIO_PINS);

    for (unsigned i = 0; i < GPIO_PINS && below(stimulus, 8); i++) {
        if (stimulus->hot >> pin & 1) {
            break;
        }
        pin = (pin + 1) % GPIO_PINS;
    }
    return pin;
}

/* Draws stand in statements of their own: the order in which a call's arguments are evaluated is the compiler's. */
static char *make_line(Stimulus *stimulus)
{
    unsigned pin = pick_pin(stimulus);
    int level = (int)below(stimulus, 3) - 1;

    return g_strdup_printf("set_irq_in /machine/soc unnamed-gpio-in %u %d", pin, level);
}

static char *make_register_write(Stimulus *stimulus)
{
    uint64_t address = GPIO_BASE + pick_register(stimulus);
    uint32_t value = (uint32_t)pick_value(stimulus);

    return g_strdup_printf("writel 0x%" PRIx64 " 0x%" PRIx32, address, value);
}

static OpKind pick_kind(Stimulus *stimulus)
{
    uint64_t draw = below(stimulus, 1000);
    OpKind kind = 0;

    while (draw >= weights[kind]) {
        draw -= weights[kind++];
    }
    return kind;
}

static char *make_line_of(Stimulus *stimulus, OpKind kind)
{
    switch (kind) {
    case OP_REGISTER_READ:
        return g_strdup_printf("readl 0x%" PRIx64, GPIO_BASE + pick_register(stimulus));
    case OP_REGISTER_WRITE:
        return make_register_write(stimulus);
    case OP_ODD_ACCESS:
        return make_odd_access(stimulus);
    case OP_HOLE_ACCESS:
        return make_hole_access(stimulus);
    case OP_BLOCK:
        return make_block(stimulus);
    case OP_RAM:
        return make_ram(stimulus);
    case OP_LINE:
        return make_line(stimulus);
    default:
        return g_strdup("system_reset");
    }
}

void stimulus_init(Stimulus *stimulus, uint64_t seed)
{
    *stimulus = (Stimulus){ .state = seed };
}

/* One pin in sixteen, and at least one. */
static uint32_t pick_hot_pins(Stimulus *stimulus)
{
    uint64_t draw = next(stimulus);

    draw &= next(stimulus);
    return (uint32_t)(draw & (draw >> 32) & UINT32_MAX) | UINT32_C(1) << below(stimulus, GPIO_PINS);
}

void stimulus_next(Stimulus *stimulus, Op *op)
{
    if (stimulus->made++ % HOT_PERIOD == 0) {
        stimulus->hot = pick_hot_pins(stimulus);
    }
    op->kind = pick_kind(stimulus);
    op->line = make_line_of(stimulus, op->kind);
}
