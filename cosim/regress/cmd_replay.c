/* The commands that have to do with one target or none: replay and generate. */
#include <inttypes.h>
#include <stdio.h>

#include "cosim/regress/command.h"
#include "cosim/regress/error.h"
#include "cosim/regress/qreg.h"
#include "cosim/regress/report.h"
#include "cosim/regress/stimulus.h"

#define BATCH 64u
#define DEFAULT_COUNT 100u

static void print_step(const Target *target, const Op *op, const Outcome *outcome)
{
    g_autoptr(GString) line = g_string_new(NULL);

    qreg_print_op(line, target->device, op);
    qreg_print_outcome(line, op, outcome, target_observes(target));
    puts(line->str);
}

/* What is not as the file says it, as a comment below the operation. */
static bool is_as_expected(Pair *judge, const Target *target, const Step *step,
                           const Outcome *outcome)
{
    g_autoptr(GString) text = g_string_new(NULL);
    unsigned differs;

    judge->compared = step->known & target_observes(target);
    differs = pair_compare(judge, &step->op, &step->outcome, outcome);
    if (!differs) {
        return true;
    }
    report_observed(text, differs);
    printf("# DIFFERENT from line %u of the file, in %s; that says", step->source_line, text->str);
    g_string_truncate(text, 0);
    qreg_print_outcome(text, &step->op, &step->outcome, step->known);
    puts(text->str);
    return false;
}

static Verdict replay(Target *target, const GArray *steps, GError **error)
{
    g_autofree uint32_t *masks = g_new(uint32_t, target->device->n_registers);
    Pair judge = { .device = target->device, .masks = masks };
    Verdict verdict = VERDICT_SAME;

    for (size_t i = 0; i < target->device->n_registers; i++) {
        masks[i] = UINT32_MAX;
    }
    for (guint done = 0; done < steps->len; done += BATCH) {
        guint n = MIN(BATCH, steps->len - done);
        Op ops[BATCH];
        Outcome outcomes[BATCH];

        for (guint i = 0; i < n; i++) {
            ops[i] = g_array_index(steps, Step, done + i).op;
        }
        if (!target_run(target, ops, n, outcomes, error)) {
            return VERDICT_TROUBLE;
        }
        for (guint i = 0; i < n; i++) {
            print_step(target, &ops[i], &outcomes[i]);
            if (!is_as_expected(&judge, target, &g_array_index(steps, Step, done + i),
                                &outcomes[i])) {
                verdict = VERDICT_DIVERGED;
            }
        }
    }
    return verdict;
}

static Verdict replay_file(const char *file, const char *name, const RegressDevice *device,
                           GError **error)
{
    g_autoptr(GArray) steps = qreg_load(file, device, error);
    g_autoptr(Target) target = steps ? target_open(name, device, error) : NULL;

    if (!target || !target_begin(target, error)) {
        return VERDICT_TROUBLE;
    }
    return replay(target, steps, error);
}

Verdict regress_command_replay(int argc, char **argv, const RegressDevice *device, GError **error)
{
    g_autofree char *on = NULL;
    g_auto(GStrv) files = NULL;
    const GOptionEntry entries[] = {
        { "on", 'o', 0, G_OPTION_ARG_STRING, &on, "the target (default model:, where there is one)",
          "TARGET" },
        { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &files, NULL, NULL },
        { NULL },
    };
    const char *target;

    if (!regress_take_options(&argc, &argv, entries, "FILE.qreg",
                              "Runs a file's operations on one target and prints them with what "
                              "each came to, as a .qreg file.\nWhat the file itself says about "
                              "that is compared.",
                              error)) {
        return VERDICT_TROUBLE;
    }
    if (!files || g_strv_length(files) != 1) {
        regress_usage(error, "replay wants one file");
        return VERDICT_TROUBLE;
    }
    return regress_take_target("on", on, device, &target, error)
               ? replay_file(files[0], target, device, error)
               : VERDICT_TROUBLE;
}

static unsigned takes(gboolean inputs, gboolean strobes)
{
    return (inputs ? OP_TAKES_INPUTS : 0) | (strobes ? OP_TAKES_STROBES : 0);
}

Verdict regress_command_generate(int argc, char **argv, const RegressDevice *device, GError **error)
{
    g_autofree char *count_text = NULL;
    g_autofree char *seed_text = NULL;
    g_autofree char *lines_text = NULL;
    uint64_t count = DEFAULT_COUNT;
    uint64_t lines = device->n_lines;
    gboolean inputs = FALSE;
    gboolean strobes = FALSE;
    uint64_t seed = regress_new_seed();
    RegressStimulus stimulus;
    const GOptionEntry entries[] = {
        { "count", 'n', 0, G_OPTION_ARG_STRING, &count_text, "number of operations (default 100)",
          "N" },
        { "seed", 's', 0, G_OPTION_ARG_STRING, &seed_text, "seed (default: a new one, printed)",
          "S" },
        { "lines", 0, 0, G_OPTION_ARG_STRING, &lines_text, "lines that the targets have", "N" },
        { "inputs", 0, 0, G_OPTION_ARG_NONE, &inputs, "the targets take lists of inputs", NULL },
        { "strobes", 0, 0, G_OPTION_ARG_NONE, &strobes, "the targets take strobes", NULL },
        { NULL },
    };

    if (!regress_take_options(&argc, &argv, entries, "",
                              "Prints random operations as a .qreg file.", error) ||
        !regress_take_number("count", count_text, 1, &count, error) ||
        !regress_take_number("seed", seed_text, 0, &seed, error) ||
        !regress_take_number("lines", lines_text, 1, &lines, error)) {
        return VERDICT_TROUBLE;
    }
    if (lines > device->n_lines) {
        regress_usage(error, "--lines is at most %u", device->n_lines);
        return VERDICT_TROUBLE;
    }
    if (argc > 1) {
        regress_usage(error, "generate takes no \"%s\"", argv[1]);
        return VERDICT_TROUBLE;
    }
    printf("# seed 0x%" PRIx64 "\n", seed);
    regress_stimulus_init(&stimulus, device, takes(inputs, strobes), (unsigned)lines, seed);
    for (uint64_t i = 0; i < count && !ferror(stdout); i++) {
        g_autoptr(GString) line = g_string_new(NULL);
        Op op = regress_stimulus_next(&stimulus);

        qreg_print_op(line, device, &op);
        puts(line->str);
    }
    return VERDICT_SAME;
}
