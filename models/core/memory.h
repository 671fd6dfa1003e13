/*
 * Memory regions, and the address spaces that are made of them.
 *
 * A MemoryRegion is a piece of an address map: device registers (with MemoryRegionOps), RAM, a
 * container of other regions, or an alias, which is a window to another region. Regions form a
 * tree; an AddressSpace flattens the tree below its root region into a sorted array of ranges (the
 * flat view), which every access is looked up in.
 *
 * Where regions overlap the higher priority wins, and among equals the one that was added last. A
 * container answers only where one of its subregions does; a region that has both ops and
 * subregions answers in their gaps with its ops.
 *
 * There are two ways to access an address space:
 *
 * - memory_access_read() and memory_access_write(): what a CPU does. One access of 1, 2, 4 or 8
 *   bytes that reaches the device as it is, so that an unaligned one is refused by a device that
 *   does not take those.
 * - address_space_read() and relatives: DMA and the qtest commands. Any number of bytes, cut into
 *   accesses that the region takes: 4 bytes at an address that is 2 modulo 4 arrive as two accesses
 *   of 2 bytes.
 *
 * Both give the device what it implements: a region with .impl = { 4, 4 } sees a 1-byte read at
 * offset 2 as a 4-byte read at offset 2 (the offset is not realigned) of which the low byte counts,
 * and an 8-byte read as two 4-byte reads.
 *
 * Mapping never owns. A region that is finalized leaves its container, the aliases that look at it
 * and the address spaces it is the root of; none of them keeps it alive. All of this belongs to one
 * machine and is used on that machine's thread only.
 */
#ifndef QOSIM_MODELS_CORE_MEMORY_H
#define QOSIM_MODELS_CORE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#include "models/core/hwaddr.h"
#include "models/core/memattrs.h"
#include "qom/object.h"

#define TYPE_MEMORY_REGION "memory-region"
typedef struct MemoryRegion MemoryRegion;
#define MEMORY_REGION(obj) OBJECT_CHECK(MemoryRegion, (obj), TYPE_MEMORY_REGION)

typedef struct AddressSpace AddressSpace;
typedef struct FlatView FlatView;
typedef struct RAMBlock RAMBlock;

/* Where the bytes of a RAM region live; to a device they are all the same. */
typedef enum RAMHome {
    RAM_HOME_RAM,    /* in memory of this process */
    RAM_HOME_SHM,    /* in a file that others on this host can map too */
    RAM_HOME_CLIENT, /* with somebody else, who is asked at each access */
} RAMHome;

/* The most that RAMClientOps.rw is asked to move at once; longer transfers come in pieces. */
#define RAM_CLIENT_MAX_BYTES 65536u

/* How RAM that lives with somebody else is reached. */
typedef struct RAMClientOps {
    /*
     * Moves @len bytes (1 to RAM_CLIENT_MAX_BYTES) between @buf and offset @addr of the region. After
     * a failed read it does not matter what @buf holds. May wait, in bounded time, but must not
     * access the machine or change its map meanwhile.
     */
    MemTxResult (*rw)(void *opaque, hwaddr addr, void *buf, hwaddr len, bool is_write);

    /* Called once when the memory is not needed any more; NULL: nothing to do. */
    void (*release)(void *opaque);
} RAMClientOps;

/*
 * Byte order of a device's registers. Machines are little-endian, and so is what is native to them.
 */
enum device_endian {
    DEVICE_NATIVE_ENDIAN,
    DEVICE_BIG_ENDIAN,
    DEVICE_LITTLE_ENDIAN,
};

/*
 * How a device answers. Addresses are offsets in the region; sizes are bytes. Either of read and
 * read_with_attrs is set (both: read is used), and the same holds for the writes; a missing one
 * makes that direction a decode error.
 */
typedef struct MemoryRegionOps {
    uint64_t (*read)(void *opaque, hwaddr addr, unsigned size);
    void (*write)(void *opaque, hwaddr addr, uint64_t data, unsigned size);
    MemTxResult (*read_with_attrs)(void *opaque, hwaddr addr, uint64_t *data, unsigned size,
                                   MemTxAttrs attrs);
    MemTxResult (*write_with_attrs)(void *opaque, hwaddr addr, uint64_t data, unsigned size,
                                    MemTxAttrs attrs);

    enum device_endian endianness;

    /* What the guest may do; anything else is a decode error and never reaches the callbacks. */
    struct {
        unsigned min_access_size; /* counts only when max_access_size is set */
        unsigned max_access_size; /* 0: every size */
        bool unaligned;           /* addresses that are no multiple of the size */
        bool (*accepts)(void *opaque, hwaddr addr, unsigned size, bool is_write, MemTxAttrs attrs);
    } valid;

    /* What the callbacks can do; accesses of other sizes are widened or split. */
    struct {
        unsigned min_access_size; /* 0: 1 */
        unsigned max_access_size; /* 0: 4 */
        bool unaligned;           /* the DMA path need not cut at the address's alignment */
    } impl;
} MemoryRegionOps;

