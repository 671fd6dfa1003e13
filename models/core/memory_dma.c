/* Transfers of any length, as bus masters and the qtest commands make them: cut into accesses. */
#include "models/core/memory_internal.h"

#include <string.h>

/*
 * Where nothing answers, a transfer this long is one guest error and not one for each access that
 * it would be cut into.
 */
#define WHOLE_HOLE_BYTES 64

/* Pieces in which RAM that is elsewhere is filled. */
#define FILL_BYTES 4096

/*
 * A transfer under way: a read when @out is set, else a write of @in or, when that is NULL too, of
 * bytes of value @fill.
 */
typedef struct Transfer {
    AddressSpace *as;
    hwaddr addr;
    hwaddr left;
    MemTxAttrs attrs;
    uint8_t *out;
    const uint8_t *in;
    uint8_t fill;
} Transfer;

/*
 * Bytes of the next access to a region at @addr in it: a power of two, aligned unless the device
 * splits by itself.
 */
static unsigned access_size(const MemoryRegionOps *ops, hwaddr addr, hwaddr left)
{
    hwaddr max = ops && ops->valid.max_access_size ? ops->valid.max_access_size : 4;
    hwaddr alignment = addr & -addr;
    if (alignment != 0 && !(ops && ops->impl.unaligned)) {
        max = MIN(max, alignment);
    }
    max = MIN(max, left);
    unsigned size = 8;
    while (size > max) {
        size /= 2;
    }
    return size;
}

static uint64_t load_le(const uint8_t *bytes, unsigned size)
{
    uint64_t value = 0;
    memcpy(&value, bytes, size);
    return GUINT64_FROM_LE(value);
}

static void store_le(uint8_t *bytes, uint64_t value, unsigned size)
{
    value = GUINT64_TO_LE(value);
    memcpy(bytes, &value, size);
}

/* One access to a device. */
static MemTxResult step_device(const Transfer *t, const FlatRange *range, hwaddr *step)
{
    MemoryRegion *mr = range->mr;
    hwaddr addr = range->offset + (t->addr - range->first);
    unsigned size = access_size(mr->ops, addr, t->left);
    uint64_t value = 0;

    *step = size;
    if (!t->out) {
        value = t->in ? load_le(t->in, size) : UINT64_C(0x0101010101010101) * t->fill;
        return memory_region_dispatch_write(mr, addr, value, size, t->attrs);
    }
    MemTxResult result = memory_region_dispatch_read(mr, addr, &value, size, t->attrs);
    store_le(t->out, value, size);
    return result;
}

/* How much of the transfer lies in @range. */
static hwaddr bytes_within(const Transfer *t, const FlatRange *range)
{
    hwaddr beyond = range->last - t->addr;
    return t->left - 1 > beyond ? beyond + 1 : t->left;
}

/* As much as there is in one range of RAM. */
static MemTxResult step_ram(const Transfer *t, const FlatRange *range, hwaddr *step)
{
    uint8_t *host = range->host + (t->addr - range->first);

    *step = bytes_within(t, range);
    if (t->out) {
        memmove(t->out, host, *step);
    } else if (t->in) {
        memmove(host, t->in, *step);
    } else {
        memset(host, t->fill, *step);
    }
    return MEMTX_OK;
}

/* The same where the RAM lives with somebody else, whose pieces are as long as he takes. */
static MemTxResult step_client_ram(const Transfer *t, const FlatRange *range, hwaddr *step)
{
    RAMBlock *block = range->mr->ram;
    hwaddr addr = range->offset + (t->addr - range->first);
    uint8_t filled[FILL_BYTES];

    *step = bytes_within(t, range);
    if (t->out) {
        return ram_block_rw(block, addr, t->out, *step, false);
    }
    if (t->in) {
        /* A write does not touch what it is given. */
        return ram_block_rw(block, addr, (void *)t->in, *step, true);
    }
    *step = MIN(*step, sizeof(filled));
    memset(filled, t->fill, *step);
    return ram_block_rw(block, addr, filled, *step, true);
}

/*
 * Addresses up to @last where @mr (NULL: nothing) takes no part in the transfer: one access, or all
 * if there are many.
 */
static MemTxResult step_refused(const Transfer *t, MemoryRegion *mr, hwaddr addr, hwaddr last,
                                hwaddr *step)
{
    unsigned size = access_size(mr ? mr->ops : NULL, addr, t->left);
    hwaddr beyond = last - t->addr;

    *step = size;
    if (t->left > WHOLE_HOLE_BYTES && beyond >= size) {
        *step = t->left - 1 > beyond ? beyond + 1 : t->left;
    }
    if (t->out) {
        memset(t->out, 0, *step);
    }
    return memory_access_reject(t->as, mr, addr, size, !t->out, "rejected");
}

