#include "tests/functional/chardev/rig.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_US 30000000

void rig_wait(gint64 *start)
{
    gint64 now = g_get_monotonic_time();

    *start = *start ? *start : now;
    g_assert_cmpint(now - *start, <, PATIENCE_US);
    g_usleep(1000);
}

static void note_event(void *opaque, const qosim_event *event)
{
    static const char *const notices[] = { "?", "output", "input", "open", "closed" };
    GString *events = opaque;

    switch (event->kind) {
    case QOSIM_EVENT_CHARDEV:
        g_string_append_printf(events, "%s %s ", event->id, notices[event->notice]);
        break;
    case QOSIM_EVENT_VSERPORT:
        g_string_append_printf(events, "%s %s ", event->id,
                               event->open ? "connected" : "disconnected");
        break;
    case QOSIM_EVENT_DEVICE_DELETED:
        g_string_append_printf(events, "deleted %s ", event->id);
        break;
    case QOSIM_EVENT_VIRTIO:
        if (event->notice == QOSIM_VIRTIO_USED) {
            g_string_append_printf(events, "%s used %u ", event->path, event->queue);
        } else {
            g_string_append_printf(events, "%s config ", event->path);
        }
        break;
    case QOSIM_EVENT_GUEST_ERROR:
        g_string_append_printf(events, "error '%s' ", event->text);
        break;
    default:
        break;
    }
}

static qosim_ram_home home = QOSIM_RAM_SERVER;

/* @options with the machine's memory at home. */
static char *place_memory(const char *options)
{
    g_autofree char *machine = g_strdup_printf("-M virt,ram-home=%s", guest_memory_homes[home]);
    GString *placed = g_string_new(options);

    if (home != QOSIM_RAM_SERVER) {
        g_assert_cmpuint(g_string_replace(placed, "-M virt", machine, 1), ==, 1);
    }
    return g_string_free(placed, FALSE);
}

Rig *rig_new(const char *options, const char *scheme, const char *transport)
{
    g_autofree char *placed = place_memory(options);
    Rig *rig = g_new0(Rig, 1);
    GuestMemory *memory = guest_memory_new(SESSION_GUEST_RAM, SESSION_GUEST_RAM_SIZE);
    qosim_options open = {
        .role = QOSIM_ROLE_DRIVER, .client = "guest", .dma = guest_memory_dma, .dma_opaque = memory
    };

    rig->memory = memory;
    rig->daemon = daemon_start(placed, scheme);
    rig->events = g_string_new(NULL);
    if (qosim_open(rig->daemon->url, &open, &rig->session) != QOSIM_OK) {
        g_error("%s", qosim_open_error());
    }
    qosim_set_event_handler(rig->session, note_event, rig->events);
    rig->guest = session_guest_new(rig->session, transport);
    return rig;
}

typedef struct HomeTest {
    qosim_ram_home home;
    gconstpointer data;
    GTestDataFunc test;
} HomeTest;

static void run_at_home(gconstpointer data)
{
    const HomeTest *home_test = data;

    home = home_test->home;
    home_test->test(home_test->data);
    home = QOSIM_RAM_SERVER;
}

void rig_test_homes(const char *path, gconstpointer data, GTestDataFunc test)
{
    const char *rest = strchr(path + 1, '/');

    for (int h = QOSIM_RAM_SERVER; h <= QOSIM_RAM_CLIENT; h++) {
        g_autofree char *full =
            g_strdup_printf("%.*s/%s%s", (int)(rest - path), path, guest_memory_homes[h], rest);
        HomeTest *home_test = g_new(HomeTest, 1);

        *home_test = (HomeTest){ (qosim_ram_home)h, data, test };
        g_test_add_data_func_full(full, home_test, run_at_home, g_free);
    }
}

void rig_free(Rig *rig)
{
    session_guest_free(rig->guest);
    qosim_close(rig->session);
    guest_memory_free(rig->memory);
    daemon_free(rig->daemon);
    g_string_free(rig->events, TRUE);
    g_free(rig);
}

