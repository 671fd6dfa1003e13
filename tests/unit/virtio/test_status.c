/* What a driver and a virtio device agree on: status, features, interrupts, configuration space, reset. */
#include <errno.h>

#include "tests/lib/test_virtio.h"

#define BIT(n) (UINT64_C(1) << (n))
#define BAD_FEATURE_LOG                                                                            \
    "virtio_set_features: guest driver for test has enabled UNUSED(30) feature bit!"

/* --- Status and features --- */

static void test_status(const void *data)
{
    unsigned flags = GPOINTER_TO_UINT(data);
    TestVirtIO *t = test_virtio_new(flags, test_virtio_home());

    test_virtio_negotiate(t, 0);
    g_assert_cmphex(test_virtio_read(t, MMIO_STATUS), ==, flags & TEST_VIRTIO_LEGACY ? 3 : 0xb);
    g_assert_false(virtio_device_started(t->vdev));
    vring_driver_start(&t->driver);
    g_assert_cmphex(test_virtio_read(t, MMIO_STATUS), ==, flags & TEST_VIRTIO_LEGACY ? 7 : 0xf);
    g_assert_true(virtio_device_started(t->vdev));
    g_assert_cmphex(t->dev->last_status, ==, t->vdev->status);
    /* Eight bits, which the driver may set as it likes. */
    test_virtio_write(t, MMIO_STATUS, 0x1ff);
    g_assert_cmphex(test_virtio_read(t, MMIO_STATUS), ==, 0xff);
    test_virtio_write(t, MMIO_STATUS, 0x40);
    g_assert_cmphex(test_virtio_read(t, MMIO_STATUS), ==, 0x40);
    g_assert_false(virtio_device_started(t->vdev));
    test_virtio_free(t);
}

static void test_upper_bits_only_is_reset(gconstpointer data G_GNUC_UNUSED)
{
    TestVirtIO *t = test_virtio_new(0, test_virtio_home());
    unsigned resets = t->dev->resets;

    test_virtio_negotiate(t, 0);
    g_assert_cmpuint(t->dev->resets, ==, resets + 1);
    test_virtio_write(t, MMIO_STATUS, 0x100);
    g_assert_cmphex(test_virtio_read(t, MMIO_STATUS), ==, 0);
    g_assert_cmpuint(t->dev->resets, ==, resets + 2);
    test_virtio_free(t);
}

static void test_unoffered_bits(gconstpointer data G_GNUC_UNUSED)
{
    TestVirtIO *t = test_virtio_new(0, test_virtio_home());

    test_virtio_write(t, MMIO_STATUS, 3);
    test_virtio_write(t, MMIO_DRIVER_FEATURES, 0xbfffffff);
    test_virtio_write(t, MMIO_DRIVER_FEATURES_SEL, 1);
    test_virtio_write(t, MMIO_DRIVER_FEATURES, 0xffffffff);
    test_virtio_write(t, MMIO_STATUS, 0xb);
    /* Dropped in silence; the transport's own mask is for reading alone. */
    g_assert_cmphex(test_virtio_read(t, MMIO_STATUS), ==, 0xb);
    g_assert_cmphex(t->vdev->guest_features, ==, t->vdev->host_features);
    g_assert_cmphex(t->dev->set_features, ==, t->vdev->host_features);
    test_virtio_expect_log(t, "");
    test_virtio_free(t);
}

static void test_return_values(gconstpointer data G_GNUC_UNUSED)
{
    TestVirtIO *t = test_virtio_new(0, test_virtio_home());

    g_assert_cmpint(virtio_set_features(t->vdev, 1), ==, 0);
    g_assert_cmpint(virtio_set_features(t->vdev, 0x80), ==, -1);
    g_assert_cmpint(virtio_set_status(t->vdev, 0xb), ==, 0);
    g_assert_cmpint(virtio_set_features(t->vdev, 1), ==, -EINVAL);
    test_virtio_free(t);
}

