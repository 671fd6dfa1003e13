#include "tests/unit/proto/random_frame.h"

#include <inttypes.h>

static void put_text(GString *s, const char *text)
{
    g_string_append_printf(s, " \"%s\"", text ? text : "");
}

static void put_bytes(GString *s, QsBytes bytes)
{
    g_string_append_printf(s, " %zu:", bytes.len);
    for (size_t i = 0; i < bytes.len; i++) {
        g_string_append_printf(s, "%02x", bytes.data[i]);
    }
}

static void put_texts(GString *s, const char *const *texts, size_t n)
{
    g_string_append(s, " [");
    for (size_t i = 0; i < n; i++) {
        put_text(s, texts[i]);
    }
    g_string_append(s, " ]");
}

static void put_numbers(GString *s, const uint32_t *numbers, size_t n)
{
    g_string_append(s, " [");
    for (size_t i = 0; i < n; i++) {
        g_string_append_printf(s, " %" PRIu32, numbers[i]);
    }
    g_string_append(s, " ]");
}

static void put_value(GString *s, const QsValue *value);

static void put_entries(GString *s, const QsValueEntry *entries, size_t n)
{
    g_string_append(s, " {");
    for (size_t i = 0; i < n; i++) {
        put_text(s, entries[i].key);
        put_value(s, &entries[i].value);
    }
    g_string_append(s, " }");
}

static void put_value(GString *s, const QsValue *value)
{
    g_string_append_printf(s, " value-%d", (int)value->kind);
    switch (value->kind) {
    case QS_VALUE_BOOL:
        g_string_append_printf(s, " %d", value->boolean);
        break;
    case QS_VALUE_INT:
    case QS_VALUE_UINT:
        g_string_append_printf(s, " %" PRIx64, value->u);
        break;
    case QS_VALUE_REAL:
        g_string_append_printf(s, " %a", value->real);
        break;
    case QS_VALUE_TEXT:
    case QS_VALUE_UNPARSED:
        put_text(s, value->text);
        break;
    case QS_VALUE_LIST:
        g_string_append(s, " (");
        for (size_t i = 0; i < value->list.n; i++) {
            put_value(s, &value->list.items[i]);
        }
        g_string_append(s, " )");
        break;
    case QS_VALUE_MAP:
        put_entries(s, value->map.entries, value->map.n);
        break;
    default:
        break;
    }
}

static void put_virtio_queue(GString *s, const QsVirtioQueue *queue)
{
    g_string_append_printf(s, " %u %u %u %" PRIx64 " %" PRIx64 " %" PRIx64 " %d", queue->index,
                           queue->max_size, queue->size, queue->descriptors, queue->driver,
                           queue->device, queue->ready);
}

static void put_virtio_operation(GString *s, const QsOperation *o)
{
    put_text(s, o->virtio.transport);
    g_string_append_printf(s, " %d %" PRIx64 " %u", (int)o->virtio.action, o->virtio.value,
                           o->virtio.length);
    put_bytes(s, o->virtio.data);
    put_virtio_queue(s, &o->virtio.queue);
}

static void put_chardev_operation(GString *s, const QsOperation *o)
{
    put_text(s, o->chardev.id);
    g_string_append_printf(s, " %u %d", o->chardev.max, o->chardev.open);
    put_bytes(s, o->chardev.data);
}

