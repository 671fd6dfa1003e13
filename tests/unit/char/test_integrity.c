/*
 * Three ports at once, both ways, over chardevs that are small and stall, with buffers of random shapes: what comes out is
 * what went in.
 */
#include <string.h>

#include "tests/unit/char/guest.h"
#include "tests/unit/char/test_char.h"

#define PORTS 3u
#define BYTES ((size_t)128 * 1024) /* each way, on each port */
#define SLOTS 16u
#define SLOT_SIZE UINT64_C(4096)
#define MAX_STEPS 1000000

/* The bytes of one direction of one port, as they go by. */
typedef struct Stream {
    GRand *rand;
    size_t left;
} Stream;

/* One direction of one port. */
typedef struct Traffic {
    Stream sent;
    Stream expected;
    VRingQueue *queue;
    uint64_t pool; /* guest memory for buffers: SLOTS of SLOT_SIZE */
    bool busy[SLOTS];
} Traffic;

typedef struct Port {
    Chardev *chr;
    Traffic out;
    Traffic in;
} Port;

typedef struct Run {
    Guest *guest;
    GRand *rand;
    Port ports[PORTS];
} Run;

static void stream_init(Stream *stream, uint32_t seed)
{
    stream->rand = g_rand_new_with_seed(seed);
    stream->left = BYTES;
}

static void stream_take(Stream *stream, uint8_t *bytes, size_t len)
{
    g_assert_cmpuint(len, <=, stream->left);
    stream->left -= len;
    for (size_t i = 0; i < len; i++) {
        bytes[i] = (uint8_t)g_rand_int(stream->rand);
    }
}

static void stream_check(Stream *stream, const uint8_t *bytes, size_t len)
{
    g_autoptr(GByteArray) expected = g_byte_array_new();

    g_byte_array_set_size(expected, (guint)len);
    stream_take(stream, expected->data, len);
    g_assert_cmpmem(bytes, len, expected->data, len);
}

static void traffic_init(Traffic *traffic, Guest *guest, unsigned queue, uint32_t seed)
{
    stream_init(&traffic->sent, seed);
    stream_init(&traffic->expected, seed);
    traffic->queue = vring_queue_new(&guest->driver, queue, 64);
    traffic->pool = vring_driver_alloc(&guest->driver, SLOTS * SLOT_SIZE, 16);
}

static void traffic_end(Traffic *traffic)
{
    g_assert_cmpuint(traffic->sent.left, ==, 0);
    g_assert_cmpuint(traffic->expected.left, ==, 0);
    g_rand_free(traffic->sent.rand);
    g_rand_free(traffic->expected.rand);
    vring_queue_free(traffic->queue);
}

/* Where the next buffer may lie; SLOTS when all are with the device. */
static unsigned free_slot(const Traffic *traffic)
{
    unsigned slot = 0;

    while (slot < SLOTS && traffic->busy[slot]) {
        slot++;
    }
    return slot;
}

/* Posts @len bytes of @slot, cut at random; nothing happens when the ring is full. */
static bool post(Run *run, Traffic *traffic, unsigned slot, uint32_t len, bool in)
{
    VRingSegment segments[GUEST_MAX_SEGMENTS];
    unsigned n = vring_cut(run->rand, traffic->pool + slot * SLOT_SIZE, len, in, GUEST_MAX_SEGMENTS,
                           segments);

    traffic->busy[slot] = vring_queue_post(traffic->queue, segments, n, g_rand_boolean(run->rand),
                                           GUINT_TO_POINTER(slot));
    return traffic->busy[slot];
}

static void guest_sends(Run *run, Traffic *out)
{
    size_t wanted = 1 + g_rand_int(run->rand) % SLOT_SIZE;
    uint32_t len = (uint32_t)MIN(wanted, out->sent.left);
    Stream before = out->sent;
    uint8_t bytes[SLOT_SIZE];
    VRingUsed used;
    unsigned slot;

    while (vring_queue_collect(out->queue, &used)) {
        g_assert_cmpuint(used.len, ==, 0);
        out->busy[GPOINTER_TO_UINT(used.token)] = false;
    }
    slot = free_slot(out);
    if (slot == SLOTS || !len) {
        return;
    }
    before.rand = g_rand_copy(before.rand);
    stream_take(&out->sent, bytes, len);
    vring_driver_put(&run->guest->driver, out->pool + slot * SLOT_SIZE, bytes, len);
    if (post(run, out, slot, len, false)) {
        g_rand_free(before.rand);
        vring_queue_kick_if_wanted(out->queue);
    } else {
        g_rand_free(out->sent.rand);
        out->sent = before;
    }
}

static void host_takes(Run *run, Port *port)
{
    uint8_t bytes[5000];
    size_t want = (size_t)g_rand_int_range(run->rand, 1, sizeof(bytes));

    stream_check(&port->out.expected, bytes, rpc_chardev_read(port->chr, bytes, want));
}

