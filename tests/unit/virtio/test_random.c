/*
 * Random transfers over all kinds of rings and homes of memory, compared with what an echo must be. The seed is GLib's
 * (--seed=...), so that a failure can be had again.
 */
#include <string.h>

#include "tests/lib/test_virtio.h"

#define BIT(n) (UINT64_C(1) << (n))
#define SLOTS 64u
#define MAX_LENGTH 0x7c00u
#define GUARD 8u /* bytes behind the in segments that must stay as they are */
#define IN_OFFSET MAX_LENGTH
#define SLOT_SIZE 0x10000u
#define MAX_SEGMENTS 12u
#define STEPS 6000u
#define UNTOUCHED 0xee

G_STATIC_ASSERT(IN_OFFSET + MAX_LENGTH + GUARD <= SLOT_SIZE);
G_STATIC_ASSERT(TEST_VIRTIO_RAM + (uint64_t)SLOTS * SLOT_SIZE <= TEST_VIRTIO_HEAP);

typedef struct Slot {
    bool busy;
    uint32_t out;
    uint32_t in;
    uint8_t *bytes; /* what was sent */
} Slot;

typedef struct Run {
    TestVirtIO *t;
    VRingQueue *queue;
    VirtQueue *vq;
    GRand *rand;
    uint64_t features;
    unsigned num;
    bool suppressed; /* the device does not want kicks */
    unsigned pending;
    Slot slots[SLOTS];
    uint64_t moved;
} Run;

static unsigned below(Run *r, unsigned n)
{
    return (unsigned)g_rand_int_range(r->rand, 0, (gint32)n);
}

static uint64_t slot_addr(unsigned i)
{
    return TEST_VIRTIO_RAM + (uint64_t)i * SLOT_SIZE;
}

/* Short ones are more frequent. */
static uint32_t random_length(Run *r)
{
    return below(r, MAX_LENGTH >> below(r, 15));
}

static unsigned random_num(Run *r)
{
    static const unsigned nums[] = { 1, 2, 3, 7, 8, 16, 31, 64, 128, 1024 };

    return nums[below(r, G_N_ELEMENTS(nums))];
}

static void start(Run *r)
{
    r->num = random_num(r);
    r->t->driver.next_free = TEST_VIRTIO_HEAP;
    r->queue = test_virtio_start(r->t, r->features, 1, r->num);
    r->suppressed = false;
    r->pending = 0;
    for (unsigned i = 0; i < SLOTS; i++) {
        r->slots[i].busy = false;
        g_clear_pointer(&r->slots[i].bytes, g_free);
    }
}

static void post(Run *r)
{
    unsigned i = below(r, SLOTS);
    Slot *slot = &r->slots[i];
    VRingSegment segments[2 * MAX_SEGMENTS];
    bool indirect = r->features & BIT(VIRTIO_RING_F_INDIRECT_DESC) && below(r, 2);
    unsigned max = indirect ? MAX_SEGMENTS : MIN(MAX_SEGMENTS, r->num / 2 + 1);
    unsigned n = 0;

    if (slot->busy) {
        return;
    }
    slot->out = random_length(r);
    slot->in = random_length(r);
    n += slot->out ? vring_cut(r->rand, slot_addr(i), slot->out, false, max, segments) : 0;
    n += slot->in ? vring_cut(r->rand, slot_addr(i) + IN_OFFSET, slot->in, true, max, segments + n)
                  : 0;
    if (!n) {
        return;
    }
    g_free(slot->bytes);
    slot->bytes = g_malloc0(slot->out + 1);
    for (uint32_t k = 0; k < slot->out; k++) {
        slot->bytes[k] = (uint8_t)g_rand_int(r->rand);
    }
    test_virtio_put(r->t, slot_addr(i), slot->bytes, slot->out);
    (void)address_space_set(r->t->machine->system_as, slot_addr(i) + IN_OFFSET, UNTOUCHED,
                            slot->in + GUARD, MEMTXATTRS_UNSPECIFIED);
    slot->busy = vring_queue_post(r->queue, segments, n, indirect, GUINT_TO_POINTER(i));
    r->pending += slot->busy;
}

static void check(Run *r, const VRingUsed *used)
{
    unsigned i = GPOINTER_TO_UINT(used->token);
    Slot *slot = &r->slots[i];
    uint32_t len = MIN(slot->out, slot->in);
    g_autofree uint8_t *bytes = g_malloc(slot->in + GUARD);

    g_assert_true(slot->busy);
    g_assert_cmpuint(used->in_length, ==, slot->in);
    g_assert_cmpuint(used->len, ==, len);
    test_virtio_get(r->t, slot_addr(i) + IN_OFFSET, bytes, slot->in + GUARD);
    for (uint32_t k = 0; k < slot->in + GUARD; k++) {
        g_assert_cmphex(bytes[k], ==, k < len ? slot->bytes[k] ^ TEST_VIRTIO_ECHO : UNTOUCHED);
    }
    slot->busy = false;
    r->pending--;
    r->moved += slot->out + len;
}

static void collect(Run *r)
{
    VRingUsed used;

    while (vring_queue_collect(r->queue, &used)) {
        check(r, &used);
    }
}

static VirtQueueElement *pop_any(Run *r)
{
    GQueue *held = &r->t->dev->held;

    return held->length ? g_queue_pop_nth(held, below(r, held->length)) : NULL;
}

