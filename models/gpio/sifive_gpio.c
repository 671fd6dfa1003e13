/* SiFive GPIO, as seen through QEMU's: see docs/devices/sifive_gpio.md for the rules and where hardware differs. */
#include "models/gpio/sifive_gpio.h"

#include <inttypes.h>

#include "models/core/log.h"
#include "models/core/qdev_properties.h"
#include "models/core/registers.h"

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

static const RegisterMap sifive_gpio_map = {
    .rows = sifive_gpio_rows,
    .count = G_N_ELEMENTS(sifive_gpio_rows),
};

/* --- Update --- */

static uint32_t pins_of(const SiFiveGPIOState *s)
{
    return ALL_BITS >> (SIFIVE_GPIO_MAX_PINS - s->ngpio);
}

static void report_conflicts(SiFiveGPIOState *s)
{
    uint32_t conflicts = s->output_en & s->in_mask & pins_of(s);

    for (; conflicts; conflicts &= conflicts - 1) {
        log_guest_error(OBJECT(s), "GPIO pin %d short circuited", __builtin_ctz(conflicts));
    }
}

/* The level of each pin: whoever drives it from outside wins, then its output, then its pull-up. */
static uint32_t pin_levels(const SiFiveGPIOState *s)
{
    uint32_t inside = (s->output_en & (s->port ^ s->out_xor)) | (~s->output_en & s->pue);

    return (s->in_mask & s->in) | (~s->in_mask & inside);
}

/* HIGH_IP and LOW_IP latch the present, RISE_IP and FALL_IP what changed since the last update. */
static void sample(SiFiveGPIOState *s, uint32_t levels)
{
    uint32_t pins = pins_of(s);
    uint32_t now = s->input_en & levels & pins;
    uint32_t changed = now ^ s->value;

    s->high_ip |= now;
    s->low_ip |= ~now & pins;
    s->rise_ip |= changed & now;
    s->fall_ip |= changed & ~now;
    s->value = now;
}

static void drive_interrupts(const SiFiveGPIOState *s)
{
    uint32_t pending = (s->rise_ip & s->rise_ie) | (s->fall_ip & s->fall_ie) |
                       (s->high_ip & s->high_ie) | (s->low_ip & s->low_ie);

    for (uint32_t i = 0; i < s->ngpio; i++) {
        qemu_set_irq(s->irq[i], (pending >> i) & 1);
    }
}

static void sifive_gpio_update(void *opaque)
{
    SiFiveGPIOState *s = opaque;
    uint32_t levels = pin_levels(s);

    report_conflicts(s);
    sample(s, levels);
    for (uint32_t i = 0; i < s->ngpio; i++) {
        /* A pin whose output is disabled keeps the level it had: nobody is told. */
        if ((s->output_en >> i) & 1) {
            qemu_set_irq(s->output[i], (levels >> i) & 1);
        }
    }
    drive_interrupts(s);
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
        sifive_gpio_update(s);
        return;
    }
    register_write(reg, s, (uint32_t)value);
}

static const MemoryRegionOps sifive_gpio_ops = {
    .read = sifive_gpio_read,
    .write = sifive_gpio_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .impl = { .min_access_size = 4, .max_access_size = 4 },
};

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

/* Lines keep their levels until the first update after the reset. */
static void sifive_gpio_reset(DeviceState *dev)
{
    SiFiveGPIOState *s = SIFIVE_GPIO(dev);

    register_reset_all(&sifive_gpio_map, s);
    s->in = 0;
    s->in_mask = 0;
}

static bool sifive_gpio_realize(DeviceState *dev, GError **error)
{
    SiFiveGPIOState *s = SIFIVE_GPIO(dev);

    if (s->ngpio == 0 || s->ngpio > SIFIVE_GPIO_MAX_PINS) {
        return qom_error_set(error, "Property 'ngpio' of '%s' must be 1 to %d, not %" PRIu32,
                             TYPE_SIFIVE_GPIO, SIFIVE_GPIO_MAX_PINS, s->ngpio);
    }
    for (uint32_t i = 0; i < s->ngpio; i++) {
        sysbus_init_irq(SYS_BUS_DEVICE(dev), &s->irq[i]);
    }
    qdev_init_gpio_in(dev, sifive_gpio_set, (int)s->ngpio);
    qdev_init_gpio_out(dev, s->output, (int)s->ngpio);
    return true;
}

static void sifive_gpio_init(Object *obj)
{
    SiFiveGPIOState *s = SIFIVE_GPIO(obj);

    memory_region_init_io(&s->mmio, obj, &sifive_gpio_ops, s, TYPE_SIFIVE_GPIO, SIFIVE_GPIO_SIZE);
    sysbus_init_mmio(SYS_BUS_DEVICE(obj), &s->mmio);
}

static const Property sifive_gpio_properties[] = {
    DEFINE_PROP_UINT32("ngpio", SiFiveGPIOState, ngpio, SIFIVE_GPIO_MAX_PINS),
    DEFINE_PROP_END_OF_LIST(),
};

static void sifive_gpio_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);
    RegisterBankClass *bank = REGISTER_BANK_CLASS(klass);

    (void)data;
    device_class_set_props(dc, sifive_gpio_properties);
    object_class_property_set_description(klass, "ngpio", "Number of pins, 1 to 32");
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
