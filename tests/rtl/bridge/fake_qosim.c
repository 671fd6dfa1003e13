#include "tests/rtl/bridge/fake_qosim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct qosim_session {
    qosim_event_fn *handler;
    void *opaque;
    char url[32];
    qosim_dma_fn *dma;
    void *dma_opaque;
    bool is_busy; /* in a call: no other may be made */
    uint64_t now_ns;
    uint64_t shown_irqs;
    uint64_t generation;
};

static struct {
    FakeAccess *log;
    size_t n, room;
    uint8_t memory[2][0x10000];
    uint64_t irqs;
    bool will_lose;
    size_t lose_after;
    uint64_t now, deadline, advanced_to;
    char guest_error[128];
    unsigned open, opened;
    FakeTransfer *transfers;
    size_t n_transfers, n_ended;
    qosim_region ram;
} fake = { .deadline = UINT64_MAX };

void fake_set_ram(uint64_t base, uint64_t size, qosim_ram_home home)
{
    fake.ram = (qosim_region){
        .name = (char *)"virtio-ram",
        .address = base,
        .size = size,
        .ram = true,
        .home = home,
    };
}

void fake_reset(void)
{
    for (size_t i = 0; i < fake.n_transfers; i++) {
        free(fake.transfers[i].data);
    }
    free(fake.transfers);
    free(fake.log);
    memset(&fake, 0, sizeof(fake));
    fake.deadline = UINT64_MAX;
    fake_set_ram(0x80000000, 0x10000, QOSIM_RAM_CLIENT);
}

static void must(bool ok)
{
    if (!ok) {
        abort();
    }
}

void fake_want(const char *url, bool is_write, uint64_t address, const void *data, size_t length,
               bool on_poll)
{
    FakeTransfer *t;

    fake.transfers = realloc(fake.transfers, (fake.n_transfers + 1) * sizeof(*t));
    must(fake.transfers != NULL);
    t = &fake.transfers[fake.n_transfers++];
    *t = (FakeTransfer){ .is_write = is_write, .on_poll = on_poll, .address = address };
    snprintf(t->url, sizeof(t->url), "%s", url);
    t->length = length;
    t->data = calloc(1, length);
    must(t->data != NULL);
    if (is_write) {
        memcpy(t->data, data, length);
    }
}

size_t fake_transfers(void)
{
    return fake.n_transfers;
}

size_t fake_transfers_ended(void)
{
    return fake.n_ended;
}

const FakeTransfer *fake_transfer(size_t i)
{
    return i < fake.n_transfers ? &fake.transfers[i] : NULL;
}

/* The callback may come back much later; the list may have grown then. */
static void do_dma(qosim_session *session, bool on_poll)
{
    for (size_t i = 0; i < fake.n_transfers; i++) {
        FakeTransfer t = fake.transfers[i];
        int result;

        if (t.begun || t.on_poll != on_poll || strcmp(t.url, session->url) != 0) {
            continue;
        }
        fake.transfers[i].begun = true;
        result = session->dma(session->dma_opaque, t.address, t.data, t.length, t.is_write);
        if (i < fake.n_transfers && fake.transfers[i].data == t.data) {
            fake.transfers[i].result = result;
            fake.transfers[i].done = true;
            fake.transfers[i].ended = ++fake.n_ended;
        }
    }
}

static void enter(qosim_session *session)
{
    must(!session->is_busy);
    session->is_busy = true;
}

size_t fake_count(void)
{
    return fake.n;
}

const FakeAccess *fake_access(size_t i)
{
    return i < fake.n ? &fake.log[i] : NULL;
}

unsigned fake_sessions_open(void)
{
    return fake.open;
}

unsigned fake_sessions_opened(void)
{
    return fake.opened;
}

void fake_set_irq(unsigned line, bool level)
{
    fake.irqs = (fake.irqs & ~(1ull << line)) | ((uint64_t)level << line);
}

void fake_lose_after(size_t accesses)
{
    fake.will_lose = true;
    fake.lose_after = accesses;
}

void fake_set_now(uint64_t ns)
{
    fake.now = ns;
}

void fake_set_deadline(uint64_t ns)
{
    fake.deadline = ns;
}

uint64_t fake_advanced_to(void)
{
    return fake.advanced_to;
}

void fake_guest_error(const char *text)
{
    strncpy(fake.guest_error, text, sizeof(fake.guest_error) - 1);
}

qosim_result qosim_open(const char *url, const qosim_options *options, qosim_session **session)
{
    *session = NULL;
    if (strncmp(url, "fake:", 5) != 0 || !options || options->role != QOSIM_ROLE_DRIVER) {
        return QOSIM_ERR_DISCONNECTED;
    }
    *session = calloc(1, sizeof(**session));
    if (*session) {
        snprintf((*session)->url, sizeof((*session)->url), "%s", url);
        (*session)->dma = options->dma;
        (*session)->dma_opaque = options->dma_opaque;
    }
    fake.open++;
    fake.opened++;
    return *session ? QOSIM_OK : QOSIM_ERR_MEMORY;
}

const char *qosim_open_error(void)
{
    return "nobody is there";
}

void qosim_close(qosim_session *session)
{
    must(!session->is_busy);
    fake.open--;
    free(session);
}

