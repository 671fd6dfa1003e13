#include "cosim/regress/target.h"

#include <string.h>

#include "cosim/regress/error.h"

#define KINDS_MAX 16u

static struct {
    const char *name;
    TargetOpen *open;
} kinds[KINDS_MAX] = {
    { "model", target_model_open },
    { "qemu", target_qemu_open },
    { "log", target_log_open },
};

void target_register(const char *kind, TargetOpen *open)
{
    unsigned i = 0;

    while (i < KINDS_MAX && kinds[i].name && strcmp(kinds[i].name, kind) != 0) {
        i++;
    }
    g_assert(i < KINDS_MAX);
    kinds[i].name = kind;
    kinds[i].open = open;
}

static void unknown_kind(const char *name, GError **error)
{
    g_autoptr(GString) known = g_string_new(NULL);

    for (unsigned i = 0; i < KINDS_MAX && kinds[i].name; i++) {
        g_string_append_printf(known, "%s%s:", i > 0 ? ", " : "", kinds[i].name);
    }
    regress_usage(error, "no target %s; there are %s", name, known->str);
}

Target *target_open(const char *name, const RegressDevice *device, GError **error)
{
    const char *colon = strchr(name, ':');
    size_t length = colon ? (size_t)(colon - name) : strlen(name);

    if (strpbrk(name, "\n\r")) {
        regress_usage(error, "a target's name is one line"); /* it goes into comments */
        return NULL;
    }
    for (size_t i = 0; i < KINDS_MAX && kinds[i].name; i++) {
        if (strlen(kinds[i].name) == length && strncmp(kinds[i].name, name, length) == 0) {
            return kinds[i].open(name, colon ? colon + 1 : "", device, error);
        }
    }
    unknown_kind(name, error);
    return NULL;
}

void target_init(Target *target, const TargetClass *ops, const RegressDevice *device,
                 const char *name)
{
    target->ops = ops;
    target->device = device;
    target->name = g_strdup(name);
}

void target_close(Target *target)
{
    if (target) {
        g_free(target->name);
        target->ops->close(target);
    }
}

bool target_restart(Target *target, GError **error)
{
    return !target->ops->restart || target->ops->restart(target, error);
}

unsigned target_observes(const Target *target)
{
    return target->ops->observed ? target->ops->observed(target) : target->ops->observes;
}

static bool run_one(Target *target, const Op *op, Outcome *outcome, GError **error)
{
    const TargetClass *ops = target->ops;

    *outcome = (Outcome){ .bus = QOSIM_BUS_OK };
    switch ((OpKind)op->kind) {
    case OP_READ:
        return ops->read(target, op->offset, op->size, &outcome->data, &outcome->bus, error);
    case OP_WRITE:
        return ops->write(target, op->offset, op->size, op->value, &outcome->bus, error);
    case OP_LINE:
        return ops->set_line(target, op->line, op->level, error);
    case OP_RESET:
        return ops->reset(target, error);
    default:
        return ops->advance(target, op->value, error);
    }
}

bool target_run(Target *target, const Op *ops, size_t n, Outcome *outcomes, GError **error)
{
    if (target->ops->run) {
        return target->ops->run(target, ops, n, outcomes, error);
    }
    for (size_t i = 0; i < n; i++) {
        if (!run_one(target, &ops[i], &outcomes[i], error) ||
            !target->ops->observe(target, &outcomes[i].levels, error)) {
            return false;
        }
    }
    return true;
}
