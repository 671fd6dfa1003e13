#include "cosim/lib/session.h"

#include <stdlib.h>
#include <string.h>

static bool copy_regions(const QsResult *result, qosim_info *info)
{
    info->n_regions = result->info.n_regions;
    info->regions = calloc(info->n_regions + 1, sizeof(*info->regions));
    for (size_t i = 0; info->regions && i < info->n_regions; i++) {
        const QsRegion *from = &result->info.regions[i];
        qosim_region *to = &info->regions[i];

        *to = (qosim_region){ .name = strdup(from->name),
                              .owner = strdup(from->owner),
                              .address = from->address,
                              .size = from->size,
                              .ram = from->ram,
                              .read_only = from->read_only,
                              .home = (qosim_ram_home)from->home,
                              .shm_path = strdup(from->shm_path ? from->shm_path : ""),
                              .shm_offset = from->shm_offset };
        if (!to->name || !to->owner || !to->shm_path) {
            return false;
        }
    }
    return info->regions != NULL;
}

static bool copy_sessions(const QsResult *result, qosim_info *info)
{
    info->n_sessions = result->info.n_sessions;
    info->sessions = calloc(info->n_sessions + 1, sizeof(*info->sessions));
    for (size_t i = 0; info->sessions && i < info->n_sessions; i++) {
        info->sessions[i] = strdup(result->info.sessions[i]);
        if (!info->sessions[i]) {
            return false;
        }
    }
    return info->sessions != NULL;
}

static qosim_result give_info(qosim_session *session, const QsResult *result, qosim_info **info)
{
    qosim_info *copy = calloc(1, sizeof(*copy));

    if (copy) {
        copy->protocol_version = session->version;
        copy->irq_lines = result->info.irq_lines;
        copy->server = strdup(session->server);
        copy->machine = strdup(result->info.machine);
        copy->machine_type = strdup(result->info.machine_type);
    }
    if (!copy || !copy->server || !copy->machine || !copy->machine_type ||
        !copy_regions(result, copy) || !copy_sessions(result, copy)) {
        qosim_free_info(copy);
        return fail(session, QOSIM_ERR_MEMORY, "out of memory");
    }
    *info = copy;
    return QOSIM_OK;
}

qosim_result qosim_get_info(qosim_session *session, qosim_info **info)
{
    QsOperation o = { .kind = QS_OP_INFO };
    const QsResult *result;
    qosim_result rc = call_one(session, &o, &result);

    rc = rc == QOSIM_OK ? give_info(session, result, info) : rc;
    return finish(session, rc);
}

void qosim_free_info(qosim_info *info)
{
    if (!info) {
        return;
    }
    for (size_t i = 0; info->regions && i < info->n_regions; i++) {
        free(info->regions[i].name);
        free(info->regions[i].owner);
        free(info->regions[i].shm_path);
    }
    for (size_t i = 0; info->sessions && i < info->n_sessions; i++) {
        free(info->sessions[i]);
    }
    free(info->regions);
    free(info->sessions);
    free(info->server);
    free(info->machine);
    free(info->machine_type);
    free(info);
}

static qosim_result give_stats(qosim_session *session, const QsResult *result, qosim_stat **list,
                               size_t *n)
{
    size_t count = result->stats.n_entries;
    qosim_stat *copy = calloc(count + 1, sizeof(*copy));
    bool ok = copy != NULL;

    for (size_t i = 0; ok && i < count; i++) {
        copy[i].name = strdup(result->stats.entries[i].name);
        copy[i].unit = strdup(result->stats.entries[i].unit);
        copy[i].value = result->stats.entries[i].value;
        ok = copy[i].name && copy[i].unit;
    }
    if (!ok) {
        qosim_free_stats(copy, count);
        return fail(session, QOSIM_ERR_MEMORY, "out of memory");
    }
    *list = copy;
    *n = count;
    return QOSIM_OK;
}

qosim_result qosim_get_stats(qosim_session *session, qosim_stat **list, size_t *n)
{
    QsOperation o = { .kind = QS_OP_STATS };
    const QsResult *result;
    qosim_result rc = call_one(session, &o, &result);

    rc = rc == QOSIM_OK ? give_stats(session, result, list, n) : rc;
    return finish(session, rc);
}

void qosim_free_stats(qosim_stat *list, size_t n)
{
    for (size_t i = 0; list && i < n; i++) {
        free(list[i].name);
        free(list[i].unit);
    }
    free(list);
}
