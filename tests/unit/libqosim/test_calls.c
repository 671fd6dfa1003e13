#include <string.h>

#include <glib.h>
#include <qosim/qosim.h>

#include "tests/unit/libqosim/fake_server.h"

typedef struct Fixture {
    FakeServer *fake;
    qosim_session *s;
} Fixture;

static void set_up(Fixture *f, FakeHook *hook)
{
    f->fake = fake_new(hook);
    fake_start(f->fake);
    g_assert_cmpint(qosim_open(f->fake->url, NULL, &f->s), ==, QOSIM_OK);
}

static void tear_down(Fixture *f)
{
    qosim_close(f->s);
    fake_free(f->fake);
}

static void expect_error(Fixture *f, qosim_result got, qosim_result expected, const char *part)
{
    g_assert_cmpint(got, ==, expected);
    if (!strstr(qosim_last_error(f->s), part)) {
        g_error("\"%s\" does not say \"%s\"", qosim_last_error(f->s), part);
    }
}

static void test_read_write(void)
{
    static const unsigned sizes[] = { 1, 2, 4, 8 };
    Fixture f;
    uint64_t data;
    qosim_bus bus;

    set_up(&f, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        uint64_t value = UINT64_C(0x8877665544332211) >> (64 - sizes[i] * 8);

        bus = 0;
        g_assert_cmpint(qosim_write(f.s, FAKE_BASE, sizes[i], value, &bus), ==, QOSIM_OK);
        g_assert_cmpint(bus, ==, QOSIM_BUS_OK);
        g_assert_cmpint(qosim_read(f.s, FAKE_BASE, sizes[i], &data, &bus), ==, QOSIM_OK);
        g_assert_cmphex(data, ==, value);
        g_assert_cmpint(qosim_dma_write(f.s, FAKE_BASE, sizes[i], ~value, NULL), ==, QOSIM_OK);
        g_assert_cmpint(qosim_dma_read(f.s, FAKE_BASE, sizes[i], &data, NULL), ==, QOSIM_OK);
        g_assert_cmphex(data, ==, ~value << (64 - sizes[i] * 8) >> (64 - sizes[i] * 8));
    }
    tear_down(&f);
}

static void test_bus_errors(void)
{
    Fixture f;
    uint64_t data;
    qosim_bus bus = 0;

    set_up(&f, NULL);
    g_assert_cmpint(qosim_read(f.s, 0, 4, &data, &bus), ==, QOSIM_OK);
    g_assert_cmpint(bus, ==, QOSIM_BUS_DECODE_ERROR);
    expect_error(&f, qosim_read(f.s, 0x10, 4, &data, NULL), QOSIM_ERR_GENERIC,
                 "read of 4 bytes at 0x10: decode error");
    expect_error(&f, qosim_write(f.s, 0x20, 8, 1, NULL), QOSIM_ERR_GENERIC,
                 "write of 8 bytes at 0x20: decode error");
    tear_down(&f);
}

static void test_sizes(void)
{
    static const unsigned sizes[] = { 0, 3, 5, 16, UINT32_MAX };
    qosim_access access = { .size = 3 };
    uint64_t data;
    Fixture f;

    set_up(&f, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        expect_error(&f, qosim_read(f.s, 0, sizes[i], &data, NULL), QOSIM_ERR_INVALID_ARGUMENT,
                     "1, 2, 4 or 8");
        expect_error(&f, qosim_write(f.s, 0, sizes[i], 0, NULL), QOSIM_ERR_INVALID_ARGUMENT,
                     "1, 2, 4 or 8");
        expect_error(&f, qosim_post_write(f.s, 0, sizes[i], 0), QOSIM_ERR_INVALID_ARGUMENT,
                     "1, 2, 4 or 8");
    }
    expect_error(&f, qosim_batch(f.s, &access, 1), QOSIM_ERR_INVALID_ARGUMENT, "access 0");
    g_assert_cmpint(g_atomic_int_get(&f.fake->n_frames), ==, 1);
    tear_down(&f);
}

