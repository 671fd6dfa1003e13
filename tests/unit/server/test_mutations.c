/*
 * Frames as a hostile or broken client might send them: valid ones with random contents, and their bytes changed at random.
 * Whatever comes, the server lives, answers with something that can be encoded, and keeps its books in order.
 * QOSIM_MUTATIONS sets how many (default 3000); QOSIM_SEED repeats a run.
 */
#include <stdlib.h>
#include <string.h>

#include "proto/codec.h"
#include "tests/lib/raw_client.h"
#include "tests/unit/server/harness.h"

static const char *const paths[] = { "",
                                     "/",
                                     "p",
                                     "/machine",
                                     "/objects",
                                     "x/",
                                     "unattached",
                                     "/machine/soc",
                                     "/machine/peripheral/p",
                                     "\xc3\xa9" };
static const char *const names[] = { "",    "type", "realized",   "ngpio",   "addr",
                                     "irq", "id",   "parent_bus", "nothing", "hotplugged" };
static const char *const types[] = { "",          "device",       "prober",    "sifive_soc.gpio",
                                     "container", "object",       "interface", "sifive_e-machine",
                                     "System",    "memory-region" };
static const char *const values[] = { "", "0x10", "on", "4K", "-1", "/machine/soc", "1e9", "null" };

#define PICK(list) (list)[g_rand_int_range(random, 0, G_N_ELEMENTS(list))]

static uint64_t any_number(GRand *random)
{
    static const uint64_t edges[] = {
        0, 1, 3, 4, 8, 0x10012000, 0x80000000, UINT32_MAX, INT64_MAX, UINT64_C(1) << 40, UINT64_MAX
    };

    switch (g_rand_int_range(random, 0, 3)) {
    case 0:
        return PICK(edges);
    case 1:
        return PROBER_BASE + (uint64_t)g_rand_int_range(random, 0, 0x120);
    default:
        return g_rand_int(random) & 0xff;
    }
}

static QsValue any_value(GRand *random)
{
    switch (g_rand_int_range(random, 0, 6)) {
    case 0:
        return (QsValue){ .kind = QS_VALUE_BOOL, .boolean = true };
    case 1:
        return (QsValue){ .kind = QS_VALUE_INT, .i = (int64_t)any_number(random) };
    case 2:
        return (QsValue){ .kind = QS_VALUE_UINT, .u = any_number(random) };
    case 3:
        return (QsValue){ .kind = QS_VALUE_TEXT, .text = PICK(values) };
    case 4:
        return (QsValue){ .kind = QS_VALUE_UNPARSED, .text = PICK(values) };
    default:
        return (QsValue){ .kind = QS_VALUE_NONE };
    }
}

static void fill_qom_new(GRand *random, QsOperation *op, QsValueEntry *entry)
{
    *entry = (QsValueEntry){ PICK(names), any_value(random) };
    op->qom_new.type = PICK(types);
    op->qom_new.id = g_rand_boolean(random) ? "" : "q";
    op->qom_new.properties = entry;
    op->qom_new.n_properties = g_rand_boolean(random);
}

static QsOperation any_operation(GRand *random, QsValueEntry *entry)
{
    QsOperation op = { .kind = (QsOpKind)g_rand_int_range(random, 1, QS_OP_BYE) };

    switch (op.kind) {
    case QS_OP_MMIO_READ:
    case QS_OP_MMIO_WRITE:
        op.mmio.address = any_number(random);
        op.mmio.data = any_number(random);
        op.mmio.size = g_rand_boolean(random) ? 4 : (uint32_t)any_number(random);
        op.mmio.path = g_rand_boolean(random) ? QS_PATH_CPU : QS_PATH_DMA;
        break;
    case QS_OP_BLOCK_READ:
    case QS_OP_BLOCK_FILL:
        op.block.address = any_number(random);
        op.block.length = any_number(random);
        op.block.value = (uint32_t)any_number(random);
        break;
    case QS_OP_BLOCK_WRITE:
        op.block.address = any_number(random);
        op.block.data = (QsBytes){ (const uint8_t *)"block of data", 13 };
        break;
    case QS_OP_LINE_SET:
        op = raw_line_set(PICK(paths), (uint32_t)any_number(random), (int)any_number(random));
        break;
    case QS_OP_LINE_WATCH:
        op.line_watch.path = PICK(paths);
        op.line_watch.direction = g_rand_boolean(random) ? QS_LINE_IN : QS_LINE_OUT;
        break;
    case QS_OP_LINE_GET:
    case QS_OP_LINE_UNWATCH:
        op.line_get.watch = (uint32_t)any_number(random);
        op.line_get.index = (uint32_t)any_number(random);
        break;
    case QS_OP_QOM_LIST:
    case QS_OP_QOM_GET:
    case QS_OP_QOM_SET:
    case QS_OP_QOM_DELETE:
        op.qom.path = PICK(paths);
        op.qom.property = PICK(names);
        op.qom.value = any_value(random);
        break;
    case QS_OP_QOM_NEW:
        fill_qom_new(random, &op, entry);
        break;
    case QS_OP_QOM_TYPES:
    case QS_OP_QOM_TYPE_PROPERTIES:
        op.types.type = PICK(types);
        op.types.include_abstract = g_rand_boolean(random);
        break;
    case QS_OP_ADVANCE:
        op.advance.to = (QsAdvanceTo)g_rand_int_range(random, 1, 4);
        op.advance.ns = g_rand_int_range(random, 0, 1000);
        break;
    case QS_OP_HELLO:
        op = raw_hello(QS_ROLE_DRIVER, true);
        break;
    default:
        break;
    }
    return op;
}