/*
 * Set while one of a device's callbacks runs, so that the device cannot be entered a second time
 * through its own DMA.
 */
typedef struct MemReentrancyGuard {
    bool engaged_in_io;
} MemReentrancyGuard;

/* Called instead of the write callback when a write matches, see memory_region_add_eventfd(). */
typedef void MemoryEventNotify(void *opaque);

struct MemoryRegion {
    Object parent_obj;

    /* Properties, set by memory_region_init*() */
    char *name;
    Object *owner; /* borrowed: a region lives as long as its owner at most */
    const MemoryRegionOps *ops;
    void *opaque;
    hwsize size;
    RAMBlock *ram; /* owned; NULL unless the region is RAM or ROM */
    bool terminates;
    bool disable_reentrancy_guard; /* the device takes accesses from within its own callbacks */
    MemReentrancyGuard *guard;     /* borrowed; NULL: not guarded */

    /* State: where the region is */
    MemoryRegion *container;
    hwaddr addr;
    int32_t priority;
    bool enabled;
    bool readonly;
    GQueue subregions; /* MemoryRegion *: highest priority first, of equals the last added first */

    /* State: what it looks at and what looks at it */
    MemoryRegion *alias;
    hwaddr alias_offset;
    GQueue aliases; /* MemoryRegion * whose alias is this one */
    GQueue spaces;  /* AddressSpace * whose root this is */

    /* State: notifiers and changes */
    GArray *eventfds;
    unsigned transaction_depth;
    bool transaction_pending;
    bool visiting;
};

/*
 * A part of a region and where it shows in an address space. All borrowed; size 0 and mr NULL:
 * nothing there.
 */
typedef struct MemoryRegionSection {
    MemoryRegion *mr;
    AddressSpace *address_space;
    hwaddr offset_within_region;
    hwaddr offset_within_address_space;
    hwsize size;
    bool readonly; /* the region or a window on the way to it is read-only */
} MemoryRegionSection;

/*
 * Learns of the ranges that come and go, between begin and commit; every callback may be NULL. A
 * change of the tree that leaves the map as it was is not told. The callbacks must not change the
 * tree.
 */
typedef struct MemoryListener MemoryListener;
struct MemoryListener {
    void (*begin)(MemoryListener *listener);
    void (*commit)(MemoryListener *listener);
    void (*region_add)(MemoryListener *listener, const MemoryRegionSection *section);
    void (*region_del)(MemoryListener *listener, const MemoryRegionSection *section);

    /* Private */
    AddressSpace *address_space;
};

struct AddressSpace {
    /* Properties */
    char *name;
    MemoryRegion *root; /* borrowed; NULL after the region is gone: nothing answers then */

    /* State */
    FlatView *view; /* owned; NULL: stale, made anew at the next access */
    GQueue listeners;
    GArray *mappings;
    uint64_t rebuilds; /* how many flat views were made so far */
};

/*
 * Making regions. @mr is memory of the caller's, normally a member of the owner's struct; what it
 * held before does not matter. With an @owner the region becomes its QOM child "NAME[*]" and goes
 * with it; without one the caller ends the region with object_unref(). @size is in bytes,
 * UINT64_MAX means 2^64.
 */

/* A container. */
void memory_region_init(MemoryRegion *mr, Object *owner, const char *name, uint64_t size);

/* Device registers; @ops (borrowed, usually static const) get @opaque. */
void memory_region_init_io(MemoryRegion *mr, Object *owner, const MemoryRegionOps *ops,
                           void *opaque, const char *name, uint64_t size);

/*
 * Zeroed RAM. Fails when @size is 0, above MEMORY_RAM_MAX or not to be had; @mr is then not
 * initialised.
 */
bool memory_region_init_ram(MemoryRegion *mr, Object *owner, const char *name, uint64_t size,
                            GError **error);

