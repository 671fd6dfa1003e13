/*
 * Layout of virtqueues in guest memory, as in the virtio 1.2 specification, sections 2.7 (split) and 2.8 (packed).
 * Everything is little-endian here: modern devices by the specification, legacy ones because the guests are.
 */
#ifndef QOSIM_MODELS_VIRTIO_VIRTIO_RING_H
#define QOSIM_MODELS_VIRTIO_VIRTIO_RING_H

/* Descriptors, both kinds of ring. */
#define VRING_DESC_SIZE 16u
#define VRING_DESC_F_NEXT (1u << 0)
#define VRING_DESC_F_WRITE (1u << 1)
#define VRING_DESC_F_INDIRECT (1u << 2)
/* Packed only. */
#define VRING_PACKED_DESC_F_AVAIL (1u << 7)
#define VRING_PACKED_DESC_F_USED (1u << 15)

/* Split: offsets in the driver's (avail) and the device's (used) area. */
#define VRING_AVAIL_FLAGS 0u
#define VRING_AVAIL_IDX 2u
#define VRING_AVAIL_RING 4u /* num entries of 2 bytes, then used_event */
#define VRING_USED_FLAGS 0u
#define VRING_USED_IDX 2u
#define VRING_USED_RING 4u /* num entries of 8 bytes {id, len}, then avail_event */
#define VRING_USED_ELEM_SIZE 8u
#define VRING_AVAIL_F_NO_INTERRUPT 1u
#define VRING_USED_F_NO_NOTIFY 1u

/* Packed: the event structures {off_wrap u16, flags u16}. */
#define VRING_PACKED_EVENT_SIZE 4u
#define VRING_PACKED_EVENT_OFF_WRAP 0u
#define VRING_PACKED_EVENT_FLAGS 2u
#define VRING_PACKED_EVENT_F_ENABLE 0u
#define VRING_PACKED_EVENT_F_DISABLE 1u
#define VRING_PACKED_EVENT_F_DESC 2u
#define VRING_PACKED_EVENT_WRAP (1u << 15)

#endif