static void put_operation(GString *s, const QsOperation *o)
{
    g_string_append_printf(s, "\n  op-%d", (int)o->kind);
    switch (o->kind) {
    case QS_OP_MMIO_READ:
    case QS_OP_MMIO_WRITE:
        g_string_append_printf(s, " %" PRIx64 " %" PRIx64 " %u %d", o->mmio.address, o->mmio.data,
                               o->mmio.size, (int)o->mmio.path);
        break;
    case QS_OP_BLOCK_READ:
    case QS_OP_BLOCK_WRITE:
    case QS_OP_BLOCK_FILL:
        g_string_append_printf(s, " %" PRIx64 " %" PRIx64 " %u", o->block.address, o->block.length,
                               o->block.value);
        put_bytes(s, o->block.data);
        break;
    case QS_OP_LINE_SET:
        put_text(s, o->line_set.path);
        put_text(s, o->line_set.name);
        g_string_append_printf(s, " %u %d", o->line_set.index, o->line_set.level);
        break;
    case QS_OP_LINE_WATCH:
        put_text(s, o->line_watch.path);
        g_string_append_printf(s, " %d", (int)o->line_watch.direction);
        break;
    case QS_OP_LINE_GET:
    case QS_OP_LINE_UNWATCH:
        g_string_append_printf(s, " %u %u", o->line_get.watch, o->line_get.index);
        break;
    case QS_OP_QOM_LIST:
    case QS_OP_QOM_GET:
    case QS_OP_QOM_SET:
    case QS_OP_QOM_DELETE:
        put_text(s, o->qom.path);
        put_text(s, o->qom.property);
        put_value(s, &o->qom.value);
        break;
    case QS_OP_QOM_NEW:
        put_text(s, o->qom_new.type);
        put_text(s, o->qom_new.id);
        put_entries(s, o->qom_new.properties, o->qom_new.n_properties);
        break;
    case QS_OP_QOM_TYPES:
    case QS_OP_QOM_TYPE_PROPERTIES:
        put_text(s, o->types.type);
        g_string_append_printf(s, " %d", o->types.include_abstract);
        break;
    case QS_OP_ADVANCE:
        g_string_append_printf(s, " %d %" PRIu64, (int)o->advance.to, o->advance.ns);
        break;
    case QS_OP_HELLO:
        g_string_append_printf(s, " %u %d", o->hello.version, (int)o->hello.role);
        put_texts(s, o->hello.capabilities, o->hello.n_capabilities);
        put_texts(s, o->hello.required, o->hello.n_required);
        put_text(s, o->hello.machine);
        put_text(s, o->hello.create);
        put_text(s, o->hello.client);
        put_bytes(s, o->hello.nonce);
        put_bytes(s, o->hello.resume);
        g_string_append_printf(s, " %u", o->hello.heartbeat_ms);
        break;
    case QS_OP_CHARDEV_ADD:
        put_entries(s, o->chardev_add.options, o->chardev_add.n_options);
        break;
    case QS_OP_CHARDEV_REMOVE:
    case QS_OP_CHARDEV_WRITE:
    case QS_OP_CHARDEV_READ:
    case QS_OP_CHARDEV_OPEN:
        put_chardev_operation(s, o);
        break;
    case QS_OP_VIRTIO:
        put_virtio_operation(s, o);
        break;
    default:
        break;
    }
}

static void put_status(GString *s, const QsStatus *status)
{
    g_string_append_printf(s, " status-%d", (int)status->code);
    put_text(s, status->text);
    put_text(s, status->path);
}

static void put_properties(GString *s, const QsResult *r)
{
    put_text(s, r->qom_list.path);
    for (size_t i = 0; i < r->qom_list.n_properties; i++) {
        put_text(s, r->qom_list.properties[i].name);
        put_text(s, r->qom_list.properties[i].type);
        put_text(s, r->qom_list.properties[i].description);
        put_value(s, &r->qom_list.properties[i].default_value);
    }
}

static void put_info(GString *s, const QsResult *r)
{
    put_text(s, r->info.machine);
    put_text(s, r->info.machine_type);
    g_string_append_printf(s, " %u", r->info.irq_lines);
    put_texts(s, r->info.sessions, r->info.n_sessions);
    for (size_t i = 0; i < r->info.n_regions; i++) {
        const QsRegion *region = &r->info.regions[i];

        put_text(s, region->name);
        put_text(s, region->owner);
        g_string_append_printf(s, " %" PRIx64 " %" PRIx64 " %d %d %d %" PRIx64, region->address,
                               region->size, region->ram, region->read_only, (int)region->home,
                               region->shm_offset);
        put_text(s, region->shm_path);
    }
}

static void put_hello(GString *s, const QsResult *r)
{
    g_string_append_printf(s, " %u %d %" PRIu64 " %u %" PRIu64 " %" PRIx64, r->hello.version,
                           (int)r->hello.role, r->hello.max_frame_bytes, r->hello.max_operations,
                           r->hello.max_block_bytes, r->hello.server_instance);
    put_texts(s, r->hello.capabilities, r->hello.n_capabilities);
    put_bytes(s, r->hello.session);
    put_text(s, r->hello.machine);
    put_text(s, r->hello.machine_type);
    put_text(s, r->hello.server);
    put_numbers(s, r->hello.raised, r->hello.n_raised);
    g_string_append_printf(s, " %u %" PRIu64 " %u %" PRIu64 " %" PRIu64 " %" PRIu64,
                           r->hello.kept_replies, r->hello.session_grace_ms, r->hello.epoch,
                           r->hello.last_request_id, r->hello.last_sequence, r->hello.events);
}