/*
 * The same in a file that other processes of this user can open and map, by the name that
 * memory_region_shm_path() tells. With @path NULL the file has no place in a directory, cannot be
 * resized by anybody, and goes with this process. Else @path is the file, which must not exist yet,
 * or a directory to make one in; it is removed with the region. The mode is 0600.
 */
bool memory_region_init_ram_shm(MemoryRegion *mr, Object *owner, const char *name, uint64_t size,
                                const char *path, GError **error);

/*
 * RAM whose bytes are not here: each access becomes a call of @ops (borrowed) with @opaque, of one
 * to RAM_CLIENT_MAX_BYTES bytes. It has no host address, and address_space_map() does not take it.
 * Fails when @size is 0 or above MEMORY_RAM_MAX; @opaque is then not released.
 */
bool memory_region_init_ram_client(MemoryRegion *mr, Object *owner, const char *name, uint64_t size,
                                   const RAMClientOps *ops, void *opaque, GError **error);

/*
 * RAM that the guest cannot write; fill it through memory_region_get_ram_ptr(). Fails as
 * memory_region_init_ram() does.
 */
bool memory_region_init_rom(MemoryRegion *mr, Object *owner, const char *name, uint64_t size,
                            GError **error);

/*
 * A window of @size bytes to @orig, from @offset on; what lies beyond the end of @orig is not
 * there.
 */
void memory_region_init_alias(MemoryRegion *mr, Object *owner, const char *name, MemoryRegion *orig,
                              hwaddr offset, uint64_t size);

/* The most RAM that one region may have: 64 GiB. */
#define MEMORY_RAM_MAX (UINT64_C(1) << 36)

/* Asking. */
Object *memory_region_owner(const MemoryRegion *mr);
const char *memory_region_name(const MemoryRegion *mr);
uint64_t memory_region_size(const MemoryRegion *mr); /* UINT64_MAX for 2^64 */
bool memory_region_is_ram(const MemoryRegion *mr);   /* also true of ROM */
bool memory_region_is_rom(const MemoryRegion *mr);
bool memory_region_is_mapped(const MemoryRegion *mr); /* has a container */

/* Where RAM or ROM lives; RAM_HOME_RAM also for other regions. */
RAMHome memory_region_ram_home(const MemoryRegion *mr);

/* The absolute path by which others can open RAM that is in a file, borrowed; NULL for all else. */
const char *memory_region_shm_path(const MemoryRegion *mr);

/* The host address of RAM or ROM; NULL for RAM_HOME_CLIENT and other regions. Good as long as the region. */
void *memory_region_get_ram_ptr(MemoryRegion *mr);

/*
 * Placing. @subregion, which must not be mapped yet, appears at @offset of @mr. The plain form has
 * priority 0 and is for regions that do not overlap, which is not checked here.
 */
void memory_region_add_subregion(MemoryRegion *mr, hwaddr offset, MemoryRegion *subregion);
void memory_region_add_subregion_overlap(MemoryRegion *mr, hwaddr offset, MemoryRegion *subregion,
                                         int priority);

/* Takes @subregion out of @mr, where it must be. */
void memory_region_del_subregion(MemoryRegion *mr, MemoryRegion *subregion);

void memory_region_set_enabled(MemoryRegion *mr, bool enabled);
void memory_region_set_readonly(MemoryRegion *mr, bool readonly);
void memory_region_set_address(MemoryRegion *mr, hwaddr addr);
void memory_region_set_size(MemoryRegion *mr, uint64_t size); /* not for RAM */
void memory_region_set_alias_offset(MemoryRegion *mr, hwaddr offset);

/*
 * Guards the region's callbacks by @guard, which lives as long as the region; NULL: no guard. An
 * access from within a callback that holds the same guard ends with MEMTX_ACCESS_ERROR. A region
 * whose owner is a device has that device's guard from the start.
 */
void memory_region_set_guard(MemoryRegion *mr, MemReentrancyGuard *guard);

/*
 * The first part of the range [@addr, @addr + @size) of @mr that something answers, in the (first)
 * address space that @mr belongs to. A section with mr NULL when there is none.
 */
MemoryRegionSection memory_region_find(MemoryRegion *mr, hwaddr addr, uint64_t size);

/*
 * Holds back the changes at and below @mr, usually an address space's root, until the matching
 * commit: accesses see the old map and listeners get one update. Calls nest. A region that is
 * finalized meanwhile vanishes at once nevertheless.
 */
