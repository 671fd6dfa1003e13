/* Address spaces, their listeners, and pointers into their RAM. */
#include "models/core/memory_internal.h"

typedef struct Mapping {
    uint8_t *host;
    RAMBlock *block;
} Mapping;

static bool ranges_equal(const FlatRange *a, const FlatRange *b)
{
    return a->first == b->first && a->last == b->last && a->mr == b->mr && a->offset == b->offset &&
           a->readonly == b->readonly;
}

static bool views_equal(const FlatView *a, const FlatView *b)
{
    bool equal = a->nr == b->nr;
    for (unsigned i = 0; equal && i < a->nr; i++) {
        equal = ranges_equal(&a->ranges[i], &b->ranges[i]);
    }
    return equal;
}

static bool view_has(const FlatView *view, const FlatRange *range)
{
    unsigned upto = flatview_count_upto(view, range->first);
    return upto > 0 && ranges_equal(&view->ranges[upto - 1], range);
}

/*
 * Tells @listener (with @add: of ranges that came, else of ranges that went) what @view has and
 * @other lacks; NULL is an empty view.
 */
static void announce(MemoryListener *listener, AddressSpace *as, const FlatView *view,
                     const FlatView *other, bool add)
{
    void (*tell)(MemoryListener *, const MemoryRegionSection *) =
        add ? listener->region_add : listener->region_del;

    for (unsigned i = 0; tell && view && i < view->nr; i++) {
        if (!other || !view_has(other, &view->ranges[i])) {
            MemoryRegionSection section = flat_range_section(as, &view->ranges[i]);
            tell(listener, &section);
        }
    }
}

static void announce_change(MemoryListener *listener, AddressSpace *as, const FlatView *before,
                            const FlatView *after)
{
    if (listener->begin) {
        listener->begin(listener);
    }
    announce(listener, as, before, after, false);
    announce(listener, as, after, before, true);
    if (listener->commit) {
        listener->commit(listener);
    }
}

FlatView *address_space_make_view(AddressSpace *as)
{
    as->view = flatview_new(as->root);
    as->rebuilds++;
    return as->view;
}

void address_space_changed(AddressSpace *as)
{
    FlatView *before = as->view;

    as->view = NULL;
    if (as->listeners.head) {
        const FlatView *after = address_space_make_view(as);
        bool same = views_equal(before, after);
        for (GList *node = as->listeners.head; node && !same; node = node->next) {
            announce_change(node->data, as, before, after);
        }
    }
    flatview_free(before);
}

void address_space_init(AddressSpace *as, MemoryRegion *root, const char *name)
{
    *as = (AddressSpace){
        .name = g_strdup(name),
        .root = root,
        .listeners = G_QUEUE_INIT,
        .mappings = g_array_new(false, false, sizeof(Mapping)),
    };
    g_queue_push_tail(&root->spaces, as);
}

void address_space_destroy(AddressSpace *as)
{
    while (as->listeners.head) {
        memory_listener_unregister(as->listeners.head->data);
    }
    if (as->root) {
        g_queue_remove(&as->root->spaces, as);
    }
    for (guint i = 0; i < as->mappings->len; i++) {
        ram_block_unref(g_array_index(as->mappings, Mapping, i).block);
    }
    g_array_unref(as->mappings);
    flatview_free(as->view);
    g_free(as->name);
    *as = (AddressSpace){ 0 };
}

void memory_listener_register(MemoryListener *listener, AddressSpace *as)
{
    g_assert(!listener->address_space);
    listener->address_space = as;
    g_queue_push_tail(&as->listeners, listener);
    announce_change(listener, as, NULL, address_space_view(as));
}

void memory_listener_unregister(MemoryListener *listener)
{
    AddressSpace *as = listener->address_space;

    if (as) {
        announce_change(listener, as, address_space_view(as), NULL);
        g_queue_remove(&as->listeners, listener);
        listener->address_space = NULL;
    }
}

/* The RAM at @addr, for writing if @is_write; NULL when there is something else. */
static const FlatRange *lookup_ram(AddressSpace *as, hwaddr addr, bool is_write)
{
    const FlatRange *range = flatview_lookup(address_space_view(as), addr);
    return range && range->host && !(is_write && range->readonly) ? range : NULL;
}

void *address_space_map(AddressSpace *as, hwaddr addr, hwaddr *plen, bool is_write,
                        MemTxAttrs attrs)
{
    (void)attrs;
    hwaddr wanted = *plen;
    const FlatRange *range = lookup_ram(as, addr, is_write);

    *plen = 0;
    if (!range || wanted == 0) {
        return NULL;
    }
    hwaddr skipped = addr - range->first;
    Mapping mapping = { .host = range->host + skipped, .block = ram_block_ref(range->mr->ram) };
    g_array_append_val(as->mappings, mapping);
    *plen = wanted - 1 > range->last - addr ? range->last - addr + 1 : wanted;
    return mapping.host;
}

void address_space_unmap(AddressSpace *as, void *buffer, hwaddr len, bool is_write,
                         hwaddr access_len)
{
    (void)len, (void)is_write, (void)access_len;
    for (guint i = as->mappings->len; i-- > 0;) {
        Mapping mapping = g_array_index(as->mappings, Mapping, i);
        if (mapping.host == buffer) {
            g_array_remove_index_fast(as->mappings, i);
            ram_block_unref(mapping.block);
            return;
        }
    }
    g_assert_not_reached();
}

bool address_space_access_valid(AddressSpace *as, hwaddr addr, hwaddr len, bool is_write,
                                MemTxAttrs attrs)
{
    (void)attrs;
    FlatView *view = address_space_view(as);

    while (len > 0) {
        const FlatRange *range = flatview_lookup(view, addr);
        if (!range || (is_write && range->readonly)) {
            return false;
        }
        if (len - 1 <= range->last - addr) {
            return true;
        }
        len -= range->last - addr + 1;
        addr = range->last + 1;
    }
    return true;
}
