#include "tests/unit/libqosim/fake_server.h"

#include <string.h>

#include <glib/gstdio.h>

#include "proto/codec.h"

const QsStatus fake_ok = { QS_STATUS_OK, "", "" };

FakeServer *fake_new(FakeHook *hook)
{
    static const uint8_t token[QS_TOKEN_BYTES] = { 'f', 'a', 'k', 'e' };
    static const char *const capabilities[] = { "push" };
    FakeServer *fake = g_new0(FakeServer, 1);

    fake->directory = g_dir_make_tmp("qosim-XXXXXX", NULL);
    fake->url = g_strdup_printf("ipc://%s/socket", fake->directory);
    fake->hook = hook;
    fake->in = qs_arena_new(QS_ARENA_BYTES);
    fake->out = qs_arena_new(QS_ARENA_BYTES);
    fake->hello = (QsResult){ .kind = QS_OP_HELLO,
                              .status = fake_ok,
                              .hello = { .version = QS_PROTOCOL_VERSION,
                                         .capabilities = capabilities,
                                         .n_capabilities = 1,
                                         .session = { token, sizeof(token) },
                                         .machine = "m0",
                                         .machine_type = "fake",
                                         .server = "fake 1.0",
                                         .max_frame_bytes = QS_MAX_FRAME_BYTES,
                                         .max_operations = QS_MAX_OPERATIONS,
                                         .max_block_bytes = QS_MAX_BLOCK_BYTES,
                                         .role = QS_ROLE_OBSERVER,
                                         .server_instance = 1 } };
    return fake;
}

void fake_free(FakeServer *fake)
{
    fake_stop(fake);
    for (size_t i = 0; i < FAKE_KEPT; i++) {
        g_free(fake->kept[i].data);
    }
    qs_arena_free(fake->in);
    qs_arena_free(fake->out);
    g_assert_cmpint(g_rmdir(fake->directory), ==, 0);
    g_free(fake->directory);
    g_free(fake->url);
    g_free(fake);
}

void fake_send_bytes(FakeServer *fake, const void *data, size_t len, const QsPeer *peer)
{
    qs_transport_sp.send(fake->endpoint, 0, data, len, peer);
}

void fake_send(FakeServer *fake, const QsServerFrame *frame, const QsPeer *peer)
{
    QsError error = { 0 };
    uint8_t *data;
    size_t len;

    if (!qs_encode_server_frame(fake->out, frame, &data, &len, &error)) {
        g_error("%s", error.text);
    }
    fake_send_bytes(fake, data, len, peer);
    if (frame->has_reply) {
        size_t slot = frame->reply.request_id % FAKE_KEPT;

        g_free(fake->kept[slot].data);
        fake->kept[slot].id = frame->reply.request_id;
        fake->kept[slot].data = g_memdup2(data, len);
        fake->kept[slot].len = len;
    }
}

void fake_add_event(FakeServer *fake, QsEvent event)
{
    g_assert_cmpuint(fake->n_events, <, G_N_ELEMENTS(fake->events));
    event.time_ns = fake->now_ns;
    fake->events[fake->n_events++] = event;
}

void fake_set_line(FakeServer *fake, uint32_t line, int level)
{
    fake->levels[line] = level;
    fake_add_event(fake, (QsEvent){ .kind = QS_EVENT_LINE, .line = { 0, line, level } });
}

void fake_reply(FakeServer *fake, const QsClientFrame *frame, const QsPeer *peer,
                const QsStatus *status, const QsResult *results, size_t n_results)
{
    QsServerFrame answer = { .sequence = ++fake->sequence,
                             .events = fake->events,
                             .n_events = fake->n_events,
                             .has_reply = true,
                             .reply = { .request_id = frame->request_id,
                                        .status = *status,
                                        .results = results,
                                        .n_results = n_results,
                                        .now_ns = fake->now_ns,
                                        .has_deadline = true,
                                        .next_deadline_ns = 1000000,
                                        .posted_errors = fake->posted_errors,
                                        .n_posted_errors = fake->n_posted_errors } };

    fake_send(fake, &answer, peer);
    fake->n_events = 0;
    fake->n_posted_errors = 0;
}

