/*
 * Drivers that own memory and don't keep to what that asks of them. The device gets a bus error in bounded time, someone is told why,
 * and everybody else goes on.
 */
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/lib/daemon.h"
#include "tests/lib/dma_driver.h"

#define OUTPUT_VAL 0x1001200cu

/* Enough for a driver that answers, and over soon for one that does not. */
#define SHORT "-M sifive_e,ram-home=client --dma-timeout 400"
/* For tests where nothing is to time out. */
#define LONG "-M sifive_e,ram-home=client --dma-timeout 120000"

static void expect_events(RawClient *client, const char *expected)
{
    g_autofree char *events = NULL;

    raw_client_await_events(client, 1);
    events = raw_client_print_events(client);
    g_assert_cmpstr(events, ==, expected);
    raw_client_clear_events(client);
}

static void expect_bus(RawClient *client, uint64_t id, QsBusResult result)
{
    const QsReply *reply = raw_client_await(client, id);

    g_assert_cmpint(reply->status.code, ==, QS_STATUS_OK);
    g_assert_cmpint(reply->results[0].mmio.result, ==, result);
}

/* The server does what it did before. */
static void expect_alive(RawClient *client)
{
    raw_client_write32(client, OUTPUT_VAL, 0x1234);
    g_assert_cmphex(raw_client_read32(client, OUTPUT_VAL), ==, 0x1234);
}

/* --- Nobody to ask --- */

static void test_no_driver(void)
{
    g_autoptr(Daemon) daemon = daemon_start(LONG, "ipc");
    g_autoptr(RawClient) client = raw_client_open(daemon->url, QS_ROLE_OBSERVER, true);

    expect_bus(client, raw_client_start(client, raw_read(DMA_RAM_BASE, 4)), QS_BUS_ERROR);
    expect_events(client,
                  "error /machine: DMA read of 4 bytes at 0x80000000: the machine has no driver");
    expect_alive(client);
}

/* A Hello with the given role and capabilities. */
static RawClient *open_with(const char *url, QsRole role, const char *const *capabilities, size_t n)
{
    RawClient *client = raw_client_new(url);
    QsOperation hello = raw_hello(role, true);

    hello.hello.capabilities = capabilities;
    hello.hello.n_capabilities = n;
    g_assert_cmpint(raw_client_try_hello(client, &hello)->status.code, ==, QS_STATUS_OK);
    return client;
}

static void test_driver_cannot(void)
{
    static const char *const push[] = { "push" };
    static const char *const dma[] = { "dma" };
    const char *const *const cases[] = { push, dma };

    for (int i = 0; i < 2; i++) {
        g_autoptr(Daemon) daemon = daemon_start(LONG, "ipc");
        g_autoptr(RawClient) driver = open_with(daemon->url, QS_ROLE_DRIVER, cases[i], 1);
        g_autoptr(RawClient) client = raw_client_open(daemon->url, QS_ROLE_OBSERVER, true);

        expect_bus(client, raw_client_start(client, raw_write(DMA_RAM_BASE, 1, 0)), QS_BUS_ERROR);
        expect_events(client, "error /machine: DMA write of 1 bytes at 0x80000000: the machine's "
                              "driver takes no DMA requests");
        expect_alive(driver);
    }
}

static void test_observers_are_not_asked(void)
{
    static const char *const both[] = { "push", "dma" };
    g_autoptr(Daemon) daemon = daemon_start(LONG, "ipc");
    g_autoptr(RawClient) client = open_with(daemon->url, QS_ROLE_OBSERVER, both, 2);

    expect_bus(client, raw_client_start(client, raw_read(DMA_RAM_BASE, 4)), QS_BUS_ERROR);
    expect_alive(client);
}

/* --- Drivers that do not answer --- */

