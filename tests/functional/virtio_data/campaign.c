#include "tests/functional/virtio_data/campaign.h"

#include <string.h>

#include <glib/gstdio.h>

#include "models/virtio/virtio.h"
#include "tests/functional/virtio_data/data_guest.h"
#include "tests/functional/virtio_data/host_end.h"
#include "tests/lib/daemon.h"
#include "tests/lib/session_guest.h"

/* As long as nothing moves; a guard against waiting for ever. */
#define PATIENCE_US ((gint64)60 * 1000000)
#define PROGRESS_US 2000000
#define MAX_STALL 30
#define RESETS 12 /* about so many in a run */

typedef struct Host {
    HostEnd end;
    int stalled_reads; /* so many turns in which it does not read */
    int stalled_writes;
} Host;

typedef struct Run {
    const CampaignCase *what;
    GRand *rand;
    char *directory;
    Daemon *daemon;
    qosim_session *session;
    GuestMemory *memory;
    DataGuest guest;
    Host hosts[DATA_PORTS];
    uint8_t *buffer; /* DATA_MAX_SEGMENT */
    uint64_t total;  /* bytes on all lanes */
    uint64_t next_reset;
    bool progress;
    CampaignResult result;
} Run;

/* --- Set-up --- */

static char *daemon_options(const Run *run)
{
    GString *options = g_string_new(NULL);

    g_string_append_printf(
        options, "-M virt,ram-home=%s -global virtio-mmio.force-legacy=off --dma-timeout 60000 ",
        guest_memory_homes[run->what->home]);
    for (unsigned i = 0; i < DATA_PORTS; i++) {
        g_autofree char *chardev = host_end_options(&run->hosts[i].end);

        g_string_append(options, chardev);
    }
    g_string_append(options, "-device virtio-serial-device,packed=on ");
    for (unsigned i = 0; i < DATA_PORTS; i++) {
        g_string_append_printf(options, "-device virtserialport,nr=%u,chardev=c%u ", i + 1, i);
    }
    return g_string_free(options, FALSE);
}

static void open_session(Run *run)
{
    qosim_options options = {
        .role = QOSIM_ROLE_DRIVER,
        .timeout_ms = 60000,
        .dma = guest_memory_dma,
        .dma_opaque = run->memory,
    };

    if (qosim_open(run->daemon->url, &options, &run->session) != QOSIM_OK) {
        g_error("%s", qosim_open_error());
    }
    guest_memory_attach(run->memory, run->session);
    g_assert_cmpint(guest_memory_home(run->memory), ==, run->what->home);
}

static uint64_t features(const CampaignCase *what)
{
    uint64_t refused = 0;

    refused |= what->packed ? 0 : UINT64_C(1) << VIRTIO_F_RING_PACKED;
    refused |= what->indirect ? 0 : UINT64_C(1) << VIRTIO_RING_F_INDIRECT_DESC;
    refused |= what->event_idx ? 0 : UINT64_C(1) << VIRTIO_RING_F_EVENT_IDX;
    return ~refused;
}

static void plan_reset(Run *run)
{
    gint32 step = (gint32)MIN(run->total * 2 / RESETS, G_MAXINT32);

    run->next_reset += (uint64_t)g_rand_int_range(run->rand, 1, step + 2);
}

static void set_up(Run *run, uint64_t bytes, uint32_t seed)
{
    g_autofree char *options = NULL;
    g_autoptr(GError) error = NULL;

    run->rand = g_rand_new_with_seed(seed);
    run->buffer = g_malloc(DATA_MAX_SEGMENT);
    run->directory = g_dir_make_tmp("qosim-data-XXXXXX", &error);
    g_assert_no_error(error);
    for (unsigned i = 0; i < DATA_PORTS; i++) {
        g_autofree char *id = g_strdup_printf("c%u", i);

        host_end_init(&run->hosts[i].end, (HostEndKind)i, id, run->directory);
    }
    options = daemon_options(run);
    run->daemon = daemon_start(options, "ipc");
    run->memory = guest_memory_new(SESSION_GUEST_RAM, SESSION_GUEST_RAM_SIZE);
    open_session(run);
    for (unsigned i = 0; i < DATA_PORTS; i++) {
        host_end_connect(&run->hosts[i].end, run->session);
    }
    data_guest_init(&run->guest, run->session, run->memory, run->rand, features(run->what),
                    bytes / DATA_PORTS);
    run->total = bytes / DATA_PORTS * DATA_PORTS * 2;
    plan_reset(run);
    data_guest_start(&run->guest);
}

static void tear_down(Run *run)
{
    data_guest_clear(&run->guest);
    qosim_close(run->session);
    guest_memory_free(run->memory);
    daemon_free(run->daemon);
    for (unsigned i = 0; i < DATA_PORTS; i++) {
        host_end_clear(&run->hosts[i].end);
    }
    (void)g_rmdir(run->directory);
    g_free(run->directory);
    g_free(run->buffer);
    g_rand_free(run->rand);
}

/* --- The host --- */

/* Whether the host rests in this turn; now and then it begins a longer rest. */
static bool is_stalled(Run *run, int *turns)
{
    if (*turns > 0) {
        --*turns;
        return true;
    }
    if (g_rand_int_range(run->rand, 0, 30) == 0) {
        *turns = g_rand_int_range(run->rand, 1, MAX_STALL);
    }
    return false;
}

static void host_reads(Run *run, unsigned port)
{
    Host *host = &run->hosts[port];
    size_t n;

    if (!is_stalled(run, &host->stalled_reads)) {
        n = host_end_read(&host->end, run->buffer, data_random_size(run->rand, DATA_MAX_SEGMENT));
        stream_receive(&run->guest.out[port].stream, run->buffer, n);
    }
}

