#include "cosim/bench/virtio_driver.h"

#include <stdatomic.h>
#include <string.h>

/* The machine's first transport, and registers of virtio-mmio. */
#define MMIO UINT64_C(0x10008000)
#define DRIVER_FEATURES 0x020
#define DRIVER_FEATURES_SEL 0x024
#define QUEUE_SEL 0x030
#define QUEUE_NUM 0x038
#define QUEUE_READY 0x044
#define QUEUE_NOTIFY 0x050
#define STATUS 0x070
#define QUEUE_DESC 0x080
#define QUEUE_DRIVER 0x090
#define QUEUE_DEVICE 0x0a0

#define STATUS_DRIVER 0x03u
#define STATUS_FEATURES_OK 0x0bu
#define STATUS_DRIVER_OK 0x0fu
#define F_MULTIPORT 0x2u
#define F_VERSION_1 0x1u /* of the high half */

/* The split ring. */
#define DESC_SIZE 16u
#define DESC_F_WRITE 2u
#define AVAIL_AT 2048u /* behind the descriptors */
#define AVAIL_NO_INTERRUPT 1u
#define USED_AT 4096u
#define USED_RING_AT (USED_AT + 4)
#define RING_SIZE 8192u

#define CONTROL_OUT 3u
#define PORT_IN 4u
#define PORT_OUT 5u
#define PORT_READY 3u
#define PORT_OPEN 6u
#define PATIENCE_S 10.0

static bool fail(const VirtioDriver *driver, GError **error)
{
    return bench_fail(error, "%s", qosim_last_error(driver->session));
}

static bool set_register(VirtioDriver *driver, uint64_t offset, uint32_t value, GError **error)
{
    return qosim_write(driver->session, MMIO + offset, 4, value, NULL) == QOSIM_OK ||
           fail(driver, error);
}

/* --- Rings --- */

/* Each at once: the device uses the ring at the same time. All of its words are aligned. */
static void store16(uint8_t *at, uint16_t value)
{
    __atomic_store_n((uint16_t *)(void *)at, GUINT16_TO_LE(value), __ATOMIC_RELAXED);
}

static uint16_t load16(const uint8_t *at)
{
    return GUINT16_FROM_LE(__atomic_load_n((const uint16_t *)(const void *)at, __ATOMIC_RELAXED));
}

unsigned virtio_ring_free(const VirtioRing *ring)
{
    return VIRTIO_DRIVER_BUFFERS - (uint16_t)(ring->posted - ring->taken);
}

uint8_t *virtio_ring_next(const VirtioRing *ring)
{
    return ring->buffers +
           (size_t)(ring->posted % VIRTIO_DRIVER_BUFFERS) * VIRTIO_DRIVER_MAX_BUFFER;
}

void virtio_ring_post(VirtioRing *ring, uint32_t len, bool in)
{
    unsigned i = ring->posted % VIRTIO_DRIVER_BUFFERS;
    uint8_t *desc = ring->memory + (size_t)i * DESC_SIZE;
    uint8_t *avail = ring->memory + AVAIL_AT;
    uint64_t addr = GUINT64_TO_LE(ring->buffers_at + (uint64_t)i * VIRTIO_DRIVER_MAX_BUFFER);

    len = GUINT32_TO_LE(len);
    memcpy(desc, &addr, sizeof(addr));
    memcpy(desc + 8, &len, sizeof(len));
    store16(desc + 12, in ? DESC_F_WRITE : 0);
    store16(avail + 4 + (size_t)2 * i, (uint16_t)i);
    atomic_thread_fence(memory_order_release);
    store16(avail + 2, ++ring->posted);
}

const uint8_t *virtio_ring_take(VirtioRing *ring, uint32_t *len)
{
    unsigned i = ring->taken % VIRTIO_DRIVER_BUFFERS;

    if (load16(ring->memory + USED_AT + 2) == ring->taken) {
        return NULL;
    }
    /* They come back in the order in which they went. */
    atomic_thread_fence(memory_order_acquire);
    memcpy(len, ring->memory + USED_RING_AT + (size_t)8 * i + 4, sizeof(*len));
    *len = GUINT32_FROM_LE(*len);
    ring->taken++;
    return ring->buffers + (size_t)i * VIRTIO_DRIVER_MAX_BUFFER;
}

bool virtio_driver_kick(VirtioDriver *driver, VirtioRing *ring, GError **error)
{
    if (ring->kicked == ring->posted) {
        return true;
    }
    ring->kicked = ring->posted;
    /* qosim_poll() sends what was posted. */
    return (qosim_post_write(driver->session, MMIO + QUEUE_NOTIFY, 4, ring->index) == QOSIM_OK &&
            qosim_poll(driver->session, 0) >= 0) ||
           fail(driver, error);
}

