#include "cosim/regress/stimulus_gpio.h"

/* Offsets of registers */
enum {
    INPUT_VAL = 0x00,
    INPUT_EN = 0x04,
    OUTPUT_EN = 0x08,
    OUTPUT_VAL = 0x0c,
    PUE = 0x10,
    RISE_IE = 0x18,
    RISE_IP = 0x1c,
    IOF_EN = 0x38,
    IOF_SEL = 0x3c,
    OUT_XOR = 0x40,
};

/* Numbers of the device's lists of inputs: of function 0, then of function 1. */
enum { LIST_OVAL, LIST_OE, LIST_IE, LISTS };

static bool coin(RegressStimulus *stimulus)
{
    return regress_stimulus_below(stimulus, 2) != 0;
}

static void add_write(RegressStimulus *stimulus, uint32_t offset, uint32_t value)
{
    regress_stimulus_add(stimulus,
                         (Op){ .kind = OP_WRITE, .size = 4, .offset = offset, .value = value });
}

static void add_read(RegressStimulus *stimulus, uint32_t offset)
{
    regress_stimulus_add(stimulus, (Op){ .kind = OP_READ, .size = 4, .offset = offset });
}

static void add_input(RegressStimulus *stimulus, unsigned list, uint8_t line, int level)
{
    unsigned phase = regress_stimulus_below(stimulus, OP_PHASES);

    regress_stimulus_add(stimulus, (Op){ .kind = OP_INPUT,
                                         .list = (uint8_t)list,
                                         .line = line,
                                         .level = (int8_t)level,
                                         .phase = (uint8_t)phase });
}

static void add_line(RegressStimulus *stimulus, uint8_t line, int level)
{
    unsigned phase = regress_stimulus_below(stimulus, OP_PHASES);

    regress_stimulus_add(
        stimulus,
        (Op){ .kind = OP_LINE, .line = line, .level = (int8_t)level, .phase = (uint8_t)phase });
}

/* The hot bits with @pin, or with all but it, now and then. */
static uint32_t around(RegressStimulus *stimulus, uint32_t pin)
{
    return coin(stimulus) ? stimulus->hot | pin : pin;
}

/* The enable or pending register of kind 0 to 3: rise, fall, high, low. */
static uint32_t enable_offset(unsigned kind)
{
    return RISE_IE + 8 * kind;
}

static uint32_t pending_offset(unsigned kind)
{
    return RISE_IP + 8 * kind;
}

/* Looks at what is pending and at the pins, in between clears it. */
static void add_look(RegressStimulus *stimulus, uint32_t pin)
{
    unsigned kind = regress_stimulus_below(stimulus, 4);

    switch (regress_stimulus_below(stimulus, 4)) {
    case 0:
        add_write(stimulus, pending_offset(kind), around(stimulus, pin));
        break;
    case 1:
        add_read(stimulus, INPUT_VAL);
        break;
    default:
        add_read(stimulus, pending_offset(kind));
        break;
    }
}

/* A pin is handed to a hardware function, which then does what it likes with it. */
static void make_function(RegressStimulus *stimulus)
{
    uint8_t line = regress_stimulus_line(stimulus);
    uint32_t pin = UINT32_C(1) << line;
    unsigned function = regress_stimulus_below(stimulus, 2);

    if (!(stimulus->takes & OP_TAKES_INPUTS)) {
        return;
    }
    add_input(stimulus, LISTS * function + LIST_IE, line, 1);
    add_write(stimulus, IOF_SEL, function ? around(stimulus, pin) : ~pin);
    add_write(stimulus, IOF_EN, around(stimulus, pin));
    for (unsigned i = 0; i < 8; i++) {
        unsigned list = regress_stimulus_below(stimulus, LISTS + 1);

        add_input(stimulus, LISTS * function + MIN(list, LIST_OE), line, coin(stimulus));
        add_look(stimulus, pin);
    }
    add_input(stimulus, LISTS * function + LIST_IE, line, coin(stimulus));
    add_read(stimulus, INPUT_VAL);
}

/* Several kinds of interrupt are enabled on a quiet pin, the last one while it is pending or before it is. */
static void make_interrupts(RegressStimulus *stimulus)
{
    uint8_t line = regress_stimulus_line(stimulus);
    uint32_t pin = UINT32_C(1) << line;
    unsigned kinds = regress_stimulus_below(stimulus, 16);
    unsigned last = regress_stimulus_below(stimulus, 4);

    add_write(stimulus, INPUT_EN, around(stimulus, pin));
    add_line(stimulus, line, coin(stimulus));
    for (unsigned kind = 0; kind < 4; kind++) {
        if (coin(stimulus)) {
            add_write(stimulus, pending_offset(kind), around(stimulus, pin));
        }
    }
    for (unsigned kind = 0; kind < 4; kind++) {
        if (kind != last) {
            add_write(stimulus, enable_offset(kind), kinds >> kind & 1 ? around(stimulus, pin) : 0);
        }
    }
    add_write(stimulus, enable_offset(last), around(stimulus, pin));
    for (unsigned i = 0; i < 4; i++) {
        add_look(stimulus, pin);
    }
    add_line(stimulus, line, coin(stimulus));
    add_write(stimulus, enable_offset(last), 0);
}

/* Whatever can change a pin. */
static void add_change(RegressStimulus *stimulus, uint8_t line)
{
    static const uint32_t offsets[] = {
        INPUT_EN, OUTPUT_EN, OUTPUT_VAL, PUE, PUE, OUT_XOR, IOF_EN, IOF_SEL,
    };
    const unsigned n = G_N_ELEMENTS(offsets);
    uint32_t pin = UINT32_C(1) << line;
    unsigned what = regress_stimulus_below(stimulus, n + 4);

    if (what < n) {
        bool set = coin(stimulus);

        add_write(stimulus, offsets[what], set ? around(stimulus, pin) : stimulus->hot & ~pin);
    } else {
        add_line(stimulus, line, what < n + 2 ? OP_RELEASED : (int)(what - n - 2));
    }
}

/* A pending bit is cleared, one thing about its pin changes, and the bit is read. */
static void make_pin(RegressStimulus *stimulus)
{
    uint8_t line = regress_stimulus_line(stimulus);
    uint32_t pin = UINT32_C(1) << line;

    add_write(stimulus, INPUT_EN, around(stimulus, pin));
    add_line(stimulus, line, (int)regress_stimulus_below(stimulus, 3) - 1);
    for (unsigned i = 0; i < 10; i++) {
        unsigned kind = regress_stimulus_below(stimulus, 4);

        add_write(stimulus, pending_offset(kind), around(stimulus, pin));
        add_change(stimulus, line);
        add_read(stimulus, pending_offset(kind));
    }
    add_read(stimulus, INPUT_VAL);
}

void (*const stimulus_gpio_patterns[STIMULUS_GPIO_PATTERNS])(RegressStimulus *stimulus) = {
    make_function,
    make_interrupts,
    make_pin,
};
