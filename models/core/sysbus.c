/* System bus devices. What "addr" and "irq" do when a device is plugged is in sysbus_plug.c. */
#include "models/core/sysbus.h"

#include "models/core/machine.h"
#include "models/core/qdev_internal.h"
#include "models/core/qdev_properties.h"

/* --- Memory regions --- */

void sysbus_init_mmio(SysBusDevice *dev, MemoryRegion *memory)
{
    g_assert(dev->num_mmio < SYSBUS_MAX_MMIO);
    dev->mmio[dev->num_mmio++] = (SysBusRegion){ .addr = SYSBUS_NO_ADDR, .memory = memory };
    memory_region_set_guard(memory, &DEVICE(dev)->mem_reentrancy_guard);
}

MemoryRegion *sysbus_mmio_get_region(SysBusDevice *dev, unsigned n)
{
    return n < dev->num_mmio ? dev->mmio[n].memory : NULL;
}

void sysbus_mmio_unmap(SysBusDevice *dev, unsigned n)
{
    SysBusRegion *region = &dev->mmio[n];

    g_assert(n < dev->num_mmio);
    if (region->addr != SYSBUS_NO_ADDR) {
        memory_region_del_subregion(region->memory->container, region->memory);
        region->addr = SYSBUS_NO_ADDR;
    }
}

static MemoryRegion *system_memory_of(SysBusDevice *dev)
{
    MachineState *machine = qdev_get_machine(DEVICE(dev));

    g_assert(machine);
    return machine->system_memory;
}

void sysbus_mmio_map(SysBusDevice *dev, unsigned n, hwaddr addr)
{
    sysbus_mmio_unmap(dev, n);
    dev->mmio[n].addr = addr;
    memory_region_add_subregion(system_memory_of(dev), addr, dev->mmio[n].memory);
}

void sysbus_mmio_map_overlap(SysBusDevice *dev, unsigned n, hwaddr addr, int priority)
{
    sysbus_mmio_unmap(dev, n);
    dev->mmio[n].addr = addr;
    memory_region_add_subregion_overlap(system_memory_of(dev), addr, dev->mmio[n].memory, priority);
}

/* --- Interrupt lines --- */

void sysbus_init_irq(SysBusDevice *dev, qemu_irq *p)
{
    qdev_init_gpio_out_named(DEVICE(dev), p, SYSBUS_DEVICE_GPIO_IRQ, 1);
}

unsigned sysbus_count_irq(SysBusDevice *dev)
{
    return (unsigned)qdev_count_gpio_out(DEVICE(dev), SYSBUS_DEVICE_GPIO_IRQ);
}

void sysbus_connect_irq(SysBusDevice *dev, unsigned n, qemu_irq irq)
{
    qdev_connect_gpio_out_named(DEVICE(dev), SYSBUS_DEVICE_GPIO_IRQ, (int)n, irq);
}

bool sysbus_is_irq_connected(SysBusDevice *dev, unsigned n)
{
    return qdev_get_gpio_out_connector(DEVICE(dev), SYSBUS_DEVICE_GPIO_IRQ, (int)n);
}

/* --- Realizing --- */

bool sysbus_realize(SysBusDevice *dev, GError **error)
{
    MachineState *machine = qdev_get_machine(DEVICE(dev));

    if (!machine) {
        return qom_error_set(error, "Device '%s' is in no machine",
                             object_get_typename(OBJECT(dev)));
    }
    return qdev_realize(DEVICE(dev), machine->main_system_bus, error);
}

bool sysbus_realize_and_unref(SysBusDevice *dev, GError **error)
{
    bool realized = sysbus_realize(dev, error);

    object_unref(dev);
    return realized;
}

/* --- Types --- */

static GVariant *get_addr(Object *obj, const char *name, void *opaque, GError **error)
{
    const SysBusDevice *dev = SYS_BUS_DEVICE(obj);

    (void)name, (void)opaque, (void)error;
    return g_variant_new_uint64(dev->num_mmio && dev->mmio[0].addr != SYSBUS_NO_ADDR
                                    ? dev->mmio[0].addr
                                    : dev->wanted_addr);
}

static bool set_addr(Object *obj, const char *name, void *opaque, GVariant *value, GError **error)
{
    (void)opaque;
    return qdev_prop_check_unlocked(obj, name, error) &&
           qom_value_get_uint(value, name, "uint64_t", UINT64_MAX,
                              &SYS_BUS_DEVICE(obj)->wanted_addr, error);
}

static const Property sysbus_properties[] = {
    DEFINE_PROP_UINT32("irq", SysBusDevice, wanted_irq, SYSBUS_NO_IRQ),
    DEFINE_PROP_END_OF_LIST(),
};

static void sysbus_device_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);
    ObjectProperty *addr =
        object_class_property_add(klass, "addr", "uint64", get_addr, set_addr, NULL, NULL);

    (void)data;
    dc->bus_type = TYPE_SYSTEM_BUS;
    dc->user_creatable = false;
    object_property_set_default_uint(addr, SYSBUS_NO_ADDR);
    object_class_property_set_description(klass, "addr", "Where region 0 is mapped");
    device_class_set_props(dc, sysbus_properties);
    object_class_property_set_description(klass, "irq",
                                          "Input of /machine/plic that line 0 drives");
}

static const TypeInfo sysbus_types[] = {
    {
        .name = TYPE_SYSTEM_BUS,
        .parent = TYPE_BUS,
        .instance_size = sizeof(BusState),
    },
    {
        .name = TYPE_SYS_BUS_DEVICE,
        .parent = TYPE_DEVICE,
        .instance_size = sizeof(SysBusDevice),
        .abstract = true,
        .class_size = sizeof(SysBusDeviceClass),
        .class_init = sysbus_device_class_init,
    },
};

DEFINE_TYPES(sysbus_types)
