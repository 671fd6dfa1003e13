/*
 * A machine with RAM, a virtio-mmio transport and a virtio device for tests, and a driver for it.
 *
 * The device, "test-virtio-device", has queues that all echo: what the out segments hold goes to the in segments, as much as
 * there is room for, each byte XOR TEST_VIRTIO_ECHO. With hold set it keeps what it pops instead.
 */
#ifndef QOSIM_TESTS_LIB_TEST_VIRTIO_H
#define QOSIM_TESTS_LIB_TEST_VIRTIO_H

#include "models/core/machine.h"
#include "models/virtio/virtio_mmio.h"
#include "tests/lib/vring_driver.h"

#define TYPE_TEST_VIRTIO_DEVICE "test-virtio-device"
OBJECT_DECLARE_SIMPLE_TYPE(TestVirtIODevice, TEST_VIRTIO_DEVICE)

#define TEST_VIRTIO_MMIO UINT64_C(0x10008000)
#define TEST_VIRTIO_RAM UINT64_C(0x80000000)
#define TEST_VIRTIO_RAM_SIZE (8u << 20)
/* RAM below this is the test's own; the driver allocates above. */
#define TEST_VIRTIO_HEAP (TEST_VIRTIO_RAM + (4u << 20))
#define TEST_VIRTIO_HOLE UINT64_C(0x40000000) /* nothing answers here, for 64 KiB */
#define TEST_VIRTIO_ECHO 0x5a
#define TEST_VIRTIO_QUEUE_SIZE 128
#define TEST_VIRTIO_CONFIG_SIZE 12
#define TEST_VIRTIO_FEATURES UINT64_C(0x3) /* the device's own bits */

struct TestVirtIODevice {
    VirtIODevice parent_obj;

    /* Properties */
    uint32_t num_queues;
    bool fail; /* realize fails */

    /* What the test wants */
    bool hold;
    bool keep_quiet;                                       /* no virtio_notify() */
    uint32_t claim;                                        /* not 0: the length that push claims */
    void (*on_kick)(TestVirtIODevice *dev, VirtQueue *vq); /* in place of the echo */
    void *opaque;

    /* What happened */
    unsigned kicks;
    unsigned popped;
    unsigned resets;
    unsigned config_reads;
    unsigned config_writes;
    unsigned statuses;
    uint8_t last_status; /* as set_status got it */
    uint64_t set_features;
    GQueue held; /* VirtQueueElement *, oldest first */
};

typedef enum TestVirtIOFlags {
    TEST_VIRTIO_LEGACY = 1,
    TEST_VIRTIO_PACKED = 2, /* offered */
    TEST_VIRTIO_IOMMU = 4,  /* required */
    TEST_VIRTIO_NO_DEVICE = 8,
} TestVirtIOFlags;

typedef struct TestVirtIO {
    MachineState *machine;
    VirtIOMMIOProxy *proxy;
    TestVirtIODevice *dev; /* NULL with TEST_VIRTIO_NO_DEVICE */
    VirtIODevice *vdev;
    MemoryRegion ram;
    uint8_t *client_ram; /* RAM_HOME_CLIENT */
    hwaddr refuse_from;  /* RAM_HOME_CLIENT: accesses to [refuse_from, refuse_to) fail */
    hwaddr refuse_to;
    unsigned client_accesses;
    qemu_irq irq;
    int irq_level;
    unsigned irq_raises;
    GString *log;
    VRingDriver driver;
} TestVirtIO;

TestVirtIO *test_virtio_new(unsigned flags, RAMHome home);

/*
 * Adds @test three times, once for each home of guest memory: "/virtio/x" becomes "/virtio/ram/x", "/virtio/shm/x" and
 * "/virtio/client/x". test_virtio_home() tells the test in which it is.
 */
void test_virtio_add(const char *path, gconstpointer data, GTestDataFunc test);
RAMHome test_virtio_home(void);
void test_virtio_free(TestVirtIO *t);

/* VERSION_1 unless the device is a legacy one, and of @features what is offered. Must succeed. */
void test_virtio_negotiate(TestVirtIO *t, uint64_t features);

/* That, queue @n with @num entries, and DRIVER_OK. */
VRingQueue *test_virtio_start(TestVirtIO *t, uint64_t features, unsigned n, unsigned num);

/* Asserts that the guest-error log says this, lines apart by "|", and empties it. */
void test_virtio_expect_log(TestVirtIO *t, const char *expected);

/* A register, with the guest-error log. */
uint32_t test_virtio_read(TestVirtIO *t, uint32_t offset);
void test_virtio_write(TestVirtIO *t, uint32_t offset, uint32_t value);

/* Guest memory. */
void test_virtio_put(TestVirtIO *t, hwaddr addr, const void *buf, size_t len);
void test_virtio_get(TestVirtIO *t, hwaddr addr, void *buf, size_t len);

/* Echoes, or keeps, all that waits in @vq: what the device does unless the test says otherwise. */
void test_virtio_device_echo(TestVirtIODevice *dev, VirtQueue *vq);

/* Writes the echo of @elem to its in segments; its length. */
unsigned test_virtio_echo(const VirtQueueElement *elem);

/* Gives the oldest element that the device holds back; false when there is none. */
bool test_virtio_device_release(TestVirtIODevice *dev, VirtQueue *vq, unsigned len);

/* Lets go of all that the device holds. */
void test_virtio_device_forget(TestVirtIODevice *dev);

/* VRingOps on the address space of this process; opaque: the AddressSpace. */
extern const VRingOps test_virtio_local_ops;

#endif
