#include "cosim/regress/run_coverage.h"

#include "cosim/regress/coverage_file.h"

static void started(void *opaque, Pair *pair)
{
    (void)pair;
    coverage_begin(((RunCoverage *)opaque)->coverage);
}

static void ran(void *opaque, const Op *ops, const Outcome *ref, const Outcome *dut, size_t n)
{
    (void)dut;
    coverage_ran(((RunCoverage *)opaque)->coverage, ops, ref, n);
}

static double covered(void *opaque)
{
    return run_coverage_percent(opaque);
}

RunCoverage *run_coverage_new(const RegressDevice *device, const char *goals, GError **error)
{
    RunCoverage *self = g_new0(RunCoverage, 1);

    self->coverage = coverage_new(device);
    self->runs = g_ptr_array_new_with_free_func(g_free);
    self->listener =
        (RunListener){ .started = started, .ran = ran, .covered = covered, .opaque = self };
    self->goals = goals_open(goals, self->coverage, error);
    if (!self->goals) {
        run_coverage_free(self);
        return NULL;
    }
    return self;
}

void run_coverage_free(RunCoverage *self)
{
    if (self) {
        goals_free(self->goals);
        g_ptr_array_unref(self->runs);
        coverage_free(self->coverage);
        g_free(self);
    }
}

double run_coverage_percent(const RunCoverage *self)
{
    return goals_percent(goals_measure(self->goals, self->coverage));
}

void run_coverage_add_run(RunCoverage *self, const Run *run)
{
    g_ptr_array_add(self->runs,
                    g_strdup_printf("%s, %u operations, %s and %s", run->from, run->ops->len,
                                    run->pair->ref->name, run->pair->dut->name));
}

bool run_coverage_write(const RunCoverage *self, const char *path, GError **error)
{
    return coverage_file_write(path, self->coverage, self->runs, error);
}
