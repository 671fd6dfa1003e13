/*
 * VirtIODevice: what all virtio devices have in common, whatever carries them: status, features, configuration space,
 * queues, interrupts. A transport (virtio-mmio, virtio-rpc) owns a virtio bus, and one device sits on it.
 */
#ifndef QOSIM_MODELS_VIRTIO_VIRTIO_H
#define QOSIM_MODELS_VIRTIO_VIRTIO_H

#include "models/core/memory.h"
#include "models/core/qdev.h"
#include "models/virtio/virtqueue.h"

#define TYPE_VIRTIO_DEVICE "virtio-device"
OBJECT_DECLARE_TYPE(VirtIODevice, VirtioDeviceClass, VIRTIO_DEVICE)

#define VIRTIO_QUEUE_MAX 1024

/* Status bits (virtio 1.2, section 2.1). */
#define VIRTIO_CONFIG_S_ACKNOWLEDGE 0x01
#define VIRTIO_CONFIG_S_DRIVER 0x02
#define VIRTIO_CONFIG_S_DRIVER_OK 0x04
#define VIRTIO_CONFIG_S_FEATURES_OK 0x08
#define VIRTIO_CONFIG_S_NEEDS_RESET 0x40
#define VIRTIO_CONFIG_S_FAILED 0x80

/* Feature bits that are not a device's own (section 6). */
#define VIRTIO_F_NOTIFY_ON_EMPTY 24
#define VIRTIO_F_ANY_LAYOUT 27
#define VIRTIO_RING_F_INDIRECT_DESC 28
#define VIRTIO_RING_F_EVENT_IDX 29
#define VIRTIO_F_BAD_FEATURE 30
#define VIRTIO_F_VERSION_1 32
#define VIRTIO_F_IOMMU_PLATFORM 33
#define VIRTIO_F_RING_PACKED 34
#define VIRTIO_F_RING_RESET 40

#define VIRTIO_ISR_QUEUE 0x1
#define VIRTIO_ISR_CONFIG 0x2

#define VIRTIO_ID_CONSOLE 3

struct VirtioDeviceClass {
    DeviceClass parent_class;

    DeviceRealize *realize; /* after virtio_init() is due; the queues are added here */
    DeviceUnrealize *unrealize;
    /* Adds the device's own bits to @features. */
    uint64_t (*get_features)(VirtIODevice *vdev, uint64_t features);
    /* Learns what the driver accepted. Optional. */
    void (*set_features)(VirtIODevice *vdev, uint64_t features);
    /* Brings vdev->config up to date before it is read, and takes what was written to it. Optional. */
    void (*get_config)(VirtIODevice *vdev, uint8_t *config);
    void (*set_config)(VirtIODevice *vdev, const uint8_t *config);
    void (*reset)(VirtIODevice *vdev);
    /* Before vdev->status becomes @status. Optional. */
    void (*set_status)(VirtIODevice *vdev, uint8_t status);
};

struct VirtIODevice {
    DeviceState parent_obj;

    /* Properties */
    uint64_t
        host_features; /* what is offered: the common properties, the device's and the transport's bits */

    /* State */
    const char *name;
    uint16_t device_id;
    uint8_t status;
    uint8_t isr;
    uint16_t queue_sel;
    uint64_t guest_features; /* what the driver accepted */
    size_t config_len;
    uint8_t *config;
    uint32_t generation; /* of the configuration */
    bool broken;         /* the driver broke a rule; only a reset helps */
    bool memory_failed;  /* so did guest memory: it is not asked again before that */
    bool started;
    bool start_on_kick; /* a legacy driver may kick before DRIVER_OK */
    VirtQueue *vq;      /* VIRTIO_QUEUE_MAX of them */
    AddressSpace *dma_as;
    MemReentrancyGuard *transport_guard; /* borrowed; NULL: no transport */
    size_t copied_bytes;                 /* of elements in flight, see VIRTQUEUE_MAX_COPY */
    bool bounce_in_use;                  /* by a segment that lies where there is no RAM */
    unsigned work_left;                  /* of this go, see VIRTQUEUE_MAX_WORK */
    GMainContext *context;               /* of the machine's thread: a reference */
    GSource *resume_source;              /* the next go; NULL: none is due */
    char *bus_name; /* what reports call the device: the bus it has, or its type */
};

