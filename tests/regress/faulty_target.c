#include "tests/regress/faulty_target.h"

#include <string.h>

void faulty_inject(Faulty *faulty, Op op)
{
    g_autoptr(GError) error = NULL;
    Outcome outcome;

    target_run(faulty->inner, &op, 1, &outcome, &error);
    g_assert_no_error(error);
}

static bool faulty_run(Target *target, const Op *ops, size_t n, Outcome *outcomes, GError **error)
{
    Faulty *faulty = (Faulty *)target;

    for (size_t i = 0; i < n; i++) {
        Op op = ops[i];

        if (faulty->fault->before) {
            faulty->fault->before(faulty, &op);
        }
        if (!target_run(faulty->inner, &op, 1, &outcomes[i], error)) {
            return false;
        }
        if (faulty->fault->after) {
            faulty->fault->after(faulty, &ops[i], &outcomes[i]);
        }
    }
    return true;
}

static bool faulty_restart(Target *target, GError **error)
{
    Faulty *faulty = (Faulty *)target;

    memset(faulty->memory, 0, sizeof(faulty->memory));
    return target_restart(faulty->inner, error);
}

static void faulty_close(Target *target)
{
    target_close(((Faulty *)target)->inner);
    g_free(target);
}

static const TargetClass faulty_class = {
    .kind = "faulty",
    .observes = OBSERVED_ALL,
    .run = faulty_run,
    .restart = faulty_restart,
    .close = faulty_close,
};

Target *faulty_target_new(Target *inner, const Fault *fault)
{
    Faulty *faulty = g_new0(Faulty, 1);

    target_init(&faulty->parent, &faulty_class, inner->device, fault->name);
    faulty->inner = inner;
    faulty->fault = fault;
    return &faulty->parent;
}
