#include "proto/codec_internal.h"

/* The oneof of Operation is numbered as QsOpKind, which the tables here and in codec_result.c rest upon. */
_Static_assert((int)QOSIM__V1__OPERATION__KIND_MMIO_READ == QS_OP_MMIO_READ, "kinds differ");
_Static_assert((int)QOSIM__V1__OPERATION__KIND_VIRTIO == QS_OP_VIRTIO, "kinds differ");
_Static_assert((int)QOSIM__V1__VALUE__KIND_MAP == QS_VALUE_MAP, "kinds differ");

static void put_mmio_read(Codec *c, const QsOperation *o, void *message)
{
    Qosim__V1__MmioReadRequest *m = message;

    m->address = o->mmio.address;
    m->size = o->mmio.size;
    m->path = codec_put_enum(c, "access path", o->mmio.path, QS_PATH_DMA);
}

static QsAccessPath get_path(Qosim__V1__AccessPath path)
{
    return path == QOSIM__V1__ACCESS_PATH__ACCESS_PATH_DMA ? QS_PATH_DMA : QS_PATH_CPU;
}

static void get_mmio_read(Codec *c, const void *message, QsOperation *o)
{
    const Qosim__V1__MmioReadRequest *m = message;

    (void)c;
    o->mmio.address = m->address;
    o->mmio.size = m->size;
    o->mmio.path = get_path(m->path);
}

static void put_mmio_write(Codec *c, const QsOperation *o, void *message)
{
    Qosim__V1__MmioWriteRequest *m = message;

    m->address = o->mmio.address;
    m->size = o->mmio.size;
    m->data = o->mmio.data;
    m->path = codec_put_enum(c, "access path", o->mmio.path, QS_PATH_DMA);
}

static void get_mmio_write(Codec *c, const void *message, QsOperation *o)
{
    const Qosim__V1__MmioWriteRequest *m = message;

    (void)c;
    o->mmio.address = m->address;
    o->mmio.size = m->size;
    o->mmio.data = m->data;
    o->mmio.path = get_path(m->path);
}

static void put_block_read(Codec *c, const QsOperation *o, void *message)
{
    Qosim__V1__BlockReadRequest *m = message;

    (void)c;
    m->address = o->block.address;
    m->length = o->block.length;
}

static void get_block_read(Codec *c, const void *message, QsOperation *o)
{
    const Qosim__V1__BlockReadRequest *m = message;

    (void)c;
    o->block.address = m->address;
    o->block.length = m->length;
}

static void put_block_write(Codec *c, const QsOperation *o, void *message)
{
    Qosim__V1__BlockWriteRequest *m = message;

    m->address = o->block.address;
    m->data = codec_put_bytes(c, "block to write", o->block.data, QS_MAX_BLOCK_BYTES);
}

static void get_block_write(Codec *c, const void *message, QsOperation *o)
{
    const Qosim__V1__BlockWriteRequest *m = message;

    o->block.address = m->address;
    o->block.data = codec_get_bytes(c, "block to write", m->data, QS_MAX_BLOCK_BYTES);
    o->block.length = o->block.data.len;
}

static void put_block_fill(Codec *c, const QsOperation *o, void *message)
{
    Qosim__V1__BlockFillRequest *m = message;

    (void)c;
    m->address = o->block.address;
    m->length = o->block.length;
    m->value = o->block.value;
}

static void get_block_fill(Codec *c, const void *message, QsOperation *o)
{
    const Qosim__V1__BlockFillRequest *m = message;

    if (m->value > 0xff) {
        codec_fail(c, QS_STATUS_INVALID_ARGUMENT, "BlockFillRequest.value: %u is no byte",
                   m->value);
    }
    o->block.address = m->address;
    o->block.length = m->length;
    o->block.value = m->value;
}

static void put_line_set(Codec *c, const QsOperation *o, void *message)
{
    Qosim__V1__LineSetRequest *m = message;

    m->path = codec_put_text(c, "path", o->line_set.path);
    m->name = codec_put_text(c, "name of lines", o->line_set.name);
    m->index = o->line_set.index;
    m->level = o->line_set.level;
}

static void get_line_set(Codec *c, const void *message, QsOperation *o)
{
    const Qosim__V1__LineSetRequest *m = message;

    (void)c;
    o->line_set.path = m->path;
    o->line_set.name = m->name;
    o->line_set.index = m->index;
    o->line_set.level = m->level;
}

static void put_line_watch(Codec *c, const QsOperation *o, void *message)
{
    Qosim__V1__LineWatchRequest *m = message;

    m->path = codec_put_text(c, "path", o->line_watch.path);
    m->direction = codec_put_enum(c, "direction", o->line_watch.direction, QS_LINE_OUT);
}

