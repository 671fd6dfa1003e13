#include "cosim/regress/coverage_gpio_state.h"

#define ALL UINT32_MAX

static uint32_t mux(uint32_t select, uint32_t if_set, uint32_t if_clear)
{
    return (select & if_set) | (~select & if_clear);
}

/* --- Registers --- */

enum { INPUT_VAL = 0x00, RISE_IE = 0x18, LOW_IP = 0x34 };

static bool is_interrupt(uint32_t offset)
{
    return offset >= RISE_IE && offset <= LOW_IP;
}

uint32_t *gpio_state_register(GpioState *state, uint32_t offset)
{
    unsigned kind = (offset - RISE_IE) / 8;

    if (is_interrupt(offset)) {
        return offset % 8 == 0 ? &state->enabled[kind] : &state->pending[kind];
    }
    switch (offset) {
    case 0x04:
        return &state->input_en;
    case 0x08:
        return &state->output_en;
    case 0x0c:
        return &state->output_val;
    case 0x10:
        return &state->pue;
    case 0x38:
        return &state->iof_en;
    case 0x3c:
        return &state->iof_sel;
    case 0x40:
        return &state->out_xor;
    default:
        return NULL;
    }
}

static GpioCause cause_of_write(uint32_t offset)
{
    switch (offset) {
    case 0x04:
        return GPIO_BY_INPUT_EN;
    case 0x08:
        return GPIO_BY_OUTPUT_EN;
    case 0x0c:
        return GPIO_BY_OUTPUT_VAL;
    case 0x10:
        return GPIO_BY_PUE;
    case 0x38:
        return GPIO_BY_IOF_EN;
    case 0x3c:
        return GPIO_BY_IOF_SEL;
    case 0x40:
        return GPIO_BY_OUT_XOR;
    default:
        return is_interrupt(offset) && offset % 8 != 0 ? GPIO_BY_AGAIN : GPIO_CAUSES;
    }
}

/* A write takes effect when it covers the whole register. */
static GpioCause write_register(GpioState *state, const Op *op)
{
    uint32_t *reg = gpio_state_register(state, op->offset);

    if (!reg || op->size != 4 || (op->by_strobes && op->strobes != 0xf)) {
        return GPIO_CAUSES;
    }
    *reg = cause_of_write(op->offset) == GPIO_BY_AGAIN ? *reg & ~(uint32_t)op->value
                                                       : (uint32_t)op->value;
    return cause_of_write(op->offset);
}

/* --- Pins --- */

static void find_pads(GpioState *state)
{
    const uint32_t selected[GPIO_FUNCTIONS] = { state->iof_en & ~state->iof_sel,
                                                state->iof_en & state->iof_sel };

    state->oval = state->output_val;
    state->oe = state->output_en;
    state->ie = state->input_en;
    for (unsigned i = 0; i < GPIO_FUNCTIONS; i++) {
        const GpioFunction *function = &state->function[i];
        uint32_t taken = selected[i] & function->present;

        state->oval = mux(taken, function->asked[GPIO_OVAL], state->oval);
        state->oe = mux(taken, function->asked[GPIO_OE], state->oe);
        state->ie = mux(taken, function->asked[GPIO_IE], state->ie);
        state->taken[i] = taken;
        state->doubt |= selected[i] & ~(function->present | function->absent);
    }
    state->oval ^= state->out_xor;
    state->level = mux(state->oe, state->oval, mux(state->outside_en, state->outside, state->pue));
}

static void sample(GpioState *state)
{
    uint32_t now = state->ie & state->level;

    state->pending[GPIO_RISE] |= now & ~state->value;
    state->pending[GPIO_FALL] |= ~now & state->value;
    state->pending[GPIO_HIGH] |= now;
    state->pending[GPIO_LOW] |= ~now;
    state->value = now;
}

/* Whether a pin has the function that it is handed to shows where that asks for something else than software does. */
static void learn_functions(GpioState *state, const Levels *levels)
{
    for (unsigned i = 0; i < GPIO_FUNCTIONS; i++) {
        GpioFunction *function = &state->function[i];
        uint32_t handed = state->iof_en & (i == 0 ? ~state->iof_sel : state->iof_sel);
        uint32_t telling = handed & (function->asked[GPIO_OE] ^ state->output_en) &
                           ~(function->present | function->absent);
        uint32_t follows = ~(levels->driven ^ function->asked[GPIO_OE]);

        function->present |= telling & follows;
        function->absent |= telling & ~follows;
    }
}

/* --- Operations --- */

static void clear_registers(GpioState *state)
{
    static const GpioState none = { .doubt = 0 };
    GpioState before = *state;

    *state = none;
    state->outside = before.outside;
    state->outside_en = before.outside_en;
    for (unsigned i = 0; i < GPIO_FUNCTIONS; i++) {
        state->function[i] = before.function[i];
    }
    state->levels = before.levels;
    state->corrected = before.corrected;
}

void gpio_state_begin(GpioState *state)
{
    clear_registers(state);
    state->outside = state->outside_en = 0;
    for (unsigned i = 0; i < GPIO_FUNCTIONS; i++) {
        for (unsigned k = 0; k < G_N_ELEMENTS(state->function[i].asked); k++) {
            state->function[i].asked[k] = 0;
        }
    }
    state->levels = (Levels){ 0 };
    find_pads(state);
    sample(state);
}

static void set_bit(uint32_t *word, unsigned bit, bool set)
{
    *word = set ? *word | UINT32_C(1) << bit : *word & ~(UINT32_C(1) << bit);
}

static GpioCause drive_line(GpioState *state, const Op *op)
{
    set_bit(&state->outside_en, op->line, op->level >= 0);
    if (op->level >= 0) {
        set_bit(&state->outside, op->line, op->level > 0);
    }
    return op->level >= 0 ? GPIO_BY_OUTSIDE : GPIO_BY_RELEASE;
}

/* The lists of inputs are oval, oe and ie of function 0, then of function 1. */
static GpioCause drive_function(GpioState *state, const Op *op)
{
    const unsigned n = G_N_ELEMENTS(state->function[0].asked);

    if (op->list < GPIO_FUNCTIONS * n) {
        set_bit(&state->function[op->list / n].asked[op->list % n], op->line, op->level > 0);
    }
    return GPIO_BY_FUNCTION;
}

/* What is read is right. */
static void correct(GpioState *state, const Op *op, uint32_t data)
{
    uint32_t *reg =
        op->offset == INPUT_VAL ? &state->value : gpio_state_register(state, op->offset);

    if (op->size == 4 && reg && *reg != data) {
        state->corrected += ((*reg ^ data) & ~state->doubt) != 0;
        *reg = data;
    }
}

void gpio_state_follow(GpioState *state, const Op *op, const Outcome *ref, GpioCause *cause)
{
    *cause = GPIO_CAUSES;
    switch ((OpKind)op->kind) {
    case OP_READ:
        correct(state, op, (uint32_t)ref->data);
        break;
    case OP_WRITE:
        *cause = write_register(state, op);
        break;
    case OP_LINE:
        *cause = drive_line(state, op);
        break;
    case OP_INPUT:
        *cause = drive_function(state, op);
        break;
    case OP_RESET:
        clear_registers(state);
        *cause = GPIO_BY_RESET;
        break;
    default:
        break;
    }
    if (*cause == GPIO_CAUSES) {
        return;
    }
    find_pads(state);
    if (!op->unsettled && (state->doubt & state->iof_en)) {
        learn_functions(state, &ref->levels);
        find_pads(state);
    }
    sample(state);
}
