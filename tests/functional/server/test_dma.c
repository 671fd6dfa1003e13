/*
 * Memory that belongs to the driver, with a real qosimd: in the machine whose thread has the sockets, and in one that frames hop to.
 * What goes wrong is in test_dma_trouble.c.
 */
#include <string.h>

#include "tests/lib/daemon.h"
#include "tests/lib/dma_driver.h"

#define GPIO 0x10012000u
#define INPUT_EN (GPIO + 0x04)
#define OUTPUT_VAL (GPIO + 0x0c)
#define RISE_IE (GPIO + 0x18)
#define PINS "/machine/soc"

typedef struct Place {
    const char *name;
    const char *scheme;
    const char *machine; /* "": the first */
} Place;

typedef struct Setup {
    Daemon *daemon;
    DmaDriver *driver;
    RawClient *observer;
} Setup;

static RawClient *open_observer(const char *url, const char *machine)
{
    RawClient *client = raw_client_new(url);
    QsOperation hello = raw_hello(QS_ROLE_OBSERVER, true);
    const QsReply *reply;

    hello.hello.machine = machine;
    reply = raw_client_try_hello(client, &hello);
    g_assert_cmpint(reply->status.code, ==, QS_STATUS_OK);
    return client;
}

static void set_up(Setup *s, const Place *place, const char *type)
{
    g_autofree char *options = g_strdup_printf("%s,ram-home=client", type);
    g_autofree char *arguments = g_strdup_printf("-M %s", place->machine[0] ? "none" : options);

    s->daemon = daemon_start(arguments, place->scheme);
    s->driver = dma_driver_open(s->daemon->url, place->machine, place->machine[0] ? options : "");
    s->observer = open_observer(s->daemon->url, place->machine);
}

static void tear_down(Setup *s)
{
    raw_client_free(s->observer);
    dma_driver_free(s->driver);
    daemon_free(s->daemon);
}

/* The driver's own load and store: requests and reply are one sequence without a gap. */
static void test_own_accesses(gconstpointer place)
{
    Setup s;
    RawClient *client;
    const QsDmaRequest *request;
    const QsReply *reply;
    uint64_t id;

    set_up(&s, place, "sifive_e");
    client = s.driver->client;
    id = raw_client_start(client, raw_write(DMA_RAM_BASE + 0x10, 4, 0x11223344));
    request = dma_await_request(s.driver);
    g_assert_cmpuint(request->id, ==, 1);
    g_assert_cmphex(request->address, ==, DMA_RAM_BASE + 0x10);
    g_assert_true(request->is_write);
    g_assert_cmpmem(request->data.data, request->data.len, "\x44\x33\x22\x11", 4);
    dma_serve(s.driver, request);
    reply = raw_client_await(client, id);
    g_assert_cmpint(reply->results[0].mmio.result, ==, QS_BUS_OK);

    id = raw_client_start(client, raw_read(DMA_RAM_BASE + 0x12, 2));
    request = dma_await_request(s.driver);
    g_assert_cmpuint(request->id, ==, 2);
    g_assert_cmphex(request->address, ==, DMA_RAM_BASE + 0x12);
    g_assert_cmpuint(request->length, ==, 2);
    g_assert_false(request->is_write);
    dma_serve(s.driver, request);
    reply = raw_client_await(client, id);
    g_assert_cmphex(reply->results[0].mmio.data, ==, 0x1122);
    g_assert_false(client->gap);
    tear_down(&s);
}

/* An observer reaches the memory too; it hears nothing of the driver's part in it. */
static void test_observer(gconstpointer place)
{
    Setup s;
    const QsReply *reply;
    uint64_t id;

    set_up(&s, place, "sifive_e");
    id = raw_client_start(s.observer, raw_write(DMA_RAM_BASE, 8, UINT64_C(0x8877665544332211)));
    dma_serve_requests(s.driver, 1);
    reply = raw_client_await(s.observer, id);
    g_assert_cmpint(reply->results[0].mmio.result, ==, QS_BUS_OK);
    g_assert_cmphex(s.driver->memory[7], ==, 0x88);
    id = raw_client_start(s.observer, raw_read(DMA_RAM_BASE + 4, 4));
    dma_serve_requests(s.driver, 1);
    reply = raw_client_await(s.observer, id);
    g_assert_cmphex(reply->results[0].mmio.data, ==, 0x88776655);
    g_assert_false(s.observer->gap);
    g_assert_cmpuint(raw_client_stat(s.observer, "dma_requests"), ==, 2);
    g_assert_cmpuint(raw_client_stat(s.observer, "dma_bytes"), ==, 12);
    g_assert_cmpuint(raw_client_stat(s.observer, "dma_errors"), ==, 0);
    g_assert_cmpuint(raw_client_stat(s.observer, "dma_strays"), ==, 0);
    tear_down(&s);
}

