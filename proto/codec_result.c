#include "proto/codec_internal.h"

_Static_assert((int)QOSIM__V1__OPERATION_RESULT__KIND_MMIO_READ == QS_OP_MMIO_READ, "kinds differ");
_Static_assert((int)QOSIM__V1__OPERATION_RESULT__KIND_VIRTIO == QS_OP_VIRTIO, "kinds differ");
_Static_assert((int)QOSIM__V1__BUS_RESULT__BUS_RESULT_ACCESS_ERROR == QS_BUS_ACCESS_ERROR,
               "bus results differ");

static Qosim__V1__BusResult put_bus(Codec *c, QsBusResult result)
{
    if (result < QS_BUS_OK) {
        codec_fail(c, QS_STATUS_INVALID_ARGUMENT, "bus result: no such value %d", (int)result);
    }
    return (Qosim__V1__BusResult)codec_put_enum(c, "bus result", result, QS_BUS_ACCESS_ERROR);
}

static QsBusResult get_bus(Codec *c, Qosim__V1__BusResult result)
{
    if (result == QOSIM__V1__BUS_RESULT__BUS_RESULT_UNSPECIFIED) {
        codec_fail(c, QS_STATUS_MALFORMED, "a bus access without its result");
    }
    return (QsBusResult)result;
}

static void put_mmio_read(Codec *c, const QsResult *r, void *message)
{
    Qosim__V1__MmioReadResponse *m = message;

    m->result = put_bus(c, r->mmio.result);
    m->data = r->mmio.data;
}

static void get_mmio_read(Codec *c, const void *message, QsResult *r)
{
    const Qosim__V1__MmioReadResponse *m = message;

    r->mmio.result = get_bus(c, m->result);
    r->mmio.data = m->data;
}

static void put_mmio_write(Codec *c, const QsResult *r, void *message)
{
    ((Qosim__V1__MmioWriteResponse *)message)->result = put_bus(c, r->mmio.result);
}

static void get_mmio_write(Codec *c, const void *message, QsResult *r)
{
    r->mmio.result = get_bus(c, ((const Qosim__V1__MmioWriteResponse *)message)->result);
}

static void put_block_write(Codec *c, const QsResult *r, void *message)
{
    ((Qosim__V1__BlockWriteResponse *)message)->result = put_bus(c, r->mmio.result);
}

static void get_block_write(Codec *c, const void *message, QsResult *r)
{
    r->mmio.result = get_bus(c, ((const Qosim__V1__BlockWriteResponse *)message)->result);
}

static void put_block_fill(Codec *c, const QsResult *r, void *message)
{
    ((Qosim__V1__BlockFillResponse *)message)->result = put_bus(c, r->mmio.result);
}

static void get_block_fill(Codec *c, const void *message, QsResult *r)
{
    r->mmio.result = get_bus(c, ((const Qosim__V1__BlockFillResponse *)message)->result);
}

static void put_block_read(Codec *c, const QsResult *r, void *message)
{
    Qosim__V1__BlockReadResponse *m = message;

    m->result = put_bus(c, r->block_read.result);
    m->data = codec_put_bytes(c, "block that was read", r->block_read.data, QS_MAX_BLOCK_BYTES);
}

static void get_block_read(Codec *c, const void *message, QsResult *r)
{
    const Qosim__V1__BlockReadResponse *m = message;

    r->block_read.result = get_bus(c, m->result);
    r->block_read.data = codec_get_bytes(c, "block that was read", m->data, QS_MAX_BLOCK_BYTES);
}

static void put_line_watch(Codec *c, const QsResult *r, void *message)
{
    Qosim__V1__LineWatchResponse *m = message;

    m->watch = r->line_watch.watch;
    m->lines = r->line_watch.lines;
    m->raised = codec_put_numbers(c, r->line_watch.raised, r->line_watch.n_raised);
    m->n_raised = r->line_watch.n_raised;
}

static void get_line_watch(Codec *c, const void *message, QsResult *r)
{
    const Qosim__V1__LineWatchResponse *m = message;

    (void)c;
    r->line_watch.watch = m->watch;
    r->line_watch.lines = m->lines;
    r->line_watch.raised = m->raised;
    r->line_watch.n_raised = m->n_raised;
}

