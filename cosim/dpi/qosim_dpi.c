#include "cosim/dpi/qosim_dpi.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <qosim/qosim.h>

#define MAX_HANDLES 64
#define MAX_SERIAL 0x1000000
#define IRQ_WORDS 32
#define MAX_GUEST_ERRORS 10
#define MAX_REFUSALS 10
/* How far the server's clock may stay behind while there is no access: what it notes down carries its time. */
#define MAX_TIME_LAG_NS 1000000u

/* A session and what is known of it; shared by all handles with the same URL. */
typedef struct Connection {
    struct Connection *next;
    char *url;
    qosim_session *session;
    unsigned refs;
    bool lost;
    uint64_t base_ns; /* the server's time when it was opened: time 0 of the design */
    uint64_t now_ns;  /* the server's time now */
    uint64_t told_ns; /* the time that it knows of */
    unsigned guest_errors;
    unsigned refusals;

    /* Interrupt levels, each word with the generation that it was made from plus one. */
    uint32_t irq_word[IRQ_WORDS];
    uint64_t irq_word_made[IRQ_WORDS];
} Connection;

typedef struct Handle {
    Connection *connection; /* NULL: free */
    unsigned serial;        /* tells the slot's handle from older ones */
    uint64_t seen_generation;
} Handle;

/* DPI functions have no context of their own; these belong to the one thread that evaluates models. */
static Handle handles[MAX_HANDLES];
static Connection *connections;
static bool told_of_bad_handle;
static qosim_dpi_log_fn *log_to;
static unsigned long long total_rpcs, total_wait_ns;

void qosim_dpi_set_log(qosim_dpi_log_fn *log)
{
    log_to = log;
}

static void say_line(const char *message)
{
    if (log_to) {
        log_to(message);
    } else {
        fprintf(stderr, "%s\n", message);
    }
}

/* printf() of one message. */
#define say(...)                                                                                   \
    do {                                                                                           \
        char message_[1024];                                                                       \
        snprintf(message_, sizeof(message_), __VA_ARGS__);                                         \
        say_line(message_);                                                                        \
    } while (0)

/* The model's own faults reach the person at the simulator, but not thousands of times. */
static void on_event(void *opaque, const qosim_event *event)
{
    Connection *c = opaque;

    switch (event->kind) {
    case QOSIM_EVENT_GUEST_ERROR:
        if (c->guest_errors++ < MAX_GUEST_ERRORS) {
            say("qosim: guest error at %llu ns: %s", (unsigned long long)event->time_ns,
                event->text ? event->text : "");
        } else if (c->guest_errors == MAX_GUEST_ERRORS + 1) {
            say("qosim: further guest errors are not shown");
        }
        break;
    case QOSIM_EVENT_RESET:
        say("qosim: the machine at '%s' was reset", c->url);
        break;
    case QOSIM_EVENT_LAGGED:
        say("qosim: the server dropped %llu events that were not taken in time",
            (unsigned long long)event->dropped);
        break;
    default:
        break;
    }
}

/* The handle's slot, or NULL with one message for all times. */
static Handle *handle_of(int handle)
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

static Connection *connect_to(const char *url)
{
    const qosim_options options = { .role = QOSIM_ROLE_DRIVER, .client = "qosim-dpi" };
    Connection *c = calloc(1, sizeof(*c));

    if (!c || !(c->url = strdup(url))) {
        free(c);
        say("qosim: cannot open '%s': out of memory", url);
        return NULL;
    }
    if (qosim_open(url, &options, &c->session) != QOSIM_OK) {
        say("qosim: cannot open '%s': %s", url, qosim_open_error());
        free(c->url);
        free(c);
        return NULL;
    }
    qosim_set_event_handler(c->session, on_event, c);
    c->base_ns = c->now_ns = c->told_ns = qosim_now(c->session);
    c->next = connections;
    connections = c;
    return c;
}

static void disconnect(Connection *c)
{
    Connection **link = &connections;

    while (*link != c) {
        link = &(*link)->next;
    }
    *link = c->next;
    qosim_close(c->session);
    free(c->url);
    free(c);
}

/* The open connection to @url, or a new one; a lost one is not used again. */
static Connection *connection_for(const char *url)
{
    for (Connection *c = connections; c; c = c->next) {
        if (!c->lost && !strcmp(c->url, url)) {
            return c;
        }
    }
    return connect_to(url);
}

int qosim_dpi_open(const char *url)
{
    unsigned index = 0;
    Handle *h;

    if (!url || !*url) {
        say("qosim: no server URL was given");
        return 0;
    }
    while (index < MAX_HANDLES && handles[index].connection) {
        index++;
    }
    if (index == MAX_HANDLES) {
        say("qosim: cannot open '%s': %d handles are open already", url, MAX_HANDLES);
        return 0;
    }
    h = &handles[index];
    h->connection = connection_for(url);
    if (!h->connection) {
        return 0;
    }
    h->connection->refs++;
    h->serial = (h->serial + 1) % MAX_SERIAL;
    h->seen_generation = UINT64_MAX;
    return (int)(h->serial * MAX_HANDLES + index + 1);
}

