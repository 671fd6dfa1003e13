#include "cosim/dpi/qosim_dpi.h"

#include "cosim/dpi/connection.h"

#define MAX_HANDLES 64
#define MAX_SERIAL 0x1000000

/* DPI functions have no context of their own; these belong to the one thread that evaluates models. */
static Handle handles[MAX_HANDLES];
static bool told_of_bad_handle;
static qosim_dpi_log_fn *log_to;

void qosim_dpi_set_log(qosim_dpi_log_fn *log)
{
    log_to = log;
}

void qosim_dpi_say(const char *message)
{
    if (log_to) {
        log_to(message);
    } else {
        fprintf(stderr, "%s\n", message);
    }
}

Handle *qosim_dpi_handle(int handle)
{
    unsigned index = (unsigned)(handle - 1) % MAX_HANDLES;
    Handle *h = &handles[index];

    if (handle > 0 && h->connection && h->serial == (unsigned)(handle - 1) / MAX_HANDLES) {
        return h;
    }
    if (handle != 0 && !told_of_bad_handle) { /* 0 is what a failed open gave, and that was told */
        told_of_bad_handle = true;
        say("qosim: %d is not the handle of an open server; accesses through it answer SLVERR",
            handle);
    }
    return NULL;
}

/* A slot for a handle, or NULL after a message. */
static Handle *find_slot(const char *url)
{
    for (unsigned i = 0; i < MAX_HANDLES; i++) {
        if (!handles[i].connection) {
            return &handles[i];
        }
    }
    say("qosim: cannot open '%s': %d handles are open already", url, MAX_HANDLES);
    return NULL;
}

static int use_slot(Handle *h, Connection *c)
{
    c->refs++;
    *h = (Handle){
        .connection = c,
        .serial = (h->serial + 1) % MAX_SERIAL,
        .seen_generation = UINT64_MAX,
    };
    return (int)(h->serial * MAX_HANDLES + (unsigned)(h - handles) + 1);
}

int qosim_dpi_take_handle(Connection *connection)
{
    Handle *h = find_slot(connection->url);

    return h ? use_slot(h, connection) : 0;
}

int qosim_dpi_open(const char *url)
{
    Connection *c;
    Handle *h;

    if (!url || !*url) {
        say("qosim: no server URL was given");
        return 0;
    }
    h = find_slot(url);
    c = h ? qosim_conn_open(url) : NULL;
    return c ? use_slot(h, c) : 0;
}

void qosim_dpi_close(int handle)
{
    Handle *h = qosim_dpi_handle(handle);
    Connection *c = h ? h->connection : NULL;

    if (c) {
        qosim_job_forget(h);
        qosim_port_unplug(c, h);
        h->connection = NULL;
        qosim_conn_release(c);
    }
}

/* --- Accesses --- */

bool qosim_dpi_is_next(const Handle *h)
{
    for (unsigned i = 0; h->connection->n_waiting > 1 && i < MAX_HANDLES; i++) {
        if (handles[i].connection == h->connection && handles[i].state == ACCESS_WAITING &&
            handles[i].ticket < h->ticket) {
            return false;
        }
    }
    return true;
}

static uint64_t low_bytes(uint64_t value, int size)
{
    return size > 0 && size < 8 ? value & ((1ull << (8 * size)) - 1) : value;
}

/* The handle's access as far as it is now: its response with @data, or QOSIM_DPI_PENDING. */
static int outcome(Handle *h, uint64_t *data)
{
    if (!qosim_job_step(h)) {
        return QOSIM_DPI_PENDING;
    }
    h->state = ACCESS_NONE;
    *data = h->response == QOSIM_DPI_OKAY ? low_bytes(h->data, (int)h->access.size) : 0;
    return h->response;
}

static int start(int handle, const Job *access, uint64_t *data)
{
    Handle *h = qosim_dpi_handle(handle);
    Connection *c = h ? h->connection : NULL;

    *data = 0;
    if (!c || h->state != ACCESS_NONE) {
        return QOSIM_DPI_SLVERR;
    }
    h->access = *access;
    h->state = ACCESS_WAITING;
    h->ticket = ++c->last_ticket;
    c->n_waiting++;
    return outcome(h, data);
}

int qosim_dpi_read(int handle, unsigned long long addr, int size, unsigned long long *data)
{
    const Job access = { .kind = JOB_READ, .address = addr, .size = (unsigned)size };
    uint64_t value = 0;
    int response = size > 0 ? start(handle, &access, &value) : QOSIM_DPI_SLVERR;

    *data = value;
    return response;
}

int qosim_dpi_write(int handle, unsigned long long addr, int size, unsigned long long data)
{
    const Job access = {
        .kind = JOB_WRITE,
        .address = addr,
        .size = (unsigned)size,
        .data = low_bytes(data, size),
    };
    uint64_t value;

    return size > 0 ? start(handle, &access, &value) : QOSIM_DPI_SLVERR;
}

int qosim_dpi_resume(int handle, unsigned long long *data)
{
    Handle *h = qosim_dpi_handle(handle);
    uint64_t value = 0;
    int response = h && h->state != ACCESS_NONE ? outcome(h, &value) : QOSIM_DPI_SLVERR;

    *data = value;
    return response;
}

void qosim_dpi_reset(int handle)
{
    Handle *h = handle ? qosim_dpi_handle(handle) : NULL;

    if (h) {
        qosim_job_forget(h);
    }
}

/* --- News --- */

int qosim_dpi_poll(int handle)
{
    Handle *h = qosim_dpi_handle(handle);
    Connection *c = h ? h->connection : NULL;
    uint64_t generation;

    if (!c || c->lost) {
        return -1;
    }
    qosim_job_poll(c);
    if (c->lost) {
        return -1;
    }
    generation = qosim_irq_generation(c->session);
    if (generation == h->seen_generation) {
        return 0;
    }
    h->seen_generation = generation;
    return 1;
}

unsigned int qosim_dpi_irq_word(int handle, int idx)
{
    Handle *h = qosim_dpi_handle(handle);
    Connection *c = h ? h->connection : NULL;
    uint64_t made;
    uint32_t word = 0;

    if (!c || idx < 0 || idx >= IRQ_WORDS) {
        return 0;
    }
    made = qosim_irq_generation(c->session) + 1;
    if (c->irq_word_made[idx] == made) {
        return c->irq_word[idx];
    }
    for (uint32_t bit = 0; bit < 32; bit++) {
        if (qosim_irq_level(c->session, 32 * (uint32_t)idx + bit)) {
            word |= 1u << bit;
        }
    }
    c->irq_word[idx] = word;
    c->irq_word_made[idx] = made;
    return word;
}

void qosim_dpi_set_time(int handle, unsigned long long ns)
{
    Handle *h = qosim_dpi_handle(handle);
    Connection *c = h ? h->connection : NULL;

    if (c && c->base_ns + ns > c->now_ns) {
        c->now_ns = c->base_ns + ns;
    }
}

int qosim_dpi_lost(int handle)
{
    Handle *h = qosim_dpi_handle(handle);

    return !h || h->connection->lost;
}

void qosim_dpi_stats(unsigned long long *rpcs, unsigned long long *wait_ns)
{
    qosim_job_stats(rpcs, wait_ns);
}
