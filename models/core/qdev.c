/* Devices: making, placing, unplugging, and the type itself. Realizing is in qdev_realize.c, lines in gpio_lines.c. */
#include "models/core/qdev.h"

#include "models/core/bus.h"
#include "models/core/machine.h"
#include "models/core/qdev_internal.h"
#include "models/core/qdev_properties.h"

/* --- Making --- */

DeviceState *qdev_new(const char *type, Object *home)
{
    return DEVICE(home ? object_new_in(type, home) : object_new(type));
}

DeviceState *qdev_try_new(const char *type, Object *home)
{
    ObjectClass *klass = object_class_dynamic_cast(object_class_by_name(type), TYPE_DEVICE);

    if (!klass || object_class_is_abstract(klass)) {
        return NULL;
    }
    return qdev_new(type, home);
}

bool qdev_is_realized(const DeviceState *dev)
{
    return dev->realized;
}

MachineState *qdev_get_machine(DeviceState *dev)
{
    if (!dev->machine) {
        dev->machine = machine_of(OBJECT(dev));
    }
    return dev->machine;
}

/* --- Place --- */

BusState *qdev_get_parent_bus(const DeviceState *dev)
{
    return dev->parent_bus;
}

bool qdev_set_parent_bus(DeviceState *dev, BusState *bus, GError **error)
{
    g_autoptr(DeviceState) keep = DEVICE(object_ref(dev)); /* the old bus may hold the last one */
    BusState *old_bus = dev->parent_bus;

    if (!object_dynamic_cast(OBJECT(bus), DEVICE_GET_CLASS(dev)->bus_type)) {
        return qom_error_set(error, "Device '%s' can't go on %s bus",
                             object_get_typename(OBJECT(dev)), object_get_typename(OBJECT(bus)));
    }
    if (bus == old_bus) {
        return true;
    }
    if (qbus_is_full(bus)) {
        return qom_error_set(error, "Bus '%s' is full", bus->name);
    }
    if (!bus_check_address(bus, dev, error)) {
        return false;
    }
    if (old_bus) {
        bus_remove_child(old_bus, dev);
    }
    dev->parent_bus = bus;
    bus_add_child(bus, dev);
    if (dev->realized) {
        resettable_change_parent(OBJECT(dev), OBJECT(bus), OBJECT(old_bus));
    }
    return true;
}

void qdev_leave_bus(DeviceState *dev)
{
    if (dev->parent_bus) {
        bus_remove_child(dev->parent_bus, dev);
        dev->parent_bus = NULL;
    }
}

BusState *qdev_get_child_bus(const DeviceState *dev, const char *name)
{
    for (GList *item = dev->child_buses; item; item = item->next) {
        BusState *bus = item->data;

        if (g_strcmp0(bus->name, name) == 0) {
            return bus;
        }
    }
    return NULL;
}

char *qdev_get_human_name(DeviceState *dev)
{
    char *path;

    if (dev->id) {
        return g_strdup(dev->id);
    }
    path = object_get_canonical_path(OBJECT(dev));
    return path ? path : g_strdup(object_get_typename(OBJECT(dev)));
}

/* --- Class helpers --- */

void device_class_set_parent_realize(DeviceClass *dc, DeviceRealize *realize,
                                     DeviceRealize **parent_realize)
{
    *parent_realize = dc->realize;
    dc->realize = realize;
}

void device_class_set_parent_unrealize(DeviceClass *dc, DeviceUnrealize *unrealize,
                                       DeviceUnrealize **parent_unrealize)
{
    *parent_unrealize = dc->unrealize;
    dc->unrealize = unrealize;
}

void device_class_set_parent_reset(DeviceClass *dc, DeviceReset *reset, DeviceReset **parent_reset)
{
    *parent_reset = dc->reset;
    dc->reset = reset;
}

/* --- Reset --- */

void device_cold_reset(DeviceState *dev)
{
    resettable_reset(OBJECT(dev), RESET_TYPE_COLD);
}

bool device_is_in_reset(DeviceState *dev)
{
    return resettable_is_in_reset(OBJECT(dev));
}

static ResettableState *device_get_reset_state(Object *obj)
{
    return &DEVICE(obj)->reset;
}

static void device_legacy_reset(Object *obj)
{
    DEVICE_GET_CLASS(obj)->reset(DEVICE(obj));
}

static ResettableTrFunction *device_get_transitional_reset(Object *obj)
{
    return DEVICE_GET_CLASS(obj)->reset ? device_legacy_reset : NULL;
}

static void device_reset_child_foreach(Object *obj, ResettableChildCallback *callback, void *opaque,
                                       ResetType type)
{
    for (GList *item = DEVICE(obj)->child_buses, *next; item; item = next) {
        next = item->next;
        callback(OBJECT(item->data), opaque, type);
    }
}

/* --- Unplugging --- */

void qdev_add_unplug_blocker(DeviceState *dev, GError *reason)
{
    dev->unplug_blockers = g_slist_prepend(dev->unplug_blockers, reason);
}

