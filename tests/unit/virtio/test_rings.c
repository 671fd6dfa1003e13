/* Elements in flight, wrapping rings, and who tells whom of what: kicks and interrupts. */
#include "models/virtio/virtio_ring.h"
#include "tests/lib/test_virtio.h"

#define BIT(n) (UINT64_C(1) << (n))
#define BUFFER (TEST_VIRTIO_RAM + 0x10000)

typedef struct Bench {
    TestVirtIO *t;
    VRingQueue *queue;
    VirtQueue *vq;
} Bench;

/* @flags: TEST_VIRTIO_PACKED also negotiates it. */
static Bench bench_new(unsigned flags, uint64_t features, unsigned num)
{
    Bench b = { .t = test_virtio_new(flags, test_virtio_home()) };

    features |= flags & TEST_VIRTIO_PACKED ? BIT(VIRTIO_F_RING_PACKED) : 0;
    b.queue = test_virtio_start(b.t, features, 0, num);
    b.vq = virtio_get_queue(b.t->vdev, 0);
    return b;
}

static void bench_free(Bench *b)
{
    test_virtio_expect_log(b->t, "");
    vring_queue_free(b->queue);
    test_virtio_free(b->t);
}

static void post(Bench *b, unsigned n, void *token)
{
    VRingSegment segments[16];

    for (unsigned i = 0; i < n; i++) {
        segments[i] = (VRingSegment){ BUFFER + 64 * (uint64_t)i, 4, i + 1 == n };
    }
    g_assert_true(vring_queue_post(b->queue, segments, n, false, token));
}

static void expect_used(Bench *b, void *token, uint32_t len)
{
    VRingUsed used;

    g_assert_true(vring_queue_collect(b->queue, &used));
    g_assert_true(used.token == token);
    g_assert_cmpuint(used.len, ==, len);
}

static void expect_none(Bench *b)
{
    VRingUsed used;

    g_assert_false(vring_queue_collect(b->queue, &used));
}

static unsigned inuse(Bench *b)
{
    return virtio_queue_get_inuse(b->t->vdev, 0);
}

/* Whether there was an interrupt since the last look. */
static bool interrupted(Bench *b)
{
    return vring_driver_take_interrupt(&b->t->driver) & VIRTIO_ISR_QUEUE;
}

/* --- In flight --- */

static void test_in_flight(const void *data)
{
    bool packed = GPOINTER_TO_UINT(data) & TEST_VIRTIO_PACKED;
    Bench b = bench_new(GPOINTER_TO_UINT(data), 0, 8);
    char one, two, three;

    b.t->dev->hold = true;
    post(&b, 3, &one);
    post(&b, 1, &two);
    post(&b, 4, &three);
    vring_queue_kick(b.queue);
    /* A packed ring counts entries, a split one elements. */
    g_assert_cmpuint(inuse(&b), ==, packed ? 8 : 3);
    g_assert_cmpuint(b.t->dev->popped, ==, 3);
    /* Given back in another order than taken. */
    g_queue_push_tail(&b.t->dev->held, g_queue_pop_head(&b.t->dev->held));
    g_assert_true(test_virtio_device_release(b.t->dev, b.vq, 1));
    expect_used(&b, &two, 1);
    expect_none(&b);
    g_assert_true(test_virtio_device_release(b.t->dev, b.vq, 4));
    g_assert_true(test_virtio_device_release(b.t->dev, b.vq, 0));
    expect_used(&b, &three, 4);
    expect_used(&b, &one, 0);
    expect_none(&b);
    g_assert_cmpuint(inuse(&b), ==, 0);
    bench_free(&b);
}

static void test_detach(const void *data)
{
    Bench b = bench_new(GPOINTER_TO_UINT(data), 0, 4);
    VirtQueueElement *elem;

    b.t->dev->hold = true;
    post(&b, 2, NULL);
    vring_queue_kick(b.queue);
    elem = g_queue_pop_head(&b.t->dev->held);
    virtqueue_detach_element(b.vq, elem);
    virtqueue_element_free(elem);
    virtqueue_element_free(NULL);
    g_assert_cmpuint(inuse(&b), ==, 0);
    expect_none(&b);
    bench_free(&b);
}