static void test_batch(void)
{
    enum { N = 10000 };
    qosim_access *accesses = g_new0(qosim_access, N);
    Fixture f;

    set_up(&f, NULL);
    for (size_t i = 0; i < N; i++) {
        accesses[i] = (qosim_access){ .is_write = i < N / 2,
                                      .size = 4,
                                      .address = FAKE_BASE + (i % (N / 2)) * 4,
                                      .data = i < N / 2 ? i * 3 : 0 };
    }
    accesses[7].address = 0;
    g_assert_cmpint(qosim_batch(f.s, accesses, N), ==, QOSIM_OK);
    for (size_t i = 0; i < N; i++) {
        g_assert_cmpint(accesses[i].bus, ==, i == 7 ? QOSIM_BUS_DECODE_ERROR : QOSIM_BUS_OK);
    }
    for (size_t i = N / 2; i < N; i++) {
        g_assert_cmpuint(accesses[i].data, ==, i == N / 2 + 7 ? 0 : (i - N / 2) * 3);
    }
    /* Hello and 4096 + 4096 + 1808. */
    g_assert_cmpint(g_atomic_int_get(&f.fake->n_frames), ==, 4);
    g_assert_cmpint(qosim_batch(f.s, NULL, 0), ==, QOSIM_OK);
    expect_error(&f, qosim_batch(f.s, NULL, 1), QOSIM_ERR_INVALID_ARGUMENT, "missing");
    g_free(accesses);
    tear_down(&f);
}

/* Posted writes travel together, in front of what is waited for, and never with a time that was set after them. */
static void test_posted_together(void)
{
    uint64_t data;
    Fixture f;

    set_up(&f, NULL);
    for (uint64_t i = 0; i < 100; i++) {
        g_assert_cmpint(qosim_post_write(f.s, FAKE_BASE + i % 8 * 4, 4, i), ==, QOSIM_OK);
    }
    g_assert_cmpint(qosim_read(f.s, FAKE_BASE + 12, 4, &data, NULL), ==, QOSIM_OK);
    g_assert_cmpuint(data, ==, 99);
    /* Hello, 64 writes, 36 writes, the read. */
    g_assert_cmpint(g_atomic_int_get(&f.fake->n_frames), ==, 4);
    g_assert_cmpint(qosim_post_write(f.s, FAKE_BASE, 4, 1), ==, QOSIM_OK);
    qosim_set_time(f.s, 1000);
    g_assert_cmpint(qosim_post_write(f.s, FAKE_BASE, 4, 2), ==, QOSIM_OK);
    g_assert_cmpint(qosim_post_write(f.s, FAKE_BASE, 4, 3), ==, QOSIM_OK);
    g_assert_cmpint(qosim_flush(f.s), ==, QOSIM_OK);
    g_assert_cmpint(qosim_flush(f.s), ==, QOSIM_OK);
    g_assert_cmpint(qosim_read(f.s, FAKE_BASE, 4, &data, NULL), ==, QOSIM_OK);
    g_assert_cmpuint(data, ==, 3);
    g_assert_cmpint(g_atomic_int_get(&f.fake->n_frames), ==, 4 + 3);
    g_assert_cmpuint(qosim_posted_errors(f.s, NULL, 0), ==, 0);
    tear_down(&f);
}

static void test_small_limits(void)
{
    qosim_access accesses[10];
    uint8_t block[1000];
    uint8_t back[1000];
    Fixture f = { .fake = fake_new(NULL) };

    f.fake->hello.hello.max_operations = 3;
    f.fake->hello.hello.max_block_bytes = 300;
    fake_start(f.fake);
    g_assert_cmpint(qosim_open(f.fake->url, NULL, &f.s), ==, QOSIM_OK);
    for (size_t i = 0; i < 10; i++) {
        accesses[i] =
            (qosim_access){ .is_write = true, .size = 1, .address = FAKE_BASE + i, .data = i };
    }
    g_assert_cmpint(qosim_batch(f.s, accesses, 10), ==, QOSIM_OK);
    g_assert_cmpint(g_atomic_int_get(&f.fake->n_frames), ==, 1 + 4);
    memset(block, 0xa5, sizeof(block));
    g_assert_cmpint(qosim_write_block(f.s, FAKE_BASE, block, sizeof(block), NULL), ==, QOSIM_OK);
    g_assert_cmpint(g_atomic_int_get(&f.fake->n_frames), ==, 1 + 4 + 4);
    for (unsigned i = 0; i < 6; i++) {
        g_assert_cmpint(qosim_post_write(f.s, FAKE_BASE, 1, 0xa5), ==, QOSIM_OK);
    }
    g_assert_cmpint(qosim_read_block(f.s, FAKE_BASE, back, sizeof(back), NULL), ==, QOSIM_OK);
    g_assert_cmpmem(back, sizeof(back), block, sizeof(block));
    tear_down(&f);
}

