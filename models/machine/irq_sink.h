/*
 * The end of a machine's interrupt lines: unnamed inputs by interrupt source, whose levels a co-simulating CPU is told
 * of. It decides nothing: priorities, enables and claims are those of the interrupt controller on the other side.
 */
#ifndef QOSIM_MODELS_MACHINE_IRQ_SINK_H
#define QOSIM_MODELS_MACHINE_IRQ_SINK_H

#include "models/core/qdev.h"

#define TYPE_IRQ_SINK "qosim.irq-sink"
OBJECT_DECLARE_SIMPLE_TYPE(IRQSinkState, IRQ_SINK)

#define IRQ_SINK_MAX_SOURCES 1024

struct IRQSinkState {
    DeviceState parent_obj;

    /* Properties */
    uint32_t num_sources; /* inputs are 0 to num_sources - 1; 1 to IRQ_SINK_MAX_SOURCES */
};

#endif
