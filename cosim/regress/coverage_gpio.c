/*
 * The GPIO's part of coverage: what set each pending bit, what drove each pin when it was looked at, in which state lines changed,
 * which interrupts were enabled together, and what a reset met. What a read must show counts when it was read.
 */
#include <string.h>

#include "cosim/regress/coverage.h"
#include "cosim/regress/coverage_gpio_state.h"

#define PINS UINT32_MAX
#define PHASES ((UINT32_C(1) << OP_PHASES) - 1)

static const char *const kind_names[GPIO_KINDS] = { "rise", "fall", "high", "low" };

static const char *const cause_names[GPIO_CAUSES] = {
    [GPIO_BY_INPUT_EN] = "input_en",     [GPIO_BY_OUTPUT_EN] = "output_en",
    [GPIO_BY_OUTPUT_VAL] = "output_val", [GPIO_BY_PUE] = "pue",
    [GPIO_BY_IOF_EN] = "iof_en",         [GPIO_BY_IOF_SEL] = "iof_sel",
    [GPIO_BY_OUT_XOR] = "out_xor",       [GPIO_BY_OUTSIDE] = "outside",
    [GPIO_BY_RELEASE] = "release",       [GPIO_BY_FUNCTION] = "function",
    [GPIO_BY_AGAIN] = "again",           [GPIO_BY_RESET] = "reset",
};

/* Names of sets of kinds: bit i is kind i's. */
static const char *const set_names[1u << GPIO_KINDS] = {
    "",         "rise",          "fall",          "rise+fall",
    "high",     "rise+high",     "fall+high",     "rise+fall+high",
    "low",      "rise+low",      "fall+low",      "rise+fall+low",
    "high+low", "rise+high+low", "fall+high+low", "rise+fall+high+low",
};

/* How a level changes; z: nobody drives. The two levels' numbers, 0 for z, 1 for low, 2 for high: 3 * old + new. */
#define CHANGES 9u
static const char *const change_names[CHANGES] = { NULL,  "z-0", "z-1", "0-z", NULL,
                                                   "0-1", "1-z", "1-0", NULL };

/* What a pin is while its line changes: bits as in line_state(). */
#define LINE_STATES 24u
static const char *const line_labels[LINE_STATES] = {
    "software",  "in",           "out",           "in+out",
    "pull",      "in+pull",      "out+pull",      "in+out+pull",
    "iof0",      "iof0+in",      "iof0+out",      "iof0+in+out",
    "iof0+pull", "iof0+in+pull", "iof0+out+pull", "iof0+in+out+pull",
    "iof1",      "iof1+in",      "iof1+out",      "iof1+in+out",
    "iof1+pull", "iof1+in+pull", "iof1+out+pull", "iof1+in+out+pull",
};

/* What gives a pin its level, as input_val shows it. */
typedef enum Driver {
    DRIVER_OUTSIDE_HIGH,
    DRIVER_OUTSIDE_LOW,
    DRIVER_OUTSIDE_LOW_PULLED,
    DRIVER_PULL_UP,
    DRIVER_NONE,
    DRIVER_OUTPUT_HIGH,
    DRIVER_OUTPUT_LOW,
    DRIVER_OUTPUT_LOW_PULLED,
    DRIVER_OUTPUT_HIGH_AGAINST_LOW,
    DRIVER_OUTPUT_LOW_AGAINST_HIGH,
    DRIVER_INVERTED_HIGH,
    DRIVER_INVERTED_LOW,
    DRIVER_DISABLED_HIGH,
    DRIVERS,
} Driver;

static const char *const driver_names[DRIVERS] = {
    [DRIVER_OUTSIDE_HIGH] = "outside-high",
    [DRIVER_OUTSIDE_LOW] = "outside-low",
    [DRIVER_OUTSIDE_LOW_PULLED] = "outside-low-and-pull-up",
    [DRIVER_PULL_UP] = "pull-up",
    [DRIVER_NONE] = "nobody",
    [DRIVER_OUTPUT_HIGH] = "output-high",
    [DRIVER_OUTPUT_LOW] = "output-low",
    [DRIVER_OUTPUT_LOW_PULLED] = "output-low-and-pull-up",
    [DRIVER_OUTPUT_HIGH_AGAINST_LOW] = "output-high-against-low",
    [DRIVER_OUTPUT_LOW_AGAINST_HIGH] = "output-low-against-high",
    [DRIVER_INVERTED_HIGH] = "inverted-high",
    [DRIVER_INVERTED_LOW] = "inverted-low",
    [DRIVER_DISABLED_HIGH] = "disabled-high",
};

