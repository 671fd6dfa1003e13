#include "models/virtio/virtio_mmio.h"

#include <string.h>

#include "models/core/log.h"
#include "models/core/qdev_properties.h"

/* Registers (virtio 1.2, section 4.2.2 and, for legacy, 4.2.4). */
enum {
    REG_MAGIC = 0x000,
    REG_VERSION = 0x004,
    REG_DEVICE_ID = 0x008,
    REG_VENDOR_ID = 0x00c,
    REG_DEVICE_FEATURES = 0x010,
    REG_DEVICE_FEATURES_SEL = 0x014,
    REG_DRIVER_FEATURES = 0x020,
    REG_DRIVER_FEATURES_SEL = 0x024,
    REG_GUEST_PAGE_SIZE = 0x028, /* legacy */
    REG_QUEUE_SEL = 0x030,
    REG_QUEUE_NUM_MAX = 0x034,
    REG_QUEUE_NUM = 0x038,
    REG_QUEUE_ALIGN = 0x03c, /* legacy */
    REG_QUEUE_PFN = 0x040,   /* legacy */
    REG_QUEUE_READY = 0x044,
    REG_QUEUE_NOTIFY = 0x050,
    REG_INTERRUPT_STATUS = 0x060,
    REG_INTERRUPT_ACK = 0x064,
    REG_STATUS = 0x070,
    REG_QUEUE_DESC_LOW = 0x080,
    REG_QUEUE_DESC_HIGH = 0x084,
    REG_QUEUE_AVAIL_LOW = 0x090,
    REG_QUEUE_AVAIL_HIGH = 0x094,
    REG_QUEUE_USED_LOW = 0x0a0,
    REG_QUEUE_USED_HIGH = 0x0a4,
    REG_SHM_LEN_LOW = 0x0b0,
    REG_SHM_LEN_HIGH = 0x0b4,
    REG_CONFIG_GENERATION = 0x0fc,
    REG_CONFIG = 0x100,
};

#define VIRT_MAGIC 0x74726976
#define VIRT_VERSION_LEGACY 1
#define VIRT_VERSION 2
#define VIRT_VENDOR 0x554d4551

/* Feature bits that a modern driver does not see. */
#define VIRTIO_LEGACY_FEATURES                                                                     \
    ((UINT64_C(1) << VIRTIO_F_BAD_FEATURE) | (UINT64_C(1) << VIRTIO_F_NOTIFY_ON_EMPTY) |           \
     (UINT64_C(1) << VIRTIO_F_ANY_LAYOUT))

/* Which drivers a register is for, and in which direction. */
typedef enum RegisterUse {
    USE_NONE = 0, /* no such register */
    USE_READ = 1,
    USE_WRITE = 2,
    USE_LEGACY_ONLY = 4,
    USE_MODERN_ONLY = 8,
    USE_UNKNOWN_TO_WRITE = 16, /* a write finds no register there, as in QEMU */
} RegisterUse;