/* Changes a few bytes, or cuts. */
static void damage(GRand *random, uint8_t *data, size_t *len)
{
    int n = g_rand_int_range(random, 0, 5);

    for (int i = 0; i<n && * len> 0; i++) {
        data[(size_t)g_rand_int(random) % *len] = (uint8_t)g_rand_int(random);
    }
    if (g_rand_int_range(random, 0, 10) == 0 && *len > 0) {
        *len = (size_t)g_rand_int(random) % *len;
    }
}

static void play(Harness *h, GRand *random, uint64_t request_id)
{
    enum { MOST = 6 };
    QsOperation ops[MOST];
    QsValueEntry entries[MOST];
    QsClientFrame frame = { .session = { h->session->token, QS_TOKEN_BYTES },
                            .request_id = request_id,
                            .operations = ops,
                            .n_operations = (size_t)g_rand_int_range(random, 0, MOST),
                            .posted = g_rand_int_range(random, 0, 4) == 0 };
    FrameOrigin origin = { .peer = &(QsPeer){ .len = 0 } };
    QsClientFrame decoded;
    ExecuteOutcome outcome;
    uint8_t *data;
    size_t len;
    QsError error;

    for (size_t i = 0; i < frame.n_operations; i++) {
        ops[i] = any_operation(random, &entries[i]);
    }
    qs_arena_reset(h->arena);
    g_assert_true(qs_encode_client_frame(h->arena, &frame, &data, &len, &error));
    if (g_rand_boolean(random)) {
        damage(random, data, &len);
    }
    if (!qs_decode_client_frame(h->arena, data, len, &decoded, &error)) {
        g_assert_cmpint(error.text[0], !=, '\0');
        return;
    }
    outcome = execute_frame(h->host, &origin, h->arena, &decoded, &h->answer);
    if (outcome.answer == EXECUTE_FRAME) {
        g_assert_true(qs_encode_server_frame(h->arena, &h->answer, &data, &len, &error));
        if (outcome.session) {
            execute_commit(outcome.session, &h->answer);
        }
    }
    if (outcome.session && outcome.session != h->session) {
        machine_host_end_session(h->host, outcome.session); /* a byte made a Hello of it */
    }
}

static void test_mutations(void)
{
    const char *count = g_getenv("QOSIM_MUTATIONS");
    const char *given = g_getenv("QOSIM_SEED");
    guint32 seed = given ? (guint32)strtoul(given, NULL, 0) : g_test_rand_int() & 0x7fffffff;
    g_autoptr(GRand) random = g_rand_new_with_seed(seed);
    uint64_t n = count ? strtoul(count, NULL, 0) : 3000;

    g_test_message("QOSIM_SEED=%u", seed);
    for (uint64_t done = 0; done < n;) {
        /* A new machine now and then: a deleted device, a full id space or the end of time stay with the old one. */
        g_autoptr(Harness) h = harness_new(NULL);
        QsOperation read = raw_read(0x80000000, 4);

        for (uint64_t i = 0; i < 100 && done < n; i++, done++) {
            play(h, random, h->session->last_id + 1);
        }
        harness_frame(h, h->session, &read, 1, false);
        g_assert_cmpint(h->answer.reply.status.code, ==, QS_STATUS_OK);
        g_assert_cmpint(h->answer.reply.results[0].mmio.result, ==, QS_BUS_OK);
        g_assert_cmpuint(h->host->sessions->len, ==, 1);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/server/mutations/whatever-comes-the-server-lives", test_mutations);
    return g_test_run();
}
