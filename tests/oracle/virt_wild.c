/* Steps of the guest that no driver should do, and those at the registers. */
#include <inttypes.h>
#include <string.h>

#include "models/virtio/virtio_ring.h"
#include "tests/oracle/virt_guest.h"

#define REGISTERS_SIZE 0x200u
#define OTHER_SLOT UINT64_C(0x10006000)

static const char sizes[] = { 'b', 'w', 'l', 'q' };

/* Addresses of interest to one who wants to break things; nothing of QEMU's board that ours has not. */
static uint64_t pick_address(VirtGuest *guest)
{
    switch (virt_guest_below(guest, 8)) {
    case 0:
        return GUEST_RAM_END - virt_guest_below(guest, 0x40);
    case 1:
        return GUEST_RAM_END + virt_guest_below(guest, 0x10000);
    case 2:
        return UINT64_C(0x1000000000) + virt_guest_below(guest, 0x1000);
    case 3:
        return UINT64_MAX - virt_guest_below(guest, 0x40);
    default:
        return guest->out_area + virt_guest_below(guest, 2 * GUEST_AREA);
    }
}

/* --- Registers --- */

void virt_step_read_register(VirtGuest *guest)
{
    uint64_t base = virt_guest_below(guest, 6) ? guest->mmio : OTHER_SLOT;
    bool plain = virt_guest_below(guest, 3) > 0;
    unsigned offset = virt_guest_below(guest, REGISTERS_SIZE - 8);
    char size = plain ? 'l' : sizes[virt_guest_below(guest, sizeof(sizes))];

    g_free(
        both_ask(guest->both, "read%c 0x%" PRIx64, size, base + (plain ? offset & ~3u : offset)));
}

static uint32_t pick_value(VirtGuest *guest)
{
    static const uint32_t values[] = { 0,    1,   2,    3,    4,    8,   16,         0x40,
                                       0x80, 128, 1024, 1025, 4096, 0xf, 0x80000000, UINT32_MAX };

    switch (virt_guest_below(guest, 4)) {
    case 0:
        return g_rand_int(guest->rand);
    case 1:
        return (uint32_t)pick_address(guest);
    default:
        return values[virt_guest_below(guest, G_N_ELEMENTS(values))];
    }
}

/* High halves are such that QEMU's board has nothing there, or nothing but RAM. */
static uint32_t pick_high_half(VirtGuest *guest)
{
    static const uint32_t values[] = { 0, 0, 0, 0x10, UINT32_MAX };

    return values[virt_guest_below(guest, G_N_ELEMENTS(values))];
}

static bool is_high_half(uint32_t offset)
{
    return offset == MMIO_QUEUE_DESC + 4 || offset == MMIO_QUEUE_DRIVER + 4 ||
           offset == MMIO_QUEUE_DEVICE + 4;
}

static bool is_low_half(uint32_t offset)
{
    return offset == MMIO_QUEUE_DESC || offset == MMIO_QUEUE_DRIVER || offset == MMIO_QUEUE_DEVICE;
}

/* Rings only where memory is the guest's, or nobody's. */
static uint32_t pick_register_value(VirtGuest *guest, uint32_t offset)
{
    if (is_high_half(offset)) {
        return pick_high_half(guest);
    }
    if (is_low_half(offset)) {
        return virt_guest_below(guest, 4) ? (uint32_t)pick_address(guest) & ~15u
                                          : 0x90000000u + virt_guest_below(guest, 4096);
    }
    if (offset == MMIO_QUEUE_PFN) {
        return virt_guest_below(guest, 4)
                   ? (uint32_t)(GUEST_ARENA >> 12) + virt_guest_below(guest, 64)
                   : 0;
    }
    if (offset == MMIO_GUEST_PAGE_SIZE) {
        return 4096;
    }
    return pick_value(guest);
}

/* Changes that the driver's own bookkeeping does not survive. */
static bool breaks_driver(uint32_t offset)
{
    return offset == MMIO_DRIVER_FEATURES || offset == MMIO_STATUS ||
           (offset >= MMIO_GUEST_PAGE_SIZE && offset <= MMIO_QUEUE_READY) ||
           (offset >= MMIO_QUEUE_DESC && offset < MMIO_SHM_LEN);
}

