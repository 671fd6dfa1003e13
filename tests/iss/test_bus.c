/* The port for CPU simulators, with a server in this process. */
#include <string.h>

#include <glib.h>
#include <qosim/bus.h>

#define GPIO UINT64_C(0x10012000)
#define GPIO_INPUT_EN (GPIO + 0x04)
#define GPIO_RISE_IE (GPIO + 0x18)
#define GPIO_LOW_IE (GPIO + 0x30)
#define RAM UINT64_C(0x80000000)

/* What the callbacks told, in order. */
typedef struct Log {
    GString *text;
} Log;

static void on_irq(void *opaque, uint32_t line, bool level)
{
    g_string_append_printf(((Log *)opaque)->text, "line %u %d;", line, level);
}

static void on_written(void *opaque, uint64_t address, size_t length)
{
    g_string_append_printf(((Log *)opaque)->text, "written %zu@%x;", length, (unsigned)address);
}

static void on_note(void *opaque, const char *text)
{
    g_string_append_printf(((Log *)opaque)->text, "%s;", text);
}

static qosim_bus_port *open_port(const char *url, Log *log, bool observe)
{
    const qosim_bus_options options = { .client = "test",
                                        .observe = observe,
                                        .irq = on_irq,
                                        .written = on_written,
                                        .note = on_note,
                                        .opaque = log };
    qosim_bus_port *port;

    log->text = g_string_new(NULL);
    if (qosim_bus_open(url, &options, &port) != QOSIM_OK) {
        g_error("%s", qosim_open_error());
    }
    return port;
}

static void close_port(qosim_bus_port *port, Log *log)
{
    qosim_bus_close(port);
    g_string_free(log->text, TRUE);
}

static void test_map(void)
{
    Log log;
    qosim_bus_port *port = open_port("inproc:virt,gpio=on", &log, false);
    const qosim_info *info = qosim_bus_info(port);
    const qosim_region *gpio = qosim_bus_region_at(port, GPIO + 4);

    g_assert_cmpuint(info->n_regions, >, 2);
    for (size_t i = 1; i < info->n_regions; i++) {
        g_assert_cmpuint(info->regions[i].address, >, info->regions[i - 1].address);
    }
    g_assert_nonnull(gpio);
    g_assert_cmphex(gpio->address, ==, GPIO);
    g_assert_true(qosim_bus_region_at(port, RAM)->ram);
    g_assert_null(qosim_bus_region_at(port, 0x40000000));
    close_port(port, &log);
}

static void test_accesses(void)
{
    Log log;
    qosim_bus_port *port = open_port("inproc:sifive_e", &log, false);
    uint64_t value = 99;

    g_assert_cmpint(qosim_bus_store(port, GPIO_INPUT_EN, 4, 0xff), ==, QOSIM_BUS_OK);
    g_assert_cmpint(qosim_bus_load(port, GPIO_INPUT_EN, 4, &value), ==, QOSIM_BUS_OK);
    g_assert_cmphex(value, ==, 0xff);
    g_assert_cmpint(qosim_bus_load(port, 0x40000000, 4, &value), ==, QOSIM_BUS_DECODE_ERROR);
    g_assert_cmphex(value, ==, 0);
    g_assert_cmpint(qosim_bus_load(port, GPIO, 3, &value), ==, QOSIM_BUS_ERROR);
    g_assert_nonnull(strstr(qosim_bus_error(port), "not 3"));
    g_assert_false(qosim_bus_is_lost(port));
    close_port(port, &log);
}

static void test_lines(void)
{
    Log log;
    qosim_bus_port *port = open_port("inproc:sifive_e", &log, false);

    g_assert_cmpint(qosim_bus_store(port, GPIO_INPUT_EN, 4, 8), ==, QOSIM_BUS_OK);
    g_assert_cmpstr(log.text->str, ==, "");
    g_assert_cmpint(qosim_bus_store(port, GPIO_LOW_IE, 4, 8), ==, QOSIM_BUS_OK);
    g_assert_cmpstr(log.text->str, ==, "line 11 1;");
    g_assert_cmpint(qosim_bus_store(port, GPIO_LOW_IE, 4, 0), ==, QOSIM_BUS_OK);
    g_assert_cmpstr(log.text->str, ==, "line 11 1;line 11 0;");
    g_assert_cmpint(qosim_reset(qosim_bus_session(port)), ==, QOSIM_OK);
    g_assert_nonnull(strstr(log.text->str, "the machine was reset;"));
    close_port(port, &log);
}