static void test_long_blocks(gconstpointer place)
{
    Setup s;
    g_autofree uint8_t *data = g_malloc(200001);
    const QsReply *reply;
    uint64_t id;

    set_up(&s, place, "virt");
    for (size_t i = 0; i < 200001; i++) {
        data[i] = (uint8_t)(i * 7 + (i >> 8));
    }
    id = raw_client_start(s.observer, raw_block_write(DMA_RAM_BASE + 3, data, 200001));
    dma_serve_requests(s.driver, 4);
    reply = raw_client_await(s.observer, id);
    g_assert_cmpint(reply->results[0].mmio.result, ==, QS_BUS_OK);
    g_assert_cmpmem(s.driver->memory + 3, 200001, data, 200001);
    id = raw_client_start(s.driver->client, raw_block_read(DMA_RAM_BASE + 3, 200001));
    reply = dma_serve_until(s.driver, id);
    g_assert_cmpuint(s.driver->served, ==, 8);
    g_assert_cmpint(reply->results[0].block_read.result, ==, QS_BUS_OK);
    g_assert_cmpmem(reply->results[0].block_read.data.data, reply->results[0].block_read.data.len,
                    data, 200001);
    tear_down(&s);
}

static void test_events_come_before(gconstpointer place)
{
    Setup s;
    RawClient *client;
    QsOperation operations[] = { raw_write(INPUT_EN, 4, 1), raw_write(RISE_IE, 4, 1),
                                 raw_line_set(PINS, 0, 1), raw_read(DMA_RAM_BASE, 4),
                                 raw_line_set(PINS, 0, 0) };
    QsClientFrame frame = { .operations = operations, .n_operations = G_N_ELEMENTS(operations) };
    g_autofree char *events = NULL;

    set_up(&s, place, "sifive_e");
    client = s.driver->client;
    frame.request_id = client->last_id + 1;
    raw_client_send(client, frame);
    (void)dma_await_request(s.driver);
    events = raw_client_print_events(client);
    g_assert_cmpstr(events, ==, "line 8=1");
    dma_serve(s.driver, &client->frame.dma_request);
    raw_client_await(client, frame.request_id);
    g_assert_cmpuint(client->events->len, ==, 1);
    g_assert_false(client->gap);
    tear_down(&s);
}

static void test_errors_pass_through(gconstpointer place)
{
    Setup s;
    const QsReply *reply;

    set_up(&s, place, "sifive_e");
    for (QsBusResult result = QS_BUS_ERROR; result <= QS_BUS_ACCESS_ERROR; result++) {
        uint64_t id = raw_client_start(s.observer, raw_read(DMA_RAM_BASE, 4));
        const QsDmaRequest *request = dma_await_request(s.driver);

        dma_answer(s.driver->client, request->id, result, NULL, 0);
        reply = raw_client_await(s.observer, id);
        g_assert_cmpint(reply->results[0].mmio.result, ==, result);
        g_assert_cmphex(reply->results[0].mmio.data, ==, 0);
    }
    g_assert_cmpuint(s.observer->events->len, ==, 0); /* to refuse is no mistake */
    g_assert_cmpuint(raw_client_stat(s.observer, "dma_errors"), ==, 3);
    tear_down(&s);
}

/* Frames that come while the machine waits are carried out afterwards, in order, each of them once. */
static void test_frames_wait_their_turn(gconstpointer place)
{
    Setup s;
    RawClient *client;
    uint64_t first;
    uint64_t other;
    uint64_t last;

    set_up(&s, place, "sifive_e");
    client = s.driver->client;
    first = raw_client_start(client, raw_read(DMA_RAM_BASE, 4));
    (void)dma_await_request(s.driver);
    other = raw_client_start(s.observer, raw_read(DMA_RAM_BASE + 4, 4));
    for (uint32_t i = 1; i <= 1000; i++) {
        QsOperation write = raw_write(OUTPUT_VAL, 4, i);

        raw_client_post(client, &write, 1);
    }
    last = raw_client_start(client, raw_read(OUTPUT_VAL, 4));
    g_assert_false(raw_client_receive(s.observer, 20));
    memset(s.driver->memory, 0x5a, 8);
    dma_serve(s.driver, &(QsDmaRequest){ .id = 1, .address = DMA_RAM_BASE, .length = 4 });
    g_assert_cmphex(dma_serve_until(s.driver, first)->results[0].mmio.data, ==, 0x5a5a5a5a);
    g_assert_cmphex(dma_serve_until(s.driver, last)->results[0].mmio.data, ==, 1000);
    if (s.driver->served == 1) {
        dma_serve_requests(s.driver, 1); /* the observer's came last */
    }
    g_assert_cmphex(raw_client_await(s.observer, other)->results[0].mmio.data, ==, 0x5a5a5a5a);
    g_assert_cmpuint(s.driver->served, ==, 2);
    g_assert_cmpuint(raw_client_stat(s.observer, "posted_frames"), ==, 1000);
    g_assert_cmpuint(raw_client_stat(s.observer, "operations.mmio-write"), ==, 1000);
    tear_down(&s);
}