static void test_blocks(void)
{
    g_autofree uint8_t *block = g_malloc(FAKE_SIZE);
    g_autofree uint8_t *back = g_malloc0(FAKE_SIZE);
    qosim_bus bus = 0;
    Fixture f;

    set_up(&f, NULL);
    for (size_t i = 0; i < FAKE_SIZE; i++) {
        block[i] = (uint8_t)(i * 7 + i / 256);
    }
    g_assert_cmpint(qosim_write_block(f.s, FAKE_BASE, block, FAKE_SIZE, &bus), ==, QOSIM_OK);
    g_assert_cmpint(bus, ==, QOSIM_BUS_OK);
    g_assert_cmpint(qosim_read_block(f.s, FAKE_BASE, back, FAKE_SIZE, &bus), ==, QOSIM_OK);
    g_assert_cmpmem(back, FAKE_SIZE, block, FAKE_SIZE);
    g_assert_cmpint(qosim_fill_block(f.s, FAKE_BASE + 10, 20, 0xee, NULL), ==, QOSIM_OK);
    g_assert_cmpint(qosim_read_block(f.s, FAKE_BASE, back, 31, NULL), ==, QOSIM_OK);
    g_assert_cmpuint(back[9], ==, block[9]);
    g_assert_cmpuint(back[10], ==, 0xee);
    g_assert_cmpuint(back[29], ==, 0xee);
    g_assert_cmpuint(back[30], ==, block[30]);
    g_assert_cmpint(qosim_write_block(f.s, FAKE_BASE, NULL, 0, &bus), ==, QOSIM_OK);
    tear_down(&f);
}

static void test_bad_blocks(void)
{
    uint8_t byte = 0;
    qosim_bus bus = 0;
    int before;
    Fixture f;

    set_up(&f, NULL);
    expect_error(&f, qosim_write_block(f.s, UINT64_MAX, &byte, 2, NULL), QOSIM_ERR_INVALID_ARGUMENT,
                 "beyond the end");
    expect_error(&f, qosim_fill_block(f.s, 1, UINT64_MAX, 0, NULL), QOSIM_ERR_GENERIC,
                 "decode error");
    expect_error(&f, qosim_read_block(f.s, FAKE_BASE, NULL, 5, NULL), QOSIM_ERR_INVALID_ARGUMENT,
                 "missing");
    expect_error(&f, qosim_read_block(f.s, 0, &byte, 1, NULL), QOSIM_ERR_GENERIC, "decode error");
    /* A block of 2^40 bytes ends where the bus does, not after a million frames. */
    before = g_atomic_int_get(&f.fake->n_frames);
    g_assert_cmpint(qosim_fill_block(f.s, FAKE_BASE, UINT64_C(1) << 40, 0, &bus), ==, QOSIM_OK);
    g_assert_cmpint(bus, ==, QOSIM_BUS_DECODE_ERROR);
    g_assert_cmpint(g_atomic_int_get(&f.fake->n_frames) - before, <, 4);
    tear_down(&f);
}

