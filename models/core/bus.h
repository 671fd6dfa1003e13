/*
 * Buses: where devices hang, and along which resets travel.
 *
 * A bus is a child of its device in the composition tree. Its devices are links "child[N]", where N only grows; walks
 * go from the newest to the oldest.
 */
#ifndef QOSIM_MODELS_CORE_BUS_H
#define QOSIM_MODELS_CORE_BUS_H

#include "models/core/qdev.h"

#define TYPE_BUS "bus"
OBJECT_DECLARE_TYPE(BusState, BusClass, BUS)

/* A device's place on its bus. */
typedef struct BusChild {
    DeviceState *child; /* a reference is held */
    uint32_t index;     /* N of its link "child[N]" */
} BusChild;

struct BusClass {
    ObjectClass parent_class;

    /* A path that a person would name the device by; free with g_free(). May be NULL. */
    char *(*get_dev_path)(DeviceState *dev);
    /* Whether @dev's address suits @bus and is free. May be NULL. */
    bool (*check_address)(BusState *bus, DeviceState *dev, GError **error);
    /* Both may be NULL. */
    bool (*realize)(BusState *bus, GError **error);
    void (*unrealize)(BusState *bus);
    uint32_t max_dev; /* 0: any number */
};

struct BusState {
    Object parent_obj;

    DeviceState *parent;   /* borrowed; NULL for the main system bus */
    MachineState *machine; /* borrowed; NULL outside any machine */
    char *name;
    HotplugHandler *hotplug_handler; /* a link; NULL: devices can't come and go at run time */
    uint32_t max_index;              /* the next child's N */
    bool realized;
    uint32_t num_children;
    GList *children; /* of BusChild, newest first */
    ResettableState reset;
};

/*
 * Makes a bus below @parent, which owns it. @name NULL: "<id of parent>.<n>" if it has an id, else
 * "<bus type in lower case>.<counter of the machine>". Returns it borrowed.
 */
BusState *qbus_new(const char *type, DeviceState *parent, const char *name);

/* The same in @bus's own memory of @size bytes; the composition tree holds the only reference. */
void qbus_init(void *bus, size_t size, const char *type, DeviceState *parent, const char *name);

/* Realizes @bus, not the devices on it. */
bool qbus_realize(BusState *bus, GError **error);

/* Unrealizes the devices on @bus, then @bus itself; nothing happens when it isn't realized. */
void qbus_unrealize(BusState *bus);

/* Whether no more devices fit. */
bool qbus_is_full(BusState *bus);

/* Whether devices may come and go at run time. */
bool qbus_is_hotpluggable(BusState *bus);

/* Lets @handler (an object with the interface TYPE_HOTPLUG_HANDLER; borrowed, must outlive the bus) decide. */
void qbus_set_hotplug_handler(BusState *bus, Object *handler);

/* Cold reset of every device on @bus. */
void bus_cold_reset(BusState *bus);

/* Whether @bus is held in reset. */
bool bus_is_in_reset(BusState *bus);

/* The device with @id on @bus or anywhere below it; NULL when there is none. */
DeviceState *qdev_find_recursive(BusState *bus, const char *id);

/*
 * The bus that the user's @path names: elements apart by "/", device and bus in turns; a leading "/" starts at the main
 * system bus, otherwise the first element is the name of a bus anywhere. Errors as in QEMU.
 */
BusState *qbus_find(MachineState *machine, const char *path, GError **error);

/* The first bus of type @type with room, depth first from the main system bus; a full one if that is all there is. */
BusState *qbus_find_for_type(MachineState *machine, const char *type);

/* The main system bus of @machine, below its root's /machine/unattached. For machine_new(). */
BusState *qbus_new_main(MachineState *machine);

/* Steps of qdev_set_parent_bus(). */
bool bus_check_address(BusState *bus, DeviceState *dev, GError **error);
void bus_add_child(BusState *bus, DeviceState *dev);
void bus_remove_child(BusState *bus, DeviceState *dev);

#endif
