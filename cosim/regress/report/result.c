#include "cosim/regress/report/result.h"

#include <inttypes.h>

#include "cosim/regress/report.h"

static void free_reproducer(ResultReproducer *reproducer)
{
    if (reproducer) {
        g_free(reproducer->path);
        g_free(reproducer->text);
        g_free(reproducer->command);
        examined_free(reproducer->examined);
        g_free(reproducer);
    }
}

static void free_case(gpointer data)
{
    ResultCase *one = data;

    g_free(one->name);
    g_free(one->text);
    examined_free(one->examined);
    free_reproducer(one->reproducer);
    g_free(one);
}

static char *observed_text(unsigned observed)
{
    GString *text = g_string_new(NULL);

    report_observed(text, observed);
    return g_string_free(text, FALSE);
}

static char *masks_text(const Pair *pair)
{
    GString *text = g_string_new(NULL);

    for (size_t i = 0; i < pair->device->n_registers; i++) {
        if (pair->masks[i] != UINT32_MAX) {
            g_string_append_printf(text, "%s%s=0x%" PRIx32, text->len > 0 ? ", " : "",
                                   pair->device->registers[i].name, pair->masks[i]);
        }
    }
    return g_string_free(text, FALSE);
}

Results *results_new(const RegressDevice *device, const Pair *pair)
{
    Results *results = g_new0(Results, 1);

    results->device = device;
    results->cases = g_ptr_array_new_with_free_func(free_case);
    results->started = g_get_real_time() / G_USEC_PER_SEC;
    if (pair) {
        results->ref = g_strdup(pair->ref->name);
        results->dut = g_strdup(pair->dut->name);
        results->ref_observes = target_observes(pair->ref);
        results->dut_observes = target_observes(pair->dut);
        results->compared = observed_text(pair->compared);
        results->unseen = observed_text(OBSERVED_ALL & ~pair->compared);
        results->masks = masks_text(pair);
    }
    return results;
}

void results_free(Results *results)
{
    if (results) {
        g_free(results->ref);
        g_free(results->dut);
        g_free(results->seed);
        g_free(results->compared);
        g_free(results->unseen);
        g_free(results->masks);
        g_free(results->command);
        g_ptr_array_unref(results->cases);
        g_free(results);
    }
}

ResultCase *results_add(Results *results, const char *name, Verdict verdict)
{
    ResultCase *one = g_new0(ResultCase, 1);

    one->name = g_strdup(name);
    one->verdict = verdict;
    g_ptr_array_add(results->cases, one);
    return one;
}

Verdict results_verdict(const Results *results)
{
    Verdict worst = results->cases->len > 0 ? VERDICT_SAME : VERDICT_TROUBLE;

    for (guint i = 0; i < results->cases->len; i++) {
        const ResultCase *one = g_ptr_array_index(results->cases, i);

        worst = MAX(worst, one->verdict);
    }
    return worst;
}

unsigned results_count(const Results *results, Verdict verdict)
{
    unsigned n = 0;

    for (guint i = 0; i < results->cases->len; i++) {
        const ResultCase *one = g_ptr_array_index(results->cases, i);

        n += one->verdict == verdict;
    }
    return n;
}

uint64_t results_operations(const Results *results)
{
    uint64_t n = 0;

    for (guint i = 0; i < results->cases->len; i++) {
        n += ((const ResultCase *)g_ptr_array_index(results->cases, i))->operations;
    }
    return n;
}

double results_seconds(const Results *results)
{
    double seconds = 0;

    for (guint i = 0; i < results->cases->len; i++) {
        seconds += ((const ResultCase *)g_ptr_array_index(results->cases, i))->seconds;
    }
    return seconds;
}

static const char *word(Verdict verdict, bool goals)
{
    static const char *const words[] = { "no difference", "divergence", "trouble" };
    static const char *const of_goals[] = { "goals met", "goals not met", "trouble" };

    return goals ? of_goals[verdict] : words[verdict];
}

const char *result_case_word(const ResultCase *one)
{
    return word(one->verdict, one->goals);
}

const char *results_word(const Results *results)
{
    Verdict verdict = results_verdict(results);
    bool goals = verdict == VERDICT_DIVERGED;

    for (guint i = 0; i < results->cases->len; i++) {
        const ResultCase *one = g_ptr_array_index(results->cases, i);

        goals = goals && (one->goals || one->verdict == VERDICT_SAME);
    }
    return word(verdict, goals);
}