void virt_step_write_register(VirtGuest *guest)
{
    static const uint32_t offsets[] = {
        MMIO_DEVICE_FEATURES_SEL,
        MMIO_DRIVER_FEATURES,
        MMIO_DRIVER_FEATURES_SEL,
        MMIO_GUEST_PAGE_SIZE,
        MMIO_QUEUE_SEL,
        MMIO_QUEUE_NUM,
        MMIO_QUEUE_ALIGN,
        MMIO_QUEUE_PFN,
        MMIO_QUEUE_READY,
        MMIO_QUEUE_NOTIFY,
        MMIO_QUEUE_NOTIFY,
        MMIO_INTERRUPT_ACK,
        MMIO_QUEUE_DESC,
        MMIO_QUEUE_DESC + 4,
        MMIO_QUEUE_DRIVER,
        MMIO_QUEUE_DRIVER + 4,
        MMIO_QUEUE_DEVICE,
        MMIO_QUEUE_DEVICE + 4,
        MMIO_MAGIC,
        MMIO_SHM_LEN,
        MMIO_CONFIG_GENERATION,
        MMIO_INTERRUPT_STATUS,
        0x00c,
        0x0ac,
    };
    uint32_t offset = offsets[virt_guest_below(guest, G_N_ELEMENTS(offsets))];
    uint32_t value = pick_register_value(guest, offset);
    unsigned shape = virt_guest_below(guest, 10);

    if (!virt_guest_may_break(guest)) {
        return;
    }
    guest->lost |= breaks_driver(offset);
    if (shape > 0) {
        vring_driver_write(&guest->driver, offset, value);
    } else {
        g_free(both_ask(guest->both, "write%c 0x%" PRIx64 " 0x%x",
                        sizes[virt_guest_below(guest, 2)],
                        guest->mmio + offset + virt_guest_below(guest, 4), value));
        guest->lost = true;
    }
    virt_guest_mend(guest);
}

void virt_step_status(VirtGuest *guest)
{
    static const uint32_t values[] = { 0, 1, 3, 7, 0xb, 0xf, 0xf, 0x4f, 0x8f, 0xff, 0x100, 4 };
    uint32_t value = values[virt_guest_below(guest, G_N_ELEMENTS(values))];

    if (!virt_guest_may_break(guest)) {
        return;
    }
    guest->lost = true;
    vring_driver_write(&guest->driver, MMIO_STATUS, value);
    vring_driver_read(&guest->driver, MMIO_INTERRUPT_STATUS);
    virt_guest_mend(guest);
}

void virt_step_config(VirtGuest *guest)
{
    unsigned offset = virt_guest_below(guest, 20);
    char size = sizes[virt_guest_below(guest, sizeof(sizes))];

    if (virt_guest_below(guest, 2)) {
        g_free(
            both_ask(guest->both, "read%c 0x%" PRIx64, size, guest->mmio + MMIO_CONFIG + offset));
    } else if (virt_guest_below(guest, 2)) {
        g_free(both_ask(guest->both, "write%c 0x%" PRIx64 " 0x%x", size,
                        guest->mmio + MMIO_CONFIG + offset, g_rand_int(guest->rand)));
    } else {
        /* Emergency write. */
        g_free(both_ask(guest->both, "writel 0x%" PRIx64 " 0x%x", guest->mmio + MMIO_CONFIG + 8,
                        virt_guest_below(guest, 256)));
    }
}

/* --- Rings --- */

static uint16_t available_flags(const VRingQueue *queue)
{
    if (!queue->packed) {
        return 0;
    }
    return queue->avail_wrap ? VRING_PACKED_DESC_F_AVAIL : VRING_PACKED_DESC_F_USED;
}

/* Makes one descriptor available, whatever it is. */
static void offer(VRingQueue *queue, uint64_t addr, uint32_t len, uint16_t flags, uint16_t next)
{
    unsigned i = queue->packed ? queue->avail_idx : 0;

    vring_queue_desc_at(queue, i, addr, len, (uint16_t)(flags | available_flags(queue)), next);
    if (!queue->packed) {
        vring_queue_avail_at(queue, queue->avail_idx, 0);
        vring_queue_set_avail_idx(queue, (uint16_t)(queue->avail_idx + 1));
    }
}

static uint16_t direction(const VRingQueue *queue)
{
    return queue->index % 2 ? 0 : VRING_DESC_F_WRITE;
}

static uint16_t opposite(const VRingQueue *queue)
{
    return queue->index % 2 ? VRING_DESC_F_WRITE : 0;
}

static void break_avail(VirtGuest *guest, VRingQueue *queue)
{
    unsigned jump = virt_guest_below(guest, 2) ? queue->num + 1 : g_rand_int(guest->rand);

    if (queue->packed) {
        /* All entries at once. */
        for (unsigned i = 0; i < queue->num; i++) {
            vring_queue_desc_at(queue, i, guest->out_area + 16 * (uint64_t)i, 16,
                                (uint16_t)(direction(queue) | available_flags(queue)), 0);
        }
        return;
    }
    vring_queue_set_avail_idx(queue, (uint16_t)(queue->avail_idx + jump));
}

