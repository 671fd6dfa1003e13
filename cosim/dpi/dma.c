/* DMA ports: what the server wants of the design's memory, cut into beats of the design's bus. */
#include "cosim/dpi/connection.h"

#include <inttypes.h>
#include <string.h>

#include "cosim/dpi/qosim_dpi.h"

#define MAX_DMA_ERRORS 10
#define MAX_BUS_BYTES 8

static unsigned long long total_transfers, total_bytes;

/* --- From the server --- */

static void complain(Connection *c, const Transfer *t, const char *why)
{
    if (c->dma_errors++ < MAX_DMA_ERRORS) {
        say("qosim: DMA %s of %zu bytes at 0x%" PRIx64 ": %s", t->is_write ? "write" : "read",
            t->length, t->address, why);
    } else if (c->dma_errors == MAX_DMA_ERRORS + 1) {
        say("qosim: further DMA errors are not shown");
    }
}

static bool is_inside(const DmaPort *port, uint64_t address, uint64_t length)
{
    return port->size == 0 || (address >= port->base && length <= port->size &&
                               address - port->base <= port->size - length);
}

/* Why @t cannot be carried out; NULL when it can. */
static const char *refusal(const Connection *c, const Transfer *t)
{
    if (!c->port.handle) {
        return "the design has no DMA port";
    }
    if (c->port.in_reset) {
        return "the design's DMA port is in reset";
    }
    if (!is_inside(&c->port, t->address, t->length)) {
        return "outside of the design's memory";
    }
    if (!c->coroutine || !qosim_co_inside(c->coroutine)) {
        return "the server said that its machine needs no memory of the design's";
    }
    return NULL;
}

int qosim_port_request(void *connection, uint64_t address, void *data, size_t length, bool is_write)
{
    Connection *c = connection;
    Transfer *t = &c->transfer;
    const char *why;

    *t = (Transfer){ .is_write = is_write, .address = address, .data = data, .length = length };
    why = refusal(c, t);
    if (why) {
        complain(c, t, why);
        return is_inside(&c->port, address, length) ? QOSIM_BUS_ERROR : QOSIM_BUS_DECODE_ERROR;
    }
    total_transfers++;
    total_bytes += length;
    t->active = true;
    t->outcome = QOSIM_BUS_OK;
    qosim_co_yield(c->coroutine);
    return t->outcome;
}

/* Lets the job go on; it ends, or comes back with its next transfer. */
static void finish(Connection *c, int outcome)
{
    c->transfer.active = false;
    c->transfer.outcome = outcome;
    qosim_job_resume(c);
}

/* --- To the design --- */

bool qosim_port_is_needed(const Connection *c)
{
    return c->port.handle && c->port.is_needed;
}

/* The connection that @handle is the DMA port of. */
static Connection *port_of(int handle)
{
    const Handle *h = handle ? qosim_dpi_handle(handle) : NULL;

    return h && h->connection->port.handle == h ? h->connection : NULL;
}

static uint64_t load_bytes(const uint8_t *bytes, size_t n)
{
    uint64_t value = 0;

    for (size_t i = 0; i < n; i++) {
        value |= (uint64_t)bytes[i] << (8 * i);
    }
    return value;
}

static void store_bytes(uint8_t *bytes, size_t n, uint64_t value)
{
    for (size_t i = 0; i < n; i++) {
        bytes[i] = (uint8_t)(value >> (8 * i));
    }
}

/* Where in its word the next beat begins. */
static unsigned lane_of(const Transfer *t)
{
    return (unsigned)((t->address + t->moved) & (t->bus_bytes - 1));
}

int qosim_dpi_dma_next(int handle, int bus_bytes, unsigned long long *addr,
                       unsigned long long *data, unsigned int *strb)
{
    Connection *c = port_of(handle);
    Transfer *t = c ? &c->transfer : NULL;
    unsigned lane;

    *addr = *data = 0;
    *strb = 0;
    if (!c) {
        return QOSIM_DPI_DMA_NONE;
    }
    c->port.in_reset = false;
    if (!t->active || bus_bytes < 1 || bus_bytes > MAX_BUS_BYTES || (bus_bytes & (bus_bytes - 1))) {
        return QOSIM_DPI_DMA_NONE;
    }
    t->bus_bytes = (unsigned)bus_bytes;
    lane = lane_of(t);
    t->beat = t->bus_bytes - lane;
    if (t->beat > t->length - t->moved) {
        t->beat = t->length - t->moved;
    }
    *addr = t->address + t->moved - lane;
    *strb = ((1u << t->beat) - 1) << lane;
    if (!t->is_write) {
        return QOSIM_DPI_DMA_READ;
    }
    *data = load_bytes(t->data + t->moved, t->beat) << (8 * lane);
    return QOSIM_DPI_DMA_WRITE;
}

