#include "cosim/lib/session.h"

#include <inttypes.h>
#include <string.h>

static const char *bus_text(qosim_bus bus)
{
    switch (bus) {
    case QOSIM_BUS_DECODE_ERROR:
        return "decode error, nothing there takes it";
    case QOSIM_BUS_ACCESS_ERROR:
        return "access error, the device is busy with another access";
    default:
        return "bus error, the device refused it";
    }
}

/* Gives the outcome to a caller who asked for it; who did not gets an error where it was not good. */
static qosim_result give_bus(qosim_session *session, const char *what, uint64_t address,
                             uint64_t size, QsBusResult result, qosim_bus *bus)
{
    qosim_bus outcome = (qosim_bus)result;

    if (bus) {
        *bus = outcome;
        return QOSIM_OK;
    }
    if (outcome == QOSIM_BUS_OK) {
        return QOSIM_OK;
    }
    return fail(session, QOSIM_ERR_GENERIC, "%s of %" PRIu64 " bytes at 0x%" PRIx64 ": %s", what,
                size, address, bus_text(outcome));
}

static qosim_result check_size(qosim_session *session, unsigned size)
{
    if (size != 1 && size != 2 && size != 4 && size != 8) {
        return fail(session, QOSIM_ERR_INVALID_ARGUMENT, "an access has 1, 2, 4 or 8 bytes, not %u",
                    size);
    }
    return QOSIM_OK;
}

static uint64_t low_bytes(uint64_t data, unsigned size)
{
    return size < 8 ? data & ((UINT64_C(1) << size * 8) - 1) : data;
}

static qosim_result read_by(qosim_session *session, QsAccessPath path, uint64_t address,
                            unsigned size, uint64_t *data, qosim_bus *bus)
{
    QsOperation o;
    const QsResult *result;
    qosim_result rc = check_session(session);

    set_access(&o, false, path, address, size, 0);
    rc = rc == QOSIM_OK ? check_size(session, size) : rc;
    rc = rc == QOSIM_OK ? call_one(session, &o, &result) : rc;
    if (rc == QOSIM_OK) {
        if (data) {
            *data = low_bytes(result->mmio.data, size);
        }
        rc = give_bus(session, "read", address, size, result->mmio.result, bus);
    }
    return finish(session, rc);
}

static qosim_result write_by(qosim_session *session, QsAccessPath path, uint64_t address,
                             unsigned size, uint64_t data, qosim_bus *bus)
{
    QsOperation o;
    const QsResult *result;
    qosim_result rc = check_session(session);

    set_access(&o, true, path, address, size, data);
    rc = rc == QOSIM_OK ? check_size(session, size) : rc;
    rc = rc == QOSIM_OK ? call_one(session, &o, &result) : rc;
    if (rc == QOSIM_OK) {
        rc = give_bus(session, "write", address, size, result->mmio.result, bus);
    }
    return finish(session, rc);
}

qosim_result qosim_read(qosim_session *session, uint64_t address, unsigned size, uint64_t *data,
                        qosim_bus *bus)
{
    return read_by(session, QS_PATH_CPU, address, size, data, bus);
}

qosim_result qosim_write(qosim_session *session, uint64_t address, unsigned size, uint64_t data,
                         qosim_bus *bus)
{
    return write_by(session, QS_PATH_CPU, address, size, data, bus);
}

qosim_result qosim_dma_read(qosim_session *session, uint64_t address, unsigned size, uint64_t *data,
                            qosim_bus *bus)
{
    return read_by(session, QS_PATH_DMA, address, size, data, bus);
}

qosim_result qosim_dma_write(qosim_session *session, uint64_t address, unsigned size, uint64_t data,
                             qosim_bus *bus)
{
    return write_by(session, QS_PATH_DMA, address, size, data, bus);
}

qosim_result qosim_post_write(qosim_session *session, uint64_t address, unsigned size,
                              uint64_t data)
{
    QsOperation o;
    qosim_result rc = check_session(session);

    set_access(&o, true, QS_PATH_CPU, address, size, data);
    rc = rc == QOSIM_OK ? check_size(session, size) : rc;
    return rc == QOSIM_OK ? post(session, &o) : rc;
}

/* A block, and how far it is done. */
typedef struct Block {
    uint64_t address;
    uint64_t left;
    QsBusResult result;
} Block;

