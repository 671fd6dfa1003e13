/*
 * A machine: one QOM root, one address space, one virtual clock, one thread.
 *
 * Everything that a server needs of a hosted machine is reached from here; devices reach their machine with
 * machine_of(). Two machines share nothing but the type table.
 */
#ifndef QOSIM_MODELS_CORE_MACHINE_H
#define QOSIM_MODELS_CORE_MACHINE_H

#include <glib.h>

#include "models/core/bus.h"
#include "models/core/clock.h"
#include "models/core/memory.h"
#include "models/core/qdev.h"
#include "models/core/reset.h"
#include "qom/object.h"

#define TYPE_MACHINE "machine"
#define TYPE_MACHINE_SUFFIX "-machine"
/* The QOM type of the machine that a user calls @name. */
#define MACHINE_TYPE_NAME(name) name TYPE_MACHINE_SUFFIX
OBJECT_DECLARE_TYPE(MachineState, MachineClass, MACHINE)

/* What a machine tells the world of its own accord. Strings are valid during the call only. */
typedef enum MachineEventKind {
    MACHINE_EVENT_LINE,           /* a watched line changed its level: watch, line, level */
    MACHINE_EVENT_GUEST_ERROR,    /* a guest's mistake: text, path of the device (may be NULL) */
    MACHINE_EVENT_DEVICE_DELETED, /* a realized device is gone: id (may be NULL), path */
    MACHINE_EVENT_RESET,          /* the machine was reset */
    MACHINE_EVENT_VSERPORT, /* a driver opened or closed a virtio-serial port: id, path, level (1: open) */
    MACHINE_EVENT_VIRTIO_USED, /* a device on virtio-rpc used buffers: path of the transport, line (the queue) */
    MACHINE_EVENT_VIRTIO_CONFIG, /* its configuration or status changed: path */
} MachineEventKind;

typedef struct MachineEvent {
    MachineEventKind kind;
    int64_t time_ns; /* virtual time at which it happened */
    uint32_t watch;
    uint32_t line;
    int level;
    const char *text;
    const char *id;
    const char *path;
} MachineEvent;

/*
 * Reaches RAM that lives with whoever drives the machine: moves @len bytes (1 to RAM_CLIENT_MAX_BYTES) between @buf and
 * bus address @addr. As RAMClientOps.rw.
 */
typedef MemTxResult MachineDMAFunc(void *opaque, hwaddr addr, void *buf, hwaddr len, bool is_write);

/* Takes an event away; must not call back into the machine. */
typedef void MachineEventSink(void *opaque, const MachineEvent *event);

/* Whether a watch looks at a device's unnamed input lines or at its unnamed output lines. */
typedef enum LineDirection {
    LINE_IN,
    LINE_OUT,
} LineDirection;

/* The watch that every machine with an interrupt sink has from the start: the inputs of /machine/plic. */
#define MACHINE_WATCH_IRQ 0u

struct MachineClass {
    ObjectClass parent_class;

    const char *desc;
    /* Builds the board's devices below @machine; called once by machine_create(). */
    bool (*init)(MachineState *machine, GError **error);
    /* NULL-terminated list of sysbus types that -device and device_add may create; NULL: every sysbus type. */
    const char *const *dynamic_sysbus;
    uint64_t default_ram_size; /* bytes; 0: the machine has no RAM */
    /* The machine's own say in plugging @dev, before that of its bus; NULL, also as its answer: none. */
    HotplugHandler *(*get_hotplug_handler)(MachineState *machine, DeviceState *dev);
    /* Whether @dev may come now that the machine is ready; NULL: always. */
    bool (*hotplug_allowed)(MachineState *machine, DeviceState *dev, GError **error);
};

typedef struct MachineWatches MachineWatches;

struct MachineState {
    Object parent_obj;

    /* Properties */
    uint64_t ram_size; /* bytes */
    RAMHome ram_home;
    char *ram_path; /* of RAM_HOME_SHM: file or directory; NULL: neither */

