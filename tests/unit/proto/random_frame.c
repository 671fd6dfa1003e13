#include "tests/unit/proto/random_frame.h"

#include <string.h>

static uint32_t below(GRand *rand, uint32_t n)
{
    return (uint32_t)g_rand_int_range(rand, 0, (gint32)n);
}

/* Numbers of every length: the encoding is shorter for small ones. */
static uint64_t number64(GRand *rand)
{
    uint64_t all = (uint64_t)g_rand_int(rand) << 32 | g_rand_int(rand);

    return all >> below(rand, 64);
}

static uint32_t number32(GRand *rand)
{
    return g_rand_int(rand) >> below(rand, 32);
}

static bool coin(GRand *rand)
{
    return g_rand_boolean(rand);
}

static const char *text(QsArena *arena, GRand *rand)
{
    static const char *const pieces[] = {
        "", "a", "gpio0", "/machine/soc", "é", "€", "\xf0\x9f\x94\x8c", "\n", "unnamed-gpio-in"
    };

    return qs_arena_printf(arena, "%s%s%s", pieces[below(rand, G_N_ELEMENTS(pieces))],
                           pieces[below(rand, G_N_ELEMENTS(pieces))],
                           pieces[below(rand, G_N_ELEMENTS(pieces))]);
}

static const char *const *texts(QsArena *arena, GRand *rand, size_t *n)
{
    const char **list = qs_arena_alloc0(arena, 4, sizeof(*list));

    *n = below(rand, 4);
    for (size_t i = 0; i < *n; i++) {
        list[i] = text(arena, rand);
    }
    return list;
}

static const uint32_t *numbers(QsArena *arena, GRand *rand, size_t *n)
{
    uint32_t *list = qs_arena_alloc0(arena, 8, sizeof(*list));

    *n = below(rand, 8);
    for (size_t i = 0; i < *n; i++) {
        list[i] = number32(rand);
    }
    return list;
}

static QsBytes bytes(QsArena *arena, GRand *rand, size_t n)
{
    uint8_t *data = qs_arena_alloc(arena, n);

    for (size_t i = 0; i < n; i++) {
        data[i] = (uint8_t)g_rand_int(rand);
    }
    return (QsBytes){ data, n };
}

static QsBytes token(QsArena *arena, GRand *rand)
{
    return bytes(arena, rand, coin(rand) ? QS_TOKEN_BYTES : 0);
}

static QsValueEntry *entries(QsArena *arena, GRand *rand, unsigned depth, size_t *n)
{
    QsValueEntry *list = qs_arena_alloc0(arena, 4, sizeof(*list));

    *n = below(rand, 4);
    for (size_t i = 0; i < *n; i++) {
        list[i].key = text(arena, rand);
        list[i].value = random_value(arena, rand, depth);
    }
    return list;
}

QsValue random_value(QsArena *arena, GRand *rand, unsigned depth)
{
    QsValue value = { .kind = below(rand, depth ? QS_VALUE_MAP + 1 : QS_VALUE_LIST) };
    QsValue *items;

    switch (value.kind) {
    case QS_VALUE_BOOL:
        value.boolean = coin(rand);
        break;
    case QS_VALUE_INT:
        value.i = (int64_t)number64(rand) * (coin(rand) ? 1 : -1);
        break;
    case QS_VALUE_UINT:
        value.u = number64(rand);
        break;
    case QS_VALUE_REAL:
        value.real = g_rand_double(rand) - 0.5;
        break;
    case QS_VALUE_TEXT:
    case QS_VALUE_UNPARSED:
        value.text = text(arena, rand);
        break;
    case QS_VALUE_LIST:
        items = qs_arena_alloc0(arena, 4, sizeof(*items));
        value.list.n = below(rand, 4);
        for (size_t i = 0; i < value.list.n; i++) {
            items[i] = random_value(arena, rand, depth - 1);
        }
        value.list.items = items;
        break;
    case QS_VALUE_MAP:
        value.map.entries = entries(arena, rand, depth - 1, &value.map.n);
        break;
    default:
        break;
    }
    return value;
}