void qdev_del_unplug_blocker(DeviceState *dev, GError *reason)
{
    dev->unplug_blockers = g_slist_remove(dev->unplug_blockers, reason);
}

bool qdev_check_unplug_allowed(const DeviceState *dev, GError **error)
{
    const GError *reason = dev->unplug_blockers ? dev->unplug_blockers->data : NULL;

    return !reason || qom_error_set(error, "%s", reason->message);
}

HotplugHandler *qdev_get_hotplug_handler(DeviceState *dev)
{
    MachineState *machine = qdev_get_machine(dev);
    MachineClass *mc = machine ? MACHINE_GET_CLASS(machine) : NULL;
    HotplugHandler *handler =
        mc && mc->get_hotplug_handler ? mc->get_hotplug_handler(machine, dev) : NULL;

    if (!handler && dev->parent_bus) {
        handler = dev->parent_bus->hotplug_handler;
    }
    return handler;
}

static bool request_unplug(HotplugHandler *handler, DeviceState *dev, GError **error)
{
    bool asked;

    dev->pending_unplug = true;
    asked = hotplug_handler_unplug_request(handler, dev, error);
    if (!asked) {
        dev->pending_unplug = false;
    }
    return asked;
}

bool qdev_unplug(DeviceState *dev, GError **error)
{
    HotplugHandler *handler = qdev_get_hotplug_handler(dev);

    if (handler && HOTPLUG_HANDLER_GET_CLASS(handler)->unplug_request) {
        return request_unplug(handler, dev, error);
    }
    if (handler && !hotplug_handler_unplug(handler, dev, error)) {
        return false;
    }
    object_unparent(OBJECT(dev));
    return true;
}

/* --- Type --- */

static bool device_get_hotpluggable(Object *obj, GError **error)
{
    DeviceState *dev = DEVICE(obj);

    (void)error;
    return DEVICE_GET_CLASS(dev)->hotpluggable &&
           (!dev->parent_bus || qbus_is_hotpluggable(dev->parent_bus));
}

static bool device_get_hotplugged(Object *obj, GError **error)
{
    (void)error;
    return DEVICE(obj)->hotplugged;
}

static void device_init(Object *obj)
{
    DeviceState *dev = DEVICE(obj);

    dev->machine = machine_of(obj);
    dev->hotplugged = dev->machine && dev->machine->ready;
}

/* Runs after every instance_init, so that globals beat what those set. */
static void device_post_init(Object *obj)
{
    DeviceState *dev = DEVICE(obj);

    qdev_prop_set_globals(dev, &dev->global_error);
}

static void device_unparent(Object *obj)
{
    DeviceState *dev = DEVICE(obj);

    qdev_unrealize(dev);
    while (dev->child_buses) {
        object_unparent(OBJECT(dev->child_buses->data));
    }
    qdev_leave_bus(dev);
}

static void emit_device_deleted(DeviceState *dev)
{
    const MachineEvent event = {
        .kind = MACHINE_EVENT_DEVICE_DELETED,
        .id = dev->id,
        .path = dev->canonical_path,
    };

    machine_emit(MACHINE(dev->deleted_from), &event);
}

static void device_finalize(Object *obj)
{
    DeviceState *dev = DEVICE(obj);

    gpio_lines_finalize(dev);
    if (dev->pending_deleted_event && dev->deleted_from) {
        emit_device_deleted(dev);
    }
    g_slist_free(dev->unplug_blockers);
    g_clear_error(&dev->global_error);
    g_free(dev->canonical_path);
    g_free(dev->id);
    object_unref(dev->deleted_from);
}

static void device_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);
    ResettableClass *rc = RESETTABLE_CLASS(klass);

    (void)data;
    klass->unparent = device_unparent;
    dc->user_creatable = true;
    dc->hotpluggable = true;
    rc->get_state = device_get_reset_state;
    rc->get_transitional_function = device_get_transitional_reset;
    rc->child_foreach = device_reset_child_foreach;
    object_class_property_add_bool(klass, "realized", device_get_realized, device_set_realized);
    object_class_property_add_bool(klass, "hotpluggable", device_get_hotpluggable, NULL);
    object_class_property_add_bool(klass, "hotplugged", device_get_hotplugged, NULL);
    object_class_property_add_link(klass, "parent_bus", TYPE_BUS, offsetof(DeviceState, parent_bus),
                                   NULL, 0);
}

/* A subclass starts without a table of its own: the rows of its parent are properties of the parent's class. */
static void device_class_base_init(ObjectClass *klass, void *data)
{
    (void)data;
    DEVICE_CLASS(klass)->props = NULL;
}

static const TypeInfo qdev_types[] = {
    {
        .name = TYPE_DEVICE,
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(DeviceState),
        .instance_init = device_init,
        .instance_post_init = device_post_init,
        .instance_finalize = device_finalize,
        .abstract = true,
        .class_size = sizeof(DeviceClass),
        .class_init = device_class_init,
        .class_base_init = device_class_base_init,
        .interfaces =
            (InterfaceInfo[]){
                { TYPE_RESETTABLE_INTERFACE },
                {},
            },
    },
};

DEFINE_TYPES(qdev_types)
