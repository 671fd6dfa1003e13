#include "tests/lib/test_virtio.h"

#include <string.h>

#include "models/core/log.h"
#include "models/core/qdev_properties.h"
#include "qom/error.h"

/* --- The device --- */

static void scatter(const VirtQueueElement *elem, const uint8_t *bytes, size_t len)
{
    for (unsigned i = 0; i < elem->in_num && len; i++) {
        size_t part = MIN(len, elem->in_sg[i].iov_len);

        memcpy(elem->in_sg[i].iov_base, bytes, part);
        bytes += part;
        len -= part;
    }
}

unsigned test_virtio_echo(const VirtQueueElement *elem)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    size_t room = 0;

    for (unsigned i = 0; i < elem->out_num; i++) {
        g_byte_array_append(bytes, elem->out_sg[i].iov_base, (guint)elem->out_sg[i].iov_len);
    }
    for (unsigned i = 0; i < elem->in_num; i++) {
        room += elem->in_sg[i].iov_len;
    }
    for (guint i = 0; i < bytes->len; i++) {
        bytes->data[i] ^= TEST_VIRTIO_ECHO;
    }
    room = MIN(room, bytes->len);
    scatter(elem, bytes->data, room);
    return (unsigned)room;
}

void test_virtio_device_echo(TestVirtIODevice *dev, VirtQueue *vq)
{
    VirtQueueElement *elem;

    while ((elem = virtqueue_pop(vq))) {
        dev->popped++;
        if (dev->hold) {
            g_queue_push_tail(&dev->held, elem);
            continue;
        }
        unsigned len = test_virtio_echo(elem);
        virtqueue_push(vq, elem, dev->claim ? dev->claim : len);
        virtqueue_element_free(elem);
    }
    if (!dev->keep_quiet) {
        virtio_notify(VIRTIO_DEVICE(dev), vq);
    }
}

bool test_virtio_device_release(TestVirtIODevice *dev, VirtQueue *vq, unsigned len)
{
    VirtQueueElement *elem = g_queue_pop_head(&dev->held);

    if (!elem) {
        return false;
    }
    virtqueue_push(vq, elem, len);
    virtqueue_element_free(elem);
    return true;
}

void test_virtio_device_forget(TestVirtIODevice *dev)
{
    VirtQueueElement *elem;

    /* Which queue matters to the count in flight alone. */
    while ((elem = g_queue_pop_head(&dev->held))) {
        virtqueue_detach_element(virtio_get_queue(VIRTIO_DEVICE(dev), 0), elem);
        virtqueue_element_free(elem);
    }
}

static void handle_output(VirtIODevice *vdev, VirtQueue *vq)
{
    TestVirtIODevice *dev = TEST_VIRTIO_DEVICE(vdev);

    dev->kicks++;
    if (dev->on_kick) {
        dev->on_kick(dev, vq);
    } else {
        test_virtio_device_echo(dev, vq);
    }
}

static uint64_t get_features(VirtIODevice *vdev, uint64_t features)
{
    (void)vdev;
    return features | TEST_VIRTIO_FEATURES;
}

static void set_features(VirtIODevice *vdev, uint64_t features)
{
    TEST_VIRTIO_DEVICE(vdev)->set_features = features;
}

/* The first byte counts the reads; the others stay as they were written. */
static void get_config(VirtIODevice *vdev, uint8_t *config)
{
    config[0] = (uint8_t)++TEST_VIRTIO_DEVICE(vdev)->config_reads;
}

static void set_config(VirtIODevice *vdev, const uint8_t *config)
{
    (void)config;
    TEST_VIRTIO_DEVICE(vdev)->config_writes++;
}

static void reset(VirtIODevice *vdev)
{
    TestVirtIODevice *dev = TEST_VIRTIO_DEVICE(vdev);

    dev->resets++;
    test_virtio_device_forget(dev);
}

static void set_status(VirtIODevice *vdev, uint8_t status)
{
    TestVirtIODevice *dev = TEST_VIRTIO_DEVICE(vdev);

    dev->statuses++;
    dev->last_status = status;
}

static bool realize(DeviceState *qdev, GError **error)
{
    TestVirtIODevice *dev = TEST_VIRTIO_DEVICE(qdev);
    VirtIODevice *vdev = VIRTIO_DEVICE(qdev);

    if (dev->fail) {
        return qom_error_set(error, "as the test wants");
    }
    virtio_init(vdev, "test", 42, TEST_VIRTIO_CONFIG_SIZE);
    for (unsigned i = 0; i < dev->num_queues; i++) {
        virtio_add_queue(vdev, TEST_VIRTIO_QUEUE_SIZE, handle_output);
    }
    return true;
}

static void unrealize(DeviceState *qdev)
{
    test_virtio_device_forget(TEST_VIRTIO_DEVICE(qdev));
    virtio_delete_queues(VIRTIO_DEVICE(qdev));
    virtio_cleanup(VIRTIO_DEVICE(qdev));
}