static void test_bad_feature(const void *data)
{
    unsigned flags = GPOINTER_TO_UINT(data);
    TestVirtIO *t = test_virtio_new(flags, test_virtio_home());

    test_virtio_write(t, MMIO_STATUS, 3);
    test_virtio_write(t, MMIO_DRIVER_FEATURES, 0x40000001);
    test_virtio_write(t, MMIO_STATUS, 0xb);
    test_virtio_expect_log(t, BAD_FEATURE_LOG);
    g_assert_cmphex(t->vdev->guest_features, ==, 1);
    g_assert_cmphex(test_virtio_read(t, MMIO_STATUS), ==, 0xb);
    test_virtio_free(t);
}

static void test_after_features_ok(gconstpointer data G_GNUC_UNUSED)
{
    TestVirtIO *t = test_virtio_new(0, test_virtio_home());

    test_virtio_negotiate(t, 1);
    /* Latched, but refused at the next Status write, in silence. */
    test_virtio_write(t, MMIO_DRIVER_FEATURES_SEL, 0);
    test_virtio_write(t, MMIO_DRIVER_FEATURES, 2);
    test_virtio_write(t, MMIO_STATUS, 0xf);
    g_assert_cmphex(t->vdev->guest_features, ==, BIT(VIRTIO_F_VERSION_1) | 1);
    test_virtio_expect_log(t, "");
    /* The driver takes FEATURES_OK back, and may choose again. */
    test_virtio_write(t, MMIO_STATUS, 3);
    test_virtio_write(t, MMIO_STATUS, 0xb);
    g_assert_cmphex(t->vdev->guest_features, ==, BIT(VIRTIO_F_VERSION_1) | 2);
    test_virtio_free(t);
}

static void test_iommu(gconstpointer data G_GNUC_UNUSED)
{
    TestVirtIO *t = test_virtio_new(TEST_VIRTIO_IOMMU, test_virtio_home());

    g_assert_false(vring_driver_negotiate(&t->driver, BIT(VIRTIO_F_VERSION_1)));
    g_assert_cmphex(test_virtio_read(t, MMIO_STATUS), ==, 3);
    /* A driver that goes on as if nothing was gets as far as before FEATURES_OK. */
    test_virtio_write(t, MMIO_STATUS, 0xf);
    g_assert_cmphex(test_virtio_read(t, MMIO_STATUS), ==, 3);
    g_assert_true(
        vring_driver_negotiate(&t->driver, BIT(VIRTIO_F_VERSION_1) | BIT(VIRTIO_F_IOMMU_PLATFORM)));
    test_virtio_free(t);

    /* A legacy driver cannot accept it, and need not. */
    t = test_virtio_new(TEST_VIRTIO_IOMMU | TEST_VIRTIO_LEGACY, test_virtio_home());
    test_virtio_negotiate(t, 0);
    vring_driver_start(&t->driver);
    g_assert_cmphex(test_virtio_read(t, MMIO_STATUS), ==, 7);
    test_virtio_free(t);
}

/* --- Starting --- */

static void test_start_on_kick(gconstpointer data G_GNUC_UNUSED)
{
    TestVirtIO *t = test_virtio_new(TEST_VIRTIO_LEGACY, test_virtio_home());
    VRingSegment segment = { TEST_VIRTIO_RAM, 4, true };
    VRingQueue *queue;
    VRingUsed used;

    test_virtio_negotiate(t, 0);
    queue = vring_queue_new(&t->driver, 0, 8);
    g_assert_true(vring_queue_post(queue, &segment, 1, false, NULL));
    g_assert_true(t->vdev->start_on_kick);
    g_assert_false(virtio_device_started(t->vdev));
    vring_queue_kick(queue);
    g_assert_true(virtio_device_started(t->vdev));
    g_assert_false(t->vdev->start_on_kick);
    g_assert_true(vring_queue_collect(queue, &used));
    /* DRIVER_OK comes later and changes nothing. */
    vring_driver_start(&t->driver);
    g_assert_true(virtio_device_started(t->vdev));
    vring_queue_free(queue);
    test_virtio_free(t);
}

