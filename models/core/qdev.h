/*
 * Devices: what every device model is built on.
 *
 * A device is made (object_new() or object_initialize_child()), its properties are set, its lines are connected, and
 * then it is realized, which checks the properties, claims what the device needs and locks the properties. A device
 * hangs in two trees: in the composition tree, whose parent owns it, and, if its class has a bus type, on a bus, along
 * which resets travel.
 */
#ifndef QOSIM_MODELS_CORE_QDEV_H
#define QOSIM_MODELS_CORE_QDEV_H

#include <stdbool.h>
#include <stdint.h>

#include "models/core/hotplug.h"
#include "models/core/irq.h"
#include "models/core/memory.h"
#include "models/core/reset.h"
#include "qom/object.h"

#define TYPE_DEVICE "device"
OBJECT_DECLARE_TYPE(DeviceState, DeviceClass, DEVICE)

typedef struct BusState BusState;
typedef struct Property Property;
typedef struct MachineState MachineState;
typedef struct NamedGPIOList NamedGPIOList;

typedef enum DeviceCategory {
    DEVICE_CATEGORY_BRIDGE,
    DEVICE_CATEGORY_INPUT,
    DEVICE_CATEGORY_MISC,
    DEVICE_CATEGORY_MAX
} DeviceCategory;

/* Claims what the device needs; false with @error set leaves nothing claimed. */
typedef bool DeviceRealize(DeviceState *dev, GError **error);
/* Gives back what realize claimed. */
typedef void DeviceUnrealize(DeviceState *dev);
/* A reset in one go, run in the hold phase. */
typedef void DeviceReset(DeviceState *dev);

struct DeviceClass {
    ObjectClass parent_class;

    const char *desc;
    const char *fw_name;
    uint32_t categories;   /* bit n: DeviceCategory n */
    const Property *props; /* set with device_class_set_props() */
    bool user_creatable;   /* -device and device_add may make it */
    bool hotpluggable;     /* may come and go while the machine runs */
    const char *bus_type;  /* the bus it needs; NULL: none */
    DeviceRealize *realize;
    DeviceUnrealize *unrealize;
    DeviceReset *reset;
};

struct DeviceState {
    Object parent_obj;

    char *id;                   /* the user's name for it; NULL: none */
    char *canonical_path;       /* from realizing on, also for DEVICE_DELETED */
    bool realized;              /* becomes true as the last step of realizing */
    bool realized_before;       /* its class's realize has succeeded once, and can't run again */
    bool auto_parented;         /* realizing filed it below /machine/unattached */
    bool pending_deleted_event; /* unrealized; DEVICE_DELETED is due when it is finalized */
    bool pending_unplug;        /* an unplug request was made and not answered yet */
    bool hotplugged;            /* came after the machine was ready */
    MachineState *machine;      /* the one it was made for, borrowed; NULL outside any */
    Object *deleted_from;       /* the machine, with a reference, while DEVICE_DELETED is due */
    GError *global_error;       /* why a global could not be applied; realize reports it */
    BusState *parent_bus;       /* borrowed (the bus owns the device's place); NULL: on no bus */
    GList *child_buses;         /* of BusState, newest first, borrowed from the composition tree */
    unsigned num_child_buses;   /* ever made; names them */
    GList *gpios;               /* of NamedGPIOList */
    GSList *unplug_blockers;    /* of GError; borrowed */
    ResettableState reset;
    MemReentrancyGuard mem_reentrancy_guard;
};

/* --- Making and realizing --- */

/*
 * Makes a device of type @type, which must exist and be concrete, for the machine of @home (any object in its tree;
 * NULL: for none), whose globals it gets. The caller owns the reference.
 */
DeviceState *qdev_new(const char *type, Object *home);

/* The same; NULL when there is no such concrete device type. */
DeviceState *qdev_try_new(const char *type, Object *home);

/*
 * Puts @dev on @bus (NULL: on none) and realizes it. A device without a parent in the composition tree goes below
 * /machine/unattached, which then holds its own reference. On failure the device is on no bus.
 */
bool qdev_realize(DeviceState *dev, BusState *bus, GError **error);

/* The same, and drops the caller's reference in either case. */
bool qdev_realize_and_unref(DeviceState *dev, BusState *bus, GError **error);

/* Unrealizes @dev; nothing happens when it isn't realized. */
void qdev_unrealize(DeviceState *dev);

/* Whether @dev is realized. */
bool qdev_is_realized(const DeviceState *dev);

/* The machine @dev was made for or is in; NULL when there is none. */
MachineState *qdev_get_machine(DeviceState *dev);

/* --- Place --- */

/* The bus @dev is on; NULL: none. */
BusState *qdev_get_parent_bus(const DeviceState *dev);

