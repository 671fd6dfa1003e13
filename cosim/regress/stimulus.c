#include "cosim/regress/stimulus.h"

/* So many patterns share one choice of hot bits. */
#define HOT_PERIOD 100u
/* One pattern in so many is one of the device's own. */
#define OWN_PERIOD 10u
#define ADVANCE_MAX_NS 2000u

/* splitmix64: the same everywhere. Draws stand in statements of their own, since arguments have no order. */
static uint64_t next(RegressStimulus *stimulus)
{
    uint64_t z = (stimulus->state += UINT64_C(0x9e3779b97f4a7c15));

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static unsigned below(RegressStimulus *stimulus, unsigned limit)
{
    return (unsigned)(next(stimulus) % limit);
}

/* Most accesses go as fast as their bus can. */
static uint8_t pick_pace(RegressStimulus *stimulus)
{
    unsigned draw = below(stimulus, 4 * OP_PHASES);

    return draw < OP_PHASES ? (uint8_t)draw : 0;
}

static void add(RegressStimulus *stimulus, Op op)
{
    if (op.kind == OP_READ || op.kind == OP_WRITE) {
        op.phase = pick_pace(stimulus);
    }
    if (stimulus->length < STIMULUS_PATTERN_MAX) {
        stimulus->pattern[stimulus->length++] = op;
    }
}

/* Hot bits mostly; sometimes none, all, one, or anything. */
static uint32_t pick_value(RegressStimulus *stimulus, const RegressRegister *reg)
{
    uint32_t hot = reg ? reg->hot & stimulus->hot : stimulus->hot;
    uint32_t random = (uint32_t)next(stimulus);

    switch (below(stimulus, 12)) {
    case 0:
        return 0;
    case 1:
    case 2:
        return UINT32_MAX;
    case 3:
        return UINT32_C(1) << (random & 31);
    case 4:
        return random;
    case 5:
    case 6:
    case 7:
        return hot;
    default:
        return random & hot;
    }
}

static const RegressRegister *pick_register(RegressStimulus *stimulus)
{
    const RegressDevice *device = stimulus->device;
    unsigned sum = 0;
    size_t i = 0;

    for (i = 0; i < device->n_registers; i++) {
        sum += device->registers[i].weight;
    }
    sum = below(stimulus, MAX(sum, 1));
    for (i = 0; sum >= device->registers[i].weight; i++) {
        sum -= device->registers[i].weight;
    }
    return &device->registers[i];
}

/* One of a kind; any, when there is none of it. */
static const RegressRegister *pick_kind(RegressStimulus *stimulus, RegisterKind kind)
{
    const RegressRegister *reg = pick_register(stimulus);

    for (unsigned tries = 0; tries < 64 && reg->kind != kind; tries++) {
        reg = pick_register(stimulus);
    }
    return reg;
}

/* A hot line mostly. */
static uint8_t pick_line(RegressStimulus *stimulus)
{
    unsigned lines = stimulus->n_lines;
    unsigned line = below(stimulus, lines);
    bool any = below(stimulus, 8) == 0;

    for (unsigned i = 0; i < lines && !any && !(stimulus->hot >> line & 1); i++) {
        line = (line + 1) % lines;
    }
    return (uint8_t)line;
}

static void add_read(RegressStimulus *stimulus, const RegressRegister *reg)
{
    add(stimulus, (Op){ .kind = OP_READ, .size = 4, .offset = reg->offset });
}

static void add_write(RegressStimulus *stimulus, const RegressRegister *reg)
{
    uint32_t value = pick_value(stimulus, reg);

    add(stimulus, (Op){ .kind = OP_WRITE, .size = 4, .offset = reg->offset, .value = value });
}

static void add_line(RegressStimulus *stimulus, uint8_t line, int level)
{
    add(stimulus, (Op){ .kind = OP_LINE, .line = line, .level = (int8_t)level });
}

static void add_advance(RegressStimulus *stimulus)
{
    add(stimulus, (Op){ .kind = OP_ADVANCE, .value = below(stimulus, ADVANCE_MAX_NS) });
}

/* One access of 1, 2 or 4 bytes at a multiple of its size anywhere from @start on. */
static void add_any_access(RegressStimulus *stimulus, uint32_t start, uint32_t end)
{
    uint8_t size = (uint8_t)(1u << below(stimulus, 3));
    uint32_t offset = (start + below(stimulus, end - start)) & ~(uint32_t)(size - 1);
    uint32_t value = pick_value(stimulus, regress_register_at(stimulus->device, offset));
    bool is_write = below(stimulus, 2) != 0;

    add(stimulus, (Op){ .kind = is_write ? OP_WRITE : OP_READ,
                        .size = size,
                        .offset = offset,
                        .value = is_write ? value & op_size_mask(size) : 0 });
}

/* --- Patterns --- */

static void make_accesses(RegressStimulus *stimulus)
{
    unsigned n = 1 + below(stimulus, 4);

    for (unsigned i = 0; i < n; i++) {
        if (below(stimulus, 5) < 2) {
            add_read(stimulus, pick_register(stimulus));
        } else {
            add_write(stimulus, pick_register(stimulus));
        }
    }
}

/* A register's offset with one more address bit set, as it looks to a decoder that does not see that bit. */
static void make_alias(RegressStimulus *stimulus)
{
    uint32_t offset = pick_register(stimulus)->offset;
    uint32_t value = pick_value(stimulus, NULL);
    bool is_write = below(stimulus, 2) != 0;

    for (uint32_t bit = 4; bit < stimulus->device->size; bit *= 2) {
        if (!regress_register_at(stimulus->device, offset | bit)) {
            offset |= bit;
            break;
        }
    }
    offset = below(stimulus, 2) ? offset : offset | stimulus->device->size / 2;
    add(stimulus, (Op){ .kind = is_write ? OP_WRITE : OP_READ,
                        .size = 4,
                        .offset = offset,
                        .value = is_write ? value : 0 });
}

static void make_odd_access(RegressStimulus *stimulus)
{
    const RegressDevice *device = stimulus->device;
    uint32_t end = device->registers[device->n_registers - 1].offset + 4;

    if (below(stimulus, 4) == 0) {
        add_any_access(stimulus, end, device->size);
    } else {
        add_any_access(stimulus, 0, end);
    }
}

/* A line goes up and down, and what that leaves pending is looked at and cleared in between. */
static void make_edges(RegressStimulus *stimulus)
{
    uint8_t line = pick_line(stimulus);
    unsigned n = 2 + below(stimulus, 5);
    int level = (int)below(stimulus, 2);

    add_write(stimulus, pick_kind(stimulus, REGISTER_READ_WRITE));
    for (unsigned i = 0; i < n; i++) {
        const RegressRegister *pending = pick_kind(stimulus, REGISTER_WRITE_1_CLEAR);

        add_line(stimulus, line, level);
        level = !level;
        switch (below(stimulus, 4)) {
        case 0:
            add_read(stimulus, pending);
            break;
        case 1:
            add_write(stimulus, pending);
            break;
        case 2:
            add_advance(stimulus);
            break;
        default:
            break;
        }
    }
    add_read(stimulus, pick_kind(stimulus, REGISTER_WRITE_1_CLEAR));
}

/* A line, or where there are such, one that another block drives. */
static void add_change(RegressStimulus *stimulus)
{
    Op op = { .kind = OP_LINE };
    unsigned draw = below(stimulus, 4);
    unsigned list = below(stimulus, (unsigned)MAX(stimulus->device->n_inputs, 1));
    unsigned level = below(stimulus, 3);

    op.line = pick_line(stimulus);
    op.phase = (uint8_t)below(stimulus, OP_PHASES);
    op.level = (int8_t)((int)level - 1);
    if (draw == 0 && (stimulus->takes & OP_TAKES_INPUTS)) {
        op.kind = OP_INPUT;
        op.list = (uint8_t)list;
        op.level = (int8_t)(level & 1);
    }
    add(stimulus, op);
}

/* Many lines change, at any time, with or without time to settle in between. */
static void make_storm(RegressStimulus *stimulus)
{
    unsigned n = 4 + below(stimulus, 20);

    for (unsigned i = 0; i < n; i++) {
        bool unsettled = below(stimulus, 4) != 0;

        add_change(stimulus);
        if (below(stimulus, 4) == 0) {
            add_advance(stimulus);
        }
        stimulus->pattern[stimulus->length - 1].unsettled = unsettled && i < n - 1;
    }
    add_read(stimulus, pick_kind(stimulus, REGISTER_READ_ONLY));
    add_read(stimulus, pick_kind(stimulus, REGISTER_WRITE_1_CLEAR));
}

/* Any bytes of a word, sometimes of one behind the registers. */
static void make_strobes(RegressStimulus *stimulus)
{
    const RegressDevice *device = stimulus->device;
    const RegressRegister *reg = &device->registers[below(stimulus, (unsigned)device->n_registers)];
    uint8_t strobes = (uint8_t)below(stimulus, 16);

    add_write(stimulus, reg);
    if (below(stimulus, 8) == 0 &&
        device->registers[device->n_registers - 1].offset + 8 <= device->size) {
        stimulus->pattern[0].offset = device->registers[device->n_registers - 1].offset + 4;
    }
    if (stimulus->takes & OP_TAKES_STROBES) {
        stimulus->pattern[0].by_strobes = true;
        stimulus->pattern[0].strobes = strobes;
    }
}

/* Half of them between accesses; sometimes everything is read afterwards. */
static void make_reset(RegressStimulus *stimulus)
{
    const RegressDevice *device = stimulus->device;

    uint8_t clocks = (uint8_t)below(stimulus, 2 * OP_PHASES);

    add(stimulus, (Op){ .kind = OP_RESET, .phase = clocks < OP_PHASES ? 0 : clocks % OP_PHASES });
    if (below(stimulus, 2)) {
        for (size_t i = 0; i < device->n_registers; i++) {
            add_read(stimulus, &device->registers[i]);
        }
    }
}

static const struct {
    void (*make)(RegressStimulus *stimulus);
    unsigned weight;
} patterns[] = {
    { make_accesses, 420 }, { make_alias, 40 },  { make_odd_access, 100 }, { make_edges, 160 },
    { make_storm, 40 },     { add_change, 180 }, { make_strobes, 40 },     { make_reset, 20 },
};

/* One of the device's own patterns, in one case of OWN_PERIOD; they may have nothing to add. */
static bool make_own_pattern(RegressStimulus *stimulus)
{
    const RegressDevice *device = stimulus->device;

    if (device->n_patterns > 0 && below(stimulus, OWN_PERIOD) == 0) {
        device->patterns[below(stimulus, (unsigned)device->n_patterns)](stimulus);
    }
    return stimulus->length > 0;
}

static void make_pattern(RegressStimulus *stimulus)
{
    unsigned draw = below(stimulus, 1000);
    size_t i = 0;

    stimulus->length = stimulus->next = 0;
    if (make_own_pattern(stimulus)) {
        return;
    }
    while (draw >= patterns[i].weight) {
        draw -= patterns[i++].weight;
    }
    patterns[i].make(stimulus);
}

/* One line in eight, and at least one. */
static uint32_t pick_hot(RegressStimulus *stimulus)
{
    uint32_t lines = regress_lines(stimulus->n_lines);
    uint64_t draw = next(stimulus);
    uint64_t draw2 = next(stimulus);
    uint32_t one = UINT32_C(1) << below(stimulus, stimulus->n_lines);

    return ((uint32_t)(draw & (draw >> 32) & draw2) & lines) | one;
}

void regress_stimulus_init(RegressStimulus *stimulus, const RegressDevice *device, unsigned takes,
                           unsigned n_lines, uint64_t seed)
{
    *stimulus = (RegressStimulus){ .device = device,
                                   .takes = device->n_inputs ? takes : takes & ~OP_TAKES_INPUTS,
                                   .n_lines = n_lines ? n_lines : device->n_lines,
                                   .state = seed };
}

Op regress_stimulus_next(RegressStimulus *stimulus)
{
    if (stimulus->next == stimulus->length) {
        if (stimulus->made++ % HOT_PERIOD == 0) {
            stimulus->hot = pick_hot(stimulus);
        }
        make_pattern(stimulus);
    }
    return stimulus->pattern[stimulus->next++];
}

unsigned regress_stimulus_below(RegressStimulus *stimulus, unsigned limit)
{
    return below(stimulus, limit);
}

uint8_t regress_stimulus_line(RegressStimulus *stimulus)
{
    return pick_line(stimulus);
}

void regress_stimulus_add(RegressStimulus *stimulus, Op op)
{
    add(stimulus, op);
}
