/* Accesses to the machine's memory: registers and blocks. */
#include "server/dispatch_internal.h"

#include <inttypes.h>
#include <string.h>

#include <glib.h>

static QsBusResult bus_result(MemTxResult result)
{
    if (result == MEMTX_OK) {
        return QS_BUS_OK;
    }
    if (result & MEMTX_DECODE_ERROR) {
        return QS_BUS_DECODE_ERROR;
    }
    return result & MEMTX_ACCESS_ERROR ? QS_BUS_ACCESS_ERROR : QS_BUS_ERROR;
}

static bool check_size(Dispatch *d, uint32_t size, QsResult *result)
{
    if (size == 1 || size == 2 || size == 4 || size == 8) {
        return true;
    }
    reply_fail(d->arena, &result->status, QS_STATUS_INVALID_ARGUMENT,
               "an access has size 1, 2, 4 or 8, not size %" PRIu32, size);
    return false;
}

static bool check_length(Dispatch *d, uint64_t length, QsResult *result)
{
    if (length == 0) {
        reply_fail(d->arena, &result->status, QS_STATUS_INVALID_ARGUMENT,
                   "a block has at least 1 byte, not size 0");
        return false;
    }
    if (length > (uint64_t)QS_MAX_BLOCK_BYTES) {
        reply_fail(d->arena, &result->status, QS_STATUS_LIMIT,
                   "a block of %" PRIu64 " bytes is over the limit of %u", length,
                   QS_MAX_BLOCK_BYTES);
        return false;
    }
    return true;
}

void dispatch_mmio_read(Dispatch *d, const QsOperation *op, QsResult *result)
{
    AddressSpace *as = d->machine->system_as;
    uint64_t data = 0;
    MemTxResult r;

    if (!check_size(d, op->mmio.size, result)) {
        return;
    }
    if (op->mmio.path == QS_PATH_DMA) {
        uint64_t bytes = 0;

        r = address_space_read(as, op->mmio.address, MEMTXATTRS_UNSPECIFIED, &bytes, op->mmio.size);
        data = GUINT64_FROM_LE(bytes);
    } else {
        r = memory_access_read(as, op->mmio.address, &data, op->mmio.size, MEMTXATTRS_UNSPECIFIED);
    }
    result->mmio.result = bus_result(r);
    result->mmio.data = data;
}

void dispatch_mmio_write(Dispatch *d, const QsOperation *op, QsResult *result)
{
    AddressSpace *as = d->machine->system_as;
    uint64_t data = op->mmio.data;
    MemTxResult r;

    if (!check_size(d, op->mmio.size, result)) {
        return;
    }
    if (op->mmio.size < sizeof(data)) {
        data &= (UINT64_C(1) << (8 * op->mmio.size)) - 1;
    }
    if (op->mmio.path == QS_PATH_DMA) {
        uint64_t bytes = GUINT64_TO_LE(data);

        r = address_space_write(as, op->mmio.address, MEMTXATTRS_UNSPECIFIED, &bytes,
                                op->mmio.size);
    } else {
        r = memory_access_write(as, op->mmio.address, data, op->mmio.size, MEMTXATTRS_UNSPECIFIED);
    }
    result->mmio.result = bus_result(r);
}

void dispatch_block_read(Dispatch *d, const QsOperation *op, QsResult *result)
{
    uint64_t length = op->block.length;
    uint8_t *data;

    if (!check_length(d, length, result)) {
        return;
    }
    if (length + 16 > d->room) {
        /* Said before the device is touched: a read may have effects. */
        reply_fail(d->arena, &result->status, QS_STATUS_LIMIT,
                   "%" PRIu64 " more bytes do not fit the reply; read them in another frame",
                   length);
        return;
    }
    data = qs_arena_alloc(d->arena, length);
    if (!data) {
        dispatch_out_of_memory(d, result);
        return;
    }
    result->block_read.result = bus_result(address_space_read(
        d->machine->system_as, op->block.address, MEMTXATTRS_UNSPECIFIED, data, length));
    result->block_read.data = (QsBytes){ data, length };
}

void dispatch_block_write(Dispatch *d, const QsOperation *op, QsResult *result)
{
    if (!check_length(d, op->block.data.len, result)) {
        return;
    }
    result->mmio.result = bus_result(address_space_write(d->machine->system_as, op->block.address,
                                                         MEMTXATTRS_UNSPECIFIED,
                                                         op->block.data.data, op->block.data.len));
}

void dispatch_block_fill(Dispatch *d, const QsOperation *op, QsResult *result)
{
    if (!check_length(d, op->block.length, result)) {
        return;
    }
    if (op->block.value > UINT8_MAX) {
        reply_fail(d->arena, &result->status, QS_STATUS_INVALID_ARGUMENT,
                   "a block is filled with a byte from 0 to 255, not with %" PRIu32,
                   op->block.value);
        return;
    }
    if (op->block.length > d->fill) {
        reply_fail(d->arena, &result->status, QS_STATUS_LIMIT,
                   "the fills of one frame write at most %" PRIu64 " bytes; go on in another frame",
                   DISPATCH_FILL_MAX);
        return;
    }
    d->fill -= op->block.length;
    result->mmio.result = bus_result(address_space_set(d->machine->system_as, op->block.address,
                                                       (uint8_t)op->block.value, op->block.length,
                                                       MEMTXATTRS_UNSPECIFIED));
}