static void put_chardevs(GString *s, const QsResult *r)
{
    for (size_t i = 0; i < r->chardev_list.n_chardevs; i++) {
        const QsChardev *chardev = &r->chardev_list.chardevs[i];

        put_text(s, chardev->id);
        put_text(s, chardev->backend);
        put_text(s, chardev->filename);
        g_string_append_printf(s, " %d %d %d %" PRIu64, chardev->frontend_open, chardev->host_open,
                               chardev->used, chardev->pending);
    }
}

static void put_virtio_state(GString *s, const QsResult *r)
{
    g_string_append_printf(s, " %u %" PRIx64 " %" PRIx64 " %u %u %u %u %u", r->virtio.device_id,
                           r->virtio.offered, r->virtio.accepted, r->virtio.status, r->virtio.isr,
                           r->virtio.generation, r->virtio.config_size, r->virtio.queues);
    put_bytes(s, r->virtio.config);
    if (r->virtio.has_queue) {
        put_virtio_queue(s, &r->virtio.queue);
    }
}

static void put_content(GString *s, const QsResult *r)
{
    switch (r->kind) {
    case QS_OP_MMIO_READ:
        g_string_append_printf(s, " %" PRIx64, r->mmio.data);
        /* fall through */
    case QS_OP_MMIO_WRITE:
    case QS_OP_BLOCK_WRITE:
    case QS_OP_BLOCK_FILL:
        g_string_append_printf(s, " %d", (int)r->mmio.result);
        break;
    case QS_OP_BLOCK_READ:
        g_string_append_printf(s, " %d", (int)r->block_read.result);
        put_bytes(s, r->block_read.data);
        break;
    case QS_OP_LINE_WATCH:
        g_string_append_printf(s, " %u %u", r->line_watch.watch, r->line_watch.lines);
        put_numbers(s, r->line_watch.raised, r->line_watch.n_raised);
        break;
    case QS_OP_LINE_GET:
        g_string_append_printf(s, " %d", r->line_get.level);
        break;
    case QS_OP_QOM_LIST:
    case QS_OP_QOM_TYPE_PROPERTIES:
    case QS_OP_QOM_NEW:
        put_properties(s, r);
        break;
    case QS_OP_QOM_GET:
        put_value(s, &r->value);
        break;
    case QS_OP_QOM_TYPES:
        for (size_t i = 0; i < r->types.n_types; i++) {
            put_text(s, r->types.types[i].name);
            put_text(s, r->types.types[i].parent);
            g_string_append_printf(s, " %d", r->types.types[i].is_abstract);
        }
        break;
    case QS_OP_ADVANCE:
        g_string_append_printf(s, " %" PRIu64, r->advance.now_ns);
        break;
    case QS_OP_STATS:
        for (size_t i = 0; i < r->stats.n_entries; i++) {
            put_text(s, r->stats.entries[i].name);
            put_text(s, r->stats.entries[i].unit);
            g_string_append_printf(s, " %" PRIu64, r->stats.entries[i].value);
        }
        break;
    case QS_OP_INFO:
        put_info(s, r);
        break;
    case QS_OP_HELLO:
        put_hello(s, r);
        break;
    case QS_OP_CHARDEV_ADD:
        put_text(s, r->chardev_add.filename);
        break;
    case QS_OP_CHARDEV_LIST:
        put_chardevs(s, r);
        break;
    case QS_OP_CHARDEV_WRITE:
        g_string_append_printf(s, " %u", r->chardev_write.accepted);
        break;
    case QS_OP_CHARDEV_READ:
        g_string_append_printf(s, " %" PRIu64, r->chardev_read.pending);
        put_bytes(s, r->chardev_read.data);
        break;
    case QS_OP_VIRTIO:
        put_virtio_state(s, r);
        break;
    default:
        break;
    }
}

