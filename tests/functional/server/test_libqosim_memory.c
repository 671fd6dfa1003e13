/* Guest memory in its three homes as a program with the client library sees it: inside the process, and over sockets. */
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib.h>
#include <glib/gstdio.h>
#include <qosim/qosim.h>

#include "tests/lib/daemon.h"

#define GPIO 0x10012000u
#define RAM 0x80000000u
#define RAM_SIZE 0x40000u /* as much of it as the driver here has */
#define PINS "/machine/soc"

/* The driver's memory. */
typedef struct Memory {
    uint8_t bytes[RAM_SIZE];
    unsigned requests;
    GString *trace;
    int result;
    qosim_session *session;
    qosim_result nested; /* what a call from within the handler came to */
} Memory;

typedef struct Fixture {
    Daemon *daemon; /* NULL: inside the process */
    char *url;
    qosim_session *session;
    Memory *memory;
} Fixture;

static int serve(void *opaque, uint64_t address, void *data, size_t length, bool is_write)
{
    Memory *memory = opaque;
    uint64_t at = address - RAM;
    uint64_t value;

    memory->requests++;
    g_string_append_printf(memory->trace, "%c%zu ", is_write ? 'w' : 'r', length);
    g_assert_cmphex(at, <, RAM_SIZE);
    g_assert_cmphex(length, <=, RAM_SIZE - at);
    memcpy(is_write ? memory->bytes + at : data, is_write ? data : memory->bytes + at, length);
    if (memory->session) {
        memory->nested = qosim_read(memory->session, GPIO, 4, &value, NULL);
    }
    return memory->result;
}

static void note_event(void *opaque, const qosim_event *event)
{
    Memory *memory = opaque;

    if (event->kind == QOSIM_EVENT_LINE) {
        g_string_append_printf(memory->trace, "line%u=%d ", event->line, event->level);
    }
}

static qosim_session *must_open(const char *url, const qosim_options *options)
{
    qosim_session *s;

    if (qosim_open(url, options, &s) != QOSIM_OK) {
        g_error("%s", qosim_open_error());
    }
    return s;
}

static void open_machine(Fixture *f, const char *scheme, const char *machine)
{
    qosim_options options = { .role = QOSIM_ROLE_DRIVER, .client = "test", .timeout_ms = 30000 };

    f->memory = g_new0(Memory, 1);
    f->memory->trace = g_string_new(NULL);
    f->memory->result = QOSIM_BUS_OK;
    options.dma = serve;
    options.dma_opaque = f->memory;
    if (strcmp(scheme, "inproc") == 0) {
        f->url = g_strdup_printf("inproc:%s", machine);
    } else {
        g_autofree char *arguments = g_strdup_printf("-M %s --dma-timeout 60000", machine);

        f->daemon = daemon_start(arguments, scheme);
        f->url = g_strdup(f->daemon->url);
    }
    f->session = must_open(f->url, &options);
    qosim_set_event_handler(f->session, note_event, f->memory);
}

static void tear_down(Fixture *f)
{
    qosim_close(f->session);
    daemon_free(f->daemon);
    g_free(f->url);
    g_string_free(f->memory->trace, TRUE);
    g_free(f->memory);
}

static void expect_trace(Fixture *f, const char *expected)
{
    g_assert_cmpstr(f->memory->trace->str, ==, expected);
    g_string_truncate(f->memory->trace, 0);
}

/* --- With the driver --- */