const char *qosim_last_error(const qosim_session *session)
{
    (void)session;
    return "it went away";
}

void qosim_set_event_handler(qosim_session *session, qosim_event_fn *handler, void *opaque)
{
    session->handler = handler;
    session->opaque = opaque;
}

/* What a reply or a poll brings along. */
static void deliver(qosim_session *session)
{
    if (session->shown_irqs != fake.irqs) {
        session->shown_irqs = fake.irqs;
        session->generation++;
    }
    if (fake.guest_error[0] && session->handler) {
        const qosim_event event = { .kind = QOSIM_EVENT_GUEST_ERROR, .text = fake.guest_error };

        session->handler(session->opaque, &event);
        fake.guest_error[0] = 0;
    }
}

static bool lost(void)
{
    return fake.will_lose && fake.lose_after == 0;
}

int qosim_poll(qosim_session *session, int timeout_ms)
{
    (void)timeout_ms;
    if (lost()) {
        return QOSIM_ERR_DISCONNECTED;
    }
    enter(session);
    do_dma(session, true);
    deliver(session);
    session->is_busy = false;
    return 0;
}

bool qosim_irq_level(const qosim_session *session, uint32_t line)
{
    return line < 64 && (session->shown_irqs >> line & 1);
}

uint64_t qosim_irq_generation(const qosim_session *session)
{
    return session->generation;
}

void qosim_set_time(qosim_session *session, uint64_t now_ns)
{
    session->now_ns = now_ns;
}

uint64_t qosim_now(const qosim_session *session)
{
    (void)session;
    return fake.now;
}

uint64_t qosim_next_deadline(const qosim_session *session)
{
    (void)session;
    return fake.deadline;
}

qosim_result qosim_get_info(qosim_session *session, qosim_info **info)
{
    static qosim_info now;

    must(!session->is_busy);
    now = (qosim_info){ .regions = &fake.ram, .n_regions = 1 };
    *info = &now;
    return QOSIM_OK;
}

void qosim_free_info(qosim_info *info)
{
    (void)info;
}

qosim_result qosim_advance(qosim_session *session, uint64_t until_ns, uint64_t *now_ns)
{
    (void)session;
    fake.advanced_to = until_ns;
    fake.deadline = UINT64_MAX;
    if (now_ns) {
        *now_ns = until_ns;
    }
    return QOSIM_OK;
}

static void write_down(const qosim_session *session, bool is_write, uint64_t address, unsigned size,
                       uint64_t data)
{
    if (fake.n == fake.room) {
        fake.room = fake.room ? 2 * fake.room : 1024;
        fake.log = realloc(fake.log, fake.room * sizeof(*fake.log));
        if (!fake.log) {
            abort();
        }
    }
    fake.log[fake.n++] = (FakeAccess){
        .is_write = is_write,
        .size = size,
        .address = address,
        .data = data,
        .time_ns = session->now_ns,
    };
}

static qosim_result come_to(qosim_session *session, uint64_t address, qosim_bus *bus)
{
    if ((address >> 12 & 0xf) == FAKE_DMA_PAGE) {
        do_dma(session, false);
    }
    session->is_busy = false;
    if (lost()) {
        return QOSIM_ERR_DISCONNECTED;
    }
    if (fake.will_lose) {
        fake.lose_after--;
    }
    deliver(session);
    switch (address >> 12 & 0xf) {
    case FAKE_MIXED_PAGE:
        *bus = (address & 3) == 1   ? QOSIM_BUS_ERROR
               : (address & 3) == 2 ? QOSIM_BUS_DECODE_ERROR
                                    : QOSIM_BUS_OK;
        break;
    case FAKE_REFUSED_PAGE:
        return QOSIM_ERR_GENERIC;
    case FAKE_ACCESS_ERROR_PAGE:
        *bus = QOSIM_BUS_ACCESS_ERROR;
        break;
    case FAKE_ERROR_PAGE:
        *bus = QOSIM_BUS_ERROR;
        break;
    case FAKE_DECODE_ERROR_PAGE:
        *bus = QOSIM_BUS_DECODE_ERROR;
        break;
    default:
        *bus = QOSIM_BUS_OK;
        break;
    }
    return QOSIM_OK;
}

static uint8_t *byte_at(uint64_t address)
{
    return &fake.memory[address >> 32 & 1][address & 0xffff];
}

qosim_result qosim_write(qosim_session *session, uint64_t address, unsigned size, uint64_t data,
                         qosim_bus *bus)
{
    enter(session);
    write_down(session, true, address, size, data);
    for (unsigned i = 0; i < size; i++) {
        *byte_at(address + i) = (uint8_t)(data >> (8 * i));
    }
    return come_to(session, address, bus);
}

/* Failed reads give data too, so that a caller that does not throw it away is noticed. */
qosim_result qosim_read(qosim_session *session, uint64_t address, unsigned size, uint64_t *data,
                        qosim_bus *bus)
{
    uint64_t value = 0;

    enter(session);
    for (unsigned i = 0; i < size; i++) {
        value |= (uint64_t)*byte_at(address + i) << (8 * i);
    }
    write_down(session, false, address, size, value);
    *data = value;
    return come_to(session, address, bus);
}