static void put_line_get(Codec *c, const QsResult *r, void *message)
{
    (void)c;
    ((Qosim__V1__LineGetResponse *)message)->level = r->line_get.level;
}

static void get_line_get(Codec *c, const void *message, QsResult *r)
{
    (void)c;
    r->line_get.level = ((const Qosim__V1__LineGetResponse *)message)->level;
}

static Qosim__V1__QomProperty **put_properties(Codec *c, const QsResult *r)
{
    size_t n = r->qom_list.n_properties;
    Qosim__V1__QomProperty **m = codec_alloc(c, n, sizeof(*m));

    for (size_t i = 0; m && i < n && !c->failed; i++) {
        const QsProperty *property = &r->qom_list.properties[i];

        m[i] = codec_new(c, &qosim__v1__qom_property__descriptor);
        if (m[i]) {
            m[i]->name = codec_put_text(c, "property name", property->name);
            m[i]->type = codec_put_text(c, "property type", property->type);
            m[i]->description = codec_put_text(c, "property description", property->description);
            m[i]->default_value = codec_put_value(c, &property->default_value);
        }
    }
    return m;
}

static void get_properties(Codec *c, Qosim__V1__QomProperty *const *m, size_t n, QsResult *r)
{
    QsProperty *properties = codec_alloc(c, n, sizeof(*properties));

    for (size_t i = 0; properties && i < n && !c->failed; i++) {
        properties[i].name = m[i]->name;
        properties[i].type = m[i]->type;
        properties[i].description = m[i]->description;
        codec_get_value(c, m[i]->default_value, &properties[i].default_value);
    }
    r->qom_list.properties = properties;
    r->qom_list.n_properties = n;
}

static void put_qom_list(Codec *c, const QsResult *r, void *message)
{
    Qosim__V1__QomListResponse *m = message;

    m->path = codec_put_text(c, "path", r->qom_list.path);
    m->properties = put_properties(c, r);
    m->n_properties = r->qom_list.n_properties;
}

static void get_qom_list(Codec *c, const void *message, QsResult *r)
{
    const Qosim__V1__QomListResponse *m = message;

    r->qom_list.path = m->path;
    get_properties(c, m->properties, m->n_properties, r);
}

static void put_type_properties(Codec *c, const QsResult *r, void *message)
{
    Qosim__V1__QomTypePropertiesResponse *m = message;

    m->properties = put_properties(c, r);
    m->n_properties = r->qom_list.n_properties;
}

static void get_type_properties(Codec *c, const void *message, QsResult *r)
{
    const Qosim__V1__QomTypePropertiesResponse *m = message;

    r->qom_list.path = "";
    get_properties(c, m->properties, m->n_properties, r);
}

static void put_qom_get(Codec *c, const QsResult *r, void *message)
{
    ((Qosim__V1__QomGetResponse *)message)->value = codec_put_value(c, &r->value);
}

static void get_qom_get(Codec *c, const void *message, QsResult *r)
{
    codec_get_value(c, ((const Qosim__V1__QomGetResponse *)message)->value, &r->value);
}

static void put_qom_new(Codec *c, const QsResult *r, void *message)
{
    ((Qosim__V1__QomNewResponse *)message)->path = codec_put_text(c, "path", r->qom_list.path);
}

static void get_qom_new(Codec *c, const void *message, QsResult *r)
{
    (void)c;
    r->qom_list.path = ((const Qosim__V1__QomNewResponse *)message)->path;
}

static void put_types(Codec *c, const QsResult *r, void *message)
{
    Qosim__V1__QomTypesResponse *m = message;

    m->n_types = r->types.n_types;
    m->types = codec_alloc(c, m->n_types, sizeof(Qosim__V1__QomType *));
    for (size_t i = 0; i < m->n_types && !c->failed; i++) {
        m->types[i] = codec_new(c, &qosim__v1__qom_type__descriptor);
        if (m->types[i]) {
            m->types[i]->name = codec_put_text(c, "type", r->types.types[i].name);
            m->types[i]->parent = codec_put_text(c, "parent type", r->types.types[i].parent);
            m->types[i]->is_abstract = r->types.types[i].is_abstract;
        }
    }
}