/* By offset / 4. */
static const uint8_t register_uses[REG_CONFIG / 4] = {
    [REG_MAGIC / 4] = USE_READ,
    [REG_VERSION / 4] = USE_READ,
    [REG_DEVICE_ID / 4] = USE_READ,
    [REG_VENDOR_ID / 4] = USE_READ,
    [REG_DEVICE_FEATURES / 4] = USE_READ,
    [REG_DEVICE_FEATURES_SEL / 4] = USE_WRITE,
    [REG_DRIVER_FEATURES / 4] = USE_WRITE,
    [REG_DRIVER_FEATURES_SEL / 4] = USE_WRITE,
    [REG_GUEST_PAGE_SIZE / 4] = USE_WRITE | USE_LEGACY_ONLY,
    [REG_QUEUE_SEL / 4] = USE_WRITE,
    [REG_QUEUE_NUM_MAX / 4] = USE_READ,
    [REG_QUEUE_NUM / 4] = USE_WRITE,
    [REG_QUEUE_ALIGN / 4] = USE_WRITE | USE_LEGACY_ONLY,
    [REG_QUEUE_PFN / 4] = USE_READ | USE_WRITE | USE_LEGACY_ONLY,
    [REG_QUEUE_READY / 4] = USE_READ | USE_WRITE | USE_MODERN_ONLY,
    [REG_QUEUE_NOTIFY / 4] = USE_WRITE,
    [REG_INTERRUPT_STATUS / 4] = USE_READ,
    [REG_INTERRUPT_ACK / 4] = USE_WRITE,
    [REG_STATUS / 4] = USE_READ | USE_WRITE,
    [REG_QUEUE_DESC_LOW / 4] = USE_WRITE | USE_MODERN_ONLY,
    [REG_QUEUE_DESC_HIGH / 4] = USE_WRITE | USE_MODERN_ONLY,
    [REG_QUEUE_AVAIL_LOW / 4] = USE_WRITE | USE_MODERN_ONLY,
    [REG_QUEUE_AVAIL_HIGH / 4] = USE_WRITE | USE_MODERN_ONLY,
    [REG_QUEUE_USED_LOW / 4] = USE_WRITE | USE_MODERN_ONLY,
    [REG_QUEUE_USED_HIGH / 4] = USE_WRITE | USE_MODERN_ONLY,
    [REG_SHM_LEN_LOW / 4] = USE_READ | USE_UNKNOWN_TO_WRITE,
    [REG_SHM_LEN_HIGH / 4] = USE_READ | USE_UNKNOWN_TO_WRITE,
    [REG_CONFIG_GENERATION / 4] = USE_READ | USE_MODERN_ONLY,
};

static RegisterUse register_use(hwaddr offset)
{
    return offset % 4 ? USE_NONE : register_uses[offset / 4];
}

/* Whether a @size access to register @offset in @direction makes sense; says in the log why not. */
static bool access_is_good(VirtIOMMIOProxy *proxy, hwaddr offset, unsigned size,
                           RegisterUse direction)
{
    bool write = direction == USE_WRITE;
    const char *func = write ? "virtio_mmio_write" : "virtio_mmio_read";
    RegisterUse use = register_use(offset);

    if (size != 4) {
        log_guest_error(OBJECT(proxy), "%s: wrong size access to register!", func);
    } else if (use == USE_NONE || (write && (use & USE_UNKNOWN_TO_WRITE))) {
        log_guest_error(OBJECT(proxy), "%s: bad register offset (0x%" HWADDR_PRIx ")", func,
                        offset);
    } else if (!(use & direction)) {
        log_guest_error(OBJECT(proxy), "%s: %s register (0x%" HWADDR_PRIx ")", func,
                        write ? "write to read-only" : "read of write-only", offset);
    } else if ((use & USE_LEGACY_ONLY) && !proxy->legacy) {
        log_guest_error(OBJECT(proxy),
                        "%s: %s legacy register (0x%" HWADDR_PRIx ") in non-legacy mode", func,
                        write ? "write to" : "read from", offset);
    } else if ((use & USE_MODERN_ONLY) && proxy->legacy) {
        log_guest_error(OBJECT(proxy),
                        "%s: %s non-legacy register (0x%" HWADDR_PRIx ") in legacy mode", func,
                        write ? "write to" : "read from", offset);
    } else {
        return true;
    }
    return false;
}

static void virtio_mmio_update_irq(DeviceState *dev)
{
    VirtIOMMIOProxy *proxy = VIRTIO_MMIO(dev);
    VirtIODevice *vdev = virtio_bus_get_device(&proxy->bus);

    if (vdev) {
        qemu_set_irq(proxy->irq, vdev->isr != 0);
    }
}

static void virtio_mmio_soft_reset(VirtIOMMIOProxy *proxy)
{
    virtio_bus_reset(&proxy->bus);
    if (!proxy->legacy) {
        for (unsigned i = 0; i < VIRTIO_QUEUE_MAX; i++) {
            proxy->vqs[i].enabled = false;
        }
    }
}

