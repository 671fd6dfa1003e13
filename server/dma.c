#include "server/dma.h"

#include <inttypes.h>
#include <poll.h>
#include <string.h>

#include "models/core/log.h"
#include "proto/codec.h"
#include "server/execute.h"
#include "server/machine_host.h"
#include "server/resume.h"
#include "server/server.h"

/* A request without an answer is sent again after this time, then after twice that, and so on: a transport may lose it. */
#define FIRST_RESEND_MS 250

/* How soon a frame for another machine, whose inbox was full, is offered again. */
#define OFFER_MS 1

void dma_init(Dma *dma)
{
    memset(dma, 0, sizeof(*dma));
    dma->kept_last = &dma->kept;
    dma->arena = qs_arena_new(QS_ARENA_BYTES);
    dma->ahead = qs_arena_new(HOST_ARENA_BYTES);
}

void dma_clear(Dma *dma)
{
    qs_arena_free(dma->arena);
    qs_arena_free(dma->ahead);
    g_free(dma->failure);
}

/* --- The answer --- */

static void end_wait(Dma *dma, MemTxResult result)
{
    dma->done = true;
    dma->result = result;
}

/* Ends the wait without a good answer; the text completes "session 3, 'name', ". */
static void give_up(Dma *dma, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void give_up(Dma *dma, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_free(dma->failure);
    dma->failure = g_strdup_vprintf(format, args);
    va_end(args);
    end_wait(dma, MEMTX_ERROR);
}

static MemTxResult memtx_result(QsBusResult result)
{
    switch (result) {
    case QS_BUS_OK:
        return MEMTX_OK;
    case QS_BUS_DECODE_ERROR:
        return MEMTX_DECODE_ERROR;
    case QS_BUS_ACCESS_ERROR:
        return MEMTX_ACCESS_ERROR;
    default:
        return MEMTX_ERROR;
    }
}

static void take_response(Dma *dma, const QsDmaResponse *response)
{
    MemTxResult result = memtx_result(response->result);
    size_t expected = result == MEMTX_OK && !dma->request.is_write ? dma->request.length : 0;

    if (response->data.len != expected) {
        give_up(dma, "answered with %zu bytes instead of %zu", response->data.len, expected);
        return;
    }
    if (expected > 0) {
        memcpy(dma->buffer, response->data.data, expected);
    }
    end_wait(dma, result);
}

/* --- Frames that come meanwhile --- */

static bool is_bye(const QsClientFrame *frame)
{
    return frame->n_operations == 1 && frame->operations[0].kind == QS_OP_BYE;
}

static void send_request(MachineHost *host)
{
    Dma *dma = &host->dma;
    const Session *driver = dma->asked;

    if (listener_send(driver->listener, host, &driver->peer, dma->sent, dma->sent_len, true) ==
        LISTENER_GONE) {
        give_up(dma, "cannot be reached any more");
    }
    host->stats.frames_sent++;
    host->stats.bytes_sent += dma->sent_len;
}

/* What another frame of the driver says about the answer that it owes. */
static void look_at_other_frame(MachineHost *host, const QsClientFrame *frame)
{
    if (is_bye(frame)) {
        give_up(&host->dma, "said bye instead of answering");
    } else if (frame->request_id <= host->dma.asked->last_id) {
        send_request(host); /* It has lost something; perhaps it has reconnected. */
    }
}

bool dma_take_frame(MachineHost *host, const FrameOrigin *origin, const QsClientFrame *frame)
{
    Dma *dma = &host->dma;
    bool is_asked = machine_host_find_session(host, &frame->session) == dma->asked &&
                    frame->epoch == dma->asked->epoch;

    if (frame->has_resume) {
        resume_execute(host, origin, host->arena,
                       frame); /* brings the request again, if it is lost */
        return true;
    }
    if (is_asked) {
        session_hear(dma->asked, origin->listener, origin->peer);
    }
    if (!frame->has_dma_response) {
        if (is_asked && !dma->done) {
            look_at_other_frame(host, frame);
        }
        return false;
    }
    if (is_asked && !dma->done && frame->dma_response.id == dma->request.id) {
        take_response(dma, &frame->dma_response);
    } else {
        host->stats.dma_strays++;
    }
    return true;
}

void dma_keep(MachineHost *host, Job *job)
{
    Dma *dma = &host->dma;

    job->next = NULL;
    job->late = true;
    *dma->kept_last = job;
    dma->kept_last = &job->next;
    dma->n_kept++;
    dma->kept_bytes += job->bytes;
    if (!dma->done && (dma->n_kept > DMA_MAX_KEPT || dma->kept_bytes > DMA_MAX_KEPT_BYTES)) {
        give_up(dma, "did not answer before %zu other frames (%zu bytes) had come", dma->n_kept,
                dma->kept_bytes);
    }
}

static void look_at_inbox(MachineHost *host)
{
    Job *job = inbox_take_all(&host->inbox);

    while (job) {
        Job *next = job->next;

        if (job->run_ahead && job->run_ahead(job, host)) {
            job->free(job);
        } else {
            dma_keep(host, job);
        }
        job = next;
    }
}

/* Takes everything that has come. */
static void read_ahead(MachineHost *host)
{
    look_at_inbox(host);
    for (guint i = 0; i < host->listeners->len && !host->dma.done; i++) {
        listener_read_ahead(g_ptr_array_index(host->listeners, i));
    }
}

/* --- Waiting --- */

/* Waits until something has come, but not beyond @until. */
static void sleep_until(MachineHost *host, int64_t until_us)
{
    guint n = host->listeners->len;
    struct pollfd *fds = g_newa(struct pollfd, n + 1);
    int64_t left_ms = (until_us - g_get_monotonic_time() + 999) / 1000;

    for (guint i = 0; i < n; i++) {
        if (listener_spin(g_ptr_array_index(host->listeners, i))) {
            return;
        }
    }
    for (guint i = 0; i < n; i++) {
        int fd = listener_descriptor(g_ptr_array_index(host->listeners, i));

        fds[i] = (struct pollfd){ .fd = fd, .events = POLLIN };
        if (fd < 0) {
            left_ms = MIN(left_ms, OFFER_MS);
        }
    }
    fds[n] = (struct pollfd){ .fd = inbox_alarm(&host->inbox), .events = POLLIN };
    if (poll(fds, n + 1, (int)CLAMP(left_ms, 0, G_MAXINT)) > 0 && (fds[n].revents & POLLIN)) {
        inbox_quiet(&host->inbox);
    }
}

static void wait_for_answer(MachineHost *host)
{
    Dma *dma = &host->dma;
    int timeout_ms = host->server->dma_timeout_ms;
    int64_t start = g_get_monotonic_time();
    int64_t end = start + (int64_t)timeout_ms * 1000;
    int64_t step = (int64_t)FIRST_RESEND_MS * 1000;
    int64_t resend = start + step;

    send_request(host);
    while (!dma->done) {
        int64_t now;

        read_ahead(host);
        now = g_get_monotonic_time();
        if (dma->done) {
            break;
        }
        if (g_atomic_int_get(&host->quit)) {
            give_up(dma, "was not waited for: the server ends");
        } else if (now >= end) {
            give_up(dma, "did not answer within %d ms", timeout_ms);
        } else if (now >= resend) {
            step *= 2;
            resend = now + step;
            send_request(host);
        } else {
            sleep_until(host, MIN(end, resend));
        }
    }
}

/* Asks a driver elsewhere. The arena of the frame in work is spared: frames that are read meanwhile have another one. */
static void ask_remote(MachineHost *host, const QsServerFrame *frame)
{
    Dma *dma = &host->dma;
    QsArena *in_work = host->arena;
    QsError error;

    if (!qs_encode_server_frame(dma->arena, frame, &dma->sent, &dma->sent_len, &error)) {
        give_up(dma, "cannot be asked: %s", error.text);
        return;
    }
    if (inbox_alarm(&host->inbox) < 0) {
        give_up(dma, "cannot be waited for: no descriptors are left");
        return;
    }
    execute_commit(dma->asked, frame);
    execute_keep(dma->asked, frame, dma->sent, dma->sent_len);
    host->arena = dma->ahead;
    dma->waiting = true;
    wait_for_answer(host);
    dma->waiting = false;
    dma->ahead = host->arena;
    host->arena = in_work;
    inbox_put_back(&host->inbox, dma->kept);
    dma->kept = NULL;
    dma->kept_last = &dma->kept;
    dma->n_kept = dma->kept_bytes = 0;
}

/* Asks a driver in this process. */
static void ask_embedded(Dma *dma, const QsServerFrame *frame)
{
    const Session *driver = dma->asked;
    QsDmaResponse response = { .result = QS_BUS_ERROR };

    execute_commit(dma->asked, frame);
    driver->embed_dma(driver->embed_opaque, frame, &response);
    take_response(dma, &response);
}

static void ask(MachineHost *host)
{
    Dma *dma = &host->dma;
    QsServerFrame frame;

    qs_arena_reset(dma->arena);
    (void)execute_events(host, dma->asked, dma->arena, &frame);
    frame.has_dma_request = true;
    frame.dma_request = dma->request;
    if (dma->asked->listener) {
        ask_remote(host, &frame);
    } else {
        ask_embedded(dma, &frame);
    }
}

/* Why nobody can be asked; NULL when somebody can. */
static const char *unreachable(const MachineHost *host)
{
    const Session *driver = host->driver;

    if (!driver) {
        return "the machine has no driver";
    }
    if (!driver->dma || (!driver->listener && !driver->embed_dma)) {
        return "the machine's driver takes no DMA requests";
    }
    return NULL;
}

static void note_failure(MachineHost *host, const QsDmaRequest *request, const char *why)
{
    log_guest_error(OBJECT(host->machine), "DMA %s of %u bytes at 0x%" PRIx64 ": %s",
                    request->is_write ? "write" : "read", request->length, request->address, why);
}

MemTxResult dma_transfer(void *opaque, hwaddr addr, void *buffer, hwaddr len, bool is_write)
{
    MachineHost *host = opaque;
    Dma *dma = &host->dma;
    Session *driver = host->driver;
    const char *why = unreachable(host);
    QsDmaRequest request = { .address = addr, .length = (uint32_t)len, .is_write = is_write };

    host->stats.dma_requests++;
    host->stats.dma_bytes += len;
    if (is_write) {
        request.data = (QsBytes){ buffer, len };
    }
    dma->done = false;
    dma->result = MEMTX_ERROR;
    if (why) {
        note_failure(host, &request, why);
    } else if (!driver->dma_silent) {
        request.id = ++driver->dma_id;
        dma->asked = driver;
        dma->request = request;
        dma->buffer = buffer;
        ask(host);
        dma->asked = NULL;
    }
    if (dma->failure) {
        g_autofree char *text =
            g_strdup_printf("session %u, '%s', %s", driver->number, driver->client, dma->failure);

        /* Until it shows that it is alive, so that one dead driver costs one timeout. */
        driver->dma_silent = true;
        note_failure(host, &request, text);
        g_clear_pointer(&dma->failure, g_free);
    }
    host->stats.dma_errors += dma->result != MEMTX_OK;
    return dma->result;
}
