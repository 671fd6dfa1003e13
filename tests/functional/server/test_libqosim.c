/* The client library with a real server: inside the process, and over every transport. */
#include <signal.h>
#include <string.h>

#include <glib.h>
#include <qosim/qosim.h>

#include "tests/lib/daemon.h"

#define GPIO 0x10012000u
#define RAM 0x80000000u
#define PINS "/machine/soc"

typedef struct Fixture {
    Daemon *daemon; /* NULL: inside the process */
    char *url;
    qosim_session *session;
    GString *events;
} Fixture;

static void note_event(void *opaque, const qosim_event *event)
{
    GString *events = opaque;

    if (event->kind == QOSIM_EVENT_LINE) {
        g_string_append_printf(events, "%u.%u=%d ", event->watch, event->line, event->level);
    } else {
        g_string_append_printf(events, "kind%d ", (int)event->kind);
    }
}

static void set_up(Fixture *f, gconstpointer scheme)
{
    qosim_options options = { .role = QOSIM_ROLE_DRIVER, .client = "test" };

    f->events = g_string_new(NULL);
    if (strcmp(scheme, "inproc") == 0) {
        f->url = g_strdup("inproc:sifive_e");
    } else {
        f->daemon = daemon_start("-M sifive_e", scheme);
        f->url = g_strdup(f->daemon->url);
    }
    if (qosim_open(f->url, &options, &f->session) != QOSIM_OK) {
        g_error("%s", qosim_open_error());
    }
    qosim_set_event_handler(f->session, note_event, f->events);
}

static void tear_down(Fixture *f, gconstpointer scheme G_GNUC_UNUSED)
{
    qosim_close(f->session);
    daemon_free(f->daemon);
    g_string_free(f->events, TRUE);
    g_free(f->url);
}

static void test_access(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    uint64_t value = 0;
    qosim_bus bus;

    for (unsigned size = 1; size <= 8; size *= 2) {
        g_assert_cmpint(qosim_write(f->session, RAM, size, UINT64_C(0x1122334455667788), NULL), ==,
                        QOSIM_OK);
        g_assert_cmpint(qosim_read(f->session, RAM, size, &value, NULL), ==, QOSIM_OK);
        g_assert_cmphex(value, ==, UINT64_C(0x1122334455667788) & (UINT64_MAX >> (64 - 8 * size)));
    }
    g_assert_cmpint(qosim_read(f->session, 0x7000, 4, &value, &bus), ==, QOSIM_OK);
    g_assert_cmpint(bus, ==, QOSIM_BUS_DECODE_ERROR);
    g_assert_cmpint(qosim_read(f->session, 0x7000, 4, &value, NULL), ==, QOSIM_ERR_GENERIC);
    g_assert_cmpint(qosim_read(f->session, RAM, 3, &value, NULL), ==, QOSIM_ERR_INVALID_ARGUMENT);
}

static void test_blocks(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_autofree uint8_t *out = g_malloc(0x4000);
    g_autofree uint8_t *in = g_malloc0(0x4000);
    qosim_bus bus;

    for (size_t i = 0; i < 0x4000; i++) {
        out[i] = (uint8_t)(i * 7 + i / 256);
    }
    g_assert_cmpint(qosim_write_block(f->session, RAM, out, 0x4000, NULL), ==, QOSIM_OK);
    g_assert_cmpint(qosim_read_block(f->session, RAM, in, 0x4000, NULL), ==, QOSIM_OK);
    g_assert_cmpmem(in, 0x4000, out, 0x4000);
    g_assert_cmpint(qosim_fill_block(f->session, RAM, 0x2000, 0x5a, NULL), ==, QOSIM_OK);
    g_assert_cmpint(qosim_read_block(f->session, RAM + 0x1fff, in, 2, NULL), ==, QOSIM_OK);
    g_assert_cmphex(in[0], ==, 0x5a);
    g_assert_cmphex(in[1], ==, out[0x2000]);
    /* Over every limit of a frame: the library cuts it up. */
    g_assert_cmpint(qosim_fill_block(f->session, 0x1000000, 40u << 20, 0, &bus), ==, QOSIM_OK);
    g_assert_cmpint(bus, ==, QOSIM_BUS_DECODE_ERROR);
}