    /* State */
    Object *root;              /* owned; "/" */
    BusState *main_system_bus; /* child of the root's "/machine/unattached" as "sysbus" */
    MemoryRegion *system_memory;
    AddressSpace *system_as;
    VirtualClock *clock;
    ResetList *reset_list;
    GPtrArray *globals;       /* GlobalProperty *, in order of registration */
    GHashTable *bus_counters; /* bus type in lower case -> number of the next bus without a name */
    bool ready; /* the board and the command line's devices are built: later ones are hot-plugged */
    MachineEventSink *event_sink;
    void *event_opaque;
    MachineDMAFunc *dma_handler;
    void *dma_opaque;
    MachineWatches *watches;
};

/*
 * Makes a machine of type @type (without the "-machine" suffix: "none", "sifive_e") with its own root; the board is
 * not built yet, so that globals and properties can be set first. Returns NULL with @error for an unknown type.
 * Free with machine_free().
 */
MachineState *machine_new(const char *type, GError **error);

/* Builds the board (class init). After a failure the machine can only be freed. */
bool machine_create(MachineState *machine, GError **error);

/* The interrupt sink, /machine/plic, borrowed; NULL when the machine has none. */
DeviceState *machine_get_irq_sink(MachineState *machine);

/* Ends construction: unused globals are reported through @warn, the machine is reset, and is ready. */
void machine_set_ready(MachineState *machine, void (*warn)(void *opaque, const char *text),
                       void *opaque);

/* Tears the whole tree down: devices unrealized, root released. */
void machine_free(MachineState *machine);

/* The machine in whose tree @obj is (or will be, see object_set_home()); NULL when there is none. */
MachineState *machine_of(Object *obj);

/* Cold reset of everything, in the order of docs/qdev.md; ends with MACHINE_EVENT_RESET. */
void machine_reset(MachineState *machine);

/* Where events go; NULL drops them. */
void machine_set_event_sink(MachineState *machine, MachineEventSink *sink, void *opaque);

/*
 * Makes @mr RAM as memory_region_init_ram() does, in the home that the machine's properties "ram-home" and "ram-path" name.
 * Boards make the RAM that DMA is meant for with this, and map it where it is to stay: the DMA handler is told addresses
 * of that place, also for accesses through aliases.
 */
bool machine_init_ram(MachineState *machine, MemoryRegion *mr, Object *owner, const char *name,
                      uint64_t size, GError **error);

/* Who moves the bytes of RAM_HOME_CLIENT; NULL: nobody, and such accesses end with MEMTX_ERROR. */
void machine_set_dma_handler(MachineState *machine, MachineDMAFunc *handler, void *opaque);

/* Stamps @event with the virtual time and hands it to the sink. */
void machine_emit(MachineState *machine, const MachineEvent *event);

/*
 * Watches the unnamed lines of the device at @path: every change of a level becomes MACHINE_EVENT_LINE with the
 * returned watch number (in @watch). Watching the same lines again gives the same number. The level still reaches its
 * original target. A watch ends with its device. Fails with QOM_ERROR_DEVICE_NOT_FOUND when there is no such device, with
 * QOM_ERROR_GENERIC when it has no such lines.
 */
bool machine_watch_lines(MachineState *machine, const char *path, LineDirection direction,
                         uint32_t *watch, GError **error);

/* Last level seen on line @line of watch @watch; 0 for a line that never changed or does not exist. */
int machine_watched_level(MachineState *machine, uint32_t watch, uint32_t line);

/* How many lines watch @watch has; 0 when there is no such watch. */
uint32_t machine_watched_count(MachineState *machine, uint32_t watch);

/*
 * Drives input line @index of the list @name (NULL or "unnamed-gpio-in": the unnamed one) of the device at @path to
 * @level (0, 1, or a device's own value such as -1, floating).
 */
bool machine_set_line(MachineState *machine, const char *path, const char *name, uint32_t index,
                      int level, GError **error);

/* Creates a device from properties, as QEMU's -device and device_add do, and returns it borrowed. */
DeviceState *machine_add_device(MachineState *machine, GVariant *options, GError **error);

/* As device_del: by id or QOM path, which may be relative to /machine/peripheral. */
bool machine_del_device(MachineState *machine, const char *id_or_path, GError **error);

/* Machine types that can be made, by name without suffix, sorted; free with g_ptr_array_unref(). */
GPtrArray *machine_list_types(void);

#endif
