/* The tree of regions: placing, changing, and who has to know. */
#include "models/core/memory_internal.h"

void memory_region_changed(MemoryRegion *mr, bool at_once)
{
    if (mr->transaction_depth > 0) {
        mr->transaction_pending = true;
        if (!at_once) {
            return;
        }
    }
    /* A window may look at a region that it is part of. */
    if (mr->visiting) {
        return;
    }
    mr->visiting = true;
    for (GList *node = mr->spaces.head; node; node = node->next) {
        address_space_changed(node->data);
    }
    for (GList *node = mr->aliases.head; node; node = node->next) {
        memory_region_changed(node->data, at_once);
    }
    if (mr->container) {
        memory_region_changed(mr->container, at_once);
    }
    mr->visiting = false;
}

void memory_region_transaction_begin(MemoryRegion *mr)
{
    mr->transaction_depth++;
}

void memory_region_transaction_commit(MemoryRegion *mr)
{
    g_assert(mr->transaction_depth > 0);
    if (--mr->transaction_depth == 0 && mr->transaction_pending) {
        mr->transaction_pending = false;
        memory_region_changed(mr, false);
    }
}

static void insert_by_priority(MemoryRegion *mr, MemoryRegion *subregion)
{
    GList *node = mr->subregions.head;
    while (node && ((MemoryRegion *)node->data)->priority > subregion->priority) {
        node = node->next;
    }
    /* Before its equals: among those the newest is seen. */
    g_queue_insert_before(&mr->subregions, node, subregion);
}

static void add_subregion(MemoryRegion *mr, hwaddr offset, MemoryRegion *subregion, int priority)
{
    g_assert(!subregion->container);
    for (const MemoryRegion *above = mr; above; above = above->container) {
        g_assert(above != subregion);
    }
    subregion->container = mr;
    subregion->addr = offset;
    subregion->priority = priority;
    insert_by_priority(mr, subregion);
    if (subregion->enabled) {
        memory_region_changed(mr, false);
    }
}

void memory_region_add_subregion(MemoryRegion *mr, hwaddr offset, MemoryRegion *subregion)
{
    add_subregion(mr, offset, subregion, 0);
}

void memory_region_add_subregion_overlap(MemoryRegion *mr, hwaddr offset, MemoryRegion *subregion,
                                         int priority)
{
    add_subregion(mr, offset, subregion, priority);
}

void memory_region_del_subregion(MemoryRegion *mr, MemoryRegion *subregion)
{
    g_assert(subregion->container == mr);
    g_queue_remove(&mr->subregions, subregion);
    subregion->container = NULL;
    if (subregion->enabled) {
        memory_region_changed(mr, false);
    }
}

void memory_region_set_enabled(MemoryRegion *mr, bool enabled)
{
    if (mr->enabled != enabled) {
        mr->enabled = enabled;
        memory_region_changed(mr, false);
    }
}

void memory_region_set_readonly(MemoryRegion *mr, bool readonly)
{
    if (mr->readonly != readonly) {
        mr->readonly = readonly;
        memory_region_changed(mr, false);
    }
}

void memory_region_set_address(MemoryRegion *mr, hwaddr addr)
{
    MemoryRegion *container = mr->container;

    if (mr->addr == addr) {
        return;
    }
    if (!container) {
        mr->addr = addr;
        return;
    }
    /* Moving counts as adding anew: among its equals the region is now the one that is seen. */
    memory_region_transaction_begin(container);
    memory_region_del_subregion(container, mr);
    add_subregion(container, addr, mr, mr->priority);
    memory_region_transaction_commit(container);
}

void memory_region_set_alias_offset(MemoryRegion *mr, hwaddr offset)
{
    if (mr->alias && mr->alias_offset != offset) {
        mr->alias_offset = offset;
        memory_region_changed(mr, false);
    }
}

static void forget_subregions(MemoryRegion *mr)
{
    MemoryRegion *subregion;
    while ((subregion = g_queue_pop_head(&mr->subregions))) {
        subregion->container = NULL;
    }
}

void memory_region_unlink(MemoryRegion *mr)
{
    MemoryRegion *window;
    AddressSpace *as;

    /* First out of every view, while all that listeners may ask of the region is still there. */
    mr->enabled = false;
    memory_region_changed(mr, true);

    forget_subregions(mr);
    if (mr->container) {
        g_queue_remove(&mr->container->subregions, mr);
        mr->container = NULL;
    }
    if (mr->alias) {
        g_queue_remove(&mr->alias->aliases, mr);
        mr->alias = NULL;
    }
    while ((window = g_queue_pop_head(&mr->aliases))) {
        window->alias = NULL;
    }
    while ((as = g_queue_pop_head(&mr->spaces))) {
        as->root = NULL;
    }
}
