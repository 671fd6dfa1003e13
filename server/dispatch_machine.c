/* The machine as a whole: reset, virtual time, statistics, what it is made of. */
#include "server/dispatch_internal.h"

#include <inttypes.h>
#include <string.h>

#include "models/core/log.h"

void dispatch_reset(Dispatch *d, const QsOperation *op G_GNUC_UNUSED,
                    QsResult *result G_GNUC_UNUSED)
{
    machine_reset(d->machine);
}

static bool may_move_time(Dispatch *d, QsStatus *status)
{
    const Session *driver = d->host->driver;

    if (!driver || driver == d->session) {
        return true;
    }
    reply_fail(d->arena, status, QS_STATUS_NOT_ALLOWED,
               "virtual time belongs to the driver of machine '%s': session %u, '%s'",
               d->host->name, driver->number, driver->client);
    return false;
}

static bool advance_to(Dispatch *d, uint64_t ns, QsStatus *status)
{
    uint64_t now = machine_host_now(d->host);
    GError *error = NULL;

    if (!may_move_time(d, status)) {
        return false;
    }
    if (ns < now) {
        reply_fail(d->arena, status, QS_STATUS_INVALID_ARGUMENT,
                   "virtual time %" PRIu64 " ns has passed, it is %" PRIu64 " ns now", ns, now);
        return false;
    }
    if (ns > INT64_MAX) {
        reply_fail(d->arena, status, QS_STATUS_INVALID_ARGUMENT,
                   "virtual time %" PRIu64 " ns is beyond the end of time, %" PRId64 " ns", ns,
                   INT64_MAX);
        return false;
    }
    if (!virtual_clock_advance_to(d->machine->clock, (int64_t)ns, &error)) {
        reply_fail_error(d->arena, status, error, NULL);
        return false;
    }
    return true;
}

bool dispatch_set_time(Dispatch *d, uint64_t ns, QsStatus *status)
{
    if (ns == machine_host_now(d->host)) {
        return true;
    }
    (void)log_open_window_of(d->host->log);
    return advance_to(d, ns, status);
}

/* The time that @op means; false with the status when there is none. */
static bool target_time(Dispatch *d, const QsOperation *op, uint64_t *ns, QsStatus *status)
{
    uint64_t now = machine_host_now(d->host);
    int64_t deadline;

    switch (op->advance.to) {
    case QS_ADVANCE_UNTIL:
        *ns = op->advance.ns;
        return true;
    case QS_ADVANCE_BY:
        *ns = op->advance.ns > UINT64_MAX - now ? UINT64_MAX : now + op->advance.ns;
        return true;
    case QS_ADVANCE_NEXT_DEADLINE:
        deadline = virtual_clock_deadline(d->machine->clock);
        if (deadline == VIRTUAL_CLOCK_NO_DEADLINE) {
            reply_fail(d->arena, status, QS_STATUS_GENERIC, "there is no pending deadline");
            return false;
        }
        *ns = MAX((uint64_t)MAX(deadline, 0), now);
        return true;
    }
    reply_fail(d->arena, status, QS_STATUS_INVALID_ARGUMENT, "advance: to which time?");
    return false;
}

void dispatch_advance(Dispatch *d, const QsOperation *op, QsResult *result)
{
    uint64_t ns;

    if (target_time(d, op, &ns, &result->status) && advance_to(d, ns, &result->status)) {
        result->advance.now_ns = machine_host_now(d->host);
    }
}

typedef struct StatRow {
    const char *name;
    const char *unit;
    size_t offset; /* of a uint64_t in HostStats */
} StatRow;

#define STAT(field, unit)                                                                          \
    {                                                                                              \
#field, unit, offsetof(HostStats, field)                                                   \
    }

static const StatRow stat_rows[] = {
    STAT(frames_received, "frames"),  STAT(frames_sent, "frames"),
    STAT(bytes_received, "bytes"),    STAT(bytes_sent, "bytes"),
    STAT(posted_frames, "frames"),    STAT(posted_errors, "operations"),
    STAT(repeated_frames, "frames"),  STAT(stale_frames, "frames"),
    STAT(malformed_frames, "frames"), STAT(failed_operations, "operations"),
    STAT(bus_errors, "accesses"),     STAT(events, "events"),
    STAT(events_dropped, "events"),   STAT(sessions_opened, "sessions"),
    STAT(dma_requests, "requests"),   STAT(dma_bytes, "bytes"),
    STAT(dma_errors, "requests"),     STAT(dma_strays, "frames"),
};

