/* A driver that owns the machine's memory: a RawClient that can serve DMA requests, or see them and do something else. */
#ifndef QOSIM_TESTS_LIB_DMA_DRIVER_H
#define QOSIM_TESTS_LIB_DMA_DRIVER_H

#include "tests/lib/raw_client.h"

#define DMA_RAM_BASE 0x80000000u
#define DMA_RAM_SIZE 0x40000u /* as much of the machine's RAM as there is here */

typedef struct DmaDriver {
    RawClient *client;
    uint8_t *memory;
    unsigned served;
    uint64_t last_id; /* of the requests that came: one that comes again is overlooked */
} DmaDriver;

/* A Hello as a driver that takes DMA requests sends it; @machine and @create as there. */
QsOperation dma_hello(const char *machine, const char *create);

/* Opens such a session with machine @machine at @url, which is made with @create if it is not there. */
DmaDriver *dma_driver_open(const char *url, const char *machine, const char *create);
void dma_driver_free(DmaDriver *driver);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DmaDriver, dma_driver_free)

/* Sends one operation under the next request id, which it returns, and waits for nothing. */
uint64_t raw_client_start(RawClient *client, QsOperation operation);

/* Takes frames until one has a new DMA request, which lives until the next frame; one with a reply fails the test. */
const QsDmaRequest *dma_await_request(DmaDriver *driver);

/* Sends an answer. */
void dma_answer(RawClient *client, uint64_t id, QsBusResult result, const void *data, size_t len);

/* Answers @request as memory does. */
void dma_serve(DmaDriver *driver, const QsDmaRequest *request);

/* Serves until the reply to @request_id comes. */
const QsReply *dma_serve_until(DmaDriver *driver, uint64_t request_id);

/* Serves @n requests, as they come. */
void dma_serve_requests(DmaDriver *driver, unsigned n);

/* Operations on blocks. */
QsOperation raw_block_read(uint64_t address, uint64_t length);
QsOperation raw_block_write(uint64_t address, const void *data, size_t len);

#endif