void qosim_dpi_close(int handle)
{
    Handle *h = handle_of(handle);

    if (!h) {
        return;
    }
    if (--h->connection->refs == 0) {
        disconnect(h->connection);
    }
    h->connection = NULL;
}

static unsigned long long wall_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (unsigned long long)t.tv_sec * 1000000000u + (unsigned long long)t.tv_nsec;
}

/* Tells apart a server that is gone from one that is there and refused; says which, and remembers the former. */
static void note_failure(Connection *c, qosim_result result)
{
    switch (result) {
    case QOSIM_ERR_TIMEOUT:
    case QOSIM_ERR_DISCONNECTED:
    case QOSIM_ERR_PROTOCOL:
    case QOSIM_ERR_MEMORY:
        c->lost = true;
        say("qosim: lost the server at '%s': %s", c->url, qosim_last_error(c->session));
        break;
    default:
        if (c->refusals++ < MAX_REFUSALS) {
            say("qosim: the server refused an access: %s", qosim_last_error(c->session));
        }
        break;
    }
}

static int axi_response(Connection *c, qosim_result result, qosim_bus bus)
{
    if (result != QOSIM_OK) {
        note_failure(c, result);
        return QOSIM_DPI_SLVERR;
    }
    switch (bus) {
    case QOSIM_BUS_OK:
        return QOSIM_DPI_OKAY;
    case QOSIM_BUS_DECODE_ERROR:
        return QOSIM_DPI_DECERR;
    default:
        return QOSIM_DPI_SLVERR;
    }
}

/* Does one access, counted and timed. */
static int access_bus(int handle, bool is_write, unsigned long long addr, int size, uint64_t *data)
{
    Handle *h = handle_of(handle);
    Connection *c = h ? h->connection : NULL;
    qosim_bus bus = QOSIM_BUS_ERROR;
    qosim_result result;
    unsigned long long start;

    if (!c || c->lost || size <= 0) {
        return QOSIM_DPI_SLVERR;
    }
    start = wall_ns();
    c->told_ns = c->now_ns;
    qosim_set_time(c->session, c->now_ns);
    result = is_write ? qosim_write(c->session, addr, (unsigned)size, *data, &bus)
                      : qosim_read(c->session, addr, (unsigned)size, data, &bus);
    total_wait_ns += wall_ns() - start;
    total_rpcs++;
    return axi_response(c, result, bus);
}

static uint64_t low_bytes(uint64_t value, int size)
{
    return size > 0 && size < 8 ? value & ((1ull << (8 * size)) - 1) : value;
}

int qosim_dpi_read(int handle, unsigned long long addr, int size, unsigned long long *data)
{
    uint64_t value = 0;
    int response = access_bus(handle, false, addr, size, &value);

    *data = response == QOSIM_DPI_OKAY ? low_bytes(value, size) : 0;
    return response;
}

int qosim_dpi_write(int handle, unsigned long long addr, int size, unsigned long long data)
{
    uint64_t value = low_bytes(data, size);

    return access_bus(handle, true, addr, size, &value);
}

/* Lets the server's clock catch up when something is due there, or when it is far behind. */
static qosim_result catch_up(Connection *c)
{
    if (qosim_next_deadline(c->session) > c->now_ns && c->now_ns - c->told_ns < MAX_TIME_LAG_NS) {
        return QOSIM_OK;
    }
    c->told_ns = c->now_ns;
    total_rpcs++;
    return qosim_advance(c->session, c->now_ns, NULL);
}

int qosim_dpi_poll(int handle)
{
    Handle *h = handle_of(handle);
    Connection *c = h ? h->connection : NULL;
    unsigned long long start;
    int result;
    uint64_t generation;

    if (!c || c->lost) {
        return -1;
    }
    start = wall_ns();
    qosim_set_time(c->session, c->now_ns);
    result = qosim_poll(c->session, 0);
    if (result >= 0) {
        result = catch_up(c);
    }
    total_wait_ns += wall_ns() - start;
    if (result < 0) {
        note_failure(c, (qosim_result)result);
        return c->lost ? -1 : 0;
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
    Handle *h = handle_of(handle);
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
    Handle *h = handle_of(handle);

    Connection *c = h ? h->connection : NULL;

    if (c && c->base_ns + ns > c->now_ns) {
        c->now_ns = c->base_ns + ns;
    }
}

int qosim_dpi_lost(int handle)
{
    Handle *h = handle_of(handle);

    return !h || h->connection->lost;
}

void qosim_dpi_stats(unsigned long long *rpcs, unsigned long long *wait_ns)
{
    *rpcs = total_rpcs;
    *wait_ns = total_wait_ns;
}
