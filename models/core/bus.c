/* Buses: names, places, realizing, and the reset tree below a bus. Searches are in bus_find.c. */
#include "models/core/bus.h"

#include "models/core/machine.h"

static unsigned next_bus_number(BusState *bus, const char *type)
{
    GHashTable *counters = bus->machine ? bus->machine->bus_counters : NULL;
    unsigned number;

    if (!counters) {
        return bus->parent->num_child_buses;
    }
    number = GPOINTER_TO_UINT(g_hash_table_lookup(counters, type));
    g_hash_table_insert(counters, g_strdup(type), GUINT_TO_POINTER(number + 1));
    return number;
}

static char *make_name(BusState *bus)
{
    g_autofree char *type = g_ascii_strdown(object_get_typename(OBJECT(bus)), -1);

    if (bus->parent->id) {
        return g_strdup_printf("%s.%u", bus->parent->id, bus->parent->num_child_buses);
    }
    return g_strdup_printf("%s.%u", type, next_bus_number(bus, type));
}

/* Takes the caller's reference of @bus. */
static void attach_bus(BusState *bus, DeviceState *parent, const char *name)
{
    bus->parent = parent;
    bus->machine = qdev_get_machine(parent);
    bus->name = name ? g_strdup(name) : make_name(bus);
    parent->child_buses = g_list_prepend(parent->child_buses, bus);
    parent->num_child_buses++;
    object_property_add_child(OBJECT(parent), bus->name, OBJECT(bus));
    object_unref(bus);
}

BusState *qbus_new(const char *type, DeviceState *parent, const char *name)
{
    BusState *bus = BUS(object_new_in(type, OBJECT(parent)));

    attach_bus(bus, parent, name);
    return bus;
}

void qbus_init(void *bus, size_t size, const char *type, DeviceState *parent, const char *name)
{
    object_initialize(bus, size, type);
    attach_bus(bus, parent, name);
}

BusState *qbus_new_main(MachineState *machine)
{
    BusState *bus = BUS(object_new_in("System", machine->root));

    bus->machine = machine;
    bus->name = g_strdup("main-system-bus");
    object_property_add_child(container_get(machine->root, "/machine/unattached"), "sysbus",
                              OBJECT(bus));
    object_unref(bus);
    return bus;
}

bool qbus_is_full(BusState *bus)
{
    uint32_t max_dev = BUS_GET_CLASS(bus)->max_dev;

    return max_dev && bus->num_children >= max_dev;
}

bool qbus_is_hotpluggable(BusState *bus)
{
    return bus->hotplug_handler;
}

void qbus_set_hotplug_handler(BusState *bus, Object *handler)
{
    bus->hotplug_handler = HOTPLUG_HANDLER(handler);
}

bool bus_check_address(BusState *bus, DeviceState *dev, GError **error)
{
    BusClass *bc = BUS_GET_CLASS(bus);

    return !bc->check_address || bc->check_address(bus, dev, error);
}

void bus_add_child(BusState *bus, DeviceState *dev)
{
    BusChild *place = g_new(BusChild, 1);
    g_autofree char *name = g_strdup_printf("child[%u]", bus->max_index);

    place->child = DEVICE(object_ref(dev));
    place->index = bus->max_index++;
    bus->children = g_list_prepend(bus->children, place);
    bus->num_children++;
    object_property_add_link(OBJECT(bus), name, object_get_typename(OBJECT(dev)),
                             (Object **)&place->child, NULL, 0);
}

static GList *find_place(BusState *bus, const DeviceState *dev)
{
    for (GList *item = bus->children; item; item = item->next) {
        const BusChild *place = item->data;

        if (place->child == dev) {
            return item;
        }
    }
    return NULL;
}

