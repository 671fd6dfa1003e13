#include "tests/lib/session_guest.h"

#include <string.h>

#define QUEUE_NUM 32u
#define CONTROL_IN 2u
#define CONTROL_OUT 3u
#define CONTROL_BYTES 8u
#define CONTROL_BUFFER 64u
#define FEATURES_OK 0x08u
#define EVENT_IDX 29
#define RING_PACKED 34

typedef struct Buffer {
    uint64_t addr;
    uint32_t size;
} Buffer;

/* One queue with its buffers; the free ones are in @spare. */
typedef struct Queue {
    VRingQueue *ring;
    Buffer buffers[QUEUE_NUM];
    GQueue spare; /* of Buffer *, borrowed */
} Queue;

struct SessionGuest {
    qosim_session *session;
    char *transport; /* NULL: registers */
    VRingDriver driver;
    Queue queues[2 * SESSION_GUEST_PORTS + 2];
    bool stalled[SESSION_GUEST_PORTS];

    /* What registers of a virtio-rpc would hold. */
    uint32_t offered_sel;
    uint32_t accepted_sel;
    uint32_t accepted[2];
    uint32_t queue_sel;
    qosim_virtio_queue queue;
};

static void must(const SessionGuest *guest, qosim_result result)
{
    if (result != QOSIM_OK) {
        g_error("%s", qosim_last_error(guest->session));
    }
}

/* --- Memory and registers --- */

static void read_memory(void *opaque, uint64_t addr, void *buf, size_t len)
{
    SessionGuest *guest = opaque;

    must(guest, qosim_read_block(guest->session, addr, buf, len, NULL));
}

static void write_memory(void *opaque, uint64_t addr, const void *buf, size_t len)
{
    SessionGuest *guest = opaque;

    must(guest, qosim_write_block(guest->session, addr, buf, len, NULL));
}

static uint32_t read_mmio(void *opaque, uint64_t addr, unsigned size)
{
    SessionGuest *guest = opaque;
    uint64_t value = 0;

    must(guest, qosim_read(guest->session, addr, size, &value, NULL));
    return (uint32_t)value;
}

static void write_mmio(void *opaque, uint64_t addr, uint32_t value, unsigned size)
{
    SessionGuest *guest = opaque;

    must(guest, qosim_write(guest->session, addr, size, value, NULL));
}

static const VRingOps mmio_ops = { read_memory, write_memory, read_mmio, write_mmio };

/* --- The same by calls --- */

static uint32_t read_rpc(void *opaque, uint64_t offset, unsigned size)
{
    SessionGuest *guest = opaque;
    qosim_virtio_state state;

    (void)size;
    must(guest, qosim_virtio_get_state(guest->session, guest->transport, &state));
    switch (offset) {
    case MMIO_VERSION:
        return 2;
    case MMIO_DEVICE_ID:
        return state.device_id;
    case MMIO_DEVICE_FEATURES:
        return (uint32_t)(state.offered_features >> (guest->offered_sel ? 32 : 0));
    case MMIO_STATUS:
        return state.status;
    case MMIO_INTERRUPT_STATUS:
        return state.interrupt_status;
    default:
        g_assert_not_reached();
    }
}

static void write_rpc_status(SessionGuest *guest, uint32_t status)
{
    qosim_virtio_state state;

    must(guest, qosim_virtio_get_state(guest->session, guest->transport, &state));
    if (status & ~state.status & FEATURES_OK) {
        must(guest,
             qosim_virtio_set_features(guest->session, guest->transport,
                                       (uint64_t)guest->accepted[1] << 32 | guest->accepted[0]));
    }
    must(guest, qosim_virtio_set_status(guest->session, guest->transport, status, NULL));
}

static void set_half(uint64_t *address, uint64_t offset, uint32_t value)
{
    unsigned shift = offset % 8 ? 32 : 0;

    *address = (*address & ~((uint64_t)UINT32_MAX << shift)) | (uint64_t)value << shift;
}

static void write_rpc_queue(SessionGuest *guest, uint64_t offset, uint32_t value)
{
    switch (offset) {
    case MMIO_QUEUE_NUM:
        guest->queue.size = value;
        break;
    case MMIO_QUEUE_READY:
        must(guest, qosim_virtio_set_queue(guest->session, guest->transport, guest->queue_sel,
                                           &guest->queue));
        break;
    case MMIO_QUEUE_DESC:
    case MMIO_QUEUE_DESC + 4:
        set_half(&guest->queue.descriptors, offset, value);
        break;
    case MMIO_QUEUE_DRIVER:
    case MMIO_QUEUE_DRIVER + 4:
        set_half(&guest->queue.driver, offset, value);
        break;
    case MMIO_QUEUE_DEVICE:
    case MMIO_QUEUE_DEVICE + 4:
        set_half(&guest->queue.device, offset, value);
        break;
    default:
        g_assert_not_reached();
    }
}