void memory_region_transaction_begin(MemoryRegion *mr);
void memory_region_transaction_commit(MemoryRegion *mr);

/*
 * Has @notify called, instead of the write callback, for writes of @size bytes (0: any size) at
 * offset @addr, and with @match_data only when they write @data (as the guest writes it). The
 * access must be valid for the region.
 */
void memory_region_add_eventfd(MemoryRegion *mr, hwaddr addr, unsigned size, bool match_data,
                               uint64_t data, MemoryEventNotify *notify, void *opaque);

/*
 * Takes back what memory_region_add_eventfd() added with the same arguments; false when there is no
 * such notifier.
 */
bool memory_region_del_eventfd(MemoryRegion *mr, hwaddr addr, unsigned size, bool match_data,
                               uint64_t data, MemoryEventNotify *notify, void *opaque);

/*
 * Makes @as (memory of the caller's) an address space of what @root contains. End it with
 * address_space_destroy().
 */
void address_space_init(AddressSpace *as, MemoryRegion *root, const char *name);

/* Ends @as, not its memory. Listeners see every range go and are unregistered. */
void address_space_destroy(AddressSpace *as);

/*
 * Tells @listener of every range now and of every change from now on. One listener listens to one
 * address space.
 */
void memory_listener_register(MemoryListener *listener, AddressSpace *as);

/* Tells @listener that every range goes, and no more. */
void memory_listener_unregister(MemoryListener *listener);

/*
 * Calls @cb for each range of @as in order of address until it returns false. The map must not
 * change meanwhile.
 */
typedef bool MemoryFlatFunc(const MemoryRegionSection *section, void *opaque);
void memory_region_foreach_flat(AddressSpace *as, MemoryFlatFunc *cb, void *opaque);

/*
 * One access of a CPU: @size is 1, 2, 4 or 8 (another one is a decode error); the value is in the
 * low bytes of @value. It belongs to the region that answers its first byte, even when it reaches
 * past that region's end; in RAM it must not. Where nothing answers a read gives 0, a write is
 * dropped, and both are MEMTX_DECODE_ERROR; so is a write to read-only memory.
 */
MemTxResult memory_access_read(AddressSpace *as, hwaddr addr, uint64_t *value, unsigned size,
                               MemTxAttrs attrs);
MemTxResult memory_access_write(AddressSpace *as, hwaddr addr, uint64_t value, unsigned size,
                                MemTxAttrs attrs);

/*
 * Moves @len bytes between @buf and @as, which goes on at 0 after its last byte. Every byte is
 * tried: the result is the OR of all, and a byte that could not be read is 0. Takes time in
 * proportion to @len where a device answers: bound what you pass on.
 */
MemTxResult address_space_read(AddressSpace *as, hwaddr addr, MemTxAttrs attrs, void *buf,
                               hwaddr len);
MemTxResult address_space_write(AddressSpace *as, hwaddr addr, MemTxAttrs attrs, const void *buf,
                                hwaddr len);
MemTxResult address_space_rw(AddressSpace *as, hwaddr addr, MemTxAttrs attrs, void *buf, hwaddr len,
                             bool is_write);

/* Writes @len bytes of value @c, as address_space_write() does. */
MemTxResult address_space_set(AddressSpace *as, hwaddr addr, uint8_t c, hwaddr len,
                              MemTxAttrs attrs);

/*
 * Whether every byte of the range would be answered; with devices only a look at the map, not at
 * what they would say.
 */
bool address_space_access_valid(AddressSpace *as, hwaddr addr, hwaddr len, bool is_write,
                                MemTxAttrs attrs);

/*
 * A pointer to guest RAM at @addr, with *@plen cut to what is contiguous behind it; NULL and *@plen
 * 0 where there is no RAM (for @is_write: no writable RAM), or it lives with somebody else
 * (RAM_HOME_CLIENT): then use address_space_read() and _write(). Valid until address_space_unmap(), even
 * if the region goes before.
 */
void *address_space_map(AddressSpace *as, hwaddr addr, hwaddr *plen, bool is_write,
                        MemTxAttrs attrs);

/* Gives back what address_space_map() returned; @access_len of the @len bytes were used. */
void address_space_unmap(AddressSpace *as, void *buffer, hwaddr len, bool is_write,
                         hwaddr access_len);

#endif