static void test_no_start_on_kick(gconstpointer data G_GNUC_UNUSED)
{
    TestVirtIO *t = test_virtio_new(0, test_virtio_home());
    VRingQueue *queue;

    test_virtio_negotiate(t, 0);
    queue = vring_queue_new(&t->driver, 0, 8);
    vring_queue_kick(queue);
    g_assert_cmpuint(t->dev->kicks, ==, 1);
    g_assert_false(virtio_device_started(t->vdev));
    vring_queue_free(queue);
    test_virtio_free(t);

    /* A legacy driver that accepts what is not offered is not waited for. */
    t = test_virtio_new(TEST_VIRTIO_LEGACY, test_virtio_home());
    test_virtio_write(t, MMIO_DRIVER_FEATURES, 0x80);
    g_assert_false(t->vdev->start_on_kick);
    test_virtio_free(t);
}

/* --- Interrupts --- */

static void test_config_interrupt(const void *data)
{
    unsigned flags = GPOINTER_TO_UINT(data);
    TestVirtIO *t = test_virtio_new(flags, test_virtio_home());

    test_virtio_negotiate(t, 0);
    virtio_notify_config(t->vdev);
    g_assert_cmphex(test_virtio_read(t, MMIO_INTERRUPT_STATUS), ==, 0);
    g_assert_cmpuint(t->vdev->generation, ==, 0);
    g_assert_cmpint(t->irq_level, ==, 0);
    vring_driver_start(&t->driver);
    virtio_notify_config(t->vdev);
    virtio_notify_config(t->vdev);
    g_assert_cmphex(test_virtio_read(t, MMIO_INTERRUPT_STATUS), ==, 3);
    g_assert_cmpint(t->irq_level, ==, 1);
    g_assert_cmpuint(t->irq_raises, ==, 1);
    g_assert_cmpuint(test_virtio_read(t, MMIO_CONFIG_GENERATION), ==,
                     flags & TEST_VIRTIO_LEGACY ? 0 : 2);
    /* Reset lowers the line and keeps the generation. */
    vring_driver_reset(&t->driver);
    g_assert_cmpint(t->irq_level, ==, 0);
    g_assert_cmphex(test_virtio_read(t, MMIO_INTERRUPT_STATUS), ==, 0);
    g_assert_cmpuint(t->vdev->generation, ==, 2);
    test_virtio_free(t);
}

static void test_used_interrupt(const void *data)
{
    TestVirtIO *t = test_virtio_new(GPOINTER_TO_UINT(data), test_virtio_home());
    VRingQueue *queue = test_virtio_start(t, 0, 1, 8);
    VRingSegment segment = { TEST_VIRTIO_RAM, 4, true };

    g_assert_true(vring_queue_post(queue, &segment, 1, false, NULL));
    vring_queue_kick(queue);
    g_assert_cmpint(t->irq_level, ==, 1);
    g_assert_cmphex(vring_driver_take_interrupt(&t->driver), ==, 1);
    g_assert_cmpint(t->irq_level, ==, 0);
    g_assert_cmpuint(t->irq_raises, ==, 1);
    vring_queue_free(queue);
    test_virtio_free(t);
}

/* --- Configuration space --- */

static uint64_t config(TestVirtIO *t, uint32_t offset, unsigned size)
{
    uint64_t value = 0;

    (void)address_space_read(t->machine->system_as, TEST_VIRTIO_MMIO + MMIO_CONFIG + offset,
                             MEMTXATTRS_UNSPECIFIED, &value, size);
    return GUINT64_FROM_LE(value);
}

static void set_config(TestVirtIO *t, uint32_t offset, uint64_t value, unsigned size)
{
    value = GUINT64_TO_LE(value);
    (void)address_space_write(t->machine->system_as, TEST_VIRTIO_MMIO + MMIO_CONFIG + offset,
                              MEMTXATTRS_UNSPECIFIED, &value, size);
}

static void test_config(const void *data)
{
    TestVirtIO *t = test_virtio_new(GPOINTER_TO_UINT(data), test_virtio_home());

    set_config(t, 4, 0x44332211, 4);
    set_config(t, 8, 0x6655, 2);
    set_config(t, 10, 0x77, 1);
    set_config(t, 11, 0x88, 1);
    g_assert_cmpuint(t->dev->config_writes, ==, 4);
    g_assert_cmphex(config(t, 4, 4), ==, 0x44332211);
    g_assert_cmphex(config(t, 6, 2), ==, 0x4433);
    g_assert_cmphex(config(t, 7, 1), ==, 0x44);
    g_assert_cmphex(config(t, 8, 4), ==, 0x88776655);
    g_assert_cmphex(config(t, 4, 8), ==, 0x8877665544332211);
    set_config(t, 4, 0x0102030405060708, 8);
    g_assert_cmphex(config(t, 4, 8), ==, 0x0102030405060708);
    test_virtio_expect_log(t, "");
    test_virtio_free(t);
}

