#include "models/machine/virt.h"

#include "models/core/qdev_properties.h"
#include "models/virtio/virtio_mmio.h"

/* QEMU's board has four more devices without a name before its transports; paths are the same because of that. */
#define FIRST_TRANSPORT 4

/* --- SoC --- */

static bool virt_soc_realize(DeviceState *dev, GError **error)
{
    VirtSoCState *s = VIRT_SOC(dev);
    SysBusDevice *gpio = SYS_BUS_DEVICE(&s->gpio);
    MachineState *machine = qdev_get_machine(dev);
    DeviceState *plic = machine ? machine_get_irq_sink(machine) : NULL;

    if (!plic) {
        return qom_error_set(error, "Device '%s' needs a machine with a /machine/plic",
                             TYPE_VIRT_SOC);
    }
    if (!sysbus_realize(gpio, error)) {
        return false;
    }
    sysbus_mmio_map(gpio, 0, VIRT_GPIO_BASE);
    qdev_pass_gpios(DEVICE(gpio), dev, NULL);
    for (unsigned i = 0; i < sysbus_count_irq(gpio); i++) {
        sysbus_connect_irq(gpio, i, qdev_get_gpio_in(plic, (int)(VIRT_GPIO_IRQ0 + i)));
    }
    return true;
}

static void virt_soc_init(Object *obj)
{
    object_initialize_child(obj, "gpio", &VIRT_SOC(obj)->gpio, TYPE_SIFIVE_GPIO);
}

static void virt_soc_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);

    (void)data;
    dc->desc = "GPIO of the machine virt";
    dc->user_creatable = false; /* it maps its parts at fixed addresses */
    dc->hotpluggable = false;
    dc->realize = virt_soc_realize;
}

/* --- Machine --- */

static bool virt_init_ram(VirtState *s, GError **error)
{
    MachineState *machine = MACHINE(s);

    if (!machine_init_ram(machine, &s->ram, OBJECT(s), "riscv_virt_board.ram", machine->ram_size,
                          error)) {
        return false;
    }
    memory_region_add_subregion(machine->system_memory, VIRT_RAM_BASE, &s->ram);
    return true;
}

static bool virt_init_plic(VirtState *s, GError **error)
{
    object_initialize_child(OBJECT(s), "plic", &s->plic, TYPE_IRQ_SINK);
    qdev_prop_set_uint32(DEVICE(&s->plic), "num-sources", VIRT_NUM_SOURCES);
    return qdev_realize(DEVICE(&s->plic), NULL, error);
}

static bool virt_init_transport(VirtState *s, unsigned n, GError **error)
{
    Object *root = MACHINE(s)->root;
    g_autofree char *name = g_strdup_printf("device[%u]", FIRST_TRANSPORT + n);
    g_autoptr(DeviceState) dev = qdev_new(TYPE_VIRTIO_MMIO, root);

    object_property_add_child(container_get(root, "/machine/unattached"), name, OBJECT(dev));
    if (!sysbus_realize(SYS_BUS_DEVICE(dev), error)) {
        return false;
    }
    sysbus_mmio_map(SYS_BUS_DEVICE(dev), 0, VIRT_VIRTIO_BASE + n * VIRT_VIRTIO_STRIDE);
    sysbus_connect_irq(SYS_BUS_DEVICE(dev), 0,
                       qdev_get_gpio_in(DEVICE(&s->plic), (int)(VIRT_VIRTIO_IRQ0 + n)));
    return true;
}

/* From the lowest to the highest: the search for a free bus begins with the newest. */
static bool virt_init_transports(VirtState *s, GError **error)
{
    for (unsigned n = 0; n < VIRT_VIRTIO_COUNT; n++) {
        if (!virt_init_transport(s, n, error)) {
            return false;
        }
    }
    return true;
}

static bool virt_init_gpio(VirtState *s, GError **error)
{
    if (!s->has_gpio) {
        return true;
    }
    object_initialize_child(OBJECT(s), "soc", &s->soc, TYPE_VIRT_SOC);
    return qdev_realize(DEVICE(&s->soc), NULL, error);
}

static bool virt_init(MachineState *machine, GError **error)
{
    VirtState *s = VIRT_MACHINE(machine);

    return virt_init_ram(s, error) && virt_init_plic(s, error) && virt_init_transports(s, error) &&
           virt_init_gpio(s, error);
}

static bool virt_get_gpio(Object *obj, GError **error)
{
    (void)error;
    return VIRT_MACHINE(obj)->has_gpio;
}

static bool virt_set_gpio(Object *obj, bool value, GError **error)
{
    if (MACHINE(obj)->main_system_bus->realized) {
        return qom_error_set(error, "Property 'gpio' can't be set after the machine was built");
    }
    VIRT_MACHINE(obj)->has_gpio = value;
    return true;
}

static void virt_class_init(ObjectClass *klass, void *data)
{
    MachineClass *mc = MACHINE_CLASS(klass);

    (void)data;
    mc->desc = "RISC-V virt: eight virtio-mmio transports, RAM, GPIO by option";
    mc->init = virt_init;
    mc->default_ram_size = VIRT_RAM_DEFAULT_SIZE;
    object_class_property_add_bool(klass, "gpio", virt_get_gpio, virt_set_gpio);
    object_class_property_set_description(klass, "gpio",
                                          "Whether there is a SiFive GPIO at 0x10012000");
}

static const TypeInfo virt_types[] = {
    {
        .name = TYPE_VIRT_SOC,
        .parent = TYPE_DEVICE,
        .instance_size = sizeof(VirtSoCState),
        .instance_init = virt_soc_init,
        .class_init = virt_soc_class_init,
    },
    {
        .name = TYPE_VIRT_MACHINE,
        .parent = TYPE_MACHINE,
        .instance_size = sizeof(VirtState),
        .class_init = virt_class_init,
    },
};

DEFINE_TYPES(virt_types)
