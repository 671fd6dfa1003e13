/* Operations on memory, lines and the machine. */
#include <inttypes.h>
#include <string.h>

#include "models/core/machine.h"
#include "server/dispatch.h"
#include "server/result_size.h"
#include "tests/lib/raw_client.h"
#include "tests/unit/server/harness.h"

#define RAM 0x80000000u
#define P PROBER_BASE

static const QsResult *succeeds(Harness *h, QsOperation op)
{
    const QsResult *result = harness_op(h, op);

    g_assert_cmpstr(result->status.text, ==, "");
    g_assert_cmpint(result->status.code, ==, QS_STATUS_OK);
    g_assert_cmpint(result->kind, ==, op.kind);
    return result;
}

static void test_sizes(void)
{
    g_autoptr(Harness) h = harness_new(NULL);

    for (uint32_t size = 1; size <= 8; size *= 2) {
        uint64_t data = UINT64_C(0x8877665544332211);

        succeeds(h, raw_write(RAM + 64 * size, size, data));
        g_assert_cmphex(succeeds(h, raw_read(RAM + 64 * size, 8))->mmio.data, ==,
                        data & (UINT64_MAX >> (64 - 8 * size)));
    }
    harness_fails(h, raw_read(RAM, 0), QS_STATUS_INVALID_ARGUMENT,
                  "an access has size 1, 2, 4 or 8, not size 0");
    harness_fails(h, raw_write(RAM, 3, 1), QS_STATUS_INVALID_ARGUMENT,
                  "an access has size 1, 2, 4 or 8, not size 3");
    harness_fails(h, raw_write(RAM, 16, 1), QS_STATUS_INVALID_ARGUMENT,
                  "an access has size 1, 2, 4 or 8, not size 16");
}

static void test_size_keeps_to_itself(void)
{
    g_autoptr(Harness) h = harness_new(NULL);

    succeeds(h, raw_write(RAM, 8, 0));
    succeeds(h, raw_write(RAM, 2, 0xffffffff)); /* what lies above the size is not written */
    g_assert_cmphex(succeeds(h, raw_read(RAM, 8))->mmio.data, ==, 0xffff);
}

static void test_bus_results(void)
{
    g_autoptr(Harness) h = harness_new(NULL);
    QsOperation dma = raw_read(P + 0x08, 4);

    g_assert_cmpint(succeeds(h, raw_write(P, 4, 5))->mmio.result, ==, QS_BUS_OK);
    g_assert_cmphex(succeeds(h, raw_read(P, 4))->mmio.data, ==, 5);
    g_assert_cmpint(succeeds(h, raw_read(P + 0x08, 4))->mmio.result, ==, QS_BUS_ERROR);
    g_assert_cmpint(succeeds(h, raw_write(P + 0x08, 4, 1))->mmio.result, ==, QS_BUS_ERROR);
    dma.mmio.path = QS_PATH_DMA;
    g_assert_cmpint(succeeds(h, dma)->mmio.result, ==, QS_BUS_ERROR);
    g_assert_cmpint(succeeds(h, raw_read(0x70000000, 4))->mmio.result, ==, QS_BUS_DECODE_ERROR);
    g_assert_cmpint(succeeds(h, raw_read(UINT64_MAX - 3, 4))->mmio.result, ==, QS_BUS_DECODE_ERROR);
    g_assert_cmpint(succeeds(h, raw_read(UINT64_C(1) << 40, 8))->mmio.result, ==,
                    QS_BUS_DECODE_ERROR);
    g_assert_cmpint(succeeds(h, raw_read(P, 1))->mmio.result, ==, QS_BUS_DECODE_ERROR);
    succeeds(h, raw_write(P + 0x1c, 4, 1)); /* the device goes for itself … */
    g_assert_cmpint(succeeds(h, raw_read(P + 0x1c, 4))->mmio.data, ==, MEMTX_ACCESS_ERROR);
}

static void test_paths(void)
{
    g_autoptr(Harness) h = harness_new(NULL);
    QsOperation read = raw_read(0x10012006, 4);

    g_assert_cmpint(succeeds(h, read)->mmio.result, ==, QS_BUS_DECODE_ERROR); /* unaligned */
    read.mmio.path = QS_PATH_DMA;
    g_assert_cmpint(succeeds(h, read)->mmio.result, ==, QS_BUS_OK); /* cut into two */
    read = raw_write(RAM, 8, UINT64_C(0x0102030405060708));
    read.mmio.path = QS_PATH_DMA;
    succeeds(h, read);
    read = raw_read(RAM + 1, 2);
    read.mmio.path = QS_PATH_DMA;
    g_assert_cmphex(succeeds(h, read)->mmio.data, ==, 0x0607);
}

