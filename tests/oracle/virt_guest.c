#include "tests/oracle/virt_guest.h"

#include <inttypes.h>
#include <string.h>

#include "tests/oracle/virt_qmp.h"

/* Longer blocks go as base64. */
#define HEX_MAX 256u

static const struct {
    const char *name;
    void (*run)(VirtGuest *guest);
    unsigned weight;
} steps[] = {
    { "set-ups", virt_step_set_up, 8 },
    { "receive buffers", virt_step_post, 80 },
    { "transmissions", virt_step_send, 120 },
    { "bursts", virt_step_burst, 14 },
    { "control messages", virt_step_control, 80 },
    { "collections", virt_step_collect, 120 },
    { "interrupts taken", virt_step_interrupt, 60 },
    { "suppressions", virt_step_suppress, 50 },
    { "register reads", virt_step_read_register, 60 },
    { "register writes", virt_step_write_register, 14 },
    { "configuration accesses", virt_step_config, 40 },
    { "status writes", virt_step_status, 6 },
    { "broken rings", virt_step_break_ring, 10 },
    { "plugs", virt_step_plug, 25 },
    { "unplugs", virt_step_unplug, 12 },
    { "machine resets", virt_step_reset, 3 },
    { "host's actions", virt_step_host, 130 },
    { "memory comparisons", virt_step_compare_memory, 20 },
    { "port comparisons", virt_step_compare_ports, 25 },
};

unsigned virt_guest_kinds(void)
{
    return G_N_ELEMENTS(steps);
}

const char *virt_guest_kind_name(unsigned kind)
{
    return steps[kind].name;
}

unsigned virt_guest_below(VirtGuest *guest, unsigned limit)
{
    return g_rand_int(guest->rand) % limit;
}

unsigned virt_guest_step(VirtGuest *guest)
{
    unsigned total = 0;
    unsigned kind = 0;
    unsigned draw;

    for (unsigned i = 0; i < G_N_ELEMENTS(steps); i++) {
        total += steps[i].weight;
    }
    draw = virt_guest_below(guest, total);
    while (draw >= steps[kind].weight) {
        draw -= steps[kind++].weight;
    }
    /* A driver that knows nothing any more begins anew, sooner or later. */
    if (guest->lost && virt_guest_below(guest, 12) == 0) {
        kind = 0;
    }
    steps[kind].run(guest);
    return kind;
}

/* --- Registers and memory of both sides --- */

static void read_memory(void *opaque, uint64_t addr, void *buf, size_t len)
{
    VirtGuest *guest = opaque;
    g_autofree char *answer = both_ask(guest->both, "b64read 0x%" PRIx64 " %zu", addr, len);
    g_autofree guchar *data = NULL;
    gsize got = 0;

    if (g_str_has_prefix(answer, "OK ")) {
        data = g_base64_decode(answer + 3, &got);
    }
    if (!data || got != len) {
        both_trouble(guest->both, "%zu of %zu bytes: %s", got, len, answer);
    }
    memcpy(buf, data, len);
}

static void write_memory(void *opaque, uint64_t addr, const void *buf, size_t len)
{
    VirtGuest *guest = opaque;
    const uint8_t *bytes = buf;
    g_autoptr(GString) hex = g_string_new(NULL);

    if (len > HEX_MAX) {
        g_autofree char *base64 = g_base64_encode(bytes, len);

        g_free(both_ask(guest->both, "b64write 0x%" PRIx64 " %zu %s", addr, len, base64));
        return;
    }
    for (size_t i = 0; i < len; i++) {
        g_string_append_printf(hex, "%02x", bytes[i]);
    }
    g_free(both_ask(guest->both, "write 0x%" PRIx64 " %zu 0x%s", addr, len, hex->str));
}

static uint32_t read_register(void *opaque, uint64_t addr, unsigned size)
{
    VirtGuest *guest = opaque;

    (void)size;
    return (uint32_t)both_ask_value(guest->both, "readl 0x%" PRIx64, addr);
}

static void write_register(void *opaque, uint64_t addr, uint32_t value, unsigned size)
{
    VirtGuest *guest = opaque;

    (void)size;
    g_free(both_ask(guest->both, "writel 0x%" PRIx64 " 0x%" PRIx32, addr, value));
}

static const VRingOps ops = { read_memory, write_memory, read_register, write_register };

/* --- Life --- */

static void port_free(gpointer data)
{
    GuestPort *port = data;

    g_free(port->id);
    g_free(port);
}

