#include "models/core/memory.h"

#include <string.h>

#include "models/core/memory_internal.h"
#include "models/core/qdev.h"

typedef struct MemoryRegionEventfd {
    hwaddr addr;
    unsigned size;
    bool match_data;
    uint64_t data;
    MemoryEventNotify *notify;
    void *opaque;
} MemoryRegionEventfd;

/* What nothing answers: neither callback is there. */
static const MemoryRegionOps unassigned_ops = { .endianness = DEVICE_NATIVE_ENDIAN };

static hwsize size_from_api(uint64_t size)
{
    return size == UINT64_MAX ? HWSIZE_MAX : size;
}

/* A name may hold what has a meaning in a path. */
static char *escape_name(const char *name)
{
    GString *escaped = g_string_new(NULL);
    for (const char *c = name; *c; c++) {
        if (strchr("/[]\\", *c)) {
            g_string_append_printf(escaped, "\\x%02x", (unsigned char)*c);
        } else {
            g_string_append_c(escaped, *c);
        }
    }
    return g_string_free(escaped, FALSE);
}

static void add_to_owner(MemoryRegion *mr)
{
    g_autofree char *escaped = escape_name(mr->name);
    g_autofree char *property = g_strdup_printf("%s[*]", escaped);
    object_property_add_child(mr->owner, property, OBJECT(mr));
    object_unref(OBJECT(mr));
}

void memory_region_init(MemoryRegion *mr, Object *owner, const char *name, uint64_t size)
{
    object_initialize(mr, sizeof(*mr), TYPE_MEMORY_REGION);
    mr->name = g_strdup(name);
    mr->owner = owner;
    mr->size = size_from_api(size);
    if (owner) {
        DeviceState *device = (DeviceState *)object_dynamic_cast(owner, TYPE_DEVICE);
        mr->guard = device ? &device->mem_reentrancy_guard : NULL;
        add_to_owner(mr);
    }
}

void memory_region_init_io(MemoryRegion *mr, Object *owner, const MemoryRegionOps *ops,
                           void *opaque, const char *name, uint64_t size)
{
    memory_region_init(mr, owner, name, size);
    mr->ops = ops ? ops : &unassigned_ops;
    mr->opaque = opaque;
    mr->terminates = true;
}

/* Makes @mr the region of @block, which is taken over; false when that is NULL. */
static bool init_with_block(MemoryRegion *mr, Object *owner, const char *name, RAMBlock *block)
{
    if (!block) {
        return false;
    }
    memory_region_init(mr, owner, name, block->size);
    mr->ram = block;
    mr->terminates = true;
    return true;
}

bool memory_region_init_ram(MemoryRegion *mr, Object *owner, const char *name, uint64_t size,
                            GError **error)
{
    return init_with_block(mr, owner, name, ram_block_new(name, size, error));
}

bool memory_region_init_ram_shm(MemoryRegion *mr, Object *owner, const char *name, uint64_t size,
                                const char *path, GError **error)
{
    return init_with_block(mr, owner, name, ram_block_new_shm(name, size, path, error));
}

bool memory_region_init_ram_client(MemoryRegion *mr, Object *owner, const char *name, uint64_t size,
                                   const RAMClientOps *ops, void *opaque, GError **error)
{
    return init_with_block(mr, owner, name, ram_block_new_client(name, size, ops, opaque, error));
}

bool memory_region_init_rom(MemoryRegion *mr, Object *owner, const char *name, uint64_t size,
                            GError **error)
{
    if (!memory_region_init_ram(mr, owner, name, size, error)) {
        return false;
    }
    mr->readonly = true;
    return true;
}

void memory_region_init_alias(MemoryRegion *mr, Object *owner, const char *name, MemoryRegion *orig,
                              hwaddr offset, uint64_t size)
{
    memory_region_init(mr, owner, name, size);
    mr->alias = orig;
    mr->alias_offset = offset;
    g_queue_push_tail(&orig->aliases, mr);
}

Object *memory_region_owner(const MemoryRegion *mr)
{
    return mr->owner;
}

const char *memory_region_name(const MemoryRegion *mr)
{
    return mr->name;
}

uint64_t memory_region_size(const MemoryRegion *mr)
{
    return mr->size == HWSIZE_MAX ? UINT64_MAX : (uint64_t)mr->size;
}

bool memory_region_is_ram(const MemoryRegion *mr)
{
    return mr->ram != NULL;
}

bool memory_region_is_rom(const MemoryRegion *mr)
{
    return mr->ram && mr->readonly;
}

bool memory_region_is_mapped(const MemoryRegion *mr)
{
    return mr->container != NULL;
}

RAMHome memory_region_ram_home(const MemoryRegion *mr)
{
    return mr->ram ? mr->ram->home : RAM_HOME_RAM;
}

const char *memory_region_shm_path(const MemoryRegion *mr)
{
    return mr->ram ? mr->ram->path : NULL;
}

void *memory_region_get_ram_ptr(MemoryRegion *mr)
{
    return mr->ram ? mr->ram->host : NULL;
}