static void get_types(Codec *c, const void *message, QsResult *r)
{
    const Qosim__V1__QomTypesResponse *m = message;
    QsType *types = codec_alloc(c, m->n_types, sizeof(*types));

    for (size_t i = 0; types && i < m->n_types; i++) {
        types[i] = (QsType){ m->types[i]->name, m->types[i]->parent, m->types[i]->is_abstract };
    }
    r->types.types = types;
    r->types.n_types = m->n_types;
}

static void put_advance(Codec *c, const QsResult *r, void *message)
{
    (void)c;
    ((Qosim__V1__AdvanceResponse *)message)->now_ns = r->advance.now_ns;
}

static void get_advance(Codec *c, const void *message, QsResult *r)
{
    (void)c;
    r->advance.now_ns = ((const Qosim__V1__AdvanceResponse *)message)->now_ns;
}

static void put_stats(Codec *c, const QsResult *r, void *message)
{
    Qosim__V1__StatsResponse *m = message;

    m->n_entries = r->stats.n_entries;
    m->entries = codec_alloc(c, m->n_entries, sizeof(Qosim__V1__StatsEntry *));
    for (size_t i = 0; i < m->n_entries && !c->failed; i++) {
        m->entries[i] = codec_new(c, &qosim__v1__stats_entry__descriptor);
        if (m->entries[i]) {
            m->entries[i]->name = codec_put_text(c, "statistic", r->stats.entries[i].name);
            m->entries[i]->unit = codec_put_text(c, "unit", r->stats.entries[i].unit);
            m->entries[i]->value = r->stats.entries[i].value;
        }
    }
}

static void get_stats(Codec *c, const void *message, QsResult *r)
{
    const Qosim__V1__StatsResponse *m = message;
    QsStat *entries = codec_alloc(c, m->n_entries, sizeof(*entries));

    for (size_t i = 0; entries && i < m->n_entries; i++) {
        entries[i] = (QsStat){ m->entries[i]->name, m->entries[i]->value, m->entries[i]->unit };
    }
    r->stats.entries = entries;
    r->stats.n_entries = m->n_entries;
}

static Qosim__V1__InfoRegion *put_region(Codec *c, const QsRegion *region)
{
    Qosim__V1__InfoRegion *m = codec_new(c, &qosim__v1__info_region__descriptor);

    if (m) {
        m->name = codec_put_text(c, "region", region->name);
        m->owner = codec_put_text(c, "owner of a region", region->owner);
        m->address = region->address;
        m->size = region->size;
        m->ram = region->ram;
        m->read_only = region->read_only;
        m->home = (Qosim__V1__RamHome)codec_put_enum(c, "home", region->home, QS_HOME_CLIENT);
        m->shm_path = codec_put_text(c, "path of a region", region->shm_path);
        m->shm_offset = region->shm_offset;
    }
    return m;
}

static void put_info(Codec *c, const QsResult *r, void *message)
{
    Qosim__V1__InfoResponse *m = message;

    m->machine = codec_put_text(c, "machine", r->info.machine);
    m->machine_type = codec_put_text(c, "machine type", r->info.machine_type);
    m->irq_lines = r->info.irq_lines;
    m->n_regions = r->info.n_regions;
    m->regions = codec_alloc(c, m->n_regions, sizeof(Qosim__V1__InfoRegion *));
    for (size_t i = 0; i < m->n_regions && !c->failed; i++) {
        m->regions[i] = put_region(c, &r->info.regions[i]);
    }
    m->sessions = codec_put_texts(c, "session", r->info.sessions, r->info.n_sessions);
    m->n_sessions = r->info.n_sessions;
}

static void get_info(Codec *c, const void *message, QsResult *r)
{
    const Qosim__V1__InfoResponse *m = message;
    QsRegion *regions = codec_alloc(c, m->n_regions, sizeof(*regions));

    for (size_t i = 0; regions && i < m->n_regions; i++) {
        const Qosim__V1__InfoRegion *region = m->regions[i];

        regions[i] = (QsRegion){
            region->name,      region->owner,     region->address,         region->size,
            region->ram,       region->read_only, (QsRamHome)region->home, region->shm_path,
            region->shm_offset
        };
    }
    r->info.machine = m->machine;
    r->info.machine_type = m->machine_type;
    r->info.regions = regions;
    r->info.n_regions = m->n_regions;
    r->info.irq_lines = m->irq_lines;
    r->info.sessions = (const char *const *)m->sessions;
    r->info.n_sessions = m->n_sessions;
}