/* --- Reading --- */

/* What is there without a device behind the transport. */
static uint64_t read_without_device(const VirtIOMMIOProxy *proxy, hwaddr offset)
{
    switch (offset) {
    case REG_MAGIC:
        return VIRT_MAGIC;
    case REG_VERSION:
        return proxy->legacy ? VIRT_VERSION_LEGACY : VIRT_VERSION;
    case REG_VENDOR_ID:
        return VIRT_VENDOR;
    default:
        return 0;
    }
}

static uint32_t read_device_features(const VirtIOMMIOProxy *proxy, const VirtIODevice *vdev)
{
    if (proxy->legacy) {
        return proxy->host_features_sel ? 0 : (uint32_t)vdev->host_features;
    }
    return (uint32_t)((vdev->host_features & ~VIRTIO_LEGACY_FEATURES) >>
                      (32 * proxy->host_features_sel));
}

static uint64_t virtio_mmio_read(void *opaque, hwaddr offset, unsigned size)
{
    VirtIOMMIOProxy *proxy = opaque;
    VirtIODevice *vdev = virtio_bus_get_device(&proxy->bus);

    if (!vdev) {
        return read_without_device(proxy, offset);
    }
    if (offset >= REG_CONFIG) {
        return virtio_config_read(vdev, (uint32_t)(offset - REG_CONFIG), size);
    }
    if (!access_is_good(proxy, offset, size, USE_READ)) {
        return 0;
    }
    switch (offset) {
    case REG_DEVICE_ID:
        return vdev->device_id;
    case REG_DEVICE_FEATURES:
        return read_device_features(proxy, vdev);
    case REG_QUEUE_NUM_MAX:
        return virtio_queue_get_num(vdev, vdev->queue_sel) ? VIRTQUEUE_MAX_SIZE : 0;
    case REG_QUEUE_PFN:
        return virtio_queue_get_addr(vdev, vdev->queue_sel) >> proxy->guest_page_shift;
    case REG_QUEUE_READY:
        return proxy->vqs[vdev->queue_sel].enabled;
    case REG_INTERRUPT_STATUS:
        return vdev->isr;
    case REG_STATUS:
        return vdev->status;
    case REG_CONFIG_GENERATION:
        return vdev->generation;
    case REG_SHM_LEN_LOW:
    case REG_SHM_LEN_HIGH:
        return UINT32_MAX; /* no shared memory regions */
    default:
        return read_without_device(proxy, offset);
    }
}

/* --- Writing --- */

static void write_driver_features(VirtIOMMIOProxy *proxy, VirtIODevice *vdev, uint32_t value)
{
    if (!proxy->legacy) {
        proxy->guest_features[proxy->guest_features_sel] = value;
    } else if (proxy->guest_features_sel) {
        log_guest_error(OBJECT(proxy), "virtio_mmio_write: attempt to write guest features with "
                                       "guest_features_sel > 0 in legacy mode");
    } else {
        virtio_set_features(vdev, value);
    }
}

static void write_queue_num(VirtIOMMIOProxy *proxy, VirtIODevice *vdev, uint32_t value)
{
    virtio_queue_set_num(vdev, vdev->queue_sel, value);
    if (proxy->legacy) {
        virtio_queue_update_rings(vdev, vdev->queue_sel);
    } else {
        proxy->vqs[vdev->queue_sel].num = value;
    }
}

static void write_queue_pfn(VirtIOMMIOProxy *proxy, VirtIODevice *vdev, uint32_t value)
{
    if (!value) {
        virtio_mmio_soft_reset(proxy);
    } else {
        virtio_queue_set_addr(vdev, vdev->queue_sel, (hwaddr)value << proxy->guest_page_shift);
    }
}

static hwaddr join(const uint32_t halves[2])
{
    return (hwaddr)halves[1] << 32 | halves[0];
}

