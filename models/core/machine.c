/* Machines: the tree, the parts that every machine has, their life, and events. */
#include "models/core/machine.h"

#include <string.h>

#include "models/core/log.h"
#include "models/core/machine_internal.h"
#include "models/core/qdev_internal.h"
#include "models/core/qdev_properties.h"
#include "models/core/sysbus.h"

/* --- Types by name --- */

static ObjectClass *find_machine_class(const char *type)
{
    g_autofree char *name = g_strconcat(type, TYPE_MACHINE_SUFFIX, NULL);
    ObjectClass *klass = object_class_dynamic_cast(object_class_by_name(name), TYPE_MACHINE);

    return klass && !object_class_is_abstract(klass) ? klass : NULL;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

GPtrArray *machine_list_types(void)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GSList) classes = object_class_get_list(TYPE_MACHINE, false);

    for (GSList *item = classes; item; item = item->next) {
        const char *name = object_class_get_name(item->data);

        if (g_str_has_suffix(name, TYPE_MACHINE_SUFFIX)) {
            g_ptr_array_add(names, g_strndup(name, strlen(name) - strlen(TYPE_MACHINE_SUFFIX)));
        }
    }
    g_ptr_array_sort(names, compare_names);
    return names;
}

MachineState *machine_of(Object *obj)
{
    Object *root = object_get_root(obj);
    Object *machine = object_is_root(root) ? object_resolve_path_component(root, "machine") : NULL;

    return (MachineState *)object_dynamic_cast(machine, TYPE_MACHINE);
}

/* --- Events --- */

void machine_set_event_sink(MachineState *machine, MachineEventSink *sink, void *opaque)
{
    machine->event_sink = sink;
    machine->event_opaque = opaque;
}

void machine_emit(MachineState *machine, const MachineEvent *event)
{
    MachineEvent stamped = *event;

    if (machine->event_sink) {
        stamped.time_ns = virtual_clock_now(machine->clock);
        machine->event_sink(machine->event_opaque, &stamped);
    }
}

static void emit_guest_error(void *opaque, Object *source, const char *text)
{
    g_autofree char *path = source ? object_get_canonical_path(source) : NULL;
    const MachineEvent event = {
        .kind = MACHINE_EVENT_GUEST_ERROR,
        .text = text,
        .path = path,
    };

    machine_emit(opaque, &event);
}

/* --- Life --- */

static void make_containers(Object *root)
{
    static const char *const paths[] = {
        "/machine/peripheral", "/machine/peripheral-anon", "/machine/unattached", "/objects",
        "/chardevs",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
        container_get(root, paths[i]);
    }
}

MachineState *machine_new(const char *type, GError **error)
{
    ObjectClass *klass = find_machine_class(type);
    Object *root;
    MachineState *machine;

    if (!klass) {
        qom_error_set(error, "unsupported machine type \"%s\"", type);
        return NULL;
    }
    root = object_new_root();
    machine = MACHINE(object_new_in(object_class_get_name(klass), root));
    machine->root = root;
    object_property_add_child(root, "machine", OBJECT(machine));
    object_unref(machine);
    make_containers(root);
    machine->main_system_bus = qbus_new_main(machine);
    qbus_set_hotplug_handler(machine->main_system_bus, OBJECT(machine));
    log_set_sink(root, emit_guest_error, machine);
    return machine;
}

DeviceState *machine_get_irq_sink(MachineState *machine)
{
    Object *sink = object_resolve_path_component(OBJECT(machine), "plic");

    return (DeviceState *)object_dynamic_cast(sink, TYPE_DEVICE);
}

bool machine_create(MachineState *machine, GError **error)
{
    MachineClass *mc = MACHINE_GET_CLASS(machine);

    if (mc->init && !mc->init(machine, error)) {
        return false;
    }
    machine_watch_irq_sink(machine);
    return qbus_realize(machine->main_system_bus, error);
}

static void reset_main_bus(void *opaque)
{
    bus_cold_reset(opaque);
}

void machine_set_ready(MachineState *machine, void (*warn)(void *opaque, const char *text),
                       void *opaque)
{
    if (machine->ready) {
        return;
    }
    /* Last, so that what devices registered for themselves runs before the tree of buses is reset. */
    reset_list_register(machine->reset_list, reset_main_bus, machine->main_system_bus);
    qdev_prop_check_globals(machine, warn, opaque);
    machine->ready = true;
    reset_list_run(machine->reset_list);
}

void machine_reset(MachineState *machine)
{
    const MachineEvent event = { .kind = MACHINE_EVENT_RESET };

    reset_list_run(machine->reset_list);
    machine_emit(machine, &event);
}