static void random_chardev_operation(QsArena *arena, GRand *rand, QsOperation *o)
{
    o->chardev.id = text(arena, rand);
    if (o->kind == QS_OP_CHARDEV_WRITE) {
        o->chardev.data = bytes(arena, rand, below(rand, 300));
    } else if (o->kind == QS_OP_CHARDEV_READ) {
        o->chardev.max = number32(rand);
    } else if (o->kind == QS_OP_CHARDEV_OPEN) {
        o->chardev.open = coin(rand);
    }
}

static QsVirtioQueue virtio_queue(GRand *rand)
{
    return (QsVirtioQueue){ number32(rand), number32(rand), number32(rand), number64(rand),
                            number64(rand), number64(rand), coin(rand) };
}

static void random_virtio_operation(QsArena *arena, GRand *rand, QsOperation *o)
{
    o->virtio.transport = text(arena, rand);
    o->virtio.action = below(rand, QS_VIRTIO_ACKNOWLEDGE + 1);
    switch (o->virtio.action) {
    case QS_VIRTIO_STATE:
        break;
    case QS_VIRTIO_SET_FEATURES:
        o->virtio.value = number64(rand);
        break;
    case QS_VIRTIO_SET_QUEUE:
        o->virtio.queue = virtio_queue(rand);
        break;
    case QS_VIRTIO_READ_CONFIG:
        o->virtio.length = number32(rand);
        o->virtio.value = number32(rand);
        break;
    case QS_VIRTIO_WRITE_CONFIG:
        o->virtio.data = bytes(arena, rand, below(rand, 300));
        /* fall through */
    default:
        o->virtio.value = number32(rand);
    }
}

QsOperation random_operation(QsArena *arena, GRand *rand, QsOpKind kind)
{
    QsOperation o = { .kind = kind };

    switch (kind) {
    case QS_OP_MMIO_WRITE:
        o.mmio.data = number64(rand);
        /* fall through */
    case QS_OP_MMIO_READ:
        o.mmio.address = number64(rand);
        o.mmio.size = number32(rand);
        o.mmio.path = coin(rand) ? QS_PATH_CPU : QS_PATH_DMA;
        break;
    case QS_OP_BLOCK_FILL:
        o.block.value = below(rand, 256);
        /* fall through */
    case QS_OP_BLOCK_READ:
        o.block.address = number64(rand);
        o.block.length = number64(rand);
        break;
    case QS_OP_BLOCK_WRITE:
        o.block.address = number64(rand);
        o.block.data = bytes(arena, rand, below(rand, 300));
        o.block.length = o.block.data.len;
        break;
    case QS_OP_LINE_SET:
        o.line_set.path = text(arena, rand);
        o.line_set.name = text(arena, rand);
        o.line_set.index = number32(rand);
        o.line_set.level = (int32_t)g_rand_int(rand);
        break;
    case QS_OP_LINE_WATCH:
        o.line_watch.path = text(arena, rand);
        o.line_watch.direction = coin(rand) ? QS_LINE_IN : QS_LINE_OUT;
        break;
    case QS_OP_LINE_GET:
        o.line_get.index = number32(rand);
        /* fall through */
    case QS_OP_LINE_UNWATCH:
        o.line_get.watch = number32(rand);
        break;
    case QS_OP_QOM_SET:
        o.qom.value = random_value(arena, rand, 4);
        /* fall through */
    case QS_OP_QOM_GET:
        o.qom.property = text(arena, rand);
        /* fall through */
    case QS_OP_QOM_LIST:
    case QS_OP_QOM_DELETE:
        o.qom.path = text(arena, rand);
        break;
    case QS_OP_QOM_NEW:
        o.qom_new.type = text(arena, rand);
        o.qom_new.id = text(arena, rand);
        o.qom_new.properties = entries(arena, rand, 3, &o.qom_new.n_properties);
        break;
    case QS_OP_QOM_TYPES:
        o.types.include_abstract = coin(rand);
        /* fall through */
    case QS_OP_QOM_TYPE_PROPERTIES:
        o.types.type = text(arena, rand);
        break;
    case QS_OP_ADVANCE:
        o.advance.to = 1 + below(rand, 3);
        o.advance.ns = o.advance.to == QS_ADVANCE_NEXT_DEADLINE ? 0 : number64(rand);
        break;
    case QS_OP_HELLO:
        o.hello.version = number32(rand);
        o.hello.capabilities = texts(arena, rand, &o.hello.n_capabilities);
        o.hello.required = texts(arena, rand, &o.hello.n_required);
        o.hello.machine = text(arena, rand);
        o.hello.create = text(arena, rand);
        o.hello.role = coin(rand) ? QS_ROLE_DRIVER : QS_ROLE_OBSERVER;
        o.hello.client = text(arena, rand);
        o.hello.nonce = token(arena, rand);
        o.hello.resume = token(arena, rand);
        o.hello.heartbeat_ms = number32(rand);
        break;
    case QS_OP_CHARDEV_ADD:
        o.chardev_add.options = entries(arena, rand, 3, &o.chardev_add.n_options);
        break;
    case QS_OP_CHARDEV_REMOVE:
    case QS_OP_CHARDEV_WRITE:
    case QS_OP_CHARDEV_READ:
    case QS_OP_CHARDEV_OPEN:
        random_chardev_operation(arena, rand, &o);
        break;
    case QS_OP_VIRTIO:
        random_virtio_operation(arena, rand, &o);
        break;
    default:
        break;
    }
    return o;
}

