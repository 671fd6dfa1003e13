/* The SiFive GPIO as QEMU 7.2's model has it, access by access. */
#include <inttypes.h>

#include "models/core/log.h"
#include "models/gpio/sifive_gpio_variant.h"

/* The level of each pin: whoever drives it from outside wins, then its output, then its pull-up. */
static uint32_t pin_levels(const SiFiveGPIOState *s)
{
    uint32_t inside = (s->output_en & (s->port ^ s->out_xor)) | (~s->output_en & s->pue);

    return (s->in_mask & s->in) | (~s->in_mask & inside);
}

static void qemu_update(SiFiveGPIOState *s)
{
    uint32_t levels = pin_levels(s);

    sifive_gpio_report_conflicts(s, s->output_en & s->in_mask & sifive_gpio_pins(s));
    sifive_gpio_sample(s, s->input_en & levels);
    /* A pin whose output is disabled keeps the level it had: nobody is told. */
    qemu_set_irqs(s->output, s->output_en & sifive_gpio_pins(s), levels);
    sifive_gpio_drive_interrupts(s);
}

/* --- Accesses: always 4 bytes wide, at any offset --- */

static uint64_t sifive_gpio_read(void *opaque, hwaddr offset, unsigned size)
{
    const SiFiveGPIOState *s = opaque;
    const RegisterInfo *reg = register_find(&sifive_gpio_map, offset);

    (void)size;
    if (!reg) {
        log_guest_error(OBJECT(s), "%s: bad read offset 0x%" PRIx64, __func__, offset);
        return 0;
    }
    return register_read(reg, s);
}

static void sifive_gpio_write(void *opaque, hwaddr offset, uint64_t value, unsigned size)
{
    SiFiveGPIOState *s = opaque;
    const RegisterInfo *reg = register_find(&sifive_gpio_map, offset);

    (void)size;
    if (!reg || register_is_read_only(reg)) {
        log_guest_error(OBJECT(s), "%s: bad write offset 0x%" PRIx64, __func__, offset);
        /* Even this write latches the pins' levels. */
        qemu_update(s);
        return;
    }
    register_write(reg, s, (uint32_t)value);
}

static const MemoryRegionOps qemu_ops = {
    .read = sifive_gpio_read,
    .write = sifive_gpio_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .impl = { .min_access_size = 4, .max_access_size = 4 },
};

/* Lines keep their levels until the first update after the reset. */
static void qemu_reset(SiFiveGPIOState *s)
{
    s->in = 0;
    s->in_mask = 0;
}

const SiFiveGPIOVariant sifive_gpio_variant_qemu = {
    .mmio = &qemu_ops,
    .update = qemu_update,
    .reset = qemu_reset,
};