static void test_posted(void)
{
    Log log = { g_string_new(NULL) };
    const qosim_bus_options options = {
        .posted = true, .irq = on_irq, .note = on_note, .opaque = &log
    };
    qosim_bus_port *port;
    uint64_t value = 0;

    g_assert_cmpint(qosim_bus_open("inproc:sifive_e", &options, &port), ==, QOSIM_OK);
    qosim_bus_set_time(port, 500);
    g_assert_cmpint(qosim_bus_store(port, GPIO_INPUT_EN, 4, 8), ==, QOSIM_BUS_OK);
    g_assert_cmpint(qosim_bus_store(port, GPIO_LOW_IE, 4, 8), ==, QOSIM_BUS_OK);
    g_assert_cmpint(qosim_bus_load(port, GPIO_LOW_IE, 4, &value), ==, QOSIM_BUS_OK);
    g_assert_cmphex(value, ==, 8);
    g_assert_cmpstr(log.text->str, ==, "line 11 1;");
    /* A hole is a fault to nobody, but somebody is told. */
    g_assert_cmpint(qosim_bus_store(port, 0x40000000, 4, 1), ==, QOSIM_BUS_OK);
    g_assert_cmpint(qosim_bus_sync(port), ==, QOSIM_OK);
    g_assert_nonnull(strstr(log.text->str, "1 posted stores failed: "));
    close_port(port, &log);
}

static void test_dma(void)
{
    static uint8_t ram[8192];
    Log log;
    qosim_bus_port *port = open_port("inproc:virt,ram-home=client,ram-size=64K", &log, false);
    qosim_session *session = qosim_bus_session(port);
    char back[6] = "";
    qosim_bus bus;

    g_assert_cmpint(qosim_bus_give_ram(port, RAM, 0, ram), ==, QOSIM_ERR_INVALID_ARGUMENT);
    g_assert_cmpint(qosim_bus_give_ram(port, UINT64_MAX, 2, ram), ==, QOSIM_ERR_INVALID_ARGUMENT);
    g_assert_cmpint(qosim_bus_give_ram(port, RAM, sizeof(ram), ram), ==, QOSIM_OK);
    g_assert_cmpint(qosim_write_block(session, RAM + 0x100, "hello", 6, &bus), ==, QOSIM_OK);
    g_assert_cmpint(bus, ==, QOSIM_BUS_OK);
    g_assert_cmpstr((char *)ram + 0x100, ==, "hello");
    g_assert_cmpstr(log.text->str, ==, "written 6@80000100;");
    g_assert_cmpint(qosim_read_block(session, RAM + 0x100, back, sizeof(back), &bus), ==, QOSIM_OK);
    g_assert_cmpstr(back, ==, "hello");
    /* What was not given, and what begins in it and ends elsewhere. */
    g_assert_cmpint(qosim_write_block(session, RAM + 0x2000, "x", 1, &bus), ==, QOSIM_OK);
    g_assert_cmpint(bus, !=, QOSIM_BUS_OK);
    g_assert_cmpint(qosim_write_block(session, RAM + 0x1ffe, "xxxx", 4, &bus), ==, QOSIM_OK);
    g_assert_cmpint(bus, !=, QOSIM_BUS_OK);
    close_port(port, &log);
}

/* Memory in pages of 16 bytes, every other one. */
static void *find_page(void *opaque, uint64_t address, size_t *length)
{
    static uint8_t pages[2][16];

    (void)opaque;
    *length = MIN(*length, 16 - address % 16);
    return address % 64 < 32 ? &pages[address / 16 % 2][address % 16] : NULL;
}

static void test_dma_in_pieces(void)
{
    const qosim_bus_options options = { .memory = find_page };
    qosim_bus_port *port;
    char back[32] = "";
    qosim_bus bus;

    g_assert_cmpint(qosim_bus_open("inproc:virt,ram-home=client,ram-size=64K", &options, &port), ==,
                    QOSIM_OK);
    g_assert_cmpint(
        qosim_write_block(qosim_bus_session(port), RAM + 10, "0123456789abcdef", 17, &bus), ==,
        QOSIM_OK);
    g_assert_cmpint(bus, ==, QOSIM_BUS_OK);
    g_assert_cmpint(qosim_read_block(qosim_bus_session(port), RAM + 10, back, 17, &bus), ==,
                    QOSIM_OK);
    g_assert_cmpstr(back, ==, "0123456789abcdef");
    g_assert_cmpint(qosim_read_block(qosim_bus_session(port), RAM + 24, back, 17, &bus), ==,
                    QOSIM_OK);
    g_assert_cmpint(bus, !=, QOSIM_BUS_OK);
    qosim_bus_close(port);
}