static QsStatus status(QsArena *arena, GRand *rand)
{
    if (coin(rand)) {
        return (QsStatus){ QS_STATUS_OK, "", "" };
    }
    return (QsStatus){ 1 + below(rand, QS_STATUS_TAKEN_OVER), text(arena, rand),
                       text(arena, rand) };
}

static QsBusResult bus(GRand *rand)
{
    return 1 + below(rand, QS_BUS_ACCESS_ERROR);
}

static QsProperty *properties(QsArena *arena, GRand *rand, size_t *n)
{
    QsProperty *list = qs_arena_alloc0(arena, 4, sizeof(*list));

    *n = below(rand, 4);
    for (size_t i = 0; i < *n; i++) {
        list[i] = (QsProperty){ text(arena, rand), text(arena, rand), text(arena, rand),
                                random_value(arena, rand, 3) };
    }
    return list;
}

static void random_lists(QsArena *arena, GRand *rand, QsResult *r)
{
    QsType *types = qs_arena_alloc0(arena, 4, sizeof(*types));
    QsStat *stats = qs_arena_alloc0(arena, 4, sizeof(*stats));
    size_t n = below(rand, 4);

    for (size_t i = 0; i < n; i++) {
        types[i] = (QsType){ text(arena, rand), text(arena, rand), coin(rand) };
        stats[i] = (QsStat){ text(arena, rand), number64(rand), text(arena, rand) };
    }
    if (r->kind == QS_OP_QOM_TYPES) {
        r->types.types = types;
        r->types.n_types = n;
    } else {
        r->stats.entries = stats;
        r->stats.n_entries = n;
    }
}

static void random_info(QsArena *arena, GRand *rand, QsResult *r)
{
    QsRegion *regions = qs_arena_alloc0(arena, 4, sizeof(*regions));

    r->info.machine = text(arena, rand);
    r->info.machine_type = text(arena, rand);
    r->info.irq_lines = number32(rand);
    r->info.sessions = texts(arena, rand, &r->info.n_sessions);
    r->info.regions = regions;
    r->info.n_regions = below(rand, 4);
    for (size_t i = 0; i < r->info.n_regions; i++) {
        regions[i] = (QsRegion){ text(arena, rand), text(arena, rand), number64(rand),
                                 number64(rand),    coin(rand),        coin(rand),
                                 below(rand, 4),    text(arena, rand), number64(rand) };
    }
}