/* Called from realize: @config_size bytes of configuration space. Undone by virtio_cleanup(). */
void virtio_init(VirtIODevice *vdev, const char *name, uint16_t device_id, size_t config_size);
void virtio_cleanup(VirtIODevice *vdev);

/* The device driver's half, called by transports. */

/* Stores @status with the effects of the bits that change. A negative errno when the features cannot be accepted. */
int virtio_set_status(VirtIODevice *vdev, uint8_t status);
/*
 * The driver accepts @features: bits that were not offered are dropped (-1 then); -EINVAL once FEATURES_OK is set.
 */
int virtio_set_features(VirtIODevice *vdev, uint64_t features);
void virtio_reset(VirtIODevice *vdev);

/*
 * The driver acknowledges the causes @bits. Of a broken device the line stays as it is, as in QEMU: a driver that only
 * acknowledges, and does not reset, is interrupted again.
 */
void virtio_ack_isr(VirtIODevice *vdev, uint8_t bits);

/* Configuration space, @size 1, 2 or 4. What lies beyond its end reads as all ones and swallows writes. */
uint32_t virtio_config_read(VirtIODevice *vdev, uint32_t addr, unsigned size);
void virtio_config_write(VirtIODevice *vdev, uint32_t addr, uint32_t data, unsigned size);

/* What devices call. */

static inline bool virtio_has_feature(uint64_t features, unsigned bit)
{
    return features & (UINT64_C(1) << bit);
}

/* Whether bit @bit was negotiated, and whether it is offered. */
static inline bool virtio_vdev_has_feature(const VirtIODevice *vdev, unsigned bit)
{
    return virtio_has_feature(vdev->guest_features, bit);
}
static inline bool virtio_host_has_feature(const VirtIODevice *vdev, unsigned bit)
{
    return virtio_has_feature(vdev->host_features, bit);
}

/* Tells the driver that @vq has used buffers, unless it asked not to be. */
void virtio_notify(VirtIODevice *vdev, VirtQueue *vq);

/* Tells the driver that the configuration changed; nothing happens before DRIVER_OK. */
void virtio_notify_config(VirtIODevice *vdev);

/*
 * The driver broke a rule. The text goes to the guest-error log; a modern driver sees NEEDS_RESET; no queue gives or takes
 * any more until a reset.
 */
void virtio_error(VirtIODevice *vdev, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Whether the driver's DRIVER_OK (or a legacy driver's first kick) has come. */
bool virtio_device_started(const VirtIODevice *vdev);

/* The common properties of virtio devices; a device's own table continues with them. */
#define DEFINE_VIRTIO_COMMON_FEATURES(_state, _field)                                              \
    DEFINE_PROP_BIT64("indirect_desc", _state, _field, VIRTIO_RING_F_INDIRECT_DESC, true),         \
        DEFINE_PROP_BIT64("event_idx", _state, _field, VIRTIO_RING_F_EVENT_IDX, true),             \
        DEFINE_PROP_BIT64("notify_on_empty", _state, _field, VIRTIO_F_NOTIFY_ON_EMPTY, true),      \
        DEFINE_PROP_BIT64("any_layout", _state, _field, VIRTIO_F_ANY_LAYOUT, true),                \
        DEFINE_PROP_BIT64("iommu_platform", _state, _field, VIRTIO_F_IOMMU_PLATFORM, false),       \
        DEFINE_PROP_BIT64("packed", _state, _field, VIRTIO_F_RING_PACKED, false),                  \
        DEFINE_PROP_BIT64("queue_reset", _state, _field, VIRTIO_F_RING_RESET, true)

#endif
