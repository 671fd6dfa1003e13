#include "cosim/regress/target.h"

#include <string.h>

#include "cosim/regress/error.h"

static const struct {
    const char *kind;
    Target *(*open)(const char *name, const char *rest, const RegressDevice *device,
                    GError **error);
} kinds[] = {
    { "model", target_model_open },
    { "qemu", target_qemu_open },
    { "log", target_log_open },
};

Target *target_open(const char *name, const RegressDevice *device, GError **error)
{
    const char *colon = strchr(name, ':');
    size_t length = colon ? (size_t)(colon - name) : strlen(name);

    if (strpbrk(name, "\n\r")) {
        regress_usage(error, "a target's name is one line"); /* it goes into comments */
        return NULL;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (strlen(kinds[i].kind) == length && strncmp(kinds[i].kind, name, length) == 0) {
            return kinds[i].open(name, colon ? colon + 1 : "", device, error);
        }
    }
    regress_usage(error, "no target %s: it is one of model:URL, qemu:PROGRAM, log:FILE", name);
    return NULL;
}

void target_init(Target *target, const TargetClass *class, const RegressDevice *device,
                 const char *name)
{
    target->class = class;
    target->device = device;
    target->name = g_strdup(name);
}

void target_close(Target *target)
{
    if (target) {
        g_free(target->name);
        target->class->close(target);
    }
}

bool target_restart(Target *target, GError **error)
{
    return !target->class->restart || target->class->restart(target, error);
}

unsigned target_observes(const Target *target)
{
    return target->class->observed ? target->class->observed(target) : target->class->observes;
}

static bool run_one(Target *target, const Op *op, Outcome *outcome, GError **error)
{
    const TargetClass *class = target->class;

    *outcome = (Outcome){ .bus = QOSIM_BUS_OK };
    switch ((OpKind)op->kind) {
    case OP_READ:
        return class->read(target, op->offset, op->size, &outcome->data, &outcome->bus, error);
    case OP_WRITE:
        return class->write(target, op->offset, op->size, op->value, &outcome->bus, error);
    case OP_LINE:
        return class->set_line(target, op->line, op->level, error);
    case OP_RESET:
        return class->reset(target, error);
    default:
        return class->advance(target, op->value, error);
    }
}

bool target_run(Target *target, const Op *ops, size_t n, Outcome *outcomes, GError **error)
{
    if (target->class->run) {
        return target->class->run(target, ops, n, outcomes, error);
    }
    for (size_t i = 0; i < n; i++) {
        if (!run_one(target, &ops[i], &outcomes[i], error) ||
            !target->class->observe(target, &outcomes[i].levels, error)) {
            return false;
        }
    }
    return true;
}
