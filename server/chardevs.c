#include "server/chardevs.h"

#include <string.h>

#include "models/chardev/rpc.h"
#include "qom/value.h"
#include "server/outbox.h"

/* Everything else reaches the host; so does a backend that nobody has thought of yet. */
static const char *const internal_backends[] = { "null", "ringbuf", "memory", "mux", "rpc" };

static char *lookup_text(GVariant *options, const char *key)
{
    g_autoptr(GVariant) value = g_variant_lookup_value(options, key, NULL);

    return value ? qom_value_print(value) : NULL;
}

bool chardevs_is_internal(GVariant *options, char **reach)
{
    g_autofree char *backend = lookup_text(options, "backend");
    g_autoptr(GVariant) log = g_variant_lookup_value(options, "logfile", NULL);

    if (log) {
        *reach = g_strdup("option 'logfile'");
        return false;
    }
    for (size_t i = 0; backend && i < G_N_ELEMENTS(internal_backends); i++) {
        if (strcmp(backend, internal_backends[i]) == 0) {
            return true;
        }
    }
    /* One that does not exist is told so by whoever makes it. */
    *reach = backend ? g_strdup_printf("chardev backend '%s'", backend) : NULL;
    return !backend;
}

typedef struct Visit {
    void (*visit)(Chardev *chr, void *opaque);
    void *opaque;
} Visit;

static int visit_child(Object *child, void *opaque)
{
    const Visit *visit = opaque;
    Object *chr = object_dynamic_cast(child, TYPE_CHARDEV);

    if (chr) {
        visit->visit(CHARDEV(chr), visit->opaque);
    }
    return 0;
}

void chardevs_foreach(MachineState *machine, void (*visit)(Chardev *chr, void *opaque),
                      void *opaque)
{
    Visit v = { visit, opaque };

    (void)object_child_foreach(container_get(machine->root, "/chardevs"), visit_child, &v);
}

static void watch(Chardev *chr, void *opaque)
{
    if (object_dynamic_cast(OBJECT(chr), TYPE_CHARDEV_RPC)) {
        rpc_chardev_set_notify(chr, opaque ? outbox_take_chardev : NULL, opaque);
    }
}

void chardevs_watch(MachineHost *host)
{
    chardevs_foreach(host->machine, watch, host);
}

void chardevs_unwatch(MachineHost *host)
{
    chardevs_foreach(host->machine, watch, NULL);
}
