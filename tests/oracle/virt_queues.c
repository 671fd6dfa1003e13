/* Steps of the guest with its queues, as a driver may do them. */
#include <string.h>

#include "models/virtio/virtio_ring.h"
#include "tests/oracle/virt_guest.h"

#define COLLECT_MAX 40u
/* Of a buffer that came back so much is read; the rest is for the comparison of all memory. */
#define GLANCE 64u
/* Of a chain that is more than a socket takes. */
#define BURST_SEGMENTS 64u

VRingQueue *virt_guest_pick_queue(VirtGuest *guest)
{
    VRingQueue *ready[GUEST_QUEUES];
    unsigned n = 0;

    for (unsigned i = 0; !guest->lost && i < GUEST_QUEUES; i++) {
        if (guest->queues[i] && !guest->wild[i]) {
            ready[n++] = guest->queues[i];
        }
    }
    return n > 0 ? ready[virt_guest_below(guest, n)] : NULL;
}

/* One of the queues in the direction @out. */
static VRingQueue *pick_queue_for(VirtGuest *guest, bool out)
{
    for (unsigned i = 0; i < 8; i++) {
        VRingQueue *queue = virt_guest_pick_queue(guest);

        if (queue && queue->index % 2 == out && queue->index != GUEST_CONTROL_OUT) {
            return queue;
        }
    }
    return NULL;
}

void virt_guest_kick(VirtGuest *guest, VRingQueue *queue)
{
    switch (virt_guest_below(guest, 5)) {
    case 0:
        break;
    case 1:
        vring_queue_kick_if_wanted(queue);
        break;
    default:
        vring_queue_kick(queue);
        break;
    }
}

/* --- Planted differences --- */

static bool ours_has_used(VirtGuest *guest, const VRingQueue *queue, uint64_t *entry)
{
    uint16_t idx = 0;

    if (queue->packed) {
        return false;
    }
    qosim_read_block(guest->both->session, queue->used + VRING_USED_IDX, &idx, 2, NULL);
    *entry = queue->used + VRING_USED_RING +
             VRING_USED_ELEM_SIZE * (uint64_t)(queue->used_idx % queue->num);
    return GUINT16_FROM_LE(idx) != queue->used_idx;
}

/* Changes a byte of our side's memory. */
static void spoil(VirtGuest *guest, uint64_t addr)
{
    uint8_t byte = 0;

    qosim_read_block(guest->both->session, addr, &byte, 1, NULL);
    byte ^= 1;
    qosim_write_block(guest->both->session, addr, &byte, 1, NULL);
}

static void plant(VirtGuest *guest, const VRingQueue *queue)
{
    uint64_t entry;
    uint32_t id = 0;

    if (!guest->both->plant || !ours_has_used(guest, queue, &entry)) {
        return;
    }
    if (both_plants(guest->both, PLANT_USED_LENGTH)) {
        spoil(guest, entry + 4);
    }
    if (queue->index == GUEST_CONTROL_IN && both_plants(guest->both, PLANT_CONTROL)) {
        qosim_read_block(guest->both->session, entry, &id, 4, NULL);
        spoil(guest, GPOINTER_TO_SIZE(queue->buffers[GUINT32_FROM_LE(id)].token) + 6);
    }
}

/* --- Steps --- */

void virt_guest_collect(VirtGuest *guest, VRingQueue *queue, unsigned max)
{
    VRingUsed used;

    plant(guest, queue);
    for (unsigned i = 0; i < max && vring_queue_collect(queue, &used); i++) {
        uint8_t bytes[GLANCE];
        size_t len = MIN(MIN(used.len, used.in_length), sizeof(bytes));

        if (len > 0) {
            vring_driver_get(&guest->driver, GPOINTER_TO_SIZE(used.token), bytes, len);
        }
    }
}

void virt_step_collect(VirtGuest *guest)
{
    VRingQueue *queue = virt_guest_pick_queue(guest);

    if (queue) {
        virt_guest_collect(guest, queue, COLLECT_MAX);
    }
}

/* A random chain of readable, then writable segments in the areas for data. */
static unsigned make_chain(VirtGuest *guest, uint32_t out, uint32_t in, VRingSegment *segments)
{
    unsigned n = 0;
    unsigned max = 1 + virt_guest_below(guest, GUEST_SEGMENTS / 2);

    if (out > 0) {
        uint64_t addr = guest->out_area + virt_guest_below(guest, GUEST_AREA - out + 1);

        n = vring_cut(guest->rand, addr, out, false, max, segments);
    }
    if (in > 0) {
        uint64_t addr = guest->in_area + virt_guest_below(guest, GUEST_AREA - in + 1);

        n += vring_cut(guest->rand, addr, in, true, max, segments + n);
    }
    return n;
}

static uint32_t pick_length(VirtGuest *guest)
{
    static const uint32_t limits[] = { 1, 16, 16, 64, 64, 64, 300, 300, 2000, 8000 };

    return 1 + virt_guest_below(guest, limits[virt_guest_below(guest, G_N_ELEMENTS(limits))]);
}

