#include "cosim/regress/run.h"

#include <inttypes.h>

#include "cosim/regress/report.h"
#include "cosim/regress/stimulus.h"

static void begin(Run *run, Pair *pair, char *from)
{
    *run = (Run){ .pair = pair, .from = from, .ops = g_array_new(FALSE, FALSE, sizeof(Op)) };
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

Verdict run_random(Run *run, Pair *pair, uint64_t count, uint64_t seed, bool quiet, GError **error)
{
    RegressStimulus stimulus;
    Progress progress;
    Verdict verdict;

    begin(run, pair, g_strdup_printf("seed 0x%" PRIx64, seed));
    regress_stimulus_init(&stimulus, pair->device, seed);
    progress_start(&progress, count, quiet);
    verdict = pair_begin(pair, error) ? VERDICT_SAME : VERDICT_TROUBLE;
    while (verdict == VERDICT_SAME && run->ops->len < count) {
        guint done = run->ops->len;
        size_t batch = MIN(pair_batch(pair), count - done);

        for (size_t i = 0; i < batch; i++) {
            Op op = regress_stimulus_next(&stimulus);

            g_array_append_val(run->ops, op);
        }
        verdict = go_on(run, done, error);
        progress_show(&progress, run->ops->len);
    }
    run->seconds = progress_end(&progress);
    return verdict;
}

Verdict run_steps(Run *run, Pair *pair, const GArray *steps, const char *from, bool quiet,
                  GError **error)
{
    Progress progress;
    Verdict verdict;

    begin(run, pair, g_strdup(from));
    for (guint i = 0; i < steps->len; i++) {
        g_array_append_val(run->ops, g_array_index(steps, Step, i).op);
    }
    progress_start(&progress, steps->len, quiet);
    verdict = pair_begin(pair, error) ? VERDICT_SAME : VERDICT_TROUBLE;
    if (verdict == VERDICT_SAME) {
        verdict = go_on(run, 0, error);
    }
    progress_show(&progress, run->ops->len);
    run->seconds = progress_end(&progress);
    return verdict;
}

/* A record has no registers beyond those that were read when it was made. */
static bool has_registers(const Pair *pair)
{
    return !target_log_steps(pair->ref) && !target_log_steps(pair->dut);
}

char *run_explain(Run *run, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    const Op *ops = (const Op *)run->ops->data;
    Divergence again;
    Verdict verdict = VERDICT_DIVERGED;

    report_divergence(text, run->pair, run->from, ops, &run->divergence);
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
