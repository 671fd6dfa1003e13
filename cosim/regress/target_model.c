/* The model, in this process or at a server's URL, by way of libqosim. */
#include <string.h>

#include "cosim/regress/error.h"
#include "cosim/regress/target.h"

typedef struct ModelTarget {
    Target parent;

    char *url;
    qosim_session *session;
    uint32_t out_watch;
    Levels levels;
} ModelTarget;

static bool check(const ModelTarget *model, qosim_result result, GError **error)
{
    if (result == QOSIM_OK) {
        return true;
    }
    regress_trouble(error, "%s: %s", model->parent.name, qosim_last_error(model->session));
    return false;
}

static void set_bit(uint32_t *word, uint32_t bit, bool set)
{
    uint32_t mask = UINT32_C(1) << bit;

    *word = set ? *word | mask : *word & ~mask;
}

static void set_out(ModelTarget *model, uint32_t line, int level)
{
    set_bit(&model->levels.out, line, level > 0);
    set_bit(&model->levels.driven, line, level >= 0);
}

static void on_event(void *opaque, const qosim_event *event)
{
    ModelTarget *model = opaque;
    const RegressDevice *device = model->parent.device;

    if (event->kind != QOSIM_EVENT_LINE) {
        return;
    }
    if (event->watch == QOSIM_WATCH_IRQ) {
        if (event->line - device->first_interrupt < device->n_lines) {
            set_bit(&model->levels.irq, event->line - device->first_interrupt, event->level > 0);
        }
    } else if (event->watch == model->out_watch && event->line < device->n_lines) {
        set_out(model, event->line, event->level);
    }
}

static bool model_reset(Target *target, GError **error)
{
    ModelTarget *model = (ModelTarget *)target;

    return check(model, qosim_reset(model->session), error);
}

static bool model_read(Target *target, uint32_t offset, unsigned size, uint64_t *data,
                       qosim_bus *bus, GError **error)
{
    ModelTarget *model = (ModelTarget *)target;

    *data = 0;
    return check(model, qosim_read(model->session, target->device->base + offset, size, data, bus),
                 error);
}

static bool model_write(Target *target, uint32_t offset, unsigned size, uint64_t data,
                        qosim_bus *bus, GError **error)
{
    ModelTarget *model = (ModelTarget *)target;

    return check(model, qosim_write(model->session, target->device->base + offset, size, data, bus),
                 error);
}

static bool model_set_line(Target *target, unsigned line, int level, GError **error)
{
    ModelTarget *model = (ModelTarget *)target;

    return check(model,
                 qosim_set_line(model->session, target->device->lines_path, NULL, line, level),
                 error);
}

static bool model_set_input(Target *target, unsigned list, unsigned line, int level, GError **error)
{
    ModelTarget *model = (ModelTarget *)target;
    const RegressDevice *device = target->device;

    return check(
        model,
        qosim_set_line(model->session, device->inputs_path, device->inputs[list], line, level),
        error);
}

static bool model_advance(Target *target, uint64_t ns, GError **error)
{
    ModelTarget *model = (ModelTarget *)target;

    return check(model, qosim_advance_by(model->session, ns, NULL), error);
}

/* Virtual time that does not pass is the least that a server can be asked for. */
static bool model_ping(Target *target, GError **error)
{
    const ModelTarget *model = (ModelTarget *)target;

    return check(model, qosim_advance_by(model->session, 0, NULL), error);
}

static bool model_requests(Target *target, uint64_t *n, GError **error)
{
    const ModelTarget *model = (ModelTarget *)target;
    qosim_stat *stats = NULL;
    size_t n_stats = 0;

    if (!check(model, qosim_get_stats(model->session, &stats, &n_stats), error)) {
        return false;
    }
    *n = 0;
    for (size_t i = 0; i < n_stats; i++) {
        if (strcmp(stats[i].name, "frames_received") == 0) {
            *n = stats[i].value;
        }
    }
    qosim_free_stats(stats, n_stats);
    return true;
}