/* What a function asks of a pin: bits as in GPIO_OVAL, GPIO_OE, GPIO_IE. */
#define ASKED 8u
static const char *const asked_names[ASKED] = { "nothing", "oval",    "oe",    "oval+oe",
                                                "ie",      "oval+ie", "oe+ie", "oval+oe+ie" };

/* What pins are in when there is a reset. */
typedef enum Before {
    BEFORE_INPUT_HIGH,
    BEFORE_IRQ,
    BEFORE_OUTPUT_HIGH,
    BEFORE_OUTPUT_LOW,
    BEFORE_PULL_UP,
    BEFORE_OUTSIDE_HIGH,
    BEFORE_OUTSIDE_LOW,
    BEFORE_CONFLICT,
    BEFORE_IOF0,
    BEFORE_IOF1,
    BEFORE_INVERTED,
    BEFORE_RISE_PENDING,
    BEFORE_FALL_PENDING,
    BEFORE_HIGH_PENDING,
    BEFORES,
} Before;

static const char *const before_names[BEFORES] = {
    [BEFORE_INPUT_HIGH] = "input-high",
    [BEFORE_IRQ] = "irq",
    [BEFORE_OUTPUT_HIGH] = "output-high",
    [BEFORE_OUTPUT_LOW] = "output-low",
    [BEFORE_PULL_UP] = "pull-up",
    [BEFORE_OUTSIDE_HIGH] = "outside-high",
    [BEFORE_OUTSIDE_LOW] = "outside-low",
    [BEFORE_CONFLICT] = "conflict",
    [BEFORE_IOF0] = "iof0",
    [BEFORE_IOF1] = "iof1",
    [BEFORE_INVERTED] = "inverted",
    [BEFORE_RISE_PENDING] = "rise-pending",
    [BEFORE_FALL_PENDING] = "fall-pending",
    [BEFORE_HIGH_PENDING] = "high-pending",
};

/* Indices of points. */
typedef struct GpioPoints {
    size_t set_by[GPIO_KINDS][GPIO_CAUSES];
    size_t driver[DRIVERS];
    size_t asked[GPIO_FUNCTIONS][ASKED];
    size_t absent[GPIO_FUNCTIONS];
    size_t inverted[GPIO_FUNCTIONS];
    size_t out_change[CHANGES];
    size_t out_by[GPIO_CAUSES];
    size_t line_change[CHANGES]; /* by pin */
    size_t line_state[CHANGES];
    size_t irq_up_enabled[1u << GPIO_KINDS];
    size_t irq_up_by[1u << GPIO_KINDS];
    size_t irq_cleared;
    size_t irq_masked;
    size_t irq_reset;
    size_t irq_kept[GPIO_KINDS];
    size_t irq_silent[GPIO_KINDS];
    size_t reset[BEFORES];
    size_t phase[OP_KINDS]; /* of those that have one */
} GpioPoints;

typedef struct GpioPart {
    Coverage *coverage;
    GpioPoints points;
    GpioState state;
    uint32_t waiting[GPIO_KINDS][GPIO_CAUSES]; /* set by that, and not read since */
} GpioPart;

/* --- Points --- */

/* Causes that there are: a level alone sets its bit again, and a reset leaves all pins low. */
static bool is_cause(unsigned kind, unsigned cause)
{
    return cause < GPIO_BY_AGAIN || (cause == GPIO_BY_AGAIN && kind >= GPIO_HIGH) ||
           (cause == GPIO_BY_RESET && kind == GPIO_LOW);
}

static bool changes_outputs(unsigned cause)
{
    return cause != GPIO_BY_INPUT_EN && cause != GPIO_BY_PUE && cause != GPIO_BY_OUTSIDE &&
           cause != GPIO_BY_RELEASE && cause != GPIO_BY_AGAIN;
}