static void test_accesses(gconstpointer scheme)
{
    Fixture f = { NULL };
    uint64_t value = 0;
    qosim_bus bus;

    open_machine(&f, scheme, "sifive_e,ram-home=client");
    g_assert_cmpint(qosim_write(f.session, RAM + 8, 4, 0x11223344, NULL), ==, QOSIM_OK);
    g_assert_cmphex(f.memory->bytes[8], ==, 0x44);
    f.memory->bytes[11] = 0x99;
    g_assert_cmpint(qosim_read(f.session, RAM + 8, 4, &value, NULL), ==, QOSIM_OK);
    g_assert_cmphex(value, ==, 0x99223344);
    g_assert_cmpint(qosim_dma_read(f.session, RAM + 9, 2, &value, NULL), ==, QOSIM_OK);
    g_assert_cmphex(value, ==, 0x2233);
    expect_trace(&f, "w4 r4 r2 ");
    f.memory->result = QOSIM_BUS_DECODE_ERROR;
    g_assert_cmpint(qosim_read(f.session, RAM, 4, &value, &bus), ==, QOSIM_OK);
    g_assert_cmpint(bus, ==, QOSIM_BUS_DECODE_ERROR);
    g_assert_cmphex(value, ==, 0);
    f.memory->result = 77;
    g_assert_cmpint(qosim_write(f.session, RAM, 4, 1, &bus), ==, QOSIM_OK);
    g_assert_cmpint(bus, ==, QOSIM_BUS_ERROR);
    tear_down(&f);
}

static void test_blocks(gconstpointer scheme)
{
    Fixture f = { NULL };
    g_autofree uint8_t *out = g_malloc(200000);
    g_autofree uint8_t *in = g_malloc0(200000);

    open_machine(&f, scheme, "virt,ram-home=client");
    for (size_t i = 0; i < 200000; i++) {
        out[i] = (uint8_t)(i ^ (i >> 9));
    }
    g_assert_cmpint(qosim_write_block(f.session, RAM + 5, out, 200000, NULL), ==, QOSIM_OK);
    g_assert_cmpmem(f.memory->bytes + 5, 200000, out, 200000);
    g_assert_cmpint(qosim_read_block(f.session, RAM + 5, in, 200000, NULL), ==, QOSIM_OK);
    g_assert_cmpmem(in, 200000, out, 200000);
    g_assert_cmpint(qosim_fill_block(f.session, RAM, RAM_SIZE, 0x3c, NULL), ==, QOSIM_OK);
    g_assert_cmphex(f.memory->bytes[RAM_SIZE - 1], ==, 0x3c);
    tear_down(&f);
}

/* One order of everything: the event of an access before the request of the next one. */
static void test_order(gconstpointer scheme)
{
    Fixture f = { NULL };
    qosim_access batch[] = { { .is_write = true, .size = 4, .address = GPIO + 0x08, .data = 3 },
                             { .is_write = true, .size = 4, .address = GPIO + 0x28, .data = 1 },
                             { .size = 4, .address = RAM },
                             { .is_write = true, .size = 4, .address = GPIO + 0x28, .data = 0 },
                             { .is_write = true, .size = 1, .address = RAM } };

    open_machine(&f, scheme, "sifive_e,ram-home=client");
    /* A high level at pin 0 is an interrupt while HIGH_IE says so. */
    g_assert_cmpint(qosim_write(f.session, GPIO + 0x04, 4, 1, NULL), ==, QOSIM_OK);
    g_assert_cmpint(qosim_set_line(f.session, PINS, NULL, 0, 1), ==, QOSIM_OK);
    g_string_truncate(f.memory->trace, 0);
    g_assert_cmpint(qosim_batch(f.session, batch, G_N_ELEMENTS(batch)), ==, QOSIM_OK);
    expect_trace(&f, "line8=1 r4 line8=0 w1 ");
    tear_down(&f);
}

static void test_posted(gconstpointer scheme)
{
    Fixture f = { NULL };
    uint64_t value = 0;

    open_machine(&f, scheme, "sifive_e,ram-home=client");
    for (uint32_t i = 0; i < 3000; i++) {
        g_assert_cmpint(qosim_post_write(f.session, RAM + 4 * (i % 100), 4, i), ==, QOSIM_OK);
    }
    g_assert_cmpint(qosim_read(f.session, RAM + 4 * 99, 4, &value, NULL), ==, QOSIM_OK);
    g_assert_cmpuint(value, ==, 2999);
    g_assert_cmpuint(f.memory->requests, ==, 3001);
    g_assert_cmpuint(qosim_posted_errors(f.session, NULL, 0), ==, 0);
    tear_down(&f);
}