static bool model_observe(Target *target, Levels *levels, GError **error)
{
    (void)error;
    *levels = ((ModelTarget *)target)->levels;
    return true;
}

/* Lines that had a level before they were watched. */
static bool learn_levels(ModelTarget *model, uint32_t lines, GError **error)
{
    const RegressDevice *device = model->parent.device;

    model->parent.n_lines = MIN(lines, device->n_lines);
    for (uint32_t i = 0; i < model->parent.n_lines; i++) {
        int level = 0;

        if (!check(model, qosim_get_line(model->session, model->out_watch, i, &level), error)) {
            return false;
        }
        set_out(model, i, level);
        set_bit(&model->levels.irq, i,
                qosim_irq_level(model->session, device->first_interrupt + i));
    }
    return true;
}

/* Not every variant of a device has lists of inputs. */
static void learn_inputs(ModelTarget *model)
{
    const RegressDevice *device = model->parent.device;
    bool has = device->n_inputs > 0;

    for (size_t i = 0; i < device->n_inputs && has; i++) {
        has = qosim_set_line(model->session, device->inputs_path, device->inputs[i], 0, 0) ==
              QOSIM_OK;
    }
    model->parent.takes = OP_TAKES_STROBES | (has ? OP_TAKES_INPUTS : 0);
}

static bool start(ModelTarget *model, GError **error)
{
    const RegressDevice *device = model->parent.device;
    const qosim_options options = { .role = QOSIM_ROLE_DRIVER, .client = "qosim-regress" };
    uint32_t lines = 0;

    if (qosim_open(model->url, &options, &model->session) != QOSIM_OK) {
        regress_trouble(error, "%s: %s", model->parent.name, qosim_open_error());
        return false;
    }
    qosim_set_event_handler(model->session, on_event, model);
    learn_inputs(model);
    return check(model,
                 qosim_watch_lines(model->session, device->lines_path, QOSIM_LINE_OUT,
                                   &model->out_watch, &lines),
                 error) &&
           learn_levels(model, lines, error);
}

/* A machine in this process ends with its session; one of a server stays. */
static bool model_restart(Target *target, GError **error)
{
    ModelTarget *model = (ModelTarget *)target;

    if (!g_str_has_prefix(model->url, "inproc:")) {
        return true;
    }
    qosim_close(model->session);
    model->session = NULL;
    model->levels = (Levels){ 0 };
    return start(model, error);
}

static void model_close(Target *target)
{
    ModelTarget *model = (ModelTarget *)target;

    qosim_close(model->session);
    g_free(model->url);
    g_free(model);
}

static const TargetClass model_class = {
    .kind = "model",
    .observes = OBSERVED_ALL,
    .reset = model_reset,
    .read = model_read,
    .write = model_write,
    .takes = OP_TAKES_STROBES,
    .set_line = model_set_line,
    .set_input = model_set_input,
    .advance = model_advance,
    .observe = model_observe,
    .restart = model_restart,
    .ping = model_ping,
    .requests = model_requests,
    .close = model_close,
};

/* Nothing, PROPERTY=VALUE[,…] of the device on a machine in this process, or a URL. */
static char *make_url(const char *rest, const RegressDevice *device)
{
    g_autoptr(GString) url = g_string_new("inproc:");
    g_auto(GStrv) properties = NULL;

    if (strchr(rest, ':')) {
        return g_strdup(rest);
    }
    g_string_append(url, device->machine);
    properties = g_strsplit(rest, ",", -1);
    for (unsigned i = 0; properties[i]; i++) {
        g_string_append_printf(url, " -global %s.%s", device->type, properties[i]);
    }
    return g_strdup(url->str);
}

Target *target_model_open(const char *name, const char *rest, const RegressDevice *device,
                          GError **error)
{
    ModelTarget *model = g_new0(ModelTarget, 1);

    target_init(&model->parent, &model_class, device, name);
    model->url = make_url(rest, device);
    if (!start(model, error)) {
        target_close(&model->parent);
        return NULL;
    }
    return &model->parent;
}
