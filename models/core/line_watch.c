/* Watches: levels of a device's unnamed lines as events; and lines that a client drives. */
#include <string.h>

#include "models/core/machine_internal.h"
#include "models/core/qdev_internal.h"

struct LineWatch {
    grefcount refs;        /* the machine's, and the list of lines' */
    MachineState *machine; /* NULL: the machine is gone */
    uint32_t number;
    uint32_t count; /* of lines; 0 when they are gone */
    int *levels;
};

struct MachineWatches {
    MachineState *machine;
    GPtrArray
        *watches; /* of LineWatch, by number; NULL at MACHINE_WATCH_IRQ when there is no sink */
};

static void watch_unref(void *data)
{
    LineWatch *watch = data;

    if (watch && g_ref_count_dec(&watch->refs)) {
        g_free(watch->levels);
        g_free(watch);
    }
}

MachineWatches *machine_watches_new(MachineState *machine)
{
    MachineWatches *watches = g_new0(MachineWatches, 1);

    watches->machine = machine;
    watches->watches = g_ptr_array_new_with_free_func(watch_unref);
    g_ptr_array_add(watches->watches, NULL); /* MACHINE_WATCH_IRQ */
    return watches;
}

void machine_watches_free(MachineWatches *watches)
{
    for (unsigned i = 0; i < watches->watches->len; i++) {
        LineWatch *watch = g_ptr_array_index(watches->watches, i);

        if (watch) {
            watch->machine = NULL;
        }
    }
    g_ptr_array_unref(watches->watches);
    g_free(watches);
}

void line_watch_close(LineWatch *watch)
{
    if (watch) {
        watch->count = 0;
        g_clear_pointer(&watch->levels, g_free);
        watch_unref(watch);
    }
}

static void tell_level(const LineWatch *watch, uint32_t line)
{
    const MachineEvent event = {
        .kind = MACHINE_EVENT_LINE,
        .watch = watch->number,
        .line = line,
        .level = watch->levels[line],
    };

    if (watch->machine) {
        machine_emit(watch->machine, &event);
    }
}

/* A line of the watch @opaque was set; most often to the level it has. */
static void note_level(void *opaque, int n, int level)
{
    LineWatch *watch = opaque;
    uint32_t line = (uint32_t)n;

    if (line < watch->count && watch->levels[line] != level) {
        watch->levels[line] = level;
        tell_level(watch, line);
    }
}

/* Makes watch @number of @count lines; the caller gets a reference that stands for the list's. */
static LineWatch *make_watch(MachineWatches *watches, uint32_t number, uint32_t count)
{
    LineWatch *watch = g_new0(LineWatch, 1);

    g_ref_count_init(&watch->refs);
    g_ref_count_inc(&watch->refs);
    watch->machine = watches->machine;
    watch->number = number;
    watch->count = count;
    watch->levels = g_new0(int, count);
    if (number == watches->watches->len) {
        g_ptr_array_add(watches->watches, watch);
    } else {
        g_ptr_array_index(watches->watches, number) = watch;
    }
    return watch;
}

static void watch_inputs(MachineWatches *watches, NamedGPIOList *list, uint32_t number)
{
    list->watch_in = make_watch(watches, number, list->in->len);
    for (unsigned i = 0; i < list->in->len; i++) {
        qemu_irq_intercept_in(g_ptr_array_index(list->in, i), note_level, list->watch_in, (int)i);
    }
}

static void watch_outputs(MachineWatches *watches, DeviceState *dev, NamedGPIOList *list,
                          uint32_t number)
{
    list->watch_out = make_watch(watches, number, list->out->len);
    for (unsigned i = 0; i < list->out->len; i++) {
        qdev_intercept_gpio_out(dev, note_level, list->watch_out, list->name, (int)i);
    }
}

void machine_watch_irq_sink(MachineState *machine)
{
    DeviceState *sink = machine_get_irq_sink(machine);
    NamedGPIOList *list = sink ? qdev_find_gpio_list(sink, NULL) : NULL;

    if (list && !list->watch_in) {
        watch_inputs(machine->watches, list, MACHINE_WATCH_IRQ);
    }
}

/* The device at @path, which may be partial. */
static DeviceState *find_device(MachineState *machine, const char *path, GError **error)
{
    Object *obj = object_resolve_path(machine->root, path, NULL);

    if (!object_dynamic_cast(obj, TYPE_DEVICE)) {
        qom_error_set_not_found(error, path);
        return NULL;
    }
    return DEVICE(obj);
}

bool machine_watch_lines(MachineState *machine, const char *path, LineDirection direction,
                         uint32_t *watch, GError **error)
{
    DeviceState *dev = find_device(machine, path, error);
    NamedGPIOList *list = dev ? qdev_find_gpio_list(dev, NULL) : NULL;
    bool in = direction == LINE_IN;

    if (!dev) {
        return false;
    }
    if (!list || (in ? list->in : list->out)->len == 0) {
        return qom_error_set(error, "Device '%s' has no unnamed %s lines", path,
                             in ? "input" : "output");
    }
    if (in && !list->watch_in) {
        watch_inputs(machine->watches, list, machine->watches->watches->len);
    } else if (!in && !list->watch_out) {
        watch_outputs(machine->watches, dev, list, machine->watches->watches->len);
    }
    *watch = (in ? list->watch_in : list->watch_out)->number;
    return true;
}

static const LineWatch *find_watch(MachineState *machine, uint32_t number)
{
    const GPtrArray *watches = machine->watches->watches;

    return number < watches->len ? g_ptr_array_index(watches, number) : NULL;
}

int machine_watched_level(MachineState *machine, uint32_t watch, uint32_t line)
{
    const LineWatch *found = find_watch(machine, watch);

    return found && line < found->count ? found->levels[line] : 0;
}

uint32_t machine_watched_count(MachineState *machine, uint32_t watch)
{
    const LineWatch *found = find_watch(machine, watch);

    return found ? found->count : 0;
}

bool machine_set_line(MachineState *machine, const char *path, const char *name, uint32_t index,
                      int level, GError **error)
{
    DeviceState *dev = find_device(machine, path, error);
    const char *list_name = g_strcmp0(name, "unnamed-gpio-in") == 0 ? NULL : name;
    int count = dev ? qdev_count_gpio_in(dev, list_name) : 0;

    if (!dev) {
        return false;
    }
    if (count == 0) {
        return qom_error_set(error, "Device '%s' has no input lines '%s'", path,
                             list_name ? list_name : "unnamed-gpio-in");
    }
    if (index >= (uint32_t)count) {
        return qom_error_set(error, "Device '%s' has input lines 0 to %d, but no line %u", path,
                             count - 1, index);
    }
    qemu_set_irq(qdev_get_gpio_in_named(dev, list_name, (int)index), level);
    return true;
}
