/* A port of a CPU simulator's bus: a session with the map, the lines, the memory and the time that belong to it. */
#include <qosim/bus.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cosim/lib/session.h"

#define MAX_MEMORIES 64

/* Bytes of a range of the bus, here in this process. */
typedef struct Memory {
    uint64_t address;
    uint64_t size;
    void *host;
    const qosim_region *mapped; /* the file it is in; NULL: the simulator's own */
} Memory;

struct qosim_bus_port {
    qosim_session *session;
    qosim_info *info;
    qosim_bus_options options;
    Memory memories[MAX_MEMORIES];
    size_t n_memories;
    char error[512];
    bool is_lost;

    /* Virtual time: of the server when the port was opened, which is 0 here; and ours. */
    uint64_t base_ns;
    uint64_t now_ns;
};

static void note(qosim_bus_port *port, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void note(qosim_bus_port *port, const char *format, ...)
{
    char text[1024];
    va_list args;

    if (!port->options.note) {
        return;
    }
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    port->options.note(port->options.opaque, text);
}

static void on_event(void *opaque, const qosim_event *event)
{
    qosim_bus_port *port = opaque;

    switch (event->kind) {
    case QOSIM_EVENT_LINE:
        if (event->watch == QOSIM_WATCH_IRQ && port->options.irq) {
            port->options.irq(port->options.opaque, event->line, event->level != 0);
        }
        break;
    case QOSIM_EVENT_GUEST_ERROR:
        note(port, "guest error: %s", event->text ? event->text : "");
        break;
    case QOSIM_EVENT_RESET:
        note(port, "the machine was reset");
        break;
    case QOSIM_EVENT_LAGGED:
        note(port, "the server dropped %llu events that were not taken in time",
             (unsigned long long)event->dropped);
        break;
    default:
        break;
    }
}

/* What a call that waited has brought of the stores before it. */
static void tell_posted_errors(qosim_bus_port *port)
{
    char text[256];
    size_t n = port->options.posted ? qosim_posted_errors(port->session, text, sizeof(text)) : 0;

    if (n > 0) {
        note(port, "%zu posted stores failed: %s", n, text);
    }
}

/* Remembers why @result failed, and whether the server can still be there. Returns @result. */
static qosim_result check(qosim_bus_port *port, qosim_result result)
{
    switch (result) {
    case QOSIM_OK:
        tell_posted_errors(port);
        return result;
    case QOSIM_ERR_TIMEOUT:
    case QOSIM_ERR_DISCONNECTED:
    case QOSIM_ERR_PROTOCOL:
    case QOSIM_ERR_MEMORY:
        port->is_lost = true;
        break;
    default:
        break;
    }
    snprintf(port->error, sizeof(port->error), "%s", qosim_last_error(port->session));
    return result;
}

static qosim_result refuse(qosim_bus_port *port, qosim_result result, const char *text)
{
    snprintf(port->error, sizeof(port->error), "%s", text);
    return result;
}

/* --- Memory --- */

static Memory *memory_at(qosim_bus_port *port, uint64_t address, uint64_t length)
{
    for (size_t i = 0; i < port->n_memories; i++) {
        Memory *m = &port->memories[i];

        if (address >= m->address && address - m->address < m->size &&
            length <= m->size - (address - m->address)) {
            return m;
        }
    }
    return NULL;
}

/* The first bytes of a range: *@length of them, at least 1. NULL: there are none. */
static uint8_t *find_bytes(qosim_bus_port *port, uint64_t address, size_t *length)
{
    const Memory *m = memory_at(port, address, *length);

    if (m) {
        return (uint8_t *)m->host + (address - m->address);
    }
    return port->options.memory ? port->options.memory(port->options.opaque, address, length)
                                : NULL;
}

/* The devices' DMA, where the machine's RAM is the simulator's. */
static int on_dma(void *opaque, uint64_t address, void *data, size_t length, bool is_write)
{
    qosim_bus_port *port = opaque;
    size_t done = 0;

    while (done < length) {
        size_t piece = length - done;
        uint8_t *at = find_bytes(port, address + done, &piece);

        if (!at || piece == 0) {
            return QOSIM_BUS_DECODE_ERROR;
        }
        piece = piece < length - done ? piece : length - done;
        memcpy(is_write ? at : (uint8_t *)data + done, is_write ? (uint8_t *)data + done : at,
               piece);
        if (is_write && port->options.written) {
            port->options.written(port->options.opaque, address + done, piece);
        }
        done += piece;
    }
    return QOSIM_BUS_OK;
}

static qosim_result add_memory(qosim_bus_port *port, const Memory *memory)
{
    if (memory->size == 0 || memory->size - 1 > UINT64_MAX - memory->address) {
        return refuse(port, QOSIM_ERR_INVALID_ARGUMENT, "memory of no size, or beyond 2^64");
    }
    if (port->n_memories == MAX_MEMORIES) {
        return refuse(port, QOSIM_ERR_LIMIT, "too many memories");
    }
    port->memories[port->n_memories++] = *memory;
    return QOSIM_OK;
}

qosim_result qosim_bus_give_ram(qosim_bus_port *port, uint64_t address, uint64_t size, void *host)
{
    return add_memory(port, &(Memory){ .address = address, .size = size, .host = host });
}

qosim_result qosim_bus_take_ram(qosim_bus_port *port, const qosim_region *region, void **host)
{
    Memory memory = { .address = region->address, .size = region->size, .mapped = region };
    qosim_result result = check(port, qosim_shm_map(port->session, region, &memory.host));

    *host = memory.host;
    if (result == QOSIM_OK) {
        result = add_memory(port, &memory);
        if (result != QOSIM_OK) {
            qosim_shm_unmap(region, memory.host);
            *host = NULL;
        }
    }
    return result;
}

/* --- Opening --- */

static int by_address(const void *a, const void *b)
{
    const qosim_region *one = a;
    const qosim_region *other = b;

    return (one->address > other->address) - (one->address < other->address);
}

/* Learns the map and tells of the lines that are raised. */
static qosim_result learn(qosim_bus_port *port)
{
    qosim_result result = qosim_get_info(port->session, &port->info);

    if (result != QOSIM_OK) {
        return result;
    }
    qsort(port->info->regions, port->info->n_regions, sizeof(*port->info->regions), by_address);
    for (uint32_t line = 0; port->options.irq && line < port->info->irq_lines; line++) {
        if (qosim_irq_level(port->session, line)) {
            port->options.irq(port->options.opaque, line, true);
        }
    }
    qosim_set_event_handler(port->session, on_event, port);
    port->base_ns = qosim_now(port->session);
    return QOSIM_OK;
}

qosim_result qosim_bus_open(const char *url, const qosim_bus_options *options,
                            qosim_bus_port **port)
{
    static const qosim_bus_options none;
    const qosim_bus_options *o = options ? options : &none;
    qosim_bus_port *p = calloc(1, sizeof(*p));
    const qosim_options session_options = {
        .timeout_ms = o->timeout_ms,
        .role = o->observe ? QOSIM_ROLE_OBSERVER : QOSIM_ROLE_DRIVER,
        .machine = o->machine,
        .create = o->create,
        .client = o->client,
        .dma = o->observe ? NULL : on_dma,
        .dma_opaque = p,
    };
    qosim_result result;

    *port = NULL;
    if (!p) {
        return open_failed(QOSIM_ERR_MEMORY, "out of memory");
    }
    p->options = *o;
    result = qosim_open(url, &session_options, &p->session);
    if (result == QOSIM_OK) {
        result = learn(p);
        if (result != QOSIM_OK) {
            open_failed(result, qosim_last_error(p->session));
        }
    }
    if (result != QOSIM_OK) {
        qosim_bus_close(p);
        return result;
    }
    *port = p;
    return QOSIM_OK;
}

void qosim_bus_close(qosim_bus_port *port)
{
    if (!port) {
        return;
    }
    qosim_close(port->session);
    for (size_t i = 0; i < port->n_memories; i++) {
        if (port->memories[i].mapped) {
            qosim_shm_unmap(port->memories[i].mapped, port->memories[i].host);
        }
    }
    qosim_free_info(port->info);
    free(port);
}

qosim_session *qosim_bus_session(qosim_bus_port *port)
{
    return port->session;
}

const qosim_info *qosim_bus_info(const qosim_bus_port *port)
{
    return port->info;
}

const qosim_region *qosim_bus_region_at(const qosim_bus_port *port, uint64_t address)
{
    for (size_t i = 0; i < port->info->n_regions; i++) {
        const qosim_region *region = &port->info->regions[i];

        if (address >= region->address &&
            (region->size == 0 || address - region->address < region->size)) {
            return region;
        }
    }
    return NULL;
}

const char *qosim_bus_error(const qosim_bus_port *port)
{
    return port->error;
}

bool qosim_bus_is_lost(const qosim_bus_port *port)
{
    return port->is_lost;
}

/* --- Time --- */

void qosim_bus_set_time(qosim_bus_port *port, uint64_t now_ns)
{
    if (now_ns > port->now_ns) {
        port->now_ns = now_ns;
    }
}

/* Has the next message carry the time, unless the server is there already. */
static void tell_time(qosim_bus_port *port)
{
    const uint64_t now_ns = port->base_ns + port->now_ns;

    if (!port->options.observe && now_ns > qosim_now(port->session)) {
        qosim_set_time(port->session, now_ns);
    }
}

uint64_t qosim_bus_deadline(const qosim_bus_port *port)
{
    const uint64_t deadline = qosim_next_deadline(port->session);

    if (port->options.observe || deadline == UINT64_MAX) {
        return QOSIM_BUS_NEVER;
    }
    return deadline > port->base_ns ? deadline - port->base_ns : 0;
}

static qosim_result check_present(qosim_bus_port *port)
{
    return port->is_lost ? QOSIM_ERR_DISCONNECTED : QOSIM_OK;
}

/* One that does not own the time only shows that the server is there, and takes events. */
static qosim_result look(qosim_bus_port *port)
{
    int level;

    if (port->info->irq_lines == 0) {
        return qosim_bus_wait(port, 0) < 0 ? QOSIM_ERR_DISCONNECTED : QOSIM_OK;
    }
    return check(port, qosim_get_line(port->session, QOSIM_WATCH_IRQ, 0, &level));
}

qosim_result qosim_bus_sync(qosim_bus_port *port)
{
    const uint64_t now_ns = port->base_ns + port->now_ns;
    qosim_result result = check_present(port);

    if (result != QOSIM_OK) {
        return result;
    }
    if (port->options.observe) {
        return look(port);
    }
    if (now_ns < qosim_now(port->session)) {
        return check(port, qosim_advance_by(port->session, 0, NULL));
    }
    return check(port, qosim_advance(port->session, now_ns, NULL));
}

int qosim_bus_wait(qosim_bus_port *port, int timeout_ms)
{
    qosim_result result = check_present(port);
    int n;

    if (result != QOSIM_OK) {
        return result;
    }
    n = qosim_poll(port->session, timeout_ms);
    return n >= 0 ? n : (int)check(port, (qosim_result)n);
}

/* --- Accesses --- */

qosim_bus qosim_bus_load(qosim_bus_port *port, uint64_t address, unsigned size, uint64_t *data)
{
    qosim_bus bus = QOSIM_BUS_ERROR;

    *data = 0;
    if (check_present(port) != QOSIM_OK) {
        return QOSIM_BUS_ERROR;
    }
    tell_time(port);
    return check(port, qosim_read(port->session, address, size, data, &bus)) == QOSIM_OK
               ? bus
               : QOSIM_BUS_ERROR;
}

qosim_bus qosim_bus_store(qosim_bus_port *port, uint64_t address, unsigned size, uint64_t data)
{
    qosim_bus bus = QOSIM_BUS_ERROR;

    if (check_present(port) != QOSIM_OK) {
        return QOSIM_BUS_ERROR;
    }
    tell_time(port);
    if (port->options.posted) {
        return check(port, qosim_post_write(port->session, address, size, data)) == QOSIM_OK
                   ? QOSIM_BUS_OK
                   : QOSIM_BUS_ERROR;
    }
    return check(port, qosim_write(port->session, address, size, data, &bus)) == QOSIM_OK
               ? bus
               : QOSIM_BUS_ERROR;
}