static void get_line_watch(Codec *c, const void *message, QsOperation *o)
{
    const Qosim__V1__LineWatchRequest *m = message;

    if (m->direction == QOSIM__V1__LINE_DIRECTION__LINE_DIRECTION_UNSPECIFIED) {
        codec_fail(c, QS_STATUS_INVALID_ARGUMENT, "LineWatchRequest.direction: missing");
    }
    o->line_watch.path = m->path;
    o->line_watch.direction = (QsLineDirection)m->direction;
}

static void put_line_get(Codec *c, const QsOperation *o, void *message)
{
    Qosim__V1__LineGetRequest *m = message;

    (void)c;
    m->watch = o->line_get.watch;
    m->index = o->line_get.index;
}

static void get_line_get(Codec *c, const void *message, QsOperation *o)
{
    const Qosim__V1__LineGetRequest *m = message;

    (void)c;
    o->line_get.watch = m->watch;
    o->line_get.index = m->index;
}

static void put_line_unwatch(Codec *c, const QsOperation *o, void *message)
{
    (void)c;
    ((Qosim__V1__LineUnwatchRequest *)message)->watch = o->line_get.watch;
}

static void get_line_unwatch(Codec *c, const void *message, QsOperation *o)
{
    (void)c;
    o->line_get.watch = ((const Qosim__V1__LineUnwatchRequest *)message)->watch;
}

static void put_qom_list(Codec *c, const QsOperation *o, void *message)
{
    ((Qosim__V1__QomListRequest *)message)->path = codec_put_text(c, "path", o->qom.path);
}

static void get_qom_list(Codec *c, const void *message, QsOperation *o)
{
    (void)c;
    o->qom.path = ((const Qosim__V1__QomListRequest *)message)->path;
    o->qom.property = "";
}

static void put_qom_get(Codec *c, const QsOperation *o, void *message)
{
    Qosim__V1__QomGetRequest *m = message;

    m->path = codec_put_text(c, "path", o->qom.path);
    m->property = codec_put_text(c, "property", o->qom.property);
}

static void get_qom_get(Codec *c, const void *message, QsOperation *o)
{
    const Qosim__V1__QomGetRequest *m = message;

    (void)c;
    o->qom.path = m->path;
    o->qom.property = m->property;
}

static void put_qom_set(Codec *c, const QsOperation *o, void *message)
{
    Qosim__V1__QomSetRequest *m = message;

    m->path = codec_put_text(c, "path", o->qom.path);
    m->property = codec_put_text(c, "property", o->qom.property);
    m->value = codec_put_value(c, &o->qom.value);
}

static void get_qom_set(Codec *c, const void *message, QsOperation *o)
{
    const Qosim__V1__QomSetRequest *m = message;

    o->qom.path = m->path;
    o->qom.property = m->property;
    codec_get_value(c, m->value, &o->qom.value);
}

static void put_qom_new(Codec *c, const QsOperation *o, void *message)
{
    Qosim__V1__QomNewRequest *m = message;

    m->type = codec_put_text(c, "type", o->qom_new.type);
    m->id = codec_put_text(c, "id", o->qom_new.id);
    m->properties = codec_put_entries(c, o->qom_new.properties, o->qom_new.n_properties);
    m->n_properties = o->qom_new.n_properties;
}

static void get_qom_new(Codec *c, const void *message, QsOperation *o)
{
    const Qosim__V1__QomNewRequest *m = message;

    o->qom_new.type = m->type;
    o->qom_new.id = m->id;
    o->qom_new.properties = codec_get_entries(c, m->properties, m->n_properties);
    o->qom_new.n_properties = m->n_properties;
}

static void put_qom_delete(Codec *c, const QsOperation *o, void *message)
{
    ((Qosim__V1__QomDeleteRequest *)message)->path = codec_put_text(c, "path", o->qom.path);
}

static void get_qom_delete(Codec *c, const void *message, QsOperation *o)
{
    (void)c;
    o->qom.path = ((const Qosim__V1__QomDeleteRequest *)message)->path;
    o->qom.property = "";
}

static void put_qom_types(Codec *c, const QsOperation *o, void *message)
{
    Qosim__V1__QomTypesRequest *m = message;

    m->implements = codec_put_text(c, "type", o->types.type);
    m->include_abstract = o->types.include_abstract;
}

static void get_qom_types(Codec *c, const void *message, QsOperation *o)
{
    const Qosim__V1__QomTypesRequest *m = message;

    (void)c;
    o->types.type = m->implements;
    o->types.include_abstract = m->include_abstract;
}

static void put_type_properties(Codec *c, const QsOperation *o, void *message)
{
    Qosim__V1__QomTypePropertiesRequest *m = message;

    m->type = codec_put_text(c, "type", o->types.type);
}

static void get_type_properties(Codec *c, const void *message, QsOperation *o)
{
    (void)c;
    o->types.type = ((const Qosim__V1__QomTypePropertiesRequest *)message)->type;
}

