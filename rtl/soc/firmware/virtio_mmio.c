#include "virtio_mmio.h"

#include <stddef.h>

#include "soc.h"
#include "trap.h"

#define MAGIC 0x000u
#define VERSION 0x004u
#define DEVICE_ID 0x008u
#define DEVICE_FEATURES 0x010u
#define DEVICE_FEATURES_SEL 0x014u
#define DRIVER_FEATURES 0x020u
#define DRIVER_FEATURES_SEL 0x024u
#define GUEST_PAGE_SIZE 0x028u /* legacy */
#define QUEUE_SEL 0x030u
#define QUEUE_NUM_MAX 0x034u
#define QUEUE_NUM 0x038u
#define QUEUE_ALIGN 0x03cu /* legacy */
#define QUEUE_PFN 0x040u   /* legacy */
#define QUEUE_READY 0x044u
#define QUEUE_NOTIFY 0x050u
#define INTERRUPT_STATUS 0x060u
#define INTERRUPT_ACK 0x064u
#define STATUS 0x070u
#define QUEUE_DESC 0x080u
#define QUEUE_DRIVER 0x090u
#define QUEUE_DEVICE 0x0a0u
#define CONFIG_GENERATION 0x0fcu
#define CONFIG 0x100u

#define MAGIC_VALUE 0x74726976u

#define STATUS_ACKNOWLEDGE 1u
#define STATUS_DRIVER 2u
#define STATUS_DRIVER_OK 4u
#define STATUS_FEATURES_OK 8u
#define STATUS_NEEDS_RESET 0x40u
#define STATUS_FAILED 0x80u

/* A device that is slow to reset, or whose configuration never rests, is given up after so many looks. */
#define MAX_LOOKS 1000u

static uint32_t get(const VirtioMmio *v, uint32_t reg)
{
    return read32(v->base + reg);
}

static void set(const VirtioMmio *v, uint32_t reg, uint32_t value)
{
    write32(v->base + reg, value);
}

static void add_status(VirtioMmio *v, uint32_t bits)
{
    set(v, STATUS, get(v, STATUS) | bits);
}

bool virtio_mmio_probe(VirtioMmio *v, unsigned n)
{
    uint32_t magic, version;

    v->base = VIRTIO_BASE(n);
    v->source = VIRTIO_SOURCE(n);
    v->features = 0;
    if (!try_read32(v->base + MAGIC, &magic) || magic != MAGIC_VALUE ||
        !try_read32(v->base + VERSION, &version) || version < 1 || version > 2 ||
        !try_read32(v->base + DEVICE_ID, &v->device_id)) {
        return false;
    }
    v->modern = version == 2;
    return true;
}

void virtio_mmio_reset(VirtioMmio *v)
{
    set(v, STATUS, 0);
    for (unsigned i = 0; i < MAX_LOOKS && get(v, STATUS) != 0; i++) {
    }
}

void virtio_mmio_give_up(VirtioMmio *v)
{
    add_status(v, STATUS_FAILED);
}

static uint64_t offered_features(const VirtioMmio *v)
{
    uint64_t features;

    set(v, DEVICE_FEATURES_SEL, 0);
    features = get(v, DEVICE_FEATURES);
    if (v->modern) {
        set(v, DEVICE_FEATURES_SEL, 1);
        features |= (uint64_t)get(v, DEVICE_FEATURES) << 32;
    }
    return features;
}

static void accept_features(const VirtioMmio *v)
{
    set(v, DRIVER_FEATURES_SEL, 0);
    set(v, DRIVER_FEATURES, (uint32_t)v->features);
    if (v->modern) {
        set(v, DRIVER_FEATURES_SEL, 1);
        set(v, DRIVER_FEATURES, (uint32_t)(v->features >> 32));
    }
}