void virt_guest_init(VirtGuest *guest, Both *both, VirtHosts *hosts, GRand *rand, unsigned device,
                     unsigned max_ports, bool packed)
{
    *guest = (VirtGuest){
        .both = both, .hosts = hosts, .rand = rand, .max_ports = max_ports, .lost = true
    };
    guest->packed = packed;
    guest->mmio = GUEST_MMIO - device * GUEST_MMIO_STRIDE;
    guest->bus = device == 0 ? "vser0.0" : "vser1.0";
    guest->ports = g_ptr_array_new_with_free_func(port_free);
    vring_driver_init(&guest->driver, &ops, guest, guest->mmio, GUEST_ARENA, GUEST_ARENA_SIZE);
    guest->out_area = vring_driver_alloc(&guest->driver, GUEST_AREA, 4096);
    guest->in_area = vring_driver_alloc(&guest->driver, GUEST_AREA, 4096);
}

void virt_guest_clear(VirtGuest *guest)
{
    for (unsigned i = 0; i < GUEST_QUEUES; i++) {
        vring_queue_free(g_steal_pointer(&guest->queues[i]));
    }
    g_clear_pointer(&guest->ports, g_ptr_array_unref);
}

void virt_guest_add_port(VirtGuest *guest, const char *id, bool ours)
{
    GuestPort *port = g_new0(GuestPort, 1);

    port->id = g_strdup(id);
    port->ours = ours;
    port->nr = virt_compare_port(guest->both, id);
    guest->plugged++;
    g_ptr_array_add(guest->ports, port);
}

bool virt_guest_may_break(VirtGuest *guest)
{
    return !guest->packed || !guest->both->settle;
}

void virt_guest_mend(VirtGuest *guest)
{
    vring_driver_read(&guest->driver, MMIO_STATUS);
    if (guest->packed) {
        vring_driver_reset(&guest->driver);
        guest->lost = true;
    }
}

/* --- Set-up --- */

static unsigned pick_num(VirtGuest *guest)
{
    static const unsigned nums[] = { 1, 2, 3, 4, 8, 8, 16, 16, 16, 32, 32, 64, 20, 128, 512 };

    return nums[virt_guest_below(guest, G_N_ELEMENTS(nums))];
}

/* Forgets all queues and begins with empty memory. */
static void begin_anew(VirtGuest *guest)
{
    g_autofree uint8_t *bytes = g_malloc(GUEST_AREA);

    for (unsigned i = 0; i < GUEST_QUEUES; i++) {
        vring_queue_free(g_steal_pointer(&guest->queues[i]));
        guest->wild[i] = false;
    }
    vring_driver_init(&guest->driver, &ops, guest, guest->mmio, GUEST_ARENA, GUEST_ARENA_SIZE);
    guest->out_area = vring_driver_alloc(&guest->driver, GUEST_AREA, 4096);
    guest->in_area = vring_driver_alloc(&guest->driver, GUEST_AREA, 4096);
    for (unsigned i = 0; i < GUEST_AREA; i++) {
        bytes[i] = (uint8_t)g_rand_int(guest->rand);
    }
    vring_driver_put(&guest->driver, guest->out_area, bytes, GUEST_AREA);
    guest->lost = false;
}

/* Takes most of what is offered; all but one in 16 drivers know what a modern device wants. */
static uint64_t pick_features(VirtGuest *guest)
{
    uint64_t features = UINT64_MAX;

    for (unsigned bit = 0; bit < 64; bit++) {
        if (virt_guest_below(guest, bit == 32 ? 16 : 6) == 0) {
            features &= ~(UINT64_C(1) << bit);
        }
    }
    return features;
}

/* Whether queue @i serves control messages or a port that is there. */
static bool queue_is_useful(const VirtGuest *guest, unsigned i)
{
    unsigned nr = i < 2 ? 0 : i / 2 - 1;
    bool useful = i == GUEST_CONTROL_IN || i == GUEST_CONTROL_OUT;

    for (guint k = 0; k < guest->ports->len; k++) {
        const GuestPort *port = g_ptr_array_index(guest->ports, k);

        useful |= port->ours && port->nr == nr && i / 2 != 1;
    }
    return useful;
}

static void set_up_queues(VirtGuest *guest)
{
    unsigned n = MIN(GUEST_QUEUES, 2 * guest->max_ports + 2);

    for (unsigned i = 0; i < n; i++) {
        bool useful = queue_is_useful(guest, i);

        if (virt_guest_below(guest, 16) < (useful ? 15 : 2)) {
            guest->queues[i] = vring_queue_new(&guest->driver, i, pick_num(guest));
        }
    }
}