static QsOperation block_read(uint64_t address, uint64_t length)
{
    return (QsOperation){ .kind = QS_OP_BLOCK_READ,
                          .block = { .address = address, .length = length } };
}

static QsOperation block_write(uint64_t address, const void *data, size_t len)
{
    return (QsOperation){ .kind = QS_OP_BLOCK_WRITE,
                          .block = { .address = address, .data = { data, len } } };
}

static QsOperation block_fill(uint64_t address, uint64_t length, uint32_t value)
{
    return (QsOperation){ .kind = QS_OP_BLOCK_FILL,
                          .block = { .address = address, .length = length, .value = value } };
}

static void test_blocks(void)
{
    g_autoptr(Harness) h = harness_new(NULL);
    const QsResult *result;

    succeeds(h, block_write(RAM + 3, "co-simulation", 13));
    result = succeeds(h, block_read(RAM + 3, 13));
    g_assert_cmpint(result->block_read.result, ==, QS_BUS_OK);
    g_assert_cmpmem(result->block_read.data.data, result->block_read.data.len, "co-simulation", 13);
    succeeds(h, block_fill(RAM + 4, 2, 0xff));
    result = succeeds(h, block_read(RAM + 3, 4));
    g_assert_cmpmem(result->block_read.data.data, result->block_read.data.len, "c\xff\xffs", 4);
    result = succeeds(h, block_read(0x70000000, 4));
    g_assert_cmpint(result->block_read.result, ==, QS_BUS_DECODE_ERROR);
    g_assert_cmpmem(result->block_read.data.data, result->block_read.data.len, "\0\0\0\0", 4);
    result = succeeds(h, block_read(UINT64_MAX - 1, 4)); /* goes on at 0 */
    g_assert_cmpint(result->block_read.result, ==, QS_BUS_DECODE_ERROR);
}

static void test_block_limits(void)
{
    g_autoptr(Harness) h = harness_new(NULL);
    static const uint8_t data[QS_MAX_BLOCK_BYTES + 1];

    g_assert_cmpuint(succeeds(h, block_read(0, QS_MAX_BLOCK_BYTES))->block_read.data.len, ==,
                     QS_MAX_BLOCK_BYTES);
    harness_fails(h, block_read(RAM, 0), QS_STATUS_INVALID_ARGUMENT,
                  "a block has at least 1 byte, not size 0");
    harness_fails(h, block_read(RAM, QS_MAX_BLOCK_BYTES + 1), QS_STATUS_LIMIT,
                  "a block of 1048577 bytes is over the limit of 1048576");
    harness_fails(h, block_read(RAM, UINT64_C(1) << 40), QS_STATUS_LIMIT,
                  "a block of 1099511627776 bytes is over the limit of 1048576");
    harness_fails(h, block_write(RAM, data, 0), QS_STATUS_INVALID_ARGUMENT,
                  "a block has at least 1 byte, not size 0");
    harness_fails(h, block_write(RAM, data, QS_MAX_BLOCK_BYTES + 1), QS_STATUS_LIMIT,
                  "a block of 1048577 bytes is over the limit of 1048576");
    harness_fails(h, block_fill(RAM, UINT64_MAX, 0), QS_STATUS_LIMIT,
                  "a block of 18446744073709551615 bytes is over the limit of 1048576");
    harness_fails(h, block_fill(RAM, 1, 256), QS_STATUS_INVALID_ARGUMENT,
                  "a block is filled with a byte from 0 to 255, not with 256");
}

static QsOperation watch(const char *path, QsLineDirection direction)
{
    return (QsOperation){ .kind = QS_OP_LINE_WATCH,
                          .line_watch = { .path = path, .direction = direction } };
}

static QsOperation get_line(uint32_t number, uint32_t line)
{
    return (QsOperation){ .kind = QS_OP_LINE_GET, .line_get = { number, line } };
}

