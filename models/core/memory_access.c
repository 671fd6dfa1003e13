/* One access, as a CPU makes it: is it valid, and in which pieces does the device get it. */
#include "models/core/memory_internal.h"

#include <string.h>

#include "models/core/log.h"

/* What an access is made of besides its data. */
typedef struct Access {
    hwaddr addr; /* in the region */
    unsigned size;
    bool is_write;
    MemTxAttrs attrs;
} Access;

static bool is_access_size(unsigned size)
{
    return size == 1 || size == 2 || size == 4 || size == 8;
}

static uint64_t size_mask(unsigned size)
{
    return size < 8 ? (UINT64_C(1) << (size * 8)) - 1 : UINT64_MAX;
}

/* Turns the low @size bytes around when the device's registers are big-endian: the bus is not. */
static uint64_t swap_for_device(const MemoryRegionOps *ops, uint64_t value, unsigned size)
{
    if (ops->endianness != DEVICE_BIG_ENDIAN) {
        return value;
    }
    switch (size) {
    case 2:
        return GUINT16_SWAP_LE_BE((uint16_t)value);
    case 4:
        return GUINT32_SWAP_LE_BE((uint32_t)value);
    case 8:
        return GUINT64_SWAP_LE_BE(value);
    default:
        return value;
    }
}

static Object *region_reporter(MemoryRegion *mr)
{
    return mr->owner ? mr->owner : OBJECT(mr);
}

static MemTxResult reject(Object *reporter, const char *region, const Access *a, const char *reason)
{
    log_guest_error(reporter,
                    "Invalid %s at addr 0x%" HWADDR_PRIX ", size %u, region '%s', reason: %s",
                    a->is_write ? "write" : "read", a->addr, a->size, region, reason);
    return MEMTX_DECODE_ERROR;
}

MemTxResult memory_access_reject(AddressSpace *as, MemoryRegion *mr, hwaddr addr, unsigned size,
                                 bool is_write, const char *reason)
{
    Access a = { .addr = addr, .size = size, .is_write = is_write };
    Object *reporter = mr ? region_reporter(mr) : OBJECT(as->root);
    return reject(reporter, mr ? memory_region_name(mr) : "(null)", &a, reason);
}

static bool has_callback(const MemoryRegionOps *ops, bool is_write)
{
    return is_write ? ops->write || ops->write_with_attrs : ops->read || ops->read_with_attrs;
}

/* Applies the region's rules to an access; logs and returns false when it breaks one. */
static bool access_is_valid(MemoryRegion *mr, const Access *a)
{
    const MemoryRegionOps *ops = mr->ops;
    const char *reason = NULL;
    char bad_size[64];

    if (!has_callback(ops, a->is_write) ||
        (ops->valid.accepts &&
         !ops->valid.accepts(mr->opaque, a->addr, a->size, a->is_write, a->attrs))) {
        reason = "rejected";
    } else if (!ops->valid.unaligned && (a->addr & (a->size - 1))) {
        reason = "unaligned";
    } else if (ops->valid.max_access_size &&
               (a->size > ops->valid.max_access_size || a->size < ops->valid.min_access_size)) {
        g_snprintf(bad_size, sizeof(bad_size), "invalid size (min:%u max:%u)",
                   ops->valid.min_access_size, ops->valid.max_access_size);
        reason = bad_size;
    }
    if (reason) {
        reject(region_reporter(mr), mr->name, a, reason);
    }
    return !reason;
}

static MemTxResult read_piece(const MemoryRegionOps *ops, void *opaque, hwaddr addr, uint64_t *data,
                              unsigned size, MemTxAttrs attrs)
{
    if (ops->read) {
        *data = ops->read(opaque, addr, size);
        return MEMTX_OK;
    }
    return ops->read_with_attrs(opaque, addr, data, size, attrs);
}

static MemTxResult write_piece(const MemoryRegionOps *ops, void *opaque, hwaddr addr, uint64_t data,
                               unsigned size, MemTxAttrs attrs)
{
    if (ops->write) {
        ops->write(opaque, addr, data, size);
        return MEMTX_OK;
    }
    return ops->write_with_attrs(opaque, addr, data, size, attrs);
}

/*
 * A negative shift is one to the right: a piece can be wider than the access, and then holds it in
 * its upper bytes.
 */
static uint64_t shift_left(uint64_t value, int shift)
{
    return shift >= 0 ? value << shift : value >> -shift;
}

/*
 * Calls the device once per piece of the size that it implements. @value is in the device's byte
 * order. The callbacks may do anything to the map and to the region, so nothing of the region is
 * looked at between them.
 */