void dispatch_stats(Dispatch *d, const QsOperation *op G_GNUC_UNUSED, QsResult *result)
{
    const char *stats = (const char *)&d->host->stats;
    QsStat *entries =
        qs_arena_alloc0(d->arena, G_N_ELEMENTS(stat_rows) + QS_OP_COUNT + 1, sizeof(*entries));
    size_t n = 0;

    if (!entries) {
        dispatch_out_of_memory(d, result);
        return;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(stat_rows); i++) {
        entries[n].name = stat_rows[i].name;
        entries[n].unit = stat_rows[i].unit;
        memcpy(&entries[n++].value, stats + stat_rows[i].offset, sizeof(uint64_t));
    }
    entries[n++] = (QsStat){ "sessions", d->host->sessions->len, "sessions" };
    for (int kind = QS_OP_NONE; kind < QS_OP_COUNT; kind++) {
        const char *name =
            qs_arena_printf(d->arena, "operations.%s", dispatch_operation_name((QsOpKind)kind));

        entries[n++] = (QsStat){ name ? name : "", d->host->stats.operations[kind], "operations" };
    }
    result->stats.entries = entries;
    result->stats.n_entries = n;
}

typedef struct RegionList {
    QsArena *arena;
    GArray *regions;
} RegionList;

static QsRamHome region_home(const MemoryRegion *mr)
{
    if (!memory_region_is_ram(mr)) {
        return QS_HOME_NONE;
    }
    switch (memory_region_ram_home(mr)) {
    case RAM_HOME_SHM:
        return QS_HOME_SHM;
    case RAM_HOME_CLIENT:
        return QS_HOME_CLIENT;
    default:
        return QS_HOME_RAM;
    }
}

static bool add_region(const MemoryRegionSection *section, void *opaque)
{
    RegionList *list = opaque;
    Object *owner = memory_region_owner(section->mr);
    g_autofree char *path = owner ? object_get_canonical_path(owner) : NULL;
    QsRegion region = {
        .name = reply_text(list->arena, memory_region_name(section->mr), REPLY_TEXT_MAX),
        .owner = reply_text(list->arena, path, REPLY_TEXT_MAX),
        .address = section->offset_within_address_space,
        .size = (uint64_t)section->size, /* 2^64 becomes 0, which stands for it */
        .ram = memory_region_is_ram(section->mr),
        .read_only = section->readonly,
        .home = region_home(section->mr),
        .shm_path = reply_text(list->arena, memory_region_shm_path(section->mr), REPLY_TEXT_MAX),
    };

    region.shm_offset = region.home == QS_HOME_SHM ? section->offset_within_region : 0;

    g_array_append_val(list->regions, region);
    return true;
}

static const char *describe_session(const Session *session, QsArena *arena)
{
    double idle = (double)(g_get_monotonic_time() - session->last_seen_us) / 1e6;
    char text[SESSION_CLIENT_MAX + 128];

    (void)g_snprintf(text, sizeof(text), "#%u %s%s%s%s, last seen %.1f s ago", session->number,
                     session->role == QS_ROLE_DRIVER ? "driver" : "observer",
                     session->push ? ", push" : "", session->client[0] ? ", " : "", session->client,
                     idle);
    return reply_text(arena, text, sizeof(text));
}

void dispatch_info(Dispatch *d, const QsOperation *op G_GNUC_UNUSED, QsResult *result)
{
    g_autoptr(GArray) regions = g_array_new(FALSE, FALSE, sizeof(QsRegion));
    RegionList list = { d->arena, regions };
    guint n_sessions = d->host->sessions->len;
    const char **sessions = qs_arena_alloc0(d->arena, n_sessions + 1, sizeof(*sessions));

    memory_region_foreach_flat(d->machine->system_as, add_region, &list);
    result->info.regions =
        qs_arena_memdup(d->arena, regions->data, regions->len * sizeof(QsRegion));
    if (!sessions || !result->info.regions) {
        dispatch_out_of_memory(d, result);
        return;
    }
    for (guint i = 0; i < n_sessions; i++) {
        sessions[i] = describe_session(g_ptr_array_index(d->host->sessions, i), d->arena);
    }
    result->info.n_regions = regions->len;
    result->info.sessions = sessions;
    result->info.n_sessions = n_sessions;
    result->info.machine = reply_text(d->arena, d->host->name, REPLY_TEXT_MAX);
    result->info.machine_type = dispatch_machine_type(d->host, d->arena);
    result->info.irq_lines = machine_watched_count(d->machine, MACHINE_WATCH_IRQ);
}
