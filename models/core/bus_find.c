/* Searches below the main system bus: by a user's bus path, by type, by device id. */
#include "models/core/bus.h"

#include <string.h>

#include "models/core/machine.h"

DeviceState *qdev_find_recursive(BusState *bus, const char *id)
{
    for (GList *item = bus->children; item; item = item->next) {
        DeviceState *dev = ((const BusChild *)item->data)->child;

        if (g_strcmp0(dev->id, id) == 0) {
            return dev;
        }
        for (GList *child_bus = dev->child_buses; child_bus; child_bus = child_bus->next) {
            DeviceState *found = qdev_find_recursive(child_bus->data, id);

            if (found) {
                return found;
            }
        }
    }
    return NULL;
}

/* Of two matches (each may be NULL) the one to take: the first with room, else the first. */
static BusState *better_match(BusState *first, BusState *second)
{
    if (!first || (qbus_is_full(first) && second && !qbus_is_full(second))) {
        return second;
    }
    return first;
}

/* Depth first; @name and @type restrict the match unless NULL. */
static BusState *find_bus(BusState *bus, const char *name, const char *type)
{
    bool match = (!name || strcmp(bus->name, name) == 0) &&
                 (!type || object_dynamic_cast(OBJECT(bus), type));
    BusState *best = match ? bus : NULL;

    for (GList *item = bus->children; item; item = item->next) {
        DeviceState *dev = ((const BusChild *)item->data)->child;

        for (GList *child = dev->child_buses; child; child = child->next) {
            if (best && !qbus_is_full(best)) {
                return best;
            }
            best = better_match(best, find_bus(child->data, name, type));
        }
    }
    return best;
}

BusState *qbus_find_for_type(MachineState *machine, const char *type)
{
    return find_bus(machine->main_system_bus, NULL, type);
}

static DeviceState *device_with(BusState *bus, bool (*matches)(DeviceState *dev, const char *text),
                                const char *text)
{
    for (GList *item = bus->children; item; item = item->next) {
        DeviceState *dev = ((const BusChild *)item->data)->child;

        if (matches(dev, text)) {
            return dev;
        }
    }
    return NULL;
}

static bool has_id(DeviceState *dev, const char *id)
{
    return g_strcmp0(dev->id, id) == 0;
}

static bool has_type(DeviceState *dev, const char *type)
{
    return strcmp(object_get_typename(OBJECT(dev)), type) == 0;
}

/* An id is looked for on the whole bus before any type name is. */
static DeviceState *find_device_element(BusState *bus, const char *element, GError **error)
{
    DeviceState *dev = device_with(bus, has_id, element);

    if (!dev) {
        dev = device_with(bus, has_type, element);
    }
    if (!dev) {
        qom_error_set_not_found(error, element);
    }
    return dev;
}

static BusState *only_child_bus(DeviceState *dev, const char *element, GError **error)
{
    if (!dev->child_buses) {
        qom_error_set(error, "Device '%s' has no child bus", element);
        return NULL;
    }
    if (dev->child_buses->next) {
        qom_error_set(error, "Device '%s' has multiple child buses", element);
        return NULL;
    }
    return dev->child_buses->data;
}

static BusState *bus_or_not_found(BusState *bus, const char *element, GError **error)
{
    if (!bus) {
        qom_error_set(error, "Bus '%s' not found", element);
    }
    return bus;
}

/* One pair of elements: a device on @bus, then one of its buses (or its only one when the path ends there). */
static BusState *follow_pair(BusState *bus, const char *device, const char *child, GError **error)
{
    DeviceState *dev = find_device_element(bus, device, error);

    if (!dev) {
        return NULL;
    }
    if (!child) {
        return only_child_bus(dev, device, error);
    }
    return bus_or_not_found(qdev_get_child_bus(dev, child), child, error);
}

/* The elements of @path without the empty ones, NULL-terminated. */
static GPtrArray *split_path(const char *path)
{
    GPtrArray *elements = g_ptr_array_new_with_free_func(g_free);
    g_auto(GStrv) parts = g_strsplit(path, "/", -1);

    for (char **part = parts; *part; part++) {
        if (**part) {
            g_ptr_array_add(elements, g_strdup(*part));
        }
    }
    g_ptr_array_add(elements, NULL);
    return elements;
}

BusState *qbus_find(MachineState *machine, const char *path, GError **error)
{
    g_autoptr(GPtrArray) elements = split_path(path);
    char **element = (char **)elements->pdata;
    BusState *bus = machine->main_system_bus;

    if (path[0] != '/') {
        const char *first = *element ? *element++ : path;

        bus = bus_or_not_found(find_bus(bus, first, NULL), first, error);
    }
    while (bus && *element) {
        bus = follow_pair(bus, element[0], element[1], error);
        element += element[1] ? 2 : 1;
    }
    return bus;
}
