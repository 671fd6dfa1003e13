/* What the sources of the memory model share and nobody else needs. */
#ifndef QOSIM_MODELS_CORE_MEMORY_INTERNAL_H
#define QOSIM_MODELS_CORE_MEMORY_INTERNAL_H

#include "models/core/memory.h"

/*
 * The bytes behind a RAM or ROM region. How they got there is known to the functions that make a
 * block and to its release function only.
 */
struct RAMBlock {
    RAMHome home;
    uint8_t *host; /* NULL for RAM_HOME_CLIENT */
    uint64_t size;
    unsigned refs; /* the region and every address_space_map() in progress */
    void (*release)(RAMBlock *block);

    /* Of RAM_HOME_SHM */
    char *path;
    int fd;

    /* Of RAM_HOME_CLIENT */
    const RAMClientOps *ops;
    void *opaque;
};

/*
 * Zeroed memory of this process, in a file, or with somebody else (see memory_region_init_ram*()),
 * with one reference; NULL with @error. @name is the region's, for the message.
 */
RAMBlock *ram_block_new(const char *name, uint64_t size, GError **error);
RAMBlock *ram_block_new_shm(const char *name, uint64_t size, const char *path, GError **error);
RAMBlock *ram_block_new_client(const char *name, uint64_t size, const RAMClientOps *ops,
                               void *opaque, GError **error);

/* Whether RAM may have that size. */
bool ram_check_size(const char *name, uint64_t size, GError **error);

/*
 * Moves @len bytes between @buf and RAM of RAM_HOME_CLIENT from offset @addr on, in pieces. All are
 * tried; those that cannot be read are 0.
 */
MemTxResult ram_block_rw(RAMBlock *block, hwaddr addr, void *buf, hwaddr len, bool is_write);
RAMBlock *ram_block_ref(RAMBlock *block);
void ram_block_unref(RAMBlock *block); /* NULL is ignored */

/* A stretch of addresses, @first to @last inclusive, that one region answers. */
typedef struct FlatRange {
    hwaddr first;
    hwaddr last;
    MemoryRegion *mr;
    hwaddr offset; /* of @first in the region */
    uint8_t *host; /* of @first, when the region is RAM of this process; else NULL */
    bool readonly;
} FlatRange;

/* Ranges in order of address, none touching another one that it could be joined with. */
struct FlatView {
    FlatRange *ranges;
    unsigned nr;
    unsigned hit; /* where the last look-up ended */
};

/* Flattens the tree below @root, which may be NULL (nothing there). Free with flatview_free(). */
FlatView *flatview_new(MemoryRegion *root);
void flatview_free(FlatView *view); /* NULL is ignored */

/*
 * How many ranges begin at or below @addr, so that the one that may hold @addr is the one before
 * that index.
 */
unsigned flatview_count_upto(const FlatView *view, hwaddr addr);

/* The range that holds @addr, good until the map changes; NULL when nothing answers there. */
static inline const FlatRange *flatview_lookup(FlatView *view, hwaddr addr)
{
    if (view->nr == 0) {
        return NULL;
    }
    const FlatRange *range = &view->ranges[view->hit];
    if (addr >= range->first && addr <= range->last) {
        return range;
    }
    unsigned upto = flatview_count_upto(view, addr);
    if (upto == 0 || addr > view->ranges[upto - 1].last) {
        return NULL;
    }
    view->hit = upto - 1;
    return &view->ranges[upto - 1];
}

/* The flat view of @as as of now (in a transaction: as it was before). */
FlatView *address_space_make_view(AddressSpace *as);
static inline FlatView *address_space_view(AddressSpace *as)
{
    return as->view ? as->view : address_space_make_view(as);
}

/* The section that @range is of @as. */
MemoryRegionSection flat_range_section(AddressSpace *as, const FlatRange *range);

/* The tree below the root of @as is not what it was. */
void address_space_changed(AddressSpace *as);

/*
 * Tells the address spaces that see @mr; with @at_once, even those that a transaction holds back.
 */
void memory_region_changed(MemoryRegion *mr, bool at_once);

/* Takes @mr out of all that it hangs in, and lets all go that hangs in it. */
void memory_region_unlink(MemoryRegion *mr);

/*
 * One access to the device @mr, in the sizes that it implements. @value is what the guest sees:
 * little-endian, in the low @size bytes; a failed read gives 0.
 */
MemTxResult memory_region_dispatch_read(MemoryRegion *mr, hwaddr addr, uint64_t *value,
                                        unsigned size, MemTxAttrs attrs);
MemTxResult memory_region_dispatch_write(MemoryRegion *mr, hwaddr addr, uint64_t value,
                                         unsigned size, MemTxAttrs attrs);

/* The notifiers of @mr for a write; true when one was called, and the write is done with. */
bool memory_region_notify_eventfds(MemoryRegion *mr, hwaddr addr, uint64_t value, unsigned size);

/* Logs an access that nothing takes and gives its result. @mr NULL: there is no region at @addr. */
MemTxResult memory_access_reject(AddressSpace *as, MemoryRegion *mr, hwaddr addr, unsigned size,
                                 bool is_write, const char *reason);

#endif