static void test_handler_makes_no_calls(gconstpointer scheme)
{
    Fixture f = { NULL };
    uint64_t value;

    open_machine(&f, scheme, "sifive_e,ram-home=client");
    f.memory->session = f.session;
    g_assert_cmpint(qosim_read(f.session, RAM, 4, &value, NULL), ==, QOSIM_OK);
    g_assert_cmpint(f.memory->nested, ==, QOSIM_ERR_INVALID_ARGUMENT);
    f.memory->session = NULL;
    tear_down(&f);
}

static void test_handler_can_change(gconstpointer scheme)
{
    Fixture f = { NULL };
    uint64_t value;
    qosim_bus bus;

    open_machine(&f, scheme, "sifive_e,ram-home=client");
    g_assert_cmpint(qosim_set_dma_handler(f.session, NULL, NULL), ==, QOSIM_OK);
    g_assert_cmpint(qosim_read(f.session, RAM, 4, &value, &bus), ==, QOSIM_OK);
    g_assert_cmpint(bus, ==, QOSIM_BUS_ERROR);
    g_assert_cmpint(qosim_set_dma_handler(f.session, serve, f.memory), ==, QOSIM_OK);
    g_assert_cmpint(qosim_read(f.session, RAM, 4, &value, &bus), ==, QOSIM_OK);
    g_assert_cmpint(bus, ==, QOSIM_BUS_OK);
    g_assert_cmpuint(f.memory->requests, ==, 1);
    tear_down(&f);
}

/* --- Two clients --- */

typedef struct Reader {
    char *url;
    gint done; /* atomic */
    unsigned wrong;
} Reader;

/* An observer in a thread of its own: what it writes it finds again. */
static gpointer read_and_write(gpointer opaque)
{
    Reader *reader = opaque;
    qosim_options options = { .timeout_ms = 30000 };
    qosim_session *s = must_open(reader->url, &options);
    uint64_t value;

    for (uint32_t i = 0; i < 300; i++) {
        reader->wrong += qosim_write(s, RAM + 0x100, 4, i, NULL) != QOSIM_OK;
        reader->wrong += qosim_read(s, RAM + 0x100, 4, &value, NULL) != QOSIM_OK || value != i;
    }
    qosim_close(s);
    g_atomic_int_set(&reader->done, 1);
    return NULL;
}

static void serve_reader(qosim_session *driver, Reader *reader)
{
    GThread *thread = g_thread_new("reader", read_and_write, reader);
    uint64_t value;
    uint32_t i = 0;

    while (!g_atomic_int_get(&reader->done)) {
        g_assert_cmpint(qosim_poll(driver, 1), >=, 0);
        if (++i % 4 == 0) { /* and has work of its own, in which it is asked too */
            g_assert_cmpint(qosim_write(driver, RAM, 4, i, NULL), ==, QOSIM_OK);
            g_assert_cmpint(qosim_read(driver, RAM, 4, &value, NULL), ==, QOSIM_OK);
            g_assert_cmphex(value, ==, i);
        }
    }
    g_thread_join(thread);
    g_assert_cmpuint(reader->wrong, ==, 0);
    g_free(reader->url);
}

static void test_poll_serves_others(gconstpointer scheme)
{
    Fixture f = { NULL };
    Reader reader = { .done = 0 };

    open_machine(&f, scheme, "sifive_e,ram-home=client");
    reader.url = g_strdup(f.url);
    serve_reader(f.session, &reader);
    g_assert_cmpuint(f.memory->requests, >=, 600);
    tear_down(&f);
}

static char *new_socket(void)
{
    g_autofree char *dir = g_dir_make_tmp("qosim-XXXXXX", NULL);

    return g_build_filename(dir, "s", NULL);
}

static void remove_socket(const char *path)
{
    g_autofree char *dir = g_path_get_dirname(path);

    g_assert_cmpint(g_rmdir(dir), ==, 0);
}