static void put_hello(Codec *c, const QsResult *r, void *message)
{
    Qosim__V1__HelloResponse *m = message;

    m->version = r->hello.version;
    m->capabilities =
        codec_put_texts(c, "capability", r->hello.capabilities, r->hello.n_capabilities);
    m->n_capabilities = r->hello.n_capabilities;
    m->session = codec_put_token(c, r->hello.session);
    m->machine = codec_put_text(c, "machine", r->hello.machine);
    m->machine_type = codec_put_text(c, "machine type", r->hello.machine_type);
    m->server = codec_put_text(c, "server", r->hello.server);
    m->max_frame_bytes = r->hello.max_frame_bytes;
    m->max_operations = r->hello.max_operations;
    m->max_block_bytes = r->hello.max_block_bytes;
    m->raised = codec_put_numbers(c, r->hello.raised, r->hello.n_raised);
    m->n_raised = r->hello.n_raised;
    m->role = (Qosim__V1__Role)codec_put_enum(c, "role", r->hello.role, QS_ROLE_OBSERVER);
    m->server_instance = r->hello.server_instance;
    m->kept_replies = r->hello.kept_replies;
    m->session_grace_ms = r->hello.session_grace_ms;
    m->epoch = r->hello.epoch;
    m->last_request_id = r->hello.last_request_id;
    m->last_sequence = r->hello.last_sequence;
    m->events = r->hello.events;
}

static void get_hello(Codec *c, const void *message, QsResult *r)
{
    const Qosim__V1__HelloResponse *m = message;

    r->hello.version = m->version;
    r->hello.capabilities = (const char *const *)m->capabilities;
    r->hello.n_capabilities = m->n_capabilities;
    r->hello.session = codec_get_token(c, m->session);
    r->hello.machine = m->machine;
    r->hello.machine_type = m->machine_type;
    r->hello.server = m->server;
    r->hello.max_frame_bytes = m->max_frame_bytes;
    r->hello.max_operations = m->max_operations;
    r->hello.max_block_bytes = m->max_block_bytes;
    r->hello.raised = m->raised;
    r->hello.n_raised = m->n_raised;
    r->hello.role = m->role == QOSIM__V1__ROLE__ROLE_DRIVER ? QS_ROLE_DRIVER : QS_ROLE_OBSERVER;
    r->hello.server_instance = m->server_instance;
    r->hello.kept_replies = m->kept_replies;
    r->hello.session_grace_ms = m->session_grace_ms;
    r->hello.epoch = m->epoch;
    r->hello.last_request_id = m->last_request_id;
    r->hello.last_sequence = m->last_sequence;
    r->hello.events = m->events;
}

static void put_nothing(Codec *c, const QsResult *r, void *message)
{
    (void)c;
    (void)r;
    (void)message;
}

static void get_nothing(Codec *c, const void *message, QsResult *r)
{
    (void)c;
    (void)message;
    (void)r;
}