/* Moves @dev to @bus, which must fit (type, room, address); on failure it stays where it was. */
bool qdev_set_parent_bus(DeviceState *dev, BusState *bus, GError **error);

/* The child bus of @dev called @name; NULL when there is none. */
BusState *qdev_get_child_bus(const DeviceState *dev, const char *name);

/* Text that names @dev to a person: its id, else its path, else its type. Free with g_free(). */
char *qdev_get_human_name(DeviceState *dev);

/* --- Class helpers --- */

/* Declares the class's properties; @props ends with DEFINE_PROP_END_OF_LIST() and is static. */
void device_class_set_props(DeviceClass *dc, const Property *props);

/* Sets realize (and unrealize, reset) and keeps what it was, so that the subclass can chain up. */
void device_class_set_parent_realize(DeviceClass *dc, DeviceRealize *realize,
                                     DeviceRealize **parent_realize);
void device_class_set_parent_unrealize(DeviceClass *dc, DeviceUnrealize *unrealize,
                                       DeviceUnrealize **parent_unrealize);
void device_class_set_parent_reset(DeviceClass *dc, DeviceReset *reset, DeviceReset **parent_reset);

/* --- Reset --- */

/* Cold reset of @dev and everything on its buses. */
void device_cold_reset(DeviceState *dev);

/* Whether @dev is held in reset. */
bool device_is_in_reset(DeviceState *dev);

/* --- Unplugging --- */

/* While @reason (not NULL; stays the caller's) is filed, device_del refuses with its text. */
void qdev_add_unplug_blocker(DeviceState *dev, GError *reason);
void qdev_del_unplug_blocker(DeviceState *dev, GError *reason);

/* False with the first blocker's text in @error when there is one. */
bool qdev_check_unplug_allowed(const DeviceState *dev, GError **error);

/* Who has a say in plugging @dev: its machine if that wants to, else its bus's handler; NULL: nobody. */
HotplugHandler *qdev_get_hotplug_handler(DeviceState *dev);

/* Unplugs @dev as device_del does once its checks have passed: by request where the handler has one, else at once. */
bool qdev_unplug(DeviceState *dev, GError **error);

/*
 * --- Lines ---
 *
 * A device has lists of input lines and of output lines, each with a name (NULL: the unnamed list). Input i of list
 * "x" is the child "x[i]"; the unnamed list's is "unnamed-gpio-in[i]". Output i is a link to whatever it drives, "x[i]"
 * or "unnamed-gpio-out[i]". Indices outside a list are a mistake of the board's code and assert; a user's go through
 * machine_set_line(), which checks them.
 */

/* Adds @n inputs to the (un)named list; @handler gets the device, the index within the list, and the level. */
void qdev_init_gpio_in(DeviceState *dev, qemu_irq_handler handler, int n);
void qdev_init_gpio_in_named(DeviceState *dev, qemu_irq_handler handler, const char *name, int n);
/* The same, with @opaque handed to @handler in place of the device. */
void qdev_init_gpio_in_named_with_opaque(DeviceState *dev, qemu_irq_handler handler, void *opaque,
                                         const char *name, int n);

/* Adds @n outputs; @pins (of the device's own memory, @n of them, NULL at first) hold what they are connected to. */
void qdev_init_gpio_out(DeviceState *dev, qemu_irq *pins, int n);
void qdev_init_gpio_out_named(DeviceState *dev, qemu_irq *pins, const char *name, int n);

/* Input @n, borrowed. */
qemu_irq qdev_get_gpio_in(DeviceState *dev, int n);
qemu_irq qdev_get_gpio_in_named(DeviceState *dev, const char *name, int n);

/*
 * Connects output @n to @input (NULL: to nothing); the output holds a reference. An input that is part of no device is
 * filed as /machine/unattached/non-qdev-gpio[*]. A watch on the output stays in place.
 */
void qdev_connect_gpio_out(DeviceState *dev, int n, qemu_irq input);
void qdev_connect_gpio_out_named(DeviceState *dev, const char *name, int n, qemu_irq input);

/* What output @n is connected to, borrowed; NULL: nothing. */
qemu_irq qdev_get_gpio_out_connector(DeviceState *dev, const char *name, int n);

/* Puts @handler in the way of output @n, which still drives what it is connected to. */
void qdev_intercept_gpio_out(DeviceState *dev, qemu_irq_handler handler, void *opaque,
                             const char *name, int n);

/* How many lines the list has; 0 when there is no such list. */
int qdev_count_gpio_in(DeviceState *dev, const char *name);
int qdev_count_gpio_out(DeviceState *dev, const char *name);

/*
 * Makes the list @name of @dev the @container's: its lines appear there as aliases, and only there from now on: @dev
 * itself reports no such list any more.
 */
void qdev_pass_gpios(DeviceState *dev, DeviceState *container, const char *name);

#endif