static QsOperation unwatch(uint32_t number)
{
    return (QsOperation){ .kind = QS_OP_LINE_UNWATCH, .line_get = { number, 0 } };
}

static void test_lines(void)
{
    g_autoptr(Harness) h = harness_new(NULL);
    const char *path = "/machine/peripheral/p";
    QsOperation named = raw_line_set(path, 1, 1);
    const QsResult *result = succeeds(h, watch(path, QS_LINE_OUT));
    uint32_t number = result->line_watch.watch;

    g_assert_cmpuint(number, !=, MACHINE_WATCH_IRQ);
    g_assert_cmpuint(result->line_watch.lines, ==, 4);
    g_assert_cmpuint(result->line_watch.n_raised, ==, 0);
    succeeds(h, raw_line_set(path, 2, 1));
    succeeds(h, raw_line_set("p", 3, -1)); /* a partial path and an odd level */
    g_assert_cmpint(succeeds(h, get_line(number, 2))->line_get.level, ==, 1);
    g_assert_cmpint(succeeds(h, get_line(number, 3))->line_get.level, ==, -1);
    result = succeeds(h, watch(path, QS_LINE_OUT));
    g_assert_cmpuint(result->line_watch.watch, ==, number);
    g_assert_cmpuint(result->line_watch.n_raised, ==, 2);
    g_assert_cmpuint(result->line_watch.raised[0], ==, 2);
    g_assert_cmpuint(result->line_watch.raised[1], ==, 3);
    named.line_set.name = "unnamed-gpio-in";
    succeeds(h, named);
    g_assert_cmpint(succeeds(h, get_line(number, 1))->line_get.level, ==, 1);
    succeeds(h, unwatch(number));
    harness_fails(h, get_line(number, 1), QS_STATUS_NOT_FOUND, "the session has no watch 1");
    harness_fails(h, unwatch(number), QS_STATUS_NOT_FOUND, "the session has no watch 1");
}

static void test_lines_refused(void)
{
    g_autoptr(Harness) h = harness_new(NULL);
    QsOperation named = raw_line_set("/machine/peripheral/p", 0, 1);

    harness_fails(h, raw_line_set("/machine/nobody", 0, 1), QS_STATUS_NOT_FOUND,
                  "Device '/machine/nobody' not found");
    harness_fails(h, watch("/machine/nobody", QS_LINE_IN), QS_STATUS_NOT_FOUND,
                  "Device '/machine/nobody' not found");
    harness_fails(h, get_line(MACHINE_WATCH_IRQ, 53), QS_STATUS_NOT_FOUND,
                  "watch 0 has no line 53, it has 53");
    g_assert_cmpint(succeeds(h, get_line(MACHINE_WATCH_IRQ, 52))->line_get.level, ==, 0);
    named.line_set.name = "nothing";
    g_assert_cmpint(harness_op(h, named)->status.code, !=, QS_STATUS_OK);
    g_assert_cmpint(harness_op(h, raw_line_set("/machine/peripheral/p", 4, 1))->status.code, !=,
                    QS_STATUS_OK);
    g_assert_cmpint(
        harness_op(h, raw_line_set("/machine/peripheral/p", UINT32_MAX, 1))->status.code, !=,
        QS_STATUS_OK);
}

static QsOperation advance(QsAdvanceTo to, uint64_t ns)
{
    return (QsOperation){ .kind = QS_OP_ADVANCE, .advance = { to, ns } };
}

static void test_time(void)
{
    g_autoptr(Harness) h = harness_new(NULL);

    harness_fails(h, advance(QS_ADVANCE_NEXT_DEADLINE, 0), QS_STATUS_GENERIC,
                  "there is no pending deadline");
    succeeds(h, raw_write(P + 0x14, 4, 500));
    g_assert_cmpuint(succeeds(h, advance(QS_ADVANCE_BY, 499))->advance.now_ns, ==, 499);
    g_assert_cmpint(succeeds(h, get_line(MACHINE_WATCH_IRQ, PROBER_IRQ + 1))->line_get.level, ==,
                    0);
    g_assert_cmpuint(succeeds(h, advance(QS_ADVANCE_NEXT_DEADLINE, 0))->advance.now_ns, ==, 500);
    g_assert_cmpint(succeeds(h, get_line(MACHINE_WATCH_IRQ, PROBER_IRQ + 1))->line_get.level, ==,
                    1);
    g_assert_cmpuint(succeeds(h, advance(QS_ADVANCE_UNTIL, 500))->advance.now_ns, ==, 500);
    harness_fails(h, advance(QS_ADVANCE_UNTIL, 499), QS_STATUS_INVALID_ARGUMENT,
                  "virtual time 499 ns has passed, it is 500 ns now");
    harness_fails(h, advance(QS_ADVANCE_BY, UINT64_MAX), QS_STATUS_INVALID_ARGUMENT,
                  "virtual time 18446744073709551615 ns is beyond the end of time, "
                  "9223372036854775807 ns");
    harness_fails(h, advance((QsAdvanceTo)0, 1), QS_STATUS_INVALID_ARGUMENT,
                  "advance: to which time?");
}