static void random_hello(QsArena *arena, GRand *rand, QsResult *r)
{
    r->hello.version = number32(rand);
    r->hello.capabilities = texts(arena, rand, &r->hello.n_capabilities);
    r->hello.session = token(arena, rand);
    r->hello.machine = text(arena, rand);
    r->hello.machine_type = text(arena, rand);
    r->hello.server = text(arena, rand);
    r->hello.max_frame_bytes = number64(rand);
    r->hello.max_operations = number32(rand);
    r->hello.max_block_bytes = number64(rand);
    r->hello.raised = numbers(arena, rand, &r->hello.n_raised);
    r->hello.role = coin(rand) ? QS_ROLE_DRIVER : QS_ROLE_OBSERVER;
    r->hello.server_instance = number64(rand);
    r->hello.kept_replies = number32(rand);
    r->hello.session_grace_ms = number64(rand);
    r->hello.epoch = number32(rand);
    r->hello.last_request_id = number64(rand);
    r->hello.last_sequence = number64(rand);
    r->hello.events = number64(rand);
}

static void random_chardev_list(QsArena *arena, GRand *rand, QsResult *r)
{
    QsChardev *list = qs_arena_alloc0(arena, 4, sizeof(*list));

    r->chardev_list.chardevs = list;
    r->chardev_list.n_chardevs = below(rand, 4);
    for (size_t i = 0; i < r->chardev_list.n_chardevs; i++) {
        list[i] = (QsChardev){ text(arena, rand), text(arena, rand), text(arena, rand), coin(rand),
                               coin(rand),        coin(rand),        number64(rand) };
    }
}

static void random_virtio_state(QsArena *arena, GRand *rand, QsResult *r)
{
    r->virtio.device_id = number32(rand);
    r->virtio.offered = number64(rand);
    r->virtio.accepted = number64(rand);
    r->virtio.status = number32(rand);
    r->virtio.isr = number32(rand);
    r->virtio.generation = number32(rand);
    r->virtio.config_size = number32(rand);
    r->virtio.queues = number32(rand);
    r->virtio.has_queue = coin(rand);
    if (r->virtio.has_queue) {
        r->virtio.queue = virtio_queue(rand);
    }
    r->virtio.config = bytes(arena, rand, below(rand, 300));
}

QsResult random_result(QsArena *arena, GRand *rand, QsOpKind kind)
{
    QsResult r = { .kind = kind, .status = status(arena, rand) };

    if (r.status.code != QS_STATUS_OK) {
        return r;
    }
    switch (kind) {
    case QS_OP_MMIO_READ:
        r.mmio.data = number64(rand);
        /* fall through */
    case QS_OP_MMIO_WRITE:
    case QS_OP_BLOCK_WRITE:
    case QS_OP_BLOCK_FILL:
        r.mmio.result = bus(rand);
        break;
    case QS_OP_BLOCK_READ:
        r.block_read.result = bus(rand);
        r.block_read.data = bytes(arena, rand, below(rand, 300));
        break;
    case QS_OP_LINE_WATCH:
        r.line_watch.watch = number32(rand);
        r.line_watch.lines = number32(rand);
        r.line_watch.raised = numbers(arena, rand, &r.line_watch.n_raised);
        break;
    case QS_OP_LINE_GET:
        r.line_get.level = (int32_t)g_rand_int(rand);
        break;
    case QS_OP_QOM_LIST:
    case QS_OP_QOM_TYPE_PROPERTIES:
        r.qom_list.properties = properties(arena, rand, &r.qom_list.n_properties);
        /* fall through */
    case QS_OP_QOM_NEW:
        r.qom_list.path = kind == QS_OP_QOM_TYPE_PROPERTIES ? "" : text(arena, rand);
        break;
    case QS_OP_QOM_GET:
        r.value = random_value(arena, rand, 5);
        break;
    case QS_OP_QOM_TYPES:
    case QS_OP_STATS:
        random_lists(arena, rand, &r);
        break;
    case QS_OP_ADVANCE:
        r.advance.now_ns = number64(rand);
        break;
    case QS_OP_INFO:
        random_info(arena, rand, &r);
        break;
    case QS_OP_HELLO:
        random_hello(arena, rand, &r);
        break;
    case QS_OP_CHARDEV_ADD:
        r.chardev_add.filename = text(arena, rand);
        break;
    case QS_OP_CHARDEV_LIST:
        random_chardev_list(arena, rand, &r);
        break;
    case QS_OP_CHARDEV_WRITE:
        r.chardev_write.accepted = number32(rand);
        break;
    case QS_OP_CHARDEV_READ:
        r.chardev_read.data = bytes(arena, rand, below(rand, 300));
        r.chardev_read.pending = number64(rand);
        break;
    case QS_OP_VIRTIO:
        random_virtio_state(arena, rand, &r);
        break;
    default:
        break;
    }
    return r;
}