static void break_head(VirtGuest *guest, VRingQueue *queue)
{
    uint16_t head = (uint16_t)(queue->num + virt_guest_below(guest, 3));

    if (queue->packed) {
        offer(queue, guest->out_area, 16, direction(queue), head);
        return;
    }
    vring_queue_avail_at(queue, queue->avail_idx, virt_guest_below(guest, 2) ? head : 0xffff);
    vring_queue_set_avail_idx(queue, (uint16_t)(queue->avail_idx + 1));
}

static void break_link(VirtGuest *guest, VRingQueue *queue)
{
    static const uint16_t links[] = { 0, 1, 0xffff, 64 };
    uint16_t next = links[virt_guest_below(guest, G_N_ELEMENTS(links))];

    offer(queue, guest->out_area, 8, (uint16_t)(direction(queue) | VRING_DESC_F_NEXT), next);
}

static void break_order(VirtGuest *guest, VRingQueue *queue)
{
    unsigned next = (queue->avail_idx + 1) % queue->num;

    if (queue->num < 2) {
        return;
    }
    vring_queue_desc_at(queue, queue->packed ? next : 1, guest->out_area, 8, available_flags(queue),
                        0);
    offer(queue, guest->in_area, 8, VRING_DESC_F_WRITE | VRING_DESC_F_NEXT, 1);
}

static void break_buffer(VirtGuest *guest, VRingQueue *queue)
{
    static const uint32_t lengths[] = { 0, 0, 1, 64, 4096, 4097, 0x7fffffff, UINT32_MAX };
    uint32_t len = lengths[virt_guest_below(guest, G_N_ELEMENTS(lengths))];
    uint16_t flags = virt_guest_below(guest, 4) ? direction(queue) : opposite(queue);

    offer(queue, pick_address(guest), len, flags, 0);
}

/* A table with two entries and what is wrong with it. A packed one without entries makes QEMU abort. */
static void break_table(VirtGuest *guest, VRingQueue *queue)
{
    static const uint32_t lengths[] = { 16, 32, 32, 17, 8, 0, 0x7ffffff0, 48 };
    uint64_t table = guest->out_area + 16 * (uint64_t)virt_guest_below(guest, 64);
    uint32_t len = lengths[virt_guest_below(guest, G_N_ELEMENTS(lengths))];
    uint16_t odd = virt_guest_below(guest, 3) ? 0 : VRING_DESC_F_INDIRECT;
    uint16_t more = virt_guest_below(guest, 4) ? 0 : VRING_DESC_F_NEXT;

    vring_driver_desc(&guest->driver, table, 0, guest->in_area, 8,
                      (uint16_t)(direction(queue) | (queue->packed ? 0 : VRING_DESC_F_NEXT) | odd),
                      virt_guest_below(guest, 3) ? 1 : 7, queue->packed);
    vring_driver_desc(&guest->driver, table, 1, guest->in_area + 64, 8, direction(queue), 0,
                      queue->packed);
    len = queue->packed && len == 0 ? 16 : len;
    offer(queue, virt_guest_below(guest, 5) ? table : pick_address(guest), len,
          (uint16_t)(VRING_DESC_F_INDIRECT | more), 0);
}

static void write_garbage(VirtGuest *guest, VRingQueue *queue)
{
    uint64_t addr = pick_address(guest);
    uint32_t len = virt_guest_below(guest, 600);

    offer(queue, addr, len, (uint16_t)(g_rand_int(guest->rand) & ~VRING_DESC_F_INDIRECT),
          (uint16_t)g_rand_int(guest->rand));
}

void virt_step_break_ring(VirtGuest *guest)
{
    static void (*const ways[])(VirtGuest * guest, VRingQueue * queue) = {
        break_avail,  break_head,   break_link,  break_order,
        break_buffer, break_buffer, break_table, write_garbage,
    };
    VRingQueue *queue = virt_guest_pick_queue(guest);

    if (!queue || !virt_guest_may_break(guest)) {
        return;
    }
    ways[virt_guest_below(guest, G_N_ELEMENTS(ways))](guest, queue);
    guest->wild[queue->index] = true;
    vring_queue_kick(queue);
    vring_driver_read(&guest->driver, MMIO_INTERRUPT_STATUS);
    virt_guest_mend(guest);
    /* Half of the time it is the end of this driver. */
    guest->lost |= virt_guest_below(guest, 2) == 0;
}
