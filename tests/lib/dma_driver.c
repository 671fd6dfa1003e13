#include "tests/lib/dma_driver.h"

#include <string.h>

QsOperation dma_hello(const char *machine, const char *create)
{
    static const char *const capabilities[] = { "push", "dma" };
    QsOperation hello = raw_hello(QS_ROLE_DRIVER, true);

    hello.hello.capabilities = capabilities;
    hello.hello.n_capabilities = G_N_ELEMENTS(capabilities);
    hello.hello.machine = machine;
    hello.hello.create = create;
    return hello;
}

DmaDriver *dma_driver_open(const char *url, const char *machine, const char *create)
{
    DmaDriver *driver = g_new0(DmaDriver, 1);
    QsOperation hello = dma_hello(machine, create);
    const QsReply *reply;

    driver->client = raw_client_new(url);
    driver->memory = g_malloc0(DMA_RAM_SIZE);
    reply = raw_client_try_hello(driver->client, &hello);
    if (reply->status.code != QS_STATUS_OK) {
        g_error("Hello failed: %s", reply->status.text);
    }
    return driver;
}

void dma_driver_free(DmaDriver *driver)
{
    if (driver) {
        raw_client_free(driver->client);
        g_free(driver->memory);
        g_free(driver);
    }
}

uint64_t raw_client_start(RawClient *client, QsOperation operation)
{
    QsClientFrame frame = { .request_id = client->last_id + 1,
                            .operations = &operation,
                            .n_operations = 1 };

    raw_client_send(client, frame);
    return frame.request_id;
}

/* Whether the last frame has a request that did not come before. */
static bool is_new_request(DmaDriver *driver)
{
    const QsServerFrame *frame = &driver->client->frame;

    if (!frame->has_dma_request || frame->dma_request.id <= driver->last_id) {
        return false;
    }
    driver->last_id = frame->dma_request.id;
    return true;
}

const QsDmaRequest *dma_await_request(DmaDriver *driver)
{
    RawClient *client = driver->client;

    do {
        if (!raw_client_receive(client, RAW_CLIENT_TIMEOUT_MS)) {
            g_error("there is no DMA request");
        }
        g_assert_false(client->frame.has_reply);
    } while (!is_new_request(driver));
    return &client->frame.dma_request;
}

void dma_answer(RawClient *client, uint64_t id, QsBusResult result, const void *data, size_t len)
{
    raw_client_send(client, (QsClientFrame){ .has_dma_response = true,
                                             .dma_response = { id, result, { data, len } } });
}

void dma_serve(DmaDriver *driver, const QsDmaRequest *request)
{
    uint64_t offset = request->address - DMA_RAM_BASE;

    driver->served++;
    g_assert_cmphex(offset, <, DMA_RAM_SIZE);
    g_assert_cmphex(request->length, <=, DMA_RAM_SIZE - offset);
    if (request->is_write) {
        memcpy(driver->memory + offset, request->data.data, request->length);
        dma_answer(driver->client, request->id, QS_BUS_OK, NULL, 0);
    } else {
        dma_answer(driver->client, request->id, QS_BUS_OK, driver->memory + offset,
                   request->length);
    }
}

const QsReply *dma_serve_until(DmaDriver *driver, uint64_t request_id)
{
    RawClient *client = driver->client;

    for (;;) {
        if (!raw_client_receive(client, RAW_CLIENT_TIMEOUT_MS)) {
            g_error("no reply to request %" G_GUINT64_FORMAT, request_id);
        }
        if (is_new_request(driver)) {
            dma_serve(driver, &client->frame.dma_request);
        } else if (client->frame.has_reply && client->frame.reply.request_id == request_id) {
            return &client->frame.reply;
        }
    }
}

void dma_serve_requests(DmaDriver *driver, unsigned n)
{
    while (n-- > 0) {
        dma_serve(driver, dma_await_request(driver));
    }
}

QsOperation raw_block_read(uint64_t address, uint64_t length)
{
    return (QsOperation){ .kind = QS_OP_BLOCK_READ,
                          .block = { .address = address, .length = length } };
}

QsOperation raw_block_write(uint64_t address, const void *data, size_t len)
{
    return (QsOperation){ .kind = QS_OP_BLOCK_WRITE,
                          .block = { .address = address, .data = { data, len } } };
}
