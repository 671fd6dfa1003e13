/*
 * Who has a say when a device comes or goes: a bus's hotplug handler, or the machine for devices without a bus.
 */
#ifndef QOSIM_MODELS_CORE_HOTPLUG_H
#define QOSIM_MODELS_CORE_HOTPLUG_H

#include "qom/object.h"

#define TYPE_HOTPLUG_HANDLER "hotplug-handler"
typedef struct HotplugHandler HotplugHandler;
typedef struct HotplugHandlerClass HotplugHandlerClass;
typedef struct DeviceState DeviceState;
DECLARE_CLASS_CHECKERS(HotplugHandlerClass, HOTPLUG_HANDLER, TYPE_HOTPLUG_HANDLER)
#define HOTPLUG_HANDLER(obj) INTERFACE_CHECK(HotplugHandler, (obj), TYPE_HOTPLUG_HANDLER)

/* One step of plugging; false with @error set refuses it. */
typedef bool HotplugStep(HotplugHandler *handler, DeviceState *dev, GError **error);

struct HotplugHandlerClass {
    InterfaceClass parent_class;

    HotplugStep *pre_plug; /* before the device's realize; checks, no effects outside the device */
    HotplugStep *plug;     /* after it; wires the device up */
    HotplugStep *
        unplug_request; /* asks the guest; the device goes later. NULL: unplugging happens at once */
    HotplugStep *unplug; /* undoes plug; the device is unparented afterwards */
};

/* Each calls the handler's step, and succeeds when the handler has none. */
bool hotplug_handler_pre_plug(HotplugHandler *handler, DeviceState *dev, GError **error);
bool hotplug_handler_plug(HotplugHandler *handler, DeviceState *dev, GError **error);
bool hotplug_handler_unplug_request(HotplugHandler *handler, DeviceState *dev, GError **error);
bool hotplug_handler_unplug(HotplugHandler *handler, DeviceState *dev, GError **error);

#endif
