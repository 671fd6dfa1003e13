/* What the files that make up the machine share, and nobody else needs. */
#ifndef QOSIM_MODELS_CORE_MACHINE_INTERNAL_H
#define QOSIM_MODELS_CORE_MACHINE_INTERNAL_H

#include "models/core/machine.h"
#include "models/core/sysbus.h"

/* The watches of a machine. freeing leaves the lines in place; what they do then reaches nobody. */
MachineWatches *machine_watches_new(MachineState *machine);
void machine_watches_free(MachineWatches *watches);

/* Files the watch MACHINE_WATCH_IRQ of the machine's interrupt sink, if it has one. */
void machine_watch_irq_sink(MachineState *machine);

/* The properties that say where RAM lives. */
void machine_ram_class_init(ObjectClass *klass);

/* Maps @dev at its "addr" and connects its lines from its "irq" on, as far as they are set. */
bool sysbus_plug(MachineState *machine, SysBusDevice *dev, GError **error);

/* Undoes sysbus_plug(); refuses a device that was not plugged by a user. */
bool sysbus_unplug(MachineState *machine, SysBusDevice *dev, GError **error);

#endif