static MemTxResult step_hole(const Transfer *t, const FlatView *view, hwaddr *step)
{
    unsigned next = flatview_count_upto(view, t->addr);
    hwaddr last = next < view->nr ? view->ranges[next].first - 1 : HWADDR_MAX;
    return step_refused(t, NULL, t->addr, last, step);
}

static MemTxResult transfer_step(const Transfer *t, hwaddr *step)
{
    /* Looked up anew for each step: a device may change the map. */
    FlatView *view = address_space_view(t->as);
    const FlatRange *range = flatview_lookup(view, t->addr);

    if (!range) {
        return step_hole(t, view, step);
    }
    if (!t->out && range->readonly) {
        return step_refused(t, range->mr, range->offset + (t->addr - range->first), range->last,
                            step);
    }
    if (range->host) {
        return step_ram(t, range, step);
    }
    return range->mr->ram ? step_client_ram(t, range, step) : step_device(t, range, step);
}

static MemTxResult transfer_run(Transfer *t)
{
    MemTxResult result = MEMTX_OK;

    while (t->left > 0) {
        hwaddr step = 0;
        result |= transfer_step(t, &step);
        t->addr += step;
        t->left -= step;
        if (t->out) {
            t->out += step;
        }
        if (t->in) {
            t->in += step;
        }
    }
    return result;
}

typedef uint16_t __attribute__((may_alias)) Word16;
typedef uint32_t __attribute__((may_alias)) Word32;
typedef uint64_t __attribute__((may_alias)) Word64;

/*
 * Copies from and to RAM that somebody else may use at the same time: a word of his is moved as one, which memmove() does not
 * promise (glibc's reads one byte of a 16-bit word twice).
 */
static void copy_shared(void *to, const void *from, hwaddr len)
{
    bool aligned = ((uintptr_t)to | (uintptr_t)from) % len == 0;

    if (len == 2 && aligned) {
        uint16_t word = __atomic_load_n((const Word16 *)from, __ATOMIC_RELAXED);
        __atomic_store_n((Word16 *)to, word, __ATOMIC_RELAXED);
    } else if (len == 4 && aligned) {
        uint32_t word = __atomic_load_n((const Word32 *)from, __ATOMIC_RELAXED);
        __atomic_store_n((Word32 *)to, word, __ATOMIC_RELAXED);
    } else if (len == 8 && aligned) {
        uint64_t word = __atomic_load_n((const Word64 *)from, __ATOMIC_RELAXED);
        __atomic_store_n((Word64 *)to, word, __ATOMIC_RELAXED);
    } else {
        memmove(to, from, len);
    }
}

/* The short way, for what lies within one piece of RAM that is here, as rings and buffers do; NULL: it does not. */
static uint8_t *find_ram(AddressSpace *as, hwaddr addr, hwaddr len, bool is_write)
{
    const FlatRange *range = flatview_lookup(address_space_view(as), addr);
    bool usable = range && range->host && !(is_write && range->readonly);

    return usable && len - 1 <= range->last - addr ? range->host + (addr - range->first) : NULL;
}

MemTxResult address_space_read(AddressSpace *as, hwaddr addr, MemTxAttrs attrs, void *buf,
                               hwaddr len)
{
    const uint8_t *host = len > 0 ? find_ram(as, addr, len, false) : NULL;

    g_assert(buf || len == 0);
    if (host) {
        copy_shared(buf, host, len);
        return MEMTX_OK;
    }
    Transfer t = { .as = as, .addr = addr, .left = len, .attrs = attrs, .out = buf };
    return transfer_run(&t);
}

MemTxResult address_space_write(AddressSpace *as, hwaddr addr, MemTxAttrs attrs, const void *buf,
                                hwaddr len)
{
    uint8_t *host = len > 0 ? find_ram(as, addr, len, true) : NULL;

    g_assert(buf || len == 0);
    if (host) {
        copy_shared(host, buf, len);
        return MEMTX_OK;
    }
    Transfer t = { .as = as, .addr = addr, .left = len, .attrs = attrs, .in = buf };
    return transfer_run(&t);
}

MemTxResult address_space_rw(AddressSpace *as, hwaddr addr, MemTxAttrs attrs, void *buf, hwaddr len,
                             bool is_write)
{
    return is_write ? address_space_write(as, addr, attrs, buf, len)
                    : address_space_read(as, addr, attrs, buf, len);
}

MemTxResult address_space_set(AddressSpace *as, hwaddr addr, uint8_t c, hwaddr len,
                              MemTxAttrs attrs)
{
    Transfer t = { .as = as, .addr = addr, .left = len, .attrs = attrs, .fill = c };
    return transfer_run(&t);
}