/* One that never answers costs one timeout for a whole frame, however often that wants memory. */
static void test_never_answers(void)
{
    g_autoptr(Daemon) daemon = daemon_start(SHORT, "ipc");
    g_autoptr(DmaDriver) driver = dma_driver_open(daemon->url, "", "");
    g_autoptr(RawClient) client = raw_client_open(daemon->url, QS_ROLE_OBSERVER, true);
    g_autofree QsOperation *operations = g_new(QsOperation, 200);
    const QsReply *reply;

    for (unsigned i = 0; i < 200; i++) {
        operations[i] = raw_read(DMA_RAM_BASE + 4 * i, 4);
    }
    reply = raw_client_call(client, operations, 200);
    for (unsigned i = 0; i < 200; i++) {
        g_assert_cmpint(reply->results[i].mmio.result, ==, QS_BUS_ERROR);
        g_assert_cmphex(reply->results[i].mmio.data, ==, 0);
    }
    expect_events(client, "error /machine: DMA read of 4 bytes at 0x80000000: session 1, 'raw "
                          "client', did not answer within 400 ms");
    g_assert_cmpuint(raw_client_stat(client, "dma_requests"), ==, 200);
    g_assert_cmpuint(raw_client_stat(client, "dma_errors"), ==, 200);
    g_assert_cmpuint(dma_await_request(driver)->id, ==, 1);
    while (raw_client_receive(driver->client, 50)) {
        g_assert_true(!driver->client->frame.has_dma_request ||
                      driver->client->frame.dma_request.id == 1);
    }
    expect_alive(client);
}

/* It is left alone until it shows that it lives; then it is asked as before. */
static void test_silent_driver_is_asked_when_it_is_back(void)
{
    g_autoptr(Daemon) daemon = daemon_start(SHORT, "ipc");
    g_autoptr(DmaDriver) driver = dma_driver_open(daemon->url, "", "");
    g_autoptr(RawClient) client = raw_client_open(daemon->url, QS_ROLE_OBSERVER, true);
    uint64_t id;

    expect_bus(client, raw_client_start(client, raw_read(DMA_RAM_BASE, 4)), QS_BUS_ERROR);
    for (int i = 0; i < 100; i++) {
        expect_bus(client, raw_client_start(client, raw_read(DMA_RAM_BASE, 4)), QS_BUS_ERROR);
    }
    g_assert_cmpuint(client->events->len, ==, 1);
    expect_alive(driver->client);
    driver->last_id = 1;
    driver->memory[0] = 0x77;
    id = raw_client_start(client, raw_read(DMA_RAM_BASE, 1));
    dma_serve_requests(driver, 1);
    g_assert_cmpuint(driver->last_id, ==, 2);
    g_assert_cmphex(raw_client_await(client, id)->results[0].mmio.data, ==, 0x77);
}

/* An answer that comes too late is none, but a sign of life. */
static void test_late_answer(void)
{
    g_autoptr(Daemon) daemon = daemon_start(SHORT, "ipc");
    g_autoptr(DmaDriver) driver = dma_driver_open(daemon->url, "", "");
    g_autoptr(RawClient) client = raw_client_open(daemon->url, QS_ROLE_OBSERVER, true);
    uint64_t id;

    expect_bus(client, raw_client_start(client, raw_read(DMA_RAM_BASE, 4)), QS_BUS_ERROR);
    dma_serve_requests(driver, 1);
    while (raw_client_stat(client, "dma_strays") == 0) {
        continue;
    }
    id = raw_client_start(client, raw_read(DMA_RAM_BASE, 4));
    dma_serve_requests(driver, 1);
    expect_bus(client, id, QS_BUS_OK);
}

/* What a driver sent before it was given up is no sign of life: frames that piled up cost one timeout in all. */
static void test_frames_that_piled_up(void)
{
    g_autoptr(Daemon) daemon = daemon_start(SHORT, "ipc");
    g_autoptr(DmaDriver) driver = dma_driver_open(daemon->url, "", "");
    g_autoptr(RawClient) client = raw_client_open(daemon->url, QS_ROLE_OBSERVER, true);
    QsOperation read = raw_read(DMA_RAM_BASE, 4);

    for (int i = 0; i < 300; i++) {
        raw_client_post(driver->client, &read, 1);
    }
    while (raw_client_stat(client, "operations.mmio-read") < 300) {
        g_usleep(1000);
    }
    g_assert_cmpuint(raw_client_stat(client, "dma_errors"), ==, 300);
    g_assert_cmpuint(client->events->len, ==, 1);
}