void bus_remove_child(BusState *bus, DeviceState *dev)
{
    GList *item = find_place(bus, dev);
    BusChild *place = item->data;
    g_autofree char *name = g_strdup_printf("child[%u]", place->index);

    bus->children = g_list_delete_link(bus->children, item);
    bus->num_children--;
    object_property_del(OBJECT(bus), name);
    object_unref(place->child);
    g_free(place);
}

/* --- Realizing --- */

bool qbus_realize(BusState *bus, GError **error)
{
    return object_property_set_bool(OBJECT(bus), "realized", true, error);
}

void qbus_unrealize(BusState *bus)
{
    object_property_set_bool(OBJECT(bus), "realized", false, NULL);
}

static void unrealize_bus(BusState *bus)
{
    BusClass *bc = BUS_GET_CLASS(bus);

    for (GList *item = bus->children; item; item = item->next) {
        const BusChild *place = item->data;

        qdev_unrealize(place->child);
    }
    if (bc->unrealize) {
        bc->unrealize(bus);
    }
    bus->realized = false;
}

static bool bus_get_realized(Object *obj, GError **error)
{
    (void)error;
    return BUS(obj)->realized;
}

static bool bus_set_realized(Object *obj, bool value, GError **error)
{
    BusState *bus = BUS(obj);
    BusClass *bc = BUS_GET_CLASS(bus);

    if (value == bus->realized) {
        return true;
    }
    if (!value) {
        unrealize_bus(bus);
        return true;
    }
    if (bc->realize && !bc->realize(bus, error)) {
        return false;
    }
    bus->realized = true;
    return true;
}

/* --- Reset --- */

void bus_cold_reset(BusState *bus)
{
    resettable_reset(OBJECT(bus), RESET_TYPE_COLD);
}

bool bus_is_in_reset(BusState *bus)
{
    return resettable_is_in_reset(OBJECT(bus));
}

static ResettableState *bus_get_reset_state(Object *obj)
{
    return &BUS(obj)->reset;
}

static void bus_reset_child_foreach(Object *obj, ResettableChildCallback *callback, void *opaque,
                                    ResetType type)
{
    for (GList *item = BUS(obj)->children, *next; item; item = next) {
        const BusChild *place = item->data;

        next = item->next;
        callback(OBJECT(place->child), opaque, type);
    }
}

/* --- Type --- */

static void bus_unparent(Object *obj)
{
    BusState *bus = BUS(obj);

    while (bus->children) {
        const BusChild *place = bus->children->data;
        g_autoptr(DeviceState) dev = DEVICE(object_ref(place->child));

        object_unparent(OBJECT(dev));
        if (dev->parent_bus == bus) {
            /* It had no parent, so unparenting it did nothing. */
            bus_remove_child(bus, dev);
            dev->parent_bus = NULL;
        }
    }
    if (bus->parent) {
        bus->parent->child_buses = g_list_remove(bus->parent->child_buses, bus);
        bus->parent = NULL;
    }
}

static void bus_finalize(Object *obj)
{
    g_free(BUS(obj)->name);
}

static void bus_class_init(ObjectClass *klass, void *data)
{
    ResettableClass *rc = RESETTABLE_CLASS(klass);

    (void)data;
    klass->unparent = bus_unparent;
    rc->get_state = bus_get_reset_state;
    rc->child_foreach = bus_reset_child_foreach;
    object_class_property_add_bool(klass, "realized", bus_get_realized, bus_set_realized);
    object_class_property_add_link(klass, "hotplug-handler", TYPE_HOTPLUG_HANDLER,
                                   offsetof(BusState, hotplug_handler), NULL, 0);
}

static const TypeInfo bus_types[] = {
    {
        .name = TYPE_BUS,
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(BusState),
        .instance_finalize = bus_finalize,
        .abstract = true,
        .class_size = sizeof(BusClass),
        .class_init = bus_class_init,
        .interfaces =
            (InterfaceInfo[]){
                { TYPE_RESETTABLE_INTERFACE },
                {},
            },
    },
};

DEFINE_TYPES(bus_types)