static void host_sends(Run *run, Port *port)
{
    uint8_t bytes[3000];
    Stream *sent = &port->in.sent;
    Stream ahead = { g_rand_copy(sent->rand), sent->left };
    size_t wanted = (size_t)g_rand_int_range(run->rand, 1, sizeof(bytes));
    size_t len = MIN(wanted, ahead.left);
    size_t taken;

    stream_take(&ahead, bytes, len);
    taken = rpc_chardev_write(port->chr, bytes, len);
    g_assert_cmpuint(taken, <=, len);
    /* What was not taken is sent again. */
    stream_take(sent, bytes, taken);
    g_rand_free(ahead.rand);
}

static void guest_takes(Run *run, Traffic *in)
{
    uint8_t bytes[SLOT_SIZE];
    VRingUsed used;
    unsigned slot;

    while (vring_queue_collect(in->queue, &used)) {
        unsigned from = GPOINTER_TO_UINT(used.token);

        g_assert_cmpuint(used.len, <=, used.in_length);
        vring_driver_get(&run->guest->driver, in->pool + from * SLOT_SIZE, bytes, used.len);
        stream_check(&in->expected, bytes, used.len);
        in->busy[from] = false;
    }
    do {
        slot = free_slot(in);
    } while (slot < SLOTS &&
             post(run, in, slot, (uint32_t)(1 + g_rand_int(run->rand) % SLOT_SIZE), true) &&
             g_rand_boolean(run->rand));
    vring_queue_kick_if_wanted(in->queue);
}

static void step(Run *run)
{
    Port *port = &run->ports[g_rand_int_range(run->rand, 0, PORTS)];

    switch (g_rand_int_range(run->rand, 0, 5)) {
    case 0:
        guest_sends(run, &port->out);
        break;
    case 1:
        host_takes(run, port);
        break;
    case 2:
        host_sends(run, port);
        break;
    case 3:
        guest_takes(run, &port->in);
        break;
    default:
        g_main_context_iteration(NULL, FALSE);
        break;
    }
}

static bool is_done(const Run *run)
{
    for (unsigned i = 0; i < PORTS; i++) {
        if (run->ports[i].out.expected.left || run->ports[i].in.expected.left) {
            return false;
        }
    }
    return true;
}

static void add_ports(Run *run)
{
    Guest *guest = run->guest;

    guest_add_serial(guest, "");
    for (unsigned i = 0; i < PORTS; i++) {
        g_autofree char *chardev = g_strdup_printf("rpc,id=c%u,size=%u", i, 17 + i * 1500);
        g_autofree char *port = g_strdup_printf("virtserialport,nr=%u,chardev=c%u", i + 1, i);

        run->ports[i].chr = guest_chardev(guest, chardev);
        guest_add(guest, port);
    }
    guest_ready(guest);
}

static void start_ports(Run *run, uint64_t features)
{
    Guest *guest = run->guest;

    guest_negotiate(guest, 0);
    g_assert_true(vring_driver_negotiate(&guest->driver, features));
    guest_setup_queue(guest, QUEUE_CONTROL_OUT);
    for (unsigned i = 0; i < PORTS; i++) {
        traffic_init(&run->ports[i].out, guest, QUEUE_OUT(i + 1), 100 + i);
        traffic_init(&run->ports[i].in, guest, QUEUE_IN(i + 1), 200 + i);
    }
    guest_driver_ok(guest);
    for (unsigned i = 0; i < PORTS; i++) {
        guest_send(guest, i + 1, VIRTIO_CONSOLE_PORT_OPEN, 1);
    }
}

static void run_traffic(Guest *guest, uint64_t features)
{
    g_autofree Run *run = g_new0(Run, 1);

    run->guest = guest;
    run->rand = g_rand_new_with_seed(4711);
    add_ports(run);
    start_ports(run, features);
    for (int i = 0; i < MAX_STEPS && !is_done(run); i++) {
        step(run);
    }
    for (unsigned i = 0; i < PORTS; i++) {
        traffic_end(&run->ports[i].out);
        traffic_end(&run->ports[i].in);
    }
    guest_expect_errors(guest, "");
    g_rand_free(run->rand);
}

static void test_all_features(Guest *guest)
{
    run_traffic(guest, ~UINT64_C(0));
}

static void test_without_event_idx(Guest *guest)
{
    run_traffic(guest, ~(UINT64_C(1) << VIRTIO_RING_F_EVENT_IDX));
}

void add_integrity_tests(void)
{
    guest_test("integrity/three-ports-both-ways", test_all_features);
    guest_test("integrity/three-ports-both-ways-without-event-idx", test_without_event_idx);
}
