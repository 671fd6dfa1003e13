/*
 * The machine "virt": of QEMU's RISC-V board of that name the RAM and the eight virtio-mmio transports, at the same
 * addresses and interrupt sources, and on request a SiFive GPIO where that board has nothing.
 *
 *     0x10001000 + n * 0x1000   transport n (0 to 7), source 1 + n
 *     0x10012000                GPIO (gpio=on), pin i is source 32 + i
 *     0x80000000                RAM, 128 MiB unless ram-size says otherwise
 *
 * A device that names no bus goes to the free transport with the highest address.
 */
#ifndef QOSIM_MODELS_MACHINE_VIRT_H
#define QOSIM_MODELS_MACHINE_VIRT_H

#include "models/core/machine.h"
#include "models/gpio/sifive_gpio.h"
#include "models/machine/irq_sink.h"

#define TYPE_VIRT_SOC "riscv.virt.soc"
OBJECT_DECLARE_SIMPLE_TYPE(VirtSoCState, VIRT_SOC)

#define TYPE_VIRT_MACHINE MACHINE_TYPE_NAME("virt")
OBJECT_DECLARE_SIMPLE_TYPE(VirtState, VIRT_MACHINE)

#define VIRT_VIRTIO_BASE 0x10001000u
#define VIRT_VIRTIO_STRIDE 0x1000u
#define VIRT_VIRTIO_COUNT 8
#define VIRT_GPIO_BASE 0x10012000u
#define VIRT_RAM_BASE 0x80000000u
#define VIRT_RAM_DEFAULT_SIZE (UINT64_C(128) << 20)

#define VIRT_NUM_SOURCES 96 /* 0 is no interrupt */
#define VIRT_VIRTIO_IRQ0 1
#define VIRT_GPIO_IRQ0 32

/* The GPIO, whose pins are lines of this device. */
struct VirtSoCState {
    DeviceState parent_obj;

    /* Parts */
    SiFiveGPIOState gpio;
};

struct VirtState {
    MachineState parent_obj;

    /* Properties */
    bool has_gpio;

    /* Parts */
    IRQSinkState plic;
    VirtSoCState soc; /* with has_gpio */
    MemoryRegion ram;
};

#endif
