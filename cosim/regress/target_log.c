/* A recorded log: answers the operations that it has, in their order, with what it has of their outcomes. */
#include <string.h>

#include "cosim/regress/error.h"
#include "cosim/regress/qreg.h"
#include "cosim/regress/target.h"

typedef struct LogTarget {
    Target parent;

    GArray *steps; /* Step */
    guint next;
    unsigned observes;
} LogTarget;

static const Step *next_step(const LogTarget *log)
{
    return log->next < log->steps->len ? &g_array_index(log->steps, Step, log->next) : NULL;
}

static bool not_recorded(const LogTarget *log, const Op *op, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    const Step *step = next_step(log);

    qreg_print_op(text, log->parent.device, op);
    if (step) {
        regress_trouble(error, "%s: \"%s\" is not what was recorded in line %u", log->parent.name,
                        text->str, step->source_line);
    } else {
        regress_trouble(error, "%s: \"%s\" comes after the end of the record", log->parent.name,
                        text->str);
    }
    return false;
}

static bool log_run(Target *target, const Op *ops, size_t n, Outcome *outcomes, GError **error)
{
    LogTarget *log = (LogTarget *)target;

    for (size_t i = 0; i < n; i++) {
        const Step *step = next_step(log);

        if (!step || !op_equal(&step->op, &ops[i])) {
            return not_recorded(log, &ops[i], error);
        }
        outcomes[i] = step->outcome;
        log->next++;
    }
    return true;
}

static unsigned log_observed(const Target *target)
{
    return ((const LogTarget *)target)->observes;
}

static void log_close(Target *target)
{
    LogTarget *log = (LogTarget *)target;

    if (log->steps) {
        g_array_unref(log->steps);
    }
    g_free(log);
}

static const TargetClass log_class = {
    .kind = "log",
    .takes = OP_TAKES_ALL,
    .run = log_run,
    .observed = log_observed,
    .close = log_close,
};

const GArray *target_log_steps(const Target *target)
{
    return target->ops == &log_class ? ((const LogTarget *)target)->steps : NULL;
}

void target_log_rewind(Target *target)
{
    ((LogTarget *)target)->next = 0;
}

/* What the record tells of every operation. */
static unsigned common_knowledge(const GArray *steps)
{
    unsigned known = OBSERVED_ALL;

    for (guint i = 0; i < steps->len; i++) {
        const Step *step = &g_array_index(steps, Step, i);

        known &= step->known | (step->op.kind == OP_READ ? 0 : OBSERVED_DATA) |
                 (step->op.unsettled ? OBSERVED_LEVELS : 0);
    }
    return known;
}

Target *target_log_open(const char *name, const char *rest, const RegressDevice *device,
                        GError **error)
{
    LogTarget *log = g_new0(LogTarget, 1);

    target_init(&log->parent, &log_class, device, name);
    log->steps = qreg_load(rest, device, error);
    if (!log->steps) {
        target_close(&log->parent);
        return NULL;
    }
    log->observes = common_knowledge(log->steps);
    return &log->parent;
}
