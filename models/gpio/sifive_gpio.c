/*
 * SiFive GPIO: registers, lines and life. What QEMU's model and the hardware do differently is in a variant of its own each:
 * see docs/devices/sifive_gpio.md.
 */
#include "models/gpio/sifive_gpio_variant.h"

#include <inttypes.h>

#include "models/core/log.h"
#include "models/core/qdev_properties.h"

static void sifive_gpio_update(void *opaque);

/* --- Registers --- */

#define ALL_BITS UINT32_MAX
#define ROW(name_, offset_, field_, ...)                                                           \
    {                                                                                              \
        .name = (name_), .offset = (offset_), .field = offsetof(SiFiveGPIOState, field_),          \
        .hook = sifive_gpio_update, __VA_ARGS__                                                    \
    }
#define RO(name, offset, field) ROW(name, offset, field, .reset = 0)
#define RW(name, offset, field) ROW(name, offset, field, .writable = ALL_BITS)
#define W1C(name, offset, field) ROW(name, offset, field, .write_1_clear = ALL_BITS)

static const RegisterInfo sifive_gpio_rows[] = {
    RO("input_val", SIFIVE_GPIO_REG_VALUE, value),
    RW("input_en", SIFIVE_GPIO_REG_INPUT_EN, input_en),
    RW("output_en", SIFIVE_GPIO_REG_OUTPUT_EN, output_en),
    RW("output_val", SIFIVE_GPIO_REG_PORT, port),
    RW("pue", SIFIVE_GPIO_REG_PUE, pue),
    RW("ds", SIFIVE_GPIO_REG_DS, ds),
    RW("rise_ie", SIFIVE_GPIO_REG_RISE_IE, rise_ie),
    W1C("rise_ip", SIFIVE_GPIO_REG_RISE_IP, rise_ip),
    RW("fall_ie", SIFIVE_GPIO_REG_FALL_IE, fall_ie),
    W1C("fall_ip", SIFIVE_GPIO_REG_FALL_IP, fall_ip),
    RW("high_ie", SIFIVE_GPIO_REG_HIGH_IE, high_ie),
    W1C("high_ip", SIFIVE_GPIO_REG_HIGH_IP, high_ip),
    RW("low_ie", SIFIVE_GPIO_REG_LOW_IE, low_ie),
    W1C("low_ip", SIFIVE_GPIO_REG_LOW_IP, low_ip),
    RW("iof_en", SIFIVE_GPIO_REG_IOF_EN, iof_en),
    RW("iof_sel", SIFIVE_GPIO_REG_IOF_SEL, iof_sel),
    RW("out_xor", SIFIVE_GPIO_REG_OUT_XOR, out_xor),
};

const RegisterMap sifive_gpio_map = {
    .rows = sifive_gpio_rows,
    .count = G_N_ELEMENTS(sifive_gpio_rows),
};

/* --- Update --- */

static void sifive_gpio_update(void *opaque)
{
    SiFiveGPIOState *s = opaque;

    s->variant->update(s);
}

uint32_t sifive_gpio_pins(const SiFiveGPIOState *s)
{
    return ALL_BITS >> (SIFIVE_GPIO_MAX_PINS - s->ngpio);
}

void sifive_gpio_report_conflicts(SiFiveGPIOState *s, uint32_t conflicts)
{
    for (; conflicts; conflicts &= conflicts - 1) {
        log_guest_error(OBJECT(s), "GPIO pin %d short circuited", __builtin_ctz(conflicts));
    }
}

void sifive_gpio_sample(SiFiveGPIOState *s, uint32_t inputs)
{
    uint32_t pins = sifive_gpio_pins(s);
    uint32_t now = inputs & pins;
    uint32_t changed = now ^ s->value;

    s->high_ip |= now;
    s->low_ip |= ~now & pins;
    s->rise_ip |= changed & now;
    s->fall_ip |= changed & ~now;
    s->value = now;
}

void sifive_gpio_drive_interrupts(const SiFiveGPIOState *s)
{
    uint32_t pending = (s->rise_ip & s->rise_ie) | (s->fall_ip & s->fall_ie) |
                       (s->high_ip & s->high_ie) | (s->low_ip & s->low_ie);

    qemu_set_irqs(s->irq, sifive_gpio_pins(s), pending);
}

/* --- Input lines --- */

static void sifive_gpio_set(void *opaque, int n, int level)
{
    SiFiveGPIOState *s = opaque;
    uint32_t pin = UINT32_C(1) << n;

    if (level < 0) {
        s->in_mask &= ~pin;
    } else {
        s->in_mask |= pin;
        s->in = level ? s->in | pin : s->in & ~pin;
    }
    sifive_gpio_update(s);
}

/* --- Life --- */