void rig_expect_events(Rig *rig, const char *expected)
{
    gint64 start = 0;

    while (rig->events->len < strlen(expected)) {
        rig_wait(&start);
        g_assert_cmpint(qosim_poll(rig->session, 0), >=, 0);
    }
    /* And no more: a call brings what comes before its reply. */
    (void)qosim_now(rig->session);
    g_assert_cmpint(qosim_poll(rig->session, 0), >=, 0);
    g_assert_cmpstr(rig->events->str, ==, expected);
    g_string_truncate(rig->events, 0);
}

static char **make_words(const Rig *rig, const char *line)
{
    g_autofree char *all = g_strdup_printf("%s -u %s %s", QOSIM_PATH, rig->daemon->url, line);
    g_autoptr(GError) error = NULL;
    char **words;

    g_assert_true(g_shell_parse_argv(all, NULL, &words, &error));
    return words;
}

char *rig_qosim_output(const Rig *rig, const char *line, int code)
{
    g_autoptr(Program) program = program_start(rig, line, -1);
    g_autofree char *err = NULL;
    int ended;

    program_close_input(program);
    ended = program_wait(program, &err);
    g_byte_array_append(program->printed, (const guint8 *)"", 1);
    if (ended != code) {
        g_error("qosim %s: exit code %d, not %d: %s%s", line, ended, code, program->printed->data,
                err);
    }
    return g_strconcat((const char *)program->printed->data, err, NULL);
}

void rig_qosim(const Rig *rig, const char *line, int code, const char *expected)
{
    g_autofree char *output = rig_qosim_output(rig, line, code);

    g_assert_cmpstr(output, ==, expected);
}

/* --- A program that runs --- */

static void become_session(gpointer data)
{
    int terminal = GPOINTER_TO_INT(data);

    if (terminal >= 0) {
        (void)dup2(terminal, STDIN_FILENO);
    }
}

Program *program_start(const Rig *rig, const char *line, int terminal)
{
    g_auto(GStrv) words = make_words(rig, line);
    Program *program = g_new0(Program, 1);
    g_autoptr(GError) error = NULL;
    GSpawnFlags flags = G_SPAWN_DO_NOT_REAP_CHILD;

    program->session = rig->session;
    program->in = -1;
    g_spawn_async_with_pipes(
        NULL, words, NULL, terminal >= 0 ? flags | G_SPAWN_CHILD_INHERITS_STDIN : flags,
        become_session, GINT_TO_POINTER(terminal), &program->pid,
        terminal >= 0 ? NULL : &program->in, &program->out, &program->err, &error);
    g_assert_no_error(error);
    program->printed = g_byte_array_new();
    if (program->in >= 0) {
        g_assert_cmpint(fcntl(program->in, F_SETFL, O_NONBLOCK), ==, 0);
    }
    g_assert_cmpint(fcntl(program->out, F_SETFL, O_NONBLOCK), ==, 0);
    return program;
}

void program_take(Program *program)
{
    uint8_t bytes[65536];
    ssize_t n;

    while ((n = read(program->out, bytes, sizeof(bytes))) > 0) {
        g_byte_array_append(program->printed, bytes, (guint)n);
    }
}

size_t program_write(Program *program, const void *bytes, size_t len)
{
    ssize_t n = write(program->in, bytes, len);

    g_assert_true(n >= 0 || errno == EAGAIN);
    return n > 0 ? (size_t)n : 0;
}

void program_close_input(Program *program)
{
    if (program->in >= 0) {
        close(program->in);
        program->in = -1;
    }
}

static char *read_all(int fd)
{
    GString *text = g_string_new(NULL);
    char bytes[4096];
    ssize_t n;

    while ((n = read(fd, bytes, sizeof(bytes))) > 0) {
        g_string_append_len(text, bytes, n);
    }
    return g_string_free(text, FALSE);
}

int program_wait(Program *program, char **errors)
{
    gint64 start = 0;
    int status;

    while (waitpid(program->pid, &status, WNOHANG) == 0) {
        rig_wait(&start);
        program_take(program);
        (void)qosim_poll(program->session, 0); /* the server may be gone */
    }
    program_take(program);
    program->pid = 0;
    if (errors) {
        *errors = read_all(program->err);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void program_free(Program *program)
{
    if (program->pid) {
        kill(program->pid, SIGKILL);
        (void)program_wait(program, NULL);
    }
    program_close_input(program);
    close(program->out);
    close(program->err);
    g_byte_array_unref(program->printed);
    g_free(program);
}