QsEvent random_event(QsArena *arena, GRand *rand, QsEventKind kind)
{
    QsEvent e = { .kind = kind, .time_ns = number64(rand) };

    switch (kind) {
    case QS_EVENT_LINE:
        e.line.watch = number32(rand);
        e.line.line = number32(rand);
        e.line.level = (int32_t)g_rand_int(rand);
        break;
    case QS_EVENT_GUEST_ERROR:
        e.guest_error.path = text(arena, rand);
        e.guest_error.text = text(arena, rand);
        break;
    case QS_EVENT_DEVICE_DELETED:
        e.device_deleted.id = text(arena, rand);
        e.device_deleted.path = text(arena, rand);
        break;
    case QS_EVENT_LAGGED:
        e.lagged.dropped = number64(rand);
        break;
    case QS_EVENT_CHARDEV:
        e.chardev.id = text(arena, rand);
        e.chardev.notice = 1 + below(rand, QS_CHARDEV_FRONTEND_CLOSED);
        break;
    case QS_EVENT_VSERPORT:
        e.vserport.id = text(arena, rand);
        e.vserport.path = text(arena, rand);
        e.vserport.open = coin(rand);
        break;
    case QS_EVENT_VIRTIO:
        e.virtio.path = text(arena, rand);
        e.virtio.notice = 1 + below(rand, QS_VIRTIO_CONFIG);
        e.virtio.queue = number32(rand);
        break;
    default:
        break;
    }
    return e;
}

static QsDmaRequest random_dma_request(QsArena *arena, GRand *rand)
{
    QsDmaRequest request = { .id = number64(rand),
                             .address = number64(rand),
                             .length = 1 + below(rand, 300),
                             .is_write = coin(rand) };

    request.data = bytes(arena, rand, request.is_write ? request.length : 0);
    return request;
}

QsClientFrame random_client_frame(QsArena *arena, GRand *rand)
{
    QsClientFrame frame = { .session = token(arena, rand),
                            .request_id = number64(rand),
                            .has_virtual_time = coin(rand),
                            .n_operations = below(rand, 5),
                            .posted = coin(rand) };
    QsOperation *operations = qs_arena_alloc0(arena, 5, sizeof(*operations));

    frame.virtual_time_ns = frame.has_virtual_time ? number64(rand) : 0;
    for (size_t i = 0; i < frame.n_operations; i++) {
        operations[i] = random_operation(arena, rand, 1 + below(rand, QS_OP_COUNT - 1));
    }
    frame.operations = operations;
    frame.after = coin(rand) ? number64(rand) : 0;
    frame.epoch = coin(rand) ? number32(rand) : 0;
    frame.has_resume = frame.n_operations == 0 && coin(rand);
    if (frame.has_resume) {
        frame.resume = (QsResume){ number64(rand), number64(rand) };
    }
    frame.has_dma_response = frame.n_operations == 0 && !frame.has_resume;
    if (frame.has_dma_response) {
        frame.dma_response.id = number64(rand);
        frame.dma_response.result = bus(rand);
        frame.dma_response.data = bytes(arena, rand, below(rand, 300));
    }
    return frame;
}