static void test_posted(void)
{
    Fixture f;
    uint64_t data;
    char text[100] = "";

    set_up(&f, NULL);
    for (unsigned i = 0; i < 100; i++) {
        g_assert_cmpint(qosim_post_write(f.s, FAKE_BASE + i, 1, i), ==, QOSIM_OK);
    }
    g_assert_cmpint(qosim_read(f.s, FAKE_BASE + 99, 1, &data, NULL), ==, QOSIM_OK);
    g_assert_cmpuint(data, ==, 99);
    g_assert_cmpuint(qosim_posted_errors(f.s, text, sizeof(text)), ==, 0);
    g_assert_cmpstr(text, ==, "");
    g_assert_cmpint(qosim_post_write(f.s, 0, 4, 0), ==, QOSIM_OK);
    g_assert_cmpint(qosim_post_write(f.s, 4, 4, 0), ==, QOSIM_OK);
    g_assert_cmpint(qosim_read(f.s, FAKE_BASE, 1, &data, NULL), ==, QOSIM_OK);
    g_assert_cmpuint(qosim_posted_errors(f.s, text, sizeof(text)), ==, 2);
    g_assert_cmpstr(text, ==, "posted write: decode error");
    g_assert_cmpuint(qosim_posted_errors(f.s, NULL, 0), ==, 0);
    tear_down(&f);
}

static void test_time(void)
{
    Fixture f;
    uint64_t now;
    uint64_t data;

    set_up(&f, NULL);
    g_assert_cmpuint(qosim_next_deadline(f.s), ==, 1000000);
    qosim_set_time(f.s, 500);
    g_assert_cmpuint(qosim_now(f.s), ==, 0);
    g_assert_cmpint(qosim_read(f.s, FAKE_BASE, 4, &data, NULL), ==, QOSIM_OK);
    g_assert_cmpuint(qosim_now(f.s), ==, 500);
    g_assert_cmpint(qosim_advance_by(f.s, 100, &now), ==, QOSIM_OK);
    g_assert_cmpuint(now, ==, 600);
    g_assert_cmpint(qosim_advance(f.s, 5000, &now), ==, QOSIM_OK);
    g_assert_cmpuint(qosim_now(f.s), ==, 5000);
    g_assert_cmpint(qosim_advance_to_deadline(f.s, NULL), ==, QOSIM_OK);
    g_assert_cmpuint(qosim_now(f.s), ==, 1000000);
    g_assert_cmpint(qosim_reset(f.s), ==, QOSIM_OK);
    tear_down(&f);
}

static void test_lines(void)
{
    Fixture f;
    uint32_t watch = 0;
    uint32_t lines = 0;
    int level = -1;

    set_up(&f, NULL);
    g_assert_cmpint(qosim_set_line(f.s, "/machine/soc", NULL, 9, 1), ==, QOSIM_OK);
    g_assert_true(qosim_irq_level(f.s, 9));
    g_assert_cmpint(qosim_get_line(f.s, QOSIM_WATCH_IRQ, 9, &level), ==, QOSIM_OK);
    g_assert_cmpint(level, ==, 1);
    g_assert_cmpint(qosim_watch_lines(f.s, "/machine/soc", QOSIM_LINE_OUT, &watch, &lines), ==,
                    QOSIM_OK);
    g_assert_cmpuint(watch, ==, 7);
    g_assert_cmpuint(lines, ==, FAKE_LINES);
    g_assert_cmpint(qosim_unwatch_lines(f.s, watch), ==, QOSIM_OK);
    expect_error(&f, qosim_watch_lines(f.s, "/x", 5, &watch, &lines), QOSIM_ERR_INVALID_ARGUMENT,
                 "direction");
    expect_error(&f, qosim_set_line(f.s, NULL, NULL, 0, 0), QOSIM_ERR_INVALID_ARGUMENT,
                 "path is missing");
    tear_down(&f);
}

static const QsProperty properties[] = {
    { "ngpio", "uint32", "Number of pins", { .kind = QS_VALUE_UINT, .u = 32 } },
    { "name", "str", "", { .kind = QS_VALUE_NONE } },
};
static const QsType types[] = { { "sifive_soc.gpio", "sys-bus-device", false },
                                { "device", "object", true } };
static const QsStat stats[] = { { "frames", 12, "frames" }, { "bytes", UINT64_MAX, "B" } };
static const QsRegion regions[] = {
    { .name = "sifive_soc.gpio", .owner = "/machine/soc/gpio", .address = 0x10012000, .size = 256 }
};
static const char *const sessions[] = { "observer 'a test'" };

