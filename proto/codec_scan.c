#include "proto/codec_internal.h"

#include <inttypes.h>
#include <string.h>

enum { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_BYTES = 2, WIRE_32 = 5 };

typedef struct Cursor {
    const uint8_t *at;
    const uint8_t *end;
} Cursor;

typedef struct Field {
    uint32_t number;
    uint32_t wire;
    uint64_t number_value; /* WIRE_VARINT */
    const uint8_t *data;   /* WIRE_BYTES */
    size_t len;
} Field;

/* How many elements a repeated field may have; others are bounded by the frame's length alone. */
static const struct {
    const ProtobufCMessageDescriptor *message;
    const char *field;
    size_t max;
} element_limits[] = {
    { &qosim__v1__client_frame__descriptor, "operations", QS_MAX_OPERATIONS },
    { &qosim__v1__server_frame__descriptor, "events", QS_MAX_EVENTS },
    { &qosim__v1__reply__descriptor, "results", QS_MAX_OPERATIONS },
    { &qosim__v1__reply__descriptor, "posted_errors", QS_MAX_OPERATIONS },
};

static bool read_varint(Cursor *c, uint64_t *value)
{
    *value = 0;
    for (unsigned shift = 0; shift < 70 && c->at < c->end; shift += 7) {
        uint8_t byte = *c->at++;

        if (shift == 63 && byte > 1) {
            return false;
        }
        *value |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80)) {
            return true;
        }
    }
    return false;
}

static bool skip(Cursor *c, uint64_t n)
{
    if (n > (uint64_t)(c->end - c->at)) {
        return false;
    }
    c->at += n;
    return true;
}

/* Takes one field; false: truncated, or not protobuf. Groups are long gone from protobuf and refused. */
static bool read_field(Cursor *c, Field *field)
{
    uint64_t tag;
    uint64_t len = 0;

    if (!read_varint(c, &tag) || tag > UINT32_MAX || tag >> 3 == 0) {
        return false;
    }
    field->number = (uint32_t)(tag >> 3);
    field->wire = tag & 7;
    switch (field->wire) {
    case WIRE_VARINT:
        return read_varint(c, &field->number_value);
    case WIRE_64:
        return skip(c, 8);
    case WIRE_32:
        return skip(c, 4);
    case WIRE_BYTES:
        if (!read_varint(c, &len)) {
            return false;
        }
        field->data = c->at;
        field->len = (size_t)len;
        return skip(c, len);
    default:
        return false;
    }
}

/* Length of the UTF-8 character at @s, 0 when it is none: overlong, a surrogate, beyond U+10FFFF, cut short. */
static size_t utf8_length(const unsigned char *s, size_t left)
{
    static const struct {
        unsigned char first, last, low, high; /* lead byte, range of the second byte */
        unsigned char len;
    } forms[] = {
        { 0xc2, 0xdf, 0x80, 0xbf, 2 }, { 0xe0, 0xe0, 0xa0, 0xbf, 3 }, { 0xe1, 0xec, 0x80, 0xbf, 3 },
        { 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 }, { 0xf0, 0xf0, 0x90, 0xbf, 4 },
        { 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 },
    };

    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (*s < forms[i].first || *s > forms[i].last) {
            continue;
        }
        if (left < forms[i].len || s[1] < forms[i].low || s[1] > forms[i].high) {
            return 0;
        }
        for (size_t k = 2; k < forms[i].len; k++) {
            if ((s[k] & 0xc0) != 0x80) {
                return 0;
            }
        }
        return forms[i].len;
    }
    return 0;
}

bool codec_is_text(const char *text, size_t len)
{
    const unsigned char *s = (const unsigned char *)text;

    for (size_t i = 0; i < len;) {
        size_t step = s[i] && s[i] < 0x80 ? 1 : utf8_length(s + i, len - i);

        if (!step) {
            return false;
        }
        i += step;
    }
    return true;
}

static bool scan_text(const ProtobufCMessageDescriptor *d, const ProtobufCFieldDescriptor *f,
                      const Field *field, QsError *error)
{
    if (field->len > QS_MAX_STRING_BYTES) {
        return qs_error(error, QS_STATUS_LIMIT, "%s.%s: %zu bytes of text, the limit is %u",
                        d->short_name, f->name, field->len, QS_MAX_STRING_BYTES);
    }
    if (!codec_is_text((const char *)field->data, field->len)) {
        return qs_error(error, QS_STATUS_MALFORMED, "%s.%s: not UTF-8, or has a NUL byte",
                        d->short_name, f->name);
    }
    return true;
}

static bool scan_enum(const ProtobufCMessageDescriptor *d, const ProtobufCFieldDescriptor *f,
                      const Field *field, QsError *error)
{
    if (field->number_value > INT32_MAX ||
        !protobuf_c_enum_descriptor_get_value(f->descriptor, (int)field->number_value)) {
        return qs_error(error, QS_STATUS_MALFORMED, "%s.%s: unknown value %" PRIu64, d->short_name,
                        f->name, field->number_value);
    }
    return true;
}

static uint32_t wire_of(const ProtobufCFieldDescriptor *f)
{
    switch (f->type) {
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return WIRE_64;
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_FLOAT:
        return WIRE_32;
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_BYTES:
    case PROTOBUF_C_TYPE_MESSAGE:
        return WIRE_BYTES;
    default:
        return WIRE_VARINT;
    }
}