void fake_push(FakeServer *fake, const QsPeer *peer)
{
    QsServerFrame frame = { .sequence = ++fake->sequence,
                            .events = fake->events,
                            .n_events = fake->n_events };

    fake_send(fake, &frame, peer);
    fake->n_events = 0;
}

static bool is_inside(uint64_t address, uint64_t len)
{
    return address >= FAKE_BASE && len <= FAKE_SIZE && address - FAKE_BASE <= FAKE_SIZE - len;
}

static void execute_mmio(FakeServer *fake, const QsOperation *o, QsResult *r)
{
    if (!is_inside(o->mmio.address, o->mmio.size)) {
        r->mmio.result = QS_BUS_DECODE_ERROR;
        return;
    }
    r->mmio.result = QS_BUS_OK;
    if (o->kind == QS_OP_MMIO_WRITE) {
        memcpy(fake->memory + (o->mmio.address - FAKE_BASE), &o->mmio.data, o->mmio.size);
    } else {
        memcpy(&r->mmio.data, fake->memory + (o->mmio.address - FAKE_BASE), o->mmio.size);
    }
}

static void execute_block(FakeServer *fake, const QsOperation *o, QsResult *r)
{
    uint8_t *at = fake->memory + (o->block.address - FAKE_BASE);
    bool inside = is_inside(o->block.address, o->block.length);

    if (o->kind == QS_OP_BLOCK_READ) {
        r->block_read.result = inside ? QS_BUS_OK : QS_BUS_DECODE_ERROR;
        r->block_read.data = inside ? (QsBytes){ at, o->block.length } : (QsBytes){ NULL, 0 };
        return;
    }
    r->mmio.result = inside ? QS_BUS_OK : QS_BUS_DECODE_ERROR;
    if (inside && o->kind == QS_OP_BLOCK_WRITE) {
        memcpy(at, o->block.data.data, o->block.data.len);
    } else if (inside) {
        memset(at, (int)o->block.value, o->block.length);
    }
}

static void execute_lines(FakeServer *fake, const QsOperation *o, QsResult *r)
{
    if (o->kind == QS_OP_LINE_GET) {
        r->line_get.level = o->line_get.index < FAKE_LINES ? fake->levels[o->line_get.index] : 0;
    } else if (o->kind == QS_OP_LINE_SET) {
        fake_set_line(fake, o->line_set.index % FAKE_LINES, o->line_set.level);
    } else if (o->kind == QS_OP_LINE_WATCH) {
        r->line_watch.watch = 7;
        r->line_watch.lines = FAKE_LINES;
    }
}

QsResult fake_execute(FakeServer *fake, const QsOperation *o)
{
    QsResult r = { .kind = o->kind, .status = fake_ok };

    g_atomic_int_inc(&fake->n_operations);
    switch (o->kind) {
    case QS_OP_MMIO_READ:
    case QS_OP_MMIO_WRITE:
        execute_mmio(fake, o, &r);
        break;
    case QS_OP_BLOCK_READ:
    case QS_OP_BLOCK_WRITE:
    case QS_OP_BLOCK_FILL:
        execute_block(fake, o, &r);
        break;
    case QS_OP_LINE_GET:
    case QS_OP_LINE_SET:
    case QS_OP_LINE_WATCH:
        execute_lines(fake, o, &r);
        break;
    case QS_OP_ADVANCE:
        fake->now_ns = o->advance.to == QS_ADVANCE_BY      ? fake->now_ns + o->advance.ns
                       : o->advance.to == QS_ADVANCE_UNTIL ? o->advance.ns
                                                           : 1000000;
        r.advance.now_ns = fake->now_ns;
        break;
    case QS_OP_INFO:
        r.info.machine = "m0";
        r.info.machine_type = "fake";
        r.info.irq_lines = FAKE_LINES;
        break;
    case QS_OP_HELLO:
        r = fake->hello;
        break;
    default:
        break;
    }
    return r;
}