static void test_config_is_made_anew(gconstpointer data G_GNUC_UNUSED)
{
    TestVirtIO *t = test_virtio_new(0, test_virtio_home());

    g_assert_cmphex(config(t, 0, 1), ==, 1);
    g_assert_cmphex(config(t, 0, 1), ==, 2);
    g_assert_cmphex(config(t, 4, 4), ==, 0);
    g_assert_cmphex(config(t, 0, 1), ==, 4);
    /* Out of range the device is not asked. */
    g_assert_cmphex(config(t, 12, 4), ==, 0xffffffff);
    g_assert_cmpuint(t->dev->config_reads, ==, 4);
    test_virtio_free(t);
}

static void test_config_end(gconstpointer data G_GNUC_UNUSED)
{
    TestVirtIO *t = test_virtio_new(0, test_virtio_home());

    g_assert_cmphex(config(t, 12, 1), ==, 0xff);
    g_assert_cmphex(config(t, 12, 2), ==, 0xffff);
    g_assert_cmphex(config(t, 12, 4), ==, 0xffffffff);
    g_assert_cmphex(config(t, 8, 8), ==, 0xffffffff00000000);
    g_assert_cmphex(config(t, 0xfc, 4), ==, 0xffffffff);
    /* An access that begins inside and ends outside is outside. */
    g_assert_cmphex(virtio_config_read(t->vdev, 11, 2), ==, 0xffffffff);
    g_assert_cmphex(virtio_config_read(t->vdev, 0xffffffff, 1), ==, 0xffffffff);
    virtio_config_write(t->vdev, 11, 0xabcd, 2);
    virtio_config_write(t->vdev, 0xfffffffe, 0xabcd, 4);
    set_config(t, 12, 0xabcd, 2);
    g_assert_cmpuint(t->dev->config_writes, ==, 0);
    g_assert_cmphex(config(t, 8, 4), ==, 0);
    test_virtio_expect_log(t, "");
    test_virtio_free(t);
}

/* --- Reset --- */

static void test_reset(const void *data)
{
    unsigned flags = GPOINTER_TO_UINT(data);
    TestVirtIO *t = test_virtio_new(flags, test_virtio_home());
    VRingQueue *queue = test_virtio_start(t, ~UINT64_C(0), 1, 8);
    VRingSegment segment = { TEST_VIRTIO_RAM, 4, true };

    t->dev->hold = true;
    g_assert_true(vring_queue_post(queue, &segment, 1, false, NULL));
    g_assert_true(vring_queue_post(queue, &segment, 1, false, NULL));
    vring_queue_kick(queue);
    g_assert_cmpuint(virtio_queue_get_inuse(t->vdev, 1), ==, 2);
    g_assert_cmpuint(virtio_queue_get_last_avail_idx(t->vdev, 1), ==, 2);
    virtio_notify_config(t->vdev);
    vring_driver_reset(&t->driver);
    g_assert_cmphex(t->vdev->status, ==, 0);
    g_assert_cmphex(t->vdev->isr, ==, 0);
    g_assert_cmphex(t->vdev->guest_features, ==, 0);
    g_assert_cmpuint(t->vdev->queue_sel, ==, 0);
    g_assert_false(virtio_device_started(t->vdev));
    g_assert_false(t->vdev->start_on_kick);
    g_assert_cmpuint(virtio_queue_get_inuse(t->vdev, 1), ==, 0);
    g_assert_cmpuint(virtio_queue_get_last_avail_idx(t->vdev, 1), ==, 0);
    g_assert_cmpuint(virtio_queue_get_num(t->vdev, 1), ==, TEST_VIRTIO_QUEUE_SIZE);
    g_assert_cmphex(virtio_queue_get_addr(t->vdev, 1), ==, 0);
    g_assert_false(virtio_queue_ready(virtio_get_queue(t->vdev, 1)));
    g_assert_cmpint(t->irq_level, ==, 0);
    vring_queue_free(queue);
    test_virtio_free(t);
}