static void test_drop_all(const void *data)
{
    Bench b = bench_new(GPOINTER_TO_UINT(data), 0, 8);
    char tokens[3];

    g_assert_cmpuint(virtqueue_drop_all(b.vq), ==, 0);
    for (unsigned i = 0; i < 3; i++) {
        post(&b, 2, &tokens[i]);
    }
    g_assert_cmpuint(virtqueue_drop_all(b.vq), ==, 3);
    for (unsigned i = 0; i < 3; i++) {
        expect_used(&b, &tokens[i], 0);
    }
    g_assert_true(virtio_queue_empty(b.vq));
    bench_free(&b);
}

static void test_claimed_length(const void *data)
{
    Bench b = bench_new(GPOINTER_TO_UINT(data), 0, 8);

    /* What the device says is what the driver reads, be it true or not. */
    b.t->dev->claim = 0x12345678;
    post(&b, 2, NULL);
    vring_queue_kick(b.queue);
    expect_used(&b, NULL, 0x12345678);
    bench_free(&b);
}

static void test_full_ring(const void *data)
{
    for (unsigned num = 1; num <= VIRTQUEUE_MAX_SIZE; num = num < 8 ? num + 1 : num * 2) {
        Bench b = bench_new(GPOINTER_TO_UINT(data), 0, num);

        b.t->dev->hold = true;
        for (unsigned round = 0; round < 3; round++) {
            for (unsigned i = 0; i < num; i++) {
                post(&b, 1, GUINT_TO_POINTER(i));
            }
            vring_queue_kick(b.queue);
            g_assert_cmpuint(inuse(&b), ==, num);
            for (unsigned i = 0; i < num; i++) {
                g_assert_true(test_virtio_device_release(b.t->dev, b.vq, 0));
                expect_used(&b, GUINT_TO_POINTER(i), 0);
            }
        }
        bench_free(&b);
    }
}

/* --- Wrapping --- */

static void test_wrap(const void *data)
{
    static const unsigned nums[] = { 1, 2, 7, 8, 100 };

    for (unsigned i = 0; i < G_N_ELEMENTS(nums); i++) {
        Bench b = bench_new(GPOINTER_TO_UINT(data), BIT(VIRTIO_RING_F_EVENT_IDX), nums[i]);
        unsigned length = 1;

        for (unsigned n = 0; n < 66000; n++) {
            void *token = GUINT_TO_POINTER(n);

            length = length % MIN(nums[i], 5) + 1;
            post(&b, length, token);
            g_assert_true(vring_queue_kick_if_wanted(b.queue));
            expect_used(&b, token, length > 1 ? 4 : 0);
        }
        bench_free(&b);
    }
}

/* --- Interrupts --- */

static void test_no_interrupt(const void *data)
{
    Bench b = bench_new(GPOINTER_TO_UINT(data), 0, 8);

    post(&b, 1, NULL);
    vring_queue_kick(b.queue);
    g_assert_true(interrupted(&b));
    vring_queue_set_interrupts(b.queue, false);
    post(&b, 1, NULL);
    vring_queue_kick(b.queue);
    g_assert_false(interrupted(&b));
    vring_queue_set_interrupts(b.queue, true);
    post(&b, 1, NULL);
    vring_queue_kick(b.queue);
    g_assert_true(interrupted(&b));
    bench_free(&b);
}