static void host_writes(Run *run, unsigned port)
{
    Stream *stream = &run->guest.in[port].stream;
    Host *host = &run->hosts[port];
    size_t len = stream_left(stream, data_random_size(run->rand, DATA_MAX_SEGMENT));

    if (len > 0 && !is_stalled(run, &host->stalled_writes)) {
        stream_peek(stream, run->buffer, len);
        stream_send(stream, run->buffer, host_end_write(&host->end, run->buffer, len));
    }
}

/* --- Resets --- */

/*
 * Lets the device take all that the backend has room for. Where that is known, how much it will be is known as well: the bytes that
 * wait for the host then.
 */
static void settle(Run *run)
{
    for (unsigned i = 0; i < DATA_PORTS; i++) {
        HostEnd *end = &run->hosts[i].end;
        uint64_t most = MIN(stream_under_way(&run->guest.out[i].stream), HOST_END_RPC_SIZE);
        gint64 start = g_get_monotonic_time();

        while (end->kind == HOST_END_RPC && host_end_pending(end) != most) {
            g_assert_cmpint(g_get_monotonic_time() - start, <, PATIENCE_US);
        }
    }
}

static void reset(Run *run)
{
    bool settled = g_rand_boolean(run->rand);

    if (settled) {
        settle(run);
    }
    data_guest_reset(&run->guest);
    for (unsigned i = 0; i < DATA_PORTS; i++) {
        HostEnd *end = &run->hosts[i].end;
        Lane *in = &run->guest.in[i];
        uint64_t pending = host_end_pending(end);

        if (settled && end->kind == HOST_END_RPC) {
            g_assert_cmpuint(pending, ==,
                             MIN(stream_under_way(&run->guest.out[i].stream), HOST_END_RPC_SIZE));
        }
        data_guest_account_out(&run->guest.out[i], pending);
        data_guest_account_in(in, &run->guest);
        /* What an rpc chardev accepted was in the guest's buffers at once. */
        g_assert_true(end->kind != HOST_END_RPC || stream_is_settled(&in->stream));
    }
    data_guest_start(&run->guest);
    run->result.resets++;
}

/* --- The run --- */

static uint64_t arrived(const Run *run)
{
    uint64_t bytes = 0;

    for (unsigned i = 0; i < DATA_PORTS; i++) {
        bytes += run->guest.out[i].stream.received + run->guest.in[i].stream.received;
    }
    return bytes;
}

static bool is_done(const Run *run)
{
    for (unsigned i = 0; i < DATA_PORTS; i++) {
        if (!stream_is_done(&run->guest.out[i].stream) ||
            !stream_is_done(&run->guest.in[i].stream)) {
            return false;
        }
    }
    return true;
}

static void step(Run *run)
{
    unsigned port = (unsigned)g_rand_int_range(run->rand, 0, DATA_PORTS);
    Lane *out = &run->guest.out[port];
    Lane *in = &run->guest.in[port];

    switch (g_rand_int_range(run->rand, 0, 4)) {
    case 0:
        if (stream_left(&out->stream, 1) > 0) {
            data_guest_send(&run->guest, out);
        }
        break;
    case 1:
        if (!stream_is_done(&in->stream)) {
            data_guest_receive(&run->guest, in);
        }
        break;
    case 2:
        if (!stream_is_settled(&out->stream)) {
            host_reads(run, port);
        }
        break;
    default:
        host_writes(run, port);
    }
    /* The device may want the guest's memory for what came in by itself. */
    g_assert_cmpint(qosim_poll(run->session, 0), >=, 0);
}

static void run_to_the_end(Run *run)
{
    gint64 moved = g_get_monotonic_time();
    gint64 told = moved;
    uint64_t before = 0;

    while (!is_done(run)) {
        gint64 now = g_get_monotonic_time();
        uint64_t bytes;

        step(run);
        bytes = arrived(run);
        if (run->what->resets && bytes >= run->next_reset) {
            plan_reset(run);
            reset(run);
        }
        moved = bytes > before ? now : moved;
        before = bytes;
        if (now - moved > PATIENCE_US) {
            g_error("nothing moves after %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " bytes",
                    bytes, run->total);
        }
        if (run->progress && now - told > PROGRESS_US) {
            told = now;
            g_printerr("  %.1f of %.1f MiB\n", (double)bytes / 1048576,
                       (double)run->total / 1048576);
        }
    }
}

static void take_result(Run *run)
{
    run->result.bytes = run->total;
    for (unsigned i = 0; i < DATA_PORTS; i++) {
        stream_check_end(&run->guest.out[i].stream);
        stream_check_end(&run->guest.in[i].stream);
        run->result.lost += run->guest.out[i].stream.lost + run->guest.in[i].stream.lost;
    }
    run->result.bytes -= run->result.lost;
    g_assert_true(run->what->resets || run->result.lost == 0);
}

CampaignResult campaign_run(const CampaignCase *run_case, uint64_t bytes, uint32_t seed,
                            bool progress)
{
    g_autofree Run *run = g_new0(Run, 1);
    gint64 start;

    run->what = run_case;
    run->progress = progress;
    set_up(run, bytes, seed);
    start = g_get_monotonic_time();
    run_to_the_end(run);
    run->result.seconds = (double)(g_get_monotonic_time() - start) / G_USEC_PER_SEC;
    take_result(run);
    tear_down(run);
    return run->result;
}
