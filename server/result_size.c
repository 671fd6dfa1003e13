#include "server/result_size.h"

#include <string.h>

/* Tag and length of a field. */
#define FIELD 8u
/* Tag and value of a number. */
#define NUMBER 12u

static size_t text_size(const char *text)
{
    return text ? FIELD + strlen(text) : 0;
}

static size_t value_size(const QsValue *value)
{
    size_t size = FIELD + NUMBER;

    switch (value->kind) {
    case QS_VALUE_TEXT:
    case QS_VALUE_UNPARSED:
        return size + text_size(value->text);
    case QS_VALUE_LIST:
        for (size_t i = 0; i < value->list.n; i++) {
            size += value_size(&value->list.items[i]);
        }
        return size;
    case QS_VALUE_MAP:
        for (size_t i = 0; i < value->map.n; i++) {
            size += FIELD + text_size(value->map.entries[i].key) +
                    value_size(&value->map.entries[i].value);
        }
        return size;
    default:
        return size;
    }
}

static size_t properties_size(const QsResult *result)
{
    size_t size = text_size(result->qom_list.path);

    for (size_t i = 0; i < result->qom_list.n_properties; i++) {
        const QsProperty *property = &result->qom_list.properties[i];

        size += FIELD + text_size(property->name) + text_size(property->type) +
                text_size(property->description) + value_size(&property->default_value);
    }
    return size;
}

static size_t types_size(const QsResult *result)
{
    size_t size = 0;

    for (size_t i = 0; i < result->types.n_types; i++) {
        size += FIELD + NUMBER + text_size(result->types.types[i].name) +
                text_size(result->types.types[i].parent);
    }
    return size;
}

static size_t stats_size(const QsResult *result)
{
    size_t size = 0;

    for (size_t i = 0; i < result->stats.n_entries; i++) {
        size += FIELD + NUMBER + text_size(result->stats.entries[i].name) +
                text_size(result->stats.entries[i].unit);
    }
    return size;
}

static size_t info_size(const QsResult *result)
{
    size_t size = text_size(result->info.machine) + text_size(result->info.machine_type);

    for (size_t i = 0; i < result->info.n_regions; i++) {
        size += FIELD + 6 * NUMBER + text_size(result->info.regions[i].name) +
                text_size(result->info.regions[i].owner) +
                text_size(result->info.regions[i].shm_path);
    }
    for (size_t i = 0; i < result->info.n_sessions; i++) {
        size += text_size(result->info.sessions[i]);
    }
    return size;
}

static size_t chardevs_size(const QsResult *result)
{
    size_t size = 0;

    for (size_t i = 0; i < result->chardev_list.n_chardevs; i++) {
        const QsChardev *chardev = &result->chardev_list.chardevs[i];

        size += FIELD + 4 * NUMBER + text_size(chardev->id) + text_size(chardev->backend) +
                text_size(chardev->filename);
    }
    return size;
}

static size_t body_size(const QsResult *result)
{
    switch (result->kind) {
    case QS_OP_BLOCK_READ:
        return FIELD + result->block_read.data.len;
    case QS_OP_LINE_WATCH:
        return NUMBER * (2 + result->line_watch.n_raised);
    case QS_OP_QOM_LIST:
    case QS_OP_QOM_TYPE_PROPERTIES:
    case QS_OP_QOM_NEW:
        return properties_size(result);
    case QS_OP_QOM_GET:
        return value_size(&result->value);
    case QS_OP_QOM_TYPES:
        return types_size(result);
    case QS_OP_STATS:
        return stats_size(result);
    case QS_OP_INFO:
        return info_size(result);
    case QS_OP_CHARDEV_ADD:
        return text_size(result->chardev_add.filename);
    case QS_OP_CHARDEV_LIST:
        return chardevs_size(result);
    case QS_OP_CHARDEV_READ:
        return FIELD + NUMBER + result->chardev_read.data.len;
    case QS_OP_VIRTIO:
        return 16 * NUMBER + FIELD + result->virtio.config.len;
    default:
        return 0;
    }
}

size_t result_size(const QsResult *result)
{
    if (result->status.code == QS_STATUS_OK) {
        return body_size(result);
    }
    return text_size(result->status.text) + text_size(result->status.path);
}
