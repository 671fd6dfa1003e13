/*
 * Realizing: a table of steps, done from first to last; when one fails, those before it are undone from last to first.
 * Unrealizing undoes them all.
 */
#include "models/core/bus.h"
#include "models/core/machine.h"
#include "models/core/qdev.h"
#include "models/core/qdev_internal.h"

typedef struct RealizeStep {
    bool (*run)(DeviceState *dev, GError **error);
    void (*undo)(DeviceState *dev); /* NULL: nothing to undo */
} RealizeStep;

static bool check_whether_possible(DeviceState *dev, GError **error)
{
    const char *type = object_get_typename(OBJECT(dev));
    const char *bus_type = DEVICE_GET_CLASS(dev)->bus_type;

    if (bus_type && !dev->parent_bus) {
        return qom_error_set(error, "No '%s' bus found for device '%s'", bus_type, type);
    }
    if (dev->global_error) {
        return qom_error_set(error, "%s", dev->global_error->message);
    }
    if (dev->hotplugged && !DEVICE_GET_CLASS(dev)->hotpluggable) {
        return qom_error_set(error, "Device '%s' does not support hotplugging", type);
    }
    if (dev->realized_before) {
        return qom_error_set(error, "Device '%s' can't be realized a second time", type);
    }
    return true;
}

static bool find_a_parent(DeviceState *dev, GError **error)
{
    MachineState *machine = qdev_get_machine(dev);

    if (object_get_parent(OBJECT(dev))) {
        return true;
    }
    if (!machine) {
        return qom_error_set(error, "Device '%s' is in no machine",
                             object_get_typename(OBJECT(dev)));
    }
    object_property_add_child(container_get(machine->root, "/machine/unattached"), "device[*]",
                              OBJECT(dev));
    dev->auto_parented = true;
    return true;
}

static void leave_automatic_parent(DeviceState *dev)
{
    if (dev->auto_parented) {
        dev->auto_parented = false;
        object_unparent(OBJECT(dev));
    }
}

static bool ask_hotplug_handler(DeviceState *dev, GError **error)
{
    HotplugHandler *handler = qdev_get_hotplug_handler(dev);

    return !handler || hotplug_handler_pre_plug(handler, dev, error);
}

static bool run_class_realize(DeviceState *dev, GError **error)
{
    DeviceClass *dc = DEVICE_GET_CLASS(dev);

    if (dc->realize && !dc->realize(dev, error)) {
        return false;
    }
    dev->realized_before = true;
    return true;
}

static void run_class_unrealize(DeviceState *dev)
{
    DeviceClass *dc = DEVICE_GET_CLASS(dev);

    if (dc->unrealize) {
        dc->unrealize(dev);
    }
}

static bool remember_path(DeviceState *dev, GError **error)
{
    (void)error;
    dev->canonical_path = object_get_canonical_path(OBJECT(dev));
    return true;
}

static bool clear_reset_state(DeviceState *dev, GError **error)
{
    (void)error;
    dev->reset = (ResettableState){ 0 };
    return true;
}

static void unrealize_child_buses(DeviceState *dev)
{
    for (GList *item = dev->child_buses; item; item = item->next) {
        qbus_unrealize(item->data);
    }
}

static bool realize_child_buses(DeviceState *dev, GError **error)
{
    for (GList *item = dev->child_buses; item; item = item->next) {
        if (!qbus_realize(item->data, error)) {
            unrealize_child_buses(dev);
            return false;
        }
    }
    return true;
}

/* A newcomer starts from reset, and joins a reset that its bus is in. */
static bool reset_newcomer(DeviceState *dev, GError **error)
{
    Object *obj = OBJECT(dev);

    (void)error;
    if (dev->hotplugged) {
        resettable_assert_reset(obj, RESET_TYPE_COLD);
        resettable_change_parent(obj, OBJECT(dev->parent_bus), NULL);
        resettable_release_reset(obj, RESET_TYPE_COLD);
    }
    return true;
}

static bool tell_hotplug_handler(DeviceState *dev, GError **error)
{
    HotplugHandler *handler = qdev_get_hotplug_handler(dev);

    dev->pending_deleted_event = false;
    return !handler || hotplug_handler_plug(handler, dev, error);
}

static const RealizeStep steps[] = {
    { check_whether_possible, NULL },
    { find_a_parent, leave_automatic_parent },
    { ask_hotplug_handler, NULL },
    { run_class_realize, run_class_unrealize },
    { remember_path, NULL },
    { clear_reset_state, NULL },
    { realize_child_buses, unrealize_child_buses },
    { reset_newcomer, NULL },
    { tell_hotplug_handler, NULL },
};

static void undo_steps(DeviceState *dev, size_t done)
{
    while (done > 0) {
        const RealizeStep *step = &steps[--done];

        if (step->undo) {
            step->undo(dev);
        }
    }
}

static bool realize(DeviceState *dev, GError **error)
{
    g_autoptr(DeviceState) keep = DEVICE(object_ref(dev)); /* a parent found here may let go */

    for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) {
        if (!steps[i].run(dev, error)) {
            undo_steps(dev, i);
            g_clear_pointer(&dev->canonical_path, g_free);
            return false;
        }
    }
    dev->realized = true;
    return true;
}

static void unrealize(DeviceState *dev)
{
    dev->realized = false;
    unrealize_child_buses(dev);
    run_class_unrealize(dev);
    dev->pending_deleted_event = true;
    if (!dev->deleted_from) {
        dev->deleted_from = object_ref(qdev_get_machine(dev));
    }
}

bool device_get_realized(Object *obj, GError **error)
{
    (void)error;
    return DEVICE(obj)->realized;
}

bool device_set_realized(Object *obj, bool value, GError **error)
{
    DeviceState *dev = DEVICE(obj);

    if (value == dev->realized) {
        return true;
    }
    if (value) {
        return realize(dev, error);
    }
    unrealize(dev);
    return true;
}

bool qdev_realize(DeviceState *dev, BusState *bus, GError **error)
{
    g_autoptr(DeviceState) keep = DEVICE(object_ref(dev));

    if (dev->realized) {
        return qom_error_set(error, "Device '%s' is realized already",
                             object_get_typename(OBJECT(dev)));
    }
    if (bus && !qdev_set_parent_bus(dev, bus, error)) {
        return false;
    }
    if (!object_property_set_bool(OBJECT(dev), "realized", true, error)) {
        qdev_leave_bus(dev);
        return false;
    }
    return true;
}

bool qdev_realize_and_unref(DeviceState *dev, BusState *bus, GError **error)
{
    bool realized = qdev_realize(dev, bus, error);

    object_unref(dev);
    return realized;
}

void qdev_unrealize(DeviceState *dev)
{
    object_property_set_bool(OBJECT(dev), "realized", false, NULL);
}