/* The driver has the server inside; the other client comes by a socket of that server. */
static void test_embedded_driver_serves_a_remote_client(void)
{
    g_autofree char *socket = new_socket();
    g_autofree char *options =
        g_strdup_printf("sifive_e,ram-home=client --listen ipc://%s", socket);
    Fixture f = { NULL };
    Reader reader = { .url = g_strdup_printf("ipc://%s", socket) };

    open_machine(&f, "inproc", options);
    serve_reader(f.session, &reader);
    tear_down(&f);
    remove_socket(socket);
}

typedef struct RemoteDriver {
    char *url;
    Memory memory;
    gint ready; /* atomic, as are the next ones */
    gint stop;
    gint ended;
} RemoteDriver;

static gpointer drive(gpointer opaque)
{
    RemoteDriver *driver = opaque;
    qosim_options options = {
        .role = QOSIM_ROLE_DRIVER, .timeout_ms = 30000, .dma = serve, .dma_opaque = &driver->memory
    };
    qosim_session *s = must_open(driver->url, &options);

    g_atomic_int_set(&driver->ready, 1);
    while (!g_atomic_int_get(&driver->stop)) {
        g_assert_cmpint(qosim_poll(s, 1), >=, 0);
    }
    qosim_close(s);
    g_atomic_int_set(&driver->ended, 1);
    return NULL;
}

/* And the other way round: the server is in the observer's process, and waits for a driver elsewhere. */
static void test_embedded_observer_asks_a_remote_driver(void)
{
    g_autofree char *socket = new_socket();
    g_autofree char *url =
        g_strdup_printf("inproc:sifive_e,ram-home=client --listen ipc://%s", socket);
    g_autofree RemoteDriver *driver = g_new0(RemoteDriver, 1);
    qosim_session *s = must_open(url, NULL);
    uint64_t value = 0;
    GThread *thread;

    driver->url = g_strdup_printf("ipc://%s", socket);
    driver->memory.trace = g_string_new(NULL);
    driver->memory.result = QOSIM_BUS_OK;
    thread = g_thread_new("driver", drive, driver);
    while (!g_atomic_int_get(&driver->ready)) {
        g_assert_cmpint(qosim_poll(s, 1), >=, 0);
    }
    for (uint32_t i = 0; i < 200; i++) {
        g_assert_cmpint(qosim_write(s, RAM, 4, i, NULL), ==, QOSIM_OK);
        g_assert_cmpint(qosim_read(s, RAM, 4, &value, NULL), ==, QOSIM_OK);
        g_assert_cmphex(value, ==, i);
    }
    g_atomic_int_set(&driver->stop, 1);
    while (!g_atomic_int_get(&driver->ended)) { /* its Bye wants an answer */
        g_assert_cmpint(qosim_poll(s, 1), >=, 0);
    }
    g_thread_join(thread);
    g_assert_cmpuint(driver->memory.requests, ==, 400);
    qosim_close(s);
    g_string_free(driver->memory.trace, TRUE);
    g_free(driver->url);
    remove_socket(socket);
}

/* --- In a file --- */

static qosim_region *find_ram(qosim_info *info)
{
    for (size_t i = 0; i < info->n_regions; i++) {
        if (info->regions[i].ram) {
            return &info->regions[i];
        }
    }
    g_error("the machine has no RAM");
}

