/* Devices that a user adds and removes: the checks of device_add and device_del, in their order. */
#include "models/core/machine_internal.h"

#include <string.h>

#include "models/core/qdev_properties.h"
#include "qom/user_creatable.h"

static bool is_allowed_sysbus(MachineState *machine, ObjectClass *klass)
{
    const char *const *type = MACHINE_GET_CLASS(machine)->dynamic_sysbus;

    if (!type || !object_class_dynamic_cast(klass, TYPE_SYS_BUS_DEVICE)) {
        return true;
    }
    for (; *type; type++) {
        if (object_class_dynamic_cast(klass, *type)) {
            return true;
        }
    }
    return false;
}

static DeviceClass *find_device_class(MachineState *machine, const char *driver, GError **error)
{
    ObjectClass *klass = object_class_dynamic_cast(object_class_by_name(driver), TYPE_DEVICE);
    DeviceClass *dc;

    if (!klass) {
        qom_error_set(error, "'%s' is not a valid device model name", driver);
        return NULL;
    }
    if (object_class_is_abstract(klass)) {
        qom_error_set(error, "Parameter 'driver' expects a non-abstract device type");
        return NULL;
    }
    dc = DEVICE_CLASS(klass);
    if (!dc->user_creatable || (machine->ready && !dc->hotpluggable)) {
        qom_error_set(error, "Parameter 'driver' expects a pluggable device type");
        return NULL;
    }
    if (!is_allowed_sysbus(machine, klass)) {
        qom_error_set(error,
                      "Parameter 'driver' expects a dynamic sysbus device type for the machine");
        return NULL;
    }
    return dc;
}

static BusState *find_named_bus(MachineState *machine, const char *path, const char *driver,
                                const char *bus_type, GError **error)
{
    BusState *bus = qbus_find(machine, path, error);

    if (!bus) {
        return NULL;
    }
    if (!bus_type || !object_dynamic_cast(OBJECT(bus), bus_type)) {
        qom_error_set(error, "Device '%s' can't go on %s bus", driver,
                      object_get_typename(OBJECT(bus)));
        return NULL;
    }
    if (qbus_is_full(bus)) {
        qom_error_set(error, "Bus '%s' is full", path);
        return NULL;
    }
    return bus;
}

/* The bus for a device of class @dc in *@bus; NULL there when it needs none. */
static bool find_place(MachineState *machine, DeviceClass *dc, const char *driver, const char *path,
                       BusState **bus, GError **error)
{
    *bus = NULL;
    if (path) {
        *bus = find_named_bus(machine, path, driver, dc->bus_type, error);
        if (!*bus) {
            return false;
        }
    } else if (dc->bus_type) {
        *bus = qbus_find_for_type(machine, dc->bus_type);
        if (!*bus || qbus_is_full(*bus)) {
            return qom_error_set(error, "No '%s' bus found for device '%s'", dc->bus_type, driver);
        }
    }
    if (machine->ready && *bus && !qbus_is_hotpluggable(*bus)) {
        return qom_error_set(error, "Bus '%s' does not support hotplugging", (*bus)->name);
    }
    return true;
}

static bool check_hotplug(MachineState *machine, DeviceState *dev, const BusState *bus,
                          GError **error)
{
    MachineClass *mc = MACHINE_GET_CLASS(machine);

    if (!machine->ready) {
        return true;
    }
    if (mc->hotplug_allowed && !mc->hotplug_allowed(machine, dev, error)) {
        return false;
    }
    if (!bus && !qdev_get_hotplug_handler(dev)) {
        return qom_error_set(error, "Device '%s' can not be hotplugged on this machine",
                             object_get_typename(OBJECT(dev)));
    }
    return true;
}

/* Files @dev in the composition tree, as @id if that isn't NULL. */
static bool set_id(MachineState *machine, DeviceState *dev, const char *id, GError **error)
{
    if (!id) {
        object_property_add_child(container_get(machine->root, "/machine/peripheral-anon"),
                                  "device[*]", OBJECT(dev));
        return true;
    }
    if (!object_property_try_add_child(container_get(machine->root, "/machine/peripheral"), id,
                                       OBJECT(dev), NULL)) {
        return qom_error_set(error, "Duplicate device ID '%s'", id);
    }
    dev->id = g_strdup(id);
    return true;
}

static bool is_own_option(const char *name)
{
    return strcmp(name, "driver") == 0 || strcmp(name, "id") == 0 || strcmp(name, "bus") == 0;
}