static void add_pending_points(Coverage *coverage, GpioPoints *points)
{
    for (unsigned kind = 0; kind < GPIO_KINDS; kind++) {
        for (unsigned cause = 0; cause < GPIO_CAUSES; cause++) {
            if (is_cause(kind, cause)) {
                points->set_by[kind][cause] = coverage_add_point(
                    coverage, PINS, NULL, "%s_ip.set-by.%s", kind_names[kind], cause_names[cause]);
            }
        }
    }
}

static void add_pin_points(Coverage *coverage, GpioPoints *points)
{
    for (unsigned i = 0; i < DRIVERS; i++) {
        points->driver[i] =
            coverage_add_point(coverage, PINS, NULL, "input_val.driven-by.%s", driver_names[i]);
    }
    for (unsigned i = 0; i < GPIO_FUNCTIONS; i++) {
        for (unsigned k = 0; k < ASKED; k++) {
            points->asked[i][k] =
                coverage_add_point(coverage, PINS, NULL, "iof%u.asks.%s", i, asked_names[k]);
        }
        points->absent[i] = coverage_add_point(coverage, PINS, NULL, "iof%u.absent", i);
        points->inverted[i] = coverage_add_point(coverage, PINS, NULL, "iof%u.inverted", i);
    }
    for (unsigned i = 0; i < CHANGES; i++) {
        if (change_names[i]) {
            points->out_change[i] =
                coverage_add_point(coverage, PINS, NULL, "out.change.%s", change_names[i]);
            points->line_change[i] =
                coverage_add_point(coverage, PINS, NULL, "line.change.%s", change_names[i]);
            points->line_state[i] =
                coverage_add_point(coverage, (UINT32_C(1) << LINE_STATES) - 1, line_labels,
                                   "line.state.%s", change_names[i]);
        }
    }
    for (unsigned i = 0; i < GPIO_CAUSES; i++) {
        if (changes_outputs(i)) {
            points->out_by[i] =
                coverage_add_point(coverage, PINS, NULL, "out.changed-by.%s", cause_names[i]);
        }
    }
}

/* One operation makes pending what belongs to one level, or enables one kind. */
static bool can_raise_irq(unsigned set)
{
    const unsigned up = 1u << GPIO_RISE | 1u << GPIO_HIGH;
    const unsigned down = 1u << GPIO_FALL | 1u << GPIO_LOW;

    return set && ((set & (set - 1)) == 0 || set == up || set == down);
}

static void add_irq_points(Coverage *coverage, GpioPoints *points)
{
    for (unsigned set = 1; set < G_N_ELEMENTS(set_names); set++) {
        points->irq_up_enabled[set] =
            coverage_add_point(coverage, PINS, NULL, "irq.up.enabled.%s", set_names[set]);
        if (can_raise_irq(set)) {
            points->irq_up_by[set] =
                coverage_add_point(coverage, PINS, NULL, "irq.up.by.%s", set_names[set]);
        }
    }
    points->irq_cleared = coverage_add_point(coverage, PINS, NULL, "irq.down.cleared");
    points->irq_masked = coverage_add_point(coverage, PINS, NULL, "irq.down.disabled");
    points->irq_reset = coverage_add_point(coverage, PINS, NULL, "irq.down.reset");
    for (unsigned kind = 0; kind < GPIO_KINDS; kind++) {
        points->irq_kept[kind] =
            coverage_add_point(coverage, PINS, NULL, "irq.stays.%s-cleared", kind_names[kind]);
        points->irq_silent[kind] =
            coverage_add_point(coverage, PINS, NULL, "irq.silent.%s", kind_names[kind]);
    }
}

static void *gpio_create(Coverage *coverage)
{
    GpioPart *part = g_new0(GpioPart, 1);

    part->coverage = coverage;
    add_pending_points(coverage, &part->points);
    add_pin_points(coverage, &part->points);
    add_irq_points(coverage, &part->points);
    part->points.phase[OP_LINE] = coverage_add_point(coverage, PHASES, NULL, "line.phase");
    part->points.phase[OP_INPUT] = coverage_add_point(coverage, PHASES, NULL, "function.phase");
    part->points.phase[OP_RESET] = coverage_add_point(coverage, PHASES, NULL, "reset.phase");
    for (unsigned i = 0; i < BEFORES; i++) {
        part->points.reset[i] =
            coverage_add_point(coverage, PINS, NULL, "reset.while.%s", before_names[i]);
    }
    return part;
}