static void test_too_many_frames_instead(void)
{
    g_autoptr(Daemon) daemon = daemon_start(LONG, "ipc");
    g_autoptr(DmaDriver) driver = dma_driver_open(daemon->url, "", "");
    RawClient *client = driver->client;
    QsOperation write = raw_write(OUTPUT_VAL, 4, 0);
    uint64_t id = raw_client_start(client, raw_read(DMA_RAM_BASE, 4));
    uint64_t last;

    for (uint32_t i = 0; i < 4096; i++) { /* so many are kept */
        raw_client_post(client, &write, 1);
    }
    dma_serve_requests(driver, 1);
    expect_bus(client, id, QS_BUS_OK);
    id = raw_client_start(client, raw_read(DMA_RAM_BASE, 4));
    for (uint32_t i = 1; i <= 5000; i++) {
        write = raw_write(OUTPUT_VAL, 4, i);
        raw_client_post(client, &write, 1);
    }
    last = raw_client_start(client, raw_read(OUTPUT_VAL, 4));
    expect_bus(client, id, QS_BUS_ERROR);
    g_assert_cmphex(raw_client_await(client, last)->results[0].mmio.data, ==, 5000);
    g_assert_cmpuint(client->events->len, ==, 1);
    g_assert_nonnull(strstr(g_array_index(client->events, QsEvent, 0).guest_error.text,
                            "did not answer before 4097 other frames"));
    g_assert_cmpuint(raw_client_stat(client, "posted_frames"), ==, 9096);
}

/* The driver's read waits for its own answer while @n frames of 1 MiB come. */
static uint64_t start_read_before(DmaDriver *driver, unsigned n)
{
    static uint8_t block[QS_MAX_BLOCK_BYTES];
    QsOperation write = raw_block_write(0x70000000, block, sizeof(block)); /* nothing is there */
    uint64_t id = raw_client_start(driver->client, raw_read(DMA_RAM_BASE, 4));

    for (unsigned i = 0; i < n; i++) {
        raw_client_post(driver->client, &write, 1);
    }
    return id;
}

/* 32 MiB of other frames are kept, and no more. */
static void test_too_many_bytes_instead(void)
{
    g_autoptr(Daemon) daemon = daemon_start(LONG, "ipc");
    g_autoptr(DmaDriver) driver = dma_driver_open(daemon->url, "", "");
    uint64_t id = start_read_before(driver, 31);
    const QsEvent *event;

    dma_serve_requests(driver, 1);
    expect_bus(driver->client, id, QS_BUS_OK);
    g_assert_cmpuint(raw_client_stat(driver->client, "posted_frames"), ==, 31);
    raw_client_clear_events(driver->client);
    id = start_read_before(driver, 33);
    expect_bus(driver->client, id, QS_BUS_ERROR);
    event = &g_array_index(driver->client->events, QsEvent, 0);
    g_assert_cmpint(event->kind, ==, QS_EVENT_GUEST_ERROR);
    g_assert_nonnull(strstr(event->guest_error.text, "other frames (33"));
    g_assert_cmpuint(raw_client_stat(driver->client, "posted_frames"), ==, 64);
}

static void test_bye_instead(void)
{
    g_autoptr(Daemon) daemon = daemon_start(LONG, "ipc");
    g_autoptr(DmaDriver) driver = dma_driver_open(daemon->url, "", "");
    g_autoptr(RawClient) client = raw_client_open(daemon->url, QS_ROLE_OBSERVER, true);
    uint64_t id = raw_client_start(client, raw_read(DMA_RAM_BASE, 4));
    uint64_t bye;

    (void)dma_await_request(driver);
    bye = raw_client_start(driver->client, (QsOperation){ .kind = QS_OP_BYE });
    expect_bus(client, id, QS_BUS_ERROR);
    expect_events(client, "error /machine: DMA read of 4 bytes at 0x80000000: session 1, 'raw "
                          "client', said bye instead of answering");
    g_assert_cmpint(raw_client_await(driver->client, bye)->status.code, ==, QS_STATUS_OK);
    expect_alive(client);
}

/* --- Drivers that die --- */

/* What the program does in another process: drives, owes an answer, and is killed by a signal that nothing catches. */
static int die_in_dma(const char *url)
{
    DmaDriver *driver = dma_driver_open(url, "", "");

    (void)raw_client_start(driver->client, raw_read(DMA_RAM_BASE, 4));
    (void)dma_await_request(driver);
    return raise(SIGKILL);
}

static void test_killed(gconstpointer scheme)
{
    g_autoptr(Daemon) daemon = daemon_start(SHORT, scheme);
    g_autoptr(RawClient) client = raw_client_open(daemon->url, QS_ROLE_OBSERVER, true);
    const char *argv[] = { "/proc/self/exe", "--die-in-dma", daemon->url, NULL };
    g_autoptr(GError) error = NULL;
    int status;

    g_assert_true(g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL,
                               &status, &error));
    g_assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    expect_alive(client);
    expect_events(client, "error /machine: DMA read of 4 bytes at 0x80000000: session 2, 'raw "
                          "client', did not answer within 400 ms");
    expect_bus(client, raw_client_start(client, raw_read(DMA_RAM_BASE, 4)), QS_BUS_ERROR);
    expect_alive(client);
}