static void post(VirtGuest *guest, VRingQueue *queue, uint32_t out, uint32_t in)
{
    VRingSegment segments[GUEST_SEGMENTS];
    unsigned n = make_chain(guest, out, in, segments);
    bool indirect = guest->driver.features >> 28 & 1 && virt_guest_below(guest, 3) == 0;
    uint64_t first_in = 0;

    for (unsigned i = n; i-- > 0;) {
        first_in = segments[i].in ? segments[i].addr : first_in;
    }
    vring_queue_post(queue, segments, n, indirect, GSIZE_TO_POINTER(first_in));
}

void virt_step_post(VirtGuest *guest)
{
    VRingQueue *queue = pick_queue_for(guest, false);
    unsigned n = 1 + virt_guest_below(guest, 4);

    if (!queue) {
        return;
    }
    for (unsigned i = 0; i < n; i++) {
        bool mixed = virt_guest_below(guest, 12) == 0;

        post(guest, queue, mixed ? pick_length(guest) : 0, pick_length(guest));
    }
    virt_guest_kick(guest, queue);
}

void virt_step_send(VirtGuest *guest)
{
    VRingQueue *queue = pick_queue_for(guest, true);
    unsigned n = 1 + virt_guest_below(guest, 4);

    if (!queue) {
        return;
    }
    for (unsigned i = 0; i < n; i++) {
        bool mixed = virt_guest_below(guest, 12) == 0;

        post(guest, queue, pick_length(guest), mixed ? pick_length(guest) : 0);
    }
    virt_guest_kick(guest, queue);
}

/* More at once than a backend takes: the same bytes over and over, in one chain with a table. */
static void send_burst(VirtGuest *guest, VRingQueue *queue)
{
    VRingSegment segments[BURST_SEGMENTS];
    unsigned n = 1 + virt_guest_below(guest, BURST_SEGMENTS);

    for (unsigned i = 0; i < n; i++) {
        uint32_t len = 1 + virt_guest_below(guest, GUEST_AREA / 2);

        segments[i] =
            (VRingSegment){ guest->out_area + virt_guest_below(guest, GUEST_AREA / 2), len, false };
    }
    vring_queue_post(queue, segments, n, true, NULL);
    vring_queue_kick(queue);
}

void virt_step_burst(VirtGuest *guest)
{
    VRingQueue *queue = pick_queue_for(guest, true);

    if (queue && guest->driver.features >> 28 & 1) {
        send_burst(guest, queue);
    }
}

void virt_guest_control(VirtGuest *guest, uint32_t id, uint16_t event, uint16_t value, uint32_t len)
{
    VRingQueue *queue = guest->queues[GUEST_CONTROL_OUT];
    uint64_t addr = guest->out_area + (uint64_t)virt_guest_below(guest, GUEST_AREA / 16) * 16;
    uint8_t bytes[16] = { 0 };
    VRingSegment segments[3];
    unsigned n;

    if (guest->lost || guest->wild[GUEST_CONTROL_OUT] || !queue) {
        return;
    }
    id = GUINT32_TO_LE(id);
    event = GUINT16_TO_LE(event);
    value = GUINT16_TO_LE(value);
    memcpy(bytes, &id, sizeof(id));
    memcpy(bytes + 4, &event, sizeof(event));
    memcpy(bytes + 6, &value, sizeof(value));
    vring_driver_put(&guest->driver, addr, bytes, sizeof(bytes));
    n = vring_cut(guest->rand, addr, len, false, G_N_ELEMENTS(segments), segments);
    if (!vring_queue_post(queue, segments, n, false, NULL)) {
        virt_guest_collect(guest, queue, COLLECT_MAX);
        return;
    }
    if (virt_guest_below(guest, 8)) {
        vring_queue_kick(queue);
    }
}

static uint32_t pick_port(VirtGuest *guest)
{
    const GuestPort *port;

    if (guest->ports->len == 0 || virt_guest_below(guest, 10) == 0) {
        return virt_guest_below(guest, 3) ? virt_guest_below(guest, 34) : UINT32_MAX;
    }
    port = g_ptr_array_index(guest->ports, virt_guest_below(guest, guest->ports->len));
    return port->nr;
}

void virt_step_control(VirtGuest *guest)
{
    static const uint16_t events[] = { 0, 0, 3, 3, 3, 3, 6, 6, 6, 6, 6, 1, 2, 4, 5, 7, 8, 0xffff };
    uint32_t id = pick_port(guest);
    uint16_t event = events[virt_guest_below(guest, G_N_ELEMENTS(events))];
    uint16_t value = virt_guest_below(guest, 5) > 0;
    uint32_t len = virt_guest_below(guest, 12) ? 8 : 1 + virt_guest_below(guest, 16);

    virt_guest_control(guest, id, event, virt_guest_below(guest, 20) ? value : 0x100, len);
}

void virt_step_interrupt(VirtGuest *guest)
{
    vring_driver_take_interrupt(&guest->driver);
}

void virt_step_suppress(VirtGuest *guest)
{
    VRingQueue *queue = virt_guest_pick_queue(guest);

    if (!queue) {
        return;
    }
    if (virt_guest_below(guest, 2)) {
        vring_queue_set_interrupts(queue, virt_guest_below(guest, 2));
    } else {
        vring_queue_set_used_event(queue, virt_guest_below(guest, 6));
    }
}