static void put_advance(Codec *c, const QsOperation *o, void *message)
{
    Qosim__V1__AdvanceRequest *m = message;

    switch (o->advance.to) {
    case QS_ADVANCE_UNTIL:
        m->to_case = QOSIM__V1__ADVANCE_REQUEST__TO_UNTIL_NS;
        m->until_ns = o->advance.ns;
        break;
    case QS_ADVANCE_BY:
        m->to_case = QOSIM__V1__ADVANCE_REQUEST__TO_BY_NS;
        m->by_ns = o->advance.ns;
        break;
    case QS_ADVANCE_NEXT_DEADLINE:
        m->to_case = QOSIM__V1__ADVANCE_REQUEST__TO_NEXT_DEADLINE;
        m->next_deadline = true;
        break;
    default:
        codec_fail(c, QS_STATUS_INVALID_ARGUMENT, "advance: no such target %d", (int)o->advance.to);
    }
}

static void get_advance(Codec *c, const void *message, QsOperation *o)
{
    const Qosim__V1__AdvanceRequest *m = message;

    switch (m->to_case) {
    case QOSIM__V1__ADVANCE_REQUEST__TO_UNTIL_NS:
        o->advance.to = QS_ADVANCE_UNTIL;
        o->advance.ns = m->until_ns;
        return;
    case QOSIM__V1__ADVANCE_REQUEST__TO_BY_NS:
        o->advance.to = QS_ADVANCE_BY;
        o->advance.ns = m->by_ns;
        return;
    case QOSIM__V1__ADVANCE_REQUEST__TO_NEXT_DEADLINE:
        o->advance.to = QS_ADVANCE_NEXT_DEADLINE;
        if (m->next_deadline) {
            return;
        }
        break;
    default:
        break;
    }
    codec_fail(c, QS_STATUS_INVALID_ARGUMENT, "AdvanceRequest.to: missing");
}

static void put_hello(Codec *c, const QsOperation *o, void *message)
{
    Qosim__V1__HelloRequest *m = message;

    m->version = o->hello.version;
    m->capabilities =
        codec_put_texts(c, "capability", o->hello.capabilities, o->hello.n_capabilities);
    m->n_capabilities = o->hello.n_capabilities;
    m->required = codec_put_texts(c, "capability", o->hello.required, o->hello.n_required);
    m->n_required = o->hello.n_required;
    m->machine = codec_put_text(c, "machine", o->hello.machine);
    m->create = codec_put_text(c, "machine to create", o->hello.create);
    m->role = codec_put_enum(c, "role", o->hello.role, QS_ROLE_OBSERVER);
    m->client = codec_put_text(c, "client", o->hello.client);
    m->nonce = codec_put_token(c, o->hello.nonce);
    m->resume = codec_put_token(c, o->hello.resume);
    m->heartbeat_ms = o->hello.heartbeat_ms;
}

static void get_hello(Codec *c, const void *message, QsOperation *o)
{
    const Qosim__V1__HelloRequest *m = message;

    o->hello.version = m->version;
    o->hello.capabilities = (const char *const *)m->capabilities;
    o->hello.n_capabilities = m->n_capabilities;
    o->hello.required = (const char *const *)m->required;
    o->hello.n_required = m->n_required;
    o->hello.machine = m->machine;
    o->hello.create = m->create;
    o->hello.role = m->role == QOSIM__V1__ROLE__ROLE_DRIVER ? QS_ROLE_DRIVER : QS_ROLE_OBSERVER;
    o->hello.client = m->client;
    o->hello.nonce = codec_get_token(c, m->nonce);
    o->hello.resume = codec_get_token(c, m->resume);
    o->hello.heartbeat_ms = m->heartbeat_ms;
}

static void put_reset(Codec *c, const QsOperation *o, void *message)
{
    (void)c;
    (void)o;
    ((Qosim__V1__ResetRequest *)message)->kind = QOSIM__V1__RESET_KIND__RESET_KIND_COLD;
}

static void put_nothing(Codec *c, const QsOperation *o, void *message)
{
    (void)c;
    (void)o;
    (void)message;
}

static void get_nothing(Codec *c, const void *message, QsOperation *o)
{
    (void)c;
    (void)message;
    (void)o;
}