static void test_homes_are_told(gconstpointer scheme)
{
    static const struct {
        const char *machine;
        qosim_ram_home home;
    } cases[] = { { "sifive_e", QOSIM_RAM_SERVER },
                  { "sifive_e,ram-home=ram", QOSIM_RAM_SERVER },
                  { "sifive_e,ram-home=shm", QOSIM_RAM_SHM },
                  { "sifive_e,ram-home=client", QOSIM_RAM_CLIENT },
                  { "virt,ram-home=shm", QOSIM_RAM_SHM } };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        Fixture f = { NULL };
        qosim_info *info;
        void *at;

        open_machine(&f, scheme, cases[i].machine);
        g_assert_cmpint(qosim_get_info(f.session, &info), ==, QOSIM_OK);
        g_assert_cmpint(find_ram(info)->home, ==, cases[i].home);
        g_assert_true((*find_ram(info)->shm_path != '\0') == (cases[i].home == QOSIM_RAM_SHM));
        g_assert_cmpint(info->regions[0].home, ==, QOSIM_RAM_NONE);
        if (cases[i].home != QOSIM_RAM_SHM) {
            g_assert_cmpint(qosim_shm_map(f.session, find_ram(info), &at), ==,
                            QOSIM_ERR_INVALID_ARGUMENT);
            g_assert_null(at);
        }
        qosim_free_info(info);
        tear_down(&f);
    }
}

static void test_mapping_is_the_memory(gconstpointer scheme)
{
    Fixture f = { NULL };
    qosim_info *info;
    qosim_region *ram;
    uint64_t value;
    uint8_t *p;
    void *at;

    open_machine(&f, scheme, "sifive_e,ram-home=shm");
    g_assert_cmpint(qosim_get_info(f.session, &info), ==, QOSIM_OK);
    ram = find_ram(info);
    g_assert_cmphex(ram->address, ==, RAM);
    g_assert_cmpint(qosim_shm_map(f.session, ram, &at), ==, QOSIM_OK);
    p = at;
    g_assert_cmpint(qosim_write(f.session, RAM + 0x3ffc, 4, 0xa1b2c3d4, NULL), ==, QOSIM_OK);
    g_assert_cmpmem(p + 0x3ffc, 4, "\xd4\xc3\xb2\xa1", 4);
    memcpy(p + 0x10, "guest", 6);
    g_assert_cmpint(qosim_read(f.session, RAM + 0x10, 8, &value, NULL), ==, QOSIM_OK);
    g_assert_cmphex(value & UINT64_C(0xffffffffffff), ==, UINT64_C(0x007473657567));
    g_assert_cmpuint(f.memory->requests, ==, 0);
    tear_down(&f);
    g_assert_cmpstr((char *)p + 0x10, ==, "guest"); /* as long as it is mapped */
    qosim_shm_unmap(ram, at);
    qosim_free_info(info);
}