/* --- Answers that are none --- */

static void answer_wrongly(QsOperation operation, QsBusResult result, size_t len, const char *says)
{
    static const uint8_t bytes[16];
    g_autoptr(Daemon) daemon = daemon_start(LONG, "ipc");
    g_autoptr(DmaDriver) driver = dma_driver_open(daemon->url, "", "");
    g_autoptr(RawClient) client = raw_client_open(daemon->url, QS_ROLE_OBSERVER, true);
    g_autofree char *expected = g_strdup_printf(
        "error /machine: DMA %s of 4 bytes at 0x80000000: session 1, 'raw client', %s",
        operation.kind == QS_OP_MMIO_READ ? "read" : "write", says);
    uint64_t id = raw_client_start(client, operation);

    dma_answer(driver->client, dma_await_request(driver)->id, result, bytes, len);
    expect_bus(client, id, QS_BUS_ERROR);
    expect_events(client, expected);
    expect_alive(driver->client);
    id = raw_client_start(client, operation);
    dma_serve_requests(driver, 1);
    expect_bus(client, id, QS_BUS_OK);
}

static void test_wrong_length(void)
{
    QsOperation read = raw_read(DMA_RAM_BASE, 4);
    QsOperation write = raw_write(DMA_RAM_BASE, 4, 0);

    answer_wrongly(read, QS_BUS_OK, 3, "answered with 3 bytes instead of 4");
    answer_wrongly(read, QS_BUS_OK, 16, "answered with 16 bytes instead of 4");
    answer_wrongly(read, QS_BUS_OK, 0, "answered with 0 bytes instead of 4");
    answer_wrongly(read, QS_BUS_ERROR, 4, "answered with 4 bytes instead of 0");
    answer_wrongly(write, QS_BUS_OK, 4, "answered with 4 bytes instead of 0");
}

/* The codec fills in a result that is missing with none, which is not a good one. */
static void test_no_result(void)
{
    g_autoptr(Daemon) daemon = daemon_start(LONG, "ipc");
    g_autoptr(DmaDriver) driver = dma_driver_open(daemon->url, "", "");
    uint64_t id = raw_client_start(driver->client, raw_write(DMA_RAM_BASE, 4, 0));

    dma_answer(driver->client, dma_await_request(driver)->id, 0, NULL, 0);
    expect_bus(driver->client, id, QS_BUS_ERROR);
    expect_alive(driver->client);
}

/* Those that do not fit are counted, and the machine waits on for the right one. */
static void test_strays(void)
{
    g_autoptr(Daemon) daemon = daemon_start(LONG, "ipc");
    g_autoptr(DmaDriver) driver = dma_driver_open(daemon->url, "", "");
    g_autoptr(RawClient) client = raw_client_open(daemon->url, QS_ROLE_OBSERVER, true);
    uint64_t id;

    dma_answer(driver->client, 1, QS_BUS_OK, "abcd", 4); /* nothing was asked */
    dma_answer(client, 1, QS_BUS_OK, "abcd", 4);
    expect_alive(driver->client);
    expect_alive(client);
    g_assert_cmpuint(raw_client_stat(client, "dma_strays"), ==, 2);

    id = raw_client_start(client, raw_read(DMA_RAM_BASE, 4));
    (void)dma_await_request(driver);
    dma_answer(driver->client, 2, QS_BUS_OK, "efgh", 4); /* that was not asked yet */
    dma_answer(driver->client, 0, QS_BUS_OK, "ijkl", 4);
    dma_answer(client, 1, QS_BUS_OK, "mnop", 4); /* he was not asked */
    dma_answer(driver->client, 1, QS_BUS_OK, "good", 4);
    g_assert_cmphex(raw_client_await(client, id)->results[0].mmio.data, ==, 0x646f6f67);
    g_assert_cmpuint(raw_client_stat(client, "dma_strays"), ==, 5);
    g_assert_cmpuint(client->events->len, ==, 0);
}

