/*
 * The SiFive GPIO as the FE310-G002's manual (chapter 17) and register generator have it. Time is left out: an access or a change
 * of a line has had all its effects when the call returns, as in hardware some clocks later.
 */
#include <inttypes.h>
#include <string.h>

#include "models/core/log.h"
#include "models/gpio/sifive_gpio_variant.h"

/* --- Pads --- */

/* What the pads are told: by software, or by the hardware function that a pin is handed to. */
typedef struct PadControl {
    uint32_t oval;
    uint32_t oe;
    uint32_t ie;
} PadControl;

static uint32_t mux(uint32_t select, uint32_t if_set, uint32_t if_clear)
{
    return (select & if_set) | (~select & if_clear);
}

/* A pin that is handed to a function which it does not have stays with software. The inversion comes last. */
static PadControl pad_control(const SiFiveGPIOState *s)
{
    PadControl pad = { .oval = s->port, .oe = s->output_en, .ie = s->input_en };
    const uint32_t selected[SIFIVE_GPIO_FUNCTIONS] = { ~s->iof_sel, s->iof_sel };

    for (unsigned i = 0; i < SIFIVE_GPIO_FUNCTIONS; i++) {
        const SiFiveGPIOFunction *function = &s->function[i];
        uint32_t taken = s->iof_en & selected[i] & function->pins;

        pad.oval = mux(taken, function->oval, pad.oval);
        pad.oe = mux(taken, function->oe, pad.oe);
        pad.ie = mux(taken, function->ie, pad.ie);
    }
    pad.oval ^= s->out_xor;
    return pad;
}

/* Few outputs change at a time. All are driven after a reset, and when any of them leads elsewhere than the last time. */
static void drive_outputs(SiFiveGPIOState *s, PadControl pad)
{
    uint32_t changed = (pad.oe ^ s->driven_oe) | (pad.oe & (pad.oval ^ s->driven_oval));

    if (memcmp(s->output, s->driven, sizeof(s->driven)) != 0) {
        memcpy(s->driven, s->output, sizeof(s->driven));
        changed = UINT32_MAX;
    }
    s->driven_oe = pad.oe;
    s->driven_oval = pad.oval;
    for (changed &= sifive_gpio_pins(s); changed; changed &= changed - 1) {
        int i = __builtin_ctz(changed);

        qemu_set_irq(s->output[i], (pad.oe >> i) & 1 ? (int)((pad.oval >> i) & 1) : -1);
    }
}

static void drive_pads(SiFiveGPIOState *s, PadControl pad)
{
    drive_outputs(s, pad);
    for (unsigned k = 0; k < SIFIVE_GPIO_FUNCTIONS; k++) {
        qemu_set_irqs(s->function[k].ival, sifive_gpio_pins(s), s->value);
    }
}

/* Two drivers that disagree are electrically undefined; here the chip's own is stronger. The pull-up is weaker than both. */
static void fe310_update(SiFiveGPIOState *s)
{
    PadControl pad = pad_control(s);
    uint32_t outside = mux(s->in_mask, s->in, s->pue);

    uint32_t conflicts = pad.oe & s->in_mask & (pad.oval ^ s->in) & sifive_gpio_pins(s);

    sifive_gpio_report_conflicts(s, conflicts & ~s->conflicts);
    s->conflicts = conflicts;
    sifive_gpio_sample(s, pad.ie & mux(pad.oe, pad.oval, outside));
    drive_pads(s, pad);
    sifive_gpio_drive_interrupts(s);
}

/* --- Accesses: bytes by lane --- */

static uint64_t fe310_read(void *opaque, hwaddr offset, unsigned size)
{
    const SiFiveGPIOState *s = opaque;
    const RegisterInfo *reg = register_find(&sifive_gpio_map, offset & ~(hwaddr)3);

    (void)size;
    if (!reg) {
        log_guest_error(OBJECT(s), "%s: bad read offset 0x%" PRIx64, __func__, offset);
        return 0;
    }
    return register_read(reg, s) >> (8 * (offset & 3));
}

/* A field is as wide as there are pins, and takes a write only if that covers all of its bytes. */
static void fe310_write(void *opaque, hwaddr offset, uint64_t value, unsigned size)
{
    SiFiveGPIOState *s = opaque;
    const RegisterInfo *reg = register_find(&sifive_gpio_map, offset & ~(hwaddr)3);
    unsigned shift = 8 * (unsigned)(offset & 3);
    uint64_t lanes = ((UINT64_C(1) << (8 * size)) - 1) << shift;

    if (!reg || register_is_read_only(reg)) {
        log_guest_error(OBJECT(s), "%s: bad write offset 0x%" PRIx64, __func__, offset);
    } else if (sifive_gpio_pins(s) & ~lanes) {
        log_guest_error(OBJECT(s), "%s: %u byte(s) at 0x%" PRIx64 " are not all of %s", __func__,
                        size, offset, reg->name);
    } else {
        register_write(reg, s, (uint32_t)(value << shift) & sifive_gpio_pins(s));
    }
}

static const MemoryRegionOps fe310_ops = {
    .read = fe310_read,
    .write = fe310_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .impl = { .min_access_size = 1, .max_access_size = 4 },
};

/* --- Hardware functions --- */

static void set_bit(SiFiveGPIOState *s, uint32_t *bits, int n, int level)
{
    uint32_t pin = UINT32_C(1) << n;

    *bits = level > 0 ? *bits | pin : *bits & ~pin;
    fe310_update(s);
}

#define FUNCTION_INPUT(k, field)                                                                   \
    static void set_iof##k##_##field(void *opaque, int n, int level)                               \
    {                                                                                              \
        SiFiveGPIOState *s = opaque;                                                               \
                                                                                                   \
        set_bit(s, &s->function[k].field, n, level);                                               \
    }
FUNCTION_INPUT(0, oval)
FUNCTION_INPUT(0, oe)
FUNCTION_INPUT(0, ie)
FUNCTION_INPUT(1, oval)
FUNCTION_INPUT(1, oe)
FUNCTION_INPUT(1, ie)

static void fe310_init_lines(SiFiveGPIOState *s)
{
    static const struct {
        const char *name;
        qemu_irq_handler handler;
    } inputs[] = {
        { "iof0-oval", set_iof0_oval }, { "iof0-oe", set_iof0_oe }, { "iof0-ie", set_iof0_ie },
        { "iof1-oval", set_iof1_oval }, { "iof1-oe", set_iof1_oe }, { "iof1-ie", set_iof1_ie },
    };
    DeviceState *dev = DEVICE(s);

    for (size_t i = 0; i < G_N_ELEMENTS(inputs); i++) {
        qdev_init_gpio_in_named(dev, inputs[i].handler, inputs[i].name, (int)s->ngpio);
    }
    qdev_init_gpio_out_named(dev, s->function[0].ival, "iof0-ival", (int)s->ngpio);
    qdev_init_gpio_out_named(dev, s->function[1].ival, "iof1-ival", (int)s->ngpio);
}

/* The outside is not reset, and all inputs being low is pending at once. */
static void fe310_reset(SiFiveGPIOState *s)
{
    memset(s->driven, 0, sizeof(s->driven));
    fe310_update(s);
}

const SiFiveGPIOVariant sifive_gpio_variant_fe310 = {
    .mmio = &fe310_ops,
    .update = fe310_update,
    .reset = fe310_reset,
    .init_lines = fe310_init_lines,
};