const char *virtio_mmio_start(VirtioMmio *v, uint64_t wanted)
{
    virtio_mmio_reset(v);
    if (get(v, STATUS) != 0) {
        return "the device does not reset";
    }
    add_status(v, STATUS_ACKNOWLEDGE);
    add_status(v, STATUS_DRIVER);
    v->features = offered_features(v) & (wanted | VIRTIO_F_VERSION_1);
    if (v->modern && !(v->features & VIRTIO_F_VERSION_1)) {
        virtio_mmio_give_up(v);
        return "a modern transport, but the device does not offer VERSION_1";
    }
    accept_features(v);
    if (!v->modern) {
        set(v, GUEST_PAGE_SIZE, VIRTQ_PAGE);
        return NULL;
    }
    add_status(v, STATUS_FEATURES_OK);
    if (!(get(v, STATUS) & STATUS_FEATURES_OK)) {
        virtio_mmio_give_up(v);
        return "the device does not accept our choice of features";
    }
    return NULL;
}

static void set_address(const VirtioMmio *v, uint32_t reg, volatile void *address)
{
    set(v, reg, (uint32_t)(uintptr_t)address);
    set(v, reg + 4, 0);
}

const char *virtio_mmio_add_queue(VirtioMmio *v, unsigned index, Virtqueue *q, VirtqRing *ring)
{
    uint32_t num;

    set(v, QUEUE_SEL, index);
    num = get(v, QUEUE_NUM_MAX);
    if (num == 0) {
        virtio_mmio_give_up(v);
        return "the device lacks a queue";
    }
    if (get(v, v->modern ? QUEUE_READY : QUEUE_PFN) != 0) {
        virtio_mmio_give_up(v);
        return "a queue is in use after a reset";
    }
    while (num & (num - 1)) { /* the highest power of 2 */
        num &= num - 1;
    }
    virtq_init(q, ring, (uint16_t)(num < VIRTQ_SIZE ? num : VIRTQ_SIZE));
    set(v, QUEUE_NUM, q->num);
    if (v->modern) {
        set_address(v, QUEUE_DESC, q->desc);
        set_address(v, QUEUE_DRIVER, q->avail);
        set_address(v, QUEUE_DEVICE, q->used);
        set(v, QUEUE_READY, 1);
    } else {
        set(v, QUEUE_ALIGN, VIRTQ_ALIGN);
        set(v, QUEUE_PFN, (uint32_t)(uintptr_t)ring / VIRTQ_PAGE);
    }
    return NULL;
}

void virtio_mmio_ready(VirtioMmio *v)
{
    add_status(v, STATUS_DRIVER_OK);
}

void virtio_mmio_kick(VirtioMmio *v, unsigned index, const Virtqueue *q)
{
    if (virtq_wants_kick(q)) {
        set(v, QUEUE_NOTIFY, index);
    }
}

uint32_t virtio_mmio_take_interrupt(VirtioMmio *v)
{
    const uint32_t why = get(v, INTERRUPT_STATUS);

    set(v, INTERRUPT_ACK, why);
    return why;
}

bool virtio_mmio_is_broken(const VirtioMmio *v)
{
    return get(v, STATUS) & STATUS_NEEDS_RESET;
}

uint32_t virtio_mmio_config32(const VirtioMmio *v, uint32_t offset)
{
    return get(v, CONFIG + offset);
}

void virtio_mmio_config16_pair(const VirtioMmio *v, uint32_t offset, uint16_t *first,
                               uint16_t *second)
{
    uint32_t before;
    unsigned looks = 0;

    do { /* legacy has no generation, and two loads that differ are the next best */
        before = v->modern ? get(v, CONFIG_GENERATION) : get(v, CONFIG + offset);
        *first = read16(v->base + CONFIG + offset);
        *second = read16(v->base + CONFIG + offset + 2);
    } while (++looks < MAX_LOOKS &&
             before != (v->modern ? get(v, CONFIG_GENERATION) : get(v, CONFIG + offset)));
}
