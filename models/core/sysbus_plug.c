/*
 * Where a user's sysbus device goes: region 0 to its "addr", its interrupt lines to the inputs of /machine/plic from its
 * "irq" on. Both are checked when everything about the device is known, that is after its realize.
 */
#include "models/core/machine_internal.h"

#include <inttypes.h>

/* --- Address --- */

static bool check_range(SysBusDevice *dev, hwaddr addr, uint64_t size, GError **error)
{
    const char *type = object_get_typename(OBJECT(dev));

    if (addr % sizeof(uint32_t) != 0) {
        return qom_error_set(
            error, "Device '%s' can't be mapped at 0x%" PRIx64 ": 'addr' must be a multiple of 4",
            type, addr);
    }
    if (size > 0 && addr > UINT64_MAX - (size - 1)) {
        return qom_error_set(error,
                             "Device '%s' can't be mapped at 0x%" PRIx64 ": its 0x%" PRIx64
                             " bytes reach beyond the end of the address space",
                             type, addr, size);
    }
    return true;
}

static bool check_room(MachineState *machine, SysBusDevice *dev, hwaddr addr, uint64_t size,
                       GError **error)
{
    MemoryRegionSection there = memory_region_find(machine->system_memory, addr, size);
    hwaddr first;

    if (size == 0 || !there.mr) {
        return true;
    }
    first = there.offset_within_address_space - there.offset_within_region;
    return qom_error_set(error,
                         "Device '%s' can't be mapped at 0x%" PRIx64 "-0x%" PRIx64
                         ": it would overlap region '%s' at 0x%" PRIx64 "-0x%" PRIx64,
                         object_get_typename(OBJECT(dev)), addr, addr + (size - 1),
                         memory_region_name(there.mr), first,
                         first + (memory_region_size(there.mr) - 1));
}

static bool check_addr(MachineState *machine, SysBusDevice *dev, GError **error)
{
    hwaddr addr = dev->wanted_addr;
    uint64_t size;

    if (addr == SYSBUS_NO_ADDR) {
        return true;
    }
    if (dev->num_mmio == 0) {
        return qom_error_set(error, "Device '%s' has no registers that 'addr' could place",
                             object_get_typename(OBJECT(dev)));
    }
    size = memory_region_size(dev->mmio[0].memory);
    return check_range(dev, addr, size, error) && check_room(machine, dev, addr, size, error);
}

/* --- Interrupt lines --- */

/* The sysbus device one of whose lines drives @irq; NULL when there is none. */
static SysBusDevice *find_driver(MachineState *machine, qemu_irq irq)
{
    for (GList *item = machine->main_system_bus->children; item; item = item->next) {
        SysBusDevice *dev = SYS_BUS_DEVICE(((const BusChild *)item->data)->child);

        for (unsigned i = 0; i < sysbus_count_irq(dev); i++) {
            if (qdev_get_gpio_out_connector(DEVICE(dev), SYSBUS_DEVICE_GPIO_IRQ, (int)i) == irq) {
                return dev;
            }
        }
    }
    return NULL;
}

static bool check_inputs_free(MachineState *machine, SysBusDevice *dev, DeviceState *sink,
                              GError **error)
{
    for (unsigned i = 0; i < sysbus_count_irq(dev); i++) {
        unsigned input = dev->wanted_irq + i;
        SysBusDevice *driver = find_driver(machine, qdev_get_gpio_in(sink, (int)input));

        if (driver) {
            g_autofree char *name = qdev_get_human_name(DEVICE(driver));

            return qom_error_set(error, "Interrupt input %u is driven by device '%s' already",
                                 input, name);
        }
    }
    return true;
}

static bool check_irq(MachineState *machine, SysBusDevice *dev, GError **error)
{
    DeviceState *sink = machine_get_irq_sink(machine);
    unsigned inputs = sink ? (unsigned)qdev_count_gpio_in(sink, NULL) : 0;
    unsigned lines = sysbus_count_irq(dev);
    const char *type = object_get_typename(OBJECT(dev));

    if (dev->wanted_irq == SYSBUS_NO_IRQ) {
        return true;
    }
    if (!sink) {
        return qom_error_set(
            error, "Device '%s' can't use 'irq': this machine has no /machine/plic", type);
    }
    if (lines == 0) {
        return qom_error_set(error, "Device '%s' has no interrupt lines that 'irq' could connect",
                             type);
    }
    if (dev->wanted_irq >= inputs || lines > inputs - dev->wanted_irq) {
        return qom_error_set(error,
                             "Device '%s' with 'irq' %u needs inputs %u to %" PRIu64
                             " of /machine/plic, which has inputs 0 to %u",
                             type, dev->wanted_irq, dev->wanted_irq,
                             (uint64_t)dev->wanted_irq + lines - 1, inputs - 1);
    }
    return check_inputs_free(machine, dev, sink, error);
}

static void connect_lines(MachineState *machine, SysBusDevice *dev)
{
    DeviceState *sink = machine_get_irq_sink(machine);

    for (unsigned i = 0; i < sysbus_count_irq(dev); i++) {
        sysbus_connect_irq(dev, i, qdev_get_gpio_in(sink, (int)(dev->wanted_irq + i)));
    }
}

/* An input whose driver is gone is low. */
static void disconnect_lines(SysBusDevice *dev)
{
    for (unsigned i = 0; i < sysbus_count_irq(dev); i++) {
        qemu_irq_lower(qdev_get_gpio_out_connector(DEVICE(dev), SYSBUS_DEVICE_GPIO_IRQ, (int)i));
        sysbus_connect_irq(dev, i, NULL);
    }
}

/* --- Both --- */

bool sysbus_plug(MachineState *machine, SysBusDevice *dev, GError **error)
{
    if (!check_addr(machine, dev, error) || !check_irq(machine, dev, error)) {
        return false;
    }
    if (dev->wanted_addr != SYSBUS_NO_ADDR) {
        sysbus_mmio_map(dev, 0, dev->wanted_addr);
    }
    if (dev->wanted_irq != SYSBUS_NO_IRQ) {
        connect_lines(machine, dev);
    }
    return true;
}

static bool is_users(MachineState *machine, SysBusDevice *dev)
{
    Object *parent = object_get_parent(OBJECT(dev));

    return parent == container_get(machine->root, "/machine/peripheral") ||
           parent == container_get(machine->root, "/machine/peripheral-anon");
}

bool sysbus_unplug(MachineState *machine, SysBusDevice *dev, GError **error)
{
    if (!is_users(machine, dev)) {
        g_autofree char *name = qdev_get_human_name(DEVICE(dev));

        return qom_error_set(error, "Device '%s' is a part of the machine", name);
    }
    for (unsigned i = 0; i < dev->num_mmio; i++) {
        sysbus_mmio_unmap(dev, i);
    }
    disconnect_lines(dev);
    return true;
}