static void test_reset(void)
{
    g_autoptr(Harness) h = harness_new(NULL);

    succeeds(h, raw_write(0x10012008, 4, 7));
    succeeds(h, (QsOperation){ .kind = QS_OP_RESET });
    g_assert_cmphex(succeeds(h, raw_read(0x10012008, 4))->mmio.data, ==, 0);
}

static void test_unknown(void)
{
    g_autoptr(Harness) h = harness_new(NULL);
    QsOperation op = { .kind = QS_OP_NONE };

    harness_fails(h, op, QS_STATUS_UNSUPPORTED, "this server does not know this operation");
    op.kind = (QsOpKind)77;
    harness_fails(h, op, QS_STATUS_UNSUPPORTED, "this server does not know this operation");
}

static uint64_t stat(Harness *h, const char *name)
{
    const QsResult *result = succeeds(h, (QsOperation){ .kind = QS_OP_STATS });

    for (size_t i = 0; i < result->stats.n_entries; i++) {
        if (strcmp(result->stats.entries[i].name, name) == 0) {
            return result->stats.entries[i].value;
        }
    }
    g_assert_not_reached();
}

static void test_stats(void)
{
    g_autoptr(Harness) h = harness_new(NULL);

    succeeds(h, raw_read(RAM, 4));
    succeeds(h, raw_read(RAM, 4));
    harness_op(h, raw_read(RAM, 3));
    g_assert_cmpuint(stat(h, "operations.mmio-read"), ==, 3);
    g_assert_cmpuint(stat(h, "operations.mmio-write"), ==, 0);
    g_assert_cmpuint(stat(h, "failed_operations"), ==, 1);
    g_assert_cmpuint(stat(h, "sessions"), ==, 1);
    g_assert_cmpuint(stat(h, "operations.stats"), ==, 5);
}

static void test_info(void)
{
    g_autoptr(Harness) h = harness_new("sifive_e -name box -device prober,addr=0x20000000");
    const QsResult *result = succeeds(h, (QsOperation){ .kind = QS_OP_INFO });
    bool ram = false;
    bool prober = false;

    g_assert_cmpstr(result->info.machine, ==, "box");
    g_assert_cmpstr(result->info.machine_type, ==, "sifive_e");
    g_assert_cmpuint(result->info.irq_lines, ==, 53);
    g_assert_cmpuint(result->info.n_sessions, ==, 1);
    g_assert_true(g_str_has_prefix(result->info.sessions[0], "#1 driver, test, last seen "));
    for (size_t i = 0; i < result->info.n_regions; i++) {
        const QsRegion *region = &result->info.regions[i];

        ram |= region->address == RAM && region->ram && !region->read_only;
        prober |= region->address == PROBER_BASE && region->size == 0x100 && !region->ram &&
                  strcmp(region->name, "prober") == 0 &&
                  strcmp(region->owner, "/machine/peripheral-anon/device[0]") == 0;
    }
    g_assert_true(ram);
    g_assert_true(prober);
}