static void test_shared_ram(void)
{
    Log log;
    qosim_bus_port *port = open_port("inproc:virt,ram-home=shm,ram-size=64K", &log, false);
    const qosim_region *region = qosim_bus_region_at(port, RAM);
    void *host = NULL;
    uint64_t value;

    g_assert_cmpint(qosim_bus_take_ram(port, region, &host), ==, QOSIM_OK);
    memcpy((char *)host + 16, "abcd", 4);
    g_assert_cmpint(qosim_bus_load(port, RAM + 16, 4, &value), ==, QOSIM_BUS_OK);
    g_assert_cmphex(value, ==, 0x64636261);
    close_port(port, &log);
}

static void test_private_ram(void)
{
    Log log;
    qosim_bus_port *port = open_port("inproc:virt,ram-size=64K", &log, false);
    void *host = &log;

    g_assert_cmpint(qosim_bus_take_ram(port, qosim_bus_region_at(port, RAM), &host), ==,
                    QOSIM_ERR_INVALID_ARGUMENT);
    g_assert_null(host);
    g_assert_nonnull(strstr(qosim_bus_error(port), "ram-home=shm"));
    close_port(port, &log);
}

static void test_time(void)
{
    Log log;
    qosim_bus_port *port = open_port("inproc:sifive_e", &log, false);
    qosim_session *session = qosim_bus_session(port);
    uint64_t value;

    g_assert_true(qosim_bus_deadline(port) == QOSIM_BUS_NEVER);
    qosim_bus_set_time(port, 500);
    g_assert_cmpuint(qosim_now(session), ==, 0);
    g_assert_cmpint(qosim_bus_load(port, GPIO, 4, &value), ==, QOSIM_BUS_OK);
    g_assert_cmpuint(qosim_now(session), ==, 500);
    qosim_bus_set_time(port, 1000);
    g_assert_cmpint(qosim_bus_sync(port), ==, QOSIM_OK);
    g_assert_cmpuint(qosim_now(session), ==, 1000);
    qosim_bus_set_time(port, 700); /* not backwards */
    g_assert_cmpint(qosim_bus_sync(port), ==, QOSIM_OK);
    g_assert_cmpuint(qosim_now(session), ==, 1000);
    /* Somebody who used the session itself is ahead: no harm. */
    g_assert_cmpint(qosim_advance(session, 5000, NULL), ==, QOSIM_OK);
    qosim_bus_set_time(port, 2000);
    g_assert_cmpint(qosim_bus_load(port, GPIO, 4, &value), ==, QOSIM_BUS_OK);
    g_assert_cmpint(qosim_bus_sync(port), ==, QOSIM_OK);
    g_assert_cmpint(qosim_bus_wait(port, 0), ==, 0);
    close_port(port, &log);
}

static void test_observer(void)
{
    Log log;
    qosim_bus_port *port = open_port("inproc:sifive_e", &log, true);
    uint64_t value;

    qosim_bus_set_time(port, 500);
    g_assert_cmpint(qosim_bus_load(port, GPIO, 4, &value), ==, QOSIM_BUS_OK);
    g_assert_cmpint(qosim_bus_sync(port), ==, QOSIM_OK);
    g_assert_cmpuint(qosim_now(qosim_bus_session(port)), ==, 0);
    g_assert_true(qosim_bus_deadline(port) == QOSIM_BUS_NEVER);
    close_port(port, &log);
}

static void test_bad_url(void)
{
    qosim_bus_port *port = (qosim_bus_port *)&port;

    g_assert_cmpint(qosim_bus_open("inproc:no-such", NULL, &port), !=, QOSIM_OK);
    g_assert_null(port);
    g_assert_nonnull(strstr(qosim_open_error(), "no-such"));
    qosim_bus_close(NULL);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/bus/knows-the-regions-in-order", test_map);
    g_test_add_func("/bus/an-access-gives-its-outcome", test_accesses);
    g_test_add_func("/bus/lines-are-told-before-the-access-returns", test_lines);
    g_test_add_func("/bus/posted-stores-are-told-by-the-next-answer", test_posted);
    g_test_add_func("/bus/dma-reaches-what-was-given-and-nothing-else", test_dma);
    g_test_add_func("/bus/dma-finds-memory-in-pieces", test_dma_in_pieces);
    g_test_add_func("/bus/shared-ram-is-the-machine's", test_shared_ram);
    g_test_add_func("/bus/ram-in-the-server-cannot-be-taken", test_private_ram);
    g_test_add_func("/bus/time-goes-with-messages-and-never-back", test_time);
    g_test_add_func("/bus/an-observer-leaves-the-time-alone", test_observer);
    g_test_add_func("/bus/opening-fails-with-a-text", test_bad_url);
    return g_test_run();
}
