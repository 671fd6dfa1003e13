/* Where a machine's RAM lives: with the process, in a file, or with whoever drives the machine. */
#include "models/core/machine_internal.h"

#include <string.h>

static const char *const home_names[] = {
    [RAM_HOME_RAM] = "ram",
    [RAM_HOME_SHM] = "shm",
    [RAM_HOME_CLIENT] = "client",
};

static const QEnumLookup home_lookup = { home_names, G_N_ELEMENTS(home_names) };

/* RAM of RAM_HOME_CLIENT. */
typedef struct ClientRAM {
    MachineState *machine;
    const MemoryRegion *mr;
} ClientRAM;

static MemTxResult client_ram_rw(void *opaque, hwaddr addr, void *buf, hwaddr len, bool is_write)
{
    const ClientRAM *ram = opaque;
    const MachineState *machine = ram->machine;

    for (const MemoryRegion *mr = ram->mr; mr; mr = mr->container) {
        addr += mr->addr;
    }
    return machine->dma_handler
               ? machine->dma_handler(machine->dma_opaque, addr, buf, len, is_write)
               : MEMTX_ERROR;
}

static const RAMClientOps client_ram_ops = {
    .rw = client_ram_rw,
    .release = g_free,
};

static bool init_client_ram(MachineState *machine, MemoryRegion *mr, Object *owner,
                            const char *name, uint64_t size, GError **error)
{
    ClientRAM *ram = g_new(ClientRAM, 1);

    *ram = (ClientRAM){ machine, mr };
    if (!memory_region_init_ram_client(mr, owner, name, size, &client_ram_ops, ram, error)) {
        g_free(ram);
        return false;
    }
    return true;
}

bool machine_init_ram(MachineState *machine, MemoryRegion *mr, Object *owner, const char *name,
                      uint64_t size, GError **error)
{
    if (machine->ram_path && machine->ram_home != RAM_HOME_SHM) {
        return qom_error_set(error, "'ram-path' is for 'ram-home=shm', not for 'ram-home=%s'",
                             home_names[machine->ram_home]);
    }
    switch (machine->ram_home) {
    case RAM_HOME_SHM:
        return memory_region_init_ram_shm(mr, owner, name, size, machine->ram_path, error);
    case RAM_HOME_CLIENT:
        return init_client_ram(machine, mr, owner, name, size, error);
    default:
        return memory_region_init_ram(mr, owner, name, size, error);
    }
}

void machine_set_dma_handler(MachineState *machine, MachineDMAFunc *handler, void *opaque)
{
    machine->dma_handler = handler;
    machine->dma_opaque = opaque;
}

static bool check_not_built(MachineState *machine, const char *name, GError **error)
{
    if (machine->main_system_bus && machine->main_system_bus->realized) {
        return qom_error_set(error, "Property '%s' can't be set after the machine was built", name);
    }
    return true;
}

static int get_ram_home(Object *obj, GError **error)
{
    (void)error;
    return (int)MACHINE(obj)->ram_home;
}

static bool set_ram_home(Object *obj, int value, GError **error)
{
    MachineState *machine = MACHINE(obj);

    if (!check_not_built(machine, "ram-home", error)) {
        return false;
    }
    machine->ram_home = (RAMHome)value;
    return true;
}

static char *get_ram_path(Object *obj, GError **error)
{
    (void)error;
    return g_strdup(MACHINE(obj)->ram_path);
}

static bool set_ram_path(Object *obj, const char *value, GError **error)
{
    MachineState *machine = MACHINE(obj);

    if (!check_not_built(machine, "ram-path", error)) {
        return false;
    }
    g_free(machine->ram_path);
    machine->ram_path = *value ? g_strdup(value) : NULL;
    return true;
}

void machine_ram_class_init(ObjectClass *klass)
{
    object_class_property_add_enum(klass, "ram-home", "RAMHome", &home_lookup, get_ram_home,
                                   set_ram_home);
    object_class_property_set_description(
        klass, "ram-home",
        "Where main memory lives: ram (in the server), shm (a file "
        "that clients can map), client (with the driver)");
    object_class_property_add_str(klass, "ram-path", get_ram_path, set_ram_path);
    object_class_property_set_description(
        klass, "ram-path", "With ram-home=shm: the file to make, or the directory to make it in");
}