static qosim_result start_block(qosim_session *session, Block *block, uint64_t address,
                                uint64_t length, bool has_data)
{
    qosim_result rc = check_session(session);

    *block = (Block){ address, length, QS_BUS_OK };
    if (rc == QOSIM_OK && length && length - 1 > UINT64_MAX - address) {
        return fail(session, QOSIM_ERR_INVALID_ARGUMENT,
                    "%" PRIu64 " bytes at 0x%" PRIx64 " go beyond the end of the address space",
                    length, address);
    }
    if (rc == QOSIM_OK && length && !has_data) {
        return fail(session, QOSIM_ERR_INVALID_ARGUMENT, "the data of the block are missing");
    }
    return rc;
}

static uint64_t next_piece(const qosim_session *session, const Block *block)
{
    return block->left < session->max_block_bytes ? block->left : session->max_block_bytes;
}

static void step(Block *block, uint64_t piece, QsBusResult result)
{
    block->address += piece;
    block->left -= piece;
    block->result = result;
}

/* A block ends at the first piece that the bus refuses. */
static bool goes_on(const Block *block, qosim_result rc)
{
    return rc == QOSIM_OK && block->left && block->result == QS_BUS_OK;
}

static qosim_result end_block(qosim_session *session, const char *what, uint64_t address,
                              uint64_t length, const Block *block, qosim_result rc, qosim_bus *bus)
{
    if (rc == QOSIM_OK) {
        rc = give_bus(session, what, address, length, block->result, bus);
    }
    return finish(session, rc);
}

static qosim_result read_piece(qosim_session *session, Block *block, uint8_t *to)
{
    uint64_t piece = next_piece(session, block);
    QsOperation o = { .kind = QS_OP_BLOCK_READ, .block = { block->address, piece, { 0 }, 0 } };
    const QsResult *result;
    qosim_result rc = call_one(session, &o, &result);

    if (rc != QOSIM_OK) {
        return rc;
    }
    if (result->block_read.data.len > piece ||
        (result->block_read.data.len < piece && result->block_read.result == QS_BUS_OK)) {
        return fail(session, QOSIM_ERR_PROTOCOL, "%s: %zu bytes for a block of %" PRIu64,
                    session->url, result->block_read.data.len, piece);
    }
    if (result->block_read.data.len) {
        memcpy(to, result->block_read.data.data, result->block_read.data.len);
    }
    step(block, piece, result->block_read.result);
    return QOSIM_OK;
}

qosim_result qosim_read_block(qosim_session *session, uint64_t address, void *data, size_t length,
                              qosim_bus *bus)
{
    Block block;
    qosim_result rc = start_block(session, &block, address, length, data != NULL);

    while (data && goes_on(&block, rc)) {
        rc = read_piece(session, &block, (uint8_t *)data + (block.address - address));
    }
    return end_block(session, "read", address, length, &block, rc, bus);
}

static qosim_result write_piece(qosim_session *session, Block *block, const uint8_t *from)
{
    uint64_t piece = next_piece(session, block);
    QsOperation o = { .kind = QS_OP_BLOCK_WRITE,
                      .block = { block->address, piece, { from, (size_t)piece }, 0 } };
    const QsResult *result;
    qosim_result rc = call_one(session, &o, &result);

    if (rc == QOSIM_OK) {
        step(block, piece, result->mmio.result);
    }
    return rc;
}

qosim_result qosim_write_block(qosim_session *session, uint64_t address, const void *data,
                               size_t length, qosim_bus *bus)
{
    Block block;
    qosim_result rc = start_block(session, &block, address, length, data != NULL);

    while (data && goes_on(&block, rc)) {
        rc = write_piece(session, &block, (const uint8_t *)data + (block.address - address));
    }
    return end_block(session, "write", address, length, &block, rc, bus);
}

static qosim_result fill_piece(qosim_session *session, Block *block, uint8_t value)
{
    uint64_t piece = next_piece(session, block);
    QsOperation o = { .kind = QS_OP_BLOCK_FILL, .block = { block->address, piece, { 0 }, value } };
    const QsResult *result;
    qosim_result rc = call_one(session, &o, &result);

    if (rc == QOSIM_OK) {
        step(block, piece, result->mmio.result);
    }
    return rc;
}

qosim_result qosim_fill_block(qosim_session *session, uint64_t address, uint64_t length,
                              uint8_t value, qosim_bus *bus)
{
    Block block;
    qosim_result rc = start_block(session, &block, address, length, true);

    while (goes_on(&block, rc)) {
        rc = fill_piece(session, &block, value);
    }
    return end_block(session, "fill", address, length, &block, rc, bus);
}