static const SiFiveGPIOVariant *const sifive_gpio_variants[] = {
    [SIFIVE_GPIO_QEMU] = &sifive_gpio_variant_qemu,
    [SIFIVE_GPIO_FE310] = &sifive_gpio_variant_fe310,
};

static void sifive_gpio_reset(DeviceState *dev)
{
    SiFiveGPIOState *s = SIFIVE_GPIO(dev);

    register_reset_all(&sifive_gpio_map, s);
    s->variant->reset(s);
}

static bool sifive_gpio_realize(DeviceState *dev, GError **error)
{
    SiFiveGPIOState *s = SIFIVE_GPIO(dev);

    if (s->ngpio == 0 || s->ngpio > SIFIVE_GPIO_MAX_PINS) {
        return qom_error_set(error, "Property 'ngpio' of '%s' must be 1 to %d, not %" PRIu32,
                             TYPE_SIFIVE_GPIO, SIFIVE_GPIO_MAX_PINS, s->ngpio);
    }
    s->variant = sifive_gpio_variants[s->variant_id];
    s->mmio.ops = s->variant->mmio;
    for (uint32_t i = 0; i < s->ngpio; i++) {
        sysbus_init_irq(SYS_BUS_DEVICE(dev), &s->irq[i]);
    }
    qdev_init_gpio_in(dev, sifive_gpio_set, (int)s->ngpio);
    qdev_init_gpio_out(dev, s->output, (int)s->ngpio);
    if (s->variant->init_lines) {
        s->variant->init_lines(s);
    }
    return true;
}

static void sifive_gpio_init(Object *obj)
{
    SiFiveGPIOState *s = SIFIVE_GPIO(obj);

    /* Realize knows the variant that is wanted, and puts its operations in. */
    s->variant = &sifive_gpio_variant_qemu;
    memory_region_init_io(&s->mmio, obj, s->variant->mmio, s, TYPE_SIFIVE_GPIO, SIFIVE_GPIO_SIZE);
    sysbus_init_mmio(SYS_BUS_DEVICE(obj), &s->mmio);
}

static const QEnumLookup sifive_gpio_variant_lookup = {
    .array =
        (const char *const[]){
            [SIFIVE_GPIO_QEMU] = "qemu",
            [SIFIVE_GPIO_FE310] = "fe310",
        },
    .size = G_N_ELEMENTS(sifive_gpio_variants),
};

static const PropertyInfo sifive_gpio_prop_variant = {
    .type = "SiFiveGPIOVariant",
    .description = "qemu/fe310",
    .enum_table = &sifive_gpio_variant_lookup,
    .get = qdev_prop_get_enum,
    .set = qdev_prop_set_enum,
    .set_default = qdev_prop_set_default_enum,
};

static const Property sifive_gpio_properties[] = {
    DEFINE_PROP_UINT32("ngpio", SiFiveGPIOState, ngpio, SIFIVE_GPIO_MAX_PINS),
    DEFINE_PROP_WITH_DEFAULT("variant", SiFiveGPIOState, variant_id, sifive_gpio_prop_variant,
                             SiFiveGPIOVariantId, SIFIVE_GPIO_QEMU),
    DEFINE_PROP_UINT32("iof0", SiFiveGPIOState, function[0].pins, 0),
    DEFINE_PROP_UINT32("iof1", SiFiveGPIOState, function[1].pins, 0),
    DEFINE_PROP_END_OF_LIST(),
};

static void sifive_gpio_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);
    RegisterBankClass *bank = REGISTER_BANK_CLASS(klass);

    (void)data;
    device_class_set_props(dc, sifive_gpio_properties);
    object_class_property_set_description(klass, "ngpio", "Number of pins, 1 to 32");
    object_class_property_set_description(
        klass, "variant",
        "What to behave like: qemu (QEMU's model) or fe310 (the documented chip)");
    object_class_property_set_description(klass, "iof0",
                                          "fe310: mask of the pins that have hardware function 0");
    object_class_property_set_description(klass, "iof1",
                                          "fe310: mask of the pins that have hardware function 1");
    dc->desc = "SiFive GPIO";
    dc->categories = 1u << DEVICE_CATEGORY_MISC;
    dc->user_creatable = true;
    dc->realize = sifive_gpio_realize;
    dc->reset = sifive_gpio_reset;
    bank->map = &sifive_gpio_map;
}

static const TypeInfo sifive_gpio_types[] = {
    {
        .name = TYPE_SIFIVE_GPIO,
        .parent = TYPE_SYS_BUS_DEVICE,
        .instance_size = sizeof(SiFiveGPIOState),
        .instance_init = sifive_gpio_init,
        .class_init = sifive_gpio_class_init,
        .interfaces =
            (InterfaceInfo[]){
                { TYPE_REGISTER_BANK },
                {},
            },
    },
};

DEFINE_TYPES(sifive_gpio_types)