static void write_rpc(void *opaque, uint64_t offset, uint32_t value, unsigned size)
{
    SessionGuest *guest = opaque;

    (void)size;
    switch (offset) {
    case MMIO_DEVICE_FEATURES_SEL:
        guest->offered_sel = value;
        break;
    case MMIO_DRIVER_FEATURES_SEL:
        guest->accepted_sel = value;
        break;
    case MMIO_DRIVER_FEATURES:
        guest->accepted[guest->accepted_sel != 0] = value;
        break;
    case MMIO_STATUS:
        write_rpc_status(guest, value);
        break;
    case MMIO_QUEUE_SEL:
        guest->queue_sel = value;
        break;
    case MMIO_QUEUE_NOTIFY:
        must(guest, qosim_virtio_notify(guest->session, guest->transport, value));
        break;
    case MMIO_INTERRUPT_ACK:
        must(guest, qosim_virtio_acknowledge(guest->session, guest->transport, value, NULL));
        break;
    default:
        write_rpc_queue(guest, offset, value);
    }
}

static const VRingOps rpc_ops = { read_memory, write_memory, read_rpc, write_rpc };

/* --- Queues --- */

static Queue *in_queue(SessionGuest *guest, unsigned port)
{
    return &guest->queues[port ? 2 * port + 2 : 0];
}

static Queue *out_queue(SessionGuest *guest, unsigned port)
{
    return in_queue(guest, port) + 1;
}

static void set_up_queue(SessionGuest *guest, Queue *queue, uint32_t size)
{
    queue->ring = vring_queue_new(&guest->driver, (unsigned)(queue - guest->queues), QUEUE_NUM);
    for (unsigned i = 0; i < QUEUE_NUM; i++) {
        queue->buffers[i] = (Buffer){ vring_driver_alloc(&guest->driver, size, 8), size };
        g_queue_push_tail(&queue->spare, &queue->buffers[i]);
    }
}

static void post(Queue *queue, Buffer *buffer, uint32_t len, bool in)
{
    VRingSegment segment = { buffer->addr, len, in };

    g_assert_true(vring_queue_post(queue->ring, &segment, 1, false, buffer));
}

/* Gives the device all spare buffers to fill. */
static void post_spare(Queue *queue)
{
    Buffer *buffer;

    if (g_queue_is_empty(&queue->spare)) {
        return;
    }
    while ((buffer = g_queue_pop_head(&queue->spare))) {
        post(queue, buffer, buffer->size, true);
    }
    vring_queue_kick(queue->ring);
}

/* Appends what the device wrote to @bytes; the buffers are spare then. */
static void collect(SessionGuest *guest, Queue *queue, GByteArray *bytes)
{
    VRingUsed used;

    while (vring_queue_collect(queue->ring, &used)) {
        Buffer *buffer = used.token;

        if (bytes && used.len > 0) {
            guint at = bytes->len;

            g_byte_array_set_size(bytes, at + used.len);
            vring_driver_get(&guest->driver, buffer->addr, bytes->data + at, used.len);
        }
        g_queue_push_tail(&queue->spare, buffer);
    }
}

/* --- The driver --- */

SessionGuest *session_guest_new(qosim_session *session, const char *transport)
{
    SessionGuest *guest = g_new0(SessionGuest, 1);

    guest->session = session;
    guest->transport = g_strdup(transport);
    return guest;
}

static void free_queues(SessionGuest *guest)
{
    for (size_t i = 0; i < G_N_ELEMENTS(guest->queues); i++) {
        g_queue_clear(&guest->queues[i].spare);
        g_clear_pointer(&guest->queues[i].ring, vring_queue_free);
    }
}

void session_guest_free(SessionGuest *guest)
{
    if (guest) {
        free_queues(guest);
        g_free(guest->transport);
        g_free(guest);
    }
}

void session_guest_start(SessionGuest *guest, unsigned ports)
{
    free_queues(guest);
    vring_driver_init(&guest->driver, guest->transport ? &rpc_ops : &mmio_ops, guest,
                      guest->transport ? 0 : SESSION_GUEST_MMIO, SESSION_GUEST_RAM,
                      SESSION_GUEST_RAM_SIZE);
    g_assert_cmpuint(vring_driver_read(&guest->driver, MMIO_DEVICE_ID), ==, 3);
    g_assert_true(vring_driver_negotiate(&guest->driver, ~(UINT64_C(1) << EVENT_IDX)));
    set_up_queue(guest, &guest->queues[CONTROL_IN], CONTROL_BUFFER);
    set_up_queue(guest, &guest->queues[CONTROL_OUT], CONTROL_BUFFER);
    for (unsigned port = 0; port < ports; port++) {
        set_up_queue(guest, in_queue(guest, port), SESSION_GUEST_BUFFER);
        set_up_queue(guest, out_queue(guest, port), SESSION_GUEST_BUFFER);
    }
    vring_driver_start(&guest->driver);
    post_spare(&guest->queues[CONTROL_IN]);
    for (unsigned port = 0; port < ports; port++) {
        post_spare(in_queue(guest, port));
    }
}