static void random_reply(QsArena *arena, GRand *rand, QsReply *reply)
{
    QsResult *results = qs_arena_alloc0(arena, 5, sizeof(*results));
    QsPostedError *errors = qs_arena_alloc0(arena, 3, sizeof(*errors));

    reply->request_id = number64(rand);
    reply->status = status(arena, rand);
    reply->n_results = below(rand, 5);
    for (size_t i = 0; i < reply->n_results; i++) {
        results[i] = random_result(arena, rand, 1 + below(rand, QS_OP_COUNT - 1));
    }
    reply->results = results;
    reply->now_ns = number64(rand);
    reply->has_deadline = coin(rand);
    reply->next_deadline_ns = reply->has_deadline ? number64(rand) : 0;
    reply->n_posted_errors = below(rand, 3);
    for (size_t i = 0; i < reply->n_posted_errors; i++) {
        errors[i] =
            (QsPostedError){ number64(rand), number32(rand), status(arena, rand), below(rand, 5) };
    }
    reply->posted_errors = errors;
    reply->server_instance = coin(rand) ? number64(rand) : 0;
}

QsServerFrame random_server_frame(QsArena *arena, GRand *rand)
{
    QsServerFrame frame = { .sequence = number64(rand),
                            .n_events = below(rand, 5),
                            .has_reply = coin(rand) };
    QsEvent *events = qs_arena_alloc0(arena, 5, sizeof(*events));

    for (size_t i = 0; i < frame.n_events; i++) {
        events[i] = random_event(arena, rand, 1 + below(rand, QS_EVENT_COUNT - 1));
    }
    frame.events = events;
    if (frame.has_reply) {
        random_reply(arena, rand, &frame.reply);
    } else if (coin(rand)) {
        frame.has_dma_request = true;
        frame.dma_request = random_dma_request(arena, rand);
    } else if (coin(rand)) {
        frame.has_resumed = true;
        frame.resumed =
            (QsResumed){ number64(rand), number64(rand), number64(rand), number64(rand) };
    }
    return frame;
}

static QsOpKind access_kind(GRand *rand)
{
    return below(rand, 30) == 0 ? 1 + below(rand, QS_OP_COUNT - 1)
                                : QS_OP_MMIO_READ + below(rand, 2);
}

QsClientFrame random_access_frame(QsArena *arena, GRand *rand)
{
    size_t n = below(rand, 8) ? 1 + below(rand, 4) : 1 + below(rand, 200);
    QsOperation *operations = qs_arena_alloc0(arena, n, sizeof(*operations));
    QsClientFrame frame = random_client_frame(arena, rand);

    frame.has_resume = frame.has_dma_response = false;
    for (size_t i = 0; i < n; i++) {
        operations[i] = random_operation(arena, rand, access_kind(rand));
    }
    frame.operations = operations;
    frame.n_operations = n;
    return frame;
}

QsServerFrame random_access_reply(QsArena *arena, GRand *rand)
{
    size_t n = below(rand, 8) ? 1 + below(rand, 4) : 1 + below(rand, 200);
    QsResult *results = qs_arena_alloc0(arena, n, sizeof(*results));
    QsServerFrame frame = { .sequence = number64(rand), .has_reply = true };

    for (size_t i = 0; i < n; i++) {
        results[i] = random_result(arena, rand, access_kind(rand));
    }
    frame.reply = (QsReply){ .request_id = number64(rand),
                             .status = { QS_STATUS_OK, "", "" },
                             .results = results,
                             .n_results = n,
                             .now_ns = number64(rand),
                             .has_deadline = coin(rand) };
    frame.reply.next_deadline_ns = frame.reply.has_deadline ? number64(rand) : 0;
    return frame;
}