/* Each of the frames that waited may need the driver again. */
static void test_waiting_frames_may_wait_again(gconstpointer place)
{
    Setup s;
    uint64_t ids[50];

    set_up(&s, place, "sifive_e");
    for (unsigned i = 0; i < G_N_ELEMENTS(ids); i++) {
        s.driver->memory[i] = (uint8_t)(i + 1);
        ids[i] =
            raw_client_start(i % 2 ? s.observer : s.driver->client, raw_read(DMA_RAM_BASE + i, 1));
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(ids); i += 2) {
        g_assert_cmphex(dma_serve_until(s.driver, ids[i])->results[0].mmio.data, ==, i + 1);
    }
    while (s.driver->served < G_N_ELEMENTS(ids)) {
        dma_serve_requests(s.driver, 1);
    }
    for (unsigned i = 1; i < G_N_ELEMENTS(ids); i += 2) {
        g_assert_cmphex(raw_client_await(s.observer, ids[i])->results[0].mmio.data, ==, i + 1);
    }
    tear_down(&s);
}

/* A client that wants in while the machine waits gets in afterwards, and is not lost. */
static void test_hello_waits(gconstpointer place)
{
    Setup s;
    QsOperation hello = raw_hello(QS_ROLE_OBSERVER, false);
    RawClient *late;
    uint64_t id;

    set_up(&s, place, "sifive_e");
    late = raw_client_new(s.daemon->url);
    hello.hello.machine = ((const Place *)place)->machine;
    id = raw_client_start(s.driver->client, raw_read(DMA_RAM_BASE, 4));
    (void)dma_await_request(s.driver);
    (void)raw_client_start(late, hello);
    g_assert_false(raw_client_receive(late, 20));
    dma_serve(s.driver, &s.driver->client->frame.dma_request);
    raw_client_await(s.driver->client, id);
    g_assert_cmpint(raw_client_await(late, 1)->status.code, ==, QS_STATUS_OK);
    raw_client_free(late);
    tear_down(&s);
}

/* While one machine waits the others live, though the sockets belong to its thread. */
static void test_other_machines_go_on(gconstpointer place)
{
    Setup s;
    RawClient *other;
    QsOperation hello = raw_hello(QS_ROLE_OBSERVER, true);
    uint64_t id;

    set_up(&s, place, "sifive_e");
    id = raw_client_start(s.driver->client, raw_read(DMA_RAM_BASE, 4));
    (void)dma_await_request(s.driver);
    other = raw_client_new(s.daemon->url);
    hello.hello.machine = "other";
    hello.hello.create = "sifive_e";
    g_assert_cmpint(raw_client_try_hello(other, &hello)->status.code, ==, QS_STATUS_OK);
    for (uint32_t i = 0; i < 100; i++) {
        raw_client_write32(other, OUTPUT_VAL, i);
        g_assert_cmphex(raw_client_read32(other, OUTPUT_VAL), ==, i);
    }
    dma_serve(s.driver, &s.driver->client->frame.dma_request);
    raw_client_await(s.driver->client, id);
    raw_client_free(other);
    tear_down(&s);
}