static bool is_packable(const ProtobufCFieldDescriptor *f)
{
    return f->label == PROTOBUF_C_LABEL_REPEATED && wire_of(f) != WIRE_BYTES;
}

static size_t element_limit(const ProtobufCMessageDescriptor *d, const ProtobufCFieldDescriptor *f)
{
    for (size_t i = 0; i < sizeof(element_limits) / sizeof(element_limits[0]); i++) {
        if (element_limits[i].message == d && strcmp(element_limits[i].field, f->name) == 0) {
            return element_limits[i].max;
        }
    }
    return SIZE_MAX;
}

/* The index of @f, or for a member of a oneof the index of its first member, which has the same case field. */
static size_t counter_of(const ProtobufCMessageDescriptor *d, const ProtobufCFieldDescriptor *f)
{
    size_t i = (size_t)(f - d->fields);

    if (f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) {
        for (size_t k = 0; k < i; k++) {
            if ((d->fields[k].flags & PROTOBUF_C_FIELD_FLAG_ONEOF) &&
                d->fields[k].quantifier_offset == f->quantifier_offset) {
                return k;
            }
        }
    }
    return i;
}

/* protobuf would merge or override what comes twice; here it is a mistake, and the unpacker never merges. */
static bool scan_count(const ProtobufCMessageDescriptor *d, const ProtobufCFieldDescriptor *f,
                       uint32_t *counts, QsError *error)
{
    uint32_t count = ++counts[counter_of(d, f)];

    if (f->label == PROTOBUF_C_LABEL_REPEATED) {
        if (count > element_limit(d, f)) {
            return qs_error(error, QS_STATUS_LIMIT, "%s.%s: more than %zu elements", d->short_name,
                            f->name, element_limit(d, f));
        }
    } else if (count > 1) {
        return qs_error(error, QS_STATUS_MALFORMED, "%s.%s: given more than once", d->short_name,
                        f->name);
    }
    return true;
}

static bool scan_message(const ProtobufCMessageDescriptor *d, Cursor c, unsigned depth,
                         QsError *error);

static bool scan_known(const ProtobufCMessageDescriptor *d, const ProtobufCFieldDescriptor *f,
                       const Field *field, unsigned depth, QsError *error)
{
    if (field->wire != wire_of(f) && !(field->wire == WIRE_BYTES && is_packable(f))) {
        return qs_error(error, QS_STATUS_MALFORMED, "%s.%s: wrong wire type %u", d->short_name,
                        f->name, field->wire);
    }
    switch (f->type) {
    case PROTOBUF_C_TYPE_STRING:
        return scan_text(d, f, field, error);
    case PROTOBUF_C_TYPE_ENUM:
        return scan_enum(d, f, field, error);
    case PROTOBUF_C_TYPE_MESSAGE:
        return scan_message(f->descriptor, (Cursor){ field->data, field->data + field->len },
                            depth + 1, error);
    default:
        return true;
    }
}

static bool scan_message(const ProtobufCMessageDescriptor *d, Cursor c, unsigned depth,
                         QsError *error)
{
    uint32_t counts[CODEC_MAX_FIELDS] = { 0 };

    if (d->n_fields > CODEC_MAX_FIELDS) {
        return qs_error(error, QS_STATUS_GENERIC, "%s: more fields than CODEC_MAX_FIELDS",
                        d->short_name);
    }
    if (depth > CODEC_MAX_NESTING) {
        return qs_error(error, QS_STATUS_LIMIT, "values are nested more than %u deep",
                        QS_MAX_VALUE_DEPTH);
    }
    while (c.at < c.end) {
        Field field = { 0 };
        const ProtobufCFieldDescriptor *f;

        if (!read_field(&c, &field)) {
            return qs_error(error, QS_STATUS_MALFORMED, "%s: truncated or not protobuf",
                            d->short_name);
        }
        f = protobuf_c_message_descriptor_get_field(d, field.number);
        if (f && (!scan_count(d, f, counts, error) || !scan_known(d, f, &field, depth, error))) {
            return false;
        }
    }
    return true;
}

bool codec_scan(const ProtobufCMessageDescriptor *descriptor, const uint8_t *data, size_t len,
                QsError *error)
{
    if (len > QS_MAX_FRAME_BYTES) {
        return qs_error(error, QS_STATUS_LIMIT, "a frame of %zu bytes, the limit is %u", len,
                        QS_MAX_FRAME_BYTES);
    }
    return scan_message(descriptor, (Cursor){ data, data + len }, 1, error);
}

void codec_peek_client(QsArena *arena, const uint8_t *data, size_t len, QsBytes *session,
                       uint64_t *request_id)
{
    Cursor c = { data, data + len };
    Field field;

    while (c.at < c.end && read_field(&c, &field)) {
        if (field.number == 1 && field.wire == WIRE_BYTES && field.len == QS_TOKEN_BYTES) {
            void *copy = qs_arena_memdup(arena, field.data, field.len);

            *session = (QsBytes){ copy, copy ? field.len : 0 };
        } else if (field.number == 2 && field.wire == WIRE_VARINT) {
            *request_id = field.number_value;
        }
    }
}