void session_guest_send(SessionGuest *guest, uint32_t port, uint16_t event, uint16_t value)
{
    Queue *queue = &guest->queues[CONTROL_OUT];
    uint8_t bytes[CONTROL_BYTES];
    Buffer *buffer;

    port = GUINT32_TO_LE(port);
    event = GUINT16_TO_LE(event);
    value = GUINT16_TO_LE(value);
    memcpy(bytes, &port, sizeof(port));
    memcpy(bytes + 4, &event, sizeof(event));
    memcpy(bytes + 6, &value, sizeof(value));
    collect(guest, queue, NULL);
    buffer = g_queue_pop_head(&queue->spare);
    g_assert_nonnull(buffer);
    vring_driver_put(&guest->driver, buffer->addr, bytes, sizeof(bytes));
    post(queue, buffer, sizeof(bytes), false);
    vring_queue_kick(queue->ring);
}

static void append_message(GString *text, const GByteArray *bytes)
{
    static const char *const names[] = { "READY",   "ADD",    "REMOVE", "PORT_READY",
                                         "CONSOLE", "RESIZE", "OPEN",   "NAME" };
    uint32_t id;
    uint16_t event;
    uint16_t value;

    g_assert_cmpuint(bytes->len, >=, CONTROL_BYTES);
    memcpy(&id, bytes->data, sizeof(id));
    memcpy(&event, bytes->data + 4, sizeof(event));
    memcpy(&value, bytes->data + 6, sizeof(value));
    event = GUINT16_FROM_LE(event);
    g_assert_cmpuint(event, <, G_N_ELEMENTS(names));
    g_string_append_printf(text, "%u:%s=%u ", GUINT32_FROM_LE(id), names[event],
                           GUINT16_FROM_LE(value));
    if (bytes->len > CONTROL_BYTES) {
        g_string_append_printf(text, "'%s' ", bytes->data + CONTROL_BYTES);
    }
}

char *session_guest_messages(SessionGuest *guest)
{
    Queue *queue = &guest->queues[CONTROL_IN];
    GString *text = g_string_new(NULL);
    VRingUsed used;

    while (vring_queue_collect(queue->ring, &used)) {
        g_autoptr(GByteArray) bytes = g_byte_array_new();
        Buffer *buffer = used.token;

        g_byte_array_set_size(bytes, MIN(used.len, CONTROL_BUFFER));
        vring_driver_get(&guest->driver, buffer->addr, bytes->data, bytes->len);
        append_message(text, bytes);
        g_queue_push_tail(&queue->spare, buffer);
    }
    post_spare(queue);
    return g_string_free(text, FALSE);
}

void session_guest_open_port(SessionGuest *guest, uint32_t port)
{
    session_guest_send(guest, UINT32_MAX, SERIAL_DEVICE_READY, 1);
    session_guest_send(guest, port, SERIAL_PORT_READY, 1);
    session_guest_send(guest, port, SERIAL_PORT_OPEN, 1);
    g_free(session_guest_messages(guest));
}

size_t session_guest_write(SessionGuest *guest, unsigned port, const void *bytes, size_t len)
{
    Queue *queue = out_queue(guest, port);
    size_t done = 0;

    collect(guest, queue, NULL);
    while (done < len && !g_queue_is_empty(&queue->spare)) {
        Buffer *buffer = g_queue_pop_head(&queue->spare);
        uint32_t piece = (uint32_t)MIN(len - done, buffer->size);

        vring_driver_put(&guest->driver, buffer->addr, (const uint8_t *)bytes + done, piece);
        post(queue, buffer, piece, false);
        done += piece;
    }
    if (done > 0) {
        vring_queue_kick(queue->ring);
    }
    return done;
}

unsigned session_guest_unsent(SessionGuest *guest, unsigned port)
{
    Queue *queue = out_queue(guest, port);

    collect(guest, queue, NULL);
    return QUEUE_NUM - queue->spare.length;
}

void session_guest_receive(SessionGuest *guest, unsigned port, GByteArray *bytes)
{
    Queue *queue = in_queue(guest, port);

    collect(guest, queue, bytes);
    if (!guest->stalled[port]) {
        post_spare(queue);
    }
}

void session_guest_stall(SessionGuest *guest, unsigned port, bool stalled)
{
    guest->stalled[port] = stalled;
    if (!stalled) {
        post_spare(in_queue(guest, port));
    }
}
