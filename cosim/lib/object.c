#include "cosim/lib/session.h"

#include <stdlib.h>
#include <string.h>

qosim_result no_memory(qosim_session *session)
{
    return fail(session, QOSIM_ERR_MEMORY, "out of memory");
}

qosim_result qosim_qom_get(qosim_session *session, const char *path, const char *property,
                           char **value)
{
    QsOperation o = { .kind = QS_OP_QOM_GET, .qom = { .path = path, .property = property } };
    const QsResult *result;
    qosim_result rc = check_session(session);

    rc = rc == QOSIM_OK ? check_text(session, "path", path, true) : rc;
    rc = rc == QOSIM_OK ? check_text(session, "property", property, true) : rc;
    rc = rc == QOSIM_OK ? call_one(session, &o, &result) : rc;
    if (rc == QOSIM_OK && value) {
        *value = print_value(&result->value);
        rc = *value ? QOSIM_OK : no_memory(session);
    }
    return finish(session, rc);
}

qosim_result qosim_qom_set(qosim_session *session, const char *path, const char *property,
                           const char *value)
{
    QsOperation o = { .kind = QS_OP_QOM_SET,
                      .qom = { path, property, { .kind = QS_VALUE_UNPARSED, .text = value } } };
    const QsResult *result;
    qosim_result rc = check_session(session);

    rc = rc == QOSIM_OK ? check_text(session, "path", path, true) : rc;
    rc = rc == QOSIM_OK ? check_text(session, "property", property, true) : rc;
    rc = rc == QOSIM_OK ? check_text(session, "value", value, false) : rc;
    if (rc == QOSIM_OK && !value) {
        rc = fail(session, QOSIM_ERR_INVALID_ARGUMENT, "value is missing");
    }
    rc = rc == QOSIM_OK ? call_one(session, &o, &result) : rc;
    return finish(session, rc);
}

void free_entries(QsValueEntry *entries, size_t n)
{
    for (size_t i = 0; entries && i < n; i++) {
        free((char *)entries[i].key);
    }
    free(entries);
}

/* "key=value": the value may have further '='. */
static qosim_result parse_entry(qosim_session *session, const char *text, QsValueEntry *entry)
{
    const char *equals = strchr(text, '=');
    qosim_result rc = check_text(session, "property", text, true);

    if (rc != QOSIM_OK) {
        return rc;
    }
    if (!equals || equals == text) {
        return fail(session, QOSIM_ERR_INVALID_ARGUMENT, "'%s' is not of the form property=value",
                    text);
    }
    entry->key = strndup(text, (size_t)(equals - text));
    entry->value = (QsValue){ .kind = QS_VALUE_UNPARSED, .text = equals + 1 };
    return entry->key ? QOSIM_OK : no_memory(session);
}

qosim_result parse_entries(qosim_session *session, const char *const *texts, QsValueEntry **entries,
                           size_t *n)
{
    size_t count = 0;
    QsValueEntry *parsed;
    qosim_result rc = QOSIM_OK;

    while (texts && texts[count]) {
        count++;
    }
    parsed = calloc(count + 1, sizeof(*parsed));
    if (!parsed) {
        return no_memory(session);
    }
    for (size_t i = 0; rc == QOSIM_OK && i < count; i++) {
        rc = parse_entry(session, texts[i], &parsed[i]);
    }
    if (rc != QOSIM_OK) {
        free_entries(parsed, count);
        return rc;
    }
    *entries = parsed;
    *n = count;
    return QOSIM_OK;
}

qosim_result qosim_qom_new(qosim_session *session, const char *type, const char *id,
                           const char *const *properties, char **path)
{
    QsOperation o = { .kind = QS_OP_QOM_NEW, .qom_new = { .type = type, .id = id ? id : "" } };
    QsValueEntry *entries = NULL;
    const QsResult *result;
    qosim_result rc = check_session(session);

    rc = rc == QOSIM_OK ? check_text(session, "type", type, true) : rc;
    rc = rc == QOSIM_OK ? check_text(session, "id", id, false) : rc;
    rc =
        rc == QOSIM_OK ? parse_entries(session, properties, &entries, &o.qom_new.n_properties) : rc;
    if (rc != QOSIM_OK) {
        return rc;
    }
    o.qom_new.properties = entries;
    rc = call_one(session, &o, &result);
    if (rc == QOSIM_OK && path) {
        *path = strdup(result->qom_list.path);
        rc = *path ? QOSIM_OK : no_memory(session);
    }
    free_entries(entries, o.qom_new.n_properties);
    return finish(session, rc);
}