static MemTxResult access_in_pieces(const MemoryRegion *mr, const Access *a, uint64_t *value)
{
    const MemoryRegionOps *ops = mr->ops;
    void *opaque = mr->opaque;
    unsigned max = ops->impl.max_access_size ? ops->impl.max_access_size : 4;
    unsigned piece = MIN(MAX(MIN(a->size, max), MAX(ops->impl.min_access_size, 1)), 8);
    uint64_t mask = size_mask(piece);
    MemTxResult result = MEMTX_OK;

    if (piece == a->size) { /* most often: the loop below, once, with a shift of 0 */
        return a->is_write ? write_piece(ops, opaque, a->addr, *value & mask, piece, a->attrs)
                           : read_piece(ops, opaque, a->addr, value, piece, a->attrs);
    }
    for (unsigned done = 0; done < a->size; done += piece) {
        bool big = ops->endianness == DEVICE_BIG_ENDIAN;
        int shift = (big ? (int)(a->size - piece) - (int)done : (int)done) * 8;
        uint64_t data = 0;
        if (a->is_write) {
            data = shift_left(*value, -shift) & mask;
            result |= write_piece(ops, opaque, a->addr + done, data, piece, a->attrs);
        } else {
            result |= read_piece(ops, opaque, a->addr + done, &data, piece, a->attrs);
            *value |= shift_left(data & mask, shift);
        }
    }
    return result;
}

/* The same, unless one of the device's callbacks is running already. */
static MemTxResult access_guarded(MemoryRegion *mr, const Access *a, uint64_t *value)
{
    MemReentrancyGuard *guard = mr->disable_reentrancy_guard ? NULL : mr->guard;

    if (!guard) {
        return access_in_pieces(mr, a, value);
    }
    if (guard->engaged_in_io) {
        log_guest_error(region_reporter(mr),
                        "Blocked re-entrant IO on MemoryRegion: %s at addr: 0x%" HWADDR_PRIX,
                        mr->name, a->addr);
        return MEMTX_ACCESS_ERROR;
    }
    guard->engaged_in_io = true;
    MemTxResult result = access_in_pieces(mr, a, value);
    guard->engaged_in_io = false;
    return result;
}

/* The same, with the owner kept alive: a callback may unplug the device it belongs to. */
static MemTxResult access_device(MemoryRegion *mr, const Access *a, uint64_t *value)
{
    Object *owner = object_ref(mr->owner);
    MemTxResult result = access_guarded(mr, a, value);
    object_unref(owner);
    return result;
}

MemTxResult memory_region_dispatch_read(MemoryRegion *mr, hwaddr addr, uint64_t *value,
                                        unsigned size, MemTxAttrs attrs)
{
    Access a = { .addr = addr, .size = size, .attrs = attrs };
    const MemoryRegionOps *ops = mr->ops;

    *value = 0;
    if (!access_is_valid(mr, &a)) {
        return MEMTX_DECODE_ERROR;
    }
    MemTxResult result = access_device(mr, &a, value);
    *value = swap_for_device(ops, *value & size_mask(size), size);
    return result;
}

MemTxResult memory_region_dispatch_write(MemoryRegion *mr, hwaddr addr, uint64_t value,
                                         unsigned size, MemTxAttrs attrs)
{
    Access a = { .addr = addr, .size = size, .is_write = true, .attrs = attrs };

    value &= size_mask(size);
    if (!access_is_valid(mr, &a)) {
        return MEMTX_DECODE_ERROR;
    }
    if (mr->eventfds && memory_region_notify_eventfds(mr, addr, value, size)) {
        return MEMTX_OK;
    }
    value = swap_for_device(mr->ops, value, size);
    return access_device(mr, &a, &value);
}

MemTxResult memory_access_read(AddressSpace *as, hwaddr addr, uint64_t *value, unsigned size,
                               MemTxAttrs attrs)
{
    *value = 0;
    if (!is_access_size(size)) {
        return memory_access_reject(as, NULL, addr, size, false, "invalid size");
    }
    const FlatRange *range = flatview_lookup(address_space_view(as), addr);
    if (!range) {
        return memory_access_reject(as, NULL, addr, size, false, "rejected");
    }
    hwaddr in_range = addr - range->first;
    if (!range->host && !range->mr->ram) {
        return memory_region_dispatch_read(range->mr, range->offset + in_range, value, size, attrs);
    }
    if (size - 1 > range->last - addr) {
        return memory_access_reject(as, range->mr, range->offset + in_range, size, false,
                                    "rejected");
    }
    uint64_t bytes = 0;
    MemTxResult result = MEMTX_OK;
    if (range->host) {
        memcpy(&bytes, range->host + in_range, size);
    } else {
        result = ram_block_rw(range->mr->ram, range->offset + in_range, &bytes, size, false);
    }
    *value = GUINT64_FROM_LE(bytes);
    return result;
}

MemTxResult memory_access_write(AddressSpace *as, hwaddr addr, uint64_t value, unsigned size,
                                MemTxAttrs attrs)
{
    if (!is_access_size(size)) {
        return memory_access_reject(as, NULL, addr, size, true, "invalid size");
    }
    const FlatRange *range = flatview_lookup(address_space_view(as), addr);
    if (!range) {
        return memory_access_reject(as, NULL, addr, size, true, "rejected");
    }
    hwaddr in_range = addr - range->first;
    if (range->readonly || (range->mr->ram && size - 1 > range->last - addr)) {
        return memory_access_reject(as, range->mr, range->offset + in_range, size, true,
                                    "rejected");
    }
    if (!range->host && !range->mr->ram) {
        return memory_region_dispatch_write(range->mr, range->offset + in_range, value, size,
                                            attrs);
    }
    uint64_t bytes = GUINT64_TO_LE(value);
    if (!range->host) {
        return ram_block_rw(range->mr->ram, range->offset + in_range, &bytes, size, true);
    }
    memcpy(range->host + in_range, &bytes, size);
    return MEMTX_OK;
}
