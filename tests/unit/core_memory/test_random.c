/*
 * Random trees, changed at random: at every step the flat view must say the same, byte by byte, as
 * asking the tree by the rules in words, and a listener that only ever heard of changes must know
 * the same map.
 */
#include "tests/unit/core_memory/bus.h"

#define SPAN 96 /* addresses looked at, from BASE on */
#define NODES 14
#define TREES 500u
#define CHANGES 40u

/* A region with all that the rules need, kept beside the code under test. */
typedef struct Node Node;
struct Node {
    MemoryRegion mr;
    bool has_ops;
    Node *alias;
    Node *parent;
    int64_t addr, alias_offset, size;
    int priority;
    unsigned added; /* a higher one came later */
    bool enabled, readonly;
};

typedef struct Tree {
    Object *root;
    AddressSpace as;
    Node nodes[NODES]; /* the first is the address space's root */
    unsigned clock;
} Tree;

typedef struct Answer {
    const Node *node;
    int64_t offset;
    bool readonly;
} Answer;

static const MemoryRegionOps no_ops = { .endianness = DEVICE_LITTLE_ENDIAN };

static bool is_above(const Node *a, const Node *b)
{
    return a->priority != b->priority ? a->priority > b->priority : a->added > b->added;
}

static Answer ask(Tree *t, const Node *node, int64_t offset, bool readonly);

/*
 * The highest region below @node that answers: tried from the top, each one below the one tried
 * before.
 */
static Answer ask_below(Tree *t, const Node *node, int64_t offset, bool readonly)
{
    const Node *tried = NULL;

    while (true) {
        const Node *best = NULL;
        for (int i = 0; i < NODES; i++) {
            const Node *n = &t->nodes[i];
            if (n->parent == node && (!tried || is_above(tried, n)) &&
                (!best || is_above(n, best))) {
                best = n;
            }
        }
        if (!best) {
            return (Answer){ 0 };
        }
        Answer answer = ask(t, best, offset - best->addr, readonly);
        if (answer.node) {
            return answer;
        }
        tried = best;
    }
}

static Answer ask(Tree *t, const Node *node, int64_t offset, bool readonly)
{
    Answer answer = { 0 };

    if (!node->enabled || offset < 0 || offset >= node->size) {
        return answer;
    }
    readonly |= node->readonly;
    if (node->alias) {
        return ask(t, node->alias, offset + node->alias_offset, readonly);
    }
    answer = ask_below(t, node, offset, readonly);
    if (!answer.node && node->has_ops) {
        answer = (Answer){ node, offset, readonly };
    }
    return answer;
}

/* The map that a listener was told. */
typedef struct Told {
    MemoryListener listener;
    Answer map[SPAN];
} Told;

static void told_change(Told *told, const MemoryRegionSection *s, bool add)
{
    for (hwaddr i = 0; i < (hwaddr)s->size; i++) {
        hwaddr addr = s->offset_within_address_space + i;
        g_assert_cmpuint(addr, <, SPAN);
        g_assert_true(add == !told->map[addr].node);
        told->map[addr] = (Answer){
            add ? (const Node *)(const void *)s->mr : NULL,
            (int64_t)(s->offset_within_region + i),
            s->readonly,
        };
    }
}

static void told_add(MemoryListener *listener, const MemoryRegionSection *section)
{
    told_change((Told *)listener, section, true);
}

static void told_del(MemoryListener *listener, const MemoryRegionSection *section)
{
    told_change((Told *)listener, section, false);
}

static int64_t pick(int64_t from, int64_t to)
{
    return g_test_rand_int_range((gint32)from, (gint32)to);
}

/* Whether @node is @maybe_above or hangs below it, also through windows. */
static bool hangs_in(const Node *node, const Node *maybe_above, Tree *t)
{
    if (maybe_above == node || (maybe_above->alias && hangs_in(node, maybe_above->alias, t))) {
        return true;
    }
    for (int i = 0; i < NODES; i++) {
        if (t->nodes[i].parent == maybe_above && hangs_in(node, &t->nodes[i], t)) {
            return true;
        }
    }
    return false;
}

static void make_nodes(Tree *t)
{
    for (int i = 0; i < NODES; i++) {
        Node *n = &t->nodes[i];
        g_autofree char *name = g_strdup_printf("n%d", i);
        n->size = i == 0 ? SPAN : pick(1, i % 2 ? SPAN : SPAN / 6);
        n->enabled = true;
        n->has_ops = i > 0 && pick(0, 3) > 0;
        if (i > 2 && pick(0, 3) == 0) {
            n->alias = &t->nodes[pick(1, i)];
            n->alias_offset = pick(0, SPAN / 2);
            memory_region_init_alias(&n->mr, t->root, name, &n->alias->mr, n->alias_offset,
                                     n->size);
        } else if (n->has_ops) {
            memory_region_init_io(&n->mr, t->root, &no_ops, n, name, n->size);
        } else {
            memory_region_init(&n->mr, t->root, name, n->size);
        }
    }
}