static bool answer_objects(FakeServer *fake, const QsClientFrame *frame, const QsPeer *peer)
{
    const QsOperation *o = &frame->operations[0];
    QsResult r = { .kind = o->kind, .status = fake_ok };

    switch (o->kind) {
    case QS_OP_QOM_GET:
        r.value = (QsValue){ .kind = QS_VALUE_TEXT, .text = o->qom.property };
        break;
    case QS_OP_QOM_SET:
        g_assert_cmpint(o->qom.value.kind, ==, QS_VALUE_UNPARSED);
        if (strcmp(o->qom.value.text, "0x10") != 0) {
            r.status = (QsStatus){ QS_STATUS_INVALID_ARGUMENT, "Parameter 'ngpio' is bad", "/a" };
        }
        break;
    case QS_OP_QOM_NEW:
        g_assert_cmpuint(o->qom_new.n_properties, ==, 2);
        g_assert_cmpstr(o->qom_new.properties[0].key, ==, "ngpio");
        g_assert_cmpstr(o->qom_new.properties[0].value.text, ==, "8");
        g_assert_cmpstr(o->qom_new.properties[1].key, ==, "text");
        g_assert_cmpstr(o->qom_new.properties[1].value.text, ==, "a=b");
        r.qom_list.path = "/machine/peripheral/g0";
        break;
    case QS_OP_QOM_DELETE:
        r.status = (QsStatus){ QS_STATUS_NOT_FOUND, "Device 'g1' not found", "" };
        break;
    case QS_OP_QOM_LIST:
    case QS_OP_QOM_TYPE_PROPERTIES:
        r.qom_list.path = "/";
        r.qom_list.properties = properties;
        r.qom_list.n_properties = G_N_ELEMENTS(properties);
        break;
    case QS_OP_QOM_TYPES:
        r.types.types = types;
        r.types.n_types = G_N_ELEMENTS(types);
        break;
    case QS_OP_STATS:
        r.stats.entries = stats;
        r.stats.n_entries = G_N_ELEMENTS(stats);
        break;
    case QS_OP_INFO:
        r.info.machine = "m0";
        r.info.machine_type = "sifive_e";
        r.info.regions = regions;
        r.info.n_regions = 1;
        r.info.irq_lines = 53;
        r.info.sessions = sessions;
        r.info.n_sessions = 1;
        break;
    default:
        return false;
    }
    fake_reply(fake, frame, peer, &fake_ok, &r, 1);
    return true;
}

static void test_objects(void)
{
    const char *const good[] = { "ngpio=8", "text=a=b", NULL };
    const char *const bad[] = { "ngpio", NULL };
    char *text = NULL;
    Fixture f;

    set_up(&f, answer_objects);
    g_assert_cmpint(qosim_qom_get(f.s, "/machine", "type", &text), ==, QOSIM_OK);
    g_assert_cmpstr(text, ==, "type");
    qosim_free(text);
    g_assert_cmpint(qosim_qom_set(f.s, "/machine", "ngpio", "0x10"), ==, QOSIM_OK);
    expect_error(&f, qosim_qom_set(f.s, "/machine", "ngpio", "many"), QOSIM_ERR_INVALID_ARGUMENT,
                 "Parameter 'ngpio' is bad");
    expect_error(&f, qosim_qom_set(f.s, "/machine", "ngpio", NULL), QOSIM_ERR_INVALID_ARGUMENT,
                 "value is missing");
    g_assert_cmpint(qosim_qom_new(f.s, "sifive_soc.gpio", "g0", good, &text), ==, QOSIM_OK);
    g_assert_cmpstr(text, ==, "/machine/peripheral/g0");
    qosim_free(text);
    g_assert_cmpint(qosim_qom_new(f.s, "sifive_soc.gpio", NULL, good, NULL), ==, QOSIM_OK);
    expect_error(&f, qosim_qom_new(f.s, "sifive_soc.gpio", "g0", bad, NULL),
                 QOSIM_ERR_INVALID_ARGUMENT, "'ngpio' is not of the form");
    expect_error(&f, qosim_qom_delete(f.s, "g1"), QOSIM_ERR_NOT_FOUND, "Device 'g1' not found");
    tear_down(&f);
}