static const Property properties[] = {
    DEFINE_VIRTIO_COMMON_FEATURES(TestVirtIODevice, parent_obj.host_features),
    DEFINE_PROP_UINT32("queues", TestVirtIODevice, num_queues, 2),
    DEFINE_PROP_BOOL("fail", TestVirtIODevice, fail, false),
    DEFINE_PROP_END_OF_LIST(),
};

static void class_init(ObjectClass *oc, void *data)
{
    VirtioDeviceClass *vdc = VIRTIO_DEVICE_CLASS(oc);

    (void)data;
    device_class_set_props(DEVICE_CLASS(oc), properties);
    vdc->realize = realize;
    vdc->unrealize = unrealize;
    vdc->get_features = get_features;
    vdc->set_features = set_features;
    vdc->get_config = get_config;
    vdc->set_config = set_config;
    vdc->reset = reset;
    vdc->set_status = set_status;
}

static const TypeInfo types[] = {
    {
        .name = TYPE_TEST_VIRTIO_DEVICE,
        .parent = TYPE_VIRTIO_DEVICE,
        .instance_size = sizeof(TestVirtIODevice),
        .class_init = class_init,
    },
};

DEFINE_TYPES(types)

/* --- The driver's way in --- */

static void local_read(void *opaque, uint64_t addr, void *buf, size_t len)
{
    (void)address_space_read(opaque, addr, MEMTXATTRS_UNSPECIFIED, buf, len);
}

static void local_write(void *opaque, uint64_t addr, const void *buf, size_t len)
{
    (void)address_space_write(opaque, addr, MEMTXATTRS_UNSPECIFIED, buf, len);
}

static uint32_t local_read_register(void *opaque, uint64_t addr, unsigned size)
{
    uint64_t value = 0;

    (void)memory_access_read(opaque, addr, &value, size, MEMTXATTRS_UNSPECIFIED);
    return (uint32_t)value;
}

static void local_write_register(void *opaque, uint64_t addr, uint32_t value, unsigned size)
{
    (void)memory_access_write(opaque, addr, value, size, MEMTXATTRS_UNSPECIFIED);
}

const VRingOps test_virtio_local_ops = {
    .read_memory = local_read,
    .write_memory = local_write,
    .read_register = local_read_register,
    .write_register = local_write_register,
};

/* --- The machine --- */

static void keep_line(void *opaque, Object *source, const char *text)
{
    TestVirtIO *t = opaque;

    (void)source;
    g_string_append_printf(t->log, "%s%s", t->log->len ? "|" : "", text);
}

static void set_irq(void *opaque, int n, int level)
{
    TestVirtIO *t = opaque;

    (void)n;
    t->irq_raises += level && !t->irq_level;
    t->irq_level = level;
}

static MemTxResult client_rw(void *opaque, hwaddr addr, void *buf, hwaddr len, bool is_write)
{
    TestVirtIO *t = opaque;
    hwaddr from = TEST_VIRTIO_RAM + addr;

    t->client_accesses++;
    if (from < t->refuse_to && from + len > t->refuse_from) {
        return MEMTX_ERROR;
    }
    if (is_write) {
        memcpy(t->client_ram + addr, buf, len);
    } else {
        memcpy(buf, t->client_ram + addr, len);
    }
    return MEMTX_OK;
}

static const RAMClientOps client_ops = {
    .rw = client_rw,
};

static void add_ram(TestVirtIO *t, RAMHome home)
{
    GError *error = NULL;
    Object *owner = OBJECT(t->machine);

    switch (home) {
    case RAM_HOME_RAM:
        memory_region_init_ram(&t->ram, owner, "ram", TEST_VIRTIO_RAM_SIZE, &error);
        break;
    case RAM_HOME_SHM:
        memory_region_init_ram_shm(&t->ram, owner, "ram", TEST_VIRTIO_RAM_SIZE, NULL, &error);
        break;
    case RAM_HOME_CLIENT:
        t->client_ram = g_malloc0(TEST_VIRTIO_RAM_SIZE);
        memory_region_init_ram_client(&t->ram, owner, "ram", TEST_VIRTIO_RAM_SIZE, &client_ops, t,
                                      &error);
        break;
    }
    g_assert_no_error(error);
    memory_region_add_subregion(t->machine->system_memory, TEST_VIRTIO_RAM, &t->ram);
}

static void add_transport(TestVirtIO *t, unsigned flags)
{
    GError *error = NULL;
    DeviceState *mmio = qdev_new(TYPE_VIRTIO_MMIO, OBJECT(t->machine));

    object_property_set_bool(OBJECT(mmio), "force-legacy", flags & TEST_VIRTIO_LEGACY, &error);
    g_assert_no_error(error);
    t->proxy = VIRTIO_MMIO(mmio);
    sysbus_realize_and_unref(SYS_BUS_DEVICE(mmio), &error);
    g_assert_no_error(error);
    sysbus_mmio_map(SYS_BUS_DEVICE(mmio), 0, TEST_VIRTIO_MMIO);
    t->irq = qemu_allocate_irq(set_irq, t, 0);
    sysbus_connect_irq(SYS_BUS_DEVICE(mmio), 0, t->irq);
}