/* The driver asked for silence, but the ring ran dry. */
static void test_notify_on_empty(gconstpointer data G_GNUC_UNUSED)
{
    Bench b = bench_new(TEST_VIRTIO_LEGACY, BIT(VIRTIO_F_NOTIFY_ON_EMPTY), 8);

    vring_queue_set_interrupts(b.queue, false);
    b.t->dev->hold = true;
    post(&b, 1, NULL);
    post(&b, 1, NULL);
    vring_queue_kick(b.queue);
    g_assert_false(interrupted(&b)); /* empty, but two are in flight */
    g_assert_true(test_virtio_device_release(b.t->dev, b.vq, 0));
    virtio_notify(b.t->vdev, b.vq);
    g_assert_false(interrupted(&b));
    g_assert_true(test_virtio_device_release(b.t->dev, b.vq, 0));
    post(&b, 1, NULL);
    virtio_notify(b.t->vdev, b.vq);
    g_assert_false(interrupted(&b)); /* nothing in flight, but one waits */
    b.t->dev->hold = false;
    vring_queue_kick(b.queue);
    g_assert_true(interrupted(&b));
    bench_free(&b);

    b = bench_new(TEST_VIRTIO_LEGACY, 0, 8);
    vring_queue_set_interrupts(b.queue, false);
    post(&b, 1, NULL);
    vring_queue_kick(b.queue);
    g_assert_false(interrupted(&b)); /* not negotiated */
    bench_free(&b);
}

/* A broken device's ring is empty to it, whatever waits there. */
static void test_notify_on_empty_broken(gconstpointer data G_GNUC_UNUSED)
{
    Bench b = bench_new(TEST_VIRTIO_LEGACY, BIT(VIRTIO_F_NOTIFY_ON_EMPTY), 8);

    vring_queue_set_interrupts(b.queue, false);
    post(&b, 1, NULL);
    post(&b, 1, NULL);
    vring_queue_avail_at(b.queue, 0, 8);
    vring_queue_kick(b.queue);
    test_virtio_expect_log(b.t, "Guest says index 8 is available");
    g_assert_true(interrupted(&b));
    g_assert_cmpuint(b.t->irq_raises, ==, 0);
    bench_free(&b);
}

/* Uses one buffer. */
static void use_one(Bench *b)
{
    VRingUsed used;

    post(b, 1, NULL);
    vring_queue_kick(b->queue);
    g_assert_true(vring_queue_collect(b->queue, &used));
}

static void test_used_event(const void *data)
{
    static const unsigned nums[] = { 4, 7, 64 };

    for (unsigned k = 0; k < G_N_ELEMENTS(nums); k++) {
        Bench b = bench_new(GPOINTER_TO_UINT(data), BIT(VIRTIO_RING_F_EVENT_IDX), nums[k]);

        /* The first one is always told: nothing was before. */
        vring_queue_set_used_event(b.queue, 2);
        use_one(&b);
        g_assert_true(interrupted(&b));
        for (unsigned round = 0; round < 66000 / 4; round++) {
            unsigned nth = round % MIN(nums[k], 4);

            vring_queue_set_used_event(b.queue, nth);
            for (unsigned i = 0; i < nth; i++) {
                unsigned position = b.queue->used_idx;

                use_one(&b);
                /* After the packed ring's end nothing is known to have been told. */
                if (!b.queue->packed || b.queue->used_idx > position) {
                    g_assert_false(interrupted(&b));
                } else {
                    (void)interrupted(&b);
                }
            }
            use_one(&b);
            g_assert_true(interrupted(&b));
        }
        bench_free(&b);
    }
}

/* Several buffers at once: whether the event lies among them counts. */
static void test_used_event_batch(const void *data)
{
    for (unsigned event = 0; event < 6; event++) {
        Bench b = bench_new(GPOINTER_TO_UINT(data), BIT(VIRTIO_RING_F_EVENT_IDX), 16);
        VRingUsed used;

        use_one(&b);
        g_assert_true(interrupted(&b));
        vring_queue_set_used_event(b.queue, event);
        for (unsigned i = 0; i < 4; i++) {
            post(&b, 1, NULL);
        }
        vring_queue_kick(b.queue);
        g_assert_cmpint(interrupted(&b), ==, event < 4);
        while (vring_queue_collect(b.queue, &used)) {
        }
        bench_free(&b);
    }
}

/* --- Kicks --- */

static void test_notification(const void *data)
{
    Bench b = bench_new(GPOINTER_TO_UINT(data), 0, 8);

    g_assert_true(vring_queue_wants_kick(b.queue));
    virtio_queue_set_notification(b.vq, false);
    g_assert_false(vring_queue_wants_kick(b.queue));
    virtio_queue_set_notification(b.vq, true);
    g_assert_true(vring_queue_wants_kick(b.queue));
    bench_free(&b);
}