static void test_events(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    qosim_access acknowledge[] = {
        { .is_write = true, .size = 4, .address = GPIO + 0x1c, .data = 8 },
        { .size = 4, .address = GPIO + 0x1c }
    };

    g_assert_cmpint(qosim_write(f->session, GPIO + 0x04, 4, 0xff, NULL), ==, QOSIM_OK);
    g_assert_cmpint(qosim_write(f->session, GPIO + 0x18, 4, 0xff, NULL), ==, QOSIM_OK);
    g_assert_cmpint(qosim_set_line(f->session, PINS, NULL, 3, 1), ==, QOSIM_OK);
    g_assert_cmpstr(f->events->str, ==, "0.11=1 ");
    g_assert_true(qosim_irq_level(f->session, 11));
    g_assert_cmpint(qosim_batch(f->session, acknowledge, 2), ==, QOSIM_OK);
    g_assert_cmphex(acknowledge[1].data, ==, 0);
    g_assert_cmpstr(f->events->str, ==, "0.11=1 0.11=0 ");
    g_assert_false(qosim_irq_level(f->session, 11));
    g_assert_cmpint(qosim_post_write(f->session, GPIO + 0x18, 4, 0), ==, QOSIM_OK);
    g_assert_cmpint(qosim_post_write(f->session, 0x7000, 4, 0), ==, QOSIM_OK);
    g_assert_cmpint(qosim_reset(f->session), ==, QOSIM_OK);
    g_assert_cmpuint(qosim_posted_errors(f->session, NULL, 0), ==, 1);
    g_assert_cmpstr(f->events->str, ==, "0.11=1 0.11=0 kind2 kind4 ");
}

static void test_objects(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    static const char *const properties[] = { "addr=0x30000000", "ngpio=5", NULL };
    char *text = NULL;
    uint64_t value;

    g_assert_cmpint(qosim_qom_new(f->session, "sifive_soc.gpio", "g", properties, &text), ==,
                    QOSIM_OK);
    g_assert_cmpstr(text, ==, "/machine/peripheral/g");
    qosim_free(text);
    g_assert_cmpint(qosim_qom_get(f->session, "g", "ngpio", &text), ==, QOSIM_OK);
    g_assert_cmpstr(text, ==, "5");
    qosim_free(text);
    g_assert_cmpint(qosim_read(f->session, 0x30000000, 4, &value, NULL), ==, QOSIM_OK);
    g_assert_cmpint(qosim_qom_delete(f->session, "g"), ==, QOSIM_OK);
    g_assert_cmpint(qosim_qom_delete(f->session, "g"), ==, QOSIM_ERR_NOT_FOUND);
    g_assert_cmpstr(qosim_last_error(f->session), ==, "Device 'g' not found");
}

static void test_time(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    uint64_t now = 0;

    g_assert_cmpint(qosim_advance(f->session, 1000, &now), ==, QOSIM_OK);
    g_assert_cmpuint(now, ==, 1000);
    qosim_set_time(f->session, 1500);
    g_assert_cmpint(qosim_advance_by(f->session, 500, &now), ==, QOSIM_OK);
    g_assert_cmpuint(now, ==, 2000);
    g_assert_cmpuint(qosim_next_deadline(f->session), ==, UINT64_MAX);
    g_assert_cmpint(qosim_advance_to_deadline(f->session, &now), ==, QOSIM_ERR_GENERIC);
    g_assert_cmpint(qosim_advance(f->session, 10, &now), ==, QOSIM_ERR_INVALID_ARGUMENT);
}

static void test_dead_server(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    uint64_t value;

    g_assert_cmpint(daemon_stop(f->daemon, SIGKILL), ==, -1);
    qosim_set_timeout(f->session, 500);
    g_assert_cmpint(qosim_read(f->session, RAM, 4, &value, NULL), <, QOSIM_OK);
    g_assert_cmpstr(qosim_last_error(f->session), !=, "");
}

static void test_restarted_server(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(Daemon) second = NULL;
    g_autofree char *arguments = g_strdup_printf("-M sifive_e --listen %s", f->url);
    uint64_t value;

    g_assert_cmpint(daemon_stop(f->daemon, SIGTERM), ==, 0);
    second = daemon_start(arguments, NULL);
    /* The new server does not know the session, and says so. */
    g_assert_cmpint(qosim_read(f->session, RAM, 4, &value, NULL), ==, QOSIM_ERR_DISCONNECTED);
    g_assert_cmpint(daemon_stop(second, SIGTERM), ==, 0);
}

static const struct {
    const char *name;
    void (*run)(Fixture *f, gconstpointer data);
    bool is_remote; /* needs a server in another process */
} cases[] = {
    { "accesses-of-every-size", test_access, false },
    { "blocks-beyond-the-limits", test_blocks, false },
    { "events-before-the-call-returns", test_events, false },
    { "objects-come-and-go", test_objects, false },
    { "time-is-the-drivers", test_time, false },
    { "dead-server-is-an-error-in-time", test_dead_server, true },
    { "restarted-server-does-not-know-the-session", test_restarted_server, true },
};

int main(int argc, char **argv)
{
    static const char *const schemes[] = { "inproc", "ipc", "shm", "tcp", "ws" };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(schemes); i++) {
        for (size_t j = 0; j < G_N_ELEMENTS(cases); j++) {
            g_autofree char *path = g_strdup_printf("/libqosim/%s/%s", schemes[i], cases[j].name);

            if (i > 0 || !cases[j].is_remote) {
                g_test_add(path, Fixture, schemes[i], set_up, cases[j].run, tear_down);
            }
        }
    }
    return g_test_run();
}