void qosim_dpi_dma_done(int handle, int response, unsigned long long data)
{
    Connection *c = port_of(handle);
    Transfer *t = c ? &c->transfer : NULL;

    if (!c || !t->active) {
        return;
    }
    switch (response) {
    case QOSIM_DPI_OKAY:
        if (!t->is_write) {
            store_bytes(t->data + t->moved, t->beat, data >> (8 * lane_of(t)));
        }
        t->moved += t->beat;
        if (t->moved == t->length) {
            finish(c, QOSIM_BUS_OK);
        }
        break;
    case QOSIM_DPI_DECERR:
        complain(c, t, "the design's memory answers DECERR");
        finish(c, QOSIM_BUS_DECODE_ERROR);
        break;
    case QOSIM_DPI_DMA_TIMEOUT:
        complain(c, t, "no answer from the design's memory in time");
        finish(c, QOSIM_BUS_ERROR);
        break;
    default:
        complain(c, t, "the design's memory answers SLVERR");
        finish(c, QOSIM_BUS_ERROR);
        break;
    }
}

/* Fails what is under way. With in_reset, or without a handle, nothing new begins, so the job ends here. */
static void fail_transfer(Connection *c, const char *why)
{
    if (c->transfer.active) {
        complain(c, &c->transfer, why);
        finish(c, QOSIM_BUS_ERROR);
    }
}

void qosim_dpi_dma_reset(int handle)
{
    Connection *c = port_of(handle);

    if (c) {
        c->port.in_reset = true;
        fail_transfer(c, "the design was reset");
    }
}

void qosim_port_unplug(Connection *c, const Handle *h)
{
    if (c->port.handle == h) {
        c->port.handle = NULL;
        fail_transfer(c, "the simulation ends");
    }
}

void qosim_dpi_dma_stats(unsigned long long *transfers, unsigned long long *bytes)
{
    *transfers = total_transfers;
    *bytes = total_bytes;
}

/* --- Opening --- */

#define REGION_FORMAT "0x%" PRIx64 " to 0x%" PRIx64 " (%" PRIu64 " KiB)"
#define REGION_ARGUMENTS(base, size) (base), (base) + ((size)-1), (size) / 1024

/* Compares the machine's RAM that is to be the design's with what the port reaches. */
static bool check_client_region(Connection *c, const qosim_region *region)
{
    const DmaPort *port = &c->port;

    if (!is_inside(port, region->address, region->size) || (region->size == 0 && port->size != 0)) {
        say("qosim: the machine at '%s' expects RAM of this design from " REGION_FORMAT
            ", but the design's is from " REGION_FORMAT "; give the machine the design's size (-m)",
            c->url, REGION_ARGUMENTS(region->address, region->size),
            REGION_ARGUMENTS(port->base, port->size));
        return false;
    }
    if (port->is_exact && (region->address != port->base || region->size != port->size)) {
        say("qosim: the machine at '%s' uses of this design's RAM only " REGION_FORMAT
            "; its devices do not reach the rest of " REGION_FORMAT,
            c->url, REGION_ARGUMENTS(region->address, region->size),
            REGION_ARGUMENTS(port->base, port->size));
    }
    return true;
}

/* Devices that master the bus want memory; where they would find the server's own, that is no doubt a mistake. */
static void check_no_client_region(const Connection *c, const qosim_info *info)
{
    bool has_master = false;
    bool has_ram = false;

    for (size_t i = 0; i < info->n_regions; i++) {
        has_master = has_master || !strncmp(info->regions[i].name, "virtio", strlen("virtio"));
        has_ram = has_ram || info->regions[i].ram;
    }
    if (has_master && has_ram) {
        say("qosim: the machine at '%s' has its RAM in the server: its devices do not see this "
            "design's; start it with ram-home=client",
            c->url);
    }
}

static bool check_regions(Connection *c, const qosim_info *info)
{
    bool fits = true;

    for (size_t i = 0; i < info->n_regions; i++) {
        if (info->regions[i].ram && info->regions[i].home == QOSIM_RAM_CLIENT) {
            c->port.is_needed = true;
            fits = check_client_region(c, &info->regions[i]) && fits;
        }
    }
    if (!c->port.is_needed) {
        check_no_client_region(c, info);
    }
    return fits;
}

static bool check_machine(Connection *c)
{
    qosim_info *info;
    qosim_result rc = qosim_get_info(c->session, &info);
    bool fits;

    if (rc != QOSIM_OK) {
        qosim_conn_note_failure(c, rc);
        return false;
    }
    fits = check_regions(c, info);
    qosim_free_info(info);
    c->lost = c->lost || !fits;
    return fits;
}

int qosim_dpi_dma_open(const char *url, unsigned long long base, unsigned long long size,
                       int address_bits)
{
    Connection *c = url ? qosim_conn_find(url) : NULL;
    int handle;

    if (!c) {
        return 0; /* without a bridge, or its bridge has told why */
    }
    if (c->port.handle) {
        say("qosim: '%s' has a DMA port already; a second one gets nothing to do", url);
        return 0;
    }
    c->port = (DmaPort){ .base = base, .size = size, .is_exact = size != 0 };
    if (size == 0 && address_bits > 0 && address_bits < 64) {
        c->port.base = 0;
        c->port.size = (uint64_t)1 << address_bits;
    }
    if (!check_machine(c) || !(handle = qosim_dpi_take_handle(c))) {
        return 0;
    }
    c->port.handle = qosim_dpi_handle(handle);
    return handle;
}
