/* From the tree of regions to a sorted array of ranges. */
#include "models/core/memory_internal.h"

/* A tree deeper than this has a window that contains itself; what is below is not there. */
#define MAX_DEPTH 64

/*
 * Positions may lie outside the 64 bits of addresses, on both sides: a window shows its target's
 * middle at its own start.
 */
typedef __int128 Position;

typedef struct Render {
    GArray *ranges; /* FlatRange, sorted; earlier ones hide later ones */
    unsigned depth;
} Render;

static void insert_range(GArray *ranges, guint at, MemoryRegion *mr, Position base, Position from,
                         Position to, bool readonly)
{
    uint8_t *host = mr->ram ? mr->ram->host : NULL;
    FlatRange range = {
        .first = (hwaddr)from,
        .last = (hwaddr)(to - 1),
        .mr = mr,
        .offset = (hwaddr)(from - base),
        .host = host ? host + (hwaddr)(from - base) : NULL,
        .readonly = readonly,
    };
    g_array_insert_val(ranges, at, range);
}

/* Lets @mr, which begins at @base, answer wherever from @from to before @to nothing answers yet. */
static void fill_gaps(GArray *ranges, MemoryRegion *mr, Position base, Position from, Position to,
                      bool readonly)
{
    guint i = 0;
    while (i < ranges->len && g_array_index(ranges, FlatRange, i).last < from) {
        i++;
    }
    while (from < to && i < ranges->len) {
        FlatRange taken = g_array_index(ranges, FlatRange, i);
        if (from < taken.first) {
            insert_range(ranges, i++, mr, base, from, MIN(to, (Position)taken.first), readonly);
        }
        from = (Position)taken.last + 1;
        i++;
    }
    if (from < to) {
        insert_range(ranges, i, mr, base, from, to, readonly);
    }
}

/* Renders what of @mr falls into @from to before @to, when its container begins at @base. */
static void render_region(Render *render, MemoryRegion *mr, Position base, Position from,
                          Position to, bool readonly)
{
    if (!mr->enabled || render->depth == MAX_DEPTH) {
        return;
    }
    base += mr->addr;
    from = MAX(from, base);
    to = MIN(to, base + (Position)mr->size);
    if (from >= to) {
        return;
    }
    readonly |= mr->readonly;
    render->depth++;
    if (mr->alias) {
        render_region(render, mr->alias, base - mr->alias_offset - mr->alias->addr, from, to,
                      readonly);
    }
    for (GList *node = mr->subregions.head; node; node = node->next) {
        render_region(render, node->data, base, from, to, readonly);
    }
    render->depth--;
    if (mr->terminates) {
        fill_gaps(render->ranges, mr, base, from, to, readonly);
    }
}

/* Whether @next goes on where @range ends, on the bus and in the region. */
static bool continues(const FlatRange *range, const FlatRange *next)
{
    return next->first == range->last + 1 && next->mr == range->mr &&
           next->readonly == range->readonly &&
           next->offset - range->offset == next->first - range->first;
}

static unsigned join_neighbours(FlatRange *ranges, unsigned nr)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < nr; i++) {
        if (kept > 0 && continues(&ranges[kept - 1], &ranges[i])) {
            ranges[kept - 1].last = ranges[i].last;
        } else {
            ranges[kept++] = ranges[i];
        }
    }
    return kept;
}

FlatView *flatview_new(MemoryRegion *root)
{
    Render render = { .ranges = g_array_new(false, false, sizeof(FlatRange)) };
    FlatView *view = g_new0(FlatView, 1);

    if (root) {
        /* A root shows at 0 wherever it may be mapped besides. */
        render_region(&render, root, -(Position)root->addr, 0, (Position)HWSIZE_MAX, false);
    }
    unsigned nr = render.ranges->len;
    view->ranges = (FlatRange *)(void *)g_array_free(render.ranges, false);
    view->nr = join_neighbours(view->ranges, nr);
    return view;
}

void flatview_free(FlatView *view)
{
    if (view) {
        g_free(view->ranges);
        g_free(view);
    }
}

unsigned flatview_count_upto(const FlatView *view, hwaddr addr)
{
    unsigned low = 0;
    unsigned high = view->nr;
    while (low < high) {
        unsigned middle = low + (high - low) / 2;
        if (view->ranges[middle].first <= addr) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

MemoryRegionSection flat_range_section(AddressSpace *as, const FlatRange *range)
{
    return (MemoryRegionSection){
        .mr = range->mr,
        .address_space = as,
        .offset_within_region = range->offset,
        .offset_within_address_space = range->first,
        .size = (hwsize)(range->last - range->first) + 1,
        .readonly = range->readonly,
    };
}

void memory_region_foreach_flat(AddressSpace *as, MemoryFlatFunc *cb, void *opaque)
{
    const FlatView *view = address_space_view(as);
    for (unsigned i = 0; i < view->nr; i++) {
        MemoryRegionSection section = flat_range_section(as, &view->ranges[i]);
        if (!cb(&section, opaque)) {
            return;
        }
    }
}

/*
 * The address space that @mr belongs to, and in *@addr the address there of what is at *@addr in
 * @mr.
 */
static AddressSpace *find_address_space(const MemoryRegion *mr, hwaddr *addr)
{
    while (!mr->spaces.head && mr->container) {
        *addr += mr->addr;
        mr = mr->container;
    }
    return mr->spaces.head ? mr->spaces.head->data : NULL;
}

MemoryRegionSection memory_region_find(MemoryRegion *mr, hwaddr addr, uint64_t size)
{
    MemoryRegionSection none = { 0 };
    AddressSpace *as = find_address_space(mr, &addr);

    if (!as || size == 0) {
        return none;
    }
    const FlatView *view = address_space_view(as);
    hwaddr last = size - 1 > HWADDR_MAX - addr ? HWADDR_MAX : addr + (size - 1);
    unsigned i = flatview_count_upto(view, addr);
    if (i > 0 && view->ranges[i - 1].last >= addr) {
        i--;
    }
    if (i == view->nr || view->ranges[i].first > last) {
        return none;
    }
    FlatRange cut = view->ranges[i];
    if (cut.first < addr) {
        cut.offset += addr - cut.first;
        cut.first = addr;
    }
    cut.last = MIN(cut.last, last);
    return flat_range_section(as, &cut);
}