static void test_object_lists(void)
{
    qosim_property *list = NULL;
    qosim_type *type_list = NULL;
    size_t n = 0;
    Fixture f;

    set_up(&f, answer_objects);
    for (int i = 0; i < 2; i++) {
        g_assert_cmpint(i ? qosim_type_properties(f.s, "sifive_soc.gpio", &list, &n)
                          : qosim_qom_list(f.s, "/", &list, &n),
                        ==, QOSIM_OK);
        g_assert_cmpuint(n, ==, 2);
        g_assert_cmpstr(list[0].name, ==, "ngpio");
        g_assert_cmpstr(list[0].type, ==, "uint32");
        g_assert_cmpstr(list[0].description, ==, "Number of pins");
        g_assert_cmpstr(list[0].default_value, ==, "32");
        g_assert_cmpstr(list[1].default_value, ==, "");
        qosim_free_properties(list, n);
    }
    g_assert_cmpint(qosim_types(f.s, NULL, true, &type_list, &n), ==, QOSIM_OK);
    g_assert_cmpuint(n, ==, 2);
    g_assert_cmpstr(type_list[1].name, ==, "device");
    g_assert_cmpstr(type_list[1].parent, ==, "object");
    g_assert_true(type_list[1].is_abstract);
    qosim_free_types(type_list, n);
    tear_down(&f);
}

static void test_info_and_stats(void)
{
    qosim_info *info = NULL;
    qosim_stat *list = NULL;
    size_t n = 0;
    Fixture f;

    set_up(&f, answer_objects);
    g_assert_cmpint(qosim_get_info(f.s, &info), ==, QOSIM_OK);
    g_assert_cmpstr(info->server, ==, "fake 1.0");
    g_assert_cmpstr(info->machine, ==, "m0");
    g_assert_cmpstr(info->machine_type, ==, "sifive_e");
    g_assert_cmpuint(info->protocol_version, ==, 1);
    g_assert_cmpuint(info->irq_lines, ==, 53);
    g_assert_cmpuint(info->n_regions, ==, 1);
    g_assert_cmphex(info->regions[0].address, ==, 0x10012000);
    g_assert_cmpstr(info->regions[0].owner, ==, "/machine/soc/gpio");
    g_assert_cmpuint(info->n_sessions, ==, 1);
    g_assert_cmpstr(info->sessions[0], ==, "observer 'a test'");
    qosim_free_info(info);
    qosim_free_info(NULL);
    g_assert_cmpint(qosim_get_stats(f.s, &list, &n), ==, QOSIM_OK);
    g_assert_cmpuint(n, ==, 2);
    g_assert_cmpstr(list[0].name, ==, "frames");
    g_assert_cmpuint(list[1].value, ==, UINT64_MAX);
    g_assert_cmpstr(list[1].unit, ==, "B");
    qosim_free_stats(list, n);
    tear_down(&f);
}

static bool answer_values(FakeServer *fake, const QsClientFrame *frame, const QsPeer *peer)
{
    static const QsValue items[] = { { .kind = QS_VALUE_INT, .i = -1 },
                                     { .kind = QS_VALUE_TEXT, .text = "a\"\n\x01" },
                                     { .kind = QS_VALUE_NONE } };
    static const QsValueEntry entries[] = {
        { "on", { .kind = QS_VALUE_BOOL, .boolean = true } },
        { "list", { .kind = QS_VALUE_LIST, .list = { items, 3 } } },
    };
    static const QsValue values[] = {
        { .kind = QS_VALUE_NONE },
        { .kind = QS_VALUE_BOOL },
        { .kind = QS_VALUE_INT, .i = INT64_MIN },
        { .kind = QS_VALUE_UINT, .u = UINT64_MAX },
        { .kind = QS_VALUE_REAL, .real = 0.1 },
        { .kind = QS_VALUE_TEXT, .text = "plain \"text\"" },
        { .kind = QS_VALUE_MAP, .map = { entries, 2 } },
        { .kind = QS_VALUE_LIST, .list = { NULL, 0 } },
    };
    QsResult r = { .kind = QS_OP_QOM_GET, .status = fake_ok };

    if (frame->operations[0].kind != QS_OP_QOM_GET) {
        return false;
    }
    r.value = values[fake->count++ % (int)G_N_ELEMENTS(values)];
    fake_reply(fake, frame, peer, &fake_ok, &r, 1);
    return true;
}

