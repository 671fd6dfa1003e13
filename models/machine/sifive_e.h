/* SiFive E machine: the parts of an FE310 that Qosim hosts, at their addresses. */
#ifndef QOSIM_MODELS_MACHINE_SIFIVE_E_H
#define QOSIM_MODELS_MACHINE_SIFIVE_E_H

#include "models/core/machine.h"
#include "models/gpio/sifive_gpio.h"
#include "models/machine/irq_sink.h"

#define TYPE_SIFIVE_E_SOC "riscv.sifive.e.soc"
OBJECT_DECLARE_SIMPLE_TYPE(SiFiveESoCState, SIFIVE_E_SOC)

#define TYPE_SIFIVE_E_MACHINE MACHINE_TYPE_NAME("sifive_e")
OBJECT_DECLARE_SIMPLE_TYPE(SiFiveEState, SIFIVE_E_MACHINE)

#define SIFIVE_E_GPIO0_BASE 0x10012000u
#define SIFIVE_E_DTIM_BASE 0x80000000u
#define SIFIVE_E_DTIM_SIZE 0x4000u

#define SIFIVE_E_NUM_SOURCES 53 /* 0 is no interrupt */
#define SIFIVE_E_GPIO0_IRQ0 8   /* pin i is source 8 + i */

struct SiFiveESoCState {
    DeviceState parent_obj;

    /* Parts */
    SiFiveGPIOState gpio;
};

struct SiFiveEState {
    MachineState parent_obj;

    /* Parts */
    IRQSinkState plic;
    SiFiveESoCState soc;
    MemoryRegion dtim;
};

#endif
