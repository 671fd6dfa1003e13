#include "tests/unit/chardev/chardev_probe.h"

#include <string.h>

static int probe_can_read(void *opaque)
{
    const ChardevProbe *probe = opaque;

    return (int)MIN(probe->chunk, probe->limit - MIN(probe->limit, probe->input->len));
}

static void probe_read(void *opaque, const uint8_t *buf, int size)
{
    ChardevProbe *probe = opaque;

    g_assert_cmpint(size, <=, probe_can_read(probe));
    g_byte_array_append(probe->input, buf, size);
}

static void probe_event(void *opaque, QEMUChrEvent event)
{
    ChardevProbe *probe = opaque;

    probe->events[event]++;
}

void chardev_probe_attach(ChardevProbe *probe, Chardev *chr)
{
    g_autoptr(GError) error = NULL;

    memset(probe, 0, sizeof(*probe));
    probe->input = g_byte_array_new();
    probe->limit = SIZE_MAX;
    probe->chunk = 1000;
    g_assert_true(qemu_chr_fe_init(&probe->fe, chr, &error));
    g_assert_no_error(error);
    qemu_chr_fe_set_handlers(&probe->fe, probe_can_read, probe_read, probe_event, probe, true);
}

void chardev_probe_detach(ChardevProbe *probe)
{
    qemu_chr_fe_deinit(&probe->fe, false);
    g_byte_array_unref(probe->input);
}

static gboolean tick(gpointer opaque)
{
    (void)opaque;
    return G_SOURCE_CONTINUE;
}

bool chardev_run_until(ChardevCondition *done, void *opaque)
{
    int64_t end = g_get_monotonic_time() + 10000000;
    guint id = g_timeout_add(20, tick, NULL);

    while (!done(opaque) && g_get_monotonic_time() < end) {
        g_main_context_iteration(NULL, TRUE);
    }
    g_source_remove(id);
    return done(opaque);
}

void chardev_run_idle(void)
{
    for (int quiet = 0; quiet < 3;) {
        quiet = g_main_context_iteration(NULL, FALSE) ? 0 : quiet + 1;
    }
}

typedef struct Expected {
    ChardevProbe *probe;
    QEMUChrEvent event;
    size_t n;
} Expected;

static bool has_input(void *opaque)
{
    const Expected *e = opaque;

    return e->probe->input->len >= e->n;
}

static bool has_event(void *opaque)
{
    const Expected *e = opaque;

    return e->probe->events[e->event] >= e->n;
}

bool chardev_probe_wait_input(ChardevProbe *probe, size_t n)
{
    return chardev_run_until(has_input, &(Expected){ probe, 0, n });
}

bool chardev_probe_wait_event(ChardevProbe *probe, QEMUChrEvent event, unsigned n)
{
    return chardev_run_until(has_event, &(Expected){ probe, event, n });
}