static void write_queue_ready(VirtIOMMIOProxy *proxy, VirtIODevice *vdev, uint32_t value)
{
    VirtIOMMIOQueue *queue = &proxy->vqs[vdev->queue_sel];

    queue->enabled = value != 0;
    if (queue->enabled) {
        virtio_queue_set_num(vdev, vdev->queue_sel, queue->num);
        virtio_queue_set_rings(vdev, vdev->queue_sel, join(queue->desc), join(queue->avail),
                               join(queue->used));
    }
}

static void write_status(VirtIOMMIOProxy *proxy, VirtIODevice *vdev, uint32_t value)
{
    if (!proxy->legacy && (value & VIRTIO_CONFIG_S_FEATURES_OK)) {
        virtio_set_features(vdev, join(proxy->guest_features));
    }
    virtio_set_status(vdev, value & 0xff);
    if (!vdev->status) {
        virtio_mmio_soft_reset(proxy);
    }
}

/* Registers that set the selected queue up. Returns whether @offset is one of them. */
static bool write_queue_register(VirtIOMMIOProxy *proxy, VirtIODevice *vdev, hwaddr offset,
                                 uint32_t value)
{
    VirtIOMMIOQueue *queue = &proxy->vqs[vdev->queue_sel];

    switch (offset) {
    case REG_QUEUE_NUM:
        write_queue_num(proxy, vdev, value);
        return true;
    case REG_QUEUE_ALIGN:
        virtio_queue_set_align(vdev, vdev->queue_sel, value);
        return true;
    case REG_QUEUE_PFN:
        write_queue_pfn(proxy, vdev, value);
        return true;
    case REG_QUEUE_READY:
        write_queue_ready(proxy, vdev, value);
        return true;
    case REG_QUEUE_DESC_LOW:
    case REG_QUEUE_DESC_HIGH:
        queue->desc[offset == REG_QUEUE_DESC_HIGH] = value;
        return true;
    case REG_QUEUE_AVAIL_LOW:
    case REG_QUEUE_AVAIL_HIGH:
        queue->avail[offset == REG_QUEUE_AVAIL_HIGH] = value;
        return true;
    case REG_QUEUE_USED_LOW:
    case REG_QUEUE_USED_HIGH:
        queue->used[offset == REG_QUEUE_USED_HIGH] = value;
        return true;
    default:
        return false;
    }
}

static void write_device_register(VirtIOMMIOProxy *proxy, VirtIODevice *vdev, hwaddr offset,
                                  uint32_t value)
{
    switch (offset) {
    case REG_DEVICE_FEATURES_SEL:
        proxy->host_features_sel = value != 0;
        break;
    case REG_DRIVER_FEATURES:
        write_driver_features(proxy, vdev, value);
        break;
    case REG_DRIVER_FEATURES_SEL:
        proxy->guest_features_sel = value != 0;
        break;
    case REG_GUEST_PAGE_SIZE:
        proxy->guest_page_shift = value ? (uint32_t)__builtin_ctz(value) : 0;
        break;
    case REG_QUEUE_SEL:
        if (value < VIRTIO_QUEUE_MAX) {
            vdev->queue_sel = (uint16_t)value;
        }
        break;
    case REG_QUEUE_NOTIFY:
        if (value < VIRTIO_QUEUE_MAX) {
            virtio_queue_notify(vdev, value);
        }
        break;
    case REG_INTERRUPT_ACK:
        virtio_ack_isr(vdev, (uint8_t)value);
        break;
    case REG_STATUS:
        write_status(proxy, vdev, value);
        break;
    default:
        break;
    }
}

static void virtio_mmio_write(void *opaque, hwaddr offset, uint64_t value, unsigned size)
{
    VirtIOMMIOProxy *proxy = opaque;
    VirtIODevice *vdev = virtio_bus_get_device(&proxy->bus);

    if (!vdev) {
        return;
    }
    if (offset >= REG_CONFIG) {
        virtio_config_write(vdev, (uint32_t)(offset - REG_CONFIG), (uint32_t)value, size);
        return;
    }
    if (!access_is_good(proxy, offset, size, USE_WRITE)) {
        return;
    }
    if (!write_queue_register(proxy, vdev, offset, (uint32_t)value)) {
        write_device_register(proxy, vdev, offset, (uint32_t)value);
    }
}

