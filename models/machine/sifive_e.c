/* SiFive E machine: /machine/soc with its GPIO, whose pins are the SoC's, /machine/plic, and 16 KiB of RAM. */
#include "models/machine/sifive_e.h"

#include "models/core/qdev_properties.h"

/* --- SoC --- */

static bool sifive_e_soc_realize(DeviceState *dev, GError **error)
{
    SiFiveESoCState *s = SIFIVE_E_SOC(dev);
    SysBusDevice *gpio = SYS_BUS_DEVICE(&s->gpio);
    MachineState *machine = qdev_get_machine(dev);
    DeviceState *plic = machine ? machine_get_irq_sink(machine) : NULL;

    if (!plic) {
        return qom_error_set(error, "Device '%s' needs a machine with a /machine/plic",
                             TYPE_SIFIVE_E_SOC);
    }
    if (!sysbus_realize(gpio, error)) {
        return false;
    }
    sysbus_mmio_map(gpio, 0, SIFIVE_E_GPIO0_BASE);
    qdev_pass_gpios(DEVICE(gpio), dev, NULL);
    for (unsigned i = 0; i < sysbus_count_irq(gpio); i++) {
        sysbus_connect_irq(gpio, i, qdev_get_gpio_in(plic, (int)(SIFIVE_E_GPIO0_IRQ0 + i)));
    }
    return true;
}

static void sifive_e_soc_init(Object *obj)
{
    SiFiveESoCState *s = SIFIVE_E_SOC(obj);

    object_initialize_child(obj, "riscv.sifive.e.gpio0", &s->gpio, TYPE_SIFIVE_GPIO);
}

static void sifive_e_soc_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);

    (void)data;
    dc->desc = "SiFive E SoC";
    dc->user_creatable = false; /* it maps its parts at fixed addresses */
    dc->hotpluggable = false;
    dc->realize = sifive_e_soc_realize;
}

/* --- Machine --- */

static bool sifive_e_init_plic(SiFiveEState *s, GError **error)
{
    object_initialize_child(OBJECT(s), "plic", &s->plic, TYPE_IRQ_SINK);
    qdev_prop_set_uint32(DEVICE(&s->plic), "num-sources", SIFIVE_E_NUM_SOURCES);
    return qdev_realize(DEVICE(&s->plic), NULL, error);
}

static bool sifive_e_init_soc(SiFiveEState *s, GError **error)
{
    object_initialize_child(OBJECT(s), "soc", &s->soc, TYPE_SIFIVE_E_SOC);
    return qdev_realize(DEVICE(&s->soc), NULL, error);
}

static bool sifive_e_init_ram(SiFiveEState *s, GError **error)
{
    MachineState *machine = MACHINE(s);

    if (machine->ram_size != SIFIVE_E_DTIM_SIZE) {
        return qom_error_set(error, "Invalid RAM size, should be %u KiB",
                             SIFIVE_E_DTIM_SIZE / 1024);
    }
    if (!machine_init_ram(machine, &s->dtim, OBJECT(s), "riscv.sifive.e.ram", machine->ram_size,
                          error)) {
        return false;
    }
    memory_region_add_subregion(machine->system_memory, SIFIVE_E_DTIM_BASE, &s->dtim);
    return true;
}

static bool sifive_e_init(MachineState *machine, GError **error)
{
    SiFiveEState *s = SIFIVE_E_MACHINE(machine);

    return sifive_e_init_ram(s, error) && sifive_e_init_plic(s, error) &&
           sifive_e_init_soc(s, error);
}

static void sifive_e_class_init(ObjectClass *klass, void *data)
{
    MachineClass *mc = MACHINE_CLASS(klass);

    (void)data;
    mc->desc = "SiFive E (FE310): GPIO, interrupt lines, RAM";
    mc->init = sifive_e_init;
    mc->default_ram_size = SIFIVE_E_DTIM_SIZE;
}

static const TypeInfo sifive_e_types[] = {
    {
        .name = TYPE_SIFIVE_E_SOC,
        .parent = TYPE_DEVICE,
        .instance_size = sizeof(SiFiveESoCState),
        .instance_init = sifive_e_soc_init,
        .class_init = sifive_e_soc_class_init,
    },
    {
        .name = TYPE_SIFIVE_E_MACHINE,
        .parent = TYPE_MACHINE,
        .instance_size = sizeof(SiFiveEState),
        .class_init = sifive_e_class_init,
    },
};

DEFINE_TYPES(sifive_e_types)