static void test_used_flags_are_shared(gconstpointer data G_GNUC_UNUSED)
{
    Bench b = bench_new(0, 0, 8);
    uint16_t flags = GUINT16_TO_LE(0xabc0);

    test_virtio_put(b.t, b.queue->used, &flags, 2);
    virtio_queue_set_notification(b.vq, false);
    test_virtio_get(b.t, b.queue->used, &flags, 2);
    g_assert_cmphex(GUINT16_FROM_LE(flags), ==, 0xabc1);
    virtio_queue_set_notification(b.vq, true);
    test_virtio_get(b.t, b.queue->used, &flags, 2);
    g_assert_cmphex(GUINT16_FROM_LE(flags), ==, 0xabc0);
    bench_free(&b);
}

/* With EVENT_IDX the driver need not kick while the device looks by itself. */
static void test_avail_event(const void *data)
{
    Bench b = bench_new(GPOINTER_TO_UINT(data), BIT(VIRTIO_RING_F_EVENT_IDX), 16);
    VRingUsed used;

    post(&b, 1, NULL);
    g_assert_true(vring_queue_kick_if_wanted(b.queue));
    virtio_queue_set_notification(b.vq, false);
    for (unsigned i = 0; i < 3; i++) {
        post(&b, 1, NULL);
        if (b.queue->packed || i > 0) {
            g_assert_false(vring_queue_kick_if_wanted(b.queue));
        } else {
            /* A split ring has no way to say "none": the event stays where it was last. */
            g_assert_true(vring_queue_kick_if_wanted(b.queue));
        }
    }
    virtio_queue_set_notification(b.vq, true);
    test_virtio_device_echo(b.t->dev, b.vq);
    while (vring_queue_collect(b.queue, &used)) {
    }
    g_assert_cmpuint(b.t->dev->popped, ==, 4);
    virtio_queue_set_notification(b.vq, true);
    post(&b, 1, NULL);
    g_assert_true(vring_queue_kick_if_wanted(b.queue));
    bench_free(&b);
}

/* However many rounds of the ring the device took by itself, the next buffer that it has to be told of is seen as one. */
static void test_avail_event_rounds(const void *data)
{
    static const unsigned rounds[] = { 1, 2, 3, 4 };

    for (unsigned k = 0; k < G_N_ELEMENTS(rounds); k++) {
        Bench b = bench_new(GPOINTER_TO_UINT(data), BIT(VIRTIO_RING_F_EVENT_IDX), 4);
        VRingUsed used;

        virtio_queue_set_notification(b.vq, false);
        for (unsigned i = 1; i < rounds[k] * 4; i++) {
            post(&b, 1, NULL);
            test_virtio_device_echo(b.t->dev, b.vq);
            g_assert_true(vring_queue_collect(b.queue, &used));
        }
        virtio_queue_set_notification(b.vq, true);
        post(&b, 1, NULL);
        g_assert_true(vring_queue_kick_if_wanted(b.queue));
        g_assert_cmpuint(b.t->dev->popped, ==, (uint64_t)rounds[k] * 4);
        bench_free(&b);
    }
}

/* --- Endless rings --- */

/* Gives each element back such that the used ring, which lies over the available one, shows another. */
static void feed_itself(TestVirtIODevice *dev, VirtQueue *vq)
{
    VirtQueueElement *elem;

    while ((elem = virtqueue_pop(vq))) {
        dev->popped++;
        virtqueue_push(vq, elem, (dev->popped + 10) & 0xffff);
        virtqueue_element_free(elem);
    }
}

