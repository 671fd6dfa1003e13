#include "proto/codec_internal.h"

#include <string.h>

#include "proto/codec.h"

bool qs_check_text(const char *what, const char *text, QsError *error)
{
    size_t len = text ? strnlen(text, QS_MAX_STRING_BYTES + 1) : 0;

    if (len > QS_MAX_STRING_BYTES) {
        return qs_error(error, QS_STATUS_INVALID_ARGUMENT,
                        "%s is longer than %u bytes, the limit of a text", what,
                        QS_MAX_STRING_BYTES);
    }
    if (text && !codec_is_text(text, len)) {
        return qs_error(error, QS_STATUS_INVALID_ARGUMENT, "%s is not UTF-8", what);
    }
    return true;
}

char *codec_put_text(Codec *c, const char *what, const char *text)
{
    QsError error;

    if (text && !qs_check_text(what, text, &error)) {
        codec_fail(c, error.code, "%s", error.text);
        text = NULL;
    }
    return (char *)(text ? text : protobuf_c_empty_string);
}

char **codec_put_texts(Codec *c, const char *what, const char *const *texts, size_t n)
{
    char **m = codec_alloc(c, n, sizeof(*m));

    for (size_t i = 0; m && i < n; i++) {
        m[i] = codec_put_text(c, what, texts[i]);
    }
    return m;
}

int codec_put_enum(Codec *c, const char *what, int value, int max)
{
    if (value < 0 || value > max) {
        codec_fail(c, QS_STATUS_INVALID_ARGUMENT, "%s: no such value %d", what, value);
        return 0;
    }
    return value;
}

uint32_t *codec_put_numbers(Codec *c, const uint32_t *numbers, size_t n)
{
    uint32_t *m = codec_alloc(c, n, sizeof(*m));

    if (m && n) {
        memcpy(m, numbers, n * sizeof(*m));
    }
    return m;
}

ProtobufCBinaryData codec_put_bytes(Codec *c, const char *what, QsBytes bytes, size_t max)
{
    if (bytes.len > max) {
        codec_fail(c, QS_STATUS_LIMIT, "%s: %zu bytes, the limit is %zu", what, bytes.len, max);
        bytes = (QsBytes){ NULL, 0 };
    }
    return (ProtobufCBinaryData){ bytes.len, (uint8_t *)bytes.data };
}

QsBytes codec_get_bytes(Codec *c, const char *what, ProtobufCBinaryData bytes, size_t max)
{
    if (bytes.len > max) {
        codec_fail(c, QS_STATUS_LIMIT, "%s: %zu bytes, the limit is %zu", what, bytes.len, max);
        return (QsBytes){ NULL, 0 };
    }
    return (QsBytes){ bytes.data, bytes.len };
}

QsBytes codec_get_token(Codec *c, ProtobufCBinaryData bytes)
{
    if (bytes.len != 0 && bytes.len != QS_TOKEN_BYTES) {
        codec_fail(c, QS_STATUS_MALFORMED, "session: a token of %zu bytes, not %u", bytes.len,
                   QS_TOKEN_BYTES);
        return (QsBytes){ NULL, 0 };
    }
    return (QsBytes){ bytes.data, bytes.len };
}

/* Success without a text is not sent. */
Qosim__V1__Status *codec_put_status(Codec *c, const QsStatus *status)
{
    bool silent = (!status->text || !*status->text) && (!status->path || !*status->path);
    Qosim__V1__Status *m;

    if (status->code == QS_STATUS_OK && silent) {
        return NULL;
    }
    if (status->code < QS_STATUS_OK || status->code > QS_STATUS_TAKEN_OVER) {
        codec_fail(c, QS_STATUS_INVALID_ARGUMENT, "status: no such code %d", (int)status->code);
        return NULL;
    }
    m = codec_new(c, &qosim__v1__status__descriptor);
    if (m) {
        m->code = (Qosim__V1__StatusCode)status->code;
        m->text = codec_put_text(c, "status text", status->text);
        m->path = codec_put_text(c, "status path", status->path);
    }
    return m;
}

void codec_get_status(Codec *c, const Qosim__V1__Status *m, QsStatus *status)
{
    if (!m) {
        *status = (QsStatus){ QS_STATUS_OK, "", "" };
        return;
    }
    if (m->code == QOSIM__V1__STATUS_CODE__STATUS_CODE_UNSPECIFIED) {
        codec_fail(c, QS_STATUS_MALFORMED, "Status.code: missing");
    }
    *status = (QsStatus){ (QsStatusCode)m->code, m->text, m->path };
}

static void put_value(Codec *c, const QsValue *value, Qosim__V1__Value *m, unsigned depth);
static void get_value(Codec *c, const Qosim__V1__Value *m, QsValue *value, unsigned depth);

static bool too_deep(Codec *c, unsigned depth)
{
    if (depth > QS_MAX_VALUE_DEPTH) {
        codec_fail(c, QS_STATUS_LIMIT, "values are nested more than %u deep", QS_MAX_VALUE_DEPTH);
        return true;
    }
    return false;
}

static Qosim__V1__Value *new_value(Codec *c, const QsValue *value, unsigned depth)
{
    Qosim__V1__Value *m = codec_new(c, &qosim__v1__value__descriptor);

    if (m) {
        put_value(c, value, m, depth);
    }
    return m;
}

