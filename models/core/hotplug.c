/* The hotplug handler interface. */
#include "models/core/hotplug.h"

static bool call_step(HotplugStep *step, HotplugHandler *handler, DeviceState *dev, GError **error)
{
    return !step || step(handler, dev, error);
}

bool hotplug_handler_pre_plug(HotplugHandler *handler, DeviceState *dev, GError **error)
{
    return call_step(HOTPLUG_HANDLER_GET_CLASS(handler)->pre_plug, handler, dev, error);
}

bool hotplug_handler_plug(HotplugHandler *handler, DeviceState *dev, GError **error)
{
    return call_step(HOTPLUG_HANDLER_GET_CLASS(handler)->plug, handler, dev, error);
}

bool hotplug_handler_unplug_request(HotplugHandler *handler, DeviceState *dev, GError **error)
{
    return call_step(HOTPLUG_HANDLER_GET_CLASS(handler)->unplug_request, handler, dev, error);
}

bool hotplug_handler_unplug(HotplugHandler *handler, DeviceState *dev, GError **error)
{
    return call_step(HOTPLUG_HANDLER_GET_CLASS(handler)->unplug, handler, dev, error);
}

static const TypeInfo hotplug_types[] = {
    {
        .name = TYPE_HOTPLUG_HANDLER,
        .parent = TYPE_INTERFACE,
        .class_size = sizeof(HotplugHandlerClass),
    },
};

DEFINE_TYPES(hotplug_types)