static void add_device(TestVirtIO *t, unsigned flags)
{
    GError *error = NULL;
    DeviceState *dev = qdev_new(TYPE_TEST_VIRTIO_DEVICE, OBJECT(t->machine));

    object_property_set_bool(OBJECT(dev), "packed", flags & TEST_VIRTIO_PACKED, &error);
    object_property_set_bool(OBJECT(dev), "iommu_platform", flags & TEST_VIRTIO_IOMMU, &error);
    g_assert_no_error(error);
    t->dev = TEST_VIRTIO_DEVICE(dev);
    t->vdev = VIRTIO_DEVICE(dev);
    qdev_realize_and_unref(dev, &t->proxy->bus, &error);
    g_assert_no_error(error);
}

TestVirtIO *test_virtio_new(unsigned flags, RAMHome home)
{
    GError *error = NULL;
    TestVirtIO *t = g_new0(TestVirtIO, 1);

    t->log = g_string_new(NULL);
    t->machine = machine_new("none", &error);
    g_assert_no_error(error);
    log_set_sink(t->machine->root, keep_line, t);
    machine_create(t->machine, &error);
    g_assert_no_error(error);
    add_ram(t, home);
    add_transport(t, flags);
    if (!(flags & TEST_VIRTIO_NO_DEVICE)) {
        add_device(t, flags);
    }
    machine_set_ready(t->machine, NULL, NULL);
    vring_driver_init(&t->driver, &test_virtio_local_ops, t->machine->system_as, TEST_VIRTIO_MMIO,
                      TEST_VIRTIO_HEAP, TEST_VIRTIO_RAM + TEST_VIRTIO_RAM_SIZE - TEST_VIRTIO_HEAP);
    return t;
}

void test_virtio_free(TestVirtIO *t)
{
    machine_free(t->machine);
    qemu_free_irq(t->irq);
    g_string_free(t->log, true);
    g_free(t->client_ram);
    g_free(t);
}

/* --- The three homes --- */

typedef struct HomeTest {
    RAMHome home;
    gconstpointer data;
    GTestDataFunc test;
} HomeTest;

static RAMHome current_home;

RAMHome test_virtio_home(void)
{
    return current_home;
}

static void run_in_home(gconstpointer data)
{
    const HomeTest *home_test = data;

    current_home = home_test->home;
    home_test->test(home_test->data);
}

void test_virtio_add(const char *path, gconstpointer data, GTestDataFunc test)
{
    static const char *const names[] = { "ram", "shm", "client" };
    const char *rest = path + strlen("/virtio");

    g_assert_true(g_str_has_prefix(path, "/virtio/"));
    for (unsigned home = RAM_HOME_RAM; home <= RAM_HOME_CLIENT; home++) {
        g_autofree char *full = g_strdup_printf("/virtio/%s%s", names[home], rest);
        HomeTest *home_test = g_new(HomeTest, 1);

        *home_test = (HomeTest){ (RAMHome)home, data, test };
        g_test_add_data_func_full(full, home_test, run_in_home, g_free);
    }
}

/* --- Shorthands --- */

void test_virtio_negotiate(TestVirtIO *t, uint64_t features)
{
    if (!t->proxy->legacy) {
        features |= UINT64_C(1) << VIRTIO_F_VERSION_1;
    }
    g_assert_true(vring_driver_negotiate(&t->driver, features));
}

VRingQueue *test_virtio_start(TestVirtIO *t, uint64_t features, unsigned n, unsigned num)
{
    VRingQueue *queue;

    test_virtio_negotiate(t, features);
    queue = vring_queue_new(&t->driver, n, num);
    vring_driver_start(&t->driver);
    return queue;
}

void test_virtio_expect_log(TestVirtIO *t, const char *expected)
{
    g_assert_cmpstr(t->log->str, ==, expected);
    g_string_truncate(t->log, 0);
    (void)log_open_window(t->machine->root);
}

uint32_t test_virtio_read(TestVirtIO *t, uint32_t offset)
{
    return vring_driver_read(&t->driver, offset);
}

void test_virtio_write(TestVirtIO *t, uint32_t offset, uint32_t value)
{
    vring_driver_write(&t->driver, offset, value);
}

void test_virtio_put(TestVirtIO *t, hwaddr addr, const void *buf, size_t len)
{
    vring_driver_put(&t->driver, addr, buf, len);
}

void test_virtio_get(TestVirtIO *t, hwaddr addr, void *buf, size_t len)
{
    vring_driver_get(&t->driver, addr, buf, len);
}