static void gpio_begin(void *part_)
{
    GpioPart *part = part_;

    gpio_state_begin(&part->state);
    memset(part->waiting, 0, sizeof(part->waiting));
}

static void hit(const GpioPart *part, size_t point, uint32_t pins)
{
    coverage_hit(part->coverage, point, pins & ~part->state.doubt);
}

/* --- Pending bits --- */

static void note_pending(GpioPart *part, const GpioState *before, const Op *op, GpioCause cause)
{
    const GpioState *state = &part->state;

    for (unsigned kind = 0; kind < GPIO_KINDS; kind++) {
        uint32_t cleared = 0;
        uint32_t set = state->pending[kind] & ~before->pending[kind];

        if (cause == GPIO_BY_AGAIN && op->offset == 0x1c + 8 * kind) {
            cleared = before->pending[kind] & (uint32_t)op->value;
            set |= cleared & state->pending[kind];
        } else if (cause == GPIO_BY_RESET) {
            cleared = PINS;
            set = state->pending[kind];
        }
        for (unsigned i = 0; i < GPIO_CAUSES && cleared; i++) {
            part->waiting[kind][i] &= ~cleared;
        }
        part->waiting[kind][cause] |= set;
    }
}

static void read_pending(GpioPart *part, unsigned kind)
{
    for (unsigned cause = 0; cause < GPIO_CAUSES; cause++) {
        if (part->waiting[kind][cause] && is_cause(kind, cause)) {
            hit(part, part->points.set_by[kind][cause],
                part->waiting[kind][cause] & part->state.pending[kind]);
        }
        part->waiting[kind][cause] = 0;
    }
}

/* --- Pins --- */

static void read_pins(const GpioPart *part)
{
    const GpioState *s = &part->state;
    uint32_t functions = s->taken[0] | s->taken[1];
    uint32_t own = s->oe & ~functions & s->ie;
    uint32_t outside = ~s->oe & s->outside_en & s->ie;
    uint32_t inside = ~s->oe & ~s->outside_en & s->ie;
    const uint32_t drivers[DRIVERS] = {
        [DRIVER_OUTSIDE_HIGH] = outside & s->outside,
        [DRIVER_OUTSIDE_LOW] = outside & ~s->outside & ~s->pue,
        [DRIVER_OUTSIDE_LOW_PULLED] = outside & ~s->outside & s->pue,
        [DRIVER_PULL_UP] = inside & s->pue,
        [DRIVER_NONE] = inside & ~s->pue,
        [DRIVER_OUTPUT_HIGH] = own & s->oval & ~s->out_xor,
        [DRIVER_OUTPUT_LOW] = own & ~s->oval & ~s->out_xor & ~s->pue,
        [DRIVER_OUTPUT_LOW_PULLED] = own & ~s->oval & s->pue,
        [DRIVER_OUTPUT_HIGH_AGAINST_LOW] = own & s->oval & s->outside_en & ~s->outside,
        [DRIVER_OUTPUT_LOW_AGAINST_HIGH] = own & ~s->oval & s->outside_en & s->outside,
        [DRIVER_INVERTED_HIGH] = own & s->oval & s->out_xor,
        [DRIVER_INVERTED_LOW] = own & ~s->oval & s->out_xor,
        [DRIVER_DISABLED_HIGH] = s->level & ~s->ie,
    };

    for (unsigned i = 0; i < DRIVERS; i++) {
        hit(part, part->points.driver[i], drivers[i]);
    }
}

static uint32_t if_bit(unsigned set, unsigned bit, uint32_t pins)
{
    return set >> bit & 1 ? pins : ~pins;
}