static void test_values(void)
{
    static const char *const expected[] = {
        "",
        "false",
        "-9223372036854775808",
        "18446744073709551615",
        "0.1",
        "plain \"text\"",
        "{\"on\": true, \"list\": [-1, \"a\\\"\\n\\u0001\", null]}",
        "[]"
    };
    Fixture f;

    set_up(&f, answer_values);
    for (size_t i = 0; i < G_N_ELEMENTS(expected); i++) {
        char *text = NULL;

        g_assert_cmpint(qosim_qom_get(f.s, "/", "x", &text), ==, QOSIM_OK);
        g_assert_cmpstr(text, ==, expected[i]);
        qosim_free(text);
    }
    tear_down(&f);
}

static void test_bad_texts(void)
{
    g_autofree char *longest = g_strnfill(QS_MAX_STRING_BYTES + 1, 'x');
    const char *const properties_in[] = { "name=\xff", NULL };
    char *text;
    Fixture f;

    set_up(&f, NULL);
    expect_error(&f, qosim_qom_get(f.s, "\xc3", "x", &text), QOSIM_ERR_INVALID_ARGUMENT,
                 "path is not UTF-8");
    expect_error(&f, qosim_qom_get(f.s, "/", longest, &text), QOSIM_ERR_INVALID_ARGUMENT,
                 "property is longer than 65536");
    expect_error(&f, qosim_qom_set(f.s, "/", "x", longest), QOSIM_ERR_INVALID_ARGUMENT, "value");
    expect_error(&f, qosim_qom_new(f.s, "t", "\xff", NULL, NULL), QOSIM_ERR_INVALID_ARGUMENT, "id");
    expect_error(&f, qosim_qom_new(f.s, "t", "i", properties_in, NULL), QOSIM_ERR_INVALID_ARGUMENT,
                 "property is not UTF-8");
    expect_error(&f, qosim_qom_new(f.s, NULL, "i", NULL, NULL), QOSIM_ERR_INVALID_ARGUMENT,
                 "type is missing");
    expect_error(&f, qosim_set_line(f.s, "/a", "\xff", 0, 1), QOSIM_ERR_INVALID_ARGUMENT, "lines");
    expect_error(&f, qosim_qom_delete(f.s, ""), QOSIM_ERR_INVALID_ARGUMENT, "missing");
    g_assert_cmpint(g_atomic_int_get(&f.fake->n_frames), ==, 1);
    tear_down(&f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/calls/read-and-write-of-every-size", test_read_write);
    g_test_add_func("/calls/bus-error-is-a-result-or-an-error", test_bus_errors);
    g_test_add_func("/calls/bad-size-is-refused-here", test_sizes);
    g_test_add_func("/calls/batch-goes-in-few-frames", test_batch);
    g_test_add_func("/calls/limits-of-the-server-are-kept", test_small_limits);
    g_test_add_func("/calls/posted-writes-travel-together", test_posted_together);
    g_test_add_func("/calls/blocks", test_blocks);
    g_test_add_func("/calls/bad-blocks", test_bad_blocks);
    g_test_add_func("/calls/posted-writes-report-later", test_posted);
    g_test_add_func("/calls/virtual-time", test_time);
    g_test_add_func("/calls/lines", test_lines);
    g_test_add_func("/calls/objects", test_objects);
    g_test_add_func("/calls/object-lists", test_object_lists);
    g_test_add_func("/calls/info-and-statistics", test_info_and_stats);
    g_test_add_func("/calls/values-print", test_values);
    g_test_add_func("/calls/bad-texts-are-refused-here", test_bad_texts);
    return g_test_run();
}