static Qosim__V1__ValueMapEntry **put_entries(Codec *c, const QsValueEntry *entries, size_t n,
                                              unsigned depth)
{
    Qosim__V1__ValueMapEntry **m = codec_alloc(c, n, sizeof(*m));

    for (size_t i = 0; m && i < n && !c->failed; i++) {
        m[i] = codec_new(c, &qosim__v1__value_map_entry__descriptor);
        if (m[i]) {
            m[i]->key = codec_put_text(c, "key", entries[i].key);
            m[i]->value = new_value(c, &entries[i].value, depth);
        }
    }
    return m;
}

static Qosim__V1__ValueList *put_list(Codec *c, const QsValue *value, unsigned depth)
{
    Qosim__V1__ValueList *m = codec_new(c, &qosim__v1__value_list__descriptor);

    if (m) {
        m->n_items = value->list.n;
        m->items = codec_alloc(c, value->list.n, sizeof(Qosim__V1__Value *));
        for (size_t i = 0; i < value->list.n && !c->failed; i++) {
            m->items[i] = new_value(c, &value->list.items[i], depth);
        }
    }
    return m;
}

static Qosim__V1__ValueMap *put_map(Codec *c, const QsValue *value, unsigned depth)
{
    Qosim__V1__ValueMap *m = codec_new(c, &qosim__v1__value_map__descriptor);

    if (m) {
        m->n_entries = value->map.n;
        m->entries = put_entries(c, value->map.entries, value->map.n, depth);
    }
    return m;
}

static void put_value(Codec *c, const QsValue *value, Qosim__V1__Value *m, unsigned depth)
{
    if (too_deep(c, depth)) {
        return;
    }
    /* The oneof has the order of QsValueKind. */
    m->kind_case = (Qosim__V1__Value__KindCase)value->kind;
    switch (value->kind) {
    case QS_VALUE_NONE:
        break;
    case QS_VALUE_BOOL:
        m->boolean = value->boolean;
        break;
    case QS_VALUE_INT:
        m->signed_integer = value->i;
        break;
    case QS_VALUE_UINT:
        m->unsigned_integer = value->u;
        break;
    case QS_VALUE_REAL:
        m->real = value->real;
        break;
    case QS_VALUE_TEXT:
        m->text = codec_put_text(c, "value", value->text);
        break;
    case QS_VALUE_UNPARSED:
        m->unparsed = codec_put_text(c, "value", value->text);
        break;
    case QS_VALUE_LIST:
        m->list = put_list(c, value, depth + 1);
        break;
    case QS_VALUE_MAP:
        m->map = put_map(c, value, depth + 1);
        break;
    default:
        codec_fail(c, QS_STATUS_INVALID_ARGUMENT, "value: no such kind %d", (int)value->kind);
    }
}

static const QsValueEntry *get_entries(Codec *c, Qosim__V1__ValueMapEntry *const *m, size_t n,
                                       unsigned depth)
{
    QsValueEntry *entries = codec_alloc(c, n, sizeof(*entries));

    for (size_t i = 0; entries && i < n && !c->failed; i++) {
        entries[i].key = m[i]->key;
        get_value(c, m[i]->value, &entries[i].value, depth);
    }
    return entries;
}

static void get_list(Codec *c, const Qosim__V1__ValueList *m, QsValue *value, unsigned depth)
{
    QsValue *items = codec_alloc(c, m->n_items, sizeof(*items));

    for (size_t i = 0; items && i < m->n_items && !c->failed; i++) {
        get_value(c, m->items[i], &items[i], depth);
    }
    value->list.items = items;
    value->list.n = items ? m->n_items : 0;
}

static void get_value(Codec *c, const Qosim__V1__Value *m, QsValue *value, unsigned depth)
{
    memset(value, 0, sizeof(*value));
    if (!m || too_deep(c, depth)) {
        return;
    }
    value->kind = (QsValueKind)m->kind_case;
    switch (m->kind_case) {
    case QOSIM__V1__VALUE__KIND_BOOLEAN:
        value->boolean = m->boolean;
        break;
    case QOSIM__V1__VALUE__KIND_SIGNED_INTEGER:
        value->i = m->signed_integer;
        break;
    case QOSIM__V1__VALUE__KIND_UNSIGNED_INTEGER:
        value->u = m->unsigned_integer;
        break;
    case QOSIM__V1__VALUE__KIND_REAL:
        value->real = m->real;
        break;
    case QOSIM__V1__VALUE__KIND_TEXT:
        value->text = m->text;
        break;
    case QOSIM__V1__VALUE__KIND_UNPARSED:
        value->text = m->unparsed;
        break;
    case QOSIM__V1__VALUE__KIND_LIST:
        get_list(c, m->list, value, depth + 1);
        break;
    case QOSIM__V1__VALUE__KIND_MAP:
        value->map.entries = get_entries(c, m->map->entries, m->map->n_entries, depth + 1);
        value->map.n = m->map->n_entries;
        break;
    default:
        value->kind = QS_VALUE_NONE;
    }
}

Qosim__V1__Value *codec_put_value(Codec *c, const QsValue *value)
{
    return value->kind == QS_VALUE_NONE ? NULL : new_value(c, value, 1);
}

void codec_get_value(Codec *c, const Qosim__V1__Value *m, QsValue *value)
{
    get_value(c, m, value, 1);
}

Qosim__V1__ValueMapEntry **codec_put_entries(Codec *c, const QsValueEntry *entries, size_t n)
{
    return put_entries(c, entries, n, 1);
}

const QsValueEntry *codec_get_entries(Codec *c, Qosim__V1__ValueMapEntry *const *m, size_t n)
{
    return get_entries(c, m, n, 1);
}