/* Sets those properties that are lengths of arrays, or those that are not. */
static bool set_some_properties(DeviceState *dev, GVariant *options, bool lengths, GError **error)
{
    GVariantIter iter;
    const char *name;
    GVariant *value;

    g_variant_iter_init(&iter, options);
    while (g_variant_iter_next(&iter, "{&sv}", &name, &value)) {
        bool skip = is_own_option(name) || g_str_has_prefix(name, PROP_ARRAY_LEN_PREFIX) != lengths;
        bool set = skip || object_property_set(OBJECT(dev), name, value, error);

        g_variant_unref(value);
        if (!set) {
            return false;
        }
    }
    return true;
}

/* A map from a peer may have lost its order; an array's length makes its elements, so lengths go first. */
static bool set_properties(DeviceState *dev, GVariant *options, GError **error)
{
    return set_some_properties(dev, options, true, error) &&
           set_some_properties(dev, options, false, error);
}

/* The text of option @name in *@text, owned by @options; NULL when it is not given. False when it is no text. */
static bool get_text(GVariant *options, const char *name, const char **text, GError **error)
{
    g_autoptr(GVariant) value = g_variant_lookup_value(options, name, NULL);

    *text = NULL;
    return !value || qom_value_get_str(value, name, text, error);
}

typedef struct AddRequest {
    const char *driver;
    const char *id;  /* NULL: none given */
    const char *bus; /* NULL: none given */
} AddRequest;

static bool parse_request(GVariant *options, AddRequest *request, GError **error)
{
    if (!get_text(options, "driver", &request->driver, error) ||
        !get_text(options, "id", &request->id, error) ||
        !get_text(options, "bus", &request->bus, error)) {
        return false;
    }
    if (request->id && !id_check("id", request->id, error)) {
        return false;
    }
    return request->driver || qom_error_set(error, "Parameter 'driver' is missing");
}

static DeviceState *build_device(MachineState *machine, const AddRequest *request,
                                 GVariant *options, GError **error)
{
    DeviceClass *dc = find_device_class(machine, request->driver, error);
    g_autoptr(DeviceState) dev = NULL;
    BusState *bus;

    if (!dc || !find_place(machine, dc, request->driver, request->bus, &bus, error)) {
        return NULL;
    }
    dev = qdev_new(request->driver, machine->root);
    if (!check_hotplug(machine, dev, bus, error) || !set_id(machine, dev, request->id, error)) {
        return NULL;
    }
    if (!set_properties(dev, options, error) || !qdev_realize(dev, bus, error)) {
        object_unparent(OBJECT(dev));
        return NULL;
    }
    return dev;
}

DeviceState *machine_add_device(MachineState *machine, GVariant *options, GError **error)
{
    g_autoptr(GVariant) keep = g_variant_ref_sink(options);
    AddRequest request;

    if (!g_variant_is_of_type(keep, G_VARIANT_TYPE_VARDICT)) {
        qom_error_set(error, "A device's options must be a map of names to values");
        return NULL;
    }
    return parse_request(keep, &request, error) ? build_device(machine, &request, keep, error)
                                                : NULL;
}

static DeviceState *find_device(MachineState *machine, const char *id_or_path, GError **error)
{
    Object *peripheral = container_get(machine->root, "/machine/peripheral");
    Object *obj = object_resolve_path_at(peripheral, id_or_path);

    if (!obj || obj == peripheral) {
        qom_error_set_not_found(error, id_or_path);
        return NULL;
    }
    if (!object_dynamic_cast(obj, TYPE_DEVICE)) {
        qom_error_set(error, "%s is not a hotpluggable device", id_or_path);
        return NULL;
    }
    return DEVICE(obj);
}

bool machine_del_device(MachineState *machine, const char *id_or_path, GError **error)
{
    DeviceState *dev = find_device(machine, id_or_path, error);

    if (!dev) {
        return false;
    }
    if (dev->pending_unplug) {
        return qom_error_set(error, "Device %s is already in the process of unplug", id_or_path);
    }
    if (!qdev_check_unplug_allowed(dev, error)) {
        return false;
    }
    if (dev->parent_bus && !qbus_is_hotpluggable(dev->parent_bus)) {
        return qom_error_set(error, "Bus '%s' does not support hotplugging", dev->parent_bus->name);
    }
    if (!DEVICE_GET_CLASS(dev)->hotpluggable) {
        return qom_error_set(error, "Device '%s' does not support hotplugging",
                             object_get_typename(OBJECT(dev)));
    }
    if (!qdev_get_hotplug_handler(dev)) {
        return qom_error_set(error, "Device '%s' can not be hotplugged on this machine",
                             object_get_typename(OBJECT(dev)));
    }
    return qdev_unplug(dev, error);
}