/* Without a session, of an unknown one, and garbage while the machine waits. */
static void test_strangers(void)
{
    g_autoptr(Daemon) daemon = daemon_start(LONG, "ipc");
    g_autoptr(DmaDriver) driver = dma_driver_open(daemon->url, "", "");
    g_autoptr(RawClient) stranger = raw_client_new(daemon->url);
    uint64_t id = raw_client_start(driver->client, raw_read(DMA_RAM_BASE, 4));

    (void)dma_await_request(driver);
    dma_answer(stranger, 1, QS_BUS_OK, "abcd", 4);
    stranger->has_session = true;
    memset(stranger->token, 0x11, sizeof(stranger->token));
    dma_answer(stranger, 1, QS_BUS_OK, "abcd", 4);
    raw_client_send_bytes(stranger, "garbage", 7);
    g_assert_true(raw_client_receive(stranger, RAW_CLIENT_TIMEOUT_MS));
    g_assert_cmpint(stranger->frame.reply.status.code, ==, QS_STATUS_MALFORMED);
    raw_client_start(stranger, raw_read(OUTPUT_VAL, 4));
    g_assert_true(raw_client_receive(stranger, RAW_CLIENT_TIMEOUT_MS));
    g_assert_cmpint(stranger->frame.reply.status.code, ==, QS_STATUS_NO_SESSION);
    dma_answer(driver->client, 1, QS_BUS_OK, "good", 4);
    g_assert_cmphex(raw_client_await(driver->client, id)->results[0].mmio.data, ==, 0x646f6f67);
}

/* --- The server's end --- */

static void test_server_ends_meanwhile(gconstpointer machine)
{
    g_autoptr(Daemon) daemon = daemon_start(LONG, "ipc");
    g_autoptr(DmaDriver) driver = dma_driver_open(daemon->url, machine, "sifive_e,ram-home=client");

    raw_client_start(driver->client, raw_read(DMA_RAM_BASE, 4));
    (void)dma_await_request(driver);
    g_assert_cmpint(daemon_stop(daemon, SIGTERM), ==, 0);
}

static void test_path_is_not_for_clients(void)
{
    g_autoptr(Daemon) daemon = daemon_start(LONG, "ipc");
    g_autoptr(RawClient) client = raw_client_new(daemon->url);
    QsOperation hello = dma_hello("m", "sifive_e,ram-home=shm,ram-path=/tmp/x");
    const QsReply *reply = raw_client_try_hello(client, &hello);

    g_assert_cmpint(reply->status.code, ==, QS_STATUS_INVALID_ARGUMENT);
    g_assert_cmpstr(
        reply->status.text, ==,
        "machine 'm' cannot be made: machine property 'ram-path' is not available here");
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--die-in-dma") == 0) {
        return die_in_dma(argv[2]);
    }
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/dma/nobody/machine-without-driver", test_no_driver);
    g_test_add_func("/dma/nobody/driver-without-the-capability", test_driver_cannot);
    g_test_add_func("/dma/nobody/observers-are-not-asked", test_observers_are_not_asked);
    g_test_add_func("/dma/silent/never-answering-costs-one-timeout", test_never_answers);
    g_test_add_func("/dma/silent/driver-that-is-back-is-asked-again",
                    test_silent_driver_is_asked_when_it_is_back);
    g_test_add_func("/dma/silent/late-answer-is-a-sign-of-life", test_late_answer);
    g_test_add_func("/dma/silent/frames-that-piled-up-cost-one-timeout", test_frames_that_piled_up);
    g_test_add_func("/dma/silent/too-many-frames-instead", test_too_many_frames_instead);
    g_test_add_func("/dma/silent/too-many-bytes-instead", test_too_many_bytes_instead);
    g_test_add_func("/dma/silent/bye-instead", test_bye_instead);
    g_test_add_data_func("/dma/killed/ipc", "ipc", test_killed);
    g_test_add_data_func("/dma/killed/shm", "shm", test_killed);
    g_test_add_data_func("/dma/killed/tcp", "tcp", test_killed);
    g_test_add_data_func("/dma/killed/ws", "ws", test_killed);
    g_test_add_func("/dma/answer/wrong-length-is-an-error", test_wrong_length);
    g_test_add_func("/dma/answer/without-a-result-is-an-error", test_no_result);
    g_test_add_func("/dma/answer/strays-are-ignored", test_strays);
    g_test_add_func("/dma/answer/strangers-are-ignored", test_strangers);
    g_test_add_data_func("/dma/server-ends-meanwhile/first-machine", "",
                         test_server_ends_meanwhile);
    g_test_add_data_func("/dma/server-ends-meanwhile/another-thread", "apart",
                         test_server_ends_meanwhile);
    g_test_add_func("/dma/file-names-are-not-for-clients", test_path_is_not_for_clients);
    return g_test_run();
}