static void put_event(GString *s, const QsEvent *e)
{
    g_string_append_printf(s, "\n  event-%d %" PRIu64, (int)e->kind, e->time_ns);
    switch (e->kind) {
    case QS_EVENT_LINE:
        g_string_append_printf(s, " %u %u %d", e->line.watch, e->line.line, e->line.level);
        break;
    case QS_EVENT_GUEST_ERROR:
        put_text(s, e->guest_error.path);
        put_text(s, e->guest_error.text);
        break;
    case QS_EVENT_DEVICE_DELETED:
        put_text(s, e->device_deleted.id);
        put_text(s, e->device_deleted.path);
        break;
    case QS_EVENT_LAGGED:
        g_string_append_printf(s, " %" PRIu64, e->lagged.dropped);
        break;
    case QS_EVENT_CHARDEV:
        put_text(s, e->chardev.id);
        g_string_append_printf(s, " %d", (int)e->chardev.notice);
        break;
    case QS_EVENT_VSERPORT:
        put_text(s, e->vserport.id);
        put_text(s, e->vserport.path);
        g_string_append_printf(s, " %d", e->vserport.open);
        break;
    case QS_EVENT_VIRTIO:
        put_text(s, e->virtio.path);
        g_string_append_printf(s, " %d %u", (int)e->virtio.notice, e->virtio.queue);
        break;
    default:
        break;
    }
}

char *describe_client_frame(const QsClientFrame *frame)
{
    GString *s = g_string_new("session");

    put_bytes(s, frame->session);
    g_string_append_printf(
        s, " request %" PRIu64 " time %d %" PRIu64 " posted %d after %" PRIu64 " epoch %u",
        frame->request_id, frame->has_virtual_time, frame->virtual_time_ns, frame->posted,
        frame->after, frame->epoch);
    for (size_t i = 0; i < frame->n_operations; i++) {
        put_operation(s, &frame->operations[i]);
    }
    if (frame->has_dma_response) {
        g_string_append_printf(s, "\n  dma-response %" PRIu64 " %d", frame->dma_response.id,
                               (int)frame->dma_response.result);
        put_bytes(s, frame->dma_response.data);
    }
    if (frame->has_resume) {
        g_string_append_printf(s, "\n  resume %" PRIu64 " %" PRIu64, frame->resume.last_sequence,
                               frame->resume.events);
    }
    return g_string_free(s, FALSE);
}

static void put_reply(GString *s, const QsReply *reply)
{
    g_string_append_printf(
        s, "\n  reply %" PRIu64 " now %" PRIu64 " deadline %d %" PRIu64 " instance %" PRIx64,
        reply->request_id, reply->now_ns, reply->has_deadline, reply->next_deadline_ns,
        reply->server_instance);
    put_status(s, &reply->status);
    for (size_t i = 0; i < reply->n_results; i++) {
        g_string_append_printf(s, "\n  result-%d", (int)reply->results[i].kind);
        put_status(s, &reply->results[i].status);
        if (reply->results[i].status.code == QS_STATUS_OK) {
            put_content(s, &reply->results[i]);
        }
    }
    for (size_t i = 0; i < reply->n_posted_errors; i++) {
        const QsPostedError *error = &reply->posted_errors[i];

        g_string_append_printf(s, "\n  posted %" PRIu64 " %u %d", error->request_id,
                               error->operation, (int)error->result);
        put_status(s, &error->status);
    }
}

char *describe_server_frame(const QsServerFrame *frame)
{
    GString *s = g_string_new(NULL);

    g_string_append_printf(s, "sequence %" PRIu64, frame->sequence);
    for (size_t i = 0; i < frame->n_events; i++) {
        put_event(s, &frame->events[i]);
    }
    if (frame->has_reply) {
        put_reply(s, &frame->reply);
    }
    if (frame->has_dma_request) {
        const QsDmaRequest *request = &frame->dma_request;

        g_string_append_printf(s, "\n  dma-request %" PRIu64 " %" PRIx64 " %u %d", request->id,
                               request->address, request->length, request->is_write);
        put_bytes(s, request->data);
    }
    if (frame->has_resumed) {
        const QsResumed *r = &frame->resumed;

        g_string_append_printf(s, "\n  resumed %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64,
                               r->last_sequence, r->next_sequence, r->dropped, r->last_request_id);
    }
    return g_string_free(s, FALSE);
}