static void test_room(void)
{
    g_autoptr(Harness) h = harness_new(NULL);
    Dispatch d = dispatch_begin(h->host, h->session, h->arena);
    QsOperation read = block_read(P + 0x18, QS_MAX_BLOCK_BYTES);
    QsOperation count = raw_read(P + 0x18, 4);
    QsOperation stats = { .kind = QS_OP_STATS };
    QsResult results[4] = { 0 };

    read.block.address = RAM;
    dispatch_operation(&d, &read, &results[0]);
    dispatch_operation(&d, &read, &results[1]);
    g_assert_cmpint(results[0].status.code, ==, QS_STATUS_OK);
    g_assert_cmpint(results[1].status.code, ==, QS_STATUS_OK);
    read.block.address = P + 0x18;
    read.block.length = 204800;
    dispatch_operation(&d, &read, &results[2]);
    g_assert_cmpint(results[2].status.code, ==, QS_STATUS_OK);
    dispatch_operation(&d, &stats, &results[3]);
    g_assert_cmpint(results[3].status.code, ==, QS_STATUS_LIMIT);
    g_assert_cmpstr(results[3].status.text, ==,
                    "the results of this frame take 2301976 bytes already; ask in another frame");
    memset(&results[0], 0, sizeof(results[0]));
    dispatch_operation(&d, &count, &results[0]); /* small results always fit */
    g_assert_cmpint(results[0].status.code, ==, QS_STATUS_OK);
    d.room = 4;
    memset(&results[0], 0, sizeof(results[0]));
    count.mmio.size = 3;
    dispatch_operation(&d, &count, &results[0]); /* a failure keeps its code, not its text */
    g_assert_cmpint(results[0].status.code, ==, QS_STATUS_INVALID_ARGUMENT);
    g_assert_cmpstr(results[0].status.text, ==, "");
}

static void test_refused_block_touches_nothing(void)
{
    g_autoptr(Harness) h = harness_new(NULL);
    Dispatch d = dispatch_begin(h->host, h->session, h->arena);
    QsOperation read = block_read(P + 0x18, 614400);
    QsResult result = { 0 };

    d.room = 512000;
    dispatch_operation(&d, &read, &result);
    g_assert_cmpint(result.status.code, ==, QS_STATUS_LIMIT);
    g_assert_cmpstr(result.status.text, ==,
                    "614400 more bytes do not fit the reply; read them in another frame");
    g_assert_cmpuint(succeeds(h, raw_read(P + 0x18, 4))->mmio.data, ==, 1);
}

static void test_fill_limit(void)
{
    g_autoptr(Harness) h = harness_new(NULL);
    Dispatch d = dispatch_begin(h->host, h->session, h->arena);
    QsOperation fill = block_fill(0x70000000, QS_MAX_BLOCK_BYTES, 0);
    QsResult result;

    for (int i = 0; i < 16; i++) {
        memset(&result, 0, sizeof(result));
        dispatch_operation(&d, &fill, &result);
        g_assert_cmpint(result.status.code, ==, QS_STATUS_OK);
    }
    fill.block.length = 1;
    dispatch_operation(&d, &fill, &result);
    g_assert_cmpint(result.status.code, ==, QS_STATUS_LIMIT);
    g_assert_cmpstr(result.status.text, ==,
                    "the fills of one frame write at most 16777216 bytes; go on in another frame");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/server/dispatch/mmio/sizes-other-than-1-2-4-8-are-refused", test_sizes);
    g_test_add_func("/server/dispatch/mmio/bytes-above-the-size-are-not-written",
                    test_size_keeps_to_itself);
    g_test_add_func("/server/dispatch/mmio/bus-errors-are-results", test_bus_results);
    g_test_add_func("/server/dispatch/mmio/cpu-and-dma-path-differ", test_paths);
    g_test_add_func("/server/dispatch/block/write-read-fill", test_blocks);
    g_test_add_func("/server/dispatch/block/limits-are-stated", test_block_limits);
    g_test_add_func("/server/dispatch/block/fills-of-a-frame-are-limited", test_fill_limit);
    g_test_add_func("/server/dispatch/block/that-does-not-fit-touches-nothing",
                    test_refused_block_touches_nothing);
    g_test_add_func("/server/dispatch/line/set-watch-get-unwatch", test_lines);
    g_test_add_func("/server/dispatch/line/wrong-ones-are-refused", test_lines_refused);
    g_test_add_func("/server/dispatch/time/advances-and-runs-timers", test_time);
    g_test_add_func("/server/dispatch/reset-clears-registers", test_reset);
    g_test_add_func("/server/dispatch/unknown-operation-is-refused", test_unknown);
    g_test_add_func("/server/dispatch/stats-count", test_stats);
    g_test_add_func("/server/dispatch/info-tells-regions-and-sessions", test_info);
    g_test_add_func("/server/dispatch/results-that-outgrow-the-reply-are-limits", test_room);
    return g_test_run();
}