/* Two machines that wait for their drivers at the same time, by way of the same socket. */
static void test_two_machines_wait(gconstpointer place)
{
    Setup s;
    DmaDriver *second;
    uint64_t id;
    uint64_t second_id;

    set_up(&s, place, "sifive_e");
    second = dma_driver_open(s.daemon->url, "second", "sifive_e,ram-home=client");
    for (uint8_t i = 0; i < 20; i++) {
        memset(s.driver->memory, i, 4);
        memset(second->memory, i + 100, 4);
        id = raw_client_start(s.driver->client, raw_read(DMA_RAM_BASE, 1));
        (void)dma_await_request(s.driver);
        second_id = raw_client_start(second->client, raw_read(DMA_RAM_BASE, 1));
        g_assert_cmphex(dma_serve_until(second, second_id)->results[0].mmio.data, ==, i + 100);
        dma_serve(s.driver, &s.driver->client->frame.dma_request);
        g_assert_cmphex(raw_client_await(s.driver->client, id)->results[0].mmio.data, ==, i);
    }
    dma_driver_free(second);
    tear_down(&s);
}

/* A lost request comes again under its number; what was carried out is answered, not done again. */
static void test_lost_request_comes_again(gconstpointer place)
{
    Setup s;
    RawClient *client;
    uint64_t sequence;
    uint64_t id;

    set_up(&s, place, "sifive_e");
    client = s.driver->client;
    id = raw_client_start(client, raw_read(DMA_RAM_BASE, 4));
    g_assert_cmpuint(dma_await_request(s.driver)->id, ==, 1);
    sequence = client->frame.sequence;
    s.driver->last_id = 0;
    g_assert_cmpuint(dma_await_request(s.driver)->id, ==, 1);
    g_assert_cmpuint(client->frame.sequence, ==, sequence);
    dma_serve(s.driver, &client->frame.dma_request);
    dma_serve(s.driver, &client->frame.dma_request); /* the first one's answer, which was late */
    raw_client_await(client, id);
    g_assert_cmpuint(raw_client_stat(client, "dma_strays"), ==, 1);
    g_assert_cmpuint(raw_client_stat(client, "dma_requests"), ==, 1);
    g_assert_false(client->gap);
    tear_down(&s);
}

/* The driver's connection breaks while it owes an answer: it goes on with another one. */
static void test_reconnected_driver_is_asked_again(gconstpointer place)
{
    Setup s;
    RawClient *fresh;
    uint64_t id;

    set_up(&s, place, "sifive_e");
    id = raw_client_start(s.driver->client, raw_read(DMA_RAM_BASE, 4));
    (void)dma_await_request(s.driver);
    fresh = raw_client_new(s.daemon->url);
    memcpy(fresh->token, s.driver->client->token, QS_TOKEN_BYTES);
    fresh->has_session = true;
    fresh->last_id = id - 1;
    raw_client_free(g_steal_pointer(&s.driver->client));
    s.driver->client = fresh;
    s.driver->last_id = 0; /* it comes again */
    g_assert_cmpuint(raw_client_start(fresh, raw_read(DMA_RAM_BASE, 4)), ==, id);
    s.driver->memory[0] = 0x42;
    g_assert_cmphex(dma_serve_until(s.driver, id)->results[0].mmio.data, ==, 0x42);
    g_assert_cmpuint(raw_client_stat(fresh, "operations.mmio-read"), ==, 1);
    g_assert_cmpuint(raw_client_stat(fresh, "dma_requests"), ==, 1);
    tear_down(&s);
}

static void add(const Place *place, const char *name, void (*test)(gconstpointer place))
{
    g_autofree char *path = g_strdup_printf("/dma/%s/%s", place->name, name);

    g_test_add_data_func(path, place, test);
}

int main(int argc, char **argv)
{
    static const Place places[] = {
        { "ipc", "ipc", "" },
        { "shm", "shm", "" },
        { "tcp", "tcp", "" },
        { "ws", "ws", "" },
        { "another-thread", "ipc", "apart" },
        { "another-thread-shm", "shm", "apart" },
    };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
        const Place *place = &places[i];

        add(place, "own-accesses-are-asked-for", test_own_accesses);
        add(place, "observer-reaches-the-drivers-memory", test_observer);
        add(place, "long-blocks-come-in-pieces", test_long_blocks);
        add(place, "events-come-before", test_events_come_before);
        add(place, "errors-pass-through", test_errors_pass_through);
        add(place, "frames-wait-their-turn", test_frames_wait_their_turn);
        add(place, "waiting-frames-may-wait-again", test_waiting_frames_may_wait_again);
        add(place, "hello-waits-and-is-not-lost", test_hello_waits);
        add(place, "other-machines-go-on", test_other_machines_go_on);
        add(place, "two-machines-wait-at-once", test_two_machines_wait);
        add(place, "lost-request-comes-again", test_lost_request_comes_again);
        add(place, "reconnected-driver-is-asked-again", test_reconnected_driver_is_asked_again);
    }
    return g_test_run();
}