/* The device gives back what it held: the echo is due now. */
static void release(Run *r, unsigned n)
{
    VirtQueueElement *elem;

    while (n-- && (elem = pop_any(r))) {
        virtqueue_push(r->vq, elem, test_virtio_echo(elem));
        virtqueue_element_free(elem);
    }
    virtio_notify(r->t->vdev, r->vq);
}

/* As devices do it: kicks off while looking by oneself; on, and one more look, before waiting. */
static void look(TestVirtIODevice *dev, VirtQueue *vq)
{
    const Run *r = dev->opaque;

    virtio_queue_set_notification(vq, false);
    test_virtio_device_echo(dev, vq);
    while (!r->suppressed) {
        virtio_queue_set_notification(vq, true);
        if (virtio_queue_empty(vq)) {
            break;
        }
        test_virtio_device_echo(dev, vq);
    }
}

static void toggle_notification(Run *r)
{
    r->suppressed = !r->suppressed;
    virtio_queue_set_notification(r->vq, !r->suppressed);
    if (!r->suppressed) {
        look(r->t->dev, r->vq);
    }
}

/* Everything comes back when the device lets go of it. */
static void settle(Run *r)
{
    r->t->dev->hold = false;
    if (r->suppressed) {
        toggle_notification(r);
    }
    (void)vring_queue_kick_if_wanted(r->queue);
    release(r, UINT_MAX);
    collect(r);
    g_assert_cmpuint(r->pending, ==, 0);
    g_assert_cmpuint(virtio_queue_get_inuse(r->t->vdev, 1), ==, 0);
    g_assert_true(virtio_queue_empty(r->vq));
    g_assert_cmpuint(r->queue->num_free, ==, r->num);
    g_assert_cmpuint(r->t->vdev->copied_bytes, ==, 0);
}

static void restart(Run *r)
{
    if (below(r, 2)) {
        settle(r);
    }
    vring_queue_free(r->queue);
    start(r);
}

static void step(Run *r)
{
    unsigned in = 0, out = 0;

    switch (below(r, 16)) {
    case 0:
        r->t->dev->hold = below(r, 2);
        break;
    case 1:
        toggle_notification(r);
        break;
    case 2:
        vring_queue_set_used_event(r->queue, below(r, MIN(r->num, 4)));
        break;
    case 3:
        vring_queue_set_interrupts(r->queue, below(r, 2));
        break;
    case 4:
        (void)vring_driver_take_interrupt(&r->t->driver);
        g_assert_cmpint(r->t->irq_level, ==, 0);
        break;
    case 5:
        virtqueue_get_avail_bytes(r->vq, &in, &out, below(r, 10000), below(r, 10000));
        break;
    case 6:
    case 7:
        release(r, below(r, 4));
        break;
    case 8:
        collect(r);
        break;
    case 9:
        if (below(r, 40) == 0) {
            restart(r);
        }
        break;
    case 10:
    case 11:
        (void)vring_queue_kick_if_wanted(r->queue);
        break;
    default:
        post(r);
    }
}

typedef struct Kind {
    unsigned flags; /* TestVirtIOFlags */
    uint64_t features;
    RAMHome home;
} Kind;

static void test_random(const void *data)
{
    const Kind *kind = data;
    Run r = {
        .t = test_virtio_new(kind->flags, kind->home),
        .rand = g_rand_new_with_seed((guint32)g_test_rand_int()),
        .features = kind->features,
    };

    r.vq = virtio_get_queue(r.t->vdev, 1);
    r.t->dev->on_kick = look;
    r.t->dev->opaque = &r;
    start(&r);
    for (unsigned i = 0; i < STEPS; i++) {
        step(&r);
    }
    settle(&r);
    g_assert_cmpuint(r.moved, >, STEPS);
    test_virtio_expect_log(r.t, "");
    for (unsigned i = 0; i < SLOTS; i++) {
        g_free(r.slots[i].bytes);
    }
    vring_queue_free(r.queue);
    g_rand_free(r.rand);
    test_virtio_free(r.t);
}

static void add(unsigned shape, RAMHome home)
{
    static const char *const rings[] = { "split", "packed", "legacy" };
    static const char *const homes[] = { "ram", "shm", "client" };
    static const unsigned flags[] = { 0, TEST_VIRTIO_PACKED, TEST_VIRTIO_LEGACY };
    unsigned ring = shape % 3, indirect = shape / 3 % 2, event = shape / 6;
    Kind *kind = g_new0(Kind, 1);
    g_autofree char *path = g_strdup_printf("/virtio/random/%s/%s%s%s", homes[home], rings[ring],
                                            indirect ? "-indirect" : "", event ? "-event-idx" : "");

    kind->flags = flags[ring];
    kind->home = home;
    kind->features = indirect ? BIT(VIRTIO_RING_F_INDIRECT_DESC) : 0;
    kind->features |= event ? BIT(VIRTIO_RING_F_EVENT_IDX) : 0;
    kind->features |= ring == 1 ? BIT(VIRTIO_F_RING_PACKED) : 0;
    kind->features |= ring == 2 && event ? BIT(VIRTIO_F_NOTIFY_ON_EMPTY) : 0;
    g_test_add_data_func_full(path, kind, test_random, g_free);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    for (unsigned home = RAM_HOME_RAM; home <= RAM_HOME_CLIENT; home++) {
        for (unsigned shape = 0; shape < 12; shape++) {
            add(shape, home);
        }
    }
    return g_test_run();
}