static const MemoryRegionOps virtio_mmio_ops = {
    .read = virtio_mmio_read,
    .write = virtio_mmio_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
};

/* --- The bus --- */

static bool virtio_mmio_pre_plugged(DeviceState *dev, VirtIODevice *vdev, GError **error)
{
    (void)error;
    if (!VIRTIO_MMIO(dev)->legacy) {
        vdev->host_features |= UINT64_C(1) << VIRTIO_F_VERSION_1;
    }
    return true;
}

static void virtio_mmio_bus_class_init(ObjectClass *oc, void *data)
{
    VirtioBusClass *bc = VIRTIO_BUS_CLASS(oc);

    (void)data;
    bc->notify = virtio_mmio_update_irq;
    bc->pre_plugged = virtio_mmio_pre_plugged;
}

/* --- Life --- */

static void virtio_mmio_reset(DeviceState *dev)
{
    VirtIOMMIOProxy *proxy = VIRTIO_MMIO(dev);

    virtio_bus_reset(&proxy->bus);
    proxy->host_features_sel = 0;
    proxy->guest_features_sel = 0;
    proxy->guest_page_shift = 0;
    if (!proxy->legacy) {
        memset(proxy->guest_features, 0, sizeof(proxy->guest_features));
        memset(proxy->vqs, 0, sizeof(proxy->vqs));
    }
}

static bool virtio_mmio_realize(DeviceState *dev, GError **error)
{
    VirtIOMMIOProxy *proxy = VIRTIO_MMIO(dev);

    (void)error;
    qbus_init(&proxy->bus, sizeof(proxy->bus), TYPE_VIRTIO_MMIO_BUS, dev, NULL);
    return true;
}

static void virtio_mmio_init(Object *obj)
{
    VirtIOMMIOProxy *proxy = VIRTIO_MMIO(obj);

    memory_region_init_io(&proxy->iomem, obj, &virtio_mmio_ops, proxy, TYPE_VIRTIO_MMIO,
                          VIRTIO_MMIO_SIZE);
    sysbus_init_mmio(SYS_BUS_DEVICE(obj), &proxy->iomem);
    sysbus_init_irq(SYS_BUS_DEVICE(obj), &proxy->irq);
}

static const Property virtio_mmio_properties[] = {
    DEFINE_PROP_BOOL("format_transport_address", VirtIOMMIOProxy, format_transport_address, true),
    DEFINE_PROP_BOOL("force-legacy", VirtIOMMIOProxy, legacy, true),
    DEFINE_PROP_BOOL("ioeventfd", VirtIOMMIOProxy, ioeventfd, true),
    DEFINE_PROP_END_OF_LIST(),
};

static void virtio_mmio_class_init(ObjectClass *oc, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(oc);

    (void)data;
    dc->desc = "virtio transport of memory-mapped registers";
    dc->realize = virtio_mmio_realize;
    dc->reset = virtio_mmio_reset;
    device_class_set_props(dc, virtio_mmio_properties);
}

static const TypeInfo virtio_mmio_types[] = {
    {
        .name = TYPE_VIRTIO_MMIO_BUS,
        .parent = TYPE_VIRTIO_BUS,
        .instance_size = sizeof(VirtioBusState),
        .class_init = virtio_mmio_bus_class_init,
    },
    {
        .name = TYPE_VIRTIO_MMIO,
        .parent = TYPE_SYS_BUS_DEVICE,
        .instance_size = sizeof(VirtIOMMIOProxy),
        .instance_init = virtio_mmio_init,
        .class_init = virtio_mmio_class_init,
    },
};

DEFINE_TYPES(virtio_mmio_types)
