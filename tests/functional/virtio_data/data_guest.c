#include "tests/functional/virtio_data/data_guest.h"

#include <string.h>

#include "models/virtio/virtio.h"
#include "tests/lib/session_guest.h"

#define QUEUE_NUM 64u
#define CONTROL_NUM 8u
#define CONTROL_OUT 3u
#define CONTROL_BYTES 8u

/* --- Registers and memory --- */

static void must(const DataGuest *guest, qosim_result result)
{
    if (result != QOSIM_OK) {
        g_error("%s", qosim_last_error(guest->session));
    }
}

static void read_memory(void *opaque, uint64_t addr, void *buf, size_t len)
{
    guest_memory_read(((DataGuest *)opaque)->memory, addr, buf, len);
}

static void write_memory(void *opaque, uint64_t addr, const void *buf, size_t len)
{
    guest_memory_write(((DataGuest *)opaque)->memory, addr, buf, len);
}

static uint32_t read_register(void *opaque, uint64_t addr, unsigned size)
{
    DataGuest *guest = opaque;
    uint64_t value = 0;

    must(guest, qosim_read(guest->session, addr, size, &value, NULL));
    return (uint32_t)value;
}

static void write_register(void *opaque, uint64_t addr, uint32_t value, unsigned size)
{
    DataGuest *guest = opaque;

    must(guest, qosim_write(guest->session, addr, size, value, NULL));
}

static const VRingOps ops = { read_memory, write_memory, read_register, write_register };

/* --- Life --- */

uint32_t data_random_size(GRand *rand, uint32_t max)
{
    gint32 bits = MAX(g_rand_int_range(rand, 0, 18), g_rand_int_range(rand, 0, 18));

    return 1 + g_rand_int(rand) % MIN(UINT32_C(1) << bits, max);
}

static void lane_init(Lane *lane, DataGuest *guest, uint64_t total)
{
    uint64_t seed = (uint64_t)g_rand_int(guest->rand) << 32 | g_rand_int(guest->rand);

    stream_init(&lane->stream, seed, total);
    lane->pool = vring_driver_alloc(&guest->driver, (uint64_t)DATA_SLOTS * DATA_SLOT_SIZE, 16);
}

void data_guest_init(DataGuest *guest, qosim_session *session, GuestMemory *memory, GRand *rand,
                     uint64_t features, uint64_t total)
{
    *guest = (DataGuest){
        .session = session,
        .memory = memory,
        .rand = rand,
        .features = features,
        .indirect = virtio_has_feature(features, VIRTIO_RING_F_INDIRECT_DESC),
    };
    vring_driver_init(&guest->driver, &ops, guest, SESSION_GUEST_MMIO, SESSION_GUEST_RAM,
                      SESSION_GUEST_RAM_SIZE);
    for (unsigned i = 0; i < DATA_PORTS; i++) {
        lane_init(&guest->out[i], guest, total);
        lane_init(&guest->in[i], guest, total);
    }
    guest->message = vring_driver_alloc(&guest->driver, CONTROL_BYTES, 8);
    guest->free_base = guest->driver.next_free;
}

static void lane_clear(Lane *lane)
{
    stream_clear(&lane->stream);
    g_queue_clear(&lane->posted);
    vring_queue_free(lane->queue);
}

void data_guest_clear(DataGuest *guest)
{
    for (unsigned i = 0; i < DATA_PORTS; i++) {
        lane_clear(&guest->out[i]);
        lane_clear(&guest->in[i]);
    }
    vring_queue_free(guest->control);
}

/* --- Start --- */

static void tell(DataGuest *guest, uint32_t port, uint16_t event, uint16_t value)
{
    VRingSegment segment = { guest->message, CONTROL_BYTES, false };
    uint8_t bytes[CONTROL_BYTES];
    VRingUsed used;

    port = GUINT32_TO_LE(port);
    event = GUINT16_TO_LE(event);
    value = GUINT16_TO_LE(value);
    memcpy(bytes, &port, sizeof(port));
    memcpy(bytes + 4, &event, sizeof(event));
    memcpy(bytes + 6, &value, sizeof(value));
    vring_driver_put(&guest->driver, guest->message, bytes, sizeof(bytes));
    g_assert_true(vring_queue_post(guest->control, &segment, 1, false, NULL));
    vring_queue_kick(guest->control);
    g_assert_true(vring_queue_collect(guest->control, &used));
    g_assert_cmpuint(used.len, ==, 0);
}

static void lane_start(Lane *lane, DataGuest *guest, unsigned queue)
{
    vring_queue_free(lane->queue);
    lane->queue = vring_queue_new(&guest->driver, queue, QUEUE_NUM);
    lane->returned = lane->stream.sent;
}

void data_guest_start(DataGuest *guest)
{
    guest->driver.next_free = guest->free_base;
    g_assert_true(vring_driver_negotiate(&guest->driver, guest->features));
    vring_queue_free(guest->control);
    guest->control = vring_queue_new(&guest->driver, CONTROL_OUT, CONTROL_NUM);
    for (unsigned i = 0; i < DATA_PORTS; i++) {
        lane_start(&guest->in[i], guest, 2 * i + 4);
        lane_start(&guest->out[i], guest, 2 * i + 5);
    }
    vring_driver_start(&guest->driver);
    for (unsigned i = 0; i < DATA_PORTS; i++) {
        tell(guest, i + 1, SERIAL_PORT_READY, 1);
        tell(guest, i + 1, SERIAL_PORT_OPEN, 1);
    }
}

/* --- Buffers --- */

