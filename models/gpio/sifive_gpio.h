/*
 * SiFive GPIO: up to 32 pins with pull-ups and four kinds of interrupt each (FE310-G002 manual, chapter 17; facts of
 * this model: docs/devices/sifive_gpio.md).
 *
 * Lines: unnamed inputs (the level somebody outside drives a pin to; negative: nobody does), unnamed outputs (the pin),
 * and one sysbus interrupt line a pin. The hardware as documented (variant=fe310) also has the lines of the two hardware
 * functions of each pin.
 */
#ifndef QOSIM_MODELS_GPIO_SIFIVE_GPIO_H
#define QOSIM_MODELS_GPIO_SIFIVE_GPIO_H

#include "models/core/memory.h"
#include "models/core/sysbus.h"

#define TYPE_SIFIVE_GPIO "sifive_soc.gpio"
OBJECT_DECLARE_SIMPLE_TYPE(SiFiveGPIOState, SIFIVE_GPIO)

#define SIFIVE_GPIO_MAX_PINS 32
#define SIFIVE_GPIO_SIZE 0x100
#define SIFIVE_GPIO_FUNCTIONS 2

#define SIFIVE_GPIO_REG_VALUE 0x00
#define SIFIVE_GPIO_REG_INPUT_EN 0x04
#define SIFIVE_GPIO_REG_OUTPUT_EN 0x08
#define SIFIVE_GPIO_REG_PORT 0x0c
#define SIFIVE_GPIO_REG_PUE 0x10
#define SIFIVE_GPIO_REG_DS 0x14
#define SIFIVE_GPIO_REG_RISE_IE 0x18
#define SIFIVE_GPIO_REG_RISE_IP 0x1c
#define SIFIVE_GPIO_REG_FALL_IE 0x20
#define SIFIVE_GPIO_REG_FALL_IP 0x24
#define SIFIVE_GPIO_REG_HIGH_IE 0x28
#define SIFIVE_GPIO_REG_HIGH_IP 0x2c
#define SIFIVE_GPIO_REG_LOW_IE 0x30
#define SIFIVE_GPIO_REG_LOW_IP 0x34
#define SIFIVE_GPIO_REG_IOF_EN 0x38
#define SIFIVE_GPIO_REG_IOF_SEL 0x3c
#define SIFIVE_GPIO_REG_OUT_XOR 0x40

typedef enum SiFiveGPIOVariantId {
    SIFIVE_GPIO_QEMU,
    SIFIVE_GPIO_FE310,
} SiFiveGPIOVariantId;

typedef struct SiFiveGPIOVariant SiFiveGPIOVariant;

/* What a hardware function (UART, PWM, …) asks of the pins it is on. */
typedef struct SiFiveGPIOFunction {
    uint32_t pins; /* property: where there is one */
    uint32_t oval;
    uint32_t oe;
    uint32_t ie;
    qemu_irq ival[SIFIVE_GPIO_MAX_PINS];
} SiFiveGPIOFunction;

struct SiFiveGPIOState {
    SysBusDevice parent_obj;

    /* Properties */
    uint32_t ngpio; /* 1 to 32 */
    SiFiveGPIOVariantId variant_id;

    /* What is different from variant to variant */
    const SiFiveGPIOVariant *variant;

    /* State: registers; bit i is pin i's */
    uint32_t value;
    uint32_t input_en;
    uint32_t output_en;
    uint32_t port;
    uint32_t pue;
    uint32_t ds;
    uint32_t rise_ie;
    uint32_t rise_ip;
    uint32_t fall_ie;
    uint32_t fall_ip;
    uint32_t high_ie;
    uint32_t high_ip;
    uint32_t low_ie;
    uint32_t low_ip;
    uint32_t iof_en;
    uint32_t iof_sel;
    uint32_t out_xor;

    /* State: the world outside */
    uint32_t in;      /* levels that pins are driven to */
    uint32_t in_mask; /* pins that are driven */

    /* fe310: what others know */
    uint32_t conflicts; /* pins whose two drivers disagree */
    uint32_t driven_oe; /* of the output lines, and which lines these were */
    uint32_t driven_oval;
    qemu_irq driven[SIFIVE_GPIO_MAX_PINS];
    SiFiveGPIOFunction function[SIFIVE_GPIO_FUNCTIONS];

    /* Lines */
    MemoryRegion mmio;
    qemu_irq irq[SIFIVE_GPIO_MAX_PINS];
    qemu_irq output[SIFIVE_GPIO_MAX_PINS];
};

#endif