static void fill_control_queue(VirtGuest *guest)
{
    VRingQueue *queue = guest->queues[GUEST_CONTROL_IN];
    VRingSegment segment = { guest->in_area, 64, true };
    unsigned n = virt_guest_below(guest, 16);

    for (unsigned i = 0; queue && i < n; i++) {
        segment.addr = guest->in_area + (uint64_t)virt_guest_below(guest, GUEST_AREA / 64) * 64;
        vring_queue_post(queue, &segment, 1, false, GSIZE_TO_POINTER(segment.addr));
    }
    if (queue) {
        vring_queue_kick(queue);
    }
}

/* What a good driver says at the start. */
static void greet(VirtGuest *guest)
{
    virt_guest_control(guest, UINT32_MAX, 0, 1, 8);
    for (guint i = 0; i < guest->ports->len; i++) {
        const GuestPort *port = g_ptr_array_index(guest->ports, i);

        if (port->ours) {
            virt_guest_control(guest, port->nr, 3, 1, 8);
            virt_guest_control(guest, port->nr, 6, 1, 8);
        }
    }
}

void virt_step_set_up(VirtGuest *guest)
{
    bool early = virt_guest_below(guest, 4) == 0;
    bool late = virt_guest_below(guest, 8) > 0;

    begin_anew(guest);
    vring_driver_negotiate(&guest->driver, pick_features(guest));
    if (early) {
        vring_driver_start(&guest->driver);
    }
    set_up_queues(guest);
    if (late) {
        vring_driver_start(&guest->driver);
    }
    fill_control_queue(guest);
    if (virt_guest_below(guest, 8)) {
        greet(guest);
    }
}

/* --- Machine and other end --- */

void virt_step_reset(VirtGuest *guest)
{
    both_loosen(guest->both);
    virt_reset(guest->both);
    virt_hosts_settle(guest->hosts);
    guest->lost = true;
    memset(guest->wild, true, sizeof(guest->wild));
}

static void send_bytes(VirtGuest *guest, Host *host)
{
    uint8_t bytes[1500];
    size_t len = 1 + virt_guest_below(guest, virt_guest_below(guest, 4) ? 60 : sizeof(bytes));

    for (size_t i = 0; i < len; i++) {
        bytes[i] = (uint8_t)g_rand_int(guest->rand);
    }
    virt_host_send(guest->hosts, host, bytes, len);
}

void virt_step_host(VirtGuest *guest)
{
    GPtrArray *hosts = guest->hosts->hosts;
    Host *host = g_ptr_array_index(hosts, virt_guest_below(guest, hosts->len));

    if (host->kind == HOST_SOCKET && !virt_host_connected(host)) {
        virt_host_connect(guest->hosts, host);
    } else if (host->kind == HOST_SOCKET && virt_guest_below(guest, 8) == 0) {
        virt_host_disconnect(guest->hosts, host);
    } else if (host->kind <= HOST_PIPE && virt_guest_below(guest, 2)) {
        send_bytes(guest, host);
    } else {
        virt_host_drain(guest->hosts, host);
    }
}

/* --- Comparisons --- */

void virt_step_compare_memory(VirtGuest *guest)
{
    uint64_t size = guest->driver.next_free - GUEST_ARENA;
    g_autofree uint8_t *bytes = g_malloc(size);
    uint64_t spot = guest->in_area + virt_guest_below(guest, GUEST_AREA);

    if (both_plants(guest->both, PLANT_MEMORY)) {
        uint8_t byte = 0;

        qosim_read_block(guest->both->session, spot, &byte, 1, NULL);
        byte ^= 0x10;
        qosim_write_block(guest->both->session, spot, &byte, 1, NULL);
    }
    vring_driver_get(&guest->driver, GUEST_ARENA, bytes, size);
}

void virt_step_compare_ports(VirtGuest *guest)
{
    for (guint i = 0; i < guest->ports->len; i++) {
        GuestPort *port = g_ptr_array_index(guest->ports, i);

        port->nr = virt_compare_port(guest->both, port->id);
    }
    for (guint i = 0; i < guest->hosts->hosts->len; i++) {
        const Host *host = g_ptr_array_index(guest->hosts->hosts, i);

        virt_compare_chardev(guest->both, host->id);
    }
}

void virt_guest_compare_all(VirtGuest *guest)
{
    GPtrArray *hosts = guest->hosts->hosts;

    for (guint i = 0; i < hosts->len; i++) {
        virt_host_drain(guest->hosts, g_ptr_array_index(hosts, i));
    }
    virt_step_compare_memory(guest);
    virt_step_compare_ports(guest);
    both_compare_mistakes(guest->both);
}