static void note_posted(FakeServer *fake, const QsClientFrame *frame, const QsResult *r, uint32_t i)
{
    if (r->mmio.result != QS_BUS_OK && fake->n_posted_errors < G_N_ELEMENTS(fake->posted_errors)) {
        fake->posted_errors[fake->n_posted_errors++] =
            (QsPostedError){ frame->request_id,
                             i,
                             { QS_STATUS_GENERIC, "posted write: decode error", "" },
                             r->mmio.result };
    }
}

void fake_answer(FakeServer *fake, const QsClientFrame *frame, const QsPeer *peer)
{
    QsResult *results = qs_arena_alloc0(fake->out, frame->n_operations + 1, sizeof(*results));

    if (frame->has_virtual_time) {
        fake->now_ns = frame->virtual_time_ns;
    }
    for (size_t i = 0; i < frame->n_operations; i++) {
        results[i] = fake_execute(fake, &frame->operations[i]);
        if (frame->posted) {
            note_posted(fake, frame, &results[i], (uint32_t)i);
        }
    }
    if (!frame->posted) {
        fake_reply(fake, frame, peer, &fake_ok, results, frame->n_operations);
    }
}

/* A request that was seen before is answered from what was kept. */
static bool answer_again(FakeServer *fake, const QsClientFrame *frame, const QsPeer *peer)
{
    size_t slot = frame->request_id % FAKE_KEPT;

    if (frame->request_id > fake->last_request) {
        fake->last_request = frame->request_id;
        return false;
    }
    g_atomic_int_inc(&fake->n_repeated);
    if (fake->kept[slot].data && fake->kept[slot].id == frame->request_id) {
        fake_send_bytes(fake, fake->kept[slot].data, fake->kept[slot].len, peer);
    }
    return true;
}

static void take_frame(FakeServer *fake, const uint8_t *data, size_t len, const QsPeer *peer)
{
    QsClientFrame frame;
    QsError error = { 0 };

    qs_arena_reset(fake->in);
    qs_arena_reset(fake->out);
    if (!qs_decode_client_frame(fake->in, data, len, &frame, &error)) {
        g_error("the client sent a bad frame: %s", error.text);
    }
    if (frame.has_dma_response) {
        g_assert_true(fake->hook && fake->hook(fake, &frame, peer));
        return;
    }
    g_atomic_int_inc(&fake->n_frames);
    if (frame.session.len == 0) {
        fake->last_request = fake->sequence = 0; /* a session of its own */
    }
    if (!answer_again(fake, &frame, peer) && (!fake->hook || !fake->hook(fake, &frame, peer))) {
        fake_answer(fake, &frame, peer);
    }
}

static gpointer run(gpointer opaque)
{
    FakeServer *fake = opaque;
    uint8_t *data;
    size_t len;
    QsPeer peer;

    while (!g_atomic_int_get(&fake->stop)) {
        if (qs_transport_sp.receive(fake->endpoint, 5, &data, &len, &peer) == QS_IO_OK) {
            take_frame(fake, data, len, &peer);
            qs_transport_sp.release(fake->endpoint, data);
        }
    }
    return NULL;
}

void fake_start(FakeServer *fake)
{
    QsError error = { 0 };

    fake->endpoint = qs_transport_sp.listen(fake->url, NULL, &error);
    if (!fake->endpoint) {
        g_error("%s", error.text);
    }
    g_atomic_int_set(&fake->stop, 0);
    fake->thread = g_thread_new("fake server", run, fake);
}

void fake_stop(FakeServer *fake)
{
    if (fake->thread) {
        g_atomic_int_set(&fake->stop, 1);
        g_thread_join(fake->thread);
        fake->thread = NULL;
        qs_transport_sp.close(fake->endpoint);
        fake->endpoint = NULL;
    }
}