/* A function that differs from what software asks, or nothing would show who has the pin. */
static void read_functions(const GpioPart *part)
{
    const GpioState *s = &part->state;
    uint32_t handed[GPIO_FUNCTIONS] = { s->iof_en & ~s->iof_sel, s->iof_en & s->iof_sel };

    for (unsigned i = 0; i < GPIO_FUNCTIONS && s->iof_en; i++) {
        const uint32_t *asked = s->function[i].asked;
        uint32_t other = (asked[GPIO_OVAL] ^ s->output_val) | (asked[GPIO_OE] ^ s->output_en) |
                         (asked[GPIO_IE] ^ s->input_en);

        for (unsigned set = 0; set < ASKED && s->taken[i]; set++) {
            hit(part, part->points.asked[i][set],
                s->taken[i] & other & if_bit(set, GPIO_OVAL, asked[GPIO_OVAL]) &
                    if_bit(set, GPIO_OE, asked[GPIO_OE]) & if_bit(set, GPIO_IE, asked[GPIO_IE]));
        }
        hit(part, part->points.inverted[i], s->taken[i] & s->oe & s->ie & s->out_xor);
        hit(part, part->points.absent[i], handed[i] & s->function[i].absent & other);
    }
}

/* 0: nobody drives; 1: low; 2: high */
static unsigned line_level(uint32_t driven, uint32_t level, unsigned line)
{
    return driven >> line & 1 ? 1 + (level >> line & 1) : 0;
}

static void note_line(const GpioPart *part, const GpioState *before, const Op *op)
{
    const GpioState *state = &part->state;
    unsigned line = op->line;
    unsigned change = 3 * line_level(before->outside_en, before->outside, line) +
                      line_level(state->outside_en, state->outside, line);
    unsigned is = (state->input_en >> line & 1) | (state->output_en >> line & 1) << 1 |
                  (state->pue >> line & 1) << 2 | (state->taken[0] >> line & 1) << 3 |
                  (state->taken[1] >> line & 1) << 4;

    if (change_names[change] && !(state->doubt >> line & 1)) {
        hit(part, part->points.line_change[change], UINT32_C(1) << line);
        coverage_hit(part->coverage, part->points.line_state[change], UINT32_C(1) << is);
    }
}

/* --- Levels that the reference showed --- */

static void note_outputs(const GpioPart *part, const Levels *old, const Levels *now,
                         GpioCause cause)
{
    const uint32_t was[3] = { ~old->driven, old->driven & ~old->out, old->driven & old->out };
    const uint32_t is[3] = { ~now->driven, now->driven & ~now->out, now->driven & now->out };

    if (old->driven == now->driven && old->out == now->out) {
        return;
    }
    for (unsigned i = 0; i < CHANGES; i++) {
        if (change_names[i]) {
            hit(part, part->points.out_change[i], was[i / 3] & is[i % 3]);
        }
    }
    if (cause < GPIO_CAUSES && changes_outputs(cause)) {
        hit(part, part->points.out_by[cause],
            (old->driven ^ now->driven) | ((old->out ^ now->out) & now->driven));
    }
}

/* For each set of kinds the pins for which it are exactly those. */
static void hit_sets(const GpioPart *part, const size_t *points, const uint32_t *kinds,
                     uint32_t pins)
{
    for (unsigned set = 1; set < 1u << GPIO_KINDS; set++) {
        uint32_t these = pins;

        for (unsigned kind = 0; kind < GPIO_KINDS; kind++) {
            these &= if_bit(set, kind, kinds[kind]);
        }
        if (these && points[set]) {
            hit(part, points[set], these);
        }
    }
}

static void note_irqs(const GpioPart *part, const GpioState *before, const Op *op,
                      const Levels *now, GpioCause cause)
{
    const GpioState *state = &part->state;
    uint32_t up = now->irq & ~before->levels.irq;
    uint32_t down = before->levels.irq & ~now->irq;
    uint32_t active[GPIO_KINDS];

    for (unsigned kind = 0; kind < GPIO_KINDS; kind++) {
        uint32_t was = before->pending[kind] & before->enabled[kind];

        active[kind] = state->pending[kind] & state->enabled[kind];
        hit(part, part->points.irq_kept[kind],
            was & before->levels.irq & now->irq & state->enabled[kind] & ~state->pending[kind]);
        hit(part, part->points.irq_silent[kind],
            state->pending[kind] & ~before->pending[kind] & ~state->enabled[kind] & ~now->irq);
    }
    if (up) {
        hit_sets(part, part->points.irq_up_enabled, state->enabled, up);
        hit_sets(part, part->points.irq_up_by, active, up);
    }
    if (down && op->kind == OP_WRITE) {
        hit(part, cause == GPIO_BY_AGAIN ? part->points.irq_cleared : part->points.irq_masked,
            down);
    } else if (down && op->kind == OP_RESET) {
        hit(part, part->points.irq_reset, down);
    }
}