static void test_endless(gconstpointer data G_GNUC_UNUSED)
{
    TestVirtIO *t = test_virtio_new(0, test_virtio_home());
    hwaddr avail = TEST_VIRTIO_RAM + 0x1000;
    VRingQueue *queue;

    test_virtio_negotiate(t, 0);
    /* The length of used entry 0, the only one, is the available index. */
    queue = vring_queue_new_at(&t->driver, 0, 1, TEST_VIRTIO_RAM, avail, avail - 6);
    vring_driver_start(&t->driver);
    vring_queue_desc_at(queue, 0, BUFFER, 4, VRING_DESC_F_WRITE, 0);
    vring_queue_set_avail_idx(queue, 1);
    t->dev->on_kick = feed_itself;
    vring_queue_kick(queue);
    g_assert_cmpuint(t->dev->popped, ==, VIRTQUEUE_MAX_WORK / 2); /* an element and its segment */
    g_assert_cmpuint(t->dev->kicks, ==, 1);
    /* The rest has to wait until the loop comes round. */
    g_assert_true(g_main_context_iteration(NULL, false));
    g_assert_cmpuint(t->dev->popped, ==, VIRTQUEUE_MAX_WORK);
    g_assert_cmpuint(t->dev->kicks, ==, 2);
    vring_driver_reset(&t->driver);
    g_assert_false(g_main_context_iteration(NULL, false));
    g_assert_cmpuint(t->dev->kicks, ==, 2);
    test_virtio_expect_log(t, "");
    vring_queue_free(queue);
    test_virtio_free(t);
}

static void test_endless_then_gone(gconstpointer data G_GNUC_UNUSED)
{
    TestVirtIO *t = test_virtio_new(0, test_virtio_home());
    hwaddr avail = TEST_VIRTIO_RAM + 0x1000;
    VRingQueue *queue;

    test_virtio_negotiate(t, 0);
    queue = vring_queue_new_at(&t->driver, 0, 1, TEST_VIRTIO_RAM, avail, avail - 6);
    vring_queue_desc_at(queue, 0, BUFFER, 4, VRING_DESC_F_WRITE, 0);
    vring_queue_set_avail_idx(queue, 1);
    t->dev->on_kick = feed_itself;
    vring_queue_kick(queue);
    vring_queue_free(queue);
    test_virtio_free(t);
    g_assert_false(g_main_context_iteration(NULL, false));
}

#define ADD_BOTH(path, test)                                                                       \
    test_virtio_add("/virtio/split/" path, GUINT_TO_POINTER(0), test);                             \
    test_virtio_add("/virtio/legacy/" path, GUINT_TO_POINTER(TEST_VIRTIO_LEGACY), test);           \
    test_virtio_add("/virtio/packed/" path, GUINT_TO_POINTER(TEST_VIRTIO_PACKED), test)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    ADD_BOTH("elements/are-counted-while-in-flight", test_in_flight);
    ADD_BOTH("elements/that-are-let-go-of-do-not-come-back", test_detach);
    ADD_BOTH("elements/all-dropped-come-back-empty", test_drop_all);
    ADD_BOTH("elements/have-the-length-the-device-says", test_claimed_length);
    ADD_BOTH("ring/of-any-size-holds-so-many", test_full_ring);
    ADD_BOTH("ring/wraps", test_wrap);
    ADD_BOTH("interrupt/not-while-the-driver-has-them-off", test_no_interrupt);
    test_virtio_add("/virtio/legacy/interrupt/when-the-ring-ran-dry", NULL, test_notify_on_empty);
    test_virtio_add("/virtio/legacy/interrupt/broken-counts-as-dry", NULL,
                    test_notify_on_empty_broken);
    ADD_BOTH("interrupt/when-the-used-index-passes-the-event", test_used_event);
    ADD_BOTH("interrupt/when-the-event-is-among-several", test_used_event_batch);
    ADD_BOTH("kick/not-while-the-device-has-them-off", test_notification);
    test_virtio_add("/virtio/split/kick/flag-leaves-the-others-alone", NULL,
                    test_used_flags_are_shared);
    ADD_BOTH("kick/when-the-available-index-passes-the-event", test_avail_event);
    ADD_BOTH("kick/after-rounds-that-the-device-took-by-itself", test_avail_event_rounds);
    test_virtio_add("/virtio/endless-ring/leaves-the-loop-its-turn", NULL, test_endless);
    test_virtio_add("/virtio/endless-ring/ends-with-its-device", NULL, test_endless_then_gone);
    return g_test_run();
}