static void test_machine_reset(const void *data)
{
    TestVirtIO *t = test_virtio_new(GPOINTER_TO_UINT(data), test_virtio_home());
    VRingQueue *queue = test_virtio_start(t, ~UINT64_C(0), 1, 8);

    virtio_notify_config(t->vdev);
    machine_reset(t->machine);
    g_assert_cmphex(t->vdev->status, ==, 0);
    g_assert_cmpint(t->irq_level, ==, 0);
    g_assert_cmphex(virtio_queue_get_addr(t->vdev, 1), ==, 0);
    vring_queue_free(queue);
    test_virtio_free(t);
}

static void test_push_after_reset(gconstpointer data G_GNUC_UNUSED)
{
    TestVirtIO *t = test_virtio_new(0, test_virtio_home());
    VRingQueue *queue = test_virtio_start(t, 0, 0, 8);
    VRingSegment segment = { TEST_VIRTIO_RAM, 4, true };
    VirtQueueElement *elem;
    uint8_t ring[64], after[64];

    t->dev->hold = true;
    g_assert_true(vring_queue_post(queue, &segment, 1, false, NULL));
    vring_queue_kick(queue);
    /* A device that misses its reset. */
    elem = g_queue_pop_head(&t->dev->held);
    vring_driver_reset(&t->driver);
    test_virtio_get(t, queue->used, ring, sizeof(ring));
    virtqueue_push(virtio_get_queue(t->vdev, 0), elem, 4);
    virtqueue_element_free(elem);
    test_virtio_get(t, queue->used, after, sizeof(after));
    g_assert_cmpmem(ring, sizeof(ring), after, sizeof(after));
    g_assert_cmpuint(virtio_queue_get_inuse(t->vdev, 0), ==, 0);
    vring_queue_free(queue);
    test_virtio_free(t);
}

#define ADD_BOTH(path, test)                                                                       \
    test_virtio_add("/virtio/modern/" path, GUINT_TO_POINTER(0), test);                            \
    test_virtio_add("/virtio/legacy/" path, GUINT_TO_POINTER(TEST_VIRTIO_LEGACY), test)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    ADD_BOTH("status/driver-ok-starts-the-device", test_status);
    test_virtio_add("/virtio/status/of-bits-above-7-is-0-and-resets", NULL,
                    test_upper_bits_only_is_reset);
    test_virtio_add("/virtio/features/not-offered-are-dropped", NULL, test_unoffered_bits);
    test_virtio_add("/virtio/features/return-values", NULL, test_return_values);
    ADD_BOTH("features/bit-30-is-a-broken-driver", test_bad_feature);
    test_virtio_add("/virtio/features/stand-once-features-ok-is-set", NULL, test_after_features_ok);
    test_virtio_add("/virtio/features/required-iommu-holds-features-ok-back", NULL, test_iommu);
    test_virtio_add("/virtio/legacy/kick-before-driver-ok-starts-the-device", NULL,
                    test_start_on_kick);
    test_virtio_add("/virtio/modern/kick-before-driver-ok-does-not-start", NULL,
                    test_no_start_on_kick);
    ADD_BOTH("interrupt/config-change-needs-driver-ok", test_config_interrupt);
    ADD_BOTH("interrupt/used-buffer-sets-bit-0", test_used_interrupt);
    ADD_BOTH("config/any-size-little-endian", test_config);
    test_virtio_add("/virtio/config/is-made-anew-at-each-read", NULL, test_config_is_made_anew);
    test_virtio_add("/virtio/config/beyond-the-end-is-all-ones", NULL, test_config_end);
    ADD_BOTH("reset/forgets-what-the-driver-said", test_reset);
    ADD_BOTH("reset/of-the-machine-does-the-same", test_machine_reset);
    test_virtio_add("/virtio/reset/element-given-back-after-it-is-lost", NULL,
                    test_push_after_reset);
    return g_test_run();
}