static DataBuffer *free_buffer(Lane *lane)
{
    for (unsigned i = 0; i < DATA_SLOTS; i++) {
        if (!lane->buffers[i].busy) {
            return &lane->buffers[i];
        }
    }
    return NULL;
}

/* Segments of at most @max bytes together, in any order in the buffer's memory. */
static void shape(GRand *rand, const Lane *lane, DataBuffer *buffer, size_t max, bool in)
{
    uint64_t addr = lane->pool + (uint64_t)(buffer - lane->buffers) * DATA_SLOT_SIZE;
    unsigned wanted = (unsigned)g_rand_int_range(rand, 1, DATA_MAX_SEGMENTS + 1);

    buffer->n = 0;
    buffer->len = 0;
    max = MIN(max, DATA_SLOT_SIZE);
    while (buffer->n < wanted && buffer->len < max) {
        uint32_t len = data_random_size(rand, DATA_MAX_SEGMENT);
        unsigned at = (unsigned)g_rand_int_range(rand, 0, (gint32)buffer->n + 1);

        len = (uint32_t)MIN(len, max - buffer->len);
        buffer->segments[buffer->n] = buffer->segments[at];
        buffer->segments[at] = (VRingSegment){ addr, len, in };
        buffer->n++;
        buffer->len += len;
        addr += len;
    }
}

static bool post(DataGuest *guest, Lane *lane, DataBuffer *buffer)
{
    bool indirect = guest->indirect && g_rand_boolean(guest->rand);

    buffer->busy = vring_queue_post(lane->queue, buffer->segments, buffer->n, indirect, buffer);
    return buffer->busy;
}

/* --- Out --- */

static void collect_out(Lane *lane)
{
    VRingUsed used;

    while (vring_queue_collect(lane->queue, &used)) {
        DataBuffer *buffer = g_queue_pop_head(&lane->posted);

        g_assert_true(buffer == used.token); /* they come back in order */
        g_assert_cmpuint(used.len, ==, 0);
        buffer->busy = false;
        lane->returned += buffer->len;
    }
}

static void fill(DataGuest *guest, const DataBuffer *buffer, const uint8_t *bytes)
{
    for (unsigned i = 0; i < buffer->n; i++) {
        vring_driver_put(&guest->driver, buffer->segments[i].addr, bytes, buffer->segments[i].len);
        bytes += buffer->segments[i].len;
    }
}

void data_guest_send(DataGuest *guest, Lane *lane)
{
    g_autofree uint8_t *bytes = NULL;
    DataBuffer *buffer;
    size_t left;

    collect_out(lane);
    buffer = free_buffer(lane);
    left = stream_left(&lane->stream, DATA_SLOT_SIZE);
    if (!buffer || !left) {
        return;
    }
    shape(guest->rand, lane, buffer, left, false);
    bytes = g_malloc(buffer->len);
    stream_peek(&lane->stream, bytes, buffer->len);
    fill(guest, buffer, bytes);
    if (post(guest, lane, buffer)) {
        stream_send(&lane->stream, bytes, buffer->len);
        g_queue_push_tail(&lane->posted, buffer);
        vring_queue_kick_if_wanted(lane->queue);
    }
}

/*
 * What the backend took is what came back and a part of the next buffer, the one that the port held: less than all of it, or it
 * would have come back.
 */
void data_guest_account_out(Lane *lane, uint64_t pending)
{
    uint64_t taken = stream_place_after(&lane->stream, pending);
    DataBuffer *held;

    collect_out(lane);
    held = g_queue_peek_head(&lane->posted);
    g_assert_cmpuint(taken, >=, lane->returned);
    g_assert_cmpuint(taken - lane->returned, <, held ? held->len : 1);
    stream_lose_rest(&lane->stream, taken);
    g_queue_clear(&lane->posted);
    for (unsigned i = 0; i < DATA_SLOTS; i++) {
        lane->buffers[i].busy = false;
    }
}

/* --- In --- */

static void take(DataGuest *guest, Lane *lane, const DataBuffer *buffer, uint32_t len)
{
    g_autofree uint8_t *bytes = g_malloc(DATA_MAX_SEGMENT);

    for (unsigned i = 0; i < buffer->n && len > 0; i++) {
        uint32_t n = MIN(len, buffer->segments[i].len);

        vring_driver_get(&guest->driver, buffer->segments[i].addr, bytes, n);
        stream_receive(&lane->stream, bytes, n);
        len -= n;
    }
}

void data_guest_receive(DataGuest *guest, Lane *lane)
{
    VRingUsed used;
    DataBuffer *buffer;

    while (vring_queue_collect(lane->queue, &used)) {
        buffer = used.token;
        g_assert_cmpuint(used.len, <=, buffer->len);
        take(guest, lane, buffer, used.len);
        buffer->busy = false;
    }
    while ((buffer = free_buffer(lane))) {
        shape(guest->rand, lane, buffer, DATA_SLOT_SIZE, true);
        if (!post(guest, lane, buffer) || g_rand_int_range(guest->rand, 0, 4) == 0) {
            break;
        }
    }
    vring_queue_kick_if_wanted(lane->queue);
}

/* The driver reads what was in its buffers at the reset, or it does not. */
void data_guest_account_in(Lane *lane, DataGuest *guest)
{
    bool look = g_rand_boolean(guest->rand);
    VRingUsed used;

    while (vring_queue_collect(lane->queue, &used)) {
        if (look) {
            take(guest, lane, used.token, used.len);
        } else {
            stream_lose_next(&lane->stream, used.len);
        }
    }
    for (unsigned i = 0; i < DATA_SLOTS; i++) {
        lane->buffers[i].busy = false;
    }
}

void data_guest_reset(DataGuest *guest)
{
    vring_driver_reset(&guest->driver);
}