/* A file that the user names is there while the server is, and for nobody else. */
static void test_named_file(void)
{
    g_autofree char *dir = g_dir_make_tmp("qosim-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "ram", NULL);
    g_autofree char *machine = g_strdup_printf("sifive_e,ram-home=shm,ram-path=%s", path);
    Fixture f = { NULL };
    qosim_info *info;
    struct stat status;

    open_machine(&f, "ipc", machine);
    g_assert_cmpint(qosim_get_info(f.session, &info), ==, QOSIM_OK);
    g_assert_cmpstr(find_ram(info)->shm_path, ==, path);
    g_assert_cmpint(stat(path, &status), ==, 0);
    g_assert_cmpint(status.st_mode & 0777, ==, 0600);
    g_assert_cmpint(status.st_size, ==, 0x4000);
    qosim_free_info(info);
    tear_down(&f);
    g_assert_cmpint(g_rmdir(dir), ==, 0);
}

static void expect_map(qosim_session *s, qosim_region region, qosim_result result)
{
    void *at = &at;

    region.home = QOSIM_RAM_SHM;
    region.name = "forged";
    g_assert_cmpint(qosim_shm_map(s, &region, &at), ==, result);
    g_assert_true(result == QOSIM_OK || at == NULL);
    g_assert_true(result == QOSIM_OK || *qosim_last_error(s));
    if (result == QOSIM_OK) {
        qosim_shm_unmap(&region, at);
    }
}

/* What a server says is checked before anything is mapped. */
static void test_forged_regions(void)
{
    Fixture f = { NULL };
    g_autofree char *dir = g_dir_make_tmp("qosim-XXXXXX", NULL);
    g_autofree char *open_to_all = g_build_filename(dir, "open", NULL);
    qosim_info *info;
    char *path;

    open_machine(&f, "ipc", "sifive_e,ram-home=shm");
    g_assert_cmpint(qosim_get_info(f.session, &info), ==, QOSIM_OK);
    path = find_ram(info)->shm_path;
    g_assert_true(g_file_set_contents(open_to_all, "0123456789abcdef", -1, NULL));
    g_assert_cmpint(g_chmod(open_to_all, 0644), ==, 0);

    expect_map(f.session, (qosim_region){ .shm_path = path, .size = 0x4000 }, QOSIM_OK);
    expect_map(f.session, (qosim_region){ .shm_path = path, .size = 0x10, .shm_offset = 0x3ff0 },
               QOSIM_OK);
    expect_map(f.session, (qosim_region){ .shm_path = path, .size = 0x4001 }, QOSIM_ERR_PROTOCOL);
    expect_map(f.session, (qosim_region){ .shm_path = path, .size = 0x11, .shm_offset = 0x3ff0 },
               QOSIM_ERR_PROTOCOL);
    expect_map(f.session, (qosim_region){ .shm_path = path, .size = 1, .shm_offset = UINT64_MAX },
               QOSIM_ERR_PROTOCOL);
    expect_map(f.session, (qosim_region){ .shm_path = path, .size = UINT64_MAX, .shm_offset = 1 },
               QOSIM_ERR_PROTOCOL);
    expect_map(f.session, (qosim_region){ .shm_path = path }, QOSIM_ERR_PROTOCOL);
    expect_map(f.session, (qosim_region){ .shm_path = open_to_all, .size = 16 },
               QOSIM_ERR_NOT_ALLOWED);
    expect_map(f.session, (qosim_region){ .shm_path = "/dev/null", .size = 16 },
               QOSIM_ERR_NOT_ALLOWED);
    expect_map(f.session, (qosim_region){ .shm_path = dir, .size = 16 }, QOSIM_ERR_GENERIC);
    expect_map(f.session, (qosim_region){ .shm_path = "/nonexistent", .size = 16 },
               QOSIM_ERR_NOT_FOUND);
    expect_map(f.session, (qosim_region){ .shm_path = "", .size = 16 }, QOSIM_ERR_NOT_FOUND);
    qosim_free_info(info);
    tear_down(&f);
    g_assert_cmpint(g_unlink(open_to_all), ==, 0);
    g_assert_cmpint(g_rmdir(dir), ==, 0);
}

static void add(const char *scheme, const char *name, void (*test)(gconstpointer scheme))
{
    g_autofree char *path = g_strdup_printf("/memory/%s/%s", scheme, name);

    g_test_add_data_func(path, scheme, test);
}

int main(int argc, char **argv)
{
    static const char *const schemes[] = { "inproc", "ipc", "shm", "tcp", "ws" };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(schemes); i++) {
        add(schemes[i], "accesses-reach-the-drivers-memory", test_accesses);
        add(schemes[i], "blocks-come-in-pieces", test_blocks);
        add(schemes[i], "events-and-requests-have-one-order", test_order);
        add(schemes[i], "posted-writes-are-served-too", test_posted);
        add(schemes[i], "handler-makes-no-calls", test_handler_makes_no_calls);
        add(schemes[i], "handler-can-change", test_handler_can_change);
        add(schemes[i], "homes-are-told", test_homes_are_told);
        add(schemes[i], "mapping-is-the-memory", test_mapping_is_the_memory);
        if (i > 0) {
            add(schemes[i], "poll-serves-others", test_poll_serves_others);
        }
    }
    g_test_add_func("/memory/mixed/embedded-driver-serves-a-remote-client",
                    test_embedded_driver_serves_a_remote_client);
    g_test_add_func("/memory/mixed/embedded-observer-asks-a-remote-driver",
                    test_embedded_observer_asks_a_remote_driver);
    g_test_add_func("/memory/file/named-by-the-user", test_named_file);
    g_test_add_func("/memory/file/forged-regions-are-not-mapped", test_forged_regions);
    return g_test_run();
}
