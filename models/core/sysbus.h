/*
 * System bus devices: memory regions at fixed addresses and interrupt lines to fixed inputs.
 *
 * Every sysbus device has two properties that place it when it is plugged into a machine by a user: "addr", where its
 * region 0 goes, and "irq", the input of /machine/plic that its line 0 drives (line 1 the next one, and so on).
 */
#ifndef QOSIM_MODELS_CORE_SYSBUS_H
#define QOSIM_MODELS_CORE_SYSBUS_H

#include "models/core/bus.h"
#include "models/core/qdev.h"

#define TYPE_SYSTEM_BUS "System"
DECLARE_INSTANCE_CHECKER(BusState, SYSTEM_BUS, TYPE_SYSTEM_BUS)

#define TYPE_SYS_BUS_DEVICE "sys-bus-device"
OBJECT_DECLARE_TYPE(SysBusDevice, SysBusDeviceClass, SYS_BUS_DEVICE)

#define SYSBUS_MAX_MMIO 32
#define SYSBUS_DEVICE_GPIO_IRQ "sysbus-irq"

/* What "addr" and "irq" read while they say nothing. */
#define SYSBUS_NO_ADDR UINT64_MAX
#define SYSBUS_NO_IRQ UINT32_MAX

struct SysBusDeviceClass {
    DeviceClass parent_class;
};

typedef struct SysBusRegion {
    hwaddr addr; /* SYSBUS_NO_ADDR: not mapped */
    MemoryRegion *memory;
} SysBusRegion;

struct SysBusDevice {
    DeviceState parent_obj;

    /* Properties */
    uint64_t wanted_addr;
    uint32_t wanted_irq;

    /* State */
    unsigned num_mmio;
    SysBusRegion mmio[SYSBUS_MAX_MMIO];
    bool plugged; /* mapped and connected because of "addr" and "irq" */
};

/* Declares the device's next memory region, and puts it under the device's re-entrancy guard. */
void sysbus_init_mmio(SysBusDevice *dev, MemoryRegion *memory);

/* Declares the device's next interrupt line; @p is where it keeps what the line is connected to. */
void sysbus_init_irq(SysBusDevice *dev, qemu_irq *p);

/* Region @n, borrowed; NULL when the device has no such region. */
MemoryRegion *sysbus_mmio_get_region(SysBusDevice *dev, unsigned n);

/* How many interrupt lines the device has. */
unsigned sysbus_count_irq(SysBusDevice *dev);

/* Connects interrupt line @n, which must exist, to @irq. */
void sysbus_connect_irq(SysBusDevice *dev, unsigned n, qemu_irq irq);
bool sysbus_is_irq_connected(SysBusDevice *dev, unsigned n);

/* Maps region @n, which must exist, at @addr of the machine's system memory; a region that is mapped moves. */
void sysbus_mmio_map(SysBusDevice *dev, unsigned n, hwaddr addr);
/* The same with a priority; where regions overlap, the higher one is seen. */
void sysbus_mmio_map_overlap(SysBusDevice *dev, unsigned n, hwaddr addr, int priority);
void sysbus_mmio_unmap(SysBusDevice *dev, unsigned n);

/* Realizes @dev on the main system bus of its machine. */
bool sysbus_realize(SysBusDevice *dev, GError **error);
/* The same, and drops the caller's reference in either case. */
bool sysbus_realize_and_unref(SysBusDevice *dev, GError **error);

#endif
