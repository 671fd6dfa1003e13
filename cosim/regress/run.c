#include "cosim/regress/run.h"

#include <inttypes.h>

#include "cosim/regress/report.h"
#include "cosim/regress/stimulus.h"

/* Operations between two looks at what is covered */
#define COVERED_PERIOD 4096u

void run_init(Run *run, Pair *pair)
{
    *run = (Run){ .pair = pair, .ops = g_array_new(FALSE, FALSE, sizeof(Op)) };
}

void run_listen(Run *run, const RunListener *listener)
{
    g_assert(run->n_listeners < RUN_LISTENERS_MAX);
    run->listeners[run->n_listeners++] = listener;
}

static void tell_ran(void *opaque, const Op *ops, const Outcome *ref, const Outcome *dut, size_t n)
{
    const Run *run = opaque;

    for (unsigned i = 0; i < run->n_listeners; i++) {
        const RunListener *listener = run->listeners[i];

        if (listener->ran) {
            listener->ran(listener->opaque, ops, ref, dut, n);
        }
    }
}

/* Brings both targets to where sequences start, and lets the listeners know. Takes @from. */
static Verdict begin(Run *run, char *from, GError **error)
{
    run->from = from;
    if (!pair_begin(run->pair, error)) {
        return VERDICT_TROUBLE;
    }
    for (unsigned i = 0; i < run->n_listeners; i++) {
        if (run->listeners[i]->started) {
            run->listeners[i]->started(run->listeners[i]->opaque, run->pair);
        }
    }
    run->pair->ran = tell_ran;
    run->pair->ran_opaque = run;
    return VERDICT_SAME;
}

static void end(Run *run, Progress *progress)
{
    run->pair->ran = NULL;
    run->seconds = progress_end(progress);
}

/* Runs the operations from @done on. Those behind a divergence are forgotten. */
static Verdict go_on(Run *run, guint done, GError **error)
{
    const Op *ops = &g_array_index(run->ops, Op, done);
    Verdict verdict = pair_run(run->pair, ops, run->ops->len - done, &run->divergence, error);

    if (verdict == VERDICT_DIVERGED) {
        run->divergence.index += done;
        g_array_set_size(run->ops, (guint)run->divergence.index + 1);
    }
    return verdict;
}

/* In percent of the goals; below 0: nobody counts. */
static double covered(const Run *run)
{
    double percent = -1;

    for (unsigned i = 0; i < run->n_listeners; i++) {
        const RunListener *listener = run->listeners[i];

        percent = listener->covered ? listener->covered(listener->opaque) : percent;
    }
    return percent;
}

static void show(const Run *run, Progress *progress)
{
    if (progress_due(progress, run->ops->len)) {
        /* Rounded down to what is shown of it, or 100 would be shown before all is covered. */
        progress->coverage = (double)(int)(covered(run) * 10) / 10;
        progress_show(progress, run->ops->len);
    }
}

/* Looks now and then only, since it takes its time. */
static bool is_enough(const Run *run, guint before)
{
    return run->until_covered && before / COVERED_PERIOD != run->ops->len / COVERED_PERIOD &&
           covered(run) >= 100;
}

Verdict run_random(Run *run, uint64_t count, uint64_t seed, bool quiet, GError **error)
{
    Pair *pair = run->pair;
    RegressStimulus stimulus;
    Progress progress;
    Verdict verdict;
    bool enough = false;

    regress_stimulus_init(&stimulus, pair->device, pair->takes, pair->n_lines, seed);
    progress_start(&progress, count, quiet);
    verdict = begin(run, g_strdup_printf("seed 0x%" PRIx64, seed), error);
    while (verdict == VERDICT_SAME && run->ops->len < count && !enough) {
        guint done = run->ops->len;
        size_t batch = MIN(pair_batch(pair), count - done);

        for (size_t i = 0; i < batch; i++) {
            Op op = regress_stimulus_next(&stimulus);

            g_array_append_val(run->ops, op);
        }
        verdict = go_on(run, done, error);
        show(run, &progress);
        enough = is_enough(run, done);
    }
    end(run, &progress);
    return verdict;
}

Verdict run_steps(Run *run, const GArray *steps, const char *from, bool quiet, GError **error)
{
    Progress progress;
    Verdict verdict;

    for (guint i = 0; i < steps->len; i++) {
        g_array_append_val(run->ops, g_array_index(steps, Step, i).op);
    }
    progress_start(&progress, steps->len, quiet);
    verdict = begin(run, g_strdup(from), error);
    if (verdict == VERDICT_SAME) {
        verdict = go_on(run, 0, error);
    }
    show(run, &progress);
    end(run, &progress);
    return verdict;
}

/* A record has no registers beyond those that were read when it was made. */
static bool has_registers(const Pair *pair)
{
    return !target_log_steps(pair->ref) && !target_log_steps(pair->dut);
}

char *run_registers(Run *run, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    const Op *ops = (const Op *)run->ops->data;
    Divergence again;
    Verdict verdict = VERDICT_DIVERGED;

    if (has_registers(run->pair)) {
        if (pair_batch(run->pair) > 1) {
            verdict = pair_run_from_start(run->pair, ops, run->ops->len, &again, error);
        }
        if (verdict == VERDICT_SAME) {
            g_string_append(text, "It did not come again when the same sequence was repeated.\n");
        }
        if (verdict == VERDICT_TROUBLE || !report_registers(text, run->pair, error)) {
            return NULL;
        }
    }
    return g_strdup(text->str);
}

void run_clear(Run *run)
{
    g_clear_pointer(&run->from, g_free);
    g_clear_pointer(&run->ops, g_array_unref);
}
