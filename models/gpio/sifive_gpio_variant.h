/* What a variant of the SiFive GPIO supplies, and what it finds in the common part. */
#ifndef QOSIM_MODELS_GPIO_SIFIVE_GPIO_VARIANT_H
#define QOSIM_MODELS_GPIO_SIFIVE_GPIO_VARIANT_H

#include "models/core/registers.h"
#include "models/gpio/sifive_gpio.h"

struct SiFiveGPIOVariant {
    const MemoryRegionOps *mmio;
    /* Evaluates the pins and drives the lines: after each write to a register and each change of an input line. */
    void (*update)(SiFiveGPIOState *s);
    /* What a reset does beyond the registers. */
    void (*reset)(SiFiveGPIOState *s);
    /* Lines that only this variant has; may be NULL. */
    void (*init_lines)(SiFiveGPIOState *s);
};

extern const SiFiveGPIOVariant sifive_gpio_variant_qemu;
extern const SiFiveGPIOVariant sifive_gpio_variant_fe310;

extern const RegisterMap sifive_gpio_map;

/* Mask of the pins there are. */
uint32_t sifive_gpio_pins(const SiFiveGPIOState *s);

/* Tells of each pin in @conflicts that two drive it. */
void sifive_gpio_report_conflicts(SiFiveGPIOState *s, uint32_t conflicts);

/*
 * Takes @inputs as the new input_val: HIGH_IP and LOW_IP latch the present, RISE_IP and FALL_IP what changed since the last time.
 */
void sifive_gpio_sample(SiFiveGPIOState *s, uint32_t inputs);

/* Sets each interrupt line to what is both pending and enabled. */
void sifive_gpio_drive_interrupts(const SiFiveGPIOState *s);

#endif