static void note_reset(const GpioPart *part, const GpioState *s)
{
    uint32_t free = ~s->oe & ~s->outside_en;
    const uint32_t befores[BEFORES] = {
        [BEFORE_INPUT_HIGH] = s->value,
        [BEFORE_IRQ] = s->levels.irq,
        [BEFORE_OUTPUT_HIGH] = s->oe & s->oval,
        [BEFORE_OUTPUT_LOW] = s->oe & ~s->oval,
        [BEFORE_PULL_UP] = free & s->pue,
        [BEFORE_OUTSIDE_HIGH] = s->outside_en & s->outside,
        [BEFORE_OUTSIDE_LOW] = s->outside_en & ~s->outside,
        [BEFORE_CONFLICT] = s->oe & s->outside_en & (s->oval ^ s->outside),
        [BEFORE_IOF0] = s->taken[0],
        [BEFORE_IOF1] = s->taken[1],
        [BEFORE_INVERTED] = s->oe & s->out_xor,
        [BEFORE_RISE_PENDING] = s->pending[GPIO_RISE],
        [BEFORE_FALL_PENDING] = s->pending[GPIO_FALL],
        [BEFORE_HIGH_PENDING] = s->pending[GPIO_HIGH],
    };

    for (unsigned i = 0; i < BEFORES; i++) {
        coverage_hit(part->coverage, part->points.reset[i], befores[i] & ~s->doubt);
    }
}

/* --- Operations --- */

static void note_read(GpioPart *part, const Op *op)
{
    if (op->size != 4) {
        return;
    }
    if (op->offset == 0) {
        read_pins(part);
        read_functions(part);
    } else if (op->offset >= 0x1c && op->offset <= 0x34 && op->offset % 8 == 4) {
        read_pending(part, (op->offset - 0x1c) / 8);
    }
}

static void step(GpioPart *part, const Op *op, const Outcome *ref)
{
    GpioState before = part->state;
    GpioCause cause;

    gpio_state_follow(&part->state, op, ref, &cause);
    if (op->kind == OP_READ) {
        note_read(part, op);
    } else if (cause < GPIO_CAUSES) {
        note_pending(part, &before, op, cause);
    }
    if (part->points.phase[op->kind] && op->phase < OP_PHASES) {
        coverage_hit(part->coverage, part->points.phase[op->kind], UINT32_C(1) << op->phase);
    }
    if (op->kind == OP_LINE) {
        note_line(part, &before, op);
    } else if (op->kind == OP_RESET) {
        note_reset(part, &before);
    }
    if (!op->unsettled && op->kind != OP_READ) {
        note_outputs(part, &before.levels, &ref->levels, cause);
        note_irqs(part, &before, op, &ref->levels, cause);
        part->state.levels = ref->levels;
    }
}

static void gpio_ran(void *part, const Op *op, const Outcome *ref)
{
    Op half = *op;
    Outcome half_ref = *ref;

    if (ref->bus != QOSIM_BUS_OK && op->kind <= OP_WRITE) {
        return;
    }
    if (op->kind > OP_WRITE || op->size <= 4) {
        step(part, op, ref);
        return;
    }
    /* The levels between the two halves are not known. */
    half.size = 4;
    half.unsettled = true;
    step(part, &half, ref);
    half.unsettled = false;
    half.offset += 4;
    half.value >>= 32;
    half_ref.data >>= 32;
    step(part, &half, &half_ref);
}

const CoverageClass coverage_gpio = {
    .create = gpio_create,
    .begin = gpio_begin,
    .ran = gpio_ran,
    .destroy = g_free,
};