static void change_place(Tree *t, Node *n)
{
    if (n->parent) {
        memory_region_del_subregion(&n->parent->mr, &n->mr);
        n->parent = NULL;
    }
    Node *parent = &t->nodes[pick(0, 2) ? pick(0, NODES) : 0];
    if (parent->alias || hangs_in(parent, n, t)) {
        return;
    }
    n->parent = parent;
    n->addr = pick(0, parent->size + 1);
    n->priority = pick(-1, 2);
    n->added = ++t->clock;
    memory_region_add_subregion_overlap(&parent->mr, n->addr, &n->mr, n->priority);
}

static void change_something(Tree *t)
{
    Node *n = &t->nodes[pick(1, NODES)];

    switch (pick(0, 6)) {
    case 0:
        n->enabled = pick(0, 4) > 0;
        memory_region_set_enabled(&n->mr, n->enabled);
        break;
    case 1:
        n->readonly = pick(0, 4) == 0;
        memory_region_set_readonly(&n->mr, n->readonly);
        break;
    case 2:
        if (n->alias) {
            n->alias_offset = pick(0, SPAN);
            memory_region_set_alias_offset(&n->mr, n->alias_offset);
        }
        break;
    case 3:
        if (n->parent && pick(0, 2)) {
            int64_t addr = pick(0, SPAN);
            n->added = addr != n->addr ? ++t->clock : n->added;
            n->addr = addr;
            memory_region_set_address(&n->mr, n->addr);
        } else {
            n->size = pick(0, pick(0, 2) ? SPAN : SPAN / 6);
            memory_region_set_size(&n->mr, n->size);
        }
        break;
    default:
        change_place(t, n);
        break;
    }
}

static void expect_answer(const Answer *expected, const Answer *got)
{
    g_assert_true(expected->node == got->node);
    if (got->node) {
        g_assert_cmpint(expected->offset, ==, got->offset);
        g_assert_true(expected->readonly == got->readonly);
    }
}

static bool take_section(const MemoryRegionSection *section, void *opaque)
{
    told_change(opaque, section, true);
    return true;
}

/* Compares the three maps; returns how often what answers changes from one address to the next. */
static unsigned check(Tree *t, const Told *told)
{
    Told flat = { 0 };
    unsigned edges = 0;

    memory_region_foreach_flat(&t->as, take_section, &flat);
    for (int addr = 0; addr < SPAN; addr++) {
        Answer expected = ask(t, &t->nodes[0], addr, false);
        MemoryRegionSection found = memory_region_find(&t->nodes[0].mr, addr, 1);
        Answer by_find = { (const Node *)(const void *)found.mr,
                           (int64_t)found.offset_within_region, found.readonly };
        expect_answer(&expected, &flat.map[addr]);
        expect_answer(&expected, &told->map[addr]);
        expect_answer(&expected, &by_find);
        edges += addr > 0 && flat.map[addr].node != flat.map[addr - 1].node;
    }
    return edges;
}

static unsigned run_tree(void)
{
    unsigned edges = 0;
    Tree *t = g_new0(Tree, 1);
    Told told = { .listener = { .region_add = told_add, .region_del = told_del } };

    t->root = object_new_root();
    make_nodes(t);
    for (int i = 1; i < NODES; i++) {
        change_place(t, &t->nodes[i]);
    }
    address_space_init(&t->as, &t->nodes[0].mr, "random");
    memory_listener_register(&told.listener, &t->as);
    for (unsigned i = 0; i < CHANGES; i++) {
        bool batch = pick(0, 4) == 0;
        if (batch) {
            memory_region_transaction_begin(&t->nodes[0].mr);
            change_something(t);
            change_something(t);
        }
        change_something(t);
        if (batch) {
            memory_region_transaction_commit(&t->nodes[0].mr);
        }
        edges += check(t, &told);
    }
    address_space_destroy(&t->as);
    for (int addr = 0; addr < SPAN; addr++) {
        g_assert_null(told.map[addr].node);
    }
    object_unref(t->root);
    g_free(t);
    return edges;
}

static void test_random_trees(void)
{
    unsigned edges = 0;

    for (unsigned i = 0; i < TREES; i++) {
        edges += run_tree();
    }
    /* Else the trees were too poor to show anything. */
    g_assert_cmpuint(edges, >, UINT64_C(4) * TREES * CHANGES);
}

static void add_tests(void)
{
    g_test_add_func("/memory/random/flat-view-says-what-the-tree-says", test_random_trees);
}

int main(int argc, char **argv)
{
    return run_tests(argc, argv, add_tests);
}