qosim_result qosim_qom_delete(qosim_session *session, const char *id_or_path)
{
    QsOperation o = { .kind = QS_OP_QOM_DELETE, .qom = { .path = id_or_path } };
    const QsResult *result;
    qosim_result rc = check_session(session);

    rc = rc == QOSIM_OK ? check_text(session, "id or path", id_or_path, true) : rc;
    rc = rc == QOSIM_OK ? call_one(session, &o, &result) : rc;
    return finish(session, rc);
}

static bool copy_property(const QsProperty *from, qosim_property *to)
{
    to->name = strdup(from->name);
    to->type = strdup(from->type);
    to->description = strdup(from->description);
    to->default_value = print_value(&from->default_value);
    return to->name && to->type && to->description && to->default_value;
}

/* The properties of a result in the caller's memory. */
static qosim_result give_properties(qosim_session *session, const QsResult *result,
                                    qosim_property **list, size_t *n)
{
    size_t count = result->qom_list.n_properties;
    qosim_property *copy = calloc(count + 1, sizeof(*copy));
    bool ok = copy != NULL;

    for (size_t i = 0; ok && i < count; i++) {
        ok = copy_property(&result->qom_list.properties[i], &copy[i]);
    }
    if (!ok) {
        qosim_free_properties(copy, count);
        return no_memory(session);
    }
    *list = copy;
    *n = count;
    return QOSIM_OK;
}

qosim_result qosim_qom_list(qosim_session *session, const char *path, qosim_property **list,
                            size_t *n)
{
    QsOperation o = { .kind = QS_OP_QOM_LIST, .qom = { .path = path } };
    const QsResult *result;
    qosim_result rc = check_session(session);

    rc = rc == QOSIM_OK ? check_text(session, "path", path, true) : rc;
    rc = rc == QOSIM_OK ? call_one(session, &o, &result) : rc;
    rc = rc == QOSIM_OK ? give_properties(session, result, list, n) : rc;
    return finish(session, rc);
}

qosim_result qosim_type_properties(qosim_session *session, const char *type, qosim_property **list,
                                   size_t *n)
{
    QsOperation o = { .kind = QS_OP_QOM_TYPE_PROPERTIES, .types = { .type = type } };
    const QsResult *result;
    qosim_result rc = check_session(session);

    rc = rc == QOSIM_OK ? check_text(session, "type", type, true) : rc;
    rc = rc == QOSIM_OK ? call_one(session, &o, &result) : rc;
    rc = rc == QOSIM_OK ? give_properties(session, result, list, n) : rc;
    return finish(session, rc);
}

static qosim_result give_types(qosim_session *session, const QsResult *result, qosim_type **list,
                               size_t *n)
{
    size_t count = result->types.n_types;
    qosim_type *copy = calloc(count + 1, sizeof(*copy));
    bool ok = copy != NULL;

    for (size_t i = 0; ok && i < count; i++) {
        copy[i].name = strdup(result->types.types[i].name);
        copy[i].parent = strdup(result->types.types[i].parent);
        copy[i].is_abstract = result->types.types[i].is_abstract;
        ok = copy[i].name && copy[i].parent;
    }
    if (!ok) {
        qosim_free_types(copy, count);
        return no_memory(session);
    }
    *list = copy;
    *n = count;
    return QOSIM_OK;
}

qosim_result qosim_types(qosim_session *session, const char *implements, bool include_abstract,
                         qosim_type **list, size_t *n)
{
    QsOperation o = { .kind = QS_OP_QOM_TYPES,
                      .types = { implements ? implements : "", include_abstract } };
    const QsResult *result;
    qosim_result rc = check_session(session);

    rc = rc == QOSIM_OK ? check_text(session, "type", implements, false) : rc;
    rc = rc == QOSIM_OK ? call_one(session, &o, &result) : rc;
    rc = rc == QOSIM_OK ? give_types(session, result, list, n) : rc;
    return finish(session, rc);
}

void qosim_free(void *pointer)
{
    free(pointer);
}

void qosim_free_properties(qosim_property *list, size_t n)
{
    for (size_t i = 0; list && i < n; i++) {
        free(list[i].name);
        free(list[i].type);
        free(list[i].description);
        free(list[i].default_value);
    }
    free(list);
}

void qosim_free_types(qosim_type *list, size_t n)
{
    for (size_t i = 0; list && i < n; i++) {
        free(list[i].name);
        free(list[i].parent);
    }
    free(list);
}