/* --- Start --- */

static bool set_address(VirtioDriver *driver, uint64_t offset, uint64_t addr, GError **error)
{
    return set_register(driver, offset, (uint32_t)addr, error) &&
           set_register(driver, offset + 4, (uint32_t)(addr >> 32), error);
}

/* Takes the rings' place from *@at on. */
static bool start_ring(VirtioDriver *driver, VirtioRing *ring, unsigned index, uint64_t *at,
                       GError **error)
{
    *ring = (VirtioRing){ .index = index, .base = driver->ram->address + *at };
    ring->memory = driver->memory + *at;
    ring->buffers_at = ring->base + RING_SIZE;
    ring->buffers = ring->memory + RING_SIZE;
    *at += RING_SIZE + (uint64_t)VIRTIO_DRIVER_BUFFERS * VIRTIO_DRIVER_MAX_BUFFER;
    store16(ring->memory + AVAIL_AT, AVAIL_NO_INTERRUPT);
    return set_register(driver, QUEUE_SEL, index, error) &&
           set_register(driver, QUEUE_NUM,
                        index == CONTROL_OUT ? VIRTIO_DRIVER_BUFFERS / 4 : VIRTIO_DRIVER_BUFFERS,
                        error) &&
           set_address(driver, QUEUE_DESC, ring->base, error) &&
           set_address(driver, QUEUE_DRIVER, ring->base + AVAIL_AT, error) &&
           set_address(driver, QUEUE_DEVICE, ring->base + USED_AT, error) &&
           set_register(driver, QUEUE_READY, 1, error);
}

static bool send_control(VirtioDriver *driver, uint16_t event, GError **error)
{
    uint8_t *message = virtio_ring_next(&driver->control);
    double start = bench_now();
    uint32_t len;

    memset(message, 0, 8);
    message[0] = 1; /* the port */
    store16(message + 4, event);
    store16(message + 6, 1);
    virtio_ring_post(&driver->control, 8, false);
    if (!virtio_driver_kick(driver, &driver->control, error)) {
        return false;
    }
    while (!virtio_ring_take(&driver->control, &len)) {
        if (bench_now() - start > PATIENCE_S) {
            return bench_fail(error, "the device does not take control messages");
        }
        g_usleep(100);
    }
    return true;
}

static bool negotiate(VirtioDriver *driver, GError **error)
{
    return set_register(driver, STATUS, 0, error) &&
           set_register(driver, STATUS, STATUS_DRIVER, error) &&
           set_register(driver, DRIVER_FEATURES_SEL, 0, error) &&
           set_register(driver, DRIVER_FEATURES, F_MULTIPORT, error) &&
           set_register(driver, DRIVER_FEATURES_SEL, 1, error) &&
           set_register(driver, DRIVER_FEATURES, F_VERSION_1, error) &&
           set_register(driver, STATUS, STATUS_FEATURES_OK, error);
}

static bool start(VirtioDriver *driver, GError **error)
{
    uint64_t at = 0;

    return negotiate(driver, error) &&
           start_ring(driver, &driver->control, CONTROL_OUT, &at, error) &&
           start_ring(driver, &driver->in, PORT_IN, &at, error) &&
           start_ring(driver, &driver->out, PORT_OUT, &at, error) &&
           set_register(driver, STATUS, STATUS_DRIVER_OK, error) &&
           send_control(driver, PORT_READY, error) && send_control(driver, PORT_OPEN, error);
}

static bool map_memory(VirtioDriver *driver, GError **error)
{
    void *at;

    if (qosim_get_info(driver->session, &driver->info) != QOSIM_OK) {
        return fail(driver, error);
    }
    for (size_t i = 0; i < driver->info->n_regions && !driver->ram; i++) {
        if (driver->info->regions[i].home == QOSIM_RAM_SHM) {
            driver->ram = &driver->info->regions[i];
        }
    }
    if (!driver->ram) {
        return bench_fail(error, "the machine has no memory in a file");
    }
    if (qosim_shm_map(driver->session, driver->ram, &at) != QOSIM_OK) {
        driver->ram = NULL;
        return fail(driver, error);
    }
    driver->memory = at;
    return true;
}

bool virtio_driver_init(VirtioDriver *driver, qosim_session *session, GError **error)
{
    *driver = (VirtioDriver){ .session = session };
    return map_memory(driver, error) && driver->ram && start(driver, error);
}

void virtio_driver_clear(VirtioDriver *driver)
{
    if (driver->ram) {
        qosim_shm_unmap(driver->ram, driver->memory);
    }
    qosim_free_info(driver->info);
    *driver = (VirtioDriver){ .session = NULL };
}