/* clang-format off */
static const struct {
    const ProtobufCMessageDescriptor *descriptor;
    CodecPutResult *put;
    CodecGetResult *get;
} kinds[QS_OP_COUNT] = {
    [QS_OP_MMIO_READ] = { &qosim__v1__mmio_read_response__descriptor, put_mmio_read, get_mmio_read },
    [QS_OP_MMIO_WRITE] = { &qosim__v1__mmio_write_response__descriptor, put_mmio_write, get_mmio_write },
    [QS_OP_BLOCK_READ] = { &qosim__v1__block_read_response__descriptor, put_block_read, get_block_read },
    [QS_OP_BLOCK_WRITE] = { &qosim__v1__block_write_response__descriptor, put_block_write, get_block_write },
    [QS_OP_BLOCK_FILL] = { &qosim__v1__block_fill_response__descriptor, put_block_fill, get_block_fill },
    [QS_OP_LINE_SET] = { &qosim__v1__line_set_response__descriptor, put_nothing, get_nothing },
    [QS_OP_LINE_WATCH] = { &qosim__v1__line_watch_response__descriptor, put_line_watch, get_line_watch },
    [QS_OP_LINE_GET] = { &qosim__v1__line_get_response__descriptor, put_line_get, get_line_get },
    [QS_OP_LINE_UNWATCH] = { &qosim__v1__line_unwatch_response__descriptor, put_nothing, get_nothing },
    [QS_OP_QOM_LIST] = { &qosim__v1__qom_list_response__descriptor, put_qom_list, get_qom_list },
    [QS_OP_QOM_GET] = { &qosim__v1__qom_get_response__descriptor, put_qom_get, get_qom_get },
    [QS_OP_QOM_SET] = { &qosim__v1__qom_set_response__descriptor, put_nothing, get_nothing },
    [QS_OP_QOM_NEW] = { &qosim__v1__qom_new_response__descriptor, put_qom_new, get_qom_new },
    [QS_OP_QOM_DELETE] = { &qosim__v1__qom_delete_response__descriptor, put_nothing, get_nothing },
    [QS_OP_QOM_TYPES] = { &qosim__v1__qom_types_response__descriptor, put_types, get_types },
    [QS_OP_QOM_TYPE_PROPERTIES] = { &qosim__v1__qom_type_properties_response__descriptor, put_type_properties, get_type_properties },
    [QS_OP_RESET] = { &qosim__v1__reset_response__descriptor, put_nothing, get_nothing },
    [QS_OP_ADVANCE] = { &qosim__v1__advance_response__descriptor, put_advance, get_advance },
    [QS_OP_STATS] = { &qosim__v1__stats_response__descriptor, put_stats, get_stats },
    [QS_OP_INFO] = { &qosim__v1__info_response__descriptor, put_info, get_info },
    [QS_OP_HELLO] = { &qosim__v1__hello_response__descriptor, put_hello, get_hello },
    [QS_OP_BYE] = { &qosim__v1__bye_response__descriptor, put_nothing, get_nothing },
    [QS_OP_CHARDEV_ADD] = { &qosim__v1__chardev_add_response__descriptor, codec_put_chardev_added, codec_get_chardev_added },
    [QS_OP_CHARDEV_REMOVE] = { &qosim__v1__chardev_remove_response__descriptor, put_nothing, get_nothing },
    [QS_OP_CHARDEV_LIST] = { &qosim__v1__chardev_list_response__descriptor, codec_put_chardev_listed, codec_get_chardev_listed },
    [QS_OP_CHARDEV_WRITE] = { &qosim__v1__chardev_write_response__descriptor, codec_put_chardev_written, codec_get_chardev_written },
    [QS_OP_CHARDEV_READ] = { &qosim__v1__chardev_read_response__descriptor, codec_put_chardev_data, codec_get_chardev_data },
    [QS_OP_CHARDEV_OPEN] = { &qosim__v1__chardev_open_response__descriptor, put_nothing, get_nothing },
    [QS_OP_VIRTIO] = { &qosim__v1__virtio_response__descriptor, codec_put_virtio_state, codec_get_virtio_state },
};
/* clang-format on */

/* A failed result keeps its kind, so that the other end knows what failed, and an empty body. */
Qosim__V1__OperationResult *codec_put_result(Codec *c, const QsResult *result)
{
    Qosim__V1__OperationResult *m = codec_new(c, &qosim__v1__operation_result__descriptor);
    bool ok = result->status.code == QS_STATUS_OK;

    if (result->kind < QS_OP_NONE || result->kind >= QS_OP_COUNT ||
        (ok && result->kind == QS_OP_NONE)) {
        codec_fail(c, QS_STATUS_INVALID_ARGUMENT, "no such result %d", (int)result->kind);
        return m;
    }
    if (!m) {
        return NULL;
    }
    m->status = codec_put_status(c, &result->status);
    if (result->kind != QS_OP_NONE) {
        m->kind_case = (Qosim__V1__OperationResult__KindCase)result->kind;
        /* Every member of the oneof is a pointer to a message. */
        m->bye = codec_new(c, kinds[result->kind].descriptor);
    }
    if (ok && m->bye) {
        kinds[result->kind].put(c, result, m->bye);
    }
    return m;
}

void codec_get_result(Codec *c, const Qosim__V1__OperationResult *m, QsResult *result)
{
    codec_get_status(c, m->status, &result->status);
    result->kind = (QsOpKind)m->kind_case;
    if (result->kind <= QS_OP_NONE || result->kind >= QS_OP_COUNT) {
        result->kind = QS_OP_NONE;
    } else if (result->status.code == QS_STATUS_OK) {
        kinds[result->kind].get(c, m->bye, result);
    }
}