static int collect_child(Object *child, void *opaque)
{
    g_ptr_array_add(opaque, object_ref(child));
    return 0;
}

/* Unparents the children of @obj, newest first, but not @except. */
static void drop_children(Object *obj, const Object *except)
{
    g_autoptr(GPtrArray) children = g_ptr_array_new_with_free_func(object_unref);

    object_child_foreach(obj, collect_child, children);
    while (children->len > 0) {
        Object *child = g_ptr_array_index(children, children->len - 1);

        if (child != except) {
            object_unparent(child);
        }
        g_ptr_array_remove_index(children, children->len - 1);
    }
}

void machine_free(MachineState *machine)
{
    Object *root;

    if (!machine) {
        return;
    }
    root = machine->root;
    machine_set_event_sink(machine, NULL, NULL);
    log_set_sink(root, NULL, NULL);
    /* What the user plugged goes before the board it was plugged into. */
    drop_children(container_get(root, "/machine/peripheral"), NULL);
    drop_children(container_get(root, "/machine/peripheral-anon"), NULL);
    drop_children(OBJECT(machine), OBJECT(machine->system_memory));
    drop_children(root, OBJECT(machine));
    machine->root = NULL;
    object_unref(root);
}

/* --- Hotplug handler of the main system bus --- */

static bool plug(HotplugHandler *handler, DeviceState *dev, GError **error)
{
    SysBusDevice *sysbus = (SysBusDevice *)object_dynamic_cast(OBJECT(dev), TYPE_SYS_BUS_DEVICE);

    return !sysbus || sysbus_plug(MACHINE(handler), sysbus, error);
}

static bool unplug(HotplugHandler *handler, DeviceState *dev, GError **error)
{
    SysBusDevice *sysbus = (SysBusDevice *)object_dynamic_cast(OBJECT(dev), TYPE_SYS_BUS_DEVICE);

    return !sysbus || sysbus_unplug(MACHINE(handler), sysbus, error);
}

/* --- Type --- */

static GVariant *get_ram_size(Object *obj, const char *name, void *opaque, GError **error)
{
    (void)name, (void)opaque, (void)error;
    return g_variant_new_uint64(MACHINE(obj)->ram_size);
}

static bool set_ram_size(Object *obj, const char *name, void *opaque, GVariant *value,
                         GError **error)
{
    MachineState *machine = MACHINE(obj);

    (void)opaque;
    if (machine->main_system_bus && machine->main_system_bus->realized) {
        return qom_error_set(error, "Property '%s' can't be set after the machine was built", name);
    }
    return qom_value_get_size(value, name, &machine->ram_size, error);
}

static void machine_init(Object *obj)
{
    MachineState *machine = MACHINE(obj);

    machine->ram_size = MACHINE_GET_CLASS(machine)->default_ram_size;
    machine->system_memory = g_new0(MemoryRegion, 1);
    memory_region_init(machine->system_memory, obj, "system", UINT64_MAX);
    machine->system_as = g_new0(AddressSpace, 1);
    address_space_init(machine->system_as, machine->system_memory, "memory");
    machine->clock = virtual_clock_new();
    machine->reset_list = reset_list_new();
    machine->globals = g_ptr_array_new_with_free_func(qdev_prop_free_global);
    machine->bus_counters = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    machine->watches = machine_watches_new(machine);
}

static void machine_finalize(Object *obj)
{
    MachineState *machine = MACHINE(obj);

    machine_watches_free(machine->watches);
    g_hash_table_unref(machine->bus_counters);
    g_ptr_array_unref(machine->globals);
    reset_list_free(machine->reset_list);
    virtual_clock_free(machine->clock);
    address_space_destroy(machine->system_as);
    g_free(machine->system_as);
    g_free(machine->system_memory);
    g_free(machine->ram_path);
}

static void machine_class_init(ObjectClass *klass, void *data)
{
    HotplugHandlerClass *hc = HOTPLUG_HANDLER_CLASS(klass);

    (void)data;
    hc->plug = plug;
    hc->unplug = unplug;
    object_class_property_add(klass, "ram-size", "size", get_ram_size, set_ram_size, NULL, NULL);
    object_class_property_set_description(klass, "ram-size", "Bytes of main memory");
    machine_ram_class_init(klass);
}

static const TypeInfo machine_types[] = {
    {
        .name = TYPE_MACHINE,
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(MachineState),
        .instance_init = machine_init,
        .instance_finalize = machine_finalize,
        .abstract = true,
        .class_size = sizeof(MachineClass),
        .class_init = machine_class_init,
        .interfaces =
            (InterfaceInfo[]){
                { TYPE_HOTPLUG_HANDLER },
                {},
            },
    },
};

DEFINE_TYPES(machine_types)