/* clang-format off */
static const struct {
    const ProtobufCMessageDescriptor *descriptor;
    CodecPutOperation *put;
    CodecGetOperation *get;
} kinds[QS_OP_COUNT] = {
    [QS_OP_MMIO_READ] = { &qosim__v1__mmio_read_request__descriptor, put_mmio_read, get_mmio_read },
    [QS_OP_MMIO_WRITE] = { &qosim__v1__mmio_write_request__descriptor, put_mmio_write, get_mmio_write },
    [QS_OP_BLOCK_READ] = { &qosim__v1__block_read_request__descriptor, put_block_read, get_block_read },
    [QS_OP_BLOCK_WRITE] = { &qosim__v1__block_write_request__descriptor, put_block_write, get_block_write },
    [QS_OP_BLOCK_FILL] = { &qosim__v1__block_fill_request__descriptor, put_block_fill, get_block_fill },
    [QS_OP_LINE_SET] = { &qosim__v1__line_set_request__descriptor, put_line_set, get_line_set },
    [QS_OP_LINE_WATCH] = { &qosim__v1__line_watch_request__descriptor, put_line_watch, get_line_watch },
    [QS_OP_LINE_GET] = { &qosim__v1__line_get_request__descriptor, put_line_get, get_line_get },
    [QS_OP_LINE_UNWATCH] = { &qosim__v1__line_unwatch_request__descriptor, put_line_unwatch, get_line_unwatch },
    [QS_OP_QOM_LIST] = { &qosim__v1__qom_list_request__descriptor, put_qom_list, get_qom_list },
    [QS_OP_QOM_GET] = { &qosim__v1__qom_get_request__descriptor, put_qom_get, get_qom_get },
    [QS_OP_QOM_SET] = { &qosim__v1__qom_set_request__descriptor, put_qom_set, get_qom_set },
    [QS_OP_QOM_NEW] = { &qosim__v1__qom_new_request__descriptor, put_qom_new, get_qom_new },
    [QS_OP_QOM_DELETE] = { &qosim__v1__qom_delete_request__descriptor, put_qom_delete, get_qom_delete },
    [QS_OP_QOM_TYPES] = { &qosim__v1__qom_types_request__descriptor, put_qom_types, get_qom_types },
    [QS_OP_QOM_TYPE_PROPERTIES] = { &qosim__v1__qom_type_properties_request__descriptor, put_type_properties, get_type_properties },
    [QS_OP_RESET] = { &qosim__v1__reset_request__descriptor, put_reset, get_nothing },
    [QS_OP_ADVANCE] = { &qosim__v1__advance_request__descriptor, put_advance, get_advance },
    [QS_OP_STATS] = { &qosim__v1__stats_request__descriptor, put_nothing, get_nothing },
    [QS_OP_INFO] = { &qosim__v1__info_request__descriptor, put_nothing, get_nothing },
    [QS_OP_HELLO] = { &qosim__v1__hello_request__descriptor, put_hello, get_hello },
    [QS_OP_BYE] = { &qosim__v1__bye_request__descriptor, put_nothing, get_nothing },
    [QS_OP_CHARDEV_ADD] = { &qosim__v1__chardev_add_request__descriptor, codec_put_chardev_add, codec_get_chardev_add },
    [QS_OP_CHARDEV_REMOVE] = { &qosim__v1__chardev_remove_request__descriptor, codec_put_chardev_remove, codec_get_chardev_remove },
    [QS_OP_CHARDEV_LIST] = { &qosim__v1__chardev_list_request__descriptor, put_nothing, get_nothing },
    [QS_OP_CHARDEV_WRITE] = { &qosim__v1__chardev_write_request__descriptor, codec_put_chardev_write, codec_get_chardev_write },
    [QS_OP_CHARDEV_READ] = { &qosim__v1__chardev_read_request__descriptor, codec_put_chardev_read, codec_get_chardev_read },
    [QS_OP_CHARDEV_OPEN] = { &qosim__v1__chardev_open_request__descriptor, codec_put_chardev_open, codec_get_chardev_open },
    [QS_OP_VIRTIO] = { &qosim__v1__virtio_request__descriptor, codec_put_virtio, codec_get_virtio },
};
/* clang-format on */

Qosim__V1__Operation *codec_put_operation(Codec *c, const QsOperation *operation)
{
    Qosim__V1__Operation *m = codec_new(c, &qosim__v1__operation__descriptor);

    if (operation->kind <= QS_OP_NONE || operation->kind >= QS_OP_COUNT) {
        codec_fail(c, QS_STATUS_INVALID_ARGUMENT, "no such operation %d", (int)operation->kind);
        return m;
    }
    if (m) {
        m->kind_case = (Qosim__V1__Operation__KindCase)operation->kind;
        /* Every member of the oneof is a pointer to a message. */
        m->bye = codec_new(c, kinds[operation->kind].descriptor);
        if (m->bye) {
            kinds[operation->kind].put(c, operation, m->bye);
        }
    }
    return m;
}

void codec_get_operation(Codec *c, const Qosim__V1__Operation *m, QsOperation *operation)
{
    operation->kind = (QsOpKind)m->kind_case;
    if (operation->kind <= QS_OP_NONE || operation->kind >= QS_OP_COUNT) {
        operation->kind = QS_OP_NONE;
        return;
    }
    kinds[operation->kind].get(c, m->bye, operation);
}