void memory_region_set_guard(MemoryRegion *mr, MemReentrancyGuard *guard)
{
    mr->guard = guard;
}

void memory_region_set_size(MemoryRegion *mr, uint64_t size)
{
    g_assert(!mr->ram);
    mr->size = size_from_api(size);
    memory_region_changed(mr, false);
}

static uint64_t low_bytes(uint64_t value, unsigned size)
{
    return size < 8 ? value & ((UINT64_C(1) << (size * 8)) - 1) : value;
}

void memory_region_add_eventfd(MemoryRegion *mr, hwaddr addr, unsigned size, bool match_data,
                               uint64_t data, MemoryEventNotify *notify, void *opaque)
{
    MemoryRegionEventfd eventfd = { addr,   size,  match_data, size ? low_bytes(data, size) : data,
                                    notify, opaque };
    if (!mr->eventfds) {
        mr->eventfds = g_array_new(false, false, sizeof(MemoryRegionEventfd));
    }
    g_array_append_val(mr->eventfds, eventfd);
}

bool memory_region_del_eventfd(MemoryRegion *mr, hwaddr addr, unsigned size, bool match_data,
                               uint64_t data, MemoryEventNotify *notify, void *opaque)
{
    uint64_t wanted = size ? low_bytes(data, size) : data;
    for (guint i = 0; mr->eventfds && i < mr->eventfds->len; i++) {
        const MemoryRegionEventfd *e = &g_array_index(mr->eventfds, MemoryRegionEventfd, i);
        if (e->addr == addr && e->size == size && e->match_data == match_data &&
            e->data == wanted && e->notify == notify && e->opaque == opaque) {
            g_array_remove_index(mr->eventfds, i);
            return true;
        }
    }
    return false;
}

bool memory_region_notify_eventfds(MemoryRegion *mr, hwaddr addr, uint64_t value, unsigned size)
{
    for (guint i = 0; i < mr->eventfds->len; i++) {
        const MemoryRegionEventfd *e = &g_array_index(mr->eventfds, MemoryRegionEventfd, i);
        if (e->addr == addr && (e->size == 0 || e->size == size) &&
            (!e->match_data || e->data == value)) {
            e->notify(e->opaque);
            return true;
        }
    }
    return false;
}

static GVariant *get_addr(Object *obj, const char *name, void *opaque, GError **error)
{
    (void)name, (void)opaque, (void)error;
    return g_variant_new_uint64(MEMORY_REGION(obj)->addr);
}

static GVariant *get_size(Object *obj, const char *name, void *opaque, GError **error)
{
    (void)name, (void)opaque, (void)error;
    return g_variant_new_uint64(memory_region_size(MEMORY_REGION(obj)));
}

static GVariant *get_priority(Object *obj, const char *name, void *opaque, GError **error)
{
    (void)name, (void)opaque, (void)error;
    return g_variant_new_int64(MEMORY_REGION(obj)->priority);
}

static GVariant *get_container(Object *obj, const char *name, void *opaque, GError **error)
{
    (void)name, (void)opaque, (void)error;
    MemoryRegion *container = MEMORY_REGION(obj)->container;
    g_autofree char *path = container ? object_get_canonical_path(OBJECT(container)) : NULL;
    return g_variant_new_string(path ? path : "");
}

static Object *resolve_container(Object *obj, void *opaque, const char *part)
{
    (void)opaque, (void)part;
    return OBJECT(MEMORY_REGION(obj)->container);
}

static void memory_region_instance_init(Object *obj)
{
    MemoryRegion *mr = MEMORY_REGION(obj);

    mr->ops = &unassigned_ops;
    mr->enabled = true;
    g_queue_init(&mr->subregions);
    g_queue_init(&mr->aliases);
    g_queue_init(&mr->spaces);
}

static void memory_region_finalize(Object *obj)
{
    MemoryRegion *mr = MEMORY_REGION(obj);

    memory_region_unlink(mr);
    g_clear_pointer(&mr->eventfds, g_array_unref);
    g_clear_pointer(&mr->ram, ram_block_unref);
    g_clear_pointer(&mr->name, g_free);
}

static void memory_region_class_init(ObjectClass *klass, void *data)
{
    (void)data;
    object_class_property_add(klass, "addr", "uint64", get_addr, NULL, NULL, NULL);
    object_class_property_add(klass, "size", "uint64", get_size, NULL, NULL, NULL);
    object_class_property_add(klass, "priority", "int32", get_priority, NULL, NULL, NULL);
    ObjectProperty *container = object_class_property_add(
        klass, "container", "link<" TYPE_MEMORY_REGION ">", get_container, NULL, NULL, NULL);
    container->resolve = resolve_container;
}

static const TypeInfo memory_region_types[] = {
    {
        .name = TYPE_MEMORY_REGION,
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(MemoryRegion),
        .instance_align = __alignof__(MemoryRegion),
        .instance_init = memory_region_instance_init,
        .instance_finalize = memory_region_finalize,
        .class_init = memory_region_class_init,
    },
};

DEFINE_TYPES(memory_region_types)
